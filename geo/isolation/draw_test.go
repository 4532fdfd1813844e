package isolation

import (
	"context"
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

// town is a small random network with everything a question may be about.
type town struct {
	graph  *Graph
	state  State
	places []Place
}

func drawTown(t *rapid.T, junctions, edges int) *town {
	n := rapid.IntRange(1, junctions).Draw(t, "junctions")
	m := rapid.IntRange(0, edges).Draw(t, "edges")
	from, to, state := make([]int32, m), make([]int32, m), make(State, m)
	for i := range from {
		from[i] = rapid.Int32Range(0, int32(n-1)).Draw(t, "from")
		to[i] = rapid.Int32Range(0, int32(n-1)).Draw(t, "to")
		state[i] = Status(rapid.SampledFrom([]int{0, 0, 0, 1, 2, 3, 4}).Draw(t, "status"))
	}
	g, err := NewGraph(n, from, to)
	if err != nil {
		t.Fatal(err)
	}
	for i := range from {
		g.lengthM[i] = 1
		g.road[i] = rapid.Int32Range(-1, 2).Draw(t, "road")
	}
	town := &town{graph: g, state: state}
	for p := range rapid.IntRange(0, 6).Draw(t, "places") {
		one := Place{ID: fmt.Sprint(p), People: float64(rapid.IntRange(0, 9).Draw(t, "people")), Edge: rapid.IntRange(-1, m-1).Draw(t, "edge")}
		one.AlongM = rapid.Float64Range(0, 1).Draw(t, "along")
		town.places = append(town.places, one)
	}
	return town
}

func (w *town) drawJunctions(t *rapid.T, name string) []int32 {
	return rapid.SliceOfN(rapid.Int32Range(0, int32(w.graph.junctions-1)), 1, 3).Draw(t, name)
}

// reached is the plain judge: who is connected over edges that are used.
func reached(g *Graph, from []int32, use func(edge int) bool) []bool {
	out := make([]bool, g.junctions)
	for _, j := range from {
		out[j] = true
	}
	for range g.junctions {
		for i := range g.from {
			if use(i) && (out[g.from[i]] || out[g.to[i]]) {
				out[g.from[i]], out[g.to[i]] = true, true
			}
		}
	}
	return out
}

func anyOf(is []bool, of []int32) bool {
	for _, j := range of {
		if is[j] {
			return true
		}
	}
	return false
}

func (w *town) passable(worst Status) func(int) bool {
	return func(i int) bool { return w.state[i] <= worst && w.state[i] != Closed }
}

func peopleAt(w *town, is []bool) float64 {
	sum := 0.0
	for _, p := range w.places {
		if j := w.graph.At(p); j != Offside && is[j] {
			sum += p.People
		}
	}
	return sum
}

var background = context.Background()

// must ends a test that cannot go on.
func must[T any](t interface {
	Helper()
	Fatal(...any)
}) func(T, error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// grid is a graph of rows by columns with all edges between neighbours: first
// those to the east, then those to the north.
func grid(t testing.TB, columns, rows int) *Graph {
	t.Helper()
	var from, to []int32
	for y := range rows {
		for x := range columns - 1 {
			from, to = append(from, int32(y*columns+x)), append(to, int32(y*columns+x+1))
		}
	}
	for y := range rows - 1 {
		for x := range columns {
			from, to = append(from, int32(y*columns+x)), append(to, int32((y+1)*columns+x))
		}
	}
	g := must[*Graph](t)(NewGraph(columns*rows, from, to))
	for i := range g.lengthM {
		g.lengthM[i] = 100
	}
	return g
}
