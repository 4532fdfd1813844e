package arrangement

import (
	"math/bits"
	"slices"
)

// outside stands for the ground that is not of the region.
const outside int32 = -1

// cellTable numbers sets of polygons in the order in which they are met. A set
// is a bit for each polygon; the region's bit is not used.
type cellTable struct {
	words  int
	sets   []uint64 // words of each cell
	hashes []uint64
	m2     []float64
	slots  []int32 // cell + 1 by hash, 0 for free
	key    []uint64
}

func (t *cellTable) reset(polygons int) {
	t.words = (polygons + 63) / 64
	t.sets, t.hashes, t.m2 = t.sets[:0], t.hashes[:0], t.m2[:0]
	if len(t.slots) == 0 || len(t.slots) > 1<<16 {
		t.slots = make([]int32, 256)
	} else {
		clear(t.slots)
	}
	t.key = t.key[:0]
	// Steele's splitmix64 gives each polygon a word; a set's hash is their sum.
	for i := range polygons {
		z := uint64(i+1) * 0x9e3779b97f4a7c15
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		t.key = append(t.key, z^z>>31)
	}
}

func (t *cellTable) set(cell int32) []uint64 {
	return t.sets[int(cell)*t.words : (int(cell)+1)*t.words]
}

// find gives the number of a set, a new one if need be.
func (t *cellTable) find(set []uint64, hash uint64) int32 {
	mask := uint64(len(t.slots) - 1)
	at := hash & mask
	for ; t.slots[at] != 0; at = (at + 1) & mask {
		cell := t.slots[at] - 1
		if t.hashes[cell] == hash && slices.Equal(t.set(cell), set) {
			return cell
		}
	}
	cell := int32(len(t.hashes))
	t.sets = append(t.sets, set...)
	t.hashes = append(t.hashes, hash)
	t.m2 = append(t.m2, 0)
	t.slots[at] = cell + 1
	if len(t.hashes)*2 > len(t.slots) {
		t.grow()
	}
	return cell
}

func (t *cellTable) grow() {
	t.slots = make([]int32, 2*len(t.slots))
	mask := uint64(len(t.slots) - 1)
	for cell, hash := range t.hashes {
		at := hash & mask
		for t.slots[at] != 0 {
			at = (at + 1) & mask
		}
		t.slots[at] = int32(cell) + 1
	}
}

// members lists the polygons of a cell.
func (t *cellTable) members(cell int32, dst []int32) []int32 {
	for w, word := range t.set(cell) {
		for ; word != 0; word &= word - 1 {
			dst = append(dst, int32(w*64+bits.TrailingZeros64(word)))
		}
	}
	return dst
}
