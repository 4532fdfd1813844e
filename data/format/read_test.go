package format

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
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

func open(t testing.TB, name string) *bytes.Reader {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewReader(raw)
}

func outlines(t testing.TB) *Outlines {
	t.Helper()
	areas, err := ReadCommunes(open(t, "communes.geojson"), geo.Security)
	if err != nil {
		t.Fatal(err)
	}
	o := NewOutlines()
	for _, d := range areas.Communes {
		o.Add(d.Get(layer(t, "admin-areas"), "pcode").(string), d.Geometry.(orb.MultiPolygon))
	}
	return o
}

var now = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func TestImport(t *testing.T) {
	l := layer(t, "roadblocks")
	rows, err := Check(ReadGeoJSON(open(t, "roadblocks.geojson"), l, geo.Security), Checker{Layer: l, Communes: outlines(t), Now: now})
	if err != nil {
		t.Fatal(err)
	}
	id := uuid.MustParse("0b2f9a3e-0c52-4a8e-9d3b-6d0a4c1f2e01")
	changes := Changes(l, rows, func(got uuid.UUID) bool { return false })
	if len(changes) != 3 {
		t.Fatalf("%d changes, want 3", len(changes))
	}
	var states []geo.State
	for _, c := range changes[:2] {
		if c.Action != geo.Create || c.ID != id {
			t.Errorf("change %s of %s", c.Action, c.ID)
		}
		if states, err = geo.Revise(states, c, geo.Security, now); err != nil {
			t.Fatal(err)
		}
	}
	if len(states) != 2 || states[0].Values[l.Index("state")] != "active" || states[1].Values[l.Index("state")] != "cleared" {
		t.Errorf("states %+v", states)
	}
	if changes[2].ID != uuid.Nil || changes[2].Action != geo.Create {
		t.Errorf("a row without id: %s of %s", changes[2].Action, changes[2].ID)
	}
	for _, c := range Changes(l, rows, func(got uuid.UUID) bool { return got == id })[:2] {
		if c.Action != geo.Replace {
			t.Errorf("a known feature: %s, want replace", c.Action)
		}
	}
}

func TestFaultsNameRowAndReason(t *testing.T) {
	l := layer(t, "roadblocks")
	rows, err := Check(ReadGeoJSON(open(t, "faulty.geojson"), l, geo.Security), Checker{Layer: l, Communes: outlines(t), Now: now})
	if rows != nil {
		t.Error("faulty rows were handed on")
	}
	var list *FaultList
	if !errors.As(err, &list) {
		t.Fatalf("error %v is no list of faults", err)
	}
	if list.Rows != 10 || list.Total != 10 || geo.CodeOf(err) != geo.CodeInvalid {
		t.Errorf("%d faults in %d rows of code %s", list.Total, list.Rows, geo.CodeOf(err))
	}
	for _, want := range []string{
		"row 1 (id a): /geometry/coordinates: longitude and latitude look swapped",
		"row 2 (id b): /properties/commune: [-72.362, 18.529] lies in HT0111",
		`row 3 (id c): /properties/commune: no commune has the p-code "HT9999"`,
		"row 4 (id d): /properties/valid_from: 1066-10-14T00:00:00Z lies outside 1800 to 2100",
		"row 5 (id e): /properties/last_confirmed_at: 2031-01-01T00:00:00Z has not come yet",
		`row 6 (id f): /properties/colour: roadblocks has no property "colour"`,
		`row 6 (id f): /properties/subtype: "dragon" is none of`,
		"row 8 (id 0b2f9a3e-0c52-4a8e-9d3b-6d0a4c1f2e01): /id: row 7 has the same id for the same time",
		"row 9 (id g): /geometry: a geometry is needed",
		"row 10 (id h): /properties/commune: [-71, 17] lies more than 2000 m from every commune",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("missing: %s\nin: %v", want, err)
		}
	}
}

func TestInvalidGeometryIsNamed(t *testing.T) {
	l := layer(t, "controlled-zones")
	file := `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[[-72,18],[-71,19],[-71,18],[-72,19],[-72,18]]]},"properties":{"control_type":"unknown"}}]}`
	_, err := Check(ReadGeoJSON(strings.NewReader(file), l, geo.Security), Checker{Layer: l})
	if geo.CodeOf(err) != geo.CodeInvalidGeometry || !strings.Contains(err.Error(), "row 1: /geometry") {
		t.Errorf("a bow tie: %v", err)
	}
}

func TestFaultsAreCountedAndCut(t *testing.T) {
	l := layer(t, "places")
	file := `{"type":"FeatureCollection","features":[` + strings.Repeat(`{"type":"Feature","geometry":null,"properties":{"place_kind":"town"}},`, 149) + `{}]}`
	_, err := Check(ReadGeoJSON(strings.NewReader(file), l, geo.Security), Checker{Layer: l})
	var list *FaultList
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	if len(list.Faults) != MaxFaults || list.Total < 150 || !strings.HasSuffix(err.Error(), fmt.Sprintf("… and %d more", list.Total-MaxFaults)) {
		t.Errorf("%d faults kept of %d", len(list.Faults), list.Total)
	}
}

func TestBrokenFiles(t *testing.T) {
	place := `{"type":"Feature","geometry":{"type":"Point","coordinates":[-72.3,18.5]},"properties":{"place_kind":"town"}}`
	tests := []struct {
		name, file, want string
		code             geo.Code
	}{
		{"empty", "", "ends too early", geo.CodeInvalid},
		{"not JSON", "place,lat,lon", "not JSON", geo.CodeInvalid},
		{"an array", "[" + place + "]", "not a GeoJSON FeatureCollection", geo.CodeInvalid},
		{"one feature", place, "not a GeoJSON FeatureCollection", geo.CodeInvalid},
		{"no features", `{"type":"FeatureCollection"}`, "no list of features", geo.CodeInvalid},
		{"features twice", `{"type":"FeatureCollection","features":[],"features":[]}`, "two lists", geo.CodeInvalid},
		{"features of another kind", `{"type":"FeatureCollection","features":{}}`, "not a GeoJSON", geo.CodeInvalid},
		{"type of another kind", `{"type":7,"features":[]}`, "a member is a number", geo.CodeInvalid},
		{"cut off", `{"type":"FeatureCollection","features":[` + place + `,{"type":`, "ends too early, in feature 2", geo.CodeInvalid},
		{"more behind", `{"type":"FeatureCollection","features":[]}{}`, "something after", geo.CodeInvalid},
		{"UTM", `{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::32618"}},"features":[]}`, "reproject", geo.CodeInvalid},
		{"large feature", `{"type":"FeatureCollection","features":[{"a":"` + strings.Repeat("x", geo.MaxFeatureBytes+4096) + `"}]}`, "larger than", geo.CodeTooLarge},
		{"large member", `{"x":"` + strings.Repeat("x", geo.MaxFeatureBytes+4096) + `","features":[]}`, "larger than", geo.CodeTooLarge},
	}
	l := layer(t, "places")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := Check(ReadGeoJSON(strings.NewReader(test.file), l, geo.Security), Checker{Layer: l})
			if err == nil || !strings.Contains(err.Error(), test.want) || geo.CodeOf(err) != test.code {
				t.Errorf("error %v (%s), want %s: %s", err, geo.CodeOf(err), test.code, test.want)
			}
		})
	}
}

// repeated serves a file of n equal features without holding it.
func repeated(feature string, n int) io.Reader {
	parts := []io.Reader{strings.NewReader(`{"features":[`)}
	block := strings.Repeat(feature+",", 1000)
	for range n / 1000 {
		parts = append(parts, strings.NewReader(block))
	}
	return io.MultiReader(append(parts, strings.NewReader(feature+`],"type":"FeatureCollection"}`))...)
}

func TestTooManyFeatures(t *testing.T) {
	rows := 0
	var last error
	for _, err := range ReadGeoJSON(repeated("{}", MaxFeatures), layer(t, "places"), geo.Security) {
		if err != nil {
			last = err
			continue
		}
		rows++
	}
	if rows != MaxFeatures || geo.CodeOf(last) != geo.CodeTooLarge {
		t.Errorf("%d rows, then %v", rows, last)
	}
}

func TestReaderFailureIsPassedOn(t *testing.T) {
	broken := errors.New("disk gone")
	in := io.MultiReader(strings.NewReader(`{"type":"FeatureCollection","features":[`), errReader{broken})
	_, err := Check(ReadGeoJSON(in, layer(t, "places"), geo.Security), Checker{Layer: layer(t, "places")})
	if !errors.Is(err, broken) || strings.Contains(err.Error(), "disk gone") {
		t.Errorf("error %v", err)
	}
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestReadingCanStop(t *testing.T) {
	n := 0
	for range ReadGeoJSON(repeated("{}", 5000), layer(t, "places"), geo.Security) {
		n++
		if n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("%d rows", n)
	}
}

func TestCommuneMargins(t *testing.T) {
	o := outlines(t)
	tests := []struct {
		name       string
		p          orb.Point
		precisionM float64
		commune    string
		ok         bool
	}{
		{"inside", orb.Point{-72.35, 18.55}, 0, "HT0111", true},
		{"a border away", orb.Point{-72.297, 18.55}, 0, "HT0111", true},        // 317 m
		{"a neighbour", orb.Point{-72.29, 18.55}, 0, "HT0111", false},          // 1.06 km
		{"a neighbour, vague", orb.Point{-72.29, 18.55}, 1500, "HT0111", true}, // within its own precision
		{"far, very vague", orb.Point{-72.25, 18.55}, 50000, "HT0111", false},  // 5.3 km
		{"at sea", orb.Point{-72.41, 18.55}, 0, "HT0111", true},                // 1.06 km off shore
		{"at sea, other coast", orb.Point{-72.41, 18.55}, 0, "HT0112", false},  //
		{"at sea at the border", orb.Point{-72.31, 18.605}, 0, "HT0112", true}, // nearest is HT0111, both near
		{"open sea", orb.Point{-72.45, 18.55}, 0, "HT0111", false},             // 5.3 km
		{"none named", orb.Point{-72.45, 18.55}, 0, "", true},
	}
	l := layer(t, "places")
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			d := geo.NewDraft(l)
			d.Geometry = test.p
			if test.commune != "" {
				d.Set(l, "commune", test.commune)
			}
			if test.precisionM > 0 {
				d.Set(l, "precision_m", test.precisionM)
			}
			err := Checker{Layer: l, Communes: o}.commune(d)
			if (err == nil) != test.ok {
				t.Errorf("%v in %q: %v", test.p, test.commune, err)
			}
		})
	}
}

func FuzzReadGeoJSON(f *testing.F) {
	for _, name := range []string{"roadblocks.geojson", "faulty.geojson", "communes.geojson"} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"features":[{"type":"Feature","geometry":{"type":"GeometryCollection","geometries":[]}}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, name := range []string{"roadblocks", "controlled-zones", "observations"} {
			l := layer(t, name)
			rows, err := Check(ReadGeoJSON(bytes.NewReader(raw), l, geo.Security), Checker{Layer: l, Now: now})
			if err != nil {
				if rows != nil || geo.CodeOf(err) == "" {
					t.Errorf("error %v without a code, or with rows", err)
				}
				continue
			}
			for _, c := range Changes(l, rows, nil) {
				if _, err := geo.Revise(nil, c, geo.Security, now); err != nil && geo.CodeOf(err) == "" {
					t.Errorf("a checked row fails with %v", err)
				}
			}
		}
		if _, err := ReadCommunes(bytes.NewReader(raw), geo.Security); err != nil && geo.CodeOf(err) == "" {
			t.Errorf("error %v without a code", err)
		}
	})
}
