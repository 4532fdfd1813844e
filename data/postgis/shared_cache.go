package postgis

import (
	"context"
	"slices"
	"sync"
	"weak"
)

// How many things of a kind are held even when no world uses them.
const (
	graphsKept = 2 // the one of the present and one of the past; a country's takes 300 MB
	gridsKept  = 2 // one of each kind; a fine one takes some hundred MB
)

// sharedCache gives every world the same copy of what is large and never
// changes: the graph of a road network, a grid. It follows them weakly: one
// that any world still holds is never loaded a second time, and one that nobody
// holds goes, but for the last ones asked for.
type sharedCache[T any] struct {
	sync.Mutex
	kept    int
	shared  map[string]weak.Pointer[T]
	loading map[string]chan struct{} // closed when the loading ended, either way
	recent  []*T                     // the last asked for in front
}

func newSharedCache[T any](kept int) *sharedCache[T] {
	return &sharedCache[T]{kept: kept, shared: map[string]weak.Pointer[T]{}, loading: map[string]chan struct{}{}}
}

// get finds what has a key or loads it. Of several at once one loads; should it
// fail, the next tries by its own means.
func (c *sharedCache[T]) get(ctx context.Context, key string, load func() (*T, error)) (*T, error) {
	for {
		c.Lock()
		if found := c.shared[key].Value(); found != nil {
			c.use(found)
			c.Unlock()
			return found, nil
		}
		busy := c.loading[key]
		if busy == nil {
			break
		}
		c.Unlock()
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	done := make(chan struct{})
	c.loading[key] = done
	c.Unlock()

	var loaded *T
	defer func() { // also when load panics, or the rest would wait for ever
		c.Lock()
		defer c.Unlock()
		if loaded != nil {
			for other, pointer := range c.shared {
				if pointer.Value() == nil {
					delete(c.shared, other)
				}
			}
			c.shared[key] = weak.Make(loaded)
			c.use(loaded)
		}
		delete(c.loading, key)
		close(done)
	}()
	var err error
	loaded, err = load()
	return loaded, err
}

// use moves a thing to the front of those that are kept.
func (c *sharedCache[T]) use(one *T) {
	if i := slices.Index(c.recent, one); i >= 0 {
		c.recent = slices.Delete(c.recent, i, i+1)
	}
	c.recent = slices.Insert(c.recent, 0, one)
	if len(c.recent) > c.kept {
		c.recent[c.kept] = nil
		c.recent = c.recent[:c.kept]
	}
}
