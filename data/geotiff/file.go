package geotiff

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"

	"pasaj/geo"
)

const (
	maxDirectories = 64      // image file directories that are looked through
	maxEntries     = 4096    // entries of one directory
	maxValueBytes  = 1 << 20 // of the value of one entry that is read whole
)

// invalid is the error for a file that is not what it should be.
func invalid(format string, args ...any) *geo.Error {
	return geo.Errorf(geo.CodeInvalid, "", "GeoTIFF: "+format, args...)
}

// tooLarge is the error for a file that asks for more than is given.
func tooLarge(format string, args ...any) *geo.Error {
	return geo.Errorf(geo.CodeTooLarge, "", "GeoTIFF: "+format, args...)
}

// file is a TIFF file of known size, byte order and form.
type file struct {
	r       io.ReaderAt
	size    int64
	order   binary.ByteOrder
	big     bool  // BigTIFF: 64-bit offsets
	failure error // the first failure of r itself, which is not the file's fault
}

// ReadAt makes file an io.ReaderAt that remembers when its source failed.
func (f *file) ReadAt(b []byte, at int64) (int, error) {
	n, err := f.r.ReadAt(b, at)
	if err != nil && !errors.Is(err, io.EOF) && f.failure == nil {
		f.failure = err
	}
	return n, err
}

// or is the failure of the source if there was one, else the given fault of the file.
func (f *file) or(fault *geo.Error) error {
	if f.failure != nil {
		return fmt.Errorf("read GeoTIFF: %w", f.failure)
	}
	return fault
}

// read fills b from an offset, which may be anything that a file claims.
func (f *file) read(b []byte, at uint64, what string) error {
	if at > uint64(f.size) || uint64(len(b)) > uint64(f.size)-at {
		return invalid("the file ends within %s", what)
	}
	if n, err := f.ReadAt(b, int64(at)); n < len(b) {
		return f.or(invalid("the file ends within %s", what).WithCause(err))
	}
	return nil
}

// word reads an unsigned number of the size of an offset in this form of TIFF.
func (f *file) word(b []byte) uint64 {
	if f.big {
		return f.order.Uint64(b)
	}
	return uint64(f.order.Uint32(b))
}

// open reads the header and finds the first directory with an image of full resolution.
func open(r io.ReaderAt, size int64) (*directory, error) {
	f := &file{r: r, size: size}
	head := make([]byte, 16)
	if size < 16 {
		return nil, invalid("%d bytes are not a TIFF file", max(size, 0))
	}
	if err := f.read(head, 0, "its header"); err != nil {
		return nil, err
	}
	switch string(head[:2]) {
	case "II":
		f.order = binary.LittleEndian
	case "MM":
		f.order = binary.BigEndian
	default:
		return nil, invalid("the file does not begin like a TIFF file")
	}
	var at uint64
	switch version := f.order.Uint16(head[2:]); version {
	case 42:
		at = uint64(f.order.Uint32(head[4:]))
	case 43:
		f.big = true
		if f.order.Uint16(head[4:]) != 8 || f.order.Uint16(head[6:]) != 0 {
			return nil, invalid("a BigTIFF file has offsets of 8 bytes")
		}
		at = f.order.Uint64(head[8:])
	default:
		return nil, invalid("the file has TIFF version %d, not 42 or 43", version)
	}
	seen := map[uint64]bool{}
	for at != 0 {
		if seen[at] {
			return nil, invalid("its directories go round in a circle")
		}
		if len(seen) == maxDirectories {
			return nil, invalid("none of its first %d directories holds an image of full resolution", maxDirectories)
		}
		seen[at] = true
		d, err := f.directory(at)
		if err != nil {
			return nil, err
		}
		kind, err := d.number(tagNewSubfileType, 0)
		if err != nil {
			return nil, err
		}
		const overview, mask = 1, 4
		if kind&(overview|mask) == 0 {
			return d, nil
		}
		at = d.next
	}
	return nil, invalid("the file holds no image")
}

// The tags that are read, by the numbers of TIFF 6.0, the GeoTIFF
// specification (OGC 19-008r4) and GDAL.
const (
	tagNewSubfileType      = 254
	tagImageWidth          = 256
	tagImageLength         = 257
	tagBitsPerSample       = 258
	tagCompression         = 259
	tagFillOrder           = 266
	tagStripOffsets        = 273
	tagSamplesPerPixel     = 277
	tagRowsPerStrip        = 278
	tagStripByteCounts     = 279
	tagPredictor           = 317
	tagTileWidth           = 322
	tagTileLength          = 323
	tagTileOffsets         = 324
	tagTileByteCounts      = 325
	tagSampleFormat        = 339
	tagModelPixelScale     = 33550
	tagModelTiepoint       = 33922
	tagModelTransformation = 34264
	tagGeoKeyDirectory     = 34735
	tagGeoDoubleParams     = 34736
	tagGeoASCIIParams      = 34737
	tagGDALMetadata        = 42112
	tagGDALNoData          = 42113
)

// The types of values, TIFF 6.0 section 2 and BigTIFF.
const (
	typeByte      = 1
	typeASCII     = 2
	typeShort     = 3
	typeLong      = 4
	typeUndefined = 7
	typeFloat     = 11
	typeDouble    = 12
	typeLong8     = 16
)

// typeBytes is the size of one value of a type that is read.
var typeBytes = map[uint16]uint64{
	typeByte: 1, typeASCII: 1, typeShort: 2, typeLong: 4, typeUndefined: 1, typeFloat: 4, typeDouble: 8, typeLong8: 8,
}

// field is where the values of one tag stand.
type field struct {
	kind  uint16 // TIFF type
	count uint64
	at    uint64 // offset of the first value
}

// directory is an image file directory: the tags of one image.
type directory struct {
	file   *file
	fields map[uint16]field
	next   uint64 // offset of the next directory, 0 for none
}

func (f *file) directory(at uint64) (*directory, error) {
	countBytes, entryBytes, wordBytes := uint64(2), uint64(12), uint64(4)
	if f.big {
		countBytes, entryBytes, wordBytes = 8, 20, 8
	}
	head := make([]byte, countBytes)
	if err := f.read(head, at, "a directory"); err != nil {
		return nil, err
	}
	count := uint64(0)
	if f.big {
		count = f.order.Uint64(head)
	} else {
		count = uint64(f.order.Uint16(head))
	}
	if count > maxEntries {
		return nil, invalid("a directory has %d entries, more than %d", count, maxEntries)
	}
	body := make([]byte, count*entryBytes+wordBytes)
	if err := f.read(body, at+countBytes, "a directory"); err != nil {
		return nil, err
	}
	d := &directory{file: f, fields: make(map[uint16]field, count), next: f.word(body[count*entryBytes:])}
	for i := range count {
		entry := body[i*entryBytes:]
		one := field{kind: f.order.Uint16(entry[2:]), count: f.word(entry[4:])}
		size, known := typeBytes[one.kind]
		if !known {
			continue // no tag that is read has such a value
		}
		if one.count > uint64(f.size) { // also keeps the product below from overflowing
			continue
		}
		one.at = at + countBytes + i*entryBytes + 4 + wordBytes
		if one.count*size > wordBytes {
			one.at = f.word(entry[4+wordBytes:])
		}
		tag := f.order.Uint16(entry)
		if _, twice := d.fields[tag]; !twice {
			d.fields[tag] = one
		}
	}
	return d, nil
}

func (d *directory) has(tag uint16) bool { return d.fields[tag].count > 0 }

// raw reads n values of a tag from the one numbered from.
func (d *directory) raw(tag uint16, from, n uint64) ([]byte, field, error) {
	one := d.fields[tag]
	if from > one.count || n > one.count-from {
		return nil, one, invalid("tag %d has %d values and lacks number %d", tag, one.count, from+n)
	}
	size := typeBytes[one.kind]
	if n*size > maxValueBytes {
		return nil, one, invalid("the value of tag %d has more than %d bytes", tag, maxValueBytes)
	}
	b := make([]byte, n*size)
	if one.at > math.MaxInt64 {
		return nil, one, invalid("the file ends within the value of tag %d", tag)
	}
	return b, one, d.file.read(b, one.at+from*size, fmt.Sprintf("the value of tag %d", tag))
}

// numbers reads n whole numbers of a tag from the one numbered from.
func (d *directory) numbers(tag uint16, from, n uint64) ([]uint64, error) {
	b, one, err := d.raw(tag, from, n)
	if err != nil {
		return nil, err
	}
	out := make([]uint64, n)
	for i := range out {
		switch one.kind {
		case typeByte:
			out[i] = uint64(b[i])
		case typeShort:
			out[i] = uint64(d.file.order.Uint16(b[2*i:]))
		case typeLong:
			out[i] = uint64(d.file.order.Uint32(b[4*i:]))
		case typeLong8:
			out[i] = d.file.order.Uint64(b[8*i:])
		default:
			return nil, invalid("tag %d holds no whole numbers", tag)
		}
	}
	return out, nil
}

// number is the first number of a tag, or a default for a tag that is not there.
func (d *directory) number(tag uint16, otherwise uint64) (uint64, error) {
	if !d.has(tag) {
		return otherwise, nil
	}
	out, err := d.numbers(tag, 0, 1)
	if err != nil {
		return 0, err
	}
	return out[0], nil
}

// floats reads all values of a tag of doubles.
func (d *directory) floats(tag uint16) ([]float64, error) {
	b, one, err := d.raw(tag, 0, d.fields[tag].count)
	if err != nil {
		return nil, err
	}
	out := make([]float64, one.count)
	for i := range out {
		switch one.kind {
		case typeFloat:
			out[i] = float64(math.Float32frombits(d.file.order.Uint32(b[4*i:])))
		case typeDouble:
			out[i] = math.Float64frombits(d.file.order.Uint64(b[8*i:]))
		default:
			return nil, invalid("tag %d holds no floating-point numbers", tag)
		}
	}
	return out, nil
}

// text reads a tag of text up to its first NUL.
func (d *directory) text(tag uint16) (string, error) {
	b, one, err := d.raw(tag, 0, d.fields[tag].count)
	if err != nil {
		return "", err
	}
	if one.count > 0 && one.kind != typeASCII && one.kind != typeByte && one.kind != typeUndefined {
		return "", invalid("tag %d holds no text", tag)
	}
	for i, c := range b {
		if c == 0 {
			b = b[:i]
			break
		}
	}
	return string(b), nil
}
