package road

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/index"
	"pasaj/geo/measure"
)

// NearMissM is how near an end must come to another edge to count as missing
// it, and how near a junction two edges may cross without more being said.
const NearMissM = 1.0

// MissKind says how two edges miss each other.
type MissKind string

// The kinds of near misses.
const (
	MissEnd      MissKind = "end"      // an edge ends beside another one
	MissCrossing MissKind = "crossing" // two edges cross or touch without a junction
)

// NearMiss is a place where two edges probably meet but have no junction.
type NearMiss struct {
	Kind        MissKind
	Edge, Other int       // places in the list of edges
	AlongM      float64   // of the place along Edge; 0 or its length for an end
	OtherAlongM float64   // along Other; 0 or its length when that ends there too
	Point       orb.Point // the end, or where they cross
	DistanceM   float64   // between the two; 0 for a crossing
}

// NearMisses lists the places where edges probably meet but are not joined, in
// order of Edge, Other and place:
//
// An end within NearMissM of another edge that does not end at the same point.
// It is told once for all edges that end there, under the first of them, and
// once for two ends that miss each other. Two ends with a very short edge
// between them are joined, and an end under or over a bridge or a tunnel misses
// nothing.
//
// A crossing or a touching of two edges without an end, unless one of them is a
// bridge or a tunnel. Within NearMissM of an end, the end is what counts. Where
// two edges run along the same vertices they do not cross, and an edge that
// crosses itself is not told.
//
// Edges that Build would refuse for their geometry are passed over.
func NearMisses(inputs []EdgeInput) []NearMiss {
	m := newMissSearch(inputs)
	m.findEnds()
	m.findCrossings()
	slices.SortFunc(m.found, func(a, b NearMiss) int {
		return cmp.Or(cmp.Compare(a.Edge, b.Edge), cmp.Compare(a.Other, b.Other), cmp.Compare(a.Kind, b.Kind),
			cmp.Compare(a.AlongM, b.AlongM), cmp.Compare(a.OtherAlongM, b.OtherAlongM))
	})
	return slices.CompactFunc(m.found, func(a, b NearMiss) bool {
		return a.Edge == b.Edge && a.Other == b.Other && a.Kind == MissCrossing && b.Kind == MissCrossing && math.Abs(b.AlongM-a.AlongM) <= NearMissM
	})
}

// runSegments is how many segments of an edge share a box of the index.
const runSegments = 8

// run is a few consecutive segments of an edge.
type run struct {
	edge        int32
	first, last int32 // segments first:last
}

// ending is an end of an edge: the first vertex or the last.
type ending struct {
	at   orb.Point
	edge int32
	last bool
}

type missSearch struct {
	inputs  []EdgeInput
	along   [][]float64 // nil for edges passed over
	runs    []run
	boxes   []orb.Bound
	index   *index.Tree[int32]
	endings []ending // by place, then edge
	found   []NearMiss
}

func newMissSearch(inputs []EdgeInput) *missSearch {
	m := &missSearch{inputs: inputs, along: make([][]float64, len(inputs))}
	vertices := 0
	for i := range inputs {
		vertices += len(inputs[i].Geometry)
	}
	along := make([]float64, 0, vertices)
	for i := range inputs {
		line := inputs[i].Geometry
		if checkLine(line) != nil {
			continue
		}
		start := len(along)
		along = appendAlong(along, line)
		m.along[i] = along[start:len(along):len(along)]
		for k := 0; k < len(line)-1; k += runSegments {
			end := min(k+runSegments, len(line)-1)
			m.runs = append(m.runs, run{int32(i), int32(k), int32(end)})
			m.boxes = append(m.boxes, line[k:end+1].Bound())
		}
		m.endings = append(m.endings, ending{first(line), int32(i), false}, ending{last(line), int32(i), true})
	}
	m.index = insertAll(len(m.runs), func(i int) orb.Bound { return m.boxes[i] })
	slices.SortFunc(m.endings, compareEndings)
	return m
}

func compareEndings(a, b ending) int {
	if c := comparePoints(a.at, b.at); c != 0 {
		return c
	}
	return cmp.Compare(a.edge, b.edge)
}

func (m *missSearch) lengthM(edge int32) float64 { return m.along[edge][len(m.along[edge])-1] }

func (m *missSearch) level(edge int32) bool {
	e := &m.inputs[edge]
	return !e.Bridge && !e.Tunnel
}

// endingsAt lists the ends at a point.
func (m *missSearch) endingsAt(p orb.Point) []ending {
	from, _ := slices.BinarySearchFunc(m.endings, p, func(e ending, p orb.Point) int { return comparePoints(e.at, p) })
	to := from
	for to < len(m.endings) && m.endings[to].at == p {
		to++
	}
	return m.endings[from:to]
}

// beside is the place where an edge comes nearest to an end.
type beside struct {
	edge      int32
	alongM    float64
	distanceM float64
}

// findEnds looks round every place where edges end.
func (m *missSearch) findEnds() {
	var near []beside
	for from, to := 0, 0; from < len(m.endings); from = to {
		p := m.endings[from].at
		for to = from + 1; to < len(m.endings) && m.endings[to].at == p; {
			to++
		}
		here := m.endings[from:to]
		near = m.beside(near[:0], p)
		for _, b := range near {
			if !m.missesEnd(here, p, b) && !ends(here, b.edge) {
				m.missesSide(here, p, b)
			}
		}
	}
}

func ends(here []ending, edge int32) bool {
	return slices.ContainsFunc(here, func(e ending) bool { return e.edge == edge })
}

// beside lists the edges within NearMissM of a point, in their order.
func (m *missSearch) beside(dst []beside, p orb.Point) []beside {
	lonM, latM := measure.DegreeM(p[1])
	m.index.Search(Around(p.Bound(), NearMissM), func(i int32) bool {
		r := m.runs[i]
		line, along := m.inputs[r.edge].Geometry, m.along[r.edge]
		best := beside{r.edge, 0, math.Inf(1)}
		for k := r.first; k < r.last; k++ {
			a, b := line[k], line[k+1]
			share, x, y := nearestInPlane((a[0]-p[0])*lonM, (a[1]-p[1])*latM, (b[0]-p[0])*lonM, (b[1]-p[1])*latM)
			if d := math.Hypot(x, y); d < best.distanceM {
				best.alongM, best.distanceM = along[k]+share*(along[k+1]-along[k]), d
			}
		}
		if best.distanceM <= NearMissM {
			dst = append(dst, best)
		}
		return true
	})
	slices.SortFunc(dst, func(a, b beside) int {
		return cmp.Or(cmp.Compare(a.edge, b.edge), cmp.Compare(a.distanceM, b.distanceM), cmp.Compare(a.alongM, b.alongM))
	})
	return slices.CompactFunc(dst, func(a, b beside) bool { return a.edge == b.edge })
}

// missesEnd deals with an edge beside an end that has an end of its own within
// reach, and reports whether it has.
func (m *missSearch) missesEnd(here []ending, p orb.Point, b beside) bool {
	line, reached := m.inputs[b.edge].Geometry, false
	for _, end := range [...]bool{false, true} {
		other, alongM := first(line), 0.0
		if end {
			other, alongM = last(line), m.lengthM(b.edge)
		}
		distance := segmentM(p, other)
		if other == p || distance > NearMissM {
			continue
		}
		reached = true
		there := m.endingsAt(other)
		// Told once: from the lower place, by the first edge of both.
		if comparePoints(p, other) > 0 || there[0].edge != b.edge || there[0].last != end || m.bridged(here, other) {
			continue
		}
		m.found = append(m.found, NearMiss{MissEnd, int(here[0].edge), int(b.edge), m.endAlong(here[0]), alongM, p, distance})
	}
	return reached
}

// bridged reports whether a very short edge joins an end to another place.
func (m *missSearch) bridged(here []ending, other orb.Point) bool {
	return slices.ContainsFunc(here, func(e ending) bool {
		line := m.inputs[e.edge].Geometry
		return m.lengthM(e.edge) <= 2*NearMissM && (first(line) == other || last(line) == other)
	})
}

func (m *missSearch) endAlong(e ending) float64 {
	if e.last {
		return m.lengthM(e.edge)
	}
	return 0
}

// missesSide deals with an end beside the inside of an edge.
func (m *missSearch) missesSide(here []ending, p orb.Point, b beside) {
	if !m.level(b.edge) && !slices.ContainsFunc(here, func(e ending) bool { return !m.level(e.edge) }) {
		return
	}
	m.found = append(m.found, NearMiss{MissEnd, int(here[0].edge), int(b.edge), m.endAlong(here[0]), b.alongM, p, b.distanceM})
}

// findCrossings compares runs whose boxes meet.
func (m *missSearch) findCrossings() {
	for i, r := range m.runs {
		if !m.level(r.edge) {
			continue
		}
		m.index.Search(m.boxes[i], func(other int32) bool {
			if s := m.runs[other]; r.edge < s.edge && m.level(s.edge) {
				m.cross(r, s, m.boxes[other])
			}
			return true
		})
	}
}

func (m *missSearch) cross(r, s run, box orb.Bound) {
	a, b := m.inputs[r.edge].Geometry, m.inputs[s.edge].Geometry
	for i := r.first; i < r.last; i++ {
		if !meets(a[i], a[i+1], box.Min, box.Max) {
			continue
		}
		for k := s.first; k < s.last; k++ {
			if !meets(a[i], a[i+1], b[k], b[k+1]) {
				continue
			}
			shareA, shareB, ok := crossing(a[i], a[i+1], b[k], b[k+1])
			if !ok || sideBySide(a, b, int(i)+int(math.Round(shareA)), int(k)+int(math.Round(shareB))) {
				continue
			}
			alongA, alongB := part(m.along[r.edge], i, shareA), part(m.along[s.edge], k, shareB)
			if inside(alongA, m.lengthM(r.edge)) && inside(alongB, m.lengthM(s.edge)) {
				m.found = append(m.found, NearMiss{MissCrossing, int(r.edge), int(s.edge), alongA, alongB, between(a[i], a[i+1], shareA), 0})
			}
		}
	}
}

func part(along []float64, i int32, share float64) float64 {
	return along[i] + share*(along[i+1]-along[i])
}

func inside(alongM, lengthM float64) bool { return alongM > NearMissM && alongM < lengthM-NearMissM }

// sideBySide reports whether two lines share a vertex and one of the vertices
// next to it, so that they run on together.
func sideBySide(a, b orb.LineString, i, k int) bool {
	if a[i] != b[k] {
		return false
	}
	for _, x := range [...]int{i - 1, i + 1} {
		for _, y := range [...]int{k - 1, k + 1} {
			if x >= 0 && x < len(a) && y >= 0 && y < len(b) && a[x] == b[y] {
				return true
			}
		}
	}
	return false
}

// meets reports whether the boxes of two segments meet.
func meets(a, b, c, d orb.Point) bool {
	for i := range 2 {
		if max(a[i], b[i]) < min(c[i], d[i]) || max(c[i], d[i]) < min(a[i], b[i]) {
			return false
		}
	}
	return true
}

// parallelAngle is the angle, in radians of the lon/lat plane, below which two
// segments run side by side rather than cross.
const parallelAngle = 1e-6

// crossing finds where segments a-b and c-d cross or touch, as a share of each.
func crossing(a, b, c, d orb.Point) (shareAB, shareCD float64, ok bool) {
	sideA, sideB := side(c, d, a), side(c, d, b)
	sideC, sideD := side(a, b, c), side(a, b, d)
	if sideA*sideB > 0 || sideC*sideD > 0 {
		return 0, 0, false
	}
	if math.Abs(sideA-sideB) <= parallelAngle*math.Hypot(b[0]-a[0], b[1]-a[1])*math.Hypot(d[0]-c[0], d[1]-c[1]) {
		return 0, 0, false
	}
	return sideA / (sideA - sideB), sideC / (sideC - sideD), true
}

// side is positive when p lies left of the line from a to b.
func side(a, b, p orb.Point) float64 {
	return (b[0]-a[0])*(p[1]-a[1]) - (b[1]-a[1])*(p[0]-a[0])
}
