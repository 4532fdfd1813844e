// Package cluster runs a private PostgreSQL cluster with PostGIS for one
// process: the database of `pasaj serve` when none is named, and of the tests.
//
// The programs come from the system (Find); their data live under a home
// directory that Pasaj owns:
//
//	<home>/lock           held by the owning process (flock), names its pid
//	<home>/postgres/      the data directory, made by initdb
//	<home>/socket/        the unix socket, the only way in; there is no TCP
//	<home>/postgres.log   what the server says, bounded in size
//
// Why a real server process and not a library: PostGIS is the record and the
// judge, and what the private cluster runs is exactly what a deployment with a
// database of its own runs. Why peer authentication: the kernel says who is at
// the other end of the socket, so there is no password to keep. The operating
// system's users root, the owner of the data and the one who runs Pasaj are
// the database's superuser pasaj; everybody else is refused.
//
// A postmaster lives in a session of its own and outlives a Pasaj that is
// killed; the next Open adopts it. In the other direction a supervisor starts
// a postmaster again when it dies under a running Pasaj. Close stops it.
//
// Cost: a first Open takes some seconds of initdb, later ones a tenth of a
// second, plus crash recovery where there is something to recover. Supervision
// is one goroutine asleep.
//
// Concurrency: a Cluster may be used by any number of goroutines. One process
// at a time owns a home. The package needs a unix: flock, sessions and
// credentials have no counterpart elsewhere.
package cluster
