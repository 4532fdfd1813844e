package postgis_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

var analyst = geo.Author{Name: "analyst", Audience: geo.Security}

func layer(t testing.TB, name string) *geo.Layer {
	t.Helper()
	l, ok := geo.LayerByName(name)
	if !ok {
		t.Fatalf("no layer %s", name)
	}
	return l
}

// draft makes a feature from values by name.
func draft(l *geo.Layer, g orb.Geometry, values map[string]any) *geo.Draft {
	d := geo.NewDraft(l)
	d.Geometry, d.HasGeom = g, g != nil
	for name, v := range values {
		d.Set(l, name, v)
	}
	return d
}

// place is the plainest feature: public, low, a point.
func place(t testing.TB, name string) geo.Change {
	l := layer(t, "places")
	return geo.Change{Layer: l, Action: geo.Create, Draft: draft(l, orb.Point{-72.34, 18.54}, map[string]any{
		"name_fr": name, "place_kind": "locality", "compartment": "public", "sensitivity": "low"})}
}

func roadblock(t testing.TB, state, class string) geo.Change {
	l := layer(t, "roadblocks")
	return geo.Change{Layer: l, Action: geo.Create, Draft: draft(l, orb.Point{-72.3, 18.6}, map[string]any{
		"subtype": "toll_post", "state": state, "compartment": "hum", "sensitivity": class,
		"toll": json.RawMessage(`[{"unit":"trip","amount":500,"currency":"HTG"}]`)})}
}

func square(lon, lat, size float64) orb.MultiPolygon {
	return orb.MultiPolygon{{{{lon, lat}, {lon + size, lat}, {lon + size, lat + size}, {lon, lat + size}, {lon, lat}}}}
}

func zone(t testing.TB, control string, holders string) geo.Change {
	l := layer(t, "controlled-zones")
	d := draft(l, square(-72.4, 18.5, 0.05), map[string]any{"control_type": control})
	if holders != "" {
		d.Set(l, "holders", json.RawMessage(holders))
	}
	return geo.Change{Layer: l, Action: geo.Create, Draft: d}
}

func write(t testing.TB, r *postgis.Record, changes ...geo.Change) geo.Receipt {
	t.Helper()
	receipt, err := r.Write(t.Context(), geo.Batch{Author: analyst, Reason: "test", Changes: changes})
	if err != nil {
		t.Fatalf("write: %v", err)
	}
	return receipt
}

// patch changes values of a feature from now on.
func patch(l *geo.Layer, id uuid.UUID, values map[string]any) geo.Change {
	return geo.Change{Layer: l, Action: geo.Patch, ID: id, Draft: draft(l, nil, values)}
}

func wantCode(t testing.TB, err error, code geo.Code, pointer string) {
	t.Helper()
	var one *geo.Error
	if geo.CodeOf(err) != code {
		t.Fatalf("error %v, want code %s", err, code)
	}
	if e, ok := err.(*geo.Error); ok {
		one = e
	} else if list, ok := err.(geo.Errors); ok {
		one = list[0]
	}
	if pointer != "" && (one == nil || one.Pointer != pointer) {
		t.Fatalf("error %#v, want pointer %s", err, pointer)
	}
}

// admin is a plain connection to the database, outside of the record.
func admin(t testing.TB, url string) *pgx.Conn {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(func() { c.Close(context.Background()) })
	return c
}

func features(t testing.TB, r *postgis.Record, a geo.Audience, rev geo.Revision) string {
	t.Helper()
	w, err := r.Load(t.Context(), a, rev)
	if err != nil {
		t.Fatalf("load %s at %s: %v", a, rev, err)
	}
	out := fmt.Sprintf("%s %s\n", w.Revision(), w.At().Format(time.RFC3339Nano))
	for _, l := range geo.Layers() {
		out += fmt.Sprintf("%s %d\n", l.Name, w.Layer(l).Len())
		w.Layer(l).Each(geo.Moment{}, func(v *geo.Version) bool {
			it, _ := w.Layer(l).Item(v.ID)
			for _, state := range it.Versions {
				out += string(state.FeatureJSON()) + "\n"
			}
			return true
		})
	}
	return out
}

func open(t testing.TB) (*postgis.Record, string) {
	t.Helper()
	url := postgistest.URL(t)
	return postgistest.OpenURL(t, url, postgis.Options{}), url
}
