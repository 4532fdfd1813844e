package arrangement_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"pasaj/data/cluster/clustertest"
	"pasaj/geo/arrangement"
)

// combinations are what PostGIS is asked for each region; a, b and c are the
// first three areas. They are cut to the region last: vertices put into its
// border by one step, and rounded there, would be met by the next.
var combinations = []struct {
	name, sql string
	in        func(has func(area int32) bool) bool
}{
	{"a within", `ST_Intersection(a, region)`, func(has func(int32) bool) bool { return has(0) }},
	{"a or b or c within", `ST_Intersection(ST_Union(ARRAY[a, b, c]), region)`, func(has func(int32) bool) bool { return has(0) || has(1) || has(2) }},
	{"a and b within", `ST_Intersection(ST_Intersection(a, b), region)`, func(has func(int32) bool) bool { return has(0) && has(1) }},
	{"c less a and b", `ST_Intersection(ST_Difference(c, ST_Union(a, b)), region)`, func(has func(int32) bool) bool { return has(2) && !has(0) && !has(1) }},
	{"no area", `ST_Difference(region, ST_Union(ARRAY[a, b, c]))`, func(has func(int32) bool) bool { return !has(0) && !has(1) && !has(2) }},
	{"a or b but not both", `ST_Intersection(ST_SymDifference(a, b), region)`, func(has func(int32) bool) bool { return has(0) != has(1) }},
	{"region", `region`, func(func(int32) bool) bool { return true }},
}

func TestAreasEqualPostGIS(t *testing.T) {
	db, err := pgx.Connect(t.Context(), clustertest.Database(t, clustertest.Template{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(testContext) })
	if _, err := db.Exec(t.Context(), `CREATE EXTENSION IF NOT EXISTS postgis`); err != nil {
		t.Fatal(err)
	}
	compared, worst, where := 0, 0.0, ""
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1804))
		radius := math.Pow(10, -2.5+2*random.Float64())
		region := star(random, -72.3, 18.6, radius, 8+random.IntN(200))
		var areas []orb.MultiPolygon
		for range 3 {
			areas = append(areas, star(random, -72.3+radius*(random.Float64()-0.5), 18.6+radius*(random.Float64()-0.5), radius*(0.3+random.Float64()), 5+random.IntN(100)))
		}
		if seed%4 == 0 { // the border of the region drawn again
			areas[1] = region.Clone()
		}
		a, err := arrangement.Build(t.Context(), region, areas)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range combinations {
			if seed%4 == 0 && c.name != "a within" && c.name != "region" && c.name != "no area" {
				continue // nodes that earlier steps leave in the common border count for PostGIS
			}
			var want float64
			query := fmt.Sprintf(`SELECT coalesce(ST_Area(%s::geography), 0) FROM (SELECT ST_GeomFromWKB($1, 4326) region, ST_GeomFromWKB($2, 4326) a, ST_GeomFromWKB($3, 4326) b, ST_GeomFromWKB($4, 4326) c) g`, c.sql)
			err := db.QueryRow(t.Context(), query, pgx.QueryExecModeExec, wkb.MustMarshal(region), wkb.MustMarshal(areas[0]), wkb.MustMarshal(areas[1]), wkb.MustMarshal(areas[2])).Scan(&want)
			if err != nil {
				t.Fatal(err)
			}
			got := a.AreaM2(func(cell int) bool {
				return c.in(func(area int32) bool { return slices.Contains(a.Areas(cell), area) })
			})
			compared++
			if want > 1e4 {
				if d := math.Abs(got-want) / want; d > worst {
					worst, where = d, fmt.Sprintf("%s, %d: %v m², PostGIS %v", c.name, seed, got, want)
				}
			}
			if !near(got, want, 0.02) {
				t.Errorf("%s, %d: %v m², PostGIS %v, relative %.2g", c.name, seed, got, want, (got-want)/want)
			}
		}
	}
	if compared < 300 {
		t.Errorf("only %d areas compared", compared)
	}
	t.Logf("%d areas, worst relative difference %.2g (%s)", compared, worst, where)
}
