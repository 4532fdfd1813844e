package passage

import (
	"context"
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/overlay"
	"pasaj/geo/road"
)

// secondsTo is the time of the fastest way by Dijkstra's algorithm, with the
// time to the network and back; infinite without a way.
func secondsTo(t failer, q *enquiry, from, to orb.Point) float64 {
	t.Helper()
	at := q.snapAll([]orb.Point{from, to})
	if !at[0].ok || !at[1].ok {
		return math.Inf(1)
	}
	w := q.weigher(nil)
	path, err := q.roads.graph.Dijkstra(context.Background(), at[0].Position, at[1].Position, func(s road.Stretch) (float64, bool) {
		time, _ := w.cost(s)
		return float64(time), time < cch.Infinity
	})
	if err != nil {
		return math.Inf(1)
	}
	return path.Cost/10 + float64(deciseconds(at[0].accessS)+deciseconds(at[1].accessS))/10
}

func TestTableAgainstDijkstra(t *testing.T) {
	e := NewEngine(EngineOptions{Threads: 2})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		r := TableRequest{Request: drawQuestion(t, s)}
		r.Points = nil
		for range rapid.IntRange(1, 4).Draw(t, "sources") {
			r.Sources = append(r.Sources, drawPlace(t, "source"))
		}
		for range rapid.IntRange(1, 5).Draw(t, "targets") {
			r.Targets = append(r.Targets, drawPlace(t, "target"))
		}
		table, err := e.Table(t.Context(), s.world(), r)
		if err != nil {
			t.Fatal(err)
		}
		request := r.Request
		request.Points = slices.Concat(r.Sources, r.Targets)
		q := enquireFor(t, e, s, &request)
		for i, from := range r.Sources {
			reached := 0
			for k, to := range r.Targets {
				want, got := secondsTo(t, q, from, to), table.DurationsS[i][k]
				if (got == nil) != math.IsInf(want, 1) || got != nil && math.Abs(*got-want) > .01 {
					t.Fatalf("from %d to %d: %v, want %v", i, k, got, want)
				}
				if got != nil {
					reached++
				}
			}
			if table.Reached[i] != reached || (table.Sources[i].SnappedM == nil) != !q.snapAll([]orb.Point{from})[0].ok {
				t.Fatalf("source %d: %d reached, want %d", i, table.Reached[i], reached)
			}
		}
	})
}

// On roads within a reach the fastest way keeps the limit, on others it does
// not.
func TestReachAgainstDijkstra(t *testing.T) {
	e := NewEngine(EngineOptions{})
	inside, outside := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		minutes := rapid.Float64Range(2, 60).Draw(t, "minutes")
		r := ReachRequest{Request: drawQuestion(t, s), Minutes: []float64{minutes}}
		r.Points = r.Points[:rapid.IntRange(1, 2).Draw(t, "starts")]
		reach, err := e.Reach(t.Context(), s.world(), r)
		if err != nil {
			if geo.CodeOf(err) != geo.CodeUnprocessable {
				t.Fatal(err)
			}
			return
		}
		q := enquireFor(t, e, s, &r.Request)
		area := orb.MultiPolygon(reach.Features[0].Geometry)
		for range 6 {
			edge := rapid.IntRange(0, s.network.Len()-1).Draw(t, "edge")
			along := rapid.Float64Range(0, 1).Draw(t, "along") * s.network.Edge(edge).LengthM
			p := s.network.Edge(edge).At(along)
			best := math.Inf(1)
			for _, from := range r.Points {
				at := q.snapAll([]orb.Point{from})
				w := q.weigher(nil)
				path, err := s.network.Dijkstra(t.Context(), at[0].Position, road.Position{Edge: edge, AlongM: along}, func(s road.Stretch) (float64, bool) {
					time, _ := w.cost(s)
					return float64(time), time < cch.Infinity
				})
				if err == nil {
					best = min(best, path.Cost/10+at[0].accessS)
				}
			}
			if best <= minutes*60-5 {
				inside++
				if !overlay.Contains(area, p) {
					t.Fatalf("%v is reached in %.0f s of %.0f but lies outside", p, best, minutes*60)
				}
			} else if math.IsInf(best, 1) {
				outside++
			}
		}
		if reach.Features[0].Properties.RoadKm > 0 && reach.Features[0].Properties.AreaKm2 <= 0 {
			t.Fatal("roads without an area")
		}
	})
	if inside == 0 || outside == 0 {
		t.Errorf("%d places inside, %d outside", inside, outside)
	}
}

// What is reached within a risk is part of what is reached in the time, and
// without a practical limit all of it.
func TestReachWithinARisk(t *testing.T) {
	e := NewEngine(EngineOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		r := ReachRequest{Request: drawQuestion(t, s), Minutes: []float64{10, 30}}
		r.Points = r.Points[:1]
		free, err := e.Reach(t.Context(), s.world(), r)
		if err != nil {
			return
		}
		before := 0.0
		for _, risk := range []float64{0, .01, .1, 50} {
			r.MaxRisk = &risk
			bound, err := e.Reach(t.Context(), s.world(), r)
			if err != nil {
				t.Fatal(err)
			}
			got, most := bound.Features[1].Properties.RoadKm, free.Features[1].Properties.RoadKm
			if got < before-.01 || got > most+.05 || risk == 50 && got < most-.05 {
				t.Fatalf("%v km within risk %v, before %v, in all %v", got, risk, before, most)
			}
			if bound.Features[0].Properties.RoadKm > got {
				t.Fatal("less in more time")
			}
			before = got
		}
	})
}

// The set to clear opens a way, no smaller one does, and what is said of the
// bounds is true.
func TestReopenAgainstBruteForce(t *testing.T) {
	e := NewEngine(EngineOptions{})
	needed, optimal := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		for range rapid.IntRange(0, 9).Draw(t, "closures") {
			s.put("roadblocks", drawPlace(t, "closure"), map[string]any{
				"subtype": "police_closure", "precision_m": rapid.SampledFrom([]float64{300, 1200, 2500}).Draw(t, "precision"),
			})
		}
		if rapid.Bool().Draw(t, "closed section") {
			s.put("national-roads", orb.MultiLineString{{drawPlace(t, "from"), drawPlace(t, "to")}}, map[string]any{"ref": "RN2", "status": "closed"})
		}
		r := ReopenRequest{Request: drawQuestion(t, s)}
		r.Points, r.Avoid, r.Except, r.WhatIf, r.Ignore = r.Points[:2], nil, nil, WhatIf{}, nil
		r.Vehicle = "foot" // may go everywhere
		got, err := e.Reopen(t.Context(), s.world(), r)
		if err != nil {
			if geo.CodeOf(err) != geo.CodeUnprocessable {
				t.Fatal(err)
			}
			return
		}
		q := enquireFor(t, e, s, &r.Request)
		at, err := q.snaps()
		if err != nil {
			t.Fatal(err)
		}
		p := q.pricing(kindFastest, nil)
		list := q.barricades(&p).list
		connects := func(set []barrier) bool {
			_, err := q.fast.legs(t.Context(), q.lifted(set), kindFastest, nil, at)
			return err == nil
		}
		fewest := -1
		if len(list) <= 10 {
			for bits := range 1 << len(list) {
				var set []barrier
				for i, b := range list {
					if bits>>i&1 == 1 {
						set = append(set, b)
					}
				}
				if (fewest < 0 || len(set) < fewest) && connects(set) {
					fewest = len(set)
				}
			}
		}
		switch {
		case got.Connected != (fewest == 0):
			t.Fatalf("connected %v, but the fewest are %d", got.Connected, fewest)
		case !got.Possible:
			if fewest >= 0 {
				t.Fatalf("said to be impossible, but %d suffice", fewest)
			}
		case got.LowerBound > fewest, len(got.Blockages) < fewest, got.Optimal && len(got.Blockages) != fewest:
			t.Fatalf("%d blockages, at least %d, optimal %v; by brute force %d of %d", len(got.Blockages), got.LowerBound, got.Optimal, fewest, len(list))
		case got.After == nil:
			t.Fatal("no way afterwards")
		}
		if fewest > 0 {
			needed++
			if got.Optimal {
				optimal++
			}
		}
	})
	if needed == 0 || optimal*2 < needed {
		t.Errorf("%d of %d are optimal", optimal, needed)
	}
}

// The same question has the same answer, byte for byte, from any engine.
func TestEnquiriesAreDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawSchedules(t, s)
		r := drawQuestion(t, s)
		w := s.world()
		ask := func(e *Engine) []any {
			var out []any
			put := func(a any, err error) {
				if err != nil {
					a = err.Error()
				}
				out = append(out, a)
			}
			alternatives, err := e.Alternatives(t.Context(), w, AlternativesRequest{Request: r, Count: 5})
			put(alternatives, err)
			varied := AlternativesRequest{Request: r, Count: 5, Varied: true}
			varied.Seed = 42
			alternatives, err = e.Alternatives(t.Context(), w, varied)
			put(alternatives, err)
			passage, err := e.Passage(t.Context(), w, PassageRequest{r, []string{IncludeDepartures, IncludeCounterfactual, IncludeEscape}})
			put(passage, err)
			isolation, err := e.Isolation(t.Context(), w, IsolationRequest{r})
			put(isolation, err)
			two := r
			two.Points = two.Points[:2]
			reopen, err := e.Reopen(t.Context(), w, ReopenRequest{two})
			put(reopen, err)
			hazards, _, err := e.Hazards(t.Context(), w, HazardRequest{r})
			put(hazards, err)
			return out
		}
		one, other := NewEngine(EngineOptions{Threads: 1}), NewEngine(EngineOptions{Threads: 3})
		a, b, again := ask(one), ask(other), ask(one)
		for i := range a {
			x, y, z := marshal(t, a[i]), marshal(t, b[i]), marshal(t, again[i])
			if x != y || x != z {
				t.Fatalf("answer %d:\n%s\n%s\n%s", i, x, y, z)
			}
		}
	})
}
