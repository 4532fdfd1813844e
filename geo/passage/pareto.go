package passage

import (
	"context"
	"slices"

	"pasaj/geo/cch"
	"pasaj/geo/road"
)

// trade is a way between two places, or through several, as time and risk in
// whole units, with what it takes to draw it.
type trade struct {
	time, risk uint32
	lambda     int // the mixture of time and risk it is best for, from 1; 0: none that was tried
	legs       func() []leg
}

// better reports whether a trade is at least as good as another in both
// respects.
func (a *trade) better(b *trade) bool { return a.time <= b.time && a.risk <= b.risk }

// front leaves the trades that no other one betters, from the fastest to the
// least risky. Of equal ones the first stays, with the mixture of any of them.
func front(list []trade) []trade {
	slices.SortStableFunc(list, func(a, b trade) int {
		switch {
		case a.time != b.time:
			return int(int64(a.time) - int64(b.time))
		case a.risk != b.risk:
			return int(int64(a.risk) - int64(b.risk))
		}
		return 0
	})
	var out []trade
	for _, t := range list {
		n := len(out)
		switch {
		case n > 0 && out[n-1].time == t.time && out[n-1].risk == t.risk:
			if out[n-1].lambda == 0 {
				out[n-1].lambda = t.lambda
			}
		case n == 0 || t.risk < out[n-1].risk:
			out = append(out, t)
		}
	}
	return out
}

// mark is a way to a node that no other way found before betters.
type mark struct {
	time, risk uint32
	node       int32 // -1: the target
	before     int32 // mark that it was reached from; -1: the start
	by         int32 // arc of the topology; from the start and to the target the number of the end, -1 straight
}

// markHeap orders marks by what a way through them takes at least.
type markHeap struct {
	items []markItem
}

type markItem struct {
	time, risk uint32
	mark       int32
}

func (a markItem) less(b markItem) bool {
	switch {
	case a.time != b.time:
		return a.time < b.time
	case a.risk != b.risk:
		return a.risk < b.risk
	}
	return a.mark < b.mark
}

func (h *markHeap) push(x markItem) {
	h.items = append(h.items, x)
	at := len(h.items) - 1
	for at > 0 {
		up := (at - 1) / 2
		if !x.less(h.items[up]) {
			break
		}
		h.items[at] = h.items[up]
		at = up
	}
	h.items[at] = x
}

func (h *markHeap) pop() markItem {
	top, n := h.items[0], len(h.items)-1
	x := h.items[n]
	h.items = h.items[:n]
	for at := 0; n > 0; {
		down := 2*at + 1
		if down+1 < n && h.items[down+1].less(h.items[down]) {
			down++
		}
		if down >= n || !h.items[down].less(x) {
			h.items[at] = x
			break
		}
		h.items[at] = h.items[down]
		at = down
	}
	return top
}

// bicriteria finds every way between two places that no other one betters in
// both time and risk: BOA* (Hernández Ulloa et al., A simple and fast
// bi-objective search algorithm, ICAPS 2020), with exact lower bounds from one
// sweep back for each of the two. It is bounded by the marks it may make, not by
// a clock, so that the same question has the same answer.
type bicriteria struct {
	q          *enquiry
	weigh      *weigher
	time, risk *cch.Metric
	marks      []mark
	most       int
}

// find gives the ways of one leg; complete is false when the search ran out of
// marks: what it found by then does belong to the frontier.
func (b *bicriteria) find(ctx context.Context, query *cch.Query, from, to road.Position) (out []trade, complete bool, err error) {
	g, t := b.q.roads.graph, b.q.net.topology
	leave, arrive := g.Leave(from), g.Arrive(to)
	type end struct{ time, risk uint32 }
	weighAll := func(ends []road.End) []end {
		out := make([]end, len(ends))
		for i, e := range ends {
			out[i].time, out[i].risk = b.weigh.cost(e.Stretch)
		}
		return out
	}
	leaving, arriving := weighAll(leave), weighAll(arrive)
	seeds := make([]cch.Seed, len(arrive))
	bound := func(m *cch.Metric, cost func(end) uint32) []uint32 {
		for i := range arrive {
			seeds[i] = cch.Seed{Node: arrive[i].Node, Cost: cost(arriving[i])}
		}
		return query.SweepBack(m, seeds, nil)
	}
	leastTime := bound(b.time, func(e end) uint32 { return e.time })
	leastRisk := bound(b.risk, func(e end) uint32 { return e.risk })
	ends := map[int32][]int32{} // of arrive, by node
	for i, e := range arrive {
		if arriving[i].time < cch.Infinity {
			ends[e.Node] = append(ends[e.Node], int32(i))
		}
	}

	first := len(b.marks)
	var heap markHeap
	least := make([]uint32, t.Nodes()) // risk of the last mark settled at each node
	for i := range least {
		least[i] = cch.Infinity
	}
	goal := cch.Infinity
	offer := func(m mark) {
		item := markItem{m.time, m.risk, int32(len(b.marks))}
		if m.node >= 0 {
			if m.risk >= least[m.node] {
				return
			}
			item.time, item.risk = plus(m.time, leastTime[m.node]), plus(m.risk, leastRisk[m.node])
		}
		if item.time >= cch.Infinity || item.risk >= goal {
			return
		}
		b.marks = append(b.marks, m)
		heap.push(item)
	}
	if straight, ok := g.Between(from, to); ok {
		if time, risk := b.weigh.cost(straight); time < cch.Infinity {
			offer(mark{time, risk, -1, -1, -1})
		}
	}
	for i, e := range leave {
		if leaving[i].time < cch.Infinity {
			offer(mark{leaving[i].time, leaving[i].risk, e.Node, -1, int32(i)})
		}
	}
	complete = true
	for turn := 0; len(heap.items) > 0; turn++ {
		if turn%4096 == 0 && ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if len(b.marks)-first >= b.most {
			complete = false
			break
		}
		item := heap.pop()
		m := b.marks[item.mark]
		if item.risk >= goal {
			continue
		}
		if m.node < 0 {
			goal = m.risk
			at := item.mark
			out = append(out, trade{time: m.time, risk: m.risk, legs: func() []leg {
				return []leg{{b.path(at, leave, arrive, from, to), m.time}}
			}})
			continue
		}
		if m.risk >= least[m.node] {
			continue
		}
		least[m.node] = m.risk
		for _, i := range ends[m.node] {
			offer(mark{plus(m.time, arriving[i].time), plus(m.risk, arriving[i].risk), -1, item.mark, i})
		}
		for arc := t.FirstOut[m.node]; arc < t.FirstOut[m.node+1]; arc++ {
			if time := b.time.Weight(arc); time < cch.Infinity {
				offer(mark{plus(m.time, time), plus(m.risk, b.risk.Weight(arc)), t.Head[arc], item.mark, arc})
			}
		}
	}
	return out, complete, nil
}

// path draws the way that a mark at the target stands for.
func (b *bicriteria) path(at int32, leave, arrive []road.End, from, to road.Position) []road.Stretch {
	g, t := b.q.roads.graph, b.q.net.topology
	var out []road.Stretch
	add := func(s road.Stretch) {
		if s.FromM != s.ToM {
			out = append(out, s)
		}
	}
	last := b.marks[at]
	if last.before < 0 {
		straight, _ := g.Between(from, to)
		return []road.Stretch{straight}
	}
	add(arrive[last.by].Stretch)
	for at = last.before; ; at = b.marks[at].before {
		m := b.marks[at]
		if m.before < 0 {
			add(leave[m.by].Stretch)
			break
		}
		add(g.Whole(t.Arc[m.by]))
	}
	slices.Reverse(out)
	if len(out) == 0 {
		out = append(out, arrive[last.by].Stretch)
	}
	return out
}

// maxTrades bounds what is kept while the legs of a journey by several points
// are put together.
const maxTrades = 400

// chain puts the trades of a further leg behind those of a journey so far. It
// reports false where it had to leave some out.
func chain(journey, next []trade) ([]trade, bool) {
	list := make([]trade, 0, len(journey)*len(next))
	for _, a := range journey {
		for _, b := range next {
			list = append(list, trade{time: plus(a.time, b.time), risk: plus(a.risk, b.risk), legs: func() []leg {
				return append(append([]leg{}, a.legs()...), b.legs()...)
			}})
		}
	}
	list = front(list)
	if len(list) <= maxTrades {
		return list, true
	}
	few := make([]trade, 0, maxTrades) // evenly, with both extremes
	for i := range maxTrades {
		few = append(few, list[i*(len(list)-1)/(maxTrades-1)])
	}
	return few, false
}
