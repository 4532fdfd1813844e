package coverage

import (
	"sync"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// spots keeps what places have to do with communes and zones, which no news
// about either changes: where nothing but one zone is new, only that zone is
// looked at. The zero value is good.
type spots struct {
	mu       sync.Mutex
	communes map[spotIn]*region
	places   []orb.Point
	number   map[orb.Point]int32
	zones    map[*geo.Version]*spotted
}

type spotIn struct {
	ground *territory
	place  orb.Point
}

// spotted are the places in a zone, by number, among the first so many.
type spotted struct {
	looked int
	inside []int32
}

// What is kept before it is all thrown away.
const (
	maxSpots        = 100_000
	maxSpottedZones = 20_000
)

// locate is territory.locate, once for a place.
func (c *spots) locate(ground *territory, p orb.Point) *region {
	key := spotIn{ground, p}
	c.mu.Lock()
	r, ok := c.communes[key]
	c.mu.Unlock()
	if ok {
		return r
	}
	r = ground.locate(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.communes == nil || len(c.communes) >= maxSpots {
		c.communes = map[spotIn]*region{}
	}
	c.communes[key] = r
	return r
}

// types gives for each place, which is a number, the types of control there by degree, as bits.
func (c *spots) types(places []orb.Point, marks map[*geo.Version]mark) [][degrees]uint8 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.zones == nil || len(c.places) >= maxSpots || len(c.zones) >= maxSpottedZones {
		c.places, c.number, c.zones = nil, map[orb.Point]int32{}, map[*geo.Version]*spotted{}
	}
	for _, p := range places {
		if _, ok := c.number[p]; !ok {
			c.number[p] = int32(len(c.places))
			c.places = append(c.places, p)
		}
	}
	all := make([][degrees]uint8, len(c.places))
	for zone, m := range marks {
		known := c.zones[zone]
		if known == nil {
			known = &spotted{}
			c.zones[zone] = known
		}
		area := zone.Geometry.(orb.MultiPolygon) // marks hold no others
		for ; known.looked < len(c.places); known.looked++ {
			if p := c.places[known.looked]; zone.Bound.Contains(p) && overlay.Contains(area, p) {
				known.inside = append(known.inside, int32(known.looked))
			}
		}
		for _, n := range known.inside {
			for d := m.degree; d < degrees; d++ {
				all[n][d] |= 1 << m.control
			}
		}
	}
	out := make([][degrees]uint8, len(places))
	for i, p := range places {
		out[i] = all[c.number[p]]
	}
	return out
}
