package world

import (
	"bytes"
	"cmp"
	"encoding/binary"
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

// last is the state that answers when no moment is named.
func (it *Item) last() *geo.Version { return it.Versions[len(it.Versions)-1] }

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
	boxes    *index.Tree[entry] // of every state
	newest   *index.Tree[entry] // of each feature's last state only
}

// entry is what the trees hold: a state with the beginning of its feature's id
// beside it, so that matches are put in order without a look at each, which
// would cost a miss of the processor's caches.
type entry struct {
	begin   uint64
	version *geo.Version
}

func entryOf(v *geo.Version) entry { return entry{binary.BigEndian.Uint64(v.ID[:8]), v} }

// compareEntries is the order of ids.
func compareEntries(a, b entry) int {
	if c := cmp.Compare(a.begin, b.begin); c != 0 {
		return c
	}
	return compareIDs(a.version.ID, b.version.ID)
}

func newLayer(l *geo.Layer) *Layer {
	return &Layer{
		declared: l,
		items:    btree.NewBTreeGOptions(func(a, b *Item) bool { return compareIDs(a.ID, b.ID) < 0 }, btree.Options{NoLocks: true}),
		boxes:    index.New[entry](),
		newest:   index.New[entry](),
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
	l.search(b, m, func(e entry, _ bool) bool { return found(e.version) })
}

// search is Search that also tells whether the state's box lies within b.
func (l *Layer) search(b orb.Bound, m geo.Moment, found func(e entry, within bool) bool) {
	switch {
	case !m.Set: // the last state answers, whatever it says of time
		l.newest.SearchWithin(b, found)
	case m.Instant: // states do not overlap: the one that meets it answers
		l.boxes.SearchWithin(b, func(e entry, within bool) bool {
			return !m.Meets(e.version.Valid) || found(e, within)
		})
	default: // several may meet an interval, and the last of them answers
		l.boxes.SearchWithin(b, func(e entry, within bool) bool {
			if !m.Meets(e.version.Valid) {
				return true
			}
			it, ok := l.Item(e.version.ID)
			return !ok || it.At(m) != e.version || found(e, within)
		})
	}
}
