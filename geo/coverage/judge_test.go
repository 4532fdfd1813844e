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
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// judgedWorlds is how many random worlds PostGIS judges.
const judgedWorlds = 200

// floorM2 is what is not compared: PostGIS's own rounding has some thousandths
// of a square metre for each edge, of which an outline has hundreds, and ours
// calls less than a thousand-millionth of a commune nothing.
const floorM2 = 1.0

// territoryOfPostGIS is T1 as a GIS analyst would write it: by type, the ground
// of the zones of a degree outside those that come first, cut to the commune; by
// group the ground of the zones held. Low and high are put in order around
// central, as ours are. people sums the grid's cells whose centre the figure
// covers.
const territoryOfPostGIS = `
	WITH own AS (
	    SELECT k.control, d.degree, ST_Union(z.geom) AS geom
	    FROM generate_series(0, 7) AS k(control) CROSS JOIN generate_series(0, 2) AS d(degree)
	    JOIN zone z ON z.control = k.control AND z.degree <= d.degree
	    GROUP BY k.control, d.degree
	), apart AS (
	    SELECT 'type ' || o.control AS what, o.degree, coalesce(ST_Difference(o.geom, (
	        SELECT ST_Union(z.geom) FROM zone z WHERE z.control < o.control AND z.degree <= 2 - o.degree)), o.geom) AS geom
	    FROM own o
	), held AS (
	    SELECT 'group ' || h.grp AS what, d.degree, ST_Union(z.geom) AS geom
	    FROM holder h JOIN zone z ON z.id = h.zone CROSS JOIN generate_series(0, 2) AS d(degree)
	    WHERE h.degree <= d.degree GROUP BY h.grp, d.degree
	), figure AS (
	    SELECT c.pcode, f.what, f.degree, ST_Intersection(f.geom, c.geom) AS geom
	    FROM (SELECT * FROM apart UNION ALL SELECT * FROM held) f JOIN commune c ON ST_Intersects(f.geom, c.geom)
	), measured AS (
	    SELECT pcode, what, degree, ST_Area(geom::geography) AS m2,
	        coalesce((SELECT sum(p.people) FROM cell p WHERE p.geom && f.geom AND ST_Intersects(p.geom, f.geom)), 0) AS people
	    FROM figure f
	)
	SELECT m.what || ' degree ' || m.degree || ' in ' || m.pcode,
	    CASE m.degree WHEN 0 THEN least(m.m2, o.m2) WHEN 2 THEN greatest(m.m2, o.m2) ELSE m.m2 END, m.people
	FROM measured m LEFT JOIN measured o ON o.pcode = m.pcode AND o.what = m.what AND o.degree = 1`

// TestTerritoryEqualsPostGIS compares T1 by type and group, and X1, with PostGIS
// on the official communes.
func TestTerritoryEqualsPostGIS(t *testing.T) {
	communes := officialCommunes(t)
	random := rand.New(rand.NewPCG(18, 5))
	people := madePeople(t, random)
	db := judge(t, communes, nil)
	loadPeople(t, db, people)
	outlines := outlineVersions(t, communes)
	var areas, heads worst
	for n := range judgedWorlds {
		zones := hardZones(t, random, communes, 6+random.IntN(10))
		versions := append([]*geo.Version{}, outlines...)
		for i, z := range zones {
			versions = append(versions, zone(t, i, geo.ControlPrecedence[z.control], z.worth, z.area, z.holders...))
		}
		w, _ := worldOf(geo.Security, versions...).Apply(world.Step{Revision: 8, At: now, Grids: map[string]*raster.Grid{"population": people}})
		got := map[string][2]float64{}
		for _, a := range values(t, w, "T1", "T1p") {
			if a.Level != coverage.LevelCommune || a.Amount == nil {
				continue
			}
			what := "type " + fmt.Sprint(indexOf(a.Of["control_type"]))
			if g := a.Of["group"]; g != "" {
				what = "group " + g
			}
			for d, x := range []float64{a.Amount.Low, a.Amount.Central, a.Amount.High} {
				where := fmt.Sprintf("%s degree %d in %s", what, d, a.Area)
				pair := got[where]
				if a.Indicator == "T1" {
					pair[0] = x * 1e6
				} else {
					pair[1] = x
				}
				got[where] = pair
			}
		}
		for where, want := range figuresOfPostGIS(t, db, zones) {
			if math.Abs(got[where][0]-want[0]) > floorM2 {
				areas.compare(fmt.Sprintf("world %d, %s", n, where), got[where][0], want[0])
			} else {
				areas.compared++
			}
			if where[0] == 't' { // people are counted by type
				heads.compared++
				if math.Abs(got[where][1]-want[1]) > 1e-6*want[1] {
					t.Errorf("world %d, %s: %v people, PostGIS %v", n, where, got[where][1], want[1])
				}
			}
			delete(got, where)
		}
		for where, mine := range got {
			if mine[0] > floorM2 && where[:6] != "type -" && where != "" && !sharedRow(where) {
				t.Errorf("world %d, %s: %v m², PostGIS has nothing", n, where, mine[0])
			}
		}
	}
	t.Logf("%d areas, worst relative difference %.2g (%s); %d counts of people", areas.compared, areas.relative, areas.where, heads.compared)
	if areas.compared < 20*judgedWorlds || areas.relative > tolerance {
		t.Errorf("%d areas compared, worst relative difference %v (%s)", areas.compared, areas.relative, areas.where)
	}
}

func sharedRow(where string) bool { return len(where) > 12 && where[:12] == "group shared" }

func indexOf(control string) int {
	for i, one := range geo.ControlPrecedence {
		if one == control {
			return i
		}
	}
	return -1
}

// values measures indicators of every area.
func values(t fataler, w *world.World, codes ...string) []coverage.Value {
	t.Helper()
	m, err := coverage.NewEngine(coverage.Options{}).Measure(testContext, coverage.Question{World: w, At: now, Indicators: codes})
	if err != nil {
		t.Fatalf("measure: %v", err)
	}
	return m.Values
}

// hardZones are zones of the kinds that are hard to cut: stars and circles over
// coast and border, rings with holes, slivers, communes and parts of them that
// share their edges, zones with the same edges, and one shifted by a hair.
func hardZones(t testing.TB, random *rand.Rand, over []outline, n int) []judged {
	var out []judged
	add := func(area orb.MultiPolygon) {
		if overlay.Validate(area) != nil {
			return
		}
		z := judged{control: random.IntN(8), worth: []string{isHigh, isMedium, isLow, isStale}[random.IntN(4)], area: area}
		for _, g := range []string{"a", "b", "c"} {
			if random.IntN(3) == 0 {
				z.holders = append(z.holders, geo.Holder{Group: g, Role: []string{"principal", "ally", "claimed"}[random.IntN(3)]})
			}
		}
		out = append(out, z)
	}
	for len(out) < n {
		c := over[random.IntN(len(over))]
		box := c.area.Bound()
		switch random.IntN(6) {
		case 0, 1:
			for _, z := range randomZones(t, random, []outline{c}, 2) {
				add(z.area)
			}
		case 2: // a ring around a hole, and what fills the hole
			center := c.area[0][0][random.IntN(len(c.area[0][0]))] // on the coast or on a border
			outer, inner := measure.Circle(center, 4000, 60), measure.Circle(center, 1500, 30)
			hole := append(orb.Ring{}, inner[0]...)
			hole.Reverse()
			add(orb.MultiPolygon{{outer[0], hole}})
			if random.IntN(2) == 0 {
				add(orb.MultiPolygon{inner})
			}
		case 3: // the commune itself, or its half
			if random.IntN(2) == 0 {
				add(c.area)
				break
			}
			half, err := overlay.Intersection(c.area, rectangle(box.Min[0]-0.1, box.Min[1]-0.1, (box.Min[0]+box.Max[0])/2, box.Max[1]+0.1))
			if err != nil {
				t.Fatal(err)
			}
			add(rounded(half))
		case 4: // a sliver
			x, y := geo.RoundCoordinate(box.Min[0]), geo.RoundCoordinate((box.Min[1]+box.Max[1])/2)
			add(orb.MultiPolygon{{{{x, y}, {geo.RoundCoordinate(box.Max[0]), y}, {geo.RoundCoordinate(box.Max[0]), geo.RoundCoordinate(y + 2e-6)}, {x, y}}}})
		case 5: // squares that share edges and corners
			// Not level with a vertex of the coast: where one lies exactly on a long
			// edge, PostGIS has a vertex there, and we do not.
			x, y := geo.RoundCoordinate(box.Min[0]+1.3e-5), geo.RoundCoordinate(box.Min[1]+1.7e-5)
			for k := range 3 {
				west := geo.RoundCoordinate(x + 0.01*float64(k))
				add(rectangle(west, y, geo.RoundCoordinate(west+0.01), geo.RoundCoordinate(y+0.01+0.005*float64(k))))
			}
		}
	}
	return out
}

func rounded(area orb.MultiPolygon) orb.MultiPolygon {
	for _, polygon := range area {
		for _, ring := range polygon {
			for i, p := range ring {
				ring[i] = orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])}
			}
		}
	}
	return area
}

// madePeople is a grid of some people everywhere in Haiti.
func madePeople(t testing.TB, random *rand.Rand) *raster.Grid {
	t.Helper()
	const cell, width, height = 0.0123, 240, 180
	people := make([]float32, width*height)
	for i := range people {
		people[i] = float32(random.IntN(1000))
	}
	g, err := raster.New("made", "made for a test", "none", -74.500007, 20.110003, cell, cell, width, height, people)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func loadPeople(t testing.TB, db *pgx.Conn, g *raster.Grid) {
	t.Helper()
	if _, err := db.Exec(testContext, `CREATE TABLE cell (people float8, geom geometry); CREATE TABLE holder (zone int, grp text, degree int)`); err != nil {
		t.Fatal(err)
	}
	var rows [][]any
	for y := range g.Height() {
		for x := range g.Width() {
			rows = append(rows, []any{float64(g.Value(x, y)), g.ColumnLongitude(x), g.RowLatitude(y)})
		}
	}
	if _, err := db.Exec(testContext, `CREATE TEMP TABLE loaded (people float8, x float8, y float8)`); err != nil {
		t.Fatal(err)
	}
	if _, err := db.CopyFrom(testContext, pgx.Identifier{"loaded"}, []string{"people", "x", "y"}, pgx.CopyFromRows(rows)); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Exec(testContext, `INSERT INTO cell SELECT people, ST_SetSRID(ST_MakePoint(x, y), 4326) FROM loaded;
		CREATE INDEX ON cell USING gist (geom); CREATE INDEX ON commune USING gist (geom); ANALYZE`); err != nil {
		t.Fatal(err)
	}
}

// figuresOfPostGIS has PostGIS measure a world: square metres and people.
func figuresOfPostGIS(t testing.TB, db *pgx.Conn, zones []judged) map[string][2]float64 {
	t.Helper()
	batch := &pgx.Batch{}
	batch.Queue(`TRUNCATE zone, holder`)
	for i, z := range zones {
		batch.Queue(`INSERT INTO zone VALUES ($1, $2, $3, ST_GeomFromWKB($4, 4326))`, i, z.control, reaches(z.worth), wkb.MustMarshal(z.area))
		if z.control > 2 { // nobody holds what is neither controlled nor contested nor influenced
			continue
		}
		for _, h := range z.holders {
			degree := reaches(z.worth)
			if h.Role == "claimed" {
				degree = 2
			}
			batch.Queue(`INSERT INTO holder VALUES ($1, $2, $3)`, i, h.Group, degree)
		}
	}
	if err := db.SendBatch(testContext, batch).Close(); err != nil {
		t.Fatal(err)
	}
	rows, err := db.Query(testContext, territoryOfPostGIS)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][2]float64{}
	var where string
	var figure [2]float64
	if _, err := pgx.ForEachRow(rows, []any{&where, &figure[0], &figure[1]}, func() error { out[where] = figure; return nil }); err != nil {
		t.Fatal(err)
	}
	return out
}
