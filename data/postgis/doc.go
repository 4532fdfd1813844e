// Package postgis is the record: the PostgreSQL database with PostGIS that is
// the only place where anything is true. All SQL of the project is here and in
// the package migrations.
//
// Writing. Every change is one transaction that takes the next revision under
// an advisory lock, so that the order of revisions is the order of commit and
// none is ever missing. Rows are closed and added, never altered; a trigger
// sees to it. A commit says NOTIFY pasaj_revision.
//
// Reading. A world is loaded through its audience's role, which may select from
// the views of one schema and nothing else. Which rows a view holds is decided
// by row-level security, which columns by what its owner was granted; both are
// generated from the catalogue of layers in geo. Go code filters nothing.
//
// Following. One connection listens and asks every second what the newest
// revision is. After any break it catches up from the last revision it applied,
// reading only the features named in revision_change.
//
// The road network. A generation of it is stored whole by COPY, with junctions
// and turn restrictions, and only then given its revision, so that others write
// meanwhile. A country (400,000 edges) is stored in ten seconds and loaded in
// one and a half, the graph's building included. All worlds of a generation, of
// every audience and time, share one graph.
//
// Grids of population and of built-up ground are generations in the same way:
// stored first, in parts of 8 MB, numbered last, checked against their digest
// when they are loaded, and shared by all worlds.
//
// Observations are in no world. Audiences but the public count them through a
// view of their own, which tells how many there are, of when, and whether two
// are of one source, but not of whom.
//
// Releases are what the public is told in figures, from one tick of a clock to
// the next: made elsewhere, kept here once for each tick.
//
// Watches are the exception to all of this: no revision, no world, no audience.
// They belong to accounts, show only to a transaction that names their owner,
// and are deleted for good.
//
// Geometry is go-geom in here, because pgx-geom gives PostgreSQL's driver that
// type with its SRID, and orb everywhere else; geometry.go converts.
//
// Concurrency: a Record may be used by any number of goroutines. Writers queue
// on the lock, one at a time across all processes; a write of one feature takes
// a few milliseconds, 20,000 features some seconds. Readers wait for nobody.
//
// Errors that a caller can act on are *geo.Error. A database out of reach, too
// slow or out of connections gives code unavailable, with the cause wrapped.
package postgis
