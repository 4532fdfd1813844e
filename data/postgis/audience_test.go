package postgis_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"pasaj/geo"
)

// What each audience's role sees is geo.ReachOf, and nothing beside its views.
func TestAudiencesSeeTheirReach(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	type kind struct {
		compartment geo.Compartment
		class       geo.Class
		review      string
	}
	made := map[string]map[uuid.UUID]kind{}
	for _, l := range geo.Layers() {
		made[l.Table] = map[uuid.UUID]kind{}
		for _, compartment := range []geo.Compartment{"public", "hum", "sec", "ops"} {
			by := geo.Author{Name: "a", Audience: geo.Security}
			if compartment == "ops" {
				by.Audience = geo.Operations
			}
			var changes []geo.Change
			var kinds []kind
			for _, class := range order {
				for _, review := range []string{"draft", "approved", "rejected"} {
					c := geo.Change{Layer: l, Action: geo.Create, Draft: sample(l)}
					c.Draft.Set(l, "compartment", string(compartment))
					c.Draft.Set(l, "sensitivity", string(class))
					c.Draft.Set(l, "review_state", review)
					if !allowed(l, class) {
						continue
					}
					changes, kinds = append(changes, c), append(kinds, kind{compartment, class, review})
				}
			}
			receipt, err := r.Write(t.Context(), geo.Batch{Author: by, Changes: changes})
			if err != nil {
				t.Fatalf("%s: %v", l.Name, err)
			}
			for i, id := range receipt.IDs {
				made[l.Table][id] = kinds[i]
			}
		}
	}
	for _, a := range geo.Audiences() {
		t.Run(a.String(), func(t *testing.T) {
			c := admin(t, url)
			if _, err := c.Exec(t.Context(), "SET ROLE pasaj_"+a.String()); err != nil {
				t.Fatal(err)
			}
			for _, l := range geo.Layers() {
				if _, err := c.Exec(t.Context(), "SELECT id FROM pasaj."+l.Table); !isRefused(err) {
					t.Errorf("%s: the table can be read: %v", l.Table, err)
				}
				view := "audience_" + a.String() + "." + l.Table
				if l.Kind == geo.RecordOnly || !l.Audiences.Has(a) {
					if _, err := c.Exec(t.Context(), "SELECT id FROM "+view); err == nil {
						t.Errorf("there is a view of %s", l.Table)
					}
					continue
				}
				want := 0
				for _, k := range made[l.Table] {
					if k.review == "approved" && geo.ReachOf(a).Sees(k.compartment, k.class) {
						want++
					}
				}
				seen, err := pgx.CollectRows(first(c.Query(t.Context(), "SELECT id FROM "+view)), pgx.RowTo[[16]byte])
				if err != nil || len(seen) != want {
					t.Errorf("%s: %d rows, want %d, %v", l.Table, len(seen), want, err)
				}
				for _, id := range seen {
					if k := made[l.Table][id]; k.review != "approved" || !geo.ReachOf(a).Sees(k.compartment, k.class) {
						t.Errorf("%s: sees %+v", l.Table, k)
					}
				}
				for i := range l.Properties {
					p := &l.Properties[i]
					if p.Computed {
						continue
					}
					var shown int
					if err := c.QueryRow(t.Context(), fmt.Sprintf("SELECT count(%q) FROM %s", p.Name, view)).Scan(&shown); err != nil {
						t.Fatal(err)
					}
					if !p.Audiences.Has(a) && shown > 0 {
						t.Errorf("%s.%s is not redacted", l.Table, p.Name)
					}
				}
				if _, err := c.Exec(t.Context(), "UPDATE "+view+" SET code = 'x'"); err == nil {
					t.Errorf("%s can be written", view)
				}
			}
			for _, other := range []string{"pasaj.revision", "pasaj.revision_change", "pasaj.account", "pasaj.session", "pasaj.token", "pasaj.once", "pasaj.road_edge", "pasaj.road_junction", "pasaj.road_turn", "pasaj.road_order", "pasaj.road_edge_routing", "pasaj.watch", "pasaj.audience_schema",
				"pasaj.grid", "pasaj.grid_part", "pasaj.tally_key", "pasaj.release"} {
				if _, err := c.Exec(t.Context(), "SELECT 1 FROM "+other); !isRefused(err) {
					t.Errorf("%s can be read: %v", other, err)
				}
			}
			for _, b := range geo.Audiences() {
				if _, err := c.Exec(t.Context(), "SELECT 1 FROM audience_"+b.String()+".revision"); b != a && !isRefused(err) {
					t.Errorf("%s reads what %s may: %v", a, b, err)
				}
			}
			if _, err := c.Exec(t.Context(), "SELECT author FROM audience_"+a.String()+".revision"); err == nil {
				t.Error("authors of revisions can be read")
			}
			// The world holds the same set.
			w, err := r.Load(t.Context(), a, 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, l := range geo.Layers() {
				for id, k := range made[l.Table] {
					_, has := w.Layer(l).Item(id)
					if want := l.Kind != geo.RecordOnly && l.Audiences.Has(a) && k.review == "approved" && geo.ReachOf(a).Sees(k.compartment, k.class); has != want {
						t.Errorf("%s %+v in the world: %v, want %v", l.Name, k, has, want)
					}
				}
			}
		})
	}
}

// A function in a condition must not be shown rows before they are filtered.
func TestViewsAreBarriers(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	write(t, r, roadblock(t, "active", "severe"))
	c := admin(t, url)
	for _, statement := range []string{
		`CREATE FUNCTION public.spy(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS $$BEGIN RAISE EXCEPTION 'saw %', $1; END$$`,
		"SET ROLE pasaj_hum",
	} {
		if _, err := c.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := c.Exec(t.Context(), "SELECT * FROM audience_hum.roadblock WHERE public.spy(state)"); err != nil {
		t.Errorf("a condition saw a hidden row: %v", err)
	}
}

func allowed(l *geo.Layer, class geo.Class) bool {
	for _, c := range order {
		if c == l.Floor {
			return true
		}
		if c == class {
			return false
		}
	}
	return false
}

// sample is a feature with every stored property set, of severe sensitivity.
func sample(l *geo.Layer) *geo.Draft {
	d := geo.NewDraft(l)
	d.Geometry, d.HasGeom = sampleGeometry(l.Geometry), true
	for i := range l.Properties {
		p := &l.Properties[i]
		if p.Computed || strings.HasSuffix(p.Name, "_id") && p.Name != "source_id" {
			continue
		}
		d.Values[i], d.Given[i] = sampleValue(p), true
	}
	if l.Table == "armed_group" || l.Table == "group_membership" {
		d.Set(l, "group_id", "g9")
		d.Set(l, "coalition_id", "g9")
	}
	d.Set(l, "sensitivity", "severe")
	d.Set(l, "review_state", "approved")
	if l.Table == "facility" {
		d.Set(l, "facility_type", "hospital")
	}
	return d
}
