package exclusion

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"
)

// ValhallaLimits are what Valhalla accepts with one request.
type ValhallaLimits struct {
	PerimeterM float64 // the sum of the perimeters of all polygons
	Locations  int
}

// DefaultValhalla are the limits of Valhalla's own default configuration.
var DefaultValhalla = ValhallaLimits{PerimeterM: 10_000, Locations: 50}

// ValhallaExclusion is a part of a Valhalla request.
type ValhallaExclusion struct {
	Locations []ValhallaLocation `json:"exclude_locations"`
	Polygons  []orb.Ring         `json:"exclude_polygons"`
	Left      []Left             `json:"-"`
}

// ValhallaLocation is a place whose nearest road is excluded.
type ValhallaLocation struct {
	Lon float64 `json:"lon"`
	Lat float64 `json:"lat"`
}

// Valhalla gives the hazards as exclude_locations and exclude_polygons. It
// reads the outer ring of a polygon only, so holes are excluded with it. Points
// are given as locations, for they cost nothing of the perimeter; those beyond
// the number of locations are given as small polygons.
func Valhalla(hazards []Hazard, l ValhallaLimits) (ValhallaExclusion, error) {
	out := ValhallaExclusion{Locations: []ValhallaLocation{}, Polygons: []orb.Ring{}}
	left := l.PerimeterM
	for _, h := range heaviest(hazards) {
		if p, ok := h.Geometry.(orb.Point); ok && len(out.Locations) < l.Locations {
			out.Locations = append(out.Locations, ValhallaLocation{p[0], p[1]})
			continue
		}
		area, err := areaOf(&h)
		if err != nil {
			return ValhallaExclusion{}, err
		}
		rings := make([]orb.Ring, 0, len(area))
		needs := 0.0
		for _, p := range area {
			rings = append(rings, p[0])
			needs += perimeterM(p[0])
		}
		if needs > left {
			out.Left = append(out.Left, Left{h.reference(), "the sum of the perimeters would exceed the engine's limit"})
			continue
		}
		left -= needs
		out.Polygons = append(out.Polygons, rings...)
	}
	slices.SortStableFunc(out.Left, func(a, b Left) int { return cmp.Compare(a.Collection, b.Collection) })
	return out, nil
}
