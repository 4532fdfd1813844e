package postgis

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"

	"pasaj/geo"
	"pasaj/geo/road"
)

// network gives the road graph known at a revision, nil when there is none. The
// transaction has taken on the audience's role. Graphs are the same for every
// audience and are shared between worlds.
func (r *Record) network(ctx context.Context, tx pgx.Tx, a geo.Audience, rev geo.Revision) (*road.Graph, error) {
	schema := audienceSchema(a)
	var n road.Network
	err := tx.QueryRow(ctx, "SELECT id, name, licence, precision_m FROM "+schema+".road_network WHERE known @> $1::bigint", int64(rev)).
		Scan(&n.ID, &n.Name, &n.Licence, &n.PrecisionM)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return r.graphs.get(ctx, n.ID, func() (*road.Graph, error) {
		if err := unhurried(ctx, tx); err != nil {
			return nil, err
		}
		edges, err := loadEdges(ctx, tx, schema, n.ID)
		if err != nil {
			return nil, fmt.Errorf("load the road network %s: %w", n.ID, err)
		}
		turns, err := loadTurns(ctx, tx, schema, n.ID)
		if err != nil {
			return nil, fmt.Errorf("load the turn restrictions of %s: %w", n.ID, err)
		}
		return road.Build(n, edges, turns...)
	})
}

// loadEdges reads the edges of a network in the order of their IDs.
func loadEdges(ctx context.Context, tx pgx.Tx, schema, network string) ([]road.EdgeInput, error) {
	var count int
	if err := tx.QueryRow(ctx, "SELECT count(*) FROM "+schema+".road_edge WHERE network = $1", network).Scan(&count); err != nil {
		return nil, err
	}
	// The server does not sort: nearly always rows come as they were stored,
	// in the order of IDs.
	rows, err := tx.Query(ctx, "SELECT "+edgeColumns+" FROM "+schema+".road_edge WHERE network = $1",
		pgx.QueryResultFormats{pgx.BinaryFormatCode}, network)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	edges := make([]road.EdgeInput, 0, count)
	reader := newEdgeReader(rows.Conn().TypeMap())
	sorted := true
	for rows.Next() {
		var e road.EdgeInput
		if err := reader.read(rows.RawValues(), &e); err != nil {
			return nil, fmt.Errorf("edge %d: %w", e.ID, err)
		}
		sorted = sorted && (len(edges) == 0 || edges[len(edges)-1].ID < e.ID)
		edges = append(edges, e)
	}
	if !sorted {
		slices.SortFunc(edges, func(a, b road.EdgeInput) int { return cmp.Compare(a.ID, b.ID) })
	}
	return edges, rows.Err()
}

// edgeReader takes edges from the driver's buffer. Half a million of them leave
// nothing behind but their points and each word once.
type edgeReader struct {
	types   *pgtype.Map
	words   map[string]string
	classes map[string]uint16 // by the array as the server sends it
	points  []orb.Point       // room for the next lines
}

func newEdgeReader(types *pgtype.Map) *edgeReader {
	return &edgeReader{types: types, words: map[string]string{}, classes: map[string]uint16{}}
}

// read takes the values of edgeColumns, in PostgreSQL's binary form.
func (r *edgeReader) read(values [][]byte, e *road.EdgeInput) (err error) {
	if len(values) != 17 {
		return fmt.Errorf("%d columns", len(values))
	}
	for i, size := range [...]int{0: 8, 6: 1, 7: 1, 8: 1, 9: 8, 11: 8, 12: 8, 14: 8} {
		if size > 0 && len(values[i]) != size && values[i] != nil {
			return fmt.Errorf("column %d has %d bytes", i, len(values[i]))
		}
	}
	e.ID, e.WayID = int64(number(values[0])), int64(number(values[1]))
	e.Ref, e.Name, e.Class, e.Surface = r.word(values[2]), r.word(values[3]), r.word(values[4]), r.word(values[5])
	e.Oneway, e.Bridge, e.Tunnel = flag(values[6]), flag(values[7]), flag(values[8])
	e.SpeedKmh = math.Float64frombits(number(values[9]))
	if e.Access, err = r.set(values[10]); err != nil {
		return err
	}
	e.MaxLoadT, e.MaxHeightM = math.Float64frombits(number(values[11])), math.Float64frombits(number(values[12]))
	e.Barrier = r.word(values[13])
	e.PrecisionM = math.Float64frombits(number(values[14]))
	if e.Geometry, err = r.line(values[15]); err != nil {
		return err
	}
	e.Nodes, err = nodes(values[16])
	return err
}

// nodes reads a bigint[] of one dimension without nulls, nil for null.
func nodes(b []byte) ([]int64, error) {
	const header, element = 20, 12
	if len(b) <= 12 { // null or an empty list
		return nil, nil
	}
	count := (len(b) - header) / element
	if len(b) < header || len(b) != header+count*element {
		return nil, fmt.Errorf("a list of nodes has %d bytes", len(b))
	}
	out := make([]int64, count)
	for i := range out {
		out[i] = int64(binary.BigEndian.Uint64(b[header+i*element+4:]))
	}
	return out, nil
}

// number is the eight bytes of an integer or a float, zero for null.
func number(b []byte) uint64 {
	if len(b) != 8 {
		return 0
	}
	return binary.BigEndian.Uint64(b)
}

func flag(b []byte) bool { return len(b) == 1 && b[0] != 0 }

func (r *edgeReader) word(b []byte) string {
	if word, ok := r.words[string(b)]; ok {
		return word
	}
	word := string(b)
	r.words[word] = word
	return word
}

// set reads a list of vehicle classes. There are few different ones.
func (r *edgeReader) set(b []byte) (uint16, error) {
	if set, ok := r.classes[string(b)]; ok {
		return set, nil
	}
	var names []string
	if err := r.types.Scan(pgtype.TextArrayOID, pgtype.BinaryFormatCode, b, &names); err != nil {
		return 0, err
	}
	var set uint16
	for _, name := range names {
		i := slices.IndexFunc(geo.VehicleClasses, func(w geo.Word) bool { return w.Value == name })
		if i < 0 {
			return 0, fmt.Errorf("unknown vehicle class %q", name)
		}
		set |= 1 << i
	}
	r.classes[string(b)] = set
	return set, nil
}

// What begins a line string in EWKB, after the byte that tells the byte order.
const (
	ewkbLine     = 2
	ewkbLineSRID = ewkbLine | 0x20000000
)

// pointsRoom is for how many points room is made at a time.
const pointsRoom = 1 << 14

// line reads a line string in the extended well-known binary form of PostGIS.
func (r *edgeReader) line(b []byte) (orb.LineString, error) {
	if len(b) < 9 {
		return nil, errors.New("the geometry is cut short")
	}
	var order binary.ByteOrder = binary.LittleEndian
	if b[0] == 0 {
		order = binary.BigEndian
	}
	kind, rest := order.Uint32(b[1:]), b[5:]
	if kind == ewkbLineSRID {
		kind, rest = ewkbLine, rest[4:]
	}
	if kind != ewkbLine || len(rest) < 4 {
		return nil, fmt.Errorf("a geometry of kind %d where a line is stored", kind)
	}
	n, rest := int(order.Uint32(rest)), rest[4:]
	if len(rest) != 16*n {
		return nil, fmt.Errorf("%d bytes for %d points", len(rest), n)
	}
	if len(r.points) < n {
		r.points = make([]orb.Point, max(pointsRoom, n))
	}
	line := r.points[:n:n]
	r.points = r.points[n:]
	if order == binary.LittleEndian { // what servers send nowadays, without the calls through the interface
		for i := range line {
			line[i][0] = math.Float64frombits(binary.LittleEndian.Uint64(rest[16*i:]))
			line[i][1] = math.Float64frombits(binary.LittleEndian.Uint64(rest[16*i+8:]))
		}
		return line, nil
	}
	for i := range line {
		line[i][0] = math.Float64frombits(order.Uint64(rest[16*i:]))
		line[i][1] = math.Float64frombits(order.Uint64(rest[16*i+8:]))
	}
	return line, nil
}

func loadTurns(ctx context.Context, tx pgx.Tx, schema, network string) ([]road.Turn, error) {
	rows, err := tx.Query(ctx, "SELECT "+turnColumns+" FROM "+schema+".road_turn WHERE network = $1 ORDER BY id", network)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (t road.Turn, err error) {
		var at *geom.Point
		if err := row.Scan(&t.From, &t.Via, &t.To, &t.Only, &at); err != nil {
			return t, err
		}
		if len(t.Via) == 0 {
			t.Via = nil
		}
		if at != nil && len(at.FlatCoords()) == 2 {
			t.At = orb.Point(at.FlatCoords())
		}
		return t, nil
	})
}
