package coverage_test

import (
	"encoding/json"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

func crossing(t fataler, n int, at orb.Point, functional, attributes, word string) *geo.Version {
	return feature(t, "facilities", 1000+n, at, worth(word, map[string]any{
		"facility_type": "border_crossing", "functional": functional, "attributes": json.RawMessage(attributes),
	}))
}

func TestCrossingsByHand(t *testing.T) {
	at := func(n int) orb.Point { return orb.Point{-72.5 + 0.05*float64(n), 18.5} }
	const staffed, unstaffed, half, silent = `{"staffing":{"customs":"yes","police":"yes"}}`, `{"staffing":{"customs":"no","police":"no"}}`, `{"staffing":{"customs":"yes"}}`, `{}`
	tests := []struct {
		name                             string
		versions                         []*geo.Version
		both, operating, services, doubt [3]float64
		whole                            float64
	}{
		{"two of three", []*geo.Version{crossing(t, 1, at(1), "full", staffed, isHigh), crossing(t, 2, at(2), "partial", staffed, isHigh), crossing(t, 3, at(3), "full", unstaffed, isHigh)},
			[3]float64{2, 2, 2}, [3]float64{3, 3, 3}, [3]float64{2, 2, 2}, [3]float64{}, 3},
		{"closed is closed", []*geo.Version{crossing(t, 1, at(1), "none", staffed, isHigh)}, [3]float64{}, [3]float64{}, [3]float64{1, 1, 1}, [3]float64{}, 1},
		{"stale may be anything", []*geo.Version{crossing(t, 1, at(1), "full", staffed, isStale)}, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{0, 1, 1}, 1},
		{"by medium evidence", []*geo.Version{crossing(t, 1, at(1), "full", staffed, isMedium)}, [3]float64{0, 1, 1}, [3]float64{0, 1, 1}, [3]float64{0, 1, 1}, [3]float64{0, 0, 1}, 1},
		{"irregular ones are not official", []*geo.Version{crossing(t, 1, at(1), "full", staffed, isHigh), crossing(t, 2, at(2), "full", `{"official":false}`, isHigh), crossing(t, 3, at(3), "full", `{"irregular":true}`, isHigh)},
			[3]float64{1, 1, 1}, [3]float64{1, 1, 1}, [3]float64{1, 1, 1}, [3]float64{}, 1},
		{"nobody says if police is there", []*geo.Version{crossing(t, 1, at(1), "full", staffed, isHigh), crossing(t, 2, at(2), "full", half, isHigh)},
			[3]float64{1, 1, 2}, [3]float64{2, 2, 2}, [3]float64{1, 1, 2}, [3]float64{0, 1, 1}, 2},
		{"staffing on record for none", []*geo.Version{crossing(t, 1, at(1), "full", silent, isHigh), crossing(t, 2, at(2), "unknown", silent, isHigh)},
			[3]float64{-1, -1, -1}, [3]float64{1, 1, 2}, [3]float64{-1, -1, -1}, [3]float64{0, 2, 2}, 2},
	}
	for _, test := range tests {
		values := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Humanitarian, append(ground(t), test.versions...)...), "B1", "HT")
		for _, row := range []struct {
			of   []string
			want [3]float64
		}{{nil, test.both}, {[]string{"part", "operating"}, test.operating}, {[]string{"part", "customs_and_police"}, test.services}, {[]string{"status", "unknown"}, test.doubt}} {
			v := the(t, values, row.of...)
			if got := amountsOf(v); got != row.want {
				t.Errorf("%s: %v: %v, want %v", test.name, row.of, got, row.want)
			}
			if v.Amount == nil {
				if v.Status != coverage.NotMeasured || v.Note == nil {
					t.Errorf("%s: %+v", test.name, v)
				}
			} else if v.Whole.Amount != test.whole {
				t.Errorf("%s: of %v", test.name, v.Whole)
			}
		}
	}
}

func TestCrossingsAgainstTheirBaseline(t *testing.T) {
	four := []coverage.Baseline{{Indicator: "border_crossings_official", Qualifier: coverage.ExactlyThat, Value: 4, Unit: "crossings", Date: now}}
	const staffed = `{"staffing":{"customs":"yes","police":"yes"}}`
	for _, test := range []struct {
		staffed, on int
		want        string
	}{{4, 4, "level"}, {2, 4, "down"}, {5, 5, "up"}, {2, 2, "unknown"}} {
		versions := ground(t)
		for n := range test.on {
			attributes := `{"staffing":{"customs":"no","police":"no"}}`
			if n < test.staffed {
				attributes = staffed
			}
			versions = append(versions, crossing(t, n, orb.Point{-72.5 + 0.05*float64(n), 18.5}, "full", attributes, isHigh))
		}
		e := coverage.NewEngine(coverage.Options{Baselines: four})
		b := the(t, measured(t, e, worldOf(geo.Security, versions...), "B1", "HT")).Baseline
		if b == nil || b.Arrow != test.want || b.Value != 4 {
			t.Errorf("%d of %d: %+v, want %s", test.staffed, test.on, b, test.want)
		}
		if b := the(t, measured(t, e, worldOf(geo.Security, versions...), "B1", "HT01")).Baseline; b != nil {
			t.Errorf("a department has the country's baseline: %+v", b)
		}
	}
}
