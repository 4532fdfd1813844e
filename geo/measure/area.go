package measure

import (
	"math"

	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"
)

// AreaM2 is the geodesic area of the polygons of a geometry in square metres,
// holes subtracted, never below 0. The direction of the rings does not matter.
// Points and lines have none.
//
// The edges are geodesics between the vertices, as for PostGIS's geography.
// Putting a vertex into a long edge that does not run north-south therefore
// changes the area a little: by some 4000 m² on an edge of 10 km in Haiti, with
// the cube of the length.
func AreaM2(g orb.Geometry) float64 {
	switch g := g.(type) {
	case orb.Ring:
		return ringAreaM2(g)
	case orb.Polygon:
		return polygonAreaM2(g)
	case orb.MultiPolygon:
		total := 0.0
		for _, polygon := range g {
			total += polygonAreaM2(polygon)
		}
		return total
	case orb.Bound:
		return polygonAreaM2(g.ToPolygon())
	case orb.Collection:
		total := 0.0
		for _, part := range g {
			total += AreaM2(part)
		}
		return total
	}
	return 0
}

func polygonAreaM2(polygon orb.Polygon) float64 {
	area := 0.0
	for i, ring := range polygon {
		if i == 0 {
			area = ringAreaM2(ring)
		} else {
			area -= ringAreaM2(ring)
		}
	}
	return max(0, area)
}

func ringAreaM2(ring orb.Ring) float64 {
	points := ring
	if n := len(points); n > 1 && points[0] == points[n-1] {
		points = points[:n-1]
	}
	if len(points) < 3 {
		return 0
	}
	sum := geodesic.WGS84.PolygonInit(false)
	for _, p := range points {
		sum.AddPoint(p[1], p[0])
	}
	var area float64
	sum.Compute(false, true, &area, nil)
	return math.Abs(area)
}

// EdgeM2 is the area between the geodesic from a to b and the equator in square
// metres: the part that the edge has in the area of a polygon (Karney 2013,
// section 6). Eastward edges north of the equator count positive, so that the
// edges of a clockwise ring add up to its area, and those of a
// counter-clockwise one to minus that. The edge takes the shorter way around
// the earth.
func EdgeM2(a, b orb.Point) float64 {
	if a[0] == b[0] {
		return 0
	}
	var underM2 float64
	geodesic.WGS84.GenInverse(a[1], a[0], b[1], b[0], nil, nil, nil, nil, nil, nil, &underM2)
	return underM2
}
