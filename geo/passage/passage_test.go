package passage

import (
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

var weekendToll = map[string]any{
	"code": "RB-7", "name_fr": "Mariani", "subtype": "toll_post", "actor_type": "gang", "group_id": "mariani", "road_ref": "RN2",
	"schedule": "Fr-Su", "precision_m": 200.0, "references": []string{"T1", "T6"},
	"toll": `[{"vehicle_class":"car","amount":500,"currency":"HTG","unit":"trip"}]`,
}

func TestWeekendTollOnRN2(t *testing.T) {
	s := openRoad(t).put("roadblocks", place(12, 0), weekendToll)
	for _, q := range []struct {
		depart      time.Time
		advice      string
		passability string
	}{
		{saturday, "passable_with_conditions", "pay"},
		{tuesday, "not_passable", "no"},
	} {
		a := s.find(t, Request{Line: straight, DepartAt: q.depart})
		if a.Advice != q.advice {
			t.Errorf("%s: %s, want %s", q.depart.Weekday(), a.Advice, q.advice)
		}
		if a.LengthM < 40_000 {
			t.Errorf("the line has only %.0f m", a.LengthM)
		}
		if len(a.Reasons) != 1 {
			t.Fatalf("reasons %v", kinds(a))
		}
		r := a.Reasons[0]
		if r.Kind != "roadblock" || r.Effect != q.advice || *r.Passability != q.passability || *r.Schedule != "Fr-Su" ||
			r.AgeH == nil || r.Confidence == nil || *r.ConfidenceLabel == "" || *r.Sources != 2 || *r.AMRF != 3 {
			t.Errorf("%s: reason %s", q.depart.Weekday(), encode(t, a))
		}
		if wantAge := q.depart.Sub(saturday).Hours() + 12; *r.AgeH != wantAge {
			t.Errorf("age %v, want %v", *r.AgeH, wantAge)
		}
		if math.Abs(r.Km-12.66) > .1 {
			t.Errorf("km %v", r.Km)
		}
	}
	for _, depart := range []time.Time{saturday, tuesday} {
		a := newScene().build(t, national("RN2", straight...)).find(t, Request{Line: straight, DepartAt: depart})
		if a.Advice != "insufficient_information" || a.UnobservedM != a.LengthM {
			t.Errorf("without observations: %s, %v of %v m unobserved", a.Advice, a.UnobservedM, a.LengthM)
		}
	}
}

func TestInsufficientInformationKeepsTheReasons(t *testing.T) {
	s := newScene().build(t, national("RN2", straight...)).put("roadblocks", place(12, 0), weekendToll)
	a := s.find(t, Request{Line: straight, DepartAt: tuesday})
	if a.Advice != "insufficient_information" || !slices.Contains(kinds(a), "roadblock:not_passable") {
		t.Errorf("%s %v", a.Advice, kinds(a))
	}
}

func TestWithheldWorld(t *testing.T) {
	s := openRoad(t)
	s.audience = geo.Public
	a := s.find(t, Request{Line: straight})
	if a.Advice != "insufficient_information" || !strings.Contains(encode(t, a), "withheld from this audience") {
		t.Errorf("public: %s %v", a.Advice, kinds(a))
	}
}

func TestRoadblocks(t *testing.T) {
	off := orb.Point{place(12, 0)[0], place(12, 0)[1] + .002} // 221 m north
	for _, c := range []struct {
		name    string
		place   orb.Geometry
		values  map[string]any
		vehicle string
		profile string
		want    string
	}{
		{"toll", place(12, 0), map[string]any{"subtype": "toll_post"}, "car", "", "passable_with_conditions"},
		{"gate", place(12, 0), map[string]any{"subtype": "community_gate"}, "car", "", "passable_with_conditions"},
		{"gate, passability yes", place(12, 0), map[string]any{"subtype": "community_gate", "passability": `{"car":"yes"}`}, "car", "", "no_reported_obstacle"},
		{"gate is an obstacle for an ambulance", place(12, 0), map[string]any{"subtype": "community_gate", "passability": `{"ambulance":"yes"}`}, "ambulance", "ambulance", "passable_with_conditions"},
		{"police block is an obstacle for an ambulance", place(12, 0), map[string]any{"subtype": "fixed_barrier", "actor_type": "police", "emergency_passable": "yes"}, "ambulance", "ambulance", "passable_with_conditions"},
		{"emergency vehicles pass", place(12, 0), map[string]any{"subtype": "barricade_manned", "actor_type": "gang", "emergency_passable": "yes"}, "ambulance", "ambulance", "no_reported_obstacle"},
		{"but not a car", place(12, 0), map[string]any{"subtype": "barricade_manned", "actor_type": "gang", "emergency_passable": "yes"}, "car", "", "not_passable"},
		{"emergency vehicles do not pass", place(12, 0), map[string]any{"subtype": "toll_post", "emergency_passable": "no"}, "ambulance", "ambulance", "not_passable"},
		{"manned barricade", place(12, 0), map[string]any{"subtype": "barricade_manned"}, "truck_10t", "commercial", "not_passable"},
		{"manned barricade on foot", place(12, 0), map[string]any{"subtype": "barricade_manned"}, "foot", "", "negotiation_needed"},
		{"trench", place(12, 0), map[string]any{"subtype": "trench_ditch"}, "moto", "", "not_passable"},
		{"trench, motorcycles pass", place(12, 0), map[string]any{"subtype": "trench_ditch", "passability": `{"moto":"yes","car":"no"}`}, "moto", "", "no_reported_obstacle"},
		{"mines on foot", place(12, 0), map[string]any{"subtype": "mine_uxo"}, "foot", "", "not_passable"},
		{"police closure", place(12, 0), map[string]any{"subtype": "police_closure"}, "car", "", "not_passable"},
		{"flood", place(12, 0), map[string]any{"subtype": "flood"}, "car", "", "negotiation_needed"},
		{"other, held by the community", place(12, 0), map[string]any{"subtype": "other", "actor_type": "community"}, "car", "", "passable_with_conditions"},
		{"other, held by a gang", place(12, 0), map[string]any{"subtype": "other", "actor_type": "gang"}, "car", "", "negotiation_needed"},
		{"way to pass: free", place(12, 0), map[string]any{"subtype": "barricade_manned", "pass_mode": "free"}, "car", "", "no_reported_obstacle"},
		{"way to pass: card", place(12, 0), map[string]any{"subtype": "toll_post", "pass_mode": "pass_card"}, "car", "", "passable_with_conditions"},
		{"way to pass: negotiated", place(12, 0), map[string]any{"subtype": "toll_post", "pass_mode": "negotiated_humanitarian"}, "car", "", "negotiation_needed"},
		{"way to pass: escort", place(12, 0), map[string]any{"subtype": "toll_post", "pass_mode": "escort"}, "car", "", "negotiation_needed"},
		{"way to pass: impossible", place(12, 0), map[string]any{"subtype": "toll_post", "pass_mode": "impossible"}, "car", "", "not_passable"},
		{"way to pass: unknown", place(12, 0), map[string]any{"subtype": "toll_post", "pass_mode": "unknown"}, "car", "", "passable_with_conditions"},
		{"passability unknown", place(12, 0), map[string]any{"subtype": "toll_post", "passability": `{"car":"unknown"}`}, "car", "", "negotiation_needed"},
		{"passability of another class", place(12, 0), map[string]any{"subtype": "toll_post", "passability": `{"moto":"no"}`}, "car", "", "passable_with_conditions"},
		{"police at a gang's toll", place(12, 0), map[string]any{"subtype": "toll_post", "actor_type": "gang"}, "armoured", "police_isolated_check", "negotiation_needed"},
		{"too heavy", place(12, 0), map[string]any{"subtype": "road_damage", "passability": `{"truck_20t":"yes"}`, "max_load_t": 10.0}, "truck_20t", "", "not_passable"},
		{"light enough", place(12, 0), map[string]any{"subtype": "road_damage", "passability": `{"car":"yes"}`, "max_load_t": 10.0}, "car", "", "no_reported_obstacle"},
		{"schedule not readable", place(12, 0), map[string]any{"subtype": "toll_post", "schedule": "when they like"}, "car", "", "negotiation_needed"},
		{"schedule: off", place(12, 0), map[string]any{"subtype": "toll_post", "schedule": "off"}, "car", "", "not_passable"},
		{"schedule: now", place(12, 0), map[string]any{"subtype": "toll_post", "schedule": "05:30-21:00"}, "car", "", "passable_with_conditions"},
		{"schedule: on arrival, not on departure", place(30, 0), map[string]any{"subtype": "toll_post", "schedule": "05:30-09:20"}, "car", "", "not_passable"},
		{"schedule: not yet on departure", place(30, 0), map[string]any{"subtype": "toll_post", "schedule": "09:20-21:00"}, "car", "", "passable_with_conditions"},
		{"cleared", place(12, 0), map[string]any{"subtype": "barricade_manned", "state": "cleared"}, "car", "", "no_reported_obstacle"},
		{"archived", place(12, 0), map[string]any{"subtype": "barricade_manned", "state": "archived"}, "car", "", "no_reported_obstacle"},
		{"false", place(12, 0), map[string]any{"subtype": "barricade_manned", "state": "false"}, "car", "", "no_reported_obstacle"},
		{"disputed", place(12, 0), map[string]any{"subtype": "barricade_manned", "state": "disputed"}, "car", "", "not_passable"},
		{"stale, passed freely", place(12, 0), map[string]any{"subtype": "toll_post", "pass_mode": "free", "last_confirmed_at": saturday.AddDate(0, 0, -20)}, "car", "", "negotiation_needed"},
		{"stale toll", place(12, 0), map[string]any{"subtype": "toll_post", "last_confirmed_at": saturday.AddDate(0, 0, -20)}, "car", "", "negotiation_needed"},
		{"stale cut", place(12, 0), map[string]any{"subtype": "bridge_out", "last_confirmed_at": saturday.AddDate(0, 0, -20)}, "car", "", "not_passable"},
		{"never confirmed", place(12, 0), map[string]any{"subtype": "toll_post", "last_confirmed_at": nil}, "car", "", "negotiation_needed"},
		{"beside the road", off, map[string]any{"subtype": "police_closure"}, "car", "", "no_reported_obstacle"},
		{"beside the road, roughly placed", off, map[string]any{"subtype": "police_closure", "precision_m": 250.0}, "car", "", "not_passable"},
		{"roughly placed by class", off, map[string]any{"subtype": "police_closure", "geo_precision": int64(2)}, "car", "", "not_passable"},
		{"on another road, far off", place(12, 0), map[string]any{"subtype": "police_closure", "road_ref": "RN9"}, "car", "", "not_passable"},
		{"ambush stretch", orb.LineString{place(12, 0), place(15, 0)}, map[string]any{"subtype": "ambush_stretch"}, "car", "", "negotiation_needed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := openRoad(t).put("roadblocks", c.place, c.values).find(t, Request{Line: straight, Vehicle: c.vehicle, Profile: c.profile})
			if a.Advice != c.want {
				t.Errorf("%s, want %s: %v", a.Advice, c.want, kinds(a))
			}
		})
	}
}

// A roadblock that names its road counts on that road only, when the road is
// there; a line on no road is not let off.
func TestRoadblockOfTheParallelRoad(t *testing.T) {
	parallel := orb.LineString{place(0, .5), place(40, .5)} // 550 m north
	base := newScene().build(t, national("RN2", straight...), street(parallel...)).
		put("roadblocks", place(12, .25), map[string]any{"subtype": "police_closure", "road_ref": "RN2", "precision_m": 600.0})
	has := func(s *scene, line orb.LineString) bool {
		return slices.Contains(kinds(s.find(t, Request{Line: line})), "roadblock:not_passable")
	}
	if !has(base, straight) || has(base, parallel) {
		t.Errorf("on RN2 %v, on the street beside it %v", has(base, straight), has(base, parallel))
	}
	if !has(base, orb.LineString{place(0, .2), place(10, .2), place(20, .2)}) {
		t.Error("a line on no road beside it is let off")
	}
	unnamed := newScene().build(t, national("RN2", straight...), street(parallel...)).
		put("roadblocks", place(12, .25), map[string]any{"subtype": "police_closure", "precision_m": 600.0})
	if !has(unnamed, parallel) {
		t.Error("a roadblock that names no road does not count on the street")
	}
}

func TestZones(t *testing.T) {
	toll := map[string]any{"subtype": "toll_post", "road_ref": "RN2"}
	old := map[string]any{"subtype": "toll_post", "road_ref": "RN2", "last_confirmed_at": saturday.AddDate(0, 0, -20)}
	aside := orb.LineString{place(0, 5), place(40, 5)}
	for _, c := range []struct {
		name    string
		control string
		line    orb.LineString
		toll    map[string]any
		stale   bool
		want    string // effect of the zone, "" for no reason
	}{
		{"on RN2 with a toll regime", "controlled", straight, toll, false, "passable_with_conditions"},
		{"on RN2 without", "controlled", straight, nil, false, "negotiation_needed"},
		{"on RN2 with a stale toll", "controlled", straight, old, false, "negotiation_needed"},
		{"off it", "controlled", aside, toll, false, "negotiation_needed"},
		{"influenced", "influenced", straight, toll, false, "passable_with_conditions"},
		{"unknown", "unknown", straight, toll, false, "passable_with_conditions"},
		{"contested", "contested", straight, toll, false, "negotiation_needed"},
		{"self-defence", "self_defence", aside, nil, false, "passable_with_conditions"},
		{"recovered", "recovered", aside, nil, false, "passable_with_conditions"},
		{"depopulated", "depopulated", aside, nil, false, "passable_with_conditions"},
		{"state-held", "state_held", aside, nil, false, ""},
		{"state-held, stale", "state_held", aside, nil, true, "negotiation_needed"},
		{"controlled, stale", "controlled", aside, nil, true, "negotiation_needed"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openRoad(t)
			values := map[string]any{"control_type": c.control, "holders": `[{"group":"g1","role":"principal"},{"group":"g2","role":"ally"}]`}
			if c.stale {
				values["last_confirmed_at"] = saturday.AddDate(0, 0, -100)
			}
			s.put("controlled-zones", box(10, -10, 20, 10), values)
			if c.toll != nil {
				s.put("roadblocks", place(30, 0), c.toll)
			}
			a := s.find(t, Request{Line: c.line})
			got := ""
			for _, r := range a.Reasons {
				if r.Kind == "zone" {
					got = r.Effect
					if *r.LengthM != a.Control[0].LengthM || !reflect.DeepEqual(r.Groups, []string{"g1", "g2"}) || *r.ControlType != c.control {
						t.Errorf("reason %s", encode(t, a))
					}
				}
			}
			if got != c.want {
				t.Errorf("zone %q, want %q", got, c.want)
			}
			if math.Abs(a.Control[0].LengthM+a.UnassessedM-a.LengthM) > .2 {
				t.Errorf("%v and %v are not %v", a.Control, a.UnassessedM, a.LengthM)
			}
		})
	}
}

func TestControlPrecedence(t *testing.T) {
	s := newScene().
		put("controlled-zones", box(0, -1, 20, 1), map[string]any{"control_type": "state_held"}).
		put("controlled-zones", box(10, -1, 30, 1), map[string]any{"control_type": "controlled", "holders": `[{"group":"g1","role":"principal"}]`}).
		put("controlled-zones", box(20, -1, 30, 1), map[string]any{"control_type": "unknown", "holders": `[{"group":"g2","role":"claimed"}]`})
	a := s.find(t, Request{Line: straight})
	quarter := a.LengthM / 4
	near := func(got, want float64) bool { return math.Abs(got-want) < 1 }
	if len(a.Control) != 2 || a.Control[0].ControlType != "controlled" || !near(a.Control[0].LengthM, 2*quarter) ||
		a.Control[1].ControlType != "state_held" || !near(a.Control[1].LengthM, quarter) || !near(a.UnassessedM, quarter) {
		t.Errorf("control %v, unassessed %v of %v", a.Control, a.UnassessedM, a.LengthM)
	}
	if len(a.Groups) != 2 || a.Groups[0].Group != "g1" || !near(a.Groups[0].LengthM, 2*quarter) || !near(a.Groups[1].LengthM, quarter) {
		t.Errorf("groups %v", a.Groups)
	}
	if !near(a.UnobservedM, quarter) || a.Advice != "insufficient_information" {
		t.Errorf("%v m unobserved, %s", a.UnobservedM, a.Advice)
	}
}

func TestRoadStatus(t *testing.T) {
	old := saturday.AddDate(0, 0, -6) // within the greatest age, past the time to live
	for _, c := range []struct {
		name    string
		values  map[string]any
		vehicle string
		want    string
	}{
		{"open", map[string]any{"status": "open"}, "truck_20t", "no_reported_obstacle"},
		{"closed", map[string]any{"status": "closed"}, "foot", "not_passable"},
		{"closed to what is larger", map[string]any{"status": "closed", "max_class": "moto"}, "moto", "passable_with_conditions"},
		{"closed to this", map[string]any{"status": "closed", "max_class": "moto"}, "car", "not_passable"},
		{"restricted", map[string]any{"status": "restricted"}, "car", "passable_with_conditions"},
		{"restricted, fits", map[string]any{"status": "restricted", "max_class": "suv4x4"}, "suv4x4", "passable_with_conditions"},
		{"restricted, too large", map[string]any{"status": "restricted", "max_class": "suv4x4"}, "minibus", "not_passable"},
		{"restricted, stale", map[string]any{"status": "restricted", "last_confirmed_at": old}, "car", "negotiation_needed"},
		{"closed, stale", map[string]any{"status": "closed", "last_confirmed_at": old}, "car", "not_passable"},
		{"unknown", map[string]any{"status": "unknown"}, "car", "insufficient_information"},
		{"another road", map[string]any{"status": "closed", "ref": "RN1"}, "car", "insufficient_information"},
	} {
		t.Run(c.name, func(t *testing.T) {
			values := map[string]any{"ref": "RN2"}
			for k, v := range c.values {
				values[k] = v
			}
			s := newScene().build(t, national("RN2", straight...)).put("national-roads", orb.MultiLineString{straight}, values)
			if a := s.find(t, Request{Line: straight, Vehicle: c.vehicle}); a.Advice != c.want {
				t.Errorf("%s, want %s: %v", a.Advice, c.want, kinds(a))
			}
		})
	}
}

// A closed section does not reach into its open neighbour, though both lie
// within reach of the road around their border.
func TestSectionsShareTheRoad(t *testing.T) {
	s := newScene().build(t, national("RN2", straight...)).
		put("national-roads", orb.MultiLineString{straight[:2]}, map[string]any{"ref": "RN2", "status": "open", "precision_m": 2000.0}).
		put("national-roads", orb.MultiLineString{straight[1:]}, map[string]any{"ref": "RN2", "status": "closed", "precision_m": 2000.0})
	for _, c := range []struct {
		line orb.LineString
		want string
	}{
		{orb.LineString{place(0, 0), place(19.7, 0)}, "no_reported_obstacle"},
		{orb.LineString{place(0, 0), place(21, 0)}, "not_passable"},
	} {
		if a := s.find(t, Request{Line: c.line}); a.Advice != c.want {
			t.Errorf("to %v: %s, want %s", c.line[1], a.Advice, c.want)
		}
	}
}

func TestObservedMetres(t *testing.T) {
	length := newScene().find(t, Request{Line: straight}).LengthM
	for _, c := range []struct {
		name   string
		layer  string
		g      orb.Geometry
		values map[string]any
		want   float64 // metres observed
	}{
		{"a live roadblock tells of its reach", "roadblocks", place(20, 0), map[string]any{"subtype": "toll_post"}, 300},
		{"a cleared one too", "roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "state": "cleared"}, 300},
		{"a false one does not", "roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "state": "false"}, 0},
		{"a rough one tells of two kilometres", "roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "precision_m": 15000.0}, 4000},
		{"too old", "roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "last_confirmed_at": saturday.AddDate(0, 0, -8)}, 0},
		{"not yet", "roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "last_confirmed_at": saturday.Add(time.Hour)}, 0},
		{"not dated", "roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "last_confirmed_at": nil}, 0},
		{"a zone", "controlled-zones", box(10, -1, 20, 1), map[string]any{"control_type": "state_held"}, length / 4},
		{"a zone of unknown control", "controlled-zones", box(10, -1, 20, 1), map[string]any{"control_type": "unknown"}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := newScene().put(c.layer, c.g, c.values).find(t, Request{Line: straight})
			if got := a.LengthM - a.UnobservedM; math.Abs(got-c.want) > 2 {
				t.Errorf("%.1f m observed, want %.1f", got, c.want)
			}
		})
	}
}

func TestTollsAndTimes(t *testing.T) {
	s := openRoad(t).
		put("roadblocks", place(10, 0), map[string]any{"subtype": "toll_post", "est_crossing_min": 20.0,
			"toll": `[{"vehicle_class":"car","amount":500,"currency":"HTG","unit":"trip","observed_at":"2025-11-01T00:00:00Z"},
				{"vehicle_class":"car","amount":750,"currency":"HTG","unit":"trip","observed_at":"2025-11-10T00:00:00Z"},
				{"amount":9000,"currency":"HTG","unit":"trip","observed_at":"2025-11-14T00:00:00Z"},
				{"vehicle_class":"car","amount":3000,"currency":"HTG","unit":"day"}]`}).
		put("roadblocks", place(20, 0), map[string]any{"subtype": "toll_post", "est_crossing_min": 0.0,
			"toll": `[{"amount":100,"currency":"HTG","unit":"trip"}]`}).
		put("roadblocks", place(30, 0), map[string]any{"subtype": "toll_post", "est_crossing_min": 0.0})
	a := s.find(t, Request{Line: straight})
	if a.Tolls.Count != 3 || a.Tolls.TotalHTG == nil || *a.Tolls.TotalHTG != 850 {
		t.Errorf("tolls %s", encode(t, a))
	}
	if len(a.Reasons) != 3 || len(a.Reasons[0].Toll) != 4 {
		t.Errorf("reasons %v do not list the day pass", kinds(a))
	}
	if want := math.Round(a.LengthM/(40/3.6) + 20*60); math.Abs(a.DurationS-want) > 1 {
		t.Errorf("%v s, want %v", a.DurationS, want)
	}
}

func TestSpeedOfALineOnNoRoad(t *testing.T) {
	a := newScene().find(t, Request{Line: straight})
	if want := a.LengthM / (30 / 3.6); math.Abs(a.DurationS-want) > 1 {
		t.Errorf("%v s, want %v", a.DurationS, want)
	}
}

func TestValidUntilAndAges(t *testing.T) {
	s := openRoad(t) // stale five days after confirmation
	if a := s.find(t, Request{Line: straight}); !a.ValidUntil.Equal(saturday.Add(-12*time.Hour).AddDate(0, 0, 5)) ||
		*a.OldestConfirmationH != 12 || *a.MedianConfirmationH != 12 {
		t.Errorf("valid until %v, oldest %v", a.ValidUntil, *a.OldestConfirmationH)
	}
	s.put("roadblocks", place(12, 0), weekendToll) // closes at midnight on Sunday
	if a := s.find(t, Request{Line: straight}); !a.ValidUntil.Equal(time.Date(2025, 11, 17, 5, 0, 0, 0, time.UTC)) {
		t.Errorf("valid until %v", a.ValidUntil)
	}
	if a := newScene().find(t, Request{Line: straight, MaxAge: 24 * time.Hour}); !a.ValidUntil.Equal(saturday.Add(24 * time.Hour)) {
		t.Errorf("without evidence valid until %v", a.ValidUntil)
	}
}

// Time lost at one roadblock counts in the arrival at the next.
func TestDelayMovesTheArrival(t *testing.T) {
	for _, c := range []struct {
		minutes float64
		want    string
	}{{0, "passable_with_conditions"}, {60, "not_passable"}} {
		a := openRoad(t).
			put("roadblocks", place(10, 0), map[string]any{"subtype": "toll_post", "est_crossing_min": c.minutes}).
			put("roadblocks", place(30, 0), map[string]any{"subtype": "toll_post", "schedule": "05:30-10:00"}).
			find(t, Request{Line: straight})
		if a.Advice != c.want {
			t.Errorf("%v minutes at the first: %s, want %s", c.minutes, a.Advice, c.want)
		}
	}
}
