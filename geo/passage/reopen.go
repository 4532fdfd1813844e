package passage

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// shownReconnections is how many blockages are ranked.
const shownReconnections = 20

// barrier is something that the caller cannot pass: a roadblock, a section of
// road, or what the request itself closes.
type barrier struct {
	obstacle *obstacle
	section  *section
	area     *area
}

// kindAndID gives the order of barriers: by kind, then identifier or number.
func (b barrier) kindAndID() (int, uuid.UUID, int) {
	switch {
	case b.section != nil:
		return 1, b.section.version.ID, 0
	case b.area != nil:
		return 3, uuid.UUID{}, b.area.number
	case b.obstacle.version == nil:
		return 2, uuid.UUID{}, 0
	}
	return 0, b.obstacle.version.ID, 0
}

func (q *question) compareBarriers(a, b barrier) int {
	kindA, idA, numberA := a.kindAndID()
	kindB, idB, numberB := b.kindAndID()
	if kindA == 2 && kindB == 2 {
		numberA, numberB = slices.Index(q.private.closures, a.obstacle), slices.Index(q.private.closures, b.obstacle)
	}
	return cmp.Or(cmp.Compare(kindA, kindB), bytes.Compare(idA[:], idB[:]), cmp.Compare(numberA, numberB))
}

func (q *question) barrierBlockage(b barrier) Blockage {
	switch {
	case b.section != nil:
		return versionBlockage(b.section.version, "status")
	case b.area != nil:
		n := strconv.Itoa(b.area.number + 1)
		return Blockage{Text: geo.Text{French: "Aire " + n + " à éviter selon la demande.", Haitian: "Zòn " + n + " demann lan di pou evite.", English: "Area " + n + " to avoid by the request."}}
	}
	return q.blockage(b.obstacle)
}

// barriersOn lists the barriers on a stretch of an edge.
func (q *question) barriersOn(p *pricing, edge int, here span) []barrier {
	on := q.on(edge)
	if on == nil {
		return nil
	}
	var out []barrier
	for i := range on.obstacles {
		r := &on.obstacles[i]
		if r.obstacle.live && meets(r.span, here) && p.hard(r.obstacle, p.caller.termsFor(r.obstacle)) {
			out = append(out, barrier{obstacle: r.obstacle})
		}
	}
	for i := range on.sections {
		if x := &on.sections[i]; meets(x.span, here) && x.section.effectFor(p.caller.vehicle) == notPassable {
			out = append(out, barrier{section: x.section})
		}
	}
	for i := range on.areas {
		if x := &on.areas[i]; meets(x.span, here) && x.area.factor == 0 && !x.area.holdsEnd {
			out = append(out, barrier{area: x.area})
		}
	}
	return out
}

// barricades are all barriers of a question with the edges that they close, and
// the state of the network were none of them there.
type barricades struct {
	list  []barrier
	edges [][]int
	state isolation.State
}

func (q *enquiry) barricades(p *pricing) *barricades {
	out := &barricades{state: make(isolation.State, q.roads.graph.Len())}
	byBarrier := map[barrier][]int{}
	add := func(edge int) {
		if out.state[edge] == isolation.Closed {
			return
		}
		for _, b := range q.barriersOn(p, edge, span{0, q.roads.graph.Edge(edge).LengthM}) {
			if edges := byBarrier[b]; len(edges) == 0 || edges[len(edges)-1] != edge {
				byBarrier[b] = append(edges, edge)
			}
		}
	}
	for i := range out.state {
		if math.IsInf(q.caller.pace(q.roads, i), 1) {
			out.state[i] = isolation.Closed
		}
	}
	q.ground.each(func(edge int, _ *survey) {
		if _, private := q.private.surveys[int32(edge)]; !private {
			add(edge)
		}
	})
	for _, edge := range q.private.edges {
		add(int(edge))
	}
	for b := range byBarrier {
		out.list = append(out.list, b)
	}
	slices.SortFunc(out.list, q.compareBarriers)
	for _, b := range out.list {
		out.edges = append(out.edges, byBarrier[b])
	}
	return out
}

// quotient reduces the network with some of the barriers cleared already.
func (b *barricades) quotient(ctx context.Context, g *isolation.Graph, cleared []barrier) (*isolation.Quotient, error) {
	obstacles := make([]isolation.Obstacle, len(b.list))
	for i := range b.list {
		if !slices.Contains(cleared, b.list[i]) {
			obstacles[i].Edges = b.edges[i]
		}
	}
	return isolation.NewQuotient(ctx, g, b.state, isolation.Open, obstacles)
}

// side is one way off or onto the edge of a place, with the barriers on it.
type side struct {
	barriers  []barrier
	junctions []int32
}

// sides lists the ways off or onto a place's edge: those without a barrier as
// one, or else each with its own.
func (q *enquiry) sides(p *pricing, ends []road.End) []side {
	free := side{}
	var shut []side
	for _, end := range ends {
		s := end.Stretch
		barriers := q.barriersOn(p, s.Edge, span{min(s.FromM, s.ToM), max(s.FromM, s.ToM)})
		junctions := []int32{q.net.topology.Junction[end.Node]}
		if len(barriers) == 0 {
			free.junctions = append(free.junctions, junctions...)
		} else {
			shut = append(shut, side{barriers, junctions})
		}
	}
	if len(free.junctions) > 0 {
		return []side{free}
	}
	return shut
}

// Reopen finds the smallest set of barriers whose clearing connects the two
// points for the caller. Barriers of the ground are looked at as if streets could
// be driven in both directions, and the way afterwards is then made to obey the
// rules of the road.
func (e *Engine) Reopen(ctx context.Context, w *world.World, r ReopenRequest) (*Reopen, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	q, err := e.enquire(ctx, w, &r.Request)
	if err != nil {
		return nil, err
	}
	at, err := q.snaps()
	if err != nil {
		return nil, err
	}
	people, err := q.residence()
	if err != nil {
		return nil, err
	}
	p := q.pricing(kindFastest, nil)
	b := q.barricades(&p)
	out := &Reopen{Frame: newFrame(w, &r.Request), Blockages: []Blockage{}, Ranking: []Reconnection{}}
	_, err = q.fast.legs(ctx, q.question, kindFastest, nil, at)
	switch {
	case err == nil:
		out.Connected, out.Possible, out.Optimal = true, true, true
		if out.After, err = q.answer(ctx, q.fast); err != nil {
			return nil, err
		}
	case !errors.Is(err, road.ErrNotConnected):
		return nil, err
	default:
		if err := q.clear(ctx, &p, b, at, out); err != nil {
			return nil, err
		}
	}
	return out, q.rank(ctx, &p, b, at, people, out)
}

// cleared is a set of barriers with what is known of smaller ones.
type cleared struct {
	barriers []barrier
	possible bool
	lower    int
}

// clear looks for the smallest set and the way afterwards.
func (q *enquiry) clear(ctx context.Context, p *pricing, b *barricades, at []road.Snap, out *Reopen) error {
	best, err := q.smallest(ctx, p, b, at)
	if err != nil || !best.possible {
		return err
	}
	out.LowerBound = best.lower
	lifted := q.lifted(best.barriers)
	legs, err := q.fast.legs(ctx, lifted, kindFastest, nil, at)
	if errors.Is(err, road.ErrNotConnected) {
		// The set opens a way only against the rules of the road: take the lawful
		// way with the fewest barriers on it instead.
		legs, err = q.fast.legs(ctx, q.question, kindBlockages, nil, at)
		if errors.Is(err, road.ErrNotConnected) {
			return nil
		}
		if err == nil {
			best.barriers = q.barriersAlong(p, legs)
			lifted = q.lifted(best.barriers)
		}
	}
	if err != nil {
		return err
	}
	out.Possible, out.Optimal = true, len(best.barriers) == best.lower
	for _, one := range best.barriers {
		out.Blockages = append(out.Blockages, q.barrierBlockage(one))
	}
	out.After, err = lifted.answer(ctx, q.fast)
	return err
}

// smallest is the smallest set over all ways off the first place and onto the
// second.
func (q *enquiry) smallest(ctx context.Context, p *pricing, b *barricades, at []road.Snap) (cleared, error) {
	g := q.kept.people.graph
	best := cleared{lower: math.MaxInt}
	take := func(barriers []barrier, lower int) {
		slices.SortFunc(barriers, q.compareBarriers)
		barriers = slices.Compact(barriers)
		if !best.possible || len(barriers) < len(best.barriers) {
			best.barriers, best.possible = barriers, true
		}
		best.lower = min(best.lower, lower)
	}
	if straight, ok := q.roads.graph.Between(at[0].Position, at[1].Position); ok {
		barriers := q.barriersOn(p, straight.Edge, span{min(straight.FromM, straight.ToM), max(straight.FromM, straight.ToM)})
		take(slices.Clone(barriers), len(barriers))
	}
	for _, from := range q.sides(p, q.roads.graph.Leave(at[0].Position)) {
		for _, to := range q.sides(p, q.roads.graph.Arrive(at[1].Position)) {
			before := append(slices.Clone(from.barriers), to.barriers...)
			slices.SortFunc(before, q.compareBarriers)
			before = slices.Compact(before)
			quotient, err := b.quotient(ctx, g, before)
			if err != nil {
				return cleared{}, err
			}
			found, err := quotient.Clear(ctx, from.junctions, to.junctions, isolation.ClearOptions{})
			if err != nil {
				return cleared{}, err
			}
			if !found.Possible {
				continue
			}
			for _, i := range found.Obstacles {
				before = append(before, b.list[i])
			}
			take(before, len(before)-len(found.Obstacles)+int(found.LowerBound))
		}
	}
	return best, nil
}

// barriersAlong lists the barriers on a way.
func (q *question) barriersAlong(p *pricing, legs []leg) []barrier {
	var out []barrier
	for _, l := range legs {
		for _, s := range l.stretches {
			out = append(out, q.barriersOn(p, s.Edge, span{min(s.FromM, s.ToM), max(s.FromM, s.ToM)})...)
		}
	}
	slices.SortFunc(out, q.compareBarriers)
	return slices.Compact(out)
}

// lifted is the same question with barriers cleared.
func (q *enquiry) lifted(list []barrier) *question {
	r := *q.request
	r.WhatIf.Open = slices.Clone(r.WhatIf.Open)
	var areas, closures []int
	for _, b := range list {
		switch {
		case b.area != nil:
			areas = append(areas, b.area.number)
		case b.section != nil:
			r.WhatIf.Open = append(r.WhatIf.Open, b.section.version.ID)
		case b.obstacle.version == nil:
			closures = append(closures, slices.Index(q.private.closures, b.obstacle))
		default:
			r.WhatIf.Open = append(r.WhatIf.Open, b.obstacle.version.ID)
		}
	}
	r.Avoid, r.WhatIf.Close = omit(r.Avoid, areas), omit(r.WhatIf.Close, closures)
	return q.again(r)
}

func omit[T any](list []T, positions []int) []T {
	var out []T
	for i, one := range list {
		if !slices.Contains(positions, i) {
			out = append(out, one)
		}
	}
	return out
}

// rank lists the barriers that part most people from the first place.
func (q *enquiry) rank(ctx context.Context, p *pricing, b *barricades, at []road.Snap, people *residence, out *Reopen) error {
	if len(b.list) == 0 {
		return nil
	}
	g := q.kept.people.graph
	quotient, err := b.quotient(ctx, g, nil)
	if err != nil {
		return err
	}
	var hubs []int32
	for _, s := range q.sides(p, q.roads.graph.Leave(at[0].Position)) {
		if len(s.barriers) == 0 {
			hubs = s.junctions
		}
	}
	if hubs == nil { // shut in on its own edge: the nearer end
		hubs = []int32{g.At(isolation.Place{Edge: at[0].Edge, AlongM: at[0].AlongM})}
	}
	ranking, err := quotient.Rank(ctx, g, hubs, people.communes)
	if err != nil {
		return err
	}
	for _, one := range ranking {
		if one.People <= 0 || len(out.Ranking) == shownReconnections {
			break
		}
		what := q.barrierBlockage(b.list[one.Obstacle])
		r := Reconnection{Collection: what.Collection, ID: what.ID, Name: what.Name, Population: one.People, Places: []string{}}
		for _, i := range one.Places {
			r.Places = append(r.Places, people.communes[i].Name)
		}
		out.Ranking = append(out.Ranking, r)
	}
	return nil
}
