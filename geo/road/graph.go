package road

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
)

// Edge is one edge of a graph. Do not change what its fields point to.
type Edge struct {
	ID         int64
	WayID      int64    // OpenStreetMap way; 0 when unknown
	Refs       []string // road numbers, none for most streets
	Name       string
	Class      string
	Surface    string
	Barrier    string  // OpenStreetMap's value; "" for none
	SpeedKmh   float64 // 0: by class and surface
	MaxLoadT   float64 // 0: no limit known
	MaxHeightM float64 // 0: no limit known
	PrecisionM float64
	Geometry   orb.LineString
	Nodes      []int64   // OpenStreetMap nodes of the vertices, 0 where there is none; empty when unknown
	AlongM     []float64 // distance of each vertex from the first, metres
	LengthM    float64
	Bound      orb.Bound
	From, To   int    // junctions of the first and last vertex
	Access     uint16 // bit i is set when class i of geo.VehicleClasses may not enter
	Oneway     bool
	Bridge     bool
	Tunnel     bool
}

// HasRef reports whether the edge carries the road number.
func (e *Edge) HasRef(ref string) bool { return slices.Contains(e.Refs, ref) }

// Admits reports whether a vehicle class, by its place in geo.VehicleClasses,
// may enter the edge.
func (e *Edge) Admits(class int) bool { return class < 0 || class > 15 || e.Access>>class&1 == 0 }

// Graph is an immutable road network.
type Graph struct {
	network   Network
	edges     []Edge
	junctions []orb.Point
	byID      []int32 // edges in order of their IDs; nil when that is their order

	// Arcs leaving junction j are firstOut[j]:firstOut[j+1]. An arc is an edge
	// in one direction: edge*2 forward, edge*2+1 against its geometry.
	firstOut []int32
	tail     []int32
	head     []int32
	arc      []int32

	turns    []Turn
	topology Topology
	copies   map[int32][]int32 // nodes that are copies of a junction, ascending
	entered  map[int32]int32   // node that an arc leads to when it is not the junction

	component  []int32   // of each junction; 0 is the longest
	componentM []float64 // length of each component, metres, descending

	index *index.Tree[int32]
}

// Build makes a graph of noded edges and turn restrictions. Edges keep their
// order. Errors are of code invalid, invalid_geometry or too_large, with a
// pointer /features/N or /turns/N.
func Build(n Network, inputs []EdgeInput, turns ...Turn) (*Graph, error) {
	if len(inputs) > MaxEdges {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "%d edges: at most %d", len(inputs), MaxEdges)
	}
	vertices := 0
	for i := range inputs {
		if err := inputs[i].check(); err != nil {
			err.Pointer = fmt.Sprintf("/features/%d%s", i, err.Pointer)
			return nil, err
		}
		vertices += len(inputs[i].Geometry)
	}
	g := &Graph{network: n, edges: make([]Edge, len(inputs))}
	if err := g.identify(inputs); err != nil {
		return nil, err
	}
	if err := g.draw(inputs, vertices); err != nil {
		return nil, err
	}
	g.join()
	if err := g.expand(turns); err != nil {
		return nil, err
	}
	g.connect()
	g.index = indexed(g.edges)
	return g, nil
}

// identify refuses an ID that is there twice and remembers the order of IDs.
func (g *Graph) identify(inputs []EdgeInput) error {
	ascending := true
	for i := 1; i < len(inputs) && ascending; i++ {
		ascending = inputs[i-1].ID < inputs[i].ID
	}
	if ascending {
		return nil
	}
	g.byID = make([]int32, len(inputs))
	for i := range g.byID {
		g.byID[i] = int32(i)
	}
	slices.SortFunc(g.byID, func(a, b int32) int {
		if c := cmp.Compare(inputs[a].ID, inputs[b].ID); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	for i := 1; i < len(g.byID); i++ {
		if at := g.byID[i]; inputs[at].ID == inputs[g.byID[i-1]].ID {
			return geo.Errorf(geo.CodeInvalid, fmt.Sprintf("/features/%d/id", at), "edge %d is there twice", inputs[at].ID)
		}
	}
	return nil
}

// draw makes the edges. Their vertices and distances lie in two arrays that
// all edges share, so that a country's roads are not a million small objects.
func (g *Graph) draw(inputs []EdgeInput, vertices int) error {
	points, along := make(orb.LineString, 0, vertices), make([]float64, 0, vertices)
	named := 0
	for i := range inputs {
		named += len(inputs[i].Nodes)
	}
	nodes := make([]int64, 0, named)
	words := lexicon{text: map[string]string{}, refs: map[string][]string{}}
	for i := range inputs {
		in, start := &inputs[i], len(points)
		points = append(points, in.Geometry...)
		along = appendAlong(along, in.Geometry)
		end := len(points)
		nodes = append(nodes, in.Nodes...)
		e := &g.edges[i]
		*e = Edge{
			ID: in.ID, WayID: in.WayID, Refs: words.list(in.Ref), Name: words.one(in.Name), Class: classes[classNumber(in.Class)],
			Surface: words.one(in.Surface), Barrier: words.one(in.Barrier), SpeedKmh: in.SpeedKmh, MaxLoadT: in.MaxLoadT,
			MaxHeightM: in.MaxHeightM, PrecisionM: in.PrecisionM, Access: in.Access, Oneway: in.Oneway, Bridge: in.Bridge,
			Tunnel: in.Tunnel, Geometry: points[start:end:end], AlongM: along[start:end:end], LengthM: along[end-1],
			Bound: in.Geometry.Bound(),
		}
		if n := len(nodes); len(in.Nodes) > 0 {
			e.Nodes = nodes[n-len(in.Nodes) : n : n]
		}
		if e.LengthM == 0 {
			return geo.Errorf(geo.CodeInvalidGeometry, fmt.Sprintf("/features/%d/geometry", i), "the edge has no length")
		}
	}
	return nil
}

// lexicon lets edges of the same name share its text.
type lexicon struct {
	text map[string]string
	refs map[string][]string
}

func (l *lexicon) one(s string) string {
	if s == "" {
		return ""
	}
	if kept, ok := l.text[s]; ok {
		return kept
	}
	s = strings.Clone(s)
	l.text[s] = s
	return s
}

func (l *lexicon) list(ref string) []string {
	if ref == "" {
		return nil
	}
	list, ok := l.refs[ref]
	if !ok {
		for _, one := range strings.Split(ref, ";") {
			if one = strings.TrimSpace(one); one != "" {
				list = append(list, l.one(one))
			}
		}
		list = slices.Clip(list)
		l.refs[ref] = list
	}
	return list
}

// join numbers the junctions in order of longitude, then latitude, and lays
// out the arcs.
func (g *Graph) join() {
	number := make(map[orb.Point]int, len(g.edges))
	var places []orb.Point // in the order they are met
	numbered := func(p orb.Point) int {
		n, ok := number[p]
		if !ok {
			n = len(places)
			number[p] = n
			places = append(places, p)
		}
		return n
	}
	for i := range g.edges {
		e := &g.edges[i]
		e.From, e.To = numbered(first(e.Geometry)), numbered(last(e.Geometry))
	}
	order, rank := make([]int32, len(places)), make([]int32, len(places))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return comparePoints(places[a], places[b]) })
	g.junctions = make([]orb.Point, len(places))
	for i, place := range order {
		g.junctions[i], rank[place] = places[place], int32(i)
	}
	g.firstOut = make([]int32, len(g.junctions)+1)
	arcs := 0
	for i := range g.edges {
		e := &g.edges[i]
		e.From, e.To = int(rank[e.From]), int(rank[e.To])
		g.firstOut[e.From+1]++
		arcs++
		if !e.Oneway {
			g.firstOut[e.To+1]++
			arcs++
		}
	}
	for j := range g.junctions {
		g.firstOut[j+1] += g.firstOut[j]
	}
	g.tail, g.head, g.arc = make([]int32, arcs), make([]int32, arcs), make([]int32, arcs)
	next := slices.Clone(g.firstOut)
	lay := func(arc int32) {
		tail, head := g.ends(arc)
		at := next[tail]
		next[tail]++
		g.tail[at], g.head[at], g.arc[at] = int32(tail), int32(head), arc
	}
	for i := range g.edges {
		lay(int32(i * 2))
		if !g.edges[i].Oneway {
			lay(int32(i*2 + 1))
		}
	}
}

func comparePoints(a, b orb.Point) int {
	if c := cmp.Compare(a[0], b[0]); c != 0 {
		return c
	}
	return cmp.Compare(a[1], b[1])
}

func first(line orb.LineString) orb.Point { return line[0] }
func last(line orb.LineString) orb.Point  { return line[len(line)-1] }

// Network describes the network.
func (g *Graph) Network() Network { return g.network }

// Len is the number of edges.
func (g *Graph) Len() int { return len(g.edges) }

// Edge gives an edge by its position, 0 to Len()-1.
func (g *Graph) Edge(i int) *Edge { return &g.edges[i] }

// Find gives the position of an edge by its ID.
func (g *Graph) Find(id int64) (edge int, ok bool) {
	if g.byID == nil {
		return slices.BinarySearchFunc(g.edges, id, func(e Edge, id int64) int { return cmp.Compare(e.ID, id) })
	}
	at, ok := slices.BinarySearchFunc(g.byID, id, func(i int32, id int64) int { return cmp.Compare(g.edges[i].ID, id) })
	if !ok {
		return 0, false
	}
	return int(g.byID[at]), true
}

// Junctions is the number of junctions.
func (g *Graph) Junctions() int { return len(g.junctions) }

// Junction gives the place of a junction.
func (g *Graph) Junction(j int) orb.Point { return g.junctions[j] }

// Search calls do with every edge whose box meets the bound, until it returns
// false. The order is that of the index and may differ between builds.
func (g *Graph) Search(b orb.Bound, do func(edge int) bool) {
	g.index.Search(b, func(i int32) bool { return do(int(i)) })
}
