package arrangement

import (
	"context"
	"math"
	"math/bits"
	"slices"

	"pasaj/geo"
)

// crossing is where two edges of different polygons cross; e is of the polygon
// with the lower number.
type crossing struct {
	e, f   int32
	te, tf float64 // share of e and of f at which they cross
}

// stop is a crossing as seen from one of its edges.
type stop struct {
	t        float64
	crossing int32
	other    int32 // the edge crossed
}

// orderDoubt is how near two shares of an edge must be for their rounding,
// below 4e-16 each, to hide their order.
const orderDoubt = 1e-15

// entry is an edge listed in a cell of the grid.
type entry struct {
	edge
	id, polygon int32
}

// grid lies over the box of the region. Every cell lists the edges that come
// within one unit of it.
type grid struct {
	box           box
	size          float64
	columns, rows int
	cells         []int32 // pairs of cell and edge, then
	first         []int32 // by cell: where its edges begin in sorted
	sorted        []int32
}

func (g *grid) column(x float64) int {
	return min(max(int((x-float64(g.box.minX))/g.size), 0), g.columns-1)
}

func (g *grid) row(y float64) int {
	return min(max(int((y-float64(g.box.minY))/g.size), 0), g.rows-1)
}

func (g *grid) list(row, from, to int, id int32) {
	for column := from; column <= to; column++ {
		g.cells = append(g.cells, int32(row*g.columns+column), id)
	}
}

// lay lists an edge in every cell that it comes near.
func (g *grid) lay(e edge, id int32) {
	minX, maxX := float64(min(e.a.x, e.b.x))-1, float64(max(e.a.x, e.b.x))+1
	minY, maxY := float64(min(e.a.y, e.b.y))-1, float64(max(e.a.y, e.b.y))+1
	if maxX < float64(g.box.minX) || minX > float64(g.box.maxX) || maxY < float64(g.box.minY) || minY > float64(g.box.maxY) {
		return
	}
	low, high := g.row(minY), g.row(maxY)
	from, to := g.column(minX), g.column(maxX)
	if low == high || from == to {
		for row := low; row <= high; row++ {
			g.list(row, from, to, id)
		}
		return
	}
	ax, ay := float64(e.a.x), float64(e.a.y)
	slope := 0.0
	if e.a.y != e.b.y {
		slope = (float64(e.b.x) - ax) / (float64(e.b.y) - ay)
	}
	for row := low; row <= high; row++ {
		south := float64(g.box.minY) + float64(row)*g.size - 1
		north := south + g.size + 2
		west, east := minX, maxX
		if slope != 0 {
			x1, x2 := ax+(south-ay)*slope, ax+(north-ay)*slope
			west, east = max(minX, min(x1, x2)-1), min(maxX, max(x1, x2)+1)
		}
		if east < float64(g.box.minX) || west > float64(g.box.maxX) || west > east {
			continue
		}
		g.list(row, g.column(west), g.column(east), id)
	}
}

// build lays all edges. The cells are as wide as a part of the mean edge, so
// that the lists stay within a few times the number of edges.
func (g *grid) build(edges []edge, region box) {
	g.box = region
	width, height := float64(region.maxX)-float64(region.minX), float64(region.maxY)-float64(region.minY)
	count, length := 0.0, 0.0
	for _, e := range edges {
		if max(e.a.x, e.b.x) < region.minX || min(e.a.x, e.b.x) > region.maxX ||
			max(e.a.y, e.b.y) < region.minY || min(e.a.y, e.b.y) > region.maxY {
			continue
		}
		count++
		length += min(math.Abs(float64(e.a.x)-float64(e.b.x)), width) + min(math.Abs(float64(e.a.y)-float64(e.b.y)), height)
	}
	count = max(count, 1)
	g.size = max(length/count/2, math.Sqrt(width*height/count)/2, width/2000, height/2000, 8)
	g.columns, g.rows = int(width/g.size)+1, int(height/g.size)+1
	g.cells = g.cells[:0]
	for i, e := range edges {
		g.lay(e, int32(i))
	}
	g.first = slices.Grow(g.first[:0], g.columns*g.rows+2)[:g.columns*g.rows+2]
	clear(g.first)
	for i := 0; i < len(g.cells); i += 2 {
		g.first[g.cells[i]+2]++
	}
	for i := 2; i < len(g.first); i++ {
		g.first[i] += g.first[i-1]
	}
	g.sorted = slices.Grow(g.sorted[:0], len(g.cells)/2)[:len(g.cells)/2]
	for i := 0; i < len(g.cells); i += 2 {
		at := &g.first[g.cells[i]+1]
		g.sorted[*at] = g.cells[i+1]
		*at++
	}
}

// cross finds the crossings of edges of different polygons within the box of
// the region, each once, and the stops that each edge has by them in order.
func (s *scratch) cross(ctx context.Context) error {
	g := &s.grid
	g.build(s.edges, s.polygons[0].box)
	s.crossings = s.crossings[:0]
	for cell := range g.columns * g.rows {
		if cell%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		ids := g.sorted[g.first[cell]:g.first[cell+1]]
		if len(ids) < 2 || s.polygonOf[ids[0]] == s.polygonOf[ids[len(ids)-1]] {
			continue
		}
		if err := s.crossWithin(ctx, ids, cell); err != nil {
			return err
		}
	}
	return s.order(ctx)
}

// crossWithin takes the pairs of one cell whose crossing lies in it.
func (s *scratch) crossWithin(ctx context.Context, ids []int32, cell int) error {
	list := s.entries[:0]
	for _, id := range ids {
		list = append(list, entry{s.edges[id], id, s.polygonOf[id]})
	}
	s.entries = list
	end := 0 // of the entries of the same polygon
	for i := range list {
		e := &list[i]
		for end <= i || end < len(list) && list[end].polygon == e.polygon {
			end++
		}
		if i%256 == 255 && ctx.Err() != nil {
			return ctx.Err()
		}
		ax, ay := int64(e.a.x), int64(e.a.y)
		dx, dy := int64(e.b.x)-ax, int64(e.b.y)-ay
		tie := int64(tilt(dx, dy))
		for k := end; k < len(list); k++ {
			f := &list[k]
			c := dx*(int64(f.a.y)-ay) - dy*(int64(f.a.x)-ax)
			d := dx*(int64(f.b.y)-ay) - dy*(int64(f.b.x)-ax)
			if (c > 0 || c == 0 && tie > 0) != (d > 0 || d == 0 && tie > 0) {
				s.take(e, f, c, d, cell)
			}
		}
		if len(s.crossings) > MaxCrossings {
			return geo.Errorf(geo.CodeInvalid, "/areas", "the outlines cross more than %d times", MaxCrossings)
		}
	}
	return nil
}

// take records the crossing of e and f, whose ends c and d lie on two sides of
// the line of e, if the ends of e lie on two sides of f and it is in the cell.
func (s *scratch) take(e, f *entry, c, d int64, cell int) {
	a, b := cross(f.a, f.b, e.a), cross(f.a, f.b, e.b)
	tie := tilt(int64(f.b.x)-int64(f.a.x), int64(f.b.y)-int64(f.a.y))
	sideA, sideB := sign(a), sign(b)
	if sideA == 0 {
		sideA = -tie
	}
	if sideB == 0 {
		sideB = -tie
	}
	if sideA == sideB {
		return
	}
	te, tf := float64(a)/float64(a-b), float64(c)/float64(c-d)
	x := float64(e.a.x) + te*(float64(e.b.x)-float64(e.a.x))
	y := float64(e.a.y) + te*(float64(e.b.y)-float64(e.a.y))
	if g := &s.grid; g.row(y)*g.columns+g.column(x) == cell {
		s.crossings = append(s.crossings, crossing{e.id, f.id, te, tf})
	}
}

// order lists the stops of every edge and sorts them along it.
func (s *scratch) order(ctx context.Context) error {
	n := len(s.edges)
	s.firstStop = slices.Grow(s.firstStop[:0], n+2)[:n+2]
	clear(s.firstStop)
	for _, c := range s.crossings {
		s.firstStop[c.e+2]++
		s.firstStop[c.f+2]++
	}
	for i := 2; i < len(s.firstStop); i++ {
		s.firstStop[i] += s.firstStop[i-1]
	}
	s.stops = slices.Grow(s.stops[:0], 2*len(s.crossings))[:2*len(s.crossings)]
	put := func(edge int32, st stop) {
		at := &s.firstStop[edge+1]
		s.stops[*at] = st
		*at++
	}
	for i, c := range s.crossings {
		put(c.e, stop{c.te, int32(i), c.f})
		put(c.f, stop{c.tf, int32(i), c.e})
	}
	for id := range n {
		if id%4096 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		list := s.stops[s.firstStop[id]:s.firstStop[id+1]]
		if len(list) > 24 {
			slices.SortFunc(list, func(p, q stop) int { return s.compare(int32(id), p, q) })
			continue
		}
		for i := 1; i < len(list); i++ {
			p := list[i]
			k := i
			for k > 0 && s.compare(int32(id), p, list[k-1]) < 0 {
				list[k] = list[k-1]
				k--
			}
			list[k] = p
		}
	}
	return nil
}

// compare orders two stops of an edge, exactly: what the shares leave open is
// decided by the same shifts of the polygons as every side is. A share is a
// quotient n/q with n = n₀ + d×(δi - δj) and q = d×(a-b), where d is the
// direction of the edge crossed.
func (s *scratch) compare(id int32, p, q stop) int {
	switch {
	case p.t < q.t-orderDoubt:
		return -1
	case p.t > q.t+orderDoubt:
		return 1
	case p.other == q.other:
		return 0
	}
	e, f, g := s.edges[id], s.edges[p.other], s.edges[q.other]
	i, j, k := s.polygonOf[id], s.polygonOf[p.other], s.polygonOf[q.other]
	nf, ng := cross(f.a, f.b, e.a), cross(g.a, g.b, e.a)
	qf, qg := nf-cross(f.a, f.b, e.b), ng-cross(g.a, g.b, e.b)
	flip := sign(qf) * sign(qg)
	if main := compareProducts(nf, qg, ng, qf); main != 0 {
		return flip * main
	}
	fx, fy := int64(f.b.x)-int64(f.a.x), int64(f.b.y)-int64(f.a.y)
	gx, gy := int64(g.b.x)-int64(g.a.x), int64(g.b.y)-int64(g.a.y)
	// The tilt of qg·df - qf·dg, the factor of the shift of this polygon.
	own := -compareProducts(qg, fy, qf, gy)
	if own == 0 {
		own = compareProducts(qg, fx, qf, gx)
	}
	switch {
	case j == k:
		if own == 0 {
			return int(p.other) - int(q.other)
		}
		if i < j {
			own = -own
		}
		return flip * own
	case i > j && i > k && own != 0:
		return flip * own
	case j > k:
		return -flip * sign(qg) * tilt(fx, fy)
	}
	return flip * sign(qf) * tilt(gx, gy)
}

// compareProducts is the sign of a·b - c·d.
func compareProducts(a, b, c, d int64) int {
	h1, l1 := product(a, b)
	h2, l2 := product(c, d)
	switch {
	case h1 != h2:
		if h1 < h2 {
			return -1
		}
		return 1
	case l1 < l2:
		return -1
	case l1 > l2:
		return 1
	}
	return 0
}

// product is a·b in two's complement of 128 bits.
func product(a, b int64) (high int64, low uint64) {
	h, low := bits.Mul64(uint64(a), uint64(b))
	return int64(h) - (a >> 63 & b) - (b >> 63 & a), low
}
