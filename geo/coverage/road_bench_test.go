package coverage_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// roadBenchmark is 140 communes under 300 zones of 200 vertices, with 41
// sections of national roads of some 50 vertices, and 300 roadblocks.
func roadBenchmark(b *testing.B) []*geo.Version {
	random := rand.New(rand.NewPCG(7, 8))
	communes := madeCommunes(random, 14, 10, 50)
	versions := outlineVersions(b, communes)
	for k := range 300 {
		box := communes[random.IntN(len(communes))].area.Bound()
		center := orb.Point{box.Min[0] + random.Float64()*(box.Max[0]-box.Min[0]), box.Min[1] + random.Float64()*(box.Max[1]-box.Min[1])}
		radius := 0.01 + 0.04*random.Float64()
		var ring orb.Ring
		for i := range 200 {
			sin, cos := math.Sincos(2 * math.Pi * float64(i) / 200)
			r := radius * (0.8 + 0.2*random.Float64())
			ring = append(ring, orb.Point{geo.RoundCoordinate(center[0] + r*cos), geo.RoundCoordinate(center[1] + r*sin)})
		}
		versions = append(versions, zone(b, k, geo.ControlPrecedence[k%3], []string{isHigh, isMedium, isLow, isStale}[k%4], orb.MultiPolygon{{append(ring, ring[0])}}))
	}
	for k := range 41 {
		p := orb.Point{-73.4 + 1.6*random.Float64(), 18.4 + 1.2*random.Float64()}
		heading := 2 * math.Pi * random.Float64()
		var line []orb.Point
		for range 50 {
			line = append(line, orb.Point{geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])})
			heading += random.NormFloat64() / 4
			p = orb.Point{p[0] + 0.008*math.Cos(heading), p[1] + 0.008*math.Sin(heading)}
		}
		versions = append(versions, roadSection(b, k, fmt.Sprintf("RN%d", 1+k%8), []string{"open", "closed", "restricted", "unknown"}[k%4], isHigh, line...))
	}
	for k := range 300 {
		p := orb.Point{-73.4 + 1.6*random.Float64(), 18.4 + 1.2*random.Float64()}
		versions = append(versions, roadblock(b, k, "active", isHigh, p))
	}
	return versions
}

var roadCodes = []string{"R1", "R2", "R3", "R4", "R5"}

// BenchmarkRoadsFromNothing measures R1 to R5 of all areas with a new engine.
func BenchmarkRoadsFromNothing(b *testing.B) {
	w := worldOf(geo.Security, roadBenchmark(b)...)
	before := ownCPU(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := coverage.NewEngine(coverage.Options{}).Measure(testContext, coverage.Question{World: w, At: now, Indicators: roadCodes}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// BenchmarkRoadsAgain is the same with an engine that was asked before: what an
// edit of something else costs.
func BenchmarkRoadsAgain(b *testing.B) {
	w := worldOf(geo.Security, roadBenchmark(b)...)
	e := coverage.NewEngine(coverage.Options{})
	q := coverage.Question{World: w, At: now, Indicators: roadCodes}
	if _, err := e.Measure(testContext, q); err != nil {
		b.Fatal(err)
	}
	before := ownCPU(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Measure(testContext, q); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

// BenchmarkQualityAgain is V1 to V3 and Q1 to Q5 with an engine that was asked
// before.
func BenchmarkQualityAgain(b *testing.B) {
	w := worldOf(geo.Security, roadBenchmark(b)...)
	e := coverage.NewEngine(coverage.Options{})
	q := coverage.Question{World: w, At: now, Indicators: []string{"V1", "V2", "V3", "Q1", "Q2", "Q3", "Q4", "Q5"}, Tallies: []geo.Tally{}}
	if _, err := e.Measure(testContext, q); err != nil {
		b.Fatal(err)
	}
	before := ownCPU(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := e.Measure(testContext, q); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}
