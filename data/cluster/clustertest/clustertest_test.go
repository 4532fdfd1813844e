package clustertest_test

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"pasaj/data/cluster/clustertest"

	"github.com/jackc/pgx/v5"
)

func connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { connection.Close(context.Background()) })
	return connection
}

// template makes one that no other run has made, and counts its preparations.
func template(t *testing.T) (clustertest.Template, *atomic.Int64) {
	var prepared atomic.Int64
	return clustertest.Template{
		Name: fmt.Sprintf("%s %d", t.Name(), os.Getpid()),
		Prepare: func(ctx context.Context, url string) error {
			prepared.Add(1)
			connection, err := pgx.Connect(ctx, url)
			if err != nil {
				return err
			}
			defer connection.Close(ctx)
			_, err = connection.Exec(ctx, "CREATE EXTENSION postgis; CREATE TABLE place (id int PRIMARY KEY, at geometry(Point, 4326))")
			return err
		},
	}, &prepared
}

func TestDatabasesOfOneTemplateAreSeparate(t *testing.T) {
	shared, prepared := template(t)
	var urls [4]string
	var made sync.WaitGroup
	for i := range urls {
		made.Go(func() { urls[i] = clustertest.Database(t, shared) })
	}
	made.Wait()
	if got := prepared.Load(); got != 1 {
		t.Errorf("template prepared %d times, want once", got)
	}
	for i, url := range urls {
		connection := connect(t, url)
		var rows int
		if err := connection.QueryRow(t.Context(), "SELECT count(*) FROM place").Scan(&rows); err != nil {
			t.Fatalf("database %d: %v", i, err)
		}
		if rows != 0 {
			t.Errorf("database %d sees %d rows of another", i, rows)
		}
		if _, err := connection.Exec(t.Context(), "INSERT INTO place VALUES (1, ST_SetSRID(ST_MakePoint(-72.34, 18.54), 4326))"); err != nil {
			t.Errorf("database %d: %v", i, err)
		}
	}
}

func TestDatabaseEndsWithItsTest(t *testing.T) {
	var url, name string
	t.Run("user", func(t *testing.T) {
		url = clustertest.Database(t, clustertest.Template{})
		connection := connect(t, url)
		if err := connection.QueryRow(t.Context(), "SELECT current_database()").Scan(&name); err != nil {
			t.Fatal(err)
		}
	})
	if connection, err := pgx.Connect(t.Context(), url); err == nil {
		connection.Close(t.Context())
		t.Errorf("database %s is still there", name)
	}
}

func TestFailedTemplateIsRetried(t *testing.T) {
	failing, prepared := template(t)
	prepare := failing.Prepare
	failing.Prepare = func(ctx context.Context, url string) error {
		if err := prepare(ctx, url); err != nil {
			return err
		}
		if prepared.Load() == 1 {
			return fmt.Errorf("wanted")
		}
		return nil
	}
	refused := false
	probe := &recorder{TB: t, fatal: func() { refused = true }}
	done := make(chan struct{})
	go func() { defer close(done); clustertest.Database(probe, failing) }()
	<-done
	if !refused {
		t.Fatal("a template that fails to prepare was used")
	}
	clustertest.Database(t, failing)
	if got := prepared.Load(); got != 2 {
		t.Errorf("template prepared %d times, want 2", got)
	}
}

// recorder notes a fatal failure instead of failing the test.
type recorder struct {
	testing.TB
	fatal func()
}

func (r *recorder) Fatalf(string, ...any) { r.fatal(); runtime.Goexit() }
func (r *recorder) Helper()               {}

func TestExclusiveExcludes(t *testing.T) {
	var inside atomic.Int64
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			clustertest.Exclusive(t, func() {
				if inside.Add(1) != 1 {
					t.Error("two at once")
				}
				inside.Add(-1)
			})
		})
	}
	users.Wait()
}
