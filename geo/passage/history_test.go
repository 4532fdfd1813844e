package passage

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
)

// drawValidity gives the features of a scene stretches of valid time, some in
// several states one after the other.
func drawValidity(t *rapid.T, s *scene) {
	hours := func(name string, lo, hi int) time.Duration {
		return time.Duration(rapid.IntRange(lo, hi).Draw(t, name)) * time.Hour / 4
	}
	var out []*geo.Version
	for _, v := range s.versions {
		from := saturday.Add(hours("from", -200, 100))
		var to time.Time
		for range rapid.IntRange(1, 3).Draw(t, "states") {
			to = from.Add(hours("lasts", 1, 200))
			if rapid.IntRange(0, 2).Draw(t, "for ever") == 0 {
				to = time.Time{}
			}
			out = append(out, geo.NewVersion(geo.Version{Layer: v.Layer, ID: v.ID, Known: v.Known, KnownAt: v.KnownAt, Valid: geo.Period{From: from, To: to}, Geometry: v.Geometry, Values: v.Values}, &s.model))
			if to.IsZero() {
				break
			}
			from = to.Add(hours("gap", 0, 10))
		}
	}
	s.versions = out
}

// The same question has the same answer whatever was asked before, of whatever
// instant and hour, while time passes without news.
func TestAnswersDoNotDependOnHistory(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		warm := NewEngine(EngineOptions{MaxMetrics: rapid.IntRange(1, 4).Draw(t, "metrics"), MaxGrounds: rapid.IntRange(1, 3).Draw(t, "grounds")})
		s := drawJittered(t)
		drawEvidence(t, s)
		drawSchedules(t, s)
		drawValidity(t, s)
		w := s.world()
		for range 8 {
			r := drawQuestion(t, s)
			r.At = saturday.Add(time.Duration(rapid.IntRange(-60, 60).Draw(t, "at")) * 15 * time.Minute)
			r.DepartAt = saturday.Add(time.Duration(rapid.IntRange(-600, 3000).Draw(t, "depart")) * time.Minute)
			r.MaxAge = time.Duration(rapid.IntRange(1, 300).Draw(t, "age")) * time.Hour
			got, err := warm.Find(t.Context(), w, r)
			want, wantErr := NewEngine(EngineOptions{}).Find(t.Context(), w, r)
			if fmt.Sprint(err) != fmt.Sprint(wantErr) {
				t.Fatalf("%v, of a fresh engine %v", err, wantErr)
			}
			if err != nil {
				continue
			}
			if encode(t, got) != encode(t, want) {
				t.Fatalf("%s, of a fresh engine %s", encode(t, got), encode(t, want))
			}
			same(t, warm, w, r)
			if rapid.IntRange(0, 3).Draw(t, "refresh") == 0 {
				warm.Refresh(t.Context(), w)
			}
		}
	})
}

// Until the instant that an answer names nothing about a given line becomes
// another, if nobody says anything new.
func TestAnswersHoldUntil(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawValidity(t, s)
		r := Request{Line: orb.LineString{drawPlace(t, "a"), drawPlace(t, "b"), place(13, 13)}, Vehicle: "car", Profile: "commercial"}
		r = r.Resolve(saturday, &s.model)
		w := s.world()
		before, err := Find(t.Context(), w, r)
		if err != nil {
			t.Fatal(err)
		}
		left := before.ValidUntil.Sub(r.At)
		if left <= 0 {
			t.Fatalf("valid until %v", before.ValidUntil)
		}
		r.At = r.At.Add(time.Duration(float64(left) * rapid.Float64Range(0, .999).Draw(t, "later")))
		after, err := Find(t.Context(), w, r)
		if err != nil {
			t.Fatal(err)
		}
		if after.Advice != before.Advice {
			t.Fatalf("%s until %v, but %s at %v", before.Advice, before.ValidUntil, after.Advice, r.At)
		}
	})
}

// Where there is too little information there still is when reports disappear
// altogether.
func TestReportsGoneNeverInform(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawEvidence(t, s)
		r := Request{Line: orb.LineString{drawPlace(t, "a"), drawPlace(t, "b"), place(13, 13)}, Vehicle: "car", Profile: "commercial"}
		before := s.find(t, r)
		less := s.copy()
		less.versions = slices.DeleteFunc(less.versions, func(*geo.Version) bool { return rapid.Bool().Draw(t, "gone") })
		after := less.find(t, r)
		if before.Advice == "insufficient_information" && after.Advice != before.Advice {
			t.Fatalf("%s became %s", before.Advice, after.Advice)
		}
		// leaving aside is the same as never made
		r.Ignore = nil
		for _, v := range s.versions {
			if !slices.Contains(less.versions, v) {
				r.Ignore = append(r.Ignore, v.ID)
			}
		}
		ignored := s.find(t, r)
		if ignored.Advice != after.Advice || ignored.UnobservedM != after.UnobservedM {
			t.Fatalf("without reports %s %v, leaving them aside %s %v", after.Advice, after.UnobservedM, ignored.Advice, ignored.UnobservedM)
		}
		// and so the other way round for what is opened: never less guarded than unobserved
		r.Ignore, r.WhatIf.Open = nil, []uuid.UUID{}
		for _, v := range s.versions {
			r.WhatIf.Open = append(r.WhatIf.Open, v.ID)
		}
		if a := s.find(t, r); before.Advice == "insufficient_information" && a.Advice != before.Advice {
			t.Fatalf("opened: %s became %s", before.Advice, a.Advice)
		}
	})
}

// Worlds, hours, instants and private wishes may come mixed from any number of
// goroutines to an engine that keeps next to nothing.
func TestEngineUnderChange(t *testing.T) {
	e := NewEngine(EngineOptions{MaxMetrics: 2, MaxGrounds: 2})
	base := fork(t)
	a := base.copy().put("roadblocks", place(20, -2), map[string]any{"subtype": "toll_post", "schedule": "20:00-06:00"})
	b := a.copy().put("controlled-zones", box(11, -3, 29, -.1), map[string]any{"control_type": "contested"})
	c := b.copy().put("roadblocks", place(20, 10), map[string]any{"subtype": "barricade_manned"})
	worlds := []*scene{base, a, b, c}
	var wait sync.WaitGroup
	for g := range 6 {
		wait.Go(func() {
			for i := range 40 {
				s := worlds[(g*7+i)%len(worlds)]
				w := s.world()
				r := Request{Points: acrossFork, Vehicle: geo.VehicleClasses[i%5+1].Value, Profile: "commercial", DepartAt: saturday.Add(time.Duration(i) * time.Hour), At: saturday.Add(time.Duration(i%3) * time.Hour)}
				switch i % 5 {
				case 0:
					r.WhatIf.Close = []orb.Geometry{place(20, 10)}
				case 1:
					r.Avoid = []Avoidance{{Area: box(5, -5, 30, 5), Factor: 3}}
				case 2:
					r.Except = []Exception{{Ref: "RN2"}}
				}
				r = r.Resolve(saturday, &s.model)
				got, err := e.Find(t.Context(), w, r)
				want, wantErr := Find(t.Context(), w, r)
				if fmt.Sprint(err) != fmt.Sprint(wantErr) || err == nil && encode(t, got) != encode(t, want) {
					t.Errorf("another answer: %v %v", err, wantErr)
				}
				if i%7 == 0 {
					e.Refresh(t.Context(), w)
				}
			}
		})
	}
	wait.Wait()
}
