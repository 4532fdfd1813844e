package api

import (
	"encoding"
	"encoding/json"
	"reflect"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/hazard"
	"pasaj/geo/isolation"
	"pasaj/geo/passage"
)

// describer makes schemas of the Go types that answers are encoded from, so that
// the document cannot tell of members that are not there. Types that were added
// by name are referred to where they occur in others.
type describer struct {
	into  openapi3.Schemas
	names map[reflect.Type]string
}

// add describes the type of a value under a name.
func (d *describer) add(name string, value any) {
	t := reflect.TypeOf(value)
	d.into[name] = d.structure(t)
	if d.names == nil {
		d.names = map[reflect.Type]string{}
	}
	d.names[t] = name
}

var (
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
)

// described types have a form that their Go type does not show.
var describedTypes = map[reflect.Type]func() *openapi3.SchemaRef{
	reflect.TypeFor[time.Time](): func() *openapi3.SchemaRef {
		return openapi3.NewSchemaRef("", text().WithFormat("date-time"))
	},
	reflect.TypeFor[uuid.UUID](): func() *openapi3.SchemaRef { return openapi3.NewSchemaRef("", openapi3.NewUUIDSchema()) },
	reflect.TypeFor[isolation.Status](): func() *openapi3.SchemaRef {
		words := make([]string, isolation.Statuses)
		for i := range words {
			words[i] = isolation.Status(i).String()
		}
		return openapi3.NewSchemaRef("", oneOf(nil, words...))
	},
	reflect.TypeFor[passage.Geometry](): func() *openapi3.SchemaRef { return reference("geometry") },
	reflect.TypeFor[passage.Lines]():    func() *openapi3.SchemaRef { return reference("geometry") },
	reflect.TypeFor[passage.Area]():     func() *openapi3.SchemaRef { return reference("geometry") },
	reflect.TypeFor[json.RawMessage]():  func() *openapi3.SchemaRef { return openapi3.NewSchemaRef("", openapi3.NewSchema()) },
	reflect.TypeFor[orb.Ring]():         positionList,
	reflect.TypeFor[orb.LineString]():   positionList,
}

func positionList() *openapi3.SchemaRef {
	position := openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema()).WithMinItems(2).WithMaxItems(2)
	return openapi3.NewSchemaRef("", openapi3.NewArraySchema().WithItems(position))
}

// wordsOfMember are the values of members that are words wherever they occur.
var wordsOfMember = map[string][]string{
	"advice": valuesOf(geo.Advices), "effect": valuesOf(geo.Advices), "band": valuesOf(hazard.BandWords),
}

// of is the schema of a type.
func (d *describer) of(t reflect.Type) *openapi3.SchemaRef {
	if t.Kind() == reflect.Pointer {
		return nullable(d.of(t.Elem()))
	}
	if name, ok := d.names[t]; ok {
		return reference(name)
	}
	if known := describedTypes[t]; known != nil {
		return known()
	}
	switch {
	case t.Implements(jsonMarshaler):
		return openapi3.NewSchemaRef("", openapi3.NewSchema())
	case t.Implements(textMarshaler):
		return openapi3.NewSchemaRef("", text())
	}
	switch t.Kind() {
	case reflect.Struct:
		return d.structure(t)
	case reflect.Slice, reflect.Array:
		list := openapi3.NewArraySchema()
		list.Items = d.of(t.Elem())
		return openapi3.NewSchemaRef("", list)
	case reflect.Map:
		object := openapi3.NewObjectSchema()
		object.AdditionalProperties = openapi3.AdditionalProperties{Schema: d.of(t.Elem())}
		return openapi3.NewSchemaRef("", object)
	case reflect.String:
		return openapi3.NewSchemaRef("", text())
	case reflect.Bool:
		return openapi3.NewSchemaRef("", openapi3.NewBoolSchema())
	case reflect.Float64, reflect.Float32:
		return openapi3.NewSchemaRef("", openapi3.NewFloat64Schema())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return openapi3.NewSchemaRef("", openapi3.NewInt64Schema())
	}
	return openapi3.NewSchemaRef("", openapi3.NewSchema())
}

// structure is the schema of a struct: its members as encoding/json writes
// them, all of them required but those that may be left out.
func (d *describer) structure(t reflect.Type) *openapi3.SchemaRef {
	object := openapi3.NewObjectSchema()
	for _, f := range reflect.VisibleFields(t) {
		tag, tagged := f.Tag.Lookup("json")
		name, options, _ := strings.Cut(tag, ",")
		if !f.IsExported() || f.Anonymous && !tagged || name == "-" {
			continue // the members of an embedded struct are visible themselves
		}
		if name == "" {
			name = f.Name
		}
		schema := d.of(f.Type)
		if words := wordsOfMember[name]; words != nil && f.Type.Kind() == reflect.String {
			schema = openapi3.NewSchemaRef("", oneOf(nil, words...))
		}
		object.WithPropertyRef(name, schema)
		if !strings.Contains(options, "omit") {
			object.Required = append(object.Required, name)
		}
	}
	return openapi3.NewSchemaRef("", object)
}

// nullable allows null. OpenAPI 3.0 lets nothing stand beside a reference, so
// one is put into a list of one.
func nullable(s *openapi3.SchemaRef) *openapi3.SchemaRef {
	if s.Ref != "" {
		all := openapi3.NewAllOfSchema()
		all.AllOf = openapi3.SchemaRefs{s}
		all.Nullable = true
		return openapi3.NewSchemaRef("", all)
	}
	if s.Value.Type == nil { // anything, null included
		return s
	}
	s.Value.Nullable = true
	return s
}
