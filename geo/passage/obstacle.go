package passage

import (
	"encoding/json"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
)

// obstacle is one roadblock as it is recorded, placed on a network. It says
// nothing of the one who asks, so that all questions share it; it does not
// change once made.
type obstacle struct {
	version    *geo.Version // nil for what a question supposes
	target     target
	precisionM float64
	ref        string
	onlyOnRef  bool      // other roads within its reach are free of it
	live       bool      // it may still be there; otherwise it is only an observation
	schedule   *Schedule // nil: always open on its terms
	unreadable bool      // it has a schedule that cannot be read
	tolls      []geo.Toll
	passing    passing
	edges      []int32 // of the network within its reach, ascending
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

// newObstacle reads a roadblock.
func newObstacle(v *geo.Version) *obstacle {
	o := &obstacle{
		version: v, target: newTarget(v.Geometry), precisionM: v.PrecisionM(), ref: v.Text("road_ref"),
		live: slices.Contains(liveStates, v.Text("state")),
	}
	o.passing.read(v)
	if text := v.Text("schedule"); text != "" {
		var err error
		o.schedule, err = ParseSchedule(text)
		o.unreadable = err != nil
	}
	if raw, ok := v.Value("toll").(json.RawMessage); ok {
		// The record checked it at the door; what does not parse is no toll.
		_ = json.Unmarshal(raw, &o.tolls)
	}
	return o
}

// passing is what a roadblock's record says of who passes, read once.
type passing struct {
	byClass   map[string]string
	emergency string
	mode      string
	actor     string
	subtype   string
	maxLoadT  float64 // 0: no limit
	isTimed   bool
	crossingS float64 // where isTimed
	supposed  bool    // nobody passes: a question supposes it
}

func (p *passing) read(v *geo.Version) {
	*p = passing{emergency: v.Text("emergency_passable"), mode: v.Text("pass_mode"), actor: v.Text("actor_type"), subtype: v.Text("subtype")}
	if raw, ok := v.Value("passability").(json.RawMessage); ok {
		if err := json.Unmarshal(raw, &p.byClass); err != nil { // checked at the door
			p.byClass = nil
		}
	}
	if load, ok := v.Number("max_load_t"); ok {
		p.maxLoadT = load
		if load == 0 {
			p.maxLoadT = math.SmallestNonzeroFloat64
		}
	}
	if minutes, ok := v.Number("est_crossing_min"); ok {
		p.isTimed, p.crossingS = true, minutes*60
	}
}

// termsFor derives the terms of a roadblock for a class and a profile, as if
// its report were fresh; the package comment gives the order of the rules.
func (o *obstacle) termsFor(c *caller) terms {
	p, vehicle, profile := &o.passing, c.vehicle, c.profile
	if p.supposed {
		return terms{"no", notPassable}
	}
	t := terms{passability: p.stated(vehicle, profile)}
	if c.policy.Vehicles[vehicle].Heavy(p.maxLoadT) {
		t.passability = "no"
	}
	if (vehicle == "ambulance" || profile == "ambulance") && t.passability == "yes" &&
		(p.actor == "self_defence" || p.actor == "police" || p.subtype == "community_gate" || p.subtype == "police_checkpoint" || p.subtype == "police_closure") {
		t.passability = "ask"
	}
	if profile == "police_isolated_check" && p.actor == "gang" && (t.passability == "yes" || t.passability == "pay" || t.passability == "ask") {
		// What a gang grants to others says nothing about the police.
		t.passability = "unknown"
	}
	t.effect = effectOf[t.passability]
	if p.mode == "negotiated_humanitarian" && t.passability != "yes" {
		t.effect = max(t.effect, negotiationNeeded)
	}
	return t
}

func (p *passing) stated(vehicle, profile string) string {
	if stated := p.byClass[vehicle]; stated != "" {
		return stated
	}
	if vehicle == "ambulance" || profile == "ambulance" && vehicle != "foot" {
		switch p.emergency {
		case "yes":
			return "yes"
		case "no":
			return "no"
		}
	}
	if p := byMode[p.mode]; p != "" {
		return p
	}
	if p.subtype == "other" && slices.Contains(askedBy, p.actor) {
		return "ask"
	}
	d, ok := defaults[p.subtype]
	switch {
	case !ok:
		return "unknown"
	case vehicle == "foot":
		return d.foot
	default:
		return d.motor
	}
}

// at judges the obstacle for an arrival at an instant, on terms that hold while
// it is open.
func (o *obstacle) at(t time.Time, open terms) verdict {
	v := verdict{terms: open}
	switch {
	case o.unreadable && v.passability != "no":
		v.terms = terms{"unknown", max(v.effect, negotiationNeeded)}
	case o.schedule != nil && !o.schedule.Open(t):
		v.terms, v.shut = terms{"no", notPassable}, true
	}
	return v
}

// longWait is how long after departure an opening hour still counts: what
// stays shut for longer cannot be passed.
const longWait = 24 * time.Hour

// longShut reports whether the schedule keeps the obstacle shut at an instant
// and for a day after it.
func (o *obstacle) longShut(at time.Time) bool {
	if o.schedule == nil || o.schedule.Open(at) || o.schedule.opensSoon(at) {
		return false
	}
	next, ok := o.schedule.Next(at)
	return !ok || next.Sub(at) > longWait
}

// amrf is the access constraint of OCHA's access monitoring and reporting
// framework that the obstacle stands for.
func (o *obstacle) amrf() int {
	subtype := o.passing.subtype
	switch {
	case subtype == "mine_uxo":
		return 7 // mines and unexploded ordnance
	case slices.Contains(physical, subtype):
		return 8 // physical environment
	default:
		return 3 // movement within the country
	}
}

// id is the zero one for what a question supposes.
func (o *obstacle) id() uuid.UUID {
	if o.version == nil {
		return uuid.UUID{}
	}
	return o.version.ID
}
