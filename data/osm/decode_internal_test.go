package osm

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	posm "github.com/paulmach/osm"
	"github.com/paulmach/osm/osmpbf"

	"pasaj/data/osm/osmtest"
)

// TestDecodesLikeOsmpbf compares all objects of a drawn country with what the
// library reads.
func TestDecodesLikeOsmpbf(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, osmtest.Options{})
	if _, err := osmtest.Country(w, osmtest.CountryOptions{Seed: 5, Scale: .02}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	var want []string
	library := osmpbf.New(t.Context(), bytes.NewReader(out.Bytes()), 1)
	defer library.Close()
	text := func(t posm.Tags) (s string) {
		for _, one := range t {
			s += " " + one.Key + "=" + one.Value
		}
		return s
	}
	for library.Scan() {
		switch o := library.Object().(type) {
		case *posm.Node:
			want = append(want, fmt.Sprintf("n%d %.7f %.7f%s", o.ID, o.Lon, o.Lat, text(o.Tags)))
		case *posm.Way:
			s := fmt.Sprintf("w%d%s", o.ID, text(o.Tags))
			for _, n := range o.Nodes {
				s += fmt.Sprintf(" %d", n.ID)
			}
			want = append(want, s)
		case *posm.Relation:
			s := fmt.Sprintf("r%d%s", o.ID, text(o.Tags))
			for _, m := range o.Members {
				s += fmt.Sprintf(" %c%d%s", m.Type[0], m.Ref, m.Role)
			}
			want = append(want, s)
		}
	}
	if err := library.Err(); err != nil {
		t.Fatal(err)
	}
	var got []string
	written := func(t tags) (s string) {
		for _, one := range t {
			s += " " + one.key + "=" + one.value
		}
		return s
	}
	s := scanner{r: bytes.NewReader(out.Bytes())}
	err := scan(t.Context(), &s, "all", func(b *block) (list []string, err error) {
		all := make([]bool, len(b.strings))
		for i := range all {
			all[i] = true
		}
		err = b.eachNode(func(id int64, p point, ok bool, keyvals []uint64) error {
			tagged, err := b.nodeTags(keyvals)
			at := p.degrees()
			list = append(list, fmt.Sprintf("n%d %.7f %.7f%s", id, at[0], at[1], written(tagged)))
			return err
		})
		if err != nil {
			return nil, err
		}
		if _, err = b.eachWay(all, func(id int64, tagged tags, refs packed) error {
			s, ref := fmt.Sprintf("w%d%s", id, written(tagged)), int64(0)
			for delta, more := refs.signed(); more; delta, more = refs.signed() {
				ref += delta
				s += fmt.Sprintf(" %d", ref)
			}
			list = append(list, s)
			return nil
		}); err != nil {
			return nil, err
		}
		_, err = b.eachRelation(all, func(id int64, tagged tags, members []member) error {
			s := fmt.Sprintf("r%d%s", id, written(tagged))
			for _, m := range members {
				s += fmt.Sprintf(" %c%d%s", m.kind, m.ref, m.role)
			}
			list = append(list, s)
			return nil
		})
		return list, err
	}, func(list []string) error {
		got = append(got, list...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(want) < 10_000 || !slices.Equal(got, want) {
		for i := range min(len(got), len(want)) {
			if got[i] != want[i] {
				t.Fatalf("object %d: %s, want %s", i, got[i], want[i])
			}
		}
		t.Fatalf("%d objects, want %d", len(got), len(want))
	}
}

// TestPlainNodes: nodes may also be written one by one.
func TestPlainNodes(t *testing.T) {
	t.Parallel()
	raw := []byte{
		0x0A, 0x0E, 0x0A, 0x00, 0x0A, 0x07, 'b', 'a', 'r', 'r', 'i', 'e', 'r', 0x0A, 0x01, 'x', // texts
		0x12, 0x0E, 0x0A, 0x0C, // group, node
		0x08, 0x0E, // id 7
		0x12, 0x01, 0x01, 0x1A, 0x01, 0x02, // barrier=x
		0x40, 0x04, 0x48, 0x05, // lat 2, lon -3
	}
	var b block
	if err := b.parse(raw); err != nil {
		t.Fatal(err)
	}
	calls := 0
	err := b.eachNode(func(id int64, p point, ok bool, keyvals []uint64) error {
		calls++
		tagged, err := b.nodeTags(keyvals)
		if id != 7 || p != (point{-3, 2}) || !ok || tagged.get("barrier") != "x" {
			t.Errorf("node %d at %v: %v", id, p, tagged)
		}
		return err
	})
	if err != nil || calls != 1 {
		t.Errorf("%d nodes: %v", calls, err)
	}
}

func TestPanicsOfABlockAreErrors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	w := osmtest.NewWriter(&out, osmtest.Options{})
	if err := w.Node(1, -72, 18); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s := scanner{r: bytes.NewReader(out.Bytes())}
	err := scan(t.Context(), &s, "all", func(*block) (int, error) { panic("of this block") }, func(int) error { return nil })
	if err == nil || !bytes.Contains([]byte(err.Error()), []byte("of this block")) {
		t.Errorf("a panic of a block: %v", err)
	}
}
