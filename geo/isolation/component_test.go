package isolation

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"pasaj/geo"
)

func TestComponentsAgainstReachability(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 9, 14)
		worst := Status(rapid.IntRange(0, 4).Draw(t, "worst"))
		c := must[*Components](t)(w.graph.Components(w.state, worst, w.places))
		junctions, people := 0, 0.0
		for i, one := range c.List {
			junctions += one.Junctions
			people += one.People
			if i > 0 && one.People > c.List[i-1].People {
				t.Fatal("not by people")
			}
		}
		if all := peopleAt(w, slices.Repeat([]bool{true}, w.graph.junctions)); junctions != w.graph.junctions || people != all {
			t.Fatalf("%d junctions, %v people of %v", junctions, people, all)
		}
		for j := range int32(w.graph.junctions) {
			is := reached(w.graph, []int32{j}, w.passable(worst))
			for k := range is {
				if is[k] != (c.Of[k] == c.Of[j]) {
					t.Fatalf("junctions %d and %d", j, k)
				}
			}
			if one := c.List[c.Of[j]]; one.People != peopleAt(w, is) {
				t.Fatalf("people %v", one.People)
			}
		}
	})
}

func TestReachAndMatrixAgainstLevels(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := drawTown(t, 9, 14)
		hubs := w.drawJunctions(t, "hubs")
		reach := must[[]Status](t)(w.graph.Reach(w.state, hubs))
		for j := range reach {
			want := Closed
			for level := Unknown + 1; level > 0; level-- {
				if reached(w.graph, hubs, w.passable(level-1))[j] {
					want = level - 1
				}
			}
			if reach[j] != want {
				t.Fatalf("junction %d is %v, want %v", j, reach[j], want)
			}
		}
		matrix := must[[][]Status](t)(w.graph.Matrix(background, w.state, w.places, w.places))
		for r, a := range w.places {
			from := w.graph.At(a)
			for c, b := range w.places {
				to, want := w.graph.At(b), Unknown
				if from != Offside && to != Offside {
					want = must[[]Status](t)(w.graph.Reach(w.state, []int32{from}))[to]
				}
				if matrix[r][c] != want {
					t.Fatalf("%d to %d is %v, want %v", r, c, matrix[r][c], want)
				}
			}
		}
	})
}

// A functional station ringed by hard stops is cut off; moving a block outside
// reconnects it.
func TestStationRingedByStops(t *testing.T) {
	g := grid(t, 5, 5)
	station := Place{ID: "station", Edge: -1}
	state := make(State, g.Edges())
	for i := range state {
		if slices.Contains([]int32{g.from[i], g.to[i]}, 12) {
			state[i] = Closed
			station.Edge, station.AlongM = i, 0
			if g.to[i] == 12 {
				station.AlongM = 100
			}
		}
	}
	directorate := []int32{0}
	cut := must[[]Place](t)(g.CutOff(state, directorate, []Place{station}))
	if len(cut) != 1 || cut[0].ID != "station" {
		t.Fatalf("cut off: %v", cut)
	}
	state[station.Edge], state[0] = Open, Closed
	if cut = must[[]Place](t)(g.CutOff(state, directorate, []Place{station})); len(cut) != 0 {
		t.Fatalf("still cut off: %v", cut)
	}
	state[station.Edge] = Unknown
	all := must[[]PlaceReach](t)(g.ReachPlaces(state, directorate, []Place{station, {ID: "nowhere", Edge: -1}}))
	if all[0].Status != Unknown || all[1].Status != Unknown {
		t.Fatalf("reached over unknown roads: %v", all)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	g := grid(t, 3, 3)
	good := make(State, g.Edges())
	_, badEnd := NewGraph(2, []int32{0}, []int32{2})
	_, badCount := NewGraph(2, []int32{0, 1}, []int32{1})
	_, short := g.Components(good[1:], Open, nil)
	_, hub := g.Reach(good, []int32{9})
	_, people := g.Components(good, Open, []Place{{People: -1}})
	_, terminal := g.Core(background, good, Open, []int32{-1})
	_, obstacle := NewQuotient(background, g, good, Open, []Obstacle{{Edges: []int{99}}})
	_, weight := NewQuotient(background, g, good, Open, []Obstacle{{Weight: MaxWeight + 1}})
	_, arcs := NewArcs(1, []int32{0}, []int32{1}, []int32{0})
	for i, err := range []error{badEnd, badCount, short, hub, people, terminal, obstacle, weight, arcs} {
		if geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%d: %v", i, err)
		}
	}
	_, err := g.Matrix(background, good, make([]Place, 1001), make([]Place, 1000))
	if geo.CodeOf(err) != geo.CodeTooLarge {
		t.Error(err)
	}
}

func TestStatusWords(t *testing.T) {
	for s := Open; s <= Closed; s++ {
		var back Status
		if err := back.UnmarshalText([]byte(s.String())); err != nil || back != s {
			t.Errorf("%v: %v %v", s, back, err)
		}
	}
	var s Status
	if err := s.UnmarshalText([]byte("fine")); err == nil {
		t.Error("a word of no status was read")
	}
}
