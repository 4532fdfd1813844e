// Package overlay combines and compares areas: union, intersection, difference,
// the simple-features rules, and which part of a line runs through an area.
//
// Coordinates are lon/lat degrees treated as a plane, as PostGIS treats
// geometry of SRID 4326, so that ST_Union, ST_Intersection, ST_Difference,
// ST_Intersects and ST_IsValid give the same answers. Metres come from package
// measure afterwards.
//
// The combining operations are those of simplefeatures, a port of the JTS
// OverlayNG algorithm: robust, without a grid, in pure Go. The predicates that
// run once for every feature of a request (IntersectsBound, Contains, Clip) are
// written here on orb's types with exact orientation tests, because converting
// a geometry costs more than answering about it.
//
// Inputs must be valid, which Validate decides at the door; an operation on an
// invalid area may fail with an error. Results have outer rings
// counter-clockwise and holes clockwise (RFC 7946). Lines and points that an
// intersection leaves behind are dropped: an area is asked for.
//
// Cost: intersecting two polygons of 200 vertices takes about 0.7 ms, a union
// of 300 of them a second, a predicate one pass over the vertices. All
// functions are pure and safe for concurrent use.
package overlay
