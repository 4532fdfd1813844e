package passage

import (
	"bytes"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
	"pasaj/geo/road"
)

// track is a line whose every metre has the same road under it, or none.
type track struct {
	line   orb.LineString
	along  []float64  // of each vertex, metres
	bound  orb.Bound  // of the line
	edge   *road.Edge // road under it; nil: none
	number int        // of the edge in the network; noEdge
	asideM float64    // how far the line is drawn from the edge
	isEdge bool       // the line is the edge's own, all of it
	maybe  []string   // numbers of other roads that the line may be meant to run on
}

// noEdge says that a piece of way lies on no edge.
const noEdge = -1

func (t *track) lengthM() float64 { return t.along[len(t.along)-1] }

func (t *track) refs() []string {
	if t.edge == nil {
		return nil
	}
	return t.edge.Refs
}

// radiusM is how far from the track something still stands on it: the width of
// what a report calls "on the road", and never less than its precision.
func (t *track) radiusM() float64 {
	if t.edge == nil {
		return RoadReachM("")
	}
	return edgeRadiusM(t.edge)
}

func edgeRadiusM(e *road.Edge) float64 { return max(RoadReachM(e.Class), e.PrecisionM) }

// RoadReachM is how far from the middle of a road of the class an obstacle still
// stands on it, in metres, however exactly both are placed.
func RoadReachM(class string) float64 {
	switch class {
	case road.ClassUrban:
		return 30
	case road.ClassCommunal, road.ClassAccess:
		return 500
	default: // national, departmental, and a line on no road
		return 150
	}
}

// observationM is how far along the road a report of an obstacle tells at most:
// that it is only roughly placed does not make it tell of more.
const observationM = 2000

// survey is what lies on a track, in metres along it. It does not change.
type survey struct {
	zones     []zoneSpan
	obstacles []obstacleReach
	observed  []obstacleReach // the smaller reach of what dated reports tell about
	sections  []sectionSpan
	areas     []areaSpan // of the question itself
}

type zoneSpan struct {
	zone *zone
	span
	excepted bool // the question lets it be crossed here
}

type obstacleReach struct {
	obstacle *obstacle
	radiusM  float64
	reach
}

type sectionSpan struct {
	section *section
	span
}

type areaSpan struct {
	area *area
	span
}

func (s *survey) empty() bool {
	return len(s.zones) == 0 && len(s.obstacles) == 0 && len(s.observed) == 0 && len(s.sections) == 0 && len(s.areas) == 0
}

// chart is the features of an instant by place.
type chart struct {
	obstacles *index.Tree[*obstacle]
	zones     *index.Tree[*zone]
	sections  *index.Tree[*section]
}

func newChart() chart {
	return chart{index.New[*obstacle](), index.New[*zone](), index.New[*section]()}
}

func (c chart) copy() chart {
	return chart{c.obstacles.Copy(), c.zones.Copy(), c.sections.Copy()}
}

func (o *obstacle) bound() orb.Bound { return road.Around(o.version.Bound, o.precisionM) }
func (s *section) bound() orb.Bound  { return road.Around(s.version.Bound, s.radiusM) }

// look surveys a track: nil where there is nothing on it.
func (c chart) look(t *track) *survey {
	out := survey{}
	radius := t.radiusM()
	for _, z := range found(c.zones, t.bound, (*zone).of) {
		for _, s := range areaSpans(t.line, t.along, t.bound, z.area) {
			out.zones = append(out.zones, zoneSpan{zone: z, span: s})
		}
	}
	for _, o := range found(c.obstacles, road.Around(t.bound, radius+t.asideM), (*obstacle).of) {
		if o.elsewhere(t) {
			continue
		}
		out.add(t, o)
	}
	if len(t.refs()) > 0 {
		near := found(c.sections, t.bound, (*section).of)
		for _, ref := range t.refs() {
			out.sections = append(out.sections, divide(t, near, ref)...)
		}
	}
	if out.empty() {
		return nil
	}
	return &out
}

// elsewhere reports whether an obstacle stands on another road than the track,
// by its own word.
func (o *obstacle) elsewhere(t *track) bool {
	return t.edge != nil && o.onlyOnRef && !t.edge.HasRef(o.ref) && !slices.Contains(t.maybe, o.ref)
}

// mayStandOn reports whether a supposed obstacle can stand on a track at all: on
// edges it is placed already.
func (o *obstacle) mayStandOn(t *track) bool {
	if !t.isEdge {
		return true
	}
	_, ok := slices.BinarySearch(o.edges, int32(t.number))
	return ok
}

// add puts an obstacle on the survey where the track comes near.
func (s *survey) add(t *track, o *obstacle) {
	r := max(t.radiusM(), o.precisionM)
	// What stands on the road stands on a line that is drawn beside it.
	standsM := r + t.asideM
	reaches := o.target.near(t.line, t.along, standsM)
	for _, near := range reaches {
		s.obstacles = append(s.obstacles, obstacleReach{o, standsM, near})
	}
	if o.version == nil || o.version.LastConfirmedAt.IsZero() {
		return
	}
	if tellsM := min(r, observationM); tellsM != standsM {
		reaches = o.target.near(t.line, t.along, tellsM)
	}
	for _, near := range reaches {
		s.observed = append(s.observed, obstacleReach{o, r, near})
	}
}

func (o *obstacle) of() *geo.Version { return o.version }
func (z *zone) of() *geo.Version     { return z.version }
func (s *section) of() *geo.Version  { return s.version }

// found lists what a search finds in the order of ids.
func found[T comparable](tree *index.Tree[T], b orb.Bound, of func(T) *geo.Version) []T {
	var out []T
	tree.Search(b, func(v T) bool {
		out = append(out, v)
		return true
	})
	if len(out) > 1 {
		slices.SortFunc(out, func(a, b T) int { return compareVersions(of(a), of(b)) })
	}
	return out
}

func compareVersions(a, b *geo.Version) int { return bytes.Compare(a.ID[:], b.ID[:]) }

// sectionStepM is how finely the border between two sections of a road is
// looked for.
const sectionStepM = 250

// divide divides a track among the sections of a road: each place goes to the
// nearest one within reach.
func divide(t *track, near []*section, ref string) []sectionSpan {
	var out []sectionSpan
	for _, s := range near {
		if s.ref == ref {
			for _, r := range s.target.near(t.line, t.along, s.radiusM) {
				out = append(out, sectionSpan{s, r.span})
			}
		}
	}
	if len(out) < 2 {
		return out
	}
	var cuts []float64
	for _, s := range out {
		for at := s.from; at < s.to; at += sectionStepM {
			cuts = append(cuts, at)
		}
		cuts = append(cuts, s.to)
	}
	slices.Sort(cuts)
	var divided []sectionSpan
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		if from == to {
			continue
		}
		middle := (from + to) / 2
		var best *section
		bestM := 0.0
		p := pointAt(t.line, t.along, middle)
		for _, s := range out {
			if s.from <= middle && middle <= s.to {
				if d := s.section.target.distance(p); best == nil || d < bestM {
					best, bestM = s.section, d
				}
			}
		}
		if best == nil {
			continue
		}
		if n := len(divided); n > 0 && divided[n-1].section == best && divided[n-1].to == from {
			divided[n-1].to = to
		} else {
			divided = append(divided, sectionSpan{best, span{from, to}})
		}
	}
	return divided
}

// pointAt is the point so many metres along a line.
func pointAt(line orb.LineString, along []float64, at float64) orb.Point {
	i, _ := slices.BinarySearch(along, at)
	if i == 0 {
		return line[0]
	}
	if i == len(along) {
		return line[len(line)-1]
	}
	a, b, length := line[i-1], line[i], along[i]-along[i-1]
	if length == 0 {
		return b
	}
	share := (at - along[i-1]) / length
	return orb.Point{a[0] + share*(b[0]-a[0]), a[1] + share*(b[1]-a[1])}
}
