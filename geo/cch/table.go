package cch

import "slices"

// Targets is a list of targets that many searches go to, each of them one or
// more seeds. It never changes and may be shared by any number of goroutines.
//
// It holds the part of the hierarchy above the targets, the union of their
// ancestors, so that a sweep can be restricted to it (RPHAST, Delling et al.
// 2011; with elimination trees, Buchhold et al. 2018).
type Targets struct {
	h     *Hierarchy
	ranks []int32 // descending
	first []int32 // arcs of the ranks, by place among them
	head  []int32 // places

	seedFirst, seedPlace []int32
	seedCost             []uint32
}

// NewTargets prepares a list of targets. Seeds that name no node are passed
// over.
func (h *Hierarchy) NewTargets(targets [][]Seed) *Targets {
	t := &Targets{h: h, first: []int32{0}, seedFirst: []int32{0}}
	place := make(map[int32]int32)
	for _, seeds := range targets {
		for _, seed := range seeds {
			if seed.Node < 0 || int(seed.Node) >= len(h.rank) || seed.Cost >= Infinity {
				continue
			}
			for u := h.rank[seed.Node]; u >= 0; u = h.parent[u] {
				if _, ok := place[u]; ok {
					break
				}
				place[u] = 0
				t.ranks = append(t.ranks, u)
			}
			t.seedPlace = append(t.seedPlace, h.rank[seed.Node])
			t.seedCost = append(t.seedCost, seed.Cost)
		}
		t.seedFirst = append(t.seedFirst, int32(len(t.seedPlace)))
	}
	slices.SortFunc(t.ranks, func(a, b int32) int { return int(b) - int(a) })
	for i, u := range t.ranks {
		place[u] = int32(i)
		for _, v := range h.head[h.first[u]:h.first[u+1]] {
			t.head = append(t.head, place[v])
		}
		t.first = append(t.first, int32(len(t.head)))
	}
	for i, u := range t.seedPlace {
		t.seedPlace[i] = place[u]
	}
	return t
}

// Len is the number of targets.
func (t *Targets) Len() int { return len(t.seedFirst) - 1 }

// Table computes the least cost from any of the seeds to each target, in dst by
// the number of the target; Infinity where there is no way. The path of the last
// Run is gone afterwards.
func (q *Query) Table(m *Metric, from []Seed, t *Targets, dst []uint32) []uint32 {
	dst = resize(dst, t.Len())
	for i := range dst {
		dst[i] = Infinity
	}
	if m == nil || m.h != q.h || t.h != q.h {
		return dst
	}
	h := q.h
	q.up(m.up, from)
	q.dist = resize(q.dist, max(len(t.ranks), cap(q.dist)))
	dist := q.dist[:len(t.ranks)]
	for i, u := range t.ranks {
		heads := t.head[t.first[i]:t.first[i+1]]
		weights := m.down[u>>blockShift][h.first[u]-h.first[u&^blockMask]:]
		weights = weights[:len(heads)]
		d := q.from.dist[u]
		for k, v := range heads {
			d = min(d, dist[v]+weights[k])
		}
		dist[i] = d
	}
	for i := range dst {
		for s := t.seedFirst[i]; s < t.seedFirst[i+1]; s++ {
			dst[i] = min(dst[i], dist[t.seedPlace[s]]+t.seedCost[s])
		}
	}
	return dst
}
