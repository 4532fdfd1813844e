package geo

import "time"

// Period is a half-open stretch of valid time [From, To). A zero From or To
// means unbounded on that side.
type Period struct{ From, To time.Time }

// Contains reports whether the instant lies in the period.
func (p Period) Contains(t time.Time) bool {
	return (p.From.IsZero() || !t.Before(p.From)) && (p.To.IsZero() || t.Before(p.To))
}

// Overlaps reports whether the two periods share an instant.
func (p Period) Overlaps(q Period) bool {
	return (p.To.IsZero() || q.From.IsZero() || q.From.Before(p.To)) &&
		(q.To.IsZero() || p.From.IsZero() || p.From.Before(q.To))
}

// Empty reports whether no instant lies in the period.
func (p Period) Empty() bool {
	return !p.From.IsZero() && !p.To.IsZero() && !p.From.Before(p.To)
}

// Moment is the question "true when?" of a read: nothing (the latest state), an
// instant, or an interval.
type Moment struct {
	Set     bool
	Instant bool
	Period  Period // an instant is stored as From
}

// At is the moment of one instant.
func At(t time.Time) Moment {
	return Moment{Set: true, Instant: true, Period: Period{From: t}}
}

// Meets reports whether a version valid in p answers the question.
func (m Moment) Meets(p Period) bool {
	switch {
	case !m.Set:
		return true
	case m.Instant:
		return p.Contains(m.Period.From)
	default:
		return m.Period.Overlaps(p)
	}
}

// Limits of valid time that the record accepts. Earlier or later dates are
// slips of the keyboard, not history.
var (
	EarliestValid = time.Date(1800, 1, 1, 0, 0, 0, 0, time.UTC)
	LatestValid   = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// ParseInstant reads an RFC 3339 date-time, or a full date as its midnight UTC,
// of the years 1000 to 9999: outside them the zero time, which stands for
// "none", and dates that cannot be written down again would lie in wait.
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse(time.DateOnly, s)
	}
	t = t.UTC().Truncate(time.Microsecond)
	if err == nil && t.Year() >= 1000 && t.Year() <= 9999 {
		return t, nil
	}
	return time.Time{}, Errorf(CodeInvalid, "", "%q is not an RFC 3339 date-time such as 2025-03-12T05:30:00Z", truncate(s, 40))
}

// FormatInstant writes RFC 3339 in UTC with as many digits as needed.
func FormatInstant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ParseMoment reads an OGC API - Features datetime: an instant, or an interval
// "a/b" whose open ends are ".." or empty.
func ParseMoment(s string) (Moment, error) {
	before, after, interval := cut(s, '/')
	if !interval {
		t, err := ParseInstant(s)
		if err != nil {
			return Moment{}, err
		}
		return At(t), nil
	}
	var p Period
	var err error
	if before != "" && before != ".." {
		if p.From, err = ParseInstant(before); err != nil {
			return Moment{}, err
		}
	}
	if after != "" && after != ".." {
		if p.To, err = ParseInstant(after); err != nil {
			return Moment{}, err
		}
		if !p.From.IsZero() && p.To.Before(p.From) {
			return Moment{}, Errorf(CodeInvalid, "", "the interval ends before it begins")
		}
		// The standard's intervals are closed; ours are half-open.
		p.To = p.To.Add(time.Microsecond)
	}
	return Moment{Set: true, Period: p}, nil
}

func cut(s string, sep byte) (before, after string, found bool) {
	for i := 0; i < len(s); i++ {
		if s[i] == sep {
			return s[:i], s[i+1:], true
		}
	}
	return s, "", false
}

func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return s[:n] + "…"
}
