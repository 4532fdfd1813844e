package cch

import (
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawGraph draws small graphs of all shapes that have gone wrong somewhere.
func drawGraph(t *rapid.T) *graph {
	g := &graph{}
	weight := rapid.OneOf(rapid.Uint32Range(0, 20), rapid.Just(uint32(0)), rapid.Just(Infinity), rapid.Uint32Range(Infinity-5, Infinity))
	switch rapid.SampledFrom([]string{"random", "grid", "tree", "islands", "empty", "one", "closed"}).Draw(t, "shape") {
	case "random":
		g.nodes = rapid.IntRange(1, 30).Draw(t, "nodes")
		for range rapid.IntRange(0, 90).Draw(t, "arcs") {
			g.add(rapid.Int32Range(0, int32(g.nodes-1)).Draw(t, "tail"), rapid.Int32Range(0, int32(g.nodes-1)).Draw(t, "head"), weight.Draw(t, "weight"))
		}
	case "grid":
		side := rapid.Int32Range(2, 14).Draw(t, "side")
		g.nodes = int(side * side)
		seed := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		for u := range side * side {
			for _, step := range []int32{1, side} {
				if step == 1 && u%side == side-1 || u+step >= side*side || seed.IntN(8) == 0 {
					continue
				}
				g.add(u, u+step, seed.Uint32N(50))
				if seed.IntN(5) > 0 {
					g.add(u+step, u, seed.Uint32N(50))
				}
			}
		}
	case "tree":
		g.nodes = rapid.IntRange(2, 60).Draw(t, "nodes")
		for u := int32(1); u < int32(g.nodes); u++ {
			p := rapid.Int32Range(max(0, u-4), u-1).Draw(t, "parent")
			g.add(u, p, weight.Draw(t, "up"))
			g.add(p, u, weight.Draw(t, "down"))
		}
	case "islands":
		g.nodes = 40
		for range rapid.IntRange(5, 60).Draw(t, "arcs") {
			island := rapid.Int32Range(0, 3).Draw(t, "island") * 10
			g.add(island+rapid.Int32Range(0, 9).Draw(t, "tail"), island+rapid.Int32Range(0, 9).Draw(t, "head"), weight.Draw(t, "weight"))
		}
	case "one":
		g.nodes = 1
		for range rapid.IntRange(0, 3).Draw(t, "loops") {
			g.add(0, 0, weight.Draw(t, "weight"))
		}
	case "closed":
		g.nodes = 12
		for u := range int32(11) {
			g.add(u, u+1, Infinity)
			g.add(u+1, u, Infinity)
			g.add(u, (u*5)%12, Infinity)
		}
	}
	random := rand.New(rand.NewPCG(7, uint64(g.nodes)))
	for range g.nodes {
		g.at = append(g.at, [2]float64{random.Float64(), random.Float64()})
	}
	return g
}

func drawOrder(t *rapid.T, g *graph) Order {
	if rapid.Bool().Draw(t, "dissected") {
		first, head := g.undirected()
		o, err := NestedDissection(t.Context(), first, head, g.at)
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	o := make(Order, g.nodes)
	for i := range o {
		o[i] = int32(i)
	}
	return rapid.Permutation(o).Draw(t, "order")
}

func drawSeeds(t *rapid.T, g *graph, label string) []Seed {
	if g.nodes == 0 {
		return nil
	}
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Seed {
		return Seed{rapid.Int32Range(0, int32(g.nodes-1)).Draw(t, "node"), rapid.OneOf(rapid.Just(uint32(0)), rapid.Uint32Range(0, 30), rapid.Just(Infinity)).Draw(t, "cost")}
	}), 0, 5).Draw(t, label)
}

// best is the oracle's answer.
func best(cost []uint32, to []Seed) uint32 {
	least := Infinity
	for _, s := range to {
		least = uint32(min(uint64(least), uint64(cost[s.Node])+uint64(s.Cost)))
	}
	return least
}

// checkQuery holds an answer of Run against the oracle and walks its path.
func checkQuery(t interface {
	Helper()
	Fatalf(string, ...any)
}, g *graph, q *Query, m *Metric, from, to []Seed) {
	t.Helper()
	cost, ok := q.Run(m, from, to)
	want := best(g.dijkstra(from, false), to)
	if cost != want || ok != (want < Infinity) {
		t.Fatalf("cost %d, %v, Dijkstra %d: from %v to %v", cost, ok, want, from, to)
	}
	arcs, i, j := q.Path([]int32{-5})
	if arcs[0] != -5 {
		t.Fatalf("Path does not append")
	}
	arcs = arcs[1:]
	if !ok {
		if i != -1 || j != -1 || len(arcs) > 0 {
			t.Fatalf("path %v from %d to %d without a way", arcs, i, j)
		}
		return
	}
	node, sum := from[i].Node, uint64(from[i].Cost)+uint64(to[j].Cost)
	for _, a := range arcs {
		if g.tail[a] != node {
			t.Fatalf("path %v breaks at arc %d", arcs, a)
		}
		node, sum = g.head[a], sum+uint64(g.weight[a])
	}
	if node != to[j].Node || sum != uint64(cost) {
		t.Fatalf("path %v ends at %d for %d, expected %d for %d", arcs, node, sum, to[j].Node, cost)
	}
}

func TestQueryIsDijkstra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		h, err := Build(g.nodes, g.tail, g.head, drawOrder(t, g))
		if err != nil {
			t.Fatal(err)
		}
		m, q := h.Customize(g.weight, 1), h.NewQuery()
		for range 4 {
			checkQuery(t, g, q, m, drawSeeds(t, g, "from"), drawSeeds(t, g, "to"))
		}
		seeds := drawSeeds(t, g, "seeds")
		if got, want := q.Sweep(m, seeds, nil), g.dijkstra(seeds, false); !slices.Equal(got, want) {
			t.Fatalf("sweep %v, Dijkstra %v", got, want)
		}
		if got, want := q.SweepBack(m, seeds, make([]uint32, 99)), g.dijkstra(seeds, true); !slices.Equal(got, want) {
			t.Fatalf("sweep back %v, Dijkstra %v", got, want)
		}
		var targets [][]Seed
		for range rapid.IntRange(0, 6).Draw(t, "targets") {
			targets = append(targets, drawSeeds(t, g, "target"))
		}
		row := q.Table(m, seeds, h.NewTargets(targets), nil)
		for i, to := range targets {
			if cost, _ := q.Run(m, seeds, to); row[i] != cost {
				t.Fatalf("table %d, query %d", row[i], cost)
			}
		}
	})
}

func TestPartialCustomizationIsFull(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		h, err := Build(g.nodes, g.tail, g.head, drawOrder(t, g))
		if err != nil {
			t.Fatal(err)
		}
		base := h.Customize(g.weight, 1)
		kept := flat(base)
		m, e := base, base.Edit()
		for range 4 {
			var arcs []int32
			var weights []uint32
			if len(g.tail) > 0 {
				arcs = rapid.SliceOfN(rapid.Int32Range(0, int32(len(g.tail)-1)), 0, 8).Draw(t, "arcs")
			}
			for _, a := range arcs {
				w := rapid.OneOf(rapid.Uint32Range(0, 30), rapid.Just(Infinity)).Draw(t, "weight")
				weights = append(weights, w)
				g.weight[a] = w
			}
			m = m.With(arcs, weights)
			e.Set(arcs, weights)
			want := flat(h.Customize(g.weight, 1))
			if got := flat(m); !slices.Equal(got, want) {
				t.Fatalf("With: %v, full %v", got, want)
			}
			if got := flat(e.Metric()); !slices.Equal(got, want) {
				t.Fatalf("Edit: %v, full %v", got, want)
			}
			for i := range g.weight {
				if m.Weight(int32(i)) != g.weight[i] {
					t.Fatalf("weight of arc %d: %d, expected %d", i, m.Weight(int32(i)), g.weight[i])
				}
			}
		}
		if !slices.Equal(flat(base), kept) {
			t.Fatal("With or Edit changed its metric")
		}
		e.Reset()
		if !slices.Equal(flat(e.Metric()), kept) {
			t.Fatal("Reset does not restore the metric")
		}
	})
}

// flat is all weights of a metric in a row.
func flat(m *Metric) []uint32 {
	var all []uint32
	for b := range m.up {
		all = append(append(append(all, m.input[b]...), m.up[b]...), m.down[b]...)
	}
	return all
}
