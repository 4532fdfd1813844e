package road

// End is one way on or off an edge: a node of the topology and the stretch
// between it and a position on the edge.
type End struct {
	Node    int32
	Stretch Stretch
}

// Leave lists the ways off a position: the node reached at the end of its edge
// and the stretch driven to it, along the geometry first and then against it,
// which a one-way edge does not allow. A position belongs to its edge even when
// it is at the end of it: who leaves it comes by that edge, and turn
// restrictions from it hold.
func (g *Graph) Leave(p Position) []End {
	e := &g.edges[p.Edge]
	arc := int32(p.Edge * 2)
	ends := append(make([]End, 0, 2), End{g.enter(arc), Stretch{p.Edge, p.AlongM, e.LengthM}})
	if e.Oneway {
		return ends
	}
	return append(ends, End{g.enter(arc + 1), Stretch{p.Edge, p.AlongM, 0}})
}

// Arrive lists the ways to a position: the node at which its edge is begun and
// the stretch driven from it, along the geometry first and then against it. Of
// the copies of a junction those are listed from which the edge may be entered.
func (g *Graph) Arrive(p Position) []End {
	ends := make([]End, 0, 2)
	for direction := range int32(2) {
		arc := int32(p.Edge*2) + direction
		if direction == 1 && g.edges[p.Edge].Oneway {
			break
		}
		tail, _ := g.ends(arc)
		stretch := g.arrival(p, arc)
		ends = append(ends, End{int32(tail), stretch})
		for _, node := range g.copies[int32(tail)] {
			if g.topology.has(node, arc) {
				ends = append(ends, End{node, stretch})
			}
		}
	}
	return ends
}

// has reports whether an arc can be begun at a node.
func (t *Topology) has(node, arc int32) bool {
	for at := t.FirstOut[node]; at < t.FirstOut[node+1]; at++ {
		if t.Arc[at] == arc {
			return true
		}
	}
	return false
}

// arrival is the stretch from the start of an arc to a position on its edge.
func (g *Graph) arrival(p Position, arc int32) Stretch {
	if arc&1 == 1 {
		return Stretch{p.Edge, g.edges[p.Edge].LengthM, p.AlongM}
	}
	return Stretch{p.Edge, 0, p.AlongM}
}

// Whole is the stretch that an arc of the topology runs over.
func (g *Graph) Whole(arc int32) Stretch {
	edge := int(arc >> 1)
	if arc&1 == 1 {
		return Stretch{edge, g.edges[edge].LengthM, 0}
	}
	return Stretch{edge, 0, g.edges[edge].LengthM}
}

// Between is the stretch straight from one position to another on the same
// edge; false when they lie on different edges or the edge is one-way and the
// second lies behind.
func (g *Graph) Between(a, b Position) (Stretch, bool) {
	if a.Edge != b.Edge || b.AlongM < a.AlongM && g.edges[a.Edge].Oneway {
		return Stretch{}, false
	}
	return Stretch{a.Edge, a.AlongM, b.AlongM}, true
}
