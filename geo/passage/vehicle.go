package passage

import (
	"slices"

	"pasaj/geo"
	"pasaj/geo/road"
)

// The tables of this file are Pasaj's own estimates for Haitian roads: they
// order ways and give times of arrival, and are not measured.

// footKmh is the speed on foot on any road.
const footKmh = 4.5

// Speeds where no road is known: a line drawn by hand, and the way from a
// point to the nearest road.
const (
	lineKmh   = 30.0
	accessKmh = 15.0
)

// roadKmh is the mean speed of a car in ordinary traffic, stops included.
var roadKmh = map[string]float64{
	road.ClassNational: 40, road.ClassDepartmental: 30, road.ClassCommunal: 20, road.ClassUrban: 18, road.ClassAccess: 12,
}

// paceOf is the speed of a vehicle as a share of a car's.
var paceOf = map[string]float64{
	"moto": 1.1, "car": 1, "suv4x4": 1, "ambulance": 1.1, "minibus": .9,
	"truck_3_5t": .85, "truck_10t": .75, "truck_20t": .65, "truck_over20t": .6, "armoured": .7,
}

// grossT is the weight a bridge has to bear for the class, laden, in tonnes.
var grossT = map[string]float64{
	"foot": .1, "moto": .4, "car": 2, "suv4x4": 3, "ambulance": 3.5, "minibus": 5,
	"truck_3_5t": 3.5, "truck_10t": 10, "truck_20t": 20, "truck_over20t": 40, "armoured": 15,
}

func speedKmh(vehicle, class string) float64 {
	if vehicle == "foot" {
		return footKmh
	}
	if kmh, ok := roadKmh[class]; ok {
		return kmh * paceOf[vehicle]
	}
	return lineKmh
}

// sizeOf orders the vehicle classes as the enumeration does.
func sizeOf(vehicle string) int {
	return slices.IndexFunc(geo.VehicleClasses, func(w geo.Word) bool { return w.Value == vehicle })
}

// exposure is how much longer than its true time a kilometre counts when a way
// is chosen, by who asks and who holds the ground. Ground that nobody has
// assessed is not clear ground.
var exposure = map[string]map[string]float64{
	"ambulance":             {"controlled": 3, "contested": 8, "influenced": 2, "recovered": 1.5, "self_defence": 1.5, "depopulated": 2, "unknown": 2, "state_held": 1, "": 1.2},
	"humanitarian_cargo":    {"controlled": 4, "contested": 10, "influenced": 2.5, "recovered": 1.5, "self_defence": 1.5, "depopulated": 2.5, "unknown": 2.5, "state_held": 1, "": 1.2},
	"light_mission":         {"controlled": 5, "contested": 10, "influenced": 3, "recovered": 2, "self_defence": 2, "depopulated": 3, "unknown": 3, "state_held": 1, "": 1.3},
	"commercial":            {"controlled": 2, "contested": 6, "influenced": 1.5, "recovered": 1.2, "self_defence": 1.2, "depopulated": 1.5, "unknown": 1.5, "state_held": 1, "": 1.1},
	"police_isolated_check": {"controlled": 10, "contested": 15, "influenced": 5, "recovered": 2, "self_defence": 2, "depopulated": 4, "unknown": 4, "state_held": 1, "": 1.5},
}

// crossingMin is how long an obstacle holds a vehicle up when its record does
// not say, in minutes, by passability.
var crossingMin = map[string]float64{"yes": 2, "pay": 10, "ask": 15, "escort": 60, "unknown": 30, "no": 0}

// Prices of what cannot be passed, used only when there is no other way.
const (
	hardObstacleS   = 6 * 3600.0 // each obstacle, seconds
	closedSectionSM = 3.6        // each metre of a closed section, seconds
)
