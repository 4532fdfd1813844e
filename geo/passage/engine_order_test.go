package passage

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo/road"
)

// shelf keeps orders for tests.
type shelf struct {
	mu     sync.Mutex
	orders map[[32]byte][]byte
	loads  int
	broken error
}

func (s *shelf) Order(_ context.Context, _ string, digest [32]byte) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	return s.orders[digest], s.broken
}

func (s *shelf) SaveOrder(_ context.Context, _ string, digest [32]byte, ranks []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.orders == nil {
		s.orders = map[[32]byte][]byte{}
	}
	s.orders[digest] = ranks
	return s.broken
}

func TestOrdersAreKept(t *testing.T) {
	var faults []error
	kept := &shelf{}
	ask := func() *Answer {
		t.Helper()
		s := fork(t)
		e := NewEngine(EngineOptions{Orders: kept, Failed: func(err error) { faults = append(faults, err) }})
		if err := e.Prepare(t.Context(), s.world()); err != nil {
			t.Fatal(err)
		}
		a, err := e.Find(t.Context(), s.world(), Request{Points: acrossFork, Vehicle: "car", Profile: "commercial"}.Resolve(saturday, &s.model))
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	first := encode(t, ask())
	if len(kept.orders) != 1 || len(faults) != 0 {
		t.Fatalf("%d orders, %v", len(kept.orders), faults)
	}
	if encode(t, ask()) != first || len(kept.orders) != 1 || len(faults) != 0 {
		t.Errorf("with a kept order: %v", faults)
	}
	for digest := range kept.orders {
		kept.orders[digest] = []byte("not an order")
	}
	if encode(t, ask()) != first || len(faults) != 1 {
		t.Errorf("with a broken order: %v", faults)
	}
	kept.broken, faults = errors.New("no disk"), nil
	clear(kept.orders)
	if encode(t, ask()) != first || len(faults) != 2 {
		t.Errorf("without a disk: %v", faults)
	}
}

// While the order of a large network is computed, Dijkstra's algorithm answers.
func TestAnswersBeforeTheOrder(t *testing.T) {
	s := fork(t)
	wait := make(chan struct{})
	e := NewEngine(EngineOptions{Orders: slowShelf{wait}, Background: 1})
	r := Request{Points: acrossFork, Vehicle: "car", Profile: "commercial"}.Resolve(saturday, &s.model)
	early, err := e.Find(t.Context(), s.world(), r)
	if err != nil {
		t.Fatal(err)
	}
	if e.Ready(s.world()) {
		t.Error("ready before the order is there")
	}
	close(wait)
	if err := e.Prepare(t.Context(), s.world()); err != nil {
		t.Fatal(err)
	}
	late, err := e.Find(t.Context(), s.world(), r)
	if err != nil || !e.Ready(s.world()) || encode(t, early) != encode(t, late) {
		t.Errorf("ready %v, %v", e.Ready(s.world()), err)
	}
	_, err = (&plain{most: 1}).legs(t.Context(), newQuestion(s.world(), &r, lazyGround(s.world(), r.At), newCaller(defaultPolicy(), "car", "commercial")), kindAdvised, nil, snapsOf(t, s, r))
	if !errors.Is(err, errBusy) {
		t.Errorf("a search without bounds: %v", err)
	}
}

type slowShelf struct{ wait chan struct{} }

func (s slowShelf) Order(ctx context.Context, _ string, _ [32]byte) ([]byte, error) {
	<-s.wait
	return nil, nil
}

func (s slowShelf) SaveOrder(context.Context, string, [32]byte, []byte) error { return nil }

func TestWithoutANetwork(t *testing.T) {
	e, s := NewEngine(EngineOptions{}), newScene()
	if err := e.Prepare(t.Context(), s.world()); err != nil || !e.Ready(s.world()) {
		t.Errorf("%v", err)
	}
	same(t, e, s.world(), Request{Points: acrossFork, Vehicle: "car", Profile: "commercial"}.Resolve(saturday, &s.model))
	same(t, e, s.world(), Request{Line: orb.LineString(acrossFork), Vehicle: "car", Profile: "commercial"}.Resolve(saturday, &s.model))
}

func snapsOf(t *testing.T, s *scene, r Request) []road.Snap {
	t.Helper()
	at, err := newQuestion(s.world(), &r, lazyGround(s.world(), r.At), newCaller(defaultPolicy(), r.Vehicle, r.Profile)).snaps()
	if err != nil {
		t.Fatal(err)
	}
	return at
}
