//go:build linux

package main

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

// What the benchmark asks of the snapshot's network: from the capital's port to
// Léogâne, past Martissant and Carrefour.
const (
	benchJourney = `"points":[[-72.350383,18.556943],[-72.63343,18.5111]],"vehicle":"suv4x4","profile":"humanitarian_cargo"`
	benchChanges = 200
)

// ways measures each kind of question over HTTP, alone and with the service
// kept busy.
func (s *serviceBench) ways(b *testing.B) {
	for _, q := range []struct {
		name, path, body string
		round            int
	}{
		{"passage", "/v1/passage", `{` + benchJourney + `}`, benchRound},
		{"passage as gpx", "/v1/passage?f=gpx", `{` + benchJourney + `}`, benchRound},
		{"passage with departures", "/v1/passage", `{` + benchJourney + `,"include":["departures"]}`, benchRound / 10},
		{"alternatives", "/v1/passage/alternatives", `{` + benchJourney + `}`, benchRound / 10},
		{"reach", "/v1/reach", `{"points":[[-72.350383,18.556943]],"minutes":[30,60,120]}`, benchRound / 10},
		{"table", "/v1/table", `{"sources":[[-72.350383,18.556943]],"targets":[[-72.63343,18.5111],[-72.1048,18.83455]]}`, benchRound / 10},
		{"reopen", "/v1/reopen", `{` + benchJourney + `}`, benchRound / 10},
	} {
		ask := func() int {
			got, err := s.ask(http.MethodPost, q.path, http.Header{"Content-Type": {"application/json"}}, q.body)
			if err != nil || got.status != http.StatusOK {
				b.Errorf("%s: %s %v", q.path, got, err)
			}
			return len(got.body)
		}
		b.Run(q.name+"/alone", func(b *testing.B) { measure(b, s.pid(), 1, q.round, ask) })
		b.Run(q.name+"/busy", func(b *testing.B) { measure(b, s.pid(), min(benchClients, q.round), q.round, ask) })
	}
	b.Run("isolation/first", func(b *testing.B) {
		at := time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)
		s.few(b, 20, func() int {
			at = at.Add(time.Hour)
			return s.mustGet(b, "/v1/isolation?datetime="+geo.FormatInstant(at))
		})
	})
}

// freshness measures how long a roadblock takes from its commit, by a process
// other than the service, to the first answer that obeys it: the answer speaks
// of the new revision, and takes another way or names the roadblock.
func (s *serviceBench) freshness(b *testing.B) {
	roadblocks := layerNamed(b, "roadblocks")
	type answer struct {
		Revision geo.Revision
		Geometry json.RawMessage
		raw      []byte
	}
	ask := func() answer {
		got, err := s.ask(http.MethodPost, "/v1/passage", http.Header{"Content-Type": {"application/json"}}, `{`+benchJourney+`}`)
		if err != nil || got.status != http.StatusOK {
			b.Fatalf("passage: %s %v", got, err)
		}
		a := answer{raw: got.body}
		if err := json.Unmarshal(got.body, &a); err != nil {
			b.Fatal(err)
		}
		return a
	}
	free := ask()
	var waits, answers []time.Duration
	var last uuid.UUID
	for n := range benchChanges {
		d := geo.NewDraft(roadblocks)
		d.Geometry, d.HasGeom = onWay(b, free.Geometry, n), true
		for name, value := range map[string]any{
			"subtype": "trench_ditch", "state": "active", "pass_mode": "impossible", "compartment": "hum", "last_confirmed_at": time.Now().UTC().Truncate(time.Second),
		} {
			d.Set(roadblocks, name, value)
		}
		id := uuid.New()
		changes := []geo.Change{{Layer: roadblocks, Action: geo.Create, ID: id, Draft: d}}
		if last != uuid.Nil {
			changes = append(changes, geo.Change{Layer: roadblocks, Action: geo.Delete, ID: last})
		}
		receipt, err := s.record.Write(b.Context(), geo.Batch{Author: geo.Author{Name: "bench", Audience: geo.Security}, Reason: "benchmark", Changes: changes})
		committed := time.Now()
		if err != nil {
			b.Fatal(err)
		}
		last = id
		for {
			asked := time.Now()
			got := ask()
			answers = append(answers, time.Since(asked))
			if got.Revision < receipt.Revision {
				continue
			}
			waits = append(waits, time.Since(committed))
			if !bytes.Contains(got.raw, []byte(id.String())) && bytes.Equal(got.Geometry, free.Geometry) {
				b.Fatalf("revision %s does not obey the roadblock: %.300s", got.Revision, got.raw)
			}
			break
		}
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(len(waits)), "changes")
	reportWalls(b, "commit-to-answer", waits)
	reportWalls(b, "answer", answers)
}

// onWay is the n-th of some places on the middle part of a way.
func onWay(b *testing.B, geometry json.RawMessage, n int) orb.Point {
	b.Helper()
	var line struct{ Coordinates []orb.Point }
	if err := json.Unmarshal(geometry, &line); err != nil || len(line.Coordinates) < 5 {
		b.Fatalf("no way: %v %.200s", err, geometry)
	}
	middle := line.Coordinates[len(line.Coordinates)/4 : len(line.Coordinates)*3/4]
	return middle[n%len(middle)]
}
