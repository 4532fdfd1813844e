package measure

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
)

var (
	portAuPrince = orb.Point{-72.3388, 18.5392}
	capHaitien   = orb.Point{-72.2045, 19.7592}
)

func TestDistanceM(t *testing.T) {
	tests := []struct {
		name string
		a, b orb.Point
		want float64
	}{
		// C. F. F. Karney's example for GeographicLib, JFK to LHR.
		{"JFK to LHR", orb.Point{-73.8, 40.6}, orb.Point{-0.5, 51.6}, 5551759.400},
		// One degree of the equator is a degree of the circle of 6378137 m.
		{"equator", orb.Point{10, 0}, orb.Point{11, 0}, 6378137 * math.Pi / 180},
		// A quarter of a meridian of WGS 84.
		{"quarter meridian", orb.Point{0, 0}, orb.Point{0, 90}, 10001965.729},
		{"none", portAuPrince, portAuPrince, 0},
	}
	for _, test := range tests {
		if got := DistanceM(test.a, test.b); math.Abs(got-test.want) > 0.001 {
			t.Errorf("%s: %.4f m, want %.4f", test.name, got, test.want)
		}
	}
}

func TestLengthM(t *testing.T) {
	line := orb.LineString{portAuPrince, {-72.5, 19}, capHaitien}
	want := DistanceM(line[0], line[1]) + DistanceM(line[1], line[2])
	for name, g := range map[string]orb.Geometry{
		"line": line, "two lines": orb.MultiLineString{line[:2], line[1:]}, "collection": orb.Collection{portAuPrince, line},
	} {
		if got := LengthM(g); math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %v m, want %v", name, got, want)
		}
	}
	for name, g := range map[string]orb.Geometry{
		"point": portAuPrince, "polygon": Circle(portAuPrince, 100, 8), "nothing": nil, "one vertex": orb.LineString{portAuPrince},
	} {
		if got := LengthM(g); got != 0 {
			t.Errorf("%s: %v m", name, got)
		}
	}
}

// zoneM2 is the area between two parallels over some degrees of longitude, in
// closed form (J. P. Snyder, "Map projections: a working manual", 1987, 3-12).
func zoneM2(south, north, degrees float64) float64 {
	const a, f = 6378137.0, 1 / 298.257223563
	b := a * (1 - f)
	e := math.Sqrt(f * (2 - f))
	q := func(latitude float64) float64 {
		s := math.Sin(latitude * math.Pi / 180)
		return s/(1-e*e*s*s) + math.Log((1+e*s)/(1-e*s))/(2*e)
	}
	return b * b / 2 * degrees * math.Pi / 180 * (q(north) - q(south))
}

// cell is a box of lon/lat with that many edges on its northern and southern
// sides, so that they follow the parallels.
func cell(west, south, east, north float64, edges int) orb.Ring {
	var ring orb.Ring
	for i := range edges {
		ring = append(ring, orb.Point{west + (east-west)*float64(i)/float64(edges), south})
	}
	ring = append(ring, orb.Point{east, south})
	for i := range edges {
		ring = append(ring, orb.Point{east - (east-west)*float64(i)/float64(edges), north})
	}
	return append(ring, orb.Point{west, north}, ring[0])
}

func TestAreaM2(t *testing.T) {
	outer := cell(-73, 18, -72, 19, 2000)
	hole := cell(-72.6, 18.4, -72.4, 18.6, 2000)
	hole.Reverse()
	square, inside := zoneM2(18, 19, 1), zoneM2(18.4, 18.6, 0.2)
	reversed := outer.Clone()
	reversed.Reverse()
	tests := []struct {
		name string
		g    orb.Geometry
		want float64
	}{
		{"cell", orb.Polygon{outer}, square},
		{"clockwise", orb.Polygon{reversed}, square},
		{"ring", outer, square},
		{"with a hole", orb.Polygon{outer, hole}, square - inside},
		{"two parts", orb.MultiPolygon{{outer}, {cell(-71, 18, -70, 19, 2000)}}, 2 * square},
		{"collection", orb.Collection{portAuPrince, orb.Polygon{outer}}, square},
		{"point", portAuPrince, 0},
		{"line", orb.LineString{portAuPrince, capHaitien}, 0},
		{"two corners", orb.Polygon{{portAuPrince, capHaitien, portAuPrince}}, 0},
		{"empty", orb.MultiPolygon{}, 0},
		{"nothing", nil, 0},
	}
	for _, test := range tests {
		if got := AreaM2(test.g); math.Abs(got-test.want) > 2e-8*test.want {
			t.Errorf("%s: %.1f m², want %.1f", test.name, got, test.want)
		}
	}
	// Long edges are geodesics, which run north of the parallel here: what the
	// northern edge gains the southern one loses, but for a little.
	box := orb.Bound{Min: orb.Point{-73, 18}, Max: orb.Point{-72, 19}}
	if got := AreaM2(box); math.Abs(got-square) < 1e5 || math.Abs(got-square) > 1e6 {
		t.Errorf("box %.0f m², between parallels %.0f", got, square)
	}
}

func TestCircle(t *testing.T) {
	circle := Circle(portAuPrince, 500, 64)
	ring := circle[0]
	if len(circle) != 1 || len(ring) != 65 || ring[0] != ring[64] || ring.Orientation() != orb.CCW {
		t.Fatalf("%d rings, %d points, orientation %v", len(circle), len(ring), ring.Orientation())
	}
	for _, p := range ring {
		if math.Abs(DistanceM(portAuPrince, p)-500) > 0.1 {
			t.Errorf("%v lies %v m away", p, DistanceM(portAuPrince, p))
		}
		if p[0] != geo.RoundCoordinate(p[0]) || p[1] != geo.RoundCoordinate(p[1]) {
			t.Errorf("%v is not rounded", p)
		}
	}
	// A regular polygon of n corners has n/2 r² sin(2π/n).
	if got, want := AreaM2(circle), 32*500*500*math.Sin(math.Pi/32); math.Abs(got-want) > 1e-3*want {
		t.Errorf("%v m², want %v", got, want)
	}
	if got := Circle(portAuPrince, 10, 0); len(got[0]) != 4 {
		t.Errorf("%d points for no vertices", len(got[0]))
	}
}

func TestDestination(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := orb.Point{rapid.Float64Range(-75, -71).Draw(t, "lon"), rapid.Float64Range(17, 20).Draw(t, "lat")}
		distanceM := rapid.Float64Range(0, 200_000).Draw(t, "distance")
		q := Destination(p, rapid.Float64Range(-360, 720).Draw(t, "azimuth"), distanceM)
		if got := DistanceM(p, q); math.Abs(got-distanceM) > 1e-6 {
			t.Errorf("%v m, want %v", got, distanceM)
		}
	})
	if north := Destination(portAuPrince, 0, 1000); north[1] <= portAuPrince[1] || math.Abs(north[0]-portAuPrince[0]) > 1e-9 {
		t.Errorf("north is %v", north)
	}
	if east := Destination(portAuPrince, 90, 1000); east[0] <= portAuPrince[0] {
		t.Errorf("east is %v", east)
	}
}

func TestInterpolate(t *testing.T) {
	line := orb.LineString{portAuPrince, {-72.5, 19}, capHaitien}
	whole := LengthM(line)
	for _, test := range []struct {
		alongM float64
		want   orb.Point
	}{
		{-5, line[0]}, {0, line[0]}, {math.NaN(), line[0]}, {whole, line[2]}, {whole + 1e6, line[2]}, {math.Inf(1), line[2]},
	} {
		if got := Interpolate(line, test.alongM); got != test.want {
			t.Errorf("%v m: %v, want %v", test.alongM, got, test.want)
		}
	}
	if got := Interpolate(line, DistanceM(line[0], line[1])); DistanceM(got, line[1]) > 1e-6 {
		t.Errorf("%v, want the middle vertex", got)
	}
	if got := Interpolate(nil, 3); got != (orb.Point{}) {
		t.Errorf("%v on no line", got)
	}
}

func drawLine(t *rapid.T) orb.LineString {
	line := orb.LineString{portAuPrince}
	for range rapid.IntRange(1, 12).Draw(t, "segments") {
		last := line[len(line)-1]
		line = append(line, orb.Point{
			last[0] + rapid.Float64Range(-0.02, 0.02).Draw(t, "dlon"),
			last[1] + rapid.Float64Range(-0.02, 0.02).Draw(t, "dlat"),
		})
	}
	return line
}

// What Interpolate places on a line, NearestOnLine finds there.
func TestNearestOnLineFindsInterpolated(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := drawLine(t)
		alongM := rapid.Float64Range(0, 1).Draw(t, "fraction") * LengthM(line)
		p := Interpolate(line, alongM)
		nearest, distanceM, foundM := NearestOnLine(p, line)
		if distanceM > 1e-3 || DistanceM(nearest, p) > 1e-3 {
			t.Fatalf("%v is %v m from %v", p, distanceM, nearest)
		}
		// Where the line crosses itself another place may be as near.
		if back := Interpolate(line, foundM); DistanceM(back, nearest) > 1e-3 {
			t.Errorf("along %v m is %v, not %v", foundM, back, nearest)
		}
	})
}

// No vertex and no sampled position of the line is nearer than the answer, but
// for the error of the plane.
func TestNearestOnLineIsNearest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := drawLine(t)
		p := Destination(line[0], rapid.Float64Range(0, 360).Draw(t, "azimuth"), rapid.Float64Range(0, 5000).Draw(t, "distance"))
		nearest, distanceM, alongM := NearestOnLine(p, line)
		if math.Abs(DistanceM(p, nearest)-distanceM) > 1e-9 || alongM < 0 || alongM > LengthM(line)+1e-6 {
			t.Fatalf("nearest %v at %v m, along %v of %v", nearest, distanceM, alongM, LengthM(line))
		}
		whole := LengthM(line)
		for i := range 201 {
			q := Interpolate(line, whole*float64(i)/200)
			if d := DistanceM(p, q); d < distanceM*(1-0.001)-0.01 {
				t.Errorf("%v is nearer: %v m, not %v", q, d, distanceM)
			}
		}
	})
	if _, distanceM, _ := NearestOnLine(portAuPrince, nil); !math.IsInf(distanceM, 1) {
		t.Errorf("%v m from no line", distanceM)
	}
	if p, distanceM, alongM := NearestOnLine(portAuPrince, orb.LineString{capHaitien}); p != capHaitien || distanceM < 100_000 || alongM != 0 {
		t.Errorf("%v %v %v", p, distanceM, alongM)
	}
}

func BenchmarkDistanceM(b *testing.B) {
	for b.Loop() {
		DistanceM(portAuPrince, capHaitien)
	}
}

func BenchmarkAreaM2Of200Vertices(b *testing.B) {
	circle := Circle(portAuPrince, 5000, 200)
	for b.Loop() {
		AreaM2(circle)
	}
}

// The edges of a ring add up to its area.
func TestEdgeM2(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		circle := Circle(portAuPrince, rapid.Float64Range(10, 50_000).Draw(t, "radius"), rapid.IntRange(3, 60).Draw(t, "vertices"))
		sum := 0.0
		for i := 1; i < len(circle[0]); i++ {
			sum -= EdgeM2(circle[0][i-1], circle[0][i])
		}
		if want := AreaM2(circle); math.Abs(sum-want) > 1e-9*want+0.05 {
			t.Errorf("%v m², want %v", sum, want)
		}
	})
	if got := EdgeM2(portAuPrince, orb.Point{portAuPrince[0], 20}); got != 0 {
		t.Errorf("%v m² beside a meridian", got)
	}
}
