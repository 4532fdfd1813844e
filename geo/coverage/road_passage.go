package coverage

import (
	"context"
	"slices"
	"time"

	"pasaj/geo"
)

// passageClasses are those that the last verified passage is told for.
var passageClasses = []string{"suv4x4", "ambulance", "truck_20t"}

// passageReport is a report that some class passed, or may pass.
type passageReport struct {
	placed
	ref      string
	sections bool // of a section of the road, else of a roadblock
	graded   degree
	classes  [3]bool
	regions  []*region // of a section: those it runs through
}

// passes are the words for a class that gets through.
var passes = []string{"yes", "pay", "ask", "escort"}

// fits reports whether a class may use a road up to the largest class named. An
// armoured vehicle is in no order with the others.
func fits(class, largest string) bool {
	if largest == "" || class == largest {
		return true
	}
	if class == "armoured" || largest == "armoured" {
		return false
	}
	place := func(name string) int {
		return slices.IndexFunc(geo.VehicleClasses, func(w geo.Word) bool { return w.Value == name })
	}
	return place(class) <= place(largest)
}

// passageReports reads every state on record up to the instant, past ones too:
// a road that is closed now was passed when it was last reported open.
func (s *scene) passageReports(roads *roadSurvey) []*passageReport {
	var out []*passageReport
	until := geo.Moment{Set: true, Period: geo.Period{To: s.at.Add(time.Microsecond)}}
	each := func(name string, do func(v *geo.Version)) {
		layer := s.world.Named(name)
		layer.Each(until, func(last *geo.Version) bool {
			item, _ := layer.Item(last.ID)
			for _, v := range item.Versions {
				if approved(v) && !v.Valid.From.After(s.at) && !v.LastConfirmedAt.IsZero() && !v.LastConfirmedAt.After(s.at) {
					do(v)
				}
			}
			return true
		})
	}
	each("roadblocks", func(v *geo.Version) {
		state := v.Text("state")
		if !isStanding(state) && state != "cleared" {
			return
		}
		r := &passageReport{graded: s.gradedAs(v)}
		by := passability(v)
		any := false
		for k, class := range passageClasses {
			r.classes[k] = slices.Contains(passes, by[class])
			any = any || r.classes[k]
		}
		if !any {
			return
		}
		r.placed, r.ref = s.place(v), roadRef(v.Text("road_ref"))
		if r.ref == "" && r.known {
			r.ref = roads.nearestRoad(r.at, onRoadM, v.PrecisionM())
		}
		out = append(out, r)
	})
	regions := map[[16]byte][]*region{}
	for _, r := range sortedRegions(roads.byRegion) {
		for _, one := range roads.byRegion[r] {
			if list := regions[one.section.v.ID]; len(list) == 0 || list[len(list)-1] != r {
				regions[one.section.v.ID] = append(list, r)
			}
		}
	}
	each("national-roads", func(v *geo.Version) {
		if status := v.Text("status"); status != "open" && status != "restricted" {
			return
		}
		r := &passageReport{sections: true, graded: s.gradedAs(v), ref: roadRef(v.Text("ref")), regions: regions[v.ID]}
		r.placed.v = v
		for k, class := range passageClasses {
			r.classes[k] = fits(class, v.Text("max_class"))
		}
		out = append(out, r)
	})
	return out
}

// gradedAs is the degree of a report by its grade when it was confirmed: its age
// is what is measured, so it is not counted twice.
func (s *scene) gradedAs(v *geo.Version) degree {
	return degreeOf(geo.Assessment{Label: s.world.Model().Label(v.Confidence)})
}

func sortedRegions[V any](m map[*region]V) []*region {
	out := make([]*region, 0, len(m))
	for r := range m {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b *region) int {
		if a.level != b.level {
			return slices.Index(levels, a.level) - slices.Index(levels, b.level)
		}
		switch {
		case a.id < b.id:
			return -1
		case a.id > b.id:
			return 1
		}
		return 0
	})
	return out
}

var noPassage = said("Aucun passage vérifié au registre : ne pas considérer comme ouverte.", "Pa gen pasaj verifye nan rejis la : pa konsidere l louvri.",
	"No verified passage on record: not to be taken for open.")

// measureLastPassage is R5: the hours since the last report that a class passed
// on each national road in an area, and on the corridor of each of the capital's
// road gates. Reports are states of roadblocks that let the class pass freely, by
// payment, on request or with escort, and states of sections that are open or
// restricted to no smaller class, by when they were last confirmed. Low is the
// last report of any grade, central the last of at least medium confidence when
// it was confirmed, high the last of high confidence; where there is none so
// good, the next lesser figure.
func measureLastPassage(ctx context.Context, s *scene, i *Indicator) ([]Value, error) {
	roads, err := s.roads(ctx)
	if err != nil {
		return nil, err
	}
	reports := s.passageReports(roads)
	places := make([]placed, len(reports))
	for k, r := range reports {
		places[k] = r.placed
	}
	byRegion := s.byRegion(places)
	for k, r := range reports {
		for _, one := range r.regions {
			byRegion[one] = append(byRegion[one], k)
		}
	}
	var out []Value
	for _, t := range s.targets {
		refs := map[string][]*passageReport{}
		for ref := range roads.of(t).byRef {
			refs[ref] = nil
		}
		for _, k := range inArea(t, byRegion) {
			if ref := reports[k].ref; ref != "" {
				refs[ref] = append(refs[ref], reports[k])
			}
		}
		if len(refs) == 0 && !t.hasGates() {
			out = append(out, s.notMeasured(i, t, noRoad))
			continue
		}
		for _, ref := range sortedKeys(refs) {
			for k, class := range passageClasses {
				out = append(out, s.lastPassage(i, t, refs[ref], k, "ref", ref, "vehicle_class", class))
			}
		}
		if !t.hasGates() {
			continue
		}
		for _, c := range s.corridors(roads) {
			var list []*passageReport
			for _, r := range reports {
				if r.sections && slices.Contains(c.refs, r.ref) && slices.ContainsFunc(r.regions, func(one *region) bool { return c.communes[one] }) ||
					!r.sections && c.takes(&r.placed) {
					list = append(list, r)
				}
			}
			for k, class := range passageClasses {
				out = append(out, s.lastPassage(i, t, list, k, "gate", c.id, "vehicle_class", class))
			}
		}
	}
	return out, nil
}

func (s *scene) lastPassage(i *Indicator, t *target, list []*passageReport, class int, of ...string) Value {
	var last [degrees]*passageReport
	for _, r := range list {
		if !r.classes[class] {
			continue
		}
		for d := r.graded; d < degrees; d++ {
			if last[d] == nil || r.v.LastConfirmedAt.After(last[d].v.LastConfirmedAt) {
				last[d] = r
			}
		}
	}
	if last[high] == nil {
		return s.notMeasured(i, t, noPassage, of...)
	}
	v := s.value(i, t, of...)
	c := &counted{}
	hours := [degrees]float64{}
	for _, d := range []degree{high, central, low} { // from any report to the best ones
		if last[d] == nil {
			last[d] = last[d+1]
		}
		hours[d] = s.at.Sub(last[d].v.LastConfirmedAt).Hours()
	}
	c.add(last[central].v.ID, last[central].v.Confidence, 1)
	v.Amount = Range{hours[high], hours[central], hours[low]}.rounded()
	s.trace(&v, c)
	return v
}
