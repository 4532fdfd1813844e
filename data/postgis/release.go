package postgis

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"pasaj/geo"
)

// Limits on releases.
const (
	maxReleaseBytes = 16 << 20
	maxReleaseK     = 1000
	maxFormulaBytes = 100
)

// SaveRelease stores what the public is told from a tick on. A release of that
// tick that is there already stays, whatever it says, so that any number of
// processes may make one. Its revision must have been committed by the tick:
// code unprocessable if not, not_found without such a revision.
func (r *Record) SaveRelease(ctx context.Context, release geo.Release) error {
	if err := checkRelease(&release); err != nil {
		return err
	}
	return r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "SELECT pg_advisory_xact_lock($1)", int64(lockRelease)); err != nil {
			return err
		}
		var committed time.Time
		err := tx.QueryRow(ctx, "SELECT at FROM pasaj.revision WHERE id = $1", int64(release.Revision)).Scan(&committed)
		switch {
		case errors.Is(err, pgx.ErrNoRows):
			return geo.Errorf(geo.CodeNotFound, "", "there is no revision %s", release.Revision)
		case err != nil:
			return err
		case committed.After(release.At):
			return geo.Errorf(geo.CodeUnprocessable, "", "revision %s was committed after the tick of the release", release.Revision)
		}
		_, err = tx.Exec(ctx, "INSERT INTO pasaj.release (at, revision, k, formula, body) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
			release.At, int64(release.Revision), release.K, release.Formula, []byte(release.Body))
		return err
	})
}

func checkRelease(r *geo.Release) error {
	r.At = r.At.UTC().Truncate(time.Microsecond)
	switch {
	case r.At.Year() < 2000 || r.At.Year() > 2100:
		return geo.Errorf(geo.CodeInvalid, "", "a release has a tick between the years 2000 and 2100")
	case r.K < 1 || r.K > maxReleaseK:
		return geo.Errorf(geo.CodeInvalid, "", "the fewest sources behind a figure are 1 to %d", maxReleaseK)
	case r.Formula == "" || len(r.Formula) > maxFormulaBytes || strings.ContainsRune(r.Formula, 0):
		return geo.Errorf(geo.CodeInvalid, "", "the version of the formulas has 1 to %d bytes", maxFormulaBytes)
	case len(r.Body) > maxReleaseBytes:
		return geo.Errorf(geo.CodeTooLarge, "", "a release of %d bytes: at most %d are kept", len(r.Body), maxReleaseBytes)
	}
	body, err := storableObject(r.Body)
	if err != nil {
		return geo.Errorf(geo.CodeInvalid, "", "the figures of a release are one JSON object").WithCause(err)
	}
	r.Body = body
	return nil
}

// Released reports whether the release of a tick was made.
func (r *Record) Released(ctx context.Context, tick time.Time) (found bool, err error) {
	err = r.transaction(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		return tx.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pasaj.release WHERE at = $1)", tick.UTC().Truncate(time.Microsecond)).Scan(&found)
	})
	return found, err
}

// Release gives the newest release of a tick not after an instant, read through
// the audience's role. Code not_found when there is none. Members of the body
// come in an order of the database's, always the same.
func (r *Record) Release(ctx context.Context, a geo.Audience, at time.Time) (geo.Release, error) {
	var out geo.Release
	err := r.transaction(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly}, func(tx pgx.Tx) error {
		if err := become(ctx, tx, a); err != nil {
			return err
		}
		var body []byte
		err := tx.QueryRow(ctx, "SELECT at, revision, k, formula, body FROM "+audienceSchema(a)+".release WHERE at <= $1 ORDER BY at DESC LIMIT 1", at).
			Scan(&out.At, &out.Revision, &out.K, &out.Formula, &body)
		if err != nil {
			return err
		}
		out.At = out.At.UTC()
		// jsonb gives blanks, too.
		var compact bytes.Buffer
		err = json.Compact(&compact, body)
		out.Body = compact.Bytes()
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return geo.Release{}, geo.Errorf(geo.CodeNotFound, "", "nothing was released by then")
	}
	return out, err
}
