package passage

import (
	"context"
	"errors"
	"math"

	"pasaj/geo/cch"
	"pasaj/geo/hazard"
	"pasaj/geo/road"
)

// maxMarks bounds the search for the whole frontier of one question: some 150
// milliseconds.
const maxMarks = 200_000

// frontier finds the ways between the points of the question of which no other
// is both as fast and as little exposed, with some obstacles shut. Those that
// are best for some mixture of time and risk are found for certain; complete
// says that all others are there too. The error is road.ErrNotConnected where
// there is no way.
func (q *enquiry) frontier(ctx context.Context, closed []*obstacle, at []road.Snap) (list []trade, complete bool, err error) {
	w := q.weigher(closed)
	supported, err := q.supported(ctx, w, at)
	if err != nil {
		return nil, false, err
	}
	rest, complete, err := q.unsupported(ctx, w, at)
	if err != nil {
		return nil, false, err
	}
	if complete {
		// All of the frontier is in rest; the mixtures name some of it.
		list = front(append(rest, supported...))
	} else {
		list = front(append(supported, rest...))
	}
	return list, complete, nil
}

// supported are the ways that are best for time, for risk or for one of the
// mixtures of the two.
func (q *enquiry) supported(ctx context.Context, w *weigher, at []road.Snap) ([]trade, error) {
	var out []trade
	add := func(legs []leg, lambda int) {
		t := trade{lambda: lambda, legs: func() []leg { return legs }}
		for _, l := range legs {
			for _, s := range l.stretches {
				time, risk := w.cost(s)
				t.time, t.risk = plus(t.time, time), plus(t.risk, risk)
			}
		}
		out = append(out, t)
	}
	legs, err := q.fast.legs(ctx, q.question, kindFastest, w.time.closed, at)
	if err != nil {
		return nil, err
	}
	add(legs, 0)
	for i := 1; i <= lambdas; i++ {
		if legs, err = q.fast.legs(ctx, q.question, lambda(i), w.time.closed, at); err != nil {
			return nil, err
		}
		add(legs, i)
	}
	least := cch.Infinity
	for _, t := range out {
		least = min(least, t.risk)
	}
	if legs = q.leastRisk(w, at, least); legs != nil {
		add(legs, 0)
	}
	return out, nil
}

// leastRisk is the way of least risk, however long it takes, where there is one
// with less risk than another way has. Ground without risk may be crossed in any
// way, so one with the same risk is only ever slower.
func (q *enquiry) leastRisk(w *weigher, at []road.Snap, below uint32) []leg {
	m := q.riskMetric(w)
	query := q.net.queries.Get().(*cch.Query)
	defer q.net.queries.Put(query)
	cost := func(s road.Stretch) uint32 {
		_, risk := w.cost(s)
		return risk
	}
	total := uint32(0)
	for i := 1; i < len(at); i++ {
		total = plus(total, q.leastOf(query, m, at[i-1].Position, at[i].Position, cost))
	}
	if total >= below {
		return nil
	}
	var out []leg
	for i := 1; i < len(at); i++ {
		if l, ok := q.run(query, m, at[i-1].Position, at[i].Position, cost); ok {
			out = append(out, l)
		}
	}
	return out
}

// leastOf is the price that run finds, without the way.
func (q *enquiry) leastOf(query *cch.Query, m *cch.Metric, from, to road.Position, cost func(road.Stretch) uint32) uint32 {
	g := q.roads.graph
	price, _ := query.Run(m, seedsOf(g.Leave(from), cost), seedsOf(g.Arrive(to), cost))
	if straight, direct := g.Between(from, to); direct {
		price = min(price, cost(straight))
	}
	return price
}

func seedsOf(ends []road.End, cost func(road.Stretch) uint32) []cch.Seed {
	out := make([]cch.Seed, len(ends))
	for i, end := range ends {
		out[i] = cch.Seed{Node: end.Node, Cost: cost(end.Stretch)}
	}
	return out
}

// run finds the cheapest leg by a metric whose weights cost gives for stretches.
func (q *enquiry) run(query *cch.Query, m *cch.Metric, from, to road.Position, cost func(road.Stretch) uint32) (leg, bool) {
	g := q.roads.graph
	leave, arrive := g.Leave(from), g.Arrive(to)
	price, ok := query.Run(m, seedsOf(leave, cost), seedsOf(arrive, cost))
	if straight, direct := g.Between(from, to); direct {
		if c := cost(straight); c < cch.Infinity && (!ok || c <= price) {
			return leg{[]road.Stretch{straight}, c}, true
		}
	}
	if !ok {
		return leg{}, false
	}
	arcs, first, last := query.Path(nil)
	out := leg{make([]road.Stretch, 0, len(arcs)+2), price}
	add := func(s road.Stretch) {
		if s.FromM != s.ToM {
			out.stretches = append(out.stretches, s)
		}
	}
	add(leave[first].Stretch)
	for _, arc := range arcs {
		add(g.Whole(q.net.topology.Arc[arc]))
	}
	add(arrive[last].Stretch)
	if len(out.stretches) == 0 {
		out.stretches = append(out.stretches, arrive[last].Stretch)
	}
	return out, true
}

// unsupported are all ways of the frontier, as far as the bound on the search
// goes.
func (q *enquiry) unsupported(ctx context.Context, w *weigher, at []road.Snap) (out []trade, complete bool, err error) {
	_, time, done := q.fastestMetric(w.time.closed)
	defer done()
	b := &bicriteria{q: q, weigh: w, time: time, risk: q.riskMetric(w), most: maxMarks / (len(at) - 1)}
	query := q.net.queries.Get().(*cch.Query)
	defer q.net.queries.Put(query)
	complete = true
	for i := 1; i < len(at); i++ {
		legs, whole, err := b.find(ctx, query, at[i-1].Position, at[i].Position)
		if err != nil {
			return nil, false, err
		}
		complete = complete && whole
		if len(legs) == 0 {
			return nil, false, nil // ran out before the first: nothing to chain
		}
		if i == 1 {
			out = legs
			continue
		}
		var all bool
		if out, all = chain(out, legs); !all {
			complete = false
		}
	}
	return out, complete, nil
}

// passable finds the frontier of ways on which nothing is shut on arrival:
// what turns out shut is taken to be shut for all of them, and they are looked
// for again. ok is false where nothing passable connects the points.
func (q *enquiry) passable(ctx context.Context, at []road.Snap) (list []trade, complete, ok bool, err error) {
	var closed []*obstacle
	for range maxAttempts {
		found, whole, err := q.frontier(ctx, closed, at)
		if errors.Is(err, road.ErrNotConnected) {
			return list, complete, len(list) > 0, nil
		}
		if err != nil {
			return nil, false, false, err
		}
		list, complete = found, whole
		shut := len(closed)
		for _, i := range shown(list) {
			closed = q.shutOn(q.join(at, list[i].legs()), closed)
		}
		if len(closed) == shut {
			break
		}
	}
	return list, complete, true, nil
}

// shutOn adds the obstacles that are shut when a way comes to them.
func (q *question) shutOn(w *way, closed []*obstacle) []*obstacle {
	for _, x := range q.encounters(w) {
		known := false
		for _, o := range closed {
			known = known || o == x.obstacle
		}
		if !known && x.verdict.passability == "no" {
			closed = append(closed, x.obstacle)
		}
	}
	return closed
}

// shown are the positions of the ways of a frontier that answers are made of:
// the fastest, the knee, the least risky.
func shown(list []trade) []int {
	if len(list) == 0 {
		return nil
	}
	out := []int{0}
	if k := hazard.Knee(points(list)); k > 0 {
		out = append(out, k)
	}
	if len(list) > 1 {
		out = append(out, len(list)-1)
	}
	return out
}

func points(list []trade) []hazard.Point {
	out := make([]hazard.Point, len(list))
	for i, t := range list {
		out[i] = hazard.Point{TimeS: float64(t.time) / 10, Risk: float64(t.risk) * riskUnit}
	}
	return out
}

// answerFrontier writes the frontier with the time and risk between points and
// network that all its ways share.
func (q *enquiry) answerFrontier(list []trade, complete bool, at []road.Snap) Frontier {
	out := Frontier{Status: FrontierPartial, Points: []FrontierPoint{}}
	if complete {
		out.Status = FrontierComplete
	}
	accessS, accessRisk := q.accessCost(at)
	all := points(list)
	for i, p := range all {
		one := FrontierPoint{DurationS: math.Round((p.TimeS+accessS)*10) / 10, Risk: math.Round((p.Risk+accessRisk)/riskUnit) * riskUnit}
		one.Risk = math.Round(one.Risk*1e6) / 1e6
		if k := list[i].lambda; k > 0 {
			seconds := float64(q.caller.policy.LambdaDs[k-1]) / 10
			one.Lambda = &seconds
		}
		out.Points = append(out.Points, one)
	}
	if knee := hazard.Knee(all); knee >= 0 {
		out.Knee = &knee
	}
	out.Exchange = exchangeText(out)
	return out
}

// accessCost is the time and the risk between the points and the network.
func (q *enquiry) accessCost(at []road.Snap) (seconds, risk float64) {
	w := &way{}
	for i := 1; i < len(at); i++ {
		q.addAccess(w, q.request.Points[i-1], at[i-1].Point)
		q.addAccess(w, at[i].Point, q.request.Points[i])
	}
	risks := q.ground.risksOf(q.caller, q.risks.at)
	for i := range w.pieces {
		p := &w.pieces[i]
		risk += risks.of(p.survey, p.class(), span{0, p.length()})
	}
	return w.driveS, risk
}
