package hazard

import "math"

// Vehicle is a class of vehicle. A vehicle with a speed of its own, on foot,
// keeps it on any road; the others go at a share of a car's.
type Vehicle struct {
	PaceShare float64 `json:"pace_share" range:"0,3"`   // speed as a share of a car's
	OwnKmh    float64 `json:"own_kmh" range:"0,130"`    // its speed on any road; 0 goes by PaceShare
	GrossT    float64 `json:"gross_t" range:"0.01,200"` // laden, what a bridge has to bear, tonnes
	HeightM   float64 `json:"height_m" range:"0.5,10"`  // what has to pass under a beam, metres
	RiskShare float64 `json:"risk_share" range:"0,20"`  // risk as a share of a car's
}

// Profile is who asks to pass.
type Profile struct {
	// Exposure is how much longer than its true time a kilometre counts when a
	// way is chosen, by control type and Unassessed. Ground that nobody has
	// assessed is not clear ground.
	Exposure map[string]float64 `json:"exposure" range:"1,1000"`
	// CrossingMin is how long an obstacle holds the vehicle up when its record
	// does not say, in minutes, by passability.
	CrossingMin map[string]float64 `json:"crossing_min" range:"0,10000"`
	// RiskShare is risk as a share of a light mission's.
	RiskShare float64 `json:"risk_share" range:"0,20"`
	// RefugePolice lets police posts be named as refuges along the way.
	RefugePolice bool `json:"refuge_police"`
}

// Roads give a car's speeds, stops included.
type Roads struct {
	CarKmh    map[string]float64 `json:"car_kmh" range:"1,130"`     // mean speed in ordinary traffic by road class
	Surfaces  map[string]float64 `json:"surfaces" range:"0.05,1.5"` // share of that by OpenStreetMap's surface; what is not named is 1
	RiskShare map[string]float64 `json:"risk_share" range:"0,20"`   // risk by road class as a share of a national road's
	LineKmh   float64            `json:"line_kmh" range:"1,130"`    // on no known road
	AccessKmh float64            `json:"access_kmh" range:"1,130"`  // between a point and the nearest road
}

// slowestKmh keeps every speed above nothing, whatever the shares multiply to.
const slowestKmh = 1

// fastestKmh is the most that a road's own speed is believed.
const fastestKmh = 130

// SpeedKmh is the speed of a vehicle on a road of a class and surface, in km/h,
// at least 1. A speed of the edge, a car's, goes before the class's; zero or
// less is none. Without a class it is that of a line on no road, for every
// vehicle that has no speed of its own.
func (p *Policy) SpeedKmh(vehicle, class, surface string, edgeSpeedKmh float64) float64 {
	v := p.Vehicles[vehicle]
	kmh, known := p.Roads.CarKmh[class]
	switch {
	case v.OwnKmh > 0:
		kmh = v.OwnKmh
	case edgeSpeedKmh > 0:
		kmh = min(edgeSpeedKmh, fastestKmh) * v.PaceShare
	case known:
		if share, ok := p.Roads.Surfaces[surface]; ok {
			kmh *= share
		}
		kmh *= v.PaceShare
	default:
		kmh = p.Roads.LineKmh
	}
	return max(kmh, slowestKmh)
}

// AccessSpeedKmh is the speed between a point and the nearest road.
func (p *Policy) AccessSpeedKmh(vehicle string) float64 {
	if own := p.Vehicles[vehicle].OwnKmh; own > 0 {
		return max(own, slowestKmh)
	}
	return max(p.Roads.AccessKmh, slowestKmh)
}

// Exposure is how much longer than its true time a stretch counts for a profile
// on ground of a control type, "" where no zone lies. What the policy does not
// name counts as the most exposed.
func (p *Policy) Exposure(profile, control string) float64 {
	if control == "" {
		control = Unassessed
	}
	if factor, ok := p.Profiles[profile].Exposure[control]; ok {
		return factor
	}
	most := 1.0
	for _, other := range p.Profiles {
		for _, factor := range other.Exposure {
			most = max(most, factor)
		}
	}
	return most
}

// CrossingS is how long an obstacle that does not say holds a profile up, in
// seconds, by passability.
func (p *Policy) CrossingS(profile, passability string) float64 {
	crossing := p.Profiles[profile].CrossingMin
	if minutes, ok := crossing[passability]; ok {
		return minutes * 60
	}
	return crossing["unknown"] * 60
}

// Tall reports whether a vehicle is too high for a clearance in metres; zero is
// no limit.
func (v Vehicle) Tall(clearanceM float64) bool { return limited(v.HeightM, clearanceM) }

// Heavy reports whether a vehicle is too heavy for a limit in tonnes; zero is
// no limit.
func (v Vehicle) Heavy(limitT float64) bool { return limited(v.GrossT, limitT) }

func limited(measure, limit float64) bool {
	return limit > 0 && !math.IsInf(limit, 1) && measure > limit
}
