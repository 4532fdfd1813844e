package osm

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// Reasons for which a turn restriction has no effect on the network.
const (
	turnNotRestriction = "kind of restriction that is not known"
	turnConditional    = "only at certain hours"
	turnOtherVehicle   = "only for some vehicles"
	turnExceptCars     = "cars are excepted"
	turnMembers        = "members missing or of the wrong kind"
	turnRoads          = "a road of it is not in the network"
	turnNoMeeting      = "its roads do not meet, or not in the direction of driving"
	turnAmbiguous      = "its roads meet in more than one way"
	turnRepeated       = "told twice"
)

// restriction is a turn restriction in terms of the file.
type restriction struct {
	id       int64
	only     bool
	uturn    bool
	from, to []int64 // ways
	viaNode  int64
	viaWays  []int64 // when not a node
}

// restrictionKeys say which vehicles a restriction is for, and are used in this
// order; network.md explains why the others are left out.
var restrictionKeys = []string{"restriction", "restriction:motor_vehicle", "restriction:vehicle", "restriction:motorcar"}

var onlyValues = []string{"only_straight_on", "only_left_turn", "only_right_turn", "only_u_turn"}

var noValues = []string{"no_left_turn", "no_right_turn", "no_straight_on", "no_u_turn", "no_entry", "no_exit"}

// parseRestriction reads a relation; ignored says why it is of no use.
func parseRestriction(id int64, t tags, members []member) (r restriction, ignored string) {
	value := ""
	for _, key := range restrictionKeys {
		if value = t.get(key); value != "" {
			break
		}
	}
	switch {
	case value == "" && t.get("restriction:conditional") != "":
		return r, turnConditional
	case value == "":
		return r, turnOtherVehicle
	case slices.Contains(onlyValues, value):
		r.only = true
	case !slices.Contains(noValues, value):
		return r, turnNotRestriction
	}
	for _, vehicle := range strings.Split(t.get("except"), ";") {
		switch strings.TrimSpace(vehicle) {
		case "motorcar", "motor_vehicle", "vehicle":
			return r, turnExceptCars
		}
	}
	r.id, r.uturn = id, value == "no_u_turn"
	viaNodes := 0
	for _, m := range members {
		switch {
		case m.role == "from" && m.kind == 'w':
			r.from = append(r.from, m.ref)
		case m.role == "to" && m.kind == 'w':
			r.to = append(r.to, m.ref)
		case m.role == "via" && m.kind == 'n':
			r.viaNode = m.ref
			viaNodes++
		case m.role == "via" && m.kind == 'w':
			r.viaWays = append(r.viaWays, m.ref)
		}
	}
	several := len(r.from) > 1 && value != "no_entry" || len(r.to) > 1 && value != "no_exit"
	if len(r.from) == 0 || len(r.to) == 0 || several || viaNodes > 1 || (viaNodes == 1) == (len(r.viaWays) > 0) {
		return r, turnMembers
	}
	return r, ""
}

// turns finds the edges that the restrictions speak of.
func (a *assembly) turns(edges []road.EdgeInput) []road.Turn {
	wanted := map[int64]bool{}
	for _, r := range a.restrictions {
		for _, ids := range [][]int64{r.from, r.to, r.viaWays} {
			for _, id := range ids {
				wanted[id] = true
			}
		}
	}
	f := turnFinder{assembly: a, list: edges, byWay: byWay(edges, wanted)}
	var out []road.Turn
	seen := map[string]bool{}
	slices.SortStableFunc(a.restrictions, func(x, y restriction) int { return cmp.Compare(x.id, y.id) })
	for i := range a.restrictions {
		found, ignored := f.find(&a.restrictions[i])
		if ignored == "" {
			fresh := found[:0]
			for _, t := range found {
				if key := fmt.Sprint(t, t.At); !seen[key] {
					seen[key] = true
					fresh = append(fresh, t)
				}
			}
			if found = fresh; len(found) == 0 {
				ignored = turnRepeated
			}
		}
		if ignored != "" {
			a.report.ignoreTurns(ignored, 1)
			continue
		}
		a.report.TurnsUsed++
		out = append(out, found...)
	}
	return out
}

type turnFinder struct {
	*assembly
	list  []road.EdgeInput
	byWay map[int64][]int32
}

func (f *turnFinder) find(r *restriction) ([]road.Turn, string) {
	for _, ids := range [][]int64{r.from, r.to, r.viaWays} {
		for _, id := range ids {
			if len(f.byWay[id]) == 0 {
				return nil, turnRoads
			}
		}
	}
	var out []road.Turn
	for _, from := range r.from {
		for _, to := range r.to {
			var turns []road.Turn
			var ignored string
			if len(r.viaWays) > 0 {
				turns, ignored = f.byWays(r, from, to)
			} else {
				turns, ignored = f.atNode(r, from, to)
			}
			if ignored != "" {
				return nil, ignored
			}
			out = append(out, turns...)
		}
	}
	return out, ""
}

// atNode finds the turn from one way to another at a node.
func (f *turnFinder) atNode(r *restriction, from, to int64) ([]road.Turn, string) {
	place, ok := slices.BinarySearch(f.nodeIDs, r.viaNode)
	if !ok || !f.have[place] {
		return nil, turnNoMeeting
	}
	at := f.points[place].degrees()
	into, out := f.meeting(from, at, true), f.meeting(to, at, false)
	switch {
	case len(into) == 0 || len(out) == 0:
		return nil, turnNoMeeting
	case r.uturn && from == to:
		// A road that passes the junction may be turned round on from both sides.
		var turns []road.Turn
		for _, e := range into {
			if slices.Contains(out, e) {
				turns = append(turns, f.turn(r, e, nil, e, at))
			}
		}
		if len(turns) == 0 {
			return nil, turnNoMeeting
		}
		return turns, ""
	case len(into) > 1 || len(out) > 1:
		return nil, turnAmbiguous
	}
	return []road.Turn{f.turn(r, into[0], nil, out[0], at)}, ""
}

func (f *turnFinder) turn(r *restriction, from int32, via []int32, to int32, at orb.Point) road.Turn {
	t := road.Turn{From: f.list[from].ID, To: f.list[to].ID, Only: r.only, At: at}
	for _, e := range via {
		t.Via = append(t.Via, f.list[e].ID)
	}
	return t
}

// meeting lists the edges of a way that may be driven to a point (or, if not
// towards, from it) and end there.
func (f *turnFinder) meeting(way int64, at orb.Point, towards bool) []int32 {
	var out []int32
	for _, i := range f.byWay[way] {
		e := &f.list[i]
		start, end := e.Geometry[0], e.Geometry[len(e.Geometry)-1]
		if towards && (end == at || start == at && !e.Oneway) || !towards && (start == at || end == at && !e.Oneway) {
			out = append(out, i)
		}
	}
	return out
}

// byWays finds the turn from one way to another over ways between: the one
// chain of their edges that leads from the first to the last.
func (f *turnFinder) byWays(r *restriction, from, to int64) ([]road.Turn, string) {
	var via []int32
	for _, id := range r.viaWays {
		via = append(via, f.byWay[id]...)
	}
	if len(via) > 4*road.MaxTurnVias {
		return nil, turnAmbiguous
	}
	var found []road.Turn
	for _, start := range f.ends(via) {
		for _, in := range f.meeting(from, start, true) {
			for _, chain := range f.chains(via, start, to) {
				end := f.follow(chain, start)
				for _, out := range f.meeting(to, end, false) {
					found = append(found, f.turn(r, in, chain, out, start))
				}
			}
		}
	}
	switch len(found) {
	case 0:
		return nil, turnNoMeeting
	case 1:
		return found, ""
	}
	return nil, turnAmbiguous
}

// ends lists the places where edges end, once each.
func (f *turnFinder) ends(edges []int32) []orb.Point {
	var out []orb.Point
	for _, i := range edges {
		line := f.list[i].Geometry
		for _, p := range []orb.Point{line[0], line[len(line)-1]} {
			if !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	}
	return out
}

// chains lists the shortest chains of via edges, at least one edge long, from a
// point to places where the way can be entered: by search in breadth.
func (f *turnFinder) chains(via []int32, start orb.Point, to int64) [][]int32 {
	type step struct {
		at    orb.Point
		chain []int32
	}
	seen := map[orb.Point]bool{start: true}
	var out [][]int32
	for queue := []step{{at: start}}; len(queue) > 0; queue = queue[1:] {
		here := queue[0]
		if len(here.chain) > 0 && len(f.meeting(to, here.at, false)) > 0 {
			out = append(out, here.chain)
			continue
		}
		if len(here.chain) == road.MaxTurnVias {
			continue
		}
		for _, i := range via {
			next, ok := f.across(i, here.at)
			if ok && !seen[next] {
				seen[next] = true
				queue = append(queue, step{next, append(slices.Clone(here.chain), i)})
			}
		}
	}
	return out
}

// across gives the other end of an edge driven from a point.
func (f *turnFinder) across(edge int32, from orb.Point) (orb.Point, bool) {
	e := &f.list[edge]
	start, end := e.Geometry[0], e.Geometry[len(e.Geometry)-1]
	switch {
	case start == from:
		return end, true
	case end == from && !e.Oneway:
		return start, true
	}
	return orb.Point{}, false
}

func (f *turnFinder) follow(chain []int32, at orb.Point) orb.Point {
	for _, i := range chain {
		at, _ = f.across(i, at)
	}
	return at
}
