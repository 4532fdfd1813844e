package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/maptile"

	"pasaj/geo"
)

// described is one operation as the OpenAPI document has it.
type described struct {
	method, path string
	parameters   []describedParameter
	media        []string // of a good answer
	bodyMedia    []string
	bodySchema   string // name of the component
	layer        *geo.Layer
}

type describedParameter struct {
	name, in string
	required bool
	choices  []string
}

// readDocument lists every operation of an OpenAPI document.
func readDocument(t *testing.T, raw []byte) []described {
	t.Helper()
	type parameter struct {
		Ref, Name, In string
		Required      bool
		Schema        struct{ Enum []any }
	}
	type content map[string]struct {
		Schema struct {
			Ref string `json:"$ref"`
		}
	}
	type rawParameter struct {
		Ref string `json:"$ref"`
		parameter
	}
	type operation struct {
		Parameters  []rawParameter
		RequestBody struct{ Content content }
		Responses   map[string]struct{ Content content }
	}
	var doc struct {
		Paths      map[string]map[string]json.RawMessage
		Components struct{ Parameters map[string]parameter }
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	var out []described
	for path, item := range doc.Paths {
		for method, rawOperation := range item {
			var op operation
			method = strings.ToUpper(method)
			if !slices.Contains([]string{"GET", "PUT", "POST", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE"}, method) {
				t.Fatalf("%s has a member %s that this test does not know", path, method)
			}
			if err := json.Unmarshal(rawOperation, &op); err != nil {
				t.Fatal(err)
			}
			d := described{method: method, path: path}
			for _, p := range op.Parameters {
				if p.Ref != "" {
					p.parameter = doc.Components.Parameters[strings.TrimPrefix(p.Ref, "#/components/parameters/")]
				}
				one := describedParameter{name: p.Name, in: p.In, required: p.Required}
				for _, choice := range p.Schema.Enum {
					one.choices = append(one.choices, fmt.Sprint(choice))
				}
				d.parameters = append(d.parameters, one)
			}
			for status, response := range op.Responses {
				if strings.HasPrefix(status, "2") {
					for media := range response.Content {
						d.media = append(d.media, media)
					}
				}
			}
			for media, body := range op.RequestBody.Content {
				d.bodyMedia = append(d.bodyMedia, media)
				d.bodySchema = strings.TrimPrefix(body.Schema.Ref, "#/components/schemas/")
			}
			if rest, ok := strings.CutPrefix(path, "/collections/"); ok {
				name, _, _ := strings.Cut(rest, "/")
				d.layer, _ = geo.LayerByName(name)
			}
			slices.Sort(d.media)
			slices.Sort(d.bodyMedia)
			out = append(out, d)
			if method == http.MethodGet {
				d.method = http.MethodHead
				out = append(out, d)
			}
		}
	}
	slices.SortFunc(out, func(a, b described) int { return strings.Compare(a.path+" "+a.method, b.path+" "+b.method) })
	return out
}

// sample is a value to ask with. Where it names something hidden, twin is a
// value of the same form that names nothing: the two answers must be alike.
type sample struct{ value, twin string }

func plainSamples(values ...string) []sample {
	out := make([]sample, len(values))
	for i, v := range values {
		out[i] = sample{value: v}
	}
	return out
}

// probe is what an audience asks with: values of its own making and hidden ones.
type probe struct {
	audience geo.Audience
	newest   geo.Revision
	instants []string                     // when revisions were committed
	hidden   map[*geo.Layer][]uuid.UUID   // ids that the audience does not see
	open     map[*geo.Layer][]uuid.UUID   // ids that it sees
	places   map[*geo.Layer][]orb.Point   // vertices that it does not see
	words    []string                     // hidden codes
	watches  []uuid.UUID                  // of somebody else
	bodies   map[string]func() [][]string // by schema
}

// breadth is how many things of a kind are asked for. The others go through the
// same machinery as the public, so that fewer will do.
func (p *probe) breadth() int {
	if p.audience == geo.Public {
		return 6
	}
	return 2
}

// samples gives the values of a parameter; none means that this test has to be
// taught what the parameter is.
func (p *probe) samples(d described, name, in string) []sample {
	switch in + " " + name {
	case "query indicator":
		if strings.HasSuffix(d.path, "/series") {
			return plainSamples("T1", "G1", "P1", "I1", "Q1", "T2", "nonsense", "")
		}
		return plainSamples("", "T1,T1p,T6,G1,G2", "P1,P2", "I1,I2", "Q1,Q2,Q3", "R1,R2,R3,R4", "F1,F2,F3,L1", "T2", "nonsense", "T1,"+first(p.words, 1)[0])
	case "query from":
		if d.path == "/v1/reach" {
			return plainSamples("facilities:police", "police", "facilities:hospital", "ports", "airports", "facilities:fob,facilities:helipad", "facilities:school", "facilities:"+first(p.words, 1)[0], "nonsense")
		}
		return plainSamples("2025-11-20T00:00:00Z", "2024-11-01T00:00:00Z", "2090-01-01T00:00:00Z", "x")
	case "query to":
		return plainSamples("2025-12-01T00:00:00Z", "2023-04-06T00:00:00Z", "2090-01-01T00:00:00Z", "x")
	case "query step":
		return plainSamples("1d", "12h", "PT48H", "0d", "x")
	case "query minutes":
		return plainSamples("15", "5,60", "x")
	case "query mode":
		return plainSamples("network", "ring")
	case "query radius_m":
		return plainSamples("2000", "x")
	case "query limit":
		return plainSamples("1", "7", "10000", "0", "10001", "x")
	case "query offset":
		return plainSamples("0", "3", "99999", "-1")
	case "query bbox":
		out := plainSamples("-180,-90,180,90", "170,-90,-170,90", "-72.5,18.4,-72.2,18.7", "-75,17,0,-71,21,9", "-72.4,18.5,-72.4,18.5", "0,0,1,1", "1,2,3", "a,b,c,d")
		for _, at := range first(p.places[d.layer], 4) {
			out = append(out, sample{value: boxAround(at, 0.00002)}, sample{value: boxAround(at, 0.003)})
		}
		return out
	case "query datetime":
		return plainSamples("2021-06-01T12:00:00Z", "2023-04-05T06:30:00Z", "2024-10-05T00:00:00Z", "2025-12-01T00:00:00Z", "2090-01-01T00:00:00Z",
			"1900-01-01T00:00:00Z/..", "../2024-03-04T00:00:00Z", "2080-01-01/2090-01-01", "../..", "2024-99-99")
	case "query asof":
		var out []sample
		for r := p.newest + 1; r > 0; r -= geo.Revision(6 / p.breadth()) {
			out = append(out, sample{value: r.String()})
		}
		for i := 0; i < len(p.instants); i += 7 {
			out = append(out, sample{value: p.instants[i]})
		}
		return append(out, plainSamples("0", "-3", "1990-01-01T00:00:00Z", "2090-01-01T00:00:00Z", "x")...)
	case "query cursor":
		out := plainSamples("x", strings.Repeat("A", 32))
		for _, id := range first(p.hidden[d.layer], 3) {
			beside := id // names nothing, and stands at the same place in the order
			beside[15]++
			out = append(out, sample{value: cursorOf(p.newest, id), twin: cursorOf(p.newest, beside)})
		}
		for _, id := range first(p.open[d.layer], 2) {
			out = append(out, sample{value: cursorOf(p.newest, id)}, sample{value: cursorOf(3, id)})
		}
		return out
	case "query crs", "query bbox-crs", "header Content-Crs":
		return plainSamples("http://www.opengis.net/def/crs/OGC/1.3/CRS84", "http://www.opengis.net/def/crs/EPSG/0/4326")
	case "query f":
		return plainSamples("json", "html", "mvt", "csv")
	case "query token":
		return []sample{{value: "pasaj_nonsense"}, {value: ""}}
	case "query area":
		out := plainSamples("ZMPP", "lower-artibonite", "HT0111", "HT01", "HT0111,HT0112,ZMPP", "-", "")
		for _, word := range first(p.words, 12) {
			out = append(out, sample{value: word, twin: "zy" + word[2:]}, sample{value: "HT0111," + word, twin: "HT0111,zy" + word[2:]})
		}
		return out
	case "query level":
		return plainSamples("named", "department", "commune", "country")
	case "query last-event-id", "header Last-Event-ID":
		return plainSamples("0", "1", (p.newest / 2).String(), (p.newest - 1).String(), p.newest.String(), "999999", "-1", "x")
	case "header If-None-Match", "header If-Match":
		out := plainSamples("*", `"x"`, `W/"1"`, "nonsense")
		for r := p.newest; r > 0; r -= 7 {
			out = append(out, sample{value: r.ETag()})
		}
		return append(out, sample{value: `"` + p.newest.String() + `-public-x"`})
	case "header Idempotency-Key":
		return plainSamples("k1", "key "+first(p.words, 1)[0], strings.Repeat("k", 200))
	case "query engine":
		return plainSamples("openrouteservice", "valhalla", "brouter", "osrm", "x")
	case "query vehicle":
		return plainSamples("foot", "truck_20t", "x")
	case "query profile":
		return plainSamples("commercial", "humanitarian_cargo", "x")
	case "query lang":
		return plainSamples("fr", "ht", "en", "x")
	case "header Accept-Language":
		return plainSamples("ht", "en-US,en;q=0.9", "x")
	case "header X-CSRF-Token":
		return plainSamples("guess")
	case "path id": // the hidden ones first, those that moved between audiences last
		var out []sample
		if strings.HasPrefix(d.path, "/v1/watches/") {
			for _, id := range p.watches {
				out = append(out, sample{value: id.String(), twin: uuid.NewString()})
			}
		}
		for _, id := range p.hidden[d.layer] {
			out = append(out, sample{value: id.String(), twin: uuid.NewString()})
		}
		out = append(out, plainSamples("nonsense", uuid.Nil.String())...)
		for _, id := range first(p.open[d.layer], 3) {
			out = append(out, sample{value: id.String()})
		}
		return out
	case "path tileMatrix", "path tileRow", "path tileCol":
		return plainSamples("together") // see tiles
	}
	return nil
}

func first[T any](list []T, n int) []T { return list[:min(n, len(list))] }

func boxAround(p orb.Point, margin float64) string {
	return fmt.Sprintf("%f,%f,%f,%f", p[0]-margin, p[1]-margin, p[0]+margin, p[1]+margin)
}

// tiles lists tiles over hidden places at several levels, and some that are none.
func (p *probe) tiles(l *geo.Layer) [][3]string {
	var out [][3]string
	for _, at := range first(p.places[l], p.breadth()/2+1) {
		for _, z := range []maptile.Zoom{14, 10, 18, 6} {
			one := maptile.At(at, z)
			out = append(out, [3]string{strconv.Itoa(int(z)), strconv.Itoa(int(one.Y)), strconv.Itoa(int(one.X))})
		}
	}
	return append(out, [3]string{"0", "0", "0"}, [3]string{"7", "57", "38"}, [3]string{"21", "0", "0"}, [3]string{"3", "9", "0"}, [3]string{"x", "y", "z"})
}

// asked is a request with what is needed to judge its answer.
type asked struct {
	request
	operation string
	twin      *request // an answer just like it is due
	swap      sample
	layer     *geo.Layer
	tile      *maptile.Tile
}

// address is a path with its parameters filled in.
type address struct {
	path string
	swap sample // of the id
	tile *maptile.Tile
}

func (p *probe) addresses(t *testing.T, d described) []address {
	out := []address{{path: d.path}}
	if strings.Contains(d.path, "{tileMatrix}") {
		out = nil
		for _, zyx := range p.tiles(d.layer) {
			a := address{path: strings.NewReplacer("{tileMatrix}", zyx[0], "{tileRow}", zyx[1], "{tileCol}", zyx[2]).Replace(d.path)}
			z, errZ := strconv.Atoi(zyx[0])
			y, errY := strconv.Atoi(zyx[1])
			x, errX := strconv.Atoi(zyx[2])
			if errZ == nil && errY == nil && errX == nil {
				at := maptile.New(uint32(x), uint32(y), maptile.Zoom(z))
				a.tile = &at
			}
			out = append(out, a)
		}
	}
	for _, one := range d.parameters {
		hole := "{" + one.name + "}"
		if one.in != "path" || !strings.Contains(out[0].path, hole) {
			continue
		}
		var filled []address
		for _, s := range p.samples(d, one.name, one.in) {
			filled = append(filled, address{path: strings.ReplaceAll(out[0].path, hole, s.value), swap: s})
		}
		out = filled
	}
	if len(out) == 0 || strings.Contains(out[0].path, "{") {
		t.Errorf("%s %s: teach this test values of its path's parameters", d.method, d.path)
		return nil
	}
	return out
}

// requests are everything that an operation is asked: every address; every
// value of every parameter, at a hidden and an open address; every revision at
// every address; every format and body.
func (p *probe) requests(t *testing.T, d described) []asked {
	t.Helper()
	addresses := p.addresses(t, d)
	bodies := [][]string{{"", ""}}
	if d.bodyMedia != nil {
		if bodies = p.bodiesOf(d); bodies == nil {
			t.Errorf("%s %s: teach this test bodies of the form %s", d.method, d.path, d.bodySchema)
			return nil
		}
	}
	var out []asked
	add := func(a address, query, header sample, name string, body []string) {
		make := func(id, query, header, body string) request {
			r := request{method: d.method, path: a.path, header: map[string]string{}, body: body}
			if a.swap.value != "" {
				r.path = strings.ReplaceAll(d.path, "{id}", id)
			}
			if rest := needed(d, query); rest != "" {
				query = strings.TrimPrefix(query+"&"+rest, "&")
			}
			if query != "" {
				r.path += "?" + query
			}
			if name != "" {
				r.header[name] = header
			}
			if d.bodyMedia != nil {
				r.header["Content-Type"] = d.bodyMedia[0]
			}
			return r
		}
		one := asked{request: make(a.swap.value, query.value, header.value, body[0]), layer: d.layer, tile: a.tile, operation: d.method + " " + d.path}
		for _, s := range []struct {
			swap sample
			twin func(string) request
		}{
			{a.swap, func(twin string) request { return make(twin, query.value, header.value, body[0]) }},
			{query, func(twin string) request { return make(a.swap.value, twin, header.value, body[0]) }},
			{sample{body[0], body[1]}, func(twin string) request { return make(a.swap.value, query.value, header.value, twin) }},
		} {
			if s.swap.twin != "" {
				twin := s.twin(s.swap.twin)
				one.twin, one.swap = &twin, s.swap
			}
		}
		out = append(out, one)
	}
	none := sample{}
	for i, a := range addresses {
		for _, body := range bodies {
			add(a, none, none, "", body)
		}
		for _, one := range d.parameters {
			if one.in == "path" {
				continue
			}
			values := p.samples(d, one.name, one.in)
			if values == nil {
				t.Errorf("%s %s: teach this test values of the parameter %s (%s)", d.method, d.path, one.name, one.in)
			}
			for _, choice := range one.choices {
				values = append(values, sample{value: choice})
			}
			for _, v := range first(values, p.depth(d, one.name, i, len(addresses))) {
				if one.in == "header" {
					add(a, none, v, one.name, bodies[0])
					continue
				}
				query := sample{value: queryOf(one.name, v.value)}
				if v.twin != "" {
					query.twin = queryOf(one.name, v.twin)
				}
				add(a, query, none, "", bodies[0])
				if one.name != "asof" || d.method != http.MethodGet {
					continue
				}
				if hasParameter(d, "datetime") {
					add(a, sample{value: query.value + "&datetime=2024-06-01T00:00:00Z"}, none, "", bodies[0])
				}
				if hasParameter(d, "bbox") {
					for _, at := range first(p.places[d.layer], 1) {
						add(a, sample{value: query.value + "&bbox=" + boxAround(at, 0.01)}, none, "", bodies[0])
					}
				}
			}
		}
		if i > 0 || d.method != http.MethodGet || p.audience != geo.Public {
			continue
		}
		for _, media := range append(slices.Clone(d.media), "text/html", "application/xml", "*/*") {
			add(a, none, sample{value: media}, "Accept", bodies[0])
		}
		for _, encoding := range []string{"gzip", "br, gzip;q=0.5", "identity"} {
			add(a, none, sample{value: encoding}, "Accept-Encoding", bodies[0])
		}
		add(a, sample{value: "nonsense=1"}, none, "", bodies[0])
		add(a, none, sample{value: "https://elsewhere.example"}, "Origin", bodies[0])
	}
	return out
}

// needed are the parameters without which an operation answers nothing, but for
// those that a query has.
func needed(d described, query string) string {
	var all []string
	switch d.path {
	case "/v1/reach":
		if strings.Contains(query, "mode=ring") {
			all = []string{"from=facilities:police", "radius_m=3000"}
		} else {
			all = []string{"from=facilities:police", "minutes=15"}
		}
	case "/v1/coverage/series":
		all = []string{"indicator=T1", "area=ZMPP-admin", "from=2025-11-20T00:00:00Z", "to=2025-12-01T00:00:00Z"}
	case "/v1/coverage/changes":
		all = []string{"area=ZMPP-admin", "from=2025-11-01T00:00:00Z", "to=2025-12-01T00:00:00Z"}
	case "/v1/coverage/values":
		if d.method == http.MethodPost {
			return ""
		}
		all = []string{"area=ZMPP-admin,HT0111"}
		if !strings.Contains(query, "indicator=") {
			all = append(all, "indicator=T1,G1,P1,I1,Q1,R1,F1")
		}
	}
	given, err := url.ParseQuery(query)
	return strings.Join(slices.DeleteFunc(all, func(one string) bool {
		name, _, _ := strings.Cut(one, "=")
		return err == nil && given.Has(name)
	}), "&")
}

// depth is how many values of a parameter are tried at the i-th of so many
// addresses: all at a hidden one, every revision also at one whose feature has
// moved between audiences, few where the answer cannot depend on it.
func (p *probe) depth(d described, parameter string, i, addresses int) int {
	const all = 1000
	switch {
	case d.layer != nil && !d.layer.Audiences.Has(p.audience):
		return max(0, 2-i)
	case d.method != http.MethodGet:
		return max(0, p.breadth()-i*p.breadth())
	case p.audience != geo.Public && !slices.Contains([]string{"bbox", "datetime", "asof", "cursor", "area", "last-event-id", "Last-Event-ID"}, parameter):
		return max(0, 2-2*i)
	case i == 0, parameter == "asof" && (i == 2 || i == addresses-1):
		return all
	case i == 3:
		return 2
	}
	return 0
}

func hasParameter(d described, name string) bool {
	return slices.ContainsFunc(d.parameters, func(p describedParameter) bool { return p.name == name })
}

func (p *probe) bodiesOf(d described) [][]string {
	if d.layer != nil && d.bodySchema == d.layer.Name {
		return p.featureBodies(d.layer)
	}
	if make := p.bodies[d.bodySchema]; make != nil {
		return make()
	}
	return nil
}

// featureBodies are edits that name hidden things; the second of a pair names
// things that never were.
func (p *probe) featureBodies(l *geo.Layer) [][]string {
	geometry := string(geo.AppendGeometry(nil, (&canaries{n: 1}).geometry(l.Geometry)))
	feature := func(properties string) string {
		return `{"type":"Feature","geometry":` + geometry + `,"properties":{` + properties + `}}`
	}
	out := [][]string{{feature(``), ""}, {`{"type":"Feature"}`, ""}, {`nonsense`, ""}}
	for _, word := range first(p.words, 2) {
		out = append(out, []string{feature(`"code":"` + word + `"`), feature(`"code":"zy` + word[2:] + `"`)})
		if l.Index("group_id") >= 0 {
			out = append(out, []string{feature(`"group_id":"` + word + `"`), feature(`"group_id":"zy` + word[2:] + `"`)})
		}
	}
	return out
}
