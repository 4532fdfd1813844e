package coverage

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/world"
)

// chronicle is what happened to the zones of a world over a row of instants,
// all as known now and each with its evidence aged to the instant. Each outline
// is cut and each change counted once: instants between two changes share a
// tally.
type chronicle struct {
	instants []time.Time
	zones    []lived // by id, and of one id by time
	number   map[*geo.Version]int32
	books    []*groupBook // by instant
	grounds  []grounded
}

// lived is one state of a zone with the instants at which it stood.
type lived struct {
	standing
	first       int
	assessments []geo.Assessment // by instant from the first
}

func (z *lived) end() int { return z.first + len(z.assessments) }

// at is what the zone was worth at an instant at which it stood.
func (z *lived) at(i int) *geo.Assessment { return &z.assessments[i-z.first] }

// grounded is a run of instants with the same administrative ground.
type grounded struct {
	first, end int
	scene      *scene
}

// states calls do for every state of every feature of a layer, in the order of
// ids and of valid time.
func (s *scene) states(layer string, do func(*geo.Version)) {
	l := s.world.Named(layer)
	l.Each(geo.Moment{}, func(last *geo.Version) bool {
		if it, ok := l.Item(last.ID); ok {
			for _, v := range it.Versions {
				if approved(v) {
					do(v)
				}
			}
		}
		return true
	})
}

// standingOf reads a zone; ok is false for what cannot hold ground.
func (s *scene) standingOf(v *geo.Version) (z standing, ok bool) {
	control := slices.Index(geo.ControlPrecedence, v.Text("control_type"))
	area, is := v.Geometry.(orb.MultiPolygon)
	if control < 0 || !is || s.leaveOut != nil && s.leaveOut(v) {
		return z, false
	}
	return standing{v: v, control: control, outline: s.engine.outlineOf(v, area)}, true
}

// chronicle follows the scene's zones over instants in ascending order. The
// areas are those of the scene.
func (s *scene) chronicle(instants []time.Time) *chronicle {
	c := &chronicle{instants: instants, number: map[*geo.Version]int32{}}
	// from is the first instant that is not before t.
	from := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(instants, t, time.Time.Compare)
		return i
	}
	model := s.world.Model()
	s.states("controlled-zones", func(v *geo.Version) {
		first, end := 0, len(instants)
		if !v.Valid.From.IsZero() {
			first = from(v.Valid.From)
		}
		if !v.Valid.To.IsZero() {
			end = from(v.Valid.To)
		}
		if first >= end {
			return
		}
		z, ok := s.standingOf(v)
		if !ok {
			return
		}
		one := lived{standing: z, first: first, assessments: make([]geo.Assessment, end-first)}
		for i := range one.assessments {
			one.assessments[i] = model.Assess(v, instants[first+i])
		}
		c.number[v] = int32(len(c.zones))
		c.zones = append(c.zones, one)
	})
	// What else may change on the way, and after which instants it has.
	changes := func(layers ...string) []bool {
		changed := make([]bool, len(instants)+1)
		for _, layer := range layers {
			s.states(layer, func(v *geo.Version) {
				for _, t := range []time.Time{v.Valid.From, v.Valid.To} {
					if !t.IsZero() {
						changed[from(t)] = true
					}
				}
			})
		}
		return changed
	}
	groups, outlines := changes("armed-groups", "group-memberships"), changes("admin-areas")
	for i, t := range instants {
		if i == 0 || groups[i] {
			c.books = append(c.books, s.elsewhere(s.world, t, t).groups())
		} else {
			c.books = append(c.books, c.books[i-1])
		}
		if i > 0 && !outlines[i] {
			c.grounds[len(c.grounds)-1].end = i + 1
			continue
		}
		then := s.then(s.world, t, t)
		if i > 0 && c.grounds[len(c.grounds)-1].scene.ground == then.ground {
			c.grounds[len(c.grounds)-1].end = i + 1
			continue
		}
		c.grounds = append(c.grounds, grounded{i, i + 1, then})
	}
	return c
}

// then is the scene of the same areas in another world or at another instant,
// in the outlines that hold there and then. What had no outline then has the
// scene's own.
func (s *scene) then(w *world.World, at, aged time.Time) *scene {
	other := s.elsewhere(w, at, aged)
	other.leaveOut = s.leaveOut
	ground := s.engine.territory(other.choose())
	if ground == s.ground {
		return other
	}
	other.ground = ground
	other.targets = make([]*target, len(s.targets))
	for k, t := range s.targets {
		other.targets[k] = t
		if found := ground.find(t.id); t.level != LevelDrawn && found != nil {
			joined := *found
			joined.regions = slices.Clone(found.regions)
			for _, r := range t.regions {
				if !slices.ContainsFunc(joined.regions, func(o *region) bool { return o.id == r.id }) {
					joined.regions = append(joined.regions, r)
				}
			}
			other.targets[k] = &joined
		}
	}
	return other
}

// growth and spare bound how many outlines a plot may have beside those that
// stand at one instant, so that it can serve for a while: it costs more the more
// outlines it has.
const (
	growth = 2
	spare  = 4
)

// follow measures a region at the instants of a run. Instants that differ in
// nothing share their tally.
func (c *chronicle) follow(ctx context.Context, run *grounded, r *region, want wanted) ([]*tally, error) {
	s, box := run.scene, r.box()
	var near []int32
	changed := make([]bool, run.end-run.first+1)
	mark := func(i int) {
		if run.first <= i && i < run.end {
			changed[i-run.first] = true
		}
	}
	for n := range c.zones {
		z := &c.zones[n]
		if z.first >= run.end || z.end() <= run.first || !z.v.Bound.Intersects(box) {
			continue
		}
		near = append(near, int32(n))
		mark(z.first)
		mark(z.end())
		for i := z.first + 1; i < z.end(); i++ {
			if degreeOf(*z.at(i)) != degreeOf(*z.at(i - 1)) {
				mark(i)
			}
		}
	}
	for i := run.first + 1; i < run.end; i++ {
		if c.books[i] != c.books[i-1] && c.books[i].print != c.books[i-1].print {
			mark(i)
		}
	}
	out := make([]*tally, run.end-run.first)
	for a := run.first; a < run.end; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		outlines, b := c.chunk(near, changed, run, a)
		p, err := s.engine.plot(ctx, r, outlines)
		if err != nil {
			return nil, err
		}
		m := newMemory()
		for i := a; i < b; i++ {
			if i > a && !changed[i-run.first] {
				out[i-run.first] = out[i-1-run.first]
				continue
			}
			zones := c.standing(near, i)
			p.enumerate(zones)
			out[i-run.first] = s.count(p, r, zones, c.books[i], want, m)
		}
		a = b
	}
	return out, nil
}

// chunk is the longest run of instants from a on that one plot is to serve,
// with the outlines for it.
func (c *chronicle) chunk(near []int32, changed []bool, run *grounded, a int) (outlines []outline, b int) {
	have := map[uint64]bool{}
	most := len(near)
	for b = a; b < run.end; b++ {
		if b > a && !changed[b-run.first] {
			continue
		}
		var more []outline
		for _, n := range near {
			z := &c.zones[n]
			if z.first <= b && b < z.end() && !have[z.outline.print] {
				have[z.outline.print] = true
				more = append(more, z.outline)
			}
		}
		if b == a {
			most = growth*len(more) + spare
		}
		if b > a && len(outlines)+len(more) > most {
			break
		}
		outlines = append(outlines, more...)
	}
	return outlines, b
}

// standing lists the zones that stand at an instant.
func (c *chronicle) standing(near []int32, i int) []standing {
	var out []standing
	for _, n := range near {
		if z := &c.zones[n]; z.first <= i && i < z.end() {
			one := z.standing
			one.degree = degreeOf(*z.at(i))
			out = append(out, one)
		}
	}
	return out
}

// view is a scene whose zones may count otherwise than by their evidence.
type view struct {
	*scene
	degree func(*geo.Version) degree // nil: by evidence
}

// together measures several views of one question, each region by one plot with
// the outlines of them all: what is the same in two views has the same digits.
func together(ctx context.Context, views ...view) error {
	type key struct {
		id    string
		print uint64
	}
	type entry struct {
		view   view
		region *region
		out    map[*region]*tally
	}
	var keys []key
	entries := map[key][]entry{}
	for _, v := range views {
		v.groups() // before the scene is shared
		out := map[*region]*tally{}
		seen := map[*region]bool{}
		for _, t := range v.targets {
			for _, r := range t.regions {
				if seen[r] {
					continue
				}
				seen[r] = true
				k := key{r.id, r.fingerprint()}
				if entries[k] == nil {
					keys = append(keys, k)
				}
				entries[k] = append(entries[k], entry{v, r, out})
			}
		}
		v.kept["tallies"] = out
	}
	// What is near a region decides, and the worlds of the past.
	list := make([]*region, len(keys))
	for n, k := range keys {
		list[n] = entries[k][0].region
	}
	first := views[0].scene
	all, err := byRegions(ctx, first, first.pastOf(views), list, func(ctx context.Context, r *region) ([]*tally, error) {
		group := entries[key{r.id, r.fingerprint()}]
		zones := make([][]standing, len(group))
		var outlines []outline
		for n, e := range group {
			zones[n] = e.view.standings(e.region)
			if e.view.degree != nil {
				for i := range zones[n] {
					zones[n][i].degree = e.view.degree(zones[n][i].v)
				}
			}
			outlines = outlinesOf(outlines, zones[n])
		}
		p, err := first.engine.plot(ctx, r, outlines)
		if err != nil {
			return nil, err
		}
		out := make([]*tally, len(group))
		for n, e := range group {
			out[n] = e.view.tallyOn(p, e.region, zones[n])
		}
		return out, nil
	})
	if err != nil {
		return err
	}
	for n, k := range keys {
		for m, e := range entries[k] {
			e.out[e.region] = all[n][m]
		}
	}
	return nil
}

// pastOf names what views look at beside a scene's world.
func (s *scene) pastOf(views []view) string {
	var name strings.Builder
	name.WriteString("together")
	for _, v := range views {
		fmt.Fprintf(&name, " %d %d", v.at.UnixNano(), v.aged.UnixNano())
		if v.ground != s.ground {
			fmt.Fprintf(&name, " ground %d", v.ground.serial)
		}
		if v.world != s.world {
			fmt.Fprintf(&name, " world %d", s.engine.worlds.serial(v.world))
		}
		if v.degree != nil {
			name.WriteString(" unrenewed")
		}
	}
	return name.String()
}
