package api

import (
	"container/list"
	"context"
	"fmt"
	"sync"

	"github.com/paulmach/orb/maptile"
	"golang.org/x/sync/singleflight"

	"pasaj/geo"
)

// tileKey names one state of one tile; nothing ever makes an entry wrong.
type tileKey struct {
	layer    *geo.Layer
	tile     maptile.Tile
	audience geo.Audience
	revision geo.Revision
	datetime string
}

// tileOverhead is what an entry takes beside its bytes, roughly.
const tileOverhead = 200

// tileCache keeps the compressed tiles used last, within a bound of bytes.
type tileCache struct {
	most    int
	flights singleflight.Group
	mu      sync.Mutex
	bytes   int
	order   *list.List // of *keptTile, the last used in front
	kept    map[tileKey]*list.Element
}

type keptTile struct {
	key    tileKey
	packed []byte // nil for an empty tile
}

func newTileCache(most int) *tileCache {
	return &tileCache{most: most, order: list.New(), kept: map[tileKey]*list.Element{}}
}

func (t *tileCache) get(key tileKey, draw func() ([]byte, error)) ([]byte, error) {
	if packed, ok := t.find(key); ok {
		return packed, nil
	}
	name := fmt.Sprintf("%s/%d/%d/%d/%d/%d/%s", key.layer.Name, key.tile.Z, key.tile.X, key.tile.Y, key.audience, key.revision, key.datetime)
	drawn, err, _ := t.flights.Do(name, func() (any, error) {
		packed, err := draw()
		if err == nil {
			t.keep(key, packed)
		}
		return packed, err
	})
	if err != nil {
		return nil, err
	}
	return drawn.([]byte), nil
}

func (t *tileCache) find(key tileKey) ([]byte, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.kept[key]
	if e == nil {
		return nil, false
	}
	t.order.MoveToFront(e)
	return e.Value.(*keptTile).packed, true
}

func (t *tileCache) keep(key tileKey, packed []byte) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.kept[key] != nil {
		return
	}
	t.kept[key] = t.order.PushFront(&keptTile{key, packed})
	t.bytes += len(packed) + tileOverhead
	for t.bytes > t.most && t.order.Len() > 0 {
		old := t.order.Remove(t.order.Back()).(*keptTile)
		delete(t.kept, old.key)
		t.bytes -= len(old.packed) + tileOverhead
	}
}

// answerBytes bounds the memory of a cache of answers: that of every area in
// every indicator has several megabytes.
const answerBytes = 64 << 20

// answerOverhead is what a kept answer takes beside its bytes, roughly.
const answerOverhead = 400

// answerCache keeps finished answers by a key that names all they depend on,
// within bounds of their number and of bytes.
type answerCache struct {
	most      int
	mostBytes int
	flights   singleflight.Group
	mu        sync.Mutex
	bytes     int
	order     *list.List // of *keptAnswer, the last used in front
	kept      map[string]*list.Element
}

type keptAnswer struct {
	key  string
	body []byte
}

func (k *keptAnswer) bytes() int { return len(k.key) + len(k.body) + answerOverhead }

func newAnswerCache(most int) *answerCache {
	return &answerCache{most: most, mostBytes: answerBytes, order: list.New(), kept: map[string]*list.Element{}}
}

// get gives the kept answer or makes it. Callers that ask for the same at a
// time share one making, which goes on when one of them gives up.
func (a *answerCache) get(ctx context.Context, key string, make func(context.Context) ([]byte, error)) ([]byte, error) {
	a.mu.Lock()
	if e := a.kept[key]; e != nil {
		a.order.MoveToFront(e)
		body := e.Value.(*keptAnswer).body
		a.mu.Unlock()
		return body, nil
	}
	a.mu.Unlock()
	result := a.flights.DoChan(key, func() (any, error) {
		making, cancel := context.WithTimeout(context.WithoutCancel(ctx), exchangeTime/2)
		defer cancel()
		body, err := make(making)
		if err == nil {
			a.keep(key, body)
		}
		return body, err
	})
	select {
	case got := <-result:
		if got.Err != nil {
			return nil, got.Err
		}
		return got.Val.([]byte), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (a *answerCache) keep(key string, body []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	one := &keptAnswer{key, body}
	if a.kept[key] != nil || one.bytes() > a.mostBytes {
		return
	}
	a.kept[key] = a.order.PushFront(one)
	a.bytes += one.bytes()
	for a.order.Len() > a.most || a.bytes > a.mostBytes {
		old := a.order.Remove(a.order.Back()).(*keptAnswer)
		delete(a.kept, old.key)
		a.bytes -= old.bytes()
	}
}
