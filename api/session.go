package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"

	"pasaj/api/auth"
	"pasaj/geo"
)

type accountView struct {
	Name     string `json:"name"`
	Role     string `json:"role"`
	Audience string `json:"audience"`
}

type sessionView struct {
	Account  *accountView `json:"account"`
	Audience string       `json:"audience"`
	CSRF     *string      `json:"csrf"`
}

func viewOfSession(who auth.Identity) sessionView {
	out := sessionView{Audience: who.Audience.String()}
	if !who.Anonymous() {
		out.Account = &accountView{who.Name, string(who.Role), who.Audience.String()}
	}
	if csrf := who.CSRF(); csrf != "" {
		out.CSRF = &csrf
	}
	return out
}

func (s *Server) session(c *call) error {
	return c.private(http.StatusOK, viewOfSession(c.who))
}

// signIn opens a session. A session that the browser had before ends.
func (s *Server) signIn(c *call) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	var credentials auth.Credentials
	if err := strict(raw, &credentials); err != nil {
		return err
	}
	before := c.who
	who, secret, err := s.auth.SignIn(c.context(), credentials, c.echo.RealIP())
	if err != nil {
		return err
	}
	_ = s.auth.SignOut(c.context(), before) // it ends by itself otherwise
	http.SetCookie(c.echo.Response(), s.sessionCookie(c.echo, secret, int(auth.SessionLife/time.Second)))
	c.header()["Pasaj-Audience"] = []string{who.Audience.String()}
	return c.private(http.StatusOK, viewOfSession(who))
}

func (s *Server) signOut(c *call) error {
	if err := s.auth.SignOut(c.context(), c.who); err != nil {
		return err
	}
	http.SetCookie(c.echo.Response(), s.sessionCookie(c.echo, "", -1))
	c.header()["Cache-Control"] = noStore
	c.echo.Response().WriteHeader(http.StatusNoContent)
	return nil
}

func (s *Server) sessionCookie(c echo.Context, secret string, maxAge int) *http.Cookie {
	return &http.Cookie{
		Name: auth.CookieName, Value: secret, Path: "/", MaxAge: maxAge,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.scheme(c.Request()) == "https",
	}
}

// strict reads a JSON object without unknown members.
func strict(raw []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		pointer := ""
		var typed *json.UnmarshalTypeError
		if errors.As(err, &typed) && typed.Field != "" {
			pointer = "/" + strings.ReplaceAll(typed.Field, ".", "/")
		} else if name, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			if name, err = strconv.Unquote(name); err == nil && len(name) <= 40 {
				pointer = "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(name)
			}
		}
		return geo.Errorf(geo.CodeInvalid, pointer, "the body is not of the form asked for")
	}
	if d.More() {
		return geo.Errorf(geo.CodeInvalid, "", "there is something after the object")
	}
	return nil
}

type tokenView struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Role      string   `json:"role"`
	Audience  string   `json:"audience"`
	Layers    []string `json:"layers"`
	ExpiresAt any      `json:"expires_at"`
	CreatedAt any      `json:"created_at"`
	CreatedBy string   `json:"created_by"`
	RevokedAt any      `json:"revoked_at"`
	Token     string   `json:"token,omitempty"` // only where it was just made
}

func viewOfToken(t geo.Token) tokenView {
	return tokenView{
		ID: t.ID.String(), Name: t.Name, Role: string(t.Role), Audience: t.Audience.String(), Layers: t.Layers, CreatedBy: t.CreatedBy,
		ExpiresAt: instantOrNil(t.ExpiresAt), CreatedAt: instantOrNil(t.CreatedAt), RevokedAt: instantOrNil(t.RevokedAt),
	}
}

func (s *Server) tokens(c *call) error {
	list, err := s.options.Tokens.Tokens(c.context())
	if err != nil {
		return unavailable(err)
	}
	out := make([]tokenView, len(list))
	for i, t := range list {
		out[i] = viewOfToken(t)
	}
	return c.private(http.StatusOK, map[string]any{"tokens": out})
}

type tokenInput struct {
	Name      string   `json:"name"`
	Role      string   `json:"role"`
	Audience  string   `json:"audience"`
	Layers    []string `json:"layers"`
	ExpiresAt string   `json:"expires_at"`
}

// longestToken is how long a token may be good for.
const longestToken = 366 * 24 * time.Hour

// createToken makes a token and shows its secret once. Nobody can give away
// more than they have: the audience is the maker's own or the public.
func (s *Server) createToken(c *call) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	var in tokenInput
	if err := strict(raw, &in); err != nil {
		return err
	}
	t, err := in.token(c.who.Principal, s.options.Now())
	if err != nil {
		return err
	}
	secret := auth.NewSecret(auth.TokenPrefix)
	if err := s.options.Tokens.CreateToken(c.context(), t, auth.DigestOf(secret)); err != nil {
		return err
	}
	out := viewOfToken(t)
	out.Token = secret
	c.header().Set("Location", s.base(c.echo.Request())+"/v1/tokens/"+t.ID.String())
	return c.private(http.StatusCreated, out)
}

func (in tokenInput) token(maker geo.Principal, now time.Time) (geo.Token, error) {
	t := geo.Token{ID: uuid.New(), Name: in.Name, Layers: in.Layers, CreatedAt: now.UTC().Truncate(time.Microsecond), CreatedBy: maker.Name}
	var errs geo.Errors
	fault := func(pointer, format string, args ...any) {
		errs = append(errs, geo.Errorf(geo.CodeInvalid, pointer, format, args...))
	}
	if in.Name == "" || len(in.Name) > 100 {
		fault("/name", "a name of 1 to 100 bytes is needed")
	}
	var err error
	if t.Role, err = geo.ParseRole(in.Role); err != nil {
		fault("/role", "%s", err)
	} else if !maker.Role.AtLeast(t.Role) {
		fault("/role", "the role is above your own")
	}
	if t.Audience, err = geo.ParseAudience(in.Audience); err != nil {
		fault("/audience", "%s", err)
	} else if t.Audience != maker.Audience && t.Audience != geo.Public {
		fault("/audience", "the audience is your own (%s) or public", maker.Audience)
	}
	if in.Layers != nil && len(in.Layers) == 0 {
		fault("/layers", "null allows all layers; a list names at least one")
	}
	for _, name := range in.Layers {
		if _, ok := geo.LayerByName(name); !ok {
			fault("/layers", "there is no layer %q", shorten(name))
		}
	}
	slices.Sort(t.Layers)
	t.Layers = slices.Compact(t.Layers)
	if t.ExpiresAt, err = geo.ParseInstant(in.ExpiresAt); err != nil {
		fault("/expires_at", "%s", err)
	} else if !t.ExpiresAt.After(now) || t.ExpiresAt.After(now.Add(longestToken)) {
		fault("/expires_at", "a token ends in the future, within 366 days")
	}
	return t, errs.OrNil()
}

func (s *Server) revokeToken(c *call) error {
	if err := s.options.Tokens.RevokeToken(c.context(), c.args.id); err != nil {
		return err
	}
	s.auth.Cache.Drop()
	c.header()["Cache-Control"] = noStore
	c.echo.Response().WriteHeader(http.StatusNoContent)
	return nil
}
