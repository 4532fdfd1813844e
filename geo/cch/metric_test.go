package cch

import (
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// town is a road graph of several blocks, with its hierarchy.
func town(t *testing.T, seed uint64) (*graph, *Hierarchy) {
	t.Helper()
	g := road(seed, 6000)
	return g, g.build(t, g.order(t))
}

func TestRoadQueriesAreDijkstra(t *testing.T) {
	g, h := town(t, 3)
	r := rand.New(rand.NewPCG(3, 3))
	for i := range g.weight { // some roads are closed
		if r.IntN(15) == 0 {
			g.weight[i] = Infinity
		}
	}
	m, q := h.Customize(g.weight, 2), h.NewQuery()
	random := func(k int) []Seed {
		seeds := make([]Seed, k)
		for i := range seeds {
			seeds[i] = Seed{int32(r.IntN(g.nodes)), r.Uint32N(500)}
		}
		return seeds
	}
	for range 60 {
		checkQuery(t, g, q, m, random(1+r.IntN(3)), random(1+r.IntN(3)))
	}
	checkQuery(t, g, q, m, random(50), random(40)) // more than are merged one by one
	from := random(2)
	want := g.dijkstra(from, false)
	if !slices.Equal(q.Sweep(m, from, nil), want) {
		t.Fatal("the sweep is not Dijkstra")
	}
	if !slices.Equal(q.SweepBack(m, from, nil), g.dijkstra(from, true)) {
		t.Fatal("the sweep back is not Dijkstra")
	}
	targets := make([][]Seed, 80)
	for i := range targets {
		targets[i] = random(i % 4)
	}
	for i, cost := range q.Table(m, from, h.NewTargets(targets), nil) {
		if cost != best(want, targets[i]) {
			t.Fatalf("target %d: table %d, Dijkstra %d", i, cost, best(want, targets[i]))
		}
	}
}

func TestParallelCustomizationIsSerial(t *testing.T) {
	g, h := town(t, 4)
	want := flat(h.Customize(g.weight, 1))
	for _, threads := range []int{-1, 0, 2, 3, 16} {
		if tasks, _ := h.subtrees(threads); threads > 1 && len(tasks) < threads {
			t.Errorf("%d subtrees for %d threads", len(tasks), threads)
		}
		if !slices.Equal(flat(h.Customize(g.weight, threads)), want) {
			t.Errorf("%d threads give other weights", threads)
		}
	}
}

func TestRoadPartialIsFull(t *testing.T) {
	g, h := town(t, 5)
	r := rand.New(rand.NewPCG(5, 5))
	m := h.Customize(g.weight, 1)
	base, baseWeights := m, slices.Clone(g.weight)
	e := m.Edit()
	// Few changes are computed one by one, many as a whole.
	for round, k := range []int{1, 4, 40, 400, 3, 4000, 2} {
		arcs, weights := make([]int32, k), make([]uint32, k)
		for i := range arcs {
			arcs[i] = int32(r.IntN(len(g.tail)))
			weights[i] = g.weight[arcs[i]]/2 + r.Uint32N(200)
			if r.IntN(3) == 0 {
				weights[i] = Infinity + r.Uint32N(9)
			}
			g.weight[arcs[i]] = min(weights[i], Infinity)
		}
		m = m.With(arcs, weights)
		e.Set(arcs, weights)
		want := flat(h.Customize(g.weight, 2))
		if !slices.Equal(flat(m), want) {
			t.Fatalf("round %d: With of %d arcs is not the full customization", round, k)
		}
		if !slices.Equal(flat(e.Metric()), want) {
			t.Fatalf("round %d: Edit of %d arcs is not the full customization", round, k)
		}
	}
	want := flat(h.Customize(baseWeights, 1))
	for range 2 {
		e.Reset()
		if !slices.Equal(flat(e.Metric()), want) || !slices.Equal(flat(base), want) {
			t.Fatal("Reset does not restore the metric, or the metric was changed")
		}
		e.Set([]int32{5, 6, 7, 8}, []uint32{0, Infinity, 1, 2})
	}
	if e.Base() != base || e.Metric().Hierarchy() != h {
		t.Fatal("the edit lost its metric")
	}
}

// TestSmallChangesShareBlocks keeps With from copying what it does not change.
func TestSmallChangesShareBlocks(t *testing.T) {
	g, h := town(t, 6)
	m := h.Customize(g.weight, 1)
	same := m.With([]int32{0, 1}, []uint32{g.weight[0], g.weight[1]})
	changed := m.With([]int32{0}, []uint32{g.weight[0] + 1000})
	shared := 0
	for b := range m.up {
		if &same.up[b][0] != &m.up[b][0] || &same.input[b][0] != &m.input[b][0] {
			t.Fatalf("block %d was copied without a change", b)
		}
		if &changed.up[b][0] == &m.up[b][0] {
			shared++
		}
	}
	if shared == 0 {
		t.Fatal("no block is shared")
	}
}

func TestOddArguments(t *testing.T) {
	g := &graph{nodes: 3, at: make([][2]float64, 3)}
	g.add(0, 1, 10)
	g.add(1, 2, 20)
	g.add(1, 1, 5)
	h := g.build(t, Order{1, 0, 2})
	q := h.NewQuery()
	full := h.Customize([]uint32{10, 20, 5, 99}, 1) // one too many
	short := h.Customize([]uint32{10}, 1)
	over := h.Customize([]uint32{10, Infinity + 7, 5}, 1)
	from, to := []Seed{{0, 1}, {-1, 0}, {3, 0}}, []Seed{{2, 2}, {99, 0}}
	if cost, ok := q.Run(full, from, to); cost != 33 || !ok {
		t.Errorf("cost %d, %v", cost, ok)
	}
	if arcs, i, j := q.Path(nil); !slices.Equal(arcs, []int32{0, 1}) || i != 0 || j != 0 {
		t.Errorf("path %v from %d to %d", arcs, i, j)
	}
	for _, m := range []*Metric{short, over, nil, g.build(t, Order{0, 1, 2}).Customize(g.weight, 1)} {
		if cost, ok := q.Run(m, from, to); ok || cost != Infinity {
			t.Errorf("cost %d, %v", cost, ok)
		}
	}
	if _, ok := q.Run(full, nil, to); ok {
		t.Error("a way from nowhere")
	}
	if w := over.Weight(1); w != Infinity {
		t.Errorf("weight %d", w)
	}
	if full.Weight(2) != 5 || full.Weight(-1) != Infinity || full.Weight(3) != Infinity {
		t.Error("weights of a loop and of no arc")
	}
	with := full.With([]int32{-1, 0, 7, 2, 0, 1}, []uint32{1, 2, 3, 4, 6}) // arc 1 without a weight
	if with.Weight(0) != 6 || with.Weight(1) != 20 || with.Weight(2) != 4 {
		t.Errorf("weights %d, %d, %d", with.Weight(0), with.Weight(1), with.Weight(2))
	}
	if got := q.Sweep(nil, from, nil); !slices.Equal(got, []uint32{Infinity, Infinity, Infinity}) {
		t.Errorf("sweep without a metric: %v", got)
	}
	other := g.build(t, Order{0, 1, 2}).NewTargets([][]Seed{{{2, 0}}})
	if got := q.Table(full, from, other, nil); got[0] != Infinity {
		t.Errorf("table of another hierarchy: %v", got)
	}
	if _, _, j := q.Path(nil); j != -1 {
		t.Error("a path after a sweep")
	}
}

func TestWarmSearchesAllocateNothing(t *testing.T) {
	g, h := town(t, 8)
	m, q := h.Customize(g.weight, 1), h.NewQuery()
	from, to := []Seed{{17, 1}, {18, 0}}, []Seed{{5000, 3}, {4000, 9}}
	targets := h.NewTargets([][]Seed{from, to})
	var arcs []int32
	var all, row []uint32
	e := m.Edit()
	changed, weights := []int32{100, 101}, []uint32{Infinity, 3}
	for name, search := range map[string]func(){
		"query": func() { q.Run(m, from, to) },
		"path":  func() { q.Run(m, from, to); arcs, _, _ = q.Path(arcs[:0]) },
		"sweep": func() { all = q.Sweep(m, from, all) },
		"table": func() { row = q.Table(m, from, targets, row) },
		"edit":  func() { e.Set(changed, weights); e.Reset() },
	} {
		search()
		if n := testing.AllocsPerRun(5, search); n != 0 {
			t.Errorf("%s: %v allocations", name, n)
		}
	}
}

// TestSharedMetric lets many goroutines search and edit one metric; the race
// detector judges.
func TestSharedMetric(t *testing.T) {
	g, h := town(t, 9)
	m := h.Customize(g.weight, 4)
	want, _ := h.NewQuery().Run(m, []Seed{{1, 0}}, []Seed{{5000, 0}})
	var group sync.WaitGroup
	for k := range 4 {
		group.Go(func() {
			q, e := h.NewQuery(), m.Edit()
			for i := range 20 {
				e.Set([]int32{int32(k*1000 + i)}, []uint32{Infinity})
				q.Run(e.Metric(), []Seed{{1, 0}}, []Seed{{5000, 0}})
				e.Reset()
				m.With([]int32{int32(i)}, []uint32{7})
				if cost, _ := q.Run(e.Metric(), []Seed{{1, 0}}, []Seed{{5000, 0}}); cost != want {
					t.Errorf("cost %d, expected %d", cost, want)
				}
			}
		})
	}
	group.Wait()
}
