package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"runtime"
	"runtime/pprof"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

// TestKilledClients cuts connections in the middle of large answers, streams
// and changes. Nothing of them may stay: no goroutine, no stream, no database
// connection in use; and the next client is served.
func TestKilledClients(t *testing.T) {
	url := postgistest.URL(t)
	record := postgistest.OpenURL(t, url, postgis.Options{})
	old, last := largeZones(t, record)
	token := makeToken(t, record, "killed clients", geo.Editor, geo.Security)
	address, _ := serveHere(t, url, "--no-snapshot")
	page := "/collections/controlled-zones/items?limit=10000"
	whole := get(t, address, token, page)
	if got := whole.header.Get("Pasaj-Revision"); got != last.String() || len(whole.body) < 6<<20 {
		t.Fatalf("a page of %d bytes at revision %s, want much more at %s", len(whole.body), got, last)
	}
	past := fmt.Sprintf("%s&asof=%s", page, old)

	victims := []struct {
		name    string
		request func(n int) string
		read    int  // bytes taken before the end
		linger  bool // leave as a program does, not as a cable
	}{
		{"page cut off", func(int) string { return getText(page, token) }, 200 << 10, false},
		{"page left", func(int) string { return getText(page, token) }, 64, true},
		{"past cut off", func(int) string { return getText(past, token) }, 0, false},
		{"stream cut off", func(int) string { return getText("/v1/changes?last-event-id=0", token) }, 64, false},
		{"stream left", func(int) string { return getText("/v1/changes", token) }, 64, true},
		{"change cut off", func(n int) string { return postText(token, n, 0) }, 0, false},
		{"change half sent", func(n int) string { return postText(token, n, 40) }, 0, true},
		{"headers half sent", func(int) string { return getText(page, token)[:60] }, 0, true},
	}
	number := 0
	for _, connections := range []int{16, 32, 64} {
		t.Run(fmt.Sprint(connections), func(t *testing.T) {
			webClient.CloseIdleConnections()
			before := settledGoroutines()
			var killing sync.WaitGroup
			faults := make(chan error, connections)
			for i := range connections {
				victim := victims[i%len(victims)]
				number++
				text := victim.request(number)
				killing.Go(func() {
					if err := killClient(address, text, victim.read, victim.linger); err != nil {
						faults <- fmt.Errorf("%s: %w", victim.name, err)
					}
				})
			}
			killing.Wait()
			close(faults)
			for err := range faults {
				t.Error(err)
			}
			// The next client is not kept waiting for the dead (a minute is for ever).
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			if got, err := (message{method: http.MethodGet, path: page, token: token}).send(ctx, address); err != nil || got.status != http.StatusOK {
				t.Errorf("the next client: %d, %v", got.status, err)
			}
			awaitNothingLeft(t, address, url, before)
		})
	}
}

// largeZones fills a record with zones of many vertices and names a revision
// before the last.
func largeZones(t *testing.T, r *postgis.Record) (old, last geo.Revision) {
	t.Helper()
	layer := layerNamed(t, "controlled-zones")
	for part := range 3 {
		var changes []geo.Change
		for n := range 400 {
			d := geo.NewDraft(layer)
			ring := make(orb.Ring, 0, 301)
			lon, lat := -73+float64(n)*0.003, 18.3+float64(part)*0.3
			for i := range 300 {
				angle := 2 * math.Pi * float64(i) / 300
				ring = append(ring, orb.Point{lon + 0.01*math.Cos(angle), lat + 0.01*math.Sin(angle)})
			}
			d.Geometry, d.HasGeom = orb.MultiPolygon{{append(ring, ring[0])}}, true
			for name, value := range map[string]any{"control_type": "contested", "compartment": "sec", "sensitivity": "moderate"} {
				d.Set(layer, name, value)
			}
			changes = append(changes, geo.Change{Layer: layer, Action: geo.Create, Draft: d})
		}
		receipt, err := r.Write(t.Context(), geo.Batch{
			Author: geo.Author{Name: "test", Audience: geo.Security}, Reason: "test", Changes: changes,
		})
		if err != nil {
			t.Fatal(err)
		}
		if last = receipt.Revision; old == 0 {
			old = last
		}
	}
	return old, last
}

func getText(path, token string) string {
	return "GET " + path + " HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer " + token + "\r\n\r\n"
}

// postText is a change whose end, so many bytes, is not sent.
func postText(token string, n, missing int) string {
	body := fmt.Sprintf(`{"type":"Feature","geometry":{"type":"Point","coordinates":[-72.33,18.54]},"properties":{"code":"killed-%d","subtype":"toll_post"}}`, n)
	return fmt.Sprintf("POST /collections/roadblocks/items HTTP/1.1\r\nHost: test\r\nAuthorization: Bearer %s\r\nContent-Type: application/geo+json\r\nContent-Length: %d\r\n\r\n%s",
		token, len(body), body[:len(body)-missing])
}

// killClient sends a request, takes the beginning of the answer and goes.
func killClient(address, text string, read int, linger bool) error {
	c, err := net.Dial("tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(time.Minute)); err != nil {
		return err
	}
	if _, err := io.WriteString(c, text); err != nil {
		return err
	}
	if read > 0 {
		begin := make([]byte, read)
		if _, err := io.ReadFull(c, begin); err != nil {
			return fmt.Errorf("%w after %q", err, begin[:min(read, 64)])
		}
		if !bytes.HasPrefix(begin, []byte("HTTP/1.1 200 OK")) {
			return fmt.Errorf("answered %q", begin[:64])
		}
	}
	if !linger { // a reset instead of a good-bye
		return c.(*net.TCPConn).SetLinger(0)
	}
	return nil
}

// settledGoroutines is the number of goroutines once it stays the same.
func settledGoroutines() int {
	count, same := runtime.NumGoroutine(), 0
	for range 100 {
		time.Sleep(50 * time.Millisecond)
		now := runtime.NumGoroutine()
		if same++; now != count {
			count, same = now, 0
		}
		if same == 5 {
			break
		}
	}
	return count
}

// awaitNothingLeft returns when the service is as it was before the clients.
func awaitNothingLeft(t *testing.T, address, url string, before int) {
	t.Helper()
	// What a pool of connections and the runtime keep for themselves varies.
	const slack = 4
	deadline := time.Now().Add(30 * time.Second)
	for {
		metrics := string(get(t, address, "", "/metrics").body)
		streams := strings.Contains(metrics, "\npasaj_subscribers 0\n")
		webClient.CloseIdleConnections()
		busy := busyConnections(t, url)
		goroutines := runtime.NumGoroutine()
		if streams && busy == 0 && goroutines <= before+slack {
			t.Logf("%d goroutines before, %d after", before, goroutines)
			return
		}
		if time.Now().After(deadline) {
			var stacks bytes.Buffer
			if err := pprof.Lookup("goroutine").WriteTo(&stacks, 1); err != nil {
				t.Error(err)
			}
			t.Fatalf("left behind: all streams closed %v, %d busy database connections, %d goroutines where %d were:\n%s",
				streams, busy, goroutines, before, stacks.String())
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// busyConnections counts the service's database connections that somebody uses.
func busyConnections(t *testing.T, url string) int {
	t.Helper()
	connection, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close(context.Background())
	var busy int
	err = connection.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'pasaj' AND state IS DISTINCT FROM 'idle'`).Scan(&busy)
	if err != nil {
		t.Fatal(err)
	}
	return busy
}
