package world

import (
	"slices"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
)

// Query selects features.
type Query struct {
	Bound  *orb.Bound // features whose geometry meets the box, exactly
	Moment geo.Moment
	After  uuid.UUID // keyset: only ids greater than this
	Offset int       // skipped after that
	Limit  int
}

// Page is a page of answers in the order of ids.
type Page struct {
	Versions []*geo.Version
	Matched  int  // all that match, whatever the page
	More     bool // there are answers after the page
}

// Select answers a query. The number of matches is exact.
func (l *Layer) Select(q Query) Page {
	switch {
	case q.Bound != nil && !l.inside(*q.Bound):
		return l.selectBox(q)
	case q.Moment.Set:
		return l.selectMoment(q)
	default:
		return l.selectAll(q)
	}
}

// inside reports whether the whole layer lies in the box, in which case the
// box selects nothing.
func (l *Layer) inside(b orb.Bound) bool {
	all, ok := l.boxes.Bound()
	return ok && l.boxes.Len() >= l.items.Len() && b.Contains(all.Min) && b.Contains(all.Max)
}

func (l *Layer) selectAll(q Query) Page {
	c := collector{q: q, page: Page{Versions: make([]*geo.Version, 0, min(q.Limit, l.Len()))}}
	l.items.Ascend(&Item{ID: q.After}, func(it *Item) bool {
		return c.take(it.last())
	})
	c.page.Matched = l.items.Len()
	return c.page
}

func (l *Layer) selectMoment(q Query) Page {
	c := collector{q: q}
	l.items.Scan(func(it *Item) bool {
		if v := it.At(q.Moment); v != nil {
			c.page.Matched++
			c.take(v)
		}
		return true
	})
	return c.page
}

func (l *Layer) selectBox(q Query) Page {
	hits := make([]entry, 0, 512) // a window of a map rarely meets more
	l.search(*q.Bound, q.Moment, func(e entry, within bool) bool {
		if within || overlay.IntersectsBound(e.version.Geometry, *q.Bound) {
			hits = append(hits, e)
		}
		return true
	})
	slices.SortFunc(hits, compareEntries)
	c := collector{q: q, page: Page{Versions: make([]*geo.Version, 0, min(q.Limit, len(hits)))}}
	for _, e := range hits {
		if !c.take(e.version) {
			break
		}
	}
	c.page.Matched = len(hits)
	return c.page
}

// collector fills a page from versions that come in the order of ids.
type collector struct {
	q       Query
	skipped int
	page    Page
}

// take adds a version where it belongs and reports whether more can be taken.
func (c *collector) take(v *geo.Version) bool {
	switch {
	case c.q.After != uuid.Nil && compareIDs(v.ID, c.q.After) <= 0:
		return true
	case c.skipped < c.q.Offset:
		c.skipped++
		return true
	case len(c.page.Versions) == c.q.Limit:
		c.page.More = true
		return false
	}
	c.page.Versions = append(c.page.Versions, v)
	return true
}
