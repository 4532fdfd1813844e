package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"pasaj/data/cluster"
	"pasaj/data/cluster/clustertest"
	"pasaj/data/postgis"
	"pasaj/geo"
)

var outageSeconds = flag.Float64("outage.seconds", 3, "length of the database outage")

// serveHere runs `pasaj serve` in this process, over a database, until the
// test or the function returned ends it.
func serveHere(t *testing.T, url string, flags ...string) (address string, stop func()) {
	t.Helper()
	address = freeAddress(t)
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, append([]string{"--database-url", url, "serve", "--listen", address}, flags...))
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	}
	t.Cleanup(stop)
	for deadline := time.Now().Add(readyPatience); readiness(ctx, address) != "ok"; time.Sleep(20 * time.Millisecond) {
		select {
		case err := <-ended:
			ended <- err
			t.Fatalf("serve ended: %v", err)
		default:
		}
		if time.Now().After(deadline) {
			t.Fatal("the service is not ready")
		}
	}
	return address, stop
}

// database is a cluster of the test's own, to be taken away and given back.
type database struct {
	t       *testing.T
	home    string
	cluster *cluster.Cluster
}

func newDatabase(t *testing.T) *database {
	t.Helper()
	d := &database{t: t, home: clustertest.Home(t)}
	d.open()
	t.Cleanup(d.close)
	if err := d.cluster.EnsureDatabase(t.Context(), databaseName); err != nil {
		t.Fatal(err)
	}
	return d
}

func (d *database) open() {
	d.t.Helper()
	var err error
	if d.cluster, err = cluster.Open(d.t.Context(), cluster.Options{Home: d.home}); err != nil {
		d.t.Fatal(err)
	}
}

func (d *database) close() {
	d.t.Helper()
	if err := d.cluster.Close(context.Background()); err != nil {
		d.t.Error(err)
	}
}

// signal sends a signal to every process of the server.
func (d *database) signal(number syscall.Signal) {
	d.t.Helper()
	postmaster := d.cluster.PID()
	if postmaster == 0 {
		d.t.Fatal("there is no postmaster")
	}
	pids := []int{postmaster}
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		d.t.Fatal(err)
	}
	for _, name := range stats {
		raw, err := os.ReadFile(name)
		if err != nil {
			continue // it has ended
		}
		// "pid (name) state parent ...", of which the name may hold anything.
		fields := strings.Fields(string(raw[strings.LastIndexByte(string(raw), ')')+1:]))
		if len(fields) > 1 && fields[1] == strconv.Itoa(postmaster) {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
			if err != nil {
				d.t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	for _, pid := range pids {
		if err := syscall.Kill(pid, number); err != nil && !errors.Is(err, syscall.ESRCH) {
			d.t.Fatal(err)
		}
	}
}

const passageBody = `{"points":[[-72.3388,18.5392],[-72.2852,18.5125]],"vehicle":"ambulance"}`

// outage is a service and what a client of it has seen.
type outage struct {
	t        *testing.T
	address  string
	url      string
	database *database
	editor   string
	reader   string
	stranger string // not seen before the outage
	stream   *listener
	recent   string // path of a page as of a recent revision,
	before   []byte // and what it gave
	wrote    int
}

// TestOutage takes the database away: reads go on and say how old they are,
// writes say when to come back, and afterwards everything catches up by itself.
func TestOutage(t *testing.T) {
	d := newDatabase(t)
	url := d.cluster.URL(databaseName)
	address, _ := serveHere(t, url)
	record, err := postgis.Open(t.Context(), url, postgis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer record.Close()
	first, _, err := record.Resolve(t.Context(), geo.AsOf{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name       string
		take, give func()
	}{
		{"stopped", d.close, d.open},
		{"hung", func() { d.signal(syscall.SIGSTOP) }, func() { d.signal(syscall.SIGCONT) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := &outage{t: t, address: address, url: url, database: d}
			o.editor = makeToken(t, record, "editor "+c.name, geo.Editor, geo.Humanitarian)
			o.reader = makeToken(t, record, "reader "+c.name, geo.Reader, geo.Security)
			o.stranger = makeToken(t, record, "stranger "+c.name, geo.Reader, geo.Security)
			o.stream = listen(t, address, o.reader, first)
			o.prepare()
			// Whatever it was, some account changes just before.
			makeToken(t, record, "last "+c.name, geo.Reader, geo.Public)
			// And somebody writes, so that a connection is trusted without asking.
			if got := o.send(o.write()); got.status != http.StatusCreated {
				t.Fatal(got)
			}
			given := false
			c.take()
			defer func() {
				if !given {
					c.give()
				}
			}()
			missed := o.endure()
			c.give()
			given = true
			o.recover(missed)
		})
	}
}

// write is one change that nobody has made before.
func (o *outage) write() message {
	o.wrote++
	name := fmt.Sprintf("%s-%d", o.t.Name(), o.wrote)
	return message{
		method: http.MethodPost, path: "/collections/roadblocks/items", token: o.editor, key: name, media: "application/geo+json",
		body: fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[-72.33,18.54]},"properties":{"code":%q,"subtype":"toll_post"}}`, name),
	}
}

// send sends a message with a limit that no answer may need.
func (o *outage) send(m message) received {
	o.t.Helper()
	ctx, cancel := context.WithTimeout(o.t.Context(), 20*time.Second)
	defer cancel()
	began := time.Now()
	got, err := m.send(ctx, o.address)
	if err != nil {
		o.t.Fatalf("%s %s: %v", m.method, m.path, err)
	}
	if took := time.Since(began); took > time.Second {
		o.t.Logf("%s %s: %d after %s", m.method, m.path, got.status, took.Round(time.Millisecond))
	}
	return got
}

// reads are the ways to read that go on.
func (o *outage) reads() []message {
	get := func(path string) message { return message{method: http.MethodGet, path: path, token: o.reader} }
	anonymous := get("/collections/places/items?limit=5")
	anonymous.token = ""
	return []message{
		get("/collections/roadblocks/items?limit=50"),
		get("/collections/roadblocks/items?bbox=-72.4,18.5,-72.3,18.6&datetime=2024-05-01T00:00:00Z"),
		get(o.recent),
		get("/collections/admin-areas/tiles/WebMercatorQuad/9/229/153"),
		get("/v1/coverage?area=ZMPP"),
		get("/v1/groups"),
		{method: http.MethodPost, path: "/v1/passage", token: o.reader, media: "application/json", body: passageBody},
		anonymous,
	}
}

// prepare makes a recent past and reads everything once.
func (o *outage) prepare() {
	o.t.Helper()
	var revision string
	for range 3 {
		got := o.send(o.write())
		if got.status != http.StatusCreated {
			o.t.Fatal(got)
		}
		if revision == "" {
			revision = got.header.Get("Pasaj-Revision")
		}
	}
	o.recent = "/collections/roadblocks/items?limit=1000&asof=" + revision
	for _, m := range o.reads() {
		got := o.send(m)
		if got.status != http.StatusOK || got.header.Get("Pasaj-Age-S") != "" {
			o.t.Fatalf("%s before the outage: %s %v", m.path, got, got.header)
		}
		if m.path == o.recent {
			o.before = got.body
		}
	}
}

// endure lives through the outage and gives the writes that were refused.
func (o *outage) endure() []message {
	o.t.Helper()
	began := time.Now()
	length := time.Duration(*outageSeconds * float64(time.Second))
	missed := []message{o.write()} // at once: nobody may know yet
	if got := o.send(missed[0]); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		o.t.Errorf("a write as the record goes: %s %v", got, got.header)
	}
	for deadline := time.Now().Add(time.Minute); readiness(o.t.Context(), o.address) != "degraded"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			o.t.Fatalf("readyz says %q", readiness(o.t.Context(), o.address))
		}
	}
	oldest := -1
	for last := false; !last; time.Sleep(300 * time.Millisecond) {
		last = time.Since(began) >= length
		for _, m := range o.reads() {
			got := o.send(m)
			age, err := strconv.Atoi(got.header.Get("Pasaj-Age-S"))
			switch {
			case got.status != http.StatusOK:
				o.t.Fatalf("%s: %s", m.path, got)
			case err != nil || age < oldest:
				o.t.Fatalf("%s: Pasaj-Age-S %q after %d", m.path, got.header.Get("Pasaj-Age-S"), oldest)
			case m.path == o.recent && string(got.body) != string(o.before):
				o.t.Fatalf("%s changed", m.path)
			}
			oldest = age
		}
		if last || len(missed) < 3 {
			m := o.write()
			missed = append(missed, m)
			if got := o.send(m); got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
				o.t.Errorf("a write without the record: %s %v", got, got.header)
			}
		}
	}
	if oldest < int(length.Seconds())-2 {
		o.t.Errorf("after %s the data call themselves %d s old", time.Since(began), oldest)
	}
	got := o.send(message{method: http.MethodGet, path: "/v1/status", token: o.stranger})
	if got.status != http.StatusServiceUnavailable || got.header.Get("Retry-After") == "" {
		o.t.Errorf("somebody who cannot be checked: %s", got)
	}
	if state := readiness(o.t.Context(), o.address); state != "degraded" {
		o.t.Errorf("readyz says %q", state)
	}
	return missed
}

// recover writes from elsewhere as soon as the record is back and waits for
// the service to know.
func (o *outage) recover(missed []message) {
	o.t.Helper()
	elsewhere, err := postgis.Open(o.t.Context(), o.url, postgis.Options{Log: slog.New(slog.DiscardHandler)})
	if err != nil {
		o.t.Fatal(err)
	}
	defer elsewhere.Close()
	layer := layerNamed(o.t, "roadblocks")
	draft, err := geo.DecodeFeature(layer, geo.Humanitarian, []byte(o.write().body))
	if err != nil {
		o.t.Fatal(err)
	}
	receipt, err := elsewhere.Write(o.t.Context(), geo.Batch{
		Author: geo.Author{Name: "elsewhere", Audience: geo.Humanitarian}, Reason: "test",
		Changes: []geo.Change{{Layer: layer, Action: geo.Create, Draft: draft}},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	began := time.Now()
	item := message{method: http.MethodGet, path: "/collections/roadblocks/items/" + receipt.IDs[0].String(), token: o.reader}
	for {
		got := o.send(item)
		if got.status == http.StatusOK && got.header.Get("Pasaj-Age-S") == "" {
			break
		}
		if time.Since(began) > 30*time.Second {
			o.t.Fatalf("the service does not catch up: %s %v", got, got.header)
		}
		time.Sleep(10 * time.Millisecond)
	}
	o.t.Logf("caught up after %s", time.Since(began).Round(time.Millisecond))
	if state := readiness(o.t.Context(), o.address); state != "ok" {
		o.t.Errorf("readyz says %q", state)
	}
	// Clients send what was refused once more, twice.
	for _, m := range missed {
		one, two := o.send(m), o.send(m)
		if one.status != http.StatusCreated || two.status != http.StatusCreated || one.header.Get("Location") != two.header.Get("Location") {
			o.t.Errorf("%s: %s, then %s", m.key, one, two)
		}
	}
	var page struct {
		Features []struct{ Properties struct{ Code string } }
	}
	if err := json.Unmarshal(get(o.t, o.address, o.reader, "/collections/roadblocks/items?limit=10000").body, &page); err != nil {
		o.t.Fatal(err)
	}
	times := map[string]int{}
	for _, f := range page.Features {
		times[f.Properties.Code]++
	}
	for n := 1; n <= o.wrote; n++ {
		if code := fmt.Sprintf("%s-%d", o.t.Name(), n); times[code] != 1 {
			o.t.Errorf("%s is there %d times", code, times[code])
		}
	}
	newest, _, err := elsewhere.Resolve(o.t.Context(), geo.AsOf{})
	if err != nil {
		o.t.Fatal(err)
	}
	o.stream.await(o.t, "security", newest)
	if got := o.send(message{method: http.MethodGet, path: "/v1/status", token: o.stranger}); got.status != http.StatusOK {
		o.t.Errorf("somebody who can be checked again: %s", got)
	}
	if body := get(o.t, o.address, o.reader, o.recent).body; string(body) != string(o.before) {
		o.t.Errorf("%s changed", o.recent)
	}
}
