package cch

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
)

// Customize computes the weights of all arcs of the hierarchy from a weight for
// each input arc, on up to the given number of goroutines. Weights above
// Infinity count as Infinity, and so do missing ones; further ones are passed
// over. The metric keeps a copy.
func (h *Hierarchy) Customize(weights []uint32, threads int) *Metric {
	m := newMetric(h)
	for b := range m.input {
		lo := h.inputFirst[b<<blockShift]
		block := m.input[b]
		for i, arc := range h.inputArc[lo : int(lo)+len(block)] {
			block[i] = Infinity
			if int(arc) < len(weights) {
				block[i] = min(weights[arc], Infinity)
			}
		}
	}
	m.customize(threads)
	return m
}

// pair is the weights along and against an arc.
type pair struct{ up, down uint32 }

// customize fills the weights of all upward arcs. A node can be computed once
// its children in the elimination tree are, so the goroutines take whole
// subtrees, and whoever finishes the last child of a node above them goes on
// with that node.
func (m *Metric) customize(threads int) {
	n := int32(len(m.h.rank))
	tasks, waiting := m.h.subtrees(threads)
	if len(tasks) < 2 {
		scratch := make([]pair, n)
		for u := range n {
			m.customizeNode(u, scratch)
		}
		return
	}
	next := make(chan span, len(tasks))
	for _, task := range tasks {
		next <- task
	}
	close(next)
	var group sync.WaitGroup
	for range min(threads, len(tasks)) {
		group.Go(func() {
			scratch := make([]pair, n)
			for task := range next {
				for u := task.lo; u < task.hi; u++ {
					m.customizeNode(u, scratch)
				}
				u := m.h.parent[task.hi-1]
				for u >= 0 && waiting[u].Add(-1) == 0 {
					m.customizeNode(u, scratch)
					u = m.h.parent[u]
				}
			}
		})
	}
	group.Wait()
}

// customizeNode computes the weights of the upward arcs of u once those of all
// its descendants are known. It writes to the arcs of u alone.
func (m *Metric) customizeNode(u int32, scratch []pair) {
	h := m.h
	lo, hi, base := h.first[u], h.first[u+1], h.first[u&^blockMask]
	m.relaxNode(u, scratch)
	up, down := m.up[u>>blockShift][lo-base:hi-base], m.down[u>>blockShift][lo-base:hi-base]
	for k, v := range h.head[lo:hi] {
		up[k], down[k] = scratch[v].up, scratch[v].down
	}
}

// relaxNode computes the weights of the upward arcs of u into the scratch, by
// head: the least of the input arcs on each and of the ways down to a node x and
// up again, over all lower triangles. The triangles are found from the arcs
// (x, u): what lies after one in the list of x ends above u, and u has an arc
// there too.
func (m *Metric) relaxNode(u int32, scratch []pair) {
	h := m.h
	lo, hi := h.first[u], h.first[u+1]
	if lo == hi {
		return
	}
	heads := h.head[lo:hi]
	for _, v := range heads {
		scratch[v] = pair{Infinity, Infinity}
	}
	inputLo, inputHi := h.inputFirst[u], h.inputFirst[u+1]
	inputBase := h.inputFirst[u&^blockMask]
	inputs := m.input[u>>blockShift][inputLo-inputBase : inputHi-inputBase]
	for i, f := range h.feed[inputLo:inputHi] {
		if f < 0 {
			continue
		}
		p := &scratch[h.head[f>>1]]
		if f&1 == 0 {
			p.up = min(p.up, inputs[i])
		} else {
			p.down = min(p.down, inputs[i])
		}
	}
	downLo, downHi := h.downFirst[u], h.downFirst[u+1]
	arcs := h.downArc[downLo:downHi]
	for i, x := range h.downTail[downLo:downHi] {
		a, end, base := arcs[i], h.first[x+1], h.first[x&^blockMask]
		up, down := m.up[x>>blockShift][a-base:end-base], m.down[x>>blockShift][a-base:end-base]
		fromX, toX := up[0], down[0] // x to u, u to x
		if fromX == Infinity && toX == Infinity {
			continue
		}
		above := h.head[a+1 : end]
		up, down = up[1:], down[1:]
		up, down = up[:len(above)], down[:len(above)]
		for k, v := range above {
			p := &scratch[v]
			p.up = min(p.up, toX+up[k])
			p.down = min(p.down, fromX+down[k])
		}
	}
}

// span is a run of ranks: those of a subtree.
type span struct{ lo, hi int32 }

// subtrees splits the elimination tree for that many goroutines: whole subtrees
// of little work, the heaviest first, and for each node above them how many
// children it waits for. It returns no subtrees where splitting is not worth it.
func (h *Hierarchy) subtrees(threads int) (tasks []span, waiting []atomic.Int32) {
	n := int32(len(h.rank))
	if threads < 2 || n < 2*blockNodes {
		return nil, nil
	}
	size, work := make([]int32, n), make([]int64, n)
	for u := range n {
		size[u]++
		work[u] += int64(h.work[u])
		if p := h.parent[u]; p >= 0 {
			size[p] += size[u]
			work[p] += work[u]
		}
	}
	limit := h.allWork / int64(8*threads)
	waiting = make([]atomic.Int32, n)
	for u := n - 1; u >= 0; {
		if p := h.parent[u]; p >= 0 {
			waiting[p].Add(1)
		}
		if work[u] > limit && size[u] > 1 {
			u--
			continue
		}
		tasks = append(tasks, span{u + 1 - size[u], u + 1})
		u -= size[u]
	}
	slices.SortStableFunc(tasks, func(a, b span) int { return cmp.Compare(work[b.hi-1], work[a.hi-1]) })
	return tasks, waiting
}
