package postgis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"pasaj/geo"
	"pasaj/geo/world"
)

// How the follower keeps time.
const (
	heartbeat     = time.Second           // between questions for the newest revision
	answerWithin  = 2 * time.Second       // what one such question may take
	backOffFirst  = 50 * time.Millisecond // before the first attempt to reconnect
	backOffMost   = time.Second           // between further ones
	stretchLength = geo.Revision(1000)    // revisions caught up with at a time
)

// Follow keeps the worlds of all audiences as new as the record until ctx
// ends; it returns the context's error. It loads all worlds first, then listens
// and asks every second. When the connection breaks it says so on live, tries
// again with growing pauses of at most a second and catches up from the last
// revision published: each revision gives exactly one event per audience, in
// order. Should the record have gone back, as after a restore, it loads anew.
//
// One Follow may run for each Live.
func (r *Record) Follow(ctx context.Context, live *world.Live) error {
	f := &follower{record: r, live: live}
	pause := backOffFirst
	for {
		err := f.session(ctx)
		live.SetConnected(false)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if f.heard {
			f.heard, pause = false, backOffFirst
		}
		r.log.Warn("the record is out of reach", "cause", err, "retry_ms", pause.Milliseconds())
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return ctx.Err()
		}
		pause = min(2*pause, backOffMost)
	}
}

// follower is the state of one Follow; only its goroutine touches it.
type follower struct {
	record *Record
	live   *world.Live
	loaded bool
	heard  bool // the session got as far as an answer
	worlds [4]*world.World
}

// session follows over one connection until it breaks.
func (f *follower) session(ctx context.Context) (err error) {
	connecting, cancel := context.WithTimeout(ctx, answerWithin+connectTimeout)
	defer cancel()
	connection, err := f.record.connect(connecting)
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerWithin)
		defer cancel()
		_ = connection.Close(closing) // the server notices by itself if this fails
	}()
	for _, channel := range []string{revisionChannel, accountChannel, watchChannel} {
		if _, err := connection.Exec(connecting, "LISTEN "+channel); err != nil {
			return err
		}
	}
	// Whatever was changed while nobody listened.
	f.record.tell(accountChannel)
	f.record.tell(watchChannel)
	for {
		if err := f.advance(ctx, connection); err != nil {
			return err
		}
		f.heard = true
		f.live.SetConnected(true)
		if err := f.listen(ctx, connection); err != nil {
			return err
		}
	}
}

// listen returns when there is news of a revision, or after a heartbeat.
func (f *follower) listen(ctx context.Context, connection *pgx.Conn) error {
	waiting, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	for {
		news, err := connection.WaitForNotification(waiting)
		switch {
		case err == nil && news.Channel != revisionChannel:
			f.record.tell(news.Channel)
		case err == nil:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.Is(waiting.Err(), context.DeadlineExceeded) && !connection.IsClosed():
			return nil
		default:
			return err
		}
	}
}

// advance asks for the newest revision and brings the worlds there.
func (f *follower) advance(ctx context.Context, connection *pgx.Conn) error {
	asking, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	asked := time.Now()
	there, _, err := newest(asking, connection)
	if err != nil {
		return err
	}
	switch at := f.revision(); {
	case !f.loaded || there < at:
		if f.loaded {
			f.record.log.Error("the record went back: loading anew", "from", at, "to", there)
		}
		if err := f.load(ctx, connection); err != nil {
			return err
		}
	default:
		for f.revision() < there {
			if err := f.catchUp(ctx, connection, min(there, f.revision()+stretchLength)); err != nil {
				return err
			}
		}
	}
	f.live.Touch(asked)
	return nil
}

func (f *follower) revision() geo.Revision {
	if !f.loaded {
		return 0
	}
	return f.worlds[geo.Public].Revision()
}

// load reads every world anew, all at the same revision.
func (f *follower) load(ctx context.Context, connection *pgx.Conn) error {
	began := time.Now()
	var worlds [4]*world.World
	err := pgx.BeginTxFunc(ctx, connection, snapshot, func(tx pgx.Tx) error {
		for _, a := range geo.Audiences() {
			var err error
			if worlds[a], err = f.record.load(ctx, tx, a, 0); err != nil {
				return fmt.Errorf("load the world of %s: %w", a, err)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.worlds, f.loaded = worlds, true
	f.live.Publish(worlds, [4][]geo.Event{})
	f.record.log.Info("worlds loaded", "revision", f.revision(), "ms", time.Since(began).Milliseconds())
	return nil
}

// catchUp applies a stretch of revisions to all worlds and publishes them
// together.
func (f *follower) catchUp(ctx context.Context, connection *pgx.Conn, upTo geo.Revision) error {
	worlds := f.worlds
	var events [4][]geo.Event
	err := pgx.BeginTxFunc(ctx, connection, snapshot, func(tx pgx.Tx) error {
		if err := unhurried(ctx, tx); err != nil {
			return err
		}
		s, err := readStretch(ctx, tx, f.revision(), upTo)
		if err != nil {
			return err
		}
		for _, a := range geo.Audiences() {
			steps, _, err := f.record.steps(ctx, tx, a, s)
			if err != nil {
				return fmt.Errorf("follow for %s: %w", a, err)
			}
			for _, step := range steps {
				var event geo.Event
				worlds[a], event = worlds[a].Apply(step)
				events[a] = append(events[a], event)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	f.worlds = worlds
	f.live.Publish(worlds, events)
	return nil
}

// tell calls who wants to know of a channel's news.
func (r *Record) tell(channel string) {
	if told := r.told[channel]; told != nil {
		told()
	}
}

// querier is what a connection, a pool and a transaction have in common.
type querier interface {
	QueryRow(ctx context.Context, sql string, arguments ...any) pgx.Row
}

// newest is the last revision committed, zero in an empty record. It needs the
// record's own role.
func newest(ctx context.Context, q querier) (rev geo.Revision, at time.Time, err error) {
	err = q.QueryRow(ctx, "SELECT id, at FROM pasaj.revision ORDER BY id DESC LIMIT 1").Scan(&rev, &at)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, time.Time{}, nil
	}
	return rev, at.UTC(), err
}
