package geotiff_test

import (
	"math"
	"testing"

	"pasaj/data/geotiff"
	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/raster"
)

func image(bits int, cellDeg float64, values ...float32) *geotiff.Image {
	return &geotiff.Image{
		Frame:  raster.Frame{West: -72.5, North: 18.75, CellLonDeg: cellDeg, CellLatDeg: cellDeg, Width: len(values), Height: 1},
		Values: values, Whole: bits < 32, SampleBits: bits,
	}
}

func TestPopulation(t *testing.T) {
	nan := float32(math.NaN())
	img := image(32, 0.125, 1.5, nan, -3, 2)
	g, err := geotiff.Population(img, "people", "People 2025", "CC BY 4.0")
	if err != nil {
		t.Fatal(err)
	}
	if g.Total() != 3.5 || g.ID() != "people" || g.Name() != "People 2025" || g.Licence() != "CC BY 4.0" || g.West() != -72.5 || g.North() != 18.75 {
		t.Errorf("%+v, total %v", g.Frame(), g.Total())
	}
	if _, err := geotiff.Population(img, "again", "", ""); geo.CodeOf(err) != geo.CodeInvalid {
		t.Errorf("values given twice: %v", err)
	}
	if _, err := geotiff.Population(image(64, 0.125, float32(math.Inf(1))), "people", "", ""); geo.CodeOf(err) != geo.CodeInvalid {
		t.Errorf("endless people: %v", err)
	}
}

func TestBuiltUp(t *testing.T) {
	const arcSeconds3 = 3.0 / 3600
	cell := measure.AreaM2(image(32, arcSeconds3, 0).Frame.Bound())
	for name, c := range map[string]struct {
		img  *geotiff.Image
		unit geotiff.BuiltUpUnit
		want []float64
	}{
		"mask":                  {image(8, 0.125, 0, 1), "", []float64{0, 1}},
		"share":                 {image(32, 0.125, 0.25, 0.5), "", []float64{0.25, 0.5}},
		"percent":               {image(8, 0.125, 25, 100), "", []float64{0.25, 1}},
		"hectares":              {image(16, 0.125, 2500, 10_000), "", []float64{0.25, 1}},
		"of the cell":           {image(16, arcSeconds3, float32(math.Round(cell/4)), 9000), "", []float64{0.25, 1}},
		"few percent, said":     {image(8, 0.125, 0, 1), geotiff.BuiltUpPercent, []float64{0, 0.01}},
		"few of hectares, said": {image(16, arcSeconds3, 50, 100), geotiff.BuiltUpM2PerHectare, []float64{0.005, 0.01}},
	} {
		t.Run(name, func(t *testing.T) {
			g, err := geotiff.BuiltUp(c.img, c.unit, "built", "", "")
			if err != nil {
				t.Fatal(err)
			}
			for x, want := range c.want {
				if got := float64(g.Value(x, 0)); math.Abs(got-want) > 1e-4 {
					t.Errorf("cell %d: %v, want %v", x, got, want)
				}
			}
		})
	}
	for name, c := range map[string]struct {
		img  *geotiff.Image
		unit geotiff.BuiltUpUnit
	}{
		"a coded mask":  {image(8, 0.125, 0, 255), ""},
		"metres of all": {image(32, 0.125, 1_000_000), ""},
		"beyond a unit": {image(32, 0.125, 2), geotiff.BuiltUpShare},
		"unknown unit":  {image(32, 0.125, 1), "acres"},
		"no values":     {&geotiff.Image{Frame: image(32, 0.125, 1).Frame}, ""},
	} {
		if _, err := geotiff.BuiltUp(c.img, c.unit, "built", "", ""); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
