package osm

import (
	"regexp"
	"slices"
	"strings"

	"pasaj/geo/road"
)

// highway says what a value of the highway tag means: the class of a road that
// has no number, and who may use it before any access tag.
type highway struct {
	class  string
	town   string  // class within a town, when it differs
	refuse vehicle // classes that may not enter
	oneway bool
	minor  bool // made for walking: a general access=yes opens it to nobody else
}

// highways are the roads. The classes follow the use of the tags in Haiti, where
// primary, secondary and tertiary roads are the national, departmental and
// communal ones; but an avenue of the capital is primary too, so that only a
// number, a trunk road or a motorway makes a road national.
var highways = map[string]highway{
	"motorway":       {class: road.ClassNational, refuse: foot, oneway: true},
	"motorway_link":  {class: road.ClassNational, refuse: foot, oneway: true},
	"trunk":          {class: road.ClassNational},
	"trunk_link":     {class: road.ClassNational},
	"primary":        {class: road.ClassDepartmental},
	"primary_link":   {class: road.ClassDepartmental},
	"secondary":      {class: road.ClassDepartmental},
	"secondary_link": {class: road.ClassDepartmental},
	"tertiary":       {class: road.ClassCommunal},
	"tertiary_link":  {class: road.ClassCommunal},
	"unclassified":   {class: road.ClassCommunal, town: road.ClassUrban},
	"residential":    {class: road.ClassUrban},
	"living_street":  {class: road.ClassUrban},
	"pedestrian":     {class: road.ClassUrban, refuse: everyone &^ (foot | moto), minor: true},
	"road":           {class: road.ClassAccess, town: road.ClassUrban},
	"service":        {class: road.ClassAccess},
	"track":          {class: road.ClassAccess},
	"path":           {class: road.ClassAccess, refuse: everyone &^ (foot | moto), minor: true},
	"footway":        {class: road.ClassAccess, refuse: everyone &^ (foot | moto), minor: true},
	"bridleway":      {class: road.ClassAccess, refuse: everyone &^ (foot | moto), minor: true},
	"cycleway":       {class: road.ClassAccess, refuse: everyone &^ (foot | moto), minor: true},
	"steps":          {class: road.ClassAccess, refuse: everyone &^ foot, minor: true},
}

// Reasons for which a way of the highway key gives no road.
const (
	notBuilt      = "planned, under construction, abandoned or removed"
	notRoad       = "highway value that is no road"
	anArea        = "an area, not a line"
	aFerry        = "ferry: its hours are not known"
	tooFewNodes   = "fewer than two nodes with coordinates"
	tooManyNodes  = "more nodes than any road can have"
	duplicateID   = "a way of the same number was read before"
	duplicateLine = "runs over the very nodes of other ways"
	noLength      = "no length"
	outsideArea   = "outside the area"
)

var notBuiltValues = map[string]bool{
	"construction": true, "proposed": true, "planned": true, "abandoned": true, "disused": true, "razed": true,
	"demolished": true, "removed": true, "dismantled": true, "historic": true, "no": true,
}

// attributes are what the tags of a way say of the road.
type attributes struct {
	class    string
	townKind string // class when the road lies in a town
	ref      string
	name     string
	surface  string
	barrier  string
	oneway   int8 // 1 along the nodes, -1 against them, 0 both ways
	bridge   bool
	tunnel   bool
	refuse   vehicle
	loadT    float64
	heightM  float64
	state    condition
	maxKmh   float64

	reversible, unknownSurface bool
}

// attributesOf reads the tags of a way. dropped says why the way is no road, ""
// when it is one.
func attributesOf(t tags) (a attributes, dropped string) {
	value := t.get("highway")
	if value == "" {
		return a, aFerry
	}
	kind, ok := highways[value]
	switch {
	case notBuiltValues[value]:
		return a, notBuilt
	case !ok:
		return a, notRoad
	case t.get("area") == "yes":
		return a, anArea
	}
	a.name = nameOf(t)
	a.ref, a.class = numberOf(t, a.name)
	if a.class == "" {
		a.class, a.townKind = kind.class, kind.town
	}
	a.oneway, a.reversible = onewayOf(t, kind)
	a.bridge = isSet(t.get("bridge")) || t.get("man_made") == "bridge"
	a.tunnel = isSet(t.get("tunnel"))
	a.refuse = accessOf(t, kind.refuse, kind.minor)
	a.loadT, a.heightM = loadOf(t), heightOf(t)
	a.surface, a.state, a.unknownSurface = surfaceOf(t.get("surface"))
	a.state = worsen(a.state, t.get("smoothness"), t.get("tracktype"))
	a.maxKmh = postedKmh(t.get("maxspeed"))
	a.barrier = cut(barrierKind(t), maxWord)
	return a, ""
}

// edge fills in what the road network keeps.
func (a *attributes) edge(inTown bool) road.EdgeInput {
	class := a.class
	if inTown && a.townKind != "" {
		class = a.townKind
	}
	return road.EdgeInput{
		Ref: a.ref, Name: a.name, Class: class, Surface: a.surface, Oneway: a.oneway != 0,
		Bridge: a.bridge, Tunnel: a.tunnel, SpeedKmh: speedKmh(class, a.state, a.maxKmh),
		Access: uint16(a.refuse), MaxLoadT: a.loadT, MaxHeightM: a.heightM,
		Barrier: a.barrier, PrecisionM: precisionM,
	}
}

var (
	// RN1, RN 1, rn-1a, RD101, RC 23
	roadNumber = regexp.MustCompile(`(?i)^\s*(RN|RD|RC)\s*[-.]?\s*([0-9]{1,4})\s*([A-Z]?)\s*$`)
	// Route Nationale #1, Nationale No 2, Rte Départementale 101
	numberInName = regexp.MustCompile(`(?i)^\s*(?:(?:route|rte\.?)\s+)?(nationale|d[ée]partementale|communale)\s*(?:#|num[ée]ro|n[o°º]\.?|no)?\s*([0-9]{1,4})\s*([A-Z]?)\s*$`)
)

// numberOf gives the road's numbers in one spelling, and its class when a
// number names one: RN beats RD beats RC, and all of them beat the highway
// value. A road without a number takes it from a name such as Route Nationale
// #2.
func numberOf(t tags, name string) (ref, class string) {
	var refs []string
	best := len(numberedClasses)
	for _, one := range strings.FieldsFunc(t.get("ref"), func(r rune) bool { return r == ';' || r == ',' }) {
		one = strings.TrimSpace(one)
		if m := roadNumber.FindStringSubmatch(one); m != nil {
			prefix := strings.ToUpper(m[1])
			one = prefix + m[2] + strings.ToUpper(m[3])
			best = min(best, slices.Index(numberedClasses, prefix))
		}
		if one != "" && !slices.Contains(refs, one) {
			refs = append(refs, one)
		}
	}
	if len(refs) == 0 {
		if m := numberInName.FindStringSubmatch(name); m != nil {
			prefix := map[byte]string{'n': road.ClassNational, 'd': road.ClassDepartmental, 'c': road.ClassCommunal}[strings.ToLower(m[1])[0]]
			refs = append(refs, prefix+m[2]+strings.ToUpper(m[3]))
			best = slices.Index(numberedClasses, prefix)
		}
	}
	if best < len(numberedClasses) {
		class = numberedClasses[best]
	}
	return cut(strings.Join(refs, ";"), maxText), class
}

var numberedClasses = []string{road.ClassNational, road.ClassDepartmental, road.ClassCommunal}

// nameOf takes the first name there is.
func nameOf(t tags) string {
	for _, key := range []string{"name", "name:fr", "name:ht", "official_name", "loc_name", "alt_name", "old_name"} {
		if name := strings.TrimSpace(t.get(key)); name != "" {
			return cut(name, maxText)
		}
	}
	return ""
}

// onewayOf says in which direction of the nodes a road may be driven. A
// reversible lane is open in both directions at some hour, and so both ways.
func onewayOf(t tags, kind highway) (direction int8, reversible bool) {
	switch t.get("oneway") {
	case "yes", "true", "1":
		return 1, false
	case "-1", "reverse":
		return -1, false
	case "reversible", "alternating":
		return 0, true
	case "no", "false", "0":
		return 0, false
	}
	switch t.get("junction") {
	case "roundabout", "circular":
		return 1, false
	}
	if kind.oneway {
		return 1, false
	}
	return 0, false
}

func isSet(value string) bool {
	return value != "" && value != "no" && value != "false" && value != "0"
}

// The most bytes that the network keeps of a text.
const (
	maxText = 900
	maxWord = 90
)

// cut shortens a text to at most n bytes, between characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && s[n]&0xC0 == 0x80 {
		n--
	}
	return s[:n]
}
