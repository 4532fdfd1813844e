package hazard

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"pasaj/geo"
	_ "time/tzdata" // the program embeds it; the tests must not need the machine's
)

// noon is a day's noon in Haiti, when no night counts.
var noon = time.Date(2025, 11, 18, 17, 0, 0, 0, time.UTC)

// version makes a feature of a layer; values that the layer does not have are
// a fault of the test.
func version(t interface{ Fatalf(string, ...any) }, layer string, values map[string]any) *geo.Version {
	l, ok := geo.LayerByName(layer)
	if !ok {
		t.Fatalf("no layer %s", layer)
	}
	all := make([]any, len(l.Properties))
	for name, value := range values {
		i := l.Index(name)
		if i < 0 {
			t.Fatalf("%s has no property %s", layer, name)
		}
		all[i] = value
	}
	return geo.NewVersion(geo.Version{Layer: l, ID: uuid.New(), Known: 1, KnownAt: noon, Values: all}, &geo.DefaultModel)
}

func zone(t interface{ Fatalf(string, ...any) }, control string, confidence float64, confirmed time.Time) *geo.Version {
	return version(t, "controlled-zones", map[string]any{"control_type": control, "confidence": confidence, "last_confirmed_at": confirmed})
}

func roadblock(t interface{ Fatalf(string, ...any) }, subtype, actor, state string, confidence float64, confirmed time.Time) *geo.Version {
	return version(t, "roadblocks", map[string]any{
		"subtype": subtype, "actor_type": actor, "state": state, "confidence": confidence, "last_confirmed_at": confirmed,
	})
}

func values(list []geo.Word) []string {
	out := make([]string, len(list))
	for i, w := range list {
		out[i] = w.Value
	}
	return out
}

func property(layer, name string) []string {
	l, _ := geo.LayerByName(layer)
	p, _ := l.Property(name)
	return values(p.Words)
}

var (
	drawControl    = rapid.SampledFrom(values(geo.ControlTypes))
	drawVehicle    = rapid.SampledFrom(values(geo.VehicleClasses))
	drawProfile    = rapid.SampledFrom(values(geo.Profiles))
	drawRoad       = rapid.SampledFrom([]string{"", "RN", "RD", "RC", "RU", "RA"})
	drawSubtype    = rapid.SampledFrom(property("roadblocks", "subtype"))
	drawActor      = rapid.SampledFrom(property("roadblocks", "actor_type"))
	drawState      = rapid.SampledFrom(property("roadblocks", "state"))
	drawConfidence = rapid.Float64Range(0, 1)
	drawAge        = rapid.Custom(func(t *rapid.T) time.Duration {
		return time.Duration(rapid.Float64Range(0, 24*400).Draw(t, "age in hours") * float64(time.Hour))
	})
)

func keysOf[V any](m map[string]V) map[string]bool {
	out := map[string]bool{}
	for k := range m {
		out[k] = true
	}
	return out
}

func sameNames(t *testing.T, what string, got map[string]bool, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s has %d names, the domain %d: %v", what, len(got), len(want), want)
	}
	for _, name := range want {
		if !got[name] {
			t.Errorf("%s lacks %q", what, name)
		}
	}
}
