package api

import (
	"net/http"

	"github.com/getkin/kin-openapi/openapi3"

	"pasaj/geo"
)

// Limits of bodies in bytes; those of features and passages are their own.
const maxFormBytes = 8 << 10

// Tags group operations in the document.
const (
	tagService  = "service"
	tagFeatures = "features"
	tagEditing  = "editing"
	tagTiles    = "tiles"
	tagAnswers  = "answers"
	tagCoverage = "coverage"
	tagSession  = "session"
	tagTokens   = "tokens"
	tagOperator = "operator"
)

func reference(name string) *openapi3.SchemaRef {
	return openapi3.NewSchemaRef("#/components/schemas/"+name, nil)
}

func anyObject() *openapi3.SchemaRef {
	return openapi3.NewSchemaRef("", openapi3.NewObjectSchema())
}

func good(text string, schema *openapi3.SchemaRef, headers ...string) answer {
	return answer{status: http.StatusOK, text: text, schema: schema, headers: headers}
}

func refused(status int, text string) answer {
	return answer{status: status, text: text, schema: reference("problem")}
}

var (
	notModifiedAnswer = answer{status: http.StatusNotModified, text: "What the client has still holds."}
	noContentAnswer   = answer{status: http.StatusNoContent, text: "Done; there is nothing to show."}
	badRequest        = refused(http.StatusBadRequest, "A parameter or the body is not of the form asked for.")
	unauthenticated   = refused(http.StatusUnauthorized, "Credentials are missing or worthless.")
	forbidden         = refused(http.StatusForbidden, "Not the caller's to do.")
	notFound          = refused(http.StatusNotFound, "Not there, or not for the caller's audience.")
	notAcceptable     = refused(http.StatusNotAcceptable, "Not served in a format that the client takes.")
	unavailableAnswer = refused(http.StatusServiceUnavailable, "The record is out of reach, or the question was too large for the time there is; see code and Retry-After.")
	unprocessable     = refused(http.StatusUnprocessableEntity, "Well-formed, but not possible.")
	tooLarge          = refused(http.StatusRequestEntityTooLarge, "The body is too large.")
	unsupportedMedia  = refused(http.StatusUnsupportedMediaType, "The body is of another media type.")
)

// table is every operation of the service.
func (s *Server) table() []*operation {
	ops := s.serviceOperations()
	for _, l := range geo.Collections() {
		ops = append(ops, s.collectionOperations(l)...)
		ops = append(ops, s.editingOperations(l)...)
		ops = append(ops, s.tileOperations(l)...)
	}
	ops = append(ops, s.answerOperations()...)
	ops = append(ops, s.wayOperations()...)
	ops = append(ops, s.coverageOperations()...)
	ops = append(ops, s.watchOperations()...)
	ops = append(ops, s.sessionOperations()...)
	return append(ops, s.operatorOperations()...)
}

func (s *Server) serviceOperations() []*operation {
	page := func(path, id, summary string, media []string, handle func(*call) error) *operation {
		return &operation{
			method: http.MethodGet, path: path, id: id, tag: tagService, summary: summary, media: media, public: true,
			parameters: []*parameter{formatParameter, tokenParameter, ifNoneMatchHeader},
			answers:    []answer{good(summary, anyObject(), "ETag"), notModifiedAnswer, badRequest, notAcceptable},
			handle:     handle,
		}
	}
	landing := page("/", "getLandingPage", "Landing page: links for programs, the map for people", []string{mediaJSON, mediaHTML}, s.landing)
	landing.parameters = []*parameter{landingFormatParameter, tokenParameter, ifNoneMatchHeader}
	signIn := page("/signin", "getSignInPage", "The map, opened by a one-time sign-in link", []string{mediaHTML}, s.signInPage)
	landing.page, signIn.page = true, true
	return []*operation{
		landing,
		signIn,
		page("/conformance", "getConformance", "Conformance classes that the service keeps", []string{mediaJSON}, s.conformance),
		page("/openapi.json", "getDefinition", "This document", []string{mediaOpenAPI, mediaJSON}, s.definition),
		page("/tileMatrixSets", "getTileMatrixSets", "Tiling schemes", []string{mediaJSON}, s.matrixSets),
		page("/tileMatrixSets/"+matrixSet, "getTileMatrixSet", "The tiling scheme of all tiles", []string{mediaJSON}, s.matrixSet),
		{
			method: http.MethodGet, path: "/collections", id: "getCollections", tag: tagFeatures, live: true,
			summary: "Collections that the caller's audience may hold", media: []string{mediaJSON},
			parameters: []*parameter{asofParameter, formatParameter, tokenParameter, ifNoneMatchHeader},
			answers:    reading(good("The collections.", anyObject(), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")),
			handle:     s.collections,
		},
	}
}

// reading are the answers of a read.
func reading(first answer) []answer {
	return []answer{first, notModifiedAnswer, badRequest, unauthenticated, notFound, notAcceptable, unavailableAnswer}
}

func (s *Server) collectionOperations(l *geo.Layer) []*operation {
	address := "/collections/" + l.Name
	read := func(path, id, summary string, media []string, schema *openapi3.SchemaRef, handle func(*call) error, parameters ...*parameter) *operation {
		return &operation{
			method: http.MethodGet, path: address + path, id: id + "." + l.Name, tag: tagFeatures, layer: l, live: true,
			summary: l.Title.English + ": " + summary, media: media,
			parameters: append(parameters, formatParameter, tokenParameter, ifNoneMatchHeader),
			answers:    reading(good(summary, schema, "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")),
			handle:     handle,
		}
	}
	geojson := []string{mediaGeoJSON, mediaJSON}
	items := read("/items", "getFeatures", "a page of features", geojson, reference(l.Name+"-collection"), s.items,
		limitParameter, bboxParameter, datetimeParameter, asofParameter, cursorParameter, offsetParameter, crsParameter, bboxCRSParameter)
	items.description = "Pages are linked by next, which names the revision of the first page: a walk through them sees one state of the record. numberMatched is exact. Equal questions of one revision get equal bytes."
	feature := read("/items/{id}", "getFeature", "one feature", geojson, reference(l.Name), s.feature,
		idParameter, datetimeParameter, asofParameter, crsParameter)
	feature.description = "Its entity tag is the revision that made the state known; If-Match compares with it."
	history := read("/items/{id}/history", "getHistory", "every version of a feature", []string{mediaJSON}, anyObject(), s.history, idParameter)
	history.description = "Versions that were superseded are among them; known_from and known_to say when each was held true."
	return []*operation{
		read("", "getCollection", "description of the collection", []string{mediaJSON}, anyObject(), s.collection, asofParameter),
		read("/schema", "getSchema", "JSON Schema of a feature", []string{mediaSchema, mediaJSON}, anyObject(), s.schema),
		read("/queryables", "getQueryables", "what features can be selected by", []string{mediaSchema, mediaJSON}, anyObject(), s.queryables),
		items, feature, history,
		s.optionsOperation(l, "/items", "optionsFeatures", s.itemsOptions),
		s.optionsOperation(l, "/items/{id}", "optionsFeature", s.itemOptions, anyIDParameter),
	}
}

func (s *Server) optionsOperation(l *geo.Layer, path, id string, handle func(*call) error, parameters ...*parameter) *operation {
	return &operation{
		method: http.MethodOptions, path: "/collections/" + l.Name + path, id: id + "." + l.Name, tag: tagEditing, layer: l,
		summary:    l.Title.English + ": methods that the caller may use",
		parameters: append(parameters, formatParameter, tokenParameter),
		answers:    []answer{good("Named by the Allow header.", nil, "Allow"), badRequest, unauthenticated, notFound},
		handle:     handle,
	}
}

func (s *Server) editingOperations(l *geo.Layer) []*operation {
	edit := func(method, path, id, summary string, handle func(*call) error, answers []answer, parameters ...*parameter) *operation {
		return &operation{
			method: method, path: "/collections/" + l.Name + path, id: id + "." + l.Name, tag: tagEditing, layer: l, live: true,
			summary: l.Title.English + ": " + summary, access: writer, media: nil,
			parameters: append(parameters, onceHeader, csrfHeader, formatParameter, tokenParameter),
			answers: append(answers, badRequest, unauthenticated, forbidden, notFound,
				refused(http.StatusConflict, "The feature exists, or the key was used for another request."), unavailableAnswer),
			handle: handle,
		}
	}
	carrying := func(op *operation, media ...string) *operation {
		op.body = &body{media: media, limit: geo.MaxFeatureBytes, schema: reference(l.Name), needed: true}
		op.parameters = append(op.parameters, contentCRSHeader)
		op.answers = append(op.answers, tooLarge, unsupportedMedia, unprocessable)
		return op
	}
	stale := refused(http.StatusPreconditionFailed, "The feature has none of the entity tags of If-Match.")
	changed := []answer{good("The feature as it is now.", reference(l.Name), "ETag", "Pasaj-Revision"), noContentAnswer, stale}
	create := carrying(edit(http.MethodPost, "/items", "createFeature", "create a feature", s.create,
		[]answer{{status: http.StatusCreated, text: "Created; Location is its address.", schema: reference(l.Name), headers: []string{"Location", "ETag", "Pasaj-Revision"}}}),
		mediaGeoJSON, mediaJSON)
	create.description = "The service gives the id. Without valid_from the feature holds from now on. Missing and null properties take their defaults; read-only ones are ignored."
	replace := carrying(edit(http.MethodPut, "/items/{id}", "replaceFeature", "replace a feature", s.replace, changed, idParameter, ifMatchHeader), mediaGeoJSON, mediaJSON)
	replace.description = "With valid_from the record is corrected from that moment; without it the change holds from now on and what held before stays as history. Date-times without a zone are read as UTC."
	patch := carrying(edit(http.MethodPatch, "/items/{id}", "patchFeature", "change parts of a feature", s.patch, changed, idParameter, ifMatchHeader), mediaPatch, mediaGeoJSON, mediaJSON)
	patch.description = "RFC 7396: what is named changes, null clears, the rest stays. valid_from works as in a replacement."
	remove := edit(http.MethodDelete, "/items/{id}", "deleteFeature", "withdraw a feature", s.remove, []answer{noContentAnswer, stale}, idParameter, ifMatchHeader)
	remove.description = "Withdraws the feature from knowledge: it was never so, or must not be shown. That something has ended is a change of its state. Earlier revisions keep the feature."
	return []*operation{create, replace, patch, remove}
}

func (s *Server) tileOperations(l *geo.Layer) []*operation {
	read := func(path, id, summary string, media []string, handle func(*call) error, parameters ...*parameter) *operation {
		return &operation{
			method: http.MethodGet, path: "/collections/" + l.Name + "/tiles" + path, id: id + "." + l.Name, tag: tagTiles, layer: l, live: true,
			summary: l.Title.English + ": " + summary, media: media,
			parameters: append(parameters, formatParameter, tokenParameter, ifNoneMatchHeader),
			answers:    reading(good(summary, anyObject(), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")),
			handle:     handle,
		}
	}
	tile := read("/"+matrixSet+"/{tileMatrix}/{tileRow}/{tileCol}", "getTile", "a vector tile", []string{mediaTile}, s.tile,
		matrixParameter, rowParameter, colParameter, datetimeParameter, asofParameter)
	tile.parameters = without(tile.parameters, formatParameter)
	tile.parameters = append(tile.parameters, &parameter{
		name: "f", in: "query", description: "Format, for clients that cannot send an Accept header.", schema: oneOf(nil, "mvt"),
		read: func(a *arguments, value string) error {
			if err := readFormat(a, value, "mvt"); err != nil {
				return err
			}
			a.format = "json" // the preferred media type
			return nil
		},
	})
	tile.answers[0].schema = openapi3.NewSchemaRef("", openapi3.NewStringSchema().WithFormat("binary"))
	tile.answers = append(tile.answers, answer{status: http.StatusNoContent, text: "Nothing lies in the tile."})
	tile.description = "Mapbox Vector Tile, version 2, one layer named after the collection. Attributes: id, the short properties, vf, vt and exp (start and end of validity, staleness; minutes since 1970)."
	return []*operation{
		read("", "getTilesets", "sets of tiles", []string{mediaJSON}, s.tilesets),
		read("/"+matrixSet, "getTileset", "the set of tiles", []string{mediaJSON}, s.tileset),
		tile,
	}
}

func without(list []*parameter, one *parameter) []*parameter {
	var out []*parameter
	for _, p := range list {
		if p != one {
			out = append(out, p)
		}
	}
	return out
}

func (s *Server) answerOperations() []*operation {
	return []*operation{
		{
			method: http.MethodGet, path: "/v1/changes", id: "getChanges", tag: tagAnswers, live: true,
			summary: "Stream of changes, one event for each revision", media: []string{mediaStream},
			description: "Server-sent events: \"revision\" with what changed for the caller's audience, also when that is nothing; \"resync\" where the client must load everything again. A stream resumes from Last-Event-ID without gap or repeat. Who signed in also gets \"watch\" when the verdict of a watch of their own changes; it has no id and is not sent again: GET /v1/watches after connecting.",
			parameters:  []*parameter{lastEventParameter, lastEventHeader, tokenParameter},
			answers: []answer{
				good("The stream.", openapi3.NewSchemaRef("", openapi3.NewStringSchema()), "Pasaj-Revision", "Pasaj-Audience"),
				badRequest, unauthenticated, notAcceptable, unavailableAnswer,
			},
			handle: s.changes,
		},
		s.roadsOperation(),
		{
			method: http.MethodGet, path: "/v1/groups", id: "getGroups", tag: tagAnswers, live: true,
			summary: "Armed groups and the coalitions they belonged to", media: []string{mediaJSON},
			parameters: []*parameter{asofParameter, formatParameter, tokenParameter, ifNoneMatchHeader},
			answers:    append(reading(good("The groups.", anyObject(), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")), forbidden),
			handle:     s.groups,
		},
		{
			method: http.MethodGet, path: "/v1/status", id: "getStatus", tag: tagService,
			summary: "What the service knows, and how old that is", media: []string{mediaJSON},
			parameters: []*parameter{formatParameter, tokenParameter},
			answers: []answer{
				good("The status.", anyObject(), "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S"),
				badRequest, unauthenticated, notAcceptable, unavailableAnswer,
			},
			handle: s.status,
		},
	}
}

func (s *Server) sessionOperations() []*operation {
	session := good("Who the caller is.", reference("session"))
	token := &body{media: []string{mediaJSON}, limit: maxFormBytes, schema: reference("token-request"), needed: true}
	administering := func(op *operation) *operation {
		op.tag, op.access, op.media = tagTokens, administrator, []string{mediaJSON}
		op.parameters = append(op.parameters, formatParameter, tokenParameter)
		op.answers = append(op.answers, badRequest, unauthenticated, forbidden, notAcceptable, unavailableAnswer)
		return op
	}
	return []*operation{
		{
			method: http.MethodGet, path: "/v1/session", id: "getSession", tag: tagSession, session: true,
			summary: "Who the caller is", media: []string{mediaJSON},
			parameters: []*parameter{formatParameter, tokenParameter},
			answers:    []answer{session, badRequest, unauthenticated, notAcceptable, unavailableAnswer}, handle: s.session,
		},
		{
			method: http.MethodPost, path: "/v1/session", id: "signIn", tag: tagSession, session: true,
			summary: "Sign in by name and password, or by a one-time link", media: []string{mediaJSON},
			parameters: []*parameter{formatParameter},
			body:       &body{media: []string{mediaJSON}, limit: maxFormBytes, schema: reference("credentials"), needed: true},
			answers: []answer{
				session, badRequest, unauthenticated, forbidden, notAcceptable, tooLarge, unsupportedMedia,
				refused(http.StatusTooManyRequests, "Tried too often; see Retry-After."), unavailableAnswer,
			},
			handle: s.signIn,
		},
		{
			method: http.MethodDelete, path: "/v1/session", id: "signOut", tag: tagSession, session: true,
			summary: "Sign out", parameters: []*parameter{csrfHeader, formatParameter},
			answers: []answer{noContentAnswer, badRequest, unauthenticated, forbidden, unavailableAnswer}, handle: s.signOut,
		},
		administering(&operation{
			method: http.MethodGet, path: "/v1/tokens", id: "getTokens", summary: "Bearer tokens, without their secrets",
			answers: []answer{good("The tokens.", anyObject())}, handle: s.tokens,
		}),
		administering(&operation{
			method: http.MethodPost, path: "/v1/tokens", id: "createToken", summary: "Make a bearer token; its secret is shown once",
			parameters: []*parameter{csrfHeader}, body: token,
			answers: []answer{
				{status: http.StatusCreated, text: "The token with its secret.", schema: anyObject(), headers: []string{"Location"}}, tooLarge, unsupportedMedia,
			},
			handle: s.createToken,
		}),
		administering(&operation{
			method: http.MethodDelete, path: "/v1/tokens/{id}", id: "revokeToken", summary: "Make a token worthless at once",
			parameters: []*parameter{tokenIDParameter, csrfHeader},
			answers:    []answer{noContentAnswer, notFound}, handle: s.revokeToken,
		}),
	}
}

func (s *Server) operatorOperations() []*operation {
	return []*operation{
		{
			method: http.MethodGet, path: "/healthz", id: "getHealth", tag: tagOperator, public: true,
			summary: "Whether the process answers", media: []string{mediaJSON}, answers: []answer{good("It does.", anyObject())}, handle: s.alive,
		},
		{
			method: http.MethodGet, path: "/readyz", id: "getReadiness", tag: tagOperator, public: true,
			summary: "Whether answers can be given", media: []string{mediaJSON}, handle: s.isReady,
			description: "200 with status \"degraded\" while the record is out of reach: reads go on from memory.",
			answers:     []answer{good("They can.", anyObject()), refused(http.StatusServiceUnavailable, "The worlds are not loaded yet.")},
		},
		{
			method: http.MethodGet, path: "/metrics", id: "getMetrics", tag: tagOperator, access: operator,
			summary: "Figures for Prometheus, for this machine and administrators", media: []string{mediaText},
			parameters: []*parameter{tokenParameter}, handle: s.serveMetrics,
			answers: []answer{good("The figures.", openapi3.NewSchemaRef("", openapi3.NewStringSchema())), unauthenticated, forbidden},
		},
	}
}
