// Package haiti is the bundled reference snapshot: what public reports and
// open data say of Haiti's boundaries, roads, places, facilities and armed
// groups, with a demonstration timeline of who held what ground from 2021 to
// 2025. README.md names the sources and licences.
//
// The facts are in embedded files that a person can read and correct: one
// record on a line in record/<layer>.json, boundaries in communes.geojson and
// departments.csv, dated reference figures in baselines.csv. Batches turns them
// into ordinary changes through geo.DecodeFeature, so that nothing in the
// snapshot could not have been sent over HTTP.
//
// A zone of the demonstration has no surveyed outline: it is drawn as circles
// around named places, with the radius in which the place should lie, joined
// and cut at the coast. Every such record says that it is a demonstration,
// that the hold is claimed, and on which reports it rests.
//
// Batches takes a few tenths of a second and is meant to be called once, when
// a record is first filled. The package holds no state.
package haiti
