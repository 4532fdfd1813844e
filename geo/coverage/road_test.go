package coverage_test

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/measure"
	"pasaj/geo/world"
)

// figures measures one indicator and fails the test on an error.
func figures(t fataler, w *world.World, indicator string, areas ...string) []coverage.Value {
	t.Helper()
	return figuresWith(t, coverage.Question{World: w, At: now, Indicators: []string{indicator}, Areas: areas})
}

func figuresWith(t fataler, q coverage.Question) []coverage.Value {
	t.Helper()
	m, err := coverage.NewEngine(coverage.Options{}).Measure(testContext, q)
	if err != nil {
		t.Fatalf("measure: %v", err)
	}
	for _, v := range m.Values {
		checkValue(t, &v)
	}
	return m.Values
}

// checkValue asserts what holds of every value.
func checkValue(t fataler, v *coverage.Value) {
	t.Helper()
	for _, r := range []*coverage.Range{v.Amount, v.Share} {
		if r != nil && !(r.Low <= r.Central && r.Central <= r.High && r.Low >= 0) {
			t.Fatalf("%s %v: %v is no interval", v.Indicator, v.Of, *r)
		}
	}
	if (v.Status == coverage.Assessed) != (v.Amount != nil) {
		t.Fatalf("%s %v: status %s, amount %v", v.Indicator, v.Of, v.Status, v.Amount)
	}
	if v.Status == coverage.NotMeasured && (v.Note == nil || v.Note.French == "" || v.Note.Haitian == "" || v.Note.English == "") {
		t.Fatalf("%s %v is not measured and does not say why", v.Indicator, v.Of)
	}
	if v.Share != nil && (v.Whole == nil || v.Whole.Name.English == "") {
		t.Fatalf("%s %v: a share of nothing named", v.Indicator, v.Of)
	}
	raw, err := json.Marshal(v)
	if err != nil || strings.Contains(strings.ToLower(string(raw)), "safe") {
		t.Fatalf("%s %v: %v %s", v.Indicator, v.Of, err, raw)
	}
}

// row finds the only row of an area with exactly these dimensions.
func row(t fataler, values []coverage.Value, area string, of ...string) coverage.Value {
	t.Helper()
	var found []coverage.Value
	for _, v := range values {
		same := v.Area == area && len(v.Of) == len(of)/2
		for k := 0; same && k < len(of); k += 2 {
			same = v.Of[of[k]] == of[k+1]
		}
		if same {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d rows of %s %v", len(found), area, of)
	}
	return found[0]
}

// amount asserts low, central and high of a row.
func amount(t *testing.T, v coverage.Value, low, central, high float64) {
	t.Helper()
	want := [3]float64{low, central, high}
	if v.Amount == nil {
		t.Errorf("%s %s %v: no amount, want %v", v.Indicator, v.Area, v.Of, want)
		return
	}
	for k, got := range [3]float64{v.Amount.Low, v.Amount.Central, v.Amount.High} {
		if math.Abs(got-want[k]) > 1e-7*(1+math.Abs(want[k])) {
			t.Errorf("%s %s %v: %v, want %v", v.Indicator, v.Area, v.Of, *v.Amount, want)
			return
		}
	}
}

// worthOf are the properties of evidence that is still worth that at now, for
// kinds that halve within days.
func worthOf(worth string) map[string]any {
	switch worth {
	case isStale:
		return map[string]any{"confidence": 0.9, "last_confirmed_at": now.AddDate(0, 0, -61)}
	case "undated":
		return map[string]any{"confidence": 0.9}
	}
	return map[string]any{"confidence": map[string]float64{isHigh: 0.9, isMedium: 0.5, isLow: 0.2}[worth], "last_confirmed_at": now}
}

func with(base map[string]any, more ...any) map[string]any {
	out := map[string]any{}
	for name, value := range base {
		out[name] = value
	}
	for k := 0; k < len(more); k += 2 {
		out[more[k].(string)] = more[k+1]
	}
	return out
}

func roadSection(t fataler, number int, ref, status, worth string, line ...orb.Point) *geo.Version {
	t.Helper()
	return feature(t, "national-roads", number, orb.MultiLineString{line},
		with(worthOf(worth), "ref", ref, "section", int64(number), "status", status, "references", []string{"drawn for a test"}))
}

// changed is a version with other values, or another validity.
func changed(v *geo.Version, change func(v *geo.Version)) *geo.Version {
	c := *v
	c.Values = slices.Clone(v.Values)
	change(&c)
	return geo.NewVersion(c, &geo.DefaultModel)
}

func set(v *geo.Version, name string, value any) { v.Values[v.Layer.Index(name)] = value }

func km(points ...orb.Point) float64 { return measure.LengthM(orb.LineString(points)) / 1000 }

func TestRoadStatusByHand(t *testing.T) {
	at := func(lon float64) orb.Point { return orb.Point{lon, 18.55} }
	// RN1 runs from outside through both communes, one section of them stale.
	w := worldOf(geo.Humanitarian, append(island(t),
		roadSection(t, 1, "RN1", "closed", isHigh, at(-72.45), at(-72.35)),
		roadSection(t, 2, "RN1", "open", isMedium, at(-72.35), at(-72.31), at(-72.29)),
		roadSection(t, 3, "RN1", "restricted", isStale, at(-72.29), at(-72.27)),
		roadSection(t, 4, "RN2", "open", isLow, orb.Point{-72.25, 18.51}, orb.Point{-72.25, 18.56}),
		changed(roadSection(t, 5, "RN2", "open", "undated", orb.Point{-72.25, 18.56}, orb.Point{-72.25, 18.65}), func(v *geo.Version) {
			v.Valid.From = now.Add(-time.Hour) // new, and yet without a date of its own
		}),
	)...)
	values := figures(t, w, "R1", "HT0111", "HT0118", "HT", "HT0531")

	west := km(at(-72.4), at(-72.35)) + km(at(-72.35), at(-72.31)) + km(at(-72.31), at(-72.3))
	closed, open := km(at(-72.4), at(-72.35)), km(at(-72.35), at(-72.31), at(-72.3))
	amount(t, row(t, values, "HT0111", "measure", "length"), west, west, west)
	amount(t, row(t, values, "HT0111", "status", "closed"), closed, closed, closed)
	amount(t, row(t, values, "HT0111", "status", "open"), 0, open, open)
	amount(t, row(t, values, "HT0111", "status", "unknown"), 0, 0, open)
	amount(t, row(t, values, "HT0111", "status", "restricted"), 0, 0, 0)
	if v := row(t, values, "HT0111", "status", "closed"); v.N != 1 || math.Abs(v.Share.Central-closed/west) > 1e-8 || v.Whole.Source != "drawn for a test" ||
		v.Whole.Name.French != "routes nationales du registre : Nom de HT0111, commune HT0111" || *v.Confidence != 0.9 {
		t.Errorf("%+v %+v", v, v.Whole)
	}

	openEast, stale := km(at(-72.3), at(-72.29)), km(at(-72.29), at(-72.27))
	doubtful, undated := km(orb.Point{-72.25, 18.51}, orb.Point{-72.25, 18.56}), km(orb.Point{-72.25, 18.56}, orb.Point{-72.25, 18.6})
	amount(t, row(t, values, "HT0118", "status", "open"), 0, openEast, openEast+doubtful)
	amount(t, row(t, values, "HT0118", "status", "unknown"), stale+undated, stale+undated+doubtful, stale+undated+doubtful+openEast)
	amount(t, row(t, values, "HT0118", "status", "closed"), 0, 0, stale+undated)
	amount(t, row(t, values, "HT0118", "status", "restricted"), 0, 0, stale+undated)
	amount(t, row(t, values, "HT0118", "ref", "RN2", "status", "unknown"), undated, undated+doubtful, undated+doubtful)
	amount(t, row(t, values, "HT0118", "ref", "RN1", "status", "unknown"), stale, stale, stale+openEast)

	amount(t, row(t, values, "HT", "status", "closed"), closed, closed, closed+stale+undated)
	if v := row(t, values, "HT", "status", "open"); v.Note == nil || !strings.Contains(v.Note.English, "outside the communes") {
		t.Errorf("the country does not say what is outside: %v", v.Note)
	}
	if v := row(t, values, "HT0531"); v.Status != coverage.NotMeasured {
		t.Errorf("a commune without a road: %+v", v)
	}
}

// A line on the border of two communes is counted once.
func TestRoadOnTheBorderCountsOnce(t *testing.T) {
	line := []orb.Point{{-72.3, 18.52}, {-72.3, 18.58}}
	w := worldOf(geo.Humanitarian, append(island(t), roadSection(t, 1, "RN1", "open", isHigh, line...))...)
	values := figures(t, w, "R1", "HT", "HT0111", "HT0118")
	amount(t, row(t, values, "HT", "measure", "length"), km(line...), km(line...), km(line...))
	amount(t, row(t, values, "HT0111", "measure", "length"), km(line...), km(line...), km(line...))
	if v := row(t, values, "HT0118"); v.Status != coverage.NotMeasured {
		t.Errorf("the road is in both: %+v", v)
	}
	// Nor does it change hands with the question.
	alone := figures(t, w, "R1", "HT0118")
	if len(alone) != 1 || alone[0].Status != coverage.NotMeasured {
		t.Errorf("asked alone: %+v", alone)
	}
}

func TestRoadIsSchematic(t *testing.T) {
	coarse := changed(roadSection(t, 1, "RN1", "open", isHigh, orb.Point{-72.38, 18.55}, orb.Point{-72.32, 18.55}), func(v *geo.Version) { set(v, "precision_m", 2000.0) })
	v := row(t, figures(t, worldOf(geo.Humanitarian, append(island(t), coarse)...), "R1", "HT0111"), "HT0111", "status", "open")
	if v.Note == nil || !strings.Contains(v.Note.English, "±2 km") || !strings.Contains(v.Note.French, "±2 km") {
		t.Errorf("note %v", v.Note)
	}
}

func TestRoadStatusIsNotForThePublic(t *testing.T) {
	at := func(lon float64) orb.Point { return orb.Point{lon, 18.55} }
	section := changed(roadSection(t, 1, "RN1", "closed", isHigh, at(-72.38), at(-72.32)), func(v *geo.Version) { set(v, "status", nil) })
	w := worldOf(geo.Public, append(island(t), section)...)
	values := figures(t, w, "R1", "HT0111")
	amount(t, row(t, values, "HT0111", "measure", "length"), km(at(-72.38), at(-72.32)), km(at(-72.38), at(-72.32)), km(at(-72.38), at(-72.32)))
	if v := row(t, values, "HT0111", "measure", "status"); v.Status != coverage.Withheld || v.Amount != nil {
		t.Errorf("%+v", v)
	}
	for _, code := range []string{"R2", "R3", "R4", "R5", "V1", "V2", "V3"} {
		for _, v := range figures(t, w, code, "HT0111") {
			if v.Status != coverage.Withheld || v.Amount != nil || v.N != 0 {
				t.Errorf("%s: %+v", code, v)
			}
		}
	}
}

func TestRoadControlByHand(t *testing.T) {
	at := func(lon float64) orb.Point { return orb.Point{lon, 18.55} }
	w := worldOf(geo.Humanitarian, append(island(t),
		roadSection(t, 1, "RN1", "open", isHigh, at(-72.4), at(-72.38), at(-72.36), at(-72.34), at(-72.32), at(-72.3)),
		zone(t, 1, "controlled", isHigh, rectangle(-72.37, 18.5, -72.36, 18.6)),
		zone(t, 2, "contested", isMedium, rectangle(-72.365, 18.5, -72.35, 18.6)),
		zone(t, 3, "controlled", isLow, rectangle(-72.33, 18.5, -72.325, 18.6)),
		zone(t, 4, "influenced", isHigh, rectangle(-72.35, 18.5, -72.34, 18.6)),
		zone(t, 5, "contested", isLow, rectangle(-72.345, 18.5, -72.34, 18.6)),
	)...)
	values := figures(t, w, "R2", "HT0111")
	// A hundredth of a degree of longitude here, and 500 m beside an edge that
	// runs north.
	d := km(at(-72.36), at(-72.34)) / 2
	for _, test := range []struct {
		of                 []string
		low, central, high float64
	}{
		{[]string{"control_type", "controlled"}, d, d, 1.5 * d},
		{[]string{"control_type", "contested"}, 0, d, 1.5 * d},
		{[]string{"control_type", "influenced"}, 0.5 * d, d, d},
		{[]string{"control_type", "controlled+contested+influenced"}, 2 * d, 3 * d, 3.5 * d},
		{[]string{"control_type", "unassessed"}, 6.5 * d, 7 * d, 8 * d},
		{[]string{"control_type", "unknown"}, 0, 0, 0},
		{[]string{"within_m", "500", "of", "controlled"}, d + 1, d + 1, 1.5*d + 2},
	} {
		v := row(t, values, "HT0111", test.of...)
		if v.Amount == nil || math.Abs(v.Amount.Low-test.low) > 2e-5 || math.Abs(v.Amount.Central-test.central) > 2e-5 || math.Abs(v.Amount.High-test.high) > 2e-5 {
			t.Errorf("%v: %v, want %v %v %v", test.of, v.Amount, test.low, test.central, test.high)
		}
	}
	if v := row(t, values, "HT0111", "control_type", "controlled"); v.N != 1 || v.IDs[0] != zone(t, 1, "controlled", isHigh, nil).ID {
		t.Errorf("%+v", v)
	}
	if v := row(t, values, "HT0111", "ref", "RN1", "control_type", "contested"); math.Abs(v.Amount.Central-d) > 2e-5 {
		t.Errorf("%+v", v)
	}
}

// roadblock makes a roadblock at a place.
func roadblock(t fataler, number int, state, worth string, p orb.Point, more ...any) *geo.Version {
	t.Helper()
	return feature(t, "roadblocks", number, p, with(with(worthOf(worth), "state", state, "subtype", "toll_post", "actor_type", "gang"), more...))
}

// lived gives a feature's states over valid time: from, state, from, state, …
func lived(v *geo.Version, states ...any) []*geo.Version {
	var out []*geo.Version
	for k := 0; k < len(states); k += 2 {
		out = append(out, changed(v, func(c *geo.Version) {
			c.Valid = geo.Period{From: states[k].(time.Time)}
			if k+2 < len(states) {
				c.Valid.To = states[k+2].(time.Time)
			}
			set(c, "state", states[k+1])
		}))
	}
	return out
}

func TestRoadblocksByHand(t *testing.T) {
	ago := func(h float64) time.Time { return now.Add(-time.Duration(h * float64(time.Hour))) }
	in, out := orb.Point{-72.35, 18.551}, orb.Point{-72.25, 18.59}
	versions := append(island(t), roadSection(t, 1, "RN1", "open", isHigh, orb.Point{-72.4, 18.55}, orb.Point{-72.2, 18.55}),
		roadblock(t, 1, "active", isHigh, in, "emergency_passable", "no"),
		roadblock(t, 2, "reported", isMedium, in, "road_ref", "RN 2", "emergency_passable", "yes"),
		roadblock(t, 3, "intermittent", isLow, in, "subtype", "community_gate", "actor_type", "self_defence", "emergency_passable", "unknown"),
		roadblock(t, 4, "disputed", isStale, in),
		roadblock(t, 5, "false", isHigh, in),
		roadblock(t, 6, "archived", isHigh, in),
		roadblock(t, 7, "active", isHigh, out),
		// Fourteen days after it was confirmed it is stale: twelve hours ago.
		roadblock(t, 8, "active", isHigh, in, "last_confirmed_at", ago(14*24+12)),
	)
	versions = append(versions, lived(roadblock(t, 9, "", isHigh, in), ago(90), "active", ago(5), "cleared")...)
	versions = append(versions, lived(roadblock(t, 10, "", isMedium, in), ago(90), "cleared", ago(24), "cleared", ago(23), "active")...)
	versions = append(versions, lived(roadblock(t, 11, "", isHigh, in), ago(24), "active")...)
	versions = append(versions, lived(roadblock(t, 12, "", isHigh, in), ago(90), "active", ago(6), "reported", ago(3), "archived")...)
	values := figures(t, worldOf(geo.Humanitarian, versions...), "R3", "HT0111", "HT0531", "HT")

	// Standing in the west: 1 high, 2 medium, 3 low, 4 and 8 stale, 10 medium, 11 high.
	amount(t, row(t, values, "HT0111", "status", "standing"), 2, 4, 7)
	amount(t, row(t, values, "HT0111", "state", "active"), 2, 3, 4)
	amount(t, row(t, values, "HT0111", "state", "disputed"), 0, 0, 1)
	amount(t, row(t, values, "HT0111", "status", "stale"), 2, 2, 2)
	amount(t, row(t, values, "HT0111", "change", "new", "window", "24h"), 0, 1, 1)
	amount(t, row(t, values, "HT0111", "change", "cleared", "window", "24h"), 1, 1, 1)
	amount(t, row(t, values, "HT0111", "change", "stale", "window", "24h"), 1, 1, 1)
	amount(t, row(t, values, "HT0111", "subtype", "community_gate"), 0, 0, 1)
	amount(t, row(t, values, "HT0111", "actor_type", "gang"), 2, 4, 6)
	amount(t, row(t, values, "HT0111", "ref", "RN1"), 2, 3, 6)
	amount(t, row(t, values, "HT0111", "ref", "RN2"), 0, 1, 1)
	amount(t, row(t, values, "HT", "ref", "none"), 1, 1, 1)
	amount(t, row(t, values, "HT", "status", "standing"), 3, 5, 8)
	// Ages 0, 0, 0, 61 d, 14.5 d, 0, 0.
	amount(t, row(t, values, "HT0111", "measure", "median_confirmation_age"), 0, 0, 0)
	no := row(t, values, "HT0111", "emergency_passable", "no")
	amount(t, no, 1, 1, 1)
	if no.Share.Central != 0.5 || no.Whole.Amount != 2 {
		t.Errorf("%+v of %+v", no.Share, no.Whole)
	}
	silent := row(t, values, "HT0111", "emergency_passable", "unknown")
	amount(t, silent, 5, 5, 5)
	if math.Abs(silent.Share.Central-5.0/7) > 1e-8 {
		t.Errorf("%+v of %+v", silent.Share, silent.Whole)
	}
	if v := row(t, values, "HT0531"); v.Status != coverage.NotMeasured {
		t.Errorf("nothing on record: %+v", v)
	}
}

func tollsOf(t fataler, tolls ...geo.Toll) json.RawMessage {
	t.Helper()
	raw, err := json.Marshal(tolls)
	if err != nil {
		t.Fatalf("tolls: %v", err)
	}
	return raw
}

func TestTollsByHand(t *testing.T) {
	// RN1 leaves the metropolitan area to the north; its gate's outermost place is
	// Cabaret, in a commune of its own, and Pont-Sondé is far beyond.
	versions := []*geo.Version{
		admin(t, "HT0111", "HT01", 2, rectangle(-72.4, 18.5, -72.2, 18.72)),
		admin(t, "HT0131", "HT01", 2, rectangle(-72.5, 18.72, -72.3, 18.8)),
		admin(t, "HT0531", "HT05", 2, rectangle(-72.8, 19, -72.6, 19.2)),
		roadSection(t, 1, "RN1", "open", isHigh, orb.Point{-72.29, 18.6}, orb.Point{-72.29, 18.65}, orb.Point{-72.42, 18.74}, orb.Point{-72.7, 19.1}),
		roadblock(t, 1, "active", isHigh, orb.Point{-72.29, 18.61}, "toll", tollsOf(t,
			geo.Toll{VehicleClass: "car", Amount: 500, Currency: "HTG", Unit: "trip", ObservedAt: "2025-03-01T00:00:00Z"},
			geo.Toll{VehicleClass: "car", Amount: 750, Currency: "HTG", Unit: "trip", ObservedAt: "2025-03-10T00:00:00Z"},
			geo.Toll{VehicleClass: "car", Amount: 5000, Currency: "HTG", Unit: "week"},
			geo.Toll{VehicleClass: "car", Amount: 20, Currency: "USD", Unit: "trip"},
			geo.Toll{Amount: 100, Currency: "HTG", Unit: "trip"})),
		roadblock(t, 2, "reported", isMedium, orb.Point{-72.36, 18.74}, "road_ref", "RN1", "toll", tollsOf(t, geo.Toll{Amount: 1000, Currency: "HTG", Unit: "trip"})),
		roadblock(t, 3, "active", isStale, orb.Point{-72.2904, 18.63}, "pass_mode", "pay", "toll", tollsOf(t, geo.Toll{VehicleClass: "truck_20t", Amount: 9000, Currency: "HTG", Unit: "trip"})),
		roadblock(t, 4, "active", isHigh, orb.Point{-72.7, 19.1}, "road_ref", "RN1", "toll", tollsOf(t, geo.Toll{Amount: 7777, Currency: "HTG", Unit: "trip"})),
		roadblock(t, 5, "cleared", isHigh, orb.Point{-72.29, 18.62}, "toll", tollsOf(t, geo.Toll{Amount: 7777, Currency: "HTG", Unit: "trip"})),
		roadblock(t, 6, "active", isHigh, orb.Point{-72.28, 18.61}, "toll", tollsOf(t, geo.Toll{Amount: 7777, Currency: "HTG", Unit: "trip"})), // a kilometre off
		roadblock(t, 7, "active", isHigh, orb.Point{-72.29, 18.61}, "road_ref", "RD109", "toll", tollsOf(t, geo.Toll{Amount: 7777, Currency: "HTG", Unit: "trip"})),
		roadblock(t, 8, "active", isHigh, orb.Point{-72.29, 18.615}, "subtype", "barricade_manned"),
	}
	values := figures(t, worldOf(geo.Humanitarian, versions...), "R4", "HT", "ZMPP-admin", "HT0111")
	for _, area := range []string{"HT", "ZMPP-admin"} {
		count := row(t, values, area, "gate", "rn1-north", "measure", "tolls")
		amount(t, count, 1, 2, 3)
		if count.Unit != coverage.UnitCount || count.Note == nil || !strings.Contains(count.Note.English, "20 USD/trip (car)") {
			t.Errorf("%+v %v", count, count.Note)
		}
		amount(t, row(t, values, area, "gate", "rn1-north", "vehicle_class", "car", "per", "trip"), 500, 1750, 1750)
		amount(t, row(t, values, area, "gate", "rn1-north", "vehicle_class", "car", "per", "week"), 5000, 5000, 5000)
		amount(t, row(t, values, area, "gate", "rn1-north", "vehicle_class", "truck_20t", "per", "trip"), 100, 1100, 10100)
		amount(t, row(t, values, area, "gate", "rn1-north", "vehicle_class", "car", "per", "trip", "price", "unknown"), 1, 1, 1)
		if v := row(t, values, area, "gate", "rn3-northeast"); v.Status != coverage.NotMeasured {
			t.Errorf("%+v", v)
		}
	}
	for _, v := range values {
		if v.Area == "HT0111" {
			t.Errorf("a commune has no corridor: %+v", v)
		}
	}
}

func TestLastPassageByHand(t *testing.T) {
	ago := func(h int) time.Time { return now.Add(-time.Duration(h) * time.Hour) }
	in := orb.Point{-72.35, 18.55}
	pass := func(raw string) json.RawMessage { return json.RawMessage(raw) }
	section := roadSection(t, 1, "RN1", "closed", isHigh, orb.Point{-72.4, 18.55}, orb.Point{-72.3, 18.55})
	open := changed(section, func(v *geo.Version) { // ten days ago it was open to 4×4s
		v.Valid = geo.Period{From: ago(400), To: ago(100)}
		set(v, "status", "open")
		set(v, "max_class", "ambulance")
		set(v, "last_confirmed_at", ago(240))
	})
	shut := changed(section, func(v *geo.Version) { v.Valid = geo.Period{From: ago(100)} })
	versions := append(island(t), open, shut,
		roadSection(t, 2, "RN2", "unknown", isHigh, orb.Point{-72.25, 18.52}, orb.Point{-72.25, 18.58}),
		roadblock(t, 1, "active", isMedium, in, "passability", pass(`{"suv4x4":"pay","truck_20t":"no"}`), "last_confirmed_at", ago(30)),
		roadblock(t, 2, "active", isLow, in, "passability", pass(`{"suv4x4":"ask"}`), "last_confirmed_at", ago(6)),
		roadblock(t, 3, "false", isHigh, in, "passability", pass(`{"truck_20t":"yes"}`), "last_confirmed_at", ago(6)),
		roadblock(t, 4, "active", isHigh, in, "passability", pass(`{"truck_20t":"yes"}`), "last_confirmed_at", now.Add(time.Hour)),
		roadblock(t, 5, "active", isHigh, in, "passability", pass(`{"truck_20t":"unknown"}`), "last_confirmed_at", ago(1)),
	)
	values := figures(t, worldOf(geo.Humanitarian, versions...), "R5", "HT0111", "HT0118", "HT0531", "ZMPP-admin")
	amount(t, row(t, values, "HT0111", "ref", "RN1", "vehicle_class", "suv4x4"), 6, 30, 240)
	amount(t, row(t, values, "HT0111", "ref", "RN1", "vehicle_class", "ambulance"), 240, 240, 240)
	amount(t, row(t, values, "ZMPP-admin", "gate", "rn1-north", "vehicle_class", "ambulance"), 240, 240, 240)
	amount(t, row(t, values, "ZMPP-admin", "gate", "rn1-north", "vehicle_class", "suv4x4"), 6, 30, 240)
	for _, v := range []coverage.Value{
		row(t, values, "HT0111", "ref", "RN1", "vehicle_class", "truck_20t"),
		row(t, values, "HT0118", "ref", "RN2", "vehicle_class", "suv4x4"),
		row(t, values, "ZMPP-admin", "gate", "rn2-south", "vehicle_class", "suv4x4"),
		row(t, values, "HT0531"),
	} {
		if v.Status != coverage.NotMeasured || v.Amount != nil {
			t.Errorf("%v: %+v", v.Of, v)
		}
	}
	if v := row(t, values, "HT0111", "ref", "RN1", "vehicle_class", "truck_20t"); !strings.Contains(v.Note.English, "No verified passage on record") {
		t.Errorf("%v", v.Note)
	}
}
