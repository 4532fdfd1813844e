package haiti

import (
	"encoding/json"
	"math"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/data/format"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

func changes(t *testing.T) map[string][]geo.Change {
	t.Helper()
	batches, err := Batches()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]geo.Change{}
	for _, b := range batches {
		if b.Author != Author || b.Reason == "" || b.Once == nil {
			t.Errorf("batch %q: author %v, guard %v", b.Reason, b.Author, b.Once)
		}
		for _, c := range b.Changes {
			out[c.Layer.Name] = append(out[c.Layer.Name], c)
		}
	}
	return out
}

func TestCounts(t *testing.T) {
	all := changes(t)
	want := map[string]int{
		"admin-areas": 150, "sources": 64, "observations": 48, "armed-groups": 34, "group-memberships": 19,
		"places": 98, "ports": 15, "airports": 6, "facilities": 28, "police-facilities": 12, "national-roads": 56,
		"controlled-zones": 32, "roadblocks": 27, "incidents": 29,
	}
	for layer, list := range all {
		ids := map[uuid.UUID]bool{}
		for _, c := range list {
			ids[c.ID] = true
		}
		if len(ids) != want[layer] {
			t.Errorf("%s: %d features, want %d", layer, len(ids), want[layer])
		}
	}
	if len(all) != len(want) {
		t.Errorf("%d layers, want %d", len(all), len(want))
	}
	levels := map[any]int{}
	for _, c := range all["admin-areas"] {
		levels[c.Draft.Get(c.Layer, "level")]++
	}
	if levels[int64(1)] != 10 || levels[int64(2)] != 140 {
		t.Errorf("levels %v, want 10 departments and 140 communes", levels)
	}
	tolls := 0
	for _, c := range all["observations"] {
		if code, _ := c.Draft.Get(c.Layer, "code").(string); strings.HasPrefix(code, "obs-toll-") {
			tolls++
		}
	}
	if tolls != 21 {
		t.Errorf("%d toll posts observed, want 21", tolls)
	}
}

func TestLoadingIsRepeatable(t *testing.T) {
	first, err := Batches()
	if err != nil {
		t.Fatal(err)
	}
	second, err := Batches()
	if err != nil {
		t.Fatal(err)
	}
	for i := range first {
		if *first[i].Once != *second[i].Once {
			t.Errorf("%s: digests differ between two loads", first[i].Reason)
		}
	}
}

// Every change holds together: a valid geometry, a timeline that Revise takes,
// references that lead somewhere.
func TestChangesStand(t *testing.T) {
	all := changes(t)
	ids := map[string]bool{}
	for layer, list := range all {
		for _, c := range list {
			ids[layer+"/"+c.ID.String()] = true
		}
	}
	groups := map[string]bool{}
	for _, c := range all["armed-groups"] {
		id, _ := c.Draft.Get(c.Layer, "group_id").(string)
		groups[id] = true
	}
	for layer, list := range all {
		timelines := map[uuid.UUID][]geo.State{}
		for _, c := range list {
			code := c.Draft.Get(c.Layer, "code")
			if c.Draft.Geometry != nil {
				if err := overlay.Validate(c.Draft.Geometry); err != nil {
					t.Errorf("%s %v: %v", layer, code, err)
				}
			}
			states, err := geo.Revise(timelines[c.ID], c, Author.Audience, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
			if err != nil {
				t.Errorf("%s %v: %v", layer, code, err)
			}
			timelines[c.ID] = states
			for name, in := range map[string]string{"source_ids": "sources", "observation_ids": "observations"} {
				list, _ := c.Draft.Get(c.Layer, name).([]string)
				for _, id := range list {
					if !ids[in+"/"+id] {
						t.Errorf("%s %v: %s names %s, which is not there", layer, code, name, id)
					}
				}
			}
			for _, name := range []string{"group_id", "coalition_id", "occupied_by"} {
				if id, _ := c.Draft.Get(c.Layer, name).(string); id != "" && !groups[id] {
					t.Errorf("%s %v: no group %q", layer, code, id)
				}
			}
			var holders []geo.Holder
			if raw, ok := c.Draft.Get(c.Layer, "holders").(json.RawMessage); ok {
				if err := json.Unmarshal(raw, &holders); err != nil {
					t.Error(err)
				}
			}
			for _, h := range holders {
				if !groups[h.Group] {
					t.Errorf("%s %v: no group %q", layer, code, h.Group)
				}
			}
			var claims []geo.Claim
			if raw, ok := c.Draft.Get(c.Layer, "claims").(json.RawMessage); ok {
				if err := json.Unmarshal(raw, &claims); err != nil {
					t.Error(err)
				}
			}
			for _, claim := range claims {
				if claim.FeatureID != "" && !ids[claim.Collection+"/"+claim.FeatureID] {
					t.Errorf("%s %v: claims of %s %s, which is not there", layer, code, claim.Collection, claim.FeatureID)
				}
			}
		}
	}
}

func TestDemonstrationIsMarkedAndReferenced(t *testing.T) {
	from, to := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	for layer, list := range changes(t) {
		for _, c := range list {
			demonstration := c.Draft.Get(c.Layer, "demonstration") == true
			code := c.Draft.Get(c.Layer, "code")
			switch layer {
			case "controlled-zones", "roadblocks", "incidents":
				if !demonstration {
					t.Errorf("%s %v is not marked as demonstration", layer, code)
				}
			case "national-roads":
				if status := c.Draft.Get(c.Layer, "status"); status != "unknown" && !demonstration {
					t.Errorf("%s %v: status %v is not marked as demonstration", layer, code, status)
				}
			default:
				if demonstration {
					t.Errorf("%s %v is marked as demonstration", layer, code)
				}
			}
			if !demonstration {
				continue
			}
			if refs, _ := c.Draft.Get(c.Layer, "references").([]string); len(refs) == 0 {
				t.Errorf("%s %v has no reference", layer, code)
			}
			if c.Draft.From.Before(from) || !c.Draft.From.Before(to) {
				t.Errorf("%s %v begins %s, outside 2021 to 2025", layer, code, c.Draft.From)
			}
			confirmed, _ := c.Draft.Get(c.Layer, "last_confirmed_at").(time.Time)
			if confirmed.Before(c.Draft.From) || !c.Draft.To.IsZero() && confirmed.After(c.Draft.To) {
				t.Errorf("%s %v: confirmed %s outside its state from %s", layer, code, confirmed, c.Draft.From)
			}
			if layer == "controlled-zones" && (c.Draft.Get(c.Layer, "claim_level") != "claimed" || c.Draft.Get(c.Layer, "boundary_quality") != "buffer") {
				t.Errorf("%s %v: not a claimed buffer", layer, code)
			}
		}
	}
}

// What could hurt somebody is not in the snapshot, and what is in it reaches
// the audiences that it should.
func TestHandling(t *testing.T) {
	forbiddenTypes := map[any]bool{"fob": true, "helipad": true, "idp_site": true, "airstrip": true}
	unsayable := regexp.MustCompile(`(?i)\bsafe\b`)
	phone := regexp.MustCompile(`509[ -]?\d{4}[ -]?\d{4}|\b[2-5]\d{3}[ -]\d{4}\b`)
	reaches := map[string][4]bool{ // public, hum, sec, ops
		"admin-areas": {true, true, true, true}, "places": {true, true, true, true}, "ports": {true, true, true, true},
		"airports": {true, true, true, true}, "facilities": {true, true, true, true}, "national-roads": {true, true, true, true},
		"armed-groups": {true, true, true, true}, "group-memberships": {true, true, true, true},
		"police-facilities": {false, true, true, true}, "controlled-zones": {false, true, true, false},
		"roadblocks": {false, true, true, false}, "incidents": {false, true, true, false},
		"observations": {false, false, true, false}, "sources": {false, true, true, false},
	}
	for layer, list := range changes(t) {
		for _, c := range list {
			code := c.Draft.Get(c.Layer, "code")
			if forbiddenTypes[c.Draft.Get(c.Layer, "facility_type")] || c.Draft.Get(c.Layer, "protection_class") == "GBV" || c.Draft.Get(c.Layer, "protection_class") == "child" {
				t.Errorf("%s %v is not to be bundled", layer, code)
			}
			class, _ := c.Draft.Get(c.Layer, "sensitivity").(string)
			compartment, _ := c.Draft.Get(c.Layer, "compartment").(string)
			police := c.Draft.Get(c.Layer, "subtype") == "police_checkpoint"
			if police && class != "severe" {
				t.Errorf("%s %v: a police block is severe", layer, code)
			}
			for _, a := range geo.Audiences() {
				want := reaches[layer][a]
				if police {
					want = a == geo.Security || a == geo.Operations
				}
				if got := geo.ReachOf(a).Sees(geo.Compartment(compartment), geo.Class(class)); got != want {
					t.Errorf("%s %v (%s, %s): seen by %s is %v, want %v", layer, code, class, compartment, a, got, want)
				}
			}
			for _, value := range c.Draft.Values {
				text, _ := value.(string)
				if unsayable.MatchString(text) || phone.MatchString(text) {
					t.Errorf("%s %v: %s", layer, code, text)
				}
			}
		}
	}
}

// The snapshot passes the checks that every import passes, and the communes it
// names are the ones its points lie in.
func TestPassesTheImportChecks(t *testing.T) {
	s, err := newSnapshot()
	if err != nil {
		t.Fatal(err)
	}
	checker := format.Checker{Communes: s.communes, Now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
	for layer, list := range changes(t) {
		checker.Layer = list[0].Layer
		rows := func(yield func(format.Row, error) bool) {
			for i, c := range list {
				id, _ := c.Draft.Get(c.Layer, "code").(string)
				if !yield(format.Row{Number: i + 1, ID: id, Draft: c.Draft}, nil) {
					return
				}
			}
		}
		if _, err := format.Check(rows, checker); err != nil {
			t.Errorf("%s: %v", layer, err)
		}
	}
}

func TestDepartmentsAreTheirCommunes(t *testing.T) {
	departments, communes := map[string]float64{}, map[string]float64{}
	population := int64(0)
	for _, c := range changes(t)["admin-areas"] {
		pcode, _ := c.Draft.Get(c.Layer, "pcode").(string)
		area := measure.AreaM2(c.Draft.Geometry)
		published, _ := c.Draft.Get(c.Layer, "area_km2").(float64)
		if math.Abs(area/1e6-published) > 0.1*published+1 {
			t.Errorf("%s: outline of %.1f km², published %.1f", pcode, area/1e6, published)
		}
		if len(pcode) == 4 {
			departments[pcode] = area
			n, _ := c.Draft.Get(c.Layer, "population").(int64)
			population += n
			for _, polygon := range c.Draft.Geometry.(orb.MultiPolygon) {
				if len(polygon) > 1 {
					t.Errorf("%s has a hole", pcode)
				}
			}
			continue
		}
		communes[pcode[:4]] += area
	}
	for pcode, area := range departments {
		if math.Abs(area-communes[pcode]) > 1e-6*area {
			t.Errorf("%s: %.0f m², its communes %.0f m²", pcode, area, communes[pcode])
		}
	}
	if population != 10_911_819 {
		t.Errorf("population %d, want 10911819", population)
	}
}

func TestBaselines(t *testing.T) {
	list, err := Baselines()
	if err != nil {
		t.Fatal(err)
	}
	byName := map[string]coverage.Baseline{}
	for _, b := range list {
		if _, twice := byName[b.Indicator]; twice {
			t.Errorf("%s is there twice", b.Indicator)
		}
		byName[b.Indicator] = b
		switch b.Qualifier {
		case coverage.ExactlyThat, coverage.About, coverage.AtLeast, coverage.MoreThan, coverage.FewerThan:
		default:
			t.Errorf("%s: qualifier %q", b.Indicator, b.Qualifier)
		}
		if strings.HasPrefix(b.Unit, "%") && !strings.HasPrefix(b.Unit, "% of ") {
			t.Errorf("%s: %q names no denominator", b.Indicator, b.Unit)
		}
		if b.Label.French == "" || b.Label.Haitian == "" || b.Label.English == "" || b.Source == "" || b.Date.IsZero() {
			t.Errorf("%s is not complete: %+v", b.Indicator, b)
		}
	}
	for name, want := range map[string]float64{
		"police_facilities": 412, "police_facilities_not_functional": 67, "prisons": 21, "prisons_out_of_service": 7,
		"border_crossings_official": 4, "killed_total": 5601, "displaced": 1e6, "mission_bases_built": 3,
	} {
		if byName[name].Value != want {
			t.Errorf("%s is %v, want %v", name, byName[name].Value, want)
		}
	}
}
