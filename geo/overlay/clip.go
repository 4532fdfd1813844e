package overlay

import (
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
)

// Span is a stretch of a line, as metres from its start.
type Span struct{ From, To float64 }

// LengthM is the length of the stretch.
func (s Span) LengthM() float64 { return s.To - s.From }

// spanSlackM is below anything the record can express: gaps this small between
// stretches are closed, and stretches this short are touches, not passages.
const spanSlackM = 0.001

// Clip gives the stretches of the line that run through the area or along its
// border, in order and not overlapping. A line that passes a place twice has
// two stretches there. The cost is the product of the two numbers of vertices,
// with boxes to skip what is far.
func Clip(line orb.LineString, area orb.MultiPolygon) []Span {
	if len(line) < 2 || len(area) == 0 {
		return nil
	}
	box := area.Bound()
	var (
		spans  []Span
		cuts   []float64
		along  [][2]float64
		inside bool // where the previous segment ended
		known  bool // inside is to be trusted
		startM float64
	)
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		lengthM := measure.DistanceM(a, b)
		if !segmentMeets(a, b, box) {
			inside, known = false, true
			startM += lengthM
			continue
		}
		cuts, along = crossings(a, b, area, cuts[:0], along[:0])
		if len(cuts) == 0 {
			// Nothing of the border touches this segment, so it is wholly what
			// the previous one was at its end.
			if !known {
				inside, known = Contains(area, a), true
			}
			if inside {
				spans = extend(spans, startM, startM+lengthM)
			}
			startM += lengthM
			continue
		}
		cuts = append(cuts, 0, 1)
		slices.Sort(cuts)
		for k := 1; k < len(cuts); k++ {
			from, to := cuts[k-1], cuts[k]
			if from == to {
				continue
			}
			middle := (from + to) / 2
			inside = onBorder(along, middle) ||
				Contains(area, orb.Point{a[0] + middle*(b[0]-a[0]), a[1] + middle*(b[1]-a[1])})
			if inside {
				spans = extend(spans, startM+from*lengthM, startM+to*lengthM)
			}
		}
		// A cut at the end leaves the next segment to find out for itself.
		known = cuts[len(cuts)-2] < 1
		startM += lengthM
	}
	return slices.DeleteFunc(spans, func(s Span) bool { return s.LengthM() < spanSlackM })
}

func extend(spans []Span, fromM, toM float64) []Span {
	if n := len(spans); n > 0 && fromM-spans[n-1].To < spanSlackM {
		spans[n-1].To = toM
		return spans
	}
	return append(spans, Span{fromM, toM})
}

func onBorder(along [][2]float64, at float64) bool {
	for _, stretch := range along {
		if stretch[0] <= at && at <= stretch[1] {
			return true
		}
	}
	return false
}

// crossings gives the fractions of the segment at which the area's border
// touches it, and the stretches over which the border runs along it. Whether
// they meet is decided exactly; where is rounded.
func crossings(a, b orb.Point, area orb.MultiPolygon, cuts []float64, along [][2]float64) ([]float64, [][2]float64) {
	box := orb.Bound{
		Min: orb.Point{min(a[0], b[0]), min(a[1], b[1])},
		Max: orb.Point{max(a[0], b[0]), max(a[1], b[1])},
	}
	for _, polygon := range area {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				c, d := ring[i-1], ring[i]
				if min(c[0], d[0]) > box.Max[0] || max(c[0], d[0]) < box.Min[0] ||
					min(c[1], d[1]) > box.Max[1] || max(c[1], d[1]) < box.Min[1] {
					continue
				}
				sideC, sideD := orientation(a, b, c), orientation(a, b, d)
				if sideC*sideD > 0 {
					continue
				}
				if sideC == 0 && sideD == 0 {
					from, to := fraction(a, b, c), fraction(a, b, d)
					from, to = max(0, min(from, to)), min(1, max(from, to))
					if from <= to {
						cuts = append(cuts, from, to)
						along = append(along, [2]float64{from, to})
					}
					continue
				}
				sideA, sideB := orientation(c, d, a), orientation(c, d, b)
				if sideA*sideB > 0 {
					continue
				}
				cuts = append(cuts, crossing(a, b, c, d, sideA, sideB))
			}
		}
	}
	return cuts, along
}

// fraction is how far along a-b a point of the same straight line lies.
func fraction(a, b, p orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	if dx*dx >= dy*dy {
		if dx == 0 {
			return 0
		}
		return (p[0] - a[0]) / dx
	}
	return (p[1] - a[1]) / dy
}

func crossing(a, b, c, d orb.Point, sideA, sideB int) float64 {
	switch {
	case sideA == 0:
		return 0
	case sideB == 0:
		return 1
	}
	ex, ey := d[0]-c[0], d[1]-c[1]
	distanceA := (a[0]-c[0])*ey - (a[1]-c[1])*ex
	distanceB := (b[0]-c[0])*ey - (b[1]-c[1])*ex
	if distanceA == distanceB {
		return 0
	}
	return min(1, max(0, distanceA/(distanceA-distanceB)))
}
