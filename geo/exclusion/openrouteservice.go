package exclusion

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// OpenRouteServiceLimits are what openrouteservice accepts as avoid_polygons.
type OpenRouteServiceLimits struct {
	AreaM2    float64 // of one polygon
	ExtentM   float64 // of the longer side of one polygon's box
	DistanceM float64 // between waypoints, once areas are avoided
}

// DefaultOpenRouteService are the limits of openrouteservice's own default.
var DefaultOpenRouteService = OpenRouteServiceLimits{AreaM2: 200e6, ExtentM: 20_000, DistanceM: 100_000}

// OpenRouteService gives the hazards as one MultiPolygon for options.
// avoid_polygons. Areas beyond the limits are cut into squares that keep them.
func OpenRouteService(hazards []Hazard, l OpenRouteServiceLimits) (orb.MultiPolygon, error) {
	out := orb.MultiPolygon{}
	for _, h := range heaviest(hazards) {
		area, err := areaOf(&h)
		if err != nil {
			return nil, err
		}
		for _, p := range area {
			parts, err := quarter(p, l)
			if err != nil {
				return nil, err
			}
			out = append(out, parts...)
		}
	}
	return out, nil
}

// quarter cuts a polygon with a grid until each part keeps the limits.
func quarter(p orb.Polygon, l OpenRouteServiceLimits) (orb.MultiPolygon, error) {
	bound := p.Bound()
	longer := extentM(bound)
	if longer <= l.ExtentM && measure.AreaM2(p) <= l.AreaM2 {
		return orb.MultiPolygon{p}, nil
	}
	// Squares whose diagonal keeps the extent and whose area keeps the area.
	side := min(l.ExtentM/math.Sqrt2, math.Sqrt(l.AreaM2))
	columns := parts(measure.DistanceM(bound.Min, orb.Point{bound.Max[0], bound.Min[1]}), side)
	rows := parts(measure.DistanceM(bound.Min, orb.Point{bound.Min[0], bound.Max[1]}), side)
	width, height := (bound.Max[0]-bound.Min[0])/float64(columns), (bound.Max[1]-bound.Min[1])/float64(rows)
	var out orb.MultiPolygon
	for row := range rows {
		for column := range columns {
			low := orb.Point{bound.Min[0] + float64(column)*width, bound.Min[1] + float64(row)*height}
			cell := orb.Bound{Min: low, Max: orb.Point{low[0] + width, low[1] + height}}
			part, err := overlay.Intersection(orb.MultiPolygon{p}, orb.MultiPolygon{cell.ToPolygon()})
			if err != nil {
				return nil, err
			}
			out = append(out, part...)
		}
	}
	return out, nil
}

// parts is into how many equal parts a length has to be cut; a hundredth more
// than needed, for the width of a box differs from south to north.
func parts(lengthM, mostM float64) int { return max(1, int(math.Ceil(lengthM*1.01/mostM))) }
