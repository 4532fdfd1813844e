package coverage

import (
	"slices"
	"sync"

	"pasaj/geo"
)

// facilityEvidence are the facilities with what their news are worth.
type facilityEvidence struct {
	list      []placed
	worth     []geo.Assessment
	byCommune map[*region][]int

	mu       sync.Mutex
	subjects map[string][]weighedRecord // by sum of communes, whose list is asked for by several indicators
	rows     map[string]Value           // of those
}

func (s *scene) facilityEvidence() *facilityEvidence {
	out := &facilityEvidence{byCommune: map[*region][]int{}, subjects: map[string][]weighedRecord{}, rows: map[string]Value{}}
	for _, name := range facilityLayers {
		if !s.holds(name) {
			continue
		}
		for _, f := range s.standingFacilities(name) {
			if f.commune != nil {
				out.byCommune[f.commune] = append(out.byCommune[f.commune], len(out.list))
			}
			out.list, out.worth = append(out.list, placed{f.v, f.place, f.located, f.commune}), append(out.worth, f.worth)
		}
	}
	return out
}

// isSum reports whether an area is made of communes and has a name of its own.
func (t *target) isSum() bool { return t.level != LevelDrawn && t.level != LevelSection }

// row gives a figure of the facilities of an area that was made before: they do
// not depend on zones.
func (e *facilityEvidence) row(key string, find func() Value) Value {
	e.mu.Lock()
	v, ok := e.rows[key]
	e.mu.Unlock()
	if !ok {
		v = find()
		e.mu.Lock()
		defer e.mu.Unlock()
		e.rows[key] = v
	}
	return v
}

// in are the facilities of an area, by id.
func (e *facilityEvidence) in(t *target, byRegion map[*region][]int) []weighedRecord {
	kept := t.isSum()
	if kept {
		e.mu.Lock()
		have, ok := e.subjects[t.id]
		e.mu.Unlock()
		if ok {
			return have
		}
	}
	numbers := inArea(t, byRegion)
	out := make([]weighedRecord, len(numbers))
	for n, k := range numbers {
		out[n] = weighedRecord{e.list[k].v, e.worth[k], 1}
	}
	slices.SortStableFunc(out, func(a, b weighedRecord) int { return slices.Compare(a.v.ID[:], b.v.ID[:]) })
	if kept {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.subjects[t.id] = out
	}
	return out
}
