package postgis

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"pasaj/geo"
)

// maxOrderBytes is as much as the schema takes: 67 million nodes.
const maxOrderBytes = 256 << 20

// SaveOrder keeps the contraction order of a road network. The digest names the
// graph that was ordered. An order that is kept already stays. Code not_found
// without such a network.
func (r *Record) SaveOrder(ctx context.Context, networkID string, digest Digest, ranks []byte) error {
	if len(ranks) == 0 || len(ranks) > maxOrderBytes {
		return geo.Errorf(geo.CodeTooLarge, "", "an order of %d bytes: 1 to %d are kept", len(ranks), maxOrderBytes)
	}
	return r.with(ctx, func(c *pgxpool.Conn) error {
		_, err := c.Exec(ctx, "INSERT INTO pasaj.road_order (network, digest, ranks) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
			networkID, digest[:], ranks)
		if pgerr := (*pgconn.PgError)(nil); errors.As(err, &pgerr) && pgerr.Code == "23503" {
			return geo.Errorf(geo.CodeNotFound, "", "there is no road network %q", networkID).WithCause(err)
		}
		return err
	})
}

// Order gives the contraction order that was kept for a road network and a
// graph of it; code not_found when there is none.
func (r *Record) Order(ctx context.Context, networkID string, digest Digest) ([]byte, error) {
	var ranks []byte
	err := r.with(ctx, func(c *pgxpool.Conn) error {
		return c.QueryRow(ctx, "SELECT ranks FROM pasaj.road_order WHERE network = $1 AND digest = $2", networkID, digest[:]).Scan(&ranks)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return nil, geo.Errorf(geo.CodeNotFound, "", "no order of the road network %q is kept", networkID)
	}
	return ranks, err
}
