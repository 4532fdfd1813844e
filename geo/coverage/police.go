package coverage

import (
	"context"
	"slices"

	"pasaj/geo"
	"pasaj/geo/isolation"
)

const policeLayer = "police-facilities"

var policeIndicators = []*Indicator{
	{
		Code: "L1", Version: 1, Unit: UnitCount, Layers: []string{policeLayer, "admin-areas"}, measure: measurePoliceOut,
		Title: geo.Text{French: "Installations de police non fonctionnelles", Haitian: "Enstalasyon lapolis ki pa fonksyone", English: "Police facilities not functional"},
	},
	{
		Code: "L2", Version: 1, Unit: UnitCount, Layers: []string{policeLayer, "admin-areas"}, measure: measurePoliceOutInOuest,
		Title: geo.Text{French: "Part de l’Ouest dans les installations de police non fonctionnelles", Haitian: "Pati Lwès nan enstalasyon lapolis ki pa fonksyone", English: "Share of Ouest in the police facilities not functional"},
	},
	{
		Code: "L3", Version: 1, Unit: UnitCount, Layers: []string{policeLayer, "controlled-zones", "admin-areas"}, measure: measurePoliceInZones,
		Title: geo.Text{French: "Installations de police en terrain contrôlé, contesté ou sous influence", Haitian: "Enstalasyon lapolis sou tè ki anba kontwòl, an konfli oswa anba enfliyans", English: "Police facilities on controlled, contested or influenced ground"},
	},
	{
		Code: "L4", Version: 1, Unit: UnitCount, Layers: []string{policeLayer, "admin-areas"}, measure: measurePoliceIsolated,
		Title: geo.Text{French: "Installations de police fonctionnelles mais coupées de leur direction départementale", Haitian: "Enstalasyon lapolis ki mache men ki koupe ak direksyon depatmantal yo", English: "Police facilities functional but cut off from their departmental directorate"},
	},
	{
		Code: "L5", Version: 1, Unit: UnitPeople, Layers: []string{policeLayer, "admin-areas"}, measure: measurePoliceCoverage,
		Title: geo.Text{French: "Population à portée d’une installation de police fonctionnelle", Haitian: "Moun ki toupre yon enstalasyon lapolis ki mache", English: "People within reach of a functional police facility"},
	},
}

var policeText = geo.Text{French: "installations de police", Haitian: "enstalasyon lapolis", English: "police facilities"}

// ouest is the p-code of the department of the capital.
const ouest = "HT01"

// measurePoliceOut is L1: n(functional = none) / n of the police facilities on
// record; see functioningOf for low, central and high. The rows by status add
// up to all; those by status_reason split what is said not to function.
func measurePoliceOut(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		if !s.seesProperty(policeLayer, "functional") {
			out = append(out, s.withheldValue(i, t))
			continue
		}
		list := s.facilitiesIn(t, policeLayer)
		if len(list) == 0 {
			out = append(out, s.notMeasured(i, t, noneOnRecord(policeText)))
			continue
		}
		values := s.workingValues(i, t, list, policeText)
		reasons := map[string][]*facility{}
		for _, f := range list {
			if f.working == "none" {
				reason := f.v.Text("status_reason")
				if reason == "" {
					reason = "unknown"
				}
				reasons[reason] = append(reasons[reason], f)
			}
		}
		whole := s.onRecord(t, policeText, len(list))
		for _, reason := range sortedKeys(reasons) {
			var n byDegree
			var c counted
			for _, f := range reasons[reason] {
				n.add(f.degree, 1)
				c.add(f.v.ID, f.worth.Confidence, 1)
			}
			values = append(values, s.facilityFigure(i, t, n, &c, whole, "status", "none", "status_reason", reason))
		}
		for k := range values {
			values[k].Note = &asRecorded
		}
		out = append(out, values...)
	}
	return out, nil
}

// measurePoliceOutInOuest is L2: of the police facilities not functional, how
// many are in Ouest; for the country only. The share is the least and the most
// that the intervals of Ouest and of the rest allow: low of Ouest against high
// of the rest, and the other way round.
func measurePoliceOutInOuest(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		if t.id != Country {
			continue
		}
		if !s.seesProperty(policeLayer, "functional") {
			out = append(out, s.withheldValue(i, t))
			continue
		}
		inside, rest := []*facility{}, []*facility{}
		for _, f := range s.facilitiesIn(t, policeLayer) {
			if f.commune != nil && f.commune.parent == ouest {
				inside = append(inside, f)
			} else {
				rest = append(rest, f)
			}
		}
		in, others := functioningOf(inside), functioningOf(rest)
		n, m := in.rows[2], others.rows[2]
		what := geo.Text{French: "installations de police non fonctionnelles", Haitian: "enstalasyon lapolis ki pa fonksyone", English: "police facilities not functional"}
		if n[central]+m[central] == 0 {
			out = append(out, s.notMeasured(i, t, geo.Text{
				French:  "Aucune installation de police n’est dite non fonctionnelle avec une confiance au moins moyenne : pas de part.",
				Haitian: "Pa gen enstalasyon lapolis yo di ki pa fonksyone ak konfyans omwen mwayen : pa gen pati pou bay.",
				English: "No police facility is said not to function with at least medium confidence: there is no share to give.",
			}))
			continue
		}
		v := s.facilityFigure(i, t, n, &in.counted[2], s.onRecord(t, what, int(n[central]+m[central])))
		share := Range{Central: n[central] / (n[central] + m[central])}
		if n[low] > 0 {
			share.Low = n[low] / (n[low] + m[high])
		}
		if n[high] > 0 {
			share.High = n[high] / (n[high] + m[low])
		}
		v.Share, v.Note = share.rounded(), &asRecorded
		out = append(out, v)
	}
	return out, nil
}

// measurePoliceInZones is L3: the police facilities on ground that is
// controlled, contested or influenced by the rule that names the ground.
func measurePoliceInZones(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		list := s.facilitiesIn(t, policeLayer)
		if len(list) == 0 {
			out = append(out, s.notMeasured(i, t, noneOnRecord(policeText)))
			continue
		}
		whole := s.onRecord(t, policeText, len(list))
		n, c := inContext(list, groundTypes("controlled", "contested", "influenced"))
		out = append(out, s.facilityFigure(i, t, n, &c, whole))
		for _, name := range []string{"controlled", "contested", "influenced", "unknown", unassessedGround} {
			n, c := inContext(list, groundTypes(name))
			out = append(out, s.facilityFigure(i, t, n, &c, whole, "control_type", name))
		}
	}
	return out, nil
}

// measurePoliceIsolated is L4: of the functional police facilities, those
// without a passable way to the directorate of their department. Low and
// central are those with no way at all; high adds those with a way only over
// roads of which nobody knows, and those that nobody can tell. What nobody
// knows to function is not counted: it cannot be both.
func measurePoliceIsolated(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	what := geo.Text{
		French: "installations de police fonctionnelles, hors directions départementales", Haitian: "enstalasyon lapolis ki mache, san direksyon depatmantal yo",
		English: "functional police facilities other than departmental directorates",
	}
	for _, t := range s.targets {
		if !s.seesProperty(policeLayer, "functional") {
			out = append(out, s.withheldValue(i, t))
			continue
		}
		if !s.hasWays() {
			out = append(out, s.notMeasured(i, t, noWays))
			continue
		}
		links, err := s.linksOf(ctx, toDirectorate)
		if err != nil {
			return nil, err
		}
		var all []*facility
		var n [isolation.Statuses]float64
		var ids [isolation.Statuses]counted
		lacking := map[string]bool{}
		for _, f := range s.facilitiesIn(t, policeLayer) {
			link, ok := links[f]
			switch {
			case !ok:
				continue
			case !link.hub:
				lacking[link.department] = true
			}
			all = append(all, f)
			n[link.status]++
			ids[link.status].add(f.v.ID, f.worth.Confidence, 1)
		}
		if len(all) == 0 {
			out = append(out, s.notMeasured(i, t, noneOnRecord(what)))
			continue
		}
		var note *geo.Text
		if len(lacking) > 0 {
			missing := noHub(sortedKeys(lacking))
			if slices.IndexFunc(all, func(f *facility) bool { return links[f].hub }) < 0 {
				out = append(out, s.notMeasured(i, t, missing))
				continue
			}
			note = &missing
		}
		whole := s.onRecord(t, what, len(all))
		closed, unknown := n[isolation.Closed], n[isolation.Unknown]
		both := counted{ids: slices.Concat(ids[isolation.Closed].ids, ids[isolation.Unknown].ids),
			weight: closed + unknown, sum: ids[isolation.Closed].sum + ids[isolation.Unknown].sum}
		values := []Value{
			s.facilityFigure(i, t, byDegree{closed, closed, closed + unknown}, &both, whole),
			s.facilityFigure(i, t, byDegree{closed, closed, closed}, &ids[isolation.Closed], whole, "status", "isolated"),
			s.facilityFigure(i, t, byDegree{unknown, unknown, unknown}, &ids[isolation.Unknown], whole, "status", "uncertain"),
		}
		for k := range values {
			values[k].Note = note
		}
		out = append(out, values...)
	}
	return out, nil
}
