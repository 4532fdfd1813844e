package cch

// Elimination tree: the parent of a node is its lowest neighbour among those
// above it once all nodes below are contracted. All upward arcs of a node lead
// to its ancestors.

// eliminationTree finds the parent of each rank, -1 for roots, from the lower
// neighbours of each rank (Liu 1990, with path compression): almost linear.
func eliminationTree(first, lower []int32) []int32 {
	n := len(first) - 1
	parent := make([]int32, n)
	shortcut := make([]int32, n)
	for u := range int32(n) {
		parent[u], shortcut[u] = -1, -1
		for _, x := range lower[first[u]:first[u+1]] {
			for x != u {
				next := shortcut[x]
				shortcut[x] = u
				if next < 0 {
					parent[x] = u
					break
				}
				x = next
			}
		}
	}
	return parent
}

// postOrder numbers the nodes of a forest so that every subtree is a run of
// numbers that ends with its root. Parents have higher numbers than their
// children before and after, so the contracted graph stays the same.
func postOrder(parent []int32) []int32 {
	n := len(parent)
	firstChild, nextSibling := make([]int32, n), make([]int32, n)
	root := int32(-1)
	for i := range firstChild {
		firstChild[i] = -1
	}
	for u := int32(n) - 1; u >= 0; u-- { // backwards, so that siblings ascend
		if p := parent[u]; p < 0 {
			nextSibling[u], root = root, u
		} else {
			nextSibling[u], firstChild[p] = firstChild[p], u
		}
	}
	number, next := make([]int32, n), int32(0)
	for u := root; u >= 0; {
		for firstChild[u] >= 0 {
			child := firstChild[u]
			firstChild[u] = -1
			u = child
		}
		number[u] = next
		next++
		if nextSibling[u] >= 0 {
			u = nextSibling[u]
		} else {
			u = parent[u]
		}
	}
	return number
}
