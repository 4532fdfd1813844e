package coverage

import "pasaj/geo"

// certainty is how surely something is so and how surely it is not, by degree
// of evidence: at low for certain, at central by medium evidence, at high
// perhaps. What nobody knows perhaps is and perhaps is not.
type certainty struct{ is, not [degrees]bool }

// nobodyKnows is the certainty of what is not on record.
var nobodyKnows = certainty{is: [degrees]bool{high: true}, not: [degrees]bool{high: true}}

// certainBy is the certainty of what evidence of a degree says.
func certainBy(is bool, d degree) certainty {
	c := certainty{is: [degrees]bool{d <= low, d <= central, true}, not: [degrees]bool{high: d > low}}
	if !is {
		c.is, c.not = c.not, c.is
	}
	return c
}

func (c certainty) and(o certainty) certainty {
	for d := range degrees {
		c.is[d] = c.is[d] && o.is[d]
		c.not[d] = c.not[d] || o.not[d]
	}
	return c
}

func (c certainty) opposite() certainty { return certainty{is: c.not, not: c.is} }

// doubt is whether evidence tells neither that it is nor that it is not.
func (c certainty) doubt() certainty {
	var d certainty
	d.is[central] = !c.is[central] && !c.not[central]
	d.is[high] = !c.is[low] && !c.not[low]
	return d
}

// count adds one to the ends of a range that it counts in.
func (c certainty) count(r *Range) {
	for d, end := range []*float64{&r.Low, &r.Central, &r.High} {
		if c.is[d] {
			*end++
		}
	}
}

// word says what medium evidence tells.
func (c certainty) word() string {
	switch {
	case c.is[central]:
		return "yes"
	case c.not[central]:
		return "no"
	}
	return "unknown"
}

// inState is whether a facility functions in one of some ways.
func (s *scene) inState(v *geo.Version, states ...string) certainty {
	have := v.Text("functional")
	if have == "" || have == "unknown" {
		return nobodyKnows
	}
	for _, one := range states {
		if one == have {
			return certainBy(true, s.degree(v))
		}
	}
	return certainBy(false, s.degree(v))
}

// functions is whether a facility works, fully or in part.
func (s *scene) functions(v *geo.Version) certainty { return s.inState(v, "full", "partial") }

// assetRow counts records of which something is so.
type assetRow struct {
	amount           Range
	centre, possible counted
}

func (r *assetRow) add(s *scene, v *geo.Version, c certainty) {
	c.count(&r.amount)
	confidence := s.assess(v).Confidence
	if c.is[central] {
		r.centre.add(v.ID, confidence, 1)
	}
	if c.is[high] {
		r.possible.add(v.ID, confidence, 1)
	}
}

// value writes the row down with what is so by medium evidence, else with what
// may be so.
func (r *assetRow) value(s *scene, i *Indicator, t *target, whole *Whole, of ...string) Value {
	v := s.value(i, t, of...)
	v.Unit = UnitCount
	v.Amount, v.Whole = r.amount.rounded(), whole
	v.Share = r.amount.over(whole.Amount)
	if len(r.centre.ids) > 0 {
		s.trace(&v, &r.centre)
	} else {
		s.trace(&v, &r.possible)
	}
	return v
}
