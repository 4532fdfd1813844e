package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"

	"pasaj/data/postgis"
	"pasaj/geo"
	"pasaj/geo/coverage"
)

// releaseFlags say what the public is told, and when.
type releaseFlags struct {
	ReleaseSources int           `help:"The public is told nothing of a commune that rests on fewer sources." env:"PASAJ_RELEASE_SOURCES" name:"release-sources" default:"3"`
	ReleaseDelay   time.Duration `help:"How far behind the clock the public is told, 24h at least." env:"PASAJ_RELEASE_DELAY" name:"release-delay" default:"24h"`
	ReleaseAt      string        `help:"Time of day at Port-au-Prince at which public figures change." env:"PASAJ_RELEASE_AT" name:"release-at" default:"05:30"`
}

func (f releaseFlags) rules() (coverage.ReleaseRules, error) {
	hour, err := time.Parse("15:04", f.ReleaseAt)
	if err != nil {
		return coverage.ReleaseRules{}, fmt.Errorf("--release-at %q is not a time of day such as 05:30", f.ReleaseAt)
	}
	rules := coverage.DefaultReleaseRules
	rules.Sources, rules.Delay = f.ReleaseSources, f.ReleaseDelay
	rules.Hour = time.Duration(hour.Hour())*time.Hour + time.Duration(hour.Minute())*time.Minute
	return rules, rules.Check()
}

// capital is where the clock of releases stands.
var capital = func() *time.Location {
	zone, err := time.LoadLocation("America/Port-au-Prince")
	if err != nil { // the zones are part of the binary
		panic(err)
	}
	return zone
}()

// releaser tells the public what may be told.
type releaser struct {
	record *postgis.Record
	engine *coverage.Engine
	rules  coverage.ReleaseRules
	log    *slog.Logger
}

// releasePause is how long a releaser waits before it looks at the clock again.
const releasePause = 30 * time.Second

// keepReleasing makes each release once its instant has come, until the context
// ends. Several processes of one record make each of them once.
func keepReleasing(ctx context.Context, r releaser) {
	for ctx.Err() == nil {
		if err := r.release(ctx, time.Now()); err != nil && ctx.Err() == nil {
			r.log.Warn("the release for the public could not be made", "cause", err)
		}
		select {
		case <-time.After(releasePause):
		case <-ctx.Done():
		}
	}
}

// release makes the release that was due last, unless it is there.
func (r releaser) release(ctx context.Context, now time.Time) error {
	at := r.rules.Last(now, capital)
	done, err := r.record.Released(ctx, at)
	if err != nil || done {
		return err
	}
	revision, _, err := r.record.Resolve(ctx, geo.AsOf{Time: at.Add(-r.rules.Delay)})
	if geo.CodeOf(err) == geo.CodeNotFound {
		return nil // nothing was known by then
	}
	if err != nil {
		return err
	}
	w, err := r.record.Load(ctx, geo.Humanitarian, revision)
	if err != nil {
		return err
	}
	public, err := r.record.Load(ctx, geo.Public, revision) // areas by what the public may know of them
	if err != nil {
		return err
	}
	told, err := r.engine.Release(ctx, public, w, at, r.rules)
	if err != nil {
		return err
	}
	body, err := json.Marshal(told)
	if err != nil {
		return fmt.Errorf("encode a release: %w", err)
	}
	err = r.record.SaveRelease(ctx, geo.Release{At: at, Revision: revision, K: r.rules.Sources, Formula: told.FormulaVersion, Body: body})
	if err == nil {
		r.log.Info("released for the public", "at", geo.FormatInstant(at), "revision", revision)
	}
	return err
}
