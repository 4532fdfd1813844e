package passage

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"pasaj/geo/cch"
)

// metricKey tells metrics apart: the ground and phase they price, for whom, and
// how. The hour counts for the kinds with risk, which changes with the hour.
type metricKey struct {
	ground           *ground
	phase            *phase
	vehicle, profile string
	kind             kind
	hour             int64 // since 1970; 0 for kinds without risk
}

// metricEntry is a metric with copies to edit for questions of their own.
type metricEntry struct {
	once   sync.Once
	metric *cch.Metric
	done   atomic.Bool
	used   atomic.Int64 // in the engine's count
	depart atomic.Int64 // of a question it was used for last, Unix microseconds

	editLock sync.Mutex
	edits    []*cch.Edit
}

func keyOf(q *question, k kind) metricKey {
	key := metricKey{q.ground, q.phase, q.request.Vehicle, q.request.Profile, k, 0}
	if k >= kindLambda {
		key.hour = riskInstant(q.request.DepartAt).Unix() / 3600
	}
	return key
}

// metric finds or makes a metric; use marks it as wanted by a question.
func (e *Engine) metric(net *networkEntry, key metricKey, depart time.Time, use bool) *metricEntry {
	e.mu.Lock()
	m := e.metrics[key]
	if m == nil {
		m = &metricEntry{}
		m.used.Store(e.count.Load())
		e.metrics[key] = m
		e.evictMetrics(m)
	}
	e.mu.Unlock()
	if use {
		m.used.Store(e.count.Add(1))
		m.depart.Store(depart.UnixMicro())
	}
	m.once.Do(func() {
		m.depart.CompareAndSwap(0, depart.UnixMicro())
		m.metric = e.build(net, key)
		m.done.Store(true)
	})
	return m
}

// evictMetrics drops the metrics used least lately, never the newest. The lock
// is held.
func (e *Engine) evictMetrics(newest *metricEntry) {
	for len(e.metrics) > e.options.MaxMetrics {
		var oldest metricKey
		var least *metricEntry
		for key, m := range e.metrics {
			if m != newest && (least == nil || m.used.Load() < least.used.Load()) {
				oldest, least = key, m
			}
		}
		delete(e.metrics, oldest)
	}
}

// build makes a metric: of another one for the same caller and kind where there
// is one, by the edges that differ, else from nothing.
func (e *Engine) build(net *networkEntry, key metricKey) *cch.Metric {
	h := net.hierarchy.Load()
	p := newPricing(e.caller(net, key.vehicle, key.profile), key.phase, key.kind)
	if key.kind >= kindLambda {
		p.risks = key.ground.risksOf(p.caller, time.Unix(key.hour*3600, 0).UTC())
	}
	if like, from := e.likest(key); like != nil {
		if edges := differing(key, from); len(edges) < net.roads.graph.Len()/4 {
			return e.derive(net, &p, key.ground, like, edges)
		}
	}
	return h.Customize(e.weights(net, &p, key.ground), e.options.Threads)
}

// likest finds a metric for the same caller, kind and hour on the same network:
// the one whose ground differs on the fewest pages, and of those the one used
// last.
func (e *Engine) likest(key metricKey) (*cch.Metric, metricKey) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var best *metricEntry
	var from metricKey
	fewest := 0
	for other, m := range e.metrics {
		if other.vehicle != key.vehicle || other.profile != key.profile || other.kind != key.kind || other.hour != key.hour ||
			other.ground.roads != key.ground.roads || !m.done.Load() {
			continue
		}
		pages := 0
		for i, p := range key.ground.pages {
			if p != other.ground.pages[i] {
				pages++
			}
		}
		if best == nil || pages < fewest || pages == fewest && m.used.Load() > best.used.Load() {
			best, from, fewest = m, other, pages
		}
	}
	if best == nil {
		return nil, from
	}
	return best.metric, from
}

// differing lists the edges that may have another price in one metric than in
// another: those with another survey, and those of obstacles shut for long in
// only one of the two.
func differing(a, b metricKey) []int32 {
	edges := a.ground.differing(b.ground)
	for _, pair := range [][2]*phase{{a.phase, b.phase}, {b.phase, a.phase}} {
		for _, o := range pair[0].shut {
			if !pair[1].holds(o) {
				edges = append(edges, o.edges...)
			}
		}
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// derive makes a metric of another by new prices for some edges.
func (e *Engine) derive(net *networkEntry, p *pricing, g *ground, like *cch.Metric, edges []int32) *cch.Metric {
	var arcs []int32
	var weights []uint32
	for _, edge := range edges {
		arcs, weights = net.reprice(like, edge, p.whole(net.roads, g.on(int(edge)), int(edge)), arcs, weights)
	}
	if len(arcs) == 0 {
		return like
	}
	return like.With(arcs, weights)
}

// reprice appends the arcs of an edge with a price, unless they have it.
func (n *networkEntry) reprice(m *cch.Metric, edge int32, price uint32, arcs []int32, weights []uint32) ([]int32, []uint32) {
	for _, arc := range n.of(edge) {
		if m.Weight(arc) != price {
			arcs, weights = append(arcs, arc), append(weights, price)
		}
	}
	return arcs, weights
}

// whole is the price of a whole edge, in either direction.
func (p *pricing) whole(r *roads, s *survey, edge int) uint32 {
	e := r.graph.Edge(edge)
	return p.price(s, e.Class, p.caller.pace(r, edge), span{0, e.LengthM})
}

// weights prices every arc.
func (e *Engine) weights(net *networkEntry, p *pricing, g *ground) []uint32 {
	edges := net.roads.graph.Len()
	prices := make([]uint32, edges)
	parallel(edges, e.options.Threads, func(i int) { prices[i] = p.whole(net.roads, g.on(i), i) })
	out := make([]uint32, len(net.topology.Arc))
	for i, arc := range net.topology.Arc {
		out[i] = prices[arc>>1]
	}
	return out
}

// maxEdits bounds the copies kept for each metric.
const maxEdits = 4

// edit lends a copy of the metric that can be changed. Give it back with done.
func (m *metricEntry) edit() *cch.Edit {
	m.editLock.Lock()
	defer m.editLock.Unlock()
	if n := len(m.edits); n > 0 {
		e := m.edits[n-1]
		m.edits = m.edits[:n-1]
		return e
	}
	return m.metric.Edit()
}

func (m *metricEntry) giveBack(e *cch.Edit) {
	e.Reset()
	m.editLock.Lock()
	defer m.editLock.Unlock()
	if len(m.edits) < maxEdits {
		m.edits = append(m.edits, e)
	}
}
