package osm

import (
	"bytes"
	"fmt"
	"strings"
	"unicode"

	"google.golang.org/protobuf/encoding/protowire"

	"pasaj/geo"
)

// block is a PrimitiveBlock: a table of texts and groups of objects that refer
// to it. It points into the bytes it was made from.
type block struct {
	raw         []byte
	strings     []span // texts of the table
	groups      []span
	granularity int64 // nanodegrees
	latOffset   int64
	lonOffset   int64
}

type span struct{ from, to int32 }

// point is a coordinate in units of 1e-7 degrees, the precision of
// OpenStreetMap.
type point struct{ lon, lat int32 }

// tag is a key and its value; tags are those of one object.
type (
	tag  struct{ key, value string }
	tags []tag
)

func (t tags) get(key string) string {
	for i := range t {
		if t[i].key == key {
			return t[i].value
		}
	}
	return ""
}

// parse makes ready the block in raw, reusing the receiver's memory.
func (b *block) parse(raw []byte) error {
	b.raw, b.strings, b.groups = raw, b.strings[:0], b.groups[:0]
	b.granularity, b.latOffset, b.lonOffset = 100, 0, 0
	return fields(raw, func(n protowire.Number, v value) error {
		switch n {
		case 1:
			return fields(v.bytes, func(n protowire.Number, v value) error {
				if n != 1 {
					return nil
				}
				if len(b.strings) == maxBlockStrings {
					return fmt.Errorf("it has more than %d texts", maxBlockStrings)
				}
				b.strings = append(b.strings, b.span(v.bytes))
				return nil
			})
		case 2:
			b.groups = append(b.groups, b.span(v.bytes))
		case 17:
			b.granularity = int64(int32(v.varint))
		case 19:
			b.latOffset = int64(v.varint)
		case 20:
			b.lonOffset = int64(v.varint)
		}
		return nil
	})
}

// span finds where a part of raw lies in it.
func (b *block) span(part []byte) span {
	// Both slices end at the capacity of the same memory.
	from := int32(cap(b.raw) - cap(part))
	return span{from, from + int32(len(part))}
}

func (b *block) at(s span) []byte { return b.raw[s.from:s.to] }

// text gives a text of the table; one that is not there is an error.
func (b *block) text(i uint64) ([]byte, error) {
	if i >= uint64(len(b.strings)) {
		return nil, fmt.Errorf("it refers to text %d of %d", i, len(b.strings))
	}
	return b.at(b.strings[i]), nil
}

// keyed marks which texts are one of the keys.
func (b *block) keyed(keys ...string) []bool {
	var out []bool
	for i, s := range b.strings {
		for _, key := range keys {
			if string(b.at(s)) == key {
				if out == nil {
					out = make([]bool, len(b.strings))
				}
				out[i] = true
			}
		}
	}
	return out
}

// tags reads the tags of a way or relation, reusing dst.
func (b *block) tags(dst tags, keys, values packed) (tags, error) {
	dst = dst[:0]
	for {
		k, more := keys.next()
		if !more {
			if keys.broken {
				return nil, errWire
			}
			return dst, nil
		}
		v, ok := values.next()
		if !ok {
			return nil, fmt.Errorf("an object has more keys than values")
		}
		key, err := b.text(k)
		if err != nil {
			return nil, err
		}
		val, err := b.text(v)
		if err != nil {
			return nil, err
		}
		dst = append(dst, tag{string(key), clean(val)})
	}
}

// clean makes a text fit for a database: valid UTF-8 without control characters.
func clean(text []byte) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, string(bytes.ToValidUTF8(text, []byte("\uFFFD"))))
}

// hasKey reports whether one of the keys is marked.
func hasKey(keys packed, marked []bool) bool {
	for {
		k, ok := keys.next()
		if !ok {
			return false
		}
		if k < uint64(len(marked)) && marked[k] {
			return true
		}
	}
}

// object is a way or a relation as it is written: its number, and its packed
// columns by the number of their field.
type object struct {
	id      int64
	columns [11]packed
}

// Fields of a group that hold ways and relations, and those of an object that
// are packed columns: keys, values, then a way's nodes, or the roles, members
// and kinds of member of a relation.
const (
	wayField, relationField              = 3, 4
	keyColumn, valueColumn               = 2, 3
	nodeColumn                           = 8
	roleColumn, memberColumn, kindColumn = 8, 9, 10
)

// each calls do with every object of a kind that has one of the marked keys.
// other is told how many have none.
func (b *block) each(kind protowire.Number, marked []bool, do func(o *object, t tags) error) (other int, err error) {
	var read tags
	for _, group := range b.groups {
		err := fields(b.at(group), func(n protowire.Number, v value) error {
			if n != kind {
				return nil
			}
			var o object
			err := fields(v.bytes, func(n protowire.Number, v value) error {
				switch n {
				case 1:
					o.id = int64(v.varint)
				case 2, 3, 8, 9, 10:
					o.columns[n].rest = v.bytes
				}
				return nil
			})
			if err != nil {
				return err
			}
			if !hasKey(o.columns[keyColumn], marked) {
				other++
				return nil
			}
			if read, err = b.tags(read, o.columns[keyColumn], o.columns[valueColumn]); err != nil {
				return err
			}
			return do(&o, read)
		})
		if err != nil {
			return other, err
		}
	}
	return other, nil
}

// eachWay calls do with every way that has one of the marked keys. other is
// told how many have none.
func (b *block) eachWay(marked []bool, do func(id int64, t tags, refs packed) error) (other int, err error) {
	return b.each(wayField, marked, func(o *object, t tags) error { return do(o.id, t, o.columns[nodeColumn]) })
}

// member is a member of a relation.
type member struct {
	ref  int64
	kind byte // 'n', 'w', 'r'
	role string
}

// eachRelation calls do with every relation that has one of the marked keys.
// Relations of very many members are given with none.
func (b *block) eachRelation(marked []bool, do func(id int64, t tags, members []member) error) (other int, err error) {
	return b.each(relationField, marked, func(o *object, t tags) error {
		members, err := b.members(o.columns[roleColumn], o.columns[memberColumn], o.columns[kindColumn])
		if err != nil {
			return err
		}
		return do(o.id, t, members)
	})
}

func (b *block) members(roles, refs, kinds packed) ([]member, error) {
	if kinds.count() > maxMembers {
		return nil, nil
	}
	var out []member
	ref := int64(0)
	for {
		delta, more := refs.signed()
		role, hasRole := roles.next()
		kind, hasKind := kinds.next()
		if !more && !hasRole && !hasKind {
			return out, nil
		}
		if !more || !hasRole || !hasKind || kind > 2 {
			return nil, fmt.Errorf("the members of a relation do not fit together")
		}
		text, err := b.text(role)
		if err != nil {
			return nil, err
		}
		ref += delta
		out = append(out, member{ref: ref, kind: "nwr"[kind], role: string(text)})
	}
}

// eachNode calls do with every node. keyvals is the key and value of each tag
// in turn, as numbers of texts, and is valid during the call. A node outside
// the range of coordinates has ok false.
func (b *block) eachNode(do func(id int64, p point, ok bool, keyvals []uint64) error) error {
	for _, group := range b.groups {
		err := fields(b.at(group), func(n protowire.Number, v value) error {
			switch n {
			case 1:
				return b.node(v.bytes, do)
			case 2:
				return b.denseNodes(v.bytes, do)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// node reads a node written by itself.
func (b *block) node(message []byte, do func(int64, point, bool, []uint64) error) error {
	var id, lat, lon int64
	var keys, values packed
	err := fields(message, func(n protowire.Number, v value) error {
		switch n {
		case 1:
			id = protowire.DecodeZigZag(v.varint)
		case 2:
			keys.rest = v.bytes
		case 3:
			values.rest = v.bytes
		case 8:
			lat = protowire.DecodeZigZag(v.varint)
		case 9:
			lon = protowire.DecodeZigZag(v.varint)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var keyvals []uint64
	for {
		k, more := keys.next()
		v, ok := values.next()
		if !more {
			break
		}
		if !ok {
			return fmt.Errorf("an object has more keys than values")
		}
		keyvals = append(keyvals, k, v)
	}
	p, ok := b.point(lon, lat)
	return do(id, p, ok, keyvals)
}

// denseNodes reads nodes written in columns, each as differences.
func (b *block) denseNodes(message []byte, do func(int64, point, bool, []uint64) error) error {
	var ids, lats, lons, texts packed
	err := fields(message, func(n protowire.Number, v value) error {
		switch n {
		case 1:
			ids.rest = v.bytes
		case 8:
			lats.rest = v.bytes
		case 9:
			lons.rest = v.bytes
		case 10:
			texts.rest = v.bytes
		}
		return nil
	})
	if err != nil {
		return err
	}
	var id, lat, lon int64
	var keyvals []uint64
	for {
		dID, more := ids.signed()
		dLat, hasLat := lats.signed()
		dLon, hasLon := lons.signed()
		if !more && !hasLat && !hasLon {
			if ids.broken || lats.broken || lons.broken || texts.broken {
				return errWire
			}
			return nil
		}
		if !more || !hasLat || !hasLon {
			return fmt.Errorf("nodes have identifiers and coordinates of different number")
		}
		id, lat, lon = id+dID, lat+dLat, lon+dLon
		keyvals = keyvals[:0]
		for {
			k, ok := texts.next()
			if !ok || k == 0 {
				break
			}
			v, ok := texts.next()
			if !ok {
				return fmt.Errorf("a node has a key without a value")
			}
			keyvals = append(keyvals, k, v)
		}
		p, ok := b.point(lon, lat)
		if err := do(id, p, ok, keyvals); err != nil {
			return err
		}
	}
}

// nodeTags makes tags of the numbers of texts.
func (b *block) nodeTags(keyvals []uint64) (tags, error) {
	out := make(tags, 0, len(keyvals)/2)
	for i := 0; i+1 < len(keyvals); i += 2 {
		k, err := b.text(keyvals[i])
		if err != nil {
			return nil, err
		}
		v, err := b.text(keyvals[i+1])
		if err != nil {
			return nil, err
		}
		out = append(out, tag{string(k), clean(v)})
	}
	return out, nil
}

// point turns units of the block into 1e-7 degrees. Sums that overflow fall
// outside the range of coordinates or give some place on Earth; neither harms.
func (b *block) point(lon, lat int64) (point, bool) {
	lon, lat = b.lonOffset+b.granularity*lon, b.latOffset+b.granularity*lat
	if lon < -180e9 || lon > 180e9 || lat < -90e9 || lat > 90e9 {
		return point{}, false
	}
	return point{roundE7(lon), roundE7(lat)}, true
}

func roundE7(nanodegrees int64) int32 {
	if nanodegrees < 0 {
		return int32((nanodegrees - 50) / 100)
	}
	return int32((nanodegrees + 50) / 100)
}

// header is what the first block says of the file.
type header struct {
	timestamp int64 // seconds since 1970 of the data, 0 when not said
}

func parseHeader(raw []byte) (h header, err error) {
	err = fields(raw, func(n protowire.Number, v value) error {
		switch n {
		case 4:
			switch feature := string(v.bytes); feature {
			case "OsmSchema-V0.6", "DenseNodes":
			case "HistoricalInformation":
				return geo.Errorf(geo.CodeInvalid, "", "the file holds the history of objects: a file of their present state is needed")
			default:
				return geo.Errorf(geo.CodeInvalid, "", "the file asks its reader for %.40q, which is not known here", feature)
			}
		case 32:
			h.timestamp = int64(v.varint)
		}
		return nil
	})
	return h, err
}
