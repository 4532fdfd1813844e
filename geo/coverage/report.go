package coverage

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/world"
)

// Query asks for who holds how much at an instant of valid time.
type Query struct {
	At    time.Time
	Areas []string // p-codes and named areas; empty for every area of Level
	Level string   // country, named, department, commune, section; empty for all but sections
}

// Report is the answer to a query. It marshals to the JSON of /v1/coverage, the
// same bytes for the same world and query.
type Report struct {
	Revision       geo.Revision `json:"revision"`
	Audience       string       `json:"audience"`
	Datetime       string       `json:"datetime"` // RFC 3339: the instant in valid time
	FormulaVersion string       `json:"formula_version"`
	Notice         geo.Text     `json:"notice"`
	Areas          []Area       `json:"areas"`
}

// Area is the answer for one area.
type Area struct {
	ID          string      `json:"id"` // p-code, or the identifier of a named area
	Name        geo.Text    `json:"name"`
	Level       string      `json:"level"`
	Status      Status      `json:"status"`
	Denominator Denominator `json:"denominator"`
	Control     []Control   `json:"control"` // types present, in the order of precedence
	Groups      []Group     `json:"groups"`  // by identifier
	Shared      *Interval   `json:"shared"`  // group rows counted more than once
	Unassessed  *Interval   `json:"unassessed"`
	Zones       []uuid.UUID `json:"zones"` // the zones that were counted
}

// Denominator is what the shares are shares of.
type Denominator struct {
	Name    string    `json:"name"`
	AreaKm2 float64   `json:"area_km2"`          // geodesic area of the outlines, or what is built up in them
	Members []string  `json:"members"`           // p-codes of the communes summed
	Missing []string  `json:"missing,omitempty"` // members the record does not hold: not in the sum
	Source  string    `json:"source"`            // where the outlines come from
	Note    *geo.Text `json:"note,omitempty"`
}

// Amount is an area and its share of the denominator in [0, 1]; the shares of
// what groups share may exceed 1. Both have nine significant digits.
type Amount struct {
	Share   float64 `json:"share"`
	AreaKm2 float64 `json:"area_km2"`
}

// Interval is an amount by degree of evidence, Low <= Central <= High.
type Interval struct {
	Low     Amount `json:"low"`
	Central Amount `json:"central"`
	High    Amount `json:"high"`
}

// Traced says what a row rests on.
type Traced struct {
	N               int      `json:"n"`          // zones with ground in the row
	Confidence      *float64 `json:"confidence"` // of them, weighed by that ground
	ConfidenceLabel string   `json:"confidence_label,omitempty"`
}

// Control is the ground of one type of control.
type Control struct {
	ControlType string `json:"control_type"`
	Interval
	Traced
}

// Group is the ground that one group holds.
type Group struct {
	Group string `json:"group"`
	Name  string `json:"name"`
	Interval
	Traced
}

// Notice says how the figures are to be read.
var Notice = geo.Text{
	French:  "Parts de superficie d’après des observations évaluées, pas des relevés. Bas : confiance élevée seulement ; central : au moins moyenne ; haut : tout ce qui n’est pas réfuté. « Non évalué » veut dire inconnu, pas libre.",
	Haitian: "Pati sipèfisi dapre obsèvasyon ki evalye, se pa mezi sou teren. Ba : konfyans wo sèlman ; mitan : omwen mwayen ; wo : tout sa ki pa demanti. « Pa evalye » vle di nou pa konnen, sa pa vle di lib.",
	English: "Shares of area by graded reports, not by survey. Low: high confidence only; central: at least medium; high: everything not refuted. “Unassessed” means unknown, not free.",
}

// Report answers a query from a world. Errors are those of Measure.
func (e *Engine) Report(ctx context.Context, w *world.World, q Query) (*Report, error) {
	s, err := e.scene(Question{World: w, At: q.At, Areas: q.Areas, Level: q.Level})
	if err != nil {
		return nil, err
	}
	report := &Report{
		Revision: w.Revision(), Audience: w.Audience().String(), Datetime: geo.FormatInstant(q.At),
		FormulaVersion: w.Model().Version, Notice: Notice, Areas: make([]Area, 0, len(s.targets)),
	}
	for _, t := range s.targets {
		a := Area{
			ID: t.id, Name: t.name, Level: t.level, Status: Withheld,
			Denominator: Denominator{Name: t.title().French, Members: t.members(), Missing: t.missing, Source: sources(t.regions)},
		}
		if s.holds("controlled-zones") {
			sum, err := s.tally(ctx, t)
			if err != nil {
				return nil, err
			}
			s.fill(&a, t, sum)
		} else {
			whole := 0.0
			for _, r := range t.regions {
				whole += r.measured()
			}
			a.Denominator.AreaKm2 = significant(whole / 1e6)
		}
		report.Areas = append(report.Areas, a)
	}
	return report, nil
}

// fill writes an area's tally down.
func (s *scene) fill(a *Area, t *target, sum *tally) {
	g, note := s.areaGround(t)
	whole := g.whole(sum)
	written := func(r *row) (Interval, Traced) {
		i := g.of(&r.amounts)
		var v Value
		s.trace(&v, s.counted(r))
		return inKm2(i, whole), Traced{v.N, v.Confidence, v.ConfidenceLabel}
	}
	a.Status, a.Control, a.Groups = Assessed, []Control{}, []Group{}
	a.Denominator.AreaKm2, a.Denominator.Note = significant(whole/1e6), note
	if g.kind == gridBuiltUp {
		a.Denominator.Name = s.whole(t, sum, g).Name.French
	}
	for x, controlType := range geo.ControlPrecedence {
		if r := &sum.control[x]; r.areaM2[high] > 0 {
			i, traced := written(r)
			a.Control = append(a.Control, Control{controlType, i, traced})
		}
	}
	for _, group := range sortedKeys(sum.groups) {
		i, traced := written(sum.groups[group])
		a.Groups = append(a.Groups, Group{group, s.groups().name(group), i, traced})
	}
	shared, unassessed := inKm2(sum.shared, sum.areaM2), inKm2(g.of(&sum.unassessed.amounts), whole)
	if g.kind == "" {
		a.Shared = &shared
	}
	a.Unassessed, a.Zones = &unassessed, sum.ids()
}

func inKm2(i interval, wholeM2 float64) Interval {
	amount := func(m2 float64) Amount {
		if wholeM2 <= 0 {
			return Amount{}
		}
		return Amount{Share: significant(m2 / wholeM2), AreaKm2: significant(m2 / 1e6)}
	}
	return Interval{amount(i[low]), amount(i[central]), amount(i[high])}
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
