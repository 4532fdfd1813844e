package postgis_test

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/road"
)

func TestNetwork(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	live := follow(t, postgistest.OpenURL(t, url, postgis.Options{}))
	network := road.Network{ID: "skeleton-1", Name: "skeleton", Licence: "CC0", PrecisionM: 500}
	edges := []road.EdgeInput{
		{ID: 1, Ref: "RN1", Name: "Route nationale 1", Class: "RN", Surface: "asphalt", PrecisionM: 500, Geometry: orb.LineString{{-72.3, 18.5}, {-72.3, 18.6}}},
		{ID: 2, Class: "RU", Oneway: true, Geometry: orb.LineString{{-72.3, 18.6}, {-72.2, 18.6}, {-72.2, 18.7}}},
	}
	first, err := r.WriteNetwork(t.Context(), analyst, network, edges, nil)
	if err != nil {
		t.Fatal(err)
	}
	wait(t, live, first)
	graph := live.World(geo.Public).Network()
	if graph == nil || graph.Len() != 2 || graph.Network() != network {
		t.Fatalf("followed network %+v", graph)
	}
	if e := graph.Edge(0); e.Name != "Route nationale 1" || !orb.Equal(e.Geometry, edges[0].Geometry) {
		t.Errorf("edge %+v", e)
	}
	if live.World(geo.Security).Network() != graph {
		t.Error("audiences do not share the graph")
	}
	_, err = r.WriteNetwork(t.Context(), analyst, network, edges, nil)
	wantCode(t, err, geo.CodeConflict, "")
	network.ID = "skeleton-2"
	second, err := r.WriteNetwork(t.Context(), analyst, network, edges[:1], nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := load(t, r, geo.Public, first).Network().Len(); got != 2 {
		t.Errorf("the former network has %d edges", got)
	}
	if got := load(t, r, geo.Public, second).Network().Len(); got != 1 {
		t.Errorf("the new network has %d edges", got)
	}
	write(t, r, place(t, "later"))
	wait(t, live, second+1)
	if got := live.World(geo.Operations).Network().Len(); got != 1 {
		t.Errorf("the followed network has %d edges", got)
	}
}

func writeNetwork(t testing.TB, r *postgis.Record, id string, edges []road.EdgeInput, turns ...road.Turn) geo.Revision {
	t.Helper()
	rev, err := r.WriteNetwork(t.Context(), analyst, road.Network{ID: id, Name: id, PrecisionM: 10}, edges, turns)
	if err != nil {
		t.Fatalf("write network %s: %v", id, err)
	}
	return rev
}

// input is an edge of a graph as it was given.
func input(e *road.Edge) road.EdgeInput {
	return road.EdgeInput{
		ID: e.ID, WayID: e.WayID, Ref: strings.Join(e.Refs, ";"), Name: e.Name, Class: e.Class, Surface: e.Surface, Oneway: e.Oneway,
		Bridge: e.Bridge, Tunnel: e.Tunnel, SpeedKmh: e.SpeedKmh, Access: e.Access, MaxLoadT: e.MaxLoadT, MaxHeightM: e.MaxHeightM,
		Barrier: e.Barrier, PrecisionM: e.PrecisionM, Geometry: e.Geometry, Nodes: e.Nodes,
	}
}

func drawEdge(t *rapid.T, id int64) road.EdgeInput {
	text := func(label string) string {
		return rapid.StringOfN(rapid.RuneFrom([]rune("aé\"\\{}, \n<ò'😀")), 0, 20, 80).Draw(t, label)
	}
	orZero := func(most float64, label string) float64 {
		return rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(1e-3, most)).Draw(t, label)
	}
	at := func(label string) orb.Point {
		return orb.Point{rapid.Float64Range(-75, -71).Draw(t, label), rapid.Float64Range(17, 20).Draw(t, label)}
	}
	line := orb.LineString{at("first")}
	for range rapid.IntRange(1, 5).Draw(t, "segments") {
		line = append(line, at("vertex"))
	}
	if last := len(line) - 1; line[0] == line[last] { // no ring: a turn would have two places there
		line[last][0] += 0.25
	}
	var nodes []int64
	if rapid.Bool().Draw(t, "with nodes") {
		nodes = rapid.SliceOfN(rapid.Int64(), len(line), len(line)).Draw(t, "nodes")
	}
	return road.EdgeInput{
		ID: id, WayID: rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 1<<62)).Draw(t, "way"),
		Ref: rapid.SampledFrom([]string{"", "RN1", "RN1;RD101"}).Draw(t, "ref"), Name: text("name"),
		Class: rapid.SampledFrom(road.Classes()).Draw(t, "class"), Surface: text("surface"), Oneway: rapid.Bool().Draw(t, "oneway"),
		Bridge: rapid.Bool().Draw(t, "bridge"), Tunnel: rapid.Bool().Draw(t, "tunnel"), SpeedKmh: orZero(200, "speed"),
		Access:   rapid.Uint16Range(0, 1<<len(geo.VehicleClasses)-1).Draw(t, "access"),
		MaxLoadT: orZero(1000, "load"), MaxHeightM: orZero(100, "height"), Barrier: text("barrier"),
		PrecisionM: orZero(1000, "precision"), Geometry: line, Nodes: nodes,
	}
}

// Every field of every edge and turn comes back as it was written, in the order
// of IDs whatever the order of writing.
func TestNetworkRoundTrip(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		var edges []road.EdgeInput
		for i := range rapid.IntRange(1, 8).Draw(rt, "edges") {
			edges = append(edges, drawEdge(rt, rapid.Int64Range(-1<<62, 1<<62).Draw(rt, "id")/16*16+8+int64(i))) // never 1 to 3
		}
		// Two that meet, with turns between them.
		a, b, c := drawEdge(rt, 1), drawEdge(rt, 2), drawEdge(rt, 3)
		a.Oneway, b.Oneway, c.Oneway = false, false, false
		first, second := orb.Point{-70.8, 18.1}, orb.Point{-70.9, 18.2} // where nothing else is drawn
		a.Geometry[len(a.Geometry)-1], b.Geometry[0] = first, first
		b.Geometry[len(b.Geometry)-1], c.Geometry[0] = second, second
		turns := []road.Turn{{From: 1, To: 2, Only: rapid.Bool().Draw(rt, "only"), At: b.Geometry[0]}, {From: 1, Via: []int64{2}, To: 3}}
		edges = append([]road.EdgeInput{c, b, a}, edges...)
		if _, err := road.Build(road.Network{}, edges, turns...); err != nil {
			rt.Fatal(err)
		}
		n++
		network := road.Network{ID: fmt.Sprint("network ", n), Name: "é", Licence: "ODbL", PrecisionM: 12.5}
		if _, err := r.WriteNetwork(t.Context(), analyst, network, edges, turns); err != nil {
			rt.Fatalf("write: %v", err)
		}
		w, err := r.Load(t.Context(), geo.Public, 0) // WriteNetwork keeps no graph
		if err != nil {
			rt.Fatalf("load: %v", err)
		}
		got := w.Network()
		if got.Network() != network || got.Len() != len(edges) {
			rt.Fatalf("%+v with %d edges, want %+v with %d", got.Network(), got.Len(), network, len(edges))
		}
		slices.SortFunc(edges, func(a, b road.EdgeInput) int { return cmp.Compare(a.ID, b.ID) })
		for i := range edges {
			if have := input(got.Edge(i)); !reflect.DeepEqual(have, edges[i]) {
				rt.Fatalf("edge %d:\n%+v\nwant\n%+v", i, have, edges[i])
			}
		}
		if have := got.Turns(); !reflect.DeepEqual(have, turns) {
			rt.Fatalf("turns %+v, want %+v", have, turns)
		}
	})
}

// crossing is a small network: a one-way street, a street closed to cars, and a
// road posted at 60 km/h, which all meet at junction 1.
func crossing() []road.EdgeInput {
	return []road.EdgeInput{
		{ID: 10, Class: "RU", Oneway: true, Geometry: orb.LineString{{-72.35, 18.55}, {-72.34, 18.55}}},
		{ID: 11, Class: "RA", Access: 1<<2 | 1<<9, Geometry: orb.LineString{{-72.34, 18.55}, {-72.34, 18.56}}},
		{ID: 12, Class: "RN", Ref: "RN1; RD101", SpeedKmh: 60, Bridge: true, WayID: 77, Geometry: orb.LineString{{-72.34, 18.55}, {-72.33, 18.55}}},
	}
}

// What pgRouting reads, through the role of the narrowest audience.
func TestRoutingViews(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	writeNetwork(t, r, "former", []road.EdgeInput{{ID: 1, Class: "RU", Geometry: orb.LineString{{-72, 18}, {-72, 19}}}})
	writeNetwork(t, r, "crossing", crossing(), road.Turn{From: 10, To: 11, At: orb.Point{-72.34, 18.55}})
	c := admin(t, url)
	if _, err := c.Exec(t.Context(), "SET ROLE pasaj_public"); err != nil {
		t.Fatal(err)
	}
	type routed struct {
		ID, Source, Target int64
		Cost, ReverseCost  float64
	}
	got, err := pgx.CollectRows(first(c.Query(t.Context(), "SELECT * FROM audience_public.road_edge_routing ORDER BY id")), pgx.RowToStructByPos[routed])
	if err != nil || len(got) != 3 {
		t.Fatalf("%+v, %v", got, err)
	}
	graph := load(t, r, geo.Public, 0).Network()
	kmh := []float64{18, 0, 60}
	for i, row := range got {
		e := graph.Edge(i)
		want := routed{e.ID, int64(e.From), int64(e.To), -1, -1}
		if kmh[i] > 0 {
			want.Cost = e.LengthM / (kmh[i] / 3.6)
			if !e.Oneway {
				want.ReverseCost = want.Cost
			}
		}
		near := func(a, b float64) bool { return a-b < 1e-6 && b-a < 1e-6 }
		if row.ID != want.ID || row.Source != want.Source || row.Target != want.Target || !near(row.Cost, want.Cost) || !near(row.ReverseCost, want.ReverseCost) {
			t.Errorf("%+v, want %+v", row, want)
		}
	}
	// Ids are those of the junctions, and the ends lie there.
	var apart, ends int
	var via string
	err = c.QueryRow(t.Context(), `SELECT
		(SELECT count(*) FROM audience_public.road_edge e
			LEFT JOIN audience_public.road_junction s ON s.network = e.network AND s.id = e.source
			LEFT JOIN audience_public.road_junction t ON t.network = e.network AND t.id = e.target
			WHERE (public.ST_Equals(s.geom, public.ST_StartPoint(e.geom)) AND public.ST_Equals(t.geom, public.ST_EndPoint(e.geom))) IS NOT TRUE),
		(SELECT max(ends) FROM audience_public.road_junction),
		(SELECT from_edge || via_edges::text || to_edge || ' ' || public.ST_AsText(geom) FROM audience_public.road_turn)`).Scan(&apart, &ends, &via)
	if err != nil || apart != 0 || ends != 3 || via != "10{}11 POINT(-72.34 18.55)" {
		t.Errorf("%d ends lie apart, %d meet at most, turn %s, %v", apart, ends, via, err)
	}
	var barred []string
	var speed, height *float64
	err = c.QueryRow(t.Context(), "SELECT no_access, speed_kmh, max_height_m FROM audience_public.road_edge WHERE id = 11").Scan(&barred, &speed, &height)
	if err != nil || !slices.Equal(barred, []string{"car", "truck_over20t"}) || speed != nil || height != nil {
		t.Errorf("no access for %v, speed %v, height %v, %v", barred, speed, height, err)
	}
}

func TestNetworkTablesAreInsertOnly(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	writeNetwork(t, r, "crossing", crossing(), road.Turn{From: 10, To: 11})
	c := admin(t, url)
	for _, statement := range []string{
		"UPDATE pasaj.road_edge SET name = 'x'", "DELETE FROM pasaj.road_turn", "TRUNCATE pasaj.road_order",
		"DELETE FROM pasaj.road_junction", "TRUNCATE pasaj.road_edge, pasaj.road_turn",
		"UPDATE pasaj.road_network SET known = 'empty'", "UPDATE pasaj.road_network SET name = 'x'", "DELETE FROM pasaj.road_network",
	} {
		if _, err := c.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
	var check string
	err := c.QueryRow(t.Context(), "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'road_edge_no_access_check'").Scan(&check)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range geo.VehicleClasses {
		check = strings.Replace(check, "'"+word.Value+"'::text", "", 1)
	}
	if strings.Contains(check, "::text,") || strings.Count(check, "'") > 0 {
		t.Errorf("vehicle classes that the catalogue does not have: %s", check)
	}
	bare, err := pgx.CollectRows(first(c.Query(t.Context(), `SELECT a.attrelid::regclass || '.' || attname FROM pg_attribute a
		JOIN pg_class t ON t.oid = a.attrelid AND t.relnamespace = 'pasaj'::regnamespace AND t.relname LIKE 'road\_%' AND t.relkind IN ('r', 'v')
		WHERE attnum > 0 AND NOT attisdropped AND col_description(attrelid, attnum) IS NULL AND attname NOT IN ('geom', 'created_at')`)), pgx.RowTo[string])
	if err != nil || len(bare) > 0 {
		t.Errorf("columns without a comment: %v, %v", bare, err)
	}
}

// A faulty network changes nothing, and the one in use stays.
func TestFaultyNetwork(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	rev := writeNetwork(t, r, "crossing", crossing())
	for name, fault := range map[string]struct {
		network road.Network
		change  func(*road.EdgeInput)
		turns   []road.Turn
		code    geo.Code
	}{
		"the same ID":      {network: road.Network{ID: "crossing"}, code: geo.CodeConflict},
		"no ID":            {code: geo.CodeInvalid},
		"a speed":          {network: road.Network{ID: "n"}, change: func(e *road.EdgeInput) { e.SpeedKmh = -1 }, code: geo.CodeInvalid},
		"NUL in a name":    {network: road.Network{ID: "n"}, change: func(e *road.EdgeInput) { e.Name = "a\x00b" }, code: geo.CodeInvalid},
		"a turn elsewhere": {network: road.Network{ID: "n"}, turns: []road.Turn{{From: 10, To: 99}}, code: geo.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			edges := crossing()
			if fault.change != nil {
				fault.change(&edges[1])
			}
			_, err := r.WriteNetwork(t.Context(), analyst, fault.network, edges, fault.turns)
			wantCode(t, err, fault.code, "")
		})
	}
	if now, _, err := r.Resolve(t.Context(), geo.AsOf{}); err != nil || now != rev {
		t.Errorf("revision %s, want %s, %v", now, rev, err)
	}
	if g := load(t, postgistest.OpenURL(t, url, postgis.Options{}), geo.Public, 0).Network(); g.Network().ID != "crossing" || g.Len() != 3 {
		t.Errorf("the network in use is %v", g.Network())
	}
}

// While edges are stored, other writers go on; a second import is told to wait.
func TestOthersWriteDuringAnImport(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	writeNetwork(t, r, "crossing", crossing())
	c := admin(t, url)
	// The import stops where it wants to store its edges.
	if _, err := c.Exec(t.Context(), "BEGIN; LOCK TABLE pasaj.road_edge IN SHARE MODE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := r.WriteNetwork(t.Context(), analyst, road.Network{ID: "second"}, crossing(), nil)
		done <- err
	}()
	watcher := admin(t, url)
	waitUntil(t, func() bool {
		var waiting bool
		err := watcher.QueryRow(t.Context(), "SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'pasaj.road_edge'::regclass AND NOT granted)").Scan(&waiting)
		return err == nil && waiting
	})
	receipt := write(t, r, place(t, "meanwhile"))
	_, err := r.WriteNetwork(t.Context(), analyst, road.Network{ID: "third"}, crossing(), nil)
	wantCode(t, err, geo.CodeConflict, "")
	if _, err := c.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if now, _, err := r.Resolve(t.Context(), geo.AsOf{}); err != nil || now != receipt.Revision+1 {
		t.Errorf("the import is revision %s, want %s, %v", now, receipt.Revision+1, err)
	}
	if id := load(t, r, geo.Public, receipt.Revision).Network().Network().ID; id != "crossing" {
		t.Errorf("as of the meanwhile: %s", id)
	}
}

// However many ask at once, and as of whenever, one network is one graph.
func TestGraphsAreShared(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	var revisions []geo.Revision
	for i := range 4 {
		revisions = append(revisions, writeNetwork(t, r, fmt.Sprint(i), crossing()))
	}
	reader := postgistest.OpenURL(t, url, postgis.Options{})
	var mu sync.Mutex
	held := map[string]*road.Graph{}
	var asking sync.WaitGroup
	for range 3 {
		for _, a := range geo.Audiences() {
			asking.Go(func() {
				for _, rev := range revisions {
					w, err := reader.Load(t.Context(), a, rev)
					if err != nil {
						t.Error(err)
						return
					}
					g := w.Network()
					mu.Lock()
					if other := held[g.Network().ID]; other != nil && other != g {
						t.Errorf("network %s was built twice", g.Network().ID)
					}
					held[g.Network().ID] = g
					mu.Unlock()
				}
			})
		}
	}
	asking.Wait()
	if len(held) != 4 {
		t.Errorf("%d networks", len(held))
	}
}

func TestOrder(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	writeNetwork(t, r, "crossing", crossing())
	ranks := []byte{0, 1, 2, 255, 0}
	digest := postgis.Digest{1, 2}
	if err := r.SaveOrder(t.Context(), "crossing", digest, ranks); err != nil {
		t.Fatal(err)
	}
	if err := r.SaveOrder(t.Context(), "crossing", digest, []byte{9}); err != nil { // is there already
		t.Fatal(err)
	}
	got, err := postgistest.OpenURL(t, url, postgis.Options{}).Order(t.Context(), "crossing", digest)
	if err != nil || !slices.Equal(got, ranks) {
		t.Errorf("%v, %v", got, err)
	}
	_, err = r.Order(t.Context(), "crossing", postgis.Digest{2})
	wantCode(t, err, geo.CodeNotFound, "")
	_, err = r.Order(t.Context(), "other", digest)
	wantCode(t, err, geo.CodeNotFound, "")
	wantCode(t, r.SaveOrder(t.Context(), "other", digest, ranks), geo.CodeNotFound, "")
	wantCode(t, r.SaveOrder(t.Context(), "crossing", postgis.Digest{3}, nil), geo.CodeTooLarge, "")
}
