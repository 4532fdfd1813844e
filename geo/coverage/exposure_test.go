package coverage_test

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/isolation"
	"pasaj/geo/world"
)

// exposed answers and gives the JSON as well.
func exposed(t fataler, w *world.World, ways coverage.Ways, q coverage.Question) (*coverage.Exposure, string) {
	t.Helper()
	q.World, q.At = w, now
	answer, err := coverage.NewEngine(coverage.Options{Ways: ways}).Exposure(testContext, q)
	if err != nil {
		t.Fatalf("exposure: %v", err)
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return answer, string(raw)
}

func exposedVersions(t fataler) []*geo.Version {
	return []*geo.Version{
		admin(t, "HT0111", "HT01", 2, strip(0, 1)),
		zone(t, 1, "controlled", isHigh, strip(0, 0.3)), zone(t, 2, "contested", isMedium, strip(0.2, 0.5)),
		installation(t, "police-facilities", 1, "police_departmental_directorate", "full", isHigh, spot(.9, .9), nil),
		installation(t, "police-facilities", 2, "police_antenne", "full", isHigh, spot(.1, .5), map[string]any{"name_fr": "Antenne coupée"}),
		installation(t, "facilities", 3, "hospital", "partial", isMedium, spot(.4, .5), nil),
		installation(t, "facilities", 4, "hospital", "none", isHigh, spot(.6, .5), nil),
		installation(t, "facilities", 5, "school", "full", isHigh, spot(.6, .5), nil),
		installation(t, "ports", 6, "port", "full", isHigh, spot(.1, .9), nil),
		installation(t, "airports", 7, "airport", "full", isHigh, spot(.7, .7), nil),
		feature(t, "places", 8, spot(.8, .8), map[string]any{"place_kind": "town", "name_fr": "Chef-lieu"}),
	}
}

// cutWays remembers for whom a way was looked for, and where to.
func cutWays(asked map[string]orb.Point) drawnWays {
	return drawnWays{connection: func(vehicle, profile string, hubs []orb.Point, place orb.Point) isolation.Status {
		asked[vehicle+" "+profile] = hubs[0]
		switch place {
		case spot(.1, .5):
			return isolation.Closed
		case spot(.4, .5):
			return isolation.Unknown
		}
		return isolation.Restricted
	}}
}

func TestExposureByHand(t *testing.T) {
	asked := map[string]orb.Point{}
	w := roadedWorld(t, geo.Security, exposedVersions(t)...)
	answer, raw := exposed(t, w, cutWays(asked), coverage.Question{})
	if len(answer.Areas) != 1 || answer.Areas[0].ID != coverage.Country || answer.Areas[0].Status != coverage.Assessed {
		t.Fatalf("without areas it is the country: %s", raw)
	}
	a := answer.Areas[0]
	var types []string
	for _, one := range a.Types {
		types = append(types, one.Layer+"/"+one.FacilityType)
		central, working := 0, 0
		for _, c := range one.Contexts {
			central += c.Central
			if len(c.IDs) != c.High {
				t.Errorf("%s %v", one.FacilityType, c)
			}
		}
		for _, c := range one.Functional {
			working += c.Central
		}
		if central != one.N || working != one.N {
			t.Errorf("%s: contexts add up to %d and states to %d of %d", one.FacilityType, central, working, one.N)
		}
	}
	if want := []string{"facilities/hospital", "facilities/school", "ports/port", "airports/airport", "police-facilities/police_antenne", "police-facilities/police_departmental_directorate"}; !slices.Equal(types, want) {
		t.Errorf("types %v, want %v", types, want)
	}
	hospitals := a.Types[0]
	if c := hospitals.Contexts[0]; c.Of != "contested" || c.Low != 0 || c.Central != 1 || c.High != 1 {
		t.Errorf("hospitals on contested ground: %+v", c)
	}
	if want := map[string]orb.Point{
		"car police_isolated_check": spot(.9, .9), "ambulance ambulance": spot(.8, .8), "truck_20t humanitarian_cargo": spot(.8, .8), "car light_mission": spot(.8, .8),
	}; len(asked) != len(want) {
		t.Errorf("asked %v, want %v", asked, want)
	} else {
		for who, to := range want {
			if asked[who] != to {
				t.Errorf("%s was sent to %v, want %v", who, asked[who], to)
			}
		}
	}
	cut := a.CutOff
	if cut.Status != coverage.Assessed || cut.Looked != 4 || len(cut.Facilities) != 2 {
		t.Fatalf("cut off: %+v", cut)
	}
	if f := cut.Facilities[0]; f.FacilityType != "police_antenne" || f.Connection != "closed" || f.ControlContext != "controlled" || f.Commune != "HT0111" ||
		f.Name.French != "Antenne coupée" || f.Functional != "full" || f.Confidence != .9 || f.Geometry == nil || f.Geometry.Coordinates != spot(.1, .5) {
		t.Errorf("%+v", f)
	}
	if f := cut.Facilities[1]; f.FacilityType != "hospital" || f.Connection != "unknown" || f.ControlContext != "contested" || f.Vehicle != "ambulance" {
		t.Errorf("%+v", f)
	}
	for range 3 {
		if _, again := exposed(t, w, cutWays(asked), coverage.Question{}); again != raw {
			t.Fatalf("%s\nis not\n%s", again, raw)
		}
	}
	if a, _ := exposed(t, worldOf(geo.Security, exposedVersions(t)...), nil, coverage.Question{}); a.Areas[0].CutOff.Status != coverage.NotMeasured || a.Areas[0].CutOff.Facilities != nil {
		t.Errorf("without a network: %+v", a.Areas[0].CutOff)
	}
}

func TestExposureWithheld(t *testing.T) {
	_, public := exposed(t, roadedWorld(t, geo.Public, exposedVersions(t)...), cutWays(map[string]orb.Point{}), coverage.Question{Areas: []string{"HT0111", "HT"}})
	for _, v := range exposedVersions(t)[1:] {
		if strings.Contains(public, v.ID.String()) {
			t.Errorf("the public is told of %s: %s", v.ID, public)
		}
	}
	for _, word := range []string{"police", "hospital", "controlled\"", "full", "\"n\"", "coordinates"} {
		if strings.Contains(public, word) {
			t.Errorf("the public is told %s: %s", word, public)
		}
	}
	if strings.Count(public, `"status":"withheld"`) != 4 {
		t.Errorf("areas and lists are withheld: %s", public)
	}
	// Humanitarians are told where police stands, not whether it works.
	answer, raw := exposed(t, roadedWorld(t, geo.Humanitarian, exposedVersions(t)...), cutWays(map[string]orb.Point{}), coverage.Question{})
	for _, one := range answer.Areas[0].Types {
		if hidden := one.Functional == nil; hidden != (one.Layer == "police-facilities") || len(one.Contexts) == 0 {
			t.Errorf("%+v", one)
		}
	}
	cut := answer.Areas[0].CutOff
	if len(cut.Facilities) != 1 || cut.Facilities[0].Layer != "facilities" || cut.Note == nil || !strings.Contains(cut.Note.English, "police-facilities") {
		t.Errorf("cut off: %s", raw)
	}
}

func TestExposureRefuses(t *testing.T) {
	w := worldOf(geo.Security, exposedVersions(t)...)
	engine := coverage.NewEngine(coverage.Options{})
	for name, q := range map[string]coverage.Question{
		"no such area": {World: w, At: now, Areas: []string{"HT99"}}, "no instant": {World: w}, "no such level": {World: w, At: now, Level: "world"},
	} {
		if _, err := engine.Exposure(testContext, q); geo.CodeOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// BenchmarkExposedFacilities is 5,000 facilities under 300 zones of 200
// vertices in 140 communes, for the country.
func BenchmarkExposedFacilities(b *testing.B) {
	random := rand.New(rand.NewPCG(7, 7))
	communes := madeCommunes(random, 14, 10, 50)
	versions := outlineVersions(b, communes)
	for i, z := range randomZones(b, random, communes, 300) {
		versions = append(versions, zone(b, i, geo.ControlPrecedence[z.control], z.worth, z.area))
	}
	box := orb.Bound{Min: orb.Point{180, 90}, Max: orb.Point{-180, -90}}
	for _, c := range communes {
		box = box.Union(c.area.Bound())
	}
	for i := range 5000 {
		p := orb.Point{box.Min[0] + random.Float64()*(box.Max[0]-box.Min[0]), box.Min[1] + random.Float64()*(box.Max[1]-box.Min[1])}
		versions = append(versions, installation(b, "facilities", i, "school", "full", isHigh, p, nil))
	}
	w := worldOf(geo.Security, versions...)
	engine := coverage.NewEngine(coverage.Options{})
	before := ownCPU(b)
	for b.Loop() {
		if _, err := engine.Exposure(testContext, coverage.Question{World: w, At: now}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}
