package osm

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"google.golang.org/protobuf/encoding/protowire"

	"pasaj/geo"
)

// A file is a sequence of blobs: a length, a header naming the kind and size
// of the blob, and the blob, which holds a block of data as it is or deflated.

const (
	headerKind = "OSMHeader"
	dataKind   = "OSMData"
)

// blob is one blob as it lies in the file.
type blob struct {
	offset int64 // of its length word
	kind   string
	data   []byte // the Blob message, valid until the next one of the same buffer
}

// blobReader frames a file.
type blobReader struct {
	r       io.ReadSeeker
	size    int64
	at      int64
	blobs   int
	foreign int
}

func newBlobReader(r io.ReadSeeker) (*blobReader, error) {
	size, err := r.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, fmt.Errorf("the file cannot be read from any place, as a PBF file must be: %w", err)
	}
	if size == 0 {
		return nil, geo.Errorf(geo.CodeInvalid, "", "the file is empty")
	}
	if size > maxFileBytes {
		return nil, geo.Errorf(geo.CodeTooLarge, "", "the file has %d MB: at most %d; take a smaller extract", size>>20, maxFileBytes>>20)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	b := &blobReader{r: r, size: size}
	return b, b.look()
}

// look names the usual files that are not PBF before their bytes are taken for
// lengths.
func (b *blobReader) look() error {
	var start [8]byte
	n, err := io.ReadFull(b.r, start[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return err
	}
	if _, err := b.r.Seek(0, io.SeekStart); err != nil {
		return err
	}
	for _, known := range []struct{ magic, what string }{
		{"\x1f\x8b", "is packed with gzip: unpack it first, if it holds a PBF file"},
		{"BZh", "is packed with bzip2: it is probably OSM XML; convert it to .osm.pbf"},
		{"PK\x03\x04", "is a zip archive: unpack it first"},
		{"<", "is XML: convert it to .osm.pbf"},
		{"{", "is JSON: an .osm.pbf file is needed"},
		{"\xfd7zXZ", "is packed with xz: unpack it first"},
	} {
		if bytes.HasPrefix(start[:n], []byte(known.magic)) {
			return geo.Errorf(geo.CodeUnsupportedMedia, "", "the file %s", known.what)
		}
	}
	return nil
}

// next reads the next blob into buf, growing it. It returns io.EOF at the end
// of the file. Blobs of kinds that the format does not know are stepped over.
func (b *blobReader) next(buf []byte) (blob, error) {
	for {
		offset := b.at
		if offset == b.size {
			if b.blobs == 0 {
				return blob{}, notPBF(offset, "it holds no OSMHeader")
			}
			return blob{}, io.EOF
		}
		kind, size, err := b.header()
		if err != nil {
			return blob{}, err
		}
		if b.blobs == 0 && kind != headerKind {
			return blob{}, notPBF(offset, "it does not begin with an OSMHeader")
		}
		if b.blobs > 0 && kind != dataKind {
			if kind == headerKind {
				return blob{}, geo.Errorf(geo.CodeInvalid, "", "the file has a second header at byte %d: merge files with a tool made for it", offset)
			}
			if b.foreign++; b.foreign > maxForeignBlobs {
				return blob{}, geo.Errorf(geo.CodeTooLarge, "", "the file has more than %d blobs of unknown kind", maxForeignBlobs)
			}
			if b.at+int64(size) > b.size {
				return blob{}, truncated(offset)
			}
			if _, err := b.r.Seek(int64(size), io.SeekCurrent); err != nil {
				return blob{}, err
			}
			b.at += int64(size)
			continue
		}
		if b.blobs++; b.blobs > maxBlobs {
			return blob{}, geo.Errorf(geo.CodeTooLarge, "", "the file has more than %d blobs", maxBlobs)
		}
		if b.at+int64(size) > b.size {
			return blob{}, truncated(offset)
		}
		data, err := b.read(buf, size, offset)
		return blob{offset: offset, kind: kind, data: data}, err
	}
}

// header reads the length word and the header of a blob.
func (b *blobReader) header() (kind string, size int, err error) {
	offset := b.at
	var word [4]byte
	if _, err := b.read(word[:], len(word), offset); err != nil {
		return "", 0, err
	}
	length := binary.BigEndian.Uint32(word[:])
	if length == 0 || length > maxHeaderBytes {
		return "", 0, notPBF(offset, fmt.Sprintf("a blob header of %d bytes is announced, where 1 to %d are possible", length, maxHeaderBytes))
	}
	data, err := b.read(nil, int(length), offset)
	if err != nil {
		return "", 0, err
	}
	stored := int64(-1)
	err = fields(data, func(n protowire.Number, v value) error {
		switch n {
		case 1:
			kind = string(v.bytes)
		case 3:
			stored = int64(int32(v.varint))
		}
		return nil
	})
	if err != nil || kind == "" || stored < 0 {
		return "", 0, notPBF(offset, "a blob header does not say its kind and size")
	}
	if stored > maxBlobBytes {
		return "", 0, geo.Errorf(geo.CodeTooLarge, "", "the blob at byte %d claims %d bytes: the format allows %d", offset, stored, maxBlobBytes)
	}
	return kind, int(stored), nil
}

func (b *blobReader) read(buf []byte, size int, offset int64) ([]byte, error) {
	if cap(buf) < size {
		buf = make([]byte, size)
	}
	buf = buf[:size]
	n, err := io.ReadFull(b.r, buf)
	b.at += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, truncated(offset)
	}
	return buf, err
}

func notPBF(offset int64, why string) error {
	return geo.Errorf(geo.CodeInvalid, "", "not an OSM PBF file, or a damaged one: at byte %d, %s", offset, why)
}

func truncated(offset int64) error {
	return geo.Errorf(geo.CodeInvalid, "", "the file ends in the middle of the blob at byte %d: it is truncated; fetch it again", offset)
}

// unpack gives the block inside a blob. A deflated one is unpacked into buf,
// which grows; one stored plainly is not copied.
func unpack(data []byte, buf *[]byte) (raw []byte, err error) {
	var plain, deflated []byte
	var packed string
	size := int64(-1)
	err = fields(data, func(n protowire.Number, v value) error {
		switch n {
		case 1:
			plain = nonNil(v.bytes)
		case 2:
			size = int64(int32(v.varint))
		case 3:
			deflated = nonNil(v.bytes)
		case 4, 5, 6, 7:
			packed = map[protowire.Number]string{4: "LZMA", 5: "bzip2", 6: "LZ4", 7: "Zstandard"}[n]
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, err
	case plain != nil:
		if len(plain) > maxRawBytes {
			return nil, fmt.Errorf("it holds %d bytes, at most %d are allowed", len(plain), maxRawBytes)
		}
		return plain, nil
	case deflated == nil && packed != "":
		return nil, fmt.Errorf("it is packed with %s, which is not read: write the file anew with zlib", packed)
	case deflated == nil:
		return nil, errors.New("it holds no data")
	case size < 0 || size > maxRawBytes:
		return nil, fmt.Errorf("it claims to unpack to %d bytes, at most %d are allowed", size, maxRawBytes)
	}
	z, err := zlib.NewReader(bytes.NewReader(deflated))
	if err != nil {
		return nil, fmt.Errorf("it does not unpack: %w", err)
	}
	defer z.Close()
	raw, err = inflate(z, *buf, int(size))
	if err == nil {
		*buf = raw
	}
	return raw, err
}

// inflate reads exactly size bytes, taking memory as they come: a small blob
// may claim a large block.
func inflate(z io.Reader, buf []byte, size int) ([]byte, error) {
	const step = 4 << 20
	buf = buf[:0]
	for len(buf) < size {
		if len(buf) == cap(buf) {
			grown := make([]byte, len(buf), min(size, max(2*cap(buf), min(size, step))))
			copy(grown, buf)
			buf = grown
		}
		end := min(cap(buf), size)
		n, err := z.Read(buf[len(buf):end])
		buf = buf[:len(buf)+n]
		if err != nil && len(buf) < size {
			return nil, fmt.Errorf("it claims to unpack to %d bytes and gives %d: %w", size, len(buf), err)
		}
	}
	var more [1]byte
	switch n, err := io.ReadFull(z, more[:]); {
	case n > 0:
		return nil, fmt.Errorf("it unpacks to more than the %d bytes it claims", size)
	case !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("it does not unpack: %w", err)
	}
	return buf, nil
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
