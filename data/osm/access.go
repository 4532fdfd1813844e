package osm

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"pasaj/geo"
)

// vehicle is a set of vehicle classes: bit i is class i of geo.VehicleClasses.
type vehicle uint16

var (
	foot      = classOf("foot")
	moto      = classOf("moto")
	ambulance = classOf("ambulance")
	everyone  = vehicle(1)<<len(geo.VehicleClasses) - 1
	offRoad   = foot | moto | classOf("suv4x4") | classOf("armoured")
)

func classOf(name string) vehicle {
	i := slices.IndexFunc(geo.VehicleClasses, func(w geo.Word) bool { return w.Value == name })
	return 1 << max(i, 0)
}

// accessKeys are the keys that speak of each class, from the most general to
// the most particular; what a later one says holds. An armoured vehicle is a
// motor vehicle of no particular kind; a 3.5 t truck carries goods but is no
// heavy goods vehicle, which begins above 3.5 t.
var accessKeys = func() [][]string {
	particular := map[string][]string{
		"foot":          {"foot"},
		"moto":          {"vehicle", "motor_vehicle", "motorcycle"},
		"car":           {"vehicle", "motor_vehicle", "motorcar"},
		"suv4x4":        {"vehicle", "motor_vehicle", "motorcar"},
		"ambulance":     {"vehicle", "motor_vehicle", "motorcar", "emergency"},
		"minibus":       {"vehicle", "motor_vehicle", "motorcar", "psv", "bus", "minibus"},
		"truck_3_5t":    {"vehicle", "motor_vehicle", "goods"},
		"truck_10t":     {"vehicle", "motor_vehicle", "hgv"},
		"truck_20t":     {"vehicle", "motor_vehicle", "hgv"},
		"truck_over20t": {"vehicle", "motor_vehicle", "hgv"},
		"armoured":      {"vehicle", "motor_vehicle"},
	}
	out := make([][]string, len(geo.VehicleClasses))
	for i, w := range geo.VehicleClasses {
		out[i] = append([]string{"access"}, particular[w.Value]...)
	}
	return out
}()

// allowed says what an access value means; a value that is not here, such as
// unknown, says nothing. Who has business there (destination, delivery,
// customers) may enter: a rule against passing through is not modelled.
var allowed = map[string]bool{
	"yes": true, "permissive": true, "designated": true, "official": true, "public": true, "destination": true,
	"delivery": true, "customers": true, "discouraged": true,
	"no": false, "private": false, "agricultural": false, "forestry": false, "agricultural;forestry": false,
	"military": false, "restricted": false, "permit": false, "residents": false, "use_sidepath": false, "emergency": false,
}

// accessOf says which classes may not enter, starting from those refused by the
// kind of road or barrier. With minor, a general access tag can only close: a
// footpath with access=yes is open to walkers, not to lorries.
func accessOf(t tags, refused vehicle, minor bool) vehicle {
	relevant := false
	for i := range t {
		switch t[i].key {
		case "access", "foot", "vehicle", "motor_vehicle", "motorcar", "motorcycle", "goods", "hgv", "psv", "bus", "minibus",
			"emergency", "motorroad", "4wd_only", "smoothness":
			relevant = true
		}
	}
	if !relevant {
		return refused
	}
	if t.get("motorroad") == "yes" {
		refused |= foot
	}
	for i, keys := range accessKeys {
		class := vehicle(1) << i
		for _, key := range keys {
			value := t.get(key)
			if value == "" {
				continue
			}
			if value == "emergency" && class == ambulance {
				value = "yes"
			}
			may, known := access(value)
			switch {
			case !known:
			case !may:
				refused |= class
			case key == "access" && refused&class != 0: // of the kind of way: stays
			case key == "vehicle" && minor: // a bicycle is a vehicle
			default:
				refused &^= class
			}
		}
	}
	// What the ground does not let through no sign can allow.
	if t.get("4wd_only") == "yes" {
		refused |= everyone &^ offRoad
	}
	switch t.get("smoothness") {
	case "very_horrible":
		refused |= everyone &^ offRoad
	case "impassable":
		refused |= everyone &^ foot
	}
	return refused
}

// access reads one value; of a list any that allows decides.
func access(value string) (may, known bool) {
	if may, known = allowed[value]; known {
		return may, true
	}
	for _, one := range strings.Split(value, ";") {
		m, k := allowed[strings.TrimSpace(one)]
		may, known = may || m, known || k
	}
	return may, known
}

var quantity = regexp.MustCompile(`^([0-9]+(?:[.,][0-9]+)?)\s*([a-zA-Z/]*)$`)

// number reads a figure with its unit; not ok when it is not one.
func number(value string) (n float64, unit string, ok bool) {
	m := quantity.FindStringSubmatch(strings.TrimSpace(value))
	if m == nil {
		return 0, "", false
	}
	n, err := strconv.ParseFloat(strings.Replace(m[1], ",", ".", 1), 64)
	if err != nil || math.IsInf(n, 0) {
		return 0, "", false
	}
	return n, strings.ToLower(m[2]), true
}

// loadOf gives the heaviest vehicle in tonnes, 0 for no limit known.
func loadOf(t tags) float64 {
	n, unit, ok := number(t.get("maxweight"))
	if !ok {
		return 0
	}
	factor, ok := map[string]float64{"": 1, "t": 1, "kg": .001, "st": .90718474, "lbs": .00045359237, "lb": .00045359237}[unit]
	return believed(n*factor, ok, 500)
}

var feetInches = regexp.MustCompile(`^([0-9]{1,2})'\s*(?:([0-9]{1,2})"?)?$`)

// heightOf gives the highest vehicle in metres, 0 for no limit known.
func heightOf(t tags) float64 {
	lowest := 0.0
	for _, key := range []string{"maxheight", "maxheight:physical"} {
		value := strings.TrimSpace(t.get(key))
		heightM := 0.0
		if m := feetInches.FindStringSubmatch(value); m != nil {
			feet, _ := strconv.ParseFloat(m[1], 64)
			inches, _ := strconv.ParseFloat("0"+m[2], 64)
			heightM = believed(feet*.3048+inches*.0254, true, 50)
		} else if n, unit, ok := number(value); ok {
			factor, known := map[string]float64{"": 1, "m": 1, "cm": .01, "ft": .3048}[unit]
			heightM = believed(n*factor, known, 50)
		}
		if heightM > 0 && (lowest == 0 || heightM < lowest) {
			lowest = heightM
		}
	}
	return lowest
}

// believed gives a limit unless it is nonsense.
func believed(n float64, ok bool, most float64) float64 {
	if !ok || n <= 0 || n > most {
		return 0
	}
	return math.Round(n*1000) / 1000
}
