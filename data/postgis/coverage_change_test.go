package postgis_test

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"pasaj/data/cluster/clustertest"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/world"
	"pasaj/migrations"
)

// A database from before grids, tallies and releases, with data, is brought up
// to date, and its observations count.
func TestMigrateFromBeforeCoverage(t *testing.T) {
	t.Parallel()
	clustertest.Exclusive(t, func() {
		url := clustertest.Database(t, clustertest.Template{})
		c := admin(t, url)
		if _, err := c.Exec(t.Context(), "CREATE SCHEMA pasaj"); err != nil {
			t.Fatal(err)
		}
		old := stdlib.OpenDB(*c.Config())
		provider, err := goose.NewProvider(goose.DialectPostgres, old, migrations.FS, goose.WithTableName("pasaj.migration"), goose.WithDisableGlobalRegistry(true))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := provider.UpTo(t.Context(), 8); err != nil {
			t.Fatal(err)
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"INSERT INTO pasaj.revision (id, at, author, audience) VALUES (1, now() - interval '2 day', 'a', 'sec'), (2, now() - interval '1 day', 'a', 'sec')",
			"INSERT INTO pasaj.revision_change (revision, layer, action) VALUES (1, 'road-network', 'replace'), (2, 'observations', 'create')",
			"INSERT INTO pasaj.road_network (id, known, name, licence, precision_m) VALUES ('one', '[1,)', 'one', '', 1)",
			"INSERT INTO pasaj.road_junction (network, id, ends, geom) VALUES ('one', 0, 1, 'SRID=4326;POINT(-72 18)'), ('one', 1, 1, 'SRID=4326;POINT(-72 19)')",
			`INSERT INTO pasaj.road_edge (network, id, ref, name, class, surface, oneway, length_m, precision_m, geom, source, target) VALUES
				('one', 1, '', '', 'RU', '', false, 1, 1, 'SRID=4326;LINESTRING(-72 18, -72 19)', 0, 1)`,
			`INSERT INTO pasaj.admin_area (id, valid, known, sensitivity, compartment, review_state, demonstration, geom, pcode, level)
				VALUES (gen_random_uuid(), '(,)', '[1,)', 'low', 'public', 'approved', false, 'SRID=4326;MULTIPOLYGON(((-73 18, -72 18, -72 19, -73 18)))', 'HT0111', 2)`,
			`INSERT INTO pasaj.observation (id, valid, known, sensitivity, compartment, review_state, demonstration, geom, text, source_id, channel, observed_at, triage_state) VALUES
				(gen_random_uuid(), '[2025-01-01,)', '[2,)', 'high', 'hum', 'approved', false, 'SRID=4326;POINT(-72.1 18.2)', 'said', 'who', 'sms', '2025-01-01', 'new'),
				(gen_random_uuid(), '[2025-01-01,)', '[2,)', 'high', 'sec', 'approved', false, NULL, 'said', NULL, 'email', NULL, 'linked')`,
		} {
			if _, err := c.Exec(t.Context(), statement); err != nil {
				t.Fatalf("%s: %v", statement, err)
			}
		}
		r := postgistest.OpenURL(t, url, postgis.Options{})
		if err := r.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		w := load(t, r, geo.Public, 0)
		if w.Network() == nil || w.Network().Len() != 1 || w.Layer(layer(t, "admin-areas")).Len() != 1 || w.Grid(world.PopulationGrid) != nil {
			t.Errorf("the world lost something: %+v", w)
		}
		for a, want := range map[geo.Audience]int{geo.Public: 0, geo.Humanitarian: 2, geo.Security: 2, geo.Operations: 1} {
			if got := tally(t, r, a, 2); len(got) != want || len(tally(t, r, a, 1)) != 0 {
				t.Errorf("%s counts %+v, want %d", a, got, want)
			}
		}
		if got := tally(t, r, geo.Humanitarian, 0)[0]; got.Commune != "HT0111" || got.ObservedAt.Year() != 2025 {
			t.Errorf("%+v", got)
		}
		if rev := writeGrid(t, r, world.BuiltUpGrid, smallGrid(t, "mask", 1, 0, 1)); rev != 3 {
			t.Errorf("revision %s", rev)
		}
		if err := r.SaveRelease(t.Context(), release(time.Now().Add(time.Hour), 3, `{}`)); err != nil {
			t.Error(err)
		}
		// The key is drawn once.
		var before, after string
		key := "SELECT encode(key, 'hex') FROM pasaj.tally_key"
		if err := c.QueryRow(t.Context(), key).Scan(&before); err != nil || len(before) != 64 {
			t.Errorf("%v", err)
		}
		if err := r.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.QueryRow(t.Context(), key).Scan(&after); err != nil || after != before {
			t.Errorf("migrating again drew another key: %v", err)
		}
	})
}
