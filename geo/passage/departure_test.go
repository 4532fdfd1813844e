package passage

import (
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// A departure is judged by what holds then, not by what holds now.
func TestDeparturesKnowWhatIsComing(t *testing.T) {
	s := openRoad(t).put("roadblocks", place(12, 0), map[string]any{"subtype": "police_closure"})
	v := *s.versions[len(s.versions)-1]
	v.Valid.From = saturday.Add(5 * time.Hour)
	s.versions[len(s.versions)-1] = geo.NewVersion(geo.Version{
		Layer: v.Layer, ID: v.ID, Known: v.Known, KnownAt: v.KnownAt, Valid: v.Valid, Geometry: v.Geometry, Values: v.Values,
	}, &s.model)
	ends := []orb.Point{straight[0], straight[2]}
	p, err := NewEngine(EngineOptions{}).Passage(t.Context(), s.world(), PassageRequest{ask(Request{Points: ends}), []string{IncludeDepartures}})
	if err != nil {
		t.Fatal(err)
	}
	for hour, d := range p.Departures {
		if closed := d.Advice == "not_passable"; closed != (hour >= 5) {
			t.Errorf("departure after %d h: %s", hour, d.Advice)
		}
		alone, err := Find(t.Context(), s.world(), ask(Request{Points: ends, DepartAt: d.DepartAt, At: d.DepartAt}))
		if err != nil {
			t.Fatal(err)
		}
		if alone.Advice != d.Advice || alone.DurationS != d.DurationS {
			t.Errorf("departure after %d h: %s in %v s, asked alone %s in %v s", hour, d.Advice, d.DurationS, alone.Advice, alone.DurationS)
		}
	}
}

// News of today is none for a journey in three months.
func TestNewsForALaterJourney(t *testing.T) {
	s := openRoad(t)
	for days, want := range map[int]string{0: "no_reported_obstacle", 5: "no_reported_obstacle", 90: "insufficient_information"} {
		a := s.find(t, Request{Line: straight, At: saturday, DepartAt: saturday.AddDate(0, 0, days)})
		if a.Advice != want {
			t.Errorf("a journey in %d days: %s, want %s", days, a.Advice, want)
		}
	}
}
