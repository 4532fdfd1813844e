package road

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
)

func TestSnapWhere(t *testing.T) {
	t.Parallel()
	g := build(t, edge(1, false, [2]int{0, 0}, [2]int{10, 0}), edge(2, false, [2]int{0, 4}, [2]int{10, 4}), edge(3, false, [2]int{0, 0}, [2]int{10, 0}))
	p := orb.Point{-72.395, 18.5 + 0.001}
	if s, ok := g.SnapWhere(p, 5000, nil); !ok || s.Edge != 0 {
		t.Errorf("any edge: %+v %v, want the first of the two nearest", s, ok)
	}
	if s, ok := g.SnapWhere(p, 5000, func(edge int) bool { return edge == 1 }); !ok || s.Edge != 1 || math.Abs(s.DistanceM-332) > 1 {
		t.Errorf("the farther edge: %+v %v", s, ok)
	}
	if s, ok := g.SnapWhere(p, 300, func(edge int) bool { return edge == 1 }); ok {
		t.Errorf("the farther edge, not so far: %+v", s)
	}
	if s, ok := g.SnapWhere(p, 5000, func(int) bool { return false }); ok {
		t.Errorf("no edge: %+v", s)
	}
	for name, ask := range map[string]struct {
		p    orb.Point
		maxM float64
	}{"nan": {orb.Point{math.NaN(), 18.5}, 500}, "nan reach": {p, math.NaN()}, "negative": {p, -1}} {
		if s, ok := g.Snap(ask.p, ask.maxM); ok {
			t.Errorf("%s: %+v", name, s)
		}
	}
	if s, ok := g.Snap(g.Edge(0).Geometry[0], 0); !ok || s.DistanceM != 0 || s.AlongM != 0 {
		t.Errorf("on the road itself: %+v %v", s, ok)
	}
}

func TestSnapWhereIsNearestOfThose(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := build(t, drawEdges(t)...)
		p := orb.Point{-72.4 + rapid.Float64Range(-.02, .05).Draw(t, "lon"), 18.5 + rapid.Float64Range(-.02, .05).Draw(t, "lat")}
		mask := rapid.Uint16().Draw(t, "edges")
		use := func(edge int) bool { return mask>>edge&1 == 1 }
		best := math.Inf(1)
		for i := range g.Len() {
			if _, d, _ := measure.NearestOnLine(p, g.Edge(i).Geometry); use(i) {
				best = min(best, d)
			}
		}
		s, ok := g.SnapWhere(p, 3000, use)
		if ok != (best <= 3000) {
			t.Fatalf("snap %+v %v, nearest lies at %v m", s, ok, best)
		}
		if ok && (!use(s.Edge) || math.Abs(s.DistanceM-best) > 1e-6 || measure.DistanceM(s.Point, g.Edge(s.Edge).At(s.AlongM)) > 1e-3) {
			t.Fatalf("snap %+v, nearest lies at %v m", s, best)
		}
	})
}

func TestEndsOfPositions(t *testing.T) {
	t.Parallel()
	g := build(t, edge(1, false, [2]int{0, 0}, [2]int{4, 0}), edge(2, true, [2]int{4, 0}, [2]int{8, 0}))
	a, b := g.Edge(0).LengthM, g.Edge(1).LengthM
	ends := func(got []End, want ...End) {
		t.Helper()
		if len(got) != len(want) {
			t.Fatalf("ends %+v, want %+v", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("end %+v, want %+v", got[i], want[i])
			}
		}
	}
	ends(g.Leave(Position{0, 50}), End{1, Stretch{0, 50, a}}, End{0, Stretch{0, 50, 0}})
	ends(g.Leave(Position{1, 50}), End{2, Stretch{1, 50, b}})
	ends(g.Arrive(Position{0, 50}), End{0, Stretch{0, 0, 50}}, End{1, Stretch{0, a, 50}})
	ends(g.Arrive(Position{1, 50}), End{1, Stretch{1, 0, 50}})
	for _, x := range []struct {
		a, b Position
		want bool
	}{
		{Position{0, 50}, Position{0, 20}, true}, {Position{1, 20}, Position{1, 50}, true},
		{Position{1, 50}, Position{1, 20}, false}, {Position{1, 20}, Position{1, 20}, true}, {Position{0, 20}, Position{1, 20}, false},
	} {
		s, ok := g.Between(x.a, x.b)
		if ok != x.want || ok && s != (Stretch{x.a.Edge, x.a.AlongM, x.b.AlongM}) {
			t.Errorf("between %+v and %+v: %+v %v", x.a, x.b, s, ok)
		}
	}
}
