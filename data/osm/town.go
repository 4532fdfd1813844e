package osm

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo/index"
)

// townRadiusM is how far a town reaches from its node, in metres, by the value
// of its place tag: Pasaj's own estimate, used only to tell streets from country
// roads where the highway value leaves it open.
var townRadiusM = map[string]float64{
	"city": 4000, "town": 1500, "borough": 1000, "suburb": 1000, "quarter": 800, "neighbourhood": 500,
}

const metresPerDegree = 111_195.0 // of latitude, on a sphere

type town struct {
	at      point
	radiusM float64
}

type towns struct {
	list []town
	tree *index.Tree[int32]
}

// contains reports whether a point lies in a town.
func (t *towns) contains(p point) bool {
	if t.tree == nil {
		t.tree = index.New[int32]()
		for i, one := range t.list {
			at, lat := one.at.degrees(), one.radiusM/metresPerDegree
			lon := lat / math.Max(.1, math.Cos(at[1]*math.Pi/180))
			t.tree.Insert(orb.Bound{Min: orb.Point{at[0] - lon, at[1] - lat}, Max: orb.Point{at[0] + lon, at[1] + lat}}, int32(i))
		}
	}
	found := false
	at := p.degrees()
	t.tree.Search(at.Bound(), func(i int32) bool {
		found = apartM(at, t.list[i].at.degrees()) <= t.list[i].radiusM
		return !found
	})
	return found
}

func (p point) degrees() orb.Point { return orb.Point{float64(p.lon) / 1e7, float64(p.lat) / 1e7} }

// apartM is the distance on a sphere taken as flat, good to a percent: enough
// where a rule of thumb decides.
func apartM(a, b orb.Point) float64 {
	return metresPerDegree * math.Hypot((a[0]-b[0])*math.Cos((a[1]+b[1])/2*math.Pi/180), a[1]-b[1])
}
