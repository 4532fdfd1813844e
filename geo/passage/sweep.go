package passage

import (
	"cmp"
	"slices"
	"time"

	"pasaj/geo"
)

// sums are what a sweep along the way adds up.
type sums struct {
	control       []ControlLength
	groups        []GroupLength
	unassessedM   float64
	unobservedM   float64
	unobservedAtM float64 // start of the longest stretch without news
	ages          []agedLength
}

// agedLength is a length of way whose youngest evidence has an age.
type agedLength struct {
	age     time.Duration
	lengthM float64
}

// cover is a piece of evidence on a stretch of the way.
type cover struct {
	span
	control  string // of a zone
	holders  []geo.Holder
	dated    bool
	observes bool
	age      time.Duration
}

// sweep cuts the way wherever evidence begins or ends and gives every metre one
// control type by precedence, its groups, and the youngest evidence.
func (e *evidence) sweep(w *way, zones []*crossing[*zone], sections []*crossing[*section], seen []*crossing[*obstacle]) sums {
	var covers []cover
	for _, c := range zones {
		v := c.what.version
		for _, s := range c.spans {
			covers = append(covers, cover{span: s, control: c.what.control, holders: v.Holders,
				dated: dated(v, e.request) && c.what.control != "unknown", observes: c.what.observes, age: c.what.assessment.Age})
		}
	}
	for _, c := range sections {
		for _, s := range c.spans {
			covers = append(covers, cover{span: s, dated: dated(c.what.version, e.request), observes: c.what.observes, age: c.what.assessment.Age})
		}
	}
	for _, c := range seen {
		for _, s := range c.spans {
			covers = append(covers, cover{span: s, dated: c.what.dated, observes: c.what.observes, age: c.what.assessment.Age})
		}
	}
	cuts := []float64{0, w.lengthM}
	for _, c := range covers {
		cuts = append(cuts, c.from, c.to)
	}
	slices.Sort(cuts)

	out := sums{}
	byControl, byGroup := map[string]float64{}, map[string]float64{}
	silentFrom, longest := -1.0, 0.0
	for i := 1; i < len(cuts); i++ {
		from, to := cuts[i-1], cuts[i]
		if from == to {
			continue
		}
		here := at(covers, (from+to)/2)
		control := out.add(here, to-from, byGroup)
		if control == "" {
			out.unassessedM += to - from
		} else {
			byControl[control] += to - from
		}
		if slices.ContainsFunc(here, func(c cover) bool { return c.observes }) {
			silentFrom = -1
			continue
		}
		out.unobservedM += to - from
		if silentFrom < 0 {
			silentFrom = from
		}
		if to-silentFrom > longest {
			longest, out.unobservedAtM = to-silentFrom, silentFrom
		}
	}
	out.control = []ControlLength{}
	for _, control := range geo.ControlPrecedence {
		if m := byControl[control]; m > 0 {
			out.control = append(out.control, ControlLength{control, metres(m)})
		}
	}
	out.groups = []GroupLength{}
	for group, m := range byGroup {
		out.groups = append(out.groups, GroupLength{group, metres(m)})
	}
	slices.SortFunc(out.groups, func(a, b GroupLength) int {
		return cmp.Or(cmp.Compare(b.LengthM, a.LengthM), cmp.Compare(a.Group, b.Group))
	})
	return out
}

// at lists the evidence at a place.
func at(covers []cover, m float64) []cover {
	var out []cover
	for _, c := range covers {
		if c.from <= m && m <= c.to {
			out = append(out, c)
		}
	}
	return out
}

// add counts the groups and the age of a stretch and names its control type,
// "" where no zone lies.
func (s *sums) add(here []cover, lengthM float64, byGroup map[string]float64) string {
	control, groups := "", map[string]bool{}
	youngest, has := time.Duration(0), false
	for _, c := range here {
		if c.control != "" && (control == "" || slices.Index(geo.ControlPrecedence, c.control) < slices.Index(geo.ControlPrecedence, control)) {
			control = c.control
		}
		for _, h := range c.holders {
			groups[h.Group] = true
		}
		if c.dated && (!has || c.age < youngest) {
			youngest, has = c.age, true
		}
	}
	for group := range groups {
		byGroup[group] += lengthM
	}
	if has {
		s.ages = append(s.ages, agedLength{youngest, lengthM})
	}
	return control
}

// oldest gives the greatest and the median age of the youngest evidence along
// the way, in hours, where there is any.
func (s *sums) oldest() (oldest, median *float64) {
	if len(s.ages) == 0 {
		return nil, nil
	}
	slices.SortFunc(s.ages, func(a, b agedLength) int { return cmp.Compare(a.age, b.age) })
	total := 0.0
	for _, a := range s.ages {
		total += a.lengthM
	}
	half := 0.0
	for _, a := range s.ages {
		if half += a.lengthM; half >= total/2 {
			h := hours(a.age)
			median = &h
			break
		}
	}
	h := hours(s.ages[len(s.ages)-1].age)
	return &h, median
}
