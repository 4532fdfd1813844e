package geotiff

import (
	"bufio"
	"compress/zlib"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"math"

	"golang.org/x/image/tiff/lzw"
)

// decoder turns the blocks of a file into the values of a window. It holds one
// row at a time: what a block claims to unpack to is never asked for.
type decoder struct {
	file   *file
	layout *layout
	window window
	none   noData
	values []float32 // of the window

	row     []byte
	planes  []byte // of the floating-point predictor
	source  *bufio.Reader
	inflate io.ReadCloser
	left    int64 // bytes that blocks may still claim
}

func (d *decoder) block(ctx context.Context, column, row int, offset, count uint64) error {
	l := d.layout
	first := row * l.blockHeight
	from, to := max(first, d.window.y0), min(first+l.blockHeight, d.window.y1)
	if offset == 0 && count == 0 { // a block that the writer left out
		d.fill(column, from, to)
		return nil
	}
	name := l.blockName(column, row)
	size := uint64(d.file.size)
	if offset > size || count > size-offset {
		return invalid("%s lies beyond the end of the file", name)
	}
	if d.left -= int64(count); d.left < 0 {
		return tooLarge("its blocks together claim many times the file's own %d bytes", d.file.size)
	}
	skip := 0
	if l.compression == compressionNone { // rows that are not wanted need not be read
		skip = min(from-first, int(count/uint64(l.rowBytes())))
		offset, count = offset+uint64(skip*l.rowBytes()), count-uint64(skip*l.rowBytes())
	}
	in, err := d.open(io.NewSectionReader(d.file, int64(offset), int64(count)))
	if err != nil {
		return d.file.or(invalid("%s is damaged", name).WithCause(err))
	}
	for y := first + skip; y < to; y++ {
		if y%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		if _, err := io.ReadFull(in, d.row); err != nil {
			return d.file.or(invalid("%s is damaged or ends before its last row", name).WithCause(err))
		}
		if y >= from {
			d.decodeRow(column, y)
		}
	}
	if d.inflate != nil && to == min(first+l.blockHeight, l.height) {
		// The checksum of zlib comes after the last byte. More bytes than
		// needed are harmless.
		if _, err := in.Read(d.row[:1]); err != nil && !errors.Is(err, io.EOF) {
			return d.file.or(invalid("%s is damaged", name).WithCause(err))
		}
	}
	return nil
}

// open unpacks what the section holds.
func (d *decoder) open(section *io.SectionReader) (io.Reader, error) {
	if d.source == nil {
		d.source = bufio.NewReaderSize(section, 32<<10)
	} else {
		d.source.Reset(section)
	}
	switch d.layout.compression {
	case compressionLZW:
		return lzw.NewReader(d.source, lzw.MSB, 8), nil
	case compressionPackBits:
		return &packBits{in: d.source}, nil
	case compressionDeflate, compressionOldDeflate:
		if d.inflate != nil {
			return d.inflate, d.inflate.(zlib.Resetter).Reset(d.source, nil)
		}
		inflate, err := zlib.NewReader(d.source)
		if err != nil {
			return nil, err
		}
		d.inflate = inflate
		return inflate, nil
	}
	return d.source, nil
}

// span is the part of the window's row y that the column of blocks holds, and
// the first cell of it within the block.
func (d *decoder) span(column, y int) (dst []float32, cell int) {
	left := column * d.layout.blockWidth
	x0, x1 := max(left, d.window.x0), min(left+d.layout.blockWidth, d.window.x1)
	at := (y - d.window.y0) * (d.window.x1 - d.window.x0)
	return d.values[at+x0-d.window.x0 : at+x1-d.window.x0], x0 - left
}

// fill sets what a block that was left out stands for: no data where the file
// has a value for it, and else 0, as GDAL reads it.
func (d *decoder) fill(column, from, to int) {
	value := float32(0)
	if d.none.given {
		value = float32(math.NaN())
	}
	for y := from; y < to; y++ {
		dst, _ := d.span(column, y)
		for i := range dst {
			dst[i] = value
		}
	}
}

// decodeRow undoes the predictor on the row that was read and keeps its values.
func (d *decoder) decodeRow(column, y int) {
	l := d.layout
	switch {
	case l.predictor == predictorFloat:
		d.undoFloat()
	case d.file.order == binary.BigEndian:
		swap(d.row, l.sampleBytes)
	}
	if l.predictor == predictorHorizontal {
		undoHorizontal(d.row, l.sampleBytes)
	}
	dst, cell := d.span(column, y)
	d.convert(dst, d.row[cell*l.sampleBytes:])
}

// swap turns big-endian words into little-endian ones.
func swap(row []byte, size int) {
	switch size {
	case 2:
		for i := 0; i+1 < len(row); i += 2 {
			row[i], row[i+1] = row[i+1], row[i]
		}
	case 4:
		for i := 0; i+3 < len(row); i += 4 {
			binary.LittleEndian.PutUint32(row[i:], binary.BigEndian.Uint32(row[i:]))
		}
	case 8:
		for i := 0; i+7 < len(row); i += 8 {
			binary.LittleEndian.PutUint64(row[i:], binary.BigEndian.Uint64(row[i:]))
		}
	}
}

// undoHorizontal adds every word to the next, TIFF 6.0 section 14. On
// floating-point samples it works on their bits, as libtiff has it.
func undoHorizontal(row []byte, size int) {
	switch size {
	case 1:
		for i := 1; i < len(row); i++ {
			row[i] += row[i-1]
		}
	case 2:
		sum := uint16(0)
		for i := 0; i+1 < len(row); i += 2 {
			sum += binary.LittleEndian.Uint16(row[i:])
			binary.LittleEndian.PutUint16(row[i:], sum)
		}
	case 4:
		sum := uint32(0)
		for i := 0; i+3 < len(row); i += 4 {
			sum += binary.LittleEndian.Uint32(row[i:])
			binary.LittleEndian.PutUint32(row[i:], sum)
		}
	case 8:
		sum := uint64(0)
		for i := 0; i+7 < len(row); i += 8 {
			sum += binary.LittleEndian.Uint64(row[i:])
			binary.LittleEndian.PutUint64(row[i:], sum)
		}
	}
}

// undoFloat undoes the floating-point predictor of TIFF Technical Note 3: the
// bytes of a row are differences, and stand plane by plane, the most
// significant one first, whatever the byte order of the file.
func (d *decoder) undoFloat() {
	undoHorizontal(d.row, 1)
	d.planes = append(d.planes[:0], d.row...)
	size := d.layout.sampleBytes
	n := len(d.row) / size
	for plane := range size {
		at := size - 1 - plane
		for i, b := range d.planes[plane*n : (plane+1)*n] {
			d.row[i*size+at] = b
		}
	}
}

// convert turns little-endian samples into values.
func (d *decoder) convert(dst []float32, row []byte) {
	none, missing := d.none, float32(math.NaN())
	switch format, size := d.layout.format, d.layout.sampleBytes; {
	case format == formatFloat && size == 4:
		none := float32(none.value)
		for i := range dst {
			if dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(row[4*i:])); d.none.given && dst[i] == none {
				dst[i] = missing
			}
		}
	default:
		for i := range dst {
			value := sample(row[size*i:], format, size)
			if none.given && value == none.value {
				dst[i] = missing
			} else {
				dst[i] = float32(value)
			}
		}
	}
}

func sample(b []byte, format uint64, size int) float64 {
	switch {
	case size == 8:
		return math.Float64frombits(binary.LittleEndian.Uint64(b))
	case format == formatUnsigned && size == 1:
		return float64(b[0])
	case format == formatUnsigned && size == 2:
		return float64(binary.LittleEndian.Uint16(b))
	case format == formatUnsigned:
		return float64(binary.LittleEndian.Uint32(b))
	case size == 1:
		return float64(int8(b[0]))
	case size == 2:
		return float64(int16(binary.LittleEndian.Uint16(b)))
	}
	return float64(int32(binary.LittleEndian.Uint32(b)))
}

// packBits unpacks runs of bytes, TIFF 6.0 section 9.
type packBits struct {
	in     *bufio.Reader
	left   int  // bytes of the current run still to give
	repeat bool // the run is one byte over and over
	value  byte
}

func (p *packBits) Read(b []byte) (int, error) {
	for p.left == 0 {
		head, err := p.in.ReadByte()
		if err != nil {
			return 0, err
		}
		switch n := int(int8(head)); {
		case n >= 0:
			p.left, p.repeat = n+1, false
		case n != -128: // which stands for nothing
			p.left, p.repeat = 1-n, true
			if p.value, err = p.in.ReadByte(); err != nil {
				return 0, err
			}
		}
	}
	n := min(p.left, len(b))
	if !p.repeat {
		n, err := p.in.Read(b[:n])
		p.left -= n
		return n, err
	}
	for i := range b[:n] {
		b[i] = p.value
	}
	p.left -= n
	return n, nil
}
