package osmtest

import (
	"container/heap"
	"math"
	"slices"
)

// connect draws the edges that may become roads: after those of the skeleton
// the Gabriel graph. Until thin, ring marks those of the relative neighbourhood
// graph, which may stay without being a way to a town.
func (d *drawing) connect() {
	points := make([]point, len(d.nodes))
	for i, n := range d.nodes {
		points[i] = n.at
	}
	fixed := map[[2]int32]bool{}
	for _, e := range d.edges {
		fixed[[2]int32{min(e.from, e.to), max(e.from, e.to)}] = true
	}
	proximity(points, nearest(points, 400, 16), func(u, v int32, relative bool) {
		if fixed[[2]int32{u, v}] || d.land.crossesSea(points[u], points[v]) {
			return
		}
		d.edges = append(d.edges, edge{from: u, to: v, ring: relative})
	})
}

// incidence lists the edges at each node.
func (d *drawing) incidence() (first, list []int32) {
	first = make([]int32, len(d.nodes)+1)
	for _, e := range d.edges {
		first[e.from+1]++
		first[e.to+1]++
	}
	for i := range d.nodes {
		first[i+1] += first[i]
	}
	list = make([]int32, 2*len(d.edges))
	fill := slices.Clone(first)
	for i, e := range d.edges {
		for _, n := range [2]int32{e.from, e.to} {
			list[fill[n]] = int32(i)
			fill[n]++
		}
	}
	return first, list
}

func (d *drawing) other(e, n int32) int32 {
	if d.edges[e].from == n {
		return d.edges[e].to
	}
	return d.edges[e].from
}

func (d *drawing) lengthM(e int32) float64 {
	return d.nodes[d.edges[e].from].at.distance(d.nodes[d.edges[e].to].at)
}

// linkTowns makes the shortest ways between neighbouring towns departmental
// roads, and those between localities communal ones; better roads draw them.
func (d *drawing) linkTowns() {
	near := newHash(400)
	for i, n := range d.nodes {
		near.put(int32(i), n.at)
	}
	for i := range d.centres {
		best := math.Inf(1)
		for reach := 400.0; reach < 30000 && d.centres[i].node < 0; reach *= 2 {
			near.any(d.centres[i].at, reach, func(j int32, distance float64) bool {
				if distance < best {
					best, d.centres[i].node = distance, j
				}
				return false
			})
		}
	}
	d.centres = slices.DeleteFunc(d.centres, func(c centre) bool { return c.node < 0 })
	s := d.newSearch()
	for _, round := range []struct {
		main  bool
		class class
	}{{true, departmental}, {false, communal}} {
		var points []point
		var at []int32
		for _, c := range d.centres {
			if c.main || !round.main {
				points, at = append(points, d.nodes[c.node].at), append(at, c.node)
			}
		}
		proximity(points, nearest(points, 5000, 12), func(u, v int32, relative bool) {
			// Not every two neighbouring localities have a road between them.
			if !round.main && !relative {
				return
			}
			for _, e := range s.path(at[u], at[v]) {
				d.edges[e].class = max(d.edges[e].class, round.class)
			}
		})
	}
}

// search finds shortest ways over the candidates.
type search struct {
	*drawing
	first, list []int32
	reached     []float64
	by          []int32
	round       []int32
	now         int32
	queue       frontier
}

type reach struct {
	cost float64
	node int32
}

type frontier []reach

func (q frontier) Len() int { return len(q) }
func (q frontier) Less(i, j int) bool {
	return q[i].cost < q[j].cost || q[i].cost == q[j].cost && q[i].node < q[j].node
}
func (q frontier) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *frontier) Push(x any)   { *q = append(*q, x.(reach)) }
func (q *frontier) Pop() any {
	old := *q
	top := old[len(old)-1]
	*q = old[:len(old)-1]
	return top
}

func (d *drawing) newSearch() *search {
	s := &search{drawing: d, reached: make([]float64, len(d.nodes)), by: make([]int32, len(d.nodes)), round: make([]int32, len(d.nodes))}
	s.first, s.list = d.incidence()
	return s
}

// dear is what a metre costs on a road of each class.
var dear = [...]float64{local: 1, communal: 0.85, departmental: 0.7, national: 0.55}

// path gives the edges of a cheapest way, none if there is no way. The bound to
// the goal is the straight line on the cheapest class.
func (s *search) path(from, to int32) []int32 {
	s.now++
	s.queue = s.queue[:0]
	goal := s.nodes[to].at
	offer := func(n int32, cost float64, by int32) {
		if s.round[n] == s.now && s.reached[n] <= cost {
			return
		}
		s.round[n], s.reached[n], s.by[n] = s.now, cost, by
		heap.Push(&s.queue, reach{cost + dear[national]*s.nodes[n].at.distance(goal), n})
	}
	offer(from, 0, -1)
	for len(s.queue) > 0 {
		top := heap.Pop(&s.queue).(reach)
		n := top.node
		if n == to {
			break
		}
		if top.cost > s.reached[n]+dear[national]*s.nodes[n].at.distance(goal)+1e-6 {
			continue
		}
		for _, e := range s.list[s.first[n]:s.first[n+1]] {
			offer(s.other(e, n), s.reached[n]+s.lengthM(e)*dear[s.edges[e].class], e)
		}
	}
	if s.round[to] != s.now {
		return nil
	}
	var out []int32
	for n := to; n != from; {
		e := s.by[n]
		out = append(out, e)
		n = s.other(e, n)
	}
	return out
}

// thin leaves of the candidates a tree, all roads that lead to towns, and as
// many loops as a country has.
func (d *drawing) thin() {
	var first, rest []edge
	for _, e := range d.edges {
		relative := e.ring
		e.ring = false
		switch {
		case e.fixed || e.class > local:
			first = append(first, e)
		case relative:
			rest = append(rest, e)
		}
	}
	d.random.Shuffle(len(rest), func(i, j int) { rest[i], rest[j] = rest[j], rest[i] })
	sets := newSets(len(d.nodes))
	loops := d.total(countryLoops)
	kept := first
	for _, e := range first {
		if !sets.join(e.from, e.to) {
			loops--
		}
	}
	var spare []edge
	for _, e := range rest {
		if sets.join(e.from, e.to) {
			kept = append(kept, e)
		} else {
			spare = append(spare, e)
		}
	}
	// Towns have most of the loops, the country some.
	rural := min(loops, d.total(countryRuralLoops))
	for _, e := range spare {
		if rural > 0 && !(d.nodes[e.from].urban && d.nodes[e.to].urban) {
			kept, rural, loops = append(kept, e), rural-1, loops-1
		}
	}
	for _, e := range spare {
		if loops > 0 && d.nodes[e.from].urban && d.nodes[e.to].urban {
			kept, loops = append(kept, e), loops-1
		}
	}
	d.edges = kept
}

// sets are disjoint sets.
type sets []int32

func newSets(n int) sets {
	s := make(sets, n)
	for i := range s {
		s[i] = int32(i)
	}
	return s
}

func (s sets) find(i int32) int32 {
	for s[i] != i {
		s[i] = s[s[i]]
		i = s[i]
	}
	return i
}

// join puts two sets together; false if they were one.
func (s sets) join(i, j int32) bool {
	a, b := s.find(i), s.find(j)
	s[max(a, b)] = min(a, b)
	return a != b
}
