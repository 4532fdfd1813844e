package passage

import (
	"math"
	"slices"
	"sync"

	"pasaj/geo"
	"pasaj/geo/hazard"
	"pasaj/geo/road"
)

// caller is who asks: a vehicle class and a profile under a policy, with what
// prices need of them looked up once. It does not change.
type caller struct {
	policy   *hazard.Policy
	vehicle  string
	profile  string
	class    int                // of the vehicle in geo.VehicleClasses
	exposure []float64          // by controlRank
	roadRisk map[string]float64 // share of risk by road class
	paces    []float64          // seconds a metre of each edge; nil: made when asked
}

// defaultPolicy is the policy of callers that bring none.
var defaultPolicy = sync.OnceValue(hazard.Default)

func newCaller(p *hazard.Policy, vehicle, profile string) *caller {
	c := &caller{policy: p, vehicle: vehicle, profile: profile, class: sizeOf(vehicle), roadRisk: p.Roads.RiskShare}
	for rank := controlRank(0); rank <= unassessed; rank++ {
		c.exposure = append(c.exposure, p.Exposure(profile, rank.String()))
	}
	return c
}

// sizeOf is the place of a vehicle class in the enumeration, -1 for none.
func sizeOf(vehicle string) int {
	return slices.IndexFunc(geo.VehicleClasses, func(w geo.Word) bool { return w.Value == vehicle })
}

func isProfile(profile string) bool {
	return slices.ContainsFunc(geo.Profiles, func(w geo.Word) bool { return w.Value == profile })
}

// pace is the driving time of a metre of an edge in seconds; infinite where the
// class may not enter.
func (c *caller) pace(r *roads, edge int) float64 {
	if c.paces != nil {
		return c.paces[edge]
	}
	return c.paceOf(r.graph.Edge(edge))
}

func (c *caller) paceOf(e *road.Edge) float64 {
	vehicle := c.policy.Vehicles[c.vehicle]
	if !e.Admits(c.class) || vehicle.Heavy(e.MaxLoadT) || vehicle.Tall(e.MaxHeightM) {
		return math.Inf(1)
	}
	return 3.6 / c.policy.SpeedKmh(c.vehicle, e.Class, e.Surface, e.SpeedKmh)
}

// offRoadPace is that of a line on no road.
func (c *caller) offRoadPace() float64 { return 3.6 / c.policy.SpeedKmh(c.vehicle, "", "", 0) }

// accessPace is that between a point and the nearest road.
func (c *caller) accessPace() float64 { return 3.6 / c.policy.AccessSpeedKmh(c.vehicle) }

// lawful tells the edges that the class may enter.
func (c *caller) lawful(r *roads) func(edge int) bool {
	return func(edge int) bool { return !math.IsInf(c.pace(r, edge), 1) }
}

// termsFor are a roadblock's terms for the caller while it is open.
func (c *caller) termsFor(o *obstacle) terms { return o.termsFor(c) }

// crossingS is how long an obstacle holds the caller up on the terms, if it
// lets pass at all.
func (c *caller) crossingS(o *obstacle, t terms) float64 {
	if o.passing.isTimed {
		return o.passing.crossingS
	}
	return c.policy.CrossingS(c.profile, t.passability)
}
