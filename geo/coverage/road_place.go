package coverage

import (
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// placed is a record with a place for counting by area.
type placed struct {
	v       *geo.Version
	at      orb.Point
	known   bool // at is a place
	commune *region
}

// place finds where a record lies: a line by its middle, and one without a place
// by the commune that it names.
func (s *scene) place(v *geo.Version) placed {
	out := placed{v: v, known: true}
	switch g := v.Geometry.(type) {
	case orb.Point:
		out.at = g
	case orb.LineString:
		l := s.engine.cuts.line(g)
		out.at = l.point(l.position(0, l.alongM[len(l.alongM)-1]/2))
	default:
		out.known = false
	}
	if out.known {
		out.commune = s.engine.spots.locate(s.ground, out.at)
	}
	if out.commune == nil {
		out.commune = s.ground.communes[v.Text("commune")]
	}
	return out
}

// byRegion sorts records: which of them lie in each region that is answered
// for. Those that name a commune only lie in nothing finer.
func (s *scene) byRegion(list []placed) map[*region][]int {
	out := map[*region][]int{}
	fine := map[*region]bool{}
	for _, t := range s.asked() {
		for _, r := range t.regions {
			if r.level != LevelCommune {
				fine[r] = true
			}
		}
	}
	for i := range list {
		if list[i].commune != nil {
			out[list[i].commune] = append(out[list[i].commune], i)
		}
	}
	for r := range fine {
		box := r.box()
		for i := range list {
			if list[i].known && box.Contains(list[i].at) && overlay.Contains(r.area, list[i].at) {
				out[r] = append(out[r], i)
			}
		}
	}
	return out
}

// inArea joins the records of an area's regions, in their order.
func inArea(t *target, by map[*region][]int) []int {
	var out []int
	for _, r := range t.regions {
		out = append(out, by[r]...)
	}
	slices.Sort(out)
	return slices.Compact(out)
}
