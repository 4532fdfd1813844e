// Package itinerary writes the answer of a passage question in the forms in
// which it leaves the screen: GeoJSON for maps, GPX for hand-held receivers, and
// text to print or to read out over the radio.
//
// No form says less than the answer does about what is not known: each carries
// the advice, the reasons, until when it holds, the revision and the audience it
// was made for, and the notice. A line without them would look like a
// recommended way.
//
// Everything is pure and linear in the answer.
package itinerary
