package road

import (
	"cmp"
	"slices"
)

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
	lengths := make([]float64, len(g.junctions))
	for i := range g.edges {
		lengths[find(int32(g.edges[i].From))] += g.edges[i].LengthM
	}
	var roots []int32
	for j := range parent {
		if parent[j] == int32(j) {
			roots = append(roots, int32(j))
		}
	}
	slices.SortFunc(roots, func(a, b int32) int {
		if c := cmp.Compare(lengths[b], lengths[a]); c != 0 {
			return c
		}
		return cmp.Compare(a, b)
	})
	rank := make([]int32, len(g.junctions))
	for i, root := range roots {
		rank[root] = int32(i)
		g.componentM = append(g.componentM, lengths[root])
	}
	g.component = make([]int32, len(g.junctions))
	for j := range g.junctions {
		g.component[j] = rank[find(int32(j))]
	}
}

// Component says in which component an edge lies; 0 is the longest.
func (g *Graph) Component(edge int) int { return int(g.component[g.edges[edge].From]) }

// ComponentLengths lists the length of each component in metres, descending.
// One-way rules are ignored: within a component there may still be no lawful
// way from one edge to another.
func (g *Graph) ComponentLengths() []float64 { return slices.Clone(g.componentM) }

// StronglyConnected numbers the sets of topology nodes within which every node
// can be reached lawfully from every other, over the edges that use admits
// (nil: all): number[n] is the set of node n and sizes[s] how many nodes set s
// has. Set 0 is the largest; sets of the same size stand in the order of their
// lowest node. The algorithm is Tarjan's (1972), without recursion.
func (g *Graph) StronglyConnected(use func(edge int) bool) (number []int32, sizes []int) {
	t := &g.topology
	n := t.Nodes()
	const unseen = -1
	order, low := make([]int32, n), make([]int32, n)
	number = make([]int32, n)
	for i := range n {
		order[i], number[i] = unseen, unseen
	}
	type frame struct{ node, at int32 }
	var open []int32
	var calls []frame
	var lowest []int32 // node of each set
	seen := int32(0)
	visit := func(node int32) {
		order[node], low[node] = seen, seen
		seen++
		open = append(open, node)
		calls = append(calls, frame{node, t.FirstOut[node]})
	}
	for root := range int32(n) {
		if order[root] != unseen {
			continue
		}
		for visit(root); len(calls) > 0; {
			call := &calls[len(calls)-1]
			if node := call.node; call.at < t.FirstOut[node+1] {
				at := call.at
				call.at++
				head := t.Head[at]
				switch {
				case use != nil && !use(int(t.Arc[at]>>1)):
				case order[head] == unseen:
					visit(head)
				case number[head] == unseen:
					low[node] = min(low[node], order[head])
				}
				continue
			}
			node := call.node
			if calls = calls[:len(calls)-1]; len(calls) > 0 {
				before := calls[len(calls)-1].node
				low[before] = min(low[before], low[node])
			}
			if low[node] != order[node] {
				continue
			}
			set, least, size := int32(len(sizes)), node, 0
			for popped := int32(unseen); popped != node; size++ {
				popped = open[len(open)-1]
				open = open[:len(open)-1]
				number[popped] = set
				least = min(least, popped)
			}
			sizes, lowest = append(sizes, size), append(lowest, least)
		}
	}
	return rankSets(number, sizes, lowest)
}

func rankSets(number []int32, sizes []int, lowest []int32) ([]int32, []int) {
	ranked := make([]int, len(sizes))
	for i := range ranked {
		ranked[i] = i
	}
	slices.SortFunc(ranked, func(a, b int) int {
		if c := cmp.Compare(sizes[b], sizes[a]); c != 0 {
			return c
		}
		return cmp.Compare(lowest[a], lowest[b])
	})
	rank, sorted := make([]int32, len(sizes)), make([]int, len(sizes))
	for i, set := range ranked {
		rank[set], sorted[i] = int32(i), sizes[set]
	}
	for i := range number {
		number[i] = rank[number[i]]
	}
	return number, sorted
}
