package measure

import (
	"github.com/paulmach/orb"
	"github.com/tidwall/geodesic"

	"pasaj/geo"
)

// Destination is the position reached from p by going distanceM metres along
// the geodesic that leaves at azimuthDeg degrees clockwise from north.
func Destination(p orb.Point, azimuthDeg, distanceM float64) orb.Point {
	var lat, lon float64
	geodesic.WGS84.Direct(p[1], p[0], azimuthDeg, distanceM, &lat, &lon, nil)
	return orb.Point{lon, lat}
}

// Circle is the polygon of that many vertices, at least three, whose corners
// lie radiusM metres from the centre, with the ring counter-clockwise and the
// coordinates rounded as the record keeps them. A radius too small for the
// record's precision gives a polygon without area.
func Circle(center orb.Point, radiusM float64, vertices int) orb.Polygon {
	vertices = max(vertices, 3)
	ring := make(orb.Ring, 0, vertices+1)
	for i := range vertices {
		p := Destination(center, -360*float64(i)/float64(vertices), radiusM)
		ring = append(ring, orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])})
	}
	return orb.Polygon{append(ring, ring[0])}
}
