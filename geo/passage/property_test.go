package passage

import (
	"context"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/road"
)

// Without hazards, a way takes as long as Dijkstra on plain driving times says.
func TestRouteAgainstDijkstra(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawGrid(t)
		from, to := drawPlace(t, "from"), drawPlace(t, "to")
		a, err := s.try(Request{Points: []orb.Point{from, to}})
		x, okX := s.network.Snap(from, reachNetworkM)
		y, okY := s.network.Snap(to, reachNetworkM)
		if !okX || !okY {
			if geo.CodeOf(err) != geo.CodeUnprocessable {
				t.Fatalf("no road near, but %v", err)
			}
			return
		}
		path, pathErr := s.network.Dijkstra(context.Background(), x.Position, y.Position, func(st road.Stretch) (float64, bool) {
			return st.LengthM() * newCaller(defaultPolicy(), "car", "humanitarian_cargo").paceOf(s.network.Edge(st.Edge)), true
		})
		if (err == nil) != (pathErr == nil) {
			t.Fatalf("find %v, Dijkstra %v", err, pathErr)
		}
		if err != nil {
			return
		}
		want := path.Cost
		for _, snap := range []road.Snap{x, y} {
			if snap.DistanceM > besideM {
				want += snap.DistanceM / (defaultPolicy().Roads.AccessKmh / 3.6)
			}
		}
		if math.Abs(a.DurationS-want) > 1 {
			t.Fatalf("%v s, want %v", a.DurationS, want)
		}
	})
}

func TestPropertiesOfAnswers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawGrid(t)
		drawEvidence(t, s)
		r := Request{Vehicle: rapid.SampledFrom(geo.VehicleClasses).Draw(t, "vehicle").Value, Profile: rapid.SampledFrom(geo.Profiles).Draw(t, "profile").Value}
		if rapid.Bool().Draw(t, "route") {
			r.Points = []orb.Point{drawPlace(t, "from"), drawPlace(t, "to")}
		} else {
			r.Line = orb.LineString{drawPlace(t, "a"), drawPlace(t, "b"), place(20, 20)}
		}
		a, err := s.try(r)
		if err != nil {
			if geo.CodeOf(err) != geo.CodeUnprocessable {
				t.Fatal(err)
			}
			return
		}
		sum := a.UnassessedM
		for _, c := range a.Control {
			sum += c.LengthM
		}
		if math.Abs(sum-a.LengthM) > .05*float64(len(a.Control)+2) {
			t.Fatalf("%v and %v unassessed are %v, not %v", a.Control, a.UnassessedM, sum, a.LengthM)
		}
		if a.UnobservedM > a.LengthM || a.UnobservedM < 0 {
			t.Fatalf("%v m of %v unobserved", a.UnobservedM, a.LengthM)
		}
		for i, reason := range a.Reasons {
			if i > 0 && reason.Km < a.Reasons[i-1].Km || reason.Km > a.LengthM/1000+.01 {
				t.Fatalf("reasons are not in the order of the way: %s", encode(t, a))
			}
			if rank(reason.Effect) > rank(a.Advice) {
				t.Fatalf("advice %s, but a reason says %s", a.Advice, reason.Effect)
			}
		}
		if a.ValidUntil.Before(a.DateTime) {
			t.Fatalf("valid until %v", a.ValidUntil)
		}
		again, err := s.try(r)
		if err != nil || encode(t, a) != encode(t, again) {
			t.Fatalf("asked twice: %v\n%s\n%s", err, encode(t, a), encode(t, again))
		}
		text := strings.ToLower(encode(t, a))
		for _, word := range []string{"safe", "sûr", "sécuritaire", "san danje", "an sekirite"} {
			if strings.Contains(text, word) {
				t.Fatalf("the answer says %q", word)
			}
		}
	})
}

// One more obstacle never makes the advice better, on the same line. Left out
// are an obstacle that proves a toll regime, one that is itself news, and
// opening hours, which a delay may reach.
func TestOneMoreObstacleNeverHelps(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawGrid(t).put("controlled-zones", box(-1, -1, 25, 25), map[string]any{"control_type": "state_held"})
		drawEvidence(t, s)
		line := orb.LineString{drawPlace(t, "a"), drawPlace(t, "b"), place(20, 20)}
		r := Request{Line: line, Vehicle: rapid.SampledFrom(geo.VehicleClasses).Draw(t, "vehicle").Value}
		more := s.copy().put("roadblocks", drawPlace(t, "obstacle"), map[string]any{
			"subtype":           rapid.SampledFrom([]string{"barricade_manned", "community_gate", "flood", "police_closure", "ambush_stretch", "mine_uxo"}).Draw(t, "subtype"),
			"last_confirmed_at": nil,
			"precision_m":       rapid.Float64Range(0, 5000).Draw(t, "precision"),
		})
		before, after := s.find(t, r), more.find(t, r)
		if rank(after.Advice) < rank(before.Advice) {
			t.Fatalf("%s became %s", before.Advice, after.Advice)
		}
	})
}

func rank(advice string) int {
	return slices.IndexFunc(geo.Advices, func(w geo.Word) bool { return w.Value == advice })
}

func drawPlace(t *rapid.T, name string) orb.Point {
	return place(rapid.Float64Range(0, 12).Draw(t, name+" east"), rapid.Float64Range(0, 12).Draw(t, name+" north"))
}

// drawGrid draws a grid of streets and national roads with gaps.
func drawGrid(t *rapid.T) *scene {
	var edges []road.EdgeInput
	for i := range 4 {
		for k := range 4 {
			a := place(float64(i)*4, float64(k)*4)
			for _, b := range []orb.Point{place(float64(i+1)*4, float64(k)*4), place(float64(i)*4, float64(k+1)*4)} {
				e := street(a, b)
				switch rapid.IntRange(0, 5).Draw(t, "edge") {
				case 0:
					continue
				case 1:
					e = national("RN2", a, b)
				case 2:
					e.Oneway = true
				}
				edges = append(edges, e)
			}
		}
	}
	return newScene().build(t, edges...)
}

func drawEvidence(t *rapid.T, s *scene) {
	ages := rapid.Float64Range(0, 600)
	confirmed := func() time.Time { return saturday.Add(-time.Duration(ages.Draw(t, "age") * float64(time.Hour))) }
	for range rapid.IntRange(0, 5).Draw(t, "zones") {
		west, south := rapid.Float64Range(0, 10).Draw(t, "west"), rapid.Float64Range(0, 10).Draw(t, "south")
		s.put("controlled-zones", box(west, south, west+3, south+3), map[string]any{
			"control_type": rapid.SampledFrom(geo.ControlTypes).Draw(t, "control").Value, "last_confirmed_at": confirmed(),
			"holders": `[{"group":"` + rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "group") + `","role":"principal"}]`,
		})
	}
	subtypes, _ := roadblocks.Property("subtype")
	for range rapid.IntRange(0, 6).Draw(t, "roadblocks") {
		s.put("roadblocks", drawPlace(t, "roadblock"), map[string]any{
			"subtype": rapid.SampledFrom(subtypes.Words).Draw(t, "subtype").Value, "last_confirmed_at": confirmed(),
			"precision_m": rapid.Float64Range(0, 3000).Draw(t, "precision"),
			"road_ref":    rapid.SampledFrom([]any{nil, "RN2"}).Draw(t, "ref"),
		})
	}
	for range rapid.IntRange(0, 3).Draw(t, "sections") {
		s.put("national-roads", orb.MultiLineString{{drawPlace(t, "from"), drawPlace(t, "to")}}, map[string]any{
			"ref": "RN2", "status": rapid.SampledFrom([]string{"open", "restricted", "closed", "unknown"}).Draw(t, "status"),
			"last_confirmed_at": confirmed(),
		})
	}
}
