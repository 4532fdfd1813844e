package format

import (
	"bytes"
	"fmt"
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

// sectionFile is a file of communal sections with the properties given.
func sectionFile(properties ...string) string {
	features := make([]string, len(properties))
	for i, p := range properties {
		west := -72.4 + 0.1*float64(i)
		features[i] = fmt.Sprintf(`{"type":"Feature","properties":{%s},"geometry":{"type":"Polygon","coordinates":[[[%[2]g,18.5],[%[3]g,18.5],[%[3]g,18.6],[%[2]g,18.6],[%[2]g,18.5]]]}}`, p, west, west+0.1)
	}
	return `{"type":"FeatureCollection","features":[` + strings.Join(features, ",") + `]}`
}

func TestReadSections(t *testing.T) {
	l := layer(t, "admin-areas")
	areas, err := ReadCommunes(strings.NewReader(sectionFile(
		`"ADM3_PCODE":"HT0111-02","ADM2_PCODE":"HT0111","NAME_SEC":"2e Martissant","SEKSYON":"2e Matisan","POP2009":1,"POP2021":28606.0,"POP2031":null,"NAME_DEP":"Ouest"`,
		`"ADM3_PCODE":"HT0111-01","ADM2_PCODE":"HT0111","ADM3_FR":"1re Turgeau","ADM2_FR":"Port-au-Prince","validOn":"2018-11-29"`,
	)), geo.Security)
	if err != nil {
		t.Fatal(err)
	}
	if len(areas.Sections) != 2 || len(areas.Communes)+len(areas.Departments) != 0 {
		t.Fatalf("%d sections, %d communes, %d departments", len(areas.Sections), len(areas.Communes), len(areas.Departments))
	}
	for i, want := range []map[string]any{
		{"pcode": "HT0111-01", "name_fr": "1re Turgeau", "name_ht": nil, "population": nil, "level": int64(3), "parent_pcode": "HT0111", "time_precision": "day"},
		{"pcode": "HT0111-02", "name_fr": "2e Martissant", "name_ht": "2e Matisan", "population": int64(28606), "population_note": "2021", "level": int64(3), "parent_pcode": "HT0111", "compartment": "public", "sensitivity": "low"},
	} {
		for name, value := range want {
			if got := areas.Sections[i].Get(l, name); got != value {
				t.Errorf("%s of section %d is %v, want %v", name, i, got, value)
			}
		}
	}
	for i, want := range []time.Time{time.Date(2018, 11, 29, 0, 0, 0, 0, time.UTC), time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)} {
		if got := areas.Sections[i].From; !got.Equal(want) {
			t.Errorf("section %d is valid from %s, want %s", i, got, want)
		}
	}
	// The commune has to be there.
	if err := areas.CheckParents(nil); geo.CodeOf(err) != geo.CodeUnprocessable || !strings.Contains(err.Error(), "HT0111") {
		t.Errorf("sections of no commune: %v", err)
	}
	if err := areas.CheckParents(map[string]KnownArea{"HT0111": {}}); err != nil {
		t.Errorf("sections of a known commune: %v", err)
	}
	id := uuid.NewSHA1(uuid.Nil, []byte("x"))
	changes := areas.Changes(map[string]KnownArea{"HT0111-02": {ID: id, Froms: []time.Time{{}}}})
	if len(changes) != 2 || changes[0].Action != geo.Create || changes[1].Action != geo.Patch || changes[1].ID != id || changes[1].Draft.Get(l, "population") != int64(28606) {
		t.Errorf("changes %+v", changes)
	}
}

func TestReadSectionsFaults(t *testing.T) {
	good := `"ADM3_PCODE":"HT0111-01","ADM2_PCODE":"HT0111"`
	for _, test := range []struct{ name, file, want string }{
		{"p-code", sectionFile(`"ADM3_PCODE":"HT0111-1","ADM2_PCODE":"HT0111"`), `row 1 (id HT0111-1): /properties/pcode: "HT0111-1" is not the p-code of a communal section`},
		{"parent", sectionFile(`"ADM3_PCODE":"HT0111-01","ADM2_PCODE":"HT0112"`), `does not lie in "HT0112"`},
		{"no parent", sectionFile(`"ADM3_PCODE":"HT0111-01"`), `does not lie in ""`},
		{"twice", sectionFile(good, good), "row 2 (id HT0111-01): /properties/pcode: HT0111-01 is there twice"},
		{"a half", sectionFile(good + `,"POP2021":10.5`), "/properties/POP2021: a population is a whole number"},
		{"negative", sectionFile(good + `,"POP2021":-1`), "/properties/POP2021"},
		{"text", sectionFile(good + `,"POP2021":"many"`), "/properties/POP2021"},
		{"too many", sectionFile(good + `,"POP2021":1e15`), "/properties/population"},
		{"level", sectionFile(`"pcode":"HT0111-01","level":0,"compartment":"public","sensitivity":"low"`), "level 0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := ReadCommunes(strings.NewReader(test.file), geo.Security)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %s", err, test.want)
			}
		})
	}
}

// The communal sections as published read without a fault, each in a commune of
// the official boundaries, and our export of them is taken back.
func TestPublishedSections(t *testing.T) {
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
	areas, communes := read("sections_communales_simplified.geojson"), read("cod_ab_2018_adm2_communes.geojson")
	known := map[string]KnownArea{}
	outlines := map[string]orb.Geometry{}
	for _, d := range communes.Communes {
		known[d.Get(l, "pcode").(string)] = KnownArea{}
		outlines[d.Get(l, "pcode").(string)] = d.Geometry
	}
	if err := areas.CheckParents(known); err != nil {
		t.Error(err)
	}
	people, areaM2, whole := int64(0), 0.0, 0.0
	for _, d := range areas.Sections {
		n, ok := d.Get(l, "population").(int64)
		if !ok {
			t.Errorf("%v has no population", d.Get(l, "pcode"))
		}
		people += n
		areaM2 += measure.AreaM2(d.Geometry)
	}
	for _, outline := range outlines {
		whole += measure.AreaM2(outline)
	}
	if len(areas.Sections) != 570 || people != 11_715_756 {
		t.Errorf("%d sections with %d people", len(areas.Sections), people)
	}
	if off := areaM2/whole - 1; off < -0.02 || off > 0.02 {
		t.Errorf("the sections have %.0f km², the communes %.0f", areaM2/1e6, whole/1e6)
	}
	var versions []*geo.Version
	for i, c := range areas.Changes(nil) {
		versions = append(versions, geo.NewVersion(geo.Version{
			Layer: l, ID: uuid.NewSHA1(uuid.Nil, []byte(fmt.Sprint(i))), Known: 3, Valid: geo.Period{From: c.Draft.From}, Geometry: c.Draft.Geometry, Values: c.Draft.Values,
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
	if len(again.Sections) != 570 || again.Sections[7].Get(l, "population") != areas.Sections[7].Get(l, "population") {
		t.Errorf("%d sections came back", len(again.Sections))
	}
}
