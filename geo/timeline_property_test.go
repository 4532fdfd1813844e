package geo

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// saidAt is what a timeline's note says in the middle of an hour.
func saidAt(l *Layer, states []State, h int) any {
	for _, s := range states {
		if s.Valid.Contains(hour(h).Add(30 * time.Minute)) {
			return s.Values[l.Index("note")]
		}
	}
	return nil
}

const reach = 30 // hours on both sides of now that the properties look at

// drawEdit draws a change; name "" is a patch of dates alone.
func drawEdit(t *rapid.T, l *Layer, name string) Change {
	c := Change{Layer: l, ID: uuid.New(), Action: rapid.SampledFrom([]Action{Create, Replace, Patch}).Draw(t, "action")}
	c.Draft = roadblockDraft(l, name)
	if c.Action == Patch && rapid.Bool().Draw(t, "dates alone") {
		c.Draft = NewDraft(l)
	}
	if rapid.Bool().Draw(t, "has from") {
		c.Draft.From, c.Draft.HasFrom = hour(rapid.IntRange(-reach, reach-1).Draw(t, "from")), true
	}
	switch rapid.SampledFrom([]string{"", "null", "hour", "hour"}).Draw(t, "end") {
	case "null":
		c.Draft.HasTo = true
	case "hour":
		c.Draft.To, c.Draft.HasTo = hour(rapid.IntRange(-reach, reach).Draw(t, "to")), true
	}
	return c
}

// States stay in order and apart. A change writes its span, drops what follows
// of the state whose end it names, and alters nothing else, whatever is done.
func TestReviseProperties(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	far := hour(reach + 10)
	rapid.Check(t, func(t *rapid.T) {
		var states []State
		for step := range rapid.IntRange(1, 12).Draw(t, "steps") {
			c := drawEdit(t, l, fmt.Sprint(step))
			d := c.Draft
			after, err := Revise(states, c, Humanitarian, timelineNow)
			if c.Action != Create && len(states) == 0 {
				if CodeOf(err) != CodeNotFound {
					t.Fatalf("change of nothing: %v", err)
				}
				continue
			}

			// The rules once more, state by state with closed ends.
			start := timelineNow
			if d.HasFrom {
				start = d.From
			}
			span, drop, prolonged := Period{start, far}, Period{far, far}, Period{far, far}
			var edited State
			if c.Action == Create {
				if d.HasTo && !d.To.IsZero() {
					span.To = d.To
				}
			} else {
				index := len(states) - 1
				for i := range states {
					if closed(states[i].Valid, far).To.After(start) {
						index = i
						break
					}
				}
				edited = states[index]
				held := closed(edited.Valid, far)
				next := far
				if index+1 < len(states) {
					next = states[index+1].Valid.From
				}
				if !d.HasFrom && (held.From.After(start) || d.HasTo && !d.To.IsZero() && !d.To.After(timelineNow)) {
					span.From = held.From
				}
				if held.To.After(start) {
					span.To = held.To
				}
				if d.HasTo {
					if span.To = d.To; d.To.IsZero() {
						span.To = next
					}
					if !d.HasFrom && !held.To.After(start) && span.From.Equal(start) {
						prolonged = Period{held.To, start}
					}
					if span.Overlaps(held) && (!d.HasFrom || !span.From.After(held.From)) {
						drop = Period{span.To, held.To}
					}
				}
			}

			dated := c.Action == Patch && d.Get(l, "note") == nil
			switch {
			case !span.From.Before(span.To):
				if CodeOf(err) != CodeInvalid {
					t.Fatalf("a span that ends before it begins: %v", err)
				}
				continue
			case c.Action == Create:
				taken := false
				for h := -reach - 2; h < reach+10; h++ {
					taken = taken || span.Contains(hour(h)) && saidAt(l, states, h) != nil
				}
				if taken != (CodeOf(err) == CodeConflict) {
					t.Fatalf("create over taken ground (%v): %v", taken, err)
				}
				if taken {
					continue
				}
			}
			if c.saysNothing(states) != nil {
				if CodeOf(err) != CodeInvalid {
					t.Fatalf("a later beginning alone was taken: %v", err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range after {
				if s.Valid.Empty() {
					t.Fatalf("an empty state: %s", textOf(l, after))
				}
				if i == 0 {
					continue
				}
				if after[i-1].Valid.Overlaps(s.Valid) || !after[i-1].Valid.From.Before(s.Valid.From) {
					t.Fatalf("states overlap or are out of order: %s", textOf(l, after))
				}
				if after[i-1].Valid.To.Equal(s.Valid.From) && sameContent(after[i-1], s) && !bounds(states, s.Valid.From) {
					t.Fatalf("a needless split: %s, was %s", textOf(l, after), textOf(l, states))
				}
			}
			for h := -reach - 2; h < reach+10; h++ {
				got, want := saidAt(l, after, h), saidAt(l, states, h)
				switch {
				case span.Contains(hour(h)) && !dated:
					want = d.Get(l, "note")
				case span.Contains(hour(h)) && d.HasTo && (!d.HasFrom || !span.From.After(closed(edited.Valid, far).From)):
					want = edited.Values[l.Index("note")] // its state reaches there
				case span.Contains(hour(h)):
					if want == nil {
						want = got // a gap that is bridged
					}
				case drop.Contains(hour(h)):
					want = nil
				case dated && prolonged.Contains(hour(h)):
					want = edited.Values[l.Index("note")] // an ended state that goes on
				}
				if got != want {
					t.Fatalf("hour %d says %v, want %v: %s, was %s", h, got, want, textOf(l, after), textOf(l, states))
				}
			}
			states = after
			for i := range states {
				states[i].Known = Revision(step + 1) // as the record stores them
				states[i].Written = false
			}
		}
	})
}

func closed(p Period, far time.Time) Period {
	if p.To.IsZero() {
		p.To = far
	}
	return p
}

// bounds reports whether a state begins or ends at an instant.
func bounds(states []State, at time.Time) bool {
	for _, s := range states {
		if s.Valid.From.Equal(at) || s.Valid.To.Equal(at) {
			return true
		}
	}
	return false
}

// Whichever state is read, edited and sent back with another end: it ends
// there, the states before it stay, and those after it lose only what it takes.
func TestReviseSentBack(t *testing.T) {
	l, _ := LayerByName("roadblocks")
	rapid.Check(t, func(t *rapid.T) {
		var states []State
		at := -reach
		for i := range rapid.IntRange(1, 5).Draw(t, "states") {
			at += rapid.IntRange(0, 3).Draw(t, "gap")
			end := at + rapid.IntRange(1, 10).Draw(t, "length")
			d := roadblockDraft(l, fmt.Sprint(i))
			states = append(states, State{Valid: Period{hour(at), hour(end)}, Geometry: d.Geometry, Values: d.Values, Known: 1})
			at = end
		}
		if rapid.Bool().Draw(t, "open") {
			states[len(states)-1].Valid.To = time.Time{}
		}
		index := rapid.IntRange(0, len(states)-1).Draw(t, "state")
		d := roadblockDraft(l, fmt.Sprint(index))
		d.From, d.HasFrom, d.HasTo = states[index].Valid.From, true, true
		d.To = d.From.Add(time.Duration(rapid.IntRange(1, 2*reach).Draw(t, "length")) * time.Hour)
		after, err := Revise(states, Change{Layer: l, Action: Replace, ID: uuid.New(), Draft: d}, Security, timelineNow)
		if err != nil {
			t.Fatal(err)
		}
		var want []State
		for i, s := range states {
			switch {
			case i == index:
				s.Valid.To = d.To
			case i > index && !d.To.Before(closed(s.Valid, hour(9*reach)).To):
				continue
			case i > index && s.Valid.From.Before(d.To):
				s.Valid.From = d.To
			}
			want = append(want, s)
		}
		if got, want := textOf(l, after), textOf(l, want); got != want {
			t.Fatalf("%s, want %s, was %s", got, want, textOf(l, states))
		}
	})
}
