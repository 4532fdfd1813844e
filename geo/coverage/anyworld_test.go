package coverage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/isolation"
	"pasaj/geo/measure"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// Any world: every layer with random values in every property, as the record
// may hold them, null included.

// lanes answers for roads by what it is asked alone.
type lanes struct{}

func (lanes) Reach(_ context.Context, _ *world.World, _ time.Time, _, _ string, starts []orb.Point, minutes []float64) ([]orb.MultiPolygon, float64, error) {
	var out []orb.MultiPolygon
	for _, m := range minutes {
		var area orb.MultiPolygon
		if len(starts) > 0 {
			area = orb.MultiPolygon{measure.Circle(starts[0], 100*m, 24)}
		}
		out = append(out, area)
	}
	return out, 150, nil
}

func (lanes) Connection(_ context.Context, _ *world.World, _ time.Time, _, _ string, _, places []orb.Point) ([]isolation.Status, error) {
	out := make([]isolation.Status, len(places))
	for i, p := range places {
		out[i] = isolation.Status(uint64(math.Abs(p[0]*1e7)) % 5)
	}
	return out, nil
}

// communesAtPlay lie side by side, each a tenth of a degree wide; the last is
// cut by the border of the board.
var communesAtPlay = []string{"HT0111", "HT0112", "HT0513", "HT0532", "HT1011"}

func someGeometry(r *rand.Rand, kind geo.GeometryType) orb.Geometry {
	place := func() orb.Point {
		return orb.Point{geo.RoundCoordinate(-72.45 + 0.6*r.Float64()), geo.RoundCoordinate(18.45 + 0.2*r.Float64())}
	}
	switch kind {
	case geo.Point:
		return place()
	case geo.PointOrLine:
		if r.IntN(3) == 0 {
			return orb.LineString{place(), place()}
		}
		return place()
	case geo.MultiLineString:
		return orb.MultiLineString{{place(), place(), place()}}
	case geo.MultiPolygon:
		p := place()
		w, h := 0.001+0.2*r.Float64(), 0.001+0.1*r.Float64()
		if r.IntN(4) == 0 { // on the lines of the communes
			p, w, h = orb.Point{-72.4 + 0.1*float64(r.IntN(5)), 18.5}, 0.1, 0.1
		}
		area := rectangle(geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1]), geo.RoundCoordinate(p[0]+w), geo.RoundCoordinate(p[1]+h))
		return area
	}
	return nil
}

func pick[T any](r *rand.Rand, list ...T) T { return list[r.IntN(len(list))] }

func someValue(r *rand.Rand, layer string, p geo.Property) any {
	if r.IntN(4) == 0 && !p.Required {
		return nil
	}
	switch p.Name {
	case "review_state":
		return pick(r, "approved", "approved", "approved", "approved", "draft", "rejected")
	case "confidence":
		return pick(r, 0, 0.2, 0.39999, 0.4, 0.5, 0.7, 0.9, 1)
	case "commune":
		return pick(r, "HT0111", "HT0532", "HT9999", "x")
	case "group_id", "coalition_id":
		return pick(r, "a", "b", "c", "d")
	case "ref":
		return pick(r, "RN1", "RN2", "RN3", "RN9")
	case "road_ref":
		return pick(r, "RN1", "RN2", "RN77")
	case "schedule":
		return pick(r, "Mo-Fr 06:00-18:00", "nonsense", "24/7")
	case "stale_at":
		return nil
	case "half_life_h":
		return pick(r, 12.0, 168, 1080)
	case "precision_m":
		return pick(r, 0.0, 10, 5000)
	case "length_m":
		return pick(r, 0.0, 1, 50_000)
	}
	switch p.Type {
	case geo.Enum:
		return p.Words[r.IntN(len(p.Words))].Value
	case geo.Integer:
		low, high := 0.0, 5.0
		if p.Max > p.Min {
			low, high = p.Min, min(p.Max, p.Min+1e6)
		}
		return int64(low + math.Floor((high-low+1)*r.Float64()*0.999))
	case geo.Number:
		low, high := 0.0, 5.0
		if p.Max > p.Min {
			low, high = p.Min, min(p.Max, p.Min+1e6)
		}
		return low + (high-low)*r.Float64()
	case geo.Boolean:
		return r.IntN(2) == 0
	case geo.DateTime:
		return now.Add(-time.Duration(r.Float64() * 200 * 24 * float64(time.Hour))).Truncate(time.Second).Add(time.Duration(pick(r, 0, 0, 0, 250*24)) * time.Hour)
	case geo.TextList:
		if p.Values != nil {
			return []string{p.Values[r.IntN(len(p.Values))], p.Values[r.IntN(len(p.Values))]}
		}
		return []string{pick(r, "one", "two"), pick(r, "one", "three")}
	case geo.IDList:
		return []string{uuid.NewSHA1(uuid.Nil, []byte{byte(r.IntN(5))}).String()}
	case geo.JSON:
		return json.RawMessage(map[string][]string{
			"holders":     {`[]`, `[{"group":"a","role":"principal"}]`, `[{"group":"a","role":"principal"},{"group":"b","role":"ally"}]`, `[{"group":"c","role":"claimed"}]`, `[{"group":"d","role":"tolerated"},{"group":"d","role":"principal"}]`},
			"attributes":  {`{}`, `{"stage":"built"}`, `{"stage":"planned"}`, `{"official":true,"customs":"yes","police":"yes"}`, `{"official":false}`, `{"customs":7}`, `[]`, `{"staffing":{"customs":"yes","police":"yes","migration":"no"}}`},
			"passability": {`{}`, `{"suv4x4":"no"}`, `{"truck_20t":"pay","suv4x4":"yes"}`},
			"toll":        {`[]`, `[{"amount":500,"currency":"HTG","unit":"trip"}]`, `[{"amount":1e9,"currency":"HTG","unit":"day","vehicle_class":"truck_20t","observed_at":"2025-03-01T00:00:00Z"}]`, `[{"amount":3,"currency":"USD","unit":"week"}]`},
		}[p.Name][r.IntN(len(map[string][]int{"holders": make([]int, 5), "attributes": make([]int, 8), "passability": make([]int, 3), "toll": make([]int, 4)}[p.Name]))])
	}
	return pick(r, "x", "y")
}

// someVersions are drawn as the whole record knows them.
func someVersions(t fataler, r *rand.Rand) []*geo.Version {
	var out []*geo.Version
	counts := map[string]int{
		"controlled-zones": r.IntN(14), "national-roads": r.IntN(8), "ports": r.IntN(4), "airports": r.IntN(4), "facilities": r.IntN(40),
		"police-facilities": r.IntN(12), "incidents": r.IntN(20), "roadblocks": r.IntN(12), "armed-groups": r.IntN(5), "group-memberships": r.IntN(6), "places": r.IntN(3),
	}
	for _, l := range geo.Layers() {
		if l.Kind == geo.RecordOnly || l.Name == "admin-areas" {
			continue
		}
		for n := range counts[l.Name] {
			from := now.AddDate(-1, 0, 0)
			for range 1 + r.IntN(2) {
				values := map[string]any{}
				for _, p := range l.Properties {
					if l.Index(p.Name) >= 0 && !p.Computed {
						values[p.Name] = someValue(r, l.Name, p)
					}
				}
				v := feature(t, l.Name, n, someGeometry(r, l.Geometry), values)
				c := *v
				c.Valid.From = from
				c.Known = geo.Revision(1 + r.IntN(7))
				from = from.Add(time.Duration(r.Float64() * 400 * 24 * float64(time.Hour))).Truncate(time.Second)
				if r.IntN(2) == 0 {
					c.Valid.To = from
				}
				out = append(out, geo.NewVersion(c, &geo.DefaultModel))
				if c.Valid.To.IsZero() {
					break
				}
			}
		}
	}
	kind := r.IntN(6)
	for i, pcode := range communesAtPlay {
		if kind == 0 || kind == 1 && i > 0 {
			break // a world without outlines, or with one
		}
		area := rectangle(-72.4+0.1*float64(i), 18.5, -72.3+0.1*float64(i), 18.6)
		values := map[string]any{"pcode": pcode, "parent_pcode": pcode[:4], "level": int64(2), "name_fr": pick(r, any(nil), "Nom", "=1+1")}
		if r.IntN(3) > 0 {
			values["population"] = int64(r.IntN(300_000))
		}
		out = append(out, feature(t, "admin-areas", 100+i, area, values))
		if r.IntN(2) == 0 {
			out = append(out, feature(t, "admin-areas", 200+i, rectangle(-72.4+0.1*float64(i), 18.5, -72.35+0.1*float64(i), 18.56), map[string]any{"pcode": pcode + "-01", "parent_pcode": pcode, "level": int64(3)}))
		}
		if r.IntN(2) == 0 {
			out = append(out, feature(t, "admin-areas", 300+i, nil, map[string]any{"pcode": pcode[:4], "level": int64(1), "population": int64(r.IntN(2_000_000))}))
		}
	}
	return out
}

func someGrids(t fataler, r *rand.Rand) map[string]*raster.Grid {
	out := map[string]*raster.Grid{}
	for _, kind := range world.GridKinds() {
		if r.IntN(2) == 0 {
			continue
		}
		width, height := 1+r.IntN(60), 1+r.IntN(30)
		values := make([]float32, width*height)
		for i := range values {
			switch r.IntN(5) {
			case 0:
				values[i] = float32(math.NaN())
			case 1:
				values[i] = 0
			default:
				values[i] = r.Float32()
				if kind == world.PopulationGrid {
					values[i] *= 500
				}
			}
		}
		g, err := raster.New(fmt.Sprintf("%s %x", kind, r.Uint64()), "some "+kind, "CC0", -72.42, 18.62, 0.01, 0.01*pick(r, 1, 0.5), width, height, values)
		if err != nil {
			t.Fatalf("grid: %v", err)
		}
		out[kind] = g
	}
	return out
}

// circleOf is what an audience may know of versions: layers and properties that
// are kept from it are gone.
func circleOf(a geo.Audience, versions []*geo.Version) []*geo.Version {
	var out []*geo.Version
	for _, v := range versions {
		if !v.Layer.Audiences.Has(a) {
			continue
		}
		c := *v
		c.Values = slices.Clone(v.Values)
		for i, p := range v.Layer.Properties {
			if !p.Audiences.Has(a) && i < len(c.Values) {
				c.Values[i] = nil
			}
		}
		out = append(out, geo.NewVersion(c, &geo.DefaultModel))
	}
	return out
}

type anyWorld struct {
	world     *world.World
	question  coverage.Question
	baselines []coverage.Baseline
}

func drawAnyWorld(t *rapid.T) anyWorld {
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 4))
	a := rapid.SampledFrom(geo.Audiences()).Draw(t, "audience")
	return someWorld(t, r, a)
}

func someWorld(t fataler, r *rand.Rand, a geo.Audience) anyWorld {
	versions := circleOf(a, someVersions(t, r))
	grids := someGrids(t, r)
	build := func(rev geo.Revision, known []*geo.Version) *world.World {
		w := world.Build(a, &geo.DefaultModel, rev, now, known, nil)
		w, _ = w.Apply(world.Step{Revision: rev, At: now, Grids: grids})
		return w
	}
	var before []*geo.Version
	for _, v := range versions {
		if v.Known < 4 {
			before = append(before, v)
		}
	}
	past := build(3, before)
	out := anyWorld{world: build(7, versions)}
	q := coverage.Question{World: out.world, At: now}
	if a != geo.Public {
		q.Tallies = []geo.Tally{}
		for range r.IntN(15) {
			q.Tallies = append(q.Tallies, geo.Tally{
				Commune: pick(r, "HT0111", "HT0112", "", "HT9"), RoadRef: pick(r, "", "RN1"),
				ObservedAt: pick(r, time.Time{}, now.Add(-time.Duration(r.IntN(500))*time.Hour)), ReceivedAt: pick(r, time.Time{}, now.Add(-time.Duration(r.IntN(300))*time.Hour), now.AddDate(1, 0, 0)),
				TriageState: pick(r, "received", "triaged", "published", "rejected", ""), Channel: pick(r, "sms", "web", ""), SourceKey: pick(r, "a", "b", ""),
			})
		}
	}
	if r.IntN(4) > 0 {
		q.Past = func(context.Context, time.Time) (*world.World, error) { return past, nil }
	}
	switch r.IntN(4) {
	case 0:
		q.Level = pick(r, coverage.Levels()...)
	case 1: // somewhere, the sea and other countries too
		x, y := -72.6+0.9*r.Float64(), 18.4+0.3*r.Float64()
		q.Drawn = rectangle(geo.RoundCoordinate(x), geo.RoundCoordinate(y), geo.RoundCoordinate(x+0.001+0.2*r.Float64()), geo.RoundCoordinate(y+0.001+0.1*r.Float64()))
	}
	q.At = pick(r, now, now, now, now.AddDate(0, 0, -40), now.AddDate(0, 2, 0), geo.EarliestValid, geo.LatestValid)
	out.question = q
	return out
}

// differences are figures that may be negative or have no order.
func isDifference(v *coverage.Value) bool { return strings.HasPrefix(v.Indicator, "T2") }

func checkAnyValue(t fataler, v *coverage.Value) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Helper()
		raw, _ := json.Marshal(v)
		t.Fatalf("%s %v %s: %s\n%s", v.Indicator, v.Of, v.Area, fmt.Sprintf(format, args...), raw)
	}
	for name, x := range map[string]*coverage.Range{"amount": v.Amount, "share": v.Share} {
		if x == nil {
			continue
		}
		for _, end := range []float64{x.Low, x.Central, x.High} {
			if math.IsNaN(end) || math.IsInf(end, 0) {
				fail("%s is no number", name)
			}
		}
		if !isDifference(v) && !(x.Low <= x.Central && x.Central <= x.High && x.Low >= 0) {
			fail("%s is no interval", name)
		}
		if (name == "share" || v.Unit == coverage.UnitShare) && !isDifference(v) && v.Of["group"] != "shared" && !(x.High <= 1+1e-9) && v.Unit != coverage.UnitRate {
			fail("%s above the whole", name)
		}
	}
	switch {
	case (v.Status == coverage.Assessed) != (v.Amount != nil):
		fail("status and amount disagree")
	case v.Status != coverage.Assessed && v.Share != nil:
		fail("a share of what is not assessed")
	case v.Status == coverage.NotMeasured && v.Note == nil:
		fail("does not say why")
	case v.Note != nil && (v.Note.French == "" || v.Note.Haitian == "" || v.Note.English == ""):
		fail("note lacks a language")
	case v.Share != nil && v.Whole == nil:
		fail("a share of nothing")
	case v.Unit == coverage.UnitShare && v.Amount != nil && v.Whole == nil:
		fail("a share without a denominator")
	case v.Unit == coverage.UnitRate && v.Amount != nil && v.Whole == nil:
		fail("a rate without a denominator")
	case v.Whole != nil && (v.Whole.Name.French == "" || v.Whole.Name.Haitian == "" || v.Whole.Name.English == "" || v.Whole.Unit == ""):
		fail("denominator is not named")
	case v.Whole != nil && (math.IsNaN(v.Whole.Amount) || math.IsInf(v.Whole.Amount, 0) || v.Whole.Amount < 0):
		fail("denominator is no number")
	case v.Unit == "":
		fail("no unit")
	case v.IDs == nil:
		fail("ids are null")
	case len(v.IDs) > 0 && v.N != len(v.IDs):
		fail("n is not the number of ids")
	case v.Confidence != nil && !(*v.Confidence >= 0 && *v.Confidence <= 1):
		fail("confidence out of bounds")
	case (v.Confidence == nil) != (v.ConfidenceLabel == ""):
		fail("confidence and label disagree")
	}
	if !slices.IsSortedFunc(v.IDs, func(a, b uuid.UUID) int { return slices.Compare(a[:], b[:]) }) {
		fail("ids are not in order")
	}
}

func marshalled(t fataler, x any) []byte {
	raw, err := json.Marshal(x)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return raw
}

// TestAnyWorldIsSound measures everything and checks what holds of every value,
// and that neither what was asked before nor by whom changes a byte.
func TestAnyWorldIsSound(t *testing.T) {
	shared := coverage.NewEngine(coverage.Options{Ways: lanes{}})
	rapid.Check(t, func(t *rapid.T) {
		w := drawAnyWorld(t)
		cold, err := coverage.NewEngine(coverage.Options{Ways: lanes{}}).Measure(testContext, w.question)
		if err != nil {
			t.Fatalf("measure: %v", err)
		}
		for k := range cold.Values {
			checkAnyValue(t, &cold.Values[k])
		}
		warm, err := shared.Measure(testContext, w.question)
		if err != nil {
			t.Fatalf("measure: %v", err)
		}
		if !bytes.Equal(marshalled(t, warm), marshalled(t, cold)) {
			difference(t, warm, cold)
		}
		// One at a time, the last first.
		alone := coverage.NewEngine(coverage.Options{Ways: lanes{}})
		by := map[string][]coverage.Value{}
		for _, v := range cold.Values {
			by[v.Indicator] = append(by[v.Indicator], v)
		}
		all := coverage.Indicators()
		slices.Reverse(all)
		for _, i := range all {
			q := w.question
			q.Indicators = []string{i.Code}
			one, err := alone.Measure(testContext, q)
			if err != nil {
				t.Fatalf("%s: %v", i.Code, err)
			}
			if !bytes.Equal(marshalled(t, one.Values), marshalled(t, append([]coverage.Value{}, by[i.Code]...))) {
				difference(t, one, &coverage.Measurement{Values: by[i.Code]})
			}
		}
	})
}

// TestManyAskAtOnce puts questions of all kinds about worlds of several audiences
// and revisions to one engine, some of which are broken off: each answer is that
// of an engine of its own.
func TestManyAskAtOnce(t *testing.T) {
	type asked struct {
		name string
		ask  func(context.Context, *coverage.Engine) (any, error)
		want []byte
	}
	var all []asked
	r := rand.New(rand.NewPCG(5, 5))
	for n := range 4 {
		versions, grids := someVersions(t, r), someGrids(t, r)
		for _, a := range []geo.Audience{geo.Public, geo.Humanitarian, geo.Operations} {
			known := circleOf(a, versions)
			w := world.Build(a, &geo.DefaultModel, 7, now, known, nil)
			w, _ = w.Apply(world.Step{Revision: 7, At: now, Grids: grids})
			if len(known) > 0 {
				next := *known[0]
				next.Known, next.Valid.To = 8, now.AddDate(0, 0, -1)
				later, _ := w.Apply(world.Step{Revision: 8, At: now, Closed: known[:1], Opened: []*geo.Version{geo.NewVersion(next, &geo.DefaultModel)}})
				past := w
				w = later
				for _, w := range []*world.World{past, later} {
					q := coverage.Question{World: w, At: now, Past: func(context.Context, time.Time) (*world.World, error) { return past, nil }, Tallies: []geo.Tally{}}
					some := q
					some.Indicators = []string{"T1", "T2", "T4", "R2", "L5", "X1", "Q1"}
					add := func(kind string, ask func(context.Context, *coverage.Engine) (any, error)) {
						all = append(all, asked{name: fmt.Sprintf("%s %d %v %d", kind, n, a, w.Revision()), ask: ask})
					}
					add("values", func(ctx context.Context, e *coverage.Engine) (any, error) { return e.Measure(ctx, q) })
					add("some", func(ctx context.Context, e *coverage.Engine) (any, error) { return e.Measure(ctx, some) })
					add("exposure", func(ctx context.Context, e *coverage.Engine) (any, error) { return e.Exposure(ctx, q) })
					add("objectives", func(ctx context.Context, e *coverage.Engine) (any, error) { return e.Objectives(ctx, q) })
					add("series", func(ctx context.Context, e *coverage.Engine) (any, error) {
						q := q
						q.Indicators = []string{"T1"}
						return e.Series(ctx, coverage.SeriesQuestion{Question: q, From: now.AddDate(0, 0, -20), To: now, Step: 24 * time.Hour})
					})
					add("changes", func(ctx context.Context, e *coverage.Engine) (any, error) {
						return e.Changes(ctx, coverage.ChangesQuestion{World: w, From: now.AddDate(0, 0, -30), To: now, Past: q.Past})
					})
				}
			}
		}
	}
	for k := range all {
		answer, err := all[k].ask(testContext, coverage.NewEngine(coverage.Options{Ways: lanes{}}))
		if err != nil {
			t.Fatalf("%s: %v", all[k].name, err)
		}
		all[k].want = marshalled(t, answer)
	}
	e := coverage.NewEngine(coverage.Options{Ways: lanes{}, KeepBytes: 1 << 20}) // too little to keep all
	before := runtime.NumGoroutine()
	var askers sync.WaitGroup
	for n := range 8 {
		askers.Go(func() {
			r := rand.New(rand.NewPCG(9, uint64(n)))
			for range 2 * len(all) / 3 {
				one := &all[r.IntN(len(all))]
				ctx, cancel := context.WithCancel(testContext)
				broken := r.IntN(3) == 0
				if broken {
					time.AfterFunc(time.Duration(r.IntN(2_000))*time.Microsecond, cancel)
				}
				var got []byte
				answer, err := one.ask(ctx, e)
				if err == nil {
					got, err = json.Marshal(answer)
				}
				cancel()
				switch {
				case broken && errors.Is(err, context.Canceled):
				case err != nil:
					t.Errorf("%s: %v", one.name, err)
				case !bytes.Equal(got, one.want):
					t.Errorf("%s gave something else among others", one.name)
				}
			}
		})
	}
	askers.Wait()
	for n := 0; runtime.NumGoroutine() > before && n < 1000; n++ {
		time.Sleep(time.Millisecond)
	}
	if now := runtime.NumGoroutine(); now > before {
		t.Errorf("%d goroutines stay", now-before)
	}
}

func difference(t fataler, a, b *coverage.Measurement) {
	t.Helper()
	for k := range a.Values {
		if k < len(b.Values) {
			x, y := marshalled(t, a.Values[k]), marshalled(t, b.Values[k])
			if !bytes.Equal(x, y) {
				t.Fatalf("the same question gave\n%s\nand\n%s", x, y)
			}
		}
	}
	t.Fatalf("%d and %d values", len(a.Values), len(b.Values))
}
