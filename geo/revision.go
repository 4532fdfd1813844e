package geo

import (
	"strconv"
	"time"
)

// Revision is the one global counter of known time: every transaction that
// changes the record takes the next, and their order is the order of commit.
type Revision int64

func (r Revision) String() string { return strconv.FormatInt(int64(r), 10) }

// ETag is the strong entity tag of something last changed by this revision.
func (r Revision) ETag() string { return `"` + r.String() + `"` }

// AsOf is the question "known when?" of a read: nothing (now), a revision, or
// an instant that names the last revision committed by then.
type AsOf struct {
	Revision Revision
	Time     time.Time
}

// IsZero reports that the present is meant.
func (a AsOf) IsZero() bool { return a.Revision == 0 && a.Time.IsZero() }

// ParseAsOf reads a positive revision number or an RFC 3339 instant.
func ParseAsOf(s string) (AsOf, error) {
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n < 1 {
			return AsOf{}, Errorf(CodeInvalid, "", "a revision is a positive number")
		}
		return AsOf{Revision: Revision(n)}, nil
	}
	t, err := ParseInstant(s)
	if err != nil {
		return AsOf{}, Errorf(CodeInvalid, "", "asof %q is neither a revision number nor an RFC 3339 date-time", truncate(s, 40))
	}
	return AsOf{Time: t}, nil
}
