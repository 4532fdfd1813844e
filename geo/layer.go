package geo

import "encoding/json"

// GeometryType is what a layer's geometries are.
type GeometryType string

// Geometry types. A single polygon or line sent to a Multi layer is promoted.
const (
	NoGeometry      GeometryType = ""
	Point           GeometryType = "Point"
	PointOrLine     GeometryType = "PointOrLineString"
	MultiLineString GeometryType = "MultiLineString"
	MultiPolygon    GeometryType = "MultiPolygon"
	AnyGeometry     GeometryType = "Geometry"
)

// PropertyType is the type of a property's value. The Go value of each is
// named beside it; nil stands for null everywhere.
type PropertyType string

// Property types.
const (
	String   PropertyType = "string"   // string
	Enum     PropertyType = "enum"     // string, one of Words
	Integer  PropertyType = "integer"  // int64
	Number   PropertyType = "number"   // float64
	Boolean  PropertyType = "boolean"  // bool
	DateTime PropertyType = "datetime" // time.Time, UTC, whole microseconds
	TextList PropertyType = "texts"    // []string
	IDList   PropertyType = "ids"      // []string, each a UUID
	JSON     PropertyType = "json"     // json.RawMessage, compact, checked by Check
)

// Property is one column of a layer.
type Property struct {
	Name      string
	Type      PropertyType
	Words     []Word                      // Enum
	Values    []string                    // TextList: the values allowed; nil allows any
	Check     func(json.RawMessage) error // JSON
	Unit      string                      // for people: m, t, h, HTG
	Title     Text
	Audiences AudienceSet // who may see it; the database redacts it for the rest
	Required  bool        // not null
	Default   any         // what a missing value becomes on creation
	ReadOnly  bool        // set by the service, ignored in input
	Computed  bool        // made from other values when written out, not stored
	MaxLength int         // String: longest value in bytes; lists: most entries
	Min, Max  float64     // Integer, Number: bounds where Max > Min
}

// Kind says where a layer lives.
type Kind uint8

// Kinds of layer.
const (
	Collection Kind = iota // in every world, served as an OGC API collection
	Reference              // in every world, served by an endpoint of its own
	RecordOnly             // in the database only: raw material that no world holds
)

// Layer is one declaration of the catalogue. Its properties are the common ones
// followed by its own; their order is the order of Version.Values.
type Layer struct {
	Name       string // collection id
	Table      string // table in the schema pasaj
	Kind       Kind
	Geometry   GeometryType
	Title      Text
	Summary    Text
	Audiences  AudienceSet // which audiences may hold rows of it at all
	Floor      Class       // least sensitivity a record may carry
	Properties []Property

	index map[string]int
}

// Index gives the position of a property in Version.Values, or -1.
func (l *Layer) Index(name string) int {
	if i, ok := l.index[name]; ok {
		return i
	}
	return -1
}

// Property finds a property by name.
func (l *Layer) Property(name string) (*Property, bool) {
	i, ok := l.index[name]
	if !ok {
		return nil, false
	}
	return &l.Properties[i], true
}

// Visible lists the properties the audience may see, in order.
func (l *Layer) Visible(a Audience) []*Property {
	out := make([]*Property, 0, len(l.Properties))
	for i := range l.Properties {
		if l.Properties[i].Audiences.Has(a) {
			out = append(out, &l.Properties[i])
		}
	}
	return out
}

// LayerByName finds a layer of the catalogue.
func LayerByName(name string) (*Layer, bool) {
	l, ok := layersByName[name]
	return l, ok
}

// Layers lists the catalogue in its order, which is also the drawing order from
// the ground up.
func Layers() []*Layer { return catalogue }

// Collections lists the layers served as OGC API collections.
func Collections() []*Layer {
	var out []*Layer
	for _, l := range catalogue {
		if l.Kind == Collection {
			out = append(out, l)
		}
	}
	return out
}

var layersByName = map[string]*Layer{}

func init() {
	for _, l := range catalogue {
		l.Properties = append(commonProperties(), l.Properties...)
		l.index = make(map[string]int, len(l.Properties))
		for i := range l.Properties {
			p := &l.Properties[i]
			if p.Audiences == 0 {
				p.Audiences = everybody
			}
			l.index[p.Name] = i
		}
		layersByName[l.Name] = l
	}
}
