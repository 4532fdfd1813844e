package api

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// covered is the ladder in two communes with a section, police and a tally of
// observations.
func covered(t testing.TB, change ...func(*Options)) *service {
	t.Helper()
	s := ladder(t, change...)
	s.put("admin-areas", 29, square(-72.5, 18.45, .2), map[string]any{"pcode": "HT01", "level": int64(1), "compartment": "public", "name_fr": "Ouest", "name_ht": "Lwès", "name_en": "West"})
	for n, pcode := range []string{"HT0111", "HT0112"} {
		s.put("admin-areas", 30+n, square(-72.5+float64(n)*.1, 18.45, .1), map[string]any{
			"pcode": pcode, "parent_pcode": "HT01", "level": int64(2), "population": int64(100_000 * (n + 1)), "compartment": "public", "name_fr": "Commune " + pcode, "name_ht": "Komin " + pcode, "name_en": "Community " + pcode,
		})
	}
	s.put("admin-areas", 33, square(-72.5, 18.45, .05), map[string]any{"pcode": "HT011101", "parent_pcode": "HT0111", "level": int64(3), "compartment": "public"})
	s.put("police-facilities", 20, orb.Point{-72.45, 18.5}, map[string]any{
		"facility_type": "police_commissariat", "functional": "full", "compartment": "hum", "last_confirmed_at": began.Add(-2 * time.Hour),
	})
	s.put("incidents", 21, orb.Point{-72.39, 18.5}, map[string]any{"compartment": "hum", "event_type": "clash"})
	return s
}

const (
	coverageSpan = "from=2025-02-25T00:00:00Z&to=2025-03-01T12:00:00Z"
	drawnSquare  = `{"type":"Polygon","coordinates":[[[-72.4,18.49],[-72.36,18.49],[-72.36,18.52],[-72.4,18.52],[-72.4,18.49]]]}`
)

// coverageQuestions are good questions, each with the media types it has.
var coverageQuestions = []string{
	"/v1/coverage", "/v1/coverage?area=ZMPP,HT0111&datetime=2025-03-01T11:00:00Z", "/v1/coverage/indicators",
	"/v1/coverage/values?indicator=T1,G1&area=HT0111", "/v1/coverage/values?level=commune", "/v1/coverage/values?indicator=T2&area=HT",
	"/v1/coverage/series?indicator=T1&area=HT0111&" + coverageSpan, "/v1/coverage/series?indicator=T1&step=12h&" + coverageSpan,
	"/v1/coverage/changes?area=ZMPP&" + coverageSpan, "/v1/coverage/objectives", "/v1/exposure?area=HT0111",
}

func TestCoverageAnswersHaveTheirSchemas(t *testing.T) {
	t.Parallel()
	s := covered(t)
	doc := definition(t, s)
	for _, a := range geo.Audiences() {
		var who []option
		if a != geo.Public {
			who = []option{bearer(s.record.token(geo.Reader, a))}
		}
		for _, target := range coverageQuestions {
			w := want(t, s.get(target, who...), http.StatusOK)
			path, _, _ := strings.Cut(target, "?")
			var value any
			if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
				t.Fatalf("%s: %v", target, err)
			}
			media, _, _ := strings.Cut(w.Header().Get("Content-Type"), ";")
			schema := doc.Paths.Value(path).Get.Responses.Status(http.StatusOK).Value.Content.Get(media)
			if schema == nil {
				t.Fatalf("%s: %s is not described", target, media)
			}
			if err := schema.Schema.Value.VisitJSON(value, openapi3.MultiErrors()); err != nil {
				t.Errorf("%s for %s: %v in %.1000s", target, a, err, w.Body)
			}
			tag := w.Header().Get("ETag")
			if tag == "" || w.Header().Get("Cache-Control") != "private, no-cache" || w.Header().Get("Pasaj-Audience") != a.String() {
				t.Errorf("%s: %v", target, w.Header())
			}
			again := want(t, s.get(target, append(slices.Clone(who), with("If-None-Match", tag))...), http.StatusNotModified)
			if again.Body.Len() != 0 {
				t.Errorf("%s: a body beside 304", target)
			}
			want(t, s.get(target, append(slices.Clone(who), with("If-None-Match", `"another"`))...), http.StatusOK)
			head := want(t, s.do(http.MethodHead, target, "", who...), http.StatusOK)
			if head.Body.Len() != 0 || head.Header().Get("ETag") != tag {
				t.Errorf("HEAD %s: %v", target, head.Header())
			}
			if a == geo.Public && (bytes.Contains(w.Body.Bytes(), []byte(id(2).String())) || bytes.Contains(w.Body.Bytes(), []byte(id(20).String())) || bytes.Contains(w.Body.Bytes(), []byte(id(21).String()))) {
				t.Errorf("%s tells the public of a zone, a station or an incident", target)
			}
		}
	}
}

func TestCoverageParameterErrors(t *testing.T) {
	t.Parallel()
	s := covered(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	values, series, changes := "/v1/coverage/values", "/v1/coverage/series?indicator=T1&"+coverageSpan, "/v1/coverage/changes?"+coverageSpan
	many := strings.Repeat("HT,", 600) + "HT"
	for target, parameter := range map[string]string{
		values + "?indicator=T1,nonsense":                            "indicator",
		values + "?indicator=":                                       "indicator",
		values + "?indicator=t1":                                     "indicator",
		values + "?indicator=T1&indicator=G1":                        "indicator",
		values + "?level=street":                                     "level",
		values + "?level=drawn":                                      "level",
		values + "?area=a%20b":                                       "area",
		values + "?area=" + many:                                     "area",
		values + "?datetime=2025-01-01/..":                           "datetime",
		values + "?datetime=1200-01-01T00:00:00Z":                    "datetime",
		values + "?asof=0":                                           "asof",
		values + "?asof=x":                                           "asof",
		values + "?f=xml":                                            "f",
		values + "?f=geojson":                                        "f",
		values + "?f=csv&lang=de":                                    "lang",
		values + "?from=2025-01-01T00:00:00Z":                        "from",
		values + "?geometry=x":                                       "geometry",
		"/v1/coverage/series?" + coverageSpan:                        "indicator",
		"/v1/coverage/series?indicator=T1,G1":                        "indicator",
		"/v1/coverage/series?indicator=T1":                           "from",
		series + "&step=0d":                                          "step",
		series + "&step=-1d":                                         "step",
		series + "&step=%2B1d":                                       "step",
		series + "&step=1.5d":                                        "step",
		series + "&step=1":                                           "step",
		series + "&step=PT":                                          "step",
		series + "&step=P1H":                                         "step",
		series + "&step=99999d":                                      "step",
		series + "&step=1m":                                          "step",
		"/v1/coverage/series?indicator=T1&from=yesterday":            "from",
		"/v1/coverage/series?indicator=T1&from=2090-01-01T00:00:00Z": "from",
		"/v1/coverage/series?indicator=T1&from=2025-02-01T00:00:00Z&to=2025-02-01T00:00:00Z": "from",
		"/v1/coverage/series?indicator=T1&from=2025-02-01T00:00:00Z&to=2500-01-01T00:00:00Z": "to",
		"/v1/coverage/series?indicator=T1&from=2025-02-01T00:00:00Z&to=2025-02-31T00:00:00Z": "to",
		"/v1/coverage/changes":             "from",
		"/v1/coverage/changes?from=x":      "from",
		changes + "&step=1d":               "step",
		changes + "&datetime=2025-02-01":   "datetime",
		changes + "&f=csv":                 "f",
		"/v1/coverage/objectives?area=HT":  "area",
		"/v1/coverage/objectives?f=csv":    "f",
		"/v1/coverage/indicators?level=HT": "level",
		"/v1/exposure?level=x":             "level",
		"/v1/exposure?datetime=tomorrow":   "datetime",
		"/v1/coverage?f=csv":               "f",
		"/v1/coverage?indicator=T1":        "indicator",
		"/v1/coverage?least_sources=1":     "least_sources",
	} {
		p := wantProblem(t, s.get(target, hum), http.StatusBadRequest, geo.CodeInvalid)
		if len(p.Errors) != 1 || p.Errors[0].Parameter != parameter {
			t.Errorf("%.100s: %+v, want parameter %s", target, p.Errors, parameter)
		}
	}
	for _, target := range []string{
		"/v1/coverage?area=HT9999", values + "?area=HT9999", values + "?area=HT0111,HT9999", values + "?area=HT0111&level=department", series + "&area=HT9999",
		changes + "&area=HT9999", "/v1/exposure?area=HT9999", values + "?area=drawn",
	} {
		for _, who := range [][]option{{hum}, nil} {
			p := wantProblem(t, s.get(target, who...), http.StatusNotFound, geo.CodeNotFound)
			if len(p.Errors) != 1 || p.Errors[0].Parameter != "area" {
				t.Errorf("%s: %+v", target, p)
			}
		}
	}
	// Too many points are refused before anything is measured.
	for _, target := range []string{
		"/v1/coverage/series?indicator=T1&from=1950-01-01T00:00:00Z&to=2090-01-01T00:00:00Z&step=1h",
		"/v1/coverage/series?indicator=T2&from=2020-01-01T00:00:00Z&to=2025-01-01T00:00:00Z&step=1d",
	} {
		wantProblem(t, s.get(target, hum), http.StatusBadRequest, geo.CodeInvalid)
	}
	for target, code := range map[string]geo.Code{values + "?asof=9999": codeUnknownRevision, "/v1/coverage?asof=1999-01-01T00:00:00Z": codeUnknownRevision} {
		wantProblem(t, s.get(target, hum), http.StatusNotFound, code)
	}
	wantProblem(t, s.get(values, hum, with("Accept", "image/png")), http.StatusNotAcceptable, geo.CodeNotAcceptable)
	wantProblem(t, s.get("/v1/coverage/changes?"+coverageSpan, hum, with("Accept", "text/csv")), http.StatusNotAcceptable, geo.CodeNotAcceptable)
	wantProblem(t, s.do(http.MethodPost, "/v1/coverage", "{}", asJSON, hum), http.StatusMethodNotAllowed, codeNotAllowed)
	for step, want := range map[string]time.Duration{"1d": 24 * time.Hour, "6h": 6 * time.Hour, "P2D": 48 * time.Hour, "PT12H": 12 * time.Hour, "p1d": 24 * time.Hour} {
		if got, err := parseStep(step); err != nil || got != want {
			t.Errorf("%s: %v, %v", step, got, err)
		}
	}
}

func TestCoverageForms(t *testing.T) {
	t.Parallel()
	s := covered(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	for _, path := range []string{"/v1/coverage/values?indicator=T1,G1&area=HT0111", "/v1/coverage/series?indicator=T1&area=HT0111&" + coverageSpan} {
		var fr string
		for _, form := range []struct {
			query   string
			options []option
			// language of the answer; "" for JSON
			language string
		}{
			{"", nil, ""},
			{"&f=json", []option{with("Accept", "text/csv")}, ""},
			{"&f=csv", nil, "fr"},
			{"&f=csv&lang=ht", []option{with("Accept-Language", "en")}, "ht"},
			{"&f=csv", []option{with("Accept-Language", "de, ht-HT;q=0.9, en;q=0.2")}, "ht"},
			{"", []option{with("Accept", "text/csv"), with("Accept-Language", "en")}, "en"},
		} {
			w := want(t, s.get(path+form.query, append(form.options, hum)...), http.StatusOK)
			media, language := w.Header().Get("Content-Type"), w.Header().Get("Content-Language")
			if form.language == "" {
				if media != mediaJSON || language != "" || !json.Valid(w.Body.Bytes()) {
					t.Errorf("%s%s: %s %s", path, form.query, media, language)
				}
				continue
			}
			if media != "text/csv; charset=utf-8" || language != form.language || !strings.Contains(w.Header().Get("Vary"), "Accept-Language") {
				t.Errorf("%s%s: %v", path, form.query, w.Header())
			}
			rows, err := csv.NewReader(bytes.NewReader(w.Body.Bytes())).ReadAll()
			if err != nil || len(rows) < 3 {
				t.Fatalf("%s%s: %d rows, %v", path, form.query, len(rows), err)
			}
			named := map[string]string{"fr": "Commune HT0111, commune HT0111", "ht": "Komin HT0111, komin HT0111", "en": "Community HT0111, commune HT0111"}[form.language]
			if !strings.Contains(w.Body.String(), named) {
				t.Errorf("%s%s: no %q in %.500s", path, form.query, named, w.Body)
			}
			if form.language == "fr" {
				fr = w.Header().Get("ETag")
			} else if w.Header().Get("ETag") == fr {
				t.Errorf("%s%s: the tag of another language", path, form.query)
			}
		}
	}
}

func TestDrawnCoverage(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	s := covered(t, func(o *Options) {
		o.Log = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	const path = "/v1/coverage/values"
	ask := func(body string, who ...option) string {
		t.Helper()
		w := want(t, s.do(http.MethodPost, path, body, append(who, asJSON)...), http.StatusOK)
		if w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("ETag") != "" {
			t.Errorf("%v", w.Header())
		}
		return w.Body.String()
	}
	answer := ask(`{"geometry":`+drawnSquare+`}`, hum)
	var got coverage.Measurement
	if err := json.Unmarshal([]byte(answer), &got); err != nil {
		t.Fatal(err)
	}
	codes := map[string]bool{}
	for _, v := range got.Values {
		codes[v.Indicator] = true
		if v.Area != coverage.Drawn {
			t.Errorf("%s is of %s", v.Indicator, v.Area)
		}
	}
	if len(codes) < 30 || !codes["T1"] || !codes["P1"] {
		t.Errorf("only %d indicators of a polygon", len(codes))
	}
	multi := strings.Replace(strings.Replace(drawnSquare, "Polygon", "MultiPolygon", 1), `[[[`, `[[[[`, 1)
	multi = strings.Replace(multi, `]]]`, `]]]]`, 1)
	if a, b := ask(`{"geometry":`+drawnSquare+`,"indicators":["T1"]}`, hum), ask(`{"geometry":`+multi+`,"indicators":["T1"]}`, hum); a != b || !strings.Contains(a, id(2).String()) {
		t.Errorf("a Polygon and the MultiPolygon of it:\n%s\n%s", a, b)
	}
	if got := ask(`{"geometry":` + drawnSquare + `,"indicators":["T1","G1"],"datetime":"2025-03-01T11:00:00Z","asof":null}`); !strings.Contains(got, `"withheld"`) || strings.Contains(got, id(2).String()) {
		t.Errorf("the public is told %s", got)
	}
	ring := func(points ...string) string {
		return `{"type":"Polygon","coordinates":[[` + strings.Join(points, ",") + `]]}`
	}
	large := make([]string, 30_000)
	for i := range large {
		large[i] = fmt.Sprintf("[%.6f,%.6f]", -72.4+1e-6*float64(i), 18.5+1e-6*float64(i%7))
	}
	large = append(large, "[-72.37,18.6]", large[0])
	for name, test := range map[string]struct {
		body    string
		status  int
		code    geo.Code
		pointer string
	}{
		"nothing":            {`{}`, 400, geo.CodeInvalid, "/geometry"},
		"null":               {`{"geometry":null}`, 400, geo.CodeInvalid, "/geometry"},
		"no JSON":            {`x`, 400, geo.CodeInvalid, ""},
		"a list":             {`[]`, 400, geo.CodeInvalid, ""},
		"two":                {`{"geometry":` + drawnSquare + `}{}`, 400, geo.CodeInvalid, ""},
		"no geometry at all": {`{"geometry":{"type":"Polygon"}}`, 400, geo.CodeInvalid, "/geometry"},
		"a text":             {`{"geometry":"x"}`, 400, geo.CodeInvalid, "/geometry"},
		"a feature":          {`{"geometry":{"type":"Feature","geometry":` + drawnSquare + `}}`, 400, geo.CodeInvalid, "/geometry"},
		"a point":            {`{"geometry":{"type":"Point","coordinates":[-72.4,18.5]}}`, 400, geo.CodeInvalid, "/geometry"},
		"a line":             {`{"geometry":{"type":"LineString","coordinates":[[-72.4,18.5],[-72.3,18.5]]}}`, 400, geo.CodeInvalid, "/geometry"},
		"empty":              {`{"geometry":{"type":"MultiPolygon","coordinates":[]}}`, 400, geo.CodeInvalid, "/geometry"},
		"crossing itself":    {`{"geometry":` + ring("[-72.4,18.5]", "[-72.3,18.6]", "[-72.3,18.5]", "[-72.4,18.6]", "[-72.4,18.5]") + `}`, 422, geo.CodeInvalidGeometry, "/geometry"},
		"not closed":         {`{"geometry":` + ring("[-72.4,18.5]", "[-72.3,18.6]", "[-72.3,18.5]", "[-72.4,18.6]") + `}`, 422, geo.CodeInvalidGeometry, "/geometry"},
		"without ground":     {`{"geometry":` + ring("[-72.4,18.5]", "[-72.4,18.5]", "[-72.4,18.5]", "[-72.4,18.5]") + `}`, 422, geo.CodeInvalidGeometry, "/geometry"},
		"30,000 vertices":    {`{"geometry":` + ring(large...) + `}`, 413, geo.CodeTooLarge, "/geometry"},
		"not a number":       {`{"geometry":` + ring("[NaN,18.5]", "[-72.3,18.6]", "[-72.3,18.5]", "[NaN,18.5]") + `}`, 400, geo.CodeInvalid, ""},
		"past all numbers":   {`{"geometry":` + ring("[-1e999,18.5]", "[-72.3,18.6]", "[-72.3,18.5]", "[-1e999,18.5]") + `}`, 400, geo.CodeInvalid, "/geometry"},
		"the antimeridian":   {`{"geometry":` + ring("[179,18.5]", "[-179,18.5]", "[-179,18.6]", "[179,18.5]") + `}`, 400, geo.CodeInvalid, "/geometry"},
		"swapped":            {`{"geometry":` + ring("[18.5,-72.4]", "[18.6,-72.3]", "[18.5,-72.3]", "[18.5,-72.4]") + `}`, 400, geo.CodeInvalid, "/geometry"},
		"an unknown member":  {`{"geometry":` + drawnSquare + `,"surprise":1}`, 400, geo.CodeInvalid, "/surprise"},
		"an unknown code":    {`{"geometry":` + drawnSquare + `,"indicators":["T1","nonsense"]}`, 400, geo.CodeInvalid, "/indicators/1"},
		"a code alone":       {`{"geometry":` + drawnSquare + `,"indicators":"T1"}`, 400, geo.CodeInvalid, "/indicators"},
		"no instant":         {`{"geometry":` + drawnSquare + `,"datetime":"yesterday"}`, 400, geo.CodeInvalid, "/datetime"},
		"of the year 1200":   {`{"geometry":` + drawnSquare + `,"datetime":"1200-01-01T00:00:00Z"}`, 400, geo.CodeInvalid, "/datetime"},
		"no revision":        {`{"geometry":` + drawnSquare + `,"asof":"x"}`, 400, geo.CodeInvalid, "/asof"},
		"revision 0":         {`{"geometry":` + drawnSquare + `,"asof":0}`, 400, geo.CodeInvalid, "/asof"},
		"a list of them":     {`{"geometry":` + drawnSquare + `,"asof":[1]}`, 400, geo.CodeInvalid, "/asof"},
		"a later revision":   {`{"geometry":` + drawnSquare + `,"asof":9999}`, 404, codeUnknownRevision, ""},
		"too long":           {`{"geometry":` + drawnSquare + strings.Repeat(" ", maxCoverageBytes) + `}`, 413, geo.CodeTooLarge, ""},
	} {
		w := s.do(http.MethodPost, path, test.body, asJSON, hum)
		p := wantProblem(t, w, test.status, test.code)
		pointer := ""
		if len(p.Errors) > 0 {
			pointer = p.Errors[0].Pointer
		}
		if pointer != test.pointer && (test.pointer == "" || !strings.HasPrefix(pointer, test.pointer+"/coordinates")) {
			t.Errorf("%s: pointer %q, want %q: %s", name, pointer, test.pointer, w.Body)
		}
	}
	wantProblem(t, s.do(http.MethodPost, path, `{"geometry":`+drawnSquare+`}`, hum, with("Content-Type", "text/plain")), http.StatusUnsupportedMediaType, geo.CodeUnsupportedMedia)
	wantProblem(t, s.do(http.MethodPost, path+"?area=HT", `{"geometry":`+drawnSquare+`}`, asJSON, hum), http.StatusBadRequest, geo.CodeInvalid)

	// Nothing of what was asked, nor who asked, is in the log or in an error.
	s.account("zqcaller", geo.Reader, geo.Humanitarian)
	cookie, csrf := s.signedIn("zqcaller")
	log.Reset()
	const lon, lat, at = "-72.3137713", "18.5713371", "2031-07-13T03:17:41Z"
	good := ring("["+lon+","+lat+"]", "[-72.2,18.5713371]", "[-72.2,18.6]", "["+lon+","+lat+"]")
	for _, body := range []string{
		`{"geometry":` + good + `,"datetime":"` + at + `"}`, `{"geometry":` + good + `,"indicators":["` + lon + `"]}`, `{"geometry":` + good + `,"` + lon + `":1}`,
		`{"geometry":` + good + `,"datetime":"` + at + `x"}`, `{"geometry":` + good + `,"asof":"` + at + `"}`,
		`{"geometry":` + ring("["+lat+","+lon+"]", "["+lon+","+lat+"]", "["+lat+","+lat+"]", "["+lat+","+lon+"]") + `}`,
		`{"geometry":` + ring("["+lon+","+lat+"]", "[-72.3,18.6]", "[-72.2,18.5]") + `}`,
		`{"geometry":` + ring("["+lon+","+lat+"]", "[-72.3,18.6]", "["+lon+",18.6]", "[-72.3,"+lat+"]", "["+lon+","+lat+"]") + `}`,
		`{"geometry":{"type":"Point","coordinates":[` + lon + `,` + lat + `]}}`,
	} {
		w := s.do(http.MethodPost, path, body, asJSON, cookie, csrf)
		for _, secret := range []string{"313771", "571337", "07-13", "03:17", "zqcaller"} {
			if w.Code != http.StatusOK && strings.Contains(w.Body.String(), secret) {
				t.Errorf("%s repeats %s: %s", body, secret, w.Body)
			}
		}
	}
	if !strings.Contains(log.String(), "findCoverageValues") {
		t.Error("the log does not tell of questions at all: this shows nothing")
	}
	for _, secret := range []string{"313771", "571337", "07-13", "03:17", "zqcaller"} {
		if strings.Contains(log.String(), secret) {
			t.Errorf("the log repeats %s: %s", secret, log.String())
		}
	}
}

// As of a revision an answer is the same to the byte whatever is written later,
// from memory and by a server that has none of it.
func TestCoverageIsOfItsRevision(t *testing.T) {
	t.Parallel()
	s := covered(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	then := s.record.revision
	var targets []string
	for _, target := range coverageQuestions {
		if target != "/v1/coverage/indicators" {
			separator := "?"
			if strings.Contains(target, "?") {
				separator = "&"
			}
			targets = append(targets, fmt.Sprintf("%s%sasof=%d", target, separator, then), target+separator+"asof="+url.QueryEscape(geo.FormatInstant(s.record.instant(then))))
		}
	}
	drawn := fmt.Sprintf(`{"geometry":%s,"asof":%d}`, drawnSquare, then)
	ask := func(by *service) (out []string) {
		for _, target := range targets {
			w := want(t, by.get(target, hum), http.StatusOK)
			if got := w.Header().Get("Pasaj-Revision"); got != then.String() {
				t.Errorf("%s: revision %s", target, got)
			}
			if fixed := strings.Contains(target, fmt.Sprintf("asof=%d", then)) && !strings.Contains(target, "asof=20"); fixed != strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %s", target, w.Header().Get("Cache-Control"))
			}
			out = append(out, w.Body.String())
		}
		return append(out, want(t, by.do(http.MethodPost, "/v1/coverage/values", drawn, asJSON, hum), http.StatusOK).Body.String())
	}
	before := ask(s)
	present := want(t, s.get("/v1/coverage/values?indicator=T1&area=HT0112", hum), http.StatusOK).Body.String()
	s.zone(40, -72.4, 18.46)
	s.put("police-facilities", 41, orb.Point{-72.38, 18.5}, map[string]any{"facility_type": "police_commissariat", "functional": "none", "compartment": "hum", "last_confirmed_at": began})
	s.put("incidents", 42, orb.Point{-72.38, 18.51}, map[string]any{"compartment": "hum", "event_type": "clash"})
	s.put("controlled-zones", 43, square(-72.39, 18.495, 0.03), map[string]any{ // known late: it stood already
		"control_type": "contested", "claim_level": "claimed", "boundary_quality": "buffer", "compartment": "hum", "valid_from": began.Add(-100 * 24 * time.Hour), "last_confirmed_at": began,
	})
	if got := want(t, s.get("/v1/coverage/values?indicator=T1&area=HT0112", hum), http.StatusOK).Body.String(); got == present {
		t.Fatal("the later writes change nothing: this shows nothing")
	}
	after := ask(s)
	fresh, err := New(s.options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fresh.Close)
	fresh.options.Coverage = coverage.NewEngine(coverage.Options{})
	anew := ask(&service{Server: fresh, record: s.record, t: t})
	for i, target := range append(targets, "the polygon") {
		if before[i] != after[i] || before[i] != anew[i] {
			t.Errorf("%s is another one:\n%.600s\n%.600s\n%.600s", target, before[i], after[i], anew[i])
		}
	}
}

// tallies are observations that each audience may count.
type tallies map[geo.Audience][]geo.Tally

func (s tallies) Tally(_ context.Context, a geo.Audience, _ geo.Revision) ([]geo.Tally, error) {
	if a == geo.Public {
		return nil, errors.New("the public counts no observations")
	}
	return s[a], nil
}

func TestTokensOfLayersAskAboutCoverage(t *testing.T) {
	t.Parallel()
	seen := tallies{geo.Humanitarian: {{Commune: "HT0111", ObservedAt: began.Add(-time.Hour), TriageState: "triaged", Channel: "sms", SourceKey: "a"}}}
	s := covered(t, func(o *Options) { o.Evidence = seen })
	all := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	zones := bearer(s.record.token(geo.Reader, geo.Humanitarian, "controlled-zones", "admin-areas"))
	ground := bearer(s.record.token(geo.Reader, geo.Humanitarian, "admin-areas"))
	body := func(codes string) string { return `{"geometry":` + drawnSquare + `,"indicators":[` + codes + `]}` }
	// What the one asked for is kept for nobody else.
	for _, target := range coverageQuestions {
		want(t, s.get(target, all), http.StatusOK)
		if target == "/v1/coverage/indicators" {
			want(t, s.get(target, ground), http.StatusOK)
			continue
		}
		wantProblem(t, s.get(target, ground), http.StatusForbidden, geo.CodeForbidden)
	}
	for _, target := range []string{"/v1/coverage/values?indicator=T1&area=HT0111", "/v1/coverage/series?indicator=T1&area=HT0111&" + coverageSpan} {
		want(t, s.get(target, zones), http.StatusOK)
	}
	roads := bearer(s.record.token(geo.Reader, geo.Humanitarian, "admin-areas", "national-roads", "roadblocks"))
	for _, i := range coverage.Indicators() { // all that is counted is asked for, not only what cannot be left out
		if strings.HasPrefix(i.Code, "Q") {
			wantProblem(t, s.get("/v1/coverage/values?indicator="+i.Code, ground), http.StatusForbidden, geo.CodeForbidden)
		}
	}
	wantProblem(t, s.get("/v1/coverage/values?indicator=R1", roads), http.StatusForbidden, geo.CodeForbidden)
	wantProblem(t, s.get("/v1/exposure", bearer(s.record.token(geo.Reader, geo.Humanitarian, "controlled-zones", "admin-areas", "facilities", "ports", "airports", "police-facilities"))), http.StatusForbidden, geo.CodeForbidden)
	for _, target := range []string{
		"/v1/coverage/values", "/v1/coverage/values?indicator=G1", "/v1/coverage/values?indicator=T1,G1", "/v1/coverage/objectives", "/v1/exposure",
		"/v1/coverage/changes?" + coverageSpan, "/v1/coverage/series?indicator=G1&" + coverageSpan,
		"/v1/reach?from=police&minutes=15", "/v1/reach?from=facilities:police&minutes=15",
	} {
		wantProblem(t, s.get(target, zones), http.StatusForbidden, geo.CodeForbidden)
	}
	want(t, s.do(http.MethodPost, "/v1/coverage/values", body(`"T1"`), asJSON, zones), http.StatusOK)
	wantProblem(t, s.do(http.MethodPost, "/v1/coverage/values", body(`"T1","G1"`), asJSON, zones), http.StatusForbidden, geo.CodeForbidden)
	wantProblem(t, s.do(http.MethodPost, "/v1/coverage/values", `{"geometry":`+drawnSquare+`}`, asJSON, zones), http.StatusForbidden, geo.CodeForbidden)
	for _, a := range []geo.Audience{geo.Public, geo.Security, geo.Operations} {
		var who []option
		if a != geo.Public {
			who = []option{bearer(s.record.token(geo.Reader, a))}
		}
		want(t, s.get("/v1/coverage/values?area=HT0111", who...), http.StatusOK)
	}
}

// releases are what the public was told, as the record keeps it.
type releases struct {
	mu   sync.Mutex
	list []geo.Release
	err  error
}

func (r *releases) Release(_ context.Context, a geo.Audience, at time.Time) (geo.Release, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.err != nil {
		return geo.Release{}, r.err
	}
	if a != geo.Public {
		return geo.Release{}, errors.New("a release is asked for as the public")
	}
	for _, one := range slices.Backward(r.list) {
		if !one.At.After(at) {
			return one, nil
		}
	}
	return geo.Release{}, geo.Errorf(geo.CodeNotFound, "", "nothing was released by then")
}

func (r *releases) tell(t testing.TB, at time.Time, areas ...string) {
	t.Helper()
	told := coverage.Released{
		At: geo.FormatInstant(at), Datetime: geo.FormatInstant(at.Add(-24 * time.Hour)), Revision: 1, Audience: "public", FormulaVersion: "1", Sources: 3, Rounding: .01,
	}
	for _, id := range areas {
		told.Areas = append(told.Areas, coverage.ReleasedArea{
			ID: id, Name: geo.Text{French: id}, Level: coverage.LevelCommune, Status: coverage.Assessed, Denominator: coverage.Denominator{Name: id, AreaKm2: 1, Members: []string{id}},
			Classes: []coverage.Class{{Class: coverage.ClassControlled, Share: &coverage.Range{High: .5}}},
		})
	}
	body, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, geo.Release{At: at, Revision: 1, K: 3, Formula: "1", Body: body})
}

type releasedAnswer struct {
	ReleasedAt string `json:"released_at"`
	Areas      []coverage.ReleasedArea
}

func TestPublicIsToldWhatWasReleased(t *testing.T) {
	t.Parallel()
	told := &releases{}
	s := covered(t, func(o *Options) { o.Releases = told })
	s.record.mu.Lock()
	s.record.now = began.Add(100 * time.Hour)
	s.record.mu.Unlock()
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	ask := func(query string) releasedAnswer {
		t.Helper()
		return decodeBody[releasedAnswer](t, want(t, s.get("/v1/coverage"+query), http.StatusOK))
	}
	if got := ask("?area=HT0111"); got.ReleasedAt != "" || got.Areas[0].Status != coverage.Withheld {
		t.Errorf("before anything was released: %+v", got)
	}
	first, second := began.Add(24*time.Hour), began.Add(48*time.Hour)
	told.tell(t, first, "HT0111")
	told.tell(t, second, "HT0111", "HT0112")
	told.tell(t, began.Add(200*time.Hour), "HT0111") // its instant has not come
	stamp := func(at time.Time) string { return url.QueryEscape(geo.FormatInstant(at)) }
	for query, at := range map[string]time.Time{
		"":                                      second,
		"?datetime=" + stamp(second):            second,
		"?datetime=" + stamp(second.Add(-1e9)):  first,
		"?datetime=" + stamp(first):             first,
		"?datetime=" + stamp(first.Add(-1e9)):   {},
		"?asof=" + stamp(second.Add(time.Hour)): second,
		"?asof=" + stamp(first.Add(time.Hour)):  first,
		"?asof=" + s.record.revision.String():   {}, // committed before the first
		"?asof=1":                               {},
		"?asof=1&datetime=" + stamp(second):     {}, // nobody knew then
		"?asof=1&datetime=2089-01-01T00:00:00Z": {},
		"?asof=" + stamp(first.Add(time.Hour)) + "&datetime=" + stamp(second.Add(time.Hour)):  first,
		"?asof=" + stamp(second.Add(time.Hour)) + "&datetime=" + stamp(first.Add(time.Hour)):  first,
		"?asof=" + stamp(second.Add(time.Hour)) + "&datetime=" + stamp(first.Add(-time.Hour)): {},
	} {
		want := ""
		if !at.IsZero() {
			want = geo.FormatInstant(at)
		}
		if got := ask(query); got.ReleasedAt != want {
			t.Errorf("%q: released at %q, want %q", query, got.ReleasedAt, want)
		}
	}
	for query, want := range map[string]string{
		"": "HT0111 assessed, HT0112 assessed", "?area=HT0112": "HT0112 assessed", "?area=HT0112,HT0111&level=commune": "HT0112 assessed, HT0111 assessed",
		"?level=commune": "HT0111 assessed, HT0112 assessed", "?level=section": "HT011101 withheld", "?area=HT011101": "HT011101 withheld",
		"?area=HT0111,HT011101": "HT0111 assessed, HT011101 withheld", "?level=department": "HT01 withheld", "?area=ZMPP": "ZMPP-admin withheld",
		"?area=HT0112&datetime=" + stamp(first): "HT0112 withheld",
	} {
		var got []string
		for _, a := range ask(query).Areas {
			got = append(got, a.ID+" "+string(a.Status))
			if (a.Status == coverage.Withheld) != (a.Classes == nil) || a.Denominator.Members == nil {
				t.Errorf("%q: %+v", query, a)
			}
		}
		if text := strings.Join(got, ", "); text != want {
			t.Errorf("%q: %s, want %s", query, text, want)
		}
	}
	for _, query := range []string{"?area=HT9999", "?area=HT0111,HT9999", "?area=HT0111&level=department"} {
		p := wantProblem(t, s.get("/v1/coverage"+query), http.StatusNotFound, geo.CodeNotFound)
		if len(p.Errors) != 1 || p.Errors[0].Parameter != "area" {
			t.Errorf("%s: %+v", query, p)
		}
	}
	// Writes between two ticks move neither body nor tag.
	w := want(t, s.get("/v1/coverage"), http.StatusOK)
	s.zone(50, -72.45, 18.46)
	again := want(t, s.get("/v1/coverage"), http.StatusOK)
	if !bytes.Equal(w.Body.Bytes(), again.Body.Bytes()) || w.Header().Get("ETag") != again.Header().Get("ETag") {
		t.Error("a write between two ticks shows")
	}
	want(t, s.get("/v1/coverage", with("If-None-Match", w.Header().Get("ETag"))), http.StatusNotModified)
	if cache := w.Header().Get("Cache-Control"); cache != "private, no-cache" {
		t.Errorf("%s", cache)
	}
	doc := definition(t, s)
	var value any
	if err := json.Unmarshal(w.Body.Bytes(), &value); err != nil {
		t.Fatal(err)
	}
	if err := doc.Components.Schemas["coverage-released"].Value.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		t.Error(err)
	}
	// Those who know are not told less.
	if got := decodeBody[releasedAnswer](t, want(t, s.get("/v1/coverage?area=HT0111", hum), http.StatusOK)); got.ReleasedAt != "" {
		t.Errorf("%+v", got)
	}
	// With the record out of reach the newest one that was read stays.
	told.mu.Lock()
	told.err = errDown
	told.mu.Unlock()
	if got := want(t, s.get("/v1/coverage"), http.StatusOK); !bytes.Equal(got.Body.Bytes(), w.Body.Bytes()) {
		t.Error("the record out of reach changes what is told")
	}
	wantProblem(t, s.get("/v1/coverage?datetime="+stamp(first)), http.StatusServiceUnavailable, geo.CodeUnavailable)
}

func TestAnswerCacheIsBounded(t *testing.T) {
	t.Parallel()
	cache := newAnswerCache(10)
	cache.mostBytes = 10_000
	get := func(key string, size int) (made bool) {
		t.Helper()
		body, err := cache.get(context.Background(), key, func(context.Context) ([]byte, error) {
			made = true
			return make([]byte, size), nil
		})
		if err != nil || len(body) != size {
			t.Fatalf("%s: %d bytes, %v", key, len(body), err)
		}
		return made
	}
	for i := range 40 {
		get(fmt.Sprint("small ", i), 10)
	}
	if len(cache.kept) != 10 || cache.order.Len() != 10 || get("small 39", 10) {
		t.Errorf("%d answers are kept of 10", len(cache.kept))
	}
	for i := range 40 {
		get(fmt.Sprint("large ", i), 3000)
		if cache.bytes > cache.mostBytes {
			t.Fatalf("%d bytes", cache.bytes)
		}
	}
	if len(cache.kept) != 2 || get("large 39", 3000) || !get("large 3", 3000) {
		t.Errorf("%d answers are kept", len(cache.kept))
	}
	before := len(cache.kept)
	if !get("too large", 20_000) || !get("too large", 20_000) || len(cache.kept) != before || get("large 3", 3000) {
		t.Error("an answer past the bound drives the others out")
	}
	total := 0
	for e := cache.order.Front(); e != nil; e = e.Next() {
		total += e.Value.(*keptAnswer).bytes()
	}
	if total != cache.bytes {
		t.Errorf("%d bytes counted, %d kept", cache.bytes, total)
	}
	if _, err := cache.get(context.Background(), "fails", func(context.Context) ([]byte, error) { return nil, errDown }); !errors.Is(err, errDown) {
		t.Errorf("%v", err)
	}
}
