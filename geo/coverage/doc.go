// Package coverage answers "who holds how much of this ground?": the share and
// the square kilometres of communes, departments and named areas by type of
// control and by armed group, each as an interval low / central / high.
//
// Evidence. A zone counts at an instant when it is valid then and approved. Its
// confidence, decayed to that instant, and whether it is stale decide how far it
// counts: L holds the zones of high confidence, M those of at least medium, both
// without the stale ones; H holds everything not refuted, stale and low ones too.
//
// Control. Where zones overlap, the type that comes first in
// geo.ControlPrecedence names the ground. For a type x and the types y before it
//
//	low     = area of L(x) without the union of H(y)
//	central = area of M(x) without the union of M(y)
//	high    = area of H(x) without the union of L(y)
//
// which is a true interval: L is in M is in H. The central areas of all types
// never add up to more than the ground there is.
//
// Groups. A group has the union of the controlled, influenced and contested
// zones that it holds as principal, ally or tolerated; a hold that is only
// claimed counts towards high. Groups share ground, so their rows may add up to
// more than everything: "shared" says how much is counted more than once. A
// coalition is a row of its own where a zone names it, and never the sum of its
// members.
//
// Unassessed is the ground that no zone covers. It is unknown, not free.
//
// Where an audience's world may not hold zones at all the answer is "withheld"
// with nulls: never a zero that could be read as good news.
//
// Areas are cut as planes in lon/lat and measured as geodesics, as PostGIS does
// with ST_Area(ST_Intersection(zone, commune)::geography). Departments and named
// areas are sums of their communes, and the denominator says so. Zones are cut
// to a commune last, after joining and subtracting, so that a figure is what the
// same expression gives in SQL.
//
// Cutting puts vertices into edges, and a long edge and its two halves are
// different geodesics: parts may add up to 1e-5 more or less than the whole
// where edges are several kilometres long. That is reconciled: intervals stay
// ordered, and central shares with the unassessed one add up to one.
//
// Cost: two overlays for each zone that meets a commune and a few for each type
// of control and each group there, some 10 ms for a commune with a dozen zones
// of 100 vertices; communes are worked on in parallel, each once however many
// areas ask for it. Computing is pure, reads an immutable world, keeps nothing
// and stops when the context ends. Caching by revision and time is the caller's.
package coverage
