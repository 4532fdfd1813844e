package api

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/klauspost/compress/gzip"
	"github.com/labstack/echo/v4"

	"pasaj/api/auth"
	"pasaj/geo"
	"pasaj/geo/world"
)

// Media types.
const (
	mediaJSON    = "application/json"
	mediaGeoJSON = "application/geo+json"
	mediaSchema  = "application/schema+json"
	mediaOpenAPI = "application/vnd.oai.openapi+json;version=3.0"
	mediaHTML    = "text/html"
	mediaTile    = "application/vnd.mapbox-vector-tile"
	mediaStream  = "text/event-stream"
	mediaPatch   = "application/merge-patch+json"
	mediaText    = "text/plain"
	mediaGPX     = "application/gpx+xml"
	mediaCSV     = "text/csv"
)

// call is one request to one operation.
type call struct {
	server    *Server
	operation *operation
	echo      echo.Context
	who       auth.Identity
	args      arguments
	media     string // negotiated
	id        string // of the request
	world     *world.World
	sent      []byte // the body, once read
}

func (c *call) context() context.Context { return c.echo.Request().Context() }
func (c *call) audience() geo.Audience   { return c.who.Audience }
func (c *call) header() http.Header      { return c.echo.Response().Header() }

func requestID() string {
	var raw [8]byte
	rand.Read(raw[:]) // never fails since Go 1.24
	return hex.EncodeToString(raw[:])
}

// serve is the handler of an operation: who, what, whether, then the work, and
// afterwards the log and the figures.
func (s *Server) serve(op *operation) echo.HandlerFunc {
	figures := s.metrics.of(op.id)
	return func(e echo.Context) error {
		began := time.Now()
		c := &call{server: s, operation: op, echo: e, id: requestID()}
		err := c.guarded()
		if err != nil {
			c.fail(err)
		}
		took := time.Since(began)
		status := e.Response().Status
		figures.observe(status, took)
		s.log(c, status, took, err)
		return nil
	}
}

// fail answers with a problem; a discreet operation's repeats nothing of the
// question.
func (c *call) fail(err error) {
	if !c.operation.discreet || c.echo.Response().Committed {
		c.server.fail(c.echo, err, c.id)
		return
	}
	p := problemOf(err)
	r := c.echo.Request()
	asked := r.URL.Path + " " + r.URL.RawQuery + " " + string(c.sent)
	if query, err := url.QueryUnescape(r.URL.RawQuery); err == nil {
		asked += " " + query
	}
	p.conceal(asked)
	c.server.tell(c.echo, p, c.id)
}

// log writes one line: no query, no body, no address of what was asked; of a
// discreet operation neither who asked.
func (s *Server) log(c *call, status int, took time.Duration, err error) {
	level := slog.LevelInfo
	switch {
	case c.context().Err() != nil: // the client has gone
		level = slog.LevelDebug
	case status >= 500:
		level = slog.LevelError
	case status < 400 && c.operation.method == http.MethodGet:
		level = slog.LevelDebug
	}
	ctx := c.context()
	if !s.options.Log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{
		slog.String("request", c.id), slog.String("operation", c.operation.id), slog.Int("status", status),
		slog.Duration("took", took),
	}
	if c.operation.discreet {
		if err != nil && status >= 500 {
			attrs = append(attrs, slog.String("error", kindOf(err)))
		}
		s.options.Log.LogAttrs(ctx, level, "request", attrs...)
		return
	}
	attrs = append(attrs, slog.String("audience", c.audience().String()))
	if c.who.Name != "" {
		attrs = append(attrs, slog.String("principal", c.who.Name))
	}
	if err != nil && status >= 500 {
		attrs = append(attrs, slog.String("error", causes(err)))
	}
	s.options.Log.LogAttrs(ctx, level, "request", attrs...)
}

// causes writes an error with the private causes that its text leaves out.
func causes(err error) string {
	out := err.Error()
	for e := err; e != nil; {
		u, ok := e.(interface{ Unwrap() error })
		if !ok {
			break
		}
		if e = u.Unwrap(); e != nil && !strings.Contains(out, e.Error()) {
			out += ": " + e.Error()
		}
	}
	return out
}

// guarded turns a panic into an error.
func (c *call) guarded() (err error) {
	defer func() {
		if r := recover(); r != nil {
			c.server.options.Log.Error("panic", "request", c.id, "operation", c.operation.id,
				"panic", panicText(r, c.operation.discreet), "stack", stackNames())
			err = fmt.Errorf("panic in %s", c.operation.id)
		}
	}()
	return c.run()
}

func (c *call) run() error {
	r := c.echo.Request()
	if err := c.readArguments(); err != nil {
		return err
	}
	if !c.operation.public {
		if err := c.identify(r); err != nil {
			return err
		}
	}
	c.world = c.server.options.Live.World(c.audience())
	h := c.header()
	h["Pasaj-Revision"] = []string{c.world.Revision().String()}
	h["Pasaj-Audience"] = []string{c.audience().String()}
	if age, late := c.server.age(); late {
		h["Pasaj-Age-S"] = []string{strconv.FormatInt(age, 10)}
	}
	if err := c.allowed(r); err != nil {
		return err
	}
	if err := c.negotiate(r); err != nil {
		return err
	}
	if c.operation.live && !c.server.ready() {
		return geo.Errorf(geo.CodeUnavailable, "", "the service is still loading")
	}
	return c.operation.handle(c)
}

func (c *call) identify(r *http.Request) error {
	token := ""
	if got := c.args.query["token"]; len(got) == 1 {
		token = got[0]
	}
	secret, means := auth.Presented(r, token)
	if means == auth.None {
		return nil
	}
	who, err := c.server.auth.Identify(r.Context(), secret, means)
	if err != nil {
		if c.operation.session && geo.CodeOf(err) == auth.CodeSessionExpired {
			http.SetCookie(c.echo.Response(), c.server.sessionCookie(c.echo, "", -1))
			return nil
		}
		return err
	}
	c.who = who
	return nil
}

func (c *call) allowed(r *http.Request) error {
	op := c.operation
	unsafe := op.method != http.MethodGet && op.method != http.MethodOptions
	if unsafe {
		if err := c.sameOrigin(r); err != nil {
			return err
		}
	}
	if op.layer != nil && !c.who.MayRead(op.layer) && op.method != http.MethodOptions {
		return geo.Errorf(geo.CodeNotFound, "", "there is no collection %s for you", op.layer.Name)
	}
	switch op.access {
	case writer:
		if !c.who.MayWrite(op.layer) {
			return c.refuse("changing "+op.layer.Name, "an editor who may change this layer")
		}
	case administrator:
		if !c.who.MayAdminister() {
			return c.refuse("managing tokens", "an administrator")
		}
	case holder:
		if c.who.Anonymous() || c.who.TokenID != uuid.Nil || c.who.Disabled {
			return c.refuse("keeping watches", "somebody who signed in by name, not a token")
		}
	case operator:
		if !c.who.MayAdminister() && !localCaller(r) {
			return c.refuse("reading the service's figures", "an administrator or a caller on the same machine")
		}
	}
	return nil
}

func (c *call) refuse(what, takes string) error {
	if c.who.Anonymous() {
		return geo.Errorf(geo.CodeUnauthenticated, "", "%s asks for signing in", what)
	}
	return geo.Errorf(geo.CodeForbidden, "", "%s takes %s", what, takes)
}

// sameOrigin refuses changes that a foreign page makes a browser send.
func (c *call) sameOrigin(r *http.Request) error {
	if c.who.Means == auth.Token {
		return nil
	}
	origin := r.Header.Get("Origin")
	if origin != "" && c.who.Anonymous() && c.operation.access == everybody && slices.Contains(c.server.options.CORSOrigins, origin) {
		return nil
	}
	if origin != "" && !strings.EqualFold(origin, c.server.base(r)) {
		return geo.Errorf(auth.CodeCSRF, "", "the request comes from a page of another site")
	}
	if site := r.Header.Get("Sec-Fetch-Site"); site == "cross-site" || site == "same-site" {
		return geo.Errorf(auth.CodeCSRF, "", "the request comes from a page of another site")
	}
	// Signing in anew replaces the session; it needs no token of the old one.
	if c.operation.id == "signIn" {
		return nil
	}
	if !c.who.ValidCSRF(r.Header.Get("X-CSRF-Token")) {
		return geo.Errorf(auth.CodeCSRF, "", "the X-CSRF-Token header is missing or of another session")
	}
	return nil
}

// mediaOfFormat are the media types of the parameter f beside json and html.
var mediaOfFormat = map[string]string{"geojson": mediaGeoJSON, "gpx": mediaGPX, "text": mediaText, "csv": mediaCSV}

func (c *call) negotiate(r *http.Request) error {
	media := c.operation.media
	if len(media) == 0 {
		return nil
	}
	switch c.args.format {
	case "html":
		c.media = mediaHTML
		return nil
	case "json":
		c.media = media[0]
		return nil
	case "":
	default:
		c.media = mediaOfFormat[c.args.format]
		return nil
	}
	accept := r.Header["Accept"]
	if len(accept) == 0 {
		c.media = media[0]
		return nil
	}
	if c.media = negotiate(strings.Join(accept, ","), media...); c.media == "" {
		return geo.Errorf(geo.CodeNotAcceptable, "", "this is served as %s", strings.Join(media, ", "))
	}
	return nil
}

// Caching: what depends on the newest revision is asked again each time and
// answered by 304 while it holds; what names a revision never changes.
var (
	vary        = []string{"Accept, Accept-Encoding, Cookie, Authorization"}
	revalidated = []string{"private, no-cache"}
	immutable   = []string{"private, max-age=31536000, immutable"}
	noStore     = []string{"no-store"}
)

// unchanged sets the caching headers and reports whether a 304 was sent.
func (c *call) unchanged(tag string, fixed bool) bool {
	h := c.header()
	h["Etag"] = []string{tag}
	h["Vary"] = vary
	h["Cache-Control"] = revalidated
	if fixed {
		h["Cache-Control"] = immutable
	}
	if have := c.echo.Request().Header["If-None-Match"]; len(have) == 1 && notModified(have[0], tag) {
		c.echo.Response().WriteHeader(http.StatusNotModified)
		return true
	}
	return false
}

// A large answer goes out in chunks, each with a time limit of its own.
const (
	chunk     = 512 << 10
	chunkTime = exchangeTime
)

// compressible is the size in bytes from which an answer is compressed.
const compressible = 1024

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is valid
	return w
}}

// reply sends a body that is complete, compressed where the client takes it.
func (c *call) reply(status int, media string, body []byte) error {
	h := c.header()
	h["Content-Type"] = []string{media}
	if c.echo.Request().Method == http.MethodHead {
		c.echo.Response().WriteHeader(status)
		return nil
	}
	if len(body) >= compressible && acceptsGzip(c.echo.Request().Header.Get("Accept-Encoding")) {
		var small bytes.Buffer
		w := gzipWriters.Get().(*gzip.Writer)
		w.Reset(&small)
		_, err := w.Write(body)
		if cerr := w.Close(); err == nil {
			err = cerr
		}
		gzipWriters.Put(w)
		if err != nil {
			return fmt.Errorf("compress an answer: %w", err)
		}
		h["Content-Encoding"] = []string{"gzip"}
		body = small.Bytes()
	}
	return c.send(status, body)
}

func (c *call) send(status int, body []byte) error {
	w := c.echo.Response()
	c.header()["Content-Length"] = []string{strconv.Itoa(len(body))}
	w.WriteHeader(status)
	// A failed write means that the client has gone; there is nobody to tell.
	if len(body) <= chunk {
		_, _ = w.Write(body)
		return nil
	}
	// A large answer may take long over a poor network as long as it moves.
	rc := http.NewResponseController(w)
	for len(body) > 0 {
		n := min(chunk, len(body))
		_ = rc.SetWriteDeadline(time.Now().Add(chunkTime)) // a test's recorder has none
		if _, err := w.Write(body[:n]); err != nil {
			return nil
		}
		body = body[n:]
	}
	return nil
}

// document answers with a value as JSON whose tag is the hash of the bytes.
func (c *call) document(media string, value any) error {
	body, err := marshal(value)
	if err != nil {
		return err
	}
	return c.documentBytes(media, body, false)
}

func (c *call) documentBytes(media string, body []byte, fixed bool) error {
	if c.unchanged(hashTag(body), fixed) {
		return nil
	}
	return c.reply(http.StatusOK, media, body)
}

// private answers with a value that no cache may keep.
func (c *call) private(status int, value any) error {
	body, err := marshal(value)
	if err != nil {
		return err
	}
	return c.privateBytes(status, mediaJSON, body)
}

func (c *call) privateBytes(status int, media string, body []byte) error {
	c.header()["Cache-Control"] = noStore
	return c.reply(status, media, body)
}

func hashTag(body []byte) string {
	sum := sha256.Sum256(body)
	return `"` + hex.EncodeToString(sum[:8]) + `"`
}

// marshal is json.Marshal without escaping for HTML, so that links stay
// readable.
func marshal(value any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(value); err != nil {
		return nil, fmt.Errorf("encode an answer: %w", err)
	}
	return bytes.TrimRight(out.Bytes(), "\n"), nil
}

// link is a web link (RFC 8288) in a JSON answer.
type link struct {
	Href      string `json:"href"`
	Rel       string `json:"rel"`
	Type      string `json:"type,omitempty"`
	Title     string `json:"title,omitempty"`
	Templated bool   `json:"templated,omitempty"`
}

// self is the address of this call without credentials.
func (c *call) self() string { return c.address(nil) }

// address is the address of this call with some query values changed; ""
// takes one away.
func (c *call) address(change map[string]string) string {
	values := url.Values{}
	for name, value := range c.args.query {
		if name != "token" {
			values[name] = value
		}
	}
	for name, value := range change {
		if value == "" {
			values.Del(name)
		} else {
			values.Set(name, value)
		}
	}
	out := c.server.base(c.echo.Request()) + c.echo.Request().URL.EscapedPath()
	if len(values) > 0 {
		out += "?" + values.Encode()
	}
	return out
}
