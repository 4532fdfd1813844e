package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"pasaj/data/cluster"
	"pasaj/data/postgis"
	"pasaj/geo"
)

// databaseName is the database that Pasaj keeps in its private cluster.
const databaseName = "pasaj"

// defaultHome is where the private database lives when nobody says otherwise.
// The database server never runs as root and must be able to reach its folder,
// which it cannot below root's own home.
func defaultHome() string {
	if os.Geteuid() == 0 {
		return "/var/lib/pasaj"
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "pasaj")
	}
	if home, err := os.UserHomeDir(); err == nil {
		return filepath.Join(home, ".local", "share", "pasaj")
	}
	return "pasaj-home"
}

func (c *commandLine) logger() *slog.Logger {
	options := &slog.HandlerOptions{}
	var level slog.Level
	if level.UnmarshalText([]byte(c.LogLevel)) == nil { // kong has checked it
		options.Level = level
	}
	if c.LogJSON {
		return slog.New(slog.NewJSONHandler(os.Stderr, options))
	}
	return slog.New(slog.NewTextHandler(os.Stderr, options))
}

// record is the opened record and, where it is this process's own, the private
// cluster under it.
type record struct {
	*postgis.Record
	cluster *cluster.Cluster
}

// openRecord opens the database named, else the private cluster: its own, or
// the one that a running `pasaj serve` of the same home keeps. The schema is
// brought to this build's form.
func (c *commandLine) openRecord(ctx context.Context, log *slog.Logger) (*record, error) {
	return c.openRecordWith(ctx, log, postgis.Options{Model: &geo.DefaultModel, Log: log})
}

func (c *commandLine) openRecordWith(ctx context.Context, log *slog.Logger, options postgis.Options) (*record, error) {
	r := &record{}
	url := c.Database
	if url == "" {
		own, err := cluster.Open(ctx, cluster.Options{Home: c.Home, Fsync: true, Log: log})
		var locked *cluster.LockedError
		switch {
		case errors.As(err, &locked):
			url = cluster.RunningURL(c.Home, databaseName)
		case err != nil:
			return nil, err
		default:
			r.cluster = own
			if err := own.EnsureDatabase(ctx, databaseName); err != nil {
				return nil, errors.Join(err, r.close())
			}
			url = own.URL(databaseName)
		}
	}
	var err error
	if r.Record, err = postgis.Open(ctx, url, options); err != nil {
		return nil, errors.Join(err, r.close())
	}
	if err := r.Migrate(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("bring the database to this build's form: %w", err), r.close())
	}
	return r, nil
}

// close ends the connections and stops the private cluster if it is ours.
func (r *record) close() error {
	if r.Record != nil {
		r.Record.Close()
	}
	if r.cluster == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), 40*time.Second)
	defer cancel()
	return r.cluster.Close(ctx)
}

// withRecord runs a short command against the record.
func (c *commandLine) withRecord(ctx context.Context, do func(*record) error) (err error) {
	// A short command speaks through its result; only trouble is logged.
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	r, err := c.openRecord(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	return do(r)
}
