// Package road is the road graph: junctions, edges, the nearest point of an
// edge, and shortest paths by plain Dijkstra.
//
// A Graph is built once from noded edges and never changes; it may be shared by
// any number of goroutines. Junctions are the end coordinates that edges share,
// compared exactly, so the edges must be noded beforehand: where two roads
// cross inside an edge there is no way from one to the other, as on a bridge.
// Arcs lie in flat arrays (first_out, head), the form that customizable
// contraction hierarchies use too (Dibbelt, Strasser, Wagner 2016), so that a
// later engine can share them.
//
// Paths run between positions on edges, not between junctions, and the cost
// function is asked for stretches of edges: an obstacle behind the destination
// on its edge costs nothing. Dijkstra stays in the package as the judge of any
// faster engine, so it is written to be plain and exact, and its answer is the
// same for the same input whatever the order of the machine's maps: of two
// entries of equal cost the lower junction is settled first, and of two
// predecessors of equal cost the lower arc is kept.
//
// Cost: Build O(E log E), Snap one or a few box searches of the R-tree,
// Dijkstra O((V + E) log V) with memory O(V) for each call.
package road
