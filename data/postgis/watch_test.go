package postgis_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

func account(t testing.TB, r *postgis.Record, name string, a geo.Audience) {
	t.Helper()
	if err := r.CreateAccount(t.Context(), geo.Account{Name: name, Role: geo.Reader, Audience: a}); err != nil {
		t.Fatal(err)
	}
}

const journey = `{"from":[-72.3388,18.5432],"to":[-72.1,18.9],"depart_at":"2025-11-22T06:00:00Z","vehicle":"truck_10t","seed":9007199254740993}`

func watch(t testing.TB, r *postgis.Record, owner string) geo.Watch {
	t.Helper()
	w, err := r.CreateWatch(t.Context(), geo.Watch{Owner: owner, Request: []byte(journey)})
	if err != nil {
		t.Fatalf("create a watch: %v", err)
	}
	return w
}

func TestWatches(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	account(t, r, "convoy desk", geo.Humanitarian)
	account(t, r, "other", geo.Security)
	made := watch(t, r, "convoy desk")
	if made.Audience != geo.Humanitarian || made.ID == uuid.Nil || made.ExpiresAt.Sub(made.CreatedAt) != postgis.WatchLife || made.Verdict != nil {
		t.Errorf("made %s for %s from %s to %s", made, made.Audience, made.CreatedAt, made.ExpiresAt)
	}
	second := watch(t, r, "other")

	got, err := r.Watch(t.Context(), "convoy desk", made.ID)
	if err != nil || got.Owner != "convoy desk" || !got.ExpiresAt.Equal(made.ExpiresAt) || got.Verdict != nil {
		t.Fatalf("%s, %v", got, err)
	}
	var want, have any
	if json.Unmarshal([]byte(journey), &want) != nil || json.Unmarshal(got.Request, &have) != nil || fmt.Sprint(want) != fmt.Sprint(have) ||
		!strings.Contains(string(got.Request), "9007199254740993") {
		t.Error("the request is not what was asked")
	}
	verdict := geo.WatchVerdict{Advice: "avoid", Revision: 12, At: time.Date(2025, 11, 22, 1, 2, 3, 0, time.UTC), Reasons: []uuid.UUID{uuid.New(), uuid.New()}}
	if err := r.SaveVerdict(t.Context(), made.ID, verdict); err != nil {
		t.Fatal(err)
	}
	late := verdict
	late.Revision, late.Advice = 11, "go" // a slower process
	if err := r.SaveVerdict(t.Context(), made.ID, late); err != nil {
		t.Fatal(err)
	}
	all, err := r.AllWatches(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != made.ID || all[1].ID != second.ID || fmt.Sprint(*all[0].Verdict) != fmt.Sprint(verdict) || all[1].Verdict != nil {
		t.Errorf("all: %s, %v", all, err)
	}
	mine, err := r.Watches(t.Context(), "convoy desk")
	if err != nil || len(mine) != 1 || mine[0].ID != made.ID {
		t.Errorf("mine: %s, %v", mine, err)
	}

	// Somebody else has no such watch, whatever is tried.
	for _, owner := range []string{"other", "nobody", "", "all", "*"} {
		_, err := r.Watch(t.Context(), owner, made.ID)
		wantCode(t, err, geo.CodeNotFound, "")
		wantCode(t, r.DeleteWatch(t.Context(), owner, made.ID), geo.CodeNotFound, "")
	}
	if err := r.DeleteWatch(t.Context(), "convoy desk", made.ID); err != nil {
		t.Fatal(err)
	}
	wantCode(t, r.DeleteWatch(t.Context(), "convoy desk", made.ID), geo.CodeNotFound, "")
	wantCode(t, r.SaveVerdict(t.Context(), made.ID, verdict), geo.CodeNotFound, "")
	var rows int
	if err := admin(t, url).QueryRow(t.Context(), "SELECT count(*) FROM pasaj.watch WHERE id = $1", made.ID.String()).Scan(&rows); err != nil || rows != 0 {
		t.Errorf("%d rows after deleting, %v", rows, err)
	}

	if err := r.SetDisabled(t.Context(), "other", true); err != nil {
		t.Fatal(err)
	}
	if all, err = r.AllWatches(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("watches of a disabled account: %s, %v", all, err)
	}
	_, err = r.CreateWatch(t.Context(), geo.Watch{Owner: "other", Request: []byte(journey)})
	wantCode(t, err, geo.CodeNotFound, "")
}

func TestWatchLimits(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	account(t, r, "a", geo.Public)
	for name, fault := range map[string]geo.Watch{
		"nobody":        {Owner: "b", Request: []byte("{}")},
		"no owner":      {Request: []byte("{}")},
		"no request":    {Owner: "a"},
		"a list":        {Owner: "a", Request: []byte("[]")},
		"two":           {Owner: "a", Request: []byte("{} {}")},
		"NUL":           {Owner: "a", Request: []byte(`{"a":"\u0000"}`)},
		"NUL in a name": {Owner: "a", Request: []byte(`{"\u0000":1}`)},
		"a number":      {Owner: "a", Request: []byte(`{"a":1e999999}`)},
		"deep":          {Owner: "a", Request: []byte(`{"a":` + strings.Repeat("[", 100) + strings.Repeat("]", 100) + `}`)},
		"large":         {Owner: "a", Request: []byte(`{"a":"` + strings.Repeat("x", 70000) + `"}`)},
		"over":          {Owner: "a", Request: []byte("{}"), ExpiresAt: time.Now().Add(-time.Minute)},
		"too long":      {Owner: "a", Request: []byte("{}"), ExpiresAt: time.Now().Add(postgis.MaxWatchLife + time.Hour)},
	} {
		if _, err := r.CreateWatch(t.Context(), fault); geo.CodeOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			for range 20 {
				_, err := r.CreateWatch(t.Context(), geo.Watch{Owner: "a", Request: []byte(`{"a":"\ud800"}`), ExpiresAt: time.Now().Add(time.Hour)})
				if err != nil && geo.CodeOf(err) != geo.CodeConflict {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if have, err := r.Watches(t.Context(), "a"); err != nil || len(have) != postgis.MaxWatches {
		t.Errorf("%d watches, %v", len(have), err)
	}
	c := admin(t, url)
	if _, err := c.Exec(t.Context(), "UPDATE pasaj.watch SET created_at = created_at - interval '2 day', expires_at = expires_at - interval '1 day'"); err != nil {
		t.Fatal(err)
	}
	if have, err := r.Watches(t.Context(), "a"); err != nil || len(have) != 0 {
		t.Errorf("%d expired watches are shown, %v", len(have), err)
	}
	watch(t, r, "a") // those that expired do not count
	if _, err := r.AllWatches(t.Context()); err != nil {
		t.Fatal(err)
	}
	var rows int
	if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pasaj.watch").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d rows when 50 have expired, %v", rows, err)
	}
	if _, err := c.Exec(t.Context(), "DELETE FROM pasaj.account"); err != nil {
		t.Fatal(err)
	}
	if have, err := r.AllWatches(t.Context()); err != nil || len(have) != 0 {
		t.Errorf("a deleted account leaves %d watches, %v", len(have), err)
	}
}

// No audience's role reads watches, no schema of an audience holds a view of
// them, and even the table's owner sees none without naming whose.
func TestWatchesShowToNobody(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	account(t, r, "a", geo.Security)
	watch(t, r, "a")
	c := admin(t, url)
	exec := func(statement string) {
		t.Helper()
		if _, err := c.Exec(t.Context(), statement); err != nil {
			t.Fatalf("%s: %v", statement, err)
		}
	}
	for _, a := range geo.Audiences() {
		for _, role := range []string{"pasaj_" + a.String(), "pasaj_" + a.String() + "_view"} {
			exec("SET ROLE " + role)
			for _, statement := range []string{"SELECT FROM pasaj.watch", "DELETE FROM pasaj.watch", "SELECT FROM pasaj.road_order"} {
				if _, err := c.Exec(t.Context(), statement); !isRefused(err) {
					t.Errorf("%s: %s: %v", role, statement, err)
				}
			}
			exec("RESET ROLE")
		}
	}
	var views int
	if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pg_views WHERE definition ILIKE '%pasaj.watch%'").Scan(&views); err != nil || views != 0 {
		t.Errorf("%d views of watches, %v", views, err)
	}
	// As a plain owner of the table, which tests are not.
	keeper := "keeper_" + strings.ReplaceAll(uuid.NewString(), "-", "")
	exec("CREATE ROLE " + keeper)
	exec("GRANT USAGE ON SCHEMA pasaj TO " + keeper)
	exec("GRANT SELECT ON pasaj.watch TO " + keeper)
	defer exec("RESET ROLE; DROP OWNED BY " + keeper + "; DROP ROLE " + keeper)
	exec("SET ROLE " + keeper)
	for setting, want := range map[string]int{
		"pasaj.watch_owner = ''": 0, "pasaj.watch_owner = 'b'": 0, "pasaj.watch_scope = ''": 0, "pasaj.watch_owner = 'a'": 1, "pasaj.watch_scope = 'all'": 1,
	} {
		exec("SET " + setting)
		var rows int
		if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pasaj.watch").Scan(&rows); err != nil || rows != want {
			t.Errorf("with %s %d rows, want %d, %v", setting, rows, want, err)
		}
		exec("RESET pasaj.watch_owner; RESET pasaj.watch_scope")
	}
}

func TestWatchesPrintAsTheirID(t *testing.T) {
	w := geo.Watch{ID: uuid.New(), Owner: "convoy desk", Request: []byte(journey), Verdict: &geo.WatchVerdict{Advice: "avoid"}}
	var out bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&out, nil), slog.NewJSONHandler(&out, nil)} {
		slog.New(handler).Info("x", "watch", w, "pointer", &w, "list", []geo.Watch{w})
	}
	fmt.Fprintf(&out, "%v %+v %#v %s", w, &w, w, []geo.Watch{w})
	for _, part := range []string{"convoy", "72.3", "avoid", "truck"} {
		if strings.Contains(out.String(), part) {
			t.Errorf("%s is in %s", part, out.String())
		}
	}
	if !strings.Contains(out.String(), w.ID.String()) {
		t.Error("the ID is not there")
	}
}

// Other processes hear of watches that come and go.
func TestWatchesAreAnnounced(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	account(t, r, "a", geo.Public)
	told := make(chan struct{}, 100)
	follow(t, postgistest.OpenURL(t, url, postgis.Options{WatchesChanged: func() { told <- struct{}{} }}))
	<-told // on connecting
	w := watch(t, r, "a")
	<-told
	if err := r.DeleteWatch(t.Context(), "a", w.ID); err != nil {
		t.Fatal(err)
	}
	<-told
}

// Whatever is taken as a request, the server takes too.
func TestAnyRequestIsStoredOrRefused(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	account(t, r, "a", geo.Public)
	rapid.Check(t, func(rt *rapid.T) {
		raw := rapid.StringOf(rapid.SampledFrom([]rune("{}[]\":,\\u0d8e+-19. aé\x00\ufffd😀"))).Draw(rt, "raw")
		for _, request := range []string{raw, `{"a":"` + raw + `"}`, `{"a":` + raw + `}`} {
			w, err := r.CreateWatch(t.Context(), geo.Watch{Owner: "a", Request: []byte(request)})
			if err == nil {
				err = r.DeleteWatch(t.Context(), "a", w.ID)
			} else if geo.CodeOf(err) == geo.CodeInvalid {
				err = nil
			}
			if err != nil {
				rt.Fatalf("%q: %v", request, err)
			}
		}
	})
}
