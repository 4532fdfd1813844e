package arrangement

import (
	"math"
	"testing"
)

// The closed form and the polynomial for parts agree with the geodesic, whose
// own rounding is some 3e-3 m² for an edge.
func TestLens(t *testing.T) {
	for _, test := range []struct{ km, toleranceM2 float64 }{{0.1, 0.008}, {1, 0.008}, {5, 0.008}, {9.9, 0.01}, {11, 0.01}, {30, 0.02}, {59, 0.5}, {90, 0.02}} {
		var f figure
		f.init(-723_000_000, 186_000_000, 2e6)
		for k := range 36 {
			azimuth := float64(k) * 10 * math.Pi / 180
			reach := test.km * 1000 / 111_320 * 1e7
			e := edge{vertex{1000, 5000}, vertex{int32(1000 + reach*math.Sin(azimuth)), int32(5000 + reach*math.Cos(azimuth))}}
			l := f.lensOf(e, true)
			if want := f.geodesicM2(e, 0, 1); math.Abs(l.value-want) > test.toleranceM2 {
				t.Errorf("%v km at %d°: %v m², want %v", test.km, k*10, l.value, want)
			}
			for _, part := range [][2]float64{{0, 0.3}, {0.1, 0.6}, {0.5, 1}, {0.05, 0.97}} {
				u, v := part[0], part[1]
				got := l.excessM2(&f, e, u, v) + l.value*(share(v)-share(u))
				if want := f.geodesicM2(e, u, v); math.Abs(got-want) > test.toleranceM2 {
					t.Errorf("%v km at %d° from %v to %v: %v m², want %v", test.km, k*10, u, v, got, want)
				}
			}
		}
	}
}

// The parts of a chord add up to the whole.
func TestChord(t *testing.T) {
	var f figure
	f.init(-723_000_000, 186_000_000, 5e6)
	for _, e := range []edge{{vertex{-3e6, -5e6}, vertex{4e6, 5e6}}, {vertex{10, 20}, vertex{-3000, 400}}, {vertex{0, -4e6}, vertex{9e6, -4e6}}} {
		whole := f.chordM2(e, 0, 1)
		parts := f.chordM2(e, 0, 1e-4) + f.chordM2(e, 1e-4, 0.3) + f.chordM2(e, 0.3, 1)
		if math.Abs(whole-parts) > 1e-12*math.Abs(whole) {
			t.Errorf("%v: parts %v, whole %v", e, parts, whole)
		}
	}
}
