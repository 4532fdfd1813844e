package api

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"pasaj/geo"
	"pasaj/geo/road"
)

// maxRoads bounds the edges of one answer. A larger network is served from its
// most important class down, and says how many edges it has.
const maxRoads = 50_000

// networksKept is how many encoded networks stay in memory: usually one.
const networksKept = 3

// roadNetwork describes the network that the edges belong to.
type roadNetwork struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Licence    string  `json:"licence"`
	PrecisionM float64 `json:"precision_m"`
}

// roadFeature is one edge as GeoJSON.
type roadFeature struct {
	Type       string          `json:"type"`
	ID         int64           `json:"id"`
	Geometry   json.RawMessage `json:"geometry"`
	Properties roadProperties  `json:"properties"`
}

type roadProperties struct {
	Ref        *string `json:"ref"`
	Name       *string `json:"name"`
	Class      string  `json:"class"`
	Surface    *string `json:"surface"`
	Oneway     bool    `json:"oneway"`
	LengthM    float64 `json:"length_m"`
	PrecisionM float64 `json:"precision_m"`
}

// roads answers with the network that passages are found on. It is the same
// for every audience, and encoded once for as long as it is known.
func (s *Server) roads(c *call) error {
	w, fixed, err := c.whole(c.args.asof)
	if err != nil {
		return err
	}
	graph := w.Network()
	if graph == nil {
		if c.unchanged(hashTag(nil), fixed) {
			return nil
		}
		return c.reply(http.StatusOK, c.media, []byte(`{"type":"FeatureCollection","features":[],"numberMatched":0,"numberReturned":0,"network":null}`))
	}
	id := graph.Network().ID
	if c.unchanged(hashTag([]byte(id+" "+s.metrics.build)), fixed) {
		return nil
	}
	body, err := s.networks.get(c.context(), id, func(context.Context) ([]byte, error) { return encodeRoads(graph, maxRoads) })
	if err != nil {
		return err
	}
	return c.reply(http.StatusOK, c.media, body)
}

// encodeRoads writes at most so many edges of a network, those of the most
// important classes, in the order of the network.
func encodeRoads(g *road.Graph, most int) ([]byte, error) {
	byClass := map[string]int{}
	for i := range g.Len() {
		byClass[g.Edge(i).Class]++
	}
	left := map[string]int{} // edges to write, by class
	room := most
	for _, class := range road.Classes() {
		left[class] = min(byClass[class], room)
		room -= left[class]
	}
	features := make([]roadFeature, 0, min(g.Len(), most))
	for i := range g.Len() {
		e := g.Edge(i)
		if left[e.Class] == 0 {
			continue
		}
		left[e.Class]--
		features = append(features, roadFeature{
			Type: "Feature", ID: e.ID, Geometry: geo.AppendGeometry(nil, e.Geometry),
			Properties: roadProperties{
				Ref: textOrNil(strings.Join(e.Refs, ";")), Name: textOrNil(e.Name), Class: e.Class, Surface: textOrNil(e.Surface),
				Oneway: e.Oneway, LengthM: float64(int64(e.LengthM*10+0.5)) / 10, PrecisionM: e.PrecisionM,
			},
		})
	}
	n := g.Network()
	return marshal(struct {
		Type     string        `json:"type"`
		Network  roadNetwork   `json:"network"`
		Matched  int           `json:"numberMatched"`
		Returned int           `json:"numberReturned"`
		Features []roadFeature `json:"features"`
	}{"FeatureCollection", roadNetwork{n.ID, n.Name, n.Licence, n.PrecisionM}, g.Len(), len(features), features})
}

func textOrNil(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func (s *Server) roadsOperation() *operation {
	return &operation{
		method: http.MethodGet, path: "/v1/roads", id: "getRoads", tag: tagAnswers, live: true,
		summary: "The road network that passages are found on", media: []string{mediaGeoJSON, mediaJSON},
		description: "One feature for each edge between two junctions; network names its licence and how far its lines may be from the roads. Without a network there are no features and network is null. Of a very large network the most important classes are served: numberReturned is then less than numberMatched.",
		parameters:  []*parameter{asofParameter, formatParameter, tokenParameter, ifNoneMatchHeader},
		answers:     reading(good("The network.", reference("roads"), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")),
		handle:      s.roads,
	}
}

// describeRoads is the schema of the answer.
func describeRoads() *openapi3.Schema {
	nullable := func() *openapi3.Schema { return text().WithNullable() }
	metres := func() *openapi3.Schema { return openapi3.NewFloat64Schema().WithMin(0) }
	properties := openapi3.NewObjectSchema().
		WithProperty("ref", nullable()).WithProperty("name", nullable()).
		WithProperty("class", oneOf(nil, slices.Clone(road.Classes())...)).WithProperty("surface", nullable()).
		WithProperty("oneway", openapi3.NewBoolSchema()).WithProperty("length_m", metres()).WithProperty("precision_m", metres())
	feature := openapi3.NewObjectSchema().WithProperty("type", oneOf(nil, "Feature")).WithProperty("id", openapi3.NewInt64Schema()).
		WithPropertyRef("geometry", reference("geometry")).WithProperty("properties", properties)
	network := openapi3.NewObjectSchema().WithProperty("id", text()).WithProperty("name", text()).
		WithProperty("licence", text()).WithProperty("precision_m", metres()).WithNullable()
	return openapi3.NewObjectSchema().WithProperty("type", oneOf(nil, "FeatureCollection")).WithProperty("network", network).
		WithProperty("features", openapi3.NewArraySchema().WithItems(feature)).
		WithProperty("numberMatched", openapi3.NewIntegerSchema()).WithProperty("numberReturned", openapi3.NewIntegerSchema()).
		WithRequired([]string{"type", "features", "network"})
}
