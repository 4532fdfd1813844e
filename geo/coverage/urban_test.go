package coverage_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// gridOf is a grid over the commune square with a value for each column of each
// row.
func gridOf(t fataler, id string, width, height int, value func(x, y int) float32) *raster.Grid {
	t.Helper()
	values := make([]float32, 0, width*height)
	for y := range height {
		for x := range width {
			values = append(values, value(x, y))
		}
	}
	g, err := raster.New(id, "test "+id, "CC0", -72.4, 18.6, .1/float64(width), .1/float64(height), width, height, values)
	if err != nil {
		t.Fatalf("grid: %v", err)
	}
	return g
}

// A town of 900 in the west half of a commune and 100 in the east: 15 minutes
// count in what is built up, 30 elsewhere.
func TestPoliceCoverageByGrids(t *testing.T) {
	people := gridOf(t, "people", 20, 10, func(x, _ int) float32 {
		if x < 10 {
			return 9
		}
		return 1
	})
	half := func(x, _ int) float32 {
		if x < 5 { // of ten columns: the grids need not match
			return .6
		}
		return .4
	}
	built := gridOf(t, "built", 10, 10, half)
	ways := drawnWays{reach: func(_, _ string, _ []orb.Point, _ []float64) []orb.MultiPolygon {
		return []orb.MultiPolygon{strip(.3, .6), strip(.2, .7)}
	}}
	versions := []*geo.Version{populated(t, "HT0211", "HT02", 5000, strip(0, 1)), station(t, 1, "full", isHigh, spot(.5, .5))}
	for name, test := range map[string]struct {
		grids map[string]*raster.Grid
		want  float64
		whole float64
		note  string
	}{
		// Columns 6 to 9 of twenty are town within 15 minutes, 10 to 13 country
		// within 30.
		"people and built-up area": {map[string]*raster.Grid{"population": people, "built_up": built}, 4*10*9 + 4*10, 1000, "half built up"},
		// HT0211 is not of the metropolitan area: 30 minutes everywhere.
		"people": {map[string]*raster.Grid{"population": people}, 6*10*9 + 4*10, 1000, "ZMPP-admin"},
		// The people spread evenly: a fifth is town within 15, a fifth country
		// within 30 minutes.
		"built-up area": {map[string]*raster.Grid{"built_up": built}, 2000, 5000, "half built up"},
		"no grid":       {nil, 2500, 5000, "ZMPP-admin"},
	} {
		w, _ := roadedWorld(t, geo.Security, versions...).Apply(world.Step{Revision: 8, At: now, Grids: test.grids})
		v := figuresOf(t, w, ways, "L5", "HT0211")[0]
		if v.Status != coverage.Assessed || math.Abs(v.Amount.Central-test.want) > .001*test.want || math.Abs(v.Whole.Amount-test.whole) > 1e-6*test.whole {
			t.Errorf("%s: %+v of %+v, want %v of %v", name, v.Amount, v.Whole, test.want, test.whole)
		}
		if !strings.Contains(v.Note.English, test.note) {
			t.Errorf("%s: %v", name, v.Note.English)
		}
	}
}

// In a polygon that a caller sends the communes of the metropolitan area are
// town, where no grid says what is built up.
func TestPoliceCoverageOfADrawnPolygon(t *testing.T) {
	ways := drawnWays{reach: func(_, _ string, _ []orb.Point, _ []float64) []orb.MultiPolygon {
		return []orb.MultiPolygon{nil, strip(0, 2)} // nothing within 15 minutes, all within 30
	}}
	w := roadedWorld(t, geo.Security, populated(t, "HT0111", "HT01", 1000, strip(0, 1)), populated(t, "HT0211", "HT02", 500, strip(1, 2)),
		station(t, 1, "full", isHigh, spot(.5, .5)))
	m, err := coverage.NewEngine(coverage.Options{Ways: ways}).Measure(testContext, coverage.Question{
		World: w, At: now, Drawn: strip(.5, 1.5), Indicators: []string{"L5"},
	})
	if err != nil {
		t.Fatal(err)
	}
	// Half of each commune: 500 and 250 people, spread evenly over the polygon.
	i := slices.IndexFunc(m.Values, func(v coverage.Value) bool { return v.Area == coverage.Drawn })
	if v := m.Values[i]; !nearly(v.Whole.Amount, 750, .001) || !nearly(v.Amount.Central, 375, .001) {
		t.Errorf("%+v of %+v", v.Amount, v.Whole)
	}
}
