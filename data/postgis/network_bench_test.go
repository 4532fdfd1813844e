package postgis_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/road"
)

// country is a network of a country's size: streets in a grid, with bends.
func country(edges int) []road.EdgeInput {
	side := int(math.Sqrt(float64(edges) / 2))
	at := func(x, y int) orb.Point {
		return orb.Point{geo.RoundCoordinate(-74 + 2*float64(x)/float64(side)), geo.RoundCoordinate(18 + 2*float64(y)/float64(side))}
	}
	var out []road.EdgeInput
	add := func(a, b orb.Point) {
		i := len(out)
		line := orb.LineString{a}
		for k := range i % 4 { // 3.5 points on average
			t := float64(k+1) / 5
			line = append(line, orb.Point{
				geo.RoundCoordinate(a[0] + t*(b[0]-a[0]) + 0.0002*float64(k%2)),
				geo.RoundCoordinate(a[1] + t*(b[1]-a[1]) + 0.0001*float64(k%3))})
		}
		e := road.EdgeInput{ID: int64(i + 1), WayID: int64(1e9 + i/3), Class: road.Classes()[i%5], Surface: []string{"asphalt", "unpaved", ""}[i%3],
			SpeedKmh: float64(20 + i%40), PrecisionM: 15, Oneway: i%9 == 0, Geometry: append(line, b)}
		if i%4 == 0 {
			e.Name = fmt.Sprintf("Rue %d", i/40)
		}
		if i%50 == 0 {
			e.Ref, e.Access, e.Barrier = fmt.Sprintf("RN%d", 1+i/50%8), 0b11111000000, "lift_gate"
		}
		out = append(out, e)
	}
	for y := range side {
		for x := range side {
			if x+1 < side {
				add(at(x, y), at(x+1, y))
			}
			if y+1 < side {
				add(at(x, y), at(x, y+1))
			}
		}
	}
	return out
}

// countryURL is a database with a network of a country's size.
func countryURL(b *testing.B) string {
	b.Helper()
	url := postgistest.URL(b)
	r := postgistest.OpenURL(b, url, postgis.Options{})
	if _, err := r.WriteNetwork(b.Context(), analyst, road.Network{ID: "country", Name: "country"}, country(400_000), nil); err != nil {
		b.Fatal(err)
	}
	return url
}

func BenchmarkWriteNetwork(b *testing.B) {
	edges := country(400_000)
	for b.Loop() {
		b.StopTimer()
		r := postgistest.Open(b, postgis.Options{})
		b.StartTimer()
		if _, err := r.WriteNetwork(b.Context(), analyst, road.Network{ID: "country", Name: "country"}, edges, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// From an open connection to the graph of a country in memory.
func BenchmarkLoadNetwork(b *testing.B) {
	url := countryURL(b)
	for b.Loop() {
		b.StopTimer()
		r := postgistest.OpenURL(b, url, postgis.Options{})
		b.StartTimer()
		w, err := r.Load(b.Context(), geo.Public, 0)
		if err != nil || w.Network().Len() < 390_000 {
			b.Fatal(err)
		}
	}
}

// All four audiences' worlds, as at start: one graph.
func BenchmarkLoadNetworkForAll(b *testing.B) {
	url := countryURL(b)
	for b.Loop() {
		b.StopTimer()
		r := postgistest.OpenURL(b, url, postgis.Options{})
		b.StartTimer()
		for _, a := range geo.Audiences() {
			if _, err := r.Load(b.Context(), a, 0); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// Which edges of a country run on which section of its national roads.
func BenchmarkNationalRoadEdge(b *testing.B) {
	url := countryURL(b)
	r := postgistest.OpenURL(b, url, postgis.Options{})
	var changes []geo.Change
	for i := range 40 {
		lon := -73.9 + 0.045*float64(i)
		l := layer(b, "national-roads")
		changes = append(changes, geo.Change{Layer: l, Action: geo.Create, Draft: draft(l, orb.MultiLineString{{{lon, 18}, {lon, 20}}},
			map[string]any{"ref": fmt.Sprintf("RN%d", 1+i%8), "status": "open", "compartment": "public", "sensitivity": "low"})})
	}
	write(b, r, changes...)
	c := admin(b, url)
	for b.Loop() {
		rows, err := pgx.CollectRows(first(c.Query(b.Context(), "SELECT edge FROM audience_public.national_road_edge")), pgx.RowTo[int64])
		if err != nil || len(rows) == 0 {
			b.Fatal(len(rows), err)
		}
		b.ReportMetric(float64(len(rows)), "links")
	}
}
