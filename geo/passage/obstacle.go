package passage

import (
	"encoding/json"
	"slices"
	"time"

	"pasaj/geo"
)

// obstacle is one roadblock as it stands at the instant of the question.
type obstacle struct {
	version    *geo.Version
	assessment geo.Assessment
	target     target
	precisionM float64
	ref        string
	live       bool // it may still be there; otherwise it is only an observation
	dated      bool // it says when it was last confirmed, before the question
	observes   bool // and that recently enough to tell of the road around it
	terms      terms
	schedule   *Schedule
	unreadable bool // it has a schedule that cannot be read
	crossing   float64
	tolls      []geo.Toll

	named  bool // refOnly has been decided
	isOnly bool
}

// terms are on what conditions a class passes an obstacle while it is open.
type terms struct {
	passability string // one of geo.Passabilities
	effect      advice
}

// verdict is the terms at one moment.
type verdict struct {
	terms
	shut bool // outside its schedule
}

// States of a roadblock in which it is no obstacle. Cleared is an observation
// of a free road; archived and false say nothing about it.
var (
	liveStates     = []string{"reported", "active", "intermittent", "disputed"}
	observedStates = []string{"reported", "active", "intermittent", "disputed", "cleared"}
)

// physical subtypes are obstacles of the ground, not of people.
var physical = []string{"debris_waste", "flood", "landslide", "bridge_out", "road_damage"}

// defaults says what a roadblock means for a motor vehicle, and on foot, when
// its record gives neither passability nor a way to pass.
var defaults = map[string]struct{ motor, foot string }{
	"toll_post":          {"pay", "pay"},
	"barricade_manned":   {"no", "unknown"},
	"barricade_unmanned": {"no", "unknown"},
	"burning_barricade":  {"no", "unknown"},
	"fixed_barrier":      {"no", "unknown"},
	"trench_ditch":       {"no", "unknown"},
	"community_gate":     {"ask", "ask"},
	"police_checkpoint":  {"ask", "ask"},
	"police_closure":     {"no", "no"},
	"protest_block":      {"no", "unknown"},
	"debris_waste":       {"unknown", "unknown"},
	"flood":              {"unknown", "unknown"},
	"landslide":          {"no", "unknown"},
	"bridge_out":         {"no", "unknown"},
	"road_damage":        {"unknown", "unknown"},
	"ambush_stretch":     {"unknown", "unknown"},
	"mine_uxo":           {"no", "no"},
	"other":              {"unknown", "unknown"},
}

// askedBy are those who, holding a roadblock of no particular kind, let pass
// on request.
var askedBy = []string{"self_defence", "police", "army", "gsf_mss", "community", "local_authority"}

// byMode is what a way to pass means. Negotiated humanitarian passage is a
// request that has to be negotiated, see termsOf.
var byMode = map[string]string{
	"free": "yes", "ask_permission": "ask", "pay": "pay", "pass_card": "pay",
	"negotiated_humanitarian": "ask", "escort": "escort", "impossible": "no",
}

// newObstacle reads a roadblock for one request.
func newObstacle(v *geo.Version, m *geo.Model, r *Request) *obstacle {
	o := &obstacle{
		version: v, assessment: m.Assess(v, r.At), target: newTarget(v.Geometry),
		precisionM: v.PrecisionM(), ref: v.Text("road_ref"),
		live:     slices.Contains(liveStates, v.Text("state")),
		dated:    dated(v, r),
		observes: fresh(v, r),
	}
	o.terms = termsOf(v, r.Vehicle, r.Profile)
	if o.assessment.Stale && o.terms.passability != "no" {
		// Neither still so nor gone: nobody knows on what terms one passes now.
		o.terms.effect = max(o.terms.effect, negotiationNeeded)
	}
	if text := v.Text("schedule"); text != "" {
		var err error
		o.schedule, err = ParseSchedule(text)
		o.unreadable = err != nil
	}
	if minutes, ok := v.Number("est_crossing_min"); ok {
		o.crossing = minutes * 60
	} else {
		o.crossing = crossingMin[o.terms.passability] * 60
	}
	if raw, ok := v.Value("toll").(json.RawMessage); ok {
		// The record checked it at the door; what does not parse is no toll.
		_ = json.Unmarshal(raw, &o.tolls)
	}
	return o
}

// dated reports whether a version says when it was confirmed, and that this
// was not after the instant of the question.
func dated(v *geo.Version, r *Request) bool {
	return !v.LastConfirmedAt.IsZero() && !v.LastConfirmedAt.After(r.At)
}

// fresh reports whether a version was confirmed within the greatest age before
// the instant of the question.
func fresh(v *geo.Version, r *Request) bool {
	return dated(v, r) && !v.LastConfirmedAt.Before(r.At.Add(-r.MaxAge))
}

// termsOf derives the terms of a roadblock for a class and a profile; the
// package comment gives the order of the rules.
func termsOf(v *geo.Version, vehicle, profile string) terms {
	t := terms{passability: statedPassability(v, vehicle, profile)}
	mode := v.Text("pass_mode")
	actor, subtype := v.Text("actor_type"), v.Text("subtype")
	if load, ok := v.Number("max_load_t"); ok && grossT[vehicle] > load {
		t.passability = "no"
	}
	if (vehicle == "ambulance" || profile == "ambulance") && t.passability == "yes" &&
		(actor == "self_defence" || actor == "police" || subtype == "community_gate" || subtype == "police_checkpoint" || subtype == "police_closure") {
		t.passability = "ask"
	}
	if profile == "police_isolated_check" && actor == "gang" && (t.passability == "yes" || t.passability == "pay" || t.passability == "ask") {
		// What a gang grants to others says nothing about the police.
		t.passability = "unknown"
	}
	t.effect = effectOf[t.passability]
	if mode == "negotiated_humanitarian" && t.passability != "yes" {
		t.effect = max(t.effect, negotiationNeeded)
	}
	return t
}

func statedPassability(v *geo.Version, vehicle, profile string) string {
	if raw, ok := v.Value("passability").(json.RawMessage); ok {
		byClass := map[string]string{}
		if err := json.Unmarshal(raw, &byClass); err == nil && byClass[vehicle] != "" {
			return byClass[vehicle]
		}
	}
	if vehicle == "ambulance" || profile == "ambulance" && vehicle != "foot" {
		switch v.Text("emergency_passable") {
		case "yes":
			return "yes"
		case "no":
			return "no"
		}
	}
	if p := byMode[v.Text("pass_mode")]; p != "" {
		return p
	}
	subtype := v.Text("subtype")
	if subtype == "other" && slices.Contains(askedBy, v.Text("actor_type")) {
		return "ask"
	}
	d, ok := defaults[subtype]
	switch {
	case !ok:
		return "unknown"
	case vehicle == "foot":
		return d.foot
	default:
		return d.motor
	}
}

// at judges the obstacle for an arrival at an instant.
func (o *obstacle) at(t time.Time) verdict {
	v := verdict{terms: o.terms}
	switch {
	case o.unreadable && v.passability != "no":
		v.terms = terms{"unknown", max(v.effect, negotiationNeeded)}
	case o.schedule != nil && !o.schedule.Open(t):
		v.terms, v.shut = terms{"no", notPassable}, true
	}
	return v
}

// hard reports whether the obstacle cannot be passed at any time within a day
// of departure.
func (o *obstacle) hard(depart time.Time) bool {
	if o.terms.passability == "no" {
		return true
	}
	if o.schedule == nil || o.schedule.Open(depart) {
		return false
	}
	next, ok := o.schedule.Next(depart)
	return !ok || next.Sub(depart) > 24*time.Hour
}

// toll is the latest price of one trip in gourdes for a class, and whether one
// is known. A price for the class goes before one for no class in particular.
func (o *obstacle) toll(vehicle string) (htg float64, ok bool) {
	var best *geo.Toll
	for i := range o.tolls {
		t := &o.tolls[i]
		if t.Unit != "trip" || t.Currency != "HTG" || t.VehicleClass != vehicle && t.VehicleClass != "" {
			continue
		}
		if best == nil || (t.VehicleClass != "") != (best.VehicleClass != "") && t.VehicleClass != "" ||
			t.VehicleClass == best.VehicleClass && observed(t).After(observed(best)) {
			best = t
		}
	}
	if best == nil {
		return 0, false
	}
	return best.Amount, true
}

func observed(t *geo.Toll) time.Time {
	at, err := geo.ParseInstant(t.ObservedAt)
	if err != nil { // not dated: the oldest
		return time.Time{}
	}
	return at
}

// amrf is the access constraint of OCHA's access monitoring and reporting
// framework that the obstacle stands for.
func (o *obstacle) amrf() int {
	subtype := o.version.Text("subtype")
	switch {
	case subtype == "mine_uxo":
		return 7 // mines and unexploded ordnance
	case slices.Contains(physical, subtype):
		return 8 // physical environment
	default:
		return 3 // movement within the country
	}
}
