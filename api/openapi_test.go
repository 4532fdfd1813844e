package api

import (
	"context"
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/labstack/echo/v4"

	"pasaj/geo"
)

func definition(t testing.TB, s *service) *openapi3.T {
	t.Helper()
	w := want(t, s.get("/openapi.json", with("Accept", "application/vnd.oai.openapi+json;version=3.0, application/openapi+json;version=3.0, application/json")), http.StatusOK)
	if got := w.Header().Get("Content-Type"); got != mediaOpenAPI {
		t.Errorf("content type %q", got)
	}
	doc, err := openapi3.NewLoader().LoadFromData(w.Body.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return doc
}

var placeholder = regexp.MustCompile(`\{([^}]+)\}`)

// Every route is in the document and everything in the document is a route.
func TestDocumentAndRoutesAreTheSame(t *testing.T) {
	t.Parallel()
	s := start(t)
	doc := definition(t, s)
	documented := map[string]bool{}
	for path, item := range doc.Paths.Map() {
		for method := range item.Operations() {
			documented[method+" "+placeholder.ReplaceAllString(path, ":$1")] = true
		}
	}
	routed := map[string]bool{}
	for _, r := range s.echo.Routes() {
		if r.Method == http.MethodHead || r.Method == echo.RouteNotFound {
			continue // HEAD goes with every GET
		}
		routed[r.Method+" "+r.Path] = true
		if !documented[r.Method+" "+r.Path] {
			t.Errorf("%s %s is not documented", r.Method, r.Path)
		}
	}
	for name := range documented {
		if !routed[name] {
			t.Errorf("%s is documented but not there", name)
		}
	}
	if len(s.Endpoints()) != len(documented) {
		t.Errorf("%d endpoints, %d documented", len(s.Endpoints()), len(documented))
	}
}

// What QGIS and GDAL look for in the document.
func TestDocumentSuitsGISPrograms(t *testing.T) {
	t.Parallel()
	s := start(t)
	doc := definition(t, s)
	if doc.OpenAPI != "3.0.3" {
		t.Errorf("version %s", doc.OpenAPI)
	}
	limit := doc.Components.Parameters["limit"].Value
	if *limit.Schema.Value.Max != maxLimit || limit.Schema.Value.Default != float64(defaultLimit) {
		t.Errorf("limit %+v", limit.Schema.Value)
	}
	for _, l := range geo.Collections() {
		item := doc.Paths.Value("/collections/" + l.Name + "/items")
		if item == nil {
			t.Fatalf("%s has no path of its own", l.Name)
		}
		refers := slices.ContainsFunc(item.Get.Parameters, func(p *openapi3.ParameterRef) bool { return p.Ref == "#/components/parameters/limit" })
		if !refers {
			t.Errorf("%s does not refer to the limit", l.Name)
		}
		for _, p := range item.Get.Parameters {
			if p.Value.In == "query" && (p.Value.Style != "form" || p.Value.Explode == nil || *p.Value.Explode || p.Value.Schema.Value.Type == nil) {
				t.Errorf("%s: parameter %s leaves something to be guessed", l.Name, p.Value.Name)
			}
		}
		if item.Post == nil || item.Post.Responses.Status(http.StatusCreated) == nil {
			t.Errorf("%s cannot be written by the document", l.Name)
		}
	}
}

// Every status that the tests of one read see is documented, and every answer
// of each GET operation is valid JSON of its media type.
func TestEveryGetAnswers(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72.3, 18.5)
	s.put("admin-areas", 50, square(-72.5, 18.4, 0.4), map[string]any{"pcode": "HT0111", "level": int64(2), "compartment": "public", "name_fr": "Port-au-Prince"})
	s.zone(2, -72.4, 18.5)
	all := bearer(s.record.token(geo.Administrator, geo.Security))
	doc := definition(t, s)
	for path, item := range doc.Paths.Map() {
		if item.Get == nil || path == "/v1/changes" {
			continue
		}
		target := strings.NewReplacer("{id}", id(1).String(), "{tileMatrix}", "0", "{tileRow}", "0", "{tileCol}", "0").Replace(path)
		for _, o := range []option{all, func(*http.Request) {}} {
			w := s.get(target, o)
			response := item.Get.Responses.Status(w.Code)
			if response == nil {
				t.Errorf("%s: status %d is not documented: %s", target, w.Code, w.Body)
				continue
			}
			if w.Code >= 500 {
				t.Errorf("%s: %d %s", target, w.Code, w.Body)
			}
			media := w.Header().Get("Content-Type")
			if strings.Contains(media, "json") && !json.Valid(w.Body.Bytes()) {
				t.Errorf("%s: not JSON: %s", target, w.Body)
			}
			if w.Body.Len() > 0 && response.Value.Content.Get(strings.Split(media, "; ")[0]) == nil {
				t.Errorf("%s: %d as %q is not documented", target, w.Code, media)
			}
			if w.Header().Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: no nosniff", target)
			}
		}
	}
}

func TestLandingLinks(t *testing.T) {
	t.Parallel()
	s := start(t)
	page := decodeBody[struct{ Links []link }](t, want(t, s.get("/", with("Accept", "application/json")), 200))
	for rel, media := range map[string]string{"service-desc": mediaOpenAPI, "data": mediaJSON, "conformance": mediaJSON} {
		at := slices.IndexFunc(page.Links, func(l link) bool { return l.Rel == rel })
		if at < 0 || page.Links[at].Type != media || !strings.HasPrefix(page.Links[at].Href, "http://pasaj.test/") {
			t.Errorf("%s: %+v", rel, page.Links)
			continue
		}
		want(t, s.get(strings.TrimPrefix(page.Links[at].Href, "http://pasaj.test"), with("Accept", media)), 200)
	}
	s.place(1, -72.3, 18.5)
	list := decodeBody[struct{ Collections []collection }](t, want(t, s.get("/collections"), 200))
	for _, c := range list.Collections {
		if c.StorageCRS != crs84 || linkOf(c.Links, "items") != "http://pasaj.test/collections/"+c.ID+"/items" {
			t.Errorf("%+v", c)
		}
		if c.ID == "places" && (c.ItemCount != 1 || c.Extent.Spatial.BBox[0] != [4]float64{-72.3, 18.5, -72.3, 18.5} || c.Extent.Temporal.Interval[0][0] != "2025-02-28T12:00:00Z") {
			t.Errorf("%+v", c)
		}
		schema := decodeBody[struct {
			Properties struct {
				Geometry   map[string]any
				Properties struct{ Properties map[string]map[string]any }
			}
		}](t, want(t, s.get(strings.TrimPrefix(linkOf(c.Links, "describedby"), "http://pasaj.test")), 200))
		if schema.Properties.Geometry["$ref"] == nil || schema.Properties.Geometry["type"] != nil || schema.Properties.Properties.Properties["valid_from"]["format"] != "date-time" {
			t.Errorf("%s: schema %+v", c.ID, schema)
		}
	}
}
