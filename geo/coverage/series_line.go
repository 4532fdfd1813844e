package coverage

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"pasaj/geo"
)

// seriesRow is a row of an indicator at one instant.
type seriesRow struct {
	of     []string
	row    *row      // nil: shared
	all    bool      // all zones of the tally count as its n
	shared *interval // instead of a row
}

// wantedBy are the rows of a tally that an indicator needs.
var wantedBy = map[string]wanted{
	"T1": wantControl | wantGroups, "T1b": wantControl, "T1p": wantControl, "X1": wantControl,
	"T6": wantTraits, "G1": wantGroups, "G2": wantGroups,
}

// rowsOf gives the rows of the indicators that come from tallies alone, as their
// measure does; ok is false where it would not measure. A test keeps the two
// together.
var rowsOf = map[string]func(s *scene, t *target, sum *tally, book *groupBook) (g ground, rows []seriesRow, ok bool){
	"T1": func(s *scene, t *target, sum *tally, _ *groupBook) (ground, []seriesRow, bool) {
		g, _ := s.areaGround(t)
		rows := append(controlRows(sum), seriesRow{of: []string{"control_type", "controlled+contested+influenced"}, row: sum.others[rowAffected]})
		for _, group := range sortedKeys(sum.groups) {
			rows = append(rows, seriesRow{of: []string{"group", group}, row: sum.groups[group]})
		}
		if len(sum.groups) > 1 && g.unit == UnitKm2 && !t.urban {
			rows = append(rows, seriesRow{of: []string{"group", "shared"}, shared: &sum.shared, all: true})
		}
		return g, rows, true
	},
	"T1b": func(s *scene, _ *target, sum *tally, _ *groupBook) (ground, []seriesRow, bool) {
		return byBuilt, controlRows(sum), s.world.Grid(gridBuiltUp) != nil
	},
	"T1p": func(_ *scene, _ *target, sum *tally, _ *groupBook) (ground, []seriesRow, bool) {
		return byPeople, controlRows(sum), sum.people > 0
	},
	"X1": func(_ *scene, _ *target, sum *tally, _ *groupBook) (ground, []seriesRow, bool) {
		var rows []seriesRow
		for x, control := range geo.ControlPrecedence[:affecting] {
			rows = append(rows, seriesRow{of: []string{"control_type", control}, row: &sum.control[x]})
		}
		rows = append(rows, seriesRow{of: []string{"control_type", "controlled+contested+influenced"}, row: sum.others[rowAffected]})
		return byPeople, rows, sum.people > 0
	},
	"T6": func(s *scene, t *target, sum *tally, _ *groupBook) (ground, []seriesRow, bool) {
		g, _ := s.areaGround(t)
		var rows []seriesRow
		for _, trait := range geo.GovernanceTraits() {
			rows = append(rows, seriesRow{of: []string{"trait", trait}, row: orNone(sum.traits[trait])})
		}
		return g, rows, true
	},
	"G1": func(s *scene, t *target, sum *tally, book *groupBook) (ground, []seriesRow, bool) {
		g, _ := s.areaGround(t)
		var rows []seriesRow
		for _, group := range sortedKeys(sum.groups) {
			rows = append(rows, seriesRow{of: []string{"group", group, "name", book.name(group)}, row: sum.groups[group]})
		}
		for _, coalition := range sortedKeys(sum.coalitions) {
			rows = append(rows, seriesRow{of: []string{"coalition", coalition, "name", book.name(coalition)}, row: sum.coalitions[coalition]})
		}
		return g, rows, true
	},
	"G2": func(s *scene, t *target, sum *tally, book *groupBook) (ground, []seriesRow, bool) {
		g, _ := s.areaGround(t)
		for _, listed := range book.onList {
			if listed {
				return g, []seriesRow{{row: orNone(sum.others[rowListed])}}, true
			}
		}
		return g, nil, false
	},
}

func orNone(r *row) *row {
	if r == nil {
		return &row{}
	}
	return r
}

func controlRows(sum *tally) []seriesRow {
	var out []seriesRow
	for x, control := range geo.ControlPrecedence {
		if r := &sum.control[x]; r.areaM2[high] > 0 || control == "unknown" {
			out = append(out, seriesRow{of: []string{"control_type", control}, row: r})
		}
	}
	return append(out, seriesRow{of: []string{"control_type", "unassessed"}, row: &sum.unassessed, all: true})
}

// fastSeries follows the territory of areas over time: regions are cut once for
// as long as about the same zones stand, and counted when one of them changes.
func (s *scene) fastSeries(ctx context.Context, i *Indicator, instants []time.Time, of map[string]string) ([]Line, error) {
	c := s.chronicle(instants)
	f := &following{c: c, indicator: i, of: of}
	parts := make([][]*areaSeries, len(s.targets)) // by area and run
	for k := range parts {
		parts[k] = make([]*areaSeries, len(c.grounds))
	}
	for n := range c.grounds {
		run := &c.grounds[n]
		// An area of one region that no other has is written down as soon as that
		// is measured, and the tallies forgotten.
		users := map[*region][]int{}
		var list []*region
		for k, t := range run.scene.targets {
			for _, r := range t.regions {
				if users[r] == nil {
					list = append(list, r)
				}
				users[r] = append(users[r], k)
			}
		}
		kept := map[*region][]*tally{}
		var mu sync.Mutex
		err := inParallel(ctx, list, func(ctx context.Context, _ int, r *region) error {
			tallies, err := c.follow(ctx, run, r, wantedBy[i.Code])
			if err != nil {
				return err
			}
			shared := false
			for _, k := range users[r] {
				if t := run.scene.targets[k]; len(t.regions) == 1 {
					part, err := f.area(ctx, run, t, tallies)
					if err != nil {
						return err
					}
					mu.Lock()
					parts[k][n] = part
					mu.Unlock()
				} else {
					shared = true
				}
			}
			if shared {
				mu.Lock()
				kept[r] = tallies
				mu.Unlock()
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		var sums []int
		for k := range run.scene.targets {
			if parts[k][n] == nil {
				sums = append(sums, k)
			}
		}
		err = inParallel(ctx, sums, func(ctx context.Context, _ int, k int) error {
			t := run.scene.targets[k]
			part, err := f.area(ctx, run, t, sumTallies(run, t, kept))
			if err != nil {
				return err
			}
			mu.Lock()
			parts[k][n] = part
			mu.Unlock()
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	var out []Line
	points := 0
	for k, t := range s.targets {
		for _, line := range f.join(t, parts[k]) {
			if points += len(line.Points); points > MaxSeriesFigures {
				return nil, tooMany()
			}
			out = append(out, line)
		}
	}
	return out, nil
}

// sumTallies adds the regions of an area up, at each instant anew only where one
// of them changed.
func sumTallies(run *grounded, t *target, of map[*region][]*tally) []*tally {
	out := make([]*tally, run.end-run.first)
	for i := range out {
		same := i > 0
		for _, r := range t.regions {
			same = same && of[r][i] == of[r][i-1]
		}
		if same {
			out[i] = out[i-1]
			continue
		}
		one := newTally()
		for _, r := range t.regions {
			one.add(of[r][i])
		}
		slices.SortFunc(one.zones, byID)
		one.zones = slices.Compact(one.zones)
		out[i] = one
	}
	return out
}

// following is what the areas of a series have in common.
type following struct {
	c         *chronicle
	indicator *Indicator
	of        map[string]string
}

// areaSeries are the lines of one area over one run of instants.
type areaSeries struct {
	order []string
	lines map[string]*Line
	empty []Point // what a row that is not there has
}

// weighed is a zone with its ground in a row.
type weighed struct {
	zone *lived
	m2   float64
}

// area writes the rows of an area down over a run.
func (f *following) area(ctx context.Context, run *grounded, t *target, tallies []*tally) (*areaSeries, error) {
	out := &areaSeries{lines: map[string]*Line{}, empty: make([]Point, len(tallies))}
	s, n := run.scene, len(tallies)
	zero := &Range{}
	type current struct {
		line  *Line
		point Point
		zones []weighed
	}
	var rows []current
	for i, sum := range tallies {
		at := run.first + i
		if i == 0 || sum != tallies[i-1] || f.c.books[at] != f.c.books[at-1] {
			g, list, ok := rowsOf[f.indicator.Code](s, t, sum, f.c.books[at])
			rows = rows[:0]
			whole := g.whole(sum)
			if !ok {
				rows = append(rows, current{line: out.line(nil, f, t, f.indicator.Unit, n), point: Point{Status: NotMeasured}})
				out.empty[i] = Point{Status: NotMeasured}
				list = nil
			} else {
				out.empty[i] = Point{Amount: zero}
				if whole > 0 {
					out.empty[i].Share = zero
				}
			}
			for k := range list {
				r := &list[k]
				if !ofMatches(r.of, f.of) {
					continue
				}
				one := current{line: out.line(r.of, f, t, g.unit, n)}
				amounts := interval{}
				if r.shared != nil {
					amounts = *r.shared
				} else {
					amounts = g.of(&r.row.amounts)
					one.zones = f.weighed(r.row)
				}
				amount := amounts.asRange(g.scale)
				one.point = Point{Amount: amount.rounded(), Share: amount.over(whole / g.scale), N: len(one.zones)}
				if r.all {
					one.point.N = len(sum.zones)
				}
				rows = append(rows, one)
			}
		} else {
			out.empty[i] = out.empty[i-1]
		}
		for k := range rows {
			one := &rows[k]
			p := one.point
			if len(one.zones) > 0 {
				weight, total := 0.0, 0.0
				for _, z := range one.zones {
					weight += z.m2
					total += z.zone.at(at).Confidence * z.m2
				}
				if weight > 0 {
					mean := significant(total / weight)
					p.Confidence = &mean
				}
			}
			one.line.Points[i] = p
		}
	}
	// What a line lacks at some instant is none of the ground there.
	for _, line := range out.lines {
		for i := range line.Points {
			if p := &line.Points[i]; p.Amount == nil && p.Status == "" {
				*p = out.empty[i]
			}
		}
	}
	return out, f.describe(ctx, run, t, tallies[n-1], out)
}

// line finds or makes the line of a row.
func (a *areaSeries) line(of []string, f *following, t *target, unit string, n int) *Line {
	key := strings.Join(of, "\x00")
	if have := a.lines[key]; have != nil {
		return have
	}
	one := &Line{Area: t.id, Level: t.level, Unit: unit, Points: make([]Point, n)}
	for k := 0; k+1 < len(of); k += 2 {
		if one.Of == nil {
			one.Of = map[string]string{}
		}
		one.Of[of[k]] = of[k+1]
	}
	a.lines[key] = one
	a.order = append(a.order, key)
	return one
}

// describe gives lines what the indicator says beside their numbers, as it says
// it at the last instant.
func (f *following) describe(ctx context.Context, run *grounded, t *target, last *tally, out *areaSeries) error {
	at := f.c.instants[run.end-1]
	s := run.scene.elsewhere(run.scene.world, at, at)
	s.targets = []*target{t}
	tallies := map[*region]*tally{}
	for n, r := range t.regions {
		tallies[r] = newTally()
		if n == 0 {
			tallies[r] = last
		}
	}
	s.kept["tallies"] = tallies
	values, err := f.indicator.measure(ctx, s, f.indicator)
	if err != nil || len(values) == 0 {
		return err
	}
	for _, line := range out.lines {
		line.Note, line.Whole = values[0].Note, values[0].Whole
	}
	return nil
}

// weighed lists the zones of a row in the order of ids.
func (f *following) weighed(r *row) []weighed {
	out := make([]weighed, 0, len(r.zones))
	for v, m2 := range r.zones {
		out = append(out, weighed{&f.c.zones[f.c.number[v]], m2})
	}
	slices.SortFunc(out, func(a, b weighed) int { return byID(a.zone.v, b.zone.v) })
	return out
}

func ofMatches(of []string, wanted map[string]string) bool {
	for key, value := range wanted {
		found := false
		for k := 0; k+1 < len(of); k += 2 {
			found = found || of[k] == key && of[k+1] == value
		}
		if !found {
			return false
		}
	}
	return true
}

// join puts the runs of an area one after the other.
func (f *following) join(t *target, runs []*areaSeries) []Line {
	var order []string
	lines := map[string]*Line{}
	n := 0
	for _, run := range runs {
		for _, key := range run.order {
			if lines[key] == nil {
				lines[key] = &Line{Of: run.lines[key].Of, Area: t.id, Level: t.level}
				order = append(order, key)
				for _, earlier := range runs {
					if earlier == run {
						break
					}
					lines[key].Points = append(lines[key].Points, earlier.empty...)
				}
			}
		}
		n += len(run.empty)
		for _, key := range order {
			line, part := lines[key], run.lines[key]
			if part == nil {
				line.Points = append(line.Points, run.empty...)
				continue
			}
			line.Points = append(line.Points, part.Points...)
			line.Unit, line.Note = part.Unit, part.Note
			if part.Whole != nil {
				line.Whole = part.Whole
			}
		}
	}
	out := make([]Line, len(order))
	for k, key := range order {
		out[k] = *lines[key]
	}
	return out
}
