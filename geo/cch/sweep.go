package cch

// Sweep computes the least cost from any of the seeds to every node: a search
// upwards, and then one pass over all arcs from the highest rank down (PHAST,
// Delling et al. 2013). The costs are stored by node in dst, which is enlarged
// where it is too short; nodes out of reach get Infinity. The path of the last Run is gone
// afterwards.
func (q *Query) Sweep(m *Metric, from []Seed, dst []uint32) []uint32 {
	if m == nil || m.h != q.h {
		return q.unreached(dst)
	}
	return q.sweep(m.up, m.down, from, dst)
}

// SweepBack computes the least cost from every node to any of the seeds,
// like Sweep.
func (q *Query) SweepBack(m *Metric, to []Seed, dst []uint32) []uint32 {
	if m == nil || m.h != q.h {
		return q.unreached(dst)
	}
	return q.sweep(m.down, m.up, to, dst)
}

// sweep goes up by the one weights and down by the other.
func (q *Query) sweep(up, down [][]uint32, seeds []Seed, dst []uint32) []uint32 {
	h := q.h
	n := len(h.rank)
	q.dist = resize(q.dist, n)
	dist := q.dist
	q.up(up, seeds)
	copy(dist, q.from.dist)
	for b := len(down) - 1; b >= 0; b-- {
		lo := b << blockShift
		base, block := h.first[lo], down[b]
		for u := min(lo+blockNodes, n) - 1; u >= lo; u-- {
			heads := h.head[h.first[u]:h.first[u+1]]
			weights := block[h.first[u]-base:]
			weights = weights[:len(heads)]
			d := dist[u]
			for k, v := range heads {
				d = min(d, dist[v]+weights[k])
			}
			dist[u] = d
		}
	}
	dst = resize(dst, n)
	for u, node := range h.node {
		dst[node] = dist[u]
	}
	return dst
}

// up searches upwards from the seeds. It uses the forward ladder, so the path of
// the last Run is gone.
func (q *Query) up(up [][]uint32, seeds []Seed) {
	q.from.clear(q)
	q.to.clear(q)
	q.metric, q.cost, q.meet = nil, Infinity, -1
	q.from.climb(q, seeds)
	for _, u := range q.from.ranks {
		q.from.relax(q.h, u, up[u>>blockShift])
	}
}

func (q *Query) unreached(dst []uint32) []uint32 {
	dst = resize(dst, len(q.h.rank))
	for i := range dst {
		dst[i] = Infinity
	}
	return dst
}

// resize returns a slice of that length, the same one where it is long enough.
func resize(s []uint32, n int) []uint32 {
	if cap(s) < n {
		return make([]uint32, n)
	}
	return s[:n]
}
