package passage

import (
	"time"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// question is one request put to a world: the ground that answers it, who asks,
// and what the request itself adds to or takes from the ground. It is for one
// goroutine.
type question struct {
	request *Request
	world   *world.World
	model   *geo.Model
	ground  *ground
	roads   *roads // nil without a network
	phase   *phase
	caller  *caller
	risks   *risks

	private private // what differs from the ground, see private.go

	assessments map[*geo.Version]geo.Assessment
}

func newQuestion(w *world.World, r *Request, g *ground, c *caller) *question {
	q := &question{
		request: r, world: w, model: w.Model(), ground: g, roads: g.roads, phase: g.phase(r.DepartAt), caller: c,
		risks: newRisks(c, riskInstant(r.DepartAt)), assessments: map[*geo.Version]geo.Assessment{},
	}
	q.private.make(q)
	return q
}

// on gives what lies on an edge for this question, nil for nothing.
func (q *question) on(edge int) *survey {
	if q.private.surveys != nil {
		if s, ok := q.private.surveys[int32(edge)]; ok {
			return s
		}
	}
	return q.ground.on(edge)
}

// look surveys a line for this question.
func (q *question) look(t *track) *survey {
	return q.private.adapt(t, q.ground.chart.look(t))
}

// price is the price of a stretch of the network.
func (q *question) price(p *pricing, s road.Stretch) uint32 {
	return p.price(q.on(s.Edge), q.roads.graph.Edge(s.Edge).Class, q.caller.pace(q.roads, s.Edge), span{min(s.FromM, s.ToM), max(s.FromM, s.ToM)})
}

// pricing prepares prices of a kind with obstacles found shut on arrival.
func (q *question) pricing(k kind, closed []*obstacle) pricing {
	p := newPricing(q.caller, q.phase, k)
	p.closed = closed
	if k >= kindLambda {
		p.risks = q.ground.risksOf(q.caller, q.risks.at)
	}
	return p
}

// assess says how much a feature is worth at the instant of the question.
func (q *question) assess(v *geo.Version) geo.Assessment {
	a, ok := q.assessments[v]
	if !ok && v != nil {
		a = q.model.Assess(v, q.request.At)
		q.assessments[v] = a
	}
	return a
}

// terms are those of an obstacle while it is open, by the age of its report:
// when stale, nobody knows on what terms one passes now, if one may at all.
func (q *question) terms(o *obstacle) terms {
	t := q.caller.termsFor(o)
	if q.assess(o.version).Stale && t.passability != "no" {
		t.effect = max(t.effect, negotiationNeeded)
	}
	return t
}

// sectionEffect is what a section's status means, by the age of its report.
func (q *question) sectionEffect(s *section) advice {
	effect := s.effectFor(q.caller.vehicle)
	if effect == passableWithConditions && q.assess(s.version).Stale {
		effect = negotiationNeeded
	}
	return effect
}

// observes reports whether a zone's report tells of its ground lately enough.
func (q *question) observes(z *zone) bool {
	return z.control != "unknown" && fresh(z.version, q.request)
}

// passageS is the time that a caller needs where an obstacle lets it pass.
func (q *question) passageS(o *obstacle) float64 { return q.caller.crossingS(o, q.caller.termsFor(o)) }

func after(t time.Time, seconds float64) time.Time {
	return t.Add(time.Duration(seconds * float64(time.Second)))
}
