package geo_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"pasaj/geo"
)

func instant(t testing.TB, s string) time.Time {
	t.Helper()
	got, err := geo.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestParseInstant(t *testing.T) {
	tests := []struct {
		in   string
		want string // "" for an error
	}{
		{"2025-03-12T05:30:00Z", "2025-03-12T05:30:00Z"},
		{"2025-03-12T05:30:00-05:00", "2025-03-12T10:30:00Z"},
		{"2025-03-12T05:30:00.123456789Z", "2025-03-12T05:30:00.123456Z"},
		{"2025-03-12", "2025-03-12T00:00:00Z"},
		{"1000-01-01", "1000-01-01T00:00:00Z"},
		{"9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"},
		{"9999-12-31T23:59:59-01:00", ""},
		{"0001-01-01T00:00:00Z", ""},
		{"2025-03-12T05:30:00", ""},
		{"2025-02-30T00:00:00Z", ""},
		{"2025-03-12 05:30:00Z", ""},
		{"12/03/2025", ""}, {"now", ""}, {"", ""}, {"1741757400", ""},
	}
	for _, test := range tests {
		got, err := geo.ParseInstant(test.in)
		switch {
		case test.want == "" && geo.CodeOf(err) != geo.CodeInvalid:
			t.Errorf("%q: %v, %v", test.in, got, err)
		case test.want != "" && (err != nil || geo.FormatInstant(got) != test.want):
			t.Errorf("%q: %s, %v, want %s", test.in, geo.FormatInstant(got), err, test.want)
		}
	}
}

func TestParseMoment(t *testing.T) {
	a, b := "2025-03-01T00:00:00Z", "2025-03-31T00:00:00Z"
	from, to := instant(t, a), instant(t, b).Add(time.Microsecond)
	tests := []struct {
		in   string
		want geo.Moment
		bad  bool
	}{
		{in: a, want: geo.At(from)},
		{in: a + "/" + b, want: geo.Moment{Set: true, Period: geo.Period{From: from, To: to}}},
		{in: a + "/" + a, want: geo.Moment{Set: true, Period: geo.Period{From: from, To: from.Add(time.Microsecond)}}},
		{in: a + "/..", want: geo.Moment{Set: true, Period: geo.Period{From: from}}},
		{in: a + "/", want: geo.Moment{Set: true, Period: geo.Period{From: from}}},
		{in: "../" + b, want: geo.Moment{Set: true, Period: geo.Period{To: to}}},
		{in: "/" + b, want: geo.Moment{Set: true, Period: geo.Period{To: to}}},
		{in: "../..", want: geo.Moment{Set: true}},
		{in: b + "/" + a, bad: true},
		{in: "", bad: true}, {in: "..", bad: true}, {in: "latest", bad: true},
		{in: a + "/" + b + "/" + b, bad: true}, {in: a + "//" + b, bad: true}, {in: a + "/then", bad: true}, {in: "then/" + b, bad: true},
	}
	for _, test := range tests {
		got, err := geo.ParseMoment(test.in)
		if test.bad && geo.CodeOf(err) != geo.CodeInvalid || !test.bad && (err != nil || got != test.want) {
			t.Errorf("%q: %+v, %v", test.in, got, err)
		}
	}
}

func TestParseAsOf(t *testing.T) {
	tests := []struct {
		in   string
		want geo.AsOf
		bad  bool
	}{
		{in: "1", want: geo.AsOf{Revision: 1}},
		{in: "9223372036854775807", want: geo.AsOf{Revision: 9223372036854775807}},
		{in: "2025-03-12T05:30:00Z", want: geo.AsOf{Time: time.Date(2025, 3, 12, 5, 30, 0, 0, time.UTC)}},
		{in: "0", bad: true}, {in: "-4", bad: true}, {in: "9223372036854775808", bad: true}, {in: "1.5", bad: true},
		{in: "", bad: true}, {in: "yesterday", bad: true}, {in: "0001-01-01T00:00:00Z", bad: true},
	}
	for _, test := range tests {
		got, err := geo.ParseAsOf(test.in)
		if test.bad && geo.CodeOf(err) != geo.CodeInvalid || !test.bad && (err != nil || got != test.want) {
			t.Errorf("%q: %+v, %v", test.in, got, err)
		}
		if err == nil && got.IsZero() {
			t.Errorf("%q means the present", test.in)
		}
	}
	if !(geo.AsOf{}).IsZero() {
		t.Error("no asof does not mean the present")
	}
}

func TestRevisionETag(t *testing.T) {
	if got := geo.Revision(17).ETag(); got != `"17"` {
		t.Error(got)
	}
}

// hour draws a bound of a period: one of 24 hours, or none.
func hour(t *rapid.T, name string) time.Time {
	h := rapid.IntRange(-1, 23).Draw(t, name)
	if h < 0 {
		return time.Time{}
	}
	return time.Date(2025, 3, 12, h, 0, 0, 0, time.UTC)
}

// Periods and moments agree with the instants they contain.
func TestPeriodAgreesWithInstants(t *testing.T) {
	instants := make([]time.Time, 0, 100)
	for m := -30; m < 60*25; m += 15 {
		instants = append(instants, time.Date(2025, 3, 12, 0, m, 0, 0, time.UTC))
	}
	rapid.Check(t, func(t *rapid.T) {
		p := geo.Period{From: hour(t, "p from"), To: hour(t, "p to")}
		q := geo.Period{From: hour(t, "q from"), To: hour(t, "q to")}
		some, shared := false, false
		for _, at := range instants {
			some = some || p.Contains(at)
			shared = shared || p.Contains(at) && q.Contains(at)
			if got := geo.At(at).Meets(p); got != p.Contains(at) {
				t.Errorf("%v at %v: %v", p, at, got)
			}
		}
		if p.Empty() == some {
			t.Errorf("%v is empty: %v", p, p.Empty())
		}
		if p.Empty() || q.Empty() {
			return
		}
		if got := p.Overlaps(q); got != shared {
			t.Errorf("%v overlaps %v: %v", p, q, got)
		}
		if got := (geo.Moment{Set: true, Period: q}).Meets(p); got != shared {
			t.Errorf("%v meets %v: %v", p, q, got)
		}
		if !(geo.Moment{}).Meets(p) {
			t.Error("no moment meets everything")
		}
	})
}

func FuzzParseMoment(f *testing.F) {
	for _, seed := range []string{"2025-03-12", "2025-03-12T05:30:00.5-05:00", "../2025-03-12", "2025-01-01/..", "/", "a/b/c", "9999-12-31T23:59:59.9999999Z/9999-12-31T23:59:59.9999999Z"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m, err := geo.ParseMoment(s)
		if err != nil {
			if geo.CodeOf(err) != geo.CodeInvalid {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if !m.Set || m.Period.Empty() {
			t.Fatalf("%q: %+v", s, m)
		}
		again := geo.FormatInstant(m.Period.From)
		if !m.Instant {
			from, to := "..", ".."
			if !m.Period.From.IsZero() {
				from = geo.FormatInstant(m.Period.From)
			}
			if !m.Period.To.IsZero() {
				to = geo.FormatInstant(m.Period.To.Add(-time.Microsecond))
			}
			again = from + "/" + to
		}
		if got, err := geo.ParseMoment(again); err != nil || got != m {
			t.Fatalf("%q: %+v, written %q: %+v, %v", s, m, again, got, err)
		}
	})
}

func FuzzParseAsOf(f *testing.F) {
	for _, seed := range []string{"1", "+7", "-0", "007", "2025-03-12", "2025-03-12T05:30:00+14:00", "1e3"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := geo.ParseAsOf(s)
		if err != nil {
			if geo.CodeOf(err) != geo.CodeInvalid {
				t.Fatalf("%q: %v", s, err)
			}
			return
		}
		if a.IsZero() || a.Revision < 0 || a.Revision > 0 && !a.Time.IsZero() {
			t.Fatalf("%q: %+v", s, a)
		}
		again := a.Revision.String()
		if a.Revision == 0 {
			again = geo.FormatInstant(a.Time)
		}
		if got, err := geo.ParseAsOf(again); err != nil || got != a {
			t.Fatalf("%q: %+v, written %q: %+v, %v", s, a, again, got, err)
		}
	})
}
