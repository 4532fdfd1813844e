package cch

import "math/bits"

// minimumDegree orders a few nodes of a graph by contracting at each step one
// of the fewest neighbours, the first of them where several are equal. The
// neighbours outside, which come later in the order, count: contraction joins
// them too.
//
// The graph among the nodes and their surroundings is a matrix of bits.
type minimumDegree struct {
	local  []int32 // by node: 1 + its row
	rows   []int32 // nodes
	matrix []uint64
	degree []int
}

// order ranks the nodes, or tells that there are too many of them and around
// them.
func (d *minimumDegree) order(nodes []int32, neighbours func(int32) []int32) (ranked []int32, ok bool) {
	defer func() {
		for _, u := range d.rows {
			d.local[u] = 0
		}
	}()
	d.rows = append(d.rows[:0], nodes...)
	for i, u := range nodes {
		d.local[u] = int32(i) + 1
	}
	for _, u := range nodes {
		for _, v := range neighbours(u) {
			if d.local[v] == 0 {
				d.rows = append(d.rows, v)
				d.local[v] = int32(len(d.rows))
			}
		}
	}
	if len(d.rows) > largeCell {
		return nil, false
	}
	words := (len(d.rows) + 63) / 64
	if size := words * len(d.rows); cap(d.matrix) < size {
		d.matrix = make([]uint64, size)
	} else {
		d.matrix = d.matrix[:size]
		clear(d.matrix)
	}
	row := func(i int) []uint64 { return d.matrix[i*words : (i+1)*words] }
	for i, u := range nodes {
		for _, v := range neighbours(u) {
			j := int(d.local[v]) - 1
			row(i)[j>>6] |= 1 << (j & 63)
			row(j)[i>>6] |= 1 << (i & 63)
		}
	}
	d.degree = append(d.degree[:0], make([]int, len(nodes))...)
	degree := d.degree
	count := func(i int) {
		degree[i] = 0
		for _, w := range row(i) {
			degree[i] += bits.OnesCount64(w)
		}
	}
	for i := range nodes {
		row(i)[i>>6] &^= 1 << (i & 63)
		count(i)
	}
	order := make([]int32, 0, len(nodes))
	for len(order) < len(nodes) {
		least := -1
		for i, k := range degree {
			if k >= 0 && (least < 0 || k < degree[least]) {
				least = i
			}
		}
		order = append(order, nodes[least])
		degree[least] = -1
		gone := row(least)
		for w, word := range gone {
			for ; word != 0; word &= word - 1 {
				j := w<<6 + bits.TrailingZeros64(word)
				to := row(j)
				for k := range to {
					to[k] |= gone[k]
				}
				to[j>>6] &^= 1 << (j & 63)
				to[least>>6] &^= 1 << (least & 63)
				if j < len(nodes) && degree[j] >= 0 {
					count(j)
				}
			}
		}
	}
	return order, true
}
