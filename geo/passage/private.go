package passage

import (
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// area is a part of the map that a request wants left out of the way, or made
// dearer.
type area struct {
	number   int // in the request
	polygons orb.MultiPolygon
	bound    orb.Bound
	factor   float64 // of the driving time; 0: closed
	holdsEnd bool    // a point of the request lies in it: dear where it would be closed
}

// private is what a request adds to and takes from the ground for itself alone:
// areas to avoid, roads along which they and zones may be crossed, closures it
// supposes, and reports it leaves aside. The ground stays as it is; edges that
// differ have surveys of the question's own.
type private struct {
	question *question
	ignored  map[uuid.UUID]bool // as if never reported
	opened   map[uuid.UUID]bool // as if lifted: still news, no obstacle
	closures []*obstacle        // supposed
	areas    []*area
	refs     []string // of roads along which zones and areas are crossed
	lines    []target // likewise
	surveys  map[int32]*survey
	edges    []int32 // that have such a survey, ascending
}

// make reads what the request wants to be different and surveys the edges that
// it touches.
func (p *private) make(q *question) {
	r := q.request
	p.question = q
	if len(r.Avoid) == 0 && len(r.Except) == 0 && r.WhatIf.empty() && len(r.Ignore) == 0 {
		return
	}
	set := func(ids []uuid.UUID) map[uuid.UUID]bool {
		out := map[uuid.UUID]bool{}
		for _, id := range ids {
			out[id] = true
		}
		return out
	}
	p.ignored, p.opened = set(r.Ignore), set(r.WhatIf.Open)
	for i, a := range r.Avoid {
		one := &area{number: i, polygons: a.Area, bound: a.Area.Bound(), factor: a.Factor}
		for _, at := range r.Points {
			one.holdsEnd = one.holdsEnd || contains(one, at)
		}
		p.areas = append(p.areas, one)
	}
	for _, x := range r.Except {
		if x.Ref != "" {
			p.refs = append(p.refs, x.Ref)
		} else {
			p.lines = append(p.lines, newTarget(x.Line))
		}
	}
	for _, g := range r.WhatIf.Close {
		o := &obstacle{target: newTarget(g), live: true}
		o.passing.supposed = true
		p.closures = append(p.closures, o)
	}
	if q.roads != nil {
		p.survey(q)
	}
}

// survey finds the edges that differ and surveys them.
func (p *private) survey(q *question) {
	var edges []int32
	in := func(b orb.Bound) {
		q.roads.graph.Search(b, func(i int) bool {
			edges = append(edges, int32(i))
			return true
		})
	}
	for _, a := range p.areas {
		in(a.bound)
	}
	for i, g := range q.request.WhatIf.Close {
		q.roads.place(p.closures[i], g.Bound())
		edges = append(edges, p.closures[i].edges...)
	}
	for _, o := range q.ground.obstacles {
		if id := o.version.ID; p.ignored[id] || p.opened[id] {
			edges = append(edges, o.edges...)
		}
	}
	for _, z := range q.ground.zones {
		if id := z.version.ID; p.ignored[id] || p.opened[id] {
			in(z.version.Bound)
		}
	}
	for _, s := range q.ground.sections {
		if id := s.version.ID; p.ignored[id] || p.opened[id] {
			in(s.bound())
		}
	}
	for _, ref := range p.refs {
		edges = append(edges, q.roads.withRef(ref)...)
	}
	for _, x := range q.request.Except {
		if x.Ref == "" {
			in(road.Around(x.Line.Bound(), q.roads.widestM))
		}
	}
	slices.Sort(edges)
	p.surveys = make(map[int32]*survey, len(edges))
	for _, edge := range slices.Compact(edges) {
		t := q.roads.track(int(edge))
		before := q.ground.on(int(edge))
		if s := p.adapt(&t, before); s != before {
			p.surveys[edge] = s
			p.edges = append(p.edges, edge)
		}
	}
}

// adapt gives the survey of a track as the question has it: the same one where
// nothing differs.
func (p *private) adapt(t *track, s *survey) *survey {
	if p.ignored == nil { // the request wants nothing different
		return s
	}
	out, differs := survey{}, false
	if s != nil {
		out, differs = p.without(s)
	}
	for _, o := range p.closures {
		if n := len(out.obstacles); !o.elsewhere(t) {
			out.obstacles = slices.Clip(out.obstacles)
			out.add(t, o)
			differs = differs || len(out.obstacles) > n
		}
	}
	for _, a := range p.areas {
		if a.bound.Intersects(t.bound) {
			for _, s := range areaSpans(t.line, t.along, t.bound, a.polygons) {
				out.areas = append(out.areas, areaSpan{a, s})
				differs = true
			}
		}
	}
	if len(out.zones) > 0 || len(out.areas) > 0 {
		if free := p.corridors(t); len(free) > 0 {
			out.except(free)
			differs = true
		}
	}
	switch {
	case !differs:
		return s
	case out.empty():
		return nil
	}
	return &out
}

// without leaves reports aside.
func (p *private) without(s *survey) (out survey, differs bool) {
	out = *s
	gone := func(id uuid.UUID) bool { return p.ignored[id] || p.opened[id] }
	if slices.ContainsFunc(s.zones, func(z zoneSpan) bool { return gone(z.zone.version.ID) }) {
		out.zones = slices.DeleteFunc(slices.Clone(s.zones), func(z zoneSpan) bool { return gone(z.zone.version.ID) })
		differs = true
	}
	if slices.ContainsFunc(s.obstacles, func(o obstacleReach) bool { return gone(o.obstacle.version.ID) }) {
		out.obstacles = slices.DeleteFunc(slices.Clone(s.obstacles), func(o obstacleReach) bool { return gone(o.obstacle.version.ID) })
		out.observed = slices.DeleteFunc(slices.Clone(s.observed), func(o obstacleReach) bool { return p.ignored[o.obstacle.version.ID] })
		differs = true
	}
	if slices.ContainsFunc(s.sections, func(x sectionSpan) bool { return gone(x.section.version.ID) }) {
		out.sections = slices.DeleteFunc(slices.Clone(s.sections), func(x sectionSpan) bool { return gone(x.section.version.ID) })
		differs = true
	}
	return out, differs
}

// corridors gives the stretches of a track along which zones and areas may be
// crossed.
func (p *private) corridors(t *track) []span {
	for _, ref := range t.refs() {
		if slices.Contains(p.refs, ref) {
			return []span{{0, t.lengthM()}}
		}
	}
	var out []span
	for i := range p.lines {
		for _, r := range p.lines[i].near(t.line, t.along, t.radiusM()) {
			out = append(out, r.span)
		}
	}
	return joined(out)
}

// joined puts spans in order and makes one of those that overlap.
func joined(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	var out []span
	for _, s := range spans {
		if n := len(out); n > 0 && s.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, s.to)
		} else {
			out = append(out, s)
		}
	}
	return out
}

// except lets zones be crossed along stretches, and takes areas away there.
func (s *survey) except(free []span) {
	var zones []zoneSpan
	for _, z := range s.zones {
		at := z.from
		for _, f := range free {
			lo, hi := max(at, f.from), min(z.to, f.to)
			if lo >= hi {
				continue
			}
			if at < lo {
				zones = append(zones, zoneSpan{z.zone, span{at, lo}, false})
			}
			zones = append(zones, zoneSpan{z.zone, span{lo, hi}, true})
			at = hi
		}
		if at < z.to || at == z.from {
			zones = append(zones, zoneSpan{z.zone, span{at, z.to}, false})
		}
	}
	s.zones = zones
	var areas []areaSpan
	for _, a := range s.areas {
		at := a.from
		for _, f := range free {
			lo, hi := max(at, f.from), min(a.to, f.to)
			if lo >= hi {
				continue
			}
			if at < lo {
				areas = append(areas, areaSpan{a.area, span{at, lo}})
			}
			at = hi
		}
		if at < a.to {
			areas = append(areas, areaSpan{a.area, span{at, a.to}})
		}
	}
	s.areas = areas
}
