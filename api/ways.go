package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"pasaj/geo"
	"pasaj/geo/itinerary"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// isolationsKept is how many reports on isolation stay in memory.
const isolationsKept = 32

// Layers that answers about ways are made from.
var (
	wayLayers = []string{"controlled-zones", "roadblocks", "national-roads"}
	// Reports on places that are cut off name them, and who lives there.
	placeLayers = append(slices.Clone(wayLayers), "places", "admin-areas", "ports", "airports")
)

const (
	questionText  = " The question is answered and forgotten: nothing of it is logged, counted or stored."
	instantsText  = " Facts are read at datetime and the vehicle departs at depart_at; one stands for the other where only one is given, without both it is this minute; with asof and neither, the instant of that revision is meant."
	passageText   = "Points (a way is looked for) or a line (it is checked as it is)." + instantsText + " include asks for the same question at 24 hours of departure (departures) and without each of the reports that weigh most (counterfactual), and for where to turn back at the latest (escape); those come in JSON only, and one that has nothing to say is left out. GeoJSON has the way and a point for each reason; GPX and text are in the language of lang or Accept-Language." + questionText
	variationText = " avoid, except, what_if and ignore change the world for this question alone."
)

func (s *Server) wayOperations() []*operation {
	asked := func(path, id, summary, description, request, answer string, media []string, handle func(*call) error) *operation {
		return &operation{
			method: http.MethodPost, path: path, id: id, tag: tagAnswers, live: true, discreet: true,
			summary: summary, description: description, media: media, handle: handle,
			parameters: []*parameter{csrfHeader, formatParameter, tokenParameter},
			body:       &body{media: []string{mediaJSON}, limit: passage.MaxRequestBytes, schema: reference(request), needed: true},
			answers:    wayAnswers(good("The answer.", reference(answer), "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")),
		}
	}
	json := []string{mediaJSON}
	one := asked("/v1/passage", "findPassage", "Whether a vehicle can get through, and on what terms",
		passageText+variationText, "passage-request", "passage", []string{mediaJSON, mediaGeoJSON, mediaGPX, mediaText}, s.passage)
	one.answers[0].byMedia = map[string]*openapi3.SchemaRef{mediaGeoJSON: reference("itinerary"), mediaGPX: plainText(), mediaText: plainText()}
	one.parameters = []*parameter{csrfHeader, passageFormatParameter, languageParameter, languageHeader, tokenParameter}
	return []*operation{
		one,
		asked("/v1/passage/alternatives", "findAlternatives", "Several ways, and what more time buys",
			"The fastest way, the one of least risk, the one between, and distinct others, each with how it differs from the first; the frontier of time and risk that they are taken from. With a seed the further ways are varied near-optimal ones, so that not every vehicle takes the same."+instantsText+variationText+questionText,
			"alternatives-request", "alternatives", json, s.alternatives),
		asked("/v1/reach", "findReach", "How far one gets within a time and a risk",
			"One MultiPolygon for each number of minutes, with holes where nothing is reached."+instantsText+variationText+questionText,
			"reach-request", "reach", []string{mediaGeoJSON, mediaJSON}, s.reach),
		asked("/v1/table", "findTable", "Times between many places",
			"By source, then target, in seconds on the ways that are advised; null where there is no way."+instantsText+variationText+questionText,
			"table-request", "table", json, s.durations),
		asked("/v1/reopen", "findReopening", "What has to be cleared to get through",
			"The smallest set of blockages whose clearing connects two points, the way there would then be, and the blockages that part most people from the first point. optimal says that no set is smaller; else none is smaller than lower_bound."+instantsText+variationText+questionText,
			"reopen-request", "reopen", json, s.reopen),
		{
			method: http.MethodGet, path: "/v1/isolation", id: "getIsolation", tag: tagAnswers, live: true, discreet: true,
			summary:     "Who is cut off from whom",
			description: "I1: how closed the capital's gates are, as an interval where nobody knows. I2: ways to the departments' capitals that share no road, and their bottlenecks. I3: siege. The parts into which the network falls, the roads whose blockage would cut people off, and how ports and airports are connected to the departments' capitals.",
			media:       json,
			parameters:  []*parameter{vehicleParameter, profileParameter, instantParameter, asofParameter, formatParameter, tokenParameter, ifNoneMatchHeader},
			answers:     append(reading(good("The report.", reference("isolation"), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")), forbidden, unprocessable),
			handle:      s.isolation,
		},
		s.facilityReachOperation(),
		s.exclusionsOperation(),
	}
}

// plainText is the schema of what has no structure of its own here.
func plainText() *openapi3.SchemaRef { return openapi3.NewSchemaRef("", text()) }

func wayAnswers(first answer) []answer {
	return []answer{
		first, badRequest, unauthenticated, forbidden, notFound, notAcceptable, tooLarge, unsupportedMedia, unprocessable, unavailableAnswer,
	}
}

// passage answers whether a vehicle can get through. What was asked is neither
// logged nor kept.
func (s *Server) passage(c *call) error {
	raw, err := c.question(wayLayers)
	if err != nil {
		return err
	}
	r, err := passage.DecodePassage(raw)
	if err != nil {
		return err
	}
	if len(r.Include) == 0 {
		answer, err := answered(c, false, r.Request, r.AsOf, s.options.Engine.Find)
		if err != nil {
			return err
		}
		c.withhold(answer)
		return c.itinerary(answer)
	}
	if c.media != mediaJSON {
		return geo.Errorf(geo.CodeInvalid, "/include", "what is included comes in JSON only")
	}
	answer, err := answered(c, true, r, r.AsOf, s.options.Engine.Passage)
	if err != nil {
		return err
	}
	c.withhold(answer.Answer)
	return c.private(http.StatusOK, answer)
}

// question reads the body of a question, from somebody who may read the layers
// that its answer is made from.
func (c *call) question(layers []string) ([]byte, error) {
	if err := c.reads(layers...); err != nil {
		return nil, err
	}
	return c.body()
}

// withhold takes out of an answer the places of help in layers that a token is
// not for.
func (c *call) withhold(a *passage.Answer) {
	if a == nil || c.who.Layers == nil {
		return
	}
	a.Refuges = slices.DeleteFunc(a.Refuges, func(r passage.Refuge) bool {
		l, ok := geo.LayerByName(r.Collection)
		return !ok || !c.who.MayRead(l)
	})
}

// itinerary sends an answer in the form that was asked for.
func (c *call) itinerary(a *passage.Answer) error {
	language := c.language()
	switch c.media {
	case mediaGeoJSON:
		body, err := itinerary.GeoJSON(a)
		if err != nil {
			return err
		}
		return c.privateBytes(http.StatusOK, mediaGeoJSON, body)
	case mediaGPX:
		body, err := itinerary.GPX(a, language)
		if err != nil {
			return err
		}
		c.header()["Content-Language"] = []string{language}
		return c.privateBytes(http.StatusOK, mediaGPX, body)
	case mediaText:
		c.header()["Content-Language"] = []string{language}
		return c.privateBytes(http.StatusOK, mediaText+"; charset=utf-8", []byte(itinerary.Text(a, language)))
	}
	body, err := a.AppendJSON(nil)
	if err != nil {
		return err
	}
	return c.privateBytes(http.StatusOK, mediaJSON, body)
}

// languages are those that Pasaj speaks, the default first.
var languages = []string{"fr", "ht", "en"}

// language is what the lang parameter says, else what Accept-Language likes
// best, else French.
func (c *call) language() string {
	if c.args.language != "" {
		return c.args.language
	}
	best, bestQ := languages[0], 0.0
	for _, r := range parseAccept(strings.Join(c.echo.Request().Header.Values("Accept-Language"), ",")) {
		tag, _, _ := strings.Cut(r.kind, "-")
		if slices.Contains(languages, tag) && r.q > bestQ {
			best, bestQ = tag, r.q
		}
	}
	return best
}

func (s *Server) alternatives(c *call) error {
	raw, err := c.question(wayLayers)
	if err != nil {
		return err
	}
	r, err := passage.DecodeAlternatives(raw)
	if err != nil {
		return err
	}
	answer, err := answered(c, true, r, r.AsOf, s.options.Engine.Alternatives)
	if err != nil {
		return err
	}
	for i := range answer.Answers {
		c.withhold(answer.Answers[i].Answer)
	}
	return c.private(http.StatusOK, answer)
}

func (s *Server) reach(c *call) error {
	raw, err := c.question(wayLayers)
	if err != nil {
		return err
	}
	r, err := passage.DecodeReach(raw)
	if err != nil {
		return err
	}
	answer, err := answered(c, true, r, r.AsOf, s.options.Engine.Reach)
	if err != nil {
		return err
	}
	body, err := marshal(answer)
	if err != nil {
		return err
	}
	return c.privateBytes(http.StatusOK, c.media, body)
}

func (s *Server) durations(c *call) error {
	raw, err := c.question(wayLayers)
	if err != nil {
		return err
	}
	r, err := passage.DecodeTable(raw)
	if err != nil {
		return err
	}
	answer, err := answered(c, true, r, r.AsOf, s.options.Engine.Table)
	if err != nil {
		return err
	}
	return c.private(http.StatusOK, answer)
}

func (s *Server) reopen(c *call) error {
	raw, err := c.question(placeLayers)
	if err != nil {
		return err
	}
	r, err := passage.DecodeReopen(raw)
	if err != nil {
		return err
	}
	answer, err := answered(c, true, r, r.AsOf, s.options.Engine.Reopen)
	if err != nil {
		return err
	}
	c.withhold(answer.After)
	return c.private(http.StatusOK, answer)
}

// caller makes the request of the parameters vehicle, profile, datetime and
// asof against the world that they name. Like in bodies an ambulance is meant
// where nothing is said.
func (c *call) caller() (w *world.World, r passage.Request, fixed bool, err error) {
	if w, fixed, err = c.whole(c.args.asof); err != nil {
		return nil, r, false, err
	}
	r = passage.Request{
		Vehicle: orDefault(c.args.vehicle, "ambulance"), Profile: orDefault(c.args.profile, "ambulance"), AsOf: c.args.asof,
	}
	if c.args.moment.Set {
		r.At = c.args.moment.Period.From
	}
	return w, r.Resolve(c.server.instant(c.args.asof, w.At()), w.Model()), fixed, nil
}

// keyOf names all that an answer made of such a request depends on.
func keyOf(w *world.World, r *passage.Request) string {
	return fmt.Sprintf("%d/%d/%s/%s/%s", w.Audience(), w.Revision(), geo.FormatInstant(r.At), r.Vehicle, r.Profile)
}

func (s *Server) isolation(c *call) error {
	if err := c.reads(placeLayers...); err != nil {
		return err
	}
	w, r, fixed, err := c.caller()
	if err != nil {
		return err
	}
	body, err := s.isolations.get(c.context(), keyOf(w, &r), func(ctx context.Context) ([]byte, error) {
		ctx, done, err := s.asking(ctx, true)
		if err != nil {
			return nil, err
		}
		defer done()
		report, err := s.options.Engine.Isolation(ctx, w, passage.IsolationRequest{Request: r})
		if err != nil {
			return nil, late(ctx, err)
		}
		return marshal(report)
	})
	if err != nil {
		return err
	}
	return c.documentBytes(mediaJSON, body, fixed)
}

// The parameters of questions without a body.
var (
	vehicleParameter = &parameter{
		name: "vehicle", in: "query", description: "Vehicle class.", schema: oneOf("ambulance", valuesOf(geo.VehicleClasses)...),
		read: func(a *arguments, s string) error { return readWord(&a.vehicle, s, valuesOf(geo.VehicleClasses)) },
	}
	profileParameter = &parameter{
		name: "profile", in: "query", description: "Who travels.", schema: oneOf("ambulance", valuesOf(geo.Profiles)...),
		read: func(a *arguments, s string) error { return readWord(&a.profile, s, valuesOf(geo.Profiles)) },
	}
	languageParameter = &parameter{
		name: "lang", in: "query", description: "Language of GPX and text; without it that of Accept-Language.", schema: oneOf(nil, languages...),
		read: func(a *arguments, s string) error { return readWord(&a.language, s, languages) },
	}
	languageHeader = &parameter{
		name: "Accept-Language", in: "header", description: "Languages of GPX and text, fr by default.", schema: text(),
	}
	passageFormatParameter = &parameter{
		name: "f", in: "query", description: "Format, for clients that cannot send an Accept header.", schema: oneOf(nil, "json", "geojson", "gpx", "text"),
		read: func(a *arguments, s string) error { return readFormat(a, s, "json", "geojson", "gpx", "text") },
	}
)

func readWord(into *string, s string, allowed []string) error {
	if !slices.Contains(allowed, s) {
		return invalid("%q is none of %s", shorten(s), strings.Join(allowed, ", "))
	}
	*into = s
	return nil
}

func valuesOf(words []geo.Word) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = w.Value
	}
	return out
}

// describeItinerary adds the schema of a passage as GeoJSON.
func describeItinerary(into openapi3.Schemas) {
	geometry := nullable(reference("geometry"))
	feature := openapi3.NewObjectSchema().WithProperty("type", oneOf(nil, "Feature")).WithPropertyRef("geometry", geometry)
	properties := openapi3.NewObjectSchema().WithProperty("kind", text()).WithRequired([]string{"kind"})
	properties.Description = "Of the first feature all of the passage but its geometry, with kind way; of the others a reason."
	feature.WithProperty("properties", properties).WithRequired([]string{"type", "geometry", "properties"})
	into["itinerary"] = openapi3.NewSchemaRef("", openapi3.NewObjectSchema().WithProperty("type", oneOf(nil, "FeatureCollection")).
		WithProperty("features", openapi3.NewArraySchema().WithItems(feature)).WithRequired([]string{"type", "features"}))
}

// describeWays adds the schemas of the questions and their answers.
func describeWays(into openapi3.Schemas) {
	describeQuestions(into)
	d := describer{into: into}
	d.add("text", geo.Text{})
	d.add("passage-answer", passage.Answer{})
	d.add("passage", passage.Passage{})
	describeItinerary(into)
	d.add("alternatives", passage.Alternatives{})
	d.add("reach", passage.Reach{})
	d.add("facility-reach", facilityReach{})
	d.add("table", passage.Table{})
	d.add("reopen", passage.Reopen{})
	d.add("isolation", passage.Isolation{})
	d.add("watch", watchView{})
	describeExclusions(into, &d)
	describeCoverage(into, &d)
}
