package passage

import (
	"bytes"
	"slices"
	"time"
)

// encounter is a roadblock on a way. One that the way passes several times is
// judged on each passage; place, time and verdict are those of the worst.
type encounter struct {
	obstacle  *obstacle
	reaches   []reach // on the way, in order: the passages
	nearestM  float64
	distanceM float64
	refs      []string // numbers of the national roads it stands on
	eta       time.Time
	wait      time.Duration // until it opens, of a patient way
	waits     time.Duration // on all passages together
	verdict   verdict       // on arrival, or after waiting
}

func (x *encounter) lengthM() float64 {
	total := 0.0
	for _, r := range x.reaches {
		total += r.length()
	}
	return total
}

// encounters are the live roadblocks of a way in the order of its course, with
// times of arrival and verdicts.
func (q *question) encounters(w *way) []*encounter {
	var byObstacle map[*obstacle]*encounter
	var out []*encounter
	for i := range w.pieces {
		p := &w.pieces[i]
		if p.survey == nil {
			continue
		}
		for k := range p.survey.obstacles {
			r := &p.survey.obstacles[k]
			if !r.obstacle.live {
				continue
			}
			s, ok := p.along(r.span)
			if !ok {
				continue
			}
			x := byObstacle[r.obstacle]
			if x == nil {
				if byObstacle == nil {
					byObstacle = map[*obstacle]*encounter{}
				}
				x = &encounter{obstacle: r.obstacle}
				byObstacle[r.obstacle] = x
				out = append(out, x)
			}
			// Where the piece ends short of the nearest place, its end is it.
			nearest := min(max(p.at(min(max(r.nearestM, min(p.fromM, p.toM)), max(p.fromM, p.toM))), s.from), s.to)
			x.reaches = append(x.reaches, reach{s, nearest, r.distanceM})
			for _, ref := range p.national() {
				if !slices.Contains(x.refs, ref) {
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
	q.arrive(w, out)
	slices.SortStableFunc(out, func(a, b *encounter) int { return comparePlaces(a, b, a.nearestM, b.nearestM) })
	return out
}

func comparePlaces(a, b *encounter, atA, atB float64) int {
	switch {
	case atA < atB:
		return -1
	case atA > atB:
		return 1
	}
	idA, idB := a.obstacle.id(), b.obstacle.id()
	return bytes.Compare(idA[:], idB[:])
}

// passage is one time that a way passes an obstacle.
type passage struct {
	*encounter
	reach
	isNearest bool // of all passages of it
	eta       time.Time
	wait      time.Duration
	verdict   verdict
}

// arrive gives times of arrival at obstacles in the order of the way, where each
// holds the journey up once, and the verdict of each.
func (q *question) arrive(w *way, encounters []*encounter) {
	passages := make([]passage, 0, len(encounters))
	for _, x := range encounters {
		for _, r := range x.reaches {
			passages = append(passages, passage{encounter: x, reach: r, isNearest: r.nearestM == x.nearestM})
		}
	}
	slices.SortStableFunc(passages, func(a, b passage) int {
		return comparePlaces(a.encounter, b.encounter, a.reach.nearestM, b.reach.nearestM)
	})
	delayS := 0.0
	for i := range passages {
		p := &passages[i]
		open := q.terms(p.obstacle)
		p.eta = after(q.request.DepartAt, w.seconds(p.reach.nearestM)+delayS)
		p.verdict = p.obstacle.at(p.eta, open)
		if w.patient && p.verdict.shut {
			if opens, ok := q.opening(p.obstacle, p.eta); ok {
				p.wait = opens.Sub(p.eta)
				p.verdict = p.obstacle.at(opens, open)
				p.verdict.effect = max(p.verdict.effect, passableWithConditions)
				delayS += p.wait.Seconds()
				p.waits += p.wait
			}
		}
		if p.isNearest && p.verdict.passability != "no" {
			delayS += q.passageS(p.obstacle)
		}
	}
	for i := range passages { // the nearest one, unless another is worse
		p := &passages[i]
		x := p.encounter
		if x.eta.IsZero() || p.verdict.effect > x.verdict.effect || p.verdict.effect == x.verdict.effect && (p.wait > 0 || p.isNearest && x.wait == 0) {
			x.nearestM, x.distanceM = p.reach.nearestM, p.reach.distanceM
			x.eta, x.wait, x.verdict = p.eta, p.wait, p.verdict
		}
	}
}

// opening is when an obstacle that is shut on arrival opens, if that is within a
// day and it then lets the caller pass.
func (q *question) opening(o *obstacle, arrival time.Time) (time.Time, bool) {
	if o.schedule == nil || o.schedule.Open(arrival) || q.caller.termsFor(o).passability == "no" {
		return time.Time{}, false
	}
	opens, ok := o.schedule.Next(arrival)
	return opens, ok && opens.Sub(arrival) <= longWait
}

// crossing is something that stretches along a way: a zone, a section, what a
// report tells of, an area of the request.
type crossing[T comparable] struct {
	what   T
	spans  []span  // on the way; those that touch are one
	pieces []int32 // of the way
}

func (c *crossing[T]) lengthM() float64 {
	total := 0.0
	for _, s := range c.spans {
		total += s.length()
	}
	return total
}

// first is where a crossing begins; the spans of a backward run are in the order
// of the track.
func (c *crossing[T]) first() float64 {
	at := c.spans[0].from
	for _, s := range c.spans {
		at = min(at, s.from)
	}
	return at
}

// crossings collects the crossings of one kind in the order of the way.
type crossings[T comparable] struct {
	list  []*crossing[T]
	known map[T]*crossing[T]
}

func (c *crossings[T]) add(what T, s span, piece int) {
	x := c.known[what]
	if x == nil {
		if c.known == nil {
			c.known = map[T]*crossing[T]{}
		}
		x = &crossing[T]{what: what}
		c.known[what] = x
		c.list = append(c.list, x)
	}
	if n := len(x.spans); n > 0 && s.from-x.spans[n-1].to < touchM && s.from >= x.spans[n-1].from {
		x.spans[n-1].to = max(x.spans[n-1].to, s.to)
	} else {
		x.spans = append(x.spans, s)
	}
	if n := len(x.pieces); n == 0 || x.pieces[n-1] != int32(piece) {
		x.pieces = append(x.pieces, int32(piece))
	}
}

// course is everything that a way runs over, beside roadblocks.
type course struct {
	zones    []*crossing[*zone]
	sections []*crossing[*section]
	seen     []*crossing[*obstacle] // roadblocks whose reports tell of the way
	areas    []*crossing[*area]
}

func (q *question) course(w *way) course {
	var zones crossings[*zone]
	var sections crossings[*section]
	var seen crossings[*obstacle]
	var areas crossings[*area]
	for i := range w.pieces {
		p := &w.pieces[i]
		s := p.survey
		if s == nil {
			continue
		}
		for k := range s.zones {
			if on, ok := p.along(s.zones[k].span); ok {
				zones.add(s.zones[k].zone, on, i)
			}
		}
		for k := range s.sections {
			if on, ok := p.along(s.sections[k].span); ok {
				sections.add(s.sections[k].section, on, i)
			}
		}
		for k := range s.observed {
			if o := &s.observed[k]; dated(o.obstacle.version, q.request.At) {
				if on, ok := p.along(o.span); ok {
					seen.add(o.obstacle, on, i)
				}
			}
		}
		for k := range s.areas {
			if on, ok := p.along(s.areas[k].span); ok {
				areas.add(s.areas[k].area, on, i)
			}
		}
	}
	return course{zones.list, sections.list, seen.list, areas.list}
}

// zoneEffect judges the crossing of a zone. Controlled ground is crossed on
// conditions where a national road has a working toll regime: a roadblock on
// the way, not stale, that lets pass for payment, inside the zone or on the
// same road. Elsewhere it takes negotiation.
func (q *question) zoneEffect(w *way, c *crossing[*zone], encounters []*encounter) advice {
	control := c.what.control
	switch control {
	case "contested":
		return negotiationNeeded
	case "self_defence", "recovered", "depopulated", "state_held":
		if q.assess(c.what.version).Stale {
			return negotiationNeeded // what it was, nobody knows any more
		}
		if control == "state_held" {
			return noReportedObstacle
		}
		return passableWithConditions
	}
	var before []string
	for _, i := range c.pieces {
		refs := w.pieces[i].national()
		if len(refs) == 0 {
			return negotiationNeeded
		}
		if len(before) > 0 && slices.Equal(refs, before) {
			continue
		}
		if !q.tollRegime(refs, c, encounters) {
			return negotiationNeeded
		}
		before = refs
	}
	return passableWithConditions
}

func (q *question) tollRegime(refs []string, c *crossing[*zone], encounters []*encounter) bool {
	for _, x := range encounters {
		if x.verdict.passability != "pay" || q.assess(x.obstacle.version).Stale {
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
