package road

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// ErrNotConnected says that no path leads from one position to the other.
var ErrNotConnected = errors.New("the network has no path between the two positions")

// Cost prices a stretch: any unit, finite and not negative; false where it may
// not be used. It must be additive: a stretch costs what its parts cost.
type Cost func(Stretch) (cost float64, ok bool)

// Path is a way through the network.
type Path struct {
	Cost      float64
	Stretches []Stretch // in order; each starts where the one before ended
}

// Dijkstra finds the cheapest path between two positions. One-way edges and
// turn restrictions are obeyed. The error is ErrNotConnected when there is none, the context's when
// it ends, and one of the cost function's making when a cost is negative or not
// finite.
func (g *Graph) Dijkstra(ctx context.Context, from, to Position, cost Cost) (*Path, error) {
	s := search{
		graph: g, target: g.topology.Nodes(), cost: cost,
		label: make([]label, g.topology.Nodes()+1),
	}
	for i := range s.label {
		s.label[i].before = unreached
	}
	if err := s.start(from, to); err != nil {
		return nil, err
	}
	for pops := 0; len(s.queue) > 0; pops++ {
		if pops%1024 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		top := s.queue.pop()
		if s.label[top.node].settled {
			continue
		}
		s.label[top.node].settled = true
		if top.node == s.target {
			return s.path(), nil
		}
		if err := s.leave(top.node, to); err != nil {
			return nil, err
		}
	}
	return nil, ErrNotConnected
}

const (
	unreached = -2 // no label yet
	origin    = -1 // reached from the start directly
)

// label is what is known of a node of the topology, or of the target, whose
// number is one past the last node.
type label struct {
	cost    float64
	before  int // node before, origin or unreached
	by      Stretch
	order   int // arc it was reached by, for ties
	settled bool
}

type entry struct {
	cost float64
	node int
}

func (e entry) before(f entry) bool { return e.cost < f.cost || e.cost == f.cost && e.node < f.node }

// queue is a binary heap. The standard library's allocates for every entry.
type queue []entry

func (q *queue) push(e entry) {
	*q = append(*q, e)
	heap, at := *q, len(*q)-1
	for at > 0 {
		up := (at - 1) / 2
		if !e.before(heap[up]) {
			break
		}
		heap[at] = heap[up]
		at = up
	}
	heap[at] = e
}

func (q *queue) pop() entry {
	heap := *q
	top, n := heap[0], len(heap)-1
	e := heap[n]
	heap = heap[:n]
	*q = heap
	for at := 0; n > 0; {
		down := at*2 + 1
		if down+1 < n && heap[down+1].before(heap[down]) {
			down++
		}
		if down >= n || !heap[down].before(e) {
			heap[at] = e
			break
		}
		heap[at] = heap[down]
		at = down
	}
	return top
}

type search struct {
	graph  *Graph
	target int
	cost   Cost
	label  []label
	queue  queue
}

// reach offers a node a way to it. order breaks ties between equal costs.
func (s *search) reach(node, before int, base float64, by Stretch, order int) error {
	l := &s.label[node]
	if l.settled {
		return nil
	}
	step, ok := s.cost(by)
	if !ok {
		return nil
	}
	total := base + step
	if !(step >= 0) || total > maxCost {
		return fmt.Errorf("cost %v of edge %d is not a finite number of zero or more", step, s.graph.edges[by.Edge].ID)
	}
	if l.before != unreached && (total > l.cost || total == l.cost && order >= l.order) {
		return nil
	}
	push := l.before == unreached || total < l.cost
	l.cost, l.before, l.by, l.order = total, before, by, order
	if push {
		s.queue.push(entry{total, node})
	}
	return nil
}

const maxCost = 1e300

// start leaves the first position in both directions, and reaches the target
// at once when it lies on the same edge.
func (s *search) start(from, to Position) error {
	if direct, ok := s.graph.Between(from, to); ok {
		if err := s.reach(s.target, origin, 0, direct, -1); err != nil {
			return err
		}
	}
	for direction, end := range s.graph.Leave(from) {
		if err := s.reach(int(end.Node), origin, 0, end.Stretch, from.Edge*2+direction); err != nil {
			return err
		}
	}
	return nil
}

// leave relaxes the arcs out of a node and, where they run over the target's
// edge, the last stretch to it.
func (s *search) leave(node int, to Position) error {
	g, t, base := s.graph, &s.graph.topology, s.label[node].cost
	for at := t.FirstOut[node]; at < t.FirstOut[node+1]; at++ {
		arc := t.Arc[at]
		if int(arc>>1) == to.Edge {
			if err := s.reach(s.target, node, base, g.arrival(to, arc), int(arc)); err != nil {
				return err
			}
		}
		if err := s.reach(int(t.Head[at]), node, base, g.Whole(arc), int(arc)); err != nil {
			return err
		}
	}
	return nil
}

// path walks back from the target. Stretches of no length, which arise when a
// position is a junction, are left out unless the whole path has none.
func (s *search) path() *Path {
	p := &Path{Cost: s.label[s.target].cost}
	for node := s.target; node != origin; node = s.label[node].before {
		if by := s.label[node].by; by.FromM != by.ToM {
			p.Stretches = append(p.Stretches, by)
		}
	}
	if len(p.Stretches) == 0 {
		p.Stretches = []Stretch{s.label[s.target].by}
	}
	slices.Reverse(p.Stretches)
	return p
}
