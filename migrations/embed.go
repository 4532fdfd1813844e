// Package migrations holds the numbered SQL that makes and changes the schema
// of the record, embedded so that one binary can bring any database up to date.
//
// Tables are written by hand, one column to a line, so that somebody who opens
// the database in psql or QGIS understands it; a test in data/postgis compares
// them with the catalogue of layers in geo, so that the two cannot drift apart.
// What follows from the catalogue alone (audience roles, views, row-level
// security) is generated there and is not in these files.
//
// A migration that has been released is never edited; a new layer is one new
// file here and one declaration in geo.
package migrations

import "embed"

// FS holds the migrations for goose, in the root directory.
//
//go:embed *.sql
var FS embed.FS
