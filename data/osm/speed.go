package osm

import (
	"strings"

	"pasaj/geo/road"
)

// precisionM is how far a road of OpenStreetMap lies from the true one, as a
// rule: comparisons with survey data found six metres on average (Haklay 2010,
// doi 10.1068/b35097), and Haiti's roads were drawn from images of half a metre
// to a few metres that were themselves some metres off. Pasaj's own estimate.
const precisionM = 10

// condition is what wheels meet.
type condition int

const (
	conditionUnknown condition = iota
	paved
	gravel
	earth
	poor
)

// surfaces gives one spelling for each surface, and what it is to drive on.
var surfaces = map[string]struct {
	as    string
	state condition
}{
	"asphalt": {"asphalt", paved}, "concrete": {"concrete", paved}, "concrete:plates": {"concrete", paved}, "concrete:lanes": {"concrete", paved},
	"paved": {"paved", paved}, "chipseal": {"asphalt", paved}, "paving_stones": {"paving_stones", paved}, "bricks": {"paving_stones", paved},
	"sett": {"cobblestone", gravel}, "cobblestone": {"cobblestone", gravel}, "unhewn_cobblestone": {"cobblestone", gravel}, "cobblestone:flattened": {"cobblestone", gravel},
	"metal": {"metal", paved}, "wood": {"wood", gravel},
	"compacted": {"compacted", gravel}, "gravel": {"gravel", gravel}, "fine_gravel": {"gravel", gravel}, "pebblestone": {"gravel", gravel},
	"unpaved": {"unpaved", earth}, "dirt": {"earth", earth}, "earth": {"earth", earth}, "ground": {"earth", earth}, "soil": {"earth", earth}, "clay": {"earth", earth}, "dirt/sand": {"earth", earth},
	"grass": {"grass", poor}, "sand": {"sand", poor}, "mud": {"mud", poor}, "rock": {"rock", poor}, "rocks": {"rock", poor}, "stone": {"rock", poor}, "rocky": {"rock", poor},
}

// surfaceOf spells a surface, of several the first; unknown tells a value that
// is not in the table.
func surfaceOf(value string) (surface string, state condition, unknown bool) {
	first, _, _ := strings.Cut(strings.ToLower(value), ";")
	if first = strings.TrimSpace(first); first == "" {
		return "", conditionUnknown, false
	}
	s, ok := surfaces[first]
	return s.as, s.state, !ok
}

// worsen is what the surface promises, or worse when smoothness or the grade of
// a track say so.
func worsen(state condition, smoothness, tracktype string) condition {
	if worse, ok := map[string]condition{
		"bad": gravel, "very_bad": earth, "horrible": poor, "very_horrible": poor, "impassable": poor,
	}[smoothness]; ok {
		state = max(state, worse)
	}
	if grade, ok := map[string]condition{"grade2": gravel, "grade3": earth, "grade4": poor, "grade5": poor}[tracktype]; ok {
		state = max(state, grade)
	}
	return state
}

// carKmh is the mean speed of a car in ordinary traffic, stops included, by
// class and by what it drives on. The first column, for a surface that nobody
// recorded, is the class mean that passages use where a network gives no speed;
// the others are Pasaj's own estimates around it. They order ways and give
// times of arrival, and are not measured.
var carKmh = map[string][poor + 1]float64{
	//                        unknown paved gravel earth poor
	road.ClassNational:     {40, 45, 35, 25, 15},
	road.ClassDepartmental: {30, 38, 28, 20, 12},
	road.ClassCommunal:     {20, 28, 22, 16, 10},
	road.ClassUrban:        {18, 20, 17, 14, 10},
	road.ClassAccess:       {12, 18, 14, 11, 7},
}

// speedKmh is the speed of a car, never above what is posted.
func speedKmh(class string, state condition, maxKmh float64) float64 {
	kmh := carKmh[class][state]
	if maxKmh > 0 {
		kmh = min(kmh, maxKmh)
	}
	return kmh
}

// postedKmh reads a maxspeed in km/h; 0 for none or one that is no figure.
func postedKmh(value string) float64 {
	n, unit, ok := number(value)
	if !ok {
		return 0
	}
	factor, ok := map[string]float64{"": 1, "km/h": 1, "kmh": 1, "kph": 1, "mph": 1.609344, "knots": 1.852}[unit]
	kmh := believed(n*factor, ok, 200)
	if kmh < 3 {
		return 0 // a slip of the hand: nobody posts less than a walk
	}
	return kmh
}
