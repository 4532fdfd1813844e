package haiti

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/road"
)

func network(t *testing.T) *road.Graph {
	t.Helper()
	n, edges, err := Network()
	if err != nil {
		t.Fatal(err)
	}
	for _, credit := range []string{"OpenStreetMap contributors", "CC BY-SA 2.0", "January 2010", "60 m", "GeoNames", "CC BY 4.0"} {
		if !strings.Contains(n.Licence, credit) {
			t.Errorf("licence %q does not name %q", n.Licence, credit)
		}
	}
	g, err := road.Build(n, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Towns at the ends of the national roads and the departmental capitals on
// them, as the roads' waypoints place them.
var towns = map[string]orb.Point{
	"Port-au-Prince":                {-72.3419, 18.555},
	"Gonaïves":                      {-72.68928, 19.44755},
	"Cap-Haïtien":                   {-72.19815, 19.75938},
	"Miragoâne":                     {-73.08957, 18.44599},
	"Les Cayes":                     {-73.74601, 18.19331},
	"Hinche":                        {-72.012, 19.143},
	"Jacmel":                        {-72.53539, 18.23427},
	"Port-de-Paix":                  {-72.83037, 19.93984},
	"Fort-Liberté":                  {-71.85, 19.648},
	"Ouanaminthe":                   {-71.72475, 19.54934},
	"Jérémie":                       {-74.11667, 18.65},
	"Malpasse":                      {-71.883, 18.483},
	"Croix-des-Bouquets crossroads": {-72.231, 18.577},
}

func TestNetworkIsOneComponent(t *testing.T) {
	g := network(t)
	if n := len(g.ComponentLengths()); n != 1 {
		t.Errorf("%d components, want one", n)
	}
}

func TestNetworkReachesEveryTownAndBack(t *testing.T) {
	g := network(t)
	length := func(s road.Stretch) (float64, bool) { return s.LengthM(), true }
	snap := func(name string) road.Position {
		s, ok := g.Snap(towns[name], 100)
		if !ok {
			t.Fatalf("%s is not on the network", name)
		}
		return s.Position
	}
	for name := range towns {
		if name == "Port-au-Prince" {
			continue
		}
		there, err := g.Dijkstra(context.Background(), snap("Port-au-Prince"), snap(name), length)
		if err != nil {
			t.Errorf("to %s: %v", name, err)
			continue
		}
		back, err := g.Dijkstra(context.Background(), snap(name), snap("Port-au-Prince"), length)
		if err != nil || math.Abs(there.Cost-back.Cost) > 3000 {
			t.Errorf("%s: %.0f m there, %+v back: %v", name, there.Cost, back, err)
		}
	}
}

// Every edge can be reached from the capital and left for it again, one-way
// streets obeyed.
func TestNetworkIsStronglyConnected(t *testing.T) {
	g := network(t)
	length := func(s road.Stretch) (float64, bool) { return s.LengthM(), true }
	start, _ := g.Snap(towns["Port-au-Prince"], 100)
	for i := 0; i < g.Len(); i++ {
		middle := road.Position{Edge: i, AlongM: g.Edge(i).LengthM / 2}
		if _, err := g.Dijkstra(context.Background(), start.Position, middle, length); err != nil {
			t.Errorf("edge %d %q cannot be reached: %v", g.Edge(i).ID, g.Edge(i).Name, err)
		}
		if _, err := g.Dijkstra(context.Background(), middle, start.Position, length); err != nil {
			t.Errorf("edge %d %q cannot be left: %v", g.Edge(i).ID, g.Edge(i).Name, err)
		}
	}
}

// Lengths as the sum between waypoints and as commonly given for the road, in
// kilometres: what we have lies between nine tenths of the first and the
// second.
func TestNationalRoadLengths(t *testing.T) {
	want := map[string][2]float64{
		"RN1": {206, 250}, "RN2": {165, 195}, "RN3": {153, 200}, "RN4": {31, 45},
		"RN5": {60, 85}, "RN6": {60, 68}, "RN7": {66, 95}, "RN8": {45, 55},
	}
	g := network(t)
	got := map[string]float64{}
	for i := 0; i < g.Len(); i++ {
		e := g.Edge(i)
		share := 1.0
		if e.Oneway {
			share = .5 // a road of two carriageways
		}
		for _, ref := range e.Refs {
			got[ref] += share * e.LengthM / 1000
		}
	}
	for ref, w := range want {
		if got[ref] < .9*w[0] || got[ref] > w[1] {
			t.Errorf("%s is %.1f km, want %.0f to %.0f", ref, got[ref], .9*w[0], w[1])
		}
	}
	if len(got) != len(want) {
		t.Errorf("roads %v", got)
	}
}

func TestNetworkEdges(t *testing.T) {
	g := network(t)
	oneway, seen := 0, map[string]bool{}
	for i := 0; i < g.Len(); i++ {
		e := g.Edge(i)
		if e.Oneway {
			oneway++
		}
		if e.PrecisionM != 60 && e.PrecisionM != 2000 {
			t.Errorf("edge %d has precision %v", e.ID, e.PrecisionM)
		}
		if (e.Class == road.ClassNational) != (len(e.Refs) > 0) {
			t.Errorf("edge %d of class %s has numbers %v", e.ID, e.Class, e.Refs)
		}
		for j := 1; j < len(e.Geometry); j++ {
			if d := measure.DistanceM(e.Geometry[j-1], e.Geometry[j]); d < 1 {
				t.Errorf("edge %d has a segment of %.2f m", e.ID, d)
			}
		}
		seen[e.Name] = true
	}
	if oneway == 0 {
		t.Error("no one-way edge")
	}
	for _, name := range []string{"Route de Delmas", "Nationale No 1", "raccord schématique", "Carrefour Dufort – Jacmel", "Fond Parisien – Malpasse"} {
		if !seen[name] {
			t.Errorf("no edge named %q", name)
		}
	}
}
