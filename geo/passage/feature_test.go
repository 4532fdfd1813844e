package passage

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// The cut of a line with an area is that of package overlay, in the line's own
// measure.
func TestAreaSpans(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		center := drawPlace(t, "center")
		n := rapid.IntRange(3, 9).Draw(t, "corners")
		ring := orb.Ring{}
		for k := range n {
			angle, r := float64(k)/float64(n)*2*math.Pi, rapid.Float64Range(.001, .08).Draw(t, "radius")
			ring = append(ring, orb.Point{center[0] + r*math.Cos(angle), center[1] + r*math.Sin(angle)})
		}
		area := orb.MultiPolygon{{append(ring, ring[0])}}
		a := drawPlace(t, "a")
		line := orb.LineString{a, drawPlace(t, "b")}
		if line[0] == line[1] { // a place has no stretch to compare
			line[1][0] += .01
		}
		if rapid.Bool().Draw(t, "short") {
			line = orb.LineString{a, {a[0] + .001, a[1] + .0005}, {a[0] + .001, a[1] + .002}}
		}
		tr := newTrack(line)
		got := areaSpans(tr.line, tr.along, tr.bound, area)
		want := overlay.Clip(line, area)
		if len(got) != len(want) {
			t.Fatalf("%v, want %v", got, want)
		}
		for i := range got {
			if math.Abs(got[i].from-want[i].From) > .01 || math.Abs(got[i].to-want[i].To) > .01 {
				t.Fatalf("%v, want %v of %v m", got, want, measure.LengthM(line))
			}
		}
	})
}
