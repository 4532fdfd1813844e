package coverage

import (
	"context"
	"maps"
	"math"
	"slices"
	"strconv"
	"time"

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

// span is a stretch of time [from, to); a zero to is open.
type span struct{ from, to time.Time }

func (s span) endsBy(t time.Time) bool { return !s.to.IsZero() && !s.to.After(t) }

// hold is a stretch of ground from its recovery on, for one cell of a plot.
type hold struct {
	weight  float64 // m²: of the ground, or of what is built up on it
	cell    int
	start   time.Time // recovered
	end     time.Time // followed up to here
	relapse [degrees]time.Time
	zones   []*geo.Version // those that made it a hold, and its relapse
}

// recovering reports whether a zone says that the state has its ground.
func recovering(v *geo.Version) bool {
	control := v.Text("control_type")
	return control == "recovered" || control == "state_held"
}

// counts is how long a zone counts to each degree: from the beginning of its
// validity until it ends or its evidence has aged below the degree.
func (s *scene) counts(v *geo.Version) (out [degrees]span, known bool) {
	from := v.Valid.From
	if from.IsZero() {
		from = geo.EarliestValid
	}
	if from.After(s.at) {
		return out, false
	}
	begin := s.world.Model().Assess(v, from)
	first := degreeOf(begin)
	for d := range degrees {
		if d < first {
			continue
		}
		out[d] = span{from, v.Valid.To}
		if until := s.until(v, d); !until.IsZero() && (out[d].to.IsZero() || until.Before(out[d].to)) {
			out[d].to = until
		}
		if out[d].endsBy(out[d].from) {
			out[d] = span{}
		}
	}
	return out, true
}

// until is when a zone's evidence has aged below a degree; zero for never.
func (s *scene) until(v *geo.Version, d degree) time.Time {
	m := s.world.Model()
	decay, ok := m.DecayOf(v)
	if d == high || !ok {
		return time.Time{}
	}
	confirmed := v.LastConfirmedAt
	if confirmed.IsZero() {
		confirmed = v.Valid.From
	}
	until := confirmed.Add(decay.TTL)
	threshold := m.Medium
	if d == low {
		threshold = m.High
	}
	if decay.HalfLife > 0 && v.Confidence > 0 {
		lasts := time.Duration(float64(decay.HalfLife) * math.Log2(v.Confidence/threshold))
		if aged := confirmed.Add(lasts); aged.Before(until) {
			until = aged
		}
	}
	return until
}

// staleAt is when nobody can say any more that a zone is as it was.
func (s *scene) staleAt(v *geo.Version) time.Time {
	return s.world.Model().Assess(v, v.Valid.From).StaleAt
}

// holdsIn finds the recoveries of a region in the scene's world up to its
// instant.
//
// Ground is recovered at the first instant at which a recovered or state-held
// zone of at least medium confidence covers it, no controlled zone of at least
// medium confidence does, and it was controlled at some time before by any
// evidence; the same ground again only after it was controlled again. A controlled
// zone that began after the recovery has to end on record before the ground counts
// as recovered once more: that its evidence grows old is not enough.
//
// It is followed until the scene's instant, or until no such zone covers it any
// more or the last one that does has gone stale: from then on nothing is known
// of it. It relapses at the first instant of that time, both ends included, at
// which a controlled zone covers it; of high confidence then (low), at least
// medium (central), or by any evidence (high). A relapse by weak evidence may be
// as early as the recovery.
func (s *scene) holdsIn(ctx context.Context, r *region, urban bool) ([]hold, error) {
	type zone struct {
		v        *geo.Version
		number   int32
		counts   [degrees]span
		recovers bool
	}
	var zones []zone
	var outlines []outline
	any := false
	for _, z := range s.everStood() {
		recovers := recovering(z.v)
		if !recovers && z.v.Text("control_type") != "controlled" || !z.v.Bound.Intersects(r.area.Bound()) {
			continue
		}
		counts, ok := s.counts(z.v)
		if !ok {
			continue
		}
		any = any || recovers
		zones = append(zones, zone{z.v, 0, counts, recovers})
		outlines = append(outlines, z.outline)
	}
	if !any {
		return nil, nil
	}
	p, err := s.engine.plot(ctx, r, outlines)
	if err != nil {
		return nil, err
	}
	over := make([][]int, len(p.covers))
	for i := range zones {
		zones[i].number = p.number[outlines[i].print]
		over[zones[i].number] = append(over[zones[i].number], i)
	}
	weights := p.cellM2
	if g := s.world.Grid(gridBuiltUp); urban && g != nil {
		weights = p.on(g, builtRows{g})
	}
	var out []hold
	for cell := range p.cellM2 {
		if weights[cell] <= 0 {
			continue
		}
		var story groundStory
		for _, n := range p.shape.Areas(cell) {
			if !p.present[n] {
				continue
			}
			for _, i := range over[n] {
				z := &zones[i]
				switch {
				case !z.recovers:
					story.controlled = append(story.controlled, told{z.v, z.counts})
				case z.counts[central] != span{}:
					stale := s.staleAt(z.v)
					one := span{z.counts[central].from, z.v.Valid.To}
					if !stale.IsZero() && (one.to.IsZero() || stale.Before(one.to)) {
						one.to = stale
					}
					story.held = append(story.held, told{z.v, [degrees]span{central: one}})
				}
			}
		}
		for _, h := range story.holds(s.at) {
			h.weight, h.cell = weights[cell], cell
			out = append(out, h)
		}
	}
	return out, nil
}

// everStood lists every state of every zone, whenever it held.
func (s *scene) everStood() []standing {
	if have, ok := s.kept["everStood"]; ok {
		return have.([]standing)
	}
	var all []standing
	s.states("controlled-zones", func(v *geo.Version) {
		if z, ok := s.standingOf(v); ok {
			all = append(all, z)
		}
	})
	s.kept["everStood"] = all
	return all
}

// told is a zone with the time for which it counts to each degree.
type told struct {
	v      *geo.Version
	counts [degrees]span
}

// blocks is how long a controlled zone keeps ground from being recovered by
// another one. What was heard before the recovery ages; news of control that
// came after it stands until the record ends it, for silence clears nothing.
func (c *told) blocks(held *told) span {
	one := c.counts[central]
	if one != (span{}) && one.from.After(held.counts[central].from) {
		one.to = c.v.Valid.To
	}
	return one
}

// groundStory is what the record tells of one piece of ground.
type groundStory struct {
	held       []told // central: how long it can be followed
	controlled []told
}

// holds reads the recoveries out of the story, up to an instant.
func (g *groundStory) holds(now time.Time) []hold {
	var out []hold
	at := time.Time{} // after the last hold
	for {
		start, ok := g.recovery(at, now)
		if !ok {
			return out
		}
		// Controlled before, and since the last hold began.
		was := slices.ContainsFunc(g.controlled, func(z told) bool {
			since := z.counts[high]
			return since != span{} && since.from.Before(start) && (len(out) == 0 || !since.endsBy(out[len(out)-1].start))
		})
		h := hold{start: start, end: start}
		// Followed as long as one zone takes over from another.
		for grown := true; grown; {
			grown = false
			for _, z := range g.held {
				one := z.counts[central]
				if one.from.After(h.end) || one.endsBy(h.start) || slices.Contains(h.zones, z.v) {
					continue
				}
				if one.to.IsZero() || one.to.After(now) {
					one.to = now
				}
				h.zones, grown = append(h.zones, z.v), true
				if one.to.After(h.end) {
					h.end = one.to
				}
			}
		}
		relapsed := map[*geo.Version]bool{}
		for d := range degrees {
			for _, z := range g.controlled {
				one := z.counts[d]
				if one == (span{}) || one.endsBy(h.start) {
					continue
				}
				first := one.from
				if first.Before(h.start) {
					first = h.start
				}
				if !first.After(h.end) && (h.relapse[d].IsZero() || first.Before(h.relapse[d])) {
					h.relapse[d] = first
					relapsed[z.v] = true
				}
			}
		}
		next := h.end
		if !h.relapse[central].IsZero() {
			next = h.relapse[central]
		}
		for _, z := range g.controlled {
			if relapsed[z.v] {
				h.zones = append(h.zones, z.v)
			}
		}
		if was {
			out = append(out, h)
		}
		if !next.After(at) && !at.IsZero() {
			return out
		}
		at = next
		if !at.Before(now) {
			return out
		}
	}
}

// recovery is the first instant from one on at which the ground is held and not
// controlled by evidence of medium confidence.
func (g *groundStory) recovery(from, now time.Time) (time.Time, bool) {
	best, found := time.Time{}, false
	for _, z := range g.held {
		one := z.counts[central]
		at := one.from
		if at.Before(from) {
			at = from
		}
		for moved := true; moved; {
			moved = false
			for _, c := range g.controlled {
				block := c.blocks(&z)
				if block == (span{}) || block.from.After(at) || block.endsBy(at) {
					continue
				}
				if block.to.IsZero() {
					at, moved = now, false
					break
				}
				at, moved = block.to, true
			}
		}
		if one.endsBy(at) || !at.Before(now) {
			continue
		}
		if !found || at.Before(best) {
			best, found = at, true
		}
	}
	return best, found
}

// observed is a weight of ground with how long it was followed.
type observed struct {
	weight  float64
	days    float64
	relapse bool
}

// survival is Kaplan and Meier's estimate (1958) of the share of ground that
// still holds after some days, weighed by area, and how long any ground was
// followed. Ground that is lost sight of on the day of a relapse was still at
// risk in it.
func survival(list []observed, days float64) (share, followed float64) {
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b observed) int {
		switch {
		case a.days < b.days:
			return -1
		case a.days > b.days:
			return 1
		}
		return 0
	})
	atRisk := 0.0
	for i := range list {
		atRisk += list[i].weight
	}
	share = 1
	for i := 0; i < len(list) && list[i].days <= days; {
		lost, gone, at := 0.0, 0.0, list[i].days
		for ; i < len(list) && list[i].days == at; i++ {
			gone += list[i].weight
			if list[i].relapse {
				lost += list[i].weight
			}
		}
		if lost >= atRisk*(1-1e-12) {
			share = 0
		} else {
			share *= 1 - lost/atRisk
		}
		atRisk -= gone
	}
	if n := len(list); n > 0 {
		followed = list[n-1].days
	}
	return share, followed
}

// allHolds finds the recoveries of every region of the scene's areas.
func (s *scene) allHolds(ctx context.Context) (map[*region][2][]hold, error) {
	if have, ok := s.kept["holds"]; ok {
		return have.(map[*region][2][]hold), nil
	}
	var list []*region
	urban := map[*region]bool{}
	seen := map[*region]bool{}
	for _, t := range s.targets {
		for _, r := range t.regions {
			if !seen[r] {
				seen[r] = true
				list = append(list, r)
			}
			urban[r] = urban[r] || t.urban
		}
	}
	s.everStood() // before the scene is shared
	found := make([][2][]hold, len(list))
	err := inParallel(ctx, list, func(ctx context.Context, n int, r *region) (err error) {
		if found[n][0], err = s.holdsIn(ctx, r, false); err == nil && urban[r] {
			found[n][1], err = s.holdsIn(ctx, r, true)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	out := make(map[*region][2][]hold, len(list))
	for n, r := range list {
		out[r] = found[n]
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
