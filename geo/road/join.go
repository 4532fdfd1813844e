package road

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// JoinNearMisses joins edges where they miss each other: ends that miss each
// other become one point, the lower of the two in longitude, then latitude; an
// edge beside which another one ends gets its vertex and is cut there; two that
// cross are cut at the crossing. Nothing moves by more than NearMissM for each
// near miss. The first piece of a cut edge keeps its ID, the others get new ones
// after the largest; all keep its way and properties and stand together in its
// place. An edge that shrinks to a point is dropped. The misses must be those of
// the same list; others are passed over.
//
// Turn restrictions name edges by ID: use Join where there are any.
func JoinNearMisses(inputs []EdgeInput, misses []NearMiss) []EdgeInput {
	out, _, _ := joined(inputs, misses)
	return out
}

// Join is JoinNearMisses for a network with turn restrictions, which are
// rewritten for the pieces. Those that begin or end on an edge that was dropped
// are dropped too. Errors are those of Build.
func Join(inputs []EdgeInput, turns []Turn, misses []NearMiss) ([]EdgeInput, []Turn, error) {
	g, err := Build(Network{}, inputs, turns...)
	if err != nil {
		return nil, nil, err
	}
	out, pieces, moved := joined(inputs, misses)
	var kept []Turn
	for i := range turns {
		readings, err := g.readings(&turns[i], "")
		if err != nil {
			return nil, nil, err
		}
		for _, sequence := range readings {
			if t, ok := g.rewrite(sequence, out, pieces, moved); ok {
				t.Only = turns[i].Only
				kept = append(kept, t)
			}
		}
	}
	return out, kept, nil
}

// rewrite makes a turn over the pieces of edges of one over the edges.
func (g *Graph) rewrite(sequence []int32, edges []EdgeInput, pieces [][]int, moved places) (Turn, bool) {
	lists := make([][]int, len(sequence))
	for i, arc := range sequence {
		lists[i] = pieces[arc>>1]
		if arc&1 == 1 {
			lists[i] = slices.Clone(lists[i])
			slices.Reverse(lists[i])
		}
	}
	from, to := lists[0], lists[len(lists)-1]
	if len(from) == 0 || len(to) == 0 {
		return Turn{}, false
	}
	_, junction := g.ends(sequence[0])
	t := Turn{From: edges[from[len(from)-1]].ID, To: edges[to[0]].ID, At: moved.of(g.junctions[junction])}
	for _, via := range lists[1 : len(lists)-1] {
		for _, piece := range via {
			t.Via = append(t.Via, edges[piece].ID)
		}
	}
	return t, true
}

// places says which point a point became part of.
type places map[orb.Point]orb.Point

func (m places) of(p orb.Point) orb.Point {
	for {
		next, ok := m[p]
		if !ok {
			return p
		}
		p = next
	}
}

// unite makes two points one.
func (m places) unite(p, q orb.Point) {
	p, q = m.of(p), m.of(q)
	switch c := comparePoints(p, q); {
	case c < 0:
		m[q] = p
	case c > 0:
		m[p] = q
	}
}

// cut is a place where an edge gets a junction.
type cut struct {
	alongM float64
	at     orb.Point
}

// joined makes the joined edges, and says which pieces each edge became and
// which ends moved.
func joined(inputs []EdgeInput, misses []NearMiss) ([]EdgeInput, [][]int, places) {
	moved, cuts := places{}, map[int][]cut{}
	along := map[int][]float64{}
	alongOf := func(edge int) []float64 {
		if along[edge] == nil {
			along[edge] = appendAlong(nil, inputs[edge].Geometry)
		}
		return along[edge]
	}
	// end gives the end of an edge that a place along it is.
	end := func(edge int, alongM float64) (orb.Point, bool) {
		line, distances := inputs[edge].Geometry, alongOf(edge)
		switch {
		case alongM <= 0:
			return first(line), true
		case alongM >= distances[len(distances)-1]:
			return last(line), true
		}
		return orb.Point{}, false
	}
	var inner []NearMiss
	for _, miss := range misses {
		if !miss.fits(inputs) {
			continue
		}
		if miss.Kind == MissEnd {
			p, _ := end(miss.Edge, miss.AlongM)
			if q, ok := end(miss.Other, miss.OtherAlongM); ok && p == miss.Point {
				moved.unite(p, q)
				continue
			}
		}
		inner = append(inner, miss)
	}
	for _, miss := range inner {
		at := moved.of(miss.Point)
		if miss.Kind == MissCrossing {
			at = orb.Point{geo.RoundCoordinate(at[0]), geo.RoundCoordinate(at[1])}
			cuts[miss.Edge] = append(cuts[miss.Edge], cut{miss.AlongM, at})
		}
		cuts[miss.Other] = append(cuts[miss.Other], cut{miss.OtherAlongM, at})
	}
	next := int64(0)
	for i := range inputs {
		next = max(next, inputs[i].ID)
	}
	out, pieces := make([]EdgeInput, 0, len(inputs)+2*len(inner)), make([][]int, len(inputs))
	for i := range inputs {
		for k, line := range split(inputs[i].Geometry, alongOf, i, cuts[i], moved) {
			piece := inputs[i]
			piece.Geometry = line
			if len(line) != len(inputs[i].Geometry) {
				piece.Nodes = nil // the new vertices are no nodes of OpenStreetMap
			}
			if k > 0 {
				next++
				piece.ID = next
			}
			pieces[i] = append(pieces[i], len(out))
			out = append(out, piece)
		}
	}
	return out, pieces, moved
}

// fits reports whether a miss can be one of these edges.
func (m *NearMiss) fits(inputs []EdgeInput) bool {
	for _, edge := range [...]int{m.Edge, m.Other} {
		if edge < 0 || edge >= len(inputs) || checkLine(inputs[edge].Geometry) != nil {
			return false
		}
	}
	return m.Kind == MissEnd || m.Kind == MissCrossing
}

// split moves the ends of a line and cuts it. What shrank to a point is left
// out.
func split(line orb.LineString, alongOf func(int) []float64, edge int, cuts []cut, moved places) []orb.LineString {
	if len(line) < 2 {
		return []orb.LineString{line} // not ours to judge
	}
	from, to := moved.of(first(line)), moved.of(last(line))
	if len(cuts) == 0 && from == first(line) && to == last(line) {
		return []orb.LineString{line}
	}
	slices.SortFunc(cuts, func(a, b cut) int {
		return cmp.Or(cmp.Compare(a.alongM, b.alongM), comparePoints(a.at, b.at))
	})
	var out []orb.LineString
	piece := orb.LineString{from}
	add := func(p orb.Point) {
		if p != last(piece) {
			piece = append(piece, p)
		}
	}
	end := func(p orb.Point) {
		if add(p); len(piece) > 1 {
			out = append(out, piece)
		}
		piece = orb.LineString{p}
	}
	along, k := alongOf(edge), 0
	for i := 1; i < len(line); i++ {
		for ; k < len(cuts) && cuts[k].alongM < along[i]; k++ {
			if cuts[k].at != from && cuts[k].at != to {
				end(cuts[k].at)
			}
		}
		if i < len(line)-1 {
			add(line[i])
		}
	}
	end(to)
	return out
}
