package passage

import (
	"math"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// RN2 has a toll on the south branch that opens later in the day; the north
// branch is some eight kilometres longer, on streets.
func gated(t failer, schedule string) *scene {
	return fork(t).put("roadblocks", place(20, -2), map[string]any{"subtype": "toll_post", "schedule": schedule})
}

func TestWaitingAgainstGoingRound(t *testing.T) {
	across := Request{Points: acrossFork} // departs at 09:00, is there after half an hour or so
	for _, c := range []struct {
		schedule string
		north    bool
	}{
		{"00:00-24:00", false},
		{"09:40-21:00", false}, // some minutes' wait
		{"20:00-06:00", true},  // eleven hours' wait
	} {
		a := gated(t, c.schedule).find(t, across)
		if goesNorth(a) != c.north {
			t.Errorf("%s: goes north %v, %v", c.schedule, goesNorth(a), kinds(a))
		}
		waits := c.schedule == "09:40-21:00"
		if (a.NextOpening != nil) != waits {
			t.Errorf("%s: next opening %+v", c.schedule, a.NextOpening)
		}
		if waits {
			n := a.NextOpening
			if !n.Waited || n.WaitS <= 0 || n.WaitS > 20*60 || !n.At.Equal(saturday.Add(40*time.Minute)) {
				t.Errorf("next opening %+v", n)
			}
			at := slices.IndexFunc(a.Reasons, func(r Reason) bool { return r.Kind == "roadblock" })
			if at < 0 || *a.Reasons[at].Passability != "pay" || a.Reasons[at].Effect != "passable_with_conditions" {
				t.Errorf("reasons %v", kinds(a))
			}
			if open := gated(t, "24/7").find(t, across); math.Abs(a.DurationS-open.DurationS-n.WaitS) > 1 {
				t.Errorf("%v s with a wait of %v, %v s without", a.DurationS, n.WaitS, open.DurationS)
			}
		}
	}
	only := fork(t).put("roadblocks", place(20, 10), map[string]any{"subtype": "fixed_barrier"}).
		put("roadblocks", place(20, -2), map[string]any{"subtype": "toll_post", "schedule": "20:00-06:00"})
	if a := only.find(t, across); a.NextOpening == nil || !a.NextOpening.Waited || slices.Contains(kinds(a), "roadblock:not_passable") {
		t.Errorf("waits where there is no other way: %v", kinds(a))
	}
	// A line is checked as it is; when it would open is said all the same.
	a := openRoad(t).put("roadblocks", place(12, 0), map[string]any{"subtype": "toll_post", "schedule": "12:00-21:00"}).find(t, Request{Line: straight})
	if a.Advice != "not_passable" || a.NextOpening == nil || a.NextOpening.Waited || !a.NextOpening.At.Equal(saturday.Add(3*time.Hour)) {
		t.Errorf("%s, next opening %+v", a.Advice, a.NextOpening)
	}
	hopeless := openRoad(t).put("roadblocks", place(12, 0), map[string]any{"subtype": "toll_post", "schedule": "12:00-21:00"}).
		put("roadblocks", place(20, 0), map[string]any{"subtype": "trench_ditch"}).find(t, Request{Line: straight})
	if hopeless.NextOpening != nil {
		t.Errorf("waiting does not fill a trench: %+v", hopeless.NextOpening)
	}
}

func TestTollRange(t *testing.T) {
	s := openRoad(t).
		put("roadblocks", place(10, 0), map[string]any{"subtype": "toll_post", "toll": `[
			{"vehicle_class":"car","amount":500,"currency":"HTG","unit":"trip","observed_at":"2025-11-01"},
			{"vehicle_class":"car","amount":750,"currency":"HTG","unit":"trip","observed_at":"2025-11-10"},
			{"vehicle_class":"car","amount":400,"currency":"HTG","unit":"trip"},
			{"vehicle_class":"truck_20t","amount":9000,"currency":"HTG","unit":"trip"},
			{"amount":1,"currency":"HTG","unit":"trip","observed_at":"2025-11-14"},
			{"vehicle_class":"car","amount":90,"currency":"USD","unit":"trip","observed_at":"2025-11-14"}]`}).
		put("roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "toll": `[{"amount":100,"currency":"HTG","unit":"trip"}]`}).
		put("roadblocks", place(30, 0), map[string]any{"subtype": "toll_post"})
	got := s.find(t, Request{Line: straight}).Tolls
	if got.Count != 3 || *got.TotalHTG != 850 || *got.LowHTG != 500 || *got.HighHTG != 850 || len(got.Classes) != len(geo.VehicleClasses) {
		t.Errorf("%+v", got)
	}
	at := slices.IndexFunc(got.Classes, func(c ClassToll) bool { return c.Vehicle == "truck_20t" })
	if c := got.Classes[at]; c.Known != 2 || c.TotalHTG != 9100 {
		t.Errorf("%+v", c)
	}
}

func TestRefuges(t *testing.T) {
	hospital := func(name, state string) map[string]any {
		return map[string]any{"facility_type": "hospital", "functional": state, "name_fr": name}
	}
	s := openRoad(t).
		put("facilities", place(10, 1), hospital("A", "full")).
		put("facilities", place(25, .5), hospital("B", "partial")).
		put("facilities", place(26, .5), hospital("shut", "none")).
		put("facilities", place(27, .5), hospital("unknown", "unknown")).
		put("facilities", place(28, 3), hospital("far", "full")).
		put("facilities", place(29, .5), map[string]any{"facility_type": "school", "functional": "full"}).
		put("police-facilities", place(30, .2), map[string]any{"facility_type": "police_commissariat", "functional": "full", "name_fr": "P"})
	names := func(profile string) (out []string) {
		for _, r := range s.find(t, Request{Line: straight, Profile: profile}).Refuges {
			out = append(out, *r.Name)
		}
		return out
	}
	if got := names("ambulance"); !slices.Equal(got, []string{"A", "B"}) {
		t.Errorf("ambulance: %v", got)
	}
	if got := names("police_isolated_check"); !slices.Equal(got, []string{"A", "B", "P"}) {
		t.Errorf("police: %v", got)
	}
	r := s.find(t, Request{Line: straight}).Refuges[0]
	if math.Abs(r.Km-10.56) > .02 || math.Abs(r.DistanceM-1107) > 3 || r.Functional != "full" || r.AgeH == nil {
		t.Errorf("%+v", r)
	}
}

func TestLegsAndRisk(t *testing.T) {
	s := openRoad(t).put("controlled-zones", box(10, -1, 20, 1), map[string]any{"control_type": "contested"}).
		put("controlled-zones", box(20, -1, 25, 1), map[string]any{"control_type": "state_held"}).
		put("controlled-zones", box(39, -1, 42, 1), map[string]any{"control_type": "controlled"})
	a := s.find(t, Request{Line: straight})
	var got []string
	total, known, unknown := 0.0, 0.0, 0.0
	for _, l := range a.Legs {
		control := "-"
		if l.ControlType != nil {
			control = *l.ControlType
			if l.Confidence == nil {
				t.Errorf("leg without a confidence: %+v", l)
			}
		}
		got = append(got, control)
		total += l.LengthM
		known += l.RiskKnown
		unknown += l.RiskUnknown
		if l.AgeH == nil || len(l.Evidence) == 0 {
			t.Errorf("leg without evidence: %+v", l)
		}
	}
	if !slices.Equal(got, []string{"-", "contested", "state_held", "-", "controlled"}) || math.Abs(total-a.LengthM) > 1 {
		t.Errorf("legs %v of %v m", got, total)
	}
	if math.Abs(known-a.Risk.Known) > 1e-4 || math.Abs(unknown-a.Risk.Unknown) > 1e-4 || a.Risk.Known <= 0 || a.Risk.Unknown != 0 || a.Risk.Entries != 2 {
		t.Errorf("risk %+v, of the legs %v %v", a.Risk, known, unknown)
	}
	if a.Risk.WorstLeg < a.Legs[1].RiskKnown-1e-5 || a.Risk.Model == "" || a.Risk.Band == "unknown" {
		t.Errorf("risk %+v", a.Risk)
	}
	if !slices.ContainsFunc(a.Reasons, func(r Reason) bool { return r.Kind == "access" && r.Text.English[:7] == "The end" }) {
		t.Errorf("the end inside a zone is no reason: %v", kinds(a))
	}
	silent := newScene().build(t, national("RN2", straight...)).find(t, Request{Line: straight})
	if silent.Risk.Known != 0 || silent.Risk.Band != "unknown" {
		t.Errorf("without news: %+v", silent.Risk)
	}
	s.audience = geo.Public
	if a := s.find(t, Request{Line: straight}); a.Risk.Band != "unknown" {
		t.Errorf("withheld: %+v", a.Risk)
	}
}

// The lawful edge is found, not the nearest; a limit of the road counts.
func TestLimitsOfRoads(t *testing.T) {
	low := street(place(10, 0), place(30, 0))
	low.MaxLoadT = 10
	s := newScene().build(t, street(place(0, 0), place(10, 0)), low, street(place(10, 0), place(20, 5), place(30, 0)), street(place(30, 0), place(40, 0)))
	long := func(vehicle string) bool {
		a := s.find(t, Request{Points: []orb.Point{place(1, 0), place(39, 0)}, Vehicle: vehicle})
		return slices.Contains(a.Geometry, place(20, 5))
	}
	if long("truck_10t") || !long("truck_20t") {
		t.Errorf("10 t goes round: %v, 20 t: %v", long("truck_10t"), long("truck_20t"))
	}
	a := s.find(t, Request{Points: []orb.Point{place(20, 0), place(39, 0)}, Vehicle: "truck_20t"})
	if !slices.Contains(kinds(a), "access:no_reported_obstacle") {
		t.Errorf("a start on a bridge that does not bear the lorry: %v", kinds(a))
	}
}

// A line between two roads that run side by side keeps to the one it began on.
func TestLineFollowsConnectedEdges(t *testing.T) {
	s := newScene().build(t,
		national("RN2", place(0, 0), place(10, 0)), national("RN2", place(10, 0), place(20, 0)), national("RN2", place(20, 0), place(30, 0)),
		national("RN7", place(0, .15), place(30, .15)),
	)
	line := orb.LineString{place(0, 0), place(9, .01), place(14, .076), place(21, .02), place(30, 0)}
	r := Request{Line: line, Vehicle: "car", Profile: "commercial"}.Resolve(saturday, &s.model)
	q := newQuestion(s.world(), &r, lazyGround(s.world(), r.At), newCaller(defaultPolicy(), r.Vehicle, r.Profile))
	for _, p := range q.follow(line).pieces {
		if p.edge == nil || p.edge.Refs[0] != "RN2" {
			t.Errorf("a piece of %.0f m lies on %+v", p.length(), p.edge)
		}
	}
}
