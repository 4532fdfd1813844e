package api

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/passage"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// ladder is a service with two parallel roads joined by three rungs, a gang's
// roadblock on one of them, a zone over a part of it, places and a hospital.
func ladder(t testing.TB, change ...func(*Options)) *service {
	t.Helper()
	s := start(t, change...)
	const west, step, south, north = -72.40, 0.02, 18.50, 18.52
	var edges []road.EdgeInput
	add := func(class, ref string, line orb.LineString) {
		edges = append(edges, road.EdgeInput{ID: int64(len(edges) + 1), Class: class, Ref: ref, PrecisionM: 20, Surface: "paved", Geometry: line})
	}
	at := func(i int, lat float64) orb.Point { return orb.Point{geo.RoundCoordinate(west + float64(i)*step), lat} }
	for i := range 3 {
		add("RN", "RN1", orb.LineString{at(i, south), at(i+1, south)})
		add("RC", "", orb.LineString{at(i, north), at(i+1, north)})
	}
	for i := range 4 {
		add("RU", "", orb.LineString{at(i, south), at(i, north)})
	}
	s.network("ladder", edges...)
	s.block(1, -72.37, 18.5, "toll_post")
	s.put("controlled-zones", 2, square(-72.39, 18.495, 0.01), map[string]any{
		"control_type": "controlled", "claim_level": "claimed", "boundary_quality": "buffer", "confidence": .6, "last_confirmed_at": began.Add(-2 * time.Hour), "compartment": "hum",
	})
	s.put("national-roads", 5, orb.MultiLineString{{at(0, south), at(3, south)}}, map[string]any{
		"ref": "RN1", "section": int64(1), "status": "open", "compartment": "hum", "confidence": .6, "last_confirmed_at": began.Add(-2 * time.Hour),
	})
	s.place(3, -72.40, 18.5)
	s.put("facilities", 4, orb.Point{-72.35, 18.501}, map[string]any{"facility_type": "hospital", "functional": "full", "compartment": "public", "name_fr": "Hôpital", "last_confirmed_at": began.Add(-2 * time.Hour)})
	return s
}

// block puts a gang's roadblock on the ground.
func (s *service) block(n int, lon, lat float64, subtype string) geo.Receipt {
	s.t.Helper()
	passing := map[string]string{"toll_post": "pay", "trench_ditch": "impossible", "barricade_manned": "impossible"}
	return s.put("roadblocks", n, orb.Point{lon, lat}, map[string]any{
		"subtype": subtype, "state": "active", "actor_type": "gang", "compartment": "hum", "confidence": .8, "last_confirmed_at": began.Add(-time.Hour), "name_fr": "Poste",
		"pass_mode": passing[subtype],
	})
}

const acrossLadder = `[[-72.40,18.5],[-72.34,18.5]]`

// wayQuestions is a good body for each question, by path.
var wayQuestions = map[string]string{
	"/v1/passage":              `{"points":` + acrossLadder + `}`,
	"/v1/passage/alternatives": `{"points":` + acrossLadder + `,"count":3}`,
	"/v1/reach":                `{"points":[[-72.40,18.5]],"minutes":[5,10]}`,
	"/v1/table":                `{"sources":[[-72.40,18.5]],"targets":[[-72.34,18.5],[-72.36,18.52]]}`,
	"/v1/reopen":               `{"points":` + acrossLadder + `}`,
}

// Every question is answered, as its schema says.
func TestWayAnswersHaveTheirSchemas(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	doc := definition(t, s)
	check := func(name string, op *openapi3.Operation, media string, body []byte) {
		t.Helper()
		var value any
		if err := json.Unmarshal(body, &value); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		schema := op.Responses.Status(http.StatusOK).Value.Content.Get(media).Schema.Value
		if err := schema.VisitJSON(value, openapi3.MultiErrors()); err != nil {
			t.Errorf("%s: %v in %.2000s", name, err, body)
		}
		whole, ok := value.(map[string]any)
		for _, member := range []string{"revision", "audience", "datetime", "notice"} {
			if !ok || whole[member] == nil {
				t.Errorf("%s does not name its %s: %.300s", name, member, body)
			}
		}
	}
	for path, body := range wayQuestions {
		w := want(t, s.do(http.MethodPost, path, body, asJSON, hum), http.StatusOK)
		check(path, doc.Paths.Value(path).Post, w.Header().Get("Content-Type"), w.Body.Bytes())
		if got := w.Header().Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control %q", path, got)
		}
		again := want(t, s.do(http.MethodPost, path, body, asJSON, hum), http.StatusOK)
		if !bytes.Equal(w.Body.Bytes(), again.Body.Bytes()) {
			t.Errorf("%s: two answers to one question", path)
		}
	}
	w := want(t, s.do(http.MethodPost, "/v1/passage", `{"points":`+acrossLadder+`,"include":["departures","counterfactual"]}`, asJSON, hum), http.StatusOK)
	check("/v1/passage with departures", doc.Paths.Value("/v1/passage").Post, mediaJSON, w.Body.Bytes())
	included := decodeBody[struct{ Departures, Counterfactuals []any }](t, w)
	if len(included.Departures) != 24 || len(included.Counterfactuals) == 0 {
		t.Errorf("%d departures, %d counterfactuals", len(included.Departures), len(included.Counterfactuals))
	}
	w = want(t, s.do(http.MethodPost, "/v1/passage?f=geojson", wayQuestions["/v1/passage"], asJSON, hum), http.StatusOK)
	var itinerary any
	if err := json.Unmarshal(w.Body.Bytes(), &itinerary); err != nil {
		t.Fatal(err)
	}
	if err := doc.Paths.Value("/v1/passage").Post.Responses.Status(200).Value.Content.Get(mediaGeoJSON).Schema.Value.VisitJSON(itinerary); err != nil {
		t.Errorf("as GeoJSON: %v", err)
	}
	for _, target := range []string{
		"/v1/isolation", "/v1/isolation?vehicle=truck_10t&profile=commercial&datetime=2025-02-28T12:00:00Z", "/v1/isolation?asof=3",
		"/v1/exclusions?engine=openrouteservice", "/v1/exclusions?engine=valhalla", "/v1/exclusions?engine=brouter&vehicle=foot",
	} {
		w := want(t, s.get(target, hum), http.StatusOK)
		path, _, _ := strings.Cut(target, "?")
		check(target, doc.Paths.Value(path).Get, mediaJSON, w.Body.Bytes())
		want(t, s.get(target, hum, with("If-None-Match", w.Header().Get("ETag"))), http.StatusNotModified)
	}
	w = want(t, s.get("/v1/exclusions?engine=osrm", hum), http.StatusOK)
	if got := w.Header().Get("Content-Type"); !strings.HasPrefix(got, mediaCSV) {
		t.Errorf("for osrm: %s", got)
	}
	wantProblem(t, s.get("/v1/exclusions?engine=osrm", hum, with("Accept", mediaJSON)), http.StatusNotAcceptable, geo.CodeNotAcceptable)
	wantProblem(t, s.get("/v1/exclusions", hum), http.StatusBadRequest, geo.CodeInvalid)
	wantProblem(t, s.get("/v1/exclusions?engine=google", hum), http.StatusBadRequest, geo.CodeInvalid)
	wantProblem(t, s.get("/v1/isolation?vehicle=boat", hum), http.StatusBadRequest, geo.CodeInvalid)
}

// The bodies of good questions fit the schemas that describe them.
func TestWayQuestionsHaveTheirSchemas(t *testing.T) {
	t.Parallel()
	doc := definition(t, start(t))
	bodies := map[string]string{"/v1/watches": `{"name":"x","passage":{"line":[[-72,18],[-72.1,18]],"asof":null}}`}
	for path, body := range wayQuestions {
		bodies[path] = body
	}
	bodies["/v1/watches"] = `{"name":"x","passage":` + wayQuestions["/v1/passage"] + `}`
	for path, body := range bodies {
		schema := doc.Paths.Value(path).Post.RequestBody.Value.Content.Get(mediaJSON).Schema.Value
		visit := func(body string) error {
			var value any
			if err := json.Unmarshal([]byte(body), &value); err != nil {
				t.Fatal(err)
			}
			return schema.VisitJSON(value)
		}
		if err := visit(body); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		common := `"vehicle":"foot","profile":"commercial","depart_at":"2025-03-01T12:00:00Z","datetime":"2025-03-01T12:00:00Z","max_age_h":24,
			"avoid":[{"geometry":{"type":"Polygon","coordinates":[[[-72,18],[-72,18.1],[-72.1,18],[-72,18]]]},"factor":3}],
			"except":["RN2"],"what_if":{"close":[[-72,18],[[-72,18],[-72.1,18]]],"open":[]},"ignore":[]`
		if path != "/v1/watches" {
			if err := visit(`{` + common + `,"asof":3,` + body[1:]); err != nil {
				t.Errorf("%s: %v", path, err)
			}
		}
		if visit(`{"surprise":1,`+body[1:]) == nil {
			t.Errorf("%s: the schema takes any member", path)
		}
	}
}

func TestPassageForms(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	ask := func(target string, options ...option) (media, language, body string) {
		t.Helper()
		w := want(t, s.do(http.MethodPost, target, wayQuestions["/v1/passage"], append(options, asJSON, hum)...), http.StatusOK)
		return w.Header().Get("Content-Type"), w.Header().Get("Content-Language"), w.Body.String()
	}
	const path = "/v1/passage"
	for _, c := range []struct {
		target, accept, languages  string
		media, language, somewhere string
	}{
		{path, "", "", mediaJSON, "", `"advice":"`},
		{path, mediaGeoJSON, "", mediaGeoJSON, "", `"FeatureCollection"`},
		{path + "?f=geojson", "", "en", mediaGeoJSON, "", `"kind":"way"`},
		{path, mediaGPX, "", mediaGPX, "fr", "<gpx"},
		{path + "?f=gpx&lang=en", "", "ht", mediaGPX, "en", "Modelled risk"},
		{path, mediaText, "de, ht-HT;q=0.9, en;q=0.2", mediaText + "; charset=utf-8", "ht", "Longè"},
		{path + "?f=text", "", "de", mediaText + "; charset=utf-8", "fr", "Longueur"},
		{path + "?f=text", "", "en-US,en;q=0.9,fr;q=0.8", mediaText + "; charset=utf-8", "en", "Length"},
		{path + "?f=json", mediaText, "", mediaJSON, "", `"advice":"`},
	} {
		var options []option
		if c.accept != "" {
			options = append(options, with("Accept", c.accept))
		}
		if c.languages != "" {
			options = append(options, with("Accept-Language", c.languages))
		}
		media, language, body := ask(c.target, options...)
		if media != c.media || language != c.language || !strings.Contains(body, c.somewhere) {
			t.Errorf("%+v: %s, %q, %.300s", c, media, language, body)
		}
	}
	wantProblem(t, s.do(http.MethodPost, path, wayQuestions[path], asJSON, hum, with("Accept", "image/png")), http.StatusNotAcceptable, geo.CodeNotAcceptable)
	wantProblem(t, s.do(http.MethodPost, path+"?f=pdf", wayQuestions[path], asJSON, hum), http.StatusBadRequest, geo.CodeInvalid)
	wantProblem(t, s.do(http.MethodPost, path+"?lang=de", wayQuestions[path], asJSON, hum), http.StatusBadRequest, geo.CodeInvalid)
	wantProblem(t, s.do(http.MethodPost, path+"?f=gpx", `{"points":`+acrossLadder+`,"include":["departures"]}`, asJSON, hum), http.StatusBadRequest, geo.CodeInvalid)
}

// What an audience does not know changes nothing that it is told, and an answer
// as of a revision stays what it was.
func TestWaysAreOfTheirAudienceAndRevision(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	ask := func(path, body string, who ...option) string {
		t.Helper()
		return want(t, s.do(http.MethodPost, path, body, append(who, asJSON)...), http.StatusOK).Body.String()
	}
	then := s.record.revision
	before := map[string]string{}
	asof := func(body string) string { return fmt.Sprintf(`{"asof":%d,`, then) + body[1:] }
	for path, body := range wayQuestions {
		before[path] = ask(path, asof(body), hum)
		if strings.Contains(ask(path, body), id(1).String()) {
			t.Errorf("%s tells the public of the roadblock", path)
		}
	}
	if !strings.Contains(before["/v1/passage"], id(1).String()) && !strings.Contains(ask("/v1/passage", `{"line":`+acrossLadder+`}`, hum), id(1).String()) {
		t.Fatal("nobody is told of the roadblock: this shows nothing")
	}
	isolation := want(t, s.get("/v1/isolation?asof="+then.String(), hum), http.StatusOK).Body.String()
	s.block(9, -72.35, 18.52, "barricade_manned")
	s.block(10, -72.355, 18.50, "barricade_manned")
	for path, body := range wayQuestions {
		if got := ask(path, asof(body), hum); got != before[path] {
			t.Errorf("%s as of %d is another one:\n%.500s\n%.500s", path, then, before[path], got)
		}
	}
	if got := want(t, s.get("/v1/isolation?asof="+then.String(), hum), http.StatusOK).Body.String(); got != isolation {
		t.Error("the isolation as of a revision is another one")
	}
	if got := ask("/v1/passage", `{"line":`+acrossLadder+`}`, hum); !strings.Contains(got, id(10).String()) {
		t.Errorf("the new roadblock is not known: %s", got)
	}
}

// What was reported a moment ago stands in the next answer, not from the next
// full minute on.
func TestRoadblockStandsInTheMinuteOfItsReport(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	s.record.mu.Lock()
	s.record.now = s.record.instant(s.record.revision + 1)
	if s.record.now.Equal(minute(s.record.now)) {
		t.Fatal("the clock stands at a full minute: this shows nothing")
	}
	from := s.record.now
	s.record.mu.Unlock()
	s.put("roadblocks", 10, orb.Point{-72.355, 18.50}, map[string]any{
		"subtype": "barricade_manned", "state": "active", "actor_type": "gang", "compartment": "hum", "valid_from": from,
	})
	got := want(t, s.do(http.MethodPost, "/v1/passage", `{"line":`+acrossLadder+`}`, asJSON, hum), http.StatusOK).Body.String()
	if !strings.Contains(got, id(10).String()) {
		t.Errorf("the roadblock of this minute is not known: %s", got)
	}
}

// A token for some layers gets no answer made from others, nor places of help
// that lie in them.
func TestTokensOfLayersAskAboutWays(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	all := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	some := bearer(s.record.token(geo.Reader, geo.Humanitarian, "controlled-zones", "roadblocks", "national-roads"))
	few := bearer(s.record.token(geo.Reader, geo.Humanitarian, "roadblocks"))
	refuges := func(who option) int {
		return len(decodeBody[struct{ Refuges []any }](t, want(t, s.do(http.MethodPost, "/v1/passage", wayQuestions["/v1/passage"], asJSON, who), 200)).Refuges)
	}
	if refuges(all) == 0 || refuges(some) != 0 {
		t.Errorf("%d places of help for all layers, %d for the token of three", refuges(all), refuges(some))
	}
	for path, body := range wayQuestions {
		wantProblem(t, s.do(http.MethodPost, path, body, asJSON, few), http.StatusForbidden, geo.CodeForbidden)
	}
	wantProblem(t, s.do(http.MethodPost, "/v1/reopen", wayQuestions["/v1/reopen"], asJSON, some), http.StatusForbidden, geo.CodeForbidden)
	wantProblem(t, s.get("/v1/isolation", some), http.StatusForbidden, geo.CodeForbidden)
	wantProblem(t, s.get("/v1/exclusions?engine=brouter", few), http.StatusForbidden, geo.CodeForbidden)
	want(t, s.get("/v1/exclusions?engine=brouter", some), http.StatusOK)
}

// slowEngine keeps whoever asks waiting: until the context ends, or for ever
// until it is let go.
type slowEngine struct {
	*passage.Engine
	deaf    bool
	letGo   chan struct{}
	entered chan struct{}
}

func (e *slowEngine) wait(ctx context.Context) error {
	if e.entered != nil {
		e.entered <- struct{}{}
	}
	if e.deaf {
		<-e.letGo
		return nil
	}
	<-ctx.Done()
	return fmt.Errorf("search at -72.3137713, 18.5713371: %w", ctx.Err())
}

func (e *slowEngine) Find(ctx context.Context, w *world.World, r passage.Request) (*passage.Answer, error) {
	if err := e.wait(ctx); err != nil {
		return nil, err
	}
	return e.Engine.Find(ctx, w, r)
}

func (e *slowEngine) Table(ctx context.Context, w *world.World, r passage.TableRequest) (*passage.Table, error) {
	if err := e.wait(ctx); err != nil {
		return nil, err
	}
	return &passage.Table{}, nil
}

func (e *slowEngine) Reach(context.Context, *world.World, passage.ReachRequest) (*passage.Reach, error) {
	panic("reach from -72.3137713, 18.5713371")
}

func TestQuestionsAreBounded(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := ladder(t, func(o *Options) {
		o.Engine, o.AnswerTime = &slowEngine{Engine: passage.NewEngine(passage.EngineOptions{})}, 50*time.Millisecond
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	for _, path := range []string{"/v1/passage", "/v1/table"} {
		w := s.do(http.MethodPost, path, wayQuestions[path], asJSON)
		wantProblem(t, w, http.StatusServiceUnavailable, codeTimedOut)
		if w.Header().Get("Retry-After") == "" {
			t.Errorf("%s: no Retry-After", path)
		}
	}
	// A fault of the program tells its log where it is, not who asked for what.
	wantProblem(t, s.do(http.MethodPost, "/v1/reach", wayQuestions["/v1/reach"], asJSON), http.StatusInternalServerError, codeInternal)
	if !strings.Contains(log.String(), "slowEngine") || strings.Contains(log.String(), "713") {
		t.Errorf("the log says: %s", log.String())
	}
}

func TestLargeQuestionsWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	engine := &slowEngine{Engine: passage.NewEngine(passage.EngineOptions{}), deaf: true, letGo: make(chan struct{}), entered: make(chan struct{}, 1)}
	s := ladder(t, func(o *Options) { o.Engine, o.MaxHeavy, o.AnswerTime = engine, 1, 200*time.Millisecond })
	ask := func() int { return s.do(http.MethodPost, "/v1/table", wayQuestions["/v1/table"], asJSON).Code }
	var first sync.WaitGroup
	first.Go(func() {
		if code := ask(); code != http.StatusOK {
			t.Errorf("the first: status %d", code)
		}
	})
	<-engine.entered
	wantProblem(t, s.do(http.MethodPost, "/v1/table", wayQuestions["/v1/table"], asJSON), http.StatusServiceUnavailable, codeBusy)
	close(engine.letGo)
	first.Wait()
	if code := ask(); code != http.StatusOK { // the place is free again
		t.Errorf("afterwards: status %d", code)
	}
}

// Faults in a question are named without repeating it, and the log does not
// know who asked.
func TestFaultsRepeatNothing(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := ladder(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	s.account("zqcaller", geo.Reader, geo.Humanitarian)
	cookie, csrf := s.signedIn("zqcaller")
	log.Reset()
	const lon, lat, at = "-72.3137713", "18.5713371", "2031-07-13T03:17:41Z"
	for _, members := range []string{
		`"points":[[` + lon + `,` + lat + `]]`, `"points":[[` + lat + `,` + lon + `],[` + lon + `,` + lat + `]]`,
		`"points":[[` + lon + `,89.5713371],[` + lon + `,` + lat + `]]`, `"points":"` + lon + `,` + lat + `"`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"vehicle":"` + lon + `"`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"depart_at":"` + at + ` x"`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"depart_at":"9731-07-13T03:17:41+01:00"`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"asof":"` + at + `"`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"ignore":["` + lon + `"]`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"` + lon + `":1`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"avoid":[{"geometry":{"type":"Polygon","coordinates":[[[` + lon + `,` + lat + `],[-72.3,18.5]]]}}]`,
		`"points":[[` + lon + `,` + lat + `],[` + lon + `,` + lat + `]],"max_age_h":` + lon,
	} {
		for _, path := range []string{"/v1/passage", "/v1/passage/alternatives", "/v1/reach", "/v1/table", "/v1/reopen", "/v1/watches"} {
			body := `{` + members + `}`
			if path == "/v1/watches" {
				body = `{"name":"` + lat + `","passage":` + body + `,"expires_at":"` + at + `x"}`
			}
			w := s.do(http.MethodPost, path, body, asJSON, cookie, csrf)
			if w.Code < 400 || w.Code >= 500 {
				t.Errorf("%s %s: status %d", path, body, w.Code)
			}
			for _, secret := range []string{"313771", "571337", "07-13", "03:17", "02:17", "9731", "zqcaller"} {
				if strings.Contains(w.Body.String(), secret) {
					t.Errorf("%s %s repeats %s: %s", path, body, secret, w.Body)
				}
			}
		}
	}
	for _, target := range []string{
		"/v1/isolation?datetime=2031-07-13T03:17:41x", "/v1/isolation?vehicle=" + lon, "/v1/exclusions?engine=" + lat, "/v1/exclusions?engine=osrm&asof=-" + at, "/v1/isolation?" + lon + "=" + lat,
	} {
		w := s.get(target, cookie)
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", target, w.Code)
		}
		for _, secret := range []string{"313771", "571337", "07-13", "03:17"} {
			if strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s repeats %s: %s", target, secret, w.Body)
			}
		}
	}
	if log.Len() == 0 {
		t.Error("nothing was logged at all: this shows nothing")
	}
	// The numbers and times that the log has of its own are drawn and measured.
	logged := regexp.MustCompile(`(time|request|took)=\S+`).ReplaceAllString(log.String(), "$1=")
	for _, secret := range []string{"313771", "571337", "07-13", "03:17", "9731", "zqcaller"} {
		if strings.Contains(logged, secret) {
			t.Errorf("the log repeats %s: %s", secret, logged)
		}
	}
	// What an error says by itself stays.
	p := wantProblem(t, s.do(http.MethodPost, "/v1/passage", `{"points":[[10,10],[10,10]]}`, asJSON, cookie, csrf), 400, geo.CodeInvalid)
	if !strings.Contains(p.Detail, "outside Haiti (lon -7") {
		t.Errorf("%s", p.Detail)
	}
}
