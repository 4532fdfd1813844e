package arrangement_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/arrangement"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// star is a simple polygon with a jagged border.
func star(random *rand.Rand, lon, lat, radius float64, vertices int) orb.MultiPolygon {
	ring := make(orb.Ring, 0, vertices+1)
	for i := range vertices {
		angle := 2 * math.Pi * float64(i) / float64(vertices)
		r := radius * (0.4 + 0.6*random.Float64())
		ring = append(ring, orb.Point{
			geo.RoundCoordinate(lon + r*math.Cos(angle)),
			geo.RoundCoordinate(lat + r*math.Sin(angle)),
		})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

func rectangle(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}.ToPolygon()}
}

func has(a *arrangement.Arrangement, cell int, area int32) bool {
	for _, i := range a.Areas(cell) {
		if i == area {
			return true
		}
	}
	return false
}

// close compares within 1e-9 of the larger and some slack in square metres.
func near(a, b, slackM2 float64) bool {
	return math.Abs(a-b) <= 1e-9*max(math.Abs(a), math.Abs(b))+slackM2
}

func must(t testing.TB) func(orb.MultiPolygon, error) orb.MultiPolygon {
	return func(m orb.MultiPolygon, err error) orb.MultiPolygon {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
}

func TestStars(t *testing.T) {
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		radius := math.Pow(10, -3+2.5*random.Float64())
		region := star(random, -72.3, 18.6, radius, 3+random.IntN(150))
		var areas []orb.MultiPolygon
		for range 1 + random.IntN(6) {
			areas = append(areas, star(random, -72.3+radius*(random.Float64()-0.5)*2, 18.6+radius*(random.Float64()-0.5)*2, radius*(0.1+random.Float64()), 3+random.IntN(80)))
		}
		a, err := arrangement.Build(t.Context(), region, areas)
		if err != nil {
			t.Fatal(err)
		}
		if want := measure.AreaM2(region); !near(a.RegionM2(), want, 1e-3) {
			t.Errorf("%d: region %v, want %v (%.2g)", seed, a.RegionM2(), want, (a.RegionM2()-want)/want)
		}
		for i := range areas {
			got := a.AreaM2(func(c int) bool { return has(a, c, int32(i)) })
			want := measure.AreaM2(must(t)(overlay.Intersection(areas[i], region)))
			if !near(got, want, 1e-3) {
				t.Errorf("%d: area %d: %v, want %v (%.2g) radius %v", seed, i, got, want, (got-want)/want, radius)
			}
		}
		got := a.AreaM2(func(c int) bool { return len(a.Areas(c)) > 0 })
		want := measure.AreaM2(must(t)(overlay.Intersection(must(t)(overlay.Union(areas)), region)))
		if !near(got, want, 1e-3) {
			t.Errorf("%d: union %v, want %v (%.2g)", seed, got, want, (got-want)/want)
		}
	}
}
