package road

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
)

// edge is a straight urban edge between points given in thousandths of a
// degree from a corner of the capital.
func edge(id int64, oneway bool, points ...[2]int) EdgeInput {
	line := orb.LineString{}
	for _, p := range points {
		line = append(line, orb.Point{-72.4 + float64(p[0])/1000, 18.5 + float64(p[1])/1000})
	}
	return EdgeInput{ID: id, Class: ClassUrban, Oneway: oneway, Geometry: line}
}

type failer interface {
	Helper()
	Fatal(...any)
}

func build(t failer, inputs ...EdgeInput) *Graph {
	t.Helper()
	g, err := Build(Network{ID: "test"}, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func lengthCost(s Stretch) (float64, bool) { return s.LengthM(), true }

func TestComponents(t *testing.T) {
	g := build(t,
		edge(1, false, [2]int{50, 50}, [2]int{51, 50}),
		edge(2, false, [2]int{0, 0}, [2]int{5, 0}),
		edge(3, true, [2]int{5, 0}, [2]int{5, 5}),
	)
	if got := []int{g.Component(0), g.Component(1), g.Component(2)}; !reflect.DeepEqual(got, []int{1, 0, 0}) {
		t.Errorf("components %v, want [1 0 0]", got)
	}
	lengths := g.ComponentLengths()
	if len(lengths) != 2 || lengths[0] <= lengths[1] {
		t.Errorf("lengths of components %v are not two descending numbers", lengths)
	}
	if g.Junctions() != 5 {
		t.Errorf("%d junctions, want 5", g.Junctions())
	}
	if _, err := g.Dijkstra(context.Background(), Position{0, 0}, Position{1, 0}, lengthCost); !errors.Is(err, ErrNotConnected) {
		t.Errorf("between components: %v, want ErrNotConnected", err)
	}
}

func TestEmptyGraph(t *testing.T) {
	g := build(t)
	if _, ok := g.Snap(orb.Point{-72.3, 18.5}, 5000); ok || g.Len() != 0 || len(g.ComponentLengths()) != 0 {
		t.Error("an empty graph should have nothing")
	}
}

func TestSnap(t *testing.T) {
	g := build(t, edge(1, false, [2]int{0, 0}, [2]int{10, 0}), edge(2, false, [2]int{0, 4}, [2]int{10, 4}))
	p := orb.Point{-72.395, 18.5 + 0.0015}
	s, ok := g.Snap(p, 500)
	if !ok || s.Edge != 0 || math.Abs(s.DistanceM-166) > 1 || math.Abs(s.AlongM-g.Edge(0).LengthM/2) > 0.01 {
		t.Errorf("snap %+v %v", s, ok)
	}
	if _, ok := g.Snap(p, 100); ok {
		t.Error("snapped further than allowed")
	}
	if got := g.Edge(0).At(s.AlongM); measure.DistanceM(got, s.Point) > 0.01 {
		t.Errorf("At(%v) = %v, want %v", s.AlongM, got, s.Point)
	}
}

func TestSnapIsNearestOfAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := build(t, drawEdges(t)...)
		p := orb.Point{-72.4 + rapid.Float64Range(-.02, .03).Draw(t, "lon"), 18.5 + rapid.Float64Range(-.02, .03).Draw(t, "lat")}
		best := math.Inf(1)
		for i := 0; i < g.Len(); i++ {
			_, d, _ := measure.NearestOnLine(p, g.Edge(i).Geometry)
			best = min(best, d)
		}
		s, ok := g.Snap(p, 5000)
		if ok != (best <= 5000) || ok && math.Abs(s.DistanceM-best) > 1e-6 {
			t.Fatalf("snap %+v %v, nearest of all is %v", s, ok, best)
		}
	})
}

func TestLineOfStretch(t *testing.T) {
	g := build(t, edge(1, false, [2]int{0, 0}, [2]int{5, 0}, [2]int{5, 5}))
	e := g.Edge(0)
	forward := g.Line(Stretch{0, e.LengthM / 4, e.LengthM})
	backward := g.Line(Stretch{0, e.LengthM, e.LengthM / 4})
	if len(forward) != 3 || forward[1] != e.Geometry[1] || forward[2] != e.Geometry[2] {
		t.Errorf("forward %v", forward)
	}
	slices.Reverse(backward)
	if !reflect.DeepEqual(forward, backward) {
		t.Errorf("backward %v is not forward %v turned round", backward, forward)
	}
}

func TestOneway(t *testing.T) {
	// A block: there along the one-way edge, back only round the corner.
	g := build(t,
		edge(1, true, [2]int{0, 0}, [2]int{4, 0}),
		edge(2, false, [2]int{4, 0}, [2]int{4, 4}, [2]int{0, 4}, [2]int{0, 0}),
	)
	one, three := Position{0, 100}, Position{0, 300}
	there, err := g.Dijkstra(context.Background(), one, three, lengthCost)
	if err != nil || math.Abs(there.Cost-200) > 1e-9 || len(there.Stretches) != 1 {
		t.Errorf("there: %+v %v", there, err)
	}
	back, err := g.Dijkstra(context.Background(), three, one, lengthCost)
	if want := g.Edge(0).LengthM - 200 + g.Edge(1).LengthM; err != nil || math.Abs(back.Cost-want) > 1e-6 || len(back.Stretches) != 3 {
		t.Errorf("back: %+v %v, want cost %v", back, err, want)
	}
}

func TestTiesAreDeterministic(t *testing.T) {
	// Two ways of equal cost round a block: the lower arc wins, every time.
	g := build(t,
		edge(1, false, [2]int{0, 0}, [2]int{4, 0}), edge(2, false, [2]int{4, 0}, [2]int{4, 4}),
		edge(3, false, [2]int{0, 0}, [2]int{0, 4}), edge(4, false, [2]int{0, 4}, [2]int{4, 4}),
		edge(5, false, [2]int{4, 4}, [2]int{8, 8}), edge(6, false, [2]int{0, 0}, [2]int{-4, -4}),
	)
	unit := func(s Stretch) (float64, bool) { return s.LengthM() / g.Edge(s.Edge).LengthM, true }
	var want *Path
	for i := 0; i < 20; i++ {
		got, err := g.Dijkstra(context.Background(), Position{5, 100}, Position{4, 100}, unit)
		if err != nil {
			t.Fatal(err)
		}
		if want == nil {
			want = got
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("run %d: %+v, before %+v", i, got, want)
		}
	}
	if len(want.Stretches) != 4 || want.Stretches[2].Edge != 1 {
		t.Errorf("path %+v, want the way over edges 1 and 2", want)
	}
}

func TestBadCostsAndContext(t *testing.T) {
	g := build(t, edge(1, false, [2]int{0, 0}, [2]int{4, 0}), edge(2, false, [2]int{4, 0}, [2]int{8, 0}))
	for _, bad := range []float64{-1, math.NaN(), math.Inf(1)} {
		cost := func(Stretch) (float64, bool) { return bad, true }
		if _, err := g.Dijkstra(context.Background(), Position{0, 0}, Position{1, 1}, cost); err == nil || errors.Is(err, ErrNotConnected) {
			t.Errorf("cost %v: error %v", bad, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.Dijkstra(ctx, Position{0, 0}, Position{1, 1}, lengthCost); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// drawEdges draws a small random network on a grid of junctions, with one-way
// edges, parallel edges, loops and islands.
func drawEdges(t *rapid.T) []EdgeInput {
	n := rapid.IntRange(2, 8).Draw(t, "junctions")
	place := func(i int) [2]int { return [2]int{i%3*5 + i, i/3*5 + i*i%3} }
	var out []EdgeInput
	for id := range rapid.IntRange(1, 16).Draw(t, "edges") {
		a, b := rapid.IntRange(0, n-1).Draw(t, "a"), rapid.IntRange(0, n-1).Draw(t, "b")
		oneway := rapid.Bool().Draw(t, "oneway")
		via := [2]int{rapid.IntRange(20, 30).Draw(t, "viaX"), rapid.IntRange(20, 30).Draw(t, "viaY")}
		if a == b || rapid.Bool().Draw(t, "bent") {
			out = append(out, edge(int64(id), oneway, place(a), via, place(b)))
		} else {
			out = append(out, edge(int64(id), oneway, place(a), place(b)))
		}
	}
	return out
}

// floydWarshall gives all distances between junctions under a cost for each
// direction of each edge, infinite where the cost forbids it.
func floydWarshall(g *Graph, cost Cost) [][]float64 {
	n := g.Junctions()
	d := make([][]float64, n)
	for i := range d {
		d[i] = make([]float64, n)
		for j := range d[i] {
			if i != j {
				d[i][j] = math.Inf(1)
			}
		}
	}
	for i := 0; i < g.Len(); i++ {
		e := g.Edge(i)
		if c, ok := cost(Stretch{i, 0, e.LengthM}); ok {
			d[e.From][e.To] = min(d[e.From][e.To], c)
		}
		if c, ok := cost(Stretch{i, e.LengthM, 0}); ok && !e.Oneway {
			d[e.To][e.From] = min(d[e.To][e.From], c)
		}
	}
	for k := range n {
		for i := range n {
			for j := range n {
				d[i][j] = min(d[i][j], d[i][k]+d[k][j])
			}
		}
	}
	return d
}

func TestDijkstraAgainstFloydWarshall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := build(t, drawEdges(t)...)
		seed := rapid.Uint64().Draw(t, "seed")
		random := rand.New(rand.NewPCG(seed, 1))
		factor := make([]float64, g.Len()*2)
		for i := range factor {
			if factor[i] = float64(random.IntN(5)); random.IntN(8) == 0 {
				factor[i] = math.Inf(1) // forbidden
			}
		}
		cost := func(s Stretch) (float64, bool) {
			arc := s.Edge * 2
			if s.FromM > s.ToM {
				arc++
			}
			return s.LengthM() * factor[arc], !math.IsInf(factor[arc], 1)
		}
		position := func(name string) Position {
			e := rapid.IntRange(0, g.Len()-1).Draw(t, name)
			share := rapid.SampledFrom([]float64{0, .25, .5, 1}).Draw(t, name+" share")
			return Position{e, g.Edge(e).LengthM * share}
		}
		from, to := position("from"), position("to")
		want := bruteForce(g, from, to, cost)
		got, err := g.Dijkstra(context.Background(), from, to, cost)
		if math.IsInf(want, 1) {
			if !errors.Is(err, ErrNotConnected) {
				t.Fatalf("got %+v %v, want ErrNotConnected", got, err)
			}
			return
		}
		if err != nil || math.Abs(got.Cost-want) > 1e-6*(1+want) {
			t.Fatalf("got %+v %v, want cost %v", got, err, want)
		}
		checkPath(t, g, got, from, to, cost)
	})
}

// bruteForce joins the matrix of junction distances with the stretches at
// both ends.
func bruteForce(g *Graph, from, to Position, cost Cost) float64 {
	d := floydWarshall(g, cost)
	price := func(s Stretch) float64 {
		c, ok := cost(s)
		if !ok || g.Edge(s.Edge).Oneway && s.FromM > s.ToM {
			return math.Inf(1)
		}
		return c
	}
	a, b := g.Edge(from.Edge), g.Edge(to.Edge)
	best := math.Inf(1)
	if from.Edge == to.Edge {
		best = price(Stretch{from.Edge, from.AlongM, to.AlongM})
	}
	// A stretch of no length has no direction; a one-way edge must still not
	// be left or entered against it.
	back := func(e *Edge, s Stretch) float64 {
		if e.Oneway {
			return math.Inf(1)
		}
		return price(s)
	}
	for _, out := range []struct {
		node int
		c    float64
	}{{a.To, price(Stretch{from.Edge, from.AlongM, a.LengthM})}, {a.From, back(a, Stretch{from.Edge, from.AlongM, 0})}} {
		for _, in := range []struct {
			node int
			c    float64
		}{{b.From, price(Stretch{to.Edge, 0, to.AlongM})}, {b.To, back(b, Stretch{to.Edge, b.LengthM, to.AlongM})}} {
			best = min(best, out.c+d[out.node][in.node]+in.c)
		}
	}
	return best
}

// checkPath follows a path: it starts and ends where asked, hangs together,
// obeys one-way edges and costs what it says.
func checkPath(t *rapid.T, g *Graph, p *Path, from, to Position, cost Cost) {
	total, at := 0.0, g.Edge(from.Edge).At(from.AlongM)
	for _, s := range p.Stretches {
		c, ok := cost(s)
		if !ok || g.Edge(s.Edge).Oneway && s.FromM > s.ToM {
			t.Fatalf("path uses a forbidden stretch %+v", s)
		}
		total += c
		line := g.Line(s)
		if measure.DistanceM(line[0], at) > 1e-6 {
			t.Fatalf("stretch %+v starts at %v, not at %v", s, line[0], at)
		}
		at = line[len(line)-1]
	}
	if end := g.Edge(to.Edge).At(to.AlongM); measure.DistanceM(end, at) > 1e-6 || math.Abs(total-p.Cost) > 1e-6*(1+total) {
		t.Fatalf("path %+v ends at %v with cost %v, want %v", p, at, total, end)
	}
}
