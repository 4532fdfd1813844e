package coverage_test

import (
	"testing"

	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/coverage"
)

// Figures of the whole country stand beside the letter's, and no others.
func TestFiguresStandBesideTheirBaselines(t *testing.T) {
	baselines, err := haiti.Baselines()
	if err != nil {
		t.Fatal(err)
	}
	versions := island(t)
	for k := range 3 {
		v := feature(t, "facilities", k, rectangle(-72.35, 18.55, -72.349, 18.551).Bound().Center(), map[string]any{
			"facility_type": "prison", "functional": []string{"full", "none", "none"}[k], "confidence": 0.9, "last_confirmed_at": now,
		})
		versions = append(versions, v)
	}
	engine := coverage.NewEngine(coverage.Options{Baselines: baselines})
	for _, audience := range []geo.Audience{geo.Security, geo.Public} {
		m, err := engine.Measure(testContext, coverage.Question{World: worldOf(audience, versions...), At: now, Indicators: []string{"J1"}, Areas: []string{"HT", "HT0111"}})
		if err != nil {
			t.Fatal(err)
		}
		beside := 0
		for _, v := range m.Values {
			if v.Baseline == nil {
				continue
			}
			beside++
			if v.Area != "HT" || len(v.Of) > 0 || v.Baseline.Text != "7/21 = 33.3 %" || v.Baseline.Arrow != coverage.ArrowUnknown {
				t.Errorf("%s: %+v beside %+v", audience, v, v.Baseline)
			}
		}
		if want := map[geo.Audience]int{geo.Security: 1, geo.Public: 0}[audience]; beside != want {
			t.Errorf("%s: %d figures beside a baseline, want %d", audience, beside, want)
		}
	}
}
