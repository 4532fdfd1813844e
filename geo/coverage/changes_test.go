package coverage_test

import (
	"bytes"
	"encoding/json"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/measure"
)

func changesBetween(t fataler, r *record, from, to time.Time, areas ...string) *coverage.Changes {
	t.Helper()
	c, err := coverage.NewEngine(coverage.Options{}).Changes(testContext, coverage.ChangesQuestion{World: r.last(), From: from, To: to, Areas: areas, Past: r.past})
	if err != nil {
		t.Fatalf("changes: %v", err)
	}
	return c
}

func TestKindsOfChange(t *testing.T) {
	t.Parallel()
	b := block{west: 1, south: 1, east: 5, north: 5}
	half := block{west: 1, south: 1, east: 3, north: 5}
	week := geo.Period{From: daysAgo(60), To: daysAgo(3)}
	later := geo.Period{From: daysAgo(3)}
	for _, test := range []struct {
		name        string
		before      []*geo.Version // known for long
		today       []*geo.Version // known since today
		kind, cause string
		from, to    string
	}{
		{"gained", []*geo.Version{zoneState(t, 1, "controlled", b, later, 0.9, daysAgo(3), 1, "a")}, nil, coverage.Gained, coverage.CauseSituation, "", "controlled"},
		{"lost", []*geo.Version{zoneState(t, 1, "controlled", b, week, 0.9, daysAgo(10), 1, "a"), zoneState(t, 1, "recovered", b, later, 0.9, daysAgo(3), 1)}, nil,
			coverage.Lost, coverage.CauseSituation, "controlled", "recovered"},
		{"transferred", []*geo.Version{zoneState(t, 1, "controlled", b, week, 0.9, daysAgo(10), 1, "a"), zoneState(t, 1, "controlled", b, later, 0.9, daysAgo(3), 1, "b")}, nil,
			coverage.Transferred, coverage.CauseSituation, "controlled", "controlled"},
		{"reclassified", []*geo.Version{zoneState(t, 1, "controlled", b, week, 0.9, daysAgo(10), 1, "a"), zoneState(t, 1, "contested", b, later, 0.9, daysAgo(3), 1, "a")}, nil,
			coverage.Reclassified, coverage.CauseSituation, "controlled", "contested"},
		{"expired", []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(60)}, 0.45, daysAgo(10), 1, "a")}, nil,
			coverage.Expired, coverage.CauseExpiry, "controlled", ""},
		{"learned late", nil, []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(60)}, 0.9, daysAgo(10), 3, "a")},
			coverage.LearnedLate, coverage.CauseRevision, "", "controlled"},
		{"corrected", []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(60)}, 0.9, daysAgo(10), 1, "a")},
			[]*geo.Version{zoneState(t, 2, "controlled", b, geo.Period{From: daysAgo(60)}, 1, daysAgo(1), 3, "b")},
			coverage.Corrected, coverage.CauseRevision, "controlled", "controlled"},
		{"renewed", []*geo.Version{zoneState(t, 1, "controlled", b, week, 0.3, daysAgo(10), 1, "a"), zoneState(t, 1, "controlled", b, later, 0.9, daysAgo(3), 1, "a")}, nil,
			coverage.Renewed, coverage.CauseSituation, "", "controlled"},
		{"downgraded", []*geo.Version{zoneState(t, 1, "controlled", b, week, 0.9, daysAgo(10), 1, "a"), zoneState(t, 1, "controlled", b, later, 0.3, daysAgo(3), 1, "a")}, nil,
			coverage.Downgraded, coverage.CauseSituation, "controlled", ""},
	} {
		r := &record{}
		r.write(daysAgo(100), nil, append(board(t), test.before...))
		r.write(daysAgo(0.1), nil, test.today)
		c := changesBetween(t, r, daysAgo(7), now, "HT0111")
		if len(c.Items) != 1 {
			t.Errorf("%s: %d items: %+v", test.name, len(c.Items), c.Items)
			continue
		}
		i := c.Items[0]
		word := func(l *coverage.Label) string {
			if l == nil {
				return ""
			}
			return l.ControlType
		}
		if i.Kind != test.kind || i.Cause != test.cause || word(i.From) != test.from || word(i.To) != test.to {
			t.Errorf("%s: %+v", test.name, i)
		}
		if want := measure.AreaM2(b.dense()) / 1e6; math.Abs(i.Km2-want) > 1e-5*want || math.Abs(measure.AreaM2(i.Geometry)/1e6-want) > 1e-5*want {
			t.Errorf("%s: %v km², drawn %v, want %v", test.name, i.Km2, measure.AreaM2(i.Geometry)/1e6, want)
		}
		if (i.Confidence == nil) != (i.To == nil) || len(i.IDs) == 0 || !slices.Equal(i.Areas, []string{"HT0111"}) {
			t.Errorf("%s: %+v", test.name, i)
		}
	}
	// What a stale half of it was is renewed, and the other half gained.
	r := &record{}
	r.write(daysAgo(100), nil, append(board(t), zoneState(t, 1, "controlled", half, week, 0.3, daysAgo(10), 1, "a"), zoneState(t, 1, "controlled", b, later, 0.9, daysAgo(3), 1, "a")))
	c := changesBetween(t, r, daysAgo(7), now, "HT0111")
	kinds := map[string]float64{}
	for _, i := range c.Items {
		kinds[i.Kind] += measure.AreaM2(i.Geometry) / measure.AreaM2(b.dense())
	}
	if len(kinds) != 2 || math.Abs(kinds[coverage.Renewed]-.5) > 1e-5 || math.Abs(kinds[coverage.Gained]-.5) > 1e-5 {
		t.Errorf("%v", kinds)
	}
}

// By type of control the pieces add up to the parts of T2, and what is drawn
// has the area that is said.
func TestChangesAddUpToParts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecord(t)
		values := valuesOf(t, r.last(), now, r.past, "T2", "HT01")
		whole := valueOf(values, "HT01", "days", "7", "part", "situation", "control_type", affectedRow).Whole.Amount
		c := changesBetween(t, r, daysAgo(7), now, "HT01")
		known := valueOf(values, "HT01", "days", "7", "part", "revision", "control_type", affectedRow).Status == coverage.Assessed
		if (c.LateStatus == coverage.Assessed) != known {
			t.Fatalf("late information %s", c.LateStatus)
		}
		sums := map[[2]string]float64{}
		for _, i := range c.Items {
			if i.From != nil {
				sums[[2]string{i.Cause, i.From.ControlType}] -= i.Km2
			}
			if i.To != nil {
				sums[[2]string{i.Cause, i.To.ControlType}] += i.Km2
			}
			if d := math.Abs(measure.AreaM2(i.Geometry)/1e6 - i.Km2); d > 1e-6*whole {
				t.Errorf("%+v is drawn with %v km²", i, measure.AreaM2(i.Geometry)/1e6)
			}
		}
		for _, cause := range []string{coverage.CauseSituation, coverage.CauseRevision, coverage.CauseExpiry} {
			for _, control := range geo.ControlPrecedence {
				want := amountOf(values, "HT01", "days", "7", "part", cause, "control_type", control).Central
				if d := math.Abs(sums[[2]string{cause, control}] - want); d > 1e-6*whole+2*c.SliversKm2 {
					t.Errorf("%s of %s: %v, T2 has %v", cause, control, sums[[2]string{cause, control}], want)
				}
			}
		}
	})
}

func TestChangesAsGeoJSON(t *testing.T) {
	t.Parallel()
	r := &record{}
	b := block{west: 1, south: 1, east: 5, north: 5}
	r.write(daysAgo(60), nil, append(board(t), zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(3)}, 0.9, daysAgo(3), 1, "a")))
	raw, err := json.Marshal(changesBetween(t, r, daysAgo(7), now))
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Type     string
		Revision int
		Audience string
		From, To string
		Formula  string   `json:"formula_version"`
		Notice   geo.Text `json:"notice"`
		Slivers  *float64 `json:"slivers_km2"`
		Features []struct {
			Type       string
			Geometry   struct{ Type string }
			Properties map[string]any
		}
	}
	if err := json.Unmarshal(raw, &got); err != nil {
		t.Fatal(err)
	}
	if got.Type != "FeatureCollection" || got.Revision != 1 || got.Audience != "hum" || got.From != geo.FormatInstant(daysAgo(7)) || got.Formula == "" ||
		got.Slivers == nil || got.Notice.French == "" || len(got.Features) != 1 {
		t.Fatalf("%s", raw)
	}
	f := got.Features[0]
	for _, name := range []string{"kind", "cause", "areas", "km2", "from", "to", "ids", "confidence"} {
		if _, ok := f.Properties[name]; !ok {
			t.Errorf("no %s in %s", name, raw)
		}
	}
	if f.Type != "Feature" || f.Geometry.Type != "MultiPolygon" || f.Properties["from"] != nil {
		t.Errorf("%s", raw)
	}
	// Who may not know of zones does not learn of their changes.
	public := worldOf(geo.Public, board(t)...)
	c, err := coverage.NewEngine(coverage.Options{}).Changes(testContext, coverage.ChangesQuestion{World: public, From: daysAgo(7), To: now, Past: r.past})
	if err != nil || c.Status != coverage.Withheld || len(c.Items) != 0 {
		t.Fatalf("%+v, %v", c, err)
	}
	if raw, _ := json.Marshal(c); !bytes.Contains(raw, []byte(`"slivers_km2":null`)) {
		t.Errorf("%s", raw)
	}
	for _, q := range []coverage.ChangesQuestion{
		{World: r.last(), To: now}, {World: r.last(), From: now, To: now}, {World: r.last(), From: now, To: daysAgo(1)},
	} {
		if _, err := coverage.NewEngine(coverage.Options{}).Changes(testContext, q); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("from %v to %v: %v", q.From, q.To, err)
		}
	}
}

// The same world and question give the same bytes: from another engine, after
// other questions, and from a world that is asked for as of a time gone by.
func TestChangeReproducesBytes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecord(t)
		warm := coverage.NewEngine(coverage.Options{KeepBytes: 1 << 16})
		answers := func(e *coverage.Engine, w int) []byte {
			var out bytes.Buffer
			write := func(v any, err error) {
				if err != nil {
					t.Fatalf("%v", err)
				}
				raw, err := json.Marshal(v)
				if err != nil {
					t.Fatalf("%v", err)
				}
				out.Write(raw)
			}
			world := r.worlds[w]
			write(e.Measure(testContext, coverage.Question{World: world, At: now, Indicators: []string{"T1", "T2", "T3", "T4", "T5", "G1"}, Past: r.past}))
			write(e.Changes(testContext, coverage.ChangesQuestion{World: world, From: daysAgo(9), To: now, Past: r.past}))
			write(e.Series(testContext, coverage.SeriesQuestion{Question: coverage.Question{World: world, Indicators: []string{"T1"}}, From: daysAgo(12), To: now, Step: 36 * time.Hour}))
			return out.Bytes()
		}
		var first [][]byte
		for n := range r.worlds {
			first = append(first, answers(coverage.NewEngine(coverage.Options{}), n))
		}
		for n := len(r.worlds) - 1; n >= 0; n-- {
			if again := answers(warm, n); !bytes.Equal(first[n], again) {
				at := 0
				for at < min(len(first[n]), len(again)) && first[n][at] == again[at] {
					at++
				}
				t.Fatalf("world %d: %s\nthen %s", n, first[n][max(0, at-200):min(len(first[n]), at+80)], again[max(0, at-200):min(len(again), at+80)])
			}
		}
	})
}
