package coverage_test

import (
	"math"
	"testing"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// stage is what a feature was from some days ago on.
type stage struct {
	days       float64
	control    string // "": nothing on record
	confidence float64
}

// staged makes the states of a zone, each confirmed when it begins.
func staged(t fataler, number int, b block, stages ...stage) []*geo.Version {
	t.Helper()
	var out []*geo.Version
	for n, s := range stages {
		if s.control == "" {
			continue
		}
		valid := geo.Period{From: daysAgo(s.days)}
		if n+1 < len(stages) {
			valid.To = daysAgo(stages[n+1].days)
		}
		out = append(out, zoneState(t, number, s.control, b, valid, s.confidence, valid.From, 1, "a"))
	}
	return out
}

func shareIs(got *coverage.Range, low, central, high float64) bool {
	return got != nil && math.Abs(got.Low-low) < 1e-4 && math.Abs(got.Central-central) < 1e-4 && math.Abs(got.High-high) < 1e-4
}

// Three recoveries of 1, 2 and 3 rows of the board. That of 2 rows relapses on
// day 40; that of 1 row is lost sight of on day 60, when nothing is on record
// any more; that of 3 rows holds. By hand:
//
//	day  at risk      relapsed  S
//	40   1 + 2 + 3    2         1 - 2/6 = 2/3
//	60   1 + 3        -         2/3
//	90   3            -         2/3
func TestHoldSurvivalByHand(t *testing.T) {
	t.Parallel()
	row := func(south, north int) block { return block{west: 0, south: south, east: cells, north: north} }
	versions := board(t)
	versions = append(versions, staged(t, 1, row(0, 1), stage{400, "controlled", 0.9}, stage{200, "recovered", 0.9}, stage{140, "", 0})...)
	versions = append(versions, staged(t, 2, row(1, 3), stage{400, "controlled", 0.9}, stage{150, "recovered", 0.9}, stage{110, "controlled", 0.9})...)
	versions = append(versions, staged(t, 3, row(3, 6), stage{400, "controlled", 0.9}, stage{120, "recovered", 0.9}, stage{30, "state_held", 0.9})...)
	// Never controlled before: no recovery.
	versions = append(versions, staged(t, 4, row(6, 8), stage{300, "state_held", 0.9})...)
	w := worldOf(geo.Humanitarian, versions...)
	values := valuesOf(t, w, now, nil, "T4", "HT0111")
	for days, want := range map[string]float64{"30": 1, "90": 2. / 3} {
		v := valueOf(values, "HT0111", "days", days)
		if v == nil || !shareIs(v.Share, want, want, want) || v.Amount == nil {
			t.Errorf("S(%s d) %+v, want %v", days, v, want)
			continue
		}
		if v.N != 3 || v.Whole == nil || math.Abs(v.Whole.Amount/6-v.Whole.Amount/6) > 1e-9 {
			t.Errorf("S(%s d) counts %d zones of %+v", days, v.N, v.Whole)
		}
	}
	// In the last 90 days nothing relapsed; what holds was exposed, 3 rows, and
	// what relapsed or was lost before was not.
	v := valueOf(valuesOf(t, w, now, nil, "T5", "HT0111"), "HT0111", "days", "90")
	if v == nil || !shareIs(v.Share, 0, 0, 0) {
		t.Errorf("relapse %+v", v)
	}
	// Sixty days earlier the relapse was 50 days ago, and all three were exposed
	// at some moment of the ninety days before.
	v = valueOf(valuesOf(t, w, daysAgo(60), nil, "T5", "HT0111"), "HT0111", "days", "90")
	if v == nil || !shareIs(v.Share, 1./3, 1./3, 1./3) || v.Unit != coverage.UnitKm2 {
		t.Errorf("relapse %+v", v)
	}
}

// The second and third recovery are zones of their own over ground that another
// zone held; a part of one relapses, and the evidence of relapse differs.
func TestHoldByPiecesAndDegrees(t *testing.T) {
	t.Parallel()
	left, right := block{west: 0, south: 0, east: 4, north: 8}, block{west: 4, south: 0, east: 8, north: 8}
	versions := board(t)
	versions = append(versions, staged(t, 1, block{west: 0, south: 0, east: 8, north: 8}, stage{400, "controlled", 0.9}, stage{100, "", 0})...)
	versions = append(versions, staged(t, 2, left, stage{100, "recovered", 0.9})...)
	versions = append(versions, staged(t, 3, right, stage{100, "recovered", 0.9})...)
	// A quarter of the left relapses by high evidence on day 20, a quarter by
	// medium and a quarter by a rumour on day 25.
	versions = append(versions, staged(t, 4, block{west: 0, south: 0, east: 4, north: 2}, stage{80, "controlled", 0.9})...)
	versions = append(versions, staged(t, 5, block{west: 0, south: 2, east: 4, north: 4}, stage{75, "controlled", 0.5})...)
	versions = append(versions, staged(t, 6, block{west: 0, south: 4, east: 4, north: 6}, stage{75, "controlled", 0.3})...)
	w := worldOf(geo.Humanitarian, versions...)
	v := valueOf(valuesOf(t, w, now, nil, "T4", "HT0111"), "HT0111", "days", "30")
	if v == nil || !shareIs(v.Share, 1-3./8, 1-2./8, 1-1./8) {
		t.Errorf("S(30 d) %+v %v", v, v.Share)
	}
	v = valueOf(valuesOf(t, w, now, nil, "T5", "HT0111"), "HT0111", "days", "90")
	if v == nil || !shareIs(v.Share, 1./8, 2./8, 3./8) {
		t.Errorf("relapse %+v %v", v, v.Share)
	}
}

func TestHoldNotLongEnough(t *testing.T) {
	t.Parallel()
	b := block{west: 0, south: 0, east: 4, north: 8}
	versions := append(board(t), staged(t, 1, b, stage{400, "controlled", 0.9}, stage{45, "recovered", 0.9})...)
	w := worldOf(geo.Humanitarian, versions...)
	values := valuesOf(t, w, now, nil, "T4", "HT0111", "HT0112")
	if v := valueOf(values, "HT0111", "days", "30"); !shareIs(v.Share, 1, 1, 1) {
		t.Errorf("S(30 d) %+v", v)
	}
	if v := valueOf(values, "HT0111", "days", "90"); v.Status != coverage.NotMeasured || v.Amount != nil || v.Note == nil {
		t.Errorf("S(90 d) of ground held for 45 days: %+v", v)
	}
	if v := valueOf(values, "HT0112", "days", "30"); v.Status != coverage.NotMeasured || v.Note == nil {
		t.Errorf("without a recovery: %+v", v)
	}
	// What nobody confirmed for ninety days is lost sight of, not held.
	w = worldOf(geo.Humanitarian, append(board(t), staged(t, 1, b, stage{400, "controlled", 0.9}, stage{200, "recovered", 0.9}, stage{100, "controlled", 0.9})...)...)
	if v := valueOf(valuesOf(t, w, now, nil, "T4", "HT0111"), "HT0111", "days", "90"); !shareIs(v.Share, 1, 1, 1) {
		t.Errorf("relapse after the evidence of the hold went stale: %+v", v)
	}
}

// Ground is recovered anew only after it was controlled again.
func TestHoldTwice(t *testing.T) {
	t.Parallel()
	b := block{west: 0, south: 0, east: 4, north: 8}
	versions := append(board(t), staged(t, 1, b,
		stage{400, "controlled", 0.9}, stage{300, "recovered", 0.9}, stage{290, "controlled", 0.9}, stage{250, "recovered", 0.9},
		stage{200, "unknown", 0.9}, stage{150, "recovered", 0.9}, stage{100, "state_held", 0.9})...)
	v := valueOf(valuesOf(t, worldOf(geo.Humanitarian, versions...), now, nil, "T4", "HT0111"), "HT0111", "days", "30")
	// Two recoveries of the same ground, one of which relapsed after ten days;
	// what followed the unknown time is none.
	if v == nil || !shareIs(v.Share, .5, .5, .5) {
		t.Errorf("%+v %v", v, v.Share)
	}
}
