package osm_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"pasaj/data/osm"
	"pasaj/data/osm/osmtest"
	"pasaj/geo"
)

// read reads a file that may be anything.
func read(t testing.TB, file []byte) (*osm.Result, error) {
	t.Helper()
	return osm.Read(t.Context(), bytes.NewReader(file), osm.Options{})
}

func TestFilesOfOtherKinds(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(cross().file(t)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, file string
		code       geo.Code
		says       string
	}{
		{"empty", "", geo.CodeInvalid, "empty"},
		{"gzip", packed.String(), geo.CodeUnsupportedMedia, "gzip"},
		{"xml", `<?xml version="1.0"?><osm/>`, geo.CodeUnsupportedMedia, "XML"},
		{"bzip2", "BZh91AY&SY", geo.CodeUnsupportedMedia, "bzip2"},
		{"zip", "PK\x03\x04....", geo.CodeUnsupportedMedia, "zip"},
		{"geojson", `{"type":"FeatureCollection"}`, geo.CodeUnsupportedMedia, "JSON"},
		{"one byte", "\x00", geo.CodeInvalid, "truncated"},
		{"text", "hello, world: this is no map", geo.CodeInvalid, "not an OSM PBF file"},
		{"zeros", strings.Repeat("\x00", 100_000), geo.CodeInvalid, "not an OSM PBF file"},
		{"web page", "\n\n<html></html>", geo.CodeInvalid, "not an OSM PBF file"},
	} {
		_, err := read(t, []byte(c.file))
		if geo.CodeOf(err) != c.code || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v, want code %s and the word %q", c.name, err, c.code, c.says)
		}
	}
}

// TestTruncation ends a file after each of its bytes.
func TestTruncation(t *testing.T) {
	t.Parallel()
	s := cross()
	s.relations = []drawnRelation{restriction(1, "no_left_turn", 1, 'c', 2)}
	file := s.file(t)
	for n := range file {
		got, err := read(t, file[:n])
		// At the end of a block a shorter file is a file: without relations it is
		// even one with roads.
		if err == nil && len(got.Turns) > 0 || err != nil && geo.CodeOf(err) == "" {
			t.Errorf("the first %d bytes of %d: %v", n, len(file), err)
		}
	}
}

// TestFlippedBytes damages each byte of a file in several ways: it is read or
// refused.
func TestFlippedBytes(t *testing.T) {
	t.Parallel()
	for _, raw := range []bool{true, false} {
		s := cross()
		s.writer.Raw = raw
		s.tags["b"] = "barrier=gate"
		s.relations = []drawnRelation{restriction(1, "no_left_turn", 1, 'c', 2)}
		file := s.file(t)
		for i := range file {
			for _, flip := range []byte{0x01, 0x80, 0xFF} {
				broken := bytes.Clone(file)
				broken[i] ^= flip
				if _, err := read(t, broken); err != nil && geo.CodeOf(err) == "" {
					t.Errorf("byte %d ^ %#x: an error without a code: %v", i, flip, err)
				}
			}
		}
	}
}

// TestLyingSizes runs alone: it watches what the process allocates.
func TestLyingSizes(t *testing.T) {
	for _, raw := range []bool{true, false} {
		for _, fault := range []osmtest.Fault{
			{BlobSizeOff: 1}, {BlobSizeOff: -1}, {BlobSizeOff: 1 << 20}, {BlobSizeOff: 1 << 30},
			{HeaderSizeOff: 1}, {HeaderSizeOff: -1}, {HeaderSizeOff: 1 << 30},
			{RawSizeOff: 1}, {RawSizeOff: -1}, {RawSizeOff: 1 << 20}, {RawSizeOff: 1 << 30},
		} {
			s := cross()
			s.writer = osmtest.Options{Raw: raw, Fault: fault}
			if raw && fault.RawSizeOff != 0 {
				continue // nothing is unpacked
			}
			before := allocated()
			_, err := read(t, s.file(t))
			if geo.CodeOf(err) == "" {
				t.Errorf("raw %t, %+v: %v", raw, fault, err)
			}
			if grown := allocated() - before; grown > 256<<20 {
				t.Errorf("raw %t, %+v: %d MB taken", raw, fault, grown>>20)
			}
		}
	}
}

func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}

func TestBombs(t *testing.T) {
	t.Parallel()
	for _, announced := range []int{1000, 64 << 20, 1 << 27, 1 << 30, -1} {
		var out bytes.Buffer
		w := osmtest.NewWriter(&out, osmtest.Options{})
		if err := w.Bomb(1<<27, announced); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := read(t, out.Bytes()); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("128 MB announced as %d bytes: %v", announced, err)
		}
	}
}

// padded is a file with a part that repeats, without its bytes.
type padded struct {
	head, body, tail []byte
	times            int64
}

func (p padded) size() int64 {
	return int64(len(p.head)) + p.times*int64(len(p.body)) + int64(len(p.tail))
}

func (p padded) ReadAt(dst []byte, at int64) (int, error) {
	n := 0
	for n < len(dst) {
		var from []byte
		body := int64(len(p.body))
		switch at := at + int64(n); {
		case at < int64(len(p.head)):
			from = p.head[at:]
		case at < int64(len(p.head))+p.times*body:
			from = p.body[(at-int64(len(p.head)))%body:]
		case at < p.size():
			from = p.tail[at-int64(len(p.head))-p.times*body:]
		default:
			return n, io.EOF
		}
		n += copy(dst[n:], from)
	}
	return n, nil
}

func (p padded) reader() io.ReadSeeker { return io.NewSectionReader(p, 0, p.size()) }

// TestPadding puts two gigabytes of nothing into a file and behind it. It runs
// alone: it watches what the process allocates.
func TestPadding(t *testing.T) {
	file := cross().file(t)
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, osmtest.Options{})
	if err := w.Block("OSMData", nil); err != nil {
		t.Fatal(err)
	}
	head := out.Len()
	if err := w.Filler(1 << 20); err != nil {
		t.Fatal(err)
	}
	filler := bytes.Clone(out.Bytes()[head:])
	// The header of the sketch lies before its first block of data.
	first := bytes.Index(file, []byte("OSMData")) - 6
	before := allocated()
	got, err := osm.Read(t.Context(), padded{file[:first], filler, file[first:], 2048}.reader(), osm.Options{})
	if err != nil || len(got.Edges) != 4 {
		t.Errorf("two gigabytes of blobs that readers skip: %v", err)
	}
	if grown := allocated() - before; grown > 64<<20 {
		t.Errorf("%d MB taken for what is skipped", grown>>20)
	}
	_, err = osm.Read(t.Context(), padded{file[:first], filler, file[first:], 20_000_000}.reader(), osm.Options{})
	if geo.CodeOf(err) != geo.CodeTooLarge {
		t.Errorf("a file of many terabytes: %v", err)
	}
	out.Reset()
	w = osmtest.NewWriter(&out, osmtest.Options{})
	if err := w.Block("OSMData", nil); err != nil {
		t.Fatal(err)
	}
	head = out.Len()
	if err := w.Filler(1); err != nil {
		t.Fatal(err)
	}
	_, err = osm.Read(t.Context(), padded{file, out.Bytes()[head:], nil, 20_000}.reader(), osm.Options{})
	if geo.CodeOf(err) != geo.CodeTooLarge {
		t.Errorf("many small blobs that readers skip: %v", err)
	}
	_, err = osm.Read(t.Context(), padded{file, make([]byte, 1<<20), nil, 2048}.reader(), osm.Options{})
	if geo.CodeOf(err) != geo.CodeInvalid {
		t.Errorf("two gigabytes of zeros behind the file: %v", err)
	}
}

func TestNoRoads(t *testing.T) {
	t.Parallel()
	s := cross()
	s.ways = []drawnWay{{1, "ab", "building=yes"}}
	if _, err := read(t, s.file(t)); geo.CodeOf(err) != geo.CodeUnprocessable {
		t.Errorf("a file without roads: %v", err)
	}
	s = cross()
	s.nodes = nil
	if _, err := read(t, s.file(t)); geo.CodeOf(err) != geo.CodeUnprocessable {
		t.Errorf("a file without nodes: %v", err)
	}
}

func TestReadEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := osm.Read(ctx, bytes.NewReader(cross().file(t)), osm.Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled read: %v", err)
	}
}

// broken fails in the middle of a file, like a disk.
type broken struct {
	io.ReadSeeker
	left int
}

var errDisk = errors.New("the disk is gone")

func (b *broken) Read(p []byte) (int, error) {
	if b.left -= len(p); b.left < 0 {
		return 0, errDisk
	}
	return b.ReadSeeker.Read(p)
}

func TestErrorsOfTheDiskAreKept(t *testing.T) {
	t.Parallel()
	file := cross().file(t)
	for left := range len(file) {
		if _, err := osm.Read(t.Context(), &broken{bytes.NewReader(file), left}, osm.Options{}); !errors.Is(err, errDisk) {
			t.Fatalf("after %d bytes: %v", left, err)
		}
	}
}

func TestAreas(t *testing.T) {
	t.Parallel()
	for _, box := range []string{"", "1,2,3", "1,2,3,4,5", "a,b,c,d", "-72,18,-73,19", "-73,19,-72,18", "NaN,1,2,3", "-181,0,0,1", "-Inf,1,2,3"} {
		if _, err := osm.ParseBox(box); geo.CodeOf(err) != geo.CodeInvalid {
			t.Errorf("box %q: %v", box, err)
		}
	}
	for _, c := range []struct {
		area string
		code geo.Code
	}{
		{`{"type":"Polygon","coordinates":[[[-73,18],[-72,18],[-72,19],[-73,18]]]}`, ""},
		{`{"type":"FeatureCollection","features":[
			{"type":"Feature","properties":{},"geometry":{"type":"Polygon","coordinates":[[[-73,18],[-72,18],[-72,19],[-73,18]]]}},
			{"type":"Feature","properties":{},"geometry":{"type":"MultiPolygon","coordinates":[[[[-73.5,18],[-72,18],[-72,19],[-73.5,18]]]]}}]}`, ""},
		{`{"type":"FeatureCollection","features":[]}`, geo.CodeInvalid},
		{`{"type":"Point","coordinates":[1,2]}`, geo.CodeInvalidGeometry},
		{`{"type":"Feature","geometry":null,"properties":null}`, geo.CodeInvalidGeometry},
		{`{"type":"Polygon","coordinates":[[[-73,18],[-72,19],[-72,18],[-73,19],[-73,18]]]}`, geo.CodeInvalidGeometry},
		{`{"type":"Polygon","coordinates":[[["a"]]]}`, geo.CodeInvalid},
		{`{`, geo.CodeInvalid},
		{``, geo.CodeInvalid},
		{`[]`, geo.CodeInvalid},
	} {
		if _, err := osm.ReadArea(strings.NewReader(c.area)); geo.CodeOf(err) != c.code || (c.code == "") != (err == nil) {
			t.Errorf("area %.60s: %v, want code %q", c.area, err, c.code)
		}
	}
}

// file wraps a block of data in a file.
func file(t testing.TB, block []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, osmtest.Options{Raw: true})
	if err := errors.Join(w.Block("OSMData", block), w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func FuzzRead(f *testing.F) {
	s := cross()
	s.relations = []drawnRelation{restriction(1, "no_left_turn", 1, 'c', 2)}
	f.Add(s.file(f))
	s.writer = osmtest.Options{Raw: true, BlockElements: 2}
	f.Add(s.file(f))
	s.writer.Fault.BlobSizeOff = 3
	f.Add(s.file(f))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := read(t, file)
		if err == nil && (len(got.Edges) == 0 || got.Graph.Len() != len(got.Edges)) {
			t.Error("a network without edges")
		}
		if err != nil && geo.CodeOf(err) == "" {
			t.Errorf("an error without a code: %v", err)
		}
	})
}

// FuzzBlock gets past the framing, to the objects.
func FuzzBlock(f *testing.F) {
	s := cross()
	s.writer = osmtest.Options{Raw: true}
	s.tags["b"] = "barrier=gate"
	s.relations = []drawnRelation{restriction(1, "no_left_turn", 1, 'c', 2)}
	whole := s.file(f)
	for _, part := range bytes.Split(whole, []byte("OSMData"))[1:] {
		f.Add(part[min(8, len(part)):])
	}
	f.Fuzz(func(t *testing.T, block []byte) {
		if _, err := read(t, file(t, block)); err != nil && geo.CodeOf(err) == "" {
			t.Errorf("an error without a code: %v", err)
		}
	})
}

func ExampleRead() {
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, osmtest.Options{})
	_ = w.Node(1, -72.30, 18.5)
	_ = w.Node(2, -72.29, 18.5)
	_ = w.Way(7, []int64{1, 2}, osmtest.Tag{Key: "highway", Value: "primary"}, osmtest.Tag{Key: "ref", Value: "RN 1"})
	_ = w.Close()
	got, err := osm.Read(context.Background(), bytes.NewReader(out.Bytes()), osm.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	e := got.Edges[0]
	fmt.Printf("way %d: %s, %s, %g km/h, %.0f m\n", e.WayID, e.Ref, e.Class, e.SpeedKmh, got.Report.LengthM)
	// Output: way 7: RN1, RN, 40 km/h, 1056 m
}
