package geo

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
)

var timelineNow = time.Date(2025, 3, 12, 5, 30, 0, 0, time.UTC)

func hour(n int) time.Time { return timelineNow.Add(time.Duration(n) * time.Hour) }

// timelineOf makes states from text such as "a[-5,0) b[0,)", hours from now.
func timelineOf(t *testing.T, l *Layer, text string) []State {
	t.Helper()
	var out []State
	for _, part := range strings.Fields(text) {
		var name string
		name, rest, _ := strings.Cut(part, "[")
		from, to, _ := strings.Cut(strings.TrimSuffix(rest, ")"), ",")
		d := roadblockDraft(l, name)
		s := State{Geometry: d.Geometry, Values: d.Values, Known: 1}
		s.Valid.From, s.Valid.To = hourOf(t, from), hourOf(t, to)
		if err := complete(l, &s, timelineNow); err != nil { // as stored
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func hourOf(t *testing.T, text string) time.Time {
	t.Helper()
	if text == "" {
		return time.Time{}
	}
	var n int
	if _, err := fmt.Sscan(text, &n); err != nil {
		t.Fatal(err)
	}
	return hour(n)
}

func textOf(l *Layer, states []State) string {
	var out []string
	for _, s := range states {
		end := func(t time.Time) string {
			if t.IsZero() {
				return ""
			}
			return fmt.Sprint(int(t.Sub(timelineNow).Hours()))
		}
		name, _ := s.Values[l.Index("note")].(string)
		out = append(out, fmt.Sprintf("%s[%s,%s)", name, end(s.Valid.From), end(s.Valid.To)))
	}
	return strings.Join(out, " ")
}

func roadblockDraft(l *Layer, note string) *Draft {
	d := NewDraft(l)
	d.Geometry, d.HasGeom = orb.Point{-72.3, 18.6}, true
	for name, v := range map[string]any{"note": note, "subtype": "toll_post", "state": "active", "actor_type": "gang",
		"sensitivity": "high", "compartment": "hum", "review_state": "approved", "demonstration": false} {
		d.Set(l, name, v)
	}
	return d
}

func TestRevise(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	tests := []struct {
		name, before string
		action       Action
		from, to     string // hours; "-" not named, "" null
		after        string
		code         Code
	}{
		{"create from now", "", Create, "-", "-", "x[0,)", ""},
		{"create in the past", "", Create, "-9", "-3", "x[-9,-3)", ""},
		{"create beside", "a[0,)", Create, "-9", "0", "x[-9,0) a[0,)", ""},
		{"create over", "a[0,)", Create, "-9", "1", "", CodeConflict},
		{"create backwards", "", Create, "3", "2", "", CodeInvalid},
		{"from now on", "a[-5,)", Patch, "-", "-", "a[-5,0) x[0,)", ""},
		{"to the end of the state in force", "a[-5,5) b[5,)", Patch, "-", "-", "a[-5,0) x[0,5) b[5,)", ""},
		{"correct a whole state", "a[-5,5) b[5,)", Replace, "-5", "-", "x[-5,5) b[5,)", ""},
		{"correct from within", "a[-5,5) b[5,)", Replace, "-3", "-", "a[-5,-3) x[-3,5) b[5,)", ""},
		{"correct a stretch", "a[-5,5) b[5,)", Replace, "-3", "7", "a[-5,-3) x[-3,7) b[7,)", ""},
		{"correct within one state", "a[-5,)", Patch, "-3", "-2", "a[-5,-3) x[-3,-2) a[-2,)", ""},
		{"an earlier beginning", "a[-5,)", Patch, "-9", "-", "x[-9,)", ""},
		{"a later end", "a[-5,5)", Patch, "-5", "9", "x[-5,9)", ""},
		{"a gap is bridged", "a[-9,-5) b[5,)", Replace, "-7", "7", "a[-9,-7) x[-7,7) b[7,)", ""},
		{"all in the past", "a[-9,-5)", Patch, "-", "-", "a[-9,-5) x[0,)", ""},
		{"all in the future", "a[5,)", Patch, "-", "-", "x[5,)", ""},
		{"unbounded", "a[,)", Patch, "-", "-", "a[,0) x[0,)", ""},
		{"nothing there", "", Patch, "-", "-", "", CodeNotFound},
		{"nothing to replace", "", Replace, "-", "-", "", CodeNotFound},
		{"delete", "a[-5,5) b[5,)", Delete, "-", "-", "", ""},
		{"nothing to delete", "", Delete, "-", "-", "", CodeNotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			c := Change{Layer: l, Action: test.action, ID: uuid.New()}
			if test.action != Delete {
				c.Draft = roadblockDraft(l, "x")
				if test.from != "-" {
					c.Draft.From, c.Draft.HasFrom = hourOf(t, test.from), true
				}
				if test.to != "-" {
					c.Draft.To, c.Draft.HasTo = hourOf(t, test.to), true
				}
			}
			states := timelineOf(t, l, test.before)
			got, err := Revise(states, c, Humanitarian, timelineNow)
			if CodeOf(err) != test.code || (err == nil) != (test.code == "") {
				t.Fatalf("error %v, want code %q", err, test.code)
			}
			if text := textOf(l, got); text != test.after {
				t.Errorf("%s, want %s", text, test.after)
			}
			if text := textOf(l, states); text != test.before {
				t.Errorf("the input was altered: %s", text)
			}
		})
	}
}

// A change that names valid_to says where the state that it edits ends.
func TestReviseEnds(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	tests := []struct {
		name, before string
		write        string // "put" and "patch" write x, "dates" is a patch of dates alone
		from, to     string // hours; "-" not named, "" null
		after        string
		code         Code
	}{
		// Named at or before now, without valid_from: the state in force never lasted longer.
		{"ended yesterday", "a[-50,)", "dates", "-", "-24", "a[-50,-24)", ""},
		{"ended now", "a[-50,)", "dates", "-", "0", "a[-50,0)", ""},
		{"ended yesterday, and otherwise than known", "a[-50,)", "patch", "-", "-24", "x[-50,-24)", ""},
		{"replaced and ended yesterday", "a[-50,)", "put", "-", "-24", "x[-50,-24)", ""},
		{"what follows stays", "a[-50,5) b[5,)", "dates", "-", "-24", "a[-50,-24) b[5,)", ""},
		{"what came before stays", "a[-50,-9) b[-9,)", "dates", "-", "-1", "a[-50,-9) b[-9,-1)", ""},
		{"ended before it began", "a[-50,-9) b[-9,)", "dates", "-", "-24", "", CodeInvalid},
		{"unbounded and ended", "a[,)", "dates", "-", "-24", "a[,-24)", ""},
		{"the last one ended earlier", "a[-50,-9)", "dates", "-", "-24", "a[-50,-24)", ""},
		{"the last one ended later", "a[-50,-9)", "dates", "-", "-1", "a[-50,-1)", ""},
		{"a future one does not end in the past", "a[5,)", "dates", "-", "-1", "", CodeInvalid},

		// Named after now, without valid_from.
		{"an end ahead", "a[-5,)", "dates", "-", "9", "a[-5,9)", ""},
		{"an end brought forward", "a[-5,9)", "dates", "-", "3", "a[-5,3)", ""},
		{"an end put off", "a[-5,5)", "dates", "-", "9", "a[-5,9)", ""},
		{"an end put off into what follows", "a[-5,5) b[5,)", "dates", "-", "9", "a[-5,9) b[9,)", ""},
		{"an end put off over what follows", "a[-5,5) b[5,7) c[7,)", "dates", "-", "9", "a[-5,9) c[9,)", ""},
		{"an end put off over a gap", "a[-5,5) b[7,)", "dates", "-", "9", "a[-5,9) b[9,)", ""},
		{"changed from now on until then", "a[-5,9)", "patch", "-", "3", "a[-5,0) x[0,3)", ""},
		{"replaced from now on until then", "a[-5,9) b[9,)", "put", "-", "3", "a[-5,0) x[0,3) b[9,)", ""},
		{"a future state ends earlier", "a[5,)", "dates", "-", "9", "a[5,9)", ""},
		{"a future state ends before it begins", "a[5,)", "dates", "-", "3", "", CodeInvalid},
		{"the next of two", "a[-9,-5) b[5,)", "dates", "-", "9", "a[-9,-5) b[5,9)", ""},
		{"an ended state lasts", "a[-9,-5)", "dates", "-", "9", "a[-9,9)", ""},
		{"an ended feature is changed until then", "a[-9,-5)", "patch", "-", "9", "a[-9,-5) x[0,9)", ""},

		// Null: open, up to the next state.
		{"opened", "a[-5,5)", "dates", "-", "", "a[-5,)", ""},
		{"opened up to the next", "a[-5,5) b[7,)", "dates", "-", "", "a[-5,7) b[7,)", ""},
		{"nothing to open", "a[-5,5) b[5,)", "dates", "-", "", "a[-5,5) b[5,)", ""},
		{"an ended state opened", "a[-9,-5)", "dates", "-", "", "a[-9,)", ""},
		{"changed and opened", "a[-5,5)", "patch", "-", "", "a[-5,0) x[0,)", ""},
		{"corrected and opened", "a[-5,3) b[5,)", "put", "-5", "", "x[-5,5) b[5,)", ""},
		{"an earlier state opened", "a[-9,-5) b[-2,)", "dates", "-9", "", "a[-9,-2) b[-2,)", ""},
		{"corrected from within and opened", "a[-5,3) b[5,)", "put", "-3", "", "a[-5,-3) x[-3,5) b[5,)", ""},

		// A feature that was read, edited and sent back names its own valid_from.
		{"sent back as it was", "a[-5,5) b[5,)", "put", "-5", "5", "x[-5,5) b[5,)", ""},
		{"sent back with an earlier end", "a[-5,5) b[5,)", "put", "-5", "2", "x[-5,2) b[5,)", ""},
		{"sent back with an end in the past", "a[-9,)", "put", "-9", "-2", "x[-9,-2)", ""},
		{"sent back with an end where there was none", "a[-9,-5) b[-5,)", "put", "-5", "9", "a[-9,-5) x[-5,9)", ""},
		{"sent back with a later end", "a[-5,5) b[5,)", "put", "-5", "7", "x[-5,7) b[7,)", ""},
		{"sent back with a later end into a gap", "a[-5,5) b[9,)", "put", "-5", "7", "x[-5,7) b[9,)", ""},
		{"sent back with an earlier beginning and end", "a[-5,5)", "put", "-7", "2", "x[-7,2)", ""},
		{"the dates of an earlier state", "a[-9,-5) b[-5,)", "dates", "-9", "-7", "a[-9,-7) b[-5,)", ""},
		{"the dates of an earlier state, later", "a[-9,-5) b[-5,)", "dates", "-9", "-3", "a[-9,-3) b[-3,)", ""},
		{"an earlier time beside it", "a[-5,5)", "put", "-9", "-7", "x[-9,-7) a[-5,5)", ""},

		// From within a state, both named: a correction of that stretch.
		{"a stretch of the past", "a[-9,)", "put", "-5", "-3", "a[-9,-5) x[-5,-3) a[-3,)", ""},
		{"a stretch that runs into the next", "a[-9,2) b[2,)", "patch", "-5", "4", "a[-9,-5) x[-5,4) b[4,)", ""},
		{"a stretch that says nothing new", "a[-9,)", "dates", "-5", "-3", "a[-9,)", ""},
		{"a stretch up to the end", "a[-9,2)", "put", "-5", "2", "a[-9,-5) x[-5,2)", ""},
		{"a stretch of an unbounded state", "a[,)", "put", "-5", "2", "a[,-5) x[-5,2) a[2,)", ""},

		// Nothing new is no new state.
		{"nothing at all", "a[-5,5) b[5,)", "dates", "-", "-", "a[-5,5) b[5,)", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			states := timelineOf(t, l, test.before)
			c := Change{Layer: l, Action: Patch, ID: uuid.New(), Draft: roadblockDraft(l, "x")}
			switch test.write {
			case "put":
				c.Action = Replace
			case "dates":
				c.Draft = NewDraft(l)
			}
			// The record signs every change.
			c.Draft.Set(l, "author", "analyst")
			c.Draft.Set(l, "revision_reason", "because")
			if test.from != "-" {
				c.Draft.From, c.Draft.HasFrom = hourOf(t, test.from), true
			}
			if test.to != "-" {
				c.Draft.To, c.Draft.HasTo = hourOf(t, test.to), true
			}
			got, err := Revise(states, c, Security, timelineNow)
			if CodeOf(err) != test.code || (err == nil) != (test.code == "") {
				t.Fatalf("error %v, want code %q", err, test.code)
			}
			if e, ok := err.(*Error); ok && e.Pointer != "/properties/valid_to" {
				t.Errorf("pointer %q", e.Pointer)
			}
			if text := textOf(l, got); text != test.after {
				t.Errorf("%s, want %s", text, test.after)
			}
			if text := textOf(l, states); text != test.before {
				t.Errorf("the input was altered: %s", text)
			}
			for _, s := range got {
				if signed := s.Values[l.Index("author")] == "analyst"; signed != s.Written {
					t.Errorf("the state of %v: written %t, signed %t", s.Valid, s.Written, signed)
				}
			}
		})
	}
}

func TestReviseKeepsWhatTheAuthorMayNotSee(t *testing.T) {
	l, _ := LayerByName("police-facilities")
	d := NewDraft(l)
	d.Geometry, d.HasGeom = orb.Point{-72.3, 18.6}, true
	for name, v := range map[string]any{"facility_type": "police_antenne", "functional": "none", "occupied_by": "a group", "name_fr": "before", "note": "n", "handling": "h"} {
		d.Set(l, name, v)
	}
	states, err := Revise(nil, Change{Layer: l, Action: Create, Draft: d}, Security, timelineNow)
	if err != nil {
		t.Fatal(err)
	}
	raw := json.RawMessage(`{"type":"Feature","geometry":{"type":"Point","coordinates":[-72.3,18.6]},"properties":{"facility_type":"police_antenne","name_fr":"after"}}`)
	decoded, err := DecodeFeature(l, Humanitarian, raw)
	if err != nil {
		t.Fatal(err)
	}
	states, err = Revise(states, Change{Layer: l, Action: Replace, Draft: decoded}, Humanitarian, timelineNow.Add(time.Hour))
	if err != nil || len(states) != 2 {
		t.Fatalf("%v, %v", states, err)
	}
	want := map[string]any{"functional": "none", "occupied_by": "a group", "note": "n", // not theirs: kept
		"name_fr": "after", "handling": nil, "compartment": "hum", "sensitivity": "moderate"} // theirs: replaced
	for name, v := range want {
		if got := states[1].Values[l.Index(name)]; got != v {
			t.Errorf("%s is %v, want %v", name, got, v)
		}
	}
}

func TestReviseConfirms(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	confirmed := l.Index("last_confirmed_at")
	states := timelineOf(t, l, "a[-5,)")
	states[0].Values[confirmed] = hour(-5)
	patch := func(edit func(*Draft)) any {
		d := NewDraft(l)
		edit(d)
		got, err := Revise(states, Change{Layer: l, Action: Patch, Draft: d}, Humanitarian, timelineNow)
		if err != nil {
			t.Fatal(err)
		}
		return got[len(got)-1].Values[confirmed]
	}
	if got := patch(func(d *Draft) { d.Set(l, "state", "cleared") }); got != timelineNow {
		t.Errorf("a new state was confirmed at %v", got)
	}
	if got := patch(func(d *Draft) { d.Set(l, "note", "b") }); got != hour(-5) {
		t.Errorf("a new note confirmed at %v", got)
	}
	if got := patch(func(d *Draft) { d.Set(l, "state", "cleared"); d.Set(l, "last_confirmed_at", hour(-1)) }); got != hour(-1) {
		t.Errorf("a named confirmation became %v", got)
	}
	if got := patch(func(d *Draft) { d.Set(l, "state", "cleared"); d.From, d.HasFrom = hour(-3), true }); got != hour(-5) {
		t.Errorf("a correction of the past confirmed at %v", got)
	}
	if got := patch(func(d *Draft) { d.Set(l, "state", "cleared"); d.To, d.HasTo = hour(-3), true }); got != hour(-5) {
		t.Errorf("an end in the past confirmed at %v", got)
	}
	states[0].Valid.From = hour(90)
	if got := patch(func(d *Draft) { d.Set(l, "state", "cleared") }); got != timelineNow {
		t.Errorf("a new state ahead was confirmed at %v", got)
	}
}

// A confirmation ahead of time would keep a record fresh until then.
func TestReviseRefusesConfirmationsAhead(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	states := timelineOf(t, l, "a[-5,)")
	for _, action := range []Action{Create, Replace, Patch} {
		for ahead, want := range map[time.Duration]Code{-time.Hour: "", 24 * time.Hour: "", 24*time.Hour + time.Microsecond: CodeInvalid, 900 * time.Hour: CodeInvalid} {
			d := roadblockDraft(l, "x")
			d.Set(l, "last_confirmed_at", timelineNow.Add(ahead))
			before := states
			if action == Create {
				before = nil
			}
			_, err := Revise(before, Change{Layer: l, Action: action, Draft: d}, Humanitarian, timelineNow)
			if CodeOf(err) != want || (err == nil) != (want == "") {
				t.Errorf("%s, confirmed %v ahead: %v, want code %q", action, ahead, err, want)
			}
			if errs, ok := err.(Errors); want != "" && (!ok || len(errs) != 1 || errs[0].Pointer != "/properties/last_confirmed_at") {
				t.Errorf("%s, confirmed %v ahead: %#v", action, ahead, err)
			}
		}
	}
}

func TestReviseAsksForWhatIsNeeded(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	d := roadblockDraft(l, "x")
	d.Geometry = nil
	d.Set(l, "subtype", nil)
	d.Set(l, "sensitivity", nil)
	_, err := Revise(nil, Change{Layer: l, Action: Create, Draft: d}, Humanitarian, timelineNow)
	errs, ok := err.(Errors)
	if !ok || len(errs) != 2 || errs[0].Pointer != "/geometry" || errs[1].Pointer != "/properties/subtype" {
		t.Errorf("%v", err)
	}
	_, err = Revise(nil, Change{Layer: l, Action: Create}, Humanitarian, timelineNow)
	if CodeOf(err) != CodeInvalid {
		t.Errorf("no draft: %v", err)
	}
	_, err = Revise(nil, Change{Layer: l, Action: "merge", Draft: d}, Humanitarian, timelineNow)
	if CodeOf(err) != CodeInvalid {
		t.Errorf("unknown action: %v", err)
	}
}

func TestPatchOfOnlyALaterBeginningIsRefused(t *testing.T) {
	t.Parallel()
	l, _ := LayerByName("places")
	first := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	states := []State{{Valid: Period{From: first}, Values: make([]any, len(l.Properties)), Known: 1}}
	patch := NewDraft(l)
	patch.From, patch.HasFrom = first.AddDate(0, 1, 0), true
	_, err := Revise(states, Change{Layer: l, Action: Patch, Draft: patch}, Security, first.AddDate(1, 0, 0))
	if CodeOf(err) != CodeInvalid {
		t.Fatalf("got %v", err)
	}
}
