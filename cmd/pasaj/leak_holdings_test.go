package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/tile"
)

// holdings are the values that somebody holds, by kind. Only values that are
// told apart from chance are kept: a 3 or a "yes" betrays nothing.
type holdings struct {
	ids      map[uuid.UUID]bool
	texts    map[string]bool
	words    map[string]bool // canary words
	numbers  map[float64]bool
	instants map[int64]bool // microseconds
	vertices map[orb.Point]bool
	lines    []orb.LineString // every line and ring, for nearness
}

func newHoldings() *holdings {
	return &holdings{
		ids: map[uuid.UUID]bool{}, texts: map[string]bool{}, words: map[string]bool{},
		numbers: map[float64]bool{}, instants: map[int64]bool{}, vertices: map[orb.Point]bool{},
	}
}

// held is a row of a view: what the audience may be told of one version.
type held struct {
	columns map[string]any
	known   int64
}

// seen is what a role sees of the record.
type seen struct {
	audience geo.Audience
	*holdings
	rows map[*geo.Layer]map[uuid.UUID][]held
}

var (
	canaryWord   = regexp.MustCompile(`zq[0-9a-z]{5}`)
	writtenTimes = regexp.MustCompile(`\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d(:\d\d)?)`)
)

// read collects every relation of a schema, as the role sees it; "" is the
// owner of the record.
func read(t *testing.T, url, schema, role string) *seen {
	t.Helper()
	ctx := t.Context()
	c, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(ctx))
	relations := collectText(t, c, `SELECT relname FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'v')
		AND relname NOT IN ('goose_db_version', 'audience_schema') ORDER BY 1`, schema)
	if len(relations) < len(geo.Layers())/2 {
		t.Fatalf("%s has only %d relations", schema, len(relations))
	}
	if role != "" {
		if _, err := c.Exec(ctx, "SET ROLE "+role); err != nil {
			t.Fatal(err)
		}
	}
	layers := map[string]*geo.Layer{}
	for _, l := range geo.Layers() {
		layers[l.Table] = l
	}
	out := &seen{holdings: newHoldings(), rows: map[*geo.Layer]map[uuid.UUID][]held{}}
	for _, relation := range relations {
		for _, row := range collectText(t, c, fmt.Sprintf("SELECT to_jsonb(v)::text FROM %s.%s v", schema, relation)) {
			var columns map[string]any
			if err := json.Unmarshal([]byte(row), &columns); err != nil {
				t.Fatal(err)
			}
			out.take(columns)
			if l := layers[relation]; l != nil {
				out.keep(t, l, columns)
			}
		}
	}
	return out
}

func collectText(t *testing.T, c *pgx.Conn, query string, arguments ...any) []string {
	t.Helper()
	rows, err := c.Query(t.Context(), query, arguments...)
	if err != nil {
		t.Fatal(err)
	}
	out, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return out
}

func (s *seen) keep(t *testing.T, l *geo.Layer, columns map[string]any) {
	t.Helper()
	text, _ := columns["id"].(string)
	id, err := uuid.Parse(text)
	known, _ := columns["known"].(string)
	from, _, _ := strings.Cut(strings.TrimLeft(known, "[("), ",")
	revision, perr := strconv.ParseInt(from, 10, 64)
	if err != nil || perr != nil {
		t.Fatalf("%s: id %q, known %q", l.Name, text, known)
	}
	if s.rows[l] == nil {
		s.rows[l] = map[uuid.UUID][]held{}
	}
	s.rows[l][id] = append(s.rows[l][id], held{columns, revision})
}

// take collects the values of any JSON.
func (h *holdings) take(value any) {
	switch v := value.(type) {
	case map[string]any:
		if coordinates, ok := v["coordinates"]; ok && v["type"] != nil {
			h.takeGeometry(coordinates)
		}
		for _, one := range v {
			h.take(one)
		}
	case []any:
		for _, one := range v {
			h.take(one)
		}
	case float64:
		h.numbers[v] = true
	case string:
		if id, err := uuid.Parse(v); err == nil {
			h.ids[id] = true
		}
		for _, word := range canaryWord.FindAllString(v, -1) {
			h.words[word] = true
		}
		times := writtenTimes.FindAllString(v, -1)
		for _, text := range times {
			if at, ok := parseWritten(text); ok {
				h.instants[at] = true
			}
		}
		if len(times) == 0 {
			h.texts[v] = true
		}
	}
}

func parseWritten(text string) (int64, bool) {
	text = strings.Replace(text, " ", "T", 1)
	for _, form := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999Z07"} {
		if at, err := time.Parse(form, text); err == nil {
			return at.UnixMicro(), true
		}
	}
	return 0, false
}

func (h *holdings) takeGeometry(coordinates any) {
	list, ok := coordinates.([]any)
	if !ok || len(list) == 0 {
		return
	}
	if p, ok := pointOf(list); ok {
		h.vertices[p] = true
		h.lines = append(h.lines, orb.LineString{p})
		return
	}
	var line orb.LineString
	for _, one := range list {
		inner, _ := one.([]any)
		if p, ok := pointOf(inner); ok {
			h.vertices[p] = true
			line = append(line, p)
		} else {
			h.takeGeometry(one)
		}
	}
	if line != nil {
		h.lines = append(h.lines, line)
	}
}

func pointOf(list []any) (orb.Point, bool) {
	if len(list) != 2 {
		return orb.Point{}, false
	}
	lon, ok := list[0].(float64)
	lat, also := list[1].(float64)
	return orb.Point{lon, lat}, ok && also
}

// Bounds below which a value could be there by chance.
const (
	tellingText    = 6      // bytes
	tellingProse   = 10     // bytes, inside of a longer text
	tellingInteger = 70_000 // canaries begin here
)

// tellingNumber reports whether a number has digits enough to be recognised.
func tellingNumber(n float64) bool {
	if n == math.Trunc(n) {
		return math.Abs(n) >= tellingInteger
	}
	return math.Abs(n*1e4-math.Round(n*1e4)) > 1e-3 // five decimals or more
}

// secrets are what the record holds and an audience does not.
type secrets struct {
	*holdings
	prose    map[string][]string  // hidden texts by their first bytes
	features map[uint64]uuid.UUID // numeric ids of tiles
	cells    map[[2]int][]orb.Point
	open     *holdings // what the audience holds
}

// secretsOf takes from all that there is what the audience sees, and what every
// reader may know: the words that the service's own description uses.
func secretsOf(all, open *holdings, vocabulary string) *secrets {
	s := &secrets{
		holdings: newHoldings(), prose: map[string][]string{}, features: map[uint64]uuid.UUID{}, cells: map[[2]int][]orb.Point{}, open: open,
	}
	public := vocabulary + "\n" + strings.Join(slices.Collect(maps.Keys(open.texts)), "\n")
	for id := range all.ids {
		if !open.ids[id] {
			s.ids[id] = true
			s.features[tile.FeatureID(id)] = id
		}
	}
	for word := range all.words {
		s.words[word] = !open.words[word]
	}
	for text := range all.texts {
		if len(text) >= tellingText && !strings.Contains(public, text) {
			s.texts[text] = true
			if len(text) >= tellingProse {
				s.prose[text[:tellingProse]] = append(s.prose[text[:tellingProse]], text)
			}
		}
	}
	for n := range all.numbers {
		s.numbers[n] = tellingNumber(n) && !open.numbers[n]
	}
	for at := range all.instants {
		s.instants[at] = at%1e6 != 0 && !open.instants[at] // many things happen at a full second
	}
	for p := range all.vertices {
		if !open.vertices[p] {
			s.vertices[p] = true
			cell := cellOf(p)
			s.cells[cell] = append(s.cells[cell], p)
		}
	}
	return s
}

// cellDegrees is the side of a cell in which hidden vertices are looked up.
const cellDegrees = 1e-3

func cellOf(p orb.Point) [2]int {
	return [2]int{int(math.Floor(p[0] / cellDegrees)), int(math.Floor(p[1] / cellDegrees))}
}

// near finds a hidden vertex within a distance in degrees of a point, unless
// something open lies as near to that vertex.
func (s *secrets) near(p orb.Point, tolerance float64) (orb.Point, bool) {
	middle := cellOf(p)
	for dx := -1; dx <= 1; dx++ {
		for dy := -1; dy <= 1; dy++ {
			for _, hidden := range s.cells[[2]int{middle[0] + dx, middle[1] + dy}] {
				if distance(hidden, p) <= tolerance && !s.openNear(hidden, 3*tolerance) {
					return hidden, true
				}
			}
		}
	}
	return orb.Point{}, false
}

func (s *secrets) openNear(p orb.Point, tolerance float64) bool {
	for _, line := range s.open.lines {
		for i := range line {
			if distance(line[i], p) <= tolerance || i > 0 && distanceToSegment(p, line[i-1], line[i]) <= tolerance {
				return true
			}
		}
	}
	return false
}

func distance(a, b orb.Point) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

func distanceToSegment(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	length := dx*dx + dy*dy
	if length == 0 {
		return distance(p, a)
	}
	along := min(1, max(0, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/length))
	return distance(p, orb.Point{a[0] + along*dx, a[1] + along*dy})
}
