// Package api serves Pasaj over HTTP: OGC API - Features with transactions,
// vector tiles, a stream of changes, answers about ways and coverage, watches, sessions and
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
// Questions about ways go to an Engine, bounded in time and, the large ones, in
// number. Their operations are discreet (discretion.go): nothing of a question
// nor who put it is logged, and errors do not repeat it. Watches (watcher.go) are
// journeys that their owners asked to be told about: they are read from the
// record for each round of answers, and news go to the owner's own streams. A
// thousand watches of one network take some tens of milliseconds a round.
//
// The clock is injected (Options.Now) and nothing here reads flags or the
// environment.
//
// Server is for concurrent use. Serve returns after every connection was
// answered or its time ran out; streams end at once when it is asked to stop.
package api
