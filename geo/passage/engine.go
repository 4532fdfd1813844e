package passage

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pasaj/geo"
	"pasaj/geo/hazard"
	"pasaj/geo/world"
)

// Engine answers requests from worlds, like Find and with the same answers, out
// of what it keeps: the order and the hierarchy of each network, the ground of
// each world, and the metric of each kind of question. It keeps nothing of a
// request but the instant whose facts were asked for.
//
// It may be used by any number of goroutines. What it hands out between its
// parts does not change; the caches are bounded.
type Engine struct {
	options EngineOptions
	count   atomic.Int64 // of answers, for what is used least

	drawings drawings

	mu        sync.Mutex
	roads     map[networkKey]*networkEntry
	grounds   []*ground // of any audience
	metrics   map[metricKey]*metricEntry
	callers   map[callerKey]*caller
	making    map[groundKey]*groundEntry
	refreshed int64 // count at the last two refreshes
	before    int64
}

// EngineOptions are the bounds and helpers of an engine. The zero value is
// good.
type EngineOptions struct {
	Orders     Orders         // nil: orders are computed anew at each start
	Policy     *hazard.Policy // nil: hazard.Default; must not change any more
	Threads    int            // for surveys and customization; 0: all there are
	MaxMetrics int            // kept at a time; 0: 24
	MaxGrounds int            // kept at a time; 0: 12
	// Background is the number of nodes from which a network without a stored
	// order is answered by Dijkstra's algorithm while the order is computed;
	// 0: 20000.
	Background int
	// Failed is told of orders that could not be loaded, computed or saved. nil:
	// nobody is.
	Failed func(error)
}

// Orders keeps orders of networks between starts. An order belongs to the
// network's id and the digest of its topology. Order returns nil without an
// error where there is none.
type Orders interface {
	Order(ctx context.Context, networkID string, digest [32]byte) ([]byte, error)
	SaveOrder(ctx context.Context, networkID string, digest [32]byte, ranks []byte) error
}

// NewEngine makes an engine that has seen nothing yet.
func NewEngine(o EngineOptions) *Engine {
	if o.Policy == nil {
		o.Policy = hazard.Default()
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	if o.MaxMetrics <= 0 {
		o.MaxMetrics = 24
	}
	if o.MaxGrounds <= 0 {
		o.MaxGrounds = 12
	}
	if o.Background <= 0 {
		o.Background = 20_000
	}
	if o.Failed == nil {
		o.Failed = func(error) {}
	}
	return &Engine{
		options: o, roads: map[networkKey]*networkEntry{}, metrics: map[metricKey]*metricEntry{}, callers: map[callerKey]*caller{},
		making: map[groundKey]*groundEntry{},
	}
}

// Find answers a request from what the world holds; see the function Find for
// the answer and its errors. While the order of a new, large network is
// computed, ways are searched for by Dijkstra's algorithm, and the error is of
// code unavailable where one would take too long.
func (e *Engine) Find(ctx context.Context, w *world.World, r Request) (*Answer, error) {
	q, s, err := e.question(ctx, w, &r)
	if err != nil {
		return nil, err
	}
	return q.answer(ctx, s)
}

// Prepare loads or computes the order of a world's network and waits for it, and
// reads the world's ground: what takes long on a first question. The error is
// the context's.
func (e *Engine) Prepare(ctx context.Context, w *world.World) error {
	net := e.network(ctx, w.Network())
	if net != nil {
		select {
		case <-net.ready:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	e.ground(w, net, w.At())
	return nil
}

// Ready reports whether ways in a world's network are found fast already.
func (e *Engine) Ready(w *world.World) bool {
	g := w.Network()
	if g == nil || g.Len() == 0 {
		return true
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	net := e.roads[g]
	return net != nil && net.hierarchy.Load() != nil
}

// question prepares a request: the question it puts and the searcher to ask.
func (e *Engine) question(ctx context.Context, w *world.World, r *Request) (*question, searcher, error) {
	if err := r.check(); err != nil {
		return nil, nil, err
	}
	net := e.network(ctx, w.Network())
	g := e.ground(w, net, r.At)
	q := newQuestion(w, r, g, e.caller(net, r.Vehicle, r.Profile))
	if net == nil {
		return q, &plain{}, nil
	}
	if net.hierarchy.Load() == nil {
		return q, &plain{most: maxPlainStretches}, nil
	}
	return q, &fast{engine: e, net: net}, nil
}

// maxPlainStretches bounds a search by Dijkstra's algorithm in a network whose
// order is not there yet: some seconds.
const maxPlainStretches = 20_000_000

type callerKey struct {
	net              *networkEntry
	vehicle, profile string
}

// caller gives who asks, with paces by edge.
func (e *Engine) caller(net *networkEntry, vehicle, profile string) *caller {
	key := callerKey{net, vehicle, profile}
	e.mu.Lock()
	c := e.callers[key]
	e.mu.Unlock()
	if c != nil {
		return c
	}
	c = newCaller(e.options.Policy, vehicle, profile)
	if net != nil {
		c.paces = net.roads.pacesOf(c)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.callers[key] == nil {
		e.callers[key] = c
	}
	return e.callers[key]
}

// groundKey is what a ground in the making is made of.
type groundKey struct {
	audience geo.Audience
	roads    *roads
	layers   [layersRead]*world.Layer
	at       int64
}

// groundEntry is a ground in the making, for all who wait for it.
type groundEntry struct {
	once   sync.Once
	ground *ground
}

// ground finds the ground of a world at an instant, or makes it of the nearest
// one there is.
func (e *Engine) ground(w *world.World, net *networkEntry, at time.Time) *ground {
	var r *roads
	if net != nil {
		r = net.roads
	}
	layers := layersOf(w)
	key := groundKey{w.Audience(), r, layers, at.UnixMicro()}
	e.mu.Lock()
	var g *ground
	for _, have := range e.grounds {
		if have.audience == w.Audience() && have.roads == r && have.answers(layers, at) {
			g = have
			break
		}
	}
	var making *groundEntry
	if g == nil {
		if making = e.making[key]; making == nil {
			making = &groundEntry{}
			e.making[key] = making
		}
	}
	e.mu.Unlock()
	if g == nil {
		making.once.Do(func() {
			making.ground = newGround(w, r, at, e.former(w.Audience(), r, layers), e.options.Threads)
			making.ground.used.Store(e.count.Add(1))
			e.mu.Lock()
			defer e.mu.Unlock()
			delete(e.making, key)
			e.grounds = append(e.grounds, making.ground)
			e.evictGrounds()
		})
		g = making.ground
	}
	g.used.Store(e.count.Add(1))
	g.last.Store(at.UnixMicro())
	return g
}

// former is the ground that the next one of a world is made of: of the same
// audience and network, the one with the most layers that did not change since,
// and of those the one used last.
func (e *Engine) former(a geo.Audience, r *roads, layers [layersRead]*world.Layer) *ground {
	e.mu.Lock()
	defer e.mu.Unlock()
	var best *ground
	most := -1
	for _, g := range e.grounds {
		if g.audience != a || g.roads != r {
			continue
		}
		same := 0
		for i, s := range g.stocks() {
			if s.layer == layers[i] {
				same++
			}
		}
		if same > most || same == most && g.used.Load() > best.used.Load() {
			best, most = g, same
		}
	}
	return best
}

// evictGrounds drops the grounds used least lately, and their metrics.
func (e *Engine) evictGrounds() {
	for len(e.grounds) > e.options.MaxGrounds {
		oldest := 0
		for i, g := range e.grounds {
			if g.used.Load() < e.grounds[oldest].used.Load() {
				oldest = i
			}
		}
		gone := e.grounds[oldest]
		e.grounds = slices.Delete(e.grounds, oldest, oldest+1)
		for key := range e.metrics {
			if key.ground == gone {
				delete(e.metrics, key)
			}
		}
	}
}

// Refresh brings the metrics that were used lately up to a world that has just
// been published, so that the next questions find them ready. Questions that do
// not wait for it are answered from the new world all the same.
func (e *Engine) Refresh(ctx context.Context, w *world.World) {
	type hot struct {
		key   metricKey
		entry *metricEntry
	}
	var list []hot
	e.mu.Lock()
	since := e.before
	e.before, e.refreshed = e.refreshed, e.count.Load()
	for key, m := range e.metrics {
		if key.ground.audience == w.Audience() && m.used.Load() > since {
			list = append(list, hot{key, m})
		}
	}
	e.mu.Unlock()
	slices.SortFunc(list, func(a, b hot) int { return int(b.entry.used.Load() - a.entry.used.Load()) })
	net := e.network(ctx, w.Network())
	if net == nil || net.hierarchy.Load() == nil {
		return
	}
	done := map[metricKey]bool{}
	for _, h := range list {
		if ctx.Err() != nil {
			return
		}
		depart := time.UnixMicro(h.entry.depart.Load()).UTC()
		g := e.ground(w, net, time.UnixMicro(h.key.ground.last.Load()).UTC())
		key := metricKey{g, g.phase(depart), h.key.vehicle, h.key.profile, h.key.kind, h.key.hour}
		if !done[key] {
			done[key] = true
			e.metric(net, key, depart, false)
		}
	}
}
