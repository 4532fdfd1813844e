package auth

import (
	"container/list"
	"sync"
	"time"

	"pasaj/geo"
)

// How long a principal is believed.
const (
	fresh    = time.Minute      // without asking the record
	stale    = 15 * time.Minute // while the record is out of reach
	refused  = 10 * time.Second // that a secret is worth nothing
	silent   = 10 * time.Second // after the record failed to answer: then the kept ones are, without asking
	capacity = 10_000
)

// entry is what the record said about a digest.
type entry struct {
	digest    Digest
	principal geo.Principal
	expires   time.Time
	asked     time.Time
	refused   bool
	doubted   bool // to be asked again, however fresh
}

// Cache keeps principals by the digest of their secret, the last used ones.
type Cache struct {
	mu         sync.Mutex
	order      *list.List // of *entry, the last used in front
	entries    map[Digest]*list.Element
	generation uint64
	failed     time.Time // when the record last failed to answer; zero since it did answer
}

func newCache() *Cache {
	return &Cache{order: list.New(), entries: map[Digest]*list.Element{}}
}

// Doubt has every principal asked about again at its next request: some account,
// session or token has changed. While the record is out of reach the kept ones
// are believed as before, so that somebody's signing in just before an outage
// does not shut everybody else out of it.
func (c *Cache) Doubt() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.failed = time.Time{}
	for e := c.order.Front(); e != nil; e = e.Next() {
		doubted := *e.Value.(*entry)
		doubted.doubted = true
		e.Value = &doubted
	}
}

// Drop forgets everything: what was given away is taken back, at once.
func (c *Cache) Drop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.failed = time.Time{}
	c.order.Init()
	clear(c.entries)
}

func (c *Cache) get(d Digest) (entry, uint64, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.entries[d]
	if e == nil {
		return entry{}, c.generation, false
	}
	c.order.MoveToFront(e)
	return *e.Value.(*entry), c.generation, true
}

// put keeps an answer unless the cache was dropped after the question.
func (c *Cache) put(e entry, generation uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = time.Time{}
	if generation != c.generation {
		return
	}
	if old := c.entries[e.digest]; old != nil {
		old.Value = &e
		c.order.MoveToFront(old)
		return
	}
	c.entries[e.digest] = c.order.PushFront(&e)
	for c.order.Len() > capacity {
		last := c.order.Back()
		delete(c.entries, c.order.Remove(last).(*entry).digest)
	}
}

// fail notes that the record did not answer. One that hangs rather than
// refuses costs seconds each time it is asked.
func (c *Cache) fail(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.failed = at
}

// failedSince reports whether the record failed to answer after an instant and
// has not answered, nor told of changes, since.
func (c *Cache) failedSince(t time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.failed.After(t)
}

func (c *Cache) forget(d Digest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	if e := c.entries[d]; e != nil {
		c.order.Remove(e)
		delete(c.entries, d)
	}
}
