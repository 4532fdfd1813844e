package arrangement_test

import (
	"context"
	"encoding/binary"
	"math"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/arrangement"
)

var testContext = context.Background()

// areasOf reads rings from bytes: two signed bytes a vertex, on a grid whose
// unit is chosen by the first byte, and 0x80 at the end of a ring, twice of a
// polygon.
func areasOf(raw []byte) []orb.MultiPolygon {
	if len(raw) == 0 {
		return nil
	}
	unit := []float64{1e-7, 1e-6, 1e-3, 0.05, 0.3, 3}[int(raw[0])%6]
	out := []orb.MultiPolygon{{{{}}}}
	for raw = raw[1:]; len(raw) >= 2; raw = raw[2:] {
		last := &out[len(out)-1]
		polygon := &(*last)[len(*last)-1]
		switch binary.BigEndian.Uint16(raw) {
		case 0x8080:
			out = append(out, orb.MultiPolygon{{{}}})
			continue
		case 0x8081:
			*polygon = append(*polygon, orb.Ring{})
			continue
		case 0x8082:
			*last = append(*last, orb.Polygon{{}})
			continue
		}
		ring := &(*polygon)[len(*polygon)-1]
		*ring = append(*ring, orb.Point{-72 + unit*float64(int8(raw[0])), 18.5 + unit*float64(int8(raw[1]))})
	}
	return out
}

func FuzzBuild(f *testing.F) {
	f.Add([]byte("\x02\x00\x00\x20\x00\x20\x20\x00\x20\x80\x80\x10\x10\x30\x10\x30\x30\x10\x30"))
	f.Add([]byte("\x00\x00\x00\x20\x20\x20\x00\x00\x20\x80\x80\x00\x00\x20\x20\x20\x00\x00\x20\x80\x81\x08\x08\x10\x10\x10\x08"))
	f.Add([]byte("\x05\x00\x00\x7f\x00\x7f\x7f"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		areas := areasOf(raw)
		if len(areas) == 0 || len(raw) > 4000 {
			return
		}
		a, err := arrangement.Build(testContext, areas[0], areas[1:])
		if err != nil {
			if geo.CodeOf(err) != geo.CodeInvalid {
				t.Fatal(err)
			}
			return
		}
		for c := range a.Len() {
			if m2 := a.CellM2(c); !(m2 >= 0) || math.IsInf(m2, 0) {
				t.Errorf("cell %d has %v m²", c, m2)
			}
			for _, i := range a.Areas(c) {
				if i < 0 || int(i) >= len(areas)-1 {
					t.Errorf("area %d of %d", i, len(areas)-1)
				}
			}
		}
		if m2 := a.AreaM2(func(c int) bool { return c%2 == 0 }); !(m2 >= 0) || math.IsInf(m2, 0) {
			t.Errorf("%v m²", m2)
		}
		a.Sum(raster{west: -74, north: 20, size: 0.1, width: 40, height: 40})
	})
}
