package passage

import (
	"math"
	"slices"

	"pasaj/geo/cch"
)

// kind is what the price of a way counts. Prices are whole deciseconds, rounded
// up on each edge; what is closed costs cch.Infinity.
type kind uint8

const (
	// kindAdvised is the price by which a way is chosen: driving time, longer on
	// exposed ground, and the time that obstacles cost. What cannot be passed is
	// closed.
	kindAdvised kind = iota
	// kindFastest is driving time and the time that obstacles cost, with the same
	// closures.
	kindFastest
	// kindForced is kindAdvised with what cannot be passed very dear instead of
	// closed, for where nothing else connects.
	kindForced
	// kindBlockages is kindFastest with 1<<blockageShift for each thing on an edge
	// that cannot be passed. One that stands on several edges counts on each.
	kindBlockages
	// kindLambda and the nine after it, see lambda, are time and risk together.
	kindLambda
)

// blockageShift is where kindBlockages counts; below it are deciseconds.
const blockageShift = 20

// lambdas is how many mixtures of time and risk there are.
const lambdas = 10

// lambda is the i-th mixture, from 1: driving time and obstacles, and risk times
// the policy's i-th factor, with the closures of kindAdvised.
func lambda(i int) kind { return kindLambda + kind(i-1) }

// pricing is the prices of one caller for stretches of edges. What the roads
// say of themselves comes with the stretch; see question.price.
type pricing struct {
	caller *caller
	phase  *phase
	kind   kind
	closed []*obstacle // found shut on arrival, beside what the phase holds
	risks  *risks      // of a lambda kind
	factor float64     // of a lambda kind, deciseconds for a unit of risk
}

func newPricing(c *caller, p *phase, k kind) pricing {
	out := pricing{caller: c, phase: p, kind: k}
	if k >= kindLambda {
		out.factor = float64(c.policy.LambdaDs[k-kindLambda])
	}
	return out
}

// hard reports whether an obstacle cannot be passed.
func (p *pricing) hard(o *obstacle, t terms) bool {
	return t.passability == "no" || p.phase.holds(o) || slices.Contains(p.closed, o)
}

// price is the price of a stretch of an edge with what lies on it, of which each
// metre takes pace seconds. Obstacles' time is spread evenly over their reach so
// that one costs the same however the network is cut into edges.
func (p *pricing) price(s *survey, class string, pace float64, here span) uint32 {
	if math.IsInf(pace, 1) {
		return cch.Infinity
	}
	exposed := p.kind == kindAdvised || p.kind == kindForced
	if s == nil {
		lengthM := here.length()
		if exposed {
			return deciseconds(lengthM * p.caller.exposure[unassessed] * pace)
		}
		seconds := lengthM * pace
		if p.kind >= kindLambda {
			seconds += p.factor / 10 * p.risks.of(s, class, here)
		}
		return deciseconds(seconds)
	}
	seconds := 0.0
	if exposed {
		seconds = exposedM(s.zones, here, p.caller.exposure) * pace
	} else {
		seconds = here.length() * pace
	}
	blocks := 0
	for i := range s.obstacles {
		r := &s.obstacles[i]
		if !r.obstacle.live || !meets(r.span, here) {
			continue
		}
		terms := p.caller.termsFor(r.obstacle)
		costS := p.caller.crossingS(r.obstacle, terms)
		if p.hard(r.obstacle, terms) {
			switch p.kind {
			case kindForced:
				costS = p.caller.policy.Forced.ObstacleS
			case kindBlockages:
				costS = 0
				if here.length() > 0 {
					blocks++
				}
			default:
				return cch.Infinity
			}
		}
		seconds += costS * common(r.span, here) / (2*r.radiusM + r.obstacle.target.lengthM)
	}
	shut := func(where span) bool { // what cannot be passed over its whole length
		switch p.kind {
		case kindForced:
			seconds += p.caller.policy.Forced.SectionSPerM * common(where, here)
		case kindBlockages:
			if here.length() > 0 {
				blocks++
			}
		default:
			return true
		}
		return false
	}
	for i := range s.sections {
		x := &s.sections[i]
		if x.section.status != "open" && meets(x.span, here) && x.section.effectFor(p.caller.vehicle) == notPassable && shut(x.span) {
			return cch.Infinity
		}
	}
	for i := range s.areas {
		x := &s.areas[i]
		switch {
		case !meets(x.span, here):
		case x.area.factor > 0:
			seconds += (x.area.factor - 1) * pace * common(x.span, here)
		case x.area.holdsEnd:
			seconds += p.caller.policy.Forced.SectionSPerM * common(x.span, here)
		case shut(x.span):
			return cch.Infinity
		}
	}
	if p.kind >= kindLambda {
		seconds += p.factor / 10 * p.risks.of(s, class, here)
	}
	price := deciseconds(seconds)
	if blocks > 0 {
		price = saturate(uint64(min(blocks, 1<<10))<<blockageShift + uint64(price))
	}
	return price
}

// deciseconds rounds up; what is finite stays below cch.Infinity.
func deciseconds(seconds float64) uint32 {
	ds := math.Ceil(seconds * 10)
	if !(ds < float64(cch.Infinity-1)) {
		return cch.Infinity - 1
	}
	return uint32(ds)
}

func saturate(ds uint64) uint32 { return uint32(min(ds, uint64(cch.Infinity-1))) }

// plus adds prices; what is closed stays closed.
func plus(a, b uint32) uint32 {
	if a >= cch.Infinity || b >= cch.Infinity {
		return cch.Infinity
	}
	return saturate(uint64(a) + uint64(b))
}

// meets reports whether a stretch runs over some of s, or stands still on it.
func meets(s, here span) bool {
	return common(s, here) > 0 || here.from == here.to && s.from <= here.from && here.from <= s.to
}

func common(a, b span) float64 { return max(0, min(a.to, b.to)-max(a.from, b.from)) }

// exposedM is the length of a stretch with each metre counted by the control
// type that takes precedence there.
func exposedM(zones []zoneSpan, here span, factors []float64) float64 {
	if len(zones) == 0 {
		return here.length() * factors[unassessed]
	}
	var few [16]float64
	cuts := append(few[:0], here.from, here.to)
	for i := range zones {
		z := &zones[i]
		if z.from > here.from && z.from < here.to {
			cuts = append(cuts, z.from)
		}
		if z.to > here.from && z.to < here.to {
			cuts = append(cuts, z.to)
		}
	}
	slices.Sort(cuts)
	total := 0.0
	for i := 1; i < len(cuts); i++ {
		middle := (cuts[i-1] + cuts[i]) / 2
		rank, excepted := controlAt(zones, middle)
		factor := factors[rank]
		if excepted {
			factor = 1
		}
		total += (cuts[i] - cuts[i-1]) * factor
	}
	return total
}

// controlAt names the ground at a place, and tells whether the question lets
// its zones be crossed there.
func controlAt(zones []zoneSpan, at float64) (rank controlRank, excepted bool) {
	rank = unassessed
	for i := range zones {
		if z := &zones[i]; z.from <= at && at <= z.to {
			rank, excepted = min(rank, z.zone.rank), excepted || z.excepted
		}
	}
	return rank, excepted
}
