package passage

import (
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
	"pasaj/geo/overlay"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// evidence is everything the world knows at the instant of the question that
// may bear on a way, indexed by place.
type evidence struct {
	request   *Request
	model     *geo.Model
	network   *road.Graph // may be nil
	obstacles []*obstacle
	zones     []*zone
	sections  []*section

	obstacleBoxes, zoneBoxes, sectionBoxes *index.Tree[int]
	surveys                                map[int]*survey // of whole edges
}

// zone is one controlled zone.
type zone struct {
	version    *geo.Version
	assessment geo.Assessment
	area       orb.MultiPolygon
	control    string
	observes   bool
}

// section is one section of a national road with its reported status.
type section struct {
	version    *geo.Version
	assessment geo.Assessment
	target     target
	ref        string
	radiusM    float64
	effect     advice
	observes   bool
}

// sectionM is how far from a national road's section a way with the same
// number still runs on it, at least.
const sectionM = 500

// gather reads the world at the instant of the question.
func gather(w *world.World, r *Request) *evidence {
	e := &evidence{
		request: r, model: w.Model(), network: w.Network(), surveys: map[int]*survey{},
		obstacleBoxes: index.New[int](), zoneBoxes: index.New[int](), sectionBoxes: index.New[int](),
	}
	moment := geo.At(r.At)
	w.Named("roadblocks").Each(moment, func(v *geo.Version) bool {
		if v.Geometry != nil && slices.Contains(observedStates, v.Text("state")) {
			o := newObstacle(v, e.model, r)
			e.obstacleBoxes.Insert(road.Around(v.Bound, o.precisionM), len(e.obstacles))
			e.obstacles = append(e.obstacles, o)
		}
		return true
	})
	w.Named("controlled-zones").Each(moment, func(v *geo.Version) bool {
		if area, ok := v.Geometry.(orb.MultiPolygon); ok {
			control := v.Text("control_type")
			e.zoneBoxes.Insert(v.Bound, len(e.zones))
			e.zones = append(e.zones, &zone{
				version: v, assessment: e.model.Assess(v, r.At), area: area, control: control,
				observes: control != "unknown" && fresh(v, r),
			})
		}
		return true
	})
	w.Named("national-roads").Each(moment, func(v *geo.Version) bool {
		if status := v.Text("status"); v.Geometry != nil && status != "" && status != "unknown" {
			s := &section{
				version: v, assessment: e.model.Assess(v, r.At), target: newTarget(v.Geometry),
				ref: v.Text("ref"), radiusM: max(sectionM, v.PrecisionM()), observes: fresh(v, r),
			}
			s.effect = s.judge(r.Vehicle)
			e.sectionBoxes.Insert(road.Around(v.Bound, s.radiusM), len(e.sections))
			e.sections = append(e.sections, s)
		}
		return true
	})
	return e
}

// judge is what a section's status means for a class.
func (s *section) judge(vehicle string) advice {
	largest := s.version.Text("max_class")
	fits := largest != "" && sizeOf(vehicle) <= sizeOf(largest)
	effect := noReportedObstacle
	switch s.version.Text("status") {
	case "closed":
		if effect = notPassable; fits {
			effect = passableWithConditions
		}
	case "restricted":
		if effect = passableWithConditions; largest != "" && !fits {
			effect = notPassable
		}
	}
	if s.assessment.Stale && effect == passableWithConditions {
		effect = negotiationNeeded
	}
	return effect
}

// track is a piece of way whose every metre has the same road under it.
type track struct {
	line       orb.LineString
	along      []float64 // of each vertex, metres
	edge       int       // of the network; none is -1
	class      string
	refs       []string
	precisionM float64
}

// noEdge says that a piece of way lies on no edge.
const noEdge = -1

// radiusOf is how far from a road of the class an obstacle still stands on it,
// in metres: the width of what a report calls "on the road".
func radiusOf(class string) float64 {
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

// survey is what lies on a track, in metres along it.
type survey struct {
	zones     []zoneSpan
	obstacles []obstacleReach
	observed  []obstacleReach // the smaller reach of what they tell about
	sections  []sectionSpan
}

type zoneSpan struct {
	zone *zone
	span
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

// look surveys a track.
func (e *evidence) look(t *track) *survey {
	out := &survey{}
	bound := t.line.Bound()
	radius := max(radiusOf(t.class), t.precisionM)
	for _, i := range found(e.zoneBoxes, bound) {
		for _, s := range overlay.Clip(t.line, e.zones[i].area) {
			out.zones = append(out.zones, zoneSpan{e.zones[i], span{s.From, s.To}})
		}
	}
	for _, i := range found(e.obstacleBoxes, road.Around(bound, radius)) {
		o := e.obstacles[i]
		if t.edge != noEdge && o.ref != "" && !slices.Contains(t.refs, o.ref) && e.onlyOnItsRoad(o) {
			continue
		}
		r := max(radius, o.precisionM)
		for _, near := range o.target.near(t.line, t.along, r) {
			out.obstacles = append(out.obstacles, obstacleReach{o, r, near})
		}
		if o.dated {
			for _, near := range o.target.near(t.line, t.along, min(r, observationM)) {
				out.observed = append(out.observed, obstacleReach{o, r, near})
			}
		}
	}
	for _, ref := range t.refs {
		out.sections = append(out.sections, e.lookSections(t, bound, ref)...)
	}
	return out
}

// found lists what a search finds in the order of the evidence, which is that
// of the ids.
func found(boxes *index.Tree[int], b orb.Bound) []int {
	var out []int
	boxes.Search(b, func(i int) bool {
		out = append(out, i)
		return true
	})
	slices.Sort(out)
	return out
}

// onlyOnItsRoad reports whether the road that an obstacle names runs within
// its reach, so that other roads there are free of it.
func (e *evidence) onlyOnItsRoad(o *obstacle) bool {
	if o.named || e.network == nil {
		return o.isOnly
	}
	o.named = true
	widest := max(o.precisionM, radiusOf(road.ClassAccess), e.network.Network().PrecisionM)
	e.network.Search(road.Around(o.version.Bound, widest), func(i int) bool {
		edge := e.network.Edge(i)
		if !edge.HasRef(o.ref) {
			return true
		}
		radius := max(radiusOf(edge.Class), edge.PrecisionM, o.precisionM)
		o.isOnly = len(o.target.near(edge.Geometry, edge.AlongM, radius)) > 0
		return !o.isOnly
	})
	return o.isOnly
}

// sectionStepM is how finely the border between two sections of a road is
// looked for.
const sectionStepM = 250

// lookSections divides a track among the sections of a road: each place goes to
// the nearest one within reach.
func (e *evidence) lookSections(t *track, bound orb.Bound, ref string) []sectionSpan {
	var out []sectionSpan
	for _, i := range found(e.sectionBoxes, bound) {
		if s := e.sections[i]; s.ref == ref {
			for _, near := range s.target.near(t.line, t.along, s.radiusM) {
				out = append(out, sectionSpan{s, near.span})
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

// edgeTrack is a whole edge of the network as a track.
func (e *evidence) edgeTrack(i int) *track {
	edge := e.network.Edge(i)
	return &track{line: edge.Geometry, along: edge.AlongM, edge: i, class: edge.Class, refs: edge.Refs, precisionM: edge.PrecisionM}
}

// onEdge surveys an edge once.
func (e *evidence) onEdge(i int) *survey {
	if s := e.surveys[i]; s != nil {
		return s
	}
	s := e.look(e.edgeTrack(i))
	e.surveys[i] = s
	return s
}
