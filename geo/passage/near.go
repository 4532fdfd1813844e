package passage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/index"
	"pasaj/geo/measure"
	"pasaj/geo/road"
)

// span is a stretch of a line, metres from its start.
type span struct{ from, to float64 }

func (s span) length() float64 { return s.to - s.from }

// reach is a stretch of a line that lies near something, with the place where
// it comes nearest.
type reach struct {
	span
	nearestM  float64 // along the line
	distanceM float64 // there
}

// target is what a line may come near: segments in a plane that is tangent at
// the first point of each, where a degree is as long as the ellipsoid makes it.
// Near the target, which is where it matters, that is exact to far better than
// any report.
type target struct {
	segments []segment
	lengthM  float64            // of lines; a point has none
	byPlace  *index.Tree[int32] // of many segments; else nil
}

// fewSegments are tried one by one.
const fewSegments = 16

type segment struct {
	a, b       orb.Point
	lonM, latM float64 // metres for a degree at a
}

func newTarget(g orb.Geometry) target {
	t := target{lengthM: measure.LengthM(g)}
	var add func(g orb.Geometry)
	add = func(g orb.Geometry) {
		switch g := g.(type) {
		case orb.Point:
			t.segments = append(t.segments, newSegment(g, g))
		case orb.LineString:
			for i := 1; i < len(g); i++ {
				t.segments = append(t.segments, newSegment(g[i-1], g[i]))
			}
		case orb.MultiLineString:
			for _, line := range g {
				add(line)
			}
		}
	}
	add(g)
	if len(t.segments) > fewSegments {
		t.byPlace = index.New[int32]()
		for i := range t.segments {
			s := &t.segments[i]
			t.byPlace.Insert(orb.LineString{s.a, s.b}.Bound(), int32(i))
		}
	}
	return t
}

// each calls do with the segments that may lie within radiusM of a box, until it
// returns false.
func (t *target) each(box orb.Bound, radiusM float64, do func(s *segment) bool) {
	if t.byPlace != nil {
		t.byPlace.Search(road.Around(box, radiusM), func(i int32) bool {
			s := &t.segments[i]
			return s.farFrom(box, radiusM) || do(s)
		})
		return
	}
	for i := range t.segments {
		if s := &t.segments[i]; !s.farFrom(box, radiusM) && !do(s) {
			return
		}
	}
}

func newSegment(a, b orb.Point) segment {
	lonM, latM := measure.DegreeM(a[1])
	return segment{a: a, b: b, lonM: lonM, latM: latM}
}

// plane gives metres east and north of the segment's start.
func (s *segment) plane(p orb.Point) [2]float64 {
	return [2]float64{(p[0] - s.a[0]) * s.lonM, (p[1] - s.a[1]) * s.latM}
}

// distance is from a place in the plane to the segment.
func (s *segment) distance(p [2]float64) float64 {
	b := s.plane(s.b)
	t := 0.0
	if squared := b[0]*b[0] + b[1]*b[1]; squared > 0 {
		t = min(1, max(0, (p[0]*b[0]+p[1]*b[1])/squared))
	}
	return math.Hypot(p[0]-t*b[0], p[1]-t*b[1])
}

// distance is from a point to the target, metres; infinite for an empty one.
func (t *target) distance(p orb.Point) float64 {
	best := math.Inf(1)
	for i := range t.segments {
		best = min(best, t.segments[i].distance(t.segments[i].plane(p)))
	}
	return best
}

// near gives the stretches of a line within radiusM of the target, in order and
// not overlapping. along are the distances of the line's vertices from its
// start.
func (t *target) near(line orb.LineString, along []float64, radiusM float64) []reach {
	var out []reach
	t.each(line.Bound(), radiusM, func(s *segment) bool {
		for k := 1; k < len(line); k++ {
			from, to, nearest, distance, ok := s.within(s.plane(line[k-1]), s.plane(line[k]), radiusM)
			if !ok {
				continue
			}
			at := func(share float64) float64 { return along[k-1] + share*(along[k]-along[k-1]) }
			out = append(out, reach{span{at(from), at(to)}, at(nearest), distance})
		}
		return true
	})
	return mergeReaches(out)
}

// farFrom reports whether everything in a box is surely beyond the radius.
func (s *segment) farFrom(box orb.Bound, radiusM float64) bool {
	lon, lat := radiusM*1.01/s.lonM, radiusM*1.01/s.latM
	return box.Min[0] > max(s.a[0], s.b[0])+lon || box.Max[0] < min(s.a[0], s.b[0])-lon ||
		box.Min[1] > max(s.a[1], s.b[1])+lat || box.Max[1] < min(s.a[1], s.b[1])-lat
}

// within gives the part of p-q, as shares of it, that lies within radius of the
// segment. What lies within a radius of a segment is convex, so the part is one
// interval: from the first to the last place in the circles round the two ends
// or in the strip between them.
func (s *segment) within(p, q [2]float64, radius float64) (from, to, nearest, distance float64, ok bool) {
	// Quick: both ends beyond the radius on the same side of the segment's box.
	b := s.plane(s.b)
	for i := range 2 {
		lo, hi := min(0, b[i])-radius, max(0, b[i])+radius
		if p[i] < lo && q[i] < lo || p[i] > hi && q[i] > hi {
			return 0, 0, 0, 0, false
		}
	}
	d := [2]float64{q[0] - p[0], q[1] - p[1]}
	at := func(share float64) [2]float64 { return [2]float64{p[0] + share*d[0], p[1] + share*d[1]} }
	distance = math.Inf(1)
	try := func(share float64) {
		if share = min(1, max(0, share)); share == share {
			if m := s.distance(at(share)); m < distance || m == distance && share < nearest {
				nearest, distance = share, m
			}
		}
	}
	dd, bb := d[0]*d[0]+d[1]*d[1], b[0]*b[0]+b[1]*b[1]
	cross := d[0]*b[1] - d[1]*b[0]
	try(0)
	try(1)
	if dd > 0 {
		try(-(p[0]*d[0] + p[1]*d[1]) / dd)
		try(((b[0]-p[0])*d[0] + (b[1]-p[1])*d[1]) / dd)
		if cross != 0 { // where the two straight lines meet
			try((p[1]*b[0] - p[0]*b[1]) / cross)
		}
	}
	if distance > radius {
		return 0, 0, 0, 0, false
	}
	from, to = nearest, nearest
	widen := func(lo, hi float64) {
		if lo, hi = max(0, lo), min(1, hi); lo <= hi {
			from, to = min(from, lo), max(to, hi)
		}
	}
	circle := func(c [2]float64) {
		x := [2]float64{p[0] - c[0], p[1] - c[1]}
		half, rest := x[0]*d[0]+x[1]*d[1], x[0]*x[0]+x[1]*x[1]-radius*radius
		if root := half*half - dd*rest; dd > 0 && root >= 0 {
			root = math.Sqrt(root)
			widen((-half-root)/dd, (-half+root)/dd)
		} else if dd == 0 && rest <= 0 {
			widen(0, 1)
		}
	}
	circle([2]float64{})
	if bb > 0 {
		circle(b)
		// The strip: so far along the segment, and so far beside it.
		lo, hi := between(p[0]*b[0]+p[1]*b[1], d[0]*b[0]+d[1]*b[1], 0, bb)
		side := radius * math.Sqrt(bb)
		lo2, hi2 := between(p[0]*b[1]-p[1]*b[0], cross, -side, side)
		widen(max(lo, lo2), min(hi, hi2))
	}
	return from, to, nearest, distance, true
}

// between gives the interval of t over which start + t*step lies in [lo, hi].
func between(start, step, lo, hi float64) (from, to float64) {
	if step == 0 {
		if start < lo || start > hi {
			return 1, 0
		}
		return math.Inf(-1), math.Inf(1)
	}
	from, to = (lo-start)/step, (hi-start)/step
	return min(from, to), max(from, to)
}

// touchM closes gaps that only rounding made.
const touchM = 1e-6

func mergeReaches(list []reach) []reach {
	slices.SortFunc(list, func(a, b reach) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		case a.to < b.to:
			return -1
		case a.to > b.to:
			return 1
		}
		return 0
	})
	var out []reach
	for _, r := range list {
		if n := len(out); n > 0 && r.from <= out[n-1].to+touchM {
			last := &out[n-1]
			last.to = max(last.to, r.to)
			if r.distanceM < last.distanceM || r.distanceM == last.distanceM && r.nearestM < last.nearestM {
				last.nearestM, last.distanceM = r.nearestM, r.distanceM
			}
			continue
		}
		out = append(out, r)
	}
	return out
}

// meets reports whether a line comes within radiusM of the target.
func (t *target) meets(line orb.LineString, box orb.Bound, radiusM float64) bool {
	met := false
	t.each(box, radiusM, func(s *segment) bool {
		for k := 1; k < len(line) && !met; k++ {
			_, _, _, _, met = s.within(s.plane(line[k-1]), s.plane(line[k]), radiusM)
		}
		return !met
	})
	return met
}

// boxes cover the target: small ones, however long its segments are.
func (t *target) boxes() []orb.Bound {
	const most = .05 // degrees
	var out []orb.Bound
	for i := range t.segments {
		a, b := t.segments[i].a, t.segments[i].b
		n := max(1, math.Ceil(max(math.Abs(b[0]-a[0]), math.Abs(b[1]-a[1]))/most))
		at := func(k float64) orb.Point { return orb.Point{a[0] + (b[0]-a[0])*k/n, a[1] + (b[1]-a[1])*k/n} }
		for k := range int(n) {
			one := orb.LineString{at(float64(k)), at(float64(k + 1))}.Bound()
			if last := len(out) - 1; last >= 0 {
				if both := out[last].Union(one); both.Max[0]-both.Min[0] <= most && both.Max[1]-both.Min[1] <= most {
					out[last] = both
					continue
				}
			}
			out = append(out, one)
		}
	}
	return out
}

// fromLine is the distance from the segment's start to a line.
func (s *segment) fromLine(line orb.LineString) float64 {
	best := math.Inf(1)
	b := s.plane(line[0])
	for _, p := range line[1:] {
		a := b
		b = s.plane(p)
		dx, dy, t := b[0]-a[0], b[1]-a[1], 0.0
		if dd := dx*dx + dy*dy; dd > 0 {
			t = min(1, max(0, -(a[0]*dx+a[1]*dy)/dd))
		}
		x, y := a[0]+t*dx, a[1]+t*dy
		best = min(best, x*x+y*y)
	}
	return math.Sqrt(best)
}
