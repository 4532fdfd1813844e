package coverage

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

var changeIndicators = []*Indicator{
	{
		Code: "T2", Version: 1, Unit: UnitKm2, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureChange,
		Title: geo.Text{
			French:  "Variation du territoire : situation, information tardive, vieillissement",
			Haitian: "Chanjman nan teritwa : sitiyasyon, nouvèl ki vin an reta, prèv ki vyeyi",
			English: "Change of territory: situation, late information, ageing",
		},
	},
	{
		Code: "T3", Version: 1, Unit: UnitCount, Layers: []string{"controlled-zones", "admin-areas"}, measure: measureNewlyAffected,
		Title: geo.Text{French: "Communes et sections nouvellement touchées", Haitian: "Komin ak seksyon ki fèk touche", English: "Newly affected communes and sections"},
	},
}

// changeDays are the spans over which changes are measured.
var changeDays = []int{1, 7, 30}

// Parts of a change. The last is contained in the situation, not beside it.
const (
	partTotal     = "total"
	partSituation = "situation"
	partRevision  = "revision"
	partExpiry    = "expiry"
	partRenewed   = "renewed"
)

var changeNote = geo.Text{
	French:  "Bas, central et haut sont chacun la différence de deux bornes de même degré : ils ne sont pas ordonnés et peuvent être négatifs. Arrondi au m². total = situation + revision (information tardive) + expiry (vieillissement des preuves).",
	Haitian: "Ba, mitan ak wo se diferans ant de limit menm degre : yo pa nan lòd epi yo ka negatif. Awondi nan m². total = situation + revision (nouvèl an reta) + expiry (prèv ki vyeyi).",
	English: "Low, central and high are each the difference of two bounds of the same degree: they are not ordered and may be negative. Rounded to whole m². total = situation + revision (late information) + expiry (ageing of evidence).",
}

var renewedNote = geo.Text{
	French:  "Compris dans la situation : la même zone aux mêmes mains, dont seules les preuves sont plus récentes ou autrement évaluées.",
	Haitian: "Sa a nan sitiyasyon an deja : menm zòn nan menm men, se prèv yo sèlman ki pi resan oswa ki evalye yon lòt jan.",
	English: "Contained in situation: the same zone in the same hands, of which only the evidence is newer or graded otherwise.",
}

var pastUnknown = geo.Text{
	French:  "Le registre ne remonte pas aussi loin.",
	Haitian: "Rejis la pa rive twò lwen konsa nan tan lontan.",
	English: "The record does not go back that far.",
}

// earlier is the same question some days ago, as change is measured from it.
type earlier struct {
	days   int
	before *scene // then, as known then; nil where the record does not go back
	then   *scene // then, as known now
	fresh  *scene // now, as known now, evidence aged to then
	old    *scene // as fresh, but states that only renewed evidence worth what they were then
}

// earlier makes the scenes of some days ago and measures their territory.
func (s *scene) earlier(ctx context.Context, days ...int) ([]earlier, error) {
	aged := func(at time.Time) *scene {
		other := s.elsewhere(s.world, s.at, at)
		other.leaveOut = s.leaveOut
		return other
	}
	views := []view{{scene: s}}
	var out []earlier
	for _, n := range days {
		at := s.at.AddDate(0, 0, -n)
		e := earlier{days: n, then: s.then(s.world, at, at), fresh: aged(at), old: aged(at)}
		views = append(views, view{scene: e.then}, view{scene: e.fresh}, view{e.old, func(v *geo.Version) degree { return s.unrenewed(v, at) }})
		w, err := s.asKnown(ctx, at)
		if err != nil {
			return nil, err
		}
		if w != nil {
			e.before = s.then(w, at, at)
			views = append(views, view{scene: e.before})
		}
		out = append(out, e)
	}
	return out, together(ctx, views...)
}

// asKnown is the world as it was known at an instant, nil where the record does
// not go back that far.
func (s *scene) asKnown(ctx context.Context, at time.Time) (*world.World, error) {
	if s.past == nil {
		return nil, nil
	}
	w, err := s.past(ctx, at)
	switch {
	case geo.CodeOf(err) == geo.CodeNotFound || err == nil && (w == nil || w.Revision() == 0):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return w, nil
}

// unrenewed is how far a zone would count at an instant had nothing been heard
// of it since: what its feature was worth then where it said the same.
func (s *scene) unrenewed(v *geo.Version, at time.Time) degree {
	if it, ok := s.world.Named("controlled-zones").Item(v.ID); ok {
		for _, u := range it.Versions {
			if u.Valid.Contains(at) && approved(u) && sameHands(u, v) {
				return degreeOf(s.world.Model().Assess(u, at))
			}
		}
	}
	return degreeOf(s.world.Model().Assess(v, at))
}

// sameHands reports whether two states of zones name the ground alike.
func sameHands(a, b *geo.Version) bool {
	return a.Text("control_type") == b.Text("control_type") && slices.Equal(principals(a), principals(b))
}

// principals are the groups that hold a zone, in order.
func principals(v *geo.Version) []string {
	var out []string
	for _, h := range v.Holders {
		if h.Role == "principal" && !slices.Contains(out, h.Group) {
			out = append(out, h.Group)
		}
	}
	slices.Sort(out)
	return out
}

// change of a figure: what it was made of before and after.
type change struct {
	fromScene, toScene *scene
	from, to           *row
}

// m2 are the differences by degree of areas in whole square metres. Whole
// numbers add up exactly, whatever the order.
func (c change) m2(g ground) (out [degrees]float64) {
	for d := range out {
		out[d] = math.Round(g.of(&c.to.amounts)[d]) - math.Round(g.of(&c.from.amounts)[d])
	}
	return out
}

// traced are the zones whose ground in the row changed, weighed by how much, or
// where only the bounds moved all of both.
func (c change) traced() *counted {
	type share struct {
		before, after float64
		v             *geo.Version
		s             *scene
	}
	ground := make([]share, 0, len(c.from.zones)+len(c.to.zones))
	for v, m2 := range c.from.zones {
		ground = append(ground, share{m2, 0, v, c.fromScene})
	}
	for v, m2 := range c.to.zones {
		ground = append(ground, share{0, m2, v, c.toScene})
	}
	// By zone, and of one zone what it was first.
	slices.SortFunc(ground, func(a, b share) int {
		return cmp.Or(slices.Compare(a.v.ID[:], b.v.ID[:]), cmp.Compare(a.after, b.after), a.v.Valid.From.Compare(b.v.Valid.From))
	})
	zones := ground[:0]
	for _, one := range ground {
		if n := len(zones); n > 0 && zones[n-1].v.ID == one.v.ID {
			before, after := zones[n-1].before, zones[n-1].after
			zones[n-1] = share{before + one.before, after + one.after, one.v, one.s}
			continue
		}
		zones = append(zones, one)
	}
	out := &counted{}
	for _, all := range []bool{false, true} {
		for _, one := range zones {
			moved := math.Abs(math.Round(one.after) - math.Round(one.before))
			if all {
				moved = max(one.after, one.before)
			}
			if moved > 0 {
				out.add(one.v.ID, one.s.assess(one.v).Confidence, moved)
			}
		}
		if len(out.ids) > 0 {
			break
		}
	}
	return out
}

// measureChange splits the change of every row of territory over some days.
// With TS(t, K, a) the area of the zones valid at t as known in K with evidence
// aged to a, now the world asked and then the one known n days before:
//
//	revision  = TS(t-n, now, t-n) - TS(t-n, then, t-n)   what was learned late, or withdrawn
//	situation = TS(t, now, t-n) - TS(t-n, now, t-n)      what happened
//	expiry    = TS(t, now, t) - TS(t, now, t-n)          what grew old
//	total     = TS(t, now, t) - TS(t-n, then, t-n)
//
// for each degree of evidence, in whole square metres, so that the parts add up
// to the total exactly. A state confirmed only after t-n counts at t-n as fresh
// as on the day of its confirmation. Outlines of areas are those of each world
// and instant: a corrected one is a revision.
func measureChange(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	var out []Value
	if s.past == nil {
		for _, t := range s.targets {
			out = append(out, s.notMeasured(i, t, geo.Text{
				French:  "L’histoire du registre n’est pas accessible.",
				Haitian: "Istwa rejis la pa disponib.",
				English: "The history of the record is out of reach.",
			}))
		}
		return out, nil
	}
	s = s.apart() // its territory is cut together with that of the past
	s.only = wantControl
	spans, err := s.earlier(ctx, changeDays...)
	if err != nil {
		return nil, err
	}
	for k, t := range s.targets {
		sum, err := s.tally(ctx, t)
		if err != nil {
			return nil, err
		}
		g, _ := s.areaGround(t)
		for _, e := range spans {
			values, err := s.changeOf(ctx, i, k, sum, g, e)
			if err != nil {
				return nil, err
			}
			out = append(out, values...)
		}
	}
	return out, nil
}

// changeOf splits the change of one area over one span.
func (s *scene) changeOf(ctx context.Context, i *Indicator, k int, now *tally, g ground, e earlier) ([]Value, error) {
	t := s.targets[k]
	measured := func(of *scene) (*tally, error) {
		if of == nil {
			return nil, nil
		}
		return of.tally(ctx, of.targets[k])
	}
	var sums [4]*tally
	for n, of := range []*scene{e.before, e.then, e.fresh, e.old} {
		var err error
		if sums[n], err = measured(of); err != nil {
			return nil, err
		}
	}
	before, then, fresh, old := sums[0], sums[1], sums[2], sums[3]
	type figure struct {
		name string
		of   func(*tally) *row
	}
	var rows []figure
	for x, control := range geo.ControlPrecedence {
		of := func(t *tally) *row { return &t.control[x] }
		for _, sum := range []*tally{now, before, then, fresh} {
			if sum != nil && of(sum).areaM2[high] > 0 {
				rows = append(rows, figure{control, of})
				break
			}
		}
	}
	rows = append(rows, figure{"controlled+contested+influenced", func(t *tally) *row { return t.others[rowAffected] }})
	whole := s.whole(t, now, g)
	var out []Value
	for _, r := range rows {
		put := func(part string, c change, note *geo.Text) {
			v := s.value(i, t, "days", strconv.Itoa(e.days), "part", part, "control_type", r.name)
			v.Whole, v.Note = whole, note
			m2 := c.m2(g)
			v.Amount = &Range{m2[low] / 1e6, m2[central] / 1e6, m2[high] / 1e6}
			v.Share = v.Amount.over(g.whole(now) / 1e6)
			s.trace(&v, c.traced())
			out = append(out, v)
		}
		unknown := func(part string) {
			v := s.notMeasured(i, t, pastUnknown, "days", strconv.Itoa(e.days), "part", part, "control_type", r.name)
			v.Whole = whole
			out = append(out, v)
		}
		if before != nil {
			put(partTotal, change{e.before, s, r.of(before), r.of(now)}, &changeNote)
		} else {
			unknown(partTotal)
		}
		situation := change{e.then, e.fresh, r.of(then), r.of(fresh)}
		put(partSituation, situation, nil)
		if before != nil {
			put(partRevision, change{e.before, e.then, r.of(before), r.of(then)}, nil)
		} else {
			unknown(partRevision)
		}
		put(partExpiry, change{e.fresh, s, r.of(fresh), r.of(now)}, nil)
		if renewed := (change{e.old, e.fresh, r.of(old), r.of(fresh)}); renewed.m2(g) != [degrees]float64{} {
			put(partRenewed, renewed, &renewedNote)
		}
	}
	return out, nil
}

// Newly affected ground has at least this share under control, contested or
// influenced now, and had less on each of the days before.
const (
	affectedShare = 0.01
	affectedDays  = 30
)

// measureNewlyAffected counts the communes and the communal sections of an area
// whose central share of controlled, contested and influenced ground is at
// least 1 % now and was below on each of the last 30 days, at the same hour,
// all as known now. Low are those of them whose low share is 1 % too, high those
// whose high share is, with the same past.
func measureNewlyAffected(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	sections := map[string][]*region{}
	for _, pcode := range sortedKeys(s.ground.sections) {
		r := s.ground.sections[pcode]
		sections[r.parent] = append(sections[r.parent], r)
	}
	units := make([]map[string][]*region, len(s.targets)) // by level
	asked := &target{}
	known := map[*region]bool{}
	for k, t := range s.targets {
		units[k] = map[string][]*region{}
		for _, r := range t.regions {
			units[k][r.level] = append(units[k][r.level], r)
			if r.level == LevelCommune {
				units[k][LevelSection] = append(units[k][LevelSection], sections[r.id]...)
			}
		}
		for _, level := range []string{LevelCommune, LevelSection} {
			for _, r := range units[k][level] {
				if !known[r] {
					known[r] = true
					asked.regions = append(asked.regions, r)
				}
			}
		}
	}
	fresh, err := s.newlyAffected(ctx, asked.regions)
	if err != nil {
		return nil, err
	}
	var out []Value
	for k, t := range s.targets {
		if len(units[k][LevelCommune])+len(units[k][LevelSection]) == 0 {
			out = append(out, s.notMeasured(i, t, geo.Text{
				French:  "Se compte en communes et sections communales seulement.",
				Haitian: "Se komin ak seksyon kominal sèlman yo konte.",
				English: "Counted in communes and communal sections only.",
			}))
			continue
		}
		for _, level := range []string{LevelCommune, LevelSection} {
			if all := units[k][level]; len(all) > 0 {
				out = append(out, s.countNewlyAffected(i, t, level, all, fresh))
			}
		}
	}
	return out, nil
}

func (s *scene) countNewlyAffected(i *Indicator, t *target, level string, all []*region, fresh map[*region]*tally) Value {
	var amount interval
	var ids []string
	traced := &row{zones: map[*geo.Version]float64{}}
	for _, r := range all {
		have := fresh[r]
		if have == nil {
			continue
		}
		affected := have.others[rowAffected]
		for d := range amount {
			if affected.areaM2[d] >= affectedShare*have.areaM2 {
				amount[d]++
			}
		}
		if affected.areaM2[central] >= affectedShare*have.areaM2 {
			ids = append(ids, r.id)
			traced.add(affected)
		}
	}
	slices.Sort(ids)
	v := s.value(i, t, "level", level, level+"s", strings.Join(ids, ","))
	result := amount.asRange(1)
	v.Amount, v.Share = &result, result.over(float64(len(all)))
	name := geo.Text{French: "communes de ", Haitian: "komin nan ", English: "communes of "}
	if level == LevelSection {
		name = geo.Text{French: "sections communales de ", Haitian: "seksyon kominal nan ", English: "communal sections of "}
	}
	v.Whole = &Whole{Name: prefixed(name, t.name), Amount: float64(len(all)), Unit: UnitCount, Source: sources(all)}
	s.trace(&v, s.counted(traced))
	return v
}

// newlyAffected finds the regions that are affected now, by any evidence, and
// were not before, with their tallies now.
func (s *scene) newlyAffected(ctx context.Context, regions []*region) (map[*region]*tally, error) {
	all := s.elsewhere(s.world, s.at, s.aged)
	all.leaveOut = s.leaveOut
	all.targets = []*target{{regions: regions}}
	now, err := all.allTallies(ctx)
	if err != nil {
		return nil, err
	}
	var affected []*region
	for _, r := range regions {
		if now[r].others[rowAffected].areaM2[high] >= affectedShare*now[r].areaM2 {
			affected = append(affected, r)
		}
	}
	out := map[*region]*tally{}
	if len(affected) == 0 {
		return out, nil
	}
	var days []time.Time
	for n := affectedDays; n > 0; n-- {
		days = append(days, s.at.AddDate(0, 0, -n))
	}
	// Not told where every region is remembered.
	story := sync.OnceValue(func() *chronicle { return all.chronicle(days) })
	whole := grounded{0, len(days), all} // today's outlines: a unit is compared with itself
	fresh, err := byRegions(ctx, all, "newly affected", affected, func(ctx context.Context, r *region) (bool, error) {
		tallies, err := story().follow(ctx, &whole, r, wantControl)
		return !slices.ContainsFunc(tallies, func(t *tally) bool {
			return t.others[rowAffected].areaM2[central] >= affectedShare*t.areaM2
		}), err
	})
	if err != nil {
		return nil, err
	}
	for n, r := range affected {
		if fresh[n] {
			out[r] = now[r]
		}
	}
	return out, nil
}

// byID orders versions.
func byID(a, b *geo.Version) int {
	return cmp.Or(slices.Compare(a.ID[:], b.ID[:]), a.Valid.From.Compare(b.Valid.From))
}
