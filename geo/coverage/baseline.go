package coverage

import (
	"time"

	"pasaj/geo"
)

// Qualifier says how a source gives a number.
type Qualifier string

// The qualifiers.
const (
	ExactlyThat Qualifier = "exactly"
	About       Qualifier = "about"
	AtLeast     Qualifier = "at_least"
	MoreThan    Qualifier = "more_than"
	FewerThan   Qualifier = "fewer_than"
)

// Baseline is a dated figure against which later ones are read. It is data: a
// deployment may bring its own.
type Baseline struct {
	Indicator string // identifier of the figure, such as police_facilities
	Label     geo.Text
	Qualifier Qualifier
	Value     float64
	Unit      string    // what is counted; a share names its denominator: "% of the electorate"
	Date      time.Time // the day for which the source gives it, UTC midnight
	Source    string
}

// Comparison is a figure read against its baseline.
type Comparison struct {
	Text      string    `json:"text"` // such as 67/412 = 16.3 %
	Qualifier Qualifier `json:"qualifier"`
	Value     float64   `json:"value"`
	Unit      string    `json:"unit"`
	Date      string    `json:"date"` // RFC 3339 full date
	Source    string    `json:"source"`
	Arrow     string    `json:"arrow"` // up, down, level, or unknown where the interval spans the baseline or nothing is measured
}
