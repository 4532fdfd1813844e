package passage

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
)

// portAuPrince is Port-au-Prince's gates on a network: a hub in the city with one
// road out along each gate, all observed open, with the port and the airport.
func portAuPrince(t *testing.T) *scene {
	t.Helper()
	s := newScene()
	var edges []road.EdgeInput
	hub := orb.Point{-72.33, 18.55}
	sections := map[string]orb.LineString{}
	for _, g := range isolation.Capital().Gates {
		if !g.IsRoad() {
			continue
		}
		line := orb.LineString{hub}
		for _, p := range g.Places {
			line = append(line, p.At)
		}
		if len(g.Refs) == 0 {
			edges = append(edges, road.EdgeInput{Class: road.ClassDepartmental, Ref: "RD9", PrecisionM: 60, Geometry: line[:2]},
				road.EdgeInput{Class: road.ClassDepartmental, Ref: "RD9", PrecisionM: 60, Geometry: line[1:]})
			sections["RD9"] = line
			continue
		}
		edges = append(edges, national(g.Refs[0], line[:2]...), national(g.Refs[0], line[1:]...))
		sections[g.Refs[0]] = line
	}
	s.build(t, edges...)
	for _, ref := range []string{"RN1", "RN2", "RN3", "RN8", "RD9"} {
		s.put("national-roads", orb.MultiLineString{sections[ref]}, map[string]any{"ref": ref, "status": "open"})
	}
	s.put("ports", orb.Point{-72.35, 18.556}, map[string]any{"code": "port-apn", "facility_type": "port", "functional": "full"})
	s.put("airports", orb.Point{-72.29, 18.58}, map[string]any{"code": "airport-mtpp", "facility_type": "airport", "functional": "full"})
	area := orb.MultiPolygon{{{{-72.34, 18.54}, {-72.32, 18.54}, {-72.32, 18.56}, {-72.34, 18.56}, {-72.34, 18.54}}}}
	s.put("admin-areas", area, map[string]any{"pcode": "HT0111", "level": int64(2), "name_fr": "Port-au-Prince", "population": int64(987_308)})
	for _, c := range []struct {
		pcode, name string
		at          orb.Point
		people      int64
	}{
		{"HT0511", "Gonaïves", sections["RN1"][len(sections["RN1"])-1], 300_000}, {"HT0611", "Hinche", sections["RN3"][len(sections["RN3"])-1], 100_000},
		{"HT0711", "Les Cayes", sections["RN2"][len(sections["RN2"])-1], 150_000}, {"HT0211", "Jacmel", sections["RN8"][len(sections["RN8"])-1], 120_000},
	} {
		around := orb.MultiPolygon{{{{c.at[0] - .01, c.at[1] - .01}, {c.at[0] + .01, c.at[1] - .01}, {c.at[0] + .01, c.at[1] + .01}, {c.at[0] - .01, c.at[1] + .01}, {c.at[0] - .01, c.at[1] - .01}}}}
		s.put("admin-areas", around, map[string]any{"pcode": c.pcode, "level": int64(2), "name_fr": c.name, "population": c.people})
	}
	return s
}

// status gives a scene in which a feature with a code or a road number has
// another value.
func (s *scene) status(t failer, layer, key, value, property, to string) *scene {
	t.Helper()
	out := s.copy()
	for i, v := range out.versions {
		if v.Layer.Name == layer && v.Text(key) == value {
			c := *v
			c.Values = slices.Clone(v.Values)
			c.Values[c.Layer.Index(property)] = to
			out.versions[i] = geo.NewVersion(c, &out.model)
			return out
		}
	}
	t.Fatalf("no %s with %s %s", layer, key, value)
	return nil
}

// cornerOf is the junction nearest to a point.
func cornerOf(g *road.Graph, p orb.Point) int {
	best := 0
	for j := range g.Junctions() {
		a, b := g.Junction(j), g.Junction(best)
		if math.Hypot(a[0]-p[0], a[1]-p[1]) < math.Hypot(b[0]-p[0], b[1]-p[1]) {
			best = j
		}
	}
	return best
}

// twoRoads leads from west to east by RN8, straight through a zone and a toll,
// or by RN3 round it in the north. Both are observed open.
func twoRoads(t failer) *scene {
	direct := orb.LineString{place(0, 0), place(10, 0), place(20, 0)}
	round := orb.LineString{place(0, 0), place(0, 8), place(20, 8), place(20, 0)}
	return newScene().build(t, national("RN8", direct...), national("RN3", round...)).
		put("national-roads", orb.MultiLineString{direct}, map[string]any{"ref": "RN8", "status": "open"}).
		put("national-roads", orb.MultiLineString{round}, map[string]any{"ref": "RN3", "status": "open"})
}

var westToEast = []orb.Point{place(0, 0), place(20, 0)}

// threeRoads leads east by RN1 through a contested zone, by RN3 through a
// controlled one a little round, and by RN8 far round all of it.
func threeRoads(t failer) *scene {
	one := orb.LineString{place(0, 0), place(20, 0)}
	three := orb.LineString{place(0, 0), place(3, 4), place(17, 4), place(20, 0)}
	eight := orb.LineString{place(0, 0), place(0, -12), place(20, -12), place(20, 0)}
	return newScene().build(t, national("RN1", one...), national("RN3", three...), national("RN8", eight...)).
		put("national-roads", orb.MultiLineString{one}, map[string]any{"ref": "RN1", "status": "open"}).
		put("national-roads", orb.MultiLineString{three}, map[string]any{"ref": "RN3", "status": "open"}).
		put("national-roads", orb.MultiLineString{eight}, map[string]any{"ref": "RN8", "status": "open"}).
		put("controlled-zones", box(4, -2, 16, 2), map[string]any{"control_type": "contested", "confidence": .9}).
		put("controlled-zones", box(8, 3, 9, 6), map[string]any{"control_type": "controlled", "confidence": .9})
}
