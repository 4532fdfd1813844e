package api

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"

	"pasaj/geo"
)

// askValues asks about a polygon of the caller's own; it must be answered or
// refused in a way that a client can act on.
func askValues(t *testing.T, s *service, body string) (status int) {
	t.Helper()
	w := s.do(http.MethodPost, "/v1/coverage/values", body, asJSON, bearer(s.record.token(geo.Editor, geo.Humanitarian)))
	switch w.Code {
	case 200:
		if !json.Valid(w.Body.Bytes()) {
			t.Fatalf("%.200q: no JSON: %.200s", body, w.Body)
		}
	case 400, 404, 413, 422:
	default:
		t.Fatalf("%.200q: status %d: %.500s", body, w.Code, w.Body)
	}
	return w.Code
}

// FuzzCoverageValues asks about any body.
func FuzzCoverageValues(f *testing.F) {
	const square = `{"type":"Polygon","coordinates":[[[-72.4,18.5],[-72.3,18.5],[-72.3,18.6],[-72.4,18.6],[-72.4,18.5]]]}`
	for _, s := range []string{
		`{"geometry":` + square + `}`, `{"geometry":` + square + `,"indicators":["T1","X1"],"datetime":"1900-01-01T00:00:00Z","asof":1}`,
		`{"geometry":` + square + `,"asof":"2025-03-01T00:00:00Z"}`, `{"geometry":null}`, `{}`, `[]`, ``, `{"geometry":{"type":"Polygon","coordinates":[]}}`,
		`{"geometry":{"type":"MultiPolygon","coordinates":[[[[-72.4,18.5],[-72.3,18.6],[-72.3,18.5],[-72.4,18.6],[-72.4,18.5]]]]}}`,
		`{"geometry":{"type":"Polygon","coordinates":[[[1e999,18.5],[-72.3,18.5],[-72.3,18.6],[-72.4,18.5]]]}}`,
		`{"geometry":{"type":"GeometryCollection","geometries":[]}}`, `{"geometry":` + square + `,"asof":{}}`, `{"geometry":` + square + `,"asof":-1}`,
	} {
		f.Add(s)
	}
	s := start(f)
	f.Fuzz(func(t *testing.T, body string) {
		if len(body) > 10_000 {
			return
		}
		askValues(t, &service{Server: s.Server, record: s.record, t: t}, body)
	})
}

// ringText writes a ring of vertices.
func ringText(n int, at func(i int) (x, y float64)) string {
	var out strings.Builder
	for i := range n + 1 {
		x, y := at(i % n)
		fmt.Fprintf(&out, ",[%.7f,%.7f]", x, y)
	}
	return "[" + out.String()[1:] + "]"
}

func TestHostilePolygonsAreAnsweredOrRefused(t *testing.T) {
	t.Parallel()
	s := start(t)
	circle := func(n int, x, y, r float64) string {
		return ringText(n, func(i int) (float64, float64) {
			return x + r*math.Cos(2*math.Pi*float64(i)/float64(n)), y + r*math.Sin(2*math.Pi*float64(i)/float64(n))
		})
	}
	comb := ringText(16_000, func(i int) (float64, float64) { // teeth that close in on themselves
		x := -72.4 + 0.1*float64(i/4)/4000 + 1e-7*float64(i%4/2)
		if i%4 == 1 || i%4 == 2 {
			return x, 18.6
		}
		return x, 18.5
	})
	star := ringText(15_001, func(i int) (float64, float64) { // every edge crosses nearly all others
		a := 2 * math.Pi * float64(i) * 7500 / 15_001
		return -72.35 + .05*math.Cos(a), 18.55 + .05*math.Sin(a)
	})
	var parts []string
	for i := range 4000 {
		x, y := -72.4+.001*float64(i%100), 18.5+.001*float64(i/100)
		parts = append(parts, fmt.Sprintf("[[[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f]]]", x, y, x+1e-5, y, x, y+1e-5, x, y))
	}
	square := "[[-72.4,18.5],[-72.3,18.5],[-72.3,18.6],[-72.4,18.6],[-72.4,18.5]]"
	for name, test := range map[string]struct {
		coordinates string
		want        int
	}{
		"a circle of 15,000":     {"[[" + circle(15_000, -72.35, 18.55, .05) + "]]", 200},
		"too many":               {"[[" + circle(25_000, -72.35, 18.55, .05) + "]]", 413},
		"a comb":                 {"[[" + comb + "]]", 422},
		"a star":                 {"[[" + star + "]]", 422},
		"4,000 parts":            {"[" + strings.Join(parts, ",") + "]", 200},
		"a bow-tie":              {"[[[[-72.4,18.5],[-72.3,18.6],[-72.3,18.5],[-72.4,18.6],[-72.4,18.5]]]]", 422},
		"one twice":              {"[[" + square + "],[" + square + "]]", 422},
		"a hole like the shell":  {"[[" + square + "," + square + "]]", 422},
		"a sliver":               {"[[[[-72.4,18.5],[-72.3,18.5],[-72.3,18.500000000001],[-72.4,18.5]]]]", 422},
		"the antimeridian":       {"[[[[179,18.5],[-179,18.5],[-179,18.6],[179,18.5]]]]", 400},
		"in the sea":             {"[[[[-75.9,16.6],[-75.8,16.6],[-75.8,16.7],[-75.9,16.6]]]]", 200},
		"all that may be":        {"[[[[-76,16.5],[-70.5,16.5],[-70.5,21],[-76,21],[-76,16.5]]]]", 200},
		"empty":                  {"[]", 400},
		"an empty ring":          {"[[[]]]", 400},
		"nested beyond sense":    {strings.Repeat("[", 5000) + strings.Repeat("]", 5000), 400},
		"touching itself at one": {"[[[[-72.4,18.5],[-72.3,18.5],[-72.35,18.55],[-72.3,18.6],[-72.4,18.6],[-72.35,18.55],[-72.4,18.5]]]]", 422},
	} {
		got := askValues(t, s, `{"geometry":{"type":"MultiPolygon","coordinates":`+test.coordinates+`}}`)
		if got != test.want {
			t.Errorf("%s: status %d, want %d", name, got, test.want)
		}
	}
}
