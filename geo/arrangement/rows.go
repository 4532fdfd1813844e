package arrangement

import (
	"cmp"
	"math"
	"slices"
)

// Rows is a field of values at the centres of a regular raster, as package
// raster has it: rows from north to south, columns from west to east, centres
// in degrees.
type Rows interface {
	// Height is the number of rows.
	Height() int
	// Row is the first row whose centres lie at or south of a latitude, between
	// 0 and Height.
	Row(latitude float64) int
	// RowLatitude is the latitude of the centres of a row.
	RowLatitude(row int) float64
	// Column is the first column whose centres lie at or east of a longitude,
	// between 0 and the number of columns.
	Column(longitude float64) int
	// RowSum adds up the values of a row from column first up to, but without,
	// column end.
	RowSum(row, first, end int) float64
}

// meeting is where a row meets the border between two cells, numbered from 1
// with 0 for the outside.
type meeting struct {
	row    int32
	change int32 // exclusive or of the cells to the west and to the east
	x      float64
}

// rowNudge moves a row off the vertices, which lie on whole units: by 4 mm. A
// row that meets a crossing all the same is moved again.
const (
	rowNudge    = 0.3819660112501051
	rowAttempts = 8
)

// Sum adds up the values whose centres lie in each cell, by cell. Every centre
// within the region counts in one cell; a centre on a border to one side of it.
// The cost is that of sorting the places where the rows meet the borders.
func (a *Arrangement) Sum(r Rows) []float64 {
	sums := make([]float64, len(a.m2))
	if len(a.edges) == 0 {
		return sums
	}
	north, south := a.latitude(float64(a.box.maxY)+1), a.latitude(float64(a.box.minY)-1)
	first, end := max(r.Row(north), 0), min(r.Row(south)+1, r.Height())
	if first >= end {
		return sums
	}
	levels := make([]float64, end-first)
	for i := range levels {
		levels[i] = a.level(r, first+i, 0)
	}
	var met []meeting
	a.pieceLines(func(e edge, from, to float64, change int32) {
		y0, y1 := along(e.a.y, e.b.y, from), along(e.a.y, e.b.y, to)
		low, high := min(y0, y1), max(y0, y1)
		// Levels fall: those above low and at most high.
		row, _ := slices.BinarySearchFunc(levels, high, func(level, y float64) int { return cmp.Compare(y, level) })
		for ; row < len(levels) && levels[row] > low; row++ {
			met = append(met, meeting{int32(row), change, crossingX(e, levels[row])})
		}
	})
	slices.SortFunc(met, func(p, q meeting) int {
		if p.row != q.row {
			return int(p.row) - int(q.row)
		}
		return cmp.Compare(p.x, q.x)
	})
	for len(met) > 0 {
		n := 1
		for n < len(met) && met[n].row == met[0].row {
			n++
		}
		line, row := met[:n], first+int(met[0].row)
		met = met[n:]
		for attempt := 1; !a.sound(line) && attempt < rowAttempts; attempt++ {
			line = a.meetings(a.level(r, row, attempt))
		}
		a.addRow(sums, r, row, line)
	}
	return sums
}

func (a *Arrangement) latitude(y float64) float64 {
	return (float64(a.figure.originY) + y) / unitsPerDegree
}

func (a *Arrangement) longitude(x float64) float64 {
	return (float64(a.figure.originX) + x) / unitsPerDegree
}

// level is the latitude of a row in units, off the vertices.
func (a *Arrangement) level(r Rows, row, attempt int) float64 {
	y := math.Round(r.RowLatitude(row)*unitsPerDegree) - float64(a.figure.originY)
	return y + rowNudge/float64(1+attempt)
}

func along(from, to int32, share float64) float64 {
	switch share {
	case 0:
		return float64(from)
	case 1:
		return float64(to)
	}
	return float64(from) + share*(float64(to)-float64(from))
}

func crossingX(e edge, y float64) float64 {
	return float64(e.a.x) + (y-float64(e.a.y))*(float64(e.b.x)-float64(e.a.x))/(float64(e.b.y)-float64(e.a.y))
}

// pieceLines visits the pieces that border on the region.
func (a *Arrangement) pieceLines(visit func(e edge, from, to float64, change int32)) {
	for i, b := range a.edges {
		first, end := a.piecesOf(int32(i))
		for k := first; k < end; k++ {
			p := a.pieces[k]
			to := 1.0
			if k+1 < end {
				to = a.pieces[k+1].from
			}
			if change := (p.left + 1) ^ (p.right + 1); change != 0 {
				visit(b.edge, p.from, to, change)
			}
		}
	}
}

// meetings lists those of one row.
func (a *Arrangement) meetings(level float64) []meeting {
	var met []meeting
	a.pieceLines(func(e edge, from, to float64, change int32) {
		y0, y1 := along(e.a.y, e.b.y, from), along(e.a.y, e.b.y, to)
		if min(y0, y1) < level && level <= max(y0, y1) {
			met = append(met, meeting{0, change, crossingX(e, level)})
		}
	})
	slices.SortFunc(met, func(p, q meeting) int { return cmp.Compare(p.x, q.x) })
	return met
}

// sound reports whether a row passes from cell to cell and ends outside. It
// does not where it meets a crossing that rounding has put on different sides
// of it for the two edges.
func (a *Arrangement) sound(line []meeting) bool {
	cell := int32(0)
	for i, m := range line {
		cell ^= m.change
		known := cell >= 0 && int(cell) <= len(a.m2)
		if !known && i+1 < len(line) && line[i+1].x-m.x > 1e-3 {
			return false
		}
	}
	return cell == 0
}

// addRow adds the values between the places where a row changes its cell.
// Where borders coincide, their order among themselves is left open: the cell
// beyond them is the same in any order.
func (a *Arrangement) addRow(sums []float64, r Rows, row int, line []meeting) {
	cell, from := int32(0), 0
	for _, m := range line {
		to := r.Column(a.longitude(m.x))
		if cell > 0 && int(cell) <= len(sums) && to > from {
			sums[cell-1] += r.RowSum(row, from, to)
		}
		cell ^= m.change
		from = to
	}
}
