package osm_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/data/haiti"
	"pasaj/data/osm"
	"pasaj/data/osm/osmtest"
	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/hazard"
	"pasaj/geo/road"
)

// What the route engine is held to on each network.
const (
	exactBatches = 100 // of closures and prices
	exactSources = 10  // positions that a batch asks from
	exactTargets = 100 // and to: 1,000 pairs a batch
	exactPlain   = 4   // pairs a batch that road.Dijkstra answers too
	exactSmall   = 0.02
)

// TestExact ends before the tests that run beside each other begin: some of
// those watch how much memory is taken.
func TestExact(t *testing.T) {
	t.Run("PortAuPrince", exactOnPortAuPrince)
	t.Run("Skeleton", exactOnSkeleton)
	t.Run("Country", exactOnCountry)
}

func exactOnPortAuPrince(t *testing.T) {
	t.Parallel()
	prove(t, portAuPrince(t).Graph, 1)
}

func exactOnSkeleton(t *testing.T) {
	t.Parallel()
	network, edges, err := haiti.Network()
	if err != nil {
		t.Fatal(err)
	}
	g, err := road.Build(network, edges)
	if err != nil {
		t.Fatal(err)
	}
	prove(t, g, 2)
}

// exactOnCountry has what the other two lack: turn restrictions, barriers
// and limits.
func exactOnCountry(t *testing.T) {
	t.Parallel()
	var raw bytes.Buffer
	w := osmtest.NewWriter(&raw, osmtest.Options{})
	if _, err := osmtest.Country(w, osmtest.CountryOptions{Seed: 3, Scale: exactSmall}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := osm.Read(t.Context(), bytes.NewReader(raw.Bytes()), osm.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Graph.Turns()) == 0 {
		t.Fatal("the country has no turn restriction")
	}
	prove(t, got.Graph, 3)
}

// prove changes prices in batches, by a vehicle class each in turn, and holds
// all that the hierarchy answers against Dijkstra's algorithm.
func prove(t *testing.T, g *road.Graph, seed uint64) {
	firstOut, head, at := g.Undirected()
	order, err := cch.NestedDissection(t.Context(), firstOut, head, at)
	if err != nil {
		t.Fatal(err)
	}
	topology := g.Topology()
	h, err := cch.Build(topology.Nodes(), topology.Tail, topology.Head, order)
	if err != nil {
		t.Fatal(err)
	}
	p := &proof{T: t, graph: g, topology: topology, hierarchy: h, query: h.NewQuery(), law: newLaw(g)}
	p.random = rand.New(rand.NewPCG(seed, 2026))
	p.open = road.Cost(func(s road.Stretch) (float64, bool) { c := p.price(s); return float64(c), c < cch.Infinity })
	p.arcs = make([][]int32, g.Len())
	for arc, directed := range topology.Arc {
		p.arcs[directed>>1] = append(p.arcs[directed>>1], int32(arc))
	}
	tariffs := make([]*tariff, len(geo.VehicleClasses))
	for i := range tariffs {
		tariffs[i] = newTariff(g, i)
		tariffs[i].metric = h.Customize(p.weights(tariffs[i]), 1)
	}
	for batch := range exactBatches {
		p.tariff = tariffs[batch%len(tariffs)]
		p.batch(batch)
		if t.Failed() {
			return
		}
	}
	t.Logf("%d junctions, %d nodes, %d arcs, %d turn restrictions: %d of %d pairs have a way, of %.0f arcs; %d of these paths meet a restriction",
		g.Junctions(), topology.Nodes(), len(topology.Arc), len(g.Turns()), p.found, p.pairs, float64(p.driven)/float64(p.found), p.bound)
	if p.found < p.pairs/4 || p.found == p.pairs {
		t.Errorf("%d of %d pairs have a way: that proves little", p.found, p.pairs)
	}
	if len(g.Turns()) > 0 && p.bound == 0 {
		t.Error("no path met a turn restriction")
	}
}

// tariff is what one vehicle class pays in one direction of each edge.
type tariff struct {
	class   int
	base    []float64   // deciseconds a metre of arc edge*2+direction; +Inf where it may not go
	rate    []float64   // with the batches so far
	changed []int32     // arcs whose rate is not the base's
	metric  *cch.Metric // of the rates, made of the first by With alone
}

func newTariff(g *road.Graph, class int) *tariff {
	policy, name := hazard.Default(), geo.VehicleClasses[class].Value
	out := &tariff{class: class, base: make([]float64, 2*g.Len())}
	for i := range g.Len() {
		e := g.Edge(i)
		kmh := policy.SpeedKmh(name, e.Class, e.Surface, e.SpeedKmh)
		rate := math.Inf(1)
		if e.Admits(class) && kmh > 0 {
			rate = 36 / kmh
		}
		// Uphill and downhill differ, so that directions cannot be mixed up.
		out.base[2*i], out.base[2*i+1] = rate, rate*(1+float64(i%7)/20)
	}
	out.rate = slices.Clone(out.base)
	return out
}

// proof is a network on trial with the tariff of the current batch.
type proof struct {
	*testing.T
	graph     *road.Graph
	topology  *road.Topology
	hierarchy *cch.Hierarchy
	query     *cch.Query
	law       *law
	random    *rand.Rand
	tariff    *tariff
	open      road.Cost
	arcs      [][]int32 // of the topology, by edge
	weight    []uint32  // of the topology's arcs by the tariff
	backward  [][]int32 // arcs into each node
	queue     []uint64

	pairs, found, driven, bound int
}

// price is the price of a stretch in deciseconds: whole numbers, so that every
// sum is exact.
func (p *proof) price(s road.Stretch) uint32 {
	direction := 0
	if s.FromM > s.ToM {
		direction = 1
	}
	return whole(s.LengthM() * p.tariff.rate[2*s.Edge+direction])
}

func whole(ds float64) uint32 {
	if !(ds < 1e9) {
		return cch.Infinity
	}
	return uint32(math.Ceil(ds))
}

func (p *proof) weights(t *tariff) []uint32 {
	out := make([]uint32, len(p.topology.Arc))
	for i, arc := range p.topology.Arc {
		out[i] = whole(p.graph.Whole(arc).LengthM() * t.rate[arc])
	}
	return out
}

// change draws a batch and puts it into the tariff: from a single road to all
// roads of an area, closed, dearer or cheaper, one way or both; and some of what
// former batches changed goes back to what it was. It names the edges.
func (p *proof) change() []int32 {
	t, g, touched := p.tariff, p.graph, map[int32]bool{}
	p.random.Shuffle(len(t.changed), func(i, k int) { t.changed[i], t.changed[k] = t.changed[k], t.changed[i] })
	back := len(t.changed) / (1 + p.random.IntN(3))
	for _, arc := range t.changed[:back] {
		t.rate[arc] = t.base[arc]
		touched[arc>>1] = true
	}
	t.changed = slices.Clone(t.changed[back:])
	set := func(edge int, factor float64, directions int) {
		for direction := range 2 {
			if arc := 2*edge + direction; directions>>direction&1 == 1 {
				t.rate[arc] = t.base[arc] * factor
				t.changed = append(t.changed, int32(arc))
				touched[int32(edge)] = true
			}
		}
	}
	factor := func() float64 {
		return []float64{math.Inf(1), math.Inf(1), 0.5, 1.5, 4, 40}[p.random.IntN(6)]
	}
	switch p.random.IntN(4) {
	case 0: // one obstacle
		set(p.random.IntN(g.Len()), math.Inf(1), 3)
	case 1: // an area
		center := g.Junction(p.random.IntN(g.Junctions()))
		area := orb.Bound{Min: center, Max: center}.Pad(p.extent() * (0.02 + 0.2*p.random.Float64()))
		f := factor()
		g.Search(area, func(edge int) bool { set(edge, f, 3); return true })
	default:
		for range 1 + p.random.IntN(1+g.Len()/8) {
			set(p.random.IntN(g.Len()), factor(), 1+p.random.IntN(3))
		}
	}
	slices.Sort(t.changed)
	t.changed = slices.Compact(t.changed)
	var edges []int32
	for edge := range touched {
		edges = append(edges, edge)
	}
	slices.Sort(edges)
	return edges
}

func (p *proof) extent() float64 {
	b := p.graph.Junction(0).Bound()
	for j := range p.graph.Junctions() {
		b = b.Extend(p.graph.Junction(j))
	}
	return max(b.Max[0]-b.Min[0], b.Max[1]-b.Min[1])
}

// batch makes one change and holds a thousand pairs against the judge, in the
// metric as a whole by one goroutine and by several, in the former metric with
// the change, and in an edit of it.
func (p *proof) batch(batch int) {
	t := p.tariff
	former := t.metric
	edges := p.change()
	p.weight = p.weights(t)
	var arcs []int32
	var changed []uint32
	for _, edge := range edges {
		for _, arc := range p.arcs[edge] {
			arcs, changed = append(arcs, arc), append(changed, p.weight[arc])
		}
	}
	edit := former.Edit()
	edit.Set(arcs, changed)
	t.metric = former.With(arcs, changed)
	metrics := []*cch.Metric{p.hierarchy.Customize(p.weight, 1), t.metric, edit.Metric(), p.hierarchy.Customize(p.weight, 4)}
	for arc, w := range p.weight {
		for _, m := range metrics {
			if m.Weight(int32(arc)) != w {
				p.Fatalf("batch %d: arc %d costs %d, not %d", batch, arc, m.Weight(int32(arc)), w)
			}
		}
	}
	for source := range exactSources {
		p.ask(fmt.Sprintf("batch %d (%s)", batch, geo.VehicleClasses[t.class].Value), source, metrics)
		if p.Failed() {
			return
		}
	}
	// What the edit forgets is all of it.
	seeds := p.leave(p.position())
	was := slices.Clone(p.query.Sweep(former, seeds, nil))
	edit.Reset()
	if !slices.Equal(was, p.query.Sweep(edit.Metric(), seeds, nil)) {
		p.Errorf("batch %d: an edit set back is not what it was", batch)
	}
}

// ask goes from one position to many.
func (p *proof) ask(name string, source int, metrics []*cch.Metric) {
	from := p.position()
	leave := p.leave(from)
	judged := p.dijkstra(leave, false)
	var swept []uint32
	for i, m := range metrics {
		if swept = p.query.Sweep(m, leave, swept); !slices.Equal(swept, judged) {
			p.Errorf("%s: the sweep of metric %d from %v is not Dijkstra's", name, i, from)
			return
		}
	}
	targets, ends := make([]road.Position, exactTargets), make([][]cch.Seed, exactTargets)
	for i := range targets {
		targets[i] = p.position()
		if i == 0 { // on the same edge
			targets[i] = road.Position{Edge: from.Edge, AlongM: p.random.Float64() * p.graph.Edge(from.Edge).LengthM}
		}
		ends[i] = p.arrive(targets[i])
	}
	if source == 0 {
		back := p.dijkstra(ends[1], true)
		for i, m := range metrics {
			if swept = p.query.SweepBack(m, ends[1], swept); !slices.Equal(swept, back) {
				p.Errorf("%s: the sweep of metric %d back from %v is not Dijkstra's", name, i, targets[1])
				return
			}
		}
	}
	row := p.query.Table(metrics[1], leave, p.hierarchy.NewTargets(ends), nil)
	for i, to := range targets {
		want := cch.Infinity
		for _, s := range ends[i] {
			if judged[s.Node] < cch.Infinity && s.Cost < cch.Infinity {
				want = min(want, judged[s.Node]+s.Cost)
			}
		}
		if row[i] != want {
			p.Errorf("%s: the table has %d from %v to %v, Dijkstra %d", name, row[i], from, to, want)
			return
		}
		for k, m := range metrics {
			if k == 3 && source > 0 {
				break // the sweeps have compared all of it
			}
			cost, ok := p.query.Run(m, leave, ends[i])
			if cost != want || ok != (want < cch.Infinity) {
				p.Errorf("%s: metric %d has %d, %v from %v to %v, Dijkstra %d", name, k, cost, ok, from, to, want)
				return
			}
			if ok && k == i%3 { // each metric is to find its share of the paths
				path, a, b := p.query.Path(nil)
				p.drive(name, from, to, leave[a], ends[i][b], path, want)
				p.driven += len(path)
			}
		}
		p.pairs++
		if want < cch.Infinity {
			p.found++
		}
		if source == 0 && i < exactPlain {
			p.plain(name, from, to, want)
		}
	}
}

// plain asks the oracle that the project keeps, by way of positions.
func (p *proof) plain(name string, from, to road.Position, between uint32) {
	want := between
	if direct, ok := p.graph.Between(from, to); ok {
		want = min(want, p.price(direct))
	}
	path, err := p.graph.Dijkstra(p.Context(), from, to, p.open)
	switch {
	case err != nil && want < cch.Infinity:
		p.Errorf("%s: %d from %v to %v, road.Dijkstra: %v", name, want, from, to, err)
	case err == nil && path.Cost != float64(want):
		p.Errorf("%s: %d from %v to %v, road.Dijkstra %v", name, want, from, to, path.Cost)
	}
}

// drive follows a path edge by edge: it hangs together, costs what was said and
// is lawful.
func (p *proof) drive(name string, from, to road.Position, leave, arrive cch.Seed, path []int32, cost uint32) {
	topology, node, sum := p.topology, leave.Node, leave.Cost
	driven := []int32{p.begun(from, leave)}
	for _, arc := range path {
		if topology.Tail[arc] != node {
			p.Fatalf("%s: the path from %v to %v breaks before arc %d", name, from, to, arc)
		}
		node = topology.Head[arc]
		sum += p.price(p.graph.Whole(topology.Arc[arc]))
		driven = append(driven, topology.Arc[arc])
	}
	if node != arrive.Node || sum+arrive.Cost != cost {
		p.Fatalf("%s: the path from %v to %v ends at node %d for %d, expected %d for %d", name, from, to, node, sum+arrive.Cost, arrive.Node, cost)
	}
	last := int32(2 * to.Edge)
	if int(topology.Junction[node]) != p.graph.Edge(to.Edge).From || p.price(road.Stretch{Edge: to.Edge, ToM: to.AlongM}) != arrive.Cost {
		last++
	}
	driven = append(driven, last)
	if turn, broken := p.law.broken(driven); broken {
		p.Errorf("%s: the path from %v to %v breaks %v", name, from, to, turn)
	}
	if p.law.concerns(driven) {
		p.bound++
	}
}

// begun is the arc by which a position is left for a seed.
func (p *proof) begun(from road.Position, s cch.Seed) int32 {
	for direction, end := range p.graph.Leave(from) {
		if end.Node == s.Node && p.price(end.Stretch) == s.Cost {
			return int32(2*from.Edge + direction)
		}
	}
	p.Fatalf("seed %v is no way off %v", s, from)
	return 0
}

// position draws a place on an edge, most often one that the class may enter,
// now and then an end of it.
func (p *proof) position() road.Position {
	edge := p.random.IntN(p.graph.Len())
	for tries := 0; tries < 5 && !p.graph.Edge(edge).Admits(p.tariff.class); tries++ {
		edge = p.random.IntN(p.graph.Len())
	}
	length := p.graph.Edge(edge).LengthM
	switch p.random.IntN(10) {
	case 0:
		return road.Position{Edge: edge}
	case 1:
		return road.Position{Edge: edge, AlongM: length}
	}
	return road.Position{Edge: edge, AlongM: length * p.random.Float64()}
}

func (p *proof) leave(at road.Position) []cch.Seed { return p.seeds(p.graph.Leave(at)) }

func (p *proof) arrive(at road.Position) []cch.Seed { return p.seeds(p.graph.Arrive(at)) }

func (p *proof) seeds(ends []road.End) []cch.Seed {
	out := make([]cch.Seed, len(ends))
	for i, end := range ends {
		out[i] = cch.Seed{Node: end.Node, Cost: p.price(end.Stretch)}
	}
	return out
}

// dijkstra is the judge: nothing but the arcs of the topology, their prices by
// the tariff, and a binary heap of cost and node.
func (p *proof) dijkstra(seeds []cch.Seed, backward bool) []uint32 {
	topology := p.topology
	if backward && p.backward == nil {
		p.backward = make([][]int32, topology.Nodes())
		for arc, node := range topology.Head {
			p.backward[node] = append(p.backward[node], int32(arc))
		}
	}
	cost := make([]uint32, topology.Nodes())
	for i := range cost {
		cost[i] = cch.Infinity
	}
	p.queue = p.queue[:0]
	reach := func(node int32, c uint32) {
		if c < cost[node] {
			cost[node] = c
			p.push(uint64(c)<<32 | uint64(node))
		}
	}
	for _, s := range seeds {
		reach(s.Node, s.Cost)
	}
	for len(p.queue) > 0 {
		top := p.pop()
		node, c := int32(uint32(top)), uint32(top>>32)
		if c > cost[node] {
			continue
		}
		if backward {
			for _, arc := range p.backward[node] {
				if w := p.weight[arc]; w < cch.Infinity {
					reach(topology.Tail[arc], c+w)
				}
			}
			continue
		}
		for arc := topology.FirstOut[node]; arc < topology.FirstOut[node+1]; arc++ {
			if w := p.weight[arc]; w < cch.Infinity {
				reach(topology.Head[arc], c+w)
			}
		}
	}
	return cost
}

func (p *proof) push(e uint64) {
	q := append(p.queue, e)
	at := len(q) - 1
	for ; at > 0 && q[(at-1)/2] > e; at = (at - 1) / 2 {
		q[at] = q[(at-1)/2]
	}
	q[at] = e
	p.queue = q
}

func (p *proof) pop() uint64 {
	q := p.queue
	top, e := q[0], q[len(q)-1]
	q = q[:len(q)-1]
	for at := 0; len(q) > 0; {
		down := 2*at + 1
		if down+1 < len(q) && q[down+1] < q[down] {
			down++
		}
		if down >= len(q) || q[down] >= e {
			q[at] = e
			break
		}
		q[at] = q[down]
		at = down
	}
	p.queue = q
	return top
}
