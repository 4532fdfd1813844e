package passage

import (
	"context"
	"slices"

	"pasaj/geo/cch"
	"pasaj/geo/road"
)

// fast searches in the hierarchy of a network.
type fast struct {
	engine *Engine
	net    *networkEntry
}

func (s *fast) legs(ctx context.Context, q *question, k kind, closed []*obstacle, at []road.Snap) ([]leg, error) {
	p := q.pricing(k, closed)
	m, done := s.metric(q, &p)
	defer done()
	query := s.net.queries.Get().(*cch.Query)
	defer s.net.queries.Put(query)
	out := make([]leg, 0, len(at)-1)
	for i := 1; i < len(at); i++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		l, ok := s.leg(q, &p, m, query, at[i-1].Position, at[i].Position)
		if !ok && q.private.isVeryDear() {
			return (&plain{most: maxPlainStretches}).legs(ctx, q, k, closed, at)
		}
		if !ok {
			return nil, road.ErrNotConnected
		}
		out = append(out, l)
	}
	return out, nil
}

// metric gives the prices of a question as a metric: the one that is kept, or a
// copy of it with the edges that are different for this question. done gives it
// back.
func (s *fast) metric(q *question, p *pricing) (m *cch.Metric, done func()) {
	entry := s.engine.metric(s.net, keyOf(q, p.kind), q.request.DepartAt, true)
	edges := q.private.edges
	if len(p.closed) > 0 {
		edges = slices.Clone(edges)
		for _, o := range p.closed {
			edges = append(edges, o.edges...)
		}
		slices.Sort(edges)
		edges = slices.Compact(edges)
	}
	if len(edges) == 0 {
		return entry.metric, func() {}
	}
	var arcs []int32
	var weights []uint32
	for _, edge := range edges {
		arcs, weights = s.net.reprice(entry.metric, edge, p.whole(q.roads, q.on(int(edge)), int(edge)), arcs, weights)
	}
	if len(arcs) == 0 {
		return entry.metric, func() {}
	}
	edit := entry.edit()
	edit.Set(arcs, weights)
	return edit.Metric(), func() { entry.giveBack(edit) }
}

// leg finds one leg.
func (s *fast) leg(q *question, p *pricing, m *cch.Metric, query *cch.Query, from, to road.Position) (leg, bool) {
	g := q.roads.graph
	leave, arrive := g.Leave(from), g.Arrive(to)
	var few [16]cch.Seed
	seeds := few[:0]
	for _, end := range leave {
		seeds = append(seeds, cch.Seed{Node: end.Node, Cost: q.price(p, end.Stretch)})
	}
	for _, end := range arrive {
		seeds = append(seeds, cch.Seed{Node: end.Node, Cost: q.price(p, end.Stretch)})
	}
	price, ok := query.Run(m, seeds[:len(leave)], seeds[len(leave):])
	if straight, direct := g.Between(from, to); direct {
		if cost := q.price(p, straight); cost < cch.Infinity && (!ok || cost <= price) {
			return leg{[]road.Stretch{straight}, cost}, true
		}
	}
	if !ok {
		return leg{}, false
	}
	arcs, first, last := query.Path(nil)
	stretches := make([]road.Stretch, 0, len(arcs)+2)
	add := func(st road.Stretch) {
		if st.FromM != st.ToM {
			stretches = append(stretches, st)
		}
	}
	add(leave[first].Stretch)
	for _, arc := range arcs {
		add(g.Whole(s.net.topology.Arc[arc]))
	}
	add(arrive[last].Stretch)
	if len(stretches) == 0 {
		stretches = append(stretches, arrive[last].Stretch)
	}
	return leg{stretches, price}, true
}
