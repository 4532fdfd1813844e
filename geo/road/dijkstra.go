package road

import (
	"container/heap"
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

// Dijkstra finds the cheapest path between two positions. One-way edges are
// obeyed. The error is ErrNotConnected when there is none, the context's when
// it ends, and one of the cost function's making when a cost is negative or not
// finite.
func (g *Graph) Dijkstra(ctx context.Context, from, to Position, cost Cost) (*Path, error) {
	s := search{
		graph: g, target: len(g.junctions), cost: cost,
		label: make([]label, len(g.junctions)+1),
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
		top := heap.Pop(&s.queue).(entry)
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

// label is what is known of a node: a junction, or the target, whose number is
// one past the last junction.
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

type queue []entry

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].cost < q[j].cost || q[i].cost == q[j].cost && q[i].node < q[j].node
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(entry)) }
func (q *queue) Pop() any {
	old := *q
	top := old[len(old)-1]
	*q = old[:len(old)-1]
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
		heap.Push(&s.queue, entry{total, node})
	}
	return nil
}

const maxCost = 1e300

// start leaves the first position in both directions, and reaches the target
// at once when it lies on the same edge.
func (s *search) start(from, to Position) error {
	e := &s.graph.edges[from.Edge]
	if from.Edge == to.Edge && (to.AlongM >= from.AlongM || !e.Oneway) {
		if err := s.reach(s.target, origin, 0, Stretch{from.Edge, from.AlongM, to.AlongM}, -1); err != nil {
			return err
		}
	}
	if err := s.reach(e.To, origin, 0, Stretch{from.Edge, from.AlongM, e.LengthM}, from.Edge*2); err != nil {
		return err
	}
	if e.Oneway {
		return nil
	}
	return s.reach(e.From, origin, 0, Stretch{from.Edge, from.AlongM, 0}, from.Edge*2+1)
}

// leave relaxes the arcs out of a junction and, at the ends of the target's
// edge, the last stretch to it.
func (s *search) leave(node int, to Position) error {
	g, base := s.graph, s.label[node].cost
	for at := g.firstOut[node]; at < g.firstOut[node+1]; at++ {
		arc := int(g.arc[at])
		edge, whole := arc>>1, g.edges[arc>>1].LengthM
		full, part := Stretch{edge, 0, whole}, Stretch{edge, 0, to.AlongM}
		if arc&1 == 1 {
			full, part = Stretch{edge, whole, 0}, Stretch{edge, whole, to.AlongM}
		}
		if edge == to.Edge {
			if err := s.reach(s.target, node, base, part, arc); err != nil {
				return err
			}
		}
		if err := s.reach(int(g.head[at]), node, base, full, arc); err != nil {
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
