package geotiff

import (
	"context"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/paulmach/orb"

	"pasaj/geo/raster"
)

// Options say what of a file is read.
type Options struct {
	// Clip keeps the cells whose centre the box holds, its border included.
	// Only the strips and tiles that meet it are read. The zero value keeps all.
	Clip orb.Bound

	// MaxCells is the most cells that are kept; raster.MaxCells for 0, and
	// never more.
	MaxCells int

	// Progress, when set, is called from the reading goroutine with the rows
	// that are done and the rows that there are.
	Progress func(doneRows, totalRows int)
}

// Image is one band of a GeoTIFF file, or the part of it that was asked for.
type Image struct {
	Frame raster.Frame

	// Values are the cells row by row from the north, each row from the west.
	// Cells without data are NaN. Whole numbers of 32 bits and floating-point
	// numbers of 64 are rounded to the nearest float32.
	Values []float32

	// Whole says that the file holds whole numbers.
	Whole bool

	// SampleBits is the size of a sample in the file: 8, 16, 32 or 64.
	SampleBits int
}

// Read reads the first image of full resolution in a GeoTIFF file of the given
// size in bytes. What is wrong with the file is a *geo.Error, too_large for
// one that asks for more than its limits and invalid for everything else; a
// failure of r or the end of ctx is an ordinary error.
func Read(ctx context.Context, r io.ReaderAt, size int64, o Options) (*Image, error) {
	dir, err := open(r, size)
	if err != nil {
		return nil, err
	}
	l, err := dir.layout()
	if err != nil {
		return nil, err
	}
	frame, err := dir.frame(l.width, l.height)
	if err != nil {
		return nil, err
	}
	w := window{0, 0, l.width, l.height}
	if !o.Clip.IsZero() {
		w.x0, w.y0, w.x1, w.y1 = frame.Window(o.Clip)
		if w.x0 >= w.x1 || w.y0 >= w.y1 {
			return nil, invalid("the image lies from %v to %v and holds no cell centre between %v and %v",
				frame.Bound().Min, frame.Bound().Max, o.Clip.Min, o.Clip.Max)
		}
		frame = frame.Cut(w.x0, w.y0, w.x1, w.y1)
	}
	most := raster.MaxCells
	if o.MaxCells > 0 {
		most = min(most, o.MaxCells)
	}
	if cells := int64(frame.Width) * int64(frame.Height); cells > int64(most) {
		return nil, tooLarge("%d by %d are %d cells, more than %d; clip it to the country first", frame.Width, frame.Height, cells, most)
	}
	if err := frame.Check(); err != nil {
		return nil, err
	}
	if bytes := l.decodedBytes(w); bytes > maxDecoded {
		return nil, tooLarge("%d MB would have to be unpacked to read this part, more than %d; clip it with gdal_translate -projwin", bytes>>20, maxDecoded>>20)
	}
	none, err := dir.noData()
	if err != nil {
		return nil, err
	}
	if err := dir.checkScale(); err != nil {
		return nil, err
	}
	d := &decoder{
		file: dir.file, layout: l, window: w, none: none,
		values: make([]float32, frame.Width*frame.Height),
		row:    make([]byte, l.rowBytes()),
		left:   max(4*size, minPackedBudget),
	}
	if err := d.blocks(ctx, dir, o.Progress); err != nil {
		return nil, err
	}
	return &Image{Frame: frame, Values: d.values, Whole: l.format != formatFloat, SampleBits: 8 * l.sampleBytes}, nil
}

// blocks reads every block that meets the window.
func (d *decoder) blocks(ctx context.Context, dir *directory, progress func(doneRows, totalRows int)) error {
	l, w := d.layout, d.window
	left, right := w.x0/l.blockWidth, (w.x1-1)/l.blockWidth
	for row := w.y0 / l.blockHeight; row <= (w.y1-1)/l.blockHeight; row++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		first, n := uint64(row)*uint64(l.across)+uint64(left), uint64(right-left+1)
		offsets, err := dir.numbers(l.offsets, first, n)
		if err != nil {
			return err
		}
		counts, err := dir.numbers(l.counts, first, n)
		if err != nil {
			return err
		}
		for i := range offsets {
			if err := d.block(ctx, left+i, row, offsets[i], counts[i]); err != nil {
				return err
			}
		}
		if progress != nil {
			progress(min((row+1)*l.blockHeight, w.y1)-w.y0, w.y1-w.y0)
		}
	}
	return nil
}

// noData is the value that stands for no data, where a file has one.
type noData struct {
	given bool
	value float64
}

func (d *directory) noData() (noData, error) {
	if !d.has(tagGDALNoData) {
		return noData{}, nil
	}
	text, err := d.text(tagGDALNoData)
	if err != nil {
		return noData{}, err
	}
	text = strings.TrimSpace(text)
	if text == "" {
		return noData{}, nil
	}
	value, err := strconv.ParseFloat(text, 64)
	switch {
	case errors.Is(err, strconv.ErrRange): // the greatest double, rounded up in print
		value = math.Copysign(math.MaxFloat64, value)
	case err != nil && strings.Contains(strings.ToLower(text), "nan"):
		value = math.NaN()
	case err != nil:
		return noData{}, invalid("its value for no data is %.40q, which is no number", text)
	}
	return noData{given: true, value: value}, nil
}

// checkScale refuses samples that GDAL's metadata would have multiplied or
// shifted: to read them as they stand would be wrong without a sign of it.
func (d *directory) checkScale() error {
	if !d.has(tagGDALMetadata) {
		return nil
	}
	text, err := d.text(tagGDALMetadata)
	if err != nil {
		return err
	}
	var metadata struct {
		Items []struct {
			Role  string `xml:"role,attr"`
			Value string `xml:",chardata"`
		} `xml:"Item"`
	}
	if err := xml.Unmarshal([]byte(text), &metadata); err != nil {
		return nil // free text of other programs; GDAL ignores it too
	}
	for _, item := range metadata.Items {
		value, err := strconv.ParseFloat(strings.TrimSpace(item.Value), 64)
		if item.Role == "scale" && (err != nil || value != 1) || item.Role == "offset" && (err != nil || value != 0) {
			return invalid("its samples have a %s of %.40q; apply it with gdal_translate -unscale", item.Role, item.Value)
		}
	}
	return nil
}
