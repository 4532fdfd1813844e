package arrangement

import (
	"context"
	"slices"
	"sync"
	"unsafe"

	"github.com/paulmach/orb"
)

// Arrangement is a region cut by areas. It is immutable.
type Arrangement struct {
	figure      figure
	box         box
	regionM2    float64
	m2          []float64 // by cell, none below nothing
	signedM2    []float64 // by cell as it was integrated: what AreaM2 makes up for may be below nothing
	firstMember []int32   // by cell and one more
	members     []int32
	edges       []border
	pieces      []piece
	splits      []split
}

// border is an edge that runs through the region, as it was given; its pieces
// are those from first up to the next one's.
type border struct {
	edge
	first int32
}

// piece is the part of an edge between two crossings, up to where the next one
// begins, with the cells at its sides.
type piece struct {
	from        float64 // share of the edge
	left, right int32
}

// split is an edge of several pieces whose lens counts.
type split struct {
	edge int32
	lens lens
}

// dustM2 is the ground below which a cell is nothing but rounding: between
// borders drawn twice, say.
const dustM2 = 1e-4

// polygonRings and ringEdges are ranges.
type (
	polygonRings struct {
		firstRing, endRing int32
		box                box
	}
	ringEdges struct {
		first, end, polygon int32
		box                 box
	}
)

// scratch is what building needs and nobody keeps.
type scratch struct {
	originX, originY int64
	vertices         []vertex
	edges            []edge
	polygonOf        []int32 // by edge
	rings            []ringEdges
	polygons         []polygonRings
	areas            []int32 // by polygon: number of the area, as the caller counts
	grid             grid
	entries          []entry
	crossings        []crossing
	firstStop        []int32 // by edge
	stops            []stop
	cellAt           []int32 // by crossing with the region
	set              []uint64
	cells            cellTable
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// pooledEdges bounds what the pool holds on to.
const pooledEdges = 200_000

func (s *scratch) release() {
	if cap(s.edges) > pooledEdges || cap(s.crossings) > 4*pooledEdges {
		return
	}
	s.edges, s.polygonOf, s.rings, s.polygons, s.areas = s.edges[:0], s.polygonOf[:0], s.rings[:0], s.polygons[:0], s.areas[:0]
	scratches.Put(s)
}

// Build cuts the region by the areas, which are known by their index from then
// on. The polygons must follow the simple-features rules; others give some
// arrangement, with areas that mean little. Failures are an *geo.Error of code
// invalid for vertices off the earth or too far or too many, and the context's.
func Build(ctx context.Context, region orb.MultiPolygon, areas []orb.MultiPolygon) (*Arrangement, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s := scratches.Get().(*scratch)
	defer s.release()
	if err := s.load(region, areas); err != nil {
		return nil, err
	}
	a := &Arrangement{}
	if len(s.polygons) == 0 {
		a.firstMember = []int32{0}
		return a, nil
	}
	a.box = s.polygons[0].box
	a.figure.init(s.originX, s.originY, float64(max(a.box.maxY, -a.box.minY)))
	if err := s.cross(ctx); err != nil {
		return nil, err
	}
	if err := s.walk(ctx, a); err != nil {
		return nil, err
	}
	a.keep(s)
	return a, nil
}

// keep numbers the cells that have a border and lets go of the others, which
// are met only between crossings in one place.
func (a *Arrangement) keep(s *scratch) {
	t := &s.cells
	number := make([]int32, len(t.m2))
	for _, p := range a.pieces {
		for _, cell := range [2]int32{p.left, p.right} {
			if cell != outside {
				number[cell] = 1
			}
		}
	}
	kept, dust := int32(0), 0.0
	for cell, used := range number {
		number[cell] = kept
		kept += used
		if used == 0 {
			continue
		}
		m2 := t.m2[cell]
		a.regionM2 += m2
		a.signedM2 = append(a.signedM2, m2)
		if m2 < dustM2 {
			dust += m2
			m2 = 0
		}
		a.m2 = append(a.m2, m2)
		a.firstMember = append(a.firstMember, int32(len(a.members)))
		a.members = t.members(int32(cell), a.members)
	}
	a.firstMember = append(a.firstMember, int32(len(a.members)))
	for i, polygon := range a.members {
		a.members[i] = s.areas[polygon]
	}
	for i := range a.pieces {
		p := &a.pieces[i]
		if p.left != outside {
			p.left = number[p.left]
		}
		if p.right != outside {
			p.right = number[p.right]
		}
	}
	a.regionM2 = max(0, a.regionM2)
	// Coinciding edges of different lengths leave cells a little below nothing,
	// which the largest one makes up for.
	if len(a.m2) > 0 {
		largest := 0
		for cell, m2 := range a.m2 {
			if m2 > a.m2[largest] {
				largest = cell
			}
		}
		a.m2[largest] = max(0, a.m2[largest]+dust)
	}
	a.edges, a.pieces, a.splits = slices.Clip(a.edges), slices.Clip(a.pieces), slices.Clip(a.splits)
}

// Len is the number of cells: distinct sets of areas that cover some ground of
// the region, the empty set among them where no area does.
func (a *Arrangement) Len() int { return len(a.m2) }

// Areas lists the areas that cover a cell by their index in ascending order. It
// is shared and must not be changed.
func (a *Arrangement) Areas(cell int) []int32 {
	return a.members[a.firstMember[cell]:a.firstMember[cell+1]:a.firstMember[cell+1]]
}

// CellM2 is the ground of a cell in square metres. Those of all cells add up to
// the region's. A cell between borders that coincide has 0.
func (a *Arrangement) CellM2(cell int) float64 { return a.m2[cell] }

// RegionM2 is the area of the region in square metres, as package measure has
// it.
func (a *Arrangement) RegionM2() float64 { return a.regionM2 }

// chosen lends AreaM2 its memory of what the caller answered.
var chosen = sync.Pool{New: func() any { return new([]bool) }}

// AreaM2 is the area in square metres of the union of the cells that are in, as
// it is measured when their common outline is drawn: with geodesics between the
// vertices that this outline has. It therefore differs from the sum of the
// cells by slivers along the edges that are cut. in is asked once for each cell.
func (a *Arrangement) AreaM2(in func(cell int) bool) float64 {
	memory := chosen.Get().(*[]bool)
	defer chosen.Put(memory)
	// One more in front, for the outside.
	is := slices.Grow((*memory)[:0], len(a.m2)+1)[:len(a.m2)+1]
	*memory = is
	is[0] = false
	total := 0.0
	any := false
	for cell, m2 := range a.signedM2 {
		is[cell+1] = in(cell)
		if is[cell+1] {
			total += m2
			any = true
		}
	}
	if !any {
		return 0
	}
	for i := range a.splits {
		s := &a.splits[i]
		first, end := a.piecesOf(s.edge)
		pieces := a.pieces[first:end]
		start, side := 0.0, 0
		for k := 0; k <= len(pieces); k++ {
			at, now := 1.0, 0
			if k < len(pieces) {
				at = pieces[k].from
				left, right := is[pieces[k].left+1], is[pieces[k].right+1]
				switch {
				case left && !right:
					now = 1
				case right && !left:
					now = -1
				}
			}
			if now == side && k < len(pieces) {
				continue
			}
			if side != 0 && (start > 0 || at < 1) {
				total -= float64(side) * s.lens.excessM2(&a.figure, a.edges[s.edge].edge, start, at)
			}
			start, side = at, now
		}
	}
	return max(0, total)
}

func (a *Arrangement) piecesOf(edge int32) (first, end int32) {
	if int(edge)+1 < len(a.edges) {
		return a.edges[edge].first, a.edges[edge+1].first
	}
	return a.edges[edge].first, int32(len(a.pieces))
}

// Bytes is about the memory that the arrangement holds.
func (a *Arrangement) Bytes() int {
	return int(unsafe.Sizeof(*a)) + 8*(cap(a.m2)+cap(a.signedM2)) + 4*cap(a.firstMember) + 4*cap(a.members) +
		int(unsafe.Sizeof(border{}))*cap(a.edges) + int(unsafe.Sizeof(piece{}))*cap(a.pieces) + int(unsafe.Sizeof(split{}))*cap(a.splits)
}
