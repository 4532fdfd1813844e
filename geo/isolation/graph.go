package isolation

import (
	"context"
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
)

// Graph is an undirected graph of junctions and edges. Parallel edges and loops
// are allowed.
type Graph struct {
	junctions int
	from, to  []int32
	lengthM   []float64
	road      []int32 // equal where the road number is, else the name, else the way; noRoad: none is known

	// Edges at junction j are edge[firstOut[j]:firstOut[j+1]], ascending; a
	// loop is there twice. head is the junction at the other end.
	firstOut, head, edge []int32

	network *road.Graph // for names; may be nil
}

const noRoad = -1

// NewGraph makes a graph of edges between junctions 0 to junctions-1. The slices
// are kept and must not change.
func NewGraph(junctions int, from, to []int32) (*Graph, error) {
	if junctions < 0 || junctions > math.MaxInt32 || len(from) != len(to) || len(from) > road.MaxEdges {
		return nil, geo.Errorf(geo.CodeInvalid, "", "%d junctions with %d and %d ends of edges", junctions, len(from), len(to))
	}
	g := &Graph{junctions: junctions, from: from, to: to, firstOut: make([]int32, junctions+1)}
	for i := range from {
		for _, j := range [2]int32{from[i], to[i]} {
			if j < 0 || int(j) >= junctions {
				return nil, geo.Errorf(geo.CodeInvalid, "", "edge %d ends at junction %d of %d", i, j, junctions)
			}
			g.firstOut[j+1]++
		}
	}
	for j := range junctions {
		g.firstOut[j+1] += g.firstOut[j]
	}
	g.head, g.edge = make([]int32, 2*len(from)), make([]int32, 2*len(from))
	next := make([]int32, junctions)
	copy(next, g.firstOut)
	for i := range from {
		for _, end := range [2][2]int32{{from[i], to[i]}, {to[i], from[i]}} {
			at := next[end[0]]
			next[end[0]]++
			g.head[at], g.edge[at] = end[1], int32(i)
		}
	}
	g.lengthM = make([]float64, len(from))
	g.road = make([]int32, len(from))
	for i := range g.road {
		g.road[i] = noRoad
	}
	return g, nil
}

// Of makes the graph of a road network; edges and junctions keep their
// positions. It is worth keeping for as long as the network is in use.
func Of(n *road.Graph) (*Graph, error) {
	from, to := make([]int32, n.Len()), make([]int32, n.Len())
	for i := range from {
		e := n.Edge(i)
		from[i], to[i] = int32(e.From), int32(e.To)
	}
	g, err := NewGraph(n.Junctions(), from, to)
	if err != nil {
		return nil, err
	}
	g.network = n
	type key struct {
		ref, name string
		way       int64
	}
	numbers := map[key]int32{}
	for i := range from {
		e := n.Edge(i)
		g.lengthM[i] = e.LengthM
		k := key{way: e.WayID}
		switch {
		case len(e.Refs) > 0:
			k = key{ref: e.Refs[0]}
		case e.Name != "":
			k = key{name: e.Name}
		case e.WayID == 0:
			continue
		}
		number, ok := numbers[k]
		if !ok {
			number = int32(len(numbers))
			numbers[k] = number
		}
		g.road[i] = number
	}
	return g, nil
}

// Edges is the number of edges.
func (g *Graph) Edges() int { return len(g.from) }

// Junctions is the number of junctions.
func (g *Graph) Junctions() int { return g.junctions }

// Ends gives the junctions at the ends of an edge.
func (g *Graph) Ends(edge int) (from, to int32) { return g.from[edge], g.to[edge] }

// Place is a named place with the people who live there. It counts with the
// junction at the nearer end of its edge.
type Place struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	At     orb.Point `json:"-"`
	People float64   `json:"people,omitempty"`
	Edge   int       `json:"-"` // of the network; negative: not on it
	AlongM float64   `json:"-"` // from the first end of the edge
}

// Offside is the junction of a place that is not on the network.
const Offside = int32(-1)

// At gives the junction of a place, or Offside.
func (g *Graph) At(p Place) int32 {
	switch {
	case p.Edge < 0 || p.Edge >= g.Edges():
		return Offside
	case p.AlongM > g.lengthM[p.Edge]/2:
		return g.to[p.Edge]
	default:
		return g.from[p.Edge]
	}
}

// AtAll gives the junctions of several places.
func (g *Graph) AtAll(places []Place) []int32 {
	out := make([]int32, len(places))
	for i, p := range places {
		out[i] = g.At(p)
	}
	return out
}

func checkPlaces(places []Place) error {
	for i, p := range places {
		if !(p.People >= 0) || math.IsInf(p.People, 0) {
			return geo.Errorf(geo.CodeInvalid, "", "place %d: people must be a number, zero or more", i)
		}
	}
	return nil
}

// checkJunctions finds junctions that the graph does not have.
func (g *Graph) checkJunctions(what string, of []int32) error {
	for _, j := range of {
		if j < 0 || int(j) >= g.junctions {
			return geo.Errorf(geo.CodeInvalid, "", "%s: there is no junction %d", what, j)
		}
	}
	return nil
}

// Road is a run of edges that counts as one road.
type Road struct {
	Edges   []int    `json:"-"` // positions in the network
	EdgeIDs []int64  `json:"edges"`
	Refs    []string `json:"refs,omitempty"`
	Name    string   `json:"name,omitempty"`
	LengthM float64  `json:"length_m"`
}

// roadOf describes edges by the numbers and the first name found on them.
func (g *Graph) roadOf(edges []int) Road {
	r := Road{Edges: edges, EdgeIDs: make([]int64, len(edges))}
	for k, i := range edges {
		r.EdgeIDs[k] = int64(i)
		r.LengthM += g.lengthM[i]
		if g.network == nil {
			continue
		}
		e := g.network.Edge(i)
		r.EdgeIDs[k] = e.ID
		for _, ref := range e.Refs {
			if !contains(r.Refs, ref) {
				r.Refs = append(r.Refs, ref)
			}
		}
		if r.Name == "" {
			r.Name = e.Name
		}
	}
	return r
}

func contains(list []string, one string) bool {
	for _, s := range list {
		if s == one {
			return true
		}
	}
	return false
}

// pulse asks a context now and then whether to go on.
type pulse struct {
	ctx   context.Context
	often uint // it is asked every 2^often-th time; 0: 2^12
	count uint
}

// beat returns the context's error when it is time to ask.
func (p *pulse) beat() error {
	often := p.often
	if often == 0 {
		often = 12
	}
	if p.count++; p.count&(1<<often-1) != 0 {
		return nil
	}
	return p.ctx.Err()
}
