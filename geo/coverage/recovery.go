package coverage

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// span is a stretch of time [from, to); a zero to is open.
type span struct{ from, to time.Time }

func (s span) endsBy(t time.Time) bool { return !s.to.IsZero() && !s.to.After(t) }

// hold is a stretch of ground from its recovery on, for one cell of a plot.
type hold struct {
	weight  float64 // m²: of the ground, or of what is built up on it
	cell    int
	start   time.Time // recovered
	end     time.Time // followed up to here
	relapse [degrees]time.Time
	zones   []*geo.Version // those that made it a hold, and its relapse
}

// recovering reports whether a zone says that the state has its ground.
func recovering(v *geo.Version) bool {
	control := v.Text("control_type")
	return control == "recovered" || control == "state_held"
}

// counts is how long a zone counts to each degree: from the beginning of its
// validity until it ends or its evidence has aged below the degree.
func (s *scene) counts(v *geo.Version) (out [degrees]span, known bool) {
	from := v.Valid.From
	if from.IsZero() {
		from = geo.EarliestValid
	}
	if from.After(s.at) {
		return out, false
	}
	begin := s.world.Model().Assess(v, from)
	first := degreeOf(begin)
	for d := range degrees {
		if d < first {
			continue
		}
		out[d] = span{from, v.Valid.To}
		if until := s.until(v, d); !until.IsZero() && (out[d].to.IsZero() || until.Before(out[d].to)) {
			out[d].to = until
		}
		if out[d].endsBy(out[d].from) {
			out[d] = span{}
		}
	}
	return out, true
}

// until is when a zone's evidence has aged below a degree; zero for never.
func (s *scene) until(v *geo.Version, d degree) time.Time {
	m := s.world.Model()
	decay, ok := m.DecayOf(v)
	if d == high || !ok {
		return time.Time{}
	}
	confirmed := v.LastConfirmedAt
	if confirmed.IsZero() {
		confirmed = v.Valid.From
	}
	until := confirmed.Add(decay.TTL)
	threshold := m.Medium
	if d == low {
		threshold = m.High
	}
	if decay.HalfLife > 0 && v.Confidence > 0 {
		lasts := time.Duration(float64(decay.HalfLife) * math.Log2(v.Confidence/threshold))
		if aged := confirmed.Add(lasts); aged.Before(until) {
			until = aged
		}
	}
	return until
}

// staleAt is when nobody can say any more that a zone is as it was.
func (s *scene) staleAt(v *geo.Version) time.Time {
	return s.world.Model().Assess(v, v.Valid.From).StaleAt
}

// holdsIn finds the recoveries of a region in the scene's world up to its
// instant.
//
// Ground is recovered at the first instant at which a recovered or state-held
// zone of at least medium confidence covers it, no controlled zone of at least
// medium confidence does, and it was controlled at some time before by any
// evidence; the same ground again only after it was controlled again. A controlled
// zone that began after the recovery has to end on record before the ground counts
// as recovered once more: that its evidence grows old is not enough.
//
// It is followed until the scene's instant, or until no such zone covers it any
// more or the last one that does has gone stale: from then on nothing is known
// of it. It relapses at the first instant of that time, both ends included, at
// which a controlled zone covers it; of high confidence then (low), at least
// medium (central), or by any evidence (high). A relapse by weak evidence may be
// as early as the recovery.
func (s *scene) holdsIn(ctx context.Context, r *region, urban bool) ([]hold, error) {
	type zone struct {
		v        *geo.Version
		number   int32
		counts   [degrees]span
		recovers bool
	}
	var zones []zone
	var outlines []outline
	var ground []orb.Bound // of what recovers
	for _, recovers := range []bool{true, false} {
		for _, z := range s.everStood() {
			box := z.v.Bound
			if recovering(z.v) != recovers || !box.Intersects(r.box()) {
				continue
			}
			if !recovers && (z.v.Text("control_type") != "controlled" || !slices.ContainsFunc(ground, box.Intersects)) {
				continue
			}
			counts, ok := s.counts(z.v)
			if !ok {
				continue
			}
			if recovers {
				ground = append(ground, box)
			}
			zones = append(zones, zone{z.v, 0, counts, recovers})
			outlines = append(outlines, z.outline)
		}
		if len(zones) == 0 {
			return nil, nil
		}
	}
	p, err := s.engine.plot(ctx, r, outlines)
	if err != nil {
		return nil, err
	}
	over := make([][]int, len(p.covers))
	for i := range zones {
		zones[i].number = p.number[outlines[i].print]
		over[zones[i].number] = append(over[zones[i].number], i)
	}
	weights := p.cellM2
	if g := s.world.Grid(gridBuiltUp); urban && g != nil {
		weights = p.on(g, builtRows{g})
	}
	var out []hold
	for cell := range p.cellM2 {
		if weights[cell] <= 0 {
			continue
		}
		var story groundStory
		for _, n := range p.shape.Areas(cell) {
			if !p.present[n] {
				continue
			}
			for _, i := range over[n] {
				z := &zones[i]
				switch {
				case !z.recovers:
					story.controlled = append(story.controlled, told{z.v, z.counts})
				case z.counts[central] != span{}:
					stale := s.staleAt(z.v)
					one := span{z.counts[central].from, z.v.Valid.To}
					if !stale.IsZero() && (one.to.IsZero() || stale.Before(one.to)) {
						one.to = stale
					}
					story.held = append(story.held, told{z.v, [degrees]span{central: one}})
				}
			}
		}
		for _, h := range story.holds(s.at) {
			h.weight, h.cell = weights[cell], cell
			out = append(out, h)
		}
	}
	return out, nil
}

// everStood lists every state of every zone, whenever it held.
func (s *scene) everStood() []standing {
	if have, ok := s.kept["everStood"]; ok {
		return have.([]standing)
	}
	var all []standing
	s.states("controlled-zones", func(v *geo.Version) {
		if z, ok := s.standingOf(v); ok {
			all = append(all, z)
		}
	})
	s.kept["everStood"] = all
	return all
}

// told is a zone with the time for which it counts to each degree.
type told struct {
	v      *geo.Version
	counts [degrees]span
}

// blocks is how long a controlled zone keeps ground from being recovered by
// another one. What was heard before the recovery ages; news of control that
// came after it stands until the record ends it, for silence clears nothing.
func (c *told) blocks(held *told) span {
	one := c.counts[central]
	if one != (span{}) && one.from.After(held.counts[central].from) {
		one.to = c.v.Valid.To
	}
	return one
}

// groundStory is what the record tells of one piece of ground.
type groundStory struct {
	held       []told // central: how long it can be followed
	controlled []told
}

// holds reads the recoveries out of the story, up to an instant.
func (g *groundStory) holds(now time.Time) []hold {
	var out []hold
	at := time.Time{} // after the last hold
	for {
		start, ok := g.recovery(at, now)
		if !ok {
			return out
		}
		// Controlled before, and since the last hold began.
		was := slices.ContainsFunc(g.controlled, func(z told) bool {
			since := z.counts[high]
			return since != span{} && since.from.Before(start) && (len(out) == 0 || !since.endsBy(out[len(out)-1].start))
		})
		h := hold{start: start, end: start}
		// Followed as long as one zone takes over from another.
		for grown := true; grown; {
			grown = false
			for _, z := range g.held {
				one := z.counts[central]
				if one.from.After(h.end) || one.endsBy(h.start) || slices.Contains(h.zones, z.v) {
					continue
				}
				if one.to.IsZero() || one.to.After(now) {
					one.to = now
				}
				h.zones, grown = append(h.zones, z.v), true
				if one.to.After(h.end) {
					h.end = one.to
				}
			}
		}
		relapsed := map[*geo.Version]bool{}
		for d := range degrees {
			for _, z := range g.controlled {
				one := z.counts[d]
				if one == (span{}) || one.endsBy(h.start) {
					continue
				}
				first := one.from
				if first.Before(h.start) {
					first = h.start
				}
				if !first.After(h.end) && (h.relapse[d].IsZero() || first.Before(h.relapse[d])) {
					h.relapse[d] = first
					relapsed[z.v] = true
				}
			}
		}
		next := h.end
		if !h.relapse[central].IsZero() {
			next = h.relapse[central]
		}
		for _, z := range g.controlled {
			if relapsed[z.v] {
				h.zones = append(h.zones, z.v)
			}
		}
		if was {
			out = append(out, h)
		}
		if !next.After(at) && !at.IsZero() {
			return out
		}
		at = next
		if !at.Before(now) {
			return out
		}
	}
}

// recovery is the first instant from one on at which the ground is held and not
// controlled by evidence of medium confidence.
func (g *groundStory) recovery(from, now time.Time) (time.Time, bool) {
	best, found := time.Time{}, false
	for _, z := range g.held {
		one := z.counts[central]
		at := one.from
		if at.Before(from) {
			at = from
		}
		for moved := true; moved; {
			moved = false
			for _, c := range g.controlled {
				block := c.blocks(&z)
				if block == (span{}) || block.from.After(at) || block.endsBy(at) {
					continue
				}
				if block.to.IsZero() {
					at, moved = now, false
					break
				}
				at, moved = block.to, true
			}
		}
		if one.endsBy(at) || !at.Before(now) {
			continue
		}
		if !found || at.Before(best) {
			best, found = at, true
		}
	}
	return best, found
}

// observed is a weight of ground with how long it was followed.
type observed struct {
	weight  float64
	days    float64
	relapse bool
}

// survival is Kaplan and Meier's estimate (1958) of the share of ground that
// still holds after some days, weighed by area, and how long any ground was
// followed. Ground that is lost sight of on the day of a relapse was still at
// risk in it.
func survival(list []observed, days float64) (share, followed float64) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b observed) int {
		switch {
		case a.days < b.days:
			return -1
		case a.days > b.days:
			return 1
		}
		return 0
	})
	atRisk := 0.0
	for i := range list {
		atRisk += list[i].weight
	}
	share = 1
	for i := 0; i < len(list) && list[i].days <= days; {
		lost, gone, at := 0.0, 0.0, list[i].days
		for ; i < len(list) && list[i].days == at; i++ {
			gone += list[i].weight
			if list[i].relapse {
				lost += list[i].weight
			}
		}
		if lost >= atRisk*(1-1e-12) {
			share = 0
		} else {
			share *= 1 - lost/atRisk
		}
		atRisk -= gone
	}
	if n := len(list); n > 0 {
		followed = list[n-1].days
	}
	return share, followed
}
