package isolation

import (
	"cmp"
	"slices"

	"pasaj/geo"
)

// CriticalRoad is a road whose blockage at one place cuts people off.
type CriticalRoad struct {
	Road
	Worst  int     `json:"-"`      // the edge whose blockage cuts off most people
	People float64 `json:"people"` // cut off by it
	Places []int   `json:"-"`      // positions of the places cut off by it
	Score  float64 `json:"score"`  // people cut off, times the likelihood of a blockage: greatest over the edges
}

// CriticalRoads ranks the roads that are one blockage away from isolating
// people, the most people first, at most limit of them. Bridges that follow
// each other without a junction between are one road, and so are those that
// meet and carry the same number or name. likelihood, when not nil, says for
// every edge how likely a blockage is and weighs the people with it.
func (c *Connectivity) CriticalRoads(s State, worst Status, likelihood []float64, limit int) ([]CriticalRoad, error) {
	g := c.graph
	if err := s.check(g); err != nil {
		return nil, err
	}
	if likelihood != nil && len(likelihood) != g.Edges() {
		return nil, geo.Errorf(geo.CodeInvalid, "", "likelihoods for %d edges, the graph has %d", len(likelihood), g.Edges())
	}
	at := make([]int32, g.Edges()) // position of a bridge that cuts people off, plus one
	var bridges []int32
	for i, b := range c.Bridges {
		if b.People > 0 {
			bridges = append(bridges, int32(i))
			at[b.Edge] = int32(len(bridges))
		}
	}
	f := newForest(len(bridges))
	seen := map[int32]bool{}
	for _, i := range bridges {
		for _, j := range [2]int32{g.from[c.Bridges[i].Edge], g.to[c.Bridges[i].Edge]} {
			if !seen[j] {
				seen[j] = true
				c.merge(f, at, s, worst, j)
			}
		}
	}
	members := map[int32][]int32{}
	for k, i := range bridges {
		root := f.find(int32(k))
		members[root] = append(members[root], i)
	}
	var out []CriticalRoad
	for _, run := range members {
		var edges []int
		one := CriticalRoad{Score: -1}
		for _, i := range run {
			b := c.Bridges[i]
			edges = append(edges, b.Edge)
			score := b.People
			if likelihood != nil {
				score *= likelihood[b.Edge]
			}
			if score > one.Score || score == one.Score && b.People > one.People {
				one.Score, one.People, one.Worst = score, b.People, b.Edge
			}
		}
		one.Edges = edges
		out = append(out, one)
	}
	slices.SortFunc(out, func(a, b CriticalRoad) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(b.People, a.People), cmp.Compare(a.Worst, b.Worst))
	})
	if limit >= 0 && len(out) > limit {
		out = out[:limit]
	}
	for i := range out { // names and places only for those that are shown
		out[i].Road = g.roadOf(out[i].Edges)
		k, _ := slices.BinarySearchFunc(c.Bridges, out[i].Worst, func(b Bridge, edge int) int { return cmp.Compare(b.Edge, edge) })
		out[i].Places = c.Places(c.Bridges[k])
	}
	return out, nil
}

// merge unites the bridges that meet at a junction and belong to one road.
func (c *Connectivity) merge(f forest, at []int32, s State, worst Status, j int32) {
	g := c.graph
	passable := 0
	var incident []int32
	for k := g.firstOut[j]; k < g.firstOut[j+1]; k++ {
		if edge := g.edge[k]; s.passes(edge, worst) {
			passable++
			if at[edge] > 0 {
				incident = append(incident, edge)
			}
		}
	}
	for i, a := range incident {
		for _, b := range incident[:i] {
			if passable == 2 || g.road[a] != noRoad && g.road[a] == g.road[b] {
				f.union(at[a]-1, at[b]-1)
			}
		}
	}
}
