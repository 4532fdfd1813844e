package api

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"pasaj/geo"
)

func TestItemsSelect(t *testing.T) {
	t.Parallel()
	s := start(t)
	for n := 1; n <= 5; n++ {
		s.place(n, -72+float64(n)/10, 18.5)
	}
	for query, ids := range map[string][]int{
		"":                                {1, 2, 3, 4, 5},
		"?bbox=-71.95,18,-71.7,19":        {1, 2, 3},
		"?bbox=-71.95,18,0,-71.75,19,100": {1, 2},
		"?bbox=170,18,-71.75,19":          {1, 2},       // over the antimeridian
		"?bbox=-71.65,18,-71.75,19":       {1, 2, 4, 5}, // all but a strip
		"?bbox=10,50,11,51":               {},
		"?datetime=2025-02-28T13:00:00Z":  {1, 2, 3, 4, 5},
		"?datetime=2024-01-01T00:00:00Z":  {},
		"?datetime=0000-01-01T00:00:00Z/2025-01-01T00:00:00Z": {},
		"?datetime=2025-01-01T00:00:00Z/9999-12-31T00:00:00Z": {1, 2, 3, 4, 5},
		"?offset=3":         {4, 5},
		"?limit=2&offset=1": {2, 3},
		"?crs=" + url.QueryEscape(crs84) + "&bbox-crs=" + url.QueryEscape(crs84) + "&f=json": {1, 2, 3, 4, 5},
	} {
		w := want(t, s.get("/collections/places/items"+query), http.StatusOK)
		got := decodeBody[collectionAnswer](t, w)
		wanted := []string{}
		for _, n := range ids {
			wanted = append(wanted, id(n).String())
		}
		if !slices.Equal(got.ids(), wanted) {
			t.Errorf("%s: %v, want %v", query, got.ids(), wanted)
		}
		if got.NumberReturned != len(ids) || !strings.Contains(query, "limit") && !strings.Contains(query, "offset") && got.NumberMatched != len(ids) {
			t.Errorf("%s: matched %d returned %d", query, got.NumberMatched, got.NumberReturned)
		}
		if w.Header().Get("Content-Type") != mediaGeoJSON || w.Header().Get("Content-Length") != fmt.Sprint(w.Body.Len()) ||
			w.Header().Get("Content-Crs") != "<"+crs84+">" || w.Header().Get("Pasaj-Audience") != "public" || w.Header().Get("Pasaj-Revision") != "5" {
			t.Errorf("%s: headers %v", query, w.Header())
		}
	}
}

func TestParameterErrors(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72, 18.5)
	items := "/collections/places/items"
	one := items + "/" + id(1).String()
	for target, parameter := range map[string]string{
		items + "?bogus=1":                        "bogus",
		items + "?limit=0":                        "limit",
		items + "?limit=-1":                       "limit",
		items + "?limit=10001":                    "limit",
		items + "?limit=x":                        "limit",
		items + "?limit=":                         "limit",
		items + "?limit=1&limit=2":                "limit",
		items + "?offset=-1":                      "offset",
		items + "?offset=100001":                  "offset",
		items + "?bbox=1,2,3":                     "bbox",
		items + "?bbox=1,2,3,NaN":                 "bbox",
		items + "?bbox=-181,0,0,1":                "bbox",
		items + "?bbox=0,5,1,4":                   "bbox",
		items + "?bbox=0,0,9,1,1,1":               "bbox",
		items + "?datetime=yesterday":             "datetime",
		items + "?datetime=2025-02-02/2025-01-01": "datetime",
		items + "?asof=0":                         "asof",
		items + "?asof=-3":                        "asof",
		items + "?asof=now":                       "asof",
		items + "?cursor=abc":                     "cursor",
		items + "?f=xml":                          "f",
		items + "?f=html":                         "f",
		items + "?crs=http://www.opengis.net/def/crs/EPSG/0/4326": "crs",
		items + "?asof=1&cursor=" + cursor{7, id(1)}.String():     "cursor",
		one + "?bbox=1,2,3,4":                 "bbox",
		one + "?datetime=x":                   "datetime",
		"/collections?x=1":                    "x",
		"/v1/coverage?level=street":           "level",
		"/v1/coverage?area=a%20b":             "area",
		"/v1/coverage?datetime=2025-01-01/..": "datetime",
		"/v1/changes?last-event-id=-1":        "last-event-id",
		"/v1/session?q=1":                     "q",
		"/?f=pdf":                             "f",
	} {
		p := wantProblem(t, s.get(target), http.StatusBadRequest, geo.CodeInvalid)
		if len(p.Errors) != 1 || p.Errors[0].Parameter != parameter {
			t.Errorf("%s: %+v, want parameter %s", target, p.Errors, parameter)
		}
	}
	for _, target := range []string{items + "?a;b", items + "?a=%zz"} {
		wantProblem(t, s.get(target), http.StatusBadRequest, geo.CodeInvalid)
	}
	for target, code := range map[string]geo.Code{
		items + "/" + id(2).String():                       geo.CodeNotFound,
		items + "/nonsense":                                geo.CodeNotFound,
		items + "?asof=99":                                 codeUnknownRevision,
		items + "?asof=1999-01-01":                         codeUnknownRevision,
		"/collections/bogus":                               geo.CodeNotFound,
		"/collections/bogus/items":                         geo.CodeNotFound,
		"/nothing":                                         geo.CodeNotFound,
		"/collections/roadblocks":                          geo.CodeNotFound, // not for the public
		"/collections/roadblocks/items":                    geo.CodeNotFound,
		"/collections/places/tiles/WebMercatorQuad/21/0/0": geo.CodeNotFound,
		"/collections/places/tiles/WebMercatorQuad/1/2/0":  geo.CodeNotFound,
		"/collections/places/tiles/Other/0/0/0":            geo.CodeNotFound,
	} {
		wantProblem(t, s.get(target), http.StatusNotFound, code)
	}
	wantProblem(t, s.get(items, with("Accept", "text/html")), http.StatusNotAcceptable, geo.CodeNotAcceptable)
	wantProblem(t, s.get(items, with("Accept", "application/geo+json;q=0, application/json;q=0")), http.StatusNotAcceptable, geo.CodeNotAcceptable)
	w := s.do(http.MethodDelete, "/collections", "")
	wantProblem(t, w, http.StatusMethodNotAllowed, codeNotAllowed)
	if allow := w.Header().Get("Allow"); !strings.Contains(allow, "GET") {
		t.Errorf("Allow %q", allow)
	}
	if got := want(t, s.get(items, with("Accept", "application/json")), http.StatusOK).Header().Get("Content-Type"); got != mediaJSON {
		t.Errorf("asked for JSON, got %s", got)
	}
}

// A walk through next links sees every feature of its first page's revision
// once, whatever is written meanwhile.
func TestPagesHoldStillWhileTheWorldMoves(t *testing.T) {
	t.Parallel()
	s := start(t)
	var wanted []string
	for n := 10; n < 110; n++ {
		s.place(n, -72, 18.5)
		wanted = append(wanted, id(n).String())
	}
	var got []string
	target := "/collections/places/items?limit=7&bbox=-73,18,-71,19"
	for page := 0; target != ""; page++ {
		w := want(t, s.get(target), http.StatusOK)
		answer := decodeBody[collectionAnswer](t, w)
		if answer.NumberMatched != 100 {
			t.Fatalf("page %d matches %d", page, answer.NumberMatched)
		}
		if page > 0 && w.Header().Get("Cache-Control") != immutable[0] {
			t.Errorf("page %d is not immutable: %s", page, w.Header().Get("Cache-Control"))
		}
		got = append(got, answer.ids()...)
		next := linkOf(answer.Links, "next")
		if next != "" && !strings.HasPrefix(next, "http://pasaj.test/collections/places/items?") {
			t.Fatalf("next is %q", next)
		}
		target = strings.TrimPrefix(next, "http://pasaj.test")
		s.place(1000+page, -72, 18.5)       // behind the walk or ahead of it
		s.place(9-page%9+page*0, -72, 18.6) // before
		if page > 40 {
			t.Fatal("the walk does not end")
		}
		delete(s.record.features, id(9-page%9))
	}
	if !slices.Equal(got, wanted) {
		t.Fatalf("walked %d features, want %d: %v", len(got), len(wanted), got)
	}
}

func TestAnswersAsOfARevisionNeverChange(t *testing.T) {
	t.Parallel()
	s := start(t)
	hum := bearer(s.record.token(geo.Reader, geo.Humanitarian))
	s.place(1, -72.3, 18.5)
	s.put("admin-areas", 50, square(-72.5, 18.4, 0.4), map[string]any{"pcode": "HT0111", "level": int64(2), "parent_pcode": "HT01", "compartment": "public", "name_fr": "Port-au-Prince"})
	s.zone(2, -72.4, 18.5)
	targets := []string{
		"/collections/places/items?asof=3", "/collections/controlled-zones/items?asof=3&limit=1", "/collections?asof=3",
		"/collections/places/items/" + id(1).String() + "?asof=3", "/v1/coverage?asof=3&area=HT0111", "/v1/groups?asof=3",
		"/collections/places/items?asof=2025-03-01T12:00:03.5Z", "/collections/places/tiles/WebMercatorQuad/8/114/76?asof=3",
	}
	passage := `{"line":[[-72.45,18.55],[-72.2,18.55]],"asof":3}`
	ask := func() []string {
		var out []string
		for _, target := range targets {
			w := want(t, s.get(target, hum), http.StatusOK)
			if w.Header().Get("Pasaj-Revision") != "3" {
				t.Fatalf("%s speaks of revision %s", target, w.Header().Get("Pasaj-Revision"))
			}
			out = append(out, w.Header().Get("Etag")+" "+w.Body.String())
		}
		return append(out, want(t, s.do(http.MethodPost, "/v1/passage", passage, hum, with("Content-Type", mediaJSON)), http.StatusOK).Body.String())
	}
	before := ask()
	for n := range 150 {
		s.place(100+n, -72.1, 18.5)
		s.zone(500+n, -72.4, 18.5)
		s.record.now = s.record.now.Add(7 * 60e9)
	}
	after := ask()
	if !slices.Equal(before, after) {
		for i := range before {
			if before[i] != after[i] {
				t.Errorf("answer %d was\n%s\nis\n%s", i, before[i], after[i])
			}
		}
	}
	if fixed := s.get(targets[0]).Header().Get("Cache-Control"); fixed != immutable[0] {
		t.Errorf("by number: %s", fixed)
	}
	if fixed := s.get(targets[6]).Header().Get("Cache-Control"); fixed != revalidated[0] {
		t.Errorf("by instant: %s", fixed)
	}
}

func TestTagsChangeExactlyWithTheirLayer(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72.3, 18.5)
	s.place(2, -72.3, 18.5)
	targets := []string{
		"/collections/places/items", "/collections/places/items?limit=1", "/collections/places/tiles/WebMercatorQuad/8/114/76",
		"/collections/places", "/collections/places/schema",
	}
	tags := map[string]string{}
	for _, target := range targets {
		w := want(t, s.get(target), http.StatusOK)
		tags[target] = w.Header().Get("Etag")
		if len(tags[target]) < 3 || w.Header().Get("Cache-Control") != "private, no-cache" || !strings.Contains(w.Header().Get("Vary"), "Authorization") {
			t.Fatalf("%s: headers %v", target, w.Header())
		}
	}
	s.zone(3, -72.4, 18.5) // nothing that the public sees
	for _, target := range targets {
		for _, header := range []string{tags[target], "W/" + tags[target], `"x", ` + tags[target], "*"} {
			if w := want(t, s.get(target, with("If-None-Match", header)), http.StatusNotModified); w.Body.Len() > 0 || w.Header().Get("Etag") != tags[target] {
				t.Errorf("%s: 304 with %d bytes and tag %s", target, w.Body.Len(), w.Header().Get("Etag"))
			}
		}
	}
	if s.get(targets[1]).Body.String() != s.get(targets[1], with("If-None-Match", `"x"`)).Body.String() {
		t.Error("a page differs from itself")
	}
	s.place(4, -72.31, 18.5)
	for _, target := range targets[:4] {
		if w := want(t, s.get(target, with("If-None-Match", tags[target])), http.StatusOK); w.Header().Get("Etag") == tags[target] {
			t.Errorf("%s kept its tag over a change", target)
		}
	}
	w := want(t, s.get("/collections/places/items/"+id(2).String()), http.StatusOK)
	if w.Header().Get("Etag") != `"2"` {
		t.Errorf("a feature's tag is %s", w.Header().Get("Etag"))
	}
	want(t, s.get("/collections/places/items/"+id(2).String(), with("If-None-Match", `"2"`)), http.StatusNotModified)
}

func TestReadsGoOnWithoutTheRecord(t *testing.T) {
	t.Parallel()
	s := start(t)
	for n := 1; n <= 5; n++ {
		s.place(n, -72.3, 18.5)
	}
	editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
	want(t, s.get("/collections/places/items", editor), http.StatusOK)
	s.record.setDown(true)
	s.record.now = s.record.now.Add(65e9)
	w := want(t, s.get("/collections/places/items", editor), http.StatusOK)
	if got := w.Header().Get("Pasaj-Age-S"); got != "60" {
		t.Errorf("age %q, want 60", got)
	}
	want(t, s.get("/collections/places/items?asof=3"), http.StatusOK)
	wantProblem(t, s.get("/collections/places/items?asof=2025-03-01T12:00:02Z"), http.StatusServiceUnavailable, geo.CodeUnavailable)
	wantProblem(t, s.get("/collections/places/items/"+id(1).String()+"/history"), http.StatusServiceUnavailable, geo.CodeUnavailable)
	p := s.do(http.MethodPost, "/collections/places/items", placeBody, editor)
	wantProblem(t, p, http.StatusServiceUnavailable, geo.CodeUnavailable)
	if p.Header().Get("Retry-After") != "5" {
		t.Errorf("Retry-After %q", p.Header().Get("Retry-After"))
	}
	// Somebody whose credentials cannot be checked is not taken for the public.
	wantProblem(t, s.get("/collections/places/items", bearer(s.record.token(geo.Reader, geo.Security))), http.StatusServiceUnavailable, geo.CodeUnavailable)
	s.record.now = s.record.now.Add(16 * 60e9)
	wantProblem(t, s.get("/collections/places/items", editor), http.StatusServiceUnavailable, geo.CodeUnavailable)
	ready := want(t, s.get("/readyz"), http.StatusOK)
	if !strings.Contains(ready.Body.String(), "degraded") {
		t.Errorf("readyz says %s", ready.Body)
	}
	s.record.setDown(false)
	want(t, s.get("/collections/places/items", editor), http.StatusOK)
}

func TestHistory(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72.3, 18.5)
	editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
	target := "/collections/places/items/" + id(1).String()
	want(t, s.do(http.MethodPatch, target, `{"properties":{"name_fr":"Autre"}}`, editor, with("Content-Type", mediaPatch)), http.StatusOK)
	got := decodeBody[struct {
		ID       string
		Versions []struct{ Properties map[string]any }
	}](t, want(t, s.get(target+"/history", editor), http.StatusOK))
	if got.ID != id(1).String() || len(got.Versions) != 3 {
		t.Fatalf("%+v", got)
	}
	old := got.Versions[0].Properties
	if old["known_from"] != "2025-03-01T12:00:01Z" || old["known_to"] != "2025-03-01T12:00:02Z" || old["known_to_revision"] != 2.0 || old["revision"] != 1.0 {
		t.Errorf("superseded version: %v", old)
	}
	if now := got.Versions[2].Properties; now["known_to"] != nil || now["revision"] != 2.0 {
		t.Errorf("standing version: %v", now)
	}
	wantProblem(t, s.get("/collections/places/items/"+uuid.NewString()+"/history"), http.StatusNotFound, geo.CodeNotFound)
}

func TestTiles(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72.3, 18.5)
	target := "/collections/places/tiles/WebMercatorQuad/8/114/76"
	raw := want(t, s.get(target), http.StatusOK)
	if raw.Header().Get("Content-Type") != mediaTile || raw.Header().Get("Content-Encoding") != "" || raw.Body.Len() == 0 {
		t.Fatalf("headers %v", raw.Header())
	}
	packed := want(t, s.get(target, with("Accept-Encoding", "gzip")), http.StatusOK)
	if packed.Header().Get("Content-Encoding") != "gzip" || packed.Header().Get("Etag") != raw.Header().Get("Etag") {
		t.Fatalf("headers %v", packed.Header())
	}
	want(t, s.get("/collections/places/tiles/WebMercatorQuad/8/0/0"), http.StatusNoContent)
	want(t, s.get(target+"?datetime=2001-01-01"), http.StatusNoContent)
	for _, metadata := range []string{"/collections/places/tiles", "/collections/places/tiles/WebMercatorQuad", "/tileMatrixSets", "/tileMatrixSets/WebMercatorQuad"} {
		want(t, s.get(metadata), http.StatusOK)
	}
}
