package api

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"pasaj/api/auth"
	"pasaj/geo"
)

// Codes of failures that only HTTP knows.
const (
	codeNotAllowed      geo.Code = "method_not_allowed"
	codeUnknownRevision geo.Code = "unknown_revision"
	codeInternal        geo.Code = "internal"
	codeTimedOut        geo.Code = "timed_out" // 503: the question was too large for the time there is
	codeBusy            geo.Code = "busy"      // 503: too many large questions at once
)

// problem is an RFC 9457 problem document.
type problem struct {
	Type     string         `json:"type"`
	Title    string         `json:"title"`
	Status   int            `json:"status"`
	Code     geo.Code       `json:"code"`
	Detail   string         `json:"detail,omitempty"`
	Errors   []problemError `json:"errors,omitempty"`
	Instance string         `json:"instance,omitempty"` // the request's id
}

// problemError is one fault of the input: of its body by pointer, of its
// address by parameter.
type problemError struct {
	Pointer   string   `json:"pointer,omitempty"`
	Parameter string   `json:"parameter,omitempty"`
	Code      geo.Code `json:"code"`
	Detail    string   `json:"detail"`
}

// parameterError is a fault of one parameter or header.
type parameterError struct {
	name string
	err  *geo.Error
}

func (p *parameterError) Error() string { return p.name + ": " + p.err.Error() }
func (p *parameterError) Unwrap() error { return p.err }

func badParameter(name string, err error) error {
	var one *geo.Error
	if !errors.As(err, &one) {
		one = geo.Errorf(geo.CodeInvalid, "", "cannot be read")
	}
	return &parameterError{name, one}
}

// statusOf is the HTTP status of each code.
var statusOf = map[geo.Code]int{
	geo.CodeInvalid:            http.StatusBadRequest,
	geo.CodeInvalidGeometry:    http.StatusUnprocessableEntity,
	geo.CodeUnauthenticated:    http.StatusUnauthorized,
	auth.CodeSessionExpired:    http.StatusUnauthorized,
	auth.CodeSignInFailed:      http.StatusUnauthorized,
	auth.CodeCSRF:              http.StatusForbidden,
	geo.CodeForbidden:          http.StatusForbidden,
	geo.CodeNotFound:           http.StatusNotFound,
	codeUnknownRevision:        http.StatusNotFound,
	codeNotAllowed:             http.StatusMethodNotAllowed,
	geo.CodeNotAcceptable:      http.StatusNotAcceptable,
	geo.CodeConflict:           http.StatusConflict,
	geo.CodeGone:               http.StatusGone,
	geo.CodePreconditionFailed: http.StatusPreconditionFailed,
	geo.CodeTooLarge:           http.StatusRequestEntityTooLarge,
	geo.CodeUnsupportedMedia:   http.StatusUnsupportedMediaType,
	geo.CodeUnprocessable:      http.StatusUnprocessableEntity,
	geo.CodeTooManyRequests:    http.StatusTooManyRequests,
	geo.CodeUnavailable:        http.StatusServiceUnavailable,
	codeInternal:               http.StatusInternalServerError,
	codeTimedOut:               http.StatusServiceUnavailable,
	codeBusy:                   http.StatusServiceUnavailable,
}

// problemOf turns any error into what may be shown. Errors of the domain keep
// their words; of all others nothing gets out.
func problemOf(err error) problem {
	p := problem{Type: "about:blank", Code: codeInternal}
	var parameter *parameterError
	var list geo.Errors
	var one *geo.Error
	var routing *echo.HTTPError
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &parameter):
		p.Code, p.Detail = parameter.err.Code, parameter.name+": "+parameter.err.Detail
		p.Errors = []problemError{{Parameter: parameter.name, Code: parameter.err.Code, Detail: parameter.err.Detail}}
	case errors.As(err, &list) && len(list) > 0:
		p.Code, p.Detail = list[0].Code, list[0].Error()
		if len(list) > 1 {
			p.Detail += "; and " + strconv.Itoa(len(list)-1) + " more"
		}
		for _, e := range list {
			p.Errors = append(p.Errors, problemError{Pointer: e.Pointer, Code: e.Code, Detail: e.Detail})
		}
	case errors.As(err, &one):
		p.Code, p.Detail = one.Code, one.Error()
		if one.Pointer != "" {
			p.Errors = []problemError{{Pointer: one.Pointer, Code: one.Code, Detail: one.Detail}}
		}
	case errors.As(err, &large):
		p.Code, p.Detail = geo.CodeTooLarge, "the body may have at most "+strconv.FormatInt(large.Limit, 10)+" bytes"
	case errors.As(err, &routing):
		switch routing.Code {
		case http.StatusNotFound:
			p.Code, p.Detail = geo.CodeNotFound, "there is nothing at this address"
		case http.StatusMethodNotAllowed:
			p.Code, p.Detail = codeNotAllowed, "this method is not for this address"
		}
	case errors.Is(err, context.Canceled):
		p.Code, p.Detail = geo.CodeUnavailable, "the client has gone" // nobody reads it
	case errors.Is(err, context.DeadlineExceeded):
		p.Code, p.Detail = geo.CodeUnavailable, "the answer took too long"
	}
	p.Detail = oneLine(p.Detail)
	for i := range p.Errors {
		p.Errors[i].Detail = oneLine(p.Errors[i].Detail)
	}
	if p.Status = statusOf[p.Code]; p.Status == 0 {
		p.Status, p.Code, p.Detail, p.Errors = http.StatusInternalServerError, codeInternal, "", nil
	}
	p.Title = http.StatusText(p.Status)
	return p
}

func oneLine(s string) string {
	const most = 1000
	s = strings.Join(strings.Fields(s), " ")
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

// fail answers with a problem, unless an answer has begun.
func (s *Server) fail(c echo.Context, err error, id string) {
	if c.Response().Committed || err == nil {
		return
	}
	s.tell(c, problemOf(err), id)
}

// tell sends a problem.
func (s *Server) tell(c echo.Context, p problem, id string) {
	p.Instance = id
	h := c.Response().Header()
	for _, name := range []string{"ETag", "Cache-Control", "Content-Encoding", "Content-Length", "Location", "Content-Crs"} {
		h.Del(name)
	}
	h.Set("Cache-Control", "no-store")
	switch p.Code {
	case geo.CodeUnavailable, codeTimedOut, codeBusy:
		h.Set("Retry-After", "5")
	case geo.CodeTooManyRequests:
		h.Set("Retry-After", "60")
	case geo.CodeUnauthenticated:
		challenge := `Bearer realm="pasaj"`
		if c.Request().Header.Get("Authorization") != "" || c.QueryParam("token") != "" {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case auth.CodeSessionExpired:
		h.Set("WWW-Authenticate", `Bearer realm="pasaj"`)
		http.SetCookie(c.Response(), s.sessionCookie(c, "", -1))
	}
	body, merr := json.Marshal(p)
	if merr != nil { // a problem always marshals
		body = []byte(`{"type":"about:blank","status":500,"code":"internal"}`)
	}
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.Response().WriteHeader(p.Status)
	if c.Request().Method != http.MethodHead {
		_, _ = c.Response().Write(body) // the client may have gone
	}
}
