package geo_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
)

// drawPoint draws a position as the record keeps it.
func drawPoint(t *rapid.T) orb.Point {
	return orb.Point{
		geo.RoundCoordinate(rapid.Float64Range(-75.9, -70.6).Draw(t, "lon")),
		geo.RoundCoordinate(rapid.Float64Range(16.6, 20.9).Draw(t, "lat")),
	}
}

func drawLine(t *rapid.T) orb.LineString {
	line := orb.LineString{drawPoint(t)}
	for len(line) < 2 || rapid.Bool().Draw(t, "more") {
		if p := drawPoint(t); p != line[len(line)-1] {
			line = append(line, p)
		}
	}
	return line
}

// drawPolygon draws a small diamond, with a hole or not.
func drawPolygon(t *rapid.T) orb.Polygon {
	p := drawPoint(t)
	diamond := func(r float64) orb.Ring {
		at := func(dx, dy float64) orb.Point {
			return orb.Point{geo.RoundCoordinate(p[0] + dx), geo.RoundCoordinate(p[1] + dy)}
		}
		return orb.Ring{at(r, 0), at(0, r), at(-r, 0), at(0, -r), at(r, 0)}
	}
	polygon := orb.Polygon{diamond(0.05)}
	if rapid.Bool().Draw(t, "hole") {
		hole := diamond(0.02)
		hole.Reverse()
		polygon = append(polygon, hole)
	}
	return polygon
}

func drawGeometry(t *rapid.T, kind geo.GeometryType) orb.Geometry {
	switch kind {
	case geo.Point:
		return drawPoint(t)
	case geo.PointOrLine:
		if rapid.Bool().Draw(t, "is a line") {
			return drawLine(t)
		}
		return drawPoint(t)
	case geo.MultiLineString:
		return orb.MultiLineString(rapid.SliceOfN(rapid.Custom(drawLine), 1, 3).Draw(t, "lines"))
	case geo.MultiPolygon:
		return orb.MultiPolygon(rapid.SliceOfN(rapid.Custom(drawPolygon), 1, 3).Draw(t, "polygons"))
	case geo.AnyGeometry:
		return drawGeometry(t, rapid.SampledFrom([]geo.GeometryType{geo.Point, geo.PointOrLine, geo.MultiLineString, geo.MultiPolygon}).Draw(t, "kind"))
	}
	return nil
}

func drawInstant(t *rapid.T, name string) time.Time {
	const span = 200 * 365 * 24 * 3600 * 1e6
	return geo.EarliestValid.Add(time.Duration(rapid.Int64Range(1, span).Draw(t, name)) * time.Microsecond).UTC()
}

func drawText(t *rapid.T, longest int) string {
	s := rapid.StringN(0, min(longest, 20), longest).Draw(t, "text")
	out := make([]rune, 0, len(s))
	for _, r := range s {
		if r != 0 {
			out = append(out, r)
		}
	}
	return string(out)
}

func drawValue(t *rapid.T, p *geo.Property) any {
	if p.Default == nil && !p.Required && rapid.IntRange(0, 3).Draw(t, "null") == 0 {
		return nil
	}
	switch p.Type {
	case geo.String:
		return drawText(t, p.MaxLength)
	case geo.Enum:
		return rapid.SampledFrom(p.Words).Draw(t, p.Name).Value
	case geo.Integer:
		return rapid.Int64Range(int64(p.Min), int64(p.Max)).Draw(t, p.Name)
	case geo.Number:
		return rapid.Float64Range(p.Min, p.Max).Draw(t, p.Name)
	case geo.Boolean:
		return rapid.Bool().Draw(t, p.Name)
	case geo.DateTime:
		return drawInstant(t, p.Name)
	case geo.TextList:
		list := []string{}
		for range rapid.IntRange(0, min(3, p.MaxLength)).Draw(t, "entries") {
			if p.Values != nil {
				list = append(list, rapid.SampledFrom(p.Values).Draw(t, "entry"))
			} else {
				list = append(list, drawText(t, 1000))
			}
		}
		return list
	case geo.IDList:
		list := []string{}
		for range rapid.IntRange(0, 3).Draw(t, "entries") {
			list = append(list, uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")).String())
		}
		return list
	case geo.JSON:
		return drawStructure(t, p.Name)
	}
	return nil
}

func drawStructure(t *rapid.T, name string) json.RawMessage {
	var value any
	switch name {
	case "holders":
		value = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) geo.Holder {
			return geo.Holder{Group: "g" + drawText(t, 40), Role: rapid.SampledFrom([]string{"principal", "ally", "tolerated", "claimed"}).Draw(t, "role")}
		}), 0, 3).Draw(t, name)
	case "toll":
		value = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) geo.Toll {
			return geo.Toll{
				VehicleClass: rapid.SampledFrom(geo.VehicleClasses).Draw(t, "class").Value, Amount: rapid.Float64Range(0, 1e6).Draw(t, "amount"),
				Currency: "HTG", Unit: rapid.SampledFrom([]string{"trip", "day", "week"}).Draw(t, "unit"), ObservedAt: geo.FormatInstant(drawInstant(t, "observed")),
			}
		}), 0, 3).Draw(t, name)
	case "passability":
		value = map[string]string{
			rapid.SampledFrom(geo.VehicleClasses).Draw(t, "class").Value: rapid.SampledFrom(geo.Passabilities).Draw(t, "passability").Value,
		}
	case "claims":
		value = []geo.Claim{{Kind: "passage_ok", Detail: json.RawMessage(`{"by":"car"}`)}}
	default:
		value = map[string]any{"beds": 12, "name": "<Hôpital> & " + drawText(t, 20), "none": nil}
	}
	raw, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// sameValue compares two property values; JSON ones by meaning.
func sameValue(a, b any) bool {
	x, ok1 := a.(json.RawMessage)
	y, ok2 := b.(json.RawMessage)
	if ok1 && ok2 {
		var p, q any
		return json.Unmarshal(x, &p) == nil && json.Unmarshal(y, &q) == nil && reflect.DeepEqual(p, q)
	}
	return reflect.DeepEqual(a, b)
}

// What the service writes out, a client may send back: for every layer a
// version encodes to a feature that decodes to the same values.
func TestFeatureRoundTrip(t *testing.T) {
	for _, l := range geo.Layers() {
		t.Run(l.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) { roundTrip(t, l) })
		})
	}
}

func roundTrip(t *rapid.T, l *geo.Layer) {
	v := geo.Version{
		Layer: l, ID: uuid.UUID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id")),
		Known: geo.Revision(rapid.Int64Range(1, math.MaxInt32).Draw(t, "revision")), KnownAt: drawInstant(t, "known"),
		Geometry: drawGeometry(t, l.Geometry), Values: make([]any, len(l.Properties)),
	}
	v.Valid.From = drawInstant(t, "from")
	if rapid.Bool().Draw(t, "ended") {
		v.Valid.To = v.Valid.From.Add(time.Duration(rapid.Int64Range(1, 1e12).Draw(t, "lasted")) * time.Microsecond)
		if v.Valid.To.After(geo.LatestValid) {
			v.Valid.To = time.Time{}
		}
	}
	for i := range l.Properties {
		if p := &l.Properties[i]; !p.Computed {
			v.Values[i] = drawValue(t, p)
		}
	}
	v.Values[l.Index("sensitivity")] = string(geo.ClassSevere)
	done := geo.NewVersion(v, &geo.DefaultModel)
	raw := done.FeatureJSON()
	if !json.Valid(raw) {
		t.Fatalf("not JSON: %s", raw)
	}
	// The security audience may set every property there is.
	d, err := geo.DecodeFeature(l, geo.Security, raw)
	if err != nil {
		t.Fatalf("%v\nin %s", err, raw)
	}
	if d.ID != v.ID || !d.HasTo || !d.From.Equal(v.Valid.From) || !d.To.Equal(v.Valid.To) {
		t.Errorf("id %v valid %v to %v, want %v %v", d.ID, d.From, d.To, v.ID, v.Valid)
	}
	if (d.Geometry == nil) != (v.Geometry == nil) || v.Geometry != nil && !orb.Equal(d.Geometry, v.Geometry) {
		t.Errorf("geometry %v, want %v", d.Geometry, v.Geometry)
	}
	for i := range l.Properties {
		p := &l.Properties[i]
		want := v.Values[i]
		if p.ReadOnly || p.Computed {
			want = nil
		}
		if !sameValue(d.Values[i], want) {
			t.Errorf("%s is %#v, want %#v", p.Name, d.Values[i], want)
		}
	}
	if again := geo.NewVersion(v, &geo.DefaultModel).FeatureJSON(); string(again) != string(raw) {
		t.Error("written twice it differs")
	}
}

func TestFeatureComputes(t *testing.T) {
	confirmed := time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)
	v := version(t, "roadblocks", map[string]any{"subtype": "toll_post", "confidence": 0.8, "last_confirmed_at": confirmed, "name_en": "Martissant"},
		geo.Period{From: confirmed.Add(-time.Hour)})
	var feature struct {
		Type       string
		Geometry   json.RawMessage
		Properties map[string]any
	}
	if err := json.Unmarshal(v.FeatureJSON(), &feature); err != nil {
		t.Fatal(err)
	}
	if feature.Type != "Feature" || string(feature.Geometry) != "null" {
		t.Errorf("%s", v.FeatureJSON())
	}
	for name, want := range map[string]any{
		"valid_from": "2025-03-01T11:00:00Z", "valid_to": nil, "stale_at": "2025-03-15T12:00:00Z", "confidence_label": "high",
		"half_life_h": 168.0, "revision": 0.0, "known_at": nil, "note": nil,
	} {
		got, present := feature.Properties[name]
		if !present || got != want {
			t.Errorf("%s is %v (%v), want %v", name, got, present, want)
		}
	}
	if len(feature.Properties) != len(v.Layer.Properties) {
		t.Errorf("%d properties of %d", len(feature.Properties), len(v.Layer.Properties))
	}
	if got := v.Name(); got != (geo.Text{French: "Martissant", Haitian: "Martissant", English: "Martissant"}) {
		t.Errorf("name %v", got)
	}
}

func TestPrecisionM(t *testing.T) {
	for _, test := range []struct {
		values map[string]any
		want   float64
	}{
		{nil, 0}, {map[string]any{"geo_precision": int64(1)}, 50}, {map[string]any{"geo_precision": int64(2)}, 500},
		{map[string]any{"geo_precision": int64(3)}, 2000}, {map[string]any{"geo_precision": int64(4)}, 10000}, {map[string]any{"geo_precision": int64(5)}, 50000},
		{map[string]any{"geo_precision": int64(5), "precision_m": 120.0}, 120},
	} {
		if got := version(t, "places", test.values, geo.Period{}).PrecisionM(); got != test.want {
			t.Errorf("%v: %v", test.values, got)
		}
	}
}

func TestHolders(t *testing.T) {
	v := version(t, "controlled-zones", map[string]any{"holders": json.RawMessage(`[{"group":"g9","role":"ally"}]`)}, geo.Period{})
	if !reflect.DeepEqual(v.Holders, []geo.Holder{{Group: "g9", Role: "ally"}}) {
		t.Errorf("%v", v.Holders)
	}
	if v := version(t, "controlled-zones", nil, geo.Period{}); v.Holders != nil {
		t.Errorf("%v", v.Holders)
	}
}
