package auth

import (
	"context"
	"time"

	"pasaj/geo"
)

// SessionLife is how long a session lasts.
const SessionLife = 12 * time.Hour

// CodeSignInFailed says that name and password do not fit; it never says which.
const CodeSignInFailed geo.Code = "sign_in_failed"

const maxNameBytes = 100

// Credentials are what somebody signs in with: a name and a password, or a
// one-time link with or without a new password.
type Credentials struct {
	Name     string `json:"name"`
	Password string `json:"password"`
	Link     string `json:"link"`
}

// SignIn checks credentials that come from an address and opens a session; the
// identity carries its secret for the cookie. Errors: sign_in_failed,
// too_many_requests, invalid for a password that cannot be set, unavailable.
func (a *Authenticator) SignIn(ctx context.Context, c Credentials, address string) (Identity, string, error) {
	if !a.byAddress.allow(address, a.now()) || c.Link == "" && !a.byName.allow(c.Name[:min(len(c.Name), maxNameBytes)], a.now()) {
		return Identity{}, "", geo.Errorf(geo.CodeTooManyRequests, "", "signing in was tried too often: wait a minute")
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var account geo.Account
	var err error
	if c.Link != "" {
		account, err = a.redeem(ctx, c)
	} else {
		account, err = a.check(ctx, c)
	}
	if err != nil {
		return Identity{}, "", err
	}
	secret := NewSecret("")
	expires := a.now().Add(SessionLife).UTC().Truncate(time.Second)
	if err := a.store.CreateSession(ctx, DigestOf(secret), account.Name, expires); err != nil {
		return Identity{}, "", err
	}
	return Identity{Principal: geo.Principal{Account: account}, Means: Session, Expires: expires, secret: secret}, secret, nil
}

func failed() error {
	return geo.Errorf(CodeSignInFailed, "", "the name or the password is wrong")
}

func (a *Authenticator) check(ctx context.Context, c Credentials) (geo.Account, error) {
	if c.Name == "" || len(c.Name) > maxNameBytes || len(c.Password) > MaxPassword {
		return geo.Account{}, failed()
	}
	account, hash, err := a.store.Account(ctx, c.Name)
	switch {
	case geo.CodeOf(err) == geo.CodeNotFound, err == nil && account.Disabled:
		hash = ""
	case err != nil:
		return geo.Account{}, err
	}
	ok, err := a.Passwords.Matches(ctx, c.Password, hash)
	if err != nil {
		return geo.Account{}, err
	}
	if !ok {
		return geo.Account{}, failed()
	}
	return account, nil
}

func (a *Authenticator) redeem(ctx context.Context, c Credentials) (geo.Account, error) {
	if c.Password != "" {
		if err := a.Passwords.Check(c.Password); err != nil {
			return geo.Account{}, err // before the link is spent
		}
	}
	spent := geo.Errorf(CodeSignInFailed, "", "the link was used already or has expired: ask for a new one")
	if !wellFormed(c.Link, "") {
		return geo.Account{}, spent
	}
	hash := ""
	var err error
	if c.Password != "" {
		if hash, err = a.Passwords.Hash(ctx, c.Password); err != nil {
			return geo.Account{}, err
		}
	}
	account, err := a.store.RedeemLink(ctx, DigestOf(c.Link))
	switch geo.CodeOf(err) {
	case geo.CodeNotFound, geo.CodeGone, geo.CodeUnauthenticated, geo.CodeForbidden:
		return geo.Account{}, spent
	}
	if err != nil {
		return geo.Account{}, err
	}
	if account.Disabled {
		return geo.Account{}, spent
	}
	if hash != "" {
		if err := a.store.SetPassword(ctx, account.Name, hash); err != nil {
			return geo.Account{}, err
		}
	}
	return account, nil
}

// SignOut ends a session.
func (a *Authenticator) SignOut(ctx context.Context, i Identity) error {
	if i.Means != Session {
		return nil
	}
	d := DigestOf(i.secret)
	if err := a.store.DeleteSession(ctx, d); err != nil && geo.CodeOf(err) != geo.CodeNotFound {
		return err
	}
	a.Cache.forget(d)
	return nil
}
