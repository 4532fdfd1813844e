package reach

import (
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// exactM is how exactly the end of the reach on an edge is found, metres.
const exactM = 0.5

// Roads lists the stretches of road reached from the starts within the limit,
// in the order of the edges; of each edge those along its geometry first. cost
// gives the cost of a stretch and never falls when the stretch grows: an edge
// that cannot be driven to its end may still be driven to the obstacle on it.
func Roads(g *road.Graph, l *Labels, starts []road.Position, limit Cost, cost func(road.Stretch) Cost) []road.Stretch {
	t := g.Topology()
	var out []road.Stretch
	for node := range int32(t.Nodes()) {
		labels := l.At(node)
		if len(labels) == 0 {
			continue
		}
		for i := t.FirstOut[node]; i < t.FirstOut[node+1]; i++ {
			if s, ok := farthest(g.Whole(t.Arc[i]), labels, limit, cost); ok {
				out = append(out, s)
			}
		}
	}
	for _, p := range starts {
		out = append(out, Leaving(g, p, limit, cost)...)
	}
	return merge(out)
}

// Leaving lists the stretches reached from a position on its own edge, one for
// each direction; they begin at the position.
func Leaving(g *road.Graph, p road.Position, limit Cost, cost func(road.Stretch) Cost) []road.Stretch {
	var out []road.Stretch
	here := []Cost{{}}
	for _, end := range g.Leave(p) {
		if s, ok := farthest(end.Stretch, here, limit, cost); ok {
			out = append(out, s)
		}
	}
	return out
}

// Farthest is the longest part of a stretch, from its start, that a cost so far
// leaves enough for; false where none does.
func Farthest(whole road.Stretch, have, limit Cost, cost func(road.Stretch) Cost) (road.Stretch, bool) {
	return farthest(whole, []Cost{have}, limit, cost)
}

// farthest is the longest part of a stretch, from its start, that one of the
// labels leaves enough for.
func farthest(whole road.Stretch, labels []Cost, limit Cost, cost func(road.Stretch) Cost) (road.Stretch, bool) {
	best := whole.FromM
	for _, have := range labels {
		part := func(toM float64) road.Stretch { return road.Stretch{Edge: whole.Edge, FromM: whole.FromM, ToM: toM} }
		if have.plus(cost(whole)).within(limit) {
			return whole, true
		}
		in, out := whole.FromM, whole.ToM
		for part(out).LengthM()-part(in).LengthM() > exactM {
			middle := (in + out) / 2
			if have.plus(cost(part(middle))).within(limit) {
				in = middle
			} else {
				out = middle
			}
		}
		if part(in).LengthM() > part(best).LengthM() {
			best = in
		}
	}
	reached := road.Stretch{Edge: whole.Edge, FromM: whole.FromM, ToM: best}
	return reached, reached.LengthM() > 0
}

// merge joins stretches of an edge that overlap, whatever their direction.
func merge(stretches []road.Stretch) []road.Stretch {
	for i, s := range stretches {
		if s.FromM > s.ToM {
			stretches[i].FromM, stretches[i].ToM = s.ToM, s.FromM
		}
	}
	slices.SortFunc(stretches, func(a, b road.Stretch) int {
		switch {
		case a.Edge != b.Edge:
			return a.Edge - b.Edge
		case a.FromM < b.FromM:
			return -1
		case a.FromM > b.FromM:
			return 1
		default:
			return 0
		}
	})
	out := stretches[:0]
	for _, s := range stretches {
		if n := len(out); n > 0 && out[n-1].Edge == s.Edge && s.FromM <= out[n-1].ToM {
			out[n-1].ToM = max(out[n-1].ToM, s.ToM)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Lines are the lines of stretches and the length of them together, metres. The
// line of a whole edge is the edge's own, not to be changed.
func Lines(g *road.Graph, stretches []road.Stretch) (lines []orb.LineString, lengthM float64) {
	lines = make([]orb.LineString, len(stretches))
	for i, s := range stretches {
		if e := g.Edge(s.Edge); s.FromM == 0 && s.ToM == e.LengthM {
			lines[i] = e.Geometry
		} else {
			lines[i] = g.Line(s)
		}
		lengthM += s.LengthM()
	}
	return lines, lengthM
}
