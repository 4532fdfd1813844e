package raster

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// Total is the sum of all cells.
func (g *Grid) Total() float64 { return g.total }

// RowSum adds up the columns [x0, x1) of row y. What lies outside the grid and
// cells without data count nothing. The sum of a wider span is never less.
func (g *Grid) RowSum(y, x0, x1 int) float64 {
	x0, x1 = max(x0, 0), min(x1, g.frame.Width)
	if y < 0 || y >= g.frame.Height || x0 >= x1 {
		return 0
	}
	row := g.values[y*g.frame.Width : (y+1)*g.frame.Width]
	first := (x0 + blockColumns - 1) / blockColumns // blocks that begin in the span
	last := x1 / blockColumns
	if first >= last {
		return addCells(row[x0:x1])
	}
	sums := g.sums[y*g.sumsPerRow : (y+1)*g.sumsPerRow]
	if last == len(sums) { // the row ends with a whole block, and no sum is kept beyond it
		last--
	}
	middle := sums[last] - sums[first]
	return addCells(row[x0:first*blockColumns]) + middle + addCells(row[last*blockColumns:x1])
}

func addCells(cells []float32) float64 {
	sum := 0.0
	for _, value := range cells {
		if value > 0 {
			sum += float64(value)
		}
	}
	return sum
}

// edge is a side of a ring, from its south end to its north end.
type edge struct {
	south, north orb.Point
	top, bottom  int // rows [top, bottom) whose centres it crosses
}

// crossing is the longitude at which the edge meets a latitude. It depends on
// the two ends only, not on the direction or the ring, so that neighbours agree.
func (e *edge) crossing(lat float64) float64 {
	return e.south[0] + (lat-e.south[1])/(e.north[1]-e.south[1])*(e.north[0]-e.south[0])
}

// SumIn adds up the cells whose centre the area covers, by the even-odd rule
// over all rings: holes are left out whichever way they run, and what two parts
// of an invalid area both cover is left out too.
//
// An edge crosses the row of latitude φ when south end < φ <= north end, and a
// cell is in when its centre is at or east of the crossing that opens the span
// and west of the one that closes it: a centre on an outline belongs to what
// lies south or east of it. Areas that share an edge vertex by vertex
// therefore share no cell and leave none out. Edges are straight in lon/lat.
// A ring that is not closed is closed by a straight edge.
func (g *Grid) SumIn(area orb.MultiPolygon) float64 {
	edges := g.edges(area)
	slices.SortFunc(edges, func(a, b edge) int { return cmp.Compare(a.top, b.top) })
	sum := 0.0
	var active []edge
	var crossings []float64
	next := 0
	for y := 0; y < g.frame.Height && (next < len(edges) || len(active) > 0); y++ {
		if len(active) == 0 {
			y = max(y, edges[next].top)
		}
		active = slices.DeleteFunc(active, func(e edge) bool { return e.bottom <= y })
		for ; next < len(edges) && edges[next].top <= y; next++ {
			active = append(active, edges[next])
		}
		lat := g.RowLatitude(y)
		crossings = crossings[:0]
		for i := range active {
			crossings = append(crossings, active[i].crossing(lat))
		}
		slices.Sort(crossings)
		for i := 0; i+1 < len(crossings); i += 2 {
			if crossings[i] < crossings[i+1] {
				sum += g.RowSum(y, g.Column(crossings[i]), g.Column(crossings[i+1]))
			}
		}
	}
	return sum
}

// edges are the sides of all rings that cross the centres of at least one row.
func (g *Grid) edges(area orb.MultiPolygon) []edge {
	var out []edge
	for _, polygon := range area {
		for _, ring := range polygon {
			for i, from := range ring {
				e := edge{south: from, north: ring[(i+1)%len(ring)]}
				if e.south[1] > e.north[1] {
					e.south, e.north = e.north, e.south
				}
				e.top, e.bottom = g.Row(e.north[1]), g.Row(e.south[1])
				if e.top < e.bottom {
					out = append(out, e)
				}
			}
		}
	}
	return out
}
