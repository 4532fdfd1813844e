package overlay

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Validate checks the rules of OGC Simple Features that ST_IsValid checks: rings
// closed and simple, holes inside and not cutting the interior apart, parts of a
// multipolygon apart or touching in points only. It returns nil for a valid
// geometry and otherwise an Error of code invalid_geometry that names the first
// fault and, where it can be had, the place.
func Validate(g orb.Geometry) *geo.Error {
	converted, ok := toGeometry(g)
	if !ok {
		return geo.Errorf(geo.CodeInvalidGeometry, "/geometry", "there is no geometry")
	}
	err := converted.Validate()
	if err == nil {
		return nil
	}
	return geo.Errorf(geo.CodeInvalidGeometry, "/geometry", "%s", explain(g, err)).WithCause(err)
}

// faults words the rules for people, by the words of simplefeatures.
var faults = []struct{ rule, text string }{
	{"polygon ring not simple", "crosses or touches itself"},
	{"polygon ring not closed", "is not closed"},
	{"polygon ring empty", "has an empty ring"},
	{"polygon has nested rings", "has a hole inside a hole"},
	{"interior ring outside of exterior ring", "has a hole outside its outer ring"},
	{"disconnected interior", "is cut apart by its holes"},
	{"polygon rings intersect at multiple points", "has rings that cross or touch at more than one point"},
	{"child polygons touch at multiple points", "overlaps or runs along another part"},
	{"only one distinct XY value", "has only one distinct point"},
	{"Inf not allowed", "has a coordinate that is not finite"},
	{"NaN not allowed", "has a coordinate that is not a number"},
}

var (
	partIndex = regexp.MustCompile(`(?:polygon|linestring) at index (\d+)`)
	ringIndex = regexp.MustCompile(`ring at index (\d+)`)
	location  = regexp.MustCompile(`at or near \{(\S+) (\S+)\}`)
)

func explain(g orb.Geometry, err error) string {
	message := err.Error()
	text := "breaks the simple-features rules"
	for _, f := range faults {
		if strings.Contains(message, f.rule) {
			text = f.text
			break
		}
	}
	part, hasPart := number(partIndex, message)
	ring, hasRing := number(ringIndex, message)
	subject := "the geometry"
	switch g.(type) {
	case orb.Polygon, orb.MultiPolygon, orb.Ring:
		subject = "the polygon"
	case orb.LineString, orb.MultiLineString:
		subject = "the line"
	}
	if multi, ok := g.(orb.MultiPolygon); hasPart && (!ok || len(multi) > 1) {
		subject = fmt.Sprintf("part %d", part)
	}
	if hasRing && ring > 0 {
		subject += fmt.Sprintf(", hole %d", ring)
	}
	place, placed := named(message)
	if strings.Contains(message, "polygon ring not simple") {
		// The message names the ring's first vertex, which says nothing.
		place, placed = selfCrossing(ringOf(g, part, ring))
	}
	if placed {
		return fmt.Sprintf("%s %s near %.6g %.6g", subject, text, place[0], place[1])
	}
	return subject + " " + text
}

func number(pattern *regexp.Regexp, message string) (int, bool) {
	match := pattern.FindStringSubmatch(message)
	if match == nil {
		return 0, false
	}
	n, err := strconv.Atoi(match[1])
	return n, err == nil
}

func named(message string) (orb.Point, bool) {
	match := location.FindStringSubmatch(message)
	if match == nil {
		return orb.Point{}, false
	}
	lon, err1 := strconv.ParseFloat(match[1], 64)
	lat, err2 := strconv.ParseFloat(match[2], 64)
	return orb.Point{lon, lat}, err1 == nil && err2 == nil
}

func ringOf(g orb.Geometry, part, ring int) orb.Ring {
	var polygon orb.Polygon
	switch g := g.(type) {
	case orb.Ring:
		polygon = orb.Polygon{g}
	case orb.Polygon:
		polygon = g
	case orb.MultiPolygon:
		if part < len(g) {
			polygon = g[part]
		}
	}
	if ring < len(polygon) {
		return polygon[ring]
	}
	return nil
}

// crossingBudget bounds the search for the place of a fault: an adversary's
// ring must not cost more than the refusal of it is worth.
const crossingBudget = 20_000_000

// selfCrossing finds a place where a ring meets itself other than at the common
// vertex of two edges that follow each other.
func selfCrossing(ring orb.Ring) (orb.Point, bool) {
	edges := len(ring) - 1
	budget := crossingBudget
	for i := range edges {
		a, b := ring[i], ring[i+1]
		for j := i + 1; j < edges; j++ {
			if budget--; budget < 0 {
				return orb.Point{}, false
			}
			c, d := ring[j], ring[j+1]
			if min(c[0], d[0]) > max(a[0], b[0]) || max(c[0], d[0]) < min(a[0], b[0]) ||
				min(c[1], d[1]) > max(a[1], b[1]) || max(c[1], d[1]) < min(a[1], b[1]) {
				continue
			}
			switch {
			case j == i+1:
				if turnsBack(a, b, d) {
					return b, true
				}
			case i == 0 && j == edges-1:
				if turnsBack(c, a, b) {
					return a, true
				}
			default:
				if place, ok := meeting(a, b, c, d); ok {
					return place, true
				}
			}
		}
	}
	return orb.Point{}, false
}

// turnsBack reports whether the path a, b, c returns over itself at b.
func turnsBack(a, b, c orb.Point) bool {
	return orientation(a, b, c) == 0 && (b[0]-a[0])*(c[0]-b[0])+(b[1]-a[1])*(c[1]-b[1]) < 0
}

func meeting(a, b, c, d orb.Point) (orb.Point, bool) {
	sideC, sideD := orientation(a, b, c), orientation(a, b, d)
	sideA, sideB := orientation(c, d, a), orientation(c, d, b)
	if sideA*sideB > 0 || sideC*sideD > 0 {
		return orb.Point{}, false
	}
	if sideC == 0 && sideD == 0 { // on one line, and their boxes meet
		for _, p := range []orb.Point{c, d} {
			if t := fraction(a, b, p); t >= 0 && t <= 1 {
				return p, true
			}
		}
		return a, true
	}
	t := crossing(a, b, c, d, sideA, sideB)
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}, true
}
