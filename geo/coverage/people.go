package coverage

import (
	"slices"
	"strings"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

var noPeople = geo.Text{
	French:  "Le registre ne donne aucune population pour cette zone, et aucune grille n’est chargée (pasaj import population).",
	Haitian: "Rejis la pa bay popilasyon pou zòn sa a, epi pa gen kat popilasyon (pasaj import population).",
	English: "The record gives no population for this area, and no grid is loaded (pasaj import population).",
}

var residential = geo.Text{
	French:  "Population résidente, non corrigée des déplacements.",
	Haitian: "Moun ki abite la nòmalman, san konte deplasman.",
	English: "Residential population, not corrected for displacement.",
}

var byShareOfArea = geo.Text{
	French:  " Aucune grille n’est chargée : les habitants d’une commune sont répartis également sur sa superficie.",
	Haitian: " Pa gen kat popilasyon : moun yon komin separe egal sou sipèfisi li.",
	English: " No grid is loaded: the people of a commune are spread evenly over its area.",
}

var beyondTheGrid = geo.Text{
	French:  " La grille de population s’arrête avant cette zone ou en son milieu : qui habite au-delà n’est pas compté.",
	Haitian: " Kat popilasyon an rete anvan zòn sa a oswa nan mitan l : moun ki abite pi lwen pa konte.",
	English: " The population grid ends before this area or within it: who lives beyond is not counted.",
}

var noPeopleInGrid = geo.Text{
	French:  "La grille de population chargée ne compte personne ici.",
	Haitian: "Kat popilasyon ki chaje a pa konte pèsonn isit la.",
	English: "The population grid that is loaded counts nobody here.",
}

// gridMarginDeg is how far outlines may reach beyond a grid that covers them:
// grids end at the last land of their own coast, some cells from that of the
// outlines.
const gridMarginDeg = 0.02

// beyondGrid reports whether a grid of people leaves out ground of an area.
func (s *scene) beyondGrid(t *target) bool {
	g := s.world.Grid(gridPopulation)
	if g == nil {
		return false
	}
	covered := g.Bound().Pad(gridMarginDeg)
	return slices.ContainsFunc(t.regions, func(r *region) bool {
		box := r.area.Bound()
		return !covered.Contains(box.Min) || !covered.Contains(box.Max)
	})
}

// peopleNote says how far figures of people can be trusted.
func (s *scene) peopleNote(t *target) *geo.Text {
	note := residential
	switch {
	case s.world.Grid(gridPopulation) == nil:
		note = inSequence(note, byShareOfArea)
	case s.beyondGrid(t):
		note = inSequence(note, beyondTheGrid)
	}
	return &note
}

// noPeopleNote says why there are no people to count in an area.
func (s *scene) noPeopleNote(t *target) geo.Text {
	switch {
	case s.world.Grid(gridPopulation) == nil:
		return noPeople
	case s.beyondGrid(t):
		return inSequence(noPeopleInGrid, beyondTheGrid)
	}
	return noPeopleInGrid
}

func inSequence(a, b geo.Text) geo.Text {
	return geo.Text{French: a.French + b.French, Haitian: a.Haitian + b.Haitian, English: a.English + b.English}
}

// peopleSource names where the figures of people come from.
func (s *scene) peopleSource(t *target) string {
	if g := s.world.Grid(gridPopulation); g != nil {
		return g.Name() + " (" + g.Licence() + ")"
	}
	origins := map[string]bool{}
	for _, r := range t.regions {
		switch {
		case s.ground.estimated[r.id]:
			origins["what is left of the department's population, by area"] = true
		case r.version == nil:
			origins["the communes' population, by area"] = true
		default:
			note := r.version.Text("population_note")
			if note == "" {
				note = "source not stated"
			}
			origins[note] = true
		}
	}
	names := sortedKeys(origins)
	if len(names) > 6 {
		names = append(names[:6], "…")
	}
	return strings.Join(names, "; ")
}

// peopleByShare are the people of ground that a caller drew: of each commune as
// many as it has of the commune's area.
func (s *scene) peopleByShare(r *region) float64 {
	total := 0.0
	s.ground.tree.Search(r.box(), func(c *region) bool {
		common, err := overlay.Intersection(c.area, r.area)
		if err == nil && c.measured() > 0 {
			total += s.ground.people[c.id] * measure.AreaM2(common) / c.measured()
		}
		return true
	})
	return total
}
