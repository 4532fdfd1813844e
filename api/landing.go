package api

import (
	"net/http"

	"pasaj/geo"
)

// Relations of links that OGC standards name by URI.
const (
	relTilesets  = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"
	relQueryable = "http://www.opengis.net/def/rel/ogc/1.0/queryables"
	relScheme    = "http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme"
)

// conformance lists the classes of the standards that are kept. A class is
// added when all of it is; none is declared ahead.
var conformance = []string{
	"http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
	"http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
	"http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
	"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/create-replace-delete",
	"http://www.opengis.net/spec/ogcapi-features-4/1.0/conf/update",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
	"http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
}

// landing is the map for people and the list of links for programs.
func (s *Server) landing(c *call) error {
	if c.media == mediaHTML {
		return s.sendIndex(c.echo)
	}
	base := s.base(c.echo.Request())
	return c.document(mediaJSON, map[string]any{
		"title":       "Pasaj",
		"description": "Who holds the ground, and whether one can get through: Haiti, from graded reports, at any moment. " + s.options.Notice.English,
		"links": []link{
			{Href: base + "/", Rel: "self", Type: mediaJSON, Title: "This document"},
			{Href: base + "/", Rel: "alternate", Type: mediaHTML, Title: "The map"},
			{Href: base + "/openapi.json", Rel: "service-desc", Type: mediaOpenAPI, Title: "Definition of the API"},
			{Href: base + "/conformance", Rel: "conformance", Type: mediaJSON, Title: "Conformance classes"},
			{Href: base + "/collections", Rel: "data", Type: mediaJSON, Title: "Collections"},
			{Href: base + "/v1/changes", Rel: "monitor", Type: mediaStream, Title: "Stream of changes"},
		},
	})
}

func (s *Server) conformance(c *call) error {
	return c.document(mediaJSON, map[string]any{"conformsTo": conformance})
}

// definition is the OpenAPI document; it names no server, so that it is the
// same under every address.
func (s *Server) definition(c *call) error {
	return c.documentBytes(c.media, s.openapi, false)
}

// status says what the service knows and how old that is.
func (s *Server) status(c *call) error {
	live := s.options.Live
	age, _ := s.age()
	var knownAt any
	if t := live.KnownAt(); !t.IsZero() {
		knownAt = geo.FormatInstant(t)
	}
	return c.private(http.StatusOK, map[string]any{
		"revision": c.world.Revision(), "audience": c.audience().String(), "known_at": knownAt,
		"connected": live.Connected(), "age_s": age, "notice": s.options.Notice,
		"version": s.options.Version, "client_built": s.client.built(),
	})
}
