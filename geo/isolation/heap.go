package isolation

import "cmp"

// heap is a binary heap of values by key.
type heap[K any] struct {
	items []item[K]
	less  func(a, b item[K]) bool
}

type item[K any] struct {
	key   K
	value int32
}

func (h *heap[K]) push(key K, value int32) {
	h.items = append(h.items, item[K]{key, value})
	i := len(h.items) - 1
	for i > 0 {
		up := (i - 1) / 2
		if !h.less(h.items[i], h.items[up]) {
			break
		}
		h.items[i], h.items[up] = h.items[up], h.items[i]
		i = up
	}
}

func (h *heap[K]) pop() item[K] {
	top, last := h.items[0], len(h.items)-1
	h.items[0] = h.items[last]
	h.items = h.items[:last]
	for i := 0; ; {
		down := 2*i + 1
		if down >= last {
			break
		}
		if down+1 < last && h.less(h.items[down+1], h.items[down]) {
			down++
		}
		if !h.less(h.items[down], h.items[i]) {
			break
		}
		h.items[i], h.items[down] = h.items[down], h.items[i]
		i = down
	}
	return top
}

// byKey orders a heap by key, then by value.
func byKey[K cmp.Ordered](a, b item[K]) bool {
	return a.key < b.key || a.key == b.key && a.value < b.value
}
