package geotiff

import (
	"fmt"
	"math"
)

const (
	maxSide     = 1 << 23 // columns or rows of an image, read or not
	maxTileSide = 1 << 14 // columns or rows of a tile

	// maxDecoded is the most bytes that are unpacked for one reading, what
	// lies beside the clip in the same strips or tiles included.
	maxDecoded = 8 << 30

	// minPackedBudget is what all blocks together may claim of a small file.
	// Blocks do not overlap in honest files, but equal ones are sometimes
	// stored once, so that a file's claims may exceed its size.
	minPackedBudget = 1 << 30
)

// The compressions that are read, TIFF 6.0 and its supplements.
const (
	compressionNone       = 1
	compressionLZW        = 5
	compressionDeflate    = 8
	compressionPackBits   = 32773
	compressionOldDeflate = 32946
)

// compressionNames are compressions that are often met and not read.
var compressionNames = map[uint64]string{
	2: "CCITT RLE", 3: "CCITT Group 3", 4: "CCITT Group 4", 6: "old JPEG", 7: "JPEG", 34712: "JPEG 2000",
	34887: "LERC", 34925: "LZMA", 50000: "Zstandard", 50001: "WebP", 50002: "JPEG XL",
}

// The predictors, TIFF 6.0 section 14 and Adobe's TIFF Technical Note 3.
const (
	predictorNone       = 1
	predictorHorizontal = 2
	predictorFloat      = 3
)

// The kinds of samples.
const (
	formatUnsigned  = 1
	formatSigned    = 2
	formatFloat     = 3
	formatUndefined = 4
)

// layout says how the samples of an image stand in its file.
type layout struct {
	width, height           int
	tiled                   bool
	blockWidth, blockHeight int // of a tile, or the image's width and the rows of a strip
	across, down            int // blocks
	sampleBytes             int
	format                  uint64
	compression             uint64
	predictor               uint64
	offsets, counts         uint16 // the tags of the blocks
}

func (d *directory) layout() (*layout, error) {
	numbers := map[uint16]uint64{
		tagImageWidth: 0, tagImageLength: 0, tagBitsPerSample: 1, tagSamplesPerPixel: 1, tagSampleFormat: formatUnsigned,
		tagCompression: compressionNone, tagPredictor: predictorNone, tagFillOrder: 1,
		tagTileWidth: 0, tagTileLength: 0, tagRowsPerStrip: math.MaxUint32,
	}
	for tag, otherwise := range numbers {
		number, err := d.number(tag, otherwise)
		if err != nil {
			return nil, err
		}
		numbers[tag] = number
	}
	width, height := numbers[tagImageWidth], numbers[tagImageLength]
	if width == 0 || height == 0 {
		return nil, invalid("the file does not say how large its image is")
	}
	if width > maxSide || height > maxSide {
		return nil, tooLarge("an image of %d by %d cells is larger than %d by %d", width, height, maxSide, maxSide)
	}
	if n := numbers[tagSamplesPerPixel]; n != 1 {
		return nil, invalid("the image has %d bands and needs one; take it out with gdal_translate -b", n)
	}
	if numbers[tagFillOrder] != 1 {
		return nil, invalid("its bits run from the least significant one (FillOrder %d), which is not read", numbers[tagFillOrder])
	}
	l := &layout{width: int(width), height: int(height), format: numbers[tagSampleFormat], compression: numbers[tagCompression], predictor: numbers[tagPredictor]}
	if err := l.setSample(numbers[tagBitsPerSample]); err != nil {
		return nil, err
	}
	if err := l.setCoding(); err != nil {
		return nil, err
	}
	if err := l.setBlocks(d, numbers); err != nil {
		return nil, err
	}
	return l, nil
}

func (l *layout) setSample(bits uint64) error {
	if l.format == formatUndefined {
		l.format = formatUnsigned
	}
	whole := (l.format == formatUnsigned || l.format == formatSigned) && (bits == 8 || bits == 16 || bits == 32)
	floating := l.format == formatFloat && (bits == 32 || bits == 64)
	if !whole && !floating {
		return invalid("samples of %d bits in format %d are not read: they are whole numbers of 8, 16 or 32 bits or floating-point numbers of 32 or 64; convert it with gdal_translate -ot Float32", bits, l.format)
	}
	l.sampleBytes = int(bits / 8)
	return nil
}

func (l *layout) setCoding() error {
	switch l.compression {
	case compressionNone, compressionPackBits:
		l.predictor = predictorNone // it belongs to LZW and Deflate, and libtiff ignores it elsewhere
	case compressionLZW, compressionDeflate, compressionOldDeflate:
	default:
		name := compressionNames[l.compression]
		if name == "" {
			name = "unknown"
		}
		return invalid("compression %d (%s) is not read; convert it with gdal_translate -co COMPRESS=DEFLATE", l.compression, name)
	}
	switch l.predictor {
	case predictorNone, predictorHorizontal:
	case predictorFloat:
		if l.format != formatFloat {
			return invalid("the floating-point predictor on whole numbers means nothing")
		}
	default:
		return invalid("predictor %d is not read", l.predictor)
	}
	return nil
}

func (l *layout) setBlocks(d *directory, numbers map[uint16]uint64) error {
	if d.has(tagTileOffsets) || d.has(tagTileWidth) {
		width, height := numbers[tagTileWidth], numbers[tagTileLength]
		if width == 0 || height == 0 || width%16 != 0 || height%16 != 0 {
			return invalid("tiles of %d by %d cells are not multiples of 16", width, height)
		}
		if width > maxTileSide || height > maxTileSide {
			return tooLarge("tiles of %d by %d cells are larger than %d by %d", width, height, maxTileSide, maxTileSide)
		}
		l.tiled, l.blockWidth, l.blockHeight = true, int(width), int(height)
		l.offsets, l.counts = tagTileOffsets, tagTileByteCounts
	} else {
		rows := numbers[tagRowsPerStrip]
		if rows == 0 {
			return invalid("its strips have no rows")
		}
		l.blockWidth, l.blockHeight = l.width, int(min(rows, uint64(l.height)))
		l.offsets, l.counts = tagStripOffsets, tagStripByteCounts
	}
	l.across = (l.width + l.blockWidth - 1) / l.blockWidth
	l.down = (l.height + l.blockHeight - 1) / l.blockHeight
	blocks := uint64(l.across) * uint64(l.down)
	for _, tag := range []uint16{l.offsets, l.counts} {
		if n := d.fields[tag].count; n < blocks {
			return invalid("an image of %d blocks has only %d values of tag %d", blocks, n, tag)
		}
	}
	return nil
}

func (l *layout) rowBytes() int { return l.blockWidth * l.sampleBytes }

// blockName is how an error names a block.
func (l *layout) blockName(column, row int) string {
	if l.tiled {
		return fmt.Sprintf("tile %d of tile row %d", column, row)
	}
	return fmt.Sprintf("strip %d", row)
}

// window is a part of the image: columns [x0, x1) and rows [y0, y1).
type window struct{ x0, y0, x1, y1 int }

// decodedBytes is how much has to be unpacked to see the window.
func (l *layout) decodedBytes(w window) int64 {
	columns := int64((w.x1-1)/l.blockWidth-w.x0/l.blockWidth+1) * int64(l.rowBytes())
	rows := int64(w.y1 - w.y0/l.blockHeight*l.blockHeight)
	return columns * rows
}
