package coverage_test

import (
	"math"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// about compares shares of ground, whose edges are long here.
func about(t *testing.T, v coverage.Value, want float64) {
	t.Helper()
	if v.Amount == nil || math.Abs(v.Amount.Central-want) > coarse || v.Amount.Low != v.Amount.High {
		t.Errorf("%s %s %v: %v (%s), want %v", v.Indicator, v.Area, v.Of, v.Amount, v.Status, want)
	}
}

func confirmed(v *geo.Version, days float64) *geo.Version {
	return changed(v, func(v *geo.Version) {
		set(v, "last_confirmed_at", now.Add(-time.Duration(days*24*float64(time.Hour))))
		v.LastConfirmedAt = time.Time{}
	})
}

func qualityWorld(t fataler, audience geo.Audience) coverage.Question {
	t.Helper()
	hospital := func(number int, p orb.Point) *geo.Version {
		return feature(t, "facilities", number, p, map[string]any{"facility_type": "hospital", "confidence": 0.9})
	}
	undated := changed(zone(t, 4, "controlled", isHigh, strip(0.6, 0.7)), func(v *geo.Version) {
		set(v, "last_confirmed_at", nil)
		v.LastConfirmedAt = time.Time{}
	})
	one := changed(zone(t, 1, "controlled", isHigh, strip(0, 0.4)), func(v *geo.Version) {
		set(v, "source_ids", []string{"00000000-0000-0000-0000-000000000001", "00000000-0000-0000-0000-000000000002"})
	})
	two := changed(zone(t, 2, "controlled", isHigh, strip(0.3, 0.5)), func(v *geo.Version) {
		set(v, "source_ids", []string{"00000000-0000-0000-0000-000000000001"})
	})
	at := func(lon float64) orb.Point { return orb.Point{lon, 18.55} }
	versions := append(island(t),
		confirmed(one, 5), confirmed(two, 10), confirmed(zone(t, 3, "controlled", isHigh, strip(0.5, 0.6)), 100), undated,
		zone(t, 5, "contested", isMedium, strip(0.7, 0.8)),
		confirmed(roadSection(t, 1, "RN1", "open", isHigh, at(-72.4), at(-72.38)), 3), roadSection(t, 2, "RN1", "open", "undated", at(-72.38), at(-72.36)),
		confirmed(hospital(1, at(-72.35)), 6), confirmed(hospital(2, at(-72.35)), 20), hospital(3, at(-72.35)), confirmed(hospital(4, at(-72.25)), 1),
	)
	return coverage.Question{World: worldOf(audience, versions...), At: now, Areas: []string{"HT0111", "HT0531"}}
}

func TestFreshnessByHand(t *testing.T) {
	q := qualityWorld(t, geo.Humanitarian)
	q.Indicators = []string{"Q1"}
	values := figuresWith(t, q)
	// Controlled is 0 to 0.7 of the square: 0 to 0.4 of five days, to 0.5 of ten,
	// to 0.6 of a hundred, the rest without a date.
	about(t, row(t, values, "HT0111", "subject", "controlled_area", "within", "7d"), 4.0/7)
	about(t, row(t, values, "HT0111", "subject", "controlled_area", "within", "14d"), 5.0/7)
	about(t, row(t, values, "HT0111", "subject", "controlled_area", "within", "30d"), 5.0/7)
	about(t, row(t, values, "HT0111", "subject", "controlled_area", "confirmed", "unknown"), 1.0/7)
	median := row(t, values, "HT0111", "subject", "controlled_area", "measure", "median_age")
	amount(t, median, 5, 5, 5)
	if median.Unit != coverage.UnitDay || median.Share != nil {
		t.Errorf("%+v", median)
	}
	about(t, row(t, values, "HT0111", "subject", "national_roads", "within", "7d"), 0.5)
	about(t, row(t, values, "HT0111", "subject", "national_roads", "confirmed", "unknown"), 0.5)
	about(t, row(t, values, "HT0111", "subject", "facilities", "within", "7d"), 1.0/3)
	about(t, row(t, values, "HT0111", "subject", "facilities", "within", "30d"), 2.0/3)
	if v := row(t, values, "HT0531", "subject", "controlled_area", "within", "7d"); v.Status != coverage.NotMeasured {
		t.Errorf("%+v", v)
	}
	q = qualityWorld(t, geo.Public)
	q.Indicators = []string{"Q1"}
	for _, v := range figuresWith(t, q) {
		if v.Of["subject"] == "controlled_area" && (v.Status != coverage.Withheld || v.Amount != nil || v.Whole != nil || v.N > 0) {
			t.Errorf("the public learns of zones: %+v", v)
		}
	}
}

func TestConfidenceMixByHand(t *testing.T) {
	q := qualityWorld(t, geo.Humanitarian)
	q.Indicators = []string{"Q2"}
	values := figuresWith(t, q)
	// Zones of 0.4, 0.2, 0.1, 0.1 and 0.1 of the square. 0.9 falls to high in five
	// and ten days, and 0.19 in a hundred; the one without a date counts from a
	// year ago.
	about(t, row(t, values, "HT0111", "subject", "zones", "confidence", "high"), 6.0/9)
	about(t, row(t, values, "HT0111", "subject", "zones", "confidence", "medium"), 1.0/9)
	about(t, row(t, values, "HT0111", "subject", "zones", "confidence", "low"), 2.0/9)
	about(t, row(t, values, "HT0111", "subject", "zones", "status", "stale"), 2.0/9)
	about(t, row(t, values, "HT0111", "subject", "zones", "sources", "at most 1"), 5.0/9)
	about(t, row(t, values, "HT0111", "subject", "national_roads", "status", "stale"), 0.5)
	about(t, row(t, values, "HT0111", "subject", "facilities", "confidence", "high"), 1.0/3)
	for _, audience := range []geo.Audience{geo.Operations, geo.Public} {
		q = qualityWorld(t, audience)
		q.Indicators = []string{"Q2"}
		for _, v := range figuresWith(t, q) {
			if v.Of["sources"] != "" && (v.Status != coverage.Withheld || v.Amount != nil || v.N > 0) {
				t.Errorf("%v learns of sources: %+v", audience, v)
			}
		}
	}
}

func TestDensityByHand(t *testing.T) {
	ago := func(h float64) time.Time { return now.Add(-time.Duration(h * float64(time.Hour))) }
	q := qualityWorld(t, geo.Humanitarian)
	q.Areas, q.Indicators = []string{"HT", "HT0111", "HT0118"}, []string{"Q3"}
	for _, v := range figuresWith(t, q) {
		if v.Status != coverage.Withheld || v.Amount != nil {
			t.Errorf("no tallies: %+v", v)
		}
	}
	// Zones and roads lie in HT0111, and nobody looked at them for a week.
	q.Tallies = []geo.Tally{
		{Commune: "HT0118", RoadRef: "RN1", ObservedAt: ago(100), ReceivedAt: ago(1), TriageState: "linked"},
		{Commune: "HT0118", ReceivedAt: ago(1), TriageState: "new"},
		{Commune: "HT0118", ObservedAt: ago(1), TriageState: "rejected"},
		{Commune: "HT0118", ObservedAt: ago(1), TriageState: "duplicate"},
		{Commune: "HT0111", ObservedAt: ago(24 * 7), ReceivedAt: ago(1), TriageState: "linked"},
		{Commune: "HT0111", ObservedAt: ago(-1), TriageState: "linked"},
		{ObservedAt: ago(1), RoadRef: "RN1", TriageState: "linked"},
	}
	values := figuresWith(t, q)
	amount(t, row(t, values, "HT", "window", "7d"), 3, 3, 3)
	amount(t, row(t, values, "HT0118", "window", "7d"), 2, 2, 2)
	density := row(t, values, "HT0118", "window", "7d", "per", "100 km2")
	amount(t, density, 200/density.Whole.Amount, 200/density.Whole.Amount, 200/density.Whole.Amount)
	amount(t, row(t, values, "HT", "window", "7d", "ref", "RN1"), 2, 2, 2)
	amount(t, row(t, values, "HT0111", "window", "7d", "ref", "RN1"), 0, 0, 0)
	for area, want := range map[string]string{"HT": "HT0111,HT0531", "HT0111": "HT0111", "HT0118": ""} {
		n := 0
		for _, v := range values {
			if v.Of["of"] == "blind" && v.Area == area {
				n++
				if v.Of["communes"] != want {
					t.Errorf("%s: blind are %q, want %q", area, v.Of["communes"], want)
				}
			}
		}
		if n != 1 {
			t.Errorf("%s: %d rows of blind communes", area, n)
		}
	}
	amount(t, row(t, values, "HT", "window", "7d", "of", "blind", "communes", "HT0111,HT0531"), 2, 2, 2)
}

func TestPipelineByHand(t *testing.T) {
	ago := func(h float64) time.Time { return now.Add(-time.Duration(h * float64(time.Hour))) }
	in := orb.Point{-72.35, 18.55}
	versions := island(t)
	versions = append(versions, lived(roadblock(t, 1, "", isHigh, in), ago(90), "active", ago(60), "disputed", ago(10), "disputed")...)
	versions = append(versions, lived(roadblock(t, 2, "", isHigh, in), ago(90), "active", ago(48), "disputed")...)
	versions = append(versions, lived(roadblock(t, 3, "", isHigh, in), ago(90), "disputed", ago(20), "cleared")...)
	versions = append(versions, lived(roadblock(t, 4, "", isHigh, in), ago(90), "disputed", ago(70), "active", ago(20), "disputed")...)
	q := coverage.Question{World: worldOf(geo.Humanitarian, versions...), At: now, Areas: []string{"HT0111", "HT"}, Indicators: []string{"Q4"}, Tallies: []geo.Tally{
		{Commune: "HT0111", ObservedAt: ago(4), ReceivedAt: ago(1), TriageState: "linked"},
		{Commune: "HT0111", ObservedAt: ago(20), ReceivedAt: ago(10), TriageState: "rejected"},
		{Commune: "HT0111", ReceivedAt: ago(23), TriageState: "new"},
		{Commune: "HT0111", ObservedAt: ago(30), ReceivedAt: ago(24), TriageState: "new"},
		{ObservedAt: ago(6), ReceivedAt: ago(5), TriageState: "triaged"},
	}}
	values := figuresWith(t, q)
	for name, want := range map[string]float64{"received": 3, "triaged": 2, "published": 1, "rejected": 1, "waiting": 1, "duplicate": 0} {
		amount(t, row(t, values, "HT0111", "window", "24h", "measure", name), want, want, want)
	}
	amount(t, row(t, values, "HT", "window", "24h", "measure", "received"), 4, 4, 4)
	amount(t, row(t, values, "HT0111", "window", "24h", "measure", "median_observed_to_received"), 6.5, 6.5, 6.5)
	if v := row(t, values, "HT0111", "window", "24h", "measure", "median_observed_to_published"); v.Status != coverage.NotMeasured {
		t.Errorf("%+v", v)
	}
	amount(t, row(t, values, "HT0111", "measure", "contradictions", "open_for", "48h"), 1, 1, 1)

	q.Tallies = nil
	if v := row(t, figuresWith(t, q), "HT", "measure", "observations"); v.Status != coverage.Withheld {
		t.Errorf("%+v", v)
	}
}

func TestRecordByHand(t *testing.T) {
	q := qualityWorld(t, geo.Humanitarian)
	q.Areas, q.Indicators = []string{"HT", "HT0111"}, []string{"Q5"}
	values := figuresWith(t, q)
	overdue := row(t, values, "HT", "review", "overdue", "layer", "controlled-zones")
	amount(t, overdue, 2, 2, 2)
	if overdue.Whole.Amount != 5 || overdue.N != 2 {
		t.Errorf("%+v of %+v", overdue, overdue.Whole)
	}
	amount(t, row(t, values, "HT", "sensitivity", "unknown"), 16, 16, 16)
	if v := row(t, values, "HT", "measure", "releases"); v.Status != coverage.NotMeasured {
		t.Errorf("%+v", v)
	}
	for _, v := range values {
		if v.Area != "HT" {
			t.Errorf("%+v", v)
		}
	}
}
