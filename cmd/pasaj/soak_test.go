package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"pasaj/data/cluster"
	"pasaj/data/cluster/clustertest"
	"pasaj/data/postgis"
	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/world"
)

var (
	soakRounds = flag.Int("soak.rounds", 3, "rounds of the crash test")
	soakSeed   = flag.Uint64("soak.seed", 0, "seed of the crash test; 0: a new one")
)

const soakWriters = 4

// TestSoak kills the service and its database at random moments under
// concurrent writers. What was acknowledged must be there, once; no world may
// miss or double a revision; the streams go on without gap or repeat.
func TestSoak(t *testing.T) {
	seed := *soakSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("again with: -soak.seed=%d -soak.rounds=%d (the moments themselves differ)", seed, *soakRounds)
	s := startSoak(t, seed)
	for round := 1; round <= *soakRounds; round++ {
		s.gate.Unlock()
		s.disturb()
		s.gate.Lock() // every writer has its answer
		s.verify(round == *soakRounds)
		if t.Failed() {
			t.Fatalf("round %d of %d, seed %d", round, *soakRounds, seed)
		}
	}
	s.end()
}

// soak is one run of the test.
type soak struct {
	t       *testing.T
	process *process
	url     string
	record  *postgis.Record
	random  *rand.Rand // the test's goroutine's
	first   geo.Revision
	tokens  map[geo.Audience]string // of readers
	streams map[string]*listener
	writers []*soakWriter
	// gate is held by the test while it looks, and shared by writers.
	gate sync.RWMutex

	pasajKills, databaseKills int
	killed                    int // process id of the postmaster killed last
}

// soakWriter sends one change after another, each until it is acknowledged.
type soakWriter struct {
	soak     *soak
	name     string
	token    string
	audience geo.Audience
	random   *rand.Rand

	features     []*soakFeature
	fresh        []*soakFeature // changed since the last look
	sent         int            // changes
	repeats      int            // requests that had to be sent again
	acknowledged int
}

// soakFeature is what a writer was told that stands.
type soakFeature struct {
	layer, id, code, name string
	revision              string // Pasaj-Revision of the last acknowledged change
}

func startSoak(t *testing.T, seed uint64) *soak {
	t.Helper()
	s := &soak{
		t: t, process: newProcess(t, clustertest.Home(t)), random: rand.New(rand.NewPCG(seed, 0)),
		tokens: map[geo.Audience]string{}, streams: map[string]*listener{},
	}
	began := time.Now()
	s.process.start()
	s.process.awaitReady()
	t.Logf("first start: %s", time.Since(began).Round(time.Millisecond))
	s.url = cluster.RunningURL(s.process.home, databaseName)
	var err error
	if s.record, err = postgis.Open(t.Context(), s.url, postgis.Options{Model: &geo.DefaultModel}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.record.Close)
	for _, a := range geo.Audiences() {
		s.tokens[a] = makeToken(t, s.record, "soak reader "+a.String(), geo.Reader, a)
	}
	s.first = s.newest()
	s.streams["the public"] = listen(t, s.process.address, "", s.first)
	s.streams["humanitarians"] = listen(t, s.process.address, s.tokens[geo.Humanitarian], s.first)
	s.gate.Lock()
	s.startWriters(seed)
	return s
}

func (s *soak) startWriters(seed uint64) {
	ctx, cancel := context.WithCancel(context.Background())
	var writing sync.WaitGroup
	for i := range soakWriters {
		w := &soakWriter{
			soak: s, name: fmt.Sprintf("soak-%d", i), audience: geo.Humanitarian,
			random: rand.New(rand.NewPCG(seed, uint64(i+1))),
		}
		if i%2 == 1 {
			w.audience = geo.Security
		}
		w.token = makeToken(s.t, s.record, w.name, geo.Editor, w.audience)
		s.writers = append(s.writers, w)
		writing.Go(func() {
			for ctx.Err() == nil {
				s.gate.RLock()
				err := w.step(ctx)
				s.gate.RUnlock()
				if err != nil && ctx.Err() == nil {
					s.t.Errorf("writer %s: %v", w.name, err)
					return
				}
			}
		})
	}
	s.t.Cleanup(func() {
		cancel()
		s.gate.TryLock() // whether the test held it or not,
		s.gate.Unlock()  // nobody waits for it any more
		writing.Wait()
	})
}

// disturb lets the writers work, kills something, and returns when the service
// is whole again.
func (s *soak) disturb() {
	s.pause(700)
	switch s.random.IntN(7) {
	case 0, 1:
		s.killPasaj()
		s.pause(150)
		s.restart()
	case 2, 3:
		s.killDatabase()
		if s.random.IntN(2) == 0 { // and the next one while it recovers
			s.pause(400)
			s.killDatabase()
		}
	case 4:
		s.killPasaj()
		s.killDatabase()
		s.restart()
	case 6: // streams resume while the record that they resume from goes
		s.killPasaj()
		s.process.start()
		s.process.awaitReady()
		s.killDatabase()
	case 5:
		s.killDatabase()
		s.pause(30) // the supervisor may be about to start another
		s.killPasaj()
		s.restart()
	}
	s.awaitDatabase()
	s.process.awaitReady()
	s.pause(200)
}

// awaitDatabase returns when a server that nobody killed accepts connections.
func (s *soak) awaitDatabase() {
	s.t.Helper()
	deadline := time.Now().Add(readyPatience)
	for {
		connection, err := pgx.Connect(s.t.Context(), s.url)
		if err == nil {
			connection.Close(s.t.Context())
			if pid := s.process.databasePID(); pid != 0 && pid != s.killed {
				return
			}
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("the database is not back in %s: %v", readyPatience, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// newest is the record's newest revision. Connections of before a crash may
// have to be found dead first.
func (s *soak) newest() geo.Revision {
	s.t.Helper()
	deadline := time.Now().Add(readyPatience)
	for {
		revision, _, err := s.record.Resolve(s.t.Context(), geo.AsOf{})
		if err == nil {
			return revision
		}
		if geo.CodeOf(err) != geo.CodeUnavailable || time.Now().After(deadline) {
			s.t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// pause waits for a random time of at most so many milliseconds.
func (s *soak) pause(most int) {
	time.Sleep(time.Duration(s.random.IntN(most*1000)) * time.Microsecond)
}

func (s *soak) killPasaj() {
	s.process.kill()
	s.pasajKills++
}

func (s *soak) killDatabase() {
	if pid := s.process.databasePID(); pid != 0 && s.process.killDatabase() {
		s.killed = pid
		s.databaseKills++
	}
}

// restart starts pasaj; sometimes it is killed once more while it does.
func (s *soak) restart() {
	s.process.start()
	if s.random.IntN(3) == 0 {
		s.pause(600)
		s.killPasaj()
		s.process.start()
	}
}

// step makes one change and repeats it until it is acknowledged.
func (w *soakWriter) step(ctx context.Context) error {
	w.sent++
	q := message{token: w.token, key: fmt.Sprintf("%s-%d", w.name, w.sent)}
	name := fmt.Sprintf("state %d", w.sent)
	var feature *soakFeature
	if n := len(w.features); n > 0 && w.random.IntN(10) < 5 {
		feature = w.features[w.random.IntN(n)]
		q.method, q.media = http.MethodPatch, "application/merge-patch+json"
		q.path = "/collections/" + feature.layer + "/items/" + feature.id
		q.body = fmt.Sprintf(`{"properties":{"name_en":%q}}`, name)
	} else {
		feature = &soakFeature{layer: "roadblocks", code: q.key}
		if w.random.IntN(3) == 0 {
			feature.layer = "controlled-zones"
		}
		q.method, q.media = http.MethodPost, "application/geo+json"
		q.path = "/collections/" + feature.layer + "/items"
		q.body = w.newFeature(feature.layer, feature.code, name)
	}
	got, err := w.send(ctx, q)
	if err != nil {
		return err
	}
	w.acknowledged++
	if feature.id == "" {
		location := got.header.Get("Location")
		feature.id = location[strings.LastIndexByte(location, '/')+1:]
		w.features = append(w.features, feature)
	}
	feature.name, feature.revision = name, got.header.Get("Pasaj-Revision")
	w.fresh = append(w.fresh, feature)
	if w.random.IntN(5) > 0 {
		return nil
	}
	// A client that lost the answer asks again, and gets the same.
	again, err := w.send(ctx, q)
	if err != nil {
		return err
	}
	if again.header.Get("Location") != got.header.Get("Location") || again.header.Get("Pasaj-Revision") != feature.revision {
		return fmt.Errorf("%s repeated: %v, first %v", q.key, again.header, got.header)
	}
	return nil
}

func (w *soakWriter) newFeature(layer, code, name string) string {
	lon, lat := -72.4+0.2*w.random.Float64(), 18.5+0.1*w.random.Float64()
	compartment := w.audience.String()
	if layer == "roadblocks" {
		return fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[%.6f,%.6f]},"properties":{"code":%q,"name_en":%q,"subtype":"toll_post","compartment":%q}}`,
			lon, lat, code, name, compartment)
	}
	const side = 0.004
	ring := fmt.Sprintf("[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f],[%.6f,%.6f]", lon, lat, lon+side, lat, lon+side, lat+side, lon, lat)
	return fmt.Sprintf(`{"type":"Feature","geometry":{"type":"MultiPolygon","coordinates":[[[%s]]]},"properties":{"code":%q,"name_en":%q,"control_type":"contested","compartment":%q}}`,
		ring, code, name, compartment)
}

// send sends a change until it is acknowledged; anything but an interruption
// is an error.
func (w *soakWriter) send(ctx context.Context, q message) (received, error) {
	deadline := time.Now().Add(readyPatience)
	for attempt := 0; ; attempt++ {
		if attempt > 0 {
			w.repeats++
		}
		sending, cancel := context.WithTimeout(ctx, 30*time.Second)
		got, err := q.send(sending, w.soak.process.address)
		cancel()
		switch {
		case err == nil && got.status >= 200 && got.status < 300:
			return got, nil
		case err == nil && got.status == http.StatusServiceUnavailable && got.header.Get("Retry-After") == "":
			return got, fmt.Errorf("%s %s: 503 without Retry-After", q.method, q.path)
		case err == nil && got.status != http.StatusServiceUnavailable:
			return got, fmt.Errorf("%s %s %s: %s", q.method, q.path, q.body, got)
		case ctx.Err() != nil:
			return got, ctx.Err()
		case time.Now().After(deadline):
			return got, fmt.Errorf("%s %s: not acknowledged in %s: %s, %v", q.method, q.path, readyPatience, got, err)
		}
		time.Sleep(time.Duration(20+w.random.IntN(60)) * time.Millisecond)
	}
}

// verify looks at everything while the writers wait.
func (s *soak) verify(last bool) {
	s.t.Helper()
	newest := s.newest()
	s.checkRevisions(newest)
	s.awaitWorlds(newest)
	for who, stream := range s.streams {
		stream.await(s.t, who, newest)
	}
	s.checkAcknowledged()
	layers := geo.Collections()
	if !last {
		layers = []*geo.Layer{layerNamed(s.t, "roadblocks"), layerNamed(s.t, "controlled-zones")}
	}
	for _, a := range geo.Audiences() {
		fresh, err := s.record.Load(s.t.Context(), a, newest)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, l := range layers {
			if l.Audiences.Has(a) {
				s.checkItems(fresh, l)
			}
		}
		s.checkCoverage(fresh)
	}
}

// checkRevisions holds the record to one revision after another, each receipt
// kept once.
func (s *soak) checkRevisions(newest geo.Revision) {
	s.t.Helper()
	connection, err := pgx.Connect(s.t.Context(), s.url)
	if err != nil {
		s.t.Fatal(err)
	}
	defer connection.Close(context.Background())
	var count, least, most, receipts int64
	err = connection.QueryRow(s.t.Context(), `SELECT count(*), min(id), max(id),
		(SELECT count(DISTINCT revision) FROM pasaj.once WHERE revision > $1) FROM pasaj.revision`, int64(s.first)).Scan(&count, &least, &most, &receipts)
	if err != nil {
		s.t.Fatal(err)
	}
	if least != 1 || most != int64(newest) || count != most {
		s.t.Errorf("%d revisions from %d to %d, the newest being %s", count, least, most, newest)
	}
	acknowledged := int64(0)
	for _, w := range s.writers {
		acknowledged += int64(w.acknowledged)
	}
	if made := int64(newest - s.first); made != acknowledged || receipts != acknowledged {
		s.t.Errorf("%d changes were acknowledged, the record has %d revisions and %d receipts of them", acknowledged, made, receipts)
	}
}

// awaitWorlds returns when the world of every audience is the record's newest.
func (s *soak) awaitWorlds(newest geo.Revision) {
	s.t.Helper()
	for a, token := range s.tokens {
		deadline := time.Now().Add(time.Minute)
		for {
			var status struct {
				Revision geo.Revision
				Audience string
			}
			if err := json.Unmarshal(get(s.t, s.process.address, token, "/v1/status").body, &status); err != nil {
				s.t.Fatal(err)
			}
			if status.Revision == newest && status.Audience == a.String() {
				break
			}
			if status.Revision > newest || time.Now().After(deadline) {
				s.t.Fatalf("the world of %s is %+v, the record at %s", a, status, newest)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// served is a feature as the API gives it.
type served struct {
	raw  string
	id   string
	code string
	name string
}

func readServed(raw json.RawMessage) (served, error) {
	var f struct {
		ID         string
		Properties struct {
			Code string
			Name string `json:"name_en"`
		}
	}
	err := json.Unmarshal(raw, &f)
	return served{string(raw), f.ID, f.Properties.Code, f.Properties.Name}, err
}

// allItems walks through all pages of a layer.
func (s *soak) allItems(token, layer string) []served {
	s.t.Helper()
	var out []served
	path := "/collections/" + layer + "/items?limit=1000"
	for path != "" {
		var page struct {
			Features []json.RawMessage
			Links    []struct{ Href, Rel string }
		}
		if err := json.Unmarshal(get(s.t, s.process.address, token, path).body, &page); err != nil {
			s.t.Fatal(err)
		}
		for _, raw := range page.Features {
			f, err := readServed(raw)
			if err != nil {
				s.t.Fatal(err)
			}
			out = append(out, f)
		}
		path = ""
		for _, link := range page.Links {
			if link.Rel == "next" {
				path = strings.TrimPrefix(link.Href, "http://"+s.process.address)
			}
		}
	}
	return out
}

// checkAcknowledged looks for every change that was acknowledged, and for any
// that is there twice or was never sent.
func (s *soak) checkAcknowledged() {
	s.t.Helper()
	for _, w := range s.writers {
		for _, f := range w.fresh {
			got, err := readServed(get(s.t, s.process.address, w.token, "/collections/"+f.layer+"/items/"+f.id).body)
			if err != nil || got.code != f.code || got.name != f.name {
				s.t.Errorf("%s of %s should be called %q: %+v %v", f.code, w.name, f.name, got, err)
			}
		}
		w.fresh = nil
	}
	// Security sees what both kinds of writers wrote.
	there := map[string][]served{}
	for _, layer := range []string{"roadblocks", "controlled-zones"} {
		for _, f := range s.allItems(s.tokens[geo.Security], layer) {
			if strings.HasPrefix(f.code, "soak-") {
				there[f.code] = append(there[f.code], f)
			}
		}
	}
	for _, w := range s.writers {
		for _, f := range w.features {
			if got := there[f.code]; len(got) != 1 || got[0].id != f.id || got[0].name != f.name {
				s.t.Errorf("%s should be there once as %q: %v", f.code, f.name, got)
			}
			delete(there, f.code)
		}
	}
	for code, got := range there {
		s.t.Errorf("nobody was told of %s: %v", code, got)
	}
}

// checkItems compares what is served with a world loaded anew.
func (s *soak) checkItems(fresh *world.World, l *geo.Layer) {
	s.t.Helper()
	var wanted, got []string
	fresh.Layer(l).Each(geo.Moment{}, func(v *geo.Version) bool {
		wanted = append(wanted, string(v.FeatureJSON()))
		return true
	})
	for _, f := range s.allItems(s.tokens[fresh.Audience()], l.Name) {
		got = append(got, f.raw)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		s.t.Errorf("%s for %s differ from the record's (-record +served):\n%s", l.Name, fresh.Audience(), diff)
	}
}

// checkCoverage compares the answer for the capital with one computed from a
// world loaded anew.
func (s *soak) checkCoverage(fresh *world.World) {
	s.t.Helper()
	at := time.Now().UTC().Truncate(time.Second)
	report, err := coverage.NewEngine(coverage.Options{}).Report(s.t.Context(), fresh, coverage.Query{At: at, Areas: []string{"ZMPP"}})
	if err != nil {
		s.t.Fatal(err)
	}
	raw, err := json.Marshal(report)
	if err != nil {
		s.t.Fatal(err)
	}
	got := get(s.t, s.process.address, s.tokens[fresh.Audience()], "/v1/coverage?area=ZMPP&datetime="+geo.FormatInstant(at))
	var wanted, answered any
	if err := json.Unmarshal(raw, &wanted); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(got.body, &answered); err != nil {
		s.t.Fatal(err)
	}
	if diff := cmp.Diff(wanted, answered); diff != "" {
		s.t.Errorf("coverage for %s differs from the record's (-record +served):\n%s", fresh.Audience(), diff)
	}
}

func layerNamed(t testing.TB, name string) *geo.Layer {
	t.Helper()
	l, ok := geo.LayerByName(name)
	if !ok {
		t.Fatalf("no layer %s", name)
	}
	return l
}

// end reads every audience's whole stream once more and stops the service.
func (s *soak) end() {
	s.t.Helper()
	newest := s.newest()
	for a, token := range s.tokens {
		whole := listen(s.t, s.process.address, token, 0)
		whole.await(s.t, a.String()+" from the beginning", newest)
	}
	acknowledged, repeats, connections := 0, 0, 0
	for _, w := range s.writers {
		acknowledged += w.acknowledged
		repeats += w.repeats
	}
	for _, stream := range s.streams {
		connections += stream.connections
	}
	s.t.Logf("%d rounds: pasaj killed %d times, PostgreSQL %d times; %d changes acknowledged, %d requests repeated; 0 lost, 0 doubled; %d streams over %d connections",
		*soakRounds, s.pasajKills, s.databaseKills, acknowledged, repeats, len(s.streams), connections)
	s.record.Close()
	s.process.stop()
	s.process.checkLog()
	if pid := s.process.databasePID(); pid != 0 {
		s.t.Errorf("the database still runs as %d", pid)
	}
}
