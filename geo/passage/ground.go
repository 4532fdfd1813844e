package passage

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// ground is what a world says on its network over a stretch of valid time: the
// obstacles, zones and sections that answer, and what lies on each edge that
// any of them touches. It says nothing of who asks and when they would arrive.
//
// A ground does not change and is shared by all questions to which the same
// versions answer. The next one is made from it by surveying again the edges
// round what changed; edges elsewhere keep their surveys, by which two grounds
// are compared.
type ground struct {
	inventory
	audience  geo.Audience
	roads     *roads // nil without a network
	obstacles []*obstacle
	zones     []*zone
	sections  []*section
	chart     chart
	pages     []*page
	refuges   *refuges

	lazy    map[int]*survey // of a ground for one question: edges surveyed so far
	copying sync.Mutex      // of the chart: a copy marks its original

	phases struct {
		sync.Mutex
		list []*phase
	}
	risks struct {
		sync.Mutex
		list []*risks // complete ones
	}
	used atomic.Int64 // when it was last asked, in the engine's count
	last atomic.Int64 // instant of a question it answered last, Unix microseconds
}

const (
	pageShift = 7
	pageEdges = 1 << pageShift
)

// page is the surveys of a run of edges.
type page [pageEdges]*survey

// on gives the survey of an edge, nil where nothing lies on it.
func (g *ground) on(edge int) *survey {
	if g.lazy != nil {
		s, ok := g.lazy[edge]
		if !ok {
			t := g.roads.track(edge)
			s = g.chart.look(&t)
			g.lazy[edge] = s
		}
		return s
	}
	if p := g.pages[edge>>pageShift]; p != nil {
		return p[edge&(pageEdges-1)]
	}
	return nil
}

// each calls do with every edge that has a survey, ascending. Not for a lazy
// ground.
func (g *ground) each(do func(edge int, s *survey)) {
	for i, p := range g.pages {
		if p == nil {
			continue
		}
		for k, s := range p {
			if s != nil {
				do(i<<pageShift+k, s)
			}
		}
	}
}

// differing lists the edges whose surveys differ from another ground's on the
// same network, ascending.
func (g *ground) differing(other *ground) []int32 {
	var out []int32
	none := &page{}
	for i := range g.pages {
		a, b := g.pages[i], other.pages[i]
		if a == b {
			continue
		}
		if a == nil {
			a = none
		}
		if b == nil {
			b = none
		}
		for k := range a {
			if a[k] != b[k] {
				out = append(out, int32(i<<pageShift+k))
			}
		}
	}
	return out
}

// lazyGround reads a world for one question: edges are surveyed as they are
// met. It is not for several goroutines.
func lazyGround(w *world.World, at time.Time) *ground {
	g := &ground{audience: w.Audience(), roads: newRoads(w.Network()), chart: newChart(), lazy: map[int]*survey{}}
	g.inventory = read(w, at, nil)
	g.draw(nil)
	return g
}

// newGround reads a world at an instant. Of a former ground, which may be nil,
// it keeps what did not change.
func newGround(w *world.World, r *roads, at time.Time, former *ground, threads int) *ground {
	g := &ground{audience: w.Audience(), roads: r, chart: newChart()}
	if former != nil && former.roads != r {
		former = nil
	}
	if former == nil {
		g.inventory = read(w, at, nil)
	} else {
		g.inventory = read(w, at, &former.inventory)
		former.copying.Lock()
		g.chart = former.chart.copy()
		former.copying.Unlock()
	}
	if r != nil {
		g.pages = make([]*page, (r.graph.Len()+pageEdges-1)>>pageShift)
		if former != nil {
			copy(g.pages, former.pages)
		}
	}
	g.survey(g.draw(former), threads)
	return g
}

// draw puts the features on the chart, those of a former ground where they are
// the same versions, and lists the edges round what is not, in any order.
func (g *ground) draw(former *ground) (stale []int32) {
	if former == nil {
		former = &ground{}
	}
	var fresh []*obstacle
	g.obstacles = exchange(g.roadblocks.versions, former.obstacles, (*obstacle).of, newObstacle,
		func(o *obstacle) {
			g.chart.obstacles.Delete(o.bound(), o)
			stale = append(stale, o.edges...)
		},
		func(o *obstacle) {
			g.chart.obstacles.Insert(o.bound(), o)
			fresh = append(fresh, o)
		})
	if g.roads != nil {
		parallel(len(fresh), runtime.GOMAXPROCS(0), func(i int) { g.roads.place(fresh[i]) })
		for _, o := range fresh {
			stale = append(stale, o.edges...)
		}
	}
	near := func(b orb.Bound, use func(e *road.Edge) bool) {
		if g.roads == nil || g.lazy != nil {
			return
		}
		g.roads.graph.Search(b, func(i int) bool {
			if use(g.roads.graph.Edge(i)) {
				stale = append(stale, int32(i))
			}
			return true
		})
	}
	round := func(z *zone) { near(z.version.Bound, func(*road.Edge) bool { return true }) }
	g.zones = exchange(g.inventory.zones.versions, former.zones, (*zone).of, newZone,
		func(z *zone) { g.chart.zones.Delete(z.version.Bound, z); round(z) },
		func(z *zone) { g.chart.zones.Insert(z.version.Bound, z); round(z) })
	beside := func(s *section) { near(s.bound(), func(e *road.Edge) bool { return e.HasRef(s.ref) }) }
	g.sections = exchange(g.inventory.sections.versions, former.sections, (*section).of, newSection,
		func(s *section) { g.chart.sections.Delete(s.bound(), s); beside(s) },
		func(s *section) { g.chart.sections.Insert(s.bound(), s); beside(s) })
	if former.refuges != nil && sameStock(&g.facilities, &former.facilities) && sameStock(&g.police, &former.police) {
		g.refuges = former.refuges
	} else {
		g.refuges = newRefuges(g.facilities.versions, g.police.versions)
	}
	return stale
}

func sameStock(a, b *stock) bool { return slices.Equal(a.versions, b.versions) }

// exchange makes the features of versions, both in the order of ids, taking
// over those that there are already. It tells which went and which came.
func exchange[T any](versions []*geo.Version, have []T, of func(T) *geo.Version, make func(*geo.Version) T, gone, come func(T)) []T {
	out := []T{}
	k := 0
	for _, v := range versions {
		for k < len(have) && compareVersions(of(have[k]), v) < 0 {
			gone(have[k])
			k++
		}
		if k < len(have) && of(have[k]) == v {
			out = append(out, have[k])
			k++
			continue
		}
		if k < len(have) && compareVersions(of(have[k]), v) == 0 {
			gone(have[k])
			k++
		}
		one := make(v)
		come(one)
		out = append(out, one)
	}
	for ; k < len(have); k++ {
		gone(have[k])
	}
	return out
}

// survey looks at edges anew.
func (g *ground) survey(edges []int32, threads int) {
	if g.roads == nil || len(edges) == 0 {
		return
	}
	slices.Sort(edges)
	edges = slices.Compact(edges)
	surveys := make([]*survey, len(edges))
	parallel(len(edges), threads, func(i int) {
		t := g.roads.track(int(edges[i]))
		surveys[i] = g.chart.look(&t)
	})
	own := -1
	for i, edge := range edges {
		at := int(edge) >> pageShift
		if g.pages[at] == nil {
			if surveys[i] == nil {
				continue
			}
			g.pages[at] = &page{}
		} else if own != at {
			copied := *g.pages[at]
			g.pages[at] = &copied
		}
		own = at
		g.pages[at][edge&(pageEdges-1)] = surveys[i]
	}
}

// parallel calls do for 0 to n-1 on several goroutines.
func parallel(n, threads int, do func(i int)) {
	if threads = min(threads, n/64+1); threads <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range threads {
		wait.Go(func() {
			for {
				to := int(next.Add(64))
				for i := to - 64; i < min(to, n); i++ {
					do(i)
				}
				if to >= n {
					return
				}
			}
		})
	}
	wait.Wait()
}

// phase is a stretch of departures within which the same obstacles stay shut
// for more than a day.
type phase struct {
	quarters []int64     // quarters of an hour, since 1970, that it is known to hold for
	shut     []*obstacle // in the order of ids
}

// quarter is the quarter of an hour of an instant. Haiti is whole hours off
// UTC, so local quarters are the same.
func quarter(t time.Time) int64 { return t.Unix() / 900 }

// holds reports whether the phase keeps an obstacle shut.
func (p *phase) holds(o *obstacle) bool {
	for _, s := range p.shut {
		if s == o {
			return true
		}
	}
	return false
}

const maxPhaseQuarters = 256

// phase finds the phase of a departure. What is shut counts from the beginning
// of its quarter of an hour.
func (g *ground) phase(depart time.Time) *phase {
	at := quarter(depart)
	g.phases.Lock()
	defer g.phases.Unlock()
	for _, p := range g.phases.list {
		if slices.Contains(p.quarters, at) {
			return p
		}
	}
	var shut []*obstacle
	start := time.Unix(at*900, 0).UTC()
	for _, o := range g.obstacles {
		if o.live && o.longShut(start) {
			shut = append(shut, o)
		}
	}
	for _, p := range g.phases.list {
		if slices.Equal(p.shut, shut) {
			p.quarters = append(p.quarters, at)
			if len(p.quarters) > maxPhaseQuarters {
				p.quarters = slices.Delete(p.quarters, 0, len(p.quarters)/2)
			}
			return p
		}
	}
	p := &phase{quarters: []int64{at}, shut: shut}
	if len(g.phases.list) >= maxPhases {
		g.phases.list = slices.Delete(g.phases.list, 0, 1)
	}
	g.phases.list = append(g.phases.list, p)
	return p
}

const maxPhases = 64
