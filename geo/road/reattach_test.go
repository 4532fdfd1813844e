package road

import (
	"math"
	"testing"
)

func TestReattach(t *testing.T) {
	t.Parallel()
	with := func(e EdgeInput, way int64, precisionM float64) EdgeInput {
		e.WayID, e.PrecisionM = way, precisionM
		return e
	}
	straight := func(id int64, y float64) EdgeInput { return metres(id, [2]float64{0, y}, [2]float64{1000, y}) }
	for name, x := range map[string]struct {
		former  EdgeInput
		current []EdgeInput
		missing float64 // 0: not listed
	}{
		"same":                    {straight(1, 0), []EdgeInput{straight(9, 0)}, 0},
		"reversed":                {straight(1, 0), []EdgeInput{metres(9, [2]float64{1000, 0}, [2]float64{0, 0})}, 0},
		"gone":                    {straight(1, 0), nil, 1000},
		"elsewhere":               {straight(1, 0), []EdgeInput{straight(9, 50)}, 1000},
		"within its precision":    {with(straight(1, 0), 0, 60), []EdgeInput{straight(9, 50)}, 0},
		"within theirs":           {straight(1, 0), []EdgeInput{with(straight(9, 50), 0, 60)}, 0},
		"cut in two":              {straight(1, 0), []EdgeInput{metres(8, [2]float64{0, 0}, [2]float64{480, 0}), metres(9, [2]float64{480, 0}, [2]float64{1000, 0})}, 0},
		"half gone":               {straight(1, 0), []EdgeInput{metres(9, [2]float64{0, 0}, [2]float64{580, 0})}, 0},
		"more than half gone":     {straight(1, 0), []EdgeInput{metres(9, [2]float64{0, 0}, [2]float64{390, 0})}, 600},
		"way redrawn":             {with(straight(1, 0), 5, 0), []EdgeInput{with(straight(9, 150), 5, 0)}, 0},
		"way moved away":          {with(straight(1, 0), 5, 0), []EdgeInput{with(straight(9, 250), 5, 0)}, 1000},
		"other way":               {with(straight(1, 0), 5, 0), []EdgeInput{with(straight(9, 150), 6, 0)}, 1000},
		"no way is not a way":     {straight(1, 0), []EdgeInput{straight(9, 150)}, 1000},
		"way cut, rest elsewhere": {with(straight(1, 0), 5, 0), []EdgeInput{with(metres(8, [2]float64{0, 0}, [2]float64{100, 0}), 5, 0), with(metres(9, [2]float64{100, 2}, [2]float64{1000, 2}), 6, 0)}, 0},
	} {
		former, current := build(t, straight(0, 9000), x.former), build(t, append(x.current, straight(99, 9000))...)
		got := Reattach(former, current)
		switch {
		case x.missing == 0 && len(got) > 0:
			t.Errorf("%s: lost %+v", name, got)
		case x.missing > 0 && (len(got) != 1 || got[0].Edge != 1 || math.Abs(got[0].MissingM-x.missing) > 15 || math.Abs(got[0].LengthM-1000) > 1):
			t.Errorf("%s: lost %+v, want %v m of edge 1", name, got, x.missing)
		}
	}
}
