package coverage_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/geo"
	"pasaj/geo/coverage"
	"pasaj/geo/isolation"
	"pasaj/geo/measure"
	"pasaj/geo/world"
)

// land answers about ways to hubs from a table of places; the others are open.
type land map[orb.Point]isolation.Status

func (l land) Reach(context.Context, *world.World, time.Time, string, string, []orb.Point, []float64) ([]orb.MultiPolygon, float64, error) {
	return nil, 0, nil
}

func (l land) Connection(_ context.Context, _ *world.World, _ time.Time, vehicle, profile string, hubs, places []orb.Point) ([]isolation.Status, error) {
	if vehicle != "truck_20t" || profile != "commercial" || len(hubs) != 1 {
		return nil, fmt.Errorf("asked for a %s of %s from %v", vehicle, profile, hubs)
	}
	out := make([]isolation.Status, len(places))
	for i, p := range places {
		out[i] = l[p]
	}
	return out, nil
}

// measured measures one indicator and fails the test on an error.
func measured(t fataler, e *coverage.Engine, w *world.World, code string, areas ...string) []coverage.Value {
	t.Helper()
	m, err := e.Measure(testContext, coverage.Question{World: w, At: now, Areas: areas, Indicators: []string{code}})
	if err != nil {
		t.Fatalf("%s: %v", code, err)
	}
	return m.Values
}

// the finds the one figure with some words: key, word, key, word.
func the(t fataler, values []coverage.Value, of ...string) coverage.Value {
	t.Helper()
	var found []coverage.Value
	for _, v := range values {
		has := len(of) > 0 || len(v.Of) == 0
		for k := 0; k < len(of); k += 2 {
			has = has && v.Of[of[k]] == of[k+1]
		}
		if has {
			found = append(found, v)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d figures with %v among %d", len(found), of, len(values))
	}
	return found[0]
}

// worth gives a record the confidence of a word of evidence.
func worth(word string, values map[string]any) map[string]any {
	out := map[string]any{"confidence": map[string]float64{isHigh: 0.99, isMedium: 0.5, isLow: 0.2, isStale: 1}[word], "last_confirmed_at": now}
	if word == isStale {
		out["last_confirmed_at"] = now.AddDate(-1, 0, 0)
	}
	maps.Copy(out, values)
	return out
}

func port(t fataler, n int, at orb.Point, functional, word string) *geo.Version {
	return feature(t, "ports", n, at, worth(word, map[string]any{"facility_type": "port", "functional": functional, "code": fmt.Sprint("port-", n), "name_fr": fmt.Sprint("Port ", n)}))
}

func airport(t fataler, n int, at orb.Point, functional, flights, word string) *geo.Version {
	return feature(t, "airports", n, at, worth(word, map[string]any{"facility_type": "airport", "functional": functional, "commercial_flights": flights}))
}

func incidentAt(t fataler, n int, at orb.Point, kind, word string, occurred time.Time) *geo.Version {
	v := *feature(t, "incidents", n, at, worth(word, map[string]any{"event_type": kind, "occurred_at": occurred}))
	v.Valid = geo.Period{From: occurred, To: occurred.AddDate(0, 0, 1)}
	return geo.NewVersion(v, &geo.DefaultModel)
}

// ground is a department whose capital is its only commune.
func ground(t fataler) []*geo.Version {
	return []*geo.Version{
		admin(t, "HT01", "HT", 1, rectangle(-72.6, 18.4, -72.1, 18.8)),
		admin(t, "HT0111", "HT01", 2, rectangle(-72.6, 18.4, -72.1, 18.8)),
		feature(t, "places", 1, orb.Point{-72.34, 18.55}, map[string]any{"place_kind": "town", "commune": "HT0111", "name_fr": "Nom de HT0111"}),
	}
}

func amountsOf(v coverage.Value) [3]float64 {
	if v.Amount == nil {
		return [3]float64{-1, -1, -1}
	}
	return [3]float64{v.Amount.Low, v.Amount.Central, v.Amount.High}
}

func TestPortsByHand(t *testing.T) {
	at := orb.Point{-72.35, 18.557}
	bay := func(m float64) orb.Point {
		_, latM := measure.DegreeM(at[1])
		return orb.Point{at[0], at[1] + m/latM}
	}
	attack := func(m float64, word string, days int) *geo.Version {
		return incidentAt(t, 1, bay(m), "maritime_attack", word, now.AddDate(0, 0, -days))
	}
	tests := []struct {
		name      string
		port      *geo.Version
		land      isolation.Status
		incident  *geo.Version
		full      [3]float64
		limited   [3]float64
		cut       [3]float64
		isUnknown [3]float64
	}{
		{"all is well", port(t, 1, at, "full", isHigh), isolation.Open, nil, [3]float64{1, 1, 1}, [3]float64{}, [3]float64{}, [3]float64{}},
		{"works in part", port(t, 1, at, "partial", isHigh), isolation.Open, nil, [3]float64{}, [3]float64{1, 1, 1}, [3]float64{}, [3]float64{}},
		{"does not work", port(t, 1, at, "none", isHigh), isolation.Open, nil, [3]float64{}, [3]float64{}, [3]float64{1, 1, 1}, [3]float64{}},
		{"by medium evidence", port(t, 1, at, "full", isMedium), isolation.Open, nil, [3]float64{0, 1, 1}, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}},
		{"stale is unknown", port(t, 1, at, "full", isStale), isolation.Open, nil, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{0, 1, 1}},
		{"nobody knows", port(t, 1, at, "unknown", isHigh), isolation.Open, nil, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{1, 1, 1}},
		{"cut by land whatever it does itself", port(t, 1, at, "unknown", isHigh), isolation.Closed, nil, [3]float64{}, [3]float64{}, [3]float64{1, 1, 1}, [3]float64{}},
		{"paying is a limit", port(t, 1, at, "full", isHigh), isolation.PayOrAsk, nil, [3]float64{}, [3]float64{1, 1, 1}, [3]float64{}, [3]float64{}},
		{"the way is unknown", port(t, 1, at, "partial", isHigh), isolation.Unknown, nil, [3]float64{}, [3]float64{0, 0, 1}, [3]float64{0, 0, 1}, [3]float64{1, 1, 1}},
		{"attacked last week", port(t, 1, at, "full", isHigh), isolation.Open, attack(14_900, isHigh, 7), [3]float64{}, [3]float64{1, 1, 1}, [3]float64{}, [3]float64{}},
		{"a rumour of an attack", port(t, 1, at, "full", isHigh), isolation.Open, attack(100, isLow, 7), [3]float64{0, 1, 1}, [3]float64{0, 0, 1}, [3]float64{}, [3]float64{0, 0, 1}},
		{"attacked too far away", port(t, 1, at, "full", isHigh), isolation.Open, attack(15_100, isHigh, 7), [3]float64{1, 1, 1}, [3]float64{}, [3]float64{}, [3]float64{}},
		{"attacked a fortnight ago", port(t, 1, at, "full", isHigh), isolation.Open, attack(100, isHigh, 14), [3]float64{1, 1, 1}, [3]float64{}, [3]float64{}, [3]float64{}},
		{"another incident", port(t, 1, at, "full", isHigh), isolation.Open, incidentAt(t, 1, at, "clash", isHigh, now), [3]float64{1, 1, 1}, [3]float64{}, [3]float64{}, [3]float64{}},
	}
	for _, test := range tests {
		versions := append(ground(t), test.port)
		if test.incident != nil {
			versions = append(versions, test.incident)
		}
		e := coverage.NewEngine(coverage.Options{Ways: land{at: test.land}})
		values := measured(t, e, worldOf(geo.Humanitarian, versions...), "P1", "HT01")
		for status, want := range map[string][3]float64{"full": test.full, "limited": test.limited, "cut": test.cut, "unknown": test.isUnknown} {
			v := the(t, values, "status", status)
			if got := amountsOf(v); got != want {
				t.Errorf("%s: %s %v, want %v", test.name, status, got, want)
			}
			if v.Whole == nil || v.Whole.Amount != 1 || v.Whole.Name.English == "" || v.Unit != coverage.UnitCount {
				t.Errorf("%s: of %+v", test.name, v.Whole)
			}
			if (v.N == 1) != (want[2] == 1) {
				t.Errorf("%s: %s: n %d", test.name, status, v.N)
			}
		}
	}
	values := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Humanitarian, append(ground(t), port(t, 1, at, "full", isHigh))...), "P1", "HT01")
	if v := the(t, values, "status", "unknown"); amountsOf(v) != [3]float64{1, 1, 1} || v.Note == nil {
		t.Errorf("without a network: %v", amountsOf(v))
	}
}

// roadless answers like an engine whose world has no network.
type roadless struct{ land }

func (roadless) Connection(context.Context, *world.World, time.Time, string, string, []orb.Point, []orb.Point) ([]isolation.Status, error) {
	return nil, geo.Errorf(geo.CodeUnprocessable, "", "no network")
}

// lost answers like an engine that fails.
type lost struct{ land }

func (lost) Connection(context.Context, *world.World, time.Time, string, string, []orb.Point, []orb.Point) ([]isolation.Status, error) {
	return nil, geo.Errorf(geo.CodeUnavailable, "", "not yet")
}

func TestPortsWithoutANetwork(t *testing.T) {
	w := worldOf(geo.Humanitarian, append(ground(t), port(t, 1, orb.Point{-72.35, 18.557}, "full", isHigh))...)
	if v := the(t, measured(t, coverage.NewEngine(coverage.Options{Ways: roadless{}}), w, "P1", "HT01"), "status", "unknown"); amountsOf(v) != [3]float64{1, 1, 1} || v.Note == nil {
		t.Errorf("%+v", v)
	}
	if _, err := coverage.NewEngine(coverage.Options{Ways: lost{}}).Measure(testContext, coverage.Question{World: w, At: now, Indicators: []string{"P1"}}); geo.CodeOf(err) != geo.CodeUnavailable {
		t.Errorf("%v", err)
	}
}

func TestAirportsByHand(t *testing.T) {
	at := orb.Point{-72.295, 18.575}
	tests := []struct {
		name, functional, flights string
		incident                  *geo.Version
		want                      string
	}{
		{"flies", "full", "operating", nil, "full"},
		{"humanitarian flights only", "full", "humanitarian_only", nil, "limited"},
		{"suspended", "full", "suspended", nil, "cut"},
		{"suspended, and nobody knows the rest", "unknown", "suspended", nil, "cut"},
		{"nobody knows who flies", "full", "unknown", nil, "unknown"},
		{"fired upon", "full", "operating", incidentAt(t, 1, at, "aircraft_fired_upon", isHigh, now.AddDate(0, 0, -29)), "limited"},
		{"by a drone", "full", "operating", incidentAt(t, 1, at, "drone_strike", isHigh, now), "limited"},
		{"long ago", "full", "operating", incidentAt(t, 1, at, "drone_strike", isHigh, now.AddDate(0, 0, -30)), "full"},
		{"still to come", "full", "operating", incidentAt(t, 1, at, "drone_strike", isHigh, now.Add(time.Hour)), "full"},
	}
	for _, test := range tests {
		versions := append(ground(t), airport(t, 1, at, test.functional, test.flights, isHigh))
		if test.incident != nil {
			versions = append(versions, test.incident)
		}
		values := measured(t, coverage.NewEngine(coverage.Options{Ways: land{}}), worldOf(geo.Security, versions...), "P2", "HT")
		if v := the(t, values, "status", test.want); v.Amount.Central != 1 {
			t.Errorf("%s: %v", test.name, values)
		}
	}
}

func TestUsesAddUp(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		versions, ways, n := ground(rt), land{}, rapid.IntRange(1, 12).Draw(rt, "ports")
		for k := range n {
			at := orb.Point{-72.59 + 0.04*float64(k), 18.5}
			versions = append(versions, port(rt, k, at, rapid.SampledFrom([]string{"full", "partial", "none", "unknown"}).Draw(rt, "functional"),
				rapid.SampledFrom([]string{isHigh, isMedium, isLow, isStale}).Draw(rt, "worth")))
			ways[at] = isolation.Status(rapid.IntRange(0, isolation.Statuses-1).Draw(rt, "land"))
		}
		for k := range rapid.IntRange(0, 4).Draw(rt, "attacks") {
			at := orb.Point{rapid.Float64Range(-72.6, -72.1).Draw(rt, "lon"), 18.5}
			versions = append(versions, incidentAt(rt, k, at, "maritime_attack", rapid.SampledFrom([]string{isHigh, isMedium, isLow}).Draw(rt, "worth"), now.AddDate(0, 0, -1)))
		}
		values := measured(rt, coverage.NewEngine(coverage.Options{Ways: ways}), worldOf(geo.Operations, versions...), "P1", "HT01")
		var surely, central float64
		for _, v := range values {
			a := amountsOf(v)
			if a[0] > a[1] || a[1] > a[2] || a[2] > float64(n) {
				rt.Fatalf("%s: %v of %d", v.Of["status"], a, n)
			}
			central += a[1]
			if v.Of["status"] == "unknown" {
				surely += a[2]
			} else {
				surely += a[0]
			}
		}
		if central != float64(n) || surely != float64(n) {
			rt.Fatalf("central adds up to %v, what is sure and what is not to %v, of %d", central, surely, n)
		}
	})
}

// states makes an airport of several states, newest last.
func states(t *testing.T, confirmed time.Time, word string, list ...[3]string) []*geo.Version {
	t.Helper()
	var out []*geo.Version
	for k, s := range list {
		from, err := time.Parse(time.DateOnly, s[0])
		if err != nil {
			t.Fatal(err)
		}
		v := *airport(t, 1, orb.Point{-72.295, 18.575}, s[1], s[2], word)
		v.Values[v.Layer.Index("last_confirmed_at")] = confirmed
		if word == isMedium {
			v.Values[v.Layer.Index("confidence")] = 0.6
		}
		v.Valid = geo.Period{From: from}
		if k+1 < len(list) {
			if v.Valid.To, err = time.Parse(time.DateOnly, list[k+1][0]); err != nil {
				t.Fatal(err)
			}
		}
		out = append(out, geo.NewVersion(v, &geo.DefaultModel))
	}
	return out
}

func TestStatusDaysByHand(t *testing.T) {
	tests := []struct {
		name   string
		states []*geo.Version
		want   [3]float64
		since  string
	}{
		// 1 January to 12 March 2025, noon: 70 days.
		{"one state", states(t, now, isHigh, [3]string{"2025-01-01", "full", "operating"}), [3]float64{70, 70, 70}, "2025-01-01"},
		{"the first that was alike", states(t, now, isHigh, [3]string{"2024-11-01", "full", "operating"}, [3]string{"2024-11-11", "full", "suspended"}, [3]string{"2025-01-01", "full", "suspended"}),
			[3]float64{121, 121, 121}, "2024-11-11"},
		{"it came and went and came", states(t, now, isHigh, [3]string{"2024-11-01", "full", "suspended"}, [3]string{"2024-11-11", "full", "operating"}, [3]string{"2025-03-02", "full", "suspended"}),
			[3]float64{10, 10, 10}, "2025-03-02"},
		{"unknown is a status", states(t, now, isHigh, [3]string{"2025-03-02", "unknown", "unknown"}), [3]float64{10, 10, 10}, "2025-03-02"},
		{"stale", states(t, now.AddDate(0, 0, -61), isHigh, [3]string{"2025-01-01", "full", "operating"}), [3]float64{9, 9, 70}, "2025-01-01"},
		{"by medium evidence", states(t, now.AddDate(0, 0, -1), isMedium, [3]string{"2025-01-01", "full", "operating"}), [3]float64{69, 70, 70}, "2025-01-01"},
	}
	for _, test := range tests {
		values := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Humanitarian, append(ground(t), test.states...)...), "P3", "HT0111")
		if len(values) != 1 || amountsOf(values[0]) != test.want || values[0].Unit != coverage.UnitDay {
			t.Errorf("%s: %v, want %v", test.name, values, test.want)
			continue
		}
		if v := values[0]; v.Of["since"] != test.since+"T00:00:00Z" || v.Of["id"] == "" || v.N != 1 {
			t.Errorf("%s: of %v", test.name, v.Of)
		}
	}
	timeless := *airport(t, 1, orb.Point{-72.295, 18.575}, "full", "operating", isHigh)
	timeless.Valid = geo.Period{}
	v := measured(t, coverage.NewEngine(coverage.Options{}), worldOf(geo.Humanitarian, append(ground(t), &timeless)...), "P3", "HT0111")[0]
	if v.Status != coverage.NotMeasured || v.Amount != nil {
		t.Errorf("without a beginning: %+v", v)
	}
}

func TestHubsWithheld(t *testing.T) {
	at := orb.Point{-72.35, 18.557}
	versions := append(ground(t), port(t, 1, at, "full", isHigh), airport(t, 2, at, "full", "operating", isHigh), crossing(t, 3, at, "full", `{"staffing":{"customs":"yes","police":"yes"}}`, isHigh))
	e := coverage.NewEngine(coverage.Options{Ways: land{}})
	w := worldOf(geo.Public, versions...)
	for _, code := range []string{"P1", "P2", "B1", "M1", "C1", "C2"} {
		values := measured(t, e, w, code, "HT01")
		raw, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		if len(values) != 1 || values[0].Status != coverage.Withheld || values[0].Amount != nil || values[0].N != 0 || strings.Contains(string(raw), versions[3].ID.String()) {
			t.Errorf("%s: %s", code, raw)
		}
	}
	values := measured(t, e, w, "P3", "HT01")
	if len(values) != 3 || the(t, values, "facility_type", "border_crossing").Status != coverage.Withheld {
		t.Errorf("P3: %v", values)
	}
	for _, code := range []string{"P1", "P2", "P3", "B1", "C1", "C2"} {
		for _, v := range measured(t, e, worldOf(geo.Security, ground(t)...), code, "HT01") {
			if v.Status != coverage.NotMeasured || v.Amount != nil || v.Note == nil || v.Note.Haitian == "" {
				t.Errorf("%s of nothing: %+v", code, v)
			}
		}
	}
}

// The order of records does not matter, and what is measured is finite.
func TestHubsAreDeterministic(t *testing.T) {
	versions := ground(t)
	for k := range 9 {
		at := orb.Point{-72.55 + 0.04*float64(k), 18.5}
		versions = append(versions, port(t, k, at, []string{"full", "none", "unknown"}[k%3], []string{isHigh, isStale}[k%2]), airport(t, k, at, "full", "operating", isMedium))
	}
	var first string
	for range 3 {
		m, err := coverage.NewEngine(coverage.Options{Ways: land{}}).Measure(testContext, coverage.Question{World: worldOf(geo.Security, versions...), At: now, Indicators: []string{"P1", "P2", "P3", "C1"}})
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range m.Values {
			if v.Amount != nil && (math.IsNaN(v.Amount.Central) || v.Amount.Low > v.Amount.Central || v.Amount.Central > v.Amount.High) {
				t.Errorf("%+v", v)
			}
		}
		raw, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = string(raw)
		} else if first != string(raw) {
			t.Fatal("differs")
		}
		versions[3], versions[9] = versions[9], versions[3]
	}
}
