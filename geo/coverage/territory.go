package coverage

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"pasaj/geo"
)

var territoryIndicators = []*Indicator{
	{
		Code: "T1", Version: 1, Unit: UnitKm2, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureTerritory,
		Title: geo.Text{French: "Territoire par type de contrôle et par groupe", Haitian: "Teritwa pa kalite kontwòl ak pa gwoup", English: "Territory by type of control and by group"},
	},
	{
		Code: "T1b", Version: 1, Unit: UnitKm2, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureBuiltUp,
		Title: geo.Text{French: "Bâti par type de contrôle", Haitian: "Kote ki bati pa kalite kontwòl", English: "Built-up area by type of control"},
	},
	{
		Code: "T1p", Version: 1, Unit: UnitPeople, Layers: []string{"controlled-zones", "admin-areas"}, measure: measurePeople,
		Title: geo.Text{French: "Population par type de contrôle", Haitian: "Popilasyon pa kalite kontwòl", English: "Population by type of control"},
	},
	{
		Code: "T6", Version: 1, Unit: UnitKm2, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureTraits,
		Title: geo.Text{French: "Territoire par trait de gouvernance", Haitian: "Teritwa pa jan gwoup gouvène", English: "Territory by trait of governance"},
	},
	{
		Code: "X1", Version: 1, Unit: UnitPeople, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureExposed,
		Title: geo.Text{French: "Population exposée", Haitian: "Moun ki ekspoze", English: "Population exposed"},
	},
	{
		Code: "G1", Version: 1, Unit: UnitKm2, Layers: []string{"controlled-zones", "admin-areas", "armed-groups"}, measure: measureGroups,
		Title: geo.Text{French: "Territoire par groupe et par coalition", Haitian: "Teritwa pa gwoup ak pa kowalisyon", English: "Territory by group and coalition"},
	},
	{
		Code: "G2", Version: 1, Unit: UnitKm2, Layers: []string{"controlled-zones", "admin-areas", "armed-groups"}, measure: measureListed,
		Title: geo.Text{French: "Territoire des groupes inscrits sur la liste de l’ONU", Haitian: "Teritwa gwoup ki sou lis ONU", English: "Territory of groups listed by the United Nations"},
	},
}

// ground says what of an area a figure is measured in.
type ground struct {
	kind  string // "", or the grid it is read from
	unit  string
	scale float64 // of the tally's figures to the unit
	of    func(*amounts) interval
	whole func(*tally) float64
}

var (
	byArea   = ground{"", UnitKm2, 1e6, func(a *amounts) interval { return a.areaM2 }, func(t *tally) float64 { return t.areaM2 }}
	byBuilt  = ground{gridBuiltUp, UnitKm2, 1e6, func(a *amounts) interval { return a.builtM2 }, func(t *tally) float64 { return t.builtM2 }}
	byPeople = ground{gridPopulation, UnitPeople, 1, func(a *amounts) interval { return a.people }, func(t *tally) float64 { return t.people }}
)

// areaGround is how an area's territory is measured: what is built up for an
// urban area, where a grid says what is, else the ground.
func (s *scene) areaGround(t *target) (g ground, note *geo.Text) {
	if !t.urban {
		return byArea, nil
	}
	if s.world.Grid(gridBuiltUp) != nil {
		return byBuilt, nil
	}
	return byArea, &geo.Text{
		French:  "Aucune grille du bâti n’est chargée : la part est celle de toute la superficie administrative, collines comprises.",
		Haitian: "Pa gen kat kote ki bati : pati a se pati tout sipèfisi administratif la, mòn ladan l.",
		English: "No grid of built-up area is loaded: the share is of the whole administrative area, hills included.",
	}
}

// whole names what the shares of an area are shares of.
func (s *scene) whole(t *target, sum *tally, g ground) *Whole {
	w := &Whole{Name: t.title(), Unit: g.unit, Amount: significant(g.whole(sum) / g.scale), Source: sources(t.regions)}
	switch g.kind {
	case "":
		if t.urban {
			w.Name = prefixed(geo.Text{
				French: "toute la superficie, faute de grille du bâti : ", Haitian: "tout sipèfisi a, paske pa gen kat kote ki bati : ",
				English: "whole area, for want of a grid of built-up area: ",
			}, w.Name)
		}
	case gridPopulation:
		w.Name = prefixed(geo.Text{French: "population de ", Haitian: "popilasyon ", English: "population of "}, w.Name)
		w.Source = s.peopleSource(t)
	case gridBuiltUp:
		grid := s.world.Grid(gridBuiltUp)
		w.Name = prefixed(geo.Text{French: "bâti de ", Haitian: "kote ki bati nan ", English: "built-up area of "}, w.Name)
		w.Source = grid.Name() + " (" + grid.Licence() + ")"
	}
	return w
}

func prefixed(prefix, t geo.Text) geo.Text {
	return geo.Text{French: prefix.French + t.French, Haitian: prefix.Haitian + t.Haitian, English: prefix.English + t.English}
}

// title names an area as a denominator.
func (t *target) title() geo.Text {
	n, all := len(t.regions), len(t.regions)+len(t.missing)
	suffix := func(fr, ht, en string) geo.Text {
		return geo.Text{French: t.name.French + fr, Haitian: t.name.Haitian + ht, English: t.name.English + en}
	}
	switch t.level {
	case LevelCommune:
		return suffix(", commune "+t.id, ", komin "+t.id, ", commune "+t.id)
	case LevelSection:
		return suffix(", section communale "+t.id, ", seksyon kominal "+t.id, ", communal section "+t.id)
	case LevelDrawn:
		return t.name
	case LevelDepartment:
		if n < all {
			return suffix(fmt.Sprintf(", département %s : somme de %d de ses %d communes", t.id, n, all),
				fmt.Sprintf(", depatman %s : sòm %d nan %d komin li yo", t.id, n, all), fmt.Sprintf(", department %s: sum of %d of its %d communes", t.id, n, all))
		}
		return suffix(fmt.Sprintf(", département %s : somme de ses %d communes", t.id, n),
			fmt.Sprintf(", depatman %s : sòm %d komin li yo", t.id, n), fmt.Sprintf(", department %s: sum of its %d communes", t.id, n))
	}
	if n < all {
		return suffix(fmt.Sprintf(" : somme de %d de ses %d communes", n, all), fmt.Sprintf(" : sòm %d nan %d komin li yo", n, all),
			fmt.Sprintf(": sum of %d of its %d communes", n, all))
	}
	return suffix(fmt.Sprintf(" : somme de ses %d communes", n), fmt.Sprintf(" : sòm %d komin li yo", n), fmt.Sprintf(": sum of its %d communes", n))
}

// figure writes a row down as a value.
func (s *scene) figure(i *Indicator, t *target, sum *tally, r *row, g ground, of ...string) Value {
	v := s.value(i, t, of...)
	v.Unit = g.unit
	amount := g.of(&r.amounts).asRange(g.scale)
	v.Amount, v.Whole = amount.rounded(), s.whole(t, sum, g)
	v.Share = amount.over(g.whole(sum) / g.scale)
	s.trace(&v, s.counted(r))
	return v
}

// forEach measures an area at a time.
func (s *scene) forEach(ctx context.Context, do func(t *target, sum *tally) ([]Value, error)) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		sum, err := s.tally(ctx, t)
		if err != nil {
			return nil, err
		}
		values, err := do(t, sum)
		if err != nil {
			return nil, err
		}
		out = append(out, values...)
	}
	return out, nil
}

// byControl are the rows by type of control, and the ground nobody assessed.
func (s *scene) byControl(i *Indicator, t *target, sum *tally, g ground) []Value {
	var out []Value
	for x, control := range geo.ControlPrecedence {
		if r := &sum.control[x]; r.areaM2[high] > 0 || control == "unknown" {
			out = append(out, s.figure(i, t, sum, r, g, "control_type", control))
		}
	}
	left := s.figure(i, t, sum, &sum.unassessed, g, "control_type", "unassessed")
	left.N, left.IDs = len(sum.zones), sum.ids()
	return append(out, left)
}

func measureTerritory(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.forEach(ctx, func(t *target, sum *tally) ([]Value, error) {
		g, note := s.areaGround(t)
		out := s.byControl(i, t, sum, g)
		out = append(out, s.figure(i, t, sum, sum.others[rowAffected], g, "control_type", "controlled+contested+influenced"))
		for _, group := range sortedKeys(sum.groups) {
			out = append(out, s.figure(i, t, sum, sum.groups[group], g, "group", group))
		}
		if len(sum.groups) > 1 && g.unit == UnitKm2 && !t.urban {
			shared := s.value(i, t, "group", "shared")
			amount := sum.shared.asRange(g.scale)
			shared.Amount, shared.Share, shared.Whole = amount.rounded(), amount.over(g.whole(sum)/g.scale), s.whole(t, sum, g)
			shared.N, shared.IDs = len(sum.zones), sum.ids()
			out = append(out, shared)
		}
		for k := range out {
			out[k].Note = note
		}
		return out, nil
	})
}

func measureBuiltUp(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.forEach(ctx, func(t *target, sum *tally) ([]Value, error) {
		if s.world.Grid(gridBuiltUp) == nil {
			return []Value{s.notMeasured(i, t, geo.Text{
				French:  "Aucune grille du bâti n’est chargée (pasaj import built-up).",
				Haitian: "Pa gen kat kote ki bati (pasaj import built-up).",
				English: "No grid of built-up area is loaded (pasaj import built-up).",
			})}, nil
		}
		return s.byControl(i, t, sum, byBuilt), nil
	})
}

func measurePeople(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.forEach(ctx, func(t *target, sum *tally) ([]Value, error) {
		if sum.people <= 0 {
			return []Value{s.notMeasured(i, t, s.noPeopleNote(t))}, nil
		}
		out := s.byControl(i, t, sum, byPeople)
		for k := range out {
			out[k].Note = s.peopleNote(t)
		}
		return out, nil
	})
}

func measureExposed(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.forEach(ctx, func(t *target, sum *tally) ([]Value, error) {
		if sum.people <= 0 {
			return []Value{s.notMeasured(i, t, s.noPeopleNote(t))}, nil
		}
		var out []Value
		for x, control := range geo.ControlPrecedence[:3] {
			out = append(out, s.figure(i, t, sum, &sum.control[x], byPeople, "control_type", control))
		}
		out = append(out, s.figure(i, t, sum, sum.others[rowAffected], byPeople, "control_type", "controlled+contested+influenced"))
		for k := range out {
			out[k].Note = s.peopleNote(t)
		}
		return out, nil
	})
}

func measureTraits(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.forEach(ctx, func(t *target, sum *tally) ([]Value, error) {
		g, note := s.areaGround(t)
		var out []Value
		for _, trait := range geo.GovernanceTraits() {
			r := sum.traits[trait]
			if r == nil {
				r = &row{}
			}
			v := s.figure(i, t, sum, r, g, "trait", trait)
			v.Note = note
			out = append(out, v)
		}
		return out, nil
	})
}

func measureGroups(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.forEach(ctx, func(t *target, sum *tally) ([]Value, error) {
		g, note := s.areaGround(t)
		var out []Value
		for _, rows := range []struct {
			dimension string
			of        map[string]*row
		}{{"group", sum.groups}, {"coalition", sum.coalitions}} {
			for _, id := range slices.Sorted(maps.Keys(rows.of)) {
				v := s.figure(i, t, sum, rows.of[id], g, rows.dimension, id)
				v.Of["name"] = s.groups().name(id)
				v.Note = note
				out = append(out, v)
			}
		}
		return out, nil
	})
}

func measureListed(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	return s.forEach(ctx, func(t *target, sum *tally) ([]Value, error) {
		g, note := s.areaGround(t)
		if !slices.Contains(slices.Collect(maps.Values(s.groups().onList)), true) {
			return []Value{s.notMeasured(i, t, geo.Text{
				French:  "Aucun groupe du registre ne porte de référence de la liste de l’ONU : l’exploitant doit les saisir.",
				Haitian: "Pa gen gwoup ki gen referans lis ONU nan rejis la : se operatè a ki pou mete yo.",
				English: "No group on record has a reference of the United Nations list: the operator has to enter them.",
			})}, nil
		}
		r := sum.others[rowListed]
		if r == nil {
			r = &row{}
		}
		v := s.figure(i, t, sum, r, g)
		v.Note = note
		return []Value{v}, nil
	})
}
