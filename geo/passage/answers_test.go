package passage

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"pasaj/geo"
)

func marshal(t failer, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// What holds of the alternatives to any question.
func TestPropertiesOfAlternatives(t *testing.T) {
	e := NewEngine(EngineOptions{})
	rapid.Check(t, func(t *rapid.T) {
		s := drawJittered(t)
		drawEvidence(t, s)
		drawSchedules(t, s)
		r := AlternativesRequest{Request: drawQuestion(t, s), Count: rapid.IntRange(1, 5).Draw(t, "count"), Varied: rapid.Bool().Draw(t, "varied")}
		r.Seed = rapid.Int64().Draw(t, "seed")
		w := s.world()
		out, err := e.Alternatives(t.Context(), w, r)
		if err != nil {
			if geo.CodeOf(err) != geo.CodeUnprocessable {
				t.Fatal(err)
			}
			return
		}
		if len(out.Answers) == 0 || len(out.Answers) > r.Count || out.Answers[0].Role != RoleFastest {
			t.Fatalf("%d answers, the first %v", len(out.Answers), out.Answers)
		}
		for i, a := range out.Answers {
			if r.Varied && i > 0 && a.Role != RoleVaried {
				t.Fatalf("role %s among varied ones", a.Role)
			}
			if a.Answer.DurationS != out.Answers[0].Answer.DurationS+a.Difference.DurationS {
				t.Fatal("the difference is none")
			}
			if a.Difference.SharedShare < 0 || a.Difference.SharedShare > 1 || i == 0 && a.Difference.SharedShare != 1 {
				t.Fatalf("shared %v", a.Difference.SharedShare)
			}
			if a.Role == RoleDistinct || a.Role == RoleVaried {
				if a.Difference.SharedShare > mostShared+.001 {
					t.Fatalf("%s shares %v", a.Role, a.Difference.SharedShare)
				}
			}
			for _, word := range []string{"safe", "sûr", "sécuritaire", "san danje", "an sekirite"} {
				if strings.Contains(strings.ToLower(marshal(t, a)), word) {
					t.Fatalf("says %q", word)
				}
			}
		}
		p := out.Frontier.Points
		for i := 1; i < len(p); i++ {
			if p[i].DurationS <= p[i-1].DurationS || p[i].Risk >= p[i-1].Risk {
				t.Fatalf("frontier %v", p)
			}
		}
		if k := out.Frontier.Knee; k != nil && (*k <= 0 || *k >= len(p)-1) {
			t.Fatalf("knee %d of %d", *k, len(p))
		}
	})
}

// Further ways differ from all before, and are not much dearer.
func TestDistinctWays(t *testing.T) {
	s := grid(t)
	out, err := NewEngine(EngineOptions{}).Alternatives(t.Context(), s.world(), AlternativesRequest{Request: ask(Request{Points: corners()}), Count: 5})
	if err != nil {
		t.Fatal(err)
	}
	if len(out.Answers) < 3 {
		t.Fatalf("%d ways", len(out.Answers))
	}
	for _, a := range out.Answers[1:] {
		if a.Role != RoleDistinct || a.Difference.SharedShare > mostShared || a.Answer.DurationS > distinctStretch*out.Answers[0].Answer.DurationS+1 {
			t.Errorf("%s: %s", a.Role, marshal(t, a.Difference))
		}
	}
}

// A seed gives the same ways again; among some seeds there are different ones.
func TestVariedWaysDifferBySeed(t *testing.T) {
	s := grid(t)
	e := NewEngine(EngineOptions{})
	seen := map[string]bool{}
	for seed := range int64(8) {
		r := AlternativesRequest{Request: Request{Points: corners(), Vehicle: "car", Profile: "humanitarian_cargo", Seed: seed}, Count: 3, Varied: true}
		out, err := e.Alternatives(t.Context(), s.world(), r.Resolve(saturday, &s.model))
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Answers) < 2 {
			t.Fatalf("seed %d: %d ways", seed, len(out.Answers))
		}
		for _, a := range out.Answers[1:] {
			seen[marshal(t, a.Answer.Geometry)] = true
			if a.Difference.SharedShare > mostShared {
				t.Errorf("seed %d: shares %v", seed, a.Difference.SharedShare)
			}
		}
	}
	if len(seen) < 3 {
		t.Errorf("%d ways by eight seeds", len(seen))
	}
}

func TestDecodeOfEnquiries(t *testing.T) {
	two := `"points":[[-72.34,18.55],[-72.63,18.51]]`
	decoders := map[string]func(string) error{
		"passage":      func(s string) error { _, err := DecodePassage([]byte(s)); return err },
		"alternatives": func(s string) error { _, err := DecodeAlternatives([]byte(s)); return err },
		"reach":        func(s string) error { _, err := DecodeReach([]byte(s)); return err },
		"table":        func(s string) error { _, err := DecodeTable([]byte(s)); return err },
		"isolation":    func(s string) error { _, err := DecodeIsolation([]byte(s)); return err },
		"reopen":       func(s string) error { _, err := DecodeReopen([]byte(s)); return err },
		"hazard":       func(s string) error { _, err := DecodeHazard([]byte(s)); return err },
	}
	for _, c := range []struct{ decoder, raw, pointer string }{
		{"passage", `{` + two + `,"include":["departures","escape"]}`, ""},
		{"passage", `{` + two + `,"include":["weather"]}`, "/include/0"},
		{"passage", `{` + two + `,"include":["escape","escape","escape","escape"]}`, "/include"},
		{"passage", `{"include":[]}`, "/points"},
		{"alternatives", `{` + two + `,"count":5,"seed":7}`, ""},
		{"alternatives", `{` + two + `,"count":6}`, "/count"},
		{"alternatives", `{` + two + `,"line":[[-72.34,18.55],[-72.63,18.51]]}`, "/line"},
		{"alternatives", `{}`, "/points"},
		{"reach", `{"points":[[-72.34,18.55]],"minutes":[15,30.5],"max_risk":0.1,"vehicle":"moto"}`, ""},
		{"reach", `{"points":[[-72.34,18.55]],"minutes":[30,15]}`, "/minutes/1"},
		{"reach", `{"points":[[-72.34,18.55]],"minutes":[]}`, "/minutes"},
		{"reach", `{"points":[[-72.34,18.55]],"minutes":[null]}`, "/minutes/0"},
		{"reach", `{"points":[[-72.34,18.55]],"minutes":[1,2,3,4,5]}`, "/minutes"},
		{"reach", `{"points":[[-72.34,18.55]],"minutes":[241]}`, "/minutes/0"},
		{"reach", `{"points":[[-72.34,18.55]],"minutes":[15],"max_risk":-1}`, "/max_risk"},
		{"reach", `{"points":[],"minutes":[15]}`, "/points"},
		{"reach", `{"points":[[18.55,-72.34]],"minutes":[15]}`, "/points/0"},
		{"reach", `{"points":[[-72.34,18.55]]}`, "/minutes"},
		{"table", `{"sources":[[-72.34,18.55]],"targets":[[-72.63,18.51]],"what_if":{"close":[[-72.5,18.5]]}}`, ""},
		{"table", `{"sources":[[-72.34,18.55]]}`, "/targets"},
		{"table", `{"targets":[[-72.34,18.55]]}`, "/sources"},
		{"table", `{` + two + `}`, "/points"},
		{"table", `{"sources":[` + strings.Repeat(`[-72.34,18.55],`, 100) + `[-72.34,18.55]],"targets":[[-72.63,18.51]]}`, "/sources"},
		{"table", `{"targets":[` + strings.Repeat(`[-72.34,18.55],`, 1000) + `[-72.34,18.55]],"sources":[[-72.63,18.51]]}`, "/targets"},
		{"isolation", `{"vehicle":"truck_20t","max_age_h":24}`, ""},
		{"isolation", `{"vehicle":"tank"}`, "/vehicle"},
		{"isolation", `{` + two + `}`, "/points"},
		{"reopen", `{` + two + `}`, ""},
		{"reopen", `{"points":[[-72.34,18.55]]}`, "/points"},
		{"reopen", `{"points":[[-72.34,18.55],[-72.3,18.5],[-72.63,18.51]]}`, "/points"},
		{"hazard", `{"profile":"humanitarian_cargo","avoid":[]}`, ""},
		{"hazard", `{"depart":1}`, "/depart"},
	} {
		err := decoders[c.decoder](c.raw)
		if c.pointer == "" {
			if err != nil {
				t.Errorf("%s %s: %v", c.decoder, c.raw, err)
			}
			continue
		}
		list, ok := err.(geo.Errors)
		if !ok || !slices.ContainsFunc(list, func(e *geo.Error) bool { return e.Pointer == c.pointer }) {
			t.Errorf("%s %.80s: %v, want a fault at %s", c.decoder, c.raw, err, c.pointer)
		}
	}
}

func FuzzDecodeEnquiries(f *testing.F) {
	f.Add([]byte(`{"points":[[-72.34,18.55],[-72.63,18.51]],"include":["departures"],"count":2,"seed":1,"minutes":[5],"max_risk":1}`))
	f.Add([]byte(`{"sources":[[-72.34,18.55]],"targets":[[-72.63,18.51]]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		fault := func(err error) bool {
			if err != nil && geo.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return err != nil
		}
		m := &geo.DefaultModel
		if r, err := DecodePassage(raw); !fault(err) {
			r = r.Resolve(saturday, m)
			fault(r.check())
		}
		if r, err := DecodeAlternatives(raw); !fault(err) {
			if r = r.Resolve(saturday, m); r.check() != nil {
				t.Fatal(r.check())
			}
		}
		if r, err := DecodeReach(raw); !fault(err) {
			if r = r.Resolve(saturday, m); r.check() != nil {
				t.Fatal(r.check())
			}
		}
		if r, err := DecodeTable(raw); !fault(err) {
			if r = r.Resolve(saturday, m); r.check() != nil {
				t.Fatal(r.check())
			}
		}
		if r, err := DecodeReopen(raw); !fault(err) {
			if r = r.Resolve(saturday, m); r.check() != nil {
				t.Fatal(r.check())
			}
		}
		_, err := DecodeIsolation(raw)
		fault(err)
		_, err = DecodeHazard(raw)
		fault(err)
	})
}
