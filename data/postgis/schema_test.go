package postgis_test

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"pasaj/data/cluster/clustertest"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

var columnTypes = map[geo.PropertyType]string{
	geo.String: "text", geo.Enum: "text", geo.Integer: "bigint", geo.Number: "double precision", geo.Boolean: "boolean",
	geo.DateTime: "timestamp with time zone", geo.TextList: "ARRAY _text", geo.IDList: "ARRAY _uuid", geo.JSON: "jsonb",
}

// The tables are written by hand; what the catalogue says must be in them.
func TestSchemaFollowsTheCatalogue(t *testing.T) {
	t.Parallel()
	c := admin(t, postgistest.URL(t))
	for _, l := range geo.Layers() {
		t.Run(l.Table, func(t *testing.T) {
			got := columnsOf(t, c, l.Table)
			want := map[string]string{"id": "uuid NOT NULL", "valid": "tstzrange NOT NULL", "known": "int8range NOT NULL"}
			checks := checksOf(t, c, l.Table)
			for i := range l.Properties {
				p := &l.Properties[i]
				if p.Computed {
					continue
				}
				want[p.Name] = columnTypes[p.Type]
				if p.Required {
					want[p.Name] += " NOT NULL"
				}
				compareCheck(t, p, checks[p.Name])
			}
			if g := geometryOf(t, c, l.Table); g != storedGeometry(l.Geometry) {
				t.Errorf("geometry %q, want %q", g, storedGeometry(l.Geometry))
			}
			if l.Geometry != geo.NoGeometry {
				want["geom"] = "USER-DEFINED geometry"
				if l.Geometry != geo.AnyGeometry {
					want["geom"] = "USER-DEFINED geometry NOT NULL"
				}
				extent := checks["_geom_extent"]
				for _, edge := range []float64{geo.Extent.Min[0], geo.Extent.Min[1], geo.Extent.Max[0], geo.Extent.Max[1]} {
					if !strings.Contains(extent, fmt.Sprintf("%.1f", edge)) {
						t.Errorf("the extent check %s does not name %v", extent, edge)
					}
				}
			}
			for name, kind := range want {
				if strings.TrimPrefix(got[name], "USER-DEFINED ") != strings.TrimPrefix(kind, "USER-DEFINED ") {
					t.Errorf("column %s is %q, want %q", name, got[name], kind)
				}
				delete(got, name)
			}
			if len(got) > 0 {
				t.Errorf("columns that the catalogue does not have: %v", got)
			}
			floor := checks["_floor"]
			for _, class := range []geo.Class{geo.ClassLow, geo.ClassModerate, geo.ClassHigh, geo.ClassSevere} {
				allowed := l.Floor == geo.ClassLow || strings.Contains(floor, "'"+string(class)+"'")
				if want := slices.Index(order, class) >= slices.Index(order, l.Floor); allowed != want {
					t.Errorf("class %s allowed: %v, want %v (%s)", class, allowed, want, floor)
				}
			}
		})
	}
}

var order = []geo.Class{geo.ClassLow, geo.ClassModerate, geo.ClassHigh, geo.ClassSevere}

func compareCheck(t *testing.T, p *geo.Property, check string) {
	t.Helper()
	var parts []string
	switch p.Type {
	case geo.Enum:
		for _, w := range p.Words {
			parts = append(parts, "'"+w.Value+"'::text")
		}
		if n := strings.Count(check, "::text"); n != len(parts) {
			t.Errorf("%s has %d values in the table, %d in the catalogue: %s", p.Name, n, len(parts), check)
		}
	case geo.TextList:
		for _, v := range p.Values {
			parts = append(parts, "'"+v+"'::text")
		}
		parts = append(parts, fmt.Sprintf("<= %d)", p.MaxLength))
	case geo.String, geo.IDList:
		parts = append(parts, fmt.Sprintf("<= %d)", p.MaxLength))
	case geo.Integer, geo.Number:
		if p.Max > p.Min {
			parts = append(parts, fmt.Sprintf(">= %v", p.Min), fmt.Sprintf("<= %v", int64(p.Max)))
		}
	case geo.JSON:
		parts = append(parts, "jsonb_typeof")
	}
	for _, part := range parts {
		if !strings.Contains(strings.ReplaceAll(check, "(0)::", "0::"), part) && !strings.Contains(strings.NewReplacer("(", "", ")", "").Replace(check), strings.Trim(part, ")")) {
			t.Errorf("the check of %s lacks %s: %s", p.Name, part, check)
		}
	}
}

func storedGeometry(g geo.GeometryType) string {
	switch g {
	case geo.NoGeometry:
		return ""
	case geo.PointOrLine, geo.AnyGeometry:
		return "geometry(Geometry,4326)"
	}
	return "geometry(" + string(g) + ",4326)"
}

func columnsOf(t *testing.T, c *pgx.Conn, table string) map[string]string {
	t.Helper()
	rows, err := c.Query(t.Context(), `SELECT column_name, data_type ||
		CASE WHEN data_type IN ('ARRAY', 'USER-DEFINED') THEN ' ' || udt_name ELSE '' END || CASE is_nullable WHEN 'NO' THEN ' NOT NULL' ELSE '' END
		FROM information_schema.columns WHERE table_schema = 'pasaj' AND table_name = $1`, table)
	return pairs(t, rows, err)
}

// checksOf gives the checks of a table by column, or by suffix of their name.
func checksOf(t *testing.T, c *pgx.Conn, table string) map[string]string {
	t.Helper()
	rows, err := c.Query(t.Context(), `SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint
		WHERE conrelid = ('pasaj.' || $1)::regclass AND contype = 'c'`, table)
	out := map[string]string{}
	for name, check := range pairs(t, rows, err) {
		key, common := strings.CutPrefix(name, "assessed_")
		if !common {
			key = strings.TrimPrefix(name, table+"_")
		}
		if key = strings.TrimSuffix(key, "_check"); !strings.HasSuffix(name, "_check") {
			key = strings.TrimPrefix(name, table)
		}
		out[key] = check
	}
	return out
}

func geometryOf(t *testing.T, c *pgx.Conn, table string) string {
	t.Helper()
	var out string
	err := c.QueryRow(t.Context(), `SELECT coalesce((SELECT format_type(atttypid, atttypmod) FROM pg_attribute
		WHERE attrelid = ('pasaj.' || $1)::regclass AND attname = 'geom'), '')`, table).Scan(&out)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func pairs(t *testing.T, rows pgx.Rows, err error) map[string]string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for rows.Next() {
		var k, v string
		if err := rows.Scan(&k, &v); err != nil {
			t.Fatal(err)
		}
		out[k] = v
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryTableIsDescribedIndexedAndKept(t *testing.T) {
	t.Parallel()
	c := admin(t, postgistest.URL(t))
	bare, err := pgx.CollectRows(first(c.Query(t.Context(), `SELECT relname::text FROM pg_class
		WHERE relnamespace = 'pasaj'::regnamespace AND relkind = 'r' AND relname <> 'migration' AND obj_description(oid) IS NULL`)), pgx.RowTo[string])
	if err != nil || len(bare) > 0 {
		t.Errorf("tables without a comment: %v, %v", bare, err)
	}
	for _, l := range geo.Layers() {
		var gist, excludes, triggers int
		var secured, forced bool
		err := c.QueryRow(t.Context(), `SELECT
			(SELECT count(*) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am am ON am.oid = x.relam
				JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0] AND a.attname = 'geom'
				WHERE i.indrelid = t.oid AND am.amname = 'gist'),
			(SELECT count(*) FROM pg_constraint WHERE conrelid = t.oid AND contype = 'x'),
			(SELECT count(*) FROM pg_trigger WHERE tgrelid = t.oid AND tgfoid = 'pasaj.append_only'::regproc),
			t.relrowsecurity, t.relforcerowsecurity
			FROM pg_class t WHERE t.oid = ('pasaj.' || $1)::regclass`, l.Table).Scan(&gist, &excludes, &triggers, &secured, &forced)
		if err != nil {
			t.Fatal(err)
		}
		if want := l.Geometry != geo.NoGeometry; gist == 1 != want {
			t.Errorf("%s has %d spatial indexes", l.Table, gist)
		}
		if excludes != 1 || triggers != 2 || !secured || !forced {
			t.Errorf("%s: %d exclusions, %d triggers, row security %v, forced %v", l.Table, excludes, triggers, secured, forced)
		}
	}
}

func first(rows pgx.Rows, _ error) pgx.Rows { return rows }

func TestAppendOnly(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	id := write(t, r, roadblock(t, "active", "high")).IDs[0]
	c := admin(t, url)
	for name, statement := range map[string]string{
		"delete":       "DELETE FROM pasaj.roadblock",
		"truncate":     "TRUNCATE pasaj.roadblock",
		"value":        "UPDATE pasaj.roadblock SET state = 'cleared'",
		"geometry":     "UPDATE pasaj.roadblock SET geom = ST_Translate(geom, 0.1, 0)",
		"valid":        "UPDATE pasaj.roadblock SET valid = tstzrange(lower(valid), '2090-01-01')",
		"close and":    "UPDATE pasaj.roadblock SET known = int8range(lower(known), 2), state = 'cleared'",
		"known start":  "UPDATE pasaj.roadblock SET known = int8range(3, 5)",
		"close nought": "UPDATE pasaj.roadblock SET known = 'empty'",
		"overlap":      "INSERT INTO pasaj.roadblock SELECT (jsonb_populate_record(r, '{\"known\": \"[2,)\"}')).* FROM pasaj.roadblock r",
	} {
		if _, err := c.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s was allowed", name)
		}
	}
	if _, err := c.Exec(t.Context(), "UPDATE pasaj.roadblock SET known = int8range(lower(known), 2) WHERE id = $1", id.String()); err != nil {
		t.Errorf("closing a row: %v", err)
	}
	if _, err := c.Exec(t.Context(), "UPDATE pasaj.roadblock SET known = int8range(lower(known), 3)"); err == nil {
		t.Error("a closed row was closed again")
	}
}

func TestMigrateAgainAndAtOnce(t *testing.T) {
	t.Parallel()
	clustertest.Exclusive(t, func() {
		urls := []string{clustertest.Database(t, clustertest.Template{}), clustertest.Database(t, clustertest.Template{})}
		var wg sync.WaitGroup
		for i := range 6 {
			wg.Go(func() {
				r := postgistest.OpenURL(t, urls[i%2], postgis.Options{})
				if err := r.Migrate(t.Context()); err != nil {
					t.Errorf("migrate: %v", err)
				}
			})
		}
		wg.Wait()
		r := postgistest.OpenURL(t, urls[0], postgis.Options{})
		write(t, r, place(t, "kept"))
		before := features(t, r, geo.Public, 0)
		// An earlier generation of views is replaced.
		if _, err := admin(t, urls[0]).Exec(t.Context(), "UPDATE pasaj.audience_schema SET hash = 'old'"); err != nil {
			t.Fatal(err)
		}
		if err := r.Migrate(t.Context()); err != nil {
			t.Fatal(err)
		}
		if after := features(t, r, geo.Public, 0); after != before {
			t.Errorf("migrating again changed the world:\n%s\n%s", before, after)
		}
	})
}

func isRefused(err error) bool {
	pgerr, ok := err.(*pgconn.PgError)
	return ok && pgerr.Code == "42501" // insufficient privilege
}
