package isolation

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/road"
)

// besiegedCity is a network with a road through each of the capital's gates and,
// beyond them, a ring on which two departmental capitals lie.
func besiegedCity(t *testing.T) (*road.Graph, map[string]int) {
	t.Helper()
	var inputs []road.EdgeInput
	at := map[string]int{}
	add := func(name, ref, class string, line ...orb.Point) {
		at[name] = len(inputs)
		inputs = append(inputs, road.EdgeInput{ID: int64(len(inputs) + 1), Ref: ref, Name: name, Class: class, PrecisionM: 10, Geometry: line})
	}
	center := orb.Point{-72.3, 18.55}
	var outer []orb.Point
	for _, g := range Capital().Gates {
		if !g.IsRoad() {
			continue
		}
		first, last := g.Places[0].At, g.Places[len(g.Places)-1].At
		if g.ID == "rn8-east" { // a junction of its own beside that of RN3
			first[0] += 0.001
		}
		ref := ""
		if len(g.Refs) > 0 {
			ref = g.Refs[0]
		}
		class := road.ClassNational
		if ref == "" {
			class = road.ClassAccess
		}
		add("to "+g.ID, "", road.ClassUrban, center, first)
		add(g.ID, ref, class, first, last)
		outer = append(outer, last)
	}
	// The hinterland: every gate has its own road to one of two capitals.
	north, south := orb.Point{-72.2, 19.7}, orb.Point{-73.7, 18.2}
	for i, p := range outer {
		end := north
		if i >= 2 {
			end = south
		}
		add("hinterland "+Capital().Gates[i].ID, "", road.ClassDepartmental, p, orb.Point{p[0], p[1] + 0.5}, end)
	}
	n, err := road.Build(road.Network{ID: "test"}, inputs)
	if err != nil {
		t.Fatal(err)
	}
	return n, at
}

func TestIndexCorridorsAndSiege(t *testing.T) {
	n, at := besiegedCity(t)
	g := must[*Graph](t)(Of(n))
	gates := Capital()
	gateways := gates.Locate(n)
	for _, w := range gateways {
		if w.Gate.IsRoad() && !w.Found {
			t.Fatalf("%s was not found", w.Gate.ID)
		}
	}
	facilities := map[string]Status{"port-apn": Open, "airport-mtpp": Open}
	state := make(State, g.Edges())
	edge := at["to rn1-north"]
	city := Place{Edge: edge}
	north := Place{ID: "north", Edge: at["hinterland rn1-north"], AlongM: 1e9}
	south := Place{ID: "south", Edge: at["hinterland rn8-east"], AlongM: 1e9}
	ask := func(vehicle string) *Report {
		t.Helper()
		return must[*Report](t)(Compute(background, &Question{
			Graph: g, State: state, SiegeState: state, Vehicle: vehicle, City: []int32{g.At(city)},
			Capitals: []Place{north, south}, Gates: gates, Gateways: gateways, Facilities: facilities,
		}))
	}
	if r := ask("suv4x4"); r.Index.Low != 0 || r.Index.High != 0 || r.Corridors.Passable.Count != 5 || r.Besieged != No {
		t.Fatalf("all open: %v to %v, %d corridors, besieged %v", r.Index.Low, r.Index.High, r.Corridors.Passable.Count, r.Besieged)
	}
	for _, id := range []string{"rn1-north", "rn2-south", "rn3-northeast", "rn8-east"} {
		state[at[id]] = Closed
	}
	// The four national roads closed; trucks never pass the mountain.
	if r := ask("truck_20t"); r.Index.Low != .75 || r.Index.High != .75 {
		t.Fatalf("index for a truck: %v to %v", r.Index.Low, r.Index.High)
	}
	if r := ask("suv4x4"); r.Index.Low != .70 || r.Besieged != No {
		t.Fatalf("index for a 4x4: %v, besieged %v", r.Index.Low, r.Besieged)
	}
	state[at["mountain"]] = Restricted
	if r := ask("suv4x4"); r.Index.Low != .725 || r.Besieged != No {
		t.Fatalf("with the mountain restricted: %v, besieged %v", r.Index.Low, r.Besieged)
	}
	facilities["port-apn"], facilities["airport-mtpp"] = Closed, Restricted
	shut := ask("truck_20t")
	if shut.Besieged != Yes {
		t.Fatalf("no gate open, port and airport shut: %v", shut.Besieged)
	}
	state[at["rn8-east"]] = Open
	open := ask("truck_20t")
	if got := shut.Index.Low - open.Index.Low; math.Abs(got-.13) > 1e-9 {
		t.Fatalf("reopening RN8 lowers the index by %v", got)
	}
	if got := open.Corridors.Passable.Count - shut.Corridors.Passable.Count; got != 1 {
		t.Fatalf("reopening RN8 adds %d corridors", got)
	}
	if open.Besieged != No {
		t.Fatalf("RN8 open: %v", open.Besieged)
	}
	state[at["rn8-east"]] = Unknown
	r := ask("truck_20t")
	if got := r.Index.High - r.Index.Low; math.Abs(got-.13) > 1e-9 || r.Besieged != Uncertain {
		t.Fatalf("an unknown gate: interval of %v, besieged %v", got, r.Besieged)
	}
	if r.Corridors.Passable.Count != 2 || r.Corridors.OpenOnly.Count != 0 {
		t.Fatalf("%d corridors, %d open", r.Corridors.Passable.Count, r.Corridors.OpenOnly.Count)
	}
	state[at["rn8-east"]] = PayOrAsk
	if r := ask("truck_20t"); math.Abs(shut.Index.Low-r.Index.Low-.13/3) > 1e-9 {
		t.Fatalf("a toll gate: %v", r.Index.Low)
	}
	delete(facilities, "port-apn")
	if r := ask("truck_20t"); math.Abs(r.Index.High-r.Index.Low-.15) > 1e-9 || r.Besieged != Uncertain {
		t.Fatalf("nothing known of the port: %v to %v, besieged %v", r.Index.Low, r.Index.High, r.Besieged)
	}
	raw, err := json.Marshal(r)
	if err != nil || strings.Contains(string(raw), "null") {
		t.Fatalf("%v: %s", err, raw)
	}
}

func TestParseGatesIsStrict(t *testing.T) {
	good := string(CapitalJSON())
	for name, edit := range map[string][2]string{
		"unknown member":   {`"version":`, `"colour": "red", "version":`},
		"repeated member":  {`"version": "capital-1"`, `"version": "capital-1", "version": "x"`},
		"weights":          {`"weight": 0.22`, `"weight": 0.5`},
		"negative weight":  {`"weight": 0.22`, `"weight": -0.22`},
		"no version":       {`"capital-1"`, `""`},
		"openness rises":   {`"restricted": 0.5`, `"restricted": 1.5`},
		"vehicle":          {`"suv4x4"`, `"tank"`},
		"closed to":        {`"truck_20t"`, `"lorry"`},
		"far away":         {`[-72.287, 18.5975]`, `[2.35, 48.85]`},
		"latitude first":   {`[-72.287, 18.5975]`, `[18.5975, -72.287]`},
		"width":            {`"width_m": 6000`, `"width_m": 0`},
		"twice":            {`"rn8-east"`, `"rn1-north"`},
		"places and ports": {`"facilities": ["port-apn"],`, `"facilities": ["port-apn"], "places": [{"name": "x", "at": [-72, 18.5]}],`},
		"neither":          {`"facilities": ["port-apn"],`, ``},
		"name":             {`"ht": "Lanmè"`, `"ht": ""`},
		"no siege":         {`["port-apn", "airport-mtpp"]`, `[]`},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		if bad == good {
			t.Fatalf("%s: nothing changed", name)
		}
		if _, err := ParseGates([]byte(bad)); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, bad := range []string{"", "[]", "null", "1", good + "{}", good[:100], strings.Repeat("[", 100)} {
		if _, err := ParseGates([]byte(bad)); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
	if _, err := ParseGates(make([]byte, MaxGatesBytes+1)); geo.CodeOf(err) != geo.CodeTooLarge {
		t.Error(err)
	}
	if len(Capital().Gates) != 7 {
		t.Errorf("%d gates", len(Capital().Gates))
	}
}

func FuzzParseGates(f *testing.F) {
	f.Add(CapitalJSON())
	f.Add([]byte(`{"gates":[{"id":"a","places":[{"at":[-72,18]}]}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		g, err := ParseGates(raw)
		if err != nil {
			return
		}
		again, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ParseGates(again); err != nil {
			t.Fatalf("read once, not twice: %v", err)
		}
	})
}

func TestUseOfPortsAndAirports(t *testing.T) {
	for _, one := range []struct {
		operating, land, sea Status
		want                 Use
	}{
		{Open, Open, Open, UseFull},
		{Open, PayOrAsk, Open, UseLimited},
		{Open, Open, Restricted, UseLimited},
		{Open, Closed, Open, UseCut},
		{Closed, Unknown, Open, UseCut},
		{Open, Unknown, Restricted, UseUnknown},
		{Unknown, Open, Open, UseUnknown},
	} {
		if got := (Port{one.operating, one.land, one.sea}).Use(); got != one.want {
			t.Errorf("port %v: %v", one, got)
		}
		if got := (Airport{one.operating, one.land, one.sea}).Use(); got != one.want {
			t.Errorf("airport %v: %v", one, got)
		}
	}
}
