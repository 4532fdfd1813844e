package raster

import (
	"github.com/paulmach/orb"

	"pasaj/geo"
)

const (
	// MaxCells is the most cells that a grid has. Haiti at one arc second, the
	// finest population grid there is, has 79 million.
	MaxCells = 100_000_000

	// minCellDeg is the least size of a cell, about one centimetre. It keeps
	// neighbouring centres apart in float64.
	minCellDeg = 1e-7
)

// Frame says where the cells of a grid lie.
type Frame struct {
	West       float64 // longitude of the west edge of the first column, degrees
	North      float64 // latitude of the north edge of the first row, degrees
	CellLonDeg float64 // width of a cell, degrees
	CellLatDeg float64 // height of a cell, degrees
	Width      int     // columns
	Height     int     // rows
}

// Check says what keeps a grid from having this frame, as a *geo.Error:
// too_large for more than MaxCells, invalid for everything else.
func (f Frame) Check() error {
	if f.Width < 1 || f.Height < 1 {
		return geo.Errorf(geo.CodeInvalid, "", "a grid has at least one column and one row, not %d by %d", f.Width, f.Height)
	}
	if f.Width > MaxCells || f.Height > MaxCells || f.Width*f.Height > MaxCells {
		return geo.Errorf(geo.CodeTooLarge, "", "a grid has at most %d cells, not %d by %d", MaxCells, f.Width, f.Height)
	}
	if !(f.CellLonDeg >= minCellDeg && f.CellLonDeg <= 360) || !(f.CellLatDeg >= minCellDeg && f.CellLatDeg <= 180) {
		return geo.Errorf(geo.CodeInvalid, "", "a cell of %v by %v degrees is not between %v degrees and the whole world", f.CellLonDeg, f.CellLatDeg, minCellDeg)
	}
	// Centres, not outlines: grids whose outermost centres lie on the poles
	// or on the antimeridian are common and stand out by half a cell.
	within := f.ColumnLongitude(0) >= -180 && f.ColumnLongitude(f.Width-1) <= 180 &&
		f.RowLatitude(0) <= 90 && f.RowLatitude(f.Height-1) >= -90
	if !within {
		bound := f.Bound()
		return geo.Errorf(geo.CodeInvalid, "", "the grid reaches from %v to %v east and from %v to %v north, beyond the degrees of longitude and latitude",
			bound.Min.Lon(), bound.Max.Lon(), bound.Min.Lat(), bound.Max.Lat())
	}
	return nil
}

// Bound is the outline of the cells, in lon/lat degrees.
func (f Frame) Bound() orb.Bound {
	return orb.Bound{
		Min: orb.Point{f.West, f.North - float64(f.Height)*f.CellLatDeg},
		Max: orb.Point{f.West + float64(f.Width)*f.CellLonDeg, f.North},
	}
}

// RowLatitude is the latitude of the cell centres of row y, in degrees. It
// falls with y.
func (f Frame) RowLatitude(y int) float64 { return f.North - (float64(y)+0.5)*f.CellLatDeg }

// ColumnLongitude is the longitude of the cell centres of column x, in degrees.
func (f Frame) ColumnLongitude(x int) float64 { return f.West + (float64(x)+0.5)*f.CellLonDeg }

// Row is the first row whose centres lie at lat or south of it, held to
// [0, Height]; Height for a latitude that is no number.
func (f Frame) Row(lat float64) int {
	y := start((f.North-lat)/f.CellLatDeg, f.Height)
	for y > 0 && f.RowLatitude(y-1) <= lat {
		y--
	}
	for y < f.Height && !(f.RowLatitude(y) <= lat) {
		y++
	}
	return y
}

// Column is the first column whose centres lie at lon or east of it, held to
// [0, Width]; Width for a longitude that is no number.
func (f Frame) Column(lon float64) int {
	x := start((lon-f.West)/f.CellLonDeg, f.Width)
	for x > 0 && f.ColumnLongitude(x-1) >= lon {
		x--
	}
	for x < f.Width && !(f.ColumnLongitude(x) >= lon) {
		x++
	}
	return x
}

// start is the index to look from, at most one off for rounding.
func start(guess float64, n int) int {
	if guess < float64(n) {
		return int(max(guess, 0))
	}
	return n
}

// Window is the columns [x0, x1) and rows [y0, y1) whose cell centres the box
// holds, its border included. It is empty when x0 >= x1 or y0 >= y1.
func (f Frame) Window(bound orb.Bound) (x0, y0, x1, y1 int) {
	x0, x1 = f.Column(bound.Min.Lon()), f.Column(bound.Max.Lon())
	y0, y1 = f.Row(bound.Max.Lat()), f.Row(bound.Min.Lat())
	if x1 < f.Width && f.ColumnLongitude(x1) == bound.Max.Lon() {
		x1++
	}
	if y1 < f.Height && f.RowLatitude(y1) == bound.Min.Lat() {
		y1++
	}
	return x0, y0, x1, y1
}

// Cut is the frame of the columns [x0, x1) and the rows [y0, y1).
func (f Frame) Cut(x0, y0, x1, y1 int) Frame {
	return Frame{
		West:       f.West + float64(x0)*f.CellLonDeg,
		North:      f.North - float64(y0)*f.CellLatDeg,
		CellLonDeg: f.CellLonDeg, CellLatDeg: f.CellLatDeg,
		Width: x1 - x0, Height: y1 - y0,
	}
}
