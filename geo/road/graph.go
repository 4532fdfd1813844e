package road

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
	"pasaj/geo/measure"
)

// Edge is one edge of a graph. Do not change what its fields point to.
type Edge struct {
	ID         int64
	Refs       []string // road numbers, none for most streets
	Name       string
	Class      string
	Surface    string
	Oneway     bool
	PrecisionM float64
	Geometry   orb.LineString
	AlongM     []float64 // distance of each vertex from the first, metres
	LengthM    float64
	Bound      orb.Bound
	From, To   int // junctions of the first and last vertex
}

// HasRef reports whether the edge carries the road number.
func (e *Edge) HasRef(ref string) bool { return slices.Contains(e.Refs, ref) }

// Graph is an immutable road network.
type Graph struct {
	network   Network
	edges     []Edge
	junctions []orb.Point

	// Arcs leaving junction j are firstOut[j]:firstOut[j+1]. An arc is an edge
	// in one direction: edge*2 forward, edge*2+1 against its geometry.
	firstOut []int32
	head     []int32
	arc      []int32

	component  []int32   // of each junction; 0 is the longest
	componentM []float64 // length of each component, metres, descending

	index *index.Tree[int32]
}

// Build makes a graph of noded edges. Edges keep their order. Errors are of
// code invalid or invalid_geometry, with a pointer /features/N.
func Build(n Network, inputs []EdgeInput) (*Graph, error) {
	if len(inputs) > MaxEdges {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "%d edges: at most %d", len(inputs), MaxEdges)
	}
	g := &Graph{network: n, edges: make([]Edge, len(inputs)), index: index.New[int32]()}
	seen := make(map[int64]bool, len(inputs))
	vertices := 0
	for i := range inputs {
		pointer := fmt.Sprintf("/features/%d", i)
		if err := inputs[i].check(pointer); err != nil {
			return nil, err
		}
		if seen[inputs[i].ID] {
			return nil, geo.Errorf(geo.CodeInvalid, pointer+"/id", "edge %d is there twice", inputs[i].ID)
		}
		seen[inputs[i].ID] = true
		vertices += len(inputs[i].Geometry)
	}
	along := make([]float64, 0, vertices)
	for i := range inputs {
		first := len(along)
		along = appendAlong(along, inputs[i].Geometry)
		g.edges[i] = newEdge(&inputs[i], along[first:len(along):len(along)])
		if g.edges[i].LengthM == 0 {
			return nil, geo.Errorf(geo.CodeInvalidGeometry, fmt.Sprintf("/features/%d/geometry", i), "the edge has no length")
		}
		g.index.Insert(g.edges[i].Bound, int32(i))
	}
	g.join()
	g.connect()
	return g, nil
}

func appendAlong(dst []float64, line orb.LineString) []float64 {
	total := 0.0
	dst = append(dst, 0)
	for i := 1; i < len(line); i++ {
		total += measure.DistanceM(line[i-1], line[i])
		dst = append(dst, total)
	}
	return dst
}

func newEdge(in *EdgeInput, along []float64) Edge {
	e := Edge{
		ID: in.ID, Name: in.Name, Class: in.Class, Surface: in.Surface, Oneway: in.Oneway,
		PrecisionM: in.PrecisionM, Geometry: in.Geometry.Clone(), AlongM: along,
		LengthM: along[len(along)-1], Bound: in.Geometry.Bound(),
	}
	for _, ref := range strings.Split(in.Ref, ";") {
		if ref = strings.TrimSpace(ref); ref != "" {
			e.Refs = append(e.Refs, ref)
		}
	}
	return e
}

// join numbers the junctions in order of longitude, then latitude, and lays
// out the arcs.
func (g *Graph) join() {
	number := make(map[orb.Point]int, len(g.edges)*2)
	for i := range g.edges {
		for _, p := range []orb.Point{first(g.edges[i].Geometry), last(g.edges[i].Geometry)} {
			if _, ok := number[p]; !ok {
				number[p] = 0
				g.junctions = append(g.junctions, p)
			}
		}
	}
	sort.Slice(g.junctions, func(i, j int) bool {
		a, b := g.junctions[i], g.junctions[j]
		return a[0] < b[0] || a[0] == b[0] && a[1] < b[1]
	})
	for i, p := range g.junctions {
		number[p] = i
	}
	g.firstOut = make([]int32, len(g.junctions)+1)
	each := func(do func(edge, tail, head, direction int)) {
		for i := range g.edges {
			e := &g.edges[i]
			do(i, e.From, e.To, 0)
			if !e.Oneway {
				do(i, e.To, e.From, 1)
			}
		}
	}
	for i := range g.edges {
		e := &g.edges[i]
		e.From, e.To = number[first(e.Geometry)], number[last(e.Geometry)]
	}
	arcs := 0
	each(func(_, tail, _, _ int) { g.firstOut[tail+1]++; arcs++ })
	for j := range g.junctions {
		g.firstOut[j+1] += g.firstOut[j]
	}
	g.head, g.arc = make([]int32, arcs), make([]int32, arcs)
	next := slices.Clone(g.firstOut)
	each(func(edge, tail, head, direction int) {
		at := next[tail]
		next[tail]++
		g.head[at], g.arc[at] = int32(head), int32(edge*2+direction)
	})
}

// connect numbers the components, ignoring one-way rules, from the longest.
func (g *Graph) connect() {
	parent := make([]int32, len(g.junctions))
	for i := range parent {
		parent[i] = int32(i)
	}
	find := func(x int32) int32 {
		for parent[x] != x {
			parent[x] = parent[parent[x]]
			x = parent[x]
		}
		return x
	}
	for i := range g.edges {
		a, b := find(int32(g.edges[i].From)), find(int32(g.edges[i].To))
		if a != b {
			parent[max(a, b)] = min(a, b)
		}
	}
	lengths := map[int32]float64{}
	for i := range g.edges {
		lengths[find(int32(g.edges[i].From))] += g.edges[i].LengthM
	}
	roots := make([]int32, 0, len(lengths))
	for root := range lengths {
		roots = append(roots, root)
	}
	sort.Slice(roots, func(i, j int) bool {
		a, b := lengths[roots[i]], lengths[roots[j]]
		return a > b || a == b && roots[i] < roots[j]
	})
	rank := make(map[int32]int32, len(roots))
	for i, root := range roots {
		rank[root] = int32(i)
		g.componentM = append(g.componentM, lengths[root])
	}
	g.component = make([]int32, len(g.junctions))
	for j := range g.junctions {
		g.component[j] = rank[find(int32(j))]
	}
}

func first(line orb.LineString) orb.Point { return line[0] }
func last(line orb.LineString) orb.Point  { return line[len(line)-1] }

// Network describes the network.
func (g *Graph) Network() Network { return g.network }

// Len is the number of edges.
func (g *Graph) Len() int { return len(g.edges) }

// Edge gives an edge by its position, 0 to Len()-1.
func (g *Graph) Edge(i int) *Edge { return &g.edges[i] }

// Junctions is the number of junctions.
func (g *Graph) Junctions() int { return len(g.junctions) }

// Junction gives the place of a junction.
func (g *Graph) Junction(j int) orb.Point { return g.junctions[j] }

// Component says in which component an edge lies; 0 is the longest.
func (g *Graph) Component(edge int) int { return int(g.component[g.edges[edge].From]) }

// ComponentLengths lists the length of each component in metres, descending.
// One-way rules are ignored: within a component there may still be no lawful
// way from one edge to another.
func (g *Graph) ComponentLengths() []float64 { return slices.Clone(g.componentM) }

// Search calls do with every edge whose box meets the bound, until it returns
// false. The order is that of the index and may differ between builds.
func (g *Graph) Search(b orb.Bound, do func(edge int) bool) {
	g.index.Search(b, func(i int32) bool { return do(int(i)) })
}
