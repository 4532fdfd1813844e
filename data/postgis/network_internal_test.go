package postgis

import (
	"context"
	"encoding/binary"
	"errors"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5/pgtype"
	"github.com/paulmach/orb"
	"github.com/twpayne/go-geom"
	"github.com/twpayne/go-geom/encoding/ewkb"

	"pasaj/geo/road"
)

// Lines read straight from the wire are those that the library reads, and
// bytes that are no line are refused.
func FuzzEdgeLine(f *testing.F) {
	line := geom.NewLineStringFlat(geom.XY, []float64{-72.5, 18.5, -72.25, 18.75, -72, 19}).SetSRID(srid)
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		raw, err := ewkb.Marshal(line, order)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(raw[:len(raw)-1])
		f.Add(raw[:9])
		raw, err = ewkb.Marshal(geom.NewLineStringFlat(geom.XY, []float64{1, 2, 3, 4}), order)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		reader := newEdgeReader(pgtype.NewMap())
		got, err := reader.line(raw)
		if err != nil {
			return
		}
		want, err := ewkb.Unmarshal(raw)
		if err != nil {
			return // a byte order or SRID that the library is stricter about
		}
		other, ok := want.(*geom.LineString)
		if !ok || len(got) != other.NumCoords() {
			t.Fatalf("%v, want %v", got, want)
		}
		for i := range got {
			if p := orb.Point(other.Coord(i)); p != got[i] && p == p {
				t.Fatalf("point %d: %v, want %v", i, got[i], p)
			}
		}
	})
}

func smallGraph(t *testing.T, id string) *road.Graph {
	t.Helper()
	g, err := road.Build(road.Network{ID: id}, []road.EdgeInput{{ID: 1, Class: "RU", Geometry: orb.LineString{{-72, 18}, {-72, 19}}}})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestSharedCache(t *testing.T) {
	c := newSharedCache[road.Graph](graphsKept)
	var builds atomic.Int32
	build := func(id string) func() (*road.Graph, error) {
		return func() (*road.Graph, error) {
			builds.Add(1)
			runtime.Gosched()
			return smallGraph(t, id), nil
		}
	}
	get := func(id string) *road.Graph {
		g, err := c.get(t.Context(), id, build(id))
		if err != nil || g.Network().ID != id {
			t.Errorf("%s: %v", id, err)
		}
		return g
	}
	var asking sync.WaitGroup
	for range 20 {
		asking.Go(func() { get("a") })
	}
	asking.Wait()
	if n := builds.Load(); n != 1 {
		t.Errorf("built %d times for all who asked at once", n)
	}
	// What somebody holds is shared however many came after it.
	held := get("a")
	for _, id := range []string{"b", "c", "d"} {
		get(id)
	}
	runtime.GC()
	if get("a") != held || builds.Load() != 4 {
		t.Errorf("a graph in use was built again: %d builds", builds.Load())
	}
	// What nobody holds goes, but for the last ones.
	runtime.KeepAlive(held)
	get("c")
	get("d")
	held = nil
	runtime.GC()
	before := builds.Load()
	get("d")
	get("b")
	if builds.Load() != before+1 {
		t.Errorf("%d builds for a kept graph and a forgotten one", builds.Load()-before)
	}
}

func TestSharedCacheSurvivesFailure(t *testing.T) {
	c := newSharedCache[road.Graph](graphsKept)
	broken := errors.New("broken")
	entered, leave := make(chan struct{}), make(chan struct{})
	failed := make(chan error)
	go func() {
		_, err := c.get(t.Context(), "a", func() (*road.Graph, error) { close(entered); <-leave; return nil, broken })
		failed <- err
	}()
	<-entered
	given, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.get(given, "a", nil); !errors.Is(err, context.Canceled) {
		t.Errorf("who gave up got %v", err)
	}
	second := make(chan *road.Graph)
	go func() {
		g, _ := c.get(t.Context(), "a", func() (*road.Graph, error) { return smallGraph(t, "a"), nil })
		second <- g
	}()
	close(leave)
	if err := <-failed; !errors.Is(err, broken) {
		t.Errorf("the first got %v", err)
	}
	if <-second == nil {
		t.Error("the second got nothing")
	}
	if len(c.loading) != 0 || !slices.Contains(c.recent, c.shared["a"].Value()) {
		t.Errorf("%d loadings, %d graphs", len(c.loading), len(c.recent))
	}
}
