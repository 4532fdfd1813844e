package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
)

// value draws a value that a property may hold.
func value(t *rapid.T, p *geo.Property) any {
	text := rapid.StringMatching(`[a-zà-ÿ"<&é \\]{0,20}`)
	switch p.Type {
	case geo.String:
		s := text.Draw(t, p.Name)
		for p.MaxLength > 0 && len(s) > p.MaxLength {
			s = s[:0]
		}
		return s
	case geo.Enum:
		if p.Name == "sensitivity" {
			return string(geo.ClassSevere) // above every layer's floor
		}
		return rapid.SampledFrom(p.Words).Draw(t, p.Name).Value
	case geo.Integer:
		return int64(rapid.IntRange(int(p.Min), int(max(p.Min+1, p.Max))).Draw(t, p.Name))
	case geo.Number:
		return rapid.Float64Range(p.Min, max(p.Min+1, p.Max)).Draw(t, p.Name)
	case geo.Boolean:
		return rapid.Bool().Draw(t, p.Name)
	case geo.DateTime:
		return time.UnixMicro(rapid.Int64Range(1.6e15, 1.7e15).Draw(t, p.Name)).UTC()
	case geo.TextList:
		if p.Values != nil {
			return []string{rapid.SampledFrom(p.Values).Draw(t, p.Name)}
		}
		return rapid.SliceOfN(text, 0, min(3, p.MaxLength)).Draw(t, p.Name)
	case geo.IDList:
		return []string{uuid.NewSHA1(uuid.Nil, []byte(text.Draw(t, p.Name))).String()}
	case geo.JSON:
		if p.Default != nil {
			return p.Default
		}
	}
	return nil
}

func geometry(t *rapid.T, kind geo.GeometryType) orb.Geometry {
	p := orb.Point{
		geo.RoundCoordinate(rapid.Float64Range(-74, -72).Draw(t, "lon")),
		geo.RoundCoordinate(rapid.Float64Range(18, 20).Draw(t, "lat")),
	}
	q := orb.Point{geo.RoundCoordinate(p[0] + 0.1), geo.RoundCoordinate(p[1] + 0.1)}
	switch kind {
	case geo.MultiPolygon:
		return orb.MultiPolygon{{{p, {q[0], p[1]}, q, {p[0], q[1]}, p}}}
	case geo.MultiLineString:
		return orb.MultiLineString{{p, q}}
	case geo.PointOrLine:
		if rapid.Bool().Draw(t, "line") {
			return orb.LineString{p, q}
		}
	case geo.NoGeometry:
		return nil
	}
	return p
}

// What is exported comes back the same: values, geometry and valid time of
// every state of every feature, in every layer.
func TestExportComesBack(t *testing.T) {
	for _, l := range geo.Layers() {
		t.Run(l.Name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				var versions []*geo.Version
				for i := range rapid.IntRange(0, 3).Draw(t, "features") {
					id := uuid.NewSHA1(uuid.Nil, []byte{byte(i)})
					from := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
					states := rapid.IntRange(1, 3).Draw(t, "states")
					for s := range states {
						v := geo.Version{Layer: l, ID: id, Known: 7, KnownAt: from, Geometry: geometry(t, l.Geometry), Values: make([]any, len(l.Properties))}
						v.Valid = geo.Period{From: from.AddDate(0, s, 0), To: from.AddDate(0, s+1, 0)}
						if s == states-1 {
							v.Valid.To = time.Time{}
						}
						for j := range l.Properties {
							p := &l.Properties[j]
							if !p.Computed && (p.Required || rapid.Bool().Draw(t, "given")) {
								v.Values[j] = value(t, p)
							}
							if v.Values[j] == nil && p.Default != nil {
								v.Values[j] = p.Default
							}
						}
						versions = append(versions, geo.NewVersion(v, &geo.DefaultModel))
					}
				}
				var file bytes.Buffer
				if err := WriteGeoJSON(&file, l, Metadata{Revision: 7, Audience: geo.Security, Notice: geo.Text{French: "«é»"}}, versions); err != nil {
					t.Fatal(err)
				}
				rows, err := Check(ReadGeoJSON(&file, l, geo.Security), Checker{Layer: l})
				if err != nil {
					t.Fatal(err)
				}
				if len(rows) != len(versions) {
					t.Fatalf("%d rows of %d versions", len(rows), len(versions))
				}
				for i, row := range rows {
					same(t, versions[i], row.Draft)
				}
			})
		})
	}
}

func same(t *rapid.T, v *geo.Version, d *geo.Draft) {
	if d.ID != v.ID || !d.From.Equal(v.Valid.From) || !d.To.Equal(v.Valid.To) || !d.HasFrom || !d.HasTo {
		t.Fatalf("%s from %s to %s came back as %s from %s to %s", v.ID, v.Valid.From, v.Valid.To, d.ID, d.From, d.To)
	}
	if (v.Geometry == nil) != (d.Geometry == nil) || v.Geometry != nil && !orb.Equal(v.Geometry, d.Geometry) {
		t.Fatalf("geometry %v came back as %v", v.Geometry, d.Geometry)
	}
	for i := range v.Layer.Properties {
		p := &v.Layer.Properties[i]
		if !p.Computed && !p.ReadOnly && !geo.SameValue(v.Values[i], d.Values[i]) {
			t.Fatalf("%s %v came back as %v", p.Name, v.Values[i], d.Values[i])
		}
	}
}

func TestExportSaysWhatItIs(t *testing.T) {
	var file bytes.Buffer
	notice := geo.Text{French: "avis", Haitian: "avi", English: "notice"}
	if err := WriteGeoJSON(&file, layer(t, "places"), Metadata{Revision: 42, Audience: geo.Humanitarian, Notice: notice}, nil); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type  string `json:"type"`
		Pasaj struct {
			Collection string   `json:"collection"`
			Revision   int      `json:"revision"`
			Audience   string   `json:"audience"`
			Notice     geo.Text `json:"notice"`
		} `json:"pasaj"`
		Features []any `json:"features"`
	}
	if err := json.Unmarshal(file.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "FeatureCollection" || got.Pasaj.Collection != "places" || got.Pasaj.Revision != 42 ||
		got.Pasaj.Audience != "hum" || got.Pasaj.Notice != notice || got.Features == nil {
		t.Errorf("export %s", file.Bytes())
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errFull }

var errFull = errors.New("no space left")

func TestExportFailureIsPassedOn(t *testing.T) {
	if err := WriteGeoJSON(fullDisk{}, layer(t, "places"), Metadata{}, nil); !errors.Is(err, errFull) {
		t.Errorf("error %v", err)
	}
}
