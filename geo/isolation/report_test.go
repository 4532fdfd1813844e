package isolation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/road"
)

// question draws a whole question about a town.
func drawQuestion(t *rapid.T) *Question {
	w := drawTown(t, 12, 20)
	q := &Question{Graph: w.graph, State: w.state, Vehicle: "car", Places: w.places, City: w.drawJunctions(t, "city")}
	for _, p := range w.places {
		if j := w.graph.At(p); !slices.Contains(q.City, j) {
			q.Capitals = append(q.Capitals, p)
		}
	}
	q.Ports = w.places
	return q
}

func TestReportsAreTheSameForTheSameQuestion(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		var first []byte
		for range 3 {
			raw := must[[]byte](t)(json.Marshal(must[*Report](t)(Compute(background, q))))
			if first != nil && string(raw) != string(first) {
				t.Fatalf("%s\n%s", first, raw)
			}
			first = raw
		}
	})
}

// Knowing less never makes an answer more favourable: when edges become unknown
// nobody moves from cut off or uncertain to connected, and no corridor is won.
func TestUnknownIsNeverMoreFavourable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := drawQuestion(t)
		before := must[*Report](t)(Compute(background, q))
		known := must[[]PlaceReach](t)(q.Graph.ReachPlaces(q.State, q.City, q.Places))
		q.State = slices.Clone(q.State)
		for i := range q.State {
			if q.State[i] != Closed && rapid.Bool().Draw(t, "forgotten") {
				q.State[i] = Unknown
			}
		}
		after := must[*Report](t)(Compute(background, q))
		for i, p := range must[[]PlaceReach](t)(q.Graph.ReachPlaces(q.State, q.City, q.Places)) {
			if p.Status < known[i].Status {
				t.Fatalf("place %d went from %v to %v", i, known[i].Status, p.Status)
			}
		}
		if a, b := before.Corridors, after.Corridors; a != nil && b.OpenOnly != nil && b.OpenOnly.Count > a.OpenOnly.Count {
			t.Fatalf("open corridors rose from %d to %d", a.OpenOnly.Count, b.OpenOnly.Count)
		}
	})
}

func TestReportNeedsANetwork(t *testing.T) {
	if _, err := Compute(background, &Question{}); geo.CodeOf(err) != geo.CodeUnprocessable {
		t.Error(err)
	}
	g := grid(t, 3, 3)
	if _, err := Compute(background, &Question{Graph: g}); geo.CodeOf(err) != geo.CodeInvalid {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	if _, err := Compute(ctx, &Question{Graph: g, State: make(State, g.Edges())}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func TestJunctionsWithinAnArea(t *testing.T) {
	n, err := road.Build(road.Network{ID: "test"}, []road.EdgeInput{
		{ID: 7, Ref: "RN1", Class: road.ClassNational, Geometry: orb.LineString{{-72.3, 18.5}, {-72.2, 18.5}}},
		{ID: 8, Name: "Rue", Class: road.ClassUrban, Geometry: orb.LineString{{-72.2, 18.5}, {-72.1, 18.5}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	area := orb.MultiPolygon{{{{-72.25, 18.4}, {-72.15, 18.4}, {-72.15, 18.6}, {-72.25, 18.6}, {-72.25, 18.4}}}}
	if got := Within(n, area); !slices.Equal(got, []int32{1}) {
		t.Fatalf("junctions %v", got)
	}
	g := must[*Graph](t)(Of(n))
	r := g.roadOf([]int{0, 1})
	if fmt.Sprint(r.EdgeIDs, r.Refs, r.Name) != "[7 8] [RN1]Rue" {
		t.Fatalf("%+v", r)
	}
	arcs := must[*Arcs](t)(ArcsOf(n.Topology()))
	way, ok, err := FewestBlocks(background, arcs, []uint32{1, 0}, []uint32{10, 20}, []Seed{{Node: 0}}, []Seed{{Node: 2}})
	if err != nil || !ok || (way.Toll != Toll{1, 30}) {
		t.Fatalf("%v %v %v", way, ok, err)
	}
}
