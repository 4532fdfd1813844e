// Package world holds what one audience knows at one revision: every feature
// with its states in valid time, indexes over them, the road graph, and grids of
// population and built-up ground.
//
// A World is immutable. The next one is made from it copy-on-write by Apply
// with what a revision closed and opened, so that publishing a change costs
// tens of microseconds however large the world is, and a reader that holds a
// World never sees it change. Worlds are loaded through the audience's database
// role: what an audience may not know is not in its world, and no handler has
// a filter to forget.
//
// Live publishes the newest world of every audience through atomic pointers,
// keeps the recent ones and their events for readers and streams that come a
// little later, and wakes subscribers. Archive rebuilds and keeps older worlds
// on request, within a bound.
//
// Concurrency: reading needs no lock. Apply is called by one goroutine at a
// time for each audience (the follower); the index underneath asks for that.
//
// Cost: finding a feature by id is O(log n); a page of a box query costs the
// R-tree search plus a sort of its matches; the exact number of matches is a
// by-product. Memory is dominated by the GeoJSON that each version carries,
// about 1 kB for a point and 2 to 8 kB for a polygon.
package world
