package hazard

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pasaj/geo"
)

const hair = 1e-9 // what rounding may move a figure by

func TestClassIsThatOfTheModel(t *testing.T) {
	p := Default()
	check := func(v *geo.Version) {
		t.Helper()
		decay, decays := geo.DefaultModel.DecayOf(v)
		claim, ok := p.Claims[Class(v)]
		if ok != decays || ok && claim.halfLife() != decay.HalfLife {
			t.Errorf("%s: class %q with a half-life of %s, in the model %s", v.Layer.Name, Class(v), claim.halfLife(), decay.HalfLife)
		}
	}
	for _, subtype := range property("roadblocks", "subtype") {
		check(roadblock(t, subtype, "gang", "active", .5, noon))
	}
	for _, control := range values(geo.ControlTypes) {
		check(zone(t, control, .5, noon))
	}
	for _, l := range geo.Layers() {
		check(version(t, l.Name, nil))
	}
	if Class(nil) != "" || Class(&geo.Version{}) != "" {
		t.Error("nothing has a class")
	}
	for class, v := range map[string]*geo.Version{
		"gate": roadblock(t, "community_gate", "community", "active", .5, noon), "contested": zone(t, "contested", .5, noon),
		"zone": zone(t, "controlled", .5, noon), "protest": roadblock(t, "burning_barricade", "gang", "active", .5, noon),
	} {
		if Class(v) != class {
			t.Errorf("class %s is read as %s", class, Class(v))
		}
	}
}

func TestFuseByHand(t *testing.T) {
	p := Default()
	a1, b2 := Report{At: noon, Reliability: "A", Credibility: 1}, Report{At: noon, Reliability: "B", Credibility: 2}
	prior := math.Log(.05 / .95)
	of := func(odds float64) float64 { return 1 / (1 + math.Exp(-prior-odds)) }
	family := func(r Report, name string) Report { r.Family = name; return r }
	cleared := func(r Report, after time.Duration) Report { r.Clears, r.At = true, r.At.Add(after); return r }
	halfLife := 7 * 24 * time.Hour // of class toll
	for _, c := range []struct {
		name    string
		reports []Report
		at      time.Time
		want    float64
	}{
		{"none", nil, noon, .05},
		{"one", []Report{a1}, noon, of(6 * .95 * .95)},
		{"one, a half-life later", []Report{a1}, noon.Add(halfLife), of(3 * .95 * .95)},
		{"two that are independent", []Report{a1, b2}, noon, of(6*.95*.95 + 6*.85*.8)},
		{"two of one family", []Report{family(b2, "radio"), family(a1, "radio")}, noon, of(6*.95*.95 + .2*6*.85*.8)},
		{"two of two families", []Report{family(b2, "radio"), family(a1, "union")}, noon, of(6*.95*.95 + 6*.85*.8)},
		{"said and cleared at once", []Report{a1, cleared(a1, 0)}, noon, .05},
		{"cleared a half-life later", []Report{a1, cleared(a1, halfLife)}, noon.Add(halfLife), of(-3 * .95 * .95)},
		{"one family may say both", []Report{family(a1, "radio"), family(cleared(a1, 0), "radio")}, noon, .05},
		{"one to come", []Report{cleared(a1, time.Minute)}, noon, .05},
		{"no grade", []Report{{At: noon, Reliability: "Z", Credibility: 9}}, noon, .05},
	} {
		if got := p.Fuse("toll", c.reports, c.at); math.Abs(got-c.want) > hair {
			t.Errorf("%s: %.6f, not %.6f", c.name, got, c.want)
		}
	}
	if got := p.Fuse("no such class", []Report{a1}, noon); got != 0 {
		t.Errorf("an unknown class: %g", got)
	}
}

func drawReport(t *rapid.T, label string) Report {
	return Report{
		At: noon.Add(-drawAge.Draw(t, label)), Clears: rapid.Bool().Draw(t, "clears"),
		Reliability: rapid.SampledFrom([]string{"A", "B", "C", "D", "E", "F"}).Draw(t, "reliability"),
		Credibility: rapid.IntRange(1, 6).Draw(t, "credibility"),
		Family:      rapid.SampledFrom([]string{"", "", "radio", "union", "police"}).Draw(t, "family"),
	}
}

func drawReports(t *rapid.T) []Report {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Report { return drawReport(t, "age") }), 0, 8).Draw(t, "reports")
}

func drawClass(t *rapid.T, p *Policy) string {
	return rapid.SampledFrom(slices.Sorted(func(yield func(string) bool) {
		for class := range p.Claims {
			if !yield(class) {
				return
			}
		}
	})).Draw(t, "class")
}

// Of the reports on a claim, one that asserts never counts against it and one
// that clears never for it, whatever else was said and by whom.
func TestEachReportCountsForItsDirection(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		class, reports, more := drawClass(t, p), drawReports(t), drawReport(t, "age of one more")
		before, after := p.Fuse(class, reports, noon), p.Fuse(class, append(slices.Clone(reports), more), noon)
		if !more.Clears && after < before-hair || more.Clears && after > before+hair {
			t.Fatalf("%+v moves the credibility from %g to %g", more, before, after)
		}
	})
}

// The order in which reports are held does not matter, to the last bit.
func TestFuseHasNoOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		class, reports := drawClass(t, p), drawReports(t)
		shuffled := rapid.Permutation(reports).Draw(t, "shuffled")
		if a, b := p.Fuse(class, reports, noon), p.Fuse(class, shuffled, noon); a != b {
			t.Fatalf("%v or %v", a, b)
		}
	})
}

// Without news, credibility moves towards the prior and never past it.
func TestCredibilityFadesToThePrior(t *testing.T) {
	fades := func(t *rapid.T, prior, sooner, later, late float64) {
		t.Helper()
		if math.Abs(later-prior) > math.Abs(sooner-prior)+hair || (later-prior)*(sooner-prior) < -hair {
			t.Fatalf("from %g to %g with a prior of %g", sooner, later, prior)
		}
		if math.Abs(late-prior) > 1e-3 {
			t.Fatalf("%g when all has faded, the prior is %g", late, prior)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		wait := drawAge.Draw(t, "wait")
		class, reports := drawClass(t, p), drawReports(t)
		prior, halfLife := p.Claims[class].Prior, p.Claims[class].halfLife()
		ages := noon.Add(25 * halfLife)
		fades(t, prior, p.Fuse(class, reports, noon), p.Fuse(class, reports, noon.Add(wait)), p.Fuse(class, reports, ages))

		v := roadblock(t, drawSubtype.Draw(t, "subtype"), "gang", drawState.Draw(t, "state"), drawConfidence.Draw(t, "confidence"), noon)
		claim := p.Claims[Class(v)]
		fades(t, claim.Prior, p.Credibility(v, noon), p.Credibility(v, noon.Add(wait)), p.Credibility(v, noon.Add(25*claim.halfLife())))
	})
}

func TestCredibilityOfVersions(t *testing.T) {
	p := Default()
	week := 7 * 24 * time.Hour
	none := map[string]any{"subtype": "toll_post", "state": "active"}
	with := func(more map[string]any) map[string]any {
		out := map[string]any{}
		for k, v := range none {
			out[k] = v
		}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	since := version(t, "roadblocks", with(map[string]any{"confidence": .8}))
	since.Valid.From = noon.Add(-week)
	half := chance(logit(.05) + (logit(.8)-logit(.05))/2)
	for _, c := range []struct {
		name string
		v    *geo.Version
		want float64
	}{
		{"its confidence while fresh", roadblock(t, "toll_post", "gang", "active", .8, noon), .8},
		{"half its log-odds a half-life later", roadblock(t, "toll_post", "gang", "active", .8, noon.Add(-week)), half},
		{"confirmed later than the question", roadblock(t, "toll_post", "gang", "active", .8, noon.Add(week)), .8},
		{"from the start of its validity", since, half},
		{"less sure than the prior", roadblock(t, "toll_post", "gang", "active", .02, noon), .05},
		{"certain", roadblock(t, "toll_post", "gang", "active", 1, noon), .99},
		{"cleared", roadblock(t, "toll_post", "gang", "cleared", .8, noon), chance(2*logit(.05) - logit(.8))},
		{"disputed", roadblock(t, "toll_post", "gang", "disputed", .8, noon), half},
		{"of its own grade", version(t, "roadblocks", with(map[string]any{"reliability": "B", "credibility": int64(2), "last_confirmed_at": noon})), .68},
		{"of no grade", version(t, "roadblocks", with(map[string]any{"last_confirmed_at": noon})), .25},
		{"no date: as if new", version(t, "roadblocks", with(map[string]any{"confidence": .8})), .8},
		{"cleared at no date: long ago", version(t, "roadblocks", with(map[string]any{"confidence": .8, "state": "cleared"})), .05},
		{"a place", version(t, "places", map[string]any{"confidence": .8}), 0},
		{"nothing", nil, 0},
	} {
		if got := p.Credibility(c.v, noon); math.Abs(got-c.want) > hair {
			t.Errorf("%s: %.6f, not %.6f", c.name, got, c.want)
		}
	}
}

// What a single fresh report is worth lies near the confidence that the record
// gives it, so that the two figures do not contradict each other.
func TestFreshReportsAreWorthTheirConfidence(t *testing.T) {
	p := Default()
	for letter := range p.Grades.Reliability {
		for number := 1; number <= 6; number++ {
			confidence := geo.DefaultModel.Confidence(geo.Graded{Reliability: letter, Credibility: number})
			c := p.Fuse("toll", []Report{{At: noon, Reliability: letter, Credibility: number}}, noon)
			if math.Abs(c-confidence) > .1 {
				t.Errorf("%s%d: credibility %.2f, confidence %.2f", letter, number, c, confidence)
			}
		}
	}
}

func TestNews(t *testing.T) {
	p := Default()
	day := 24 * time.Hour
	for i, c := range []struct {
		v    *geo.Version
		news bool
	}{
		{roadblock(t, "toll_post", "gang", "active", .5, noon.Add(-13*day)), true},
		{roadblock(t, "toll_post", "gang", "active", .5, noon.Add(-14*day)), false},
		{roadblock(t, "toll_post", "gang", "cleared", .5, noon.Add(-13*day)), true},
		{roadblock(t, "toll_post", "gang", "archived", .5, noon), false},
		{roadblock(t, "toll_post", "gang", "false", .5, noon), false},
		{roadblock(t, "protest_block", "protesters", "active", .5, noon.Add(-2*day)), false},
		{roadblock(t, "toll_post", "gang", "active", .5, noon.Add(time.Minute)), false},
		{zone(t, "controlled", .5, noon.Add(-89*day)), true},
		{zone(t, "controlled", .5, noon.Add(-90*day)), false},
		{zone(t, "unknown", .5, noon), false},
		{version(t, "national-roads", map[string]any{"status": "open", "last_confirmed_at": noon.Add(-day)}), true},
		{version(t, "national-roads", map[string]any{"status": "unknown", "last_confirmed_at": noon}), false},
		{version(t, "roadblocks", map[string]any{"subtype": "flood", "state": "active"}), false},
		{version(t, "places", map[string]any{"last_confirmed_at": noon}), false},
		{nil, false},
	} {
		if got := p.News(c.v, noon); got != c.news {
			t.Errorf("%d: news %v", i, got)
		}
	}
}

func ExamplePolicy_Fuse() {
	p := Default()
	at := time.Date(2025, 11, 18, 6, 0, 0, 0, time.UTC)
	reports := []Report{
		{At: at.Add(-30 * time.Hour), Reliability: "B", Credibility: 2, Family: "transport union"},
		{At: at.Add(-20 * time.Hour), Reliability: "C", Credibility: 3, Family: "radio"},
		{At: at.Add(-2 * time.Hour), Reliability: "B", Credibility: 2, Family: "transport union", Clears: true},
	}
	fmt.Printf("%.2f, then cleared: %.2f\n", p.Fuse("toll", reports[:2], at), p.Fuse("toll", reports, at))
	// Output: 0.95, then cleared: 0.26
}
