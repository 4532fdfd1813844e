package hazard

import (
	"cmp"
	"math"
	"slices"
)

// Point is a way as a trade between time and risk; less is better of both.
type Point struct {
	TimeS float64 `json:"time_s"`
	Risk  float64 `json:"risk"`
}

func (p Point) finite() bool {
	return !math.IsNaN(p.TimeS+p.Risk) && !math.IsInf(p.TimeS, 0) && !math.IsInf(p.Risk, 0)
}

// Front gives the indices of the points that no other point betters in one
// respect without being worse in the other, from the fastest to the least
// risky. Of equal points the first stays. Points that are not finite are left
// out.
func Front(points []Point) []int {
	var order []int
	for i, p := range points {
		if p.finite() {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(points[a].TimeS, points[b].TimeS), cmp.Compare(points[a].Risk, points[b].Risk))
	})
	var front []int
	for _, i := range order {
		if n := len(front); n == 0 || points[i].Risk < points[front[n-1]].Risk {
			front = append(front, i)
		}
	}
	return front
}

// Knee gives the index of the point of the front that lies furthest below the
// straight line (the chord) from the fastest to the least risky, both axes
// scaled to the front's extent: where more time begins to buy less. Of several the fastest.
// There is none, −1, where no point lies below that line.
func Knee(points []Point) int {
	front := Front(points)
	if len(front) < 3 {
		return -1
	}
	first, last := points[front[0]], points[front[len(front)-1]]
	knee, furthest := -1, 1e-9 // a point on the line is no knee, whatever rounding says
	for _, i := range front[1 : len(front)-1] {
		time := (points[i].TimeS - first.TimeS) / (last.TimeS - first.TimeS)
		risk := (points[i].Risk - last.Risk) / (first.Risk - last.Risk)
		if below := (1 - time - risk) / math.Sqrt2; below > furthest {
			knee, furthest = i, below
		}
	}
	return knee
}

// Exchange is what a slower way with less risk costs and buys.
type Exchange struct {
	ExtraS         float64 `json:"extra_s"`          // more time, seconds
	RiskSaved      float64 `json:"risk_saved"`       // less risk
	RiskSavedShare float64 `json:"risk_saved_share"` // less risk as a share of the faster way's
	SecondsPerRisk float64 `json:"seconds_per_risk"` // the price of a unit of risk
}

// ExchangeRate compares a way with a slower one of less risk. It is false where
// b is not both, and where the difference in risk is too small to be a price's
// denominator.
func ExchangeRate(a, b Point) (Exchange, bool) {
	if !a.finite() || !b.finite() || !(b.TimeS > a.TimeS && b.Risk < a.Risk) {
		return Exchange{}, false
	}
	extra, saved := b.TimeS-a.TimeS, a.Risk-b.Risk
	x := Exchange{ExtraS: extra, RiskSaved: saved, SecondsPerRisk: extra / saved}
	if a.Risk > 0 {
		x.RiskSavedShare = saved / a.Risk
	}
	return x, !math.IsInf(x.SecondsPerRisk, 0) && !math.IsInf(x.RiskSavedShare, 0)
}
