// Package osmtest makes OpenStreetMap files for tests and benchmarks: a small
// writer of the PBF format, which can also write badly on purpose, and a seeded
// synthetic road network of Haiti's size. Only tests, benchmarks and the small
// command beside it import it.
//
// Writer writes what the PBF format asks of a reader of roads: dense nodes,
// ways and relations with tags, in blocks of bounded size, as zlib or raw
// blobs. It keeps no more than one block. The format is that of
// https://wiki.openstreetmap.org/wiki/PBF_Format.
//
// Country draws a country. What is real in it is the bundled snapshot: the
// national roads and main streets (package haiti), the outlines of the communes
// and their population, which gives towns their size. All else is drawn by
// chance from the seed, in this order:
//
//  1. Points: along the national roads; in towns and their localities as
//     crooked grids of streets; in the country around hamlets and at large.
//  2. Edges between them: the relative neighbourhood graph, which is planar,
//     keeps what is near together and has the degrees of road networks
//     (Toussaint 1980; Aldous and Shun 2010 for roads), and on the wider Gabriel
//     graph (Gabriel and Sokal 1969) the shortest ways from town to town, which
//     become the departmental and communal roads. Edges over the sea go, so
//     islands stay islands. Of the loops a given number stays.
//  3. Dead ends, roundabouts, and the windings of every edge.
//  4. Ways, which follow a road straight through its junctions; their tags;
//     barriers on nodes; turn restrictions.
//
// At scale 1 the counts are those of the roads of Haiti in OpenStreetMap:
// 1.33 million nodes on roads, 1.36 million edges between them, 97,650 ways
// and, within some hundredths, 36,755 km. About 165,000 nodes are junctions or
// ends of roads. Their mean degree is near 2.4: removing nodes of degree two
// leaves the difference of edges and nodes as it is, so the counts decide it. A
// smaller scale takes whole communes around Saint-Marc until their share is
// reached, so that the density is that of the whole.
//
// The same seed and scale give the same file on the same processor family;
// elsewhere the last digit of a coordinate may differ.
//
// The file for benchmarks is made once by File, or by hand:
//
//	go run ./data/osm/osmtest/write haiti.osm.pbf
//
// Cost: at scale 1 some ten seconds and half a gigabyte. A Writer serves one
// goroutine; Country may be called by many.
package osmtest
