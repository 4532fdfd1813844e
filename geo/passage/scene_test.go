package passage

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"
	_ "time/tzdata" // the program embeds it; the tests must not need the machine's

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// Saturday and Tuesday at nine in the morning in Haiti (five hours behind).
var (
	saturday = time.Date(2025, 11, 15, 14, 0, 0, 0, time.UTC)
	tuesday  = time.Date(2025, 11, 18, 14, 0, 0, 0, time.UTC)
)

// testing.TB and *rapid.T both are one.
type failer interface {
	Helper()
	Fatal(...any)
	Fatalf(string, ...any)
}

// scene is a small world to ask questions of.
type scene struct {
	audience geo.Audience
	model    geo.Model
	network  *road.Graph
	turns    []road.Turn // of the network to be built
	versions []*geo.Version
	made     int // features so far: their ids count up
}

func newScene() *scene { return &scene{audience: geo.Humanitarian, model: geo.DefaultModel} }

// put adds a feature, confirmed twelve hours before Saturday's question unless
// its values say otherwise. Its id counts up.
func (s *scene) put(layer string, g orb.Geometry, values map[string]any) *scene {
	l, ok := geo.LayerByName(layer)
	if !ok {
		panic("no layer " + layer)
	}
	all := make([]any, len(l.Properties))
	set := func(name string, value any) {
		if l.Index(name) < 0 {
			panic(layer + " has no property " + name)
		}
		if text, ok := value.(string); ok && len(text) > 0 && (text[0] == '{' || text[0] == '[') {
			value = json.RawMessage(text)
		}
		all[l.Index(name)] = value
	}
	set("last_confirmed_at", saturday.Add(-12*time.Hour))
	set("confidence", .6)
	for name, value := range values {
		set(name, value)
	}
	if layer == "roadblocks" && all[l.Index("state")] == nil {
		set("state", "active")
	}
	s.made++
	id := uuid.MustParse(fmt.Sprintf("00000000-0000-4000-8000-%012d", s.made))
	s.versions = append(s.versions, geo.NewVersion(geo.Version{
		Layer: l, ID: id, Known: 7, KnownAt: saturday, Geometry: g, Values: all,
		Valid: geo.Period{From: saturday.AddDate(0, -2, 0)},
	}, &s.model))
	return s
}

func (s *scene) copy() *scene {
	c := *s
	c.versions = append([]*geo.Version{}, s.versions...)
	return &c
}

func (s *scene) build(t failer, edges ...road.EdgeInput) *scene {
	t.Helper()
	for i := range edges {
		edges[i].ID = int64(i + 1)
	}
	g, err := road.Build(road.Network{Name: "test", PrecisionM: 60}, edges, s.turns...)
	if err != nil {
		t.Fatal(err)
	}
	s.network = g
	return s
}

func (s *scene) world() *world.World {
	return world.Build(s.audience, &s.model, 7, saturday, s.versions, s.network)
}

func (s *scene) find(t failer, r Request) *Answer {
	t.Helper()
	a, err := s.try(r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func (s *scene) try(r Request) (*Answer, error) {
	if r.Vehicle == "" {
		r.Vehicle = "car"
	}
	if r.Profile == "" {
		r.Profile = "humanitarian_cargo"
	}
	return Find(context.Background(), s.world(), r.Resolve(saturday, &s.model))
}

// place is a point so many hundredths of a degree, about a kilometre each, east
// and north of a corner south-west of the capital.
func place(east, north float64) orb.Point {
	return orb.Point{geo.RoundCoordinate(-72.7 + east/100), geo.RoundCoordinate(18.5 + north/100)}
}

func box(west, south, east, north float64) orb.MultiPolygon {
	a, b := place(west, south), place(east, north)
	return orb.MultiPolygon{{{a, {b[0], a[1]}, b, {a[0], b[1]}, a}}}
}

func street(line ...orb.Point) road.EdgeInput {
	return road.EdgeInput{Class: road.ClassUrban, Geometry: line, PrecisionM: 20}
}

func national(ref string, line ...orb.Point) road.EdgeInput {
	return road.EdgeInput{Class: road.ClassNational, Ref: ref, Geometry: line, PrecisionM: 60}
}

// straight is a line of forty hundredths along which evidence is put, on RN2.
var straight = orb.LineString{place(0, 0), place(20, 0), place(40, 0)}

// openRoad is RN2 with a status confirmed lately: observed all along.
func openRoad(t failer) *scene {
	return newScene().build(t, national("RN2", straight...)).
		put("national-roads", orb.MultiLineString{straight}, map[string]any{"ref": "RN2", "status": "open", "precision_m": 100.0})
}

func kinds(a *Answer) []string {
	var out []string
	for _, r := range a.Reasons {
		out = append(out, r.Kind+":"+r.Effect)
	}
	return out
}

func encode(t failer, a *Answer) string {
	t.Helper()
	raw, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var _ failer = (*testing.T)(nil)
