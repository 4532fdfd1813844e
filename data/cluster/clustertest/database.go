package clustertest

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience bounds what a test waits for the cluster and for its database.
const patience = 3 * time.Minute

// Template is what a test's database starts as.
type Template struct {
	// Name changes whenever what Prepare does changes: a hash of the
	// migrations and data that go in. An empty Name is an empty database.
	Name string
	// Prepare fills the database at the URL. It runs once per Name and while
	// no other template is being prepared anywhere on the server, because
	// roles belong to the whole server. It closes what it opens.
	Prepare func(ctx context.Context, url string) error
}

// Database makes a database from a template for one test and returns its URL.
// It is dropped when the test ends, with whatever is still connected to it.
func Database(t testing.TB, template Template) (url string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	s, err := theServer()
	if err != nil {
		t.Fatalf("no database to test with: %v", err)
	}
	name, err := s.create(ctx, template)
	if err != nil {
		t.Fatalf("make a test database: %v", err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.drop(ctx, name); err != nil {
			t.Logf("test database %s stays for the next run to drop: %v", name, err)
		}
	})
	return s.url(name)
}

// Exclusive runs a function while no template is being prepared and no other
// Exclusive runs anywhere on the server: for tests that migrate by themselves
// and so make roles.
func Exclusive(t testing.TB, do func()) {
	t.Helper()
	s, err := theServer()
	if err != nil {
		t.Fatalf("no database to test with: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.exclusively(ctx, func(*pgx.Conn) error { do(); return nil }); err != nil {
		t.Fatalf("have the server alone: %v", err)
	}
}

// Home makes a folder for a test that opens a cluster itself. Unlike
// t.TempDir its path is short enough for a socket, and the user that a server
// started by root runs as can enter it.
func Home(t testing.TB) string {
	t.Helper()
	home, err := os.MkdirTemp("", "pasaj-home-")
	if err != nil {
		t.Fatalf("make a home: %v", err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(home); err != nil {
			t.Errorf("remove the home: %v", err)
		}
	})
	return home
}

// create makes a database for one test.
func (s *server) create(ctx context.Context, template Template) (string, error) {
	from := ""
	if template.Name != "" {
		if err := s.prepare(ctx, template); err != nil {
			return "", err
		}
		from = " TEMPLATE " + templateDatabase(template.Name)
	}
	connection, err := pgx.Connect(ctx, s.url(""))
	if err != nil {
		return "", err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	name := fmt.Sprintf("%s%d_%d", testPrefix, s.token, s.made.Add(1))
	if _, err := connection.Exec(ctx, "CREATE DATABASE "+name+from); err != nil {
		return "", err
	}
	return name, nil
}

func (s *server) drop(ctx context.Context, name string) error {
	connection, err := pgx.Connect(ctx, s.url(""))
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	_, err = connection.Exec(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
	return err
}

// prepare makes certain that a template's database exists, and that it stays
// as long as this process may copy it.
func (s *server) prepare(ctx context.Context, template Template) error {
	once, _ := s.templates.LoadOrStore(template.Name, &preparation{})
	p := once.(*preparation)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil
	}
	if err := s.hold(lockTemplate, templateKey(template.Name)); err != nil {
		return fmt.Errorf("template %s: %w", template.Name, err)
	}
	err := s.exclusively(ctx, func(connection *pgx.Conn) error {
		return s.build(ctx, connection, template)
	})
	if err != nil {
		return fmt.Errorf("template %s: %w", template.Name, err)
	}
	p.done = true
	return nil
}

// build makes a template's database unless a finished one is there. A
// finished one accepts no connections.
func (s *server) build(ctx context.Context, connection *pgx.Conn, template Template) error {
	name := templateDatabase(template.Name)
	var open bool
	err := connection.QueryRow(ctx, "SELECT datallowconn FROM pg_database WHERE datname = $1", name).Scan(&open)
	finished := err == nil && !open
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if !finished {
		if template.Prepare == nil {
			return errors.New("has no Prepare")
		}
		if err := dropTemplate(ctx, connection, name); err != nil { // begun by a process that was killed
			return err
		}
		if _, err := connection.Exec(ctx, "CREATE DATABASE "+name); err != nil {
			return err
		}
		if err := template.Prepare(ctx, s.url(name)); err != nil {
			return errors.Join(fmt.Errorf("prepare: %w", err), dropTemplate(context.WithoutCancel(ctx), connection, name))
		}
		if _, err := connection.Exec(ctx, "ALTER DATABASE "+name+" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false"); err != nil {
			return err
		}
	}
	used := time.Now().UTC().Format(time.RFC3339)
	if _, err := connection.Exec(ctx, "COMMENT ON DATABASE "+name+" IS '"+used+"'"); err != nil {
		return err
	}
	return s.dropOldTemplates(ctx, connection)
}

// Templates that no living process has asked for go when they are old, or
// more than a few.
const (
	templateAge   = time.Hour
	templateCount = 6
)

func (s *server) dropOldTemplates(ctx context.Context, connection *pgx.Conn) error {
	rows, err := connection.Query(ctx, `
		SELECT datname, coalesce(shobj_description(oid, 'pg_database'), '')
		FROM pg_database WHERE starts_with(datname, $1) ORDER BY 2 DESC`, templatePrefix)
	if err != nil {
		return err
	}
	type row struct{ Name, Used string }
	templates, err := pgx.CollectRows(rows, pgx.RowToStructByPos[row])
	if err != nil {
		return err
	}
	for rank, template := range templates {
		used, err := time.Parse(time.RFC3339, template.Used)
		if err == nil && rank < templateCount && time.Since(used) < templateAge {
			continue
		}
		key, ok := templateKeyOf(template.Name)
		if !ok {
			continue
		}
		err = ifFree(ctx, connection, lockTemplate, key, func() error {
			return dropTemplate(ctx, connection, template.Name)
		})
		if err != nil {
			return fmt.Errorf("drop old template %s: %w", template.Name, err)
		}
	}
	return nil
}

func dropTemplate(ctx context.Context, connection *pgx.Conn, name string) error {
	var exists bool
	if err := connection.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || !exists {
		return err
	}
	if _, err := connection.Exec(ctx, "ALTER DATABASE "+name+" WITH IS_TEMPLATE false"); err != nil {
		return err
	}
	_, err := connection.Exec(ctx, "DROP DATABASE "+name+" WITH (FORCE)")
	return err
}

const (
	testPrefix     = "pasaj_test_"
	templatePrefix = "pasaj_template_"
)

// templateDatabase is the name of a template's database: its first eight hex
// digits are the key of its lock.
func templateDatabase(name string) string {
	sum := sha256.Sum256([]byte(name))
	return templatePrefix + hex.EncodeToString(sum[:12])
}

func templateKey(name string) int32 {
	sum := sha256.Sum256([]byte(name))
	return int32(binary.BigEndian.Uint32(sum[:4]))
}

func templateKeyOf(database string) (int32, bool) {
	digest, err := hex.DecodeString(database[len(templatePrefix):])
	if err != nil || len(digest) < 4 {
		return 0, false
	}
	return int32(binary.BigEndian.Uint32(digest[:4])), true
}
