package passage

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/overlay"
)

// The acceptance tests of the route engine: first the capabilities that it is
// built for, then the ten features that set it apart from other engines.

func id(n int) uuid.UUID {
	return uuid.UUID{0, 0, 0, 0, 0, 0, 0x40, 0, 0x80, 0, 0, 0, 0, 0, byte(n >> 8), byte(n)}
}

func ask(r Request) Request {
	if r.Vehicle == "" {
		r.Vehicle = "car"
	}
	if r.Profile == "" {
		r.Profile = "humanitarian_cargo"
	}
	return r.Resolve(saturday, &geo.DefaultModel)
}

func findBy(t *testing.T, e *Engine, s *scene, r Request) *Answer {
	t.Helper()
	a, err := e.Find(t.Context(), s.world(), ask(r))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// A road with a toll that works from Friday to Sunday can be passed on
// conditions on Saturday and not on Tuesday, with the reason, its age and its
// confidence. Without observations nobody knows on either day.
func TestRouteAnswerWithReasonsPerVehicleAndDeparture(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := openRoad(t).put("roadblocks", place(12, 0), weekendToll)
	ends := []orb.Point{straight[0], straight[2]}
	for _, question := range []Request{{Line: straight}, {Points: ends}} {
		for _, c := range []struct {
			depart time.Time
			advice string
		}{{saturday, "passable_with_conditions"}, {tuesday, "not_passable"}} {
			question.DepartAt = c.depart
			a := findBy(t, e, s, question)
			if a.Advice != c.advice || len(a.Reasons) != 1 {
				t.Fatalf("%s: %s %v", c.depart.Weekday(), a.Advice, kinds(a))
			}
			if r := a.Reasons[0]; r.AgeH == nil || r.Confidence == nil || *r.Schedule != "Fr-Su" || r.Effect != c.advice {
				t.Errorf("%s: reason %s", c.depart.Weekday(), marshal(t, r))
			}
			silent := newScene().build(t, national("RN2", straight...))
			if a := findBy(t, e, silent, question); a.Advice != "insufficient_information" {
				t.Errorf("%s without observations: %s", c.depart.Weekday(), a.Advice)
			}
		}
	}
}

func isolationBy(t *testing.T, e *Engine, s *scene, vehicle string) *Isolation {
	t.Helper()
	i, err := e.Isolation(t.Context(), s.world(), IsolationRequest{ask(Request{Vehicle: vehicle})})
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// The capital's isolation index, its corridors and whether it is besieged, by
// vehicle class.
func TestIsolationIndexOfTheCapital(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := portAuPrince(t)
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 1e-9 {
			t.Errorf("%s is %v, want %v", what, got, want)
		}
	}
	open := isolationBy(t, e, s, "truck_20t")
	near("I1 of trucks with all open", open.I1.Low, .05)
	near("I1 of trucks with all open", open.I1.High, .05)
	for _, ref := range []string{"RN1", "RN2", "RN3", "RN8"} {
		s = s.status(t, "national-roads", "ref", ref, "status", "closed")
	}
	shut := isolationBy(t, e, s, "truck_20t")
	near("I1 of trucks with the national roads closed", shut.I1.Low, .75)
	near("I1 of trucks with the national roads closed", shut.I1.High, .75)
	if shut.I3.Siege != isolation.No {
		t.Errorf("besieged: %s, but ports and the mountain road are open", shut.I3.Siege)
	}
	for _, g := range shut.I1.Gates {
		if strings.HasPrefix(g.ID, "rn") && (g.Status != isolation.Closed || len(g.Reasons) == 0 || g.Reasons[0].Collection != "national-roads") {
			t.Errorf("gate %s: %s", g.ID, marshal(t, g))
		}
	}
	s = s.status(t, "ports", "code", "port-apn", "functional", "none").status(t, "airports", "code", "airport-mtpp", "functional", "none").
		status(t, "national-roads", "ref", "RD9", "status", "closed")
	if got := isolationBy(t, e, s, "suv4x4"); got.I3.Siege != isolation.Yes {
		t.Errorf("besieged: %s with everything closed", got.I3.Siege)
	}
	before := isolationBy(t, e, s, "truck_20t")
	reopened := isolationBy(t, e, s.status(t, "national-roads", "ref", "RN8", "status", "open"), "truck_20t")
	near("what reopening RN8 takes off I1", before.I1.Low-reopened.I1.Low, .13)
	if reopened.I2.Passable != before.I2.Passable+1 {
		t.Errorf("I2 was %d and is %d", before.I2.Passable, reopened.I2.Passable)
	}
}

// A functional facility that is ringed by what nobody passes cannot be reached;
// once the block stands elsewhere it can.
func TestFunctionalButCutOff(t *testing.T) {
	e := NewEngine(EngineOptions{})
	station := place(7, 7)
	ring := func(at ...orb.Point) *scene {
		s := grid(t).put("facilities", station, map[string]any{"facility_type": "hospital", "functional": "full"})
		for _, p := range at {
			s.put("roadblocks", p, map[string]any{"subtype": "police_closure", "precision_m": 150.0})
		}
		return s
	}
	target := grid(t).network
	corner, _ := target.Snap(station, 2000)
	var doors []orb.Point
	for i := range target.Len() {
		if edge := target.Edge(i); edge.From == cornerOf(target, corner.Point) || edge.To == cornerOf(target, corner.Point) {
			doors = append(doors, edge.At(edge.LengthM/2))
		}
	}
	if len(doors) != 2 {
		t.Fatalf("%d streets lead to the station", len(doors))
	}
	reach := func(s *scene) (inside bool, seconds *float64) {
		r, err := e.Reach(t.Context(), s.world(), ReachRequest{Request: ask(Request{Points: corners()[:1]}), Minutes: []float64{240}})
		if err != nil {
			t.Fatal(err)
		}
		table, err := e.Table(t.Context(), s.world(), TableRequest{Request: ask(Request{}), Sources: corners()[:1], Targets: []orb.Point{target.Junction(cornerOf(target, corner.Point))}})
		if err != nil {
			t.Fatal(err)
		}
		return overlay.Contains(orb.MultiPolygon(r.Features[0].Geometry), target.Junction(cornerOf(target, corner.Point))), table.DurationsS[0][0]
	}
	if inside, seconds := reach(ring(doors...)); inside || seconds != nil {
		t.Errorf("ringed: inside the reach %v, %v s", inside, seconds)
	}
	if inside, seconds := reach(ring(doors[0], place(1.5, 4))); !inside || seconds == nil {
		t.Errorf("one block moved away: inside the reach %v", inside)
	}
}

// An area that is avoided but excepted along RN8 is crossed on RN8, with the
// toll there; without the exception the way goes round.
func TestExceptCorridorThroughAnAvoidedZone(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := twoRoads(t).
		put("controlled-zones", box(7, -2, 13, 2), map[string]any{"control_type": "controlled"}).
		put("roadblocks", place(10, 0), map[string]any{"subtype": "toll_post", "road_ref": "RN8", "est_crossing_min": 5.0,
			"toll": `[{"vehicle_class":"car","amount":750,"currency":"HTG","unit":"trip"}]`})
	r := Request{Points: westToEast, Avoid: []Avoidance{{Area: box(7, -2, 13, 2)}}}
	a := findBy(t, e, s, r)
	if a.LengthM < 30_000 || a.Tolls.Count != 0 {
		t.Errorf("without the exception: %v m, tolls %s", a.LengthM, marshal(t, a.Tolls))
	}
	r.Except = []Exception{{Ref: "RN8"}}
	a = findBy(t, e, s, r)
	if a.LengthM > 25_000 || a.Tolls.TotalHTG == nil || *a.Tolls.TotalHTG != 750 {
		t.Errorf("with the exception: %v m, tolls %s", a.LengthM, marshal(t, a.Tolls))
	}
}

// 1. A start inside danger is an explicit leg with its length, its risk and its
// evidence: no error, no silent move of the start, no dropped area.
func TestEndpointInDangerIsAPricedLeg(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := twoRoads(t).put("controlled-zones", box(-2, -2, 3, 3), map[string]any{"control_type": "contested", "confidence": .9})
	zone := s.versions[len(s.versions)-1].ID
	for name, r := range map[string]Request{
		"start":         {Points: []orb.Point{place(1, 0), place(20, 0)}},
		"end":           {Points: []orb.Point{place(20, 0), place(1, 0)}},
		"start avoided": {Points: []orb.Point{place(1, 0), place(20, 0)}, Avoid: []Avoidance{{Area: box(-2, -2, 3, 3)}}},
	} {
		a := findBy(t, e, s, r)
		at := slices.IndexFunc(a.Legs, func(l Leg) bool { return l.ControlType != nil && *l.ControlType == "contested" })
		if at < 0 || !slices.Contains(a.Legs[at].Evidence, zone) || a.Legs[at].RiskKnown <= 0 || math.Abs(a.Legs[at].LengthM-2110) > 50 {
			t.Errorf("%s: legs %s", name, marshal(t, a.Legs))
		}
		if a.Advice != "negotiation_needed" || math.Abs(a.Geometry[0][0]-r.Points[0][0]) > 1e-4 {
			t.Errorf("%s: %s from %v", name, a.Advice, a.Geometry[0])
		}
		if r.Avoid != nil && !slices.ContainsFunc(a.Reasons, func(x Reason) bool { return x.Kind == "avoid" && *x.LengthM > 2000 }) {
			t.Errorf("%s: reasons %v", name, kinds(a))
		}
	}
}

// 2. Every metre of exposure names its evidence, and what the answer would be
// without a report is told in words.
func TestEvidencePerLegAndCounterfactual(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := twoRoads(t).put("roadblocks", place(10, 0), map[string]any{"subtype": "barricade_manned", "actor_type": "gang", "road_ref": "RN8", "name_fr": "Pont"})
	block := s.versions[len(s.versions)-1].ID
	p, err := e.Passage(t.Context(), s.world(), PassageRequest{ask(Request{Points: westToEast}), []string{IncludeCounterfactual}})
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range p.Legs {
		if len(l.Evidence) == 0 || l.AgeH == nil {
			t.Errorf("leg %s", marshal(t, l))
		}
	}
	if len(p.Counterfactuals) != 1 || p.Counterfactuals[0].ID != block {
		t.Fatalf("counterfactuals %s", marshal(t, p.Counterfactuals))
	}
	c := p.Counterfactuals[0]
	saved := p.DurationS - c.DurationS
	if saved < 1000 || c.LengthM > 25_000 || !strings.Contains(c.Text.English, "you would go by RN8 and save "+duration(saved)) ||
		!strings.Contains(c.Text.French, "RN8") || !strings.Contains(c.Text.Haitian, "RN8") {
		t.Errorf("%s", marshal(t, c))
	}
	// It is the answer of the same world without the report.
	without := s.copy()
	without.versions = without.versions[:len(without.versions)-1]
	if a := findBy(t, e, without, Request{Points: westToEast}); a.DurationS != c.DurationS || a.Advice != c.Advice || a.LengthM != c.LengthM {
		t.Errorf("counterfactual %s, without the report %v s", marshal(t, c), a.DurationS)
	}
}

// 3. The frontier of time and risk is whole, has a knee and a rate of exchange,
// and says that it is complete.
func TestTimeRiskFrontierWithKneeAndExchange(t *testing.T) {
	e := NewEngine(EngineOptions{})
	out, err := e.Alternatives(t.Context(), threeRoads(t).world(), AlternativesRequest{Request: ask(Request{Points: westToEast})})
	if err != nil {
		t.Fatal(err)
	}
	f := out.Frontier
	if f.Status != FrontierComplete || len(f.Points) != 3 || f.Knee == nil || *f.Knee != 1 {
		t.Fatalf("frontier %s", marshal(t, f))
	}
	if !strings.Contains(f.Exchange.English, "less of its modelled risk") || !strings.Contains(f.Exchange.French, "% de son risque") {
		t.Errorf("exchange %s", marshal(t, f.Exchange))
	}
	for i, role := range []string{RoleFastest, RoleBalanced, RoleLeastRisk} {
		if out.Answers[i].Role != role {
			t.Fatalf("roles %s", marshal(t, out.Answers))
		}
	}
	if !strings.Contains(out.Answers[1].Difference.Text.English, "longer") || out.Answers[1].Difference.Risk >= 0 {
		t.Errorf("difference %s", marshal(t, out.Answers[1].Difference))
	}
}

// 4. Hazards fade and can be contradicted; an answer says as of when it holds,
// and an old world gives the answer it gave.
func TestHazardsDecayAndAreContradicted(t *testing.T) {
	e := NewEngine(EngineOptions{})
	block := map[string]any{"subtype": "toll_post", "actor_type": "gang", "road_ref": "RN2"}
	s := openRoad(t).put("roadblocks", place(12, 0), block)
	r := Request{Points: []orb.Point{straight[0], straight[2]}}
	first := findBy(t, e, s, r)
	r.At, r.DepartAt = saturday.AddDate(0, 0, 4), saturday.AddDate(0, 0, 4)
	later := findBy(t, e, s, r)
	at := func(a *Answer) Reason {
		i := slices.IndexFunc(a.Reasons, func(x Reason) bool { return x.Kind == "roadblock" })
		if i < 0 {
			t.Fatalf("no roadblock in %v", kinds(a))
		}
		return a.Reasons[i]
	}
	if *at(later).Confidence >= *at(first).Confidence || later.Risk.Known >= first.Risk.Known {
		t.Errorf("confidence %v then %v, risk %v then %v", *at(first).Confidence, *at(later).Confidence, first.Risk.Known, later.Risk.Known)
	}
	cleared := map[string]any{"subtype": "toll_post", "actor_type": "gang", "road_ref": "RN2", "state": "cleared"}
	r.At, r.DepartAt = saturday, saturday
	free := findBy(t, e, openRoad(t).put("roadblocks", place(12, 0), cleared), r)
	if len(free.Reasons) != 0 || free.Risk.Known >= first.Risk.Known {
		t.Errorf("cleared: %v, risk %v", kinds(free), free.Risk.Known)
	}
	if first.Revision != 7 || !first.ValidUntil.After(saturday) || !first.DateTime.Equal(saturday) {
		t.Errorf("revision %d, valid until %v", first.Revision, first.ValidUntil)
	}
	if again := findBy(t, e, s, r); encode(t, again) != encode(t, first) {
		t.Error("the same world answers otherwise")
	}
}

// 5. Where nothing connects, the smallest set of blockages to clear is named,
// with whom each reconnects and the way afterwards.
func TestNoRouteDiagnosis(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := twoRoads(t).
		put("roadblocks", place(10, 0), map[string]any{"subtype": "trench_ditch", "road_ref": "RN8", "code": "RB-8"}).
		put("roadblocks", place(5, 8), map[string]any{"subtype": "trench_ditch", "road_ref": "RN3"}).
		put("roadblocks", place(15, 8), map[string]any{"subtype": "bridge_out", "road_ref": "RN3"}).
		put("admin-areas", box(19, -1, 21, 1), map[string]any{"pcode": "HT0712", "level": int64(2), "name_fr": "Torbeck", "population": int64(70_000)})
	out, err := e.Reopen(t.Context(), s.world(), ReopenRequest{ask(Request{Points: westToEast})})
	if err != nil {
		t.Fatal(err)
	}
	if out.Connected || !out.Possible || len(out.Blockages) != 1 || *out.Blockages[0].Code != "RB-8" || !out.Optimal || out.LowerBound != 1 {
		t.Fatalf("%s", marshal(t, out))
	}
	if out.After == nil || out.After.Advice == "not_passable" || out.After.LengthM > 25_000 {
		t.Errorf("afterwards %s", marshal(t, out.After))
	}
	if len(out.Ranking) != 1 || out.Ranking[0].Population != 70_000 || out.Ranking[0].Places[0] != "Torbeck" {
		t.Errorf("ranking %s", marshal(t, out.Ranking))
	}
}

// 6. Who is cut off, how many independent ways lead out, and which roads are one
// blockage away from isolating people.
func TestIsolationReport(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := portAuPrince(t)
	i := isolationBy(t, e, s, "car")
	if i.I2.Passable != 4 || i.I2.Open != 4 || len(i.CutOff) != 0 {
		t.Errorf("corridors %s, cut off %s", marshal(t, i.I2), marshal(t, i.CutOff))
	}
	if len(i.Components) != 1 || i.Components[0].Population != 987_308+300_000+100_000+150_000+120_000 {
		t.Errorf("components %s", marshal(t, i.Components))
	}
	at := slices.IndexFunc(i.Blockages, func(r IsolationRoad) bool { return r.Road == "RN1" })
	if at < 0 || i.Blockages[at].Population != 300_000 || i.Blockages[at].Places[0] != "Gonaïves" || len(i.Blockages[at].Geometry) == 0 {
		t.Errorf("one blockage from isolation: %s", marshal(t, i.Blockages))
	}
	if len(i.Matrix.From) != 2 || len(i.Matrix.To) != 4 || i.Matrix.Status[0][0] != isolation.Open {
		t.Errorf("matrix %s", marshal(t, i.Matrix))
	}
	s = s.status(t, "national-roads", "ref", "RN1", "status", "closed")
	i = isolationBy(t, e, s, "car")
	if len(i.CutOff) != 1 || i.CutOff[0].Name != "Gonaïves" || i.I2.Passable != 3 {
		t.Errorf("with RN1 closed: cut off %s, %d corridors", marshal(t, i.CutOff), i.I2.Passable)
	}
	silent := newScene()
	silent.network = s.network
	if got := isolationBy(t, e, silent, "car"); got.I1.Low > .01 || got.I1.High < .99 || got.I3.Siege != isolation.Uncertain {
		t.Errorf("without news I1 is from %v to %v, besieged %s", got.I1.Low, got.I1.High, got.I3.Siege)
	}
}

// 7. A way says where to turn back at the latest before the first grave hazard,
// and of several ways one is least hurt by the most likely next roadblocks.
func TestRobustWayNamesTheLastPlaceToTurnBack(t *testing.T) {
	e := NewEngine(EngineOptions{})
	line := orb.LineString{place(0, 0), place(5, 0), place(9, 0), place(20, 0)}
	s := newScene().build(t, national("RN2", line[0], line[1]), national("RN2", line[1], line[2]), national("RN2", line[2], line[3]),
		street(line[1], place(5, 3)), street(line[2], place(9, 3))).
		put("national-roads", orb.MultiLineString{line}, map[string]any{"ref": "RN2", "status": "open"}).
		put("controlled-zones", box(12, -1, 14, 1), map[string]any{"control_type": "contested"})
	p, err := e.Passage(t.Context(), s.world(), PassageRequest{ask(Request{Points: []orb.Point{line[0], line[3]}}), []string{IncludeEscape}})
	if err != nil {
		t.Fatal(err)
	}
	x := p.Escape
	if x == nil || x.IsStart || math.Abs(x.Km-9.5) > .2 || math.Abs(x.HazardKm-12.66) > .2 || x.ReturnS <= 0 || *x.HazardID != s.versions[len(s.versions)-1].ID {
		t.Fatalf("%s", marshal(t, x))
	}
	if free, err := e.Passage(t.Context(), openRoad(t).world(), PassageRequest{ask(Request{Points: []orb.Point{straight[0], straight[2]}}), []string{IncludeEscape}}); err != nil || free.Escape != nil {
		t.Errorf("without a hazard: %v %v", free.Escape, err)
	}
}

func TestRobustWayIsLeastHurtByTheNextRoadblocks(t *testing.T) {
	e := NewEngine(EngineOptions{})
	r := AlternativesRequest{Request: ask(Request{Points: westToEast})}
	roles := func(s *scene) (out []string, robust Alternative) {
		found, err := e.Alternatives(t.Context(), s.world(), r)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range found.Answers {
			out = append(out, a.Role)
			if a.Role == RoleRobust {
				robust = a
			}
		}
		return out, robust
	}
	if got, _ := roles(nearlyEqual(t)); !slices.Equal(got, []string{RoleFastest, RoleDistinct}) {
		t.Errorf("without likely roadblocks: %v", got)
	}
	got, robust := roles(nearlyEqual(t).
		put("roadblocks", place(8, 0), map[string]any{"subtype": "barricade_manned", "state": "intermittent", "passability": `{"car":"unknown"}`, "est_crossing_min": 0.0}).
		put("roadblocks", place(12, 0), map[string]any{"subtype": "burning_barricade", "state": "cleared"}))
	if !slices.Equal(got, []string{RoleFastest, RoleRobust}) {
		t.Fatalf("with two likely roadblocks on the fastest way: %v", got)
	}
	if text := robust.Difference.Text; robust.Difference.DurationS <= 0 || !strings.HasSuffix(text.English, "0 of 2; on the fastest: 2 of 2.") ||
		!strings.HasSuffix(text.French, "0 sur 2 ; sur le plus rapide : 2 sur 2.") || !strings.HasSuffix(text.Haitian, "0 sou 2; sou wout ki pi rapid la: 2 sou 2.") {
		t.Errorf("%s", marshal(t, robust.Difference))
	}
}

// 8. What is not known counts as risk of its own, and may be reason enough not
// to give a way.
func TestUnknownIsNotClear(t *testing.T) {
	e := NewEngine(EngineOptions{})
	observed := findBy(t, e, openRoad(t), Request{Points: []orb.Point{straight[0], straight[2]}})
	silent := findBy(t, e, newScene().build(t, national("RN2", straight...)), Request{Points: []orb.Point{straight[0], straight[2]}})
	if observed.Risk.Unknown != 0 || silent.Risk.Unknown <= 0 || silent.Risk.Known != 0 || silent.Risk.Band != "unknown" ||
		silent.Advice != "insufficient_information" {
		t.Errorf("observed %s, silent %s", marshal(t, observed.Risk), marshal(t, silent.Risk))
	}
	// The least risky way goes where somebody has looked.
	s := twoRoads(t)
	s.versions = s.versions[1:] // nobody has told of RN8
	out, err := e.Alternatives(t.Context(), s.world(), AlternativesRequest{Request: ask(Request{Points: westToEast})})
	if err != nil {
		t.Fatal(err)
	}
	last := out.Answers[len(out.Answers)-1].Answer
	if last.LengthM < 30_000 || last.Risk.Unknown != 0 {
		t.Errorf("least risk: %v m, %s", last.LengthM, marshal(t, last.Risk))
	}
}

// 9. After a change the same question has another verdict, with the report that
// changed it among the reasons.
func TestWatchedVerdictChangesWithAReport(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := openRoad(t)
	r := Request{Points: []orb.Point{straight[0], straight[2]}}
	before := findBy(t, e, s, r)
	s = s.copy().put("roadblocks", place(12, 0), map[string]any{"subtype": "police_closure", "road_ref": "RN2"})
	e.Refresh(t.Context(), s.world())
	after := findBy(t, e, s, r)
	if before.Advice != "no_reported_obstacle" || after.Advice != "not_passable" ||
		*after.Reasons[0].ID != s.versions[len(s.versions)-1].ID {
		t.Errorf("%s then %s %v", before.Advice, after.Advice, kinds(after))
	}
}

// 10. Near-optimal ways drawn by a seed, and the hours at which one gets through.
func TestUnpredictableWaysAndTimeWindows(t *testing.T) {
	e := NewEngine(EngineOptions{})
	r := AlternativesRequest{Request: ask(Request{Points: corners(), Seed: 3}), Count: 3, Varied: true}
	one, err := e.Alternatives(t.Context(), grid(t).world(), r)
	if err != nil {
		t.Fatal(err)
	}
	best := one.Answers[0].Answer.DurationS
	for _, a := range one.Answers[1:] {
		if a.Role != RoleVaried || a.Answer.DurationS > variedStretch*best+1 || a.Difference.SharedShare > mostShared {
			t.Errorf("%s: %v s, best %v, shared %v", a.Role, a.Answer.DurationS, best, a.Difference.SharedShare)
		}
	}
	again, err := e.Alternatives(t.Context(), grid(t).world(), r)
	if err != nil || marshal(t, one) != marshal(t, again) {
		t.Errorf("the same seed draws other ways: %v", err)
	}
	gate := openRoad(t).put("roadblocks", place(12, 0), map[string]any{"subtype": "community_gate", "road_ref": "RN2", "schedule": "05:00-19:00"})
	p, err := e.Passage(t.Context(), gate.world(), PassageRequest{ask(Request{Points: []orb.Point{straight[0], straight[2]}}), []string{IncludeDepartures}})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Departures) != 24 || !p.Departures[0].DepartAt.Equal(saturday) {
		t.Fatalf("departures %s", marshal(t, p.Departures))
	}
	for _, d := range p.Departures {
		arrival := d.DepartAt.In(time.FixedZone("", -5*3600)).Add(19 * time.Minute)
		if isOpen := arrival.Hour() >= 5 && arrival.Hour() < 19; isOpen != (d.WaitsS == 0) {
			t.Errorf("departure at %v: waits %v s, %s", arrival, d.WaitsS, d.Advice)
		}
	}
}
