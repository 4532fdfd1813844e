package passage

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// country is a network of the size of Haiti's: streets in a jittered grid with
// gaps, national roads every forty rows.
type country struct {
	graph *road.Graph
	size  int
	lanes []orb.LineString // of the national roads
}

const (
	countryWest, countrySouth = -74.0, 18.1
	countryDegrees            = 1.9
)

func newCountry(side int) (*country, error) {
	c := &country{size: side}
	random := rand.New(rand.NewPCG(7, 7))
	step := countryDegrees / float64(side)
	at := make([]orb.Point, side*side)
	for i := range at {
		at[i] = orb.Point{
			countryWest + (float64(i%side)+.6*random.Float64())*step,
			countrySouth + (float64(i/side)+.6*random.Float64())*step,
		}
	}
	var edges []road.EdgeInput
	join := func(a, b int, isRow bool) {
		line := orb.LineString{at[a]}
		for k := 1; k < 4; k++ {
			share := float64(k) / 4
			line = append(line, orb.Point{
				at[a][0] + share*(at[b][0]-at[a][0]) + .1*step*(random.Float64()-.5),
				at[a][1] + share*(at[b][1]-at[a][1]) + .1*step*(random.Float64()-.5),
			})
		}
		e := road.EdgeInput{ID: int64(len(edges) + 1), Class: road.ClassUrban, PrecisionM: 20, Geometry: append(line, at[b])}
		major := isRow && a/side%40 == 20 || !isRow && a%side%40 == 20
		switch {
		case major:
			e.Class, e.PrecisionM, e.Ref = road.ClassNational, 30, []string{"RN1", "RN2", "RN3", "RN4"}[(a/side/40+a%side/40)%4]
		case random.IntN(100) < 38:
			return
		case random.IntN(20) == 0:
			e.Oneway = true
		case random.IntN(10) == 0:
			e.Class = road.ClassDepartmental
		}
		edges = append(edges, e)
	}
	for i := range at {
		if i%side+1 < side {
			join(i, i+1, true)
		}
		if i+side < len(at) {
			join(i, i+side, false)
		}
	}
	for row := 20; row < side; row += 40 {
		line := orb.LineString{}
		for k := range side {
			line = append(line, at[row*side+k])
		}
		c.lanes = append(c.lanes, line)
	}
	var err error
	c.graph, err = road.Build(road.Network{ID: "country", Name: "country", PrecisionM: 20}, edges)
	return c, err
}

// evidence puts zones, roadblocks and road sections on the country.
func (c *country) evidence(zones, blocks int) *scene {
	s := newScene()
	s.network = c.graph
	random := rand.New(rand.NewPCG(uint64(zones), uint64(blocks)))
	spot := func() orb.Point {
		return orb.Point{countryWest + countryDegrees*random.Float64(), countrySouth + countryDegrees*random.Float64()}
	}
	for range zones {
		center, radius := spot(), .01+.03*random.Float64()
		ring := orb.Ring{}
		for k := range 60 {
			angle, r := float64(k)/60*2*math.Pi, radius*(.8+.4*random.Float64())
			ring = append(ring, orb.Point{center[0] + r*math.Cos(angle), center[1] + r*math.Sin(angle)})
		}
		s.put("controlled-zones", orb.MultiPolygon{{append(ring, ring[0])}}, map[string]any{
			"control_type": geo.ControlTypes[random.IntN(len(geo.ControlTypes))].Value,
			"holders":      `[{"group":"g` + string(rune('a'+random.IntN(20))) + `","role":"principal"}]`,
		})
	}
	subtypes := []string{"toll_post", "barricade_manned", "community_gate", "police_checkpoint", "flood", "fixed_barrier", "ambush_stretch"}
	for i := range blocks {
		values := map[string]any{
			"subtype": subtypes[random.IntN(len(subtypes))], "precision_m": []float64{20, 50, 200, 500}[random.IntN(4)], "actor_type": "gang",
			"toll": `[{"vehicle_class":"car","amount":500,"currency":"HTG","unit":"trip"}]`,
		}
		if i%10 == 0 {
			values["schedule"] = "05:30-21:00"
		}
		s.put("roadblocks", c.graph.Junction(random.IntN(c.graph.Junctions())), values)
	}
	for i, lane := range c.lanes {
		s.put("national-roads", orb.MultiLineString{lane}, map[string]any{"ref": "RN" + string(rune('1'+i%4)), "status": []string{"open", "restricted"}[i%2]})
	}
	for range 300 {
		p := spot()
		s.put("facilities", p, map[string]any{"facility_type": "hospital", "functional": "full", "name_fr": "Hôpital"})
	}
	return s
}

var theCountry = sync.OnceValues(func() (*country, error) { return newCountry(500) })

func (c *country) request(random *rand.Rand) Request {
	r := Request{Vehicle: "car", Profile: "humanitarian_cargo"}
	for range 2 {
		r.Points = append(r.Points, c.graph.Junction(random.IntN(c.graph.Junctions())))
	}
	return r.Resolve(saturday, &geo.DefaultModel)
}

// BenchmarkCountry asks across a country with few and with many zones.
func BenchmarkCountry(b *testing.B) {
	c, err := theCountry()
	if err != nil {
		b.Fatal(err)
	}
	e := NewEngine(EngineOptions{Background: math.MaxInt})
	b.Logf("%d junctions, %d edges", c.graph.Junctions(), c.graph.Len())
	for _, zones := range []int{0, 30, 200} {
		w := c.evidence(zones, 300).world()
		start := time.Now()
		e.network(context.Background(), c.graph)
		network := time.Since(start)
		start = time.Now()
		g := e.ground(w, e.network(context.Background(), c.graph), saturday)
		ground, surveyed := time.Since(start), 0
		g.each(func(int, *survey) { surveyed++ })
		random := rand.New(rand.NewPCG(1, 2))
		start = time.Now()
		_, err := e.Find(b.Context(), w, c.request(random))
		b.Logf("%d zones: network %v, ground %v for %d edges, first answer %v %v", zones, network, ground, surveyed, time.Since(start), err)
		b.Run("zones="+string('0'+rune(zones/100))+string('0'+rune(zones/10%10))+string('0'+rune(zones%10)), func(b *testing.B) {
			var took []time.Duration
			km, reasons := 0.0, 0
			b.ReportAllocs()
			for b.Loop() {
				r := c.request(random)
				start := time.Now()
				a, err := e.Find(b.Context(), w, r)
				took = append(took, time.Since(start))
				if err == nil {
					km += a.LengthM / 1000
					reasons += len(a.Reasons)
				} else if geo.CodeOf(err) != geo.CodeUnprocessable {
					b.Fatal(err)
				}
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
			b.ReportMetric(km/float64(len(took)), "km/answer")
			b.ReportMetric(float64(reasons)/float64(len(took)), "reasons/answer")
		})
	}
}

// BenchmarkRoadblock measures how long it takes to bring ground and metric up to
// a world with one more roadblock, and the first answer that obeys it.
func BenchmarkRoadblock(b *testing.B) {
	c, err := theCountry()
	if err != nil {
		b.Fatal(err)
	}
	e := NewEngine(EngineOptions{Background: math.MaxInt})
	s := c.evidence(200, 2000)
	w := s.world()
	random := rand.New(rand.NewPCG(3, 4))
	ask := func() {
		if _, err := e.Find(b.Context(), w, c.request(random)); err != nil && geo.CodeOf(err) != geo.CodeUnprocessable {
			b.Fatal(err)
		}
	}
	ask()
	var refresh, answer []time.Duration
	for b.Loop() {
		n := len(s.versions)
		s.put("roadblocks", c.graph.Junction(random.IntN(c.graph.Junctions())), map[string]any{"subtype": "fixed_barrier", "precision_m": 100.0})
		w, _ = w.Apply(world.Step{Revision: w.Revision() + 1, At: saturday, Opened: s.versions[n:]})
		start := time.Now()
		e.Refresh(b.Context(), w)
		refresh = append(refresh, time.Since(start))
		start = time.Now()
		ask()
		answer = append(answer, time.Since(start))
	}
	for name, took := range map[string][]time.Duration{"refresh": refresh, "answer": answer} {
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds()), name+"-median-µs")
		b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), name+"-p99-µs")
	}
}

// BenchmarkPrivateArea asks with an area of its own to avoid, some 25 km across.
func BenchmarkPrivateArea(b *testing.B) {
	c, err := theCountry()
	if err != nil {
		b.Fatal(err)
	}
	e := NewEngine(EngineOptions{Background: math.MaxInt})
	w := c.evidence(30, 300).world()
	if err := e.Prepare(b.Context(), w); err != nil {
		b.Fatal(err)
	}
	random := rand.New(rand.NewPCG(5, 6))
	var took []time.Duration
	edges := 0
	for b.Loop() {
		r := c.request(random)
		west, south := countryWest+1.6*random.Float64(), countrySouth+1.6*random.Float64()
		r.Avoid = []Avoidance{{Area: orb.MultiPolygon{{{{west, south}, {west + .25, south}, {west + .2, south + .25}, {west, south + .2}, {west, south}}}}}}
		start := time.Now()
		if _, err := e.Find(b.Context(), w, r); err != nil && geo.CodeOf(err) != geo.CodeUnprocessable {
			b.Fatal(err)
		}
		took = append(took, time.Since(start))
		c.graph.Search(r.Avoid[0].Area.Bound(), func(int) bool { edges++; return true })
	}
	slices.Sort(took)
	b.ReportMetric(float64(took[len(took)/2].Microseconds()), "median-µs")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
	b.ReportMetric(float64(edges)/float64(len(took)), "edges/area")
}

// BenchmarkLine checks a line across the country.
func BenchmarkLine(b *testing.B) {
	c, err := theCountry()
	if err != nil {
		b.Fatal(err)
	}
	e := NewEngine(EngineOptions{Background: math.MaxInt})
	w := c.evidence(200, 300).world()
	if err := e.Prepare(b.Context(), w); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := e.Find(b.Context(), w, Request{Line: c.lanes[5], Vehicle: "car", Profile: "commercial"}.Resolve(saturday, &geo.DefaultModel)); err != nil {
			b.Fatal(err)
		}
	}
}
