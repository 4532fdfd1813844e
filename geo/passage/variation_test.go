package passage

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

func TestDecodeVariations(t *testing.T) {
	got, err := DecodeRequest([]byte(`{"points":[[-72.34,18.55],[-72.6,18.51]],
		"avoid":[{"geometry":{"type":"Polygon","coordinates":[[[-72.5,18.5],[-72.4,18.5],[-72.4,18.6],[-72.5,18.5]]]}},
			{"geometry":{"type":"MultiPolygon","coordinates":[[[[-72.5,18.5],[-72.4,18.5],[-72.4,18.6],[-72.5,18.5]]]]},"factor":2.5}],
		"except":["RN2",[[-72.5,18.5],[-72.4,18.6]]],
		"what_if":{"close":[[-72.5,18.5],[[-72.5,18.5],[-72.4,18.6]]],"open":["00000000-0000-4000-8000-000000000001"]},
		"ignore":["00000000-0000-4000-8000-000000000002"],"seed":-7}`))
	if err != nil {
		t.Fatal(err)
	}
	a, b := orb.Point{-72.5, 18.5}, orb.Point{-72.4, 18.6}
	if len(got.Avoid) != 2 || got.Avoid[0].Factor != 0 || got.Avoid[1].Factor != 2.5 || len(got.Avoid[0].Area[0][0]) != 4 {
		t.Errorf("avoid %+v", got.Avoid)
	}
	if !reflect.DeepEqual(got.Except, []Exception{{Ref: "RN2"}, {Line: orb.LineString{a, b}}}) {
		t.Errorf("except %+v", got.Except)
	}
	if !reflect.DeepEqual(got.WhatIf, WhatIf{Close: []orb.Geometry{a, orb.LineString{a, b}}, Open: []uuid.UUID{uuid.MustParse("00000000-0000-4000-8000-000000000001")}}) {
		t.Errorf("what if %+v", got.WhatIf)
	}
	if len(got.Ignore) != 1 || got.Seed != -7 {
		t.Errorf("ignore %v, seed %v", got.Ignore, got.Seed)
	}
}

func TestDecodeVariationsRefuses(t *testing.T) {
	ring := `[[-72.5,18.5],[-72.4,18.5],[-72.4,18.6],[-72.5,18.5]]`
	bow := `[[-72.5,18.5],[-72.4,18.6],[-72.4,18.5],[-72.5,18.6],[-72.5,18.5]]`
	area := `{"geometry":{"type":"Polygon","coordinates":[` + ring + `]}}`
	many := `[[-72.5,18.5],`
	for i := range 2000 { // teeth
		many += fmt.Sprintf(`[%.4f,%.3f],`, -72.5+float64(i)/10000, 18.501+float64(i%2)/1000)
	}
	many += `[-72.3,18.5],[-72.5,18.5]]`
	for _, c := range []struct{ member, pointer, says string }{
		{`"avoid":{}`, "/avoid", "list"},
		{`"avoid":[` + strings.Repeat(area+",", 20) + area + `]`, "/avoid", "at most 20"},
		{`"avoid":[{}]`, "/avoid/0/geometry", "needed"},
		{`"avoid":[7]`, "/avoid/0", "object"},
		{`"avoid":[{"geometry":{"type":"Point","coordinates":[-72.5,18.5]}}]`, "/avoid/0/geometry", "Polygon"},
		{`"avoid":[{"geometry":{"type":"Polygon","coordinates":[` + bow + `]}}]`, "/avoid/0/geometry", ""},
		{`"avoid":[{"geometry":{"type":"Polygon","coordinates":[` + many + `]}}]`, "/avoid", "at most 2000"},
		{`"avoid":[{"geometry":{"type":"Polygon","coordinates":[` + ring + `]},"factor":0.5}]`, "/avoid/0/factor", "from 1"},
		{`"avoid":[{"geometry":{"type":"Polygon","coordinates":[` + ring + `]},"price":2}]`, "/avoid/0/price", "no member"},
		{`"except":[""]`, "/except/0", "RN2"},
		{`"except":[[[-72.5,18.5]]]`, "/except/0", "two points"},
		{`"except":[[[-72.5,18.5],[18.5,-72.5]]]`, "/except/0/1", "swapped"},
		{`"what_if":{"close":[[2.35,48.85]]}`, "/what_if/close/0/0", ""},
		{`"what_if":{"close":[[-72.5,18.5],[-72.5,18.5],7]}`, "/what_if/close/2", ""},
		{`"what_if":{"open":["RB-7"]}`, "/what_if/open/0", "identifier"},
		{`"what_if":{"open":[7]}`, "/what_if/open/0", "identifier"},
		{`"what_if":{"shut":[]}`, "/what_if/shut", "no member"},
		{`"ignore":["x"]`, "/ignore/0", "identifier"},
		{`"seed":1.5`, "/seed", "whole number"},
	} {
		_, err := DecodeRequest([]byte(`{"points":[[-72.34,18.55],[-72.6,18.51]],` + c.member + `}`))
		var fault *geo.Error
		if !errors.As(err, &fault) || !strings.HasPrefix(fault.Pointer, c.pointer) || !strings.Contains(fault.Detail, c.says) {
			t.Errorf("%.80s: %v", c.member, err)
		}
	}
}

func TestAvoid(t *testing.T) {
	south := box(15, -3, 25, -1)
	across := Request{Points: acrossFork}
	avoiding := func(factor float64) Request {
		r := across
		r.Avoid = []Avoidance{{Area: south, Factor: factor}}
		return r
	}
	if a := fork(t).find(t, avoiding(0)); !goesNorth(a) || slices.Contains(kinds(a), "avoid:not_passable") {
		t.Errorf("closed area: %v", kinds(a))
	}
	if a := fork(t).find(t, avoiding(1.01)); goesNorth(a) || !slices.Contains(kinds(a), "avoid:no_reported_obstacle") {
		t.Errorf("area hardly dearer: %v", kinds(a))
	}
	if a := fork(t).find(t, avoiding(100)); !goesNorth(a) {
		t.Errorf("area a hundred times dearer: %v", kinds(a))
	}
	both := avoiding(0)
	both.Avoid = append(both.Avoid, Avoidance{Area: box(15, 5, 25, 12)})
	if a := fork(t).find(t, both); !slices.Contains(kinds(a), "avoid:not_passable") || a.Advice != "insufficient_information" {
		t.Errorf("nothing but areas to avoid: %s %v", a.Advice, kinds(a))
	}
	excepted := both
	excepted.Except = []Exception{{Ref: "RN2"}}
	if a := fork(t).find(t, excepted); goesNorth(a) || slices.Contains(kinds(a), "avoid:not_passable") {
		t.Errorf("RN2 excepted: %v", kinds(a))
	}
	inside := across
	inside.Points = []orb.Point{place(20, -2), place(39, 0)}
	inside.Avoid = []Avoidance{{Area: south}}
	if a := fork(t).find(t, inside); !slices.Contains(kinds(a), "avoid:passable_with_conditions") {
		t.Errorf("from inside the area: %v", kinds(a))
	}
}

func TestExceptCorridor(t *testing.T) {
	s := fork(t).put("controlled-zones", box(11, -3, 29, -.1), map[string]any{"control_type": "contested"})
	r := Request{Points: acrossFork}
	if a := s.find(t, r); !goesNorth(a) {
		t.Fatal("contested ground is not avoided")
	}
	for name, x := range map[string]Exception{
		"road": {Ref: "RN2"},
		"line": {Line: orb.LineString{place(10, 0), place(20, -2), place(30, 0)}},
	} {
		r.Except = []Exception{x}
		if a := s.find(t, r); goesNorth(a) || !slices.Contains(kinds(a), "zone:negotiation_needed") {
			t.Errorf("%s: %v", name, kinds(a))
		}
	}
	r.Except = []Exception{{Ref: "RN9"}}
	if a := s.find(t, r); !goesNorth(a) {
		t.Error("another road is excepted")
	}
}

func TestWhatIf(t *testing.T) {
	r := Request{Points: acrossFork, WhatIf: WhatIf{Close: []orb.Geometry{place(20, -2)}}}
	if a := fork(t).find(t, r); !goesNorth(a) {
		t.Error("a supposed closure is not avoided")
	}
	r.WhatIf.Close = append(r.WhatIf.Close, orb.LineString{place(18, 9), place(20, 10)})
	if a := fork(t).find(t, r); !slices.Contains(kinds(a), "what_if:not_passable") {
		t.Errorf("closed everywhere: %v", kinds(a))
	}
	s := fork(t).put("roadblocks", place(20, -2), map[string]any{"subtype": "fixed_barrier"})
	id := s.versions[0].ID
	if a := s.find(t, Request{Points: acrossFork}); !goesNorth(a) {
		t.Error("a barrier is not avoided")
	}
	opened := s.find(t, Request{Points: acrossFork, WhatIf: WhatIf{Open: []uuid.UUID{id}}})
	ignored := s.find(t, Request{Points: acrossFork, Ignore: []uuid.UUID{id}})
	if goesNorth(opened) || goesNorth(ignored) {
		t.Errorf("opened %v, ignored %v", kinds(opened), kinds(ignored))
	}
	if opened.UnobservedM >= ignored.UnobservedM {
		t.Errorf("a lifted roadblock is still news: %v m without news, ignored %v m", opened.UnobservedM, ignored.UnobservedM)
	}
}

// What a request supposes leaves the ground as it was for the next.
func TestVariationsAreForgotten(t *testing.T) {
	e, s := NewEngine(EngineOptions{}), fork(t)
	w := s.world()
	plain := Request{Points: acrossFork, Vehicle: "car", Profile: "commercial"}.Resolve(saturday, &s.model)
	before, err := e.Find(t.Context(), w, plain)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		r := plain
		r.WhatIf.Close = []orb.Geometry{place(20, -2)}
		r.Avoid = []Avoidance{{Area: box(31, -1, 33, 1), Factor: 3}}
		if a, err := e.Find(t.Context(), w, r); err != nil || !goesNorth(a) {
			t.Fatalf("%v", err)
		}
	}
	if after, err := e.Find(t.Context(), w, plain); err != nil || encode(t, after) != encode(t, before) {
		t.Errorf("another answer afterwards: %v", err)
	}
}
