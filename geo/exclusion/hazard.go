package exclusion

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// Hazard is one thing to keep away from.
type Hazard struct {
	Collection string
	ID         uuid.UUID
	Geometry   orb.Geometry // Point, LineString, Polygon or MultiPolygon
	RadiusM    float64      // how far round a point or line it counts, metres
	Weight     float64      // the heavier is kept when a limit cuts
}

// Reference names a hazard.
type Reference struct {
	Collection string    `json:"collection"`
	ID         uuid.UUID `json:"id"`
}

func (h *Hazard) reference() Reference { return Reference{h.Collection, h.ID} }

// Left is a hazard that an engine is not told of, and why.
type Left struct {
	Reference
	Reason string `json:"reason"`
}

// circleVertices is how round a circle is drawn: the polygon lies up to 2 %
// inside its circle, which is why it is drawn round it.
const circleVertices = 16

// minRadiusM keeps the circle of an exact point from being nothing.
const minRadiusM = 30

// area gives the ground of a hazard.
func (h *Hazard) area() (orb.MultiPolygon, error) {
	radius := max(h.RadiusM, minRadiusM) / math.Cos(math.Pi/circleVertices)
	switch g := h.Geometry.(type) {
	case orb.Point:
		return orb.MultiPolygon{measure.Circle(g, radius, circleVertices)}, nil
	case orb.LineString:
		return along(g, radius)
	case orb.Polygon:
		return orb.MultiPolygon{g}, nil
	case orb.MultiPolygon:
		return g, nil
	default:
		return nil, geo.Errorf(geo.CodeInvalidGeometry, "", "a hazard cannot be a %s", kind(h.Geometry))
	}
}

func kind(g orb.Geometry) string {
	if g == nil {
		return "nothing"
	}
	return g.GeoJSONType()
}

// along is the ground within the radius of a line: circles at its vertices and
// what lies between each two of them.
func along(line orb.LineString, radiusM float64) (orb.MultiPolygon, error) {
	var parts []orb.MultiPolygon
	var last orb.Polygon
	for i, p := range line {
		here := measure.Circle(p, radiusM, circleVertices)
		parts = append(parts, orb.MultiPolygon{here})
		if i > 0 && p != line[i-1] {
			hull := convexHull(append(slices.Clone(last[0]), here[0]...))
			parts = append(parts, orb.MultiPolygon{{hull}})
		}
		last = here
	}
	return overlay.Union(parts)
}

// convexHull is Andrew's monotone chain, counter-clockwise and closed.
func convexHull(points []orb.Point) orb.Ring {
	slices.SortFunc(points, func(a, b orb.Point) int { return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1])) })
	points = slices.Compact(points)
	turn := func(a, b, c orb.Point) float64 { return (b[0]-a[0])*(c[1]-a[1]) - (b[1]-a[1])*(c[0]-a[0]) }
	half := func(points []orb.Point) []orb.Point {
		var out []orb.Point
		for _, p := range points {
			for len(out) >= 2 && turn(out[len(out)-2], out[len(out)-1], p) <= 0 {
				out = out[:len(out)-1]
			}
			out = append(out, p)
		}
		return out[:len(out)-1]
	}
	lower := half(points)
	slices.Reverse(points)
	ring := append(orb.Ring(lower), half(points)...)
	return append(ring, ring[0])
}

// heaviest sorts hazards so that the heaviest come first; equal ones in the
// order of their ids, so that the same layer is always cut in the same way.
func heaviest(hazards []Hazard) []Hazard {
	out := slices.Clone(hazards)
	slices.SortStableFunc(out, func(a, b Hazard) int {
		return cmp.Or(cmp.Compare(b.Weight, a.Weight), cmp.Compare(a.Collection, b.Collection), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	return out
}

// perimeterM is the length of a ring.
func perimeterM(r orb.Ring) float64 { return measure.LengthM(orb.LineString(r)) }

// extentM is the longer side of the box round an area.
func extentM(b orb.Bound) float64 {
	return max(measure.DistanceM(b.Min, orb.Point{b.Max[0], b.Min[1]}), measure.DistanceM(b.Min, orb.Point{b.Min[0], b.Max[1]}))
}

func areaOf(h *Hazard) (orb.MultiPolygon, error) {
	area, err := h.area()
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", h.Collection, h.ID, err)
	}
	return area, nil
}
