package passage

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Between an instant and the next opening or closing nothing opens or closes,
// when the clock changes too, and an opening soon is one within a day.
func TestNextAgainstEveryMinute(t *testing.T) {
	changes := []time.Time{
		time.Date(2025, 3, 9, 7, 0, 0, 0, time.UTC), time.Date(2025, 11, 2, 6, 0, 0, 0, time.UTC), time.Date(2025, 6, 1, 6, 0, 0, 0, time.UTC),
	}
	rapid.Check(t, func(t *rapid.T) {
		clock := rapid.SampledFrom([]string{"00:00", "00:30", "01:00", "01:30", "02:00", "02:30", "03:00", "03:30", "12:00", "23:59", "20:00", "06:00"})
		days := rapid.SampledFrom([]string{"", "Mo-Fr ", "Sa,Su ", "Su ", "Sa ", "We-Mo "})
		text := ""
		for range rapid.IntRange(1, 3).Draw(t, "rules") {
			text += days.Draw(t, "days") + clock.Draw(t, "from") + "-" + clock.Draw(t, "to") + rapid.SampledFrom([]string{";", " off;"}).Draw(t, "off")
		}
		s, err := ParseSchedule(text)
		if err != nil {
			t.Fatal(err)
		}
		at := rapid.SampledFrom(changes).Draw(t, "change").Add(time.Duration(rapid.IntRange(-3000, 3000).Draw(t, "minutes")) * time.Minute)
		now := s.Open(at)
		next, ok := s.Next(at)
		end := at.Add(8 * 24 * time.Hour)
		want, found := time.Time{}, false
		for m := at.Truncate(time.Minute).Add(time.Minute); m.Before(end); m = m.Add(time.Minute) {
			if s.Open(m) != now {
				want, found = m, true
				break
			}
		}
		if found != ok && !(ok && next.After(end)) || found && !want.Equal(next) {
			t.Fatalf("%q at %v open %v: next %v %v, by minutes %v %v", text, at, now, next, ok, want, found)
		}
		if !now && s.opensSoon(at) && !(found && want.Sub(at) <= 24*time.Hour) {
			t.Fatalf("%q opens soon after %v, but next %v", text, at, want)
		}
	})
}
