package cch

import (
	"context"
	"math/rand/v2"
	"sync"
	"testing"
)

// country is the graph of the benchmarks: 250,000 nodes.
var country = sync.OnceValue(func() *graph { return road(1, 250_000) })

var countryOrder = sync.OnceValues(func() (Order, error) {
	g := country()
	first, head := g.undirected()
	return NestedDissection(context.Background(), first, head, g.at)
})

var countryHierarchy = sync.OnceValues(func() (*Hierarchy, error) {
	o, err := countryOrder()
	if err != nil {
		return nil, err
	}
	return Build(country().nodes, country().tail, country().head, o)
})

func prepared(b *testing.B) (*graph, *Hierarchy, *Metric) {
	b.Helper()
	h, err := countryHierarchy()
	if err != nil {
		b.Fatal(err)
	}
	m := h.Customize(country().weight, 2)
	b.ReportAllocs()
	b.ResetTimer()
	return country(), h, m
}

func BenchmarkOrder(b *testing.B) {
	g := country()
	first, head := g.undirected()
	b.ResetTimer()
	for b.Loop() {
		if _, err := NestedDissection(context.Background(), first, head, g.at); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBuild(b *testing.B) {
	g := country()
	o, err := countryOrder()
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		h, err := Build(g.nodes, g.tail, g.head, o)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(h.Arcs()), "arcs")
	}
}

func BenchmarkCustomize1(b *testing.B) { benchmarkCustomize(b, 1) }
func BenchmarkCustomize2(b *testing.B) { benchmarkCustomize(b, 2) }

func benchmarkCustomize(b *testing.B, threads int) {
	g, h, _ := prepared(b)
	for b.Loop() {
		h.Customize(g.weight, threads)
	}
}

// obstacle closes one or two roads somewhere.
func obstacle(g *graph, r *rand.Rand) (arcs []int32, weights []uint32) {
	at := r.IntN(len(g.tail) - 4)
	for i := range 4 {
		arcs, weights = append(arcs, int32(at+i)), append(weights, Infinity)
	}
	return arcs, weights
}

func BenchmarkWithObstacle(b *testing.B) {
	g, _, m := prepared(b)
	r := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		arcs, weights := obstacle(g, r)
		m.With(arcs, weights)
	}
}

func BenchmarkEditObstacle(b *testing.B) {
	g, _, m := prepared(b)
	r := rand.New(rand.NewPCG(1, 2))
	e := m.Edit()
	for b.Loop() {
		arcs, weights := obstacle(g, r)
		e.Set(arcs, weights)
		e.Reset()
	}
}

func BenchmarkWith1000(b *testing.B) {
	g, _, m := prepared(b)
	r := rand.New(rand.NewPCG(1, 2))
	for b.Loop() {
		var arcs []int32
		var weights []uint32
		at := r.IntN(len(g.tail) - 1000)
		for i := range 1000 {
			arcs, weights = append(arcs, int32(at+i)), append(weights, g.weight[at+i]*2)
		}
		m.With(arcs, weights)
	}
}

func seeds(g *graph, r *rand.Rand, pair []Seed) {
	a := r.IntN(len(g.tail))
	pair[0], pair[1] = Seed{g.tail[a], 3}, Seed{g.head[a], 7}
}

func BenchmarkQuery(b *testing.B) {
	g, h, m := prepared(b)
	q, r := h.NewQuery(), rand.New(rand.NewPCG(1, 2))
	from, to := make([]Seed, 2), make([]Seed, 2)
	for b.Loop() {
		seeds(g, r, from)
		seeds(g, r, to)
		q.Run(m, from, to)
	}
}

func BenchmarkPath(b *testing.B) {
	g, h, m := prepared(b)
	q, r := h.NewQuery(), rand.New(rand.NewPCG(1, 2))
	from, to := make([]Seed, 2), make([]Seed, 2)
	var path []int32
	arcs := 0
	for b.Loop() {
		seeds(g, r, from)
		seeds(g, r, to)
		q.Run(m, from, to)
		path, _, _ = q.Path(path[:0])
		arcs += len(path)
	}
	b.ReportMetric(float64(arcs)/float64(b.N), "arcs/path")
}

func BenchmarkSweep(b *testing.B) {
	g, h, m := prepared(b)
	q, r := h.NewQuery(), rand.New(rand.NewPCG(1, 2))
	from := make([]Seed, 2)
	var dst []uint32
	for b.Loop() {
		seeds(g, r, from)
		dst = q.Sweep(m, from, dst)
	}
}

func BenchmarkTable100x570(b *testing.B) {
	g, h, m := prepared(b)
	q, r := h.NewQuery(), rand.New(rand.NewPCG(1, 2))
	targets := make([][]Seed, 570)
	for i := range targets {
		targets[i] = make([]Seed, 2)
		seeds(g, r, targets[i])
	}
	from := make([]Seed, 2)
	var dst []uint32
	b.ResetTimer()
	for b.Loop() {
		t := h.NewTargets(targets)
		for range 100 {
			seeds(g, r, from)
			dst = q.Table(m, from, t, dst)
		}
	}
}
