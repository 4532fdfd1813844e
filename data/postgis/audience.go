package postgis

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"pasaj/geo"
)

// What an audience may see is written in the database, made from the catalogue
// alone: for each audience a role that may select from the views of one schema,
// and a role that owns these views. The owner is subject to row-level security
// on the tables and was granted the columns its audience may see. So a view
// holds no condition, and nothing that uses the audience's role, be it this
// program or a GIS tool, can reach more.

// audienceRole is the role that reads; administrators grant it to logins.
func audienceRole(a geo.Audience) string { return "pasaj_" + a.String() }

// viewRole owns the audience's views.
func viewRole(a geo.Audience) string { return "pasaj_" + a.String() + "_view" }

// audienceSchema holds the audience's views.
func audienceSchema(a geo.Audience) string { return "audience_" + a.String() }

// audienceRoles lists every role that must exist in the cluster.
func audienceRoles() []string {
	var out []string
	for _, a := range geo.Audiences() {
		out = append(out, audienceRole(a), viewRole(a))
	}
	return out
}

// audienceSQL is everything that gives the audiences their views, in order.
// Statements may be run over an earlier generation.
func audienceSQL() []string {
	var out []string
	add := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }

	add("REVOKE ALL ON SCHEMA pasaj FROM PUBLIC")
	for _, l := range geo.Layers() {
		table := "pasaj." + l.Table
		add("ALTER TABLE %s ENABLE ROW LEVEL SECURITY", table)
		add("ALTER TABLE %s FORCE ROW LEVEL SECURITY", table)
		add("DROP POLICY IF EXISTS keeper ON %s", table)
		add("CREATE POLICY keeper ON %s TO CURRENT_USER USING (true) WITH CHECK (true)", table)
	}
	for _, a := range geo.Audiences() {
		schema, reader, owner := audienceSchema(a), audienceRole(a), viewRole(a)
		add("DROP SCHEMA IF EXISTS %s CASCADE", schema)
		add("REVOKE ALL ON ALL TABLES IN SCHEMA pasaj FROM %s, %s", reader, owner)
		add("REVOKE ALL ON SCHEMA pasaj FROM %s", reader)
		add("GRANT USAGE ON SCHEMA pasaj TO %s", owner)
		add("CREATE SCHEMA %s AUTHORIZATION %s", schema, owner)
		add("COMMENT ON SCHEMA %s IS 'What the audience %s may see.'", schema, a)
		add("GRANT USAGE ON SCHEMA %s TO %s", schema, reader)
		view := func(name string, columns, shown []string) {
			add("GRANT SELECT (%s) ON pasaj.%s TO %s", strings.Join(columns, ", "), name, owner)
			add("CREATE VIEW %s.%s WITH (security_barrier) AS SELECT %s FROM pasaj.%s",
				schema, name, strings.Join(shown, ", "), name)
			add("ALTER VIEW %s.%s OWNER TO %s", schema, name, owner)
			add("GRANT SELECT ON %s.%s TO %s", schema, name, reader)
		}
		for _, open := range openRelations {
			view(open.name, open.columns, open.columns)
		}
		for _, l := range geo.Layers() {
			add("DROP POLICY IF EXISTS %s_reach ON pasaj.%s", a, l.Table)
			tallied := l.Table == "observation" && talliedFor(a)
			shows := l.Kind != geo.RecordOnly && l.Audiences.Has(a)
			if tallied || shows {
				add("CREATE POLICY %s_reach ON pasaj.%s FOR SELECT TO %s USING (%s)", a, l.Table, owner, reachCondition(a))
			}
			if shows {
				granted, shown := viewColumns(tableOf(l), a)
				view(l.Table, granted, shown)
			}
		}
		if talliedFor(a) {
			out = append(out, tallySQL(a)...)
		}
		add("CREATE VIEW %s.national_road_edge WITH (security_barrier) AS %s", schema, fmt.Sprintf(nationalRoadEdge, schema))
		add("COMMENT ON VIEW %s.national_road_edge IS 'Which edges of the network in use run on which section of a national road, as known and valid now.'", schema)
		add("COMMENT ON COLUMN %s.national_road_edge.length_m IS 'How much of the edge does, in metres.'", schema)
		add("ALTER VIEW %s.national_road_edge OWNER TO %s", schema, owner)
		add("GRANT SELECT ON %s.national_road_edge TO %s", schema, reader)
	}
	return out
}

// openRelations are the relations that every audience may read in part.
var openRelations = []struct {
	name    string
	columns []string
}{
	{"revision", []string{"id", "at"}},
	{"road_network", []string{"id", "known", "name", "licence", "precision_m"}},
	{"road_edge", append(strings.Split(edgeColumns, ", "), "network", "length_m", "source", "target")},
	{"road_junction", []string{"network", "id", "ends", "geom"}},
	{"road_turn", append(strings.Split(turnColumns, ", "), "network", "id")},
	{"road_edge_routing", []string{"id", "source", "target", "cost", "reverse_cost"}},
	{"grid", append(strings.Split(gridColumns, ", "), "known")},
	{"grid_part", []string{"grid", "part", "body"}},
	{"release", []string{"at", "revision", "k", "formula", "body"}},
}

// nationalRoadEdge links edges to sections of national roads in the schema of
// an audience, in the same way as road.Graph.LinkSections but only roughly: an
// edge that carries the section's number is cut into equal parts of at most 100
// metres, and each goes to the section nearest to its middle, within the
// section's reach. It is derived anew whenever it is read, so that it follows
// both the network and the sections. Distances are taken in UTM zone 18 N.
const nationalRoadEdge = `
WITH section AS MATERIALIZED (
    SELECT id, ref, greatest(500, coalesce(precision_m, CASE geo_precision WHEN 3 THEN 2000 WHEN 4 THEN 10000 WHEN 5 THEN 50000 END)) AS reach_m, public.ST_Transform(geom, 32618) AS line
    FROM %[1]s.national_road WHERE upper_inf(known) AND valid @> now()
), part AS MATERIALIZED (
    SELECT e.network, e.id AS edge, r.ref, e.length_m / n.parts AS length_m,
        public.ST_Transform(public.ST_LineInterpolatePoint(e.geom, (k - 0.5) / n.parts), 32618) AS middle
    FROM %[1]s.road_edge e
    JOIN %[1]s.road_network w ON w.id = e.network AND upper_inf(w.known)
    CROSS JOIN LATERAL (SELECT DISTINCT btrim(one) FROM unnest(string_to_array(e.ref, ';')) one) r (ref)
    CROSS JOIN LATERAL (SELECT greatest(1, ceil(e.length_m / 100))::integer) n (parts)
    CROSS JOIN LATERAL generate_series(1, n.parts) k
    WHERE e.ref <> '' AND r.ref IN (SELECT ref FROM section)
)
SELECT s.id AS section, p.ref, p.network, p.edge, sum(p.length_m) AS length_m
FROM part p
CROSS JOIN LATERAL (
    SELECT id FROM section WHERE section.ref = p.ref AND public.ST_DWithin(section.line, p.middle, section.reach_m)
    ORDER BY public.ST_Distance(section.line, p.middle), id LIMIT 1
) s
GROUP BY s.id, p.ref, p.network, p.edge`

// reachCondition is geo.ReachOf as SQL. Only approved versions are anybody's.
func reachCondition(a geo.Audience) string {
	reach := geo.ReachOf(a)
	return fmt.Sprintf("review_state = 'approved' AND compartment IN (%s) AND sensitivity IN (%s)",
		literals(reach.Compartments), literals(reach.Classes))
}

func literals[T ~string](values []T) string {
	quoted := make([]string, len(values))
	for i, v := range values {
		quoted[i] = "'" + string(v) + "'"
	}
	return strings.Join(quoted, ", ")
}

// viewColumns gives the columns of a layer that an audience's view may read,
// and what it shows: the same shape for everyone, null where redacted.
func viewColumns(t *table, a geo.Audience) (granted, shown []string) {
	granted = []string{"id", "valid", "known"}
	shown = []string{"id", "valid", "known"}
	if t.layer.Geometry == geo.NoGeometry {
		shown = append(shown, "NULL::geometry AS geom")
	} else {
		granted = append(granted, "geom")
		shown = append(shown, "geom")
	}
	for _, c := range t.columns {
		if c.property.Audiences.Has(a) {
			granted = append(granted, c.name())
			shown = append(shown, c.name())
		} else {
			shown = append(shown, fmt.Sprintf("NULL::%s AS %s", sqlType(c.property.Type), c.name()))
		}
	}
	return slices.Clip(granted), slices.Clip(shown)
}

func hashOf(statements []string) string {
	sum := sha256.Sum256([]byte(strings.Join(statements, ";\n")))
	return hex.EncodeToString(sum[:])
}
