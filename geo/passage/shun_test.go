package passage

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/exclusion"
)

func TestHazardsForOtherEngines(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := twoRoads(t).
		put("roadblocks", place(5, 0), map[string]any{"subtype": "police_closure", "precision_m": 80.0}).
		put("roadblocks", place(6, 0), map[string]any{"subtype": "toll_post"}).
		put("roadblocks", place(7, 0), map[string]any{"subtype": "bridge_out", "state": "cleared"}).
		put("controlled-zones", box(8, -1, 9, 1), map[string]any{"control_type": "contested"}).
		put("controlled-zones", box(10, -1, 11, 1), map[string]any{"control_type": "controlled"}).
		put("controlled-zones", box(12, -1, 13, 1), map[string]any{"control_type": "state_held"}).
		put("national-roads", orb.MultiLineString{{place(0, 8), place(20, 8)}}, map[string]any{"ref": "RN3", "status": "closed"})
	first, last := 3, len(s.versions)
	r := HazardRequest{ask(Request{WhatIf: WhatIf{Close: []orb.Geometry{place(1, 1)}}})}
	hazards, closed, err := e.Hazards(t.Context(), s.world(), r)
	if err != nil || closed == nil {
		t.Fatal(err, closed)
	}
	var got []string
	for _, h := range hazards {
		got = append(got, h.Collection)
		if h.Collection == "roadblocks" && (h.ID != s.versions[first-1].ID || h.RadiusM < 80) {
			t.Errorf("roadblock %+v", h)
		}
		if h.Collection == "national-roads" && h.ID != s.versions[last-1].ID {
			t.Errorf("section %+v", h)
		}
	}
	slices.Sort(got)
	if want := []string{"", "controlled-zones", "controlled-zones", "national-roads", "roadblocks"}; !slices.Equal(got, want) {
		t.Errorf("hazards %v", got)
	}
	if _, err := exclusion.Valhalla(hazards, exclusion.DefaultValhalla); err != nil {
		t.Error(err)
	}
	if _, err := exclusion.OpenRouteService(hazards, exclusion.DefaultOpenRouteService); err != nil {
		t.Error(err)
	}
	// What lets an ambulance through is no hazard to it.
	s.versions = s.versions[:2]
	s.put("roadblocks", place(5, 0), map[string]any{"subtype": "barricade_manned", "emergency_passable": "yes"})
	ambulance, _, err := e.Hazards(t.Context(), s.world(), HazardRequest{ask(Request{Vehicle: "ambulance", Profile: "ambulance"})})
	if err != nil || len(ambulance) != 0 {
		t.Errorf("an ambulance shuns %v %v", ambulance, err)
	}
}

// Closed roads are named by the nodes on both sides of what closes them.
func TestClosedRoadsForOSRM(t *testing.T) {
	first := national("RN8", place(0, 0), place(5, 0), place(10, 0))
	first.Nodes = []int64{101, 102, 103}
	second := national("RN8", place(10, 0), place(15, 0), place(20, 0))
	second.Nodes = []int64{103, 0, 105} // a vertex that OpenStreetMap does not know
	foot := national("RN8", place(10, 0), place(10, 5))
	foot.Nodes, foot.Access = []int64{103, 106}, ^uint16(1)&(1<<11-1)
	s := newScene().build(t, first, second, foot).
		put("roadblocks", place(7, 0), map[string]any{"subtype": "police_closure", "precision_m": 80.0}).
		put("roadblocks", place(12, 0), map[string]any{"subtype": "police_closure", "precision_m": 80.0}).
		put("roadblocks", place(10, 3), map[string]any{"subtype": "police_closure", "precision_m": 80.0})
	_, closed, err := NewEngine(EngineOptions{}).Hazards(t.Context(), s.world(), HazardRequest{ask(Request{})})
	if err != nil {
		t.Fatal(err)
	}
	if want := [][2]int64{{102, 103}}; !slices.Equal(closed, want) {
		t.Errorf("closed %v, want %v", closed, want)
	}
}

// Without a network there is nothing to look for ways on; with one on which
// nothing passable connects, the only way is the one that Find gives.
func TestEnquiriesWithoutAWay(t *testing.T) {
	e := NewEngine(EngineOptions{})
	nowhere := newScene()
	requests := func(w *scene, ctx context.Context) map[string]error {
		points := ask(Request{Points: westToEast})
		out := map[string]error{}
		_, out["alternatives"] = e.Alternatives(ctx, w.world(), AlternativesRequest{Request: points})
		_, out["reach"] = e.Reach(ctx, w.world(), ReachRequest{Request: points, Minutes: []float64{10}})
		_, out["table"] = e.Table(ctx, w.world(), TableRequest{Request: points, Sources: westToEast, Targets: westToEast})
		_, out["isolation"] = e.Isolation(ctx, w.world(), IsolationRequest{points})
		_, out["reopen"] = e.Reopen(ctx, w.world(), ReopenRequest{points})
		return out
	}
	for name, err := range requests(nowhere, t.Context()) {
		if geo.CodeOf(err) != geo.CodeUnprocessable {
			t.Errorf("%s without a network: %v", name, err)
		}
	}
	s := twoRoads(t)
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for name, err := range requests(s, cancelled) {
		if !errors.Is(err, context.Canceled) && geo.CodeOf(err) != geo.CodeUnavailable {
			t.Errorf("%s when cancelled: %v", name, err)
		}
	}
	s.put("roadblocks", place(10, 0), map[string]any{"subtype": "trench_ditch"}).put("roadblocks", place(10, 8), map[string]any{"subtype": "trench_ditch"})
	out, err := e.Alternatives(t.Context(), s.world(), AlternativesRequest{Request: ask(Request{Points: westToEast}), Count: 3})
	if err != nil || len(out.Answers) != 1 || out.Answers[0].Answer.Advice != "not_passable" || len(out.Frontier.Points) != 0 || out.Frontier.Knee != nil {
		t.Errorf("%v %s", err, marshal(t, out))
	}
	found, err := e.Find(t.Context(), s.world(), ask(Request{Points: westToEast}))
	if err != nil || encode(t, found) != marshal(t, out.Answers[0].Answer) {
		t.Errorf("Find answers otherwise: %v", err)
	}
	table, err := e.Table(t.Context(), s.world(), TableRequest{Request: ask(Request{}), Sources: westToEast[:1], Targets: westToEast})
	if err != nil || table.DurationsS[0][1] != nil || table.Reached[0] != 1 {
		t.Errorf("%v %s", err, marshal(t, table))
	}
}
