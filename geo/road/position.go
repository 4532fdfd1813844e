package road

import (
	"math"
	"slices"

	"github.com/paulmach/orb"
	orbgeo "github.com/paulmach/orb/geo"

	"pasaj/geo/measure"
)

// Position is a place on an edge, so many metres from its first vertex.
type Position struct {
	Edge   int
	AlongM float64
}

// Snap is the position nearest to a point that lies beside the road.
type Snap struct {
	Position
	Point     orb.Point // on the edge
	DistanceM float64   // from the point asked for
}

// Snap finds the nearest position within maxM metres. Of edges equally near the
// first one in the order of the build is taken. It reports false when there is
// none.
func (g *Graph) Snap(p orb.Point, maxM float64) (Snap, bool) { return g.SnapWhere(p, maxM, nil) }

// SnapWhere is Snap among the edges that use admits; nil admits all.
func (g *Graph) SnapWhere(p orb.Point, maxM float64, use func(edge int) bool) (Snap, bool) {
	if !(maxM >= 0) || math.IsNaN(p[0]+p[1]) {
		return Snap{}, false
	}
	lonM, latM := measure.DegreeM(p[1])
	for radius := min(firstSnapM, maxM); ; radius = min(radius*2, maxM) {
		found := candidates{nearest: math.Inf(1)}
		g.index.Search(Around(p.Bound(), radius), func(i int32) bool {
			e := &g.edges[i]
			if found.wants(boundDistance(p, e.Bound, lonM, latM)) && (use == nil || use(int(i))) {
				found.add(i, planeDistance(p, e.Geometry, lonM, latM))
			}
			return true
		})
		best := g.nearest(p, found)
		// What lies beyond the box cannot be nearer than its radius.
		if best.DistanceM <= radius {
			return best, true
		}
		if radius >= maxM {
			return Snap{}, false
		}
	}
}

// firstSnapM is the radius that is looked at first: that of a city block.
const firstSnapM = 60

// planeShare is how much farther than the nearest an edge may lie in the plane
// and still be nearer on the ellipsoid. At a hundred kilometres the plane is
// wrong by half a per cent.
const planeShare = 1.01

// candidates are edges that may be the nearest.
type candidates struct {
	edges   []candidate
	nearest float64 // metres
}

type candidate struct {
	edge      int32
	distanceM float64 // in the plane
}

// wants reports whether an edge so far off may be the nearest.
func (c *candidates) wants(distanceM float64) bool { return distanceM <= c.nearest*planeShare+planeM }

func (c *candidates) add(edge int32, distanceM float64) {
	if c.wants(distanceM) {
		c.edges = append(c.edges, candidate{edge, distanceM})
		c.nearest = min(c.nearest, distanceM)
	}
}

// planeM is what rounding may make of no distance.
const planeM = 1e-3

// nearest measures those candidates that are near enough and takes the best.
func (g *Graph) nearest(p orb.Point, found candidates) Snap {
	best := Snap{DistanceM: math.Inf(1)}
	for _, c := range found.edges {
		if !found.wants(c.distanceM) {
			continue
		}
		e := &g.edges[c.edge]
		segment, share, point := nearestPoint(p, e.Geometry)
		distance := measure.DistanceM(p, point)
		if distance < best.DistanceM || distance == best.DistanceM && int(c.edge) < best.Edge {
			along := e.AlongM[segment] + share*(e.AlongM[segment+1]-e.AlongM[segment])
			best = Snap{Position{int(c.edge), min(max(along, 0), e.LengthM)}, point, distance}
		}
	}
	return best
}

// boundDistance is the distance from p to a box in the tangent plane at p: no
// line in the box is nearer.
func boundDistance(p orb.Point, b orb.Bound, lonM, latM float64) float64 {
	x := max(b.Min[0]-p[0], p[0]-b.Max[0], 0) * lonM
	y := max(b.Min[1]-p[1], p[1]-b.Max[1], 0) * latM
	return math.Sqrt(x*x + y*y)
}

// planeDistance is the distance from p to a line in the tangent plane at p.
func planeDistance(p orb.Point, line orb.LineString, lonM, latM float64) float64 {
	best := math.Inf(1)
	bx, by := (line[0][0]-p[0])*lonM, (line[0][1]-p[1])*latM
	for _, b := range line[1:] {
		ax, ay := bx, by
		bx, by = (b[0]-p[0])*lonM, (b[1]-p[1])*latM
		_, x, y := nearestInPlane(ax, ay, bx, by)
		best = min(best, x*x+y*y)
	}
	return math.Sqrt(best)
}

// nearestInPlane is the place of segment a-b that is nearest to the origin, and
// its share of the segment.
func nearestInPlane(ax, ay, bx, by float64) (share, x, y float64) {
	dx, dy := bx-ax, by-ay
	if squared := dx*dx + dy*dy; squared > 0 {
		share = min(1, max(0, -(ax*dx+ay*dy)/squared))
	}
	return share, ax + share*dx, ay + share*dy
}

// nearestPoint finds the place of a line that is nearest to p: the segment, the
// share of it and the point.
func nearestPoint(p orb.Point, line orb.LineString) (segment int, share float64, point orb.Point) {
	lonM, latM := measure.DegreeM(p[1])
	best := math.Inf(1)
	for i := 1; i < len(line); i++ {
		a, b := line[i-1], line[i]
		t, x, y := nearestInPlane((a[0]-p[0])*lonM, (a[1]-p[1])*latM, (b[0]-p[0])*lonM, (b[1]-p[1])*latM)
		if squared := x*x + y*y; squared < best {
			best, segment, share = squared, i-1, t
		}
	}
	return segment, share, between(line[segment], line[segment+1], share)
}

// between is the point at a share of the way from a to b, the ends exactly.
func between(a, b orb.Point, share float64) orb.Point {
	switch {
	case share <= 0:
		return a
	case share >= 1:
		return b
	}
	return orb.Point{a[0] + share*(b[0]-a[0]), a[1] + share*(b[1]-a[1])}
}

// Around grows a bound by a distance in metres on every side. The sphere that
// is used for it is up to 0.6 % off at Haiti's latitude, so one per cent more is
// taken: everything within the distance lies in the bound.
func Around(b orb.Bound, distanceM float64) orb.Bound {
	return orbgeo.BoundPad(b, distanceM*1.01)
}

// Stretch is a part of an edge run through in one direction: against the
// geometry when FromM is greater than ToM.
type Stretch struct {
	Edge       int
	FromM, ToM float64
}

// LengthM is the length of the stretch in metres.
func (s Stretch) LengthM() float64 { return math.Abs(s.ToM - s.FromM) }

// Line is the geometry of a stretch in its direction.
func (g *Graph) Line(s Stretch) orb.LineString {
	e := &g.edges[s.Edge]
	from, to := min(s.FromM, s.ToM), max(s.FromM, s.ToM)
	line := orb.LineString{e.At(from)}
	for i, along := range e.AlongM {
		if along > from && along < to {
			line = append(line, e.Geometry[i])
		}
	}
	line = append(line, e.At(to))
	if s.FromM > s.ToM {
		slices.Reverse(line)
	}
	return line
}

// At is the point so many metres along the edge; outside it, the nearer end.
func (e *Edge) At(alongM float64) orb.Point {
	if alongM <= 0 {
		return e.Geometry[0]
	}
	if alongM >= e.LengthM {
		return last(e.Geometry)
	}
	i, exact := slices.BinarySearch(e.AlongM, alongM)
	if exact {
		return e.Geometry[i]
	}
	return between(e.Geometry[i-1], e.Geometry[i], (alongM-e.AlongM[i-1])/(e.AlongM[i]-e.AlongM[i-1]))
}
