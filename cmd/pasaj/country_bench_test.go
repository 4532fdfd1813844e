//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/data/osm/osmtest"
	"pasaj/data/postgis/peertest"
	"pasaj/geo"
	"pasaj/geo/world"
)

// What the benchmark of the country asks.
const (
	countrySeed       = 1
	countryPairs      = 300 // of peertest, for Pasaj
	countryPeerPairs  = 10  // the first of them, for peers: seconds each
	countryZones      = 30  // those that no pair begins or ends in
	countryRoadblocks = 300
)

// BenchmarkCountry measures the route engine on the synthetic country of Haiti's
// size, the way users come to it: `pasaj import osm` of its file into a private
// cluster, `pasaj serve`, questions over HTTP; then the parts in this process on
// the network as the record gives it; then pgRouting on that record and Valhalla
// on that file with the same pairs and zones.
//
//	go test ./cmd/pasaj -run '^$' -bench '^BenchmarkCountry$' -timeout 60m
//	go test ./cmd/pasaj -run '^$' -bench 'BenchmarkCountry/(service|engine)'   # without the peers
func BenchmarkCountry(b *testing.B) {
	c := importCountry(b)
	b.Run("import", c.report(map[string]float64{
		"s": c.importS, "peak-MB": c.importMB, "nodes": float64(c.graphNodes), "junctions": float64(c.junctions), "edges": float64(c.edges),
	}))
	c.root = b
	b.Run("service", c.service)
	b.Run("engine", c.engine)
	b.Run("peers", c.peers)
}

// countryBench is a home with the country in its record.
type countryBench struct {
	*serviceBench
	root  *testing.B
	file  string
	pairs []peertest.Pair
	zones []orb.Polygon
	world *world.World // as stored, with zones and roadblocks

	importS, importMB            float64
	graphNodes, junctions, edges int
	findMS                       map[int]float64 // of the engine, by the number of zones: median of the peers' pairs
}

// report gives figures that were taken already.
func (c *countryBench) report(figures map[string]float64) func(b *testing.B) {
	return func(b *testing.B) {
		b.ReportMetric(0, "ns/op")
		for unit, v := range figures {
			b.ReportMetric(v, unit)
		}
	}
}

// importCountry starts a service once, for its snapshot, stops it, imports the
// country and writes zones and roadblocks.
func importCountry(b *testing.B) *countryBench {
	b.Helper()
	c := &countryBench{file: osmtest.File(b, osmtest.CountryOptions{Seed: countrySeed}), findMS: map[int]float64{}}
	var err error
	if c.pairs, err = peertest.Pairs(countrySeed, countryPairs); err != nil {
		b.Fatal(err)
	}
	if c.zones, err = peertest.Zones(countrySeed, countryZones); err != nil {
		b.Fatal(err)
	}
	c.serviceBench = startServiceBench(b)
	c.record.Close()
	c.process.stop()

	program, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	command := exec.Command(program, "--home", c.process.home, "import", "osm", c.file)
	command.Env = append(os.Environ(), serviceVariable+"=1", "PASAJ_DATABASE_URL=")
	if _, err := command.StdinPipe(); err != nil {
		b.Fatal(err)
	}
	began := time.Now()
	said, err := command.CombinedOutput()
	c.importS = time.Since(began).Seconds()
	if err != nil {
		b.Fatalf("import: %v\n%s", err, said)
	}
	usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("no resource usage of the import")
	}
	c.importMB = float64(usage.Maxrss) / 1024 // in kB
	fmt.Printf("# import: %.1f s, %.0f MB at most; it said:\n%s", c.importS, c.importMB, indented(said))

	c.process.start()
	c.process.awaitReady()
	c.openRecord(b)
	c.writeHazards(b)
	if c.world, err = c.record.Load(b.Context(), geo.Security, 0); err != nil {
		b.Fatal(err)
	}
	g := c.world.Network()
	c.graphNodes, c.junctions, c.edges = g.Topology().Nodes(), g.Junctions(), g.Len()
	return c
}

func indented(text []byte) []byte {
	return append([]byte("#   "), append(bytes.ReplaceAll(bytes.TrimSpace(text), []byte("\n"), []byte("\n#   ")), '\n')...)
}

// writeHazards stores zones and roadblocks as editors do.
func (c *countryBench) writeHazards(b *testing.B) {
	b.Helper()
	author := geo.Author{Name: "bench", Audience: geo.Security}
	known, err := c.record.Load(b.Context(), geo.Security, 0)
	if err != nil {
		b.Fatal(err)
	}
	var changes []geo.Change
	for _, h := range hazardsOf(known.Network(), c.zones, countryRoadblocks) {
		d := geo.NewDraft(h.layer)
		d.Geometry, d.HasGeom = h.geometry, true
		for name, v := range h.values {
			d.Set(h.layer, name, v)
		}
		for name, v := range map[string]any{"compartment": "hum", "last_confirmed_at": time.Now().UTC().Truncate(time.Second)} {
			d.Set(h.layer, name, v)
		}
		changes = append(changes, geo.Change{Layer: h.layer, Action: geo.Create, ID: h.id, Draft: d})
	}
	receipt, err := c.record.Write(b.Context(), geo.Batch{Author: author, Reason: "benchmark", Changes: changes})
	if err != nil {
		b.Fatal(err)
	}
	for c.revision(b) < receipt.Revision {
		time.Sleep(20 * time.Millisecond)
	}
}

// questionBody is a question as JSON.
func questionBody(p peertest.Pair, vehicle, profile string) string {
	return fmt.Sprintf(`{"points":[[%.7f,%.7f],[%.7f,%.7f]],"vehicle":%q,"profile":%q}`,
		p.From[0], p.From[1], p.To[0], p.To[1], vehicle, profile)
}

// passageAnswer is what the benchmark looks at of an answer.
type passageAnswer struct {
	Revision geo.Revision
	Reasons  []struct{ ID *uuid.UUID }
	Geometry struct{ Coordinates json.RawMessage }
	raw      []byte
	status   int
}

func (a *passageAnswer) names(id uuid.UUID) bool {
	return slices.ContainsFunc(a.Reasons, func(r struct{ ID *uuid.UUID }) bool { return r.ID != nil && *r.ID == id })
}

func (c *countryBench) passage(body string) (*passageAnswer, error) {
	got, err := c.ask(http.MethodPost, "/v1/passage", http.Header{"Content-Type": {"application/json"}}, body)
	if err != nil {
		return nil, err
	}
	return &passageAnswer{raw: got.body, status: got.status}, nil
}

func (a *passageAnswer) read() error { return json.Unmarshal(a.raw, a) }

// mustPass is passage for a pair that has an answer.
func (c *countryBench) mustPass(b *testing.B, body string) *passageAnswer {
	b.Helper()
	a, err := c.passage(body)
	if err == nil && a.status != http.StatusOK {
		err = fmt.Errorf("status %d: %.300s", a.status, a.raw)
	}
	if err == nil {
		err = a.read()
	}
	if err != nil {
		b.Fatal(err)
	}
	return a
}

// service measures `pasaj serve`: from its start to the first answer, answers
// over HTTP, memory with twelve kinds of callers, and from a roadblock to the
// first answer that obeys it.
func (c *countryBench) service(b *testing.B) {
	body := questionBody(c.pairs[0], "car", "humanitarian_cargo")
	c.mustPass(b, body)
	b.Run("start", func(b *testing.B) {
		// The order of the country is made aside at the first start after an
		// import, and stored.
		c.awaitOrder(b)
		var ready, answered []time.Duration
		for range 3 {
			c.record.Close()
			c.process.stop()
			began := time.Now()
			c.process.start()
			c.process.awaitReady()
			ready = append(ready, time.Since(began))
			c.mustPass(b, body)
			answered = append(answered, time.Since(began))
			c.openRecord(c.root)
		}
		b.ReportMetric(0, "ns/op")
		reportWalls(b, "ready", ready)
		reportWalls(b, "first-answer", answered)
		b.ReportMetric(slices.Min(answered).Seconds(), "first-answer-best-s")
	})
	b.Run("passage", func(b *testing.B) {
		for _, clients := range []int{1, benchClients} {
			b.Run(fmt.Sprintf("clients=%d", clients), func(b *testing.B) {
				random := rand.New(rand.NewPCG(5, 6))
				bodies := make([]string, 2000)
				for i := range bodies {
					bodies[i] = questionBody(c.pairs[random.IntN(len(c.pairs))], "car", "humanitarian_cargo")
				}
				next := make(chan string, len(bodies))
				for _, body := range bodies {
					next <- body
				}
				close(next)
				before, refused := processCPU(b, c.pid()), 0
				walls := inParallel(clients, len(bodies)/clients, func() int {
					a, err := c.passage(<-next)
					if err != nil || a.status != http.StatusOK && a.status != http.StatusUnprocessableEntity {
						b.Errorf("passage: %v %v", a, err)
					} else if a.status != http.StatusOK {
						refused++
					}
					return 0
				})
				b.ReportMetric(0, "ns/op")
				b.ReportMetric(us(processCPU(b, c.pid())-before)/float64(len(walls)), "cpu-µs/op")
				reportWalls(b, "wall", walls)
				b.ReportMetric(float64(refused), "refused")
			})
		}
	})
	b.Run("roadblock", c.roadblock)
	b.Run("memory", func(b *testing.B) {
		for _, vehicle := range []string{"moto", "car", "suv4x4", "truck_10t"} {
			for _, profile := range []string{"light_mission", "humanitarian_cargo", "commercial"} {
				c.mustPass(b, questionBody(c.pairs[1], vehicle, profile))
			}
		}
		resident, greatest := c.resident(b)
		c.report(map[string]float64{"resident-MB": resident, "at-most-MB": greatest})(b)
	})
}

// awaitOrder waits until the record has the order of the network.
func (c *countryBench) awaitOrder(b *testing.B) {
	b.Helper()
	connection, err := pgx.Connect(b.Context(), c.url())
	if err != nil {
		b.Fatal(err)
	}
	defer connection.Close(context.Background())
	began := time.Now()
	for deadline := began.Add(5 * time.Minute); time.Now().Before(deadline); time.Sleep(100 * time.Millisecond) {
		var there bool
		if err := connection.QueryRow(b.Context(), "SELECT EXISTS (SELECT FROM pasaj.road_order WHERE network = $1)",
			c.world.Network().Network().ID).Scan(&there); err != nil {
			b.Fatal(err)
		}
		if there {
			return
		}
	}
	b.Fatal("no order of the network was stored")
}

// resident is what the service's process holds and held at most, in MB.
func (c *countryBench) resident(b *testing.B) (now, most float64) {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", c.pid()))
	if err != nil {
		b.Fatal(err)
	}
	for line := range bytes.Lines(raw) {
		for name, to := range map[string]*float64{"VmRSS:": &now, "VmHWM:": &most} {
			if value, ok := bytes.CutPrefix(line, []byte(name)); ok {
				kB, err := strconv.Atoi(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(value), []byte("kB")))))
				if err != nil {
					b.Fatal(err)
				}
				*to = float64(kB) / 1024
			}
		}
	}
	return now, most
}

// roadblock puts a barrier in the middle of a way, over HTTP, and asks for the
// way again: the answer that is as new as the barrier goes round it or names it.
func (c *countryBench) roadblock(b *testing.B) {
	random := rand.New(rand.NewPCG(7, 8))
	var committed, all []time.Duration
	round, asked := 0, 0
	for len(committed) < 100 {
		body := questionBody(c.pairs[random.IntN(len(c.pairs))], "car", "humanitarian_cargo")
		before, err := c.passage(body)
		if err != nil {
			b.Fatal(err)
		}
		if before.status == http.StatusUnprocessableEntity {
			continue
		}
		if err := before.read(); err != nil {
			b.Fatal(err)
		}
		at, ok := middle(before.Geometry.Coordinates)
		if !ok {
			continue
		}
		feature := fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[%.7f,%.7f]},"properties":{
			"subtype":"fixed_barrier","state":"active","precision_m":20,"compartment":"hum","last_confirmed_at":%q}}`,
			at[0], at[1], geo.FormatInstant(time.Now()))
		began := time.Now()
		got, err := message{
			method: http.MethodPost, path: "/collections/roadblocks/items", token: c.write, media: "application/geo+json", body: feature,
		}.send(b.Context(), c.process.address)
		written := time.Now()
		if err != nil || got.status != http.StatusCreated {
			b.Fatalf("roadblock: %s %v", got, err)
		}
		revision, err := strconv.ParseInt(got.header.Get("Pasaj-Revision"), 10, 64)
		if err != nil {
			b.Fatal(err)
		}
		var created struct{ ID uuid.UUID }
		if err := json.Unmarshal(got.body, &created); err != nil {
			b.Fatal(err)
		}
		for {
			after := c.mustPass(b, body)
			asked++
			if after.Revision < geo.Revision(revision) {
				continue
			}
			committed, all = append(committed, time.Since(written)), append(all, time.Since(began))
			switch {
			case !bytes.Equal(after.Geometry.Coordinates, before.Geometry.Coordinates):
				round++
			case !after.names(created.ID):
				b.Fatalf("an answer of revision %d neither goes round roadblock %s nor names it", after.Revision, created.ID)
			}
			break
		}
	}
	b.ReportMetric(0, "ns/op")
	reportWalls(b, "committed-to-obeyed", committed)
	reportWalls(b, "sent-to-obeyed", all)
	b.ReportMetric(float64(round), "gone-round")
	b.ReportMetric(float64(asked)/float64(len(committed)), "questions")
}

// middle is the vertex in the middle of the longest line.
func middle(coordinates json.RawMessage) (orb.Point, bool) {
	var lines orb.MultiLineString
	if json.Unmarshal(coordinates, &lines) != nil {
		var line orb.LineString
		if json.Unmarshal(coordinates, &line) != nil {
			return orb.Point{}, false
		}
		lines = orb.MultiLineString{line}
	}
	if len(lines) == 0 {
		return orb.Point{}, false
	}
	longest := slices.MaxFunc(lines, func(a, b orb.LineString) int { return len(a) - len(b) })
	if len(longest) < 3 {
		return orb.Point{}, false
	}
	return longest[len(longest)/2], true
}

// peers times the others and prints how much longer they take than the engine
// did in this run, on the same pairs with the same zones. The engine weighs the
// zones and says so; the others leave their roads out.
func (c *countryBench) peers(b *testing.B) {
	pairs := c.pairs[:countryPeerPairs]
	compare := func(b *testing.B, runs []peertest.Run, err error) {
		if errors.Is(err, peertest.ErrUnavailable) {
			b.Skip(err)
		}
		if err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(0, "ns/op")
		for i, r := range runs {
			fmt.Printf("# %s\n", r)
			name, zones := "plain", 0
			if i > 0 {
				name, zones = fmt.Sprintf("zones-%d", i), countryZones
			}
			ms := r.Percentile(0.5).Seconds() * 1000
			b.ReportMetric(ms, name+"-p50-ms")
			if own := c.findMS[zones]; own > 0 {
				b.ReportMetric(math.Round(ms/own), name+"-ratio")
			}
		}
	}
	b.Run("pgrouting", func(b *testing.B) {
		connection, err := pgx.Connect(b.Context(), c.url())
		if err != nil {
			b.Fatal(err)
		}
		defer connection.Close(context.Background())
		runs, err := peertest.PgRouting(b.Context(), connection, pairs, c.zones)
		compare(b, runs, err)
	})
	b.Run("valhalla", func(b *testing.B) {
		runs, err := peertest.Valhalla(b.Context(), c.file, pairs, c.zones)
		compare(b, runs, err)
	})
}
