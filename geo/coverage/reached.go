package coverage

import (
	"context"
	"slices"
	"sync"
	"unsafe"

	"github.com/paulmach/orb"

	"pasaj/geo/raster"
)

// reachShare is how many people of a region are within reach.
type reachShare struct {
	within interval
	total  float64
}

// reachKey is everything that decides who is within reach of a service. Ground
// is told apart by its address: what is drawn is never changed, and it is drawn
// once as long as it is the same.
type reachKey struct {
	near, far     [degrees]drawnGround
	people, built *raster.Grid
	ground        *territory
	straight      bool
	drawnM        float64
}

type drawnGround struct {
	first *orb.Polygon
	n     int
}

func (s *scene) reachKey(ground *served) reachKey {
	k := reachKey{people: s.world.Grid(gridPopulation), built: s.world.Grid(gridBuiltUp), ground: s.ground, straight: ground.straight, drawnM: ground.drawnM}
	first := func(e *expanse) (g drawnGround) {
		if e != nil {
			g = drawnGround{unsafe.SliceData(e.area), len(e.area)}
		}
		return g
	}
	for d := range degrees {
		k.near[d], k.far[d] = first(ground.near[d]), first(ground.far[d])
	}
	return k
}

// reachShares keeps who was found within reach, by region, for the grounds asked
// for last. The zero value is good.
type reachShares struct {
	mu   sync.Mutex
	kept []*reachOf // the last used in front
}

type reachOf struct {
	key     reachKey
	regions map[*region]reachShare
}

// maxReaches is for how many grounds shares are kept.
const maxReaches = 16

// shares finds those of some regions, in parallel.
func (c *reachShares) shares(ctx context.Context, list []*region, key reachKey, find func(ctx context.Context, r *region) (reachShare, error)) ([]reachShare, error) {
	out := make([]reachShare, len(list))
	var missing []int
	c.mu.Lock()
	i := slices.IndexFunc(c.kept, func(r *reachOf) bool { return r.key == key })
	for n, r := range list {
		found := false
		if i >= 0 && r.version != nil {
			out[n], found = c.kept[i].regions[r]
		}
		if !found {
			missing = append(missing, n)
		}
	}
	c.mu.Unlock()
	err := inParallel(ctx, missing, func(ctx context.Context, _, n int) (err error) {
		out[n], err = find(ctx, list[n])
		return err
	})
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	one := &reachOf{key: key, regions: map[*region]reachShare{}}
	if i := slices.IndexFunc(c.kept, func(r *reachOf) bool { return r.key == key }); i >= 0 {
		one = c.kept[i]
		c.kept = slices.Delete(c.kept, i, i+1)
	}
	for _, n := range missing {
		if list[n].version != nil {
			one.regions[list[n]] = out[n]
		}
	}
	c.kept = slices.Insert(c.kept, 0, one)
	c.kept = c.kept[:min(len(c.kept), maxReaches)]
	return out, nil
}
