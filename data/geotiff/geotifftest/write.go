// Package geotifftest writes small GeoTIFF files for tests, honest and not, in
// every form that data/geotiff reads. It is not a writer for use: it holds all
// in memory and takes what it is given for right.
package geotifftest

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"math"
	"slices"
)

// Field is the values of a tag.
type Field struct {
	Kind    uint16 // TIFF type
	Numbers []uint64
	Floats  []float64
	Text    string
}

// File describes a GeoTIFF file. The zero values of most fields stand for the
// plainest form; Width, Height and Values are needed.
type File struct {
	Order         binary.ByteOrder // little-endian when nil
	Big           bool
	Width, Height int
	Values        []float64 // row by row from the north
	Format, Bits  int       // SampleFormat and BitsPerSample; 32-bit floating-point when 0

	TileWidth, TileHeight int // 0: strips
	RowsPerStrip          int // 0: one strip
	Compression           int // TIFF number; none when 0
	Predictor             int

	West, North, CellDeg float64
	Point                bool // PixelIsPoint: West and North are the centre of the first cell
	Transformation       bool // ModelTransformation in place of scale and tiepoint
	Keys                 []uint64
	ASCII                string // GeoAsciiParams
	NoData               string

	Sparse   func(block int) bool // blocks left out
	Overview bool                 // a directory of a reduced image stands before the image's own
	Circle   bool                 // the last directory leads to the first
	Override map[uint16]Field     // put in place of what would be written; Kind 0: the tag is left out
}

// WGS84 is the GeoKeyDirectory of longitude and latitude on WGS 84.
func WGS84(rasterType uint64) []uint64 {
	return []uint64{1, 1, 0, 3, 1024, 0, 1, 2, 1025, 0, 1, rasterType, 2048, 0, 1, 4326}
}

// Bytes is the file.
func (f File) Bytes() []byte {
	if f.Order == nil {
		f.Order = binary.LittleEndian
	}
	if f.Format == 0 {
		f.Format, f.Bits = 3, 32
	}
	if f.Compression == 0 {
		f.Compression = 1
	}
	if f.Predictor == 0 {
		f.Predictor = 1
	}
	blocks := f.blocks()
	fields := f.fields(len(blocks))
	for tag, field := range f.Override {
		if field.Kind == 0 {
			delete(fields, tag)
		} else {
			fields[tag] = field
		}
	}
	directories := []map[uint16]Field{fields}
	if f.Overview {
		directories = slices.Insert(directories, 0, map[uint16]Field{254: {Kind: 4, Numbers: []uint64{1}}, 256: {Kind: 3, Numbers: []uint64{1}}, 257: {Kind: 3, Numbers: []uint64{1}}})
	}
	w := &writer{order: f.Order, big: f.Big}
	size := w.header(0)
	for _, fields := range directories {
		size += w.size(fields)
	}
	offsets, counts := fields[f.offsetsTag()], fields[f.offsetsTag()+f.countsStep()]
	_, liesOffsets := f.Override[f.offsetsTag()]
	_, liesCounts := f.Override[f.offsetsTag()+f.countsStep()]
	at := uint64(size)
	for i, block := range blocks {
		if f.Sparse != nil && f.Sparse(i) {
			blocks[i] = nil
			continue
		}
		if !liesOffsets {
			offsets.Numbers[i] = at
		}
		if !liesCounts {
			counts.Numbers[i] = uint64(len(block))
		}
		at += uint64(len(block))
	}
	first := w.header(uint64(w.header(0)))
	w.out = w.out[:first]
	for i, fields := range directories {
		next := uint64(len(w.out) + w.size(fields))
		if i == len(directories)-1 {
			next = 0
			if f.Circle {
				next = uint64(first)
			}
		}
		w.directory(fields, next)
	}
	for _, block := range blocks {
		w.out = append(w.out, block...)
	}
	return w.out
}

func (f File) offsetsTag() uint16 {
	if f.TileWidth > 0 {
		return 324
	}
	return 273
}

func (f File) countsStep() uint16 {
	if f.TileWidth > 0 {
		return 1
	}
	return 6
}

func (f File) fields(blocks int) map[uint16]Field {
	short := func(n int) Field { return Field{Kind: 3, Numbers: []uint64{uint64(n)}} }
	long := func(n int) Field { return Field{Kind: 4, Numbers: []uint64{uint64(n)}} }
	offset := Field{Kind: 4, Numbers: make([]uint64, blocks)}
	if f.Big {
		offset.Kind = 16
	}
	fields := map[uint16]Field{
		256: long(f.Width), 257: long(f.Height), 258: short(f.Bits), 259: short(f.Compression), 262: short(1),
		277: short(1), 284: short(1), 339: short(f.Format),
		f.offsetsTag(): offset, f.offsetsTag() + f.countsStep(): {Kind: 4, Numbers: make([]uint64, blocks)},
	}
	if f.Predictor != 1 {
		fields[317] = short(f.Predictor)
	}
	if f.TileWidth > 0 {
		fields[322], fields[323] = short(f.TileWidth), short(f.TileHeight)
	} else {
		fields[278] = long(f.rowsPerStrip())
	}
	kind := uint64(1)
	if f.Point {
		kind = 2
	}
	if f.Keys == nil {
		f.Keys = WGS84(kind)
	}
	fields[34735] = Field{Kind: 3, Numbers: f.Keys}
	if f.ASCII != "" {
		fields[34737] = Field{Kind: 2, Text: f.ASCII}
	}
	if f.Transformation {
		fields[34264] = Field{Kind: 12, Floats: []float64{f.CellDeg, 0, 0, f.West, 0, -f.CellDeg, 0, f.North, 0, 0, 0, 0, 0, 0, 0, 1}}
	} else {
		fields[33550] = Field{Kind: 12, Floats: []float64{f.CellDeg, f.CellDeg, 0}}
		fields[33922] = Field{Kind: 12, Floats: []float64{0, 0, 0, f.West, f.North, 0}}
	}
	if f.NoData != "" {
		fields[42113] = Field{Kind: 2, Text: f.NoData}
	}
	return fields
}

func (f File) rowsPerStrip() int {
	if f.RowsPerStrip > 0 {
		return f.RowsPerStrip
	}
	return f.Height
}

// blocks packs the strips or tiles. Tiles stand out over the image with zeros.
func (f File) blocks() [][]byte {
	width, height := f.Width, f.rowsPerStrip()
	if f.TileWidth > 0 {
		width, height = f.TileWidth, f.TileHeight
	}
	var out [][]byte
	for top := 0; top < f.Height; top += height {
		for left := 0; left < f.Width; left += width {
			var plain []byte
			for y := top; y < top+height && (f.TileWidth > 0 || y < f.Height); y++ {
				row := make([]float64, width)
				if y < f.Height {
					copy(row, f.Values[y*f.Width+left:min(y*f.Width+left+width, (y+1)*f.Width)])
				}
				plain = append(plain, f.row(row)...)
			}
			out = append(out, f.pack(plain, width*f.Bits/8))
		}
	}
	return out
}

// row is the samples of a row after the predictor.
func (f File) row(values []float64) []byte {
	size := f.Bits / 8
	words := make([]uint64, len(values))
	for i, v := range values {
		switch {
		case f.Format == 3 && f.Bits == 32:
			words[i] = uint64(math.Float32bits(float32(v)))
		case f.Format == 3:
			words[i] = math.Float64bits(v)
		default:
			words[i] = uint64(int64(v))
		}
	}
	var out []byte
	if f.Predictor == 3 {
		for plane := size - 1; plane >= 0; plane-- {
			for _, word := range words {
				out = append(out, byte(word>>(8*plane)))
			}
		}
		for i := len(out) - 1; i > 0; i-- {
			out[i] -= out[i-1]
		}
		return out
	}
	for i := len(words) - 1; i > 0 && f.Predictor == 2; i-- {
		words[i] -= words[i-1]
	}
	for _, word := range words {
		b := make([]byte, 8)
		if f.Order == binary.ByteOrder(binary.BigEndian) {
			binary.BigEndian.PutUint64(b, word)
			out = append(out, b[8-size:]...)
		} else {
			binary.LittleEndian.PutUint64(b, word)
			out = append(out, b[:size]...)
		}
	}
	return out
}

func (f File) pack(plain []byte, rowBytes int) []byte {
	switch f.Compression {
	case 5:
		return LZW(plain)
	case 8, 32946:
		var out bytes.Buffer
		z := zlib.NewWriter(&out)
		_, _ = z.Write(plain) // a bytes.Buffer takes everything
		_ = z.Close()
		return out.Bytes()
	case 32773:
		var out []byte
		for at := 0; at < len(plain); at += rowBytes {
			out = append(out, packBits(plain[at:at+rowBytes])...)
		}
		return out
	}
	return plain
}

// packBits packs runs of three equal bytes and more.
func packBits(row []byte) []byte {
	out := []byte{128} // stands for nothing
	for at := 0; at < len(row); {
		run := 1
		for run < 128 && at+run < len(row) && row[at+run] == row[at] {
			run++
		}
		if run >= 3 {
			out = append(out, byte(1-run), row[at])
			at += run
			continue
		}
		start := at
		for at < len(row) && at-start < 128 && !(at+2 < len(row) && row[at] == row[at+1] && row[at] == row[at+2]) {
			at++
		}
		out = append(append(out, byte(at-start-1)), row[start:at]...)
	}
	return out
}

// LZW packs the way of TIFF 6.0 section 13: codes from the most significant
// bit, and a code longer one entry early.
func LZW(plain []byte) []byte {
	const clear, end, first, full = 256, 257, 258, 4094
	var out []byte
	var bits uint64
	pending, width := 0, 9
	put := func(code int) {
		bits = bits<<width | uint64(code)
		for pending += width; pending >= 8; pending -= 8 {
			out = append(out, byte(bits>>(pending-8)))
		}
	}
	next := first
	table := map[[2]int]int{}
	grow := func() {
		if next++; next == full {
			put(clear)
			next, width = first, 9
			table = map[[2]int]int{}
		} else if next == 1<<width {
			width++
		}
	}
	put(clear)
	prefix := -1
	for _, b := range plain {
		if prefix < 0 {
			prefix = int(b)
			continue
		}
		key := [2]int{prefix, int(b)}
		if code, ok := table[key]; ok {
			prefix = code
			continue
		}
		put(prefix)
		table[key] = next
		grow()
		prefix = int(b)
	}
	if prefix >= 0 {
		put(prefix)
		grow()
	}
	put(end)
	if pending > 0 {
		out = append(out, byte(bits<<(8-pending)))
	}
	return out
}

// writer puts directories together.
type writer struct {
	order binary.ByteOrder
	big   bool
	out   []byte
}

func (w *writer) number(n uint64, size int) {
	b := make([]byte, 8)
	switch size {
	case 1:
		b[0] = byte(n)
	case 2:
		w.order.PutUint16(b, uint16(n))
	case 4:
		w.order.PutUint32(b, uint32(n))
	case 8:
		w.order.PutUint64(b, n)
	}
	w.out = append(w.out, b[:size]...)
}

func (w *writer) word() int {
	if w.big {
		return 8
	}
	return 4
}

// header writes the header that leads to the first directory and is its size.
func (w *writer) header(first uint64) int {
	w.out = w.out[:0]
	if w.order == binary.ByteOrder(binary.BigEndian) {
		w.out = append(w.out, "MM"...)
	} else {
		w.out = append(w.out, "II"...)
	}
	if w.big {
		w.number(43, 2)
		w.number(8, 2)
		w.number(0, 2)
	} else {
		w.number(42, 2)
	}
	w.number(first, w.word())
	return len(w.out)
}

var sizes = map[uint16]int{1: 1, 2: 1, 3: 2, 4: 4, 7: 1, 11: 4, 12: 8, 13: 4, 16: 8}

func (f Field) count() int {
	if f.Text != "" {
		return len(f.Text) + 1
	}
	return len(f.Numbers) + len(f.Floats)
}

func (f Field) bytes() int { return f.count() * sizes[f.Kind] }

func (w *writer) size(fields map[uint16]Field) int {
	size := 2 + len(fields)*12 + 4
	if w.big {
		size = 8 + len(fields)*20 + 8
	}
	for _, f := range fields {
		if f.bytes() > w.word() {
			size += f.bytes()
		}
	}
	return size
}

// directory writes a directory and behind it the values that do not fit in.
func (w *writer) directory(fields map[uint16]Field, next uint64) {
	tags := make([]uint16, 0, len(fields))
	beyond := len(w.out) + w.size(fields)
	for tag, f := range fields {
		tags = append(tags, tag)
		if f.bytes() > w.word() {
			beyond -= f.bytes()
		}
	}
	slices.Sort(tags)
	if w.big {
		w.number(uint64(len(tags)), 8)
	} else {
		w.number(uint64(len(tags)), 2)
	}
	for _, tag := range tags {
		f := fields[tag]
		w.number(uint64(tag), 2)
		w.number(uint64(f.Kind), 2)
		w.number(uint64(f.count()), w.word())
		if f.bytes() > w.word() {
			w.number(uint64(beyond), w.word())
			beyond += f.bytes()
			continue
		}
		w.values(f)
		w.out = append(w.out, make([]byte, w.word()-f.bytes())...)
	}
	w.number(next, w.word())
	for _, tag := range tags {
		if f := fields[tag]; f.bytes() > w.word() {
			w.values(f)
		}
	}
}

func (w *writer) values(f Field) {
	for _, n := range f.Numbers {
		w.number(n, sizes[f.Kind])
	}
	for _, v := range f.Floats {
		if f.Kind == 11 {
			w.number(uint64(math.Float32bits(float32(v))), 4)
		} else {
			w.number(math.Float64bits(v), 8)
		}
	}
	if f.Text != "" {
		w.out = append(append(w.out, f.Text...), 0)
	}
}
