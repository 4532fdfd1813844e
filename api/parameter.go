package api

import (
	"net/url"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// parseQuery reads a query string strictly.
func parseQuery(raw string) (url.Values, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the query string cannot be read")
	}
	return values, nil
}

func sortedKeys(m map[string][]string) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func text() *openapi3.Schema { return openapi3.NewStringSchema() }

func whole(low, high int, fallback any) *openapi3.Schema {
	s := openapi3.NewIntegerSchema().WithMin(float64(low)).WithMax(float64(high))
	s.Default = fallback
	return s
}

func oneOf(fallback any, values ...string) *openapi3.Schema {
	s := text()
	for _, v := range values {
		s.Enum = append(s.Enum, v)
	}
	s.Default = fallback
	return s
}

// The parameters, each declared once and shared by the operations.
var (
	limitParameter = &parameter{
		name: "limit", in: "query", description: "Most features on a page.", schema: whole(1, maxLimit, defaultLimit),
		read: func(a *arguments, s string) (err error) { a.limit, err = parseLimit(s); return err },
	}
	offsetParameter = &parameter{
		name: "offset", in: "query", schema: whole(0, maxOffset, 0),
		description: "Features to skip, for clients that do not follow next links. Pages by offset may shift while others edit.",
		read:        func(a *arguments, s string) (err error) { a.offset, err = parseOffset(s); return err },
	}
	cursorParameter = &parameter{
		name: "cursor", in: "query", description: "Where the page before ended; taken from its next link.", schema: text(),
		read: func(a *arguments, s string) error {
			c, err := parseCursor(s)
			a.cursor = &c
			return err
		},
	}
	bboxParameter = &parameter{
		name: "bbox", in: "query",
		description: "West, south, east, north in degrees (CRS84), or six numbers with heights, which are ignored. Features whose geometry meets the box. West may lie east of east: the box then crosses the antimeridian.",
		schema: func() *openapi3.Schema {
			s := openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema()).WithMinItems(4).WithMaxItems(6)
			return s
		}(),
		read: func(a *arguments, s string) (err error) { a.box, err = parseBBox(s); return err },
	}
	crsParameter = &parameter{
		name: "crs", in: "query", description: "Coordinate reference system of the answer; only CRS84.", schema: oneOf(crs84, crs84),
		read: func(_ *arguments, s string) error { return parseCRS(s) },
	}
	bboxCRSParameter = &parameter{
		name: "bbox-crs", in: "query", description: "Coordinate reference system of bbox; only CRS84.", schema: oneOf(crs84, crs84),
		read: func(_ *arguments, s string) error { return parseCRS(s) },
	}
	datetimeParameter = &parameter{
		name: "datetime", in: "query", schema: text(),
		description: "Valid time: an RFC 3339 instant, or an interval a/b whose ends may be \"..\". The latest state of each feature that was true then. Without it: the latest state of each feature.",
		read: func(a *arguments, s string) (err error) {
			a.datetime = s
			a.moment, err = parseDatetime(s)
			return err
		},
	}
	instantParameter = &parameter{
		name: "datetime", in: "query", schema: &openapi3.Schema{Type: &openapi3.Types{"string"}, Format: "date-time"},
		description: "Valid time: an RFC 3339 instant. Without it: this minute; with asof, the instant of that revision.",
		read: func(a *arguments, s string) error {
			t, err := geo.ParseInstant(s)
			if err != nil {
				return err
			}
			if t.Before(geo.EarliestValid) || t.After(geo.LatestValid) {
				return invalid("the instant lies outside %d to %d", geo.EarliestValid.Year(), geo.LatestValid.Year())
			}
			a.moment = geo.At(t)
			return nil
		},
	}
	asofParameter = &parameter{
		name: "asof", in: "query", schema: text(),
		description: "Known time: a revision number, or an RFC 3339 instant that names the last revision by then. Answers of one revision never change.",
		read:        func(a *arguments, s string) (err error) { a.asof, err = geo.ParseAsOf(s); return err },
	}
	formatParameter = &parameter{
		name: "f", in: "query", description: "Format, for clients that cannot send an Accept header.", schema: oneOf(nil, "json"),
		read: func(a *arguments, s string) error { return readFormat(a, s, "json") },
	}
	landingFormatParameter = &parameter{
		name: "f", in: "query", description: "Format, for clients that cannot send an Accept header.", schema: oneOf(nil, "json", "html"),
		read: func(a *arguments, s string) error { return readFormat(a, s, "json", "html") },
	}
	tokenParameter = &parameter{
		name: "token", in: "query", schema: text(),
		description: "A bearer token, for clients that cannot send an Authorization header. Addresses end up in logs: prefer the header.",
	}
	idParameter = &parameter{
		name: "id", in: "path", required: true, description: "Identifier of the feature.",
		schema: openapi3.NewUUIDSchema(),
		read: func(a *arguments, s string) (err error) {
			if a.id, err = uuid.Parse(s); err != nil || len(s) != 36 {
				return geo.Errorf(geo.CodeNotFound, "", "no feature %s", shorten(s))
			}
			return nil
		},
	}
	// OPTIONS answers for any id: QGIS asks about one that does not exist.
	anyIDParameter = &parameter{
		name: "id", in: "path", required: true, description: "Identifier of a feature; any text will do.", schema: text(),
		read: func(*arguments, string) error { return nil },
	}
	matrixParameter = &parameter{
		name: "tileMatrix", in: "path", required: true, description: "Zoom level.", schema: whole(0, 20, nil),
		read: func(a *arguments, s string) error { a.matrix = s; return nil },
	}
	rowParameter = &parameter{
		name: "tileRow", in: "path", required: true, description: "Row, from the north.", schema: whole(0, 1<<20-1, nil),
		read: func(a *arguments, s string) error { a.row = s; return nil },
	}
	colParameter = &parameter{
		name: "tileCol", in: "path", required: true, description: "Column, from the west.", schema: whole(0, 1<<20-1, nil),
		read: func(a *arguments, s string) (err error) {
			a.col = s
			a.tile, err = parseTilePath(a.matrix, a.row, a.col)
			return err
		},
	}
	areaParameter = &parameter{
		name: "area", in: "query", schema: text(),
		description: "P-codes or ids of named areas (ZMPP-admin, ZMPP-urban, lower-artibonite), or HT for the country, separated by commas. Without it: every area of the level.",
		read: func(a *arguments, s string) (err error) {
			a.areasText = s
			a.areas, err = parseAreas(s)
			return err
		},
	}
	levelParameter = &parameter{
		name: "level", in: "query", description: "Level of the areas.", schema: oneOf(nil, coverage.Levels()...),
		read: func(a *arguments, s string) error {
			return readWord(&a.level, s, coverage.Levels())
		},
	}
	// The header comes after the parameter in the list and so wins over it: a
	// browser that reconnects repeats the address but sends a newer header.
	lastEventParameter = &parameter{
		name: "last-event-id", in: "query", description: "Revision from which to resume, for a first connection.", schema: openapi3.NewInt64Schema().WithMin(0),
		read: readEventID,
	}
	lastEventHeader = &parameter{
		name: "Last-Event-ID", in: "header", description: "Revision from which to resume; browsers send it by themselves.", schema: openapi3.NewInt64Schema().WithMin(0),
		read: readEventID,
	}
	onceHeader = &parameter{
		name: "Idempotency-Key", in: "header", schema: text().WithMinLength(1).WithMaxLength(128),
		description: "A key of the client's own. The same request with the same key is carried out once and answered alike.",
		read:        func(a *arguments, s string) (err error) { a.onceKey, err = parseIdempotencyKey(s); return err },
	}
	contentCRSHeader = &parameter{
		name: "Content-Crs", in: "header", description: "Coordinate reference system of the body; only CRS84.", schema: text(),
		read: func(_ *arguments, s string) error { return parseCRS(s) },
	}
	ifMatchHeader = &parameter{
		name: "If-Match", in: "header", description: "Entity tags of the feature; the change is refused with 412 when it has none of them.", schema: text(),
	}
	ifNoneMatchHeader = &parameter{
		name: "If-None-Match", in: "header", description: "Entity tags that the client has; answered by 304 when one still holds.", schema: text(),
	}
	csrfHeader = &parameter{
		name: "X-CSRF-Token", in: "header", description: "Needed with a session cookie: csrf of GET /v1/session.", schema: text(),
	}
	tokenIDParameter = &parameter{
		name: "id", in: "path", required: true, description: "Identifier of the token.", schema: openapi3.NewUUIDSchema(), read: idParameter.read,
	}
)

func readEventID(a *arguments, s string) (err error) {
	a.since, err = parseEventID(s)
	a.hasSince = err == nil
	return err
}

func readFormat(a *arguments, s string, allowed ...string) error {
	if !slices.Contains(allowed, s) {
		return invalid("%q is none of %s", shorten(s), strings.Join(allowed, ", "))
	}
	a.format = s
	return nil
}
