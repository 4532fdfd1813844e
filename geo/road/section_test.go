package road

import (
	"math"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo/measure"
)

// lineOf is a line in thousandths of a degree from the corner of the capital.
func lineOf(points ...[2]int) orb.LineString { return edge(0, false, points...).Geometry }

func numbered(id int64, ref string, points ...[2]int) EdgeInput {
	e := edge(id, false, points...)
	e.Ref, e.Class = ref, ClassNational
	return e
}

func TestLinkSections(t *testing.T) {
	t.Parallel()
	g := build(t,
		numbered(1, "RN1", [2]int{0, 0}, [2]int{20, 0}),       // along the border of two sections
		numbered(2, "RN2", [2]int{0, 1}, [2]int{20, 1}),       // another road's number
		numbered(3, "RN1", [2]int{100, 50}, [2]int{120, 50}),  // far away
		numbered(4, "RN3;RN1", [2]int{0, 2}, [2]int{20, 2}),   // two numbers
		edge(5, false, [2]int{0, 0}, [2]int{20, 1}),           // none
		numbered(6, "RN1", [2]int{10, -40}, [2]int{10, 40}),   // crosses the reach
		numbered(7, "RN9", [2]int{0, 300}, [2]int{100, 300}),  // within the precision only
		numbered(8, "RN1;RN1", [2]int{0, 0}, [2]int{-20, -0}), // begins on the first
	)
	sections := []Section{
		{Ref: "RN1", Geometry: orb.MultiLineString{lineOf([2]int{0, 0}, [2]int{12, 0})}},
		{Ref: "RN1", Geometry: orb.MultiLineString{lineOf([2]int{12, 0}, [2]int{16, 0}), lineOf([2]int{16, 0}, [2]int{20, 0})}, PrecisionM: 20},
		{Ref: "RN3", Geometry: orb.MultiLineString{lineOf([2]int{0, 2}, [2]int{20, 2})}, PrecisionM: math.NaN()},
		{Ref: "RN9", Geometry: orb.MultiLineString{lineOf([2]int{0, 290}, [2]int{100, 290})}, PrecisionM: 2000},
		{Ref: "RN9"},
		{Ref: "RN1", Geometry: orb.MultiLineString{lineOf([2]int{12, 0}, [2]int{20, 0})}}, // the second again: the first of them counts
	}
	within := func(distanceM float64) float64 { return distanceM }
	lonM, latM := measure.DegreeM(18.5)
	share := lonM / 1000
	east, length := within(12*share), 20*share
	reach := SectionReachM / latM * 1000 // in thousandths
	want := []SectionSpan{
		{0, 0, 0, east}, {0, 1, east, length},
		{3, 0, 0, east}, {3, 2, 0, length}, {3, 1, east, length},
		{5, 0, (40 - reach) * latM / 1000, (40 + reach) * latM / 1000},
		{6, 3, 0, g.Edge(6).LengthM},
		{7, 0, 0, SectionReachM},
	}
	got := g.LinkSections(sections)
	if len(got) != len(want) {
		t.Fatalf("spans %+v, want %+v", got, want)
	}
	for i, s := range got {
		w := want[i]
		if s.Edge != w.Edge || s.Section != w.Section || math.Abs(s.FromM-w.FromM) > 1 || math.Abs(s.ToM-w.ToM) > 1 {
			t.Errorf("span %d: %+v, want %+v", i, s, w)
		}
	}
	if got := g.LinkSections(nil); len(got) != 0 {
		t.Errorf("spans without sections: %+v", got)
	}
}

// TestEveryPlaceIsOnTheNearestSection compares places along edges with all
// sections of their number.
func TestEveryPlaceIsOnTheNearestSection(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		inputs := drawEdges(t)
		for i := range inputs {
			inputs[i].Ref = rapid.SampledFrom([]string{"", "RN1", "RN2", "RN1;RN2"}).Draw(t, "ref")
		}
		g := build(t, inputs...)
		var sections []Section
		at := rapid.IntRange(-5, 35)
		for range rapid.IntRange(0, 5).Draw(t, "sections") {
			s := Section{Ref: rapid.SampledFrom([]string{"RN1", "RN2"}).Draw(t, "number"), PrecisionM: rapid.Float64Range(0, 1500).Draw(t, "precision")}
			for range rapid.IntRange(0, 3).Draw(t, "lines") {
				s.Geometry = append(s.Geometry, lineOf([2]int{at.Draw(t, "x"), at.Draw(t, "y")}, [2]int{at.Draw(t, "x2"), at.Draw(t, "y2")}))
			}
			sections = append(sections, s)
		}
		spans := g.LinkSections(sections)
		for i, s := range spans {
			if e := g.Edge(s.Edge); !e.HasRef(sections[s.Section].Ref) || !(0 <= s.FromM && s.FromM < s.ToM && s.ToM <= e.LengthM) {
				t.Fatalf("span %+v of edge %+v", s, e)
			}
			if i > 0 && (spans[i-1].Edge > s.Edge || spans[i-1].Edge == s.Edge && spans[i-1].FromM > s.FromM) {
				t.Fatalf("spans out of order: %+v", spans)
			}
		}
		number := rapid.IntRange(0, g.Len()-1).Draw(t, "edge")
		e := g.Edge(number)
		place := rapid.Float64Range(0, 1).Draw(t, "share") * e.LengthM
		p := e.At(place)
		for _, ref := range e.Refs {
			best, second := math.Inf(1), math.Inf(1) // distance as a share of reach does not count: the nearest within its own reach
			section, near := -1, false
			for k, s := range sections {
				reach := max(SectionReachM, s.PrecisionM)
				d := math.Inf(1)
				for _, line := range s.Geometry {
					_, m, _ := measure.NearestOnLine(p, line)
					d = min(d, m)
				}
				// Too close to call: on the border of the reach, or of two.
				near = near || s.Ref == ref && math.Abs(d-reach) < 2
				if s.Ref != ref || d > reach {
					continue
				}
				if d < best {
					best, second, section = d, best, k
				} else {
					second = min(second, d)
				}
			}
			if near || second-best < 2 && second != best {
				continue
			}
			got := -1
			for _, s := range spans {
				if s.Edge == number && sections[s.Section].Ref == ref && s.FromM <= place && place <= s.ToM {
					got = s.Section
				}
			}
			if got != section && second != best {
				t.Fatalf("edge %d at %v m on section %d, nearest is %d at %v m: %+v", number, place, got, section, best, spans)
			}
		}
	})
}
