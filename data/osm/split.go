package osm

import (
	"cmp"
	"context"
	"slices"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/road"
)

// assembly makes edges of ways.
type assembly struct {
	*collection
	clip *clip
	fate []fate // of each way
}

// fate is what became of a way; the highest holds.
type fate uint8

const (
	fateSettled  fate = iota // left out and counted as a whole
	fatePoint                // its edges have no length
	fateRepeated             // its edges run over those of other ways
	fateOutside
	fateKept
)

// run is a part of a way whose nodes all have coordinates.
type run struct {
	way   int32 // in ways
	nodes []int32
}

// draft is an edge before it has a geometry.
type draft struct {
	run
	gateAt [2]bool // the barrier of the first and last node stands on this edge
}

// edges cuts the ways into edges, in the order of way identifiers and along
// each way.
func (a *assembly) edges(ctx context.Context) ([]road.EdgeInput, error) {
	a.fate = make([]fate, len(a.ways))
	runs := a.runs()
	a.countTraffic(runs)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	drafts := a.cut(runs)
	a.countCrossroads(drafts)
	a.placeBarriers(drafts)
	var edges []road.EdgeInput
	vertices := 0
	for i := range drafts {
		if i&0xFFF == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		made := a.make(&drafts[i])
		if way := drafts[i].way; len(made) > 0 {
			a.fate[way] = fateKept
		} else {
			a.fate[way] = max(a.fate[way], fateOutside)
		}
		for _, e := range made {
			e.ID = int64(len(edges) + 1)
			edges = append(edges, e)
			vertices += len(e.Geometry)
		}
		if len(edges) > road.MaxEdges {
			break // Build says so
		}
	}
	a.report.Edges, a.report.Vertices = len(edges), vertices
	for _, f := range a.fate {
		switch f {
		case fateKept:
			a.report.Roads++
		case fateOutside:
			a.report.dropWays(outsideArea, 1)
		case fateRepeated:
			a.report.dropWays(duplicateLine, 1)
		case fatePoint:
			a.report.dropWays(noLength, 1)
		}
	}
	return edges, nil
}

// runs takes the nodes that have coordinates, drops repeated ones, breaks ways
// where nodes are missing or absurdly far, and leaves out ways that are told
// twice.
func (a *assembly) runs() []run {
	r := &a.report
	var out []run
	flat := make([]int32, 0, len(a.refs))
	seen := map[uint64][]int32{}
	for i := range a.ways {
		w := &a.ways[i]
		if i > 0 && a.ways[i-1].id == w.id {
			r.dropWays(duplicateID, 1)
			continue
		}
		var missing, far, repeated, kept int
		first := len(flat)
		start := first
		end := func() {
			if len(flat)-start > 1 {
				out = append(out, run{int32(i), flat[start:len(flat):len(flat)]})
				kept++
			} else {
				flat = flat[:start]
			}
			start = len(flat)
		}
		before := len(out)
		for _, node := range a.refs[w.first : w.first+w.nodes] {
			if !a.have[node] {
				missing++
				end()
				continue
			}
			if n := len(flat); n > start {
				last := a.points[flat[n-1]]
				if last == a.points[node] {
					repeated++
					if flat[n-1] == node {
						continue
					}
					// Another node at the same place: roads may meet at either.
					flat = append(flat, node)
					continue
				}
				if apartM(last.degrees(), a.points[node].degrees()) > maxSegmentM {
					far++
					end()
				}
			}
			flat = append(flat, node)
		}
		end()
		r.MissingNodes += missing
		r.RepeatedNodes += repeated
		r.FarSegments += far
		r.CutWays += one(kept > 0 && (missing > 0 || far > 0))
		switch {
		case kept == 0:
			r.dropWays(tooFewNodes, 1)
			continue
		case kept == 1 && w.nodes == len(out[before].nodes) && a.told(seen, out, before):
			out = out[:before]
			flat = flat[:first]
			r.dropWays(duplicateLine, 1)
			r.DuplicateM += a.lengthM(a.refs[w.first : w.first+w.nodes])
		default:
			a.fate[i] = fatePoint
		}
	}
	return out
}

// told reports whether the run runs over exactly the nodes of an earlier one
// that serves its directions, and remembers it otherwise.
func (a *assembly) told(seen map[uint64][]int32, runs []run, i int) bool {
	key := lineKey(runs[i].nodes)
	for _, other := range seen[key] {
		if a.serves(runs[other], runs[i]) {
			return true
		}
	}
	seen[key] = append(seen[key], int32(i))
	return false
}

// serves reports whether one run lets drive over another's nodes wherever that
// does.
func (a *assembly) serves(one, other run) bool {
	if !sameLine(one.nodes, other.nodes) {
		return false
	}
	kept, wanted := a.ways[one.way].oneway, a.ways[other.way].oneway
	if !slices.Equal(one.nodes, other.nodes) {
		wanted = -wanted
	}
	return kept == 0 || kept == wanted
}

// lineKey is the same for a line and its reverse.
func lineKey(nodes []int32) uint64 {
	key, n := uint64(len(nodes)), len(nodes)
	for i := range (n + 1) / 2 {
		lo, hi := uint64(nodes[i]), uint64(nodes[n-1-i])
		key = (key ^ (min(lo, hi)<<32 | max(lo, hi))) * 0x9E3779B97F4A7C15
		key ^= key >> 29
	}
	return key
}

func sameLine(a, b []int32) bool {
	if len(a) != len(b) {
		return false
	}
	if slices.Equal(a, b) {
		return true
	}
	for i := range a {
		if a[i] != b[len(b)-1-i] {
			return false
		}
	}
	return true
}

// countTraffic finds out which nodes several ways, or one way several times,
// pass.
func (a *assembly) countTraffic(runs []run) {
	a.uses = make([]uint8, len(a.nodeIDs))
	for _, r := range runs {
		for i, node := range r.nodes {
			if i > 0 && r.nodes[i-1] == node {
				continue
			}
			if a.uses[node] < 255 {
				a.uses[node]++
			}
		}
	}
	for _, n := range a.uses {
		a.report.RoadNodes += one(n > 0)
		a.report.SharedNodes += one(n > 1)
	}
}

// cut makes drafts of the runs: a new edge begins wherever ways share a node
// and at every barrier. Bridges begin and end with a way.
func (a *assembly) cut(runs []run) []draft {
	var out []draft
	seen := map[uint64][]int32{}
	for _, r := range runs {
		start := 0
		for i := 1; i < len(r.nodes); i++ {
			node := r.nodes[i]
			_, gate := a.barriers[node]
			if i < len(r.nodes)-1 && a.uses[node] < 2 && !gate {
				continue
			}
			part := run{r.way, r.nodes[start : i+1]}
			start = i
			if !a.moves(part.nodes) {
				// Nodes at one place: the roads meet there without an edge.
				a.report.ZeroLength++
				continue
			}
			if key := lineKey(part.nodes); a.repeats(out, seen[key], part) {
				a.report.DuplicateEdges++
				a.report.DuplicateM += a.lengthM(part.nodes)
				a.fate[r.way] = max(a.fate[r.way], fateRepeated)
			} else {
				seen[key] = append(seen[key], int32(len(out)))
				out = append(out, draft{run: part})
			}
		}
	}
	return out
}

func (a *assembly) lengthM(nodes []int32) float64 {
	total := 0.0
	for i := 1; i < len(nodes); i++ {
		total += measure.DistanceM(a.points[nodes[i-1]].degrees(), a.points[nodes[i]].degrees())
	}
	return total
}

// countCrossroads counts the nodes that have three neighbours or more.
func (a *assembly) countCrossroads(drafts []draft) {
	var pairs [][2]int32
	for _, d := range drafts {
		n := len(d.nodes)
		pairs = append(pairs, [2]int32{d.nodes[0], d.nodes[1]}, [2]int32{d.nodes[n-1], d.nodes[n-2]})
	}
	slices.SortFunc(pairs, func(x, y [2]int32) int { return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1])) })
	pairs = slices.Compact(pairs)
	for i := 0; i+2 < len(pairs); i++ {
		if pairs[i][0] == pairs[i+2][0] && (i == 0 || pairs[i-1][0] != pairs[i][0]) {
			a.report.Crossroads++
		}
	}
}

func (a *assembly) moves(nodes []int32) bool {
	return slices.ContainsFunc(nodes, func(n int32) bool { return a.points[n] != a.points[nodes[0]] })
}

// repeats reports whether one of the drafts serves a run already.
func (a *assembly) repeats(drafts []draft, candidates []int32, r run) bool {
	return slices.ContainsFunc(candidates, func(i int32) bool { return a.serves(drafts[i].run, r) })
}

// placeBarriers decides on which edges a barrier at their end stands. A road
// that passes one must meet it once: where two edges meet it is put on the
// first, at a crossing on each of them.
func (a *assembly) placeBarriers(drafts []draft) {
	if len(a.barriers) == 0 {
		return
	}
	type arm struct{ draft, end int }
	arms := map[int32][]arm{}
	for i := range drafts {
		nodes := drafts[i].nodes
		for end, node := range [2]int32{nodes[0], nodes[len(nodes)-1]} {
			if _, ok := a.barriers[node]; ok {
				arms[node] = append(arms[node], arm{i, end})
			}
		}
	}
	for node, list := range arms {
		if len(list) == 2 {
			list = list[:1]
		}
		for _, one := range list {
			drafts[one.draft].gateAt[one.end] = true
		}
		a.report.Barriers = countOne(a.report.Barriers, a.barriers[node].kind, 1)
	}
}

// barrierM is how much of a road a barrier takes, metres: it is an edge of its
// own, so that whom it stops can still come up to it.
const barrierM = 2.5

// make gives a draft its geometry and properties: the edge, with an edge for
// each of its barriers, cut to the area.
func (a *assembly) make(d *draft) []road.EdgeInput {
	w := &a.ways[d.way]
	line := make(orb.LineString, 0, len(d.nodes))
	for _, node := range d.nodes {
		if p := a.points[node].degrees(); len(line) == 0 || line[len(line)-1] != p {
			line = append(line, p)
		}
	}
	plain := w.edge(w.townKind != "" && a.towns.contains(a.points[d.nodes[len(d.nodes)/2]]))
	plain.WayID = w.id
	var out []road.EdgeInput
	put := func(e road.EdgeInput, line orb.LineString) {
		kept := a.clip.keep(line)
		a.report.OutsideEdges += one(len(kept) == 0)
		a.report.CutEdges += one(len(kept) > 0 && !slices.Equal(kept[0], line))
		for _, part := range kept {
			for len(part) > road.MaxEdgeVertices {
				e.Geometry = part[:road.MaxEdgeVertices:road.MaxEdgeVertices]
				out = append(out, e)
				part = part[road.MaxEdgeVertices-1:]
			}
			e.Geometry = part
			out = append(out, e)
		}
	}
	switch {
	case d.gateAt == [2]bool{}:
		put(plain, line)
	default:
		a.putBarriers(d, plain, line, put)
	}
	a.name(out, d)
	if w.oneway < 0 {
		slices.Reverse(out)
		for i := range out {
			out[i].Geometry = out[i].Geometry.Clone()
			out[i].Geometry.Reverse()
			slices.Reverse(out[i].Nodes)
		}
	}
	return out
}

// name says which nodes the vertices of a draft's edges are: those that the
// clip or a barrier added are none.
func (a *assembly) name(edges []road.EdgeInput, d *draft) {
	ids := make(map[orb.Point]int64, len(d.nodes))
	for _, node := range d.nodes {
		ids[a.points[node].degrees()] = a.nodeIDs[node]
	}
	for i := range edges {
		edges[i].Nodes = make([]int64, len(edges[i].Geometry))
		for k, p := range edges[i].Geometry {
			edges[i].Nodes[k] = ids[p]
		}
	}
}

func (a *assembly) putBarriers(d *draft, plain road.EdgeInput, line orb.LineString, put func(road.EdgeInput, orb.LineString)) {
	along := alongM(line)
	lengthM := along[len(along)-1]
	first, last := a.barriers[d.nodes[0]], a.barriers[d.nodes[len(d.nodes)-1]]
	if lengthM < 4*barrierM { // too short to be divided
		if d.gateAt[0] {
			first.on(&plain)
		}
		if d.gateAt[1] {
			last.on(&plain)
		}
		put(plain, line)
		return
	}
	from, to := 0.0, lengthM
	if d.gateAt[0] {
		from = barrierM
		gate := plain
		first.on(&gate)
		put(gate, stretch(line, along, 0, from))
	}
	if d.gateAt[1] {
		to = lengthM - barrierM
	}
	put(plain, stretch(line, along, from, to))
	if d.gateAt[1] {
		gate := plain
		last.on(&gate)
		put(gate, stretch(line, along, to, lengthM))
	}
}

// on puts a barrier on an edge. Of two the one that stops more is named.
func (b barrier) on(e *road.EdgeInput) {
	if e.Barrier == "" || vehicle(e.Access)|b.refuse != vehicle(e.Access) {
		e.Barrier = b.kind
	}
	e.Access |= uint16(b.refuse)
	e.MaxLoadT, e.MaxHeightM = stricter(e.MaxLoadT, b.loadT), stricter(e.MaxHeightM, b.heightM)
}

// byWay lists edges by the way they come from.
func byWay(edges []road.EdgeInput, wanted map[int64]bool) map[int64][]int32 {
	out := map[int64][]int32{}
	for i := range edges {
		if id := edges[i].WayID; wanted[id] {
			out[id] = append(out[id], int32(i))
		}
	}
	for _, list := range out {
		slices.SortFunc(list, func(i, j int32) int { return cmp.Compare(edges[i].ID, edges[j].ID) })
	}
	return out
}
