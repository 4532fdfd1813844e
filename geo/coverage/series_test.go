package coverage_test

import (
	"encoding/json"
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// A series says at each instant what the figure says at that instant.
func TestSeriesEqualsMeasure(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecord(t)
		w := r.last()
		// Groups with a coalition that changes, and an outline that does.
		opened := []*geo.Version{
			state(t, "armed-groups", 1, geo.Period{From: daysAgo(99)}, nil, map[string]any{"group_id": "a", "name_fr": "A", "un_listing_ref": "QDe.000"}),
			state(t, "group-memberships", 1, geo.Period{From: daysAgo(99), To: daysAgo(5)}, nil, map[string]any{"group_id": "a", "coalition_id": "va"}),
			state(t, "group-memberships", 2, geo.Period{From: daysAgo(8)}, nil, map[string]any{"group_id": "b", "coalition_id": "va"}),
		}
		step := world.Step{Revision: 99, At: now, Opened: opened}
		if rapid.Bool().Draw(t, "outline changes") {
			for _, v := range board(t)[:1] {
				until, since := *v, *v
				until.Valid.To, since.Valid.From = daysAgo(6.5), daysAgo(6.5)
				since.Geometry = block{west: 1, south: 0, east: cells, north: cells}.dense()
				step.Closed = append(step.Closed, v)
				step.Opened = append(step.Opened, geo.NewVersion(until, &geo.DefaultModel), geo.NewVersion(since, &geo.DefaultModel))
			}
		}
		if rapid.Bool().Draw(t, "grids") {
			step.Grids = map[string]*raster.Grid{"population": people(t), "built_up": built(t)}
		}
		w, _ = w.Apply(step)
		code := rapid.SampledFrom([]string{"T1", "T1b", "T1p", "T6", "X1", "G1", "G2", "T3"}).Draw(t, "indicator")
		q := coverage.Question{World: w, Indicators: []string{code}, Areas: []string{"HT0111", "HT01", "ZMPP-urban"}, Drawn: block{west: 3, south: 3, east: 10, north: 6}.dense()}
		e := coverage.NewEngine(coverage.Options{})
		series, err := e.Series(testContext, coverage.SeriesQuestion{Question: q, From: daysAgo(12), To: now, Step: 28 * time.Hour})
		if err != nil {
			t.Fatalf("%v", err)
		}
		lines := map[string]*coverage.Line{}
		for n := range series.Lines {
			l := &series.Lines[n]
			if len(l.Points) != len(series.Datetimes) {
				t.Fatalf("%d points at %d instants", len(l.Points), len(series.Datetimes))
			}
			lines[l.Area+" "+coverage.Of(l.Of)] = l
		}
		close := func(a, b *coverage.Range, whole float64) bool {
			return a != nil && b != nil && apart(*a, *b) <= 1e-6*whole || a == nil && b == nil
		}
		for n, datetime := range series.Datetimes {
			at, err := geo.ParseInstant(datetime)
			if err != nil {
				t.Fatalf("%v", err)
			}
			q.At = at
			m, err := coverage.NewEngine(coverage.Options{}).Measure(testContext, q)
			if err != nil {
				t.Fatalf("%v", err)
			}
			seen := map[string]bool{}
			for _, v := range m.Values {
				key := v.Area + " " + coverage.Of(v.Of)
				seen[key] = true
				l := lines[key]
				if l == nil {
					t.Fatalf("no line %s at %s", key, datetime)
				}
				p, whole := l.Points[n], 0.0
				if v.Whole != nil {
					whole = v.Whole.Amount
				}
				status := v.Status
				if status == coverage.Assessed {
					status = ""
				}
				if p.Status != status || !close(p.Amount, v.Amount, whole) || !close(p.Share, v.Share, 1) || p.N != v.N || l.Unit != v.Unit ||
					(p.Confidence == nil) != (v.Confidence == nil) || p.Confidence != nil && math.Abs(*p.Confidence-*v.Confidence) > 1e-4 {
					t.Errorf("%s at %s: %+v %v %v, want %v %v %d %v (%d, %v)", key, datetime, p, p.Amount, p.Share, v.Amount, v.Share, v.N, v.Confidence, p.N, p.Confidence)
				}
			}
			for key, l := range lines {
				if p := l.Points[n]; !seen[key] && (p.Amount != nil && *p.Amount != coverage.Range{} || p.N > 0) {
					t.Errorf("%s at %s has %v (%d) without a figure", key, datetime, p.Amount, p.N)
				}
			}
		}
	})
}

func people(t fataler) *raster.Grid { return grid(t, "people", 0.013, 7) }
func built(t fataler) *raster.Grid  { return grid(t, "built", 0.004, 0.3) }

func grid(t fataler, id string, cell float64, value float32) *raster.Grid {
	t.Helper()
	width, height := int(0.3/cell), int(0.2/cell)
	values := make([]float32, width*height)
	for n := range values {
		values[n] = value * float32(n%3)
	}
	g, err := raster.New(id, id, "made for a test", lon(-5), lat(13), cell, cell, width, height, values)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return g
}

func TestSeriesNamesRows(t *testing.T) {
	t.Parallel()
	r := &record{}
	r.write(daysAgo(60), nil, append(board(t), zoneState(t, 1, "controlled", block{west: 1, south: 1, east: 5, north: 5}, geo.Period{From: daysAgo(2)}, 0.9, now, 1, "a")))
	s, err := coverage.NewEngine(coverage.Options{}).Series(testContext, coverage.SeriesQuestion{
		Question: coverage.Question{World: r.last(), Indicators: []string{"T1"}, Areas: []string{"HT0111"}},
		From:     daysAgo(4), To: now, Step: 24 * time.Hour, Of: map[string]string{"control_type": "controlled"},
	})
	if err != nil || len(s.Lines) != 1 || len(s.Lines[0].Points) != 5 {
		t.Fatalf("%+v, %v", s, err)
	}
	for n, p := range s.Lines[0].Points {
		if has := n >= 2; (p.Amount.Central > 0) != has || (p.Confidence != nil) != has || (p.N == 1) != has {
			t.Errorf("point %d: %+v %v", n, p, p.Amount)
		}
	}
	if raw, err := json.Marshal(s); err != nil || !json.Valid(raw) {
		t.Error(err)
	}
	public, err := coverage.NewEngine(coverage.Options{}).Series(testContext, coverage.SeriesQuestion{
		Question: coverage.Question{World: worldOf(geo.Public, board(t)...), Indicators: []string{"T1"}, Areas: []string{"HT0111"}},
		From:     daysAgo(4), To: now, Step: 24 * time.Hour,
	})
	if err != nil || len(public.Lines) != 1 || public.Lines[0].Points[0].Status != coverage.Withheld || public.Lines[0].Points[4].Amount != nil {
		t.Errorf("%+v, %v", public, err)
	}
}

func TestSeriesRefuses(t *testing.T) {
	t.Parallel()
	var communes []*geo.Version
	for n := range 140 {
		communes = append(communes, admin(t, fmt.Sprintf("HT%02d%02d", n/14, n%14), "HT01", 2, orb.MultiPolygon(rectangle(lon(n), lat(0), lon(n+1), lat(1)))))
	}
	w := worldOf(geo.Humanitarian, communes...)
	good := coverage.SeriesQuestion{Question: coverage.Question{World: w, Indicators: []string{"T1"}, Level: coverage.LevelCommune}, From: daysAgo(9), To: now, Step: 24 * time.Hour}
	for name, test := range map[string]struct {
		spoil func(*coverage.SeriesQuestion)
		want  geo.Code
	}{
		"no indicator":         {func(q *coverage.SeriesQuestion) { q.Indicators = nil }, geo.CodeInvalid},
		"two indicators":       {func(q *coverage.SeriesQuestion) { q.Indicators = []string{"T1", "T2"} }, geo.CodeInvalid},
		"unknown indicator":    {func(q *coverage.SeriesQuestion) { q.Indicators = []string{"T0"} }, geo.CodeNotFound},
		"unknown area":         {func(q *coverage.SeriesQuestion) { q.Areas = []string{"HT9999"} }, geo.CodeNotFound},
		"no beginning":         {func(q *coverage.SeriesQuestion) { q.From = time.Time{} }, geo.CodeInvalid},
		"end before beginning": {func(q *coverage.SeriesQuestion) { q.To = daysAgo(10) }, geo.CodeInvalid},
		"step of a minute":     {func(q *coverage.SeriesQuestion) { q.Step = time.Minute }, geo.CodeInvalid},
		"negative step":        {func(q *coverage.SeriesQuestion) { q.Step = -time.Hour }, geo.CodeInvalid},
		"endless step":         {func(q *coverage.SeriesQuestion) { q.Step = 1<<63 - 1 }, geo.CodeInvalid},
		"too many points":      {func(q *coverage.SeriesQuestion) { q.From, q.Step = daysAgo(1500.0/24), time.Hour }, geo.CodeInvalid},
		"too many values":      {func(q *coverage.SeriesQuestion) { q.From, q.Step = daysAgo(1430.0/24), time.Hour }, geo.CodeInvalid},
		"too many steps":       {func(q *coverage.SeriesQuestion) { q.Indicators, q.From = []string{"T3"}, daysAgo(400) }, geo.CodeInvalid},
	} {
		q := good
		test.spoil(&q)
		if _, err := coverage.NewEngine(coverage.Options{}).Series(testContext, q); geo.CodeOf(err) != test.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	if s, err := coverage.NewEngine(coverage.Options{}).Series(testContext, good); err != nil || len(s.Lines) == 0 {
		t.Errorf("%v", err)
	}
}
