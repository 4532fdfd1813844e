package coverage

import (
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/overlay"
)

// Within the box nothing changes: a place there is in the ring or not, as
// before, and the ring is no longer than it was.
func TestStraightenedIsTheSameInTheBox(t *testing.T) {
	box := orb.Bound{Min: orb.Point{4, 4}, Max: orb.Point{7, 6}}
	coordinate := rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(0, 40).Draw(t, "quarters")) / 4 })
	rapid.Check(t, func(t *rapid.T) {
		ring := make(orb.Ring, rapid.IntRange(3, 24).Draw(t, "corners"))
		for i := range ring {
			ring[i] = orb.Point{coordinate.Draw(t, "x"), coordinate.Draw(t, "y")}
		}
		ring = append(ring, ring[0])
		short := straightened(ring, box)
		if len(short) > len(ring) || short[0] != ring[0] || len(short) > 1 && short[len(short)-1] != ring[len(ring)-1] {
			t.Fatalf("%v became %v", ring, short)
		}
		for range 30 { // off the grid of corners: on no edge that passes through none
			p := orb.Point{rapid.Float64Range(4.01, 6.99).Draw(t, "px"), rapid.Float64Range(4.01, 5.99).Draw(t, "py")}
			a, b := overlay.Contains(orb.MultiPolygon{{ring}}, p), overlay.Contains(orb.MultiPolygon{{short}}, p)
			if a != b {
				t.Fatalf("%v: %v in %v, %v in %v", p, a, ring, b, short)
			}
		}
	})
}

func TestExpanseAroundABox(t *testing.T) {
	square := func(west, south, east, north float64) orb.Ring {
		return orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}.ToRing()
	}
	e := newExpanse(orb.MultiPolygon{{square(0, 0, 10, 10), square(1, 1, 2, 2), square(5, 5, 6, 6)}, {square(20, 20, 21, 21)}})
	got := e.around(orb.Bound{Min: orb.Point{4, 4}, Max: orb.Point{7, 7}})
	if len(got) != 1 || len(got[0]) != 2 {
		t.Errorf("a far polygon and a far hole stay: %v", got)
	}
	if got := e.around(orb.Bound{Min: orb.Point{12, 12}, Max: orb.Point{13, 13}}); got != nil {
		t.Errorf("nothing is there: %v", got)
	}
	if got := (*expanse)(nil).around(orb.Bound{}); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}
