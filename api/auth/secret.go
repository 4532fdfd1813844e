package auth

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

// TokenPrefix begins every bearer token, so that a leaked one is recognised.
const TokenPrefix = "pasaj_"

// secretLength is the length of 32 random bytes in base64url.
const secretLength = 43

// Digest is what the record keeps of a secret.
type Digest [32]byte

// NewSecret makes a random secret with a prefix ("" or TokenPrefix).
func NewSecret(prefix string) string {
	var raw [32]byte
	rand.Read(raw[:]) // never fails since Go 1.24
	return prefix + base64.RawURLEncoding.EncodeToString(raw[:])
}

// DigestOf is the digest of a secret as it travels, prefix included.
func DigestOf(secret string) Digest { return sha256.Sum256([]byte(secret)) }

// wellFormed reports whether a text can be a secret at all, so that nonsense
// costs no query.
func wellFormed(secret, prefix string) bool {
	rest, ok := strings.CutPrefix(secret, prefix)
	if !ok || len(rest) != secretLength {
		return false
	}
	_, err := base64.RawURLEncoding.DecodeString(rest)
	return err == nil
}

// CSRFToken is the token that a page must send with changes, bound to its
// session: it is an HMAC, so that it gives nothing away about the session.
func CSRFToken(session string) string {
	mac := hmac.New(sha256.New, []byte(session))
	mac.Write([]byte("csrf"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// validCSRF compares in constant time.
func validCSRF(session, token string) bool {
	return hmac.Equal([]byte(CSRFToken(session)), []byte(token))
}
