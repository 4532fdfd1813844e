package coverage

import (
	"context"
	"slices"
	"sync"
	"weak"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// layerMemory keeps what was read from layers at an instant: a layer that did
// not change is the same in the next world. The zero value is good.
type layerMemory struct {
	mu   sync.Mutex
	kept map[layerKey]any
}

type layerKey struct {
	what     string
	layers   [4]weak.Pointer[world.Layer]
	at, aged int64
	model    *geo.Model
	ground   *territory
}

// maxLayerMemory is how many readings are kept before all are thrown away.
const maxLayerMemory = 128

// remembered is what read says of up to four layers, which must depend on nothing
// but those, the instants and the outlines. It is shared: not to be changed.
func remembered[V any](s *scene, what string, layers []string, read func() V) V {
	key := layerKey{what: what, at: s.at.UnixNano(), aged: s.aged.UnixNano(), model: s.world.Model(), ground: s.ground}
	for n, layer := range layers {
		key.layers[n] = weak.Make(s.world.Named(layer))
	}
	m := &s.engine.memory
	m.mu.Lock()
	have, ok := m.kept[key]
	m.mu.Unlock()
	if ok {
		return have.(V)
	}
	out := read()
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= maxLayerMemory {
		m.kept = map[layerKey]any{}
	}
	m.kept[key] = out
	return out
}

// regionMemory keeps what was found of a region from the zones near it and from
// the groups: news from elsewhere changes nothing of it. The zero value is good.
type regionMemory struct {
	mu   sync.Mutex
	kept map[regionKey]foundIn
	old  map[regionKey]foundIn // those not asked for since kept was begun
}

type regionKey struct {
	what              string
	region            *region
	at, aged          int64
	audience          geo.Audience
	model             *geo.Model
	ground            *territory
	population, built *raster.Grid
}

type foundIn struct {
	world weak.Pointer[world.World]
	value any
}

// maxRegionMemory is how many findings are kept, and as many older ones.
const maxRegionMemory = 2000

// byRegions finds something of each of some regions, in parallel. It must depend
// on nothing but the region, the zones near it, the groups, the outlines, the
// grids and the instants. Findings are shared: not to be changed.
func byRegions[V any](ctx context.Context, s *scene, what string, list []*region, find func(ctx context.Context, r *region) (V, error)) ([]V, error) {
	out := make([]V, len(list))
	var missing []int
	for n, r := range list {
		if value, ok := s.recall(what, r); ok {
			out[n] = value.(V)
		} else {
			missing = append(missing, n)
		}
	}
	err := inParallel(ctx, missing, func(ctx context.Context, _, n int) (err error) {
		out[n], err = find(ctx, list[n])
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, n := range missing {
		s.remember(what, list[n], out[n])
	}
	return out, nil
}

func (s *scene) regionKey(what string, r *region) regionKey {
	return regionKey{
		what, r, s.at.UnixNano(), s.aged.UnixNano(), s.world.Audience(), s.world.Model(), s.ground,
		s.world.Grid(gridPopulation), s.world.Grid(gridBuiltUp),
	}
}

// recall gives what was found of a region and still holds. Scenes that leave
// zones out recall nothing.
func (s *scene) recall(what string, r *region) (any, bool) {
	if s.leaveOut != nil || r.version == nil {
		return nil, false
	}
	key := s.regionKey(what, r)
	m := &s.engine.regions
	m.mu.Lock()
	have, ok := m.kept[key]
	aged := false
	if !ok {
		have, aged = m.old[key]
	}
	m.mu.Unlock()
	if !ok && !aged {
		return nil, false
	}
	in := have.world.Value()
	if in == nil {
		return nil, false
	}
	d := s.differenceFrom(in)
	for _, layer := range []string{"admin-areas", "armed-groups", "group-memberships"} {
		if d.layers[layer] {
			return nil, false
		}
	}
	if d.layers["controlled-zones"] {
		if near := padded(r.box(), nearM); slices.ContainsFunc(d.boxes, func(b orb.Bound) bool { return b.Intersects(near) }) {
			return nil, false
		}
	}
	if aged || in != s.world {
		s.remember(what, r, have.value) // of this world, as the earlier one goes
	}
	return have.value, true
}

func (s *scene) remember(what string, r *region, value any) {
	if s.leaveOut != nil || r.version == nil {
		return
	}
	m := &s.engine.regions
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= maxRegionMemory {
		m.kept, m.old = map[regionKey]foundIn{}, m.kept
	}
	m.kept[s.regionKey(what, r)] = foundIn{weak.Make(s.world), value}
}

// differenceFrom is what the scene's world has otherwise than another one.
func (s *scene) differenceFrom(w *world.World) *difference {
	all, _ := s.kept["differences"].(map[*world.World]*difference)
	if all == nil {
		all = map[*world.World]*difference{}
		s.kept["differences"] = all
	}
	d := all[w]
	if d == nil {
		d = differenceOf(w, s.world)
		all[w] = d
	}
	return d
}

// worlds keeps the newest world of each audience that was measured, so that the
// next one can be compared with it. What is kept of other worlds does not keep
// them: they may be large, and are others' to keep. The zero value is good.
type worlds struct {
	mu      sync.Mutex
	newest  map[geo.Audience]*world.World
	serials map[weak.Pointer[world.World]]uint64
	last    uint64
}

func (h *worlds) hold(w *world.World) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if have := h.newest[w.Audience()]; have != nil && have.Revision() > w.Revision() {
		return
	}
	if h.newest == nil {
		h.newest = map[geo.Audience]*world.World{}
	}
	h.newest[w.Audience()] = w
}

// maxSerials is how many worlds are told apart before they get new numbers.
const maxSerials = 10_000

// serial is a number that no other world ever has.
func (h *worlds) serial(w *world.World) uint64 {
	key := weak.Make(w)
	h.mu.Lock()
	defer h.mu.Unlock()
	n, ok := h.serials[key]
	if !ok {
		if h.serials == nil || len(h.serials) >= maxSerials {
			h.serials = map[weak.Pointer[world.World]]uint64{}
		}
		h.last++
		n = h.last
		h.serials[key] = n
	}
	return n
}
