package api

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// watchPause is the longest time between two rounds: schedules open and close,
// and news grows old, without anything being published.
const watchPause = time.Minute

// watchRoom is how many events of watches a slow stream may lag behind.
const watchRoom = 64

// watcher answers all watches anew when something may have changed, and tells
// their owners. It keeps the last verdict of each and nothing of the questions,
// which are read from the record for each round.
//
// Several processes may serve one record. Each of them compares with what it
// gave last itself, so that each tells its own streams.
type watcher struct {
	server *Server
	wake   chan struct{} // something changed: go round
	idle   atomic.Bool   // there were no watches when it looked last

	mu      sync.Mutex
	last    map[uuid.UUID]geo.WatchVerdict
	streams map[string]map[chan []byte]struct{} // by owner
}

func newWatcher(s *Server) *watcher {
	return &watcher{
		server: s, wake: make(chan struct{}, 1),
		last: map[uuid.UUID]geo.WatchVerdict{}, streams: map[string]map[chan []byte]struct{}{},
	}
}

// know notes the verdict that an owner has just been given.
func (w *watcher) know(id uuid.UUID, v geo.WatchVerdict) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.last[id] = v
}

// look asks for a round that reads the watches again.
func (w *watcher) look() {
	w.idle.Store(false)
	select {
	case w.wake <- struct{}{}:
	default: // one is due already
	}
}

// listen opens a channel of events for a stream of an account.
func (w *watcher) listen(owner string) (events chan []byte, leave func()) {
	events = make(chan []byte, watchRoom)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.streams[owner] == nil {
		w.streams[owner] = map[chan []byte]struct{}{}
	}
	w.streams[owner][events] = struct{}{}
	return events, func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.streams[owner], events)
		if len(w.streams[owner]) == 0 {
			delete(w.streams, owner)
		}
	}
}

// push sends an event to the owner's open streams. One that does not read for
// long misses it; what holds stands in the list of watches.
func (w *watcher) push(owner string, event []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for events := range w.streams[owner] {
		select {
		case events <- event:
		default:
		}
	}
}

// FollowWatches answers the watches of all accounts anew after each publication
// of worlds, when WatchesChanged was called, and every minute, until the context
// ends; it returns the context's error. Without Options.Watches it only waits.
func (s *Server) FollowWatches(ctx context.Context) error {
	if s.watcher == nil {
		<-ctx.Done()
		return ctx.Err()
	}
	go s.watcher.followWorlds(ctx)
	pause := time.NewTicker(watchPause)
	defer pause.Stop()
	for {
		select {
		case <-s.watcher.wake:
		case <-pause.C:
			s.watcher.idle.Store(false)
		case <-ctx.Done():
			return ctx.Err()
		}
		if err := s.watcher.round(ctx); err != nil && ctx.Err() == nil {
			s.options.Log.LogAttrs(ctx, slog.LevelWarn, "watches were not answered", slog.String("cause", kindOf(err)))
		}
	}
}

// WatchesChanged has the watches read again: one was made or deleted, maybe by
// another process. It does not block.
func (s *Server) WatchesChanged() {
	if s.watcher != nil {
		s.watcher.look()
	}
}

// followWorlds wakes the rounds after each publication.
func (w *watcher) followWorlds(ctx context.Context) {
	live := w.server.options.Live
	for ctx.Err() == nil {
		at := live.World(geo.Public).Revision()
		waiting, cancel := context.WithTimeout(ctx, watchPause) // the record may have gone back
		err := live.Wait(waiting, at+1)
		cancel()
		if err != nil || w.idle.Load() {
			continue
		}
		select {
		case w.wake <- struct{}{}:
		default:
		}
	}
}

// due is a watch that is answered in a round.
type due struct {
	watch   geo.Watch
	name    string
	request passage.Request
	world   *world.World
	verdict *geo.WatchVerdict // nil where it could not be answered
	reasons []passage.Reason
}

// round answers every watch once.
func (w *watcher) round(ctx context.Context) error {
	if w.idle.Load() {
		return nil
	}
	s := w.server
	w.idle.Store(true) // unless somebody makes one from here on
	list, err := s.options.Watches.AllWatches(ctx)
	if err != nil || len(list) > 0 {
		w.idle.Store(false)
	}
	if err != nil {
		return err
	}
	w.forget(list)
	if len(list) == 0 {
		return nil
	}
	audiences, err := w.audiences(ctx, list)
	if err != nil {
		return err
	}
	dues := make([]*due, 0, len(list))
	for _, one := range list {
		audience, there := audiences[one.Owner]
		if !there {
			continue
		}
		d := &due{watch: one, world: s.options.Live.World(audience)}
		var kept watched
		if json.Unmarshal(one.Request, &kept) != nil {
			continue
		}
		r, err := passage.DecodeRequest(kept.Passage)
		if err != nil { // written by a build with other rules
			continue
		}
		d.name, d.request = kept.Name, r.Resolve(s.present(d.world.At()), d.world.Model())
		dues = append(dues, d)
	}
	// Questions that share what the engine prepares stand together.
	slices.SortStableFunc(dues, func(a, b *due) int {
		return cmp.Or(cmp.Compare(a.world.Audience(), b.world.Audience()), cmp.Compare(a.request.Vehicle, b.request.Vehicle),
			cmp.Compare(a.request.Profile, b.request.Profile), a.request.At.Compare(b.request.At), a.request.DepartAt.Compare(b.request.DepartAt))
	})
	w.answer(ctx, dues)
	for _, d := range dues {
		if d.verdict != nil {
			err = errors.Join(err, w.conclude(ctx, d))
		}
	}
	return err
}

// audiences gives the present audience of each owner; owners that are gone or
// disabled are not in it.
func (w *watcher) audiences(ctx context.Context, list []geo.Watch) (map[string]geo.Audience, error) {
	out, asked := map[string]geo.Audience{}, map[string]bool{}
	for _, one := range list {
		if asked[one.Owner] {
			continue
		}
		asked[one.Owner] = true
		account, _, err := w.server.options.Accounts.Account(ctx, one.Owner)
		switch {
		case geo.CodeOf(err) == geo.CodeNotFound:
		case err != nil:
			return nil, err
		case !account.Disabled:
			out[one.Owner] = account.Audience
		}
	}
	return out, nil
}

// answer finds the verdicts, several at a time.
func (w *watcher) answer(ctx context.Context, dues []*due) {
	var working sync.WaitGroup
	var next atomic.Int64
	for range min(runtime.GOMAXPROCS(0), len(dues)) {
		working.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(dues) || ctx.Err() != nil {
					return
				}
				w.find(ctx, dues[i])
			}
		})
	}
	working.Wait()
}

func (w *watcher) find(ctx context.Context, d *due) {
	s := w.server
	defer func() {
		if r := recover(); r != nil {
			s.options.Log.Error("panic", "operation", "watches", "panic", panicText(r, true), "stack", stackNames())
		}
	}()
	ctx, done, err := s.asking(ctx, false)
	if err != nil {
		return
	}
	defer done()
	a, err := s.options.Engine.Find(ctx, d.world, d.request)
	switch geo.CodeOf(err) {
	case geo.CodeUnprocessable, geo.CodeInvalid:
		// Another network may have no road there: nobody knows then.
		d.verdict = &geo.WatchVerdict{
			Advice: geo.Advices[len(geo.Advices)-1].Value, Revision: d.world.Revision(), At: s.options.Now().UTC().Truncate(time.Microsecond),
		}
		return
	}
	if err != nil {
		return // out of time, or being prepared: the next round
	}
	v := verdictOf(a, s.options.Now())
	d.verdict, d.reasons = &v, decisive(a)
}

// conclude stores a verdict that is another one and tells its owner when the
// advice is.
func (w *watcher) conclude(ctx context.Context, d *due) error {
	w.mu.Lock()
	before, known := w.last[d.watch.ID]
	if known && before.Revision > d.verdict.Revision { // its owner was told newer things meanwhile
		w.mu.Unlock()
		return nil
	}
	w.last[d.watch.ID] = *d.verdict
	w.mu.Unlock()
	if !known && d.watch.Verdict != nil {
		before, known = *d.watch.Verdict, true
	}
	var err error
	if stored := d.watch.Verdict; stored == nil || stored.Advice != d.verdict.Advice || !slices.Equal(stored.Reasons, d.verdict.Reasons) {
		err = w.server.options.Watches.SaveVerdict(ctx, d.watch.ID, *d.verdict)
		if geo.CodeOf(err) == geo.CodeNotFound {
			return nil // deleted while it was answered
		}
	}
	if known && before.Advice != d.verdict.Advice {
		event, merr := watchEvent(d, before.Advice)
		if merr != nil {
			return errors.Join(err, merr)
		}
		w.push(d.watch.Owner, event)
	}
	return err
}

// forget drops the verdicts of watches that are gone.
func (w *watcher) forget(list []geo.Watch) {
	there := make(map[uuid.UUID]bool, len(list))
	for _, one := range list {
		there[one.ID] = true
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for id := range w.last {
		if !there[id] {
			delete(w.last, id)
		}
	}
}

// watchNews is the data of event watch.
type watchNews struct {
	ID       uuid.UUID     `json:"id"`
	Name     string        `json:"name"`
	Advice   string        `json:"advice"`
	Before   string        `json:"before"`
	Reasons  []watchReason `json:"reasons"` // that alone would cause the advice
	Revision geo.Revision  `json:"revision"`
}

type watchReason struct {
	Kind       string     `json:"kind"`
	Collection *string    `json:"collection"`
	ID         *uuid.UUID `json:"id"`
	Code       *string    `json:"code"`
	Name       *string    `json:"name"`
	Text       geo.Text   `json:"text"`
}

// watchEvent writes the event. It has no id: what a stream resumes from are
// revisions.
func watchEvent(d *due, before string) ([]byte, error) {
	news := watchNews{ID: d.watch.ID, Name: d.name, Advice: d.verdict.Advice, Before: before, Reasons: []watchReason{}, Revision: d.verdict.Revision}
	for _, r := range d.reasons {
		if len(news.Reasons) < maxVerdictReasons {
			news.Reasons = append(news.Reasons, watchReason{r.Kind, r.Collection, r.ID, r.Code, r.Name, r.Text})
		}
	}
	data, err := marshal(news)
	if err != nil {
		return nil, err
	}
	return append(append([]byte("event: watch\ndata: "), data...), "\n\n"...), nil
}
