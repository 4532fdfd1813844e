package coverage

import "github.com/paulmach/orb"

// expanse is ground that may be as large as the country and is looked at box by
// box.
type expanse struct {
	area  orb.MultiPolygon
	boxes []orb.Bound // of its polygons
}

func newExpanse(area orb.MultiPolygon) *expanse {
	e := &expanse{area, make([]orb.Bound, len(area))}
	for k, polygon := range area {
		e.boxes[k] = polygon.Bound()
	}
	return e
}

// around is ground that within a box is the same and beyond it has few
// vertices. The rings may cross themselves outside the box.
func (e *expanse) around(box orb.Bound) orb.MultiPolygon {
	if e == nil {
		return nil
	}
	var out orb.MultiPolygon
	for k, polygon := range e.area {
		if !e.boxes[k].Intersects(box) {
			continue
		}
		var kept orb.Polygon
		for i, ring := range polygon {
			if ring = straightened(ring, box); len(ring) > 3 {
				kept = append(kept, ring)
			} else if i == 0 {
				break
			}
		}
		if kept != nil {
			out = append(out, kept)
		}
	}
	return out
}

// straightened draws the runs of a ring that lie on one side of a box as
// straight lines. A side is convex: the line stays on it, and what the ring
// surrounds in the box stays the same.
func straightened(ring orb.Ring, box orb.Bound) orb.Ring {
	if len(ring) == 0 {
		return nil
	}
	out := orb.Ring{ring[0]}
	last, sides := 0, sidesOf(ring[0], box) // of all vertices since the last one kept
	for i := 1; i < len(ring); i++ {
		here := sidesOf(ring[i], box)
		if sides&here != 0 {
			sides &= here
			continue
		}
		if last < i-1 {
			last = i - 1
			out = append(out, ring[last])
			if sides = sidesOf(ring[last], box) & here; sides != 0 {
				continue
			}
		}
		last, sides = i, here
		out = append(out, ring[i])
	}
	if last < len(ring)-1 {
		out = append(out, ring[len(ring)-1])
	}
	return out
}

// sidesOf says on which sides of a box a place lies, a bit for each; 0 within.
func sidesOf(p orb.Point, box orb.Bound) (sides uint8) {
	if p[0] < box.Min[0] {
		sides |= 1
	} else if p[0] > box.Max[0] {
		sides |= 2
	}
	if p[1] < box.Min[1] {
		sides |= 4
	} else if p[1] > box.Max[1] {
		sides |= 8
	}
	return sides
}
