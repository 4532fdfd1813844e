package osmtest

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"math"

	"google.golang.org/protobuf/encoding/protowire"
)

// block gathers elements of one kind. Numbers in it are differences to those of
// the element before, as the format asks.
type block struct {
	elements int
	strings  map[string]uint64
	table    []byte // the string table so far
	kind     Kind

	ids, lats, lons, tags []byte // dense nodes
	tagged                bool
	lastID                int64
	lastLat, lastLon      int64

	group []byte // ways and relations
}

func newBlock() block {
	b := block{}
	b.reset()
	return b
}

func (b *block) reset() {
	*b = block{
		strings: map[string]uint64{"": 0}, table: appendString(nil, 1, ""),
		ids: b.ids[:0], lats: b.lats[:0], lons: b.lons[:0], tags: b.tags[:0], group: b.group[:0],
	}
}

func (b *block) size() int {
	return len(b.table) + len(b.ids) + len(b.lats) + len(b.lons) + len(b.tags) + len(b.group)
}

func (b *block) index(s string) uint64 {
	i, ok := b.strings[s]
	if !ok {
		i = uint64(len(b.strings))
		b.strings[s] = i
		b.table = appendString(b.table, 1, s)
	}
	return i
}

// node appends to the dense nodes. There an empty key would end the tags.
func (b *block) node(id int64, lon, lat float64, tags []Tag) error {
	if math.IsNaN(lon) || math.IsNaN(lat) || math.Abs(lon) > 1000 || math.Abs(lat) > 1000 {
		return fmt.Errorf("position %v %v", lon, lat)
	}
	b.kind = NodeKind
	x, y := units(lon), units(lat)
	b.ids = appendSigned(b.ids, id-b.lastID)
	b.lons = appendSigned(b.lons, x-b.lastLon)
	b.lats = appendSigned(b.lats, y-b.lastLat)
	b.lastID, b.lastLon, b.lastLat = id, x, y
	for _, t := range tags {
		if t.Key == "" {
			return errors.New("a tag without a key")
		}
		b.tagged = true
		b.tags = protowire.AppendVarint(b.tags, b.index(t.Key))
		b.tags = protowire.AppendVarint(b.tags, b.index(t.Value))
	}
	b.tags = protowire.AppendVarint(b.tags, 0)
	return nil
}

// units are those of the file: a ten millionth of a degree.
func units(degrees float64) int64 { return int64(math.Round(degrees * 1e9 / granularity)) }

func (b *block) way(id int64, refs []int64, tags []Tag) error {
	b.kind = WayKind
	message := b.head(id, tags)
	var packed []byte
	last := int64(0)
	for _, ref := range refs {
		packed = appendSigned(packed, ref-last)
		last = ref
	}
	b.group = appendMessage(b.group, 3, appendMessage(message, 8, packed))
	return nil
}

func (b *block) relation(id int64, members []Member, tags []Tag) error {
	b.kind = RelationKind
	message := b.head(id, tags)
	var roles, ids, kinds []byte
	last := int64(0)
	for _, m := range members {
		if m.Kind < NodeKind || m.Kind > RelationKind {
			return errors.New("a member of no kind")
		}
		roles = protowire.AppendVarint(roles, b.index(m.Role))
		ids = appendSigned(ids, m.ID-last)
		kinds = protowire.AppendVarint(kinds, uint64(m.Kind))
		last = m.ID
	}
	message = appendMessage(message, 8, roles)
	message = appendMessage(message, 9, ids)
	b.group = appendMessage(b.group, 4, appendMessage(message, 10, kinds))
	return nil
}

// head is what ways and relations begin with.
func (b *block) head(id int64, tags []Tag) []byte {
	message := protowire.AppendTag(nil, 1, protowire.VarintType)
	message = protowire.AppendVarint(message, uint64(id))
	if len(tags) == 0 {
		return message
	}
	var keys, values []byte
	for _, t := range tags {
		keys = protowire.AppendVarint(keys, b.index(t.Key))
		values = protowire.AppendVarint(values, b.index(t.Value))
	}
	return appendMessage(appendMessage(message, 2, keys), 3, values)
}

// encode gives the block's data.
func (b *block) encode() []byte {
	group := b.group
	if b.kind == NodeKind {
		dense := appendMessage(nil, 1, b.ids)
		dense = appendMessage(dense, 8, b.lats)
		dense = appendMessage(dense, 9, b.lons)
		if b.tagged {
			dense = appendMessage(dense, 10, b.tags)
		}
		group = appendMessage(nil, 2, dense)
	}
	data := appendMessage(nil, 1, b.table)
	data = appendMessage(data, 2, group)
	data = protowire.AppendTag(data, 17, protowire.VarintType)
	return protowire.AppendVarint(data, granularity)
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), s)
}

func appendMessage(b []byte, field protowire.Number, message []byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), message)
}

func appendSigned(b []byte, n int64) []byte {
	return protowire.AppendVarint(b, protowire.EncodeZigZag(n))
}

func rawBlob(data []byte) []byte { return appendMessage(nil, 1, data) }

func zlibBlob(packed []byte, rawSize int) []byte {
	b := protowire.AppendTag(nil, 2, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(int64(rawSize)))
	return appendMessage(b, 3, packed)
}

func deflateBytes(data []byte) ([]byte, error) { return deflate(bytes.NewReader(data)) }

func deflate(r io.Reader) ([]byte, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := io.Copy(z, r); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}
