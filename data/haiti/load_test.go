package haiti_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/data/format"
	"pasaj/data/haiti"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/world"
)

func load(t *testing.T, r *postgis.Record, a geo.Audience) *world.World {
	t.Helper()
	w, err := r.Load(t.Context(), a, 0)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// states lists every state of every feature in the order of ids and time.
func states(w *world.World, l *geo.Layer) []*geo.Version {
	var out []*geo.Version
	w.Layer(l).Each(geo.Moment{}, func(v *geo.Version) bool {
		item, _ := w.Layer(l).Item(v.ID)
		out = append(out, item.Versions...)
		return true
	})
	return out
}

// The record takes the snapshot once; each audience sees its part; and what is
// exported and imported into an empty record is the same there.
func TestRecordTakesTheSnapshot(t *testing.T) {
	first := postgistest.Open(t, postgis.Options{})
	batches, err := haiti.Batches()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if _, err := first.Write(t.Context(), b); err != nil {
			t.Fatalf("%s: %v", b.Reason, err)
		}
	}
	for _, b := range batches {
		if receipt, err := first.Write(t.Context(), b); err != nil || !receipt.Repeated {
			t.Errorf("%s again: repeated %v, error %v", b.Reason, receipt.Repeated, err)
		}
	}
	counts := map[geo.Audience]map[string]int{
		geo.Public:       {"admin-areas": 150, "places": 98, "controlled-zones": 0, "roadblocks": 0, "police-facilities": 0, "incidents": 0, "facilities": 28},
		geo.Humanitarian: {"admin-areas": 150, "controlled-zones": 32, "roadblocks": 26, "police-facilities": 12, "incidents": 29},
		geo.Security:     {"controlled-zones": 32, "roadblocks": 27, "police-facilities": 12, "armed-groups": 34},
		geo.Operations:   {"controlled-zones": 0, "roadblocks": 1, "police-facilities": 12, "national-roads": 56},
	}
	for a, layers := range counts {
		w := load(t, first, a)
		for name, want := range layers {
			l, _ := geo.LayerByName(name)
			if got := w.Layer(l).Len(); got != want {
				t.Errorf("%s sees %d of %s, want %d", a, got, name, want)
			}
		}
	}

	second := postgistest.Open(t, postgis.Options{})
	security := load(t, first, geo.Security)
	var layers []*geo.Layer // groups before the zones that name them
	for _, kind := range []geo.Kind{geo.Reference, geo.Collection} {
		for _, l := range geo.Layers() {
			if l.Kind == kind {
				layers = append(layers, l)
			}
		}
	}
	for _, l := range layers {
		before := states(security, l)
		var file bytes.Buffer
		if err := format.WriteGeoJSON(&file, l, format.Metadata{Revision: security.Revision(), Audience: geo.Security, Notice: haiti.Notice}, before); err != nil {
			t.Fatal(err)
		}
		rows, err := format.Check(format.ReadGeoJSON(&file, l, geo.Security), format.Checker{Layer: l})
		if err != nil {
			t.Fatalf("%s: %v", l.Name, err)
		}
		// The first time everything is new, the second time it is known: both
		// leave the same states.
		known := map[uuid.UUID]bool{}
		for range 2 {
			changes := format.Changes(l, rows, func(id uuid.UUID) bool { return known[id] })
			if _, err := second.Write(t.Context(), geo.Batch{Author: haiti.Author, Reason: "import", Changes: changes}); err != nil {
				t.Fatalf("%s: %v", l.Name, err)
			}
			after := states(load(t, second, geo.Security), l)
			if len(after) != len(before) {
				t.Fatalf("%s: %d states became %d", l.Name, len(before), len(after))
			}
			for i := range before {
				compare(t, before[i], after[i])
			}
			for _, v := range before {
				known[v.ID] = true
			}
		}
	}
}

func compare(t *testing.T, a, b *geo.Version) {
	t.Helper()
	if a.ID != b.ID || !a.Valid.From.Equal(b.Valid.From) || !a.Valid.To.Equal(b.Valid.To) {
		t.Errorf("%s %v: %v became %v", a.Layer.Name, a.Value("code"), a.Valid, b.Valid)
	}
	if a.Geometry != nil && !orb.Equal(a.Geometry, b.Geometry) {
		t.Errorf("%s %v: another geometry", a.Layer.Name, a.Value("code"))
	}
	for i := range a.Layer.Properties {
		p := &a.Layer.Properties[i]
		if p.Computed || p.Name == "revision_reason" || p.Name == "confidence" {
			continue // of the write, not of the feature; confidence also counts observations
		}
		if !geo.SameValue(a.Values[i], b.Values[i]) {
			t.Errorf("%s %v: %s %v became %v", a.Layer.Name, a.Value("code"), p.Name, a.Values[i], b.Values[i])
		}
	}
}

// The official boundaries replace the bundled outlines as new versions, over
// all their time, and leave population and names.
func TestOfficialBoundariesReplaceTheOutlines(t *testing.T) {
	folder := os.Getenv("PASAJ_EVAL_DATA")
	if folder == "" {
		t.Skip("PASAJ_EVAL_DATA is not set: the official boundaries are not part of the project")
	}
	r := postgistest.Open(t, postgis.Options{})
	batches, err := haiti.Batches()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Write(t.Context(), batches[0]); err != nil {
		t.Fatal(err)
	}
	l, _ := geo.LayerByName("admin-areas")
	before := states(load(t, r, geo.Public), l)
	known := map[string]format.KnownArea{}
	for _, v := range before {
		known[v.Text("pcode")] = format.KnownArea{ID: v.ID, Froms: []time.Time{v.Valid.From}}
	}
	f, err := os.Open(filepath.Join(folder, "admin", "cod_ab_2018_adm2_communes.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	areas, err := format.ReadCommunes(f, geo.Security)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Write(t.Context(), geo.Batch{Author: haiti.Author, Reason: "official boundaries", Changes: areas.Changes(known)}); err != nil {
		t.Fatal(err)
	}
	after := states(load(t, r, geo.Public), l)
	if len(before) != 150 || len(after) != 150 {
		t.Fatalf("%d areas became %d", len(before), len(after))
	}
	for i, v := range after {
		old := before[i]
		if v.ID != old.ID || v.Known == old.Known || !v.Valid.From.Equal(old.Valid.From) || orb.Equal(v.Geometry, old.Geometry) {
			t.Errorf("%s was not replaced", old.Text("pcode"))
		}
		for _, name := range []string{"pcode", "name_fr", "name_ht", "parent_pcode", "population", "population_note"} {
			if v.Value(name) != old.Value(name) {
				t.Errorf("%s: %s %v became %v", old.Text("pcode"), name, old.Value(name), v.Value(name))
			}
		}
		if share := measure.AreaM2(v.Geometry) / measure.AreaM2(old.Geometry); share < 0.9 || share > 1.1 {
			t.Errorf("%s: %.3f of the bundled area", old.Text("pcode"), share)
		}
	}
}
