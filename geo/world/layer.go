package world

import (
	"bytes"
	"strings"

	"github.com/google/uuid"
	"github.com/paulmach/orb"
	"github.com/tidwall/btree"

	"pasaj/geo"
	"pasaj/geo/index"
)

// Item is one feature: its states as known at the world's revision, in the
// order of valid time, not overlapping.
type Item struct {
	ID       uuid.UUID
	Versions []*geo.Version
}

// At gives the latest state that answers the moment, nil when none does.
func (it *Item) At(m geo.Moment) *geo.Version {
	for i := len(it.Versions) - 1; i >= 0; i-- {
		if m.Meets(it.Versions[i].Valid) {
			return it.Versions[i]
		}
	}
	return nil
}

// Revision is the newest revision among the item's states.
func (it *Item) Revision() geo.Revision {
	var r geo.Revision
	for _, v := range it.Versions {
		r = max(r, v.Known)
	}
	return r
}

// Layer is one layer of a world.
type Layer struct {
	declared *geo.Layer
	revision geo.Revision
	items    *btree.BTreeG[*Item]
	boxes    *index.Tree[*geo.Version]
}

func newLayer(l *geo.Layer) *Layer {
	return &Layer{
		declared: l,
		items:    btree.NewBTreeGOptions(func(a, b *Item) bool { return compareIDs(a.ID, b.ID) < 0 }, btree.Options{NoLocks: true}),
		boxes:    index.New[*geo.Version](),
	}
}

func compareIDs(a, b uuid.UUID) int  { return bytes.Compare(a[:], b[:]) }
func compareStrings(a, b string) int { return strings.Compare(a, b) }

// Declared is the layer's declaration in the catalogue.
func (l *Layer) Declared() *geo.Layer { return l.declared }

// Len is the number of features.
func (l *Layer) Len() int { return l.items.Len() }

// Revision is a revision since which the layer has not changed for this
// audience: the last that did, or that of the load when none came since.
func (l *Layer) Revision() geo.Revision { return l.revision }

// Bound is the box around every state of every feature.
func (l *Layer) Bound() (orb.Bound, bool) { return l.boxes.Bound() }

// Item finds a feature by id.
func (l *Layer) Item(id uuid.UUID) (*Item, bool) { return l.items.Get(&Item{ID: id}) }

// Each calls do for the answering state of every feature in the order of ids,
// until it returns false.
func (l *Layer) Each(m geo.Moment, do func(*geo.Version) bool) {
	l.items.Scan(func(it *Item) bool {
		if v := it.At(m); v != nil {
			return do(v)
		}
		return true
	})
}

// Search calls found for the answering state of every feature whose box meets
// b, in no particular order, until it returns false.
func (l *Layer) Search(b orb.Bound, m geo.Moment, found func(*geo.Version) bool) {
	l.boxes.Search(b, func(v *geo.Version) bool {
		if !m.Meets(v.Valid) || !l.answers(v, m) {
			return true
		}
		return found(v)
	})
}

// answers reports whether v is the state of its feature that the moment picks:
// the latest one that meets it.
func (l *Layer) answers(v *geo.Version, m geo.Moment) bool {
	if m.Set && m.Instant {
		return true // states do not overlap
	}
	it, ok := l.Item(v.ID)
	return ok && (len(it.Versions) == 1 || it.At(m) == v)
}
