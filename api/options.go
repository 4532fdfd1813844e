package api

import (
	"context"
	"io/fs"
	"log/slog"
	"net/url"
	"time"

	"github.com/google/uuid"

	"pasaj/api/auth"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// Journal takes changes: each batch is one revision.
type Journal interface {
	Write(ctx context.Context, b geo.Batch) (geo.Receipt, error)
}

// Past answers from the record what the worlds in memory do not hold.
type Past interface {
	// Resolve gives the revision an AsOf names and when it was committed.
	Resolve(ctx context.Context, asof geo.AsOf) (geo.Revision, time.Time, error)
	// Events lists what revisions after and up to changed, one event each.
	Events(ctx context.Context, a geo.Audience, after, upTo geo.Revision) ([]geo.Event, error)
	// History lists all versions of a feature, superseded ones included.
	History(ctx context.Context, a geo.Audience, l *geo.Layer, id uuid.UUID) ([]*geo.Version, error)
}

// Archive rebuilds worlds of the past; *world.Archive is one.
type Archive interface {
	World(ctx context.Context, a geo.Audience, r geo.Revision) (*world.World, error)
}

// Tokens manages bearer tokens.
type Tokens interface {
	CreateToken(ctx context.Context, t geo.Token, digest [32]byte) error
	Tokens(ctx context.Context) ([]geo.Token, error)
	RevokeToken(ctx context.Context, id uuid.UUID) error
}

// Options is what a Server is made of. Live, Journal, Past, Archive, Accounts
// and Tokens are needed; one *postgis.Record usually is four of them, and Watches.
type Options struct {
	Live     *world.Live
	Journal  Journal
	Past     Past
	Archive  Archive
	Accounts auth.Store
	Tokens   Tokens

	Engine   Engine           // answers questions about ways; nil: a passage.Engine of the default policy
	Coverage *coverage.Engine // answers how much of the ground is held by whom; nil: one without ways and baselines
	Watches  Watches          // keeps watches; nil: none are offered

	Model       *geo.Model       // nil: geo.DefaultModel
	Passwords   *auth.Passwords  // nil: auth.NewPasswords()
	Evidence    Evidence         // counts observations; nil: what needs them is not measured
	Releases    Releases         // what the public was told; nil: nothing was
	Client      fs.FS            // the built web client; nil or without index.html: a page says how to get it
	Notice      geo.Text         // what readers must know about the data, e.g. that it is a reference compilation
	Version     string           // of this build, shown in /v1/status
	PublicURL   *url.URL         // scheme and host of links; nil: those of the request
	TrustProxy  bool             // believe X-Forwarded-For and -Proto from a private address
	CORSOrigins []string         // origins whose pages may read; none by default
	Log         *slog.Logger     // nil: slog.Default()
	Now         func() time.Time // nil: time.Now

	Heartbeat        time.Duration // between comments on a stream; 0: 15 s
	MaxStreams       int           // streams at a time; 0: 1,000
	MaxStreamsPerIP  int           // anonymous streams at a time from one address; 0: 20
	TileCacheBytes   int           // bound of the tile cache; 0: 64 MiB
	AnswerCacheCount int           // coverage answers kept; 0: 256
	AnswerTime       time.Duration // that a question about ways may take; 0: 10 s
	MaxHeavy         int           // large questions answered at a time; 0: 4
}

func (o *Options) setDefaults() {
	if o.Model == nil {
		o.Model = &geo.DefaultModel
	}
	if o.Passwords == nil {
		o.Passwords = auth.NewPasswords()
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Version == "" {
		o.Version = "development"
	}
	o.Heartbeat = orDefault(o.Heartbeat, 15*time.Second)
	o.MaxStreams = orDefault(o.MaxStreams, 1000)
	o.MaxStreamsPerIP = orDefault(o.MaxStreamsPerIP, 20)
	o.TileCacheBytes = orDefault(o.TileCacheBytes, 64<<20)
	o.AnswerCacheCount = orDefault(o.AnswerCacheCount, 256)
	o.AnswerTime = orDefault(o.AnswerTime, 10*time.Second)
	o.MaxHeavy = orDefault(o.MaxHeavy, 4)
	if o.Engine == nil {
		o.Engine = passage.NewEngine(passage.EngineOptions{})
	}
	if o.Coverage == nil {
		o.Coverage = coverage.NewEngine(coverage.Options{})
	}
}

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}
