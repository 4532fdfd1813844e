package geotiff_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/paulmach/orb"
	"pgregory.net/rapid"

	"pasaj/data/geotiff"
	"pasaj/data/geotiff/geotifftest"
	"pasaj/geo"
	"pasaj/geo/raster"
)

func read(b []byte, o geotiff.Options) (*geotiff.Image, error) {
	return geotiff.Read(context.Background(), bytes.NewReader(b), int64(len(b)), o)
}

func mustRead(t testing.TB, b []byte, o geotiff.Options) *geotiff.Image {
	t.Helper()
	img, err := read(b, o)
	if err != nil {
		t.Fatal(err)
	}
	return img
}

// sample is a file with repeats and noise in it, so that every codec has both.
func sample(width, height int) geotifftest.File {
	random := rand.New(rand.NewPCG(7, 7))
	values := make([]float64, width*height)
	for i := range values {
		switch {
		case i%11 < 4:
			values[i] = 3
		case i%5 == 0:
			values[i] = 0
		default:
			values[i] = float64(random.IntN(120))
		}
	}
	return geotifftest.File{Width: width, Height: height, Values: values, West: -74.5, North: 20, CellDeg: 1.0 / 128}
}

// same compares bit by bit, NaN with NaN.
func same(got []float32, want []float64) error {
	if len(got) != len(want) {
		return fmt.Errorf("%d values, want %d", len(got), len(want))
	}
	for i, v := range want {
		if w := float32(v); got[i] != w && (got[i] == got[i] || w == w) {
			return fmt.Errorf("value %d is %v, want %v", i, got[i], w)
		}
	}
	return nil
}

type form struct{ format, bits int }

var forms = []form{{1, 8}, {1, 16}, {1, 32}, {2, 8}, {2, 16}, {2, 32}, {3, 32}, {3, 64}}

func TestReadEveryForm(t *testing.T) {
	n := 0
	for _, order := range []binary.ByteOrder{binary.LittleEndian, binary.BigEndian} {
		for _, big := range []bool{false, true} {
			for _, block := range [][3]int{{0, 0, 0}, {0, 0, 1}, {0, 0, 7}, {16, 16, 0}, {32, 48, 0}, {64, 64, 0}} {
				for _, compression := range []int{1, 5, 8, 32946, 32773} {
					for _, predictor := range []int{1, 2, 3} {
						for _, form := range forms {
							if predictor != 1 && (compression == 1 || compression == 32773) || predictor == 3 && form.format != 3 {
								continue
							}
							f := sample(45, 37)
							f.Order, f.Big, f.Compression, f.Predictor = order, big, compression, predictor
							f.TileWidth, f.TileHeight, f.RowsPerStrip = block[0], block[1], block[2]
							f.Format, f.Bits = form.format, form.bits
							if form.format != 1 {
								f.Values[17] = -7
							}
							if form.format == 3 {
								f.Values[18], f.Values[19] = 0.1, math.NaN()
							}
							img, err := read(f.Bytes(), geotiff.Options{})
							if err == nil {
								err = same(img.Values, f.Values)
							}
							if err != nil {
								t.Fatalf("%v big %v block %v compression %d predictor %d form %v: %v", order, big, block, compression, predictor, form, err)
							}
							if img.Whole != (form.format != 3) || img.SampleBits != form.bits {
								t.Fatalf("form %v is told as whole %v, %d bits", form, img.Whole, img.SampleBits)
							}
							n++
						}
					}
				}
			}
		}
	}
	t.Logf("%d forms", n)
}

// TestReadLongBlocks packs enough for LZW's table to fill up many times.
func TestReadLongBlocks(t *testing.T) {
	for _, compression := range []int{5, 8, 32773} {
		f := sample(700, 300)
		f.Compression = compression
		if err := same(mustRead(t, f.Bytes(), geotiff.Options{}).Values, f.Values); err != nil {
			t.Errorf("compression %d: %v", compression, err)
		}
	}
}

func TestReadGeoreference(t *testing.T) {
	want := raster.Frame{West: -74.5, North: 20, CellLonDeg: 0.125, CellLatDeg: 0.125, Width: 4, Height: 3}
	plain := geotifftest.File{Width: 4, Height: 3, Values: make([]float64, 12), West: -74.5, North: 20, CellDeg: 0.125}
	for name, change := range map[string]func(*geotifftest.File){
		"scale and tiepoint": func(*geotifftest.File) {},
		"transformation":     func(f *geotifftest.File) { f.Transformation = true },
		"pixel is point":     func(f *geotifftest.File) { f.Point, f.West, f.North = true, -74.4375, 19.9375 },
		"point, transformed": func(f *geotifftest.File) {
			f.Point, f.Transformation, f.West, f.North = true, true, -74.4375, 19.9375
		},
		"tied elsewhere": func(f *geotifftest.File) {
			f.Override = map[uint16]geotifftest.Field{33922: {Kind: 12, Floats: []float64{2, 1, 0, -74.25, 19.875, 0}}}
		},
		"behind an overview": func(f *geotifftest.File) { f.Overview = true },
		"own name, WGS 84 datum": func(f *geotifftest.File) {
			f.Keys = []uint64{1, 1, 0, 4, 1024, 0, 1, 2, 2048, 0, 1, 32767, 2050, 0, 1, 6326, 2054, 0, 1, 9102}
		},
		"own name, GRS 80": func(f *geotifftest.File) {
			f.Keys = []uint64{1, 1, 0, 3, 1024, 0, 1, 2, 2048, 0, 1, 32767, 2056, 0, 1, 7019}
		},
		"no model type": func(f *geotifftest.File) { f.Keys = []uint64{1, 1, 0, 1, 2048, 0, 1, 4326} },
	} {
		t.Run(name, func(t *testing.T) {
			f := plain
			change(&f)
			if got := mustRead(t, f.Bytes(), geotiff.Options{}).Frame; got != want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestReadNoData(t *testing.T) {
	nan := math.NaN()
	for name, c := range map[string]struct {
		format, bits int
		text         string
		value        float64
	}{
		"WorldPop":             {3, 32, "-99999", -99999},
		"least float32":        {3, 32, "-3.4028234663852886e+38", -math.MaxFloat32},
		"least float32, short": {3, 32, "-3.40282346638529e+38", -math.MaxFloat32},
		"least float64, short": {3, 64, "-1.79769313486232e+308", -math.MaxFloat64},
		"a fraction":           {3, 32, "0.1", float64(float32(0.1))},
		"not a number":         {3, 32, "nan", nan},
		"Windows":              {3, 32, "-1.#QNAN", nan},
		"a mask's":             {1, 8, "255", 255},
		"GHS":                  {1, 16, "65535 ", 65535},
		"greatest uint32":      {1, 32, "4294967295", 4294967295},
		"negative":             {2, 16, "-32768", -32768},
	} {
		t.Run(name, func(t *testing.T) {
			f := geotifftest.File{Width: 3, Height: 1, Values: []float64{1, c.value, 2}, Format: c.format, Bits: c.bits, CellDeg: 1, NoData: c.text}
			if err := same(mustRead(t, f.Bytes(), geotiff.Options{}).Values, []float64{1, nan, 2}); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestReadBlocksLeftOut(t *testing.T) {
	for _, noData := range []string{"", "-1"} {
		f := sample(45, 37)
		f.TileWidth, f.TileHeight, f.NoData = 16, 16, noData
		f.Sparse = func(block int) bool { return block == 4 } // in the middle of 3 by 3
		want := slices.Clone(f.Values)
		for y := 16; y < 32; y++ {
			for x := 16; x < 32; x++ {
				want[y*45+x] = 0
				if noData != "" {
					want[y*45+x] = math.NaN()
				}
			}
		}
		if err := same(mustRead(t, f.Bytes(), geotiff.Options{}).Values, want); err != nil {
			t.Errorf("no data %q: %v", noData, err)
		}
	}
}

// spy counts the bytes that are read.
type spy struct {
	io.ReaderAt
	read int
}

func (s *spy) ReadAt(b []byte, at int64) (int, error) {
	n, err := s.ReaderAt.ReadAt(b, at)
	s.read += n
	return n, err
}

func TestClipIsThatPartOfTheWhole(t *testing.T) {
	for _, tile := range []int{0, 16, 32} {
		for _, compression := range []int{1, 5, 8} {
			f := sample(150, 110)
			f.TileWidth, f.TileHeight, f.RowsPerStrip, f.Compression, f.NoData = tile, tile, 8, compression, "77"
			b := f.Bytes()
			grid, err := geotiff.Population(mustRead(t, b, geotiff.Options{}), "a", "", "")
			if err != nil {
				t.Fatal(err)
			}
			rapid.Check(t, func(t *rapid.T) {
				lon := func() float64 {
					return rapid.OneOf(rapid.Float64Range(-74.6, -73.2), rapid.Map(rapid.IntRange(0, 149), grid.ColumnLongitude)).Draw(t, "lon")
				}
				lat := func() float64 {
					return rapid.OneOf(rapid.Float64Range(19, 20.1), rapid.Map(rapid.IntRange(0, 109), grid.RowLatitude)).Draw(t, "lat")
				}
				clip := orb.MultiPoint{{lon(), lat()}, {lon(), lat()}}.Bound()
				want, wantErr := grid.Crop(clip)
				img, err := read(b, geotiff.Options{Clip: clip})
				if (err == nil) != (wantErr == nil) {
					t.Fatalf("read: %v, crop: %v", err, wantErr)
				}
				if err != nil {
					return
				}
				if img.Frame != want.Frame() {
					t.Fatalf("got %+v, want %+v", img.Frame, want.Frame())
				}
				for i, got := range img.Values {
					if w := want.Value(i%img.Frame.Width, i/img.Frame.Width); got != w && (got == got || w == w) {
						t.Fatalf("value %d is %v, want %v", i, got, w)
					}
				}
			})
		}
	}
}

func TestClipReadsOnlyItsBlocks(t *testing.T) {
	f := sample(320, 320)
	f.TileWidth, f.TileHeight = 16, 16
	b := f.Bytes()
	source := &spy{ReaderAt: bytes.NewReader(b)}
	clip := orb.Bound{Min: orb.Point{-74.5, 19.95}, Max: orb.Point{-74.45, 20}}
	if _, err := geotiff.Read(context.Background(), source, int64(len(b)), geotiff.Options{Clip: clip}); err != nil {
		t.Fatal(err)
	}
	if source.read > len(b)/20 {
		t.Errorf("%d of %d bytes were read", source.read, len(b))
	}
}

func TestProgressEndsWithAllRows(t *testing.T) {
	f := sample(45, 37)
	f.RowsPerStrip = 5
	var done []int
	mustRead(t, f.Bytes(), geotiff.Options{Progress: func(n, total int) {
		if total != 37 {
			t.Errorf("of %d rows", total)
		}
		done = append(done, n)
	}})
	if !slices.Equal(done, []int{5, 10, 15, 20, 25, 30, 35, 37}) {
		t.Error(done)
	}
}

func TestReadStopsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	f := sample(45, 37)
	f.RowsPerStrip = 1
	b := f.Bytes()
	calls := 0
	_, err := geotiff.Read(ctx, bytes.NewReader(b), int64(len(b)), geotiff.Options{Progress: func(int, int) { calls++; cancel() }})
	if !errors.Is(err, context.Canceled) || calls != 1 {
		t.Errorf("%v after %d rows", err, calls)
	}
}

var errDisk = errors.New("the disk is gone")

type brokenDisk struct {
	r  io.ReaderAt
	at int64
}

func (d brokenDisk) ReadAt(b []byte, at int64) (int, error) {
	if at+int64(len(b)) > d.at {
		return 0, errDisk
	}
	return d.r.ReadAt(b, at)
}

func TestAFailureOfTheSourceIsNotTheFilesFault(t *testing.T) {
	for _, compression := range []int{1, 5, 8, 32773} {
		f := sample(45, 37)
		f.Compression = compression
		b := f.Bytes()
		for at := range int64(len(b)) {
			_, err := geotiff.Read(context.Background(), brokenDisk{bytes.NewReader(b), at}, int64(len(b)), geotiff.Options{})
			if err != nil && (!errors.Is(err, errDisk) || geo.CodeOf(err) != "") {
				t.Fatalf("compression %d, gone at %d: %v", compression, at, err)
			}
		}
	}
}

// TestEveryCut cuts files short at every byte: the result is an error, or, if
// only what nobody needs is missing, the same values.
func TestEveryCut(t *testing.T) {
	for _, compression := range []int{1, 5, 8, 32773} {
		for _, big := range []bool{false, true} {
			f := sample(20, 18)
			f.Compression, f.Big, f.TileWidth, f.TileHeight, f.NoData, f.Overview = compression, big, 16, 16, "-1", true
			whole := f.Bytes()
			for n := range whole {
				img, err := read(whole[:n], geotiff.Options{})
				if err == nil {
					err = same(img.Values, f.Values)
					if err != nil || compression == 8 {
						t.Fatalf("compression %d cut at %d passes: %v", compression, n, err)
					}
				} else if geo.CodeOf(err) == "" {
					t.Fatalf("cut at %d: %v", n, err)
				}
				// The size is a claim too.
				if _, err := geotiff.Read(context.Background(), bytes.NewReader(whole[:n]), int64(len(whole)), geotiff.Options{}); err != nil && geo.CodeOf(err) == "" {
					t.Fatalf("cut at %d under a false size: %v", n, err)
				}
			}
		}
	}
}

// TestEveryDamage changes every byte: whatever comes of it is an error or an image.
func TestEveryDamage(t *testing.T) {
	for _, compression := range []int{1, 5, 8, 32773} {
		f := sample(20, 18)
		f.Compression, f.Predictor, f.RowsPerStrip, f.NoData = compression, 3, 5, "-1"
		whole := f.Bytes()
		for n := range whole {
			for _, with := range []byte{0, 1, 0x7f, 0xff} {
				damaged := slices.Clone(whole)
				damaged[n] = with
				img, err := read(damaged, geotiff.Options{MaxCells: 1 << 20})
				if err != nil && geo.CodeOf(err) == "" {
					t.Fatalf("damage at %d: %v", n, err)
				}
				if err == nil && len(img.Values) != img.Frame.Width*img.Frame.Height {
					t.Fatalf("damage at %d: %d values", n, len(img.Values))
				}
			}
		}
	}
}

func FuzzRead(f *testing.F) {
	for i, compression := range []int{1, 5, 8, 32773} {
		file := sample(20, 18)
		file.Compression, file.Predictor, file.NoData = compression, i%3+1, "-1"
		file.Overview, file.Point, file.Transformation = i == 1, i == 2, i == 3
		f.Add(file.Bytes())
		file.Big, file.TileWidth, file.TileHeight, file.Order = true, 16, 16, binary.BigEndian
		f.Add(file.Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		img, err := read(b, geotiff.Options{MaxCells: 1 << 16})
		if err != nil {
			if geo.CodeOf(err) == "" {
				t.Fatalf("%v is no *geo.Error", err)
			}
			return
		}
		if _, err := geotiff.BuiltUp(img, "", "a", "", ""); err != nil && geo.CodeOf(err) == "" {
			t.Fatalf("%v is no *geo.Error", err)
		}
	})
}

// haiti is a file of Haiti's size at 3 arc seconds, in tiles with Deflate.
func haiti(b *testing.B, predictor int) []byte {
	f := geotifftest.File{Width: 3400, Height: 2500, TileWidth: 256, TileHeight: 256, Compression: 8, Predictor: predictor, West: -74.5, North: 20.1, CellDeg: 3.0 / 3600, NoData: "-99999"}
	random := rand.New(rand.NewPCG(1, 2))
	f.Values = make([]float64, f.Width*f.Height)
	for i := range f.Values {
		f.Values[i] = -99999
		if y := i / f.Width; y > 600 && y < 2000 {
			f.Values[i] = random.ExpFloat64() * 4
		}
	}
	return f.Bytes()
}

func BenchmarkReadHaiti(b *testing.B) {
	for _, predictor := range []int{1, 3} {
		b.Run(fmt.Sprintf("predictor %d", predictor), func(b *testing.B) {
			file := haiti(b, predictor)
			b.ReportAllocs()
			for b.Loop() {
				img := mustRead(b, file, geotiff.Options{})
				if _, err := geotiff.Population(img, "haiti", "", ""); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(len(file))/1e6, "MB")
		})
	}
}
