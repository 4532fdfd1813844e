package cch

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"slices"
	"testing"
)

var _ encoding.BinaryAppender = Order{}

func TestOrderRoundTrip(t *testing.T) {
	for _, o := range []Order{{}, {0}, {2, 0, 1}} {
		data, err := o.AppendBinary([]byte("head"))
		if err != nil || string(data[:4]) != "head" {
			t.Fatalf("AppendBinary: %q, %v", data, err)
		}
		got, err := ParseOrder(data[4:])
		if err != nil || !slices.Equal(got, o) {
			t.Fatalf("ParseOrder: %v, %v, expected %v", got, err, o)
		}
	}
}

func TestOrderCheck(t *testing.T) {
	for _, c := range []struct {
		order Order
		nodes int
		ok    bool
	}{
		{nil, 0, true}, {Order{1, 0}, 2, true}, {Order{1, 0}, 3, false}, {Order{0, 0}, 2, false}, {Order{0, 2}, 2, false}, {Order{-1, 0}, 2, false},
	} {
		if err := c.order.Check(c.nodes); (err == nil) != c.ok || err != nil && !errors.Is(err, ErrOrder) {
			t.Errorf("%v for %d nodes: %v", c.order, c.nodes, err)
		}
	}
}

func TestParseOrderRefuses(t *testing.T) {
	good, _ := Order{2, 0, 1}.AppendBinary(nil)
	for i := range good { // every byte counts
		bad := bytes.Clone(good)
		bad[i] ^= 0x10
		if o, err := ParseOrder(bad); !errors.Is(err, ErrOrder) {
			t.Errorf("byte %d changed: %v, %v", i, o, err)
		}
	}
	for n := range len(good) {
		if _, err := ParseOrder(good[:n]); !errors.Is(err, ErrOrder) {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	if _, err := ParseOrder(append(bytes.Clone(good), 0)); !errors.Is(err, ErrOrder) {
		t.Errorf("a byte too many: %v", err)
	}
	twice, _ := Order{0, 0}.AppendBinary(nil)
	if _, err := ParseOrder(twice); !errors.Is(err, ErrOrder) {
		t.Errorf("no permutation: %v", err)
	}
}

func FuzzParseOrder(f *testing.F) {
	for _, o := range []Order{{}, {0}, {1, 0, 2}} {
		data, _ := o.AppendBinary(nil)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// A right checksum, so that the fuzzer gets past it.
		if n := len(data); n >= orderOverhead {
			binary.LittleEndian.PutUint32(data[n-4:], crc32.Checksum(data[:n-4], castagnoli))
		}
		o, err := ParseOrder(data)
		if err != nil {
			if !errors.Is(err, ErrOrder) {
				t.Fatal(err)
			}
			return
		}
		if err := o.Check(len(o)); err != nil {
			t.Fatal(err)
		}
		if again, _ := o.AppendBinary(nil); !bytes.Equal(again, data) {
			t.Fatalf("%x is written as %x", data, again)
		}
	})
}
