package format

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
)

func TestReadCommunes(t *testing.T) {
	l := layer(t, "admin-areas")
	areas, err := ReadCommunes(open(t, "communes.geojson"), geo.Security)
	if err != nil {
		t.Fatal(err)
	}
	if len(areas.Communes) != 3 || len(areas.Departments) != 2 {
		t.Fatalf("%d communes, %d departments, want 3 and 2", len(areas.Communes), len(areas.Departments))
	}
	first := areas.Communes[0]
	for name, want := range map[string]any{"pcode": "HT0111", "name_fr": "Ville", "name_ht": nil, "parent_pcode": "HT01", "level": int64(2)} {
		if got := first.Get(l, name); got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	if want := time.Date(2018, 11, 29, 0, 0, 0, 0, time.UTC); !first.From.Equal(want) {
		t.Errorf("valid from %s, want %s", first.From, want)
	}
	ouest := areas.Departments[0]
	if got, want := measure.AreaM2(ouest.Geometry), measure.AreaM2(areas.Communes[0].Geometry)+measure.AreaM2(areas.Communes[1].Geometry); math.Abs(got-want) > 1e-6*want {
		t.Errorf("the department has %.0f m², its communes %.0f", got, want)
	}
	if rings := ouest.Geometry.(orb.MultiPolygon); len(rings) != 1 || len(rings[0]) != 1 {
		t.Errorf("the department is %v, want one ring", rings)
	}
}

// An import replaces the outline of a known commune over all its time and
// leaves what the file does not say.
func TestImportKeepsPopulation(t *testing.T) {
	l := layer(t, "admin-areas")
	areas, err := ReadCommunes(open(t, "communes.geojson"), geo.Security)
	if err != nil {
		t.Fatal(err)
	}
	begin := time.Date(2015, 1, 1, 0, 0, 0, 0, time.UTC)
	before := geo.NewDraft(l)
	before.Geometry = orb.MultiPolygon{{{{-72.4, 18.5}, {-72.35, 18.5}, {-72.35, 18.6}, {-72.4, 18.5}}}}
	for name, value := range map[string]any{
		"pcode": "HT0111", "level": int64(2), "name_fr": "Port-au-Prince", "population": int64(987308), "precision_m": 350.0, "compartment": "public", "sensitivity": "low",
	} {
		before.Set(l, name, value)
	}
	before.From, before.HasFrom = begin, true
	id := uuid.NewSHA1(uuid.Nil, []byte("x"))
	states, err := geo.Revise(nil, geo.Change{Layer: l, Action: geo.Create, ID: id, Draft: before}, geo.Security, now)
	if err != nil {
		t.Fatal(err)
	}
	census := geo.NewDraft(l)
	census.Set(l, "population", int64(1000000))
	census.From, census.HasFrom = begin.AddDate(1, 0, 0), true
	if states, err = geo.Revise(states, geo.Change{Layer: l, Action: geo.Patch, ID: id, Draft: census}, geo.Security, now); err != nil {
		t.Fatal(err)
	}
	creates := 0
	for _, c := range areas.Changes(map[string]KnownArea{"HT0111": {ID: id, Froms: []time.Time{begin, begin.AddDate(1, 0, 0)}}}) {
		if c.ID != id {
			creates++
			if c.Action != geo.Create {
				t.Errorf("an unknown area: %s", c.Action)
			}
			continue
		}
		if states, err = geo.Revise(states, c, geo.Security, now); err != nil {
			t.Fatal(err)
		}
	}
	if creates != 4 || len(states) != 2 || !states[0].Valid.From.Equal(begin) || !states[1].Valid.To.IsZero() {
		t.Fatalf("%d areas created, states %+v", creates, states)
	}
	for i, s := range states {
		if !orb.Equal(s.Geometry, areas.Communes[0].Geometry) {
			t.Errorf("state %d has the old outline", i)
		}
	}
	for name, want := range map[string]any{"population": int64(987308), "name_fr": "Port-au-Prince", "precision_m": nil, "parent_pcode": "HT01"} {
		if got := states[0].Values[l.Index(name)]; got != want {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// An export of admin-areas is taken back, ids and figures included.
func TestReadCommunesTakesOurExport(t *testing.T) {
	l := layer(t, "admin-areas")
	areas, err := ReadCommunes(open(t, "communes.geojson"), geo.Security)
	if err != nil {
		t.Fatal(err)
	}
	var versions []*geo.Version
	for i, c := range areas.Changes(nil) {
		values := append([]any(nil), c.Draft.Values...)
		values[l.Index("population")] = int64(1000 + i)
		versions = append(versions, geo.NewVersion(geo.Version{
			Layer: l, ID: uuid.NewSHA1(uuid.Nil, []byte{byte(i)}), Known: 3, Valid: geo.Period{From: c.Draft.From}, Geometry: c.Draft.Geometry, Values: values,
		}, &geo.DefaultModel))
	}
	var file bytes.Buffer
	if err := WriteGeoJSON(&file, l, Metadata{}, versions); err != nil {
		t.Fatal(err)
	}
	again, err := ReadCommunes(&file, geo.Security)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range again.Changes(nil) {
		if c.ID != versions[i].ID || c.Draft.Get(l, "population") != int64(1000+i) || !orb.Equal(c.Draft.Geometry, versions[i].Geometry) {
			t.Errorf("area %d: %s, population %v", i, c.ID, c.Draft.Get(l, "population"))
		}
	}
}

func TestReadCommunesFaults(t *testing.T) {
	square := `{"type":"Polygon","coordinates":[[[-72.4,18.5],[-72.3,18.5],[-72.3,18.6],[-72.4,18.6],[-72.4,18.5]]]}`
	bow := `{"type":"Polygon","coordinates":[[[-72.4,18.5],[-72.3,18.6],[-72.3,18.5],[-72.4,18.6],[-72.4,18.5]]]}`
	tests := []struct{ name, features, want string }{
		{"none", ``, "holds no boundary"},
		{"no code", `{"type":"Feature","properties":{"NAME":"x"},"geometry":` + square + `}`, "row 1: /properties: neither pcode"},
		{"another country", `{"type":"Feature","properties":{"ADM2_PCODE":"DO0101","ADM1_PCODE":"DO01"},"geometry":` + square + `}`, `row 1 (id DO0101): /properties/pcode: "DO0101" is not`},
		{"another department", `{"type":"Feature","properties":{"ADM2_PCODE":"HT0111","ADM1_PCODE":"HT05"},"geometry":` + square + `}`, `does not lie in "HT05"`},
		{"bow tie", `{"type":"Feature","properties":{"ADM2_PCODE":"HT0111","ADM1_PCODE":"HT01"},"geometry":` + bow + `}`, "row 1 (id HT0111): /geometry"},
		{"twice", strings.Repeat(`,{"type":"Feature","properties":{"ADM2_PCODE":"HT0111","ADM1_PCODE":"HT01"},"geometry":`+square+`}`, 2)[1:], "row 2 (id HT0111): /properties/pcode: HT0111 is there twice"},
		{"no geometry", `{"type":"Feature","properties":{"ADM2_PCODE":"HT0111","ADM1_PCODE":"HT01"},"geometry":null}`, "a geometry is needed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadCommunes(strings.NewReader(`{"type":"FeatureCollection","features":[`+test.features+`]}`), geo.Security)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// The official boundaries of 2018 read without a fault, and departments joined
// from their communes have the area of the official departments.
func TestOfficialBoundaries(t *testing.T) {
	folder := os.Getenv("PASAJ_EVAL_DATA")
	if folder == "" {
		t.Skip("PASAJ_EVAL_DATA is not set: the official boundaries are not part of the project")
	}
	read := func(name string) *AdminAreas {
		f, err := os.Open(filepath.Join(folder, "admin", name))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		areas, err := ReadCommunes(f, geo.Security)
		if err != nil {
			t.Fatal(err)
		}
		return areas
	}
	l := layer(t, "admin-areas")
	joined, official := read("cod_ab_2018_adm2_communes.geojson"), read("cod_ab_2018_adm1_departements.geojson")
	if len(joined.Communes) != 140 || len(joined.Departments) != 10 || len(official.Departments) != 10 {
		t.Fatalf("%d communes, %d and %d departments", len(joined.Communes), len(joined.Departments), len(official.Departments))
	}
	for i, d := range joined.Departments {
		got, want := measure.AreaM2(d.Geometry), measure.AreaM2(official.Departments[i].Geometry)
		if d.Get(l, "pcode") != official.Departments[i].Get(l, "pcode") || math.Abs(got-want) > 1e-6*want {
			t.Errorf("%v: %.0f m² joined, %.0f official", d.Get(l, "pcode"), got, want)
		}
	}
	o := NewOutlines()
	for _, d := range joined.Communes {
		o.Add(d.Get(l, "pcode").(string), d.Geometry.(orb.MultiPolygon))
	}
	if pcode, off, ok := o.At(orb.Point{-72.339, 18.54}); !ok || off != 0 || pcode != "HT0111" {
		t.Errorf("the state university hospital lies in %s, %.0f m off", pcode, off)
	}
	if pcode, off, ok := o.At(orb.Point{-72.834, 19.9515}); !ok || off < 900 || off > 1050 || pcode != "HT0911" {
		t.Errorf("the port of Port-de-Paix lies %.0f m off %s", off, pcode)
	}
}
