//go:build ignore

// Network_generate makes network.geojson, the routable skeleton of the bundled
// snapshot, out of two GeoJSON files that are not kept here: streets
// (LineStrings with class, name, oneway; junctions share coordinates) and
// national roads as waypoint lines (LineStrings with ref and via).
//
//	go run network_generate.go -streets streets.geojson -roads roads.geojson > network.geojson
//
// How it is derived:
//
//  1. Streets that carry a national road get its number: by their name, with two
//     corrections from the published course of the roads. The way from the
//     capital by Drouillard to Croix-des-Missions is RN1, whatever the streets'
//     name says, and RN8 shares RN3 as far as Croix-des-Bouquets.
//  2. Pieces that generalising the streets to 60 m tore off are tied on again
//     where they come within 60 m of the rest, and so are ends of one-way
//     carriageways that would have no way in or out. What is further away is
//     left out and named on standard error.
//  3. Streets are cut at every vertex that another street shares.
//  4. A national road goes on from the outer end of its streets, or from its
//     first waypoint, in straight lines from waypoint to waypoint, each good to
//     two kilometres. Short ties between the two are named "raccord schématique".
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"math"
	"os"
	"slices"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"pasaj/geo"
	"pasaj/geo/measure"
)

const (
	streetPrecisionM = 60.0
	roadPrecisionM   = 2000.0
	tieM             = 60.0   // how far a torn piece may be from the rest
	shortTieM        = 5000.0 // up to here a line to the first waypoint is only a tie
)

type way struct {
	ref, name, class, source string
	oneway                   bool
	precisionM               float64
	line                     orb.LineString
}

// Where the streets and the waypoint lines meet, and where a street's name is
// not its number.
var (
	portAuPrince     = orb.Point{-72.3419, 18.555}  // boulevard Dessalines at its middle: RN1 north, RN2 south
	saline           = orb.Point{-72.3307, 18.5681} // its northern end
	croixDesMissions = orb.Point{-72.2829, 18.602}
	croixDesBouquets = orb.Point{-72.231, 18.577}
	streetNames      = map[string]string{"Nationale No 1": "RN1", "Nationale No 2": "RN2", "Nationale No 3": "RN3"}
	thomazeauWest    = -72.19 // secondary streets east of here are rural
	waypointNames    = map[string]string{
		"PaP": "Port-au-Prince", "CxMissions": "Croix-des-Missions", "BonRepos": "Bon Repos", "SaintMarc": "Saint-Marc",
		"PontSonde": "Pont-Sondé", "LEstere": "L’Estère", "Gonaives": "Gonaïves", "Limbe": "Limbé", "CapHaitien": "Cap-Haïtien",
		"Leogane": "Léogâne", "CfDufort": "Carrefour Dufort", "GrandGoave": "Grand-Goâve", "PetitGoave": "Petit-Goâve",
		"Miragoane": "Miragoâne", "FondNegres": "Fond-des-Nègres", "SLSud": "Saint-Louis-du-Sud", "LesCayes": "Les Cayes",
		"MorneCabrit": "Morne à Cabrit", "SRaphael": "Saint-Raphaël", "GrosMorne": "Gros-Morne", "BassinBleu": "Bassin-Bleu",
		"PortDePaix": "Port-de-Paix", "TrouNord": "Trou-du-Nord", "TerrierRouge": "Terrier-Rouge", "FortLiberte": "Fort-Liberté",
		"CampPerrin": "Camp-Perrin", "Jeremie": "Jérémie", "CxBouquets": "Croix-des-Bouquets", "FondParisien": "Fond Parisien",
	}
	// The outer end of the streets of a road, where its waypoint line takes
	// over, and the first waypoint beyond it.
	handover = map[string]struct {
		end  orb.Point
		next string
	}{
		"RN1": {orb.Point{-72.3355, 18.6897}, "Titanyen"},
		"RN2": {orb.Point{-72.7492, 18.4253}, "GrandGoave"},
		"RN3": {orb.Point{-72.1544, 18.7002}, "Mirebalais"},
		"RN8": {orb.Point{-71.9738, 18.5069}, "Malpasse"},
	}
)

func main() {
	log.SetFlags(0)
	streetsFile := flag.String("streets", "", "streets, GeoJSON")
	roadsFile := flag.String("roads", "", "national roads as waypoint lines, GeoJSON")
	flag.Parse()
	ways := readStreets(*streetsFile)
	ways = append(ways, readRoads(*roadsFile, ways)...)
	ways = tie(ways)
	ways = tieOneway(ways)
	ways = node(ways)
	write(ways)
}

func read(name string) []*geojson.Feature {
	raw, err := os.ReadFile(name)
	if err != nil {
		log.Fatal(err)
	}
	c, err := geojson.UnmarshalFeatureCollection(raw)
	if err != nil {
		log.Fatal(err)
	}
	return c.Features
}

func readStreets(name string) []way {
	var out []way
	for _, f := range read(name) {
		w := way{
			name: f.Properties.MustString("name", ""), class: "RU", source: "openstreetmap-2010-01",
			oneway: f.Properties.MustBool("oneway", false), precisionM: streetPrecisionM,
			line: f.Geometry.(orb.LineString),
		}
		kind := f.Properties.MustString("class")
		w.ref = streetNames[w.name]
		switch at := first(w.line); {
		case w.name == "Nationale No 2" && at[0] > saline[0]-1e-9:
			w.ref, w.name = "RN1", "Nationale No 1" // by Drouillard
		case kind == "primary" && at == croixDesBouquets:
			w.ref, w.name = "RN8", "Nationale No 8"
		case w.name == "R9" || kind == "secondary" && at[0] > thomazeauWest:
			w.class = "RD"
		}
		if w.name == "Boulevard Jean-Jacques Dessalines" {
			w.class = "RN"
			cut := slices.Index(w.line, portAuPrince)
			south, north := w, w
			south.ref, south.line = "RN2", w.line[:cut+1]
			north.ref, north.line = "RN1", w.line[cut:]
			out = append(out, south)
			w = north
		}
		if w.ref != "" {
			w.class = "RN"
		}
		out = append(out, w)
	}
	return out
}

// readRoads gives the straight lines between waypoints that no street covers.
func readRoads(name string, streets []way) []way {
	var out []way
	for _, f := range read(name) {
		ref, line := f.Properties.MustString("ref"), f.Geometry.(orb.LineString)
		var via []string
		for _, v := range f.Properties["via"].([]any) {
			via = append(via, v.(string))
		}
		add := func(name string, a, b orb.Point) {
			out = append(out, way{ref: ref, name: name, class: "RN", source: "waypoints", precisionM: roadPrecisionM, line: orb.LineString{a, b}})
		}
		from := 0
		if h, ok := handover[ref]; ok {
			from = slices.Index(via, h.next)
			label := section(via[from-1], via[from])
			if measure.DistanceM(h.end, line[from]) <= shortTieM {
				label = "raccord schématique"
			}
			add(label, h.end, line[from])
		} else if at, near := join(streets, line[0]); near {
			add("raccord schématique", at, line[0])
		}
		for i := from + 1; i < len(line); i++ {
			add(section(via[i-1], via[i]), line[i-1], line[i])
		}
	}
	return out
}

func section(a, b string) string { return display(a) + " – " + display(b) }

func display(waypoint string) string {
	if name, ok := waypointNames[waypoint]; ok {
		return name
	}
	return waypoint
}

// join finds where a waypoint line meets the streets of a national road, and
// makes the street have a vertex there.
func join(streets []way, p orb.Point) (at orb.Point, near bool) {
	best, street := math.Inf(1), 0
	for i, w := range streets {
		if q, d, _ := measure.NearestOnLine(p, w.line); w.ref != "" && d < best {
			best, street, at = d, i, orb.Point{geo.RoundCoordinate(q[0]), geo.RoundCoordinate(q[1])}
		}
	}
	if best > roadPrecisionM {
		return at, false
	}
	streets[street].line = insert(streets[street].line, at)
	return at, true
}

// tie joins the pieces that come near each other, and drops the rest.
func tie(ways []way) []way {
	for {
		group := components(ways)
		best, at, onto := math.Inf(1), orb.Point{}, 0
		for i := range ways {
			for _, p := range ways[i].line {
				for j := range ways {
					if group[i] == group[j] {
						continue
					}
					if _, d, _ := measure.NearestOnLine(p, ways[j].line); d < best {
						best, at, onto = d, p, j
					}
				}
			}
		}
		if best > tieM {
			return largest(ways, group)
		}
		log.Printf("tied at %v to %q over %.0f m", at, ways[onto].name, best)
		if _, _, along := measure.NearestOnLine(at, ways[onto].line); along <= 0 || along >= measure.LengthM(ways[onto].line)-1e-6 {
			// Past an end, a tie of its own: the way itself may be one-way.
			end := first(ways[onto].line)
			if along > 0 {
				end = last(ways[onto].line)
			}
			ways = append(ways, way{name: "raccord", class: ways[onto].class, source: ways[onto].source, precisionM: tieM, line: orb.LineString{end, at}})
			continue
		}
		ways[onto].line = insert(ways[onto].line, at)
	}
}

// tieOneway gives a way in and out to the ends of one-way carriageways that
// lost theirs: a tie in both directions to the nearest vertex from which the
// capital can be reached and left.
func tieOneway(ways []way) []way {
	for {
		there, back := reachable(ways, false), reachable(ways, true)
		best, from, to := math.Inf(1), orb.Point{}, orb.Point{}
		for _, w := range ways {
			for _, p := range w.line {
				if there[p] && back[p] {
					continue
				}
				for q := range there {
					if d := measure.DistanceM(p, q); back[q] && d < best {
						best, from, to = d, p, q
					}
				}
			}
		}
		switch {
		case math.IsInf(best, 1):
			return ways
		case best > tieM:
			log.Fatalf("%v cannot be reached and left: the nearest way is %.0f m off", from, best)
		}
		log.Printf("tied the one-way end %v to %v over %.0f m", from, to, best)
		ways = append(ways, way{name: "raccord", class: "RU", source: "openstreetmap-2010-01", precisionM: tieM, line: orb.LineString{from, to}})
	}
}

// reachable gives the vertices that can be reached from the capital, or from
// which it can be reached.
func reachable(ways []way, against bool) map[orb.Point]bool {
	next := map[orb.Point][]orb.Point{}
	for _, w := range ways {
		for i := 1; i < len(w.line); i++ {
			a, b := w.line[i-1], w.line[i]
			if against {
				a, b = b, a
			}
			next[a] = append(next[a], b)
			if !w.oneway {
				next[b] = append(next[b], a)
			}
		}
	}
	found, queue := map[orb.Point]bool{portAuPrince: true}, []orb.Point{portAuPrince}
	for len(queue) > 0 {
		p := queue[0]
		queue = queue[1:]
		for _, q := range next[p] {
			if !found[q] {
				found[q] = true
				queue = append(queue, q)
			}
		}
	}
	return found
}

// insert makes the line run through p, between the vertices where it passes
// nearest.
func insert(line orb.LineString, p orb.Point) orb.LineString {
	if slices.Contains(line, p) {
		return line
	}
	_, _, along := measure.NearestOnLine(p, line)
	total := 0.0
	for i := 1; i < len(line); i++ {
		if total += measure.DistanceM(line[i-1], line[i]); along < total {
			return slices.Insert(slices.Clone(line), i, p)
		}
	}
	return line
}

func components(ways []way) []int {
	group := make([]int, len(ways))
	for i := range group {
		group[i] = i
	}
	owner := map[orb.Point]int{}
	for changed := true; changed; {
		changed = false
		for i, w := range ways {
			for _, p := range w.line {
				if o, ok := owner[p]; ok && o < group[i] {
					group[i], changed = o, true
				}
			}
			for _, p := range w.line {
				if o, ok := owner[p]; !ok || group[i] < o {
					owner[p], changed = group[i], true
				}
			}
		}
	}
	return group
}

func largest(ways []way, group []int) []way {
	length := map[int]float64{}
	for i, w := range ways {
		length[group[i]] += measure.LengthM(w.line)
	}
	top := 0
	for g, l := range length {
		if l > length[top] {
			top = g
		}
	}
	var kept []way
	for i, w := range ways {
		if group[i] == top {
			kept = append(kept, w)
		} else {
			log.Printf("left out: %s %q from %v, %.0f m", w.class, w.name, w.line[0], measure.LengthM(w.line))
		}
	}
	return kept
}

// node cuts every way where another one, or itself, passes.
func node(ways []way) []way {
	uses := map[orb.Point]int{}
	for _, w := range ways {
		for i, p := range w.line {
			if uses[p]++; i == 0 || i == len(w.line)-1 {
				uses[p]++
			}
		}
	}
	var out []way
	for _, w := range ways {
		start := 0
		for i := 1; i < len(w.line); i++ {
			if i == len(w.line)-1 || uses[w.line[i]] > 1 {
				part := w
				part.line = w.line[start : i+1]
				out = append(out, part)
				start = i
			}
		}
	}
	// RN8 runs on RN3 between the two crossroads.
	for i := range out {
		box := out[i].line.Bound()
		if out[i].ref == "RN3" && box.Min[0] >= croixDesMissions[0] && box.Max[0] <= croixDesBouquets[0] {
			out[i].ref = "RN3;RN8"
		}
	}
	return out
}

func first(line orb.LineString) orb.Point { return line[0] }
func last(line orb.LineString) orb.Point  { return line[len(line)-1] }

const licence = "Streets: © OpenStreetMap contributors, state of January 2010, CC BY-SA 2.0, generalised to 60 m. " +
	"Waypoints of the national roads: GeoNames, CC BY 4.0, and general knowledge."

func write(ways []way) {
	var b strings.Builder
	head, _ := json.Marshal(licence)
	fmt.Fprintf(&b, "{\"type\":\"FeatureCollection\",\n\"name\":\"haiti-skeleton\",\n\"licence\":%s,\n"+
		"\"derivation\":\"Noded edges made by network_generate.go, which says how: streets of the capital as drawn, national roads beyond them as straight lines between waypoints. Schematic: not surveyed.\",\n\"features\":[\n", head)
	for i, w := range ways {
		properties, err := json.Marshal(struct {
			Ref        string  `json:"ref,omitempty"`
			Name       string  `json:"name,omitempty"`
			Class      string  `json:"class"`
			Oneway     bool    `json:"oneway,omitempty"`
			PrecisionM float64 `json:"precision_m"`
			Source     string  `json:"source"`
		}{w.ref, w.name, w.class, w.oneway, w.precisionM, w.source})
		if err != nil {
			log.Fatal(err)
		}
		comma := ","
		if i == len(ways)-1 {
			comma = ""
		}
		fmt.Fprintf(&b, "{\"type\":\"Feature\",\"id\":%d,\"properties\":%s,\"geometry\":%s}%s\n", i+1, properties, geo.AppendGeometry(nil, w.line), comma)
	}
	b.WriteString("]}\n")
	os.Stdout.WriteString(b.String())
}
