package isolation

import (
	"cmp"
	"context"
	"slices"

	"pasaj/geo"
)

// forest is a union-find with path halving; the lower root wins, so that the
// outcome does not depend on the order of unions.
type forest []int32

func newForest(n int) forest {
	f := make(forest, n)
	for i := range f {
		f[i] = int32(i)
	}
	return f
}

func (f forest) find(x int32) int32 {
	for f[x] != x {
		f[x] = f[f[x]]
		x = f[x]
	}
	return x
}

func (f forest) union(a, b int32) bool {
	a, b = f.find(a), f.find(b)
	if a == b {
		return false
	}
	f[max(a, b)] = min(a, b)
	return true
}

// join unites the ends of all edges whose status lies above better and up to
// worst.
func (g *Graph) join(f forest, s State, better int, worst Status) {
	for i := range g.from {
		if status := s[i]; int(status) > better && status <= worst && status < Closed {
			f.union(g.from[i], g.to[i])
		}
	}
}

// Component is a part of the network within which everything is connected.
type Component struct {
	Junctions int     `json:"junctions"`
	Edges     int     `json:"edges"` // passable ones
	LengthM   float64 `json:"length_m"`
	People    float64 `json:"people"`
	Places    []int   `json:"-"` // positions in the list of places
}

// Components is a network in its parts.
type Components struct {
	Of   []int32     // of each junction: position in List
	List []Component // by people, then junctions, descending
}

// Components finds the parts that are connected over edges no worse than worst.
func (g *Graph) Components(s State, worst Status, places []Place) (*Components, error) {
	if err := firstError(s.check(g), checkPlaces(places)); err != nil {
		return nil, err
	}
	f := newForest(g.junctions)
	g.join(f, s, -1, worst)
	of := make([]int32, g.junctions)
	var list []Component
	for j := range of { // a root is the lowest junction of its part, so it is met first
		root := f.find(int32(j))
		if root == int32(j) {
			of[j] = int32(len(list))
			list = append(list, Component{})
		} else {
			of[j] = of[root]
		}
		list[of[j]].Junctions++
	}
	for i := range g.from {
		if s.passes(int32(i), worst) {
			c := &list[of[g.from[i]]]
			c.Edges++
			c.LengthM += g.lengthM[i]
		}
	}
	for i, p := range places {
		if at := g.At(p); at != Offside {
			c := &list[of[at]]
			c.People += p.People
			c.Places = append(c.Places, i)
		}
	}
	order := make([]int32, len(list))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		x, y := &list[a], &list[b]
		return cmp.Or(cmp.Compare(y.People, x.People), cmp.Compare(y.Junctions, x.Junctions))
	})
	rank, sorted := make([]int32, len(list)), make([]Component, len(list))
	for at, i := range order {
		rank[i], sorted[at] = int32(at), list[i]
	}
	for j := range of {
		of[j] = rank[of[j]]
	}
	return &Components{Of: of, List: sorted}, nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Reach gives for every junction the status of its best connection to any of
// the hubs: the worst status on the way whose worst is best. Closed means cut
// off.
func (g *Graph) Reach(s State, hubs []int32) ([]Status, error) {
	if err := firstError(s.check(g), g.checkJunctions("hubs", hubs)); err != nil {
		return nil, err
	}
	out := make([]Status, g.junctions)
	for j := range out {
		out[j] = Closed
	}
	var wave [Statuses][]int32
	for _, j := range hubs {
		out[j] = Open
	}
	wave[Open] = append(wave[Open], hubs...)
	done := make([]bool, g.junctions)
	for level := Open; level < Closed; level++ {
		for queue := &wave[level]; len(*queue) > 0; {
			j := (*queue)[len(*queue)-1]
			*queue = (*queue)[:len(*queue)-1]
			if done[j] {
				continue
			}
			done[j] = true
			for at := g.firstOut[j]; at < g.firstOut[j+1]; at++ {
				status, to := max(level, s[g.edge[at]]), g.head[at]
				if status < out[to] {
					out[to] = status
					wave[status] = append(wave[status], to)
				}
			}
		}
	}
	return out, nil
}

// PlaceReach is one place with its connection to a hub.
type PlaceReach struct {
	Place
	Status Status `json:"status"` // of the best connection; unknown for a place that is not on the network
}

// ReachPlaces gives the connection of each place to any of the hubs, in the
// order of the places.
func (g *Graph) ReachPlaces(s State, hubs []int32, places []Place) ([]PlaceReach, error) {
	reach, err := g.Reach(s, hubs)
	if err != nil {
		return nil, err
	}
	out := make([]PlaceReach, len(places))
	for i, p := range places {
		out[i] = PlaceReach{p, Unknown}
		if at := g.At(p); at != Offside {
			out[i].Status = reach[at]
		}
	}
	return out, nil
}

// CutOff lists the places that no way leads to from any of the hubs, not even
// over roads nobody knows about, by people, descending.
func (g *Graph) CutOff(s State, hubs []int32, places []Place) ([]Place, error) {
	all, err := g.ReachPlaces(s, hubs, places)
	if err != nil {
		return nil, err
	}
	var out []Place
	for _, p := range all {
		if p.Status == Closed {
			out = append(out, p.Place)
		}
	}
	slices.SortStableFunc(out, mostPeople)
	return out, nil
}

func mostPeople(a, b Place) int { return cmp.Compare(b.People, a.People) }

// maxMatrix bounds the pairs of a matrix.
const maxMatrix = 1_000_000

// Matrix says for every pair of places how they are connected: the status of
// the best way, closed when there is none, unknown when one of them is not on
// the network. Ports, airports and departmental capitals are the usual rows
// and columns.
func (g *Graph) Matrix(ctx context.Context, s State, rows, columns []Place) ([][]Status, error) {
	if err := s.check(g); err != nil {
		return nil, err
	}
	if len(columns) > 0 && len(rows) > maxMatrix/len(columns) {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "%d by %d places: at most %d pairs", len(rows), len(columns), maxMatrix)
	}
	from, to := g.AtAll(rows), g.AtAll(columns)
	out := make([][]Status, len(rows))
	for r := range out {
		out[r] = make([]Status, len(columns))
		for c := range out[r] {
			out[r][c] = Closed
			if from[r] == Offside || to[c] == Offside {
				out[r][c] = Unknown
			}
		}
	}
	f := newForest(g.junctions)
	for level := Open; level < Closed; level++ {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		g.join(f, s, int(level)-1, level)
		for r, a := range from {
			for c, b := range to {
				if a != Offside && b != Offside && out[r][c] == Closed && f.find(a) == f.find(b) {
					out[r][c] = level
				}
			}
		}
	}
	return out, nil
}
