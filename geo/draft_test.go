package geo_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

func layer(t testing.TB, name string) *geo.Layer {
	t.Helper()
	l, ok := geo.LayerByName(name)
	if !ok {
		t.Fatalf("no layer %s", name)
	}
	return l
}

const toll = `{"subtype":"toll_post"}`

func roadblock(geometry, properties string) string {
	return `{"type":"Feature","geometry":` + geometry + `,"properties":` + properties + `}`
}

const here = `{"type":"Point","coordinates":[-72.3388,18.5392]}`

// fault is what an error must name: its code, pointer and a part of its detail.
type fault struct {
	code    geo.Code
	pointer string
	detail  string
}

func checkFault(t *testing.T, err error, want fault) {
	t.Helper()
	var all geo.Errors
	if !errors.As(err, &all) {
		t.Fatalf("%v is no list of faults", err)
	}
	for _, e := range all {
		if e.Code == want.code && e.Pointer == want.pointer && strings.Contains(e.Detail, want.detail) {
			return
		}
	}
	t.Errorf("%v\n  codes %v, want %+v", err, all, want)
}

func TestDecodeFeatureFaults(t *testing.T) {
	polygon := func(coordinates string) string {
		return `{"type":"Feature","geometry":{"type":"Polygon","coordinates":` + coordinates + `},"properties":{"control_type":"controlled"}}`
	}
	tests := []struct {
		name     string
		layer    string
		audience geo.Audience
		in       string
		want     fault
	}{
		{"nothing", "roadblocks", geo.Humanitarian, ``, fault{geo.CodeInvalid, "", "too early"}},
		{"null", "roadblocks", geo.Humanitarian, `null`, fault{geo.CodeInvalid, "/type", "Feature"}},
		{"a list", "roadblocks", geo.Humanitarian, `[]`, fault{geo.CodeInvalid, "", "a JSON array"}},
		{"not JSON", "roadblocks", geo.Humanitarian, `{"type":}`, fault{geo.CodeInvalid, "", "syntax error at byte 9"}},
		{"cut off", "roadblocks", geo.Humanitarian, `{"type":"Feature"`, fault{geo.CodeInvalid, "", "too early"}},
		{"two features", "roadblocks", geo.Humanitarian, roadblock(here, toll) + roadblock(here, toll), fault{geo.CodeInvalid, "", "after the feature"}},
		{"properties of the wrong kind", "roadblocks", geo.Humanitarian, roadblock(here, `[]`), fault{geo.CodeInvalid, "", "properties"}},
		{"a collection", "roadblocks", geo.Humanitarian, `{"type":"FeatureCollection","features":[]}`, fault{geo.CodeInvalid, "/type", "Feature"}},
		{"too large", "roadblocks", geo.Humanitarian, strings.Repeat(" ", geo.MaxFeatureBytes+1), fault{geo.CodeTooLarge, "", "bytes"}},

		{"no geometry", "roadblocks", geo.Humanitarian, `{"type":"Feature","properties":` + toll + `}`, fault{geo.CodeInvalid, "/geometry", "needed"}},
		{"null geometry", "roadblocks", geo.Humanitarian, roadblock(`null`, toll), fault{geo.CodeInvalid, "/geometry", "needed"}},
		{"lon and lat swapped", "roadblocks", geo.Humanitarian, roadblock(`{"type":"Point","coordinates":[18.5392,-72.3388]}`, toll), fault{geo.CodeInvalid, "/geometry/coordinates", "swapped"}},
		{"out of Haiti", "roadblocks", geo.Humanitarian, roadblock(`{"type":"Point","coordinates":[2.35,48.85]}`, toll), fault{geo.CodeInvalid, "/geometry/coordinates", "outside Haiti"}},
		{"one vertex out of Haiti", "roadblocks", geo.Humanitarian, roadblock(`{"type":"LineString","coordinates":[[-72.3,18.5],[-62.3,18.5]]}`, toll), fault{geo.CodeInvalid, "/geometry/coordinates", "[-62.3, 18.5]"}},
		{"a point where an area is asked for", "controlled-zones", geo.Humanitarian, roadblock(here, `{"control_type":"controlled"}`), fault{geo.CodeInvalid, "/geometry", "not a Point"}},
		{"an area where a point is asked for", "places", geo.Humanitarian, roadblock(`{"type":"Polygon","coordinates":[[[-72,18],[-71,18],[-71,19],[-72,18]]]}`, `{"place_kind":"town"}`), fault{geo.CodeInvalid, "/geometry", "not a Polygon"}},
		{"a collection of geometries", "roadblocks", geo.Humanitarian, roadblock(`{"type":"GeometryCollection","geometries":[`+here+`]}`, toll), fault{geo.CodeInvalid, "/geometry", ""}},
		{"no such geometry", "roadblocks", geo.Humanitarian, roadblock(`{"type":"Circle","coordinates":[-72,18]}`, toll), fault{geo.CodeInvalid, "/geometry", "not a GeoJSON geometry"}},
		{"coordinates of text", "roadblocks", geo.Humanitarian, roadblock(`{"type":"Point","coordinates":["-72","18"]}`, toll), fault{geo.CodeInvalid, "/geometry", "not a GeoJSON geometry"}},
		{"an empty line", "roadblocks", geo.Humanitarian, roadblock(`{"type":"LineString","coordinates":[]}`, toll), fault{geo.CodeInvalid, "/geometry/coordinates", "empty"}},
		{"a line of one point", "roadblocks", geo.Humanitarian, roadblock(`{"type":"LineString","coordinates":[[-72.3,18.5],[-72.3,18.5000001]]}`, toll), fault{geo.CodeInvalidGeometry, "/geometry/coordinates", "two different points"}},
		{"an open ring", "controlled-zones", geo.Humanitarian, polygon(`[[[-72,18],[-71,18],[-71,19],[-72,19]]]`), fault{geo.CodeInvalidGeometry, "/geometry/coordinates", "not closed"}},
		{"a ring that rounding closes up", "controlled-zones", geo.Humanitarian, polygon(`[[[-72,18],[-71.9999999,18],[-72,18.0000001],[-72,18]]]`), fault{geo.CodeInvalidGeometry, "/geometry/coordinates", "three different points"}},
		{"a ring that is only a spike", "controlled-zones", geo.Humanitarian, polygon(`[[[-72,18],[-71,18],[-71,19],[-71,18],[-72,18]]]`), fault{geo.CodeInvalidGeometry, "/geometry/coordinates", "three different points"}},
		{"an area without rings", "controlled-zones", geo.Humanitarian, polygon(`[]`), fault{geo.CodeInvalid, "/geometry/coordinates", "empty"}},
		{"geometry of a group", "armed-groups", geo.Humanitarian, roadblock(here, `{"group_id":"x"}`), fault{geo.CodeInvalid, "/geometry", "have no geometry"}},

		{"unknown property", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","colour":"red"}`), fault{geo.CodeInvalid, "/properties/colour", "no property"}},
		{"unknown property to be escaped", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","a/b~c":1}`), fault{geo.CodeInvalid, "/properties/a~1b~0c", "no property"}},
		{"a person's name is no property", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","collector_name":"x"}`), fault{geo.CodeInvalid, "/properties/collector_name", "no property"}},
		{"missing required", "roadblocks", geo.Humanitarian, roadblock(here, `{}`), fault{geo.CodeInvalid, "/properties/subtype", "needed"}},
		{"null required", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":null}`), fault{geo.CodeInvalid, "/properties/subtype", "needed"}},
		{"word of another layer", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"hospital"}`), fault{geo.CodeInvalid, "/properties/subtype", "none of toll_post"}},
		{"number for a word", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":3}`), fault{geo.CodeInvalid, "/properties/subtype", "a string"}},
		{"text too long", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","code":"`+strings.Repeat("x", 61)+`"}`), fault{geo.CodeInvalid, "/properties/code", "at most 60 bytes, not 61"}},
		{"text with NUL", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","note":"a\u0000b"}`), fault{geo.CodeInvalid, "/properties/note", "NUL"}},
		{"number out of bounds", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","max_load_t":201}`), fault{geo.CodeInvalid, "/properties/max_load_t", "outside 0 to 200"}},
		{"negative radius", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","precision_m":-1}`), fault{geo.CodeInvalid, "/properties/precision_m", "outside"}},
		{"part of a whole number", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","geo_precision":1.5}`), fault{geo.CodeInvalid, "/properties/geo_precision", "whole"}},
		{"number too large for a number", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","max_load_t":1e999}`), fault{geo.CodeInvalid, "/properties/max_load_t", "a number"}},
		{"text for a boolean", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","demonstration":"yes"}`), fault{geo.CodeInvalid, "/properties/demonstration", "true or false"}},
		{"not a date", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","last_confirmed_at":"yesterday"}`), fault{geo.CodeInvalid, "/properties/last_confirmed_at", "RFC 3339"}},
		{"a date of another age", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","last_confirmed_at":"1492-12-25"}`), fault{geo.CodeInvalid, "/properties/last_confirmed_at", "outside 1800 to 2100"}},
		{"valid from another age", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","valid_from":"2205-01-01"}`), fault{geo.CodeInvalid, "/properties/valid_from", "outside 1800 to 2100"}},
		{"valid from no time at all", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","valid_from":"0001-01-01T00:00:00"}`), fault{geo.CodeInvalid, "/properties/valid_from", "outside"}},
		{"ends before it begins", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","valid_from":"2025-01-02","valid_to":"2025-01-01"}`), fault{geo.CodeInvalid, "/properties/valid_to", "after valid_from"}},
		{"ends as it begins", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","valid_from":"2025-01-02","valid_to":"2025-01-02"}`), fault{geo.CodeInvalid, "/properties/valid_to", "after valid_from"}},
		{"a list that is none", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","references":"x"}`), fault{geo.CodeInvalid, "/properties/references", "a list"}},
		{"a list too long", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","references":["x"`+strings.Repeat(`,"x"`, 50)+`]}`), fault{geo.CodeInvalid, "/properties/references", "at most 50 entries, not 51"}},
		{"an id that is none", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","source_ids":["x"]}`), fault{geo.CodeInvalid, "/properties/source_ids", "not a UUID"}},
		{"a trait that is none", "controlled-zones", geo.Humanitarian, `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-72,18],[-71,18],[-71,19],[-72,18]]]},"properties":{"control_type":"controlled","traits":["kind"]}}`, fault{geo.CodeInvalid, "/properties/traits", "none of taxes"}},
		{"a toll below nothing", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","toll":[{"amount":-5,"currency":"HTG","unit":"trip"}]}`), fault{geo.CodeInvalid, "/properties/toll", "outside 0"}},
		{"a toll with the collector", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","toll":[{"amount":5,"currency":"HTG","unit":"trip","collector":"x"}]}`), fault{geo.CodeInvalid, "/properties/toll", "form"}},
		{"passability of no vehicle", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","passability":{"bicycle":"yes"}}`), fault{geo.CodeInvalid, "/properties/passability", "vehicle class"}},
		{"passability by no word", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","passability":{"car":"safe"}}`), fault{geo.CodeInvalid, "/properties/passability", "none of yes"}},
		{"a holder without a role", "controlled-zones", geo.Humanitarian, `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-72,18],[-71,18],[-71,19],[-72,18]]]},"properties":{"control_type":"controlled","holders":[{"group":"g9"}]}}`, fault{geo.CodeInvalid, "/properties/holders", "role"}},
		{"attributes that are no object", "facilities", geo.Humanitarian, roadblock(here, `{"facility_type":"hospital","attributes":[1]}`), fault{geo.CodeInvalid, "/properties/attributes", "object"}},
		{"attributes with NUL", "facilities", geo.Humanitarian, roadblock(here, `{"facility_type":"hospital","attributes":{"a":["\u0000"]}}`), fault{geo.CodeInvalid, "/properties/attributes", "NUL"}},
		{"attributes too deep", "facilities", geo.Humanitarian, roadblock(here, `{"facility_type":"hospital","attributes":{"a":`+strings.Repeat("[", 20)+strings.Repeat("]", 20)+`}}`), fault{geo.CodeInvalid, "/properties/attributes", "deep"}},
		{"attributes too large", "facilities", geo.Humanitarian, roadblock(here, `{"facility_type":"hospital","attributes":{"a":"`+strings.Repeat("x", 20000)+`"}}`), fault{geo.CodeInvalid, "/properties/attributes", "20000 bytes"}},

		{"status of police by hum", "police-facilities", geo.Humanitarian, roadblock(here, `{"facility_type":"police_commissariat","functional":"none"}`), fault{geo.CodeForbidden, "/properties/functional", "not yours"}},
		{"sources by ops", "roadblocks", geo.Operations, roadblock(here, `{"subtype":"toll_post","revision_reason":"x"}`), fault{geo.CodeForbidden, "/properties/revision_reason", "not yours"}},
		{"road status by public", "national-roads", geo.Public, roadblock(`{"type":"LineString","coordinates":[[-72.3,18.5],[-72.4,18.6]]}`, `{"ref":"RN1","status":"open"}`), fault{geo.CodeForbidden, "/properties/status", "not yours"}},
		{"less sensitive than its layer", "roadblocks", geo.Humanitarian, roadblock(here, `{"subtype":"toll_post","sensitivity":"moderate"}`), fault{geo.CodeInvalid, "/properties/sensitivity", "at least of sensitivity high"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d, err := geo.DecodeFeature(layer(t, test.layer), test.audience, []byte(test.in))
			if err == nil {
				t.Fatalf("taken as %+v", d)
			}
			checkFault(t, err, test.want)
		})
	}
}

func TestDecodeFeatureNamesAllFaults(t *testing.T) {
	_, err := geo.DecodeFeature(layer(t, "roadblocks"), geo.Humanitarian,
		[]byte(roadblock(`{"type":"Point","coordinates":[18.5,-72.3]}`, `{"subtype":"x","colour":"red","max_load_t":-1}`)))
	for _, want := range []fault{
		{geo.CodeInvalid, "/geometry/coordinates", "swapped"}, {geo.CodeInvalid, "/properties/colour", ""},
		{geo.CodeInvalid, "/properties/max_load_t", ""}, {geo.CodeInvalid, "/properties/subtype", ""},
	} {
		checkFault(t, err, want)
	}
	if geo.CodeOf(err) != geo.CodeInvalid {
		t.Errorf("code %q", geo.CodeOf(err))
	}
}

func TestDecodeFeature(t *testing.T) {
	l := layer(t, "roadblocks")
	id := uuid.MustParse("5f0c9a3e-6f38-4f3c-9f0e-3f6d1d2f7a11")
	d, err := geo.DecodeFeature(l, geo.Humanitarian, []byte(`{"type":"Feature","id":"`+id.String()+`","bbox":[1,2,3,4],
		"geometry":{"type":"Point","coordinates":[-72.33881234567,18.53921234567,35]},
		"properties":{"subtype":"toll_post","name_ht":"Pòs peyaj","valid_from":"2025-03-12T05:30:00-05:00","valid_to":null,
		"last_confirmed_at":"2025-03-12T06:00:00","geo_precision":2,"max_load_t":3.5,"demonstration":true,"references":["a","b"],
		"source_ids":["urn:uuid:5F0C9A3E-6F38-4F3C-9F0E-3F6D1D2F7A11"],"toll":[ {"unit":"trip","amount":5e2,"currency":"HTG"} ],
		"confidence":0.99,"author":"somebody","revision":3,"stale_at":"2026-01-01T00:00:00Z","handling":null,"occupied":null}}`))
	if err == nil {
		t.Fatal("an unknown property was taken because it is null")
	}
	d, err = geo.DecodeFeature(l, geo.Humanitarian, []byte(`{"type":"Feature","id":"`+id.String()+`","bbox":[1,2,3,4],
		"geometry":{"type":"Point","coordinates":[-72.33881234567,18.53921234567,35]},
		"properties":{"subtype":"toll_post","name_ht":"Pòs peyaj","valid_from":"2025-03-12T05:30:00-05:00","valid_to":null,
		"last_confirmed_at":"2025-03-12T06:00:00","geo_precision":2,"max_load_t":3.5,"demonstration":true,"references":["a","b"],
		"source_ids":["urn:uuid:5F0C9A3E-6F38-4F3C-9F0E-3F6D1D2F7A11"],"toll":[ {"unit":"trip","amount":5e2,"currency":"HTG"} ],
		"confidence":0.99,"author":"somebody","revision":3,"stale_at":"2026-01-01T00:00:00Z","handling":null}}`))
	if err != nil {
		t.Fatal(err)
	}
	if d.ID != id || !d.HasGeom || d.Geometry != (orb.Point{-72.338812, 18.539212}) {
		t.Errorf("id %v, geometry %v", d.ID, d.Geometry)
	}
	if want := time.Date(2025, 3, 12, 10, 30, 0, 0, time.UTC); !d.HasFrom || !d.From.Equal(want) || !d.HasTo || !d.To.IsZero() {
		t.Errorf("valid %v %v, %v %v", d.HasFrom, d.From, d.HasTo, d.To)
	}
	for name, want := range map[string]any{
		"subtype": "toll_post", "name_ht": "Pòs peyaj", "geo_precision": int64(2), "max_load_t": 3.5, "demonstration": true,
		"references": "[a b]", "source_ids": "[" + id.String() + "]", "toll": `[{"amount":500,"currency":"HTG","unit":"trip"}]`,
		"last_confirmed_at": time.Date(2025, 3, 12, 6, 0, 0, 0, time.UTC),
		"state":             "reported", "actor_type": "unknown", "passability": "{}", "compartment": "hum", "review_state": "approved",
		"sensitivity": "high", "confidence": nil, "author": nil, "stale_at": nil, "revision": nil, "handling": nil, "note": nil,
	} {
		got := d.Get(l, name)
		switch v := got.(type) {
		case []string:
			got = fmt.Sprint(v)
		case json.RawMessage:
			got = string(v)
		}
		if got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	for name, want := range map[string]bool{"subtype": true, "state": false, "confidence": false, "handling": false} {
		if got := d.Given[l.Index(name)]; got != want {
			t.Errorf("%s given: %v", name, got)
		}
	}
}

// What somebody heard may come without a place.
func TestDecodeFeatureWithoutPlace(t *testing.T) {
	for _, in := range []string{
		`{"type":"Feature","properties":{"channel":"sms"}}`,
		`{"type":"Feature","geometry":null,"properties":{"channel":"sms"}}`,
	} {
		d, err := geo.DecodeFeature(layer(t, "observations"), geo.Humanitarian, []byte(in))
		if err != nil || d.Geometry != nil || d.HasGeom {
			t.Errorf("%s: %+v, %v", in, d, err)
		}
	}
	d, err := geo.DecodeFeature(layer(t, "observations"), geo.Humanitarian, []byte(roadblock(here, `{"channel":"sms"}`)))
	if err != nil || !d.HasGeom {
		t.Errorf("with a place: %+v, %v", d, err)
	}
}

func TestDecodeFeatureTidiesGeometry(t *testing.T) {
	d, err := geo.DecodeFeature(layer(t, "controlled-zones"), geo.Humanitarian, []byte(`{"type":"Feature","properties":{"control_type":"contested"},
		"geometry":{"type":"Polygon","coordinates":[
			[[-72,18],[-72,19],[-72,19.0000001],[-71,19],[-71,18],[-72,18]],
			[[-71.6,18.4],[-71.4,18.4],[-71.4,18.6],[-71.6,18.4]]]}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := orb.MultiPolygon{{
		{{-72, 18}, {-71, 18}, {-71, 19}, {-72, 19}, {-72, 18}},
		{{-71.6, 18.4}, {-71.4, 18.6}, {-71.4, 18.4}, {-71.6, 18.4}},
	}}
	if !orb.Equal(d.Geometry, want) {
		t.Errorf("%v, want %v", d.Geometry, want)
	}
	// Spikes of rounding go, wherever the ring begins.
	corners := []string{"[-72,18]", "[-71,18]", "[-70.9,17.9]", "[-70.8,17.8]", "[-70.9,17.9000001]", "[-71,18.0000001]", "[-71,19]", "[-72,19]"}
	for start := range corners {
		turned := append(append(slices.Clone(corners[start:]), corners[:start]...), corners[start])
		d, err := geo.DecodeFeature(layer(t, "controlled-zones"), geo.Humanitarian, []byte(`{"type":"Feature","properties":{"control_type":"contested"},
			"geometry":{"type":"Polygon","coordinates":[[`+strings.Join(turned, ",")+`]]}}`))
		if err != nil {
			t.Fatalf("from corner %d: %v", start, err)
		}
		ring := d.Geometry.(orb.MultiPolygon)[0][0]
		if len(ring) != 5 || ring[0] != ring[4] || ring.Bound() != (orb.Bound{Min: orb.Point{-72, 18}, Max: orb.Point{-71, 19}}) {
			t.Errorf("from corner %d: %v", start, ring)
		}
	}
	d, err = geo.DecodeFeature(layer(t, "national-roads"), geo.Humanitarian, []byte(`{"type":"Feature","properties":{"ref":"RN1"},
		"geometry":{"type":"LineString","coordinates":[[-72,18],[-72,18],[-72.1,18.1]]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if !orb.Equal(d.Geometry, orb.MultiLineString{{{-72, 18}, {-72.1, 18.1}}}) {
		t.Errorf("%v", d.Geometry)
	}
}

func TestDecodeFeatureLimitsVertices(t *testing.T) {
	var b strings.Builder
	b.WriteString(`{"type":"LineString","coordinates":[[-72.3,18.5]`)
	for i := range geo.MaxVertices {
		fmt.Fprintf(&b, ",[-72.%d,18.5]", i%9+1)
	}
	b.WriteString(`]}`)
	_, err := geo.DecodeFeature(layer(t, "roadblocks"), geo.Humanitarian, []byte(roadblock(b.String(), toll)))
	checkFault(t, err, fault{geo.CodeTooLarge, "/geometry/coordinates", "100001 vertices"})
}

func TestDecodePatch(t *testing.T) {
	l := layer(t, "roadblocks")
	d, err := geo.DecodePatch(l, geo.Humanitarian, []byte(`{"properties":{"state":"cleared","note":null,"actor_type":null,"valid_to":"2025-04-01"}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		value any
		given bool
	}{
		"state": {"cleared", true}, "note": {nil, true}, "actor_type": {"unknown", true}, "subtype": {nil, false}, "toll": {nil, false},
	} {
		if got, given := d.Get(l, name), d.Given[l.Index(name)]; got != want.value || given != want.given {
			t.Errorf("%s: %v %v", name, got, given)
		}
	}
	if d.HasGeom || d.HasFrom || !d.HasTo || !d.To.Equal(time.Date(2025, 4, 1, 0, 0, 0, 0, time.UTC)) {
		t.Errorf("geometry %v, from %v, to %v %v", d.HasGeom, d.HasFrom, d.HasTo, d.To)
	}
	if d, err = geo.DecodePatch(l, geo.Humanitarian, []byte(`{"type":"Feature","geometry":`+here+`}`)); err != nil || !d.HasGeom {
		t.Errorf("a new place: %+v, %v", d, err)
	}
	if _, err = geo.DecodePatch(l, geo.Humanitarian, []byte(`{}`)); err != nil {
		t.Errorf("an empty patch: %v", err)
	}
	tests := []struct {
		in   string
		want fault
	}{
		{`{"geometry":null}`, fault{geo.CodeInvalid, "/geometry", "cleared"}},
		{`{"properties":{"subtype":null}}`, fault{geo.CodeInvalid, "/properties/subtype", "cannot be cleared"}},
		{`{"properties":{"sensitivity":"low"}}`, fault{geo.CodeInvalid, "/properties/sensitivity", "at least"}},
		{`{"properties":{"sensitivity":null}}`, fault{geo.CodeInvalid, "/properties/sensitivity", "cannot be cleared"}},
		{`{"type":"Point"}`, fault{geo.CodeInvalid, "/type", "Feature"}},
		{`{"properties":{"states":"cleared"}}`, fault{geo.CodeInvalid, "/properties/states", "no property"}},
	}
	for _, test := range tests {
		d, err := geo.DecodePatch(l, geo.Humanitarian, []byte(test.in))
		if err == nil {
			t.Errorf("%s is taken as %+v", test.in, d)
			continue
		}
		checkFault(t, err, test.want)
	}
	// What a patch may not see it may not clear either, but naming it as null,
	// as a client does that sends everything back, is no fault.
	d, err = geo.DecodePatch(layer(t, "police-facilities"), geo.Humanitarian, []byte(`{"properties":{"functional":null}}`))
	if err != nil || d.Given[layer(t, "police-facilities").Index("functional")] {
		t.Errorf("%v", err)
	}
	if _, err = geo.DecodePatch(layer(t, "police-facilities"), geo.Humanitarian, []byte(`{"properties":{"functional":"full"}}`)); geo.CodeOf(err) != geo.CodeForbidden {
		t.Errorf("%v", err)
	}
}
