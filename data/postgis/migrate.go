package postgis

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"pasaj/geo"
	"pasaj/migrations"
)

// Keys of the advisory locks, local to one database: "pasaj" in ASCII and a
// number.
const (
	lockMigrate = 0x706173616a_01
	lockWrite   = 0x706173616a_02
	lockNetwork = 0x706173616a_03
	lockGrid    = 0x706173616a_04
	lockRelease = 0x706173616a_05
)

// Migrate brings the schema up to date and then the audiences' roles, views and
// policies, where they differ from what the catalogue asks for. It may run in
// any number of processes at once, and again at any time. The connecting user
// must be allowed to create extensions, schemas and roles the first time.
func (r *Record) Migrate(ctx context.Context) error {
	if err := r.migrate(ctx); err != nil {
		return failure(ctx, fmt.Errorf("migrate: %w", err))
	}
	r.pool.Reset() // connections from before do not know the PostGIS types
	return nil
}

func (r *Record) migrate(ctx context.Context) (err error) {
	config := r.config.Copy()
	for _, timeout := range []string{"statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"} {
		config.RuntimeParams[timeout] = "0"
	}
	connection, err := pgx.ConnectConfig(ctx, config)
	if err != nil {
		return err
	}
	// Closing the connection gives the lock back, whatever happened.
	defer func() { err = errors.Join(err, connection.Close(context.WithoutCancel(ctx))) }()
	if _, err := connection.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(lockMigrate)); err != nil {
		return err
	}
	if _, err := connection.Exec(ctx, "CREATE SCHEMA IF NOT EXISTS pasaj"); err != nil {
		return err
	}
	if err := r.migrateTables(ctx, config); err != nil {
		return err
	}
	return r.migrateAudiences(ctx, connection)
}

func (r *Record) migrateTables(ctx context.Context, config *pgx.ConnConfig) (err error) {
	database := stdlib.OpenDB(*config.Copy())
	defer func() { err = errors.Join(err, database.Close()) }()
	provider, err := goose.NewProvider(goose.DialectPostgres, database, migrations.FS,
		goose.WithTableName("pasaj.migration"), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return err
	}
	results, err := provider.Up(ctx)
	for _, done := range results {
		r.log.Info("migrated", "file", done.Source.Path, "ms", done.Duration.Milliseconds())
	}
	return err
}

// migrateAudiences makes roles, which belong to the whole cluster, and then
// everything about them in this database, in one transaction.
func (r *Record) migrateAudiences(ctx context.Context, connection *pgx.Conn) error {
	made := false
	for _, role := range audienceRoles() {
		created, err := ensureRole(ctx, connection, role)
		if err != nil {
			return fmt.Errorf("role %s: %w", role, err)
		}
		made = made || created
	}
	statements := audienceSQL()
	hash := hashOf(statements)
	var have string
	var granted bool // not so after a restore into another cluster
	err := connection.QueryRow(ctx, `SELECT hash, coalesce(has_schema_privilege($1, to_regnamespace($2), 'USAGE'), false)
		FROM pasaj.audience_schema`, audienceRole(geo.Operations), audienceSchema(geo.Operations)).Scan(&have, &granted)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return err
	}
	if have == hash && granted && !made {
		return nil
	}
	err = pgx.BeginFunc(ctx, connection, func(tx pgx.Tx) error {
		for _, statement := range statements {
			if _, err := tx.Exec(ctx, statement, pgx.QueryExecModeSimpleProtocol); err != nil {
				return fmt.Errorf("%.120s: %w", statement, err)
			}
		}
		_, err := tx.Exec(ctx, `INSERT INTO pasaj.audience_schema (hash) VALUES ($1)
			ON CONFLICT (single) DO UPDATE SET hash = excluded.hash`, hash)
		return err
	})
	if err == nil {
		r.log.Info("audiences made", "hash", hash[:12])
	}
	return err
}

// ensureRole makes a role that cannot log in, and lets the connecting user act
// as it. Another database of the cluster may be doing the same at this moment;
// losing such a race is success.
func ensureRole(ctx context.Context, connection *pgx.Conn, role string) (created bool, err error) {
	for attempt := 1; ; attempt++ {
		created, err = tryRole(ctx, connection, role)
		var pgerr *pgconn.PgError
		raced := errors.As(err, &pgerr) && (pgerr.Code == "42710" || pgerr.Code == "23505" || pgerr.Code == "XX000")
		if !raced || attempt == 20 {
			return created, err
		}
		select {
		case <-time.After(time.Duration(attempt) * 10 * time.Millisecond):
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
}

func tryRole(ctx context.Context, connection *pgx.Conn, role string) (created bool, err error) {
	var exists bool
	if err := connection.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = $1)", role).Scan(&exists); err != nil {
		return false, err
	}
	if !exists {
		if _, err := connection.Exec(ctx, "CREATE ROLE "+role+" NOLOGIN"); err != nil {
			return false, err
		}
	}
	// From PostgreSQL 16 on, being a member and being allowed to SET ROLE differ.
	var acts bool
	err = connection.QueryRow(ctx, `SELECT pg_has_role(current_user, $1,
		CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)`, role).Scan(&acts)
	if err != nil || acts {
		return !exists, err
	}
	_, err = connection.Exec(ctx, "GRANT "+role+" TO CURRENT_USER")
	return !exists, err
}

// SchemaHash names the schema that Migrate of this build makes: it differs
// whenever a migration or the catalogue does.
func SchemaHash() (string, error) {
	parts := audienceSQL()
	err := fs.WalkDir(migrations.FS, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := migrations.FS.ReadFile(path)
		parts = append(parts, path, string(text))
		return err
	})
	return hashOf(parts), err
}
