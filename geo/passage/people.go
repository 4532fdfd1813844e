package passage

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// city is the p-code of the commune whose isolation is reported on.
const city = "HT0111"

// capitalSuffix ends the p-code of the commune of each department's capital.
const capitalSuffix = "11"

// peopleKeep is what enquiries about people need of a network, and who lives
// where by the layers that were read last.
type peopleKeep struct {
	once     sync.Once
	graph    *isolation.Graph
	gates    *isolation.Gates
	gateways []isolation.Gateway
	err      error

	mu        sync.Mutex
	of        [4]*world.Layer
	residence *residence
}

// residence is who lives where, on a network.
type residence struct {
	communes []isolation.Place
	capitals []isolation.Place // of the other departments
	ports    []isolation.Place
	airports []isolation.Place
	city     []int32 // junctions
}

func (k *peopleKeep) prepare(n *road.Graph) error {
	k.once.Do(func() {
		k.graph, k.err = isolation.Of(n)
		k.gates = isolation.Capital()
		k.gateways = k.gates.Locate(n)
	})
	return k.err
}

// residence gives who lives where at an instant, by the world's communes, towns,
// ports and airports.
func (q *enquiry) residence() (*residence, error) {
	k := &q.kept.people
	if err := k.prepare(q.roads.graph); err != nil {
		return nil, err
	}
	now := [4]*world.Layer{q.world.Named("admin-areas"), q.world.Named("places"), q.world.Named("ports"), q.world.Named("airports")}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.residence == nil || k.of != now {
		k.of, k.residence = now, settle(q.roads.graph, k.graph, q.world)
	}
	return k.residence, nil
}

// settle reads who lives where. The latest state of each layer counts: people
// are not thought to move with the instant of the question.
func settle(n *road.Graph, g *isolation.Graph, w *world.World) *residence {
	out := &residence{}
	each := func(layer string, use func(v *geo.Version)) {
		w.Named(layer).Each(geo.Moment{}, func(v *geo.Version) bool {
			if v.Geometry != nil {
				use(v)
			}
			return true
		})
	}
	towns := map[string]*geo.Version{} // by commune: the town of its name, else the first
	names := map[string]string{}
	var communes []*geo.Version
	var areas []*geo.Version
	each("admin-areas", func(v *geo.Version) {
		areas = append(areas, v)
		if level, _ := v.Number("level"); level == 2 {
			communes = append(communes, v)
			names[v.Text("pcode")] = v.Name().French
		}
	})
	each("places", func(v *geo.Version) {
		commune := v.Text("commune")
		if _, ok := v.Geometry.(orb.Point); !ok || v.Text("place_kind") != "town" || commune == "" {
			return
		}
		if towns[commune] == nil || strings.EqualFold(v.Name().French, names[commune]) {
			towns[commune] = v
		}
	})
	slices.SortFunc(communes, func(a, b *geo.Version) int { return cmp.Compare(a.Text("pcode"), b.Text("pcode")) })
	people, _ := geo.Residents(areas)
	for _, v := range communes {
		pcode := v.Text("pcode")
		p := placeOn(n, pcode, v.Name().French, seat(v, towns[pcode]))
		p.People = people[pcode]
		out.communes = append(out.communes, p)
		if pcode == city {
			if area, ok := v.Geometry.(orb.MultiPolygon); ok {
				out.city = isolation.Within(n, area)
			}
			if len(out.city) == 0 {
				if j := g.At(p); j != isolation.Offside {
					out.city = []int32{j}
				}
			}
		} else if strings.HasSuffix(pcode, capitalSuffix) && len(pcode) == len(city) {
			out.capitals = append(out.capitals, p)
		}
	}
	// A town is taken to lie outside the city even where its junction is one of
	// the city's: it has no corridor of its own then.
	out.capitals = slices.DeleteFunc(out.capitals, func(p isolation.Place) bool { return slices.Contains(out.city, g.At(p)) })
	facility := func(list *[]isolation.Place) func(v *geo.Version) {
		return func(v *geo.Version) {
			if at, ok := v.Geometry.(orb.Point); ok {
				*list = append(*list, placeOn(n, cmp.Or(v.Text("code"), v.ID.String()), v.Name().French, at))
			}
		}
	}
	each("ports", facility(&out.ports))
	each("airports", facility(&out.airports))
	return out
}

// seat is where a commune's people are taken to be: its town, else the middle of
// its largest part.
func seat(commune, town *geo.Version) orb.Point {
	if town != nil {
		return town.Geometry.(orb.Point)
	}
	area, _ := commune.Geometry.(orb.MultiPolygon)
	var best orb.Point
	largest := -1.0
	for _, part := range area {
		if at, m := planar.CentroidArea(part); m > largest {
			best, largest = at, m
		}
	}
	return best
}

func placeOn(n *road.Graph, id, name string, at orb.Point) isolation.Place {
	p := isolation.Place{ID: id, Name: name, At: at, Edge: -1}
	if s, ok := n.Snap(at, reachNetworkM); ok {
		p.Edge, p.AlongM = s.Edge, s.AlongM
	}
	return p
}
