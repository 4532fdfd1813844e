package overlay

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"
	"github.com/peterstace/simplefeatures/geom"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
)

// rectangle is an area by its corners, in degrees.
func rectangle(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}.ToPolygon()}
}

// star is a simple polygon with jagged border around a centre.
func star(random *rand.Rand, lon, lat, radius float64, vertices int) orb.MultiPolygon {
	ring := make(orb.Ring, 0, vertices+1)
	for i := range vertices {
		angle := 2 * math.Pi * float64(i) / float64(vertices)
		r := radius * (0.4 + 0.6*random.Float64())
		ring = append(ring, orb.Point{
			math.Round((lon+r*math.Cos(angle))*1e6) / 1e6,
			math.Round((lat+r*math.Sin(angle))*1e6) / 1e6,
		})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

func area(g orb.MultiPolygon) float64 { return planar.Area(g) }

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*(1+math.Abs(a)+math.Abs(b)) }

func TestCombineRectangles(t *testing.T) {
	a, b := rectangle(-72, 18, -71, 19), rectangle(-71.5, 18.5, -70.5, 19.5)
	far := rectangle(-75, 17, -74, 18)
	hole := orb.MultiPolygon{{
		{{-72, 18}, {-71, 18}, {-71, 19}, {-72, 19}, {-72, 18}},
		{{-71.75, 18.25}, {-71.75, 18.75}, {-71.25, 18.75}, {-71.25, 18.25}, {-71.75, 18.25}},
	}}
	tests := []struct {
		name    string
		combine func() (orb.MultiPolygon, error)
		area    float64
		parts   int
	}{
		{"intersection", func() (orb.MultiPolygon, error) { return Intersection(a, b) }, 0.25, 1},
		{"intersection of far", func() (orb.MultiPolygon, error) { return Intersection(a, far) }, 0, 0},
		{"intersection that touches", func() (orb.MultiPolygon, error) { return Intersection(a, rectangle(-71, 18, -70, 19)) }, 0, 0},
		{"intersection with nothing", func() (orb.MultiPolygon, error) { return Intersection(a, nil) }, 0, 0},
		{"difference", func() (orb.MultiPolygon, error) { return Difference(a, b) }, 0.75, 1},
		{"difference of far", func() (orb.MultiPolygon, error) { return Difference(a, far) }, 1, 1},
		{"difference of itself", func() (orb.MultiPolygon, error) { return Difference(a, a) }, 0, 0},
		{"difference of nothing", func() (orb.MultiPolygon, error) { return Difference(nil, a) }, 0, 0},
		{"difference leaves a hole", func() (orb.MultiPolygon, error) { return Difference(a, rectangle(-71.75, 18.25, -71.25, 18.75)) }, 0.75, 1},
		{"hole fills", func() (orb.MultiPolygon, error) {
			return Union([]orb.MultiPolygon{hole, rectangle(-71.75, 18.25, -71.25, 18.75)})
		}, 1, 1},
		{"union", func() (orb.MultiPolygon, error) { return Union([]orb.MultiPolygon{a, b}) }, 1.75, 1},
		{"union of apart", func() (orb.MultiPolygon, error) { return Union([]orb.MultiPolygon{a, far}) }, 2, 2},
		{"union of one", func() (orb.MultiPolygon, error) { return Union([]orb.MultiPolygon{a}) }, 1, 1},
		{"union of neighbours", func() (orb.MultiPolygon, error) {
			return Union([]orb.MultiPolygon{a, rectangle(-71, 18, -70, 19)})
		}, 2, 1},
		{"union of nothing", func() (orb.MultiPolygon, error) { return Union(nil) }, 0, 0},
		{"union of empty", func() (orb.MultiPolygon, error) { return Union([]orb.MultiPolygon{nil, {}}) }, 0, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.combine()
			if err != nil {
				t.Fatal(err)
			}
			if !near(area(got), test.area) || len(got) != test.parts {
				t.Errorf("area %v in %d parts, want %v in %d", area(got), len(got), test.area, test.parts)
			}
			for _, polygon := range got {
				for i, ring := range polygon {
					if (ring.Orientation() == orb.CCW) != (i == 0) {
						t.Errorf("ring %d has orientation %v", i, ring.Orientation())
					}
				}
			}
			if len(got) > 0 {
				if fault := Validate(got); fault != nil {
					t.Errorf("the result is not valid: %v", fault)
				}
			}
		})
	}
}

// The areas of the parts of two overlapping stars must add up, and the results
// must be valid.
func TestCombineAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a := star(random, -72.3, 18.5, 0.2, rapid.IntRange(3, 60).Draw(t, "vertices of a"))
		b := star(random, -72.3+0.3*(random.Float64()-0.5), 18.5+0.3*(random.Float64()-0.5), 0.2, rapid.IntRange(3, 60).Draw(t, "vertices of b"))
		if Validate(a) != nil || Validate(b) != nil {
			t.Skip("rounding closed a spike")
		}
		common, err1 := Intersection(a, b)
		onlyA, err2 := Difference(a, b)
		onlyB, err3 := Difference(b, a)
		both, err4 := Union([]orb.MultiPolygon{a, b})
		for _, err := range []error{err1, err2, err3, err4} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if got, want := area(common)+area(onlyA), area(a); math.Abs(got-want) > 1e-11 {
			t.Errorf("intersection and difference are %v, a is %v", got, want)
		}
		if got, want := area(common)+area(onlyA)+area(onlyB), area(both); math.Abs(got-want) > 1e-11 {
			t.Errorf("the parts are %v, the union %v", got, want)
		}
		if got := Intersects(a, b); got != (len(common) > 0) && area(common) > 1e-15 {
			t.Errorf("Intersects is %v, the intersection has %v", got, area(common))
		}
	})
}

func TestContains(t *testing.T) {
	ring := orb.MultiPolygon{{
		{{0, 0}, {4, 0}, {4, 4}, {0, 4}, {0, 0}},
		{{1, 1}, {1, 3}, {3, 3}, {3, 1}, {1, 1}},
	}, {{{10, 0}, {12, 2}, {10, 4}, {8, 2}, {10, 0}}}}
	tests := []struct {
		p    orb.Point
		want bool
	}{
		{orb.Point{0.5, 0.5}, true}, {orb.Point{2, 2}, false}, {orb.Point{-1, 2}, false}, {orb.Point{5, 2}, false},
		{orb.Point{0, 0}, true}, {orb.Point{4, 2}, true}, {orb.Point{2, 0}, true}, {orb.Point{2, 4}, true},
		{orb.Point{1, 1}, true}, {orb.Point{1, 2}, true}, {orb.Point{2, 3}, true},
		{orb.Point{10, 2}, true}, {orb.Point{9, 1}, true}, {orb.Point{8.9, 1}, false}, {orb.Point{8, 2}, true},
		{orb.Point{7.9, 2}, false}, {orb.Point{10, 4}, true}, {orb.Point{10, 5}, false}, {orb.Point{11, 3}, true},
		{orb.Point{math.NaN(), 1}, false},
	}
	for _, test := range tests {
		if got := Contains(ring, test.p); got != test.want {
			t.Errorf("Contains(%v) = %v", test.p, got)
		}
	}
	if Contains(nil, orb.Point{}) || Contains(orb.MultiPolygon{{}}, orb.Point{}) {
		t.Error("an empty area contains nothing")
	}
}

// small draws coordinates on a coarse grid, so that shared vertices, collinear
// edges and points on borders are the rule.
func small(t *rapid.T, name string) orb.Point {
	return orb.Point{float64(rapid.IntRange(0, 6).Draw(t, name+" x")) / 4, float64(rapid.IntRange(0, 6).Draw(t, name+" y")) / 4}
}

func drawPolygon(t *rapid.T) orb.MultiPolygon {
	n := rapid.IntRange(3, 6).Draw(t, "corners")
	ring := make(orb.Ring, 0, n+1)
	for range n {
		ring = append(ring, small(t, "corner"))
	}
	polygon := orb.MultiPolygon{{append(ring, ring[0])}}
	if Validate(polygon) != nil {
		t.Skip("not a simple polygon")
	}
	return polygon
}

func TestPredicatesMatchSimpleFeatures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		polygon := drawPolygon(t)
		p, q := small(t, "p"), small(t, "q")
		reference, _ := toGeometry(polygon)
		point, _ := toGeometry(p)
		if got, want := Contains(polygon, p), geom.Intersects(point, reference); got != want {
			t.Errorf("Contains(%v, %v) = %v", polygon, p, got)
		}
		box := orb.MultiPoint{p, q}.Bound()
		if box.Min[0] < box.Max[0] && box.Min[1] < box.Max[1] {
			boxed, _ := toGeometry(box)
			if got, want := IntersectsBound(polygon, box), geom.Intersects(boxed, reference); got != want {
				t.Errorf("IntersectsBound(%v, %v) = %v", polygon, box, got)
			}
			line := orb.LineString{small(t, "a"), small(t, "b"), small(t, "c")}
			if line[0] != line[1] || line[1] != line[2] {
				lined, _ := toGeometry(line)
				if got, want := IntersectsBound(line, box), geom.Intersects(boxed, lined); got != want {
					t.Errorf("IntersectsBound(%v, %v) = %v", line, box, got)
				}
			}
		}
	})
}

func TestIntersectsBound(t *testing.T) {
	box := orb.Bound{Min: orb.Point{0, 0}, Max: orb.Point{1, 1}}
	tests := []struct {
		name string
		g    orb.Geometry
		want bool
	}{
		{"point on the corner", orb.Point{1, 1}, true},
		{"point outside", orb.Point{1, 1.000001}, false},
		{"points", orb.MultiPoint{{2, 2}, {0.5, 0.5}}, true},
		{"points outside", orb.MultiPoint{{2, 2}}, false},
		{"diagonal past a corner", orb.LineString{{0.5, 1.6}, {1.6, 0.5}}, false},
		{"diagonal through a corner", orb.LineString{{0.5, 1.5}, {1.5, 0.5}}, true},
		{"line across", orb.MultiLineString{{{5, 5}, {6, 6}}, {{-1, 0.5}, {2, 0.5}}}, true},
		{"box inside a polygon", rectangle(-1, -1, 2, 2), true},
		{"box inside a hole", orb.Polygon{
			{{-2, -2}, {3, -2}, {3, 3}, {-2, 3}, {-2, -2}}, {{-1, -1}, {-1, 2}, {2, 2}, {2, -1}, {-1, -1}},
		}, false},
		{"hole's border through the box", orb.Polygon{
			{{-2, -2}, {3, -2}, {3, 3}, {-2, 3}, {-2, -2}}, {{0.5, -1}, {0.5, 2}, {2, 2}, {2, -1}, {0.5, -1}},
		}, true},
		{"ring", orb.Ring{{-1, -1}, {2, -1}, {2, 2}, {-1, -1}}, true},
		{"bound", orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{2, 2}}, true},
		{"nothing", nil, false},
	}
	for _, test := range tests {
		if got := IntersectsBound(test.g, box); got != test.want {
			t.Errorf("%s: %v", test.name, got)
		}
	}
	if IntersectsBound(orb.Point{0, 0}, orb.Bound{Min: orb.Point{1, 1}, Max: orb.Point{-1, -1}}) {
		t.Error("an empty box meets nothing")
	}
	if n := testing.AllocsPerRun(20, func() { IntersectsBound(rectangle3, box) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

var rectangle3 orb.Geometry = rectangle(-1, -1, 2, 2)

func TestIntersects(t *testing.T) {
	a := rectangle(0, 0, 1, 1)
	tests := []struct {
		g    orb.Geometry
		want bool
	}{
		{rectangle(1, 1, 2, 2), true}, {rectangle(1.1, 1, 2, 2), false}, {rectangle(0.2, 0.2, 0.3, 0.3), true},
		{orb.Point{1, 0.5}, true}, {orb.Point{1.1, 0.5}, false}, {orb.LineString{{-1, 0.5}, {2, 0.5}}, true},
		{orb.LineString{{0, 1.5}, {1.5, 0.8}}, false}, {nil, false}, {orb.MultiPoint{{3, 3}, {0.1, 0.1}}, true},
		{orb.MultiLineString{{{0.1, 0.1}, {0.2, 0.2}}}, true}, {a[0], true}, {a[0][0], true},
	}
	for i, test := range tests {
		if got := Intersects(a, test.g); got != test.want {
			t.Errorf("%d: %v", i, got)
		}
		if got := Intersects(test.g, a); got != test.want {
			t.Errorf("%d turned round: %v", i, got)
		}
	}
}

func TestClip(t *testing.T) {
	lat := 18.5
	at := func(lon float64) orb.Point { return orb.Point{lon, lat} }
	metres := func(from, to float64) float64 { return measure.DistanceM(at(from), at(to)) }
	block := rectangle(-72.4, 18.4, -72.3, 18.6)
	tests := []struct {
		name string
		line orb.LineString
		area orb.MultiPolygon
		want []Span
	}{
		{"through", orb.LineString{at(-72.5), at(-72.2)}, block, []Span{{metres(-72.5, -72.4), metres(-72.5, -72.3)}}},
		{"inside", orb.LineString{at(-72.38), at(-72.35), at(-72.32)}, block, []Span{{0, metres(-72.38, -72.32)}}},
		{"outside", orb.LineString{at(-72.2), at(-72.1)}, block, nil},
		{"ends inside", orb.LineString{at(-72.5), at(-72.45), at(-72.35)}, block, []Span{{metres(-72.5, -72.4), metres(-72.5, -72.35)}}},
		{"through vertices on the border", orb.LineString{at(-72.5), at(-72.4), at(-72.35), at(-72.3), at(-72.2)}, block,
			[]Span{{metres(-72.5, -72.4), metres(-72.5, -72.3)}}},
		{"touches a corner", orb.LineString{{-72.5, 18.5}, {-72.3, 18.7}}, block, nil},
		{"along the border", orb.LineString{{-72.4, 18.3}, {-72.4, 18.7}}, block, []Span{{
			measure.DistanceM(orb.Point{-72.4, 18.3}, orb.Point{-72.4, 18.4}), measure.DistanceM(orb.Point{-72.4, 18.3}, orb.Point{-72.4, 18.6}),
		}}},
		{"there and back", orb.LineString{at(-72.5), at(-72.35), at(-72.5)}, block, []Span{{
			metres(-72.5, -72.4), metres(-72.5, -72.35) + metres(-72.4, -72.35),
		}}},
		{"two areas", orb.LineString{at(-72.5), at(-71.9)}, append(slices.Clone(block), rectangle(-72.1, 18.4, -72, 18.6)...), []Span{
			{metres(-72.5, -72.4), metres(-72.5, -72.3)}, {metres(-72.5, -72.1), metres(-72.5, -72)},
		}},
		{"neighbours join", orb.LineString{at(-72.5), at(-72.1)}, append(slices.Clone(block), rectangle(-72.3, 18.4, -72.2, 18.6)...), []Span{
			{metres(-72.5, -72.4), metres(-72.5, -72.2)},
		}},
		{"repeated vertex", orb.LineString{at(-72.35), at(-72.35), at(-72.32)}, block, []Span{{0, metres(-72.35, -72.32)}}},
		{"one vertex", orb.LineString{at(-72.35)}, block, nil},
		{"no area", orb.LineString{at(-72.5), at(-72.2)}, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := Clip(test.line, test.area)
			if len(got) != len(test.want) {
				t.Fatalf("%v, want %v", got, test.want)
			}
			for i := range got {
				// A metre is how far a long straight line and its geodesic differ here.
				if math.Abs(got[i].From-test.want[i].From) > 1 || math.Abs(got[i].To-test.want[i].To) > 1 {
					t.Errorf("%v, want %v", got, test.want)
				}
			}
		})
	}
}

// Clip agrees with the intersection of line and polygon of simplefeatures, by
// length, and its spans are ordered, apart and within the line.
func TestClipMatchesIntersection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		polygon := drawPolygon(t)
		line := orb.LineString{small(t, "start")}
		for range rapid.IntRange(1, 4).Draw(t, "segments") {
			if p := small(t, "vertex"); p != line[len(line)-1] {
				line = append(line, p)
			}
		}
		if len(line) < 2 {
			t.Skip("no line")
		}
		spans := Clip(line, polygon)
		total, last := 0.0, -1.0
		for _, s := range spans {
			if s.From <= last || s.To <= s.From || s.To > measure.LengthM(line)+1e-6 {
				t.Fatalf("spans %v of %v", spans, line)
			}
			total, last = total+s.LengthM(), s.To
		}
		// Segment by segment, so that what a line passes twice counts twice.
		want := 0.0
		reference, _ := toGeometry(polygon)
		for i := 1; i < len(line); i++ {
			segment, _ := toGeometry(orb.LineString{line[i-1], line[i]})
			common, err := geom.Intersection(segment, reference)
			if err != nil {
				t.Fatal(err)
			}
			for _, piece := range lines(common) {
				whole := planar.Distance(line[i-1], line[i])
				want += planar.Length(piece) / whole * measure.DistanceM(line[i-1], line[i])
			}
		}
		if math.Abs(total-want) > 0.01+1e-9*want {
			t.Errorf("%v m of %v in %v, want %v", total, line, polygon, want)
		}
	})
}

func lines(g geom.Geometry) []orb.LineString {
	var out []orb.LineString
	switch {
	case g.IsLineString():
		s := g.MustAsLineString().Coordinates()
		line := make(orb.LineString, s.Length())
		for i := range line {
			line[i] = orb.Point{s.GetXY(i).X, s.GetXY(i).Y}
		}
		out = append(out, line)
	case g.IsMultiLineString():
		m := g.MustAsMultiLineString()
		for i := range m.NumLineStrings() {
			out = append(out, lines(m.LineStringN(i).AsGeometry())...)
		}
	case g.IsGeometryCollection():
		c := g.MustAsGeometryCollection()
		for i := range c.NumGeometries() {
			out = append(out, lines(c.GeometryN(i))...)
		}
	}
	return out
}

func TestOrientationIsExact(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		near := func(name string) orb.Point {
			return orb.Point{
				0.5 + float64(rapid.IntRange(-8, 8).Draw(t, name+" x"))*0x1p-53,
				0.5 + float64(rapid.IntRange(-8, 8).Draw(t, name+" y"))*0x1p-53,
			}
		}
		a, b, c := near("a"), orb.Point{12, 12}, near("c")
		if got, want := orientation(a, b, c), exactOrientation(a, b, c); got != want {
			t.Errorf("orientation(%v, %v, %v) = %d, want %d", a, b, c, got, want)
		}
	})
}

func BenchmarkIntersection200(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	p, q := star(random, -72.3, 18.5, 0.2, 200), star(random, -72.25, 18.55, 0.2, 200)
	for b.Loop() {
		if _, err := Intersection(p, q); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkIntersectsBound200(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	var g orb.Geometry = star(random, -72.3, 18.5, 0.2, 200)
	box := orb.Bound{Min: orb.Point{-72.31, 18.49}, Max: orb.Point{-72.29, 18.51}}
	for b.Loop() {
		if !IntersectsBound(g, box) {
			b.Fatal("they meet")
		}
	}
}

func BenchmarkClip(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	zone := star(random, -72.3, 18.5, 0.1, 200)
	line := make(orb.LineString, 1000)
	for i := range line {
		line[i] = orb.Point{-72.5 + 0.0004*float64(i), 18.5 + 0.01*math.Sin(float64(i)/20)}
	}
	for b.Loop() {
		Clip(line, zone)
	}
}
