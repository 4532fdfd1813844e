package geo

import "math"

// Residents gives every commune its people, by p-code, from the states of
// administrative areas that hold at one time. Where the record gives only those
// of a department, what is left of them is spread over its other communes by
// published area, which is Pasaj's own estimate; those are estimated. A commune
// of a department without figures is left out. Communal sections have people
// only where the record says so.
func Residents(areas []*Version) (people map[string]float64, estimated map[string]bool) {
	people, estimated = map[string]float64{}, map[string]bool{}
	left, known, ground := map[string]float64{}, map[string]bool{}, map[string]float64{}
	km2 := func(v *Version) float64 {
		published, _ := v.Number("area_km2")
		return math.Max(published, 1)
	}
	department := func(v *Version) string {
		if parent := v.Text("parent_pcode"); parent != "" {
			return parent
		}
		return v.Text("pcode")[:min(4, len(v.Text("pcode")))]
	}
	for _, v := range areas {
		number, has := v.Number("population")
		switch level, _ := v.Number("level"); {
		case level == 1 && has:
			left[v.Text("pcode")] += number
			known[v.Text("pcode")] = true
		case level == 2 && has:
			people[v.Text("pcode")] = number
			left[department(v)] -= number
		case level == 2:
			ground[department(v)] += km2(v)
		case level == 3 && has:
			people[v.Text("pcode")] = number
		}
	}
	for _, v := range areas {
		_, has := v.Number("population")
		if level, _ := v.Number("level"); level == 2 && !has && known[department(v)] {
			people[v.Text("pcode")] = math.Round(math.Max(left[department(v)], 0) * km2(v) / ground[department(v)])
			estimated[v.Text("pcode")] = true
		}
	}
	return people, estimated
}
