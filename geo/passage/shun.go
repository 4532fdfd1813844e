package passage

import (
	"context"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/cch"
	"pasaj/geo/exclusion"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// Weights of hazards where a limit of another engine lets only some through.
// Within a kind the more credible go first.
const (
	weightRoadblock = 4
	weightSection   = 3
	weightContested = 2
	weightZone      = 1
	weightArea      = 5 // the request's own
)

// Hazards lists what the caller cannot pass or shuns at an instant: roadblocks
// and sections of road that do not let the class pass, contested and controlled
// ground, and the areas and closures of the request. closed are the pairs of
// OpenStreetMap nodes between which roads are closed; it is empty where the
// network does not know them.
func (e *Engine) Hazards(ctx context.Context, w *world.World, r HazardRequest) (hazards []exclusion.Hazard, closed [][2]int64, err error) {
	if err := r.checkCaller(); err != nil {
		return nil, nil, err
	}
	request := r.Request
	request.Points, request.Line = nil, nil
	net := e.network(ctx, w.Network())
	q := newQuestion(w, &request, e.ground(w, net, request.At), e.caller(net, request.Vehicle, request.Profile))
	p := q.pricing(kindFastest, nil)
	hazards = []exclusion.Hazard{}
	gone := func(z exclusion.Hazard) bool {
		return q.private.ignored[z.ID] || q.private.opened[z.ID]
	}
	add := func(h exclusion.Hazard) {
		if !gone(h) && h.Geometry != nil {
			hazards = append(hazards, h)
		}
	}
	for _, o := range q.ground.obstacles {
		if o.live && p.hard(o, p.caller.termsFor(o)) {
			add(exclusion.Hazard{Collection: o.version.Layer.Name, ID: o.version.ID, Geometry: o.version.Geometry,
				RadiusM: q.hazardRadiusM(o), Weight: weightRoadblock + q.assess(o.version).Confidence})
		}
	}
	for _, s := range q.ground.sections {
		if s.effectFor(p.caller.vehicle) != notPassable {
			continue
		}
		if lines, ok := s.version.Geometry.(orb.MultiLineString); ok {
			for _, line := range lines {
				add(exclusion.Hazard{Collection: s.version.Layer.Name, ID: s.version.ID, Geometry: line,
					RadiusM: max(s.version.PrecisionM(), hazardM), Weight: weightSection + q.assess(s.version).Confidence})
			}
		}
	}
	for _, z := range q.ground.zones {
		weight := 0.0
		switch z.control {
		case "contested":
			weight = weightContested
		case "controlled":
			weight = weightZone
		default:
			continue
		}
		if zoneStates[z.control] > isolation.Open && q.caller.exposure[z.rank] > 1 {
			add(exclusion.Hazard{Collection: z.version.Layer.Name, ID: z.version.ID, Geometry: z.area, Weight: weight + q.assess(z.version).Confidence})
		}
	}
	for _, a := range q.private.areas {
		add(exclusion.Hazard{Geometry: a.polygons, Weight: weightArea})
	}
	for _, g := range request.WhatIf.Close {
		add(exclusion.Hazard{Geometry: g, RadiusM: hazardM, Weight: weightArea})
	}
	return slices.Clip(hazards), q.closedNodes(&p), nil
}

// closedNodes lists the pairs of OpenStreetMap nodes, following one another on
// a way, between which something on the road does not let the class through. A
// class that the road itself does not admit is no hazard: other engines know the
// road.
func (q *question) closedNodes(p *pricing) [][2]int64 {
	pairs := [][2]int64{}
	if q.roads == nil {
		return pairs
	}
	class := sizeOf(p.caller.vehicle)
	for i := range q.roads.graph.Len() {
		edge := q.roads.graph.Edge(i)
		if len(edge.Nodes) == 0 || q.on(i) == nil || !edge.Admits(class) {
			continue
		}
		for k := 1; k < len(edge.Nodes); k++ {
			a, b := edge.Nodes[k-1], edge.Nodes[k]
			if a == 0 || b == 0 {
				continue
			}
			if q.price(p, road.Stretch{Edge: i, FromM: edge.AlongM[k-1], ToM: edge.AlongM[k]}) >= cch.Infinity {
				pairs = append(pairs, [2]int64{a, b})
			}
		}
	}
	return pairs
}

// hazardM is how far round a thing on a road other engines are told to keep
// away, at least.
const hazardM = 30

// hazardRadiusM is how far round a roadblock other engines are told to keep
// away: enough that the roads it stands on are met, and no more.
func (q *question) hazardRadiusM(o *obstacle) float64 {
	radius := max(o.precisionM, hazardM)
	if q.roads == nil {
		return radius
	}
	nearest := -1.0
	for _, edge := range o.edges {
		t := q.roads.track(int(edge))
		for _, r := range o.target.near(t.line, t.along, max(t.radiusM(), o.precisionM)) {
			if nearest < 0 || r.distanceM < nearest {
				nearest = r.distanceM
			}
		}
	}
	return max(radius, nearest+hazardM)
}
