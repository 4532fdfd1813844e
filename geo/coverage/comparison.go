package coverage

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Arrows of a comparison: where a figure stands beside its baseline.
const (
	ArrowUp      = "up"
	ArrowDown    = "down"
	ArrowLevel   = "level"
	ArrowUnknown = "unknown"
)

// How a source's words are read as numbers: Pasaj's coding rule. "About 70"
// stands for 70 give or take a twentieth, "more than 80" for 80 to 88: writers
// round down to the next full figure. Within that a later figure is level.
const (
	aboutWidth    = 0.05
	boundedWidth  = 0.10
	wholeOnRecord = 0.9 // with fewer of what the baseline counts, a record is a sample
)

// band is what a baseline's number stands for.
func (b *Baseline) band() (least, most float64) {
	switch b.Qualifier {
	case About:
		return b.Value * (1 - aboutWidth), b.Value * (1 + aboutWidth)
	case AtLeast, MoreThan:
		return b.Value, b.Value * (1 + boundedWidth)
	case FewerThan:
		return b.Value * (1 - boundedWidth), b.Value
	}
	return b.Value, b.Value
}

// arrow compares an interval with a band. Where the interval reaches across an
// end of the band nobody can tell.
func arrow(r Range, least, most float64) string {
	const hair = 1e-9 // shares of whole numbers are not exact
	slack := hair * math.Max(1, math.Abs(most))
	switch {
	case r.Low > most+slack:
		return ArrowUp
	case r.High < least-slack:
		return ArrowDown
	case r.Low >= least-slack && r.High <= most+slack:
		return ArrowLevel
	}
	return ArrowUnknown
}

// baseline finds a baseline of the engine, nil without.
func (e *Engine) baseline(id string) *Baseline {
	for k := range e.options.Baselines {
		if e.options.Baselines[k].Indicator == id {
			return &e.options.Baselines[k]
		}
	}
	return nil
}

// compare reads a figure against a baseline, nil where the engine has none such.
// An amount of nil is not measured. Where n things are on record and another
// baseline, unless its identifier is empty, says how many there are in all, a
// record of far fewer is a sample: no arrow.
func (e *Engine) compare(id string, amount *Range, n int, totalID string) *Comparison {
	b := e.baseline(id)
	if b == nil {
		return nil
	}
	c := b.comparison()
	if total := e.baseline(totalID); amount != nil && (total == nil || !isSample(n, total.Value)) {
		least, most := b.band()
		c.Arrow = arrow(*amount, least, most)
	}
	return c
}

// isSample reports whether a record of n is only part of what a baseline counts.
func isSample(n int, total float64) bool { return float64(n) < wholeOnRecord*total }

// comparison is a baseline that nothing has been read against yet.
func (b *Baseline) comparison() *Comparison {
	return &Comparison{
		Text: b.text("en"), Qualifier: b.Qualifier, Value: b.Value, Unit: b.Unit,
		Date: b.Date.Format(time.DateOnly), Source: b.Source, Arrow: ArrowUnknown,
	}
}

// isPercent reports whether a baseline is a share of something, in percent.
func (b *Baseline) isPercent() bool { return strings.HasPrefix(b.Unit, "%") }

// text writes a baseline's number with its qualifier: 412, ≈ 70 %, 80+.
func (b *Baseline) text(language string) string {
	number := FormatNumber(b.Value, -1, language)
	if b.isPercent() {
		number += percentSign(language)
	}
	switch b.Qualifier {
	case About:
		return "≈ " + number
	case AtLeast:
		return "≥ " + number
	case MoreThan:
		if b.isPercent() {
			return "> " + number
		}
		return number + "+"
	case FewerThan:
		return "< " + number
	}
	return number
}

// pairText writes one baseline as part of another: 67/412 = 16.3 %. Where the
// two count different things there is no share: 4/80+.
func pairText(part, whole *Baseline, share bool, language string) string {
	text := part.text(language) + "/" + whole.text(language)
	if !share || whole.Value <= 0 {
		return text
	}
	sign := " = "
	if part.Qualifier != ExactlyThat || whole.Qualifier != ExactlyThat {
		sign = " ≈ "
	}
	return text + sign + FormatPercent(part.Value/whole.Value, 1, language)
}

const (
	narrowSpace = "\u202f"
	noBreak     = "\u00a0"
)

// FormatPercent writes a share in percent with so many decimals: 16.3 % in
// English, 16,3 % in French and Kreyòl.
func FormatPercent(share float64, decimals int, language string) string {
	return FormatNumber(share*100, decimals, language) + percentSign(language)
}

// percentSign follows the number after a space that does not break. English
// has one too, as the International System of Units asks.
func percentSign(language string) string {
	if language == "en" {
		return " %"
	}
	return noBreak + "%"
}

// FormatNumber writes a number with so many decimals, as many as it needs for a
// negative count. French and Kreyòl have a decimal comma and a narrow space
// between thousands, English a point and commas.
func FormatNumber(x float64, decimals int, language string) string {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return "–"
	}
	digits := strconv.FormatFloat(math.Abs(x), 'f', decimals, 64)
	whole, fraction, _ := strings.Cut(digits, ".")
	point, comma := ",", narrowSpace
	if language == "en" {
		point, comma = ".", ","
	}
	var out strings.Builder
	if x < 0 && strings.Trim(digits, "0.") != "" {
		out.WriteString("-")
	}
	for k, digit := range whole {
		if k > 0 && (len(whole)-k)%3 == 0 {
			out.WriteString(comma)
		}
		out.WriteRune(digit)
	}
	if fraction != "" {
		out.WriteString(point + fraction)
	}
	return out.String()
}
