package coverage_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	_ "time/tzdata"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

func TestReleaseRules(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*coverage.ReleaseRules)
		ok     bool
	}{
		"as they are":      {func(*coverage.ReleaseRules) {}, true},
		"two sources":      {func(r *coverage.ReleaseRules) { r.Sources = 2 }, true},
		"one source":       {func(r *coverage.ReleaseRules) { r.Sources = 1 }, false},
		"no sources":       {func(r *coverage.ReleaseRules) { r.Sources = 0 }, false},
		"101 sources":      {func(r *coverage.ReleaseRules) { r.Sources = 101 }, false},
		"an hour":          {func(r *coverage.ReleaseRules) { r.Delay = time.Hour }, false},
		"nearly a day":     {func(r *coverage.ReleaseRules) { r.Delay = 24*time.Hour - 1 }, false},
		"into the future":  {func(r *coverage.ReleaseRules) { r.Delay = -48 * time.Hour }, false},
		"90 days":          {func(r *coverage.ReleaseRules) { r.Delay = 90 * 24 * time.Hour }, true},
		"91 days":          {func(r *coverage.ReleaseRules) { r.Delay = 91 * 24 * time.Hour }, false},
		"finer":            {func(r *coverage.ReleaseRules) { r.Rounding = 0.001 }, false},
		"quarters":         {func(r *coverage.ReleaseRules) { r.Rounding = 0.25 }, true},
		"halves":           {func(r *coverage.ReleaseRules) { r.Rounding = 0.5 }, false},
		"not a number":     {func(r *coverage.ReleaseRules) { r.Rounding = math.NaN() }, false},
		"midnight":         {func(r *coverage.ReleaseRules) { r.Hour = 0 }, true},
		"the next day":     {func(r *coverage.ReleaseRules) { r.Hour = 24 * time.Hour }, false},
		"the day before":   {func(r *coverage.ReleaseRules) { r.Hour = -1 }, false},
		"nothing is given": {func(r *coverage.ReleaseRules) { *r = coverage.ReleaseRules{} }, false},
	} {
		rules := coverage.DefaultReleaseRules
		test.change(&rules)
		if err := rules.Check(); (err == nil) != test.ok || err != nil && geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func portAuPrince(t fataler) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("America/Port-au-Prince")
	if err != nil {
		t.Fatalf("%v", err)
	}
	return zone
}

func TestReleaseClock(t *testing.T) {
	zone := portAuPrince(t)
	at := func(text string) time.Time {
		one, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return one
	}
	// Clocks go forward on 9 March 2025 at 02:00 and back on 2 November 2025 at 02:00.
	for _, test := range []struct {
		hour      time.Duration
		now, want string
	}{
		{5*time.Hour + 30*time.Minute, "2025-03-12T12:00:00Z", "2025-03-12T09:30:00Z"},
		{5*time.Hour + 30*time.Minute, "2025-03-12T09:30:00Z", "2025-03-12T09:30:00Z"}, // at the tick
		{5*time.Hour + 30*time.Minute, "2025-03-12T09:29:59.999999999Z", "2025-03-11T09:30:00Z"},
		{5*time.Hour + 30*time.Minute, "2025-03-09T09:29:00Z", "2025-03-08T10:30:00Z"}, // the day has 23 hours
		{5*time.Hour + 30*time.Minute, "2025-03-09T09:30:00Z", "2025-03-09T09:30:00Z"},
		{5*time.Hour + 30*time.Minute, "2025-11-02T10:29:00Z", "2025-11-01T09:30:00Z"}, // 25 hours
		{5*time.Hour + 30*time.Minute, "2025-11-02T10:30:00Z", "2025-11-02T10:30:00Z"},
		{5*time.Hour + 30*time.Minute, "2025-01-01T04:00:00+14:00", "2024-12-31T10:30:00Z"}, // the caller's zone is nothing to it
		{0, "2025-03-12T04:00:00Z", "2025-03-12T04:00:00Z"},
		{0, "2025-03-12T03:59:59Z", "2025-03-11T04:00:00Z"},
		{23*time.Hour + 59*time.Minute, "2025-01-01T04:58:00Z", "2024-12-31T04:59:00Z"},
	} {
		rules := coverage.DefaultReleaseRules
		rules.Hour = test.hour
		if got := rules.Last(at(test.now), zone); !got.Equal(at(test.want)) {
			t.Errorf("%s by %v: %s, want %s", test.now, test.hour, got.Format(time.RFC3339), test.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		rules := coverage.DefaultReleaseRules
		rules.Hour = time.Duration(rapid.IntRange(0, 24*60-1).Draw(t, "minute")) * time.Minute
		now := time.Unix(rapid.Int64Range(1735689600, 1893456000).Draw(t, "now"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		tick := rules.Last(now, zone)
		before := rules.Last(tick.Add(-1), zone)
		switch apart := tick.Sub(before); {
		case tick.After(now), now.Sub(tick) > 25*time.Hour:
			t.Fatalf("at %s the last tick is %s", now.UTC(), tick)
		case !rules.Last(tick, zone).Equal(tick):
			t.Fatalf("a tick %s is not its own last", tick)
		case apart < 23*time.Hour || apart > 25*time.Hour:
			t.Fatalf("%v between %s and %s", apart, before, tick)
		}
	})
}

// source is the identifier of a source.
func source(n int) string { return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, "source ", n)).String() }

// sourced gives a zone sources and other values.
func sourced(v *geo.Version, more map[string]any, sources ...int) *geo.Version {
	out := *v
	out.Values = slices.Clone(v.Values)
	ids := make([]string, len(sources))
	for i, n := range sources {
		ids[i] = source(n)
	}
	out.Values[v.Layer.Index("source_ids")] = ids
	out.Values[v.Layer.Index("sensitivity")] = "moderate"
	out.Values[v.Layer.Index("demonstration")] = false
	for name, value := range more {
		out.Values[v.Layer.Index(name)] = value
	}
	return geo.NewVersion(out, &geo.DefaultModel)
}

// tick is the instant of the releases of these tests.
var tick = now.Add(24 * time.Hour)

// tell releases what humanitarians know, given the grounds that everybody does.
func tell(t fataler, e *coverage.Engine, rules coverage.ReleaseRules, grids map[string]*raster.Grid, versions ...*geo.Version) *coverage.Released {
	t.Helper()
	build := func(a geo.Audience) *world.World {
		var seen []*geo.Version
		for _, v := range versions {
			compartment := v.Text("compartment")
			if v.Layer.Audiences.Has(a) && (compartment == "" || compartment == "public" || a != geo.Public) {
				seen = append(seen, v)
			}
		}
		w := world.Build(a, &geo.DefaultModel, 7, now, seen, nil)
		if grids != nil {
			w, _ = w.Apply(world.Step{Revision: 7, At: now, Grids: grids})
		}
		return w
	}
	out, err := e.Release(testContext, build(geo.Public), build(geo.Humanitarian), tick, rules)
	if err != nil {
		t.Fatalf("release: %v", err)
	}
	return out
}

func released(t fataler, r *coverage.Released, area string) coverage.ReleasedArea {
	t.Helper()
	got, err := r.Select([]string{area}, "")
	if err != nil || len(got) != 1 {
		t.Fatalf("%s: %v, %v", area, got, err)
	}
	return got[0]
}

// share is a class's share of a told area.
func share(t fataler, a coverage.ReleasedArea, class string) coverage.Range {
	t.Helper()
	for _, c := range a.Classes {
		if c.Class == class {
			return *c.Share
		}
	}
	t.Fatalf("%s has no class %s: %+v", a.ID, class, a)
	return coverage.Range{}
}

// square is a commune of a tenth of a degree: the n-th from the west.
func squareOf(n int) orb.MultiPolygon {
	west := geo.RoundCoordinate(-73 + 0.1*float64(n))
	return rectangle(west, 18.5, geo.RoundCoordinate(west+0.1), 18.6)
}

// part is what lies between two hundredths of the width of the n-th commune.
func part(n, from, to int) orb.MultiPolygon {
	return rectangle(geo.RoundCoordinate(-73+0.1*float64(n)+0.001*float64(from)), 18.5, geo.RoundCoordinate(-73+0.1*float64(n)+0.001*float64(to)), 18.6)
}

// communes are three of one department, of which the first two are metropolitan.
func communes(t fataler) []*geo.Version {
	return []*geo.Version{
		admin(t, "HT01", "HT", 1, rectangle(-73, 18.5, -72.7, 18.6)),
		admin(t, "HT0111", "HT01", 2, squareOf(0)), admin(t, "HT0112", "HT01", 2, squareOf(1)), admin(t, "HT0121", "HT01", 2, squareOf(2)),
	}
}

func TestReleaseNeedsSources(t *testing.T) {
	half := func(sources ...int) *geo.Version {
		return sourced(zone(t, 1, "controlled", isHigh, part(0, 0, 50)), nil, sources...)
	}
	for name, test := range map[string]struct {
		zones []*geo.Version
		k     int
		told  bool
	}{
		"no zone":             {nil, 3, false},
		"no source":           {[]*geo.Version{half()}, 3, false},
		"two":                 {[]*geo.Version{half(1, 2)}, 3, false},
		"three":               {[]*geo.Version{half(1, 2, 3)}, 3, true},
		"two of two":          {[]*geo.Version{half(1, 2)}, 2, true},
		"three of four":       {[]*geo.Version{half(1, 2, 3)}, 4, false},
		"one three times":     {[]*geo.Version{half(1, 1, 1)}, 3, false},
		"two zones, two each": {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isLow, part(0, 50, 60)), nil, 2, 1)}, 3, false},
		"two zones, a third":  {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isLow, part(0, 50, 60)), nil, 2, 3)}, 3, true},
		"a third next door":   {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isHigh, part(1, 0, 60)), nil, 3)}, 3, false},
		"a third on the edge": {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isHigh, rectangle(-72.9001, 18.5, -72.85, 18.6)), nil, 3)}, 3, false},
		"a demonstration": {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isHigh, part(0, 50, 60)), map[string]any{"demonstration": true}, 3)},
			3, false},
		"only demonstrations": {[]*geo.Version{sourced(half(), map[string]any{"demonstration": true}, 1, 2, 3)}, 3, false},
		"too sensitive":       {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isHigh, part(0, 50, 60)), map[string]any{"sensitivity": "high"}, 3)}, 3, false},
		"severe":              {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isHigh, part(0, 50, 60)), map[string]any{"sensitivity": "severe"}, 3)}, 3, false},
		"of no class at all":  {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isHigh, part(0, 50, 60)), map[string]any{"sensitivity": nil}, 3)}, 3, false},
		"a draft":             {[]*geo.Version{half(1, 2), sourced(zone(t, 2, "contested", isHigh, part(0, 50, 60)), map[string]any{"review_state": "draft"}, 3)}, 3, false},
	} {
		rules := coverage.DefaultReleaseRules
		rules.Sources = test.k
		r := tell(t, coverage.NewEngine(coverage.Options{}), rules, nil, append(communes(t), test.zones...)...)
		a := released(t, r, "HT0111")
		if (a.Status == coverage.Assessed) != test.told || (a.Classes != nil) != test.told {
			t.Errorf("%s: %+v", name, a)
		}
		if !test.told && (a.Status != coverage.Withheld || len(a.Denominator.Members) != 0 || !slices.Equal(a.Denominator.Missing, []string{"HT0111"})) {
			t.Errorf("%s: %+v", name, a)
		}
	}
}

func TestReleaseFigures(t *testing.T) {
	group := geo.Holder{Group: "zqgroup", Role: "principal"}
	zones := []*geo.Version{
		sourced(zone(t, 1, "controlled", isHigh, part(0, 0, 10), group), nil, 1, 2, 3),
		sourced(zone(t, 2, "controlled", isLow, part(0, 10, 30)), nil, 1),
		sourced(zone(t, 3, "contested", isMedium, part(0, 30, 40)), nil, 1),
		sourced(zone(t, 4, "influenced", isHigh, part(0, 40, 60)), nil, 1),
		sourced(zone(t, 5, "recovered", isHigh, part(0, 60, 65)), nil, 1),
		sourced(zone(t, 6, "self_defence", isHigh, part(0, 65, 70)), nil, 1),
		sourced(zone(t, 7, "unknown", isHigh, part(0, 70, 80)), nil, 1),
		// Not counted: made up, and too sensitive.
		sourced(zone(t, 8, "controlled", isHigh, part(0, 80, 90)), map[string]any{"demonstration": true}, 1),
		sourced(zone(t, 9, "controlled", isHigh, part(0, 90, 100)), map[string]any{"sensitivity": "high"}, 1),
		// Withheld: two sources.
		sourced(zone(t, 10, "controlled", isHigh, part(1, 0, 100)), nil, 4, 5),
		// A zone over a told and a withheld commune.
		sourced(zone(t, 11, "controlled", isHigh, rectangle(-72.81, 18.5, -72.75, 18.6)), nil, 4),
		sourced(zone(t, 12, "depopulated", isHigh, part(2, 50, 70)), nil, 7, 8),
	}
	r := tell(t, coverage.NewEngine(coverage.Options{}), coverage.DefaultReleaseRules, nil, append(communes(t), zones...)...)
	if r.At != "2025-03-13T12:00:00Z" || r.Datetime != "2025-03-12T12:00:00Z" || r.Revision != 7 || r.Audience != "public" || r.Sources != 3 || r.Rounding != 0.01 {
		t.Errorf("%+v", r)
	}
	for area, want := range map[string]map[string]coverage.Range{
		"HT0111": {
			coverage.ClassControlled: {Low: .1, Central: .1, High: .3}, coverage.ClassContested: {Low: .2, Central: .3, High: .3},
			coverage.ClassOther: {Low: .1, Central: .1, High: .1}, coverage.ClassUnknown: {Low: .3, Central: .5, High: .6},
		},
		"HT0121": {
			coverage.ClassControlled: {Low: .5, Central: .5, High: .5}, coverage.ClassContested: {},
			coverage.ClassOther: {Low: .2, Central: .2, High: .2}, coverage.ClassUnknown: {Low: .3, Central: .3, High: .3},
		},
		"HT01": {coverage.ClassControlled: {Low: .3, Central: .3, High: .4}, coverage.ClassOther: {Low: .15, Central: .15, High: .15}},
		"HT":   {coverage.ClassControlled: {Low: .3, Central: .3, High: .4}},
		"ZMPP": {coverage.ClassControlled: {Low: .1, Central: .1, High: .3}},
	} {
		a := released(t, r, area)
		for class, due := range want {
			if class == coverage.ClassUnknown && area == "HT0111" {
				due.High = a.Classes[3].Share.High // what may be unknown is bounded by the whole alone
			}
			if got := share(t, a, class); got != due {
				t.Errorf("%s %s: %+v, want %+v", area, class, got, due)
			}
		}
	}
	if got := released(t, r, "HT0112"); got.Status != coverage.Withheld || got.Classes != nil {
		t.Errorf("%+v", got)
	}
	for area, want := range map[string][2][]string{
		"HT": {{"HT0111", "HT0121"}, {"HT0112"}}, "HT01": {{"HT0111", "HT0121"}, {"HT0112"}},
		"ZMPP-admin": {{"HT0111"}, {"HT0112", "HT0113", "HT0114", "HT0115", "HT0116", "HT0117", "HT0118"}},
	} {
		d := released(t, r, area).Denominator
		if !slices.Equal(d.Members, want[0]) || !slices.Equal(d.Missing, want[1]) {
			t.Errorf("%s: %+v", area, d)
		}
	}
	if name := released(t, r, "HT01").Denominator.Name; name != "Nom de HT01, département HT01 : somme de 2 de ses 3 communes" {
		t.Errorf("%q", name)
	}
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{"zqgroup", source(1), zones[0].ID.String(), `"n":`, `"confidence`, `"groups"`} {
		if strings.Contains(string(body), secret) {
			t.Errorf("the release says %s", secret)
		}
	}
	if _, err := r.Select([]string{"HT0111", "HT0199"}, ""); geo.CodeOf(err) != geo.CodeNotFound {
		t.Errorf("%v", err)
	}
	if _, err := r.Select([]string{"HT0111"}, coverage.LevelDepartment); geo.CodeOf(err) != geo.CodeNotFound {
		t.Errorf("%v", err)
	}
	for level, want := range map[string]int{"": 6, coverage.LevelCommune: 3, coverage.LevelCountry: 1, coverage.LevelNamed: 1, coverage.LevelDepartment: 1} {
		if got, err := r.Select(nil, level); err != nil || len(got) != want {
			t.Errorf("level %q: %d areas, %v", level, len(got), err)
		}
	}
}

// Shares are whole multiples of the rounding, in order, and never above one.
func TestReleaseRounds(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		rules := coverage.DefaultReleaseRules
		rules.Rounding = rapid.SampledFrom([]float64{0.01, 0.02, 0.05, 0.1, 0.25}).Draw(rt, "rounding")
		var zones []*geo.Version
		for i := range rapid.IntRange(1, 5).Draw(rt, "zones") {
			from := rapid.IntRange(0, 98).Draw(rt, "from")
			zones = append(zones, sourced(zone(t, i, rapid.SampledFrom(geo.ControlPrecedence).Draw(rt, "control"),
				rapid.SampledFrom([]string{isHigh, isMedium, isLow, isStale}).Draw(rt, "worth"), part(0, from, rapid.IntRange(from+1, 100).Draw(rt, "to"))), nil, 1, 2, 3))
		}
		for _, a := range tell(rt, coverage.NewEngine(coverage.Options{}), rules, nil, append(communes(rt), zones...)...).Areas {
			for _, c := range a.Classes {
				for _, x := range []float64{c.Share.Low, c.Share.Central, c.Share.High} {
					if steps := x / rules.Rounding; math.Abs(steps-math.Round(steps)) > 1e-6 || x < 0 || x > 1 {
						rt.Fatalf("%s %s: %v", a.ID, c.Class, x)
					}
				}
				if c.Share.Low > c.Share.Central || c.Share.Central > c.Share.High {
					rt.Fatalf("%s %s: %+v", a.ID, c.Class, c.Share)
				}
			}
		}
	})
}

func bodyOf(t fataler, r *coverage.Released) string {
	t.Helper()
	body, err := json.Marshal(r)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return string(body)
}

// builtUp is a grid that covers the communes unevenly.
func builtUp(t fataler) *raster.Grid {
	t.Helper()
	values := make([]float32, 60*20)
	for i := range values {
		values[i] = float32(i%7) / 7
	}
	g, err := raster.New("built", "Bâti", "made for a test", -73, 18.6, 0.005, 0.005, 60, 20, values)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return g
}

// Whatever stands in communes that are withheld, the whole release is the same
// to the byte: none of its figures, alone or together, says anything of them.
func TestReleaseSaysNothingOfWhatIsWithheld(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		grids := map[string]*raster.Grid{}
		if rapid.Bool().Draw(rt, "with what is built up") {
			grids["built_up"] = builtUp(rt)
		}
		e := coverage.NewEngine(coverage.Options{})
		// The first commune is told; so is the part in it of a zone that reaches
		// into the second.
		told := []*geo.Version{
			sourced(zone(rt, 1, "controlled", isHigh, part(0, 0, 40)), nil, 1, 2),
			sourced(zone(rt, 2, "contested", isLow, part(0, 40, 70)), nil, 2, 3),
		}
		if rapid.Bool().Draw(rt, "across") {
			told = append(told, sourced(zone(rt, 3, "influenced", isMedium, rectangle(-72.92, 18.5, -72.88, 18.6)), nil, 1, 2))
		}
		hidden := func(label string) []*geo.Version {
			var out []*geo.Version
			for i := range rapid.IntRange(0, 4).Draw(rt, label) {
				n := rapid.IntRange(1, 2).Draw(rt, "commune")
				from := rapid.IntRange(0, 99).Draw(rt, "from")
				more := map[string]any{}
				if rapid.IntRange(0, 4).Draw(rt, "secret") == 0 {
					more["sensitivity"] = "high"
				}
				// Two sources in all: those of the zone that lies across.
				out = append(out, sourced(zone(rt, 10+i, rapid.SampledFrom(geo.ControlPrecedence).Draw(rt, "control"),
					rapid.SampledFrom([]string{isHigh, isMedium, isLow, isStale}).Draw(rt, "worth"),
					part(n, from, rapid.IntRange(from+1, 100).Draw(rt, "to")), geo.Holder{Group: "a", Role: "principal"}),
					more, rapid.SliceOfN(rapid.IntRange(1, 2), 0, 2).Draw(rt, "sources")...))
			}
			return out
		}
		release := func(zones []*geo.Version) string {
			return bodyOf(rt, tell(rt, e, coverage.DefaultReleaseRules, grids, slices.Concat(communes(rt), told, zones)...))
		}
		without, with := release(nil), release(hidden("zones"))
		if without != with {
			rt.Fatalf("the release tells of what is withheld:\n%s\n%s", without, with)
		}
		if !strings.Contains(without, `"class":"controlled"`) || !strings.Contains(without, coverage.ClassContested) {
			rt.Fatalf("nothing is told at all: this shows nothing: %s", without)
		}
	})
}

// Areas are those that the public may know of, in the words that it may read.
func TestReleaseOfPublicGround(t *testing.T) {
	with := func(v *geo.Version, values map[string]any) *geo.Version {
		out := *v
		out.Values = slices.Clone(v.Values)
		for name, value := range values {
			out.Values[v.Layer.Index(name)] = value
		}
		return geo.NewVersion(out, &geo.DefaultModel)
	}
	told := sourced(zone(t, 1, "controlled", isHigh, part(0, 0, 40)), nil, 1, 2, 3)
	secret := with(admin(t, "HTzqsec", "HT01", 2, squareOf(3)), map[string]any{"compartment": "hum", "references": []string{"zqplan"}})
	// A draft of another outline and name for a commune, which only humanitarians know.
	other := with(admin(t, "HT0111", "HT01", 2, part(0, 0, 50)), map[string]any{"compartment": "hum", "name_fr": "zqname"})
	other.ID, other.Known = uuid.New(), 5
	e := coverage.NewEngine(coverage.Options{})
	plain := bodyOf(t, tell(t, e, coverage.DefaultReleaseRules, nil, append(communes(t), told)...))
	got := bodyOf(t, tell(t, e, coverage.DefaultReleaseRules, nil, append(communes(t), told, secret, other)...))
	if got != plain {
		t.Errorf("what humanitarians know of areas is in the release:\n%s\n%s", got, plain)
	}
	// A share of nothing is not 0.
	empty, err := raster.New("built", "Bâti", "made for a test", -73, 18.6, 0.005, 0.005, 60, 20, make([]float32, 1200))
	if err != nil {
		t.Fatal(err)
	}
	a := released(t, tell(t, e, coverage.DefaultReleaseRules, map[string]*raster.Grid{"built_up": empty}, append(communes(t), told)...), "ZMPP-urban")
	if a.Status != coverage.NotMeasured || a.Classes != nil {
		t.Errorf("%+v", a)
	}
}

func TestReleaseRefuses(t *testing.T) {
	e := coverage.NewEngine(coverage.Options{})
	public, hum := worldOf(geo.Public, communes(t)...), worldOf(geo.Humanitarian, communes(t)...)
	weak := coverage.DefaultReleaseRules
	weak.Sources = 1
	for name, test := range map[string]struct {
		public, w *world.World
		rules     coverage.ReleaseRules
	}{
		"weak rules":            {public, hum, weak},
		"the humanitarian only": {hum, hum, coverage.DefaultReleaseRules},
		"the public's only":     {public, public, coverage.DefaultReleaseRules},
		"a secret world":        {public, worldOf(geo.Security, communes(t)...), coverage.DefaultReleaseRules},
		"worlds of two revisions": {public, world.Build(geo.Humanitarian, &geo.DefaultModel, 8, now, communes(t), nil),
			coverage.DefaultReleaseRules},
	} {
		if out, err := e.Release(testContext, test.public, test.w, tick, test.rules); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%s: %v, %v", name, out, err)
		}
	}
	// An empty record is told nothing of.
	if r := tell(t, e, coverage.DefaultReleaseRules, nil); len(r.Areas) != 0 || r.Areas == nil {
		t.Errorf("%+v", r)
	}
}
