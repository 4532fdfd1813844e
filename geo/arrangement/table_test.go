package arrangement_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/arrangement"
)

// The sets of areas that have ground, for cases made by hand.
func TestBuild(t *testing.T) {
	region := rectangle(-72.01, 18, -72, 18.01)
	west, east := rectangle(-72.01, 18, -72.005, 18.01), rectangle(-72.005, 18, -72, 18.01)
	holed := orb.MultiPolygon{{region[0][0], {{-72.008, 18.002}, {-72.008, 18.008}, {-72.002, 18.008}, {-72.002, 18.002}, {-72.008, 18.002}}}}
	reversed := region.Clone()
	slices.Reverse(reversed[0][0])
	tests := []struct {
		name   string
		region orb.MultiPolygon
		areas  []orb.MultiPolygon
		want   []string
	}{
		{"no area", region, nil, []string{"[]"}},
		{"no region", nil, []orb.MultiPolygon{region}, nil},
		{"region of no extent", orb.MultiPolygon{{{{-72, 18}, {-72, 19}, {-72, 18}}}}, []orb.MultiPolygon{region}, nil},
		{"itself", region, []orb.MultiPolygon{region}, []string{"[0]"}},
		{"itself twice and the other way around", region, []orb.MultiPolygon{region, reversed}, []string{"[0 1]"}},
		{"halves", region, []orb.MultiPolygon{west, east}, []string{"[0]", "[1]"}},
		{"half", region, []orb.MultiPolygon{east}, []string{"[0]", "[]"}},
		{"outside", region, []orb.MultiPolygon{rectangle(-73, 18, -72.5, 18.01)}, []string{"[]"}},
		{"far away", region, []orb.MultiPolygon{rectangle(100, 18, 101, 18.01)}, []string{"[]"}},
		{"along the border outside", region, []orb.MultiPolygon{rectangle(-72, 18, -71.9, 18.01)}, []string{"[]"}},
		{"all around", region, []orb.MultiPolygon{rectangle(-73, 17, -71, 19)}, []string{"[0]"}},
		{"across", region, []orb.MultiPolygon{rectangle(-73, 18.004, -71, 18.006)}, []string{"[0]", "[]"}},
		{"hole", region, []orb.MultiPolygon{holed}, []string{"[0]", "[]"}},
		{"region with a hole that an area fills", holed, []orb.MultiPolygon{rectangle(-72.008, 18.002, -72.002, 18.008)}, []string{"[]"}},
		{"nothing and empty", region, []orb.MultiPolygon{nil, {{}}, west}, []string{"[2]", "[]"}},
		{"parts that touch in a point", region, []orb.MultiPolygon{{rectangle(-72.01, 18, -72.005, 18.005)[0], rectangle(-72.005, 18.005, -72, 18.01)[0]}, west}, []string{"[0 1]", "[0]", "[1]", "[]"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, err := arrangement.Build(t.Context(), test.region, test.areas)
			if err != nil {
				t.Fatal(err)
			}
			found := cells(a, func(i int32) int32 { return i })
			maps.DeleteFunc(found, func(_ string, m2 float64) bool { return m2 == 0 })
			if got := slices.Sorted(maps.Keys(found)); !slices.Equal(got, test.want) {
				t.Errorf("cells %v, want %v", found, test.want)
			}
			if a.Bytes() <= 0 || a.AreaM2(func(int) bool { return false }) != 0 {
				t.Errorf("%d bytes, nothing has %v m²", a.Bytes(), a.AreaM2(func(int) bool { return false }))
			}
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	region := rectangle(-72.01, 18, -72, 18.01)
	for name, areas := range map[string][]orb.MultiPolygon{
		"not a number":   {{{{{-72, 18}, {math.NaN(), 18}, {-72, 19}, {-72, 18}}}}},
		"infinite":       {{{{{-72, 18}, {-72, math.Inf(1)}, {-71, 19}, {-72, 18}}}}},
		"off the earth":  {rectangle(-72, 18, -71, 91)},
		"too far":        {rectangle(-100, 17, -40, 19)},
		"too many":       {{{make(orb.Ring, arrangement.MaxVertices)}}},
		"all of another": {region, rectangle(-72, 17, 179, 19)},
	} {
		if _, err := arrangement.Build(t.Context(), region, areas); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := arrangement.Build(ctx, region, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
