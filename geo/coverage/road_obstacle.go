package coverage

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"pasaj/geo"
)

// barrier is a roadblock as it stands at the instant.
type barrier struct {
	placed
	worth  geo.Assessment
	degree degree
	state  string
	ref    string // of the national road it stands on; "" none
	tolls  []geo.Toll
}

// Reported, active, intermittent and disputed roadblocks stand; a cleared one is
// news of a free road, and archived and false ones are nothing.
var standingStates = []string{"active", "reported", "intermittent", "disputed"}

func isStanding(state string) bool { return slices.Contains(standingStates, state) }

func (b *barrier) stands() bool { return isStanding(b.state) }

// barriers are the roadblocks of an instant and what changed in a day.
type barriers struct {
	list     []*barrier
	byRegion map[*region][]int
	changes  []barrierChange
	changed  map[*region][]int
}

type barrierChange struct {
	*barrier
	kind string
}

const aDay = 24 * time.Hour

// onRoadM is how far from the middle of a national road an obstacle still
// stands on it, however exactly both are placed: as for passage.
const onRoadM = 150

// barriers reads the roadblocks, once for all indicators of a question.
func (s *scene) barriers(ctx context.Context) (*barriers, error) {
	if have, ok := s.kept["barriers"]; ok {
		return have.(*barriers), nil
	}
	roads, err := s.roads(ctx)
	if err != nil {
		return nil, err
	}
	out := &barriers{}
	made := map[*geo.Version]*barrier{}
	read := func(v *geo.Version) *barrier {
		if b := made[v]; b != nil {
			return b
		}
		b := &barrier{placed: s.place(v), worth: s.assess(v), state: v.Text("state"), ref: roadRef(v.Text("road_ref"))}
		b.degree = degreeOf(b.worth)
		if b.ref == "" && b.known {
			b.ref = roads.nearestRoad(b.at, onRoadM, v.PrecisionM())
		}
		if raw, ok := v.Value("toll").(json.RawMessage); ok {
			_ = json.Unmarshal(raw, &b.tolls) // checked at the door; what does not parse is no toll
		}
		made[v] = b
		return b
	}
	layer := s.world.Named("roadblocks")
	s.each("roadblocks", func(v *geo.Version) { out.list = append(out.list, read(v)) })

	// What happened in the day: every state that began in it, beside the one
	// before it.
	layer.Each(geo.Moment{Set: true, Period: geo.Period{From: s.at.Add(-aDay), To: s.at.Add(time.Microsecond)}}, func(last *geo.Version) bool {
		item, ok := layer.Item(last.ID)
		if !ok {
			return true
		}
		before := ""
		var end time.Time
		for _, v := range item.Versions {
			if !approved(v) {
				continue
			}
			if !end.Equal(v.Valid.From) {
				before = ""
			}
			state := v.Text("state")
			if begun := v.Valid.From; begun.After(s.at.Add(-aDay)) && !begun.After(s.at) {
				switch {
				case isStanding(state) && !isStanding(before):
					out.changes = append(out.changes, barrierChange{read(v), "new"})
				case state == "cleared" && isStanding(before):
					out.changes = append(out.changes, barrierChange{read(v), "cleared"})
				}
			}
			before, end = state, v.Valid.To
		}
		return true
	})
	for _, b := range out.list {
		if at := b.worth.StaleAt; b.stands() && b.worth.Stale && at.After(s.aged.Add(-aDay)) && !at.After(s.aged) {
			out.changes = append(out.changes, barrierChange{b, "stale"})
		}
	}
	places := make([]placed, len(out.list))
	for k, b := range out.list {
		places[k] = b.placed
	}
	out.byRegion = s.byRegion(places)
	places = make([]placed, len(out.changes))
	for k, c := range out.changes {
		places[k] = c.placed
	}
	out.changed = s.byRegion(places)
	s.kept["barriers"] = out
	return out, nil
}

var noRoadblock = said("Aucun barrage de cette zone n’est au registre : personne n’en a signalé, ce qui ne veut pas dire qu’il n’y en a pas.",
	"Pa gen baraj nan rejis la pou zòn sa a : pèsonn pa rapòte, sa pa vle di pa genyen.",
	"No roadblock of this area is on record: nobody reported one, which does not mean that none stands.")

// recordRow is a count of records by degree of evidence.
func (s *scene) recordRow(i *Indicator, t *target, list []*barrier, whole *Whole, of ...string) Value {
	v := s.value(i, t, of...)
	v.Unit = UnitCount
	var sum byDegree
	c := &counted{}
	for _, b := range list {
		sum.add(b.degree, 1)
		c.add(b.v.ID, b.worth.Confidence, 1)
	}
	amount := sum.asRange()
	v.Amount = amount.rounded()
	if whole != nil {
		v.Whole, v.Share = whole, amount.over(whole.Amount)
	}
	s.trace(&v, c)
	return v
}

// exactRow is a count that does not depend on grades.
func (s *scene) exactRow(i *Indicator, t *target, list []*barrier, whole *Whole, of ...string) Value {
	v := s.recordRow(i, t, list, whole, of...)
	amount := Exactly(float64(len(list)))
	v.Amount = amount.rounded()
	if whole != nil {
		v.Share = amount.over(whole.Amount)
	}
	return v
}

// grouped sorts records into rows.
func grouped(list []*barrier, by func(b *barrier) string) map[string][]*barrier {
	out := map[string][]*barrier{}
	for _, b := range list {
		key := by(b)
		out[key] = append(out[key], b)
	}
	return out
}

// measureRoadblocks is R3: the roadblocks of an area that stand, by state, kind,
// who holds them and national road; those whose report is stale; what was new,
// was cleared or went stale in the 24 hours up to the instant; the median age of
// the last confirmation; and of those that say whether emergency vehicles pass,
// the ones that say no. A stale roadblock counts towards the high figures only:
// silence does not clear it.
//
// A roadblock stands on the road that it names, else on the nearest national
// road within 150 m, its own precision or that of the road.
func measureRoadblocks(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	all, err := s.barriers(ctx)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, t := range s.targets {
		here, changed := inArea(t, all.byRegion), inArea(t, all.changed)
		if len(here) == 0 && len(changed) == 0 {
			out = append(out, s.notMeasured(i, t, noRoadblock))
			continue
		}
		var up []*barrier
		for _, k := range here {
			if b := all.list[k]; b.stands() {
				up = append(up, b)
			}
		}
		whole := &Whole{
			Name: prefixed(said("barrages non levés du registre : ", "baraj ki pa leve nan rejis la : ", "roadblocks on record that were not cleared: "), t.title()),
			Unit: UnitCount, Amount: float64(len(up)),
		}
		out = append(out, s.recordRow(i, t, up, whole, "status", "standing"))
		byState := grouped(up, func(b *barrier) string { return b.state })
		for _, state := range standingStates {
			out = append(out, s.recordRow(i, t, byState[state], whole, "state", state))
		}
		stale := slices.DeleteFunc(slices.Clone(up), func(b *barrier) bool { return !b.worth.Stale })
		out = append(out, s.exactRow(i, t, stale, whole, "status", "stale"))
		for _, kind := range []string{"new", "cleared", "stale"} {
			var list []*barrier
			for _, k := range changed {
				if c := all.changes[k]; c.kind == kind {
					list = append(list, c.barrier)
				}
			}
			if kind == "stale" { // all of them are
				out = append(out, s.exactRow(i, t, list, nil, "change", kind, "window", "24h"))
			} else {
				out = append(out, s.recordRow(i, t, list, nil, "change", kind, "window", "24h"))
			}
		}
		for _, row := range []struct {
			dimension string
			by        func(b *barrier) string
		}{
			{"subtype", func(b *barrier) string { return b.v.Text("subtype") }},
			{"actor_type", func(b *barrier) string { return b.v.Text("actor_type") }},
			{"ref", func(b *barrier) string { return b.ref }},
		} {
			groups := grouped(up, func(b *barrier) string {
				if key := row.by(b); key != "" {
					return key
				}
				if row.dimension == "ref" {
					return "none"
				}
				return "unknown"
			})
			for _, key := range sortedKeys(groups) {
				out = append(out, s.recordRow(i, t, groups[key], whole, row.dimension, key))
			}
		}
		out = append(out, s.confirmationAge(i, t, up, whole))
		out = append(out, s.emergency(i, t, up, whole)...)
	}
	return out, nil
}

// confirmationAge is the median time since the last confirmation of those that
// have a date.
func (s *scene) confirmationAge(i *Indicator, t *target, up []*barrier, whole *Whole) Value {
	v := s.value(i, t, "measure", "median_confirmation_age")
	v.Unit = UnitHour
	var ages []float64
	c := &counted{}
	for _, b := range up {
		if b.worth.Dated {
			ages = append(ages, b.worth.Age.Hours())
			c.add(b.v.ID, b.worth.Confidence, 1)
		}
	}
	if len(ages) == 0 {
		return s.notMeasured(i, t, said("Aucun barrage non levé n’a de date de confirmation.", "Pa gen baraj ki pa leve ki gen dat konfimasyon.",
			"No roadblock that was not cleared has a date of confirmation."), "measure", "median_confirmation_age")
	}
	v.Amount, v.Whole = Exactly(median(ages)).rounded(), whole
	s.trace(&v, c)
	note := said(fmt.Sprintf("%d sur %d ont une date.", len(ages), len(up)), fmt.Sprintf("%d sou %d gen dat.", len(ages), len(up)),
		fmt.Sprintf("%d of %d have a date.", len(ages), len(up)))
	v.Note = &note
	return v
}

// median sorts a list that is not empty.
func median(list []float64) float64 {
	slices.Sort(list)
	n := len(list)
	return (list[(n-1)/2] + list[n/2]) / 2
}

// emergency are the roadblocks that do not let emergency vehicles pass, as a
// share of those that say, and those that do not say.
func (s *scene) emergency(i *Indicator, t *target, up []*barrier, whole *Whole) []Value {
	says := grouped(up, func(b *barrier) string { return b.v.Text("emergency_passable") })
	silent := append(slices.Clone(says[""]), says["unknown"]...)
	n := len(says["yes"]) + len(says["no"])
	no := s.notMeasured(i, t, said("Aucun barrage ne dit si les secours passent.", "Pa gen baraj ki di si sekou ka pase.",
		"No roadblock says whether emergency vehicles pass."), "emergency_passable", "no")
	if n > 0 {
		no = s.recordRow(i, t, says["no"], &Whole{
			Name: prefixed(said("barrages non levés qui disent si les secours passent : ", "baraj ki pa leve ki di si sekou ka pase : ",
				"roadblocks that were not cleared and say whether emergency vehicles pass: "), t.title()),
			Unit: UnitCount, Amount: float64(n),
		}, "emergency_passable", "no")
	} else {
		no.Unit = UnitCount
	}
	return []Value{no, s.exactRow(i, t, silent, whole, "emergency_passable", "unknown")}
}
