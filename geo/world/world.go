package world

import (
	"maps"
	"slices"
	"time"

	"pasaj/geo"
	"pasaj/geo/raster"
	"pasaj/geo/road"
)

// World is what one audience knows at one revision.
type World struct {
	audience geo.Audience
	revision geo.Revision
	at       time.Time
	model    *geo.Model
	layers   map[*geo.Layer]*Layer
	network  *road.Graph
	grids    map[string]*raster.Grid // by kind; never changed, but replaced
}

// Kinds of grids.
const (
	PopulationGrid = "population" // people in each cell
	BuiltUpGrid    = "built_up"   // share of each cell that is built up, 0 to 1
)

// GridKinds lists the kinds of grids that a world may hold.
func GridKinds() []string { return []string{PopulationGrid, BuiltUpGrid} }

// Empty is a world before the first revision.
func Empty(a geo.Audience, m *geo.Model) *World {
	w := &World{audience: a, model: m, layers: map[*geo.Layer]*Layer{}}
	for _, l := range geo.Layers() {
		if l.Kind != geo.RecordOnly {
			w.layers[l] = newLayer(l)
		}
	}
	return w
}

// Build makes a world at one go from every version that stands at a revision.
// It holds no grids; Apply brings them.
func Build(a geo.Audience, m *geo.Model, rev geo.Revision, at time.Time, versions []*geo.Version, network *road.Graph) *World {
	w, _ := Empty(a, m).Apply(Step{Revision: rev, At: at, Opened: versions, Network: network})
	// When a layer last changed cannot be told from what stands: a deletion
	// leaves no trace. The revision of the load is the bound that holds.
	for _, l := range w.layers {
		l.revision = rev
	}
	return w
}

// Audience says whose world this is.
func (w *World) Audience() geo.Audience { return w.audience }

// Revision is the revision the world stands at.
func (w *World) Revision() geo.Revision { return w.revision }

// At is when that revision was committed.
func (w *World) At() time.Time { return w.at }

// Model is the set of formulas the world's versions were completed with.
func (w *World) Model() *geo.Model { return w.model }

// Network is the road graph, nil when none was ever loaded.
func (w *World) Network() *road.Graph { return w.network }

// Grid is the grid of a kind that is in use, nil when there is none. Every world
// in which it is in use, of any audience and revision, shares it.
func (w *World) Grid(kind string) *raster.Grid { return w.grids[kind] }

// Layer gives a layer of the world; it is never nil for a layer of the
// catalogue that worlds hold, and empty where the audience may not hold rows.
func (w *World) Layer(l *geo.Layer) *Layer {
	if got := w.layers[l]; got != nil {
		return got
	}
	return newLayer(l)
}

// Named is Layer by name, for callers with a constant.
func (w *World) Named(name string) *Layer {
	l, _ := geo.LayerByName(name)
	return w.Layer(l)
}

// Holds reports whether this audience's world may hold rows of the layer at
// all. Where it may not, emptiness means withheld, not absence.
func (w *World) Holds(l *geo.Layer) bool { return l.Audiences.Has(w.audience) }

// Step is what one revision changed for one audience.
type Step struct {
	Revision geo.Revision
	At       time.Time
	Closed   []*geo.Version          // no longer known; matched by layer, id and valid start
	Opened   []*geo.Version          // known from this revision on
	Network  *road.Graph             // nil: unchanged
	Grids    map[string]*raster.Grid // by kind; those not named are unchanged
}

// Apply makes the next world and the event that tells its followers. The
// receiver stays as it is.
func (w *World) Apply(s Step) (*World, geo.Event) {
	next := *w
	next.revision, next.at = s.Revision, s.At
	next.layers = make(map[*geo.Layer]*Layer, len(w.layers))
	for l, layer := range w.layers {
		next.layers[l] = layer
	}
	if len(s.Grids) > 0 {
		next.grids = maps.Clone(next.grids)
		if next.grids == nil {
			next.grids = map[string]*raster.Grid{}
		}
		maps.Copy(next.grids, s.Grids)
	}
	if s.Network != nil {
		next.network = s.Network
	}
	edits := map[*geo.Layer]*edit{}
	editOf := func(l *geo.Layer) *edit {
		e := edits[l]
		if e == nil && next.layers[l] != nil {
			e = next.layers[l].edit()
			edits[l] = e
		}
		return e
	}
	for _, v := range s.Closed {
		if e := editOf(v.Layer); e != nil {
			e.remove(v)
		}
	}
	for _, v := range s.Opened {
		if e := editOf(v.Layer); e != nil {
			e.add(v)
		}
	}
	event := geo.Event{Revision: s.Revision, At: s.At}
	for l, e := range edits {
		event.Changes = append(event.Changes, e.changes(l)...)
		next.layers[l] = e.done(s.Revision)
	}
	slices.SortFunc(event.Changes, func(a, b geo.EventChange) int {
		if a.Layer != b.Layer {
			return compareStrings(a.Layer.Name, b.Layer.Name)
		}
		return compareIDs(a.ID, b.ID)
	})
	return &next, event
}
