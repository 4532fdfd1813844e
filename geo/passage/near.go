package passage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
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
	lengthM  float64 // of lines; a point has none
}

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
	return t
}

func newSegment(a, b orb.Point) segment {
	const step = 0.01
	return segment{a: a, b: b,
		lonM: measure.DistanceM(a, orb.Point{a[0] + step, a[1]}) / step,
		latM: measure.DistanceM(a, orb.Point{a[0], a[1] + step}) / step,
	}
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
	for i := range t.segments {
		s := &t.segments[i]
		for k := 1; k < len(line); k++ {
			from, to, nearest, distance, ok := s.within(s.plane(line[k-1]), s.plane(line[k]), radiusM)
			if !ok {
				continue
			}
			at := func(share float64) float64 { return along[k-1] + share*(along[k]-along[k-1]) }
			out = append(out, reach{span{at(from), at(to)}, at(nearest), distance})
		}
	}
	return mergeReaches(out)
}

// within gives the part of p-q, as shares of it, that lies within radius of the
// segment. The distance from a point that moves straight on to a convex thing
// is convex, so the part is one interval round the nearest place.
func (s *segment) within(p, q [2]float64, radius float64) (from, to, nearest, distance float64, ok bool) {
	// Quick: both ends beyond the radius on the same side of the segment's box.
	b := s.plane(s.b)
	for i := range 2 {
		lo, hi := min(0, b[i])-radius, max(0, b[i])+radius
		if p[i] < lo && q[i] < lo || p[i] > hi && q[i] > hi {
			return 0, 0, 0, 0, false
		}
	}
	d := func(share float64) float64 {
		return s.distance([2]float64{p[0] + share*(q[0]-p[0]), p[1] + share*(q[1]-p[1])})
	}
	lo, hi := 0.0, 1.0
	for range 100 {
		a, b := lo+(hi-lo)/3, hi-(hi-lo)/3
		if d(a) <= d(b) {
			hi = b
		} else {
			lo = a
		}
	}
	nearest = (lo + hi) / 2
	for _, end := range []float64{0, 1} { // exact where it is an end
		if d(end) <= d(nearest) {
			nearest = end
		}
	}
	if distance = d(nearest); distance > radius {
		return 0, 0, 0, 0, false
	}
	return s.edge(d, nearest, 0, radius), s.edge(d, nearest, 1, radius), nearest, distance, true
}

// edge finds by halving where the distance grows past the radius on the way
// from inside to the end.
func (s *segment) edge(d func(float64) float64, inside, end, radius float64) float64 {
	if d(end) <= radius {
		return end
	}
	outside := end
	for range 50 {
		middle := (inside + outside) / 2
		if d(middle) <= radius {
			inside = middle
		} else {
			outside = middle
		}
	}
	return inside
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
