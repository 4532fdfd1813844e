package osmtest

import (
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"
)

// Tag is a key with its value.
type Tag struct{ Key, Value string }

// Kind is what an element is.
type Kind int

// The kinds of elements, in the order in which a file holds them and with the
// numbers that relations give their members.
const (
	NodeKind Kind = iota
	WayKind
	RelationKind
)

// Member is a part of a relation.
type Member struct {
	Kind Kind
	ID   int64
	Role string
}

// Options of a Writer. The zero value writes a proper file.
type Options struct {
	Raw           bool // blobs that are not compressed
	BlockElements int  // elements in a block at most; 0 is 8,000, the format's custom
	Fault         Fault
}

// Fault is what is to be wrong with a file.
type Fault struct {
	Unsorted    bool  // take elements in any order; the header then claims none
	ClaimSorted bool  // let the header of an unsorted file claim an order all the same
	CutAfter    int64 // end the file after that many bytes; 0 never

	// What the lengths of data blocks are announced too long by, or too short
	// where negative: of the blob before it, of the uncompressed data, and of
	// the header of the blob.
	BlobSizeOff, RawSizeOff, HeaderSizeOff int
}

// Limits of the format.
const (
	maxHeaderBytes = 64 << 10
	maxBlobBytes   = 32 << 20
	blockElements  = 8000
	blockBytes     = 8 << 20 // a block is closed early when its data exceed this
	granularity    = 100     // nanodegrees in a unit of coordinates
)

// Writer writes a PBF file. After the first error every call returns it.
type Writer struct {
	out     io.Writer
	options Options
	written int64
	err     error
	began   bool
	closed  bool

	lastKind Kind
	lastID   int64
	any      bool

	block block
}

// NewWriter makes a writer onto w, which it does not close.
func NewWriter(w io.Writer, o Options) *Writer {
	if o.BlockElements <= 0 {
		o.BlockElements = blockElements
	}
	return &Writer{out: w, options: o, block: newBlock()}
}

// Node writes a node at a longitude and latitude in degrees, kept to a ten
// millionth of a degree.
func (w *Writer) Node(id int64, lon, lat float64, tags ...Tag) error {
	return w.element(NodeKind, id, func(b *block) error { return b.node(id, lon, lat, tags) })
}

// Way writes a way along nodes.
func (w *Writer) Way(id int64, refs []int64, tags ...Tag) error {
	return w.element(WayKind, id, func(b *block) error { return b.way(id, refs, tags) })
}

// Relation writes a relation.
func (w *Writer) Relation(id int64, members []Member, tags ...Tag) error {
	return w.element(RelationKind, id, func(b *block) error { return b.relation(id, members, tags) })
}

// Restriction writes a turn restriction: a relation of that kind
// (no_left_turn, only_straight_on, ...) from a way over a node, or over a way
// when viaKind says so, to a way.
func (w *Writer) Restriction(id int64, restriction string, from int64, viaKind Kind, via, to int64) error {
	return w.Relation(id, []Member{{WayKind, from, "from"}, {viaKind, via, "via"}, {WayKind, to, "to"}},
		Tag{"type", "restriction"}, Tag{"restriction", restriction})
}

func (w *Writer) element(kind Kind, id int64, add func(*block) error) error {
	if w.err != nil {
		return w.err
	}
	if w.closed {
		return w.fail(errors.New("the writer is closed"))
	}
	if w.any && !w.options.Fault.Unsorted && (kind < w.lastKind || kind == w.lastKind && id <= w.lastID) {
		return w.fail(fmt.Errorf("element %d of kind %d after %d of kind %d: out of order", id, kind, w.lastID, w.lastKind))
	}
	if w.any && kind != w.lastKind || w.block.elements >= w.options.BlockElements || w.block.size() >= blockBytes {
		if err := w.flush(); err != nil {
			return err
		}
	}
	w.any, w.lastKind, w.lastID = true, kind, id
	if err := add(&w.block); err != nil {
		return w.fail(fmt.Errorf("element %d of kind %d: %w", id, kind, err))
	}
	w.block.elements++
	return nil
}

// Close writes what is left. It is an error of the first call that failed.
func (w *Writer) Close() error {
	if w.err != nil || w.closed {
		return w.err
	}
	w.closed = true
	return w.flush()
}

// Block writes a block as it is given: any type ("OSMData" and "OSMHeader" are
// those that readers know) with any data.
func (w *Writer) Block(kind string, data []byte) error {
	if err := w.flush(); err != nil {
		return err
	}
	return w.writeBlock(kind, data)
}

// Filler writes blocks of an unknown type, which readers skip, with n bytes of
// zeros in all, none of them compressed.
func (w *Writer) Filler(n int64) error {
	if err := w.flush(); err != nil {
		return err
	}
	zeros := make([]byte, 1<<20)
	for ; n > 0 && w.err == nil; n -= int64(len(zeros)) {
		zeros = zeros[:min(n, int64(len(zeros)))]
		w.writeBlob("Filler", rawBlob(zeros), Fault{})
	}
	return w.err
}

// Bomb writes a block of data that is small in the file and n bytes of zeros
// when it is inflated. It announces announced bytes.
func (w *Writer) Bomb(n int64, announced int) error {
	if err := w.flush(); err != nil {
		return err
	}
	packed, err := deflate(io.LimitReader(zeroes{}, n))
	if err != nil {
		return w.fail(err)
	}
	w.writeBlob("OSMData", zlibBlob(packed, announced), Fault{})
	return w.err
}

type zeroes struct{}

func (zeroes) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func (w *Writer) fail(err error) error {
	if w.err == nil {
		w.err = fmt.Errorf("write PBF: %w", err)
	}
	return w.err
}

// flush writes the header block, if it is due, and the elements gathered.
func (w *Writer) flush() error {
	if w.err != nil {
		return w.err
	}
	if !w.began {
		w.began = true
		if err := w.writeBlock("OSMHeader", w.header()); err != nil {
			return err
		}
	}
	if w.block.elements == 0 {
		return nil
	}
	data := w.block.encode()
	w.block.reset()
	return w.writeBlock("OSMData", data)
}

func (w *Writer) header() []byte {
	var b []byte
	for _, feature := range []string{"OsmSchema-V0.6", "DenseNodes"} {
		b = appendString(b, 4, feature)
	}
	if !w.options.Fault.Unsorted || w.options.Fault.ClaimSorted {
		b = appendString(b, 5, "Sort.Type_then_ID")
	}
	return appendString(b, 16, "pasaj-osmtest")
}

func (w *Writer) writeBlock(kind string, data []byte) error {
	if len(data) > maxBlobBytes {
		return w.fail(fmt.Errorf("a block of %d bytes: the format allows %d", len(data), maxBlobBytes))
	}
	fault := w.options.Fault
	if kind != "OSMData" {
		fault.BlobSizeOff, fault.RawSizeOff, fault.HeaderSizeOff = 0, 0, 0
	}
	if w.options.Raw {
		w.writeBlob(kind, rawBlob(data), fault)
		return w.err
	}
	packed, err := deflateBytes(data)
	if err != nil {
		return w.fail(err)
	}
	w.writeBlob(kind, zlibBlob(packed, len(data)+fault.RawSizeOff), fault)
	return w.err
}

func (w *Writer) writeBlob(kind string, blob []byte, fault Fault) {
	header := appendString(nil, 1, kind)
	header = protowire.AppendTag(header, 3, protowire.VarintType)
	header = protowire.AppendVarint(header, uint64(int64(len(blob)+fault.BlobSizeOff)))
	if len(header) > maxHeaderBytes {
		_ = w.fail(fmt.Errorf("a header of %d bytes: the format allows %d", len(header), maxHeaderBytes))
		return
	}
	size := uint32(len(header) + fault.HeaderSizeOff)
	w.write([]byte{byte(size >> 24), byte(size >> 16), byte(size >> 8), byte(size)})
	w.write(header)
	w.write(blob)
}

// write writes bytes, or as many of them as come before the cut.
func (w *Writer) write(p []byte) {
	if w.err != nil {
		return
	}
	if cut := w.options.Fault.CutAfter; cut > 0 {
		p = p[:max(0, min(int64(len(p)), cut-w.written))]
	}
	n, err := w.out.Write(p)
	w.written += int64(n)
	if err != nil {
		_ = w.fail(err)
	}
}
