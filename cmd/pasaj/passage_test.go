package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/world"
)

// output runs a command line and gives what it wrote.
func output(t *testing.T, args ...string) (string, error) {
	t.Helper()
	in, out, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	written := make(chan string)
	go func() {
		raw, _ := io.ReadAll(in) // what there is
		written <- string(raw)
	}()
	usual := os.Stdout
	os.Stdout = out
	err = run(t.Context(), args)
	os.Stdout = usual
	out.Close()
	return <-written, err
}

func TestPassageCommand(t *testing.T) {
	url, r := snapshotRecord(t)
	ask := func(args ...string) (string, error) {
		return output(t, append([]string{"--database-url", url, "--home", t.TempDir(), "passage"}, args...)...)
	}
	must := func(args ...string) string {
		t.Helper()
		got, err := ask(args...)
		if err != nil {
			t.Fatalf("%v: %v", args, err)
		}
		return got
	}
	newest, _, err := r.Resolve(t.Context(), geo.AsOf{})
	if err != nil {
		t.Fatal(err)
	}

	// What it answers is what the service answers.
	s := startStack(t, url, makeTokens(t, r, geo.Reader))
	when := "2024-09-01T12:00:00Z"
	served, err := s.do(t.Context(), geo.Humanitarian, request{method: http.MethodPost, path: "/v1/passage", header: map[string]string{"Content-Type": "application/json"},
		body: fmt.Sprintf(`{"points":[[-72.338,18.544],[-72.63343,18.5111]],"vehicle":"suv4x4","profile":"light_mission","depart_at":%q,"asof":%d}`, when, newest)}, nil)
	if err != nil || served.status != http.StatusOK {
		t.Fatalf("%d %v %s", served.status, err, served.body)
	}
	flags := []string{"--vehicle=suv4x4", "--profile", "light_mission", "--depart", when, "--audience=hum", "--asof", newest.String(), "--format=json"}
	for _, to := range []string{"-72.63343,18.5111", "Léogâne", "leogane", "LEYOGAN", "Leyogàn", "-72.63343, 18.5111"} {
		got := must(append([]string{"-72.338,18.544", to}, flags...)...)
		var small bytes.Buffer
		if err := json.Compact(&small, []byte(got)); err != nil {
			t.Fatal(err)
		}
		if unescaped(t, small.Bytes()) != unescaped(t, served.body) {
			t.Errorf("to %s: %.600s\nthe service says %.600s", to, small.String(), served.body)
		}
	}

	if text := must("Léogâne", "Miragoâne", "--lang", "en"); !strings.Contains(text, "Length: ") || !strings.Contains(text, "audience sec") {
		t.Errorf("%s", text)
	}
	if text := must("Léogâne", "Miragoâne"); !strings.Contains(text, "Longueur\u00a0: ") {
		t.Errorf("%s", text)
	}
	// The way that was found, saved and checked again, is the same way.
	saved := filepath.Join(t.TempDir(), "way.gpx")
	if err := os.WriteFile(saved, []byte(must("Léogâne", "Miragoâne", "--format", "gpx")), 0o600); err != nil {
		t.Fatal(err)
	}
	length := func(text string) string {
		_, after, _ := strings.Cut(text, "Length: ")
		length, _, _ := strings.Cut(after, "\n")
		return length
	}
	if found, checked := length(must("Léogâne", "Miragoâne", "--lang", "en")), length(must("--line", saved, "--lang", "en")); found == "" || found != checked {
		t.Errorf("found %q, checked %q", found, checked)
	}
	for _, wrong := range [][]string{{"Léogâne"}, {}, {"Léogâne", "Miragoâne", "--line", saved}, {"--line", filepath.Join(t.TempDir(), "none.gpx")}} {
		if _, err := ask(wrong...); err == nil {
			t.Errorf("%q is answered", wrong)
		}
	}
	var collection struct{ Type string }
	if err := json.Unmarshal([]byte(must("Léogâne", "port de jacmel", "--format", "geojson")), &collection); err != nil || collection.Type != "FeatureCollection" {
		t.Errorf("%v %+v", err, collection)
	}
	if err := xml.Unmarshal([]byte(must("Léogâne", "Miragoâne", "--format=gpx")), new(struct{})); err != nil {
		t.Error(err)
	}

	for _, c := range []struct {
		says string
		args []string
	}{
		{`no place of the record is called "Atlantis"`, []string{"Atlantis", "Léogâne"}},
		{`or mean "Delmas 6"`, []string{"delmas", "Léogâne"}},
		{"outside Haiti", []string{"2.35,48.85", "Léogâne"}},
		{"swapped", []string{"18.544,-72.338", "Léogâne"}},
		{"is not lon,lat", []string{"-72.3,north", "Léogâne"}},
		{"/vehicle", []string{"Léogâne", "Miragoâne", "--vehicle=boat"}},
		{"/depart_at", []string{"Léogâne", "Miragoâne", "--depart=tomorrow"}},
		{"revision", []string{"Léogâne", "Miragoâne", "--asof=never"}},
		{"--asof 700: the record has no such revision", []string{"Léogâne", "Miragoâne", "--asof=700"}},
		{"two places are needed", []string{"Léogâne"}},
	} {
		got, err := ask(c.args...)
		if err == nil || got != "" {
			t.Errorf("%v: %s", c.args, got)
			continue
		}
		if line := oneLine(err); strings.Contains(line, "\n") || !strings.Contains(line, c.says) {
			t.Errorf("%v: %s", c.args, line)
		}
	}
}

// unescaped writes JSON anew, so that what is escaped differently is alike.
func unescaped(t *testing.T, raw []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(again)
}

func TestPlacesByName(t *testing.T) {
	t.Parallel()
	var versions []*geo.Version
	add := func(layer string, at orb.Point, values map[string]string) {
		l, ok := geo.LayerByName(layer)
		if !ok {
			t.Fatal(layer)
		}
		all := make([]any, len(l.Properties))
		for name, value := range values {
			all[l.Index(name)] = value
		}
		versions = append(versions, geo.NewVersion(geo.Version{Layer: l, ID: uuid.New(), Known: 1, Geometry: at, Values: all}, &geo.DefaultModel))
	}
	add("places", orb.Point{-72, 18}, map[string]string{"name_fr": "Carrefour", "commune": "HT0113"})
	add("places", orb.Point{-73, 19}, map[string]string{"name_fr": "Carrefour", "commune": "HT0911"})
	add("places", orb.Point{-72.1, 18.1}, map[string]string{"name_fr": "L'Estère", "name_ht": "Lestè"})
	add("places", orb.Point{-72.2, 18.2}, map[string]string{"name_fr": "Lestère"})
	add("ports", orb.Point{-72.3, 18.3}, map[string]string{"name_fr": "Lestè", "name_en": "Port, north"})
	w := world.Build(geo.Security, &geo.DefaultModel, 1, time.Now(), versions, nil)
	for name, want := range map[string]orb.Point{
		"-72.5,18.5": {-72.5, 18.5}, " -72.5 , 18.5 ": {-72.5, 18.5},
		"L'Estère": {-72.1, 18.1}, "Lestè": {-72.1, 18.1}, "Lestère": {-72.2, 18.2}, "port, NORTH": {-72.3, 18.3}, "Port north": {-72.3, 18.3},
	} {
		if got, err := findPlace(w, name); err != nil || got != want {
			t.Errorf("%q: %v %v", name, got, err)
		}
	}
	for name, says := range map[string]string{
		"Carrefour": "2 places are called \"Carrefour\": say which by lon,lat: -72.00000,18.00000 (HT0113), -73.00000,19.00000 (HT0911)",
		"lestere":   "2 places are called", // both, without accents
		"":          "needed", "'": "no place", "Jacmel": "no place",
	} {
		if got, err := findPlace(w, name); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v %v", name, got, err)
		}
	}
}

// An operator's figures are used and named; a file with a fault ends the start
// before it does anything, in one line.
func TestPolicyFile(t *testing.T) {
	url, _ := snapshotRecord(t)
	write := func(text string) string {
		name := filepath.Join(t.TempDir(), "policy.json")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	good := write(`{"version":"ours-1","night":{"share":3}}`)
	base := []string{"--database-url", url, "--home", t.TempDir()}
	got, err := output(t, append(base, "passage", "Léogâne", "Miragoâne", "--format=json", "--policy", good)...)
	if err != nil || !strings.Contains(got, `"model": "ours-1"`) {
		t.Errorf("the policy is not named: %v %.500s", err, got)
	}
	for text, says := range map[string]string{
		`{"version":"ours-2","vehicles":{"boat":{}}}`: "/vehicles/boat", `[]`: "policy", `{`: "not JSON", `{"version":"Not A Version"}`: "/version",
	} {
		file := write(text)
		for _, command := range [][]string{{"serve", "--listen", "127.0.0.1:0"}, {"passage", "Léogâne", "Miragoâne"}} {
			_, err := output(t, append(append(base, command...), "--policy", file)...)
			if err == nil {
				t.Errorf("%s %s: taken", command[0], text)
				continue
			}
			if line := oneLine(err); !strings.Contains(line, says) || !strings.Contains(line, "policy.json") || strings.Contains(line, "\n") {
				t.Errorf("%s %s: %s", command[0], text, line)
			}
		}
	}
	if _, err := output(t, append(base, "serve", "--listen", "127.0.0.1:0", "--policy", "missing.json")...); err == nil || !strings.Contains(err.Error(), "missing.json") {
		t.Errorf("%v", err)
	}
}
