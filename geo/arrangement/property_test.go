package arrangement_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/arrangement"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// cells are the areas of an arrangement by the set that covers them.
func cells(a *arrangement.Arrangement, name func(area int32) int32) map[string]float64 {
	out := map[string]float64{}
	for c := range a.Len() {
		var set []int32
		for _, i := range a.Areas(c) {
			set = append(set, name(i))
		}
		slices.Sort(set)
		out[fmt.Sprint(set)] += a.CellM2(c)
	}
	return out
}

// drawCoarse is a valid polygon on a grid of so few places that vertices and
// borders coincide more often than not, in units of 1e-7 to 1e-3 degree.
func drawCoarse(t *rapid.T, name string, unit float64) orb.MultiPolygon {
	place := func() orb.Point {
		return orb.Point{
			math.Round((-72+unit*float64(rapid.IntRange(0, 6).Draw(t, name+" x")))*1e7) / 1e7,
			math.Round((18.5+unit*float64(rapid.IntRange(0, 6).Draw(t, name+" y")))*1e7) / 1e7,
		}
	}
	var out orb.MultiPolygon
	for range rapid.IntRange(1, 2).Draw(t, name+" parts") {
		n := rapid.IntRange(3, 7).Draw(t, name+" corners")
		ring := make(orb.Ring, 0, n+1)
		for range n {
			ring = append(ring, place())
		}
		out = append(out, orb.Polygon{append(ring, ring[0])})
	}
	// Corners in one line are a polygon by the rounding of their degrees alone.
	valid := func() bool {
		return overlay.Validate(out) == nil &&
			!slices.ContainsFunc(out, func(p orb.Polygon) bool { return math.Abs(planar.Area(p)) < unit*unit/4 })
	}
	if !valid() {
		if out = out[:1]; !valid() {
			a, b := place(), place()
			bound := orb.MultiPoint{a, b}.Bound()
			bound.Max[0] += unit
			bound.Max[1] += unit
			out = orb.MultiPolygon{bound.ToPolygon()}
		}
	}
	return out
}

func TestCoarse(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.SampledFrom([]float64{1e-7, 1e-6, 1e-4, 1e-3}).Draw(t, "unit")
		// How much a vertex more or less in a shared edge may change.
		slackM2 := 0.01
		if unit == 1e-3 {
			slackM2 = 3
		}
		region := drawCoarse(t, "region", unit)
		var areas []orb.MultiPolygon
		for i := range rapid.IntRange(0, 4).Draw(t, "areas") {
			if i > 0 && rapid.IntRange(0, 4).Draw(t, "again") == 0 {
				areas = append(areas, areas[i-1])
				continue
			}
			areas = append(areas, drawCoarse(t, "area", unit))
		}
		check(t, region, areas, slackM2)
	})
}

type fataler interface {
	Helper()
	Fatal(args ...any)
	Errorf(format string, args ...any)
}

// check compares with simplefeatures and with itself turned around. The slack is
// for edges that partly coincide: which of them is the border is a matter of
// order, and they have lenses of their own.
func check(t fataler, region orb.MultiPolygon, areas []orb.MultiPolygon, slackM2 float64) {
	t.Helper()
	a, err := arrangement.Build(testContext, region, areas)
	if err != nil {
		t.Fatal(err)
	}
	own := func(m orb.MultiPolygon, err error) orb.MultiPolygon {
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	regionM2 := measure.AreaM2(region)
	sum := 0.0
	for c := range a.Len() {
		if m2 := a.CellM2(c); m2 >= 0 {
			sum += m2
		} else {
			t.Errorf("cell %v has %v m²", a.Areas(c), m2)
		}
	}
	if !near(sum, regionM2, 2e-3) || !near(a.RegionM2(), regionM2, 2e-3) || !near(a.AreaM2(func(int) bool { return true }), regionM2, slackM2) {
		t.Errorf("cells %v, region %v, by package measure %v", sum, a.RegionM2(), regionM2)
	}
	left := region
	for i, area := range areas {
		got := a.AreaM2(func(c int) bool { return has(a, c, int32(i)) })
		if want := measure.AreaM2(own(overlay.Intersection(area, region))); !near(got, want, slackM2) {
			t.Errorf("area %d: %v m², want %v", i, got, want)
		}
		got = a.AreaM2(func(c int) bool { return !has(a, c, int32(i)) })
		if want := measure.AreaM2(own(overlay.Difference(region, area))); !near(got, want, slackM2) {
			t.Errorf("without area %d: %v m², want %v", i, got, want)
		}
		left = own(overlay.Difference(left, area))
	}
	got := a.AreaM2(func(c int) bool { return len(a.Areas(c)) == 0 })
	if want := measure.AreaM2(left); !near(got, want, slackM2) {
		t.Errorf("without all: %v m², want %v", got, want)
	}
	turned := slices.Clone(areas)
	slices.Reverse(turned)
	b, err := arrangement.Build(testContext, region, turned)
	if err != nil {
		t.Fatal(err)
	}
	one := cells(a, func(i int32) int32 { return i })
	other := cells(b, func(i int32) int32 { return int32(len(areas)) - 1 - i })
	for set := range one {
		if _, ok := other[set]; !ok {
			other[set] = 0
		}
	}
	for set, m2 := range other {
		if !near(one[set], m2, slackM2) {
			t.Errorf("cell %s has %v m², and %v when the areas are turned around", set, one[set], m2)
		}
	}
}

// Stars share edges, and have others cut out of them.
func TestNeighbours(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 2))
		vertices := rapid.IntRange(3, 40).Draw(t, "vertices")
		region := star(random, -72.3, 18.6, 0.02, vertices)
		for overlay.Validate(region) != nil { // rounding closed a spike
			region = star(random, -72.3, 18.6, 0.02, vertices)
		}
		outline := region[0][0]
		// A zone along a stretch of the border, a slice from its middle, a hole,
		// the region itself, and another star.
		cut := rapid.IntRange(2, len(outline)-1).Draw(t, "cut")
		slice := append(append(orb.Ring{}, outline[:cut]...), orb.Point{-72.3, 18.6}, outline[0])
		holed := rectangle(-72.4, 18.5, -72.2, 18.7)
		inner := star(random, -72.3, 18.6, 0.01, 12)[0][0].Clone()
		inner.Reverse()
		holed[0] = append(holed[0], inner)
		areas := []orb.MultiPolygon{
			{{slice}}, holed, region, star(random, -72.31, 18.61, 0.02, 9),
			{{{{-72.3, 18.6}, {-72.29, 18.6}, {-72.3, 18.6000001}, {-72.3, 18.6}}}},
			rectangle(geo.RoundCoordinate(outline[1][0]), 18.5, -72, 18.7),
		}
		// Rounding may close a spike of a slice or a star; most stay.
		areas = slices.DeleteFunc(areas, func(area orb.MultiPolygon) bool { return overlay.Validate(area) != nil })
		check(t, region, areas, 40) // the lens of an edge of 4 km
	})
}
