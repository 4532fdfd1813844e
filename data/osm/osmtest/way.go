package osmtest

import (
	"fmt"
	"math"
	"slices"
)

// way is a row of edges, each forward or backward.
type way struct {
	id     int64
	edges  []int32
	back   []bool
	closed bool
}

// restriction is a turn that the signs forbid or order.
type restriction struct {
	kind     string
	from, to int32 // ways
	viaNode  int32 // -1 where it is over a way
	viaWay   int32
}

const (
	firstNodeID     = 100_000_001
	firstWayID      = 20_000_001
	firstRelationID = 3_000_001
)

// join makes ways of the edges: a road goes straight on through its junctions,
// and of the places where it does, so many are kept as give the count of ways.
func (d *drawing) join() {
	first, list := d.incidence()
	type seam struct{ node, a, b int32 }
	var seams []seam
	for n := range d.nodes {
		if d.breaks[n] {
			continue
		}
		d.straightOn(int32(n), list[first[n]:first[n+1]], func(a, b int32) {
			seams = append(seams, seam{int32(n), a, b})
		})
	}
	d.random.Shuffle(len(seams), func(i, j int) { seams[i], seams[j] = seams[j], seams[i] })
	single := len(d.edges)
	for _, ring := range d.rings {
		single -= len(ring) - 1
	}
	surplus := single - d.total(countryWays)
	sets := newSets(len(d.edges))
	next := make([][2]int32, len(d.edges)) // neighbour + 1 at from and at to
	edgesIn := make([]int32, len(d.edges))
	for _, s := range seams {
		// A way is a row, not a circle, and not endless.
		a, b := sets.find(s.a), sets.find(s.b)
		if surplus == 0 || a == b || edgesIn[a]+edgesIn[b] > 100 {
			continue
		}
		sets.join(a, b)
		edgesIn[min(a, b)] = edgesIn[a] + edgesIn[b] + 1
		next[s.a][d.side(s.a, s.node)] = s.b + 1
		next[s.b][d.side(s.b, s.node)] = s.a + 1
		surplus--
	}
	used := make([]bool, len(d.edges))
	for _, ring := range d.rings {
		for _, e := range ring {
			used[e] = true
		}
	}
	for i := range d.edges {
		if used[i] {
			continue
		}
		// To the head of the row, then along it.
		e, side, steps := int32(i), 0, 0
		for next[e][side] != 0 && steps < len(d.edges) {
			e, side = d.step(e, side, next)
			steps++
		}
		side = 1 - side
		w := way{}
		for {
			used[e] = true
			w.edges, w.back = append(w.edges, e), append(w.back, side == 0)
			if next[e][side] == 0 {
				break
			}
			e, side = d.step(e, side, next)
		}
		if d.edges[w.edges[0]].oneway && w.back[0] {
			w = w.reversed()
		}
		d.ways = append(d.ways, w)
	}
	for _, ring := range d.rings {
		d.ways = append(d.ways, way{edges: ring, back: make([]bool, len(ring)), closed: true})
	}
	for i := range d.ways {
		d.ways[i].id = firstWayID + int64(i)*3
	}
	d.restrict(first, list)
}

// side is 0 where an edge begins at the node, 1 where it ends there.
func (d *drawing) side(e, n int32) int {
	if d.edges[e].from == n {
		return 0
	}
	return 1
}

// step goes over the side of an edge to the next edge of its way and to the far
// side of that.
func (d *drawing) step(e int32, side int, next [][2]int32) (int32, int) {
	n := d.edges[e].from
	if side == 1 {
		n = d.edges[e].to
	}
	to := next[e][side] - 1
	return to, 1 - d.side(to, n)
}

func (w way) reversed() way {
	slices.Reverse(w.edges)
	slices.Reverse(w.back)
	for i := range w.back {
		w.back[i] = !w.back[i]
	}
	return w
}

// straightOn pairs the edges at a node that may be one way, the straightest
// first.
func (d *drawing) straightOn(n int32, around []int32, give func(a, b int32)) {
	free := slices.Clone(around)
	for len(free) > 1 {
		best, x, y := 1.7, -1, -1
		for i := range free {
			for j := i + 1; j < len(free); j++ {
				if turn := math.Abs(d.deflection(n, free[i], free[j])); turn < best && d.sameRoad(n, free[i], free[j]) {
					best, x, y = turn, i, j
				}
			}
		}
		if x < 0 {
			return
		}
		give(free[x], free[y])
		free = slices.Delete(slices.Delete(free, y, y+1), x, x+1)
	}
}

// deflection is by how much one turns from one edge into another, radians, left
// positive.
func (d *drawing) deflection(n, from, to int32) float64 {
	turn := d.direction(to, n) - d.direction(from, n) - math.Pi
	return math.Remainder(turn, 2*math.Pi)
}

// sameRoad says whether two edges may be one way.
func (d *drawing) sameRoad(n, a, b int32) bool {
	x, y := d.edges[a], d.edges[b]
	if x.ring || y.ring || x.bridge || y.bridge || x.kind != y.kind || x.ref != y.ref || x.name != y.name || x.oneway != y.oneway {
		return false
	}
	// Of two one-way edges one must come and the other go.
	return !x.oneway || d.side(a, n) != d.side(b, n)
}

// restrict puts turn restrictions at the junctions chosen.
func (d *drawing) restrict(first, list []int32) {
	wayOf := make([]int32, len(d.edges))
	for i, w := range d.ways {
		for _, e := range w.edges {
			wayOf[e] = int32(i)
		}
	}
	for n, chosen := range d.breaks {
		around := list[first[n]:first[n+1]]
		if !chosen || slices.ContainsFunc(around, func(e int32) bool { return d.edges[e].from == d.edges[e].to }) {
			continue
		}
		from, to := around[d.random.IntN(len(around))], around[d.random.IntN(len(around))]
		r := restriction{from: wayOf[from], to: wayOf[to], viaNode: int32(n), viaWay: -1}
		turn := d.deflection(int32(n), from, to)
		switch {
		case from == to:
			r.kind = "no_u_turn"
		case math.Abs(turn) < 0.6:
			r.kind = "no_straight_on"
			if d.chance(0.6) {
				r.kind = "only_straight_on"
			}
		case turn > 0:
			r.kind = "no_left_turn"
		default:
			r.kind = "no_right_turn"
			if d.chance(0.1) {
				r.kind = "only_right_turn"
			}
		}
		d.restrictions = append(d.restrictions, r)
		// Some junctions lie a street apart: no turning back over it.
		for _, e := range around {
			m := d.other(e, int32(n))
			if from != e && len(d.ways[wayOf[e]].edges) == 1 && d.lengthM(e) < 120 && d.chance(0.1) {
				for _, back := range list[first[m]:first[m+1]] {
					w := d.ways[wayOf[back]]
					if back != e && (w.edges[0] == back || w.edges[len(w.edges)-1] == back) && d.endsAt(w, m) {
						d.restrictions = append(d.restrictions, restriction{
							kind: "no_u_turn", from: wayOf[from], to: wayOf[back], viaNode: -1, viaWay: wayOf[e],
						})
						break
					}
				}
				break
			}
		}
	}
}

// endsAt says whether the way begins or ends at the node.
func (d *drawing) endsAt(w way, n int32) bool {
	start, end := d.edges[w.edges[0]].from, d.edges[w.edges[len(w.edges)-1]].to
	if w.back[0] {
		start = d.edges[w.edges[0]].to
	}
	if w.back[len(w.back)-1] {
		end = d.edges[w.edges[len(w.edges)-1]].from
	}
	return !w.closed && start != end && (start == n || end == n)
}

// roadNumber is the reference of a way; Haiti numbers few roads below the
// national ones.
func (d *drawing) roadNumber(e edge) string {
	switch {
	case e.ref != "":
		return e.ref
	case e.class == departmental:
		c := d.land.communes[d.nodes[e.from].commune]
		return fmt.Sprintf("RD%s%02d", c.department[2:], d.nodes[e.from].commune%17+1)
	}
	return ""
}
