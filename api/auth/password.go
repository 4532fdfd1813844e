package auth

import (
	"context"
	"fmt"
	"sync"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"pasaj/geo"
)

// Limits of a password, in characters and bytes.
const (
	MinPassword = 12
	MaxPassword = 1000
)

// Passwords hashes and checks passwords with argon2id, a bounded number at a
// time.
type Passwords struct {
	params *argon2id.Params
	room   chan struct{}
	once   sync.Once
	dummy  string
}

// NewPasswords uses the cost recommended for argon2id by RFC 9106, section 4,
// second choice: 64 MiB and three passes.
func NewPasswords() *Passwords {
	return newPasswords(&argon2id.Params{Memory: 64 << 10, Iterations: 3, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}

// NewFastPasswords is for tests: the same form at next to no cost.
func NewFastPasswords() *Passwords {
	return newPasswords(&argon2id.Params{Memory: 64, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32})
}

func newPasswords(p *argon2id.Params) *Passwords {
	return &Passwords{params: p, room: make(chan struct{}, 2)}
}

// Check refuses a new password that is too short or too long.
func (p *Passwords) Check(password string) *geo.Error {
	switch {
	case !utf8.ValidString(password):
		return geo.Errorf(geo.CodeInvalid, "/password", "a password is UTF-8 text")
	case utf8.RuneCountInString(password) < MinPassword:
		return geo.Errorf(geo.CodeInvalid, "/password", "a password needs at least %d characters", MinPassword)
	case len(password) > MaxPassword:
		return geo.Errorf(geo.CodeInvalid, "/password", "a password may have at most %d bytes", MaxPassword)
	}
	return nil
}

// Hash gives the argon2id hash of a password in PHC form.
func (p *Passwords) Hash(ctx context.Context, password string) (string, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(password, p.params)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// Matches compares a password with a hash. An empty hash never matches but
// costs the same, so that time does not tell which names exist.
func (p *Passwords) Matches(ctx context.Context, password, hash string) (bool, error) {
	leave, err := p.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, p.dummyHash())
		return false, err
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return ok, nil
}

func (p *Passwords) enter(ctx context.Context) (leave func(), err error) {
	select {
	case p.room <- struct{}{}:
		return func() { <-p.room }, nil
	case <-ctx.Done():
		return nil, geo.Errorf(geo.CodeTooManyRequests, "", "too many people sign in at this moment; try again").WithCause(ctx.Err())
	}
}

func (p *Passwords) dummyHash() string {
	p.once.Do(func() {
		if hash, err := argon2id.CreateHash(NewSecret(""), p.params); err == nil {
			p.dummy = hash
		}
	})
	return p.dummy
}
