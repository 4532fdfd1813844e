// Package peertest times other route engines on Pasaj's network, with the same
// pairs of places and the same areas to avoid, so that a benchmark can print
// its own figures beside theirs in one run.
//
//	go test ./data/postgis/peertest -run '^$' -bench . -benchtime 1x -timeout 30m
//
// The peers are those that can avoid areas given with a request:
//
//   - pgRouting: pgr_dijkstra on the edges of the record, plain and with the
//     edges in areas left out, in two ways of writing that in SQL. It gets a
//     table of its own with nothing but what it needs, and warm caches: the
//     best case for it. It needs the extension on the machine (Debian:
//     postgresql-15-pgrouting).
//   - Valhalla 3.6.1 by its Node bindings, in one process with its caller: no
//     HTTP. npm fetches it into the user's cache. Its default bound on the
//     length of areas (10 km of outline in all) refuses every set of zones
//     here, so it is raised.
//
// A peer that is not there makes ErrUnavailable with the reason; a benchmark
// then skips it by name.
//
// Zones and Pairs are drawn from a seed on the bundled national roads. No pair
// begins or ends in a zone: what engines do with those differs in kind, not in
// time.
//
// Cost: the time of the peers, some seconds a route; preparing them on a
// country's network takes a minute. Functions may be called at the same time,
// but then time each other.
package peertest
