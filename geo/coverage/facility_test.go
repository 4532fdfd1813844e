package coverage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/isolation"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// installation makes a facility; its worth is that of zones, by the decay of
// institutions.
func installation(t fataler, layer string, number int, kind, functional, worth string, p orb.Point, more map[string]any) *geo.Version {
	t.Helper()
	confidence := map[string]float64{isHigh: 0.9, isMedium: 0.5, isLow: 0.2, isStale: 1}[worth]
	confirmed := now
	if worth == isStale {
		confirmed = now.AddDate(0, 0, -91)
	}
	values := map[string]any{
		"facility_type": kind, "confidence": confidence, "last_confirmed_at": confirmed, "name_fr": fmt.Sprint(kind, " ", number),
	}
	if functional != "" {
		values["functional"] = functional
	}
	for name, value := range more {
		values[name] = value
	}
	return feature(t, layer, number, p, values)
}

func station(t fataler, number int, functional, worth string, p orb.Point) *geo.Version {
	t.Helper()
	return installation(t, "police-facilities", number, "police_sous_commissariat", functional, worth, p, nil)
}

// drawnWays answers from what a test says.
type drawnWays struct {
	reach      func(vehicle, profile string, starts []orb.Point, minutes []float64) []orb.MultiPolygon
	connection func(vehicle, profile string, hubs []orb.Point, place orb.Point) isolation.Status
}

func (w drawnWays) Reach(_ context.Context, _ *world.World, _ time.Time, vehicle, profile string, starts []orb.Point, minutes []float64) ([]orb.MultiPolygon, float64, error) {
	return w.reach(vehicle, profile, starts, minutes), 150, nil
}

func (w drawnWays) Connection(_ context.Context, _ *world.World, _ time.Time, vehicle, profile string, hubs, places []orb.Point) ([]isolation.Status, error) {
	out := make([]isolation.Status, len(places))
	for i, p := range places {
		out[i] = w.connection(vehicle, profile, hubs, p)
	}
	return out, nil
}

// roadedWorld is a world with a network, though of one road.
func roadedWorld(t fataler, audience geo.Audience, versions ...*geo.Version) *world.World {
	t.Helper()
	g, err := road.Build(road.Network{ID: "test"}, []road.EdgeInput{{ID: 1, Class: road.ClassUrban, Geometry: orb.LineString{{-72.4, 18.5}, {-72.3, 18.5}}}})
	if err != nil {
		t.Fatalf("network: %v", err)
	}
	return world.Build(audience, &geo.DefaultModel, 7, now, versions, g)
}

// figuresOf measures one indicator for some areas, all without.
func figuresOf(t fataler, w *world.World, ways coverage.Ways, code string, areas ...string) []coverage.Value {
	t.Helper()
	m, err := coverage.NewEngine(coverage.Options{Ways: ways}).Measure(testContext, coverage.Question{World: w, At: now, Areas: areas, Indicators: []string{code}})
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return m.Values
}

// rowOf finds the row that is of exactly that: keys and values in turn.
func rowOf(t fataler, values []coverage.Value, of ...string) coverage.Value {
	t.Helper()
	for _, v := range values {
		match := len(v.Of) == len(of)/2
		for k := 0; k < len(of); k += 2 {
			match = match && v.Of[of[k]] == of[k+1]
		}
		if match {
			return v
		}
	}
	t.Fatalf("no row of %v in %d rows", of, len(values))
	return coverage.Value{}
}

// wantCount fails unless a row has that low, central and high, of that many.
func wantCount(t *testing.T, v coverage.Value, whole float64, want ...float64) {
	t.Helper()
	if v.Status != coverage.Assessed || v.Amount == nil || v.Whole == nil {
		t.Fatalf("%s of %v is %s: %v of %v", v.Indicator, v.Of, v.Status, v.Amount, v.Whole)
	}
	if got := (coverage.Range{Low: want[0], Central: want[1], High: want[2]}); *v.Amount != got {
		t.Errorf("%s of %v is %v, want %v", v.Indicator, v.Of, *v.Amount, got)
	}
	if v.Whole.Amount != whole {
		t.Errorf("%s of %v is of %v, want of %v", v.Indicator, v.Of, v.Whole.Amount, whole)
	}
	if v.Share == nil || math.Abs(v.Share.Central-want[1]/whole) > 1e-8 {
		t.Errorf("%s of %v has the share %v", v.Indicator, v.Of, v.Share)
	}
	if v.N != len(v.IDs) || v.N < int(want[2]) {
		t.Errorf("%s of %v counts %d records and names %d", v.Indicator, v.Of, v.N, len(v.IDs))
	}
}

// spot is a place in the commune square, by fractions of its width and height.
func spot(x, y float64) orb.Point { return orb.Point{-72.4 + 0.1*x, 18.5 + 0.1*y} }

func TestExposedFacilitiesByHand(t *testing.T) {
	versions := []*geo.Version{
		admin(t, "HT0111", "HT01", 2, strip(0, 1)),
		zone(t, 1, "controlled", isHigh, strip(0, 0.2)),
		zone(t, 2, "contested", isMedium, strip(0.1, 0.4)),
		zone(t, 3, "controlled", isLow, strip(0.35, 0.5)),
		zone(t, 4, "state_held", isHigh, strip(0.6, 0.8)),
		zone(t, 5, "unknown", isStale, strip(0.7, 0.8)),
		installation(t, "facilities", 1, "hospital", "full", isHigh, spot(.05, .5), nil), // controlled
		installation(t, "facilities", 2, "hospital", "full", isHigh, spot(.15, .5), nil), // controlled over contested
		installation(t, "facilities", 3, "school", "full", isHigh, spot(.3, .5), nil),    // contested, medium
		installation(t, "ports", 4, "port", "full", isHigh, spot(.38, .5), nil),          // contested, perhaps controlled
		installation(t, "ports", 5, "fuel_terminal", "full", isHigh, spot(.45, .5), nil), // perhaps controlled
		installation(t, "airports", 6, "airport", "full", isHigh, spot(.55, .5), nil),    // nothing
		station(t, 7, "full", isHigh, spot(.65, .5)),                                     // the state's
		station(t, 8, "full", isStale, spot(.75, .5)),                                    // the state's, perhaps unknown
		installation(t, "facilities", 9, "school", "full", isHigh, spot(3, 3), nil),      // far away
	}
	values := figuresOf(t, worldOf(geo.Security, versions...), nil, "F1", "HT0111")
	for _, row := range []struct {
		of   []string
		n    float64
		want [3]float64
	}{
		{[]string{"control_type", "controlled"}, 8, [3]float64{2, 2, 4}},
		// The rumour of control at the port leaves contested its central figure;
		// at the second hospital contested stands behind certain control.
		{[]string{"control_type", "contested"}, 8, [3]float64{0, 2, 2}},
		{[]string{"control_type", "state_held"}, 8, [3]float64{1, 2, 2}},
		{[]string{"control_type", "unknown"}, 8, [3]float64{0, 0, 1}},
		{[]string{"control_type", "unassessed"}, 8, [3]float64{1, 2, 4}},
		{[]string{"layer", "facilities", "facility_type", "hospital", "control_type", "controlled"}, 2, [3]float64{2, 2, 2}},
		{[]string{"layer", "ports", "facility_type", "port", "control_type", "contested"}, 1, [3]float64{0, 1, 1}},
		{[]string{"layer", "ports", "facility_type", "fuel_terminal", "control_type", "unassessed"}, 1, [3]float64{0, 1, 1}},
		{[]string{"layer", "police-facilities", "facility_type", "police_sous_commissariat", "control_type", "state_held"}, 2, [3]float64{1, 2, 2}},
	} {
		wantCount(t, rowOf(t, values, row.of...), row.n, row.want[:]...)
	}
	if v := figuresOf(t, worldOf(geo.Security, versions[:1]...), nil, "F1", "HT0111")[0]; v.Status != coverage.NotMeasured || v.Note == nil {
		t.Errorf("without facilities: %v", v)
	}
}

func TestPollingPlacesByHand(t *testing.T) {
	versions := []*geo.Version{
		admin(t, "HT0111", "HT01", 2, strip(0, 1)),
		zone(t, 1, "controlled", isHigh, strip(0, 0.2)), zone(t, 2, "contested", isMedium, strip(0.2, 0.4)), zone(t, 3, "influenced", isHigh, strip(0.4, 0.6)),
	}
	if v := figuresOf(t, worldOf(geo.Humanitarian, versions...), nil, "E1", "HT0111")[0]; v.Status != coverage.NotMeasured || v.Amount != nil || v.Note == nil {
		t.Errorf("without polling places: %v", v)
	}
	for i, x := range []float64{.1, .15, .3, .5, .9} {
		versions = append(versions, installation(t, "facilities", i, "polling_place", "", isHigh, spot(x, .5), nil))
	}
	values := figuresOf(t, worldOf(geo.Humanitarian, versions...), nil, "E1", "HT0111")
	wantCount(t, rowOf(t, values), 5, 2, 3, 3)
	wantCount(t, rowOf(t, values, "control_type", "controlled"), 5, 2, 2, 2)
	wantCount(t, rowOf(t, values, "control_type", "contested"), 5, 0, 1, 1)
	wantCount(t, rowOf(t, values, "control_type", "unassessed"), 5, 1, 1, 2)
}

func TestWorkingByHand(t *testing.T) {
	square := admin(t, "HT0111", "HT01", 2, strip(0, 1))
	make1 := func(number int, kind, functional, worth string) *geo.Version {
		return installation(t, "facilities", number, kind, functional, worth, spot(.01*float64(number), .5), nil)
	}
	w := worldOf(geo.Humanitarian, square,
		make1(1, "hospital", "full", isHigh), make1(2, "hospital", "partial", isMedium), make1(3, "health_centre", "none", isHigh),
		make1(4, "health_centre", "none", isStale), make1(5, "hospital", "", isHigh),
		make1(6, "school", "none", isMedium), make1(7, "school", "full", isStale),
		make1(8, "prison", "none", isHigh), make1(9, "prison", "full", isHigh), make1(10, "prison", "none", isHigh),
		make1(11, "court_tpi", "none", isHigh), make1(12, "court_peace", "full", isHigh),
	)
	health := figuresOf(t, w, nil, "H1", "HT0111")
	wantCount(t, rowOf(t, health), 5, 1, 1, 3)
	wantCount(t, rowOf(t, health, "status", "full"), 5, 1, 1, 1)
	wantCount(t, rowOf(t, health, "status", "partial"), 5, 0, 1, 1)
	wantCount(t, rowOf(t, health, "status", "none"), 5, 1, 1, 3)
	wantCount(t, rowOf(t, health, "status", "unknown"), 5, 1, 2, 3)
	wantCount(t, rowOf(t, health, "facility_type", "health_centre", "status", "none"), 2, 1, 1, 2)
	if whole := health[0].Whole.Name; !strings.Contains(whole.English, "on record") || !strings.Contains(whole.French, "au registre") {
		t.Errorf("the denominator does not say that it is the register's: %v", whole)
	}
	wantCount(t, rowOf(t, figuresOf(t, w, nil, "S1", "HT0111")), 2, 0, 1, 2)
	wantCount(t, rowOf(t, figuresOf(t, w, nil, "J1", "HT0111")), 3, 2, 2, 2)
	courts := figuresOf(t, w, nil, "J2", "HT0111")
	wantCount(t, rowOf(t, courts), 2, 1, 1, 1)
	wantCount(t, rowOf(t, courts, "facility_type", "court_tpi"), 1, 1, 1, 1)
	wantCount(t, rowOf(t, courts, "facility_type", "court_peace"), 1, 0, 0, 0)
}

// What an audience may not know reads as withheld, never as zero.
func TestFacilitiesWithheld(t *testing.T) {
	square := admin(t, "HT0111", "HT01", 2, strip(0, 1))
	public := worldOf(geo.Public, square, installation(t, "facilities", 1, "hospital", "", isHigh, spot(.5, .5), nil),
		installation(t, "facilities", 2, "polling_place", "", isHigh, spot(.5, .5), nil))
	for _, code := range []string{"F1", "H1", "H2", "S1", "J1", "J2", "E1", "L1", "L2", "L3", "L4", "L5"} {
		for _, v := range figuresOf(t, public, nil, code, "HT0111", "HT") {
			if v.Status != coverage.Withheld || v.Amount != nil || v.Share != nil || v.N != 0 || len(v.IDs) != 0 {
				t.Errorf("%s for the public: %+v", code, v)
			}
		}
	}
	// Humanitarians may know where a station is, not whether it works.
	humanitarian := worldOf(geo.Humanitarian, square, station(t, 1, "", isHigh, spot(.5, .5)))
	for code, want := range map[string]coverage.Status{"L1": coverage.Withheld, "L2": coverage.Withheld, "L3": coverage.Assessed, "L4": coverage.Withheld, "L5": coverage.Withheld} {
		if v := figuresOf(t, humanitarian, nil, code, "HT")[0]; v.Status != want {
			t.Errorf("%s for humanitarians is %s, want %s", code, v.Status, want)
		}
	}
}

// The rows by status add up to all facilities, and so do the rows by what
// names the ground; low, central and high are in order.
func TestFacilityRowsAddUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		versions := boardWorld(t, rapid.SliceOfN(rapid.Custom(drawBlock), 0, 5).Draw(t, "blocks"))
		n := rapid.IntRange(1, 12).Draw(t, "facilities")
		for i := range n {
			p := orb.Point{-72.4 + .08*rapid.Float64Range(0, 1).Draw(t, "x"), 18.5 + .08*rapid.Float64Range(0, 1).Draw(t, "y")}
			versions = append(versions, station(t, i, rapid.SampledFrom([]string{"full", "partial", "none", "unknown", ""}).Draw(t, "functional"),
				rapid.SampledFrom([]string{isHigh, isMedium, isLow, isStale}).Draw(t, "worth"), p))
		}
		w := worldOf(geo.Security, versions...)
		police := figuresOf(t, w, nil, "L1", "HT0111")
		central := 0.0
		for _, status := range []string{"full", "partial", "none", "unknown"} {
			central += rowOf(t, police, "status", status).Amount.Central
		}
		if central != float64(n) {
			t.Fatalf("rows by status add up to %v of %d", central, n)
		}
		reasons, none := coverage.Range{}, rowOf(t, police, "status", "none").Amount
		for _, v := range police {
			if v.Of["status_reason"] != "" {
				reasons.Low += v.Amount.Low
				reasons.Central += v.Amount.Central
			}
		}
		if reasons.Low != none.Low || reasons.Central != none.Central {
			t.Fatalf("reasons add up to %v of %v", reasons, none)
		}
		exposed := figuresOf(t, w, nil, "F1", "HT0111")
		central = 0
		for _, v := range exposed {
			if len(v.Of) == 1 {
				central += v.Amount.Central
			}
		}
		if central != float64(n) {
			t.Fatalf("contexts add up to %v of %d", central, n)
		}
		for _, v := range slices.Concat(police, exposed) {
			if a := v.Amount; !(0 <= a.Low && a.Low <= a.Central && a.Central <= a.High && a.High <= float64(n)) || v.N != int(a.High) {
				t.Fatalf("%s of %v: %v of %d records", v.Indicator, v.Of, a, v.N)
			}
		}
	})
}

// What an engine keeps from earlier questions never changes an answer.
func TestFacilitiesAnswerAsIfAskedFirst(t *testing.T) {
	engine := coverage.NewEngine(coverage.Options{})
	board := populated(t, "HT0111", "HT01", 1000, rectangle(lon(0), lat(0), lon(cells), lat(cells)))
	codes := []string{"F1", "L1", "L3", "L5"}
	rapid.Check(t, func(t *rapid.T) {
		versions := []*geo.Version{board}
		for i, b := range rapid.SliceOfN(rapid.Custom(drawBlock), 0, 4).Draw(t, "blocks") {
			versions = append(versions, zone(t, i, geo.ControlPrecedence[b.control], b.worth, b.area()))
		}
		for i := range rapid.IntRange(1, 4).Draw(t, "stations") {
			p := orb.Point{lon(rapid.IntRange(0, cells).Draw(t, "x")), lat(rapid.IntRange(0, cells).Draw(t, "y"))}
			versions = append(versions, station(t, i, rapid.SampledFrom([]string{"full", "none"}).Draw(t, "functional"), isHigh, p))
		}
		q := coverage.Question{World: worldOf(geo.Security, versions...), At: now, Areas: []string{"HT0111"}, Indicators: codes}
		var answers [2]string
		for k, e := range []*coverage.Engine{engine, coverage.NewEngine(coverage.Options{})} {
			m, err := e.Measure(testContext, q)
			if err != nil {
				t.Fatal(err)
			}
			raw, err := json.Marshal(m)
			if err != nil {
				t.Fatal(err)
			}
			answers[k] = string(raw)
		}
		if answers[0] != answers[1] {
			t.Fatalf("%s\nis not\n%s", answers[0], answers[1])
		}
	})
}
