package coverage

import (
	"context"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// tally is the ground of one or more communes, in square metres.
type tally struct {
	areaM2     float64
	control    []interval // in the order of geo.ControlPrecedence
	groups     map[string]interval
	shared     interval
	unassessed interval
	zones      []uuid.UUID
}

func newTally() *tally {
	return &tally{control: make([]interval, len(geo.ControlPrecedence)), groups: map[string]interval{}}
}

// add joins the ground of another tally to this one; the two share no ground.
func (t *tally) add(other *tally) {
	t.areaM2 += other.areaM2
	for x := range t.control {
		t.control[x].add(other.control[x])
	}
	for group, have := range other.groups {
		sum := t.groups[group]
		sum.add(have)
		t.groups[group] = sum
	}
	t.shared.add(other.shared)
	t.unassessed.add(other.unassessed)
	t.zones = append(t.zones, other.zones...)
}

// count measures one commune.
func count(ctx context.Context, c *commune, zones []*geo.Version, assess func(*geo.Version) geo.Assessment) (*tally, error) {
	t := newTally()
	t.areaM2 = c.measured()
	// In one order always, so that the same world gives the same digits.
	slices.SortFunc(zones, func(a, b *geo.Version) int { return slices.Compare(a.ID[:], b.ID[:]) })
	var pieces []*piece
	for _, v := range zones {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		p, err := c.crop(v, degreeOf(assess(v)))
		if err != nil {
			return nil, err
		}
		if p != nil {
			pieces = append(pieces, p)
			t.zones = append(t.zones, p.id)
		}
	}
	covered, err := t.countControl(ctx, c, pieces)
	if err != nil {
		return nil, err
	}
	t.reconcile(covered)
	if err := t.countGroups(ctx, c, pieces); err != nil {
		return nil, err
	}
	return t, nil
}

// countControl fills the rows by type and gives what all zones cover together.
func (t *tally) countControl(ctx context.Context, c *commune, pieces []*piece) (covered interval, err error) {
	var before [degrees]orb.MultiPolygon // the union of the types so far
	for x := range geo.ControlPrecedence {
		if err := ctx.Err(); err != nil {
			return covered, err
		}
		var ours []*piece
		for _, p := range pieces {
			if p.control == x {
				ours = append(ours, p)
			}
		}
		if len(ours) == 0 {
			continue
		}
		own, err := dissolve(ours)
		if err != nil {
			return covered, err
		}
		// The least there can be is what the most that comes before leaves over.
		var left [degrees]orb.MultiPolygon
		for d := range degrees {
			against := before[degrees-1-d]
			if d > 0 && same(own[d], own[d-1]) && same(against, before[degrees-d]) {
				left[d] = left[d-1]
			} else if left[d], err = overlay.Difference(own[d], against); err != nil {
				return covered, err
			}
		}
		if t.control[x], err = c.extent(left); err != nil {
			return covered, err
		}
		next := before
		for d := range degrees {
			if d > 0 && same(own[d], own[d-1]) && same(before[d], before[d-1]) {
				next[d] = next[d-1]
			} else if next[d], err = join(before[d], own[d]); err != nil {
				return covered, err
			}
		}
		before = next
	}
	return c.extent(before)
}

// reconcile makes the measured areas add up: see the package comment.
func (t *tally) reconcile(covered interval) {
	sum := 0.0
	for x := range t.control {
		sum += t.control[x][central]
	}
	scale := 1.0
	if sum > t.areaM2 {
		scale = t.areaM2 / sum
		sum = t.areaM2
	}
	for x := range t.control {
		t.control[x][central] *= scale
		t.control[x].settle(t.areaM2)
	}
	t.unassessed = interval{t.areaM2 - covered[high], t.areaM2 - sum, t.areaM2 - covered[low]}
	t.unassessed.settle(t.areaM2)
}

// holdable are the types of control that a group can have.
var holdable = []string{"controlled", "influenced", "contested"}

// countGroups fills the rows by group and what they share.
func (t *tally) countGroups(ctx context.Context, c *commune, pieces []*piece) error {
	claims := map[string][]*piece{} // by group, with the degree of the hold
	var all []*piece                // each zone once, with the best hold on it
	for _, p := range pieces {
		if !slices.Contains(holdable, geo.ControlPrecedence[p.control]) {
			continue
		}
		best := *p
		best.degree = degrees
		for group, d := range holds(p) {
			held := *p
			held.degree = d
			claims[group] = append(claims[group], &held)
			best.degree = min(best.degree, d)
		}
		if best.degree < degrees {
			all = append(all, &best)
		}
	}
	var sum interval
	for _, group := range sortedKeys(claims) {
		if err := ctx.Err(); err != nil {
			return err
		}
		areas, err := dissolve(claims[group])
		if err != nil {
			return err
		}
		held, err := c.extent(areas)
		if err != nil {
			return err
		}
		held.settle(t.areaM2)
		t.groups[group] = held
		sum.add(held)
	}
	if len(claims) < 2 {
		return nil
	}
	areas, err := dissolve(all)
	if err != nil {
		return err
	}
	together, err := c.extent(areas)
	if err != nil {
		return err
	}
	for d := range t.shared {
		if t.shared[d] = sum[d] - together[d]; t.shared[d] < nothing*t.areaM2 {
			t.shared[d] = 0
		}
	}
	t.shared.settle(sum[high])
	return nil
}

// holds gives the groups that hold a piece and to what degree. A hold that is
// only claimed counts towards the most there can be.
func holds(p *piece) map[string]degree {
	out := map[string]degree{}
	for _, h := range p.holders {
		d := p.degree
		if h.Role == "claimed" {
			d = high
		}
		if have, ok := out[h.Group]; !ok || d < have {
			out[h.Group] = d
		}
	}
	return out
}
