package geotiff

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"pasaj/geo/raster"
)

// The keys that are read, OGC 19-008r4 annex D.
const (
	keyModelType            = 1024
	keyRasterType           = 1025
	keyCitation             = 1026
	keyGeodeticCRS          = 2048
	keyGeodeticCitation     = 2049
	keyGeodeticDatum        = 2050
	keyPrimeMeridian        = 2051
	keyAngularUnits         = 2054
	keyEllipsoid            = 2056
	keyPrimeMeridianDegrees = 2061
	keyProjectedCRS         = 3072
	keyProjectedCitation    = 3073

	modelProjected  = 1
	modelGeographic = 2
	pixelIsArea     = 1
	pixelIsPoint    = 2
	userDefined     = 32767
)

// wgs84 are the codes that mean longitude and latitude on WGS 84, or on an
// ellipsoid that differs from it by a tenth of a millimetre (GRS 80).
var (
	wgs84CRS       = []uint64{4326, 4030, 4019}
	wgs84Datum     = []uint64{6326, 6030, 6019}
	wgs84Ellipsoid = []uint64{7030, 7019}
)

const convert = "convert it with gdalwarp -t_srs EPSG:4326 (and -r sum if its cells count people)"

// geoKeys are the values of the GeoKeyDirectory.
type geoKeys struct {
	numbers map[uint64]uint64
	doubles map[uint64]float64
	texts   map[uint64]string
}

func (d *directory) geoKeys() (*geoKeys, error) {
	if !d.has(tagGeoKeyDirectory) {
		return nil, invalid("the file names no coordinate system; give it its own with gdal_edit.py -a_srs")
	}
	entries, err := d.numbers(tagGeoKeyDirectory, 0, d.fields[tagGeoKeyDirectory].count)
	if err != nil {
		return nil, err
	}
	if len(entries) < 4 || entries[0] != 1 {
		return nil, invalid("its GeoKeyDirectory is not of version 1")
	}
	var doubles []float64
	if d.has(tagGeoDoubleParams) {
		if doubles, err = d.floats(tagGeoDoubleParams); err != nil {
			return nil, err
		}
	}
	ascii, err := d.text(tagGeoASCIIParams)
	if err != nil {
		return nil, err
	}
	keys := &geoKeys{numbers: map[uint64]uint64{}, doubles: map[uint64]float64{}, texts: map[uint64]string{}}
	for i := uint64(0); i < entries[3]; i++ {
		if 4*i+8 > uint64(len(entries)) {
			return nil, invalid("its GeoKeyDirectory announces %d keys and ends before", entries[3])
		}
		entry := entries[4*i+4:]
		key, where, count, value := entry[0], entry[1], entry[2], entry[3]
		switch where {
		case 0:
			keys.numbers[key] = value
		case tagGeoDoubleParams:
			if value >= uint64(len(doubles)) {
				return nil, invalid("GeoKey %d points beyond the GeoDoubleParams", key)
			}
			keys.doubles[key] = doubles[value]
		case tagGeoASCIIParams:
			// Texts only name a system in an error: what lies beyond is left out.
			text := ascii[min(value, uint64(len(ascii))):min(value+count, uint64(len(ascii)))]
			keys.texts[key] = strings.Trim(text, "| \n")
		}
	}
	return keys, nil
}

// check refuses everything but longitude and latitude on WGS 84 in degrees.
func (k *geoKeys) check() error {
	model := k.numbers[keyModelType]
	if code := k.numbers[keyProjectedCRS]; code != 0 || model == modelProjected {
		return invalid("the cells lie in the projected coordinate system %s, not in longitude and latitude; %s",
			named(code, k.texts[keyProjectedCitation], k.texts[keyCitation]), convert)
	}
	if model == 0 && k.numbers[keyGeodeticCRS] != 0 {
		model = modelGeographic // left out by some writers, and not in doubt
	}
	if model != modelGeographic {
		return invalid("the coordinate system is of model type %d, not geographic; %s", model, convert)
	}
	code := k.numbers[keyGeodeticCRS]
	name := named(code, k.texts[keyGeodeticCitation], k.texts[keyCitation])
	known := slices.Contains(wgs84CRS, code)
	if code == 0 || code == userDefined {
		known = slices.Contains(wgs84Datum, k.numbers[keyGeodeticDatum]) || slices.Contains(wgs84Ellipsoid, k.numbers[keyEllipsoid])
	}
	if !known {
		return invalid("the cells lie in the geographic coordinate system %s, not in WGS 84; %s", name, convert)
	}
	const degree, degreeSupplier = 9102, 9122
	if unit, ok := k.numbers[keyAngularUnits]; ok && unit != degree && unit != degreeSupplier {
		return invalid("the coordinate system %s counts in EPSG unit %d, not in degrees; %s", name, unit, convert)
	}
	const greenwich = 8901
	if meridian, ok := k.numbers[keyPrimeMeridian]; ok && meridian != greenwich && meridian != userDefined || k.doubles[keyPrimeMeridianDegrees] != 0 {
		return invalid("the coordinate system %s does not count from Greenwich; %s", name, convert)
	}
	return nil
}

func named(code uint64, citations ...string) string {
	name := ""
	for _, citation := range citations {
		if citation != "" {
			name = citation
			if runes := []rune(name); len(runes) > 120 {
				name = string(runes[:120]) + "…"
			}
			break
		}
	}
	name = strings.ToValidUTF8(name, "?")
	switch {
	case (code == 0 || code == userDefined) && name == "":
		return "without a name"
	case code == 0 || code == userDefined:
		return fmt.Sprintf("%q", name)
	case name == "":
		return fmt.Sprintf("EPSG:%d", code)
	}
	return fmt.Sprintf("EPSG:%d (%s)", code, name)
}

// frame is where the cells of the image lie.
func (d *directory) frame(width, height int) (raster.Frame, error) {
	keys, err := d.geoKeys()
	if err != nil {
		return raster.Frame{}, err
	}
	if err := keys.check(); err != nil {
		return raster.Frame{}, err
	}
	f := raster.Frame{Width: width, Height: height}
	switch {
	case d.has(tagModelTransformation):
		m, err := d.floats(tagModelTransformation)
		if err != nil {
			return f, err
		}
		if len(m) != 16 {
			return f, invalid("its ModelTransformation has %d numbers, not 16", len(m))
		}
		if m[1] != 0 || m[4] != 0 {
			return f, invalid("the image is turned against north; %s", convert)
		}
		f.CellLonDeg, f.CellLatDeg, f.West, f.North = m[0], -m[5], m[3], m[7]
	case d.has(tagModelPixelScale) && d.has(tagModelTiepoint):
		scale, err := d.floats(tagModelPixelScale)
		if err != nil {
			return f, err
		}
		tie, err := d.floats(tagModelTiepoint)
		if err != nil {
			return f, err
		}
		if len(scale) < 2 || len(tie) != 6 {
			return f, invalid("the image is tied to the ground by %d and %d numbers, not by one pixel scale and one tiepoint; %s", len(scale), len(tie), convert)
		}
		f.CellLonDeg, f.CellLatDeg = scale[0], scale[1]
		f.West, f.North = tie[3]-tie[0]*scale[0], tie[4]+tie[1]*scale[1]
	default:
		return f, invalid("the file does not say where its image lies (no ModelPixelScale with ModelTiepoint and no ModelTransformation)")
	}
	switch kind := keys.numbers[keyRasterType]; kind {
	case 0, pixelIsArea:
	case pixelIsPoint: // the tie is to the centre of a cell, not to its corner
		f.West -= f.CellLonDeg / 2
		f.North += f.CellLatDeg / 2
	default:
		return f, invalid("its raster type is %d, neither PixelIsArea nor PixelIsPoint", kind)
	}
	for _, number := range []float64{f.West, f.North, f.CellLonDeg, f.CellLatDeg} {
		if math.IsNaN(number) || math.IsInf(number, 0) {
			return f, invalid("the place of its image is no number")
		}
	}
	if f.CellLonDeg <= 0 || f.CellLatDeg <= 0 {
		return f, invalid("its cells measure %v by %v degrees: the image does not have north up and west left; %s", f.CellLonDeg, f.CellLatDeg, convert)
	}
	return f, nil
}
