package isolation

import (
	"cmp"
	"context"
	"encoding/binary"
	"slices"

	"pasaj/geo"
)

// Limits of the obstacles of one question.
const (
	MaxObstacles = 10_000
	MaxWeight    = 1_000_000
)

// Obstacle is something that can be cleared as a whole: a roadblock, or an area.
type Obstacle struct {
	ID     string `json:"id"`
	Name   string `json:"name,omitempty"`
	Edges  []int  `json:"-"`       // that it closes
	IsArea bool   `json:"is_area"` // an area rather than a point
	Weight uint32 `json:"weight"`  // what clearing it costs, in any one unit; 0 counts as 1
}

func (o *Obstacle) weight() int64 { return int64(max(o.Weight, 1)) }

// Quotient is a network reduced to what matters for clearing: regions, within
// which everything is connected, and pieces, the connected runs of edges that
// stand under the same obstacles. A region and a piece are neighbours where
// they meet at a junction; clearing all obstacles of a piece joins its regions.
//
// Regions that touch a single piece, such as the junctions inside an area, lead
// nowhere further: they are left out until a question is about them.
type Quotient struct {
	obstacles []Obstacle
	region    []int32    // of each junction
	role      []int32    // of each region: its number among those that touch several pieces, aside, or leaf
	through   int        // how many touch several pieces
	sets      [][]int32  // obstacles of each piece, ascending
	shares    []int64    // pieces of each obstacle
	touch     [][2]int32 // piece and number of a region that touches several
}

// aside is the role of a region that touches no piece; leaf(p) that of one that
// touches piece p only.
const aside int32 = -1

func leaf(piece int32) int32  { return -2 - piece }
func leafOf(role int32) int32 { return -2 - role }
func isLeaf(role int32) bool  { return role < aside }

// NewQuotient reduces a network. An edge in the list of any obstacle is passed
// once all the obstacles that list it are cleared, whatever its status; any
// other edge is passed when it is no worse than worst, and never otherwise.
func NewQuotient(ctx context.Context, g *Graph, s State, worst Status, obstacles []Obstacle) (*Quotient, error) {
	if err := s.check(g); err != nil {
		return nil, err
	}
	if len(obstacles) > MaxObstacles {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "%d obstacles: at most %d", len(obstacles), MaxObstacles)
	}
	q := &Quotient{obstacles: obstacles, shares: make([]int64, len(obstacles))}
	blocked, under, err := blockedEdges(g, obstacles)
	if err != nil {
		return nil, err
	}
	f := newForest(g.junctions)
	pulse := pulse{ctx: ctx}
	for i := range g.from {
		if err := pulse.beat(); err != nil {
			return nil, err
		}
		if under[i] < 0 && s.passes(int32(i), worst) {
			f.union(g.from[i], g.to[i])
		}
	}
	q.region = make([]int32, g.junctions)
	regions := int32(0)
	for j := range q.region {
		if root := f.find(int32(j)); root == int32(j) {
			q.region[j] = regions
			regions++
		} else {
			q.region[j] = q.region[root]
		}
	}
	q.role = make([]int32, regions)
	q.cut(g, blocked)
	return q, ctx.Err()
}

// blockedEdge is an edge with the obstacles that list it.
type blockedEdge struct {
	edge int32
	by   []int32
}

// blockedEdges lists the edges under obstacles, ascending, and for every edge of
// the graph its position in the list or -1.
func blockedEdges(g *Graph, obstacles []Obstacle) ([]blockedEdge, []int32, error) {
	under := make([]int32, g.Edges())
	for i := range under {
		under[i] = -1
	}
	var blocked []blockedEdge
	for o := range obstacles {
		if obstacles[o].Weight > MaxWeight {
			return nil, nil, geo.Errorf(geo.CodeInvalid, "", "obstacle %d: weight %d: at most %d", o, obstacles[o].Weight, MaxWeight)
		}
		for _, edge := range obstacles[o].Edges {
			if edge < 0 || edge >= g.Edges() {
				return nil, nil, geo.Errorf(geo.CodeInvalid, "", "obstacle %d: there is no edge %d", o, edge)
			}
			if under[edge] < 0 {
				under[edge] = int32(len(blocked))
				blocked = append(blocked, blockedEdge{edge: int32(edge)})
			}
			b := &blocked[under[edge]]
			if n := len(b.by); n == 0 || b.by[n-1] != int32(o) { // ascending, as o is
				b.by = append(b.by, int32(o))
			}
		}
	}
	slices.SortFunc(blocked, func(a, b blockedEdge) int { return cmp.Compare(a.edge, b.edge) })
	return blocked, under, nil
}

// cut divides the blocked edges into pieces and finds their regions.
func (q *Quotient) cut(g *Graph, blocked []blockedEdge) {
	type corner struct{ junction, set int32 }
	f, sets, first := newForest(len(blocked)), map[string]int32{}, map[corner]int32{}
	var key []byte
	for k, b := range blocked {
		key = key[:0]
		for _, o := range b.by {
			key = binary.LittleEndian.AppendUint32(key, uint32(o))
		}
		set, ok := sets[string(key)]
		if !ok {
			set = int32(len(sets))
			sets[string(key)] = set
		}
		for _, j := range [2]int32{g.from[b.edge], g.to[b.edge]} {
			if other, ok := first[corner{j, set}]; ok {
				f.union(other, int32(k))
			} else {
				first[corner{j, set}] = int32(k)
			}
		}
	}
	piece := make([]int32, len(blocked))
	var touch [][2]int32 // piece, region
	for k, b := range blocked {
		if root := f.find(int32(k)); root == int32(k) {
			piece[k] = int32(len(q.sets))
			q.sets = append(q.sets, b.by)
			for _, o := range b.by {
				q.shares[o]++
			}
		} else {
			piece[k] = piece[root]
		}
		touch = append(touch, [2]int32{piece[k], q.region[g.from[b.edge]]}, [2]int32{piece[k], q.region[g.to[b.edge]]})
	}
	slices.SortFunc(touch, byFirst)
	touch = slices.Compact(touch)
	q.assign(touch)
}

func byFirst(a, b [2]int32) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) }

// assign gives each region its role.
func (q *Quotient) assign(touch [][2]int32) {
	several := int32(-1) << 31 // no leaf has it, as there are fewer pieces
	for r := range q.role {
		q.role[r] = aside
	}
	for _, t := range touch {
		if q.role[t[1]] == aside {
			q.role[t[1]] = leaf(t[0])
		} else {
			q.role[t[1]] = several
		}
	}
	for r := range q.role {
		if q.role[r] == several {
			q.role[r] = int32(q.through)
			q.through++
		}
	}
	for _, t := range touch {
		if number := q.role[t[1]]; number >= 0 {
			q.touch = append(q.touch, [2]int32{t[0], number})
		}
	}
}

// Size is the number of regions that touch several pieces, and of pieces.
func (q *Quotient) Size() (regions, pieces int) { return q.through, len(q.sets) }

// board is a quotient with the regions that one question is about.
type board struct {
	*Quotient
	regions int             // numbered in the board
	number  map[int32]int32 // of regions of the quotient that were added

	pieceFirst, pieceRegion  []int32 // regions of piece p: pieceRegion[pieceFirst[p]:pieceFirst[p+1]]
	regionFirst, regionPiece []int32
}

// board adds regions of the quotient, and for each of the further pieces one
// region that touches only it; their numbers follow each other from rest.
func (q *Quotient) board(about []int32, further []int32) (b *board, rest int32) {
	b = &board{Quotient: q, regions: q.through, number: map[int32]int32{}}
	touch := slices.Clone(q.touch)
	for _, r := range about {
		if _, ok := b.number[r]; ok {
			continue
		}
		role := q.role[r]
		if role >= 0 {
			b.number[r] = role
			continue
		}
		b.number[r] = int32(b.regions)
		if isLeaf(role) {
			touch = append(touch, [2]int32{leafOf(role), int32(b.regions)})
		}
		b.regions++
	}
	rest = int32(b.regions)
	for _, piece := range further {
		touch = append(touch, [2]int32{piece, int32(b.regions)})
		b.regions++
	}
	slices.SortFunc(touch, byFirst)
	b.pieceFirst, b.pieceRegion = lists(len(q.sets), touch)
	for i, t := range touch {
		touch[i] = [2]int32{t[1], t[0]}
	}
	slices.SortFunc(touch, byFirst)
	b.regionFirst, b.regionPiece = lists(b.regions, touch)
	return b, rest
}

// numbers gives the board's numbers of regions.
func (b *board) numbers(of []int32) []int32 {
	out := make([]int32, len(of))
	for i, r := range of {
		out[i] = b.number[r]
	}
	return out
}

// lists lays sorted pairs out as lists by their first number.
func lists(n int, pairs [][2]int32) (first, values []int32) {
	first, values = make([]int32, n+1), make([]int32, len(pairs))
	for i, p := range pairs {
		first[p[0]+1]++
		values[i] = p[1]
	}
	for k := range n {
		first[k+1] += first[k]
	}
	return first, values
}

func (b *board) piecesOf(region int32) []int32 {
	return b.regionPiece[b.regionFirst[region]:b.regionFirst[region+1]]
}

func (b *board) regionsOf(piece int32) []int32 {
	return b.pieceRegion[b.pieceFirst[piece]:b.pieceFirst[piece+1]]
}

// flood marks the regions that can be reached when the cleared obstacles are
// gone.
func (b *board) flood(from []int32, cleared []bool) []bool {
	reached, passed := make([]bool, b.regions), make([]bool, len(b.sets))
	var stack []int32
	enter := func(r int32) {
		if !reached[r] {
			reached[r] = true
			stack = append(stack, r)
		}
	}
	for _, r := range from {
		enter(r)
	}
	for len(stack) > 0 {
		r := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for _, p := range b.piecesOf(r) {
			if passed[p] || !b.isClear(p, cleared) {
				continue
			}
			passed[p] = true
			for _, next := range b.regionsOf(p) {
				enter(next)
			}
		}
	}
	return reached
}

func (q *Quotient) isClear(piece int32, cleared []bool) bool {
	for _, o := range q.sets[piece] {
		if !cleared[o] {
			return false
		}
	}
	return true
}

// regionsAt lists the regions of junctions, each once.
func (q *Quotient) regionsAt(what string, junctions []int32) ([]int32, error) {
	var out []int32
	for _, j := range junctions {
		if j < 0 || int(j) >= len(q.region) {
			return nil, geo.Errorf(geo.CodeInvalid, "", "%s: there is no junction %d", what, j)
		}
		out = append(out, q.region[j])
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}
