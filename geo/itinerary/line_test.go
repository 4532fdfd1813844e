package itinerary

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/passage"
)

var twoPoints = orb.LineString{{-72.34, 18.54}, {-72.33, 18.55}}

func TestParseLine(t *testing.T) {
	const coordinates = `[[-72.34,18.54],[-72.34,18.54],[-72.33,18.55,12]]`
	for name, text := range map[string]string{
		"LineString":        `{"type":"LineString","coordinates":` + coordinates + `}`,
		"Feature":           `{"type":"Feature","properties":null,"geometry":{"type":"LineString","coordinates":` + coordinates + `}}`,
		"FeatureCollection": `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"LineString","coordinates":` + coordinates + `}}]}`,
		"answer":            `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"LineString","coordinates":` + coordinates + `}},{"type":"Feature","geometry":{"type":"Point","coordinates":[-72.34,18.54]}},{"type":"Feature","geometry":null}]}`,
		"track":             `<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><wpt lat="1" lon="2"/><rte><rtept lat="19" lon="-72"/></rte><trk><trkseg><trkpt lat="18.54" lon="-72.34"><ele>3</ele></trkpt></trkseg><trkseg><trkpt lat="18.55" lon="-72.33"/></trkseg></trk></gpx>`,
		"route":             "\ufeff\n<gpx><rte><rtept lon=\"-72.34\" lat=\"18.54\"/><rtept lon=\"-72.33\" lat=\"18.55\"/></rte></gpx>",
	} {
		got, err := ParseLine([]byte(text))
		if err != nil || !got.Equal(twoPoints) {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
}

func TestParseLineRefuses(t *testing.T) {
	const two = `[[-72.34,18.54],[-72.33,18.55]]`
	for name, text := range map[string]string{
		"nothing":       " \n",
		"words":         "from here to there",
		"other XML":     "<kml></kml>",
		"cut XML":       `<gpx><trk><trkpt lat="18.5" lon="-72.3">`,
		"no longitude":  `<gpx><rte><rtept lat="18.5"/><rtept lat="18.6"/></rte></gpx>`,
		"no number":     `<gpx><rte><rtept lat="18.5" lon="west"/></rte></gpx>`,
		"one point":     `{"type":"LineString","coordinates":[[-72.3,18.5],[-72.3,18.5]]}`,
		"lat, lon":      `{"type":"LineString","coordinates":[[18.5,-72.3],[18.6,-72.3]]}`,
		"a point":       `{"type":"Point","coordinates":[-72.3,18.5]}`,
		"short":         `{"type":"LineString","coordinates":[[-72.3],[18.5]]}`,
		"two features":  `{"type":"FeatureCollection","features":[{},{}]}`,
		"two lines":     `{"type":"FeatureCollection","features":[{"type":"Feature","geometry":{"type":"LineString","coordinates":` + two + `}},{"type":"Feature","geometry":{"type":"LineString","coordinates":` + two + `}}]}`,
		"nested":        `{"type":"Feature","geometry":{"type":"Feature","geometry":null}}`,
		"no geometry":   `{"type":"Feature"}`,
		"too many":      `{"type":"LineString","coordinates":[` + strings.Repeat("[-72.3,18.5],", maxRecorded) + `[-72.3,18.6]]}`,
		"too many here": `<gpx>` + strings.Repeat(`<trkpt lat="18.5" lon="-72.3"/>`, maxRecorded+1) + `</gpx>`,
		"too large":     strings.Repeat(" ", MaxLineBytes+1),
	} {
		if got, err := ParseLine([]byte(text)); geo.CodeOf(err) != geo.CodeInvalid && geo.CodeOf(err) != geo.CodeTooLarge {
			t.Errorf("%s: %d points, %v", name, len(got), err)
		}
	}
}

// A day's recording fits into a request and stays where it was.
func TestParseLineThinsRecordings(t *testing.T) {
	var b strings.Builder
	b.WriteString("<gpx><trk><trkseg>")
	var recorded orb.LineString
	for i := range 20_000 {
		p := orb.Point{-72.5 + float64(i)*1e-5, 18.5 + .01*math.Sin(float64(i)/700)}
		recorded = append(recorded, p)
		fmt.Fprintf(&b, `<trkpt lat="%.7f" lon="%.7f"/>`, p[1], p[0])
	}
	b.WriteString("</trkseg></trk></gpx>")
	got, err := ParseLine([]byte(b.String()))
	if err != nil {
		t.Fatal(err)
	}
	if len(got) > passage.MaxLinePoints || len(got) < 50 {
		t.Fatalf("%d points are left", len(got))
	}
	for _, p := range recorded {
		nearest := math.Inf(1)
		for i := 1; i < len(got); i++ {
			nearest = min(nearest, offLine(p, got[i-1], got[i]))
		}
		if nearest > 1e-5 { // about a metre
			t.Fatalf("the line moved by %g degrees", nearest)
		}
	}
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`{"type":"LineString","coordinates":[[-72.34,18.54],[-72.33,18.55]]}`))
	f.Add([]byte(`{"type":"Feature","geometry":{"type":"LineString","coordinates":[[-72.34,18.54],[-72.33,18.55]]}}`))
	f.Add([]byte(`<gpx><trk><trkseg><trkpt lat="18.54" lon="-72.34"/><trkpt lat="18.55" lon="-72.33"/></trkseg></trk></gpx>`))
	f.Add([]byte(`<gpx><rte><rtept lat="1e400" lon="-72"/></rte></gpx>`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		line, err := ParseLine(raw)
		if err != nil {
			if geo.CodeOf(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if len(line) < 2 || len(line) > passage.MaxLinePoints {
			t.Fatalf("%d points", len(line))
		}
		for _, p := range line {
			if !geo.Extent.Contains(p) {
				t.Fatal("a point outside the extent")
			}
		}
	})
}
