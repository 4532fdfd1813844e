package reach

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
)

// Bounds on the grid that an area is drawn with.
const (
	cellsABuffer = 2         // cells within the buffer, at the finest
	maxNodes     = 4_000_000 // beyond this the cells and the buffer grow
	clearance    = 0.02      // of a cell, between the contour and a node
)

// Area is the ground within bufferM metres of the lines, with holes where it
// encloses ground that is further off, drawn as a contour of the distance. The
// rings are simple and apart; outer ones run counter-clockwise. Where the lines
// are so widespread that the grid would be too large, the buffer that was drawn
// is larger than the one asked for, and drawnM says so.
func Area(lines []orb.LineString, bufferM float64) (area orb.MultiPolygon, drawnM float64) {
	areas, drawnM := Areas([][]orb.LineString{lines}, bufferM)
	return areas[0], drawnM
}

// Areas are those of growing sets of lines: the first part alone, the first two
// together, and so on. All are drawn on one grid with one buffer, so that each
// lies within the next and no part is drawn twice.
func Areas(parts [][]orb.LineString, bufferM float64) (areas []orb.MultiPolygon, drawnM float64) {
	areas = make([]orb.MultiPolygon, len(parts))
	for i := range areas {
		areas[i] = orb.MultiPolygon{}
	}
	bound, any := boundOf(parts...)
	if !any || !(bufferM > 0) {
		return areas, bufferM
	}
	f := newField(bound, bufferM)
	for i, lines := range parts {
		for _, line := range lines {
			if len(line) == 1 {
				f.add(line[0], line[0])
			}
			for k := 1; k < len(line); k++ {
				f.add(line[k-1], line[k])
			}
		}
		areas[i] = f.ground()
	}
	return areas, f.bufferM
}

func boundOf(parts ...[]orb.LineString) (bound orb.Bound, any bool) {
	for _, lines := range parts {
		for _, line := range lines {
			for _, p := range line {
				if !any {
					bound, any = orb.Bound{Min: p, Max: p}, true
				}
				bound = bound.Extend(p)
			}
		}
	}
	return bound, any
}

// field is the square of the distance from the lines, in metres, at the nodes
// of a grid. The
// outermost nodes are further off than the buffer, so every contour closes.
type field struct {
	bufferM       float64
	cellM         float64
	origin        orb.Point // of node 0, 0
	lonM, latM    float64   // metres for a degree, at the middle
	columns, rows int
	squareM2      []float32
	next          []int32 // by side, while the contour is followed
}

func newField(bound orb.Bound, bufferM float64) *field {
	for {
		if f := layField(bound, bufferM, bufferM/cellsABuffer); f.columns*f.rows <= maxNodes {
			f.clear()
			return f
		}
		bufferM *= 1.25
	}
}

// layField lays a grid round a box, without its nodes' distances.
func layField(bound orb.Bound, bufferM, cellM float64) *field {
	f := &field{bufferM: bufferM, cellM: cellM}
	f.lonM, f.latM = measure.DegreeM(bound.Center()[1])
	margin := f.bufferM + 2*f.cellM
	f.columns = int(math.Ceil(((bound.Max[0]-bound.Min[0])*f.lonM+2*margin)/f.cellM)) + 1
	f.rows = int(math.Ceil(((bound.Max[1]-bound.Min[1])*f.latM+2*margin)/f.cellM)) + 1
	f.origin = orb.Point{bound.Min[0] - margin/f.lonM, bound.Min[1] - margin/f.latM}
	return f
}

// clear makes everything far.
func (f *field) clear() {
	f.squareM2 = make([]float32, f.columns*f.rows)
	far := float32((f.bufferM + 2*f.cellM) * (f.bufferM + 2*f.cellM))
	for i := range f.squareM2 {
		f.squareM2[i] = far
	}
}

// plane gives metres east and north of node 0, 0.
func (f *field) plane(p orb.Point) (x, y float64) {
	return (p[0] - f.origin[0]) * f.lonM, (p[1] - f.origin[1]) * f.latM
}

// add lowers the distances round a segment.
func (f *field) add(a, b orb.Point) {
	ax, ay := f.plane(a)
	bx, by := f.plane(b)
	reach := f.bufferM + f.cellM
	from := func(m float64) int { return max(0, int(math.Ceil((m-reach)/f.cellM))) }
	to := func(m float64, most int) int { return min(most-1, int(math.Floor((m+reach)/f.cellM))) }
	dx, dy := bx-ax, by-ay
	inverse := 0.0 // of the square of the length; a point has none
	if squared := dx*dx + dy*dy; squared > 0 {
		inverse = 1 / squared
	}
	first, last := from(min(ax, bx)), to(max(ax, bx), f.columns)
	if first > last {
		return
	}
	step := f.cellM * dx * inverse // of the share, from one column to the next
	for row := from(min(ay, by)); row <= to(max(ay, by), f.rows); row++ {
		py := float64(row)*f.cellM - ay
		px := float64(first)*f.cellM - ax
		along := (px*dx + py*dy) * inverse
		squares := f.squareM2[row*f.columns+first : row*f.columns+last+1]
		for i := range squares {
			share := along
			if share < 0 {
				share = 0
			} else if share > 1 {
				share = 1
			}
			ox, oy := px-share*dx, py-share*dy
			if square := float32(ox*ox + oy*oy); square < squares[i] {
				squares[i] = square
			}
			px += f.cellM
			along += step
		}
	}
}

// threshold is the square of the distance within which a node is inside.
func (f *field) threshold() float32 { return float32(f.bufferM * f.bufferM) }

func (f *field) inside(node int) bool { return f.squareM2[node] < f.threshold() }

// distanceM is from a node to the lines, metres.
func (f *field) distanceM(node int) float64 { return math.Sqrt(float64(f.squareM2[node])) }

// Sides of the grid that a contour crosses are numbered by the node at their
// lower or left end: even to the right of it, odd above it.
func right(node int) int { return 2 * node }
func above(node int) int { return 2*node + 1 }

// ground follows the contour and puts its rings together: outer ones run
// counter-clockwise, with the ground to their left, and holes clockwise.
func (f *field) ground() orb.MultiPolygon {
	if f.next == nil {
		f.next = make([]int32, 2*len(f.squareM2))
	} else {
		clear(f.next)
	}
	f.scan()
	// A side is free, leads on to another side, or belongs to a ring.
	const free = 0
	var rings []orb.Ring
	var western []int // of each ring: the node before its westernmost crossing of a row
	for start, following := range f.next {
		if following <= free {
			continue
		}
		var ring orb.Ring
		west := -1
		for side := start; ; {
			ring = append(ring, f.crossing(side))
			if node := side / 2; side%2 == 0 && (west < 0 || node%f.columns < west%f.columns) {
				west = node
			}
			following := int(f.next[side]) - 1
			f.next[side] = int32(-len(rings) - 1)
			if side = following; side == start {
				break
			}
		}
		rings, western = append(rings, append(ring, ring[0])), append(western, west)
	}
	out := orb.MultiPolygon{}
	polygon := make([]int, len(rings)) // of outer rings
	for i, ring := range rings {
		if !f.inside(western[i]) {
			polygon[i] = len(out)
			out = append(out, orb.Polygon{ring})
		}
	}
	for i, ring := range rings {
		// West of a hole lies the ground that it is in. Where that ends is a ring
		// of the same ground: the outer one, or a hole that begins further west.
		outer := i
		for f.inside(western[outer]) {
			node := western[outer]
			for f.inside(node - 1) {
				node--
			}
			outer = int(-f.next[right(node-1)]) - 1
		}
		if outer != i {
			out[polygon[outer]] = append(out[polygon[outer]], ring)
		}
	}
	return out
}

// scan looks for the cells that the contour crosses.
func (f *field) scan() {
	most := f.threshold()
	for row := range f.rows - 1 {
		lower := f.squareM2[row*f.columns:][:f.columns]
		upper := f.squareM2[(row+1)*f.columns:][:f.columns]
		below, over := lower[0] < most, upper[0] < most
		for column := 1; column < len(lower) && column < len(upper); column++ {
			nextBelow, nextOver := lower[column] < most, upper[column] < most
			if below != over || below != nextBelow || below != nextOver {
				f.cross(row*f.columns + column - 1)
			}
			below, over = nextBelow, nextOver
		}
	}
}

// cross adds the contour's steps through the cell above and right of a node,
// from the side it enters by to the side it leaves by.
func (f *field) cross(node int) {
	corners := [4]int{node, node + 1, node + 1 + f.columns, node + f.columns} // counter-clockwise from the lower left
	sides := [4]int{right(node), above(node + 1), right(node + f.columns), above(node)}
	shape := 0
	for i, c := range corners {
		if f.inside(c) {
			shape |= 1 << i
		}
	}
	switch shape {
	case 0, 15:
		return
	case 5, 10: // opposite corners: joined when the middle is inside
		sum := 0.0
		for _, c := range corners {
			sum += f.distanceM(c)
		}
		f.saddle(shape, sum/4 < f.bufferM, sides)
		return
	}
	// Going round the cell, the contour enters where it leads out of the ground
	// and leaves where it leads in again.
	enter, leave := -1, -1
	for i := range corners {
		a, b := f.inside(corners[i]), f.inside(corners[(i+1)%4])
		switch {
		case a && !b:
			enter = sides[i]
		case !a && b:
			leave = sides[i]
		}
	}
	f.lead(enter, leave)
}

// saddle joins the four crossings of a cell whose inside corners are opposite.
func (f *field) saddle(shape int, joined bool, sides [4]int) {
	// With corners 0 and 2 inside, ground is left of a step from side 0 to side
	// 3 and from 2 to 1 when they are apart; the other two corners are cut off
	// instead when they are joined.
	switch {
	case shape == 5 && !joined:
		f.lead(sides[0], sides[3])
		f.lead(sides[2], sides[1])
	case shape == 5:
		f.lead(sides[0], sides[1])
		f.lead(sides[2], sides[3])
	case !joined:
		f.lead(sides[1], sides[0])
		f.lead(sides[3], sides[2])
	default:
		f.lead(sides[1], sides[2])
		f.lead(sides[3], sides[0])
	}
}

// lead makes the contour go on from a side to another.
func (f *field) lead(from, to int) { f.next[from] = int32(to) + 1 }

// crossing is where the contour crosses a side, kept off the nodes so that
// rings never touch.
func (f *field) crossing(side int) orb.Point {
	a := side / 2
	b := a + 1
	if side%2 == 1 {
		b = a + f.columns
	}
	da, db := f.distanceM(a), f.distanceM(b)
	share := min(1-clearance, max(clearance, (f.bufferM-da)/(db-da)))
	x, y := float64(a%f.columns), float64(a/f.columns)
	if side%2 == 1 {
		y += share
	} else {
		x += share
	}
	return orb.Point{
		geo.RoundCoordinate(f.origin[0] + x*f.cellM/f.lonM),
		geo.RoundCoordinate(f.origin[1] + y*f.cellM/f.latM),
	}
}
