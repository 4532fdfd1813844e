package cch

import (
	"cmp"
	"container/heap"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// graph is a directed test graph with weights.
type graph struct {
	nodes      int
	tail, head []int32
	weight     []uint32
	at         [][2]float64
}

func (g *graph) add(u, v int32, w uint32) {
	g.tail, g.head, g.weight = append(g.tail, u), append(g.head, v), append(g.weight, w)
}

// undirected is the adjacency that NestedDissection takes, both ways.
func (g *graph) undirected() (first, head []int32) {
	first = make([]int32, g.nodes+1)
	for i := range g.tail {
		first[g.tail[i]+1]++
		first[g.head[i]+1]++
	}
	for u := range g.nodes {
		first[u+1] += first[u]
	}
	head, at := make([]int32, 2*len(g.tail)), slices.Clone(first)
	for i := range g.tail {
		u, v := g.tail[i], g.head[i]
		head[at[u]] = v
		at[u]++
		head[at[v]] = u
		at[v]++
	}
	return first, head
}

func (g *graph) order(t testing.TB) Order {
	t.Helper()
	first, head := g.undirected()
	o, err := NestedDissection(context.Background(), first, head, g.at)
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (g *graph) build(t testing.TB, o Order) *Hierarchy {
	t.Helper()
	h, err := Build(g.nodes, g.tail, g.head, o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

type entry struct {
	cost uint32
	node int32
}

type entries []entry

func (q entries) Len() int           { return len(q) }
func (q entries) Less(i, j int) bool { return q[i].cost < q[j].cost }
func (q entries) Swap(i, j int)      { q[i], q[j] = q[j], q[i] }
func (q *entries) Push(x any)        { *q = append(*q, x.(entry)) }
func (q *entries) Pop() any {
	last := (*q)[len(*q)-1]
	*q = (*q)[:len(*q)-1]
	return last
}

// dijkstra is the oracle: the cost of every node from the seeds, or of the seeds
// from every node. Costs of Infinity and more are out of reach.
func (g *graph) dijkstra(seeds []Seed, backward bool) []uint32 {
	tail, head := g.tail, g.head
	if backward {
		tail, head = head, tail
	}
	out := make([][]int32, g.nodes)
	for i, u := range tail {
		out[u] = append(out[u], int32(i))
	}
	cost := make([]uint32, g.nodes)
	for u := range cost {
		cost[u] = Infinity
	}
	queue := entries{}
	reach := func(node int32, c uint64) {
		if c < uint64(cost[node]) {
			cost[node] = uint32(c)
			heap.Push(&queue, entry{uint32(c), node})
		}
	}
	for _, s := range seeds {
		reach(s.Node, uint64(s.Cost))
	}
	for len(queue) > 0 {
		e := heap.Pop(&queue).(entry)
		if e.cost > cost[e.node] {
			continue
		}
		for _, i := range out[e.node] {
			if g.weight[i] < Infinity {
				reach(head[i], uint64(e.cost)+uint64(g.weight[i]))
			}
		}
	}
	return cost
}

// road makes a seeded road-like graph: points crowded around towns of very
// different size and scattered between, joined where no third point is close to
// both (a beta skeleton, which is planar), long chains of bends, dead ends, and
// one-way roads. Weights are deciseconds.
func road(seed uint64, nodes int) *graph {
	r := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	g := &graph{}
	crossings := nodes * 7 / 10
	type town struct{ x, y, spread, share float64 }
	towns, total := make([]town, max(3, crossings/2000)), 0.0
	for i := range towns {
		share := 1 / math.Pow(float64(i+1), 0.9)
		towns[i] = town{r.Float64() * 2.5, r.Float64() * 1.8, 0.09 * math.Sqrt(share), share}
		total += share
	}
	for len(g.at) < crossings {
		x, y := r.Float64()*2.5, r.Float64()*1.8
		if r.Float64() < 0.7 {
			pick, i := r.Float64()*total, 0
			for pick > towns[i].share && i < len(towns)-1 {
				pick -= towns[i].share
				i++
			}
			x, y = towns[i].x+r.NormFloat64()*towns[i].spread, towns[i].y+r.NormFloat64()*towns[i].spread
		}
		g.at = append(g.at, [2]float64{x - 74.5, y + 18})
	}
	near := nearest(g.at, 14)
	distance := func(a, b [2]float64) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }
	for u := range int32(crossings) {
		for _, v := range near[u] {
			if u > v && slices.Contains(near[v], u) {
				continue // laid from the other end
			}
			d, a, b, blocked := distance(g.at[u], g.at[v]), g.at[u], g.at[v], false
			const beta = 1.35
			centreA := [2]float64{a[0]*(1-beta/2) + b[0]*beta/2, a[1]*(1-beta/2) + b[1]*beta/2}
			centreB := [2]float64{b[0]*(1-beta/2) + a[0]*beta/2, b[1]*(1-beta/2) + a[1]*beta/2}
			for _, list := range [][]int32{near[u], near[v]} {
				for _, w := range list {
					if w != u && w != v && distance(g.at[w], centreA) < d*beta/2 && distance(g.at[w], centreB) < d*beta/2 {
						blocked = true
					}
				}
			}
			if !blocked {
				g.join(r, u, v, d, nodes)
			}
		}
	}
	for len(g.at) < nodes { // dead ends, some of them on others
		u := int32(r.IntN(len(g.at)))
		v := int32(len(g.at))
		g.at = append(g.at, [2]float64{g.at[u][0] + r.Float64()*0.001, g.at[u][1] + r.Float64()*0.001})
		w := uint32(1 + r.IntN(600))
		g.add(u, v, w)
		g.add(v, u, w)
	}
	g.nodes = len(g.at)
	return g
}

// join lays a road from u to v, one in a hundred as a chain of up to 30 bends.
func (g *graph) join(r *rand.Rand, u, v int32, degrees float64, nodes int) {
	bends, oneway := 0, r.IntN(12) == 0
	if r.IntN(100) == 0 {
		bends = min(r.IntN(30), nodes-len(g.at))
	}
	speed := []float64{5, 8, 12, 20}[r.IntN(4)] // m/s
	weight := uint32(degrees*111_000/speed*10/float64(bends+1)) + 1
	a, b, last := g.at[u], g.at[v], u
	for k := range bends + 1 {
		next := v
		if k < bends {
			next = int32(len(g.at))
			f := float64(k+1) / float64(bends+1)
			g.at = append(g.at, [2]float64{a[0] + (b[0]-a[0])*f, a[1] + (b[1]-a[1])*f})
		}
		g.add(last, next, weight)
		if !oneway {
			g.add(next, last, weight+uint32(r.IntN(3)))
		}
		last = next
	}
}

// nearest finds for each point its k nearest by a k-d tree laid out in place.
func nearest(at [][2]float64, k int) [][]int32 {
	ids := make([]int32, len(at))
	for i := range ids {
		ids[i] = int32(i)
	}
	var split func(lo, hi, axis int)
	split = func(lo, hi, axis int) {
		if hi-lo < 2 {
			return
		}
		slices.SortFunc(ids[lo:hi], func(a, b int32) int {
			return cmp.Or(cmp.Compare(at[a][axis], at[b][axis]), cmp.Compare(a, b))
		})
		mid := (lo + hi) / 2
		split(lo, mid, 1-axis)
		split(mid+1, hi, 1-axis)
	}
	split(0, len(ids), 0)
	type found struct {
		d  float64
		id int32
	}
	var best []found
	var visit func(p int32, lo, hi, axis int)
	visit = func(p int32, lo, hi, axis int) {
		if lo >= hi {
			return
		}
		mid := (lo + hi) / 2
		id := ids[mid]
		if id != p {
			f := found{math.Hypot(at[id][0]-at[p][0], at[id][1]-at[p][1]), id}
			if len(best) < k || f.d < best[len(best)-1].d {
				i, _ := slices.BinarySearchFunc(best, f, func(a, b found) int { return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.id, b.id)) })
				best = slices.Insert(best, i, f)
				best = best[:min(k, len(best))]
			}
		}
		gap := at[p][axis] - at[id][axis]
		if gap < 0 {
			visit(p, lo, mid, 1-axis)
		} else {
			visit(p, mid+1, hi, 1-axis)
		}
		if len(best) < k || math.Abs(gap) < best[len(best)-1].d {
			if gap < 0 {
				visit(p, mid+1, hi, 1-axis)
			} else {
				visit(p, lo, mid, 1-axis)
			}
		}
	}
	out := make([][]int32, len(at))
	for p := range at {
		best = best[:0]
		visit(int32(p), 0, len(ids), 0)
		for _, f := range best {
			out[p] = append(out[p], f.id)
		}
	}
	return out
}
