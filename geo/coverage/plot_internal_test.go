package coverage

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// drawStar draws a ring round a place, smooth or all spikes, that does not cross
// itself.
func drawStar(t *rapid.T) orb.MultiPolygon {
	number := func(from, to float64) float64 { return rapid.Float64Range(from, to).Draw(t, "number") }
	vertices := rapid.IntRange(3, 60).Draw(t, "vertices")
	x, y, radius, spikes := number(-72.6, -72.2), number(18.4, 18.8), number(0.001, 0.5), number(0, 0.95)
	var ring orb.Ring
	for i := range vertices {
		r := radius * (1 - spikes*float64(i%2))
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / float64(vertices))
		ring = append(ring, orb.Point{geo.RoundCoordinate(x + r*cos), geo.RoundCoordinate(y + r*sin)})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// simpleStars are those that rounding leaves simple.
var simpleStars = rapid.Custom(drawStar).Filter(func(area orb.MultiPolygon) bool { return overlay.Validate(area) == nil })

// What is left out before two areas are overlaid changes nothing of whether they
// share ground.
func TestOverlapsIsThatOfTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := simpleStars.Draw(t, "a"), simpleStars.Draw(t, "b")
		common, err := overlay.Intersection(a, b)
		if err != nil {
			t.Fatal(err)
		}
		share := planar.Area(common) / planar.Area(a)
		doubtful := share > 1e-10 && share < 1e-8 // about as much as counts
		if got, want := overlaps(a, b), share > 1e-9; got != want && !doubtful {
			t.Errorf("overlaps: %v of a share of %v", got, share)
		}
	})
}
