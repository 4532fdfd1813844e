package arrangement

import (
	"math"
	"math/bits"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// Limits of one arrangement. The reach keeps every coordinate within an int32
// and every determinant exact within an int64.
const (
	MaxVertices  = 2_000_000
	MaxReachDeg  = 20.0 // of any vertex from the middle of the region
	MaxCrossings = 3_000_000

	unitsPerDegree = 1e7
	unitRadians    = math.Pi / 180 / unitsPerDegree
	maxReach       = int64(MaxReachDeg * unitsPerDegree)
)

// vertex is a position in units of 1e-7 degree from the middle of the region.
type vertex struct{ x, y int32 }

// edge runs from a to b with the inside of its polygon on the left.
type edge struct{ a, b vertex }

// box is closed and in units.
type box struct{ minX, minY, maxX, maxY int32 }

func boxOf(edges []edge) box {
	b := box{math.MaxInt32, math.MaxInt32, math.MinInt32, math.MinInt32}
	for _, e := range edges {
		b.minX, b.maxX = min(b.minX, e.a.x), max(b.maxX, e.a.x)
		b.minY, b.maxY = min(b.minY, e.a.y), max(b.maxY, e.a.y)
	}
	return b
}

func (b box) has(v vertex) bool {
	return b.minX <= v.x && v.x <= b.maxX && b.minY <= v.y && v.y <= b.maxY
}

func (b box) join(o box) box {
	return box{min(b.minX, o.minX), min(b.minY, o.minY), max(b.maxX, o.maxX), max(b.maxY, o.maxY)}
}

// cross is the determinant of b-a and c-a, exact.
func cross(a, b, c vertex) int64 {
	return (int64(b.x)-int64(a.x))*(int64(c.y)-int64(a.y)) - (int64(b.y)-int64(a.y))*(int64(c.x)-int64(a.x))
}

// tilt is the sign of the determinant of a direction and the shift (ε, ε²) that
// tells a polygon from those numbered before it.
func tilt(dx, dy int64) int {
	switch {
	case dy > 0:
		return -1
	case dy < 0:
		return 1
	case dx > 0:
		return 1
	case dx < 0:
		return -1
	}
	return 0
}

func sign(n int64) int {
	switch {
	case n > 0:
		return 1
	case n < 0:
		return -1
	}
	return 0
}

// covers reports whether polygon j, as shifted, has a vertex of polygon i in
// it, by the edges that a ray to the east crosses. The two must differ.
func (s *scratch) covers(j int32, v vertex, i int32) bool {
	p := s.polygons[j]
	if !p.box.has(v) {
		return false
	}
	inside := false
	for _, r := range s.rings[p.firstRing:p.endRing] {
		if !r.box.has(v) {
			continue
		}
		for _, e := range s.edges[r.first:r.end] {
			// A vertex level with v lies above it when its polygon is shifted more.
			var up, down bool
			if j > i {
				up, down = e.b.y >= v.y, e.a.y >= v.y
			} else {
				up, down = e.b.y > v.y, e.a.y > v.y
			}
			if up == down {
				continue
			}
			turn := cross(e.a, e.b, v)
			if turn == 0 {
				turn = int64(tilt(int64(e.b.x)-int64(e.a.x), int64(e.b.y)-int64(e.a.y)))
				if i < j {
					turn = -turn
				}
			}
			if (turn > 0) == up {
				inside = !inside
			}
		}
	}
	return inside
}

// load rounds the polygons to units and numbers them: the region is 0, the
// areas that reach its box follow in their order.
func (s *scratch) load(region orb.MultiPolygon, areas []orb.MultiPolygon) error {
	total := 0
	bound, any, err := s.survey(region, &total, "/region")
	if err != nil || !any {
		return err
	}
	s.originX = int64(math.Round((bound.Min[0] + bound.Max[0]) / 2 * unitsPerDegree))
	s.originY = int64(math.Round((bound.Min[1] + bound.Max[1]) / 2 * unitsPerDegree))
	if err := s.add(region, bound, "/region"); err != nil {
		return err
	}
	if len(s.edges) == 0 {
		return nil
	}
	s.areas = append(s.areas, -1)
	near := bound.Pad(2 / unitsPerDegree)
	for i, area := range areas {
		if _, _, err := s.survey(area, &total, "/areas"); err != nil {
			return err
		}
		before := len(s.polygons)
		if err := s.add(area, near, "/areas"); err != nil {
			return err
		}
		if len(s.polygons) > before {
			s.areas = append(s.areas, int32(i))
		}
	}
	return nil
}

// survey counts the vertices, checks that they are on the earth and gives their
// bound.
func (s *scratch) survey(area orb.MultiPolygon, total *int, pointer string) (bound orb.Bound, any bool, err error) {
	bound = orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, polygon := range area {
		for _, ring := range polygon {
			if *total += len(ring); *total > MaxVertices {
				return bound, false, geo.Errorf(geo.CodeInvalid, pointer, "more than %d vertices in all", MaxVertices)
			}
			for _, p := range ring {
				if !(p[0] >= -360 && p[0] <= 360 && p[1] >= -90 && p[1] <= 90) {
					return bound, false, geo.Errorf(geo.CodeInvalid, pointer, "a vertex is not on the earth: %v %v", p[0], p[1])
				}
				any = true
				bound.Min[0], bound.Max[0] = min(bound.Min[0], p[0]), max(bound.Max[0], p[0])
				bound.Min[1], bound.Max[1] = min(bound.Min[1], p[1]), max(bound.Max[1], p[1])
			}
		}
	}
	return bound, any, nil
}

// add appends the parts that reach the bound as one polygon.
func (s *scratch) add(area orb.MultiPolygon, near orb.Bound, pointer string) error {
	number := int32(len(s.polygons))
	firstRing := len(s.rings)
	for _, polygon := range area {
		if !reaches(polygon, near) {
			continue
		}
		for i, ring := range polygon {
			added, err := s.addRing(ring, number, i > 0, pointer)
			if err != nil {
				return err
			}
			if !added && i == 0 {
				break
			}
		}
	}
	if len(s.rings) == firstRing {
		return nil
	}
	p := polygonRings{firstRing: int32(firstRing), endRing: int32(len(s.rings)), box: s.rings[firstRing].box}
	for _, r := range s.rings[firstRing:] {
		p.box = p.box.join(r.box)
	}
	s.polygons = append(s.polygons, p)
	return nil
}

func reaches(polygon orb.Polygon, near orb.Bound) bool {
	b := orb.Bound{Min: orb.Point{math.Inf(1), math.Inf(1)}, Max: orb.Point{math.Inf(-1), math.Inf(-1)}}
	for _, ring := range polygon {
		for _, p := range ring {
			b.Min[0], b.Max[0] = min(b.Min[0], p[0]), max(b.Max[0], p[0])
			b.Min[1], b.Max[1] = min(b.Min[1], p[1]), max(b.Max[1], p[1])
		}
	}
	return b.Min[0] <= near.Max[0] && b.Max[0] >= near.Min[0] && b.Min[1] <= near.Max[1] && b.Max[1] >= near.Min[1]
}

// addRing appends a ring turned so that the polygon is on its left, unless
// nothing is left of it in units.
func (s *scratch) addRing(points orb.Ring, polygon int32, hole bool, pointer string) (bool, error) {
	vertices := s.vertices[:0]
	for _, p := range points {
		x := int64(math.RoundToEven(p[0]*unitsPerDegree)) - s.originX
		y := int64(math.RoundToEven(p[1]*unitsPerDegree)) - s.originY
		if max(x, -x, y, -y) > maxReach {
			s.vertices = vertices
			return false, geo.Errorf(geo.CodeInvalid, pointer, "a polygon reaches further than %v degrees from the middle of the region", MaxReachDeg)
		}
		v := vertex{int32(x), int32(y)}
		if n := len(vertices); n == 0 || vertices[n-1] != v {
			vertices = append(vertices, v)
		}
	}
	for len(vertices) > 1 && vertices[len(vertices)-1] == vertices[0] {
		vertices = vertices[:len(vertices)-1]
	}
	s.vertices = vertices
	if len(vertices) < 3 {
		return false, nil
	}
	turn := turning(vertices)
	if turn == 0 {
		return false, nil
	}
	if (turn > 0) == hole {
		slices.Reverse(vertices)
	}
	first := len(s.edges)
	for i, v := range vertices {
		next := vertices[0]
		if i+1 < len(vertices) {
			next = vertices[i+1]
		}
		s.edges = append(s.edges, edge{v, next})
		s.polygonOf = append(s.polygonOf, polygon)
	}
	s.rings = append(s.rings, ringEdges{
		first: int32(first), end: int32(len(s.edges)), polygon: polygon, box: boxOf(s.edges[first:]),
	})
	return true, nil
}

// turning is the sign of the ring's area, exact in 128 bits.
func turning(vertices []vertex) int {
	var high int64
	var low uint64
	for i := 2; i < len(vertices); i++ {
		part := cross(vertices[0], vertices[i-1], vertices[i])
		var carry uint64
		low, carry = bits.Add64(low, uint64(part), 0)
		high += part>>63 + int64(carry)
	}
	switch {
	case high < 0:
		return -1
	case high > 0 || low > 0:
		return 1
	}
	return 0
}
