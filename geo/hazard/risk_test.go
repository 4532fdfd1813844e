package hazard

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pasaj/geo"
)

func TestRiskByHand(t *testing.T) {
	p := Default()
	close := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > hair {
			t.Errorf("%s: %.8f, not %.8f", what, got, want)
		}
	}
	controlled := zone(t, "controlled", .7, noon)
	close("zone", p.ZonePerKm(controlled, "car", "light_mission", "RN", noon), .02*.7)
	close("zone, police", p.ZonePerKm(controlled, "car", "police_isolated_check", "RN", noon), .02*.7*2.5)
	close("zone, police in armour", p.ZonePerKm(controlled, "armoured", "police_isolated_check", "RN", noon), .02*.7*2.5*.5)
	close("zone at night", p.ZonePerKm(zone(t, "controlled", .7, noon.Add(10*time.Hour)), "car", "light_mission", "RN", noon.Add(10*time.Hour)), .02*.7*1.5)
	close("ground of the state", p.ZonePerKm(zone(t, "state_held", .7, noon), "car", "light_mission", "RN", noon), 0)
	close("a roadblock is no zone", p.ZonePerKm(roadblock(t, "flood", "none", "active", .7, noon), "car", "light_mission", "RN", noon), 0)
	close("no zone", p.ZonePerKm(nil, "car", "light_mission", "RN", noon), 0)

	toll := roadblock(t, "toll_post", "gang", "active", .7, noon)
	close("roadblock", p.RoadblockRisk(toll, "car", "light_mission", noon), -math.Log(1-.7*.03))
	close("roadblock, cargo", p.RoadblockRisk(toll, "truck_10t", "humanitarian_cargo", noon), -math.Log(1-.7*.03*1.3*1.2))
	close("roadblock of the police", p.RoadblockRisk(roadblock(t, "toll_post", "police", "active", .7, noon), "car", "light_mission", noon), -math.Log(1-.7*.03*.2))
	close("false", p.RoadblockRisk(roadblock(t, "toll_post", "gang", "false", .7, noon), "car", "light_mission", noon), 0)
	close("archived", p.RoadblockRisk(roadblock(t, "toll_post", "gang", "archived", .7, noon), "car", "light_mission", noon), 0)
	close("a zone is no roadblock", p.RoadblockRisk(controlled, "car", "light_mission", noon), 0)
	close("an unnamed holder is the worst", p.RoadblockRisk(version(t, "roadblocks", map[string]any{"subtype": "toll_post", "state": "active", "confidence": .7, "last_confirmed_at": noon}),
		"car", "light_mission", noon), -math.Log(1-.7*.03))

	close("unassessed", p.UnknownPerKm("car", "light_mission", "RN", noon), .004)
	close("state-held once", p.UnknownPerKm("car", "light_mission", "RN", noon, "state_held"), .002)
	close("two zones", p.UnknownPerKm("car", "light_mission", "RN", noon, "controlled", "recovered"), .003)
	close("two zones the other way round", p.UnknownPerKm("car", "light_mission", "RN", noon, "recovered", "controlled"), .003)
	close("a word that is not known", p.UnknownPerKm("car", "light_mission", "RN", noon, "?"), .004)
	close("index", UncalibratedIndex(math.Ln2), .5)
	close("index of less than nothing", UncalibratedIndex(-1), 1)
}

func TestNightIsThatOfHaiti(t *testing.T) {
	evening := Night{FromH: 19, ToH: 5, Share: 2}
	for _, c := range []struct {
		night Night
		at    string
		want  bool
	}{
		{evening, "2025-11-18T23:59:59Z", false}, {evening, "2025-11-19T00:00:00Z", true}, // 19:00, five hours behind
		{evening, "2025-11-19T09:59:59Z", true}, {evening, "2025-11-19T10:00:00Z", false}, // 05:00
		{evening, "2025-07-18T22:59:00Z", false}, {evening, "2025-07-18T23:00:00Z", true}, // four hours behind in summer
		{Night{FromH: 12, ToH: 13}, "2025-11-18T17:30:00Z", true}, {Night{FromH: 12, ToH: 13}, "2025-11-18T18:30:00Z", false},
		{Night{FromH: 7, ToH: 7}, "2025-11-18T12:00:00Z", false}, {Night{FromH: 0, ToH: 24}, "2025-11-18T12:00:00Z", true},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.night.Contains(at); got != c.want {
			t.Errorf("%+v at %s: %v", c.night, c.at, got)
		}
	}
}

// A claim that is more credible never risks less, and no risk is below zero or
// without end.
func TestMoreCredibleIsNeverLessRisk(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		vehicle, profile, class := drawVehicle.Draw(t, "vehicle"), drawProfile.Draw(t, "profile"), drawRoad.Draw(t, "road")
		a, b := drawConfidence.Draw(t, "confidence"), drawConfidence.Draw(t, "another")
		less, more := min(a, b), max(a, b)
		age := drawAge.Draw(t, "age")
		control := drawControl.Draw(t, "control")
		at := noon.Add(drawAge.Draw(t, "hour"))
		rising := func(what string, low, high float64) {
			t.Helper()
			if !(low >= 0) || math.IsInf(high, 0) || low > high+hair {
				t.Fatalf("%s: %g with confidence %g, %g with %g", what, low, less, high, more)
			}
		}
		rising("zone", p.ZonePerKm(zone(t, control, less, at.Add(-age)), vehicle, profile, class, at),
			p.ZonePerKm(zone(t, control, more, at.Add(-age)), vehicle, profile, class, at))
		subtype, actor := drawSubtype.Draw(t, "subtype"), drawActor.Draw(t, "actor")
		for _, state := range []string{"reported", "active", "intermittent", "disputed"} {
			rising(state, p.RoadblockRisk(roadblock(t, subtype, actor, state, less, at.Add(-age)), vehicle, profile, at),
				p.RoadblockRisk(roadblock(t, subtype, actor, state, more, at.Add(-age)), vehicle, profile, at))
		}
		// The surer somebody is that it is gone, the less risk is left; and gone
		// is never more than there.
		gone := func(confidence float64) float64 {
			return p.RoadblockRisk(roadblock(t, subtype, actor, "cleared", confidence, at.Add(-age)), vehicle, profile, at)
		}
		rising("cleared", gone(more), gone(less))
		rising("cleared or there", gone(less), p.RoadblockRisk(roadblock(t, subtype, actor, "active", less, at.Add(-age)), vehicle, profile, at))
	})
}

// A stretch is one edge with evidence on it, as geo/passage sums it up.
type stretch struct {
	km        float64
	zones     []*geo.Version
	obstacles []*geo.Version
}

func (s stretch) risk(p *Policy, vehicle, profile string, at time.Time) (known, unknown float64) {
	news := false
	var controls []string
	for _, v := range s.zones {
		known += s.km * p.ZonePerKm(v, vehicle, profile, "RN", at)
		controls = append(controls, v.Text("control_type"))
		news = news || p.News(v, at)
	}
	for _, v := range s.obstacles {
		known += p.RoadblockRisk(v, vehicle, profile, at)
		news = news || p.News(v, at)
	}
	if !news {
		unknown = s.km * p.UnknownPerKm(vehicle, profile, "RN", at, controls...)
	}
	return known, unknown
}

func drawStretch(t *rapid.T) stretch {
	s := stretch{km: rapid.Float64Range(0, 60).Draw(t, "km")}
	for range rapid.IntRange(0, 3).Draw(t, "zones") {
		s.zones = append(s.zones, zone(t, drawControl.Draw(t, "control"), drawConfidence.Draw(t, "confidence"), noon.Add(-drawAge.Draw(t, "age"))))
	}
	for range rapid.IntRange(0, 3).Draw(t, "obstacles") {
		s.obstacles = append(s.obstacles, roadblock(t, drawSubtype.Draw(t, "subtype"), drawActor.Draw(t, "actor"),
			drawState.Draw(t, "state"), drawConfidence.Draw(t, "confidence"), noon.Add(-drawAge.Draw(t, "age"))))
	}
	return s
}

func drawWay(t *rapid.T) []stretch {
	return rapid.SliceOfN(rapid.Custom(drawStretch), 1, 4).Draw(t, "way")
}

func sum(p *Policy, way []stretch, vehicle, profile string) (known, unknown, worst float64) {
	for _, s := range way {
		k, u := s.risk(p, vehicle, profile, noon)
		known, unknown, worst = known+k, unknown+u, max(worst, k+u)
	}
	return known, unknown, worst
}

// More hazards and longer stretches never risk less.
func TestMoreIsNeverLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		way := drawWay(t)
		vehicle, profile := drawVehicle.Draw(t, "vehicle"), drawProfile.Draw(t, "profile")
		known, unknown, worst := sum(p, way, vehicle, profile)
		rank := rankOf(p.Band(known, unknown, worst))

		longer := slices.Clone(way)
		longer[0].km += rapid.Float64Range(0, 50).Draw(t, "longer")
		k, u, w := sum(p, longer, vehicle, profile)
		if k < known-hair || u < unknown-hair || w < worst-hair || rankOf(p.Band(k, u, w)) < rank {
			t.Fatalf("longer: %g+%g becomes %g+%g", known, unknown, k, u)
		}
		further := append(slices.Clone(way), drawStretch(t))
		k, u, w = sum(p, further, vehicle, profile)
		if k < known-hair || u < unknown-hair || w < worst-hair || rankOf(p.Band(k, u, w)) < rank {
			t.Fatalf("further: %g+%g becomes %g+%g", known, unknown, k, u)
		}
		more := drawStretch(t)
		hazards := slices.Clone(way)
		hazards[0].zones = append(slices.Clone(hazards[0].zones), more.zones...)
		hazards[0].obstacles = append(slices.Clone(hazards[0].obstacles), more.obstacles...)
		if k, _, _ = sum(p, hazards, vehicle, profile); k < known-hair {
			t.Fatalf("more hazards: known risk %g becomes %g", known, k)
		}
	})
}

// Taking evidence away never lowers the unknown part, and never turns the band
// unknown into another.
func TestLessEvidenceIsNeverMoreKnown(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		way := drawWay(t)
		vehicle, profile := drawVehicle.Draw(t, "vehicle"), drawProfile.Draw(t, "profile")
		known, unknown, worst := sum(p, way, vehicle, profile)
		less := slices.Clone(way)
		gone := func(*geo.Version) bool { return rapid.Bool().Draw(t, "goes") }
		for i := range less {
			less[i].zones = slices.DeleteFunc(slices.Clone(less[i].zones), gone)
			less[i].obstacles = slices.DeleteFunc(slices.Clone(less[i].obstacles), gone)
		}
		k, u, w := sum(p, less, vehicle, profile)
		if u < unknown {
			t.Fatalf("the unknown part falls from %g to %g", unknown, u)
		}
		if p.Band(known, unknown, worst) == Unknown && p.Band(k, u, w) != Unknown {
			t.Fatalf("unknown becomes %s", p.Band(k, u, w))
		}
	})
}

func rankOf(band string) int {
	return slices.IndexFunc(BandWords, func(w geo.Word) bool { return w.Value == band })
}

func TestBand(t *testing.T) {
	p := Default()
	for _, c := range []struct {
		known, unknown, worst float64
		want                  string
	}{
		{0, 0, 0, Low}, {.019, 0, 0, Low}, {.02, 0, 0, Guarded}, {.015, .005, 0, Guarded}, {.1, 0, 0, High}, {.3, 0, 0, Severe},
		{.015, 0, .01, Guarded}, {.05, 0, .05, High}, {.15, 0, .15, Severe}, {9, 0, 9, Severe},
		{0, .1, 0, Unknown}, {9, .1, 9, Unknown}, {.2, .0999, 0, High}, {.2, .0999, .2, Severe},
		{math.NaN(), 0, 0, Unknown}, {0, math.NaN(), 0, Unknown}, {0, 0, math.NaN(), Unknown}, {math.Inf(1), 0, 0, Severe},
	} {
		if got := p.Band(c.known, c.unknown, c.worst); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

func TestBandNeverFalls(t *testing.T) {
	p := Default()
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) float64 {
			return rapid.SampledFrom([]float64{0, .001, .01, .05, .1, .2, 1}).Draw(t, name) * rapid.Float64Range(0, 1).Draw(t, name+" share")
		}
		known, unknown, worst := draw("known"), draw("unknown"), draw("worst")
		a := p.Band(known, unknown, worst)
		b := p.Band(known+draw("more known"), unknown+draw("more unknown"), worst+draw("more worst"))
		if rankOf(b) < rankOf(a) || rankOf(a) < 0 || a == Unknown && b != Unknown {
			t.Fatalf("%s becomes %s", a, b)
		}
	})
}

func TestNoWordPromisesSafety(t *testing.T) {
	for _, w := range BandWords {
		for _, text := range []string{w.Value, w.Label.French, w.Label.Haitian, w.Label.English} {
			for _, promise := range []string{"safe", "sûr", "sekirite", "sans danger"} {
				if text == "" || strings.Contains(strings.ToLower(text), promise) {
					t.Errorf("%s: %q", w.Value, text)
				}
			}
		}
	}
}

func BenchmarkZonePerKm(b *testing.B) {
	p, v := Default(), zone(b, "controlled", .7, noon.Add(-48*time.Hour))
	for b.Loop() {
		p.ZonePerKm(v, "ambulance", "ambulance", "RN", noon)
	}
}
