// Package exclusion writes the hazards of a moment in the forms in which other
// route engines take areas and places to keep away from, cut to the limits that
// those engines have.
//
// The engines know nothing of who said so, when, and on what terms a vehicle
// may still pass: what they are given is a bare prohibition. Where a limit does
// not let everything through, the heaviest hazards go first and the answer
// lists those left out, because a hazard that an engine was never told of looks
// to it like an open road.
//
// Limits are those of the engines' published default configurations:
// openrouteservice (ors-config.yml: maximum_avoid_polygon_area 200 km²,
// maximum_avoid_polygon_extent 20 km, maximum_distance_avoid_areas 100 km),
// Valhalla (service_limits: max_exclude_polygons_length 10 km for the sum of all
// rings, max_exclude_locations 50) and BRouter (none). An operator who raised
// them passes his own.
//
// Everything here is pure and safe for concurrent use. The cost is that of
// cutting the large areas with a grid, a few milliseconds each.
package exclusion
