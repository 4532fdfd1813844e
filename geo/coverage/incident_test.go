package coverage_test

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// occurred makes an incident of one day.
func occurred(t fataler, number int, when time.Time, p orb.Point, more ...any) *geo.Version {
	t.Helper()
	v := feature(t, "incidents", number, p, with(map[string]any{
		"event_type": "ambush", "protection_class": "none", "occurred_at": when, "confidence": 0.8, "perpetrator_type": "gang",
	}, more...))
	return changed(v, func(v *geo.Version) {
		v.Valid = geo.Period{From: when.Truncate(time.Hour), To: when.Truncate(time.Hour).Add(24 * time.Hour)}
	})
}

func TestIncidentsByHand(t *testing.T) {
	ago := func(h float64) time.Time { return now.Add(-time.Duration(h * float64(time.Hour))) }
	in, east := orb.Point{-72.35, 18.551}, orb.Point{-72.25, 18.58}
	source := func(n int) string { return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "source", n)).String() }
	versions := append(island(t), roadSection(t, 1, "RN1", "open", isHigh, orb.Point{-72.4, 18.55}, orb.Point{-72.3, 18.55}),
		occurred(t, 1, ago(1), in, "source_ids", []string{source(1), source(2)}, "targets", []string{"medical", "civilian"}),
		occurred(t, 2, ago(24), in, "source_ids", []string{source(2)}, "perpetrator_type", "police"),
		occurred(t, 3, ago(23.9), in, "event_type", "clash", "confidence", 0.5, "perpetrator_type", "unknown"),
		occurred(t, 4, ago(24*7), in, "event_type", "clash", "confidence", 0.1, "perpetrator_type", "self_defence"),
		occurred(t, 5, ago(24*30), in),
		occurred(t, 6, ago(-1), in),
		occurred(t, 7, ago(100), east, "targets", []string{"diplomatic"}),
		occurred(t, 8, ago(100), in, "targets", []string{"humanitarian"}, "precision_m", 5000.0),
		occurred(t, 9, ago(100), in, "commune", "HT0118"),
		changed(occurred(t, 10, ago(2), in), func(v *geo.Version) { set(v, "occurred_at", nil) }),
		changed(occurred(t, 11, ago(2), in), func(v *geo.Version) { set(v, "review_state", "draft") }),
	)
	versions[1] = changed(versions[1], func(v *geo.Version) { set(v, "population", int64(50_000)) }) // HT0111
	w := worldOf(geo.Security, versions...)
	values := figures(t, w, "V1", "HT0111", "HT0118", "HT0531")
	amount(t, row(t, values, "HT0111", "window", "24h"), 2, 3, 3)
	amount(t, row(t, values, "HT0111", "window", "7d"), 4, 5, 5)
	amount(t, row(t, values, "HT0111", "window", "30d"), 4, 5, 6)
	amount(t, row(t, values, "HT0111", "window", "24h", "event_type", "ambush"), 2, 2, 2)
	amount(t, row(t, values, "HT0111", "window", "30d", "event_type", "clash"), 0, 1, 2)
	amount(t, row(t, values, "HT0118", "window", "7d"), 2, 2, 2)
	amount(t, row(t, values, "HT0118", "window", "24h"), 0, 0, 0)
	amount(t, row(t, values, "HT0111", "window", "7d", "measure", "sources"), 2, 2, 2)
	road := km(orb.Point{-72.4, 18.55}, orb.Point{-72.3, 18.55})
	per := row(t, values, "HT0111", "window", "7d", "per", "100 km")
	amount(t, per, 400/road, 500/road, 500/road)
	if per.Unit != coverage.UnitRate || math.Abs(per.Whole.Amount-road) > 1e-6 {
		t.Errorf("%+v of %+v", per, per.Whole)
	}
	people := row(t, values, "HT0111", "window", "7d", "per", "100000 people")
	amount(t, people, 8, 10, 10)
	if people.Whole.Amount != 50_000 || people.Whole.Unit != coverage.UnitPeople {
		t.Errorf("%+v", people.Whole)
	}
	if v := row(t, values, "HT0118", "window", "7d", "per", "100 km"); v.Status != coverage.NotMeasured {
		t.Errorf("%+v", v)
	}
	if v := row(t, values, "HT0531"); v.Status != coverage.NotMeasured {
		t.Errorf("%+v", v)
	}

	moved := figures(t, w, "V2", "HT0111", "HT")
	amount(t, row(t, moved, "HT0111", "window", "7d"), 2, 2, 2)
	amount(t, row(t, moved, "HT0111", "window", "7d", "target", "medical"), 1, 1, 1)
	amount(t, row(t, moved, "HT0111", "window", "7d", "target", "diplomatic"), 0, 0, 0)
	amount(t, row(t, moved, "HT0111", "window", "7d", "ref", "RN1"), 1, 1, 1)
	amount(t, row(t, moved, "HT", "window", "7d", "ref", "none"), 2, 2, 2) // 7 is too far, 8 too roughly placed
	amount(t, row(t, moved, "HT", "window", "7d", "target", "diplomatic"), 1, 1, 1)

	forces := figures(t, w, "V3", "HT0111")
	amount(t, row(t, forces, "HT0111", "window", "30d"), 1, 1, 2)
	amount(t, row(t, forces, "HT0111", "window", "7d", "perpetrator_type", "police"), 1, 1, 1)
	amount(t, row(t, forces, "HT0111", "window", "30d", "perpetrator_type", "self_defence"), 0, 0, 1)
	unknown := row(t, forces, "HT0111", "window", "7d", "perpetrator_type", "unknown")
	amount(t, unknown, 0, 1, 1)
	if unknown.Share.Central != 0.2 {
		t.Errorf("%+v of %+v", unknown.Share, unknown.Whole)
	}

	for _, v := range figures(t, worldOf(geo.Operations, versions...), "V1", "HT0111") {
		if v.Of["measure"] == "sources" && (v.Status != coverage.Withheld || v.Amount != nil || v.N != 0) {
			t.Errorf("operations learn of sources: %+v", v)
		}
	}
}

func TestProtectedIncidents(t *testing.T) {
	in := orb.Point{-72.35, 18.551}
	square := rectangle(-72.36, 18.54, -72.34, 18.56)
	for _, test := range []struct{ gbv, want int }{{4, 0}, {5, 5}, {9, 5}, {10, 10}} {
		versions := append(island(t), occurred(t, 100, now.Add(-time.Hour), in), changed(admin(t, "HT0111-01", "HT0111", 3, square), func(v *geo.Version) {}))
		for k := range test.gbv {
			versions = append(versions, occurred(t, k, now.Add(-time.Hour), in, "protection_class", "GBV", "targets", []string{"medical"}, "perpetrator_type", "police"))
		}
		versions = append(versions, occurred(t, 200, now.Add(-time.Hour), in, "protection_class", "child"))
		for _, code := range []string{"V1", "V2", "V3"} {
			q := coverage.Question{World: worldOf(geo.Security, versions...), At: now, Indicators: []string{code}, Areas: []string{"HT", "HT0111", "HT0111-01"}, Drawn: square}
			for _, v := range figuresWith(t, q) {
				class := v.Of["protection_class"]
				fine := v.Level == coverage.LevelSection || v.Level == coverage.LevelDrawn
				switch {
				case class == "" && v.Amount != nil && v.Unit == coverage.UnitCount && v.Amount.High > 1:
					t.Errorf("%d of GBV: protected ones are counted in %+v", test.gbv, v)
				case class != "" && (class != "GBV" || fine || test.want == 0 || code != "V1" || v.Amount.High != float64(test.want) || len(v.IDs) > 0):
					t.Errorf("%d of GBV: %+v", test.gbv, v)
				case v.Note == nil && v.Of["measure"] != "sources" && v.Of["per"] == "":
					t.Errorf("%+v says nothing of protected classes", v)
				}
			}
			found := 0
			for _, v := range figuresWith(t, q) {
				if v.Of["protection_class"] == "GBV" {
					found++
				}
			}
			if want := 2 * 3 * min(1, test.want); code == "V1" && found != want {
				t.Errorf("%d of GBV: %d rows, want %d", test.gbv, found, want)
			}
		}
	}
}

func TestProtectedNoteTellsNothing(t *testing.T) {
	in := orb.Point{-72.35, 18.551}
	note := func(more ...*geo.Version) string {
		versions := append(append(island(t), occurred(t, 1, now.Add(-time.Hour), in)), more...)
		v := row(t, figures(t, worldOf(geo.Security, versions...), "V1", "HT0111"), "HT0111", "window", "24h")
		return v.Note.English
	}
	none, some := note(), note(occurred(t, 2, now.Add(-time.Hour), in, "protection_class", "child"))
	if none != some || !strings.Contains(none, "GBV") {
		t.Errorf("%q and %q", none, some)
	}
}
