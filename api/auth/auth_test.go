package auth

import (
	"context"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"pasaj/geo"
)

var now = time.Date(2025, 3, 1, 12, 0, 0, 0, time.UTC)

// store answers from maps, and can be out of reach.
type store struct {
	mu       sync.Mutex
	down     bool
	asked    int
	sessions map[[32]byte]geo.Principal
	block    chan struct{}
}

var errDown = geo.Errorf(geo.CodeUnavailable, "", "out of reach")

func (s *store) Session(_ context.Context, d [32]byte) (geo.Principal, time.Time, error) {
	if s.block != nil {
		<-s.block
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	if s.down {
		return geo.Principal{}, time.Time{}, errDown
	}
	p, ok := s.sessions[d]
	if !ok {
		return geo.Principal{}, time.Time{}, geo.Errorf(geo.CodeNotFound, "", "no session")
	}
	return p, now.Add(time.Hour), nil
}

func (s *store) Account(context.Context, string) (geo.Account, string, error) {
	return geo.Account{}, "", errDown
}
func (s *store) SetPassword(context.Context, string, string) error                { return errDown }
func (s *store) CreateSession(context.Context, [32]byte, string, time.Time) error { return errDown }
func (s *store) DeleteSession(context.Context, [32]byte) error                    { return nil }
func (s *store) RedeemLink(context.Context, [32]byte) (geo.Account, error) {
	return geo.Account{}, errDown
}
func (s *store) TokenPrincipal(context.Context, [32]byte) (geo.Principal, time.Time, error) {
	return geo.Principal{}, time.Time{}, errors.New("not asked here")
}

func newStore(secrets ...string) *store {
	s := &store{sessions: map[[32]byte]geo.Principal{}}
	for _, secret := range secrets {
		s.sessions[DigestOf(secret)] = geo.Principal{Account: geo.Account{Name: "analyst", Role: geo.Reader, Audience: geo.Humanitarian}}
	}
	return s
}

func TestWhoIsBelievedForHowLong(t *testing.T) {
	t.Parallel()
	good, bad := NewSecret(""), NewSecret("")
	s := newStore(good)
	at := now
	a := New(s, NewFastPasswords(), func() time.Time { return at })
	identify := func(secret string) geo.Code {
		_, err := a.Identify(t.Context(), secret, Session)
		return geo.CodeOf(err)
	}
	for _, step := range []struct {
		name   string
		after  time.Duration
		down   bool
		secret string
		code   geo.Code
		asked  int
	}{
		{"first", 0, false, good, "", 1},
		{"cached", 59 * time.Second, false, good, "", 1},
		{"asked again", 61 * time.Second, false, good, "", 2},
		{"out of reach", 5 * time.Minute, true, good, "", 3},
		{"still believed", 15 * time.Minute, true, good, "", 4},
		{"no longer", 17 * time.Minute, true, good, geo.CodeUnavailable, 5},
		{"unknown meanwhile", 17 * time.Minute, true, bad, geo.CodeUnavailable, 6},
		{"back", 17 * time.Minute, false, good, "", 7},
		{"worthless", 17 * time.Minute, false, bad, CodeSessionExpired, 8},
		{"worthless is cached", 17*time.Minute + 9*time.Second, false, bad, CodeSessionExpired, 8},
		{"but briefly", 17*time.Minute + 11*time.Second, false, bad, CodeSessionExpired, 9},
		{"expired", 61 * time.Minute, true, good, geo.CodeUnavailable, 10},
		{"expired and known", 61 * time.Minute, false, good, CodeSessionExpired, 11},
		{"malformed is not asked", 61 * time.Minute, false, "x", CodeSessionExpired, 11},
	} {
		at = now.Add(step.after)
		s.down = step.down
		if got := identify(step.secret); got != step.code || s.asked != step.asked {
			t.Errorf("%s: code %q, asked %d times; want %q, %d", step.name, got, s.asked, step.code, step.asked)
		}
	}
}

func TestDropWinsOverAnAnswerOnItsWay(t *testing.T) {
	t.Parallel()
	secret := NewSecret("")
	s := newStore(secret)
	s.block = make(chan struct{})
	a := New(s, NewFastPasswords(), func() time.Time { return now })
	done := make(chan error)
	go func() {
		_, err := a.Identify(context.Background(), secret, Session)
		done <- err
	}()
	s.block <- struct{}{} // the record has been asked
	a.Cache.Drop()
	close(s.block)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if _, err := a.Identify(t.Context(), secret, Session); err != nil {
		t.Fatal(err)
	}
	if s.asked < 1 || s.asked > 2 {
		t.Errorf("asked %d times", s.asked)
	}
}

func TestDoubtAsksAgainWhereItCan(t *testing.T) {
	t.Parallel()
	secret := NewSecret("")
	s := newStore(secret)
	a := New(s, NewFastPasswords(), func() time.Time { return now })
	identify := func() geo.Code {
		_, err := a.Identify(t.Context(), secret, Session)
		return geo.CodeOf(err)
	}
	if code := identify(); code != "" {
		t.Fatal(code)
	}
	a.Cache.Doubt()
	s.down = true
	if code := identify(); code != "" || s.asked != 2 {
		t.Errorf("out of reach: %q, asked %d times", code, s.asked)
	}
	s.down = false
	s.sessions = nil
	a.Cache.Doubt() // as the follower does when it hears the record again
	if code := identify(); code != CodeSessionExpired {
		t.Errorf("within reach and gone: %q", code)
	}
	a.Cache.Drop()
	s.down = true
	if code := identify(); code != geo.CodeUnavailable {
		t.Errorf("dropped and out of reach: %q", code)
	}
}

// A record that hangs is not asked at every request who somebody is that it
// has told before; when it tells of a change it is.
func TestASilentRecordIsLeftAlone(t *testing.T) {
	t.Parallel()
	one, two, stranger := NewSecret(""), NewSecret(""), NewSecret("")
	s := newStore(one, two)
	at := now
	a := New(s, NewFastPasswords(), func() time.Time { return at })
	for _, step := range []struct {
		name   string
		after  time.Duration
		down   bool
		doubt  bool
		secret string
		code   geo.Code
		asked  int
	}{
		{"first", 0, false, false, one, "", 1},
		{"second", 0, false, false, two, "", 2},
		{"out of reach", 2 * time.Minute, true, false, one, "", 3},
		{"the other is not asked about", 2 * time.Minute, true, false, two, "", 3},
		{"nor the one", 2*time.Minute + 9*time.Second, true, false, one, "", 3},
		{"a stranger is", 2*time.Minute + 9*time.Second, true, false, stranger, geo.CodeUnavailable, 4},
		{"after a while", 2*time.Minute + 20*time.Second, true, false, two, "", 5},
		{"told of a change", 2*time.Minute + 21*time.Second, false, true, two, "", 6},
		{"and so all", 2*time.Minute + 21*time.Second, false, false, one, "", 7},
	} {
		at = now.Add(step.after)
		s.down = step.down
		if step.doubt {
			a.Cache.Doubt()
		}
		_, err := a.Identify(t.Context(), step.secret, Session)
		if got := geo.CodeOf(err); got != step.code || s.asked != step.asked {
			t.Errorf("%s: code %q, asked %d times; want %q, %d", step.name, got, s.asked, step.code, step.asked)
		}
	}
}

func TestManyAtOnceAskOnce(t *testing.T) {
	t.Parallel()
	secret := NewSecret("")
	s := newStore(secret)
	a := New(s, NewFastPasswords(), func() time.Time { return now })
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			if who, err := a.Identify(t.Context(), secret, Session); err != nil || who.Name != "analyst" {
				t.Errorf("%+v, %v", who, err)
			}
		})
	}
	group.Wait()
	if s.asked > 2 {
		t.Errorf("asked %d times", s.asked)
	}
}

func TestPresented(t *testing.T) {
	t.Parallel()
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	for _, c := range []struct {
		authorization, cookie, parameter string
		secret                           string
		means                            Means
	}{
		{"", "", "", "", None},
		{"Bearer abc", "c", "p", "abc", Token},
		{"bearer  abc ", "", "", "abc", Token},
		{basic("anybody:abc"), "", "", "abc", Token},
		{basic("no colon"), "", "", "", Token},
		{"Basic !!!", "", "", "", Token},
		{"Digest x", "c", "", "", Token}, // never silently another means
		{"", "c", "p", "p", Token},
		{"", "c", "", "c", Session},
	} {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		if c.authorization != "" {
			r.Header.Set("Authorization", c.authorization)
		}
		if c.cookie != "" {
			r.AddCookie(&http.Cookie{Name: CookieName, Value: c.cookie})
		}
		if secret, means := Presented(r, c.parameter); secret != c.secret || means != c.means {
			t.Errorf("%+v: %q, %d", c, secret, means)
		}
	}
}

func FuzzPresented(f *testing.F) {
	f.Add("Bearer pasaj_x", "pasaj_session=a", "t")
	f.Add("Basic Og==", "=", "")
	a := New(newStore(), NewFastPasswords(), func() time.Time { return now })
	f.Fuzz(func(t *testing.T, authorization, cookie, parameter string) {
		r, _ := http.NewRequest(http.MethodGet, "/", nil)
		r.Header.Set("Authorization", authorization)
		r.Header.Set("Cookie", cookie)
		secret, means := Presented(r, parameter)
		if (authorization != "" || parameter != "") && means != Token {
			t.Fatalf("credentials were presented, but the means are %d", means)
		}
		if who, err := a.Identify(context.Background(), secret, means); means != None && err == nil {
			t.Fatalf("%q is taken for %+v", secret, who)
		}
	})
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	p := NewFastPasswords()
	hash, err := p.Hash(t.Context(), "correct horse battery")
	if err != nil || !strings.HasPrefix(hash, "$argon2id$") {
		t.Fatalf("%q, %v", hash, err)
	}
	for password, wanted := range map[string]bool{"correct horse battery": true, "correct horse batterz": false, "": false} {
		if ok, err := p.Matches(t.Context(), password, hash); ok != wanted || err != nil {
			t.Errorf("%q: %v, %v", password, ok, err)
		}
		if ok, err := p.Matches(t.Context(), password, ""); ok || err != nil {
			t.Errorf("no hash: %v, %v", ok, err)
		}
	}
	for password, good := range map[string]bool{"eleven char": false, "twelve chars": true, "douzelettrée": true, strings.Repeat("x", 1001): false, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff": false} {
		if (p.Check(password) == nil) != good {
			t.Errorf("%q: %v", password, p.Check(password))
		}
	}
	// Where all places are taken a caller waits no longer than its context.
	p.room <- struct{}{}
	p.room <- struct{}{}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := p.Hash(ended, "correct horse battery"); geo.CodeOf(err) != geo.CodeTooManyRequests {
		t.Errorf("a full house: %v", err)
	}
}

func TestCSRFTokensFitOneSession(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := rapid.StringMatching("[A-Za-z0-9_-]{43}").Draw(t, "a"), rapid.StringMatching("[A-Za-z0-9_-]{43}").Draw(t, "b")
		one := Identity{Means: Session, secret: a}
		if !one.ValidCSRF(one.CSRF()) || one.ValidCSRF("") || one.ValidCSRF(a) {
			t.Fatal("a session's own token does not fit, or another does")
		}
		if other := (Identity{Means: Session, secret: b}); a != b && other.ValidCSRF(one.CSRF()) {
			t.Fatal("a token fits another session")
		}
	})
}

func TestLimiterForgetsTheOldest(t *testing.T) {
	l := newLimiter(time.Minute, 2)
	l.most = 10
	if !l.allow("a", now) || !l.allow("a", now) || l.allow("a", now) || !l.allow("a", now.Add(time.Minute)) {
		t.Error("two at once, then one a minute")
	}
	for n := range 100 {
		l.allow(strings.Repeat("x", n), now)
	}
	if l.order.Len() != 10 || len(l.byKey) != 10 {
		t.Errorf("%d and %d keys are kept", l.order.Len(), len(l.byKey))
	}
}

func TestSecretsAreDigestedAsTheyTravel(t *testing.T) {
	s := NewSecret(TokenPrefix)
	if !wellFormed(s, TokenPrefix) || wellFormed(s, "") || wellFormed(s+"x", TokenPrefix) || DigestOf(s) == DigestOf(strings.TrimPrefix(s, TokenPrefix)) {
		t.Error(s)
	}
}
