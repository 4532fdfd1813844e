package coverage

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
)

// nearStepM is how long a piece of a road may be that is measured in one plane:
// the plane is tangent at the start of the piece, and a few hundred metres from
// there its distances are right to a centimetre.
const nearStepM = 250

// near gives the stretches of the line within radiusM of the border of an area;
// they may overlap. What lies within a radius of an edge is convex, so that each
// piece of the line has one stretch there, in closed form.
func (l *roadLine) near(area orb.MultiPolygon, radiusM float64) []positions {
	box := padded(area.Bound(), radiusM)
	var out []positions
	var edges [][2]orb.Point
	for i := 1; i < len(l.points); i++ {
		segment := l.segmentBound(i)
		if !segment.Intersects(box) {
			continue
		}
		segment = padded(segment, radiusM)
		edges = edges[:0]
		for _, polygon := range area {
			for _, ring := range polygon {
				for k := 1; k < len(ring); k++ {
					a, b := ring[k-1], ring[k]
					if min(a[0], b[0]) <= segment.Max[0] && max(a[0], b[0]) >= segment.Min[0] &&
						min(a[1], b[1]) <= segment.Max[1] && max(a[1], b[1]) >= segment.Min[1] {
						edges = append(edges, [2]orb.Point{a, b})
					}
				}
			}
		}
		if len(edges) == 0 {
			continue
		}
		n := max(1, math.Ceil((l.alongM[i]-l.alongM[i-1])/nearStepM))
		for k := range int(n) {
			from, to := float64(i-1)+float64(k)/n, float64(i-1)+float64(k+1)/n
			out = appendNear(out, l.point(from), l.point(to), edges, radiusM, from, to)
		}
	}
	return out
}

// appendNear adds the stretches of p-q within the radius of edges; p-q goes from
// one position to another.
func appendNear(out []positions, p, q orb.Point, edges [][2]orb.Point, radiusM, from, to float64) []positions {
	lonM, latM := measure.DegreeM(p[1])
	d := [2]float64{(q[0] - p[0]) * lonM, (q[1] - p[1]) * latM}
	least := [2]float64{min(0, d[0]) - radiusM, min(0, d[1]) - radiusM}
	most := [2]float64{max(0, d[0]) + radiusM, max(0, d[1]) + radiusM}
	for _, e := range edges {
		a := [2]float64{(e[0][0] - p[0]) * lonM, (e[0][1] - p[1]) * latM}
		b := [2]float64{(e[1][0] - p[0]) * lonM, (e[1][1] - p[1]) * latM}
		if max(a[0], b[0]) < least[0] || min(a[0], b[0]) > most[0] || max(a[1], b[1]) < least[1] || min(a[1], b[1]) > most[1] {
			continue
		}
		if lo, hi, ok := withinOfEdge(d, a, b, radiusM); ok {
			out = append(out, positions{from + lo*(to-from), from + hi*(to-from)})
		}
	}
	return out
}

// withinOfEdge gives the part of the segment from the origin to d, as shares of
// it, that lies within the radius of the edge a-b: what lies in the circle round
// either end or in the strip between them.
func withinOfEdge(d, a, b [2]float64, radius float64) (from, to float64, ok bool) {
	from, to = math.Inf(1), math.Inf(-1)
	widen := func(lo, hi float64) {
		if lo, hi = max(0, lo), min(1, hi); lo <= hi {
			from, to = min(from, lo), max(to, hi)
		}
	}
	dd := d[0]*d[0] + d[1]*d[1]
	circle := func(c [2]float64) {
		half, rest := -c[0]*d[0]-c[1]*d[1], c[0]*c[0]+c[1]*c[1]-radius*radius
		if dd == 0 {
			if rest <= 0 {
				widen(0, 1)
			}
			return
		}
		if root := half*half - dd*rest; root >= 0 {
			root = math.Sqrt(root)
			widen((-half-root)/dd, (-half+root)/dd)
		}
	}
	circle(a)
	circle(b)
	e := [2]float64{b[0] - a[0], b[1] - a[1]}
	if ee := e[0]*e[0] + e[1]*e[1]; ee > 0 {
		// So far along the edge, and so far beside it.
		lo, hi := shareBetween(-a[0]*e[0]-a[1]*e[1], d[0]*e[0]+d[1]*e[1], 0, ee)
		side := radius * math.Sqrt(ee)
		lo2, hi2 := shareBetween(-a[0]*e[1]+a[1]*e[0], d[0]*e[1]-d[1]*e[0], -side, side)
		widen(max(lo, lo2), min(hi, hi2))
	}
	return from, to, from <= to
}

// shareBetween gives the interval of t over which start + t*step lies in
// [lo, hi]; an interval that ends before it begins is none.
func shareBetween(start, step, lo, hi float64) (from, to float64) {
	if step == 0 {
		if start < lo || start > hi {
			return 1, 0
		}
		return math.Inf(-1), math.Inf(1)
	}
	from, to = (lo-start)/step, (hi-start)/step
	return min(from, to), max(from, to)
}
