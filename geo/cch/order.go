package cch

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
)

// Order lists the nodes from the least to the most important: Order[rank] is
// the node of that rank. Nodes are contracted in this order.
type Order []int32

// ErrOrder is wrapped by every error about an order: not a permutation of the
// nodes, or bytes that no AppendBinary wrote.
var ErrOrder = errors.New("not a contraction order")

// Check reports whether the order names each of the nodes once.
func (o Order) Check(nodes int) error {
	if len(o) != nodes {
		return fmt.Errorf("%w: %d ranks for %d nodes", ErrOrder, len(o), nodes)
	}
	seen := make([]bool, nodes)
	for rank, node := range o {
		if node < 0 || int(node) >= nodes {
			return fmt.Errorf("%w: rank %d holds node %d of %d", ErrOrder, rank, node, nodes)
		}
		if seen[node] {
			return fmt.Errorf("%w: node %d twice, again at rank %d", ErrOrder, node, rank)
		}
		seen[node] = true
	}
	return nil
}

// orderMagic opens a stored order; its last byte is the version of the form.
const orderMagic = "CCHORD\x00\x01"

const orderOverhead = len(orderMagic) + 4 + 4

// AppendBinary appends the stored form: an 8-byte mark with the version, the
// number of nodes, 4 bytes a node, and a CRC-32C of all that, everything
// little-endian. It never fails; the error is there for encoding.BinaryAppender.
func (o Order) AppendBinary(b []byte) ([]byte, error) {
	start := len(b)
	b = append(b, orderMagic...)
	b = binary.LittleEndian.AppendUint32(b, uint32(len(o)))
	for _, node := range o {
		b = binary.LittleEndian.AppendUint32(b, uint32(node))
	}
	return binary.LittleEndian.AppendUint32(b, crc32.Checksum(b[start:], castagnoli)), nil
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ParseOrder reads what AppendBinary wrote. It returns an error wrapping
// ErrOrder for anything else, and never an order that is not a permutation.
func ParseOrder(data []byte) (Order, error) {
	if len(data) < orderOverhead {
		return nil, fmt.Errorf("%w: %d bytes are too few", ErrOrder, len(data))
	}
	if string(data[:len(orderMagic)]) != orderMagic {
		return nil, fmt.Errorf("%w: unknown mark or version %q", ErrOrder, data[:len(orderMagic)])
	}
	nodes := uint64(binary.LittleEndian.Uint32(data[len(orderMagic):]))
	if nodes > math.MaxInt32 || uint64(len(data)) != uint64(orderOverhead)+4*nodes {
		return nil, fmt.Errorf("%w: %d bytes do not hold %d nodes", ErrOrder, len(data), nodes)
	}
	body, sum := data[:len(data)-4], binary.LittleEndian.Uint32(data[len(data)-4:])
	if got := crc32.Checksum(body, castagnoli); got != sum {
		return nil, fmt.Errorf("%w: checksum %08x, expected %08x", ErrOrder, got, sum)
	}
	o := make(Order, nodes)
	for rank := range o {
		o[rank] = int32(binary.LittleEndian.Uint32(body[len(orderMagic)+4+4*rank:]))
	}
	if err := o.Check(len(o)); err != nil {
		return nil, err
	}
	return o, nil
}
