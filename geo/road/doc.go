// Package road is the road graph: junctions, edges, turn restrictions, the
// nearest point of an edge, and shortest paths by plain Dijkstra.
//
// A Graph is built once from noded edges and never changes; it may be shared by
// any number of goroutines. Junctions are the end coordinates that edges share,
// compared exactly, so the edges must be noded beforehand: where two roads
// cross inside an edge there is no way from one to the other, as on a bridge.
// NearMisses lists where that is probably a fault of the data, and Join mends
// it. Vertices and distances of all edges lie in two arrays, lengths of short
// segments come from a local metric, and the index is filled along a Hilbert
// curve, so that a whole country is built in about a second.
//
// Searches run on the Topology: directed arcs in flat arrays (first_out, head),
// the form that customizable contraction hierarchies use too (Dibbelt,
// Strasser, Wagner 2016). Turn restrictions unfold it only where they are: who
// comes to a junction by a way that a restriction speaks of reaches a copy of
// the junction that has the lawful arcs alone. Which sequence of edges has just
// been driven, for restrictions with ways between, is followed as Aho and
// Corasick (1975) follow words in a text. The rest of the graph stays as it is,
// unlike in an edge-based graph.
//
// Paths run between positions on edges, not between junctions, and the cost
// function is asked for stretches of edges: an obstacle behind the destination
// on its edge costs nothing. Leave, Arrive and Between say how a position hangs
// on the topology; positions never become nodes. Dijkstra stays in the package
// as the judge of any faster engine, so it is written to be plain and exact, and
// its answer is the same for the same input whatever the order of the machine's
// maps: of two entries of equal cost the lower node is settled first, and of two
// predecessors of equal cost the lower arc is kept. With costs that are whole
// numbers it is free of rounding.
//
// LinkSections tells which parts of edges are a national-road section, and
// Reattach what of a former network is not in a new one.
//
// Cost: 400,000 edges with 1.4 million vertices take about 0.7 s of one core
// and 180 MB to build, NearMisses about 1.5 s. Snap is one or a few box searches
// of the R-tree, some 5 µs in a city. Dijkstra is O((V + E) log V) with memory
// O(V) for each call.
package road
