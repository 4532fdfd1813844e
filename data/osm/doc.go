// Package osm reads OpenStreetMap extracts (.osm.pbf) into a routable road
// network, and fetches them.
//
// Read goes through the file twice. The first pass collects the roads and the
// turn restrictions and so learns which nodes matter; the second takes the
// coordinates, barriers and places of those nodes. Neither pass relies on the
// order of the file. Node identifiers, coordinates and the nodes of the ways
// lie in flat arrays, so that memory follows the roads of the file and not its
// size: a country of a million road vertices takes a few hundred megabytes.
// Ways are then cut where they share nodes, at barriers, and at the border of
// the area asked for.
//
// What tags mean for a road is written down once in tables (class.go,
// access.go, barrier.go, speed.go) that docs/network.md prints. What could not
// be used is never dropped in silence: the Report counts it by reason.
//
// Files come from outside and may be damaged or made to do harm. The blocks of
// a file are framed and decoded here on protowire rather than by a library that
// decodes in goroutines of its own: a panic there cannot be recovered and would
// end the process, and sizes would be believed before they are checked. Here
// every size is checked before memory is taken for it, every count has a limit
// (limit.go), and a panic in a block becomes an error. A test compares what is
// decoded with package osmpbf of github.com/paulmach/osm.
//
// Blocks are decoded by several goroutines and consumed in the order of the
// file, so that the same file gives the same network on every machine. The
// package's functions may be called at the same time; a Result is the caller's.
//
// Format: https://wiki.openstreetmap.org/wiki/PBF_Format.
package osm
