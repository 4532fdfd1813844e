package coverage

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
		id, ok := besides[v.Indicator+" "+Of(v.Of)]
		if !ok || v.Area != Country || v.Baseline != nil || v.Status == Withheld {
			continue
		}
		for _, r := range s.keptReadings() {
			if r.ID == id {
				v.Baseline = r.Comparison
			}
		}
	}
}

func (s *scene) keptReadings() []Reading {
	if have, ok := s.kept["readings"]; ok {
		return have.([]Reading)
	}
	readings := s.readings()
	s.kept["readings"] = readings
	return readings
}
