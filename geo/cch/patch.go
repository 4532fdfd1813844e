package cch

import (
	"math/bits"
	"slices"
)

// patch is the scratch of a partial customization: the arcs whose weights have
// to be computed again, and what a private metric has made its own.
type patch struct {
	metric *Metric
	dirty  []uint64 // a bit an arc
	groups []uint64 // a bit for each word of dirty that is not zero
	own    []uint8  // by block
	undo   *undo    // where replaced weights are noted; may be nil

	marked  []int32
	changed []oldArc
	scratch []pair // by rank
}

const (
	ownsInput = 1 << iota
	ownsArcs
)

// patch takes scratch from the pool.
func (h *Hierarchy) patch() *patch {
	if p, ok := h.patches.Get().(*patch); ok {
		return p
	}
	words := (len(h.head) + 63) / 64
	return &patch{dirty: make([]uint64, words), groups: make([]uint64, (words+63)/64), own: make([]uint8, blocks(len(h.rank))), scratch: make([]pair, len(h.rank))}
}

// release puts the scratch back.
func (p *patch) release() {
	h := p.metric.h
	p.metric, p.undo = nil, nil
	clear(p.own)
	h.patches.Put(p)
}

// set changes weights of input arcs and brings the hierarchy up to date. Where it
// returns false it has only changed the input arcs, all of them, and a full
// customization has to follow.
func (p *patch) set(arcs []int32, weights []uint32) bool {
	h, changed := p.metric.h, 0
	for i, arc := range arcs[:min(len(arcs), len(weights))] {
		if arc < 0 || int(arc) >= len(h.inputPlace) {
			continue
		}
		place := h.inputPlace[arc]
		u := h.inputRank(place)
		weight, old := min(weights[i], Infinity), *p.metric.inputAt(place, u)
		if weight == old {
			continue
		}
		changed++
		p.ownInput(u >> blockShift)
		*p.metric.inputAt(place, u) = weight
		if p.undo != nil {
			p.undo.inputs = append(p.undo.inputs, oldInput{place, old})
		}
		if f := h.feed[place]; f >= 0 {
			p.mark(f >> 1)
		}
	}
	if changed > len(h.inputArc)/50+64 {
		p.forget(0)
		return false
	}
	return p.run()
}

func (p *patch) ownInput(block int32) {
	if p.own[block]&ownsInput == 0 {
		p.own[block] |= ownsInput
		p.metric.input[block] = append([]uint32(nil), p.metric.input[block]...)
	}
}

func (p *patch) ownArcs(block int32) {
	if p.own[block]&ownsArcs == 0 {
		p.own[block] |= ownsArcs
		p.metric.up[block] = append([]uint32(nil), p.metric.up[block]...)
		p.metric.down[block] = append([]uint32(nil), p.metric.down[block]...)
	}
}

func (p *patch) mark(a int32) {
	p.dirty[a>>6] |= 1 << (a & 63)
	p.groups[a>>12] |= 1 << (a >> 6 & 63)
}

// run computes the marked arcs in the order of their lower ends, node by node:
// an arc depends on arcs of lower tails only, so each is computed once. Those
// that change mark the arcs above them that may follow. It gives up, and tells
// so, when that gets dearer than a full customization.
func (p *patch) run() bool {
	h := p.metric.h
	work := int64(0)
	for g := range p.groups {
		for p.groups[g] != 0 {
			w := g<<6 + bits.TrailingZeros64(p.groups[g])
			if p.dirty[w] == 0 {
				p.groups[g] &= p.groups[g] - 1
				continue
			}
			u := h.tail[w<<6+bits.TrailingZeros64(p.dirty[w])]
			work += p.renew(u)
			if work > h.allWork/4 {
				p.forget(g)
				return false
			}
		}
	}
	return true
}

// forget takes back all marks from the given group on.
func (p *patch) forget(group int) {
	for g := group; g < len(p.groups); g++ {
		for ; p.groups[g] != 0; p.groups[g] &= p.groups[g] - 1 {
			p.dirty[g<<6+bits.TrailingZeros64(p.groups[g])] = 0
		}
	}
}

// take lists the marked arcs of u and takes the marks away.
func (p *patch) take(u int32) []int32 {
	h := p.metric.h
	p.marked = p.marked[:0]
	for a := h.first[u]; a < h.first[u+1]; {
		word := p.dirty[a>>6] >> (a & 63)
		if word == 0 {
			a = a&^63 + 64
			continue
		}
		if a += int32(bits.TrailingZeros64(word)); a < h.first[u+1] {
			p.dirty[a>>6] &^= 1 << (a & 63)
			p.marked = append(p.marked, a)
			a++
		}
	}
	return p.marked
}

// renew computes the weights of the marked arcs of u, one by one or, where that
// is less work, of all its arcs together. It returns the work done, in lower
// triangles.
func (p *patch) renew(u int32) (work int64) {
	m, h := p.metric, p.metric.h
	marked := p.take(u)
	below := int64(h.downFirst[u+1] - h.downFirst[u])
	for _, a := range marked {
		v := h.head[a]
		work += below + min(7*below, int64(h.downFirst[v+1]-h.downFirst[v]))
	}
	together := work > int64(h.work[u])
	if together {
		work = int64(h.work[u])
		m.relaxNode(u, p.scratch)
	}
	p.changed = p.changed[:0]
	for _, a := range marked {
		var old, now pair
		old.up, old.down = m.weights(a, u)
		if together {
			now = p.scratch[h.head[a]]
		} else {
			now.up, now.down = m.relaxed(a, u)
		}
		if now == old {
			continue
		}
		p.changed = append(p.changed, oldArc{a, old})
		block := u >> blockShift
		p.ownArcs(block)
		i := a - h.first[u&^blockMask]
		p.metric.up[block][i], p.metric.down[block][i] = now.up, now.down
		p.spread(a, u, old, now)
	}
	if p.undo != nil {
		p.undo.arcs = append(p.undo.arcs, p.changed...)
	}
	return work + int64(len(p.changed))*int64(h.first[u+1]-h.first[u])
}

// relaxed are the weights of arc a, with tail u, from its input arcs and its
// lower triangles: the nodes x below both ends. They are found by walking the
// two sorted lists side by side or, where that of the head is much longer, by
// looking for the head among the arcs of each x.
func (m *Metric) relaxed(a, u int32) (up, down uint32) {
	h := m.h
	up, down = m.own(a, u)
	v := h.head[a]
	tailsU, tailsV := h.downTail[h.downFirst[u]:h.downFirst[u+1]], h.downTail[h.downFirst[v]:h.downFirst[v+1]]
	arcsU, arcsV := h.downArc[h.downFirst[u]:h.downFirst[u+1]], h.downArc[h.downFirst[v]:h.downFirst[v+1]]
	relax := func(x, b, c int32) {
		upU, downU := m.weights(b, x)
		upV, downV := m.weights(c, x)
		up = min(up, downU+upV)
		down = min(down, downV+upU)
	}
	if len(tailsV) > 7*len(tailsU) {
		for i, x := range tailsU {
			rest := h.head[arcsU[i]+1 : h.first[x+1]]
			if k, ok := slices.BinarySearch(rest, v); ok {
				relax(x, arcsU[i], arcsU[i]+1+int32(k))
			}
		}
		return up, down
	}
	for i, j := 0, 0; i < len(tailsU) && j < len(tailsV); {
		x, y := tailsU[i], tailsV[j]
		if x == y {
			relax(x, arcsU[i], arcsV[j])
		}
		if x <= y {
			i++
		}
		if y <= x {
			j++
		}
	}
	return up, down
}

// spread marks the arcs that may change because arc a = (u, v) did: for another
// arc b = (u, w) that between v and w. It follows when the way over u is now
// the least, or was and has become dearer.
func (p *patch) spread(a, u int32, old, now pair) {
	m, h := p.metric, p.metric.h
	v := h.head[a]
	lo, hi, base := h.first[u], h.first[u+1], h.first[u&^blockMask]
	ups, downs := m.up[u>>blockShift][lo-base:hi-base], m.down[u>>blockShift][lo-base:hi-base]
	// Below v the arc belongs to w and has to be looked for; above v those of v
	// are walked along.
	next := h.first[v]
	for k, w := range h.head[lo:hi] {
		if w == v || ups[k] == Infinity && downs[k] == Infinity {
			continue
		}
		var c int32
		var fromV, toV uint32 // v to w, w to v
		if w < v {
			c = h.arc(w, v)
			toV, fromV = m.weights(c, w)
		} else {
			for h.head[next] < w {
				next++
			}
			c = next
			fromV, toV = m.weights(c, v)
		}
		if follows(fromV, old.down+ups[k], now.down+ups[k]) || follows(toV, downs[k]+old.up, downs[k]+now.up) {
			p.mark(c)
		}
	}
}

// follows tells whether a weight may change because one of the ways that it is
// the least of goes from old to now.
func follows(weight, old, now uint32) bool {
	return now < weight || now > old && old == weight && weight < Infinity
}
