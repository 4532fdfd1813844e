package cch

import (
	"errors"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestHierarchyIsChordal holds Build against the definition: contract node after
// node, joining all neighbours above.
func TestHierarchyIsChordal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t)
		o := drawOrder(t, g)
		h, err := Build(g.nodes, g.tail, g.head, o)
		if err != nil {
			t.Fatal(err)
		}
		rank := make([]int, g.nodes)
		for r, node := range o {
			rank[node] = r
		}
		above := make([]map[int]bool, g.nodes)
		for r := range above {
			above[r] = map[int]bool{}
		}
		for i := range g.tail {
			if a, b := rank[g.tail[i]], rank[g.head[i]]; a != b {
				above[min(a, b)][max(a, b)] = true
			}
		}
		count := 0
		for r := range above {
			for a := range above[r] {
				for b := range above[r] {
					if a < b {
						above[a][b] = true
					}
				}
			}
			count += len(above[r])
		}
		if h.Arcs() != count {
			t.Fatalf("%d arcs, expected %d", h.Arcs(), count)
		}
		for u := range int32(g.nodes) {
			heads := h.head[h.first[u]:h.first[u+1]]
			if !slices.IsSorted(heads) {
				t.Fatalf("heads %v of %d", heads, u)
			}
			parent := int32(-1)
			for k, v := range heads {
				if k == 0 {
					parent = v
				}
				if !above[rank[h.node[u]]][rank[h.node[v]]] && !above[rank[h.node[v]]][rank[h.node[u]]] {
					t.Fatalf("arc from %d to %d is none of the contracted graph", u, v)
				}
			}
			if h.parent[u] != parent {
				t.Fatalf("parent of %d is %d, expected %d", u, h.parent[u], parent)
			}
		}
		if h.Nodes() != g.nodes || h.InputArcs() != len(g.tail) {
			t.Fatalf("%d nodes, %d arcs", h.Nodes(), h.InputArcs())
		}
	})
}

func TestBuildRefuses(t *testing.T) {
	for name, c := range map[string]struct {
		nodes      int
		tail, head []int32
		order      Order
		want       error
	}{
		"negative nodes":     {-1, nil, nil, nil, ErrTooLarge},
		"too many nodes":     {1 << 40, nil, nil, nil, ErrTooLarge},
		"order too short":    {2, nil, nil, Order{0}, ErrOrder},
		"order twice":        {2, nil, nil, Order{0, 0}, ErrOrder},
		"tail is no node":    {2, []int32{2}, []int32{0}, Order{0, 1}, nil},
		"head is negative":   {2, []int32{0}, []int32{-1}, Order{0, 1}, nil},
		"a head is missing":  {2, []int32{0, 1}, []int32{1}, Order{0, 1}, nil},
		"arcs without nodes": {0, []int32{0}, []int32{0}, nil, nil},
	} {
		h, err := Build(c.nodes, c.tail, c.head, c.order)
		if err == nil || h != nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
