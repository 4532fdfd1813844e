package osm_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geo"

	"pasaj/data/osm"
)

// portAuPrince reads the real streets, which are not part of the project.
func portAuPrince(t *testing.T) *osm.Result {
	t.Helper()
	folder := os.Getenv("PASAJ_EVAL_DATA")
	if folder == "" {
		t.Skipf("PASAJ_EVAL_DATA is not set: %s needs roads/pap_osm_2010_routable.osm.pbf below it", t.Name())
	}
	file, err := os.Open(filepath.Join(folder, "roads", "pap_osm_2010_routable.osm.pbf"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := osm.Read(t.Context(), file, osm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// TestPortAuPrince reads the street network of greater Port-au-Prince as
// OpenStreetMap had it on 13 January 2010; its figures were counted apart.
func TestPortAuPrince(t *testing.T) {
	got := portAuPrince(t)
	r := &got.Report
	t.Logf("\n%s", r)
	sphereM := 0.0
	for _, e := range got.Edges {
		sphereM += geo.LengthHaversine(e.Geometry) * 6_371_009 / orb.EarthRadius
	}
	for _, c := range []struct {
		what      string
		got, want int
	}{
		{"nodes", r.Nodes, 25_203}, {"ways", r.Ways, 1_510}, {"nodes on roads", r.RoadNodes, 25_203},
		{"crossroads", r.Crossroads, 2_303}, {"components", r.Components, 42},
		{"kilometres on a sphere", int(sphereM/1000 + .5), 1_214},
		// Seventeen pairs of segments cross without a node; eight of them within
		// a metre of an end, where the end is what counts.
		{"crossings", r.NearCrossings, 17 - 8},
		{"ends beside a road", r.NearEnds, 31},
		// Three ways, and 353 stretches of others, run over what is there already.
		{"roads", r.Roads, 1_507},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
	if share := r.ComponentM[0] / r.LengthM; share < .9365 || share >= .9375 {
		t.Errorf("the longest component holds %.4f of the length, want 0.937", share)
	}
}
