package reach

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
)

// cellsADisk is how many cells of the grid a disk's radius has where there is
// room: the outline is then within some thousandths of the radius of the circle.
const cellsADisk = 8

// Disks is the ground within radiusM metres of any of some points, as the crow
// flies, drawn like Area. Disks that are apart are drawn on grids of their own;
// where very many overlap over so wide a ground that their grid would be too
// large, it is coarser, and at last the radius that was drawn is larger than the
// one asked for, and drawnM says so.
func Disks(points []orb.Point, radiusM float64) (area orb.MultiPolygon, drawnM float64) {
	drawnM = radiusM
	area = orb.MultiPolygon{}
	if !(radiusM > 0) || math.IsInf(radiusM, 1) {
		return area, drawnM
	}
	for _, group := range clusters(points, 2.5*radiusM) {
		f := newDiskField(orb.MultiPoint(group).Bound(), radiusM)
		for _, p := range group {
			f.addDisk(p)
		}
		area = append(area, f.ground()...)
		drawnM = max(drawnM, f.bufferM)
	}
	return area, drawnM
}

func newDiskField(bound orb.Bound, radiusM float64) *field {
	for cells := float64(cellsADisk); cells > cellsABuffer; cells /= 1.25 {
		if f := layField(bound, radiusM, radiusM/cells); f.columns*f.rows <= maxNodes {
			f.clear()
			return f
		}
	}
	return newField(bound, radiusM)
}

// addDisk lowers the distances round a point. Degrees are as long as they are
// there, however far north the grid reaches.
func (f *field) addDisk(p orb.Point) {
	lonM, latM := measure.DegreeM(p[1])
	reachM := f.bufferM + f.cellM
	columnDeg, rowDeg := f.cellM/f.lonM, f.cellM/f.latM
	low := func(at, origin, cellDeg, degreeM float64) int {
		return max(0, int(math.Ceil((at-reachM/degreeM-origin)/cellDeg)))
	}
	high := func(at, origin, cellDeg, degreeM float64, most int) int {
		return min(most-1, int(math.Floor((at+reachM/degreeM-origin)/cellDeg)))
	}
	for row := low(p[1], f.origin[1], rowDeg, latM); row <= high(p[1], f.origin[1], rowDeg, latM, f.rows); row++ {
		y := (f.origin[1] + float64(row)*rowDeg - p[1]) * latM
		for column := low(p[0], f.origin[0], columnDeg, lonM); column <= high(p[0], f.origin[0], columnDeg, lonM, f.columns); column++ {
			x := (f.origin[0] + float64(column)*columnDeg - p[0]) * lonM
			if at, square := row*f.columns+column, float32(x*x+y*y); square < f.squareM2[at] {
				f.squareM2[at] = square
			}
		}
	}
}

// clusters parts points into groups of which no two have points within so many
// metres of each other, each once, in the order of their first points.
func clusters(points []orb.Point, apartM float64) [][]orb.Point {
	points = slices.Clone(points)
	slices.SortFunc(points, func(a, b orb.Point) int { return slices.Compare(a[:], b[:]) })
	points = slices.Compact(points)
	type square struct{ x, y int }
	of := func(p orb.Point) square {
		lonM, latM := measure.DegreeM(0) // up to 30 degrees of latitude a square is wider than 0.86 of apartM
		return square{int(math.Floor(p[0] * lonM / apartM)), int(math.Floor(p[1] * latM / apartM))}
	}
	parent := make([]int, len(points))
	for i := range parent {
		parent[i] = i
	}
	find := func(i int) int {
		for parent[i] != i {
			parent[i] = parent[parent[i]]
			i = parent[i]
		}
		return i
	}
	// A square joins with those about it without looking closer: groups may hold
	// what is a little further apart, never part what is near.
	first := map[square]int{}
	for i, p := range points {
		at := of(p)
		if j, ok := first[at]; ok {
			parent[find(i)] = find(j)
		} else {
			first[at] = i
		}
	}
	for at, i := range first {
		for dx := -1; dx <= 1; dx++ {
			for dy := -1; dy <= 1; dy++ {
				if j, ok := first[square{at.x + dx, at.y + dy}]; ok {
					a, b := find(i), find(j)
					parent[max(a, b)] = min(a, b)
				}
			}
		}
	}
	number := map[int]int{}
	var out [][]orb.Point
	for i, p := range points {
		root := find(i)
		k, ok := number[root]
		if !ok {
			k = len(out)
			number[root] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], p)
	}
	return out
}
