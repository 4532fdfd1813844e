package isolation

import (
	"context"
	"math"
	"slices"

	"pasaj/geo"
	"pasaj/geo/road"
)

// Infinity is the time of an arc that no clearing opens, in deciseconds.
const Infinity uint32 = 1<<31 - 1

// Arcs is a directed graph whose arcs belong to edges.
type Arcs struct {
	Nodes            int
	Tail, Head, Edge []int32

	firstOut, order []int32
}

// ArcsOf takes the lawful arcs of a network, turn restrictions and one-way
// rules included.
func ArcsOf(t *road.Topology) (*Arcs, error) {
	edge := make([]int32, len(t.Arc))
	for i, arc := range t.Arc {
		edge[i] = arc >> 1
	}
	return NewArcs(t.Nodes(), t.Tail, t.Head, edge)
}

// NewArcs makes a directed graph. The slices are kept and must not change.
func NewArcs(nodes int, tail, head, edge []int32) (*Arcs, error) {
	if nodes < 0 || len(tail) != len(head) || len(tail) != len(edge) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "arcs with %d tails, %d heads and %d edges", len(tail), len(head), len(edge))
	}
	a := &Arcs{Nodes: nodes, Tail: tail, Head: head, Edge: edge, firstOut: make([]int32, nodes+1), order: make([]int32, len(tail))}
	for i := range tail {
		if tail[i] < 0 || int(tail[i]) >= nodes || head[i] < 0 || int(head[i]) >= nodes || edge[i] < 0 {
			return nil, geo.Errorf(geo.CodeInvalid, "", "arc %d lies outside the graph", i)
		}
		a.firstOut[tail[i]+1]++
	}
	for n := range nodes {
		a.firstOut[n+1] += a.firstOut[n]
	}
	next := slices.Clone(a.firstOut)
	for i := range tail {
		a.order[next[tail[i]]] = int32(i)
		next[tail[i]]++
	}
	return a, nil
}

// Toll is the price of a way: first the blockages to clear, or their weights,
// then the time in deciseconds.
type Toll struct{ Blocks, Deciseconds uint64 }

// Less compares the blockages first.
func (t Toll) Less(o Toll) bool {
	return t.Blocks < o.Blocks || t.Blocks == o.Blocks && t.Deciseconds < o.Deciseconds
}

func (t Toll) plus(blocks, deciseconds uint32) Toll {
	return Toll{t.Blocks + uint64(blocks), t.Deciseconds + uint64(deciseconds)}
}

// Seed is a node that a way may begin or end at, with the price of getting
// there from the place itself.
type Seed struct {
	Node                int32
	Blocks, Deciseconds uint32
}

// Way is a way with the fewest blockages and, among those, the fastest.
type Way struct {
	Toll
	Arcs     []int32 // in order
	From, To int     // which seeds
}

// FewestBlocks finds the way with the fewest blockages and among those the
// fastest, by Dijkstra's algorithm on lexicographic prices. blocks and
// deciseconds are by edge; an edge of Infinity deciseconds cannot be used. It
// counts a blockage for each edge it stands on, so it gives the smallest set of
// blockages where each stands on one edge; for others see Quotient.Clear. It
// reports false when there is no way.
func FewestBlocks(ctx context.Context, a *Arcs, blocks, deciseconds []uint32, from, to []Seed) (Way, bool, error) {
	for _, edge := range a.Edge {
		if int(edge) >= len(blocks) || int(edge) >= len(deciseconds) {
			return Way{}, false, geo.Errorf(geo.CodeInvalid, "", "blocks of %d and times of %d edges do not reach edge %d", len(blocks), len(deciseconds), edge)
		}
	}
	for _, seed := range slices.Concat(from, to) {
		if seed.Node < 0 || int(seed.Node) >= a.Nodes {
			return Way{}, false, geo.Errorf(geo.CodeInvalid, "", "there is no node %d", seed.Node)
		}
	}
	none := Toll{math.MaxUint64, math.MaxUint64}
	best, via, begin := make([]Toll, a.Nodes), make([]int32, a.Nodes), make([]int, a.Nodes)
	for n := range best {
		best[n], via[n] = none, -1
	}
	queue := heap[Toll]{less: func(a, b item[Toll]) bool {
		return a.key.Less(b.key) || a.key == b.key && a.value < b.value
	}}
	for k, seed := range from {
		if start := (Toll{}).plus(seed.Blocks, seed.Deciseconds); seed.Deciseconds < Infinity && start.Less(best[seed.Node]) {
			best[seed.Node], begin[seed.Node] = start, k
			queue.push(start, seed.Node)
		}
	}
	ends := map[int32][]int{}
	for k, seed := range to {
		if seed.Deciseconds < Infinity {
			ends[seed.Node] = append(ends[seed.Node], k)
		}
	}
	way, end := Way{Toll: none}, int32(-1)
	pulse := pulse{ctx: ctx}
	for len(queue.items) > 0 {
		if err := pulse.beat(); err != nil {
			return Way{}, false, err
		}
		top := queue.pop()
		n := top.value
		if best[n].Less(top.key) {
			continue
		}
		if !top.key.Less(way.Toll) {
			break
		}
		for _, k := range ends[n] {
			if whole := top.key.plus(to[k].Blocks, to[k].Deciseconds); whole.Less(way.Toll) {
				way.Toll, way.To, end = whole, k, n
			}
		}
		for _, arc := range a.order[a.firstOut[n]:a.firstOut[n+1]] {
			edge := a.Edge[arc]
			if deciseconds[edge] >= Infinity {
				continue
			}
			if price := top.key.plus(blocks[edge], deciseconds[edge]); price.Less(best[a.Head[arc]]) {
				best[a.Head[arc]], via[a.Head[arc]] = price, arc
				queue.push(price, a.Head[arc])
			}
		}
	}
	if end < 0 {
		return Way{}, false, ctx.Err()
	}
	n := end
	for via[n] >= 0 {
		way.Arcs = append(way.Arcs, via[n])
		n = a.Tail[via[n]]
	}
	slices.Reverse(way.Arcs)
	way.From = begin[n]
	return way, true, nil
}
