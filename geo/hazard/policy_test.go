package hazard

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/road"
)

var update = flag.Bool("update", false, "write the golden files")

func written(t interface{ Fatal(...any) }, p *Policy) []byte {
	raw, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	return append(raw, '\n')
}

func TestDefaultAsFile(t *testing.T) {
	const name = "testdata/policy.json"
	raw := written(t, Default())
	if *update {
		if err := os.WriteFile(name, raw, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(raw, want) {
		t.Fatalf("the default policy differs from %s: a change of figures needs a new version, then -update", name)
	}
	for _, text := range [][]byte{want, []byte("{}"), []byte(` { } `)} {
		p, err := ParsePolicy(text)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, Default()) {
			t.Errorf("%.20s reads as another policy than the default", text)
		}
	}
}

func TestDefaultNamesTheWholeDomain(t *testing.T) {
	p := Default()
	if err := p.Check(); err != nil {
		t.Fatal(err)
	}
	controls := append(values(geo.ControlTypes), Unassessed)
	sameNames(t, "vehicles", keysOf(p.Vehicles), values(geo.VehicleClasses)...)
	sameNames(t, "profiles", keysOf(p.Profiles), values(geo.Profiles)...)
	sameNames(t, "zone_per_km", keysOf(p.Zones), values(geo.ControlTypes)...)
	sameNames(t, "unknown_per_km", keysOf(p.Unknown), controls...)
	sameNames(t, "subtypes", keysOf(p.Roadblocks.Subtypes), property("roadblocks", "subtype")...)
	sameNames(t, "actors", keysOf(p.Roadblocks.Actors), property("roadblocks", "actor_type")...)
	sameNames(t, "car_kmh", keysOf(p.Roads.CarKmh), road.Classes()...)
	sameNames(t, "risk_share", keysOf(p.Roads.RiskShare), road.Classes()...)
	sameNames(t, "bands", map[string]bool{Low: true, Guarded: true, High: true, Severe: true, Unknown: true}, values(BandWords)...)
	for name, profile := range p.Profiles {
		sameNames(t, name+" exposure", keysOf(profile.Exposure), controls...)
		sameNames(t, name+" crossing_min", keysOf(profile.CrossingMin), values(geo.Passabilities)...)
	}
	for class, decay := range geo.DefaultModel.Decay {
		if got := p.Claims[class].halfLife(); got != decay.HalfLife {
			t.Errorf("half-life of %s: %s, in the model of confidence %s", class, got, decay.HalfLife)
		}
	}
}

func TestDefaultIsACopy(t *testing.T) {
	p := Default()
	p.Profiles["ambulance"].Exposure["controlled"] = 99
	p.Grades.Reliability["A"] = 0
	p.LambdaDs[0] = 1
	if q := Default(); q.Exposure("ambulance", "controlled") != 3 || q.Grades.Reliability["A"] != .95 || q.LambdaDs[0] != 6000 || geo.DefaultModel.Reliability["A"] != .95 {
		t.Error("a change to one default policy reaches the next")
	}
	q := Default()
	q.Lambdas()[0] = 1
	if q.LambdaDs[0] != 6000 {
		t.Error("a change to the factors reaches the policy")
	}
}

func TestParsePolicyOverridesSingleFigures(t *testing.T) {
	p, err := ParsePolicy([]byte(`{
		"version": "convoy-2025.11",
		"vehicles": {"truck_20t": {"gross_t": 26}},
		"profiles": {"ambulance": {"exposure": {"contested": 12}, "refuge_police": true}},
		"claims": {"toll": {"half_life_h": 8}},
		"roads": {"surfaces": {"mud": 0.2, "wood": 0.8}},
		"lambda_ds": [1,2,3,4,5,6,7,8,9,10]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	want := Default()
	want.Version = "convoy-2025.11"
	truck := want.Vehicles["truck_20t"]
	truck.GrossT = 26
	want.Vehicles["truck_20t"] = truck
	ambulance := want.Profiles["ambulance"]
	ambulance.Exposure["contested"], ambulance.RefugePolice = 12, true
	want.Profiles["ambulance"] = ambulance
	want.Claims["toll"] = Claim{HalfLifeH: 8, Prior: .05}
	want.Roads.Surfaces["mud"], want.Roads.Surfaces["wood"] = .2, .8
	want.LambdaDs = []uint32{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	if !reflect.DeepEqual(p, want) {
		t.Errorf("got %s", written(t, p))
	}
}

func TestParsePolicyRefuses(t *testing.T) {
	for _, c := range []struct{ name, raw, pointer, detail string }{
		{"no JSON", `{`, "", "not JSON"},
		{"two values", `{} {}`, "", "not JSON"},
		{"a list", `[]`, "", "an object"},
		{"null", `null`, "", "an object"},
		{"unknown member", `{"zones":{}}`, "/zones", "no such member"},
		{"case counts", `{"Night":{}}`, "/Night", "no such member"},
		{"unknown inner member", `{"night":{"until":5}}`, "/night/until", "no such member"},
		{"unknown vehicle", `{"vehicles":{"tank":{}}}`, "/vehicles/tank", "none of ambulance"},
		{"unknown control type", `{"profiles":{"ambulance":{"exposure":{"lost":2}}}}`, "/profiles/ambulance/exposure/lost", "none of"},
		{"escaped name", `{"a/b~c":1}`, "/a~1b~0c", "no such member"},
		{"repeated", `{"night":{"from_h":1,"from_h":2}}`, "/night/from_h", "twice"},
		{"null member", `{"night":{"share":null}}`, "/night/share", "number"},
		{"null list", `{"lambda_ds":null}`, "/lambda_ds", "list"},
		{"text for a number", `{"night":{"share":"2"}}`, "/night/share", "number"},
		{"number for truth", `{"profiles":{"ambulance":{"refuge_police":1}}}`, "/profiles/ambulance/refuge_police", "true or false"},
		{"too great a number", `{"night":{"share":1e999}}`, "/night/share", "number"},
		{"out of range", `{"version":"x","roadblocks":{"subtypes":{"flood":1}}}`, "/roadblocks/subtypes/flood", "from 0 to 0.95"},
		{"attractive ground", `{"version":"x","profiles":{"ambulance":{"exposure":{"contested":0.5}}}}`, "/profiles/ambulance/exposure/contested", "from 1"},
		{"no pace", `{"version":"x","vehicles":{"car":{"pace_share":0}}}`, "/vehicles/car/pace_share", "pace"},
		{"reassuring ignorance", `{"version":"x","unknown_per_km":{"controlled":0.1}}`, "/unknown_per_km/controlled", "unassessed"},
		{"bands out of order", `{"version":"x","bands":{"leg":{"high":0.5}}}`, "/bands/leg", "ascend"},
		{"nine factors", `{"version":"x","lambda_ds":[1,2,3,4,5,6,7,8,9]}`, "/lambda_ds", "must be 10"},
		{"factors out of order", `{"version":"x","lambda_ds":[1,2,3,4,5,6,7,8,9,9]}`, "/lambda_ds/9", "ascend"},
		{"a negative factor", `{"lambda_ds":[-1]}`, "/lambda_ds", "whole numbers"},
		{"a strange surface", `{"version":"x","roads":{"surfaces":{"A B":1}}}`, "/roads/surfaces/A B", "surface"},
		{"a strange version", `{"version":"Ma version"}`, "/version", "lower-case"},
		{"figures without a version", `{"night":{"share":2}}`, "/version", "version of its own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := ParsePolicy([]byte(c.raw))
			if p != nil || err == nil {
				t.Fatal("it was read")
			}
			var faults geo.Errors
			if !errors.As(err, &faults) || len(faults) != 1 {
				t.Fatalf("%v is not one fault", err)
			}
			if f := faults[0]; f.Code != geo.CodeInvalid || f.Pointer != c.pointer || !strings.Contains(f.Detail, c.detail) {
				t.Errorf("%s at %q: %s", f.Code, f.Pointer, f.Detail)
			}
		})
	}
	_, err := ParsePolicy(bytes.Repeat([]byte(" "), MaxPolicyBytes+1))
	if geo.CodeOf(err) != geo.CodeTooLarge {
		t.Errorf("a file that is too large: %v", err)
	}
	_, err = ParsePolicy([]byte(`{"night":{"share":0,"to":1},"x":1,"` + strings.Repeat("é", 500) + `":1}`))
	var faults geo.Errors
	if !errors.As(err, &faults) || len(faults) != 3 || len(faults[2].Pointer) > maxPointer+4 {
		t.Errorf("faults are not told together and in short: %v", err)
	}
}

func TestCheckFindsWhatIsMissing(t *testing.T) {
	p := Default()
	delete(p.Vehicles, "moto")
	delete(p.Profiles["commercial"].Exposure, Unassessed)
	p.Night.Share = p.Night.Share * 0
	err := p.Check()
	for _, pointer := range []string{"/vehicles/moto: is missing", "/profiles/commercial/exposure/unassessed: is missing", "/night/share: must"} {
		if err == nil || !strings.Contains(err.Error(), pointer) {
			t.Errorf("%v does not name %s", err, pointer)
		}
	}
	if (&Policy{}).Check() == nil {
		t.Error("an empty policy passes")
	}
}

// drawPolicy changes figures of the default within their bounds.
func drawPolicy(t *rapid.T) *Policy {
	p := Default()
	p.Version = "drawn"
	p.Grades.Weight = rapid.Float64Range(.1, 20).Draw(t, "weight")
	p.Grades.SameFamily = rapid.Float64Range(0, 1).Draw(t, "same family")
	p.Grades.Disputed = rapid.Float64Range(0, 1).Draw(t, "disputed")
	p.Grades.NewsHalfLives = rapid.Float64Range(.5, 10).Draw(t, "news half-lives")
	for class := range p.Claims {
		if rapid.Bool().Draw(t, class) {
			p.Claims[class] = Claim{rapid.Float64Range(.25, 2000).Draw(t, "half-life"), rapid.Float64Range(.001, .5).Draw(t, "prior")}
		}
	}
	for control := range p.Zones {
		p.Zones[control] = rapid.Float64Range(0, 10).Draw(t, control)
	}
	most := rapid.Float64Range(0, 10).Draw(t, "unassessed")
	for control := range p.Unknown {
		p.Unknown[control] = rapid.Float64Range(0, most).Draw(t, "unknown "+control)
	}
	p.Unknown[Unassessed] = most
	p.Night = Night{rapid.Float64Range(0, 24).Draw(t, "from"), rapid.Float64Range(0, 24).Draw(t, "to"), rapid.Float64Range(1, 10).Draw(t, "share")}
	return p
}

func TestPolicyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := drawPolicy(t)
		if err := p.Check(); err != nil {
			t.Fatal(err)
		}
		again, err := ParsePolicy(written(t, p))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, again) {
			t.Fatalf("%s\nread again\n%s", written(t, p), written(t, again))
		}
	})
}

func FuzzParsePolicy(f *testing.F) {
	f.Add(written(f, Default()))
	for _, seed := range []string{
		`{}`, `{"version":"a"}`, `{"version":"x","roads":{"surfaces":{"wood":1}},"lambda_ds":[1,2,3,4,5,6,7,8,9,10]}`,
		`{"version":"x","night":{"from_h":24,"to_h":0,"share":1e1}}`, `{"\ud800":1}`, `{"night":{"share":-0}}`,
		`{"version":"x","bands":{"unknown":0.5,"total":{"guarded":0.001}},"claims":{"hub":{"prior":0.5}}}`, `[[[[`, `{"a":{"a":1,"a":2}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ParsePolicy(raw)
		if err != nil {
			var faults geo.Errors
			if p != nil || !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("%q: %v is no list of faults", raw, err)
			}
			for _, fault := range faults {
				if fault.Code == "" || fault.Detail == "" {
					t.Fatalf("%q: a fault without code or detail: %+v", raw, fault)
				}
			}
			return
		}
		if err := p.Check(); err != nil {
			t.Fatalf("%q was read, but: %v", raw, err)
		}
		again, err := ParsePolicy(written(t, p))
		if err != nil || !reflect.DeepEqual(p, again) {
			t.Fatalf("%q: written and read again it differs: %v", raw, err)
		}
	})
}

func BenchmarkParsePolicy(b *testing.B) {
	raw := written(b, Default())
	for b.Loop() {
		if _, err := ParsePolicy(raw); err != nil {
			b.Fatal(err)
		}
	}
}
