package passage

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// local is an instant of the week that begins on Monday, 10 November 2025.
func local(t failer, day int, clock string) time.Time {
	t.Helper()
	zone, err := localZone()
	if err != nil {
		t.Fatal(err)
	}
	at, err := time.ParseInLocation("15:04", clock, zone)
	if err != nil {
		t.Fatal(err)
	}
	return time.Date(2025, 11, 10+day, at.Hour(), at.Minute(), 0, 0, zone)
}

const (
	mo = iota
	tu
	we
	th
	fr
	sa
	su
)

func TestSchedule(t *testing.T) {
	for _, c := range []struct {
		text  string
		day   int
		clock string
		open  bool
	}{
		{"Fr-Su", sa, "09:00", true},
		{"Fr-Su", tu, "09:00", false},
		{"Fr-Su", th, "23:59", false},
		{"Fr-Su", fr, "00:00", true},
		{"Fr-Mo", mo, "12:00", true},
		{"Fr-Mo", we, "12:00", false},
		{"Mo,We,Fr-Sa", we, "12:00", true},
		{"Mo,We,Fr-Sa", th, "12:00", false},
		{"05:30-21:00", tu, "05:30", true},
		{"05:30-21:00", tu, "05:29", false},
		{"05:30-21:00", tu, "21:00", false},
		{"06:00-09:00,15:00-18:00", tu, "16:00", true},
		{"06:00-09:00,15:00-18:00", tu, "12:00", false},
		{"20:00-06:00", tu, "23:00", true},
		{"20:00-06:00", tu, "05:59", true},
		{"20:00-06:00", tu, "06:00", false},
		{"Sa 20:00-06:00", su, "05:00", true},
		{"Sa 20:00-06:00", sa, "05:00", false},
		{"Su 20:00-30:00", mo, "05:00", true},
		{"24/7", we, "03:00", true},
		{"off", we, "03:00", false},
		{"Mo-Fr 06:00-18:00; Sa 06:00-12:00", sa, "11:00", true},
		{"Mo-Fr 06:00-18:00; Sa 06:00-12:00", su, "11:00", false},
		{"24/7; We off", we, "12:00", false},
		{"24/7; We off", th, "12:00", true},
		{"24/7; We 10:00-14:00 off", we, "12:00", false},
		{"24/7; We 10:00-14:00 off", we, "14:00", true},
		{"Mo-Su 08:00-18:00; We 12:00-13:00", we, "09:00", false},
		{"Sa open", sa, "09:00", true},
		{"Su closed", su, "09:00", false},
		{"00:00-24:00", mo, "23:59", true},
	} {
		s, err := ParseSchedule(c.text)
		if err != nil {
			t.Errorf("%q: %v", c.text, err)
			continue
		}
		if got := s.Open(local(t, c.day, c.clock)); got != c.open {
			t.Errorf("%q on day %d at %s: open %v", c.text, c.day, c.clock, got)
		}
	}
}

func TestScheduleRefuses(t *testing.T) {
	for _, text := range []string{
		"", ";", "weekends", "fr-su", "Fr-", "Fr-Xx", "25:00-26:00", "06:00", "06:60-07:00", "6-7", "PH off", "Mo 06:00-18:00 sometimes",
		"sunrise-sunset", "Mo 06:00+", "48:00-49:00", "-1:00-02:00", "24/7 24/7", "Jan-Mar", "\xff", "Mo-Fr 06:00-09:00, Sa 10:00-12:00",
	} {
		if s, err := ParseSchedule(text); err == nil {
			t.Errorf("%q is read as %+v", text, s.open)
		}
	}
}

func TestScheduleNext(t *testing.T) {
	for _, c := range []struct {
		text string
		from time.Time
		want time.Time // zero: never
	}{
		{"Fr-Su", local(t, tu, "09:00"), local(t, fr, "00:00")},
		{"Fr-Su", local(t, sa, "09:00"), local(t, su+1, "00:00")},
		{"20:00-06:00", local(t, tu, "23:00"), local(t, we, "06:00")},
		{"Su 10:00-11:00", local(t, su, "10:30"), local(t, su, "11:00")},
		{"Su 10:00-11:00", local(t, su, "11:00"), local(t, su+7, "10:00")},
		{"24/7", local(t, su, "11:00"), time.Time{}},
		{"off", local(t, su, "11:00"), time.Time{}},
	} {
		s, err := ParseSchedule(c.text)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := s.Next(c.from)
		if ok == c.want.IsZero() || ok && !got.Equal(c.want) {
			t.Errorf("%q from %v: %v %v, want %v", c.text, c.from, got, ok, c.want)
		}
	}
}

// Minute by minute, the state changes exactly where Next says.
func TestScheduleNextIsTheFirstChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := ParseSchedule(rapid.SampledFrom([]string{
			"Fr-Su", "05:30-21:00", "Sa 20:00-06:00; Su off", "24/7; We 10:00-14:00 off", "Mo,Th 00:00-24:00", "Tu 23:00-01:00; We 00:30-02:00",
		}).Draw(t, "schedule"))
		if err != nil {
			t.Fatal(err)
		}
		from := local(t, rapid.IntRange(0, 6).Draw(t, "day"), "00:00").Add(time.Duration(rapid.IntRange(0, 1439).Draw(t, "minute")) * time.Minute)
		next, ok := s.Next(from)
		for at := from; at.Before(from.AddDate(0, 0, 8)); at = at.Add(time.Minute) {
			if changed := s.Open(at) != s.Open(from); changed {
				if !ok || !next.Equal(at) {
					t.Fatalf("%s from %v: changes at %v, Next says %v %v", s, from, at, next, ok)
				}
				return
			}
		}
		if ok {
			t.Fatalf("%s from %v: never changes, Next says %v", s, from, next)
		}
	})
}

func FuzzParseSchedule(f *testing.F) {
	for _, seed := range []string{"Fr-Su", "05:30-21:00", "Mo-Fr 06:00-18:00; Sa off", "24/7; We 10:00-14:00 off", "20:00-30:00", "off"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSchedule(text)
		if err != nil {
			return
		}
		for day, times := range s.open {
			for _, m := range times {
				if m.from < 0 || m.from >= m.to || m.to > 2*dayMinutes {
					t.Fatalf("%q: day %d has %+v", text, day, m)
				}
			}
		}
		if next, ok := s.Next(saturday); ok && (!next.After(saturday) || s.Open(next) == s.Open(saturday)) {
			t.Fatalf("%q: next %v changes nothing", text, next)
		}
	})
}

// What opens soon opens within a day.
func TestOpensSoon(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, err := ParseSchedule(rapid.SampledFrom([]string{"05:30-21:00", "20:00-06:00", "Fr-Su", "Mo 08:00-09:00", "Sa 22:00-30:00", "Mo-Th 00:00-01:00", "off", "23:30-24:00"}).Draw(t, "schedule"))
		if err != nil {
			t.Fatal(err)
		}
		at := saturday.Add(time.Duration(rapid.Int64Range(0, 400*24*60).Draw(t, "minute")) * time.Minute)
		if s.Open(at) || !s.opensSoon(at) {
			return
		}
		if next, ok := s.Next(at); !ok || next.Sub(at) > longWait {
			t.Fatalf("%v: next opening %v %v", at, next, ok)
		}
	})
}
