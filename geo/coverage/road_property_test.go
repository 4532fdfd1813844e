package coverage_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// drawRoads are roads over the chessboard, some of them along its lines.
func drawRoads(t *rapid.T) []*geo.Version {
	var out []*geo.Version
	for k := range rapid.IntRange(1, 4).Draw(t, "sections") {
		var line []orb.Point
		for range rapid.IntRange(2, 6).Draw(t, "vertices") {
			p := orb.Point{lon(rapid.IntRange(-2, cells+2).Draw(t, "x")), lat(rapid.IntRange(-2, cells+2).Draw(t, "y"))}
			if len(line) == 0 || line[len(line)-1] != p {
				line = append(line, p)
			}
		}
		if len(line) < 2 {
			continue
		}
		out = append(out, roadSection(t, k, rapid.SampledFrom([]string{"RN1", "RN2"}).Draw(t, "ref"),
			rapid.SampledFrom([]string{"open", "restricted", "closed", "unknown"}).Draw(t, "status"),
			rapid.SampledFrom([]string{isHigh, isMedium, isLow, isStale, "undated"}).Draw(t, "worth"), line...))
	}
	return out
}

// TestRoadsAddUp: by status the central figures add up to the length, and what
// the three good answers leave at their least is what is unknown at its most; by
// control the central figures and the unassessed add up to it too; all roads are
// the sum of each; two communes are the sum of both; and nothing is longer than
// the roads are.
func TestRoadsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		versions := []*geo.Version{
			admin(t, "HT0111", "HT01", 2, rectangle(lon(0), lat(0), lon(cells/2), lat(cells))),
			admin(t, "HT0112", "HT01", 2, rectangle(lon(cells/2), lat(0), lon(cells), lat(cells))),
		}
		for k, b := range rapid.SliceOfN(rapid.Custom(drawBlock), 0, 6).Draw(t, "blocks") {
			versions = append(versions, zone(t, k, geo.ControlPrecedence[b.control], b.worth, b.area(), b.holders...))
		}
		versions = append(versions, drawRoads(t)...)
		w := worldOf(geo.Humanitarian, versions...)
		q := coverage.Question{World: w, At: now, Indicators: []string{"R1", "R2"}, Areas: []string{"HT", "HT0111", "HT0112"}}
		list := figuresWith(t, q)

		type key struct{ area, ref string }
		length := map[key]float64{}
		for _, v := range list {
			if v.Of["measure"] == "length" {
				length[key{v.Area, v.Of["ref"]}] = v.Amount.Central
			}
		}
		status, control := map[key]float64{}, map[key]float64{}
		certain, unknown := map[key]float64{}, map[key]float64{}
		for _, v := range list {
			k := key{v.Area, v.Of["ref"]}
			if v.Amount == nil {
				continue
			}
			if v.Amount.High > length[k]*(1+1e-6)+1e-9 {
				t.Errorf("%v is longer than the roads, %v", v, length[k])
			}
			switch c := v.Of["control_type"]; {
			case v.Of["status"] == "unknown":
				status[k] += v.Amount.Central
				unknown[k] = v.Amount.High
			case v.Of["status"] != "":
				status[k] += v.Amount.Central
				certain[k] += v.Amount.Low
			case c != "" && c != "controlled+contested+influenced":
				control[k] += v.Amount.Central
			}
		}
		for k, km := range length {
			for name, sum := range map[string]float64{"status": status[k], "control": control[k], "certain and unknown": certain[k] + unknown[k]} {
				if math.Abs(sum-km) > 1e-6*km+1e-9 {
					t.Errorf("%v: by %s %v km, the roads %v", k, name, sum, km)
				}
			}
			sum := 0.0
			for other, part := range length {
				if k.ref == "" && other.area == k.area && other.ref != "" {
					sum += part
				}
			}
			if k.ref == "" && math.Abs(sum-km) > 1e-6*km {
				t.Errorf("%v: its roads %v km, all %v", k, sum, km)
			}
			if k.area == "HT" && math.Abs(length[key{"HT0111", k.ref}]+length[key{"HT0112", k.ref}]-km) > 1e-6*km {
				t.Errorf("%v: %v and %v km in the communes, %v in all", k, length[key{"HT0111", k.ref}], length[key{"HT0112", k.ref}], km)
			}
		}
	})
}

// What is asked beside, in which order the record came, and whether an engine was
// asked before make no difference.
func TestRoadsAreDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		versions := island(t)
		for k, b := range rapid.SliceOfN(rapid.Custom(drawBlock), 0, 5).Draw(t, "blocks") {
			versions = append(versions, zone(t, k, geo.ControlPrecedence[b.control], b.worth, b.area(), b.holders...))
		}
		versions = append(versions, drawRoads(t)...)
		for k := range 6 {
			versions = append(versions, roadblock(t, k, "active", isMedium, orb.Point{lon(k) + 0.003, lat(k)}, "emergency_passable", "no",
				"toll", json.RawMessage(fmt.Sprintf(`[{"amount":%d,"currency":"HTG","unit":"trip"}]`, 100*k))))
			versions = append(versions, occurred(t, k, now.AddDate(0, 0, -k), orb.Point{lon(k) + 0.003, lat(k)}, "targets", []string{"medical"}))
		}
		codes := []string{"R1", "R2", "R3", "R4", "R5", "V1", "V2", "V3", "Q1", "Q2", "Q3", "Q4", "Q5"}
		engine := coverage.NewEngine(coverage.Options{})
		answer := func(versions []*geo.Version, codes ...string) []byte {
			m, err := engine.Measure(testContext, coverage.Question{World: worldOf(geo.Security, versions...), At: now, Indicators: codes, Tallies: []geo.Tally{}})
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(m.Values)
			if err != nil {
				t.Fatal(err)
			}
			return raw
		}
		first := answer(versions, codes...)
		mixed := rapid.Permutation(versions).Draw(t, "order")
		if again := answer(mixed, codes...); !bytes.Equal(first, again) {
			t.Errorf("another order, another answer:\n%s\n%s", first, again)
		}
		var apart []byte
		for _, code := range codes {
			one := answer(versions, code)
			apart = append(append(apart, ','), one[1:len(one)-1]...)
		}
		if !bytes.Equal(first[1:len(first)-1], apart[1:]) {
			t.Errorf("asked one by one, another answer:\n%s\n%s", first, apart)
		}
	})
}
