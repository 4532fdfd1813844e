package osmtest

import (
	"cmp"
	"math"
	"slices"
)

// hash finds points by squares of a plane.
type hash struct {
	squareM float64
	squares map[[2]int32][]placed
}

type placed struct {
	i  int32
	at point
}

func newHash(squareM float64) *hash {
	return &hash{squareM: squareM, squares: map[[2]int32][]placed{}}
}

func (h *hash) square(p point) [2]int32 {
	return [2]int32{int32(math.Floor(p.x / h.squareM)), int32(math.Floor(p.y / h.squareM))}
}

func (h *hash) put(i int32, p point) {
	s := h.square(p)
	h.squares[s] = append(h.squares[s], placed{i, p})
}

// any says whether is holds for one of the points within a reach.
func (h *hash) any(p point, reach float64, is func(i int32, distance float64) bool) bool {
	low, high := h.square(point{p.x - reach, p.y - reach}), h.square(point{p.x + reach, p.y + reach})
	for y := low[1]; y <= high[1]; y++ {
		for x := low[0]; x <= high[0]; x++ {
			for _, one := range h.squares[[2]int32{x, y}] {
				if is(one.i, one.at.distance(p)) {
					return true
				}
			}
		}
	}
	return false
}

// neighbour is a point near another.
type neighbour struct {
	i        int32
	distance float64
}

// nearest gives for each point its nearest others, at most count, nearest
// first.
func nearest(points []point, squareM float64, count int) [][]neighbour {
	if len(points) == 0 {
		return nil
	}
	low, high := points[0], points[0]
	for _, p := range points {
		low, high = point{min(low.x, p.x), min(low.y, p.y)}, point{max(high.x, p.x), max(high.y, p.y)}
	}
	width, height := int((high.x-low.x)/squareM)+1, int((high.y-low.y)/squareM)+1
	first := make([]int32, width*height+1)
	squareOf := func(p point) (int, int) { return int((p.x - low.x) / squareM), int((p.y - low.y) / squareM) }
	for _, p := range points {
		x, y := squareOf(p)
		first[y*width+x+1]++
	}
	for i := range width * height {
		first[i+1] += first[i]
	}
	order, fill := make([]int32, len(points)), slices.Clone(first)
	for i, p := range points {
		x, y := squareOf(p)
		order[fill[y*width+x]] = int32(i)
		fill[y*width+x]++
	}
	out := make([][]neighbour, len(points))
	var found []neighbour
	for i, p := range points {
		found = found[:0]
		column, row := squareOf(p)
		reach := max(width, height)
		for ring := 0; ring <= reach; ring++ {
			// All within ring-1 squares is known to be complete to this distance.
			if len(found) >= count {
				near := 0
				for _, f := range found {
					if f.distance <= float64(ring-1)*squareM {
						near++
					}
				}
				if near >= count {
					break
				}
			}
			for y := max(0, row-ring); y <= min(height-1, row+ring); y++ {
				step := 1
				if y != row-ring && y != row+ring {
					step = max(1, 2*ring)
				}
				for x := column - ring; x <= column+ring; x += step {
					if x < 0 || x >= width {
						continue
					}
					for _, j := range order[first[y*width+x]:first[y*width+x+1]] {
						if int(j) != i {
							found = append(found, neighbour{j, points[j].distance(p)})
						}
					}
				}
			}
		}
		slices.SortFunc(found, func(a, b neighbour) int {
			return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.i, b.i))
		})
		out[i] = slices.Clone(found[:min(count, len(found))])
	}
	return out
}

// proximity gives the edges of the Gabriel graph among near points, each once
// with its lower end first, and whether it is of the relative neighbourhood
// graph too. What would spoil an edge of u is nearer to u than its other end,
// so the lists of nearest points hold it.
func proximity(points []point, lists [][]neighbour, give func(u, v int32, relative bool)) {
	seen := map[[2]int32]bool{}
	for u := range points {
		for k, f := range lists[u] {
			gabriel, relative := true, true
			m, radius := middle(points[u], points[f.i]), f.distance/2
			for _, w := range lists[u][:k] {
				gabriel = gabriel && points[w.i].distance(m) >= radius
				relative = relative && points[w.i].distance(points[f.i]) >= f.distance
			}
			key := [2]int32{min(int32(u), f.i), max(int32(u), f.i)}
			if gabriel && !seen[key] {
				seen[key] = true
				give(key[0], key[1], relative)
			}
		}
	}
}
