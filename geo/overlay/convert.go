package overlay

import (
	"slices"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

func sequence[T ~[]orb.Point](points T) geom.Sequence {
	coordinates := make([]float64, 0, 2*len(points))
	for _, p := range points {
		coordinates = append(coordinates, p[0], p[1])
	}
	return geom.NewSequence(coordinates, geom.DimXY)
}

func toLine[T ~[]orb.Point](points T) geom.LineString {
	return geom.NewLineString(sequence(points))
}

func toPolygon(polygon orb.Polygon) geom.Polygon {
	rings := make([]geom.LineString, len(polygon))
	for i, ring := range polygon {
		rings[i] = toLine(ring)
	}
	return geom.NewPolygon(rings)
}

func toMultiPolygon(area orb.MultiPolygon) geom.MultiPolygon {
	polygons := make([]geom.Polygon, len(area))
	for i, polygon := range area {
		polygons[i] = toPolygon(polygon)
	}
	return geom.NewMultiPolygon(polygons)
}

// toGeometry converts without checking anything; ok is false for nil and for
// types that are no geometry.
func toGeometry(g orb.Geometry) (out geom.Geometry, ok bool) {
	switch g := g.(type) {
	case orb.Point:
		return geom.NewPointXY(g[0], g[1]).AsGeometry(), true
	case orb.MultiPoint:
		points := make([]geom.Point, len(g))
		for i, p := range g {
			points[i] = geom.NewPointXY(p[0], p[1])
		}
		return geom.NewMultiPoint(points).AsGeometry(), true
	case orb.LineString:
		return toLine(g).AsGeometry(), true
	case orb.MultiLineString:
		lines := make([]geom.LineString, len(g))
		for i, line := range g {
			lines[i] = toLine(line)
		}
		return geom.NewMultiLineString(lines).AsGeometry(), true
	case orb.Ring:
		return toPolygon(orb.Polygon{g}).AsGeometry(), true
	case orb.Polygon:
		return toPolygon(g).AsGeometry(), true
	case orb.MultiPolygon:
		return toMultiPolygon(g).AsGeometry(), true
	case orb.Bound:
		return toPolygon(g.ToPolygon()).AsGeometry(), true
	}
	return geom.Geometry{}, false
}

// areas collects the polygons of a result.
func areas(dst orb.MultiPolygon, g geom.Geometry) orb.MultiPolygon {
	switch {
	case g.IsPolygon():
		if p := g.MustAsPolygon(); !p.IsEmpty() {
			dst = append(dst, fromPolygon(p))
		}
	case g.IsMultiPolygon():
		m := g.MustAsMultiPolygon()
		for i := range m.NumPolygons() {
			dst = areas(dst, m.PolygonN(i).AsGeometry())
		}
	case g.IsGeometryCollection():
		c := g.MustAsGeometryCollection()
		for i := range c.NumGeometries() {
			dst = areas(dst, c.GeometryN(i))
		}
	}
	return dst
}

func fromPolygon(p geom.Polygon) orb.Polygon {
	out := make(orb.Polygon, 0, 1+p.NumInteriorRings())
	out = append(out, fromRing(p.ExteriorRing(), orb.CCW))
	for i := range p.NumInteriorRings() {
		out = append(out, fromRing(p.InteriorRingN(i), orb.CW))
	}
	return out
}

func fromRing(line geom.LineString, want orb.Orientation) orb.Ring {
	s := line.Coordinates()
	ring := make(orb.Ring, s.Length())
	for i := range ring {
		xy := s.GetXY(i)
		ring[i] = orb.Point{xy.X, xy.Y}
	}
	if ring.Orientation() != want {
		slices.Reverse(ring)
	}
	return ring
}
