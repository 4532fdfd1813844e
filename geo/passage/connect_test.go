package passage

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

func connect(t failer, s *scene, hubs, places []orb.Point) []isolation.Status {
	t.Helper()
	out, err := NewEngine(EngineOptions{}).Ways().Connection(context.Background(), s.world(), saturday, "car", "police_isolated_check", hubs, places)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// Obstacles stand somewhere along an edge: a station between two of them is cut
// off, however near its edge's ends are to the network.
func TestConnectBetweenHardStopsOnOneEdge(t *testing.T) {
	barrier := map[string]any{"subtype": "fixed_barrier", "precision_m": 50.0}
	station, hub := []orb.Point{place(20, 0)}, []orb.Point{place(5, 0)}
	for _, c := range []struct {
		name   string
		blocks []orb.Point
		hub    orb.Point
		want   isolation.Status
	}{
		{"no block", nil, place(5, 0), isolation.Open},
		{"ringed", []orb.Point{place(15, 0), place(25, 0)}, place(5, 0), isolation.Closed},
		{"ringed, the hub at the end of the edge", []orb.Point{place(15, 0), place(25, 0)}, place(0, 0), isolation.Closed},
		{"ringed, the hub across the junction", []orb.Point{place(15, 0), place(25, 0)}, place(0, 10), isolation.Closed},
		{"one side open", []orb.Point{place(25, 0)}, place(0, 10), isolation.Open},
		{"only the other side open", []orb.Point{place(15, 0)}, place(0, 10), isolation.Open}, // by the way round
		{"the block moved beyond the hub", []orb.Point{place(2, 0), place(25, 0)}, place(5, 0), isolation.Open},
		{"ringed together with the hub", []orb.Point{place(2, 0), place(25, 0)}, place(0, 10), isolation.Closed},
		{"the hub is in the ring", []orb.Point{place(15, 0), place(25, 0)}, place(18, 0), isolation.Open},
		{"the station is the hub", []orb.Point{place(15, 0), place(25, 0)}, place(20, 0), isolation.Open},
	} {
		// One long edge and a way round it, all of it observed.
		line := orb.LineString{place(0, 0), place(40, 0)}
		round := orb.LineString{place(40, 0), place(40, 10), place(0, 10), place(0, 0)}
		s := newScene().build(t, national("RN2", line...), national("RN2", round...)).
			put("national-roads", orb.MultiLineString{line, round}, map[string]any{"ref": "RN2", "status": "open", "precision_m": 100.0})
		for _, at := range c.blocks {
			s.put("roadblocks", at, barrier)
		}
		if got := connect(t, s, []orb.Point{c.hub}, station); got[0] != c.want {
			t.Errorf("%s: %v, want %v", c.name, got[0], c.want)
		}
	}
	// What nobody reported on is unknown, and so is a place with no road near.
	unobserved := newScene().build(t, national("RN2", straight...))
	if got := connect(t, unobserved, hub, []orb.Point{place(30, 0), place(30, 30)}); !slices.Equal(got, []isolation.Status{isolation.Unknown, isolation.Unknown}) {
		t.Errorf("nobody knows: %v", got)
	}
	if got := connect(t, openRoad(t), nil, station); got[0] != isolation.Closed {
		t.Errorf("no hub: %v", got[0])
	}
	toll := openRoad(t).put("roadblocks", place(10, 0), map[string]any{"subtype": "toll_post", "precision_m": 50.0, "actor_type": "police"})
	if got := connect(t, toll, hub, station); got[0] != isolation.PayOrAsk {
		t.Errorf("past a toll: %v", got[0])
	}
}

// The best connection is that of a search on a graph with both places in it.
func TestConnectAgainstSearch(t *testing.T) {
	e := NewEngine(EngineOptions{Threads: 2})
	seen := map[isolation.Status]int{}
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawSchedules(t, s)
		r := drawQuestion(t, s)
		r.MaxAge = rapid.SampledFrom([]time.Duration{24 * time.Hour, 500 * time.Hour}).Draw(t, "age")
		var groups []ConnectGroup
		for range rapid.IntRange(1, 3).Draw(t, "groups") {
			var group ConnectGroup
			for range rapid.IntRange(0, 3).Draw(t, "hubs") {
				group.Hubs = append(group.Hubs, drawPlace(t, "hub"))
			}
			for range rapid.IntRange(1, 3).Draw(t, "places") {
				group.Places = append(group.Places, drawPlace(t, "place"))
			}
			groups = append(groups, group)
		}
		got, err := e.ConnectGroups(t.Context(), s.world(), ConnectGroupsRequest{Request: r, Groups: groups})
		if err != nil {
			t.Fatal(err)
		}
		r.Points = nil
		q := enquireFor(t, e, s, &r)
		p, state := q.pricing(kindFastest, nil), q.states()
		for i, group := range groups {
			for k, to := range group.Places {
				want := isolation.Closed
				at := q.snapAll([]orb.Point{to})[0]
				if !at.ok {
					want = isolation.Unknown
				}
				for _, from := range q.snapAll(group.Hubs) {
					if at.ok && from.ok {
						want = min(want, connection(t, q, &p, state, from.Position, at.Position))
					}
				}
				if got[i][k] != want {
					t.Fatalf("group %d, place %d: %v, want %v", i, k, got[i][k], want)
				}
				seen[want]++
			}
		}
	})
	if seen[isolation.Closed] == 0 || seen[isolation.Unknown] == 0 || len(seen) < 3 {
		t.Errorf("seen: %v", seen)
	}
}

// connection joins two positions to the network as junctions of their own and
// searches.
func connection(t failer, q *enquiry, p *pricing, state isolation.State, from, to road.Position) isolation.Status {
	t.Helper()
	if from == to {
		return isolation.Open
	}
	g := q.roads.graph
	var tails, heads []int32
	for i := range g.Len() {
		tails, heads = append(tails, int32(g.Edge(i).From)), append(heads, int32(g.Edge(i).To))
	}
	state = slices.Clone(state)
	join := func(a, b int32, s road.Stretch) {
		tails, heads, state = append(tails, a), append(heads, b), append(state, q.stretchState(p, s))
	}
	for i, at := range []road.Position{from, to} {
		e, own := g.Edge(at.Edge), int32(g.Junctions()+i)
		join(own, int32(e.From), road.Stretch{Edge: at.Edge, FromM: at.AlongM})
		join(own, int32(e.To), road.Stretch{Edge: at.Edge, FromM: at.AlongM, ToM: e.LengthM})
	}
	if from.Edge == to.Edge {
		join(int32(g.Junctions()), int32(g.Junctions()+1), road.Stretch{Edge: from.Edge, FromM: from.AlongM, ToM: to.AlongM})
	}
	graph, err := isolation.NewGraph(g.Junctions()+2, tails, heads)
	if err != nil {
		t.Fatal(err)
	}
	reach, err := graph.Reach(state, []int32{int32(g.Junctions())})
	if err != nil {
		t.Fatal(err)
	}
	return reach[g.Junctions()+1]
}

// A part of an edge is never worse than the edge.
func TestPartsOfEdgesAreNoWorse(t *testing.T) {
	e := NewEngine(EngineOptions{})
	better := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		r := drawQuestion(t, s)
		q := enquireFor(t, e, s, &r)
		p, states := q.pricing(kindFastest, nil), q.states()
		for edge, whole := range states {
			lengthM := s.network.Edge(edge).LengthM
			from, to := rapid.Float64Range(0, lengthM).Draw(t, "from"), rapid.Float64Range(0, lengthM).Draw(t, "to")
			part := q.stretchState(&p, road.Stretch{Edge: edge, FromM: from, ToM: to})
			if part > whole {
				t.Fatalf("edge %d is %v, a part of it %v", edge, whole, part)
			}
			if part < whole {
				better++
			}
		}
	})
	if better == 0 {
		t.Error("no part was better: this shows nothing")
	}
}

func TestConnectRefuses(t *testing.T) {
	s := openRoad(t)
	e := NewEngine(EngineOptions{})
	ask := func(s *scene, groups ...ConnectGroup) error {
		_, err := e.ConnectGroups(t.Context(), s.world(), ConnectGroupsRequest{Request: Request{Vehicle: "car", Profile: "commercial"}, Groups: groups}.Resolve(saturday, &s.model))
		return err
	}
	here := []orb.Point{place(0, 0)}
	many := slices.Repeat(here, MaxConnectPlaces/2+1)
	for name, c := range map[string]struct {
		err  error
		code geo.Code
	}{
		"too many places": {ask(s, ConnectGroup{many, nil}, ConnectGroup{nil, many}), geo.CodeTooLarge},
		"too many groups": {ask(s, make([]ConnectGroup, MaxConnectGroups+1)...), geo.CodeTooLarge},
		"a place abroad":  {ask(s, ConnectGroup{here, []orb.Point{{10, 10}}}), geo.CodeInvalid},
		"no network":      {ask(newScene(), ConnectGroup{here, here}), geo.CodeUnprocessable},
	} {
		if geo.CodeOf(c.err) != c.code {
			t.Errorf("%s: %v", name, c.err)
		}
	}
}

// A kept state of the network is that of its own world, instant and vehicle.
func TestConnectKeepsStatesApart(t *testing.T) {
	e := NewEngine(EngineOptions{})
	s := newScene().build(t, national("RN2", place(0, 0), place(8, 0)), national("RN2", place(8, 0), place(16, 0)), national("RN2", place(16, 0), place(40, 0))).
		put("national-roads", orb.MultiLineString{straight}, map[string]any{"ref": "RN2", "status": "open", "precision_m": 100.0})
	blocked := s.copy().put("roadblocks", place(10, 0), map[string]any{"subtype": "fixed_barrier", "precision_m": 50.0})
	worlds := map[*scene]*world.World{s: s.world(), blocked: blocked.world()}
	hub, station := []orb.Point{place(5, 0)}, []orb.Point{place(20, 0)}
	for range 2 {
		for _, c := range []struct {
			scene   *scene
			at      time.Time
			vehicle string
			want    isolation.Status
		}{
			{s, saturday.AddDate(0, 1, 0), "car", isolation.Unknown},
			{s, saturday, "car", isolation.Open},
			{blocked, saturday, "car", isolation.Closed},
			{blocked, saturday, "foot", isolation.Unknown},
		} {
			r := Request{Vehicle: c.vehicle, Profile: "commercial", At: c.at, DepartAt: saturday}.Resolve(saturday, &s.model)
			got, err := e.Connect(t.Context(), worlds[c.scene], ConnectRequest{r, hub, station})
			if err != nil {
				t.Fatal(err)
			}
			if got[0] != c.want {
				t.Errorf("%s at %v: %v, want %v", c.vehicle, c.at, got[0], c.want)
			}
		}
	}
}
