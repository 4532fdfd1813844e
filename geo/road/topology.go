package road

import (
	"fmt"
	"slices"

	"pasaj/geo"
)

// What turn restrictions may unfold a graph to.
const (
	maxTopologyArcs = 100_000_000
	maxCopies       = 5_000_000
)

// Topology is the directed graph that searches run on. Its nodes are the
// junctions, and after them copies of junctions for those who come there by a
// way that a turn restriction speaks of: a copy has only the arcs that are
// lawful from there. An arc of the road graph, that is an edge in one
// direction, may therefore occur several times, once for each node that it can
// be begun at. One-way edges have no arc against their direction.
//
// Do not change the slices.
type Topology struct {
	FirstOut []int32 // arcs out of node n are FirstOut[n]:FirstOut[n+1]
	Tail     []int32 // nodes, ascending
	Head     []int32
	Arc      []int32 // edge*2 along its geometry, edge*2+1 against it
	Junction []int32 // of each node; node j of the first Junctions() is junction j
}

// Nodes is the number of nodes.
func (t *Topology) Nodes() int { return len(t.Junction) }

// Topology gives the graph that searches run on.
func (g *Graph) Topology() *Topology { return &g.topology }

// automaton follows how much of any restricted sequence of arcs has just been
// driven (Aho, Corasick 1975). State 0 is nothing; the others are the proper
// beginnings of the sequences.
type automaton struct {
	states []state
	child  map[step]int32
}

type state struct {
	arc  int32   // last driven
	fail int32   // state of the longest proper end that is a beginning too
	no   []int32 // arcs that may not follow
	only []int32 // the only arcs that may follow, beside turning round; none: any
}

type step struct{ state, arc int32 }

func newAutomaton() *automaton {
	return &automaton{states: make([]state, 1), child: map[step]int32{}}
}

// add lays down one reading of a restriction.
func (a *automaton) add(sequence []int32, only bool) {
	at, last := int32(0), len(sequence)-1
	for i, arc := range sequence[:last] {
		next, ok := a.child[step{at, arc}]
		if !ok {
			next = int32(len(a.states))
			a.states = append(a.states, state{arc: arc})
			a.child[step{at, arc}] = next
		}
		at = next
		following := sequence[i+1]
		switch s := &a.states[at]; {
		case only && (i > 0 || last == 1):
			if !slices.Contains(s.only, following) {
				s.only = append(s.only, following)
			}
		case !only && i == last-1:
			s.no = append(s.no, following)
		}
	}
}

// link finds the failure states. A state is always made after its parent, but
// not in order of depth, so the parents' states are followed breadth first.
func (a *automaton) link() {
	children := make([][]int32, len(a.states))
	for s, child := range a.child {
		children[s.state] = append(children[s.state], child)
	}
	for at := []int32{0}; len(at) > 0; {
		var next []int32
		for _, s := range at {
			for _, child := range children[s] {
				if s != 0 {
					a.states[child].fail = a.follow(a.states[s].fail, a.states[child].arc)
				}
				next = append(next, child)
			}
		}
		at = next
	}
}

// follow is the state after one more arc.
func (a *automaton) follow(s, arc int32) int32 {
	for {
		if next, ok := a.child[step{s, arc}]; ok || s == 0 {
			return next
		}
		s = a.states[s].fail
	}
}

// allows reports whether an arc may follow in a state.
func (a *automaton) allows(s, arc int32) bool {
	for ; s != 0; s = a.states[s].fail {
		here := &a.states[s]
		if slices.Contains(here.no, arc) {
			return false
		}
		if len(here.only) > 0 && arc != here.arc^1 && !slices.Contains(here.only, arc) {
			return false
		}
	}
	return true
}

// read makes the automaton of the turn restrictions.
func (g *Graph) read(turns []Turn) (*automaton, error) {
	if len(turns) > MaxTurns {
		return nil, geo.Errorf(geo.CodeTooLarge, "/turns", "%d turn restrictions: at most %d", len(turns), MaxTurns)
	}
	a := newAutomaton()
	for i := range turns {
		readings, err := g.readings(&turns[i], fmt.Sprintf("/turns/%d", i))
		if err != nil {
			return nil, err
		}
		for _, sequence := range readings {
			a.add(sequence, turns[i].Only)
		}
		if len(a.states) > maxCopies {
			return nil, geo.Errorf(geo.CodeTooLarge, "/turns", "the turn restrictions need more than %d copies of junctions", maxCopies)
		}
	}
	a.link()
	g.turns = slices.Clone(turns)
	for i := range g.turns {
		g.turns[i].Via = slices.Clone(g.turns[i].Via)
	}
	return a, nil
}

// expand makes the topology of the junctions' arcs and the turns.
func (g *Graph) expand(turns []Turn) error {
	a, err := g.read(turns)
	if err != nil {
		return err
	}
	junctions, copies := len(g.junctions), len(a.states)-1
	t := &g.topology
	t.Junction = make([]int32, junctions+copies)
	for j := range junctions {
		t.Junction[j] = int32(j)
	}
	g.copies, g.entered = map[int32][]int32{}, map[int32]int32{}
	arcs := int64(len(g.arc))
	for s := 1; s <= copies; s++ {
		node := int32(junctions + s - 1)
		_, head := g.ends(a.states[s].arc)
		t.Junction[node] = int32(head)
		g.copies[int32(head)] = append(g.copies[int32(head)], node)
		arcs += int64(g.firstOut[head+1] - g.firstOut[head])
	}
	if arcs > maxTopologyArcs {
		return geo.Errorf(geo.CodeTooLarge, "/turns", "the turn restrictions unfold the network to %d arcs: at most %d", arcs, maxTopologyArcs)
	}
	if copies == 0 {
		t.FirstOut, t.Tail, t.Head, t.Arc = g.firstOut, g.tail, g.head, g.arc
		return nil
	}
	nodeOf := func(s, at int32) int32 {
		if s != 0 {
			return int32(junctions) + s - 1
		}
		return g.head[at]
	}
	begun := make([]int32, 2*len(g.edges)) // state after an arc alone
	for s, child := range a.child {
		if s.state == 0 {
			begun[s.arc] = child
			g.entered[s.arc] = int32(junctions) + child - 1
		}
	}
	t.FirstOut = make([]int32, 1, junctions+copies+1)
	t.Tail, t.Head, t.Arc = make([]int32, 0, arcs), make([]int32, 0, arcs), make([]int32, 0, arcs)
	for node, j := range t.Junction {
		s := int32(max(0, node-junctions+1))
		for at := g.firstOut[j]; at < g.firstOut[j+1]; at++ {
			arc := g.arc[at]
			next := begun[arc]
			if s != 0 {
				if !a.allows(s, arc) {
					continue
				}
				next = a.follow(s, arc)
			}
			t.Tail, t.Head, t.Arc = append(t.Tail, int32(node)), append(t.Head, nodeOf(next, at)), append(t.Arc, arc)
		}
		t.FirstOut = append(t.FirstOut, int32(len(t.Arc)))
	}
	return nil
}

// enter is the node that an arc leads to when nothing is known of what was
// driven before it.
func (g *Graph) enter(arc int32) int32 {
	if node, ok := g.entered[arc]; ok {
		return node
	}
	_, head := g.ends(arc)
	return int32(head)
}

// Undirected gives the topology as adjacency without directions, loops and
// repeats: the neighbours of node n are head[firstOut[n]:firstOut[n+1]],
// ascending, and at its place. It is made anew at each call.
func (g *Graph) Undirected() (firstOut, head []int32, at [][2]float64) {
	t := &g.topology
	n := t.Nodes()
	firstOut = make([]int32, n+1)
	for i, tail := range t.Tail {
		if to := t.Head[i]; to != tail {
			firstOut[tail+1]++
			firstOut[to+1]++
		}
	}
	for i := range n {
		firstOut[i+1] += firstOut[i]
	}
	head = make([]int32, firstOut[n])
	next := slices.Clone(firstOut[:n])
	for i, tail := range t.Tail {
		if to := t.Head[i]; to != tail {
			head[next[tail]], head[next[to]] = to, tail
			next[tail]++
			next[to]++
		}
	}
	kept := int32(0)
	for i := range n {
		list := head[firstOut[i]:firstOut[i+1]]
		slices.Sort(list)
		firstOut[i] = kept
		for k, to := range list {
			if k == 0 || to != list[k-1] {
				head[kept] = to
				kept++
			}
		}
	}
	firstOut[n] = kept
	at = make([][2]float64, n)
	for i, j := range t.Junction {
		at[i] = g.junctions[j]
	}
	return firstOut, head[:kept:kept], at
}
