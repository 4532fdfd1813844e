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

const tokenColumns = "id, name, role, audience, layers, created_by, created_at, expires_at, revoked_at"

// CreateToken stores a token under the digest of its secret. CreatedAt is the
// record's to set. Code conflict when its ID or secret is taken.
func (r *Record) CreateToken(ctx context.Context, t geo.Token, digest Digest) error {
	if t.Name == "" || len(t.Name) > maxNameBytes {
		return geo.Errorf(geo.CodeInvalid, "/name", "a token's name has 1 to %d bytes", maxNameBytes)
	}
	if _, err := geo.ParseRole(string(t.Role)); err != nil {
		return err
	}
	for _, name := range t.Layers {
		if _, ok := geo.LayerByName(name); !ok {
			return geo.Errorf(geo.CodeInvalid, "/layers", "there is no layer %q", name)
		}
	}
	return r.changeAccounts(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, `INSERT INTO pasaj.token (id, digest, name, role, audience, layers, created_by, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			pgtype.UUID{Bytes: t.ID, Valid: true}, digest[:], t.Name, string(t.Role), t.Audience.String(), t.Layers, t.CreatedBy, t.ExpiresAt)
		if duplicate(err) {
			return geo.Errorf(geo.CodeConflict, "", "there is already such a token")
		}
		return err
	})
}

func scanToken(row pgx.Row) (geo.Token, error) {
	var t geo.Token
	var id pgtype.UUID
	var revoked *time.Time
	err := row.Scan(&id, &t.Name, (*string)(&t.Role), audienceTarget{&t.Audience}, &t.Layers, &t.CreatedBy, &t.CreatedAt, &t.ExpiresAt, &revoked)
	t.ID = id.Bytes
	t.CreatedAt, t.ExpiresAt = t.CreatedAt.UTC(), t.ExpiresAt.UTC()
	if revoked != nil {
		t.RevokedAt = revoked.UTC()
	}
	return t, err
}

// TokenPrincipal finds who a token speaks for and when it expires; code
// unauthenticated when it is unknown, revoked or expired.
func (r *Record) TokenPrincipal(ctx context.Context, digest Digest) (geo.Principal, time.Time, error) {
	var t geo.Token
	err := r.with(ctx, func(c *pgxpool.Conn) (err error) {
		t, err = scanToken(c.QueryRow(ctx, "SELECT "+tokenColumns+` FROM pasaj.token
			WHERE digest = $1 AND revoked_at IS NULL AND expires_at > clock_timestamp()`, digest[:]))
		return err
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return geo.Principal{}, time.Time{}, geo.Errorf(geo.CodeUnauthenticated, "", "the token is not valid")
	}
	if err != nil {
		return geo.Principal{}, time.Time{}, err
	}
	return geo.Principal{
		Account: geo.Account{Name: t.Name, Role: t.Role, Audience: t.Audience, CreatedAt: t.CreatedAt},
		Layers:  t.Layers,
		TokenID: t.ID,
	}, t.ExpiresAt, nil
}

// Tokens lists all tokens, the newest first, those that are over included.
func (r *Record) Tokens(ctx context.Context) ([]geo.Token, error) {
	var out []geo.Token
	err := r.with(ctx, func(c *pgxpool.Conn) error {
		rows, err := c.Query(ctx, "SELECT "+tokenColumns+" FROM pasaj.token ORDER BY created_at DESC, id")
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (geo.Token, error) { return scanToken(row) })
		return err
	})
	return out, err
}

// RevokeToken ends a token for good; code not_found when there is none, or it
// was revoked before.
func (r *Record) RevokeToken(ctx context.Context, id uuid.UUID) error {
	return r.changeAccounts(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "UPDATE pasaj.token SET revoked_at = clock_timestamp() WHERE id = $1 AND revoked_at IS NULL",
			pgtype.UUID{Bytes: id, Valid: true})
		if err == nil && tag.RowsAffected() == 0 {
			return geo.Errorf(geo.CodeNotFound, "", "there is no such token")
		}
		return err
	})
}
