package arrangement

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
)

// The ellipsoid WGS 84.
const (
	equatorM      = 6378137.0
	flattening    = 1 / 298.257223563
	eccentricity2 = flattening * (2 - flattening)
)

// Edges up to closedFormM have the area between their chord and their geodesic
// by the leading term of its series, which misses at most some 1e-3 m² of it,
// less than the rounding of a geodesic does; longer ones by the geodesic itself.
// The parts of an edge up to fittedM are measured by a polynomial through four
// geodesics of it.
const (
	closedFormM = 10_000.0
	fittedM     = 60_000.0
)

// figure integrates areas on the ellipsoid around a parallel. A chord is
// straight in lon/lat.
type figure struct {
	originX, originY int64
	latitude         float64 // of the parallel, radians
	half             float64 // units that the polynomial is scaled by
	zone             [zoneTerms]float64
	terms            int // of zone that count
}

const zoneTerms = 11

// densityM2 is the area of a square radian of lon/lat at a latitude (J. P.
// Snyder, "Map projections: a working manual", 1987, 3-11).
func densityM2(latitude float64) float64 {
	sin, cos := math.Sincos(latitude)
	w := 1 - eccentricity2*sin*sin
	return equatorM * equatorM * (1 - eccentricity2) * cos / (w * w)
}

// init fits the area between the parallel and another one up to half units
// away, by radian of longitude, through Chebyshev's nodes of its derivative.
func (f *figure) init(originX, originY int64, half float64) {
	f.originX, f.originY = originX, originY
	f.latitude = float64(originY) * unitRadians
	f.half = max(half, 1)
	const n = zoneTerms - 1
	var node, divided [n]float64
	for i := range n {
		node[i] = math.Cos(math.Pi * (float64(i) + 0.5) / n)
		divided[i] = densityM2(f.latitude + node[i]*f.half*unitRadians)
	}
	for step := 1; step < n; step++ {
		for i := n - 1; i >= step; i-- {
			divided[i] = (divided[i] - divided[i-1]) / (node[i] - node[i-step])
		}
	}
	var power [n]float64
	for i := n - 1; i >= 0; i-- { // Newton's form to powers
		for k := n - 1; k > 0; k-- {
			power[k] = power[k-1] - node[i]*power[k]
		}
		power[0] = divided[i] - node[i]*power[0]
	}
	f.zone[0] = 0
	for k := range n {
		f.zone[k+1] = power[k] / float64(k+1) * f.half * unitRadians
	}
	for f.terms = zoneTerms; f.terms > 2 && math.Abs(f.zone[f.terms-1]) < 1e-18*math.Abs(f.zone[1]); {
		f.terms--
	}
}

func (f *figure) zoneM2(y float64) float64 {
	y /= f.half
	sum := 0.0
	for k := f.terms - 1; k >= 0; k-- {
		sum = sum*y + f.zone[k]
	}
	return sum
}

// zonesM2 adds up two of them.
func (f *figure) zonesM2(y, z float64) float64 {
	y, z = y/f.half, z/f.half
	sum, other := 0.0, 0.0
	for k := f.terms - 1; k >= 0; k-- {
		sum, other = sum*y+f.zone[k], other*z+f.zone[k]
	}
	return sum + other
}

// chordM2 is the area between the parallel and the part of a chord from u to v,
// positive eastward, by Gauss's quadrature.
func (f *figure) chordM2(e edge, u, v float64) float64 {
	dx, dy := float64(e.b.x)-float64(e.a.x), float64(e.b.y)-float64(e.a.y)
	width := dx * (v - u) * unitRadians
	if width == 0 {
		return 0
	}
	middle, reach := float64(e.a.y)+dy*(u+v)/2, dy*(v-u)/2
	if math.Abs(reach*unitRadians) < twoNodes {
		return width * f.zonesM2(middle-twoNode*reach, middle+twoNode*reach) / 2
	}
	return width * quadrature(f.zoneM2, middle, reach)
}

// Up to twoNodes radians two nodes are enough.
const (
	twoNodes = 2e-4
	twoNode  = 0.5773502691896257
)

// quadrature is the mean of a smooth function of the latitude between middle -
// reach and middle + reach units, to some 1e-16.
func quadrature(of func(y float64) float64, middle, reach float64) float64 {
	switch size := math.Abs(reach * unitRadians); {
	case size < twoNodes:
		return (of(middle-twoNode*reach) + of(middle+twoNode*reach)) / 2
	case size < 0.01:
		const node = 0.7745966692414834
		return (5*(of(middle-node*reach)+of(middle+node*reach)) + 8*of(middle)) / 18
	}
	const (
		near, far             = 0.5384693101056831, 0.9061798459386640
		nearWeight, farWeight = 0.4786286704993665, 0.2369268850561891
		middleWeight          = 0.5688888888888889
	)
	return (middleWeight*of(middle) + nearWeight*(of(middle-near*reach)+of(middle+near*reach)) +
		farWeight*(of(middle-far*reach)+of(middle+far*reach))) / 2
}

// lengthM is about the length of the edge, on a sphere.
func (f *figure) lengthM(e edge) float64 {
	dx, dy := float64(e.b.x)-float64(e.a.x), float64(e.b.y)-float64(e.a.y)
	cos := math.Cos(f.latitude + (float64(e.a.y)+float64(e.b.y))/2*unitRadians)
	return math.Hypot(dx*cos, dy) * unitRadians * equatorM
}

// lensM2 is the area between the chord and the geodesic, positive where an
// eastward geodesic runs north of its chord. It is the first term of the series
// in the length, from the equation of the geodesic on a surface of revolution:
// with the direction d and the acceleration g of the geodesic in lon/lat the
// lens is -d×g/12, times the density of the area.
func lensM2(latitude, dx, dy float64) float64 {
	sin, cos := math.Sincos(latitude)
	w := 1 - eccentricity2*sin*sin
	vertical := equatorM / math.Sqrt(w)                   // radius N of the prime vertical
	meridian := vertical * (1 - eccentricity2) / w        // radius M of the meridian
	growth := 3 * eccentricity2 * sin * cos / w           // M'/M
	radius := vertical * cos                              // of the parallel
	along := radius * radius * sin                        // of dx³
	across := meridian * (growth*radius + 2*meridian*sin) // of dx dy²
	return dx * (along*dx*dx + across*dy*dy) / 12
}

// geodesicM2 is the exact lens of the part of an edge from u to v.
func (f *figure) geodesicM2(e edge, u, v float64) float64 {
	dx, dy := float64(e.b.x)-float64(e.a.x), float64(e.b.y)-float64(e.a.y)
	at := func(t float64) orb.Point {
		return orb.Point{
			(float64(f.originX) + float64(e.a.x) + t*dx) / unitsPerDegree,
			(float64(f.originY) + float64(e.a.y) + t*dy) / unitsPerDegree,
		}
	}
	fromEquator := func(y float64) float64 {
		sin := math.Sin(f.latitude + y*unitRadians)
		e := math.Sqrt(eccentricity2)
		return equatorM * equatorM * (1 - eccentricity2) / 2 * (sin/(1-eccentricity2*sin*sin) + math.Atanh(e*sin)/e)
	}
	chord := dx * (v - u) * unitRadians * quadrature(fromEquator, float64(e.a.y)+dy*(u+v)/2, dy*(v-u)/2)
	return measure.EdgeM2(at(u), at(v)) - chord
}

// lens knows the areas between the chords and the geodesics of parts of one
// edge. The part from u to v has (v-u)³ times a polynomial of its middle m and
// its length h: value + slope (m-½) + bend (m-½)² + shrink (1-h²).
type lens struct {
	value, slope, bend, shrink float64
	exact                      bool
}

// lensOf gives the whole lens of an edge; parts are asked for only where the
// outline can be cut.
func (f *figure) lensOf(e edge, parts bool) lens {
	dx, dy := (float64(e.b.x)-float64(e.a.x))*unitRadians, (float64(e.b.y)-float64(e.a.y))*unitRadians
	if dx == 0 {
		return lens{}
	}
	middle := f.latitude + (float64(e.a.y)+float64(e.b.y))/2*unitRadians
	// The parallels' radius at most, so that the test needs no cosine.
	size := math.Abs(dx) + math.Abs(dy)
	if size*equatorM <= closedFormM || f.lengthM(e) <= closedFormM {
		l := lens{value: lensM2(middle, dx, dy)}
		if parts {
			l.slope = lensM2(middle+dy/2, dx, dy) - lensM2(middle-dy/2, dx, dy)
		}
		return l
	}
	l := lens{value: f.geodesicM2(e, 0, 1)}
	switch {
	case !parts:
	case f.lengthM(e) > fittedM:
		l.exact = true
	default:
		// Halves and the middle half, as multiples of (1/2)³.
		south, north := 8*f.geodesicM2(e, 0, 0.5), 8*f.geodesicM2(e, 0.5, 1)
		inner := 8 * f.geodesicM2(e, 0.25, 0.75)
		l.slope = 2 * (north - south)
		l.bend = ((north+south)/2 - inner) * 16
		l.shrink = (inner - l.value) / 0.75
	}
	return l
}

// share is how much of a lens lies before u when it is spread over its chord
// like the gap, which is nearly a parabola.
func share(u float64) float64 { return u * u * (3 - 2*u) }

// excessM2 is what the geodesic over the part from u to v has more than its
// share of the lens of the whole edge.
func (l *lens) excessM2(f *figure, e edge, u, v float64) float64 {
	spread := l.value * (share(v) - share(u))
	if l.exact {
		return f.geodesicM2(e, u, v) - spread
	}
	h, m := v-u, (u+v)/2-0.5
	return h*h*h*(l.value+m*(l.slope+m*l.bend)+l.shrink*(1-h*h)) - spread
}
