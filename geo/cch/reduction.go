package cch

// reduction contracts nodes of degree 0, 1 and 2 until none are left. Taking
// them first is never worse than taking them later: such a node adds no arc but
// its own and at most the one that replaces a chain. What is left, the core, is
// several times smaller than a road network.
//
// Nodes go in rounds of which no two are neighbours, so a long chain gives an
// elimination tree of logarithmic depth.
type reduction struct {
	contracted []int32 // in order
	node       []int32 // of the core, by its own numbers
	first      []int32 // adjacency of the core, by its own numbers
	head       []int32
}

func reduce(neighbours [][]int32) *reduction {
	n := len(neighbours)
	r := &reduction{}
	gone, touched := make([]bool, n), make([]int32, n) // by the round
	var queue, next []int32
	for u, list := range neighbours {
		if len(list) <= 2 {
			queue = append(queue, int32(u))
		}
	}
	for round := int32(1); len(queue) > 0; round++ {
		next = next[:0]
		for _, u := range queue {
			if gone[u] {
				continue
			}
			if touched[u] == round {
				next = append(next, u)
				continue
			}
			gone[u] = true
			r.contracted = append(r.contracted, u)
			list := neighbours[u]
			for i, v := range list {
				touched[v] = round
				other := int32(-1)
				if len(list) == 2 {
					other = list[1-i]
				}
				neighbours[v] = replace(neighbours[v], u, other)
				if len(neighbours[v]) <= 2 {
					next = append(next, v)
				}
			}
		}
		queue, next = next, queue
	}
	number := make([]int32, n)
	for u := range n {
		if !gone[u] {
			number[u] = int32(len(r.node))
			r.node = append(r.node, int32(u))
		}
	}
	r.first = make([]int32, 1, len(r.node)+1)
	for _, u := range r.node {
		for _, v := range neighbours[u] {
			r.head = append(r.head, number[v])
		}
		r.first = append(r.first, int32(len(r.head)))
	}
	return r
}

// replace puts another neighbour in the place of one, unless it is there
// already or there is none; then the list gets shorter.
func replace(list []int32, old, other int32) []int32 {
	at := -1
	for i, v := range list {
		if v == old {
			at = i
		}
		if v == other {
			other = -1
		}
	}
	if other >= 0 {
		list[at] = other
		return list
	}
	return append(list[:at], list[at+1:]...)
}
