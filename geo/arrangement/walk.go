package arrangement

import (
	"context"
	"slices"
)

// instant is the share of an edge below which a piece has no length but that
// of rounding.
const instant = 1e-13

// splitM2 is the lens from which an edge that the outlines cut is measured
// anew by AreaM2.
const splitM2 = 1e-4

// walker goes along the edges of a polygon and knows which others are around.
type walker struct {
	s         *scratch
	a         *Arrangement
	polygon   int32
	inside    bool     // the region
	set       []uint64 // of the polygons around, this one left out
	hash      uint64
	left      int32 // cells at the sides, where known
	right     int32
	current   bool // left and right are of the set
	pendingM2 float64
}

func (w *walker) toggle(polygon int32) {
	w.flush()
	w.set[polygon/64] ^= 1 << (polygon % 64)
	w.hash ^= w.s.cells.key[polygon]
	w.current = false
}

// load takes the set of a cell but for this polygon.
func (w *walker) load(cell int32) {
	w.flush()
	t := &w.s.cells
	copy(w.set, t.set(cell))
	w.hash = t.hashes[cell]
	if w.set[w.polygon/64]>>(w.polygon%64)&1 == 1 {
		w.set[w.polygon/64] ^= 1 << (w.polygon % 64)
		w.hash ^= t.key[w.polygon]
	}
	w.current = false
}

// look finds the cells at the sides.
func (w *walker) look() {
	if w.current {
		return
	}
	t := &w.s.cells
	w.current = true
	if w.polygon == 0 {
		w.left, w.right = t.find(w.set, w.hash), outside
		return
	}
	w.right = t.find(w.set, w.hash)
	w.set[w.polygon/64] ^= 1 << (w.polygon % 64)
	w.left = t.find(w.set, w.hash^t.key[w.polygon])
	w.set[w.polygon/64] ^= 1 << (w.polygon % 64)
}

// flush gives what was walked to the cells at the sides.
func (w *walker) flush() {
	if w.pendingM2 == 0 {
		return
	}
	t := &w.s.cells
	t.m2[w.left] -= w.pendingM2
	if w.right != outside {
		t.m2[w.right] += w.pendingM2
	}
	w.pendingM2 = 0
}

// walk goes around all rings, the region's first: where they are crossed they
// keep the cell for those who enter there.
func (s *scratch) walk(ctx context.Context, a *Arrangement) error {
	s.cells.reset(len(s.polygons))
	s.cellAt = slices.Grow(s.cellAt[:0], len(s.crossings))[:len(s.crossings)]
	s.set = slices.Grow(s.set[:0], s.cells.words)[:s.cells.words]
	a.edges = make([]border, 0, min(len(s.edges), len(s.crossings)+len(s.edges)/2+16))
	a.pieces = make([]piece, 0, cap(a.edges)+len(s.crossings))
	for number, r := range s.rings {
		if number%64 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		w := walker{s: s, a: a, polygon: r.polygon, set: s.set}
		start := s.edges[r.first].a
		w.inside = r.polygon == 0 || s.covers(0, start, r.polygon)
		if !w.inside && s.firstStop[r.first] == s.firstStop[r.end] {
			continue // never in the region
		}
		clear(w.set)
		if w.inside {
			for j := int32(1); j < int32(len(s.polygons)); j++ {
				if j != r.polygon && s.covers(j, start, r.polygon) {
					w.toggle(j)
				}
			}
		}
		for id := r.first; id < r.end; id++ {
			w.step(id)
		}
		w.flush()
	}
	return nil
}

// step walks one edge.
func (w *walker) step(id int32) {
	s, e := w.s, w.s.edges[id]
	stops := s.stops[s.firstStop[id]:s.firstStop[id+1]]
	if len(stops) == 0 && !w.inside {
		return
	}
	l := w.a.figure.lensOf(e, len(stops) > 0)
	first := len(w.a.pieces)
	from, seen := 0.0, false
	for i := 0; ; i++ {
		to := 1.0
		if i < len(stops) {
			to = stops[i].t
		}
		if w.inside {
			w.look()
		}
		if to-from > instant || i == len(stops) && len(w.a.pieces) == first {
			p := piece{from: from, left: outside, right: outside}
			if w.inside {
				p.left, p.right, seen = w.left, w.right, true
				w.pendingM2 += w.a.figure.chordM2(e, from, to) + l.value*(share(to)-share(from))
			}
			if n := len(w.a.pieces); n == first || w.a.pieces[n-1].left != p.left || w.a.pieces[n-1].right != p.right {
				w.a.pieces = append(w.a.pieces, p)
			}
			from = to
		}
		if i == len(stops) {
			break
		}
		w.pass(stops[i])
	}
	if !seen {
		w.a.pieces = w.a.pieces[:first]
		return
	}
	w.a.edges = append(w.a.edges, border{edge: e, first: int32(first)})
	if len(w.a.pieces)-first > 1 && (l.value > splitM2 || l.value < -splitM2) {
		w.a.splits = append(w.a.splits, split{edge: int32(len(w.a.edges) - 1), lens: l})
	}
}

// pass crosses the border of another polygon.
func (w *walker) pass(at stop) {
	other := w.s.polygonOf[at.other]
	switch {
	case w.polygon == 0:
		w.s.cellAt[at.crossing] = w.left
		w.toggle(other)
	case other != 0:
		if w.inside {
			w.toggle(other)
		}
	case w.inside:
		w.flush()
		w.inside, w.current = false, false
	default:
		w.inside = true
		w.load(w.s.cellAt[at.crossing])
	}
}
