package geo

import (
	"math"
	"strconv"
	"testing"

	"pgregory.net/rapid"
)

func TestCoordinatesAreWrittenAsFloats(t *testing.T) {
	t.Parallel()
	check := func(t interface{ Errorf(string, ...any) }, v float64) {
		if got, want := string(appendCoordinate([]byte("x"), v)), string(strconv.AppendFloat([]byte("x"), v, 'f', -1, 64)); got != want {
			t.Errorf("%b is written %s, not %s", v, got, want)
		}
	}
	for _, v := range []float64{
		0, math.Copysign(0, -1), 1, -1, 1e-6, -1e-6, 1e-7, .1, -.1, 180, -180, 90, 18.539300, -72.335000, 100.000001, 99.999999, 999.999999, -1000, 1000.5,
		1e9, 1e15, 1e300, 5e-324, math.NaN(), math.Inf(1), math.Inf(-1), math.Nextafter(18.5, 19), math.Nextafter(-72.3, 0),
	} {
		check(t, v)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, RoundCoordinate(rapid.Float64Range(-181, 181).Draw(t, "rounded")))
		check(t, rapid.Float64().Draw(t, "any"))
		check(t, float64(rapid.Int64Range(-2_000_000_000, 2_000_000_000).Draw(t, "millionths"))/1e6)
	})
}

func BenchmarkCoordinate(b *testing.B) {
	buffer := make([]byte, 0, 32)
	for _, c := range []struct {
		name string
		v    float64
	}{{"of the record", -72.334567}, {"another", -72.33456789012}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				buffer = appendCoordinate(buffer[:0], c.v)
			}
		})
	}
}
