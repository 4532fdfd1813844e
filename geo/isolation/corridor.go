package isolation

import (
	"context"
	"math"
	"slices"

	"pasaj/geo"
)

// Corridors are ways between two sets of places that share no edge.
type Corridors struct {
	Count      int     `json:"count"` // the most ways that share no edge
	Ways       [][]int `json:"-"`     // one way each: edges in order from the first set to the second
	Bottleneck []Road  `json:"bottleneck"`
}

// Core is a network prepared for corridors among known places: its dead ends
// are stripped and its chains of edges without a choice are single links. It
// never changes and may be shared.
type Core struct {
	graph *Graph
	node  []int32 // of each junction: node of the core, or -1
	nodes int
	a, b  []int32 // ends of each link
	start []int32 // edges of link i are edges[start[i]:start[i+1]], from a to b
	edges []int32

	firstOut, arc, to []int32 // arcs at each node and where they lead: link*2 from a, link*2+1 from b
}

// Core prepares what can be passed at worst. Terminals are the junctions that
// questions may be about.
func (g *Graph) Core(ctx context.Context, s State, worst Status, terminals []int32) (*Core, error) {
	if err := firstError(s.check(g), g.checkJunctions("terminals", terminals)); err != nil {
		return nil, err
	}
	terminal := make([]bool, g.junctions)
	for _, j := range terminals {
		terminal[j] = true
	}
	alive := make([]bool, g.Edges())
	degree := make([]int32, g.junctions)
	for i := range alive {
		if alive[i] = s.passes(int32(i), worst) && g.from[i] != g.to[i]; alive[i] {
			degree[g.from[i]]++
			degree[g.to[i]]++
		}
	}
	g.strip(alive, degree, terminal)
	c := &Core{graph: g, node: make([]int32, g.junctions), start: []int32{0}}
	var kept []int32
	for j := range c.node {
		c.node[j] = -1
		if terminal[j] || degree[j] > 2 {
			c.node[j] = int32(len(kept))
			kept = append(kept, int32(j))
		}
	}
	c.nodes = len(kept)
	pulse := pulse{ctx: ctx}
	for _, j := range kept {
		if err := pulse.beat(); err != nil {
			return nil, err
		}
		for k := g.firstOut[j]; k < g.firstOut[j+1]; k++ {
			if alive[g.edge[k]] {
				c.chain(alive, j, g.edge[k], g.head[k])
			}
		}
	}
	c.adjoin()
	return c, nil
}

// strip removes dead ends again and again.
func (g *Graph) strip(alive []bool, degree []int32, terminal []bool) {
	var ends []int32
	for j := range degree {
		if degree[j] == 1 && !terminal[j] {
			ends = append(ends, int32(j))
		}
	}
	for len(ends) > 0 {
		j := ends[len(ends)-1]
		ends = ends[:len(ends)-1]
		for k := g.firstOut[j]; k < g.firstOut[j+1]; k++ {
			if edge, to := g.edge[k], g.head[k]; alive[edge] {
				alive[edge] = false
				degree[j]--
				if degree[to]--; degree[to] == 1 && !terminal[to] {
					ends = append(ends, to)
				}
			}
		}
	}
}

// chain follows an edge from a kept junction to the next and uses its edges up.
func (c *Core) chain(alive []bool, from, edge, to int32) {
	g, first := c.graph, len(c.edges)
	for {
		alive[edge] = false
		c.edges = append(c.edges, edge)
		if c.node[to] >= 0 {
			break
		}
		for k := g.firstOut[to]; k < g.firstOut[to+1]; k++ {
			if alive[g.edge[k]] {
				edge, to = g.edge[k], g.head[k]
				break
			}
		}
	}
	if from == to { // a round trip helps nobody on
		c.edges = c.edges[:first]
		return
	}
	c.a, c.b = append(c.a, c.node[from]), append(c.b, c.node[to])
	c.start = append(c.start, int32(len(c.edges)))
}

func (c *Core) adjoin() {
	c.firstOut = make([]int32, c.nodes+1)
	for i := range c.a {
		c.firstOut[c.a[i]+1]++
		c.firstOut[c.b[i]+1]++
	}
	for n := range c.nodes {
		c.firstOut[n+1] += c.firstOut[n]
	}
	c.arc, c.to = make([]int32, 2*len(c.a)), make([]int32, 2*len(c.a))
	next := slices.Clone(c.firstOut)
	for i := range c.a {
		for _, end := range [2][3]int32{{c.a[i], c.b[i], 0}, {c.b[i], c.a[i], 1}} {
			k := next[end[0]]
			next[end[0]]++
			c.arc[k], c.to[k] = int32(2*i)+end[2], end[1]
		}
	}
}

// head is the node at the end of an arc.
func (c *Core) head(arc int32) int32 {
	if arc&1 == 0 {
		return c.b[arc>>1]
	}
	return c.a[arc>>1]
}

// Corridors finds the most ways from one set of junctions to another that share
// no edge, and a smallest set of roads whose blockage at one place each leaves
// none; of several such sets it is the one nearest to the smaller of the two.
// Junctions must be among the terminals of the core, and no junction in both
// sets.
func (c *Core) Corridors(ctx context.Context, from, to []int32) (*Corridors, error) {
	if len(from) > len(to) { // the search is over sooner from the smaller set
		out, err := c.Corridors(ctx, to, from)
		if err == nil {
			for _, way := range out.Ways {
				slices.Reverse(way)
			}
		}
		return out, err
	}
	f := &flow{core: c, side: make([]uint8, c.nodes), level: make([]int32, c.nodes), at: make([]int32, c.nodes), room: make([]int8, len(c.arc))}
	for side, set := range [][]int32{from, to} {
		if err := c.graph.checkJunctions("corridors", set); err != nil {
			return nil, err
		}
		for _, j := range set {
			n := c.node[j]
			switch {
			case n < 0:
				return nil, geo.Errorf(geo.CodeInvalid, "", "junction %d is no terminal", j)
			case side == 1 && f.side[n] == source:
				return nil, geo.Errorf(geo.CodeUnprocessable, "", "corridors need two sets of places without one in common")
			case f.side[n] == inner:
				f.side[n] = uint8(side + 1)
				if side == 0 {
					f.sources = append(f.sources, n)
				}
			}
		}
	}
	for i := range f.room {
		f.room[i] = 1
	}
	if err := f.run(ctx); err != nil {
		return nil, err
	}
	out := &Corridors{Count: f.value, Ways: f.ways(), Bottleneck: []Road{}}
	for i := range c.a {
		if (f.level[c.a[i]] >= 0) != (f.level[c.b[i]] >= 0) {
			out.Bottleneck = append(out.Bottleneck, c.graph.roadOf(c.link(int32(2*i))))
		}
	}
	return out, nil
}

// link lists the edges of a link in the direction of the arc.
func (c *Core) link(arc int32) []int {
	var out []int
	for _, edge := range c.edges[c.start[arc>>1]:c.start[arc>>1+1]] {
		out = append(out, int(edge))
	}
	if arc&1 == 1 {
		slices.Reverse(out)
	}
	return out
}

const (
	inner uint8 = iota
	source
	sink
)

// flow is a maximum flow by Dinic's method. The two arcs of a link are each
// other's residual, as either direction may be used, but not both.
type flow struct {
	core    *Core
	side    []uint8 // of each node
	sources []int32
	level   []int32 // of each node, -1 when out of reach
	at      []int32 // next arc to try
	room    []int8  // of each arc: 1 unused, 0 full, 2 used the other way
	queue   []int32
	value   int
}

func (f *flow) run(ctx context.Context) error {
	pulse := pulse{ctx: ctx}
	for f.layer() {
		copy(f.at, f.core.firstOut)
		for _, s := range f.sources {
			for {
				pushed, err := f.augment(s, &pulse)
				if err != nil {
					return err
				}
				if !pushed {
					break
				}
				f.value++
			}
		}
	}
	return ctx.Err()
}

// layer finds the distance of every node from the sources and reports whether
// a sink is among them.
func (f *flow) layer() bool {
	for n := range f.level {
		f.level[n] = -1
	}
	for _, s := range f.sources {
		f.level[s] = 0
	}
	c, found := f.core, int32(math.MaxInt32) // level of the nearest sink
	f.queue = append(f.queue[:0], f.sources...)
	for next := 0; next < len(f.queue); next++ {
		n := f.queue[next]
		if f.level[n] >= found {
			break
		}
		for k := c.firstOut[n]; k < c.firstOut[n+1]; k++ {
			if to := c.to[k]; f.level[to] < 0 && f.room[c.arc[k]] > 0 {
				f.level[to] = f.level[n] + 1
				if f.side[to] == sink {
					found = f.level[to]
				} else {
					f.queue = append(f.queue, to)
				}
			}
		}
	}
	return found < math.MaxInt32
}

// augment looks for one more way down the layers.
func (f *flow) augment(from int32, pulse *pulse) (bool, error) {
	c := f.core
	var path []int32
	n := from
	for f.side[n] != sink {
		if err := pulse.beat(); err != nil {
			return false, err
		}
		if f.at[n] == c.firstOut[n+1] { // nothing further from here
			if len(path) == 0 {
				return false, nil
			}
			back := path[len(path)-1]
			path = path[:len(path)-1]
			n = c.head(back ^ 1)
			f.at[n]++
			continue
		}
		arc := c.arc[f.at[n]]
		if to := c.to[f.at[n]]; f.level[to] == f.level[n]+1 && f.room[arc] > 0 {
			path, n = append(path, arc), to
		} else {
			f.at[n]++
		}
	}
	for _, arc := range path {
		f.room[arc]--
		f.room[arc^1]++
	}
	return true, nil
}

// ways takes the flow apart into single ways.
func (f *flow) ways() [][]int {
	c := f.core
	at := slices.Clone(c.firstOut)
	var out [][]int
	for _, s := range f.sources {
		for {
			arcs := f.follow(s, at)
			if arcs == nil {
				break
			}
			var way []int
			for _, arc := range arcs {
				way = append(way, c.link(arc)...)
			}
			out = append(out, way)
		}
	}
	return out
}

// follow takes one way out of the flow; rounds in it are left out.
func (f *flow) follow(from int32, at []int32) []int32 {
	c := f.core
	var path []int32
	met := map[int32]int{from: 0}
	for n := from; f.side[n] != sink; {
		for at[n] < c.firstOut[n+1] && f.room[c.arc[at[n]]] != 0 {
			at[n]++
		}
		if at[n] == c.firstOut[n+1] {
			return nil
		}
		arc := c.arc[at[n]]
		at[n]++
		n = c.head(arc)
		path = append(path, arc)
		if length, ok := met[n]; ok {
			for _, back := range path[length:] {
				delete(met, c.head(back))
			}
			path = path[:length]
		}
		met[n] = len(path)
	}
	return path
}
