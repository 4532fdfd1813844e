package world

import (
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"pasaj/geo"
)

// Load rebuilds the world of an audience at a revision from the record.
type Load func(context.Context, geo.Audience, geo.Revision) (*World, error)

// Archive rebuilds worlds of the past on request and keeps the last used ones.
type Archive struct {
	load     Load
	timeout  time.Duration
	capacity int
	flights  singleflight.Group
	mu       sync.Mutex
	order    *list.List // of *World, the last used in front
	kept     map[archiveKey]*list.Element
}

type archiveKey struct {
	audience geo.Audience
	revision geo.Revision
}

// NewArchive keeps up to capacity worlds; a rebuild may take up to timeout.
func NewArchive(load Load, capacity int, timeout time.Duration) *Archive {
	return &Archive{load: load, capacity: capacity, timeout: timeout, order: list.New(), kept: map[archiveKey]*list.Element{}}
}

// World gives the world of an audience at a revision. Requests for the same
// one share one rebuild; a caller that gives up does not stop it for the rest.
func (a *Archive) World(ctx context.Context, who geo.Audience, r geo.Revision) (*World, error) {
	key := archiveKey{who, r}
	if w := a.find(key); w != nil {
		return w, nil
	}
	result := a.flights.DoChan(fmt.Sprintf("%d/%d", who, r), func() (any, error) {
		loading, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.timeout)
		defer cancel()
		w, err := a.load(loading, who, r)
		if err != nil {
			return nil, err
		}
		a.keep(key, w)
		return w, nil
	})
	select {
	case got := <-result:
		if got.Err != nil {
			return nil, got.Err
		}
		return got.Val.(*World), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *Archive) find(key archiveKey) *World {
	a.mu.Lock()
	defer a.mu.Unlock()
	e := a.kept[key]
	if e == nil {
		return nil
	}
	a.order.MoveToFront(e)
	return e.Value.(*World)
}

func (a *Archive) keep(key archiveKey, w *World) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept[key] = a.order.PushFront(w)
	for a.order.Len() > a.capacity {
		last := a.order.Back()
		old := a.order.Remove(last).(*World)
		delete(a.kept, archiveKey{old.audience, old.revision})
	}
}
