package cch

// Path appends the input arcs of the way that the last Run found, in the order
// of travel, and tells which seeds it leads between. Where Run found none the
// seeds are -1. The weights of the arcs and the costs of the two seeds add up to
// the cost of Run. The metric of that Run must not have been edited since.
func (q *Query) Path(dst []int32) (arcs []int32, from, to int) {
	if q.meet < 0 {
		return dst, -1, -1
	}
	h := q.h
	// Arcs are stacked as twice their number, plus 1 for the way down; the
	// forward half comes from its end, which is the order of a stack.
	stack := q.stack[:0]
	u := q.meet
	for q.from.came[u] >= 0 {
		a := q.from.came[u]
		stack = append(stack, 2*a)
		u = h.tail[a]
	}
	from = int(^q.from.came[u])
	dst, stack = q.metric.unpack(dst, stack)
	u = q.meet
	for q.to.came[u] >= 0 {
		a := q.to.came[u]
		dst, stack = q.metric.unpack(dst, append(stack, 2*a+1))
		u = h.tail[a]
	}
	to = int(^q.to.came[u])
	q.stack = stack
	return dst, from, to
}

// unpack takes the arcs off the stack, the last first, and appends the input
// arcs that they stand for. It returns the empty stack.
func (m *Metric) unpack(dst, stack []int32) (arcs, empty []int32) {
	for len(stack) > 0 {
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		a, down := top>>1, top&1 != 0
		input, left, right := m.origin(a, down)
		if input >= 0 {
			dst = append(dst, input)
			continue
		}
		if left < 0 {
			break // the metric was edited since the search
		}
		stack = append(stack, 2*right, 2*left+1)
	}
	return dst, stack[:0]
}

// origin finds what the weight of an arc comes from: an input arc, the first of
// its weight; or the highest node x below both ends such that the way down to x
// and up again has it, as the arcs gone against and along.
func (m *Metric) origin(a int32, down bool) (input, against, along int32) {
	h := m.h
	u, v := h.tail[a], h.head[a]
	up, weight := m.weights(a, u)
	feed := 2 * a
	if down {
		feed++
	} else {
		weight = up
	}
	lo, hi := h.inputFirst[u], h.inputFirst[u+1]
	base := h.inputFirst[u&^blockMask]
	inputs := m.input[u>>blockShift][lo-base : hi-base]
	for i, f := range h.feed[lo:hi] {
		if f == feed && inputs[i] == weight {
			return h.inputArc[lo+int32(i)], -1, -1
		}
	}
	s, t := u, v
	if down {
		s, t = v, u
	}
	tailsS, tailsT := h.downTail[h.downFirst[s]:h.downFirst[s+1]], h.downTail[h.downFirst[t]:h.downFirst[t+1]]
	i, j := len(tailsS)-1, len(tailsT)-1
	for i >= 0 && j >= 0 {
		x, y := tailsS[i], tailsT[j]
		if x == y {
			against, along = h.downArc[h.downFirst[s]+int32(i)], h.downArc[h.downFirst[t]+int32(j)]
			base := h.first[x&^blockMask]
			toX := m.down[x>>blockShift][against-base]
			if toX <= weight && toX+m.up[x>>blockShift][along-base] == weight {
				return -1, against, along
			}
		}
		// Without a branch for which of the two goes on.
		i, j = i-atLeast(x, y), j-atLeast(y, x)
	}
	return -1, -1, -1
}

// atLeast is 1 for a >= b and else 0.
func atLeast(a, b int32) int { return int(1 - uint32(a-b)>>31) }
