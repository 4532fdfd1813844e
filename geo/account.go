package geo

import (
	"slices"
	"time"

	"github.com/google/uuid"
)

// Role is what an account or token may do; what it may see is its audience.
type Role string

// The roles. Each may do what the one before it may.
const (
	Reader        Role = "reader"
	Editor        Role = "editor"        // may change features within reach
	Administrator Role = "administrator" // may also manage accounts and tokens
)

// Roles lists every role in ascending order.
func Roles() []Role { return []Role{Reader, Editor, Administrator} }

// ParseRole reads a role's name; anything else is an error of code invalid.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", Errorf(CodeInvalid, "", "unknown role %q: one of reader, editor, administrator", truncate(s, 40))
}

// AtLeast reports whether r may do everything that other may.
func (r Role) AtLeast(other Role) bool {
	return slices.Contains(Roles(), r) && slices.Index(Roles(), r) >= slices.Index(Roles(), other)
}

// Account is somebody who signs in. Names are functions or handles; the record
// keeps nothing else about a person.
type Account struct {
	Name      string
	Role      Role
	Audience  Audience
	Disabled  bool
	CreatedAt time.Time
}

// Token is a machine's access: a role and an audience of its own, narrowed to
// layers, until a date. Its secret is never stored, only a digest.
type Token struct {
	ID        uuid.UUID
	Name      string
	Role      Role
	Audience  Audience
	Layers    []string // names of layers; nil allows all of the audience's
	ExpiresAt time.Time
	CreatedAt time.Time
	CreatedBy string
	RevokedAt time.Time // zero while it stands
}

// Principal is who a request comes from: an account by its session, or a token.
// The zero Principal is the anonymous public.
type Principal struct {
	Account
	Layers  []string  // of a token; nil allows all
	TokenID uuid.UUID // zero for a session
}

// Anonymous reports that nobody has signed in.
func (p Principal) Anonymous() bool { return p.Name == "" }

// Author is how the principal signs changes.
func (p Principal) Author() Author { return Author{Name: p.Name, Audience: p.Audience} }

// MayRead reports whether the principal may read a layer: one that the audience
// holds, or for editors raw material of the record, within the token's layers.
func (p Principal) MayRead(l *Layer) bool {
	if p.Disabled || !p.inScope(l) {
		return false
	}
	if l.Kind == RecordOnly {
		return p.Role.AtLeast(Editor) && p.Audience != Public
	}
	return l.Audiences.Has(p.Audience)
}

// MayWrite reports whether the principal may change a layer. Which of its
// features, and to what, the record decides by reach.
func (p Principal) MayWrite(l *Layer) bool {
	return !p.Anonymous() && p.Role.AtLeast(Editor) && p.MayRead(l)
}

// MayAdminister reports whether the principal may manage accounts and tokens.
// A token narrowed to layers never may.
func (p Principal) MayAdminister() bool {
	return !p.Anonymous() && !p.Disabled && p.Role.AtLeast(Administrator) && p.Layers == nil
}

func (p Principal) inScope(l *Layer) bool {
	return p.Layers == nil || slices.Contains(p.Layers, l.Name)
}
