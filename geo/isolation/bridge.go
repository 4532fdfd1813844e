package isolation

import (
	"cmp"
	"context"
	"slices"
)

// Connectivity is how firmly a network hangs together: what one blockage cuts.
// A bridge here is a bridge of graph theory: an edge whose closure divides its
// component.
type Connectivity struct {
	Component     []int32 // of each junction, numbered from the lowest junction
	Twofold       []int32 // 2-edge-connected component of each junction: no single blockage divides one
	Bridges       []Bridge
	Articulations []Articulation

	graph *Graph
	// Junctions in the order of the depth-first pass; the subtree below the
	// junction at position p ends before p + size[p].
	order    []int32
	position []int32 // of each junction
	size     []int32
	people   []float64 // sums over the order: people[p] before position p
	places   []int     // positions of places in the order of their junctions
	before   []int32   // places[:before[p]] stand before position p
	first    []int32   // of each component: position of its first junction
}

// noEdge is the edge that the pass came to the root of a component by.
const noEdge = -1

// Bridge is an edge whose closure cuts people off. The smaller side has fewer
// people or, with as many, fewer junctions.
type Bridge struct {
	Edge      int
	People    float64 // on the smaller side
	Junctions int     // on the smaller side
	below     int32   // position of the end away from the root of the pass
	above     bool    // the smaller side is the root's
}

// Articulation is a junction whose closure divides its component.
type Articulation struct {
	Junction int32
	People   float64 // of its component outside the most populous part that remains, those at the junction included
}

// Connectivity finds all bridges and articulation junctions of what can be
// passed at worst, with the people they cut off, in one pass.
func (g *Graph) Connectivity(ctx context.Context, s State, worst Status, places []Place) (*Connectivity, error) {
	if err := firstError(s.check(g), checkPlaces(places)); err != nil {
		return nil, err
	}
	n := g.junctions
	c := &Connectivity{
		Component: make([]int32, n), Twofold: make([]int32, n), graph: g,
		order: make([]int32, 0, n), position: make([]int32, n), size: make([]int32, n),
	}
	local := make([]float64, n)
	for _, p := range places {
		if j := g.At(p); j != Offside {
			local[j] += p.People
		}
	}
	low, parent, next := make([]int32, n), make([]int32, n), make([]int32, n) // low by position; parent is an edge
	copy(next, g.firstOut)
	for j := range c.position {
		c.position[j] = -1
	}
	pulse := pulse{ctx: ctx}
	var stack []int32
	enter := func(j, edge, component int32) {
		p := int32(len(c.order))
		c.order, c.position[j], c.Component[j] = append(c.order, j), p, component
		low[p], parent[p], c.size[p] = p, edge, 1
		stack = append(stack, j)
	}
	for root := range int32(n) {
		if c.position[root] >= 0 {
			continue
		}
		component := int32(len(c.first))
		c.first = append(c.first, int32(len(c.order)))
		enter(root, noEdge, component)
		for len(stack) > 0 {
			if err := pulse.beat(); err != nil {
				return nil, err
			}
			j := stack[len(stack)-1]
			p := c.position[j]
			if k := next[j]; k < g.firstOut[j+1] {
				next[j]++
				edge, to := g.edge[k], g.head[k]
				switch {
				case edge == parent[p] || !s.passes(edge, worst):
				case c.position[to] < 0:
					enter(to, edge, component)
				default:
					low[p] = min(low[p], c.position[to])
				}
				continue
			}
			stack = stack[:len(stack)-1]
			if len(stack) > 0 {
				up := c.position[stack[len(stack)-1]]
				low[up] = min(low[up], low[p])
				c.size[up] += c.size[p]
			}
		}
	}
	c.sum(local, places)
	c.classify(low, parent)
	return c, nil
}

// sum lays the people and places out in the order of the pass.
func (c *Connectivity) sum(local []float64, places []Place) {
	c.people, c.before = make([]float64, len(c.order)+1), make([]int32, len(c.order)+1)
	type stand struct {
		position int32
		place    int
	}
	var stands []stand
	for i, p := range places {
		if j := c.graph.At(p); j != Offside {
			stands = append(stands, stand{c.position[j], i})
			c.before[c.position[j]+1]++
		}
	}
	slices.SortStableFunc(stands, func(a, b stand) int { return cmp.Compare(a.position, b.position) })
	for _, s := range stands {
		c.places = append(c.places, s.place)
	}
	for p, j := range c.order {
		c.people[p+1] = c.people[p] + local[j]
		c.before[p+1] += c.before[p]
	}
}

// classify reads bridges and articulations off the lowest positions reached.
func (c *Connectivity) classify(low, parent []int32) {
	type cut struct{ below, largest float64 }
	cuts := map[int32]*cut{} // by position of the articulation
	twofold := int32(0)
	for p, j := range c.order {
		position := int32(p)
		if parent[p] == noEdge { // the root of a component
			c.Twofold[j] = twofold
			twofold++
			continue
		}
		up := c.position[c.otherEnd(parent[p], j)]
		below := c.people[position+c.size[p]] - c.people[position]
		if low[p] == position {
			c.Twofold[j] = twofold
			twofold++
			c.Bridges = append(c.Bridges, c.bridge(parent[p], position, below))
		} else {
			c.Twofold[j] = c.Twofold[c.order[up]]
		}
		if low[p] >= up && (parent[up] != noEdge || c.size[p]+1 < c.size[up]) {
			one := cuts[up]
			if one == nil {
				one = &cut{}
				cuts[up] = one
			}
			one.below += below
			one.largest = max(one.largest, below)
		}
	}
	slices.SortFunc(c.Bridges, func(a, b Bridge) int { return cmp.Compare(a.Edge, b.Edge) })
	for up, one := range cuts {
		from, to := c.span(c.order[up])
		total := c.people[to] - c.people[from]
		rest := total - one.below - (c.people[up+1] - c.people[up])
		c.Articulations = append(c.Articulations, Articulation{c.order[up], total - max(one.largest, rest)})
	}
	slices.SortFunc(c.Articulations, func(a, b Articulation) int { return cmp.Compare(a.Junction, b.Junction) })
}

func (c *Connectivity) otherEnd(edge, j int32) int32 {
	return c.graph.from[edge] + c.graph.to[edge] - j
}

// span gives the positions of a junction's component.
func (c *Connectivity) span(j int32) (from, to int32) {
	from = c.first[c.Component[j]]
	return from, from + c.size[from]
}

func (c *Connectivity) bridge(edge, position int32, below float64) Bridge {
	from, to := c.span(c.order[position])
	total := c.people[to] - c.people[from]
	b := Bridge{Edge: int(edge), People: below, Junctions: int(c.size[position]), below: position}
	above, junctions := total-below, int(to-from)-b.Junctions
	if above < below || above == below && junctions < b.Junctions {
		b.People, b.Junctions, b.above = above, junctions, true
	}
	return b
}

// Places lists the positions of the places on the smaller side of a bridge.
func (c *Connectivity) Places(b Bridge) []int {
	low, high := c.before[b.below], c.before[b.below+c.size[b.below]]
	if !b.above {
		return slices.Clone(c.places[low:high])
	}
	from, to := c.span(c.order[b.below])
	return slices.Concat(c.places[c.before[from]:low], c.places[high:c.before[to]])
}

// OneBlockage lists the positions of the places that are connected to a hub but
// that a single blockage of a road would cut off from it.
func (c *Connectivity) OneBlockage(hub int32, places []Place) []int {
	var out []int
	for i, p := range places {
		j := c.graph.At(p)
		if hub != Offside && j != Offside && c.Component[j] == c.Component[hub] && c.Twofold[j] != c.Twofold[hub] {
			out = append(out, i)
		}
	}
	return out
}
