package postgis

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// gridLayer names grids in revision_change.
const gridLayer = "grid"

// gridColumns describe a grid; its values are in the parts.
const gridColumns = "id, kind, name, licence, west, north, cell_lon_deg, cell_lat_deg, width, height, total, digest, body_bytes"

// gridPartBytes is how much of a grid is sent and read at a time.
const gridPartBytes = 8 << 20

// WriteGrid makes a grid the one of its kind (see world.GridKinds) known from a
// new revision on. Its ID must be new, else code conflict. The former grid stays
// for readers of the past.
//
// A fine grid of a country takes some seconds. Other writers wait only for the
// end of it: the revision is numbered when all is stored.
func (r *Record) WriteGrid(ctx context.Context, author geo.Author, kind string, grid *raster.Grid) (geo.Revision, error) {
	if err := checkAuthor(author, ""); err != nil {
		return 0, err
	}
	if !slices.Contains(world.GridKinds(), kind) {
		return 0, geo.Errorf(geo.CodeInvalid, "/kind", "unknown kind of grid %.40q: one of %s", kind, strings.Join(world.GridKinds(), ", "))
	}
	if grid == nil {
		return 0, geo.Errorf(geo.CodeInvalid, "", "there is no grid to write")
	}
	body, err := grid.AppendBinary(nil)
	if err != nil {
		return 0, err
	}
	var rev geo.Revision
	err = r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := unhurried(ctx, tx); err != nil {
			return err
		}
		if err := storeGrid(ctx, tx, kind, grid, body); err != nil {
			return gridRefusal(err)
		}
		next, err := takeRevision(ctx, tx, author, strings.ReplaceAll(kind, "_", "-")+" grid "+grid.ID())
		if err != nil {
			return err
		}
		if err := next.record(ctx, tx); err != nil {
			return err
		}
		rev = next.revision
		for _, statement := range []string{
			"UPDATE pasaj.grid SET known = int8range(lower(known), $1) WHERE kind = $2 AND upper_inf(known) AND id <> $3",
			"UPDATE pasaj.grid SET known = int8range($1, NULL) WHERE kind = $2 AND id = $3",
			"INSERT INTO pasaj.revision_change (revision, layer, action) SELECT $1, '" + gridLayer + "', 'replace' WHERE $2 <> '' AND $3 <> ''",
		} {
			if _, err := tx.Exec(ctx, statement, int64(rev), kind, grid.ID()); err != nil {
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

// storeGrid stores a grid that is not known yet.
func storeGrid(ctx context.Context, tx pgx.Tx, kind string, grid *raster.Grid, body []byte) error {
	var free, taken bool
	if err := tx.QueryRow(ctx, "SELECT pg_try_advisory_xact_lock($1)", int64(lockGrid)).Scan(&free); err != nil {
		return err
	}
	if !free {
		return geo.Errorf(geo.CodeConflict, "", "another grid is being written")
	}
	if err := tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pasaj.grid WHERE id = $1)", grid.ID()).Scan(&taken); err != nil {
		return err
	}
	if taken {
		return geo.Errorf(geo.CodeConflict, "/id", "the grid %q is already on record", grid.ID())
	}
	digest := sha256.Sum256(body)
	_, err := tx.Exec(ctx, "INSERT INTO pasaj.grid (known, "+gridColumns+") VALUES ('empty', $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
		grid.ID(), kind, grid.Name(), grid.Licence(), grid.West(), grid.North(), grid.CellLonDeg(), grid.CellLatDeg(),
		grid.Width(), grid.Height(), grid.Total(), digest[:], len(body))
	if err != nil {
		return err
	}
	parts := slices.Collect(slices.Chunk(body, gridPartBytes))
	_, err = tx.CopyFrom(ctx, pgx.Identifier{"pasaj", "grid_part"}, []string{"grid", "part", "body"},
		pgx.CopyFromSlice(len(parts), func(i int) ([]any, error) { return []any{grid.ID(), int64(i), parts[i]}, nil }))
	return err
}

// gridRefusal explains what the schema refused of a grid.
func gridRefusal(err error) error {
	return schemaRefusal(err, "/id", "the grid is already on record", "the grid breaks a rule of the record")
}

// gridsKnown gives the grids that a condition on a revision selects, by kind,
// nil for none. The transaction has taken on the audience's role. Grids are the
// same for every audience and are shared between worlds.
func (r *Record) gridsKnown(ctx context.Context, tx pgx.Tx, a geo.Audience, condition string, rev geo.Revision) (map[string]*raster.Grid, error) {
	schema := audienceSchema(a)
	rows, err := tx.Query(ctx, "SELECT id, kind, digest, body_bytes FROM "+schema+".grid WHERE "+condition, int64(rev))
	if err != nil {
		return nil, err
	}
	type stored struct {
		ID, Kind string
		Digest   []byte
		Bytes    int64
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[stored])
	if err != nil || len(found) == 0 {
		return nil, err
	}
	out := make(map[string]*raster.Grid, len(found))
	for _, s := range found {
		out[s.Kind], err = r.grids.get(ctx, s.ID+"\x00"+string(s.Digest), func() (*raster.Grid, error) {
			return loadGrid(ctx, tx, schema, s.ID, [32]byte(s.Digest), s.Bytes)
		})
		if err != nil {
			return nil, fmt.Errorf("load the grid %s: %w", s.ID, err)
		}
	}
	return out, nil
}

// loadGrid puts the parts of a grid together.
func loadGrid(ctx context.Context, tx pgx.Tx, schema, id string, digest [32]byte, size int64) (*raster.Grid, error) {
	if size > raster.MaxBytes {
		return nil, fmt.Errorf("it has %d bytes", size)
	}
	rows, err := tx.Query(ctx, "SELECT body FROM "+schema+".grid_part WHERE grid = $1 ORDER BY part",
		pgx.QueryResultFormats{pgx.BinaryFormatCode}, id)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	body := make([]byte, 0, size)
	for rows.Next() {
		part := rows.RawValues()[0]
		if int64(len(body)+len(part)) > size {
			return nil, errors.New("there is more of it than was stored")
		}
		body = append(body, part...)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if sha256.Sum256(body) != digest {
		return nil, errors.New("it is not what was stored: its digest is another one")
	}
	return raster.Parse(body)
}
