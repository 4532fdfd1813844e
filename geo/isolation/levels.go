package isolation

// Levels are the parts of a network at every status: which junctions are
// connected over edges no worse than it. They answer any number of questions
// about pairs without another search.
type Levels struct {
	of [Closed][]int32 // by status, then junction: the lowest junction of its part
}

// Levels finds the parts at every status.
func (g *Graph) Levels(s State) (*Levels, error) {
	if err := s.check(g); err != nil {
		return nil, err
	}
	out := &Levels{}
	f := newForest(g.junctions)
	for level := Open; level < Closed; level++ {
		g.join(f, s, int(level)-1, level)
		part := make([]int32, g.junctions)
		for j := range part {
			part[j] = f.find(int32(j))
		}
		out.of[level] = part
	}
	return out, nil
}

// Part is the part of the network in which a junction lies when edges no worse
// than a status count; two junctions with the same number are connected. Nothing
// is connected over what is closed: the status has to be better.
func (l *Levels) Part(junction int32, worst Status) int32 { return l.of[worst][junction] }
