package raster

import (
	"bytes"
	"compress/flate"
	"encoding/binary"
	"hash/crc32"
	"io"
	"math"

	"pasaj/geo"
)

// The binary form of a grid:
//
//	"PASAJGRD", one byte version
//	identifier, name, licence: each a uint16 of its bytes and the UTF-8 text
//	west, north, cell longitude, cell latitude: float64, degrees
//	width, height: uint32
//	blocks of rows from the north, as many rows as fit 65,536 cells but at
//	  least one: a uint32 of its bytes and a raw DEFLATE stream (RFC 1951)
//	CRC-32C (Castagnoli) of all before it: uint32
//
// Numbers are little-endian. A block holds its values as four planes of bytes,
// the most significant byte of every cell first: neighbouring cells differ in
// the last bytes mostly, and that alone saves a good third.
const (
	binaryMagic   = "PASAJGRD"
	binaryVersion = 1
	blockCells    = 1 << 16

	// MaxBytes is the most bytes of the binary form of a grid.
	MaxBytes = 450_000_000

	// maxInflation is more than DEFLATE can ever win: a claim beyond it is a
	// lie, found before its memory is taken.
	maxInflation = 1040
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// rowsPerBlock is how many rows of a grid go in one block.
func rowsPerBlock(width int) int { return max(1, blockCells/width) }

// AppendBinary appends the binary form, which Parse reads back. The same grid
// gives the same bytes for as long as compress/flate does not change.
func (g *Grid) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	b = append(b, binaryMagic...)
	b = append(b, binaryVersion)
	for _, text := range []string{g.id, g.name, g.licence} {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(text)))
		b = append(b, text...)
	}
	for _, degrees := range []float64{g.frame.West, g.frame.North, g.frame.CellLonDeg, g.frame.CellLatDeg} {
		b = binary.LittleEndian.AppendUint64(b, math.Float64bits(degrees))
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(g.frame.Width))
	b = binary.LittleEndian.AppendUint32(b, uint32(g.frame.Height))

	packed := bytes.NewBuffer(nil)
	// The last bytes of a value are noise: more effort than the least takes
	// twice the time and wins a twentieth.
	deflate, err := flate.NewWriter(packed, flate.BestSpeed)
	if err != nil {
		return nil, err
	}
	var planes []byte
	step := rowsPerBlock(g.frame.Width) * g.frame.Width
	for at := 0; at < len(g.values); at += step {
		planes = appendPlanes(planes[:0], g.values[at:min(at+step, len(g.values))])
		packed.Reset()
		deflate.Reset(packed)
		if _, err := deflate.Write(planes); err != nil {
			return nil, err
		}
		if err := deflate.Close(); err != nil {
			return nil, err
		}
		b = binary.LittleEndian.AppendUint32(b, uint32(packed.Len()))
		b = append(b, packed.Bytes()...)
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli)), nil
}

func appendPlanes(b []byte, values []float32) []byte {
	for shift := 24; shift >= 0; shift -= 8 {
		for _, value := range values {
			b = append(b, byte(math.Float32bits(value)>>shift))
		}
	}
	return b
}

func fromPlanes(values []float32, planes []byte) {
	n := len(values)
	for i := range values {
		values[i] = math.Float32frombits(uint32(planes[i])<<24 | uint32(planes[n+i])<<16 | uint32(planes[2*n+i])<<8 | uint32(planes[3*n+i]))
	}
}

// Parse reads what AppendBinary wrote and keeps nothing of b. It takes no
// memory on the word of the header alone: a grid of 100 million cells needs
// some 400 kB of input. Errors are *geo.Error, invalid or too_large.
func Parse(b []byte) (*Grid, error) {
	if len(b) > MaxBytes {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "the stored grid has %d bytes, more than %d", len(b), MaxBytes)
	}
	if len(b) < len(binaryMagic)+5 || string(b[:len(binaryMagic)]) != binaryMagic {
		return nil, geo.Errorf(geo.CodeInvalid, "", "this is not a stored grid")
	}
	if version := b[len(binaryMagic)]; version != binaryVersion {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the stored grid has the form %d, and only form %d can be read", version, binaryVersion)
	}
	body := b[:len(b)-4]
	if crc32.Checksum(body, castagnoli) != binary.LittleEndian.Uint32(b[len(body):]) {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the stored grid is damaged: its checksum does not match")
	}
	in := input{rest: body[len(binaryMagic)+1:]}
	g := &Grid{id: in.text(), name: in.text(), licence: in.text()}
	for _, degrees := range []*float64{&g.frame.West, &g.frame.North, &g.frame.CellLonDeg, &g.frame.CellLatDeg} {
		*degrees = math.Float64frombits(in.uint64())
	}
	g.frame.Width, g.frame.Height = int(in.uint32()), int(in.uint32())
	if in.short {
		return nil, errCutShort()
	}
	if err := g.check(); err != nil {
		return nil, err
	}
	if int64(g.frame.Width)*int64(g.frame.Height)*4 > int64(len(in.rest))*maxInflation {
		return nil, errCutShort()
	}
	g.values = make([]float32, g.frame.Width*g.frame.Height)
	if err := g.unpack(&in); err != nil {
		return nil, err
	}
	if err := g.addUp(); err != nil {
		return nil, err
	}
	return g, nil
}

func errCutShort() error {
	return geo.Errorf(geo.CodeInvalid, "", "the stored grid ends too early")
}

// unpack reads the blocks of rows.
func (g *Grid) unpack(in *input) error {
	step := rowsPerBlock(g.frame.Width) * g.frame.Width
	planes := make([]byte, 4*min(step, len(g.values)))
	inflate := flate.NewReader(bytes.NewReader(nil))
	for at := 0; at < len(g.values); at += step {
		values := g.values[at:min(at+step, len(g.values))]
		packed := in.take(int(in.uint32()))
		if in.short {
			return errCutShort()
		}
		if err := inflate.(flate.Resetter).Reset(bytes.NewReader(packed), nil); err != nil {
			return geo.Errorf(geo.CodeInvalid, "", "the stored grid is damaged").WithCause(err)
		}
		if _, err := io.ReadFull(inflate, planes[:4*len(values)]); err != nil {
			return geo.Errorf(geo.CodeInvalid, "", "a block of the stored grid is damaged").WithCause(err)
		}
		if n, err := inflate.Read(make([]byte, 1)); n != 0 || err != io.EOF {
			return geo.Errorf(geo.CodeInvalid, "", "a block of the stored grid is longer than its rows").WithCause(err)
		}
		fromPlanes(values, planes)
	}
	if len(in.rest) > 0 {
		return geo.Errorf(geo.CodeInvalid, "", "the stored grid goes on after its last row")
	}
	return nil
}

// input hands out the bytes of a stored grid and remembers whether they ran out.
type input struct {
	rest  []byte
	short bool
}

func (in *input) take(n int) []byte {
	if n < 0 || n > len(in.rest) {
		in.short, in.rest = true, nil
		return nil
	}
	taken := in.rest[:n]
	in.rest = in.rest[n:]
	return taken
}

func (in *input) uint32() uint32 {
	if b := in.take(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (in *input) uint64() uint64 {
	if b := in.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (in *input) text() string {
	if b := in.take(2); b != nil {
		return string(in.take(int(binary.LittleEndian.Uint16(b))))
	}
	return ""
}
