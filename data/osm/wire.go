package osm

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

// errWire says that bytes are not a protocol-buffer message.
var errWire = errors.New("its fields do not decode")

// value is the value of a field: bytes of a length-delimited one, else a
// number.
type value struct {
	bytes  []byte
	varint uint64
}

// fields calls do with each field of a message in order. Fixed-size fields and
// groups, which the format does not use, are stepped over.
func fields(message []byte, do func(protowire.Number, value) error) error {
	for len(message) > 0 {
		number, kind, n := protowire.ConsumeTag(message)
		if n < 0 {
			return errWire
		}
		message = message[n:]
		var v value
		switch kind {
		case protowire.BytesType:
			v.bytes, n = protowire.ConsumeBytes(message)
		case protowire.VarintType:
			v.varint, n = protowire.ConsumeVarint(message)
		default:
			if n = protowire.ConsumeFieldValue(number, kind, message); n < 0 {
				return errWire
			}
			message = message[n:]
			continue
		}
		if n < 0 {
			return errWire
		}
		message = message[n:]
		if err := do(number, v); err != nil {
			return err
		}
	}
	return nil
}

// packed reads numbers that lie one after the other.
type packed struct {
	rest   []byte
	broken bool
}

func (p *packed) next() (v uint64, ok bool) {
	if len(p.rest) == 0 {
		return 0, false
	}
	if p.rest[0] < 0x80 { // most deltas are small
		v = uint64(p.rest[0])
		p.rest = p.rest[1:]
		return v, true
	}
	v, n := protowire.ConsumeVarint(p.rest)
	if n < 0 {
		p.rest, p.broken = nil, true
		return 0, false
	}
	p.rest = p.rest[n:]
	return v, true
}

// signed reads a zigzag number.
func (p *packed) signed() (v int64, ok bool) {
	u, ok := p.next()
	return protowire.DecodeZigZag(u), ok
}

// count is how many numbers are left.
func (p *packed) count() int {
	n := 0
	for _, b := range p.rest {
		if b < 0x80 {
			n++
		}
	}
	return n
}
