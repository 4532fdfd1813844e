package reach

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

func drawLines(t *rapid.T) []orb.LineString {
	coordinate := func(low float64, name string) float64 { return low + rapid.Float64Range(0, .03).Draw(t, name) }
	lines := make([]orb.LineString, rapid.IntRange(1, 6).Draw(t, "lines"))
	for i := range lines {
		for range rapid.IntRange(1, 5).Draw(t, "vertices") {
			lines[i] = append(lines[i], orb.Point{coordinate(-72.35, "lon"), coordinate(18.5, "lat")})
		}
	}
	return lines
}

func distance(p orb.Point, lines []orb.LineString) float64 {
	best := math.Inf(1)
	for _, line := range lines {
		if len(line) == 1 {
			best = min(best, measure.DistanceM(p, line[0]))
			continue
		}
		_, d, _ := measure.NearestOnLine(p, line)
		best = min(best, d)
	}
	return best
}

// What is well within the buffer is in, what is well beyond is out, and the
// polygons keep the rules.
func TestAreaIsTheBuffer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		const buffer = 150
		area, drawn := Area(lines, buffer)
		if drawn != buffer {
			t.Fatalf("a buffer of %g m was drawn", drawn)
		}
		if invalid := overlay.Validate(area); invalid != nil {
			t.Fatal(invalid)
		}
		for range 200 {
			p := orb.Point{-72.36 + rapid.Float64Range(0, .05).Draw(t, "lon"), 18.49 + rapid.Float64Range(0, .05).Draw(t, "lat")}
			d, in := distance(p, lines), planar.MultiPolygonContains(area, p)
			// The contour is that of a distance interpolated over cells of half
			// the buffer: it may be off by a share of a cell.
			if d < buffer*.75 && !in || d > buffer*1.25 && in {
				t.Fatalf("a place %.0f m off: inside is %t", d, in)
			}
		}
	})
}

func TestAreaHasHoles(t *testing.T) {
	square := orb.LineString{{-72.35, 18.5}, {-72.33, 18.5}, {-72.33, 18.52}, {-72.35, 18.52}, {-72.35, 18.5}}
	area, _ := Area([]orb.LineString{square}, 150)
	if len(area) != 1 || len(area[0]) != 2 {
		t.Fatalf("a square of roads gives %d polygons with %d rings, want 1 with 2", len(area), len(area[0]))
	}
	if planar.Area(area[0][0]) <= 0 || planar.Area(area[0][1]) >= 0 {
		t.Error("the rings run the wrong way round")
	}
	if planar.MultiPolygonContains(area, orb.Point{-72.34, 18.51}) {
		t.Error("the middle of the block is within the area")
	}
}

func TestAreaOfNothing(t *testing.T) {
	for _, lines := range [][]orb.LineString{nil, {}, {{}}} {
		if area, _ := Area(lines, 100); len(area) != 0 {
			t.Errorf("%v gives %v", lines, area)
		}
	}
	if area, _ := Area([]orb.LineString{{{-72, 18}, {-72, 19}}}, math.NaN()); len(area) != 0 {
		t.Error("a buffer that is no number gives an area")
	}
}

func TestAreaOfTheWholeCountryStaysWithinItsGrid(t *testing.T) {
	lines := []orb.LineString{{{-74.5, 18}, {-71.6, 20.1}}, {{-74.5, 20.1}, {-71.6, 18}}}
	area, drawn := Area(lines, 30)
	if drawn <= 30 || len(area) != 1 {
		t.Errorf("drawn with %g m in %d polygons", drawn, len(area))
	}
}

func BenchmarkArea(b *testing.B) {
	// Winding roads with a vertex every 30 m, 2,000 km of them in a department.
	var lines []orb.LineString
	for k := range 200 {
		line := orb.LineString{}
		for i := range 334 {
			line = append(line, orb.Point{-72.8 + float64(k%20)*.03 + float64(i)*.0001, 18.4 + float64(k/20)*.05 + .01*math.Sin(float64(i)/40)})
		}
		lines = append(lines, line)
	}
	for b.Loop() {
		Area(lines, 150)
	}
}
