package geo_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

var featureSeeds = []string{
	roadblock(here, toll),
	roadblock(`{"type":"LineString","coordinates":[[-72.3,18.5,1],[-72.4,18.6]]}`, `{"subtype":"ambush_stretch","toll":[{"amount":1e3,"currency":"HTG","unit":"day"}],"passability":{"car":"pay"},"valid_from":"2025-01-01"}`),
	`{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-72,18],[-71,18],[-71,19],[-72,18]]]},"properties":{"control_type":"controlled","holders":[{"group":"g9","role":"principal"}],"traits":["taxes"],"sensitivity":"severe"}}`,
	`{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[[-72,18],[-72,18.5],[-72,19],[-72,18]]]]},"properties":{"pcode":"HT0111","level":2}}`,
	`{"type":"Feature","geometry":{"type":"MultiPoint","coordinates":[[-72,18]]},"properties":{"channel":"sms","claims":[{"kind":"passage_ok","detail":{"a":[1e-7,"\ud800"]}}]}}`,
	`{"properties":{"state":"cleared","note":null,"source_ids":["{5f0c9a3e-6f38-4f3c-9f0e-3f6d1d2f7a11}"]}}`,
	`{"type":"Feature","id":"5f0c9a3e6f384f3c9f0e3f6d1d2f7a11","geometry":null,"properties":{"facility_type":"hospital","attributes":{"é":"<>&"},"precision_m":0.1}}`,
	`null`, `[]`, `{"type":"Feature","geometry":{"type":"Point","coordinates":[18.5,-72.3]},"properties":null}`,
}

func pick(which, whose byte) (*geo.Layer, geo.Audience) {
	layers := geo.Layers()
	return layers[int(which)%len(layers)], geo.Audiences()[int(whose)%4]
}

// checkRefusal asserts that an error is a list of faults with codes.
func checkRefusal(t *testing.T, raw []byte, err error) {
	t.Helper()
	var all geo.Errors
	if !errors.As(err, &all) || len(all) == 0 {
		t.Fatalf("%q: %v is no list of faults", raw, err)
	}
	for _, e := range all {
		if e.Code == "" || e.Detail == "" {
			t.Fatalf("%q: a fault without code or detail: %+v", raw, e)
		}
	}
}

func FuzzDecodeFeature(f *testing.F) {
	for i, seed := range featureSeeds {
		for which := range byte(len(geo.Layers())) {
			f.Add(which, byte(i), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, which, whose byte, raw []byte) {
		l, a := pick(which, whose)
		d, err := geo.DecodeFeature(l, a, raw)
		if err != nil {
			checkRefusal(t, raw, err)
			return
		}
		// The database redacts what the audience may not see before the feature
		// is written out again.
		v := geo.Version{Layer: l, ID: d.ID, Valid: geo.Period{From: d.From, To: d.To}, Geometry: d.Geometry, Values: make([]any, len(d.Values))}
		for i := range l.Properties {
			if l.Properties[i].Audiences.Has(a) {
				v.Values[i] = d.Values[i]
			}
		}
		written := geo.NewVersion(v, &geo.DefaultModel).FeatureJSON()
		again, err := geo.DecodeFeature(l, a, written)
		if err != nil {
			t.Fatalf("%q decodes, but written as %s it does not: %v", raw, written, err)
		}
		if again.ID != d.ID || !again.From.Equal(d.From) || !again.To.Equal(d.To) {
			t.Fatalf("%q: id or times differ as %s", raw, written)
		}
		if (again.Geometry == nil) != (d.Geometry == nil) || d.Geometry != nil && !orb.Equal(again.Geometry, d.Geometry) {
			t.Fatalf("%q: %v, written and read again %v", raw, d.Geometry, again.Geometry)
		}
		if !reflect.DeepEqual(again.Values, d.Values) {
			t.Fatalf("%q: %v, written and read again %v", raw, d.Values, again.Values)
		}
	})
}

func FuzzDecodePatch(f *testing.F) {
	for i, seed := range featureSeeds {
		for which := range byte(len(geo.Layers())) {
			f.Add(which, byte(i), []byte(seed))
		}
	}
	f.Fuzz(func(t *testing.T, which, whose byte, raw []byte) {
		l, a := pick(which, whose)
		d, err := geo.DecodePatch(l, a, raw)
		if err != nil {
			checkRefusal(t, raw, err)
			return
		}
		properties := map[string]json.RawMessage{}
		for i, given := range d.Given {
			p := &l.Properties[i]
			switch {
			case !given && d.Values[i] != nil:
				t.Fatalf("%q: %s has a value that nobody gave", raw, p.Name)
			case given && (p.Computed || p.ReadOnly || !p.Audiences.Has(a)):
				t.Fatalf("%q: %s sets %s", raw, a, p.Name)
			case given:
				properties[p.Name] = geo.AppendValue(nil, d.Values[i])
			}
		}
		if d.HasFrom {
			properties["valid_from"] = geo.AppendValue(nil, d.From)
		}
		if d.HasTo {
			properties["valid_to"] = json.RawMessage("null")
			if !d.To.IsZero() {
				properties["valid_to"] = geo.AppendValue(nil, d.To)
			}
		}
		patch := map[string]any{"properties": properties}
		if d.HasGeom {
			patch["geometry"] = json.RawMessage(geo.AppendGeometry(nil, d.Geometry))
		}
		written, err := json.Marshal(patch)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		again, err := geo.DecodePatch(l, a, written)
		if err != nil {
			t.Fatalf("%q decodes, but written as %s it does not: %v", raw, written, err)
		}
		again.ID = d.ID
		if !reflect.DeepEqual(again, d) {
			t.Fatalf("%q: %+v, written and read again %+v", raw, d, again)
		}
	})
}
