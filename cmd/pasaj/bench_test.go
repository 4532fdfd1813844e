//go:build linux

package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/data/cluster"
	"pasaj/data/cluster/clustertest"
	"pasaj/data/postgis"
	"pasaj/geo"
)

// What the benchmark's record holds beside the bundled snapshot.
const (
	benchPolygons = 20_000 // controlled zones of 32 vertices
	benchPoints   = 20_000 // places
	benchLarge    = 100    // controlled zones of 200 vertices, last in the order of ids
	benchWrites   = 600    // for the latency of the stream
	benchBox      = "-72.6,18.6,-72.4,18.8"
	benchRound    = 400 // requests between two looks at the CPU clock
	benchClients  = 8   // connections that keep the service busy
)

// BenchmarkService measures `pasaj serve` as it is deployed: a process of its
// own with its private cluster, fsync on, asked over HTTP on the loopback by
// this process, which keeps its connection. What a request costs is read from
// the CPU clock of the server's process (user and system time of all its
// threads, collector included); the client's share is not in it. PostGIS
// answers the same questions beside it; its figures are the CPU time of the
// backend that ran the query.
//
//	cpu-µs/op   the mean of all requests
//	min-cpu-µs  the mean of the best round of some hundred: what it costs when
//	            nobody else wants the machine
func BenchmarkService(b *testing.B) {
	s := startServiceBench(b)
	b.Run("snapshot", func(b *testing.B) {
		b.Run("coverage/first", s.coverageFirst)
		b.Run("coverage/cached", func(b *testing.B) { s.get(b, "/v1/coverage?level=commune", nil, http.StatusOK) })
		b.Run("coverage/304", func(b *testing.B) { s.get304(b, "/v1/coverage?level=commune") })
		b.Run("passage", s.passage)
		b.Run("ways", s.ways)
		b.Run("roadblock to answer", s.freshness)
	})
	s.restart(b, "start of the snapshot")
	s.fill(b)
	s.restart(b, "start of 40,000 features")
	s.peer = s.openPeer(b)
	const zones = "/collections/controlled-zones"
	page, box := zones+"/items?limit=100", zones+"/items?limit=100&bbox="+benchBox
	b.Run("items/page of 100", func(b *testing.B) { s.get(b, page, nil, http.StatusOK) })
	b.Run("items/page of 100 gzip", func(b *testing.B) { s.get(b, page, gzipped, http.StatusOK) })
	b.Run("items/page of 100 by PostGIS", func(b *testing.B) { s.query(b, peerPage, uuid.Nil) })
	b.Run("items/page of 100 with 200 vertices", func(b *testing.B) { s.get(b, page+"&cursor="+s.cursor(), nil, http.StatusOK) })
	b.Run("items/page of 100 with 200 vertices by PostGIS", func(b *testing.B) { s.query(b, peerPage, beforeLarge) })
	b.Run("items/bbox", func(b *testing.B) { s.get(b, box, nil, http.StatusOK) })
	b.Run("items/bbox gzip", func(b *testing.B) { s.get(b, box, gzipped, http.StatusOK) })
	b.Run("items/bbox by PostGIS", func(b *testing.B) { s.query(b, peerBox, -72.6, 18.6, -72.4, 18.8) })
	b.Run("items/bbox at an instant", func(b *testing.B) {
		s.get(b, box+"&datetime="+geo.FormatInstant(time.Now()), nil, http.StatusOK)
	})
	b.Run("items/bbox of points", func(b *testing.B) {
		s.get(b, "/collections/places/items?limit=100&bbox="+benchBox, nil, http.StatusOK)
	})
	b.Run("items/304", func(b *testing.B) { s.get304(b, page) })
	b.Run("items/one", func(b *testing.B) { s.get(b, zones+"/items/"+benchID(false, 5).String(), nil, http.StatusOK) })
	const tile = zones + "/tiles/WebMercatorQuad/10/457/305"
	b.Run("tile/304", func(b *testing.B) { s.get304(b, tile) })
	b.Run("tile/cached", func(b *testing.B) { s.get(b, tile, gzipped, http.StatusOK) })
	b.Run("tile/first", s.tilesFirst)
	b.Run("tile/by PostGIS", func(b *testing.B) { s.query(b, peerTile, 10, 305, 457) })
	b.Run("bare net http/304", func(b *testing.B) { s.bare(b, 0) })
	b.Run("bare net http/as many bytes as a page", func(b *testing.B) { s.bare(b, 166_739) })
	b.Run("healthz", func(b *testing.B) { s.get(b, "/healthz", nil, http.StatusOK) })
	before := s.revision(b)
	b.Run("write to visible/1 writer", func(b *testing.B) { s.writes(b, 1) })
	b.Run("write to visible/4 writers", func(b *testing.B) { s.writes(b, 4) })
	b.Run("asof", func(b *testing.B) { s.asof(b, before) })
	s.memory(b, "after all of this")
}

var gzipped = http.Header{"Accept-Encoding": {"gzip"}}

// serviceBench is a running service and what asks it.
type serviceBench struct {
	process       *process
	record        *postgis.Record
	reader, write string // tokens, of the security audience
	client        *http.Client
	peer          *pgx.Conn
	peerPID       int
}

func startServiceBench(b *testing.B) *serviceBench {
	b.Helper()
	s := &serviceBench{
		process: newProcess(b, clustertest.Home(b)),
		client:  &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 8}, Timeout: time.Minute},
	}
	began := time.Now()
	s.process.start()
	s.process.awaitReady()
	fmt.Printf("# first start, making the cluster and loading the snapshot: %d ms\n", time.Since(began).Milliseconds())
	s.openRecord(b)
	s.reader = makeToken(b, s.record, "bench reader", geo.Reader, geo.Security)
	s.write = makeToken(b, s.record, "bench editor", geo.Editor, geo.Security)
	return s
}

func (s *serviceBench) url() string { return cluster.RunningURL(s.process.home, databaseName) }

func (s *serviceBench) openRecord(b *testing.B) {
	b.Helper()
	var err error
	if s.record, err = postgis.Open(b.Context(), s.url(), postgis.Options{Model: &geo.DefaultModel}); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(s.record.Close)
}

// restart stops the service and its database in good order and measures the
// next start until it says it is ready.
func (s *serviceBench) restart(b *testing.B, what string) {
	b.Helper()
	s.record.Close()
	s.process.stop()
	began := time.Now()
	s.process.start()
	s.process.awaitReady()
	fmt.Printf("# %s, database included: %d ms until ready\n", what, time.Since(began).Milliseconds())
	s.memory(b, "then")
	s.openRecord(b)
}

// memory prints what the service's process holds, without its database.
func (s *serviceBench) memory(b *testing.B, when string) {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.pid()))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		for name, meaning := range map[string]string{"VmRSS:": "resident", "VmHWM:": "at most"} {
			if value, ok := strings.CutPrefix(line, name); ok {
				kB, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
				if err != nil {
					b.Fatal(err)
				}
				fmt.Printf("#   memory %s: %d MB %s\n", when, kB>>10, meaning)
			}
		}
	}
}

func (s *serviceBench) pid() int { return s.process.command.Process.Pid }

// benchID is as random as ids are, below or in the highest 256th of them.
func benchID(large bool, n int) uuid.UUID {
	random := rand.New(rand.NewPCG(uint64(n), 9))
	id := uuid.UUID{6: 0x40, 8: 0x80}
	binary.BigEndian.PutUint32(id[:4], random.Uint32()%0xff000000)
	binary.BigEndian.PutUint32(id[12:], random.Uint32())
	if large {
		id[0] = 0xff
	}
	return id
}

// beforeLarge is lower than the ids of large polygons.
var beforeLarge = uuid.UUID{0: 0xfe, 1: 0xff, 2: 0xff}

// fill writes the features and waits until the service has them.
func (s *serviceBench) fill(b *testing.B) {
	b.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	zones, places := layerNamed(b, "controlled-zones"), layerNamed(b, "places")
	spot := func() orb.Point {
		return orb.Point{geo.RoundCoordinate(-74 + 2*random.Float64()), geo.RoundCoordinate(18.2 + 1.6*random.Float64())}
	}
	star := func(vertices int) orb.MultiPolygon {
		center, ring := spot(), make(orb.Ring, 0, vertices+1)
		for i := range vertices {
			angle, radius := float64(i)/float64(vertices)*2*math.Pi, 0.005+0.003*random.Float64()
			ring = append(ring, orb.Point{geo.RoundCoordinate(center[0] + radius*math.Cos(angle)), geo.RoundCoordinate(center[1] + radius*math.Sin(angle))})
		}
		return orb.MultiPolygon{{append(ring, ring[0])}}
	}
	create := func(l *geo.Layer, id uuid.UUID, g orb.Geometry, values map[string]any) geo.Change {
		d := geo.NewDraft(l)
		d.Geometry, d.HasGeom = g, true
		for name, v := range values {
			d.Set(l, name, v)
		}
		return geo.Change{Layer: l, Action: geo.Create, ID: id, Draft: d}
	}
	var changes []geo.Change
	for n := range benchPolygons + benchLarge {
		vertices := 32
		if n >= benchPolygons {
			vertices = 200
		}
		changes = append(changes, create(zones, benchID(n >= benchPolygons, n), star(vertices), map[string]any{
			"control_type": "controlled", "claim_level": "claimed", "boundary_quality": "buffer", "compartment": "hum",
		}))
	}
	for n := range benchPoints {
		changes = append(changes, create(places, benchID(false, 1_000_000+n), spot(), map[string]any{
			"name_fr": "Lieu", "place_kind": "town", "compartment": "public", "sensitivity": "low",
		}))
	}
	began := time.Now()
	var receipt geo.Receipt
	for part := range slices.Chunk(changes, 5000) {
		var err error
		receipt, err = s.record.Write(b.Context(), geo.Batch{Author: geo.Author{Name: "bench", Audience: geo.Security}, Reason: "benchmark", Changes: part})
		if err != nil {
			b.Fatal(err)
		}
	}
	written := time.Since(began)
	for s.revision(b) < receipt.Revision {
		time.Sleep(20 * time.Millisecond)
	}
	fmt.Printf("# writing %d features in revisions of 5,000: %d ms, and until the service served them: %d ms\n",
		len(changes), written.Milliseconds(), time.Since(began).Milliseconds())
}

// revision is what the service stands at.
func (s *serviceBench) revision(b *testing.B) geo.Revision {
	b.Helper()
	var status struct{ Revision geo.Revision }
	if err := json.Unmarshal(get(b, s.process.address, s.reader, "/v1/status").body, &status); err != nil {
		b.Fatal(err)
	}
	return status.Revision
}

// cursor names the page of large polygons.
func (s *serviceBench) cursor() string {
	revision := binary.BigEndian.AppendUint64(nil, uint64(s.mustRevision()))
	return base64.RawURLEncoding.EncodeToString(append(revision, beforeLarge[:]...))
}

func (s *serviceBench) mustRevision() geo.Revision {
	revision, _, err := s.record.Resolve(context.Background(), geo.AsOf{})
	if err != nil {
		return 0 // which the service refuses
	}
	return revision
}

// ask sends one request and reads the answer to its end.
func (s *serviceBench) ask(method, path string, header http.Header, body string) (received, error) {
	r, err := http.NewRequest(method, "http://"+s.process.address+path, strings.NewReader(body))
	if err != nil {
		return received{}, err
	}
	r.Header = header.Clone()
	if r.Header == nil {
		r.Header = http.Header{}
	}
	r.Header.Set("Authorization", "Bearer "+s.reader)
	response, err := s.client.Do(r)
	if err != nil {
		return received{}, err
	}
	defer response.Body.Close()
	got := received{status: response.StatusCode, header: response.Header}
	got.body, err = io.ReadAll(response.Body)
	return got, err
}

// get asks over one connection, and then over several at once. A server that
// is asked one thing at a time goes to sleep and wakes for each, which costs
// more than many answers do; kept busy it shows what an answer takes.
func (s *serviceBench) get(b *testing.B, path string, header http.Header, status int) {
	ask := func() int {
		got, err := s.ask(http.MethodGet, path, header, "")
		if err != nil || got.status != status {
			b.Errorf("%s: %s %v", path, got, err)
		}
		return len(got.body)
	}
	b.Run("alone", func(b *testing.B) { measure(b, s.pid(), 1, benchRound, ask) })
	b.Run("busy", func(b *testing.B) { measure(b, s.pid(), benchClients, benchRound, ask) })
}

func (s *serviceBench) get304(b *testing.B, path string) {
	first, err := s.ask(http.MethodGet, path, nil, "")
	if err != nil || first.header.Get("ETag") == "" {
		b.Fatalf("%s: %s %v", path, first, err)
	}
	s.get(b, path, http.Header{"If-None-Match": {first.header.Get("ETag")}}, http.StatusNotModified)
}

// bare measures a server of net/http's own that sends as much without any
// thought: what is above it is Pasaj's.
func (s *serviceBench) bare(b *testing.B, size int) {
	address := freeAddress(b)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), bareVariable+"="+address)
	if err := command.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	ask := func() int {
		got, err := message{method: http.MethodGet, path: "/" + strconv.Itoa(size)}.send(context.Background(), address)
		if err != nil || len(got.body) != size {
			b.Errorf("bare: %d bytes, %v", len(got.body), err)
		}
		return len(got.body)
	}
	for range 100 { // until it listens
		if _, err := (message{method: http.MethodGet, path: "/0"}).send(context.Background(), address); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.Run("alone", func(b *testing.B) { measure(b, command.Process.Pid, 1, benchRound, ask) })
	b.Run("busy", func(b *testing.B) { measure(b, command.Process.Pid, benchClients, benchRound, ask) })
}

const bareVariable = "PASAJ_TEST_BARE"

func init() {
	address := os.Getenv(bareVariable)
	if address == "" {
		return
	}
	body := make([]byte, 1<<20)
	fmt.Fprintln(os.Stderr, http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil || n == 0 || n > len(body) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Length", r.URL.Path[1:])
		_, _ = w.Write(body[:n])
	})))
	os.Exit(1)
}

// measure repeats something in rounds, by several clients at once, and reports
// what it costs a process.
func measure(b *testing.B, pid, clients, round int, do func() (bytes int)) {
	size := do()
	least, spent, requests := math.Inf(1), time.Duration(0), 0
	var walls []time.Duration
	for b.Loop() {
		before := processCPU(b, pid)
		walls = append(walls, inParallel(clients, round/clients, do)...)
		took, count := processCPU(b, pid)-before, round/clients*clients
		least = min(least, us(took)/float64(count))
		spent, requests = spent+took, requests+count
	}
	b.ReportMetric(0, "ns/op") // of a round; hidden
	b.ReportMetric(us(spent)/float64(requests), "cpu-µs/op")
	b.ReportMetric(least, "min-cpu-µs")
	b.ReportMetric(float64(size), "bytes")
	reportWalls(b, "wall", walls)
}

// inParallel gives what each repetition took.
func inParallel(clients, times int, do func() int) []time.Duration {
	walls := make([]time.Duration, clients*times)
	var asking sync.WaitGroup
	for part := range slices.Chunk(walls, times) {
		asking.Go(func() {
			for i := range part {
				began := time.Now()
				do()
				part[i] = time.Since(began)
			}
		})
	}
	asking.Wait()
	return walls
}

func us(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

func reportWalls(b *testing.B, name string, walls []time.Duration) {
	slices.Sort(walls)
	b.ReportMetric(us(walls[len(walls)/2])/1000, name+"-p50-ms")
	b.ReportMetric(us(walls[min(len(walls)-1, len(walls)*99/100)])/1000, name+"-p99-ms")
}

// processCPU reads the CPU clock of another process (clock_getcpuclockid(3)).
func processCPU(b *testing.B, pid int) time.Duration {
	b.Helper()
	const scheduled = 2 // CPUCLOCK_SCHED: user and system time, in nanoseconds
	var t syscall.Timespec
	_, _, fault := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(^pid<<3|scheduled), uintptr(unsafe.Pointer(&t)), 0)
	if fault != 0 {
		b.Fatalf("CPU clock of process %d: %v", pid, fault)
	}
	return time.Duration(t.Nano())
}

// The peer's table is the plainest that could answer: no audiences, no times.
const peerTable = `
	CREATE TEMP TABLE zone AS
	SELECT DISTINCT ON (id) id, geom, code, name_fr, control_type, claim_level, boundary_quality, sensitivity, lower(valid) AS valid_from, upper(valid) AS valid_to
	FROM %s WHERE upper_inf(known) ORDER BY id, lower(valid) DESC;
	ALTER TABLE zone ADD PRIMARY KEY (id);
	CREATE INDEX ON zone USING gist (geom);
	ANALYZE zone`

// Each question with the exact number of matches, as the service answers it.
const (
	peerFeatures = `SELECT json_build_object('type', 'FeatureCollection', 'numberMatched', %s, 'features', (
		SELECT json_agg(json_build_object('type', 'Feature', 'id', id, 'geometry', ST_AsGeoJSON(geom, 7)::json,
			'properties', json_build_object('code', code, 'name_fr', name_fr, 'control_type', control_type, 'claim_level', claim_level,
				'boundary_quality', boundary_quality, 'sensitivity', sensitivity, 'valid_from', valid_from, 'valid_to', valid_to)))
		FROM (%s) page))::text`
	peerTile = `SELECT ST_AsMVT(t, 'controlled-zones') FROM (
		SELECT id::text, control_type, ST_AsMVTGeom(ST_Transform(geom, 3857), ST_TileEnvelope($1, $2, $3)) AS geom
		FROM zone WHERE geom && ST_Transform(ST_TileEnvelope($1, $2, $3, margin => 64.0 / 4096), 4326)) t`
)

var (
	peerPage = fmt.Sprintf(peerFeatures, "(SELECT count(*) FROM zone)", "SELECT * FROM zone WHERE id > $1 ORDER BY id LIMIT 100")
	peerBox  = fmt.Sprintf(peerFeatures,
		"(SELECT count(*) FROM zone WHERE ST_Intersects(geom, ST_MakeEnvelope($1, $2, $3, $4, 4326)))",
		"SELECT * FROM zone WHERE ST_Intersects(geom, ST_MakeEnvelope($1, $2, $3, $4, 4326)) ORDER BY id LIMIT 100")
)

func (s *serviceBench) openPeer(b *testing.B) *pgx.Conn {
	b.Helper()
	connection, err := pgx.Connect(b.Context(), s.url())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = connection.Close(context.Background()) })
	view := "audience_" + geo.Security.String() + "." + layerNamed(b, "controlled-zones").Table
	if _, err := connection.Exec(b.Context(), fmt.Sprintf(peerTable, view)); err != nil {
		b.Fatal(err)
	}
	s.peerPID = int(connection.PgConn().PID())
	return connection
}

// query measures PostGIS; statements are prepared once.
func (s *serviceBench) query(b *testing.B, sql string, args ...any) {
	measure(b, s.peerPID, 1, benchRound/20, func() int {
		var out []byte
		if err := s.peer.QueryRow(b.Context(), sql, args...).Scan(&out); err != nil {
			b.Fatal(err)
		}
		return len(out)
	})
}

// coverageFirst asks for every commune at instants that were never asked for.
func (s *serviceBench) coverageFirst(b *testing.B) {
	at := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
	s.few(b, 20, func() int {
		at = at.Add(time.Minute)
		return s.mustGet(b, "/v1/coverage?level=commune&datetime="+geo.FormatInstant(at))
	})
}

// tilesFirst asks for tiles that were never asked for.
func (s *serviceBench) tilesFirst(b *testing.B) {
	at := time.Now()
	s.few(b, 50, func() int {
		at = at.Add(time.Second)
		return s.mustGet(b, "/collections/controlled-zones/tiles/WebMercatorQuad/10/457/305?datetime="+geo.FormatInstant(at))
	})
}

func (s *serviceBench) mustGet(b *testing.B, path string) int {
	got, err := s.ask(http.MethodGet, path, nil, "")
	if err != nil || got.status != http.StatusOK {
		b.Fatalf("%s: %s %v", path, got, err)
	}
	return len(got.body)
}

// few measures something slow, a fixed number of times.
func (s *serviceBench) few(b *testing.B, times int, do func() int) {
	var walls []time.Duration
	least, spent, size := math.Inf(1), time.Duration(0), 0
	for range times {
		before, began := processCPU(b, s.pid()), time.Now()
		size = do()
		walls = append(walls, time.Since(began))
		took := processCPU(b, s.pid()) - before
		least, spent = min(least, us(took)), spent+took
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(us(spent)/float64(times), "cpu-µs/op")
	b.ReportMetric(least, "min-cpu-µs")
	b.ReportMetric(float64(size), "bytes")
	reportWalls(b, "wall", walls)
}

// passage asks for ways between the snapshot's places and facilities.
func (s *serviceBench) passage(b *testing.B) {
	var points []string
	for _, layer := range []string{"places", "police-facilities", "ports"} {
		var page struct {
			Features []struct {
				Geometry struct{ Coordinates json.RawMessage }
			}
		}
		if err := json.Unmarshal(get(b, s.process.address, s.reader, "/collections/"+layer+"/items?limit=1000").body, &page); err != nil {
			b.Fatal(err)
		}
		for _, f := range page.Features {
			if len(f.Geometry.Coordinates) > 0 {
				points = append(points, string(f.Geometry.Coordinates))
			}
		}
	}
	random, found := rand.New(rand.NewPCG(3, 4)), 0
	s.few(b, 500, func() int {
		from, to := points[random.IntN(len(points))], points[random.IntN(len(points))]
		body := fmt.Sprintf(`{"points":[%s,%s],"vehicle":"suv4x4","profile":"humanitarian_cargo"}`, from, to)
		got, err := s.ask(http.MethodPost, "/v1/passage", http.Header{"Content-Type": {"application/json"}}, body)
		if err != nil || got.status != http.StatusOK && got.status != http.StatusUnprocessableEntity {
			b.Fatalf("passage %s: %s %v", body, got, err)
		}
		if got.status == http.StatusOK {
			found++
		}
		return len(got.body)
	})
	b.ReportMetric(float64(found)/5, "%answered")
}

// writes measures how long a change takes to reach a listener of the stream:
// from the moment it is sent to the moment its event has arrived, both on the
// clock of this process. The service and its database are two others.
func (s *serviceBench) writes(b *testing.B, writers int) {
	stream := s.subscribe(b)
	type change struct {
		revision       geo.Revision
		sent, answered time.Time
	}
	work, done := make(chan int), make(chan change, benchWrites)
	before := processCPU(b, s.pid())
	var writing sync.WaitGroup
	for range writers {
		writing.Go(func() {
			for n := range work {
				body := fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"subtype":"toll_post","compartment":"hum"}}`,
					-72.5+float64(n%100)/500, 18.5+float64(n/100)/500)
				c := change{sent: time.Now()}
				got, err := message{
					method: http.MethodPost, path: "/collections/roadblocks/items", token: s.write, media: "application/geo+json", body: body,
				}.send(context.Background(), s.process.address)
				c.answered = time.Now()
				revision, parseErr := strconv.ParseInt(got.header.Get("Pasaj-Revision"), 10, 64)
				if err != nil || got.status != http.StatusCreated || parseErr != nil {
					b.Errorf("write: %s %v", got, err)
					continue
				}
				c.revision = geo.Revision(revision)
				done <- c
			}
		})
	}
	for n := range benchWrites {
		work <- n
	}
	close(work)
	writing.Wait()
	close(done)
	if b.Failed() {
		b.FailNow()
	}
	spent := processCPU(b, s.pid()) - before
	var visible, answered, lag []time.Duration
	for c := range done {
		arrived := stream.arrival(b, c.revision)
		visible = append(visible, arrived.Sub(c.sent))
		answered = append(answered, c.answered.Sub(c.sent))
		lag = append(lag, arrived.Sub(c.answered))
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(len(visible)), "writes")
	b.ReportMetric(us(spent)/benchWrites, "cpu-µs/op")
	reportWalls(b, "sent-to-event", visible)
	reportWalls(b, "sent-to-answer", answered)
	reportWalls(b, "answer-to-event", lag)
	b.ReportMetric(us(visible[len(visible)-1])/1000, "sent-to-event-max-ms")
}

// arrivals notes when the event of each revision came.
type arrivals struct {
	mu sync.Mutex
	at map[geo.Revision]time.Time
}

func (s *serviceBench) subscribe(b *testing.B) *arrivals {
	b.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+s.process.address+"/v1/changes", nil)
	if err != nil {
		b.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+s.reader)
	response, err := (&http.Client{}).Do(r)
	if err != nil || response.StatusCode != http.StatusOK {
		b.Fatalf("stream: %v %v", response, err)
	}
	a := &arrivals{at: map[geo.Revision]time.Time{}}
	var reading sync.WaitGroup
	reading.Go(func() {
		defer response.Body.Close()
		lines := bufio.NewScanner(response.Body)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "id: "); ok {
				now := time.Now()
				if n, err := strconv.ParseInt(id, 10, 64); err == nil {
					a.mu.Lock()
					a.at[geo.Revision(n)] = now
					a.mu.Unlock()
				}
			}
		}
	})
	b.Cleanup(func() { cancel(); reading.Wait() })
	return a
}

func (a *arrivals) arrival(b *testing.B, r geo.Revision) time.Time {
	b.Helper()
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		a.mu.Lock()
		at, ok := a.at[r]
		a.mu.Unlock()
		if ok {
			return at
		}
	}
	b.Fatalf("no event of revision %s", r)
	return time.Time{}
}

// asof asks for revisions that have left memory: the first question rebuilds
// the audience's world from the record, the next finds it kept.
func (s *serviceBench) asof(b *testing.B, newestBefore geo.Revision) {
	path := func(r geo.Revision) string { return "/collections/roadblocks/items?limit=100&asof=" + r.String() }
	var first, kept []time.Duration
	r := newestBefore
	for range 5 {
		for _, list := range []*[]time.Duration{&first, &kept} {
			began := time.Now()
			s.mustGet(b, path(r))
			*list = append(*list, time.Since(began))
		}
		r += 7
	}
	b.ReportMetric(0, "ns/op")
	for name, list := range map[string][]time.Duration{"rebuilt": first, "kept": kept} {
		slices.SortFunc(list, cmp.Compare[time.Duration])
		b.ReportMetric(us(list[0])/1000, name+"-min-ms")
		b.ReportMetric(us(list[len(list)/2])/1000, name+"-p50-ms")
	}
}
