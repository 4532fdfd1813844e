package index

import (
	"github.com/paulmach/orb"
	"github.com/tidwall/rtree"
)

// Tree indexes values of T by their bounding boxes.
type Tree[T comparable] struct {
	tree rtree.RTreeG[T]
}

// New makes an empty tree.
func New[T comparable]() *Tree[T] { return &Tree[T]{} }

// Copy gives an independent tree with the same content in O(1).
func (t *Tree[T]) Copy() *Tree[T] { return &Tree[T]{tree: *t.tree.Copy()} }

// Len is the number of boxes.
func (t *Tree[T]) Len() int { return t.tree.Len() }

// Bound is the box around everything; ok is false for an empty tree.
func (t *Tree[T]) Bound() (b orb.Bound, ok bool) {
	if t.tree.Len() == 0 {
		return orb.Bound{}, false
	}
	lo, hi := t.tree.Bounds()
	return orb.Bound{Min: lo, Max: hi}, true
}

// Insert adds a value under its box.
func (t *Tree[T]) Insert(b orb.Bound, value T) { t.tree.Insert(b.Min, b.Max, value) }

// Delete removes a value that was inserted under the same box.
func (t *Tree[T]) Delete(b orb.Bound, value T) { t.tree.Delete(b.Min, b.Max, value) }

// Search calls found for every value whose box meets b, borders included,
// until it returns false.
func (t *Tree[T]) Search(b orb.Bound, found func(T) bool) {
	t.tree.Search(b.Min, b.Max, func(_, _ [2]float64, value T) bool { return found(value) })
}

// SearchWithin is Search that also tells whether the value's box lies wholly
// within b, which the tree knows without a look at the value.
func (t *Tree[T]) SearchWithin(b orb.Bound, found func(value T, within bool) bool) {
	t.tree.Search(b.Min, b.Max, func(lo, hi [2]float64, value T) bool {
		return found(value, b.Min[0] <= lo[0] && b.Min[1] <= lo[1] && hi[0] <= b.Max[0] && hi[1] <= b.Max[1])
	})
}

// Nearby calls found for every value in order of the distance in degrees
// between its box and the point, until found returns false. Degrees are not
// metres: a caller that wants the nearest in metres goes on for a margin.
func (t *Tree[T]) Nearby(p orb.Point, found func(value T, degrees float64) bool) {
	t.tree.Nearby(
		rtree.BoxDist[float64, T](p, p, nil),
		func(_, _ [2]float64, value T, dist float64) bool { return found(value, dist) },
	)
}
