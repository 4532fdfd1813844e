package passage

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// cellM is how finely a given line is matched with the network.
const cellM = 250

// follow runs along a line as it is given. Each cell of it lies on an edge that
// is no further away than the edge is wide or uncertain, if there is one: not
// simply the nearest, but the row of edges that is near all along and changes
// from one edge to another where they meet.
func (q *question) follow(line orb.LineString) *way {
	w := &way{}
	whole := newTrack(line)
	var cells []cell
	for i := 1; i < len(line); i++ {
		from, to := whole.along[i-1], whole.along[i]
		n := max(1, int(math.Ceil((to-from)/cellM)))
		for k := range n {
			c := cell{span: span{from + (to-from)*float64(k)/float64(n), from + (to-from)*float64(k+1)/float64(n)}}
			c.candidates = q.candidates(pointAt(line, whole.along, (c.from+c.to)/2))
			cells = append(cells, c)
		}
	}
	edges := q.connected(cells)
	for i := 0; i < len(cells); {
		k := i + 1
		for k < len(cells) && edges[k] == edges[i] {
			k++
		}
		q.addCells(w, whole, cells[i:k], edges[i])
		i = k
	}
	for _, p := range line {
		w.draw(p)
	}
	return w
}

// addCells runs over a part of a given line that lies on one edge, or on none.
func (q *question) addCells(w *way, whole *track, cells []cell, edge int) {
	s := span{cells[0].from, cells[len(cells)-1].to}
	part := orb.LineString{pointAt(whole.line, whole.along, s.from)}
	for i, m := range whole.along {
		if m > s.from && m < s.to {
			part = append(part, whole.line[i])
		}
	}
	part = append(part, pointAt(whole.line, whole.along, s.to))
	t := newTrack(part)
	p := piece{number: edge, pace: q.caller.offRoadPace()}
	if edge != noEdge {
		t.edge, t.number = q.roads.graph.Edge(edge), edge
		p.edge = t.edge
		t.asideM, t.maybe = asideM(t), q.maybe(cells)
		if pace := q.caller.pace(q.roads, edge); !math.IsInf(pace, 1) {
			p.pace = pace
		} else {
			p.isForbidden = true
		}
	}
	p.survey, p.toM = q.look(t), t.lengthM()
	w.run(p)
}

// besideRoadM is how close a line runs to a numbered road that it may be meant to
// run on, whatever street is nearer: as wide as a street counts.
var besideRoadM = RoadReachM(road.ClassUrban)

// maybe lists the numbers of the roads close by.
func (q *question) maybe(cells []cell) []string {
	var out []string
	for i := range cells {
		for _, c := range cells[i].candidates {
			if c.distanceM > besideRoadM {
				break
			}
			for _, ref := range q.roads.graph.Edge(c.edge).Refs {
				if !slices.Contains(out, ref) {
					out = append(out, ref)
				}
			}
		}
	}
	return out
}

// asideM is how far a line is drawn from the edge that it lies on: at most as far
// as the edge is wide or uncertain, and nothing where it is the edge's own course.
func asideM(t *track) float64 {
	most := 0.0
	for _, p := range t.line {
		here := newSegment(p, p)
		most = max(most, here.fromLine(t.edge.Geometry))
	}
	if most < 1 {
		return 0
	}
	return min(most, edgeRadiusM(t.edge))
}

// cell is a short part of a given line with the edges that it may lie on.
type cell struct {
	span
	candidates []candidate // nearest first; none: on no edge
}

type candidate struct {
	edge      int
	distanceM float64
	burdenM   float64 // in the choice of an edge: it is closed to the class
}

// maxCandidates bounds what is weighed for one cell.
const maxCandidates = 8

// candidates lists the edges that a place of a given line may lie on.
func (q *question) candidates(p orb.Point) []candidate {
	if q.roads == nil {
		return nil
	}
	var out []candidate
	here := newSegment(p, p)
	q.roads.graph.Search(road.Around(p.Bound(), q.roads.widestM), func(i int) bool {
		e := q.roads.graph.Edge(i)
		if d := here.fromLine(e.Geometry); d <= edgeRadiusM(e) {
			c := candidate{edge: i, distanceM: d}
			if !e.Admits(q.caller.class) { // beside a road and across it run paths
				c.burdenM = leapM
			}
			out = append(out, c)
		}
		return true
	})
	slices.SortFunc(out, func(a, b candidate) int {
		switch {
		case a.distanceM < b.distanceM:
			return -1
		case a.distanceM > b.distanceM:
			return 1
		}
		return a.edge - b.edge
	})
	return out[:min(len(out), maxCandidates)]
}

// leapM is what a change between edges that do not meet costs, beside the
// distances from the line: further than this from the nearest edge, a line that
// keeps to its road is taken to be on it all the same.
const leapM = 40

// connected chooses the edge of each cell, noEdge where there is none near: of
// all rows of edges that with the least distance from the line, changes between
// edges that do not meet counted (Viterbi's algorithm).
func (q *question) connected(cells []cell) []int {
	out := make([]int, len(cells))
	for start := 0; start < len(cells); {
		if len(cells[start].candidates) == 0 {
			out[start] = noEdge
			start++
			continue
		}
		end := start + 1
		for end < len(cells) && len(cells[end].candidates) > 0 {
			end++
		}
		q.chain(cells[start:end], out[start:end])
		start = end
	}
	return out
}

func (q *question) chain(cells []cell, out []int) {
	type state struct {
		cost   float64
		before int
	}
	states := make([][]state, len(cells))
	for i, c := range cells {
		states[i] = make([]state, len(c.candidates))
		for k, here := range c.candidates {
			best := state{here.distanceM + here.burdenM, -1}
			if i > 0 {
				best.cost = math.Inf(1)
				for j, there := range cells[i-1].candidates {
					cost := states[i-1][j].cost + here.distanceM + here.burdenM
					if !q.roads.meet(there.edge, here.edge) {
						cost += leapM
					}
					if cost < best.cost {
						best = state{cost, j}
					}
				}
			}
			states[i][k] = best
		}
	}
	at := 0
	last := states[len(states)-1]
	for k := range last {
		if last[k].cost < last[at].cost {
			at = k
		}
	}
	for i := len(cells) - 1; i >= 0; i-- {
		out[i] = cells[i].candidates[at].edge
		at = states[i][at].before
	}
}

// meet reports whether two edges are one or share a junction.
func (r *roads) meet(a, b int) bool {
	x, y := r.graph.Edge(a), r.graph.Edge(b)
	return a == b || x.From == y.From || x.From == y.To || x.To == y.From || x.To == y.To
}
