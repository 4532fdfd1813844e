package api

import (
	"errors"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"
)

// policy is what the client's pages may load: their own origin and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; worker-src 'self'; connect-src 'self'; manifest-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'"

// client is the built web client, read into memory once.
type client map[string]*asset

// asset is one file of it.
type asset struct {
	media   string
	tag     string
	raw     []byte
	packed  []byte // gzip, nil without
	forever bool   // its name carries a hash of its content
}

func (c client) built() bool { return c["index.html"] != nil }

func readClient(files fs.FS) (client, error) {
	out := client{}
	if files == nil {
		return out, nil
	}
	err := fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() || strings.HasPrefix(d.Name(), ".") || strings.HasSuffix(name, ".gz") {
			return nil
		}
		a := &asset{media: mediaOf(name), forever: strings.HasPrefix(name, "assets/")}
		if a.raw, err = fs.ReadFile(files, name); err != nil {
			return err
		}
		a.tag = hashTag(a.raw)
		if a.packed, err = fs.ReadFile(files, name+".gz"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		out[name] = a
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("walk its files: %w", err)
	}
	return out, nil
}

func mediaOf(name string) string {
	// The system's table differs from machine to machine; these do not.
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js", ".mjs":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".json":
		return mediaJSON
	case ".webmanifest":
		return "application/manifest+json"
	case ".woff2":
		return "font/woff2"
	case ".png":
		return "image/png"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}

// asset gives the file that a request names, nil for none. Pages have
// operations of their own.
func (c client) asset(r *http.Request) *asset {
	if r.Method != http.MethodGet && r.Method != http.MethodHead || strings.HasSuffix(r.URL.Path, ".html") {
		return nil
	}
	return c[strings.TrimPrefix(r.URL.Path, "/")]
}

// signInPage is the client's page under the address of one-time links.
func (s *Server) signInPage(c *call) error { return s.sendIndex(c.echo) }

// sendIndex answers with the client's page, or with one that says how to get it.
func (s *Server) sendIndex(c echo.Context) error {
	if a := s.client["index.html"]; a != nil {
		sendAsset(c, a)
		return nil
	}
	sendAsset(c, noClient)
	return nil
}

func sendAsset(c echo.Context, a *asset) {
	h := c.Response().Header()
	h.Set("Etag", a.tag)
	h["Vary"] = vary
	h.Set("Cache-Control", "no-cache")
	if a.forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	if strings.HasPrefix(a.media, mediaHTML) {
		h.Set("Content-Security-Policy", policy)
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(self), camera=(), microphone=(), payment=(), usb=()")
	}
	if notModified(c.Request().Header.Get("If-None-Match"), a.tag) {
		c.Response().WriteHeader(http.StatusNotModified)
		return
	}
	body := a.raw
	h.Set("Content-Type", a.media)
	if a.packed != nil && acceptsGzip(c.Request().Header.Get("Accept-Encoding")) {
		h.Set("Content-Encoding", "gzip")
		body = a.packed
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Response().WriteHeader(http.StatusOK)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(body) // the client may have gone
	}
}

// noClient stands in where the client was not built.
var noClient = func() *asset {
	raw := []byte(`<!doctype html>
<html lang="fr">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Pasaj</title>
<h1>Pasaj</h1>
<p lang="fr">Le service fonctionne, mais la carte n’a pas été construite. Installez Node 20.19 ou plus récent, puis lancez <code>make client</code> et redémarrez. L’API répond déjà : <a href="/?f=json">accueil</a>, <a href="/collections">collections</a>, <a href="/openapi.json">définition</a>.</p>
<p lang="ht">Sèvis la ap mache, men kat la poko bati. Enstale Node 20.19 oswa pi resan, fè <code>make client</code>, epi relanse l. API a ap reponn deja.</p>
<p lang="en">The service runs, but the map was not built. Install Node 20.19 or newer, run <code>make client</code> and start again. The API answers already.</p>
</html>
`)
	return &asset{media: "text/html; charset=utf-8", raw: raw, tag: hashTag(raw)}
}()
