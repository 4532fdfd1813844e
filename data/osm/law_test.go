package osm_test

import (
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// law reads turn restrictions as they are written, beside the topology that
// package road unfolds them to.
type law struct {
	graph *road.Graph
	turns map[int][]rule // by the edge they come from
}

// rule is a restriction by edges' positions.
type rule struct {
	road.Turn
	sequence []int // from, via, to
}

func newLaw(g *road.Graph) *law {
	l := &law{graph: g, turns: map[int][]rule{}}
	for _, t := range g.Turns() {
		r := rule{Turn: t}
		for _, id := range slices.Concat([]int64{t.From}, t.Via, []int64{t.To}) {
			edge, _ := g.Find(id)
			r.sequence = append(r.sequence, edge)
		}
		l.turns[r.sequence[0]] = append(l.turns[r.sequence[0]], r)
	}
	return l
}

func (l *law) head(arc int32) int {
	e := l.graph.Edge(int(arc >> 1))
	if arc&1 == 1 {
		return e.From
	}
	return e.To
}

// follows reports whether a path goes the way of a rule from its start on, as
// far as the rule's sequence has so many edges.
func (l *law) follows(path []int32, r *rule, edges int) bool {
	if len(path) < edges || r.At != (orb.Point{}) && l.graph.Junction(l.head(path[0])) != r.At {
		return false
	}
	for i, edge := range r.sequence[:edges] {
		if int(path[i]>>1) != edge {
			return false
		}
	}
	return true
}

// touches reports whether an edge can be begun at a junction.
func (l *law) touches(edge, junction int) bool {
	e := l.graph.Edge(edge)
	return e.From == junction || e.To == junction && !e.Oneway
}

// broken finds a restriction that a path breaks: one that forbids what it does,
// or one at a single junction that asks for something else. Those that command
// a way over several edges are not looked at.
func (l *law) broken(path []int32) (road.Turn, bool) {
	for i, arc := range path {
		rest, rules := path[i:], l.turns[int(arc>>1)]
		commanded, obeyed := -1, false
		for k := range rules {
			r := &rules[k]
			switch {
			case !r.Only:
				if l.follows(rest, r, len(r.sequence)) {
					return r.Turn, true
				}
			case len(r.Via) == 0 && len(rest) > 1 && l.follows(rest, r, 1) && l.touches(r.sequence[1], l.head(arc)):
				commanded = k
				obeyed = obeyed || int(rest[1]>>1) == r.sequence[1] || rest[1] == arc^1
			}
		}
		if commanded >= 0 && !obeyed {
			return rules[commanded].Turn, true
		}
	}
	return road.Turn{}, false
}

// concerns reports whether a path comes to where a restriction could be broken.
func (l *law) concerns(path []int32) bool {
	for i, arc := range path[:len(path)-1] {
		for k := range l.turns[int(arc>>1)] {
			if r := &l.turns[int(arc>>1)][k]; l.follows(path[i:], r, 1) && l.touches(r.sequence[1], l.head(arc)) {
				return true
			}
		}
	}
	return false
}
