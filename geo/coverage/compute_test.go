package coverage_test

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/measure"
)

var testContext = context.Background()

// coarse is how far shares of a square of ten kilometres may move by cutting
// its long edges; see the package comment.
const coarse = 1e-4

func near(a, b [3]float64) bool {
	for i := range a {
		if math.Abs(a[i]-b[i]) > coarse {
			return false
		}
	}
	return true
}

// strip is the part of the commune square between two fractions of its width.
func strip(from, to float64) orb.MultiPolygon {
	return rectangle(-72.4+0.1*from, 18.5, -72.4+0.1*to, 18.6)
}

func TestComputeByHand(t *testing.T) {
	square := admin(t, "HT0111", "HT01", 2, strip(0, 1))
	principal := func(g string) geo.Holder { return geo.Holder{Group: g, Role: "principal"} }
	claimed := func(g string) geo.Holder { return geo.Holder{Group: g, Role: "claimed"} }
	tests := []struct {
		name       string
		zones      []*geo.Version
		control    map[string][3]float64
		groups     map[string][3]float64
		shared     [3]float64
		unassessed [3]float64
	}{
		{"nothing is known", nil, nil, nil, [3]float64{}, [3]float64{1, 1, 1}},
		{"one zone of high confidence",
			[]*geo.Version{zone(t, 1, "controlled", isHigh, strip(0, 0.5), principal("a"))},
			map[string][3]float64{"controlled": {.5, .5, .5}}, map[string][3]float64{"a": {.5, .5, .5}}, [3]float64{}, [3]float64{.5, .5, .5}},
		{"of medium confidence",
			[]*geo.Version{zone(t, 1, "controlled", isMedium, strip(0, 0.5), principal("a"))},
			map[string][3]float64{"controlled": {0, .5, .5}}, map[string][3]float64{"a": {0, .5, .5}}, [3]float64{}, [3]float64{.5, .5, 1}},
		{"of low confidence",
			[]*geo.Version{zone(t, 1, "controlled", isLow, strip(0, 0.5), principal("a"))},
			map[string][3]float64{"controlled": {0, 0, .5}}, map[string][3]float64{"a": {0, 0, .5}}, [3]float64{}, [3]float64{.5, 1, 1}},
		{"stale is not gone",
			[]*geo.Version{zone(t, 1, "controlled", isStale, strip(0, 0.5), principal("a"))},
			map[string][3]float64{"controlled": {0, 0, .5}}, map[string][3]float64{"a": {0, 0, .5}}, [3]float64{}, [3]float64{.5, 1, 1}},
		{"the first type names the ground",
			[]*geo.Version{zone(t, 1, "state_held", isHigh, strip(0, 1)), zone(t, 2, "controlled", isHigh, strip(0.8, 1))},
			map[string][3]float64{"controlled": {.2, .2, .2}, "state_held": {.8, .8, .8}}, nil, [3]float64{}, [3]float64{0, 0, 0}},
		{"a rumour takes from the least of what comes after, only from that",
			[]*geo.Version{zone(t, 1, "state_held", isHigh, strip(0, 1)), zone(t, 2, "controlled", isLow, strip(0.8, 1))},
			map[string][3]float64{"controlled": {0, 0, .2}, "state_held": {.8, 1, 1}}, nil, [3]float64{}, [3]float64{0, 0, 0}},
		{"a doubtful zone under a certain one",
			[]*geo.Version{zone(t, 1, "influenced", isLow, strip(0, 1)), zone(t, 2, "contested", isHigh, strip(0, 0.5))},
			map[string][3]float64{"contested": {.5, .5, .5}, "influenced": {0, 0, .5}}, nil, [3]float64{}, [3]float64{0, .5, .5}},
		{"unknown wins over state-held and is assessed",
			[]*geo.Version{zone(t, 1, "state_held", isHigh, strip(0, 1)), zone(t, 2, "unknown", isHigh, strip(0, 0.3))},
			map[string][3]float64{"unknown": {.3, .3, .3}, "state_held": {.7, .7, .7}}, nil, [3]float64{}, [3]float64{0, 0, 0}},
		{"groups overlap",
			[]*geo.Version{
				zone(t, 1, "controlled", isHigh, strip(0, 0.6), principal("a"), geo.Holder{Group: "c", Role: "ally"}),
				zone(t, 2, "influenced", isHigh, strip(0.4, 1), principal("b")),
			},
			map[string][3]float64{"controlled": {.6, .6, .6}, "influenced": {.4, .4, .4}},
			map[string][3]float64{"a": {.6, .6, .6}, "b": {.6, .6, .6}, "c": {.6, .6, .6}}, [3]float64{.8, .8, .8}, [3]float64{0, 0, 0}},
		{"a claim counts only towards the most",
			[]*geo.Version{zone(t, 1, "contested", isHigh, strip(0, 0.5), claimed("a"), principal("b"))},
			map[string][3]float64{"contested": {.5, .5, .5}}, map[string][3]float64{"a": {0, 0, .5}, "b": {.5, .5, .5}}, [3]float64{0, 0, .5}, [3]float64{.5, .5, .5}},
		{"a group that claims and holds, holds",
			[]*geo.Version{zone(t, 1, "controlled", isHigh, strip(0, 0.5), claimed("a"), principal("a"))},
			map[string][3]float64{"controlled": {.5, .5, .5}}, map[string][3]float64{"a": {.5, .5, .5}}, [3]float64{}, [3]float64{.5, .5, .5}},
		{"what the state recovered no group has",
			[]*geo.Version{zone(t, 1, "recovered", isHigh, strip(0, 0.5), principal("a"))},
			map[string][3]float64{"recovered": {.5, .5, .5}}, nil, [3]float64{}, [3]float64{.5, .5, .5}},
		{"one group twice on the same ground",
			[]*geo.Version{zone(t, 1, "controlled", isHigh, strip(0, 0.5), principal("a")), zone(t, 2, "contested", isMedium, strip(0.25, 0.75), principal("a"))},
			map[string][3]float64{"controlled": {.5, .5, .5}, "contested": {0, .25, .25}}, map[string][3]float64{"a": {.5, .75, .75}}, [3]float64{}, [3]float64{.25, .25, .5}},
		{"zones beside the commune do not count",
			[]*geo.Version{zone(t, 1, "controlled", isHigh, strip(1, 2), principal("a")), zone(t, 2, "controlled", isHigh, strip(5, 6), principal("a"))},
			nil, nil, [3]float64{}, [3]float64{1, 1, 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := compute(t, worldOf(geo.Humanitarian, append(test.zones, square)...), "HT0111").Areas[0]
			if a.Status != coverage.Assessed {
				t.Fatalf("status %s", a.Status)
			}
			if len(a.Control) != len(test.control) || len(a.Groups) != len(test.groups) {
				t.Errorf("control %v, groups %v", a.Control, a.Groups)
			}
			for controlType, want := range test.control {
				if got := shares(control(a, controlType)); !near(got, want) {
					t.Errorf("%s %v, want %v", controlType, got, want)
				}
			}
			for id, want := range test.groups {
				if got := shares(group(a, id)); !near(got, want) {
					t.Errorf("group %s %v, want %v", id, got, want)
				}
			}
			if got := shares(*a.Shared); !near(got, test.shared) {
				t.Errorf("shared %v, want %v", got, test.shared)
			}
			if got := shares(*a.Unassessed); !near(got, test.unassessed) {
				t.Errorf("unassessed %v, want %v", got, test.unassessed)
			}
		})
	}
}

func TestComputeLeavesOut(t *testing.T) {
	square := admin(t, "HT0111", "HT01", 2, strip(0, 1))
	with := func(change func(*geo.Version)) *geo.Version {
		v := *zone(t, 1, "controlled", isHigh, strip(0, 1))
		v.Values = slices.Clone(v.Values)
		change(&v)
		return geo.NewVersion(v, &geo.DefaultModel)
	}
	set := func(name string, value any) *geo.Version {
		return with(func(v *geo.Version) { v.Values[v.Layer.Index(name)] = value })
	}
	tests := []struct {
		name string
		v    *geo.Version
		want float64
	}{
		{"as it is", set("evidence_note", nil), 1},
		{"a draft", set("review_state", "draft"), 0},
		{"in review", set("review_state", "in_review"), 0},
		{"rejected", set("review_state", "rejected"), 0},
		{"withdrawn", set("review_state", "withdrawn"), 0},
		{"not yet", with(func(v *geo.Version) { v.Valid.From = now.Add(time.Second) }), 0},
		{"no longer", with(func(v *geo.Version) { v.Valid.To = now }), 0},
		{"without a place", with(func(v *geo.Version) { v.Geometry = nil; v.Bound = orb.Bound{} }), 0},
	}
	for _, test := range tests {
		a := compute(t, worldOf(geo.Security, square, test.v), "HT0111").Areas[0]
		if got := control(a, "controlled").Central.Share; math.Abs(got-test.want) > coarse {
			t.Errorf("%s: %v", test.name, got)
		}
		if len(a.Zones) != int(test.want) {
			t.Errorf("%s: zones %v", test.name, a.Zones)
		}
	}
}

// island is a department of two communes and one of the named areas.
func island(t fataler) []*geo.Version {
	return []*geo.Version{
		admin(t, "HT01", "HT", 1, rectangle(-72.4, 18.5, -72.2, 18.6)),
		admin(t, "HT0111", "HT01", 2, rectangle(-72.4, 18.5, -72.3, 18.6)),
		admin(t, "HT0118", "HT01", 2, rectangle(-72.3, 18.5, -72.2, 18.6)),
		admin(t, "HT0531", "HT05", 2, rectangle(-72.8, 19, -72.7, 19.1)),
		feature(t, "armed-groups", 1, nil, map[string]any{"group_id": "a", "name_fr": "Groupe A"}),
	}
}

func TestComputeSums(t *testing.T) {
	z := zone(t, 1, "controlled", isHigh, rectangle(-72.32, 18.5, -72.25, 18.6), geo.Holder{Group: "a", Role: "principal"}, geo.Holder{Group: "b", Role: "ally"})
	report := compute(t, worldOf(geo.Humanitarian, append(island(t), z)...))
	var ids []string
	for _, a := range report.Areas {
		ids = append(ids, a.ID+" "+a.Level)
	}
	want := []string{"HT country", "ZMPP-admin named", "ZMPP-urban named", "lower-artibonite named", "HT01 department", "HT05 department", "HT0111 commune", "HT0118 commune", "HT0531 commune"}
	if !slices.Equal(ids, want) {
		t.Fatalf("areas %v, want %v", ids, want)
	}
	zmpp, ouest, west, east, artibonite := report.Areas[1], report.Areas[4], report.Areas[6], report.Areas[7], report.Areas[5]
	for _, sum := range []coverage.Area{zmpp, ouest} {
		if got, want := control(sum, "controlled").Central.AreaKm2, control(west, "controlled").Central.AreaKm2+control(east, "controlled").Central.AreaKm2; math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %v km², its communes %v", sum.ID, got, want)
		}
		if got := control(sum, "controlled").Central.Share; math.Abs(got-0.35) > coarse {
			t.Errorf("%s: share %v", sum.ID, got)
		}
		if got, want := sum.Denominator.AreaKm2, west.Denominator.AreaKm2+east.Denominator.AreaKm2; math.Abs(got-want) > 1e-6 {
			t.Errorf("%s: %v km² of ground, its communes %v", sum.ID, got, want)
		}
		if !slices.Equal(sum.Denominator.Members, []string{"HT0111", "HT0118"}) || sum.Denominator.Source != "made for a test" {
			t.Errorf("%s: denominator %+v", sum.ID, sum.Denominator)
		}
		if len(sum.Zones) != 1 || sum.Zones[0] != z.ID {
			t.Errorf("%s: zones %v", sum.ID, sum.Zones)
		}
	}
	if got := zmpp.Denominator.Missing; len(got) != 6 || got[0] != "HT0112" {
		t.Errorf("missing %v", got)
	}
	if got, want := west.Denominator.AreaKm2, measure.AreaM2(rectangle(-72.4, 18.5, -72.3, 18.6))/1e6; math.Abs(got-want) > 1e-6 {
		t.Errorf("%v km², want %v", got, want)
	}
	if ouest.Name.French != "Nom de HT01" || artibonite.Name.French != "HT05" || ouest.Denominator.Name != "Nom de HT01, département HT01 : somme de ses 2 communes" {
		t.Errorf("names %v, %v, %q", ouest.Name, artibonite.Name, ouest.Denominator.Name)
	}
	if zmpp.Groups[0].Name != "Groupe A" || zmpp.Groups[1].Name != "b" {
		t.Errorf("groups %+v", zmpp.Groups)
	}
	if got := shares(*zmpp.Shared); !near(got, [3]float64{.35, .35, .35}) {
		t.Errorf("shared %v", got)
	}
	if report.Revision != 7 || report.Audience != "hum" || report.Datetime != "2025-03-12T12:00:00Z" || report.FormulaVersion != geo.DefaultModel.Version {
		t.Errorf("%+v", report)
	}
}

func TestComputeWithheld(t *testing.T) {
	// Even if a zone slipped into the public's world, nothing of it comes out.
	z := zone(t, 1, "controlled", isHigh, rectangle(-72.32, 18.5, -72.25, 18.6), geo.Holder{Group: "a", Role: "principal"})
	report := compute(t, worldOf(geo.Public, append(island(t), z)...))
	raw, err := json.Marshal(report)
	if err != nil {
		t.Fatal(err)
	}
	var answer struct {
		Areas []map[string]json.RawMessage
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		t.Fatal(err)
	}
	if len(answer.Areas) != 9 {
		t.Fatalf("%d areas", len(answer.Areas))
	}
	for _, a := range answer.Areas {
		if string(a["status"]) != `"withheld"` {
			t.Errorf("status %s", a["status"])
		}
		for _, name := range []string{"control", "groups", "shared", "unassessed", "zones"} {
			if string(a[name]) != "null" {
				t.Errorf("%s is %s, not null", name, a[name])
			}
		}
		if !strings.Contains(string(a["denominator"]), `"area_km2":`) {
			t.Errorf("denominator %s", a["denominator"])
		}
	}
	if strings.Contains(string(raw), z.ID.String()) || strings.Contains(string(raw), `"share":`) {
		t.Errorf("%s", raw)
	}
}

func TestComputeIsDeterministic(t *testing.T) {
	versions := island(t)
	for i := range 30 {
		x, y := -72.4+0.006*float64(i), 18.5+0.003*float64(i%7)
		versions = append(versions, zone(t, i, geo.ControlPrecedence[i%8], []string{isHigh, isMedium, isLow, isStale}[i%4],
			orb.MultiPolygon{measure.Circle(orb.Point{x, y + 0.05}, 2500, 24)}, geo.Holder{Group: string(rune('a' + i%5)), Role: "principal"}))
	}
	var first []byte
	for i := range 5 {
		slices.Reverse(versions)
		raw, err := json.Marshal(compute(t, worldOf(geo.Operations, versions...)))
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = raw
		} else if string(raw) != string(first) {
			t.Fatalf("differs:\n%s\n%s", first, raw)
		}
	}
}

func TestComputeRefuses(t *testing.T) {
	w := worldOf(geo.Humanitarian, island(t)...)
	tests := []struct {
		name string
		q    coverage.Query
		want geo.Code
	}{
		{"no instant", coverage.Query{}, geo.CodeInvalid},
		{"no such level", coverage.Query{At: now, Level: "region"}, geo.CodeInvalid},
		{"no such area", coverage.Query{At: now, Areas: []string{"HT0111", "HT9999"}}, geo.CodeNotFound},
		{"area of another level", coverage.Query{At: now, Areas: []string{"HT0111"}, Level: coverage.LevelNamed}, geo.CodeNotFound},
		{"an empty name", coverage.Query{At: now, Areas: []string{""}}, geo.CodeNotFound},
		{"too many", coverage.Query{At: now, Areas: make([]string, coverage.MaxAreas+1)}, geo.CodeInvalid},
		{"before there were communes", coverage.Query{At: now.AddDate(-5, 0, 0), Areas: []string{"HT0111"}}, geo.CodeNotFound},
	}
	for _, test := range tests {
		if _, err := coverage.NewEngine(coverage.Options{}).Report(testContext, w, test.q); geo.CodeOf(err) != test.want {
			t.Errorf("%s: %v", test.name, err)
		}
	}
	for level, want := range map[string]int{coverage.LevelCommune: 3, coverage.LevelDepartment: 2, coverage.LevelNamed: 3, coverage.LevelCountry: 1, coverage.LevelSection: 0, "": 9} {
		report, err := coverage.NewEngine(coverage.Options{}).Report(testContext, w, coverage.Query{At: now, Level: level})
		if err != nil || len(report.Areas) != want {
			t.Errorf("level %q: %v areas, %v", level, report, err)
		}
	}
	report := compute(t, w, "HT0118", "ZMPP", "HT0118")
	if len(report.Areas) != 2 || report.Areas[0].ID != "HT0118" || report.Areas[1].ID != "ZMPP-admin" {
		t.Errorf("%v", report.Areas)
	}
	empty := compute(t, worldOf(geo.Humanitarian))
	if raw, err := json.Marshal(empty); err != nil || !strings.Contains(string(raw), `"areas":[]`) {
		t.Errorf("%s, %v", raw, err)
	}
}

func TestComputeStops(t *testing.T) {
	ctx, cancel := context.WithCancel(testContext)
	cancel()
	w := worldOf(geo.Humanitarian, append(island(t), zone(t, 1, "controlled", isHigh, strip(0, 1)))...)
	if _, err := coverage.NewEngine(coverage.Options{}).Report(ctx, w, coverage.Query{At: now}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestNoticeAndNames(t *testing.T) {
	for _, n := range coverage.NamedAreas() {
		if len(n.Members) != 8 || n.Name.French == "" || n.Name.Haitian == "" || n.Name.English == "" {
			t.Errorf("%+v", n)
		}
	}
	for _, text := range []string{coverage.Notice.French, coverage.Notice.Haitian, coverage.Notice.English} {
		if text == "" || strings.Contains(strings.ToLower(text), "safe") {
			t.Errorf("%q", text)
		}
	}
}

// However good the grade, what is stale counts only towards the most.
func TestComputeHoldsStaleBack(t *testing.T) {
	v := *zone(t, 1, "controlled", isHigh, strip(0, 1))
	v.Values = slices.Clone(v.Values)
	v.Values[v.Layer.Index("last_confirmed_at")] = nil
	v.Valid.From, v.LastConfirmedAt = time.Time{}, time.Time{}
	undated := geo.NewVersion(v, &geo.DefaultModel)
	if a := geo.DefaultModel.Assess(undated, now); !a.Stale || a.Label != "high" {
		t.Fatalf("%+v", a)
	}
	a := compute(t, worldOf(geo.Security, admin(t, "HT0111", "HT01", 2, strip(0, 1)), undated), "HT0111").Areas[0]
	if got := shares(control(a, "controlled")); !near(got, [3]float64{0, 0, 1}) {
		t.Errorf("%v", got)
	}
}
