package road

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

func TestBuildRefusesBadEdges(t *testing.T) {
	t.Parallel()
	good := edge(1, false, [2]int{0, 0}, [2]int{1, 0})
	change := func(f func(*EdgeInput)) []EdgeInput {
		e := good
		e.ID = 2
		e.Geometry = good.Geometry.Clone()
		f(&e)
		return []EdgeInput{good, e}
	}
	for name, x := range map[string]struct {
		inputs  []EdgeInput
		code    geo.Code
		pointer string
		detail  string
	}{
		"class":     {change(func(e *EdgeInput) { e.Class = "motorway" }), geo.CodeInvalid, "/features/1/properties/class", "motorway"},
		"long word": {change(func(e *EdgeInput) { e.Class = strings.Repeat("x", 1e6) }), geo.CodeInvalid, "/features/1/properties/class", "…"},
		"precision": {change(func(e *EdgeInput) { e.PrecisionM = -1 }), geo.CodeInvalid, "/features/1/properties/precision_m", "zero or more"},
		"infinite":  {change(func(e *EdgeInput) { e.PrecisionM = math.Inf(1) }), geo.CodeInvalid, "/features/1/properties/precision_m", ""},
		"nan":       {change(func(e *EdgeInput) { e.PrecisionM = math.NaN() }), geo.CodeInvalid, "/features/1/properties/precision_m", ""},
		"speed":     {change(func(e *EdgeInput) { e.SpeedKmh = 201 }), geo.CodeInvalid, "/features/1/properties/speed_kmh", "200"},
		"nan speed": {change(func(e *EdgeInput) { e.SpeedKmh = math.NaN() }), geo.CodeInvalid, "/features/1/properties/speed_kmh", ""},
		"load":      {change(func(e *EdgeInput) { e.MaxLoadT = -3.5 }), geo.CodeInvalid, "/features/1/properties/max_load_t", ""},
		"height":    {change(func(e *EdgeInput) { e.MaxHeightM = math.Inf(1) }), geo.CodeInvalid, "/features/1/properties/max_height_m", ""},
		"access":    {change(func(e *EdgeInput) { e.Access = 1 << len(geo.VehicleClasses) }), geo.CodeInvalid, "/features/1/properties/access", ""},
		"name":      {change(func(e *EdgeInput) { e.Name = strings.Repeat("a", maxTextBytes+1) }), geo.CodeInvalid, "/features/1/properties/name", ""},
		"barrier":   {change(func(e *EdgeInput) { e.Barrier = "\xff" }), geo.CodeInvalid, "/features/1/properties/barrier", "UTF-8"},
		"one point": {change(func(e *EdgeInput) { e.Geometry = e.Geometry[:1] }), geo.CodeInvalidGeometry, "/features/1/geometry", "two points"},
		"no length": {change(func(e *EdgeInput) { e.Geometry[1] = e.Geometry[0] }), geo.CodeInvalidGeometry, "/features/1/geometry", "no length"},
		"hair":      {change(func(e *EdgeInput) { e.Geometry = orb.LineString{{-72, 18}, {-72, math.Nextafter(18, 19)}, {-72, 18}} }), "", "", ""},
		"outside":   {change(func(e *EdgeInput) { e.Geometry[1] = orb.Point{2.35, 48.85} }), geo.CodeInvalid, "/features/1/geometry", "48.85"},
		"null":      {change(func(e *EdgeInput) { e.Geometry[1] = orb.Point{} }), geo.CodeInvalid, "/features/1/geometry", "[0, 0]"},
		"nan point": {change(func(e *EdgeInput) { e.Geometry[1][0] = math.NaN() }), geo.CodeInvalid, "/features/1/geometry", ""},
		"too many":  {change(func(e *EdgeInput) { e.Geometry = make(orb.LineString, MaxEdgeVertices+1) }), geo.CodeTooLarge, "/features/1/geometry", ""},
		"twice":     {[]EdgeInput{good, good}, geo.CodeInvalid, "/features/1/id", "twice"},
		"parallel":  {change(func(*EdgeInput) {}), "", "", ""},
	} {
		_, err := Build(Network{}, x.inputs)
		if geo.CodeOf(err) != x.code || (err == nil) != (x.code == "") {
			t.Errorf("%s: error %v of code %q, want %q", name, err, geo.CodeOf(err), x.code)
		}
		if err != nil && (!strings.HasPrefix(err.Error(), x.pointer+": ") || !strings.Contains(err.Error(), x.detail) || len(err.Error()) > 300) {
			t.Errorf("%s: error %v, want %s and %q", name, err, x.pointer, x.detail)
		}
	}
}

func TestBuildKeepsWhatItIsGiven(t *testing.T) {
	t.Parallel()
	in := edge(7, true, [2]int{0, 0}, [2]int{1, 0}, [2]int{1, 1})
	in.WayID, in.Ref, in.Name, in.Class, in.Surface = 99, "RN1; RN3;;", "Route", ClassNational, "asphalt"
	in.Bridge, in.Tunnel, in.SpeedKmh, in.Access, in.MaxLoadT, in.MaxHeightM, in.Barrier = true, true, 40, 5, 10, 3.8, "gate"
	in.PrecisionM, in.Nodes = 60, []int64{11, 0, 13}
	g := build(t, in, edge(3, false, [2]int{1, 1}, [2]int{2, 2}))
	e := g.Edge(0)
	if want := []string{"RN1", "RN3"}; !reflect.DeepEqual(e.Refs, want) {
		t.Errorf("refs %q, want %q", e.Refs, want)
	}
	got := EdgeInput{e.ID, e.WayID, in.Ref, e.Name, e.Class, e.Surface, e.Oneway, e.Bridge, e.Tunnel, e.SpeedKmh, e.Access, e.MaxLoadT,
		e.MaxHeightM, e.Barrier, e.PrecisionM, e.Geometry, e.Nodes}
	if !reflect.DeepEqual(got, in) {
		t.Errorf("edge %+v, want %+v", got, in)
	}
	in.Geometry[0] = orb.Point{}
	if e.Geometry[0] == (orb.Point{}) {
		t.Error("the graph shares the caller's geometry")
	}
	for class, want := range []bool{false, true, false, true} {
		if e.Admits(class) != want {
			t.Errorf("class %d admitted: %v", class, !want)
		}
	}
}

func TestFind(t *testing.T) {
	t.Parallel()
	for name, ids := range map[string][]int64{"ascending": {-4, 2, 9, 11}, "mixed": {9, -4, 11, 2}} {
		var inputs []EdgeInput
		for _, id := range ids {
			inputs = append(inputs, edge(id, false, [2]int{0, 0}, [2]int{1, 0}))
		}
		g := build(t, inputs...)
		for i, id := range ids {
			if at, ok := g.Find(id); !ok || at != i {
				t.Errorf("%s: edge %d found at %d %v, want %d", name, id, at, ok, i)
			}
		}
		for _, id := range []int64{-5, 0, 10, 12} {
			if at, ok := g.Find(id); ok {
				t.Errorf("%s: edge %d found at %d", name, id, at)
			}
		}
	}
}
