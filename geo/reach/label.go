package reach

import (
	"container/heap"
	"context"

	"pasaj/geo/road"
)

// Cost is what a way takes: time in deciseconds and risk in the unit of the
// caller. Closed in either means that it cannot be driven.
type Cost struct{ Time, Risk uint32 }

// Closed is the cost of what cannot be driven.
const Closed uint32 = 1<<31 - 1

// plus adds costs without overflow: both are at most Closed.
func (c Cost) plus(d Cost) Cost {
	return Cost{min(c.Time+d.Time, Closed), min(c.Risk+d.Risk, Closed)}
}

// within reports whether a cost keeps a limit.
func (c Cost) within(limit Cost) bool {
	return c.Time <= limit.Time && c.Risk <= limit.Risk && c.Time < Closed && c.Risk < Closed
}

// Seed is where a search begins and what it took to get there.
type Seed struct {
	Node int32
	Cost Cost
}

// Labels are the ways to every node that no other way beats in both time and
// risk, in the order of time.
type Labels struct {
	of       [][]Cost
	Count    int
	Complete bool // false when the search was cut short at its most labels
}

// At lists the labels of a node: times rising, risks falling.
func (l *Labels) At(node int32) []Cost { return l.of[node] }

// Times makes labels of one time for each node, as a sweep gives them, for
// questions that risk does not limit.
func Times(times []uint32) *Labels {
	flat := make([]Cost, len(times))
	l := &Labels{of: make([][]Cost, len(times)), Complete: true}
	for i, t := range times {
		if t < Closed {
			flat[i] = Cost{Time: t}
			l.of[i] = flat[i : i+1 : i+1]
			l.Count++
		}
	}
	return l
}

// Within finds every way that no other beats within the limit of time and risk,
// by label setting: ways are settled in the order of time, then risk, so one
// that reaches a node later counts only when its risk is less than that of all
// before it (Hernández Ulloa et al., ICAPS 2020, without a target). costs are by
// arc of the topology. It stops after maxLabels ways: what was found by then is
// true, and Complete says that there may be more. The error is the context's.
func Within(ctx context.Context, t *road.Topology, seeds []Seed, costs []Cost, limit Cost, maxLabels int) (*Labels, error) {
	l := &Labels{of: make([][]Cost, t.Nodes()), Complete: true}
	least := make([]uint32, t.Nodes())
	for i := range least {
		least[i] = Closed
	}
	var q labelQueue
	for _, s := range seeds {
		if s.Cost.within(limit) {
			q = append(q, s)
		}
	}
	heap.Init(&q)
	for turn := 0; len(q) > 0; turn++ {
		if turn%4096 == 0 {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
		}
		s := heap.Pop(&q).(Seed)
		if s.Cost.Risk >= least[s.Node] {
			continue
		}
		if l.Count == maxLabels {
			l.Complete = false
			break
		}
		least[s.Node] = s.Cost.Risk
		l.of[s.Node] = append(l.of[s.Node], s.Cost)
		l.Count++
		for i := t.FirstOut[s.Node]; i < t.FirstOut[s.Node+1]; i++ {
			next := Seed{t.Head[i], s.Cost.plus(costs[i])}
			if next.Cost.within(limit) && next.Cost.Risk < least[next.Node] {
				heap.Push(&q, next)
			}
		}
	}
	return l, nil
}

type labelQueue []Seed

func (q labelQueue) Len() int      { return len(q) }
func (q labelQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q labelQueue) Less(i, j int) bool {
	a, b := q[i], q[j]
	switch {
	case a.Cost.Time != b.Cost.Time:
		return a.Cost.Time < b.Cost.Time
	case a.Cost.Risk != b.Cost.Risk:
		return a.Cost.Risk < b.Cost.Risk
	default:
		return a.Node < b.Node
	}
}
func (q *labelQueue) Push(x any) { *q = append(*q, x.(Seed)) }
func (q *labelQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
