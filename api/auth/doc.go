// Package auth says who a request comes from.
//
// People sign in with a name and a password, or once with a link, and carry a
// random session cookie; machines carry a bearer token. The record keeps only
// SHA-256 digests of those secrets and argon2id hashes of passwords. What a
// principal may do is decided by package geo.
//
// The rule that runs through the package: a request that presents credentials
// is either who it says it is or an error. It is never quietly served as the
// anonymous public, which would look like "there is nothing here".
//
// Principals are cached for a minute by digest. While the record is out of
// reach a cached principal is believed for up to fifteen minutes; what was not
// cached is unavailable then. Cache.Doubt has them asked about again when
// accounts change, Cache.Drop forgets them. Hashing a password costs about 0.1 s and 64 MiB, so at most two run
// at a time. All types are for concurrent use.
package auth
