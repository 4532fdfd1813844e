package road

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
)

// shortDegrees is the largest difference in longitude or latitude for which
// segmentM uses the local metric, about two kilometres.
const shortDegrees = 0.02

// segmentM is the length of a segment in metres. A short one is measured by the
// ellipsoid's two radii of curvature at its middle latitude: the first neglected
// terms grow with the square of its angle, and in the extent of the record the
// result differs from measure.DistanceM by less than 1e-7 of itself. That takes
// a hundredth of the time of a geodesic, which counts when a country's roads
// have a million segments. Long ones are geodesics.
func segmentM(a, b orb.Point) float64 {
	dLon, dLat := b[0]-a[0], b[1]-a[1]
	if math.Abs(dLon) > shortDegrees || math.Abs(dLat) > shortDegrees {
		return measure.DistanceM(a, b)
	}
	lonM, latM := measure.DegreeM((a[1] + b[1]) / 2)
	x, y := dLon*lonM, dLat*latM
	return math.Sqrt(x*x + y*y)
}

// appendAlong appends the distance of each vertex from the first.
func appendAlong(dst []float64, line orb.LineString) []float64 {
	total := 0.0
	dst = append(dst, 0)
	for i := 1; i < len(line); i++ {
		total += segmentM(line[i-1], line[i])
		dst = append(dst, total)
	}
	return dst
}
