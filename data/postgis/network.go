package postgis

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/twpayne/go-geom"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/road"
)

// networkLayer names the road network in revision_change.
const networkLayer = "road-network"

// graphsKept bounds the road graphs in memory; worlds of the present share one.
const graphsKept = 3

// WriteNetwork makes a road network the one known from a new revision on. Its
// ID must be new; edges must already be cut at junctions. The former network
// stays for readers of the past.
func (r *Record) WriteNetwork(ctx context.Context, author geo.Author, network road.Network, edges []road.EdgeInput) (geo.Revision, error) {
	if err := checkAuthor(author, ""); err != nil {
		return 0, err
	}
	// What could not be loaded is refused. The graph itself is not kept: every
	// process builds it from the stored edges, in their order.
	if _, err := road.Build(network, edges); err != nil {
		return 0, err
	}
	var rev geo.Revision
	err := r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := unhurried(ctx, tx); err != nil {
			return err
		}
		next, err := takeRevision(ctx, tx, author, "road network "+network.ID)
		if err != nil {
			return err
		}
		if err := next.record(ctx, tx); err != nil {
			return err
		}
		rev = next.revision
		if err := storeNetwork(ctx, tx, rev, network, edges); err != nil {
			return err
		}
		return next.tell(ctx, tx)
	})
	if err != nil {
		return 0, err
	}
	return rev, nil
}

func storeNetwork(ctx context.Context, tx pgx.Tx, rev geo.Revision, network road.Network, edges []road.EdgeInput) error {
	if _, err := tx.Exec(ctx, "UPDATE pasaj.road_network SET known = int8range(lower(known), $1) WHERE upper_inf(known)", int64(rev)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, "INSERT INTO pasaj.road_network (id, known, name, licence, precision_m) VALUES ($1, $2, $3, $4, $5)",
		network.ID, knownFrom(rev), network.Name, network.Licence, network.PrecisionM)
	if err != nil {
		return networkRefusal(err)
	}
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"pasaj", "road_edge"},
		[]string{"network", "id", "ref", "name", "class", "surface", "oneway", "length_m", "precision_m", "geom"},
		pgx.CopyFromSlice(len(edges), func(i int) ([]any, error) {
			e := &edges[i]
			stored, err := toStored(e.Geometry)
			return []any{network.ID, e.ID, e.Ref, e.Name, e.Class, e.Surface, e.Oneway, measure.LengthM(e.Geometry), e.PrecisionM, stored}, err
		}))
	if err != nil {
		return networkRefusal(err)
	}
	_, err = tx.Exec(ctx, "INSERT INTO pasaj.revision_change (revision, layer, action) VALUES ($1, $2, 'replace')", int64(rev), networkLayer)
	return err
}

// networkRefusal explains what the schema refused of a network.
func networkRefusal(err error) error {
	var pgerr *pgconn.PgError
	if !errors.As(err, &pgerr) {
		return err
	}
	switch pgerr.Code {
	case "23505":
		return geo.Errorf(geo.CodeConflict, "", "the network, or an edge of it, is already on record").WithCause(err)
	case "23514", "23502", "22021":
		return geo.Errorf(geo.CodeInvalid, "", "an edge of the network breaks a rule of the record").WithCause(err)
	}
	return err
}

// network gives the road graph known at a revision, nil when there is none. The
// transaction has taken on the audience's role. Graphs are the same for every
// audience and are shared between worlds.
func (r *Record) network(ctx context.Context, tx pgx.Tx, a geo.Audience, rev geo.Revision) (*road.Graph, error) {
	return r.graph(ctx, tx, a, "known @> $1::bigint", rev)
}

// networkOpened gives the road graph that a revision made known, nil if it made
// none.
func (r *Record) networkOpened(ctx context.Context, tx pgx.Tx, a geo.Audience, rev geo.Revision) (*road.Graph, error) {
	return r.graph(ctx, tx, a, "lower(known) = $1", rev)
}

func (r *Record) graph(ctx context.Context, tx pgx.Tx, a geo.Audience, condition string, rev geo.Revision) (*road.Graph, error) {
	schema := audienceSchema(a)
	var n road.Network
	err := tx.QueryRow(ctx, "SELECT id, name, licence, precision_m FROM "+schema+".road_network WHERE "+condition, int64(rev)).
		Scan(&n.ID, &n.Name, &n.Licence, &n.PrecisionM)
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.networks.Lock()
	graph := r.networks.graphs[n.ID]
	r.networks.Unlock()
	if graph != nil {
		return graph, nil
	}
	rows, err := tx.Query(ctx, "SELECT id, ref, name, class, surface, oneway, precision_m, geom FROM "+schema+
		".road_edge WHERE network = $1 ORDER BY id", n.ID)
	if err != nil {
		return nil, err
	}
	edges, err := pgx.CollectRows(rows, scanEdge)
	if err != nil {
		return nil, err
	}
	if graph, err = road.Build(n, edges); err != nil {
		return nil, err
	}
	r.keepGraph(n.ID, graph)
	return graph, nil
}

func scanEdge(row pgx.CollectableRow) (road.EdgeInput, error) {
	var e road.EdgeInput
	var line geom.LineString
	if err := row.Scan(&e.ID, &e.Ref, &e.Name, &e.Class, &e.Surface, &e.Oneway, &e.PrecisionM, &line); err != nil {
		return e, err
	}
	e.Geometry = points(line.FlatCoords())
	return e, nil
}

func (r *Record) keepGraph(id string, graph *road.Graph) {
	r.networks.Lock()
	defer r.networks.Unlock()
	if r.networks.graphs[id] == nil {
		r.networks.order = append(r.networks.order, id)
	}
	r.networks.graphs[id] = graph
	if len(r.networks.order) > graphsKept {
		delete(r.networks.graphs, r.networks.order[0])
		r.networks.order = r.networks.order[1:]
	}
}

// HasNetwork reports whether a road network was ever written.
func (r *Record) HasNetwork(ctx context.Context) (bool, error) {
	var found bool
	err := r.transaction(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pasaj.road_network)").Scan(&found)
	})
	return found, err
}
