package osm

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// star is an area around a point with a crooked border, and a hole in it.
func star(random *rand.Rand, center orb.Point, radius float64, vertices int) orb.MultiPolygon {
	ring := func(radius float64, turn float64) orb.Ring {
		var out orb.Ring
		for i := range vertices {
			angle, r := turn*2*math.Pi*float64(i)/float64(vertices), radius*(.6+.4*random.Float64())
			out = append(out, orb.Point{center[0] + r*math.Cos(angle), center[1] + r*math.Sin(angle)})
		}
		return append(out, out[0])
	}
	return orb.MultiPolygon{{ring(radius, 1), ring(radius/3, -1)}}
}

// TestClipKeepsWhatOverlayKeeps compares lengths with package overlay, which
// looks at every vertex of the border.
func TestClipKeepsWhatOverlayKeeps(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(7, 7))
	whole, none, part := 0, 0, 0
	for range 200 {
		keep := star(random, orb.Point{-72.5, 18.8}, .3, 3+random.IntN(40))
		c, err := newClip(keep)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			at := orb.Point{-72.9 + .8*random.Float64(), 18.4 + .8*random.Float64()}
			line := orb.LineString{at}
			step := math.Pow(10, -1-3*random.Float64())
			for range 2 + random.IntN(20) {
				at = orb.Point{roundTo7(at[0] + step*(random.Float64()-.5)), roundTo7(at[1] + step*(random.Float64()-.5))}
				line = append(line, at)
			}
			want := 0.0
			for _, span := range overlay.Clip(line, keep) {
				want += span.LengthM()
			}
			got := 0.0
			for _, one := range c.keep(line) {
				got += measure.LengthM(one)
			}
			// A cut lies at its share of a segment in degrees, not in metres.
			if math.Abs(got-want) > .01+1e-4*measure.LengthM(line) {
				t.Fatalf("%g m of %v kept, want %g", got, line, want)
			}
			switch length := measure.LengthM(line); {
			case got == 0:
				none++
			case got > length-.1:
				whole++
			default:
				part++
			}
		}
	}
	if whole < 100 || none < 100 || part < 100 {
		t.Errorf("%d lines kept whole, %d in part, %d not: the test shows little", whole, part, none)
	}
}
