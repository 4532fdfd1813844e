// Package api serves Pasaj over HTTP: OGC API - Features with transactions,
// vector tiles, a stream of changes, passage and coverage answers, sessions and
// the built web client.
//
// One table (operations.go) declares every operation: method, path, summary,
// parameters with their parsers, request body, answers, and who may call it.
// Routes, parameter checks and the OpenAPI document are all made from it, so an
// endpoint cannot exist without its documentation nor take an undeclared
// parameter. Everything else is a handler on a call.
//
// Reads are answered from an immutable world of the caller's audience; no
// handler filters by audience, because what an audience may not know is not in
// its world. Entity tags are revisions: a layer's revision changes exactly when
// answers about the layer can change, and a conditional request that still
// holds is answered before any work. Answers are assembled from the GeoJSON
// that versions carry. With 20,000 polygons a page of 100 costs about 12 µs, one out
// of a box about 120 µs, a 304 about 2 µs, compression not counted.
//
// The clock is injected (Options.Now) and nothing here reads flags or the
// environment. The end points of passage requests are neither logged nor kept.
//
// Server is for concurrent use. Serve returns after every connection was
// answered or its time ran out; streams end at once when it is asked to stop.
package api
