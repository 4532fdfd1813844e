package overlay

import (
	"math"
	"math/big"

	"github.com/paulmach/orb"
	"github.com/peterstace/simplefeatures/geom"
)

// Intersects reports whether the geometries share a point, borders included.
func Intersects(a, b orb.Geometry) bool {
	switch {
	case a == nil || b == nil:
		return false
	case !a.Bound().Intersects(b.Bound()):
		return false
	}
	if p, ok := a.(orb.Point); ok {
		if area, ok := b.(orb.MultiPolygon); ok {
			return Contains(area, p)
		}
	}
	if p, ok := b.(orb.Point); ok {
		if area, ok := a.(orb.MultiPolygon); ok {
			return Contains(area, p)
		}
	}
	ga, okA := toGeometry(a)
	gb, okB := toGeometry(b)
	return okA && okB && geom.Intersects(ga, gb)
}

// IntersectsBound reports whether the geometry shares a point with the box,
// borders included. It is exact, not a comparison of boxes, and allocates
// nothing for coordinates that the record keeps.
func IntersectsBound(g orb.Geometry, b orb.Bound) bool {
	if !(b.Min[0] <= b.Max[0] && b.Min[1] <= b.Max[1]) {
		return false
	}
	switch g := g.(type) {
	case orb.Point:
		return b.Contains(g)
	case orb.MultiPoint:
		for _, p := range g {
			if b.Contains(p) {
				return true
			}
		}
	case orb.LineString:
		return pathMeets(g, b)
	case orb.MultiLineString:
		for _, line := range g {
			if pathMeets(line, b) {
				return true
			}
		}
	case orb.Ring:
		return polygonMeets(orb.Polygon{g}, b)
	case orb.Polygon:
		return polygonMeets(g, b)
	case orb.MultiPolygon:
		for _, polygon := range g {
			if polygonMeets(polygon, b) {
				return true
			}
		}
	case orb.Bound:
		return g.Intersects(b)
	}
	return false
}

// pathMeets looks for a vertex in the box first: that is cheap and usual.
func pathMeets[T ~[]orb.Point](path T, b orb.Bound) bool {
	for _, p := range path {
		if b.Contains(p) {
			return true
		}
	}
	for i := 1; i < len(path); i++ {
		if segmentMeets(path[i-1], path[i], b) {
			return true
		}
	}
	return false
}

func polygonMeets(polygon orb.Polygon, b orb.Bound) bool {
	for _, ring := range polygon {
		if pathMeets(ring, b) {
			return true
		}
	}
	// No border crosses the box: it lies wholly inside or wholly outside.
	return polygonContains(polygon, b.Min)
}

// segmentMeets compares the two boxes and then asks whether all corners lie on
// one side of the segment: by the separating-axis theorem that is all there is.
func segmentMeets(p, q orb.Point, b orb.Bound) bool {
	if min(p[0], q[0]) > b.Max[0] || max(p[0], q[0]) < b.Min[0] ||
		min(p[1], q[1]) > b.Max[1] || max(p[1], q[1]) < b.Min[1] {
		return false
	}
	side := orientation(p, q, b.Min)
	return side == 0 ||
		side != orientation(p, q, orb.Point{b.Max[0], b.Min[1]}) ||
		side != orientation(p, q, b.Max) ||
		side != orientation(p, q, orb.Point{b.Min[0], b.Max[1]})
}

// Contains reports whether the area covers the point, its border included, as
// ST_Covers does. A point that is not a number lies nowhere.
func Contains(area orb.MultiPolygon, p orb.Point) bool {
	if math.IsNaN(p[0]) || math.IsNaN(p[1]) {
		return false
	}
	for _, polygon := range area {
		if polygonContains(polygon, p) {
			return true
		}
	}
	return false
}

func polygonContains(polygon orb.Polygon, p orb.Point) bool {
	for i, ring := range polygon {
		side := locate(ring, p)
		if side == 0 {
			return true
		}
		if (side > 0) != (i == 0) { // outside the outer ring or inside a hole
			return false
		}
	}
	return len(polygon) > 0
}

// locate gives 1 for a point inside the ring, 0 on it, -1 outside, by counting
// the edges that a ray towards the east crosses.
func locate(ring orb.Ring, p orb.Point) int {
	inside := false
	for i := 1; i < len(ring); i++ {
		a, b := ring[i-1], ring[i]
		if a == p {
			return 0
		}
		if a[1] == p[1] && b[1] == p[1] {
			if min(a[0], b[0]) <= p[0] && p[0] <= max(a[0], b[0]) {
				return 0
			}
			continue
		}
		if (a[1] > p[1]) == (b[1] > p[1]) {
			if b == p {
				return 0
			}
			continue
		}
		switch {
		case max(a[0], b[0]) < p[0]:
			continue
		case min(a[0], b[0]) > p[0]:
			inside = !inside
			continue
		}
		turn := orientation(a, b, p)
		if turn == 0 {
			return 0
		}
		if (turn > 0) == (b[1] > a[1]) {
			inside = !inside
		}
	}
	if inside {
		return 1
	}
	return -1
}

// orientation is 1 when a, b, c turn left, -1 when they turn right and 0 when
// they lie on one line, exactly: where rounding could decide the sign, the
// determinant is computed in rational numbers. The bound on the rounding error
// is Shewchuk's ("Adaptive precision floating-point arithmetic and fast robust
// geometric predicates", 1997).
func orientation(a, b, c orb.Point) int {
	left := (a[0] - c[0]) * (b[1] - c[1])
	right := (a[1] - c[1]) * (b[0] - c[0])
	determinant := left - right
	bound := 3.3306690738754716e-16 * (math.Abs(left) + math.Abs(right))
	switch {
	case determinant > bound:
		return 1
	case determinant < -bound:
		return -1
	case bound == 0:
		return 0
	}
	return exactOrientation(a, b, c)
}

func exactOrientation(a, b, c orb.Point) int {
	minus := func(p, q float64) *big.Rat {
		x, y := new(big.Rat).SetFloat64(p), new(big.Rat).SetFloat64(q)
		if x == nil || y == nil { // not finite: no side
			return new(big.Rat)
		}
		return x.Sub(x, y)
	}
	left := minus(a[0], c[0])
	left.Mul(left, minus(b[1], c[1]))
	right := minus(a[1], c[1])
	right.Mul(right, minus(b[0], c[0]))
	return left.Cmp(right)
}
