package coverage

import (
	"context"
	"encoding/json"

	"pasaj/geo"
)

// crossingType is the facility_type of border crossings.
const crossingType = "border_crossing"

var borderIndicator = &Indicator{
	Code: "B1", Version: 1, Unit: UnitCount, Layers: []string{"facilities"}, measure: measureCrossings,
	Title: geo.Text{
		French:  "Passages frontaliers officiels ouverts avec douane et police",
		Haitian: "Pòs fwontyè ofisyèl ki louvri ak ladwàn ak lapolis",
		English: "Official border crossings operating with customs and police",
	},
}

// crossingAttributes is what a crossing's attributes say of it.
type crossingAttributes struct {
	Official  *bool             `json:"official"`
	Irregular bool              `json:"irregular"`
	Staffing  map[string]string `json:"staffing"` // customs, police, migration: yes, no, unknown
}

// attributesOf reads a crossing's attributes; what does not parse says nothing.
func attributesOf(v *geo.Version) (a crossingAttributes) {
	if raw, ok := v.Value("attributes").(json.RawMessage); ok {
		if json.Unmarshal(raw, &a) != nil {
			return crossingAttributes{}
		}
	}
	return a
}

// crossings are the official border crossings on record, or the others.
func (s *scene) crossings(official bool) []*hub {
	var out []*hub
	for _, h := range s.hubsOf("facilities", crossingType) {
		a := attributesOf(h.v)
		if is := !a.Irregular && (a.Official == nil || *a.Official); is == official {
			out = append(out, h)
		}
	}
	return out
}

// service is whether a crossing has a service: by its staffing, else, where it
// says that nobody at all is there, not.
func (s *scene) service(v *geo.Version, a *crossingAttributes, name string) certainty {
	switch a.Staffing[name] {
	case "yes":
		return certainBy(true, s.degree(v))
	case "no":
		return certainBy(false, s.degree(v))
	}
	if v.Text("staffed") == "no" {
		return certainBy(false, s.degree(v))
	}
	return nobodyKnows
}

// staffingKnown reports whether the record says if customs and police are there.
func staffingKnown(v *geo.Version, a *crossingAttributes) bool {
	known := func(word string) bool { return word == "yes" || word == "no" }
	return v.Text("staffed") == "no" || known(a.Staffing["customs"]) && known(a.Staffing["police"])
}

var noStaffing = geo.Text{
	French:  "Le registre ne dit d’aucun passage si la douane et la police y sont (attributes.staffing).",
	Haitian: "Rejis la pa di pou okenn pòs si ladwàn ak lapolis ladan l (attributes.staffing).",
	English: "The record says of no crossing whether customs and police are there (attributes.staffing).",
}

// B1. Official border crossings that function fully or in part and have customs
// and police, of those on record; beside it those operating at all, those with
// customs and police, and those of which medium evidence tells neither.
func measureCrossings(_ context.Context, s *scene, i *Indicator) ([]Value, error) {
	mayFunction, mayStaff := s.seesProperty("facilities", "functional"), s.seesProperty("facilities", "attributes")
	var out []Value
	for _, t := range s.targets {
		if !mayFunction || !mayStaff {
			v := s.value(i, t)
			v.Status = Withheld
			out = append(out, v)
			continue
		}
		here := hubsIn(t, s.crossings(true))
		if len(here) == 0 {
			out = append(out, s.notMeasured(i, t, noneHere))
			continue
		}
		whole := &Whole{
			Name:   prefixed(geo.Text{French: "passages officiels au registre, ", Haitian: "pòs ofisyèl ki nan rejis la, ", English: "official crossings on record, "}, t.title()),
			Amount: float64(len(here)), Unit: UnitCount, Source: "record",
		}
		var both, operating, staffed, unknown assetRow
		known := 0
		for _, h := range here {
			a := attributesOf(h.v)
			works := s.functions(h.v)
			services := s.service(h.v, &a, "customs").and(s.service(h.v, &a, "police"))
			if staffingKnown(h.v, &a) {
				known++
			}
			operating.add(s, h.v, works)
			staffed.add(s, h.v, services)
			both.add(s, h.v, works.and(services))
			unknown.add(s, h.v, works.and(services).doubt())
		}
		rows := []struct {
			of  []string
			row *assetRow
			all bool // needs staffing
		}{{nil, &both, true}, {[]string{"part", "operating"}, &operating, false}, {[]string{"part", "customs_and_police"}, &staffed, true}, {[]string{"status", "unknown"}, &unknown, false}}
		for _, r := range rows {
			if r.all && known == 0 {
				out = append(out, s.notMeasured(i, t, noStaffing, r.of...))
				continue
			}
			v := r.row.value(s, i, t, whole, r.of...)
			if r.of == nil && t.level == LevelCountry {
				v.Baseline = s.engine.compare("border_crossings_official", v.Amount, len(here), "border_crossings_official")
			}
			out = append(out, v)
		}
	}
	return out, nil
}
