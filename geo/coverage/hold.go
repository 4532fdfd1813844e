package coverage

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"pasaj/geo"
)

var holdIndicators = []*Indicator{
	{
		Code: "T4", Version: 1, Unit: UnitShare, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureSurvival,
		Title: geo.Text{French: "Part du terrain récupéré qui tient", Haitian: "Pati tè yo repran ki kenbe", English: "Survival of holds on recovered ground"},
	},
	{
		Code: "T5", Version: 1, Unit: UnitKm2, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureRelapse,
		Title: geo.Text{French: "Rechutes du terrain récupéré", Haitian: "Tè yo repran ki tonbe ankò", English: "Relapse of recovered ground"},
	},
}

// survivalDays are the days of hold for which survival is given.
var survivalDays = []int{30, 90}

// relapseDays is the stretch over which relapses are counted.
const relapseDays = 90

// allHolds finds the recoveries of every region of the scene's areas.
func (s *scene) allHolds(ctx context.Context) (map[*region][2][]hold, error) {
	if have, ok := s.kept["holds"]; ok {
		return have.(map[*region][2][]hold), nil
	}
	var list []*region
	urban := map[*region]bool{}
	seen := map[*region]bool{}
	for _, t := range s.asked() {
		for _, r := range t.regions {
			if !seen[r] {
				seen[r] = true
				list = append(list, r)
			}
			urban[r] = urban[r] || t.urban
		}
	}
	s.everStood() // before the scene is shared
	out := make(map[*region][2][]hold, len(list))
	for kind, what := range []string{"holds", "urban holds"} {
		found, err := byRegions(ctx, s, what, list, func(ctx context.Context, r *region) ([]hold, error) {
			return s.holdsIn(ctx, r, kind == 1)
		})
		if err != nil {
			return nil, err
		}
		for n, r := range list {
			holds := out[r]
			holds[kind] = found[n]
			out[r] = holds
		}
		list = slices.DeleteFunc(slices.Clone(list), func(r *region) bool { return !urban[r] })
	}
	s.kept["holds"] = out
	return out, nil
}

// holdsOf are the recoveries of an area.
func (s *scene) holdsOf(ctx context.Context, t *target) ([]hold, error) {
	all, err := s.allHolds(ctx)
	if err != nil {
		return nil, err
	}
	kind := 0
	if t.urban {
		kind = 1
	}
	var out []hold
	for _, r := range t.regions {
		out = append(out, all[r][kind]...)
	}
	return out, nil
}

var noHold = geo.Text{
	French:  "Aucun terrain récupéré après avoir été sous contrôle n’est au registre.",
	Haitian: "Pa gen tè yo repran apre li te anba kontwòl nan rejis la.",
	English: "No ground that was recovered after having been controlled is on record.",
}

var notFollowed = geo.Text{
	French:  "Aucun terrain récupéré n’a pu être suivi aussi longtemps.",
	Haitian: "Pa gen tè yo repran yo te ka swiv pandan tout tan sa a.",
	English: "No recovered ground could be followed for that long.",
}

var survivalNote = geo.Text{
	French:  "Kaplan–Meier pondéré par la superficie. Bas : toute rechute non réfutée compte ; haut : seules celles de confiance élevée. Sans intervalle d’échantillonnage : des terrains voisins rechutent ensemble.",
	Haitian: "Kaplan–Meier dapre sipèfisi. Ba : tout rechit ki pa demanti konte ; wo : sèlman sa ki gen konfyans wo. San entèval echantiyon : tè ki kole tonbe ansanm.",
	English: "Kaplan–Meier weighed by area. Low: every relapse not refuted counts; high: only those of high confidence. Without a sampling interval: neighbouring ground relapses together.",
}

// measureSurvival gives the share of recovered ground that is not controlled
// again after 30 and 90 days: see holdsIn and survival. Low counts a relapse by
// any evidence, high only by evidence of high confidence; should the estimates
// cross, which censoring can cause, the interval is widened to hold the central
// one. No value is given for more days than any ground was followed.
func measureSurvival(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	for _, t := range s.targets {
		holds, err := s.holdsOf(ctx, t)
		if err != nil {
			return nil, err
		}
		for _, days := range survivalDays {
			out = append(out, s.survivalOf(i, t, holds, days))
		}
	}
	return out, nil
}

func (s *scene) survivalOf(i *Indicator, t *target, holds []hold, days int) Value {
	if len(holds) == 0 {
		return s.notMeasured(i, t, noHold, "days", strconv.Itoa(days))
	}
	v := s.value(i, t, "days", strconv.Itoa(days))
	var by [degrees]float64
	total, enough := 0.0, true
	for d := range degrees {
		list := make([]observed, len(holds))
		total = 0
		for k := range holds {
			h := &holds[k]
			end := h.end
			if !h.relapse[d].IsZero() {
				end = h.relapse[d]
			}
			list[k] = observed{h.weight, end.Sub(h.start).Hours() / 24, !h.relapse[d].IsZero()}
			total += h.weight
		}
		var followed float64
		by[d], followed = survival(list, float64(days))
		if d == central {
			enough = followed >= float64(days) || by[d] == 0
		}
	}
	g, _ := s.areaGround(t)
	v.Whole = &Whole{
		Name:   prefixed(geo.Text{French: "terrain récupéré, ", Haitian: "tè yo repran, ", English: "recovered ground, "}, t.name),
		Amount: significant(total / g.scale), Unit: g.unit, Source: sources(t.regions),
	}
	s.traceHolds(&v, holds)
	if !enough {
		v.Status, v.Note = NotMeasured, &notFollowed
		return v
	}
	// by is by degree of the relapses: the more of them count, the less survives.
	share := Range{min(by[high], by[central]), by[central], max(by[low], by[central])}
	v.Amount, v.Share, v.Note = share.rounded(), share.rounded(), &survivalNote
	return v
}

// traceHolds writes down the zones that holds were made of, by their ground.
func (s *scene) traceHolds(v *Value, holds []hold) {
	r := &row{zones: map[*geo.Version]float64{}}
	for k := range holds {
		for _, z := range holds[k].zones {
			r.zones[z] += holds[k].weight
		}
	}
	s.trace(v, s.counted(r))
}

// measureRelapse gives the recovered ground that relapsed in the last 90 days
// as a share of the recovered ground that was exposed to it: held, and followed,
// at some moment of these days. Ground counts once however often it relapsed.
func measureRelapse(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	since := s.at.AddDate(0, 0, -relapseDays)
	var out []Value
	for _, t := range s.targets {
		all, err := s.allHolds(ctx)
		if err != nil {
			return nil, err
		}
		kind := 0
		if t.urban {
			kind = 1
		}
		exposed := 0.0
		var relapsed interval
		var holds []hold
		for _, r := range t.regions {
			// By cell: one piece of ground may have been held several times.
			weight := map[int]float64{}
			worst := map[int]degree{}
			for _, h := range all[r][kind] {
				end := h.end
				if !h.relapse[central].IsZero() {
					end = h.relapse[central]
				}
				if end.Before(since) || !h.start.Before(s.at) {
					continue
				}
				holds = append(holds, h)
				if _, ok := weight[h.cell]; !ok {
					weight[h.cell], worst[h.cell] = h.weight, degrees
					exposed += h.weight
				}
				for d := range degrees {
					if x := h.relapse[d]; x.After(since) && !x.After(s.at) {
						worst[h.cell] = min(worst[h.cell], d)
					}
				}
			}
			for _, cell := range slices.Sorted(maps.Keys(worst)) {
				for d := worst[cell]; d < degrees; d++ {
					relapsed[d] += weight[cell]
				}
			}
		}
		if len(holds) == 0 {
			out = append(out, s.notMeasured(i, t, noHold, "days", strconv.Itoa(relapseDays)))
			continue
		}
		g, _ := s.areaGround(t)
		v := s.value(i, t, "days", strconv.Itoa(relapseDays))
		v.Unit = g.unit
		amount := relapsed.asRange(g.scale)
		v.Amount, v.Share = amount.rounded(), amount.over(exposed/g.scale)
		v.Whole = &Whole{
			Name:   prefixed(geo.Text{French: "terrain récupéré exposé, ", Haitian: "tè yo repran ki ekspoze, ", English: "recovered ground exposed, "}, t.name),
			Amount: significant(exposed / g.scale), Unit: g.unit, Source: sources(t.regions),
		}
		s.traceHolds(&v, holds)
		out = append(out, v)
	}
	return out, nil
}
