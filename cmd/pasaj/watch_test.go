//go:build linux

package main

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

// A watch made at one process tells its owner's streams at every process, and
// nobody else's.
func TestWatchesAcrossProcesses(t *testing.T) {
	url, r := snapshotRecord(t)
	tokens := makeTokens(t, r, geo.Reader)
	here, there := startStack(t, url, tokens), startStack(t, url, tokens)
	owner := &asker{t: t, address: strings.TrimPrefix(here.base, "http://")}
	owner.signIn(r, "driver")
	rival := &asker{t: t, address: owner.address}
	rival.signIn(r, "rival")

	news := []chan string{hear(t, here, owner.session, ""), hear(t, there, owner.session, "")}
	others := []chan string{hear(t, there, rival.session, ""), hear(t, here, "", tokens[geo.Humanitarian]), hear(t, here, "", "")}
	line := `[[-72.46,18.535],[-72.44,18.535]]`
	made := owner.ask(http.MethodPost, "/v1/watches", `{"name":"par Carrefour","passage":{"line":`+line+`}}`, bySession)
	var watch struct {
		ID      uuid.UUID
		Verdict *struct{ Advice string }
	}
	if err := json.Unmarshal(made.body, &watch); err != nil || made.status != http.StatusCreated || watch.Verdict == nil {
		t.Fatalf("%v %s", err, made)
	}
	// Nobody knows anything of the line; then it is known all along, and closed.
	zone, block := layerNamed(t, "controlled-zones"), layerNamed(t, "roadblocks")
	now := time.Now().UTC().Truncate(time.Second)
	draft := func(l *geo.Layer, g orb.Geometry, values map[string]any) geo.Change {
		d := geo.NewDraft(l)
		d.Geometry, d.HasGeom, d.From, d.HasFrom = g, true, now.Add(-time.Hour), true
		for name, value := range values {
			d.Set(l, name, value)
		}
		return geo.Change{Layer: l, Action: geo.Create, ID: uuid.New(), Draft: d}
	}
	box := orb.MultiPolygon{{{{-72.47, 18.52}, {-72.43, 18.52}, {-72.43, 18.55}, {-72.47, 18.55}, {-72.47, 18.52}}}}
	trench := draft(block, orb.Point{-72.45, 18.535}, map[string]any{
		"subtype": "trench_ditch", "state": "active", "pass_mode": "impossible", "compartment": "hum", "last_confirmed_at": now.Add(-time.Minute),
	})
	receipt, err := r.Write(t.Context(), geo.Batch{Author: geo.Author{Name: "test", Audience: geo.Security}, Changes: []geo.Change{trench, draft(zone, box, map[string]any{
		"control_type": "controlled", "claim_level": "claimed", "boundary_quality": "buffer", "compartment": "hum", "last_confirmed_at": now.Add(-time.Minute),
	})}})
	if err != nil {
		t.Fatal(err)
	}
	for i, events := range news {
		var told struct {
			ID             uuid.UUID
			Advice, Before string
			Revision       geo.Revision
			Reasons        []struct{ ID *uuid.UUID }
		}
		data := awaitNews(t, events)
		if err := json.Unmarshal([]byte(data), &told); err != nil {
			t.Fatal(err)
		}
		if told.ID != watch.ID || told.Advice != "not_passable" || told.Before != watch.Verdict.Advice || told.Revision != receipt.Revision ||
			len(told.Reasons) != 1 || told.Reasons[0].ID == nil || *told.Reasons[0].ID != trench.ID {
			t.Errorf("stream %d is told %s", i, data)
		}
	}
	// Taking it away is told again; what others heard is nothing.
	if _, err := r.Write(t.Context(), geo.Batch{Author: geo.Author{Name: "test", Audience: geo.Security}, Changes: []geo.Change{{Layer: block, Action: geo.Delete, ID: trench.ID}}}); err != nil {
		t.Fatal(err)
	}
	for _, events := range news {
		if data := awaitNews(t, events); !strings.Contains(data, `"before":"not_passable"`) {
			t.Errorf("told %s", data)
		}
	}
	for i, events := range others {
		select {
		case data := <-events:
			t.Errorf("stranger %d is told %s", i, data)
		default:
		}
	}
}

// hear opens a stream and gives the data of its events of watches.
func hear(t *testing.T, s *stack, session, token string) chan string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+"/v1/changes", nil)
	if err != nil {
		t.Fatal(err)
	}
	if session != "" {
		r.Header.Set("Cookie", session)
	}
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("stream: %v %v", response, err)
	}
	t.Cleanup(func() { response.Body.Close() })
	out := make(chan string, 10)
	go func() {
		lines, event := bufio.NewScanner(response.Body), ""
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				event = name
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && event == "watch" {
				out <- data
			}
		}
	}()
	return out
}

func awaitNews(t *testing.T, events chan string) string {
	t.Helper()
	select {
	case data := <-events:
		return data
	case <-time.After(30 * time.Second):
		t.Fatal("no news came")
	}
	return ""
}
