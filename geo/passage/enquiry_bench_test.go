package passage

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// BenchmarkEnquiries asks the larger questions of a country with 200 zones and
// 300 roadblocks.
func BenchmarkEnquiries(b *testing.B) {
	c, err := theCountry()
	if err != nil {
		b.Fatal(err)
	}
	e := NewEngine(EngineOptions{Background: math.MaxInt})
	s := c.evidence(200, 300)
	for i := range 140 { // communes
		at := c.graph.Junction(i * c.graph.Junctions() / 140)
		ring := orb.Ring{{at[0] - .02, at[1] - .02}, {at[0] + .02, at[1] - .02}, {at[0] + .02, at[1] + .02}, {at[0] - .02, at[1] + .02}, {at[0] - .02, at[1] - .02}}
		s.put("admin-areas", orb.MultiPolygon{{ring}}, map[string]any{
			"pcode": "HT" + string(rune('0'+i/90)) + string(rune('0'+i/9%10)) + "1" + string(rune('1'+i%9)), "level": int64(2), "population": int64(1000 * (i + 1)),
		})
	}
	w := s.world()
	random := rand.New(rand.NewPCG(11, 12))
	spot := func() orb.Point { return c.graph.Junction(random.IntN(c.graph.Junctions())) }
	run := func(name string, ask func() error) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := ask(); err != nil && geo.CodeOf(err) != geo.CodeUnprocessable {
					b.Fatal(err)
				}
			}
		})
	}
	ctx := b.Context()
	warm := func(f func() error) func() error {
		if err := f(); err != nil && geo.CodeOf(err) != geo.CodeUnprocessable {
			b.Fatal(err)
		}
		return f
	}
	partial, all := 0, 0
	run("supported", warm(func() error {
		r := c.request(random)
		q, err := e.enquire(ctx, w, &r)
		if err != nil {
			return err
		}
		at, err := q.snaps()
		if err != nil {
			return err
		}
		_, err = q.supported(ctx, q.weigher(nil), at)
		if err != nil {
			return geo.Errorf(geo.CodeUnprocessable, "", "%v", err)
		}
		return nil
	}))
	run("alternatives", warm(func() error {
		out, err := e.Alternatives(ctx, w, AlternativesRequest{Request: c.request(random), Count: 5})
		if err == nil {
			all++
			if out.Frontier.Status == FrontierPartial {
				partial++
			}
		}
		return err
	}))
	b.Logf("%d of %d frontiers partial", partial, all)
	run("varied", warm(func() error {
		_, err := e.Alternatives(ctx, w, AlternativesRequest{Request: c.request(random), Count: 3, Varied: true})
		return err
	}))
	run("departures", warm(func() error {
		_, err := e.Passage(ctx, w, PassageRequest{c.request(random), []string{IncludeDepartures}})
		return err
	}))
	run("counterfactuals", warm(func() error {
		_, err := e.Passage(ctx, w, PassageRequest{c.request(random), []string{IncludeCounterfactual}})
		return err
	}))
	for name, minutes := range map[string]float64{"reach 60": 60, "reach 240": 240} {
		run(name, warm(func() error {
			r := c.request(random)
			r.Points = r.Points[:1]
			_, err := e.Reach(ctx, w, ReachRequest{Request: r, Minutes: []float64{minutes}})
			return err
		}))
	}
	run("reach within a risk", warm(func() error {
		r, risk := c.request(random), .1
		r.Points = r.Points[:1]
		_, err := e.Reach(ctx, w, ReachRequest{Request: r, Minutes: []float64{60}, MaxRisk: &risk})
		return err
	}))
	run("table 100 x 570", warm(func() error {
		r := TableRequest{Request: c.request(random)}
		for range 100 {
			r.Sources = append(r.Sources, spot())
		}
		for range 570 {
			r.Targets = append(r.Targets, spot())
		}
		_, err := e.Table(ctx, w, r)
		return err
	}))
	run("isolation", warm(func() error {
		r := c.request(random)
		r.WhatIf.Close = []orb.Geometry{spot()} // no report is kept for it
		_, err := e.Isolation(ctx, w, IsolationRequest{r})
		return err
	}))
	run("reopen", warm(func() error {
		_, err := e.Reopen(ctx, w, ReopenRequest{c.request(random)})
		return err
	}))
}
