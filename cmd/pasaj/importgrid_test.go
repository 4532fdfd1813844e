package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pasaj/data/geotiff/geotifftest"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/world"
)

// imported runs an import and gives what it says.
func imported(t *testing.T, url string, args ...string) (string, error) {
	t.Helper()
	return output(t, append([]string{"--database-url", url, "--home", t.TempDir(), "import"}, args...)...)
}

// gridFile writes a GeoTIFF of a name.
func gridFile(t *testing.T, name string, f geotifftest.File) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, f.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// block is a square of cells of a hundredth of a degree with a value each.
func block(west, north float64, side int, value float64) geotifftest.File {
	values := make([]float64, side*side)
	for i := range values {
		values[i] = value
	}
	return geotifftest.File{Width: side, Height: side, Values: values, West: west, North: north, CellDeg: .01, NoData: "-99999"}
}

func TestImportGrids(t *testing.T) {
	url := postgistest.URL(t)
	r := postgistest.OpenURL(t, url, postgis.Options{})
	inUse := func(kind string) (geo.Revision, string) {
		t.Helper()
		w, err := r.Load(t.Context(), geo.Public, 0)
		if err != nil {
			t.Fatal(err)
		}
		if w.Grid(kind) == nil {
			return w.Revision(), ""
		}
		return w.Revision(), w.Grid(kind).ID()
	}
	people := gridFile(t, "hti_ppp_2020.tif", block(-72.5, 19, 10, 2.5))
	other := gridFile(t, "people.tif", block(-72.5, 19, 10, 4))
	mask := gridFile(t, "mask.tif", block(-72.5, 19, 10, 1))

	// What fails, or is to write nothing, leaves the record as it is.
	whole, err := os.ReadFile(people)
	if err != nil {
		t.Fatal(err)
	}
	half := filepath.Join(t.TempDir(), "half.tif")
	if err := os.WriteFile(half, whole[:len(whole)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{
		{"population"}, {"population", half}, {"population", people + ".missing"}, {"population", t.TempDir()},
		{"population", gridFile(t, "elsewhere.tif", block(10, 50, 10, 1))}, {"population", gridFile(t, "nobody.tif", block(-72.5, 19, 10, 0))},
		{"population", gridFile(t, "undeclared.tif", block(-72.5, 19, 10, 3.4e38))}, {"population", gridFile(t, "metres.tif", block(-72.5, 19, 10, 1.1e6))},
		{"built-up", people, "--unit", "acres"}, {"built-up", other, "--unit", "share"}, {"built-up", gridFile(t, "much.tif", block(-72.5, 19, 10, 1e6))},
	} {
		_, err := imported(t, url, args...)
		if err == nil || strings.Contains(oneLine(err), "\n") || len(err.Error()) > 400 {
			t.Errorf("import %v: %v", args, err)
		}
	}
	if _, err := imported(t, url, "population", people, "--dry-run"); err != nil {
		t.Error(err)
	}
	if rev, id := inUse(world.PopulationGrid); rev != 0 || id != "" {
		t.Fatalf("revision %d with the grid %q", rev, id)
	}

	// The same file twice is one version; another file is another; the first may
	// come back.
	var ids []string
	for i, test := range []struct {
		args []string
		rev  geo.Revision
		said []string
	}{
		{[]string{"population", people}, 1, []string{"hti_ppp_2020.tif: 100 cells (10 by 10), 250 people", "in use as revision 1", "WorldPop (www.worldpop.org), CC BY 4.0"}},
		{[]string{"population", people, "--name", "Another name"}, 1, []string{"in use already"}},
		{[]string{"population", other, "--name", "Counted", "--licence", "Somebody, CC0"}, 2, []string{"400 people", "to be named with it: Somebody, CC0"}},
		{[]string{"population", people}, 3, []string{"in use as revision 3"}},
		{[]string{"population", people}, 3, []string{"in use already"}},
		{[]string{"built-up", mask}, 4, []string{"100 cells' worth of built-up ground", "say with --licence"}},
		{[]string{"built-up", mask, "--unit", "percent"}, 5, []string{"1 cells' worth"}},
	} {
		said, err := imported(t, url, test.args...)
		if err != nil {
			t.Fatalf("import %v: %v", test.args, err)
		}
		for _, part := range test.said {
			if !strings.Contains(said, part) {
				t.Errorf("import %v says %q, not %q", test.args, said, part)
			}
		}
		if strings.Count(said, "\n") != 1 {
			t.Errorf("import %v says more than a line: %q", test.args, said)
		}
		rev, id := inUse(world.PopulationGrid)
		ids = append(ids, id)
		if rev != test.rev {
			t.Errorf("after import %d: revision %d, want %d", i, rev, test.rev)
		}
	}
	if ids[0] != ids[1] || ids[2] == ids[0] || !strings.HasPrefix(ids[3], ids[0]+"-") || ids[4] != ids[3] || ids[6] != ids[3] {
		t.Errorf("grids %v", ids)
	}
	w, err := r.Load(t.Context(), geo.Public, 2)
	if err != nil {
		t.Fatal(err)
	}
	if g := w.Grid(world.PopulationGrid); g.Name() != "Counted" || g.Licence() != "Somebody, CC0" || g.Total() != 400 {
		t.Errorf("%q, %q, %v people", g.Name(), g.Licence(), g.Total())
	}
	if said, err := output(t, "--database-url", url, "doctor"); err != nil || !strings.Contains(said, "built-up: mask, 100 cells") {
		t.Errorf("doctor says %q, %v", said, err)
	}
}

// A grid that reaches beyond Haiti is cut to its box, and the command says so.
func TestImportGridClips(t *testing.T) {
	url := postgistest.URL(t)
	r := postgistest.OpenURL(t, url, postgis.Options{})
	file := block(-71.55, 19, 20, 1) // five columns of it in the box
	file.Values[0] = -99999
	said, err := imported(t, url, "population", gridFile(t, "island.tif", file))
	if err != nil || !strings.Contains(said, "100 cells (5 by 20), 99 people, clipped to -74.6,17.9,-71.5,20.2") {
		t.Errorf("%q, %v", said, err)
	}
	w, err := r.Load(t.Context(), geo.Operations, 0)
	if err != nil {
		t.Fatal(err)
	}
	if g := w.Grid(world.PopulationGrid); g.Width() != 5 || g.Total() != 99 {
		t.Errorf("%d columns, %v people", g.Width(), g.Total())
	}
}

// Communal sections come in where their communes are on record.
func TestImportSections(t *testing.T) {
	url := postgistest.URL(t)
	r := postgistest.OpenURL(t, url, postgis.Options{})
	file := func(name, properties string) string {
		path := filepath.Join(t.TempDir(), name)
		text := `{"type":"FeatureCollection","features":[{"type":"Feature","properties":{` + properties +
			`},"geometry":{"type":"Polygon","coordinates":[[[-72.4,18.5],[-72.3,18.5],[-72.3,18.6],[-72.4,18.5]]]}}]}`
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sections := file("sections.geojson", `"ADM3_PCODE":"HT0111-01","ADM2_PCODE":"HT0111","NAME_SEC":"1re Turgeau","SEKSYON":"1e Tijo","POP2021":1234`)
	if _, err := imported(t, url, "admin-areas", sections); err == nil || !strings.Contains(err.Error(), "bring in the communes first") {
		t.Errorf("sections without a commune: %v", err)
	}
	communes := file("communes.geojson", `"ADM2_PCODE":"HT0111","ADM2_FR":"Port-au-Prince","ADM1_PCODE":"HT01","validOn":"2018-11-29"`)
	for _, name := range []string{communes, sections, sections} {
		if _, err := imported(t, url, "admin-areas", name); err != nil {
			t.Fatal(err)
		}
	}
	w, err := r.Load(t.Context(), geo.Public, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	w.Named("admin-areas").Each(geo.Moment{}, func(v *geo.Version) bool {
		if level, _ := v.Number("level"); level == 3 {
			found++
			if people, _ := v.Number("population"); people != 1234 || v.Text("parent_pcode") != "HT0111" || v.Text("name_ht") != "1e Tijo" {
				t.Errorf("section %s", v.FeatureJSON())
			}
		}
		return true
	})
	if found != 1 || w.Named("admin-areas").Len() != 3 {
		t.Errorf("%d sections among %d areas", found, w.Named("admin-areas").Len())
	}
}
