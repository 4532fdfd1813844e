package passage

import (
	"cmp"
	"math"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
)

// refuges are the places of help that take people in, by square of the map.
type refuges struct {
	list    []refuge
	squares map[square][]int32
}

type refuge struct {
	version  *geo.Version
	place    segment // a point
	isPolice bool
}

// square is a square of squareDegrees.
type square struct{ x, y int32 }

const (
	// refugeM is how far from the way a refuge may be.
	refugeM = 2000
	// maxRefuges is how many are named: the nearest.
	maxRefuges = 5
	// squareDegrees is not less than refugeM anywhere in the record's extent.
	squareDegrees = .02
)

func squareOf(p orb.Point) square {
	return square{int32(math.Floor(p[0] / squareDegrees)), int32(math.Floor(p[1] / squareDegrees))}
}

func newRefuges(hospitals, police []*geo.Version) *refuges {
	out := &refuges{squares: map[square][]int32{}}
	add := func(v *geo.Version, isPolice bool) {
		if p, ok := v.Geometry.(orb.Point); ok {
			s := squareOf(p)
			out.squares[s] = append(out.squares[s], int32(len(out.list)))
			out.list = append(out.list, refuge{v, newSegment(p, p), isPolice})
		}
	}
	for _, v := range hospitals {
		add(v, false)
	}
	for _, v := range police {
		add(v, true)
	}
	return out
}

// passed is a refuge near a way.
type passed struct {
	refuge    int32
	distanceM float64
	vertex    int     // of the segment of the line where it is nearest
	share     float64 // of that segment
}

// near lists the refuges nearest to a way, in the order of its course. Police
// posts are refuges only for who may turn to them.
func (r *refuges) near(q *question, w *way) []Refuge {
	out := []Refuge{}
	if len(r.list) == 0 || len(w.line) == 0 {
		return out
	}
	best := map[int32]passed{}
	for i := 0; i < len(w.line); {
		// A run of vertices in one square, with the segment that leads to it.
		at := squareOf(w.line[i])
		k := i + 1
		for k < len(w.line) && squareOf(w.line[k]) == at {
			k++
		}
		r.look(at, w.line, i, k, best)
		if k < len(w.line) {
			r.leap(at, squareOf(w.line[k]), w.line, k, best)
		}
		i = k
	}
	police := q.caller.policy.Profiles[q.caller.profile].RefugePolice
	var found []passed
	for _, p := range best {
		if police || !r.list[p.refuge].isPolice {
			found = append(found, p)
		}
	}
	slices.SortFunc(found, func(a, b passed) int {
		return cmp.Or(cmp.Compare(a.distanceM, b.distanceM), cmp.Compare(a.refuge, b.refuge))
	})
	found = found[:min(len(found), maxRefuges)]
	slices.SortFunc(found, func(a, b passed) int {
		return cmp.Or(cmp.Compare(a.vertex, b.vertex), cmp.Compare(a.share, b.share), cmp.Compare(a.refuge, b.refuge))
	})
	alongM, vertex := 0.0, 0
	var ruler ruler
	for _, p := range found {
		for ; vertex < p.vertex; vertex++ {
			alongM += ruler.segmentM(w.line, vertex)
		}
		v := r.list[p.refuge].version
		one := Refuge{
			Collection: v.Layer.Name, ID: v.ID, Name: point(v.Name().French), FacilityType: v.Text("facility_type"),
			Functional: v.Text("functional"), Km: km(alongM + p.share*ruler.segmentM(w.line, vertex)), DistanceM: metres(p.distanceM),
		}
		if a := q.assess(v); a.Dated && !a.Later {
			h := hours(a.Age)
			one.AgeH = &h
		}
		out = append(out, one)
	}
	return out
}

// ruler measures segments with the length of a degree where it last looked.
type ruler struct{ lat, lonM, latM float64 }

// segmentM is the length of the segment of a line that begins at a vertex, to
// some parts in ten thousand. The length of a degree on WGS 84 is by its series
// in the latitude.
func (r *ruler) segmentM(line orb.LineString, i int) float64 {
	if i+1 >= len(line) {
		return 0
	}
	a, b := line[i], line[i+1]
	if math.Abs(a[1]-r.lat) > .005 {
		phi := a[1] * math.Pi / 180
		r.lat = a[1]
		r.latM = 111132.954 - 559.822*math.Cos(2*phi) + 1.175*math.Cos(4*phi)
		r.lonM = 111412.84*math.Cos(phi) - 93.5*math.Cos(3*phi) + .118*math.Cos(5*phi)
	}
	x, y := (b[0]-a[0])*r.lonM, (b[1]-a[1])*r.latM
	return math.Sqrt(x*x + y*y)
}

// look measures the refuges round a square to a run of vertices.
func (r *refuges) look(at square, line orb.LineString, from, to int, best map[int32]passed) {
	for dx := int32(-1); dx <= 1; dx++ {
		for dy := int32(-1); dy <= 1; dy++ {
			for _, i := range r.squares[square{at.x + dx, at.y + dy}] {
				r.measure(i, line, from, to, best)
			}
		}
	}
}

// leap measures the refuges round the squares that a segment crosses on its way
// from one square to another that is not beside it.
func (r *refuges) leap(from, to square, line orb.LineString, k int, best map[int32]passed) {
	if abs(from.x-to.x)+abs(from.y-to.y) <= 1 {
		return // nothing between them is beside neither
	}
	a, b := line[k-1], line[k]
	steps := 4 * int(math.Ceil(math.Hypot(b[0]-a[0], b[1]-a[1])/squareDegrees))
	last := from
	for s := 1; s < steps; s++ {
		share := float64(s) / float64(steps)
		at := squareOf(orb.Point{a[0] + share*(b[0]-a[0]), a[1] + share*(b[1]-a[1])})
		if at != last {
			r.look(at, line, k, k+1, best)
			last = at
		}
	}
}

func abs(x int32) int32 { return max(x, -x) }

// measure measures one refuge to the vertices of a run and the segments that
// lead to them.
func (r *refuges) measure(i int32, line orb.LineString, from, to int, best map[int32]passed) {
	s := &r.list[i].place
	found, ok := best[i]
	if !ok {
		found = passed{refuge: i, distanceM: math.Inf(1)}
	}
	b := s.plane(line[max(from-1, 0)])
	for k := max(from-1, 0); k < to; k++ {
		a, next := b, k
		if k > 0 && k >= from {
			a, b, next = s.plane(line[k-1]), s.plane(line[k]), k-1
		}
		d := [2]float64{b[0] - a[0], b[1] - a[1]}
		share := 0.0
		if dd := d[0]*d[0] + d[1]*d[1]; dd > 0 {
			share = min(1, max(0, -(a[0]*d[0]+a[1]*d[1])/dd))
		}
		x, y := a[0]+share*d[0], a[1]+share*d[1]
		if m := math.Sqrt(x*x + y*y); m < found.distanceM {
			found.distanceM, found.vertex, found.share = m, next, share
		}
	}
	if found.distanceM <= refugeM {
		best[i] = found
	}
}
