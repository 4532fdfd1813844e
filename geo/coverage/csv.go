package coverage

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// csvHeader are the columns of figures as CSV: one row for each value, in full.
var csvHeader = []string{
	"indicator", "formula", "of", "area", "level", "date", "revision", "audience", "status", "unit",
	"value", "low", "high", "share", "share_low", "share_high", "denominator", "denominator_name", "n", "confidence", "confidence_label", "note", "ids",
}

// AppendCSV writes figures as CSV with a header (RFC 4180); language chooses
// that of names and notes: fr, ht or en.
func AppendCSV(dst []byte, values []Value, language string) ([]byte, error) {
	out := bytes.NewBuffer(dst)
	w := csv.NewWriter(out)
	if err := w.Write(csvHeader); err != nil {
		return nil, err
	}
	for i := range values {
		if err := w.Write(csvRow(&values[i], language)); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

func csvRow(v *Value, language string) []string {
	number := func(x float64) string { return strconv.FormatFloat(x, 'f', -1, 64) }
	three := func(r *Range) (central, low, high string) {
		if r == nil {
			return "", "", ""
		}
		return number(r.Central), number(r.Low), number(r.High)
	}
	value, low, high := three(v.Amount)
	share, shareLow, shareHigh := three(v.Share)
	denominator, name, confidence, note := "", "", "", ""
	if v.Whole != nil {
		denominator, name = number(v.Whole.Amount)+" "+v.Whole.Unit, v.Whole.Name.In(language)
	}
	if v.Confidence != nil {
		confidence = number(*v.Confidence)
	}
	if v.Note != nil {
		note = v.Note.In(language)
	}
	row := []string{
		v.Indicator, v.Formula, Of(v.Of), v.Area, v.Level, v.Datetime, v.Revision.String(), v.Audience, string(v.Status), v.Unit,
		value, low, high, share, shareLow, shareHigh, denominator, name, strconv.Itoa(v.N), confidence, v.ConfidenceLabel, note, joinIDs(v.IDs),
	}
	for i := range row {
		row[i] = harmless(row[i])
	}
	return row
}

// harmless keeps a spreadsheet from taking what people typed for a formula. What
// begins with a sign and is a number stays one.
func harmless(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r\n", rune(cell[0])) {
		return cell
	}
	if _, err := strconv.ParseFloat(cell, 64); err == nil && cell[0] == '-' {
		return cell
	}
	return "'" + cell
}

// Of writes down which row of an indicator a value is, such as
// control_type=controlled.
func Of(of map[string]string) string {
	parts := make([]string, 0, len(of))
	for _, key := range sortedKeys(of) {
		parts = append(parts, key+"="+of[key])
	}
	return strings.Join(parts, ";")
}

func joinIDs(ids []uuid.UUID) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = id.String()
	}
	slices.Sort(parts)
	return strings.Join(parts, " ")
}

// AppendCSV writes the figures as CSV with a header, a row for each.
func (m *Measurement) AppendCSV(dst []byte, language string) ([]byte, error) {
	return AppendCSV(dst, m.Values, language)
}

// AppendCSV writes a series as CSV with a header, a row for each point.
func (s *Series) AppendCSV(dst []byte, language string) ([]byte, error) {
	var values []Value
	for i := range s.Lines {
		l := &s.Lines[i]
		for k, p := range l.Points {
			v := Value{
				Indicator: s.Indicator, Formula: s.Formula, Of: l.Of, Area: l.Area, Level: l.Level, Datetime: s.Datetimes[k],
				Revision: s.Revision, Audience: s.Audience, Status: p.Status, Unit: l.Unit, Amount: p.Amount, Share: p.Share,
				N: p.N, Confidence: p.Confidence, Note: l.Note,
			}
			if v.Status == "" {
				v.Status = Assessed
			}
			if p.Share != nil {
				v.Whole = l.Whole
			}
			values = append(values, v)
		}
	}
	return AppendCSV(dst, values, language)
}
