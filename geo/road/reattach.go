package road

import (
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
)

// How a former edge is looked for in a new network.
const (
	reattachWayM = 200 // how far a way that kept its number may have been redrawn
	reattachM    = 10  // within which two edges are the same, at least
	reattachStep = 100 // longest part of an edge that is looked at as a whole, metres
)

// Lost is an edge of a former network that has no counterpart in a new one.
type Lost struct {
	Edge     int // of the former network
	LengthM  float64
	MissingM float64 // length of the part that lies beside no edge of the new network
}

// Reattach lists the edges of a former network that have no counterpart in a
// new one, in their order: more than half of the edge lies neither within 200 m
// of an edge of the same OpenStreetMap way nor within the precision (of either
// edge, and 10 m at least) of any edge.
func Reattach(former, current *Graph) []Lost {
	c := counterparts{former: former, current: current, ways: map[int64][]int32{}, shapes: map[shape][]int32{}}
	for i := range current.edges {
		e := &current.edges[i]
		if e.WayID != 0 {
			c.ways[e.WayID] = append(c.ways[e.WayID], int32(i))
		}
		c.shapes[shapeOf(e)] = append(c.shapes[shapeOf(e)], int32(i))
		c.precisionM = max(c.precisionM, e.PrecisionM)
	}
	var out []Lost
	for i := range former.edges {
		e := &former.edges[i]
		if missing := c.missingM(e); missing > e.LengthM/2 {
			out = append(out, Lost{i, e.LengthM, missing})
		}
	}
	return out
}

type counterparts struct {
	former, current *Graph
	ways            map[int64][]int32
	shapes          map[shape][]int32
	precisionM      float64 // the worst of the current network
}

// shape tells most edges of different geometry apart.
type shape struct {
	from, to orb.Point
	vertices int
}

func shapeOf(e *Edge) shape { return shape{first(e.Geometry), last(e.Geometry), len(e.Geometry)} }

// missingM is how much of a former edge has no counterpart.
func (c *counterparts) missingM(e *Edge) float64 {
	for _, i := range c.shapes[shapeOf(e)] {
		if slices.Equal(c.current.edges[i].Geometry, e.Geometry) {
			return 0
		}
	}
	var way []int32
	if e.WayID != 0 {
		way = c.ways[e.WayID]
	}
	reach := max(e.PrecisionM, reattachM)
	missing := 0.0
	steps := max(1, math.Ceil(e.LengthM/min(reach, reattachStep)))
	for k := range int(steps) {
		p := e.At((float64(k) + .5) / steps * e.LengthM)
		if !c.onWay(p, way) && !c.beside(p, reach) {
			missing += e.LengthM / steps
		}
	}
	return missing
}

// onWay reports whether one of the edges of a way lies near.
func (c *counterparts) onWay(p orb.Point, way []int32) bool {
	lonM, latM := measure.DegreeM(p[1])
	box := Around(p.Bound(), reattachWayM)
	return slices.ContainsFunc(way, func(i int32) bool {
		e := &c.current.edges[i]
		return e.Bound.Intersects(box) && planeDistance(p, e.Geometry, lonM, latM) <= reattachWayM
	})
}

// beside reports whether any edge lies within the precision.
func (c *counterparts) beside(p orb.Point, reachM float64) bool {
	lonM, latM := measure.DegreeM(p[1])
	found := false
	c.current.index.Search(Around(p.Bound(), max(reachM, c.precisionM)), func(i int32) bool {
		e := &c.current.edges[i]
		found = planeDistance(p, e.Geometry, lonM, latM) <= max(reachM, e.PrecisionM)
		return !found
	})
	return found
}
