package api

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"pasaj/api/auth"
	"pasaj/geo"
)

const password = "twelve chars or more"

// account puts an account into the record.
func (s *service) account(name string, role geo.Role, a geo.Audience) {
	s.t.Helper()
	hash, err := s.auth.Passwords.Hash(context.Background(), password)
	if err != nil {
		s.t.Fatal(err)
	}
	s.record.mu.Lock()
	defer s.record.mu.Unlock()
	s.record.accounts[name] = geo.Account{Name: name, Role: role, Audience: a}
	s.record.hashes[name] = hash
}

var asJSON = with("Content-Type", mediaJSON)

// signedIn signs in and returns the session's cookie and CSRF token.
func (s *service) signedIn(name string) (cookie, csrf option) {
	s.t.Helper()
	w := want(s.t, s.do(http.MethodPost, "/v1/session", `{"name":"`+name+`","password":"`+password+`"}`, asJSON), http.StatusOK)
	c := sessionCookieOf(s.t, w)
	view := decodeBody[sessionView](s.t, w)
	return with("Cookie", c.Name+"="+c.Value), with("X-CSRF-Token", *view.CSRF)
}

func sessionCookieOf(t testing.TB, w *httptest.ResponseRecorder) *http.Cookie {
	t.Helper()
	for _, c := range w.Result().Cookies() {
		if c.Name == auth.CookieName {
			return c
		}
	}
	t.Fatalf("no session cookie in %v", w.Header())
	return nil
}

func TestSessions(t *testing.T) {
	t.Parallel()
	s := start(t, func(o *Options) { o.TrustProxy = true })
	s.account("analyst", geo.Editor, geo.Humanitarian)
	if got := decodeBody[sessionView](t, want(t, s.get("/v1/session"), 200)); got.Account != nil || got.CSRF != nil || got.Audience != "public" {
		t.Fatalf("%+v", got)
	}
	w := want(t, s.do(http.MethodPost, "/v1/session", `{"name":"analyst","password":"`+password+`"}`, asJSON,
		func(r *http.Request) { r.RemoteAddr = "10.0.0.1:1"; r.Header.Set("X-Forwarded-Proto", "https") }), http.StatusOK)
	c := sessionCookieOf(t, w)
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || c.Path != "/" || w.Header().Get("Cache-Control") != "no-store" {
		t.Errorf("cookie %+v", c)
	}
	if _, stored := s.record.sessions[auth.DigestOf(c.Value)]; !stored || len(s.record.sessions) != 1 {
		t.Error("the record does not hold the digest of the session")
	}
	cookie, csrf := s.signedIn("analyst")
	if got := decodeBody[sessionView](t, s.get("/v1/session", cookie)); got.Account == nil || got.Account.Name != "analyst" || got.Audience != "hum" {
		t.Fatalf("%+v", got)
	}
	places := "/collections/places/items"
	for name, c := range map[string]struct {
		options []option
		status  int
		code    geo.Code
	}{
		"no token":       {[]option{cookie}, 403, auth.CodeCSRF},
		"wrong token":    {[]option{cookie, with("X-CSRF-Token", "x")}, 403, auth.CodeCSRF},
		"foreign page":   {[]option{cookie, csrf, with("Origin", "https://elsewhere.example")}, 403, auth.CodeCSRF},
		"foreign site":   {[]option{cookie, csrf, with("Sec-Fetch-Site", "cross-site")}, 403, auth.CodeCSRF},
		"no such cookie": {[]option{with("Cookie", "pasaj_session="+auth.NewSecret("")), csrf}, 401, auth.CodeSessionExpired},
	} {
		w := s.do(http.MethodPost, places, placeBody, c.options...)
		wantProblem(t, w, c.status, c.code)
		if c.code == auth.CodeSessionExpired && sessionCookieOf(t, w).MaxAge >= 0 {
			t.Errorf("%s: the cookie is not removed", name)
		}
	}
	if s.record.revision != 0 {
		t.Fatal("a refused change was made")
	}
	want(t, s.do(http.MethodPost, places, placeBody, cookie, csrf, with("Origin", "http://pasaj.test"), with("Sec-Fetch-Site", "same-origin")), http.StatusCreated)
	wantProblem(t, s.do(http.MethodDelete, "/v1/session", "", cookie), 403, auth.CodeCSRF)
	want(t, s.do(http.MethodDelete, "/v1/session", "", cookie, csrf), http.StatusNoContent)
	wantProblem(t, s.get(places, cookie), http.StatusUnauthorized, auth.CodeSessionExpired)
	if got := decodeBody[sessionView](t, want(t, s.get("/v1/session", cookie), 200)); got.Account != nil {
		t.Errorf("after signing out: %+v", got)
	}
}

func TestSignInIsLimitedAndSaysNothing(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.account("analyst", geo.Reader, geo.Humanitarian)
	try := func(body, address string) *httptest.ResponseRecorder {
		return s.do(http.MethodPost, "/v1/session", body, asJSON, func(r *http.Request) { r.RemoteAddr = address })
	}
	wrong := wantProblem(t, try(`{"name":"analyst","password":"wrong"}`, "10.1.1.1:1"), 401, auth.CodeSignInFailed)
	nobody := wantProblem(t, try(`{"name":"nobody","password":"wrong"}`, "10.1.1.2:1"), 401, auth.CodeSignInFailed)
	wrong.Instance, nobody.Instance = "", ""
	if wrong.Detail != nobody.Detail {
		t.Errorf("%q is not %q", wrong.Detail, nobody.Detail)
	}
	wantProblem(t, try(`{"user":"x"}`, "10.1.1.3:1"), 400, geo.CodeInvalid)
	wantProblem(t, try(`{"name":"`+strings.Repeat("x", maxFormBytes)+`"}`, "10.1.1.3:1"), 413, geo.CodeTooLarge)
	for range 10 {
		try(`{"name":"other","password":"wrong"}`, "10.2.2.2:1")
	}
	limited := try(`{"name":"analyst","password":"`+password+`"}`, "10.2.2.2:1")
	wantProblem(t, limited, 429, geo.CodeTooManyRequests)
	if limited.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	want(t, try(`{"name":"analyst","password":"`+password+`"}`, "10.3.3.3:1"), http.StatusOK)
}

func TestOneTimeLink(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.account("first", geo.Administrator, geo.Security)
	link := func() string {
		secret := auth.NewSecret("")
		s.record.links[auth.DigestOf(secret)] = "first"
		return secret
	}
	one := link()
	wantProblem(t, s.do(http.MethodPost, "/v1/session", `{"link":"`+one+`","password":"short"}`, asJSON), 400, geo.CodeInvalid)
	want(t, s.do(http.MethodPost, "/v1/session", `{"link":"`+one+`","password":"a new long password"}`, asJSON), 200)
	wantProblem(t, s.do(http.MethodPost, "/v1/session", `{"link":"`+one+`"}`, asJSON), 401, auth.CodeSignInFailed)
	want(t, s.do(http.MethodPost, "/v1/session", `{"name":"first","password":"a new long password"}`, asJSON), 200)
	want(t, s.do(http.MethodPost, "/v1/session", `{"link":"`+link()+`"}`, asJSON), 200)
}

func TestTokens(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.account("chief", geo.Administrator, geo.Security)
	s.account("analyst", geo.Editor, geo.Security)
	cookie, csrf := s.signedIn("chief")
	other, otherCSRF := s.signedIn("analyst")
	wantProblem(t, s.get("/v1/tokens"), 401, geo.CodeUnauthenticated)
	wantProblem(t, s.get("/v1/tokens", other), 403, geo.CodeForbidden)
	body := `{"name":"gis","role":"editor","audience":"sec","layers":["ports","places"],"expires_at":"2025-06-01T00:00:00Z"}`
	wantProblem(t, s.do(http.MethodPost, "/v1/tokens", body, asJSON, other, otherCSRF), 403, geo.CodeForbidden)
	bad := wantProblem(t, s.do(http.MethodPost, "/v1/tokens", `{"name":"","role":"king","audience":"ops","layers":["x"],"expires_at":"2035-01-01"}`, asJSON, cookie, csrf), 400, geo.CodeInvalid)
	if len(bad.Errors) != 5 {
		t.Errorf("%+v", bad.Errors)
	}
	made := decodeBody[tokenView](t, want(t, s.do(http.MethodPost, "/v1/tokens", body, asJSON, cookie, csrf), http.StatusCreated))
	if !strings.HasPrefix(made.Token, auth.TokenPrefix) || !slices.Equal(made.Layers, []string{"places", "ports"}) {
		t.Fatalf("%+v", made)
	}
	if list := want(t, s.get("/v1/tokens", cookie), 200).Body.String(); strings.Contains(list, made.Token) || !strings.Contains(list, made.ID) {
		t.Errorf("the list is %s", list)
	}
	s.place(1, -72, 18.5)
	items := "/collections/places/items"
	for name, o := range map[string]option{
		"bearer": bearer(made.Token),
		"basic":  func(r *http.Request) { r.SetBasicAuth("anybody", made.Token) },
		"query":  func(r *http.Request) { r.URL.RawQuery = "token=" + made.Token },
	} {
		w := want(t, s.get(items, o), 200)
		if w.Header().Get("Pasaj-Audience") != "sec" || strings.Contains(w.Body.String(), made.Token) {
			t.Errorf("%s: audience %s", name, w.Header().Get("Pasaj-Audience"))
		}
	}
	wantProblem(t, s.get("/collections/controlled-zones/items", bearer(made.Token)), 404, geo.CodeNotFound)
	wantProblem(t, s.get("/v1/coverage", bearer(made.Token)), 403, geo.CodeForbidden)
	wantProblem(t, s.do(http.MethodPost, "/v1/passage", `{"line":[[-72,18.5],[-72.1,18.5]]}`, asJSON, bearer(made.Token)), 403, geo.CodeForbidden)
	wantProblem(t, s.get("/v1/tokens", bearer(made.Token)), 403, geo.CodeForbidden)
	for name, o := range map[string]option{
		"garbage": bearer("pasaj_x"), "empty": bearer(""), "scheme": with("Authorization", "Digest x"), "unknown": bearer(auth.NewSecret(auth.TokenPrefix)),
	} {
		w := s.get(items, o)
		wantProblem(t, w, 401, geo.CodeUnauthenticated)
		if got := w.Header().Get("WWW-Authenticate"); !strings.Contains(got, "invalid_token") {
			t.Errorf("%s: challenge %q", name, got)
		}
	}
	want(t, s.do(http.MethodDelete, "/v1/tokens/"+made.ID, "", cookie, csrf), http.StatusNoContent)
	wantProblem(t, s.get(items, bearer(made.Token)), 401, geo.CodeUnauthenticated)
	again := decodeBody[tokenView](t, want(t, s.do(http.MethodPost, "/v1/tokens", body, asJSON, cookie, csrf), http.StatusCreated))
	want(t, s.get(items, bearer(again.Token)), 200)
	s.record.now = s.record.now.Add(100 * 24 * time.Hour)
	wantProblem(t, s.get(items, bearer(again.Token)), 401, geo.CodeUnauthenticated)
}

func TestPrincipalsAreCachedUntilDropped(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.place(1, -72, 18.5)
	secret := s.record.token(geo.Reader, geo.Humanitarian)
	for range 5 {
		want(t, s.get("/collections/places/items", bearer(secret)), 200)
	}
	if s.record.asked != 1 {
		t.Errorf("the record was asked %d times", s.record.asked)
	}
	for d, token := range s.record.byToken {
		token.RevokedAt = began
		s.record.byToken[d] = token
	}
	want(t, s.get("/collections/places/items", bearer(secret)), 200)
	s.Authenticator().Cache.Drop()
	wantProblem(t, s.get("/collections/places/items", bearer(secret)), 401, geo.CodeUnauthenticated)
}

func TestMetricsAreForTheMachine(t *testing.T) {
	t.Parallel()
	s := start(t)
	s.get("/healthz")
	from := func(address string) option { return func(r *http.Request) { r.RemoteAddr = address } }
	w := want(t, s.get("/metrics", from("127.0.0.1:5")), 200)
	if !strings.Contains(w.Body.String(), `pasaj_requests_total{operation="getHealth",status="200"} 1`) {
		t.Errorf("figures: %s", w.Body)
	}
	wantProblem(t, s.get("/metrics", from("192.0.2.1:5")), 401, geo.CodeUnauthenticated)
	wantProblem(t, s.get("/metrics", from("127.0.0.1:5"), with("X-Forwarded-For", "192.0.2.1")), 401, geo.CodeUnauthenticated)
	want(t, s.get("/metrics", from("192.0.2.1:5"), bearer(s.record.token(geo.Administrator, geo.Security))), 200)
}
