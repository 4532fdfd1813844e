package isolation_test

import (
	"testing"

	"pasaj/data/haiti"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
)

func TestCapitalGatesLieOnTheBundledNetwork(t *testing.T) {
	network, inputs, err := haiti.Network()
	if err != nil {
		t.Fatal(err)
	}
	n, err := road.Build(network, inputs)
	if err != nil {
		t.Fatal(err)
	}
	g, err := isolation.Of(n)
	if err != nil {
		t.Fatal(err)
	}
	for _, w := range isolation.Capital().Locate(n) {
		if !w.Gate.IsRoad() {
			continue
		}
		if len(w.Gate.Refs) > 0 && !w.Found {
			t.Errorf("%s is not on the network", w.Gate.ID)
			continue
		}
		state := make(isolation.State, g.Edges())
		if got := w.Status(state, "suv4x4", nil); w.Found && got != isolation.Open {
			t.Errorf("%s is %v with all roads open", w.Gate.ID, got)
		}
		for _, edge := range w.Edges() {
			state[edge] = isolation.Closed
		}
		if got := w.Status(state, "suv4x4", nil); w.Found && got != isolation.Closed || !w.Found && got != isolation.Unknown {
			t.Errorf("%s (found %v) is %v with its roads closed", w.Gate.ID, w.Found, got)
		}
	}
}
