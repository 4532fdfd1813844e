package reach

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/road"
)

// drawGraph makes a small network of streets on a grid of junctions.
func drawGraph(t *rapid.T) *road.Graph {
	const side = 4
	place := func(n int) orb.Point { return orb.Point{-72.4 + float64(n%side)*.003, 18.5 + float64(n/side)*.003} }
	var inputs []road.EdgeInput
	for i := range rapid.IntRange(4, 20).Draw(t, "edges") {
		a := rapid.IntRange(0, side*side-1).Draw(t, "a")
		b := rapid.IntRange(0, side*side-1).Filter(func(b int) bool { return b != a }).Draw(t, "b")
		inputs = append(inputs, road.EdgeInput{
			ID: int64(i), Class: road.ClassUrban, Oneway: rapid.IntRange(0, 3).Draw(t, "oneway") == 0, Geometry: orb.LineString{place(a), place(b)},
		})
	}
	g, err := road.Build(road.Network{ID: "drawn"}, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// drawCost makes a cost of stretches: time and risk a metre by edge, and
// closed places on some.
func drawCost(t *rapid.T, g *road.Graph) func(road.Stretch) Cost {
	slow, risky, closedAt := make([]float64, g.Len()), make([]float64, g.Len()), make([]float64, g.Len())
	for i := range g.Len() {
		slow[i] = rapid.Float64Range(.5, 3).Draw(t, "slow")
		risky[i] = rapid.SampledFrom([]float64{0, 0, 1, 5}).Draw(t, "risky")
		closedAt[i] = -1
		if rapid.IntRange(0, 4).Draw(t, "closed") == 0 {
			closedAt[i] = g.Edge(i).LengthM * rapid.Float64Range(0, 1).Draw(t, "at")
		}
	}
	return func(s road.Stretch) Cost {
		if at := closedAt[s.Edge]; min(s.FromM, s.ToM) <= at && at <= max(s.FromM, s.ToM) {
			return Cost{Closed, Closed}
		}
		return Cost{uint32(math.Ceil(s.LengthM() * slow[s.Edge])), uint32(math.Ceil(s.LengthM() * risky[s.Edge]))}
	}
}

func search(t *rapid.T, g *road.Graph, from road.Position, cost func(road.Stretch) Cost, limit Cost) *Labels {
	topology := g.Topology()
	costs := make([]Cost, len(topology.Arc))
	for i, arc := range topology.Arc {
		costs[i] = cost(g.Whole(arc))
	}
	var seeds []Seed
	for _, end := range g.Leave(from) {
		seeds = append(seeds, Seed{end.Node, cost(end.Stretch)})
	}
	l, err := Within(t.Context(), topology, seeds, costs, limit, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// A place is on a reached road exactly when the oracle finds a way to it within
// the time.
func TestRoadsAreWhatTheOracleReaches(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		cost := drawCost(t, g)
		edge := rapid.IntRange(0, g.Len()-1).Draw(t, "start")
		from := road.Position{Edge: edge, AlongM: g.Edge(edge).LengthM * rapid.Float64Range(0, 1).Draw(t, "share")}
		limit := Cost{uint32(rapid.IntRange(0, 4000).Draw(t, "limit")), Closed - 1}
		reached := Roads(g, search(t, g, from, cost, limit), []road.Position{from}, limit, cost)
		for range 30 {
			edge := rapid.IntRange(0, g.Len()-1).Draw(t, "edge")
			to := road.Position{Edge: edge, AlongM: g.Edge(edge).LengthM * rapid.Float64Range(.05, .95).Draw(t, "along")}
			path, err := g.Dijkstra(t.Context(), from, to, func(s road.Stretch) (float64, bool) {
				c := cost(s)
				return float64(c.Time), c.Time < Closed
			})
			if err != nil && !errors.Is(err, road.ErrNotConnected) {
				t.Fatal(err)
			}
			in := slices.ContainsFunc(reached, func(s road.Stretch) bool {
				return s.Edge == to.Edge && s.FromM-1 <= to.AlongM && to.AlongM <= s.ToM+1
			})
			inside := slices.ContainsFunc(reached, func(s road.Stretch) bool {
				return s.Edge == to.Edge && s.FromM+1 <= to.AlongM && to.AlongM <= s.ToM-1
			})
			if err == nil && path.Cost <= float64(limit.Time)-4 && !in {
				t.Fatalf("edge %d at %.1f m takes %.0f of %d and is not reached", to.Edge, to.AlongM, path.Cost, limit.Time)
			}
			if inside && (err != nil || path.Cost > float64(limit.Time)+4) {
				t.Fatalf("edge %d at %.1f m is reached; the oracle says %v, %v", to.Edge, to.AlongM, path, err)
			}
		}
	})
}

// Labels are those of an exhaustive search that keeps every way no other beats.
func TestWithinIsTheWholeFrontier(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		cost := drawCost(t, g)
		from := road.Position{Edge: rapid.IntRange(0, g.Len()-1).Draw(t, "start")}
		limit := Cost{uint32(rapid.IntRange(0, 6000).Draw(t, "time")), uint32(rapid.IntRange(0, 6000).Draw(t, "risk"))}
		got := search(t, g, from, cost, limit)
		want := exhaust(g, from, cost, limit)
		for node := range want {
			if !slices.Equal(got.At(int32(node)), want[node]) {
				t.Fatalf("node %d: labels %v, want %v", node, got.At(int32(node)), want[node])
			}
		}
	})
}

func exhaust(g *road.Graph, from road.Position, cost func(road.Stretch) Cost, limit Cost) [][]Cost {
	t := g.Topology()
	fronts := make([][]Cost, t.Nodes())
	add := func(node int32, c Cost) bool {
		if !c.within(limit) || slices.ContainsFunc(fronts[node], func(o Cost) bool { return o.Time <= c.Time && o.Risk <= c.Risk }) {
			return false
		}
		fronts[node] = slices.DeleteFunc(fronts[node], func(o Cost) bool { return c.Time <= o.Time && c.Risk <= o.Risk })
		fronts[node] = append(fronts[node], c)
		slices.SortFunc(fronts[node], func(a, b Cost) int { return int(a.Time) - int(b.Time) })
		return true
	}
	for _, end := range g.Leave(from) {
		add(end.Node, cost(end.Stretch))
	}
	for changed := true; changed; {
		changed = false
		for i, arc := range t.Arc {
			for _, c := range slices.Clone(fronts[t.Tail[i]]) {
				changed = add(t.Head[i], c.plus(cost(g.Whole(arc)))) || changed
			}
		}
	}
	return fronts
}

func TestWithinSaysWhenItWasCutShort(t *testing.T) {
	g, err := road.Build(road.Network{}, []road.EdgeInput{{ID: 1, Class: road.ClassUrban, Geometry: orb.LineString{{-72.4, 18.5}, {-72.39, 18.5}}}})
	if err != nil {
		t.Fatal(err)
	}
	costs := make([]Cost, len(g.Topology().Arc))
	seeds := []Seed{{Node: 0}, {Node: 1, Cost: Cost{Time: 5}}}
	limit := Cost{Closed - 1, Closed - 1}
	l, err := Within(t.Context(), g.Topology(), seeds, costs, limit, 1)
	if err != nil || l.Complete || l.Count != 1 {
		t.Errorf("one label allowed: %+v, %v", l, err)
	}
	stopped, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Within(stopped, g.Topology(), seeds, costs, limit, 9); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled search gives %v", err)
	}
}

func TestTimes(t *testing.T) {
	l := Times([]uint32{7, Closed, 0})
	if l.Count != 2 || len(l.At(1)) != 0 || l.At(0)[0] != (Cost{Time: 7}) || l.At(2)[0] != (Cost{}) {
		t.Errorf("labels %+v", l)
	}
}
