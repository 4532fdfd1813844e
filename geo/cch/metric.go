package cch

// Infinity is the weight of a closed arc and the cost of what cannot be
// reached. The sum of two of them still fits a uint32, so sums saturate by
// comparison alone.
const Infinity uint32 = 1<<31 - 1

// Weights are kept in blocks, each for a run of this many ranks. A changed
// metric shares the blocks that it leaves as they are.
const (
	blockShift = 9
	blockNodes = 1 << blockShift
	blockMask  = blockNodes - 1
)

// Metric is the weights of a hierarchy. It never changes once it was returned
// and may be shared by any number of goroutines; see Edit for the exception.
type Metric struct {
	h     *Hierarchy
	input [][]uint32 // by block: weights of the input arcs, by place
	up    [][]uint32 // by block: weights along the upward arcs
	down  [][]uint32 // by block: weights against them
}

func blocks(nodes int) int { return (nodes + blockMask) >> blockShift }

// newMetric makes room for all weights.
func newMetric(h *Hierarchy) *Metric {
	k := blocks(len(h.rank))
	m := &Metric{h: h, input: make([][]uint32, k), up: make([][]uint32, k), down: make([][]uint32, k)}
	for b := range k {
		lo, hi := b<<blockShift, min((b+1)<<blockShift, len(h.rank))
		m.input[b] = make([]uint32, h.inputFirst[hi]-h.inputFirst[lo])
		m.up[b] = make([]uint32, h.first[hi]-h.first[lo])
		m.down[b] = make([]uint32, h.first[hi]-h.first[lo])
	}
	return m
}

// share makes a metric of the same blocks.
func (m *Metric) share() *Metric {
	c := &Metric{h: m.h}
	c.input = append(c.input, m.input...)
	c.up = append(c.up, m.up...)
	c.down = append(c.down, m.down...)
	return c
}

// Hierarchy is what the metric weighs.
func (m *Metric) Hierarchy() *Hierarchy { return m.h }

// Weight is the weight of an input arc; Infinity for a number that is none.
func (m *Metric) Weight(arc int32) uint32 {
	if arc < 0 || int(arc) >= len(m.h.inputPlace) {
		return Infinity
	}
	p := m.h.inputPlace[arc]
	return *m.inputAt(p, m.h.inputRank(p))
}

// inputRank is the rank under which the input arc of a place is filed.
func (h *Hierarchy) inputRank(place int32) int32 {
	if f := h.feed[place]; f >= 0 {
		return h.tail[f>>1]
	} else {
		return ^f
	}
}

// inputAt is the weight of the input arc of a place filed under rank u.
func (m *Metric) inputAt(place, u int32) *uint32 {
	return &m.input[u>>blockShift][place-m.h.inputFirst[u&^blockMask]]
}

// weights are those along and against arc a, whose tail is u.
func (m *Metric) weights(a, u int32) (up, down uint32) {
	i := a - m.h.first[u&^blockMask]
	return m.up[u>>blockShift][i], m.down[u>>blockShift][i]
}

// own are the least weights of the input arcs on arc a, whose tail is u.
func (m *Metric) own(a, u int32) (up, down uint32) {
	up, down = Infinity, Infinity
	lo, hi := m.h.inputFirst[u], m.h.inputFirst[u+1]
	base := m.h.inputFirst[u&^blockMask]
	weights := m.input[u>>blockShift][lo-base : hi-base]
	for i, f := range m.h.feed[lo:hi] {
		switch f {
		case 2 * a:
			up = min(up, weights[i])
		case 2*a + 1:
			down = min(down, weights[i])
		}
	}
	return up, down
}

// With returns the metric with new weights for the named input arcs; where an
// arc is named twice the last weight counts, and numbers that are no arcs are
// passed over. Blocks without a change are shared with m.
func (m *Metric) With(arcs []int32, weights []uint32) *Metric {
	c := m.share()
	p := m.h.patch()
	p.metric = c
	if !p.set(arcs, weights) {
		c.renew()
		c.customize(1)
	}
	p.release()
	return c
}

// renew gives the metric blocks of its own for the upward arcs, unset.
func (m *Metric) renew() {
	for b := range m.up {
		m.up[b] = make([]uint32, len(m.up[b]))
		m.down[b] = make([]uint32, len(m.down[b]))
	}
}
