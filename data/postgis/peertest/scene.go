package peertest

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/measure"
)

// Pair is a question: from where to where, longitude and latitude.
type Pair struct{ From, To orb.Point }

const (
	zoneVertices    = 24
	leastZoneM      = 1500.0 // radius
	greatestZoneM   = 5000.0
	besideRoadM     = 2500.0 // how far from a national road pairs lie
	leastPairM      = 10000.0
	avoidedZones    = 30 // those that every pair keeps out of
	triesForOnePair = 1000
)

// Zones are areas to avoid on and beside the national roads: outlines of 24
// vertices and 1.5 to 5 km of radius, the first n of a sequence that the seed
// decides. Their rings are closed and run anticlockwise.
func Zones(seed uint64, n int) ([]orb.Polygon, error) {
	roads, err := waypoints()
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seed, 1))
	out := make([]orb.Polygon, n)
	for i := range out {
		center := measure.Destination(roads[random.IntN(len(roads))], 360*random.Float64(), 2000*random.Float64())
		radiusM := leastZoneM + (greatestZoneM-leastZoneM)*math.Pow(random.Float64(), 2)
		ring := make(orb.Ring, 0, zoneVertices+1)
		for k := range zoneVertices {
			m := radiusM * (0.7 + 0.3*random.Float64())
			p := measure.Destination(center, -360*float64(k)/zoneVertices, m)
			ring = append(ring, orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])})
		}
		out[i] = orb.Polygon{append(ring, ring[0])}
	}
	return out, nil
}

// Pairs are n questions from near one national road to near another place, at
// least 10 km apart, with neither end in the first 30 zones of the seed.
func Pairs(seed uint64, n int) ([]Pair, error) {
	roads, err := waypoints()
	if err != nil {
		return nil, err
	}
	zones, err := Zones(seed, avoidedZones)
	if err != nil {
		return nil, err
	}
	random := rand.New(rand.NewPCG(seed, 2))
	draw := func() orb.Point {
		p := measure.Destination(roads[random.IntN(len(roads))], 360*random.Float64(), besideRoadM*random.Float64())
		return orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])}
	}
	out := make([]Pair, 0, n)
	for tries := 0; len(out) < n; tries++ {
		if tries > n*triesForOnePair {
			return nil, fmt.Errorf("pairs of seed %d: the zones leave no place", seed)
		}
		p := Pair{draw(), draw()}
		if measure.DistanceM(p.From, p.To) >= leastPairM && outside(p.From, zones) && outside(p.To, zones) {
			out = append(out, p)
		}
	}
	return out, nil
}

func outside(p orb.Point, zones []orb.Polygon) bool {
	for _, z := range zones {
		if z.Bound().Contains(p) && planar.PolygonContains(z, p) {
			return false
		}
	}
	return true
}

// waypoints are points along the national roads of the bundled network, about
// one a kilometre, so that long straight lines count as much as crooked ones.
func waypoints() ([]orb.Point, error) {
	_, edges, err := haiti.Network()
	if err != nil {
		return nil, err
	}
	var out []orb.Point
	for _, e := range edges {
		if e.Class != "RN" {
			continue
		}
		for m, length := 0.0, measure.LengthM(e.Geometry); m < length; m += 1000 {
			out = append(out, measure.Interpolate(e.Geometry, m))
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("the bundled network has no national road")
	}
	return out, nil
}
