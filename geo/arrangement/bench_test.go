package arrangement_test

import (
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo/arrangement"
	"pasaj/geo/overlay"
)

// scene is a region of jagged border and areas scattered over it.
func scene(regionVertices, areas int, radius float64) (orb.MultiPolygon, []orb.MultiPolygon) {
	random := rand.New(rand.NewPCG(1804, uint64(areas)))
	region := star(random, -72.3, 18.6, 0.15, regionVertices)
	var list []orb.MultiPolygon
	for range areas {
		list = append(list, star(random, -72.3+0.2*(random.Float64()-0.5), 18.6+0.2*(random.Float64()-0.5), radius, 200))
	}
	return region, list
}

func benchmarkBuild(b *testing.B, regionVertices, areas int, radius float64) {
	region, list := scene(regionVertices, areas, radius)
	var a *arrangement.Arrangement
	b.Run("build", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var err error
			if a, err = arrangement.Build(b.Context(), region, list); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(a.Len()), "cells")
		b.ReportMetric(float64(a.Bytes()), "held-bytes")
	})
	b.Run("area of union", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			a.AreaM2(func(cell int) bool { return len(a.Areas(cell)) > 0 })
		}
	})
	b.Run("peer union", func(b *testing.B) {
		for b.Loop() {
			union, err := overlay.Union(list)
			if err == nil {
				_, err = overlay.Intersection(union, region)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkSix is a commune of 400 vertices under 6 areas of 200. The peer is
// the union of the areas within the region by simplefeatures: one of the many
// combinations that the arrangement answers for.
func BenchmarkSix(b *testing.B) { benchmarkBuild(b, 400, 6, 0.06) }

// BenchmarkSixty is a region of 1000 vertices under 60 areas of 200.
func BenchmarkSixty(b *testing.B) { benchmarkBuild(b, 1000, 60, 0.04) }
