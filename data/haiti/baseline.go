package haiti

import (
	"fmt"
	"strconv"
	"time"

	"pasaj/geo"
)

// Qualifier says how a source gives a number.
type Qualifier string

// The qualifiers.
const (
	Exactly   Qualifier = "exactly"
	About     Qualifier = "about"
	AtLeast   Qualifier = "at_least"
	MoreThan  Qualifier = "more_than"
	FewerThan Qualifier = "fewer_than"
)

// Baseline is a dated figure against which later ones are read.
type Baseline struct {
	Indicator string // identifier
	Label     geo.Text
	Qualifier Qualifier
	Value     float64
	Unit      string    // what is counted; a share names its denominator: "% of the electorate"
	Date      time.Time // the day for which the source gives it, UTC midnight
	Source    string
}

// Baselines are the figures that the Secretary-General's letter of 24 February
// 2025 gave the Security Council, in the order of the file.
func Baselines() ([]Baseline, error) {
	rows, err := readTable("baselines.csv", 9)
	if err != nil {
		return nil, err
	}
	out := make([]Baseline, 0, len(rows))
	for _, row := range rows {
		b := Baseline{
			Indicator: row[0], Label: geo.Text{French: row[1], Haitian: row[2], English: row[3]},
			Qualifier: Qualifier(row[4]), Unit: row[6], Source: row[8],
		}
		if b.Value, err = strconv.ParseFloat(row[5], 64); err != nil {
			return nil, fmt.Errorf("snapshot: baseline %s: %w", b.Indicator, err)
		}
		if b.Date, err = time.Parse(time.DateOnly, row[7]); err != nil {
			return nil, fmt.Errorf("snapshot: baseline %s: %w", b.Indicator, err)
		}
		out = append(out, b)
	}
	return out, nil
}
