package format

import (
	"errors"
	"fmt"
	"strings"

	"pasaj/geo"
)

// MaxFaults is how many faults of one file are kept and printed.
const MaxFaults = 100

// Fault is one reason why one row cannot be imported.
type Fault struct {
	Row    int    // position among the features of the file, from 1
	ID     string // the id the file gives, "" for none
	Reason *geo.Error
}

func (f Fault) String() string {
	if f.ID == "" {
		return fmt.Sprintf("row %d: %s", f.Row, f.Reason.Error())
	}
	return fmt.Sprintf("row %d (id %s): %s", f.Row, f.ID, f.Reason.Error())
}

// FaultList is the error of a file that cannot be imported as it stands. The
// first MaxFaults are kept; all are counted.
type FaultList struct {
	Faults []Fault
	Total  int
	Rows   int // features read
}

func (l *FaultList) add(row Row, reason *geo.Error) {
	l.Total++
	if len(l.Faults) < MaxFaults {
		l.Faults = append(l.Faults, Fault{Row: row.Number, ID: row.ID, Reason: reason})
	}
}

func (l *FaultList) orNil() error {
	if l.Total == 0 {
		return nil
	}
	return l
}

// Error lists the faults, one on a line.
func (l *FaultList) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%d faults in %d rows, nothing was imported:", l.Total, l.Rows)
	for _, f := range l.Faults {
		b.WriteString("\n" + f.String())
	}
	if more := l.Total - len(l.Faults); more > 0 {
		fmt.Fprintf(&b, "\n… and %d more", more)
	}
	return b.String()
}

// Unwrap gives errors.Is and errors.As the single reasons.
func (l *FaultList) Unwrap() []error {
	out := make([]error, len(l.Faults))
	for i, f := range l.Faults {
		out[i] = f.Reason
	}
	return out
}

// reasons turns the error of a decoder into single reasons.
func reasons(err error) geo.Errors {
	var many geo.Errors
	if errors.As(err, &many) {
		return many
	}
	var one *geo.Error
	if errors.As(err, &one) {
		return geo.Errors{one}
	}
	return geo.Errors{geo.Errorf(geo.CodeInvalid, "", "it cannot be read").WithCause(err)}
}
