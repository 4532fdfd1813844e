package road

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/measure"
)

// TestSegmentEqualsGeodesic holds the local metric to a ten-millionth of the
// geodesic, for segments from centimetres to the longest it is used for and
// beyond, in every direction and all over the extent.
func TestSegmentEqualsGeodesic(t *testing.T) {
	t.Parallel()
	worst := 0.0
	check := func(a, b orb.Point) bool {
		want := measure.DistanceM(a, b)
		// The geodesic itself is good to some fifteen nanometres.
		off := max(0, math.Abs(segmentM(a, b)-want)-3e-8) / want
		worst = max(worst, off)
		return off < 1e-7
	}
	for lat := geo.Extent.Min[1] + .05; lat < geo.Extent.Max[1]-.05; lat += .25 {
		for _, size := range []float64{1e-6, 1e-4, 1e-3, .005, .01, .0199, .02, .021, .04} {
			for angle := 0.0; angle < 2*math.Pi; angle += .1 {
				sin, cos := math.Sincos(angle)
				scale := size / max(math.Abs(sin), math.Abs(cos))
				a := orb.Point{-72.3, lat}
				if b := (orb.Point{a[0] + cos*scale, a[1] + sin*scale}); !check(a, b) {
					t.Fatalf("%v to %v: %v m, geodesic %v m", a, b, segmentM(a, b), measure.DistanceM(a, b))
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		a := orb.Point{rapid.Float64Range(-75.9, -70.6).Draw(t, "lon"), rapid.Float64Range(16.6, 20.9).Draw(t, "lat")}
		b := orb.Point{a[0] + rapid.Float64Range(-.05, .05).Draw(t, "dlon"), a[1] + rapid.Float64Range(-.05, .05).Draw(t, "dlat")}
		if a != b && !check(a, b) {
			t.Fatalf("%v to %v: %v m, geodesic %v m", a, b, segmentM(a, b), measure.DistanceM(a, b))
		}
	})
	t.Logf("at most %.1e off", worst)
}

func TestSegmentOfNoLength(t *testing.T) {
	t.Parallel()
	p := orb.Point{-72.3, 18.5}
	if got := segmentM(p, p); got != 0 {
		t.Errorf("%v m from a point to itself", got)
	}
}
