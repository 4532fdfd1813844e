package postgis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"pasaj/geo"
)

// store writes the difference between the timelines as they were and as they
// are: rows that no longer stand are closed, new ones added.
func (w *writer) store(ctx context.Context) error {
	if err := w.storeChanges(ctx); err != nil {
		return err
	}
	byLayer := map[*geo.Layer][]*timeline{}
	for _, t := range w.order {
		byLayer[t.layer] = append(byLayer[t.layer], t)
	}
	for _, l := range geo.Layers() {
		if len(byLayer[l]) == 0 {
			continue
		}
		if err := w.closeRows(ctx, l, byLayer[l]); err != nil {
			return err
		}
		if err := w.addRows(ctx, l, byLayer[l]); err != nil {
			return err
		}
	}
	return nil
}

// storeChanges lists what the revision touched, for followers.
func (w *writer) storeChanges(ctx context.Context) error {
	var layers, actions []string
	for _, c := range w.batch.Changes {
		layers, actions = append(layers, c.Layer.Name), append(actions, string(c.Action))
	}
	_, err := w.tx.Exec(ctx, `INSERT INTO pasaj.revision_change (revision, layer, feature_id, action)
		SELECT $1, * FROM unnest($2::text[], $3::uuid[], $4::text[])`, int64(w.revision), layers, uuids(w.ids), actions)
	return err
}

// closeRows ends the being known of stored rows that are not among the states.
func (w *writer) closeRows(ctx context.Context, l *geo.Layer, timelines []*timeline) error {
	var ids []uuid.UUID
	var starts []pgtype.Timestamptz
	for _, t := range timelines {
		for _, s := range t.stored {
			stays := slices.ContainsFunc(t.states, func(have geo.State) bool {
				return have.Known == s.Known && have.Valid.From.Equal(s.Valid.From)
			})
			if !stays {
				ids, starts = append(ids, t.id), append(starts, start(s.Valid.From))
			}
		}
	}
	if len(ids) == 0 {
		return nil
	}
	tag, err := w.tx.Exec(ctx, `UPDATE pasaj.`+l.Table+` SET known = int8range(lower(known), $1)
		WHERE id = ANY ($2) AND upper_inf(known)
		AND (id, coalesce(lower(valid), '-infinity')) IN (SELECT * FROM unnest($2::uuid[], $3::timestamptz[]))`,
		int64(w.revision), uuids(ids), starts)
	if err == nil && tag.RowsAffected() != int64(len(ids)) {
		err = fmt.Errorf("%d of %d rows of %s were closed", tag.RowsAffected(), len(ids), l.Table)
	}
	return err
}

func start(from time.Time) pgtype.Timestamptz {
	if from.IsZero() {
		return pgtype.Timestamptz{InfinityModifier: pgtype.NegativeInfinity, Valid: true}
	}
	return pgtype.Timestamptz{Time: from, Valid: true}
}

// addRows inserts the states that the batch made known, a chunk at a time. The
// position of an answer in its chunk tells which change a refusal belongs to.
func (w *writer) addRows(ctx context.Context, l *geo.Layer, timelines []*timeline) error {
	t := tableOf(l)
	insert := t.insertSQL()
	batch, owners := &pgx.Batch{}, []int(nil)
	send := func() error {
		if len(owners) == 0 {
			return nil
		}
		results := w.tx.SendBatch(ctx, batch)
		for _, change := range owners {
			if _, err := results.Exec(); err != nil {
				if refused := refusal(err, t); refused != nil {
					err = w.indexed(change, refused)
				}
				results.Close() // reports the same failure once more
				return err
			}
		}
		batch, owners = &pgx.Batch{}, nil
		return results.Close()
	}
	for _, feature := range timelines {
		for _, s := range feature.states {
			if s.Known != 0 {
				continue
			}
			arguments, err := t.arguments(feature.id, s, w.revision)
			if err != nil {
				return w.indexed(feature.change, err)
			}
			batch.Queue(insert, arguments...)
			if owners = append(owners, feature.change); len(owners) == chunkRows {
				if err := send(); err != nil {
					return err
				}
			}
		}
	}
	return send()
}
