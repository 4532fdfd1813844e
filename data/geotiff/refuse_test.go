package geotiff_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/paulmach/orb"

	"pasaj/data/geotiff"
	"pasaj/data/geotiff/geotifftest"
	"pasaj/geo"
)

func TestReadRefuses(t *testing.T) {
	type tags = map[uint16]geotifftest.Field
	short := func(n ...uint64) geotifftest.Field { return geotifftest.Field{Kind: 3, Numbers: n} }
	long := func(n ...uint64) geotifftest.Field { return geotifftest.Field{Kind: 4, Numbers: n} }
	doubles := func(v ...float64) geotifftest.Field { return geotifftest.Field{Kind: 12, Floats: v} }
	geographic := func(more ...uint64) []uint64 {
		return append([]uint64{1, 1, 0, 1 + uint64(len(more)/4), 1024, 0, 1, 2}, more...)
	}
	for name, c := range map[string]struct {
		change func(*geotifftest.File)
		says   string
		code   geo.Code
	}{
		"circle": {func(f *geotifftest.File) {
			f.Circle, f.Override = true, tags{254: long(1)}
		}, "circle", geo.CodeInvalid},
		"overview only":   {func(f *geotifftest.File) { f.Override = tags{254: long(1)} }, "holds no image", geo.CodeInvalid},
		"no width":        {func(f *geotifftest.File) { f.Override = tags{256: {}} }, "how large", geo.CodeInvalid},
		"a billion cells": {func(f *geotifftest.File) { f.Override = tags{256: long(32000), 257: long(32000), 278: long(32000)} }, "more than", geo.CodeTooLarge},
		"too wide":        {func(f *geotifftest.File) { f.Override = tags{256: long(1 << 31)} }, "larger than", geo.CodeTooLarge},
		"three bands":     {func(f *geotifftest.File) { f.Override = tags{277: short(3)} }, "3 bands", geo.CodeInvalid},
		"bits backwards":  {func(f *geotifftest.File) { f.Override = tags{266: short(2)} }, "FillOrder", geo.CodeInvalid},
		"half floats":     {func(f *geotifftest.File) { f.Override = tags{258: short(16)} }, "16 bits in format 3", geo.CodeInvalid},
		"complex":         {func(f *geotifftest.File) { f.Override = tags{339: short(6)} }, "format 6", geo.CodeInvalid},
		"zstd":            {func(f *geotifftest.File) { f.Override = tags{259: short(50000)} }, "Zstandard", geo.CodeInvalid},
		"odd compression": {func(f *geotifftest.File) { f.Override = tags{259: short(99)} }, "unknown", geo.CodeInvalid},
		"odd predictor":   {func(f *geotifftest.File) { f.Compression, f.Override = 8, tags{317: short(9)} }, "predictor 9", geo.CodeInvalid},
		"float predictor on whole numbers": {func(f *geotifftest.File) {
			f.Compression, f.Format, f.Bits, f.Override = 8, 1, 8, tags{317: short(3)}
		}, "means nothing", geo.CodeInvalid},
		"tile of nothing":   {func(f *geotifftest.File) { f.TileWidth, f.TileHeight, f.Override = 16, 16, tags{323: {}} }, "multiples of 16", geo.CodeInvalid},
		"tile of 17":        {func(f *geotifftest.File) { f.TileWidth, f.TileHeight, f.Override = 16, 16, tags{322: short(17)} }, "multiples of 16", geo.CodeInvalid},
		"giant tile":        {func(f *geotifftest.File) { f.TileWidth, f.TileHeight, f.Override = 16, 16, tags{322: long(1 << 20)} }, "larger than", geo.CodeTooLarge},
		"strips of no rows": {func(f *geotifftest.File) { f.Override = tags{278: long(0)} }, "no rows", geo.CodeInvalid},
		"offsets missing":   {func(f *geotifftest.File) { f.RowsPerStrip, f.Override = 5, tags{273: long(8, 8)} }, "only 2 values", geo.CodeInvalid},
		"counts missing":    {func(f *geotifftest.File) { f.Override = tags{279: {}} }, "only 0 values", geo.CodeInvalid},
		"offset beyond":     {func(f *geotifftest.File) { f.Override = tags{273: long(1 << 30)} }, "beyond the end", geo.CodeInvalid},
		"offset overflowing": {func(f *geotifftest.File) {
			f.Big, f.Override = true, tags{273: {Kind: 16, Numbers: []uint64{math.MaxUint64}}}
		}, "beyond the end", geo.CodeInvalid},
		"count overflowing": {func(f *geotifftest.File) {
			f.Big, f.Override = true, tags{279: {Kind: 16, Numbers: []uint64{math.MaxUint64}}}
		}, "beyond the end", geo.CodeInvalid},
		"count too small": {func(f *geotifftest.File) { f.Override = tags{279: long(100)} }, "strip 0", geo.CodeInvalid},
		"width as text":   {func(f *geotifftest.File) { f.Override = tags{256: {Kind: 2, Text: "45"}} }, "no whole numbers", geo.CodeInvalid},
		"not Deflate":     {func(f *geotifftest.File) { f.Override = tags{259: short(8)} }, "damaged", geo.CodeInvalid},
		"not LZW":         {func(f *geotifftest.File) { f.Override = tags{259: short(5)} }, "damaged", geo.CodeInvalid},
		"no place":        {func(f *geotifftest.File) { f.Override = tags{33922: {}} }, "does not say where", geo.CodeInvalid},
		"many tiepoints":  {func(f *geotifftest.File) { f.Override = tags{33922: doubles(make([]float64, 12)...)} }, "tied to the ground", geo.CodeInvalid},
		"place no number": {func(f *geotifftest.File) { f.Override = tags{33922: doubles(0, 0, 0, math.NaN(), 0, 0)} }, "no number", geo.CodeInvalid},
		"cell no number":  {func(f *geotifftest.File) { f.CellDeg = math.Inf(1) }, "no number", geo.CodeInvalid},
		"south up":        {func(f *geotifftest.File) { f.Override = tags{33550: doubles(1, -1, 0)} }, "north up", geo.CodeInvalid},
		"turned": {func(f *geotifftest.File) {
			f.Override = tags{34264: doubles(1, .5, 0, 0, .5, -1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)}
		}, "turned", geo.CodeInvalid},
		"short matrix":    {func(f *geotifftest.File) { f.Override = tags{34264: doubles(1, 0, 0)} }, "not 16", geo.CodeInvalid},
		"beyond the pole": {func(f *geotifftest.File) { f.North = 95 }, "beyond the degrees", geo.CodeInvalid},
		"no system":       {func(f *geotifftest.File) { f.Override = tags{34735: {}} }, "names no coordinate system", geo.CodeInvalid},
		"UTM": {func(f *geotifftest.File) {
			f.Keys, f.ASCII = []uint64{1, 1, 0, 3, 1024, 0, 1, 1, 1026, 34737, 22, 0, 3072, 0, 1, 32618}, "WGS 84 / UTM zone 18N|"
		}, "EPSG:32618 (WGS 84 / UTM zone 18N), not in longitude and latitude; convert it with gdalwarp -t_srs EPSG:4326", geo.CodeInvalid},
		"Mollweide": {func(f *geotifftest.File) {
			f.Keys, f.ASCII = []uint64{1, 1, 0, 3, 1024, 0, 1, 1, 3072, 0, 1, 32767, 3073, 34737, 16, 0}, "World_Mollweide|"
		}, `"World_Mollweide"`, geo.CodeInvalid},
		"geocentric":     {func(f *geotifftest.File) { f.Keys = []uint64{1, 1, 0, 1, 1024, 0, 1, 3} }, "model type 3", geo.CodeInvalid},
		"NAD 27":         {func(f *geotifftest.File) { f.Keys = geographic(2048, 0, 1, 4267) }, "EPSG:4267", geo.CodeInvalid},
		"unknown datum":  {func(f *geotifftest.File) { f.Keys = geographic(2048, 0, 1, 32767) }, "not in WGS 84", geo.CodeInvalid},
		"grads":          {func(f *geotifftest.File) { f.Keys = geographic(2048, 0, 1, 4326, 2054, 0, 1, 9105) }, "9105", geo.CodeInvalid},
		"Paris":          {func(f *geotifftest.File) { f.Keys = geographic(2048, 0, 1, 4326, 2051, 0, 1, 8903) }, "Greenwich", geo.CodeInvalid},
		"keys cut":       {func(f *geotifftest.File) { f.Keys = []uint64{1, 1, 0, 9, 1024, 0, 1, 2} }, "announces 9 keys", geo.CodeInvalid},
		"odd keys":       {func(f *geotifftest.File) { f.Keys = []uint64{7} }, "version 1", geo.CodeInvalid},
		"double beyond":  {func(f *geotifftest.File) { f.Keys = geographic(2057, 34736, 1, 5) }, "beyond the GeoDoubleParams", geo.CodeInvalid},
		"odd raster":     {func(f *geotifftest.File) { f.Keys = geotifftest.WGS84(5) }, "raster type is 5", geo.CodeInvalid},
		"no data no sum": {func(f *geotifftest.File) { f.NoData = "none" }, "no number", geo.CodeInvalid},
		"scaled": {func(f *geotifftest.File) {
			f.Override = tags{42112: {Kind: 2, Text: `<GDALMetadata><Item name="SCALE" sample="0" role="scale">0.1</Item></GDALMetadata>`}}
		}, "-unscale", geo.CodeInvalid},
		"BigTIFF of 4 bytes": {nil, "8 bytes", geo.CodeInvalid},
		"a picture":          {nil, "does not begin", geo.CodeInvalid},
		"another version":    {nil, "version 44", geo.CodeInvalid},
		"nothing":            {nil, "0 bytes", geo.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			f := sample(45, 37)
			b := map[string][]byte{
				"BigTIFF of 4 bytes": []byte("II\x2b\x00\x04\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"),
				"a picture":          []byte("\x89PNG\r\n\x1a\n12345678"),
				"another version":    []byte("II\x2c\x00\x08\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00"),
			}[name]
			if c.change != nil {
				c.change(&f)
				b = f.Bytes()
			}
			_, err := read(b, geotiff.Options{})
			var refused *geo.Error
			if !errors.As(err, &refused) || refused.Code != c.code || !strings.Contains(refused.Detail, c.says) {
				t.Fatalf("got %v (%s), want %s with %q", err, geo.CodeOf(err), c.code, c.says)
			}
			if strings.ContainsAny(refused.Detail, "\n") {
				t.Errorf("%q is not one sentence", refused.Detail)
			}
		})
	}
}

func TestReadRefusesLiesAboutWork(t *testing.T) {
	// A strip that is one row high and one cell wide, in a file whose blocks
	// all claim the same bytes, many times over.
	tags := map[uint16]geotifftest.Field{256: {Kind: 4, Numbers: []uint64{1}}, 257: {Kind: 4, Numbers: []uint64{1 << 23}}, 322: {Kind: 3, Numbers: []uint64{1 << 14}}, 323: {Kind: 3, Numbers: []uint64{1 << 14}},
		324: {Kind: 4, Numbers: make([]uint64, 512)}, 325: {Kind: 4, Numbers: make([]uint64, 512)}}
	f := sample(16, 16)
	f.TileWidth, f.TileHeight, f.Compression, f.CellDeg, f.Override = 16, 16, 8, 1e-6, tags
	_, err := read(f.Bytes(), geotiff.Options{})
	if geo.CodeOf(err) != geo.CodeTooLarge || !strings.Contains(err.Error(), "unpacked") {
		t.Errorf("unpacking: %v", err)
	}
}

func TestClipAndLimits(t *testing.T) {
	b := sample(45, 37).Bytes()
	if _, err := read(b, geotiff.Options{MaxCells: 45*37 - 1}); geo.CodeOf(err) != geo.CodeTooLarge {
		t.Errorf("one cell too many: %v", err)
	}
	if _, err := read(b, geotiff.Options{MaxCells: 45 * 37}); err != nil {
		t.Errorf("as many cells as allowed: %v", err)
	}
	for name, clip := range map[string]orb.Bound{
		"elsewhere": {Min: orb.Point{2, 48}, Max: orb.Point{3, 49}},
		"backwards": {Min: orb.Point{-74, 20}, Max: orb.Point{-74.5, 19}},
		"no number": {Min: orb.Point{math.NaN(), 19}, Max: orb.Point{-74, 20}},
	} {
		if _, err := read(b, geotiff.Options{Clip: clip}); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	// A country of a world that is too large as a whole.
	f := sample(45, 37)
	f.Sparse = func(int) bool { return true }
	f.Override = map[uint16]geotifftest.Field{256: {Kind: 4, Numbers: []uint64{43200}}, 257: {Kind: 4, Numbers: []uint64{21600}}, 278: {Kind: 4, Numbers: []uint64{21600}}}
	f.West, f.North, f.CellDeg = -180, 90, 1.0/120
	img := mustRead(t, f.Bytes(), geotiff.Options{Clip: orb.Bound{Min: orb.Point{-74.5, 18}, Max: orb.Point{-71.6, 20.1}}})
	if img.Frame.Width != 348 || img.Frame.Height != 252 {
		t.Errorf("%+v", img.Frame)
	}
}
