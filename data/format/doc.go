// Package format carries features between files and the record: GeoJSON
// (RFC 7946) in and out, and the official boundaries of communes in.
//
// Reading streams: a file is never held whole, one feature is at most
// geo.MaxFeatureBytes, and what a reader yields is a draft or the list of its
// faults. Every draft has gone through geo.DecodeFeature, the same door as a
// write over HTTP, so that a file cannot bring in what a request could not.
// Check adds what a single feature cannot show: simple-features validity, the
// commune a point names, dates that have not come yet, the same feature twice.
// Faults name the row and the reason and are collected; with any of them
// nothing is imported, and an import is one batch, which is one revision.
//
// A feature with several states is written as several GeoJSON features with
// the same id and different valid_from; reading them back gives the same
// states. Values that the service sets itself (author, confidence, revision)
// are written out and ignored on the way in.
//
// Cost: about 50 µs for a point with a dozen properties (two shared cores),
// checks included; memory is that of the drafts. Functions hold no state and
// are safe for concurrent use on different readers.
package format
