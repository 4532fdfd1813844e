package tile

import (
	"encoding/binary"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/mvt"
	"github.com/paulmach/orb/maptile"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/world"
)

var at = time.Date(2025, 3, 1, 0, 0, 0, 0, time.UTC)

func id(n uint64) uuid.UUID {
	var out uuid.UUID
	binary.BigEndian.PutUint64(out[8:], n)
	return out
}

func version(t testing.TB, layer string, n uint64, g orb.Geometry, from, to time.Time, values map[string]any) *geo.Version {
	t.Helper()
	l, ok := geo.LayerByName(layer)
	if !ok {
		t.Fatalf("no layer %s", layer)
	}
	v := geo.Version{Layer: l, ID: id(n), Known: geo.Revision(n), KnownAt: at, Valid: geo.Period{From: from, To: to}, Geometry: g, Values: make([]any, len(l.Properties))}
	for name, value := range values {
		v.Values[l.Index(name)] = value
	}
	return geo.NewVersion(v, &geo.DefaultModel)
}

func square(lon, lat, side float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{lon, lat}, {lon + side, lat}, {lon + side, lat + side}, {lon, lat + side}, {lon, lat}}}}
}

func build(versions ...*geo.Version) *world.World {
	return world.Build(geo.Security, &geo.DefaultModel, 9, at, versions, nil)
}

func decode(t *testing.T, raw []byte) *mvt.Layer {
	t.Helper()
	layers, err := mvt.Unmarshal(raw)
	if err != nil || len(layers) != 1 {
		t.Fatalf("tile does not decode: %v, %d layers", err, len(layers))
	}
	return layers[0]
}

func TestEncode(t *testing.T) {
	w := build(version(t, "controlled-zones", 1, square(-72.4, 18.5, 0.1), at, at.Add(48*time.Hour), map[string]any{
		"control_type": "controlled", "name_fr": "Zone", "confidence": 0.3, "demonstration": true,
		"author": "somebody", "handling": "not further", "last_confirmed_at": at,
	}))
	z := maptile.At(orb.Point{-72.35, 18.55}, 8)
	raw, err := Encode(w.Named("controlled-zones"), w.Model(), z, geo.Moment{})
	if err != nil {
		t.Fatal(err)
	}
	l := decode(t, raw)
	if l.Name != "controlled-zones" || l.Version != 2 || len(l.Features) != 1 {
		t.Fatalf("layer %q version %d with %d features", l.Name, l.Version, len(l.Features))
	}
	f := l.Features[0]
	want := map[string]any{
		"id": id(1).String(), "control_type": "controlled", "name_fr": "Zone", "confidence": 0.3, "demonstration": true,
		"vf": float64(at.Unix() / 60), "vt": float64(at.Unix()/60 + 48*60), "exp": float64(at.Unix()/60 + 90*24*60),
	}
	if diff := cmp.Diff(want, map[string]any(f.Properties)); diff != "" {
		t.Errorf("attributes (-want +got):\n%s", diff)
	}
	if f.ID != float64(FeatureID(id(1))) {
		t.Errorf("feature id %v, want %d", f.ID, FeatureID(id(1)))
	}
	polygon, ok := f.Geometry.(orb.Polygon)
	if !ok {
		t.Fatalf("geometry is %T", f.Geometry)
	}
	if polygon[0].Orientation() != orb.CCW {
		t.Error("the outer ring's area is not positive in the tile's coordinates")
	}
}

func TestEncodeEmptyAndOutOfRange(t *testing.T) {
	w := build(version(t, "controlled-zones", 1, square(-72.4, 18.5, 0.1), at, at.Add(time.Hour), nil))
	l := w.Named("controlled-zones")
	for name, c := range map[string]struct {
		tile   maptile.Tile
		moment geo.Moment
	}{
		"elsewhere": {maptile.At(orb.Point{10, 50}, 8), geo.Moment{}},
		"later":     {maptile.At(orb.Point{-72.35, 18.55}, 8), geo.At(at.Add(2 * time.Hour))},
	} {
		if raw, err := Encode(l, w.Model(), c.tile, c.moment); raw != nil || err != nil {
			t.Errorf("%s: %d bytes, %v; want nothing", name, len(raw), err)
		}
	}
	for _, bad := range []maptile.Tile{{X: 2, Y: 0, Z: 1}, {X: 0, Y: 0, Z: 21}} {
		if _, err := Encode(l, w.Model(), bad, geo.Moment{}); geo.CodeOf(err) != geo.CodeNotFound {
			t.Errorf("%v: %v, want not_found", bad, err)
		}
	}
}

// Every point of a layer is in exactly the tile that holds it (or in its
// buffer), at every zoom level, and encoding does not change the world.
func TestEveryPointIsInItsTile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := orb.Point{rapid.Float64Range(-75.9, -70.6).Draw(t, "lon"), rapid.Float64Range(16.6, 20.9).Draw(t, "lat")}
		z := maptile.Zoom(rapid.IntRange(0, MaxZoom).Draw(t, "zoom"))
		l, _ := geo.LayerByName("places")
		v := geo.NewVersion(geo.Version{Layer: l, ID: id(1), Known: 1, Geometry: p, Values: make([]any, len(l.Properties))}, &geo.DefaultModel)
		w := build(v)
		first, err := Encode(w.Layer(l), w.Model(), maptile.At(p, z), geo.Moment{})
		if err != nil || first == nil {
			t.Fatalf("the point %v is not in tile %v: %v", p, maptile.At(p, z), err)
		}
		if again, _ := Encode(w.Layer(l), w.Model(), maptile.At(p, z), geo.Moment{}); string(again) != string(first) {
			t.Fatal("the same tile twice gives different bytes")
		}
		if v.Geometry.(orb.Point) != p {
			t.Fatal("encoding moved the point")
		}
	})
}
