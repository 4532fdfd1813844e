package postgis_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/paulmach/orb"
	"github.com/pressly/goose/v3"

	"pasaj/data/cluster/clustertest"
	"pasaj/data/haiti"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/migrations"
)

func TestReattach(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	blocks, roads := layer(t, "roadblocks"), layer(t, "national-roads")
	block := func(at orb.Geometry, state string, precision float64) geo.Change {
		return geo.Change{Layer: blocks, Action: geo.Create, Draft: draft(blocks, at, map[string]any{
			"subtype": "toll_post", "state": state, "compartment": "hum", "precision_m": precision})}
	}
	ids := write(t, r,
		block(orb.Point{-72.34, 18.5585}, "active", 30),                           // 0: on the street that goes
		block(orb.Point{-72.335, 18.5502}, "active", 30),                          // 1: on the road that stays
		block(orb.Point{-72.34, 18.5585}, "cleared", 30),                          // 2: over
		block(orb.Point{-72.1, 18.3}, "active", 30),                               // 3: on no road before
		block(orb.Point{-72.34, 18.5585}, "active", 2000),                         // 4: anywhere near
		block(orb.LineString{{-72.345, 18.558}, {-72.335, 18.5585}}, "active", 1), // 5: across the street that goes
		geo.Change{Layer: roads, Action: geo.Create, Draft: draft(roads, orb.MultiLineString{{{-72.34, 18.55}, {-72.33, 18.55}}}, map[string]any{"ref": "RN1", "status": "open", "compartment": "public", "sensitivity": "low"})},
		geo.Change{Layer: roads, Action: geo.Create, Draft: draft(roads, orb.MultiLineString{{{-72.34, 18.55}, {-72.33, 18.55}}}, map[string]any{"ref": "RN2", "status": "open", "compartment": "public", "sensitivity": "low"})},
	).IDs
	first := writeNetwork(t, r, "former", crossing())
	report, err := r.Reattach(t.Context(), geo.Security, first)
	if err != nil || report.Former.ID != "" || len(report.Roadblocks) != 0 || len(report.Edges) != 0 || len(report.Sections) != 1 || report.Sections[0].ID != ids[7] {
		t.Fatalf("the first network: %+v, %v", report, err)
	}
	kept := crossing()
	second := writeNetwork(t, r, "present", []road.EdgeInput{kept[0], kept[2]})
	if report, err = r.Reattach(t.Context(), geo.Security, second); err != nil {
		t.Fatal(err)
	}
	if report.Former.ID != "former" || report.Present.ID != "present" {
		t.Errorf("%s after %s", report.Present.ID, report.Former.ID)
	}
	var lost []string
	for _, v := range report.Roadblocks {
		lost = append(lost, v.ID.String())
	}
	want := []string{ids[0].String(), ids[5].String()}
	slices.Sort(lost)
	slices.Sort(want)
	if !slices.Equal(lost, want) {
		t.Errorf("lost roadblocks %v, want %v", lost, want)
	}
	if len(report.Edges) != 1 || report.Edges[0].ID != 11 || report.Edges[0].MissingM < 900 {
		t.Errorf("lost edges %+v", report.Edges)
	}
	// Who may not see roadblocks is told of none.
	if report, err = r.Reattach(t.Context(), geo.Public, second); err != nil || len(report.Roadblocks) != 0 || len(report.Sections) != 1 {
		t.Errorf("for the public: %+v, %v", report, err)
	}
	_, err = r.Reattach(t.Context(), geo.Security, write(t, r, place(t, "no network")).Revision)
	wantCode(t, err, geo.CodeNotFound, "")
	_, err = r.Reattach(t.Context(), geo.Security, second+9)
	wantCode(t, err, geo.CodeNotFound, "")
}

// The view of edges on sections of national roads agrees with the graph's own
// linking, on the bundled data.
func TestNationalRoadEdges(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	batches, err := haiti.Batches()
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range batches {
		if _, err := r.Write(t.Context(), b); err != nil {
			t.Fatal(err)
		}
	}
	network, edges, err := haiti.Network()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.WriteNetwork(t.Context(), haiti.Author, network, edges, nil); err != nil {
		t.Fatal(err)
	}
	c := admin(t, url)
	at, err := pgx.CollectExactlyOneRow(first(c.Query(t.Context(), "SELECT now()")), pgx.RowTo[time.Time])
	if err != nil {
		t.Fatal(err)
	}
	w := load(t, r, geo.Public, 0)
	var sections []road.Section
	var ids []string
	w.Layer(layer(t, "national-roads")).Each(geo.At(at), func(v *geo.Version) bool {
		if line, ok := v.Geometry.(orb.MultiLineString); ok {
			sections = append(sections, road.Section{Ref: v.Text("ref"), Geometry: line, PrecisionM: v.PrecisionM()})
			ids = append(ids, v.ID.String())
		}
		return true
	})
	want := map[string]float64{}
	for _, span := range w.Network().LinkSections(sections) {
		want[fmt.Sprint(ids[span.Section], " ", w.Network().Edge(span.Edge).ID)] += span.ToM - span.FromM
	}
	if len(want) == 0 {
		t.Fatal("no section is linked")
	}
	if _, err := c.Exec(t.Context(), "SET ROLE pasaj_public"); err != nil {
		t.Fatal(err)
	}
	rows, err := c.Query(t.Context(), "SELECT section::text || ' ' || edge, length_m FROM audience_public.national_road_edge WHERE network = $1", network.ID)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for rows.Next() {
		var key string
		var lengthM float64
		if err := rows.Scan(&key, &lengthM); err != nil {
			t.Fatal(err)
		}
		got[key] += lengthM
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	for key := range want {
		got[key] += 0
	}
	for key, lengthM := range got { // cut into parts of 100 m, at either end
		if d := lengthM - want[key]; d > 300 || d < -300 {
			t.Errorf("%s: %.0f m, want %.0f m", key, lengthM, want[key])
		}
	}
}

// A database of an older build, with data, is brought up to date.
func TestMigrateFromBeforeNetworks(t *testing.T) {
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
		if _, err := provider.UpTo(t.Context(), 6); err != nil {
			t.Fatal(err)
		}
		if err := old.Close(); err != nil {
			t.Fatal(err)
		}
		for _, statement := range []string{
			"INSERT INTO pasaj.revision (id, at, author, audience) VALUES (1, now() - interval '2 day', 'a', 'sec'), (2, now() - interval '1 day', 'a', 'sec')",
			"INSERT INTO pasaj.revision_change (revision, layer, action) VALUES (1, 'road-network', 'replace'), (2, 'road-network', 'replace')",
			"INSERT INTO pasaj.road_network (id, known, name, licence, precision_m) VALUES ('one', '[1,2)', 'one', '', 1), ('two', '[2,)', 'two', 'CC0', 2000)",
			`INSERT INTO pasaj.road_edge (network, id, ref, name, class, surface, oneway, length_m, precision_m, geom) VALUES
				('one', 1, '', '', 'RU', '', false, 1, 1, 'SRID=4326;LINESTRING(-72 18, -72 19)'),
				('two', 5, 'RN1', 'Route', 'RN', 'asphalt', true, 10, 60, 'SRID=4326;LINESTRING(-72.5 18.5, -72.4 18.5)'),
				('two', 4, '', '', 'RU', '', false, 10, 60, 'SRID=4326;LINESTRING(-72.4 18.5, -72.45 18.6, -72.4 18.7)'),
				('two', 3, '', '', 'RU', '', false, 10, 60, 'SRID=4326;LINESTRING(-72.4 18.7, -72.5 18.5)')`,
			`INSERT INTO pasaj.place (id, valid, known, sensitivity, compartment, review_state, demonstration, geom, place_kind, name_fr)
				VALUES (gen_random_uuid(), '[2020-01-01,)', '[1,)', 'low', 'public', 'approved', false, 'SRID=4326;POINT(-72 18.5)', 'town', 'Ville')`,
			"INSERT INTO pasaj.account (name, role, audience) VALUES ('kept', 'editor', 'hum')",
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
		if w.Layer(layer(t, "places")).Len() != 1 {
			t.Error("the place is gone")
		}
		g := w.Network()
		if g.Network() != (road.Network{ID: "two", Name: "two", Licence: "CC0", PrecisionM: 2000}) || g.Len() != 3 || g.Junctions() != 3 {
			t.Fatalf("network %+v, %d edges", g.Network(), g.Len())
		}
		if have := input(g.Edge(2)); !reflect.DeepEqual(have, road.EdgeInput{ID: 5, Ref: "RN1", Name: "Route", Class: "RN", Surface: "asphalt", Oneway: true, PrecisionM: 60,
			Geometry: orb.LineString{{-72.5, 18.5}, {-72.4, 18.5}}}) {
			t.Errorf("edge %+v", have)
		}
		for i := range g.Len() {
			e := g.Edge(i)
			var source, target, ends int
			err := c.QueryRow(t.Context(), `SELECT source, target, j.ends FROM pasaj.road_edge e JOIN pasaj.road_junction j ON (j.network, j.id) = (e.network, e.source)
				WHERE e.network = 'two' AND e.id = $1`, e.ID).Scan(&source, &target, &ends)
			if err != nil || source != e.From || target != e.To || ends != 2 {
				t.Errorf("edge %d runs from %d (%d ends) to %d, want %d to %d, %v", e.ID, source, ends, target, e.From, e.To, err)
			}
		}
		if got := load(t, r, geo.Public, 1).Network().Len(); got != 1 {
			t.Errorf("as of the first revision: %d edges", got)
		}
		if _, err := r.CreateWatch(t.Context(), geo.Watch{Owner: "kept", Request: []byte("{}")}); err != nil {
			t.Errorf("watch: %v", err)
		}
		writeNetwork(t, r, "three", crossing())
	})
}
