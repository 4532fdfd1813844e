// Package hazard holds the risk model of a passage, and what is known of
// vehicles and of those who ask, as one configuration: the Policy.
//
// # The model
//
// The risk of a way is a sum over its edges, departing at time t:
//
//	r(e) = Σ zones      s · c(t) · k · km of the edge inside the zone     ZonePerKm
//	     + Σ roadblocks −ln(1 − c(t) · min(q · k, 0.95))                  RoadblockRisk
//	     + u · k · km of the edge without news                            UnknownPerKm
//
// where s is the severity of the kind of control, q the chance of an incident at
// a roadblock that is really there, u the risk of ground of which nobody has
// told lately, and k the product of the shares of the vehicle, the profile, the
// road class and the night. c(t) is the credibility of the claim.
//
// Why a sum: the negative logarithm makes the chances of getting past
// independent roadblocks add up, so that the shortest-path search stays exact
// and risk can be mixed with time by a factor λ. It also keeps the two axioms
// that a model of risk along a route should keep, path evaluation monotonicity
// and attribute monotonicity; "stop at the first incident" expectations break
// both (Erkut and Ingolfsson, Transport risk models for hazardous materials:
// revisited, Operations Research Letters 33, 2005, doi:10.1016/j.orl.2004.02.006).
//
// Credibility adds up in log-odds, so that a report that a hazard is gone counts
// against those that say it is there, and each report fades with the half-life
// of its kind:
//
//	ln(c / (1 − c)) = ln(prior / (1 − prior)) + Σ ± w · 2^(−age/half-life)
//	w = weight · reliability · credibility of the report
//
// Reports are graded by the Admiralty code (NATO AJP-2.1), letter and number
// apart; see Grades for the numbers behind the grades. Reports of one family of
// sources count fully once and by a fraction thereafter, see Fuse.
//
// The figures are Pasaj's own estimates for ordering ways. They have not been
// fitted to incidents: no figure made here is a probability that anything
// happens, and UncalibratedIndex says so in its name.
//
// # What is guaranteed
//
// These hold for every policy that Check accepts, and are tested as properties.
//
//   - More is never less: a more credible claim, a longer stretch, a further
//     zone, roadblock or stretch without news never makes the risk of a way
//     smaller. Every term is zero or more, and non-decreasing in c.
//   - Without news, c moves towards the prior and never past it: what was
//     asserted falls, what was cleared rises.
//   - Of the reports on one claim, taking away an asserting one never raises c,
//     taking away a clearing one never lowers it.
//   - The unknown part never shrinks when evidence is taken away: ground with
//     fewer reports has less news (News), and any report about who holds it can
//     only lower u (UnknownPerKm takes the least of those that apply; Check
//     refuses a policy in which some control type has more than unassessed
//     ground).
//   - Band never falls when one of its arguments grows, and unknown wins.
//
// It follows that the band unknown is never outvoted: taking away evidence
// cannot turn it into another. What is not guaranteed: that the known part stays
// when a hazard's own record is deleted. It goes, as it must; if that was the
// last news of the ground, the unknown part takes its place there, and the
// advice of geo/passage turns to insufficient information by the share of the
// way.
//
// # Cost and concurrency
//
// The package is pure: no input or output, no clock. A Policy is plain data, to
// be left alone once it is in use; any number of goroutines may then read it.
// Every method costs a few map look-ups and at most one logarithm and one
// exponential, and is meant to be called once for each feature and metric, not
// for each edge. Fuse and Front are O(n log n).
package hazard
