package osm

import (
	"strings"
	"testing"

	"pasaj/geo"
	"pasaj/geo/road"
)

// written makes tags of key=value pairs.
func written(text string) tags {
	var out tags
	for _, pair := range strings.Split(text, "|") {
		if key, value, ok := strings.Cut(pair, "="); ok {
			out = append(out, tag{key, value})
		}
	}
	return out
}

// names lists the classes of a set.
func names(v vehicle) string {
	var out []string
	for i, w := range geo.VehicleClasses {
		if v&(1<<i) != 0 {
			out = append(out, w.Value)
		}
	}
	return strings.Join(out, " ")
}

func TestClassOfRoad(t *testing.T) {
	for _, c := range []struct{ tags, class, town, ref, dropped string }{
		{tags: "highway=motorway", class: road.ClassNational},
		{tags: "highway=trunk_link", class: road.ClassNational},
		{tags: "highway=primary", class: road.ClassDepartmental},
		{tags: "highway=primary|ref=RN1", class: road.ClassNational, ref: "RN1"},
		{tags: "highway=primary|ref=rn 1 a", class: road.ClassNational, ref: "RN1A"},
		{tags: "highway=tertiary|ref=RN-3", class: road.ClassNational, ref: "RN3"},
		{tags: "highway=track|ref=RD 101", class: road.ClassDepartmental, ref: "RD101"},
		{tags: "highway=trunk|ref=RC23", class: road.ClassCommunal, ref: "RC23"},
		{tags: "highway=residential|ref=RD101; RN2;RD101", class: road.ClassNational, ref: "RD101;RN2"},
		{tags: "highway=primary|ref=DR-2", class: road.ClassDepartmental, ref: "DR-2"},
		{tags: "highway=primary|ref=RN", class: road.ClassDepartmental, ref: "RN"},
		{tags: "highway=primary|name=Route Nationale #2", class: road.ClassNational, ref: "RN2"},
		{tags: "highway=primary|name=Nationale No 2", class: road.ClassNational, ref: "RN2"},
		{tags: "highway=secondary|name=Route Départementale 101", class: road.ClassDepartmental, ref: "RD101"},
		{tags: "highway=secondary|name=Rue Nationale", class: road.ClassDepartmental},
		{tags: "highway=secondary", class: road.ClassDepartmental},
		{tags: "highway=tertiary_link", class: road.ClassCommunal},
		{tags: "highway=unclassified", class: road.ClassCommunal, town: road.ClassUrban},
		{tags: "highway=residential", class: road.ClassUrban},
		{tags: "highway=living_street", class: road.ClassUrban},
		{tags: "highway=road", class: road.ClassAccess, town: road.ClassUrban},
		{tags: "highway=service", class: road.ClassAccess},
		{tags: "highway=track", class: road.ClassAccess},
		{tags: "highway=path", class: road.ClassAccess},
		{tags: "highway=construction|construction=primary", dropped: notBuilt},
		{tags: "highway=proposed", dropped: notBuilt},
		{tags: "highway=platform", dropped: notRoad},
		{tags: "highway=street_lamp", dropped: notRoad},
		{tags: "highway=pedestrian|area=yes", dropped: anArea},
		{tags: "route=ferry|ref=RN1", dropped: aFerry},
	} {
		a, dropped := attributesOf(written(c.tags))
		if dropped != c.dropped || a.class != c.class || a.townKind != c.town || a.ref != c.ref {
			t.Errorf("%s: class %q, in town %q, ref %q, dropped %q; want %q, %q, %q, %q", c.tags, a.class, a.townKind, a.ref, dropped, c.class, c.town, c.ref, c.dropped)
		}
	}
}

func TestOneway(t *testing.T) {
	for _, c := range []struct {
		tags       string
		oneway     int8
		reversible bool
	}{
		{"highway=residential", 0, false},
		{"highway=residential|oneway=yes", 1, false},
		{"highway=residential|oneway=1", 1, false},
		{"highway=residential|oneway=-1", -1, false},
		{"highway=residential|oneway=reverse", -1, false},
		{"highway=primary|oneway=reversible", 0, true},
		{"highway=primary|oneway=alternating|junction=roundabout", 0, true},
		{"highway=primary|junction=roundabout", 1, false},
		{"highway=primary|junction=circular", 1, false},
		{"highway=primary|junction=roundabout|oneway=no", 0, false},
		{"highway=motorway", 1, false},
		{"highway=motorway_link|oneway=no", 0, false},
		{"highway=trunk", 0, false},
		{"highway=residential|oneway=perhaps", 0, false},
	} {
		a, _ := attributesOf(written(c.tags))
		if a.oneway != c.oneway || a.reversible != c.reversible {
			t.Errorf("%s: oneway %d, reversible %t; want %d, %t", c.tags, a.oneway, a.reversible, c.oneway, c.reversible)
		}
	}
}

func TestAccess(t *testing.T) {
	const motor = "moto car suv4x4 ambulance minibus truck_3_5t truck_10t truck_20t truck_over20t armoured"
	const all = "foot " + motor
	const butMoto = "car suv4x4 ambulance minibus truck_3_5t truck_10t truck_20t truck_over20t armoured"
	for _, c := range []struct{ tags, refused string }{
		{"highway=residential", ""},
		{"highway=motorway", "foot"},
		{"highway=trunk|motorroad=yes", "foot"},
		{"highway=motorway|access=yes", "foot"},
		{"highway=motorway|foot=yes", ""},
		{"highway=path", butMoto},
		{"highway=footway", butMoto},
		{"highway=footway|access=yes", butMoto},
		{"highway=footway|motorcycle=no", motor},
		{"highway=footway|motor_vehicle=no", motor},
		{"highway=path|motor_vehicle=yes", ""},
		{"highway=steps", motor},
		{"highway=residential|access=no", all},
		{"highway=residential|access=private", all},
		{"highway=residential|access=private|foot=yes", motor},
		{"highway=residential|access=no|emergency=yes", "foot moto car suv4x4 minibus truck_3_5t truck_10t truck_20t truck_over20t armoured"},
		{"highway=residential|access=emergency", "foot moto car suv4x4 minibus truck_3_5t truck_10t truck_20t truck_over20t armoured"},
		{"highway=residential|emergency=no", "ambulance"},
		{"highway=residential|motor_vehicle=no", motor},
		{"highway=residential|vehicle=no", motor},
		{"highway=residential|motor_vehicle=destination", ""},
		{"highway=residential|motor_vehicle=agricultural;destination", ""},
		{"highway=residential|motor_vehicle=agricultural;forestry", motor},
		{"highway=residential|access=unknown", ""},
		{"highway=residential|access=something", ""},
		{"highway=residential|hgv=no", "truck_10t truck_20t truck_over20t"},
		{"highway=residential|access=no|hgv=yes", "foot moto car suv4x4 ambulance minibus truck_3_5t armoured"},
		{"highway=residential|goods=no", "truck_3_5t"},
		{"highway=residential|motorcycle=no", "moto"},
		{"highway=residential|motorcar=no", "car suv4x4 ambulance minibus"},
		{"highway=residential|motorcar=no|psv=yes", "car suv4x4 ambulance"},
		{"highway=track|4wd_only=yes", "car ambulance minibus truck_3_5t truck_10t truck_20t truck_over20t"},
		{"highway=track|smoothness=impassable", motor},
		{"highway=track|smoothness=very_horrible|motor_vehicle=yes", "car ambulance minibus truck_3_5t truck_10t truck_20t truck_over20t"},
	} {
		a, dropped := attributesOf(written(c.tags))
		if got := names(a.refuse); got != c.refused || dropped != "" {
			t.Errorf("%s: closed to %q, want %q", c.tags, got, c.refused)
		}
	}
}

func TestEveryVehicleClassHasKeys(t *testing.T) {
	for i, keys := range accessKeys {
		if len(keys) < 2 {
			t.Errorf("%s: no access tag speaks of it", geo.VehicleClasses[i].Value)
		}
	}
}

func TestBarrier(t *testing.T) {
	const butMoto = "car suv4x4 ambulance minibus truck_3_5t truck_10t truck_20t truck_over20t armoured"
	for _, c := range []struct{ tags, kind, refused string }{
		{"highway=crossing", "", ""},
		{"barrier=kerb", "", ""},
		{"barrier=no", "", ""},
		{"barrier=gate", "gate", ""},
		{"barrier=lift_gate|access=private", "lift_gate", "foot moto " + butMoto},
		{"barrier=gate|locked=yes", "gate", "foot moto " + butMoto},
		{"barrier=gate|locked=yes|foot=yes", "gate", "moto " + butMoto},
		{"barrier=bollard", "bollard", butMoto},
		{"barrier=bollard|access=yes", "bollard", butMoto},
		{"barrier=bollard|emergency=yes", "bollard", "car suv4x4 minibus truck_3_5t truck_10t truck_20t truck_over20t armoured"},
		{"barrier=block", "block", butMoto},
		{"barrier=block|motor_vehicle=yes", "block", ""},
		{"barrier=stile", "stile", "moto " + butMoto},
		{"barrier=wall", "wall", "moto " + butMoto},
		{"barrier=toll_booth", "toll_booth", ""},
		{"barrier=of_a_new_kind", "of_a_new_kind", ""},
	} {
		b, ok := barrierOf(written(c.tags))
		if ok != (c.kind != "") || b.kind != c.kind || names(b.refuse) != c.refused {
			t.Errorf("%s: %q closed to %q, want %q closed to %q", c.tags, b.kind, names(b.refuse), c.kind, c.refused)
		}
	}
	if b, _ := barrierOf(written("barrier=height_restrictor|maxheight=2.1")); b.heightM != 2.1 {
		t.Errorf("a height restrictor of 2.1 m gives %g m", b.heightM)
	}
}

func TestLimits(t *testing.T) {
	for _, c := range []struct {
		tags                 string
		loadT, heightM, kmph float64
	}{
		{"maxweight=3.5|maxheight=4", 3.5, 4, 0},
		{"maxweight=3,5 t|maxheight=4.2 m", 3.5, 4.2, 0},
		{"maxweight=7500 kg", 7.5, 0, 0},
		{"maxweight=20 st", 18.144, 0, 0},
		{"maxweight=none|maxheight=default", 0, 0, 0},
		{"maxweight=-3|maxheight=1e9", 0, 0, 0},
		{"maxweight=99999|maxheight=999", 0, 0, 0},
		{"maxweight=NaN|maxheight=Inf|maxspeed=NaN", 0, 0, 0},
		{`maxheight=12'6"`, 0, 3.81, 0},
		{"maxheight=4|maxheight:physical=3.8", 0, 3.8, 0},
		{"maxspeed=40", 0, 0, 40},
		{"maxspeed=40 km/h", 0, 0, 40},
		{"maxspeed=25 mph", 0, 0, 40.234},
		{"maxspeed=walk", 0, 0, 0},
		{"maxspeed=0", 0, 0, 0},
		{"maxspeed=5000", 0, 0, 0},
	} {
		a, _ := attributesOf(append(written(c.tags), tag{"highway", "residential"}))
		if a.loadT != c.loadT || a.heightM != c.heightM || a.maxKmh != c.kmph {
			t.Errorf("%s: %g t, %g m, %g km/h; want %g, %g, %g", c.tags, a.loadT, a.heightM, a.maxKmh, c.loadT, c.heightM, c.kmph)
		}
	}
}

func TestSpeed(t *testing.T) {
	for _, c := range []struct {
		tags    string
		surface string
		kmh     float64
	}{
		{"highway=primary|ref=RN1", "", 40},
		{"highway=primary|ref=RN1|surface=asphalt", "asphalt", 45},
		{"highway=primary|ref=RN1|surface=Asphalt;gravel", "asphalt", 45},
		{"highway=primary|ref=RN1|surface=asphalt|maxspeed=30", "asphalt", 30},
		{"highway=primary|ref=RN1|surface=asphalt|maxspeed=80", "asphalt", 45},
		{"highway=primary|ref=RN1|surface=asphalt|smoothness=very_bad", "asphalt", 25},
		{"highway=secondary|surface=dirt", "earth", 20},
		{"highway=tertiary|surface=fine_gravel", "gravel", 22},
		{"highway=residential|surface=lava", "", 18},
		{"highway=track|tracktype=grade5|surface=ground", "earth", 7},
		{"highway=track|tracktype=grade2", "", 14},
	} {
		a, _ := attributesOf(written(c.tags))
		e := a.edge(false)
		if e.SpeedKmh != c.kmh || e.Surface != c.surface {
			t.Errorf("%s: %g km/h on %q, want %g on %q", c.tags, e.SpeedKmh, e.Surface, c.kmh, c.surface)
		}
	}
	for _, class := range road.Classes() {
		row, ok := carKmh[class]
		if !ok || row[poor] <= 0 {
			t.Errorf("class %s has no speeds", class)
		}
		for state := paved; state < poor; state++ {
			if row[state] < row[state+1] {
				t.Errorf("%s: a worse surface is faster: %v", class, row)
			}
		}
		if row[conditionUnknown] > row[paved] || row[conditionUnknown] < row[poor] {
			t.Errorf("%s: the mean %g lies outside %v", class, row[conditionUnknown], row)
		}
	}
}

func TestNames(t *testing.T) {
	for tagged, want := range map[string]string{
		"name=Rue Capois|name:fr=Autre":          "Rue Capois",
		"name:fr=Rue Capois|alt_name=Capwa":      "Rue Capois",
		"alt_name=Ri Kapwa":                      "Ri Kapwa",
		"name= ":                                 "",
		"name=" + strings.Repeat("é", maxText):   strings.Repeat("é", maxText/2),
		"bridge=yes|name=Pont de la Croix|x=y|z": "Pont de la Croix",
	} {
		if a, _ := attributesOf(append(written(tagged), tag{"highway", "residential"})); a.name != want {
			t.Errorf("%.60s: %.60q, want %.60q", tagged, a.name, want)
		}
	}
	a, _ := attributesOf(written("highway=residential|bridge=viaduct|tunnel=no"))
	if !a.bridge || a.tunnel {
		t.Error("a viaduct is a bridge, and no tunnel")
	}
}

func FuzzTags(f *testing.F) {
	f.Add("highway", "primary", "ref", "RN1", "maxspeed", "40 mph")
	f.Add("highway", "footway", "access", "yes;no", "maxheight", `9'11"`)
	f.Fuzz(func(t *testing.T, k1, v1, k2, v2, k3, v3 string) {
		a, dropped := attributesOf(tags{{k1, v1}, {k2, v2}, {k3, v3}})
		if dropped != "" {
			return
		}
		e := a.edge(true)
		if e.SpeedKmh <= 0 || e.SpeedKmh > road.MaxSpeedKmh || e.MaxLoadT < 0 || e.MaxHeightM < 0 || e.MaxLoadT > road.MaxLoadLimitT ||
			e.MaxHeightM > road.MaxHeightLimitM || int(e.Access)>>len(geo.VehicleClasses) != 0 || len(e.Name) > maxText || len(e.Ref) > maxText {
			t.Errorf("tags give an edge that no network takes: %+v", e)
		}
		barrierOf(tags{{k1, v1}, {k2, v2}, {k3, v3}})
		parseRestriction(1, tags{{k1, v1}, {k2, v2}, {k3, v3}}, nil)
	})
}
