// Package reach says how far one gets: the ways to every junction within a limit
// of time and risk, the stretches of road reached, and the ground along them as
// polygons with holes.
//
// Times come from a sweep of the contraction hierarchy where time alone is
// limited, and from a label-setting search where risk is limited too: a way that
// is slower but less exposed may get further, so one time for each junction is
// not enough. Edges are cut where the limit falls, so a reach does not jump from
// junction to junction.
//
// The polygon is the contour of the distance from the roads reached, drawn on a
// grid by marching squares. It is a drawing: how far a place may lie from a road
// reached is the buffer, which every answer names. What an obstacle or a shunned
// zone cuts off is a hole in it.
//
// Areas of several limits are nested and drawn on one grid, each from the one
// before. Disks draws what is near as the crow flies by the same contour, for
// questions that know of no roads.
//
// Cost: Within O(labels log labels), Roads one call of the cost for each arc at
// hand, Area the number of grid nodes near the lines; a country of 98,000 km of
// road takes a third of a second. Everything is pure and safe for
// concurrent use.
package reach
