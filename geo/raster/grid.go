package raster

import (
	"math"
	"unicode/utf8"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

const (
	// maxText is the most bytes of an identifier, a name or a licence.
	maxText = 1000

	// blockColumns is how many columns lie between two running sums.
	blockColumns = 32
)

// Grid is a regular grid of values over longitude and latitude, the north row
// first. It is immutable.
type Grid struct {
	id, name, licence string
	frame             Frame
	values            []float32 // Width*Height; NaN where there is no data
	sums              []float64 // of every row: the sum of its columns before 0, 32, 64, …
	sumsPerRow        int
	total             float64
}

// New makes a grid of width columns and height rows from the outer corner of
// its north-west cell (degrees), the size of a cell (degrees) and its values,
// row by row from the north, each row from the west.
//
// It takes values over: the caller no longer touches them. Negative values
// become NaN, which means no data. Errors are *geo.Error: too_large for more
// than MaxCells, invalid for everything else, an infinite value among them.
func New(id, name, licence string, west, north, cellLonDeg, cellLatDeg float64, width, height int, values []float32) (*Grid, error) {
	g := &Grid{
		id: id, name: name, licence: licence,
		frame:  Frame{West: west, North: north, CellLonDeg: cellLonDeg, CellLatDeg: cellLatDeg, Width: width, Height: height},
		values: values,
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	if len(values) != width*height {
		return nil, geo.Errorf(geo.CodeInvalid, "", "a grid of %d by %d cells needs %d values and has %d", width, height, width*height, len(values))
	}
	if err := g.addUp(); err != nil {
		return nil, err
	}
	return g, nil
}

// check checks all but the values, before anything of their size is made.
func (g *Grid) check() error {
	for _, text := range []struct{ what, value string }{{"identifier", g.id}, {"name", g.name}, {"licence", g.licence}} {
		if len(text.value) > maxText || !utf8.ValidString(text.value) {
			return geo.Errorf(geo.CodeInvalid, "", "the %s of a grid is UTF-8 text of at most %d bytes", text.what, maxText)
		}
	}
	if g.id == "" {
		return geo.Errorf(geo.CodeInvalid, "", "a grid has an identifier")
	}
	return g.frame.Check()
}

// addUp settles what is no data and keeps the running sums.
func (g *Grid) addUp() error {
	width := g.frame.Width
	g.sumsPerRow = (width + blockColumns - 1) / blockColumns
	g.sums = make([]float64, g.frame.Height*g.sumsPerRow)
	missing := float32(math.NaN())
	for y := range g.frame.Height {
		row := g.values[y*width : (y+1)*width]
		sums := g.sums[y*g.sumsPerRow : (y+1)*g.sumsPerRow]
		sum := 0.0
		for x, value := range row {
			if x%blockColumns == 0 {
				sums[x/blockColumns] = sum
			}
			switch {
			case value > math.MaxFloat32:
				return geo.Errorf(geo.CodeInvalid, "", "the value of column %d in row %d is infinite", x, y)
			case value >= 0:
				sum += float64(value)
			default:
				row[x] = missing
			}
		}
		g.total += sum
	}
	return nil
}

// ID is the identifier that answers name the grid by.
func (g *Grid) ID() string { return g.id }

// Name is the name that people know the grid by.
func (g *Grid) Name() string { return g.name }

// Licence is what the grid may be used under.
func (g *Grid) Licence() string { return g.licence }

// Frame says where the cells lie.
func (g *Grid) Frame() Frame { return g.frame }

// Width is the number of columns.
func (g *Grid) Width() int { return g.frame.Width }

// Height is the number of rows.
func (g *Grid) Height() int { return g.frame.Height }

// West is the longitude of the west edge of the first column, in degrees.
func (g *Grid) West() float64 { return g.frame.West }

// North is the latitude of the north edge of the first row, in degrees.
func (g *Grid) North() float64 { return g.frame.North }

// CellLonDeg is the width of a cell in degrees.
func (g *Grid) CellLonDeg() float64 { return g.frame.CellLonDeg }

// CellLatDeg is the height of a cell in degrees.
func (g *Grid) CellLatDeg() float64 { return g.frame.CellLatDeg }

// Bound is the outline of the cells, in lon/lat degrees.
func (g *Grid) Bound() orb.Bound { return g.frame.Bound() }

// RowLatitude is the latitude of the cell centres of row y, in degrees. It
// falls with y.
func (g *Grid) RowLatitude(y int) float64 { return g.frame.RowLatitude(y) }

// ColumnLongitude is the longitude of the cell centres of column x, in degrees.
func (g *Grid) ColumnLongitude(x int) float64 { return g.frame.ColumnLongitude(x) }

// Row is the first row whose centres lie at lat or south of it, held to [0, Height].
func (g *Grid) Row(lat float64) int { return g.frame.Row(lat) }

// Column is the first column whose centres lie at lon or east of it, held to [0, Width].
func (g *Grid) Column(lon float64) int { return g.frame.Column(lon) }

// Value is the value of one cell: NaN where there is no data and outside the grid.
func (g *Grid) Value(x, y int) float32 {
	if x < 0 || y < 0 || x >= g.frame.Width || y >= g.frame.Height {
		return float32(math.NaN())
	}
	return g.values[y*g.frame.Width+x]
}

// Bytes is about how much memory the grid takes.
func (g *Grid) Bytes() int { return 4*len(g.values) + 8*len(g.sums) }

// Crop is the part of the grid whose cell centres the box holds, its border
// included, under the same identifier. A box that holds none is an invalid
// *geo.Error.
func (g *Grid) Crop(bound orb.Bound) (*Grid, error) {
	x0, y0, x1, y1 := g.frame.Window(bound)
	if x0 >= x1 || y0 >= y1 {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the box from %v to %v holds no cell centre of the grid", bound.Min, bound.Max)
	}
	part := &Grid{id: g.id, name: g.name, licence: g.licence, frame: g.frame.Cut(x0, y0, x1, y1)}
	part.values = make([]float32, 0, part.frame.Width*part.frame.Height)
	for y := y0; y < y1; y++ {
		part.values = append(part.values, g.values[y*g.frame.Width+x0:y*g.frame.Width+x1]...)
	}
	if err := part.addUp(); err != nil {
		return nil, err
	}
	return part, nil
}
