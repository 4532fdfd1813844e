package road

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// crossroads is a cross of four arms that meet in the middle. Those to the north
// and east are long dead ends, and a street joins the ends of the others:
//
//	    3
//	    |
//	4 --+-- 2      5: from the end of 4 to the end of 1
//	    |
//	    1
func crossroads() []EdgeInput {
	return []EdgeInput{
		edge(1, false, [2]int{0, -4}, [2]int{0, 0}),
		edge(2, false, [2]int{0, 0}, [2]int{9, 0}),
		edge(3, false, [2]int{0, 0}, [2]int{0, 9}),
		edge(4, false, [2]int{0, 0}, [2]int{-4, 0}),
		edge(5, false, [2]int{-4, 0}, [2]int{-4, -4}, [2]int{0, -4}),
	}
}

// ways gives the edges of the shortest way between the middles of two edges, by
// ID, or none.
func ways(t *testing.T, g *Graph, from, to int64) []int64 {
	t.Helper()
	middle := func(id int64) Position {
		i, ok := g.Find(id)
		if !ok {
			t.Fatalf("no edge %d", id)
		}
		return Position{i, g.Edge(i).LengthM / 2}
	}
	p, err := g.Dijkstra(context.Background(), middle(from), middle(to), lengthCost)
	if errors.Is(err, ErrNotConnected) {
		return nil
	}
	if err != nil {
		t.Fatal(err)
	}
	var ids []int64
	for _, s := range p.Stretches {
		ids = append(ids, g.Edge(s.Edge).ID)
	}
	return ids
}

func TestTurns(t *testing.T) {
	t.Parallel()
	middle := edge(0, false, [2]int{0, 0}).Geometry[0]
	south := edge(0, false, [2]int{0, -4}).Geometry[0]
	for name, x := range map[string]struct {
		turns    []Turn
		from, to int64
		want     []int64
	}{
		"free":                   {nil, 1, 4, []int64{1, 4}},
		"no":                     {[]Turn{{From: 1, To: 4}}, 1, 4, []int64{1, 5, 4}},
		"no binds one direction": {[]Turn{{From: 1, To: 4}}, 4, 1, []int64{4, 1}},
		"no, other turn free":    {[]Turn{{From: 1, To: 4}}, 1, 2, []int64{1, 2}},
		"only":                   {[]Turn{{From: 1, To: 3, Only: true}}, 1, 3, []int64{1, 3}},
		"only forbids others":    {[]Turn{{From: 1, To: 3, Only: true}}, 1, 2, []int64{1, 5, 4, 2}},
		"only, from elsewhere":   {[]Turn{{From: 1, To: 3, Only: true}}, 4, 2, []int64{4, 2}},
		"only, turning round":    {[]Turn{{From: 1, To: 3, Only: true}}, 1, 5, []int64{1, 5}},
		"two only are a choice":  {[]Turn{{From: 1, To: 3, Only: true}, {From: 1, To: 2, Only: true}}, 1, 2, []int64{1, 2}},
		"no beats only":          {[]Turn{{From: 1, To: 2, Only: true}, {From: 1, To: 2}}, 1, 2, []int64{1, 5, 4, 2}},
		"turning round is free":  {[]Turn{{From: 2, To: 4}, {From: 2, To: 3}}, 2, 3, []int64{2, 1, 1, 3}},
		"until forbidden":        {[]Turn{{From: 2, To: 4}, {From: 2, To: 3}, {From: 1, To: 1}}, 2, 3, []int64{2, 1, 5, 4, 3}},
		"elsewhere still free":   {[]Turn{{From: 2, To: 4}, {From: 2, To: 3}, {From: 1, To: 1, At: middle}}, 2, 3, []int64{2, 1, 1, 3}},
		"at the place named":     {[]Turn{{From: 2, To: 4}, {From: 2, To: 3}, {From: 1, To: 1, At: south}}, 2, 3, []int64{2, 1, 5, 4, 3}},
		"by a way":               {[]Turn{{From: 2, Via: []int64{4}, To: 5}}, 2, 5, []int64{2, 1, 5}},
		"by a way, other start":  {[]Turn{{From: 2, Via: []int64{4}, To: 5}}, 3, 5, []int64{3, 4, 5}},
		"only by a way":          {[]Turn{{From: 2, Via: []int64{4}, To: 5, Only: true}, {From: 4, To: 4}}, 2, 5, []int64{2, 4, 5}},
		"only by a way, not begun": {
			[]Turn{{From: 2, Via: []int64{1}, To: 1, Only: true}}, 2, 3, []int64{2, 3}},
		"only by a way, begun": {
			[]Turn{{From: 2, Via: []int64{1}, To: 1, Only: true}, {From: 2, To: 4}, {From: 2, To: 3}, {From: 1, To: 4}}, 2, 5, []int64{2, 1, 1, 1, 5}},
	} {
		g, err := Build(Network{}, crossroads(), x.turns...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got := ways(t, g, x.from, x.to); !slices.Equal(got, x.want) {
			t.Errorf("%s: way over %v, want %v", name, got, x.want)
		}
		if got := g.Turns(); len(got) != len(x.turns) {
			t.Errorf("%s: %d turns kept, want %d", name, len(got), len(x.turns))
		}
	}
}

func TestTurnsAreUnfoldedOnlyWhereTheyAre(t *testing.T) {
	t.Parallel()
	plain := build(t, crossroads()...).Topology()
	if plain.Nodes() != 5 || len(plain.Arc) != 10 {
		t.Errorf("%d nodes and %d arcs without turns, want 5 and 10", plain.Nodes(), len(plain.Arc))
	}
	g, err := Build(Network{}, crossroads(), Turn{From: 1, To: 4}, Turn{From: 1, To: 2}, Turn{From: 3, Via: []int64{4}, To: 5})
	if err != nil {
		t.Fatal(err)
	}
	topology := g.Topology()
	// Copies of the middle for who comes by 1 (less two of four arcs) and by 3,
	// and of the west arm's end for who comes by 3 and 4 (less one of two).
	if got, want := topology.Nodes(), 8; got != want {
		t.Errorf("%d nodes, want %d", got, want)
	}
	if got, want := len(topology.Arc), 10+2+4+1; got != want {
		t.Errorf("%d arcs, want %d", got, want)
	}
	if !slices.IsSorted(topology.Tail) || len(topology.FirstOut) != topology.Nodes()+1 || int(topology.FirstOut[topology.Nodes()]) != len(topology.Arc) {
		t.Errorf("arcs are not laid out by tail: %+v", topology)
	}
	for i, arc := range topology.Arc {
		tail, head := g.ends(arc)
		if int(topology.Junction[topology.Tail[i]]) != tail || int(topology.Junction[topology.Head[i]]) != head {
			t.Errorf("arc %d from node %d to %d is at the wrong junctions", arc, topology.Tail[i], topology.Head[i])
		}
	}
}

func TestBuildRefusesBadTurns(t *testing.T) {
	t.Parallel()
	many := make([]int64, MaxTurnVias+1)
	for i := range many {
		many[i] = 1
	}
	loops := []EdgeInput{edge(1, false, [2]int{0, -4}, [2]int{0, 0})}
	for id := int64(2); id < 12; id++ {
		loops = append(loops, edge(id, false, [2]int{0, 0}, [2]int{int(id), 3}, [2]int{0, 0}))
	}
	for name, x := range map[string]struct {
		inputs []EdgeInput
		turn   Turn
		code   geo.Code
		want   string
	}{
		"from":         {crossroads(), Turn{From: 77, To: 4}, geo.CodeInvalid, "/turns/1/from: no turn from edge 77 to 4: the network has no edge 77"},
		"to":           {crossroads(), Turn{From: 1, To: 44, Only: true}, geo.CodeInvalid, "/turns/1/to: only turn from edge 1 to 44: the network has no edge 44"},
		"via":          {crossroads(), Turn{From: 1, Via: []int64{2, 6}, To: 4}, geo.CodeInvalid, "/turns/1/via: no turn from edge 1 by 2 by 6 to 4"},
		"apart":        {crossroads(), Turn{From: 2, To: 5}, geo.CodeInvalid, "/turns/1: no turn from edge 2 to 5: the edges do not meet"},
		"apart by way": {crossroads(), Turn{From: 2, Via: []int64{5}, To: 4}, geo.CodeInvalid, "do not meet"},
		"elsewhere":    {crossroads(), Turn{From: 2, To: 4, At: orb.Point{-72.4, 18.4}}, geo.CodeInvalid, "[-72.4, 18.4]"},
		"nan":          {crossroads(), Turn{From: 2, To: 4, At: orb.Point{math.NaN(), 18.4}}, geo.CodeInvalid, "NaN"},
		"long":         {crossroads(), Turn{From: 1, Via: many, To: 2}, geo.CodeTooLarge, "51 edges"},
		"loops":        {loops, Turn{From: 1, Via: []int64{2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, To: 1}, geo.CodeInvalid, "more than 64 ways"},
	} {
		_, err := Build(Network{}, x.inputs, Turn{From: 1, To: 1}, x.turn)
		if geo.CodeOf(err) != x.code || err == nil || !strings.Contains(err.Error(), x.want) {
			t.Errorf("%s: error %v of code %q, want %q and %q", name, err, geo.CodeOf(err), x.code, x.want)
		}
	}
}

func TestTurnAgainstOnewayHasNoEffect(t *testing.T) {
	t.Parallel()
	inputs := crossroads()
	inputs[3].Oneway = true // west arm: outward only
	g, err := Build(Network{}, inputs, Turn{From: 4, To: 2, Only: true}, Turn{From: 4, To: 3})
	if err != nil {
		t.Fatal(err)
	}
	if n := g.Topology().Nodes(); n != g.Junctions() {
		t.Errorf("%d nodes for %d junctions", n, g.Junctions())
	}
}
