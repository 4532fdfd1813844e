package passage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/hazard"
	"pasaj/geo/road"
)

// nearlyEqual leads from west to east by RN8, or by RN3 a little longer.
func nearlyEqual(t failer) *scene {
	direct := orb.LineString{place(0, 0), place(5, 0), place(10, 0), place(15, 0), place(20, 0)}
	round := orb.LineString{place(0, 0), place(10, 3), place(20, 0)}
	var edges []road.EdgeInput
	for _, line := range []struct {
		ref    string
		points orb.LineString
	}{{"RN8", direct}, {"RN3", round}} {
		for i := 1; i < len(line.points); i++ {
			edges = append(edges, national(line.ref, line.points[i-1], line.points[i]))
		}
	}
	return newScene().build(t, edges...).
		put("national-roads", orb.MultiLineString{direct}, map[string]any{"ref": "RN8", "status": "open"}).
		put("national-roads", orb.MultiLineString{round}, map[string]any{"ref": "RN3", "status": "open"})
}

func alternativesOf(t failer, e *Engine, s *scene, r AlternativesRequest) *Alternatives {
	t.Helper()
	r.Request = ask(r.Request)
	out, err := e.Alternatives(context.Background(), s.world(), r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// robustOf is the position of the way told of as the robust one, -1 without.
func robustOf(out *Alternatives) int {
	return slices.IndexFunc(out.Answers, func(a Alternative) bool { return strings.Contains(a.Difference.Text.English, "least hurt by") })
}

func TestRobustWay(t *testing.T) {
	onDirect, onRound := place(12, 0), place(10, 3)
	with := func(values ...any) map[string]any {
		out := map[string]any{"subtype": "barricade_manned", "state": "cleared", "est_crossing_min": 0.0}
		for i := 0; i < len(values); i += 2 {
			out[values[i].(string)] = values[i+1]
		}
		return out
	}
	unknown := `{"car":"unknown"}`
	old := saturday.AddDate(0, -1, 0)
	for _, c := range []struct {
		name   string
		at     orb.Point
		values map[string]any
		want   int // position of the robust way; -1: none
	}{
		{"intermittent on the faster", onDirect, with("state", "intermittent", "passability", unknown), 1},
		{"disputed on the faster", onDirect, with("state", "disputed", "passability", unknown), 1},
		{"stale on the faster", onDirect, with("state", "active", "passability", unknown, "last_confirmed_at", old), 1},
		{"cleared on the faster, hardly credible", onDirect, with("confidence", .1), 1},
		{"cleared on the slower", onRound, with(), 0},
		{"standing", onDirect, with("state", "active", "passability", unknown), -1},
		{"archived", onDirect, with("state", "archived"), -1},
		{"lets pass for payment", onDirect, with("subtype", "toll_post"), -1},
		{"off both", place(10, 8), with(), -1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := nearlyEqual(t).put("roadblocks", c.at, c.values)
			r := AlternativesRequest{Request: Request{Points: westToEast}}
			out := alternativesOf(t, NewEngine(EngineOptions{}), s, r)
			if len(out.Answers) != 2 {
				t.Fatalf("%d ways", len(out.Answers))
			}
			for i, a := range out.Answers {
				if (a.Role == RoleRobust) != (i == c.want && i > 0) || i == 0 && a.Role != RoleFastest {
					t.Errorf("way %d is %s: %s", i, a.Role, a.Difference.Text.English)
				}
			}
			if got := robustOf(out); got != c.want {
				t.Errorf("told of %d, want %d", got, c.want)
			}
			if c.want > 0 {
				for _, text := range []struct{ all, end string }{
					{out.Answers[c.want].Difference.Text.French, " sur ce trajet : 0 sur 1 ; sur le plus rapide : 1 sur 1."},
					{out.Answers[c.want].Difference.Text.Haitian, " sou wout sa a: 0 sou 1; sou wout ki pi rapid la: 1 sou 1."},
					{out.Answers[c.want].Difference.Text.English, " on this way: 0 of 1; on the fastest: 1 of 1."},
				} {
					if !strings.HasSuffix(text.all, text.end) {
						t.Errorf("says %q", text.all)
					}
				}
			}
			if again := alternativesOf(t, NewEngine(EngineOptions{}), s, r); marshal(t, again) != marshal(t, out) {
				t.Error("another engine says otherwise")
			}
			r.Varied = true
			if got := robustOf(alternativesOf(t, NewEngine(EngineOptions{}), s, r)); got >= 0 {
				t.Error("a way drawn by the seed is marked")
			}
		})
	}
}

// Stopped half-way, one goes on from there; on a one-way road, or on a way by
// several points, back and once more from the start; with no way left the day is
// lost.
func TestLossAtARoadblock(t *testing.T) {
	block := map[string]any{"subtype": "barricade_manned", "state": "cleared"}
	oneway := nearlyEqual(t)
	direct := []orb.Point{place(0, 0), place(5, 0), place(10, 0), place(15, 0), place(20, 0)}
	var edges []road.EdgeInput
	for i := 1; i < len(direct); i++ {
		e := national("RN8", direct[i-1], direct[i])
		e.Oneway = true
		edges = append(edges, e)
	}
	// RN3 first: the start is led to the first of equally near edges.
	oneway.build(t, append([]road.EdgeInput{national("RN3", place(0, 0), place(10, 3), place(20, 0))}, edges...)...)
	alone := newScene().build(t, edges...)
	for _, c := range []struct {
		name   string
		scene  *scene
		points []orb.Point
		want   func(outS, directS, roundS float64) float64
	}{
		{"both directions", nearlyEqual(t), westToEast, func(out, direct, round float64) float64 { return out + out + round - direct }},
		{"one-way", oneway, westToEast, func(out, direct, round float64) float64 { return out + out + round - direct }},
		{"there and back", nearlyEqual(t), []orb.Point{westToEast[0], westToEast[1], westToEast[0]},
			func(out, direct, round float64) float64 { return out + out + 2*round - 2*direct }},
		{"no way left", alone, westToEast, func(_, _, _ float64) float64 { return 24 * 3600 }},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := ask(Request{Points: c.points})
			q := enquireFor(t, NewEngine(EngineOptions{}), c.scene.put("roadblocks", place(12, 0), block), &r)
			at, err := q.snaps()
			if err != nil {
				t.Fatal(err)
			}
			ways := choiceFor(t, q, at, 1)
			places, met := ways.likelyNext()
			if len(places) != 1 {
				t.Fatalf("%d places", len(places))
			}
			_, m, done := q.fastestMetric(nil)
			defer done()
			query := q.net.queries.Get().(*cch.Query)
			defer q.net.queries.Put(query)
			d := q.closing(places[0].obstacle, m.Edit(), query, at)
			way := ways.list[0].way
			where := met[0][places[0].obstacle]
			seconds := func(points ...orb.Point) float64 {
				return nearlyEqual(t).find(t, Request{Points: points}).DurationS
			}
			directS, roundS := seconds(westToEast...), seconds(westToEast[0], place(10, 3), westToEast[1])
			want := c.want(way.seconds(where.atM), directS, roundS)
			if got := d.loss(way, where, q.judge(way).DurationS); math.Abs(got-want) > 3 || want < 60 {
				t.Errorf("%v s lost, want %v", got, want)
			}
		})
	}
}

// A report left aside or taken for lifted is no likely roadblock.
func TestRobustWayHeedsTheRequest(t *testing.T) {
	s := nearlyEqual(t).put("roadblocks", place(12, 0), map[string]any{"subtype": "barricade_manned", "state": "cleared"})
	block := []uuid.UUID{s.versions[len(s.versions)-1].ID}
	for name, r := range map[string]Request{"ignored": {Ignore: block}, "lifted": {WhatIf: WhatIf{Open: block}}} {
		r.Points = westToEast
		if got := robustOf(alternativesOf(t, NewEngine(EngineOptions{}), s, AlternativesRequest{Request: r})); got >= 0 {
			t.Errorf("%s: way %d is robust", name, got)
		}
	}
}

// What was credible before it was cleared is as credible as that report, faded;
// what is known only as cleared as if it had been reported instead.
func TestCredibilityOfClearedRoadblocks(t *testing.T) {
	values := map[string]any{"subtype": "barricade_manned", "state": "cleared", "confidence": .8}
	s := nearlyEqual(t).put("roadblocks", place(12, 0), values)
	cleared := s.versions[len(s.versions)-1]
	values["state"] = "active"
	active := s.copy().put("roadblocks", place(12, 0), values)
	want := defaultPolicy().Credibility(active.versions[len(active.versions)-1], saturday)
	r := ask(Request{Points: westToEast})
	got := func(s *scene) float64 {
		q := enquireFor(t, NewEngine(EngineOptions{}), s, &r)
		return q.standing(q.ground.obstacles[0])
	}
	if c := got(s); math.Abs(c-want) > 1e-9 {
		t.Errorf("known only as cleared: %v, want %v", c, want)
	}
	before := *cleared
	before.Values = slices.Clone(cleared.Values)
	before.Values[before.Layer.Index("state")] = "active"
	before.Values[before.Layer.Index("confidence")] = .3
	before.Values[before.Layer.Index("last_confirmed_at")] = saturday.Add(-24 * time.Hour)
	before.Valid = geo.Period{From: saturday.AddDate(0, -2, 0), To: saturday.Add(-12 * time.Hour)}
	after := *cleared
	after.Valid = geo.Period{From: saturday.Add(-12 * time.Hour)}
	s.versions = append(s.versions[:len(s.versions)-1], geo.NewVersion(before, &s.model), geo.NewVersion(after, &s.model))
	if c, want := got(s), defaultPolicy().Credibility(s.versions[len(s.versions)-2], saturday); math.Abs(c-want) > 1e-9 {
		t.Errorf("before it was cleared: %v, want %v", c, want)
	}
}

// On small grids, the robust way is the one that Dijkstra's algorithm on networks
// without each place finds to be hurt least.
func TestRobustWayAgainstDijkstra(t *testing.T) {
	e := NewEngine(EngineOptions{})
	marked, changed := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		s := grid(t)
		for range rapid.IntRange(0, 24).Draw(t, "places") {
			s.put("roadblocks", orb.Point(place(rapid.Float64Range(0, 7).Draw(t, "east"), rapid.Float64Range(0, 7).Draw(t, "north"))), map[string]any{
				"subtype": "barricade_manned", "state": "cleared", "precision_m": rapid.Float64Range(50, 600).Draw(t, "precision"),
				"confidence": rapid.Float64Range(.05, .95).Draw(t, "confidence"),
			})
		}
		r := ask(Request{Points: corners()})
		out := alternativesOf(t, e, s, AlternativesRequest{Request: r, Count: 5})
		q := enquireFor(t, e, s, &r)
		at, err := q.snaps()
		if err != nil {
			t.Fatal(err)
		}
		touches := func(v *geo.Version, st road.Stretch) bool {
			on := q.on(st.Edge)
			here := span{min(st.FromM, st.ToM), max(st.FromM, st.ToM)}
			return on != nil && slices.ContainsFunc(on.obstacles, func(o obstacleReach) bool {
				return o.obstacle.version == v && o.from < here.to && o.to > here.from
			})
		}
		weigh := q.weigher(nil)
		without := func(v *geo.Version, from road.Position) float64 {
			path, err := s.network.Dijkstra(context.Background(), from, at[1].Position, func(st road.Stretch) (float64, bool) {
				time, _ := weigh.cost(st)
				return float64(time), time < cch.Infinity && !touches(v, st)
			})
			if err != nil {
				return math.Inf(1)
			}
			return path.Cost / 10
		}
		// The ways again, to see by what stretches they run.
		c := choiceFor(t, q, at, 5)
		if len(c.list) != len(out.Answers) {
			t.Fatalf("%d ways, then %d", len(out.Answers), len(c.list))
		}
		var places []*geo.Version
		passes := func(w *way, v *geo.Version) (seconds float64, from road.Position, ok bool) {
			for _, p := range w.pieces {
				if p.number == noEdge || !touches(v, road.Stretch{Edge: p.number, FromM: p.fromM, ToM: p.toM}) {
					continue
				}
				for _, o := range p.survey.obstacles {
					s, meets := p.along(o.span)
					if o.obstacle.version == v && meets && (!ok || w.seconds(s.from) < seconds) {
						forth := p.fromM + math.Copysign(s.from-p.startM, p.toM-p.fromM)
						seconds, from, ok = w.seconds(s.from), road.Position{Edge: p.number, AlongM: forth}, true
						for _, edge := range []float64{o.from, o.to} {
							if math.Abs(edge-forth) < 1e-6 {
								from.AlongM = edge
							}
						}
					}
				}
				return seconds, from, ok
			}
			return 0, road.Position{}, false
		}
		for _, v := range s.versions {
			if v.Layer.Name == "roadblocks" && slices.ContainsFunc(c.list, func(x chosen) bool { _, _, ok := passes(x.way, v); return ok }) {
				places = append(places, v)
			}
		}
		// In the order of ids already.
		slices.SortStableFunc(places, func(a, b *geo.Version) int { return -cmp.Compare(credible(a), credible(b)) })
		places = places[:min(len(places), 5)]
		hurt := make([]float64, len(c.list))
		for i, x := range c.list {
			hurt[i] = out.Answers[i].Answer.DurationS
			for _, v := range places {
				if seconds, from, ok := passes(x.way, v); ok {
					rest := seconds + without(v, from)
					if math.IsInf(rest, 1) {
						rest = 2*seconds + without(v, at[0].Position)
					}
					hurt[i] += credible(v) * min(max(0, rest-out.Answers[i].Answer.DurationS), 86_400)
				}
			}
		}
		got := robustOf(out)
		if len(places) == 0 || len(c.list) < 2 {
			if got >= 0 {
				t.Fatalf("way %d is robust without likely places or others", got)
			}
			return
		}
		if got < 0 {
			t.Fatalf("no robust way; %d places", len(places))
		}
		if least := slices.Min(hurt); hurt[got] > least+3 {
			t.Fatalf("way %d is robust, hurt %v", got, hurt)
		}
		marked++
		if got > 0 {
			changed++
			if !strings.Contains(out.Answers[got].Difference.Text.English, fmt.Sprintf(" of %d.", len(places))) {
				t.Fatalf("%d places, says %s", len(places), out.Answers[got].Difference.Text.English)
			}
		}
	})
	if marked == 0 || changed == 0 {
		t.Errorf("%d robust ways, %d of them not the fastest", marked, changed)
	}
}

// credible is how credible a cleared roadblock would be had it been reported.
func credible(v *geo.Version) float64 {
	odds := func(c float64) float64 { return math.Log(c / (1 - c)) }
	claim := defaultPolicy().Claims[hazard.Class(v)]
	left := math.Exp2(-12 / claim.HalfLifeH)
	x := odds(claim.Prior) + max(0, odds(v.Confidence)-odds(claim.Prior))*left
	return 1 / (1 + math.Exp(-x))
}

// choiceFor chooses ways like Engine.Alternatives.
func choiceFor(t failer, q *enquiry, at []road.Snap, most int) *choice {
	t.Helper()
	ctx := context.Background()
	list, _, ok, err := q.passable(ctx, at)
	if err != nil || !ok {
		t.Fatalf("passable %v: %v", ok, err)
	}
	c := &choice{q: q, most: most}
	c.add(RoleFastest, q.join(at, list[0].legs()))
	if knee := hazard.Knee(points(list)); knee > 0 {
		c.add(RoleBalanced, q.join(at, list[knee].legs()))
	} else if advised, err := q.choose(ctx, q.fast); err == nil && c.isOther(advised) {
		c.add(RoleBalanced, advised)
	}
	c.add(RoleLeastRisk, q.join(at, list[len(list)-1].legs()))
	if err := c.more(ctx, at, false, 0); err != nil {
		t.Fatal(err)
	}
	return c
}
