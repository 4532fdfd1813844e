package coverage

import (
	"fmt"
	"hash/maphash"
	"slices"
	"sync"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// circleVertices is how finely straight-line reach is drawn: a polygon within
// the circle, 0.3 % smaller.
const circleVertices = 48

// ring is the ground within a distance of any of some places.
type ring struct {
	key  uint64 // equal for what was joined in the same way
	area orb.MultiPolygon
}

// rings keeps the last circles that were joined: where nothing but a zone
// changed, they are the same. The zero value is good.
type rings struct {
	mu   sync.Mutex
	kept []ring // the last used in front
}

// maxRings is how many are kept.
const maxRings = 24

// around adds the ground within a distance of some more places to a ring.
func (c *rings) around(before ring, more []orb.Point, radiusM float64) (ring, error) {
	more = slices.Clone(more)
	slices.SortFunc(more, func(a, b orb.Point) int { return slices.Compare(a[:], b[:]) })
	more = slices.Compact(more)
	if len(more) == 0 {
		return before, nil
	}
	var h maphash.Hash
	h.SetSeed(fingerprintSeed)
	maphash.WriteComparable(&h, before.key)
	maphash.WriteComparable(&h, radiusM)
	for _, p := range more {
		maphash.WriteComparable(&h, p)
	}
	out := ring{key: h.Sum64()}
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := slices.IndexFunc(c.kept, func(r ring) bool { return r.key == out.key }); i >= 0 {
		out = c.kept[i]
		c.kept = slices.Insert(slices.Delete(c.kept, i, i+1), 0, out)
		return out, nil
	}
	parts := make([]orb.MultiPolygon, 0, len(more)+1)
	if before.area != nil {
		parts = append(parts, before.area)
	}
	for _, p := range more {
		parts = append(parts, orb.MultiPolygon{measure.Circle(p, radiusM, circleVertices)})
	}
	var err error
	if out.area, err = overlay.Union(parts); err != nil {
		return ring{}, fmt.Errorf("circles around %d places: %w", len(more), err)
	}
	c.kept = slices.Insert(c.kept, 0, out)
	c.kept = c.kept[:min(len(c.kept), maxRings)]
	return out, nil
}
