package postgis

import (
	"fmt"

	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
)

// srid is WGS 84 in lon/lat degrees, the reference system of every geometry.
const srid = 4326

// toStored turns a geometry into the form that is stored; nil stays nil.
func toStored(g orb.Geometry) (geom.T, error) {
	switch g := g.(type) {
	case nil:
		return nil, nil
	case orb.Point:
		return geom.NewPointFlat(geom.XY, []float64{g[0], g[1]}).SetSRID(srid), nil
	case orb.MultiPoint:
		return geom.NewMultiPointFlat(geom.XY, flatten(nil, g)).SetSRID(srid), nil
	case orb.LineString:
		return geom.NewLineStringFlat(geom.XY, flatten(nil, g)).SetSRID(srid), nil
	case orb.MultiLineString:
		var flat []float64
		var lineEnds []int
		for _, line := range g {
			flat = flatten(flat, line)
			lineEnds = append(lineEnds, len(flat))
		}
		return geom.NewMultiLineStringFlat(geom.XY, flat, lineEnds).SetSRID(srid), nil
	case orb.Polygon:
		flat, ringEnds := flattenRings(nil, nil, g)
		return geom.NewPolygonFlat(geom.XY, flat, ringEnds).SetSRID(srid), nil
	case orb.MultiPolygon:
		var flat []float64
		var polygonEnds [][]int
		for _, polygon := range g {
			var ringEnds []int
			flat, ringEnds = flattenRings(flat, nil, polygon)
			polygonEnds = append(polygonEnds, ringEnds)
		}
		return geom.NewMultiPolygonFlat(geom.XY, flat, polygonEnds).SetSRID(srid), nil
	}
	return nil, fmt.Errorf("a %s is not stored", g.GeoJSONType())
}

// fromStored is the way back.
func fromStored(g geom.T) (orb.Geometry, error) {
	if g == nil {
		return nil, nil
	}
	if g.Layout() != geom.XY {
		return nil, fmt.Errorf("a geometry of layout %s where XY is stored", g.Layout())
	}
	flat := g.FlatCoords()
	switch g := g.(type) {
	case *geom.Point:
		if len(flat) < 2 {
			return nil, nil
		}
		return orb.Point{flat[0], flat[1]}, nil
	case *geom.MultiPoint:
		return orb.MultiPoint(points(flat)), nil
	case *geom.LineString:
		return orb.LineString(points(flat)), nil
	case *geom.MultiLineString:
		out := make(orb.MultiLineString, 0, len(g.Ends()))
		start := 0
		for _, end := range g.Ends() {
			out = append(out, points(flat[start:end]))
			start = end
		}
		return out, nil
	case *geom.Polygon:
		polygon, _ := rings(flat, 0, g.Ends())
		return polygon, nil
	case *geom.MultiPolygon:
		out := make(orb.MultiPolygon, 0, len(g.Endss()))
		start := 0
		for _, ringEnds := range g.Endss() {
			var polygon orb.Polygon
			polygon, start = rings(flat, start, ringEnds)
			out = append(out, polygon)
		}
		return out, nil
	}
	return nil, fmt.Errorf("a stored geometry of type %T is not read", g)
}

func flatten[T ~[]orb.Point](flat []float64, from T) []float64 {
	for _, p := range from {
		flat = append(flat, p[0], p[1])
	}
	return flat
}

func flattenRings(flat []float64, ringEnds []int, polygon orb.Polygon) ([]float64, []int) {
	for _, ring := range polygon {
		flat = flatten(flat, ring)
		ringEnds = append(ringEnds, len(flat))
	}
	return flat, ringEnds
}

func points(flat []float64) []orb.Point {
	out := make([]orb.Point, len(flat)/2)
	for i := range out {
		out[i] = orb.Point{flat[2*i], flat[2*i+1]}
	}
	return out
}

func rings(flat []float64, start int, ringEnds []int) (orb.Polygon, int) {
	polygon := make(orb.Polygon, 0, len(ringEnds))
	for _, end := range ringEnds {
		polygon = append(polygon, points(flat[start:end]))
		start = end
	}
	return polygon, start
}
