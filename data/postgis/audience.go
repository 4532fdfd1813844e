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
			if l.Kind == geo.RecordOnly || !l.Audiences.Has(a) {
				continue
			}
			add("CREATE POLICY %s_reach ON pasaj.%s FOR SELECT TO %s USING (%s)", a, l.Table, owner, reachCondition(a))
			granted, shown := viewColumns(tableOf(l), a)
			view(l.Table, granted, shown)
		}
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
	{"road_edge", []string{"network", "id", "ref", "name", "class", "surface", "oneway", "length_m", "precision_m", "geom"}},
}

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
