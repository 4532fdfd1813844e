package road

import (
	"fmt"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Limits on turn restrictions.
const (
	MaxTurns    = 1_000_000
	MaxTurnVias = 50 // via edges of one restriction
	maxReadings = 64 // ways in which one restriction can be run through
	maxTries    = 4096
)

// Turn is a turn restriction: who comes over From, then the Via edges in order
// if there are any, may not go on over To; with Only, may go on over To alone.
//
// The junctions are where the edges meet. Where two edges meet at both ends, or
// From is To (turning round), that is at either end unless At names the
// junction at which From is left.
//
// Turning round on the spot, back over the edge just driven, stays allowed
// under Only and is forbidden by a restriction from an edge to itself alone. An
// Only restriction with via edges binds whoever has gone from From to the first
// of them, to the end of the sequence. Several Only restrictions of the same
// sequence of edges are alternatives. A restriction that one-way rules make
// impossible to meet has no effect.
type Turn struct {
	From int64   // edge by its ID
	Via  []int64 // way edges between, usually none
	To   int64
	Only bool
	At   orb.Point // where From is left; the zero point: wherever the edges meet
}

// String names a turn in an error.
func (t Turn) String() string {
	kind := "no"
	if t.Only {
		kind = "only"
	}
	s := fmt.Sprintf("%s turn from edge %d", kind, t.From)
	for _, via := range t.Via {
		s += fmt.Sprintf(" by %d", via)
	}
	return s + fmt.Sprintf(" to %d", t.To)
}

// Turns lists the turn restrictions the graph was built with.
func (g *Graph) Turns() []Turn { return slices.Clone(g.turns) }

// readings gives the sequences of arcs that a turn forbids or commands.
func (g *Graph) readings(t *Turn, pointer string) ([][]int32, error) {
	if len(t.Via) > MaxTurnVias {
		return nil, geo.Errorf(geo.CodeTooLarge, pointer, "a turn by %d edges: at most %d", len(t.Via), MaxTurnVias)
	}
	edges := make([]int, 0, len(t.Via)+2)
	for i, id := range slices.Concat([]int64{t.From}, t.Via, []int64{t.To}) {
		edge, ok := g.Find(id)
		if !ok {
			name := "/via"
			switch i {
			case 0:
				name = "/from"
			case len(t.Via) + 1:
				name = "/to"
			}
			return nil, geo.Errorf(geo.CodeInvalid, pointer+name, "%v: the network has no edge %d", t, id)
		}
		edges = append(edges, edge)
	}
	var found [][]int32
	joined, tries := false, 0
	sequence := make([]int32, 0, len(edges))
	var follow func(junction int, lawful bool)
	follow = func(junction int, lawful bool) {
		n := len(sequence)
		if n == len(edges) {
			joined = true
			if lawful && len(found) <= maxReadings {
				found = append(found, slices.Clone(sequence))
			}
			return
		}
		for direction := range 2 {
			if tries++; tries > maxTries || len(found) > maxReadings {
				return
			}
			arc := int32(edges[n]*2 + direction)
			tail, head := g.ends(arc)
			if n > 0 && tail != junction || n == 0 && t.At != (orb.Point{}) && g.junctions[head] != t.At {
				continue
			}
			sequence = append(sequence, arc)
			follow(head, lawful && (direction == 0 || !g.edges[edges[n]].Oneway))
			sequence = sequence[:n]
		}
	}
	follow(-1, true)
	switch {
	case tries > maxTries || len(found) > maxReadings:
		return nil, geo.Errorf(geo.CodeInvalid, pointer, "%v can be run through in more than %d ways", t, maxReadings)
	case !joined && t.At != (orb.Point{}):
		return nil, geo.Errorf(geo.CodeInvalid, pointer, "%v: the edges do not meet one after the other by way of [%g, %g]", t, t.At[0], t.At[1])
	case !joined:
		return nil, geo.Errorf(geo.CodeInvalid, pointer, "%v: the edges do not meet one after the other", t)
	}
	return found, nil
}

// ends gives the junctions where an arc starts and ends.
func (g *Graph) ends(arc int32) (tail, head int) {
	e := &g.edges[arc>>1]
	if arc&1 == 1 {
		return e.To, e.From
	}
	return e.From, e.To
}
