package api

import (
	"context"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"

	"pasaj/geo"
	"pasaj/geo/exclusion"
	"pasaj/geo/passage"
)

// exclusionsKept is how many cut layers stay in memory.
const exclusionsKept = 32

// Route engines that the hazards of a moment are written for.
const (
	engineOpenRouteService = "openrouteservice"
	engineValhalla         = "valhalla"
	engineBRouter          = "brouter"
	engineOSRM             = "osrm"
)

var routeEngines = []string{engineOpenRouteService, engineValhalla, engineBRouter, engineOSRM}

// exclusionNotice goes with every layer for another engine.
var exclusionNotice = geo.Text{
	French:  "Interdictions brutes, sans conditions de passage, tirées de rapports datés et approximatifs. Ce qui est dans left n’a pas été transmis. Ce qui n’est pas rapporté n’est pas connu.",
	Haitian: "Se entèdiksyon sèlman, san kondisyon pasaj, ki soti nan rapò ki gen dat epi ki pa egzak. Sa ki nan left pa ladan l. Sa yo pa rapòte, nou pa konnen l.",
	English: "Bare prohibitions without terms of passage, from dated and approximate reports. What is in left was not told. What is not reported is not known.",
}

// exclusions is what every layer for another engine says beside.
type exclusions struct {
	Engine   string           `json:"engine"`
	Revision geo.Revision     `json:"revision"`
	Audience string           `json:"audience"`
	DateTime time.Time        `json:"datetime"`
	Vehicle  string           `json:"vehicle"`
	Profile  string           `json:"profile"`
	Untold   []exclusion.Left `json:"left"`
	Notice   geo.Text         `json:"notice"`
}

type openRouteServiceExclusions struct {
	AvoidPolygons passage.Area `json:"avoid_polygons"`
	exclusions
}

type valhallaExclusions struct {
	exclusion.ValhallaExclusion
	exclusions
}

type brouterExclusions struct {
	exclusion.BRouterExclusion
	exclusions
}

// exclude writes the hazards of a moment for another route engine, cut to the
// limits that the engine has.
func (s *Server) exclude(c *call) error {
	if err := c.reads(wayLayers...); err != nil {
		return err
	}
	if c.args.engine == "" {
		return badParameter("engine", invalid("it is needed: one of %s", strings.Join(routeEngines, ", ")))
	}
	media := mediaJSON
	if c.args.engine == engineOSRM {
		media = mediaCSV
	}
	if negotiate(strings.Join(c.echo.Request().Header["Accept"], ","), media) == "" {
		return geo.Errorf(geo.CodeNotAcceptable, "", "for %s this is served as %s", c.args.engine, media)
	}
	w, r, fixed, err := c.caller()
	if err != nil {
		return err
	}
	body, err := s.exclusions.get(c.context(), keyOf(w, &r)+"/"+c.args.engine, func(ctx context.Context) ([]byte, error) {
		ctx, done, err := s.asking(ctx, true)
		if err != nil {
			return nil, err
		}
		defer done()
		hazards, closed, err := s.options.Engine.Hazards(ctx, w, passage.HazardRequest{Request: r})
		if err != nil {
			return nil, late(ctx, err)
		}
		return encodeExclusions(exclusions{
			Engine: c.args.engine, Revision: w.Revision(), Audience: w.Audience().String(), DateTime: r.At.UTC(),
			Vehicle: r.Vehicle, Profile: r.Profile, Untold: []exclusion.Left{}, Notice: exclusionNotice,
		}, hazards, closed)
	})
	if err != nil {
		return err
	}
	if c.unchanged(hashTag(body), fixed) {
		return nil
	}
	if media == mediaCSV {
		media += "; charset=utf-8"
	}
	return c.reply(http.StatusOK, media, body)
}

func encodeExclusions(about exclusions, hazards []exclusion.Hazard, closed [][2]int64) ([]byte, error) {
	switch about.Engine {
	case engineOpenRouteService:
		area, err := exclusion.OpenRouteService(hazards, exclusion.DefaultOpenRouteService)
		if err != nil {
			return nil, err
		}
		return marshal(openRouteServiceExclusions{passage.Area(area), about})
	case engineValhalla:
		body, err := exclusion.Valhalla(hazards, exclusion.DefaultValhalla)
		if err != nil {
			return nil, err
		}
		about.Untold = append(about.Untold, body.Left...)
		return marshal(valhallaExclusions{body, about})
	case engineBRouter:
		body, err := exclusion.BRouter(hazards)
		if err != nil {
			return nil, err
		}
		return marshal(brouterExclusions{body, about})
	default:
		return exclusion.OSRM(closed), nil
	}
}

func (s *Server) exclusionsOperation() *operation {
	layer := good("The layer.", reference("exclusions"), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")
	layer.byMedia = map[string]*openapi3.SchemaRef{mediaCSV: plainText()}
	return &operation{
		method: http.MethodGet, path: "/v1/exclusions", id: "getExclusions", tag: tagAnswers, live: true, discreet: true,
		summary:     "What cannot be passed, in the form of another route engine",
		description: "openrouteservice: avoid_polygons of options. valhalla: exclude_locations and exclude_polygons. brouter: nogos and polygons. osrm: the CSV of osrm-customize --segment-speed-file. Cut to the limits of the engines' own default configurations, the heaviest first; left lists what an engine is not told of and why, because to it that looks like an open road.",
		media:       []string{mediaJSON, mediaCSV},
		parameters:  []*parameter{engineParameter, vehicleParameter, profileParameter, instantParameter, asofParameter, tokenParameter, ifNoneMatchHeader},
		answers:     append(reading(layer), forbidden, unprocessable),
		handle:      s.exclude,
	}
}

var engineParameter = &parameter{
	name: "engine", in: "query", required: true, description: "The engine.", schema: oneOf(nil, routeEngines...),
	read: func(a *arguments, s string) error { return readWord(&a.engine, s, routeEngines) },
}

// describeExclusions adds the schema of the JSON forms.
func describeExclusions(into openapi3.Schemas, d *describer) {
	about := func(own any) *openapi3.Schema { return d.structure(reflect.TypeOf(own)).Value }
	either := openapi3.NewAnyOfSchema(about(openRouteServiceExclusions{}), about(valhallaExclusions{}), about(brouterExclusions{}))
	into["exclusions"] = openapi3.NewSchemaRef("", either)
}
