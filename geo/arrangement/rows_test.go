package arrangement_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo/arrangement"
	"pasaj/geo/overlay"
)

// raster has 1 in every cell, or what value says.
type raster struct {
	west, north, size float64
	width, height     int
	value             func(x, y int) float64
}

func (r raster) Height() int                   { return r.height }
func (r raster) RowLatitude(y int) float64     { return r.north - r.size*(float64(y)+0.5) }
func (r raster) ColumnLongitude(x int) float64 { return r.west + r.size*(float64(x)+0.5) }

func (r raster) Row(latitude float64) int {
	y := 0
	for y < r.height && r.RowLatitude(y) > latitude {
		y++
	}
	return y
}

func (r raster) Column(longitude float64) int {
	x := 0
	for x < r.width && r.ColumnLongitude(x) < longitude {
		x++
	}
	return x
}

func (r raster) RowSum(y, first, end int) float64 {
	sum := 0.0
	for x := first; x < end; x++ {
		if r.value == nil {
			sum++
		} else {
			sum += r.value(x, y)
		}
	}
	return sum
}

// Every centre counts in the cell of the areas that contain it.
func TestSum(t *testing.T) {
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(seed, 3))
		region := star(random, -72.3, 18.6, 0.1, 3+random.IntN(60))
		var areas []orb.MultiPolygon
		for range random.IntN(6) {
			areas = append(areas, star(random, -72.3+0.1*(random.Float64()-0.5), 18.6+0.1*(random.Float64()-0.5), 0.1*random.Float64()+0.001, 3+random.IntN(60)))
		}
		areas = append(areas, region, rectangle(-72.3, 18.6, -72.25, 18.7)) // along the border, and along the centres
		a, err := arrangement.Build(t.Context(), region, areas)
		if err != nil {
			t.Fatal(err)
		}
		r := raster{-72.4005 + 0.003*random.Float64(), 18.7005, 0.001, 200, 200, func(x, y int) float64 { return float64(1 + x*7%13 + y*5%11) }}
		want := map[int]float64{}
		doubt, total := 0.0, 0.0
		for y := range r.height {
			for x := range r.width {
				p := orb.Point{r.ColumnLongitude(x), r.RowLatitude(y)}
				if !overlay.Contains(region, p) {
					continue
				}
				key := 0
				for i := range areas {
					if overlay.Contains(areas[i], p) {
						key |= 1 << i
					}
				}
				want[key] += r.value(x, y)
				total += r.value(x, y)
				if math.Abs(p[0]+72.3) < 1e-9 || math.Abs(p[0]+72.25) < 1e-9 || math.Abs(p[1]-18.6) < 1e-9 {
					doubt += r.value(x, y) // a centre on a border may count on either side
				}
			}
		}
		sums := a.Sum(r)
		if len(sums) != a.Len() {
			t.Fatalf("%d sums of %d cells", len(sums), a.Len())
		}
		got := 0.0
		for c, sum := range sums {
			key := 0
			for _, i := range a.Areas(c) {
				key |= 1 << i
			}
			if math.Abs(sum-want[key]) > doubt {
				t.Errorf("%d: cell %v has %v, want %v", seed, a.Areas(c), sum, want[key])
			}
			got += sum
			delete(want, key)
		}
		for key, sum := range want {
			if sum > doubt {
				t.Errorf("%d: cell %b with %v is missing", seed, key, sum)
			}
		}
		if math.Abs(got-total) > 1e-9 {
			t.Errorf("%d: %v in all, want %v", seed, got, total)
		}
	}
}
