package passage

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Schedule says when a place lets pass, in the local time of Haiti. It reads a
// subset of OpenStreetMap's opening_hours: rules separated by semicolons, each
// of days (Mo-Su, lists and ranges that may wrap), times (05:30-21:00, lists,
// over midnight as 20:00-06:00 or 20:00-30:00), 24/7, off and closed. A later
// rule replaces earlier ones on the days that it names, with what they let run
// into these days over midnight; "off" with times takes these times away.
type Schedule struct {
	text string
	// open are the minutes of each weekday, Sunday first, counted from its
	// midnight; what runs over midnight counts on to 2880.
	open [7][]minutes
}

type minutes struct{ from, to int } // half-open

const (
	dayMinutes       = 24 * 60
	maxScheduleBytes = 200
	maxScheduleRules = 20
	maxScheduleTimes = 10
)

var weekdays = []string{"Su", "Mo", "Tu", "We", "Th", "Fr", "Sa"}

// localZone is where schedules are meant. It needs the time-zone database,
// which the program embeds.
var localZone = sync.OnceValues(func() (*time.Location, error) {
	return time.LoadLocation("America/Port-au-Prince")
})

// ParseSchedule reads a schedule. What it cannot read is an error: the caller
// then knows that it does not know.
func ParseSchedule(text string) (*Schedule, error) {
	if len(text) > maxScheduleBytes {
		return nil, fmt.Errorf("a schedule has at most %d bytes", maxScheduleBytes)
	}
	if _, err := localZone(); err != nil {
		return nil, fmt.Errorf("local time is not known: %w", err)
	}
	s := &Schedule{text: text}
	rules := strings.Split(text, ";")
	if len(rules) > maxScheduleRules {
		return nil, fmt.Errorf("a schedule has at most %d rules", maxScheduleRules)
	}
	said := false
	for _, rule := range rules {
		fields := strings.Fields(rule)
		if len(fields) == 0 {
			continue
		}
		if err := s.apply(fields); err != nil {
			return nil, fmt.Errorf("rule %q: %w", strings.TrimSpace(rule), err)
		}
		said = true
	}
	if !said {
		return nil, fmt.Errorf("the schedule is empty")
	}
	return s, nil
}

func (s *Schedule) apply(fields []string) error {
	days, shut := []int{0, 1, 2, 3, 4, 5, 6}, false
	times := []minutes{{0, dayMinutes}}
	hasTimes := false
	if len(fields) == 1 && fields[0] == "24/7" {
		fields = nil
	}
	if len(fields) > 0 && fields[0][0] >= 'A' && fields[0][0] <= 'Z' {
		var err error
		if days, err = parseDays(fields[0]); err != nil {
			return err
		}
		fields = fields[1:]
	}
	if len(fields) > 0 && fields[0][0] >= '0' && fields[0][0] <= '9' {
		var err error
		if times, err = parseTimes(fields[0]); err != nil {
			return err
		}
		hasTimes, fields = true, fields[1:]
	}
	if len(fields) > 0 {
		switch fields[0] {
		case "off", "closed":
			shut = true
		case "open":
		default:
			return fmt.Errorf("%q is not understood", fields[0])
		}
		fields = fields[1:]
	}
	if len(fields) > 0 {
		return fmt.Errorf("%q is not understood", fields[0])
	}
	// What earlier rules let run over midnight into one of these days goes too.
	for _, day := range days {
		before := (day + 6) % 7
		next := []minutes{{dayMinutes, 2 * dayMinutes}}
		if shut && hasTimes {
			next = next[:0]
			for _, m := range times {
				next = append(next, minutes{m.from + dayMinutes, m.to + dayMinutes})
			}
		}
		s.open[before] = without(s.open[before], next)
	}
	for _, day := range days {
		switch {
		case !shut:
			s.open[day] = times
		case hasTimes:
			s.open[day] = without(s.open[day], times)
		default:
			s.open[day] = nil
		}
	}
	return nil
}

func parseDays(field string) ([]int, error) {
	var days []int
	for _, part := range strings.Split(field, ",") {
		from, to, isRange := strings.Cut(part, "-")
		a := slices.Index(weekdays, from)
		b := a
		if isRange {
			b = slices.Index(weekdays, to)
		}
		if a < 0 || b < 0 {
			return nil, fmt.Errorf("%q is not a day or a range of days", part)
		}
		for day := a; ; day = (day + 1) % 7 {
			if !slices.Contains(days, day) {
				days = append(days, day)
			}
			if day == b {
				break
			}
		}
	}
	return days, nil
}

func parseTimes(field string) ([]minutes, error) {
	parts := strings.Split(field, ",")
	if len(parts) > maxScheduleTimes {
		return nil, fmt.Errorf("at most %d times", maxScheduleTimes)
	}
	var out []minutes
	for _, part := range parts {
		from, to, ok := strings.Cut(part, "-")
		a, errA := parseClock(from)
		b, errB := parseClock(to)
		if !ok || errA != nil || errB != nil || a >= dayMinutes {
			return nil, fmt.Errorf("%q is not a range of times", part)
		}
		if b <= a {
			b += dayMinutes
		}
		if b > a+dayMinutes {
			return nil, fmt.Errorf("%q is longer than a day", part)
		}
		out = append(out, minutes{a, b})
	}
	return out, nil
}

func parseClock(s string) (int, error) {
	h, m, ok := strings.Cut(s, ":")
	if !ok || len(h) == 0 || len(h) > 2 || len(m) != 2 {
		return 0, fmt.Errorf("not a time of day")
	}
	hour, errH := strconv.ParseUint(h, 10, 8)
	minute, errM := strconv.ParseUint(m, 10, 8)
	if errH != nil || errM != nil || minute > 59 || hour > 48 || hour == 48 && minute > 0 {
		return 0, fmt.Errorf("not a time of day")
	}
	return int(hour*60 + minute), nil
}

// without takes times away from times.
func without(from, times []minutes) []minutes {
	out := slices.Clone(from)
	for _, cut := range times {
		var rest []minutes
		for _, m := range out {
			if left := (minutes{m.from, min(m.to, cut.from)}); left.from < left.to {
				rest = append(rest, left)
			}
			if right := (minutes{max(m.from, cut.to), m.to}); right.from < right.to {
				rest = append(rest, right)
			}
		}
		out = rest
	}
	return out
}

// String is the text the schedule was read from.
func (s *Schedule) String() string { return s.text }

// Open reports whether the place lets pass at an instant.
func (s *Schedule) Open(t time.Time) bool {
	local := s.local(t)
	minute := local.Hour()*60 + local.Minute()
	today, yesterday := int(local.Weekday()), (int(local.Weekday())+6)%7
	return holds(s.open[today], minute) || holds(s.open[yesterday], minute+dayMinutes)
}

func holds(times []minutes, minute int) bool {
	return slices.ContainsFunc(times, func(m minutes) bool { return m.from <= minute && minute < m.to })
}

func (s *Schedule) local(t time.Time) time.Time {
	zone, err := localZone()
	if err != nil { // ParseSchedule made sure
		return t.UTC()
	}
	return t.In(zone)
}

// opensSoon reports whether the place surely opens within a day, without the
// exact times that Next works out: a false says nothing.
func (s *Schedule) opensSoon(t time.Time) bool {
	const margin = 2 * 60 // for a change of the clock today
	local := s.local(t)
	if _, change := local.ZoneBounds(); !change.IsZero() && change.Sub(t) < 2*longWait {
		return false // hours may be left out
	}
	minute, today := local.Hour()*60+local.Minute(), int(local.Weekday())
	return slices.ContainsFunc(s.open[today], func(m minutes) bool { return m.from > minute && m.from < dayMinutes-margin }) ||
		slices.ContainsFunc(s.open[(today+1)%7], func(m minutes) bool { return m.from < minute-margin })
}

// Next gives the next instant at which the place opens or closes, and false
// when it never does.
func (s *Schedule) Next(t time.Time) (time.Time, bool) {
	local := s.local(t)
	now := s.Open(t)
	var at []time.Time
	// When the clock changes, a time of day comes twice or not at all: both
	// readings may be it, and the change itself.
	_, before := local.AddDate(0, 0, -1).Zone()
	_, later := local.AddDate(0, 0, 9).Zone()
	if _, change := local.ZoneBounds(); !change.IsZero() {
		at = append(at, change)
	}
	for day := -1; day <= 8; day++ {
		date := time.Date(local.Year(), local.Month(), local.Day()+day, 0, 0, 0, 0, time.UTC)
		for _, m := range s.open[date.Weekday()] {
			for _, minute := range []int{m.from, m.to} {
				reading := date.Add(time.Duration(minute) * time.Minute)
				at = append(at, reading.Add(-time.Duration(before)*time.Second), reading.Add(-time.Duration(later)*time.Second))
			}
		}
	}
	slices.SortFunc(at, time.Time.Compare)
	for _, edge := range at {
		if edge.After(t) && s.Open(edge) != now {
			return edge.UTC(), true
		}
	}
	return time.Time{}, false
}
