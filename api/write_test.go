package api

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

const placeBody = `{"type":"Feature","id":"17","geometry":{"type":"Point","coordinates":[-72.3,18.5]},"properties":{"place_kind":"town","name_fr":"Bourg","name_ht":null,"compartment":"public","sensitivity":"low"}}`

func TestCreateReplacePatchDelete(t *testing.T) {
	t.Parallel()
	s := start(t)
	editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
	w := want(t, s.do(http.MethodPost, "/collections/places/items", placeBody, editor), http.StatusCreated)
	location := w.Header()["Location"]
	if len(location) != 1 || !strings.HasPrefix(location[0], "http://pasaj.test/collections/places/items/") || w.Header().Get("Etag") != `"1"` || w.Header().Get("Pasaj-Revision") != "1" {
		t.Fatalf("headers %v", w.Header())
	}
	target := strings.TrimPrefix(location[0], "http://pasaj.test")
	feature := decodeBody[struct {
		ID         string
		Properties map[string]any
	}](t, w)
	if !strings.HasSuffix(target, "/items/"+feature.ID) || feature.Properties["name_fr"] != "Bourg" {
		t.Fatalf("%s: %+v", target, feature)
	}
	if got := want(t, s.get(target), http.StatusOK); got.Body.String() != "" && got.Header().Get("Etag") != `"1"` {
		t.Errorf("read back with tag %s", got.Header().Get("Etag"))
	}
	for i, step := range []struct {
		tag    string
		status int
	}{
		{`"1"`, 200}, {`"1"`, 412}, {`"7", "2"`, 200}, {`"7", "8"`, 412}, {`W/"3"`, 412}, {"*", 200}, {"nonsense", 400}, {`"4-gzip"`, 200},
	} {
		got := s.do(http.MethodPatch, target, fmt.Sprintf(`{"properties":{"name_fr":"Nom %d"}}`, i), editor, with("Content-Type", mediaPatch), with("If-Match", step.tag))
		if got.Code != step.status {
			t.Errorf("If-Match %s: %d, want %d: %s", step.tag, got.Code, step.status, got.Body)
		}
	}
	w = want(t, s.do(http.MethodPut, target, strings.Replace(placeBody, "Bourg", "Ville", 1), editor), http.StatusOK)
	if !strings.Contains(w.Body.String(), "Ville") {
		t.Errorf("replaced to %s", w.Body)
	}
	other := strings.Replace(placeBody, `"17"`, `"`+id(9).String()+`"`, 1)
	p := wantProblem(t, s.do(http.MethodPut, target, other, editor), http.StatusBadRequest, geo.CodeInvalid)
	if p.Errors[0].Pointer != "/id" {
		t.Errorf("%+v", p.Errors)
	}
	want(t, s.do(http.MethodDelete, target, "", editor), http.StatusNoContent)
	wantProblem(t, s.get(target), http.StatusNotFound, geo.CodeNotFound)
	wantProblem(t, s.do(http.MethodDelete, target, "", editor), http.StatusNotFound, geo.CodeNotFound)
	wantProblem(t, s.do(http.MethodDelete, target, "", editor, with("If-Match", "*")), http.StatusPreconditionFailed, geo.CodePreconditionFailed)
}

// hangingJournal takes a change and says nothing more.
type hangingJournal struct{}

func (hangingJournal) Write(ctx context.Context, _ geo.Batch) (geo.Receipt, error) {
	<-ctx.Done()
	return geo.Receipt{}, fmt.Errorf("the request ended first: %w", ctx.Err())
}

func TestAHangingRecordDoesNotKeepWriters(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := start(t, func(o *Options) { o.Journal = hangingJournal{} })
		editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
		s.place(1, -72.3, 18.5)
		began := time.Now() // of the bubble
		w := s.do(http.MethodPost, "/collections/places/items", placeBody, editor)
		wantProblem(t, w, http.StatusServiceUnavailable, geo.CodeUnavailable)
		if w.Header().Get("Retry-After") == "" {
			t.Errorf("headers %v", w.Header())
		}
		if took := time.Since(began); took != writePatience {
			t.Errorf("answered after %s, want %s", took, writePatience)
		}
	})
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	s := start(t)
	editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
	post := func(body, key string) (int, string) {
		w := s.do(http.MethodPost, "/collections/places/items", body, editor, with("Idempotency-Key", key))
		return w.Code, w.Header().Get("Location")
	}
	status, first := post(placeBody, "k1")
	if status != http.StatusCreated {
		t.Fatal(status)
	}
	if status, again := post(placeBody, "k1"); status != http.StatusCreated || again != first {
		t.Errorf("repeated: %d %s, want %s", status, again, first)
	}
	if status, _ := post(strings.Replace(placeBody, "Bourg", "Autre", 1), "k1"); status != http.StatusConflict {
		t.Errorf("another body under the same key: %d", status)
	}
	if status, other := post(placeBody, "k2"); status != http.StatusCreated || other == first {
		t.Errorf("another key: %d %s", status, other)
	}
	for _, bad := range []string{"a b", strings.Repeat("k", 129), "é"} {
		if status, _ := post(placeBody, bad); status != http.StatusBadRequest {
			t.Errorf("key %q: %d", bad, status)
		}
	}
	if n := s.record.revision; n != 2 {
		t.Errorf("%d revisions, want 2", n)
	}
}

func TestRefusedWritesChangeNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.put("admin-areas", 50, square(-72.5, 18.4, 0.4), map[string]any{"pcode": "HT0111", "level": int64(2), "compartment": "public"})
	s.put("admin-areas", 51, square(-71.5, 18.4, 0.4), map[string]any{"pcode": "HT0211", "level": int64(2), "compartment": "public"})
	before := s.record.revision
	editor := s.record.token(geo.Editor, geo.Humanitarian)
	reader := s.record.token(geo.Reader, geo.Humanitarian)
	narrow := s.record.token(geo.Editor, geo.Humanitarian, "ports")
	places, zones := "/collections/places/items", "/collections/controlled-zones/items"
	in := func(properties string) string {
		return `{"type":"Feature","geometry":{"type":"Point","coordinates":[-72.3,18.5]},"properties":{"place_kind":"town"` + properties + `}}`
	}
	zone := func(coordinates string) string {
		return `{"type":"Feature","geometry":{"type":"Polygon","coordinates":[[` + coordinates + `]]},"properties":{"control_type":"controlled","claim_level":"claimed","boundary_quality":"buffer"}}`
	}
	for name, c := range map[string]struct {
		secret, target, body string
		media                string
		status               int
		code                 geo.Code
		pointer              string
	}{
		"anonymous":       {"", places, placeBody, mediaGeoJSON, 401, geo.CodeUnauthenticated, ""},
		"reader":          {reader, places, placeBody, mediaGeoJSON, 403, geo.CodeForbidden, ""},
		"narrow token":    {narrow, places, placeBody, mediaGeoJSON, 404, geo.CodeNotFound, ""},
		"bad token":       {"pasaj_nonsense", places, placeBody, mediaGeoJSON, 401, geo.CodeUnauthenticated, ""},
		"media type":      {editor, places, placeBody, "text/csv", 415, geo.CodeUnsupportedMedia, ""},
		"no media type":   {editor, places, placeBody, "", 415, geo.CodeUnsupportedMedia, ""},
		"not JSON":        {editor, places, "{", mediaGeoJSON, 400, geo.CodeInvalid, ""},
		"no geometry":     {editor, places, `{"type":"Feature","properties":{"place_kind":"town"}}`, mediaGeoJSON, 400, geo.CodeInvalid, "/geometry"},
		"swapped":         {editor, places, `{"type":"Feature","geometry":{"type":"Point","coordinates":[18.5,-72.3]},"properties":{"place_kind":"town"}}`, mediaGeoJSON, 400, geo.CodeInvalid, "/geometry/coordinates"},
		"unknown name":    {editor, places, in(`,"colour":"red"`), mediaGeoJSON, 400, geo.CodeInvalid, "/properties/colour"},
		"bad word":        {editor, places, in(`,"language":"xx"`), mediaGeoJSON, 400, geo.CodeInvalid, "/properties/language"},
		"draft":           {editor, places, in(`,"review_state":"draft"`), mediaGeoJSON, 422, geo.CodeUnprocessable, "/properties/review_state"},
		"unknown commune": {editor, places, in(`,"commune":"HT9999"`), mediaGeoJSON, 422, geo.CodeUnprocessable, "/properties/commune"},
		"wrong commune":   {editor, places, in(`,"commune":"HT0211"`), mediaGeoJSON, 422, geo.CodeUnprocessable, "/properties/commune"},
		"too large":       {editor, places, strings.Repeat(" ", geo.MaxFeatureBytes+1), mediaGeoJSON, 413, geo.CodeTooLarge, ""},
		"bow tie":         {editor, zones, zone("[-72.4,18.5],[-72.3,18.6],[-72.3,18.5],[-72.4,18.6],[-72.4,18.5]"), mediaGeoJSON, 422, geo.CodeInvalidGeometry, "/geometry"},
	} {
		options := []option{with("Content-Type", c.media)}
		if c.secret != "" {
			options = append(options, bearer(c.secret))
		}
		p := wantProblem(t, s.do(http.MethodPost, c.target, c.body, options...), c.status, c.code)
		if c.pointer != "" && (len(p.Errors) == 0 || !strings.HasPrefix(p.Errors[0].Pointer, c.pointer)) {
			t.Errorf("%s: %+v, want pointer %s", name, p.Errors, c.pointer)
		}
	}
	wantProblem(t, s.do(http.MethodPost, places, placeBody, bearer(editor), with("Content-Crs", "<http://www.opengis.net/def/crs/EPSG/0/4326>")), 400, geo.CodeInvalid)
	if s.record.revision != before {
		t.Fatalf("revision moved from %d to %d", before, s.record.revision)
	}
	// What is right goes through, QGIS's form of the CRS header included.
	want(t, s.do(http.MethodPost, places, in(`,"commune":"HT0111"`), bearer(editor), with("Content-Crs", crs84)), http.StatusCreated)
	want(t, s.do(http.MethodPost, "/collections/ports/items", strings.Replace(in(`,"facility_type":"port"`), `"place_kind":"town",`, "", 1), bearer(narrow)), http.StatusCreated)
}

func TestOptionsSayWhatTheCallerMay(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72, 18)
	editor, reader := s.record.token(geo.Editor, geo.Humanitarian), s.record.token(geo.Reader, geo.Humanitarian)
	narrow := s.record.token(geo.Editor, geo.Humanitarian, "ports")
	for name, c := range map[string]struct {
		secret, target string
		status         int
		allow          string
	}{
		"public":    {"", "/collections/places/items", 200, "GET, HEAD, OPTIONS"},
		"reader":    {reader, "/collections/places/items", 200, "GET, HEAD, OPTIONS"},
		"editor":    {editor, "/collections/places/items", 200, "GET, HEAD, OPTIONS, POST"},
		"feature":   {editor, "/collections/places/items/" + id(1).String(), 200, "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"},
		"unknown":   {editor, "/collections/places/items/unknown_id", 200, "GET, HEAD, OPTIONS, PUT, PATCH, DELETE"},
		"withheld":  {"", "/collections/roadblocks/items", 404, ""},
		"narrow":    {narrow, "/collections/places/items", 404, ""},
		"narrow ok": {narrow, "/collections/ports/items", 200, "GET, HEAD, OPTIONS, POST"},
	} {
		var options []option
		if c.secret != "" {
			options = append(options, bearer(c.secret))
		}
		w := want(t, s.do(http.MethodOptions, c.target, "", options...), c.status)
		if got := w.Header().Get("Allow"); got != c.allow {
			t.Errorf("%s: Allow %q, want %q", name, got, c.allow)
		}
	}
}

func TestPartialKnowledge(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.put("ports", 1, orb.Point{-72.35, 18.55}, map[string]any{"facility_type": "port", "compartment": "hum", "sensitivity": "moderate"})
	want(t, s.get("/collections/ports/items/"+id(1).String(), bearer(s.record.token(geo.Reader, geo.Humanitarian))), http.StatusOK)
	wantProblem(t, s.get("/collections/ports/items/"+id(1).String()), http.StatusNotFound, geo.CodeNotFound)
	if got := decodeBody[collectionAnswer](t, s.get("/collections/ports/items")); got.NumberMatched != 0 {
		t.Errorf("the public sees %d", got.NumberMatched)
	}
	// Collections that an audience may not hold are not there for it.
	for secret, n := range map[string]int{"": 6, s.record.token(geo.Reader, geo.Humanitarian): 10, s.record.token(geo.Reader, geo.Security, "ports"): 1} {
		var options []option
		if secret != "" {
			options = append(options, bearer(secret))
		}
		got := decodeBody[struct {
			Collections []collection
		}](t, want(t, s.get("/collections", options...), http.StatusOK))
		if len(got.Collections) != n {
			t.Errorf("%d collections, want %d", len(got.Collections), n)
		}
	}
}

// A correction of the past is newer knowledge than the latest state; the tag
// that a reader has is the latest state's, and a change with it goes through.
func TestTagsAfterACorrectionOfThePast(t *testing.T) {
	t.Parallel()
	s := start(t)
	editor := bearer(s.record.token(geo.Editor, geo.Humanitarian))
	s.place(1, -72.3, 18.5)
	target := "/collections/places/items/" + id(1).String()
	patch := func(properties, tag string) int {
		return s.do(http.MethodPatch, target, `{"properties":{`+properties+`}}`, editor, with("Content-Type", mediaPatch), with("If-Match", tag)).Code
	}
	for _, step := range []struct {
		properties, tag string
		status          int
	}{
		{`"name_fr":"Maintenant"`, `"1"`, 200},
		{`"name_fr":"Avant","valid_from":"2025-02-20T00:00:00Z","valid_to":"2025-02-25T00:00:00Z"`, `"2"`, 200},
	} {
		if got := patch(step.properties, step.tag); got != step.status {
			t.Fatalf("%s with %s: %d", step.properties, step.tag, got)
		}
	}
	tag := want(t, s.get(target), 200).Header().Get("Etag")
	if tag != `"2"` {
		t.Errorf("the latest state's tag is %s", tag)
	}
	if got := patch(`"name_fr":"Encore"`, tag); got != 200 {
		t.Errorf("a change with the tag just read: %d", got)
	}
}
