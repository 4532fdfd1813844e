package coverage_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/data/haiti"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/world"
)

// register is a full record made for the test: how many there are of each, and
// how many of them are down, open or built.
type register struct {
	police, policeDown, policeDownOuest int
	prisons, prisonsDown                int
	courtsDown, schoolsDown             int
	official, officialClosed, irregular int
	bases, basesBuilt                   int
}

// theLetters is the record as the letter of 24 February 2025 gives it.
var theLetters = register{
	police: 412, policeDown: 67, policeDownOuest: 47, prisons: 21, prisonsDown: 7, courtsDown: 2, schoolsDown: 1000,
	official: 4, irregular: 80, bases: 12, basesBuilt: 3,
}

// versions makes the record: Ouest and Artibonite beside each other.
func (r register) versions(t fataler) []*geo.Version {
	out := []*geo.Version{
		admin(t, "HT01", "HT", 1, rectangle(-72.6, 18.4, -72.1, 18.8)), admin(t, "HT0111", "HT01", 2, rectangle(-72.6, 18.4, -72.1, 18.8)),
		admin(t, "HT05", "HT", 1, rectangle(-72.6, 19, -72.1, 19.4)), admin(t, "HT0531", "HT05", 2, rectangle(-72.6, 19, -72.1, 19.4)),
	}
	place := func(n int, ouest bool) orb.Point {
		at := orb.Point{-72.59 + 0.0004*float64(n), 18.5}
		if !ouest {
			at[1] = 19.2
		}
		return at
	}
	working := func(works bool) string {
		if works {
			return "full"
		}
		return "none"
	}
	for n := range r.police {
		at := place(n, n < r.policeDownOuest || n >= r.policeDown)
		out = append(out, feature(t, "police-facilities", n, at, worth(isHigh, map[string]any{"facility_type": "police_commissariat", "functional": working(n >= r.policeDown)})))
	}
	number := 0
	facility := func(kind string, works bool, attributes string) {
		number++
		out = append(out, feature(t, "facilities", number, place(number%1000, true), worth(isHigh, map[string]any{
			"facility_type": kind, "functional": working(works), "attributes": json.RawMessage(attributes),
		})))
	}
	for n := range r.prisons {
		facility("prison", n >= r.prisonsDown, `{}`)
	}
	for range r.courtsDown {
		facility("court_tpi", false, `{}`)
	}
	for range r.schoolsDown {
		facility("school", false, `{}`)
	}
	for n := range r.official {
		facility("border_crossing", n >= r.officialClosed, `{"official":true}`)
	}
	for range r.irregular {
		facility("border_crossing", true, `{"official":false}`)
	}
	for n := range r.bases {
		stage := "planned"
		if n < r.basesBuilt {
			stage = "built"
		}
		facility("fob", true, fmt.Sprintf(`{"stage":%q}`, stage))
	}
	return out
}

func objectives(t *testing.T, w *world.World) *coverage.Objectives {
	t.Helper()
	baselines, err := haiti.Baselines()
	if err != nil {
		t.Fatal(err)
	}
	o, err := coverage.NewEngine(coverage.Options{Baselines: baselines, Ways: land{}}).Objectives(testContext, coverage.Question{World: w, At: now})
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func reading(t *testing.T, o *coverage.Objectives, id string) coverage.Reading {
	t.Helper()
	for _, r := range o.Readings {
		if r.ID == id {
			return r
		}
	}
	t.Fatalf("no reading of %s", id)
	return coverage.Reading{}
}

// The letter's figures come out of the letter's numbers, and a full record of
// the same is level with them.
func TestTheLettersBaselines(t *testing.T) {
	o := objectives(t, worldOf(geo.Security, theLetters.versions(t)...))
	for id, want := range map[string][2]string{
		"police_facilities_not_functional": {"67/412 = 16.3 %", "67/412 = 16,3\u00a0%"},
		"police_not_functional_ouest":      {"≈ 70 % (≈ 47/67)", "≈ 70\u00a0% (≈ 47/67)"},
		"prisons_out_of_service":           {"7/21 = 33.3 %", "7/21 = 33,3\u00a0%"},
		"mission_bases_built":              {"3/12 = 25.0 %", "3/12 = 25,0\u00a0%"},
		"border_crossings_official":        {"4/80+", "4/80+"},
		"border_crossings_irregular":       {"80+", "80+"},
		"courts_not_operating":             {"2", "2"},
		"schools_closed":                   {"1,000+", "1\u202f000+"},
	} {
		r := reading(t, o, id)
		if r.Text.English != want[0] || r.Text.French != want[1] || r.Text.Haitian != want[1] || r.Comparison.Text != want[0] {
			t.Errorf("%s: %q, %q, want %q", id, r.Text.English, r.Text.French, want)
		}
		if r.Comparison.Arrow != coverage.ArrowLevel || r.Status != coverage.Assessed || r.Whole == nil {
			t.Errorf("%s: %s, arrow %s, %+v, note %v", id, r.Status, r.Comparison.Arrow, r.Amount, r.Note)
		}
		if r.Comparison.Date == "" || r.Comparison.Source == "" {
			t.Errorf("%s: %+v", id, r.Comparison)
		}
	}
	if r := reading(t, o, "police_facilities_not_functional"); *r.Amount != coverage.Exactly(67) || r.N != 412 || len(r.IDs) != 67 || r.Present == nil || r.Present.English != "67/412 = 16.3 %" {
		t.Errorf("%+v", r)
	}
	if r := reading(t, o, "police_not_functional_ouest"); r.Share == nil || coverage.FormatPercent(r.Share.Central, 1, "en") != "70.1 %" {
		t.Errorf("%+v", r)
	}
}

func TestWorseAndBetterFlipTheArrows(t *testing.T) {
	worse, better := theLetters, theLetters
	worse.policeDown, worse.policeDownOuest, worse.prisonsDown, worse.courtsDown, worse.schoolsDown = 120, 110, 12, 5, 1400
	worse.officialClosed, worse.irregular, worse.basesBuilt = 2, 120, 1
	better.policeDown, better.policeDownOuest, better.prisonsDown, better.courtsDown, better.schoolsDown = 40, 20, 2, 1, 300
	better.official, better.irregular, better.basesBuilt = 6, 30, 9
	wanted := map[string][2]string{
		"police_facilities_not_functional": {"up", "down"},
		"police_not_functional_ouest":      {"up", "down"},
		"prisons_out_of_service":           {"up", "down"},
		"border_crossings_official":        {"down", "up"},
		"mission_bases_built":              {"down", "up"},
		// The letter gives no total of these: fewer on record may be less known.
		"courts_not_operating":       {"up", "unknown"},
		"schools_closed":             {"up", "unknown"},
		"border_crossings_irregular": {"up", "unknown"},
	}
	for k, r := range []register{worse, better} {
		o := objectives(t, worldOf(geo.Security, r.versions(t)...))
		for id, arrows := range wanted {
			if r := reading(t, o, id); r.Comparison.Arrow != arrows[k] {
				t.Errorf("%s: arrow %s, want %s: %+v", id, r.Comparison.Arrow, arrows[k], r.Amount)
			} else if arrows[k] == "unknown" && r.Note == nil {
				t.Errorf("%s: no word on why", id)
			}
		}
	}
}

// Twelve of 412 are a sample, whatever is down among them; and a record of most
// says only what it can.
func TestSamplesHaveNoArrow(t *testing.T) {
	sample := theLetters
	sample.police, sample.policeDown, sample.policeDownOuest = 12, 12, 10
	r := reading(t, objectives(t, worldOf(geo.Security, sample.versions(t)...)), "police_facilities_not_functional")
	if r.Comparison.Arrow != coverage.ArrowUnknown || r.Note == nil || r.Note.English != "Sample of 12 of 412." || r.Note.French != "Échantillon de 12 sur 412." {
		t.Errorf("%+v, %v", r.Comparison, r.Note)
	}
	if r := reading(t, objectives(t, worldOf(geo.Security, sample.versions(t)...)), "police_not_functional_ouest"); r.Comparison.Arrow != coverage.ArrowUnknown || r.Note == nil {
		t.Errorf("%+v", r)
	}
	for down, want := range map[int]string{67: "unknown", 40: "down", 68: "up"} { // 400 of 412: twelve may be anything
		most := theLetters
		most.police, most.policeDown, most.policeDownOuest = 400, down, 20
		if r := reading(t, objectives(t, worldOf(geo.Security, most.versions(t)...)), "police_facilities_not_functional"); r.Comparison.Arrow != want {
			t.Errorf("%d of 400: %s, want %s", down, r.Comparison.Arrow, want)
		}
	}
}

func TestUnknownBelongsToTheMost(t *testing.T) {
	versions := theLetters.versions(t)
	for k, v := range versions {
		if v.Layer.Name == "police-facilities" && v.Text("functional") == "full" {
			versions[k] = feature(t, "police-facilities", 100_000, v.Geometry, worth(isHigh, map[string]any{"facility_type": "police_commissariat", "functional": "unknown"}))
			break
		}
	}
	r := reading(t, objectives(t, worldOf(geo.Security, versions...)), "police_facilities_not_functional")
	if *r.Amount != (coverage.Range{Low: 67, Central: 67, High: 68}) || r.Comparison.Arrow != coverage.ArrowUnknown {
		t.Errorf("%+v, arrow %s", r.Amount, r.Comparison.Arrow)
	}
}

// Forward bases are told to security and operations alone: for the others
// nothing differs between a record with them and one without.
func TestForwardBasesAreKeptFromOthers(t *testing.T) {
	without := theLetters
	without.bases = 0
	for _, audience := range geo.Audiences() {
		with, less := objectives(t, worldOf(audience, theLetters.versions(t)...)), objectives(t, worldOf(audience, without.versions(t)...))
		a, err := json.Marshal([]any{with.Objectives, reading(t, with, "mission_bases_built")})
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.Marshal([]any{less.Objectives, reading(t, less, "mission_bases_built")})
		if err != nil {
			t.Fatal(err)
		}
		if told := audience == geo.Security || audience == geo.Operations; told == (string(a) == string(b)) {
			t.Errorf("%s: %s", audience, a)
		}
		if r := reading(t, with, "mission_bases_built"); (audience == geo.Public || audience == geo.Humanitarian) && (r.Status != coverage.NotMeasured || r.N != 0 || len(r.IDs) != 0 || r.Comparison.Arrow != coverage.ArrowUnknown) {
			t.Errorf("%s: %+v", audience, r)
		}
	}
}

func TestReadingsWithheld(t *testing.T) {
	versions := theLetters.versions(t)
	hum, public := objectives(t, worldOf(geo.Humanitarian, versions...)), objectives(t, worldOf(geo.Public, versions...))
	if r := reading(t, hum, "police_facilities_not_functional"); r.Status != coverage.Withheld || r.Amount != nil || r.N != 0 || r.Comparison.Arrow != coverage.ArrowUnknown || r.Text.English != "67/412 = 16.3 %" {
		t.Errorf("%+v", r)
	}
	if r := reading(t, hum, "prisons_out_of_service"); r.Status != coverage.Assessed {
		t.Errorf("%+v", r)
	}
	for _, r := range public.Readings {
		if r.Status == coverage.Assessed || r.Amount != nil || r.N != 0 || len(r.IDs) != 0 {
			t.Errorf("the public is told %+v", r)
		}
	}
	for _, o := range public.Objectives {
		for _, f := range slices.Concat(o.Headline, o.Support) {
			if f.Value.Amount != nil {
				t.Errorf("(%s): the public is told %+v", o.Letter, f.Value)
			}
		}
	}
}

func TestObjectives(t *testing.T) {
	versions := append(theLetters.versions(t), zone(t, 1, "controlled", isHigh, rectangle(-72.6, 18.4, -72.35, 18.8)),
		port(t, 1, orb.Point{-72.3, 18.5}, "full", isHigh))
	o := objectives(t, worldOf(geo.Security, versions...))
	var letters []string
	for _, one := range o.Objectives {
		letters = append(letters, one.Letter)
		for _, text := range []string{one.Text.French, one.Text.Haitian, one.Text.English} {
			if text == "" || strings.Contains(strings.ToLower(text), "safe") {
				t.Errorf("(%s): %q", one.Letter, text)
			}
		}
		if one.Status == coverage.NotMeasured && one.Note == nil {
			t.Errorf("(%s) is not measured and does not say so", one.Letter)
		}
	}
	if !slices.Equal(letters, []string{"a", "b", "c", "d", "e", "f"}) {
		t.Errorf("%v", letters)
	}
	a, d, f := o.Objectives[0], o.Objectives[3], o.Objectives[5]
	if a.Wanted != "down" || a.Status != coverage.Assessed || len(a.Headline) != 2 || a.Headline[0].Value.Area != "ZMPP-urban" || a.Headline[1].Value.Area != "lower-artibonite" {
		t.Errorf("(a): %+v", a)
	}
	if v := a.Headline[0].Value; v.Indicator != "T1" || v.Share == nil || v.Share.Central < 0.49 || v.Share.Central > 0.51 {
		t.Errorf("(a): %+v", v)
	}
	if v := a.Support[0].Value; v.Indicator != "C1" || v.Of["total"] != "under_control" {
		t.Errorf("(a): %+v", v)
	}
	if d.Status != coverage.NotMeasured || d.Note.English != "Not measured here." || len(d.Headline) != 0 {
		t.Errorf("(d): %+v", d)
	}
	if b := f.Headline[0].Value.Baseline; b == nil || b.Value != 4 {
		t.Errorf("(f): %+v", f.Headline)
	}
	if len(d.Support) == 0 || d.Support[0].Value.Indicator != "V3" {
		t.Errorf("(d): %+v", d.Support)
	}
	for _, one := range o.Objectives {
		for _, f := range slices.Concat(one.Headline, one.Support) {
			if _, known := coverage.IndicatorByCode(f.Value.Indicator); !known && (f.Value.Status != coverage.NotMeasured || f.Value.Note == nil || f.Value.Amount != nil) {
				t.Errorf("(%s): %+v", one.Letter, f.Value)
			}
			if f.Value.Status == coverage.Assessed && f.Value.Amount == nil {
				t.Errorf("(%s): no amount: %+v", one.Letter, f.Value)
			}
		}
	}
	for _, one := range objectives(t, worldOf(geo.Operations, versions...)).Objectives {
		if slices.ContainsFunc(one.Support, func(f coverage.Figure) bool { return f.Value.Indicator == "V3" }) {
			t.Error("operations are told of V3")
		}
	}
	if o.Revision != 7 || o.Audience != "sec" || o.Datetime != "2025-03-12T12:00:00Z" {
		t.Errorf("%+v", o)
	}
	if r := reading(t, o, "displaced"); r.Status != coverage.NotMeasured || r.Text.English != "1,000,000+" || r.Note == nil {
		t.Errorf("%+v", r)
	}
	if slices.ContainsFunc(o.Readings, func(r coverage.Reading) bool { return r.ID == "police_facilities" }) {
		t.Error("the whole is listed beside its part")
	}
}

// Without a record every objective says that it is not measured.
func TestObjectivesOfNothing(t *testing.T) {
	o := objectives(t, worldOf(geo.Security))
	for _, one := range o.Objectives {
		if one.Status != coverage.NotMeasured || one.Note == nil {
			t.Errorf("%+v", one)
		}
	}
	for _, r := range o.Readings {
		if r.Status == coverage.Assessed || r.Comparison.Arrow != coverage.ArrowUnknown {
			t.Errorf("%+v", r)
		}
	}
	if _, err := coverage.NewEngine(coverage.Options{}).Objectives(testContext, coverage.Question{World: worldOf(geo.Security), At: time.Time{}}); geo.CodeOf(err) != geo.CodeInvalid {
		t.Errorf("%v", err)
	}
}

func TestHealthSharesAreASample(t *testing.T) {
	versions := theLetters.versions(t)
	for n, functional := range []string{"full", "full", "partial", "none", "none"} {
		versions = append(versions, feature(t, "facilities", 10_000+n, orb.Point{-72.3, 18.5}, worth(isHigh, map[string]any{
			"facility_type": "hospital", "functional": functional, "status_reason": []string{"", "", "", "security", "flooded"}[n],
		})))
	}
	o := objectives(t, worldOf(geo.Humanitarian, versions...))
	for id, want := range map[string]float64{
		"health_full_nation": .4, "health_closed_nation": .4, "health_reduced_nation": .2, "health_open_metro": .6, "health_closed_security_metro": .2,
	} {
		if r := reading(t, o, id); r.Share == nil || *r.Share != coverage.Exactly(want) || r.Comparison.Arrow != coverage.ArrowUnknown || r.Note == nil || r.N != 5 {
			t.Errorf("%s: %v, want %v", id, r.Share, want)
		}
	}
}
