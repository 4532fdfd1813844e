package road

import (
	"context"
	"math/rand/v2"
	"runtime"
	"testing"

	"github.com/paulmach/orb"
)

// countryEdges makes a network of a country's size: 400,000 edges with 1.4
// million vertices, on a jittered grid of blocks of some ninety metres.
func countryEdges() []EdgeInput {
	const columns, rows, edges, blockDegrees = 640, 470, 400_000, 0.0008
	random := rand.New(rand.NewPCG(3, 1))
	place := make([]orb.Point, columns*rows)
	for i := range place {
		place[i] = orb.Point{
			-72.8 + (float64(i%columns)+random.Float64()*.6)*blockDegrees,
			18.3 + (float64(i/columns)+random.Float64()*.6)*blockDegrees,
		}
	}
	out := make([]EdgeInput, 0, edges)
	for i := 0; len(out) < edges; i++ {
		a := i / 2 % len(place)
		b := a + 1
		if i%2 == 0 {
			b = a + columns
		}
		if b >= len(place) || a%columns == columns-1 && b == a+1 || random.IntN(3) == 0 {
			continue
		}
		line := orb.LineString{place[a]}
		for inner := random.IntN(4); inner > 0; inner-- {
			share := 1 / float64(inner+1)
			p := between(last(line), place[b], share)
			line = append(line, orb.Point{p[0] + random.Float64()*1e-4, p[1] + random.Float64()*1e-4})
		}
		out = append(out, EdgeInput{
			ID: int64(len(out)), WayID: int64(len(out) / 3), Class: ClassUrban, Surface: "asphalt", Oneway: random.IntN(20) == 0,
			PrecisionM: 10, Geometry: append(line, place[b]),
		})
	}
	return out
}

func BenchmarkBuild(b *testing.B) {
	inputs := countryEdges()
	vertices := 0
	for i := range inputs {
		vertices += len(inputs[i].Geometry)
	}
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	var g *Graph
	for b.Loop() {
		g = build(b, inputs...)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "MB-kept")
	runtime.KeepAlive(inputs)
	b.ReportMetric(float64(vertices), "vertices")
	b.ReportMetric(float64(g.Junctions()), "junctions")
}

func BenchmarkSnap(b *testing.B) {
	g := build(b, countryEdges()...)
	random := rand.New(rand.NewPCG(5, 1))
	b.ResetTimer()
	for b.Loop() {
		if _, ok := g.Snap(orb.Point{-72.8 + random.Float64()*.5, 18.3 + random.Float64()*.37}, 5000); !ok {
			b.Fatal("nothing near")
		}
	}
}

func BenchmarkSnapFromAfar(b *testing.B) {
	g := build(b, countryEdges()...)
	b.ResetTimer()
	for b.Loop() {
		if _, ok := g.Snap(orb.Point{-72.83, 18.5}, 5000); !ok {
			b.Fatal("nothing near")
		}
	}
}

func BenchmarkDijkstra(b *testing.B) {
	g := build(b, countryEdges()...)
	random := rand.New(rand.NewPCG(5, 1))
	b.ResetTimer()
	for b.Loop() {
		from, to := Position{random.IntN(g.Len()), 1}, Position{random.IntN(g.Len()), 1}
		if _, err := g.Dijkstra(context.Background(), from, to, lengthCost); err != nil && err != ErrNotConnected {
			b.Fatal(err)
		}
	}
}

func BenchmarkNearMisses(b *testing.B) {
	inputs := countryEdges()
	for b.Loop() {
		b.ReportMetric(float64(len(NearMisses(inputs))), "misses")
	}
}

func BenchmarkReattach(b *testing.B) {
	inputs := countryEdges()
	former := build(b, inputs...)
	for i := range inputs { // redrawn, so that no edge has quite its former shape
		inputs[i].WayID, inputs[i].Geometry = 0, inputs[i].Geometry.Clone()
		for k := range inputs[i].Geometry {
			inputs[i].Geometry[k][0] += 1e-6
		}
	}
	current := build(b, inputs...)
	b.ResetTimer()
	for b.Loop() {
		Reattach(former, current)
	}
}

func BenchmarkLinkSections(b *testing.B) {
	inputs := countryEdges()
	for i := range inputs { // an edge in twenty carries a number
		if i%20 == 0 {
			inputs[i].Ref, inputs[i].Class = "RN1", ClassNational
		}
	}
	g := build(b, inputs...)
	sections := make([]Section, 10)
	for i := range sections {
		var line orb.LineString
		for k := range 200 {
			line = append(line, orb.Point{-72.8 + float64(i*200+k)*.00025, 18.3 + float64(k%7)*.001 + float64(i)*.03})
		}
		sections[i] = Section{Ref: "RN1", Geometry: orb.MultiLineString{line}, PrecisionM: 500}
	}
	b.ResetTimer()
	for b.Loop() {
		b.ReportMetric(float64(len(g.LinkSections(sections))), "spans")
	}
}

func BenchmarkBuildWithTurns(b *testing.B) {
	inputs := countryEdges()
	g := build(b, inputs...)
	var turns []Turn
	for arc := int32(0); len(turns) < 5000; arc += 101 {
		_, head := g.ends(arc)
		if at := g.firstOut[head]; at < g.firstOut[head+1] {
			turns = append(turns, Turn{From: g.edges[arc>>1].ID, To: g.edges[g.arc[at]>>1].ID, Only: arc%2 == 1})
		}
	}
	for b.Loop() {
		g, err := Build(Network{}, inputs, turns...)
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(g.Topology().Nodes()-g.Junctions()), "copies")
	}
}
