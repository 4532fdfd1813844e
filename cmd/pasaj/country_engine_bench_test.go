//go:build linux

package main

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/data/postgis/peertest"
	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/hazard"
	"pasaj/geo/passage"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// A tenth of the roadblocks let pass by day only. In the morning none of them
// shuts before the journey's end; in the evening many are shut on arrival, and
// ways are looked for again round them.
var (
	countryMorning = time.Date(2025, 11, 18, 14, 0, 0, 0, time.UTC) // nine o'clock in Haiti
	countryEvening = countryMorning.Add(11 * time.Hour)
)

// hazardFeature is a zone or a roadblock of the benchmark.
type hazardFeature struct {
	layer    *geo.Layer
	id       uuid.UUID
	geometry orb.Geometry
	values   map[string]any
}

// hazardsOf are zones held by armed groups, and roadblocks at junctions of the
// roads that have a number.
func hazardsOf(g *road.Graph, zones []orb.Polygon, roadblocks int) []hazardFeature {
	zoneLayer, _ := geo.LayerByName("controlled-zones")
	blockLayer, _ := geo.LayerByName("roadblocks")
	random := rand.New(rand.NewPCG(11, 12))
	id := func(kind byte, n int) uuid.UUID {
		return uuid.UUID{0: 0xbe, 1: kind, 6: 0x40, 8: 0x80, 14: byte(n >> 8), 15: byte(n)}
	}
	var out []hazardFeature
	for i, z := range zones {
		out = append(out, hazardFeature{zoneLayer, id(1, i), orb.MultiPolygon{z}, map[string]any{
			"control_type": []string{"controlled", "influenced", "contested"}[i%3], "claim_level": "claimed", "boundary_quality": "buffer",
		}})
	}
	var numbered []int
	for i := range g.Len() {
		if len(g.Edge(i).Refs) > 0 {
			numbered = append(numbered, i)
		}
	}
	subtypes := []string{"toll_post", "barricade_manned", "community_gate", "flood", "fixed_barrier", "ambush_stretch"}
	for i := range roadblocks {
		values := map[string]any{"subtype": subtypes[random.IntN(len(subtypes))], "state": "active", "precision_m": []float64{20, 50, 200}[random.IntN(3)]}
		if i%10 == 0 {
			values["schedule"] = "05:30-21:00"
		}
		out = append(out, hazardFeature{blockLayer, id(2, i), g.Junction(g.Edge(numbered[random.IntN(len(numbered))]).From), values})
	}
	return out
}

// worldOf is a world with nothing but a network and hazards.
func worldOf(g *road.Graph, hazards []hazardFeature, at time.Time) *world.World {
	versions := make([]*geo.Version, len(hazards))
	for i, h := range hazards {
		values := make([]any, len(h.layer.Properties))
		for name, v := range h.values {
			values[h.layer.Index(name)] = v
		}
		values[h.layer.Index("last_confirmed_at")] = at.Add(-12 * time.Hour)
		versions[i] = geo.NewVersion(geo.Version{
			Layer: h.layer, ID: h.id, Known: 1, KnownAt: at, Geometry: h.geometry, Values: values,
			Valid: geo.Period{From: at.AddDate(0, -2, 0)},
		}, &geo.DefaultModel)
	}
	return world.Build(geo.Humanitarian, &geo.DefaultModel, 1, at, versions, g)
}

// heardOrders remembers the order that the record keeps.
type heardOrders struct {
	orders
	ranks []byte
}

func (h *heardOrders) Order(ctx context.Context, networkID string, digest [32]byte) ([]byte, error) {
	ranks, err := h.orders.Order(ctx, networkID, digest)
	h.ranks = ranks
	return ranks, err
}

// engine measures the parts in this process, on the network of the record.
func (c *countryBench) engine(b *testing.B) {
	c.awaitOrder(b)
	g, at := c.world.Network(), time.Now().UTC().Truncate(time.Hour)
	kept := &heardOrders{orders: orders{c.record}}
	e := passage.NewEngine(passage.EngineOptions{Orders: kept, Background: math.MaxInt, Failed: func(err error) { b.Error(err) }})
	if err := e.Prepare(b.Context(), c.world); err != nil {
		b.Fatal(err)
	}
	b.Run("hierarchy", func(b *testing.B) { c.hierarchy(b, g, kept.ranks) })
	many, err := peertest.Zones(countrySeed, 200)
	if err != nil {
		b.Fatal(err)
	}
	for _, zones := range []int{0, countryZones, len(many)} {
		w := worldOf(g, hazardsOf(g, many[:zones], countryRoadblocks), countryMorning)
		b.Run(fmt.Sprintf("find/zones=%d", zones), func(b *testing.B) {
			c.find(b, e, w, c.request(countryMorning))
			c.findMS[zones] = c.median(b, e, w, c.pairs[:countryPeerPairs], c.request(countryMorning))
		})
	}
	b.Run("find/zones=30, in the evening", func(b *testing.B) {
		c.find(b, e, worldOf(g, hazardsOf(g, c.zones, countryRoadblocks), countryMorning), c.request(countryEvening))
	})
	b.Run("find/areas=20 of the request, closed", func(b *testing.B) {
		ask := c.request(countryMorning)
		var avoid []passage.Avoidance
		for _, z := range c.zones[:passage.MaxAvoided] {
			avoid = append(avoid, passage.Avoidance{Area: orb.MultiPolygon{z}})
		}
		c.find(b, e, worldOf(g, nil, countryMorning), func(p peertest.Pair) passage.Request {
			r := ask(p)
			r.Avoid = avoid
			return r
		})
	})
	c.larger(b, e, at)
	b.Run("memory of 12 metrics", func(b *testing.B) {
		w := worldOf(g, hazardsOf(g, c.zones, countryRoadblocks), countryMorning)
		before := heapMB()
		e := passage.NewEngine(passage.EngineOptions{Orders: kept, Background: math.MaxInt})
		ask, n := c.request(countryMorning), 0
		for _, vehicle := range geo.VehicleClasses[:6] {
			for _, profile := range geo.Profiles[:2] {
				r := ask(c.pairs[0])
				r.Vehicle, r.Profile = vehicle.Value, profile.Value
				if _, err := e.Find(b.Context(), w, r); err != nil && geo.CodeOf(err) != geo.CodeUnprocessable {
					b.Fatal(err)
				}
				n++
			}
		}
		c.report(map[string]float64{"engine-MB": heapMB() - before, "heap-MB": heapMB(), "metrics": float64(n)})(b)
		runtime.KeepAlive(e)
	})
}

func heapMB() float64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC() // pools are emptied at the second
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 20)
}

// request makes questions of pairs.
func (c *countryBench) request(at time.Time) func(p peertest.Pair) passage.Request {
	return func(p peertest.Pair) passage.Request {
		r := passage.Request{Points: []orb.Point{p.From, p.To}, Vehicle: "car", Profile: "humanitarian_cargo"}
		return r.Resolve(at, &geo.DefaultModel)
	}
}

// samples are durations of one thing.
type samples []time.Duration

func (s *samples) time(do func()) {
	began := time.Now()
	do()
	*s = append(*s, time.Since(began))
}

// threadCPU is the processor time of the calling thread so far
// (clock_gettime(2), CLOCK_THREAD_CPUTIME_ID).
func threadCPU(b *testing.B) time.Duration {
	const clock = 3
	var t syscall.Timespec
	if _, _, fault := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clock, uintptr(unsafe.Pointer(&t)), 0); fault != 0 {
		b.Fatalf("CPU clock of the thread: %v", fault)
	}
	return time.Duration(t.Nano())
}

func (s samples) report(b *testing.B) {
	slices.Sort(s)
	for name, i := range map[string]int{"best-ms": 0, "median-ms": len(s) / 2, "p99-ms": min(len(s)-1, len(s)*99/100)} {
		b.ReportMetric(us(s[i])/1000, name)
	}
	b.ReportMetric(0, "ns/op")
}

// median is the median time in ms of whole answers to a few pairs, each asked
// as often.
func (c *countryBench) median(b *testing.B, e *passage.Engine, w *world.World, pairs []peertest.Pair, request func(peertest.Pair) passage.Request) float64 {
	var took samples
	for range 50 {
		for _, p := range pairs {
			r := request(p)
			took.time(func() {
				if _, err := e.Find(b.Context(), w, r); err != nil && geo.CodeOf(err) != geo.CodeUnprocessable {
					b.Fatal(err)
				}
			})
		}
	}
	slices.Sort(took)
	return us(took[len(took)/2]) / 1000
}

// find measures whole answers with all their reasons. The processor time is
// that of the thread: what others on the machine take is not in it.
func (c *countryBench) find(b *testing.B, e *passage.Engine, w *world.World, request func(peertest.Pair) passage.Request) {
	random := rand.New(rand.NewPCG(1, 2))
	var took, cpu samples
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	km, reasons, found := 0.0, 0, 0
	if _, err := e.Find(b.Context(), w, request(c.pairs[0])); err != nil && geo.CodeOf(err) != geo.CodeUnprocessable {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r := request(c.pairs[random.IntN(len(c.pairs))])
		before := threadCPU(b)
		took.time(func() {
			a, err := e.Find(b.Context(), w, r)
			if err == nil {
				km, reasons, found = km+a.LengthM/1000, reasons+len(a.Reasons), found+1
			} else if geo.CodeOf(err) != geo.CodeUnprocessable {
				b.Fatal(err)
			}
		})
		cpu = append(cpu, threadCPU(b)-before)
	}
	took.report(b)
	slices.Sort(cpu)
	b.ReportMetric(us(cpu[len(cpu)/2])/1000, "cpu-median-ms")
	b.ReportMetric(us(cpu[len(cpu)*99/100])/1000, "cpu-p99-ms")
	b.ReportMetric(km/float64(found), "km/answer")
	b.ReportMetric(float64(reasons)/float64(found), "reasons/answer")
	b.ReportMetric(100*float64(found)/float64(len(took)), "%answered")
}

// hierarchy measures package cch on the country: driving times of a car.
func (c *countryBench) hierarchy(b *testing.B, g *road.Graph, ranks []byte) {
	order, err := cch.ParseOrder(ranks)
	if err != nil {
		b.Fatal(err)
	}
	topology := g.Topology()
	h, err := cch.Build(topology.Nodes(), topology.Tail, topology.Head, order)
	if err != nil {
		b.Fatal(err)
	}
	policy := hazard.Default()
	car := slices.IndexFunc(geo.VehicleClasses, func(w geo.Word) bool { return w.Value == "car" })
	price := func(s road.Stretch) uint32 {
		edge := g.Edge(s.Edge)
		if !edge.Admits(car) {
			return cch.Infinity
		}
		return uint32(math.Ceil(36 * s.LengthM() / policy.SpeedKmh("car", edge.Class, edge.Surface, edge.SpeedKmh)))
	}
	weights := make([]uint32, len(topology.Arc))
	arcs := make([][]int32, g.Len())
	for i, arc := range topology.Arc {
		weights[i] = price(g.Whole(arc))
		arcs[arc>>1] = append(arcs[arc>>1], int32(i))
	}
	m := h.Customize(weights, 2)
	random := rand.New(rand.NewPCG(3, 4))
	seeds := func(ends []road.End) []cch.Seed {
		out := make([]cch.Seed, len(ends))
		for i, end := range ends {
			out[i] = cch.Seed{Node: end.Node, Cost: price(end.Stretch)}
		}
		return out
	}
	var leaving, arriving [][]cch.Seed
	for _, p := range c.pairs {
		from, ok := g.Snap(p.From, 5000)
		to, ok2 := g.Snap(p.To, 5000)
		if ok && ok2 {
			leaving, arriving = append(leaving, seeds(g.Leave(from.Position))), append(arriving, seeds(g.Arrive(to.Position)))
		}
	}
	measured := func(name string, do func(b *testing.B, took *samples)) {
		b.Run(name, func(b *testing.B) {
			var took samples
			for b.Loop() {
				do(b, &took)
			}
			took.report(b)
		})
	}
	b.Run("customize", func(b *testing.B) {
		var took samples
		for b.Loop() {
			took.time(func() { h.Customize(weights, 1) })
		}
		took.report(b)
		b.ReportMetric(us(took[0])/1000*250_000/float64(topology.Nodes()), "best-ms/250k")
		b.ReportMetric(float64(h.Arcs()), "arcs")
	})
	measured("customize, 2 threads", func(b *testing.B, took *samples) { took.time(func() { h.Customize(weights, 2) }) })
	measured("obstacle", func(b *testing.B, took *samples) {
		edge := random.IntN(g.Len())
		closed := slices.Repeat([]uint32{cch.Infinity}, len(arcs[edge]))
		took.time(func() { m.With(arcs[edge], closed) })
	})
	query := h.NewQuery()
	measured("distance", func(b *testing.B, took *samples) {
		i := random.IntN(len(leaving))
		took.time(func() { query.Run(m, leaving[i], arriving[i]) })
	})
	var path []int32
	measured("path", func(b *testing.B, took *samples) {
		i := random.IntN(len(leaving))
		took.time(func() {
			query.Run(m, leaving[i], arriving[i])
			path, _, _ = query.Path(path[:0])
		})
	})
	var dst []uint32
	measured("sweep", func(b *testing.B, took *samples) {
		i := random.IntN(len(leaving))
		took.time(func() { dst = query.Sweep(m, leaving[i], dst) })
	})
	measured("table 100 x 570", func(b *testing.B, took *samples) {
		targets := make([][]cch.Seed, 570)
		for i := range targets {
			targets[i] = arriving[random.IntN(len(arriving))]
			if i%2 == 1 {
				targets[i] = seeds(g.Arrive(road.Position{Edge: random.IntN(g.Len())}))
			}
		}
		took.time(func() {
			prepared := h.NewTargets(targets)
			for i := range 100 {
				dst = query.Table(m, leaving[i%len(leaving)], prepared, dst)
			}
		})
	})
}

// larger measures the larger questions on the world of the record.
func (c *countryBench) larger(b *testing.B, e *passage.Engine, at time.Time) {
	random, ask, ctx, w := rand.New(rand.NewPCG(9, 10)), c.request(at), b.Context(), c.world
	drawn := func() passage.Request { return ask(c.pairs[random.IntN(len(c.pairs))]) }
	run := func(name string, question func(n int) error) {
		b.Run(name, func(b *testing.B) {
			var took samples
			refused := 0
			for n := 0; b.Loop(); n++ {
				began := time.Now()
				err := question(n)
				switch {
				case geo.CodeOf(err) == geo.CodeUnprocessable:
					refused++
				case err != nil:
					b.Fatal(err)
				default:
					if n > 0 { // the first makes the metrics
						took = append(took, time.Since(began))
					}
				}
			}
			if len(took) > 0 {
				took.report(b)
			}
			b.ReportMetric(float64(refused), "refused")
		})
	}
	partial, all := 0, 0
	run("alternatives", func(int) error {
		out, err := e.Alternatives(ctx, w, passage.AlternativesRequest{Request: drawn()})
		if err == nil {
			all++
			if out.Frontier.Status == passage.FrontierPartial {
				partial++
			}
		}
		return err
	})
	if all > 0 {
		fmt.Printf("# %d of %d frontiers partial\n", partial, all)
	}
	for _, minutes := range []float64{60, 240} {
		run(fmt.Sprintf("reach/%g min", minutes), func(int) error {
			r := drawn()
			r.Points = r.Points[:1]
			_, err := e.Reach(ctx, w, passage.ReachRequest{Request: r, Minutes: []float64{minutes}})
			return err
		})
	}
	run("table 100 x 570", func(int) error {
		r := passage.TableRequest{Request: drawn()}
		r.Points = nil
		for range 100 {
			r.Sources = append(r.Sources, c.pairs[random.IntN(len(c.pairs))].From)
		}
		for range 570 {
			r.Targets = append(r.Targets, c.pairs[random.IntN(len(c.pairs))].To)
		}
		_, err := e.Table(ctx, w, r)
		return err
	})
	run("isolation", func(n int) error { // of another quarter of an hour each, as reports are kept
		r := drawn()
		r.Points = nil
		r.DepartAt = r.DepartAt.Add(time.Duration(n) * 15 * time.Minute)
		_, err := e.Isolation(ctx, w, passage.IsolationRequest{Request: r})
		return err
	})
	b.Run("answer as JSON", func(b *testing.B) {
		a, err := e.Find(ctx, w, ask(c.pairs[0]))
		if err != nil {
			b.Fatal(err)
		}
		var body []byte
		for b.Loop() {
			if body, err = a.AppendJSON(body[:0]); err != nil {
				b.Fatal(err)
			}
		}
	})
}
