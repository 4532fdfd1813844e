package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"

	"github.com/getkin/kin-openapi/openapi3"

	"pasaj/geo"
)

// describe writes the OpenAPI 3.0.3 document of the table. Parameters used by
// several operations are components referred to by name: QGIS takes its page
// size from components.parameters.limit, GDAL from a reference that says limit.
func (s *Server) describe() ([]byte, error) {
	doc := &openapi3.T{
		OpenAPI: "3.0.3",
		Info: &openapi3.Info{
			Title: "Pasaj", Version: s.options.Version,
			Description: "Territory and passage in Haiti from graded reports. " + s.options.Notice.English +
				" Reads take valid time (datetime) and known time (asof). Every error is a problem document (RFC 9457).",
			License: &openapi3.License{Name: "Apache-2.0"},
		},
		Paths:      openapi3.NewPaths(),
		Components: &openapi3.Components{Schemas: openapi3.Schemas{}, Parameters: openapi3.ParametersMap{}, SecuritySchemes: securitySchemes()},
		Tags: openapi3.Tags{
			{Name: tagService}, {Name: tagFeatures}, {Name: tagEditing}, {Name: tagTiles},
			{Name: tagAnswers}, {Name: tagCoverage}, {Name: tagSession}, {Name: tagTokens}, {Name: tagOperator},
		},
	}
	describeSchemas(doc.Components.Schemas)
	keys := parameterKeys(s.operations)
	for _, op := range s.operations {
		item := doc.Paths.Value(op.path)
		if item == nil {
			item = &openapi3.PathItem{}
			doc.Paths.Set(op.path, item)
		}
		item.SetOperation(op.method, op.describe(doc.Components.Parameters, keys))
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		return nil, fmt.Errorf("write the OpenAPI document: %w", err)
	}
	// What is served is read back and checked as a client would read it.
	read, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document back: %w", err)
	}
	if err := read.Validate(context.Background()); err != nil {
		return nil, fmt.Errorf("check the OpenAPI document: %w", err)
	}
	return raw, nil
}

// parameterKeys names the components: a parameter's own name, with its place
// or a number where that is taken.
func parameterKeys(operations []*operation) map[*parameter]string {
	keys := map[*parameter]string{}
	taken := map[string]bool{}
	for _, op := range operations {
		for _, p := range op.parameters {
			if _, done := keys[p]; done {
				continue
			}
			key := p.name
			for n := 2; taken[key]; n++ {
				key = p.name + "-" + strconv.Itoa(n)
			}
			keys[p], taken[key] = key, true
		}
	}
	return keys
}

func (op *operation) describe(components openapi3.ParametersMap, keys map[*parameter]string) *openapi3.Operation {
	out := openapi3.NewOperation()
	out.OperationID, out.Summary, out.Description, out.Tags = op.id, op.summary, op.description, []string{op.tag}
	for _, p := range op.parameters {
		key := keys[p]
		if components[key] == nil {
			components[key] = &openapi3.ParameterRef{Value: p.describe()}
		}
		out.Parameters = append(out.Parameters, &openapi3.ParameterRef{Ref: "#/components/parameters/" + key, Value: components[key].Value})
	}
	if op.body != nil {
		out.RequestBody = &openapi3.RequestBodyRef{Value: openapi3.NewRequestBody().WithRequired(op.body.needed).
			WithContent(openapi3.NewContentWithSchemaRef(op.body.schema, op.body.media))}
	}
	out.Responses = openapi3.NewResponsesWithCapacity(len(op.answers))
	for _, a := range op.answers {
		out.Responses.Set(strconv.Itoa(a.status), &openapi3.ResponseRef{Value: a.describe(op)})
	}
	out.Responses.Set("default", &openapi3.ResponseRef{Value: refused(0, "Any other failure.").describe(op)})
	out.Security = &openapi3.SecurityRequirements{}
	if op.access == everybody || op.access == operator {
		*out.Security = append(*out.Security, openapi3.SecurityRequirement{})
	}
	if op.access == holder {
		*out.Security = append(*out.Security, openapi3.SecurityRequirement{"session": []string{}})
	} else if !op.public {
		for _, scheme := range []string{"bearer", "basic", "token", "session"} {
			*out.Security = append(*out.Security, openapi3.SecurityRequirement{scheme: []string{}})
		}
	}
	return out
}

func (p *parameter) describe() *openapi3.Parameter {
	style, explode := "form", false
	if p.in != "query" {
		style = "simple"
	}
	return &openapi3.Parameter{
		Name: p.name, In: p.in, Description: p.description, Required: p.required,
		Style: style, Explode: &explode, Schema: openapi3.NewSchemaRef("", p.schema),
	}
}

func (a answer) describe(op *operation) *openapi3.Response {
	out := openapi3.NewResponse().WithDescription(a.text)
	if a.schema != nil {
		media := op.media
		switch {
		case a.status == 0 || a.status >= http.StatusBadRequest:
			media = []string{"application/problem+json"}
		case len(media) == 0:
			media = []string{mediaGeoJSON}
		}
		out.Content = openapi3.NewContentWithSchemaRef(a.schema, media)
		for media, schema := range a.byMedia {
			out.Content[media] = openapi3.NewMediaType().WithSchemaRef(schema)
		}
		if op.path == "/" && a.status == http.StatusOK {
			out.Content[mediaHTML] = openapi3.NewMediaType().WithSchema(openapi3.NewStringSchema())
		}
	}
	for _, name := range a.headers {
		if out.Headers == nil {
			out.Headers = openapi3.Headers{}
		}
		out.Headers[name] = &openapi3.HeaderRef{Value: &openapi3.Header{Parameter: openapi3.Parameter{
			Description: headerTexts[name], Schema: openapi3.NewSchemaRef("", openapi3.NewStringSchema()),
		}}}
	}
	return out
}

var headerTexts = map[string]string{
	"ETag":           "Names the state that the answer was made from.",
	"Pasaj-Revision": "Revision that the answer speaks of.",
	"Pasaj-Audience": "Audience that the answer is for.",
	"Pasaj-Age-S":    "Age of the data in seconds, only while the record is out of reach.",
	"Location":       "Address of what was created.",
	"Allow":          "Methods that the caller may use.",
}

func securitySchemes() openapi3.SecuritySchemes {
	return openapi3.SecuritySchemes{
		"bearer":  {Value: openapi3.NewSecurityScheme().WithType("http").WithScheme("bearer")},
		"basic":   {Value: openapi3.NewSecurityScheme().WithType("http").WithScheme("basic").WithDescription("Any name; the token is the password.")},
		"token":   {Value: openapi3.NewSecurityScheme().WithType("apiKey").WithIn("query").WithName("token")},
		"session": {Value: openapi3.NewSecurityScheme().WithType("apiKey").WithIn("cookie").WithName("pasaj_session")},
	}
}

func describeSchemas(into openapi3.Schemas) {
	add := func(name string, s *openapi3.Schema) { into[name] = openapi3.NewSchemaRef("", s) }
	fault := openapi3.NewObjectSchema().WithProperty("pointer", text()).WithProperty("parameter", text()).
		WithProperty("code", text()).WithProperty("detail", text())
	add("problem", openapi3.NewObjectSchema().
		WithProperty("type", text()).WithProperty("title", text()).WithProperty("status", openapi3.NewIntegerSchema()).
		WithProperty("code", text()).WithProperty("detail", text()).WithProperty("instance", text()).
		WithProperty("errors", openapi3.NewArraySchema().WithItems(fault)).WithRequired([]string{"type", "title", "status", "code"}))
	add("geometry", openapi3.NewObjectSchema().WithProperty("type", text()).
		WithProperty("coordinates", openapi3.NewArraySchema().WithItems(openapi3.NewSchema())).WithRequired([]string{"type", "coordinates"}))
	instant := text()
	instant.Format = "date-time"
	describeWays(into)
	add("roads", describeRoads())
	add("credentials", openapi3.NewObjectSchema().WithProperty("name", text()).WithProperty("password", text()).WithProperty("link", text()))
	account := openapi3.NewObjectSchema().WithProperty("name", text()).WithProperty("role", text()).WithProperty("audience", text()).WithNullable()
	add("session", openapi3.NewObjectSchema().WithProperty("account", account).WithProperty("audience", text()).WithProperty("csrf", text().WithNullable()))
	add("token-request", openapi3.NewObjectSchema().
		WithProperty("name", text()).WithProperty("role", oneOf(nil, "reader", "editor", "administrator")).
		WithProperty("audience", oneOf(nil, "public", "hum", "sec", "ops")).
		WithProperty("layers", openapi3.NewArraySchema().WithItems(text()).WithNullable()).WithProperty("expires_at", instant).
		WithRequired([]string{"name", "role", "audience", "expires_at"}))
	for _, l := range geo.Collections() {
		describeLayer(into, l)
	}
}

func describeLayer(into openapi3.Schemas, l *geo.Layer) {
	properties := openapi3.NewObjectSchema()
	for i := range l.Properties {
		properties.WithProperty(l.Properties[i].Name, describeProperty(&l.Properties[i]))
	}
	id := openapi3.NewUUIDSchema()
	id.ReadOnly = true
	feature := openapi3.NewObjectSchema().WithProperty("type", oneOf(nil, "Feature")).WithProperty("id", id).
		WithPropertyRef("geometry", reference("geometry")).WithProperty("properties", properties).WithRequired([]string{"type"})
	feature.Title = l.Title.English
	into[l.Name] = openapi3.NewSchemaRef("", feature)
	list := openapi3.NewArraySchema()
	list.Items = reference(l.Name)
	into[l.Name+"-collection"] = openapi3.NewSchemaRef("", openapi3.NewObjectSchema().
		WithProperty("type", oneOf(nil, "FeatureCollection")).WithProperty("features", list).
		WithProperty("links", openapi3.NewArraySchema().WithItems(openapi3.NewObjectSchema())).
		WithProperty("numberMatched", openapi3.NewIntegerSchema()).WithProperty("numberReturned", openapi3.NewIntegerSchema()).
		WithRequired([]string{"type", "features"}))
}

func describeProperty(p *geo.Property) *openapi3.Schema {
	var out *openapi3.Schema
	switch p.Type {
	case geo.Enum:
		values := make([]string, len(p.Words))
		for i, w := range p.Words {
			values[i] = w.Value
		}
		out = oneOf(nil, values...)
	case geo.Integer, geo.Number:
		out = openapi3.NewFloat64Schema()
		if p.Type == geo.Integer {
			out = openapi3.NewInt64Schema()
		}
		if p.Max > p.Min {
			out.WithMin(p.Min).WithMax(p.Max)
		}
	case geo.Boolean:
		out = openapi3.NewBoolSchema()
	case geo.DateTime:
		out = text()
		out.Format = "date-time"
	case geo.TextList, geo.IDList:
		out = openapi3.NewArraySchema().WithItems(text())
	case geo.JSON:
		out = openapi3.NewSchema() // an object or a list
	default:
		out = text()
		if p.MaxLength > 0 {
			out.WithMaxLength(int64(p.MaxLength))
		}
	}
	if out.Type != nil && p.Type != geo.Enum { // null is no value of an enum
		out.Nullable = true
	}
	out.Title, out.ReadOnly = p.Title.English, p.ReadOnly
	if p.Unit != "" {
		out.Description = "Unit: " + p.Unit
	}
	return out
}
