package api

import (
	"github.com/getkin/kin-openapi/openapi3"

	"pasaj/geo"
	"pasaj/geo/passage"
)

// describeQuestions adds the schemas of the bodies that questions come in.
// package passage reads them; its limits are repeated here by their names.
func describeQuestions(into openapi3.Schemas) {
	position := func() *openapi3.Schema {
		return openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema()).WithMinItems(2).WithMaxItems(2)
	}
	positions := func(least, most int) *openapi3.Schema {
		return openapi3.NewArraySchema().WithItems(position()).WithMinItems(int64(least)).WithMaxItems(int64(most))
	}
	instant := func() *openapi3.Schema { return text().WithFormat("date-time") }
	identifiers := func() *openapi3.Schema {
		return openapi3.NewArraySchema().WithItems(openapi3.NewUUIDSchema()).WithMaxItems(passage.MaxLeftAside)
	}
	number := func(low, high float64) *openapi3.Schema {
		return openapi3.NewFloat64Schema().WithMin(low).WithMax(high)
	}
	area := openapi3.NewObjectSchema().WithPropertyRef("geometry", reference("geometry")).
		WithProperty("factor", number(1, passage.MaxAvoidFactor)).WithRequired([]string{"geometry"})
	corridor := openapi3.NewOneOfSchema(text(), positions(2, passage.MaxLinePoints))
	suppositions := openapi3.NewObjectSchema().
		WithProperty("close", openapi3.NewArraySchema().WithItems(openapi3.NewOneOfSchema(position(), positions(2, passage.MaxLinePoints))).WithMaxItems(passage.MaxSupposed)).
		WithProperty("open", identifiers())
	common := func() *openapi3.Schema {
		s := openapi3.NewObjectSchema().
			WithProperty("vehicle", oneOf("ambulance", valuesOf(geo.VehicleClasses)...)).
			WithProperty("profile", oneOf("ambulance", valuesOf(geo.Profiles)...)).
			WithProperty("depart_at", instant()).WithProperty("datetime", instant()).
			WithProperty("asof", described(openapi3.NewOneOfSchema(openapi3.NewInt64Schema(), text()), "A revision or an RFC 3339 instant: as known then.")).
			WithProperty("max_age_h", described(number(passage.MinAge.Hours(), passage.MaxAge.Hours()), "Confirmations that are older are no news.")).
			WithProperty("avoid", described(openapi3.NewArraySchema().WithItems(area).WithMaxItems(passage.MaxAvoided), "Polygons or MultiPolygons: closed, or with a factor dearer by it.")).
			WithProperty("except", described(openapi3.NewArraySchema().WithItems(corridor).WithMaxItems(passage.MaxExcepted), "Numbers of roads such as RN2, or lines: along them zones and avoided areas do not turn the way aside.")).
			WithProperty("what_if", described(suppositions, "close: positions and lines to take for impassable. open: roadblocks, zones and road sections, by id, to take for passable.")).
			WithProperty("ignore", described(identifiers(), "Reports to leave aside, by id."))
		none := false
		s.AdditionalProperties = openapi3.AdditionalProperties{Has: &none}
		return s
	}
	add := func(name string, s *openapi3.Schema, required ...string) {
		into[name] = openapi3.NewSchemaRef("", s.WithRequired(required))
	}
	seed := func() *openapi3.Schema {
		return described(openapi3.NewInt64Schema(), "Draws the varied ways; equal seeds draw alike.")
	}
	passageSchema := func() *openapi3.Schema {
		return common().
			WithProperty("points", positions(2, passage.MaxPoints)).WithProperty("line", positions(2, passage.MaxLinePoints)).WithProperty("seed", seed())
	}
	add("passage-request", passageSchema().WithProperty("include", openapi3.NewArraySchema().
		WithItems(oneOf(nil, passage.IncludeDepartures, passage.IncludeCounterfactual, passage.IncludeEscape)).WithMaxItems(3)))
	add("alternatives-request", common().
		WithProperty("points", positions(2, passage.MaxPoints)).WithProperty("count", whole(1, passage.MaxAlternatives, nil)).WithProperty("seed", seed()), "points")
	add("reach-request", common().
		WithProperty("points", positions(1, passage.MaxPoints)).
		WithProperty("minutes", openapi3.NewArraySchema().WithItems(number(1, passage.MaxReachMin)).WithMinItems(1).WithMaxItems(passage.MaxReachLimits)).
		WithProperty("max_risk", number(0, passage.MaxReachRisk)), "points", "minutes")
	add("table-request", common().
		WithProperty("sources", positions(1, passage.MaxTableSources)).WithProperty("targets", positions(1, passage.MaxTableTargets)), "sources", "targets")
	add("reopen-request", common().WithProperty("points", positions(2, 2)), "points")
	none := false
	watch := openapi3.NewObjectSchema().WithProperty("name", text().WithMinLength(1).WithMaxLength(maxWatchName)).
		WithProperty("passage", passageSchema()).WithProperty("expires_at", instant().WithNullable())
	watch.AdditionalProperties = openapi3.AdditionalProperties{Has: &none}
	add("watch-request", watch, "name", "passage")
}

// described gives a schema its description.
func described(s *openapi3.Schema, description string) *openapi3.Schema {
	s.Description = description
	return s
}
