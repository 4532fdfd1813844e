package api

import (
	"bytes"
	"compress/gzip"
	"errors"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"pasaj/geo"
)

var update = flag.Bool("update", false, "write golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	wanted, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(wanted), got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func TestProblemDocuments(t *testing.T) {
	t.Parallel()
	s := start(t)
	editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
	s.place(1, -72.3, 18.5)
	var out strings.Builder
	for _, c := range []struct {
		method, target, body string
		options              []option
	}{
		{http.MethodGet, "/collections/places/items?bogus=1", "", nil},
		{http.MethodGet, "/collections/places/items?bbox=1,2,3", "", nil},
		{http.MethodGet, "/collections/places/items?asof=99", "", nil},
		{http.MethodGet, "/nothing/here", "", nil},
		{http.MethodPut, "/conformance", "", nil},
		{http.MethodGet, "/collections/places", "", []option{with("Accept", "image/png")}},
		{http.MethodPost, "/collections/places/items", placeBody, nil},
		{http.MethodPost, "/collections/places/items", `{"type":"Feature","geometry":null,"properties":{"place_kind":"palace","language":7}}`, []option{editor}},
		{http.MethodPost, "/collections/places/items", `[]`, []option{editor}},
		{http.MethodPost, "/collections/places/items", placeBody, []option{editor, with("Content-Type", "text/plain")}},
		{http.MethodPatch, "/collections/places/items/" + id(1).String(), `{}`, []option{editor, with("If-Match", `"9"`)}},
		{http.MethodPost, "/v1/session", `{"name":"x","password":"y"}`, []option{asJSON}},
	} {
		w := s.do(c.method, c.target, c.body, c.options...)
		p := decodeBody[problem](t, w)
		p.Instance = "request"
		raw, err := marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		out.WriteString("# " + c.method + " " + c.target + "\n" + compact(t, raw))
	}
	golden(t, "problems.golden", out.String())
}

func TestAPanicIsAProblemWithoutDetail(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	s := start(t, func(o *Options) { o.Log = slog.New(slog.NewTextHandler(&logged, nil)) })
	boom := func(err error) *operation {
		return &operation{method: http.MethodGet, id: "boom", handle: func(*call) error {
			if err != nil {
				return err
			}
			panic("a secret place")
		}}
	}
	for name, err := range map[string]error{"/panic": nil, "/fault": errors.New("a secret table"), "/down": geo.Errorf(geo.CodeUnavailable, "", "not now").WithCause(errors.New("a secret host"))} {
		op := boom(err)
		op.path = name
		s.echo.GET(name, s.serve(op))
		w := s.get(name)
		if w.Code < 500 || strings.Contains(w.Body.String(), "secret") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	for _, cause := range []string{"a secret place", "a secret table", "a secret host"} {
		if !strings.Contains(logged.String(), cause) {
			t.Errorf("the log does not name %q", cause)
		}
	}
}

// The log never tells what was asked: no query, body, token or end point.
func TestTheLogKeepsSecrets(t *testing.T) {
	t.Parallel()
	var logged bytes.Buffer
	s := start(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	secret := s.record.token(geo.Editor, geo.Humanitarian)
	s.get("/collections/places/items?token=" + secret + "&bbox=-72.345,18.5,-72,19")
	s.do(http.MethodPost, "/v1/passage", `{"points":[[-72.345,18.5],[-72.1,18.5]]}`, asJSON, bearer(secret))
	s.do(http.MethodPost, "/v1/session", `{"name":"somebody","password":"hush hush hush"}`, asJSON)
	s.record.setDown(true)
	s.do(http.MethodPost, "/collections/places/items", placeBody, bearer(secret))
	for _, hidden := range []string{secret, "72.345", "hush", "somebody", "Bourg"} {
		if strings.Contains(logged.String(), hidden) {
			t.Errorf("the log holds %q:\n%s", hidden, logged.String())
		}
	}
	if n := strings.Count(logged.String(), "msg=request"); n != 4 {
		t.Errorf("%d lines for 4 requests:\n%s", n, logged.String())
	}
}

func TestCompression(t *testing.T) {
	t.Parallel()
	s := start(t)
	for n := 1; n < 20; n++ {
		s.place(n, -72.3, 18.5)
	}
	plain := want(t, s.get("/collections/places/items"), 200)
	packed := want(t, s.get("/collections/places/items", with("Accept-Encoding", "br, gzip;q=0.5")), 200)
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("Etag") != plain.Header().Get("Etag") {
		t.Fatalf("headers %v", packed.Header())
	}
	r, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := io.ReadAll(r)
	if err != nil || string(raw) != plain.Body.String() {
		t.Errorf("unpacked to %d bytes, want %d: %v", len(raw), plain.Body.Len(), err)
	}
	for _, header := range []string{"identity", "gzip;q=0", "br"} {
		if w := s.get("/collections/places/items", with("Accept-Encoding", header)); w.Header().Get("Content-Encoding") != "" {
			t.Errorf("%s is compressed", header)
		}
	}
	head := want(t, s.do(http.MethodHead, "/collections/places/items", ""), 200)
	if head.Body.Len() != 0 || head.Header().Get("Etag") != plain.Header().Get("Etag") {
		t.Errorf("HEAD: %d bytes, %v", head.Body.Len(), head.Header())
	}
}

func TestWebClient(t *testing.T) {
	t.Parallel()
	s := start(t)
	browser := with("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")
	for _, page := range []string{"/", "/signin", "/?f=html"} {
		w := want(t, s.get(page, browser), 200)
		if w.Header().Get("Content-Security-Policy") != policy || w.Header().Get("Cache-Control") != "no-cache" || !strings.Contains(w.Body.String(), "<title>Pasaj</title>") ||
			w.Header().Get("Cross-Origin-Opener-Policy") != "same-origin" || w.Header().Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %v", page, w.Header())
		}
		want(t, s.get(page, browser, with("If-None-Match", w.Header().Get("Etag"))), 304)
	}
	if got := s.get("/", browser, with("Accept-Encoding", "gzip")).Body.String(); got != "packed" {
		t.Errorf("the packed page is %q", got)
	}
	script := want(t, s.get("/assets/main-4f1c2a.js"), 200)
	if script.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || !strings.Contains(script.Header().Get("Cache-Control"), "immutable") {
		t.Errorf("%v", script.Header())
	}
	want(t, s.get("/favicon.svg"), 200)
	for _, nothing := range []string{"/index.html", "/.gitkeep", "/assets/", "/assets", "/../server.go", "/assets/main-4f1c2a.js/", "/index.html.gz"} {
		wantProblem(t, s.get(nothing), 404, geo.CodeNotFound)
	}
	bare := start(t, func(o *Options) { o.Client = nil })
	w := want(t, bare.get("/", browser), 200)
	for _, word := range []string{"make client", "20.19", `lang="ht"`, "/openapi.json"} {
		if !strings.Contains(w.Body.String(), word) {
			t.Errorf("the page without a client does not say %q", word)
		}
	}
	if !strings.Contains(bare.get("/v1/status").Body.String(), `"client_built":false`) {
		t.Error("the status says that the client was built")
	}
}

func TestLinksBeginWithWhatIsTrusted(t *testing.T) {
	t.Parallel()
	collections := func(s *service, o ...option) string {
		return linkOf(decodeBody[struct{ Links []link }](t, want(t, s.get("/", append(o, with("Accept", mediaJSON))...), 200)).Links, "data")
	}
	forwarded := func(r *http.Request) {
		r.Header.Set("X-Forwarded-Proto", "https")
		r.Header.Set("X-Forwarded-Host", "map.example")
		r.RemoteAddr = "127.0.0.1:1"
	}
	direct := start(t)
	if got := collections(direct, forwarded); got != "http://pasaj.test/collections" {
		t.Errorf("without trust: %s", got)
	}
	if got := collections(direct, func(r *http.Request) { r.Host = `evil"><script>` }); got != "http://localhost/collections" {
		t.Errorf("bad host: %s", got)
	}
	trusting := start(t, func(o *Options) { o.TrustProxy = true })
	if got := collections(trusting, forwarded); got != "https://map.example/collections" {
		t.Errorf("with trust: %s", got)
	}
	if got := collections(trusting, forwarded, func(r *http.Request) { r.RemoteAddr = "203.0.113.9:1" }); got != "http://pasaj.test/collections" {
		t.Errorf("from a stranger: %s", got)
	}
	public := start(t, func(o *Options) { o.PublicURL = &url.URL{Scheme: "https", Host: "pasaj.example"} })
	if got := collections(public, forwarded); got != "https://pasaj.example/collections" {
		t.Errorf("with an address of its own: %s", got)
	}
}

func TestCORSIsOffUnlessAsked(t *testing.T) {
	t.Parallel()
	origin := with("Origin", "https://map.example")
	preflight := []option{origin, with("Access-Control-Request-Method", "POST")}
	off := start(t)
	if w := off.get("/collections", origin); w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error("CORS is on by default")
	}
	on := start(t, func(o *Options) { o.CORSOrigins = []string{"https://map.example"} })
	if w := want(t, on.get("/collections", origin), 200); w.Header().Get("Access-Control-Allow-Origin") != "https://map.example" || w.Header().Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("%v", w.Header())
	}
	if w := on.get("/collections", with("Origin", "https://other.example")); w.Header().Get("Access-Control-Allow-Origin") != "" {
		t.Error("another origin is let in")
	}
	want(t, on.do(http.MethodOptions, "/collections/places/items", "", preflight...), 204)
	want(t, on.do(http.MethodPost, "/v1/passage", `{"line":[[-72,18.5],[-72.1,18.5]]}`, asJSON, origin), 200)
	// An OPTIONS that is no preflight is answered with Allow all the same.
	if w := want(t, on.do(http.MethodOptions, "/collections/places/items", "", origin), 200); !strings.Contains(w.Header().Get("Allow"), "GET") {
		t.Errorf("%v", w.Header())
	}
}

func TestNothingIsAnsweredBeforeTheWorldsAreLoaded(t *testing.T) {
	t.Parallel()
	fresh := start(t, func(o *Options) { o.Live = newRecord().live })
	wantProblem(t, fresh.get("/collections/places/items"), 503, geo.CodeUnavailable)
	wantProblem(t, fresh.get("/readyz"), 503, geo.CodeUnavailable)
	want(t, fresh.get("/healthz"), 200)
	want(t, fresh.get("/"), 200)
}

func TestOptionsAreChecked(t *testing.T) {
	if _, err := New(Options{}); err == nil {
		t.Error("a server without anything is made")
	}
}

func TestAnswersNeverCallAnythingSafe(t *testing.T) {
	t.Parallel()
	s := start(t)
	if strings.Contains(strings.ToLower(s.get("/openapi.json").Body.String()), "safe") {
		t.Error("the document holds the word")
	}
}
