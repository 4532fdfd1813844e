package coverage

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"pasaj/geo"
)

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

// Status says whether an area could be answered for.
type Status string

// The statuses. Withheld means that the audience's world may not hold zones:
// every figure is null then, and none of them means zero.
const (
	Assessed Status = "assessed"
	Withheld Status = "withheld"
)

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
	Name    string   `json:"name"`
	AreaKm2 float64  `json:"area_km2"`          // geodesic area of the outlines
	Members []string `json:"members"`           // p-codes of the communes summed
	Missing []string `json:"missing,omitempty"` // members the record does not hold: not in the sum
	Source  string   `json:"source"`            // where the outlines come from
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

// Control is the ground of one type of control.
type Control struct {
	ControlType string `json:"control_type"`
	Interval
}

// Group is the ground that one group holds.
type Group struct {
	Group string `json:"group"`
	Name  string `json:"name"`
	Interval
}

// Notice says how the figures are to be read.
var Notice = geo.Text{
	French:  "Parts de superficie d’après des observations évaluées, pas des relevés. Bas : confiance élevée seulement ; central : au moins moyenne ; haut : tout ce qui n’est pas réfuté. « Non évalué » veut dire inconnu, pas libre.",
	Haitian: "Pati sipèfisi dapre obsèvasyon ki evalye, se pa mezi sou teren. Ba : konfyans wo sèlman ; mitan : omwen mwayen ; wo : tout sa ki pa demanti. « Pa evalye » vle di nou pa konnen, sa pa vle di lib.",
	English: "Shares of area by graded reports, not by survey. Low: high confidence only; central: at least medium; high: everything not refuted. “Unassessed” means unknown, not free.",
}

// answer writes one area's tally down.
func (one *target) answer(ground *territory, t *tally, names map[string]string) Area {
	out := Area{
		ID: one.id, Name: one.name, Level: one.level, Status: Withheld,
		Denominator: Denominator{Name: one.denominator(), Members: one.members, Missing: one.missing, Source: one.source(ground)},
	}
	areaM2 := 0.0
	for _, pcode := range one.members {
		areaM2 += ground.communes[pcode].measured()
	}
	out.Denominator.AreaKm2 = significant(areaM2 / 1e6)
	if t == nil {
		return out
	}
	out.Status = Assessed
	out.Control, out.Groups = []Control{}, []Group{}
	for x, controlType := range geo.ControlPrecedence {
		if t.control[x][high] > 0 {
			out.Control = append(out.Control, Control{controlType, written(t.control[x], areaM2)})
		}
	}
	for _, group := range sortedKeys(t.groups) {
		name := names[group]
		if name == "" {
			name = group
		}
		out.Groups = append(out.Groups, Group{group, name, written(t.groups[group], areaM2)})
	}
	shared, unassessed := written(t.shared, areaM2), written(t.unassessed, areaM2)
	out.Shared, out.Unassessed = &shared, &unassessed
	out.Zones = sortIDs(append([]uuid.UUID{}, t.zones...))
	return out
}

// denominator names what is summed, in French.
func (one *target) denominator() string {
	switch {
	case one.level == LevelCommune:
		return fmt.Sprintf("%s, commune %s", one.title, one.id)
	case one.level == LevelDepartment:
		return fmt.Sprintf("%s, département %s : somme de ses %d communes", one.title, one.id, len(one.members))
	case len(one.missing) > 0:
		return fmt.Sprintf("%s : somme de %d de ses %d communes", one.title, len(one.members), len(one.members)+len(one.missing))
	default:
		return fmt.Sprintf("%s : somme de ses %d communes", one.title, len(one.members))
	}
}

// source names where the outlines come from, each origin once.
func (one *target) source(ground *territory) string {
	origins := map[string]bool{}
	for _, pcode := range one.members {
		references := ground.communes[pcode].source
		if len(references) == 0 {
			references = []string{"source not stated"}
		}
		for _, r := range references {
			origins[r] = true
		}
	}
	return strings.Join(sortedKeys(origins), "; ")
}

func written(i interval, areaM2 float64) Interval {
	amount := func(m2 float64) Amount {
		if areaM2 <= 0 {
			return Amount{}
		}
		return Amount{Share: significant(m2 / areaM2), AreaKm2: significant(m2 / 1e6)}
	}
	return Interval{amount(i[low]), amount(i[central]), amount(i[high])}
}

// significant rounds to nine significant digits: enough to compare with other
// software, too few to show in which order a machine added things up.
func significant(x float64) float64 {
	rounded, err := strconv.ParseFloat(strconv.FormatFloat(x, 'e', 8, 64), 64)
	if err != nil { // what FormatFloat wrote always parses
		return x
	}
	return rounded
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
