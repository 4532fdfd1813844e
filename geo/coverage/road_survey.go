package coverage

import (
	"cmp"
	"context"
	"math/bits"
	"slices"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
)

// nearControlledM is how near controlled ground a road is said to run near it.
const nearControlledM = 500

// roadSection is a section of a national road as it stands at the instant.
type roadSection struct {
	v       *geo.Version
	ref     string
	worth   geo.Assessment
	status  string // as it counts: unknown where it is stale or has no date
	degree  degree
	lines   []*roadLine
	lengthM float64
}

// roadStretch is a piece of a section in one region.
type roadStretch struct {
	section *roadSection
	line    *roadLine
	where   positions
	lengthM float64
	parts   []roadPart // by zones; they add up to the length
}

// roadPart is a piece of a stretch over which the zones do not change.
type roadPart struct {
	lengthM float64
	types   [degrees]uint8 // a bit for each type of control present
	near    [degrees]bool  // within nearControlledM of controlled ground
	zones   []int32        // that cover it
	beside  []int32        // controlled ones that it is near
}

// roadSurvey is the national roads of an instant by region.
type roadSurvey struct {
	sections []*roadSection // by road, number and id
	zones    []standing
	byRegion map[*region][]*roadStretch
	byTarget map[*target]*areaRoads
	outsideM float64 // of roads outside every commune
	tree     *index.Tree[*roadNear]
}

// roadNear is a line of a section for finding the road nearest to a place.
type roadNear struct {
	section *roadSection
	line    *roadLine
}

// roadRef writes the number of a road in one way.
func roadRef(text string) string {
	return strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(text), " ", ""))
}

// roads surveys the national roads, once for all indicators of a question.
// Communes and communal sections are cut whether they were asked for or not, so
// that ground that two of them claim goes to the same one in every question.
func (s *scene) roads(ctx context.Context) (*roadSurvey, error) {
	if have, ok := s.kept["roads"]; ok {
		return have.(*roadSurvey), nil
	}
	out := &roadSurvey{byRegion: map[*region][]*roadStretch{}, byTarget: map[*target]*areaRoads{}, tree: index.New[*roadNear]()}
	s.each("national-roads", func(v *geo.Version) {
		if lines, ok := v.Geometry.(orb.MultiLineString); ok {
			out.sections = append(out.sections, s.roadSection(v, lines))
		}
	})
	slices.SortStableFunc(out.sections, func(a, b *roadSection) int {
		x, _ := a.v.Number("section")
		y, _ := b.v.Number("section")
		return cmp.Or(cmp.Compare(a.ref, b.ref), cmp.Compare(x, y), slices.Compare(a.v.ID[:], b.v.ID[:]))
	})
	cut := s.roadRegions()
	outlines := map[*region]outline{}
	var all []*roadNear
	for _, section := range out.sections {
		for _, l := range section.lines {
			one := &roadNear{section, l}
			all = append(all, one)
			out.tree.Insert(padded(l.bound, max(nearControlledM, section.v.PrecisionM())), one)
			cut.near(l.bound, func(r *region) {
				if _, ok := outlines[r]; !ok {
					outlines[r] = outline{r.fingerprint(), r.area}
				}
			})
		}
	}
	near := s.roadZones(out, all)
	type result struct {
		stretches map[*region][]*roadStretch
		outsideM  float64
	}
	results := make([]result, len(all))
	err := inParallel(ctx, all, func(ctx context.Context, i int, one *roadNear) error {
		r := &results[i]
		r.stretches, r.outsideM = s.stretches(one, cut, outlines)
		c := &roadCutter{scene: s, survey: out, line: one.line}
		for _, n := range near[i] {
			c.add(n)
		}
		for _, list := range r.stretches {
			for _, stretch := range list {
				c.cut(stretch)
			}
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, err
	}
	for i := range results { // in the order of sections
		out.outsideM += results[i].outsideM
		for r, list := range results[i].stretches {
			out.byRegion[r] = append(out.byRegion[r], list...)
		}
	}
	s.kept["roads"] = out
	return out, nil
}

func (s *scene) roadSection(v *geo.Version, lines orb.MultiLineString) *roadSection {
	out := &roadSection{v: v, ref: roadRef(v.Text("ref")), worth: s.assess(v), status: v.Text("status")}
	out.degree = degreeOf(out.worth)
	if out.worth.Stale || !out.worth.Dated || !slices.Contains(roadStatuses, out.status) {
		out.status = "unknown"
	}
	for _, line := range lines {
		if len(line) > 1 {
			l := s.engine.cuts.line(line)
			out.lines = append(out.lines, l)
			out.lengthM += l.lengthM(l.whole())
		}
	}
	return out
}

// roadRegions are the regions that roads are cut by: levels that do not overlap
// within themselves, but for slivers.
type roadRegions struct {
	levels [][]boxedRegion // each by id
}

type boxedRegion struct {
	*region
	box orb.Bound
}

func boxed(list []*region) []boxedRegion {
	out := make([]boxedRegion, 0, len(list))
	for _, r := range list {
		switch {
		case len(r.area) == 0:
		default:
			out = append(out, boxedRegion{r, r.box()})
		}
	}
	return out
}

func (s *scene) roadRegions() *roadRegions {
	all := func(of map[string]*region) (list []*region) {
		for _, pcode := range sortedKeys(of) {
			list = append(list, of[pcode])
		}
		return list
	}
	out := &roadRegions{levels: [][]boxedRegion{boxed(all(s.ground.communes))}}
	sections := false
	for _, t := range s.asked() {
		switch {
		case t.level == LevelSection && !sections:
			sections = true
			out.levels = append(out.levels, boxed(all(s.ground.sections)))
		case t.level == LevelDrawn:
			out.levels = append(out.levels, boxed(t.regions))
		}
	}
	return out
}

func (c *roadRegions) near(box orb.Bound, do func(*region)) {
	for _, level := range c.levels {
		for _, r := range level {
			if r.box.Intersects(box) {
				do(r.region)
			}
		}
	}
}

// stretches cuts a line by the regions.
func (s *scene) stretches(one *roadNear, cut *roadRegions, outlines map[*region]outline) (out map[*region][]*roadStretch, outsideM float64) {
	out = map[*region][]*roadStretch{}
	for n, level := range cut.levels {
		var taken []positions
		for _, r := range level {
			if !r.box.Intersects(one.line.bound) {
				continue
			}
			o := outlines[r.region]
			list := without(s.engine.cuts.cut(one.line, o, 0), taken)
			for _, p := range list {
				stretch := &roadStretch{section: one.section, line: one.line, where: p, lengthM: one.line.lengthM(p)}
				out[r.region] = append(out[r.region], stretch)
			}
			if len(list) > 0 {
				taken = joined(append(slices.Clone(taken), list...))
			}
		}
		if n == 0 {
			for _, p := range without([]positions{one.line.whole()}, taken) {
				outsideM += one.line.lengthM(p)
			}
		}
	}
	return out, outsideM
}

// roadZones lists the zones of the instant, and for each line those near it.
func (s *scene) roadZones(out *roadSurvey, lines []*roadNear) [][]int32 {
	near := make([][]int32, len(lines))
	if !s.holds("controlled-zones") {
		return near
	}
	number := map[*geo.Version]int32{}
	for i, one := range lines {
		s.world.Named("controlled-zones").Search(padded(one.line.bound, nearControlledM), geo.At(s.at), func(v *geo.Version) bool {
			n, ok := number[v]
			if !ok {
				control := slices.Index(geo.ControlPrecedence, v.Text("control_type"))
				area, is := v.Geometry.(orb.MultiPolygon)
				n = -1
				if is && approved(v) && control >= 0 && (s.leaveOut == nil || !s.leaveOut(v)) {
					n = int32(len(out.zones))
					out.zones = append(out.zones, standing{v: v, control: control, degree: s.degree(v), outline: s.engine.outlineOf(v, area)})
				}
				number[v] = n
			}
			if n >= 0 {
				near[i] = append(near[i], n)
			}
			return true
		})
	}
	// In the order of ids, whatever the order of the search.
	order := make([]int32, len(out.zones))
	for i := range order {
		order[i] = int32(i)
	}
	slices.SortFunc(order, func(a, b int32) int { return slices.Compare(out.zones[a].v.ID[:], out.zones[b].v.ID[:]) })
	place, sorted := make([]int32, len(order)), make([]standing, len(order))
	for i, n := range order {
		place[n], sorted[i] = int32(i), out.zones[n]
	}
	out.zones = sorted
	for _, list := range near {
		for k := range list {
			list[k] = place[list[k]]
		}
		slices.Sort(list)
	}
	return near
}

// roadCutter cuts the stretches of one line by zones.
type roadCutter struct {
	scene  *scene
	survey *roadSurvey
	line   *roadLine
	spans  []zonePositions
}

type zonePositions struct {
	positions
	zone   int32
	beside bool // not in the zone, but near it
}

func (c *roadCutter) add(zone int32) {
	z := &c.survey.zones[zone]
	for _, p := range c.scene.engine.cuts.cut(c.line, z.outline, 0) {
		c.spans = append(c.spans, zonePositions{p, zone, false})
	}
	if geo.ControlPrecedence[z.control] == "controlled" {
		for _, p := range c.scene.engine.cuts.cut(c.line, z.outline, nearControlledM) {
			c.spans = append(c.spans, zonePositions{p, zone, true})
		}
	}
}

// cut parts a stretch at every end of a zone. The parts' lengths are scaled to
// add up to that of the stretch: a long edge and its two halves differ by a hair.
func (c *roadCutter) cut(s *roadStretch) {
	at := []float64{s.where.from, s.where.to}
	for i := range c.spans {
		for _, x := range [2]float64{c.spans[i].from, c.spans[i].to} {
			if x > s.where.from && x < s.where.to {
				at = append(at, x)
			}
		}
	}
	slices.Sort(at)
	at = slices.Compact(at)
	s.parts = make([]roadPart, len(at)-1)
	sum := 0.0
	for i := range s.parts {
		s.parts[i].lengthM = c.line.lengthM(positions{at[i], at[i+1]})
		sum += s.parts[i].lengthM
	}
	if sum > 0 {
		for i := range s.parts {
			s.parts[i].lengthM *= s.lengthM / sum
		}
	}
	for i := range c.spans {
		span := &c.spans[i]
		z := &c.survey.zones[span.zone]
		first, _ := slices.BinarySearch(at, span.from)
		for k := first; k < len(s.parts) && at[k+1] <= span.to; k++ {
			p := &s.parts[k]
			if span.beside {
				p.beside = append(p.beside, span.zone)
			} else {
				p.zones = append(p.zones, span.zone)
			}
			for d := z.degree; d < degrees; d++ {
				if span.beside {
					p.near[d] = true
				} else {
					p.types[d] |= 1 << z.control
				}
			}
		}
	}
}

// names reports whether a type of control names a part, to a degree: it is
// there, and none that comes before it is. See tally.
func (p *roadPart) names(control int, d degree) bool {
	return p.types[d]&(1<<control) != 0 && bits.TrailingZeros8(p.types[high-d]) >= control
}

// mostOff is how far from a road a place may lie, for its own imprecision, and
// still be said to lie on it: what is placed to a commune cannot be.
const mostOff = 2000

// nearestRoad finds the national road that a place lies on: the nearest within
// leastM, the precision of the place or that of the road, whichever is greatest;
// "" where there is none.
func (r *roadSurvey) nearestRoad(p orb.Point, leastM, precisionM float64) string {
	if precisionM > mostOff {
		return ""
	}
	leastM = max(leastM, precisionM)
	best, found := 0.0, ""
	r.tree.Search(padded(p.Bound(), leastM), func(one *roadNear) bool {
		d := one.line.distanceM(p)
		if d <= max(leastM, min(one.section.v.PrecisionM(), mostOff)) && (found == "" || d < best || d == best && one.section.ref < found) {
			best, found = d, one.section.ref
		}
		return true
	})
	return found
}
