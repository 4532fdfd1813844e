package geo

import (
	"maps"
	"math"
	"slices"
	"time"
)

// Model is the set of formulas that turn grades and age into confidence. It is
// data with a version so that a deployment can fit its own and a number can be
// traced to the formula that made it.
//
// Sources: the two-part grading is the Admiralty code of NATO's AJP-2.1; its
// weights and the half-lives are Pasaj's own defaults, to be fitted from data.
type Model struct {
	Version     string
	Reliability map[string]float64 // A-F: weight of the source
	Credibility [7]float64         // 1-6: weight of the item; index 0 unused
	High        float64            // confidence from which the label is high
	Medium      float64            // confidence from which the label is medium
	MaxAge      time.Duration      // age past which a metre of road counts as unobserved
	UnobservedM float64            // share of a line without fresh news at which no advice is given
	Decay       map[string]Decay   // by decay class, see DecayClass
}

// Decay is how fast evidence of one kind loses its worth.
type Decay struct {
	HalfLife time.Duration // confidence halves in this time
	TTL      time.Duration // after this the record is stale: neither true nor cleared
}

const day = 24 * time.Hour

// DefaultModel is the model of this build.
var DefaultModel = Model{
	Version:     "pasaj-confidence-1",
	Reliability: map[string]float64{"A": .95, "B": .85, "C": .70, "D": .45, "E": .20, "F": .50},
	Credibility: [7]float64{0, .95, .80, .60, .30, .10, .50},
	High:        .70,
	Medium:      .40,
	MaxAge:      7 * day,
	UnobservedM: .20,
	Decay: map[string]Decay{
		"protest":        {12 * time.Hour, 24 * time.Hour},
		"toll":           {7 * day, 14 * day},
		"gate":           {30 * day, 60 * day},
		"police_closure": {24 * time.Hour, 48 * time.Hour},
		"physical":       {7 * day, 14 * day},
		"road_status":    {48 * time.Hour, 5 * day},
		"zone":           {45 * day, 90 * day},
		"contested":      {7 * day, 14 * day},
		"hub":            {48 * time.Hour, 4 * day},
		"institution":    {30 * day, 60 * day},
	},
}

// Graded is one observation's grade and where it came from.
type Graded struct {
	Source      string // originator; equal non-empty sources count once
	Reliability string
	Credibility int
}

// Confidence combines independent observations as 1 - Π(1-p), where p is the
// product of the two weights; the same originator counts once, with its best
// grade. The result is in [0, 1]; no observation gives 0.
func (m *Model) Confidence(observations ...Graded) float64 {
	best := map[string]float64{}
	rest := 1.0
	for _, o := range observations {
		p := m.Reliability[o.Reliability]
		if o.Credibility >= 1 && o.Credibility <= 6 {
			p *= m.Credibility[o.Credibility]
		} else {
			p = 0
		}
		if o.Source == "" {
			rest *= 1 - p
			continue
		}
		best[o.Source] = max(best[o.Source], p)
	}
	// In one order always, so that rounding gives the same number every time.
	for _, p := range slices.Sorted(maps.Values(best)) {
		rest *= 1 - p
	}
	return math.Round((1-rest)*1e4) / 1e4
}

// Fresh is the confidence left of c after the age, given the half-life.
func Fresh(c float64, age, halfLife time.Duration) float64 {
	if halfLife <= 0 || age <= 0 {
		return c
	}
	return c * math.Exp2(-float64(age)/float64(halfLife))
}

// Label gives the word for a confidence: high, medium or low.
func (m *Model) Label(c float64) string {
	switch {
	case c >= m.High:
		return "high"
	case c >= m.Medium:
		return "medium"
	default:
		return "low"
	}
}

// DecayOf gives the decay of a version and whether its layer decays at all:
// a commune outline does not grow stale, a barricade does.
func (m *Model) DecayOf(v *Version) (Decay, bool) {
	d, ok := m.Decay[DecayClass(v)]
	return d, ok
}

// DecayClass is the kind of evidence that a version is, one of the keys of
// Model.Decay; "" where it does not decay.
func DecayClass(v *Version) string {
	switch v.Layer.Name {
	case "controlled-zones":
		if v.Text("control_type") == "contested" {
			return "contested"
		}
		return "zone"
	case "roadblocks":
		switch v.Text("subtype") {
		case "protest_block", "burning_barricade":
			return "protest"
		case "community_gate":
			return "gate"
		case "police_closure", "police_checkpoint":
			return "police_closure"
		case "flood", "landslide", "bridge_out", "road_damage", "debris_waste", "mine_uxo":
			return "physical"
		default:
			return "toll"
		}
	case "national-roads":
		return "road_status"
	case "ports", "airports":
		return "hub"
	case "police-facilities", "facilities":
		if v.Text("facility_type") == "border_crossing" {
			return "hub"
		}
		return "institution"
	default:
		return ""
	}
}

// Assessment is how much a version is worth at an instant.
type Assessment struct {
	Confidence float64       // after decay, in [0, 1]
	Label      string        // high, medium, low
	Age        time.Duration // since it was last confirmed; 0 when that was later
	Stale      bool          // its time to live has passed
	StaleAt    time.Time     // zero when it does not decay
	Dated      bool          // it says when it was last confirmed
	Later      bool          // that was after the instant asked for
}

// Assess evaluates a version at an instant. A version that does not say when
// it was confirmed counts from the start of its validity; one that decays and
// has neither date is stale, for nobody can say how old it is.
func (m *Model) Assess(v *Version, at time.Time) Assessment {
	a := Assessment{Confidence: v.Confidence}
	confirmed := v.LastConfirmedAt
	a.Dated, a.Later = !confirmed.IsZero(), confirmed.After(at)
	if !a.Dated {
		confirmed = v.Valid.From
	}
	if d, ok := m.DecayOf(v); ok && !confirmed.IsZero() {
		a.Age = max(0, at.Sub(confirmed))
		a.StaleAt = confirmed.Add(d.TTL)
		a.Stale = !at.Before(a.StaleAt)
		a.Confidence = Fresh(v.Confidence, a.Age, d.HalfLife)
	} else if ok {
		a.Stale = true
	} else if !confirmed.IsZero() {
		a.Age = max(0, at.Sub(confirmed))
	}
	a.Label = m.Label(a.Confidence)
	return a
}
