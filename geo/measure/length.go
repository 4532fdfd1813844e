package measure

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"
)

// DistanceM is the geodesic distance between two positions in metres.
func DistanceM(a, b orb.Point) float64 {
	if a == b {
		return 0
	}
	var distanceM float64
	geodesic.WGS84.Inverse(a[1], a[0], b[1], b[0], &distanceM, nil, nil)
	return distanceM
}

// LengthM is the geodesic length of the lines of a geometry in metres; points
// have none and areas count none: a perimeter is not a length.
func LengthM(g orb.Geometry) float64 {
	switch g := g.(type) {
	case orb.LineString:
		return lineLengthM(g)
	case orb.MultiLineString:
		total := 0.0
		for _, line := range g {
			total += lineLengthM(line)
		}
		return total
	case orb.Collection:
		total := 0.0
		for _, part := range g {
			total += LengthM(part)
		}
		return total
	}
	return 0
}

func lineLengthM(line orb.LineString) float64 {
	total := 0.0
	for i := 1; i < len(line); i++ {
		total += DistanceM(line[i-1], line[i])
	}
	return total
}

// Interpolate is the position distanceM metres along the line, held to its
// ends. An empty line gives the zero point.
func Interpolate(line orb.LineString, distanceM float64) orb.Point {
	if len(line) == 0 {
		return orb.Point{}
	}
	if !(distanceM > 0) {
		return line[0]
	}
	for i := 1; i < len(line); i++ {
		segmentM := DistanceM(line[i-1], line[i])
		if distanceM < segmentM {
			return between(line[i-1], line[i], distanceM/segmentM)
		}
		distanceM -= segmentM
	}
	return line[len(line)-1]
}

// NearestOnLine finds the position of the line that is nearest to p, its
// distance from p and how far along the line it lies, in metres. An empty line
// is infinitely far.
//
// Segments are compared in the tangent plane at p, where a degree is as long as
// the ellipsoid makes it there. Within 100 km of p the choice can only be wrong
// between segments whose distances differ by less than about one percent, and
// never among those close by; the distance returned is geodesic.
func NearestOnLine(p orb.Point, line orb.LineString) (nearest orb.Point, distanceM, alongM float64) {
	if len(line) == 0 {
		return orb.Point{}, math.Inf(1), 0
	}
	lonM, latM := DegreeM(p[1])
	best, segment, fraction := math.Inf(1), 0, 0.0
	for i := range line {
		a := line[max(i-1, 0)]
		ax, ay := (a[0]-p[0])*lonM, (a[1]-p[1])*latM
		dx, dy := (line[i][0]-a[0])*lonM, (line[i][1]-a[1])*latM
		t := 0.0
		if squared := dx*dx + dy*dy; squared > 0 {
			t = min(1, max(0, -(ax*dx+ay*dy)/squared))
		}
		x, y := ax+t*dx, ay+t*dy
		if squared := x*x + y*y; squared < best {
			best, segment, fraction = squared, i, t
		}
	}
	start := max(segment-1, 0)
	nearest = between(line[start], line[segment], fraction)
	alongM = lineLengthM(line[:start+1]) + fraction*DistanceM(line[start], line[segment])
	return nearest, DistanceM(p, nearest), alongM
}

// between is the position at a fraction of the way, the ends exactly.
func between(a, b orb.Point, fraction float64) orb.Point {
	switch {
	case fraction <= 0:
		return a
	case fraction >= 1:
		return b
	}
	return orb.Point{a[0] + fraction*(b[0]-a[0]), a[1] + fraction*(b[1]-a[1])}
}

// DegreeM is the length of one degree of longitude and of latitude at a
// latitude, in metres, from the ellipsoid's two radii of curvature.
func DegreeM(latitude float64) (lonM, latM float64) {
	const (
		equatorM      = 6378137.0
		flattening    = 1 / 298.257223563
		eccentricity2 = flattening * (2 - flattening)
		radians       = math.Pi / 180
	)
	sin, cos := math.Sincos(latitude * radians)
	w2 := 1 - eccentricity2*sin*sin
	primeVerticalM := equatorM / math.Sqrt(w2)
	meridianM := primeVerticalM * (1 - eccentricity2) / w2
	return primeVerticalM * cos * radians, meridianM * radians
}
