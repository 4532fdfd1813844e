package coverage_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"pasaj/data/cluster/clustertest"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// tolerance is how far a share may differ from PostGIS's, relative to it.
const tolerance = 1e-6

// outline is a commune for the comparison.
type outline struct {
	pcode, parent string
	area          orb.MultiPolygon
}

// officialCommunes reads the COD-AB communes (CNIGS 2018), rounded as the
// record rounds.
func officialCommunes(t testing.TB) []outline {
	t.Helper()
	folder := os.Getenv("PASAJ_EVAL_DATA")
	if folder == "" {
		t.Skip("PASAJ_EVAL_DATA is not set: the official communes are not compared")
	}
	raw, err := os.ReadFile(filepath.Join(folder, "admin", "cod_ab_2018_adm2_communes.geojson"))
	if err != nil {
		t.Fatal(err)
	}
	collection, err := geojson.UnmarshalFeatureCollection(raw)
	if err != nil {
		t.Fatal(err)
	}
	var out []outline
	for _, f := range collection.Features {
		geometry, err := geojson.NewGeometry(f.Geometry).MarshalJSON()
		if err != nil {
			t.Fatal(err)
		}
		tidied, fault := geo.DecodeGeometry(geo.MultiPolygon, geometry)
		if fault != nil {
			t.Fatalf("%v: %v", f.Properties["ADM2_PCODE"], fault)
		}
		out = append(out, outline{f.Properties.MustString("ADM2_PCODE"), f.Properties.MustString("ADM1_PCODE"), tidied.(orb.MultiPolygon)})
	}
	if len(out) != 140 {
		t.Fatalf("%d communes", len(out))
	}
	return out
}

// madeCommunes is a clean coverage of communes with crooked common borders
// whose edges are some hundred metres long.
func madeCommunes(random *rand.Rand, columns, rows, edges int) []outline {
	const side = 0.12
	type path struct{ x, y, dx, dy int }
	borders := map[path][]orb.Point{}
	node := func(x, y int) orb.Point {
		return orb.Point{geo.RoundCoordinate(-73.4 + side*float64(x)), geo.RoundCoordinate(18.4 + side*float64(y))}
	}
	border := func(x, y, dx, dy int) []orb.Point {
		key := path{x, y, dx, dy}
		if points, ok := borders[key]; ok {
			return points
		}
		a, b := node(x, y), node(x+dx, y+dy)
		var points []orb.Point
		for i := range edges {
			f := float64(i) / float64(edges)
			bend := (random.Float64() - 0.5) * side / 8 * math.Sin(math.Pi*f)
			points = append(points, orb.Point{
				geo.RoundCoordinate(a[0] + f*(b[0]-a[0]) + bend*float64(dy)), geo.RoundCoordinate(a[1] + f*(b[1]-a[1]) + bend*float64(dx)),
			})
		}
		borders[key] = append(points, b)
		return borders[key]
	}
	forward := func(ring orb.Ring, points []orb.Point) orb.Ring { return append(ring, points[:len(points)-1]...) }
	backward := func(ring orb.Ring, points []orb.Point) orb.Ring {
		for i := len(points) - 1; i > 0; i-- {
			ring = append(ring, points[i])
		}
		return ring
	}
	var out []outline
	for y := range rows {
		for x := range columns {
			ring := forward(nil, border(x, y, 1, 0))
			ring = forward(ring, border(x+1, y, 0, 1))
			ring = backward(ring, border(x, y+1, 1, 0))
			ring = backward(ring, border(x, y, 0, 1))
			out = append(out, outline{fmt.Sprintf("HT%02d%02d", y+1, x+1), fmt.Sprintf("HT%02d", y+1), orb.MultiPolygon{{append(ring, ring[0])}}})
		}
	}
	return out
}

// judged is a zone for the comparison.
type judged struct {
	control int
	worth   string
	area    orb.MultiPolygon
	holders []geo.Holder
}

// randomZones scatters stars and circles over communes.
func randomZones(t testing.TB, random *rand.Rand, over []outline, n int) []judged {
	t.Helper()
	var out []judged
	for len(out) < n {
		box := over[random.IntN(len(over))].area.Bound()
		center := orb.Point{
			geo.RoundCoordinate(box.Min[0] + random.Float64()*(box.Max[0]-box.Min[0])),
			geo.RoundCoordinate(box.Min[1] + random.Float64()*(box.Max[1]-box.Min[1])),
		}
		z := judged{control: random.IntN(8), worth: []string{isHigh, isMedium, isLow, isStale}[random.IntN(4)]}
		radiusM := 500 + 15000*random.Float64()
		if len(out)%2 == 0 {
			z.area = orb.MultiPolygon{measure.Circle(center, radiusM, 16+random.IntN(100))}
		} else {
			vertices := 8 + random.IntN(150)
			var ring orb.Ring
			for i := range vertices {
				p := measure.Destination(center, -360*float64(i)/float64(vertices), radiusM*(0.3+0.7*random.Float64()))
				ring = append(ring, orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])})
			}
			z.area = orb.MultiPolygon{{append(ring, ring[0])}}
		}
		if overlay.Validate(z.area) == nil {
			out = append(out, z)
		}
	}
	return out
}

// judge is a PostGIS that holds the communes and zones.
func judge(t testing.TB, communes []outline, zones []judged) *pgx.Conn {
	t.Helper()
	db, err := pgx.Connect(t.Context(), clustertest.Database(t, clustertest.Template{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close(testContext) })
	batch := &pgx.Batch{}
	batch.Queue(`CREATE EXTENSION IF NOT EXISTS postgis`)
	batch.Queue(`CREATE TABLE commune (pcode text PRIMARY KEY, geom geometry)`)
	batch.Queue(`CREATE TABLE zone (id int PRIMARY KEY, control int, degree int, geom geometry)`)
	if err := db.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	batch = &pgx.Batch{}
	for _, c := range communes {
		batch.Queue(`INSERT INTO commune VALUES ($1, ST_GeomFromWKB($2, 4326))`, c.pcode, wkb.MustMarshal(c.area))
	}
	for i, z := range zones {
		batch.Queue(`INSERT INTO zone VALUES ($1, $2, $3, ST_GeomFromWKB($4, 4326))`, i, z.control, reaches(z.worth), wkb.MustMarshal(z.area))
	}
	if err := db.SendBatch(t.Context(), batch).Close(); err != nil {
		t.Fatal(err)
	}
	return db
}

func outlineVersions(t fataler, communes []outline) []*geo.Version {
	t.Helper()
	var out []*geo.Version
	for _, c := range communes {
		out = append(out, admin(t, c.pcode, c.parent, 2, c.area))
	}
	return out
}

// worst keeps the largest relative difference seen.
type worst struct {
	relative float64
	where    string
	compared int
}

func (w *worst) compare(where string, got, want float64) {
	w.compared++
	if d := math.Abs(got-want) / want; d > w.relative || math.IsNaN(d) {
		w.relative, w.where = d, fmt.Sprintf("%s: %v, PostGIS %v", where, got, want)
	}
}

func TestSharesEqualPostGISOnOfficialCommunes(t *testing.T) {
	communes := officialCommunes(t)
	compareWithPostGIS(t, communes, randomZones(t, rand.New(rand.NewPCG(2025, 3)), communes, 40))
}

func TestSharesEqualPostGISOnMadeCommunes(t *testing.T) {
	random := rand.New(rand.NewPCG(1804, 1))
	communes := madeCommunes(random, 6, 5, 24)
	for _, c := range communes {
		if fault := overlay.Validate(c.area); fault != nil {
			t.Fatalf("%s: %v", c.pcode, fault)
		}
	}
	compareWithPostGIS(t, communes, randomZones(t, random, communes, 40))
}

// sharesByType is the definition as a GIS analyst would write it. Its low and
// high are put in order around central as ours are: where two cuts leave the
// same ground, edges split at different places measure differently.
const sharesByType = `
	WITH own AS (
	    SELECT c.pcode, k.control, d.degree, c.geom AS commune, ST_Intersection(ST_Union(z.geom), c.geom) AS geom
	    FROM commune c CROSS JOIN generate_series(0, 7) AS k(control) CROSS JOIN generate_series(0, 2) AS d(degree)
	    JOIN zone z ON z.control = k.control AND z.degree <= d.degree AND ST_Intersects(z.geom, c.geom)
	    GROUP BY c.pcode, k.control, d.degree
	), apart AS (
	    SELECT o.pcode, o.control, o.degree, o.commune,
	           coalesce(ST_Difference(o.geom, (SELECT ST_Union(z.geom) FROM zone z
	               WHERE z.control < o.control AND z.degree <= 2 - o.degree AND ST_Intersects(z.geom, o.geom))), o.geom) AS geom
	    FROM own o
	), share AS (
	    SELECT a.pcode, a.control, a.degree, ST_Area(a.geom::geography) / ST_Area(a.commune::geography) AS share FROM apart a
	)
	SELECT 'type ' || s.control || ' degree ' || s.degree || ' in ' || s.pcode,
	       CASE s.degree WHEN 0 THEN least(s.share, m.share) WHEN 2 THEN greatest(s.share, m.share) ELSE s.share END
	FROM share s LEFT JOIN share m ON m.pcode = s.pcode AND m.control = s.control AND m.degree = 1`

func compareWithPostGIS(t *testing.T, communes []outline, zones []judged) {
	db := judge(t, communes, zones)
	outlines := outlineVersions(t, communes)
	t.Run("one zone at a time", func(t *testing.T) {
		got := map[string]float64{}
		for i, z := range zones {
			v := zone(t, i, "controlled", isHigh, z.area)
			for _, a := range compute(t, worldOf(geo.Security, append(outlines, v)...)).Areas {
				if share := control(a, "controlled").Central.Share; share > 0 && a.Level == coverage.LevelCommune {
					got[fmt.Sprintf("zone %d in %s", i, a.ID)] = share
				}
			}
		}
		rows, err := db.Query(t.Context(), `
			SELECT 'zone ' || z.id || ' in ' || c.pcode,
			       ST_Area(ST_Intersection(z.geom, c.geom)::geography) / ST_Area(c.geom::geography)
			FROM zone z JOIN commune c ON ST_Intersects(z.geom, c.geom)`)
		check(t, rows, err, got)
	})
	t.Run("all zones by type", func(t *testing.T) {
		versions := outlines
		for i, z := range zones {
			versions = append(versions, zone(t, i, geo.ControlPrecedence[z.control], z.worth, z.area))
		}
		got := map[string]float64{}
		for _, a := range compute(t, worldOf(geo.Security, versions...)).Areas {
			if a.Level == coverage.LevelCommune {
				checkSound(t, a)
				for c, controlType := range geo.ControlPrecedence {
					for d, share := range shares(control(a, controlType)) {
						if share > 0 {
							got[fmt.Sprintf("type %d degree %d in %s", c, d, a.ID)] = share
						}
					}
				}
			}
		}
		rows, err := db.Query(t.Context(), sharesByType)
		check(t, rows, err, got)
	})
}

func check(t *testing.T, rows pgx.Rows, err error, got map[string]float64) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Where string
		Share float64
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		t.Fatal(err)
	}
	var w worst
	for _, r := range all {
		if r.Share < 1e-9 { // rounding, and none of ours
			if share, ok := got[r.Where]; !ok || share < 2e-9 {
				delete(got, r.Where)
				continue
			}
		}
		w.compare(r.Where, got[r.Where], r.Share)
		delete(got, r.Where)
	}
	for where, share := range got {
		t.Errorf("%s: %v, PostGIS has nothing", where, share)
	}
	t.Logf("%d shares, worst relative difference %.2g (%s)", w.compared, w.relative, w.where)
	if w.compared < 50 || w.relative > tolerance {
		t.Errorf("%d shares compared, worst relative difference %v (%s)", w.compared, w.relative, w.where)
	}
}

// The official outlines stay valid and keep their area when the record rounds
// them.
func TestOfficialCommunesSurviveRounding(t *testing.T) {
	for _, c := range officialCommunes(t) {
		if fault := overlay.Validate(c.area); fault != nil {
			t.Errorf("%s: %v", c.pcode, fault)
		}
	}
}
