package osmtest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"testing"

	"github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"
	"pgregory.net/rapid"
)

// elements reads a file with a reader that is not ours.
func elements(r io.Reader) ([]string, error) {
	scanner := osmpbf.New(context.Background(), r, 1)
	defer scanner.Close()
	var out []string
	for scanner.Scan() {
		switch e := scanner.Object().(type) {
		case *osm.Node:
			out = append(out, fmt.Sprintf("n%d %d %d %v", e.ID, units(e.Lon), units(e.Lat), tagsOf(e.Tags)))
		case *osm.Way:
			out = append(out, fmt.Sprintf("w%d %v %v", e.ID, e.Nodes.NodeIDs(), tagsOf(e.Tags)))
		case *osm.Relation:
			var members []string
			for _, m := range e.Members {
				members = append(members, fmt.Sprint(m.Type, m.Ref, m.Role))
			}
			out = append(out, fmt.Sprintf("r%d %v %v", e.ID, members, tagsOf(e.Tags)))
		}
	}
	return out, scanner.Err()
}

func tagsOf(tags osm.Tags) []Tag {
	var out []Tag
	for _, t := range tags {
		out = append(out, Tag{t.Key, t.Value})
	}
	return out
}

func TestWriterIsReadByOsmpbf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var file bytes.Buffer
		w := NewWriter(&file, Options{Raw: rapid.Bool().Draw(t, "raw"), BlockElements: rapid.IntRange(1, 5).Draw(t, "block")})
		tags := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Tag {
			return Tag{rapid.StringN(1, 8, -1).Draw(t, "key"), rapid.String().Draw(t, "value")}
		}), 0, 3)
		var want []string
		id := int64(0)
		next := func() int64 {
			id += rapid.Int64Range(1, 1<<40).Draw(t, "step")
			return id
		}
		for range rapid.IntRange(0, 12).Draw(t, "nodes") {
			lon, lat := rapid.Float64Range(-180, 180).Draw(t, "lon"), rapid.Float64Range(-90, 90).Draw(t, "lat")
			id, list := next(), tags.Draw(t, "tags")
			must(t, w.Node(id, lon, lat, list...))
			want = append(want, fmt.Sprintf("n%d %d %d %v", id, units(lon), units(lat), list))
		}
		for range rapid.IntRange(0, 12).Draw(t, "ways") {
			refs := rapid.SliceOfN(rapid.Int64Range(1, 1<<50), 1, 9).Draw(t, "refs")
			id, list := next(), tags.Draw(t, "tags")
			must(t, w.Way(id, refs, list...))
			want = append(want, fmt.Sprintf("w%d %v %v", id, refs, list))
		}
		for range rapid.IntRange(0, 3).Draw(t, "relations") {
			id, a, b, c := next(), next(), next(), next()
			must(t, w.Restriction(id, "no_left_turn", a, NodeKind, b, c))
			want = append(want, fmt.Sprintf("r%d [way %d from node %d via way %d to] [{type restriction} {restriction no_left_turn}]", id, a, b, c))
		}
		must(t, w.Close())
		got, err := elements(&file)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(want) {
			t.Fatalf("%d elements, want %d", len(got), len(want))
		}
		for i := range want {
			if normal(got[i]) != normal(want[i]) {
				t.Fatalf("got %s, want %s", got[i], want[i])
			}
		}
	})
}

// normal leaves out the spaces that fmt puts between some members.
func normal(s string) string {
	return string(bytes.ReplaceAll([]byte(s), []byte(" "), nil))
}

func must(t interface{ Fatal(...any) }, err error) {
	if err != nil {
		t.Fatal(err)
	}
}

func small(t *testing.T, o Options) []byte {
	t.Helper()
	var file bytes.Buffer
	w := NewWriter(&file, o)
	for id := range int64(100) {
		must(t, w.Node(id+1, -72.3+float64(id)/1000, 18.5))
	}
	must(t, w.Way(1, []int64{1, 2, 3}, Tag{"highway", "track"}))
	must(t, w.Close())
	return file.Bytes()
}

func TestFaultsAreFound(t *testing.T) {
	whole := small(t, Options{})
	for name, fault := range map[string]Fault{
		"cut":            {CutAfter: int64(len(whole)) - 7},
		"blob too long":  {BlobSizeOff: 5},
		"blob too short": {BlobSizeOff: -5},
		"raw too short":  {RawSizeOff: -9},
		"header":         {HeaderSizeOff: 3},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := elements(bytes.NewReader(small(t, Options{Fault: fault}))); err == nil {
				t.Error("read without an error")
			}
		})
	}
	if got, err := elements(bytes.NewReader(whole)); err != nil || len(got) != 101 {
		t.Errorf("whole: %d elements, %v", len(got), err)
	}
	if cut := small(t, Options{Fault: Fault{CutAfter: 50}}); !bytes.Equal(cut, whole[:50]) {
		t.Errorf("cut after 50: %d bytes", len(cut))
	}
}

func TestOrderIsKept(t *testing.T) {
	w := NewWriter(io.Discard, Options{})
	must(t, w.Way(5, []int64{1}))
	if err := w.Node(9, 0, 0); err == nil {
		t.Error("a node after a way was taken")
	}
	if w.Close() == nil {
		t.Error("the error was forgotten")
	}
	var file bytes.Buffer
	w = NewWriter(&file, Options{Fault: Fault{Unsorted: true}})
	must(t, w.Way(5, []int64{9}))
	must(t, w.Node(9, 0, 0))
	must(t, w.Node(3, 1, 1))
	must(t, w.Close())
	if bytes.Contains(file.Bytes(), []byte("Sort.")) {
		t.Error("claims an order")
	}
	got, err := elements(&file)
	if want := []string{"w5 [9] []", "n9 0 0 []", "n3 10000000 10000000 []"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%v, %v", got, err)
	}
}

func TestFillerAndBomb(t *testing.T) {
	var file bytes.Buffer
	w := NewWriter(&file, Options{Raw: true})
	must(t, w.Node(1, 0, 0))
	must(t, w.Filler(3<<20+5))
	if n := file.Len(); n < 3<<20 || n > 3<<20+1000 {
		t.Errorf("filler of 3 MB gives %d bytes", n)
	}
	before := file.Len()
	must(t, w.Bomb(64<<20, 1<<20))
	if n := file.Len() - before; n > 200<<10 {
		t.Errorf("bomb takes %d bytes", n)
	}
	must(t, w.Close())
}

func TestErrorsOfTheStreamAreKept(t *testing.T) {
	w := NewWriter(broken{}, Options{})
	must(t, w.Node(1, 0, 0))
	if err := w.Close(); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("%v", err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }
