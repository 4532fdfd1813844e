package coverage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasaj/geo"
)

// tallyTime is when an observation counts: when it was made, else when it came.
func tallyTime(t *geo.Tally) time.Time {
	if !t.ObservedAt.IsZero() {
		return t.ObservedAt
	}
	return t.ReceivedAt
}

// densityWindow is over what time observations are counted for their density.
var densityWindow = window{"7d", 7 * aDay}

// withheldAll is one withheld figure for each area.
func (s *scene) withheldAll(i *Indicator) []Value {
	var out []Value
	for _, t := range s.targets {
		v := s.value(i, t)
		v.Status = Withheld
		out = append(out, v)
	}
	return out
}

// observed are the observations of an area: those of its communes, and for the
// country also those that name none. Finer areas have no figures, for an
// observation names a commune at best.
func (s *scene) observed(t *target, list []*geo.Tally) (out []*geo.Tally, ok bool) {
	communes := map[string]bool{}
	for _, r := range t.regions {
		if r.level != LevelCommune {
			return nil, false
		}
		communes[r.id] = true
	}
	for _, one := range list {
		if communes[one.Commune] || t.level == LevelCountry {
			out = append(out, one)
		}
	}
	return out, true
}

var byCommuneOnly = said("Les observations sont comptées par commune, pas plus fin.", "Obsèvasyon yo konte pa komin, pa pi piti.",
	"Observations are counted by commune, not finer.")

// countOf is a count without grades.
func (s *scene) countOf(i *Indicator, t *target, n int, whole *Whole, of ...string) Value {
	v := s.value(i, t, of...)
	v.Unit = UnitCount
	amount := Exactly(float64(n))
	v.Amount, v.N = amount.rounded(), n
	if whole != nil {
		v.Whole, v.Share = whole, amount.over(whole.Amount)
	}
	return v
}

// measureDensity is Q3: the observations made in the last 7 days, for each
// 100 km² and by national road, and the communes without any: the blind ones,
// whatever zones lie there. Rejected observations and duplicates do not count.
func measureDensity(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	if s.tallies == nil {
		return s.withheldAll(i), nil
	}
	var recent []*geo.Tally
	for k := range s.tallies {
		one := &s.tallies[k]
		if one.TriageState != "rejected" && one.TriageState != "duplicate" && densityWindow.has(s.at, tallyTime(one)) {
			recent = append(recent, one)
		}
	}
	var roads *roadSurvey
	if s.holds("national-roads") {
		var err error
		if roads, err = s.roads(ctx); err != nil {
			return nil, err
		}
	}
	var out []Value
	for _, t := range s.targets {
		list, ok := s.observed(t, recent)
		if !ok {
			out = append(out, s.notMeasured(i, t, byCommuneOnly))
			continue
		}
		out = append(out, s.countOf(i, t, len(list), nil, "window", densityWindow.name))
		km2 := 0.0
		for _, r := range t.regions {
			km2 += r.measured() / 1e6
		}
		out = append(out, s.densityRow(i, t, len(list), 100/km2, &Whole{Name: t.title(), Amount: significant(km2), Unit: UnitKm2, Source: sources(t.regions)},
			"window", densityWindow.name, "per", "100 km2"))
		byRoad, has := map[string]int{}, map[string]int{}
		for _, one := range list {
			has[one.Commune]++
			if ref := roadRef(one.RoadRef); ref != "" {
				byRoad[ref]++
			}
		}
		out = append(out, s.densityByRoad(i, t, roads, byRoad)...)
		out = append(out, s.blind(i, t, has))
	}
	return out, nil
}

func (s *scene) densityRow(i *Indicator, t *target, n int, each float64, whole *Whole, of ...string) Value {
	v := s.countOf(i, t, n, nil, of...)
	v.Unit, v.Whole = UnitRate, whole
	v.Amount = Exactly(float64(n) * each).rounded()
	return v
}

// densityByRoad are the observations that name each road of the area, those
// without any too.
func (s *scene) densityByRoad(i *Indicator, t *target, roads *roadSurvey, byRoad map[string]int) []Value {
	var out []Value
	if roads == nil {
		return nil
	}
	all := roads.of(t)
	refs := map[string]bool{}
	for ref := range all.byRef {
		refs[ref] = true
	}
	for ref := range byRoad {
		refs[ref] = true
	}
	for _, ref := range sortedKeys(refs) {
		out = append(out, s.countOf(i, t, byRoad[ref], nil, "window", densityWindow.name, "ref", ref))
		if a := all.byRef[ref]; a != nil && a.lengthM > 0 {
			out = append(out, s.densityRow(i, t, byRoad[ref], 100_000/a.lengthM, wholeRoads(t, a, ref), "window", densityWindow.name, "ref", ref, "per", "100 km"))
		}
	}
	return out
}

// blind lists the communes of an area without an observation.
func (s *scene) blind(i *Indicator, t *target, has map[string]int) Value {
	var pcodes []string
	for _, r := range t.regions {
		if has[r.id] == 0 {
			pcodes = append(pcodes, r.id)
		}
	}
	slices.Sort(pcodes)
	v := s.countOf(i, t, len(pcodes), &Whole{
		Name: prefixed(said("communes : ", "komin : ", "communes: "), t.title()), Unit: UnitCount, Amount: float64(len(t.regions)), Source: sources(t.regions),
	}, "window", densityWindow.name, "of", "blind", "communes", strings.Join(pcodes, ","))
	note := said("Aucune observation en 7 jours : ce qui y est au registre n’a pas été revu.", "Pa gen obsèvasyon nan 7 jou : sa ki nan rejis la pa verifye ankò.",
		"No observation in 7 days: what is on record there was not looked at again.")
	if len(pcodes) > 0 {
		v.Note = &note
	}
	return v
}

// openFor is from when on a contradiction is told.
const openFor = 48 * time.Hour

// measurePipeline is Q4: the observations received in the last 24 hours by what
// became of them so far, the median time from observing to receiving, and the
// roadblocks on which reports have contradicted each other for more than 48
// hours. When an observation was published is not in the record.
func measurePipeline(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	var received []*geo.Tally
	for k := range s.tallies {
		if one := &s.tallies[k]; incidentWindows[0].has(s.at, one.ReceivedAt) {
			received = append(received, one)
		}
	}
	var open []*barrier
	var byRegion map[*region][]int
	if s.holds("roadblocks", "national-roads") {
		all, err := s.barriers(ctx)
		if err != nil {
			return nil, err
		}
		var places []placed
		for _, b := range all.list {
			if b.state == "disputed" && s.at.Sub(s.disputedSince(b.v)) > openFor {
				open, places = append(open, b), append(places, b.placed)
			}
		}
		byRegion = s.byRegion(places)
	}
	var out []Value
	for _, t := range s.targets {
		if s.tallies == nil {
			v := s.value(i, t, "measure", "observations")
			v.Status = Withheld
			out = append(out, v)
		} else if list, ok := s.observed(t, received); !ok {
			out = append(out, s.notMeasured(i, t, byCommuneOnly, "measure", "observations"))
		} else {
			out = append(out, s.processed(i, t, list)...)
		}
		v := s.value(i, t, "measure", "contradictions", "open_for", "48h")
		v.Status = Withheld
		if byRegion != nil {
			var here []*barrier
			for _, k := range inArea(t, byRegion) {
				here = append(here, open[k])
			}
			v = s.exactRow(i, t, here, nil, "measure", "contradictions", "open_for", "48h")
		}
		out = append(out, v)
	}
	return out, nil
}

// disputedSince is when the state before this one that was not disputed ended.
func (s *scene) disputedSince(v *geo.Version) time.Time {
	since := v.Valid.From
	item, ok := s.world.Named("roadblocks").Item(v.ID)
	if !ok {
		return since
	}
	for k := len(item.Versions) - 1; k >= 0; k-- {
		before := item.Versions[k]
		if before.Valid.To.Equal(since) && !since.IsZero() && before.Text("state") == "disputed" && approved(before) {
			since = before.Valid.From
		}
	}
	return since
}

// processed are what became of some observations.
func (s *scene) processed(i *Indicator, t *target, list []*geo.Tally) []Value {
	whole := &Whole{
		Name: prefixed(said("observations reçues en 24 h : ", "obsèvasyon ki rive nan 24 è : ", "observations received in 24 h: "), t.title()),
		Unit: UnitCount, Amount: float64(len(list)),
	}
	out := []Value{s.countOf(i, t, len(list), nil, "window", "24h", "measure", "received")}
	states := map[string]int{}
	var lags []float64
	for _, one := range list {
		states[one.TriageState]++
		if lag := one.ReceivedAt.Sub(one.ObservedAt); !one.ObservedAt.IsZero() && lag >= 0 {
			lags = append(lags, lag.Hours())
		}
	}
	triaged := len(list) - states["new"]
	out = append(out, s.countOf(i, t, triaged, whole, "window", "24h", "measure", "triaged"))
	for _, row := range [][2]string{{"published", "linked"}, {"rejected", "rejected"}, {"duplicate", "duplicate"}, {"escalated", "escalated"}, {"waiting", "new"}} {
		out = append(out, s.countOf(i, t, states[row[1]], whole, "window", "24h", "measure", row[0]))
	}
	lag := s.notMeasured(i, t, said("Aucune observation reçue en 24 h ne dit quand elle a été faite.", "Okenn obsèvasyon ki rive nan 24 è pa di kilè yo fè l.",
		"No observation received in 24 h says when it was made."), "window", "24h", "measure", "median_observed_to_received")
	if n := len(lags); n > 0 {
		lag = s.countOf(i, t, n, nil, "window", "24h", "measure", "median_observed_to_received")
		lag.Amount = Exactly(median(lags)).rounded()
		note := said(fmt.Sprintf("%d sur %d sont datées.", n, len(list)), fmt.Sprintf("%d sou %d gen dat.", n, len(list)), fmt.Sprintf("%d of %d are dated.", n, len(list)))
		lag.Note = &note
	}
	lag.Unit = UnitHour
	published := s.notMeasured(i, t, said("Le registre ne lie pas l’instant de publication aux observations comptées.",
		"Rejis la pa mare lè piblikasyon an ak obsèvasyon ki konte yo.",
		"The record does not tie the time of publication to the observations that may be counted."), "window", "24h", "measure", "median_observed_to_published")
	published.Unit = UnitHour
	return append(out, lag, published)
}
