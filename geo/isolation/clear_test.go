package isolation

import (
	"context"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pasaj/geo"
)

func drawObstacles(t *rapid.T, w *town, most int) []Obstacle {
	out := make([]Obstacle, rapid.IntRange(0, most).Draw(t, "obstacles"))
	for o := range out {
		out[o].Weight = uint32(rapid.IntRange(0, 4).Draw(t, "weight"))
		if w.graph.Edges() > 0 {
			out[o].Edges = rapid.SliceOfN(rapid.IntRange(0, w.graph.Edges()-1), 0, 5).Draw(t, "closes")
		}
	}
	return out
}

// usable is what can be passed when a set of obstacles is cleared.
func usable(w *town, worst Status, obstacles []Obstacle, cleared uint) func(int) bool {
	under := map[int]bool{} // whether something still stands on it
	for o := range obstacles {
		for _, edge := range obstacles[o].Edges {
			under[edge] = under[edge] || cleared>>o&1 == 0
		}
	}
	return func(i int) bool {
		if standing, ok := under[i]; ok {
			return !standing
		}
		return w.passable(worst)(i)
	}
}

func weightOf(obstacles []Obstacle, set uint) (sum int64) {
	for o := range obstacles {
		if set>>o&1 == 1 {
			sum += obstacles[o].weight()
		}
	}
	return sum
}

func bitsOf(set []int) (out uint) {
	for _, o := range set {
		out |= 1 << o
	}
	return out
}

func checkClear(t *rapid.T, w *town, obstacles []Obstacle, from, to []int32, o ClearOptions) *Clearing {
	q := must[*Quotient](t)(NewQuotient(background, w.graph, w.state, Unknown, obstacles))
	c := must[*Clearing](t)(q.Clear(background, from, to, o))
	least := int64(math.MaxInt64)
	for set := range uint(1) << len(obstacles) {
		if weight := weightOf(obstacles, set); weight < least && anyOf(reached(w.graph, from, usable(w, Unknown, obstacles, set)), to) {
			least = weight
		}
	}
	if c.Possible != (least < math.MaxInt64) {
		t.Fatalf("possible %v, the best of all sets weighs %d", c.Possible, least)
	}
	if !c.Possible {
		return c
	}
	set := bitsOf(c.Obstacles)
	if !anyOf(reached(w.graph, from, usable(w, Unknown, obstacles, set)), to) {
		t.Fatalf("clearing %v does not connect", c.Obstacles)
	}
	if c.Weight != weightOf(obstacles, set) || c.LowerBound > least || c.Weight < least || c.Optimal && c.Weight != least {
		t.Fatalf("%+v, the best weighs %d", *c, least)
	}
	for _, one := range c.Obstacles {
		if anyOf(reached(w.graph, from, usable(w, Unknown, obstacles, set&^(1<<one))), to) {
			t.Fatalf("%d of %v need not be cleared", one, c.Obstacles)
		}
	}
	return c
}

func TestClearAgainstAllSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 9, 14)
		obstacles := drawObstacles(t, w, 8)
		c := checkClear(t, w, obstacles, w.drawJunctions(t, "from"), w.drawJunctions(t, "to"), ClearOptions{})
		if c.Possible && !c.Optimal {
			t.Fatalf("not proved: %+v", *c)
		}
	})
}

func TestClearWithinLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 12, 20)
		obstacles := drawObstacles(t, w, 8)
		checkClear(t, w, obstacles, w.drawJunctions(t, "from"), w.drawJunctions(t, "to"), ClearOptions{Labels: rapid.IntRange(1, 6).Draw(t, "labels")})
	})
}

// An area crossed twice is paid once: three roads of two blocks each, two of
// the blocks of one road the same area.
func TestAreaIsPaidOnce(t *testing.T) {
	g := must[*Graph](t)(NewGraph(6, []int32{0, 1, 2, 0, 4}, []int32{1, 2, 3, 4, 3}))
	obstacles := []Obstacle{{ID: "area", Edges: []int{0, 2}, IsArea: true, Weight: 3}, {ID: "north", Edges: []int{3}, Weight: 2}, {ID: "south", Edges: []int{4}, Weight: 2}}
	q := must[*Quotient](t)(NewQuotient(background, g, make(State, 5), Open, obstacles))
	c := must[*Clearing](t)(q.Clear(background, []int32{0}, []int32{3}, ClearOptions{}))
	if !c.Optimal || c.Weight != 3 || !slices.Equal(c.Obstacles, []int{0}) {
		t.Fatalf("%+v", *c)
	}
	if c = must[*Clearing](t)(q.Clear(background, []int32{0}, []int32{5}, ClearOptions{})); c.Possible {
		t.Fatalf("an island was reached: %+v", *c)
	}
	if c = must[*Clearing](t)(q.Clear(background, []int32{1}, []int32{2}, ClearOptions{})); !c.Possible || c.Weight != 0 || len(c.Obstacles) != 0 {
		t.Fatalf("connected already: %+v", *c)
	}
}

// strips is a grid whose every street crosses overlapping areas, each in
// several pieces: hard enough to need the search.
func strips(t testing.TB, size, areas int) (*Graph, []Obstacle) {
	g := grid(t, size, size)
	obstacles := make([]Obstacle, areas)
	for i := range g.Edges() {
		for k := range 2 {
			o := (i*7 + k*i*i + i/3) % areas
			obstacles[o].Edges = append(obstacles[o].Edges, i)
		}
	}
	return g, obstacles
}

func TestClearStopsAtDeadline(t *testing.T) {
	g, obstacles := strips(t, 30, 90)
	q := must[*Quotient](t)(NewQuotient(background, g, make(State, g.Edges()), Open, obstacles))
	c := must[*Clearing](t)(q.Clear(background, []int32{0}, []int32{899}, ClearOptions{Labels: 200}))
	if !c.Possible || c.Optimal || c.LowerBound < 1 || c.LowerBound > c.Weight {
		t.Fatalf("%+v", *c)
	}
	ctx, cancel := context.WithTimeout(background, 50*time.Millisecond)
	defer cancel()
	<-ctx.Done()
	if c, err := q.Clear(ctx, []int32{0}, []int32{899}, ClearOptions{}); err == nil && c.Optimal {
		t.Fatalf("proved after the deadline: %+v", *c)
	}
	ctx, cancel = context.WithCancel(background)
	cancel()
	if _, err := q.Clear(ctx, []int32{0}, []int32{899}, ClearOptions{}); err == nil {
		t.Fatal("a cancelled search answered")
	}
}

func TestRankAndReconnectAgainstAllSets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 10, 14)
		obstacles := drawObstacles(t, w, 8)
		hubs := w.drawJunctions(t, "hubs")
		q := must[*Quotient](t)(NewQuotient(background, w.graph, w.state, Unknown, obstacles))
		before := peopleAt(w, reached(w.graph, hubs, usable(w, Unknown, obstacles, 0)))
		gain := func(set uint) float64 {
			return peopleAt(w, reached(w.graph, hubs, usable(w, Unknown, obstacles, set))) - before
		}
		rank := must[[]Reconnection](t)(q.Rank(background, w.graph, hubs, w.places))
		for i, r := range rank {
			if r.People != gain(1<<r.Obstacle) || i > 0 && r.People > rank[i-1].People {
				t.Fatalf("obstacle %d reconnects %v, want %v", r.Obstacle, r.People, gain(1<<r.Obstacle))
			}
			people := 0.0
			for _, p := range r.Places {
				people += w.places[p].People
			}
			if people != r.People {
				t.Fatalf("places %v do not add up to %v", r.Places, r.People)
			}
		}
		if len(rank) != len(obstacles) {
			t.Fatalf("%d of %d obstacles ranked", len(rank), len(obstacles))
		}
		k := rapid.IntRange(0, 4).Draw(t, "k")
		most := 0.0
		for set := range uint(1) << len(obstacles) {
			if n := weightOf(make([]Obstacle, len(obstacles)), set); n <= int64(k) {
				most = max(most, gain(set))
			}
		}
		options := PlanOptions{}
		if rapid.Bool().Draw(t, "limited") {
			options.Branches = rapid.IntRange(1, 4).Draw(t, "branches")
		}
		plan := must[*Plan](t)(q.Reconnect(background, w.graph, hubs, w.places, k, options))
		if len(plan.Obstacles) > k || plan.People != gain(bitsOf(plan.Obstacles)) || plan.People > most || plan.UpperBound < most {
			t.Fatalf("%+v, the most is %v", *plan, most)
		}
		if plan.Optimal && plan.People != most || !plan.Optimal && options.Branches == 0 {
			t.Fatalf("%+v, the most is %v", *plan, most)
		}
	})
}

func TestReconnectRefusesManyObstacles(t *testing.T) {
	g := grid(t, 2, 2)
	q := must[*Quotient](t)(NewQuotient(background, g, make(State, 4), Open, nil))
	if _, err := q.Reconnect(background, g, []int32{0}, nil, MaxReconnect+1, PlanOptions{}); geo.CodeOf(err) != geo.CodeInvalid {
		t.Fatal(err)
	}
	if _, err := NewQuotient(background, g, make(State, 4), Open, make([]Obstacle, MaxObstacles+1)); geo.CodeOf(err) != geo.CodeTooLarge {
		t.Fatal(err)
	}
}

// The fewest roadblocks, each on an edge of its own, are the same set whether
// found on the streets or on the quotient.
func TestFewestBlocksAgainstBellmanFord(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 8, 14)
		g := w.graph
		var tail, head, edge []int32
		blocks, deciseconds := make([]uint32, g.Edges()), make([]uint32, g.Edges())
		var obstacles []Obstacle
		state := make(State, g.Edges())
		for i := range g.from {
			tail, head, edge = append(tail, g.from[i], g.to[i]), append(head, g.to[i], g.from[i]), append(edge, int32(i), int32(i))
			deciseconds[i] = uint32(rapid.IntRange(1, 50).Draw(t, "time"))
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				deciseconds[i], state[i] = Infinity, Closed
			case 1, 2:
				blocks[i] = uint32(rapid.IntRange(1, 3).Draw(t, "weight"))
				obstacles = append(obstacles, Obstacle{Edges: []int{i}, Weight: blocks[i]})
			}
		}
		a := must[*Arcs](t)(NewArcs(g.junctions, tail, head, edge))
		from, to := w.drawJunctions(t, "from"), w.drawJunctions(t, "to")
		var seedsFrom, seedsTo []Seed
		for k, j := range from {
			seedsFrom = append(seedsFrom, Seed{Node: j, Deciseconds: uint32(k)})
		}
		for k, j := range to {
			seedsTo = append(seedsTo, Seed{Node: j, Deciseconds: uint32(2 * k)})
		}
		way, ok, err := FewestBlocks(background, a, blocks, deciseconds, seedsFrom, seedsTo)
		if err != nil {
			t.Fatal(err)
		}
		best := make([]Toll, g.junctions)
		for n := range best {
			best[n] = Toll{Blocks: math.MaxUint32}
		}
		for k, j := range from {
			if start := (Toll{0, uint64(k)}); start.Less(best[j]) {
				best[j] = start
			}
		}
		for range g.junctions {
			for i := range tail {
				if e := edge[i]; deciseconds[e] < Infinity && best[tail[i]].Blocks < math.MaxUint32 {
					if next := best[tail[i]].plus(blocks[e], deciseconds[e]); next.Less(best[head[i]]) {
						best[head[i]] = next
					}
				}
			}
		}
		want := Toll{Blocks: math.MaxUint32}
		for k, j := range to {
			if whole := best[j].plus(0, uint32(2*k)); whole.Less(want) {
				want = whole
			}
		}
		if ok != (want.Blocks < math.MaxUint32) || ok && way.Toll != want {
			t.Fatalf("%v %+v, want %+v", ok, way, want)
		}
		q := must[*Quotient](t)(NewQuotient(background, g, state, Open, obstacles))
		c := must[*Clearing](t)(q.Clear(background, from, to, ClearOptions{}))
		if c.Possible != ok || ok && uint64(c.Weight) != want.Blocks {
			t.Fatalf("quotient: %+v, streets: %+v", *c, want)
		}
		if !ok {
			return
		}
		n, sum := seedsFrom[way.From].Node, Toll{0, uint64(way.From)}
		for _, arc := range way.Arcs {
			if tail[arc] != n {
				t.Fatalf("way %v breaks", way.Arcs)
			}
			n, sum = head[arc], sum.plus(blocks[edge[arc]], deciseconds[edge[arc]])
		}
		if n != seedsTo[way.To].Node || sum.plus(0, uint32(2*way.To)) != want {
			t.Fatalf("way %+v ends at %d with %v", way, n, sum)
		}
	})
}
