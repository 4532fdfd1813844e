package coverage_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"pasaj/geo/coverage"
)

var (
	// indicatorLine starts the row of an indicator in a table of the page.
	indicatorLine = regexp.MustCompile("(?m)^\\| `([A-Z][0-9][a-z]?)/([0-9]+)` \\| `([A-Za-z0-9_]+)` \\|")
	// indicatorName is a code wherever the page names one, alone or with a version.
	indicatorName = regexp.MustCompile(`\b([A-Z][0-9][a-z]?)(/[0-9]+)?\b`)
)

// The page lists every indicator once, with the version of its formula and its
// unit, and speaks of no other.
func TestIndicatorsPage(t *testing.T) {
	page, err := os.ReadFile("../../docs/indicators.md")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string][]string{} // formula and unit, by code
	for _, m := range indicatorLine.FindAllStringSubmatch(string(page), -1) {
		lines[m[1]] = append(lines[m[1]], m[1]+"/"+m[2]+" "+m[3])
	}
	for _, i := range coverage.Indicators() {
		want := i.Formula() + " " + i.Unit
		if got := strings.Join(lines[i.Code], ", "); got != want {
			t.Errorf("docs/indicators.md lists %s as %q, not as %q", i.Code, got, want)
		}
		delete(lines, i.Code)
	}
	for code := range lines {
		t.Errorf("docs/indicators.md lists %s, which is no indicator", code)
	}
	for _, m := range indicatorName.FindAllStringSubmatch(string(page), -1) {
		i, ok := coverage.IndicatorByCode(m[1])
		switch {
		case !ok:
			t.Errorf("docs/indicators.md speaks of %s, which is no indicator", m[0])
		case m[2] != "" && m[0] != i.Formula():
			t.Errorf("docs/indicators.md speaks of %s; the formula is %s", m[0], i.Formula())
		}
	}
}
