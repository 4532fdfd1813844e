package api

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/world"
)

// Bounds of a stream.
const (
	longestGap = 10_000 // revisions that are read back from the record for a stream that resumes
	writeTime  = 10 * time.Second
	// A database that crashed is back within seconds. A stream that resumes
	// waits for it as long, before it has the client load everything again.
	resumePatience = 5 * time.Second
	resumePause    = 100 * time.Millisecond
)

// errStreamEnds ends a stream without a word; the client comes back with the
// last event it has.
var errStreamEnds = errors.New("the stream ends")

// streams counts the open streams.
type streams struct {
	most, mostPerIP int
	mu              sync.Mutex
	open            int
	perIP           map[string]int
}

func newStreams(most, mostPerIP int) *streams {
	return &streams{most: most, mostPerIP: mostPerIP, perIP: map[string]int{}}
}

// enter takes a place; ip is "" for somebody who signed in.
func (s *streams) enter(ip string) (leave func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open >= s.most || ip != "" && s.perIP[ip] >= s.mostPerIP {
		return nil, geo.Errorf(geo.CodeUnavailable, "", "too many streams are open")
	}
	s.open++
	if ip != "" {
		s.perIP[ip]++
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.open--
		if ip == "" {
			return
		}
		if s.perIP[ip]--; s.perIP[ip] == 0 {
			delete(s.perIP, ip)
		}
	}, nil
}

// stream is one client's stream of changes.
type stream struct {
	call   *call
	rc     *http.ResponseController
	buffer []byte
	last   geo.Revision // that the client has
	news   chan []byte  // events of the caller's own watches; nil: none
}

// changes streams one event for each revision, without gap or repeat from the
// one the client has seen last.
func (s *Server) changes(c *call) error {
	ip := ""
	if c.who.Anonymous() {
		ip = c.echo.RealIP()
	}
	leave, err := s.streams.enter(ip)
	if err != nil {
		return err
	}
	defer leave()
	since := c.world.Revision()
	if c.args.hasSince {
		since = c.args.since
	}
	if since > c.world.Revision() { // known to another process already
		waiting, cancel := context.WithTimeout(c.context(), settle)
		defer cancel()
		_ = s.options.Live.Wait(waiting, since) // how it ended shows below
	}
	sub, kept, newest, gapless := s.options.Live.Subscribe(c.audience(), since)
	defer sub.Close()
	st := &stream{call: c, rc: http.NewResponseController(c.echo.Response()), last: since}
	if s.watcher != nil && !c.who.Anonymous() && c.who.TokenID == uuid.Nil {
		news, leave := s.watcher.listen(c.who.Name)
		defer leave()
		st.news = news
	}
	if err := st.begin(); err != nil || c.echo.Request().Method == http.MethodHead {
		return nil
	}
	if err := st.catchUp(kept, newest, gapless); err != nil {
		return nil
	}
	_ = st.follow(sub) // whatever ended it, the client resumes
	return nil
}

func (st *stream) begin() error {
	h := st.call.header()
	h["Content-Type"] = []string{mediaStream}
	h["Cache-Control"] = noStore
	h["Vary"] = vary
	h.Set("X-Accel-Buffering", "no")
	// The server's limits are for exchanges; a stream has one for each write.
	_ = st.rc.SetReadDeadline(time.Time{})
	st.call.echo.Response().WriteHeader(http.StatusOK)
	st.buffer = append(st.buffer[:0], "retry: 1000\n\n"...)
	return st.flush()
}

// catchUp brings the client from what it has to the newest revision at the
// moment of subscribing.
func (st *stream) catchUp(kept []geo.Event, newest geo.Revision, gapless bool) error {
	switch {
	case st.last > newest:
		return st.resync(newest)
	case gapless:
		return st.sendAll(kept)
	case newest-st.last > longestGap:
		return st.resync(newest)
	}
	events, err := st.past(newest)
	if err != nil || len(events) != int(newest-st.last) {
		return st.resync(newest)
	}
	return st.sendAll(events)
}

// past reads the events that the client has missed from the record, which may
// have to come back first.
func (st *stream) past(newest geo.Revision) ([]geo.Event, error) {
	c := st.call
	patience := time.NewTimer(resumePatience)
	defer patience.Stop()
	for {
		events, err := c.server.options.Past.Events(c.context(), c.audience(), st.last, newest)
		if geo.CodeOf(err) != geo.CodeUnavailable {
			return events, err
		}
		select {
		case <-time.After(resumePause):
		case <-patience.C:
			return nil, err
		case <-c.server.closing:
			return nil, err
		case <-c.context().Done():
			return nil, err
		}
	}
}

func (st *stream) sendAll(events []geo.Event) error {
	for _, e := range events {
		if err := st.send(e); err != nil {
			return err
		}
	}
	return nil
}

func (st *stream) follow(sub *world.Subscription) error {
	c := st.call
	heartbeat := time.NewTicker(c.server.options.Heartbeat)
	defer heartbeat.Stop()
	for {
		select {
		case e, ok := <-sub.C:
			if !ok {
				return errStreamEnds // it fell behind
			}
			if err := st.send(e); err != nil {
				return err
			}
		case event := <-st.news:
			if err := st.entitled(); err != nil {
				return err
			}
			st.buffer = append(st.buffer[:0], event...)
			if err := st.flush(); err != nil {
				return err
			}
		case <-heartbeat.C:
			if err := st.entitled(); err != nil {
				return err
			}
			st.buffer = append(st.buffer[:0], ":\n\n"...)
			if err := st.flush(); err != nil {
				return err
			}
		case <-c.server.closing:
			return errStreamEnds
		case <-c.context().Done():
			return c.context().Err()
		}
	}
}

// entitled asks again who the client is: sessions and tokens end, accounts
// change audience.
func (st *stream) entitled() error {
	c := st.call
	before := c.who
	if before.Anonymous() {
		return nil
	}
	if err := c.identify(c.echo.Request()); err != nil {
		return err
	}
	if c.who.Anonymous() || c.who.Audience != before.Audience {
		return errStreamEnds
	}
	return nil
}

// send writes an event; one that the client has already is left out, a gap
// ends the stream.
func (st *stream) send(e geo.Event) error {
	if e.Revision <= st.last {
		return nil
	}
	if e.Revision != st.last+1 {
		return errStreamEnds
	}
	st.last = e.Revision
	st.buffer = appendEvent(st.buffer[:0], e, &st.call.who.Principal)
	return st.flush()
}

func (st *stream) resync(newest geo.Revision) error {
	st.last = newest
	st.buffer = append(st.buffer[:0], "id: "...)
	st.buffer = strconv.AppendInt(st.buffer, int64(newest), 10)
	st.buffer = append(st.buffer, "\nevent: resync\ndata: {\"revision\":"...)
	st.buffer = strconv.AppendInt(st.buffer, int64(newest), 10)
	st.buffer = append(st.buffer, "}\n\n"...)
	return st.flush()
}

func (st *stream) flush() error {
	_ = st.rc.SetWriteDeadline(time.Now().Add(writeTime)) // a test's recorder has none
	if _, err := st.call.echo.Response().Write(st.buffer); err != nil {
		return err
	}
	return st.rc.Flush()
}

// appendEvent writes an event as the stream carries it, with the changes in
// layers that the client may read.
func appendEvent(out []byte, e geo.Event, who *geo.Principal) []byte {
	out = append(out, "id: "...)
	out = strconv.AppendInt(out, int64(e.Revision), 10)
	out = append(out, "\nevent: revision\ndata: {\"revision\":"...)
	out = strconv.AppendInt(out, int64(e.Revision), 10)
	out = append(out, `,"at":`...)
	out = geo.AppendValue(out, e.At)
	out = append(out, `,"changes":[`...)
	first := true
	for _, change := range e.Changes {
		if !who.MayRead(change.Layer) {
			continue
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(out, `{"collection":"`...)
		out = append(out, change.Layer.Name...)
		out = append(out, `","id":"`...)
		out = append(out, change.ID.String()...)
		if change.Gone {
			out = append(out, `","action":"delete"`...)
		} else {
			out = append(out, `","action":"upsert"`...)
		}
		if change.Placed {
			out = append(out, `,"bbox":[`...)
			for i, edge := range change.Bound {
				if i > 0 {
					out = append(out, ',')
				}
				out = strconv.AppendFloat(out, edge, 'f', -1, 64)
			}
			out = append(out, ']')
		}
		out = append(out, '}')
	}
	return append(out, "]}\n\n"...)
}
