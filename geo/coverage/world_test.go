package coverage_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/world"
)

// now is the instant that the tests ask about.
var now = time.Date(2025, 3, 12, 12, 0, 0, 0, time.UTC)

// fataler is a test, a benchmark or a property.
type fataler interface {
	Helper()
	Fatalf(format string, args ...any)
}

// feature makes a version with an id from a counter.
func feature(t fataler, layer string, number int, geometry orb.Geometry, values map[string]any) *geo.Version {
	t.Helper()
	l, ok := geo.LayerByName(layer)
	if !ok {
		t.Fatalf("no layer %s", layer)
	}
	v := geo.Version{
		Layer: l, ID: uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %d", layer, number)), Known: 1, KnownAt: now,
		Valid: geo.Period{From: now.AddDate(-1, 0, 0)}, Geometry: geometry, Values: make([]any, len(l.Properties)),
	}
	v.Values[l.Index("review_state")] = "approved"
	for name, value := range values {
		i := l.Index(name)
		if i < 0 {
			t.Fatalf("%s has no %s", layer, name)
		}
		v.Values[i] = value
	}
	return geo.NewVersion(v, &geo.DefaultModel)
}

// Worth of a zone as evidence.
const (
	isHigh   = "high"
	isMedium = "medium"
	isLow    = "low"
	isStale  = "stale"
)

// zone makes a controlled zone; holders are given as group:role.
func zone(t fataler, number int, controlType, worth string, area orb.MultiPolygon, holders ...geo.Holder) *geo.Version {
	t.Helper()
	confidence := map[string]float64{isHigh: 0.9, isMedium: 0.5, isLow: 0.2, isStale: 1}[worth]
	confirmed := now
	if worth == isStale {
		confirmed = now.AddDate(0, 0, -91)
	}
	raw, err := json.Marshal(holders)
	if err != nil {
		t.Fatalf("holders: %v", err)
	}
	return feature(t, "controlled-zones", number, area, map[string]any{
		"control_type": controlType, "confidence": confidence, "last_confirmed_at": confirmed, "holders": json.RawMessage(raw),
	})
}

func admin(t fataler, pcode, parent string, level int64, area orb.MultiPolygon) *geo.Version {
	t.Helper()
	n := 0
	for _, c := range pcode {
		n = 37*n + int(c)
	}
	return feature(t, "admin-areas", n, area, map[string]any{
		"pcode": pcode, "parent_pcode": parent, "level": level, "name_fr": "Nom de " + pcode, "references": []string{"made for a test"},
	})
}

func worldOf(audience geo.Audience, versions ...*geo.Version) *world.World {
	return world.Build(audience, &geo.DefaultModel, 7, now, versions, nil)
}

func rectangle(west, south, east, north float64) orb.MultiPolygon {
	return orb.MultiPolygon{orb.Bound{Min: orb.Point{west, south}, Max: orb.Point{east, north}}.ToPolygon()}
}

// compute answers for areas and fails the test on an error.
func compute(t fataler, w *world.World, areas ...string) *coverage.Report {
	t.Helper()
	report, err := coverage.NewEngine(coverage.Options{}).Report(testContext, w, coverage.Query{At: now, Areas: areas})
	if err != nil {
		t.Fatalf("compute: %v", err)
	}
	return report
}

// control finds the row of a type; a type without a row has none of the ground.
func control(a coverage.Area, controlType string) coverage.Interval {
	for _, c := range a.Control {
		if c.ControlType == controlType {
			return c.Interval
		}
	}
	return coverage.Interval{}
}

func group(a coverage.Area, id string) coverage.Interval {
	for _, g := range a.Groups {
		if g.Group == id {
			return g.Interval
		}
	}
	return coverage.Interval{}
}

func shares(i coverage.Interval) [3]float64 {
	return [3]float64{i.Low.Share, i.Central.Share, i.High.Share}
}

var _ fataler = (*testing.T)(nil)
