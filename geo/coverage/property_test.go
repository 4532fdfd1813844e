package coverage_test

import (
	"math"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// cells is the side of the chessboard that the properties play on: a commune
// of cells × cells squares of 0.01°.
const cells = 8

// block is a zone of whole squares.
type block struct {
	west, south, east, north int
	control                  int
	worth                    string
	holders                  []geo.Holder
}

func (b block) covers(x, y int) bool { return b.west <= x && x < b.east && b.south <= y && y < b.north }

func (b block) area() orb.MultiPolygon {
	return rectangle(lon(b.west), lat(b.south), lon(b.east), lat(b.north))
}

func lon(x int) float64 { return geo.RoundCoordinate(-72.4 + 0.01*float64(x)) }
func lat(y int) float64 { return geo.RoundCoordinate(18.5 + 0.01*float64(y)) }

func drawBlock(t *rapid.T) block {
	b := block{
		west: rapid.IntRange(-2, cells-1).Draw(t, "west"), south: rapid.IntRange(-2, cells-1).Draw(t, "south"),
		control: rapid.IntRange(0, len(geo.ControlPrecedence)-1).Draw(t, "control"),
		worth:   rapid.SampledFrom([]string{isHigh, isMedium, isLow, isStale}).Draw(t, "worth"),
		holders: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) geo.Holder {
			return geo.Holder{
				Group: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "group"),
				Role:  rapid.SampledFrom([]string{"principal", "ally", "tolerated", "claimed"}).Draw(t, "role"),
			}
		}), 0, 3).Draw(t, "holders"),
	}
	b.east = b.west + rapid.IntRange(1, cells).Draw(t, "width")
	b.north = b.south + rapid.IntRange(1, cells).Draw(t, "height")
	return b
}

func boardWorld(t fataler, blocks []block) []*geo.Version {
	versions := []*geo.Version{admin(t, "HT0111", "HT01", 2, rectangle(lon(0), lat(0), lon(cells), lat(cells)))}
	for i, b := range blocks {
		versions = append(versions, zone(t, i, geo.ControlPrecedence[b.control], b.worth, b.area(), b.holders...))
	}
	return versions
}

// reaches says to which degree a worth counts: 0 the least, 2 the most.
func reaches(worth string) int {
	return map[string]int{isHigh: 0, isMedium: 1, isLow: 2, isStale: 2}[worth]
}

// expected applies the definitions to one square at a time, where they are
// plain logic, and gives shares by squares.
func expected(blocks []block) (control [8][3]float64, groups map[string][3]float64, shared, unassessed [3]float64) {
	groups = map[string][3]float64{}
	const square = 1.0 / (cells * cells)
	for x := range cells {
		for y := range cells {
			var has [8][3]bool
			held := map[string]int{}
			for _, b := range blocks {
				if !b.covers(x, y) {
					continue
				}
				for d := reaches(b.worth); d < 3; d++ {
					has[b.control][d] = true
				}
				if !slices.Contains([]string{"controlled", "influenced", "contested"}, geo.ControlPrecedence[b.control]) {
					continue
				}
				for _, h := range b.holders {
					d := reaches(b.worth)
					if h.Role == "claimed" {
						d = 2
					}
					if old, ok := held[h.Group]; !ok || d < old {
						held[h.Group] = d
					}
				}
			}
			for d := range 3 {
				covered := false
				for c := range has {
					before := false
					for _, earlier := range has[:c] {
						before = before || earlier[2-d]
					}
					if has[c][d] && !before {
						control[c][d] += square
					}
					covered = covered || has[c][2-d]
				}
				if !covered {
					unassessed[d] += square
				}
				count := 0
				for g, from := range held {
					if from <= d {
						share := groups[g]
						share[d] += square
						groups[g] = share
						count++
					}
				}
				shared[d] += square * float64(max(0, count-1))
			}
		}
	}
	return control, groups, shared, unassessed
}

func TestComputeMatchesDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blocks := rapid.SliceOfN(rapid.Custom(drawBlock), 0, 6).Draw(t, "blocks")
		a := compute(t, worldOf(geo.Humanitarian, boardWorld(t, blocks)...), "HT0111").Areas[0]
		wantControl, wantGroups, wantShared, wantUnassessed := expected(blocks)
		for c, want := range wantControl {
			if got := shares(control(a, geo.ControlPrecedence[c])); !near(got, want) {
				t.Errorf("%s %v, want %v", geo.ControlPrecedence[c], got, want)
			}
		}
		if len(a.Groups) != len(wantGroups) {
			t.Errorf("groups %v, want %v", a.Groups, wantGroups)
		}
		for id, want := range wantGroups {
			if got := shares(group(a, id)); !near(got, want) {
				t.Errorf("group %s %v, want %v", id, got, want)
			}
		}
		if got := shares(*a.Shared); !near(got, wantShared) {
			t.Errorf("shared %v, want %v", got, wantShared)
		}
		if got := shares(*a.Unassessed); !near(got, wantUnassessed) {
			t.Errorf("unassessed %v, want %v", got, wantUnassessed)
		}
		checkSound(t, a)
	})
}

type failer interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkSound asserts what holds of every answer.
func checkSound(t failer, a coverage.Area) {
	t.Helper()
	ordered := func(name string, i coverage.Interval, most float64) {
		t.Helper()
		s := shares(i)
		if !(0 <= s[0] && s[0] <= s[1] && s[1] <= s[2] && s[2] <= most) {
			t.Errorf("%s: %v is no interval of shares", name, s)
		}
		if !(i.Low.AreaKm2 <= i.Central.AreaKm2 && i.Central.AreaKm2 <= i.High.AreaKm2 && i.High.AreaKm2 <= most*a.Denominator.AreaKm2*(1+1e-8)) {
			t.Errorf("%s: %v of %v km²", name, i, a.Denominator.AreaKm2)
		}
	}
	sum, lows := 0.0, 0.0
	for _, c := range a.Control {
		ordered(c.ControlType, c.Interval, 1)
		sum += c.Central.Share
		lows += c.Low.Share
	}
	for _, g := range a.Groups {
		ordered(g.Group, g.Interval, 1)
	}
	ordered("unassessed", *a.Unassessed, 1)
	ordered("shared", *a.Shared, math.Inf(1))
	if sum > 1+1e-8 || math.Abs(sum+a.Unassessed.Central.Share-1) > 1e-8 {
		t.Errorf("central shares add up to %v and %v unassessed", sum, a.Unassessed.Central.Share)
	}
	if lows > 1+1e-4 {
		t.Errorf("low shares add up to %v", lows)
	}
}

// One more zone of the first type never lowers that type, and never raises
// what is unassessed.
func TestComputeIsMonotone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		blocks := rapid.SliceOfN(rapid.Custom(drawBlock), 0, 5).Draw(t, "blocks")
		more := drawBlock(t)
		more.control = 0
		before := compute(t, worldOf(geo.Humanitarian, boardWorld(t, blocks)...), "HT0111").Areas[0]
		after := compute(t, worldOf(geo.Humanitarian, boardWorld(t, append(blocks, more))...), "HT0111").Areas[0]
		x, y := shares(control(before, geo.ControlPrecedence[0])), shares(control(after, geo.ControlPrecedence[0]))
		u, v := shares(*before.Unassessed), shares(*after.Unassessed)
		for d := range 3 {
			if y[d] < x[d]-coarse || v[d] > u[d]+coarse {
				t.Errorf("controlled %v to %v, unassessed %v to %v", x, y, u, v)
			}
		}
	})
}
