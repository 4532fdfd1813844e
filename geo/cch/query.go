package cch

import "slices"

// Seed is a place where a search starts or ends: a node, and what it costs to
// get from the start to the node or from the node to the end.
type Seed struct {
	Node int32
	Cost uint32
}

// Query is the scratch of searches in one hierarchy, for one goroutine at a
// time. After the first of its kind a search allocates nothing but what it
// appends to.
type Query struct {
	h        *Hierarchy
	from, to ladder
	seen     []uint8 // by rank: sides whose ladder has it

	// Of the last Run.
	metric *Metric
	cost   uint32
	meet   int32 // highest rank of the path, -1 for none

	stack []int32  // of unpacking
	dist  []uint32 // of sweeps, by rank; of tables, by place among the targets
}

const (
	seenFrom = 1 << iota
	seenTo
)

// ladder is one side of a search: the seeds' nodes and their ancestors in the
// elimination tree, which are all that a search upwards can reach.
type ladder struct {
	side  uint8
	ranks []int32  // ascending
	dist  []uint32 // by rank; Infinity for all that are not on the ladder
	// came is by rank the arc over which the node was reached, or ^i for seed i.
	came []int32
}

// NewQuery makes a query for metrics of this hierarchy.
func (h *Hierarchy) NewQuery() *Query {
	n := len(h.rank)
	q := &Query{h: h, meet: -1, cost: Infinity, seen: make([]uint8, n)}
	for side, l := range []*ladder{&q.from, &q.to} {
		l.side = 1 << side
		l.dist, l.came = make([]uint32, n), make([]int32, n)
		for i := range l.dist {
			l.dist[i] = Infinity
		}
	}
	return q
}

// Run finds the least cost from any of the one to any of the other seeds, and
// whether there is a way at all. Seeds that name no node or cost Infinity are
// passed over; among equal ones the first counts. A metric of another hierarchy
// has no way.
func (q *Query) Run(m *Metric, from, to []Seed) (cost uint32, ok bool) {
	q.from.clear(q)
	q.to.clear(q)
	q.metric, q.cost, q.meet = m, Infinity, -1
	if m == nil || m.h != q.h {
		return Infinity, false
	}
	q.from.climb(q, from)
	q.to.climb(q, to)
	for _, u := range q.from.ranks {
		if q.seen[u] == seenFrom {
			q.from.relax(q.h, u, m.up[u>>blockShift])
		}
	}
	for _, u := range q.to.ranks {
		if q.seen[u] == seenTo {
			q.to.relax(q.h, u, m.down[u>>blockShift])
		}
	}
	// Ancestors of both sides come after all others, and all that lies above
	// one is one too. A node that is dearer than the best way is no use.
	for _, u := range q.from.ranks {
		if q.seen[u] != seenFrom|seenTo {
			continue
		}
		there, back := q.from.dist[u], q.to.dist[u]
		if there+back < q.cost {
			q.cost, q.meet = there+back, u
		}
		if there < q.cost {
			q.from.relax(q.h, u, m.up[u>>blockShift])
		}
		if back < q.cost {
			q.to.relax(q.h, u, m.down[u>>blockShift])
		}
	}
	return q.cost, q.meet >= 0
}

// clear takes back what the last search wrote.
func (l *ladder) clear(q *Query) {
	for _, u := range l.ranks {
		l.dist[u] = Infinity
		q.seen[u] = 0
	}
	l.ranks = l.ranks[:0]
}

// climb puts the seeds and their ancestors on the ladder. Each seed adds an
// ascending run of ranks that ends below one already there.
func (l *ladder) climb(q *Query, seeds []Seed) {
	h := q.h
	for i, seed := range seeds {
		if seed.Node < 0 || int(seed.Node) >= len(h.rank) {
			continue
		}
		u := h.rank[seed.Node]
		if seed.Cost >= l.dist[u] {
			continue
		}
		l.dist[u], l.came[u] = seed.Cost, ^int32(i)
		old := len(l.ranks)
		for ; u >= 0 && q.seen[u]&l.side == 0; u = h.parent[u] {
			q.seen[u] |= l.side
			l.ranks = append(l.ranks, u)
		}
		if old > 0 && old < len(l.ranks) && len(seeds) <= 32 {
			q.stack = mergeTail(l.ranks, old, q.stack)
		}
	}
	if len(seeds) > 32 {
		slices.Sort(l.ranks)
	}
}

// mergeTail sorts a list of two ascending runs, the second of which begins at
// the given place, with the help of a buffer, which it returns.
func mergeTail(list []int32, at int, buffer []int32) []int32 {
	buffer = append(buffer[:0], list[at:]...)
	i, j := at-1, len(buffer)-1
	for k := len(list) - 1; j >= 0; k-- {
		if i >= 0 && list[i] > buffer[j] {
			list[k] = list[i]
			i--
		} else {
			list[k] = buffer[j]
			j--
		}
	}
	return buffer[:0]
}

// relax goes over the upward arcs of u with the weights of its block.
func (l *ladder) relax(h *Hierarchy, u int32, block []uint32) {
	d := l.dist[u]
	if d == Infinity {
		return
	}
	lo, hi, base := h.first[u], h.first[u+1], h.first[u&^blockMask]
	heads := h.head[lo:hi]
	weights := block[lo-base : hi-base]
	weights = weights[:len(heads)]
	for k, v := range heads {
		if t := d + weights[k]; t < l.dist[v] {
			l.dist[v], l.came[v] = t, lo+int32(k)
		}
	}
}
