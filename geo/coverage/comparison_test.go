package coverage

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestArrows(t *testing.T) {
	tests := []struct {
		name      string
		qualifier Qualifier
		value     float64
		amount    Range
		want      string
	}{
		{"the same", ExactlyThat, 67, Exactly(67), ArrowLevel},
		{"one more", ExactlyThat, 67, Exactly(68), ArrowUp},
		{"one fewer", ExactlyThat, 67, Exactly(66), ArrowDown},
		{"the interval spans it", ExactlyThat, 67, Range{60, 67, 70}, ArrowUnknown},
		{"the interval begins at it", ExactlyThat, 67, Range{67, 67, 70}, ArrowUnknown},
		{"all of the interval is above", ExactlyThat, 67, Range{68, 69, 70}, ArrowUp},
		{"about that", About, 70, Exactly(47. / 67 * 100), ArrowLevel},
		{"about that, less a tenth", About, 70, Exactly(63), ArrowDown},
		{"about that, and a tenth", About, 70, Exactly(77), ArrowUp},
		{"more than that", MoreThan, 80, Exactly(85), ArrowLevel},
		{"many more", MoreThan, 80, Exactly(100), ArrowUp},
		{"not that many", MoreThan, 80, Exactly(79), ArrowDown},
		{"at least", AtLeast, 207, Exactly(207), ArrowLevel},
		{"fewer than", FewerThan, 150, Exactly(140), ArrowLevel},
		{"many fewer", FewerThan, 150, Exactly(100), ArrowDown},
		{"as many as were fewer", FewerThan, 150, Exactly(151), ArrowUp},
		{"spans the band", MoreThan, 80, Range{70, 85, 90}, ArrowUnknown},
	}
	for _, test := range tests {
		b := Baseline{Qualifier: test.qualifier, Value: test.value}
		least, most := b.band()
		if got := arrow(test.amount, least, most); got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

func TestCompare(t *testing.T) {
	e := NewEngine(Options{Baselines: []Baseline{{Indicator: "down", Qualifier: ExactlyThat, Value: 67, Unit: "facilities"}, {Indicator: "all", Value: 412}}})
	ten := Exactly(10)
	for _, test := range []struct {
		amount *Range
		n      int
		total  string
		want   string
	}{{&ten, 412, "all", ArrowDown}, {&ten, 12, "all", ArrowUnknown}, {&ten, 12, "", ArrowDown}, {nil, 412, "all", ArrowUnknown}} {
		if c := e.compare("down", test.amount, test.n, test.total); c == nil || c.Arrow != test.want || c.Text != "67" {
			t.Errorf("%+v: %+v", test, c)
		}
	}
	if c := e.compare("nothing", &ten, 1, ""); c != nil {
		t.Errorf("%+v", c)
	}
}

func TestFormatNumber(t *testing.T) {
	tests := []struct {
		x              float64
		decimals       int
		english, other string
	}{
		{16.2621359, 1, "16.3", "16,3"}, {0, 1, "0.0", "0,0"}, {-0.04, 1, "0.0", "0,0"}, {-1234.5, 1, "-1,234.5", "-1\u202f234,5"},
		{1e6, -1, "1,000,000", "1\u202f000\u202f000"}, {412, -1, "412", "412"}, {999.96, 1, "1,000.0", "1\u202f000,0"}, {3.5, -1, "3.5", "3,5"},
		{math.NaN(), 1, "–", "–"}, {math.Inf(1), 0, "–", "–"},
	}
	for _, test := range tests {
		if got := FormatNumber(test.x, test.decimals, "en"); got != test.english {
			t.Errorf("%v: %q, want %q", test.x, got, test.english)
		}
		for _, language := range []string{"fr", "ht"} {
			if got := FormatNumber(test.x, test.decimals, language); got != test.other {
				t.Errorf("%v in %s: %q, want %q", test.x, language, got, test.other)
			}
		}
	}
	if got := FormatPercent(67./412, 1, "en"); got != "16.3 %" {
		t.Errorf("%q", got)
	}
	if got := FormatPercent(67./412, 1, "fr"); got != "16,3\u00a0%" {
		t.Errorf("%q", got)
	}
}

// An arrow is never up and down by the same evidence: a wider interval only
// takes arrows away.
func TestWiderIntervalsSayLess(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Baseline{Value: rapid.Float64Range(1, 1000).Draw(t, "value"), Qualifier: rapid.SampledFrom([]Qualifier{ExactlyThat, About, AtLeast, MoreThan, FewerThan}).Draw(t, "qualifier")}
		least, most := b.band()
		low := rapid.Float64Range(0, 1500).Draw(t, "low")
		high := low + rapid.Float64Range(0, 500).Draw(t, "width")
		narrow := arrow(Range{low, low, high}, least, most)
		wide := arrow(Range{low - rapid.Float64Range(0, 100).Draw(t, "less"), low, high + rapid.Float64Range(0, 100).Draw(t, "more")}, least, most)
		if wide != narrow && wide != ArrowUnknown {
			t.Fatalf("%s, and with less known %s", narrow, wide)
		}
	})
}
