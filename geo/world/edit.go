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
		layer:   Layer{declared: l.declared, revision: l.revision, items: l.items.Copy(), boxes: l.boxes.Copy(), newest: l.newest.Copy()},
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
		e.layer.boxes.Delete(old.Bound, entryOf(old))
	}
	if len(it.Versions) == 1 {
		e.layer.items.Delete(it)
		e.follow(old, nil)
		return
	}
	next := &Item{ID: it.ID, Versions: slices.Delete(slices.Clone(it.Versions), at, at+1)}
	e.layer.items.Set(next)
	e.follow(it.last(), next.last())
}

func (e *edit) add(v *geo.Version) {
	e.touch(v)
	var versions []*geo.Version
	var before *geo.Version
	if it, ok := e.layer.items.Get(&Item{ID: v.ID}); ok {
		versions, before = it.Versions, it.last()
	}
	at, _ := slices.BinarySearchFunc(versions, v, func(a, b *geo.Version) int { return a.Valid.From.Compare(b.Valid.From) })
	next := &Item{ID: v.ID, Versions: slices.Insert(slices.Clone(versions), at, v)}
	e.layer.items.Set(next)
	if v.Geometry != nil {
		e.layer.boxes.Insert(v.Bound, entryOf(v))
	}
	e.follow(before, next.last())
}

// follow moves a feature's place among the last states; nil is none.
func (e *edit) follow(before, after *geo.Version) {
	if before == after {
		return
	}
	if before != nil && before.Geometry != nil {
		e.layer.newest.Delete(before.Bound, entryOf(before))
	}
	if after != nil && after.Geometry != nil {
		e.layer.newest.Insert(after.Bound, entryOf(after))
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
