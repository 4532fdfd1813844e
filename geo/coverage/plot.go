package coverage

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"hash/maphash"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/paulmach/orb"
	"github.com/paulmach/orb/planar"

	"pasaj/geo"
	"pasaj/geo/arrangement"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
	"pasaj/geo/raster"
)

// plot is a region cut by outlines of zones. It is the costly part of every
// answer and depends on geometry alone: not on who holds what, nor on age.
type plot struct {
	region *region
	shape  *arrangement.Arrangement
	number map[uint64]int32 // of an outline, by its fingerprint

	cellM2  []float64 // by cell; 0 for what is rounding
	covers  []cellSet // by outline
	present []bool    // by outline: whether it has ground here

	mu      sync.Mutex
	sums    map[string][]float64 // by grid: what each cell holds of it
	tallies map[uint64]*tally    // by the standing of the zones
}

// maxTallies is how many standings of its zones a plot keeps.
const maxTallies = 16

var fingerprintSeed = maphash.MakeSeed()

// fingerprint tells outlines apart by their coordinates, so that states of a
// zone that differ in other things share one outline. It is the same in every
// process: plots number their outlines in its order, and what is added up in
// one order always gives the same digits.
func fingerprint(area orb.MultiPolygon) uint64 {
	h := sha256.New()
	var number [16]byte
	for _, polygon := range area {
		for _, ring := range polygon {
			for _, p := range ring {
				binary.LittleEndian.PutUint64(number[:8], math.Float64bits(p[0]))
				binary.LittleEndian.PutUint64(number[8:], math.Float64bits(p[1]))
				h.Write(number[:]) //nolint:errcheck // never fails
			}
			h.Write([]byte{'r'}) //nolint:errcheck // never fails
		}
		h.Write([]byte{'p'}) //nolint:errcheck // never fails
	}
	return binary.LittleEndian.Uint64(h.Sum(nil))
}

// outline is a zone's outline with its fingerprint.
type outline struct {
	print uint64
	area  orb.MultiPolygon
}

// plot cuts a region by outlines, or finds it cut already.
func (e *Engine) plot(ctx context.Context, r *region, outlines []outline) (*plot, error) {
	outlines = slices.Clone(outlines)
	slices.SortFunc(outlines, func(a, b outline) int {
		switch {
		case a.print < b.print:
			return -1
		case a.print > b.print:
			return 1
		}
		return 0
	})
	outlines = slices.CompactFunc(outlines, func(a, b outline) bool { return a.print == b.print })
	var key strings.Builder
	var number [8]byte
	write := func(x uint64) {
		binary.LittleEndian.PutUint64(number[:], x)
		key.Write(number[:])
	}
	write(r.fingerprint())
	for _, o := range outlines {
		write(o.print)
	}
	return e.plots.get(ctx, key.String(), func() (*plot, error) {
		areas := make([]orb.MultiPolygon, len(outlines))
		p := &plot{region: r, number: make(map[uint64]int32, len(outlines)), sums: map[string][]float64{}, tallies: map[uint64]*tally{}}
		for i, o := range outlines {
			areas[i] = o.area
			p.number[o.print] = int32(i)
		}
		var err error
		if p.shape, err = arrangement.Build(ctx, r.area, areas); err != nil {
			return nil, err
		}
		p.read(areas)
		return p, nil
	})
}

// bytes is the memory a plot takes, roughly.
func (p *plot) bytes() int {
	return p.shape.Bytes() + 8*len(p.cellM2) + len(p.covers)*(len(p.cellM2)/8+32) + 4096
}

// read writes down what every count needs to know of the cells.
func (p *plot) read(areas []orb.MultiPolygon) {
	cells, rounding := p.shape.Len(), nothing*p.shape.RegionM2()
	p.cellM2 = make([]float64, cells)
	p.covers, p.present = make([]cellSet, len(areas)), make([]bool, len(areas))
	for n := range p.covers {
		p.covers[n] = newCellSet(cells)
	}
	for cell := range cells {
		if m2 := p.shape.CellM2(cell); m2 > rounding {
			p.cellM2[cell] = m2
		}
		for _, n := range p.shape.Areas(cell) {
			p.covers[n].put(cell)
		}
	}
	for n, area := range areas {
		m2 := p.covers[n].sum(p.cellM2)
		p.present[n] = m2 > 0 && (m2 > lenses*p.shape.RegionM2() || overlaps(p.region.area, area))
		if !p.present[n] {
			clear(p.covers[n])
		}
	}
}

// lenses is the share of a region below which ground may be nothing but lenses
// between geodesics, where outlines touch along long edges.
const lenses = 1e-4

// overlaps reports whether two areas share ground as planes in lon/lat. What lies
// beyond the other's box is left out first: a zone may be as large as the country,
// and an overlay takes minutes for one of a hundred thousand vertices. Rings may
// then cross themselves; where the overlay minds, the whole is taken.
func overlaps(a, b orb.MultiPolygon) bool {
	common, err := overlay.Intersection(newExpanse(a).around(b.Bound()), newExpanse(b).around(a.Bound()))
	if err != nil {
		common, err = overlay.Intersection(a, b)
	}
	return err != nil || planar.Area(common) > 1e-9*planar.Area(a)
}

// enumerate gives zones the numbers that their outlines have here.
func (p *plot) enumerate(zones []standing) {
	for i := range zones {
		zones[i].number = p.number[zones[i].outline.print]
	}
}

// on gives what each cell holds of a grid.
func (p *plot) on(g *raster.Grid, rows arrangement.Rows) []float64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if have, ok := p.sums[g.ID()]; ok {
		return have
	}
	sums := p.shape.Sum(rows)
	p.sums[g.ID()] = sums
	return sums
}

// builtRows reads a built-up grid as square metres instead of shares of cells.
type builtRows struct{ *raster.Grid }

// RowSum is what is built up in some cells of a row, in square metres.
func (b builtRows) RowSum(y, x0, x1 int) float64 {
	lonM, latM := measure.DegreeM(b.RowLatitude(y))
	return b.Grid.RowSum(y, x0, x1) * b.CellLonDeg() * lonM * b.CellLatDeg() * latM
}

// outlineOf is a version's outline.
func (e *Engine) outlineOf(v *geo.Version, area orb.MultiPolygon) outline {
	return outline{e.prints.of(v, area), area}
}

// prints keeps the fingerprints of versions' outlines. The zero value is good.
type prints struct {
	mu   sync.RWMutex
	kept map[*geo.Version]uint64
}

// maxPrints is how many are kept before all are thrown away.
const maxPrints = 100_000

func (p *prints) of(v *geo.Version, area orb.MultiPolygon) uint64 {
	p.mu.RLock()
	print, ok := p.kept[v]
	p.mu.RUnlock()
	if ok {
		return print
	}
	print = fingerprint(area)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.kept == nil || len(p.kept) >= maxPrints {
		p.kept = map[*geo.Version]uint64{}
	}
	p.kept[v] = print
	return print
}
