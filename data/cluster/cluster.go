package cluster

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Options say where a cluster lives and how it behaves.
type Options struct {
	// Home is the folder that holds everything; it is made when missing.
	Home string
	// Fsync makes every commit survive a power cut. Only throw-away data may
	// go without.
	Fsync bool
	// Log receives starts, restarts and stops; nil is silence.
	Log *slog.Logger
	// BinDirs are the folders to look for PostgreSQL's programs in, instead
	// of SearchDirs.
	BinDirs []string
	// MaxConnections bounds the server's connections; 0 means 100.
	MaxConnections int
	// Settings are further parameters of the server, which win over Pasaj's.
	Settings map[string]string
	// StopTimeout is how long Close waits for a fast shutdown before it
	// shuts down at once; 0 means 30 s.
	StopTimeout time.Duration
}

// Cluster is a running PostgreSQL server that belongs to this process.
type Cluster struct {
	home           string
	directory      string // of the data
	socketDir      string
	logPath        string
	fsync          bool
	maxConnections int
	extra          map[string]string
	stopTimeout    time.Duration
	log            *slog.Logger
	installation   Installation
	owner          owner
	lock           *os.File

	cancel     context.CancelFunc // of the supervisor
	supervised sync.WaitGroup
	closing    sync.Once
	closed     error

	mu         sync.Mutex // guards what follows
	postmaster *postmaster
	version    string
}

// Open starts the cluster of a home, or adopts the server that an owner which
// was killed left running, and returns when it accepts connections. The first
// time it makes the data directory. The context bounds the start only.
//
// Errors: *MissingError when no PostgreSQL with PostGIS is installed,
// *VersionError when the data belong to another major version, *LockedError
// when another process owns the home.
func Open(ctx context.Context, options Options) (*Cluster, error) {
	c, err := newCluster(options)
	if err != nil {
		return nil, err
	}
	if c.lock, err = lockHome(c.home, filepath.Join(c.home, "lock")); err != nil {
		return nil, err
	}
	if err := c.open(ctx, options.BinDirs); err != nil {
		stopped := c.stop(context.WithoutCancel(ctx))
		c.lock.Close()
		return nil, errors.Join(fmt.Errorf("private database: %w", err), stopped)
	}
	supervision, cancel := context.WithCancel(context.Background())
	c.cancel = cancel
	c.supervised.Go(func() { c.supervise(supervision) })
	return c, nil
}

func newCluster(options Options) (*Cluster, error) {
	if options.Home == "" {
		return nil, errors.New("private database: no home named")
	}
	home, err := filepath.Abs(options.Home)
	if err != nil {
		return nil, fmt.Errorf("private database: %w", err)
	}
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, fmt.Errorf("private database: make home: %w", err)
	}
	// The server reports its folder with links resolved.
	if home, err = filepath.EvalSymlinks(home); err != nil {
		return nil, fmt.Errorf("private database: %w", err)
	}
	c := &Cluster{
		home:           home,
		directory:      filepath.Join(home, "postgres"),
		socketDir:      chooseSocketDir(home),
		logPath:        filepath.Join(home, "postgres.log"),
		fsync:          options.Fsync,
		maxConnections: options.MaxConnections,
		extra:          options.Settings,
		stopTimeout:    options.StopTimeout,
		log:            options.Log,
	}
	if c.maxConnections == 0 {
		c.maxConnections = 100
	}
	if c.stopTimeout == 0 {
		c.stopTimeout = 30 * time.Second
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	return c, nil
}

func (c *Cluster) open(ctx context.Context, binDirs []string) error {
	installed, err := Find(ctx, binDirs)
	if err != nil {
		return err
	}
	if c.owner, err = chooseOwner(c.directory); err != nil {
		return err
	}
	if err := c.owner.reach(c.home); err != nil {
		return err
	}
	state, err := inspectDirectory(c.directory)
	if err != nil {
		return err
	}
	c.installation = installed[0]
	if state == directoryComplete {
		if c.installation, err = choose(installed, c.directory); err != nil {
			return err
		}
	}
	if err := c.prepareDirectory(ctx, state); err != nil {
		return err
	}
	changed, err := c.configure()
	if err != nil {
		return err
	}
	adopted, err := c.adopt(ctx, changed)
	if err != nil || adopted {
		return err
	}
	return c.start(ctx)
}

// Close stops the server: a fast shutdown, which ends open connections, and
// one without ceremony when the context or the stop timeout ends before it is
// through (the next start then recovers from the log). A second Close returns
// what the first did.
func (c *Cluster) Close(ctx context.Context) error {
	c.closing.Do(func() {
		c.cancel()
		c.supervised.Wait()
		c.closed = c.stop(ctx)
		if err := c.lock.Close(); err != nil {
			c.closed = errors.Join(c.closed, fmt.Errorf("release home: %w", err))
		}
	})
	return c.closed
}

// URL is the connection string of one of the cluster's databases, as pgx
// takes it: the superuser, over the unix socket.
func (c *Cluster) URL(database string) string { return socketURL(c.socketDir, database) }

// RunningURL is the connection string of a database of the cluster that
// another process keeps in a home: what a short command uses when Open says
// *LockedError. Whether a server answers there shows when connecting.
func RunningURL(home, database string) string {
	if absolute, err := filepath.Abs(home); err == nil {
		home = absolute
	}
	if real, err := filepath.EvalSymlinks(home); err == nil {
		home = real
	}
	socketDir := chooseSocketDir(home)
	// The server's own word, where it may be read, beats what it would be today.
	if file, ok, err := readPIDFile(filepath.Join(home, "postgres")); err == nil && ok && file.socketDir != "" {
		socketDir = file.socketDir
	}
	return socketURL(socketDir, database)
}

func socketURL(socketDir, database string) string {
	query := url.Values{"host": {socketDir}, "port": {strconv.Itoa(port)}}
	address := url.URL{
		Scheme:   "postgres",
		User:     url.User(superuser),
		Path:     "/" + database,
		RawQuery: query.Encode(),
	}
	return address.String()
}

// EnsureDatabase creates a database unless there is one of that name. It is
// an empty one: extensions and tables are the caller's.
func (c *Cluster) EnsureDatabase(ctx context.Context, name string) error {
	connection, err := pgx.Connect(ctx, c.URL("postgres"))
	if err != nil {
		return fmt.Errorf("ensure database %s: %w", name, err)
	}
	defer connection.Close(context.WithoutCancel(ctx))
	var exists bool
	if err := connection.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil {
		return fmt.Errorf("ensure database %s: %w", name, err)
	}
	if exists {
		return nil
	}
	_, err = connection.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize())
	const duplicateDatabase = "42P04" // made by somebody else in between
	if refusal := (*pgconn.PgError)(nil); errors.As(err, &refusal) && refusal.Code == duplicateDatabase {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ensure database %s: %w", name, err)
	}
	return nil
}

// Version is the running server's version, such as "15.13".
func (c *Cluster) Version() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.version
}

// PID is the process id of the postmaster, 0 while there is none.
func (c *Cluster) PID() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.postmaster == nil || c.postmaster.gone() {
		return 0
	}
	return c.postmaster.pid
}

// Home is the folder the cluster lives in, absolute and with links resolved.
func (c *Cluster) Home() string { return c.home }

// LogPath is the file that the server logs to.
func (c *Cluster) LogPath() string { return c.logPath }

// Installation is the set of programs that the cluster runs with, for pg_dump
// and its like.
func (c *Cluster) Installation() Installation { return c.installation }
