package coverage_test

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

const affectedRow = "controlled+contested+influenced"

// amountOf is the amount of a row; none of the ground where there is no row.
func amountOf(values []coverage.Value, area string, of ...string) coverage.Range {
	if v := valueOf(values, area, of...); v != nil && v.Amount != nil {
		return *v.Amount
	}
	return coverage.Range{}
}

func minus(a, b coverage.Range) coverage.Range {
	return coverage.Range{Low: a.Low - b.Low, Central: a.Central - b.Central, High: a.High - b.High}
}

func apart(a, b coverage.Range) float64 {
	d := minus(a, b)
	return max(math.Abs(d.Low), math.Abs(d.Central), math.Abs(d.High))
}

// A zone that is entered today and was there for ten days already is late
// information, all of it, and nothing that happened.
func TestBackdatedZoneIsLateInformation(t *testing.T) {
	t.Parallel()
	r := &record{}
	r.write(daysAgo(60), nil, board(t))
	b := block{west: 1, south: 1, east: 5, north: 5}
	r.write(daysAgo(0), nil, []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(10)}, 0.9, daysAgo(10), 2, "a")})
	values := valuesOf(t, r.last(), now, r.past, "T2", "HT0111")
	whole := amountOf(valuesOf(t, r.last(), now, nil, "T1", "HT0111"), "HT0111", "control_type", "controlled")
	if whole.Central < 15 {
		t.Fatalf("the zone has %v km²", whole)
	}
	for _, test := range []struct {
		part string
		want coverage.Range
	}{{"total", whole}, {"revision", whole}, {"situation", coverage.Range{}}, {"expiry", coverage.Range{}}} {
		for _, row := range []string{"controlled", affectedRow} {
			v := valueOf(values, "HT0111", "days", "7", "part", test.part, "control_type", row)
			if v == nil || v.Amount == nil || apart(*v.Amount, test.want) > 1e-6 {
				t.Errorf("Δ7 of %s, %s: %+v, want %v", row, test.part, v, test.want)
			}
		}
	}
	if v := valueOf(values, "HT0111", "days", "7", "part", "revision", "control_type", "controlled"); v.N != 1 || v.Whole == nil || v.Share == nil {
		t.Errorf("not traced: %+v", v)
	}
	// Over thirty days it did happen.
	if got := amountOf(values, "HT0111", "days", "30", "part", "situation", "control_type", "controlled"); apart(got, whole) > 1e-6 {
		t.Errorf("Δ30 of the situation %v, want %v", got, whole)
	}
}

func TestAgeingIsExpiry(t *testing.T) {
	t.Parallel()
	r := &record{}
	b := block{west: 1, south: 1, east: 5, north: 5}
	// Of medium confidence, 0.45, it counts to the central figure for 7.6 days.
	r.write(daysAgo(60), nil, append(board(t), zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(60)}, 0.45, daysAgo(10), 1, "a")))
	values := valuesOf(t, r.last(), now, r.past, "T2", "HT0111")
	all := amountOf(valuesOf(t, r.last(), daysAgo(7), nil, "T1", "HT0111"), "HT0111", "control_type", "controlled")
	want := coverage.Range{Central: -all.Central}
	for part, want := range map[string]coverage.Range{"total": want, "expiry": want, "situation": {}, "revision": {}} {
		if got := amountOf(values, "HT0111", "days", "7", "part", part, "control_type", "controlled"); apart(got, want) > 1e-6 {
			t.Errorf("%s %v, want %v", part, got, want)
		}
	}
}

// A zone that is confirmed anew in a state of its own changes the figure, but
// nothing happened on the ground: the situation says how much of it is that.
func TestRenewedEvidenceIsTold(t *testing.T) {
	t.Parallel()
	r := &record{}
	b := block{west: 1, south: 1, east: 5, north: 5}
	old := geo.Period{From: daysAgo(200), To: daysAgo(3)}
	r.write(daysAgo(200), nil, append(board(t), zoneState(t, 1, "controlled", b, geo.Period{From: old.From}, 0.9, daysAgo(200), 1, "a")))
	r.write(daysAgo(3), []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: old.From}, 0.9, daysAgo(200), 1, "a")}, []*geo.Version{
		zoneState(t, 1, "controlled", b, old, 0.9, daysAgo(200), 2, "a"),
		zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(3)}, 0.9, daysAgo(3), 2, "a"),
	})
	values := valuesOf(t, r.last(), now, r.past, "T2", "HT0111")
	situation := amountOf(values, "HT0111", "days", "7", "part", "situation", "control_type", "controlled")
	renewed := amountOf(values, "HT0111", "days", "7", "part", "renewed", "control_type", "controlled")
	if situation.Central < 15 || renewed != situation {
		t.Errorf("situation %v, of which renewed %v", situation, renewed)
	}
	changes, err := coverage.NewEngine(coverage.Options{}).Changes(testContext, coverage.ChangesQuestion{World: r.last(), From: daysAgo(7), To: now, Areas: []string{"HT0111"}, Past: r.past})
	if err != nil || len(changes.Items) != 1 || changes.Items[0].Kind != coverage.Renewed {
		t.Errorf("%+v, %v", changes, err)
	}
}

func TestChangeBeforeTheRecordIsNotMeasured(t *testing.T) {
	t.Parallel()
	r := &record{}
	r.write(daysAgo(5), nil, append(board(t), zoneState(t, 1, "controlled", block{west: 1, south: 1, east: 5, north: 5}, geo.Period{From: daysAgo(60)}, 0.9, daysAgo(6), 1, "a")))
	values := valuesOf(t, r.last(), now, r.past, "T2", "HT0111")
	for _, part := range []string{"total", "revision"} {
		v := valueOf(values, "HT0111", "days", "7", "part", part, "control_type", "controlled")
		if v == nil || v.Status != coverage.NotMeasured || v.Amount != nil || v.Note == nil {
			t.Errorf("%s: %+v", part, v)
		}
	}
	if v := valueOf(values, "HT0111", "days", "7", "part", "situation", "control_type", "controlled"); v == nil || v.Status != coverage.Assessed {
		t.Errorf("situation: %+v", v)
	}
	for _, v := range valuesOf(t, r.last(), now, nil, "T2", "HT0111") {
		if v.Status != coverage.NotMeasured {
			t.Errorf("without a past: %+v", v)
		}
	}
}

// The outline of a commune that is corrected changes its figures by revision.
func TestCorrectedOutlineIsRevision(t *testing.T) {
	t.Parallel()
	r := &record{}
	zone := zoneState(t, 1, "controlled", block{west: 0, south: 0, east: 8, north: 8}, geo.Period{From: daysAgo(60)}, 0.9, daysAgo(8), 1, "a")
	small := admin(t, "HT0111", "HT01", 2, block{west: 0, south: 0, east: 4, north: 4}.dense())
	r.write(daysAgo(60), nil, []*geo.Version{small, zone})
	large := *admin(t, "HT0111", "HT01", 2, block{west: 0, south: 0, east: 8, north: 8}.dense())
	large.Known = 2
	r.write(daysAgo(1.5), []*geo.Version{small}, []*geo.Version{geo.NewVersion(large, &geo.DefaultModel)})
	values := valuesOf(t, r.last(), now, r.past, "T2", "HT0111")
	revision := amountOf(values, "HT0111", "days", "7", "part", "revision", "control_type", "controlled")
	total := amountOf(values, "HT0111", "days", "7", "part", "total", "control_type", "controlled")
	if revision.Central < 50 || revision != total {
		t.Errorf("revision %v of %v", revision, total)
	}
}

func TestChangeAddsUp(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r := drawRecord(t)
		values := valuesOf(t, r.last(), now, r.past, "T2", "HT0111", "HT01")
		current := valuesOf(t, r.last(), now, nil, "T1", "HT0111", "HT01")
		for _, n := range []int{1, 7, 30} {
			at := now.AddDate(0, 0, -n)
			then := valuesOf(t, r.last(), at, nil, "T1", "HT0111", "HT01")
			var before []coverage.Value
			if w, err := r.past(testContext, at); err == nil {
				before = valuesOf(t, w, at, nil, "T1", "HT0111", "HT01")
			}
			for _, area := range []string{"HT0111", "HT01"} {
				for _, row := range append([]string{affectedRow}, geo.ControlPrecedence...) {
					part := func(name string) coverage.Range {
						return amountOf(values, area, "days", strconv.Itoa(n), "part", name, "control_type", row)
					}
					is := amountOf(current, area, "control_type", row)
					was := amountOf(then, area, "control_type", row)
					if before == nil {
						if got := minus(minus(is, was), part("situation")); apart(got, part("expiry")) > 1e-4 {
							t.Errorf("%s of %s over %d days: not %v", row, area, n, got)
						}
						continue
					}
					knew := amountOf(before, area, "control_type", row)
					sum := minus(minus(part("total"), part("situation")), minus(part("revision"), minus(coverage.Range{}, part("expiry"))))
					if apart(sum, coverage.Range{}) > 1e-9 {
						t.Errorf("%s of %s over %d days leaves %v", row, area, n, sum)
					}
					// Between scenes measured apart the digits differ a little.
					if d := apart(part("total"), minus(is, knew)); d > 1e-4 {
						t.Errorf("%s of %s over %d days: %v, want %v", row, area, n, part("total"), minus(is, knew))
					}
					if d := apart(part("revision"), minus(was, knew)); d > 1e-4 {
						t.Errorf("%s of %s over %d days late: %v, want %v", row, area, n, part("revision"), minus(was, knew))
					}
				}
			}
		}
	})
}

// One source downgraded from B to E: 1 - (1 - .85 × .80)(1 - .70 × .60) =
// .8144 falls to 1 - (1 - .20 × .80)(1 - .70 × .60) = .5128.
func TestDowngradedSourceNarrowsTheEvidence(t *testing.T) {
	t.Parallel()
	m := &geo.DefaultModel
	second := geo.Graded{Source: "second", Reliability: "C", Credibility: 3}
	graded := func(reliability string) float64 {
		return m.Confidence(geo.Graded{Source: "first", Reliability: reliability, Credibility: 2}, second)
	}
	b := block{west: 0, south: 0, east: cells, north: cells / 2}
	for _, test := range []struct {
		reliability string
		confidence  float64
		label       string
		want        [3]float64
	}{
		{"B", .8144, "high", [3]float64{.5, .5, .5}},
		{"E", .5128, "medium", [3]float64{0, .5, .5}},
	} {
		if got := graded(test.reliability); math.Abs(got-test.confidence) > 1e-12 {
			t.Fatalf("confidence %v, by hand %v", got, test.confidence)
		}
		w := worldOf(geo.Humanitarian, append(board(t), zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(60)}, graded(test.reliability), now, 1, "a"))...)
		v := valueOf(valuesOf(t, w, now, nil, "T1", "HT0111"), "HT0111", "control_type", "controlled")
		if got := [3]float64{v.Share.Low, v.Share.Central, v.Share.High}; !near(got, test.want) || v.ConfidenceLabel != test.label || *v.Confidence != test.confidence {
			t.Errorf("%s: %v %s %v, want %v %s", test.reliability, got, v.ConfidenceLabel, *v.Confidence, test.want, test.label)
		}
	}
}

func TestNewlyAffected(t *testing.T) {
	t.Parallel()
	section := admin(t, "HT0111-01", "HT0111", 3, rectangle(lon(0), lat(0), lon(2), lat(2)))
	other := admin(t, "HT0111-02", "HT0111", 3, rectangle(lon(6), lat(6), lon(8), lat(8)))
	b := block{west: 0, south: 0, east: 3, north: 3}
	for _, test := range []struct {
		name  string
		zones []*geo.Version
		want  map[string]coverage.Range
		ids   string
	}{
		{"since midnight", []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(0.5)}, 0.9, daysAgo(1), 1, "a")},
			map[string]coverage.Range{"commune": coverage.Exactly(1), "section": coverage.Exactly(1)}, "HT0111"},
		{"at medium confidence", []*geo.Version{zoneState(t, 1, "influenced", b, geo.Period{From: daysAgo(0.5)}, 0.5, daysAgo(1), 1, "a")},
			map[string]coverage.Range{"commune": {Central: 1, High: 1}, "section": {Central: 1, High: 1}}, "HT0111"},
		{"by a rumour", []*geo.Version{zoneState(t, 1, "influenced", b, geo.Period{From: daysAgo(0.5)}, 0.3, daysAgo(1), 1, "a")},
			map[string]coverage.Range{"commune": {High: 1}, "section": {High: 1}}, ""},
		{"since yesterday", []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(1)}, 0.9, daysAgo(1), 1, "a")},
			map[string]coverage.Range{"commune": {}, "section": {}}, ""},
		{"for long", []*geo.Version{zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(31)}, 0.9, daysAgo(1), 1, "a")},
			map[string]coverage.Range{"commune": {}, "section": {}}, ""},
		{"on one day of the thirty", []*geo.Version{
			zoneState(t, 1, "controlled", b, geo.Period{From: daysAgo(0.5)}, 0.9, daysAgo(1), 1, "a"),
			zoneState(t, 2, "contested", b, geo.Period{From: daysAgo(20.5), To: daysAgo(19.5)}, 0.9, daysAgo(20), 1, "b"),
		}, map[string]coverage.Range{"commune": {}, "section": {}}, ""},
		{"nothing", nil, map[string]coverage.Range{"commune": {}, "section": {}}, ""},
	} {
		w := worldOf(geo.Humanitarian, append(append(board(t), section, other), test.zones...)...)
		values := valuesOf(t, w, now, nil, "T3", "HT0111", "HT01")
		for _, v := range values {
			want := test.want[v.Of["level"]]
			if v.Amount == nil || *v.Amount != want || v.Whole == nil {
				t.Errorf("%s: %+v, want %v", test.name, v, want)
			}
			if got, ok := v.Of["communes"]; v.Of["level"] == "commune" && (!ok || got != test.ids) {
				t.Errorf("%s: communes %q, want %q", test.name, got, test.ids)
			}
		}
		if len(values) != 4 {
			t.Errorf("%s: %d values", test.name, len(values))
		}
	}
}
