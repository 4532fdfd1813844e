package coverage

import (
	"math"

	"pasaj/geo/arrangement"
	"pasaj/geo/measure"
	"pasaj/geo/raster"
)

// urbanShare is the share of a cell from which it is built-up ground: half, as
// in the Degree of Urbanisation of the UN Statistical Commission (2020).
const urbanShare = 0.5

// reading gives what each cell holds of rows that have a name.
func (p *plot) reading(rows *urbanRows) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have, ok := p.sums[rows.name]; ok {
		return have
	}
	sums := p.shape.Sum(rows)
	p.sums[rows.name] = sums
	return sums
}

// urbanRows reads a grid where another says that it is built up: people, or
// where there is no grid of people square metres.
type urbanRows struct {
	arrangement.Rows
	name    string
	built   *raster.Grid
	people  *raster.Grid // nil: square metres
	rows    []int32      // of built by row; -1 outside
	columns []int32      // of built by column; -1 outside
}

func (s *scene) urbanRows(built, people *raster.Grid) *urbanRows {
	key := "urban rows"
	if have, ok := s.kept[key]; ok {
		return have.(*urbanRows)
	}
	u := &urbanRows{Rows: built, name: "urban: " + built.ID(), built: built, people: people}
	if people != nil {
		u.Rows, u.name = people, u.name+" "+people.ID()
		u.rows, u.columns = make([]int32, people.Height()), make([]int32, people.Width())
		half := built.CellLatDeg() / 2
		for y := range u.rows {
			latitude := people.RowLatitude(y)
			u.rows[y] = -1
			if at := built.Row(latitude + half); at < built.Height() && math.Abs(built.RowLatitude(at)-latitude) <= half*(1+1e-9) {
				u.rows[y] = int32(at)
			}
		}
		half = built.CellLonDeg() / 2
		for x := range u.columns {
			longitude := people.ColumnLongitude(x)
			u.columns[x] = -1
			if at := built.Column(longitude - half); at < built.Width() && math.Abs(built.ColumnLongitude(at)-longitude) <= half*(1+1e-9) {
				u.columns[x] = int32(at)
			}
		}
	}
	s.kept[key] = u
	return u
}

// RowSum adds up some cells of a row.
func (u *urbanRows) RowSum(y, x0, x1 int) float64 {
	if u.people == nil {
		lonM, latM := measure.DegreeM(u.built.RowLatitude(y))
		cells := 0
		for x := x0; x < x1; x++ {
			if u.built.RowSum(y, x, x+1) >= urbanShare {
				cells++
			}
		}
		return float64(cells) * u.built.CellLonDeg() * lonM * u.built.CellLatDeg() * latM
	}
	row := int(u.rows[y])
	if row < 0 {
		return 0
	}
	total := 0.0
	for x := x0; x < x1; {
		column, end := int(u.columns[x]), x+1
		for end < x1 && int(u.columns[end]) == column {
			end++
		}
		if column >= 0 && u.built.RowSum(row, column, column+1) >= urbanShare {
			total += u.people.RowSum(y, x, end)
		}
		x = end
	}
	return total
}
