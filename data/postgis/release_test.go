package postgis_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
)

func release(at time.Time, rev geo.Revision, body string) geo.Release {
	return geo.Release{At: at, Revision: rev, K: 3, Formula: "1", Body: json.RawMessage(body)}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	written := write(t, r, place(t, "a"))
	tick := written.At.Add(time.Hour).Truncate(time.Hour)
	later := tick.Add(6 * time.Hour)
	for _, a := range geo.Audiences() {
		_, err := r.Release(t.Context(), a, later)
		wantCode(t, err, geo.CodeNotFound, "")
	}
	save := func(one geo.Release) {
		t.Helper()
		if err := r.SaveRelease(t.Context(), one); err != nil {
			t.Fatal(err)
		}
	}
	save(release(tick, 1, `{"b": 1.50, "aa": ["é", null]}`))
	save(release(later, 1, `{"c":2}`))
	save(release(tick, 1, `{"of": "no effect"}`))
	for _, a := range geo.Audiences() {
		for _, test := range []struct {
			at   time.Time
			tick time.Time
			body string
		}{
			{tick, tick, `{"b":1.50,"aa":["é",null]}`}, {later.Add(-time.Microsecond), tick, `{"b":1.50,"aa":["é",null]}`},
			{later, later, `{"c":2}`}, {later.AddDate(1, 0, 0), later, `{"c":2}`},
		} {
			got, err := r.Release(t.Context(), a, test.at)
			if err != nil || !got.At.Equal(test.tick) || got.Revision != 1 || got.K != 3 || got.Formula != "1" || string(got.Body) != test.body {
				t.Errorf("%s at %s: %+v %s, %v", a, test.at, got, got.Body, err)
			}
		}
		_, err := r.Release(t.Context(), a, tick.Add(-time.Microsecond))
		wantCode(t, err, geo.CodeNotFound, "")
	}
	for at, want := range map[time.Time]bool{tick: true, later: true, tick.Add(time.Second): false} {
		if got, err := r.Released(t.Context(), at); got != want || err != nil {
			t.Errorf("released at %s: %v, %v", at, got, err)
		}
	}
	c := admin(t, url)
	for _, statement := range []string{"UPDATE pasaj.release SET body = '{}'", "DELETE FROM pasaj.release", "TRUNCATE pasaj.release"} {
		if _, err := c.Exec(t.Context(), statement); err == nil {
			t.Errorf("%s was allowed", statement)
		}
	}
	if _, err := c.Exec(t.Context(), "SET ROLE pasaj_public"); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Exec(t.Context(), "INSERT INTO audience_public.release VALUES (now(), 1, 3, '1', '{}')"); !isRefused(err) {
		t.Errorf("the public releases: %v", err)
	}
}

func TestReleaseRefusals(t *testing.T) {
	t.Parallel()
	r, _ := open(t)
	written := write(t, r, place(t, "a"))
	tick := written.At.Add(time.Hour)
	for name, test := range map[string]struct {
		code   geo.Code
		change func(*geo.Release)
	}{
		"no tick":            {geo.CodeInvalid, func(r *geo.Release) { r.At = time.Time{} }},
		"no k":               {geo.CodeInvalid, func(r *geo.Release) { r.K = 0 }},
		"no formula":         {geo.CodeInvalid, func(r *geo.Release) { r.Formula = "" }},
		"no revision":        {geo.CodeNotFound, func(r *geo.Release) { r.Revision = 2 }},
		"ahead of its tick":  {geo.CodeUnprocessable, func(r *geo.Release) { r.At = written.At.Add(-time.Microsecond) }},
		"no object":          {geo.CodeInvalid, func(r *geo.Release) { r.Body = json.RawMessage(`[1]`) }},
		"nothing":            {geo.CodeInvalid, func(r *geo.Release) { r.Body = nil }},
		"null":               {geo.CodeInvalid, func(r *geo.Release) { r.Body = json.RawMessage(`null`) }},
		"cut short":          {geo.CodeInvalid, func(r *geo.Release) { r.Body = json.RawMessage(`{"a":`) }},
		"two":                {geo.CodeInvalid, func(r *geo.Release) { r.Body = json.RawMessage(`{}{}`) }},
		"a NUL":              {geo.CodeInvalid, func(r *geo.Release) { r.Body = json.RawMessage(`{"a":"\u0000"}`) }},
		"a number too large": {geo.CodeInvalid, func(r *geo.Release) { r.Body = json.RawMessage(`{"a":1e999999}`) }},
		"nested": {geo.CodeInvalid, func(r *geo.Release) {
			r.Body = json.RawMessage(strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100))
		}},
		"too large": {geo.CodeTooLarge, func(r *geo.Release) { r.Body = json.RawMessage(`{"a":"` + strings.Repeat("x", 17<<20) + `"}`) }},
	} {
		one := release(tick, 1, `{}`)
		test.change(&one)
		if err := r.SaveRelease(t.Context(), one); geo.CodeOf(err) != test.code {
			t.Errorf("%s: %v, want %s", name, err, test.code)
		}
	}
	if made, err := r.Released(t.Context(), tick); made || err != nil {
		t.Errorf("released %v, %v", made, err)
	}
}

// Several processes make the release of a tick: one stays, and all go on.
func TestReleasesAtOnce(t *testing.T) {
	t.Parallel()
	r, url := open(t)
	other := postgistest.OpenURL(t, url, postgis.Options{})
	tick := write(t, r, place(t, "a")).At.Add(time.Hour)
	errs := make(chan error)
	const makers = 8
	for i := range makers {
		go func() {
			errs <- []*postgis.Record{r, other}[i%2].SaveRelease(t.Context(), release(tick, 1, fmt.Sprintf(`{"by":%d}`, i)))
		}()
	}
	for range makers {
		if err := <-errs; err != nil {
			t.Error(err)
		}
	}
	var rows int
	if err := admin(t, url).QueryRow(t.Context(), "SELECT count(*) FROM pasaj.release").Scan(&rows); err != nil || rows != 1 {
		t.Errorf("%d releases, %v", rows, err)
	}
	first, err := r.Release(t.Context(), geo.Public, tick)
	again, errAgain := other.Release(t.Context(), geo.Operations, tick)
	if err != nil || errAgain != nil || string(first.Body) != string(again.Body) {
		t.Errorf("%s and %s, %v, %v", first.Body, again.Body, err, errAgain)
	}
}
