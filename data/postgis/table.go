package postgis

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"pasaj/geo"
)

// table is how one layer is stored: which properties are columns, and of what
// type.
type table struct {
	layer   *geo.Layer
	columns []column
}

// column is a stored property.
type column struct {
	property *geo.Property
	index    int // in Version.Values
}

// tableOf derives the table of a layer from the catalogue.
func tableOf(l *geo.Layer) *table {
	t := &table{layer: l}
	for i := range l.Properties {
		if p := &l.Properties[i]; !p.Computed {
			t.columns = append(t.columns, column{property: p, index: i})
		}
	}
	return t
}

// name is the column's name, quoted.
func (c column) name() string { return pgx.Identifier{c.property.Name}.Sanitize() }

// sqlType is the type a property is stored as.
func sqlType(t geo.PropertyType) string {
	switch t {
	case geo.Integer:
		return "bigint"
	case geo.Number:
		return "double precision"
	case geo.Boolean:
		return "boolean"
	case geo.DateTime:
		return "timestamp with time zone"
	case geo.TextList:
		return "text[]"
	case geo.IDList:
		return "uuid[]"
	case geo.JSON:
		return "jsonb"
	default:
		return "text"
	}
}

// row is one stored version of a feature.
type row struct {
	id       uuid.UUID
	valid    geo.Period
	known    geo.Revision
	knownTo  geo.Revision // 0 while it stands
	geometry orb.Geometry
	values   []any
	knownAt  time.Time // where the query asked for it
}

// version completes a row for a world. The end of its being known is left out:
// in a world every version stands.
func (r *row) version(l *geo.Layer, m *geo.Model) *geo.Version {
	return geo.NewVersion(geo.Version{
		Layer: l, ID: r.id, Known: r.known, KnownAt: r.knownAt,
		Valid: r.valid, Geometry: r.geometry, Values: r.values,
	}, m)
}

// selectList is what scan reads, from a relation with the given alias.
// knownAt is an expression for the commit time of the version's revision.
func (t *table) selectList(alias, geometry, knownAt string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%[1]s.id, lower(%[1]s.valid), upper(%[1]s.valid), lower(%[1]s.known), upper(%[1]s.known), %[2]s, %[3]s",
		alias, geometry, knownAt)
	for _, c := range t.columns {
		b.WriteString(", " + alias + "." + c.name())
	}
	return b.String()
}

// ownColumn is the geometry of a base table, which layers without one lack.
func (t *table) ownGeometry(alias string) string {
	if t.layer.Geometry == geo.NoGeometry {
		return "NULL::geometry"
	}
	return alias + ".geom"
}

// scanner reads rows of a table; its buffers are reused from row to row.
type scanner struct {
	table   *table
	targets []any

	id                pgtype.UUID
	from, to          pgtype.Timestamptz
	knownLow, knownUp pgtype.Int8
	stored            geom.T
	knownAt           pgtype.Timestamptz
}

func (t *table) scanner() *scanner {
	s := &scanner{table: t}
	s.targets = []any{&s.id, &s.from, &s.to, &s.knownLow, &s.knownUp, &s.stored, &s.knownAt}
	for _, c := range t.columns {
		s.targets = append(s.targets, target(c.property.Type))
	}
	return s
}

// target is a place for pgx to put a column of a type.
func target(t geo.PropertyType) any {
	switch t {
	case geo.Integer:
		return new(pgtype.Int8)
	case geo.Number:
		return new(pgtype.Float8)
	case geo.Boolean:
		return new(pgtype.Bool)
	case geo.DateTime:
		return new(pgtype.Timestamptz)
	case geo.TextList:
		return new([]string)
	case geo.IDList:
		return new([]pgtype.UUID)
	case geo.JSON:
		return new([]byte)
	default:
		return new(pgtype.Text)
	}
}

func (s *scanner) scan(rows pgx.Rows) (*row, error) {
	s.stored = nil
	if err := rows.Scan(s.targets...); err != nil {
		return nil, fmt.Errorf("read a row of %s: %w", s.table.layer.Table, err)
	}
	geometry, err := fromStored(s.stored)
	if err != nil {
		return nil, fmt.Errorf("read %s of %s: %w", uuid.UUID(s.id.Bytes), s.table.layer.Table, err)
	}
	out := &row{
		id:       s.id.Bytes,
		valid:    geo.Period{From: instant(s.from), To: instant(s.to)},
		known:    geo.Revision(s.knownLow.Int64),
		knownTo:  geo.Revision(s.knownUp.Int64),
		geometry: geometry,
		values:   make([]any, len(s.table.layer.Properties)),
		knownAt:  instant(s.knownAt),
	}
	for i, c := range s.table.columns {
		if out.values[c.index], err = value(s.targets[7+i]); err != nil {
			return nil, fmt.Errorf("read %s of %s: %w", c.property.Name, out.id, err)
		}
	}
	return out, nil
}

// value gives the Go value that the catalogue names for a scanned column.
func value(scanned any) (any, error) {
	switch v := scanned.(type) {
	case *pgtype.Text:
		if v.Valid {
			return v.String, nil
		}
	case *pgtype.Int8:
		if v.Valid {
			return v.Int64, nil
		}
	case *pgtype.Float8:
		if v.Valid {
			return v.Float64, nil
		}
	case *pgtype.Bool:
		if v.Valid {
			return v.Bool, nil
		}
	case *pgtype.Timestamptz:
		if t := instant(*v); !t.IsZero() {
			return t, nil
		}
	case *[]string:
		if *v != nil {
			list := *v
			*v = nil // the next row gets a list of its own
			return list, nil
		}
	case *[]pgtype.UUID:
		if *v != nil {
			list := make([]string, len(*v))
			for i, id := range *v {
				list[i] = uuid.UUID(id.Bytes).String()
			}
			*v = nil
			return list, nil
		}
	case *[]byte:
		if *v != nil {
			// jsonb gives its keys in an order of its own, which is always the
			// same, and blanks, which are dropped.
			var compact bytes.Buffer
			if err := json.Compact(&compact, *v); err != nil {
				return nil, err
			}
			*v = nil
			return json.RawMessage(compact.Bytes()), nil
		}
	}
	return nil, nil
}

func instant(t pgtype.Timestamptz) time.Time {
	if !t.Valid || t.InfinityModifier != pgtype.Finite {
		return time.Time{}
	}
	return t.Time.UTC()
}

// insertSQL is the statement whose parameters are made by arguments.
func (t *table) insertSQL() string {
	names := []string{"id", "valid", "known"}
	if t.layer.Geometry != geo.NoGeometry {
		names = append(names, "geom")
	}
	for _, c := range t.columns {
		names = append(names, c.name())
	}
	parameters := make([]string, len(names))
	for i := range names {
		parameters[i] = fmt.Sprintf("$%d", i+1)
	}
	return "INSERT INTO pasaj." + t.layer.Table + " (" + strings.Join(names, ", ") + ") VALUES (" + strings.Join(parameters, ", ") + ")"
}

// arguments are the parameters of insertSQL for a state known from a revision.
func (t *table) arguments(id uuid.UUID, s geo.State, rev geo.Revision) ([]any, error) {
	out := []any{pgtype.UUID{Bytes: id, Valid: true}, rangeOf(s.Valid), knownFrom(rev)}
	if t.layer.Geometry != geo.NoGeometry {
		stored, err := toStored(s.Geometry)
		if err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, "/geometry", "%s", err.Error())
		}
		if stored == nil {
			out = append(out, nil)
		} else {
			out = append(out, stored)
		}
	}
	for _, c := range t.columns {
		argument, ok := parameter(c.property.Type, s.Values[c.index])
		if !ok {
			return nil, geo.Errorf(geo.CodeInvalid, "/properties/"+c.property.Name,
				"%T where %s is asked for", s.Values[c.index], c.property.Type)
		}
		out = append(out, argument)
	}
	return out, nil
}

// parameter gives a value in the form pgx writes, and whether it is of the type
// that the catalogue names.
func parameter(t geo.PropertyType, v any) (any, bool) {
	if v == nil {
		return nil, true
	}
	switch t {
	case geo.Integer:
		n, ok := v.(int64)
		return n, ok
	case geo.Number:
		n, ok := v.(float64)
		return n, ok
	case geo.Boolean:
		b, ok := v.(bool)
		return b, ok
	case geo.DateTime:
		at, ok := v.(time.Time)
		return at, ok
	case geo.TextList:
		list, ok := v.([]string)
		return list, ok
	case geo.IDList:
		list, ok := v.([]string)
		ids := make([]pgtype.UUID, len(list))
		for i, s := range list {
			id, err := uuid.Parse(s)
			ok = ok && err == nil
			ids[i] = pgtype.UUID{Bytes: id, Valid: true}
		}
		return ids, ok
	case geo.JSON:
		raw, ok := v.(json.RawMessage)
		return []byte(raw), ok
	default:
		s, ok := v.(string)
		return s, ok
	}
}

func rangeOf(p geo.Period) pgtype.Range[pgtype.Timestamptz] {
	r := pgtype.Range[pgtype.Timestamptz]{LowerType: pgtype.Unbounded, UpperType: pgtype.Unbounded, Valid: true}
	if !p.From.IsZero() {
		r.Lower, r.LowerType = pgtype.Timestamptz{Time: p.From, Valid: true}, pgtype.Inclusive
	}
	if !p.To.IsZero() {
		r.Upper, r.UpperType = pgtype.Timestamptz{Time: p.To, Valid: true}, pgtype.Exclusive
	}
	return r
}

func knownFrom(rev geo.Revision) pgtype.Range[pgtype.Int8] {
	return pgtype.Range[pgtype.Int8]{
		Lower: pgtype.Int8{Int64: int64(rev), Valid: true}, LowerType: pgtype.Inclusive,
		UpperType: pgtype.Unbounded, Valid: true,
	}
}

func uuids(ids []uuid.UUID) []pgtype.UUID {
	out := make([]pgtype.UUID, len(ids))
	for i, id := range ids {
		out[i] = pgtype.UUID{Bytes: id, Valid: true}
	}
	return out
}
