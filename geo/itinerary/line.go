package itinerary

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/passage"
)

// MaxLineBytes bounds a file that a line is read from.
const MaxLineBytes = 4 << 20

// maxRecorded bounds the points of a file before it is thinned.
const maxRecorded = 100_000

// ParseLine reads the line of a way to be checked from GPX (the points of its
// tracks, else of its routes, in the order of the file) or from GeoJSON (a
// LineString, a Feature with one, or a FeatureCollection with one among whatever
// else, as an answer in GeoJSON is). A recorder writes
// more points than a request may have: of those beyond, the ones are left out
// that lie nearest to the line of the rest. Errors are of code invalid or
// too_large and name no coordinates.
func ParseLine(raw []byte) (orb.LineString, error) {
	if len(raw) > MaxLineBytes {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "a line may have at most %d bytes", MaxLineBytes)
	}
	text := bytes.TrimLeft(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf")), " \t\r\n")
	if len(text) == 0 {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the line is empty")
	}
	read := lineOfGeoJSON
	if text[0] == '<' {
		read = lineOfGPX
	}
	line, err := read(text)
	if err != nil {
		return nil, err
	}
	out := line[:0]
	for _, p := range line {
		if math.IsNaN(p[0]+p[1]) || !geo.Extent.Contains(p) {
			return nil, geo.Errorf(geo.CodeInvalid, "", "the line leaves the extent of the record; positions are lon, lat")
		}
		if n := len(out); n == 0 || out[n-1] != p {
			out = append(out, p)
		}
	}
	if len(out) < 2 {
		return nil, geo.Errorf(geo.CodeInvalid, "", "a line needs two different points")
	}
	return thin(out, passage.MaxLinePoints), nil
}

// lineOfGPX gathers trkpt, or rtept where there is no track. It reads tokens, so
// a large file costs no more than its points, and entities are not expanded.
func lineOfGPX(text []byte) (orb.LineString, error) {
	d := xml.NewDecoder(bytes.NewReader(text))
	var track, route orb.LineString
	root := ""
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, "", "the line is no readable XML")
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		name := element.Name.Local
		if root == "" {
			if root = name; root != "gpx" {
				return nil, geo.Errorf(geo.CodeInvalid, "", "the line is XML, but not GPX")
			}
		}
		if name != "trkpt" && name != "rtept" {
			continue
		}
		p, err := positionOf(element)
		if err != nil {
			return nil, err
		}
		if name == "trkpt" {
			track = append(track, p)
		} else {
			route = append(route, p)
		}
		if len(track)+len(route) > maxRecorded {
			return nil, geo.Errorf(geo.CodeTooLarge, "", "a line may have at most %d points", maxRecorded)
		}
	}
	if len(track) > 0 {
		return track, nil
	}
	return route, nil
}

func positionOf(element xml.StartElement) (orb.Point, error) {
	p := orb.Point{math.NaN(), math.NaN()}
	for _, a := range element.Attr {
		axis := -1
		switch a.Name.Local {
		case "lon":
			axis = 0
		case "lat":
			axis = 1
		default:
			continue
		}
		if err := json.Unmarshal([]byte(a.Value), &p[axis]); err != nil {
			return p, geo.Errorf(geo.CodeInvalid, "", "a point's %s is no number", a.Name.Local)
		}
	}
	if math.IsNaN(p[0] + p[1]) {
		return p, geo.Errorf(geo.CodeInvalid, "", "a point without lon and lat")
	}
	return p, nil
}

// object is any of the GeoJSON objects that can hold the line.
type object struct {
	Type        string            `json:"type"`
	Coordinates json.RawMessage   `json:"coordinates"`
	Geometry    json.RawMessage   `json:"geometry"`
	Features    []json.RawMessage `json:"features"`
}

func lineOfGeoJSON(text []byte) (orb.LineString, error) {
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the line is neither GPX nor GeoJSON")
	}
	switch o.Type {
	case "LineString":
		var positions [][]float64
		if err := json.Unmarshal(o.Coordinates, &positions); err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, "/coordinates", "the coordinates of a LineString are a list of positions")
		}
		if len(positions) > maxRecorded {
			return nil, geo.Errorf(geo.CodeTooLarge, "/coordinates", "a line may have at most %d points", maxRecorded)
		}
		line := make(orb.LineString, len(positions))
		for i, p := range positions {
			if len(p) < 2 {
				return nil, geo.Errorf(geo.CodeInvalid, "/coordinates", "a position needs lon and lat")
			}
			line[i] = orb.Point{p[0], p[1]}
		}
		return line, nil
	case "Feature":
		return inside(o.Geometry, "Feature", "/geometry")
	case "FeatureCollection":
		line, err := orb.LineString(nil), error(geo.Errorf(geo.CodeInvalid, "/features", "a feature with a LineString is needed"))
		for i, f := range o.Features {
			one, fault := inside(f, "FeatureCollection", fmt.Sprintf("/features/%d", i))
			switch {
			case fault != nil: // a point that says something about the way
			case line != nil:
				return nil, geo.Errorf(geo.CodeInvalid, "/features", "one LineString is needed, not several")
			default:
				line, err = one, nil
			}
		}
		return line, err
	default:
		return nil, geo.Errorf(geo.CodeInvalid, "/type", "a LineString is needed")
	}
}

// inside reads what a Feature or a FeatureCollection holds, which is never
// another of the same kind: nothing nests without end.
func inside(text json.RawMessage, holder, pointer string) (orb.LineString, error) {
	var o object
	if len(text) > 0 {
		if err := json.Unmarshal(text, &o); err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, pointer, "not an object")
		}
	}
	if o.Type == "LineString" && holder == "Feature" || o.Type == "Feature" && holder == "FeatureCollection" {
		return lineOfGeoJSON(text)
	}
	return nil, geo.Errorf(geo.CodeInvalid, pointer, "a LineString is needed")
}

// thin leaves out the points that change the line least, by Douglas and Peucker
// (1973) with the tolerance doubled until few enough are left. The ends stay.
func thin(line orb.LineString, most int) orb.LineString {
	for tolerance := 1e-6; len(line) > most; tolerance *= 2 {
		keep := make([]bool, len(line))
		keep[0], keep[len(line)-1] = true, true
		stack := [][2]int{{0, len(line) - 1}}
		for len(stack) > 0 {
			from, to := stack[len(stack)-1][0], stack[len(stack)-1][1]
			stack = stack[:len(stack)-1]
			farthest, at := tolerance, -1
			for i := from + 1; i < to; i++ {
				if d := offLine(line[i], line[from], line[to]); d > farthest {
					farthest, at = d, i
				}
			}
			if at >= 0 {
				keep[at] = true
				stack = append(stack, [2]int{from, at}, [2]int{at, to})
			}
		}
		kept := make(orb.LineString, 0, len(line))
		for i, p := range line {
			if keep[i] {
				kept = append(kept, p)
			}
		}
		line = kept
	}
	return line
}

// offLine is the distance of p from the segment, in degrees: enough to choose by.
func offLine(p, a, b orb.Point) float64 {
	dx, dy := b[0]-a[0], b[1]-a[1]
	share := 0.0
	if squared := dx*dx + dy*dy; squared > 0 {
		share = min(1, max(0, ((p[0]-a[0])*dx+(p[1]-a[1])*dy)/squared))
	}
	return math.Hypot(p[0]-a[0]-share*dx, p[1]-a[1]-share*dy)
}
