package api

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"sync"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/overlay"
	"pasaj/geo/world"
)

// pages are buffers for item pages. One that grew beyond keepBytes is given to
// the garbage collector.
var pages = sync.Pool{New: func() any { b := make([]byte, 0, 256<<10); return &b }}

const keepBytes = 8 << 20

// items answers with a page of features, joined from the bytes that the
// versions carry.
func (s *Server) items(c *call) error {
	if c.args.cursor != nil {
		if err := c.resume(); err != nil {
			return err
		}
	}
	v, err := c.view()
	if err != nil {
		return err
	}
	c.header()["Content-Crs"] = contentCRS
	if c.unchanged(c.tag(v), v.fixed) {
		return nil
	}
	page := selectPage(v.layer, &c.args)
	buffer := pages.Get().(*[]byte)
	out := appendPage((*buffer)[:0], c, v, page)
	err = c.reply(http.StatusOK, c.media, out)
	if cap(out) <= keepBytes {
		*buffer = out
		pages.Put(buffer)
	}
	return err
}

var contentCRS = []string{"<" + crs84 + ">"}

// resume pins the call to the revision that its cursor was given at.
func (c *call) resume() error {
	at := c.args.cursor.revision
	switch {
	case c.args.asof.IsZero():
		c.args.asof = geo.AsOf{Revision: at}
	case c.args.asof.Revision != at:
		return badParameter("cursor", invalid("the cursor belongs to asof=%d", at))
	}
	return nil
}

func selectPage(l *world.Layer, a *arguments) world.Page {
	q := world.Query{Moment: a.moment, Limit: a.limit, Offset: a.offset}
	if a.cursor != nil {
		q.After = a.cursor.after
	}
	if a.box == nil {
		return l.Select(q)
	}
	q.Bound = &a.box.west
	if !a.box.crosses {
		return l.Select(q)
	}
	west, east := geo.Extent.Intersects(a.box.west), geo.Extent.Intersects(a.box.east)
	if !west || !east {
		if east {
			q.Bound = &a.box.east
		}
		return l.Select(q)
	}
	return selectBoth(l, a, q)
}

// selectBoth answers a box over the antimeridian both of whose halves reach
// Haiti: everything but a strip.
func selectBoth(l *world.Layer, a *arguments, q world.Query) world.Page {
	var page world.Page
	l.Each(q.Moment, func(v *geo.Version) bool {
		if v.Geometry == nil || !overlay.IntersectsBound(v.Geometry, a.box.west) && !overlay.IntersectsBound(v.Geometry, a.box.east) {
			return true
		}
		page.Matched++
		switch {
		case q.After != uuid.Nil && bytes.Compare(v.ID[:], q.After[:]) <= 0:
		case q.Offset > 0:
			q.Offset--
		case len(page.Versions) == q.Limit:
			page.More = true
		default:
			page.Versions = append(page.Versions, v)
		}
		return true
	})
	return page
}

func appendPage(out []byte, c *call, v view, page world.Page) []byte {
	size := 1024
	for _, version := range page.Versions {
		size += len(version.FeatureJSON()) + 1
	}
	out = slices.Grow(out, size)
	out = append(out, `{"type":"FeatureCollection","features":[`...)
	for i, version := range page.Versions {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, version.FeatureJSON()...)
	}
	out = append(out, `],"links":[`...)
	out = appendLink(out, c.self(), "self", c.media)
	if page.More && len(page.Versions) > 0 {
		out = append(out, ',')
		out = appendLink(out, c.next(v, page), "next", mediaGeoJSON)
	}
	out = append(out, ',')
	out = appendLink(out, c.server.base(c.echo.Request())+"/collections/"+c.operation.layer.Name, "collection", mediaJSON)
	out = append(out, `],"numberMatched":`...)
	out = strconv.AppendInt(out, int64(page.Matched), 10)
	out = append(out, `,"numberReturned":`...)
	out = strconv.AppendInt(out, int64(len(page.Versions)), 10)
	return append(out, '}')
}

// next is the address of the page after: the same question, pinned to the
// revision so that what others write meanwhile neither hides nor repeats a
// feature. It is the layer's revision, so that the page stays as it is while
// other layers change.
func (c *call) next(v view, page world.Page) string {
	pinned := v.revision
	if !v.fixed && c.args.asof.IsZero() {
		pinned = v.layer.Revision()
	}
	last := page.Versions[len(page.Versions)-1].ID
	return c.address(map[string]string{
		"asof":   pinned.String(),
		"cursor": cursor{revision: pinned, after: last}.String(),
		"offset": "",
	})
}

// appendLink writes a link; addresses are percent-encoded and need no escaping.
func appendLink(out []byte, href, rel, media string) []byte {
	out = append(out, `{"href":"`...)
	out = append(out, href...)
	out = append(out, `","rel":"`...)
	out = append(out, rel...)
	out = append(out, `","type":"`...)
	out = append(out, media...)
	return append(out, `"}`...)
}
