package coverage

import "math/bits"

// cellSet is a set of cells of a plot, a bit for each.
type cellSet []uint64

func newCellSet(cells int) cellSet { return make(cellSet, (cells+63)/64) }

func (s cellSet) put(cell int) { s[cell/64] |= 1 << (cell % 64) }

func (s cellSet) has(cell int) bool { return s[cell/64]>>(cell%64)&1 == 1 }

// add puts in what another set of the same plot has.
func (s cellSet) add(o cellSet) {
	for w := range s {
		s[w] |= o[w]
	}
}

// intersection makes s what both have.
func (s cellSet) intersection(a, b cellSet) {
	for w := range s {
		s[w] = a[w] & b[w]
	}
}

// difference makes s what a has and b has not.
func (s cellSet) difference(a, b cellSet) {
	for w := range s {
		s[w] = a[w] &^ b[w]
	}
}

func (s cellSet) empty() bool {
	for _, word := range s {
		if word != 0 {
			return false
		}
	}
	return true
}

// each calls do for every cell in it, in order.
func (s cellSet) each(do func(cell int)) {
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			do(w*64 + bits.TrailingZeros64(word))
		}
	}
}

// sum adds up what its cells have.
func (s cellSet) sum(of []float64) float64 {
	total := 0.0
	for w, word := range s {
		for ; word != 0; word &= word - 1 {
			total += of[w*64+bits.TrailingZeros64(word)]
		}
	}
	return total
}

// hash mixes its words (D. Lea's constant, as in splitmix64).
func (s cellSet) hash() uint64 {
	h := uint64(len(s))
	for _, word := range s {
		h = (h ^ word) * 0x9e3779b97f4a7c15
		h ^= h >> 29
	}
	h = (h ^ h>>32) * 0xbf58476d1ce4e5b9
	return h ^ h>>31
}
