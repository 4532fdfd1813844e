// Package geo holds the words of the domain: layers and their properties,
// enumerations, versions with their two clocks, grades and confidence,
// audiences, changes and errors.
//
// A layer is declared once, in catalogue.go. Validation, the SQL of the
// journal, GeoJSON, schema and queryables, OpenAPI, tile attributes and the
// client's forms all follow from that declaration, so that a new layer is one
// migration and one declaration.
//
// The package is pure: no input or output, no SQL, no HTTP, no clock. Every
// function that depends on the time of day takes it as an argument. Values of
// its types are immutable once handed out and safe for concurrent use; decoding
// and encoding cost one pass over the input.
//
// Two rules run through everything. Unknown is a value: a missing observation
// is never read as the absence of a hazard. And group level only: nothing here
// describes a person.
package geo
