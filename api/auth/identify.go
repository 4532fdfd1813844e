package auth

import (
	"context"
	"encoding/base64"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/singleflight"

	"pasaj/geo"
)

// CookieName is the name of the session cookie.
const CookieName = "pasaj_session"

// CodeSessionExpired says that a session cookie is worth nothing any more; the
// answer removes it, so that the next request comes as the public.
const CodeSessionExpired geo.Code = "session_expired"

// CodeCSRF says that a change from a browser does not carry its session's token.
const CodeCSRF geo.Code = "csrf_failed"

// Store is what the package needs of the record. Unknown, expired, revoked and
// disabled digests are errors of code not_found or unauthenticated.
type Store interface {
	Account(ctx context.Context, name string) (geo.Account, string, error)
	SetPassword(ctx context.Context, name, hash string) error
	CreateSession(ctx context.Context, digest [32]byte, name string, expires time.Time) error
	Session(ctx context.Context, digest [32]byte) (geo.Principal, time.Time, error)
	DeleteSession(ctx context.Context, digest [32]byte) error
	TokenPrincipal(ctx context.Context, digest [32]byte) (geo.Principal, time.Time, error)
	RedeemLink(ctx context.Context, digest [32]byte) (geo.Account, error)
}

// Means is how somebody proved who they are.
type Means uint8

// The means.
const (
	None    Means = iota // the anonymous public
	Session              // a cookie
	Token                // a bearer token
)

// Identity is who a request comes from.
type Identity struct {
	geo.Principal
	Means   Means
	Expires time.Time // zero for the public
	secret  string
}

// CSRF is the token that the identity's page sends with changes; "" for
// others than sessions.
func (i Identity) CSRF() string {
	if i.Means != Session {
		return ""
	}
	return CSRFToken(i.secret)
}

// ValidCSRF reports whether a change may come with this token: always, unless
// the request was authenticated by a cookie that browsers send by themselves.
func (i Identity) ValidCSRF(token string) bool {
	return i.Means != Session || validCSRF(i.secret, token)
}

// Authenticator finds out who requests come from and signs people in.
type Authenticator struct {
	Cache     *Cache
	Passwords *Passwords
	store     Store
	now       func() time.Time
	flights   singleflight.Group
	byAddress *limiter
	byName    *limiter
}

// New makes an authenticator over the record.
func New(store Store, passwords *Passwords, now func() time.Time) *Authenticator {
	return &Authenticator{
		Cache: newCache(), Passwords: passwords, store: store, now: now,
		byAddress: newLimiter(6*time.Second, 10),
		byName:    newLimiter(6*time.Second, 20),
	}
}

// Presented is the secret that a request presents and by which means. The
// Authorization header (Bearer, or Basic with the token as the password) comes
// before the token parameter, and that before the cookie.
func Presented(r *http.Request, parameter string) (secret string, means Means) {
	if header := r.Header.Get("Authorization"); header != "" {
		scheme, rest, _ := strings.Cut(header, " ")
		rest = strings.TrimSpace(rest)
		switch strings.ToLower(scheme) {
		case "bearer":
			return rest, Token
		case "basic":
			raw, err := base64.StdEncoding.DecodeString(rest)
			_, password, ok := strings.Cut(string(raw), ":")
			if err != nil || !ok {
				return "", Token
			}
			return password, Token
		}
		return "", Token
	}
	if parameter != "" {
		return parameter, Token
	}
	if header := r.Header["Cookie"]; header != nil {
		if c, err := r.Cookie(CookieName); err == nil {
			return c.Value, Session
		}
	}
	return "", None
}

// Identify finds out who presents a secret. Errors: unauthenticated for a bad
// token, session_expired for a bad cookie, unavailable where the record cannot
// be asked.
func (a *Authenticator) Identify(ctx context.Context, secret string, means Means) (Identity, error) {
	if means == None {
		return Identity{}, nil
	}
	prefix := ""
	if means == Token {
		prefix = TokenPrefix
	}
	if !wellFormed(secret, prefix) {
		return Identity{}, worthless(means)
	}
	e, err := a.lookup(ctx, DigestOf(secret), means)
	if err != nil {
		return Identity{}, err
	}
	if e.refused || !a.now().Before(e.expires) || e.principal.Disabled || e.principal.Anonymous() {
		return Identity{}, worthless(means)
	}
	return Identity{Principal: e.principal, Means: means, Expires: e.expires, secret: secret}, nil
}

func worthless(means Means) error {
	if means == Session {
		return geo.Errorf(CodeSessionExpired, "", "the session has ended: sign in again")
	}
	return geo.Errorf(geo.CodeUnauthenticated, "", "the token is unknown, expired or revoked")
}

func (a *Authenticator) lookup(ctx context.Context, d Digest, means Means) (entry, error) {
	kept, generation, found := a.Cache.get(d)
	age := a.now().Sub(kept.asked)
	if found && !kept.doubted && (age < refused || !kept.refused && age < fresh) {
		return kept, nil
	}
	believed := found && !kept.refused && age < stale
	if believed && a.Cache.failedSince(a.now().Add(-silent)) {
		return kept, nil
	}
	result := a.flights.DoChan(string(d[:]), func() (any, error) {
		asking, cancel := context.WithTimeout(context.WithoutCancel(ctx), 3*time.Second)
		defer cancel()
		return a.ask(asking, d, means, generation)
	})
	var got singleflight.Result
	select {
	case got = <-result:
	case <-ctx.Done():
		return entry{}, ctx.Err()
	}
	if got.Err == nil {
		return got.Val.(entry), nil
	}
	a.Cache.fail(a.now())
	if believed {
		return kept, nil
	}
	return entry{}, geo.Errorf(geo.CodeUnavailable, "", "who you are cannot be checked at this moment").WithCause(got.Err)
}

// ask asks the record. An answer, also a refusal, is no error.
func (a *Authenticator) ask(ctx context.Context, d Digest, means Means, generation uint64) (entry, error) {
	e := entry{digest: d, asked: a.now()}
	var err error
	if means == Session {
		e.principal, e.expires, err = a.store.Session(ctx, d)
	} else {
		e.principal, e.expires, err = a.store.TokenPrincipal(ctx, d)
	}
	switch geo.CodeOf(err) {
	case geo.CodeNotFound, geo.CodeUnauthenticated, geo.CodeForbidden, geo.CodeGone:
		e = entry{digest: d, asked: e.asked, refused: true}
	default:
		if err != nil {
			return entry{}, err
		}
	}
	a.Cache.put(e, generation)
	return e, nil
}
