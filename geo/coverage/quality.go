package coverage

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"pasaj/geo"
)

var qualityIndicators = []*Indicator{
	{
		Code: "Q1", Version: 1, Unit: UnitShare, Layers: []string{"admin-areas"}, measure: measureFreshness,
		Title: geo.Text{French: "Fraîcheur", Haitian: "Ki dènye fwa yo konfime", English: "Freshness"},
	},
	{
		Code: "Q2", Version: 1, Unit: UnitShare, Layers: []string{"admin-areas"}, measure: measureConfidence,
		Title: geo.Text{French: "Niveaux de confiance", Haitian: "Nivo konfyans", English: "Confidence mix"},
	},
	{
		Code: "Q3", Version: 1, Unit: UnitCount, Layers: []string{"admin-areas"}, measure: measureDensity,
		Title: geo.Text{French: "Densité d’observation et communes aveugles", Haitian: "Kantite obsèvasyon ak komin kote nou pa wè", English: "Observation density and blind communes"},
	},
	{
		Code: "Q4", Version: 1, Unit: UnitCount, Layers: []string{"admin-areas"}, measure: measurePipeline,
		Title: geo.Text{French: "Chaîne de traitement", Haitian: "Jan rapò yo trete", English: "Pipeline"},
	},
	{
		Code: "Q5", Version: 1, Unit: UnitCount, Layers: []string{"admin-areas"}, measure: measureReleases,
		Title: geo.Text{French: "Registre par sensibilité et diffusion", Haitian: "Rejis la pa sansiblite ak piblikasyon", English: "Record by sensitivity, and releases"},
	},
}

// freshDays are the ages that freshness is told for.
var freshDays = []int{7, 14, 30}

// weighedRecord is a record with what it weighs in a figure: square metres, metres, or
// one.
type weighedRecord struct {
	v      *geo.Version
	worth  geo.Assessment
	weight float64
}

// subject is one kind of thing whose evidence is judged.
type subject struct {
	name     string
	withheld bool
	whole    geo.Text
	unit     string
	scale    float64 // of weights to the unit
	list     []weighedRecord
	source   string

	facilities *facilityEvidence // where it is of facilities
}

func (b *subject) total() float64 {
	total := 0.0
	for _, w := range b.list {
		total += w.weight
	}
	return total
}

// facilityLayers are the layers of facilities.
var facilityLayers = []string{"ports", "airports", "facilities", "police-facilities"}

// evidence is what a zone, a section or a facility rests on, by area.
type evidence struct {
	zones      map[*region][]groundZone
	controlled map[*region][]freshGround
	roads      *roadSurvey
	facilities *facilityEvidence
	byRegion   map[*region][]int // of the facilities
}

// groundZone is a zone with the ground it covers of a region.
type groundZone struct {
	v  *geo.Version
	m2 float64
}

// freshGround is controlled ground of a region by the zone that was confirmed
// last there.
type freshGround struct {
	v  *geo.Version
	m2 float64
}

func (s *scene) evidence(ctx context.Context) (*evidence, error) {
	if have, ok := s.kept["evidence"]; ok {
		return have.(*evidence), nil
	}
	out := &evidence{zones: map[*region][]groundZone{}, controlled: map[*region][]freshGround{}}
	if s.holds("controlled-zones") {
		if err := s.zoneEvidence(ctx, out); err != nil {
			return nil, err
		}
	}
	if s.holds("national-roads") {
		var err error
		if out.roads, err = s.roads(ctx); err != nil {
			return nil, err
		}
	}
	out.facilities = remembered(s, "facility evidence", facilityLayers, s.facilityEvidence)
	out.byRegion = out.facilities.byCommune
	for _, t := range s.asked() {
		if slices.ContainsFunc(t.regions, func(r *region) bool { return r.level != LevelCommune }) {
			out.byRegion = s.byRegion(out.facilities.list)
			break
		}
	}
	s.kept["evidence"] = out
	return out, nil
}

// zoneEvidence reads from the regions' plots how much ground each zone covers,
// and of controlled ground which zone was confirmed last.
func (s *scene) zoneEvidence(ctx context.Context, out *evidence) error {
	var list []*region
	seen := map[*region]bool{}
	for _, t := range s.asked() {
		for _, r := range t.regions {
			if !seen[r] {
				seen[r] = true
				list = append(list, r)
			}
		}
	}
	type result struct {
		zones []groundZone
		fresh []freshGround
	}
	results, err := byRegions(ctx, s, "zone evidence", list, func(ctx context.Context, r *region) (out result, err error) {
		zones := s.standings(r)
		outlines := make([]outline, len(zones))
		for k := range zones {
			outlines[k] = zones[k].outline
		}
		p, err := s.engine.plot(ctx, r, outlines)
		if err != nil {
			return out, err
		}
		over := make([][]int32, len(p.number))
		for k := range zones {
			n := p.number[zones[k].outline.print]
			over[n] = append(over[n], int32(k))
		}
		covers, fresh := make([]float64, len(zones)), make([]float64, len(zones))
		controlled := slices.Index(geo.ControlPrecedence, "controlled")
		for cell := range p.shape.Len() {
			newest := int32(-1)
			for _, n := range p.shape.Areas(cell) {
				for _, k := range over[n] {
					covers[k] += p.shape.CellM2(cell)
					if zones[k].control == controlled && (newest < 0 || zones[k].v.LastConfirmedAt.After(zones[newest].v.LastConfirmedAt)) {
						newest = k
					}
				}
			}
			if newest >= 0 {
				fresh[newest] += p.shape.CellM2(cell)
			}
		}
		least := nothing * r.measured()
		for k := range zones {
			if covers[k] > least {
				out.zones = append(out.zones, groundZone{zones[k].v, covers[k]})
			}
			if fresh[k] > least {
				out.fresh = append(out.fresh, freshGround{zones[k].v, fresh[k]})
			}
		}
		return out, nil
	})
	if err != nil {
		return err
	}
	for i, r := range list {
		out.zones[r], out.controlled[r] = results[i].zones, results[i].fresh
	}
	return nil
}

// join adds up the weights of records that several regions have.
func (s *scene) join(list []weighedRecord) []weighedRecord {
	slices.SortStableFunc(list, func(a, b weighedRecord) int { return slices.Compare(a.v.ID[:], b.v.ID[:]) })
	var out []weighedRecord
	for _, w := range list {
		if n := len(out); n > 0 && out[n-1].v == w.v {
			out[n-1].weight += w.weight
			continue
		}
		w.worth = s.assess(w.v)
		out = append(out, w)
	}
	return out
}

func (s *scene) roadSubject(e *evidence, t *target) subject {
	b := subject{name: "national_roads", unit: UnitKm, scale: 1000, withheld: e.roads == nil,
		whole: prefixed(said("routes nationales du registre : ", "wout nasyonal nan rejis la : ", "national roads on record: "), t.title())}
	if e.roads != nil {
		all := e.roads.of(t)
		b.source = all.source()
		for _, one := range all.stretches {
			b.list = append(b.list, weighedRecord{v: one.section.v, weight: one.lengthM})
		}
		b.list = s.join(b.list)
	}
	return b
}

func (s *scene) facilitySubject(e *evidence, t *target) subject {
	b := subject{name: "facilities", unit: UnitCount, scale: 1, withheld: !s.holds("facilities"),
		whole: prefixed(said("installations que ce public peut connaître : ", "enstalasyon piblik sa a ka konnen : ", "facilities that this audience may know: "), t.title())}
	b.list, b.facilities = e.facilities.in(t, e.byRegion), e.facilities
	return b
}

func (s *scene) controlledSubject(e *evidence, t *target) subject {
	b := subject{name: "controlled_area", unit: UnitKm2, scale: 1e6, withheld: !s.holds("controlled-zones"), source: sources(t.regions),
		whole: prefixed(said("terrain sous contrôle, tout ce qui n’est pas réfuté : ", "tè ki anba kontwòl, tout sa ki pa demanti : ", "controlled ground, everything not refuted: "), t.title())}
	for _, r := range t.regions {
		for _, g := range e.controlled[r] {
			b.list = append(b.list, weighedRecord{v: g.v, weight: g.m2})
		}
	}
	b.list = s.join(b.list)
	return b
}

func (s *scene) zoneSubject(e *evidence, t *target) subject {
	b := subject{name: "zones", unit: UnitKm2, scale: 1e6, withheld: !s.holds("controlled-zones"), source: sources(t.regions),
		whole: prefixed(said("terrain des zones, chacune comptée en entier : ", "tè zòn yo, chak konte antye : ", "ground of the zones, each counted in full: "), t.title())}
	for _, r := range t.regions {
		for _, g := range e.zones[r] {
			b.list = append(b.list, weighedRecord{v: g.v, weight: g.m2})
		}
	}
	b.list = s.join(b.list)
	return b
}

var nothingToJudge = said("Rien de tel au registre pour cette zone.", "Pa gen anyen konsa nan rejis la pou zòn sa a.", "Nothing of the kind is on record for this area.")

// shareRow is the part of a subject that meets a condition. It does not depend on
// grades.
func (s *scene) shareRow(i *Indicator, t *target, b *subject, in func(w *weighedRecord) bool, of ...string) Value {
	of = append([]string{"subject", b.name}, of...)
	if b.facilities != nil && t.isSum() {
		key := i.Code + " " + t.id + " " + strings.Join(of, " ")
		return b.facilities.row(key, func() Value { return s.shareOf(i, t, b, in, of...) })
	}
	return s.shareOf(i, t, b, in, of...)
}

func (s *scene) shareOf(i *Indicator, t *target, b *subject, in func(w *weighedRecord) bool, of ...string) Value {
	total := b.total()
	if b.withheld || total <= 0 {
		v := s.notMeasured(i, t, nothingToJudge, of...)
		if b.withheld {
			v.Status, v.Note = Withheld, nil
		}
		return v
	}
	v := s.value(i, t, of...)
	part := 0.0
	c := &counted{}
	for k := range b.list {
		if w := &b.list[k]; in(w) {
			part += w.weight
			c.add(w.v.ID, w.worth.Confidence, w.weight)
		}
	}
	amount := Exactly(part / total)
	v.Amount, v.Share = amount.rounded(), amount.rounded()
	v.Whole = &Whole{Name: b.whole, Unit: b.unit, Amount: significant(total / b.scale), Source: b.source}
	s.trace(&v, c)
	return v
}

// measureFreshness is Q1: the share of controlled ground, of the kilometres of
// national roads and of facilities that were confirmed in the last 7, 14 and 30
// days, and that never said when; and the median age of controlled ground by
// area. Where controlled zones overlap the one confirmed last speaks. Nothing
// without a date is fresh.
func measureFreshness(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	e, err := s.evidence(ctx)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, t := range s.targets {
		controlled, roads, facilities := s.controlledSubject(e, t), s.roadSubject(e, t), s.facilitySubject(e, t)
		for _, b := range []*subject{&controlled, &roads, &facilities} {
			for _, days := range freshDays {
				out = append(out, s.shareRow(i, t, b, func(w *weighedRecord) bool {
					return !w.v.LastConfirmedAt.IsZero() && s.at.Sub(w.v.LastConfirmedAt) <= time.Duration(days)*aDay
				}, "within", fmt.Sprintf("%dd", days)))
			}
			out = append(out, s.shareRow(i, t, b, func(w *weighedRecord) bool { return w.v.LastConfirmedAt.IsZero() }, "confirmed", "unknown"))
		}
		out = append(out, s.medianAge(i, t, &controlled))
	}
	return out, nil
}

// medianAge is the age that half of the dated controlled ground has at most.
func (s *scene) medianAge(i *Indicator, t *target, b *subject) Value {
	dated := *b
	dated.list = slices.DeleteFunc(slices.Clone(b.list), func(w weighedRecord) bool { return w.v.LastConfirmedAt.IsZero() })
	v := s.shareRow(i, t, &dated, func(*weighedRecord) bool { return true }, "measure", "median_age")
	v.Unit, v.Share = UnitDay, nil
	if v.Status != Assessed {
		return v
	}
	age := func(w *weighedRecord) float64 { return max(0, s.at.Sub(w.v.LastConfirmedAt).Hours()/24) }
	slices.SortStableFunc(dated.list, func(a, b weighedRecord) int { return cmp.Compare(age(&a), age(&b)) })
	total, sum := dated.total(), 0.0
	for k := range dated.list {
		if sum += dated.list[k].weight; sum >= total/2 {
			v.Amount = Exactly(age(&dated.list[k])).rounded()
			break
		}
	}
	return v
}

// measureConfidence is Q2: the share of the ground of zones, of the kilometres of
// national roads and of facilities whose evidence is of high, medium and low
// confidence today, that is stale, and that rests on one source or none. A zone's
// ground counts in full, also where another zone lies over it.
func measureConfidence(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	e, err := s.evidence(ctx)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, t := range s.targets {
		zones, roads, facilities := s.zoneSubject(e, t), s.roadSubject(e, t), s.facilitySubject(e, t)
		for _, b := range []*subject{&zones, &roads, &facilities} {
			for _, label := range []string{"high", "medium", "low"} {
				out = append(out, s.shareRow(i, t, b, func(w *weighedRecord) bool { return w.worth.Label == label }, "confidence", label))
			}
			out = append(out, s.shareRow(i, t, b, func(w *weighedRecord) bool { return w.worth.Stale }, "status", "stale"))
			single := *b
			single.withheld = b.withheld || !s.seesSources("controlled-zones") // one rule for every layer
			out = append(out, s.shareRow(i, t, &single, func(w *weighedRecord) bool { return len(w.v.Texts("source_ids")) <= 1 }, "sources", "at most 1"))
		}
	}
	return out, nil
}

// shelf is what Q5 says of the records of one layer.
type shelf struct {
	total   int
	by      map[string]map[string]int // by sensitivity and by compartment
	judged  int                       // that age
	overdue counted
}

func (s *scene) shelfOf(layer string) shelf {
	out := shelf{by: map[string]map[string]int{"sensitivity": {}, "compartment": {}}}
	s.each(layer, func(v *geo.Version) {
		out.total++
		for name := range out.by {
			out.by[name][cmp.Or(v.Text(name), "unknown")]++
		}
		if _, decays := s.world.Model().DecayOf(v); !decays {
			return
		}
		out.judged++
		if worth := s.assess(v); worth.Stale {
			out.overdue.add(v.ID, worth.Confidence, 1)
		}
	})
	return out
}

// measureReleases is Q5, for the country: how many records the audience knows by
// sensitivity and by compartment; and how many are past the time after which they
// have to be looked at again, by layer. Releases are not in the record.
func measureReleases(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		if t.level != LevelCountry {
			continue
		}
		by := map[string]map[string]int{"sensitivity": {}, "compartment": {}}
		overdue, judged := map[string]*counted{}, map[string]int{}
		total := 0
		for _, l := range geo.Layers() {
			if l.Kind == geo.RecordOnly || !s.world.Holds(l) {
				continue
			}
			of := remembered(s, "shelf", []string{l.Name}, func() shelf { return s.shelfOf(l.Name) })
			total += of.total
			for name, words := range of.by {
				for word, n := range words {
					by[name][word] += n
				}
			}
			if of.judged > 0 {
				overdue[l.Name], judged[l.Name] = &of.overdue, of.judged
			}
		}
		whole := &Whole{
			Name: said("enregistrements que ce public peut connaître", "anrejistreman piblik sa a ka konnen", "records that this audience may know"),
			Unit: UnitCount, Amount: float64(total),
		}
		for _, name := range []string{"sensitivity", "compartment"} {
			for _, key := range sortedKeys(by[name]) {
				v := s.value(i, t, name, key)
				amount := Exactly(float64(by[name][key]))
				v.Amount, v.Share, v.Whole, v.N = amount.rounded(), amount.over(whole.Amount), whole, by[name][key]
				out = append(out, v)
			}
		}
		for _, name := range sortedKeys(overdue) {
			v := s.value(i, t, "review", "overdue", "layer", name)
			amount := Exactly(float64(len(overdue[name].ids)))
			v.Amount, v.Share = amount.rounded(), amount.over(float64(judged[name]))
			v.Whole = &Whole{
				Name: said("enregistrements qui vieillissent : "+name, "anrejistreman ki vin vye : "+name, "records that age: "+name),
				Unit: UnitCount, Amount: float64(judged[name]),
			}
			s.trace(&v, overdue[name])
			out = append(out, v)
		}
		out = append(out, s.notMeasured(i, t, said("Les diffusions et les refus sont au journal d’audit, pas au registre.",
			"Sa ki pibliye ak sa ki refize nan jounal odit la, yo pa nan rejis la.",
			"Releases and refusals are in the audit log, not in the record."), "measure", "releases"))
	}
	return out, nil
}
