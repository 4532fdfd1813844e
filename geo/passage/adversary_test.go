package passage

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/road"
)

// A gate that is passed twice is judged on both passages: it may have shut in
// between.
func TestGatePassedTwice(t *testing.T) {
	// 40 km out and back: at the gate (12 km) soon after nine, and again long after ten.
	s := openRoad(t).put("roadblocks", place(12, 0), map[string]any{"subtype": "community_gate", "schedule": "05:00-09:30"})
	for name, r := range map[string]Request{
		"points": {Points: []orb.Point{place(0, 0), place(40, 0), place(0, 0)}},
		"line":   {Line: orb.LineString{place(0, 0), place(40, 0), place(0, 0)}},
	} {
		a := s.find(t, r)
		if waits := a.NextOpening != nil && a.NextOpening.Waited; a.Advice != "not_passable" && !waits {
			t.Errorf("%s: %s %v, %v s", name, a.Advice, kinds(a), a.DurationS)
		}
	}
}

// An answer holds until a report that is known already begins to be valid.
func TestValidUntilWhatIsComing(t *testing.T) {
	s := openRoad(t).put("roadblocks", place(12, 0), map[string]any{"subtype": "police_closure"})
	v := *s.versions[len(s.versions)-1]
	v.Valid.From = saturday.Add(2 * time.Hour)
	s.versions[len(s.versions)-1] = geo.NewVersion(geo.Version{Layer: v.Layer, ID: v.ID, Known: v.Known, KnownAt: v.KnownAt, Valid: v.Valid, Geometry: v.Geometry, Values: v.Values}, &s.model)
	a := s.find(t, Request{Line: straight})
	if a.ValidUntil.After(saturday.Add(2 * time.Hour)) {
		t.Errorf("%s, valid until %v", a.Advice, a.ValidUntil)
	}
}

// A line beside a road is not freer than the road.
func TestLineBesideRoad(t *testing.T) {
	north := func(p orb.Point, m float64) orb.Point { return orb.Point{p[0], p[1] + m/110600} }
	s := openRoad(t).put("roadblocks", north(place(12, 0), -140), map[string]any{"subtype": "barricade_manned"})
	road := s.find(t, Request{Line: straight})
	beside := s.find(t, Request{Line: orb.LineString{north(place(0, 0), 140), north(place(20, 0), 140), north(place(40, 0), 140)}})
	if road.Advice != beside.Advice {
		t.Errorf("on the road %s, beside it %s", road.Advice, beside.Advice)
	}
}

// A line over a road that the class may not drive on is not passable.
func TestLineOverForbiddenRoad(t *testing.T) {
	e := national("RN2", straight...)
	e.MaxLoadT = 3
	s := newScene().build(t, e).put("national-roads", orb.MultiLineString{straight}, map[string]any{"ref": "RN2", "status": "open", "precision_m": 100.0})
	a := s.find(t, Request{Line: straight, Vehicle: "truck_20t"})
	if a.Advice != "not_passable" {
		t.Errorf("%s %v", a.Advice, kinds(a))
	}
}

// What runs over midnight ends where a later rule names the day.
func TestScheduleSpill(t *testing.T) {
	zone, _ := localZone()
	for _, c := range []struct {
		text string
		at   time.Time
		want bool
	}{
		{"Mo-Su 20:00-06:00; Sa off", time.Date(2025, 11, 15, 3, 0, 0, 0, zone), false},
		{"Mo-Su 20:00-06:00; Sa 02:00-04:00 off", time.Date(2025, 11, 15, 3, 0, 0, 0, zone), false},
		{"Mo-Su 20:00-06:00; Sa 08:00-12:00", time.Date(2025, 11, 15, 3, 0, 0, 0, zone), false},
		{"Mo-Su 20:00-06:00; Sa off", time.Date(2025, 11, 16, 3, 0, 0, 0, zone), false},
		{"Mo-Su 20:00-06:00; Su off", time.Date(2025, 11, 15, 3, 0, 0, 0, zone), true},
	} {
		s, err := ParseSchedule(c.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := s.Open(c.at); got != c.want {
			t.Errorf("%s at %v: %v", c.text, c.at, got)
		}
	}
}

// Ground that only has its border in common with the road is crossed.
func TestZoneBorderAlongRoad(t *testing.T) {
	for name, z := range map[string]orb.MultiPolygon{"south": box(-1, -3, 41, 0), "north": box(-1, 0, 41, 3), "ends": box(0, 0, 40, 3)} {
		s := openRoad(t).put("controlled-zones", z, map[string]any{"control_type": "contested"})
		a := s.find(t, Request{Line: straight})
		b := s.find(t, Request{Points: []orb.Point{place(0, 0), place(40, 0)}})
		if a.Advice != "negotiation_needed" || b.Advice != a.Advice {
			t.Errorf("%s: line %s, points %s", name, a.Advice, b.Advice)
		}
	}
}

// A way that areas make dearer than a metric can hold is there all the same.
func TestHugePrices(t *testing.T) {
	var edges []road.EdgeInput
	for i := range 150 {
		edges = append(edges, national("RN2", place(float64(i), 0), place(float64(i+1), 0)))
	}
	s := newScene().build(t, edges...)
	e := NewEngine(EngineOptions{})
	there, back := place(0, 0), place(150, 0)
	for name, avoid := range map[string][]Avoidance{
		"dear":         {{Area: box(-5, -5, 155, 5), Factor: 1000}, {Area: box(-4, -4, 154, 5), Factor: 1000}},
		"closed":       {{Area: box(1, -5, 140, 5)}},
		"round an end": {{Area: box(-5, -5, 155, 5)}},
		"dear, closed": {{Area: box(1, -5, 140, 5)}, {Area: box(-5, -5, 155, 5), Factor: 1000}},
		"half the way": {{Area: box(75, -5, 155, 5), Factor: 1000}},
	} {
		r := Request{Points: []orb.Point{there, back, there, back, there, back}, Vehicle: "foot", Profile: "humanitarian_cargo", Avoid: avoid}
		r = r.Resolve(saturday, &s.model)
		want, err := Find(t.Context(), s.world(), r)
		if err != nil {
			t.Fatal(name, err)
		}
		if got, err := e.Find(t.Context(), s.world(), r); err != nil || encode(t, got) != encode(t, want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Areas that span the country many times over are refused, not computed.
func TestSpreadOfAreas(t *testing.T) {
	s := openRoad(t)
	r := Request{Line: straight}
	for range 4 {
		r.Avoid = append(r.Avoid, Avoidance{Area: box(0, 0, 200, 200), Factor: 2})
	}
	if _, err := s.try(r); geo.CodeOf(err) != geo.CodeTooLarge {
		t.Errorf("four times the country: %v", err)
	}
	r.Avoid = r.Avoid[:3]
	if _, err := s.try(r); err != nil {
		t.Errorf("three times four square degrees: %v", err)
	}
}

// What is not a number is no place.
func TestNoNumber(t *testing.T) {
	for _, p := range []orb.Point{{math.NaN(), 18.5}, {-72.7, math.NaN()}, {math.Inf(1), 18.5}} {
		if _, err := openRoad(t).try(Request{Points: []orb.Point{p, place(1, 0)}}); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%v: %v", p, err)
		}
	}
}

// The answer is the same whether an id exists that this audience cannot see.
func TestNoOracle(t *testing.T) {
	s := openRoad(t).put("roadblocks", place(12, 0), weekendToll)
	a := s.find(t, Request{Line: straight})
	b := s.find(t, Request{Line: straight, WhatIf: WhatIf{Open: []uuid.UUID{uuid.New()}}, Ignore: []uuid.UUID{uuid.New()}})
	if encode(t, a) != encode(t, b) {
		t.Error("an unknown id changes the answer")
	}
}

// Of many ways of one price, which one is answered does not depend on what was
// asked before.
func TestTiesDoNotDependOnHistory(t *testing.T) {
	const side = 9
	var edges []road.EdgeInput
	for i := range side {
		for k := range side {
			if i+1 < side {
				edges = append(edges, street(place(float64(i), float64(k)), place(float64(i+1), float64(k))))
			}
			if k+1 < side {
				edges = append(edges, street(place(float64(i), float64(k)), place(float64(i), float64(k+1))))
			}
		}
	}
	base := newScene().build(t, edges...)
	random := rand.New(rand.NewPCG(1, 1))
	warm := NewEngine(EngineOptions{MaxMetrics: 3, MaxGrounds: 2})
	other, differs := 0, 0
	for round := range 60 {
		s := base.copy()
		for range random.IntN(5) {
			s.put("roadblocks", place(random.Float64()*8, random.Float64()*8), map[string]any{"subtype": []string{"barricade_manned", "toll_post"}[random.IntN(2)], "precision_m": 600.0})
		}
		w := s.world()
		if round%2 == 0 {
			warm.Refresh(t.Context(), w)
		}
		for range 4 {
			r := Request{Points: []orb.Point{place(float64(random.IntN(side)), float64(random.IntN(side))), place(float64(random.IntN(side)), float64(random.IntN(side)))}, Vehicle: "car", Profile: "commercial"}
			if random.IntN(3) == 0 {
				r.WhatIf.Close = []orb.Geometry{place(float64(random.IntN(side)), float64(random.IntN(side)))}
			}
			r = r.Resolve(saturday.Add(time.Duration(random.IntN(48))*time.Hour), &s.model)
			cold := NewEngine(EngineOptions{})
			a, errA := cold.Find(t.Context(), w, r)
			b, errB := warm.Find(t.Context(), w, r)
			if (errA == nil) != (errB == nil) {
				t.Fatal(errA, errB)
			}
			if errA != nil {
				continue
			}
			other++
			if encode(t, a) != encode(t, b) {
				differs++
			}
		}
	}
	if differs > 0 {
		t.Errorf("%d of %d answers depend on history", differs, other)
	}
}

// What an area is in a box does not depend on how much of it is looked at.
func TestTrimmedAreas(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(4, 60).Draw(t, "vertices")
		ring := orb.Ring{}
		for k := range n {
			angle := 2 * math.Pi * float64(k) / float64(n)
			r := rapid.Float64Range(1, 12).Draw(t, "radius")
			ring = append(ring, place(6+r*math.Cos(angle), 6+r*math.Sin(angle)))
		}
		whole := Avoidance{Area: orb.MultiPolygon{{append(ring, ring[0]), box(5.7, 5.7, 6.3, 6.3)[0][0]}}}
		a := newArea(0, whole)
		for range 20 {
			at := drawPlace(t, "from")
			line := orb.LineString{at}
			for range rapid.IntRange(1, 3).Draw(t, "more") {
				size := rapid.SampledFrom([]float64{.01, .3, 5}).Draw(t, "size")
				last := line[len(line)-1]
				line = append(line, orb.Point{last[0] + .01*rapid.Float64Range(-size, size).Draw(t, "east"), last[1] + .01*rapid.Float64Range(-size, size).Draw(t, "north")})
			}
			track := newTrack(line)
			got := areaSpans(track.line, track.along, track.bound, a.near(track.bound))
			want := areaSpans(track.line, track.along, track.bound, whole.Area)
			if !slices.Equal(got, want) {
				t.Fatalf("%v, of the whole %v", got, want)
			}
		}
	})
}

// Many segments are found like few.
func TestTargetsOfManySegments(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var zigzag, line orb.LineString
		for range rapid.IntRange(20, 40).Draw(t, "segments") {
			zigzag = append(zigzag, drawPlace(t, "at"))
		}
		for range rapid.IntRange(2, 5).Draw(t, "points") {
			line = append(line, drawPlace(t, "by"))
		}
		track, radius := newTrack(line), rapid.Float64Range(1, 3000).Draw(t, "radius")
		many := newTarget(zigzag)
		few := target{segments: many.segments, lengthM: many.lengthM}
		got, want := many.near(track.line, track.along, radius), few.near(track.line, track.along, radius)
		if len(got) != len(want) || many.meets(line, line.Bound(), radius) != few.meets(line, line.Bound(), radius) {
			t.Fatalf("%v, one by one %v", got, want)
		}
		for i := range got {
			if got[i] != want[i] {
				t.Fatalf("%v, one by one %v", got[i], want[i])
			}
		}
		for _, p := range zigzag[1:] {
			if !slices.ContainsFunc(many.boxes(), func(b orb.Bound) bool { return b.Contains(p) }) {
				t.Fatalf("%v is in no box", p)
			}
		}
	})
}

// A line between a street and a numbered road may be meant to run on the latter.
func TestLineBetweenRoads(t *testing.T) {
	north := func(p orb.Point, m float64) orb.Point { return orb.Point{p[0], p[1] + m/110600} }
	lane := func(m float64) orb.LineString {
		return orb.LineString{north(straight[0], m), north(straight[1], m), north(straight[2], m)}
	}
	s := newScene().build(t, national("RN2", straight...), street(lane(25)...), street(lane(120)...)).
		put("controlled-zones", box(-1, -1, 41, 1), map[string]any{"control_type": "state_held"}).
		put("roadblocks", place(10, 0), map[string]any{"subtype": "barricade_manned", "road_ref": "RN2"})
	for m, want := range map[float64]string{0: "not_passable", 12: "not_passable", 13: "not_passable", 20: "not_passable", 120: "no_reported_obstacle"} {
		if a := s.find(t, Request{Line: lane(m)}); a.Advice != want {
			t.Errorf("%v m beside RN2: %s", m, a.Advice)
		}
	}
}
