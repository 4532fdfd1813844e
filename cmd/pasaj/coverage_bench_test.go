//go:build linux

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/paulmach/orb"
	"github.com/paulmach/orb/encoding/wkb"
	"github.com/paulmach/orb/geojson"

	"pasaj/data/cluster/clustertest"
	"pasaj/data/haiti"
	"pasaj/data/postgis"
	"pasaj/data/postgis/postgistest"
	"pasaj/geo"
	"pasaj/geo/coverage"
	geodesy "pasaj/geo/measure"
	"pasaj/geo/overlay"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// What the scene of BenchmarkCoverage holds.
const (
	sceneZones        = 300
	sceneVertices     = 200
	sceneFacilities   = 5_000
	scenePolice       = 412 // of the facilities
	sceneIncidents    = 2_000
	sceneRoadblocks   = 300
	sceneObservations = 10_000
	sceneStates       = 2_000 // of zones, for the series
)

// coverageScene is the record of BenchmarkCoverage.
type coverageScene struct {
	communes  []*geo.Version
	zones     []*geo.Version // as they stand at the instant
	rest      []*geo.Version // everything else that a world holds
	world     *world.World
	at        time.Time
	tallies   []geo.Tally
	before    *world.World // as it was known before the last news
	baselines []coverage.Baseline
	random    *rand.Rand
}

// BenchmarkCoverage measures coverage on 140 communes under 300 zones with 5,000
// facilities, the bundled national roads and the bundled road network: every
// figure of territory, roads, facilities, police, exposure and quality for every
// area, from nothing and after one zone was edited; a figure asked again; a year
// of days; memory; and PostGIS on the same communes and zones. Processor time is
// that of this process, the collector of garbage included. The communes are the
// official ones of PASAJ_EVAL_DATA, or else the bundled ones with as many vertices.
//
//	go test ./cmd/pasaj -run '^$' -bench '^BenchmarkCoverage$' -timeout 30m
func BenchmarkCoverage(b *testing.B) {
	s := newCoverageScene(b)
	asked := coverageCodes("T", "R", "F", "L", "X", "Q")
	b.Run("from nothing", func(b *testing.B) { s.fromNothing(b, asked) })
	b.Run("from nothing, all indicators", func(b *testing.B) { s.fromNothing(b, nil) })
	b.Run("after an edit", func(b *testing.B) { s.afterEdit(b, asked) })
	b.Run("after an edit, all indicators", func(b *testing.B) { s.afterEdit(b, nil) })
	b.Run("series of 365 days", s.series)
	b.Run("again", func(b *testing.B) { s.again(b, nil) })
	b.Run("T1", func(b *testing.B) { s.fromNothing(b, []string{"T1"}) })
	b.Run("T1 by PostGIS", s.byPostGIS)
	for _, code := range coverageCodes() {
		b.Run("each/"+code+" from nothing", func(b *testing.B) { s.fromNothing(b, []string{code}) })
		b.Run("each/"+code+" after an edit", func(b *testing.B) { s.afterEdit(b, []string{code}) })
	}
}

// coverageCodes are the indicators of some families, or of all.
func coverageCodes(families ...string) []string {
	var out []string
	for _, i := range coverage.Indicators() {
		if len(families) == 0 || slices.Contains(families, i.Code[:1]) {
			out = append(out, i.Code)
		}
	}
	return out
}

func newCoverageScene(b *testing.B) *coverageScene {
	b.Helper()
	record := postgistest.Open(b, postgis.Options{Model: &geo.DefaultModel})
	batches, err := haiti.Batches()
	if err != nil {
		b.Fatal(err)
	}
	for _, batch := range batches {
		if _, err := record.Write(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	network, edges, err := haiti.Network()
	if err != nil {
		b.Fatal(err)
	}
	if _, err := record.WriteNetwork(b.Context(), haiti.Author, network, edges, nil); err != nil {
		b.Fatal(err)
	}
	bundled, err := record.Load(b.Context(), geo.Security, 0)
	if err != nil {
		b.Fatal(err)
	}
	s := &coverageScene{at: countryMorning, random: rand.New(rand.NewPCG(140, 300))}
	if s.baselines, err = haiti.Baselines(); err != nil {
		b.Fatal(err)
	}
	outlines := officialOutlines(b)
	for _, name := range []string{"admin-areas", "national-roads", "places", "armed-groups", "group-memberships"} {
		bundled.Named(name).Each(geo.Moment{}, func(v *geo.Version) bool {
			if level, _ := v.Number("level"); name == "admin-areas" && level == 2 {
				area := divided(v.Geometry.(orb.MultiPolygon), 380)
				if outlines != nil {
					area = outlines[v.Text("pcode")]
				}
				one := *v
				one.Geometry = area
				s.communes = append(s.communes, geo.NewVersion(one, &geo.DefaultModel))
				return true
			}
			s.rest = append(s.rest, v)
			return true
		})
	}
	if len(s.communes) != 140 {
		b.Fatalf("%d communes", len(s.communes))
	}
	var states []*geo.Version
	for n := range sceneZones {
		states = append(states, s.zone(b, n)...)
	}
	for _, v := range states {
		if v.Valid.Contains(s.at) {
			s.zones = append(s.zones, v)
		}
	}
	s.addFacilities(b)
	s.addIncidents(b)
	s.addRoadblocks(b)
	s.addObservations()
	s.rest = append(s.rest, s.communes...)
	s.world = world.Build(geo.Security, &geo.DefaultModel, 10, s.at.Add(-time.Minute), slices.Concat(s.rest, states), bundled.Network())
	s.before = world.Build(geo.Security, &geo.DefaultModel, 9, s.at.AddDate(0, 0, -40), slices.Concat(s.rest, states[:len(states)-10]), bundled.Network())
	vertices := 0
	for _, v := range s.communes {
		vertices += verticesOf(v.Geometry.(orb.MultiPolygon))
	}
	fmt.Printf("# %d communes of %d vertices in the mean, %d zones in %d states, %d edges of road\n",
		len(s.communes), vertices/len(s.communes), sceneZones, len(states), bundled.Network().Len())
	return s
}

// officialOutlines are the communes of COD-AB by p-code, nil without the data.
func officialOutlines(b *testing.B) map[string]orb.MultiPolygon {
	b.Helper()
	folder := os.Getenv("PASAJ_EVAL_DATA")
	if folder == "" {
		return nil
	}
	raw, err := os.ReadFile(filepath.Join(folder, "admin", "cod_ab_2018_adm2_communes.geojson"))
	if err != nil {
		b.Fatal(err)
	}
	collection, err := geojson.UnmarshalFeatureCollection(raw)
	if err != nil {
		b.Fatal(err)
	}
	out := map[string]orb.MultiPolygon{}
	for _, f := range collection.Features {
		geometry, err := geojson.NewGeometry(f.Geometry).MarshalJSON()
		if err != nil {
			b.Fatal(err)
		}
		tidied, fault := geo.DecodeGeometry(geo.MultiPolygon, geometry)
		if fault != nil {
			b.Fatal(fault)
		}
		out[f.Properties.MustString("ADM2_PCODE")] = tidied.(orb.MultiPolygon)
	}
	return out
}

// divided parts the edges of an area alike from both sides, so that it has some
// n vertices and neighbours still share theirs.
func divided(area orb.MultiPolygon, n int) orb.MultiPolygon {
	parts := max(1, n/verticesOf(area))
	var out orb.MultiPolygon
	for _, polygon := range area {
		var rings orb.Polygon
		for _, ring := range polygon {
			var points orb.Ring
			for i := 1; i < len(ring); i++ {
				a, b := ring[i-1], ring[i]
				for k := range parts {
					f := float64(k) / float64(parts)
					from, to := a, b
					if slices.Compare(a[:], b[:]) > 0 {
						from, to, f = b, a, float64(parts-k)/float64(parts)
					}
					points = append(points, orb.Point{geo.RoundCoordinate(from[0] + f*(to[0]-from[0])), geo.RoundCoordinate(from[1] + f*(to[1]-from[1]))})
				}
			}
			rings = append(rings, append(points, points[0]))
		}
		out = append(out, rings)
	}
	return out
}

func verticesOf(area orb.MultiPolygon) int {
	n := 0
	for _, polygon := range area {
		for _, ring := range polygon {
			n += len(ring)
		}
	}
	return n
}

// feature makes a version with an id from a counter.
func (s *coverageScene) feature(b *testing.B, layer string, number int, valid geo.Period, geometry orb.Geometry, values map[string]any) *geo.Version {
	b.Helper()
	l, ok := geo.LayerByName(layer)
	if !ok {
		b.Fatalf("no layer %s", layer)
	}
	v := geo.Version{
		Layer: l, ID: uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "%s %d", layer, number)), Known: 5, KnownAt: s.at.AddDate(0, -3, 0),
		Valid: valid, Geometry: geometry, Values: make([]any, len(l.Properties)),
	}
	values["review_state"] = "approved"
	for name, value := range values {
		i := l.Index(name)
		if i < 0 {
			b.Fatalf("%s has no %s", layer, name)
		}
		v.Values[i] = value
	}
	return geo.NewVersion(v, &geo.DefaultModel)
}

// place is a place in one of the communes.
func (s *coverageScene) place() orb.Point {
	for {
		area := s.communes[s.random.IntN(len(s.communes))].Geometry.(orb.MultiPolygon)
		box := area.Bound()
		p := orb.Point{
			geo.RoundCoordinate(box.Min[0] + s.random.Float64()*(box.Max[0]-box.Min[0])),
			geo.RoundCoordinate(box.Min[1] + s.random.Float64()*(box.Max[1]-box.Min[1])),
		}
		if overlay.Contains(area, p) {
			return p
		}
	}
}

// star is an outline round a place.
func (s *coverageScene) star(center orb.Point, radiusM float64) orb.MultiPolygon {
	var ring orb.Ring
	wave, phase := 3+s.random.IntN(5), 2*math.Pi*s.random.Float64()
	for i := range sceneVertices {
		turn := 2 * math.Pi * float64(i) / sceneVertices
		r := radiusM * (0.7 + 0.25*math.Sin(float64(wave)*turn+phase) + 0.05*s.random.Float64())
		p := geodesy.Destination(center, -360*float64(i)/sceneVertices, r)
		ring = append(ring, orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])})
	}
	return orb.MultiPolygon{{append(ring, ring[0])}}
}

// zone makes the states of one zone: one or two.
func (s *coverageScene) zone(b *testing.B, n int) []*geo.Version {
	area := s.star(s.place(), 1500+6500*s.random.Float64())
	control := geo.ControlPrecedence[s.random.IntN(len(geo.ControlPrecedence))]
	groups := []string{"viv_ansanm", "400_mawozo", "ti_bwa", "gran_grif", "kraze_barye", "canaan", "g9", "5_segond", "vitelhomme", "kokorat_san_ras", "base_pilate", "taliban"}
	holders := []geo.Holder{{Group: groups[s.random.IntN(len(groups))], Role: "principal"}}
	for _, role := range []string{"ally", "claimed"}[:s.random.IntN(3)] {
		holders = append(holders, geo.Holder{Group: groups[s.random.IntN(len(groups))], Role: role})
	}
	raw, err := json.Marshal(holders)
	if err != nil {
		b.Fatal(err)
	}
	values := func(control string, confirmed time.Time) map[string]any {
		v := map[string]any{
			"control_type": control, "confidence": 0.2 + 0.75*s.random.Float64(), "last_confirmed_at": confirmed, "holders": json.RawMessage(raw),
		}
		if traits := geo.GovernanceTraits(); s.random.IntN(2) == 0 {
			v["traits"] = []string{traits[s.random.IntN(len(traits))]}
		}
		return v
	}
	begun := s.at.AddDate(0, 0, -60-s.random.IntN(300))
	confirmed := s.at.Add(-time.Duration(s.random.IntN(120*24)) * time.Hour)
	if n%4 > 0 {
		return []*geo.Version{s.feature(b, "controlled-zones", n, geo.Period{From: begun}, area, values(control, confirmed))}
	}
	change := s.at.AddDate(0, 0, -1-s.random.IntN(55))
	return []*geo.Version{
		s.feature(b, "controlled-zones", n, geo.Period{From: begun, To: change}, area, values("controlled", begun)),
		s.feature(b, "controlled-zones", n, geo.Period{From: change}, area, values([]string{"recovered", "state_held", control}[s.random.IntN(3)], s.at.AddDate(0, 0, -1))),
	}
}

func (s *coverageScene) addFacilities(b *testing.B) {
	functional := []string{"full", "partial", "none", "unknown"}
	for n := range sceneFacilities {
		layer, kind := "facilities", ""
		switch {
		case n < 10:
			layer, kind = "police-facilities", "police_departmental_directorate"
		case n < scenePolice:
			layer, kind = "police-facilities", []string{"police_commissariat", "police_sub_commissariat", "police_antenne"}[n%3]
		case n < scenePolice+20:
			layer, kind = "ports", []string{"port", "fuel_terminal", "wharf"}[n%3]
		case n < scenePolice+30:
			layer, kind = "airports", []string{"airport", "airstrip"}[n%2]
		default:
			kind = []string{"school", "school", "school", "polling_place", "polling_place", "health_centre", "market", "court_peace", "warehouse", "idp_site"}[n%10]
			if n%40 == 0 {
				kind = "hospital"
			} else if n%250 == 1 {
				kind = []string{"prison", "court_tpi"}[n/250%2]
			}
		}
		s.rest = append(s.rest, s.feature(b, layer, n, geo.Period{From: s.at.AddDate(-1, 0, 0)}, s.place(), map[string]any{
			"facility_type": kind, "functional": functional[min(3, s.random.IntN(7)/2)], "confidence": 0.2 + 0.75*s.random.Float64(),
			"last_confirmed_at": s.at.Add(-time.Duration(s.random.IntN(200*24)) * time.Hour),
		}))
	}
}

func (s *coverageScene) addIncidents(b *testing.B) {
	types := []string{"arson", "clash", "truck_hijack", "massacre", "attack_health", "base_established", "displacement_event", "maritime_attack"}
	for n := range sceneIncidents {
		occurred := s.at.Add(-time.Duration(s.random.IntN(365*24)) * time.Hour)
		s.rest = append(s.rest, s.feature(b, "incidents", n, geo.Period{From: occurred}, s.place(), map[string]any{
			"event_type": types[n%len(types)], "protection_class": "none", "occurred_at": occurred, "confidence": 0.2 + 0.75*s.random.Float64(),
			"fatalities_min": int64(n % 4), "fatalities_max": int64(n % 4), "last_confirmed_at": occurred,
		}))
	}
}

// addRoadblocks puts roadblocks on the national roads.
func (s *coverageScene) addRoadblocks(b *testing.B) {
	var places []orb.Point
	for _, v := range s.rest {
		if lines, ok := v.Geometry.(orb.MultiLineString); ok {
			for _, line := range lines {
				places = append(places, line...)
			}
		}
	}
	states := []string{"active", "active", "reported", "intermittent", "cleared", "disputed"}
	for n := range sceneRoadblocks {
		s.rest = append(s.rest, s.feature(b, "roadblocks", n, geo.Period{From: s.at.Add(-time.Duration(s.random.IntN(60*24)) * time.Hour)}, places[s.random.IntN(len(places))], map[string]any{
			"subtype": []string{"toll_post", "barricade_manned", "fixed_barrier"}[n%3], "state": states[n%len(states)], "actor_type": []string{"gang", "police", "unknown"}[n%3],
			"precision_m": 50.0, "confidence": 0.2 + 0.75*s.random.Float64(), "last_confirmed_at": s.at.Add(-time.Duration(s.random.IntN(10*24)) * time.Hour),
			"passability": json.RawMessage(`{"car":"pay","suv4x4":"yes","truck_20t":"no"}`),
			"toll":        json.RawMessage(`[{"vehicle_class":"car","amount":500,"currency":"HTG","unit":"trip"}]`),
		}))
	}
}

func (s *coverageScene) addObservations() {
	for n := range sceneObservations {
		received := s.at.Add(-time.Duration(s.random.IntN(30*24*60)) * time.Minute)
		s.tallies = append(s.tallies, geo.Tally{
			Commune: s.communes[s.random.IntN(len(s.communes))].Text("pcode"), RoadRef: []string{"", "RN1", "RN2"}[n%3],
			ObservedAt: received.Add(-time.Hour), ReceivedAt: received, TriageState: []string{"new", "linked", "rejected"}[n%3], SourceKey: fmt.Sprint(n % 400),
		})
	}
}

// newEngine is an engine without anything kept, with one for ways that keeps
// nothing either.
func (s *coverageScene) newEngine(b *testing.B) *coverage.Engine {
	ways := passage.NewEngine(passage.EngineOptions{Background: math.MaxInt, Failed: func(err error) { b.Error(err) }})
	return coverage.NewEngine(coverage.Options{Ways: ways.Ways(), Baselines: s.baselines})
}

func (s *coverageScene) question(w *world.World, codes []string) coverage.Question {
	return coverage.Question{
		World: w, At: s.at, Indicators: codes, Tallies: s.tallies,
		Past: func(context.Context, time.Time) (*world.World, error) { return s.before, nil },
	}
}

func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func (s *coverageScene) fromNothing(b *testing.B, codes []string) {
	var cpu time.Duration
	values := 0
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		b.StartTimer()
		before := processorTime(b)
		m, err := s.newEngine(b).Measure(b.Context(), s.question(s.world, codes))
		cpu += processorTime(b) - before
		if err != nil {
			b.Fatal(err)
		}
		values = len(m.Values)
	}
	b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(values), "values")
}

// edited is a world in which one zone was drawn anew.
func (s *coverageScene) edited(b *testing.B, w *world.World, n int) *world.World {
	old := s.zones[n%len(s.zones)]
	item, ok := w.Named("controlled-zones").Item(old.ID)
	if !ok {
		b.Fatal("no zone")
	}
	last := item.Versions[len(item.Versions)-1]
	next := *last
	next.Known, next.KnownAt = w.Revision()+1, s.at
	next.Geometry = s.star(last.Bound.Center(), 1500+6500*s.random.Float64())
	edited, _ := w.Apply(world.Step{Revision: w.Revision() + 1, At: s.at, Closed: []*geo.Version{last}, Opened: []*geo.Version{geo.NewVersion(next, &geo.DefaultModel)}})
	return edited
}

func (s *coverageScene) afterEdit(b *testing.B, codes []string) {
	e, w := s.newEngine(b), s.world
	ask := func() *coverage.Measurement {
		m, err := e.Measure(b.Context(), s.question(w, codes))
		if err != nil {
			b.Fatal(err)
		}
		return m
	}
	ask()
	var all []time.Duration
	var cpu time.Duration
	for n := 0; b.Loop(); n++ {
		b.StopTimer()
		w = s.edited(b, w, n*7)
		b.StartTimer()
		before := processorTime(b)
		m := ask()
		all = append(all, processorTime(b)-before)
		cpu += all[len(all)-1]
		if m.Revision != w.Revision() {
			b.Fatal("an old answer")
		}
	}
	slices.Sort(all)
	b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(all[len(all)/2].Seconds()*1000, "cpu-median-ms")
	b.ReportMetric(all[len(all)-1].Seconds()*1000, "cpu-most-ms")
}

func (s *coverageScene) again(b *testing.B, codes []string) {
	e := s.newEngine(b)
	if _, err := e.Measure(b.Context(), s.question(s.world, codes)); err != nil {
		b.Fatal(err)
	}
	before := processorTime(b)
	for b.Loop() {
		if _, err := e.Measure(b.Context(), s.question(s.world, codes)); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric((processorTime(b)-before).Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(heapMB(), "heap-MB") // the scene, the network and what the engine keeps
	b.ReportMetric(mostResidentMB(b), "most-resident-MB")
	runtime.KeepAlive(e)
}

// mostResidentMB is the most memory that this process ever held.
func mostResidentMB(b *testing.B) float64 {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			var kB float64
			if _, err := fmt.Sscan(rest, &kB); err != nil {
				b.Fatal(err)
			}
			return kB / 1024
		}
	}
	b.Fatal("no VmHWM")
	return 0
}

// series follows T1 of all communes over a year of days with many states of zones.
func (s *coverageScene) series(b *testing.B) {
	var states []*geo.Version
	of := sceneStates / sceneZones
	step := 365 * 24 * time.Hour / time.Duration(of+1)
	for n := range sceneStates {
		zone, k := n%sceneZones, n/sceneZones
		from := s.at.AddDate(-1, 0, 0).Add(time.Duration(k)*step + time.Duration(zone)*time.Hour)
		valid := geo.Period{From: from, To: from.Add(step)}
		if n+sceneZones >= sceneStates {
			valid.To = time.Time{}
		}
		v := *s.zone(b, 1)[0]
		v.ID, v.Valid = uuid.NewSHA1(uuid.Nil, fmt.Appendf(nil, "series %d", zone)), valid
		states = append(states, geo.NewVersion(v, &geo.DefaultModel))
	}
	w := world.Build(geo.Security, &geo.DefaultModel, 10, s.at, slices.Concat(s.rest, states), s.world.Network())
	q := coverage.SeriesQuestion{
		Question: coverage.Question{World: w, Indicators: []string{"T1"}, Level: coverage.LevelCommune},
		From:     s.at.AddDate(0, 0, -364), To: s.at, Step: 24 * time.Hour,
	}
	var cpu time.Duration
	points := 0
	for b.Loop() {
		b.StopTimer()
		runtime.GC()
		b.StartTimer()
		before := processorTime(b)
		out, err := s.newEngine(b).Series(b.Context(), q)
		cpu += processorTime(b) - before
		if err != nil {
			b.Fatal(err)
		}
		points = 0
		for _, line := range out.Lines {
			points += len(line.Points)
		}
	}
	b.ReportMetric(cpu.Seconds()*1000/float64(b.N), "cpu-ms/op")
	b.ReportMetric(float64(points), "points")
}

// territoryByType is T1 by type of control and degree of evidence for all
// communes, as one statement.
const territoryByType = `
	WITH own AS (
	    SELECT c.pcode, k.control, d.degree, c.geom AS commune, ST_Intersection(ST_Union(z.geom), c.geom) AS geom
	    FROM commune c CROSS JOIN generate_series(0, 7) AS k(control) CROSS JOIN generate_series(0, 2) AS d(degree)
	    JOIN zone z ON z.control = k.control AND z.degree <= d.degree AND ST_Intersects(z.geom, c.geom)
	    GROUP BY c.pcode, k.control, d.degree
	), apart AS (
	    SELECT o.pcode, o.control, o.degree, o.commune,
	           coalesce(ST_Difference(o.geom, (SELECT ST_Union(z.geom) FROM zone z
	               WHERE z.control < o.control AND z.degree <= 2 - o.degree AND ST_Intersects(z.geom, o.geom))), o.geom) AS geom
	    FROM own o
	)
	SELECT pcode, control, degree, ST_Area(geom::geography) / ST_Area(commune::geography) FROM apart`

func (s *coverageScene) byPostGIS(b *testing.B) {
	db, err := pgx.Connect(b.Context(), clustertest.Database(b, clustertest.Template{}))
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close(context.Background())
	batch := &pgx.Batch{}
	batch.Queue(`CREATE EXTENSION IF NOT EXISTS postgis`)
	batch.Queue(`CREATE TABLE commune (pcode text PRIMARY KEY, geom geometry)`)
	batch.Queue(`CREATE TABLE zone (id int PRIMARY KEY, control int, degree int, geom geometry)`)
	if err := db.SendBatch(b.Context(), batch).Close(); err != nil {
		b.Fatal(err)
	}
	batch = &pgx.Batch{}
	for _, v := range s.communes {
		batch.Queue(`INSERT INTO commune VALUES ($1, ST_GeomFromWKB($2, 4326))`, v.Text("pcode"), wkb.MustMarshal(v.Geometry))
	}
	for i, v := range s.zones {
		worth := geo.DefaultModel.Assess(v, s.at)
		degree := map[string]int{"high": 0, "medium": 1, "low": 2}[worth.Label]
		if worth.Stale {
			degree = 2
		}
		batch.Queue(`INSERT INTO zone VALUES ($1, $2, $3, ST_GeomFromWKB($4, 4326))`,
			i, slices.Index(geo.ControlPrecedence, v.Text("control_type")), degree, wkb.MustMarshal(v.Geometry))
	}
	for _, statement := range []string{`CREATE INDEX ON commune USING gist (geom)`, `CREATE INDEX ON zone USING gist (geom)`, `ANALYZE`} {
		batch.Queue(statement)
	}
	if err := db.SendBatch(b.Context(), batch).Close(); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		rows, err := db.Query(b.Context(), territoryByType)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
		}
		if err := cmp.Or(rows.Err(), b.Context().Err()); err != nil {
			b.Fatal(err)
		}
	}
}
