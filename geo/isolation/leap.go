package isolation

import "math"

// Marks of a piece in place of an obstacle.
const (
	free    int32 = -1
	blocked int32 = -2
)

// leap gives a lower bound on what must be paid to get from regions to each
// region. Every piece asks only for one of its obstacles, the one that ask
// names, and whoever has paid for an obstacle is at once at all pieces that ask
// for it; so the way pays for each obstacle once, as a true way does, and never
// more than it. Regions that are shut are not entered. Out of reach is
// math.MaxInt64.
func (b *board) leap(from []int32, shut []bool, ask func(piece int32) int32, price func(obstacle int32) int64) []int64 {
	pieces, obstacles := int32(len(b.sets)), int32(len(b.obstacles))
	asks := make([]int32, pieces)
	firstOf, nextOf := make([]int32, obstacles), make([]int32, pieces) // pieces of an obstacle as a chain
	for o := range firstOf {
		firstOf[o] = -1
	}
	for p := pieces - 1; p >= 0; p-- {
		if asks[p] = ask(p); asks[p] >= 0 {
			nextOf[p], firstOf[asks[p]] = firstOf[asks[p]], p
		}
	}
	regions := int32(b.regions)
	best := make([]int64, regions+pieces+obstacles)
	for n := range best {
		best[n] = math.MaxInt64
	}
	queue := heap[int64]{less: byKey[int64]}
	relax := func(n int32, cost int64) {
		if cost < best[n] {
			best[n] = cost
			queue.push(cost, n)
		}
	}
	for _, r := range from {
		relax(r, 0)
	}
	for len(queue.items) > 0 {
		top := queue.pop()
		n, cost := top.value, top.key
		switch {
		case cost > best[n]:
		case n < regions:
			for _, p := range b.piecesOf(n) {
				if asks[p] == free {
					relax(regions+p, cost)
				} else if asks[p] >= 0 {
					relax(regions+pieces+asks[p], cost+price(asks[p]))
				}
			}
		case n < regions+pieces:
			for _, r := range b.regionsOf(n - regions) {
				if shut == nil || !shut[r] {
					relax(r, cost)
				}
			}
		default:
			for p := firstOf[n-regions-pieces]; p >= 0; p = nextOf[p] {
				relax(regions+p, cost)
			}
		}
	}
	return best[:regions]
}
