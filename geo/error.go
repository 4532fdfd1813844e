package geo

import (
	"errors"
	"fmt"
	"strings"
)

// Code says what kind of failure an Error is; it is part of the HTTP contract.
type Code string

// The codes, each with the HTTP status the api package gives it.
const (
	CodeInvalid            Code = "invalid"             // 400: the input is not of the form asked for
	CodeInvalidGeometry    Code = "invalid_geometry"    // 422: a geometry that breaks the simple-features rules
	CodeUnauthenticated    Code = "unauthenticated"     // 401
	CodeForbidden          Code = "forbidden"           // 403
	CodeNotFound           Code = "not_found"           // 404: missing, or not for this audience
	CodeNotAcceptable      Code = "not_acceptable"      // 406
	CodeConflict           Code = "conflict"            // 409
	CodeGone               Code = "gone"                // 410: withdrawn
	CodePreconditionFailed Code = "precondition_failed" // 412: If-Match names another revision
	CodeTooLarge           Code = "too_large"           // 413
	CodeUnsupportedMedia   Code = "unsupported_media"   // 415
	CodeUnprocessable      Code = "unprocessable"       // 422: well-formed but not possible
	CodeTooManyRequests    Code = "too_many_requests"   // 429
	CodeUnavailable        Code = "unavailable"         // 503: the record is out of reach
)

// Error is a failure that a caller can act on. Detail is one sentence that may
// be shown to a user; a wrapped cause never is.
type Error struct {
	Code    Code
	Pointer string // JSON pointer into the input, or "" when the whole input is meant
	Detail  string
	cause   error
}

// Errorf makes an Error. A %w verb keeps the cause for errors.Is and logs.
func Errorf(code Code, pointer, format string, args ...any) *Error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Code: code, Pointer: pointer, Detail: wrapped.Error(), cause: errors.Unwrap(wrapped)}
}

// WithCause returns a copy that keeps a private cause beside the public detail.
func (e *Error) WithCause(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

func (e *Error) Error() string {
	if e.Pointer != "" {
		return e.Pointer + ": " + e.Detail
	}
	return e.Detail
}

func (e *Error) Unwrap() error { return e.cause }

// Errors is several failures of one input, in the order of the input.
type Errors []*Error

func (e Errors) Error() string {
	parts := make([]string, len(e))
	for i, one := range e {
		parts[i] = one.Error()
	}
	return strings.Join(parts, "; ")
}

// Unwrap gives errors.Is and errors.As the single failures.
func (e Errors) Unwrap() []error {
	out := make([]error, len(e))
	for i, one := range e {
		out[i] = one
	}
	return out
}

// OrNil turns an empty list into a nil error.
func (e Errors) OrNil() error {
	if len(e) == 0 {
		return nil
	}
	return e
}

// CodeOf finds the code of an error, or "" for one that is not a domain error.
func CodeOf(err error) Code {
	var one *Error
	if errors.As(err, &one) {
		return one.Code
	}
	return ""
}
