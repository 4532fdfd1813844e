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

// Revise applies a change to a feature's timeline and returns the new one; the
// input is not altered. States that the change does not touch are returned as
// they were; what it cuts off or writes has Known zero.
//
// The audience is the author's: a Replace keeps the stored values of
// properties that the author may not see. The time is the moment of the write,
// from which a change holds that names no valid_from.
//
// Where no state is in force at the start of a Replace or Patch, the next one
// is reached too, so that naming an earlier valid_from moves a state's
// beginning; past the last state the last one continues. A gap inside the span
// takes over the state before it.
//
// A Patch of a status (control_type, state, status, functional) that names
// neither valid_from nor last_confirmed_at counts as a confirmation: its
// last_confirmed_at becomes the start of the new state.
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
	if err := complete(c.Layer, &written); err != nil {
		return nil, err
	}
	return inOrder(append(slices.Clone(states), written)), nil
}

// rewrite lays the change over its span: every state is cut at the edges, and
// each piece inside is merged with the draft.
func rewrite(states []State, c Change, by Audience, now time.Time) ([]State, error) {
	span, err := spanOf(states, c.Draft, now)
	if err != nil {
		return nil, err
	}
	var out, inside []State
	for _, s := range states {
		if !s.Valid.Overlaps(span) {
			out = append(out, s)
			continue
		}
		if before := (Period{s.Valid.From, span.From}); starts(s.Valid).Before(starts(span)) {
			out = append(out, State{Valid: before, Geometry: s.Geometry, Values: s.Values, Written: s.Written && s.Known == 0})
		}
		if after := (Period{span.To, s.Valid.To}); ends(span).Before(ends(s.Valid)) {
			out = append(out, State{Valid: after, Geometry: s.Geometry, Values: s.Values, Written: s.Written && s.Known == 0})
		}
		inside = append(inside, State{Valid: intersect(s.Valid, span), Geometry: s.Geometry, Values: s.Values})
	}
	var pieces []State
	for _, piece := range fill(states, inside, span) {
		merged, err := merge(piece, c, by)
		if err != nil {
			return nil, err
		}
		pieces = append(pieces, merged)
	}
	return inOrder(append(out, coalesce(pieces)...)), nil
}

// spanOf is the stretch of valid time a Replace or Patch writes.
func spanOf(states []State, d *Draft, now time.Time) (Period, error) {
	span := Period{From: now}
	if d.HasFrom {
		span.From = d.From
	}
	for _, s := range states { // in order: the first that has not ended by then
		if !span.From.Before(ends(s.Valid)) {
			continue
		}
		if !d.HasFrom && span.From.Before(starts(s.Valid)) {
			span.From = s.Valid.From
		}
		span.To = s.Valid.To
		break
	}
	if d.HasTo {
		span.To = d.To
	}
	return span, checkSpan(&span)
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
func merge(piece State, c Change, by Audience) (State, error) {
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
	if c.Action == Patch && !d.HasFrom {
		confirm(c.Layer, d, piece, &out)
	}
	return out, complete(c.Layer, &out)
}

func confirm(l *Layer, d *Draft, before State, after *State) {
	confirmed := l.Index("last_confirmed_at")
	if confirmed < 0 || d.Given[confirmed] {
		return
	}
	for _, name := range statusProperties {
		if i := l.Index(name); i >= 0 && before.Values[i] != after.Values[i] {
			after.Values[confirmed] = after.Valid.From
			return
		}
	}
}

// complete gives missing values their defaults and asks for what must be there.
func complete(l *Layer, s *State) error {
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
	if (a.Geometry == nil) != (b.Geometry == nil) || a.Geometry != nil && !orb.Equal(a.Geometry, b.Geometry) {
		return false
	}
	return slices.EqualFunc(a.Values, b.Values, SameValue)
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
