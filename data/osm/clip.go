package osm

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// clip is what to keep: an area, and always the box of the record.
type clip struct {
	areas []*area
}

// extentMargin keeps a rounded border point inside the record's box, degrees.
const extentMargin = 1e-6

func newClip(keep orb.MultiPolygon) (*clip, error) {
	c := &clip{areas: []*area{newArea(orb.MultiPolygon{geo.Extent.Pad(-extentMargin).ToPolygon()})}}
	if keep == nil {
		return c, nil
	}
	vertices := 0
	for _, polygon := range keep {
		for _, ring := range polygon {
			vertices += len(ring)
		}
	}
	if vertices > maxClipVertices {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "the area to keep has %d vertices: at most %d; simplify it", vertices, maxClipVertices)
	}
	if err := overlay.Validate(keep); err != nil {
		return nil, err
	}
	if !keep.Bound().Intersects(geo.Extent) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the area to keep lies outside the extent of the record")
	}
	c.areas = append(c.areas, newArea(keep))
	return c, nil
}

// keep gives the parts of a line inside; the line itself when all of it is.
func (c *clip) keep(line orb.LineString) []orb.LineString {
	lines := []orb.LineString{line}
	for _, a := range c.areas {
		var inside []orb.LineString
		for _, one := range lines {
			inside = append(inside, a.keep(one)...)
		}
		lines = inside
	}
	return lines
}

// area finds quickly whether a line is near its border.
type area struct {
	polygons orb.MultiPolygon
	bound    orb.Bound
	border   [][2]orb.Point
	tree     *index.Tree[int32]
}

func newArea(polygons orb.MultiPolygon) *area {
	a := &area{polygons: polygons, bound: polygons.Bound(), tree: index.New[int32]()}
	for _, polygon := range polygons {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				a.tree.Insert(orb.MultiPoint{ring[i-1], ring[i]}.Bound(), int32(len(a.border)))
				a.border = append(a.border, [2]orb.Point{ring[i-1], ring[i]})
			}
		}
	}
	return a
}

// contains reports whether a point that is not on the border lies inside: it
// does when the way east crosses the border an odd number of times.
func (a *area) contains(p orb.Point) bool {
	inside := false
	a.tree.Search(orb.Bound{Min: p, Max: orb.Point{a.bound.Max[0], p[1]}}, func(i int32) bool {
		s, t := a.border[i][0], a.border[i][1]
		if (s[1] <= p[1]) != (t[1] <= p[1]) && s[0]+(p[1]-s[1])/(t[1]-s[1])*(t[0]-s[0]) > p[0] {
			inside = !inside
		}
		return true
	})
	return inside
}

func (a *area) keep(line orb.LineString) []orb.LineString {
	box := line.Bound()
	if !box.Intersects(a.bound) {
		return nil
	}
	near := false
	a.tree.Search(box, func(int32) bool { near = true; return false })
	if !near {
		if a.contains(line[0]) {
			return []orb.LineString{line}
		}
		return nil
	}
	var out []orb.LineString
	along := alongM(line)
	for _, span := range overlay.Clip(line, a.polygons) {
		if part := stretch(line, along, span.From, span.To); part != nil {
			out = append(out, part)
		}
	}
	return out
}

// alongM gives the distance of each vertex from the first, metres.
func alongM(line orb.LineString) []float64 {
	out := make([]float64, len(line))
	for i := 1; i < len(line); i++ {
		out[i] = out[i-1] + measure.DistanceM(line[i-1], line[i])
	}
	return out
}

// joinM is how near a cut must be to a vertex to be at it.
const joinM = .01

// stretch gives the part of a line between two distances along it, nil when it
// is no line. New points are rounded to the precision of OpenStreetMap.
func stretch(line orb.LineString, along []float64, fromM, toM float64) orb.LineString {
	last := len(line) - 1
	if fromM <= joinM && toM >= along[last]-joinM {
		return line
	}
	var out orb.LineString
	add := func(p orb.Point) {
		if len(out) == 0 || out[len(out)-1] != p {
			out = append(out, p)
		}
	}
	for i := range line {
		if i > 0 && along[i]-along[i-1] > 0 {
			for _, cutM := range []float64{fromM, toM} {
				if cutM > along[i-1]+joinM && cutM < along[i]-joinM {
					share := (cutM - along[i-1]) / (along[i] - along[i-1])
					add(orb.Point{
						roundTo7(line[i-1][0] + share*(line[i][0]-line[i-1][0])),
						roundTo7(line[i-1][1] + share*(line[i][1]-line[i-1][1])),
					})
				}
			}
		}
		if along[i] >= fromM-joinM && along[i] <= toM+joinM {
			add(line[i])
		}
	}
	if len(out) < 2 {
		return nil
	}
	return out
}

func roundTo7(degrees float64) float64 { return math.Round(degrees*1e7) / 1e7 }
