package postgis

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"pasaj/geo"
	"pasaj/geo/world"
)

// collect scans all rows of a query and closes it.
func (t *table) collect(rows pgx.Rows, each func(*row)) error {
	defer rows.Close()
	s := t.scanner()
	for rows.Next() {
		got, err := s.scan(rows)
		if err != nil {
			return err
		}
		each(got)
	}
	return rows.Err()
}

// viewQuery selects from an audience's view of a layer. The condition speaks of
// the view as v.
func (t *table) viewQuery(a geo.Audience, condition string) string {
	schema := audienceSchema(a)
	return "SELECT " + t.selectList("v", "v.geom", "r.at") +
		" FROM " + schema + "." + t.layer.Table + " v JOIN " + schema + ".revision r ON r.id = lower(v.known)" +
		" WHERE " + condition + " ORDER BY v.id, lower(v.known), lower(v.valid)"
}

// held lists the layers that worlds of an audience hold rows of.
func held(a geo.Audience) []*geo.Layer {
	var out []*geo.Layer
	for _, l := range geo.Layers() {
		if l.Kind != geo.RecordOnly && l.Audiences.Has(a) {
			out = append(out, l)
		}
	}
	return out
}

// Load reads the world of an audience as it stood at a revision, the newest for
// zero, through the audience's role. The world of an empty record is at
// revision zero. Code not_found for a revision that is not there yet.
func (r *Record) Load(ctx context.Context, a geo.Audience, rev geo.Revision) (*world.World, error) {
	var w *world.World
	err := r.transaction(ctx, snapshot, func(tx pgx.Tx) (err error) {
		w, err = r.load(ctx, tx, a, rev)
		return err
	})
	return w, err
}

func (r *Record) load(ctx context.Context, tx pgx.Tx, a geo.Audience, rev geo.Revision) (*world.World, error) {
	if err := unhurried(ctx, tx); err != nil {
		return nil, err
	}
	if err := become(ctx, tx, a); err != nil {
		return nil, err
	}
	rev, at, err := standing(ctx, tx, a, rev)
	if err != nil {
		return nil, err
	}
	if rev == 0 {
		return world.Empty(a, r.model), nil
	}
	var versions []*geo.Version
	for _, l := range held(a) {
		t := tableOf(l)
		rows, err := tx.Query(ctx, t.viewQuery(a, "v.known @> $1::bigint"), int64(rev))
		if err != nil {
			return nil, err
		}
		if err := t.collect(rows, func(got *row) { versions = append(versions, got.version(l, r.model)) }); err != nil {
			return nil, err
		}
	}
	network, err := r.network(ctx, tx, a, rev)
	if err != nil {
		return nil, err
	}
	grids, err := r.gridsKnown(ctx, tx, a, "known @> $1::bigint", rev)
	if err != nil {
		return nil, err
	}
	w := world.Build(a, r.model, rev, at, versions, network)
	if len(grids) > 0 {
		w, _ = w.Apply(world.Step{Revision: rev, At: at, Grids: grids})
	}
	return w, nil
}

// standing finds when a revision was committed, as the audience's role sees it;
// zero means the newest.
func standing(ctx context.Context, tx pgx.Tx, a geo.Audience, rev geo.Revision) (geo.Revision, time.Time, error) {
	relation := audienceSchema(a) + ".revision"
	query, arguments := "SELECT id, at FROM "+relation+" WHERE id = $1", []any{int64(rev)}
	if rev == 0 {
		query, arguments = "SELECT id, at FROM "+relation+" ORDER BY id DESC LIMIT 1", nil
	}
	var at time.Time
	err := tx.QueryRow(ctx, query, arguments...).Scan(&rev, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		if rev == 0 {
			return 0, time.Time{}, nil
		}
		return 0, time.Time{}, geo.Errorf(geo.CodeNotFound, "", "there is no revision %s", rev)
	}
	return rev, at.UTC(), err
}

// History gives every version of a feature that the audience may see, in the
// order in which they became known, with KnownTo where they were superseded.
// Code not_found when there is none.
func (r *Record) History(ctx context.Context, a geo.Audience, l *geo.Layer, id uuid.UUID) ([]*geo.Version, error) {
	missing := geo.Errorf(geo.CodeNotFound, "", "no feature %s in %s", id, l.Name)
	if l.Kind == geo.RecordOnly || !l.Audiences.Has(a) {
		return nil, missing
	}
	var versions []*geo.Version
	err := r.transaction(ctx, snapshot, func(tx pgx.Tx) error {
		if err := become(ctx, tx, a); err != nil {
			return err
		}
		t := tableOf(l)
		rows, err := tx.Query(ctx, t.viewQuery(a, "v.id = $1"), uuids([]uuid.UUID{id})[0])
		if err != nil {
			return err
		}
		return t.collect(rows, func(got *row) {
			v := got.version(l, r.model)
			v.KnownTo = got.knownTo
			versions = append(versions, v)
		})
	})
	if err == nil && len(versions) == 0 {
		return nil, missing
	}
	return versions, err
}
