package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"

	"pasaj/geo"
)

// scanner looks for secrets of one audience in answers.
type scanner struct {
	secrets *secrets
	view    *seen
	figures bool // numbers are the process's own: any may occur
}

// scan lists what an answer betrays. Values that the request itself named are
// its own: an error may repeat them.
func (s *scanner) scan(r request, tiled *maptile.Tile, l *geo.Layer, got reply) []string {
	said := r.path + " " + r.body
	for _, value := range r.header {
		said += " " + value
	}
	var found []string
	tell := func(what, value string) {
		if !strings.Contains(said, value) && len(found) < 5 {
			found = append(found, what+" "+value)
		}
	}
	s.text(headerText(got.header), tell)
	if strings.HasPrefix(r.path, "/metrics") {
		plain := scanner{s.secrets, s.view, true}
		plain.text(got.body, tell)
		return found
	}
	if computedGeometry(r.path) {
		// Most of its coordinates are nobody's: one may be equal to a hidden one by
		// chance, two that stand together not.
		drawn := scanner{s.secrets, s.view, true}
		drawn.text(got.body, tell)
		s.pairs(got.body, tell)
		var value any
		if strings.Contains(got.header.Get("Content-Type"), "json") && json.Unmarshal(got.body, &value) == nil {
			drawn.json(value, nil, tell)
		}
		return found
	}
	switch media := got.header.Get("Content-Type"); {
	case strings.HasPrefix(media, "application/vnd.mapbox-vector-tile") && len(got.body) > 0:
		s.tile(got.body, tiled, l, tell)
	case strings.Contains(media, "json"):
		s.text(got.body, tell)
		var value any
		if err := json.Unmarshal(got.body, &value); err != nil && len(got.body) > 0 {
			tell("not JSON:", err.Error())
		}
		s.json(value, l, tell)
	default:
		s.text(got.body, tell)
	}
	return found
}

// computedGeometry reports whether an operation draws geometry of its own.
func computedGeometry(path string) bool {
	return strings.HasPrefix(path, "/v1/reach") || strings.HasPrefix(path, "/v1/exclusions")
}

var numberPair = regexp.MustCompile(`(-?\d+\.\d+)\s*,\s*(\d+\.\d+)`)

// pairs looks for hidden vertices among the numbers of a text, in whatever form
// they are written.
func (s *scanner) pairs(body []byte, tell func(what, value string)) {
	for _, pair := range numberPair.FindAllSubmatch(body, -1) {
		lon, errLon := strconv.ParseFloat(string(pair[1]), 64)
		lat, errLat := strconv.ParseFloat(string(pair[2]), 64)
		if errLon == nil && errLat == nil && s.secrets.vertices[orb.Point{lon, lat}] {
			tell("vertex", string(pair[0]))
		}
	}
}

func headerText(h http.Header) []byte {
	var out bytes.Buffer
	for name, values := range h {
		if name == "Date" || name == "Content-Length" { // any number may be a length
			continue
		}
		for _, value := range values {
			out.WriteString(name + ": " + value + "\n")
		}
	}
	return out.Bytes()
}

func wordByte(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-' || c == '.' || c == ':' || c == '+' || c == '_'
}

// text looks at every word of a text, whatever its form, and at hidden texts
// that begin where a word does.
func (s *scanner) text(body []byte, tell func(what, value string)) {
	for i := 0; i < len(body); {
		if !wordByte(body[i]) {
			if body[i] >= 0x80 && (i == 0 || body[i-1] < 0x80) {
				s.prose(body[i:], tell)
			}
			i++
			continue
		}
		end := i + 1
		for end < len(body) && wordByte(body[end]) {
			end++
		}
		s.prose(body[i:], tell)
		s.word(string(body[i:end]), tell)
		i = end
	}
}

func (s *scanner) prose(rest []byte, tell func(what, value string)) {
	if len(rest) < tellingProse {
		return
	}
	for _, text := range s.secrets.prose[string(rest[:tellingProse])] {
		if bytes.HasPrefix(rest, []byte(text)) {
			tell("text", text)
		}
	}
}

func (s *scanner) word(word string, tell func(what, value string)) {
	if i := strings.Index(word, "zq"); i >= 0 {
		for _, canary := range canaryWord.FindAllString(word[i:], -1) {
			if s.secrets.words[canary] {
				tell("canary", canary)
			}
		}
	}
	if s.secrets.texts[word] {
		tell("text", word)
	}
	if len(word) == 36 {
		if id, err := uuid.Parse(word); err == nil {
			s.id(id, tell)
		}
	}
	if len(word) == 32 { // the size of a cursor
		if raw, err := base64.RawURLEncoding.DecodeString(word); err == nil && len(raw) == 24 {
			if s.secrets.ids[uuid.UUID(raw[8:])] {
				tell("cursor of a hidden feature:", word)
			}
		}
	}
	if c := word[0]; c == '-' || c >= '0' && c <= '9' {
		if n, err := strconv.ParseFloat(word, 64); err == nil && !s.figures && s.secrets.numbers[n] {
			tell("number", word)
		}
		if len(word) >= len("2006-01-02T15:04:05Z") && word[4] == '-' {
			if at, err := time.Parse(time.RFC3339Nano, word); err == nil && s.secrets.instants[at.UnixMicro()] {
				tell("instant", word)
			}
		}
	}
}

func (s *scanner) id(id uuid.UUID, tell func(what, value string)) {
	if s.secrets.ids[id] {
		tell("id", id.String())
	}
}

// json looks at whole values: texts of any characters, vertices, features.
func (s *scanner) json(value any, l *geo.Layer, tell func(what, value string)) {
	switch v := value.(type) {
	case string:
		if s.secrets.texts[v] {
			tell("text", v)
		}
	case []any:
		if p, ok := pointOf(v); ok && s.secrets.vertices[p] {
			tell("vertex", fmt.Sprint(v[0]))
		}
		for _, one := range v {
			s.json(one, l, tell)
		}
	case map[string]any:
		if v["type"] == "Feature" && l != nil {
			s.feature(v, l, tell)
		}
		for name, one := range v {
			if s.secrets.texts[name] {
				tell("name", name)
			}
			s.json(one, l, tell)
		}
	}
}

// feature holds a feature to the view: one of its rows says all of this.
func (s *scanner) feature(f map[string]any, l *geo.Layer, tell func(what, value string)) {
	text, _ := f["id"].(string)
	id, err := uuid.Parse(text)
	properties, ok := f["properties"].(map[string]any)
	if err != nil || !ok {
		tell("a feature without id or properties:", text)
		return
	}
	revision, _ := properties["revision"].(float64)
	differs := "no row of the view"
	for _, row := range s.view.rows[l][id] {
		if float64(row.known) != revision {
			continue
		}
		if differs = differing(l, f["geometry"], properties, row.columns); differs == "" {
			return
		}
	}
	tell("feature "+id.String()+" of "+l.Name+" at "+strconv.Itoa(int(revision))+" is not the view's:", differs)
}

// differing names the first property that a row does not have.
func differing(l *geo.Layer, geometry any, properties, row map[string]any) string {
	if !sameCoordinates(geometry, row["geom"]) {
		return "geometry"
	}
	for i := range l.Properties {
		p := &l.Properties[i]
		if p.Computed {
			continue
		}
		if value, there := properties[p.Name]; !there || !sameColumn(value, row[p.Name]) {
			return fmt.Sprintf("%s %v, not %v", p.Name, value, row[p.Name])
		}
	}
	return ""
}

func sameColumn(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, ok := a.(string)
	y, also := b.(string)
	if !ok || !also {
		return false
	}
	at, first := parseWritten(x)
	bt, second := parseWritten(y)
	return first && second && at == bt
}

func sameCoordinates(a, b any) bool {
	x, ok := a.(map[string]any)
	y, also := b.(map[string]any)
	if !ok || !also {
		return a == nil && b == nil
	}
	return x["type"] == y["type"] && sameNumbers(x["coordinates"], y["coordinates"])
}

// sameNumbers compares to the nine decimals that PostGIS writes.
func sameNumbers(a, b any) bool {
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		return ok && math.Abs(x-y) <= 1e-9
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, sameNumbers)
	}
	return false
}

// tile looks into a vector tile: numeric ids, attributes, and at depths where
// a cell of its grid is small, vertices.
func (s *scanner) tile(body []byte, at *maptile.Tile, l *geo.Layer, tell func(what, value string)) {
	layers, err := mvt.Unmarshal(body)
	if err != nil || at == nil || l == nil {
		tell("a tile that cannot be read:", fmt.Sprint(err))
		return
	}
	for _, layer := range layers {
		for _, f := range layer.Features {
			if n, ok := f.ID.(float64); ok {
				if id, hidden := s.secrets.features[uint64(n)]; hidden {
					tell("numeric id of", id.String())
				}
			} else {
				tell("a feature of a tile with id", fmt.Sprint(f.ID))
			}
			text, _ := f.Properties["id"].(string)
			if id, err := uuid.Parse(text); err != nil || !s.drawnFrom(l, id, f.Properties) {
				tell("attributes that no row of the view has, of", text)
			}
			raw, err := json.Marshal(f.Properties)
			if err != nil {
				tell("attributes:", err.Error())
			}
			s.text(raw, tell)
		}
	}
	const smallCells = 12 // from this level on
	if at.Z < smallCells {
		return
	}
	cell := 360 / math.Exp2(float64(at.Z)) / mvt.DefaultExtent // degrees of longitude
	for _, layer := range layers {
		for _, f := range layer.Features {
			// Only corners inside the tile are vertices; the rest is cut.
			each(f.Geometry, func(p orb.Point) bool {
				return p[0] > 0 && p[1] > 0 && p[0] < mvt.DefaultExtent && p[1] < mvt.DefaultExtent
			}, *at, func(p orb.Point) {
				if hidden, ok := s.secrets.near(p, cell); ok {
					tell("vertex of a tile", fmt.Sprint(hidden[0]))
				}
			})
		}
	}
}

// drawnFrom reports whether a row of the view has all attributes of a feature.
func (s *scanner) drawnFrom(l *geo.Layer, id uuid.UUID, attributes map[string]any) bool {
	return slices.ContainsFunc(s.view.rows[l][id], func(row held) bool {
		for name, value := range attributes {
			switch name {
			case "vf", "vt", "exp":
				continue
			}
			if !sameAttribute(value, row.columns[name]) {
				return false
			}
		}
		return true
	})
}

func sameAttribute(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if n, ok := b.(float64); ok && x.CanConvert(y.Type()) {
		return x.Convert(y.Type()).Float() == n
	}
	return reflect.DeepEqual(a, b)
}

// each calls do for every vertex of a tile's geometry that is wanted, in degrees.
func each(g orb.Geometry, wanted func(orb.Point) bool, at maptile.Tile, do func(orb.Point)) {
	visit := func(points []orb.Point) {
		for _, p := range points {
			if wanted(p) {
				x := (float64(at.X) + p[0]/mvt.DefaultExtent) / math.Exp2(float64(at.Z))
				y := (float64(at.Y) + p[1]/mvt.DefaultExtent) / math.Exp2(float64(at.Z))
				do(orb.Point{x*360 - 180, math.Atan(math.Sinh(math.Pi*(1-2*y))) * 180 / math.Pi})
			}
		}
	}
	switch g := g.(type) {
	case orb.Point:
		visit([]orb.Point{g})
	case orb.MultiPoint:
		visit(g)
	case orb.LineString:
		visit(g)
	case orb.MultiLineString:
		for _, line := range g {
			visit(line)
		}
	case orb.Polygon:
		for _, ring := range g {
			visit(ring)
		}
	case orb.MultiPolygon:
		for _, polygon := range g {
			each(polygon, wanted, at, do)
		}
	}
}
