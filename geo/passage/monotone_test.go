package passage

import (
	"slices"
	"sync"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/cch"
)

// Deleting confirmations at random never turns an answer more favourable, on a
// given line and for a way that is looked for: what nobody has confirmed is not
// known, and insufficient information is never outvoted.
func TestLessNewsNeverHelps(t *testing.T) {
	e := NewEngine(EngineOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawEvidence(t, s)
		drawSchedules(t, s)
		r := Request{
			Vehicle: rapid.SampledFrom(geo.VehicleClasses).Draw(t, "vehicle").Value,
			Profile: rapid.SampledFrom(geo.Profiles).Draw(t, "profile").Value,
		}
		if rapid.Bool().Draw(t, "route") {
			r.Points = []orb.Point{drawPlace(t, "from"), drawPlace(t, "to")}
		} else {
			r.Line = orb.LineString{drawPlace(t, "a"), drawPlace(t, "b"), place(13, 13)}
		}
		r = r.Resolve(saturday, &s.model)
		before, err := e.Find(t.Context(), s.world(), r)
		if err != nil {
			return
		}
		less := s.copy()
		for i, v := range less.versions {
			if rapid.Bool().Draw(t, "forget") {
				values := slices.Clone(v.Values)
				values[v.Layer.Index("last_confirmed_at")] = nil
				less.versions[i] = geo.NewVersion(geo.Version{Layer: v.Layer, ID: v.ID, Known: v.Known, KnownAt: v.KnownAt, Valid: v.Valid, Geometry: v.Geometry, Values: values}, &s.model)
			}
		}
		after, err := e.Find(t.Context(), less.world(), r)
		if err != nil {
			t.Fatal(err)
		}
		if rank(after.Advice) < rank(before.Advice) {
			t.Fatalf("%s became %s", before.Advice, after.Advice)
		}
		if after.UnobservedM < before.UnobservedM {
			t.Fatalf("%v m without news became %v", before.UnobservedM, after.UnobservedM)
		}
		if after.Risk.Unknown < before.Risk.Unknown {
			t.Fatalf("an unknown risk of %v became %v", before.Risk.Unknown, after.Risk.Unknown)
		}
		if before.Risk.Band == "unknown" && after.Risk.Band != "unknown" {
			t.Fatalf("band unknown became %s", after.Risk.Band)
		}
	})
}

// One more closure never makes the cheapest way cheaper.
func TestOneMoreClosureNeverShortens(t *testing.T) {
	e := NewEngine(EngineOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		w, r := s.world(), drawQuestion(t, s)
		more := r
		more.WhatIf.Close = append(slices.Clone(r.WhatIf.Close), drawPlace(t, "one more"))
		price := func(r Request) uint32 {
			q, search, err := e.question(t.Context(), w, &r)
			if err != nil {
				t.Fatal(err)
			}
			at, err := q.snaps()
			if err != nil {
				return 0
			}
			legs, err := search.legs(t.Context(), q, kindAdvised, nil, at)
			if err != nil {
				return cch.Infinity
			}
			total := uint32(0)
			for _, l := range legs {
				total = plus(total, l.price)
			}
			return total
		}
		if before, after := price(r), price(more); after < before {
			t.Fatalf("%d deciseconds became %d by a closure", before, after)
		}
	})
}

// Questions and new worlds may come together from any number of goroutines.
func TestEngineInParallel(t *testing.T) {
	e := NewEngine(EngineOptions{MaxMetrics: 4, MaxGrounds: 3})
	s := fork(t).put("roadblocks", place(20, -2), map[string]any{"subtype": "toll_post", "schedule": "20:00-06:00"})
	free := fork(t)
	free.network = s.network
	worlds := []*scene{s, free, free.copy().put("controlled-zones", box(11, -3, 29, -.1), map[string]any{"control_type": "contested"})}
	var wait sync.WaitGroup
	for g := range 4 {
		wait.Go(func() {
			for i := range 30 {
				at := worlds[(g+i)%len(worlds)]
				w := at.world()
				r := Request{Points: acrossFork, Vehicle: geo.VehicleClasses[i%3+1].Value, Profile: "commercial"}
				if i%4 == 0 {
					r.WhatIf.Close = []orb.Geometry{place(20, 10)}
				}
				r = r.Resolve(saturday, &at.model)
				got, err := e.Find(t.Context(), w, r)
				if err != nil {
					t.Error(err)
					return
				}
				want, err := Find(t.Context(), w, r)
				if err != nil || encode(t, got) != encode(t, want) {
					t.Errorf("world %d: another answer: %v", (g+i)%len(worlds), err)
				}
				if i%5 == 0 {
					e.Refresh(t.Context(), w)
				}
			}
		})
	}
	wait.Wait()
}
