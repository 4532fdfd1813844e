package world

import (
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
)

// edit is a layer in the making: a copy-on-write copy and the features touched.
type edit struct {
	layer   Layer
	touched map[uuid.UUID]*orb.Bound // box of what was removed or added, nil without a geometry
}

func (l *Layer) edit() *edit {
	return &edit{
		layer:   Layer{declared: l.declared, revision: l.revision, items: l.items.Copy(), boxes: l.boxes.Copy()},
		touched: map[uuid.UUID]*orb.Bound{},
	}
}

func (e *edit) touch(v *geo.Version) {
	box := e.touched[v.ID]
	if v.Geometry != nil {
		b := v.Bound
		if box != nil {
			b = b.Union(*box)
		}
		box = &b
	}
	e.touched[v.ID] = box
}

func (e *edit) remove(v *geo.Version) {
	it, ok := e.layer.items.Get(&Item{ID: v.ID})
	if !ok {
		return
	}
	at := slices.IndexFunc(it.Versions, func(have *geo.Version) bool {
		return have.Known == v.Known && have.Valid.From.Equal(v.Valid.From)
	})
	if at < 0 {
		return
	}
	old := it.Versions[at]
	e.touch(old)
	if old.Geometry != nil {
		e.layer.boxes.Delete(old.Bound, old)
	}
	if len(it.Versions) == 1 {
		e.layer.items.Delete(it)
		return
	}
	rest := slices.Delete(slices.Clone(it.Versions), at, at+1)
	e.layer.items.Set(&Item{ID: it.ID, Versions: rest})
}

func (e *edit) add(v *geo.Version) {
	e.touch(v)
	var versions []*geo.Version
	if it, ok := e.layer.items.Get(&Item{ID: v.ID}); ok {
		versions = it.Versions
	}
	at, _ := slices.BinarySearchFunc(versions, v, func(a, b *geo.Version) int { return a.Valid.From.Compare(b.Valid.From) })
	next := make([]*geo.Version, 0, len(versions)+1)
	next = append(append(append(next, versions[:at]...), v), versions[at:]...)
	e.layer.items.Set(&Item{ID: v.ID, Versions: next})
	if v.Geometry != nil {
		e.layer.boxes.Insert(v.Bound, v)
	}
}

// changes tells what the edit did, feature by feature.
func (e *edit) changes(l *geo.Layer) []geo.EventChange {
	out := make([]geo.EventChange, 0, len(e.touched))
	for _, id := range slices.SortedFunc(maps.Keys(e.touched), compareIDs) {
		_, stands := e.layer.items.Get(&Item{ID: id})
		c := geo.EventChange{Layer: l, ID: id, Gone: !stands}
		if b := e.touched[id]; b != nil {
			c.Placed, c.Bound = true, [4]float64{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}
		}
		out = append(out, c)
	}
	return out
}

func (e *edit) done(r geo.Revision) *Layer {
	e.layer.revision = r
	return &e.layer
}
