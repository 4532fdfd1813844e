package isolation

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestBridgesAgainstRemoval(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 9, 13)
		worst := Status(rapid.IntRange(0, 3).Draw(t, "worst"))
		g, use := w.graph, w.passable(worst)
		c := must[*Connectivity](t)(g.Connectivity(background, w.state, worst, w.places))
		at := map[int]Bridge{}
		for _, b := range c.Bridges {
			at[b.Edge] = b
		}
		for i := range g.from {
			isBridge := false
			without := func(k int) bool { return k != i && use(k) }
			near := reached(g, []int32{g.from[i]}, without)
			if use(i) {
				isBridge = !near[g.to[i]]
			}
			b, found := at[i]
			if found != isBridge {
				t.Fatalf("edge %d: bridge %v, want %v", i, found, isBridge)
			}
			if !found {
				continue
			}
			far := reached(g, []int32{g.to[i]}, without)
			a, z := peopleAt(w, near), peopleAt(w, far)
			if b.People != min(a, z) {
				t.Fatalf("edge %d cuts off %v, want the smaller of %v and %v", i, b.People, a, z)
			}
			side := near
			if z < a || z == a && count(far) <= count(near) {
				side = far
			}
			if b.Junctions != count(side) {
				t.Fatalf("edge %d: %d junctions, want %d", i, b.Junctions, count(side))
			}
			if count(near) == count(far) && a == z {
				continue // either side
			}
			var want []int
			for k, p := range w.places {
				if j := g.At(p); j != Offside && side[j] {
					want = append(want, k)
				}
			}
			got := c.Places(b)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Fatalf("edge %d: places %v, want %v", i, got, want)
			}
		}
		// Junctions hang together twofold when no single edge divides them.
		for a := range int32(g.junctions) {
			all := reached(g, []int32{a}, use)
			for i := range g.from {
				for j, is := range reached(g, []int32{a}, func(k int) bool { return k != i && use(k) }) {
					all[j] = all[j] && is
				}
			}
			for b := range all {
				if all[b] != (c.Twofold[a] == c.Twofold[b]) {
					t.Fatalf("junctions %d and %d: twofold %v", a, b, !all[b])
				}
			}
		}
		checkArticulations(t, w, c, use)
	})
}

func count(is []bool) (n int) {
	for _, one := range is {
		if one {
			n++
		}
	}
	return n
}

func checkArticulations(t *rapid.T, w *town, c *Connectivity, use func(int) bool) {
	g := w.graph
	at := map[int32]float64{}
	for _, a := range c.Articulations {
		at[a.Junction] = a.People
	}
	for v := range int32(g.junctions) {
		whole := reached(g, []int32{v}, use)
		without := func(k int) bool { return use(k) && g.from[k] != v && g.to[k] != v }
		parts, largest, seen := 0, 0.0, make([]bool, g.junctions)
		for j := range int32(g.junctions) {
			if !whole[j] || j == v || seen[j] {
				continue
			}
			parts++
			part := reached(g, []int32{j}, without)
			for k, is := range part {
				seen[k] = seen[k] || is
			}
			largest = max(largest, peopleAt(w, part))
		}
		people, found := at[v]
		if found != (parts > 1) {
			t.Fatalf("junction %d: articulation %v with %d parts", v, found, parts)
		}
		if found && people != peopleAt(w, whole)-largest {
			t.Fatalf("junction %d cuts off %v of %v, the largest part has %v", v, people, peopleAt(w, whole), largest)
		}
	}
}

func TestCriticalRoadsHoldEveryBridgeOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 9, 12)
		c := must[*Connectivity](t)(w.graph.Connectivity(background, w.state, Unknown, w.places))
		roads := must[[]CriticalRoad](t)(c.CriticalRoads(w.state, Unknown, nil, -1))
		at := map[int]float64{}
		for _, b := range c.Bridges {
			if b.People > 0 {
				at[b.Edge] = b.People
			}
		}
		last := math.Inf(1)
		for _, r := range roads {
			most := 0.0
			for _, edge := range r.Edges {
				people, ok := at[edge]
				if !ok {
					t.Fatalf("edge %d is no bridge, or there twice", edge)
				}
				delete(at, edge)
				most = max(most, people)
			}
			if r.People != most || r.Score > last {
				t.Fatalf("people %v of %v, score %v after %v", r.People, most, r.Score, last)
			}
			last = r.Score
		}
		if len(at) > 0 {
			t.Fatalf("bridges left out: %v", at)
		}
	})
}

// Town, a chain of three edges, a valley: one road, however long the chain.
func TestChainIsOneRoad(t *testing.T) {
	g := must[*Graph](t)(NewGraph(7, []int32{0, 1, 2, 2, 3, 4, 5}, []int32{1, 2, 0, 3, 4, 5, 6}))
	for i := range g.lengthM {
		g.lengthM[i] = 1000
	}
	places := []Place{{ID: "town", People: 100, Edge: 0}, {ID: "valley", People: 40, Edge: 6, AlongM: 1000}, {ID: "halt", People: 2, Edge: 4, AlongM: 0}}
	state := make(State, 7)
	c := must[*Connectivity](t)(g.Connectivity(background, state, Unknown, places))
	roads := must[[]CriticalRoad](t)(c.CriticalRoads(state, Unknown, nil, 10))
	if len(roads) != 1 || len(roads[0].Edges) != 4 || roads[0].People != 42 || roads[0].LengthM != 4000 {
		t.Fatalf("roads: %+v", roads)
	}
	if !slices.Equal(roads[0].Places, []int{2, 1}) {
		t.Fatalf("places: %v", roads[0].Places)
	}
	if one := c.OneBlockage(0, places); !slices.Equal(one, []int{1, 2}) {
		t.Fatalf("one blockage from isolation: %v", one)
	}
	likelihood := []float64{0, 0, 0, 0, 0, 0.5, 0}
	roads = must[[]CriticalRoad](t)(c.CriticalRoads(state, Unknown, likelihood, 10))
	if roads[0].Worst != 5 || roads[0].Score != 20 {
		t.Fatalf("by likelihood: %+v", roads[0])
	}
}

func TestLongChainNeedsNoDeepStack(t *testing.T) {
	const n = 300_000
	from, to := make([]int32, n), make([]int32, n)
	for i := range from {
		from[i], to[i] = int32(i), int32(i+1)
	}
	g := must[*Graph](t)(NewGraph(n+1, from, to))
	c := must[*Connectivity](t)(g.Connectivity(background, make(State, n), Open, nil))
	if len(c.Bridges) != n || len(c.Articulations) != n-1 {
		t.Fatalf("%d bridges, %d articulations", len(c.Bridges), len(c.Articulations))
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	if _, err := g.Connectivity(ctx, make(State, n), Open, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("cancelled: %v", err)
	}
}
