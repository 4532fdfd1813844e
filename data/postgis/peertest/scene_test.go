package peertest

import (
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

func TestZonesAndPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		seed := rapid.Uint64().Draw(t, "seed")
		zones, err := Zones(seed, avoidedZones)
		if err != nil {
			t.Fatal(err)
		}
		fewer, _ := Zones(seed, 12)
		if !reflect.DeepEqual(fewer, zones[:12]) {
			t.Error("fewer zones are others")
		}
		for _, z := range zones {
			if z[0].Orientation() != orb.CCW || z[0][0] != z[0][len(z[0])-1] {
				t.Errorf("ring %v", z)
			}
			if err := overlay.Validate(z); err != nil {
				t.Errorf("zone %v: %v", z, err)
			}
		}
		pairs, err := Pairs(seed, 20)
		if err != nil {
			t.Fatal(err)
		}
		again, _ := Pairs(seed, 20)
		if !reflect.DeepEqual(pairs, again) {
			t.Error("the same seed gives other pairs")
		}
		for _, p := range pairs {
			if measure.DistanceM(p.From, p.To) < leastPairM || !outside(p.From, zones) || !outside(p.To, zones) {
				t.Errorf("pair %v", p)
			}
		}
	})
}

func TestRunCounts(t *testing.T) {
	r := Run{Name: "one"}
	if r.Percentile(0.5) != 0 || r.Found() != 0 {
		t.Error("nothing counts")
	}
	for i := range 100 {
		r.Took = append(r.Took, time.Duration(100-i)*time.Millisecond)
		r.CostS = append(r.CostS, []float64{1, math.NaN()}[i%2])
	}
	for p, want := range map[float64]time.Duration{0: 1, 0.5: 50, 0.95: 95, 1: 100} {
		if got := r.Percentile(p); got != want*time.Millisecond {
			t.Errorf("percentile %v is %v", p, got)
		}
	}
	if r.Found() != 50 || r.Took[0] != 100*time.Millisecond {
		t.Errorf("found %d; first %v", r.Found(), r.Took[0])
	}
}

func TestValhallaRunsAreRead(t *testing.T) {
	runs, err := valhallaRuns([]byte(`[[{"ms":2.5,"seconds":60,"refusal":null}],[{"ms":3,"seconds":90,"refusal":null}]]`), 1)
	if err != nil || runs[0].Took[0] != 2500*time.Microsecond || runs[1].CostS[0] != 90 {
		t.Errorf("%v %v", runs, err)
	}
	for _, bad := range []string{
		``, `[]`, `[[],[]]`, `[[{"ms":1,"seconds":1}]]`,
		`[[{"ms":1,"seconds":1}],[{"ms":1,"seconds":null,"refusal":"Exceeded maximum circumference"}]]`,
	} {
		if _, err := valhallaRuns([]byte(bad), 1); err == nil {
			t.Errorf("%s was read", bad)
		}
	}
}
