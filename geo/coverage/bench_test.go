package coverage_test

import (
	"fmt"
	"math/rand/v2"
	"syscall"
	"testing"
	"time"

	"pasaj/geo"
	"pasaj/geo/coverage"
)

// benchmarkScene is 140 communes of 200 vertices under 100 zones of 8 to 158.
func benchmarkScene(b *testing.B) ([]outline, []judged) {
	random := rand.New(rand.NewPCG(7, 7))
	communes := madeCommunes(random, 14, 10, 50)
	return communes, randomZones(b, random, communes, 100)
}

// benchmarkCompute also reports the processor time of this process, which does
// not count what others do on a shared machine. A collection of garbage runs
// beside the computation, so it may exceed the time of day.
func benchmarkCompute(b *testing.B, q coverage.Query) {
	communes, zones := benchmarkScene(b)
	versions := outlineVersions(b, communes)
	for i, z := range zones {
		versions = append(versions, zone(b, i, geo.ControlPrecedence[z.control], z.worth, z.area,
			geo.Holder{Group: fmt.Sprint("g", i%12), Role: "principal"}))
	}
	w := worldOf(geo.Security, versions...)
	b.ReportAllocs()
	before := ownCPU(b)
	for b.Loop() {
		if _, err := coverage.NewEngine(coverage.Options{}).Report(testContext, w, q); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64((ownCPU(b)-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
}

func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// BenchmarkCompute140Communes gives for each commune, department and named
// area the shares by type and by group, low, central and high.
func BenchmarkCompute140Communes(b *testing.B) { benchmarkCompute(b, coverage.Query{At: now}) }

func BenchmarkComputeOneCommune(b *testing.B) {
	benchmarkCompute(b, coverage.Query{At: now, Areas: []string{"HT0505"}})
}

// BenchmarkPostGIS140Communes is PostGIS on the same communes and zones, by
// type only: the time of day of one statement in one backend.
func BenchmarkPostGIS140Communes(b *testing.B) {
	communes, zones := benchmarkScene(b)
	db := judge(b, communes, zones)
	for _, statement := range []string{`CREATE INDEX ON commune USING gist (geom)`, `CREATE INDEX ON zone USING gist (geom)`, `ANALYZE`} {
		if _, err := db.Exec(testContext, statement); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		rows, err := db.Query(testContext, sharesByType)
		if err != nil {
			b.Fatal(err)
		}
		for rows.Next() {
		}
		if rows.Err() != nil {
			b.Fatal(rows.Err())
		}
	}
}
