package world_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/world"
)

var (
	start = time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	zones = named("controlled-zones")
	spots = named("places")
)

func named(name string) *geo.Layer {
	l, ok := geo.LayerByName(name)
	if !ok {
		panic("no layer " + name)
	}
	return l
}

// id is in the order of n; some begin alike.
func id(n int) uuid.UUID {
	return uuid.UUID{0: byte(n / 5), 15: byte(n), 14: byte(n >> 8), 6: 0x40, 8: 0x80}
}

func day(n int) time.Time { return start.AddDate(0, 0, n) }

// spot is a place at a position that holds from one day to another; 0 means open.
func spot(n int, rev geo.Revision, p orb.Point, from, to int) *geo.Version {
	v := geo.Version{Layer: spots, ID: id(n), Known: rev, KnownAt: day(0), Geometry: p, Values: make([]any, len(spots.Properties))}
	v.Valid.From = day(from)
	if to > 0 {
		v.Valid.To = day(to)
	}
	return geo.NewVersion(v, &geo.DefaultModel)
}

func ids(versions []*geo.Version) []uuid.UUID {
	out := make([]uuid.UUID, len(versions))
	for i, v := range versions {
		out[i] = v.ID
	}
	return out
}

// boxed counts what the indexes of a world's places find in a part of their
// ground: last states, those of an instant, and those of an interval.
func boxed(w *world.World) (found [3]int) {
	part := orb.Bound{Min: orb.Point{-73.5, 18.2}, Max: orb.Point{-72.2, 18.9}}
	moments := []geo.Moment{{}, geo.At(day(5)), {Set: true, Period: geo.Period{From: day(3), To: day(25)}}}
	for i, m := range moments {
		w.Layer(spots).Search(part, m, func(*geo.Version) bool { found[i]++; return true })
	}
	return found
}

// TestSelectEqualsBruteForce edits a layer at random and compares every kind of
// query with a scan of a plain map.
func TestSelectEqualsBruteForce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := world.Empty(geo.Humanitarian, &geo.DefaultModel)
		plain := map[uuid.UUID][]*geo.Version{}
		for step := range rapid.IntRange(1, 30).Draw(t, "steps") {
			n := rapid.IntRange(0, 12).Draw(t, "feature")
			rev := geo.Revision(step + 1)
			standing := plain[id(n)]
			stay := rapid.IntRange(0, len(standing)).Draw(t, "stay")
			closed := standing[stay:]
			var opened []*geo.Version
			for part := range rapid.IntRange(0, 3).Draw(t, "states") {
				p := orb.Point{rapid.Float64Range(-74, -72).Draw(t, "lon"), rapid.Float64Range(18, 19).Draw(t, "lat")}
				from := 10 * (stay + part)
				opened = append(opened, spot(n, rev, p, from, from+rapid.IntRange(1, 10).Draw(t, "length")))
			}
			after := append(slices.Clone(standing[:stay]), opened...)
			before := w
			kept := len(before.Layer(spots).Select(world.Query{Limit: 1000}).Versions)
			keptIn := boxed(before)
			var event geo.Event
			w, event = w.Apply(world.Step{Revision: rev, At: day(0), Closed: closed, Opened: opened})
			if got := len(before.Layer(spots).Select(world.Query{Limit: 1000}).Versions); got != kept {
				t.Fatalf("the older world changed: %d features, not %d", got, kept)
			}
			if got := boxed(before); got != keptIn {
				t.Fatalf("the older world's index changed: %v, not %v", got, keptIn)
			}
			plain[id(n)] = after
			if len(after) == 0 {
				delete(plain, id(n))
			}
			if len(closed)+len(opened) > 0 && (len(event.Changes) != 1 || event.Changes[0].Gone != (len(after) == 0)) {
				t.Fatalf("event %+v for %d closed, %d opened", event, len(closed), len(opened))
			}
		}
		q := world.Query{Limit: rapid.IntRange(1, 5).Draw(t, "limit")}
		if rapid.Bool().Draw(t, "boxed") {
			lon, lat := rapid.Float64Range(-74, -72).Draw(t, "west"), rapid.Float64Range(18, 19).Draw(t, "south")
			q.Bound = &orb.Bound{Min: orb.Point{lon, lat}, Max: orb.Point{lon + 1, lat + 0.5}}
		}
		switch rapid.IntRange(0, 2).Draw(t, "moment") {
		case 1:
			q.Moment = geo.At(day(rapid.IntRange(0, 40).Draw(t, "at")))
		case 2:
			from := rapid.IntRange(0, 40).Draw(t, "from")
			q.Moment = geo.Moment{Set: true, Period: geo.Period{From: day(from), To: day(from + 7)}}
		}
		var want []uuid.UUID
		for feature, versions := range plain {
			var answer *geo.Version
			for _, v := range versions {
				if q.Moment.Meets(v.Valid) {
					answer = v
				}
			}
			if answer != nil && (q.Bound == nil || q.Bound.Contains(answer.Geometry.(orb.Point))) {
				want = append(want, feature)
			}
		}
		slices.SortFunc(want, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
		var got []uuid.UUID
		for {
			page := w.Layer(spots).Select(q)
			if page.Matched != len(want) {
				t.Fatalf("matched %d, want %d", page.Matched, len(want))
			}
			got = append(got, ids(page.Versions)...)
			if !page.More {
				break
			}
			q.After = got[len(got)-1]
		}
		if !slices.Equal(got, want) {
			t.Fatalf("got %v, want %v", got, want)
		}
	})
}

func TestOffsetSkips(t *testing.T) {
	t.Parallel()
	var versions []*geo.Version
	for n := range 10 {
		versions = append(versions, spot(n, 1, orb.Point{-72.3, 18.5}, 0, 0))
	}
	w := world.Build(geo.Public, &geo.DefaultModel, 1, day(0), versions, nil)
	page := w.Layer(spots).Select(world.Query{Offset: 7, Limit: 2})
	if page.Matched != 10 || !page.More || !slices.Equal(ids(page.Versions), []uuid.UUID{id(7), id(8)}) {
		t.Fatalf("%+v", page)
	}
	if rest := w.Layer(spots).Select(world.Query{Offset: 9, Limit: 2}); rest.More || len(rest.Versions) != 1 {
		t.Fatalf("%+v", rest)
	}
}

func TestLayerRevisionMovesOnlyWithItsLayer(t *testing.T) {
	t.Parallel()
	w := world.Build(geo.Public, &geo.DefaultModel, 5, day(0), []*geo.Version{spot(1, 3, orb.Point{-72, 18}, 0, 0)}, nil)
	if got := w.Layer(spots).Revision(); got != 5 {
		t.Fatalf("built layer revision %d, want 5: a deletion after revision 3 would leave no trace", got)
	}
	w, _ = w.Apply(world.Step{Revision: 6, At: day(0), Opened: []*geo.Version{spot(2, 6, orb.Point{-72, 18}, 0, 0)}})
	if got := w.Layer(spots).Revision(); got != 6 {
		t.Fatalf("edited layer revision %d, want 6", got)
	}
	w, event := w.Apply(world.Step{Revision: 7, At: day(0)})
	if w.Revision() != 7 || w.Layer(spots).Revision() != 6 || len(event.Changes) != 0 || event.Revision != 7 {
		t.Fatalf("a revision without changes here: world %d, layer %d, event %+v", w.Revision(), w.Layer(spots).Revision(), event)
	}
}

func TestPublicWorldWithholdsZones(t *testing.T) {
	t.Parallel()
	if world.Empty(geo.Public, &geo.DefaultModel).Holds(zones) {
		t.Fatal("the public world may not hold controlled zones")
	}
	if !world.Empty(geo.Humanitarian, &geo.DefaultModel).Holds(zones) {
		t.Fatal("the humanitarian world holds controlled zones")
	}
}

func TestLiveStreamHasNoGapAndNoRepeat(t *testing.T) {
	t.Parallel()
	const revisions = 300
	live := world.NewLive(&geo.DefaultModel)
	first := world.Build(geo.Public, &geo.DefaultModel, 1, day(0), nil, nil)
	live.Publish([4]*world.World{first, first, first, first}, [4][]geo.Event{})

	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			last := geo.Revision(1)
			for last < revisions {
				sub, kept, newest, ok := live.Subscribe(geo.Public, last)
				if !ok {
					t.Errorf("revision %d is no longer kept at %d", last, newest)
					return
				}
				see := func(e geo.Event) {
					if e.Revision != last+1 {
						t.Errorf("event %d after %d", e.Revision, last)
					}
					last = e.Revision
				}
				for _, e := range kept {
					see(e)
				}
				for n := 0; last < revisions && n < 20; n++ {
					e, open := <-sub.C
					if !open {
						break
					}
					see(e)
				}
				sub.Close()
				sub.Close()
			}
		})
	}
	w := first
	for r := geo.Revision(2); r <= revisions; r++ {
		next, event := w.Apply(world.Step{Revision: r, At: day(0)})
		e := []geo.Event{event}
		live.Publish([4]*world.World{next, next, next, next}, [4][]geo.Event{e, e, e, e})
		w = next
	}
	wg.Wait()
	if n := live.Subscribers(); n != 0 {
		t.Fatalf("%d subscriptions left open", n)
	}
	if _, ok := live.Recent(geo.Public, revisions-10); !ok {
		t.Fatal("a world just passed is not kept")
	}
	if _, ok := live.Recent(geo.Public, 1); ok {
		t.Fatal("worlds are kept without bound")
	}
}

func TestSlowSubscriberIsDropped(t *testing.T) {
	t.Parallel()
	live := world.NewLive(&geo.DefaultModel)
	w := world.Build(geo.Public, &geo.DefaultModel, 1, day(0), nil, nil)
	live.Publish([4]*world.World{w, w, w, w}, [4][]geo.Event{})
	sub, _, _, _ := live.Subscribe(geo.Public, 1)
	for r := geo.Revision(2); r < 400; r++ {
		next, event := w.Apply(world.Step{Revision: r})
		e := []geo.Event{event}
		live.Publish([4]*world.World{next, next, next, next}, [4][]geo.Event{e, e, e, e})
		w = next
	}
	seen := geo.Revision(1)
	for e := range sub.C {
		if e.Revision != seen+1 {
			t.Fatalf("event %d after %d", e.Revision, seen)
		}
		seen = e.Revision
	}
	if seen == 399 {
		t.Fatal("the subscriber was expected to fall behind")
	}
}

func TestWaitReturnsWithTheRevision(t *testing.T) {
	t.Parallel()
	live := world.NewLive(&geo.DefaultModel)
	done := make(chan error, 1)
	go func() { done <- live.Wait(t.Context(), 1) }()
	w := world.Build(geo.Public, &geo.DefaultModel, 1, day(0), nil, nil)
	live.Publish([4]*world.World{w, w, w, w}, [4][]geo.Event{})
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := live.Wait(ctx, 2); !errors.Is(err, context.Canceled) {
		t.Fatalf("waiting in vain gave %v", err)
	}
}

func TestArchiveSharesRebuildsAndForgetsTheOldest(t *testing.T) {
	t.Parallel()
	var loads atomic.Int32
	gate := make(chan struct{})
	archive := world.NewArchive(func(_ context.Context, a geo.Audience, r geo.Revision) (*world.World, error) {
		loads.Add(1)
		<-gate
		if r == 99 {
			return nil, geo.Errorf(geo.CodeUnavailable, "", "out of reach")
		}
		return world.Build(a, &geo.DefaultModel, r, day(0), nil, nil), nil
	}, 2, time.Minute)
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			if w, err := archive.World(t.Context(), geo.Public, 1); err != nil || w.Revision() != 1 {
				t.Errorf("got %v, %v", w, err)
			}
		})
	}
	close(gate)
	wg.Wait()
	before := loads.Load()
	for _, r := range []geo.Revision{2, 3, 2, 3} {
		if _, err := archive.World(t.Context(), geo.Public, r); err != nil {
			t.Fatal(err)
		}
	}
	if got := loads.Load() - before; got != 2 {
		t.Fatalf("%d rebuilds for two worlds", got)
	}
	if _, err := archive.World(t.Context(), geo.Public, 1); err != nil || loads.Load()-before != 3 {
		t.Fatalf("the oldest world was expected to be rebuilt: %d rebuilds, %v", loads.Load()-before, err)
	}
	if _, err := archive.World(t.Context(), geo.Public, 99); geo.CodeOf(err) != geo.CodeUnavailable {
		t.Fatalf("a failed rebuild gave %v", err)
	}
}
