package hazard

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

var drawPoints = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Point {
	if rapid.Bool().Draw(t, "coarse") { // so that many are equal
		return Point{float64(rapid.IntRange(0, 5).Draw(t, "time")), float64(rapid.IntRange(0, 5).Draw(t, "risk"))}
	}
	return Point{rapid.Float64Range(0, 5).Draw(t, "time"), rapid.Float64Range(0, 5).Draw(t, "risk")}
}), 0, 30)

func TestFront(t *testing.T) {
	if Front(nil) != nil {
		t.Error("no points have a front")
	}
	points := []Point{{3, 1}, {1, 3}, {2, 3}, {1, 3}, {math.NaN(), 0}, {0, math.Inf(1)}, {2, 2}, {9, 1}}
	if got, want := Front(points), []int{1, 6, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, not %v", got, want)
	}
}

// The front is what comparing every point with every other leaves.
func TestFrontByComparingAll(t *testing.T) {
	better := func(a, b Point) bool {
		return a.TimeS <= b.TimeS && a.Risk <= b.Risk && a != b
	}
	rapid.Check(t, func(t *rapid.T) {
		points := drawPoints.Draw(t, "points")
		var want []Point
		for i, p := range points {
			if !slices.Contains(points[:i], p) && !slices.ContainsFunc(points, func(q Point) bool { return better(q, p) }) {
				want = append(want, p)
			}
		}
		slices.SortFunc(want, func(a, b Point) int {
			if a.TimeS < b.TimeS {
				return -1
			}
			return 1
		})
		var got []Point
		for _, i := range Front(points) {
			got = append(got, points[i])
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%v, not %v", got, want)
		}
	})
}

func TestKnee(t *testing.T) {
	for _, c := range []struct {
		name   string
		points []Point
		want   int
	}{
		{"none", nil, -1},
		{"two", []Point{{1, 5}, {2, 3}}, -1},
		{"on the chord", []Point{{0, 2}, {1, 1}, {2, 0}}, -1},
		{"above the chord", []Point{{0, 2}, {1, 1.5}, {2, 0}}, -1},
		{"below it", []Point{{0, 2}, {1, .5}, {2, 0}}, 1},
		{"the furthest below", []Point{{0, 10}, {10, 0}, {1, 6}, {2, 2}, {6, 1}, {4, 9}}, 3},
		{"whatever the units", []Point{{0, 1e-6}, {36000, 0}, {3600, 6e-7}, {7200, 2e-7}}, 3},
		{"the faster of two", []Point{{0, 4}, {1, 2}, {2, 1}, {4, 0}}, 1},
	} {
		if got := Knee(c.points); got != c.want {
			t.Errorf("%s: %d, not %d", c.name, got, c.want)
		}
	}
}

// The knee is on the front, and neither the fastest nor the least risky.
func TestKneeIsOnTheFront(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		points := drawPoints.Draw(t, "points")
		front, knee := Front(points), Knee(points)
		if knee >= 0 && !slices.Contains(front[1:len(front)-1], knee) {
			t.Fatalf("%d of %v", knee, front)
		}
	})
}

func TestExchangeRate(t *testing.T) {
	got, ok := ExchangeRate(Point{3600, .2}, Point{4320, .12})
	if !ok || got.ExtraS != 720 || math.Abs(got.RiskSaved-.08) > hair || math.Abs(got.RiskSavedShare-.4) > hair || math.Abs(got.SecondsPerRisk-9000) > 1e-6 {
		t.Errorf("%+v, %v", got, ok)
	}
	for _, pair := range [][2]Point{
		{{1, 1}, {1, 0}}, {{1, 1}, {2, 1}}, {{2, 1}, {1, 0}}, {{1, 0}, {2, 1}},
		{{math.NaN(), 1}, {2, 0}}, {{1, math.Inf(1)}, {2, 0}}, {{0, 5e-324}, {1, 0}},
	} {
		if x, ok := ExchangeRate(pair[0], pair[1]); ok {
			t.Errorf("%v: %+v", pair, x)
		}
	}
}
