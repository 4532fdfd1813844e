package passage

import (
	"math"
	"runtime"
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
	factor   float64                     // of the driving time; 0: closed
	holdsEnd bool                        // a point of the request lies in it: dear where it would be closed
	tiles    map[square]orb.MultiPolygon // the same area for each tile of the map
}

// veryDear is a sum of factors from which the price of a way through areas may be
// more than a metric can hold, which it takes for closed.
const veryDear = 250

// isVeryDear reports whether a way that a metric does not find may be there.
func (p *private) isVeryDear() bool {
	sum := 0.0
	for _, a := range p.areas {
		sum += a.factor
	}
	return sum > veryDear
}

// tileDegrees is the size of the parts in which an area is kept.
const tileDegrees = .05

func newArea(number int, a Avoidance) *area {
	out := &area{number: number, polygons: a.Area, bound: a.Area.Bound(), factor: a.Factor}
	if verticesOf(a.Area) <= fewSegments {
		return out
	}
	// First in strips: of the whole, each costs as much as it has vertices.
	w := squareAt(out.bound.Min)
	e := squareAt(out.bound.Max)
	out.tiles = make(map[square]orb.MultiPolygon, int(e.x-w.x+1)*int(e.y-w.y+1))
	for y := w.y; y <= e.y; y++ {
		strip := trim(a.Area, orb.Bound{Min: tileOf(square{w.x, y}).Min, Max: tileOf(square{e.x, y}).Max})
		for x := w.x; x <= e.x; x++ {
			out.tiles[square{x, y}] = trim(strip, tileOf(square{x, y}))
		}
	}
	return out
}

func verticesOf(area orb.MultiPolygon) (n int) {
	for _, polygon := range area {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

func squareAt(p orb.Point) square {
	return square{int32(math.Floor(p[0] / tileDegrees)), int32(math.Floor(p[1] / tileDegrees))}
}

// tileOf is the box of a tile, a little larger than it so that neighbours leave
// no gap by rounding.
func tileOf(s square) orb.Bound {
	const slack = 1e-9
	return orb.Bound{
		Min: orb.Point{float64(s.x)*tileDegrees - slack, float64(s.y)*tileDegrees - slack},
		Max: orb.Point{float64(s.x+1)*tileDegrees + slack, float64(s.y+1)*tileDegrees + slack},
	}
}

// near is an area that is the same within a box as the whole area.
func (a *area) near(b orb.Bound) orb.MultiPolygon {
	if a.tiles == nil {
		return a.polygons
	}
	part := a.polygons
	if at := squareAt(b.Min); at == squareAt(b.Max) {
		part = a.tiles[at]
	}
	if verticesOf(part) > 4*fewSegments {
		return trim(part, b)
	}
	return part
}

// trim gives an area that is the same within a box, with fewer vertices: a run of
// them on one side of the box, whatever it does there, is drawn straight.
func trim(area orb.MultiPolygon, b orb.Bound) orb.MultiPolygon {
	side := func(p *orb.Point) (s uint8) {
		if p[0] < b.Min[0] {
			s = 1
		} else if p[0] > b.Max[0] {
			s = 2
		}
		if p[1] < b.Min[1] {
			s |= 4
		} else if p[1] > b.Max[1] {
			s |= 8
		}
		return s
	}
	var out orb.MultiPolygon
	for _, polygon := range area {
		var rings orb.Polygon
		for _, ring := range polygon {
			if len(ring) == 0 {
				continue
			}
			kept := append(make(orb.Ring, 0, 16), ring[0])
			common, all := side(&ring[0]), side(&ring[0])
			for i := 1; i < len(ring); i++ {
				here := side(&ring[i])
				all &= here
				if common &= here; common != 0 {
					if i+1 < len(ring) {
						continue // the run may go on
					}
				} else if last := ring[i-1]; last != kept[len(kept)-1] {
					kept = append(kept, last)
				}
				if common == 0 {
					if common = side(&ring[i-1]) & here; common != 0 && i+1 < len(ring) {
						continue // another run, from the vertex before
					}
				}
				kept = append(kept, ring[i])
				common = here
			}
			if all == 0 { // else the whole ring lies on one side
				rings = append(rings, kept)
			}
		}
		if len(rings) > 0 {
			out = append(out, rings)
		}
	}
	return out
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
		one := newArea(i, a)
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
	parallel(len(p.closures), runtime.GOMAXPROCS(0), func(i int) { q.roads.place(p.closures[i]) })
	for _, o := range p.closures {
		edges = append(edges, o.edges...)
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
	for i := range p.lines {
		for _, b := range p.lines[i].boxes() {
			in(road.Around(b, q.roads.widestM))
		}
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	before, adapted := make([]*survey, len(edges)), make([]*survey, len(edges))
	for i, edge := range edges { // a ground for one question is not for several goroutines
		before[i] = q.ground.on(int(edge))
	}
	parallel(len(edges), runtime.GOMAXPROCS(0), func(i int) {
		t := q.roads.track(int(edges[i]))
		adapted[i] = p.adapt(&t, before[i])
	})
	p.surveys = make(map[int32]*survey, len(edges))
	for i, edge := range edges {
		if adapted[i] != before[i] {
			p.surveys[edge] = adapted[i]
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
		out, differs = p.without(t, s)
	}
	for _, o := range p.closures {
		if !o.mayStandOn(t) {
			continue
		}
		if n := len(out.obstacles); !o.elsewhere(t) {
			out.obstacles = slices.Clip(out.obstacles)
			out.add(t, o)
			differs = differs || len(out.obstacles) > n
		}
	}
	for _, a := range p.areas {
		if a.bound.Intersects(t.bound) {
			for _, s := range areaSpans(t.line, t.along, t.bound, a.near(t.bound)) {
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

// without leaves reports aside. The road of a section that was never reported
// may be that of the next one; that of a lifted one is not.
func (p *private) without(t *track, s *survey) (out survey, differs bool) {
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
		near := found(p.question.ground.chart.sections, t.bound, (*section).of)
		near = slices.DeleteFunc(near, func(x *section) bool { return p.ignored[x.version.ID] })
		out.sections = nil
		for _, ref := range t.refs() {
			out.sections = append(out.sections, divide(t, near, ref)...)
		}
		out.sections = slices.DeleteFunc(out.sections, func(x sectionSpan) bool { return gone(x.section.version.ID) })
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
