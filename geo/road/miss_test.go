package road

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/measure"
)

// metres is an edge between points given in metres from the corner of the
// capital, nearly.
func metres(id int64, points ...[2]float64) EdgeInput {
	lonM, latM := measure.DegreeM(18.5)
	var line orb.LineString
	for _, p := range points {
		line = append(line, orb.Point{-72.4 + p[0]/lonM, 18.5 + p[1]/latM})
	}
	return EdgeInput{ID: id, Class: ClassUrban, Geometry: line}
}

func flagged(e EdgeInput, bridge, tunnel bool) EdgeInput {
	e.Bridge, e.Tunnel = bridge, tunnel
	return e
}

// missCase is a small network, what misses what in it, and the number of
// components before and after joining.
type missCase struct {
	edges         []EdgeInput
	want          []NearMiss // without points; distances to the centimetre
	before, after int
}

func missCases() map[string]missCase {
	road := metres(1, [2]float64{0, 0}, [2]float64{100, 0})
	end := func(edge, other int, along, otherAlong, distance float64) NearMiss {
		return NearMiss{Kind: MissEnd, Edge: edge, Other: other, AlongM: along, OtherAlongM: otherAlong, DistanceM: distance}
	}
	crossing := func(along, otherAlong float64) NearMiss {
		return NearMiss{Kind: MissCrossing, Edge: 0, Other: 1, AlongM: along, OtherAlongM: otherAlong}
	}
	list := func(edges ...EdgeInput) []EdgeInput { return edges }
	return map[string]missCase{
		"joined":      {list(road, metres(2, [2]float64{100, 0}, [2]float64{100, 50})), nil, 1, 1},
		"beside":      {list(road, metres(2, [2]float64{40, .6}, [2]float64{40, 50})), []NearMiss{end(1, 0, 0, 40, .6)}, 2, 1},
		"on it":       {list(road, metres(2, [2]float64{40, 50}, [2]float64{40, 0})), []NearMiss{end(1, 0, 50, 40, 0)}, 2, 1},
		"at a vertex": {list(metres(1, [2]float64{0, 0}, [2]float64{40, 0}, [2]float64{100, 9}), metres(2, [2]float64{40, 0}, [2]float64{40, 50})), []NearMiss{end(1, 0, 0, 40, 0)}, 2, 1},
		"too far":     {list(road, metres(2, [2]float64{40, 1.1}, [2]float64{40, 50})), nil, 2, 2},
		"two ends":    {list(road, metres(2, [2]float64{100.5, 0}, [2]float64{150, 50})), []NearMiss{end(0, 1, 100, 0, .5)}, 2, 1},
		"two ends, both with company": {list(road, metres(2, [2]float64{100.5, 0}, [2]float64{150, 50}), metres(3, [2]float64{150, -50}, [2]float64{100.5, 0}),
			metres(4, [2]float64{60, 60}, [2]float64{100, 0})), []NearMiss{end(0, 1, 100, 0, .5)}, 2, 1},
		"three ends":             {list(road, metres(2, [2]float64{100.4, 0}, [2]float64{150, 50}), metres(3, [2]float64{100.8, 0}, [2]float64{150, -50})), []NearMiss{end(0, 1, 100, 0, .4), end(0, 2, 100, 0, .8), end(1, 2, 0, 0, .4)}, 3, 1},
		"short edge":             {list(road, metres(2, [2]float64{100, 0}, [2]float64{100.5, 0}), metres(3, [2]float64{100.5, 0}, [2]float64{150, 50})), nil, 1, 1},
		"loop not shut":          {list(metres(1, [2]float64{0, 0}, [2]float64{50, 0}, [2]float64{50, 50}, [2]float64{0, .5})), []NearMiss{end(0, 0, 0, 170.36, .5)}, 1, 1},
		"crossing":               {list(road, metres(2, [2]float64{30, -20}, [2]float64{30, 20})), []NearMiss{crossing(30, 20)}, 2, 1},
		"touching":               {list(road, metres(2, [2]float64{20, 20}, [2]float64{30, 0}, [2]float64{40, 20})), []NearMiss{crossing(30, 22.36)}, 2, 1},
		"common vertex":          {list(metres(1, [2]float64{0, 0}, [2]float64{30, 0}, [2]float64{100, 0}), metres(2, [2]float64{20, 20}, [2]float64{30, 0}, [2]float64{40, -20})), []NearMiss{crossing(30, 22.36)}, 2, 1},
		"crossing twice":         {list(road, metres(2, [2]float64{30, -20}, [2]float64{30, 20}, [2]float64{60, 20}, [2]float64{60, -20})), []NearMiss{crossing(30, 20), crossing(60, 90)}, 2, 1},
		"bridge":                 {list(road, flagged(metres(2, [2]float64{30, -20}, [2]float64{30, 20}), true, false)), nil, 2, 2},
		"tunnel":                 {list(flagged(road, false, true), metres(2, [2]float64{30, -20}, [2]float64{30, 20})), nil, 2, 2},
		"under a bridge":         {list(flagged(road, true, false), metres(2, [2]float64{40, .6}, [2]float64{40, 50})), nil, 2, 2},
		"bridge's end":           {list(flagged(road, true, false), metres(2, [2]float64{100.5, 0}, [2]float64{150, 0})), []NearMiss{end(0, 1, 100, 0, .5)}, 2, 1},
		"crossing at a junction": {list(road, metres(2, [2]float64{100, 0}, [2]float64{99.5, .3}, [2]float64{99.4, -30})), nil, 1, 1},
		"twins": {list(metres(1, [2]float64{0, 0}, [2]float64{30, 0}, [2]float64{60, 9}, [2]float64{90, 0}), metres(2, [2]float64{0, 0}, [2]float64{30, 0}, [2]float64{60, 9}, [2]float64{90, 0}),
			metres(3, [2]float64{90, 0}, [2]float64{60, 9}, [2]float64{30, 0}, [2]float64{0, 0})), nil, 1, 1},
		"overshoot": {list(road, metres(2, [2]float64{40, -.4}, [2]float64{40, 50})), []NearMiss{end(1, 0, 0, 40, .4)}, 2, 1},
		"not lines": {list(road, EdgeInput{ID: 2}, EdgeInput{ID: 3, Geometry: orb.LineString{{math.NaN(), 18.5}, {-72.4, 18.5}}}), nil, 0, 0},
	}
}

func TestNearMisses(t *testing.T) {
	t.Parallel()
	for name, x := range missCases() {
		misses := NearMisses(x.edges)
		got := slices.Clone(misses)
		for i := range got {
			if line := x.edges[got[i].Edge].Geometry; measure.DistanceM(pointOn(line, got[i].AlongM), got[i].Point) > .01 {
				t.Errorf("%s: %+v is not at its point", name, got[i])
			}
			if line := x.edges[got[i].Other].Geometry; math.Abs(measure.DistanceM(pointOn(line, got[i].OtherAlongM), got[i].Point)-got[i].DistanceM) > .01 {
				t.Errorf("%s: %+v is not as far from the other edge", name, got[i])
			}
			got[i].Point = orb.Point{}
			for _, m := range []*float64{&got[i].AlongM, &got[i].OtherAlongM, &got[i].DistanceM} {
				*m = math.Round(*m*100) / 100
			}
		}
		if len(got)+len(x.want) > 0 && !reflect.DeepEqual(got, x.want) {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
		if x.before == 0 {
			if out := JoinNearMisses(x.edges, misses); len(out) != len(x.edges) {
				t.Errorf("%s: %d edges, want %d", name, len(out), len(x.edges))
			}
			continue
		}
		if n := len(build(t, x.edges...).ComponentLengths()); n != x.before {
			t.Errorf("%s: %d components before, want %d", name, n, x.before)
		}
		joined := JoinNearMisses(x.edges, misses)
		if n := len(build(t, joined...).ComponentLengths()); n != x.after {
			t.Errorf("%s: %d components after joining, want %d", name, n, x.after)
		}
		if left := NearMisses(joined); len(left) != 0 {
			t.Errorf("%s: %+v left after joining", name, left)
		}
		if len(misses) == 0 && !reflect.DeepEqual(joined, x.edges) {
			t.Errorf("%s: edges changed for no miss", name)
		}
	}
}

func pointOn(line orb.LineString, alongM float64) orb.Point { return measure.Interpolate(line, alongM) }

// TestNearMissesEqualComparingAll looks for the same misses by comparing every
// end and every segment with every other.
func TestNearMissesEqualComparingAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inputs := drawStreets(t)
		type key struct {
			kind        MissKind
			edge, other int
		}
		got, want := map[key]bool{}, map[key]bool{}
		for _, m := range NearMisses(inputs) {
			if m.Kind == MissCrossing {
				got[key{m.Kind, m.Edge, m.Other}] = true
			}
		}
		for i := range inputs {
			for j := i + 1; j < len(inputs); j++ {
				a, b := inputs[i].Geometry, inputs[j].Geometry
				p, share, ok := solve(a, b)
				if ok && share[0] > 0 && share[0] < 1 && share[1] > 0 && share[1] < 1 && !inputs[i].Bridge && !inputs[j].Bridge {
					near := false
					for _, q := range []orb.Point{a[0], a[1], b[0], b[1]} {
						near = near || measure.DistanceM(p, q) <= NearMissM
					}
					if !near {
						want[key{MissCrossing, i, j}] = true
					}
				}
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("crossings %v, want %v", got, want)
		}
		checkJoin(t, inputs)
	})
}

// drawStreets draws straight edges on a grid of a few metres, with ends moved a
// little so that some miss.
func drawStreets(t *rapid.T) []EdgeInput {
	grid := rapid.IntRange(0, 8)
	point := func(name string) [2]float64 {
		p := [2]float64{float64(grid.Draw(t, name+"X")) * 9, float64(grid.Draw(t, name+"Y")) * 9}
		if rapid.IntRange(0, 3).Draw(t, "moved") == 0 {
			p[0] += .6
		}
		return p
	}
	var inputs []EdgeInput
	for id := range rapid.IntRange(1, 12).Draw(t, "edges") {
		a, b := point("a"), point("b")
		if a[0] == b[0] && a[1] == b[1] {
			b[0] += 30
		}
		e := metres(int64(id), a, b)
		e.Bridge, e.WayID = rapid.IntRange(0, 5).Draw(t, "bridge") == 0, int64(id)
		inputs = append(inputs, e)
	}
	return inputs
}

// solve intersects the lines through two segments by Cramer's rule.
func solve(a, b orb.LineString) (orb.Point, [2]float64, bool) {
	ux, uy, vx, vy := a[1][0]-a[0][0], a[1][1]-a[0][1], b[1][0]-b[0][0], b[1][1]-b[0][1]
	wx, wy := b[0][0]-a[0][0], b[0][1]-a[0][1]
	det := ux*-vy + vx*uy
	if math.Abs(det) < 1e-6*math.Hypot(ux, uy)*math.Hypot(vx, vy) {
		return orb.Point{}, [2]float64{}, false
	}
	s, r := (wx*-vy+vx*wy)/det, (ux*wy-uy*wx)/det
	return orb.Point{a[0][0] + s*ux, a[0][1] + s*uy}, [2]float64{s, r}, true
}

// checkJoin joins everything that misses and looks at what became of it.
func checkJoin(t *rapid.T, inputs []EdgeInput) {
	misses := NearMisses(inputs)
	before := slices.Clone(inputs)
	for i := range before {
		before[i].Geometry = before[i].Geometry.Clone()
	}
	out, turns, err := Join(inputs, []Turn{{From: inputs[0].ID, To: inputs[0].ID}}, misses)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(inputs, before) {
		t.Fatal("the input was changed")
	}
	g, err := Build(Network{}, out, turns...)
	if err != nil {
		t.Fatal(err)
	}
	pieces := map[int64][]int{}
	length := 0.0
	for i := range out {
		pieces[out[i].WayID] = append(pieces[out[i].WayID], i)
		length += g.Edge(i).LengthM
	}
	total := 0.0
	for i := range inputs {
		total += measure.LengthM(inputs[i].Geometry)
		for k, piece := range pieces[inputs[i].WayID] {
			if k > 0 && out[piece].ID <= inputs[len(inputs)-1].ID || k == 0 && out[piece].ID != inputs[i].ID || out[piece].Bridge != inputs[i].Bridge {
				t.Fatalf("pieces of %+v: %+v", inputs[i], out)
			}
			if k > 0 && last(out[piece-1].Geometry) != first(out[piece].Geometry) {
				t.Fatalf("pieces of edge %d do not hang together", i)
			}
		}
	}
	if reach := float64(3 * (len(misses) + 1)); math.Abs(total-length) > reach {
		t.Fatalf("%v m of road became %v m", total, length)
	}
	for _, m := range misses {
		a, b := pieces[inputs[m.Edge].WayID], pieces[inputs[m.Other].WayID]
		if len(a) > 0 && len(b) > 0 && g.Component(a[0]) != g.Component(b[0]) {
			t.Fatalf("%+v is not joined: %+v", m, out)
		}
	}
}

func TestJoinRewritesTurns(t *testing.T) {
	t.Parallel()
	inputs := []EdgeInput{
		metres(10, [2]float64{0, 0}, [2]float64{100, 0}),   // crossed by 13 at 50
		metres(11, [2]float64{100, 0}, [2]float64{200, 0}), // beside which 14 ends at 150
		metres(12, [2]float64{200, 0}, [2]float64{200, 100}),
		metres(13, [2]float64{50, -50}, [2]float64{50, 50}),
		metres(14, [2]float64{150, .5}, [2]float64{150, 50}),
		metres(15, [2]float64{100, 0}, [2]float64{100, -50}),
	}
	turns := []Turn{
		{From: 10, To: 15}, {From: 15, To: 10, Only: true}, {From: 10, Via: []int64{11}, To: 12}, {From: 12, Via: []int64{11}, To: 15}, {From: 13, To: 13},
	}
	out, got, err := Join(inputs, turns, NearMisses(inputs))
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, e := range out {
		ids = append(ids, e.ID)
	}
	if want := []int64{10, 16, 11, 17, 12, 13, 18, 14, 15}; !slices.Equal(ids, want) {
		t.Fatalf("edges %v, want %v", ids, want)
	}
	at := func(x, y float64) orb.Point { return metres(0, [2]float64{x, y}).Geometry[0] }
	want := []Turn{
		{From: 16, To: 15, At: at(100, 0)}, {From: 15, To: 16, Only: true, At: at(100, 0)},
		{From: 16, Via: []int64{11, 17}, To: 12, At: at(100, 0)}, {From: 12, Via: []int64{17, 11}, To: 15, At: at(200, 0)},
		{From: 18, To: 18, At: at(50, 50)}, {From: 13, To: 13, At: at(50, -50)},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("turns %+v, want %+v", got, want)
	}
	if _, err := Build(Network{}, out, got...); err != nil {
		t.Error(err)
	}
}

func TestJoinPassesOverStrangeMisses(t *testing.T) {
	t.Parallel()
	inputs := []EdgeInput{metres(1, [2]float64{0, 0}, [2]float64{100, 0}), metres(2, [2]float64{0, 9}, [2]float64{100, 9})}
	strange := []NearMiss{{}, {Kind: MissEnd, Edge: -1}, {Kind: MissCrossing, Edge: 0, Other: 2}, {Kind: "other", Edge: 0, Other: 1}}
	if got := JoinNearMisses(inputs, strange); !reflect.DeepEqual(got, inputs) {
		t.Errorf("edges changed: %+v", got)
	}
	if _, _, err := Join(inputs, []Turn{{From: 1, To: 2}}, nil); geo.CodeOf(err) != geo.CodeInvalid {
		t.Errorf("a turn between edges apart: %v", err)
	}
}
