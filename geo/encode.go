package geo

import (
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/paulmach/orb"
)

// CoordinateDecimals is how many decimals of a degree the record keeps: about
// eleven centimetres. Coordinates are rounded at the door, so that what is read
// out is exactly what is stored.
const CoordinateDecimals = 6

// RoundCoordinate rounds to the record's precision.
func RoundCoordinate(degrees float64) float64 {
	return math.Round(degrees*1e6) / 1e6
}

// appendFeature writes one GeoJSON Feature (RFC 7946) with its properties in
// the order of the catalogue, nulls included, so that every client sees every
// column.
func appendFeature(dst []byte, v *Version, m *Model) []byte {
	dst = append(dst, `{"type":"Feature","id":"`...)
	dst = append(dst, v.ID.String()...)
	dst = append(dst, `","geometry":`...)
	dst = AppendGeometry(dst, v.Geometry)
	dst = append(dst, `,"properties":`...)
	dst = appendProperties(dst, v, m)
	return append(dst, '}')
}

func appendProperties(dst []byte, v *Version, m *Model) []byte {
	decay, decays := m.DecayOf(v)
	dst = append(dst, '{')
	for i := range v.Layer.Properties {
		p := &v.Layer.Properties[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '"')
		dst = append(dst, p.Name...)
		dst = append(dst, `":`...)
		value := v.Values[i]
		if p.Computed {
			value = computed(v, p.Name, m, decay, decays)
		}
		dst = AppendValue(dst, value)
	}
	return append(dst, '}')
}

func computed(v *Version, name string, m *Model, decay Decay, decays bool) any {
	switch name {
	case "valid_from":
		return instantOrNil(v.Valid.From)
	case "valid_to":
		return instantOrNil(v.Valid.To)
	case "revision":
		return int64(v.Known)
	case "known_at":
		return instantOrNil(v.KnownAt)
	case "stale_at":
		if decays {
			if !v.LastConfirmedAt.IsZero() {
				return v.LastConfirmedAt.Add(decay.TTL)
			}
			if !v.Valid.From.IsZero() {
				return v.Valid.From.Add(decay.TTL)
			}
		}
	case "confidence_label":
		if v.value("confidence") != nil {
			return m.Label(v.Confidence)
		}
	case "half_life_h":
		if decays {
			return decay.HalfLife.Hours()
		}
	}
	return nil
}

func instantOrNil(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// AppendValue writes one property value as JSON.
func AppendValue(dst []byte, value any) []byte {
	switch x := value.(type) {
	case nil:
		return append(dst, "null"...)
	case string:
		return appendString(dst, x)
	case int64:
		return strconv.AppendInt(dst, x, 10)
	case float64:
		return strconv.AppendFloat(dst, x, 'f', -1, 64)
	case bool:
		return strconv.AppendBool(dst, x)
	case time.Time:
		dst = append(dst, '"')
		dst = x.UTC().AppendFormat(dst, time.RFC3339Nano)
		return append(dst, '"')
	case []string:
		dst = append(dst, '[')
		for i, s := range x {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendString(dst, s)
		}
		return append(dst, ']')
	case json.RawMessage:
		return append(dst, x...)
	}
	return append(dst, "null"...)
}

func appendString(dst []byte, s string) []byte {
	for i := 0; i < len(s); i++ {
		if c := s[i]; c < 0x20 || c == '"' || c == '\\' || c >= 0x7f || c == '<' || c == '>' || c == '&' {
			quoted, err := json.Marshal(s)
			if err != nil { // a string always marshals
				return append(dst, `""`...)
			}
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, s...)
	return append(dst, '"')
}

// AppendGeometry writes a geometry as GeoJSON; nil becomes null.
func AppendGeometry(dst []byte, g orb.Geometry) []byte {
	switch g := g.(type) {
	case orb.Point:
		dst = append(dst, `{"type":"Point","coordinates":`...)
		dst = appendPoint(dst, g)
	case orb.LineString:
		dst = append(dst, `{"type":"LineString","coordinates":`...)
		dst = appendPoints(dst, g)
	case orb.MultiLineString:
		dst = append(dst, `{"type":"MultiLineString","coordinates":[`...)
		for i, line := range g {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendPoints(dst, line)
		}
		dst = append(dst, ']')
	case orb.Polygon:
		dst = append(dst, `{"type":"Polygon","coordinates":`...)
		dst = appendRings(dst, g)
	case orb.MultiPolygon:
		dst = append(dst, `{"type":"MultiPolygon","coordinates":[`...)
		for i, polygon := range g {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendRings(dst, polygon)
		}
		dst = append(dst, ']')
	case orb.MultiPoint:
		dst = append(dst, `{"type":"MultiPoint","coordinates":`...)
		dst = appendPoints(dst, g)
	default:
		return append(dst, "null"...)
	}
	return append(dst, '}')
}

func appendRings(dst []byte, polygon orb.Polygon) []byte {
	dst = append(dst, '[')
	for i, ring := range polygon {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPoints(dst, ring)
	}
	return append(dst, ']')
}

func appendPoints[T ~[]orb.Point](dst []byte, points T) []byte {
	dst = append(dst, '[')
	for i, p := range points {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendPoint(dst, p)
	}
	return append(dst, ']')
}

func appendPoint(dst []byte, p orb.Point) []byte {
	dst = append(dst, '[')
	dst = appendCoordinate(dst, p[0])
	dst = append(dst, ',')
	dst = appendCoordinate(dst, p[1])
	return append(dst, ']')
}
