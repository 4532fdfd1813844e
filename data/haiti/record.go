package haiti

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/paulmach/orb"

	"pasaj/data/format"
	"pasaj/geo"
)

// record is one line of a file in record/: one feature with its states.
// At most one of at, along and around places it.
type record struct {
	Code string    `json:"code"`
	Name [3]string `json:"name"` // fr, ht, en

	At      *orb.Point  `json:"at"`       // lon, lat
	Along   []orb.Point `json:"along"`    // a line
	Around  []string    `json:"around"`   // codes of places: circles of their precision
	RadiusM float64     `json:"radius_m"` // another radius for the circles
	Within  []string    `json:"within"`   // p-codes that the circles are cut to

	References   []string       `json:"refs"` // codes of sources
	Observations []string       `json:"observations"`
	Claims       []claim        `json:"claims"` // observations only
	Properties   map[string]any `json:"properties"`
	States       []state        `json:"states"`
}

// state is a stretch of valid time with what holds only then. A record without
// states has one from Epoch.
type state struct {
	From       time.Time      `json:"from"`
	To         time.Time      `json:"to"`
	References []string       `json:"refs"`
	Properties map[string]any `json:"properties"`
}

// claim names the feature it speaks of by code.
type claim struct {
	Kind       string          `json:"kind"`
	Collection string          `json:"collection"`
	Code       string          `json:"code"`
	Detail     json.RawMessage `json:"detail"`
}

// handling is how the records of a layer are classed unless they say
// otherwise.
var handling = map[string][2]string{ // sensitivity, compartment
	"sources":           {"moderate", "hum"},
	"observations":      {"severe", "hum"},
	"armed-groups":      {"low", "public"},
	"group-memberships": {"low", "public"},
	"places":            {"low", "public"},
	"ports":             {"low", "public"},
	"airports":          {"low", "public"},
	"facilities":        {"low", "public"},
	"police-facilities": {"moderate", "sec"},
	"national-roads":    {"low", "public"},
	"controlled-zones":  {"moderate", "hum"},
	"roadblocks":        {"high", "hum"},
	"incidents":         {"high", "hum"},
}

// snapshot is what records refer to while they are turned into changes.
type snapshot struct {
	places    map[string]record
	citations map[string]string // by code of source
	communes  *format.Outlines
	areas     *format.AdminAreas
}

func newSnapshot() (*snapshot, error) {
	s := &snapshot{places: map[string]record{}, citations: map[string]string{}}
	sources, err := readRecords("sources")
	if err != nil {
		return nil, err
	}
	for _, r := range sources {
		s.citations[r.Code], _ = r.Properties["citation"].(string)
	}
	places, err := readRecords("places")
	if err != nil {
		return nil, err
	}
	for _, r := range places {
		s.places[r.Code] = r
	}
	return s, s.readOutlines()
}

func readRecords(layer string) ([]record, error) {
	name := "record/" + layer + ".json"
	raw, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %w", err)
	}
	var out []record
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("snapshot: %s: %w", name, err)
	}
	return out, nil
}

// changes reads the records of a layer as creations, one for each state.
func (s *snapshot) changes(layer string) ([]geo.Change, error) {
	l, ok := geo.LayerByName(layer)
	if !ok {
		return nil, fmt.Errorf("snapshot: no layer %s", layer)
	}
	records, err := readRecords(layer)
	if err != nil {
		return nil, err
	}
	var out []geo.Change
	for _, r := range records {
		geometry, err := s.geometry(r)
		if err != nil {
			return nil, fmt.Errorf("snapshot: %s %s: %w", layer, r.Code, err)
		}
		states := r.States
		if len(states) == 0 {
			states = []state{{From: Epoch, Properties: map[string]any{"time_precision": "unknown"}}}
		}
		for _, st := range states {
			properties, err := s.properties(l, r, st)
			if err != nil {
				return nil, fmt.Errorf("snapshot: %s %s: %w", layer, r.Code, err)
			}
			draft, err := decode(l, r.Code, geometry, properties)
			if err != nil {
				return nil, err
			}
			out = append(out, geo.Change{Layer: l, Action: geo.Create, ID: draft.ID, Draft: draft})
		}
	}
	return out, nil
}

// decode sends a feature through the same door as everybody's.
func decode(l *geo.Layer, code string, geometry json.RawMessage, properties map[string]any) (*geo.Draft, error) {
	raw, err := json.Marshal(map[string]any{
		"type": "Feature", "id": ID(l.Name, code).String(), "geometry": geometry, "properties": properties,
	})
	if err != nil {
		return nil, fmt.Errorf("snapshot: %s %s: %w", l.Name, code, err)
	}
	draft, err := geo.DecodeFeature(l, Author.Audience, raw)
	if err != nil {
		return nil, fmt.Errorf("snapshot: %s %s: %w", l.Name, code, err)
	}
	return draft, nil
}

func (s *snapshot) properties(l *geo.Layer, r record, st state) (map[string]any, error) {
	out := map[string]any{"code": r.Code, "sensitivity": handling[l.Name][0], "compartment": handling[l.Name][1]}
	for i, name := range []string{"name_fr", "name_ht", "name_en"} {
		if r.Name[i] != "" {
			out[name] = r.Name[i]
		}
	}
	maps.Copy(out, r.Properties)
	maps.Copy(out, st.Properties)
	out["valid_from"] = geo.FormatInstant(st.From)
	if !st.To.IsZero() {
		out["valid_to"] = geo.FormatInstant(st.To)
	}
	var references, sources []string
	for _, code := range append(append([]string{}, st.References...), r.References...) {
		citation, ok := s.citations[code]
		if !ok {
			return nil, fmt.Errorf("no source %s", code)
		}
		references = append(references, code+": "+citation)
		sources = append(sources, ID("sources", code).String())
	}
	given, _ := r.Properties["references"].([]any)
	for _, reference := range given {
		if text, ok := reference.(string); ok {
			references = append(references, text)
		}
	}
	if len(references) > 0 {
		out["references"] = references
	}
	if len(sources) > 0 {
		out["source_ids"] = sources
	}
	var observations []string
	for _, code := range r.Observations {
		observations = append(observations, ID("observations", code).String())
	}
	if len(observations) > 0 {
		out["observation_ids"] = observations
	}
	if l.Name == "observations" {
		out["claims"] = claims(r.Claims)
		if len(sources) > 0 {
			out["source_id"] = sources[0]
		}
	}
	return out, nil
}

func claims(list []claim) []geo.Claim {
	out := make([]geo.Claim, 0, len(list))
	for _, c := range list {
		one := geo.Claim{Kind: c.Kind, Collection: c.Collection, Detail: c.Detail}
		if c.Code != "" {
			one.FeatureID = ID(c.Collection, c.Code).String()
		}
		out = append(out, one)
	}
	return out
}
