package postgis

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"pasaj/geo"
)

// Limits of one batch.
const (
	MaxChanges   = 50_000
	maxNameBytes = 100
	maxReason    = 500
	maxKeyBytes  = 200
	chunkRows    = 1000 // rows sent to the server at a time
)

// Write makes one revision of a batch, all of it or nothing.
//
// The author must see what is changed (else not_found) and what comes out of it
// (else forbidden); states of a feature that the author may not see are left as
// they are. If-Match must name the revision of the latest state the author
// sees, or of the state the change starts in (else precondition_failed).
//
// The record itself sets author, revision_reason (from the batch, where the
// feature names none), length_m of national roads and confidence: of the
// observations linked, each source once with its best grade, else of the
// feature's own grade. Groups that are named must exist.
//
// Errors about one change of several carry a pointer that begins with
// /changes/<index>.
func (r *Record) Write(ctx context.Context, b geo.Batch) (geo.Receipt, error) {
	if err := checkBatch(b); err != nil {
		return geo.Receipt{}, err
	}
	var receipt geo.Receipt
	err := r.transaction(ctx, pgx.TxOptions{}, func(tx pgx.Tx) error {
		if len(b.Changes) > chunkRows {
			if err := unhurried(ctx, tx); err != nil {
				return err
			}
		}
		next, err := takeRevision(ctx, tx, b.Author, b.Reason)
		if err != nil {
			return err
		}
		if b.Once != nil {
			repeated, found, err := repeatedReceipt(ctx, tx, b.Author, *b.Once)
			if err != nil || found {
				receipt = repeated
				return err
			}
		}
		w := &writer{record: r, tx: tx, batch: b, revision: next.revision, at: next.at, timelines: map[featureKey]*timeline{}}
		if err := w.run(ctx); err != nil {
			return err
		}
		receipt = geo.Receipt{Revision: next.revision, At: next.at, IDs: w.ids}
		if err := next.record(ctx, tx); err != nil {
			return err
		}
		if err := w.store(ctx); err != nil {
			return err
		}
		if b.Once != nil {
			if err := keepReceipt(ctx, tx, b.Author, *b.Once, receipt); err != nil {
				return err
			}
		}
		return next.tell(ctx, tx)
	})
	if err != nil {
		return geo.Receipt{}, err
	}
	return receipt, nil
}

func checkBatch(b geo.Batch) error {
	switch {
	case len(b.Changes) == 0:
		return geo.Errorf(geo.CodeInvalid, "", "there is nothing to change")
	case len(b.Changes) > MaxChanges:
		return geo.Errorf(geo.CodeTooLarge, "", "%d changes: at most %d at a time", len(b.Changes), MaxChanges)
	case b.Once != nil && (b.Once.Key == "" || len(b.Once.Key) > maxKeyBytes):
		return geo.Errorf(geo.CodeInvalid, "", "an idempotency key has 1 to %d bytes", maxKeyBytes)
	}
	return checkAuthor(b.Author, b.Reason)
}

func checkAuthor(a geo.Author, reason string) error {
	switch {
	case a.Name == "" || len(a.Name) > maxNameBytes:
		return geo.Errorf(geo.CodeInvalid, "", "an author's name has 1 to %d bytes", maxNameBytes)
	case !slices.Contains(geo.Audiences(), a.Audience):
		return geo.Errorf(geo.CodeInvalid, "", "an author belongs to an audience")
	case len(reason) > maxReason:
		return geo.Errorf(geo.CodeInvalid, "", "a reason has at most %d bytes", maxReason)
	}
	return nil
}

// writer works out one batch: timelines are read, revised in memory and only
// then stored.
type writer struct {
	record    *Record
	tx        pgx.Tx
	batch     geo.Batch
	revision  geo.Revision
	at        time.Time
	timelines map[featureKey]*timeline
	order     []*timeline // as first touched
	ids       []uuid.UUID // of the feature of each change
}

type featureKey struct {
	layer *geo.Layer
	id    uuid.UUID
}

// timeline is one feature in the middle of a batch.
type timeline struct {
	featureKey
	stored []geo.State // as the record holds it now
	states []geo.State // as it will be
	change int         // index of the last change to it, for error messages
}

// run works the batch out without storing anything.
func (w *writer) run(ctx context.Context) error {
	w.ids = make([]uuid.UUID, len(w.batch.Changes))
	for i, c := range w.batch.Changes {
		if c.Layer == nil {
			return w.indexed(i, geo.Errorf(geo.CodeInvalid, "", "a change names no layer"))
		}
		w.ids[i] = c.ID
		if c.ID == uuid.Nil {
			if c.Action != geo.Create {
				return w.indexed(i, geo.Errorf(geo.CodeInvalid, "/id", "the change names no feature"))
			}
			w.ids[i] = uuid.New()
		}
	}
	if err := w.readTimelines(ctx); err != nil {
		return err
	}
	for i, c := range w.batch.Changes {
		c.ID = w.ids[i]
		t := w.timelines[featureKey{c.Layer, c.ID}]
		t.change = i
		if err := w.revise(t, c); err != nil {
			return w.indexed(i, err)
		}
	}
	if err := w.checkGroups(ctx); err != nil {
		return err
	}
	return w.complete(ctx)
}

// indexed puts the index of a change before an error's pointer, where there is more
// than one.
func (w *writer) indexed(change int, err error) error {
	if len(w.batch.Changes) < 2 {
		return err
	}
	prefix := fmt.Sprintf("/changes/%d", change)
	switch e := err.(type) {
	case *geo.Error:
		moved := *e
		moved.Pointer = prefix + e.Pointer
		return &moved
	case geo.Errors:
		out := make(geo.Errors, len(e))
		for i, one := range e {
			moved := *one
			moved.Pointer = prefix + one.Pointer
			out[i] = &moved
		}
		return out
	}
	return err
}

// readTimelines fetches what the record holds of every feature in the batch. A
// batch of new features reads nothing.
func (w *writer) readTimelines(ctx context.Context) error {
	wanted := map[*geo.Layer][]uuid.UUID{}
	for i, c := range w.batch.Changes {
		key := featureKey{c.Layer, w.ids[i]}
		if w.timelines[key] != nil {
			continue
		}
		t := &timeline{featureKey: key}
		w.timelines[key] = t
		w.order = append(w.order, t)
		if c.ID != uuid.Nil {
			wanted[c.Layer] = append(wanted[c.Layer], c.ID)
		}
	}
	for l, ids := range wanted {
		t := tableOf(l)
		rows, err := w.tx.Query(ctx, "SELECT "+t.selectList("t", t.ownGeometry("t"), "NULL::timestamptz")+
			" FROM pasaj."+l.Table+" t WHERE t.id = ANY ($1) AND upper_inf(t.known) ORDER BY t.id, lower(t.valid) NULLS FIRST", uuids(ids))
		if err != nil {
			return err
		}
		err = t.collect(rows, func(got *row) {
			to := w.timelines[featureKey{l, got.id}]
			to.stored = append(to.stored, geo.State{Valid: got.valid, Geometry: got.geometry, Values: got.values, Known: got.known})
		})
		if err != nil {
			return err
		}
	}
	for _, t := range w.order {
		t.states = t.stored
	}
	return nil
}

// revise applies one change to what its author can see of the feature.
func (w *writer) revise(t *timeline, c geo.Change) error {
	by := w.batch.Author
	var seen, hidden []geo.State
	for _, s := range t.states {
		if w.sees(t.layer, s) {
			seen = append(seen, s)
		} else {
			hidden = append(hidden, s)
		}
	}
	if len(seen) == 0 && c.Action != geo.Create {
		return geo.Errorf(geo.CodeNotFound, "", "no feature %s in %s", c.ID, c.Layer.Name)
	}
	if err := w.checkMatch(t, c); err != nil {
		return err
	}
	if c.Draft != nil && len(c.Draft.Values) == len(t.layer.Properties) {
		c.Draft = w.signed(t.layer, c.Draft)
	}
	revised, err := geo.Revise(seen, c, by.Audience, w.at)
	if err != nil {
		return err
	}
	for _, s := range revised {
		if !s.Written {
			continue
		}
		if err := checkFloor(t.layer, s); err != nil {
			return err
		}
		if !w.sees(t.layer, s) {
			return geo.Errorf(geo.CodeForbidden, "/properties/sensitivity", "the result would be out of reach of the audience %s", by.Audience)
		}
		for _, h := range hidden {
			if h.Valid.Overlaps(s.Valid) {
				return geo.Errorf(geo.CodeConflict, "", "the record already holds something else about that time")
			}
		}
	}
	t.states = append(revised, hidden...)
	slices.SortFunc(t.states, func(a, b geo.State) int { return a.Valid.From.Compare(b.Valid.From) })
	return nil
}

// sees reports whether a state is within the author's reach, drafts included.
func (w *writer) sees(l *geo.Layer, s geo.State) bool {
	by := w.batch.Author.Audience
	if l.Kind != geo.RecordOnly && !l.Audiences.Has(by) {
		return false
	}
	compartment, _ := s.Values[l.Index("compartment")].(string)
	class, _ := s.Values[l.Index("sensitivity")].(string)
	return geo.ReachOf(by).Sees(geo.Compartment(compartment), geo.Class(class))
}

// checkMatch holds a change to its If-Match: the state it means is the latest,
// as a reader without datetime sees it, or the one in which the change starts.
func (w *writer) checkMatch(t *timeline, c geo.Change) error {
	if c.IfMatch == 0 {
		return nil
	}
	from := w.at
	if c.Draft != nil && c.Draft.HasFrom {
		from = c.Draft.From
	}
	latest := geo.Revision(0)
	for _, s := range t.stored {
		if !w.sees(t.layer, s) {
			continue
		}
		if s.Known == c.IfMatch && s.Valid.Contains(from) {
			return nil
		}
		latest = s.Known
	}
	if latest == c.IfMatch {
		return nil
	}
	return geo.Errorf(geo.CodePreconditionFailed, "", "the feature was changed by revision %s", latest)
}

// signed is a copy of a draft with the author's name and the reason.
func (w *writer) signed(l *geo.Layer, d *geo.Draft) *geo.Draft {
	out := *d
	out.Values, out.Given = slices.Clone(d.Values), slices.Clone(d.Given)
	out.Set(l, "author", w.batch.Author.Name)
	if i := l.Index("revision_reason"); !out.Given[i] || out.Values[i] == nil {
		var reason any
		if w.batch.Reason != "" {
			reason = w.batch.Reason
		}
		out.Set(l, "revision_reason", reason)
	}
	// What the record computes is not taken from anybody.
	for _, name := range []string{"confidence", "length_m"} {
		if i := l.Index(name); i >= 0 && l.Properties[i].ReadOnly {
			out.Values[i], out.Given[i] = nil, false
		}
	}
	return &out
}

var classOrder = []geo.Class{geo.ClassLow, geo.ClassModerate, geo.ClassHigh, geo.ClassSevere}

// checkFloor refuses a class below the layer's; the schema would, too.
func checkFloor(l *geo.Layer, s geo.State) error {
	class, _ := s.Values[l.Index("sensitivity")].(string)
	rank := slices.Index(classOrder, geo.Class(class))
	if rank >= 0 && rank < slices.Index(classOrder, l.Floor) {
		return geo.Errorf(geo.CodeUnprocessable, "/properties/sensitivity", "%s are at least of %s sensitivity", l.Name, l.Floor)
	}
	return nil
}
