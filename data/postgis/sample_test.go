package postgis_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
)

func sampleGeometry(g geo.GeometryType) orb.Geometry {
	switch g {
	case geo.NoGeometry:
		return nil
	case geo.MultiPolygon:
		return square(-72.4, 18.5, 0.1)
	case geo.MultiLineString:
		return orb.MultiLineString{{{-72.4, 18.5}, {-72.3, 18.6}}}
	default:
		return orb.Point{-72.4, 18.5}
	}
}

func sampleValue(p *geo.Property) any {
	switch p.Type {
	case geo.Enum:
		return p.Words[0].Value
	case geo.Integer:
		return int64(max(p.Min, 1))
	case geo.Number:
		return max(p.Min, 0.5)
	case geo.Boolean:
		return true
	case geo.DateTime:
		return time.Date(2025, 3, 12, 5, 30, 0, 123456000, time.UTC)
	case geo.TextList:
		if p.Values != nil {
			return p.Values[:1]
		}
		return []string{"a", "é, \"b\" {c}"}
	case geo.IDList:
		return []string{"7b2c1c1e-5d5c-4d3b-8a4e-0f6a3c1d2e3f"}
	case geo.JSON:
		return sampleJSON(p.Name)
	default:
		return "x"
	}
}

func sampleJSON(name string) json.RawMessage {
	switch name {
	case "holders", "claims":
		return json.RawMessage(`[]`)
	case "toll":
		return json.RawMessage(`[{"unit":"day","amount":1250.5,"currency":"HTG"}]`)
	case "passability":
		return json.RawMessage(`{"car":"pay","foot":"yes"}`)
	default:
		return json.RawMessage(`{"beds":12,"list":[1,2.5,null,"é"]}`)
	}
}

// drawDraft makes any feature that the door lets in.
func drawDraft(t *rapid.T, l *geo.Layer) *geo.Draft {
	d := geo.NewDraft(l)
	d.Geometry, d.HasGeom = drawGeometry(t, l.Geometry), l.Geometry != geo.NoGeometry
	for i := range l.Properties {
		p := &l.Properties[i]
		if p.Computed || p.ReadOnly || !p.Required && rapid.Bool().Draw(t, "null "+p.Name) {
			continue
		}
		d.Values[i], d.Given[i] = drawValue(t, p), true
	}
	d.Set(l, "compartment", rapid.SampledFrom([]string{"public", "hum", "sec"}).Draw(t, "compartment"))
	d.Set(l, "sensitivity", "severe")
	d.Set(l, "review_state", "approved")
	for _, name := range []string{"group_id", "coalition_id"} {
		if l.Table != "armed_group" {
			d.Set(l, name, nil)
		}
	}
	if l.Table == "group_membership" {
		d.Set(l, "group_id", "g9")
		d.Set(l, "coalition_id", "g9")
	}
	return d
}

func drawValue(t *rapid.T, p *geo.Property) any {
	label := p.Name
	switch p.Type {
	case geo.Enum:
		return rapid.SampledFrom(p.Words).Draw(t, label).Value
	case geo.Integer:
		if p.Max > p.Min {
			return int64(rapid.IntRange(int(p.Min), int(p.Max)).Draw(t, label))
		}
		return rapid.Int64Range(-1<<53, 1<<53).Draw(t, label)
	case geo.Number:
		return rapid.Float64Range(p.Min, max(p.Max, p.Min+1)).Draw(t, label)
	case geo.Boolean:
		return rapid.Bool().Draw(t, label)
	case geo.DateTime:
		latest := int64(4e15)
		if p.Name == "last_confirmed_at" {
			latest = 17e14 // nobody confirms ahead of time
		}
		return time.UnixMicro(rapid.Int64Range(-5e15, latest).Draw(t, label)).UTC()
	case geo.TextList:
		if p.Values != nil {
			return rapid.SliceOfNDistinct(rapid.SampledFrom(p.Values), 0, min(p.MaxLength, len(p.Values)), rapid.ID).Draw(t, label)
		}
		return rapid.SliceOfN(rapid.StringOfN(rapid.RuneFrom([]rune("aé\"\\{}, NULL")), 0, 20, -1), 0, 5).Draw(t, label)
	case geo.IDList:
		ids := make([]string, rapid.IntRange(0, 4).Draw(t, label))
		for i := range ids {
			ids[i] = uuid.New().String()
		}
		return ids
	case geo.JSON:
		return sampleJSON(p.Name)
	default:
		text := rapid.RuneFrom([]rune("aé\"\\{}, \n<ò'😀"))
		return rapid.StringOfN(text, 0, min(p.MaxLength/4, 20), p.MaxLength).Draw(t, label)
	}
}

func drawGeometry(t *rapid.T, g geo.GeometryType) orb.Geometry {
	at := func(label string) orb.Point {
		return orb.Point{
			geo.RoundCoordinate(rapid.Float64Range(geo.Extent.Min[0], geo.Extent.Max[0]-0.5).Draw(t, label+" lon")),
			geo.RoundCoordinate(rapid.Float64Range(geo.Extent.Min[1], geo.Extent.Max[1]-0.5).Draw(t, label+" lat")),
		}
	}
	line := func() orb.LineString {
		a := at("line")
		return orb.LineString{a, {a[0] + 0.25, a[1]}, {a[0] + 0.25, a[1] + 0.125}}
	}
	polygons := func() orb.MultiPolygon {
		a := at("corner")
		out := square(a[0], a[1], 0.125)
		out[0] = append(out[0], orb.Ring{ // a hole, the other way round
			{a[0] + 0.03125, a[1] + 0.03125}, {a[0] + 0.03125, a[1] + 0.0625}, {a[0] + 0.0625, a[1] + 0.0625}, {a[0] + 0.03125, a[1] + 0.03125}})
		return append(out, square(a[0]+0.25, a[1], 0.125)...)
	}
	kinds := map[geo.GeometryType]func() orb.Geometry{
		geo.NoGeometry:      func() orb.Geometry { return nil },
		geo.Point:           func() orb.Geometry { return at("point") },
		geo.MultiLineString: func() orb.Geometry { return orb.MultiLineString{line(), line()} },
		geo.MultiPolygon:    func() orb.Geometry { return polygons() },
	}
	kinds[geo.PointOrLine] = func() orb.Geometry {
		if rapid.Bool().Draw(t, "as line") {
			return line()
		}
		return at("point")
	}
	kinds[geo.AnyGeometry] = func() orb.Geometry {
		switch rapid.IntRange(0, 5).Draw(t, "kind") {
		case 0:
			return orb.MultiPoint{at("a"), at("b")}
		case 1:
			return line()
		case 2:
			return polygons()[0]
		case 3:
			return polygons()
		case 4:
			return orb.MultiLineString{line()}
		}
		return at("point")
	}
	return kinds[g]()
}

// Every layer, with every property, comes back as it was written.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	groups := layer(t, "armed-groups")
	write(t, r, geo.Change{Layer: groups, Action: geo.Create, Draft: draft(groups, nil, map[string]any{"group_id": "g9"})})
	for _, l := range geo.Layers() {
		t.Run(l.Name, func(t *testing.T) {
			full := sample(l)
			if l.Kind == geo.RecordOnly { // in no world: read back from the table
				write(t, r, geo.Change{Layer: l, Action: geo.Create, Draft: full})
				var n int
				err := admin(t, url).QueryRow(t.Context(), "SELECT count(*) FROM pasaj."+l.Table+
					" WHERE code = 'x' AND \"references\"[2] = $1 AND demonstration AND credibility = 1", full.Get(l, "references").([]string)[1]).Scan(&n)
				if err != nil || n != 1 {
					t.Fatalf("%d rows, %v", n, err)
				}
				rapid.Check(t, func(rt *rapid.T) {
					if _, err := r.Write(t.Context(), geo.Batch{Author: analyst, Changes: []geo.Change{{Layer: l, Action: geo.Create, Draft: drawDraft(rt, l)}}}); err != nil {
						rt.Fatalf("write: %v", err)
					}
				})
				return
			}
			compare := func(fatal func(string, ...any), d *geo.Draft) {
				receipt, err := r.Write(t.Context(), geo.Batch{Author: analyst, Reason: "round trip", Changes: []geo.Change{{Layer: l, Action: geo.Create, Draft: d}}})
				if err != nil {
					fatal("write: %v", err)
				}
				got, err := r.History(t.Context(), geo.Security, l, receipt.IDs[0])
				if err != nil || len(got) != 1 {
					fatal("read: %d, %v", len(got), err)
				}
				if (d.Geometry == nil) != (got[0].Geometry == nil) || d.Geometry != nil && !orb.Equal(d.Geometry, got[0].Geometry) {
					fatal("geometry %v, want %v", got[0].Geometry, d.Geometry)
				}
				for i := range l.Properties {
					p := &l.Properties[i]
					if p.Computed || p.ReadOnly {
						continue
					}
					want := d.Values[i]
					if want == nil {
						want = p.Default
					}
					if p.Name == "revision_reason" && want == nil {
						want = "round trip"
					}
					if !geo.SameValue(got[0].Values[i], want) {
						fatal("%s: %#v, want %#v", p.Name, got[0].Values[i], want)
					}
				}
				if !json.Valid(got[0].FeatureJSON()) {
					fatal("not JSON: %s", got[0].FeatureJSON())
				}
			}
			compare(func(f string, a ...any) { t.Helper(); t.Fatalf(f, a...) }, full)
			rapid.Check(t, func(rt *rapid.T) {
				compare(func(f string, a ...any) { rt.Fatal(fmt.Sprintf(f, a...)) }, drawDraft(rt, l))
			})
		})
	}
}
