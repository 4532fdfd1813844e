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
func (g *Graph) Snap(p orb.Point, maxM float64) (Snap, bool) {
	best, found := Snap{DistanceM: math.Inf(1)}, false
	for radius := min(250, maxM); ; radius = min(radius*4, maxM) {
		g.Search(Around(p.Bound(), radius), func(i int) bool {
			point, distance, along := measure.NearestOnLine(p, g.edges[i].Geometry)
			if distance < best.DistanceM || distance == best.DistanceM && i < best.Edge {
				along = min(max(along, 0), g.edges[i].LengthM)
				best, found = Snap{Position{i, along}, point, distance}, true
			}
			return true
		})
		// What lies beyond the box cannot be nearer than its radius.
		if found && best.DistanceM <= radius {
			return best, true
		}
		if radius >= maxM {
			return Snap{}, false
		}
	}
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
	a, b := e.Geometry[i-1], e.Geometry[i]
	t := (alongM - e.AlongM[i-1]) / (e.AlongM[i] - e.AlongM[i-1])
	return orb.Point{a[0] + t*(b[0]-a[0]), a[1] + t*(b[1]-a[1])}
}
