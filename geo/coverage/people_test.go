package coverage_test

import (
	"strings"
	"testing"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// A grid that ends within the country counts nobody beyond its edge, and every
// figure of people there says so.
func TestAGridThatEndsWithinTheCountrySaysSo(t *testing.T) {
	versions := []*geo.Version{
		admin(t, "HT0111", "HT01", 2, strip(0, 1)), admin(t, "HT0211", "HT02", 2, strip(1, 2)), zone(t, 1, "controlled", isHigh, strip(0.5, 2)),
	}
	const beyond, nobody, without = "ends before this area", "counts nobody here", "No grid is loaded"
	for _, test := range []struct {
		name  string
		west  float64 // of a grid of two degrees of longitude; 0 for none
		notes map[string]string
	}{
		{"no grid", 0, map[string]string{"HT0111": "no grid is loaded", "HT0211": "no grid is loaded", "HT": "no grid is loaded"}},
		{"over all", -73, map[string]string{"HT0111": "", "HT0211": "", "HT": ""}},
		{"of the east", -72.3, map[string]string{"HT0111": beyond, "HT0211": "", "HT": beyond}},
		{"of the sea", -75, map[string]string{"HT0111": beyond, "HT0211": beyond, "HT": beyond}},
	} {
		w := worldOf(geo.Security, versions...)
		if test.west != 0 {
			values := make([]float32, 200*100)
			for i := range values {
				values[i] = 10
			}
			g, err := raster.New("grid", "a grid", "CC0", test.west, 19, 0.01, 0.01, 200, 100, values)
			if err != nil {
				t.Fatal(err)
			}
			w, _ = w.Apply(world.Step{Revision: 8, At: now, Grids: map[string]*raster.Grid{world.PopulationGrid: g}})
		}
		for _, code := range []string{"X1", "T1p"} {
			for area, want := range test.notes {
				v := figures(t, w, code, area)[0]
				switch {
				case v.Note == nil:
					t.Errorf("%s: %s of %s says nothing", test.name, code, area)
				case !strings.Contains(v.Note.English, want), want == "" && (strings.Contains(v.Note.English, beyond) || strings.Contains(v.Note.English, without)):
					t.Errorf("%s: %s of %s says %q, want %q", test.name, code, area, v.Note.English, want)
				case strings.Contains(v.Note.English, nobody) != (v.Status == coverage.NotMeasured && test.west != 0):
					t.Errorf("%s: %s of %s is %s and says %q", test.name, code, area, v.Status, v.Note.English)
				}
			}
		}
	}
}
