// Package clustertest gives every test a PostGIS database of its own.
//
// Only tests import it. One private cluster per user of the machine serves
// them all, however many packages `go test` runs at once: it is started by the
// first process that asks, kept running by a keeper (the test's own program,
// started a second time), and stopped some seconds after the last process has
// gone, however that one ended. A cluster whose keeper was killed is adopted
// by the next. Nothing in it survives a power cut, and nothing has to.
//
// A test names a Template; it is built once and copied for each database,
// which takes some tens of milliseconds. Without PostgreSQL and PostGIS the
// tests fail with the command that installs them: they never skip.
//
// PASAJ_TEST_DATABASE_URL names another server to use instead; its user must
// be a superuser.
//
// Concurrency: everything may be called from parallel tests and packages.
package clustertest
