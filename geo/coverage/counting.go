package coverage

import (
	"slices"

	"pasaj/geo"
)

// counting is one region on the way to its tally.
type counting struct {
	p      *plot
	zones  []standing
	people []float64 // by cell; nil without a grid
	built  []float64 // by cell, m²; nil without a grid
	whole  *tally    // its totals
	memory *memory
}

// memory holds what sets of cells of one plot were found to measure. Most sets
// stay as they are when one zone of many changes.
type memory struct {
	amounts map[uint64]cellAmounts
	sums    map[uint64]float64
}

type cellAmounts struct{ areaM2, people, builtM2 float64 }

func newMemory() *memory { return &memory{map[uint64]cellAmounts{}, map[uint64]float64{}} }

// count measures one region from its plot.
func (s *scene) count(p *plot, r *region, zones []standing, groups *groupBook, want wanted, m *memory) *tally {
	t := newTally()
	t.areaM2, t.made, t.ground = r.measured(), zones, s.ground
	c := &counting{p: p, zones: zones, whole: t, memory: m}
	t.people = s.ground.people[r.id]
	if g := s.world.Grid(gridPopulation); g != nil {
		c.people = p.on(g, g)
		t.people = sum(c.people)
	} else if r.level == LevelDrawn {
		t.people = s.peopleByShare(r)
	}
	if g := s.world.Grid(gridBuiltUp); g != nil {
		c.built = p.on(g, builtRows{g})
		t.builtM2 = sum(c.built)
	}
	if want&wantControl != 0 {
		c.countControl(t)
	}
	if want&wantGroups != 0 {
		c.countGroups(t, groups)
	}
	if want&wantTraits != 0 {
		c.countTraits(t)
	}
	for i := range zones {
		if p.present[zones[i].number] {
			t.zones = append(t.zones, zones[i].v)
		}
	}
	return t
}

func sum(list []float64) float64 {
	total := 0.0
	for _, x := range list {
		total += x
	}
	return total
}

// extent is the ground of a figure by degree of evidence.
type extent [degrees]cellSet

// extentOf is the ground of zones that count as far as by says.
func (c *counting) extentOf(by []degree) *extent {
	var e extent
	for d := range e {
		e[d] = newCellSet(c.p.shape.Len())
	}
	for i, from := range by {
		for d := from; d < degrees; d++ {
			e[d].add(c.p.covers[c.zones[i].number])
		}
	}
	return &e
}

// measure adds up the cells of a figure, by degree.
func (c *counting) measure(e *extent) amounts {
	var out amounts
	for d, set := range e {
		if set.empty() {
			continue
		}
		one := c.amountsOf(set)
		out.areaM2[d], out.people[d], out.builtM2[d] = one.areaM2, one.people, one.builtM2
	}
	return out
}

func (c *counting) amountsOf(set cellSet) cellAmounts {
	key := set.hash()
	if have, ok := c.memory.amounts[key]; ok {
		return have
	}
	var one cellAmounts
	if set.sum(c.p.cellM2) > 0 { // else two outlines touch, and the union has but a lens between geodesics
		one.areaM2 = c.p.shape.AreaM2(set.has)
	}
	if c.people != nil {
		one.people = set.sum(c.people)
	}
	if c.built != nil {
		one.builtM2 = set.sum(c.built)
	}
	c.memory.amounts[key] = one
	return one
}

// spread gives a figure its people where no grid does: by area.
func (c *counting) spread(a *amounts) {
	if c.people == nil && c.whole.areaM2 > 0 {
		a.people = a.areaM2.times(c.whole.people / c.whole.areaM2)
	}
}

// made tells how much ground each zone has in a figure to which it counts as
// far as by says: of its central ground, or where there is none of its high one.
func (c *counting) made(e *extent, by []degree) map[*geo.Version]float64 {
	out := map[*geo.Version]float64{}
	for _, d := range []degree{central, high} {
		if e[d].empty() {
			continue
		}
		common := newCellSet(c.p.shape.Len())
		for i, from := range by {
			if from > d {
				continue
			}
			common.intersection(e[d], c.p.covers[c.zones[i].number])
			key := common.hash()
			m2, ok := c.memory.sums[key]
			if !ok {
				m2 = common.sum(c.p.cellM2)
				c.memory.sums[key] = m2
			}
			if m2 > 0 {
				out[c.zones[i].v] += m2
			}
		}
		if len(out) > 0 {
			break
		}
	}
	return out
}

// byControl is how far each zone counts as one of the types from first up to
// but not including end.
func (c *counting) byControl(first, end int) []degree {
	by := make([]degree, len(c.zones))
	for i := range c.zones {
		by[i] = degrees
		if z := &c.zones[i]; first <= z.control && z.control < end {
			by[i] = z.degree
		}
	}
	return by
}

// affecting is how many types of control, from the first, make ground affected:
// controlled, contested and influenced.
const affecting = 3

// countControl fills the rows by type of control.
func (c *counting) countControl(t *tally) {
	before := c.extentOf(nil) // the ground of the types so far
	var affected *extent
	for x := range geo.ControlPrecedence {
		by := c.byControl(x, x+1)
		own := c.extentOf(by)
		if !own[high].empty() {
			in := c.extentOf(nil)
			for d := range in {
				in[d].difference(own[d], before[int(degrees)-1-d])
			}
			t.control[x] = row{c.measure(in), c.made(in, by)}
		}
		for d := range before {
			before[d].add(own[d])
		}
		if x == affecting-1 {
			affected = c.extentOf(nil)
			for d := range affected {
				affected[d].add(before[d])
			}
		}
	}
	covered := c.measure(before).areaM2
	t.others[rowAffected] = &row{c.measure(affected), c.made(affected, c.byControl(0, affecting))}
	t.reconcile(covered)
	for x := range t.control {
		c.spread(&t.control[x].amounts)
	}
	t.others[rowAffected].areaM2.settle(t.areaM2)
	c.spread(&t.others[rowAffected].amounts)
	c.spread(&t.unassessed.amounts)
	for d := range before {
		if c.people != nil {
			t.unassessed.people[int(degrees)-1-d] = max(0, t.people-before[d].sum(c.people))
		}
		if c.built != nil {
			t.unassessed.builtM2[int(degrees)-1-d] = max(0, t.builtM2-before[d].sum(c.built))
		}
	}
}

// reconcile makes the measured areas add up: see the package comment.
func (t *tally) reconcile(covered interval) {
	total := 0.0
	for x := range t.control {
		total += t.control[x].areaM2[central]
	}
	scale := 1.0
	if total > t.areaM2 {
		scale = t.areaM2 / total
		total = t.areaM2
	}
	for x := range t.control {
		t.control[x].areaM2[central] *= scale
		t.control[x].areaM2.settle(t.areaM2)
	}
	t.unassessed.areaM2 = interval{t.areaM2 - covered[high], t.areaM2 - total, t.areaM2 - covered[low]}
	t.unassessed.areaM2.settle(t.areaM2)
}

// holdable are the types of control that a group can have.
var holdable = []string{"controlled", "influenced", "contested"}

// countGroups fills the rows by group and by coalition, and what groups share.
func (c *counting) countGroups(t *tally, groups *groupBook) {
	held := c.holdings(func(group string) []string { return []string{group} })
	var total interval
	all := slices.Repeat([]degree{degrees}, len(c.zones))
	for _, group := range sortedKeys(held) {
		one := c.holding(held[group])
		if one == nil {
			continue
		}
		t.groups[group] = one
		total.add(one.areaM2)
		for i := range all {
			all[i] = min(all[i], held[group][i])
		}
	}
	if len(t.groups) > 1 {
		together := c.measure(c.extentOf(all)).areaM2
		for d := range t.shared {
			if t.shared[d] = total[d] - together[d]; t.shared[d] < nothing*t.areaM2 {
				t.shared[d] = 0
			}
		}
		t.shared.settle(total[high])
	}
	for coalition, by := range c.holdings(groups.coalitions) {
		if one := c.holding(by); one != nil {
			t.coalitions[coalition] = one
		}
	}
	for name, by := range c.holdings(func(group string) []string {
		if groups.listed(group) {
			return []string{rowListed}
		}
		return nil
	}) {
		if one := c.holding(by); one != nil {
			t.others[name] = one
		}
	}
}

// holdings gives, by name, how far each zone counts for it; names are what a
// group counts as. A hold that is only claimed counts towards the most there
// can be.
func (c *counting) holdings(names func(group string) []string) map[string][]degree {
	out := map[string][]degree{}
	for i := range c.zones {
		z := &c.zones[i]
		if !slices.Contains(holdable, geo.ControlPrecedence[z.control]) {
			continue
		}
		for _, h := range z.v.Holders {
			d := z.degree
			if h.Role == "claimed" {
				d = high
			}
			for _, name := range names(h.Group) {
				by := out[name]
				if by == nil {
					by = slices.Repeat([]degree{degrees}, len(c.zones))
					out[name] = by
				}
				by[i] = min(by[i], d)
			}
		}
	}
	return out
}

// holding measures the ground of zones that count as far as by says; nil where
// they have none.
func (c *counting) holding(by []degree) *row {
	e := c.extentOf(by)
	one := &row{c.measure(e), c.made(e, by)}
	one.areaM2.settle(c.whole.areaM2)
	if one.areaM2[high] == 0 {
		return nil
	}
	c.spread(&one.amounts)
	return one
}

// countTraits fills the rows by trait of governance.
func (c *counting) countTraits(t *tally) {
	by := map[string][]degree{}
	for i := range c.zones {
		for _, trait := range c.zones[i].v.Texts("traits") {
			if by[trait] == nil {
				by[trait] = slices.Repeat([]degree{degrees}, len(c.zones))
			}
			by[trait][i] = c.zones[i].degree
		}
	}
	for trait, has := range by {
		if one := c.holding(has); one != nil {
			t.traits[trait] = one
		}
	}
}
