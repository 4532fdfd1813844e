package passage

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// drawJittered draws a grid whose crossings are out of line, so that hardly any
// two ways cost the same, with one-way streets, weight limits and classes.
func drawJittered(t *rapid.T) *scene {
	const side = 5
	random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	var at [side + 1][side + 1]orb.Point
	for i := range at {
		for k := range at[i] {
			at[i][k] = place(float64(i)*12/side+random.Float64(), float64(k)*12/side+random.Float64())
		}
	}
	var edges []road.EdgeInput
	for i := range side {
		for k := range side {
			for _, b := range []orb.Point{at[i+1][k], at[i][k+1]} {
				e := street(at[i][k], b)
				switch n := random.IntN(12); {
				case n == 0:
					continue
				case n < 3:
					e = national("RN2", at[i][k], b)
				case n == 3:
					e.Oneway = true
				case n == 4:
					e.MaxLoadT = 3
				case n == 5:
					e.Class, e.Surface = road.ClassCommunal, "dirt"
				case n == 6:
					e.Access = uint16(random.IntN(1 << len(geo.VehicleClasses)))
				}
				edges = append(edges, e)
			}
		}
	}
	s := newScene()
	for range random.IntN(400) { // turn restrictions between edges that meet
		a, b := random.IntN(len(edges)), random.IntN(len(edges))
		x, y := edges[a].Geometry, edges[b].Geometry
		if a != b && (x[0] == y[0] || x[0] == y[1] || x[1] == y[0] || x[1] == y[1]) {
			s.turns = append(s.turns, road.Turn{From: int64(a + 1), To: int64(b + 1), Only: random.IntN(4) == 0})
		}
	}
	return s.build(t, edges...)
}

func drawQuestion(t *rapid.T, s *scene) Request {
	r := Request{
		Vehicle: rapid.SampledFrom(geo.VehicleClasses).Draw(t, "vehicle").Value,
		Profile: rapid.SampledFrom(geo.Profiles).Draw(t, "profile").Value,
	}
	for range rapid.IntRange(2, 3).Draw(t, "points") {
		r.Points = append(r.Points, drawPlace(t, "point"))
	}
	if rapid.IntRange(0, 4).Draw(t, "avoid") == 0 {
		west, south := rapid.Float64Range(0, 10).Draw(t, "west"), rapid.Float64Range(0, 10).Draw(t, "south")
		r.Avoid = []Avoidance{{Area: box(west, south, west+2, south+2), Factor: rapid.SampledFrom([]float64{0, 3}).Draw(t, "factor")}}
	}
	if rapid.IntRange(0, 4).Draw(t, "except") == 0 {
		r.Except = []Exception{{Ref: "RN2"}}
	}
	if rapid.IntRange(0, 4).Draw(t, "suppose") == 0 {
		r.WhatIf.Close = []orb.Geometry{drawPlace(t, "closed")}
	}
	if len(s.versions) > 0 && rapid.IntRange(0, 4).Draw(t, "leave aside") == 0 {
		id := rapid.SampledFrom(s.versions).Draw(t, "report").ID
		if rapid.Bool().Draw(t, "ignored") {
			r.Ignore = []uuid.UUID{id}
		} else {
			r.WhatIf.Open = []uuid.UUID{id}
		}
	}
	return r.Resolve(saturday, &s.model)
}

// drawSchedules puts roadblocks with opening hours on the map.
func drawSchedules(t *rapid.T, s *scene) {
	for range rapid.IntRange(0, 4).Draw(t, "scheduled") {
		s.put("roadblocks", drawPlace(t, "gate"), map[string]any{
			"subtype":     rapid.SampledFrom([]string{"toll_post", "community_gate"}).Draw(t, "kind"),
			"precision_m": 1500.0,
			"schedule":    rapid.SampledFrom([]string{"06:00-09:10", "09:20-18:00", "20:00-06:00", "Mo-Th", "off"}).Draw(t, "schedule"),
		})
	}
}

// same compares the answers of an engine and of Dijkstra's algorithm. Ways of
// one price may differ; then nothing else can be compared.
func same(t failer, e *Engine, w *world.World, r Request) {
	t.Helper()
	ctx := context.Background()
	want, wantErr := Find(ctx, w, r)
	got, err := e.Find(ctx, w, r)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("the engine says %v, Dijkstra %v", err, wantErr)
	}
	if err != nil {
		return
	}
	if a, b := encode(t, got), encode(t, want); a != b {
		q, s, err := e.question(ctx, w, &r)
		if err != nil {
			t.Fatal(err)
		}
		at, err := q.snaps()
		if err != nil {
			t.Fatal(err)
		}
		for _, k := range []kind{kindAdvised, kindForced} {
			x, errX := s.legs(ctx, q, k, nil, at)
			y, errY := (&plain{}).legs(ctx, q, k, nil, at)
			if fmt.Sprint(errX) != fmt.Sprint(errY) {
				t.Fatalf("the engine says %v, Dijkstra %v", errX, errY)
			}
			for i := range x {
				if x[i].price != y[i].price {
					t.Fatalf("leg %d costs %d, by Dijkstra %d", i, x[i].price, y[i].price)
				}
				if !slices.Equal(x[i].stretches, y[i].stretches) {
					return // another way of the same price
				}
			}
		}
		t.Fatalf("the engine answers\n%s\nDijkstra\n%s", a, b)
	}
}

func TestEngineAgainstDijkstra(t *testing.T) {
	e := NewEngine(EngineOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawSchedules(t, s)
		w := s.world()
		for range 3 {
			same(t, e, w, drawQuestion(t, s))
		}
	})
}

// The prices of all kinds agree leg by leg.
func TestKindsAgainstDijkstra(t *testing.T) {
	e := NewEngine(EngineOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		w, r := s.world(), drawQuestion(t, s)
		q, search, err := e.question(t.Context(), w, &r)
		if err != nil {
			t.Fatal(err)
		}
		at, err := q.snaps()
		if err != nil {
			return
		}
		for _, k := range []kind{kindAdvised, kindFastest, kindForced, kindBlockages, lambda(1), lambda(10)} {
			x, errX := search.legs(t.Context(), q, k, nil, at)
			y, errY := (&plain{}).legs(t.Context(), q, k, nil, at)
			if fmt.Sprint(errX) != fmt.Sprint(errY) {
				t.Fatalf("kind %d: the engine says %v, Dijkstra %v", k, errX, errY)
			}
			p := q.pricing(k, nil)
			for i := range x {
				if x[i].price != y[i].price {
					t.Fatalf("kind %d, leg %d costs %d, by Dijkstra %d", k, i, x[i].price, y[i].price)
				}
				total := uint32(0)
				for _, st := range x[i].stretches {
					total = plus(total, q.price(&p, st))
				}
				if total != x[i].price {
					t.Fatalf("kind %d, leg %d costs %d, edge by edge %d", k, i, x[i].price, total)
				}
			}
		}
	})
}

// A world that follows another is answered like a world read anew.
func TestEngineFollowsWorlds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := NewEngine(EngineOptions{MaxMetrics: 3, MaxGrounds: 2})
		s := drawJittered(t)
		drawEvidence(t, s)
		w := s.world()
		for step := range 4 {
			r := drawQuestion(t, s)
			same(t, e, w, r)
			fresh, err := NewEngine(EngineOptions{}).Find(t.Context(), w, r)
			again, err2 := e.Find(t.Context(), w, r)
			if fmt.Sprint(err) != fmt.Sprint(err2) || err == nil && encode(t, fresh) != encode(t, again) {
				t.Fatalf("a fresh engine answers otherwise: %v %v", err, err2)
			}
			more := newScene()
			more.network, more.versions, more.made = s.network, slices.Clone(s.versions), s.made
			drawEvidence(t, more)
			drawSchedules(t, more)
			opened := slices.Clone(more.versions[len(s.versions):])
			change := world.Step{Revision: geo.Revision(8 + step), At: saturday, Opened: opened}
			if len(s.versions) > 0 {
				gone := rapid.IntRange(0, len(s.versions)-1).Draw(t, "gone")
				change.Closed = []*geo.Version{s.versions[gone]}
				more.versions = slices.Delete(more.versions, gone, gone+1)
			}
			w, _ = w.Apply(change)
			s = more
			if rapid.Bool().Draw(t, "refresh") {
				e.Refresh(t.Context(), w)
			}
		}
	})
}
