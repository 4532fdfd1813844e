// Package postgistest gives tests a record of their own: a database with the
// schema of this build and nothing in it. Only tests import it.
//
// The schema is made once and copied for each test, which takes some tens of
// milliseconds. Everything may be called from parallel tests and packages.
package postgistest

import (
	"context"
	"testing"

	"pasaj/data/cluster/clustertest"
	"pasaj/data/postgis"
)

// URL makes a migrated, empty database and gives its address.
func URL(t testing.TB) string {
	t.Helper()
	hash, err := postgis.SchemaHash()
	if err != nil {
		t.Fatalf("read the migrations: %v", err)
	}
	return clustertest.Database(t, clustertest.Template{Name: "record " + hash, Prepare: migrate})
}

func migrate(ctx context.Context, url string) error {
	r, err := postgis.Open(ctx, url, postgis.Options{})
	if err != nil {
		return err
	}
	defer r.Close()
	return r.Migrate(ctx)
}

// Open opens a record on a database of its own; both go when the test ends.
func Open(t testing.TB, o postgis.Options) *postgis.Record {
	t.Helper()
	return OpenURL(t, URL(t), o)
}

// OpenURL opens one more record on a database, as another process would.
func OpenURL(t testing.TB, url string, o postgis.Options) *postgis.Record {
	t.Helper()
	r, err := postgis.Open(t.Context(), url, o)
	if err != nil {
		t.Fatalf("open the record: %v", err)
	}
	t.Cleanup(r.Close)
	return r
}
