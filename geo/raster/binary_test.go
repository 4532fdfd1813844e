package raster_test

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"math"
	"slices"
	"testing"

	"pasaj/geo"
	"pasaj/geo/raster"
)

func equal(a, b *raster.Grid) bool {
	if a.ID() != b.ID() || a.Name() != b.Name() || a.Licence() != b.Licence() || a.Frame() != b.Frame() || a.Total() != b.Total() {
		return false
	}
	for y := range a.Height() {
		for x := range a.Width() {
			if math.Float32bits(a.Value(x, y)) != math.Float32bits(b.Value(x, y)) {
				return false
			}
		}
	}
	return true
}

func stored(t testing.TB, g *raster.Grid) []byte {
	t.Helper()
	b, err := g.AppendBinary(nil)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sealed puts the right checksum behind a changed body.
func sealed(body []byte) []byte {
	return binary.LittleEndian.AppendUint32(bytes.Clone(body), crc32.Checksum(body, crc32.MakeTable(crc32.Castagnoli)))
}

func TestBinaryRoundTrip(t *testing.T) {
	for _, size := range [][2]int{{1, 1}, {40, 30}, {700, 200}, {300, 1}, {1, 140}} {
		g := numbered(t, min(size[0], 1000), size[1])
		b := stored(t, g)
		back, err := raster.Parse(b)
		if err != nil {
			t.Fatal(err)
		}
		if !equal(g, back) {
			t.Errorf("%v does not come back", size)
		}
		if !bytes.Equal(b, stored(t, back)) {
			t.Errorf("%v is not written the same twice", size)
		}
		after, err := g.AppendBinary([]byte("before"))
		if err != nil || !bytes.Equal(after, append([]byte("before"), b...)) {
			t.Errorf("%v is not appended", size)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	whole := stored(t, numbered(t, 40, 30))
	body := whole[:len(whole)-4]
	const size = 8 + 1 + 2 + len("people") + 2 + len("People") + 2 + len("CC BY 4.0") + 32 // where the width stands
	change := func(at int, with ...byte) []byte {
		out := bytes.Clone(body)
		copy(out[at:], with)
		return sealed(out)
	}
	for name, c := range map[string]struct {
		b    []byte
		code geo.Code
	}{
		"nothing":           {nil, geo.CodeInvalid},
		"something else":    {[]byte("II*\x00 and more of it"), geo.CodeInvalid},
		"another version":   {change(8, 9), geo.CodeInvalid},
		"bad checksum":      {append(bytes.Clone(body), 1, 2, 3, 4), geo.CodeInvalid},
		"long identifier":   {change(9, 0xff, 0xff), geo.CodeInvalid},
		"no columns":        {change(size, 0, 0, 0, 0), geo.CodeInvalid},
		"a claim of much":   {change(size, 0, 0, 1, 0, 0xf5, 5, 0, 0), geo.CodeInvalid},
		"a claim too large": {change(size, 0xff, 0xff, 0xff, 0xff), geo.CodeTooLarge},
		"more rows":         {change(size+4, 31), geo.CodeInvalid},
		"fewer rows":        {change(size+4, 29), geo.CodeInvalid},
		"more after it":     {sealed(append(bytes.Clone(body), 0)), geo.CodeInvalid},
		"block cut":         {change(size+8, 1, 0, 0, 0), geo.CodeInvalid},
		"block too long":    {change(size+8, 0xff, 0xff, 0xff, 0x7f), geo.CodeInvalid},
		"block broken":      {change(size+12, 0xff, 0xff, 0xff, 0xff), geo.CodeInvalid},
	} {
		if _, err := raster.Parse(c.b); geo.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
	}
}

func TestParseRefusesEveryCutAndEveryFlippedBit(t *testing.T) {
	whole := stored(t, numbered(t, 12, 9))
	for n := range whole {
		if _, err := raster.Parse(whole[:n]); geo.CodeOf(err) != geo.CodeInvalid {
			t.Fatalf("cut at %d: %v", n, err)
		}
		if n < len(whole)-4 {
			if _, err := raster.Parse(sealed(whole[:n])); err == nil && n != len(whole)-4 {
				t.Fatalf("cut at %d under a good checksum passes", n)
			}
		}
		damaged := slices.Clone(whole)
		damaged[n] ^= 1 << (n % 8)
		if _, err := raster.Parse(damaged); geo.CodeOf(err) != geo.CodeInvalid {
			t.Fatalf("damage at %d: %v", n, err)
		}
	}
}

// FuzzParse seals every input, so that the checksum does not keep the fuzzer
// out of what stands behind it.
func FuzzParse(f *testing.F) {
	for _, size := range [][2]int{{1, 1}, {12, 9}, {300, 3}} {
		whole := stored(f, numbered(f, size[0], size[1]))
		f.Add(whole[:len(whole)-4])
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		g, err := raster.Parse(sealed(body))
		if err != nil {
			if geo.CodeOf(err) == "" {
				t.Fatalf("%v is no *geo.Error", err)
			}
			return
		}
		back, err := raster.Parse(stored(t, g))
		if err != nil || !equal(g, back) {
			t.Fatalf("what was read does not come back: %v", err)
		}
	})
}
