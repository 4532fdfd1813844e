package postgis

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
)

// networkLayer names the road network in revision_change.
const networkLayer = "road-network"

// WriteNetwork makes a road network the one known from a new revision on. Its
// ID must be new, else code conflict; edges must already be cut at junctions.
// The former network stays for readers of the past. Reattach tells what was
// lost by the change.
//
// Hundreds of thousands of edges take some tens of seconds. Other writers wait
// only for the end of it: the revision is numbered when all is stored.
func (r *Record) WriteNetwork(ctx context.Context, author geo.Author, network road.Network, edges []road.EdgeInput, turns []road.Turn) (geo.Revision, error) {
	if err := checkAuthor(author, ""); err != nil {
		return 0, err
	}
	// What could not be loaded is refused. The graph itself is not kept: every
	// process builds it from the stored edges.
	graph, err := road.Build(network, edges, turns...)
	if err != nil {
		return 0, err
	}
	var rev geo.Revision
	err = r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := unhurried(ctx, tx); err != nil {
			return err
		}
		if err := storeNetwork(ctx, tx, graph, edges, turns); err != nil {
			return networkRefusal(err)
		}
		next, err := takeRevision(ctx, tx, author, "road network "+network.ID)
		if err != nil {
			return err
		}
		if err := next.record(ctx, tx); err != nil {
			return err
		}
		rev = next.revision
		for _, statement := range []string{
			"UPDATE pasaj.road_network SET known = int8range(lower(known), $1) WHERE upper_inf(known) AND id <> $2",
			"UPDATE pasaj.road_network SET known = int8range($1, NULL) WHERE id = $2",
			"INSERT INTO pasaj.revision_change (revision, layer, action) SELECT $1, '" + networkLayer + "', 'replace' WHERE $2 <> ''",
		} {
			if _, err := tx.Exec(ctx, statement, int64(rev), network.ID); err != nil {
				return err
			}
		}
		return next.tell(ctx, tx)
	})
	if err != nil {
		return 0, err
	}
	return rev, nil
}

// storeNetwork stores a network that is not known yet.
func storeNetwork(ctx context.Context, tx pgx.Tx, graph *road.Graph, edges []road.EdgeInput, turns []road.Turn) error {
	network := graph.Network()
	var free, taken bool
	if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", int64(lockNetwork)).Scan(&free); err != nil {
		return err
	}
	if !free {
		return geo.Errorf(geo.CodeConflict, "", "another road network is being written")
	}
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pasaj.road_network WHERE id = $1)", network.ID).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return geo.Errorf(geo.CodeConflict, "/id", "the road network %q is already on record", network.ID)
	}
	_, err := tx.Exec(ctx, "INSERT INTO pasaj.road_network (id, known, name, licence, precision_m) VALUES ($1, 'empty', $2, $3, $4)",
		network.ID, network.Name, network.Licence, network.PrecisionM)
	if err != nil {
		return err
	}
	for _, copying := range []struct {
		table   string
		columns []string
		rows    pgx.CopyFromSource
	}{
		{"road_junction", []string{"network", "id", "ends", "geom"}, junctionRows(graph)},
		{"road_edge", append(strings.Split(edgeColumns, ", "), "network", "length_m", "source", "target"), edgeRows(graph, edges)},
		{"road_turn", append(strings.Split(turnColumns, ", "), "network", "id"), turnRows(network.ID, turns)},
	} {
		if _, err := tx.CopyFrom(ctx, pgx.Identifier{"pasaj", copying.table}, copying.columns, copying.rows); err != nil {
			return err
		}
		// Followers and GIS tools ask at once; the server's own round is later.
		if _, err := tx.Exec(ctx, "ANALYZE pasaj."+copying.table); err != nil {
			return err
		}
	}
	return nil
}

func junctionRows(graph *road.Graph) pgx.CopyFromSource {
	ends := make([]int64, graph.Junctions())
	for i := range graph.Len() {
		e := graph.Edge(i)
		ends[e.From]++
		ends[e.To]++
	}
	id := graph.Network().ID
	return pgx.CopyFromSlice(len(ends), func(j int) ([]any, error) {
		at, err := toStored(graph.Junction(j))
		return []any{id, int64(j), ends[j], at}, err
	})
}

// edgeColumns are what an edge is made of again.
const edgeColumns = "id, way_id, ref, name, class, surface, oneway, bridge, tunnel, speed_kmh, no_access, max_load_t, max_height_m, barrier, precision_m, geom, nodes"

func edgeRows(graph *road.Graph, edges []road.EdgeInput) pgx.CopyFromSource {
	id := graph.Network().ID
	classes := map[uint16][]string{}
	return pgx.CopyFromSlice(len(edges), func(i int) ([]any, error) {
		e, built := &edges[i], graph.Edge(i)
		barred, ok := classes[e.Access]
		if !ok {
			barred = vehicleClasses(e.Access)
			classes[e.Access] = barred
		}
		line, err := toStored(e.Geometry)
		return []any{e.ID, known(e.WayID), e.Ref, e.Name, e.Class, e.Surface, e.Oneway, e.Bridge, e.Tunnel, known(e.SpeedKmh),
			barred, known(e.MaxLoadT), known(e.MaxHeightM), e.Barrier, e.PrecisionM, line, nodesOrNull(e.Nodes),
			id, built.LengthM, int64(built.From), int64(built.To)}, err
	})
}

// turnColumns are what a turn restriction is made of again.
const turnColumns = "from_edge, via_edges, to_edge, mandatory, geom"

func turnRows(network string, turns []road.Turn) pgx.CopyFromSource {
	return pgx.CopyFromSlice(len(turns), func(i int) ([]any, error) {
		t := &turns[i]
		via := t.Via
		if via == nil {
			via = []int64{}
		}
		var at any
		if t.At != (orb.Point{}) {
			stored, err := toStored(t.At)
			if err != nil {
				return nil, err
			}
			at = stored
		}
		return []any{t.From, via, t.To, t.Only, at, network, int64(i)}, nil
	})
}

// nodesOrNull is null for none.
func nodesOrNull(nodes []int64) any {
	if len(nodes) == 0 {
		return nil
	}
	return nodes
}

// known is null for a zero that means "unknown".
func known[T int64 | float64](v T) any {
	if v == 0 {
		return nil
	}
	return v
}

// vehicleClasses spells out a set of vehicle classes.
func vehicleClasses(set uint16) []string {
	out := []string{}
	for i, word := range geo.VehicleClasses {
		if set>>i&1 == 1 {
			out = append(out, word.Value)
		}
	}
	return out
}

// networkRefusal explains what the schema refused of a network.
func networkRefusal(err error) error {
	return schemaRefusal(err, "", "the network, or an edge of it, is already on record", "an edge of the network breaks a rule of the record")
}

// HasNetwork reports whether a road network was ever written.
func (r *Record) HasNetwork(ctx context.Context) (bool, error) {
	var found bool
	err := r.transaction(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pasaj.road_network)").Scan(&found)
	})
	return found, err
}
