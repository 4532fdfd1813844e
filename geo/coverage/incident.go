package coverage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

var incidentIndicators = []*Indicator{
	{
		Code: "V1", Version: 1, Unit: UnitCount, Layers: []string{"incidents", "admin-areas"}, measure: measureIncidents,
		Title: geo.Text{French: "Incidents par type", Haitian: "Ensidan pa kalite", English: "Incidents by type"},
	},
	{
		Code: "V2", Version: 1, Unit: UnitCount, Layers: []string{"incidents", "national-roads", "admin-areas"}, measure: measureProtectedMovement,
		Title: geo.Text{French: "Incidents visant des mouvements protégés", Haitian: "Ensidan sou deplasman ki pwoteje", English: "Incidents on protected movement"},
	},
	{
		Code: "V3", Version: 1, Unit: UnitCount, Layers: []string{"incidents", "admin-areas"}, measure: measureForces,
		Title: geo.Text{French: "Incidents attribués aux forces de sécurité et aux brigades", Haitian: "Ensidan yo di fòs sekirite ak brigad fè", English: "Incidents attributed to security forces and brigades"},
	},
}

// window is a stretch of time that ends at the instant.
type window struct {
	name string
	d    time.Duration
}

var incidentWindows = []window{{"24h", aDay}, {"7d", 7 * aDay}, {"30d", 30 * aDay}}

// has reports whether something happened in the window: after its start, at the
// instant at the latest.
func (w window) has(at, happened time.Time) bool {
	return !happened.IsZero() && happened.After(at.Add(-w.d)) && !happened.After(at)
}

// event is an incident.
type event struct {
	placed
	when       time.Time
	degree     degree
	confidence float64
	ref        string // of the national road it happened on; "" none
	protected  string // "" none
}

// fewestProtected is from how many incidents on a row of a protected class is
// given at all.
const fewestProtected = 5

// events are the incidents up to an instant.
type events struct {
	list     []*event // by id; of the last 30 days
	byRegion map[*region][]int
	ever     map[*region]bool // regions with any incident on record
}

// onIncidentRoadM is how far from a national road an incident happened on it.
const onIncidentRoadM = 500

// events reads the incidents. An incident is of the instant that it says, else
// of the start of its validity, and counts whether or not it is still valid.
// One that names its commune is of that commune, however it is drawn.
func (s *scene) events(ctx context.Context) (*events, error) {
	if have, ok := s.kept["events"]; ok {
		return have.(*events), nil
	}
	var roads *roadSurvey
	if s.holds("national-roads") {
		var err error
		if roads, err = s.roads(ctx); err != nil {
			return nil, err
		}
	}
	out := &events{ever: map[*region]bool{}}
	longest := incidentWindows[len(incidentWindows)-1]
	var places, all []placed
	until := geo.Moment{Set: true, Period: geo.Period{To: s.at.Add(time.Microsecond)}}
	s.world.Named("incidents").Each(until, func(v *geo.Version) bool {
		when, ok := v.Value("occurred_at").(time.Time)
		if !ok {
			when = v.Valid.From
		}
		if !approved(v) || when.After(s.at) {
			return true
		}
		p := s.place(v)
		if commune := s.ground.communes[v.Text("commune")]; commune != nil {
			p.commune = commune
		}
		e := &event{placed: p, when: when, degree: s.degree(v), confidence: s.assess(v).Confidence}
		if class := v.Text("protection_class"); class != "" && class != "none" {
			e.protected = class
			e.known, e.at = false, orb.Point{} // never finer than its commune
		} else {
			all = append(all, e.placed)
		}
		if !longest.has(s.at, when) {
			return true
		}
		if e.known && roads != nil {
			e.ref = roads.nearestRoad(e.at, onIncidentRoadM, v.PrecisionM())
		}
		out.list = append(out.list, e)
		places = append(places, e.placed)
		return true
	})
	out.byRegion = s.byRegion(places)
	for r := range s.byRegion(all) {
		out.ever[r] = true
	}
	s.kept["events"] = out
	return out, nil
}

// in are the incidents of an area in a window, by whether they are of a protected
// class.
func (e *events) in(s *scene, t *target, w window) (open, protected []*event) {
	for _, k := range inArea(t, e.byRegion) {
		one := e.list[k]
		switch {
		case !w.has(s.at, one.when):
		case one.protected == "":
			open = append(open, one)
		default:
			protected = append(protected, one)
		}
	}
	return open, protected
}

// onRecord reports whether the record has any incident of an area.
func (e *events) onRecord(t *target) bool {
	return slices.ContainsFunc(t.regions, func(r *region) bool { return e.ever[r] })
}

var noIncident = said("Aucun incident de cette zone n’est au registre : rien n’a été saisi, ce qui ne veut pas dire que rien n’est arrivé.",
	"Pa gen ensidan nan rejis la pou zòn sa a : sa pa vle di anyen pa rive.",
	"No incident of this area is on record: nothing was entered, which does not mean that nothing happened.")

var asReported = said("Incidents rapportés, pas tous les incidents.", "Se ensidan yo rapòte, se pa tout ensidan.", "Reported incidents, not all incidents.")

// protectedNote is the same whether there are any, so that it tells nothing.
var protectedNote = said(
	fmt.Sprintf("Les classes protégées (VBG, enfants) ne sont comptées dans aucune autre ligne ; une ligne à part n’est donnée qu’à partir de %d, par pas de %[1]d, jamais plus fin que la commune.", fewestProtected),
	fmt.Sprintf("Klas pwoteje yo (vyolans sou fanm, timoun) pa konte nan okenn lòt liy; gen yon liy apa sèlman apati %d, pa pakèt %[1]d, janm pi piti pase komin.", fewestProtected),
	fmt.Sprintf("Protected classes (GBV, children) count in no other row; they have a row of their own only from %d on, in steps of %[1]d, never finer than a commune.", fewestProtected))

// eventRow is a count of incidents by degree of evidence.
func (s *scene) eventRow(i *Indicator, t *target, list []*event, whole *Whole, of ...string) Value {
	v := s.value(i, t, of...)
	var sum byDegree
	c := &counted{}
	for _, e := range list {
		sum.add(e.degree, 1)
		c.add(e.v.ID, e.confidence, 1)
	}
	amount := sum.asRange()
	v.Amount = amount.rounded()
	if whole != nil {
		v.Whole, v.Share = whole, amount.over(whole.Amount)
	}
	s.trace(&v, c)
	return v
}

func (t *target) wholeEvents(n int, w window) *Whole {
	return &Whole{
		Name: prefixed(said("incidents du registre ("+w.name+") : ", "ensidan nan rejis la ("+w.name+") : ", "incidents on record ("+w.name+"): "), t.title()),
		Unit: UnitCount, Amount: float64(n),
	}
}

// rates are incidents per 100 km of national roads in the area and per 100,000
// people, and how many sources told of them.
func (s *scene) rates(ctx context.Context, i *Indicator, t *target, list []*event, w window) ([]Value, error) {
	var out []Value
	row := s.eventRow(i, t, list, nil)
	rate := func(whole *Whole, per string, each float64) {
		v := row
		v.Of = map[string]string{"window": w.name, "per": per}
		v.Unit = UnitRate
		f := each / whole.Amount
		v.Amount = Range{row.Amount.Low * f, row.Amount.Central * f, row.Amount.High * f}.rounded()
		v.Whole = whole
		out = append(out, v)
	}
	if s.holds("national-roads") {
		roads, err := s.roads(ctx)
		if err != nil {
			return nil, err
		}
		if all := roads.of(t); all.lengthM > 0 {
			rate(wholeRoads(t, all, ""), "100 km", 100)
		} else {
			out = append(out, s.notMeasured(i, t, noRoad, "window", w.name, "per", "100 km"))
		}
	}
	people, err := s.peopleIn(ctx, t)
	if err != nil {
		return nil, err
	}
	if people > 0 {
		whole := &Whole{
			Name:   prefixed(said("population de ", "popilasyon ", "population of "), t.title()),
			Amount: significant(people), Unit: UnitPeople, Source: s.peopleSource(t),
		}
		rate(whole, "100000 people", 100_000)
		out[len(out)-1].Note = s.peopleNote(t)
	} else {
		out = append(out, s.notMeasured(i, t, s.noPeopleNote(t), "window", w.name, "per", "100000 people"))
	}
	for k := range out {
		if out[k].Status == NotMeasured {
			out[k].Unit = UnitRate
		}
	}
	return append(out, s.distinctSources(i, t, list, w)), nil
}

// peopleIn are the people of an area: by the grid where one is loaded, else as
// recorded or estimated for its regions.
func (s *scene) peopleIn(ctx context.Context, t *target) (float64, error) {
	if s.world.Grid(gridPopulation) != nil && s.holds("controlled-zones") {
		sum, err := s.tally(ctx, t)
		if err != nil {
			return 0, err
		}
		return sum.people, nil
	}
	total := 0.0
	for _, r := range t.regions {
		if r.level == LevelDrawn {
			total += s.peopleByShare(r)
		} else {
			total += s.ground.people[r.id]
		}
	}
	return total, nil
}

// seesSources reports whether the audience may know the sources of a layer's
// records.
func (s *scene) seesSources(layer string) bool {
	l, _ := geo.LayerByName(layer)
	p, ok := l.Property("source_ids")
	return ok && p.Audiences.Has(s.world.Audience())
}

// distinctSources is how many sources told of some incidents: few sources make
// a biased count.
func (s *scene) distinctSources(i *Indicator, t *target, list []*event, w window) Value {
	v := s.value(i, t, "window", w.name, "measure", "sources")
	if !s.seesSources("incidents") {
		v.Status = Withheld
		return v
	}
	seen := map[string]bool{}
	silent := 0
	c := &counted{}
	for _, e := range list {
		ids := e.v.Texts("source_ids")
		for _, id := range ids {
			seen[id] = true
		}
		if len(ids) == 0 {
			silent++
		}
		c.add(e.v.ID, e.confidence, 1)
	}
	v.Amount = Exactly(float64(len(seen))).rounded()
	s.trace(&v, c)
	if silent > 0 {
		note := said(fmt.Sprintf("%d incidents sans source au registre.", silent), fmt.Sprintf("%d ensidan san sous nan rejis la.", silent),
			fmt.Sprintf("%d incidents without a source on record.", silent))
		v.Note = &note
	}
	return v
}

// windows measures an area's incidents window by window.
func (s *scene) windows(ctx context.Context, i *Indicator, do func(t *target, w window, open, protected []*event) ([]Value, error)) ([]Value, error) {
	all, err := s.events(ctx)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, t := range s.targets {
		first := len(out)
		for _, w := range incidentWindows {
			open, protected := all.in(s, t, w)
			if !all.onRecord(t) && len(protected) < fewestProtected {
				continue
			}
			values, err := do(t, w, open, protected)
			if err != nil {
				return nil, err
			}
			out = append(out, values...)
		}
		if len(out) == first {
			none := s.notMeasured(i, t, *alsoSaid(noIncident, protectedNote))
			out = append(out, none)
		}
		for k := first; k < len(out); k++ {
			if out[k].Note == nil {
				out[k].Note = alsoSaid(asReported, protectedNote)
			}
		}
	}
	return out, nil
}

// eventsBy sorts incidents into rows; one incident may be in several.
func eventsBy(list []*event, keys func(e *event) []string) map[string][]*event {
	out := map[string][]*event{}
	for _, e := range list {
		for _, key := range keys(e) {
			out[key] = append(out[key], e)
		}
	}
	return out
}

// measureIncidents is V1: the incidents reported for the last 24 hours, 7 and 30
// days by type, with rates and the number of sources. Incidents of a protected
// class are in none of these rows; see protectedNote. Their rows name no record.
func measureIncidents(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.windows(ctx, i, func(t *target, w window, open, protected []*event) ([]Value, error) {
		whole := t.wholeEvents(len(open), w)
		out := []Value{s.eventRow(i, t, open, nil, "window", w.name)}
		byType := eventsBy(open, func(e *event) []string { return []string{e.v.Text("event_type")} })
		for _, name := range sortedKeys(byType) {
			out = append(out, s.eventRow(i, t, byType[name], whole, "window", w.name, "event_type", name))
		}
		if t.level != LevelSection && t.level != LevelDrawn {
			byClass := eventsBy(protected, func(e *event) []string { return []string{e.protected} })
			for _, name := range sortedKeys(byClass) {
				if list := byClass[name]; len(list) >= fewestProtected {
					v := s.eventRow(i, t, list, nil, "window", w.name, "protection_class", name)
					out = append(out, blurred(v))
				}
			}
		}
		more, err := s.rates(ctx, i, t, open, w)
		return append(out, more...), err
	})
}

// blurred gives a count of a protected class in steps of fewestProtected, rounded
// down, so that no difference of two windows or areas tells of a single one. It
// names no record.
func blurred(v Value) Value {
	step := func(x float64) float64 { return math.Floor(x/fewestProtected) * fewestProtected }
	v.Amount = &Range{step(v.Amount.Low), step(v.Amount.Central), step(v.Amount.High)}
	v.N -= v.N % fewestProtected
	v.IDs, v.Confidence, v.ConfidenceLabel = v.IDs[:0:0], nil, ""
	return v
}

// protectedTargets are those whose movement is protected.
var protectedTargets = []string{"humanitarian", "medical", "diplomatic"}

// measureProtectedMovement is V2: the incidents on humanitarian, medical and
// diplomatic movement, by whom they hit and by national road. An incident is on
// a national road within 500 m, its own precision or that of the road; one that
// is placed less exactly than to 2 km is on none.
func measureProtectedMovement(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.windows(ctx, i, func(t *target, w window, open, _ []*event) ([]Value, error) {
		hit := func(e *event) []string {
			var out []string
			for _, name := range protectedTargets {
				if slices.Contains(e.v.Texts("targets"), name) {
					out = append(out, name)
				}
			}
			return out
		}
		list := slices.DeleteFunc(slices.Clone(open), func(e *event) bool { return len(hit(e)) == 0 })
		whole := t.wholeEvents(len(open), w)
		out := []Value{s.eventRow(i, t, list, whole, "window", w.name)}
		byTarget := eventsBy(list, hit)
		for _, name := range protectedTargets {
			out = append(out, s.eventRow(i, t, byTarget[name], whole, "window", w.name, "target", name))
		}
		byRoad := eventsBy(list, func(e *event) []string {
			if e.ref == "" {
				return []string{"none"}
			}
			return []string{e.ref}
		})
		for _, ref := range sortedKeys(byRoad) {
			out = append(out, s.eventRow(i, t, byRoad[ref], nil, "window", w.name, "ref", ref))
		}
		more, err := s.rates(ctx, i, t, list, w)
		return append(out, more...), err
	})
}

// forces are the perpetrators of V3.
var forces = []string{"police", "army", "gsf_mss", "self_defence"}

// measureForces is V3: the incidents attributed to police, army, the
// multinational force and self-defence brigades, and those nobody is named for.
func measureForces(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.windows(ctx, i, func(t *target, w window, open, _ []*event) ([]Value, error) {
		by := eventsBy(open, func(e *event) []string {
			if name := e.v.Text("perpetrator_type"); name != "" {
				return []string{name}
			}
			return []string{"unknown"}
		})
		whole := t.wholeEvents(len(open), w)
		var list []*event
		var rows []Value
		for _, name := range forces {
			list = append(list, by[name]...)
			rows = append(rows, s.eventRow(i, t, by[name], whole, "window", w.name, "perpetrator_type", name))
		}
		out := append([]Value{s.eventRow(i, t, list, whole, "window", w.name)}, rows...)
		out = append(out, s.eventRow(i, t, by["unknown"], whole, "window", w.name, "perpetrator_type", "unknown"))
		more, err := s.rates(ctx, i, t, list, w)
		return append(out, more...), err
	})
}
