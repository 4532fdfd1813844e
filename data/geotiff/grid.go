package geotiff

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/raster"
)

// Population makes a grid of people in each cell. It takes the image's values
// over: the image has none afterwards.
func Population(img *Image, id, name, licence string) (*raster.Grid, error) {
	return grid(img, id, name, licence)
}

// grid hands the values of an image to a grid.
func grid(img *Image, id, name, licence string) (*raster.Grid, error) {
	values := img.Values
	if len(values) == 0 {
		return nil, invalid("the image has no values, or they have been taken already")
	}
	img.Values = nil
	f := img.Frame
	return raster.New(id, name, licence, f.West, f.North, f.CellLonDeg, f.CellLatDeg, f.Width, f.Height, values)
}

// BuiltUpUnit is what the values of a grid of built-up land count.
type BuiltUpUnit string

// The units.
const (
	BuiltUpShare        BuiltUpUnit = "share"          // 0 to 1; a mask is 0 or 1
	BuiltUpPercent      BuiltUpUnit = "percent"        // 0 to 100 of the cell
	BuiltUpM2PerHectare BuiltUpUnit = "m2_per_hectare" // 0 to 10,000, as GHS-BUILT-S in its own projection has in every cell of 100 m
	BuiltUpM2PerCell    BuiltUpUnit = "m2_per_cell"    // square metres of this very cell, as GHS-BUILT-S has in its edition in degrees
)

// arcSeconds3 is the cell of GHS-BUILT-S in degrees.
const arcSeconds3 = 3.0 / 3600

// BuiltUpUnit guesses the unit from the greatest value: up to 1 a share, up to
// 100 percent, up to 10,000 square metres. The latter are of the cell itself
// when the cell measures 3 arc seconds, which is the edition in degrees of
// GHS-BUILT-S, and otherwise of a hectare, which is the edition in metres
// brought to degrees.
//
// The guess is about the values that were read: a clip without a town in it may
// show nothing above 1 of a grid of percent. Where the unit is known, say it.
// 8-bit values above 100 are refused, because they are a code (255 for "no
// data" or for "built up") and not a quantity.
func (img *Image) BuiltUpUnit() (BuiltUpUnit, error) {
	greatest := img.greatest()
	switch {
	case greatest <= 1:
		return BuiltUpShare, nil
	case greatest <= 100:
		return BuiltUpPercent, nil
	case img.SampleBits == 8:
		return "", invalid("its 8-bit values reach %v, which is neither a share nor percent: recode them to 0 and 1, or set their value for no data", greatest)
	case greatest <= 10_000 && isCell(img.Frame, arcSeconds3):
		return BuiltUpM2PerCell, nil
	case greatest <= 10_000:
		return BuiltUpM2PerHectare, nil
	}
	return "", invalid("its values reach %v, and the share of built-up land is 0 to 1, 0 to 100 or 0 to 10,000", greatest)
}

func (img *Image) greatest() float64 {
	greatest := float32(0)
	for _, value := range img.Values {
		if value > greatest {
			greatest = value
		}
	}
	return float64(greatest)
}

func isCell(f raster.Frame, degrees float64) bool {
	return math.Abs(f.CellLonDeg-degrees) < 1e-7 && math.Abs(f.CellLatDeg-degrees) < 1e-7
}

// BuiltUp makes a grid of the share of each cell that is built up, 0 to 1. With
// the unit "" it is guessed, see BuiltUpUnit. Values beyond the unit's full
// share are an error, except square metres of a cell, which are rounded sums
// over pixels and are held to 1. It takes the image's values over: the image
// has none afterwards, unless it is refused for its values.
func BuiltUp(img *Image, unit BuiltUpUnit, id, name, licence string) (*raster.Grid, error) {
	if unit == "" {
		guessed, err := img.BuiltUpUnit()
		if err != nil {
			return nil, err
		}
		unit = guessed
	}
	full := map[BuiltUpUnit]float64{BuiltUpShare: 1, BuiltUpPercent: 100, BuiltUpM2PerHectare: 10_000, BuiltUpM2PerCell: math.MaxFloat32}[unit]
	if full == 0 {
		return nil, invalid("%.40q is no unit of built-up land", string(unit))
	}
	if greatest := img.greatest(); greatest > full {
		return nil, invalid("its values reach %v, beyond the %v of a full cell in the unit %s", greatest, full, unit)
	}
	width := img.Frame.Width
	for y := range min(img.Frame.Height, len(img.Values)/max(width, 1)) {
		if unit == BuiltUpM2PerCell {
			full = cellM2(img.Frame, y)
		}
		for i, value := range img.Values[y*width : (y+1)*width] {
			img.Values[y*width+i] = min(float32(float64(value)/full), 1)
		}
	}
	return grid(img, id, name, licence)
}

// cellM2 is the geodesic area of a cell of row y.
func cellM2(f raster.Frame, y int) float64 {
	return measure.AreaM2(orb.Bound{
		Min: orb.Point{f.West, f.North - float64(y+1)*f.CellLatDeg},
		Max: orb.Point{f.West + f.CellLonDeg, f.North - float64(y)*f.CellLatDeg},
	})
}
