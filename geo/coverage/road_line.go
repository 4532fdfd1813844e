package coverage

import (
	"math"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// roadLine is one line of a road. A position on it is the number of a vertex
// and the fraction of the way to the next one: 2.5 is half way from the third
// vertex to the fourth. Fractions are of degrees, so that a cut lies where a GIS
// that cuts in the plane has it, and lengths are measured afterwards.
type roadLine struct {
	print  uint64
	points orb.LineString
	alongM []float64 // of each vertex from the start
	bound  orb.Bound
}

// positions are a stretch of a line.
type positions struct{ from, to float64 }

func newRoadLine(print uint64, points orb.LineString) *roadLine {
	l := &roadLine{print: print, points: points, alongM: make([]float64, len(points)), bound: points.Bound()}
	for i := 1; i < len(points); i++ {
		l.alongM[i] = l.alongM[i-1] + measure.DistanceM(points[i-1], points[i])
	}
	return l
}

func (l *roadLine) whole() positions { return positions{0, float64(len(l.points) - 1)} }

func (l *roadLine) point(at float64) orb.Point {
	i := int(at)
	f := at - float64(i)
	if f == 0 || i+1 >= len(l.points) {
		return l.points[i]
	}
	a, b := l.points[i], l.points[i+1]
	return orb.Point{a[0] + f*(b[0]-a[0]), a[1] + f*(b[1]-a[1])}
}

// position turns metres from a vertex into a position.
func (l *roadLine) position(vertex int, m float64) float64 {
	last := len(l.points) - 1
	m += l.alongM[vertex]
	i, exact := slices.BinarySearch(l.alongM, m)
	switch {
	case exact || i == 0:
		return float64(i)
	case i > last:
		return float64(last)
	}
	return float64(i-1) + (m-l.alongM[i-1])/(l.alongM[i]-l.alongM[i-1])
}

// lengthM is the geodesic length of a stretch, as of a line of its own.
func (l *roadLine) lengthM(p positions) float64 {
	first, last := int(math.Ceil(p.from)), int(math.Floor(p.to))
	if first > last {
		return measure.DistanceM(l.point(p.from), l.point(p.to))
	}
	total := l.alongM[last] - l.alongM[first]
	if float64(first) > p.from {
		total += measure.DistanceM(l.point(p.from), l.points[first])
	}
	if p.to > float64(last) {
		total += measure.DistanceM(l.points[last], l.point(p.to))
	}
	return total
}

// distanceM is how far a point lies from the line, in the plane that is tangent
// at the point.
func (l *roadLine) distanceM(p orb.Point) float64 {
	lonM, latM := measure.DegreeM(p[1])
	best := math.Inf(1)
	for i := 1; i < len(l.points); i++ {
		a, b := l.points[i-1], l.points[i]
		x, y := (a[0]-p[0])*lonM, (a[1]-p[1])*latM
		dx, dy, t := (b[0]-a[0])*lonM, (b[1]-a[1])*latM, 0.0
		if squared := dx*dx + dy*dy; squared > 0 {
			t = min(1, max(0, -(x*dx+y*dy)/squared))
		}
		best = min(best, math.Hypot(x+t*dx, y+t*dy))
	}
	return best
}

// padded is a box with some metres around it.
func padded(b orb.Bound, m float64) orb.Bound {
	lonM, latM := measure.DegreeM(max(math.Abs(b.Min[1]), math.Abs(b.Max[1])))
	lon, lat := 1.01*m/lonM, 1.01*m/latM
	return orb.Bound{Min: orb.Point{b.Min[0] - lon, b.Min[1] - lat}, Max: orb.Point{b.Max[0] + lon, b.Max[1] + lat}}
}

// segmentBound is the box of the segment that ends at a vertex.
func (l *roadLine) segmentBound(i int) orb.Bound {
	a, b := l.points[i-1], l.points[i]
	return orb.Bound{Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])}, Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])}}
}

// inside gives the stretches of a line that an area covers. Only the runs of
// segments near the area are looked at: a road is long and a zone is not.
func (l *roadLine) inside(area orb.MultiPolygon) []positions {
	var out []positions
	box := area.Bound()
	for i := 1; i < len(l.points); i++ {
		if !l.segmentBound(i).Intersects(box) {
			continue
		}
		first := i - 1
		for i+1 < len(l.points) && l.segmentBound(i+1).Intersects(box) {
			i++
		}
		for _, s := range overlay.Clip(l.points[first:i+1], area) {
			out = append(out, positions{l.position(first, s.From), l.position(first, s.To)})
		}
	}
	return out
}

// joined puts stretches in order and makes one of those that overlap.
func joined(list []positions) []positions {
	slices.SortFunc(list, func(a, b positions) int {
		switch {
		case a.from < b.from:
			return -1
		case a.from > b.from:
			return 1
		}
		return 0
	})
	out := list[:0]
	for _, p := range list {
		if n := len(out); n > 0 && p.from <= out[n-1].to {
			out[n-1].to = max(out[n-1].to, p.to)
			continue
		}
		out = append(out, p)
	}
	return out
}

// without are the stretches less those taken already; both in order.
func without(list, taken []positions) []positions {
	var out []positions
	for _, p := range list {
		for _, t := range taken {
			if t.to <= p.from || t.from >= p.to {
				continue
			}
			if t.from > p.from {
				out = append(out, positions{p.from, t.from})
			}
			p.from = t.to
			if p.from >= p.to {
				break
			}
		}
		if p.from < p.to {
			out = append(out, p)
		}
	}
	return out
}

// cutCache keeps where outlines cut lines. That depends on the two shapes alone,
// so that after an edit only the outlines that changed are cut again.
type cutCache struct {
	mu    sync.Mutex
	lines map[uint64]*roadLine
	cuts  map[cutKey][]positions
}

type cutKey struct {
	line, area uint64
	withinM    float64 // 0: inside
}

// Bounds of the cache; beyond them it starts anew.
const (
	maxCutLines = 10_000
	maxCuts     = 200_000
)

func (c *cutCache) line(points orb.LineString) *roadLine {
	print := fingerprint(orb.MultiPolygon{{orb.Ring(points)}})
	c.mu.Lock()
	l := c.lines[print]
	c.mu.Unlock()
	if l != nil {
		return l
	}
	l = newRoadLine(print, points)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lines == nil || len(c.lines) >= maxCutLines {
		c.lines = map[uint64]*roadLine{}
	}
	c.lines[print] = l
	return l
}

// cut gives the stretches of a line inside an outline, or within some metres of
// it. The result is shared: do not change it.
func (c *cutCache) cut(l *roadLine, o outline, withinM float64) []positions {
	key := cutKey{l.print, o.print, withinM}
	c.mu.Lock()
	list, ok := c.cuts[key]
	c.mu.Unlock()
	if ok {
		return list
	}
	list = l.inside(o.area)
	if withinM > 0 {
		list = joined(append(list, l.near(o.area, withinM)...))
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cuts == nil || len(c.cuts) >= maxCuts {
		c.cuts = map[cutKey][]positions{}
	}
	c.cuts[key] = list
	return list
}
