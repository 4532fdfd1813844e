package overlay

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

func TestValidate(t *testing.T) {
	square := orb.Ring{{-72, 18}, {-71, 18}, {-71, 19}, {-72, 19}, {-72, 18}}
	tests := []struct {
		name string
		g    orb.Geometry
		want string // part of the detail, "" for valid
	}{
		{"square", orb.Polygon{square}, ""},
		{"point", orb.Point{-72, 18}, ""},
		{"line", orb.LineString{{-72, 18}, {-71, 19}}, ""},
		{"line that crosses itself", orb.LineString{{-72, 18}, {-71, 19}, {-71, 18}, {-72, 19}}, ""},
		{"line of one place", orb.LineString{{-72, 18}, {-72, 18}}, "the line has only one distinct point"},
		{"bow tie", orb.Polygon{{{-72, 18}, {-71, 19}, {-71, 18}, {-72, 19}, {-72, 18}}}, "the polygon crosses or touches itself near -71.5 18.5"},
		{"spike", orb.Polygon{{{-72, 18}, {-71, 18}, {-70.5, 18}, {-71, 18}, {-71, 19}, {-72, 18}}}, "the polygon crosses or touches itself near -7"},
		{"touches itself", orb.Polygon{{{-72, 18}, {-71, 18}, {-71.5, 19}, {-71, 20}, {-72, 20}, {-71.5, 19}, {-72, 18}}}, "near -71.5 19"},
		{"not closed", orb.Polygon{{{-72, 18}, {-71, 18}, {-71, 19}, {-72, 19}}}, "is not closed near -72 18"},
		{"second part", orb.MultiPolygon{{square}, {{{-74, 18}, {-73, 19}, {-73, 18}, {-74, 19}, {-74, 18}}}}, "part 1 crosses or touches itself near -73.5 18.5"},
		{"hole outside", orb.Polygon{square, {{-70, 18.2}, {-70, 18.4}, {-69.8, 18.4}, {-70, 18.2}}}, "has a hole outside its outer ring"},
		{"hole crosses itself", orb.Polygon{square, {{-71.8, 18.2}, {-71.2, 18.8}, {-71.2, 18.2}, {-71.8, 18.8}, {-71.8, 18.2}}}, "the polygon, hole 1 crosses or touches itself near -71.5 18.5"},
		{"holes nested", orb.Polygon{
			square, {{-71.9, 18.1}, {-71.9, 18.9}, {-71.1, 18.9}, {-71.1, 18.1}, {-71.9, 18.1}},
			{{-71.6, 18.4}, {-71.6, 18.6}, {-71.4, 18.6}, {-71.4, 18.4}, {-71.6, 18.4}},
		}, "hole inside a hole"},
		{"hole along the border", orb.Polygon{square, {{-72, 18.2}, {-72, 18.8}, {-71.5, 18.5}, {-72, 18.2}}}, "rings that cross or touch at more than one point"},
		{"parts overlap", orb.MultiPolygon{{square}, rectangle(-71.5, 18.5, -70.5, 19.5)[0]}, "overlaps or runs along another part"},
		{"parts share a border", orb.MultiPolygon{{square}, rectangle(-71, 18, -70, 19)[0]}, "overlaps or runs along another part"},
		{"part inside a part", orb.MultiPolygon{{square}, rectangle(-71.6, 18.4, -71.4, 18.6)[0]}, "overlaps or runs along another part"},
		{"parts touch in a point", orb.MultiPolygon{{square}, rectangle(-71, 19, -70, 20)[0]}, ""},
		{"not a number", orb.Polygon{{{-72, 18}, {math.NaN(), 18}, {-71, 19}, {-72, 18}}}, "not a number"},
		{"infinite", orb.LineString{{-72, 18}, {math.Inf(1), 18}}, "not finite"},
		{"nothing", nil, "there is no geometry"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			fault := Validate(test.g)
			switch {
			case test.want == "" && fault != nil:
				t.Fatalf("refused: %v", fault)
			case test.want == "":
				return
			case fault == nil:
				t.Fatal("taken as valid")
			case fault.Code != geo.CodeInvalidGeometry || fault.Pointer != "/geometry":
				t.Errorf("code %q pointer %q", fault.Code, fault.Pointer)
			case !strings.Contains(fault.Detail, test.want):
				t.Errorf("detail %q lacks %q", fault.Detail, test.want)
			}
		})
	}
}

// A ring of the largest size is checked, and refused, in bounded time.
func TestValidateLargest(t *testing.T) {
	big := star(rand.New(rand.NewPCG(3, 4)), -72.3, 18.5, 1, 50_000)
	if fault := Validate(big); fault != nil {
		t.Fatalf("refused: %v", fault)
	}
	ring := big[0][0]
	ring[20_000], ring[40_000] = ring[40_000], ring[20_000]
	if Validate(big) == nil {
		t.Error("taken as valid")
	}
}
