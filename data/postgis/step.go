package postgis

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"

	"pasaj/geo"
	"pasaj/geo/world"
)

// maxEvents is the longest stretch of revisions that Events rebuilds. Who is
// further back loads the whole world in less time.
const maxEvents = 10_000

// stretch is the revisions in (after, upTo] and what they touched.
type stretch struct {
	after, upTo geo.Revision
	stamps      []stamp
	touched     map[*geo.Layer][]uuid.UUID
	networks    []geo.Revision // that brought a road network
	grids       []geo.Revision // that brought a grid
}

type stamp struct {
	revision geo.Revision
	at       time.Time
}

// readStretch lists revisions and touched features; it needs the record's own
// role, because revision_change tells of features that no audience may see.
func readStretch(ctx context.Context, tx pgx.Tx, after, upTo geo.Revision) (*stretch, error) {
	s := &stretch{after: after, upTo: upTo, touched: map[*geo.Layer][]uuid.UUID{}}
	rows, err := tx.Query(ctx, "SELECT id, at FROM pasaj.revision WHERE id > $1 AND id <= $2 ORDER BY id", int64(after), int64(upTo))
	if err != nil {
		return nil, err
	}
	s.stamps, err = pgx.CollectRows(rows, func(row pgx.CollectableRow) (out stamp, err error) {
		err = row.Scan(&out.revision, &out.at)
		out.at = out.at.UTC()
		return out, err
	})
	if err != nil {
		return nil, err
	}
	if len(s.stamps) != int(upTo-after) {
		return nil, fmt.Errorf("%d revisions between %s and %s", len(s.stamps), after, upTo)
	}
	rows, err = tx.Query(ctx, `SELECT DISTINCT layer, feature_id, CASE WHEN feature_id IS NULL THEN revision END
		FROM pasaj.revision_change WHERE revision > $1 AND revision <= $2`, int64(after), int64(upTo))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var id pgtype.UUID
		var revision *int64
		if err := rows.Scan(&name, &id, &revision); err != nil {
			return nil, err
		}
		switch l, ok := geo.LayerByName(name); {
		case name == networkLayer && revision != nil:
			s.networks = append(s.networks, geo.Revision(*revision))
		case name == gridLayer && revision != nil:
			s.grids = append(s.grids, geo.Revision(*revision))
		case ok && id.Valid:
			s.touched[l] = append(s.touched[l], id.Bytes)
		}
	}
	return s, rows.Err()
}

// steps reads what an audience may see of the touched features, through its
// role, and sorts it by revision: one step for each, empty ones included. base
// is what stood before the first.
func (r *Record) steps(ctx context.Context, tx pgx.Tx, a geo.Audience, s *stretch) (steps []world.Step, base []*geo.Version, err error) {
	if err := become(ctx, tx, a); err != nil {
		return nil, nil, err
	}
	steps = make([]world.Step, len(s.stamps))
	for i, stamp := range s.stamps {
		steps[i].Revision, steps[i].At = stamp.revision, stamp.at
	}
	at := func(rev geo.Revision) *world.Step { return &steps[rev-s.after-1] }
	for _, l := range held(a) {
		if len(s.touched[l]) == 0 {
			continue
		}
		t := tableOf(l)
		rows, err := tx.Query(ctx, t.viewQuery(a, "v.id = ANY ($1) AND lower(v.known) <= $3 AND (upper_inf(v.known) OR upper(v.known) > $2)"),
			uuids(s.touched[l]), int64(s.after), int64(s.upTo))
		if err != nil {
			return nil, nil, err
		}
		err = t.collect(rows, func(got *row) {
			v := got.version(l, r.model)
			if got.known > s.after {
				step := at(got.known)
				step.Opened = append(step.Opened, v)
			} else {
				base = append(base, v)
			}
			if got.knownTo != 0 && got.knownTo <= s.upTo {
				step := at(got.knownTo)
				step.Closed = append(step.Closed, v)
			}
		})
		if err != nil {
			return nil, nil, err
		}
	}
	for _, rev := range s.networks {
		if at(rev).Network, err = r.network(ctx, tx, a, rev); err != nil {
			return nil, nil, err
		}
	}
	for _, rev := range s.grids {
		if at(rev).Grids, err = r.gridsKnown(ctx, tx, a, "lower(known) = $1", rev); err != nil {
			return nil, nil, err
		}
	}
	return steps, base, nil
}

// Events rebuilds from the record what each revision in (after, upTo] changed
// for an audience: one event for each revision, in order, without gaps, the
// same that Follow published when it happened. Code gone when the stretch is
// longer than the record rebuilds, not_found when upTo is not there yet.
func (r *Record) Events(ctx context.Context, a geo.Audience, after, upTo geo.Revision) ([]geo.Event, error) {
	switch {
	case after < 0 || upTo <= after:
		return nil, nil
	case upTo-after > maxEvents:
		return nil, geo.Errorf(geo.CodeGone, "", "revision %s is too far back to replay; load everything", after)
	}
	var events []geo.Event
	err := r.transaction(ctx, snapshot, func(tx pgx.Tx) error {
		if _, _, err := newestBy(ctx, tx, upTo); err != nil {
			return err
		}
		s, err := readStretch(ctx, tx, after, upTo)
		if err != nil {
			return err
		}
		s.networks, s.grids = nil, nil // they are no part of an event
		steps, base, err := r.steps(ctx, tx, a, s)
		if err != nil {
			return err
		}
		w := world.Build(a, r.model, after, time.Time{}, base, nil)
		for _, step := range steps {
			var event geo.Event
			w, event = w.Apply(step)
			events = append(events, event)
		}
		return nil
	})
	return events, err
}

// newestBy gives the newest revision and refuses when it is below one asked for.
func newestBy(ctx context.Context, tx pgx.Tx, wanted geo.Revision) (geo.Revision, time.Time, error) {
	rev, at, err := newest(ctx, tx)
	if err == nil && rev < wanted {
		err = geo.Errorf(geo.CodeNotFound, "", "there is no revision %s", wanted)
	}
	return rev, at, err
}
