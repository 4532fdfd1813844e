package coverage_test

import (
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/passage"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// A functional station ringed by hard stops is cut off, by the engine that
// answers for passages; when one of the blocks stands elsewhere it is not.
func TestStationRingedByStopsIsIsolated(t *testing.T) {
	commune := rectangle(-72.7, 18.4, -72.2, 18.6)
	line := orb.LineString{{-72.7, 18.5}, {-72.3, 18.5}}
	round := orb.LineString{{-72.3, 18.5}, {-72.3, 18.55}, {-72.7, 18.55}, {-72.7, 18.5}}
	network, err := road.Build(road.Network{Name: "ring", PrecisionM: 60}, []road.EdgeInput{
		{ID: 1, Class: road.ClassNational, Ref: "RN2", Geometry: line, PrecisionM: 60},
		{ID: 2, Class: road.ClassNational, Ref: "RN2", Geometry: round, PrecisionM: 60},
	})
	if err != nil {
		t.Fatal(err)
	}
	engine := coverage.NewEngine(coverage.Options{Ways: passage.NewEngine(passage.EngineOptions{Threads: 1}).Ways()})
	ringed := station(t, 2, "full", isHigh, orb.Point{-72.5, 18.5})
	tests := []struct {
		name     string
		open     bool // the road's status is known
		blocks   []float64
		isolated float64
		unknown  float64
	}{
		{"no block", true, nil, 0, 0},
		{"ringed", true, []float64{-72.52, -72.48}, 1, 0},
		{"one block moved beyond the directorate", true, []float64{-72.69, -72.48}, 0, 0},
		{"one block moved away from the road's other end", true, []float64{-72.52}, 0, 0},
		{"nobody knows the road", false, nil, 0, 1},
		{"nobody knows the road, and it is ringed", false, []float64{-72.52, -72.48}, 1, 0},
	}
	for _, test := range tests {
		versions := []*geo.Version{
			populated(t, "HT0211", "HT02", 100000, commune), ringed,
			installation(t, "police-facilities", 1, "police_departmental_directorate", "full", isHigh, orb.Point{-72.66, 18.5}, nil),
		}
		if test.open {
			versions = append(versions, feature(t, "national-roads", 1, orb.MultiLineString{line, round}, map[string]any{
				"ref": "RN2", "status": "open", "precision_m": 100.0, "confidence": .9, "last_confirmed_at": now,
			}))
		}
		for i, lon := range test.blocks {
			versions = append(versions, feature(t, "roadblocks", i, orb.Point{lon, 18.5}, map[string]any{
				"subtype": "fixed_barrier", "state": "active", "actor_type": "gang", "precision_m": 50.0, "confidence": .9, "last_confirmed_at": now,
			}))
		}
		w := world.Build(geo.Security, &geo.DefaultModel, 7, now, versions, network)
		m, err := engine.Measure(testContext, coverage.Question{World: w, At: now, Areas: []string{"HT02"}, Indicators: []string{"L4", "L5"}})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		isolated, uncertain := rowOf(t, m.Values[:3], "status", "isolated"), rowOf(t, m.Values[:3], "status", "uncertain")
		if isolated.Amount.Central != test.isolated || uncertain.Amount.Central != test.unknown || isolated.Whole.Amount != 1 {
			t.Errorf("%s: %v isolated, %v uncertain of %v", test.name, isolated.Amount, uncertain.Amount, isolated.Whole.Amount)
		}
		if slices.Contains(isolated.IDs, ringed.ID) != (test.isolated == 1) {
			t.Errorf("%s: isolated are %v", test.name, isolated.IDs)
		}
		exposure, err := engine.Exposure(testContext, coverage.Question{World: w, At: now})
		if err != nil {
			t.Fatalf("%s: %v", test.name, err)
		}
		if got := exposure.Areas[0].CutOff; len(got.Facilities) != int(test.isolated+test.unknown) || got.Looked != 1 {
			t.Errorf("%s: cut off %+v", test.name, got)
		}
		covered := m.Values[3]
		if covered.Indicator != "L5" || covered.Status != coverage.Assessed || !(covered.Share.Central > 0 && covered.Share.Central < 1) {
			t.Errorf("%s: %+v", test.name, covered)
		}
		t.Logf("%s: %v of the people are covered", test.name, covered.Share.Central)
	}
}
