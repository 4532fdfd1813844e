package postgis_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"

	"pasaj/data/postgis"
	"pasaj/geo"
)

func observation(t testing.TB, compartment, class, source string, at orb.Geometry, more map[string]any) geo.Change {
	l := layer(t, "observations")
	values := map[string]any{
		"compartment": compartment, "sensitivity": class, "channel": "sms", "text": "what was said", "observed_at": time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC),
	}
	if source != "" {
		values["source_id"] = source
	}
	for name, value := range more {
		values[name] = value
	}
	return geo.Change{Layer: l, Action: geo.Create, ID: uuid.New(), Draft: draft(l, at, values)}
}

func area(t testing.TB, pcode string, level int64, outline orb.MultiPolygon) geo.Change {
	l := layer(t, "admin-areas")
	return geo.Change{Layer: l, Action: geo.Create, ID: uuid.New(), Draft: draft(l, outline, map[string]any{
		"pcode": pcode, "level": level, "compartment": "public", "sensitivity": "low"})}
}

func tally(t testing.TB, r *postgis.Record, a geo.Audience, rev geo.Revision) []geo.Tally {
	t.Helper()
	out, err := r.Tally(t.Context(), a, rev)
	if err != nil {
		t.Fatalf("tally of %s at %s: %v", a, rev, err)
	}
	return out
}

// Who counts which observations is geo.ReachOf: the operations side counts none
// of the humanitarians', the public none at all.
func TestTallyKeepsToTheReach(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	type kind struct {
		compartment geo.Compartment
		class       geo.Class
	}
	made := map[kind]int{}
	for _, compartment := range []geo.Compartment{"public", "hum", "sec", "ops"} {
		by := geo.Author{Name: "a", Audience: geo.Security}
		if compartment == "ops" {
			by.Audience = geo.Operations
		}
		var changes []geo.Change
		for i, class := range order {
			for range i + 1 {
				changes = append(changes, observation(t, string(compartment), string(class), "source", nil, map[string]any{"road_ref": string(compartment)}))
				made[kind{compartment, class}]++
			}
			for _, review := range []string{"draft", "rejected", "withdrawn"} {
				changes = append(changes, observation(t, string(compartment), string(class), "source", nil, map[string]any{"review_state": review}))
			}
		}
		if _, err := r.Write(t.Context(), geo.Batch{Author: by, Changes: changes}); err != nil {
			t.Fatal(err)
		}
	}
	keys := map[string]geo.Audience{}
	for _, a := range geo.Audiences() {
		want := 0
		for k, n := range made {
			if a != geo.Public && geo.ReachOf(a).Sees(k.compartment, k.class) {
				want += n
			}
		}
		got := tally(t, r, a, 0)
		if len(got) != want {
			t.Errorf("%s counts %d, want %d", a, len(got), want)
		}
		for _, one := range got {
			if one.RoadRef == "hum" && a == geo.Operations || !slices.Contains(geo.ReachOf(a).Compartments, geo.Compartment(one.RoadRef)) {
				t.Errorf("%s counts an observation of %s", a, one.RoadRef)
			}
			if other, known := keys[one.SourceKey]; len(one.SourceKey) != 32 || known && other != a {
				t.Errorf("%s has the source key %q, which %s has, too", a, one.SourceKey, other)
			}
			keys[one.SourceKey] = a
		}
		c := admin(t, url)
		if _, err := c.Exec(t.Context(), "SET ROLE pasaj_"+a.String()); err != nil {
			t.Fatal(err)
		}
		columns, err := pgx.CollectRows(first(c.Query(t.Context(), `SELECT attname::text FROM pg_attribute
			WHERE attrelid = to_regclass($1) AND attnum > 0 ORDER BY attnum`, "audience_"+a.String()+".observation_tally")), pgx.RowTo[string])
		wanted := []string{"commune", "road_ref", "observed_at", "received_at", "triage_state", "channel", "source_key", "known_from", "known_to", "compartment"}
		if a == geo.Public {
			wanted = nil
		}
		if err != nil || !slices.Equal(columns, wanted) {
			t.Errorf("%s has the columns %v, want %v, %v", a, columns, wanted, err)
		}
		if a == geo.Public {
			continue
		}
		// A condition is not shown what it may not see, and the setting opens nothing.
		for _, setting := range []string{"SELECT set_config('pasaj.asof', '2', false)", "RESET pasaj.asof"} {
			if _, err := c.Exec(t.Context(), setting); err != nil {
				t.Fatal(err)
			}
			var beyond int
			if err := c.QueryRow(t.Context(), "SELECT count(*) FROM audience_"+a.String()+".observation_tally WHERE NOT compartment = ANY ($1)",
				compartments(a)).Scan(&beyond); err != nil || beyond != 0 {
				t.Errorf("%s: %d rows beyond its reach, %v", a, beyond, err)
			}
		}
		for _, hidden := range []string{"pasaj.observation", "pasaj.tally_key"} {
			if _, err := c.Exec(t.Context(), "SELECT 1 FROM "+hidden); !isRefused(err) {
				t.Errorf("%s reads %s: %v", a, hidden, err)
			}
		}
		// What makes the view may read no more than the view needs.
		if _, err := c.Exec(t.Context(), "RESET ROLE; SET ROLE pasaj_"+a.String()+"_view"); err != nil {
			t.Fatal(err)
		}
		for _, column := range []string{"text", "claims", "author", "source_ids", "\"references\""} {
			if _, err := c.Exec(t.Context(), "SELECT "+column+" FROM pasaj.observation"); !isRefused(err) {
				t.Errorf("the views of %s may read %s of observations: %v", a, column, err)
			}
		}
	}
}

func compartments(a geo.Audience) (out []string) {
	for _, c := range geo.ReachOf(a).Compartments {
		out = append(out, string(c))
	}
	return out
}

// Each observation counts once, as it stood at the revision, in the commune
// that it names or lies in.
func TestTallyAsKnown(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	l := layer(t, "observations")
	inside, received := orb.Point{-72.34, 18.54}, time.Date(2025, 3, 2, 0, 0, 0, 0, time.UTC)
	named := observation(t, "hum", "high", "s1", inside, map[string]any{"commune": "HT0999", "road_ref": "RN1", "received_at": received})
	placed := observation(t, "sec", "moderate", "s1", inside, nil)
	across := observation(t, "hum", "high", "s2", orb.LineString{{-72.34, 18.54}, {-72.2, 18.54}}, nil)
	nowhere := observation(t, "hum", "low", "", nil, map[string]any{"observed_at": nil})
	begin := write(t, r, named, placed, across, nowhere).Revision
	if got := tally(t, r, geo.Public, begin); got != nil {
		t.Errorf("the public counts %v", got)
	}
	communes := func(rev geo.Revision) (out []string) {
		for _, one := range tally(t, r, geo.Humanitarian, rev) {
			out = append(out, one.Commune)
		}
		slices.Sort(out)
		return out
	}
	expect := func(rev geo.Revision, want ...string) {
		t.Helper()
		if got := communes(rev); !slices.Equal(got, want) {
			t.Errorf("as of %s: communes %q, want %q", rev, got, want)
		}
	}
	square := square(-72.4, 18.5, 0.1)
	commune := area(t, "HT0111", 2, square)
	ground := write(t, r, commune, area(t, "HT01", 1, square), area(t, "HT0111-01", 3, square)).Revision
	moved := write(t, r, geo.Change{Layer: commune.Layer, Action: geo.Delete, ID: commune.ID}, area(t, "HT0112", 2, square)).Revision
	expect(begin, "", "", "", "HT0999")
	expect(ground, "", "", "HT0111", "HT0999")
	expect(moved, "", "", "HT0112", "HT0999")

	all := tally(t, r, geo.Humanitarian, moved)
	i := slices.IndexFunc(all, func(one geo.Tally) bool { return one.Commune == "HT0999" })
	j := slices.IndexFunc(all, func(one geo.Tally) bool { return one.Commune == "HT0112" })
	k := slices.IndexFunc(all, func(one geo.Tally) bool { return one.ObservedAt.IsZero() })
	want := geo.Tally{Commune: "HT0999", RoadRef: "RN1", ObservedAt: received.Add(-12 * time.Hour), ReceivedAt: received, TriageState: "new", Channel: "sms", SourceKey: all[i].SourceKey}
	if all[i] != want || all[j].SourceKey != want.SourceKey {
		t.Errorf("%+v, want %+v", all[i], want)
	}
	if all[k].SourceKey != "" || all[k].Commune != "" {
		t.Errorf("an observation of nobody, nowhere: %+v", all[k])
	}

	// Dealt with later: the observation has two states by valid time and counts
	// once, in the last.
	triaged := write(t, r, patch(l, placed.ID, map[string]any{"triage_state": "linked"})).Revision
	linked := func(rev geo.Revision) (n int) {
		got := tally(t, r, geo.Humanitarian, rev)
		if len(got) != 4 {
			t.Errorf("as of %s: %d observations", rev, len(got))
		}
		for _, one := range got {
			if one.TriageState == "linked" {
				n++
			}
		}
		return n
	}
	if before, after := linked(moved), linked(triaged); before != 0 || after != 1 {
		t.Errorf("%d linked before it happened and %d after", before, after)
	}
	gone := write(t, r, geo.Change{Layer: l, Action: geo.Delete, ID: named.ID}).Revision
	if len(tally(t, r, geo.Humanitarian, gone)) != 3 || !slices.Equal(tally(t, r, geo.Humanitarian, 0), tally(t, r, geo.Humanitarian, gone)) {
		t.Errorf("after a deletion: %+v", tally(t, r, geo.Humanitarian, 0))
	}
	_, err := r.Tally(t.Context(), geo.Humanitarian, gone+1)
	wantCode(t, err, geo.CodeNotFound, "")
}
