package geo

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"
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
		{"open end named", "a[-5,5) b[5,)", Replace, "-5", "", "x[-5,)", ""},
		{"an earlier beginning", "a[-5,)", Patch, "-9", "-", "x[-9,)", ""},
		{"a later end", "a[-5,5)", Patch, "-5", "9", "x[-5,9)", ""},
		{"a gap is bridged", "a[-9,-5) b[5,)", Replace, "-7", "7", "a[-9,-7) x[-7,7) b[7,)", ""},
		{"all in the past", "a[-9,-5)", Patch, "-", "-", "a[-9,-5) x[0,)", ""},
		{"all in the future", "a[5,)", Patch, "-", "-", "x[5,)", ""},
		{"unbounded", "a[,)", Patch, "-", "-", "a[,0) x[0,)", ""},
		{"end before now", "a[-5,)", Patch, "-", "-1", "", CodeInvalid},
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

// States stay in order and apart, and outside of the span that a change names
// nothing changes, whatever is done.
func TestReviseProperties(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	note := l.Index("note")
	rapid.Check(t, func(t *rapid.T) {
		var states []State
		// What the timeline should say in the middle of each hour.
		const reach = 30
		model := map[int]any{}
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			action := rapid.SampledFrom([]Action{Create, Replace, Patch}).Draw(t, "action")
			from := rapid.IntRange(-reach, reach-1).Draw(t, "from")
			to := rapid.IntRange(from-1, reach).Draw(t, "to")
			name := fmt.Sprint(step)
			d := roadblockDraft(l, name)
			d.From, d.HasFrom, d.To, d.HasTo = hour(from), true, hour(to), true
			after, err := Revise(states, Change{Layer: l, Action: action, ID: uuid.New(), Draft: d}, Humanitarian, timelineNow)
			switch {
			case from >= to:
				if err == nil {
					t.Fatalf("a span that ends before it begins was taken")
				}
				continue
			case action == Create:
				taken := false
				for h := from; h < to; h++ {
					taken = taken || model[h] != nil
				}
				if taken != (CodeOf(err) == CodeConflict) {
					t.Fatalf("create over taken ground (%v): %v", taken, err)
				}
			case len(states) == 0:
				if CodeOf(err) != CodeNotFound {
					t.Fatalf("change of nothing: %v", err)
				}
			}
			if err != nil {
				continue
			}
			for h := from; h < to; h++ {
				model[h] = name
			}
			states = after
			for i, s := range states {
				if s.Valid.Empty() {
					t.Fatalf("an empty state: %s", textOf(l, states))
				}
				if i > 0 && (states[i-1].Valid.Overlaps(s.Valid) || !states[i-1].Valid.From.Before(s.Valid.From)) {
					t.Fatalf("states overlap or are out of order: %s", textOf(l, states))
				}
			}
			for h := -reach - 2; h < reach+2; h++ {
				at := hour(h).Add(30 * time.Minute)
				var got any
				for _, s := range states {
					if s.Valid.Contains(at) {
						got = s.Values[note]
					}
				}
				if got != model[h] {
					t.Fatalf("hour %d says %v, want %v: %s", h, got, model[h], textOf(l, states))
				}
			}
			for i := range states {
				states[i].Known = Revision(step + 1) // as the record stores them
				states[i].Written = false
			}
		}
	})
}
