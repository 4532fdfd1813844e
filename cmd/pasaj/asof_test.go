package main

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/geo"
)

// laterEdits is how many revisions the record moves on between two readings.
const laterEdits = 1000

// What was answered as of a revision is answered byte for byte the same after a
// thousand later edits of the same features and ground, from worlds kept in
// memory, from worlds rebuilt from the record, and by a process that never saw
// that revision.
func TestAsofIsForEver(t *testing.T) {
	databaseURL, r := snapshotRecord(t)
	s := startStack(t, databaseURL, makeTokens(t, r, geo.Reader))
	then, at, err := r.Resolve(t.Context(), geo.AsOf{})
	if err != nil {
		t.Fatal(err)
	}
	known := s.live.World(geo.Security)
	asked := asofRequests(t, s, then, at)
	before := answers(t, s, asked)
	if len(before) < 200 {
		t.Fatalf("only %d answers", len(before))
	}

	editAtRandom(t, r, known.Named("controlled-zones").Declared(), known.Named("roadblocks").Declared(), s)
	now, _, err := r.Resolve(t.Context(), geo.AsOf{})
	if err != nil || now < then+laterEdits {
		t.Fatalf("the record is at %d, %v", now, err)
	}
	if err := s.live.Wait(t.Context(), now); err != nil {
		t.Fatal(err)
	}
	compare(t, "after the edits", asked, before, answers(t, s, asked))
	present := asofRequests(t, s, now, time.Now())
	if bytes.Equal(before[0], answers(t, s, present[:1])[0]) {
		t.Fatal("the edits changed nothing: this shows nothing")
	}
	s.stop()
	again := startStack(t, databaseURL, s.tokens)
	compare(t, "by another process", asked, before, answers(t, again, asked))
}

type asofRequest struct {
	audience geo.Audience
	request  request
}

// asofRequests asks for the present of a revision in every way there is.
func asofRequests(t *testing.T, s *stack, then geo.Revision, at time.Time) []asofRequest {
	t.Helper()
	asofs := []string{then.String(), geo.FormatInstant(at)}
	moments := []string{"", "&datetime=2024-09-01T12:00:00Z", "&datetime=2023-01-01T00:00:00Z/2024-06-01T00:00:00Z"}
	var out []asofRequest
	for _, a := range []geo.Audience{geo.Humanitarian, geo.Public, geo.Security, geo.Operations} {
		get := func(path string) {
			out = append(out, asofRequest{a, request{method: http.MethodGet, path: path}})
		}
		w := s.live.World(a)
		for _, l := range geo.Collections() {
			if !w.Holds(l) {
				continue
			}
			items := "/collections/" + l.Name + "/items?limit=7&asof="
			for _, moment := range moments {
				get(items + asofs[0] + moment)
				get(items + asofs[0] + moment + "&bbox=-72.5,18.4,-72.1,18.7")
			}
			get(items + url.QueryEscape(asofs[1]))
			get("/collections/" + l.Name + "/tiles/WebMercatorQuad/9/228/153?asof=" + asofs[0])
			n := 0
			w.Layer(l).Each(geo.Moment{}, func(v *geo.Version) bool {
				get("/collections/" + l.Name + "/items/" + v.ID.String() + "?asof=" + asofs[0])
				n++
				return n < 3
			})
		}
		for _, question := range []string{"level=named", "area=HT0111,HT0542&datetime=2024-09-01T12:00:00Z", "area=ZMPP&datetime=2025-11-01T00:00:00Z"} {
			get("/v1/coverage?" + question + "&asof=" + asofs[0])
		}
		for _, question := range []string{
			"/v1/coverage/values?area=ZMPP-admin,HT0542", "/v1/coverage/values?level=commune&indicator=T1,G1&f=csv", "/v1/exposure?area=HT01", "/v1/coverage/objectives",
			"/v1/coverage/series?indicator=T1&area=ZMPP-admin&from=2024-06-01T00:00:00Z&to=2024-09-01T00:00:00Z&step=7d",
			"/v1/coverage/changes?area=ZMPP-admin&from=2024-06-01T00:00:00Z&to=2024-09-01T00:00:00Z",
		} {
			get(question + separator(question) + "asof=" + asofs[0])
		}
		out = append(out, asofRequest{a, request{method: http.MethodPost, path: "/v1/coverage/values", header: map[string]string{"Content-Type": "application/json"},
			body: fmt.Sprintf(`{"asof":%d,"geometry":{"type":"Polygon","coordinates":[[[-72.4,18.5],[-72.3,18.5],[-72.3,18.6],[-72.4,18.5]]]}}`, then)}})
		for _, when := range []string{"", `"datetime":"2024-04-12T12:00:00Z",`, `"depart_at":"2025-02-01T09:00:00Z","vehicle":"truck_20t","profile":"humanitarian_cargo",`} {
			out = append(out, asofRequest{a, request{method: http.MethodPost, path: "/v1/passage", header: map[string]string{"Content-Type": "application/json"},
				body: fmt.Sprintf(`{%s"asof":%d,"points":[[-72.338,18.544],[-72.634,18.511]]}`, when, then)}})
			for path, question := range map[string]string{
				"/v1/passage/alternatives": `"points":[[-72.338,18.544],[-72.634,18.511]],"count":3`, "/v1/reach": `"points":[[-72.338,18.544]],"minutes":[15]`,
				"/v1/table": `"sources":[[-72.338,18.544]],"targets":[[-72.634,18.511],[-72.1048,18.83455]]`, "/v1/reopen": `"points":[[-72.338,18.544],[-72.634,18.511]]`,
			} {
				out = append(out, asofRequest{a, request{method: http.MethodPost, path: path, header: map[string]string{"Content-Type": "application/json"},
					body: fmt.Sprintf(`{%s"asof":%d,%s}`, when, then, question)}})
			}
		}
		get("/v1/isolation?asof=" + asofs[0])
		get("/v1/isolation?vehicle=truck_10t&datetime=2024-04-12T12:00:00Z&asof=" + asofs[0])
		for _, engine := range []string{"openrouteservice", "valhalla", "brouter", "osrm"} {
			get("/v1/exclusions?engine=" + engine + "&asof=" + asofs[0])
		}
	}
	return out
}

// separator begins a query, or goes on with it.
func separator(path string) string {
	if strings.Contains(path, "?") {
		return "&"
	}
	return "?"
}

func answers(t *testing.T, s *stack, asked []asofRequest) [][]byte {
	t.Helper()
	out := make([][]byte, len(asked))
	for i, q := range asked {
		got, err := s.do(t.Context(), q.audience, q.request, nil)
		if err != nil || got.status != http.StatusOK && got.status != http.StatusNoContent {
			t.Fatalf("%s %s: status %d, %v: %.300s", q.audience, q.request.path, got.status, err, got.body)
		}
		out[i] = bytes.ReplaceAll(got.body, []byte(s.base), []byte("BASE"))
	}
	return out
}

func compare(t *testing.T, when string, asked []asofRequest, before, after [][]byte) {
	t.Helper()
	differ := 0
	for i := range asked {
		if !bytes.Equal(before[i], after[i]) && differ < 5 {
			differ++
			t.Errorf("%s, %s %s %s differs:\n%.600s\n%.600s", when, asked[i].audience, asked[i].request.path, asked[i].request.body, before[i], after[i])
		}
	}
}

// editAtRandom makes a thousand revisions: creations, patches, corrections of
// the past, and deletions, over the ground and features that were there.
func editAtRandom(t *testing.T, r *postgis.Record, zones, roadblocks *geo.Layer, s *stack) {
	t.Helper()
	author := geo.Author{Name: "editor", Audience: geo.Security}
	var had []*geo.Version
	for _, l := range []*geo.Layer{zones, roadblocks} {
		s.live.World(geo.Security).Layer(l).Each(geo.Moment{}, func(v *geo.Version) bool { had = append(had, v); return true })
	}
	var made []uuid.UUID
	for n := range laterEdits {
		v := had[n%len(had)]
		c := geo.Change{Layer: v.Layer, Action: geo.Patch, ID: v.ID, Draft: geo.NewDraft(v.Layer)}
		switch {
		case n%7 == 0: // a new roadblock on the way
			c = geo.Change{Layer: roadblocks, Action: geo.Create, ID: uuid.New(), Draft: geo.NewDraft(roadblocks)}
			for name, value := range map[string]any{
				"subtype": "barricade_manned", "state": "active", "actor_type": "gang", "sensitivity": "high", "compartment": "hum",
				"review_state": "approved", "demonstration": false, "code": fmt.Sprintf("later-%d", n),
			} {
				c.Draft.Set(roadblocks, name, value)
			}
			c.Draft.Geometry, c.Draft.HasGeom = orb.Point{-72.34 - float64(n%250)/1000, 18.54}, true
			c.Draft.From, c.Draft.HasFrom = time.Date(2024, 1, 1+n%300, 0, 0, 0, 0, time.UTC), true
			made = append(made, c.ID)
		case n%11 == 0 && len(made) > 0: // and one withdrawn
			c = geo.Change{Layer: roadblocks, Action: geo.Delete, ID: made[0]}
			made = made[1:]
		case n%5 == 0: // a correction of the past
			c.Draft.From, c.Draft.HasFrom = time.Date(2024, 3, 1+n%90, 0, 0, 0, 0, time.UTC), true
			c.Draft.Set(v.Layer, "name_en", fmt.Sprintf("corrected %d", n))
			c.Draft.Set(v.Layer, "reliability", "E")
		default:
			c.Draft.Set(v.Layer, "name_en", fmt.Sprintf("edit %d", n))
			if point, ok := v.Geometry.(orb.Point); ok {
				c.Draft.Geometry, c.Draft.HasGeom = orb.Point{geo.RoundCoordinate(point[0] + float64(n)*1e-6), point[1]}, true
			}
		}
		if _, err := r.Write(t.Context(), geo.Batch{Author: author, Reason: "later", Changes: []geo.Change{c}}); err != nil {
			t.Fatalf("edit %d of %s: %v", n, v.Layer.Name, err)
		}
	}
}
