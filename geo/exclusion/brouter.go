package exclusion

import (
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// BRouterExclusion are query parameters of a BRouter request.
type BRouterExclusion struct {
	Nogos    string `json:"nogos"`    // lon,lat,radius in metres, parted by |
	Polygons string `json:"polygons"` // lon,lat,lon,lat,… parted by |
}

// BRouter gives the hazards as nogos (circles) and polygons. BRouter drops a
// circle or polygon in which a waypoint lies, and reads outer rings only.
func BRouter(hazards []Hazard) (BRouterExclusion, error) {
	var circles, polygons []string
	for _, h := range heaviest(hazards) {
		if p, ok := h.Geometry.(orb.Point); ok {
			circles = append(circles, number(p[0])+","+number(p[1])+","+strconv.Itoa(int(max(h.RadiusM, minRadiusM)+.5)))
			continue
		}
		area, err := areaOf(&h)
		if err != nil {
			return BRouterExclusion{}, err
		}
		for _, p := range area {
			ring := p[0]
			if len(ring) > 1 && ring[0] == ring[len(ring)-1] {
				ring = ring[:len(ring)-1] // BRouter closes it itself
			}
			corners := make([]string, 0, len(ring))
			for _, c := range ring {
				corners = append(corners, number(c[0])+","+number(c[1]))
			}
			polygons = append(polygons, strings.Join(corners, ","))
		}
	}
	return BRouterExclusion{Nogos: strings.Join(circles, "|"), Polygons: strings.Join(polygons, "|")}, nil
}

func number(degrees float64) string {
	return strconv.FormatFloat(geo.RoundCoordinate(degrees), 'f', -1, 64)
}
