package coverage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/world"
)

// record is a history of worlds, the last known in front of nobody but us.
type record struct {
	worlds []*world.World // by revision
}

// past answers as the record does.
func (r *record) past(_ context.Context, known time.Time) (*world.World, error) {
	for n := len(r.worlds) - 1; n >= 0; n-- {
		if !r.worlds[n].At().After(known) {
			return r.worlds[n], nil
		}
	}
	return nil, geo.Errorf(geo.CodeNotFound, "", "the record knew nothing as of then")
}

func (r *record) last() *world.World { return r.worlds[len(r.worlds)-1] }

// write makes a revision of some features, given by their states from now on.
func (r *record) write(at time.Time, closed, opened []*geo.Version) {
	if len(r.worlds) == 0 {
		r.worlds = append(r.worlds, world.Build(geo.Humanitarian, &geo.DefaultModel, 1, at, opened, nil))
		return
	}
	next, _ := r.last().Apply(world.Step{Revision: r.last().Revision() + 1, At: at, Closed: closed, Opened: opened})
	r.worlds = append(r.worlds, next)
}

func daysAgo(n float64) time.Time { return now.Add(-time.Duration(n * 24 * float64(time.Hour))) }

// zoneState is a zone over a stretch of valid time.
func zoneState(t fataler, number int, control string, b block, valid geo.Period, confidence float64, confirmed time.Time, known geo.Revision, groups ...string) *geo.Version {
	t.Helper()
	holders := []geo.Holder{}
	for _, g := range groups {
		holders = append(holders, geo.Holder{Group: g, Role: "principal"})
	}
	raw, err := json.Marshal(holders)
	if err != nil {
		t.Fatalf("holders: %v", err)
	}
	v := *state(t, "controlled-zones", number, valid, b.dense(), map[string]any{
		"control_type": control, "confidence": confidence, "last_confirmed_at": confirmed, "holders": json.RawMessage(raw),
	})
	v.Known = known
	return geo.NewVersion(v, &geo.DefaultModel)
}

// dense is the block with a vertex at every square, so that edges are about a
// kilometre long, as outlines have them: the halves of longer edges measure
// otherwise than the whole.
func (b block) dense() orb.MultiPolygon {
	var ring orb.Ring
	for x := b.west; x < b.east; x++ {
		ring = append(ring, orb.Point{lon(x), lat(b.south)})
	}
	for y := b.south; y < b.north; y++ {
		ring = append(ring, orb.Point{lon(b.east), lat(y)})
	}
	for x := b.east; x > b.west; x-- {
		ring = append(ring, orb.Point{lon(x), lat(b.north)})
	}
	for y := b.north; y > b.south; y-- {
		ring = append(ring, orb.Point{lon(b.west), lat(y)})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// board is the ground of the random histories: two communes side by side.
func board(t fataler) []*geo.Version {
	return []*geo.Version{
		admin(t, "HT0111", "HT01", 2, block{west: 0, south: 0, east: cells, north: cells}.dense()),
		admin(t, "HT0112", "HT01", 2, block{west: cells, south: 0, east: 2 * cells, north: cells}.dense()),
	}
}

// drawRecord draws a history of up to six revisions of up to five zones within
// the last 60 days.
func drawRecord(t *rapid.T) *record {
	r := &record{}
	r.write(daysAgo(rapid.Float64Range(0, 80).Draw(t, "begun")), nil, board(t))
	standing := map[int][]*geo.Version{}
	at := r.last().At()
	for step := range rapid.IntRange(1, 6).Draw(t, "revisions") {
		at = at.Add(time.Duration(rapid.Float64Range(0.01, 1).Draw(t, "pause") * float64(now.Sub(at)) / 2))
		var closed, opened []*geo.Version
		for number := range 5 {
			if !rapid.Bool().Draw(t, "written") {
				continue
			}
			closed = append(closed, standing[number]...)
			standing[number] = nil
			from := at.Add(-time.Duration(rapid.IntRange(0, 40).Draw(t, "backdated")) * 24 * time.Hour)
			for range rapid.IntRange(0, 3).Draw(t, "states") {
				to := from.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "length")) * 24 * time.Hour)
				b := drawBlock(t)
				groups := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2, rapid.ID).Draw(t, "groups")
				confirmed := at.Add(-time.Duration(rapid.IntRange(-5, 100).Draw(t, "confirmed")) * 24 * time.Hour)
				v := zoneState(t, number, geo.ControlPrecedence[b.control], b, geo.Period{From: from, To: to},
					rapid.Float64Range(0, 1).Draw(t, "confidence"), confirmed, geo.Revision(step+2), groups...)
				standing[number] = append(standing[number], v)
				opened = append(opened, v)
				from = to
				if rapid.Bool().Draw(t, "gap") {
					from = from.Add(36 * time.Hour)
				}
			}
		}
		r.write(at, closed, opened)
	}
	return r
}

// valuesOf asks an engine of its own.
func valuesOf(t fataler, w *world.World, at time.Time, past coverage.Past, code string, areas ...string) []coverage.Value {
	t.Helper()
	m, err := coverage.NewEngine(coverage.Options{}).Measure(testContext, coverage.Question{World: w, At: at, Areas: areas, Indicators: []string{code}, Past: past})
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return m.Values
}

// valueOf finds a row of an area; nil when there is none.
func valueOf(values []coverage.Value, area string, of ...string) *coverage.Value {
	want := map[string]string{}
	for k := 0; k+1 < len(of); k += 2 {
		want[of[k]] = of[k+1]
	}
	for n := range values {
		if fmt.Sprint(values[n].Of) == fmt.Sprint(want) && values[n].Area == area {
			return &values[n]
		}
	}
	return nil
}
