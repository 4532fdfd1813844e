package haiti

import (
	"testing"
	"time"

	"pasaj/geo"
)

// The timeline goes through a whole life: fall, front, recovery, relapse and
// silence. Each row asks what was so at an instant.
func TestTimeline(t *testing.T) {
	all := changes(t)
	states := map[string][]geo.State{}
	layers := map[string]*geo.Layer{}
	for layer, list := range all {
		for _, c := range list {
			code, _ := c.Draft.Get(c.Layer, "code").(string)
			key := layer + "/" + code
			revised, err := geo.Revise(states[key], c, Author.Audience, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Fatal(err)
			}
			states[key], layers[key] = revised, c.Layer
		}
	}
	tests := []struct {
		feature, property, at string
		want                  any // nil: no state then
	}{
		{"controlled-zones/zone-martissant", "control_type", "2021-05-31T12:00:00Z", nil},
		{"controlled-zones/zone-martissant", "control_type", "2021-06-01T12:00:00Z", "controlled"},
		{"controlled-zones/zone-martissant", "credibility", "2023-01-01T00:00:00Z", int64(3)},
		{"controlled-zones/zone-martissant", "reliability", "2024-06-01T00:00:00Z", "B"},
		{"controlled-zones/zone-croix-des-bouquets", "control_type", "2024-02-15T00:00:00Z", "influenced"},
		{"controlled-zones/zone-croix-des-bouquets", "control_type", "2024-03-03T00:00:00Z", "controlled"},
		{"controlled-zones/zone-nan-kolin", "control_type", "2024-09-01T00:00:00Z", "contested"},
		{"controlled-zones/zone-nan-kolin", "control_type", "2025-01-01T00:00:00Z", "unknown"},
		{"controlled-zones/zone-liancourt", "control_type", "2024-06-01T00:00:00Z", "influenced"},
		{"controlled-zones/zone-liancourt", "control_type", "2024-12-20T00:00:00Z", "recovered"},
		{"controlled-zones/zone-petite-riviere", "control_type", "2023-06-01T00:00:00Z", "controlled"},
		{"controlled-zones/zone-petite-riviere", "control_type", "2025-01-15T00:00:00Z", "recovered"},
		{"controlled-zones/zone-petite-riviere", "control_type", "2025-06-01T00:00:00Z", "unknown"},
		{"controlled-zones/zone-pont-sonde", "control_type", "2024-10-05T00:00:00Z", "contested"},
		{"controlled-zones/zone-pont-sonde", "control_type", "2025-01-01T00:00:00Z", "unknown"},
		{"controlled-zones/zone-pont-sonde", "control_type", "2025-03-30T00:00:00Z", "contested"},
		{"controlled-zones/zone-pont-sonde", "control_type", "2025-12-01T00:00:00Z", "controlled"},
		{"controlled-zones/zone-kenscoff", "control_type", "2025-02-01T00:00:00Z", "contested"},
		{"controlled-zones/zone-mirebalais", "control_type", "2025-06-01T00:00:00Z", "controlled"},
		{"controlled-zones/zone-montrouis", "control_type", "2025-10-01T00:00:00Z", "contested"},
		{"controlled-zones/zone-montrouis", "control_type", "2025-10-18T00:00:00Z", "controlled"},
		{"roadblocks/protest-carrefour-feuilles", "state", "2022-09-16T15:00:00Z", "active"},
		{"roadblocks/protest-carrefour-feuilles", "state", "2022-09-18T00:00:00Z", nil},
		{"roadblocks/toll-merger", "state", "2024-09-01T00:00:00Z", "active"},
		{"roadblocks/toll-merger", "state", "2024-12-01T00:00:00Z", "reported"},
		{"roadblocks/toll-martissant", "schedule", "2024-06-01T00:00:00Z", "Fr-Su"},
		{"roadblocks/block-pont-bonet", "pass_mode", "2024-09-01T00:00:00Z", "impossible"},
		{"roadblocks/block-pont-bonet", "state", "2025-04-01T00:00:00Z", "intermittent"},
		{"police-facilities/police-cabaret", "functional", "2024-03-01T00:00:00Z", "unknown"},
		{"police-facilities/police-cabaret", "status_reason", "2024-03-04T00:00:00Z", "burned"},
		{"police-facilities/police-liancourt", "status_reason", "2024-12-15T00:00:00Z", "reoccupied"},
		{"police-facilities/police-petite-riviere", "functional", "2023-06-01T00:00:00Z", "none"},
		{"facilities/hospital-hueh", "functional", "2024-02-28T00:00:00Z", "unknown"},
		{"facilities/hospital-hueh", "functional", "2024-03-01T00:00:00Z", "none"},
		{"airports/airport-mtpp", "commercial_flights", "2024-11-12T00:00:00Z", "suspended"},
		{"national-roads/RN2-01", "status", "2021-05-01T00:00:00Z", "unknown"},
		{"national-roads/RN2-01", "status", "2021-07-01T00:00:00Z", "closed"},
		{"national-roads/RN3-03", "status", "2025-06-01T00:00:00Z", "closed"},
		{"national-roads/RN7-01", "status", "2025-06-01T00:00:00Z", "unknown"},
	}
	for _, test := range tests {
		at, err := geo.ParseInstant(test.at)
		if err != nil {
			t.Fatal(err)
		}
		l, ok := layers[test.feature]
		if !ok {
			t.Errorf("no %s", test.feature)
			continue
		}
		var got any
		for _, s := range states[test.feature] {
			if s.Valid.Contains(at) {
				got = s.Values[l.Index(test.property)]
			}
		}
		if got != test.want {
			t.Errorf("%s at %s: %s is %v, want %v", test.feature, test.at, test.property, got, test.want)
		}
	}
}

func TestCanaanToll(t *testing.T) {
	for _, c := range changes(t)["roadblocks"] {
		if c.Draft.Get(c.Layer, "code") != "toll-canaan" {
			continue
		}
		got := string(geo.AppendValue(nil, c.Draft.Get(c.Layer, "toll")))
		want := `[{"amount":3000,"currency":"HTG","observed_at":"2023-02-13T05:00:00Z","unit":"day"},{"amount":1500,"currency":"HTG","observed_at":"2023-02-13T05:00:00Z","unit":"trip"}]`
		if got != want {
			t.Errorf("toll %s, want %s", got, want)
		}
		return
	}
	t.Error("no toll at Canaan")
}
