package coverage

import (
	"context"
	"fmt"

	"pasaj/geo"
)

var roadIndicators = []*Indicator{
	{
		Code: "R1", Version: 1, Unit: UnitKm, Layers: []string{"national-roads", "admin-areas"}, measure: measureRoadStatus,
		Title: geo.Text{French: "Routes nationales par état", Haitian: "Wout nasyonal dapre eta yo", English: "National roads by status"},
	},
	{
		Code: "R2", Version: 1, Unit: UnitKm, Layers: []string{"national-roads", "controlled-zones", "admin-areas"}, measure: measureRoadControl,
		Title: geo.Text{French: "Routes nationales par type de contrôle", Haitian: "Wout nasyonal pa kalite kontwòl", English: "National roads by type of control"},
	},
	{
		Code: "R3", Version: 1, Unit: UnitCount, Layers: []string{"roadblocks", "national-roads", "admin-areas"}, measure: measureRoadblocks,
		Title: geo.Text{French: "Barrages et obstacles", Haitian: "Baraj ak obstak", English: "Roadblocks and obstacles"},
	},
	{
		Code: "R4", Version: 1, Unit: UnitGourde, Layers: []string{"roadblocks", "national-roads", "admin-areas"}, measure: measureTolls,
		Title: geo.Text{French: "Péages entre les portes de la capitale et la ville", Haitian: "Peyaj ant pòt kapital la ak vil la", English: "Tolls between the capital's gates and the city"},
	},
	{
		Code: "R5", Version: 1, Unit: UnitHour, Layers: []string{"roadblocks", "national-roads", "admin-areas"}, measure: measureLastPassage,
		Title: geo.Text{French: "Dernier passage vérifié", Haitian: "Dènye pasaj ki verifye", English: "Last verified passage"},
	},
}

// said is a text in the three languages.
func said(french, haitian, english string) geo.Text {
	return geo.Text{French: french, Haitian: haitian, English: english}
}

// alsoSaid joins notes; those without text are left out.
func alsoSaid(notes ...geo.Text) *geo.Text {
	var out geo.Text
	for _, n := range notes {
		if n.French == "" {
			continue
		}
		if out.French != "" {
			out = geo.Text{French: out.French + " ", Haitian: out.Haitian + " ", English: out.English + " "}
		}
		out = geo.Text{French: out.French + n.French, Haitian: out.Haitian + n.Haitian, English: out.English + n.English}
	}
	if out.French == "" {
		return nil
	}
	return &out
}

var noRoad = said("Aucune route nationale du registre ne passe par cette zone.", "Pa gen wout nasyonal nan rejis la ki pase nan zòn sa a.",
	"No national road on record runs through this area.")

// coarseRoadM is the precision from which a line is called schematic.
const coarseRoadM = 500

// schematic says how far kilometres of roads can be trusted.
func (a *areaRoads) schematic() geo.Text {
	off := a.precisionM()
	if off < coarseRoadM {
		return geo.Text{}
	}
	return said(fmt.Sprintf("Tracé schématique, à ±%g km près : les kilomètres sont indicatifs.", off/1000),
		fmt.Sprintf("Trase a pa egzak, ±%g km : kilomèt yo se yon lide.", off/1000),
		fmt.Sprintf("Schematic line, ±%g km: the kilometres are indicative.", off/1000))
}

// outside says what of the roads is in no commune.
func (r *roadSurvey) outside(t *target) geo.Text {
	if t.level != LevelCountry || r.outsideM < 1 {
		return geo.Text{}
	}
	km := r.outsideM / 1000
	return said(fmt.Sprintf("%.1f km du registre passent hors des contours des communes et ne sont comptés nulle part.", km),
		fmt.Sprintf("%.1f km nan rejis la pase andeyò limit komin yo, yo pa konte okenn kote.", km),
		fmt.Sprintf("%.1f km on record run outside the communes' outlines and count nowhere.", km))
}

// wholeRoads names what shares of a length are shares of.
func wholeRoads(t *target, a *areaRoads, ref string) *Whole {
	if a.named != nil {
		return a.named
	}
	name := prefixed(said("routes nationales du registre : ", "wout nasyonal nan rejis la : ", "national roads on record: "), t.title())
	if ref != "" {
		name = prefixed(said(ref+", ", ref+", ", ref+", "), name)
	}
	a.named = &Whole{Name: name, Unit: UnitKm, Amount: significant(a.lengthM / 1000), Source: a.source()}
	return a.named
}

// lengthRow writes a figure of roads down as a value.
func (s *scene) lengthRow(i *Indicator, t *target, a *areaRoads, ref string, r *roadRow, of ...string) Value {
	if ref != "" {
		of = append(of, "ref", ref)
	}
	v := s.value(i, t, of...)
	v.Unit = UnitKm
	amount := r.metres.asRange()
	amount = Range{amount.Low / 1000, amount.Central / 1000, amount.High / 1000}
	v.Amount, v.Share, v.Whole = amount.rounded(), amount.over(a.lengthM/1000), wholeRoads(t, a, ref)
	s.trace(&v, s.countedRoads(r))
	return v
}

// roadStatuses in the order of rows.
var roadStatuses = []string{"open", "restricted", "closed", "unknown"}

// statusRows adds up stretches by status. A status counts by the degree of its
// evidence; one that is stale, has no date or says unknown is unknown. What is
// unknown may be closed or restricted, so it belongs to their high figures, and
// never to that of open. The unknown row is what the three others do not answer
// for: its low is what nobody knows, its high all that is not of high confidence.
// The central rows add up to the length.
func (a *areaRoads) statusRows() map[string]*roadRow {
	rows := map[string]*roadRow{}
	for _, status := range roadStatuses {
		rows[status] = &roadRow{}
	}
	for _, one := range a.stretches {
		section := one.section
		if section.status == "unknown" {
			rows["unknown"].add(section.v, low, one.lengthM)
			rows["restricted"].add(section.v, high, one.lengthM)
			rows["closed"].add(section.v, high, one.lengthM)
			continue
		}
		rows[section.status].add(section.v, section.degree, one.lengthM)
		if section.degree > low {
			rows["unknown"].add(section.v, high-section.degree+1, one.lengthM)
		}
	}
	return rows
}

// measureRoadStatus is R1: the kilometres of national roads in an area by
// reported status, of each road and of all, and the length itself. A section's
// piece belongs to the commune that covers it.
func measureRoadStatus(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	survey, err := s.roads(ctx)
	if err != nil {
		return nil, err
	}
	l, _ := geo.LayerByName("national-roads")
	status, _ := l.Property("status")
	told := status.Audiences.Has(s.world.Audience())
	var out []Value
	for _, t := range s.targets {
		all := survey.of(t)
		if all.lengthM == 0 {
			out = append(out, s.notMeasured(i, t, noRoad))
			continue
		}
		first := len(out)
		rows := func(a *areaRoads, ref string) {
			length := &roadRow{}
			for _, one := range a.stretches {
				length.add(one.section.v, low, one.lengthM)
			}
			out = append(out, s.lengthRow(i, t, a, ref, length, "measure", "length"))
			if !told {
				v := s.value(i, t, "measure", "status")
				if ref != "" {
					v.Of["ref"] = ref
				}
				v.Status = Withheld
				out = append(out, v)
				return
			}
			byStatus := a.statusRows()
			for _, status := range roadStatuses {
				if r := byStatus[status]; ref == "" || status == "unknown" || r.metres[high] > 0 {
					out = append(out, s.lengthRow(i, t, a, ref, r, "status", status))
				}
			}
		}
		rows(all, "")
		for _, ref := range sortedKeys(all.byRef) {
			rows(all.byRef[ref], ref)
		}
		note := alsoSaid(all.schematic(), survey.outside(t))
		for k := first; k < len(out); k++ {
			out[k].Note = note
		}
	}
	return out, nil
}

// affectedTypes are the bits of controlled, contested and influenced.
const affectedTypes = 1<<0 | 1<<1 | 1<<2

// controlRows adds up parts by type of control, as tally does with ground; by
// the last types of the list where no zone lies; and what is near controlled
// ground, that itself included.
func (r *roadSurvey) controlRows(a *areaRoads) (control []roadRow, affected, unassessed, near *roadRow) {
	control = make([]roadRow, len(geo.ControlPrecedence))
	affected, unassessed, near = &roadRow{}, &roadRow{}, &roadRow{}
	put := func(row *roadRow, p *roadPart, zones []int32, part func(z *standing) bool, in func(d degree) bool) {
		for d := range degrees {
			if !in(d) {
				continue
			}
			row.metres[d] += p.lengthM
			for _, n := range zones {
				if z := &r.zones[n]; z.degree <= d && part(z) {
					if row.of == nil {
						row.of = map[*geo.Version]*byDegree{}
					}
					if row.of[z.v] == nil {
						row.of[z.v] = &byDegree{}
					}
					row.of[z.v][d] += p.lengthM
				}
			}
		}
	}
	for _, one := range a.stretches {
		for k := range one.parts {
			p := &one.parts[k]
			for x := range control {
				if p.types[high]&(1<<x) != 0 {
					put(&control[x], p, p.zones, func(z *standing) bool { return z.control == x }, func(d degree) bool { return p.names(x, d) })
				}
			}
			if p.types[high]&affectedTypes != 0 {
				put(affected, p, p.zones, func(z *standing) bool { return z.control < 3 }, func(d degree) bool { return p.types[d]&affectedTypes != 0 })
			}
			put(unassessed, p, nil, nil, func(d degree) bool { return p.types[high-d] == 0 })
			if p.near[high] {
				put(near, p, p.beside, func(*standing) bool { return true }, func(d degree) bool { return p.near[d] })
			}
		}
	}
	return control, affected, unassessed, near
}

// measureRoadControl is R2: the kilometres of national roads on ground of each
// type of control, by the definitions of T1 with lengths for areas, on ground
// that no zone covers, and within 500 m of controlled ground.
func measureRoadControl(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	survey, err := s.roads(ctx)
	if err != nil {
		return nil, err
	}
	var out []Value
	for _, t := range s.targets {
		all := survey.of(t)
		if all.lengthM == 0 {
			out = append(out, s.notMeasured(i, t, noRoad))
			continue
		}
		first := len(out)
		rows := func(a *areaRoads, ref string) {
			control, affected, unassessed, near := survey.controlRows(a)
			for x, name := range geo.ControlPrecedence {
				if x < 3 && ref == "" || name == "unknown" && ref == "" || control[x].metres[high] > 0 {
					out = append(out, s.lengthRow(i, t, a, ref, &control[x], "control_type", name))
				}
			}
			out = append(out, s.lengthRow(i, t, a, ref, affected, "control_type", "controlled+contested+influenced"))
			v := s.lengthRow(i, t, a, ref, unassessed, "control_type", "unassessed")
			v.IDs = a.ids()
			v.N = len(v.IDs)
			out = append(out, v, s.lengthRow(i, t, a, ref, near, "within_m", fmt.Sprint(nearControlledM), "of", "controlled"))
		}
		rows(all, "")
		for _, ref := range sortedKeys(all.byRef) {
			rows(all.byRef[ref], ref)
		}
		note := alsoSaid(all.schematic(), survey.outside(t))
		for k := first; k < len(out); k++ {
			out[k].Note = note
		}
	}
	return out, nil
}
