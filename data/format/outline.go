package format

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// Outlines are the outlines of communes by p-code. They answer where a point
// lies. All are looked through, their boxes first: Haiti has 140.
type Outlines struct {
	pcodes []string // in the order given, for equal answers each time
	areas  map[string]orb.MultiPolygon
	bounds map[string]orb.Bound
}

// NewOutlines makes an empty set.
func NewOutlines() *Outlines {
	return &Outlines{areas: map[string]orb.MultiPolygon{}, bounds: map[string]orb.Bound{}}
}

// Add puts in a commune; a p-code that is there already gets the new outline.
func (o *Outlines) Add(pcode string, area orb.MultiPolygon) {
	if _, ok := o.areas[pcode]; !ok {
		o.pcodes = append(o.pcodes, pcode)
	}
	o.areas[pcode], o.bounds[pcode] = area, area.Bound()
}

// Len counts the communes.
func (o *Outlines) Len() int { return len(o.pcodes) }

// Has reports whether there is a commune of that p-code.
func (o *Outlines) Has(pcode string) bool { _, ok := o.areas[pcode]; return ok }

// Area gives a commune's outline, nil for an unknown p-code.
func (o *Outlines) Area(pcode string) orb.MultiPolygon { return o.areas[pcode] }

// Meeting lists the outlines whose box meets b.
func (o *Outlines) Meeting(b orb.Bound) []orb.MultiPolygon {
	var out []orb.MultiPolygon
	for _, pcode := range o.pcodes {
		if o.bounds[pcode].Intersects(b) {
			out = append(out, o.areas[pcode])
		}
	}
	return out
}

// At implements Communes.
func (o *Outlines) At(p orb.Point) (pcode string, distanceM float64, ok bool) {
	for _, code := range o.pcodes {
		if o.bounds[code].Contains(p) && overlay.Contains(o.areas[code], p) {
			return code, 0, true
		}
	}
	const reach = 1.2 * SeaMarginM / 103_000 // degrees: one of longitude is never shorter than 103 km in Haiti
	nearest := math.Inf(1)
	for _, code := range o.pcodes {
		if !o.bounds[code].Pad(reach).Contains(p) {
			continue
		}
		if d := o.DistanceM(code, p); d < nearest {
			pcode, nearest = code, d
		}
	}
	if nearest > SeaMarginM {
		return "", 0, false
	}
	return pcode, nearest, true
}

// DistanceM implements Communes; an unknown p-code is infinitely far.
func (o *Outlines) DistanceM(pcode string, p orb.Point) float64 {
	area, ok := o.areas[pcode]
	if !ok {
		return math.Inf(1)
	}
	if overlay.Contains(area, p) {
		return 0
	}
	nearest := math.Inf(1)
	for _, polygon := range area {
		for _, ring := range polygon {
			_, d, _ := measure.NearestOnLine(p, orb.LineString(ring))
			nearest = min(nearest, d)
		}
	}
	return nearest
}
