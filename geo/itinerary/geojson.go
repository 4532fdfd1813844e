package itinerary

import (
	"encoding/json"
	"fmt"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/passage"
)

type feature struct {
	Type       string          `json:"type"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties any             `json:"properties"`
}

// GeoJSON is a FeatureCollection of the way with all of the answer as its
// properties, followed by a point for each reason where it begins on the way.
// An answer without a way has a null geometry there.
func GeoJSON(a *passage.Answer) ([]byte, error) {
	way := feature{Type: "Feature", Geometry: json.RawMessage("null"), Properties: struct {
		Kind string `json:"kind"`
		*passage.Answer
		Geometry *struct{} `json:"geometry,omitempty"` // stands in its place already
	}{Kind: "way", Answer: a}}
	if len(a.Geometry) > 1 {
		way.Geometry = geo.AppendGeometry(nil, orb.LineString(a.Geometry))
	}
	features := []feature{way}
	for i := range a.Reasons {
		r := &a.Reasons[i]
		f := feature{Type: "Feature", Geometry: json.RawMessage("null"), Properties: r}
		if p, ok := at(a, r); ok {
			f.Geometry = geo.AppendGeometry(nil, p)
		}
		features = append(features, f)
	}
	raw, err := json.Marshal(struct {
		Type     string    `json:"type"`
		Features []feature `json:"features"`
	}{"FeatureCollection", features})
	if err != nil {
		return nil, fmt.Errorf("itinerary as GeoJSON: %w", err)
	}
	return raw, nil
}

// at is where a reason begins on the way.
func at(a *passage.Answer, r *passage.Reason) (orb.Point, bool) {
	if len(a.Geometry) == 0 {
		return orb.Point{}, false
	}
	p := measure.Interpolate(orb.LineString(a.Geometry), r.Km*1000)
	return orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])}, true
}
