package coverage

import "slices"

// besides names the baseline that a figure of the whole country is read against,
// by its indicator and its row.
var besides = map[string]string{
	"L1 ": "police_facilities_not_functional", "L2 ": "police_not_functional_ouest", "J1 ": "prisons_out_of_service",
	"S1 ": "schools_closed", "J2 facility_type=court_tpi": "courts_not_operating",
	"H1 status=full": "health_full_nation", "H1 status=partial": "health_reduced_nation", "H1 status=none": "health_closed_nation",
	"B1 part=operating": "border_crossings_official",
}

// besideBaselines sets the figures of the whole country beside their baselines,
// with the arrows of the objective tracker.
func (s *scene) besideBaselines(values []Value) {
	for k := range values {
		v := &values[k]
		if v.Area != Country || v.Baseline != nil || v.Status == Withheld || len(v.Of) > 1 {
			continue
		}
		if id, ok := besides[v.Indicator+" "+Of(v.Of)]; ok {
			v.Baseline = s.engine.beside(v, id)
		}
	}
}

// beside compares a figure with a baseline; nil where the engine has none.
func (e *Engine) beside(v *Value, id string) *Comparison {
	b := e.baseline(id)
	k := slices.IndexFunc(readingRules, func(r readingRule) bool { return r.id == id })
	if b == nil || k < 0 {
		return nil
	}
	rule := &readingRules[k]
	c := b.comparison()
	c.Text = e.readingText(b, rule).English
	if v.Status != Assessed || v.Amount == nil || v.Whole == nil {
		return c
	}
	now := census{status: Assessed, amount: *v.Amount, unit: UnitCount, n: int(v.Whole.Amount)}
	if b.isPercent() {
		if v.Share == nil {
			return c
		}
		now.unit, now.amount = UnitShare, Range{v.Share.Low * 100, v.Share.Central * 100, v.Share.High * 100}
	}
	c.Arrow, _ = e.judge(b, rule, &now)
	return c
}
