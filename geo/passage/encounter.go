package passage

import (
	"slices"
	"strings"
	"time"

	"pasaj/geo/road"
)

// encounter is a roadblock on a way.
type encounter struct {
	obstacle  *obstacle
	reaches   []reach // on the way, in order
	nearestM  float64
	distanceM float64
	refs      []string // numbers of the roads it stands on
	eta       time.Time
	verdict   verdict
}

func (x *encounter) lengthM() float64 {
	total := 0.0
	for _, r := range x.reaches {
		total += r.length()
	}
	return total
}

// encounters are the live roadblocks of a way in the order of its course, with
// times of arrival and verdicts. One that the way meets several times is met
// where it comes nearest.
func (e *evidence) encounters(w *way) []*encounter {
	byObstacle := map[*obstacle]*encounter{}
	var out []*encounter
	for i := range w.pieces {
		p := &w.pieces[i]
		for _, r := range p.survey.obstacles {
			if !r.obstacle.live {
				continue
			}
			s, ok := p.along(r.span)
			if !ok {
				continue
			}
			x := byObstacle[r.obstacle]
			if x == nil {
				x = &encounter{obstacle: r.obstacle}
				byObstacle[r.obstacle] = x
				out = append(out, x)
			}
			// Where the piece ends short of the nearest place, its end is it.
			nearest := min(max(p.at(min(max(r.nearestM, min(p.fromM, p.toM)), max(p.fromM, p.toM))), s.from), s.to)
			x.reaches = append(x.reaches, reach{s, nearest, r.distanceM})
			for _, ref := range p.track.refs {
				if p.track.class == road.ClassNational && !slices.Contains(x.refs, ref) {
					x.refs = append(x.refs, ref)
				}
			}
		}
	}
	for _, x := range out {
		x.reaches = mergeReaches(x.reaches)
		best := x.reaches[0]
		for _, r := range x.reaches[1:] {
			if r.distanceM < best.distanceM {
				best = r
			}
		}
		x.nearestM, x.distanceM = best.nearestM, best.distanceM
	}
	slices.SortStableFunc(out, func(a, b *encounter) int {
		switch {
		case a.nearestM < b.nearestM:
			return -1
		case a.nearestM > b.nearestM:
			return 1
		}
		return strings.Compare(a.obstacle.version.ID.String(), b.obstacle.version.ID.String())
	})
	w.arrivals(e.request.DepartAt, out)
	return out
}

// crossing is a zone that a way runs through, or a section that it runs on.
type crossing[T comparable] struct {
	what   T
	spans  []span // on the way, in order
	pieces []int  // of each span
}

func (c *crossing[T]) lengthM() float64 {
	total := 0.0
	for _, s := range c.spans {
		total += s.length()
	}
	return total
}

// crossings collects what the pieces of a way run over, in the order of its
// course.
func crossings[T comparable](w *way, on func(*survey) ([]T, []span)) []*crossing[T] {
	known := map[T]*crossing[T]{}
	var out []*crossing[T]
	for i := range w.pieces {
		p := &w.pieces[i]
		whats, spans := on(p.survey)
		for k, what := range whats {
			s, ok := p.along(spans[k])
			if !ok {
				continue
			}
			c := known[what]
			if c == nil {
				c = &crossing[T]{what: what}
				known[what] = c
				out = append(out, c)
			}
			c.spans, c.pieces = append(c.spans, s), append(c.pieces, i)
		}
	}
	return out
}

func zonesOn(s *survey) (whats []*zone, spans []span) {
	for _, z := range s.zones {
		whats, spans = append(whats, z.zone), append(spans, z.span)
	}
	return whats, spans
}

func sectionsOn(s *survey) (whats []*section, spans []span) {
	for _, x := range s.sections {
		whats, spans = append(whats, x.section), append(spans, x.span)
	}
	return whats, spans
}

func observedOn(s *survey) (whats []*obstacle, spans []span) {
	for _, x := range s.observed {
		whats, spans = append(whats, x.obstacle), append(spans, x.span)
	}
	return whats, spans
}

// first is where a crossing begins; pieces of a backward run are in the order
// of the track.
func (c *crossing[T]) first() float64 {
	at := c.spans[0].from
	for _, s := range c.spans {
		at = min(at, s.from)
	}
	return at
}

// zoneEffect judges the crossing of a zone. Controlled ground is crossed on
// conditions where a national road has a working toll regime: a roadblock on
// the way, not stale, that lets pass for payment, inside the zone or on the
// same road. Elsewhere it takes negotiation.
func (e *evidence) zoneEffect(w *way, c *crossing[*zone], encounters []*encounter) advice {
	control := c.what.control
	switch control {
	case "contested":
		return negotiationNeeded
	case "self_defence", "recovered", "depopulated", "state_held":
		if c.what.assessment.Stale {
			return negotiationNeeded // what it was, nobody knows any more
		}
		if control == "state_held" {
			return noReportedObstacle
		}
		return passableWithConditions
	}
	for i := range c.spans {
		p := &w.pieces[c.pieces[i]]
		if !p.national() || !tollRegime(p.track.refs, c, encounters) {
			return negotiationNeeded
		}
	}
	return passableWithConditions
}

func tollRegime(refs []string, c *crossing[*zone], encounters []*encounter) bool {
	for _, x := range encounters {
		if x.verdict.passability != "pay" || x.obstacle.assessment.Stale {
			continue
		}
		for _, ref := range refs {
			if slices.Contains(x.refs, ref) {
				return true
			}
		}
		for _, s := range c.spans {
			if x.nearestM >= s.from && x.nearestM <= s.to {
				return true
			}
		}
	}
	return false
}
