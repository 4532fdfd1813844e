// Package coverage counts: who holds how much of an area, which roads, posts,
// ports and people are concerned, what changed and why, and how good the record
// is. Each figure is an Indicator with a version; docs/indicators.md says what
// each one counts.
//
// Engine.Measure gives indicators, Report the answer of /v1/coverage, Series one
// indicator over time, Changes the pieces of ground that are called otherwise,
// Objectives the objective tracker, Exposure facilities by the ground they stand
// on, PeopleIn the people of some ground, and Release what the public is told.
//
// # A figure
//
// A Value is an interval. A record counts to a degree of evidence: low by high
// confidence that is not stale, central by at least medium, high unless it was
// refuted. Where zones overlap, the type that comes first in
// geo.ControlPrecedence names the ground. For a type x and the types y before it
//
//	low     = ground of L(x) without that of H(y)
//	central = ground of M(x) without that of M(y)
//	high    = ground of H(x) without that of L(y)
//
// where L, M and H are the zones that count to low, central and high. L is in M
// is in H, so the interval is a true one. Unassessed is the ground that no zone
// covers: it is unknown, not free.
//
// A figure that the audience may not have is Withheld and one that the record
// cannot give is NotMeasured, with the reason. Both have nulls: never a zero that
// could be read as good news.
//
// # Why this way
//
// All figures of a region, a commune say, are combinations of the same few
// outlines. So the region is cut once, by package arrangement, into a plot: cells
// with their area, their people and what is built up in them. A plot depends on
// geometry alone, not on who holds what, nor on confidence, nor on age.
//
// How the zones stand at an instant (which versions, to what degree, which group
// is in which coalition) gives the tally of a plot: every row of territory, each
// a sum over a set of cells. Departments, named areas and the country add up the
// tallies of their communes, and the denominator says so.
//
// A scene is what an indicator is measured on. It has two clocks and an age: the
// world is what was known, at is when it was true, aged is the instant to which
// evidence is aged. The three are separate arguments because a change is the
// difference of scenes that differ in one of them: late information in the
// world, events in at, ageing in aged. A series moves at and aged together and
// leaves the world as it is. Scenes that are compared use one plot, so that what
// did not change has the same digits.
//
// Distances along roads and reach are asked of Ways, which package passage
// implements; without it such figures are not measured, or straight and say so.
//
// # Reconciling
//
// Areas are cut as planes in lon/lat and measured as geodesics, as PostGIS does
// with ST_Area(ST_Intersection(zone, commune)::geography). A long edge and its
// two halves are different geodesics, so that parts may add up to some 1e-5 more
// than the whole. Then the central areas are scaled to the whole, intervals are
// put in order, and unassessed is what is left.
//
// # Cost
//
// Cutting is the costly part: below 2 ms for a commune of 400 vertices under 6
// zones of 200. A changed zone recuts the communes that its box meets; a change
// of grade or of holder recuts nothing. A series cuts a region anew only when
// twice as many outlines (and four) have gathered as stood at the last cut, and
// counts it only at the instants at which a zone begins, ends or changes its
// degree.
// docs/benchmarks.md has the figures. Limits on areas, instants and pieces bound
// an answer; the context bounds its time.
//
// # Concurrency and memory
//
// An Engine is shared by all questions and safe for concurrent use. A scene
// belongs to one question and is not: what its workers need is made before they
// start. Worlds and plots are immutable but for a plot's sums and tallies, which
// have a lock. Regions are worked on in parallel, each once however many areas
// ask for it; equal plots that are asked for at a time are cut once.
//
// What an engine keeps is derived and bounded: plots by bytes
// (Options.KeepBytes, 256 MB; each with at most 16 tallies), the territories of
// 12 worlds or instants, 24 straight-line rings, where 100,000 facilities stand
// and which of 20,000 zones cover them, and 200,000 cuts of 10,000 road lines by
// outlines; 300,000 values by indicator, area and instant, 64 answers, and what
// was found of 4,000 regions and read of 128 layers. Equal questions to equal
// worlds have equal answers, byte for byte, whatever is kept.
//
// After news an indicator is measured for those areas only whose figures may have
// changed, at the instant asked about before: dependencies (renewal.go) says of
// each what it is made of, zones by the boxes of all states of those that changed.
// What is not listed there depends on everything. Kept values name the revision
// of the answer that they are in. Only the newest world of each audience is held;
// what was kept of others goes with them.
package coverage
