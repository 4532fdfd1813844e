package postgis_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// smallGrid has the values given, three to a row; NaN is no data.
func smallGrid(t testing.TB, id string, values ...float32) *raster.Grid {
	t.Helper()
	g, err := raster.New(id, "Grid "+id, "CC BY 4.0 é", -72.5, 19, 0.01, 0.02, 3, len(values)/3, values)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func writeGrid(t testing.TB, r *postgis.Record, kind string, g *raster.Grid) geo.Revision {
	t.Helper()
	rev, err := r.WriteGrid(t.Context(), analyst, kind, g)
	if err != nil {
		t.Fatalf("write the grid %s: %v", g.ID(), err)
	}
	return rev
}

// described is everything that a grid says.
func described(g *raster.Grid) string {
	if g == nil {
		return "none"
	}
	out := fmt.Sprintln(g.ID(), g.Name(), g.Licence(), g.West(), g.North(), g.CellLonDeg(), g.CellLatDeg(), g.Width(), g.Height(), g.Total())
	for y := range g.Height() {
		for x := range g.Width() {
			out += fmt.Sprint(math.Float32bits(g.Value(x, y)), " ")
		}
	}
	return out
}

func TestGrid(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	live := follow(t, postgistest.OpenURL(t, url, postgis.Options{}))
	none := float32(math.NaN())
	before := write(t, r, place(t, "before")).Revision
	people := smallGrid(t, "people", 1, 2.5, none, 0, 1e6, 0.125)
	first := writeGrid(t, r, world.PopulationGrid, people)
	wait(t, live, first)
	got := live.World(geo.Public).Grid(world.PopulationGrid)
	if described(got) != described(people) {
		t.Fatalf("followed\n%s\nwritten\n%s", described(got), described(people))
	}
	for _, a := range geo.Audiences() {
		if live.World(a).Grid(world.PopulationGrid) != got {
			t.Errorf("%s does not share the grid", a)
		}
		if live.World(a).Grid(world.BuiltUpGrid) != nil {
			t.Errorf("%s has a grid of built-up ground from nowhere", a)
		}
	}
	_, err := r.WriteGrid(t.Context(), analyst, world.BuiltUpGrid, people)
	wantCode(t, err, geo.CodeConflict, "/id")

	mask := writeGrid(t, r, world.BuiltUpGrid, smallGrid(t, "mask", 0, 1, 1))
	second := writeGrid(t, r, world.PopulationGrid, smallGrid(t, "later people", 7, 7, 7))
	edited := write(t, r, place(t, "after")).Revision
	wait(t, live, edited)
	if w := live.World(geo.Security); w.Grid(world.PopulationGrid).Total() != 21 || w.Grid(world.BuiltUpGrid).Total() != 2 {
		t.Errorf("followed %s and %s", described(w.Grid(world.PopulationGrid)), described(w.Grid(world.BuiltUpGrid)))
	}
	for _, test := range []struct {
		rev             geo.Revision
		people, builtUp string
	}{
		{before, "", ""}, {first, "people", ""}, {mask, "people", "mask"}, {second, "later people", "mask"}, {edited, "later people", "mask"},
	} {
		name := func(g *raster.Grid) string {
			if g == nil {
				return ""
			}
			return g.ID()
		}
		var shared [2]*raster.Grid
		for _, a := range geo.Audiences() {
			w := load(t, r, a, test.rev)
			have := [2]*raster.Grid{w.Grid(world.PopulationGrid), w.Grid(world.BuiltUpGrid)}
			if name(have[0]) != test.people || name(have[1]) != test.builtUp {
				t.Errorf("%s as of %s: %q and %q, want %q and %q", a, test.rev, name(have[0]), name(have[1]), test.people, test.builtUp)
			}
			if a == geo.Public {
				shared = have
			} else if have != shared {
				t.Errorf("as of %s, %s does not share its grids with the public", test.rev, a)
			}
		}
	}
	// A grid is no feature: the events of its revisions are there, and empty.
	events, err := r.Events(t.Context(), geo.Public, before, edited)
	if err != nil || len(events) != 4 || len(events[0].Changes)+len(events[1].Changes)+len(events[2].Changes) != 0 || len(events[3].Changes) != 1 {
		t.Errorf("events %+v, %v", events, err)
	}
}

// A grid of several parts comes back whole.
func TestLargeGrid(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	values := make([]float32, 2500*2000)
	state := uint32(1)
	for i := range values { // values that do not compress
		state ^= state << 13
		state ^= state >> 17
		state ^= state << 5
		values[i] = math.Float32frombits(state&0x3fffffff | 0x20000000)
	}
	g, err := raster.New("large", "", "", -74.5, 20.1, 0.001, 0.001, 2500, 2000, values)
	if err != nil {
		t.Fatal(err)
	}
	rev := writeGrid(t, r, world.PopulationGrid, g)
	var parts int
	if err := admin(t, url).QueryRow(t.Context(), "SELECT count(*) FROM pasaj.grid_part").Scan(&parts); err != nil || parts < 2 {
		t.Fatalf("%d parts, %v: this shows nothing", parts, err)
	}
	got := load(t, r, geo.Public, rev).Grid(world.PopulationGrid)
	if got == g || got.Total() != g.Total() {
		t.Fatalf("total %v, want %v", got.Total(), g.Total())
	}
	for i := range values {
		if x, y := i%2500, i/2500; got.Value(x, y) != g.Value(x, y) {
			t.Fatalf("cell %d, %d: %v, want %v", x, y, got.Value(x, y), g.Value(x, y))
		}
	}
}

func TestGridRefusals(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	g := smallGrid(t, "grid", 1, 2, 3)
	write := func(author geo.Author, kind string, g *raster.Grid) error {
		_, err := r.WriteGrid(t.Context(), author, kind, g)
		return err
	}
	wantCode(t, write(geo.Author{}, world.PopulationGrid, g), geo.CodeInvalid, "")
	wantCode(t, write(analyst, "elevation", g), geo.CodeInvalid, "/kind")
	wantCode(t, write(analyst, world.PopulationGrid, nil), geo.CodeInvalid, "")
	for _, id := range []string{strings.Repeat("x", 101), "a\x00b"} {
		wantCode(t, write(analyst, world.PopulationGrid, smallGrid(t, id, 1, 2, 3)), geo.CodeInvalid, "")
	}
	if _, _, err := r.Resolve(t.Context(), geo.AsOf{}); geo.CodeOf(err) != geo.CodeNotFound {
		t.Errorf("a refused grid made a revision: %v", err)
	}
}

// Of two writers of the same grid one is told of the conflict.
func TestGridsAtOnce(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	errs := make(chan error)
	const writers = 4
	for range writers {
		go func() {
			g, err := raster.New("same", "", "", -72, 19, 1, 1, 1, 1, []float32{1})
			if err == nil {
				_, err = r.WriteGrid(t.Context(), analyst, world.PopulationGrid, g)
			}
			errs <- err
		}()
	}
	stored := 0
	for range writers {
		if err := <-errs; err == nil {
			stored++
		} else if geo.CodeOf(err) != geo.CodeConflict {
			t.Error(err)
		}
	}
	if rev, _, err := r.Resolve(t.Context(), geo.AsOf{}); stored != 1 || rev != 1 || err != nil {
		t.Errorf("%d stored, revision %s, %v", stored, rev, err)
	}
}

func TestGridTablesAreAppendOnly(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	writeGrid(t, r, world.PopulationGrid, smallGrid(t, "grid", 1, 2, 3))
	c := admin(t, url)
	for _, statement := range []string{
		"UPDATE pasaj.grid SET name = 'x'", "UPDATE pasaj.grid SET known = 'empty'", "UPDATE pasaj.grid SET known = '[1,5)', total = 3",
		"DELETE FROM pasaj.grid", "TRUNCATE pasaj.grid CASCADE", "UPDATE pasaj.grid_part SET body = '\\x00'", "DELETE FROM pasaj.grid_part",
		"TRUNCATE pasaj.grid_part", "DELETE FROM pasaj.tally_key", "UPDATE pasaj.tally_key SET key = sha256('x')",
		"INSERT INTO pasaj.grid SELECT (jsonb_populate_record(g, '{\"id\": \"other\", \"known\": \"[2,)\"}')).* FROM pasaj.grid g",
	} {
		if _, err := c.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
	if _, err := c.Exec(t.Context(), "SET ROLE pasaj_public"); err != nil {
		t.Fatal(err)
	}
	var name string
	if err := c.QueryRow(t.Context(), "SELECT name FROM audience_public.grid WHERE kind = 'population' AND upper_inf(known)").Scan(&name); err != nil || name != "Grid grid" {
		t.Errorf("the public reads %q, %v", name, err)
	}
}

// A grid whose stored bytes went bad is not taken for one.
func TestDamagedGrid(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	writeGrid(t, r, world.PopulationGrid, smallGrid(t, "grid", 1, 2, 3))
	c := admin(t, url)
	for _, damage := range []string{
		"set_byte(body, octet_length(body) - 1, (get_byte(body, octet_length(body) - 1) + 1) % 256)", "substring(body FOR octet_length(body) - 1)", "body || '\\x00'",
	} {
		if _, err := c.Exec(t.Context(), `BEGIN; ALTER TABLE pasaj.grid_part DISABLE TRIGGER insert_only; CREATE TEMPORARY TABLE kept AS TABLE pasaj.grid_part;
			UPDATE pasaj.grid_part SET body = `+damage+`; COMMIT`); err != nil {
			t.Fatal(err)
		}
		if _, err := r.Load(t.Context(), geo.Public, 0); err == nil || geo.CodeOf(err) != "" || errors.Unwrap(err) == nil {
			t.Errorf("%s: %v", damage, err)
		}
		if _, err := c.Exec(t.Context(), "UPDATE pasaj.grid_part p SET body = k.body FROM kept k; DROP TABLE kept"); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := r.Load(t.Context(), geo.Public, 0); err != nil {
		t.Error(err)
	}
}
