package passage

import (
	"math"
	"slices"

	"pasaj/geo/cch"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
)

// states says of every edge whether the caller can pass it.
func (q *enquiry) states() isolation.State {
	weigh := q.weigher(nil)
	for _, list := range [][]*obstacle{q.ground.obstacles, q.private.closures} {
		for _, o := range list {
			if o.version != nil {
				q.assess(o.version)
			}
		}
	}
	for _, z := range q.ground.zones {
		q.assess(z.version)
	}
	for _, s := range q.ground.sections {
		q.assess(s.version)
	}
	out := make(isolation.State, q.roads.graph.Len())
	parallel(len(out), q.engine.options.Threads, func(i int) { out[i] = q.state(&weigh.time, i) })
	return out
}

// state is what an edge is for the caller: closed where something on it cannot
// be passed, unknown where more than the model's share of it has no news or a
// report on which passage depends is stale, and otherwise the worst of what
// stands on it.
func (q *question) state(p *pricing, edge int) isolation.Status {
	return q.stretchState(p, road.Stretch{Edge: edge, ToM: q.roads.graph.Edge(edge).LengthM})
}

// stretchState is what a part of an edge is for the caller, by what stands on
// that part. It is never worse than the edge: a part has no news only where the
// edge has none either. Who stands still needs none, and is held by what cannot
// be passed where they stand.
func (q *question) stretchState(p *pricing, s road.Stretch) isolation.Status {
	on := q.on(s.Edge)
	if q.price(p, s) >= cch.Infinity {
		return isolation.Closed
	}
	here := span{min(s.FromM, s.ToM), max(s.FromM, s.ToM)}
	if on == nil {
		if here.length() == 0 {
			return isolation.Open
		}
		return isolation.Unknown
	}
	worst := isolation.Open
	for i := range on.obstacles {
		if o := on.obstacles[i].obstacle; o.live && meets(on.obstacles[i].span, here) {
			worst = max(worst, q.obstacleState(o))
		}
	}
	for i := range on.sections {
		if s := on.sections[i].section; meets(on.sections[i].span, here) && s.effectFor(q.caller.vehicle) > noReportedObstacle {
			worst = max(worst, q.fading(isolation.Restricted, q.assess(s.version).Stale))
		}
	}
	for i := range on.zones {
		if z := &on.zones[i]; !z.excepted && meets(z.span, here) {
			worst = max(worst, q.fading(zoneStates[z.zone.control], q.assess(z.zone.version).Stale))
		}
	}
	if whole := (span{0, q.roads.graph.Edge(s.Edge).LengthM}); q.silent(on, here) && (here == whole || q.silent(on, whole)) {
		worst = isolation.Unknown
	}
	return worst
}

// silent reports whether more than the model's share of a stretch has no news.
func (q *question) silent(on *survey, here span) bool {
	return here.length()-q.observedM(on, here) > q.model.UnobservedM*here.length()
}

// zoneStates is what ground of a control type is to cross. What is not named is
// open.
var zoneStates = map[string]isolation.Status{
	"contested": isolation.Unknown, "unknown": isolation.Unknown,
	"controlled": isolation.PayOrAsk, "influenced": isolation.PayOrAsk, "self_defence": isolation.PayOrAsk,
	"recovered": isolation.Restricted, "depopulated": isolation.Restricted,
}

// fading is a status by the age of its report: when stale, nobody knows.
func (q *question) fading(s isolation.Status, stale bool) isolation.Status {
	if stale && s > isolation.Open {
		return isolation.Unknown
	}
	return s
}

// obstacleState is what a roadblock that can be passed at some hour is.
func (q *question) obstacleState(o *obstacle) isolation.Status {
	open := q.terms(o)
	v := o.at(q.request.DepartAt, open)
	switch {
	case v.shut:
		return isolation.Restricted
	case o.version != nil && q.assess(o.version).Stale || v.passability == "unknown":
		return isolation.Unknown
	case v.passability == "yes":
		return isolation.Open
	}
	return isolation.PayOrAsk
}

// observedM is how much of a stretch something dated within the greatest age
// tells of.
func (q *question) observedM(on *survey, here span) float64 {
	var spans []span
	add := func(s span) {
		if s.from, s.to = math.Max(s.from, here.from), math.Min(s.to, here.to); s.from < s.to {
			spans = append(spans, s)
		}
	}
	for i := range on.observed {
		if fresh(on.observed[i].obstacle.version, q.request) {
			add(on.observed[i].span)
		}
	}
	for i := range on.sections {
		if fresh(on.sections[i].section.version, q.request) {
			add(on.sections[i].span)
		}
	}
	for i := range on.zones {
		if q.observes(on.zones[i].zone) {
			add(on.zones[i].span)
		}
	}
	total := 0.0
	for _, s := range joined(spans) {
		total += s.length()
	}
	return total
}

// likelihoods is how likely each edge is to be blocked, by the modelled risk on
// it, for comparison only.
func (q *enquiry) likelihoods() []float64 {
	weigh := q.weigher(nil)
	out := make([]float64, q.roads.graph.Len())
	parallel(len(out), q.engine.options.Threads, func(i int) {
		e := q.roads.graph.Edge(i)
		out[i] = -math.Expm1(-weigh.risks.of(q.on(i), e.Class, span{0, e.LengthM}))
	})
	return out
}

// limits lists what makes edges other than open, each once, the most guarded
// first.
func (q *question) limits(edges []int, most int) []Blockage {
	type found struct {
		Blockage
		effect advice
		key    string
	}
	var list []found
	seen := map[string]bool{}
	add := func(b Blockage, effect advice) {
		key := b.Collection
		if b.ID != nil {
			key += b.ID.String()
		}
		if effect > noReportedObstacle && !seen[key] {
			seen[key] = true
			list = append(list, found{b, effect, key})
		}
	}
	for _, edge := range edges {
		on := q.on(edge)
		if on == nil {
			continue
		}
		whole := span{0, q.roads.graph.Edge(edge).LengthM}
		for i := range on.obstacles {
			if o := on.obstacles[i].obstacle; o.live && meets(on.obstacles[i].span, whole) {
				add(q.blockage(o), o.at(q.request.DepartAt, q.terms(o)).effect)
			}
		}
		for i := range on.sections {
			if x := &on.sections[i]; meets(x.span, whole) {
				add(versionBlockage(x.section.version, "status"), q.sectionEffect(x.section))
			}
		}
		for i := range on.zones {
			if x := &on.zones[i]; meets(x.span, whole) && zoneStates[x.zone.control] > isolation.Open {
				effect := passableWithConditions
				if x.zone.control == "contested" || x.zone.control == "unknown" {
					effect = negotiationNeeded
				}
				add(versionBlockage(x.zone.version, "control_type"), effect)
			}
		}
	}
	slices.SortStableFunc(list, func(a, b found) int {
		if a.effect != b.effect {
			return int(b.effect - a.effect)
		}
		switch {
		case a.key < b.key:
			return -1
		case a.key > b.key:
			return 1
		}
		return 0
	})
	out := []Blockage{}
	for _, f := range list[:min(len(list), most)] {
		out = append(out, f.Blockage)
	}
	return out
}
