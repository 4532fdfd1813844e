package api

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// Modes of reach from facilities.
const (
	modeNetwork = "network" // on the roads
	modeRing    = "ring"    // as the crow flies
)

// reachesKept is how many answers on reach from facilities stay in memory.
const reachesKept = 32

// facilityReach is what is reached from the facilities of some kinds that
// function, as GeoJSON.
type facilityReach struct {
	Type     string           `json:"type"` // FeatureCollection
	Revision geo.Revision     `json:"revision"`
	Audience string           `json:"audience"`
	DateTime time.Time        `json:"datetime"`
	From     []string         `json:"from"`
	Mode     string           `json:"mode"`
	Vehicle  *string          `json:"vehicle"`    // null in a straight line, like the next three
	Profile  *string          `json:"profile"`    //
	Network  *passage.Network `json:"network"`    //
	Stops    *string          `json:"hard_stops"` // removed, or withheld where the audience may not know them
	Starts   reachStarts      `json:"starts"`
	Notice   geo.Text         `json:"notice"`
	Features []reachedArea    `json:"features"`
}

// reachStarts counts the facilities of the kinds asked for.
type reachStarts struct {
	Facilities    int `json:"facilities"`     // in the record at the instant
	Functional    int `json:"functional"`     // fully or partly: the starts
	Partial       int `json:"partial"`        // of those
	Stale         int `json:"stale"`          // of those, last confirmed longer ago than such a report holds
	NotFunctional int `json:"not_functional"` // left out
	Unknown       int `json:"unknown"`        // left out
	OffNetwork    int `json:"off_network"`    // of those that function, with no road near
}

type reachedArea struct {
	Type       string            `json:"type"` // Feature
	Geometry   passage.Area      `json:"geometry"`
	Properties reachedProperties `json:"properties"`
}

type reachedProperties struct {
	Mode        string    `json:"mode"`
	Minutes     *float64  `json:"minutes"`  // null in a straight line
	RadiusM     *float64  `json:"radius_m"` // null on the network
	AreaKm2     float64   `json:"area_km2"` // of the whole outline, the sea in it too
	RoadKm      *float64  `json:"road_km"`  // null in a straight line
	DrawnM      float64   `json:"drawn_m"`
	Complete    bool      `json:"complete"`
	Population  *float64  `json:"population"` // null where nobody can say, see population_reason
	Share       *float64  `json:"population_share"`
	Whole       *float64  `json:"population_whole"` // what share is a share of
	Denominator *geo.Text `json:"population_denominator"`
	Source      *string   `json:"population_source"`
	Note        *geo.Text `json:"population_note"`
	Reason      *geo.Text `json:"population_reason"`
}

var (
	ringNotice = geo.Text{
		French:  "À vol d’oiseau : ni routes, ni relief, ni barrages ne sont pris en compte. Une distance n’est pas un temps de trajet.",
		Haitian: "An liy dwat: ni wout, ni mòn, ni baraj pa konte. Yon distans se pa yon tan pou rive.",
		English: "In a straight line: neither roads nor ground nor roadblocks are taken into account. A distance is no time of travel.",
	}
	stopsRemoved, stopsWithheld = "removed", "withheld"
)

var nobodyCounted = geo.Text{
	French:  "Aucune population n’est enregistrée.",
	Haitian: "Pa gen okenn popilasyon ki anrejistre.",
	English: "No population is on record.",
}

// facilityKind is the facilities of a layer, or those of one type in it.
type facilityKind struct {
	layer *geo.Layer
	kind  string // "" for all
}

func (k facilityKind) String() string {
	if k.kind == "" {
		return k.layer.Name
	}
	return k.layer.Name + ":" + k.kind
}

// Layers of facilities, and those of which all types can be asked for at once.
var (
	facilityLayers = []string{"facilities", "police-facilities", "ports", "airports"}
	ofOneTrade     = []string{"police-facilities", "ports", "airports"}
)

// maxKinds bounds the kinds that one question names.
const maxKinds = 16

// parseKinds reads a comma-separated list of kinds of facilities: police, ports,
// airports, a layer and a type, or facilities and a type of any layer. Kinds come
// in order, each once.
func parseKinds(s string) ([]facilityKind, error) {
	parts := strings.Split(s, ",")
	if len(parts) > maxKinds {
		return nil, invalid("%d kinds: at most %d", len(parts), maxKinds)
	}
	var out []facilityKind
	for _, part := range parts {
		kinds := kindsOf(part)
		if len(kinds) == 0 {
			return nil, invalid("%q is no kind of facility: police, ports, airports, or a collection and a facility_type such as facilities:hospital", shorten(part))
		}
		out = append(out, kinds...)
	}
	slices.SortFunc(out, func(a, b facilityKind) int { return strings.Compare(a.String(), b.String()) })
	return slices.Compact(out), nil
}

func kindsOf(part string) []facilityKind {
	name, kind, typed := strings.Cut(part, ":")
	if !typed {
		if name == "police" {
			name = "police-facilities"
		}
		if l, ok := geo.LayerByName(name); ok && slices.Contains(ofOneTrade, name) {
			return []facilityKind{{l, ""}}
		}
		return nil
	}
	layers := []string{name}
	switch {
	case name == "facilities" && kind == "police":
		return kindsOf(kind)
	case name == "facilities": // a type of any layer
		layers = facilityLayers
	case !slices.Contains(facilityLayers, name):
		return nil
	}
	var out []facilityKind
	for _, name := range layers {
		l, ok := geo.LayerByName(name)
		if !ok {
			continue
		}
		if p, ok := l.Property("facility_type"); ok && slices.Contains(valuesOf(p.Words), kind) {
			out = append(out, facilityKind{l, kind})
		}
	}
	return out
}

// parseMinutes reads a comma-separated list of limits.
func parseMinutes(s string) ([]float64, error) {
	parts := strings.Split(s, ",")
	if len(parts) > passage.MaxReachLimits {
		return nil, invalid("%d numbers of minutes: at most %d", len(parts), passage.MaxReachLimits)
	}
	out := make([]float64, len(parts))
	for i, part := range parts {
		m, err := strconv.ParseFloat(part, 64)
		if err != nil || !(m >= 1 && m <= passage.MaxReachMin) {
			return nil, invalid("%q is not a number of minutes from 1 to %d", shorten(part), passage.MaxReachMin)
		}
		if i > 0 && m <= out[i-1] {
			return nil, invalid("minutes are in ascending order")
		}
		out[i] = m
	}
	return out, nil
}

// The parameters of reach from facilities.
var (
	facilitiesParameter = &parameter{
		name: "from", in: "query", schema: text(),
		description: "Kinds of facilities, separated by commas: police, ports, airports, facilities:TYPE with any facility_type of the catalogue (facilities:hospital, facilities:police), or COLLECTION:TYPE (police-facilities:police_commissariat).",
		read:        func(a *arguments, s string) (err error) { a.kinds, err = parseKinds(s); return err },
	}
	minutesParameter = &parameter{
		name: "minutes", in: "query", schema: openapi3.NewArraySchema().WithItems(openapi3.NewFloat64Schema().WithMin(1).WithMax(passage.MaxReachMin)).WithMinItems(1).WithMaxItems(passage.MaxReachLimits),
		description: "Limits of time, ascending; one area for each. Needed on the network.",
		read:        func(a *arguments, s string) (err error) { a.minutes, err = parseMinutes(s); return err },
	}
	modeParameter = &parameter{
		name: "mode", in: "query", description: "network: on the fastest ways of the vehicle. ring: in a straight line, radius_m from each facility; only where it is asked for.",
		schema: oneOf(modeNetwork, modeNetwork, modeRing),
		read:   func(a *arguments, s string) error { return readWord(&a.mode, s, []string{modeNetwork, modeRing}) },
	}
	radiusParameter = &parameter{
		name: "radius_m", in: "query", description: "Radius in metres. Needed with mode=ring.",
		schema: openapi3.NewFloat64Schema().WithMin(passage.MinRingM).WithMax(passage.MaxRingM),
		read: func(a *arguments, s string) error {
			r, err := strconv.ParseFloat(s, 64)
			if err != nil || !(r >= passage.MinRingM && r <= passage.MaxRingM) {
				return invalid("%q is not a number of metres from %d to %d", shorten(s), passage.MinRingM, passage.MaxRingM)
			}
			a.radiusM = r
			return nil
		},
	}
)

func (s *Server) facilityReachOperation() *operation {
	return &operation{
		method: http.MethodGet, path: "/v1/reach", id: "getReach", tag: tagAnswers, live: true, discreet: true,
		summary: "How far one gets from facilities that function, and how many people live there",
		description: "One MultiPolygon for each number of minutes, with holes where nothing is reached: the ground drawn_m round the roads that a vehicle reaches from any of the facilities, with what it cannot pass closed. starts says how many facilities function and how many were left out because they do not, or because nobody knows; where none is known to function and of some nobody knows, there is no answer. " +
			"population_share is a share of population_denominator. Layers and states that an audience may not know are withheld: the answer is 403 then, never an empty area." + instantsText,
		media: []string{mediaGeoJSON, mediaJSON},
		parameters: []*parameter{
			facilitiesParameter, minutesParameter, vehicleParameter, profileParameter, modeParameter, radiusParameter,
			instantParameter, asofParameter, formatParameter, tokenParameter, ifNoneMatchHeader,
		},
		answers: append(reading(good("The areas.", reference("facility-reach"), "ETag", "Pasaj-Revision", "Pasaj-Audience", "Pasaj-Age-S")), forbidden, unprocessable),
		handle:  s.facilityReach,
	}
}

// checkReach checks the parameters against each other.
func (a *arguments) checkReach() error {
	needed := func(name, why string) error { return badParameter(name, invalid("%s", why)) }
	switch {
	case a.kinds == nil:
		return needed("from", "it is needed: the kinds of facilities")
	case a.mode == modeRing && a.radiusM == 0:
		return needed("radius_m", "it is needed with mode=ring")
	case a.mode == modeRing && a.minutes != nil:
		return needed("minutes", "a ring has a radius, not a time")
	case a.mode == modeRing && (a.vehicle != "" || a.profile != ""):
		return needed("vehicle", "a ring knows no vehicle and no profile")
	case a.mode != modeRing && a.radiusM != 0:
		return needed("radius_m", "it is for mode=ring")
	case a.mode != modeRing && a.minutes == nil:
		return needed("minutes", "it is needed")
	}
	return nil
}

// facilityReach answers what is reached from the facilities that function.
func (s *Server) facilityReach(c *call) error {
	a := &c.args
	a.mode = orDefault(a.mode, modeNetwork)
	if err := a.checkReach(); err != nil {
		return err
	}
	layers := []string{"admin-areas"}
	if a.mode == modeNetwork {
		layers = append(layers, wayLayers...)
	}
	for _, k := range a.kinds {
		layers = append(layers, k.layer.Name)
	}
	if err := c.reads(layers...); err != nil {
		return err
	}
	w, r, fixed, err := c.caller()
	if err != nil {
		return err
	}
	for _, k := range a.kinds {
		if err := withheld(w, k.layer); err != nil {
			return err
		}
	}
	q := reachQuestion{mode: a.mode, kinds: a.kinds, minutes: a.minutes, radiusM: a.radiusM, request: r}
	body, err := s.reaches.get(c.context(), q.key(w), func(ctx context.Context) ([]byte, error) {
		ctx, done, err := s.asking(ctx, true)
		if err != nil {
			return nil, err
		}
		defer done()
		answer, err := s.reachFrom(ctx, w, q)
		if err != nil {
			return nil, late(ctx, err)
		}
		return marshal(answer)
	})
	if err != nil {
		return err
	}
	return c.documentBytes(c.media, body, fixed)
}

// withheld is the error of asking for facilities that the world's audience may
// not hold, or may not know whether they function.
func withheld(w *world.World, l *geo.Layer) error {
	if !w.Holds(l) {
		return geo.Errorf(geo.CodeForbidden, "", "%s is withheld from the audience %s", l.Name, w.Audience())
	}
	if p, ok := l.Property("functional"); !ok || !p.Audiences.Has(w.Audience()) {
		return geo.Errorf(geo.CodeForbidden, "", "which %s function is withheld from the audience %s", l.Name, w.Audience())
	}
	return nil
}

// reachQuestion is a question about reach from facilities.
type reachQuestion struct {
	mode    string
	kinds   []facilityKind
	minutes []float64
	radiusM float64
	request passage.Request // vehicle, profile and instants
}

func (q *reachQuestion) key(w *world.World) string {
	return fmt.Sprintf("%s/%s/%v/%v/%g", keyOf(w, &q.request), q.mode, q.kinds, q.minutes, q.radiusM)
}

func (s *Server) reachFrom(ctx context.Context, w *world.World, q reachQuestion) (*facilityReach, error) {
	places, starts, err := q.starts(w)
	if err != nil {
		return nil, err
	}
	out := &facilityReach{
		Type: "FeatureCollection", Revision: w.Revision(), Audience: w.Audience().String(), DateTime: q.request.At.UTC(),
		Mode: q.mode, Notice: ringNotice, Starts: starts, Features: []reachedArea{},
	}
	for _, k := range q.kinds {
		out.From = append(out.From, k.String())
	}
	if q.mode == modeRing {
		area, drawnM, err := passage.Ring(ctx, places, q.radiusM)
		if err != nil {
			return nil, err
		}
		properties := reachedProperties{Mode: q.mode, RadiusM: &q.radiusM, DrawnM: drawnM, Complete: true}
		return out, s.describeArea(ctx, w, &q, out, area, properties)
	}
	cover, err := s.options.Engine.Cover(ctx, w, passage.CoverRequest{Request: q.request, Starts: places, Minutes: q.minutes, Areas: true})
	if err != nil {
		return nil, err
	}
	out.Starts.OffNetwork = len(cover.OffNetwork)
	if len(places) > 0 && len(cover.OffNetwork) == len(places) {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "none of the %d facilities that function has a road of the network near", len(places))
	}
	out.Vehicle, out.Profile, out.Network, out.Notice = &cover.Vehicle, &cover.Profile, cover.Network, cover.Notice
	out.Stops = &stopsRemoved
	if blocks, ok := geo.LayerByName("roadblocks"); !ok || !w.Holds(blocks) {
		out.Stops = &stopsWithheld
	}
	for i := range cover.Reached {
		r := &cover.Reached[i]
		properties := reachedProperties{Mode: q.mode, Minutes: &r.Minutes, RoadKm: &r.RoadKm, DrawnM: r.DrawnM, Complete: r.Complete}
		if err := s.describeArea(ctx, w, &q, out, r.Area, properties); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// describeArea adds an area with its size and its people.
func (s *Server) describeArea(ctx context.Context, w *world.World, q *reachQuestion, out *facilityReach, area orb.MultiPolygon, p reachedProperties) error {
	people, known, err := s.options.Coverage.PeopleIn(ctx, w, q.request.At, area)
	if err != nil {
		return err
	}
	p.AreaKm2 = math.Round(measure.AreaM2(area)/1e4) / 100
	if known {
		share := math.Round(people.Inside/people.Whole.Amount*1e4) / 1e4
		p.Population, p.Whole, p.Share = &people.Inside, &people.Whole.Amount, &share
		p.Denominator, p.Source, p.Note = &people.Whole.Name, &people.Whole.Source, &people.Note
	} else {
		p.Reason = &nobodyCounted
	}
	out.Features = append(out.Features, reachedArea{Type: "Feature", Geometry: passage.Area(area), Properties: p})
	return nil
}

// starts are the places of the facilities that function at the instant, in the
// order of the kinds and of their ids.
func (q *reachQuestion) starts(w *world.World) (places []orb.Point, n reachStarts, err error) {
	for _, k := range q.kinds {
		w.Layer(k.layer).Each(geo.At(q.request.At), func(v *geo.Version) bool {
			p, ok := v.Geometry.(orb.Point)
			review := v.Text("review_state")
			if !ok || k.kind != "" && v.Text("facility_type") != k.kind || review != "" && review != "approved" {
				return true
			}
			n.Facilities++
			switch v.Text("functional") {
			case "partial":
				n.Partial++
				fallthrough
			case "full":
				n.Functional++
				if w.Model().Assess(v, q.request.At).Stale {
					n.Stale++
				}
				places = append(places, p)
			case "none":
				n.NotFunctional++
			default:
				n.Unknown++
			}
			return true
		})
	}
	switch {
	case n.Facilities == 0:
		err = geo.Errorf(geo.CodeUnprocessable, "", "the record holds no such facility at that instant")
	case n.Functional == 0 && n.Unknown > 0:
		err = geo.Errorf(geo.CodeUnprocessable, "", "none of the %d facilities is known to function, and of %d nobody knows", n.Facilities, n.Unknown)
	case n.Functional > passage.MaxCoverStarts:
		err = geo.Errorf(geo.CodeUnprocessable, "", "%d facilities: at most %d are asked about at a time", n.Functional, passage.MaxCoverStarts)
	}
	return places, n, err
}
