package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"pasaj/api"
	"pasaj/api/auth"
	"pasaj/data/haiti"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// stack is the whole service over a database, in this process: record, worlds
// and API on a port of its own. Two stacks over one database are two processes.
type stack struct {
	record *postgis.Record
	live   *world.Live
	base   string // http://127.0.0.1:port
	client *http.Client
	tokens map[geo.Audience]string // the public has none
	stop   func()
}

// startStack starts the service as serve does and waits until it answers.
func startStack(t *testing.T, databaseURL string, tokens map[geo.Audience]string, change ...func(*api.Options)) *stack {
	t.Helper()
	quiet := slog.New(slog.DiscardHandler)
	s := &stack{tokens: tokens, live: world.NewLive(&geo.DefaultModel)}
	var serving atomic.Pointer[api.Server]
	s.record = postgistest.OpenURL(t, databaseURL, postgis.Options{Log: quiet, WatchesChanged: func() {
		if server := serving.Load(); server != nil {
			server.WatchesChanged()
		}
	}})
	engine := engineOf(s.record, nil, quiet)
	baselines, err := haiti.Baselines()
	if err != nil {
		t.Fatal(err)
	}
	options := api.Options{
		Live: s.live, Journal: s.record, Past: s.record, Accounts: s.record, Tokens: s.record, Engine: engine, Watches: s.record,
		Coverage: coverage.NewEngine(coverage.Options{Ways: passage.Ways{Engine: engine}, Baselines: baselines}),
		Evidence: s.record, Releases: s.record,
		Archive: world.NewArchive(s.record.Load, archiveWorlds, archiveTimeout),
		Notice:  haiti.Notice, Version: "test", Log: quiet,
		MaxStreams: 100, MaxStreamsPerIP: 100,
	}
	for _, c := range change {
		c(&options)
	}
	server, err := api.New(options)
	if err != nil {
		t.Fatal(err)
	}
	serving.Store(server)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 16, DisableCompression: true}
	s.base, s.client = "http://"+listener.Addr().String(), &http.Client{Transport: transport, Timeout: time.Minute}
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() {
		if err := s.record.Follow(ctx, s.live); !errors.Is(err, context.Canceled) {
			t.Errorf("follow: %v", err)
		}
	})
	running.Go(func() {
		if err := server.Serve(ctx, listener); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	running.Go(func() { keepReady(ctx, engine, s.live) })
	running.Go(func() { _ = server.FollowWatches(ctx) })
	s.stop = sync.OnceFunc(func() {
		transport.CloseIdleConnections()
		cancel()
		running.Wait()
	})
	t.Cleanup(s.stop)
	if err := awaitWorlds(t.Context(), s.record, s.live); err != nil {
		t.Fatal(err)
	}
	return s
}

func tokenName(role geo.Role, a geo.Audience) string { return string(role) + " of " + a.String() }

// makeTokens makes one token of a role for each audience but the public.
func makeTokens(t *testing.T, r *postgis.Record, role geo.Role) map[geo.Audience]string {
	t.Helper()
	out := map[geo.Audience]string{}
	for _, a := range geo.Audiences()[1:] {
		text := auth.NewSecret(auth.TokenPrefix)
		err := r.CreateToken(t.Context(), geo.Token{
			ID: uuid.New(), Name: tokenName(role, a), Role: role, Audience: a,
			ExpiresAt: time.Now().Add(time.Hour), CreatedBy: "test",
		}, auth.DigestOf(text))
		if err != nil {
			t.Fatal(err)
		}
		out[a] = text
	}
	return out
}

// snapshotRecord is a database that holds the bundled snapshot.
func snapshotRecord(t *testing.T) (url string, r *postgis.Record) {
	t.Helper()
	url = postgistest.URL(t)
	r = postgistest.OpenURL(t, url, postgis.Options{})
	if err := loadSnapshot(t.Context(), r, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	return url, r
}

// request is one HTTP request of a test.
type request struct {
	method, path string // path with its query
	header       map[string]string
	body         string
}

// reply is what came back, decompressed.
type reply struct {
	status int
	header http.Header
	body   []byte
}

// do sends a request as an audience. A stream is read until enough says so.
func (s *stack) do(ctx context.Context, a geo.Audience, r request, enough func([]byte) bool) (reply, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, r.method, s.base+r.path, strings.NewReader(r.body))
	if err != nil {
		return reply{}, err
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	if token := s.tokens[a]; token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := s.client.Do(req)
	if err != nil {
		return reply{}, err
	}
	defer response.Body.Close()
	out := reply{status: response.StatusCode, header: response.Header}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "text/event-stream") {
		out.body = readStream(response.Body, enough, cancel)
		return out, nil
	}
	if out.body, err = io.ReadAll(response.Body); err != nil {
		return reply{}, err
	}
	out.body, err = unpacked(response.Header, out.body)
	return out, err
}

// readStream reads until enough says so; streams have no end of their own.
func readStream(body io.Reader, enough func([]byte) bool, stop func()) []byte {
	late := time.AfterFunc(10*time.Second, stop)
	defer late.Stop()
	var all []byte
	piece := make([]byte, 64<<10)
	for enough == nil || !enough(all) {
		n, err := body.Read(piece)
		all = append(all, piece[:n]...)
		if err != nil {
			break
		}
	}
	return bytes.Clone(all)
}

// unpacked undoes a content encoding.
func unpacked(h http.Header, body []byte) ([]byte, error) {
	if h.Get("Content-Encoding") != "gzip" || len(body) == 0 {
		return body, nil
	}
	in, err := gzip.NewReader(bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(in)
}
