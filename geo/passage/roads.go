package passage

import (
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// roads is a network with what questions need of it beside the graph. It may
// be nil for a world without a network.
type roads struct {
	graph   *road.Graph
	widestM float64 // the greatest radius of an edge

	pacesLock sync.Mutex
	paces     map[string][]float64 // by vehicle class; one policy for each roads

	byRefOnce sync.Once
	byRef     map[string][]int32
}

func newRoads(g *road.Graph) *roads {
	if g == nil || g.Len() == 0 {
		return nil
	}
	r := &roads{graph: g}
	for i := range g.Len() {
		r.widestM = max(r.widestM, edgeRadiusM(g.Edge(i)))
	}
	return r
}

// withRef lists the edges that carry a road number, ascending.
func (r *roads) withRef(ref string) []int32 {
	r.byRefOnce.Do(func() {
		r.byRef = map[string][]int32{}
		for i := range r.graph.Len() {
			for _, ref := range r.graph.Edge(i).Refs {
				r.byRef[ref] = append(r.byRef[ref], int32(i))
			}
		}
	})
	return r.byRef[ref]
}

// track is a whole edge as a track.
func (r *roads) track(edge int) track {
	e := r.graph.Edge(edge)
	return track{line: e.Geometry, along: e.AlongM, bound: e.Bound, edge: e, number: edge, isEdge: true}
}

// around lists the edges that something in a box, so many metres wide beside,
// may stand on, ascending.
func (r *roads) around(b orb.Bound, precisionM float64) []int32 {
	var out []int32
	r.graph.Search(road.Around(b, max(r.widestM, precisionM)), func(i int) bool {
		e := r.graph.Edge(i)
		if e.Bound.Intersects(road.Around(b, max(edgeRadiusM(e), precisionM))) {
			out = append(out, int32(i))
		}
		return true
	})
	slices.Sort(out)
	return out
}

// place finds out on which edges an obstacle stands, and whether the road that
// it names is among those within its reach.
func (r *roads) place(o *obstacle) {
	var near []int32
	for _, b := range o.target.boxes() {
		near = append(near, r.around(b, o.precisionM)...)
	}
	slices.Sort(near)
	near = slices.Compact(near)
	stands := func(i int32) bool {
		t := r.track(int(i))
		return o.target.meets(t.line, t.bound, max(t.radiusM(), o.precisionM))
	}
	if o.ref != "" {
		for _, i := range near {
			if r.graph.Edge(int(i)).HasRef(o.ref) && stands(i) {
				o.onlyOnRef = true
				break
			}
		}
	}
	o.edges = slices.DeleteFunc(near, func(i int32) bool {
		return o.onlyOnRef && !r.graph.Edge(int(i)).HasRef(o.ref) || !stands(i)
	})
}

// pacesOf is the driving time of a metre of every edge for a vehicle class,
// made once.
func (r *roads) pacesOf(c *caller) []float64 {
	r.pacesLock.Lock()
	defer r.pacesLock.Unlock()
	paces := r.paces[c.vehicle]
	if paces == nil {
		paces = make([]float64, r.graph.Len())
		for i := range paces {
			paces[i] = c.paceOf(r.graph.Edge(i))
		}
		if r.paces == nil {
			r.paces = map[string][]float64{}
		}
		r.paces[c.vehicle] = paces
	}
	return paces
}
