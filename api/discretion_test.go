package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pasaj/geo"
)

func TestConceal(t *testing.T) {
	t.Parallel()
	const asked = `{"points":[[-72.3137713,18.57]],"vehicle":"boat 77123","depart_at":"2031-07-13T03:17:41+01:00"} limit=120000`
	for said, want := range map[string]string{
		`"boat 77123" is none of foot, moto`:                       `… is none of foot, moto`,
		`"boat" is none of foot, moto`:                             `"boat" is none of foot, moto`,
		`2031-07-13T02:17:41Z lies outside 1900 to 2100`:           `… lies outside 1900 to 2100`,
		`-72.3137713 is too far`:                                   `… is too far`,
		`18.57 is too far`:                                         `… is too far`,
		`lon -74.6 to -71.5`:                                       `lon -74.6 to -71.5`,
		`at most 163840 bytes, 25 points, not 120000`:              `at most 163840 bytes, 25 points, not …`,
		`"x\"1" is no instant such as 2025-03-12T05:30:00Z`:        `… is no instant such as 2025-03-12T05:30:00Z`,
		`/points/3: no road of the network lies within 5 km of it`: `/points/3: no road of the network lies within 5 km of it`,
	} {
		p := problem{Detail: said, Errors: []problemError{{Pointer: said, Parameter: said, Detail: said}}}
		p.conceal(asked)
		if p.Detail != want || p.Errors[0] != (problemError{Pointer: want, Parameter: want, Detail: want}) {
			t.Errorf("%s: %+v, want %s", said, p, want)
		}
	}
}

func TestKindsOfErrorsSayNothing(t *testing.T) {
	t.Parallel()
	const secret = "from -72.3137713"
	for _, err := range []error{
		errors.New(secret), fmt.Errorf("%s: %w", secret, errors.New(secret)), geo.Errorf(geo.CodeUnavailable, "", secret).WithCause(errors.New(secret)),
		fmt.Errorf("%s: %w", secret, context.DeadlineExceeded), errors.Join(errors.New(secret), errors.New(secret)),
	} {
		if kind := kindOf(err); kind == "" || strings.Contains(kind, "72") {
			t.Errorf("%v is a %q", err, kind)
		}
	}
	if text := panicText(secret, true); strings.Contains(text, "72") {
		t.Errorf("a panic says %q", text)
	}
	if text := panicText(secret, false); text != secret {
		t.Errorf("a panic says %q", text)
	}
}

func FuzzConceal(f *testing.F) {
	f.Add(`"2031-07-13" at 03:17:41`, "03:17:41")
	f.Add(`-72.3137713, "18.5"`, "-72.3137713")
	f.Add("1..2.3.4 123456789-01-01x", "1.2")
	f.Fuzz(func(t *testing.T, said, asked string) {
		p := problem{Detail: said}
		p.conceal(asked)
		for _, number := range figure.FindAllString(p.Detail, -1) {
			// A figure of the question that stands alone in the text is gone.
			if strings.Contains(asked, strings.TrimRight(number, ".:")) && strings.Contains(" "+said+" ", " "+number+" ") && !strings.Contains(said, concealed) {
				t.Fatalf("%q of %q stays in %q", number, asked, p.Detail)
			}
		}
		again := p
		again.conceal(asked)
		if len(again.Detail) > len(p.Detail)+len(concealed) {
			t.Fatalf("%q grows to %q", p.Detail, again.Detail)
		}
	})
}

func FuzzWatch(f *testing.F) {
	f.Add([]byte(`{"name":"x","passage":{"points":[[-72.3,18.5],[-72.4,18.6]]},"expires_at":"2025-03-12T05:30:00Z"}`))
	f.Add([]byte(`{"name":"x","passage":{"line":[[-72.3,18.5],[-72.4,18.6]],"asof":3}}`))
	f.Add([]byte(`{"name":"","passage":null}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, r, _, err := decodeWatch(raw)
		if err != nil {
			if problemOf(err).Status >= 500 {
				t.Fatalf("%q: %v", raw, err)
			}
			return
		}
		if in.Name == "" || r.Points == nil && r.Line == nil || !r.AsOf.IsZero() {
			t.Fatalf("%q gives %+v", raw, in)
		}
		kept, err := json.Marshal(watched{in.Name, in.Passage})
		if err != nil {
			t.Fatalf("%q cannot be kept: %v", raw, err)
		}
		if view, err := viewOfWatch(geo.Watch{Request: kept}); err != nil || view.Name != in.Name {
			t.Fatalf("%q is read back as %+v: %v", raw, view, err)
		}
	})
}
