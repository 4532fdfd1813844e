// Package passage answers "can I get through?" for a vehicle at a time, with
// every reason, from what one world holds.
//
// It has no clock and no input or output. A request is answered and forgotten;
// errors name the place of a fault, never coordinates.
//
// # The rules
//
// Facts. Roadblocks, controlled zones and road status are read as valid at the
// request's instant (by default the moment of departure).
//
// The way. Points are led to the nearest road within 5 km that the class may
// enter and joined leg by leg along the network; the gap beyond 50 m is a part of
// the way and a reason of its own (access), so that a start is never moved out of
// a zone in silence. A start or an end on ground that is controlled, contested,
// influenced or unknown is another: how far it is to leave the zone. A line is
// checked as it is given; each 250 m of it lies on an edge that is no further off
// than the edge is wide or uncertain, and of all rows of such edges on the one
// nearest to the line, where a change between edges that do not meet counts 40 m,
// and so does a path that the class may not enter. What stands on the edge stands
// on the line, however far beside it is drawn; what names another road within 30 m
// of the line counts too. A line over a road that is closed to the class, or too
// weak or too low for it, is not passable.
//
// What stands on the way. A roadblock does where the way comes within the
// greatest of: 30 m on streets, 150 m on national and departmental roads and on
// no road, 500 m on communal roads and tracks; the precision of the edge; its
// own precision. One that names a road counts only on edges of that number when
// there are any within its reach. Reported, active, intermittent and disputed
// ones stand; a cleared one is an observation; archived and false ones are
// nothing. Its direction is not used: it counts both ways. One that the way passes
// several times is judged on each passage, and the worst is told.
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
// without. Ground inside a zone is what the exact cut of the edge with the area
// leaves, never a box or a touch.
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
// stays among the reasons. Taking confirmations away never makes the advice less
// guarded.
//
// News. A metre is observed where a roadblock that is not archived or false is
// within reach (two kilometres at most: a report is not worth more because its
// place is rough), a zone of known control lies, or a section with a known
// status runs, confirmed within the greatest age before the instant, or
// before departure where that is later.
//
// Metres by control type are a partition: overlapping zones are settled by
// geo.ControlPrecedence, the rest is unassessed. Metres by group may overlap.
// Legs are the stretches of that partition, with the evidence on each.
//
// Waiting. A roadblock that is shut on arrival and opens within a day is waited
// for where that costs less than going round, or where nothing else connects; the
// answer says so, and counts the wait. On a given line nobody waits: the next
// opening is told.
//
// Refuges. The five nearest hospitals within two kilometres of the way that
// function in full or in part; police posts too for profiles that may turn to
// them.
//
// Risk is that of package hazard at the beginning of the hour of departure, known
// and unknown apart; a roadblock's is spread over its reach, as its time is.
//
// What the request may want different: areas to avoid, closed or dearer by a
// factor (one in which a point of the request lies is left, or entered, by the
// shortest way out); roads and lines along which zones and areas are crossed as
// if they were not there, which the answer still names; closures and openings it
// supposes; reports it leaves aside. None of that outlives the request.
//
// # The choice of a way
//
// What cannot be passed is avoided. Of the rest the cheapest is taken: driving
// time, longer on exposed ground, and the time that obstacles cost, spread over
// their reach. Prices are whole deciseconds, rounded up on each edge, so that
// sums are exact. A roadblock that a schedule keeps shut for a day after the
// quarter of an hour of departure cannot be passed; others that turn out closed
// on arrival are avoided in the next of up to eight attempts, or waited for.
// Where nothing connects, the way with the least of what cannot be passed is
// answered, as not passable. An obstacle can therefore make a chosen way, and its
// advice, another; on a given line one more obstacle never improves the advice,
// but where it proves a toll regime, is news itself, or delays the vehicle into
// opening hours.
//
// Speeds, weights, crossing times and exposures are a hazard.Policy.
//
// Of several ways, the robust one is least hurt by the five most likely next
// roadblocks on any of them: those cleared, intermittent, disputed or stale that
// would stop the class, or may, once they stood, by the credibility that they
// stand. Each counts on a way with that share of the time that is lost by coming
// to it and going on from there with it closed, a day at most. Roadblocks shut on
// such a detour only at the hour of arrival are not looked for.
//
// # Find and Engine
//
// Find reads the whole world for one answer and searches with Dijkstra's
// algorithm. Engine.Find gives the same answers fast, from customizable
// contraction hierarchies (package cch) and from what it keeps; only where
// several ways have the same price may it take another of them. All rules are
// shared: a searcher is all that differs (search.go, fast.go).
//
//	roads     a network with what questions need beside the graph
//	inventory the states of the layers that answer an instant, and for how long
//	ground    what lies on each edge, shared by all who ask; the next one is made
//	          from it by surveying again the edges round what changed
//	phase     which roadblocks stay shut for a day, by quarter of an hour
//	caller    who asks: class and profile under the policy
//	pricing   the price of a stretch, of a kind: advised, fastest, forced,
//	          blockages, and ten mixtures of time and risk
//	metric    cch.Metric of a ground, phase, caller and kind, made from the one
//	          before by the edges that differ
//	private   what one request wants different: surveys of its own for the edges
//	          it touches, and a cch.Edit of the metric for its search
//	question  one request on one ground; way, encounter, course and sweep judge
//	          what is found
//
// Beside single journeys the engine answers for many places at once. Cover is
// Reach from thousands of starts in one sweep, drawn with one buffer at every
// limit so that covers compare. Connect tells how places hang together with hubs:
// the network is parted once at every status (isolation.Levels), and places and
// hubs are joined to it by the stretches of their own edges, because obstacles
// stand somewhere along an edge. Ways is both in plain terms.
//
// Everything handed between these does not change once made, but for caches
// under locks of their own; grounds are compared by the addresses of their
// surveys. An engine may be used by any number of goroutines. The order of a
// network is loaded from EngineOptions.Orders or computed once; for a large
// network that happens aside, and Dijkstra's algorithm answers meanwhile.
//
// # Cost
//
// On 245,000 junctions and 313,000 edges, one core: an answer over 140 km with
// all reasons takes 0.4 ms in the median and 1 ms at the 99th percentile, with no
// zones, 30 and 200 alike; nothing in it is linear in the world. A ground from
// nothing with 200 zones and 300 roadblocks takes 0.2 s, a metric 50 ms; bringing
// both up to a world with one more roadblock 1 ms. BenchmarkCountry and
// BenchmarkRoadblock print these. On 165,000 junctions a cover from 5,000 starts
// within two limits takes 0.5 s, most of it for the outline, and the connections
// of 5,000 places 30 ms; BenchmarkCover prints these. What a request wants different costs in
// proportion to the edges that it touches. Find reads everything each time.
package passage
