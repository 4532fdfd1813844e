package api

import (
	"encoding/json"

	"pasaj/geo"
)

// Both documents are JSON Schema 2020-12. Types stand alone, without null, as
// the GIS programs that read them expect.

const schemaDialect = "https://json-schema.org/draft/2020-12/schema"

// schema describes a whole feature as this caller reads it.
func (s *Server) schema(c *call) error {
	l := c.operation.layer
	return c.document(mediaSchema, map[string]any{
		"$schema": schemaDialect,
		"$id":     s.base(c.echo.Request()) + "/collections/" + l.Name + "/schema",
		"title":   l.Title.French,
		"type":    "object",
		"required": []string{
			"type", "geometry", "properties",
		},
		"properties": map[string]any{
			"type":       map[string]any{"type": "string", "enum": []string{"Feature"}},
			"id":         map[string]any{"type": "string", "format": "uuid", "readOnly": true},
			"geometry":   geometrySchema(l),
			"properties": map[string]any{"type": "object", "properties": propertySchemas(l, c.audience())},
		},
	})
}

// queryables lists what a query can select by beside bbox and datetime:
// nothing yet but the geometry.
func (s *Server) queryables(c *call) error {
	l := c.operation.layer
	geometry := geometrySchema(l)
	geometry["x-ogc-role"] = "primary-geometry"
	return c.document(mediaSchema, map[string]any{
		"$schema":              schemaDialect,
		"$id":                  s.base(c.echo.Request()) + "/collections/" + l.Name + "/queryables",
		"title":                l.Title.French,
		"type":                 "object",
		"properties":           map[string]any{"geometry": geometry},
		"additionalProperties": false,
	})
}

// geometrySchema refers to the published schemas, and gives no type beside it:
// QGIS recognises a geometry by exactly that.
func geometrySchema(l *geo.Layer) map[string]any {
	name := string(l.Geometry)
	if l.Geometry == geo.PointOrLine || l.Geometry == geo.AnyGeometry {
		name = "Geometry"
	}
	return map[string]any{"$ref": "https://geojson.org/schema/" + name + ".json"}
}

func propertySchemas(l *geo.Layer, a geo.Audience) map[string]any {
	out := map[string]any{}
	for i, p := range l.Visible(a) {
		schema := propertySchema(p)
		schema["x-ogc-propertySeq"] = i + 1
		out[p.Name] = schema
	}
	return out
}

func propertySchema(p *geo.Property) map[string]any {
	out := map[string]any{"title": p.Title.French, "x-titles": p.Title}
	switch p.Type {
	case geo.String:
		out["type"] = "string"
		if p.MaxLength > 0 {
			out["maxLength"] = p.MaxLength
		}
	case geo.Enum:
		out["type"] = "string"
		values := make([]string, len(p.Words))
		labels := map[string]geo.Text{}
		for i, w := range p.Words {
			values[i] = w.Value
			labels[w.Value] = w.Label
		}
		out["enum"] = values
		out["x-labels"] = labels
	case geo.Integer, geo.Number:
		out["type"] = string(p.Type)
		if p.Max > p.Min {
			out["minimum"], out["maximum"] = p.Min, p.Max
		}
	case geo.Boolean:
		out["type"] = "boolean"
	case geo.DateTime:
		out["type"], out["format"] = "string", "date-time"
	case geo.TextList, geo.IDList:
		entry := map[string]any{"type": "string"}
		if p.Type == geo.IDList {
			entry["format"] = "uuid"
		}
		if p.Values != nil {
			entry["enum"] = p.Values
		}
		out["type"], out["items"] = "array", entry
		if p.MaxLength > 0 {
			out["maxItems"] = p.MaxLength
		}
	case geo.JSON:
		out["type"] = "object"
		if raw, ok := p.Default.(json.RawMessage); ok && len(raw) > 0 && raw[0] == '[' {
			out["type"], out["items"] = "array", map[string]any{"type": "object"}
		}
	}
	if p.Unit != "" {
		out["x-ogc-unit"] = p.Unit
	}
	if p.ReadOnly {
		out["readOnly"] = true
	}
	return out
}
