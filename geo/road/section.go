package road

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/index"
	"pasaj/geo/measure"
)

// SectionReachM is how far from the line of a section an edge with its road
// number still runs on it, at least: national roads are drawn more coarsely
// than the edges of a network.
const SectionReachM = 500

// sectionStepM is how finely an edge is looked at for the places where it comes
// within reach of a section or passes from one to the next. Such a place is then
// found to sectionBorderM. Sections whose distances differ by less than
// sectionTieM are equally near, so that two that lie on one another do not take
// turns.
const (
	sectionStepM   = 25
	sectionBorderM = 0.01
	sectionTieM    = 1e-3
)

// Section is a part of a numbered road, such as a feature of the national roads
// layer.
type Section struct {
	Ref        string
	Geometry   orb.MultiLineString
	PrecisionM float64
}

// SectionSpan is a part of an edge that runs on a section.
type SectionSpan struct {
	Edge       int
	Section    int     // place in the list that was linked
	FromM, ToM float64 // along the edge
}

// LinkSections finds the parts of edges that run on sections: those that carry
// the section's number within SectionReachM, or the section's precision if that
// is more, of its line. Where several sections of one number are within reach a
// place belongs to the nearest one, of equally near ones to the first; an edge
// with several numbers may be on several sections at once. The spans are in
// order of edge, start and section.
func (g *Graph) LinkSections(sections []Section) []SectionSpan {
	byRef := map[string]*sectionLines{}
	for i := range sections {
		s := &sections[i]
		lines := byRef[s.Ref]
		if lines == nil {
			lines = &sectionLines{boxes: index.New[int32]()}
			byRef[s.Ref] = lines
		}
		lines.add(int32(i), s)
	}
	var out []SectionSpan
	for i := range g.edges {
		start := len(out)
		for k, ref := range g.edges[i].Refs {
			if lines := byRef[ref]; lines != nil && !slices.Contains(g.edges[i].Refs[:k], ref) {
				out = lines.link(out, i, &g.edges[i])
			}
		}
		slices.SortFunc(out[start:], func(a, b SectionSpan) int {
			if c := cmp.Compare(a.FromM, b.FromM); c != 0 {
				return c
			}
			return cmp.Compare(a.Section, b.Section)
		})
	}
	return out
}

// sectionLines are the segments of all sections of one road number.
type sectionLines struct {
	segments []sectionSegment
	boxes    *index.Tree[int32] // grown by each section's reach
}

type sectionSegment struct {
	section int32
	a, b    orb.Point
	reachM  float64
}

func (l *sectionLines) add(section int32, s *Section) {
	reach := SectionReachM + 0.0
	if s.PrecisionM > reach && !math.IsInf(s.PrecisionM, 1) {
		reach = s.PrecisionM
	}
	for _, line := range s.Geometry {
		for i := range line {
			a := line[max(i-1, 0)]
			if i == 0 && len(line) > 1 {
				continue
			}
			l.boxes.Insert(Around(orb.MultiPoint{a, line[i]}.Bound(), reach), int32(len(l.segments)))
			l.segments = append(l.segments, sectionSegment{section, a, line[i], reach})
		}
	}
}

// noSection is where an edge runs on none.
const noSection = -1

// link appends the spans of one edge.
func (l *sectionLines) link(out []SectionSpan, number int, e *Edge) []SectionSpan {
	var near []int32
	l.boxes.Search(e.Bound, func(i int32) bool {
		near = append(near, i)
		return true
	})
	if len(near) == 0 {
		return out
	}
	slices.Sort(near)
	at := func(alongM float64) int32 { return l.nearest(near, e.At(alongM)) }
	begun, from := at(0), 0.0
	end := func(to float64) {
		if begun != noSection && to > from {
			out = append(out, SectionSpan{number, int(begun), from, to})
		}
	}
	for i := 1; i < len(e.AlongM); i++ {
		low, length := e.AlongM[i-1], e.AlongM[i]-e.AlongM[i-1]
		steps := max(1, math.Ceil(length/sectionStepM))
		for k := 1.0; k <= steps; k++ {
			to := low + length*k/steps
			next := at(to)
			// Between two looks there may be more than one border.
			for at := low + length*(k-1)/steps; next != begun; {
				var border float64
				var after int32
				border, after = l.border(near, e, at, to, begun)
				end(border)
				begun, from, at = after, border, border
			}
		}
	}
	end(e.LengthM)
	return out
}

// border finds by halving a place between two where an edge leaves a section,
// and the section it is on after that.
func (l *sectionLines) border(near []int32, e *Edge, inside, outside float64, section int32) (float64, int32) {
	after := l.nearest(near, e.At(outside))
	for outside-inside > sectionBorderM {
		middle := (inside + outside) / 2
		if s := l.nearest(near, e.At(middle)); s == section {
			inside = middle
		} else {
			outside, after = middle, s
		}
	}
	return outside, after
}

// nearest is the section of the nearest segment within its reach. The segments
// come in the order of their sections.
func (l *sectionLines) nearest(near []int32, p orb.Point) int32 {
	lonM, latM := measure.DegreeM(p[1])
	best, bestM := int32(noSection), math.Inf(1)
	for i := 0; i < len(near); {
		section, distance := l.segments[near[i]].section, math.Inf(1)
		for ; i < len(near) && l.segments[near[i]].section == section; i++ {
			s := &l.segments[near[i]]
			_, x, y := nearestInPlane((s.a[0]-p[0])*lonM, (s.a[1]-p[1])*latM, (s.b[0]-p[0])*lonM, (s.b[1]-p[1])*latM)
			if d := math.Hypot(x, y); d <= s.reachM {
				distance = min(distance, d)
			}
		}
		if distance < bestM-sectionTieM {
			best, bestM = section, distance
		}
	}
	return best
}
