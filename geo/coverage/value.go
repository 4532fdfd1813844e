package coverage

import (
	"strconv"

	"github.com/google/uuid"

	"pasaj/geo"
)

// Status says whether an area could be answered for.
type Status string

// The statuses. Neither withheld nor not_measured means zero: their amounts
// are null.
const (
	Assessed    Status = "assessed"
	Withheld    Status = "withheld"     // the audience's world may not hold what the figure is made of
	NotMeasured Status = "not_measured" // no defensible figure: the note says why
)

// Units of amounts.
const (
	UnitKm2    = "km2"
	UnitKm     = "km"
	UnitCount  = "count"
	UnitPeople = "people"
	UnitShare  = "share" // the amount is itself a share of the denominator
	UnitHour   = "h"
	UnitDay    = "d"
	UnitGourde = "HTG"
	UnitRate   = "rate" // the denominator names per what
)

// Range is a figure by degree of evidence. Low rests on evidence of high
// confidence alone, Central on medium or better, High on everything that was
// not refuted, stale evidence too. Low <= Central <= High.
type Range struct {
	Low     float64 `json:"low"`
	Central float64 `json:"central"`
	High    float64 `json:"high"`
}

// Exactly is a range without width.
func Exactly(x float64) Range { return Range{x, x, x} }

func (r Range) plus(o Range) Range {
	return Range{r.Low + o.Low, r.Central + o.Central, r.High + o.High}
}

// over is the range as shares of a whole; nothing of nothing is nil.
func (r Range) over(whole float64) *Range {
	if whole <= 0 {
		return nil
	}
	return &Range{significant(r.Low / whole), significant(r.Central / whole), significant(r.High / whole)}
}

func (r Range) rounded() *Range {
	return &Range{significant(r.Low), significant(r.Central), significant(r.High)}
}

// Whole is what a share is a share of.
type Whole struct {
	Name   geo.Text `json:"name"`
	Amount float64  `json:"amount"`
	Unit   string   `json:"unit"`
	Source string   `json:"source,omitempty"` // where the amount comes from

	fromRecord bool // Source is recordSource
}

// Value is one figure of one indicator for one area, with all that is needed
// to trace it and to judge it. It marshals to the JSON of /v1/coverage/values.
type Value struct {
	Indicator string            `json:"indicator"`    // code, such as T1
	Formula   string            `json:"formula"`      // code and version of the formula, such as T1/1
	Of        map[string]string `json:"of,omitempty"` // which row: control_type, group, ref, status, …
	Area      string            `json:"area"`         // p-code, or the identifier of a named area
	Level     string            `json:"level"`
	Datetime  string            `json:"datetime"` // valid time, RFC 3339
	Revision  geo.Revision      `json:"revision"` // known time
	Audience  string            `json:"audience"`
	Status    Status            `json:"status"`
	Unit      string            `json:"unit"`
	Amount    *Range            `json:"amount"`
	Share     *Range            `json:"share"` // of Whole; null where a share has no meaning
	Whole     *Whole            `json:"denominator"`

	N               int         `json:"n"`          // records counted
	Confidence      *float64    `json:"confidence"` // of what was counted, weighed by the amount; null without any
	ConfidenceLabel string      `json:"confidence_label,omitempty"`
	IDs             []uuid.UUID `json:"ids"` // the records counted
	Note            *geo.Text   `json:"note,omitempty"`
	Baseline        *Comparison `json:"baseline,omitempty"`
}

// significant rounds to nine significant digits: enough to compare with other
// software, too few to show in which order a machine added things up.
func significant(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 8, 64), 64)
	if err != nil { // what FormatFloat wrote always parses
		return x
	}
	return rounded
}
