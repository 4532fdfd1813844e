package api

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/world"
)

// The benchmarks answer from 20,000 polygons of 32 vertices and 20,000 points
// spread over Haiti, as the security audience, into a writer that forgets.
var crowded = sync.OnceValue(func() *world.World {
	random := rand.New(rand.NewPCG(1, 2))
	zones, places := layerOf("controlled-zones"), layerOf("places")
	var versions []*geo.Version
	for n := range 20_000 {
		lon, lat := -74+random.Float64()*2, 18.2+random.Float64()*1.6
		ring := make(orb.Ring, 0, 33)
		for i := range 32 {
			angle := float64(i) / 32 * 2 * math.Pi
			radius := 0.005 + 0.003*random.Float64()
			ring = append(ring, orb.Point{geo.RoundCoordinate(lon + radius*math.Cos(angle)), geo.RoundCoordinate(lat + radius*math.Sin(angle))})
		}
		ring = append(ring, ring[0])
		versions = append(versions,
			crowd(zones, 100_000+n, orb.MultiPolygon{{ring}}, map[string]any{"control_type": "controlled", "claim_level": "claimed", "boundary_quality": "buffer", "confidence": 0.31}),
			crowd(places, 1+n, orb.Point{geo.RoundCoordinate(lon), geo.RoundCoordinate(lat)}, map[string]any{"place_kind": "town", "name_fr": "Lieu"}))
	}
	return world.Build(geo.Public, &geo.DefaultModel, 7, began, versions, nil)
})

func crowd(l *geo.Layer, n int, g orb.Geometry, values map[string]any) *geo.Version {
	scattered := id(n) // as random as ids are
	binary.BigEndian.PutUint64(scattered[:8], rand.New(rand.NewPCG(uint64(n), 3)).Uint64())
	v := geo.Version{Layer: l, ID: scattered, Known: 7, KnownAt: began, Valid: geo.Period{From: began}, Geometry: g, Values: make([]any, len(l.Properties))}
	for name, value := range values {
		v.Values[l.Index(name)] = value
	}
	return geo.NewVersion(v, &geo.DefaultModel)
}

type discard struct {
	header http.Header
	status int
	bytes  int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { d.bytes += len(b); return len(b), nil }

func benchmark(b *testing.B, status int, target string, options ...option) {
	s := start(b)
	worlds := [4]*world.World{}
	for _, a := range geo.Audiences() {
		worlds[a] = crowded()
	}
	s.record.live.Publish(worlds, [4][]geo.Event{})
	s.record.live.Touch(time.Now())
	secret := s.record.token(geo.Reader, geo.Security)
	r := httptest.NewRequest(http.MethodGet, target, nil)
	bearer(secret)(r)
	for _, o := range options {
		o(r)
	}
	ask := func() *discard {
		w := &discard{header: http.Header{}}
		s.ServeHTTP(w, r)
		return w
	}
	if w := ask(); w.status != status {
		b.Fatalf("status %d, want %d", w.status, status)
	} else if status == http.StatusOK && r.Header.Get("If-None-Match") == "" {
		b.SetBytes(int64(w.bytes))
	}
	b.ReportAllocs()
	before := ownCPU(b)
	for b.Loop() {
		ask()
	}
	b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// ownCPU is the processor time of this process: unlike the time of day it does
// not count what others do on a shared machine.
func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func BenchmarkItemsPage(b *testing.B) {
	benchmark(b, http.StatusOK, "/collections/controlled-zones/items?limit=100")
}

func BenchmarkItemsBBox(b *testing.B) {
	benchmark(b, http.StatusOK, "/collections/controlled-zones/items?limit=100&bbox=-72.6,18.6,-72.4,18.8")
}

func BenchmarkItemsBBoxPoints(b *testing.B) {
	benchmark(b, http.StatusOK, "/collections/places/items?limit=100&bbox=-72.6,18.6,-72.4,18.8")
}

func BenchmarkItems304(b *testing.B) {
	benchmark(b, http.StatusNotModified, "/collections/controlled-zones/items?limit=100", with("If-None-Match", "*"))
}

func BenchmarkTile304(b *testing.B) {
	benchmark(b, http.StatusNotModified, "/collections/controlled-zones/tiles/WebMercatorQuad/9/229/152", with("If-None-Match", "*"))
}

func BenchmarkTileCached(b *testing.B) {
	benchmark(b, http.StatusOK, "/collections/controlled-zones/tiles/WebMercatorQuad/9/228/152", with("Accept-Encoding", "gzip"))
}
