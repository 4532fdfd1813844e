package reach

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// The disks cover the places within the radius and no others, but for some
// hundredths of it.
func TestDisksAreCircles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		radius := rapid.SampledFrom([]float64{200, 1500, 20_000}).Draw(t, "radius")
		degrees := radius / 111_000
		points := make([]orb.Point, rapid.IntRange(1, 8).Draw(t, "points"))
		offset := rapid.Float64Range(-6, 6)
		for i := range points {
			points[i] = orb.Point{-72.5 + degrees*offset.Draw(t, "east"), 19 + degrees*offset.Draw(t, "north")}
		}
		area, drawn := Disks(points, radius)
		if drawn != radius {
			t.Fatalf("a radius of %g m was drawn", drawn)
		}
		if invalid := overlay.Validate(area); invalid != nil {
			t.Fatal(invalid)
		}
		for range 100 {
			p := orb.Point{-72.5 + degrees*rapid.Float64Range(-8, 8).Draw(t, "lon"), 19 + degrees*rapid.Float64Range(-8, 8).Draw(t, "lat")}
			nearest := math.Inf(1)
			for _, at := range points {
				nearest = min(nearest, measure.DistanceM(p, at))
			}
			if in := planar.MultiPolygonContains(area, p); nearest < radius*.96 && !in || nearest > radius*1.04 && in {
				t.Fatalf("a place %.0f m off: inside is %t", nearest, in)
			}
		}
	})
}

// The area of few disks is that of their circles united.
func TestDisksHaveTheAreaOfCircles(t *testing.T) {
	points := []orb.Point{{-72.34, 18.54}, {-72.30, 18.55}, {-72.30, 18.55}, {-73.2, 19.9}, {-71.9, 18.2}}
	for _, radius := range []float64{500, 3000, 15_000} {
		area, _ := Disks(points, radius)
		var circles []orb.MultiPolygon
		for _, p := range points {
			circles = append(circles, orb.MultiPolygon{measure.Circle(p, radius, 360)})
		}
		union, err := overlay.Union(circles)
		if err != nil {
			t.Fatal(err)
		}
		got, want := measure.AreaM2(area), measure.AreaM2(union)
		if math.Abs(got-want) > .006*want {
			t.Errorf("radius %g m: %.0f m², want %.0f", radius, got, want)
		}
	}
}

func TestDisksOfNothing(t *testing.T) {
	for _, radius := range []float64{0, -1, math.NaN(), math.Inf(1)} {
		if area, _ := Disks([]orb.Point{{-72, 18}}, radius); area == nil || len(area) != 0 {
			t.Errorf("radius %g gives %v", radius, area)
		}
	}
	if area, _ := Disks(nil, 100); area == nil || len(area) != 0 {
		t.Errorf("no points give %v", area)
	}
}

// The outcome does not depend on the order of the points.
func TestDisksAreDeterministic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	points := make([]orb.Point, 300)
	for i := range points {
		points[i] = orb.Point{-74 + 2*random.Float64(), 18.1 + 1.9*random.Float64()}
	}
	want, _ := Disks(points, 4000)
	random.Shuffle(len(points), func(i, k int) { points[i], points[k] = points[k], points[i] })
	if got, _ := Disks(points, 4000); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Error("another order draws another area")
	}
}

// Each of nested areas is the one that its lines make on that grid, and holds
// the ones before it.
func TestAreasAreNested(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		parts := [][]orb.LineString{drawLines(t), drawLines(t)}
		areas, drawn := Areas(parts, 150)
		if len(areas) != 2 || drawn != 150 {
			t.Fatalf("%d areas with a buffer of %g m", len(areas), drawn)
		}
		both, _ := Area(slices.Concat(parts...), 150)
		if fmt.Sprint(both) != fmt.Sprint(areas[1]) {
			t.Fatal("the second area is not that of both parts")
		}
		for _, polygon := range areas[0] {
			for _, p := range polygon[0][1:] {
				if !overlay.Contains(areas[1], p) && distance(p, parts[1]) > 160 && distance(p, parts[0]) < 140 {
					t.Fatalf("%v lies in the first area only", p)
				}
			}
		}
		for i, area := range areas {
			if invalid := overlay.Validate(area); invalid != nil {
				t.Fatalf("area %d: %v", i, invalid)
			}
		}
	})
}

func BenchmarkDisks(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	points := make([]orb.Point, 5000)
	for i := range points {
		points[i] = orb.Point{-74 + 2*random.Float64(), 18.1 + 1.9*random.Float64()}
	}
	for _, radius := range []float64{1000, 5000} {
		b.Run(fmt.Sprint(radius), func(b *testing.B) {
			for b.Loop() {
				Disks(points, radius)
			}
		})
	}
}
