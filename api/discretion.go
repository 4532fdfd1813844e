package api

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"strings"

	"pasaj/geo"
)

// Where somebody means to go, and when, may cost a life. Operations that are
// asked such things are discreet: nothing about the question or who put it is
// logged, and an error does not repeat it, because errors are what people copy
// into tickets and what proxies keep.

var (
	// figure is a number or a time of day long enough to tell something.
	figure = regexp.MustCompile(`-?\d+[.:]\d[\d.:]*|\d{5,}`)
	// stamp is a date, alone or with a time.
	stamp = regexp.MustCompile(`\d{4,}-\d{1,2}-\d{1,2}[0-9A-Za-z:.+-]*`)
	// quotation is a part of the input that an error repeats.
	quotation = regexp.MustCompile(`"(?:[^"\\]|\\.)*"`)
)

const concealed = "…"

// exampleInstant is how errors show the form of an instant.
const exampleInstant = "2025-03-12T05:30:00Z"

// conceal takes what the question said out of a problem: dates, and figures and
// quotations with figures that occur in it.
func (p *problem) conceal(asked string) {
	clean := func(text string) string {
		text = stamp.ReplaceAllStringFunc(text, func(at string) string {
			if at == exampleInstant && !strings.Contains(asked, at) {
				return at
			}
			return concealed
		})
		text = quotation.ReplaceAllStringFunc(text, func(quoted string) string {
			if strings.ContainsAny(quoted, "0123456789") {
				return concealed
			}
			return quoted
		})
		return figure.ReplaceAllStringFunc(text, func(number string) string {
			if strings.Contains(asked, strings.TrimRight(number, ".:")) {
				return concealed
			}
			return number
		})
	}
	p.Detail = clean(p.Detail)
	for i := range p.Errors {
		p.Errors[i].Pointer, p.Errors[i].Parameter = clean(p.Errors[i].Pointer), clean(p.Errors[i].Parameter)
		p.Errors[i].Detail = clean(p.Errors[i].Detail)
	}
}

// kindOf says what sort of error it is and none of its words.
func kindOf(err error) string {
	switch {
	case geo.CodeOf(err) != "":
		return string(geo.CodeOf(err))
	case errors.Is(err, context.DeadlineExceeded):
		return "deadline exceeded"
	}
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return fmt.Sprintf("%T", err)
		}
		err = inner
	}
}

// panicText is what may be logged of a panic: of a discreet operation the
// runtime's own words only.
func panicText(r any, discreet bool) string {
	if _, own := r.(runtime.Error); discreet && !own {
		return fmt.Sprintf("%T", r)
	}
	return fmt.Sprint(r)
}

// stackNames lists the functions on the stack, without their arguments, in
// which the figures of a question could be read.
func stackNames() string {
	callers := make([]uintptr, 64)
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	var b strings.Builder
	for {
		frame, more := frames.Next()
		fmt.Fprintf(&b, "%s:%d\n", frame.Function, frame.Line)
		if !more {
			return b.String()
		}
	}
}
