package passage

import (
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// zone is one controlled zone as it is recorded. It does not change.
type zone struct {
	version *geo.Version
	area    orb.MultiPolygon
	control string
	rank    controlRank
}

// controlRank is the place of a control type in geo.ControlPrecedence: of
// overlapping zones the least names the ground. Ground of no zone comes last.
type controlRank int8

var unassessed = controlRank(len(geo.ControlPrecedence))

func (r controlRank) String() string {
	if r >= unassessed {
		return ""
	}
	return geo.ControlPrecedence[r]
}

func newZone(v *geo.Version) *zone {
	area, _ := v.Geometry.(orb.MultiPolygon)
	z := &zone{version: v, area: area, control: v.Text("control_type"), rank: unassessed}
	if at := slices.Index(geo.ControlPrecedence, z.control); at >= 0 {
		z.rank = controlRank(at)
	}
	return z
}

// section is one section of a national road with its reported status.
type section struct {
	version *geo.Version
	target  target
	ref     string
	radiusM float64
	status  string
	largest string // class that still passes, "" when none is named
}

// sectionM is how far from a national road's section a way with the same
// number still runs on it, at least.
const sectionM = 500

func newSection(v *geo.Version) *section {
	return &section{
		version: v, target: newTarget(v.Geometry), ref: v.Text("ref"), radiusM: max(sectionM, v.PrecisionM()),
		status: v.Text("status"), largest: v.Text("max_class"),
	}
}

// effectFor is what a section's status means for a class, as if it were fresh.
func (s *section) effectFor(vehicle string) advice {
	fits := s.largest != "" && sizeOf(vehicle) <= sizeOf(s.largest)
	switch s.status {
	case "closed":
		if fits {
			return passableWithConditions
		}
		return notPassable
	case "restricted":
		if s.largest != "" && !fits {
			return notPassable
		}
		return passableWithConditions
	}
	return noReportedObstacle
}

// dated reports whether a version says when it was confirmed, and that this
// was not after the instant of the question.
func dated(v *geo.Version, at time.Time) bool {
	return v != nil && !v.LastConfirmedAt.IsZero() && !v.LastConfirmedAt.After(at)
}

// fresh reports whether a version was confirmed within the greatest age before
// the journey, or before the instant of the question where that is later: what
// is news today is none for a journey in three months.
func fresh(v *geo.Version, r *Request) bool {
	journey := r.At
	if r.DepartAt.After(journey) {
		journey = r.DepartAt
	}
	return dated(v, r.At) && !v.LastConfirmedAt.Before(journey.Add(-r.MaxAge))
}

// areaSpans gives the stretches of a line that run through an area, in metres
// of the line's own measure along. The cut is exact: what only has a box in
// common with the area has no stretch.
func areaSpans(line orb.LineString, along []float64, bound orb.Bound, area orb.MultiPolygon) []span {
	lengthM := along[len(along)-1]
	if !borderMeets(area, bound) {
		if overlay.Contains(area, line[0]) {
			return []span{{0, lengthM}}
		}
		return nil
	}
	clipped := overlay.Clip(line, area)
	if len(clipped) == 0 {
		return nil
	}
	scale := 1.0
	if total := measure.LengthM(line); total > 0 {
		scale = lengthM / total
	}
	out := make([]span, len(clipped))
	for i, c := range clipped {
		out[i] = span{c.From * scale, c.To * scale}
		if out[i].from < roundingM {
			out[i].from = 0
		}
		if out[i].to > lengthM-roundingM {
			out[i].to = lengthM
		}
	}
	return out
}

// roundingM is a length that only two ways of measuring make.
const roundingM = 1e-3

// borderMeets reports whether any segment of the area's border may touch a box.
// Where none does, the box lies wholly inside or wholly outside.
func borderMeets(area orb.MultiPolygon, b orb.Bound) bool {
	for _, polygon := range area {
		for _, ring := range polygon {
			for i := 1; i < len(ring); i++ {
				c, d := &ring[i-1], &ring[i]
				if c[0] > b.Max[0] && d[0] > b.Max[0] || c[0] < b.Min[0] && d[0] < b.Min[0] ||
					c[1] > b.Max[1] && d[1] > b.Max[1] || c[1] < b.Min[1] && d[1] < b.Min[1] {
					continue
				}
				if !beside(c, d, b) {
					return true
				}
			}
		}
	}
	return false
}

// beside reports whether a box surely lies on one side of the straight line
// through two points.
func beside(c, d *orb.Point, b orb.Bound) bool {
	dx, dy := d[0]-c[0], d[1]-c[1]
	// The corners furthest to either side; what rounding may do is far below.
	left := max(dx*(b.Min[1]-c[1]), dx*(b.Max[1]-c[1])) - min(dy*(b.Min[0]-c[0]), dy*(b.Max[0]-c[0]))
	right := min(dx*(b.Min[1]-c[1]), dx*(b.Max[1]-c[1])) - max(dy*(b.Min[0]-c[0]), dy*(b.Max[0]-c[0]))
	const rounding = 1e-12 // square degrees
	return left < -rounding || right > rounding
}

func contains(a *area, p orb.Point) bool {
	return a.bound.Contains(p) && overlay.Contains(a.polygons, p)
}
