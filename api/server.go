package api

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"

	"pasaj/api/auth"
	"pasaj/geo"
)

// Times that a connection may take.
const (
	headerTime   = 10 * time.Second
	exchangeTime = 60 * time.Second // reading a request, and writing an answer that is no stream
	idleTime     = 2 * time.Minute
	shutdownTime = 10 * time.Second
	maxHeader    = 64 << 10
)

// Server answers HTTP requests. It is an http.Handler.
type Server struct {
	options    Options
	auth       *auth.Authenticator
	echo       *echo.Echo
	metrics    *metrics
	operations []*operation
	openapi    []byte
	client     client
	streams    *streams
	tiles      *tileCache
	coverages  *answerCache
	networks   *answerCache
	extents    extents
	isolations *answerCache
	reaches    *answerCache
	exclusions *answerCache
	told       lastRelease
	heavy      chan struct{} // a place for each large question being answered
	watcher    *watcher      // nil: no watches
	closing    chan struct{} // closed when streams must end
	closeOnce  sync.Once
}

// New makes a server. It fails when something that is needed is missing or the
// web client's files cannot be read.
func New(o Options) (*Server, error) {
	for name, missing := range map[string]bool{
		"Live": o.Live == nil, "Journal": o.Journal == nil, "Past": o.Past == nil,
		"Archive": o.Archive == nil, "Accounts": o.Accounts == nil, "Tokens": o.Tokens == nil,
	} {
		if missing {
			return nil, fmt.Errorf("api: Options.%s is needed", name)
		}
	}
	o.setDefaults()
	s := &Server{
		options: o, auth: auth.New(o.Accounts, o.Passwords, o.Now), closing: make(chan struct{}),
		streams:    newStreams(o.MaxStreams, o.MaxStreamsPerIP),
		tiles:      newTileCache(o.TileCacheBytes),
		coverages:  newAnswerCache(o.AnswerCacheCount),
		networks:   newAnswerCache(networksKept),
		isolations: newAnswerCache(isolationsKept),
		reaches:    newAnswerCache(reachesKept),
		exclusions: newAnswerCache(exclusionsKept),
		heavy:      make(chan struct{}, o.MaxHeavy),
	}
	if o.Watches != nil {
		s.watcher = newWatcher(s)
	}
	s.metrics = newMetrics(s)
	var err error
	if s.client, err = readClient(o.Client); err != nil {
		return nil, fmt.Errorf("read the web client: %w", err)
	}
	s.operations = s.table()
	if s.openapi, err = s.describe(); err != nil {
		return nil, err
	}
	s.echo = s.router()
	return s, nil
}

func (s *Server) router() *echo.Echo {
	e := echo.New()
	e.HideBanner, e.HidePort = true, true
	e.IPExtractor = echo.ExtractIPDirect()
	if s.options.TrustProxy {
		e.IPExtractor = echo.ExtractIPFromXFFHeader()
	}
	e.HTTPErrorHandler = s.unrouted
	s.register(e, s.operations)
	return e
}

// unrouted answers what no operation takes: with a file of the web client, or
// with a problem.
func (s *Server) unrouted(err error, c echo.Context) {
	if a := s.client.asset(c.Request()); a != nil && errors.Is(err, echo.ErrNotFound) {
		sendAsset(c, a)
		return
	}
	s.fail(c, err, requestID())
	s.metrics.of("none").observe(c.Response().Status, 0)
}

// Authenticator gives the sign-in part, whose cache is to be doubted when
// accounts, sessions or tokens change elsewhere.
func (s *Server) Authenticator() *auth.Authenticator { return s.auth }

// ServeHTTP answers one request.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Resource-Policy"] = sameOriginOnly
	if len(s.options.CORSOrigins) > 0 && s.cors(w, r) {
		return
	}
	s.echo.ServeHTTP(w, r)
}

var (
	nosniff        = []string{"nosniff"}
	noReferrer     = []string{"no-referrer"}
	sameOriginOnly = []string{"same-origin"}
)

// cors lets pages of the configured origins read. They send no cookies, so
// they come as the public or with a token. It reports whether a preflight was
// answered.
func (s *Server) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(s.options.CORSOrigins, origin) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Add("Vary", "Origin")
	h.Set("Access-Control-Expose-Headers", "ETag, Location, Pasaj-Revision, Pasaj-Audience, Pasaj-Age-S, Content-Crs, Retry-After")
	h.Del("Cross-Origin-Resource-Policy")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, HEAD, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, If-None-Match, Idempotency-Key, Last-Event-ID")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}

// Serve answers connections of a listener until the context ends, then closes
// streams and lets other requests finish for at most ten seconds.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	h := &http.Server{
		Handler: s, ReadHeaderTimeout: headerTime, ReadTimeout: exchangeTime, WriteTimeout: exchangeTime,
		IdleTimeout: idleTime, MaxHeaderBytes: maxHeader,
	}
	h.RegisterOnShutdown(s.Close)
	done := make(chan error, 1)
	go func() { done <- h.Serve(l) }()
	select {
	case err := <-done:
		s.Close()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stopping, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	s.Close()
	err := h.Shutdown(stopping)
	if err != nil {
		err = errors.Join(fmt.Errorf("shut down: %w", err), h.Close())
	}
	if serving := <-done; !errors.Is(serving, http.ErrServerClosed) {
		err = errors.Join(err, serving)
	}
	return err
}

// Close ends all streams; other requests go on.
func (s *Server) Close() { s.closeOnce.Do(func() { close(s.closing) }) }

// ready reports whether the worlds were loaded; a record that is still empty
// counts once it has been heard.
func (s *Server) ready() bool {
	return s.options.Live.Ready() || !s.options.Live.KnownAt().IsZero()
}

// age is the age of the data in whole seconds while the record is out of reach.
func (s *Server) age() (int64, bool) {
	live := s.options.Live
	if live.Connected() || live.KnownAt().IsZero() {
		return 0, false
	}
	return max(0, int64(s.options.Now().Sub(live.KnownAt())/time.Second)), true
}

// base is the scheme and host that links begin with.
func (s *Server) base(r *http.Request) string {
	if u := s.options.PublicURL; u != nil {
		return strings.TrimRight((&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String(), "/")
	}
	host := r.Host
	if s.options.TrustProxy && nearby(r) {
		if forwarded := r.Header.Get("X-Forwarded-Host"); forwarded != "" {
			host = forwarded
		}
	}
	if !plainHost(host) {
		host = "localhost"
	}
	return s.scheme(r) + "://" + host
}

func (s *Server) scheme(r *http.Request) string {
	switch {
	case s.options.PublicURL != nil:
		return s.options.PublicURL.Scheme
	case r.TLS != nil, s.options.TrustProxy && nearby(r) && r.Header.Get("X-Forwarded-Proto") == "https":
		return "https"
	}
	return "http"
}

// plainHost reports whether a Host header can go into a link as it is.
func plainHost(host string) bool {
	if host == "" || len(host) > 255 {
		return false
	}
	for i := range len(host) {
		c := host[i]
		if !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte(".-:[]_", c) >= 0) {
			return false
		}
	}
	return true
}

// nearby reports whether the connection comes from this machine or a private
// network, where a trusted proxy stands.
func nearby(r *http.Request) bool {
	ip := peer(r)
	return ip != nil && (ip.IsLoopback() || ip.IsPrivate())
}

// localCaller reports whether a program on this machine asks directly: not
// through a proxy, which says so in a header.
func localCaller(r *http.Request) bool {
	ip := peer(r)
	return ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

func peer(r *http.Request) net.IP {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return nil
	}
	return net.ParseIP(host)
}

// Endpoint is one operation, for tests and tools that go through all of them.
type Endpoint struct {
	Method, Path, ID string
	Query            []string // names of its query parameters
}

// Endpoints lists every operation.
func (s *Server) Endpoints() []Endpoint {
	out := make([]Endpoint, len(s.operations))
	for i, op := range s.operations {
		out[i] = Endpoint{Method: op.method, Path: op.path, ID: op.id}
		for _, p := range op.parameters {
			if p.in == "query" {
				out[i].Query = append(out[i].Query, p.name)
			}
		}
	}
	return out
}

// unavailable is the error of something that needs the record.
func unavailable(err error) error {
	if geo.CodeOf(err) != "" {
		return err
	}
	return geo.Errorf(geo.CodeUnavailable, "", "the record is out of reach").WithCause(err)
}
