// Package passage answers "can I get through?" for a vehicle at a time, with
// every reason, from what one world holds.
//
// It is pure: no clock, no input or output, no state. Find reads an immutable
// world and may run in any number of goroutines. A request is answered and
// forgotten; errors name the place of a fault, never coordinates.
//
// # The rules
//
// Facts. Roadblocks, controlled zones and road status are read as valid at the
// request's instant (by default the moment of departure).
//
// The way. Points are led to the nearest road within 5 km and joined leg by leg
// along the network; the gap beyond 50 m is a part of the way and a reason of
// its own (access), so that a start is never moved out of a zone in silence. A
// line is checked as it is given; each 250 m of it lies on the nearest edge that
// is no further off than the edge is wide or uncertain.
//
// What stands on the way. A roadblock does where the way comes within the
// greatest of: 30 m on streets, 150 m on national and departmental roads and on
// no road, 500 m on communal roads and tracks; the precision of the edge; its
// own precision. One that names a road counts only on edges of that number when
// there are any within its reach. Reported, active, intermittent and disputed
// ones stand; a cleared one is an observation; archived and false ones are
// nothing. Its direction is not used: it counts both ways.
//
// On what terms. The stated passability of the class; else, for ambulances,
// whether emergency vehicles pass; else the way to pass; else the default of its
// kind (see the table in obstacle.go). Then: a load limit below the class's
// weight means no; what lets an ambulance through without a word but is held by
// police or a self-defence brigade, or is their gate, checkpoint or closure, is
// still something to ask at; what a gang grants to others is unknown for police;
// negotiated humanitarian passage takes negotiation. The schedule is judged at
// the time of arrival, in the time of Haiti: outside it the answer is no; one
// that cannot be read makes the terms unknown.
//
// Stale evidence is neither true nor gone. No stays no; any other terms become a
// matter of negotiation. Zones that are stale still count as what they were,
// except that ground held by the state or no longer by a gang is no longer taken
// to be.
//
// Zones. Contested ground takes negotiation. Controlled, influenced and unknown
// ground is crossed on conditions along a national road with a working toll
// regime: a roadblock on the way, not stale, that lets pass for payment, inside
// the zone or on the same road. Elsewhere it takes negotiation. Self-defence,
// recovered and depopulated ground is crossed on conditions, state-held ground
// without.
//
// Road status. A way on a national road takes the status of the nearest section
// of that number within 500 m or the section's precision. Closed: not passable,
// unless the largest class named lets the vehicle by. Restricted: conditions, or
// not passable to what is larger than that class. Unknown says nothing.
//
// Advice. Each reason has an effect, the advice that it alone would cause; the
// advice is the most guarded of them. Insufficient information is the most
// guarded of all: it wins where more than the model's share of the length (20 %)
// has no news within the greatest age, where there is no news at all, and where
// the audience's world cannot hold roadblocks or zones. What cannot be passed
// stays among the reasons.
//
// News. A metre is observed where a roadblock that is not archived or false is
// within reach (two kilometres at most: a report is not worth more because its
// place is rough), a zone of known control lies, or a section with a known
// status runs, confirmed within the greatest age before the instant.
//
// Metres by control type are a partition: overlapping zones are settled by
// geo.ControlPrecedence, the rest is unassessed. Metres by group may overlap.
//
// The choice of a way. What cannot be passed is avoided. Of the rest the
// cheapest is taken: driving time, longer on exposed ground, and the time that
// obstacles cost. Roadblocks that turn out closed on arrival are avoided in the
// next of up to eight attempts. Where nothing else connects, the way with the
// least of what cannot be passed is answered, as not passable. An obstacle can
// therefore make a chosen way, and its advice, another; on a given line one more
// obstacle never improves the advice, but where it proves a toll regime, is news
// itself, or delays the vehicle into opening hours.
//
// Speeds, weights, crossing times and exposures are Pasaj's own estimates, in
// vehicle.go.
//
// # Cost
//
// Reading the evidence is linear in the world's roadblocks, zones and sections;
// each edge that the search touches is surveyed once. A way across the country
// on the bundled network takes some milliseconds.
package passage
