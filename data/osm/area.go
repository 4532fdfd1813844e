package osm

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/geojson"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// maxAreaBytes bounds a GeoJSON file of an area.
const maxAreaBytes = 64 << 20

// ParseBox reads an area as west,south,east,north in degrees.
func ParseBox(text string) (orb.MultiPolygon, error) {
	parts := strings.Split(text, ",")
	var n [4]float64
	for i := range n {
		var err error
		if len(parts) != 4 {
			break
		}
		if n[i], err = strconv.ParseFloat(strings.TrimSpace(parts[i]), 64); err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, "", "a box is west,south,east,north in degrees: %.40q is no number", parts[i])
		}
	}
	// Written so that a NaN fails too.
	if len(parts) != 4 || !(n[0] >= -180 && n[0] < n[2] && n[2] <= 180 && n[1] >= -90 && n[1] < n[3] && n[3] <= 90) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "a box is west,south,east,north in degrees, with west below east and south below north")
	}
	box := orb.Bound{Min: orb.Point{n[0], n[1]}, Max: orb.Point{n[2], n[3]}}
	return orb.MultiPolygon{box.ToPolygon()}, nil
}

// ReadArea reads the polygons of a GeoJSON geometry, Feature or
// FeatureCollection as one area.
func ReadArea(r io.Reader) (orb.MultiPolygon, error) {
	raw, err := io.ReadAll(io.LimitReader(r, maxAreaBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read the area: %w", err)
	}
	if len(raw) > maxAreaBytes {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "the file of the area has more than %d MB", maxAreaBytes>>20)
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	var kind struct {
		Type string `json:"type"`
	}
	if err := json.Unmarshal(raw, &kind); err != nil {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the area is not GeoJSON: %w", err)
	}
	var parts []orb.MultiPolygon
	add := func(pointer string, g orb.Geometry) error {
		switch g := g.(type) {
		case orb.Polygon:
			parts = append(parts, orb.MultiPolygon{g})
		case orb.MultiPolygon:
			parts = append(parts, g)
		default:
			return geo.Errorf(geo.CodeInvalidGeometry, pointer, "an area is made of polygons")
		}
		if err := overlay.Validate(parts[len(parts)-1]); err != nil {
			return err
		}
		return nil
	}
	switch kind.Type {
	case "FeatureCollection":
		collection, err := geojson.UnmarshalFeatureCollection(raw)
		if err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, "", "the area is not GeoJSON: %w", err)
		}
		for i, f := range collection.Features {
			if err := add(fmt.Sprintf("/features/%d/geometry", i), f.Geometry); err != nil {
				return nil, err
			}
		}
	case "Feature":
		feature, err := geojson.UnmarshalFeature(raw)
		if err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, "", "the area is not GeoJSON: %w", err)
		}
		if err := add("/geometry", feature.Geometry); err != nil {
			return nil, err
		}
	default:
		geometry, err := geojson.UnmarshalGeometry(raw)
		if err != nil {
			return nil, geo.Errorf(geo.CodeInvalid, "", "the area is not GeoJSON: %w", err)
		}
		if err := add("", geometry.Geometry()); err != nil {
			return nil, err
		}
	}
	switch len(parts) {
	case 0:
		return nil, geo.Errorf(geo.CodeInvalid, "", "the file of the area holds no polygon")
	case 1:
		return parts[0], nil
	}
	return overlay.Union(parts)
}
