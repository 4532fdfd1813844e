package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// releaseNow tells the public of what the record holds now, without the delay
// that no test can wait for.
func releaseNow(t *testing.T, s *stack, group string) {
	t.Helper()
	zone := made(t, "controlled-zones", square(-72.3613371, 18.5137713, 0.0834719, 0.0713717), map[string]any{
		"control_type": "controlled", "holders": json.RawMessage(`[{"group":"` + group + `","role":"principal"}]`), "compartment": "hum", "sensitivity": "moderate",
		"source_ids": []string{sourceID(1), sourceID(2), sourceID(3)}, "reliability": "A", "credibility": int64(1), "last_confirmed_at": time.Now(), "evidence_note": "zqeviden",
	})
	commit(t, s.record, geo.Humanitarian, zone)
	awaitNewest(t, s)
	public, hum := s.live.World(geo.Public), s.live.World(geo.Humanitarian)
	at := public.At().UTC() // what was committed last stands already
	told, err := coverage.NewEngine(coverage.Options{}).Release(t.Context(), public, hum, at, coverage.DefaultReleaseRules)
	if err != nil {
		t.Fatal(err)
	}
	body, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.record.SaveRelease(t.Context(), geo.Release{At: at, Revision: public.Revision(), K: 3, Formula: "1", Body: body}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(body), `"class":"controlled"`) {
		t.Fatal("no commune is told: this shows nothing")
	}
	if got := fetch(t, s, geo.Public, "/v1/coverage"); !strings.Contains(string(got.body), `"released_at"`) {
		t.Fatalf("%.300s", got.body)
	}
}

// ofRevision is what any write changes in an answer.
var ofRevision = regexp.MustCompile(`"revision":\d+|Pasaj record, revision \d+|,\d+,(public|hum|sec|ops),`)

// coverageAnswers asks everything that coverage has at an instant as an audience.
func coverageAnswers(t *testing.T, s *stack, a geo.Audience, at string) map[string]string {
	t.Helper()
	const areas = "area=HT,ZMPP-admin,HT01,HT0111"
	polygon := `{"type":"Polygon","coordinates":[[[-72.4,18.5],[-72.2,18.5],[-72.2,18.7],[-72.4,18.7],[-72.4,18.5]]]}`
	questions := map[string]request{"a polygon": {
		method: http.MethodPost, path: "/v1/coverage/values", header: map[string]string{"Content-Type": "application/json"},
		body: `{"geometry":` + polygon + `,"datetime":"` + at + `"}`,
	}}
	for _, path := range []string{
		"/v1/coverage?datetime=" + at + "&" + areas, "/v1/coverage?level=commune&datetime=" + at, "/v1/coverage/indicators",
		"/v1/coverage/values?datetime=" + at + "&" + areas, "/v1/coverage/values?f=csv&lang=ht&datetime=" + at + "&" + areas,
		"/v1/coverage/values?level=section&indicator=T1,F1&datetime=" + at,
		"/v1/coverage/changes?from=2026-01-01T00:00:00Z&to=" + at + "&" + areas, "/v1/coverage/objectives?datetime=" + at,
		"/v1/exposure?datetime=" + at + "&" + areas,
		"/v1/reach?from=facilities:police&minutes=15&datetime=" + at, "/v1/reach?from=police&mode=ring&radius_m=3000&datetime=" + at,
		"/v1/reach?from=facilities:fob,facilities:helipad&mode=ring&radius_m=3000&datetime=" + at, "/v1/reach?from=facilities:hospital,ports&minutes=15&datetime=" + at,
	} {
		questions[path] = request{method: http.MethodGet, path: path}
	}
	for _, i := range coverage.Indicators() {
		path := "/v1/coverage/series?step=1d&area=ZMPP-admin&indicator=" + i.Code + "&from=" + day(t, at, -2) + "&to=" + at
		questions[path] = request{method: http.MethodGet, path: path}
		questions[path+"&f=csv"] = request{method: http.MethodGet, path: path + "&f=csv"}
	}
	out := map[string]string{}
	for name, question := range questions {
		got, err := s.do(t.Context(), a, question, nil)
		if err != nil || got.status >= 500 {
			t.Fatalf("%s for %s: status %d, %v: %.300s", name, a, got.status, err, got.body)
		}
		out[name] = fmt.Sprint(got.status, " ", got.header.Get("Content-Type"), "\n") + ofRevision.ReplaceAllString(string(requestInstance.ReplaceAll(got.body, nil)), "$1")
	}
	return out
}

func day(t *testing.T, at string, days int) string {
	t.Helper()
	instant, err := time.Parse(time.RFC3339, at)
	if err != nil {
		t.Fatal(err)
	}
	return geo.FormatInstant(instant.AddDate(0, 0, days))
}

// secretRecords are records of every kind that coverage counts, in the capital.
func secretRecords(t *testing.T, compartment geo.Compartment, class geo.Class, offset float64, at time.Time) []geo.Change {
	t.Helper()
	point := func(i int) orb.Point {
		return orb.Point{geo.RoundCoordinate(-72.33 + offset + 0.002*float64(i)), geo.RoundCoordinate(18.55 + 0.003*float64(i))}
	}
	of := func(layer string, geometry orb.Geometry, values map[string]any) geo.Change {
		all := map[string]any{"compartment": string(compartment), "sensitivity": string(class), "last_confirmed_at": at.Add(-time.Hour), "reliability": "A", "credibility": int64(1)}
		for name, value := range values {
			all[name] = value
		}
		one := made(t, layer, geometry, all)
		one.Draft.From = at.AddDate(0, 0, -1)
		return one
	}
	group := "zq-" + string(compartment)
	line := orb.LineString{point(5), point(9)}
	return []geo.Change{
		of("armed-groups", nil, map[string]any{"group_id": group, "name_fr": group, "group_type": "gang"}),
		of("controlled-zones", square(point(0)[0], point(0)[1], 0.02, 0.02), map[string]any{"control_type": "controlled", "holders": json.RawMessage(`[{"group":"` + group + `","role":"principal"}]`)}),
		of("controlled-zones", square(point(8)[0], point(8)[1], 0.01, 0.01), map[string]any{"control_type": "state_held"}),
		of("roadblocks", point(1), map[string]any{"subtype": "toll_post", "state": "active", "actor_type": "gang", "pass_mode": "pay"}),
		of("roadblocks", point(2), map[string]any{"subtype": "trench_ditch", "state": "active", "actor_type": "gang", "pass_mode": "impossible"}),
		of("incidents", point(3), map[string]any{"event_type": "clash", "occurred_at": at.Add(-3 * time.Hour)}),
		of("facilities", point(6), map[string]any{"facility_type": "hospital", "functional": "none"}),
		of("facilities", point(7), map[string]any{"facility_type": "helipad", "functional": "full", "sensitivity": "severe"}),
		of("ports", point(8), map[string]any{"facility_type": "port", "functional": "none"}),
		of("airports", point(9), map[string]any{"facility_type": "airport", "functional": "none"}),
		of("national-roads", orb.MultiLineString{line}, map[string]any{"ref": "RN1", "section": int64(900), "status": "closed"}),
		of("observations", point(2), map[string]any{"observed_at": at.Add(-2 * time.Hour), "received_at": at.Add(-time.Hour), "triage_state": "triaged", "channel": "sms", "source_id": sourceID(len(compartment)), "commune": "HT0111"}),
		of("facilities", point(10), map[string]any{"facility_type": "fob", "functional": "full", "sensitivity": "severe"}),
		of("police-facilities", point(11), map[string]any{"facility_type": "police_commissariat", "functional": "full"}),
		of("police-facilities", point(12), map[string]any{"facility_type": "police_antenne", "functional": "full", "sensitivity": "severe"}),
	}
}

// What an audience may not know moves none of its figures: every answer is the
// same to the byte before and after it is written.
func TestSecretsMoveNoFigure(t *testing.T) {
	url, r := snapshotRecord(t)
	s := startStack(t, url, makeTokens(t, r, geo.Reader))
	at := time.Now().UTC().Truncate(time.Hour)
	instant := geo.FormatInstant(at)
	ask := func() (out [4]map[string]string) {
		awaitNewest(t, s)
		for _, a := range geo.Audiences() {
			out[a] = coverageAnswers(t, s, a, instant)
		}
		return out
	}
	before := ask()
	for i, step := range []struct {
		compartment geo.Compartment
		class       geo.Class
		by          geo.Audience
		known       []geo.Audience // to whom it makes a difference
	}{
		{geo.CompartmentHumanitarian, geo.ClassHigh, geo.Security, []geo.Audience{geo.Humanitarian, geo.Security}},
		{geo.CompartmentSecurity, geo.ClassSevere, geo.Security, []geo.Audience{geo.Security, geo.Operations}},
		{geo.CompartmentOperations, geo.ClassHigh, geo.Operations, []geo.Audience{geo.Operations}},
	} {
		name := fmt.Sprintf("%s %s", step.compartment, step.class)
		commit(t, r, step.by, secretRecords(t, step.compartment, step.class, 0.01*float64(i), at)...)
		after := ask()
		for _, a := range geo.Audiences() {
			known, moved := false, 0
			for _, one := range step.known {
				known = known || one == a
			}
			for question, answer := range after[a] {
				if answer == before[a][question] {
					continue
				}
				if moved++; !known {
					x, y := apart(before[a][question], answer)
					t.Errorf("%s: %s is told of it by %s:\n%s\n%s", name, a, question, x, y)
				}
			}
			if known && moved < 20 {
				t.Errorf("%s: only %d answers for %s are others: this shows nothing", name, moved, a)
			}
		}
		before = after
	}
}

// apart shows where two texts part.
func apart(a, b string) (x, y string) {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	from := max(0, i-200)
	return a[from:min(len(a), i+200)], b[from:min(len(b), i+200)]
}
