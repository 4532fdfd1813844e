package passage

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
	"pasaj/geo/road"
)

// A cover is what Reach finds from the same starts, those off the network left
// aside.
func TestCoverIsReach(t *testing.T) {
	e := NewEngine(EngineOptions{Threads: 2})
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawSchedules(t, s)
		r := drawQuestion(t, s)
		r.Points = nil
		for range rapid.IntRange(1, 8).Draw(t, "starts") {
			r.Points = append(r.Points, drawPlace(t, "start"))
		}
		minutes := []float64{rapid.Float64Range(1, 10).Draw(t, "less"), rapid.Float64Range(10.5, 60).Draw(t, "more")}
		starts := slices.Insert(slices.Clone(r.Points), 1, orb.Point{-74.4, 19.9})
		cover, err := e.Cover(t.Context(), s.world(), CoverRequest{Request: r, Starts: starts, Minutes: minutes, Areas: true})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(cover.OffNetwork, 1) || len(cover.Reached) != 2 {
			t.Fatalf("off the network %v, %d limits", cover.OffNetwork, len(cover.Reached))
		}
		reach, err := e.Reach(t.Context(), s.world(), ReachRequest{Request: r, Minutes: minutes})
		if err != nil { // a start off the network is an error there
			if geo.CodeOf(err) != geo.CodeUnprocessable || len(cover.OffNetwork) < 2 {
				t.Fatal(err)
			}
			return
		}
		compared++
		for i, f := range reach.Features {
			if got, want := cover.Reached[i].RoadKm, f.Properties.RoadKm; math.Abs(got-want) > .011 {
				t.Fatalf("%g minutes: %g km, Reach has %g", minutes[i], got, want)
			}
		}
		if got, want := cover.Reached[1].Area, orb.MultiPolygon(reach.Features[1].Geometry); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Fatalf("the areas differ: %v, Reach has %v", got, want)
		}
		for _, polygon := range cover.Reached[0].Area {
			if !overlay.Contains(cover.Reached[1].Area, polygon[0][0]) {
				t.Fatal("more time reaches less")
			}
		}
	})
	if compared == 0 {
		t.Error("nothing was compared")
	}
}

func TestCoverOfNoStarts(t *testing.T) {
	s := openRoad(t)
	e := NewEngine(EngineOptions{})
	cover, err := e.Cover(t.Context(), s.world(), CoverRequest{Request: Request{Vehicle: "car", Profile: "commercial"}, Minutes: []float64{15}, Areas: true}.Resolve(saturday, &s.model))
	if err != nil {
		t.Fatal(err)
	}
	if c := cover.Reached[0]; len(c.Area) != 0 || c.RoadKm != 0 || !c.Complete || len(cover.OffNetwork) != 0 {
		t.Errorf("%+v", cover)
	}
	// Far from every road is not an error, but told.
	cover, err = e.Cover(t.Context(), s.world(), CoverRequest{
		Request: Request{Vehicle: "car", Profile: "commercial"}, Minutes: []float64{15}, Starts: []orb.Point{place(0, 0), place(0, 30)},
	}.Resolve(saturday, &s.model))
	if err != nil || !slices.Equal(cover.OffNetwork, []int{1}) || cover.Reached[0].RoadKm == 0 || len(cover.Reached[0].Area) != 0 {
		t.Errorf("%+v, %v", cover, err)
	}
}

func TestCoverRefuses(t *testing.T) {
	s := openRoad(t)
	e := NewEngine(EngineOptions{})
	here := []orb.Point{place(0, 0)}
	for name, c := range map[string]struct {
		request CoverRequest
		scene   *scene
		code    geo.Code
	}{
		"no minutes":     {CoverRequest{Starts: here}, s, geo.CodeInvalid},
		"falling limits": {CoverRequest{Starts: here, Minutes: []float64{30, 15}}, s, geo.CodeInvalid},
		"no place":       {CoverRequest{Starts: []orb.Point{{math.NaN(), 18}}, Minutes: []float64{15}}, s, geo.CodeInvalid},
		"too many":       {CoverRequest{Starts: slices.Repeat(here, MaxCoverStarts+1), Minutes: []float64{15}}, s, geo.CodeInvalid},
		"no network":     {CoverRequest{Starts: here, Minutes: []float64{15}}, newScene(), geo.CodeUnprocessable},
	} {
		c.request.Vehicle, c.request.Profile = "car", "commercial"
		if _, err := e.Cover(t.Context(), c.scene.world(), c.request.Resolve(saturday, &s.model)); geo.CodeOf(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What cannot be passed cuts a cover off; what can, does not.
func TestCoverEndsAtHardStops(t *testing.T) {
	km := func(s *scene) float64 {
		t.Helper()
		area, drawn, err := NewEngine(EngineOptions{}).Ways().Reach(t.Context(), s.world(), saturday, "car", "commercial", []orb.Point{place(0, 0)}, []float64{10, 240})
		if err != nil || len(area) != 2 || drawn != coverDrawnM {
			t.Fatal(area, drawn, err)
		}
		return measure.AreaM2(area[1]) / 1e6
	}
	free := km(openRoad(t))
	paid := km(openRoad(t).put("roadblocks", place(10, 0), map[string]any{"subtype": "toll_post", "precision_m": 50.0}))
	shut := km(openRoad(t).put("roadblocks", place(10, 0), map[string]any{"subtype": "fixed_barrier", "precision_m": 50.0}))
	if math.Abs(paid-free) > .01 || shut > free/3.5 || shut < free/4.5 {
		t.Errorf("%.2f km² freely, %.2f past a toll, %.2f to a barrier a quarter of the way", free, paid, shut)
	}
}

func TestRing(t *testing.T) {
	area, drawn, err := Ring(t.Context(), []orb.Point{place(0, 0), place(50, 50)}, 5000)
	if err != nil || drawn != 5000 || len(area) != 2 {
		t.Fatal(area, drawn, err)
	}
	if got, want := measure.AreaM2(area), 2*math.Pi*25e6; math.Abs(got-want) > .005*want {
		t.Errorf("%.0f m², want %.0f", got, want)
	}
	for _, radius := range []float64{0, 99, 1e6, math.NaN()} {
		if _, _, err := Ring(t.Context(), nil, radius); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("radius %g: %v", radius, err)
		}
	}
}

// BenchmarkCover asks for what 5,000 starts reach within two limits, on the
// bundled skeleton and on a country.
func BenchmarkCover(b *testing.B) {
	network, edges, err := haiti.Network()
	if err != nil {
		b.Fatal(err)
	}
	skeleton, err := road.Build(network, edges)
	if err != nil {
		b.Fatal(err)
	}
	c, err := newCountry(410)
	if err != nil {
		b.Fatal(err)
	}
	for _, on := range []struct {
		name  string
		graph *road.Graph
		scene *scene
	}{{"skeleton", skeleton, newScene()}, {"country", c.graph, c.evidence(200, 300)}} {
		on.scene.network = on.graph
		random := rand.New(rand.NewPCG(21, 22))
		r := CoverRequest{Request: Request{Vehicle: "car", Profile: "police_isolated_check"}, Minutes: []float64{15, 30}, Areas: true}.Resolve(saturday, &on.scene.model)
		for range 5000 {
			p := on.graph.Junction(random.IntN(on.graph.Junctions()))
			r.Starts = append(r.Starts, orb.Point{p[0] + .01*(random.Float64()-.5), p[1] + .01*(random.Float64()-.5)})
		}
		e, w := NewEngine(EngineOptions{}), on.scene.world()
		if err := e.Prepare(b.Context(), w); err != nil {
			b.Fatal(err)
		}
		for _, areas := range []bool{false, true} {
			r.Areas = areas
			b.Run(fmt.Sprintf("%s/areas=%t", on.name, areas), func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					cover, err := e.Cover(b.Context(), w, r)
					if err != nil {
						b.Fatal(err)
					}
					b.ReportMetric(cover.Reached[0].RoadKm, "km")
				}
				b.ReportMetric(float64(on.graph.Junctions()), "junctions")
			})
		}
		b.Run(on.name+"/connect", func(b *testing.B) {
			for b.Loop() {
				if _, err := e.Connect(b.Context(), w, ConnectRequest{Request: r.Request, Hubs: r.Starts[:10], Places: r.Starts}); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(on.name+"/connect anew", func(b *testing.B) {
			for b.Loop() {
				e.network(b.Context(), on.graph).kept.links = linkKeep{}
				if _, err := e.Connect(b.Context(), w, ConnectRequest{Request: r.Request, Hubs: r.Starts[:10], Places: r.Starts}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
