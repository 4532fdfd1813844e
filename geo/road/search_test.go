package road

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// rulebook judges sequences of arcs by the words of the turn restrictions,
// without the topology.
type rulebook struct {
	graph *Graph
	rules []rule
}

type rule struct {
	sequence []int32
	only     bool
}

func (b *rulebook) tail(arc int32) int { tail, _ := b.graph.ends(arc); return tail }
func (b *rulebook) head(arc int32) int { _, head := b.graph.ends(arc); return head }

// newRulebook writes down every lawful way of running through every turn.
func newRulebook(g *Graph, turns []Turn) *rulebook {
	b := &rulebook{graph: g}
	for _, t := range turns {
		ids := slices.Concat([]int64{t.From}, t.Via, []int64{t.To})
		for choice := range 1 << len(ids) {
			var sequence []int32
			for i, id := range ids {
				edge, _ := g.Find(id)
				arc := int32(edge*2 + choice>>i&1)
				if arc&1 == 1 && g.edges[edge].Oneway || i > 0 && b.head(sequence[i-1]) != b.tail(arc) {
					break
				}
				sequence = append(sequence, arc)
			}
			if len(sequence) == len(ids) {
				b.rules = append(b.rules, rule{sequence, t.Only})
			}
		}
	}
	return b
}

// lawful reports whether an arc may follow what has been driven.
func (b *rulebook) lawful(driven []int32, arc int32) bool {
	if arc&1 == 1 && b.graph.edges[arc>>1].Oneway || b.head(driven[len(driven)-1]) != b.tail(arc) {
		return false
	}
	commanded := map[string][]int32{} // what may follow, by the beginning that commands it
	for _, r := range b.rules {
		for n := 1; n < len(r.sequence); n++ {
			if len(driven) < n || !slices.Equal(driven[len(driven)-n:], r.sequence[:n]) {
				continue
			}
			switch {
			case !r.only && n == len(r.sequence)-1 && arc == r.sequence[n]:
				return false
			case r.only && (n > 1 || len(r.sequence) == 2):
				key := fmt.Sprint(r.sequence[:n])
				commanded[key] = append(commanded[key], r.sequence[n])
			}
		}
	}
	if arc == driven[len(driven)-1]^1 {
		return true
	}
	for _, allowed := range commanded {
		if !slices.Contains(allowed, arc) {
			return false
		}
	}
	return true
}

// cheapest tries every lawful sequence of arcs, told apart by their last three,
// which is as far back as a rule with two edges between looks.
func (b *rulebook) cheapest(from, to Position, cost Cost) float64 {
	g, best := b.graph, math.Inf(1)
	price := func(s Stretch) float64 {
		if c, ok := cost(s); ok {
			return c
		}
		return math.Inf(1)
	}
	if from.Edge == to.Edge && (from.AlongM <= to.AlongM || !g.edges[from.Edge].Oneway) {
		best = price(Stretch{from.Edge, from.AlongM, to.AlongM})
	}
	type memory [3]int32 // the last arcs, -1 for none
	known := map[memory]float64{}
	begin := func(arc int32, endM float64) {
		known[memory{-1, -1, arc}] = price(Stretch{from.Edge, from.AlongM, endM})
	}
	begin(int32(from.Edge*2), g.edges[from.Edge].LengthM)
	if !g.edges[from.Edge].Oneway {
		begin(int32(from.Edge*2+1), 0)
	}
	for changed := true; changed; {
		changed = false
		for m, c := range known {
			driven := slices.DeleteFunc(slices.Clone(m[:]), func(a int32) bool { return a < 0 })
			for arc := range int32(2 * g.Len()) {
				if math.IsInf(c, 1) || !b.lawful(driven, arc) {
					continue
				}
				whole, part := Stretch{int(arc >> 1), 0, g.edges[arc>>1].LengthM}, Stretch{int(arc >> 1), 0, to.AlongM}
				if arc&1 == 1 {
					whole.FromM, whole.ToM, part.FromM = whole.ToM, 0, whole.ToM
				}
				if int(arc>>1) == to.Edge {
					best = min(best, c+price(part))
				}
				next, total := memory{m[1], m[2], arc}, c+price(whole)
				if before, ok := known[next]; total < math.Inf(1) && (!ok || total < before) {
					known[next], changed = total, true
				}
			}
		}
	}
	return best
}

// drawTurns draws restrictions between edges that meet, some with a way
// between, and lets some edges turn to themselves.
func drawTurns(t *rapid.T, g *Graph) []Turn {
	var turns []Turn
	for range rapid.IntRange(0, 6).Draw(t, "turns") {
		arc := int32(rapid.IntRange(0, 2*g.Len()-1).Draw(t, "from"))
		if n := len(turns); n > 0 && rapid.Bool().Draw(t, "where another begins or goes on") {
			before := turns[n-1]
			edge, _ := g.Find(rapid.SampledFrom(append(before.Via, before.From)).Draw(t, "shared"))
			arc = int32(edge*2 + rapid.IntRange(0, 1).Draw(t, "direction"))
		}
		turn := Turn{From: g.edges[arc>>1].ID, Only: rapid.Bool().Draw(t, "only")}
		hop := func(name string) int64 {
			_, head := g.ends(arc)
			var next []int32
			for a := range int32(2 * g.Len()) {
				if tail, _ := g.ends(a); tail == head {
					next = append(next, a)
				}
			}
			arc = rapid.SampledFrom(next).Draw(t, name)
			return g.edges[arc>>1].ID
		}
		if rapid.Bool().Draw(t, "by a way") {
			turn.Via = append(turn.Via, hop("via"))
			if rapid.IntRange(0, 3).Draw(t, "by two") == 0 {
				turn.Via = append(turn.Via, hop("second via"))
			}
		}
		turn.To = hop("to")
		turns = append(turns, turn)
	}
	return turns
}

// TestTopologyIsTheLaw follows every short sequence of arcs through the topology
// and the rulebook at once.
func TestTopologyIsTheLaw(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inputs := drawEdges(t)
		turns := drawTurns(t, build(t, inputs...))
		g, err := Build(Network{}, inputs, turns...)
		if err != nil {
			t.Fatal(err)
		}
		book, topology := newRulebook(g, turns), g.Topology()
		left := 20_000 // steps
		var follow func(driven []int32, node int32)
		follow = func(driven []int32, node int32) {
			var want []int32
			for arc := range int32(2 * g.Len()) {
				if book.lawful(driven, arc) {
					want = append(want, arc)
				}
			}
			at, end := topology.FirstOut[node], topology.FirstOut[node+1]
			if got := topology.Arc[at:end]; !slices.Equal(got, want) {
				t.Fatalf("after %v: arcs %v, want %v, under %v", driven, got, want, turns)
			}
			for ; at < end && len(driven) < 4 && left > 0; at++ {
				left--
				follow(append(slices.Clone(driven), topology.Arc[at]), topology.Head[at])
			}
		}
		for edge := range g.Len() {
			for direction, end := range g.Leave(Position{edge, 1}) {
				follow([]int32{int32(edge*2 + direction)}, end.Node)
			}
		}
		// Arrive lists exactly the nodes at which the edge can be begun.
		for edge := range g.Len() {
			got, want := map[End]bool{}, map[End]bool{}
			for _, end := range g.Arrive(Position{edge, 1}) {
				got[end] = true
			}
			for i, arc := range topology.Arc {
				if int(arc>>1) == edge {
					want[End{topology.Tail[i], Stretch{edge, g.Whole(arc).FromM, 1}}] = true
				}
			}
			if !maps.Equal(got, want) {
				t.Fatalf("ends of edge %d: %v, want %v", edge, got, want)
			}
		}
	})
}

func TestSearchEqualsLawfulSequences(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inputs := drawEdges(t)
		turns := drawTurns(t, build(t, inputs...))
		g, err := Build(Network{}, inputs, turns...)
		if err != nil {
			t.Fatal(err)
		}
		book := newRulebook(g, turns)
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		factor := make([]float64, g.Len()*2)
		for i := range factor {
			if factor[i] = float64(1 + random.IntN(5)); random.IntN(8) == 0 {
				factor[i] = math.Inf(1) // forbidden
			}
		}
		// Whole numbers, as an engine with whole costs would price stretches.
		cost := func(s Stretch) (float64, bool) {
			arc := s.Edge * 2
			if s.FromM > s.ToM {
				arc++
			}
			return math.Ceil(s.LengthM() * factor[arc]), !math.IsInf(factor[arc], 1)
		}
		position := func(name string) Position {
			e := rapid.IntRange(0, g.Len()-1).Draw(t, name)
			return Position{e, g.Edge(e).LengthM * rapid.SampledFrom([]float64{0, .25, .5, 1}).Draw(t, name+" share")}
		}
		from, to := position("start"), position("goal")
		want := book.cheapest(from, to, cost)
		if seeded := bySeeds(g, from, to, cost); seeded != want {
			t.Fatalf("by the ends of the positions %v, want %v", seeded, want)
		}
		got, err := g.Dijkstra(context.Background(), from, to, cost)
		if math.IsInf(want, 1) {
			if !errors.Is(err, ErrNotConnected) {
				t.Fatalf("got %+v %v, want ErrNotConnected", got, err)
			}
			return
		}
		if err != nil || got.Cost != want {
			t.Fatalf("got %+v %v, want cost %v", got, err, want)
		}
		checkPath(t, g, got, from, to, cost)
		checkLaw(t, book, got, from, to)
		if again, _ := g.Dijkstra(context.Background(), from, to, cost); fmt.Sprint(again) != fmt.Sprint(got) {
			t.Fatalf("%+v, and then %+v", got, again)
		}
	})
}

// checkLaw judges a path by the rulebook, where no stretch of no length is
// missing from it.
func checkLaw(t *rapid.T, book *rulebook, p *Path, from, to Position) {
	for _, x := range []Position{from, to} {
		if x.AlongM == 0 || x.AlongM == book.graph.Edge(x.Edge).LengthM {
			return
		}
	}
	var driven []int32
	for _, s := range p.Stretches {
		arc := int32(s.Edge * 2)
		if s.FromM > s.ToM {
			arc++
		}
		if len(driven) > 0 && !book.lawful(driven, arc) {
			t.Fatalf("arc %d may not follow %v in %+v", arc, driven, p)
		}
		driven = append(driven, arc)
	}
}

// bySeeds searches the topology as an engine does: from the ends of one
// position to those of the other, or between the two on one edge.
func bySeeds(g *Graph, from, to Position, cost Cost) float64 {
	topology, best := g.Topology(), math.Inf(1)
	reached := slices.Repeat([]float64{math.Inf(1)}, topology.Nodes())
	if s, ok := g.Between(from, to); ok {
		if c, ok := cost(s); ok {
			best = c
		}
	}
	for _, end := range g.Leave(from) {
		if c, ok := cost(end.Stretch); ok {
			reached[end.Node] = min(reached[end.Node], c)
		}
	}
	for changed := true; changed; {
		changed = false
		for i, tail := range topology.Tail {
			c, ok := cost(g.Whole(topology.Arc[i]))
			if total := reached[tail] + c; ok && total < reached[topology.Head[i]] {
				reached[topology.Head[i]], changed = total, true
			}
		}
	}
	for _, end := range g.Arrive(to) {
		if c, ok := cost(end.Stretch); ok {
			best = min(best, reached[end.Node]+c)
		}
	}
	return best
}

func TestUndirectedIsTheTopology(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inputs := drawEdges(t)
		g, err := Build(Network{}, inputs, drawTurns(t, build(t, inputs...))...)
		if err != nil {
			t.Fatal(err)
		}
		topology := g.Topology()
		want := map[[2]int32]bool{}
		for i, tail := range topology.Tail {
			if head := topology.Head[i]; head != tail {
				want[[2]int32{tail, head}], want[[2]int32{head, tail}] = true, true
			}
		}
		firstOut, head, at := g.Undirected()
		if len(firstOut) != topology.Nodes()+1 || len(at) != topology.Nodes() || len(head) != len(want) || int(firstOut[topology.Nodes()]) != len(head) {
			t.Fatalf("%d offsets, %d places, %d neighbours for %d nodes and %d pairs", len(firstOut), len(at), len(head), topology.Nodes(), len(want))
		}
		for n := range topology.Nodes() {
			list := head[firstOut[n]:firstOut[n+1]]
			for k, to := range list {
				if !want[[2]int32{int32(n), to}] || k > 0 && list[k-1] >= to {
					t.Fatalf("neighbours of %d: %v", n, list)
				}
			}
			if at[n] != g.Junction(int(topology.Junction[n])) {
				t.Fatalf("node %d at %v", n, at[n])
			}
		}
	})
}

func TestStronglyConnected(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inputs := drawEdges(t)
		g, err := Build(Network{}, inputs, drawTurns(t, build(t, inputs...))...)
		if err != nil {
			t.Fatal(err)
		}
		closed := rapid.IntRange(-1, g.Len()-1).Draw(t, "closed")
		topology := g.Topology()
		reach := make([][]bool, topology.Nodes())
		for i := range reach {
			reach[i] = make([]bool, topology.Nodes())
			reach[i][i] = true
		}
		for i, tail := range topology.Tail {
			if int(topology.Arc[i]>>1) != closed {
				reach[tail][topology.Head[i]] = true
			}
		}
		for k := range reach {
			for i := range reach {
				for j := range reach {
					reach[i][j] = reach[i][j] || reach[i][k] && reach[k][j]
				}
			}
		}
		number, sizes := g.StronglyConnected(func(edge int) bool { return edge != closed })
		count := make([]int, len(sizes))
		for i := range reach {
			count[number[i]]++
			for j := range reach {
				if (number[i] == number[j]) != (reach[i][j] && reach[j][i]) {
					t.Fatalf("nodes %d and %d: sets %v, reach %v", i, j, number, reach)
				}
			}
		}
		if !slices.Equal(count, sizes) || !slices.IsSortedFunc(sizes, func(a, b int) int { return b - a }) {
			t.Fatalf("sizes %v, counted %v", sizes, count)
		}
	})
}

func TestStronglyConnectedGoesDeep(t *testing.T) {
	t.Parallel()
	var inputs []EdgeInput
	for i := range 100_000 {
		inputs = append(inputs, edge(int64(i), true, [2]int{i % 300, i / 300}, [2]int{(i + 1) % 300, (i + 1) / 300}))
	}
	if _, sizes := build(t, inputs...).StronglyConnected(nil); len(sizes) != 100_001 {
		t.Errorf("%d sets on a one-way road of 100,000 edges", len(sizes))
	}
}
