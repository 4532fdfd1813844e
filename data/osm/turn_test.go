package osm_test

import (
	"testing"

	"github.com/paulmach/orb"

	"pasaj/data/osm"
	"pasaj/data/osm/osmtest"
)

func restriction(id int64, kind string, from int64, via rune, to int64) drawnRelation {
	return drawnRelation{id, []osmtest.Member{
		{Kind: osmtest.WayKind, ID: from, Role: "from"}, {Kind: osmtest.NodeKind, ID: int64(via), Role: "via"}, {Kind: osmtest.WayKind, ID: to, Role: "to"},
	}, "type=restriction|restriction=" + kind}
}

// junction is four ways that meet at c, and a way on from d:
//
//	    e (4)
//	    |
//	a --c-- d --g   ways: ac 1, cd 2, fc 3, ce 4, dg 5, bf 6 from b over f
//	    |
//	    f-b
func junction() sketch {
	return sketch{
		nodes: map[string]orb.Point{"a": {0, 0}, "c": {2, 0}, "d": {3, 0}, "e": {2, 1}, "f": {2, -1}, "g": {4, 0}, "b": {3, -1}},
		tags:  map[string]string{},
		ways: []drawnWay{
			{1, "ac", "highway=tertiary"}, {2, "cd", "highway=tertiary"}, {3, "fc", "highway=tertiary"},
			{4, "ce", "highway=tertiary|oneway=yes"}, {5, "dg", "highway=tertiary"}, {6, "bf", "highway=tertiary"},
		},
	}
}

func TestTurnRestrictions(t *testing.T) {
	t.Parallel()
	byWay := func(id int64, kind string, from int64, via []int64, to int64) drawnRelation {
		r := drawnRelation{id: id, tags: "type=restriction|restriction=" + kind}
		r.members = append(r.members, osmtest.Member{Kind: osmtest.WayKind, ID: from, Role: "from"})
		for _, way := range via {
			r.members = append(r.members, osmtest.Member{Kind: osmtest.WayKind, ID: way, Role: "via"})
		}
		r.members = append(r.members, osmtest.Member{Kind: osmtest.WayKind, ID: to, Role: "to"})
		return r
	}
	tagged := func(tags string) drawnRelation {
		r := restriction(9, "", 1, 'c', 2)
		r.tags = "type=restriction|" + tags
		return r
	}
	for _, c := range []struct {
		name    string
		r       drawnRelation
		turns   int
		from    int64
		to      int64
		via     int
		only    bool
		ignored string
	}{
		{name: "no turn at a node", r: restriction(9, "no_left_turn", 1, 'c', 4), turns: 1, from: 1, to: 4},
		{name: "only at a node", r: restriction(9, "only_straight_on", 1, 'c', 2), turns: 1, from: 1, to: 2, only: true},
		{name: "turning round", r: restriction(9, "no_u_turn", 1, 'c', 1), turns: 1, from: 1, to: 1},
		{name: "over a way", r: byWay(9, "no_u_turn", 1, []int64{2}, 5), turns: 1, from: 1, to: 5, via: 1},
		{name: "over two ways", r: byWay(9, "no_right_turn", 6, []int64{3, 2}, 5), turns: 1, from: 6, to: 5, via: 2},
		{name: "only over a way", r: byWay(9, "only_left_turn", 6, []int64{3}, 1), turns: 1, from: 6, to: 1, via: 1, only: true},
		{name: "for cars", r: tagged("restriction:motorcar=no_right_turn"), turns: 1, from: 1, to: 2},
		{name: "for lorries", r: tagged("restriction:hgv=no_right_turn"), ignored: "only for some vehicles"},
		{name: "at hours", r: tagged("restriction:conditional=no_right_turn @ (07:00-09:00)"), ignored: "certain hours"},
		{name: "cars excepted", r: tagged("restriction=no_right_turn|except=bicycle;motorcar"), ignored: "excepted"},
		{name: "bicycles excepted", r: tagged("restriction=no_right_turn|except=bicycle"), turns: 1, from: 1, to: 2},
		{name: "unknown kind", r: tagged("restriction=no_flying"), ignored: "not known"},
		{name: "against one way", r: restriction(9, "no_left_turn", 4, 'c', 1), ignored: "do not meet"},
		{name: "elsewhere", r: restriction(9, "no_left_turn", 1, 'd', 2), ignored: "do not meet"},
		{name: "a node that is not there", r: restriction(9, "no_left_turn", 1, '?', 2), ignored: "do not meet"},
		{name: "a way that is not there", r: restriction(9, "no_left_turn", 1, 'c', 77), ignored: "not in the network"},
		{name: "via nothing", r: byWay(9, "no_left_turn", 1, nil, 2), ignored: "members"},
		{name: "not adjoining", r: byWay(9, "no_left_turn", 1, []int64{5}, 6), ignored: "do not meet"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := junction()
			s.relations = []drawnRelation{c.r}
			got := s.read(t, osm.Options{})
			if len(got.Turns) != c.turns || got.Report.TurnsUsed != c.turns {
				t.Fatalf("turns %v, used %d, ignored %v", got.Turns, got.Report.TurnsUsed, got.Report.TurnsIgnored)
			}
			if c.ignored != "" && count(got.Report.TurnsIgnored, c.ignored) != 1 {
				t.Errorf("ignored %v, want %q", got.Report.TurnsIgnored, c.ignored)
			}
			for _, turn := range got.Turns {
				// Edges are numbered like the ways here.
				if turn.From != c.from || turn.To != c.to || len(turn.Via) != c.via || turn.Only != c.only {
					t.Errorf("turn %v", turn)
				}
			}
		})
	}
}

func TestTurnAtBothEndsOfACut(t *testing.T) {
	t.Parallel()
	s := junction()
	// A gate stands on the way before the junction: the turn is from its edge.
	s.tags["c"] = "barrier=gate"
	s.relations = []drawnRelation{restriction(9, "no_left_turn", 1, 'c', 4), restriction(10, "no_left_turn", 1, 'c', 4)}
	got := s.read(t, osm.Options{})
	if len(got.Turns) != 1 || count(got.Report.TurnsIgnored, "told twice") != 1 {
		t.Fatalf("turns %v, ignored %v", got.Turns, got.Report.TurnsIgnored)
	}
	for _, e := range got.Edges {
		if (e.ID == got.Turns[0].From || e.ID == got.Turns[0].To) && e.Barrier != "gate" {
			t.Errorf("the turn is between edges that do not meet: %+v", e)
		}
	}
}

func TestNoEntryFromSeveralWays(t *testing.T) {
	t.Parallel()
	s := junction()
	r := restriction(9, "no_entry", 1, 'c', 4)
	r.members = append(r.members, osmtest.Member{Kind: osmtest.WayKind, ID: 2, Role: "from"})
	s.relations = []drawnRelation{r}
	if got := s.read(t, osm.Options{}); len(got.Turns) != 2 || got.Report.TurnsUsed != 1 {
		t.Errorf("turns %v, ignored %v", got.Turns, got.Report.TurnsIgnored)
	}
	s.relations[0].tags = "type=restriction|restriction=no_left_turn"
	if got := s.read(t, osm.Options{}); len(got.Turns) != 0 || count(got.Report.TurnsIgnored, "members") != 1 {
		t.Errorf("turns %v, ignored %v", got.Turns, got.Report.TurnsIgnored)
	}
}

func TestPassingRoadIsAmbiguous(t *testing.T) {
	t.Parallel()
	s := cross() // both streets pass the crossing
	s.relations = []drawnRelation{restriction(9, "no_left_turn", 1, 'c', 2), restriction(10, "no_u_turn", 1, 'c', 1)}
	got := s.read(t, osm.Options{})
	if count(got.Report.TurnsIgnored, "more than one way") != 1 || len(got.Turns) != 2 {
		t.Errorf("turns %v, ignored %v", got.Turns, got.Report.TurnsIgnored)
	}
}

func TestTurnsSurviveJoining(t *testing.T) {
	t.Parallel()
	s := junction()
	s.nodes["x"], s.nodes["y"] = orb.Point{1, 1}, orb.Point{1, -.5}
	s.ways = append(s.ways, drawnWay{7, "xy", "highway=path"})
	s.relations = []drawnRelation{restriction(9, "no_left_turn", 1, 'c', 4)}
	got := s.read(t, osm.Options{Join: true})
	if got.Report.Joined != 1 || len(got.Turns) != 1 {
		t.Fatalf("joined %d, turns %v", got.Report.Joined, got.Turns)
	}
	from, _ := got.Graph.Find(got.Turns[0].From)
	if e := got.Graph.Edge(from); e.WayID != 1 || e.Geometry[len(e.Geometry)-1] != place(s.nodes["c"]) {
		t.Errorf("the turn begins on %+v", e)
	}
}
