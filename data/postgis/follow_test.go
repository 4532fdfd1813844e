package postgis_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/world"
)

// follow starts following and waits for the first worlds.
func follow(t testing.TB, r *postgis.Record) *world.Live {
	t.Helper()
	live := world.NewLive(&geo.DefaultModel)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- r.Follow(ctx, live) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Follow ended with %v", err)
		}
	})
	waitUntil(t, live.Connected)
	return live
}

func waitUntil(t testing.TB, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it never came to be")
		}
	}
}

func wait(t testing.TB, live *world.Live, rev geo.Revision) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := live.Wait(ctx, rev); err != nil {
		t.Fatalf("the worlds never reached revision %s: %v", rev, err)
	}
}

// listing is everything that a world says of its features.
func listing(w *world.World) string {
	out := fmt.Sprintf("%s %s\n", w.Revision(), w.At().Format(time.RFC3339Nano))
	for _, l := range geo.Layers() {
		w.Layer(l).Each(geo.Moment{}, func(v *geo.Version) bool {
			it, _ := w.Layer(l).Item(v.ID)
			for _, state := range it.Versions {
				out += string(state.FeatureJSON()) + "\n"
			}
			return true
		})
	}
	return out
}

// churn is a writer of random changes; it returns the revisions it was given.
func churn(t testing.TB, r *postgis.Record, seed uint64, n int) []geo.Revision {
	random := rand.New(rand.NewPCG(seed, 1))
	l := layer(t, "roadblocks")
	var ids []uuid.UUID
	var revisions []geo.Revision
	for range n {
		c := roadblock(t, "active", "high")
		switch {
		case len(ids) > 0 && random.IntN(3) == 0:
			class := []string{"high", "severe"}[random.IntN(2)] // leaves and enters hum's world
			c = patch(l, ids[random.IntN(len(ids))], map[string]any{"state": "intermittent", "sensitivity": class})
		case len(ids) > 2 && random.IntN(4) == 0:
			c = geo.Change{Layer: l, Action: geo.Delete, ID: ids[0]}
			ids = ids[1:]
		case random.IntN(4) == 0:
			c = place(t, fmt.Sprint(random.Int()))
		}
		receipt, err := r.Write(t.Context(), geo.Batch{Author: analyst, Changes: []geo.Change{c}})
		if geo.CodeOf(err) == geo.CodeUnavailable { // its connection was cut: it may or may not be in
			continue
		}
		if err != nil {
			t.Errorf("write: %v", err)
			continue
		}
		if c.Action == geo.Create && c.Layer == l {
			ids = append(ids, receipt.IDs[0])
		}
		revisions = append(revisions, receipt.Revision)
	}
	return revisions
}

func TestFollow(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	write(t, r, place(t, "before"))
	told := make(chan struct{}, 100)
	other := postgistest.OpenURL(t, url, postgis.Options{AccountsChanged: func() { told <- struct{}{} }})
	live := follow(t, other)
	if !live.Ready() || live.World(geo.Public).Revision() != 1 || live.KnownAt().IsZero() {
		t.Fatalf("not ready: %s", live.World(geo.Public).Revision())
	}
	var subscriptions [4]*world.Subscription
	for _, a := range geo.Audiences() {
		subscriptions[a], _, _, _ = live.Subscribe(a, 1)
		defer subscriptions[a].Close()
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() { churn(t, r, uint64(i), 15) })
	}
	wg.Wait()
	last, _, err := r.Resolve(t.Context(), geo.AsOf{})
	if err != nil {
		t.Fatal(err)
	}
	wait(t, live, last)
	for _, a := range geo.Audiences() {
		if got, want := listing(live.World(a)), listing(load(t, r, a, last)); got != want {
			t.Errorf("%s: the followed world differs from the loaded one:\n%s\n%s", a, got, want)
		}
		rebuilt, err := r.Events(t.Context(), a, 1, last)
		if err != nil || len(rebuilt) != int(last-1) {
			t.Fatalf("%s: %d events, %v", a, len(rebuilt), err)
		}
		for _, want := range rebuilt {
			got := <-subscriptions[a].C
			if fmt.Sprint(got) != fmt.Sprint(want) {
				t.Errorf("%s: streamed %v, rebuilt %v", a, got, want)
			}
		}
	}
	<-told // on connecting
	if err := r.CreateAccount(t.Context(), geo.Account{Name: "a", Role: geo.Reader, Audience: geo.Public}); err != nil {
		t.Fatal(err)
	}
	<-told
}

func load(t testing.TB, r *postgis.Record, a geo.Audience, rev geo.Revision) *world.World {
	t.Helper()
	w, err := r.Load(t.Context(), a, rev)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	return w
}

// Every connection is cut again and again while writers write.
func TestFollowCatchesUp(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	write(t, r, place(t, "before"))
	live := follow(t, r)
	sub, _, _, _ := live.Subscribe(geo.Humanitarian, 1)
	defer sub.Close()
	var seen []geo.Revision
	received := make(chan struct{})
	stop := make(chan geo.Revision, 1)
	go func() {
		defer close(received)
		until := geo.Revision(-1)
		for until < 0 || len(seen) == 0 || seen[len(seen)-1] < until {
			select {
			case e, ok := <-sub.C:
				if !ok {
					return
				}
				seen = append(seen, e.Revision)
			case until = <-stop:
			}
		}
	}()
	c := admin(t, url)
	var wg sync.WaitGroup
	var mu sync.Mutex
	var answered []geo.Revision
	for i := range 3 {
		wg.Go(func() {
			revisions := churn(t, r, uint64(100+i), 20)
			mu.Lock()
			defer mu.Unlock()
			answered = append(answered, revisions...)
		})
	}
	cut := func() {
		if _, err := c.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`); err != nil {
			t.Error(err)
		}
	}
	for range 5 {
		cut()
		time.Sleep(20 * time.Millisecond)
	}
	wg.Wait()
	cut()
	write(t, postgistest.OpenURL(t, url, postgis.Options{}), place(t, "after"))
	var last geo.Revision
	if err := c.QueryRow(t.Context(), "SELECT max(id) FROM pasaj.revision").Scan(&last); err != nil {
		t.Fatal(err)
	}
	wait(t, live, last)
	stop <- last
	<-received
	for i, rev := range seen {
		if rev != geo.Revision(i+2) {
			t.Fatalf("event %d is of revision %s: a gap or a repetition in %v", i, rev, seen)
		}
	}
	for _, rev := range answered {
		if rev > last || !slices.Contains(seen, rev) {
			t.Errorf("revision %s was answered and is not there", rev)
		}
	}
	fresh := postgistest.OpenURL(t, url, postgis.Options{})
	for _, a := range geo.Audiences() {
		if got, want := listing(live.World(a)), listing(load(t, fresh, a, last)); got != want {
			t.Errorf("%s: the followed world differs from the loaded one", a)
		}
	}
	waitUntil(t, live.Connected)
}

func TestPastIsReproducible(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	churn(t, r, 7, 20)
	then, at, err := r.Resolve(t.Context(), geo.AsOf{})
	if err != nil {
		t.Fatal(err)
	}
	var before [4]string
	for _, a := range geo.Audiences() {
		before[a] = features(t, r, a, then)
	}
	churn(t, r, 8, 40)
	for _, a := range geo.Audiences() {
		if after := features(t, r, a, then); after != before[a] {
			t.Errorf("%s: the world of revision %s changed:\n%s\n%s", a, then, before[a], after)
		}
	}
	now, _, _ := r.Resolve(t.Context(), geo.AsOf{})
	for _, test := range []struct {
		asof geo.AsOf
		want geo.Revision
	}{
		{geo.AsOf{Revision: 3}, 3},
		{geo.AsOf{Time: at}, then},
		{geo.AsOf{Time: at.Add(-time.Microsecond)}, then - 1},
		{geo.AsOf{Time: at.AddDate(1, 0, 0)}, now},
		{geo.AsOf{Time: at.AddDate(-1, 0, 0)}, 0},
		{geo.AsOf{Revision: now + 1}, 0},
	} {
		got, _, err := r.Resolve(t.Context(), test.asof)
		if got != test.want || (test.want == 0) != (geo.CodeOf(err) == geo.CodeNotFound) {
			t.Errorf("as of %+v: %s, %v, want %s", test.asof, got, err, test.want)
		}
	}
	_, err = r.Load(t.Context(), geo.Public, now+1)
	wantCode(t, err, geo.CodeNotFound, "")
	_, err = r.Events(t.Context(), geo.Public, now, now+1)
	wantCode(t, err, geo.CodeNotFound, "")
	if events, err := r.Events(t.Context(), geo.Public, now, now); err != nil || events != nil {
		t.Errorf("no revisions: %v, %v", events, err)
	}
}

func TestOutOfReach(t *testing.T) {
	t.Parallel()
	r, err := postgis.Open(t.Context(), "postgres:///pasaj?host="+t.TempDir(), postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, writing := r.Write(t.Context(), geo.Batch{Author: analyst, Changes: []geo.Change{place(t, "")}})
	_, loading := r.Load(t.Context(), geo.Public, 0)
	for name, err := range map[string]error{"ping": r.Ping(t.Context()), "write": writing, "load": loading, "migrate": r.Migrate(t.Context())} {
		if geo.CodeOf(err) != geo.CodeUnavailable || errors.Unwrap(err) == nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	live := world.NewLive(&geo.DefaultModel)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := r.Follow(ctx, live); !errors.Is(err, context.DeadlineExceeded) || live.Connected() || live.Ready() {
		t.Errorf("Follow without a server: %v", err)
	}
	if _, err := postgis.Open(t.Context(), "postgres://u:secret@[bad", postgis.Options{}); err == nil || geo.CodeOf(err) != "" {
		t.Errorf("a bad address: %v", err)
	}
}

func TestPoolIsBounded(t *testing.T) {
	t.Parallel()
	url := postgistest.URL(t)
	r := postgistest.OpenURL(t, url, postgis.Options{MaxConns: 1, AcquireTimeout: 50 * time.Millisecond})
	c := admin(t, url)
	// A foreign lock keeps the only connection waiting.
	if _, err := c.Exec(t.Context(), "BEGIN; LOCK TABLE pasaj.revision IN ACCESS EXCLUSIVE MODE"); err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		_, err := r.Write(t.Context(), geo.Batch{Author: analyst, Changes: []geo.Change{place(t, "")}})
		done <- err
	}()
	waitUntil(t, func() bool {
		return geo.CodeOf(r.Ping(t.Context())) == geo.CodeUnavailable
	})
	if _, err := c.Exec(t.Context(), "COMMIT"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("the waiting write: %v", err)
	}
}
