package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/api"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/coverage"
)

// Rules that protect nobody are refused before anything is started.
func TestReleaseFlags(t *testing.T) {
	t.Parallel()
	for _, flags := range [][]string{
		{"--release-sources", "1"}, {"--release-sources", "0"}, {"--release-sources", "101"}, {"--release-sources", "many"},
		{"--release-delay", "1h"}, {"--release-delay", "-24h"}, {"--release-delay", "2400h"}, {"--release-delay", "a day"},
		{"--release-at", "25:00"}, {"--release-at", "5"}, {"--release-at", ""}, {"--release-at", "05:30:10"}, {"--release-at", "noon"},
	} {
		home := filepath.Join(t.TempDir(), "home")
		err := run(t.Context(), append([]string{"--home", home, "serve", "--listen", "127.0.0.1:0"}, flags...))
		if err == nil || strings.ContainsAny(oneLine(err), "\n\r") || len(oneLine(err)) > 200 {
			t.Errorf("%v: %v", flags, err)
		}
		if _, err := os.Stat(home); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%v: something was started in its home: %v", flags, err)
		}
	}
	rules, err := releaseFlags{ReleaseSources: 4, ReleaseDelay: 36 * time.Hour, ReleaseAt: "18:05"}.rules()
	if err != nil || rules.Sources != 4 || rules.Delay != 36*time.Hour || rules.Hour != 18*time.Hour+5*time.Minute || rules.Rounding != 0.01 {
		t.Errorf("%+v, %v", rules, err)
	}
}

// place is a square of a tenth of a degree, the n-th from the west.
func place(n int) orb.MultiPolygon {
	return square(geo.RoundCoordinate(-72.9+0.1*float64(n)), 18.5, 0.1, 0.1)
}

// square is a box with its lower left corner.
func square(west, south, width, height float64) orb.MultiPolygon {
	east, north := geo.RoundCoordinate(west+width), geo.RoundCoordinate(south+height)
	return orb.MultiPolygon{{{{west, south}, {east, south}, {east, north}, {west, north}, {west, south}}}}
}

func sourceID(n int) string { return uuid.NewSHA1(uuid.Nil, fmt.Append(nil, n)).String() }

// make puts a feature into a change.
func made(t *testing.T, layer string, area orb.Geometry, values map[string]any) geo.Change {
	t.Helper()
	l, ok := geo.LayerByName(layer)
	if !ok {
		t.Fatalf("no layer %s", layer)
	}
	d := geo.NewDraft(l)
	d.Geometry, d.HasGeom = area, true
	d.From, d.HasFrom = time.Date(2025, 1, 1, 0, 0, 0, 0, time.UTC), true
	for name, value := range values {
		d.Set(l, name, value)
	}
	return geo.Change{Layer: l, Action: geo.Create, ID: uuid.New(), Draft: d}
}

// held is a zone on the western share of the n-th commune.
func heldZone(t *testing.T, n int, share float64, compartment, sensitivity string, sources ...int) geo.Change {
	t.Helper()
	ids := make([]string, len(sources))
	for i, one := range sources {
		ids[i] = sourceID(one)
	}
	return made(t, "controlled-zones", square(geo.RoundCoordinate(-72.9+0.1*float64(n)), 18.5, 0.1*share, 0.1), map[string]any{
		"control_type": "controlled", "compartment": compartment, "sensitivity": sensitivity, "source_ids": ids,
		"reliability": "A", "credibility": int64(1), "last_confirmed_at": time.Now().UTC().Truncate(time.Second),
	})
}

func commit(t *testing.T, r *postgis.Record, by geo.Audience, changes ...geo.Change) geo.Receipt {
	t.Helper()
	receipt, err := r.Write(t.Context(), geo.Batch{Author: geo.Author{Name: "test", Audience: by}, Changes: changes})
	if err != nil {
		t.Fatal(err)
	}
	return receipt
}

// clock is what a service takes for the time.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = at
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

type toldAreas struct {
	ReleasedAt string `json:"released_at"`
	Revision   geo.Revision
	Areas      []struct {
		ID, Status string
		Classes    []struct {
			Class string
			Share coverage.Range
		}
	}
}

// statuses writes down what is told of communes.
func (a toldAreas) statuses() string {
	var out []string
	for _, one := range a.Areas {
		text := one.ID + " " + one.Status
		if len(one.Classes) > 0 {
			text += fmt.Sprintf(" %g", one.Classes[0].Share.High)
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}

func TestReleasesOfTheRecord(t *testing.T) {
	t.Parallel()
	databaseURL := postgistest.URL(t)
	r := postgistest.OpenURL(t, databaseURL, postgis.Options{})
	quiet := slog.New(slog.DiscardHandler)
	by := func(record *postgis.Record, rules coverage.ReleaseRules) releaser {
		return releaser{record: record, engine: coverage.NewEngine(coverage.Options{}), rules: rules, log: quiet}
	}
	rows := func() (count int) {
		t.Helper()
		c, err := pgx.Connect(t.Context(), databaseURL)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.WithoutCancel(t.Context()))
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pasaj.release").Scan(&count); err != nil {
			t.Fatal(err)
		}
		return count
	}
	// Nothing is known at all, then nothing that is a day old.
	if err := by(r, coverage.DefaultReleaseRules).release(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	areas := []geo.Change{made(t, "admin-areas", place(0), map[string]any{"pcode": "HT01", "level": int64(1), "compartment": "public"})}
	for n, pcode := range []string{"HT0111", "HT0112", "HT0121"} {
		areas = append(areas, made(t, "admin-areas", place(n), map[string]any{"pcode": pcode, "parent_pcode": "HT01", "level": int64(2), "compartment": "public"}))
	}
	commit(t, r, geo.Security, areas...)
	told := heldZone(t, 0, 0.4, "hum", "moderate", 1, 2, 3)
	first := commit(t, r, geo.Humanitarian, told, heldZone(t, 1, 0.5, "hum", "moderate", 1, 2))
	if err := by(r, coverage.DefaultReleaseRules).release(t.Context(), time.Now()); err != nil {
		t.Fatal(err)
	}
	if n := rows(); n != 0 {
		t.Fatalf("%d releases of what was learned just now", n)
	}
	time.Sleep(20 * time.Millisecond) // the two commits are told apart by the clock
	late := commit(t, r, geo.Humanitarian, heldZone(t, 1, 0.2, "hum", "moderate", 3))

	// The delay ends between the two: what was learned later does not show.
	rules := coverage.DefaultReleaseRules
	tick := rules.Last(late.At.Add(10*24*time.Hour), capital)
	rules.Delay = tick.Sub(first.At.Add(late.At.Sub(first.At) / 2))
	now := &clock{now: tick.Add(-time.Minute)}
	s := startStack(t, databaseURL, makeTokens(t, r, geo.Reader), func(o *api.Options) { o.Now = now.Now })
	get := func(query string, header ...string) reply {
		t.Helper()
		question := request{method: http.MethodGet, path: "/v1/coverage" + query, header: map[string]string{}}
		if len(header) > 0 {
			question.header["If-None-Match"] = header[0]
		}
		got, err := s.do(t.Context(), geo.Public, question, nil)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	read := func(query string) (out toldAreas) {
		t.Helper()
		got := get(query)
		if got.status != http.StatusOK {
			t.Fatalf("%s: status %d: %s", query, got.status, got.body)
		}
		if err := json.Unmarshal(got.body, &out); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if got := read("?level=commune"); got.ReleasedAt != "" || got.statuses() != "HT0111 withheld, HT0112 withheld, HT0121 withheld" {
		t.Errorf("before the first tick: %+v", got)
	}
	// Several processes make it once.
	var makers sync.WaitGroup
	other := postgistest.OpenURL(t, databaseURL, postgis.Options{})
	for i := range 6 {
		makers.Go(func() {
			if err := by([]*postgis.Record{r, other}[i%2], rules).release(t.Context(), tick); err != nil {
				t.Error(err)
			}
		})
	}
	makers.Wait()
	if n := rows(); n != 1 {
		t.Fatalf("%d releases of one tick", n)
	}
	if got := read("?level=commune"); got.ReleasedAt != "" {
		t.Errorf("a minute before its tick: %+v", got)
	}
	now.set(tick)
	if got := read("?level=commune"); got.ReleasedAt != geo.FormatInstant(tick) || got.Revision != first.Revision ||
		got.statuses() != "HT0111 assessed 0.4, HT0112 withheld, HT0121 withheld" {
		t.Errorf("at the tick: %+v", got)
	}
	if got := read("?area=HT01,HT"); got.statuses() != "HT01 assessed 0.4, HT assessed 0.4" {
		t.Errorf("%s", got.statuses())
	}

	// Between two ticks nothing moves, whatever is written by whom.
	whole := get("")
	correction := told
	correction.Action = geo.Replace
	correction.Draft = heldZone(t, 0, 0.9, "hum", "moderate", 1, 2, 3).Draft
	commit(t, r, geo.Humanitarian, correction, heldZone(t, 2, 0.3, "hum", "moderate", 1, 2, 3))
	commit(t, r, geo.Security, heldZone(t, 2, 0.8, "sec", "severe", 7, 8, 9))
	commit(t, r, geo.Operations, heldZone(t, 2, 0.9, "ops", "moderate"))
	newest := commit(t, r, geo.Humanitarian, heldZone(t, 2, 1, "hum", "high", 4, 5, 6))
	if err := s.live.Wait(t.Context(), newest.Revision); err != nil {
		t.Fatal(err)
	}
	next := rules.Last(tick.Add(30*time.Hour), capital)
	for _, at := range []time.Time{tick.Add(time.Minute), tick.Add(7 * time.Hour), next.Add(-time.Second)} {
		now.set(at)
		if err := by(r, rules).release(t.Context(), at); err != nil {
			t.Fatal(err)
		}
		again := get("")
		if string(again.body) != string(whole.body) || again.header.Get("ETag") != whole.header.Get("ETag") || rows() != 1 {
			t.Errorf("%s after the tick the figures are others:\n%s\n%s", at.Sub(tick), whole.body, again.body)
		}
		if got := get("", whole.header.Get("ETag")); got.status != http.StatusNotModified || len(got.body) != 0 {
			t.Errorf("status %d for what the client has", got.status)
		}
	}
	now.set(next)
	if err := by(r, rules).release(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	if got := read("?level=commune"); got.ReleasedAt != geo.FormatInstant(next) || got.Revision != newest.Revision ||
		got.statuses() != "HT0111 assessed 0.9, HT0112 assessed 0.5, HT0121 assessed 0.3" {
		t.Errorf("at the next tick: %+v", got)
	}
	// The past is told as it was told then.
	for query, want := range map[string]string{
		"?level=commune&datetime=" + url.QueryEscape(geo.FormatInstant(tick.Add(time.Hour))): geo.FormatInstant(tick),
		"?level=commune&asof=" + url.QueryEscape(geo.FormatInstant(tick.Add(time.Hour))):     geo.FormatInstant(tick),
		"?level=commune&asof=" + newest.Revision.String():                                    "", // nothing had been told when it was committed
		"?level=commune&datetime=2089-01-01T00:00:00Z":                                       geo.FormatInstant(next),
		"?level=commune&asof=" + newest.Revision.String() + "&datetime=2089-01-01T00:00:00Z": "",
	} {
		if got := read(query); got.ReleasedAt != want {
			t.Errorf("%s: released at %q, want %q", query, got.ReleasedAt, want)
		}
	}
	if got := get("?area=HT9999"); got.status != http.StatusNotFound || !strings.Contains(string(got.body), `"parameter":"area"`) {
		t.Errorf("%d %s", got.status, got.body)
	}
	if got := string(get("").body); slices.ContainsFunc([]string{sourceID(1), told.ID.String(), "group"}, func(secret string) bool { return strings.Contains(got, secret) }) {
		t.Errorf("%s", got)
	}
}
