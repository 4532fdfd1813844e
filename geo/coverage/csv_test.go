package coverage_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// TestCSVIsReadBackAndRunsNothing reads figures as a spreadsheet does: what
// people typed is text there, whatever it begins with, and numbers are numbers.
func TestCSVIsReadBackAndRunsNothing(t *testing.T) {
	for typed, want := range map[string]string{
		"Delmas": "Delmas", "": "", "=1+1": "'=1+1", "+1": "'+1", "-2+3|cmd": "'-2+3|cmd", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1",
		"-": "'-", "a,\"b\";\nc": "a,\"b\";\nc", "Ti Rivyè — 3 %": "Ti Rivyè — 3 %", "−1": "−1",
	} {
		text := geo.Text{French: typed, Haitian: typed, English: typed}
		id := uuid.MustParse("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
		raw, err := coverage.AppendCSV(nil, []coverage.Value{
			{Indicator: "T2", Area: typed, Of: map[string]string{"part": "situation", "name": typed}, Unit: coverage.UnitKm2, Status: coverage.Assessed,
				Amount: &coverage.Range{Low: -2.5, Central: -1e-9, High: 3e7}, Whole: &coverage.Whole{Name: text, Amount: 4, Unit: "km2"}, Note: &text, N: 1, IDs: []uuid.UUID{id}},
			{Indicator: "T1", Area: "HT", Status: coverage.NotMeasured},
		}, "en")
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(string(raw))).ReadAll()
		if err != nil || len(rows) != 3 {
			t.Fatalf("%q: %d rows, %v", typed, len(rows), err)
		}
		cell := func(row int, column string) string { return rows[row][slices.Index(rows[0], column)] }
		for _, column := range []string{"area", "denominator_name", "note"} {
			if got := cell(1, column); got != want {
				t.Errorf("%s %q is written %q, want %q", column, typed, got, want)
			}
		}
		for column, number := range map[string]string{"low": "-2.5", "value": "-0.000000001", "high": "30000000", "n": "1", "denominator": "4 km2", "ids": id.String(), "of": "name=" + typed + ";part=situation"} {
			if got := cell(1, column); got != number {
				t.Errorf("%s is written %q, want %q", column, got, number)
			}
		}
		for _, column := range []string{"low", "value", "high", "share", "denominator", "ids"} {
			if got := cell(2, column); got != "" {
				t.Errorf("what is not measured has a %s of %q", column, got)
			}
		}
	}
}
