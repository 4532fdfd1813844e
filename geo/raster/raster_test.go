package raster_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/raster"
)

var nan = float32(math.NaN())

func newGrid(t testing.TB, west, north, cell float64, width, height int, values []float32) *raster.Grid {
	t.Helper()
	g, err := raster.New("people", "People", "CC BY 4.0", west, north, cell, cell, width, height, values)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// numbered is a grid of whole numbers, whose sums are exact in any order.
func numbered(t testing.TB, width, height int) *raster.Grid {
	values := make([]float32, width*height)
	for i := range values {
		values[i] = float32(i%97 + 1)
		if i%13 == 5 {
			values[i] = nan
		}
		if i%17 == 3 {
			values[i] = -99999
		}
	}
	return newGrid(t, -74.5, 20.25, 0.125, width, height, values)
}

// plainSum adds up cell by cell: what every faster way is held against.
func plainSum(g *raster.Grid, in func(x, y int) bool) float64 {
	sum := 0.0
	for y := range g.Height() {
		for x := range g.Width() {
			if v := g.Value(x, y); v > 0 && in(x, y) {
				sum += float64(v)
			}
		}
	}
	return sum
}

func box(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

func TestNewRefuses(t *testing.T) {
	good := func() []float32 { return []float32{1, 2, 3, 4, 5, 6} }
	inf := math.Inf(1)
	for name, c := range map[string]struct {
		id                     string
		west, north, dLon, dLa float64
		width, height          int
		values                 []float32
		code                   geo.Code
	}{
		"no identifier":    {"", -74, 20, 1, 1, 3, 2, good(), geo.CodeInvalid},
		"text not UTF-8":   {"\xff", -74, 20, 1, 1, 3, 2, good(), geo.CodeInvalid},
		"no columns":       {"a", -74, 20, 1, 1, 0, 2, nil, geo.CodeInvalid},
		"negative rows":    {"a", -74, 20, 1, 1, 3, -2, nil, geo.CodeInvalid},
		"too many cells":   {"a", -74, 20, 1e-4, 1e-4, 20_000, 5_001, nil, geo.CodeTooLarge},
		"overflowing size": {"a", -74, 20, 1, 1, math.MaxInt, math.MaxInt, nil, geo.CodeTooLarge},
		"values missing":   {"a", -74, 20, 1, 1, 3, 3, good(), geo.CodeInvalid},
		"cell of nothing":  {"a", -74, 20, 0, 1, 3, 2, good(), geo.CodeInvalid},
		"cell backwards":   {"a", -74, 20, 1, -1, 3, 2, good(), geo.CodeInvalid},
		"cell no number":   {"a", -74, 20, math.NaN(), 1, 3, 2, good(), geo.CodeInvalid},
		"cell endless":     {"a", -74, 20, inf, 1, 3, 2, good(), geo.CodeInvalid},
		"west no number":   {"a", math.NaN(), 20, 1, 1, 3, 2, good(), geo.CodeInvalid},
		"metres":           {"a", 780_000, 2_050_000, 100, 100, 3, 2, good(), geo.CodeInvalid},
		"beyond east":      {"a", 178, 20, 1, 1, 3, 2, good(), geo.CodeInvalid},
		"beyond south":     {"a", 0, -89, 1, 1, 3, 2, good(), geo.CodeInvalid},
		"infinite value":   {"a", -74, 20, 1, 1, 3, 2, []float32{1, 2, 3, 4, 5, float32(inf)}, geo.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := raster.New(c.id, "", "", c.west, c.north, c.dLon, c.dLa, c.width, c.height, c.values)
			if got := geo.CodeOf(err); got != c.code {
				t.Fatalf("got %q (%v), want %q", got, err, c.code)
			}
		})
	}
}

func TestMissingValuesCountNothing(t *testing.T) {
	g := newGrid(t, 0, 1, 1, 5, 1, []float32{1, nan, -5, float32(math.Inf(-1)), 2})
	if g.Total() != 3 || g.RowSum(0, 0, 5) != 3 {
		t.Errorf("total %v, row %v, want 3", g.Total(), g.RowSum(0, 0, 5))
	}
	for x, missing := range []bool{false, true, true, true, false} {
		if v := g.Value(x, 0); (v != v) != missing {
			t.Errorf("value %d is %v", x, v)
		}
	}
	if v := g.Value(5, 0); v == v {
		t.Errorf("a value outside the grid is %v", v)
	}
}

func TestRowSumIsTheSumOfItsCells(t *testing.T) {
	for _, width := range []int{1, 31, 32, 33, 64, 95, 96, 130} {
		g := numbered(t, width, 3)
		for y := range 3 {
			for x0 := 0; x0 <= width; x0++ {
				for x1 := x0; x1 <= width; x1++ {
					want := plainSum(g, func(x, row int) bool { return row == y && x0 <= x && x < x1 })
					if got := g.RowSum(y, x0, x1); got != want {
						t.Fatalf("width %d row %d [%d,%d): got %v, want %v", width, y, x0, x1, got, want)
					}
				}
			}
		}
		if got, want := g.RowSum(1, -5, width+5), g.RowSum(1, 0, width); got != want {
			t.Errorf("a span beyond the grid gives %v, want %v", got, want)
		}
		if g.RowSum(-1, 0, width) != 0 || g.RowSum(3, 0, width) != 0 || g.RowSum(0, 3, 1) != 0 {
			t.Error("nothing lies outside the grid")
		}
	}
}

func TestTotalKeepsEveryPersonOfALargeGrid(t *testing.T) {
	values := make([]float32, 2000*2000)
	for i := range values {
		values[i] = 2.625 // a binary fraction: the true sum is 10.5 million exactly
	}
	g := newGrid(t, 0, 2, 0.001, 2000, 2000, values)
	if g.Total() != 10_500_000 {
		t.Errorf("total %v", g.Total())
	}
}

func TestRowAndColumnFindTheFirstCentre(t *testing.T) {
	g := numbered(t, 40, 30)
	rapid.Check(t, func(t *rapid.T) {
		lon := rapid.OneOf(rapid.Float64Range(-75, -68), rapid.Map(rapid.IntRange(-1, 40), g.ColumnLongitude)).Draw(t, "lon")
		lat := rapid.OneOf(rapid.Float64Range(15, 21), rapid.Map(rapid.IntRange(-1, 30), g.RowLatitude)).Draw(t, "lat")
		x, y := 0, 0
		for x < g.Width() && g.ColumnLongitude(x) < lon {
			x++
		}
		for y < g.Height() && g.RowLatitude(y) > lat {
			y++
		}
		if g.Column(lon) != x || g.Row(lat) != y {
			t.Fatalf("column %d row %d, want %d and %d", g.Column(lon), g.Row(lat), x, y)
		}
	})
	for _, odd := range []float64{math.NaN(), math.Inf(1), math.Inf(-1), 1e308, -1e308} {
		if x, y := g.Column(odd), g.Row(odd); x < 0 || x > 40 || y < 0 || y > 30 {
			t.Errorf("%v: column %d, row %d", odd, x, y)
		}
	}
}

// TestSumInAgreesWithPointInPolygon draws rings off the centres, where the
// rule for outlines does not matter, and asks another implementation.
func TestSumInAgreesWithPointInPolygon(t *testing.T) {
	g := numbered(t, 40, 30)
	rapid.Check(t, func(t *rapid.T) {
		ring := func(name string) orb.Ring {
			n := rapid.IntRange(3, 12).Draw(t, name)
			out := make(orb.Ring, 0, n+1)
			for i := range n {
				angle := (float64(i) + rapid.Float64Range(0, 0.9).Draw(t, "turn")) * 2 * math.Pi / float64(n)
				radius := rapid.Float64Range(0.1, 3).Draw(t, "radius")
				out = append(out, orb.Point{-72.0301 + radius*math.Cos(angle), 18.0703 + radius*math.Sin(angle)})
			}
			return append(out, out[0])
		}
		outer, other := ring("outer"), ring("other")
		area := orb.MultiPolygon{{outer, other}} // rings may cross: even-odd is defined for all of them
		want := plainSum(g, func(x, y int) bool {
			p := orb.Point{g.ColumnLongitude(x), g.RowLatitude(y)}
			return planar.RingContains(outer, p) != planar.RingContains(other, p)
		})
		if got := g.SumIn(area); got != want {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

// TestPartsAddUp cuts the grid by lines through its very centres and corners:
// every cell falls to exactly one part.
func TestPartsAddUp(t *testing.T) {
	g := numbered(t, 32, 24)
	rapid.Check(t, func(t *rapid.T) {
		// A mesh of triangles over vertices that lie on centres and between them.
		const n = 5
		bound := g.Bound()
		var mesh [n + 1][n + 1]orb.Point
		for i := range mesh {
			for j := range mesh[i] {
				lon := bound.Min[0] + (bound.Max[0]-bound.Min[0])*float64(i)/n
				lat := bound.Min[1] + (bound.Max[1]-bound.Min[1])*float64(j)/n
				if i > 0 && i < n && j > 0 && j < n {
					x, y := g.Column(lon), g.Row(lat)
					lon = g.ColumnLongitude(x) + 0.0625*float64(rapid.IntRange(-3, 3).Draw(t, "dx"))
					lat = g.RowLatitude(y) + 0.0625*float64(rapid.IntRange(-3, 3).Draw(t, "dy"))
				}
				mesh[i][j] = orb.Point{lon, lat}
			}
		}
		sum, count := 0.0, 0
		for i := range n {
			for j := range n {
				a, b, c, d := mesh[i][j], mesh[i+1][j], mesh[i+1][j+1], mesh[i][j+1]
				sum += g.SumIn(orb.MultiPolygon{{{a, b, c, a}}})
				sum += g.SumIn(orb.MultiPolygon{{{a, d, c, a}}}) // the other way round
				count += 2
			}
		}
		if sum != g.Total() {
			t.Fatalf("%d parts add up to %v, the whole is %v", count, sum, g.Total())
		}
	})
}

func TestSumIn(t *testing.T) {
	g := newGrid(t, 0, 4, 1, 4, 4, []float32{
		1, 2, 4, 8,
		16, 32, 64, 128,
		256, 512, 1024, 2048,
		4096, 8192, 16384, 32768,
	})
	hole := orb.MultiPolygon{{box(0, 0, 4, 4)[0][0], box(1, 1, 3, 3)[0][0]}}
	for name, c := range map[string]struct {
		area orb.MultiPolygon
		want float64
	}{
		"nothing":              {nil, 0},
		"an empty ring":        {orb.MultiPolygon{{{}}}, 0},
		"all":                  {box(0, 0, 4, 4), 65535},
		"the world":            {box(-180, -90, 180, 90), 65535},
		"one cell":             {box(1, 2, 2, 3), 32},
		"between the centres":  {box(0.6, 2.6, 1.4, 3.4), 0},
		"outside":              {box(5, 0, 6, 4), 0},
		"a hole":               {hole, 65535 - 32 - 64 - 512 - 1024},
		"two parts":            {append(box(0, 3, 1, 4), box(3, 0, 4, 1)...), 1 + 32768},
		"north and west edges": {box(0.5, 2.5, 1.5, 3.5), 1},
		"an open ring":         {orb.MultiPolygon{{{{0, 0}, {4, 0}, {4, 4}, {0, 4}}}}, 65535},
		"no number":            {orb.MultiPolygon{{{{0, 0}, {math.NaN(), 0}, {4, 4}, {0, 0}}}}, 0},
		"a line":               {orb.MultiPolygon{{{{0, 0}, {4, 4}, {0, 0}}}}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			if got := g.SumIn(c.area); got != c.want && name != "no number" {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func TestCrop(t *testing.T) {
	g := numbered(t, 40, 30)
	bound := orb.Bound{Min: orb.Point{g.ColumnLongitude(3), g.RowLatitude(20)}, Max: orb.Point{g.ColumnLongitude(12), g.RowLatitude(4)}}
	part, err := g.Crop(bound)
	if err != nil {
		t.Fatal(err)
	}
	if part.Width() != 10 || part.Height() != 17 || part.ID() != g.ID() || part.Licence() != g.Licence() {
		t.Fatalf("%d by %d", part.Width(), part.Height())
	}
	want := plainSum(g, func(x, y int) bool { return 3 <= x && x <= 12 && 4 <= y && y <= 20 })
	if part.Total() != want || part.ColumnLongitude(0) != g.ColumnLongitude(3) || part.RowLatitude(0) != g.RowLatitude(4) {
		t.Errorf("total %v, want %v", part.Total(), want)
	}
	for name, bound := range map[string]orb.Bound{
		"beside":    {Min: orb.Point{0, 0}, Max: orb.Point{1, 1}},
		"backwards": {Min: bound.Max, Max: bound.Min},
		"no number": {Min: orb.Point{math.NaN(), 0}, Max: orb.Point{math.NaN(), 1}},
	} {
		var refused *geo.Error
		if _, err := g.Crop(bound); !errors.As(err, &refused) || refused.Code != geo.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// haiti is a grid of the size of Haiti at 3 arc seconds with people in a third of its cells.
func haiti(b *testing.B) *raster.Grid {
	const width, height = 3400, 2500
	random := rand.New(rand.NewPCG(1, 2))
	values := make([]float32, width*height)
	for i := range values {
		if random.IntN(3) == 0 {
			values[i] = float32(random.ExpFloat64() * 4)
		} else if random.IntN(3) == 0 {
			values[i] = nan
		}
	}
	g, err := raster.New("haiti", "", "", -74.5, 20.1, 3.0/3600, 3.0/3600, width, height, values)
	if err != nil {
		b.Fatal(err)
	}
	return g
}

func BenchmarkSumIn140Boxes(b *testing.B) {
	g := haiti(b)
	var boxes []orb.MultiPolygon
	for i := range 140 {
		west, south := -74.4+float64(i%14)*0.19, 18.05+float64(i/14)*0.19
		boxes = append(boxes, box(west, south, west+0.19, south+0.19))
	}
	b.ReportMetric(float64(g.Bytes())/1e6, "MB")
	for b.Loop() {
		for _, area := range boxes {
			g.SumIn(area)
		}
	}
}

func BenchmarkNew(b *testing.B) {
	g := haiti(b)
	for b.Loop() {
		if _, err := g.Crop(g.Bound()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAppendBinary(b *testing.B) {
	g := haiti(b)
	for b.Loop() {
		out, err := g.AppendBinary(nil)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(len(out))/1e6, "MB")
	}
}

func BenchmarkParse(b *testing.B) {
	out, err := haiti(b).AppendBinary(nil)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := raster.Parse(out); err != nil {
			b.Fatal(err)
		}
	}
}
