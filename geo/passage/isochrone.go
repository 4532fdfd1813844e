package passage

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/cch"
	"pasaj/geo/measure"
	reaching "pasaj/geo/reach"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

const (
	// reachDrawnM is how far round the roads reached the area is drawn, at least.
	reachDrawnM = 300
	// reachDrawnShare is how far it is drawn as a share of the length of those
	// roads, where that is more: what spans the country needs no finer outline.
	reachDrawnShare = 1. / 20_000
	// maxReachLabels bounds the search for what is reached within a risk.
	maxReachLabels = 3_000_000
)

// Reach finds how far one gets on the fastest ways from any of the starts,
// obstacles and closures counted as at departure. The areas are drawn round the
// roads reached.
func (e *Engine) Reach(ctx context.Context, w *world.World, r ReachRequest) (*Reach, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	q, err := e.enquire(ctx, w, &r.Request)
	if err != nil {
		return nil, err
	}
	starts := q.snapAll(r.Points)
	for i, s := range starts {
		if !s.ok {
			return nil, noRoad("/points", i)
		}
	}
	labels, err := q.labels(ctx, &r, starts)
	if err != nil {
		return nil, err
	}
	out := &Reach{Type: "FeatureCollection", Frame: newFrame(w, &r.Request), Features: []ReachFeature{}}
	weigh := q.weigher(nil)
	for _, minutes := range r.Minutes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		out.Features = append(out.Features, q.reachFeature(weigh, labels, starts, minutes, r.MaxRisk))
	}
	return out, nil
}

// labels are the times, and the risks where they are limited, of all nodes
// within the greatest limit.
func (q *enquiry) labels(ctx context.Context, r *ReachRequest, starts []placed) (*reaching.Labels, error) {
	p, m, done := q.fastestMetric(nil)
	defer done()
	if r.MaxRisk == nil {
		var seeds []cch.Seed
		for _, s := range starts {
			seeds = append(seeds, q.leaving(&p, s)...)
		}
		query := q.net.queries.Get().(*cch.Query)
		defer q.net.queries.Put(query)
		return reaching.Times(query.Sweep(m, seeds, nil)), nil
	}
	weigh := q.weigher(nil)
	risk := q.riskMetric(weigh)
	costs := make([]reaching.Cost, len(q.net.topology.Arc))
	for i := range costs {
		costs[i] = reaching.Cost{Time: m.Weight(int32(i)), Risk: risk.Weight(int32(i))}
	}
	var seeds []reaching.Seed
	for i, s := range starts {
		access := reaching.Cost{Time: deciseconds(s.accessS), Risk: riskCost(q.accessRisk(r.Points[i], s))}
		for _, end := range q.roads.graph.Leave(s.Position) {
			time, risk := weigh.cost(end.Stretch)
			seeds = append(seeds, reaching.Seed{Node: end.Node, Cost: reaching.Cost{Time: plus(time, access.Time), Risk: plus(risk, access.Risk)}})
		}
	}
	limit := reaching.Cost{Time: limitOf(r.Minutes[len(r.Minutes)-1]), Risk: riskLimit(*r.MaxRisk)}
	return reaching.Within(ctx, q.net.topology, seeds, costs, limit, maxReachLabels)
}

func limitOf(minutes float64) uint32 { return uint32(minutes * 600) }

// riskLimit is a limit in whole units. The risks of edges are rounded up, so
// none beyond the limit is let in.
func riskLimit(risk float64) uint32 { return uint32(math.Floor(risk/riskUnit + 1e-9)) }

// accessRisk is the risk between a place and the network.
func (q *question) accessRisk(p orb.Point, at placed) float64 {
	w := &way{}
	q.addAccess(w, p, at.Point)
	risks, risk := q.ground.risksOf(q.caller, q.risks.at), 0.0
	for i := range w.pieces {
		risk += risks.of(w.pieces[i].survey, "", span{0, w.pieces[i].length()})
	}
	return risk
}

func (q *enquiry) reachFeature(weigh *weigher, labels *reaching.Labels, starts []placed, minutes float64, maxRisk *float64) ReachFeature {
	limit := reaching.Cost{Time: limitOf(minutes), Risk: reaching.Closed - 1}
	cost := func(s road.Stretch) reaching.Cost { return reaching.Cost{Time: weigh.price(&weigh.time, s)} }
	if maxRisk != nil {
		limit.Risk = riskLimit(*maxRisk)
		cost = func(s road.Stretch) reaching.Cost {
			time, risk := weigh.cost(s)
			return reaching.Cost{Time: time, Risk: risk}
		}
	}
	g := q.roads.graph
	var on []road.Position
	var far []road.Stretch
	for i, s := range starts {
		if s.accessS == 0 {
			on = append(on, s.Position)
			continue
		}
		// The first stretch of one who has to get to the road first.
		rest := limit
		rest.Time -= min(rest.Time, deciseconds(s.accessS))
		if maxRisk != nil {
			rest.Risk -= min(rest.Risk, riskCost(q.accessRisk(q.request.Points[i], s)))
		}
		far = append(far, reaching.Leaving(g, s.Position, rest, cost)...)
	}
	stretches := reaching.Roads(g, labels, on, limit, cost)
	if len(far) > 0 {
		stretches = united(append(stretches, far...))
	}
	lines, lengthM := reaching.Lines(g, stretches)
	area, drawnM := reaching.Area(lines, max(reachDrawnM, lengthM*reachDrawnShare))
	if area == nil {
		area = orb.MultiPolygon{}
	}
	return ReachFeature{Type: "Feature", Geometry: Area(area), Properties: ReachProperties{
		Minutes: minutes, MaxRisk: maxRisk, AreaKm2: math.Round(measure.AreaM2(area)/1e4) / 100,
		RoadKm: math.Round(lengthM/10) / 100, DrawnM: metres(drawnM), Complete: labels.Complete,
	}}
}

// united joins stretches that overlap, along the geometry of their edges, in the
// order of the edges.
func united(list []road.Stretch) []road.Stretch {
	for i, s := range list {
		if s.FromM > s.ToM {
			list[i].FromM, list[i].ToM = s.ToM, s.FromM
		}
	}
	slices.SortFunc(list, func(a, b road.Stretch) int {
		return cmp.Or(cmp.Compare(a.Edge, b.Edge), cmp.Compare(a.FromM, b.FromM), cmp.Compare(a.ToM, b.ToM))
	})
	out := list[:0]
	for _, s := range list {
		if n := len(out); n > 0 && out[n-1].Edge == s.Edge && s.FromM <= out[n-1].ToM {
			out[n-1].ToM = max(out[n-1].ToM, s.ToM)
			continue
		}
		out = append(out, s)
	}
	return out
}
