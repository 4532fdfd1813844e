package coverage

import (
	"container/list"
	"context"
	"fmt"
	"slices"
	"sync"
	"weak"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/world"
)

// dependency says what of a world the figures of an indicator are made of, so
// that figures of an area are made anew only where something of that changed.
// Indicators without one depend on everything. Grids, the outlines in force,
// the instant and the audience are always among it.
type dependency struct {
	layers    []string // a change of these concerns every area
	zones     bool     // a change of a zone concerns the areas near it
	places    []string // layers whose records are looked at where they are, for the zones there
	past      bool     // also what was known up to a day before the instant
	histories bool     // also the outlines of other instants
	reach     *service // also the ground within its reach, of which any change may be the cause

	observations bool
}

// dependencies of indicators, by code.
var dependencies = map[string]dependency{}

func init() {
	groups := []string{"armed-groups", "group-memberships"}
	for _, code := range []string{"T1", "T1b", "T1p", "T6", "X1", "G1", "G2"} {
		dependencies[code] = dependency{layers: groups, zones: true}
	}
	dependencies["T2"] = dependency{layers: groups, zones: true, past: true, histories: true}
	for _, code := range []string{"T3", "T4", "T5"} {
		dependencies[code] = dependency{layers: groups, zones: true, histories: true}
	}
	dependencies["R1"] = dependency{layers: []string{"national-roads"}}
	dependencies["R2"] = dependency{layers: []string{"national-roads"}, zones: true}
	for _, code := range []string{"R3", "R4", "R5"} {
		dependencies[code] = dependency{layers: []string{"national-roads", "roadblocks"}}
	}
	for _, code := range []string{"Q3", "Q4"} {
		dependencies[code] = dependency{layers: []string{"national-roads", "roadblocks"}, observations: true}
	}
	dependencies["L1"] = dependency{layers: []string{policeLayer}}
	dependencies["L2"] = dependency{layers: []string{policeLayer}}
	dependencies["L5"] = dependency{layers: []string{policeLayer}, reach: policeService}
	dependencies["H2"] = dependency{layers: []string{"facilities"}, reach: hospitalService}
	dependencies["L3"] = dependency{layers: []string{policeLayer}, zones: true, places: []string{policeLayer}}
	dependencies["F1"] = dependency{layers: installationLayers, zones: true, places: installationLayers}
	dependencies["E1"] = dependency{layers: []string{"facilities"}, zones: true, places: []string{"facilities"}}
	for _, code := range []string{"H1", "S1", "J1", "J2"} {
		dependencies[code] = dependency{layers: []string{"facilities"}}
	}
	for _, code := range []string{"V1", "V2", "V3"} {
		dependencies[code] = dependency{layers: []string{"incidents", "national-roads"}}
	}
	quality := slices.Concat([]string{"national-roads"}, facilityLayers)
	dependencies["Q1"] = dependency{layers: quality, zones: true}
	dependencies["Q2"] = dependency{layers: quality, zones: true}
}

// nearM is how far around its outline a figure of an area may see zones: places
// belong to a commune up to offshoreM from it.
const nearM = offshoreM + 500

// difference is what one world has otherwise than another one of the same
// audience.
type difference struct {
	layers map[string]bool // those that differ
	all    bool            // anything does: a layer, the network or a grid
	boxes  []orb.Bound     // around every state of the zones that differ
}

func differenceOf(a, b *world.World) *difference {
	d := &difference{layers: map[string]bool{}}
	if a == b {
		return d
	}
	d.all = a.Network() != b.Network()
	for _, kind := range world.GridKinds() {
		d.all = d.all || a.Grid(kind) != b.Grid(kind)
	}
	for _, l := range geo.Layers() {
		if l.Kind != geo.RecordOnly && a.Layer(l) != b.Layer(l) {
			d.layers[l.Name], d.all = true, true
		}
	}
	if d.layers["controlled-zones"] {
		x, y := a.Named("controlled-zones"), b.Named("controlled-zones")
		d.boxes = append(boxesOfChanged(x, y), boxesOfChanged(y, x)...)
	}
	return d
}

// boxesOfChanged are the boxes of all states of the features of a layer that
// another one has otherwise or not at all.
func boxesOfChanged(l, other *world.Layer) []orb.Bound {
	var out []orb.Bound
	l.Each(geo.Moment{}, func(last *geo.Version) bool {
		have, _ := l.Item(last.ID)
		if its, ok := other.Item(last.ID); ok && (its == have || slices.Equal(its.Versions, have.Versions)) {
			return true
		}
		for _, v := range have.Versions {
			out = append(out, v.Bound)
		}
		return true
	})
	return out
}

// keptFigures are the values of one indicator for one area in a world; the
// revision that they name may be an earlier one.
type keptFigures struct {
	world  weak.Pointer[world.World]
	reach  reachKey // of what is within reach; zero where that does not matter
	values []Value
}

// figuresKey is everything that decides upon values beside the world's layers
// and the area.
type figuresKey struct {
	code              string
	at                int64
	audience          geo.Audience
	model             *geo.Model
	ground            *territory
	population, built *raster.Grid
	observations      uint64 // 0 where they do not matter
	past              bool
}

// figureCache keeps values by indicator and area, within a bound. The zero
// value is good.
type figureCache struct {
	mu     sync.Mutex
	values int
	order  *list.List // of *indicatorFigures, the last used in front
	kept   map[figuresKey]*list.Element
}

type indicatorFigures struct {
	key    figuresKey
	values int
	areas  map[string]keptFigures
}

// maxKeptValues bounds how many values an engine keeps, some 500 bytes each.
const maxKeptValues = 300_000

// find gives what is kept of an indicator for some areas, in their order.
func (c *figureCache) find(key figuresKey, targets []*target) []keptFigures {
	out := make([]keptFigures, len(targets))
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.kept[key]
	if e == nil {
		return out
	}
	c.order.MoveToFront(e)
	for k, t := range targets {
		out[k] = e.Value.(*indicatorFigures).areas[t.id]
	}
	return out
}

// keep writes down values for some areas.
func (c *figureCache) keep(key figuresKey, targets []*target, figures []keptFigures) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.order, c.kept = list.New(), map[figuresKey]*list.Element{}
	}
	e := c.kept[key]
	if e == nil {
		e = c.order.PushFront(&indicatorFigures{key: key, areas: map[string]keptFigures{}})
		c.kept[key] = e
	}
	f := e.Value.(*indicatorFigures)
	for k, t := range targets {
		n := len(figures[k].values) - len(f.areas[t.id].values)
		f.values += n
		c.values += n
		f.areas[t.id] = figures[k]
	}
	for c.values > maxKeptValues && c.order.Len() > 1 {
		old := c.order.Remove(c.order.Back()).(*indicatorFigures)
		delete(c.kept, old.key)
		c.values -= old.values
	}
}

// renewal measures the indicators of one question, those figures only that may
// be other ones than those kept.
type renewal struct {
	scene  *scene
	key    figuresKey
	boxes  []orb.Bound // around the targets; nil before they are needed
	narrow map[string]*scene
	parts  [][]Value // of the answer
	strays map[strayKey]bool
	whole  bool // areas cannot be told apart by what they are called
}

func (s *scene) renewal() *renewal {
	seen, whole := map[string]bool{}, false
	for _, t := range s.targets {
		whole = whole || t.level == LevelDrawn || seen[t.id]
		seen[t.id] = true
	}
	return &renewal{
		whole: whole, scene: s, narrow: map[string]*scene{}, strays: map[strayKey]bool{},
		key: figuresKey{
			at: s.at.UnixNano(), audience: s.world.Audience(), model: s.world.Model(), ground: s.ground,
			population: s.world.Grid(gridPopulation), built: s.world.Grid(gridBuiltUp),
			past: s.past != nil,
		},
	}
}

// measure adds the values of an indicator for all areas.
func (n *renewal) measure(ctx context.Context, i *Indicator) error {
	s := n.scene
	if n.whole {
		return n.measureAll(ctx, i)
	}
	key := n.key
	key.code = i.Code
	if on, ok := dependencies[i.Code]; !ok || on.observations {
		key.observations = s.engine.observed.print(s.tallies)
	}
	have := s.engine.figures.find(key, s.targets)
	reach, err := n.reach(ctx, i)
	if err != nil {
		return err
	}
	var stale []*target
	var which []int
	for k, t := range s.targets {
		if n.mayDiffer(i, k, have[k].world.Value()) || have[k].reach != reach {
			stale, which = append(stale, t), append(which, k)
		}
	}
	if len(stale) > 0 {
		values, err := n.narrowed(stale, which).figures(ctx, i)
		if err != nil {
			return err
		}
		parts, ok := ofAreas(stale, values)
		if !ok { // not in the order of areas
			return n.measureAll(ctx, i)
		}
		for k, part := range parts {
			have[which[k]].values = part
		}
	}
	at := weak.Make(s.world)
	for k := range have {
		have[k].world, have[k].reach = at, reach
		n.parts = append(n.parts, have[k].values)
	}
	s.engine.figures.keep(key, s.targets, have)
	return nil
}

// reach is the ground that an indicator of reach counts people on.
func (n *renewal) reach(ctx context.Context, i *Indicator) (reachKey, error) {
	one, s := dependencies[i.Code].reach, n.scene
	if one == nil || !s.holds(i.Layers...) || !s.seesProperty(one.layer, "functional") {
		return reachKey{}, nil
	}
	ground, err := s.servedBy(ctx, one)
	if err != nil {
		return reachKey{}, err
	}
	return s.reachKey(ground), nil
}

// measureAll adds the values of an indicator without a look at what is kept.
func (n *renewal) measureAll(ctx context.Context, i *Indicator) error {
	values, err := n.scene.figures(ctx, i)
	n.parts = append(n.parts, values)
	return err
}

// values are those of all indicators, as of the scene's revision. What is kept
// may be of an earlier one.
func (n *renewal) values() []Value {
	total := 0
	for _, part := range n.parts {
		total += len(part)
	}
	out := make([]Value, 0, total)
	revision := n.scene.world.Revision()
	var old, renewed *Whole
	for _, part := range n.parts {
		out = append(out, part...)
		for k := len(out) - len(part); k < len(out); k++ {
			v := &out[k]
			if v.Revision == revision {
				continue
			}
			v.Revision = revision
			if v.Whole == nil || !v.Whole.fromRecord {
				continue
			}
			if v.Whole != old {
				old = v.Whole
				one := *old
				one.Source = n.scene.recordSource()
				renewed = &one
			}
			v.Whole = renewed
		}
	}
	return out
}

// narrowed is the scene with some of its areas; indicators share it.
func (n *renewal) narrowed(stale []*target, which []int) *scene {
	if len(stale) == len(n.scene.targets) {
		return n.scene
	}
	name := fmt.Sprint(which)
	if n.narrow[name] == nil {
		n.narrow[name] = n.scene.narrowed(stale)
	}
	return n.narrow[name]
}

// ofAreas parts values by area; ok is false where they are in another order.
func ofAreas(targets []*target, values []Value) (out [][]Value, ok bool) {
	out = make([][]Value, len(targets))
	for k, t := range targets {
		end := 0
		for end < len(values) && values[end].Area == t.id {
			end++
		}
		out[k], values = slices.Clip(values[:end]), values[end:]
	}
	return out, len(values) == 0
}

// mayDiffer reports whether the values of an area in another world may be other
// ones than in the scene's.
func (n *renewal) mayDiffer(i *Indicator, k int, in *world.World) bool {
	if in == nil {
		return true
	}
	d := n.scene.differenceFrom(in)
	if !d.all {
		return false
	}
	on, ok := dependencies[i.Code]
	if !ok {
		return true
	}
	for _, layer := range on.layers {
		if d.layers[layer] {
			return true
		}
	}
	if on.histories && d.layers["admin-areas"] {
		return true
	}
	if known := n.scene.at.AddDate(0, 0, -1); on.past && (!known.Before(in.At()) || !known.Before(n.scene.world.At())) {
		return true
	}
	if !on.zones || len(d.boxes) == 0 {
		return false
	}
	for _, layer := range on.places {
		if n.strayIn(layer, in, d.boxes) {
			return true
		}
	}
	box := n.box(k)
	return slices.ContainsFunc(d.boxes, func(b orb.Bound) bool { return b.Intersects(box) })
}

// strayIn reports whether a facility that stands in no commune lies in any of
// the boxes by which a world differs: it may belong to an area far from there, by
// what it says.
func (n *renewal) strayIn(layer string, in *world.World, boxes []orb.Bound) bool {
	key := strayKey{layer, in}
	found, ok := n.strays[key]
	if !ok && n.scene.holds(layer) {
		found = slices.ContainsFunc(n.scene.standingFacilities(layer), func(f facility) bool {
			return f.stray && slices.ContainsFunc(boxes, func(b orb.Bound) bool { return b.Contains(f.place) })
		})
	}
	n.strays[key] = found
	return found
}

type strayKey struct {
	layer string
	in    *world.World
}

// box is the box around all that the figures of an area may see of zones.
func (n *renewal) box(k int) orb.Bound {
	if n.boxes == nil {
		s := n.scene
		sections := map[string]orb.Bound{} // around those of a commune
		for _, r := range s.ground.sections {
			if b, ok := sections[r.parent]; ok {
				sections[r.parent] = b.Union(r.box())
			} else {
				sections[r.parent] = r.box()
			}
		}
		n.boxes = make([]orb.Bound, len(s.targets))
		for k, t := range s.targets {
			for m, r := range t.regions {
				if m == 0 {
					n.boxes[k] = r.box()
				}
				n.boxes[k] = n.boxes[k].Union(r.box())
				if b, ok := sections[r.id]; ok {
					n.boxes[k] = n.boxes[k].Union(b)
				}
			}
			n.boxes[k] = padded(n.boxes[k], nearM)
		}
	}
	return n.boxes[k]
}
