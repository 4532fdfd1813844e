package passage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"math"
	"sync"
	"sync/atomic"

	"pasaj/geo/cch"
	"pasaj/geo/road"
)

// networkKey tells networks apart: graphs are built once and shared.
type networkKey = *road.Graph

// networkEntry is a network in an engine.
type networkEntry struct {
	roads     *roads
	topology  *road.Topology
	firstArc  []int32 // the arcs of edge i are arcs[firstArc[i]:firstArc[i+1]]
	arcs      []int32 // of the topology
	hierarchy atomic.Pointer[cch.Hierarchy]
	ready     chan struct{} // closed when the hierarchy was made, or could not be
	queries   sync.Pool     // of *cch.Query
	kept      *keep         // for enquiries
}

// maxNetworks bounds the networks that an engine holds: the one in use and one
// that is being replaced, for the worlds of the past.
const maxNetworks = 4

// network finds what the engine holds of a network, nil without one. The order
// of a small network is waited for.
func (e *Engine) network(ctx context.Context, g *road.Graph) *networkEntry {
	if g == nil || g.Len() == 0 {
		return nil
	}
	e.mu.Lock()
	n := e.roads[g]
	if n == nil {
		for key := range e.roads {
			if len(e.roads) >= maxNetworks {
				e.forget(key)
			}
		}
		n = &networkEntry{topology: g.Topology(), ready: make(chan struct{}), kept: newKeep()}
		n.roads = newRoads(g)
		n.index()
		e.roads[g] = n
		go e.order(context.WithoutCancel(ctx), n)
	}
	e.mu.Unlock()
	if n.hierarchy.Load() == nil && n.topology.Nodes() < e.options.Background {
		select {
		case <-n.ready:
		case <-ctx.Done():
		}
	}
	return n
}

// forget drops a network with all that was made on it. The lock is held.
func (e *Engine) forget(g *road.Graph) {
	n := e.roads[g]
	delete(e.roads, g)
	kept := e.grounds[:0]
	for _, ground := range e.grounds {
		if ground.roads != n.roads {
			kept = append(kept, ground)
		}
	}
	clear(e.grounds[len(kept):])
	e.grounds = kept
	for key := range e.metrics {
		if key.ground.roads == n.roads {
			delete(e.metrics, key)
		}
	}
	for key := range e.callers {
		if key.net == n {
			delete(e.callers, key)
		}
	}
}

// index lists the arcs of each edge.
func (n *networkEntry) index() {
	edges := n.roads.graph.Len()
	n.firstArc = make([]int32, edges+1)
	for _, arc := range n.topology.Arc {
		n.firstArc[arc>>1+1]++
	}
	for i := range edges {
		n.firstArc[i+1] += n.firstArc[i]
	}
	n.arcs = make([]int32, len(n.topology.Arc))
	next := append([]int32(nil), n.firstArc[:edges]...)
	for i, arc := range n.topology.Arc {
		n.arcs[next[arc>>1]] = int32(i)
		next[arc>>1]++
	}
}

// of lists the arcs of an edge.
func (n *networkEntry) of(edge int32) []int32 { return n.arcs[n.firstArc[edge]:n.firstArc[edge+1]] }

// order loads or computes the order of a network and builds its hierarchy.
func (e *Engine) order(ctx context.Context, n *networkEntry) {
	defer close(n.ready)
	firstOut, head, at := n.roads.graph.Undirected()
	id, digest := n.roads.graph.Network().ID, digestOf(firstOut, head, at)
	build := func(o cch.Order) bool {
		h, err := cch.Build(n.topology.Nodes(), n.topology.Tail, n.topology.Head, o)
		if err != nil {
			e.options.Failed(err)
			return false
		}
		n.queries.New = func() any { return h.NewQuery() }
		n.hierarchy.Store(h)
		return true
	}
	if e.options.Orders != nil {
		raw, err := e.options.Orders.Order(ctx, id, digest)
		if err != nil {
			e.options.Failed(err)
		}
		if raw != nil {
			if o, err := cch.ParseOrder(raw); err != nil {
				e.options.Failed(err)
			} else if build(o) {
				return
			}
		}
	}
	o, err := cch.NestedDissection(ctx, firstOut, head, at)
	if err != nil {
		e.options.Failed(err)
		return
	}
	if !build(o) || e.options.Orders == nil {
		return
	}
	raw, err := o.AppendBinary(nil)
	if err == nil {
		err = e.options.Orders.SaveOrder(ctx, id, digest, raw)
	}
	if err != nil {
		e.options.Failed(err)
	}
}

// digestOf is the SHA-256 of a topology: an order is good for this one only.
func digestOf(firstOut, head []int32, at [][2]float64) (out [32]byte) {
	h := sha256.New()
	buffer := make([]byte, 0, 1<<16)
	flush := func(most int) {
		if len(buffer) > most {
			h.Write(buffer)
			buffer = buffer[:0]
		}
	}
	for _, list := range [][]int32{firstOut, head} {
		buffer = binary.LittleEndian.AppendUint32(buffer, uint32(len(list)))
		for _, v := range list {
			buffer = binary.LittleEndian.AppendUint32(buffer, uint32(v))
			flush(1<<16 - 16)
		}
	}
	for _, p := range at {
		buffer = binary.LittleEndian.AppendUint64(buffer, math.Float64bits(p[0]))
		buffer = binary.LittleEndian.AppendUint64(buffer, math.Float64bits(p[1]))
		flush(1<<16 - 16)
	}
	flush(0)
	copy(out[:], h.Sum(nil))
	return out
}
