package coverage_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
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

// worldlyWays answer from the zones and roadblocks of the world.
type worldlyWays struct{}

func (worldlyWays) Reach(_ context.Context, w *world.World, _ time.Time, _, _ string, starts []orb.Point, minutes []float64) ([]orb.MultiPolygon, float64, error) {
	out := make([]orb.MultiPolygon, len(minutes))
	for k, m := range minutes {
		if len(starts) > 0 {
			out[k] = orb.MultiPolygon{measure.Circle(starts[0], 100*m+200*float64(w.Named("controlled-zones").Len()%5), 12)}
		}
	}
	return out, 150, nil
}

func (worldlyWays) Connection(_ context.Context, w *world.World, _ time.Time, _, _ string, hubs, places []orb.Point) ([]isolation.Status, error) {
	out := make([]isolation.Status, len(places))
	for k, p := range places {
		out[k] = isolation.Open
		w.Named("controlled-zones").Search(p.Bound(), geo.At(now), func(*geo.Version) bool {
			out[k] = isolation.Closed
			return false
		})
	}
	return out, nil
}

// editedRecord is a record that grows by random edits.
type editedRecord struct {
	t      fataler
	random *rand.Rand
	world  *world.World
	number int
	stand  map[string][]*geo.Version // by layer
}

func (r *editedRecord) point() orb.Point {
	return orb.Point{geo.RoundCoordinate(-73.45 + 0.46*r.random.Float64()), geo.RoundCoordinate(18.35 + 0.34*r.random.Float64())}
}

// offshore is a place far from every commune.
func (r *editedRecord) offshore() orb.Point {
	return orb.Point{geo.RoundCoordinate(-73.7 + 0.05*r.random.Float64()), geo.RoundCoordinate(18.4 + 0.05*r.random.Float64())}
}

func (r *editedRecord) worth() string {
	return []string{isHigh, isMedium, isLow, isStale}[r.random.IntN(4)]
}

// draw makes a new record of a layer.
func (r *editedRecord) draw(layer string) *geo.Version {
	r.number++
	n, status := r.number, []string{"full", "partial", "none", "unknown"}[r.random.IntN(4)]
	switch layer {
	case "controlled-zones":
		at := r.point()
		if r.random.IntN(5) == 0 {
			at = r.offshore()
		}
		area := orb.MultiPolygon{measure.Circle(at, 500+8000*r.random.Float64(), 6+r.random.IntN(8))}
		v := zone(r.t, n, geo.ControlPrecedence[r.random.IntN(8)], r.worth(), area, geo.Holder{Group: fmt.Sprint("g", r.random.IntN(3)), Role: "principal"})
		return changed(v, func(v *geo.Version) {
			v.Values[v.Layer.Index("traits")] = []string{geo.GovernanceTraits()[r.random.IntN(3)]}
			v.Valid.From = now.AddDate(0, 0, -1-r.random.IntN(90))
		})
	case "facilities":
		kind := []string{"school", "hospital", "polling_place", "prison", "court_tpi"}[r.random.IntN(5)]
		p, more := r.point(), map[string]any{}
		if r.random.IntN(4) == 0 { // far out at sea, and of a commune all the same
			p, more = r.offshore(), map[string]any{"commune": "HT0101"}
		}
		return installation(r.t, layer, n, kind, status, r.worth(), p, more)
	case "police-facilities":
		return station(r.t, n, status, r.worth(), r.point())
	case "ports":
		return installation(r.t, layer, n, "port", status, r.worth(), r.point(), nil)
	case "airports":
		return installation(r.t, layer, n, "airport", status, r.worth(), r.point(), nil)
	case "national-roads":
		return roadSection(r.t, n, fmt.Sprint("RN", 1+r.random.IntN(3)), []string{"open", "closed", "unknown"}[r.random.IntN(3)], r.worth(), r.point(), r.point(), r.point())
	case "roadblocks":
		return roadblock(r.t, n, []string{"active", "disputed", "cleared"}[r.random.IntN(3)], r.worth(), r.point())
	case "incidents":
		return incidentAt(r.t, n, r.point(), "clash", r.worth(), now.Add(-time.Duration(r.random.IntN(300))*time.Hour))
	case "armed-groups":
		return feature(r.t, layer, n, nil, map[string]any{"group_id": fmt.Sprint("g", r.random.IntN(3)), "name_fr": fmt.Sprint("Groupe ", n), "un_listing_ref": []any{nil, "HTi.001"}[r.random.IntN(2)]})
	case "group-memberships":
		return feature(r.t, layer, n, nil, map[string]any{"group_id": fmt.Sprint("g", r.random.IntN(3)), "coalition_id": "c"})
	}
	r.t.Fatalf("no record of %s", layer)
	return nil
}

// edit adds, removes or changes one record, or the outline of a commune.
func (r *editedRecord) edit(layer string) {
	step := world.Step{Revision: r.world.Revision() + 1, At: now}
	list := r.stand[layer]
	switch k := r.random.IntN(4); {
	case len(list) == 0 || k == 0:
		v := r.draw(layer)
		step.Opened, list = []*geo.Version{v}, append(list, v)
	case k == 1:
		n := r.random.IntN(len(list))
		step.Closed, list = []*geo.Version{list[n]}, slices.Delete(slices.Clone(list), n, n+1)
	case k == 2 && layer == "controlled-zones": // its state ends, and another one begins
		n := r.random.IntN(len(list))
		old, change := list[n], now.AddDate(0, 0, -r.random.IntN(40))
		if !old.Valid.From.Before(change) || !old.Valid.To.IsZero() {
			return
		}
		ended := changed(old, func(v *geo.Version) { v.Valid.To = change })
		next := r.draw(layer)
		next = changed(next, func(v *geo.Version) { v.ID, v.Valid = old.ID, geo.Period{From: change} })
		step.Closed, step.Opened = []*geo.Version{old}, []*geo.Version{ended, next}
		list = append(slices.Delete(slices.Clone(list), n, n+1), ended, next)
	default:
		n := r.random.IntN(len(list))
		old := list[n]
		next := changed(r.draw(layer), func(v *geo.Version) { v.ID, v.Valid = old.ID, old.Valid })
		step.Closed, step.Opened = []*geo.Version{old}, []*geo.Version{next}
		list = slices.Clone(list)
		list[n] = next
	}
	r.stand[layer] = list
	r.world, _ = r.world.Apply(step)
}

// moveBorder redraws a commune.
func (r *editedRecord) moveBorder() {
	list := r.stand["admin-areas"]
	n := r.random.IntN(len(list))
	next := changed(list[n], func(v *geo.Version) {
		area := v.Geometry.(orb.MultiPolygon)
		ring := slices.Clone(area[0][0])
		ring[1] = orb.Point{geo.RoundCoordinate(ring[1][0] + 0.001*r.random.Float64()), ring[1][1]}
		v.Geometry = orb.MultiPolygon{{ring}}
	})
	step := world.Step{Revision: r.world.Revision() + 1, At: now, Closed: []*geo.Version{list[n]}, Opened: []*geo.Version{next}}
	list = slices.Clone(list)
	list[n] = next
	r.stand["admin-areas"] = list
	r.world, _ = r.world.Apply(step)
}

var editedLayers = []string{
	"controlled-zones", "controlled-zones", "controlled-zones", "controlled-zones", "controlled-zones", "facilities", "police-facilities",
	"ports", "airports", "national-roads", "roadblocks", "incidents", "armed-groups", "group-memberships",
}

func newEditedRecord(t fataler, seed uint64, roaded bool) *editedRecord {
	r := &editedRecord{t: t, random: rand.New(rand.NewPCG(seed, 60)), stand: map[string][]*geo.Version{}}
	var all []*geo.Version
	add := func(v *geo.Version) {
		r.stand[v.Layer.Name] = append(r.stand[v.Layer.Name], v)
		all = append(all, v)
	}
	for _, c := range madeCommunes(r.random, 3, 2, 3) {
		add(populated(t, c.pcode, c.parent, 1000+r.random.Int64N(9000), c.area))
	}
	sections := []*geo.Version{
		admin(t, "HT0101-01", "HT0101", 3, rectangle(-73.4, 18.4, -73.34, 18.52)),
		admin(t, "HT0101-02", "HT0101", 3, rectangle(-73.34, 18.4, -73.2, 18.52)), // part of it in the next commune
	}
	for _, layer := range editedLayers {
		for range 2 {
			add(r.draw(layer))
		}
	}
	if roaded {
		r.world = roadedWorld(t, geo.Security, slices.Concat(all, sections)...)
	} else {
		r.world = worldOf(geo.Security, slices.Concat(all, sections)...)
	}
	return r
}

// A warm engine and a new one answer with the same bytes, whatever was edited
// and whichever questions came before.
func TestKeptFiguresAreThoseMadeAnew(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		roaded := rapid.Bool().Draw(t, "with ways")
		r := newEditedRecord(t, rapid.Uint64().Draw(t, "seed"), roaded)
		options := coverage.Options{}
		if roaded {
			options.Ways = worldlyWays{}
		}
		warm := coverage.NewEngine(options)
		before := r.world
		tallies := []geo.Tally{{Commune: "HT0101", ObservedAt: now.Add(-time.Hour), ReceivedAt: now, TriageState: "new"}}
		worlds := []*world.World{r.world}
		ask := func(w *world.World, level string, codes []string) {
			q := coverage.Question{
				World: w, At: now.Add(time.Hour), Level: level, Indicators: codes, Tallies: tallies,
				Past: func(_ context.Context, known time.Time) (*world.World, error) {
					if !known.Before(w.At()) {
						return w, nil
					}
					return before, nil
				},
			}
			got, want := answerOf(t, warm, q), answerOf(t, coverage.NewEngine(options), q)
			if !bytes.Equal(got, want) {
				t.Fatalf("%s", firstDifference(got, want))
			}
		}
		ask(r.world, "", nil)
		for range rapid.IntRange(1, 4).Draw(t, "edits") {
			for range rapid.IntRange(1, 2).Draw(t, "at a time") {
				if layer := rapid.SampledFrom(append(editedLayers, "admin-areas")).Draw(t, "layer"); layer == "admin-areas" {
					r.moveBorder()
				} else {
					r.edit(layer)
				}
			}
			if rapid.Bool().Draw(t, "new observation") {
				tallies = append(slices.Clone(tallies), geo.Tally{Commune: "HT0102", ReceivedAt: now.Add(-time.Hour), TriageState: "linked"})
			}
			worlds = append(worlds, r.world)
			switch rapid.IntRange(0, 5).Draw(t, "question") {
			case 0:
				ask(r.world, coverage.LevelSection, nil)
			case 1:
				ask(r.world, coverage.LevelCommune, []string{"X1", "T1", "R2"})
			case 2:
				ask(rapid.SampledFrom(worlds).Draw(t, "world"), "", nil)
			default:
				ask(r.world, "", nil)
			}
		}
	})
}

func answerOf(t fataler, e *coverage.Engine, q coverage.Question) []byte {
	t.Helper()
	m, err := e.Measure(testContext, q)
	if err != nil {
		t.Fatalf("measure: %v", err)
	}
	out, err := json.Marshal(m)
	if err != nil {
		t.Fatalf("marshal: %v", err)
	}
	return out
}

func firstDifference(a, b []byte) string {
	n := 0
	for n < min(len(a), len(b)) && a[n] == b[n] {
		n++
	}
	from := max(0, n-500)
	return fmt.Sprintf("kept …%s\nanew …%s", a[from:min(len(a), n+200)], b[from:min(len(b), n+200)])
}

// What was answered is not measured again.
func TestAnswersAreKept(t *testing.T) {
	w := worldOf(geo.Security, admin(t, "HT0111", "HT01", 2, strip(0, 1)), zone(t, 1, "controlled", isHigh, strip(0, 0.5)))
	e := coverage.NewEngine(coverage.Options{})
	q := coverage.Question{World: w, At: now, Indicators: []string{"T1"}}
	first, err := e.Measure(testContext, q)
	if err != nil {
		t.Fatal(err)
	}
	second, err := e.Measure(testContext, q)
	if err != nil {
		t.Fatal(err)
	}
	if &first.Values[0] != &second.Values[0] {
		t.Error("the same question was measured twice")
	}
	q.At = now.Add(time.Minute)
	later, err := e.Measure(testContext, q)
	if err != nil {
		t.Fatal(err)
	}
	if later.Datetime == first.Datetime || later.Values[0].Datetime != later.Datetime {
		t.Errorf("%s and %s at another instant", later.Datetime, later.Values[0].Datetime)
	}
}
