package road

import (
	"cmp"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/index"
)

// indexed puts the edges' boxes into an R-tree in the order of a Hilbert curve:
// neighbours in the order are neighbours on the ground, so the tree's nodes are
// compact and each insertion finds the last one's path still in the cache.
func indexed(edges []Edge) *index.Tree[int32] {
	return insertAll(len(edges), func(i int) orb.Bound { return edges[i].Bound })
}

func insertAll(n int, bound func(int) orb.Bound) *index.Tree[int32] {
	type placed struct {
		key uint32
		i   int32
	}
	order := make([]placed, n)
	for i := range order {
		order[i] = placed{hilbert(bound(i).Center()), int32(i)}
	}
	slices.SortFunc(order, func(a, b placed) int {
		if c := cmp.Compare(a.key, b.key); c != 0 {
			return c
		}
		return cmp.Compare(a.i, b.i)
	})
	tree := index.New[int32]()
	for _, o := range order {
		tree.Insert(bound(int(o.i)), o.i)
	}
	return tree
}

// hilbert is the place of a point on a Hilbert curve of 65,536 by 65,536 cells
// over the extent of the record.
func hilbert(p orb.Point) uint32 {
	const cells = 1 << 16
	cell := func(value, low, high float64) uint32 {
		return uint32(min(max((value-low)/(high-low), 0), 1) * (cells - 1))
	}
	x := cell(p[0], geo.Extent.Min[0], geo.Extent.Max[0])
	y := cell(p[1], geo.Extent.Min[1], geo.Extent.Max[1])
	key := uint32(0)
	for s := uint32(cells / 2); s > 0; s /= 2 {
		right, upper := uint32(0), uint32(0)
		if x&s > 0 {
			right = 1
		}
		if y&s > 0 {
			upper = 1
		}
		key += s * s * ((3 * right) ^ upper)
		if upper == 0 { // turn the quadrant
			if right == 1 {
				x, y = cells-1-x, cells-1-y
			}
			x, y = y, x
		}
	}
	return key
}
