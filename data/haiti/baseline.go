package haiti

import (
	"fmt"
	"strconv"
	"time"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// Baselines are the figures that the Secretary-General's letter of 24 February
// 2025 gave the Security Council, in the order of the file.
func Baselines() ([]coverage.Baseline, error) {
	rows, err := readTable("baselines.csv", 9)
	if err != nil {
		return nil, err
	}
	out := make([]coverage.Baseline, 0, len(rows))
	for _, row := range rows {
		b := coverage.Baseline{
			Indicator: row[0], Label: geo.Text{French: row[1], Haitian: row[2], English: row[3]},
			Qualifier: coverage.Qualifier(row[4]), Unit: row[6], Source: row[8],
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
