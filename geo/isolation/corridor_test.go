package isolation

import (
	"math/bits"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pasaj/geo"
)

func TestCorridorsAgainstAllCuts(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 8, 11)
		g, worst := w.graph, Status(rapid.SampledFrom([]int{0, 3}).Draw(t, "worst"))
		from, to := w.drawJunctions(t, "from"), w.drawJunctions(t, "to")
		use := w.passable(worst)
		core := must[*Core](t)(g.Core(background, w.state, worst, slices.Concat(from, to)))
		c, err := core.Corridors(background, from, to)
		if slices.ContainsFunc(from, func(j int32) bool { return slices.Contains(to, j) }) {
			if geo.CodeOf(err) != geo.CodeUnprocessable {
				t.Fatalf("sets that meet: %v", err)
			}
			return
		}
		if err != nil {
			t.Fatal(err)
		}
		connected := func(closed uint) bool {
			return anyOf(reached(g, from, func(i int) bool { return use(i) && closed>>i&1 == 0 }), to)
		}
		least := g.Edges()
		for closed := range uint(1) << g.Edges() {
			if n := bits.OnesCount(closed); n < least && !connected(closed) {
				least = n
			}
		}
		if c.Count != least {
			t.Fatalf("%d corridors, the smallest cut has %d edges", c.Count, least)
		}
		used := map[int]bool{}
		for _, way := range c.Ways {
			at := from
			for _, i := range way {
				if used[i] || !use(i) {
					t.Fatalf("edge %d of %v is not free", i, c.Ways)
				}
				used[i] = true
				switch {
				case slices.Contains(at, g.from[i]):
					at = []int32{g.to[i]}
				case slices.Contains(at, g.to[i]):
					at = []int32{g.from[i]}
				default:
					t.Fatalf("way %v breaks at edge %d", way, i)
				}
			}
			if !slices.Contains(to, at[0]) {
				t.Fatalf("way %v ends at %d", way, at[0])
			}
		}
		if len(c.Ways) != c.Count || len(c.Bottleneck) != c.Count {
			t.Fatalf("%d ways and %d bottleneck roads of %d corridors", len(c.Ways), len(c.Bottleneck), c.Count)
		}
		// The reported cut disconnects, at any edge of each road, and one fewer
		// does not.
		closed := uint(0)
		for _, r := range c.Bottleneck {
			closed |= 1 << rapid.SampledFrom(r.Edges).Draw(t, "blocked")
		}
		if c.Count > 0 && connected(closed) {
			t.Fatalf("the cut %v does not disconnect", c.Bottleneck)
		}
		for left := closed; left != 0; left &= left - 1 {
			if !connected(closed &^ (left & -left)) {
				t.Fatalf("the cut %v has more than it needs", c.Bottleneck)
			}
		}
	})
}

func TestCorridorsOfOtherJunctions(t *testing.T) {
	g := grid(t, 4, 4)
	core := must[*Core](t)(g.Core(background, make(State, g.Edges()), Open, []int32{0, 15}))
	if _, err := core.Corridors(background, []int32{3}, []int32{15}); geo.CodeOf(err) != geo.CodeInvalid {
		t.Fatalf("a junction on a chain: %v", err)
	}
	c := must[*Corridors](t)(core.Corridors(background, []int32{0}, []int32{15}))
	if c.Count != 2 {
		t.Fatalf("%d corridors from corner to corner", c.Count)
	}
}
