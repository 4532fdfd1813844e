package api

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"pasaj/api/auth"
	"pasaj/geo"
)

type streamClient struct {
	events chan sseEvent
	body   io.Closer
}

func (s *service) stream(t testing.TB, base string, headers map[string]string) *streamClient {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/v1/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range headers {
		r.Header.Set(name, value)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK || response.Header.Get("Content-Type") != mediaStream {
		t.Fatalf("status %d, headers %v", response.StatusCode, response.Header)
	}
	c := &streamClient{events: make(chan sseEvent, 1000), body: response.Body}
	go readEvents(response.Body, c.events)
	t.Cleanup(func() { cancel(); _ = response.Body.Close() })
	return c
}

// next waits for an event; a test that never gets it fails by its time limit.
func (c *streamClient) next(t testing.TB) sseEvent {
	t.Helper()
	select {
	case e, ok := <-c.events:
		if !ok {
			t.Fatal("the stream ended")
		}
		return e
	case <-time.After(20 * time.Second):
		t.Fatal("no event came")
	}
	return sseEvent{}
}

func TestStreamOfChanges(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.Heartbeat = 5 * time.Millisecond })
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Cleanup(s.Close)
	s.place(1, -72.3, 18.5)
	hum := "Bearer " + s.record.token(geo.Reader, geo.Humanitarian)
	public := s.stream(t, web.URL, nil)
	inside := s.stream(t, web.URL, map[string]string{"Authorization": hum})
	narrow := s.stream(t, web.URL, map[string]string{"Authorization": "Bearer " + s.record.token(geo.Reader, geo.Humanitarian, "ports")})
	s.zone(2, -72.4, 18.5)
	if e := public.next(t); e.id != "2" || e.event != "revision" || e.data != `{"revision":2,"at":"2025-03-01T12:00:02Z","changes":[]}` {
		t.Errorf("the public hears %+v", e)
	}
	if e := narrow.next(t); e.data != `{"revision":2,"at":"2025-03-01T12:00:02Z","changes":[]}` {
		t.Errorf("a token for ports hears %+v", e)
	}
	wanted := `{"revision":2,"at":"2025-03-01T12:00:02Z","changes":[{"collection":"controlled-zones","id":"` + id(2).String() + `","action":"upsert","bbox":[-72.4,18.5,-72.30000000000001,18.6]}]}`
	if e := inside.next(t); e.data != wanted {
		t.Errorf("humanitarians hear\n%s, want\n%s", e.data, wanted)
	}
}

func TestStreamsResume(t *testing.T) {
	t.Parallel()
	s := start(t)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Cleanup(s.Close)
	for n := 1; n <= 20; n++ {
		s.place(n, -72.3, 18.5)
	}
	follow := func(headers map[string]string, from, to int) {
		t.Helper()
		c := s.stream(t, web.URL, headers)
		for n := from; n <= to; n++ {
			if e := c.next(t); e.id != fmt.Sprint(n) || e.event != "revision" {
				t.Fatalf("%+v, want revision %d", e, n)
			}
		}
		_ = c.body.Close()
	}
	follow(map[string]string{"Last-Event-ID": "5"}, 6, 20)
	// A publication without events, as after a gap, leaves only the record to resume from.
	s.record.mu.Lock()
	worlds := s.record.worlds[20]
	s.record.mu.Unlock()
	s.record.live.Publish(worlds, [4][]geo.Event{})
	follow(map[string]string{"Last-Event-ID": "0"}, 1, 20)
	s.record.setDown(true)
	if e := s.stream(t, web.URL, map[string]string{"Last-Event-ID": "3"}).next(t); e.event != "resync" || e.id != "20" || e.data != `{"revision":20}` {
		t.Errorf("without the record: %+v", e)
	}
	s.record.setDown(false)
	if e := s.stream(t, web.URL, map[string]string{"Last-Event-ID": "25"}).next(t); e.event != "resync" || e.id != "20" {
		t.Errorf("from a future that is not: %+v", e)
	}
	// The header is newer than the address that a browser repeats.
	r, _ := http.NewRequest(http.MethodGet, web.URL+"/v1/changes?last-event-id=2", nil)
	r.Header.Set("Last-Event-ID", "19")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	events := make(chan sseEvent, 100)
	go readEvents(response.Body, events)
	if e := (&streamClient{events: events}).next(t); e.id != "20" {
		t.Errorf("header and parameter: %+v", e)
	}
}

// A record that is away for a moment costs a stream that resumes no event.
func TestStreamsWaitForTheRecord(t *testing.T) {
	t.Parallel()
	s := start(t)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Cleanup(s.Close)
	for n := 1; n <= 5; n++ {
		s.place(n, -72.3, 18.5)
	}
	// As after a restart: no event is kept in memory.
	s.record.mu.Lock()
	worlds := s.record.worlds[5]
	s.record.mu.Unlock()
	s.record.live.Publish(worlds, [4][]geo.Event{})
	s.record.setDown(true)
	c := s.stream(t, web.URL, map[string]string{"Last-Event-ID": "2"})
	time.Sleep(2 * resumePause) // so that it is asked in vain
	s.record.setDown(false)
	for n := 3; n <= 5; n++ {
		if e := c.next(t); e.id != fmt.Sprint(n) || e.event != "revision" {
			t.Fatalf("%+v, want revision %d", e, n)
		}
	}
}

// Two streams, one taken away again and again, together hear each revision once.
func TestStreamsNeitherSkipNorRepeat(t *testing.T) {
	t.Parallel()
	s := start(t)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Cleanup(s.Close)
	s.place(1, -72.3, 18.5)
	done := make(chan struct{})
	const last = 400
	go func() {
		defer close(done)
		for n := 2; n <= last; n++ {
			s.place(n, -72.3, 18.5)
		}
	}()
	heard := 1
	for heard < last {
		c := s.stream(t, web.URL, map[string]string{"Last-Event-ID": fmt.Sprint(heard)})
		for range 37 {
			if heard == last {
				break
			}
			e := c.next(t)
			if heard++; e.id != fmt.Sprint(heard) || e.event != "revision" {
				t.Fatalf("%+v after revision %d", e, heard-1)
			}
		}
		_ = c.body.Close()
	}
	<-done
}

func TestStreamsAreLimitedAndEnd(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.MaxStreamsPerIP = 2; o.MaxStreams = 3; o.Heartbeat = 2 * time.Millisecond })
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- s.Serve(ctx, l) }()
	base := "http://" + l.Addr().String()
	s.place(1, -72.3, 18.5)
	one, two := s.stream(t, base, nil), s.stream(t, base, nil)
	wantProblem(t, s.get("/v1/changes", func(r *http.Request) { r.RemoteAddr = "127.0.0.1:9" }), 503, geo.CodeUnavailable)
	secret := s.record.token(geo.Reader, geo.Humanitarian)
	three := s.stream(t, base, map[string]string{"Authorization": "Bearer " + secret})
	wantProblem(t, s.get("/v1/changes", bearer(secret)), 503, geo.CodeUnavailable)
	// A token that is revoked ends its stream.
	s.record.mu.Lock()
	delete(s.record.byToken, auth.DigestOf(secret))
	s.record.mu.Unlock()
	s.Authenticator().Cache.Drop()
	for range three.events {
	}
	stop()
	for range one.events {
	}
	for range two.events {
	}
	if err := <-served; err != nil {
		t.Errorf("serving ended with %v", err)
	}
	if n := s.record.live.Subscribers(); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
}

// slowWriter takes the head of a stream and then nothing until it is let go.
type slowWriter struct {
	*httptest.ResponseRecorder
	began chan struct{}
	free  chan struct{}
	n     int
}

func (w *slowWriter) Write(b []byte) (int, error) {
	if w.n++; w.n == 2 {
		close(w.began)
		<-w.free
	}
	return w.ResponseRecorder.Write(b)
}

func TestASlowClientIsDropped(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72.3, 18.5)
	w := &slowWriter{ResponseRecorder: httptest.NewRecorder(), began: make(chan struct{}), free: make(chan struct{})}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r := httptest.NewRequest(http.MethodGet, "/v1/changes?last-event-id=0", nil)
		s.ServeHTTP(w, r)
	}()
	<-w.began
	for n := 2; n < 700; n++ {
		s.place(n, -72.3, 18.5) // more than a subscription has room for
	}
	close(w.free)
	<-ended // by itself: nobody closed the connection
	var last int
	scanner := bufio.NewScanner(w.Body)
	for scanner.Scan() {
		if n, ok := strings.CutPrefix(scanner.Text(), "id: "); ok {
			last++
			if n != fmt.Sprint(last) {
				t.Fatalf("revision %s after %d", n, last-1)
			}
		}
	}
	if last >= 699 || last < 1 {
		t.Errorf("the client got %d events", last)
	}
}

func TestReadYourWrites(t *testing.T) {
	t.Parallel()
	s := start(t)
	editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
	s.place(1, -72.3, 18.5)
	s.record.silent = true // the worlds are late
	done := make(chan *httptest.ResponseRecorder)
	go func() { done <- s.do(http.MethodPost, "/collections/places/items", placeBody, editor) }()
	for {
		s.record.mu.Lock()
		written := s.record.revision == 2
		s.record.mu.Unlock()
		if written {
			break
		}
		time.Sleep(time.Millisecond)
	}
	select {
	case w := <-done:
		t.Fatalf("answered before the worlds held it: %s", w.Body)
	default:
	}
	s.record.mu.Lock()
	s.record.live.Publish(s.record.worlds[2], [4][]geo.Event{{s.record.events[0][1]}, {s.record.events[1][1]}, {s.record.events[2][1]}, {s.record.events[3][1]}})
	s.record.mu.Unlock()
	w := want(t, <-done, http.StatusCreated)
	if !json.Valid(w.Body.Bytes()) || w.Body.Len() == 0 {
		t.Errorf("body %s", w.Body)
	}
}

func TestEventNamesDeletions(t *testing.T) {
	l := layerOf("places")
	got := string(appendEvent(nil, geo.Event{Revision: 3, At: began, Changes: []geo.EventChange{{Layer: l, ID: id(1), Gone: true}}}, &geo.Principal{}))
	wanted := "id: 3\nevent: revision\ndata: {\"revision\":3,\"at\":\"2025-03-01T12:00:00Z\",\"changes\":[{\"collection\":\"places\",\"id\":\"" + id(1).String() + "\",\"action\":\"delete\"}]}\n\n"
	if got != wanted {
		t.Errorf("%q, want %q", got, wanted)
	}
}

// HEAD has no body, so the answer is over with its headers: a client sends its
// next request over the same connection and would wait for ever otherwise.
func TestHeadOfTheStreamEnds(t *testing.T) {
	t.Parallel()
	s := start(t)
	web := httptest.NewServer(s)
	t.Cleanup(web.Close)
	t.Cleanup(s.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 1}}
	for range 3 {
		r, err := http.NewRequestWithContext(ctx, http.MethodHead, web.URL+"/v1/changes", nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := client.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		got.Body.Close()
		if got.StatusCode != http.StatusOK || got.Header.Get("Content-Type") != mediaStream {
			t.Errorf("status %d, %v", got.StatusCode, got.Header)
		}
	}
}
