package geo

import (
	"encoding/json"
	"math"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"
)

// Extent is the box in which every geometry of the record lies: Haiti, its sea
// and the border with a margin, as lon/lat degrees.
var Extent = orb.Bound{Min: orb.Point{-76.0, 16.5}, Max: orb.Point{-70.5, 21.0}}

// DecodeGeometry reads a GeoJSON geometry (RFC 7946, lon/lat) for a layer of
// the given type. Coordinates are rounded to the record's precision, repeated
// vertices dropped, single parts promoted to multi where the layer wants them.
// Structure and extent are checked here; the simple-features rules are checked
// by overlay.Validate.
func DecodeGeometry(want GeometryType, raw json.RawMessage) (orb.Geometry, *Error) {
	if want == NoGeometry {
		return nil, Errorf(CodeInvalid, "/geometry", "features of this layer have no geometry")
	}
	parsed, err := geojson.UnmarshalGeometry(raw)
	if err != nil || parsed == nil || parsed.Geometry() == nil {
		return nil, Errorf(CodeInvalid, "/geometry", "not a GeoJSON geometry")
	}
	g, ok := promote(want, parsed.Geometry())
	if !ok {
		return nil, Errorf(CodeInvalid, "/geometry", "a %s is asked for, not a %s", want, parsed.Geometry().GeoJSONType())
	}
	n, bad := 0, (*Error)(nil)
	eachPoint(g, func(p orb.Point) {
		n++
		if bad == nil {
			bad = checkPoint(p)
		}
	})
	if bad != nil {
		return nil, bad
	}
	if n == 0 {
		return nil, Errorf(CodeInvalid, "/geometry/coordinates", "the geometry is empty")
	}
	if n > MaxVertices {
		return nil, Errorf(CodeTooLarge, "/geometry/coordinates", "%d vertices: at most %d", n, MaxVertices)
	}
	return tidy(g)
}

func promote(want GeometryType, g orb.Geometry) (orb.Geometry, bool) {
	switch want {
	case Point:
		p, ok := g.(orb.Point)
		return p, ok
	case PointOrLine:
		switch g.(type) {
		case orb.Point, orb.LineString:
			return g, true
		}
	case MultiLineString:
		switch g := g.(type) {
		case orb.LineString:
			return orb.MultiLineString{g}, true
		case orb.MultiLineString:
			return g, true
		}
	case MultiPolygon:
		switch g := g.(type) {
		case orb.Polygon:
			return orb.MultiPolygon{g}, true
		case orb.MultiPolygon:
			return g, true
		}
	case AnyGeometry:
		switch g.(type) {
		case orb.Point, orb.MultiPoint, orb.LineString, orb.MultiLineString, orb.Polygon, orb.MultiPolygon:
			return g, true
		}
	}
	return nil, false
}

func checkPoint(p orb.Point) *Error {
	const pointer = "/geometry/coordinates"
	lon, lat := p[0], p[1]
	switch {
	case math.IsNaN(lon) || math.IsNaN(lat) || math.IsInf(lon, 0) || math.IsInf(lat, 0):
		return Errorf(CodeInvalid, pointer, "a coordinate is not a finite number")
	case Extent.Contains(p):
		return nil
	case Extent.Contains(orb.Point{lat, lon}):
		return Errorf(CodeInvalid, pointer, "longitude and latitude look swapped at [%g, %g]: GeoJSON wants [lon, lat]", lon, lat)
	default:
		return Errorf(CodeInvalid, pointer, "[%g, %g] lies outside Haiti (lon %g to %g, lat %g to %g)",
			lon, lat, Extent.Min[0], Extent.Max[0], Extent.Min[1], Extent.Max[1])
	}
}

func eachPoint(g orb.Geometry, do func(orb.Point)) {
	switch g := g.(type) {
	case orb.Point:
		do(g)
	case orb.MultiPoint:
		for _, p := range g {
			do(p)
		}
	case orb.LineString:
		for _, p := range g {
			do(p)
		}
	case orb.MultiLineString:
		for _, line := range g {
			eachPoint(line, do)
		}
	case orb.Polygon:
		for _, ring := range g {
			eachPoint(orb.LineString(ring), do)
		}
	case orb.MultiPolygon:
		for _, polygon := range g {
			eachPoint(polygon, do)
		}
	}
}

// tidy rounds, drops repeated vertices and spikes and orients rings as RFC 7946 asks
// (outer counter-clockwise, holes clockwise).
func tidy(g orb.Geometry) (orb.Geometry, *Error) {
	switch g := g.(type) {
	case orb.Point:
		return roundPoint(g), nil
	case orb.MultiPoint:
		return orb.MultiPoint(roundPoints(g, false)), nil
	case orb.LineString:
		line := orb.LineString(roundPoints(g, true))
		if len(line) < 2 {
			return nil, Errorf(CodeInvalidGeometry, "/geometry/coordinates", "a line needs two different points")
		}
		return line, nil
	case orb.MultiLineString:
		out := make(orb.MultiLineString, len(g))
		for i, line := range g {
			tidied, err := tidy(line)
			if err != nil {
				return nil, err
			}
			out[i] = tidied.(orb.LineString)
		}
		return out, nil
	case orb.Polygon:
		return tidyPolygon(g)
	case orb.MultiPolygon:
		out := make(orb.MultiPolygon, len(g))
		for i, polygon := range g {
			tidied, err := tidyPolygon(polygon)
			if err != nil {
				return nil, err
			}
			out[i] = tidied
		}
		return out, nil
	}
	return nil, Errorf(CodeInvalid, "/geometry", "this kind of geometry is not kept")
}

func tidyPolygon(p orb.Polygon) (orb.Polygon, *Error) {
	if len(p) == 0 {
		return nil, Errorf(CodeInvalidGeometry, "/geometry/coordinates", "a polygon needs an outer ring")
	}
	out := make(orb.Polygon, len(p))
	for i, ring := range p {
		if len(ring) < 4 || ring[0] != ring[len(ring)-1] {
			return nil, Errorf(CodeInvalidGeometry, "/geometry/coordinates", "ring %d is not closed: its last point must equal its first", i)
		}
		rounded := withoutSpikes(roundPoints(ring, true))
		if len(rounded) < 4 {
			return nil, Errorf(CodeInvalidGeometry, "/geometry/coordinates", "ring %d needs three different points", i)
		}
		wrong := orb.CW
		if i > 0 {
			wrong = orb.CCW
		}
		if rounded.Orientation() == wrong {
			rounded.Reverse()
		}
		out[i] = rounded
	}
	return out, nil
}

// withoutSpikes takes out of a closed ring what goes from a vertex to another
// and straight back, which encloses nothing. Rounding makes such spikes of the
// hair-thin slits that official coastlines have.
func withoutSpikes(ring orb.Ring) orb.Ring {
	out := make(orb.Ring, 0, len(ring))
	for _, p := range ring[:len(ring)-1] {
		switch n := len(out); {
		case n > 0 && out[n-1] == p:
		case n > 1 && out[n-2] == p:
			out = out[:n-1]
		default:
			out = append(out, p)
		}
	}
	// The same across the place where the ring closes.
	for n := len(out); n > 2; n = len(out) {
		switch {
		case out[n-1] == out[0], out[n-2] == out[0]:
			out = out[:n-1]
		case out[n-1] == out[1]:
			out = out[1:]
		default:
			return append(out, out[0])
		}
	}
	return out
}

func roundPoint(p orb.Point) orb.Point {
	return orb.Point{RoundCoordinate(p[0]), RoundCoordinate(p[1])}
}

func roundPoints[T ~[]orb.Point](points T, dropRepeats bool) []orb.Point {
	out := make([]orb.Point, 0, len(points))
	for _, p := range points {
		p = roundPoint(p)
		if dropRepeats && len(out) > 0 && out[len(out)-1] == p {
			continue
		}
		out = append(out, p)
	}
	return out
}
