package api

import (
	"context"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/world"
)

// Evidence counts observations for an audience, as known at a revision.
type Evidence interface {
	Tally(ctx context.Context, a geo.Audience, r geo.Revision) ([]geo.Tally, error)
}

// Releases are the figures that were told to the public. Release gives the body
// of the newest one made at or before an instant; code not_found when there is
// none.
type Releases interface {
	Release(ctx context.Context, a geo.Audience, at time.Time) (geo.Release, error)
}

const (
	// maxCoverageBytes limits a question about a polygon.
	maxCoverageBytes = 1 << 20
	// maxDrawnPoints limits its vertices.
	maxDrawnPoints = 20_000
)

func (s *Server) coverageOperations() []*operation {
	figures := func(path, id, summary, description, schema string, handle func(*call) error, parameters ...*parameter) *operation {
		return &operation{
			method: http.MethodGet, path: path, id: id, tag: tagCoverage, live: true, summary: summary, description: description,
			media:      []string{mediaJSON},
			parameters: append(parameters, formatParameter, tokenParameter, ifNoneMatchHeader),
			answers:    append(reading(good("The figures.", reference(schema), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")), forbidden, unprocessable),
			handle:     handle,
		}
	}
	alsoCSV := func(op *operation) *operation {
		op.media = append(op.media, mediaCSV)
		op.parameters = append(without(op.parameters, formatParameter), figuresFormatParameter, languageParameter, languageHeader)
		op.answers[0].byMedia = map[string]*openapi3.SchemaRef{mediaCSV: plainText()}
		return op
	}
	report := figures("/v1/coverage", "getCoverage", "How much of an area is held by whom: low, central and high, with the denominator",
		"The public is told what was released last: rounded, delayed, and without communes that rest on few sources (released_at).",
		"coverage", s.coverage, areaParameter, levelParameter, instantParameter, asofParameter)
	drawn := &operation{
		method: http.MethodPost, path: "/v1/coverage/values", id: "findCoverageValues", tag: tagCoverage, live: true, discreet: true,
		summary: "Indicators for a polygon of the caller's own", media: []string{mediaJSON},
		description: "The polygon is neither logged nor stored.",
		parameters:  []*parameter{csrfHeader, formatParameter, tokenParameter},
		body:        &body{media: []string{mediaJSON}, limit: maxCoverageBytes, schema: reference("coverage-request"), needed: true},
		answers:     wayAnswers(good("The figures.", reference("coverage-values"), "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")),
		handle:      s.drawnValues,
	}
	return []*operation{
		report,
		figures("/v1/coverage/indicators", "getIndicators", "Every indicator: code, version of its formula, unit, title",
			"", "coverage-indicators", s.indicators),
		alsoCSV(figures("/v1/coverage/values", "getCoverageValues", "Indicators of areas, each value with its interval, denominator, confidence and the records behind it",
			"Status says whether a value is assessed, withheld from the audience, or not_measured, with the reason in note; neither of the latter means zero. Indicators T2 compare with what was known before and take longer.",
			"coverage-values", s.values, indicatorsParameter, areaParameter, levelParameter, instantParameter, asofParameter)),
		drawn,
		alsoCSV(figures("/v1/coverage/series", "getCoverageSeries", "An indicator over time",
			"As known now, or asof a revision: the valid time moves, the known time does not.",
			"coverage-series", s.series, indicatorParameter, areaParameter, levelParameter, fromParameter, toParameter, stepParameter, asofParameter)),
		figures("/v1/coverage/changes", "getCoverageChanges", "What was gained, lost, transferred, reclassified, expired or learned late between two instants",
			"A GeoJSON FeatureCollection; each change with its ground, km², cause and the records that it rests on.",
			"coverage-changes", s.coverageChanges, areaParameter, levelParameter, fromParameter, toParameter, asofParameter),
		figures("/v1/coverage/objectives", "getObjectives", "The medium-term objectives (a) to (f) against their dated baselines",
			"What has no defensible spatial proxy is not measured here, and says so.",
			"coverage-objectives", s.objectives, instantParameter, asofParameter),
		figures("/v1/exposure", "getExposure", "Facilities by the control of the ground that they stand on, and those that work but are cut off",
			"", "exposure", s.exposure, areaParameter, levelParameter, instantParameter, asofParameter),
	}
}

// The parameters of questions about coverage.
var (
	indicatorsParameter = &parameter{
		name: "indicator", in: "query", schema: text(), description: "Codes of indicators, separated by commas; see /v1/coverage/indicators. Without it: all.",
		read: func(a *arguments, s string) error {
			for _, code := range strings.Split(s, ",") {
				if _, ok := coverage.IndicatorByCode(code); !ok {
					return invalid("%q is no indicator", shorten(code))
				}
				if !slices.Contains(a.indicators, code) {
					a.indicators = append(a.indicators, code)
				}
			}
			return nil
		},
	}
	indicatorParameter = &parameter{
		name: "indicator", in: "query", required: true, schema: text(), description: "Code of an indicator.",
		read: func(a *arguments, s string) error {
			if _, ok := coverage.IndicatorByCode(s); !ok {
				return invalid("%q is no indicator", shorten(s))
			}
			a.indicators = []string{s}
			return nil
		},
	}
	fromParameter = &parameter{
		name: "from", in: "query", required: true, schema: text().WithFormat("date-time"), description: "First instant, RFC 3339.",
		read: func(a *arguments, s string) (err error) { a.from, err = readInstant(s); return err },
	}
	toParameter = &parameter{
		name: "to", in: "query", schema: text().WithFormat("date-time"), description: "Last instant, RFC 3339; this minute, or the instant of asof, when left out.",
		read: func(a *arguments, s string) (err error) { a.to, err = readInstant(s); return err },
	}
	stepParameter = &parameter{
		name: "step", in: "query", schema: text(), description: "Between two points: a number of days or hours, such as 1d or 6h, or P1D or PT6H; 1d when left out.",
		read: func(a *arguments, s string) (err error) { a.step, err = parseStep(s); return err },
	}
	figuresFormatParameter = &parameter{
		name: "f", in: "query", description: "Format, for clients that cannot send an Accept header.", schema: oneOf(nil, "json", "csv"),
		read: func(a *arguments, s string) error { return readFormat(a, s, "json", "csv") },
	}
)

func readInstant(s string) (time.Time, error) {
	t, err := geo.ParseInstant(s)
	if err == nil && (t.Before(geo.EarliestValid) || t.After(geo.LatestValid)) {
		err = invalid("the instant lies outside %d to %d", geo.EarliestValid.Year(), geo.LatestValid.Year())
	}
	return t, err
}

// parseStep reads a number of days or hours.
func parseStep(s string) (time.Duration, error) {
	upper := strings.ToUpper(s)
	digits, unit := strings.TrimPrefix(upper, "P"), time.Duration(0)
	switch {
	case strings.HasPrefix(digits, "T") && strings.HasSuffix(digits, "H"):
		digits, unit = digits[1:len(digits)-1], time.Hour
	case strings.HasSuffix(digits, "D"):
		digits, unit = digits[:len(digits)-1], 24*time.Hour
	case strings.HasSuffix(digits, "H") && digits == upper:
		digits, unit = digits[:len(digits)-1], time.Hour
	}
	n, err := strconv.Atoi(digits)
	if unit == 0 || err != nil || n < 1 || n > 3650 || strings.HasPrefix(digits, "+") {
		return 0, invalid("%q is not a number of days or hours such as 1d or 6h", shorten(s))
	}
	return time.Duration(n) * unit, nil
}

// layersOf are all the layers that some indicators can be made from.
func layersOf(codes []string) []string {
	var out []string
	for _, i := range coverage.Indicators() {
		if len(codes) > 0 && !slices.Contains(codes, i.Code) {
			continue
		}
		for _, name := range i.Reads() {
			if !slices.Contains(out, name) {
				out = append(out, name)
			}
		}
	}
	return out
}

// measuring is what a question about coverage is put to.
type measuring struct {
	world *world.World
	at    time.Time
	fixed bool
	key   string
}

// measuring resolves the world and the instant that a call is about.
func (c *call) measuring() (m measuring, err error) {
	if m.world, m.fixed, err = c.whole(c.args.asof); err != nil {
		return m, err
	}
	m.at = c.server.instant(c.args.asof, m.world.At())
	if c.args.moment.Set {
		m.at = c.args.moment.Period.From
	}
	m.key = fmt.Sprintf("%s/%d/%d/%s/%s/%s", c.operation.id, m.world.Audience(), m.world.Revision(), geo.FormatInstant(m.at), c.args.level, c.args.areasText)
	return m, nil
}

// question makes the question of a call.
func (c *call) coverageQuestion(ctx context.Context, m measuring) (coverage.Question, error) {
	q := coverage.Question{
		World: m.world, At: m.at, Areas: c.args.areas, Level: c.args.level, Indicators: c.args.indicators, Past: c.past(m.world),
	}
	if evidence := c.server.options.Evidence; evidence != nil && m.world.Audience() != geo.Public {
		tallies, err := evidence.Tally(ctx, m.world.Audience(), m.world.Revision())
		if err != nil {
			return q, unavailable(err)
		}
		q.Tallies = slices.Concat([]geo.Tally{}, tallies) // none is not nil: there may be no observations
	}
	return q, nil
}

// past gives the audience's world as known at an instant before a world's own.
func (c *call) past(w *world.World) coverage.Past {
	s := c.server
	return coverage.PastOf(w, func(ctx context.Context, asof geo.AsOf) (geo.Revision, time.Time, error) {
		r, at, err := s.options.Past.Resolve(ctx, asof)
		if err != nil && geo.CodeOf(err) != geo.CodeNotFound {
			err = unavailable(err)
		}
		return r, at, err
	}, s.worldAt)
}

// figuresFor answers from the cache, or computes within the limits of large questions.
func (s *Server) figuresFor(c *call, key string, compute func(context.Context) ([]byte, error)) ([]byte, error) {
	body, err := s.coverages.get(c.context(), key, func(ctx context.Context) ([]byte, error) {
		ctx, done, err := s.asking(ctx, true)
		if err != nil {
			return nil, err
		}
		defer done()
		body, err := compute(ctx)
		return body, late(ctx, err)
	})
	if geo.CodeOf(err) == geo.CodeNotFound && len(c.args.areas) > 0 {
		return nil, badParameter("area", err) // the code stays
	}
	return body, err
}

// varyByLanguage is what the answer depends on where names and notes are in one
// language.
var varyByLanguage = []string{vary[0] + ", Accept-Language"}

// asCSV are figures that can be written as CSV too.
type asCSV interface {
	AppendCSV(dst []byte, language string) ([]byte, error)
}

// tell answers with what ask computes, kept under a key, in the media type that
// was asked for.
func (c *call) tell(m measuring, key string, ask func(context.Context) (any, error)) error {
	media, language := c.media, c.language()
	if key += "/" + media; media == mediaCSV {
		key += "/" + language
	}
	body, err := c.server.figuresFor(c, key, func(ctx context.Context) ([]byte, error) {
		answer, err := ask(ctx)
		if err != nil {
			return nil, err
		}
		if rows, ok := answer.(asCSV); ok && media == mediaCSV {
			return rows.AppendCSV(nil, language)
		}
		return marshal(answer)
	})
	if err != nil {
		return err
	}
	if media != mediaCSV {
		return c.documentBytes(media, body, m.fixed)
	}
	c.header()["Content-Language"] = []string{language}
	if c.unchanged(hashTag(body), m.fixed) {
		return nil
	}
	c.header()["Vary"] = varyByLanguage
	return c.reply(http.StatusOK, mediaCSV+"; charset=utf-8", body)
}

// coverage answers how much of an area is held by whom.
func (s *Server) coverage(c *call) error {
	if err := c.reads("controlled-zones", "admin-areas"); err != nil {
		return err
	}
	m, err := c.measuring()
	if err != nil {
		return err
	}
	if m.world.Audience() == geo.Public {
		if done, err := c.released(m); done || err != nil {
			return err
		}
	}
	return c.tell(m, m.key, func(ctx context.Context) (any, error) {
		return s.options.Coverage.Report(ctx, m.world, coverage.Query{At: m.at, Areas: c.args.areas, Level: c.args.level})
	})
}

func (s *Server) indicators(c *call) error {
	type one struct {
		Code    string   `json:"code"`
		Formula string   `json:"formula"`
		Title   geo.Text `json:"title"`
		Unit    string   `json:"unit"`
		Layers  []string `json:"layers"`
	}
	list := []one{}
	for _, i := range coverage.Indicators() {
		list = append(list, one{i.Code, i.Formula(), i.Title, i.Unit, append([]string{}, i.Layers...)})
	}
	body, err := marshal(map[string]any{"indicators": list})
	if err != nil {
		return err
	}
	return c.documentBytes(mediaJSON, body, false)
}

// values answers with indicators of areas.
func (s *Server) values(c *call) error {
	if err := c.reads(layersOf(c.args.indicators)...); err != nil {
		return err
	}
	m, err := c.measuring()
	if err != nil {
		return err
	}
	return c.tell(m, m.key+"/"+strings.Join(c.args.indicators, ","), func(ctx context.Context) (any, error) {
		q, err := c.coverageQuestion(ctx, m)
		if err != nil {
			return nil, err
		}
		return s.options.Coverage.Measure(ctx, q)
	})
}

// span is the stretch of time of a series or of changes.
func (c *call) span(m measuring) (from, to time.Time, err error) {
	if from, to = c.args.from, c.args.to; from.IsZero() {
		return from, to, badParameter("from", invalid("it is needed: an RFC 3339 instant"))
	}
	if to.IsZero() {
		to = m.at
	}
	if !from.Before(to) {
		return from, to, badParameter("from", invalid("it lies at or after the end, %s", geo.FormatInstant(to)))
	}
	return from, to, nil
}

func (s *Server) series(c *call) error {
	if len(c.args.indicators) == 0 {
		return badParameter("indicator", invalid("it is needed: see /v1/coverage/indicators"))
	}
	if err := c.reads(layersOf(c.args.indicators)...); err != nil {
		return err
	}
	m, err := c.measuring()
	if err != nil {
		return err
	}
	from, to, err := c.span(m)
	if err != nil {
		return err
	}
	step := orDefault(c.args.step, 24*time.Hour)
	key := fmt.Sprintf("%s/%s/%s/%s/%s", m.key, c.args.indicators[0], geo.FormatInstant(from), geo.FormatInstant(to), step)
	return c.tell(m, key, func(ctx context.Context) (any, error) {
		q, err := c.coverageQuestion(ctx, m)
		if err != nil {
			return nil, err
		}
		return s.options.Coverage.Series(ctx, coverage.SeriesQuestion{Question: q, From: from, To: to, Step: step})
	})
}

func (s *Server) coverageChanges(c *call) error {
	if err := c.reads("controlled-zones", "admin-areas", "armed-groups"); err != nil {
		return err
	}
	m, err := c.measuring()
	if err != nil {
		return err
	}
	from, to, err := c.span(m)
	if err != nil {
		return err
	}
	key := m.key + "/" + geo.FormatInstant(from) + "/" + geo.FormatInstant(to)
	return c.tell(m, key, func(ctx context.Context) (any, error) {
		return s.options.Coverage.Changes(ctx, coverage.ChangesQuestion{
			World: m.world, From: from, To: to, Areas: c.args.areas, Level: c.args.level, Past: c.past(m.world),
		})
	})
}

func (s *Server) objectives(c *call) error {
	return c.figures(layersOf(nil), func(ctx context.Context, q coverage.Question) (any, error) {
		return s.options.Coverage.Objectives(ctx, q)
	})
}

func (s *Server) exposure(c *call) error {
	return c.figures([]string{"controlled-zones", "admin-areas", "facilities", "ports", "airports", "police-facilities", "roadblocks", "national-roads", "places"}, func(ctx context.Context, q coverage.Question) (any, error) {
		return s.options.Coverage.Exposure(ctx, q)
	})
}

// figures answers a question about coverage that is made from some layers.
func (c *call) figures(layers []string, ask func(context.Context, coverage.Question) (any, error)) error {
	if err := c.reads(layers...); err != nil {
		return err
	}
	m, err := c.measuring()
	if err != nil {
		return err
	}
	return c.tell(m, m.key, func(ctx context.Context) (any, error) {
		q, err := c.coverageQuestion(ctx, m)
		if err != nil {
			return nil, err
		}
		return ask(ctx, q)
	})
}

// describeCoverage adds the schemas of questions about coverage and their
// answers.
func describeCoverage(into openapi3.Schemas, d *describer) {
	d.add("coverage-assessed", coverage.Report{})
	d.add("coverage-released", coverage.Released{})
	d.add("coverage-value", coverage.Value{})
	d.add("coverage-values", coverage.Measurement{})
	d.add("coverage-series", coverage.Series{})
	d.add("coverage-objectives", coverage.Objectives{})
	d.add("exposure", coverage.Exposure{})
	// Lists that are null where they are withheld.
	allowNull(into["coverage-assessed"], "control", "groups", "zones")
	allowNull(into["coverage-released"], "classes")
	allowNull(into["exposure"], "types", "functional", "facilities")
	into["coverage"] = openapi3.NewSchemaRef("", &openapi3.Schema{
		AnyOf:       openapi3.SchemaRefs{reference("coverage-assessed"), reference("coverage-released")},
		Description: "For the public, once something was released: what was released.",
	})
	into["coverage-changes"] = changesSchema(d)
	into["coverage-indicators"] = anyObject()
	none := false
	request := openapi3.NewObjectSchema().WithPropertyRef("geometry", reference("geometry")).
		WithProperty("indicators", openapi3.NewArraySchema().WithItems(text()).WithMaxItems(100)).
		WithProperty("datetime", text().WithFormat("date-time")).
		WithProperty("asof", described(openapi3.NewOneOfSchema(openapi3.NewInt64Schema(), text()), "A revision or an RFC 3339 instant: as known then.")).
		WithRequired([]string{"geometry"})
	request.AdditionalProperties = openapi3.AdditionalProperties{Has: &none}
	into["coverage-request"] = openapi3.NewSchemaRef("", request)
}

// allowNull lets members of some names be null, however deep they lie.
func allowNull(s *openapi3.SchemaRef, names ...string) {
	if s == nil || s.Ref != "" || s.Value == nil {
		return
	}
	for name, member := range s.Value.Properties {
		allowNull(member, names...)
		if slices.Contains(names, name) {
			s.Value.Properties[name] = nullable(member)
		}
	}
	allowNull(s.Value.Items, names...)
}

// changesSchema describes what coverage.Changes marshals to.
func changesSchema(d *describer) *openapi3.SchemaRef {
	type label = coverage.Label
	type properties struct {
		Kind            string      `json:"kind"`
		Cause           string      `json:"cause"`
		Areas           []string    `json:"areas"`
		Km2             float64     `json:"km2"`
		From            *label      `json:"from"`
		To              *label      `json:"to"`
		IDs             []uuid.UUID `json:"ids"`
		Confidence      *float64    `json:"confidence"`
		ConfidenceLabel string      `json:"confidence_label,omitempty"`
	}
	feature := openapi3.NewObjectSchema().WithProperty("type", oneOf(nil, "Feature")).WithRequired([]string{"type", "geometry", "properties"})
	feature.WithPropertyRef("geometry", nullable(reference("geometry"))).WithPropertyRef("properties", d.of(reflect.TypeFor[properties]()))
	collection := openapi3.NewObjectSchema().WithProperty("type", oneOf(nil, "FeatureCollection")).
		WithProperty("revision", openapi3.NewInt64Schema()).WithProperty("audience", text()).WithProperty("from", text()).WithProperty("to", text()).WithProperty("status", text()).
		WithProperty("features", openapi3.NewArraySchema().WithItems(feature)).
		WithRequired([]string{"type", "revision", "audience", "from", "to", "status", "features"})
	return openapi3.NewSchemaRef("", collection)
}
