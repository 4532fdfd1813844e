package coverage_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/isolation"
	"pasaj/geo/measure"
)

func section(t fataler, n int, ref, status, word string, line ...orb.Point) *geo.Version {
	return feature(t, "national-roads", n, orb.LineString(line), worth(word, map[string]any{"ref": ref, "status": status, "name_fr": fmt.Sprint(ref, "-", n)}))
}

func TestAssetsByHand(t *testing.T) {
	held, free, bare := orb.Point{-72.55, 18.5}, orb.Point{-72.35, 18.5}, orb.Point{-72.15, 18.5}
	zones := func(word string) []*geo.Version {
		return []*geo.Version{zone(t, 1, "contested", word, rectangle(-72.6, 18.4, -72.5, 18.8)), zone(t, 2, "state_held", word, rectangle(-72.4, 18.4, -72.3, 18.8))}
	}
	tests := []struct {
		name  string
		at    orb.Point
		works string
		word  string // worth of the zones
		land  isolation.Status
		want  [3]float64
		words [3]string
	}{
		{"under control", held, "full", isHigh, isolation.Open, [3]float64{2, 2, 2}, [3]string{"no", "yes", "yes"}},
		{"nothing is well", held, "none", isHigh, isolation.Closed, [3]float64{0, 0, 0}, [3]string{"no", "no", "no"}},
		{"all is well", free, "partial", isHigh, isolation.PayOrAsk, [3]float64{3, 3, 3}, [3]string{"yes", "yes", "yes"}},
		{"the state's by medium evidence", free, "full", isMedium, isolation.Open, [3]float64{2, 3, 3}, [3]string{"yes", "yes", "yes"}},
		{"a group's by medium evidence", held, "full", isMedium, isolation.Open, [3]float64{2, 2, 3}, [3]string{"no", "yes", "yes"}},
		{"a group's long ago", held, "full", isStale, isolation.Open, [3]float64{2, 2, 3}, [3]string{"unknown", "yes", "yes"}},
		{"unassessed is unknown, not free", bare, "full", isHigh, isolation.Open, [3]float64{2, 2, 3}, [3]string{"unknown", "yes", "yes"}},
		{"nobody knows anything", bare, "unknown", isHigh, isolation.Unknown, [3]float64{0, 0, 3}, [3]string{"unknown", "unknown", "unknown"}},
	}
	for _, test := range tests {
		versions := append(append(ground(t), zones(test.word)...), port(t, 1, test.at, test.works, isHigh))
		values := measured(t, coverage.NewEngine(coverage.Options{Ways: land{test.at: test.land}}), worldOf(geo.Humanitarian, versions...), "C1", "HT0111")
		v := the(t, values, "asset", "port")
		if got := amountsOf(v); got != test.want || v.Whole.Amount != 3 {
			t.Errorf("%s: %v of %v, want %v", test.name, got, v.Whole.Amount, test.want)
		}
		for k, name := range []string{"outside_control", "functioning", "reachable"} {
			if v.Of[name] != test.words[k] {
				t.Errorf("%s: %s is %s, want %s", test.name, name, v.Of[name], test.words[k])
			}
		}
		outside, under, unknown := amountsOf(the(t, values, "total", "outside_control")), amountsOf(the(t, values, "total", "under_control")), amountsOf(the(t, values, "total", "control_unknown"))
		if outside[1]+under[1]+unknown[1] != 1 || outside[0]+under[0]+unknown[2] != 1 || outside[2]+under[0] != 1 || under[2]+outside[0] != 1 {
			t.Errorf("%s: outside %v, under %v, unknown %v", test.name, outside, under, unknown)
		}
	}
}

func TestAssetSet(t *testing.T) {
	at := func(n int) orb.Point { return orb.Point{-72.55 + 0.02*float64(n), 18.5} }
	versions := append(ground(t),
		admin(t, "HT0211", "HT02", 2, rectangle(-72.1, 18.4, -71.8, 18.8)), port(t, 1, at(1), "full", isHigh),
		feature(t, "ports", 2, at(2), worth(isHigh, map[string]any{"facility_type": "fuel_terminal", "functional": "full"})),
		feature(t, "ports", 3, at(3), worth(isHigh, map[string]any{"facility_type": "wharf", "functional": "full"})),
		airport(t, 4, at(4), "full", "operating", isHigh), crossing(t, 5, at(5), "full", `{}`, isHigh), crossing(t, 6, at(6), "full", `{"official":false}`, isHigh),
		feature(t, "facilities", 7, at(7), worth(isHigh, map[string]any{"facility_type": "fob", "functional": "full"})),
		feature(t, "facilities", 8, at(8), worth(isHigh, map[string]any{"facility_type": "hospital", "functional": "full"})),
		section(t, 9, "RN1", "open", isHigh, at(9), at(10)), section(t, 10, "RN4", "open", isHigh, orb.Point{-72, 18.5}, orb.Point{-71.9, 18.5}),
	)
	values := measured(t, coverage.NewEngine(coverage.Options{Ways: land{}}), worldOf(geo.Operations, versions...), "C1", "HT")
	for asset, want := range map[string]int{"port": 1, "fuel_terminal": 1, "airport": 1, "border_crossing": 1, "national_road": 1, "": 4} {
		n := 0
		for _, v := range values {
			if v.Of["asset"] == asset {
				n++
			}
		}
		if n != want {
			t.Errorf("%d of %q, want %d", n, asset, want)
		}
	}
	if v := the(t, values, "total", "outside_control"); v.Whole.Amount != 5 || v.N != 5 || amountsOf(v) != [3]float64{0, 0, 5} {
		t.Errorf("%+v", v)
	}
}

func TestSecuredByHand(t *testing.T) {
	a, b, c := orb.Point{-72.55, 18.5}, orb.Point{-72.35, 18.5}, orb.Point{-72.15, 18.5}
	// All of the commune is the state's, less a third that a group controls.
	versions := append(ground(t), zone(t, 1, "state_held", isHigh, rectangle(-72.6, 18.4, -72.1, 18.8)), zone(t, 2, "controlled", isHigh, rectangle(-72.6, 18.4, -72.45, 18.8)),
		port(t, 1, a, "full", isHigh), port(t, 2, b, "full", isHigh), port(t, 3, c, "none", isHigh), port(t, 4, orb.Point{-72.2, 18.5}, "unknown", isHigh),
		airport(t, 5, b, "full", "operating", isMedium), airport(t, 6, c, "full", "suspended", isHigh),
		section(t, 7, "RN1", "open", isHigh, a, b), section(t, 8, "RN1", "closed", isHigh, b, c), section(t, 9, "RN2", "unknown", isHigh, orb.Point{-72.4, 18.6}, orb.Point{-72.3, 18.6}))
	open, closed, unknown := measure.DistanceM(a, b)/1000, measure.DistanceM(b, c)/1000, measure.DistanceM(orb.Point{-72.4, 18.6}, orb.Point{-72.3, 18.6})/1000
	whole, free := open+closed+unknown, measure.DistanceM(orb.Point{-72.45, 18.5}, b)/1000
	values := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Humanitarian, versions...), "C2", "HT0111")
	want := map[string][3]float64{
		"ports": {1. / 4, 1. / 4, 2. / 4}, "airports": {0, 1. / 2, 1. / 2}, "national-roads": {free / whole, free / whole, (free + unknown) / whole},
	}
	var mean [3]float64
	for part, share := range want {
		v := the(t, values, "part", part)
		for k, got := range [3]float64{v.Share.Low, v.Share.Central, v.Share.High} {
			mean[k] += share[k] / 3
			if math.Abs(got-share[k]) > coarse {
				t.Errorf("%s: %+v, want %v", part, v.Share, share)
			}
		}
	}
	composite := the(t, values)
	for k, got := range amountsOf(composite) {
		if math.Abs(got-mean[k]) > coarse {
			t.Errorf("composite %v, want %v", amountsOf(composite), mean)
		}
	}
	if composite.Unit != coverage.UnitShare || composite.Whole == nil || composite.N != 5 {
		t.Errorf("%+v", composite)
	}
	without := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Humanitarian, versions[:8]...), "C2", "HT0111")
	if v := the(t, without); v.Status != coverage.NotMeasured || v.Amount != nil {
		t.Errorf("a mean of less than three: %+v", v)
	}
}

// Roads in an area and its neighbour add up, and intervals stay ordered however
// zones lie.
func TestSecuredRoadsAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		versions := []*geo.Version{
			admin(rt, "HT0111", "HT01", 2, rectangle(-72.4, 18.4, -72.3, 18.8)), admin(rt, "HT0118", "HT01", 2, rectangle(-72.3, 18.4, -72.2, 18.8)),
		}
		lon := rapid.Float64Range(-72.4, -72.2)
		for k := range rapid.IntRange(0, 5).Draw(rt, "zones") {
			west, east := lon.Draw(rt, "west"), lon.Draw(rt, "east")
			if east-west < 1e-3 {
				continue
			}
			versions = append(versions, zone(rt, k, rapid.SampledFrom(geo.ControlPrecedence).Draw(rt, "control"), rapid.SampledFrom([]string{isHigh, isMedium, isLow, isStale}).Draw(rt, "worth"), rectangle(west, 18.45, east, 18.75)))
		}
		for k := range rapid.IntRange(1, 3).Draw(rt, "roads") {
			latitude := rapid.Float64Range(18.41, 18.79).Draw(rt, "lat")
			versions = append(versions, section(rt, k, "RN1", rapid.SampledFrom([]string{"open", "restricted", "closed", "unknown"}).Draw(rt, "status"), isHigh, orb.Point{-72.39, latitude}, orb.Point{-72.21, latitude}))
		}
		values := measured(rt, coverage.NewEngine(coverage.Options{}), worldOf(geo.Operations, versions...), "C2", "HT01", "HT0111", "HT0118")
		sums := map[string][3]float64{}
		for _, v := range values {
			if v.Of["part"] != "national-roads" {
				continue
			}
			a := amountsOf(v)
			if a[0] > a[1]+1e-6 || a[1] > a[2]+1e-6 || a[2] > v.Whole.Amount+1e-6 {
				rt.Fatalf("%s: %v of %v", v.Area, a, v.Whole.Amount)
			}
			sum := sums[v.Level]
			for k := range a {
				sum[k] += a[k]
			}
			sums[v.Level] = sum
		}
		for k := range 3 {
			if got, want := sums["commune"][k], sums["department"][k]; math.Abs(got-want) > 1e-3 {
				rt.Fatalf("communes %v, department %v", sums["commune"], sums["department"])
			}
		}
	})
}
