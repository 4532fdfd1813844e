package cch

// Edit is a private copy of a metric that can be changed and set back, for
// questions of the kind "what if". One goroutine at a time.
//
// It shares the blocks of its metric until it writes to them, and keeps those
// it has copied, so an edit that is used again for changes in the same places
// allocates nothing.
type Edit struct {
	base  *Metric
	view  *Metric
	patch *patch
	undo  undo
	full  bool // the view was customized as a whole
}

// undo notes replaced weights, in the order in which they were replaced.
type undo struct {
	inputs []oldInput
	arcs   []oldArc
}

type oldInput struct {
	place  int32
	weight uint32
}

type oldArc struct {
	arc    int32
	weight pair
}

// Edit returns a private copy of the metric.
func (m *Metric) Edit() *Edit {
	e := &Edit{base: m, view: m.share(), patch: m.h.patch()}
	e.patch.metric, e.patch.undo = e.view, &e.undo
	return e
}

// Metric is the metric as edited so far. It is valid until the next Set or
// Reset; after either it is the same metric with other weights.
func (e *Edit) Metric() *Metric { return e.view }

// Base is the metric that Reset goes back to.
func (e *Edit) Base() *Metric { return e.base }

// Set changes the weights of input arcs, as Metric.With does, on top of earlier
// changes.
func (e *Edit) Set(arcs []int32, weights []uint32) {
	if !e.patch.set(arcs, weights) {
		e.view.renew()
		e.view.customize(1)
		e.full = true
	}
}

// Reset goes back to the metric that the edit was made of: by undoing the
// changes in reverse or, where they were many, by letting go of the copy.
func (e *Edit) Reset() {
	m, h := e.view, e.base.h
	if e.full {
		copy(m.input, e.base.input)
		copy(m.up, e.base.up)
		copy(m.down, e.base.down)
		clear(e.patch.own) // the blocks are the base's again
		e.full = false
	} else {
		for i := len(e.undo.arcs) - 1; i >= 0; i-- {
			a, w := e.undo.arcs[i].arc, e.undo.arcs[i].weight
			u := h.tail[a]
			k := a - h.first[u&^blockMask]
			m.up[u>>blockShift][k], m.down[u>>blockShift][k] = w.up, w.down
		}
		for i := len(e.undo.inputs) - 1; i >= 0; i-- {
			place := e.undo.inputs[i].place
			*m.inputAt(place, h.inputRank(place)) = e.undo.inputs[i].weight
		}
	}
	e.undo.arcs, e.undo.inputs = e.undo.arcs[:0], e.undo.inputs[:0]
}
