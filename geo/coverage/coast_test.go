package coverage_test

import (
	"encoding/json"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/measure"
)

// countryOf is two communes between the mouths of the border rivers and an
// island: everything east of the second commune is border.
func countryOf(t fataler) []*geo.Version {
	return []*geo.Version{
		admin(t, "HT0111", "HT01", 2, rectangle(-73.8, 18.035, -72.8, 19.705)),
		admin(t, "HT0211", "HT02", 2, rectangle(-72.8, 18.035, -71.76, 19.705)),
		admin(t, "HT0999", "HT09", 2, rectangle(-73.3, 20.2, -73.2, 20.25)),
		admin(t, "HT01", "HT", 1, rectangle(-73.8, 18.035, -72.8, 19.705)),
	}
}

func base(t fataler, n int, at orb.Point, functional, word string) *geo.Version {
	return feature(t, "facilities", 2000+n, at, worth(word, map[string]any{"facility_type": "coastguard_base", "functional": functional}))
}

func lengthKm(points ...orb.Point) float64 { return measure.LengthM(orb.LineString(points)) / 1000 }

func TestCoastByHand(t *testing.T) {
	island := lengthKm(orb.Point{-73.3, 20.2}, orb.Point{-73.2, 20.2}, orb.Point{-73.2, 20.25}, orb.Point{-73.3, 20.25}, orb.Point{-73.3, 20.2})
	west := lengthKm(orb.Point{-72.8, 19.705}, orb.Point{-73.8, 19.705}, orb.Point{-73.8, 18.035}, orb.Point{-72.8, 18.035})
	east := lengthKm(orb.Point{-72.8, 19.705}, orb.Point{-71.76, 19.705}) + lengthKm(orb.Point{-72.8, 18.035}, orb.Point{-71.76, 18.035})
	versions := append(countryOf(t), base(t, 1, orb.Point{-73.8, 19}, "full", isHigh), base(t, 2, orb.Point{-72.2, 18.035}, "partial", isMedium),
		base(t, 3, orb.Point{-73.25, 20.22}, "unknown", isHigh), base(t, 4, orb.Point{-73.8, 18.4}, "none", isHigh))
	values := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Security, versions...), "M1", "HT", "HT0111", "HT0211", "HT0999")
	for area, want := range map[string]float64{"HT": island + west + east, "HT0111": west, "HT0211": east, "HT0999": island} {
		for _, v := range values {
			if v.Area == area && math.Abs(v.Whole.Amount-want) > 1e-6*want {
				t.Errorf("%s: coast of %v km, want %v", area, v.Whole.Amount, want)
			}
		}
	}
	// A straight coast through a base has twice the radius within it. The pieces
	// of 200 m leave at most as much at either end.
	nm := 1.852
	for _, test := range []struct {
		area, radius string
		want         [3]float64
	}{
		{"HT0111", "10", [3]float64{20 * nm, 20 * nm, 20 * nm}},
		{"HT0111", "20", [3]float64{40 * nm, 40 * nm, 40 * nm}},
		{"HT0211", "10", [3]float64{0, 20 * nm, 20 * nm}},
		{"HT0211", "20", [3]float64{0, 40 * nm, 40 * nm}},
		{"HT0999", "10", [3]float64{0, 0, island}},
		{"HT", "10", [3]float64{20 * nm, 40 * nm, 40*nm + island}},
	} {
		for _, v := range values {
			if v.Area != test.area || v.Of["radius_nm"] != test.radius {
				continue
			}
			for k, got := range amountsOf(v) {
				if math.Abs(got-test.want[k]) > 0.5 {
					t.Errorf("%s within %s nm: %v, want %v", test.area, test.radius, amountsOf(v), test.want)
				}
			}
			if math.Abs(v.Share.Central-v.Amount.Central/v.Whole.Amount) > 1e-6 || v.Unit != coverage.UnitKm {
				t.Errorf("%s: share %v of %v", test.area, v.Share, v.Amount)
			}
			if v.Note == nil {
				t.Errorf("%s: outlines of such long edges are generalised", test.area)
			}
		}
	}
}

func TestCoastOfNothing(t *testing.T) {
	for name, versions := range map[string][]*geo.Version{
		"no base": countryOf(t), "no border": append(ground(t), base(t, 1, orb.Point{-72.5, 18.5}, "full", isHigh)),
	} {
		v := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Security, versions...), "M1", "HT")[0]
		if v.Status != coverage.NotMeasured || v.Note == nil || v.Amount != nil {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// Communes that do not share their vertices still share their boundary.
func TestCoastOfOutlinesWithoutCommonVertices(t *testing.T) {
	split := admin(t, "HT0211", "HT02", 2, orb.MultiPolygon{{{{-72.8, 18.035}, {-71.76, 18.035}, {-71.76, 19.705}, {-72.8, 19.705}, {-72.8, 19}, {-72.8, 18.5}, {-72.8, 18.035}}}})
	versions := append(countryOf(t)[2:], admin(t, "HT0111", "HT01", 2, rectangle(-73.8, 18.035, -72.8, 19.705)), split, base(t, 1, orb.Point{-73.8, 19}, "full", isHigh))
	with := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Security, versions...), "M1", "HT")[0]
	without := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Security, append(countryOf(t), versions[len(versions)-1])...), "M1", "HT")[0]
	if with.Whole.Amount != without.Whole.Amount {
		t.Errorf("%v km, want %v", with.Whole.Amount, without.Whole.Amount)
	}
}

// The bundled outlines are generalised to some 350 m; the letter of February
// 2025 gives the coast 1,771 km and the border 391 km.
func TestCoastOfHaiti(t *testing.T) {
	batches, err := haiti.Batches()
	if err != nil {
		t.Fatal(err)
	}
	var versions []*geo.Version
	for _, batch := range batches {
		for _, c := range batch.Changes {
			if c.Layer.Name == "admin-areas" {
				v := feature(t, "admin-areas", 0, c.Draft.Geometry, nil)
				one := *v
				one.ID, one.Values = c.ID, c.Draft.Values
				versions = append(versions, geo.NewVersion(one, &geo.DefaultModel))
			}
		}
	}
	versions = append(versions, base(t, 1, orb.Point{-72.8341, 19.9515}, "full", isHigh))
	m, err := coverage.NewEngine(coverage.Options{}).Measure(testContext, coverage.Question{World: worldOf(geo.Security, versions...), At: now, Indicators: []string{"M1"}})
	if err != nil {
		t.Fatal(err)
	}
	var communes float64
	for _, v := range m.Values {
		if v.Level == coverage.LevelCommune && v.Of["radius_nm"] == "20" {
			communes += v.Whole.Amount
		}
		if v.Area == "HT" && (v.Whole.Amount < 1500 || v.Whole.Amount > 1800) {
			t.Errorf("coast of %v km", v.Whole.Amount)
		}
		if v.Area == "HT06" && v.Status != coverage.NotMeasured {
			t.Errorf("Centre has a coast: %+v", v)
		}
	}
	if want := m.Values[0].Whole.Amount; math.Abs(communes-want) > 1e-6*want {
		t.Errorf("coasts of communes add up to %v km, that of the country has %v", communes, want)
	}
	if raw, err := json.Marshal(m.Values[:2]); err == nil {
		t.Logf("%s", raw)
	}
}
