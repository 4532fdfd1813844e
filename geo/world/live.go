package world

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"pasaj/geo"
)

// Bounds on what is kept in memory beside the newest worlds.
const (
	recentWorlds     = 64   // worlds kept for readers of a revision just passed
	recentEvents     = 4096 // events kept for streams that resume
	subscriptionRoom = 256  // events a slow subscriber may lag behind
)

// Live is the newest world of every audience, what came shortly before, and
// who waits for what comes next.
type Live struct {
	circles   [4]circle    // by audience
	knownAt   atomic.Int64 // unix nanoseconds at which the record was last heard
	connected atomic.Bool
	mu        sync.Mutex // guards advanced
	advanced  chan struct{}
}

// circle is one audience's share of Live.
type circle struct {
	world  atomic.Pointer[World]
	mu     sync.RWMutex // guards what follows
	recent []*World     // oldest first, the newest included
	events []geo.Event  // oldest first, gapless, up to the newest
	subs   map[*Subscription]struct{}
}

// NewLive starts with empty worlds.
func NewLive(m *geo.Model) *Live {
	l := &Live{advanced: make(chan struct{})}
	for _, a := range geo.Audiences() {
		c := &l.circles[a]
		c.world.Store(Empty(a, m))
		c.subs = map[*Subscription]struct{}{}
	}
	return l
}

// World is the newest world of an audience.
func (l *Live) World(a geo.Audience) *World { return l.circles[a].world.Load() }

// Ready reports whether worlds were published at all.
func (l *Live) Ready() bool { return l.World(geo.Public).revision > 0 }

// Recent finds a world that was the newest not long ago.
func (l *Live) Recent(a geo.Audience, r geo.Revision) (*World, bool) {
	c := &l.circles[a]
	c.mu.RLock()
	defer c.mu.RUnlock()
	for i := len(c.recent) - 1; i >= 0; i-- {
		if c.recent[i].revision == r {
			return c.recent[i], true
		}
	}
	return nil, false
}

// Publish makes worlds the newest ones, at one revision for all audiences,
// with the events of every revision since the last publication, in order. A
// first publication, or one after a gap, comes without events and drops the
// kept ones: streams then resume from the record.
func (l *Live) Publish(worlds [4]*World, events [4][]geo.Event) {
	for _, a := range geo.Audiences() {
		l.circles[a].publish(worlds[a], events[a])
	}
	l.mu.Lock()
	close(l.advanced)
	l.advanced = make(chan struct{})
	l.mu.Unlock()
}

func (c *circle) publish(w *World, events []geo.Event) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.world.Store(w)
	if len(events) == 0 {
		c.recent, c.events = []*World{w}, nil
		for s := range c.subs {
			c.drop(s)
		}
		return
	}
	c.recent = append(c.recent, w)
	if n := len(c.recent) - recentWorlds; n > 0 {
		c.recent = append([]*World(nil), c.recent[n:]...)
	}
	c.events = append(c.events, events...)
	if n := len(c.events) - recentEvents; n > 0 {
		c.events = append([]geo.Event(nil), c.events[n:]...)
	}
	for s := range c.subs {
		for _, e := range events {
			select {
			case s.events <- e:
				continue
			default:
			}
			c.drop(s)
			break
		}
	}
}

// drop ends a subscription that fell behind; it must resume from what it has.
func (c *circle) drop(s *Subscription) {
	if _, ok := c.subs[s]; ok {
		delete(c.subs, s)
		close(s.events)
	}
}

// Subscription receives the events of one audience.
type Subscription struct {
	C      <-chan geo.Event // closed when the subscriber fell behind
	events chan geo.Event
	circle *circle
}

// Subscribe starts a subscription and returns the events since a revision that
// are still kept, atomically: what is not in the list comes on the channel.
// ok is false when the revision is older than what is kept; the caller reads
// the gap from the record up to the returned newest revision.
func (l *Live) Subscribe(a geo.Audience, since geo.Revision) (s *Subscription, kept []geo.Event, newest geo.Revision, ok bool) {
	c := &l.circles[a]
	c.mu.Lock()
	defer c.mu.Unlock()
	ch := make(chan geo.Event, subscriptionRoom)
	s = &Subscription{C: ch, events: ch, circle: c}
	c.subs[s] = struct{}{}
	newest = c.world.Load().revision
	kept, ok = c.since(since, newest)
	return s, kept, newest, ok
}

// since lists the kept events after a revision.
func (c *circle) since(r, newest geo.Revision) ([]geo.Event, bool) {
	if r >= newest {
		return nil, true
	}
	if len(c.events) == 0 || c.events[0].Revision > r+1 {
		return nil, false
	}
	return append([]geo.Event(nil), c.events[int(r+1-c.events[0].Revision):]...), true
}

// Close ends the subscription; it may be called more than once.
func (s *Subscription) Close() {
	s.circle.mu.Lock()
	defer s.circle.mu.Unlock()
	s.circle.drop(s)
}

// Subscribers counts the open subscriptions of all audiences.
func (l *Live) Subscribers() int {
	n := 0
	for i := range l.circles {
		l.circles[i].mu.RLock()
		n += len(l.circles[i].subs)
		l.circles[i].mu.RUnlock()
	}
	return n
}

// Wait returns when every world holds the revision, or with the context's error.
func (l *Live) Wait(ctx context.Context, r geo.Revision) error {
	for {
		l.mu.Lock()
		advanced := l.advanced
		l.mu.Unlock()
		behind := false
		for _, a := range geo.Audiences() {
			behind = behind || l.World(a).revision < r
		}
		if !behind {
			return nil
		}
		select {
		case <-advanced:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Touch notes that at this instant the worlds were as new as the record.
func (l *Live) Touch(t time.Time) { l.knownAt.Store(t.UnixNano()) }

// KnownAt is the last instant at which the worlds were known to be current;
// zero before the first.
func (l *Live) KnownAt() time.Time {
	if n := l.knownAt.Load(); n != 0 {
		return time.Unix(0, n).UTC()
	}
	return time.Time{}
}

// SetConnected notes whether the record is being followed.
func (l *Live) SetConnected(yes bool) { l.connected.Store(yes) }

// Connected reports whether the record is being followed.
func (l *Live) Connected() bool { return l.connected.Load() }
