package coverage

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"pgregory.net/rapid"

	"pasaj/data/cluster/clustertest"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

func drawnRoad(random *rand.Rand) orb.LineString {
	p := orb.Point{-72.4 + 0.2*random.Float64(), 18.5 + 0.1*random.Float64()}
	heading, step := 2*math.Pi*random.Float64(), 0.0005*math.Pow(300, random.Float64())
	var line orb.LineString
	for range 2 + random.IntN(20) {
		line = append(line, p)
		heading += random.NormFloat64() / 3
		p = orb.Point{p[0] + step*math.Cos(heading), p[1] + step*math.Sin(heading)}
	}
	return line
}

// drawnZone lies beside a road.
func drawnZone(random *rand.Rand, road orb.LineString) orb.MultiPolygon {
	center := measure.Destination(road[random.IntN(len(road))], 360*random.Float64(), 2000*random.Float64())
	for {
		vertices := 3 + random.IntN(60)
		radiusM := 30 * math.Pow(200, random.Float64())
		var ring orb.Ring
		for i := range vertices {
			ring = append(ring, measure.Destination(center, -360*float64(i)/float64(vertices), radiusM*(0.3+0.7*random.Float64())))
		}
		if area := (orb.MultiPolygon{{append(ring, ring[0])}}); overlay.Validate(area) == nil {
			return area
		}
	}
}

// TestNearEqualsPostGIS asks PostGIS how far from the zone the ends of our
// stretches lie: 500 m, and less between them.
func TestNearEqualsPostGIS(t *testing.T) {
	db, err := pgx.Connect(t.Context(), clustertest.Database(t, clustertest.Template{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(t.Context()) })
	if _, err := db.Exec(t.Context(), `CREATE EXTENSION IF NOT EXISTS postgis`); err != nil {
		t.Fatal(err)
	}
	// Our edges are straight in lon/lat, its edges are geodesics: with vertices
	// every hundred metres they are the same.
	const distance = `SELECT ST_Distance(ST_GeomFromWKB($1, 4326)::geography, ST_Segmentize(ST_GeomFromWKB($2, 4326), 0.001)::geography)`
	random := rand.New(rand.NewPCG(500, 1))
	ends, worst := 0, 0.0
	for range 150 {
		l := newRoadLine(1, drawnRoad(random))
		zone := drawnZone(random, l.points)
		far := func(at float64) float64 {
			var m float64
			if err := db.QueryRow(t.Context(), distance, wkb.MustMarshal(l.point(at)), wkb.MustMarshal(zone)).Scan(&m); err != nil {
				t.Fatal(err)
			}
			return m
		}
		before := 0.0
		list := joined(append(l.inside(zone), l.near(zone, nearControlledM)...))
		for _, p := range list {
			for _, end := range []float64{p.from, p.to} {
				if end == 0 || end == l.whole().to {
					continue
				}
				ends++
				worst = max(worst, math.Abs(far(end)-nearControlledM))
			}
			for k := range 5 {
				if at := p.from + (p.to-p.from)*(float64(k)+0.5)/5; far(at) > nearControlledM+0.05 {
					t.Errorf("%v m at %v, inside %v", far(at), at, p)
				}
			}
			if p.from > before && far((before+p.from)/2) < nearControlledM-0.05 {
				t.Errorf("%v m at %v, before %v", far((before+p.from)/2), (before+p.from)/2, p)
			}
			before = p.to
		}
	}
	t.Logf("%d ends, at most %.4f m from %d m", ends, worst, nearControlledM)
	if ends < 100 || worst > 0.05 {
		t.Errorf("%d ends, at most %v m off", ends, worst)
	}
}

// A place of a line is within the distance of a zone if and only if a stretch
// holds it.
func TestNearMatchesDistance(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		l := newRoadLine(1, drawnRoad(random))
		zone := drawnZone(random, l.points)
		radiusM := rapid.Float64Range(1, 2000).Draw(t, "radius")
		list := joined(append(l.inside(zone), l.near(zone, radiusM)...))
		for k := range 60 {
			at := l.whole().to * (float64(k) + 0.5) / 60
			in := false
			for i, p := range list {
				in = in || p.from <= at && at <= p.to
				if i > 0 && p.from < list[i-1].to {
					t.Fatalf("%v overlap", list)
				}
			}
			place, farM := l.point(at), 0.0
			if !overlay.Contains(zone, place) {
				_, farM, _ = measure.NearestOnLine(place, orb.LineString(zone[0][0]))
			}
			if in && farM > radiusM+0.3 || !in && farM < radiusM-0.3 { // planes at two places
				t.Fatalf("%v m away, within %v m: %v", farM, radiusM, in)
			}
		}
	})
}

func TestPositions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 3))
		l := newRoadLine(1, drawnRoad(random))
		last := len(l.points) - 1
		whole := l.lengthM(l.whole())
		if math.Abs(whole-measure.LengthM(l.points)) > 1e-9 {
			t.Fatalf("%v m, want %v", whole, measure.LengthM(l.points))
		}
		at := rapid.Float64Range(0, float64(last)).Draw(t, "at")
		halves := l.lengthM(positions{0, at}) + l.lengthM(positions{at, float64(last)})
		if math.Abs(halves-whole) > 1e-6*whole {
			t.Errorf("halves %v m, whole %v", halves, whole)
		}
		vertex := rapid.IntRange(0, int(at)).Draw(t, "vertex")
		i := int(at)
		m := l.alongM[i] - l.alongM[vertex]
		if i < last {
			m += (at - float64(i)) * (l.alongM[i+1] - l.alongM[i])
		}
		if got := l.position(vertex, m); math.Abs(got-at) > 1e-9 {
			t.Errorf("position %v, want %v", got, at)
		}
	})
}

func TestWithout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) []positions {
			var out []positions
			for range rapid.IntRange(0, 5).Draw(t, name) {
				from := rapid.IntRange(0, 20).Draw(t, "from")
				out = append(out, positions{float64(from), float64(from + rapid.IntRange(1, 6).Draw(t, "length"))})
			}
			return joined(out)
		}
		list, taken := draw("list"), draw("taken")
		left := without(list, taken)
		has := func(list []positions, x float64) bool {
			for _, p := range list {
				if p.from <= x && x <= p.to {
					return true
				}
			}
			return false
		}
		for k := range 27 {
			if x := float64(k) + 0.5; has(left, x) != (has(list, x) && !has(taken, x)) {
				t.Errorf("at %v: %v without %v is %v", x, list, taken, left)
			}
		}
	})
}
