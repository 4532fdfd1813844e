//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"pasaj/api/auth"
	"pasaj/data/cluster"
	"pasaj/data/cluster/clustertest"
	"pasaj/data/postgis"
	"pasaj/geo"
)

// What a question of the test says and nothing else does: parts of coordinates,
// of times, and who asks.
const (
	tellingFrom = "[-72.338173,18.544137]"
	tellingTo   = "[-72.634179,18.511131]"
	tellingSea  = "[-74.613719,17.713719]" // far from every road
	tellingTime = "2031-07-13T03:17:41Z"
	// Who asks, from where, with what.
	tellingAccount, tellingToken = "zqtraveller", "zqlorry"
	tellingAddress, tellingAgent = "203.0.113.77", "zqreceiver/7"
)

var (
	tellingQuestion = []string{"338173", "544137", "634179", "511131", "613719", "713719", "07-13T03:17", "07-13 03:17", "03:17:41"}
	tellingCaller   = []string{tellingAccount, tellingToken, tellingAddress, "zqreceiver", "zqwaywatch"}
)

// Nothing of a question, nor who put it, reaches the log at any level, the
// figures, the database, the database's log, or the text of an error; but for
// the row of a watch, which its owner asked for and which is gone once deleted.
func TestQuestionsLeaveNoTrace(t *testing.T) {
	t.Setenv("PASAJ_LOG_LEVEL", "debug")
	p := newProcess(t, clustertest.Home(t))
	p.start()
	p.awaitReady()
	url := cluster.RunningURL(p.home, databaseName)
	r, err := postgis.Open(t.Context(), url, postgis.Options{Model: &geo.DefaultModel})
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if found := inDatabase(t, url, tellingQuestion); len(found) > 0 {
		t.Fatalf("in the database before anything was asked: %v", found)
	}
	a := &asker{t: t, address: p.address, token: makeToken(t, r, tellingToken, geo.Reader, geo.Humanitarian)}
	a.signIn(r, tellingAccount)

	asked := a.askAll()
	statuses := map[int]int{}
	for _, one := range asked {
		statuses[one.status]++
	}
	for _, due := range []int{200, 400, 401, 403, 404, 405, 413, 415, 422} {
		if statuses[due] == 0 {
			t.Errorf("no answer had status %d: %v", due, statuses)
		}
	}
	if found := inDatabase(t, url, tellingQuestion); len(found) > 0 {
		t.Errorf("the database holds questions: %v", found)
	}

	// A watch is in its row and nowhere else, and then nowhere.
	made := a.ask(http.MethodPost, "/v1/watches", `{"name":"zqwaywatch","passage":{"points":[`+tellingFrom+`,`+tellingTo+`],"depart_at":"`+tellingTime+`"}}`, bySession)
	if made.status != http.StatusCreated {
		t.Fatalf("watch: %s", made)
	}
	var watch struct{ ID string }
	if err := json.Unmarshal(made.body, &watch); err != nil {
		t.Fatal(err)
	}
	found := inDatabase(t, url, append(slices.Clone(tellingQuestion), "zqwaywatch"))
	if len(found) == 0 || slices.ContainsFunc(found, func(where string) bool { return !strings.HasPrefix(where, "pasaj.watch: ") }) {
		t.Errorf("a watch is in %v", found)
	}
	p.block(r) // something to be told about, and a round
	if got := a.ask(http.MethodGet, "/v1/watches/"+watch.ID, "", bySession); got.status != http.StatusOK || !bytes.Contains(got.body, []byte("338173")) {
		t.Errorf("the owner reads %s", got)
	}
	if got := a.ask(http.MethodDelete, "/v1/watches/"+watch.ID, "", bySession); got.status != http.StatusNoContent {
		t.Errorf("delete: %s", got)
	}
	if found := inDatabase(t, url, append(slices.Clone(tellingQuestion), "zqwaywatch")); len(found) > 0 {
		t.Errorf("a deleted watch is in %v", found)
	}
	// Who asked is known to the tables of accounts, and to no other.
	for _, where := range inDatabase(t, url, tellingCaller) {
		table, _, _ := strings.Cut(where, ":")
		if !slices.Contains([]string{"pasaj.account", "pasaj.session", "pasaj.link", "pasaj.token", "pasaj.sign_in_link"}, table) {
			t.Errorf("the caller is in %s", where)
		}
	}

	figures := a.ask(http.MethodGet, "/metrics", "", byNobody)
	if figures.status != http.StatusOK || !bytes.Contains(figures.body, []byte(`operation="findPassage"`)) {
		t.Fatalf("metrics: %s", figures)
	}
	// With the database gone, questions fail in other ways.
	p.killDatabase()
	for range 3 {
		asked = append(asked, a.askAll()...)
	}
	p.awaitReady()

	secrets := append(slices.Clone(tellingQuestion), tellingCaller...)
	for where, text := range map[string][]byte{
		"the figures": figures.body, "the log": contents(t, p.logPath), "the database's log": contents(t, filepath.Join(p.home, "postgres.log")),
	} {
		for _, secret := range secrets {
			if at := bytes.Index(text, []byte(secret)); at >= 0 {
				t.Errorf("%s says %s: …%s…", where, secret, text[max(0, at-300):min(len(text), at+200)])
			}
		}
	}
	if log := contents(t, p.logPath); !bytes.Contains(log, []byte("operation=findPassage")) || !bytes.Contains(log, []byte("level=DEBUG")) {
		t.Error("the log does not tell of questions at all: this shows nothing")
	}
	told := 0
	for _, one := range asked {
		if one.status < 400 {
			continue
		}
		for _, secret := range secrets {
			if bytes.Contains(one.body, []byte(secret)) {
				if told++; told <= 5 {
					t.Errorf("%s: an error repeats %s: %s", one.what, secret, one.received)
				}
			}
		}
	}
}

// contents reads a file that is there.
func contents(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// inDatabase lists the tables, of every schema, in whose rows one of the texts
// stands, whatever the type of the column: geometries are read as GeoJSON.
func inDatabase(t *testing.T, url string, texts []string) []string {
	t.Helper()
	c, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close(context.WithoutCancel(t.Context()))
	if _, err := c.Exec(t.Context(), "SELECT set_config('pasaj.watch_scope', 'all', false)"); err != nil {
		t.Fatal(err)
	}
	tables := collectText(t, c, `SELECT quote_ident(n.nspname) || '.' || quote_ident(k.relname) FROM pg_class k JOIN pg_namespace n ON n.oid = k.relnamespace
		WHERE k.relkind IN ('r', 'p', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname NOT LIKE 'pg_toast%' ORDER BY 1`)
	if len(tables) < 20 {
		t.Fatalf("only %d tables", len(tables))
	}
	var out []string
	for _, table := range tables {
		for _, text := range texts {
			for _, row := range collectText(t, c, fmt.Sprintf("SELECT left(to_jsonb(v)::text, 2000) FROM %s v WHERE position($1 in to_jsonb(v)::text) > 0 LIMIT 1", table), text) {
				out = append(out, fmt.Sprintf("%s: %s in %.300s", table, text, row))
			}
		}
	}
	return out
}

// block makes a roadblock and waits until the service has answered what it may
// concern.
func (p *process) block(r *postgis.Record) {
	p.t.Helper()
	l := layerNamed(p.t, "roadblocks")
	d := geo.NewDraft(l)
	g, problem := geo.DecodeGeometry(geo.Point, []byte(`{"type":"Point","coordinates":[-72.45,18.53]}`))
	if problem != nil {
		p.t.Fatal(problem)
	}
	d.Geometry, d.HasGeom = g, true
	d.Set(l, "subtype", "trench_ditch")
	d.Set(l, "compartment", "hum")
	receipt, err := r.Write(p.t.Context(), geo.Batch{Author: geo.Author{Name: "test", Audience: geo.Security}, Changes: []geo.Change{{Layer: l, Action: geo.Create, Draft: d}}})
	if err != nil {
		p.t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		var status struct{ Revision geo.Revision }
		if json.Unmarshal(get(p.t, p.address, "", "/v1/status").body, &status) == nil && status.Revision >= receipt.Revision {
			time.Sleep(200 * time.Millisecond) // for the round; nothing hangs on it
			return
		}
	}
	p.t.Fatal("the roadblock is not served")
}

// asker asks as nobody, by a token and by a session.
type asker struct {
	t                             *testing.T
	address, token, session, csrf string
}

type caller int

const (
	byNobody caller = iota
	byToken
	bySession
)

type askedOf struct {
	received
	what string
}

// signIn makes an account and signs in by a one-time link.
func (a *asker) signIn(r *postgis.Record, name string) {
	a.t.Helper()
	if err := r.CreateAccount(a.t.Context(), geo.Account{Name: name, Role: geo.Reader, Audience: geo.Humanitarian}); err != nil {
		a.t.Fatal(err)
	}
	text := auth.NewSecret("")
	if err := r.CreateLink(a.t.Context(), name, auth.DigestOf(text), time.Now().Add(time.Hour)); err != nil {
		a.t.Fatal(err)
	}
	got := a.ask(http.MethodPost, "/v1/session", `{"link":"`+text+`"}`, byNobody)
	var view struct{ CSRF string }
	if err := json.Unmarshal(got.body, &view); err != nil || got.status != http.StatusOK {
		a.t.Fatalf("%v %s", err, got)
	}
	response := http.Response{Header: got.header}
	for _, cookie := range response.Cookies() {
		a.session = cookie.Name + "=" + cookie.Value
	}
	a.csrf = view.CSRF
}

func (a *asker) ask(method, path, body string, by caller) received {
	return a.send(method, path, body, "application/json", by)
}

func (a *asker) send(method, path, body, media string, by caller) received {
	a.t.Helper()
	r, err := http.NewRequestWithContext(a.t.Context(), method, "http://"+a.address+path, strings.NewReader(body))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("User-Agent", tellingAgent)
	if path != "/metrics" { // which is for direct callers
		r.Header.Set("X-Forwarded-For", tellingAddress)
	}
	if body != "" {
		r.Header.Set("Content-Type", media)
	}
	switch by {
	case byToken:
		r.Header.Set("Authorization", "Bearer "+a.token)
	case bySession:
		r.Header.Set("Cookie", a.session)
		r.Header.Set("X-CSRF-Token", a.csrf)
	}
	response, err := webClient.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	got := received{status: response.StatusCode, header: response.Header}
	if got.body, err = io.ReadAll(response.Body); err != nil {
		a.t.Fatal(err)
	}
	return got
}

// askAll puts every question in good and in bad forms.
func (a *asker) askAll() []askedOf {
	var out []askedOf
	note := func(got received, what string, args ...any) {
		out = append(out, askedOf{got, fmt.Sprintf(what, args...)})
	}
	points := `"points":[` + tellingFrom + `,` + tellingTo + `]`
	when := `,"depart_at":"` + tellingTime + `"`
	good := map[string][]string{
		"/v1/passage": {
			`{` + points + `}`, `{` + points + when + `}`, `{"line":[` + tellingFrom + `,` + tellingTo + `]` + when + `}`,
			`{` + points + when + `,"include":["departures","counterfactual"]}`, `{` + points + `,"asof":3}`, `{` + points + `,"asof":"` + tellingTime + `"}`,
			`{` + points + `,"avoid":[{"geometry":{"type":"Polygon","coordinates":[[` + tellingFrom + `,` + tellingTo + `,[-72.4,18.6],` + tellingFrom + `]]}}]}`,
			`{` + points + `,"what_if":{"close":[` + tellingTo + `]}}`,
		},
		"/v1/passage/alternatives": {`{` + points + when + `,"count":5}`, `{` + points + `,"seed":5}`},
		"/v1/reach":                {`{"points":[` + tellingFrom + `],"minutes":[20]` + when + `}`},
		"/v1/table":                {`{"sources":[` + tellingFrom + `],"targets":[` + tellingTo + `,` + tellingSea + `]` + when + `}`},
		"/v1/reopen":               {`{` + points + when + `}`},
	}
	spoil := func(body string) []string {
		return []string{
			body[:len(body)-1], body + body, `{"zz":` + tellingFrom + `,` + body[1:], strings.Replace(body, tellingFrom, `"`+tellingFrom+`"`, 1),
			strings.Replace(body, "-72.338173", "18.544137", 1), strings.Replace(body, tellingFrom, "[-72.338173]", 1),
			strings.ReplaceAll(body, tellingFrom, tellingSea), `{"vehicle":"` + tellingTime + `",` + body[1:], `{"datetime":"` + tellingTime + `Q",` + body[1:],
			`{"max_age_h":-72.338173,` + body[1:], `{"-72.338173":1,` + body[1:], `[` + body + `]`, `{"asof":"` + tellingTime + `Q",` + body[1:],
			`{"asof":338173,` + body[1:], body[:1] + strings.Repeat(" ", 200<<10) + body[1:],
		}
	}
	for path, bodies := range good {
		for _, by := range []caller{byNobody, byToken, bySession} {
			for i, body := range bodies {
				note(a.ask(http.MethodPost, path, body, by), "%s %s", path, body)
				if i > 0 || by == byNobody {
					continue
				}
				for _, bad := range spoil(body) {
					note(a.ask(http.MethodPost, path, bad, by), "%s %.200s", path, bad)
				}
			}
		}
		note(a.send(http.MethodPost, path, bodies[0], "text/plain", byToken), "%s as text", path)
		note(a.ask(http.MethodPost, path+"?points="+tellingFrom, bodies[0], byToken), "%s with points in the query", path)
		note(a.ask(http.MethodGet, path+"?points="+tellingFrom+"&at="+tellingTime, "", byToken), "GET %s", path)
	}
	// A polygon of one's own says where one means to go, too.
	drawn := func(points string) string {
		return `{"geometry":{"type":"Polygon","coordinates":[[` + points + `]]}`
	}
	ring := drawn(tellingFrom + `,` + tellingTo + `,[-72.4,18.6],` + tellingFrom)
	for _, body := range []string{
		ring + `}`, ring + `,"indicators":["T1","F1"],"datetime":"` + tellingTime + `"}`, ring + `,"datetime":"` + tellingTime + `Q"}`, ring + `,"asof":"` + tellingTime + `"}`,
		ring + `,"asof":338173}`, ring + `,"indicators":["338173"]}`, ring + `,"338173":1}`, ring, drawn(tellingFrom+`,`+tellingTo+`,[-72.4,18.6]`) + `}`,
		drawn("[18.544137,-72.338173]") + `}`, drawn(tellingSea+`,`+tellingFrom+`,`+tellingSea) + `}`, drawn(`"`+tellingFrom+`"`) + `}`,
		drawn(tellingFrom+`,`+tellingTo+`,[-72.338173,18.511131],[-72.634179,18.544137],`+tellingFrom) + `}`,
		`{"geometry":{"type":"Point","coordinates":` + tellingFrom + `}}`, ring + strings.Repeat(" ", 1<<20) + `}`,
	} {
		for _, by := range []caller{byNobody, byToken, bySession} {
			note(a.ask(http.MethodPost, "/v1/coverage/values", body, by), "a polygon %.300s", body)
		}
	}
	for _, form := range []string{"geojson", "gpx", "text"} {
		note(a.ask(http.MethodPost, "/v1/passage?f="+form+"&lang=en", good["/v1/passage"][1], byToken), "as %s", form)
	}
	for _, path := range []string{
		"/v1/isolation?datetime=" + tellingTime, "/v1/isolation?datetime=" + tellingTime + "Q", "/v1/isolation?asof=" + tellingTime, "/v1/isolation?at=" + tellingTime,
		"/v1/exclusions?engine=valhalla&datetime=" + tellingTime, "/v1/exclusions?engine=" + tellingTime, "/v1/exclusions?engine=osrm&asof=338173",
		"/v1/watches", "/v1/watches/338173,544137", "/v1/watches/00000000-0000-4000-8000-000000338173", "/v1/passage/" + tellingFrom, "/v1/nothing/338173",
	} {
		for _, by := range []caller{byNobody, byToken, bySession} {
			note(a.ask(http.MethodGet, path, "", by), "GET %s", path)
		}
	}
	for _, body := range []string{
		`{"name":"zqwaywatch","passage":{"points":[` + tellingSea + `,` + tellingTo + `]}}`, `{"name":"zqwaywatch","passage":{` + points + `,"asof":3}}`,
		`{"name":"zqwaywatch","passage":{` + points + `},"expires_at":"` + tellingTime + `"}`, `{"name":"zqwaywatch","passage":{` + points + `},"expires_at":"` + tellingTime + `Q"}`,
		`{"name":"zqwaywatch\u0000","passage":{` + points + `,"vehicle":"` + tellingTime + `"}}`, `{"name":"zqwaywatch","passage":` + tellingFrom + `}`, `{"name":"zqwaywatch"`,
	} {
		for _, by := range []caller{byNobody, byToken, bySession} {
			note(a.ask(http.MethodPost, "/v1/watches", body, by), "watch %s", body)
		}
	}
	return out
}
