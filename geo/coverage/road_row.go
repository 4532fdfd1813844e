package coverage

import (
	"slices"
	"strings"

	"github.com/google/uuid"

	"pasaj/geo"
)

// roadRow is a figure of roads with the records that make it, by their metres.
type roadRow struct {
	metres byDegree
	of     map[*geo.Version]*byDegree
}

func (r *roadRow) add(v *geo.Version, d degree, m float64) {
	r.metres.add(d, m)
	r.trace(v, d, m)
}

func (r *roadRow) trace(v *geo.Version, d degree, m float64) {
	if r.of == nil {
		r.of = map[*geo.Version]*byDegree{}
	}
	if r.of[v] == nil {
		r.of[v] = &byDegree{}
	}
	r.of[v].add(d, m)
}

// counted are the records of the central figure, or of the high one where there
// is no central one.
func (s *scene) countedRoads(r *roadRow) *counted {
	versions := make([]*geo.Version, 0, len(r.of))
	for v := range r.of {
		versions = append(versions, v)
	}
	slices.SortFunc(versions, func(a, b *geo.Version) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, d := range []degree{central, high} {
		c := &counted{}
		for _, v := range versions {
			if m := r.of[v][d]; m > 0 {
				c.add(v.ID, s.assess(v).Confidence, m)
			}
		}
		if len(c.ids) > 0 {
			return c
		}
	}
	return &counted{}
}

// areaRoads are the stretches of an area, of one road or of all.
type areaRoads struct {
	stretches []*roadStretch
	lengthM   float64
	byRef     map[string]*areaRoads // nil in those of one road
	named     *Whole                // once it was asked for
}

// of gives the roads of an area, which several indicators ask for.
func (r *roadSurvey) of(t *target) *areaRoads {
	if have := r.byTarget[t]; have != nil {
		return have
	}
	out := &areaRoads{byRef: map[string]*areaRoads{}}
	r.byTarget[t] = out
	for _, region := range t.regions {
		for _, one := range r.byRegion[region] {
			ref := out.byRef[one.section.ref]
			if ref == nil {
				ref = &areaRoads{}
				out.byRef[one.section.ref] = ref
			}
			for _, a := range []*areaRoads{out, ref} {
				a.stretches = append(a.stretches, one)
				a.lengthM += one.lengthM
			}
		}
	}
	return out
}

// ids are the sections that the stretches belong to.
func (a *areaRoads) ids() []uuid.UUID {
	out := []uuid.UUID{}
	for _, one := range a.stretches {
		out = append(out, one.section.v.ID)
	}
	return sortIDs(out)
}

// precisionM is how far off the sections may be at most.
func (a *areaRoads) precisionM() float64 {
	most := 0.0
	for _, one := range a.stretches {
		most = max(most, one.section.v.PrecisionM())
	}
	return most
}

// source names where the sections come from.
func (a *areaRoads) source() string {
	origins := map[string]bool{}
	for _, one := range a.stretches {
		for _, reference := range one.section.v.Texts("references") {
			origins[reference] = true
		}
	}
	names := sortedKeys(origins)
	if len(names) == 0 {
		return "source not stated"
	}
	if len(names) > 6 {
		names = append(names[:6], "…")
	}
	return strings.Join(names, "; ")
}
