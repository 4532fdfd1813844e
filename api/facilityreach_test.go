package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// precinct is the ladder with police stations, a port, a hospital of which
// nobody knows whether it functions, and two communes.
func precinct(t testing.TB) *service {
	t.Helper()
	s := ladder(t)
	facility := func(layer string, n int, lon, lat float64, kind, functional string, more map[string]any) {
		values := map[string]any{
			"facility_type": kind, "functional": functional, "compartment": "public", "last_confirmed_at": began.Add(-2 * time.Hour), "name_fr": kind,
		}
		for name, value := range more {
			values[name] = value
		}
		s.put(layer, n, orb.Point{lon, lat}, values)
	}
	hum := map[string]any{"compartment": "hum"}
	facility("police-facilities", 20, -72.40, 18.5, "police_commissariat", "full", hum)
	facility("police-facilities", 21, -72.34, 18.52, "police_sous_commissariat", "partial", map[string]any{"compartment": "hum", "last_confirmed_at": began.AddDate(-1, 0, 0)})
	facility("police-facilities", 22, -72.36, 18.5, "police_commissariat", "none", hum)
	facility("police-facilities", 23, -72.36, 18.52, "police_antenne", "unknown", hum)
	facility("police-facilities", 24, -73.9, 19.9, "police_commissariat", "full", hum) // far from every road
	facility("facilities", 25, -72.36, 18.52, "school", "unknown", nil)
	facility("facilities", 26, -72.36, 18.52, "prison", "none", nil)
	facility("ports", 27, -72.40, 18.52, "port", "full", nil)
	for n, pcode := range []string{"HT0111", "HT0112"} {
		s.put("admin-areas", 30+n, square(-72.5+float64(n)*.1, 18.45, .1), map[string]any{
			"pcode": pcode, "level": int64(2), "population": int64(100_000 * (n + 1)), "compartment": "public",
		})
	}
	return s
}

type reachAnswer struct {
	Type, Mode string
	Vehicle    *string
	HardStops  *string `json:"hard_stops"`
	From       []string
	Starts     reachStarts
	Features   []struct {
		Geometry   json.RawMessage
		Properties reachedProperties
	}
}

func (a reachAnswer) area(t testing.TB, i int) orb.MultiPolygon {
	t.Helper()
	var g struct{ Coordinates orb.MultiPolygon }
	if err := json.Unmarshal(a.Features[i].Geometry, &g); err != nil {
		t.Fatal(err)
	}
	return g.Coordinates
}

func TestFacilityReach(t *testing.T) {
	t.Parallel()
	s := precinct(t)
	sec := bearer(s.record.token(geo.Reader, geo.Security))
	w := want(t, s.get("/v1/reach?from=police&minutes=1,30&vehicle=car&profile=police_isolated_check", sec), http.StatusOK)
	if got := w.Header().Get("Content-Type"); got != mediaGeoJSON {
		t.Errorf("content type %q", got)
	}
	a := decodeBody[reachAnswer](t, w)
	if want := (reachStarts{Facilities: 5, Functional: 3, Partial: 1, Stale: 1, NotFunctional: 1, Unknown: 1, OffNetwork: 1}); a.Starts != want {
		t.Errorf("starts %+v, want %+v", a.Starts, want)
	}
	if len(a.Features) != 2 || a.Mode != modeNetwork || *a.Vehicle != "car" || *a.HardStops != "removed" || fmt.Sprint(a.From) != "[police-facilities]" {
		t.Fatalf("%+v", a)
	}
	before := 0.0
	for i, f := range a.Features {
		p := f.Properties
		if p.Mode != modeNetwork || *p.Minutes != []float64{1, 30}[i] || p.RadiusM != nil || *p.RoadKm <= 0 || p.DrawnM != 300 || !p.Complete || p.Reason != nil {
			t.Errorf("%d: %+v", i, p)
		}
		area := a.area(t, i)
		if got := measure.AreaM2(area) / 1e6; math.Abs(got-p.AreaKm2) > .02 || got <= before {
			t.Errorf("%d: %.2f km², said to be %.2f, before %.2f", i, got, p.AreaKm2, before)
		}
		before = p.AreaKm2
		// The people by the shares of the communes that the overlay gives.
		people := 0.0
		for n := range 2 {
			commune := square(-72.5+float64(n)*.1, 18.45, .1)
			common, err := overlay.Intersection(commune, area)
			if err != nil {
				t.Fatal(err)
			}
			people += 100_000 * float64(n+1) * measure.AreaM2(common) / measure.AreaM2(commune)
		}
		if math.Abs(*p.Population-people) > .02*people+1 || *p.Whole != 300_000 || math.Abs(*p.Share-*p.Population/300_000) > 1e-4 || p.Denominator.English == "" || p.Source == nil {
			t.Errorf("%d: population %v of %v (%v), want %.0f", i, *p.Population, *p.Whole, *p.Share, people)
		}
	}
	if holes := a.area(t, 1); len(holes[0]) < 2 {
		t.Errorf("the ladder's rungs enclose nothing: %d rings", len(holes[0]))
	}
	want(t, s.get("/v1/reach?from=police&minutes=1,30&vehicle=car&profile=police_isolated_check", sec, with("If-None-Match", w.Header().Get("ETag"))), http.StatusNotModified)
	// The answer is that of its schema, and of its revision for ever.
	doc := definition(t, s)
	var value any
	if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	schema := doc.Paths.Value("/v1/reach").Get.Responses.Status(http.StatusOK).Value.Content.Get(mediaGeoJSON).Schema.Value
	if err := schema.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		t.Error(err)
	}
	then := s.record.revision
	asof := fmt.Sprintf("/v1/reach?from=facilities:police&minutes=30&asof=%d", then)
	first := want(t, s.get(asof, sec), http.StatusOK).Body.Bytes()
	s.block(9, -72.39, 18.52, "trench_ditch")
	s.block(10, -72.395, 18.5, "trench_ditch")
	s.block(11, -72.3502, 18.52, "trench_ditch")
	if again := want(t, s.get(asof, sec), http.StatusOK).Body.Bytes(); !bytes.Equal(first, again) {
		t.Error("the answer as of a revision is another one")
	}
	cut := decodeBody[reachAnswer](t, want(t, s.get("/v1/reach?from=police&minutes=30", sec), http.StatusOK))
	if got, was := *cut.Features[0].Properties.RoadKm, *a.Features[1].Properties.RoadKm; got >= was {
		t.Errorf("%g km of road past three trenches, %g without", got, was)
	}
}

func TestFacilityReachInARing(t *testing.T) {
	t.Parallel()
	s := precinct(t)
	sec := bearer(s.record.token(geo.Reader, geo.Security))
	a := decodeBody[reachAnswer](t, want(t, s.get("/v1/reach?from=police-facilities:police_commissariat&mode=ring&radius_m=2000", sec), http.StatusOK))
	if a.Mode != modeRing || a.Vehicle != nil || a.HardStops != nil || a.Starts.Functional != 2 || a.Starts.OffNetwork != 0 || len(a.Features) != 1 {
		t.Fatalf("%+v", a)
	}
	p := a.Features[0].Properties
	if want := 2 * math.Pi * 4; math.Abs(p.AreaKm2-want) > .01*want || p.Minutes != nil || *p.RadiusM != 2000 || p.RoadKm != nil || p.DrawnM != 2000 {
		t.Errorf("%+v", p)
	}
}

func TestFacilityReachIsOfItsAudience(t *testing.T) {
	t.Parallel()
	s := precinct(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	few := bearer(s.record.token(geo.Reader, geo.Security, "police-facilities", "controlled-zones", "roadblocks", "national-roads"))
	none := func(*http.Request) {}
	for _, c := range []struct {
		from string
		who  option
	}{
		{"police", none}, {"facilities:police", none}, {"ports,police", none}, {"facilities:hospital", none}, // the layer, or its states
		{"police", hum},            // how police stations function
		{"police", few},            // a token without admin-areas
		{"facilities:prison", few}, // nor facilities
	} {
		for _, rest := range []string{"&minutes=15", "&mode=ring&radius_m=1000"} {
			w := s.get("/v1/reach?from="+c.from+rest, c.who)
			wantProblem(t, w, http.StatusForbidden, geo.CodeForbidden)
			if strings.Contains(w.Body.String(), "Feature") {
				t.Errorf("%s: %s", c.from, w.Body)
			}
		}
	}
	// What everybody may know is answered, and says what it does not know of.
	a := decodeBody[reachAnswer](t, want(t, s.get("/v1/reach?from=ports&minutes=5"), http.StatusOK))
	if *a.HardStops != "withheld" || a.Starts.Functional != 1 {
		t.Errorf("%+v", a)
	}
	a = decodeBody[reachAnswer](t, want(t, s.get("/v1/reach?from=facilities:hospital&minutes=5", hum), http.StatusOK))
	if *a.HardStops != "removed" || a.Starts.Functional != 1 {
		t.Errorf("%+v", a)
	}
}

func TestFacilityReachRefuses(t *testing.T) {
	t.Parallel()
	s := precinct(t)
	sec := bearer(s.record.token(geo.Reader, geo.Security))
	for _, query := range []string{
		"", "?minutes=15", "?from=police", "?from=&minutes=15", "?from=banks&minutes=15", "?from=facilities&minutes=15", "?from=facilities:bank&minutes=15",
		"?from=places:town&minutes=15", "?from=police,&minutes=15", "?from=police&minutes=0", "?from=police&minutes=241", "?from=police&minutes=30,15",
		"?from=police&minutes=15,15", "?from=police&minutes=1,2,3,4,5", "?from=police&minutes=NaN", "?from=police&minutes=15&radius_m=1000",
		"?from=police&mode=ring", "?from=police&mode=ring&radius_m=99", "?from=police&mode=ring&radius_m=Inf", "?from=police&mode=ring&radius_m=1000&minutes=15",
		"?from=police&mode=ring&radius_m=1000&vehicle=car", "?from=police&mode=flight&minutes=15", "?from=police&minutes=15&vehicle=boat",
		"?from=police&minutes=15&profile=tourist", "?from=police&minutes=15&datetime=yesterday", "?from=police&minutes=15&speed=3",
		"?from=" + strings.Repeat("police,", 16) + "ports&minutes=15",
	} {
		wantProblem(t, s.get("/v1/reach"+query, sec), http.StatusBadRequest, geo.CodeInvalid)
	}
	for query, words := range map[string]string{
		"?from=facilities:school&minutes=15":                             "nobody knows",
		"?from=facilities:market&minutes=15":                             "holds no such",
		"?from=police&minutes=15&datetime=2020-01-01T00:00:00Z":          "holds no such",
		"?from=facilities:school&mode=ring&radius_m=500":                 "nobody knows",
		"?from=police-facilities:police_antenne&mode=ring&radius_m=1000": "nobody knows",
	} {
		if p := wantProblem(t, s.get("/v1/reach"+query, sec), http.StatusUnprocessableEntity, geo.CodeUnprocessable); !strings.Contains(p.Detail, words) {
			t.Errorf("%s: %s", query, p.Detail)
		}
	}
	// Where all are known not to function, nothing is reached indeed.
	a := decodeBody[reachAnswer](t, want(t, s.get("/v1/reach?from=facilities:prison&minutes=15", sec), http.StatusOK))
	if p := a.Features[0].Properties; a.Starts.NotFunctional != 1 || len(a.area(t, 0)) != 0 || *p.Population != 0 || *p.Share != 0 {
		t.Errorf("%+v", a)
	}
	wantProblem(t, start(t).get("/v1/reach?from=ports&minutes=15"), http.StatusUnprocessableEntity, geo.CodeUnprocessable)
}

func TestKindsOfFacilities(t *testing.T) {
	t.Parallel()
	for from, want := range map[string]string{
		"police": "[police-facilities]", "facilities:police": "[police-facilities]", "ports,police,ports": "[police-facilities ports]",
		"facilities:hospital": "[facilities:hospital]", "facilities:police_antenne": "[police-facilities:police_antenne]",
		"facilities:airstrip": "[airports:airstrip facilities:airstrip]", "airports:airstrip": "[airports:airstrip]", "ports:wharf": "[ports:wharf]",
		"hospital": "", "facilities:": "", "ports:hospital": "", ":": "", "roadblocks:flood": "",
	} {
		kinds, err := parseKinds(from)
		if (err != nil) != (want == "") || err == nil && fmt.Sprint(kinds) != want {
			t.Errorf("%s: %v, %v; want %s", from, kinds, err, want)
		}
	}
}

// People without communes are not known, and are not none.
func TestPeopleAreNotMadeUp(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	p, known, err := s.options.Coverage.PeopleIn(context.Background(), s.options.Live.World(geo.Public), began, square(-72.4, 18.5, .1))
	if err != nil || known {
		t.Errorf("%+v, %v, %v", p, known, err)
	}
}
