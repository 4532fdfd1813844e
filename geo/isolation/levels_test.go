package isolation

import (
	"testing"

	"pgregory.net/rapid"
)

// Two junctions share a part exactly where the best way between them is as good
// as its status.
func TestLevelsAreReach(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		junctions := rapid.IntRange(1, 12).Draw(t, "junctions")
		edges := rapid.IntRange(0, 20).Draw(t, "edges")
		from, to, state := make([]int32, edges), make([]int32, edges), make(State, edges)
		for i := range from {
			from[i] = int32(rapid.IntRange(0, junctions-1).Draw(t, "from"))
			to[i] = int32(rapid.IntRange(0, junctions-1).Draw(t, "to"))
			state[i] = Status(rapid.IntRange(0, Statuses-1).Draw(t, "status"))
		}
		g, err := NewGraph(junctions, from, to)
		if err != nil {
			t.Fatal(err)
		}
		levels, err := g.Levels(state)
		if err != nil {
			t.Fatal(err)
		}
		for a := range int32(junctions) {
			reach, err := g.Reach(state, []int32{a})
			if err != nil {
				t.Fatal(err)
			}
			for b := range int32(junctions) {
				for worst := Open; worst < Closed; worst++ {
					if got, want := levels.Part(a, worst) == levels.Part(b, worst), reach[b] <= worst; got != want {
						t.Fatalf("%d and %d over %v: together %t, want %t", a, b, worst, got, want)
					}
				}
			}
		}
	})
}

func TestLevelsRefusesAnotherGraphsState(t *testing.T) {
	g, err := NewGraph(2, []int32{0}, []int32{1})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := g.Levels(State{}); err == nil {
		t.Error("a state without edges is taken")
	}
}
