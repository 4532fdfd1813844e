package main

import (
	"fmt"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

// passageBodies lead through hidden roadblocks and zones, as they were at
// several times and revisions.
func passageBodies(p *probe) [][]string {
	var out [][]string
	add := func(format string, args ...any) { out = append(out, []string{fmt.Sprintf(format, args...), ""}) }
	for _, name := range []string{"roadblocks", "controlled-zones", "police-facilities", "national-roads"} {
		l, _ := geo.LayerByName(name)
		for i, at := range first(p.places[l], 6) {
			line := fmt.Sprintf("[[%f,%f],[%f,%f]]", at[0]-0.01, at[1], at[0]+0.01, at[1])
			add(`{"line":%s}`, line)
			add(`{"points":%s,"datetime":"2024-06-01T12:00:00Z"}`, line)
			add(`{"line":%s,"datetime":"2023-04-05T06:30:00Z","asof":%d}`, line, max(1, int(p.newest)-i))
		}
	}
	for r := geo.Revision(1); r <= p.newest; r += 3 {
		add(`{"points":[[-72.337,18.543],[-72.29,18.63]],"datetime":"2025-06-01T12:00:00Z","asof":%d}`, r)
	}
	add(`{"points":[[-72.337,18.543],[-72.68,19.11]],"vehicle":"truck_10t","profile":"commercial","depart_at":"2024-06-08T12:00:00Z"}`)
	add(`{"points":[]}`)
	add(`{"line":"x"}`)
	return out
}

// coverageBodies draw polygons around what is hidden, as it was at several times
// and revisions.
func coverageBodies(p *probe) [][]string {
	var out [][]string
	add := func(format string, args ...any) { out = append(out, []string{fmt.Sprintf(format, args...), ""}) }
	box := func(at orb.Point, margin float64) string {
		return fmt.Sprintf(`{"type":"Polygon","coordinates":[[[%[1]f,%[2]f],[%[3]f,%[2]f],[%[3]f,%[4]f],[%[1]f,%[4]f],[%[1]f,%[2]f]]]}`,
			at[0]-margin, at[1]-margin, at[0]+margin, at[1]+margin)
	}
	for _, name := range []string{"controlled-zones", "police-facilities", "incidents", "facilities", "roadblocks", "observations"} {
		l, _ := geo.LayerByName(name)
		for i, at := range first(p.places[l], max(1, p.breadth()/2)) {
			add(`{"geometry":%s}`, box(at, 0.003))
			add(`{"geometry":%s,"datetime":"2024-06-01T12:00:00Z","asof":%d}`, box(at, 0.0001), max(1, int(p.newest)-i))
		}
	}
	add(`{"geometry":%s,"indicators":["T1","G1","P1","I1","Q1"],"asof":%d}`, box(orb.Point{-72.3, 18.55}, 0.1), p.newest)
	word := first(p.words, 1)[0]
	ask := func(code string) string {
		return fmt.Sprintf(`{"geometry":%s,"indicators":["%s"]}`, box(orb.Point{-72.3, 18.55}, 0.01), code)
	}
	return append(out, []string{ask(word), ask("zy" + word[2:])}, []string{`{}`, ""}, []string{`x`, ""})
}

// questionBodies ask by forms with a place for points, which lie on both sides
// of what is hidden, and name hidden reports where a question can.
func questionBodies(p *probe, forms ...string) [][]string {
	var out [][]string
	twin := uuid.NewString()
	for _, form := range forms {
		ask := func(points, more, moreTwin string) {
			one, other := "{"+fmt.Sprintf(form, points)+more+"}", ""
			if moreTwin != "" {
				other = "{" + fmt.Sprintf(form, points) + moreTwin + "}"
			}
			out = append(out, []string{one, other})
		}
		ask("[-72.337,18.543],[-72.29,18.63]", "", "")
		ask("[-72.337,18.543],[-72.68,19.11]", `,"vehicle":"truck_10t","profile":"commercial","datetime":"2024-06-01T12:00:00Z"`, "")
		for _, name := range []string{"roadblocks", "controlled-zones", "national-roads"} {
			l, _ := geo.LayerByName(name)
			for i, at := range first(p.places[l], p.breadth()/2) {
				points := fmt.Sprintf("[%f,%f],[%f,%f]", at[0]-0.01, at[1], at[0]+0.01, at[1])
				ask(points, fmt.Sprintf(`,"asof":%d`, max(1, int(p.newest)-i)), "")
			}
			for _, id := range first(p.hidden[l], 1) {
				// Lifting or ignoring what one does not know changes nothing.
				ask("[-72.337,18.543],[-72.29,18.63]", `,"ignore":["`+id.String()+`"]`, `,"ignore":["`+twin+`"]`)
				ask("[-72.337,18.543],[-72.29,18.63]", `,"what_if":{"open":["`+id.String()+`"]}`, `,"what_if":{"open":["`+twin+`"]}`)
			}
		}
	}
	return append(out, []string{`{"points":[]}`, ""}, []string{`[]`, ""})
}
