package coverage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

var coastIndicator = &Indicator{
	Code: "M1", Version: 1, Unit: UnitKm, Layers: []string{"facilities", "admin-areas"}, measure: measureCoast,
	Title: geo.Text{
		French:  "Côte à portée d’une base de garde-côtes en service",
		Haitian: "Kòt ki pre yon baz gadkòt k ap mache",
		English: "Coast within reach of a working coastguard base",
	},
}

// Rules of M1: Pasaj's coding rule. A nautical mile is 1,852 m by definition
// (International Hydrographic Conference, Monaco 1929; SI brochure).
const (
	nauticalMileM = 1852.0
	coastPieceM   = 200.0    // coast is judged in pieces at most this long, by their middles
	sharedEdgeM   = 30.0     // an edge this near to another commune is no coast
	mouthReachM   = 25_000.0 // outlines that end farther than this from a mouth do not reach the border
)

var coastRadiiNm = []float64{10, 20}

// Mouths of the rivers between which the land border runs.
var (
	massacreMouth   = orb.Point{-71.757, 19.705}
	pedernalesMouth = orb.Point{-71.765, 18.035}
)

// shore is one edge of the coast.
type shore struct {
	a, b    orb.Point
	commune *region
}

// coastline is the coast of a territory; nil edges where the outlines do not
// reach the land border, so that nobody can tell coast from border.
type coastline struct {
	edges  []shore
	meanM  float64 // length of an edge
	border float64 // m
}

// coastline is the outer boundary of the communes without the land border:
// edges that no other commune has or touches, less the shorter of the two ways
// along the outline from the mouth of the Massacre to that of the Pedernales.
func (t *territory) coastline() coastline {
	type key [2]orb.Point
	keyOf := func(a, b orb.Point) key {
		if b[0] < a[0] || b[0] == a[0] && b[1] < a[1] {
			a, b = b, a
		}
		return key{a, b}
	}
	times := map[key]int{}
	eachEdge := func(do func(r *region, a, b orb.Point)) {
		for _, r := range t.country.regions {
			for _, polygon := range r.area {
				for _, ring := range polygon {
					for k := 1; k < len(ring); k++ {
						if ring[k-1] != ring[k] {
							do(r, ring[k-1], ring[k])
						}
					}
				}
			}
		}
	}
	eachEdge(func(_ *region, a, b orb.Point) { times[keyOf(a, b)]++ })
	var outer []shore
	eachEdge(func(r *region, a, b orb.Point) {
		if times[keyOf(a, b)] == 1 && !t.besideAnother(r, orb.Point{(a[0] + b[0]) / 2, (a[1] + b[1]) / 2}) {
			outer = append(outer, shore{a, b, r})
		}
	})
	border := borderOf(outer)
	if border == nil {
		return coastline{}
	}
	var c coastline
	total := 0.0
	for k, e := range outer {
		if border[k] {
			c.border += measure.DistanceM(e.a, e.b)
			continue
		}
		c.edges = append(c.edges, e)
		total += measure.DistanceM(e.a, e.b)
	}
	c.meanM = total / math.Max(1, float64(len(c.edges)))
	return c
}

// besideAnother reports whether a place on a commune's boundary is on, in or
// next to another commune: outlines that do not share their vertices.
func (t *territory) besideAnother(r *region, p orb.Point) bool {
	lonM, latM := measure.DegreeM(p[1])
	near := orb.Bound{Min: orb.Point{p[0] - sharedEdgeM/lonM, p[1] - sharedEdgeM/latM}, Max: orb.Point{p[0] + sharedEdgeM/lonM, p[1] + sharedEdgeM/latM}}
	found := false
	t.tree.Search(near, func(o *region) bool {
		if o == r {
			return true
		}
		found = overlay.Contains(o.area, p)
		for _, polygon := range o.area {
			for _, ring := range polygon {
				if found {
					return false
				}
				_, d, _ := measure.NearestOnLine(p, orb.LineString(ring))
				found = d <= sharedEdgeM
			}
		}
		return !found
	})
	return found
}

// borderOf marks the edges of the land border; nil where the outline does not
// reach both mouths or does not close.
func borderOf(outer []shore) map[int]bool {
	at := map[orb.Point][]int{}
	for k, e := range outer {
		at[e.a] = append(at[e.a], k)
		at[e.b] = append(at[e.b], k)
	}
	north, okNorth := nearestVertex(outer, massacreMouth)
	south, okSouth := nearestVertex(outer, pedernalesMouth)
	if !okNorth || !okSouth || north == south {
		return nil
	}
	var best map[int]bool
	shortest := math.Inf(1)
	for _, first := range at[north] {
		way, lengthM := map[int]bool{}, 0.0
		here, edge := north, first
		for !way[edge] {
			way[edge] = true
			lengthM += measure.DistanceM(outer[edge].a, outer[edge].b)
			if here == outer[edge].a {
				here = outer[edge].b
			} else {
				here = outer[edge].a
			}
			if here == south {
				if lengthM < shortest {
					best, shortest = way, lengthM
				}
				break
			}
			next := slices.IndexFunc(at[here], func(k int) bool { return !way[k] })
			if next < 0 {
				break
			}
			edge = at[here][next]
		}
	}
	return best
}

func nearestVertex(outer []shore, p orb.Point) (orb.Point, bool) {
	best, nearestM := orb.Point{}, math.Inf(1)
	for _, e := range outer {
		if d := measure.DistanceM(p, e.a); d < nearestM {
			best, nearestM = e.a, d
		}
		if d := measure.DistanceM(p, e.b); d < nearestM {
			best, nearestM = e.b, d
		}
	}
	return best, nearestM <= mouthReachM
}

var (
	noCoast = geo.Text{
		French: "Cette zone n’a pas de côte.", Haitian: "Zòn sa a pa gen kòt.", English: "This area has no coast.",
	}
	noBorder = geo.Text{
		French:  "Les contours au registre n’atteignent pas la frontière terrestre : la côte ne s’en distingue pas.",
		Haitian: "Kontou ki nan rejis la pa rive sou fwontyè a : nou pa ka separe kòt la.",
		English: "The outlines on record do not reach the land border: the coast cannot be told from it.",
	}
	noBase = geo.Text{
		French:  "Aucune base de garde-côtes au registre pour ce public.",
		Haitian: "Pa gen baz gadkòt nan rejis la pou piblik sa a.",
		English: "No coastguard base is on record for this audience.",
	}
)

// M1. Length of coast within 10 and 20 nautical miles, in a straight line, of a
// coastguard base that functions fully or in part, of all the area's coast.
func measureCoast(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	bases := s.hubsOf("facilities", "coastguard_base")
	mayFunction := s.seesProperty("facilities", "functional")
	coast := s.coast()
	var out []Value
	for _, t := range s.targets {
		switch {
		case !mayFunction:
			v := s.value(i, t)
			v.Status = Withheld
			out = append(out, v)
			continue
		case coast.edges == nil:
			out = append(out, s.notMeasured(i, t, noBorder))
			continue
		case len(bases) == 0:
			out = append(out, s.notMeasured(i, t, noBase))
			continue
		}
		var here []shore
		lengthM := 0.0
		for _, e := range coast.edges {
			if t.has(e.commune) || slices.ContainsFunc(t.regions, func(r *region) bool {
				return r.level != LevelCommune && overlay.Contains(r.area, orb.Point{(e.a[0] + e.b[0]) / 2, (e.a[1] + e.b[1]) / 2})
			}) {
				here = append(here, e)
				lengthM += measure.DistanceM(e.a, e.b)
			}
		}
		if lengthM == 0 {
			out = append(out, s.notMeasured(i, t, noCoast))
			continue
		}
		whole := &Whole{
			Name:   prefixed(geo.Text{French: "côte de ", Haitian: "kòt ", English: "coast of "}, t.title()),
			Amount: significant(lengthM / 1000), Unit: UnitKm, Source: sources(t.regions),
		}
		for _, nm := range coastRadiiNm {
			v := s.value(i, t, "radius_nm", strconv.FormatFloat(nm, 'f', -1, 64))
			amount := s.coastWithin(here, bases, nm*nauticalMileM, &v)
			v.Amount, v.Share, v.Whole = amount.rounded(), amount.over(lengthM/1000), whole
			v.Note = coast.note()
			out = append(out, v)
		}
	}
	return out, nil
}

// coast is the scene's coastline, found once for its ground.
func (s *scene) coast() coastline {
	s.ground.surveyed.Do(func() { s.ground.shores = s.ground.coastline() })
	return s.ground.shores
}

// note says how coarse the coast is.
func (c coastline) note() *geo.Text {
	if c.meanM < 500 {
		return nil
	}
	km := func(language string) string { return FormatNumber(c.meanM/1000, 1, language) }
	return &geo.Text{
		French:  fmt.Sprintf("Les contours sont généralisés (un sommet tous les %s km environ) : la longueur de la côte l’est aussi.", km("fr")),
		Haitian: fmt.Sprintf("Kontou yo senplifye (yon pwen chak %s km anviwon) : longè kòt la senplifye tou.", km("ht")),
		English: fmt.Sprintf("The outlines are generalised (a vertex about every %s km), and so is the length of the coast.", km("en")),
	}
}

// coastWithin is how much of some coast is within a radius of a working base.
func (s *scene) coastWithin(coast []shore, bases []*hub, radiusM float64, v *Value) Range {
	var sum [degrees]float64
	works := make([]certainty, len(bases))
	used := make([]bool, len(bases))
	for k, b := range bases {
		works[k] = s.functions(b.v)
	}
	for _, e := range coast {
		edgeM := measure.DistanceM(e.a, e.b)
		pieces := max(1, int(math.Ceil(edgeM/coastPieceM)))
		for n := range pieces {
			f := (float64(n) + 0.5) / float64(pieces)
			p := orb.Point{e.a[0] + f*(e.b[0]-e.a[0]), e.a[1] + f*(e.b[1]-e.a[1])}
			var reached [degrees]bool
			for k, b := range bases {
				if !works[k].is[high] || measure.DistanceM(p, b.at) > radiusM {
					continue
				}
				used[k] = true
				for d := range degrees {
					reached[d] = reached[d] || works[k].is[d]
				}
			}
			for d := range degrees {
				if reached[d] {
					sum[d] += edgeM / float64(pieces)
				}
			}
		}
	}
	var c counted
	for k, b := range bases {
		if used[k] {
			c.add(b.v.ID, s.assess(b.v).Confidence, 1)
		}
	}
	s.trace(v, &c)
	return Range{sum[low] / 1000, sum[central] / 1000, sum[high] / 1000}
}
