package passage

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
)

func TestNearAPoint(t *testing.T) {
	tr := newTrack(orb.LineString{place(0, 0), place(10, 0)})
	target := newTarget(place(5, 0))
	got := target.near(tr.line, tr.along, 150)
	middle := tr.along[1] / 2
	if len(got) != 1 || math.Abs(got[0].from-(middle-150)) > .1 || math.Abs(got[0].to-(middle+150)) > .1 ||
		math.Abs(got[0].nearestM-middle) > 1 || got[0].distanceM > .1 {
		t.Errorf("%+v, want 150 m on both sides of %v", got, middle)
	}
	if got := target.near(tr.line, tr.along, 1e6); len(got) != 1 || got[0].span != (span{0, tr.along[1]}) {
		t.Errorf("a large reach gives %+v", got)
	}
	aside := newTarget(place(5, 1))
	if got := aside.near(tr.line, tr.along, 1000); got != nil {
		t.Errorf("something 1.1 km off is near: %+v", got)
	}
}

// Every place of a line lies in a stretch exactly when it is near, measured by
// geodesics, but for a margin of a metre.
func TestNearAgainstGeodesics(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		line := orb.LineString{drawPlace(t, "a"), drawPlace(t, "b"), drawPlace(t, "c"), place(13, 13)}
		var g orb.Geometry = drawPlace(t, "point")
		if rapid.Bool().Draw(t, "line") {
			g = orb.LineString{drawPlace(t, "p"), drawPlace(t, "q"), drawPlace(t, "r")}
		}
		radius := rapid.Float64Range(10, 5000).Draw(t, "radius")
		tr, target := newTrack(line), newTarget(g)
		got := target.near(tr.line, tr.along, radius)
		for i := 1; i < len(got); i++ {
			if got[i].from <= got[i-1].to {
				t.Fatalf("stretches overlap: %+v", got)
			}
		}
		total := tr.along[len(tr.along)-1]
		for k := range 60 {
			m := total * float64(k) / 59
			p := pointAt(tr.line, tr.along, m)
			d := math.Inf(1)
			if q, ok := g.(orb.Point); ok {
				d = measure.DistanceM(p, q)
			} else {
				_, d, _ = measure.NearestOnLine(p, g.(orb.LineString))
			}
			if math.Abs(d-radius) < 1+radius/500 {
				continue
			}
			inside := false
			for _, r := range got {
				inside = inside || r.from <= m && m <= r.to
			}
			if inside != (d < radius) {
				t.Fatalf("%v m along, %v m off with radius %v: inside %v of %+v", m, d, radius, inside, got)
			}
		}
	})
}
