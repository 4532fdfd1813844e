package geo_test

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pasaj/geo"
)

func TestConfidence(t *testing.T) {
	grade := func(source, reliability string, credibility int) geo.Graded {
		return geo.Graded{Source: source, Reliability: reliability, Credibility: credibility}
	}
	tests := []struct {
		name         string
		observations []geo.Graded
		want         float64
	}{
		{"nothing", nil, 0},
		{"a rumour F6", []geo.Graded{grade("a", "F", 6)}, 0.25},
		{"the best, A1", []geo.Graded{grade("a", "A", 1)}, 0.9025},
		{"B2", []geo.Graded{grade("a", "B", 2)}, 0.68},
		{"two sources", []geo.Graded{grade("a", "B", 2), grade("b", "B", 2)}, 0.8976},                      // 1 - .32²
		{"three sources", []geo.Graded{grade("a", "B", 2), grade("b", "C", 3), grade("", "F", 6)}, 0.8608}, // 1 - .32·.58·.75
		{"the same source counts once", []geo.Graded{grade("a", "B", 2), grade("a", "B", 2)}, 0.68},
		{"and with its best grade", []geo.Graded{grade("a", "F", 6), grade("a", "B", 2), grade("a", "E", 5)}, 0.68},
		{"unnamed sources are different", []geo.Graded{grade("", "F", 6), grade("", "F", 6)}, 0.4375}, // 1 - .75²
		{"ungraded", []geo.Graded{grade("a", "", 0)}, 0},
		{"no such grade", []geo.Graded{grade("a", "Z", 1), grade("b", "A", 7), grade("c", "A", -1)}, 0},
	}
	for _, test := range tests {
		if got := geo.DefaultModel.Confidence(test.observations...); math.Abs(got-test.want) > 1e-9 {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
	if got := geo.DefaultModel.Label(0.25); got != "low" {
		t.Errorf("a rumour is %s", got)
	}
}

func drawGraded(t *rapid.T) []geo.Graded {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) geo.Graded {
		return geo.Graded{
			Source:      rapid.SampledFrom([]string{"", "a", "b", "c", "d"}).Draw(t, "source"),
			Reliability: rapid.SampledFrom([]string{"A", "B", "C", "D", "E", "F"}).Draw(t, "reliability"),
			Credibility: rapid.IntRange(1, 6).Draw(t, "credibility"),
		}
	}), 0, 8).Draw(t, "observations")
}

// More news never lowers confidence, order does not matter, and it stays a
// probability.
func TestConfidenceIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		observations := drawGraded(t)
		all := geo.DefaultModel.Confidence(observations...)
		if all < 0 || all > 1 {
			t.Fatalf("confidence %v", all)
		}
		if n := len(observations); n > 0 {
			if fewer := geo.DefaultModel.Confidence(observations[:n-1]...); fewer > all {
				t.Errorf("one more lowers %v to %v", fewer, all)
			}
		}
		if got := geo.DefaultModel.Confidence(rapid.Permutation(observations).Draw(t, "order")...); got != all {
			t.Errorf("in another order %v, not %v", got, all)
		}
	})
}

func TestLabel(t *testing.T) {
	for c, want := range map[float64]string{0: "low", 0.3999: "low", 0.40: "medium", 0.6999: "medium", 0.70: "high", 1: "high"} {
		if got := geo.DefaultModel.Label(c); got != want {
			t.Errorf("%v is %s, want %s", c, got, want)
		}
	}
}

func TestFresh(t *testing.T) {
	h := time.Hour
	tests := []struct {
		c             float64
		age, halfLife time.Duration
		want          float64
	}{
		{0.8, 0, 24 * h, 0.8}, {0.8, -h, 24 * h, 0.8}, {0.8, 24 * h, 24 * h, 0.4}, {0.8, 48 * h, 24 * h, 0.2}, {0.8, h, 0, 0.8},
	}
	for _, test := range tests {
		if got := geo.Fresh(test.c, test.age, test.halfLife); math.Abs(got-test.want) > 1e-12 {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

// version makes a version of a layer with some values.
func version(t testing.TB, layer string, values map[string]any, valid geo.Period) *geo.Version {
	t.Helper()
	l, ok := geo.LayerByName(layer)
	if !ok {
		t.Fatalf("no layer %s", layer)
	}
	v := geo.Version{Layer: l, Values: make([]any, len(l.Properties)), Valid: valid}
	for name, value := range values {
		i := l.Index(name)
		if i < 0 {
			t.Fatalf("%s has no %s", layer, name)
		}
		v.Values[i] = value
	}
	return geo.NewVersion(v, &geo.DefaultModel)
}

func TestDecay(t *testing.T) {
	const day = 24 * time.Hour
	tests := []struct {
		layer, property, value string
		halfLife, ttl          time.Duration
	}{
		{"roadblocks", "subtype", "protest_block", 12 * time.Hour, day},
		{"roadblocks", "subtype", "burning_barricade", 12 * time.Hour, day},
		{"roadblocks", "subtype", "toll_post", 7 * day, 14 * day},
		{"roadblocks", "subtype", "trench_ditch", 7 * day, 14 * day},
		{"roadblocks", "subtype", "community_gate", 30 * day, 60 * day},
		{"roadblocks", "subtype", "police_closure", day, 2 * day},
		{"roadblocks", "subtype", "flood", 7 * day, 14 * day},
		{"national-roads", "ref", "RN1", 2 * day, 5 * day},
		{"controlled-zones", "control_type", "controlled", 45 * day, 90 * day},
		{"controlled-zones", "control_type", "contested", 7 * day, 14 * day},
		{"airports", "facility_type", "airport", 2 * day, 4 * day},
		{"ports", "facility_type", "port", 2 * day, 4 * day},
		{"facilities", "facility_type", "border_crossing", 2 * day, 4 * day},
		{"facilities", "facility_type", "hospital", 30 * day, 60 * day},
		{"facilities", "facility_type", "prison", 30 * day, 60 * day},
		{"police-facilities", "facility_type", "police_commissariat", 30 * day, 60 * day},
	}
	for _, test := range tests {
		d, ok := geo.DefaultModel.DecayOf(version(t, test.layer, map[string]any{test.property: test.value}, geo.Period{}))
		if !ok || d.HalfLife != test.halfLife || d.TTL != test.ttl {
			t.Errorf("%s %s: %v %v", test.layer, test.value, d, ok)
		}
	}
	for _, layer := range []string{"admin-areas", "places", "armed-groups"} {
		if d, ok := geo.DefaultModel.DecayOf(version(t, layer, nil, geo.Period{})); ok {
			t.Errorf("%s decays by %v", layer, d)
		}
	}
	// Every kind of roadblock decays, whatever words are added.
	l, _ := geo.LayerByName("roadblocks")
	p, _ := l.Property("subtype")
	for _, w := range p.Words {
		if _, ok := geo.DefaultModel.DecayOf(version(t, "roadblocks", map[string]any{"subtype": w.Value}, geo.Period{})); !ok {
			t.Errorf("%s does not decay", w.Value)
		}
	}
}

func TestAssess(t *testing.T) {
	const day = 24 * time.Hour
	confirmed := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	toll := func(values map[string]any, from time.Time) *geo.Version {
		all := map[string]any{"subtype": "toll_post", "confidence": 0.8}
		for k, v := range values {
			all[k] = v
		}
		return version(t, "roadblocks", all, geo.Period{From: from})
	}
	dated := map[string]any{"last_confirmed_at": confirmed}
	tests := []struct {
		name  string
		v     *geo.Version
		at    time.Time
		conf  float64
		label string
		age   time.Duration
		stale bool
		dated bool
	}{
		{"just now", toll(dated, time.Time{}), confirmed, 0.8, "high", 0, false, true},
		{"before it was confirmed", toll(dated, time.Time{}), confirmed.Add(-day), 0.8, "high", 0, false, true},
		{"one half-life", toll(dated, time.Time{}), confirmed.Add(7 * day), 0.4, "medium", 7 * day, false, true},
		{"a moment before stale", toll(dated, time.Time{}), confirmed.Add(14*day - 1), 0.2, "low", 14*day - 1, false, true},
		{"stale", toll(dated, time.Time{}), confirmed.Add(14 * day), 0.2, "low", 14 * day, true, true},
		{"counted from its start", toll(nil, confirmed), confirmed.Add(7 * day), 0.4, "medium", 7 * day, false, false},
		{"without any date", toll(nil, time.Time{}), confirmed, 0.8, "high", 0, true, false},
		{"what does not decay", version(t, "places", map[string]any{"confidence": 0.8}, geo.Period{From: confirmed}), confirmed.Add(900 * day), 0.8, "high", 900 * day, false, false},
		{"ungraded", toll(map[string]any{"confidence": nil, "last_confirmed_at": confirmed}, time.Time{}), confirmed, 0, "low", 0, false, true},
	}
	for _, test := range tests {
		got := geo.DefaultModel.Assess(test.v, test.at)
		if math.Abs(got.Confidence-test.conf) > 1e-9 || got.Label != test.label || got.Age != test.age || got.Stale != test.stale || got.Dated != test.dated {
			t.Errorf("%s: %+v", test.name, got)
		}
	}
}

// What was confirmed only after the instant asked for has no age there.
func TestAssessConfirmedLater(t *testing.T) {
	l, _ := geo.LayerByName("roadblocks")
	at := time.Date(2024, 9, 1, 0, 0, 0, 0, time.UTC)
	for days, later := range map[int]bool{-3: false, 0: false, 6: true} {
		v := &geo.Version{Layer: l, Confidence: .6, LastConfirmedAt: at.AddDate(0, 0, days)}
		v.Values = make([]any, len(l.Properties))
		if a := geo.DefaultModel.Assess(v, at); a.Later != later || a.Age < 0 || a.Confidence > .6 {
			t.Errorf("confirmed %d days from then: %+v", days, a)
		}
	}
}
