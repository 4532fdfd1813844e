package cch

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
)

// Limits of a hierarchy. MaxInputArcs keeps twice an arc number in an int32.
// MaxArcs bounds what a bad order may cost: with a fair one a road network has
// four to ten upward arcs a node.
const (
	MaxInputArcs = 1 << 29
	MaxArcs      = 1 << 27
)

// ErrTooLarge is wrapped by the errors of Build about its limits.
var ErrTooLarge = errors.New("graph too large for the hierarchy")

// Hierarchy is a graph contracted in a given order, without weights: the
// chordal completion of the graph and its elimination tree. It never changes
// and may be shared by any number of goroutines.
//
// Inside, nodes go by their rank. The rank is the place in a post-order of the
// elimination tree, which contracts to the same arcs as the given order but
// makes every subtree a run of ranks.
type Hierarchy struct {
	rank   []int32 // by node
	node   []int32 // by rank
	parent []int32 // by rank, in the elimination tree; -1 for roots

	// Upward arcs, sorted by tail and then by head. Arc a leads from rank
	// tail[a] to the higher rank head[a]; those of u are first[u]..first[u+1].
	first, head, tail []int32

	// The same arcs by their upper end: downArc[downFirst[v]:downFirst[v+1]]
	// are the arcs into v, and downTail their tails, ascending.
	downFirst, downTail, downArc []int32

	// Input arcs, sorted by the lower of their ends and then by number. The
	// place p of input arc i is inputPlace[i], and inputArc[p] is i again.
	// feed[p] is twice the upward arc it stands on, plus 1 when it leads down;
	// for loops, which feed nothing, it is ^rank.
	inputFirst, inputArc, inputPlace, feed []int32

	work    []uint32 // by rank: arcs and lower triangles of its upward arcs
	allWork int64

	patches sync.Pool // of *patch, scratch of partial customization
}

// Build contracts the graph of the given directed arcs in the given order.
// Parallel arcs and loops are allowed. It returns an error for an end that is
// no node, an order that is no permutation of the nodes, and a result beyond
// MaxArcs.
func Build(nodes int, tail, head []int32, o Order) (*Hierarchy, error) {
	if nodes < 0 || nodes >= math.MaxInt32 || len(tail) > MaxInputArcs {
		return nil, fmt.Errorf("%w: %d nodes, %d arcs", ErrTooLarge, nodes, len(tail))
	}
	if len(tail) != len(head) {
		return nil, fmt.Errorf("%d tails and %d heads of arcs", len(tail), len(head))
	}
	for i := range tail {
		if tail[i] < 0 || int(tail[i]) >= nodes || head[i] < 0 || int(head[i]) >= nodes {
			return nil, fmt.Errorf("arc %d from %d to %d: there are %d nodes", i, tail[i], head[i], nodes)
		}
	}
	if err := o.Check(nodes); err != nil {
		return nil, err
	}
	h := &Hierarchy{rank: make([]int32, nodes), node: make([]int32, nodes), parent: make([]int32, nodes)}
	for rank, node := range o {
		h.rank[node] = int32(rank)
	}
	first, lower := lowerNeighbours(h.rank, tail, head)
	parent := eliminationTree(first, lower)
	number := postOrder(parent)
	for node, rank := range h.rank {
		h.rank[node] = number[rank]
		h.node[number[rank]] = int32(node)
	}
	for rank, p := range parent {
		if p >= 0 {
			p = number[p]
		}
		h.parent[number[rank]] = p
	}
	first, lower = lowerNeighbours(h.rank, tail, head)
	if err := h.complete(first, lower); err != nil {
		return nil, err
	}
	h.attach(tail, head)
	return h, nil
}

// lowerNeighbours lists for each rank the lower ends of its arcs, both ways,
// without loops; parallel arcs stay.
func lowerNeighbours(rank, tail, head []int32) (first, lower []int32) {
	first = make([]int32, len(rank)+1)
	for i := range tail {
		if a, b := rank[tail[i]], rank[head[i]]; a != b {
			first[max(a, b)+1]++
		}
	}
	for r := range rank {
		first[r+1] += first[r]
	}
	lower = make([]int32, first[len(rank)])
	at := slices.Clone(first)
	for i := range tail {
		if a, b := rank[tail[i]], rank[head[i]]; a != b {
			lower[at[max(a, b)]] = min(a, b)
			at[max(a, b)]++
		}
	}
	return first, lower
}

// complete lists the upward arcs: those of the graph, and those of the children
// in the elimination tree, which contraction hands on to their parent.
func (h *Hierarchy) complete(lowerFirst, lower []int32) error {
	n := len(h.rank)
	upperFirst := make([]int32, n+1)
	for _, x := range lower {
		upperFirst[x+1]++
	}
	for u := range n {
		upperFirst[u+1] += upperFirst[u]
	}
	upper, at := make([]int32, len(lower)), slices.Clone(upperFirst)
	for v := range n {
		for _, x := range lower[lowerFirst[v]:lowerFirst[v+1]] {
			upper[at[x]] = int32(v)
			at[x]++
		}
	}
	lastChild, sibling, seen := make([]int32, n), make([]int32, n), make([]int32, n)
	for u := range n {
		lastChild[u], seen[u] = -1, -1
	}
	h.first = make([]int32, n+1)
	heads := make([]int32, 0, 4*n)
	for u := range int32(n) {
		for _, v := range upper[upperFirst[u]:upperFirst[u+1]] {
			if seen[v] != u {
				seen[v] = u
				heads = append(heads, v)
			}
		}
		for c := lastChild[u]; c >= 0; c = sibling[c] {
			for _, v := range heads[h.first[c]:h.first[c+1]] {
				if v != u && seen[v] != u {
					seen[v] = u
					heads = append(heads, v)
				}
			}
		}
		if len(heads) > MaxArcs {
			return fmt.Errorf("%w: over %d arcs in this order", ErrTooLarge, MaxArcs)
		}
		h.first[u+1] = int32(len(heads))
		if p := h.parent[u]; p >= 0 {
			sibling[u], lastChild[p] = lastChild[p], u
		}
	}
	h.sort(heads)
	return nil
}

// sort turns the lists of heads around twice, which sorts them, and numbers the
// arcs.
func (h *Hierarchy) sort(heads []int32) {
	n := len(h.rank)
	h.downFirst = make([]int32, n+1)
	for _, v := range heads {
		h.downFirst[v+1]++
	}
	for v := range n {
		h.downFirst[v+1] += h.downFirst[v]
	}
	at := slices.Clone(h.downFirst)
	h.downTail, h.downArc = make([]int32, len(heads)), make([]int32, len(heads))
	for u := range int32(n) {
		for _, v := range heads[h.first[u]:h.first[u+1]] {
			h.downTail[at[v]] = u
			at[v]++
		}
	}
	copy(at, h.first)
	h.head, h.tail = heads, make([]int32, len(heads))
	for v := range int32(n) {
		for i := h.downFirst[v]; i < h.downFirst[v+1]; i++ {
			u := h.downTail[i]
			a := at[u]
			at[u]++
			h.head[a], h.tail[a], h.downArc[i] = v, u, a
		}
	}
	h.work = make([]uint32, n)
	for u := range int32(n) {
		work := int64(h.first[u+1] - h.first[u])
		for i := h.downFirst[u]; i < h.downFirst[u+1]; i++ {
			work += int64(h.first[h.downTail[i]+1] - h.downArc[i])
		}
		h.work[u] = uint32(min(work, math.MaxUint32))
		h.allWork += work
	}
}

// attach finds the upward arc that each input arc feeds.
func (h *Hierarchy) attach(tail, head []int32) {
	n := len(h.rank)
	h.inputFirst = make([]int32, n+1)
	for i := range tail {
		h.inputFirst[min(h.rank[tail[i]], h.rank[head[i]])+1]++
	}
	for u := range n {
		h.inputFirst[u+1] += h.inputFirst[u]
	}
	at := slices.Clone(h.inputFirst)
	h.inputArc, h.inputPlace, h.feed = make([]int32, len(tail)), make([]int32, len(tail)), make([]int32, len(tail))
	for i := range tail {
		a, b := h.rank[tail[i]], h.rank[head[i]]
		u := min(a, b)
		p := at[u]
		at[u]++
		h.inputArc[p], h.inputPlace[i] = int32(i), p
		switch {
		case a < b:
			h.feed[p] = 2 * h.arc(a, b)
		case a > b:
			h.feed[p] = 2*h.arc(b, a) + 1
		default:
			h.feed[p] = ^a
		}
	}
}

// arc finds the upward arc from u to v, which must exist.
func (h *Hierarchy) arc(u, v int32) int32 {
	i, _ := slices.BinarySearch(h.head[h.first[u]:h.first[u+1]], v)
	return h.first[u] + int32(i)
}

// Nodes is the number of nodes.
func (h *Hierarchy) Nodes() int { return len(h.rank) }

// InputArcs is the number of arcs given to Build.
func (h *Hierarchy) InputArcs() int { return len(h.inputArc) }

// Arcs is the number of upward arcs: the measure of the order's quality, and of
// the cost of all that is done with it.
func (h *Hierarchy) Arcs() int { return len(h.head) }
