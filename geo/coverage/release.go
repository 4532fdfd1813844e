package coverage

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

// ReleaseRules say what the public gets to know, and when.
type ReleaseRules struct {
	Sources  int           // a commune with fewer distinct sources is withheld
	Delay    time.Duration // behind the clock, in valid and in known time
	Rounding float64       // shares are whole multiples of it
	Hour     time.Duration // of the day at Port-au-Prince at which figures change
}

// DefaultReleaseRules are three sources, a day of delay, whole percents, and
// half past five in the morning.
var DefaultReleaseRules = ReleaseRules{Sources: 3, Delay: 24 * time.Hour, Rounding: 0.01, Hour: 5*time.Hour + 30*time.Minute}

// Check refuses rules that would protect nobody.
func (r ReleaseRules) Check() error {
	switch {
	case r.Sources < 2 || r.Sources > 100:
		return geo.Errorf(geo.CodeInvalid, "", "a release needs 2 to 100 sources for each commune, not %d", r.Sources)
	case r.Delay < 24*time.Hour || r.Delay > 90*24*time.Hour:
		return geo.Errorf(geo.CodeInvalid, "", "a release is delayed by 1 to 90 days, not %v", r.Delay)
	case !(r.Rounding >= 0.01 && r.Rounding <= 0.25):
		return geo.Errorf(geo.CodeInvalid, "", "the shares of a release are rounded to 0.01 to 0.25, not %v", r.Rounding)
	case r.Hour < 0 || r.Hour >= 24*time.Hour:
		return geo.Errorf(geo.CodeInvalid, "", "the hour of a release is one of the day, not %v", r.Hour)
	}
	return nil
}

// Last is the last instant at or before now at which figures changed.
func (r ReleaseRules) Last(now time.Time, zone *time.Location) time.Time {
	y, m, d := now.In(zone).Date()
	for back := 0; ; back++ {
		tick := time.Date(y, m, d-back, int(r.Hour/time.Hour), int(r.Hour%time.Hour/time.Minute), 0, 0, zone)
		if !tick.After(now) {
			return tick.UTC()
		}
	}
}

// Classes of control that the public is told: fewer than there are types.
const (
	ClassControlled = "controlled"
	ClassContested  = "contested_or_influenced"
	ClassOther      = "other"   // recovered, self-defence, depopulated, state-held
	ClassUnknown    = "unknown" // looked at without a result, or not assessed: not free
)

// publicClasses maps the types of control to what the public is told.
var publicClasses = map[string]string{
	"controlled": ClassControlled, "contested": ClassContested, "influenced": ClassContested,
	"recovered": ClassOther, "self_defence": ClassOther, "depopulated": ClassOther, "state_held": ClassOther, "unknown": ClassUnknown,
}

// Released is what the public is told at one instant of the release clock. It
// marshals to the JSON that the record keeps and /v1/coverage serves.
type Released struct {
	At             string         `json:"released_at"` // RFC 3339
	Datetime       string         `json:"datetime"`    // valid time of the figures
	Revision       geo.Revision   `json:"revision"`    // known time of the figures
	Audience       string         `json:"audience"`
	FormulaVersion string         `json:"formula_version"`
	Sources        int            `json:"least_sources"`
	Rounding       float64        `json:"rounding"`
	Notice         geo.Text       `json:"notice"`
	Areas          []ReleasedArea `json:"areas"`
}

// ReleasedArea is what the public is told of one area.
type ReleasedArea struct {
	ID          string      `json:"id"`
	Name        geo.Text    `json:"name"`
	Level       string      `json:"level"`
	Status      Status      `json:"status"`
	Denominator Denominator `json:"denominator"` // Missing: communes that are withheld, or not on record
	Classes     []Class     `json:"classes"`     // null where withheld
}

// Class is the share of an area of one class of control.
type Class struct {
	Class string `json:"class"`
	Share *Range `json:"share"`
}

var releaseNotice = geo.Text{
	French:  "Parts arrondies, publiées une fois par jour avec retard, d’après des observations évaluées. Une commune appuyée sur trop peu de sources est retenue, et n’entre dans aucune somme. « Inconnu » ne veut pas dire libre.",
	Haitian: "Pati awondi, pibliye yon fwa pa jou an reta, dapre obsèvasyon ki evalye. Yon komin ki pa gen ase sous pa pibliye, ni li pa antre nan okenn sòm. « Enkoni » pa vle di lib.",
	English: "Rounded shares, published once a day with a delay, by graded reports. A commune that rests on too few sources is withheld, and is in no sum. “Unknown” does not mean free.",
}

// publishable are the sensitivities of zones that figures for the public may be
// made of.
var publishable = []string{string(geo.ClassLow), string(geo.ClassModerate)}

// Release makes what the public is told at an instant of the release clock, from
// two worlds as they were known Delay before that instant: the outlines, names
// and codes of areas are those of the public's world, who holds them is of the
// humanitarian one. It leaves out what was made up for a demonstration and what
// is more sensitive than moderate; it names no group.
//
// A sum is made of the communes that are told themselves, and of no other: no
// difference between figures says anything of one that is withheld. Nor does
// what lies beside a commune move its figures by the last digit of a cut edge:
// a commune is measured by the zones that have ground in it alone.
func (e *Engine) Release(ctx context.Context, public, w *world.World, at time.Time, rules ReleaseRules) (*Released, error) {
	if err := rules.Check(); err != nil {
		return nil, err
	}
	if public.Audience() != geo.Public || w.Audience() != geo.Humanitarian || public.Revision() != w.Revision() {
		return nil, geo.Errorf(geo.CodeInvalid, "", "a release is made of the public's and the humanitarian world of one revision, not of the %s one of %s and the %s one of %s",
			public.Audience(), public.Revision(), w.Audience(), w.Revision())
	}
	ground, err := e.scene(Question{World: public, At: at.Add(-rules.Delay)})
	if err != nil {
		return nil, err
	}
	s := ground.elsewhere(w, ground.at, ground.at)
	s.leaveOut = func(v *geo.Version) bool {
		demonstration, _ := v.Value("demonstration").(bool)
		return demonstration || !slices.Contains(publishable, v.Text("sensitivity"))
	}
	tallies, told, err := s.tell(ctx, rules)
	if err != nil {
		return nil, fmt.Errorf("release: %w", err)
	}
	out := &Released{
		At: geo.FormatInstant(at), Datetime: geo.FormatInstant(s.at), Revision: w.Revision(), Audience: geo.Public.String(),
		FormulaVersion: w.Model().Version, Sources: rules.Sources, Rounding: rules.Rounding, Notice: releaseNotice, Areas: []ReleasedArea{},
	}
	for _, t := range s.targets {
		if t.urban && w.Grid(gridBuiltUp) == nil {
			continue // it would be the administrative area under another name
		}
		out.Areas = append(out.Areas, s.released(t, tallies, told, rules))
	}
	return out, nil
}

// Select picks the areas of a question: those it names, in its order, or every
// area of a level. Code not_found for one that nothing is told of.
func (r *Released) Select(areas []string, level string) ([]ReleasedArea, error) {
	out := []ReleasedArea{}
	if len(areas) == 0 {
		for _, a := range r.Areas {
			if level == "" || a.Level == level {
				out = append(out, a)
			}
		}
		return out, nil
	}
	for _, id := range areas {
		for _, n := range NamedAreas() {
			if slices.Contains(n.Aliases, id) {
				id = n.ID
			}
		}
		i := slices.IndexFunc(r.Areas, func(a ReleasedArea) bool { return a.ID == id && (level == "" || a.Level == level) })
		if i < 0 {
			return nil, geo.Errorf(geo.CodeNotFound, "", "nothing is told of an area %.40q", id)
		}
		out = append(out, r.Areas[i])
	}
	return out, nil
}

func (s *scene) released(t *target, tallies map[*region]*tally, told map[*region]bool, rules ReleaseRules) ReleasedArea {
	open := &target{id: t.id, name: t.name, level: t.level, urban: t.urban, missing: slices.Clone(t.missing)}
	sum := newTally()
	for _, r := range t.regions {
		if told[r] {
			open.regions = append(open.regions, r)
			sum.add(tallies[r])
		} else {
			open.missing = append(open.missing, r.id)
		}
	}
	slices.Sort(open.missing)
	g, _ := s.areaGround(t)
	out := ReleasedArea{ID: t.id, Name: t.name, Level: t.level, Status: Withheld}
	if len(open.regions) == 0 {
		out.Denominator = Denominator{Name: t.title().French, Members: []string{}, Missing: open.missing, Source: sources(t.regions)}
		return out
	}
	whole := g.whole(sum)
	out.Status = Assessed
	if whole <= 0 {
		out.Status = NotMeasured // nothing is built up there, by the grid: a share of nothing is not 0
	}
	out.Denominator = Denominator{
		Name: s.whole(open, sum, g).Name.French, AreaKm2: significant(whole / 1e6),
		Members: open.members(), Missing: open.missing, Source: sources(open.regions),
	}
	if whole <= 0 {
		return out
	}
	by := map[string]*interval{}
	for _, class := range []string{ClassControlled, ClassContested, ClassOther, ClassUnknown} {
		by[class] = &interval{}
	}
	for x, control := range geo.ControlPrecedence {
		by[publicClasses[control]].add(g.of(&sum.control[x].amounts))
	}
	by[ClassUnknown].add(g.of(&sum.unassessed.amounts))
	for _, class := range []string{ClassControlled, ClassContested, ClassOther, ClassUnknown} {
		i := by[class]
		i[high] = min(i[high], whole) // the most of several types may not be had at once
		round := func(m2 float64) float64 {
			return significant(math.Round(m2/whole/rules.Rounding) * rules.Rounding)
		}
		out.Classes = append(out.Classes, Class{class, &Range{round(i[low]), round(i[central]), round(i[high])}})
	}
	return out
}

// tell measures every commune, and says of which the public is told.
func (s *scene) tell(ctx context.Context, rules ReleaseRules) (tallies map[*region]*tally, told map[*region]bool, err error) {
	s.groups() // before the scene is shared
	communes := s.ground.country.regions
	made, sources := make([]*tally, len(communes)), make([]int, len(communes))
	err = inParallel(ctx, communes, func(ctx context.Context, i int, r *region) error {
		zones := s.standings(r)
		p, err := s.engine.plot(ctx, r, outlinesOf(nil, zones))
		if err != nil {
			return err
		}
		p.enumerate(zones)
		var supporting []*geo.Version
		zones = slices.DeleteFunc(zones, func(z standing) bool { return !p.present[z.number] })
		for _, z := range zones {
			if p.covers[z.number].sum(p.cellM2) >= rules.Rounding/2*r.measured() {
				supporting = append(supporting, z.v)
			}
		}
		sources[i] = distinctSources(supporting)
		if p, err = s.engine.plot(ctx, r, outlinesOf(nil, zones)); err != nil {
			return err
		}
		made[i] = s.tallyOn(p, r, zones)
		return nil
	})
	tallies, told = make(map[*region]*tally, len(communes)), make(map[*region]bool, len(communes))
	for i, r := range communes {
		tallies[r], told[r] = made[i], sources[i] >= rules.Sources
	}
	return tallies, told, err
}

// distinctSources counts the sources that zones rest on. They are those with
// ground enough to be seen in a rounded share: the corner of a neighbour's zone
// stands behind no figure.
func distinctSources(zones []*geo.Version) int {
	known := map[string]bool{}
	for _, v := range zones {
		for _, id := range v.Texts("source_ids") {
			known[id] = true
		}
	}
	return len(known)
}
