package coverage_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// touchM is a length below which a stretch is a touch, for us and not for
// PostGIS.
const touchM = 0.002

// randomRoads are crooked lines across communes, with segments from some tens of
// metres to some kilometres, each a road of its own.
func randomRoads(t fataler, random *rand.Rand, over []outline, n int) []*geo.Version {
	t.Helper()
	var out []*geo.Version
	for len(out) < n {
		box := over[random.IntN(len(over))].area.Bound()
		p := orb.Point{box.Min[0] + random.Float64()*(box.Max[0]-box.Min[0]), box.Min[1] + random.Float64()*(box.Max[1]-box.Min[1])}
		heading, step := 2*math.Pi*random.Float64(), 0.0005*math.Pow(40, random.Float64())
		var line []orb.Point
		for range 2 + random.IntN(60) {
			line = append(line, orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])})
			heading += random.NormFloat64() / 3
			p = orb.Point{p[0] + step*math.Cos(heading), p[1] + step*math.Sin(heading)}
		}
		out = append(out, roadSection(t, len(out), fmt.Sprintf("RN%d", len(out)), "open", isHigh, line...))
	}
	return out
}

// roadsOfPostGIS are R1 and R2 as a GIS analyst would write them.
const roadsOfPostGIS = `
	WITH here AS (
	    SELECT r.ref, c.pcode, ST_CollectionExtract(ST_Intersection(r.geom, c.geom), 2) AS geom
	    FROM road r JOIN commune c ON ST_Intersects(r.geom, c.geom)
	), own AS (
	    SELECT h.ref, h.pcode, k.control, d.degree, ST_Intersection(h.geom, ST_Union(z.geom)) AS geom
	    FROM here h CROSS JOIN generate_series(0, 7) AS k(control) CROSS JOIN generate_series(0, 2) AS d(degree)
	    JOIN zone z ON z.control = k.control AND z.degree <= d.degree AND ST_Intersects(z.geom, h.geom)
	    GROUP BY h.ref, h.pcode, h.geom, k.control, d.degree
	), apart AS (
	    SELECT o.ref, o.pcode, o.control, o.degree, coalesce(ST_Difference(ST_CollectionExtract(o.geom, 2), (
	        SELECT ST_Union(z.geom) FROM zone z WHERE z.control < o.control AND z.degree <= 2 - o.degree AND ST_Intersects(z.geom, o.geom))),
	        ST_CollectionExtract(o.geom, 2)) AS geom
	    FROM own o
	)
	SELECT ref || ' in ' || pcode, ST_Length(geom::geography) FROM here
	UNION ALL
	SELECT ref || ' in ' || pcode || ' type ' || control || ' degree ' || degree, ST_Length(geom::geography) FROM apart`

// compareRoads compares R1 and R2, by road, type and degree, with PostGIS on
// some worlds over the same communes.
func compareRoads(t *testing.T, random *rand.Rand, communes []outline, worlds, roads, zones int) {
	db := judge(t, communes, nil)
	if _, err := db.Exec(testContext, `CREATE TABLE road (ref text, geom geometry); CREATE INDEX ON commune USING gist (geom)`); err != nil {
		t.Fatal(err)
	}
	outlines := outlineVersions(t, communes)
	var w worst
	for n := range worlds {
		sections := randomRoads(t, random, communes, roads)
		over := randomZones(t, random, communes, zones/2)
		over = append(over, hardZones(t, random, communes, zones-zones/2)...)
		versions := append(append([]*geo.Version{}, outlines...), sections...)
		batch := &pgx.Batch{}
		batch.Queue(`TRUNCATE road, zone`)
		for k, z := range over {
			versions = append(versions, zone(t, k, geo.ControlPrecedence[z.control], z.worth, z.area))
			batch.Queue(`INSERT INTO zone VALUES ($1, $2, $3, ST_GeomFromWKB($4, 4326))`, k, z.control, reaches(z.worth), wkb.MustMarshal(z.area))
		}
		for _, v := range sections {
			batch.Queue(`INSERT INTO road VALUES ($1, ST_GeomFromWKB($2, 4326))`, v.Text("ref"), wkb.MustMarshal(v.Geometry))
		}
		if err := db.SendBatch(testContext, batch).Close(); err != nil {
			t.Fatal(err)
		}
		got := roadFigures(t, versions)
		rows, err := db.Query(testContext, roadsOfPostGIS)
		if err != nil {
			t.Fatal(err)
		}
		var where string
		var lengthM float64
		if _, err := pgx.ForEachRow(rows, []any{&where, &lengthM}, func() error {
			have := got[where]
			delete(got, where)
			if have < touchM && lengthM < touchM {
				return nil
			}
			w.compare(fmt.Sprintf("world %d, %s", n, where), have, lengthM)
			return nil
		}); err != nil {
			t.Fatal(err)
		}
		for where, m := range got {
			if m > touchM {
				t.Errorf("world %d, %s: %v m, PostGIS has nothing", n, where, m)
			}
		}
	}
	t.Logf("%d lengths, worst relative difference %.2g (%s)", w.compared, w.relative, w.where)
	if w.compared < 50 || w.relative > tolerance {
		t.Errorf("%d lengths compared, worst relative difference %v (%s)", w.compared, w.relative, w.where)
	}
}

// roadFigures are the rows of R1 and R2 of communes in metres, by road.
func roadFigures(t *testing.T, versions []*geo.Version) map[string]float64 {
	t.Helper()
	out := map[string]float64{}
	for _, v := range figuresWith(t, coverage.Question{
		World: worldOf(geo.Security, versions...), At: now, Level: coverage.LevelCommune, Indicators: []string{"R1", "R2"},
	}) {
		ref := v.Of["ref"]
		control := indexOf(v.Of["control_type"])
		switch {
		case ref == "" || v.Amount == nil:
		case v.Indicator == "R1" && v.Of["measure"] == "length":
			out[fmt.Sprintf("%s in %s", ref, v.Area)] = v.Amount.Central * 1000
		case v.Indicator == "R2" && control >= 0:
			for d, km := range [3]float64{v.Amount.Low, v.Amount.Central, v.Amount.High} {
				if km > 0 {
					out[fmt.Sprintf("%s in %s type %d degree %d", ref, v.Area, control, d)] = km * 1000
				}
			}
		}
	}
	return out
}

func TestRoadsEqualPostGISOnOfficialCommunes(t *testing.T) {
	compareRoads(t, rand.New(rand.NewPCG(2025, 8)), officialCommunes(t), 6, 60, 80)
}

func TestRoadsEqualPostGISOnMadeCommunes(t *testing.T) {
	random := rand.New(rand.NewPCG(1804, 8))
	compareRoads(t, random, madeCommunes(random, 4, 3, 24), judgedWorlds, 6, 10)
}
