package cch

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
)

const (
	// smallCell is how many nodes are ordered by minimum degree.
	smallCell = 64
	// directions of inertial flow, evenly over the half circle.
	directions = 4
	// terminals is the share of a cell's nodes that are made sources at the one
	// end and as many sinks at the other. More shares than one, or twice the
	// directions, gave 1 % fewer arcs for twice the time.
	terminals = 0.25
	// largeCell is the most nodes for minimum degree, with those around them,
	// where there is no separator, as in a complete graph: the matrix takes
	// 2 MiB. Beyond it the degree in the core decides.
	largeCell = 4096
)

// NestedDissection orders the nodes of an undirected graph for contraction. The
// neighbours of node u are head[firstOut[u]:firstOut[u+1]]; loops, parallel
// edges and edges given from one end only are allowed. The coordinates at
// (longitude, latitude in degrees) only guide the cuts: any will do,
// but without good ones there is no good order.
//
// Nodes of degree one and two come first. The rest is cut recursively at a
// separator, which comes after both sides: inertial flow (Schild and Sommer
// 2015) along several directions, of which the cut with the least nodes for the
// root of its smaller side is taken. Small cells go by minimum degree. The same
// input gives the same order on any machine.
//
// It returns an error for adjacency that is not well formed, and that of the
// context when it is done.
func NestedDissection(ctx context.Context, firstOut, head []int32, at [][2]float64) (Order, error) {
	neighbours, err := simple(firstOut, head, len(at))
	if err != nil {
		return nil, err
	}
	core := reduce(neighbours)
	n := len(core.node)
	d := &dissection{ctx: ctx, core: core, home: make([]int32, n), local: make([]int32, n), side: make([]int32, n)}
	d.sort(at)
	d.buffer = make([]int32, n)
	d.order = make([]int32, n)
	d.degree.local = make([]int32, n)
	if err := d.cell(0, n); err != nil {
		return nil, err
	}
	order := Order(core.contracted)
	for _, u := range d.order {
		order = append(order, core.node[u])
	}
	return order, nil
}

// simple checks the adjacency and makes it symmetric, without loops and parallel
// edges.
func simple(firstOut, head []int32, nodes int) ([][]int32, error) {
	if nodes == 0 && len(firstOut) == 0 {
		firstOut = []int32{0}
	}
	if len(firstOut) != nodes+1 || firstOut[0] != 0 || int(firstOut[nodes]) != len(head) {
		return nil, fmt.Errorf("adjacency: %d offsets for %d nodes and %d ends", len(firstOut), nodes, len(head))
	}
	degree := make([]int32, nodes)
	for u := range nodes {
		if firstOut[u] > firstOut[u+1] || int(firstOut[u+1]) > len(head) {
			return nil, fmt.Errorf("adjacency: offsets of node %d descend", u)
		}
		for _, v := range head[firstOut[u]:firstOut[u+1]] {
			if v < 0 || int(v) >= nodes {
				return nil, fmt.Errorf("adjacency: node %d leads to %d of %d nodes", u, v, nodes)
			}
			degree[u]++
			degree[v]++
		}
	}
	total := int64(0)
	for _, d := range degree {
		total += int64(d)
	}
	all, lists := make([]int32, total), make([][]int32, nodes)
	for u, d := range degree {
		lists[u], all = all[:0:d], all[d:]
	}
	for u := range int32(nodes) {
		for _, v := range head[firstOut[u]:firstOut[u+1]] {
			if u != v {
				lists[u] = append(lists[u], v)
				lists[v] = append(lists[v], u)
			}
		}
	}
	for u, list := range lists {
		slices.Sort(list)
		lists[u] = slices.Compact(list)
	}
	return lists, nil
}

// dissection is the work on the core. A cell is a run lo..hi of ranks and at the
// same time of the nodes in each of the sorted lists. The last of the lists goes
// along the curve.
type dissection struct {
	ctx    context.Context
	core   *reduction
	along  [][]int32 // by direction: nodes of the core, sorted along it within each cell
	home   []int32   // by node: where its cell begins; -1 once it has a rank
	local  []int32   // by node: number within its cell
	side   []int32   // by node: part of its cell
	order  []int32
	buffer []int32
	degree minimumDegree

	flow      flow
	separator separator
}

// sort lists the nodes along every direction.
func (d *dissection) sort(at [][2]float64) {
	n := len(d.core.node)
	x, y, middle := make([]float64, n), make([]float64, n), 0.0
	for i, u := range d.core.node {
		x[i], y[i] = finite(at[u][0]), finite(at[u][1])
		middle += y[i] / float64(n)
	}
	squeeze := math.Cos(middle * math.Pi / 180)
	key := make([]float64, n)
	for k := range directions {
		sin, cos := math.Sincos(math.Pi * float64(k) / float64(directions))
		list := make([]int32, n)
		for i := range list {
			list[i] = int32(i)
			key[i] = float64(x[i]*squeeze*cos) + float64(y[i]*sin)
		}
		slices.SortFunc(list, func(a, b int32) int { return cmp.Or(cmp.Compare(key[a], key[b]), cmp.Compare(a, b)) })
		d.along = append(d.along, list)
	}
	d.along = append(d.along, morton(x, y))
}

// morton lists the nodes along a space-filling curve. Cells number their nodes
// by it, so that neighbours lie close in memory.
func morton(x, y []float64) []int32 {
	place := func(all []float64) []uint64 {
		places := make([]uint64, len(all))
		if len(all) == 0 {
			return places
		}
		lo, hi := slices.Min(all), slices.Max(all)
		for i, v := range all {
			if hi > lo {
				places[i] = uint64((v - lo) / (hi - lo) * (1<<24 - 1))
			}
		}
		return places
	}
	keys, px, py := make([]uint64, len(x)), place(x), place(y)
	list := make([]int32, len(x))
	for i := range keys {
		list[i] = int32(i)
		for bit := range 24 {
			keys[i] |= (px[i]>>bit&1)<<(2*bit) | (py[i]>>bit&1)<<(2*bit+1)
		}
	}
	slices.SortFunc(list, func(a, b int32) int { return cmp.Or(cmp.Compare(keys[a], keys[b]), cmp.Compare(a, b)) })
	return list
}

// finite makes a number of any coordinate.
func finite(x float64) float64 {
	if x != x || math.Abs(x) > 1e9 {
		return 0
	}
	return x
}

// cell ranks the nodes of a cell.
func (d *dissection) cell(lo, hi int) error {
	if err := d.ctx.Err(); err != nil {
		return err
	}
	nodes := d.along[directions][lo:hi] // along the curve
	if hi-lo <= smallCell {
		d.rankWhole(lo, nodes)
		return nil
	}
	for i, u := range nodes {
		d.local[u] = int32(i)
	}
	f := &d.flow
	f.first, f.head = append(f.first[:0], 0), f.head[:0]
	for _, u := range nodes {
		for _, v := range d.neighbours(u) {
			if d.home[v] == int32(lo) {
				f.head = append(f.head, d.local[v])
			}
		}
		f.first = append(f.first, int32(len(f.head)))
	}
	if sizes := d.components(nodes); len(sizes) > 1 {
		d.split(lo, hi, sizes)
		for _, size := range sizes {
			if err := d.cell(lo, lo+size); err != nil {
				return err
			}
			lo += size
		}
		return nil
	}
	if err := d.separate(lo, hi); err != nil {
		return err
	}
	s := &d.separator
	if s.sizes[0] == 0 || s.sizes[1] == 0 {
		d.rankWhole(lo, nodes)
		return nil
	}
	for i, u := range nodes {
		d.side[u] = s.side[i]
	}
	sizes := s.sizes
	d.split(lo, hi, sizes[:])
	for i, u := range d.along[directions][hi-sizes[2] : hi] {
		d.order[hi-sizes[2]+i] = u
		d.home[u] = -1
	}
	if err := d.cell(lo, lo+sizes[0]); err != nil {
		return err
	}
	return d.cell(lo+sizes[0], hi-sizes[2])
}

func (d *dissection) neighbours(u int32) []int32 {
	return d.core.head[d.core.first[u]:d.core.first[u+1]]
}

// rankWhole ranks the nodes of a cell without cutting it.
func (d *dissection) rankWhole(lo int, nodes []int32) {
	rest := d.order[lo : lo+len(nodes)]
	if ranked, ok := d.degree.order(nodes, d.neighbours); ok {
		copy(rest, ranked)
	} else {
		copy(rest, nodes)
		slices.SortFunc(rest, func(a, b int32) int {
			return cmp.Or(len(d.neighbours(a))-len(d.neighbours(b)), cmp.Compare(a, b))
		})
	}
	for _, u := range rest {
		d.home[u] = -1
	}
}

// components numbers the connected parts of the cell in side, and counts their
// nodes.
func (d *dissection) components(nodes []int32) (sizes []int) {
	f := &d.flow
	for _, u := range nodes {
		d.side[u] = -1
	}
	for i, u := range nodes {
		if d.side[u] >= 0 {
			continue
		}
		part := int32(len(sizes))
		d.side[u] = part
		queue := append(f.queue[:0], int32(i))
		for k := 0; k < len(queue); k++ {
			for _, j := range f.head[f.first[queue[k]]:f.first[queue[k]+1]] {
				if v := nodes[j]; d.side[v] < 0 {
					d.side[v] = part
					queue = append(queue, j)
				}
			}
		}
		f.queue = queue
		sizes = append(sizes, len(queue))
	}
	return sizes
}

// split divides a cell by side, keeping the order along every direction.
func (d *dissection) split(lo, hi int, sizes []int) {
	at := make([]int, len(sizes))
	for _, list := range d.along {
		next := 0
		for part, size := range sizes {
			at[part] = next
			next += size
		}
		buffer := d.buffer[:hi-lo]
		for _, u := range list[lo:hi] {
			buffer[at[d.side[u]]] = u
			at[d.side[u]]++
		}
		copy(list[lo:hi], buffer)
	}
	start := lo
	for _, size := range sizes {
		for _, u := range d.along[directions][start : start+size] {
			d.home[u] = int32(start)
		}
		start += size
	}
}

// separator is the best cut found for a cell: which side each node is on, by its
// local number, 2 being the separator, and how many there are of each.
type separator struct {
	side  []int32
	sizes [3]int
	score float64
}

// separate looks for a small separator of a connected cell.
func (d *dissection) separate(lo, hi int) error {
	n := hi - lo
	s, f := &d.separator, &d.flow
	s.score, s.sizes = math.Inf(1), [3]int{}
	if cap(s.side) < n {
		s.side = make([]int32, n)
	}
	s.side = s.side[:n]
	for _, list := range d.along[:directions] {
		if err := d.ctx.Err(); err != nil {
			return err
		}
		f.reset(n)
		sorted := list[lo:hi]
		for i := range min(int(terminals*float64(n))+1, n/2) {
			f.addSource(d.local[sorted[i]])
			f.addSink(d.local[sorted[n-1-i]])
		}
		if f.grow(s.limit(n)) {
			s.take(f)
		}
	}
	return nil
}

// rate is how bad a cut is. The separator of a good cut of a road network grows
// slower than the root of the nodes, so the root favours cuts that are even but
// not at any price.
func rate(cut, smaller int) float64 {
	if smaller <= 0 {
		return math.Inf(1)
	}
	return float64(cut) / math.Sqrt(float64(smaller))
}

// limit is the size from which a cut of n nodes cannot be better, however even.
func (s *separator) limit(n int) int {
	if math.IsInf(s.score, 1) {
		return n
	}
	return max(1, int(s.score*math.Sqrt(float64(n)/2))+1)
}

// take keeps the cut nearest to the sources or that nearest to the sinks of a
// greatest flow, when it is better than the best.
func (s *separator) take(f *flow) {
	n, before := len(f.role), 0
	for v := range n {
		if f.level[2*v+1] >= 0 {
			before++
		}
	}
	f.sinkSide()
	behind := 0
	for v := range n {
		if f.into[2*v] >= 0 {
			behind++
		}
	}
	near, far := rate(f.value, min(before, n-before-f.value)), rate(f.value, min(behind, n-behind-f.value))
	if min(near, far) >= s.score {
		return
	}
	s.score, s.sizes = min(near, far), [3]int{}
	for v := range n {
		side := int32(0)
		if near <= far {
			if f.level[2*v+1] < 0 {
				side = 1
				if f.level[2*v] >= 0 {
					side = 2
				}
			}
		} else if f.into[2*v] >= 0 {
			side = 1
		} else if f.into[2*v+1] >= 0 {
			side = 2
		}
		s.side[v] = side
		s.sizes[side]++
	}
}
