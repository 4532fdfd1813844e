package postgis

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"pasaj/geo"
)

// Digest is the SHA-256 of a secret; the record never sees the secret.
type Digest = [32]byte

// changeAccounts runs one change of accounts and tells every process.
func (r *Record) changeAccounts(ctx context.Context, do func(pgx.Tx) error) error {
	return r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, "SELECT pg_notify($1, '')", accountChannel)
		return err
	})
}

// CreateAccount adds an account that has no password yet: a sign-in link lets
// its holder in to set one. Code conflict when the name is taken. CreatedAt and
// Disabled are the record's to set.
func (r *Record) CreateAccount(ctx context.Context, a geo.Account) error {
	if a.Name == "" || len(a.Name) > maxNameBytes {
		return geo.Errorf(geo.CodeInvalid, "/name", "an account's name has 1 to %d bytes", maxNameBytes)
	}
	if _, err := geo.ParseRole(string(a.Role)); err != nil {
		return err
	}
	return r.changeAccounts(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "INSERT INTO pasaj.account (name, role, audience) VALUES ($1, $2, $3)",
			a.Name, string(a.Role), a.Audience.String())
		if duplicate(err) {
			return geo.Errorf(geo.CodeConflict, "/name", "there is already an account of this name")
		}
		return err
	})
}

func duplicate(err error) bool {
	var pgerr *pgconn.PgError
	return errors.As(err, &pgerr) && pgerr.Code == "23505"
}

const accountColumns = "a.name, a.role, a.audience, a.disabled, a.created_at"

// accountTargets scans accountColumns.
func accountTargets(a *geo.Account) []any {
	return []any{&a.Name, (*string)(&a.Role), audienceTarget{&a.Audience}, &a.Disabled, &a.CreatedAt}
}

// audienceTarget scans an audience by its short name.
type audienceTarget struct{ to *geo.Audience }

// Scan implements sql.Scanner.
func (t audienceTarget) Scan(v any) error {
	name, _ := v.(string)
	a, err := geo.ParseAudience(name)
	*t.to = a
	return err
}

// Account finds an account and its password hash, an argon2id string or empty
// while no password was set; code not_found if there is none.
func (r *Record) Account(ctx context.Context, name string) (a geo.Account, passwordHash string, err error) {
	err = r.with(ctx, func(c *pgxpool.Conn) error {
		return c.QueryRow(ctx, "SELECT "+accountColumns+", a.password_hash FROM pasaj.account a WHERE a.name = $1", name).
			Scan(append(accountTargets(&a), &passwordHash)...)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return geo.Account{}, "", errNoAccount
	}
	a.CreatedAt = a.CreatedAt.UTC()
	return a, passwordHash, err
}

var errNoAccount = geo.Errorf(geo.CodeNotFound, "", "there is no such account")

// Accounts lists all accounts by name.
func (r *Record) Accounts(ctx context.Context) ([]geo.Account, error) {
	var out []geo.Account
	err := r.with(ctx, func(c *pgxpool.Conn) error {
		rows, err := c.Query(ctx, "SELECT "+accountColumns+" FROM pasaj.account a ORDER BY a.name")
		if err != nil {
			return err
		}
		out, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (a geo.Account, err error) {
			err = row.Scan(accountTargets(&a)...)
			a.CreatedAt = a.CreatedAt.UTC()
			return a, err
		})
		return err
	})
	return out, err
}

// SetPassword stores a new hash and ends every session of the account.
func (r *Record) SetPassword(ctx context.Context, name, passwordHash string) error {
	return r.changeAccounts(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "UPDATE pasaj.account SET password_hash = $2 WHERE name = $1", name, passwordHash)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNoAccount
		}
		_, err = tx.Exec(ctx, "DELETE FROM pasaj.session WHERE account = $1", name)
		return err
	})
}

// SetDisabled shuts an account out, ending its sessions and open links, or lets
// it in again.
func (r *Record) SetDisabled(ctx context.Context, name string, disabled bool) error {
	return r.changeAccounts(ctx, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "UPDATE pasaj.account SET disabled = $2 WHERE name = $1", name, disabled)
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNoAccount
		}
		if !disabled {
			return nil
		}
		if _, err = tx.Exec(ctx, "DELETE FROM pasaj.session WHERE account = $1", name); err != nil {
			return err
		}
		_, err = tx.Exec(ctx, "DELETE FROM pasaj.sign_in_link WHERE account = $1", name)
		return err
	})
}

// CreateSession starts a session of an account until it expires, and clears
// away what has expired.
func (r *Record) CreateSession(ctx context.Context, digest Digest, name string, expires time.Time) error {
	return r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM pasaj.session WHERE expires_at < clock_timestamp()"); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO pasaj.session (digest, account, expires_at)
			SELECT $1, name, $3 FROM pasaj.account WHERE name = $2 AND NOT disabled`, digest[:], name, expires)
		if err == nil && tag.RowsAffected() == 0 {
			return errNoAccount
		}
		return err
	})
}

// Session finds who a session belongs to and when it expires; code
// unauthenticated when it is unknown, over, or its account disabled.
func (r *Record) Session(ctx context.Context, digest Digest) (p geo.Principal, expires time.Time, err error) {
	err = r.with(ctx, func(c *pgxpool.Conn) error {
		return c.QueryRow(ctx, "SELECT "+accountColumns+`, s.expires_at
			FROM pasaj.session s JOIN pasaj.account a ON a.name = s.account
			WHERE s.digest = $1 AND s.expires_at > clock_timestamp() AND NOT a.disabled`, digest[:]).
			Scan(append(accountTargets(&p.Account), &expires)...)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return geo.Principal{}, time.Time{}, geo.Errorf(geo.CodeUnauthenticated, "", "the session is over")
	}
	p.CreatedAt = p.CreatedAt.UTC()
	return p, expires.UTC(), err
}

// DeleteSession ends a session; one that is not there is ended already.
func (r *Record) DeleteSession(ctx context.Context, digest Digest) error {
	return r.changeAccounts(ctx, func(tx pgx.Tx) error {
		_, err := tx.Exec(ctx, "DELETE FROM pasaj.session WHERE digest = $1", digest[:])
		return err
	})
}

// CreateLink makes a one-time link by which an account signs in.
func (r *Record) CreateLink(ctx context.Context, name string, digest Digest, expires time.Time) error {
	return r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "DELETE FROM pasaj.sign_in_link WHERE expires_at < clock_timestamp()"); err != nil {
			return err
		}
		tag, err := tx.Exec(ctx, `INSERT INTO pasaj.sign_in_link (digest, account, expires_at)
			SELECT $1, name, $3 FROM pasaj.account WHERE name = $2 AND NOT disabled`, digest[:], name, expires)
		if err == nil && tag.RowsAffected() == 0 {
			return errNoAccount
		}
		return err
	})
}

// RedeemLink uses a link up and gives its account; code unauthenticated when it
// is unknown, used or expired. Of several at once, one succeeds.
func (r *Record) RedeemLink(ctx context.Context, digest Digest) (a geo.Account, err error) {
	err = r.with(ctx, func(c *pgxpool.Conn) error {
		return c.QueryRow(ctx, `UPDATE pasaj.sign_in_link l SET used_at = clock_timestamp() FROM pasaj.account a
			WHERE a.name = l.account AND NOT a.disabled AND l.digest = $1 AND l.used_at IS NULL AND l.expires_at > clock_timestamp()
			RETURNING `+accountColumns, digest[:]).Scan(accountTargets(&a)...)
	})
	if errors.Is(err, pgx.ErrNoRows) {
		return geo.Account{}, geo.Errorf(geo.CodeUnauthenticated, "", "the link was used or has expired")
	}
	a.CreatedAt = a.CreatedAt.UTC()
	return a, err
}
