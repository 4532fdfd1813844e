package peertest

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkt"
)

// preparation copies the edges in use into tables that pgRouting reads fastest.
var preparation = []string{
	"CREATE EXTENSION IF NOT EXISTS pgrouting",
	"DROP SCHEMA IF EXISTS peer CASCADE",
	"CREATE SCHEMA peer",
	`CREATE TABLE peer.edge AS
		SELECT r.id, r.source, r.target, r.cost, r.reverse_cost, e.geom
		FROM pasaj.road_edge_routing r
		JOIN pasaj.road_network n ON upper_inf(n.known)
		JOIN pasaj.road_edge e ON e.network = n.id AND e.id = r.id`,
	"ALTER TABLE peer.edge ADD PRIMARY KEY (id)",
	"CREATE INDEX ON peer.edge USING gist (geom)",
	// The greatest part of the network in which a car gets from everywhere to
	// everywhere: a question that has no answer would say nothing.
	`CREATE TABLE peer.part AS
		SELECT node, component FROM pgr_strongComponents('SELECT id, source, target, cost, reverse_cost FROM peer.edge')`,
	`CREATE TABLE peer.junction AS
		SELECT j.id, j.geom FROM pasaj.road_junction j JOIN pasaj.road_network n ON n.id = j.network AND upper_inf(n.known)
		WHERE j.id IN (SELECT node FROM peer.part WHERE component =
			(SELECT component FROM peer.part GROUP BY component ORDER BY count(*) DESC, component LIMIT 1))`,
	"CREATE INDEX ON peer.junction USING gist (geom)",
	"CREATE TABLE peer.zone (geom geometry(Polygon, 4326) NOT NULL)",
}

// ways of leaving the edges in zones out.
var pgRoutingSettings = []struct{ name, edges string }{
	{"without zones", "SELECT id, source, target, cost, reverse_cost FROM peer.edge"},
	{"zones by NOT EXISTS ST_Intersects", `SELECT id, source, target, cost, reverse_cost FROM peer.edge e
		WHERE NOT EXISTS (SELECT FROM peer.zone z WHERE ST_Intersects(z.geom, e.geom))`},
	{"zones by hashed join", `SELECT e.id, e.source, e.target, e.cost, e.reverse_cost FROM peer.edge e
		LEFT JOIN (SELECT DISTINCT i.id FROM peer.zone z JOIN peer.edge i ON ST_Intersects(z.geom, i.geom)) AS shut ON shut.id = e.id
		WHERE shut.id IS NULL`},
}

// PgRouting times pgr_dijkstra on the network in use of the record that the
// connection, which must be the owner's, leads to: for each pair without zones
// and with them in two ways. Ends are the nearest junctions of the greatest
// connected part; finding them is not timed. The tables it makes, in the schema
// peer, stay.
func PgRouting(ctx context.Context, c *pgx.Conn, pairs []Pair, zones []orb.Polygon) ([]Run, error) {
	var there bool
	if err := c.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = 'pgrouting')").Scan(&there); err != nil {
		return nil, fmt.Errorf("pgRouting: %w", err)
	}
	if !there {
		return nil, fmt.Errorf("%w: PostgreSQL has no extension pgrouting", ErrUnavailable)
	}
	for _, statement := range preparation {
		if _, err := c.Exec(ctx, statement); err != nil {
			return nil, fmt.Errorf("pgRouting: %w", err)
		}
	}
	for _, z := range zones {
		if _, err := c.Exec(ctx, "INSERT INTO peer.zone VALUES (ST_GeomFromText($1, 4326))", wkt.MarshalString(z)); err != nil {
			return nil, fmt.Errorf("pgRouting: %w", err)
		}
	}
	if _, err := c.Exec(ctx, "ANALYZE peer.edge, peer.junction, peer.zone"); err != nil {
		return nil, fmt.Errorf("pgRouting: %w", err)
	}
	ends := make([][2]int64, len(pairs))
	for i, p := range pairs {
		for k, at := range [2]orb.Point{p.From, p.To} {
			if err := c.QueryRow(ctx, "SELECT id FROM peer.junction ORDER BY geom <-> ST_SetSRID(ST_MakePoint($1, $2), 4326) LIMIT 1",
				at[0], at[1]).Scan(&ends[i][k]); err != nil {
				return nil, fmt.Errorf("pgRouting: %w", err)
			}
		}
	}
	var out []Run
	for _, setting := range pgRoutingSettings {
		run := Run{Name: "pgr_dijkstra, " + setting.name}
		for i := -1; i < len(ends); i++ { // the first warms the caches
			start := time.Now()
			cost, err := dijkstra(ctx, c, setting.edges, ends[max(0, i)])
			if err != nil {
				return nil, fmt.Errorf("pgRouting, %s: %w", setting.name, err)
			}
			if i >= 0 {
				run.Took, run.CostS = append(run.Took, time.Since(start)), append(run.CostS, cost)
			}
		}
		out = append(out, run)
	}
	return out, nil
}

// dijkstra gives the cost of a whole path, all of which is sent.
func dijkstra(ctx context.Context, c *pgx.Conn, edges string, ends [2]int64) (float64, error) {
	rows, err := c.Query(ctx, "SELECT edge, agg_cost FROM pgr_dijkstra($1, $2::bigint, $3::bigint, true)", edges, ends[0], ends[1])
	if err != nil {
		return 0, err
	}
	cost := math.NaN()
	if ends[0] == ends[1] {
		cost = 0
	}
	var edge int64
	var total float64
	if _, err := pgx.ForEachRow(rows, []any{&edge, &total}, func() error { cost = total; return nil }); err != nil {
		return 0, err
	}
	return cost, nil
}

// Shut counts the edges that the zones of the last call of PgRouting touch, and
// all edges.
func Shut(ctx context.Context, c *pgx.Conn) (shut, edges int, err error) {
	err = errors.Join(
		c.QueryRow(ctx, "SELECT count(*) FROM peer.edge e WHERE EXISTS (SELECT FROM peer.zone z WHERE ST_Intersects(z.geom, e.geom))").Scan(&shut),
		c.QueryRow(ctx, "SELECT count(*) FROM peer.edge").Scan(&edges))
	return shut, edges, err
}
