package postgis

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"pasaj/geo"
)

// Limits on watches.
const (
	MaxWatches      = 50 // of one account at a time
	WatchLife       = 7 * 24 * time.Hour
	MaxWatchLife    = 90 * 24 * time.Hour
	maxWatchBytes   = 64 << 10
	maxJSONDepth    = 32
	maxAdviceBytes  = 60
	maxWatchReasons = 500
)

// A watch shows to nobody but a transaction that names its owner, or that says
// it is for all: row-level security on pasaj.watch asks these settings. What is
// stored is checked before it is sent, because a server writes what it refuses
// into its log.
const (
	watchOwner = "pasaj.watch_owner"
	watchScope = "pasaj.watch_scope"
)

// watching runs a transaction that sees the watches of an owner, all for "".
func (r *Record) watching(ctx context.Context, owner string, do func(pgx.Tx) error) error {
	return r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		setting, value := watchOwner, owner
		if owner == "" {
			setting, value = watchScope, "all"
		}
		if _, err := tx.Exec(ctx, "SELECT set_config($1, $2, true)", setting, value); err != nil {
			return err
		}
		return do(tx)
	})
}

// tellWatches has every process look at the watches again.
func tellWatches(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SELECT pg_notify($1, '')", watchChannel)
	return err
}

var errNoWatch = geo.Errorf(geo.CodeNotFound, "", "there is no such watch")

// CreateWatch stores a watch of an account; its ID, audience and times are the
// record's to set, but for ExpiresAt, which may lie up to MaxWatchLife ahead;
// the zero time means WatchLife. It clears away what has expired. Code conflict
// when the account has MaxWatches, not_found without such an account.
func (r *Record) CreateWatch(ctx context.Context, w geo.Watch) (geo.Watch, error) {
	if w.Owner == "" {
		return geo.Watch{}, errNoAccount
	}
	request, err := watchRequest(w.Request)
	if err != nil {
		return geo.Watch{}, err
	}
	w.ID, w.Request, w.Verdict = uuid.New(), request, nil
	err = r.watching(ctx, w.Owner, func(tx pgx.Tx) error {
		// The account is locked, so that its watches are counted one by one.
		err := tx.QueryRow(ctx, "SELECT audience, clock_timestamp() FROM pasaj.account WHERE name = $1 AND NOT disabled FOR UPDATE", w.Owner).
			Scan(audienceTarget{&w.Audience}, &w.CreatedAt)
		if errors.Is(err, pgx.ErrNoRows) {
			return errNoAccount
		}
		if err != nil {
			return err
		}
		w.CreatedAt = w.CreatedAt.UTC()
		if w.ExpiresAt.IsZero() {
			w.ExpiresAt = w.CreatedAt.Add(WatchLife)
		}
		w.ExpiresAt = w.ExpiresAt.UTC().Truncate(time.Microsecond)
		if !w.ExpiresAt.After(w.CreatedAt) || w.ExpiresAt.Sub(w.CreatedAt) > MaxWatchLife {
			return geo.Errorf(geo.CodeInvalid, "/expires_at", "a watch ends within the next %d days", int(MaxWatchLife.Hours()/24))
		}
		if _, err := tx.Exec(ctx, "DELETE FROM pasaj.watch WHERE owner = $1 AND expires_at <= $2", w.Owner, w.CreatedAt); err != nil {
			return err
		}
		var have int
		if err := tx.QueryRow(ctx, "SELECT count(*) FROM pasaj.watch WHERE owner = $1", w.Owner).Scan(&have); err != nil {
			return err
		}
		if have >= MaxWatches {
			return geo.Errorf(geo.CodeConflict, "", "an account has at most %d watches: delete one first", MaxWatches)
		}
		_, err = tx.Exec(ctx, `INSERT INTO pasaj.watch (id, owner, audience, request, created_at, expires_at)
			VALUES ($1, $2, $3, $4, $5, $6)`,
			watchID(w.ID), w.Owner, w.Audience.String(), []byte(w.Request), w.CreatedAt, w.ExpiresAt)
		if err != nil {
			return err
		}
		return tellWatches(ctx, tx)
	})
	if err != nil {
		return geo.Watch{}, err
	}
	return w, nil
}

func watchID(id uuid.UUID) pgtype.UUID { return pgtype.UUID{Bytes: id, Valid: true} }

// watchRequest gives a JSON object that PostgreSQL takes for certain.
func watchRequest(raw json.RawMessage) (json.RawMessage, error) {
	if len(raw) > maxWatchBytes {
		return nil, geo.Errorf(geo.CodeTooLarge, "/request", "a watched request has at most %d bytes", maxWatchBytes)
	}
	out, err := storableObject(raw)
	if err != nil || len(out) > 2*maxWatchBytes {
		return nil, geo.Errorf(geo.CodeInvalid, "/request", "a watched request is one JSON object of ordinary texts and numbers")
	}
	return out, nil
}

// storableObject gives a JSON object in a form that jsonb takes for certain.
func storableObject(raw []byte) (json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if object == nil || !storable(object, 0) {
		return nil, errors.New("not an object that is stored")
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return json.Marshal(object) // lone surrogates and the like are replaced
}

// storable reports whether jsonb takes a value: no NUL in texts, no endless
// nesting, no numbers beyond a float's.
func storable(v any, depth int) bool {
	switch v := v.(type) {
	case map[string]any:
		for key, member := range v {
			if !storable(key, depth) || !storable(member, depth+1) {
				return false
			}
		}
		return depth < maxJSONDepth
	case []any:
		return depth < maxJSONDepth && !slices.ContainsFunc(v, func(member any) bool { return !storable(member, depth+1) })
	case string:
		return !bytes.ContainsRune([]byte(v), 0)
	case json.Number:
		_, err := v.Float64()
		return err == nil && len(v) <= 40
	}
	return true
}

const watchColumns = "w.id, w.owner, w.audience, w.request, w.created_at, w.expires_at, w.verdict"

// watches selects those that have not expired and whose owner is not disabled.
func watches(ctx context.Context, tx pgx.Tx, condition string, arguments ...any) ([]geo.Watch, error) {
	rows, err := tx.Query(ctx, "SELECT "+watchColumns+` FROM pasaj.watch w JOIN pasaj.account a ON a.name = w.owner
		WHERE w.expires_at > clock_timestamp() AND NOT a.disabled AND `+condition+` ORDER BY w.created_at, w.id`, arguments...)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (w geo.Watch, err error) {
		var id pgtype.UUID
		var request, verdict []byte
		err = row.Scan(&id, &w.Owner, audienceTarget{&w.Audience}, &request, &w.CreatedAt, &w.ExpiresAt, &verdict)
		if err != nil {
			return w, err
		}
		w.ID, w.Request = id.Bytes, request
		w.CreatedAt, w.ExpiresAt = w.CreatedAt.UTC(), w.ExpiresAt.UTC()
		if verdict != nil {
			w.Verdict = &geo.WatchVerdict{}
			err = json.Unmarshal(verdict, w.Verdict)
		}
		return w, err
	})
}

// Watches lists the watches of an account that have not expired, the oldest
// first.
func (r *Record) Watches(ctx context.Context, owner string) (out []geo.Watch, err error) {
	if owner == "" {
		return nil, nil
	}
	err = r.watching(ctx, owner, func(tx pgx.Tx) (err error) {
		out, err = watches(ctx, tx, "w.owner = $1", owner)
		return err
	})
	return out, err
}

// Watch finds a watch of an account; code not_found when it has none of this ID.
func (r *Record) Watch(ctx context.Context, owner string, id uuid.UUID) (geo.Watch, error) {
	if owner == "" {
		return geo.Watch{}, errNoWatch
	}
	var found []geo.Watch
	err := r.watching(ctx, owner, func(tx pgx.Tx) (err error) {
		found, err = watches(ctx, tx, "w.owner = $1 AND w.id = $2", owner, watchID(id))
		return err
	})
	if err != nil {
		return geo.Watch{}, err
	}
	if len(found) == 0 {
		return geo.Watch{}, errNoWatch
	}
	return found[0], nil
}

// AllWatches lists the watches of all accounts, for whoever answers them anew
// after a change. It deletes those that have expired.
func (r *Record) AllWatches(ctx context.Context) (out []geo.Watch, err error) {
	err = r.watching(ctx, "", func(tx pgx.Tx) (err error) {
		if _, err := tx.Exec(ctx, "DELETE FROM pasaj.watch WHERE expires_at <= clock_timestamp()"); err != nil {
			return err
		}
		out, err = watches(ctx, tx, "true")
		return err
	})
	return out, err
}

// SaveVerdict stores what was last answered to a watch, unless an answer of a
// later revision is there already. Code not_found when the watch is gone.
func (r *Record) SaveVerdict(ctx context.Context, id uuid.UUID, v geo.WatchVerdict) error {
	if len(v.Advice) > maxAdviceBytes || !storable(v.Advice, 0) || len(v.Reasons) > maxWatchReasons {
		return geo.Errorf(geo.CodeInvalid, "", "a verdict is a word and at most %d reasons", maxWatchReasons)
	}
	raw, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return r.watching(ctx, "", func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, `UPDATE pasaj.watch SET verdict =
			CASE WHEN (verdict->>'revision')::bigint > $2 THEN verdict ELSE $3::jsonb END WHERE id = $1`, watchID(id), int64(v.Revision), raw)
		if err == nil && tag.RowsAffected() == 0 {
			return errNoWatch
		}
		return err
	})
}

// DeleteWatch deletes a watch of an account. Nothing of it stays on record;
// code not_found when the account has none of this ID.
func (r *Record) DeleteWatch(ctx context.Context, owner string, id uuid.UUID) error {
	if owner == "" {
		return errNoWatch
	}
	return r.watching(ctx, owner, func(tx pgx.Tx) error {
		tag, err := tx.Exec(ctx, "DELETE FROM pasaj.watch WHERE owner = $1 AND id = $2", owner, watchID(id))
		if err != nil {
			return err
		}
		if tag.RowsAffected() == 0 {
			return errNoWatch
		}
		return tellWatches(ctx, tx)
	})
}
