// Package isolation answers the questions of a besieged place: who is cut off,
// how many independent ways lead out, which roads are one blockage away from
// isolating people, which blockages to clear first, and how isolated the
// capital is as one number with its interval.
//
// Everything is computed on the undirected graph of junctions and edges and a
// State: one Status for each edge, for one vehicle class at one instant.
// One-way rules are ignored on purpose: the question is whether a road can
// physically be passed, and in an emergency a street is driven against its
// sign. FewestBlocks is the exception, it runs on lawful arcs like a route. The
// statuses are ordered from open to closed with unknown next to closed, and a
// connection is as good as its worst edge on the best way: people reached only
// over roads nobody knows about are reported as unknown, neither as reached
// nor as cut off.
//
// The methods, all exact unless an answer says otherwise:
//
//   - components by union-find;
//   - bridges, articulation junctions and 2-edge-connected components in one
//     depth-first pass without recursion (Tarjan 1974), with the people on each
//     side from sums over the order of the pass;
//   - independent corridors as a maximum flow of unit capacities (Menger 1927;
//     Dinic 1970) on the graph whose dead ends are stripped and whose chains of
//     junctions of degree two are single roads;
//   - the smallest set of blockages to clear, which is minimum constraint
//     removal and NP-hard (Hauser 2014), on a quotient graph in which open
//     ground and each piece of ground under the same obstacles are single
//     nodes: label setting in the order of a lower bound, with sets of
//     obstacles as bits, within limits; beyond them the answer carries a lower
//     bound instead of a proof;
//   - which k blockages to clear for the most people by greedy choice, then
//     branch and bound.
//
// Cost: a report on 400,000 edges takes well under a second on one core; the
// quotient graph has some hundreds of nodes however many streets an area
// covers.
//
// A Graph and a Quotient never change once made and may be shared by any number
// of goroutines. Results are the same for the same input: ties go to the lower
// position. Every function that may take long obeys its context.
package isolation
