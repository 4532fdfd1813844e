package itinerary

import (
	"encoding/xml"
	"fmt"
	"strconv"
	"strings"

	"pasaj/geo"
	"pasaj/geo/passage"
)

// The elements of GPX 1.1 that an itinerary uses
// (https://www.topografix.com/GPX/1/1/), in the order of its schema.
type gpx struct {
	XMLName   xml.Name      `xml:"http://www.topografix.com/GPX/1/1 gpx"`
	Version   string        `xml:"version,attr"`
	Creator   string        `xml:"creator,attr"`
	Metadata  gpxMetadata   `xml:"metadata"`
	Waypoints []gpxWaypoint `xml:"wpt"`
	Track     *gpxTrack     `xml:"trk,omitempty"`
}

type gpxMetadata struct {
	Name        string `xml:"name"`
	Description string `xml:"desc"`
	Time        string `xml:"time"`
	Keywords    string `xml:"keywords"`
}

type gpxWaypoint struct {
	Lat         string `xml:"lat,attr"`
	Lon         string `xml:"lon,attr"`
	Name        string `xml:"name,omitempty"`
	Description string `xml:"desc,omitempty"`
	Type        string `xml:"type,omitempty"`
}

type gpxTrack struct {
	Name        string        `xml:"name"`
	Description string        `xml:"desc"`
	Points      []gpxWaypoint `xml:"trkseg>trkpt"`
}

// GPX is the way as a track and the reasons as waypoints, in one language. Its
// description holds what the text form says.
func GPX(a *passage.Answer, language string) ([]byte, error) {
	name := labelOf(geo.Advices, a.Advice).In(language)
	doc := gpx{
		Version: "1.1", Creator: "Pasaj",
		Metadata: gpxMetadata{
			Name: name, Description: Text(a, language), Time: geo.FormatInstant(a.DepartAt),
			Keywords: fmt.Sprintf("revision %d, audience %s", a.Revision, a.Audience),
		},
	}
	for i := range a.Reasons {
		r := &a.Reasons[i]
		p, ok := at(a, r)
		if !ok {
			continue
		}
		doc.Waypoints = append(doc.Waypoints, gpxWaypoint{
			Lat: degrees(p[1]), Lon: degrees(p[0]), Name: "km " + kilometres(r.Km, language), Description: r.Text.In(language), Type: r.Effect,
		})
	}
	if len(a.Geometry) > 0 {
		doc.Track = &gpxTrack{Name: name, Description: a.Notice.In(language)}
		for _, p := range a.Geometry {
			doc.Track.Points = append(doc.Track.Points, gpxWaypoint{Lat: degrees(p[1]), Lon: degrees(p[0])})
		}
	}
	raw, err := xml.MarshalIndent(doc, "", " ")
	if err != nil {
		return nil, fmt.Errorf("itinerary as GPX: %w", err)
	}
	return append([]byte(xml.Header), append(raw, '\n')...), nil
}

func degrees(d float64) string { return strconv.FormatFloat(geo.RoundCoordinate(d), 'f', -1, 64) }

// kilometres writes a number of kilometres with one decimal, with a comma in
// French and Haitian Creole.
func kilometres(km float64, language string) string {
	text := strconv.FormatFloat(km, 'f', 1, 64)
	if language != "en" {
		text = strings.Replace(text, ".", ",", 1)
	}
	return text
}
