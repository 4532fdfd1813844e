// Package index is the spatial index: an R-tree of boxes in lon/lat degrees
// behind a face of five methods, so that the rest of the project does not know
// which tree it is.
//
// The tree underneath is tidwall/rtree (Guttman's R-tree with copy-on-write
// nodes). Copy is O(1) and later edits of either copy touch only the nodes on
// their path, about 10 µs and 17 kB for one move in a tree of 100,000 boxes.
//
// Concurrency: any number of readers of one tree need no lock. Copy marks the
// original, so copies and edits must come from one goroutine at a time; the
// world's writer is that goroutine.
package index
