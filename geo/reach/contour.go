package reach

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

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
	bound, any := boundOf(lines)
	if !any || !(bufferM > 0) {
		return orb.MultiPolygon{}, bufferM
	}
	f := newField(bound, bufferM)
	for _, line := range lines {
		if len(line) == 1 {
			f.add(line[0], line[0])
		}
		for i := 1; i < len(line); i++ {
			f.add(line[i-1], line[i])
		}
	}
	return assemble(f.rings()), f.bufferM
}

func boundOf(lines []orb.LineString) (bound orb.Bound, any bool) {
	for _, line := range lines {
		for _, p := range line {
			if !any {
				bound, any = orb.Bound{Min: p, Max: p}, true
			}
			bound = bound.Extend(p)
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
}

func newField(bound orb.Bound, bufferM float64) *field {
	middle := bound.Center()
	f := &field{bufferM: bufferM, cellM: bufferM / cellsABuffer}
	f.lonM, f.latM = measure.DegreeM(middle[1])
	for {
		margin := f.bufferM + 2*f.cellM
		f.columns = int(math.Ceil(((bound.Max[0]-bound.Min[0])*f.lonM+2*margin)/f.cellM)) + 1
		f.rows = int(math.Ceil(((bound.Max[1]-bound.Min[1])*f.latM+2*margin)/f.cellM)) + 1
		f.origin = orb.Point{bound.Min[0] - margin/f.lonM, bound.Min[1] - margin/f.latM}
		if f.columns*f.rows <= maxNodes {
			break
		}
		f.bufferM *= 1.25
		f.cellM *= 1.25
	}
	f.squareM2 = make([]float32, f.columns*f.rows)
	far := float32((f.bufferM + 2*f.cellM) * (f.bufferM + 2*f.cellM))
	for i := range f.squareM2 {
		f.squareM2[i] = far
	}
	return f
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
	for row := from(min(ay, by)); row <= to(max(ay, by), f.rows); row++ {
		py := float64(row)*f.cellM - ay
		for column := from(min(ax, bx)); column <= to(max(ax, bx), f.columns); column++ {
			px := float64(column)*f.cellM - ax
			share := min(1, max(0, (px*dx+py*dy)*inverse))
			ox, oy := px-share*dx, py-share*dy
			if at := row*f.columns + column; float32(ox*ox+oy*oy) < f.squareM2[at] {
				f.squareM2[at] = float32(ox*ox + oy*oy)
			}
		}
	}
}

func (f *field) inside(node int) bool { return float64(f.squareM2[node]) < f.bufferM*f.bufferM }

// distanceM is from a node to the lines, metres.
func (f *field) distanceM(node int) float64 { return math.Sqrt(float64(f.squareM2[node])) }

// Sides of the grid that a contour crosses are numbered by the node at their
// lower or left end: even to the right of it, odd above it.
func right(node int) int { return 2 * node }
func above(node int) int { return 2*node + 1 }

// rings follows the contour. Ground lies to the left of it, so outer rings run
// counter-clockwise and holes clockwise.
func (f *field) rings() []orb.Ring {
	next := map[int]int{}
	for row := range f.rows - 1 {
		for column := range f.columns - 1 {
			f.cross(row*f.columns+column, next)
		}
	}
	starts := make([]int, 0, len(next))
	for side := range next {
		starts = append(starts, side)
	}
	slices.Sort(starts)
	var rings []orb.Ring
	for _, start := range starts {
		if _, open := next[start]; !open {
			continue
		}
		var ring orb.Ring
		for side := start; ; {
			ring = append(ring, f.crossing(side))
			following := next[side]
			delete(next, side)
			if side = following; side == start {
				break
			}
		}
		rings = append(rings, append(ring, ring[0]))
	}
	return rings
}

// cross adds the contour's steps through the cell above and right of a node,
// from the side it enters by to the side it leaves by.
func (f *field) cross(node int, next map[int]int) {
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
		f.saddle(shape, sum/4 < f.bufferM, sides, next)
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
	next[enter] = leave
}

// saddle joins the four crossings of a cell whose inside corners are opposite.
func (f *field) saddle(shape int, joined bool, sides [4]int, next map[int]int) {
	// With corners 0 and 2 inside, ground is left of a step from side 0 to side
	// 3 and from 2 to 1 when they are apart; the other two corners are cut off
	// instead when they are joined.
	switch {
	case shape == 5 && !joined:
		next[sides[0]], next[sides[2]] = sides[3], sides[1]
	case shape == 5:
		next[sides[0]], next[sides[2]] = sides[1], sides[3]
	case !joined:
		next[sides[1]], next[sides[3]] = sides[0], sides[2]
	default:
		next[sides[1]], next[sides[3]] = sides[2], sides[0]
	}
}

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

// assemble puts holes into the outer rings that enclose them.
func assemble(rings []orb.Ring) orb.MultiPolygon {
	var holes []orb.Ring
	out := orb.MultiPolygon{}
	for _, r := range rings {
		if planar.Area(r) > 0 {
			out = append(out, orb.Polygon{r})
		} else {
			holes = append(holes, r)
		}
	}
	bounds := make([]orb.Bound, len(out))
	sizes := make([]float64, len(out))
	for i, p := range out {
		bounds[i], sizes[i] = p[0].Bound(), planar.Area(p[0])
	}
	for _, hole := range holes {
		best := -1
		for i := range out {
			if bounds[i].Contains(hole[0]) && (best < 0 || sizes[i] < sizes[best]) && planar.RingContains(out[i][0], hole[0]) {
				best = i
			}
		}
		if best >= 0 {
			out[best] = append(out[best], hole)
		}
	}
	return out
}
