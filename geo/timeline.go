package geo

import (
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"github.com/paulmach/orb"
)

// State is what is known now of one feature over one stretch of valid time.
// The states of a feature are its timeline: ordered, never overlapping, gaps
// allowed. Values are shared between states and are not to be changed.
type State struct {
	Valid    Period
	Geometry orb.Geometry
	Values   []any    // in the order of Layer.Properties
	Known    Revision // the revision that made it known; 0 when the change at hand does
	Written  bool     // its content comes from the change at hand; false for a rest cut off by it
}

// statusProperties are those whose change is itself news: who says that a
// roadblock is cleared confirms it by saying so.
var statusProperties = []string{"control_type", "state", "status", "functional"}

// signature are the properties by which a change says who made it and why.
// They alone do not make two states different.
var signature = []string{"author", "revision_reason"}

// maxConfirmedAhead is how far ahead of the write a confirmation may lie: room
// for a slow clock or a date without its zone. A record confirmed further ahead
// would stay fresh without anybody having looked.
const maxConfirmedAhead = 24 * time.Hour

// Revise applies a change to a feature's timeline and returns the new one; the
// input is not altered. States that the change does not touch are returned as
// they were; what it cuts off or writes has Known zero.
//
// The audience is the author's: a Replace keeps the stored values of
// properties that the author may not see. The time is the moment of the write.
//
// What a Replace or Patch edits, and over which span, is told at Change. Where
// no state is in force at its start, the next one is edited, so that naming an
// earlier valid_from moves a state's beginning; past the last state the last
// one continues. A span whose end is not named, or that begins within a state,
// corrects every state it meets, and a gap inside it takes over the state
// before it.
//
// A piece written that says the same as what is left beside it of the state it
// was cut from stays one state with it.
//
// A Patch of a status (control_type, state, status, functional) that holds from
// the moment of the write and names no last_confirmed_at counts as a
// confirmation at that moment.
//
// Errors are of code conflict (Create over existing states), not_found
// (nothing to change) or invalid, with a pointer into the feature.
func Revise(states []State, c Change, by Audience, now time.Time) ([]State, error) {
	if c.Action == Delete {
		if len(states) == 0 {
			return nil, errNoFeature(c)
		}
		return nil, nil
	}
	if c.Draft == nil || len(c.Draft.Values) != len(c.Layer.Properties) {
		return nil, Errorf(CodeInvalid, "", "the change carries no feature of %s", c.Layer.Name)
	}
	switch c.Action {
	case Create:
		return create(states, c, now)
	case Replace, Patch:
		if len(states) == 0 {
			return nil, errNoFeature(c)
		}
		return rewrite(states, c, by, now)
	default:
		return nil, Errorf(CodeInvalid, "", "unknown action %q", string(c.Action))
	}
}

func errNoFeature(c Change) *Error {
	return Errorf(CodeNotFound, "", "no feature %s in %s", c.ID, c.Layer.Name)
}

func create(states []State, c Change, now time.Time) ([]State, error) {
	span := Period{From: now}
	if c.Draft.HasFrom {
		span.From = c.Draft.From
	}
	if c.Draft.HasTo {
		span.To = c.Draft.To
	}
	if err := checkSpan(&span); err != nil {
		return nil, err
	}
	for _, s := range states {
		if s.Valid.Overlaps(span) {
			return nil, Errorf(CodeConflict, "/id", "%s already has a feature %s at that time", c.Layer.Name, c.ID)
		}
	}
	written := State{Valid: span, Geometry: c.Draft.Geometry, Values: slices.Clone(c.Draft.Values), Written: true}
	if err := complete(c.Layer, &written, now); err != nil {
		return nil, err
	}
	return inOrder(append(slices.Clone(states), written)), nil
}

// rewrite lays the change over its span: every state is cut at the edges, and
// each piece inside is merged with the draft.
func rewrite(states []State, c Change, by Audience, now time.Time) ([]State, error) {
	if err := c.saysNothing(states); err != nil {
		return nil, err
	}
	e, err := editOf(states, c.Draft, now)
	if err != nil {
		return nil, err
	}
	span := e.span
	var out, inside []State
	var before, after *State // what the pieces adjoin and may be one with
	for i, s := range states {
		if !s.Valid.Overlaps(span) {
			if i == e.edited && e.prolongs {
				before = &s
			} else {
				out = append(out, s)
			}
			continue
		}
		rest := State{Geometry: s.Geometry, Values: s.Values, Written: s.Written && s.Known == 0}
		if starts(s.Valid).Before(starts(span)) {
			left := rest
			left.Valid = Period{s.Valid.From, span.From}
			before = &left
		}
		if ends(span).Before(ends(s.Valid)) && !(i == e.edited && e.ends) {
			right := rest
			right.Valid = Period{span.To, s.Valid.To}
			after = &right
		}
		inside = append(inside, State{Valid: intersect(s.Valid, span), Geometry: s.Geometry, Values: s.Values})
	}
	if e.ends {
		like := states[e.edited]
		inside = []State{{Valid: span, Geometry: like.Geometry, Values: like.Values}}
	} else {
		inside = fill(states, inside, span)
	}
	var pieces []State
	for _, piece := range inside {
		merged, err := merge(piece, c, by, e, now)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, merged)
	}
	pieces = coalesce(pieces)
	if before != nil {
		if first := &pieces[0]; sameButSignature(c.Layer, *before, *first) {
			first.Valid.From = before.Valid.From
		} else {
			out = append(out, *before)
		}
	}
	if after != nil {
		if last := &pieces[len(pieces)-1]; sameButSignature(c.Layer, *last, *after) {
			last.Valid.To = after.Valid.To
		} else {
			out = append(out, *after)
		}
	}
	return inOrder(append(out, pieces...)), nil
}

// saysNothing refuses a Patch of nothing but a later valid_from: what held
// before would go on holding, so that it would be acknowledged without effect.
func (c Change) saysNothing(states []State) *Error {
	d := c.Draft
	if c.Action != Patch || !d.HasFrom || d.HasTo || d.HasGeom || slices.Contains(d.Given, true) {
		return nil
	}
	for _, s := range states {
		if s.Valid.Contains(d.From) && !s.Valid.From.Equal(d.From) {
			return Errorf(CodeInvalid, "/properties/valid_from",
				"a beginning cannot be moved later by itself: say what holds from then on, or end the state with valid_to")
		}
	}
	return nil
}

// edit is what a Replace or Patch does to a timeline.
type edit struct {
	edited    int    // index of the state at the change's start
	span      Period // what is written
	ends      bool   // the edited state ends with the span: nothing is left of it, and all of the span is its
	prolongs  bool   // the edited state had ended; it lasts on if nothing else changes
	fromWrite bool   // it holds from the moment of the write, or from a state ahead: news, no correction
}

func editOf(states []State, d *Draft, now time.Time) (edit, error) {
	now = now.UTC().Truncate(time.Microsecond)
	start := now
	if d.HasFrom {
		start = d.From
	}
	e := edit{edited: len(states) - 1, span: Period{From: start}}
	for i, s := range states { // in order: the first that has not ended by then
		if start.Before(ends(s.Valid)) {
			e.edited = i
			break
		}
	}
	held := states[e.edited].Valid
	over := !start.Before(ends(held))
	past := !d.HasFrom && d.HasTo && !d.To.IsZero() && !d.To.After(now)
	if past || !d.HasFrom && start.Before(starts(held)) {
		e.span.From = held.From
	}
	if !over {
		e.span.To = held.To
	}
	if d.HasTo {
		e.span.To = d.To
		if d.To.IsZero() && e.edited+1 < len(states) {
			e.span.To = states[e.edited+1].Valid.From
		}
		e.ends = !d.HasFrom || !starts(held).Before(start)
		e.prolongs = over && !d.HasFrom && !past
	}
	e.fromWrite = !d.HasFrom && !past
	return e, checkSpan(&e.span)
}

// checkSpan rounds a span to the record's resolution and holds it to its
// limits. The result is an error interface so that nil stays nil.
func checkSpan(p *Period) error {
	for _, end := range []struct {
		name string
		t    *time.Time
	}{{"valid_from", &p.From}, {"valid_to", &p.To}} {
		if end.t.IsZero() {
			continue
		}
		*end.t = end.t.UTC().Truncate(time.Microsecond)
		if end.t.Before(EarliestValid) || end.t.After(LatestValid) {
			return Errorf(CodeInvalid, "/properties/"+end.name, "%s lies outside %d to %d",
				FormatInstant(*end.t), EarliestValid.Year(), LatestValid.Year())
		}
	}
	if p.Empty() {
		return Errorf(CodeInvalid, "/properties/valid_to",
			"valid_to %s is not after %s, from when the change holds", FormatInstant(p.To), FormatInstant(p.From))
	}
	return nil
}

// fill closes the gaps of a span between its pieces: one at the beginning takes
// over what follows, any other what came before.
func fill(states, inside []State, span Period) []State {
	var out []State
	cursor := span.From
	take := func(like State, p Period) {
		if !p.Empty() {
			out = append(out, State{Valid: p, Geometry: like.Geometry, Values: like.Values})
		}
	}
	for i, piece := range inside {
		if starts(Period{From: cursor}).Before(starts(piece.Valid)) {
			like := piece
			if i > 0 {
				like = inside[i-1]
			}
			take(like, Period{cursor, piece.Valid.From})
		}
		out = append(out, piece)
		cursor = piece.Valid.To
	}
	switch {
	case len(inside) == 0:
		take(nearest(states, span), span)
	case ends(inside[len(inside)-1].Valid).Before(ends(span)):
		take(inside[len(inside)-1], Period{cursor, span.To})
	}
	return out
}

// nearest is the state that a span touching none takes over: the next one, or
// the last.
func nearest(states []State, span Period) State {
	for _, s := range states {
		if !starts(s.Valid).Before(starts(span)) {
			return s
		}
	}
	return states[len(states)-1]
}

// merge writes a draft over one piece.
func merge(piece State, c Change, by Audience, e edit, now time.Time) (State, error) {
	d := c.Draft
	values := slices.Clone(piece.Values)
	for i := range c.Layer.Properties {
		p := &c.Layer.Properties[i]
		switch {
		case p.Computed, p.ReadOnly && !d.Given[i]:
		case d.Given[i], c.Action == Replace && p.Audiences.Has(by):
			values[i] = d.Values[i]
		}
	}
	out := State{Valid: piece.Valid, Geometry: piece.Geometry, Values: values, Written: true}
	if c.Action == Replace || d.HasGeom {
		out.Geometry = d.Geometry
	}
	if c.Action == Patch && e.fromWrite {
		confirm(c.Layer, d, piece, &out, now)
	}
	return out, complete(c.Layer, &out, now)
}

func confirm(l *Layer, d *Draft, before State, after *State, now time.Time) {
	confirmed := l.Index("last_confirmed_at")
	if confirmed < 0 || d.Given[confirmed] {
		return
	}
	for _, name := range statusProperties {
		if i := l.Index(name); i >= 0 && before.Values[i] != after.Values[i] {
			after.Values[confirmed] = now.UTC().Truncate(time.Microsecond)
			return
		}
	}
}

// complete gives missing values their defaults, asks for what must be there and
// refuses what nobody can have seen yet.
func complete(l *Layer, s *State, now time.Time) error {
	var errs Errors
	if s.Geometry == nil && l.Geometry != NoGeometry && l.Geometry != AnyGeometry {
		errs = append(errs, Errorf(CodeInvalid, "/geometry", "a geometry is needed"))
	}
	for i := range l.Properties {
		p := &l.Properties[i]
		if p.Computed || s.Values[i] != nil {
			continue
		}
		switch {
		case p.Default != nil:
			s.Values[i] = p.Default
		case p.Name == "sensitivity":
			s.Values[i] = string(l.Floor)
		case p.Required:
			errs = append(errs, Errorf(CodeInvalid, "/properties/"+p.Name, "%s is needed", p.Name))
		}
	}
	if i := l.Index("last_confirmed_at"); i >= 0 {
		if t, ok := s.Values[i].(time.Time); ok && t.After(now.Add(maxConfirmedAhead)) {
			errs = append(errs, Errorf(CodeInvalid, "/properties/last_confirmed_at",
				"%s lies more than %.0f h ahead: nobody can have confirmed it yet", FormatInstant(t), maxConfirmedAhead.Hours()))
		}
	}
	return errs.OrNil()
}

// coalesce joins neighbours of equal content.
func coalesce(pieces []State) []State {
	var out []State
	for _, s := range pieces {
		if n := len(out); n > 0 && out[n-1].Valid.To.Equal(s.Valid.From) && sameContent(out[n-1], s) {
			out[n-1].Valid.To = s.Valid.To
			continue
		}
		out = append(out, s)
	}
	return out
}

func sameContent(a, b State) bool {
	return sameGeometry(a, b) && slices.EqualFunc(a.Values, b.Values, SameValue)
}

func sameButSignature(l *Layer, a, b State) bool {
	for i := range l.Properties {
		if !SameValue(a.Values[i], b.Values[i]) && !slices.Contains(signature, l.Properties[i].Name) {
			return false
		}
	}
	return sameGeometry(a, b)
}

func sameGeometry(a, b State) bool {
	if a.Geometry == nil || b.Geometry == nil {
		return a.Geometry == nil && b.Geometry == nil
	}
	return orb.Equal(a.Geometry, b.Geometry)
}

// SameValue compares two property values as the record stores them.
func SameValue(a, b any) bool {
	switch x := a.(type) {
	case time.Time:
		y, ok := b.(time.Time)
		return ok && x.Equal(y)
	case []string:
		y, ok := b.([]string)
		return ok && slices.Equal(x, y)
	case json.RawMessage:
		y, ok := b.(json.RawMessage)
		return ok && sameJSON(x, y)
	default:
		return reflect.DeepEqual(a, b)
	}
}

func sameJSON(a, b json.RawMessage) bool {
	if string(a) == string(b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}

func inOrder(states []State) []State {
	slices.SortFunc(states, func(a, b State) int { return starts(a.Valid).Compare(starts(b.Valid)) })
	return states
}

// starts and ends give an unbounded side an instant beyond all others.
func starts(p Period) time.Time {
	if p.From.IsZero() {
		return time.Unix(-1<<40, 0)
	}
	return p.From
}

func ends(p Period) time.Time {
	if p.To.IsZero() {
		return time.Unix(1<<40, 0)
	}
	return p.To
}

func intersect(a, b Period) Period {
	out := a
	if starts(a).Before(starts(b)) {
		out.From = b.From
	}
	if ends(b).Before(ends(a)) {
		out.To = b.To
	}
	return out
}
