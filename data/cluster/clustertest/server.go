package clustertest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/jackc/pgx/v5"
)

// server is the one that this process makes its databases on.
type server struct {
	base string // URL or keywords of the maintenance database

	// token tells this process's databases from others'; while the process
	// lives it holds the lock of that number.
	token int32
	made  atomic.Int64

	templates sync.Map // name of a template → *preparation

	mu     sync.Mutex
	holder *pgx.Conn // holds this process's locks
}

// preparation is whether a template is known to be there.
type preparation struct {
	mu   sync.Mutex
	done bool
}

// Advisory locks, all taken in the maintenance database: they are per database.
const (
	lockPrepare  int32 = 0x70736a00 + iota // key 0: whoever prepares a template
	lockProcess                            // key: the token of a living process
	lockTemplate                           // key: of a template that a living process may copy
)

// theServer connects once per process; a failure stays one.
var theServer = sync.OnceValues(func() (*server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	base := os.Getenv("PASAJ_TEST_DATABASE_URL")
	if base == "" {
		var err error
		if base, err = join(ctx); err != nil {
			return nil, err
		}
	}
	s := &server{base: base, token: rand.Int32()}
	if err := s.hold(lockProcess, s.token); err != nil {
		return nil, err
	}
	if err := s.sweep(ctx); err != nil {
		return nil, fmt.Errorf("drop databases of former tests: %w", err)
	}
	return s, nil
})

// url names one of the server's databases; "" is the maintenance database.
func (s *server) url(database string) string {
	if database == "" {
		return s.base
	}
	if strings.HasPrefix(s.base, "postgres://") || strings.HasPrefix(s.base, "postgresql://") {
		if parsed, err := url.Parse(s.base); err == nil {
			parsed.Path = "/" + database
			return parsed.String()
		}
	}
	return s.base + " dbname=" + database // the last of several keywords counts
}

// hold takes a shared lock for as long as this process lives. It does not
// take the context of a test, whose end would cost the connection and with it
// all locks.
func (s *server) hold(class, key int32) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.holder == nil || s.holder.IsClosed() {
		connection, err := pgx.Connect(ctx, s.base)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		s.holder = connection
		if _, err := connection.Exec(ctx, holdQuery, lockProcess, s.token); err != nil {
			return err
		}
	}
	_, err := s.holder.Exec(ctx, holdQuery, class, key)
	return err
}

const holdQuery = "SELECT pg_advisory_lock_shared($1, $2)"

// exclusively runs a function while nobody else on the server does.
func (s *server) exclusively(ctx context.Context, do func(*pgx.Conn) error) error {
	connection, err := pgx.Connect(ctx, s.base)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx)) // which unlocks
	if _, err := connection.Exec(ctx, "SELECT pg_advisory_lock($1, 0)", lockPrepare); err != nil {
		return err
	}
	return do(connection)
}

// ifFree runs a function if nobody holds a lock, and holds it meanwhile.
func ifFree(ctx context.Context, connection *pgx.Conn, class, key int32, do func() error) error {
	var free bool
	if err := connection.QueryRow(ctx, "SELECT pg_try_advisory_lock($1, $2)", class, key).Scan(&free); err != nil || !free {
		return err
	}
	failure := do()
	_, err := connection.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1, $2)", class, key)
	if failure != nil {
		return failure
	}
	return err
}

// sweep drops the databases of processes that were killed.
func (s *server) sweep(ctx context.Context) error {
	connection, err := pgx.Connect(ctx, s.base)
	if err != nil {
		return err
	}
	defer connection.Close(context.WithoutCancel(ctx))
	rows, err := connection.Query(ctx, `
		SELECT datname FROM pg_database
		WHERE starts_with(datname, $1) AND datname NOT IN (SELECT datname FROM pg_stat_activity WHERE datname IS NOT NULL)`, testPrefix)
	if err != nil {
		return err
	}
	names, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, name := range names {
		digits, _, _ := strings.Cut(strings.TrimPrefix(name, testPrefix), "_")
		token, err := strconv.ParseInt(digits, 10, 32)
		if err != nil || int32(token) == s.token {
			continue
		}
		err = ifFree(ctx, connection, lockProcess, int32(token), func() error {
			_, err := connection.Exec(ctx, "DROP DATABASE IF EXISTS "+pgx.Identifier{name}.Sanitize())
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}
