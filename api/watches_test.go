package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"pasaj/api/auth"
	"pasaj/geo"
)

// watching starts the rounds; they end with the test.
func (s *service) watching() {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() { _ = s.FollowWatches(ctx); close(ended) }()
	s.t.Cleanup(func() { cancel(); <-ended })
}

// watchLine is a journey over the national road of the ladder, at an instant of
// which everything is known.
const watchLine = `{"line":` + acrossLadder + `,"datetime":"2025-03-01T12:00:00Z"}`

func (s *service) watch(name string, who ...option) watchView {
	s.t.Helper()
	w := want(s.t, s.do(http.MethodPost, "/v1/watches", `{"name":"`+name+`","passage":`+watchLine+`}`, append(who, asJSON)...), http.StatusCreated)
	view := decodeBody[watchView](s.t, w)
	if w.Header().Get("Location") != "http://pasaj.test/v1/watches/"+view.ID.String() {
		s.t.Errorf("Location %q", w.Header().Get("Location"))
	}
	return view
}

// nextWatch waits for an event of a watch, past those of revisions.
func (c *streamClient) nextWatch(t testing.TB) watchNews {
	t.Helper()
	for {
		e := c.next(t)
		if e.event != "watch" {
			continue
		}
		if e.id != "" {
			t.Errorf("the event has the id %s", e.id)
		}
		var news watchNews
		if err := json.Unmarshal([]byte(e.data), &news); err != nil {
			t.Fatal(err)
		}
		return news
	}
}

// noWatch fails when an event of a watch came; it reads up to a revision.
func (c *streamClient) noWatch(t testing.TB, upTo geo.Revision) {
	t.Helper()
	for {
		e := c.next(t)
		if e.event == "watch" {
			t.Fatalf("told of a watch: %s", e.data)
		}
		if e.id == upTo.String() {
			return
		}
	}
}

func TestWatchesAreTheirOwners(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	s.account("driver", geo.Reader, geo.Humanitarian)
	s.account("rival", geo.Administrator, geo.Security)
	driver, csrf := s.signedIn("driver")
	rival, rivalCSRF := s.signedIn("rival")
	token := bearer(s.record.token(geo.Administrator, geo.Security))
	w := s.watch("route du nord", driver, csrf)
	if w.Name != "route du nord" || w.Verdict == nil || w.Verdict.Advice == "" || w.Verdict.Revision != s.record.revision || !strings.Contains(string(w.Passage), "-72.34") {
		t.Fatalf("%+v", w)
	}
	target := "/v1/watches/" + w.ID.String()
	if got := decodeBody[watchView](t, want(t, s.get(target, driver), 200)); got.ID != w.ID || got.Verdict.Advice != w.Verdict.Advice {
		t.Errorf("%+v", got)
	}
	list := func(who option) int {
		return len(decodeBody[struct{ Watches []watchView }](t, want(t, s.get("/v1/watches", who), 200)).Watches)
	}
	if list(driver) != 1 || list(rival) != 0 {
		t.Errorf("%d watches of the driver, %d of the rival", list(driver), list(rival))
	}
	// To others it is not there, whoever they are; tokens and the public have none.
	strange := "/v1/watches/" + uuid.NewString()
	for _, method := range []string{http.MethodGet, http.MethodDelete} {
		hers := wantProblem(t, s.do(method, target, "", rival, rivalCSRF), 404, geo.CodeNotFound)
		none := wantProblem(t, s.do(method, strange, "", rival, rivalCSRF), 404, geo.CodeNotFound)
		if hers.Detail != none.Detail {
			t.Errorf("%s: somebody else's watch is told apart: %q, %q", method, hers.Detail, none.Detail)
		}
		wantProblem(t, s.do(method, target, "", token), 403, geo.CodeForbidden)
		wantProblem(t, s.do(method, target, ""), 401, geo.CodeUnauthenticated)
	}
	body := `{"name":"x","passage":` + watchLine + `}`
	wantProblem(t, s.get("/v1/watches", token), 403, geo.CodeForbidden)
	wantProblem(t, s.do(http.MethodPost, "/v1/watches", body, asJSON, token), 403, geo.CodeForbidden)
	wantProblem(t, s.do(http.MethodPost, "/v1/watches", body, asJSON), 401, geo.CodeUnauthenticated)
	wantProblem(t, s.do(http.MethodPost, "/v1/watches", body, asJSON, driver), 403, auth.CodeCSRF)
	wantProblem(t, s.do(http.MethodDelete, target, "", driver), 403, auth.CodeCSRF)
	want(t, s.do(http.MethodDelete, target, "", driver, csrf), http.StatusNoContent)
	wantProblem(t, s.get(target, driver), 404, geo.CodeNotFound)
}

func TestWatchesAreChecked(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	s.account("driver", geo.Reader, geo.Humanitarian)
	driver, csrf := s.signedIn("driver")
	for body, pointer := range map[string]string{
		`[]`: "", `{"name":"x","passage":` + watchLine + `,"more":1}`: "", `{"name":"x","passage":` + watchLine + `}{}`: "",
		`{"passage":` + watchLine + `}`:                                           "/name",
		`{"name":"` + strings.Repeat("x", 101) + `","passage":` + watchLine + `}`: "/name",
		`{"name":"x"}`:                                 "/passage",
		`{"name":"x","passage":null}`:                  "/passage",
		`{"name":"x","passage":{"points":[[-72,18]]}}`: "/passage/points",
		`{"name":"x","passage":{"line":` + acrossLadder + `,"include":["departures"]}}`:     "/passage/include",
		`{"name":"x","passage":{"line":` + acrossLadder + `,"asof":3}}`:                     "/passage/asof",
		`{"name":"x","passage":` + watchLine + `,"expires_at":"soon"}`:                      "/expires_at",
		`{"name":"","passage":{"line":` + acrossLadder + `,"asof":3},"expires_at":"never"}`: "/name",
	} {
		p := wantProblem(t, s.do(http.MethodPost, "/v1/watches", body, asJSON, driver, csrf), 400, geo.CodeInvalid)
		if pointer != "" && (len(p.Errors) == 0 || p.Errors[0].Pointer != pointer) {
			t.Errorf("%s: %+v", body, p)
		}
	}
	// What cannot be answered is not watched.
	p := wantProblem(t, s.do(http.MethodPost, "/v1/watches", `{"name":"x","passage":{"points":[[-74,18.3],[-72.34,18.5]]}}`, asJSON, driver, csrf), 422, geo.CodeUnprocessable)
	if len(p.Errors) != 1 || p.Errors[0].Pointer != "/passage/points/0" {
		t.Errorf("%+v", p)
	}
	if len(s.record.watched) != 0 {
		t.Errorf("%d watches were stored", len(s.record.watched))
	}
	s.record.setDown(true)
	wantProblem(t, s.do(http.MethodPost, "/v1/watches", `{"name":"x","passage":`+watchLine+`}`, asJSON, driver, csrf), 503, geo.CodeUnavailable)
}

func TestWatchesTellTheirOwnersStreams(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(s.Close)
	s.watching()
	s.account("driver", geo.Reader, geo.Humanitarian)
	s.account("rival", geo.Reader, geo.Humanitarian)
	driver, csrf := s.signedIn("driver")
	rival, _ := s.signedIn("rival")
	cookie := func(o option) map[string]string {
		r := httptest.NewRequest(http.MethodGet, "/", nil)
		o(r)
		return map[string]string{"Cookie": r.Header.Get("Cookie")}
	}
	first, second := s.stream(t, server.URL, cookie(driver)), s.stream(t, server.URL, cookie(driver))
	others := []*streamClient{
		s.stream(t, server.URL, cookie(rival)), s.stream(t, server.URL, nil),
		s.stream(t, server.URL, map[string]string{"Authorization": "Bearer " + s.record.token(geo.Administrator, geo.Humanitarian)}),
	}
	w := s.watch("route", driver, csrf)
	before := w.Verdict.Advice
	if before == "not_passable" {
		t.Fatalf("%+v", w)
	}
	receipt := s.block(20, -72.36, 18.5, "trench_ditch")
	for _, stream := range []*streamClient{first, second} {
		news := stream.nextWatch(t)
		if news.ID != w.ID || news.Name != "route" || news.Before != before || news.Advice == before || news.Revision != receipt.Revision ||
			len(news.Reasons) == 0 || news.Reasons[0].ID == nil || *news.Reasons[0].ID != id(20) || news.Reasons[0].Text.French == "" {
			t.Errorf("%+v", news)
		}
	}
	got := decodeBody[watchView](t, want(t, s.get("/v1/watches/"+w.ID.String(), driver), 200))
	if got.Verdict.Advice != "not_passable" || got.Verdict.Revision != receipt.Revision || len(got.Verdict.Reasons) != 1 {
		t.Errorf("%+v", got.Verdict)
	}
	// What makes no difference is not told, and others are told nothing at all.
	receipt = s.place(21, -72.3, 18.6)
	first.noWatch(t, receipt.Revision)
	for _, stream := range others {
		stream.noWatch(t, receipt.Revision)
	}
	// Nor is anything of it among the events that streams resume from.
	again := s.stream(t, server.URL, map[string]string{"Cookie": cookie(driver)["Cookie"], "Last-Event-ID": "1"})
	again.noWatch(t, receipt.Revision)
}

// The audience of the account counts, as it is now; an account that is gone or
// disabled is not told anything.
func TestWatchesFollowTheAccount(t *testing.T) {
	t.Parallel()
	s := ladder(t)
	s.account("driver", geo.Reader, geo.Humanitarian)
	driver, csrf := s.signedIn("driver")
	w := s.watch("route", driver, csrf)
	round := func() geo.WatchVerdict {
		t.Helper()
		s.watcher.look()
		if err := s.watcher.round(context.Background()); err != nil {
			t.Fatal(err)
		}
		return *s.record.watched[0].Verdict
	}
	change := func(do func(*geo.Account)) {
		s.record.mu.Lock()
		defer s.record.mu.Unlock()
		account := s.record.accounts["driver"]
		do(&account)
		s.record.accounts["driver"] = account
	}
	if got := round(); got.Advice != w.Verdict.Advice {
		t.Errorf("%+v", got)
	}
	change(func(a *geo.Account) { a.Audience = geo.Public })
	lowered := round()
	if lowered.Advice != "insufficient_information" || len(lowered.Reasons) > 0 {
		t.Errorf("the public was told %+v", lowered)
	}
	change(func(a *geo.Account) { a.Audience, a.Disabled = geo.Humanitarian, true })
	s.block(20, -72.36, 18.5, "trench_ditch")
	if got := round(); got.Revision != lowered.Revision || got.Advice != lowered.Advice {
		t.Errorf("the disabled account was told %+v", got)
	}
	change(func(a *geo.Account) { a.Disabled = false })
	if got := round(); got.Advice != "not_passable" {
		t.Errorf("%+v", got)
	}
	// A record out of reach takes nothing away.
	s.record.setDown(true)
	s.watcher.look()
	if err := s.watcher.round(context.Background()); geo.CodeOf(err) != geo.CodeUnavailable {
		t.Errorf("%v", err)
	}
	s.record.setDown(false)
	s.block(21, -72.345, 18.5, "trench_ditch")
	if got := round(); len(got.Reasons) != 2 {
		t.Errorf("%+v", got)
	}
	// Another network has no road there: nobody knows.
	s.record.mu.Lock()
	s.record.watched[0].Request = json.RawMessage(`{"name":"x","passage":{"points":[[-74,18.3],[-73.9,18.3]]}}`)
	s.record.mu.Unlock()
	if got := round(); got.Advice != "insufficient_information" || len(got.Reasons) != 0 {
		t.Errorf("%+v", got)
	}
}

// A thousand watches are answered within a fraction of a second.
func BenchmarkWatches(b *testing.B) {
	s := ladder(b)
	for owner := range 20 {
		name := fmt.Sprintf("driver-%d", owner)
		s.record.accounts[name] = geo.Account{Name: name, Role: geo.Reader, Audience: geo.Humanitarian}
		for n := range 50 {
			request := fmt.Sprintf(`{"name":"x","passage":{"points":[[%.4f,18.5],[%.4f,18.52]]}}`, -72.40+float64(n)*.0005, -72.34-float64(owner)*.0005)
			if _, err := s.record.CreateWatch(b.Context(), geo.Watch{Owner: name, Request: json.RawMessage(request)}); err != nil {
				b.Fatal(err)
			}
		}
	}
	began := time.Now()
	rounds := 0
	for b.Loop() {
		s.watcher.look()
		if err := s.watcher.round(b.Context()); err != nil {
			b.Fatal(err)
		}
		rounds++
	}
	b.ReportMetric(float64(time.Since(began).Milliseconds())/float64(rounds), "ms/1000watches")
}
