package postgis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	pgxgeom "github.com/twpayne/pgx-geom"

	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/road"
)

// Limits on how long the database may take. A statement over its time is
// ended by the server and answered with code unavailable.
const (
	connectTimeout   = 2 * time.Second
	statementTimeout = 30 * time.Second
	bulkTimeout      = 10 * time.Minute // a large batch, a whole world
	lockTimeout      = 10 * time.Second // waiting for other writers
)

// Options say how a Record behaves. The zero value of each takes a default.
type Options struct {
	Model          *geo.Model    // formulas for confidence; geo.DefaultModel
	Log            *slog.Logger  // nothing is logged without one
	AcquireTimeout time.Duration // longest wait for a free connection; 2 s
	MaxConns       int32         // connections at once, beside the follower's; 16

	// AccountsChanged, where set, is called by Follow when an account, session
	// or token was changed by any process, so that caches may be dropped. It
	// must not block.
	AccountsChanged func()

	// WatchesChanged, where set, is called by Follow when a watch was added or
	// deleted by any process. It must not block.
	WatchesChanged func()
}

// Record is the database.
type Record struct {
	pool    *pgxpool.Pool
	config  *pgx.ConnConfig // for connections beside the pool
	model   *geo.Model
	log     *slog.Logger
	acquire time.Duration
	told    map[string]func() // by channel, when something happened there

	graphs *sharedCache[road.Graph]
	grids  *sharedCache[raster.Grid]
}

// Open prepares a record at a PostgreSQL URL or keyword string. The server need
// not be reachable yet; a URL that cannot be read is an error.
func Open(ctx context.Context, url string, o Options) (*Record, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the address of the database cannot be read") // the cause would repeat the password
	}
	r := &Record{model: o.Model, log: o.Log, acquire: o.AcquireTimeout}
	if r.model == nil {
		r.model = &geo.DefaultModel
	}
	if r.log == nil {
		r.log = slog.New(slog.DiscardHandler)
	}
	if r.acquire <= 0 {
		r.acquire = 2 * time.Second
	}
	if o.MaxConns <= 0 {
		o.MaxConns = 16
	}
	r.told = map[string]func(){accountChannel: o.AccountsChanged, watchChannel: o.WatchesChanged}
	r.graphs, r.grids = newSharedCache[road.Graph](graphsKept), newSharedCache[raster.Grid](gridsKept)

	connection := config.ConnConfig
	if connection.ConnectTimeout == 0 || connection.ConnectTimeout > connectTimeout {
		connection.ConnectTimeout = connectTimeout
	}
	// A user called pasaj would otherwise find the schema of that name first.
	if connection.RuntimeParams["search_path"] == "" {
		connection.RuntimeParams["search_path"] = "public"
	}
	connection.RuntimeParams["timezone"] = "UTC"
	connection.RuntimeParams["jit"] = "off" // compiling costs more than these queries
	connection.RuntimeParams["application_name"] = "pasaj"
	connection.RuntimeParams["statement_timeout"] = milliseconds(statementTimeout)
	connection.RuntimeParams["lock_timeout"] = milliseconds(lockTimeout)
	connection.RuntimeParams["idle_in_transaction_session_timeout"] = milliseconds(time.Minute)
	config.MaxConns = o.MaxConns
	config.MaxConnIdleTime = 5 * time.Minute
	config.HealthCheckPeriod = 15 * time.Second
	config.AfterConnect = registerTypes
	r.config = connection.Copy()
	if r.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, fmt.Errorf("prepare connections: %w", err)
	}
	return r, nil
}

func milliseconds(d time.Duration) string { return fmt.Sprint(d.Milliseconds()) }

// registerTypes teaches a connection the PostGIS types. Before the first
// migration the extension is not there, and nothing needs them.
func registerTypes(ctx context.Context, connection *pgx.Conn) error {
	err := pgxgeom.Register(ctx, connection)
	if pgerr := (*pgconn.PgError)(nil); errors.As(err, &pgerr) && pgerr.Code == "42704" { // undefined_object
		return nil
	}
	return err
}

// connect opens a connection beside the pool.
func (r *Record) connect(ctx context.Context) (*pgx.Conn, error) {
	connection, err := pgx.ConnectConfig(ctx, r.config.Copy())
	if err != nil {
		return nil, err
	}
	if err := registerTypes(ctx, connection); err != nil {
		return nil, errors.Join(err, connection.Close(context.WithoutCancel(ctx)))
	}
	return connection, nil
}

// Ping reports whether the database answers; code unavailable if not.
func (r *Record) Ping(ctx context.Context) error {
	return r.with(ctx, func(c *pgxpool.Conn) error { return c.Ping(ctx) })
}

// Close ends all connections of the pool; it waits for those in use.
func (r *Record) Close() { r.pool.Close() }

// with lends a connection of the pool.
func (r *Record) with(ctx context.Context, do func(*pgxpool.Conn) error) error {
	waiting, cancel := context.WithTimeout(ctx, r.acquire)
	defer cancel()
	connection, err := r.pool.Acquire(waiting)
	if err != nil {
		return failure(ctx, err)
	}
	defer connection.Release()
	return failure(ctx, do(connection))
}

// transaction runs do in one transaction and commits if it returns nil.
func (r *Record) transaction(ctx context.Context, o pgx.TxOptions, do func(pgx.Tx) error) error {
	return r.with(ctx, func(c *pgxpool.Conn) error { return pgx.BeginTxFunc(ctx, c, o, do) })
}

// snapshot is a transaction in which every query sees the same revision.
var snapshot = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}

// become takes on an audience's role until the transaction ends or another is
// taken on.
func become(ctx context.Context, tx pgx.Tx, a geo.Audience) error {
	if _, err := tx.Exec(ctx, "SET LOCAL ROLE "+audienceRole(a)); err != nil {
		return fmt.Errorf("take on the role of %s: %w", a, err)
	}
	return nil
}

// unhurried lifts the statement timeout for the rest of a transaction.
func unhurried(ctx context.Context, tx pgx.Tx) error {
	_, err := tx.Exec(ctx, "SET LOCAL statement_timeout = "+milliseconds(bulkTimeout))
	return err
}
