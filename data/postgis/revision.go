package postgis

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"

	"pasaj/geo"
)

// Channels that commits are announced on.
const (
	revisionChannel = "pasaj_revision"
	accountChannel  = "pasaj_account"
	watchChannel    = "pasaj_watch"
)

// receiptsKept is how long a repeated request is recognised.
const receiptsKept = 7 * 24 * time.Hour

// nextRevision is a revision in the making. The transaction holds the lock
// that hands them out until it ends, so none is skipped and none overtakes.
type nextRevision struct {
	revision geo.Revision
	at       time.Time
	author   geo.Author
	reason   string
}

// takeRevision waits for the writers before and numbers this one.
func takeRevision(ctx context.Context, tx pgx.Tx, author geo.Author, reason string) (*nextRevision, error) {
	// The lock is a statement of its own: the next one then sees all that
	// earlier holders committed.
	if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockWrite)); err != nil {
		return nil, err
	}
	next := &nextRevision{author: author, reason: reason}
	err := tx.QueryRow(ctx, `
		SELECT coalesce(max(id), 0) + 1, greatest(clock_timestamp(), max(at) + interval '1 microsecond')
		FROM (SELECT id, at FROM pasaj.revision ORDER BY id DESC LIMIT 1) newest`).Scan(&next.revision, &next.at)
	next.at = next.at.UTC()
	return next, err
}

// record stores the revision itself.
func (n *nextRevision) record(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, `INSERT INTO pasaj.revision (id, at, author, reason, audience) VALUES ($1, $2, $3, $4, $5)`,
		int64(n.revision), n.at, n.author.Name, n.reason, n.author.Audience.String())
	return err
}

// tell announces the revision to all followers when the transaction commits.
func (n *nextRevision) tell(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT pg_notify($1, $2)", revisionChannel, n.revision.String())
	return err
}

// repeatedReceipt finds the receipt of a request that was sent before.
func repeatedReceipt(ctx context.Context, tx pgx.Tx, author geo.Author, once geo.Once) (receipt geo.Receipt, found bool, err error) {
	var digest []byte
	var ids []pgtype.UUID
	err = tx.QueryRow(ctx, `
		SELECT o.digest, o.revision, o.ids, r.at FROM pasaj.once o JOIN pasaj.revision r ON r.id = o.revision
		WHERE o.author = $1 AND o.key = $2`, author.Name, once.Key).Scan(&digest, &receipt.Revision, &ids, &receipt.At)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return geo.Receipt{}, false, nil
	case err != nil:
		return geo.Receipt{}, false, err
	case string(digest) != string(once.Digest[:]):
		return geo.Receipt{}, false, geo.Errorf(geo.CodeConflict, "", "this idempotency key was used for another request")
	}
	receipt.At, receipt.Repeated = receipt.At.UTC(), true
	receipt.IDs = make([]uuid.UUID, len(ids))
	for i, id := range ids {
		receipt.IDs[i] = id.Bytes
	}
	return receipt, true, nil
}

func keepReceipt(ctx context.Context, tx pgx.Tx, author geo.Author, once geo.Once, receipt geo.Receipt) error {
	if _, err := tx.Exec(ctx, "DELETE FROM pasaj.once WHERE at < $1", receipt.At.Add(-receiptsKept)); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, `INSERT INTO pasaj.once (author, key, digest, revision, ids, at) VALUES ($1, $2, $3, $4, $5, $6)`,
		author.Name, once.Key, once.Digest[:], int64(receipt.Revision), uuids(receipt.IDs), receipt.At)
	return err
}

// Resolve finds the revision that asof means: the one named, the last one
// committed by the instant, or the newest for the zero AsOf. Code not_found
// when there is none.
func (r *Record) Resolve(ctx context.Context, asof geo.AsOf) (geo.Revision, time.Time, error) {
	query, argument := "SELECT id, at FROM pasaj.revision WHERE id = $1", any(int64(asof.Revision))
	switch {
	case asof.IsZero():
		query, argument = "SELECT id, at FROM pasaj.revision WHERE $1::bigint IS NULL ORDER BY id DESC LIMIT 1", nil
	case asof.Revision == 0:
		query, argument = "SELECT id, at FROM pasaj.revision WHERE at <= $1 ORDER BY at DESC LIMIT 1", asof.Time
	}
	var found geo.Revision
	var at time.Time
	err := r.with(ctx, func(c *pgxpool.Conn) error { return c.QueryRow(ctx, query, argument).Scan(&found, &at) })
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, time.Time{}, geo.Errorf(geo.CodeNotFound, "", "the record knew nothing as of then")
	}
	return found, at.UTC(), err
}
