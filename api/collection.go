package api

import (
	"sync"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

type collection struct {
	ID          string   `json:"id"`
	Title       string   `json:"title"`
	Description string   `json:"description"`
	Titles      geo.Text `json:"titles"`
	Extent      extent   `json:"extent"`
	ItemType    string   `json:"itemType"`
	ItemCount   int      `json:"itemCount"`
	CRS         []string `json:"crs"`
	StorageCRS  string   `json:"storageCrs"`
	Links       []link   `json:"links"`
}

type extent struct {
	Spatial  *spatialExtent `json:"spatial,omitempty"`
	Temporal temporalExtent `json:"temporal"`
}

type spatialExtent struct {
	BBox [][4]float64 `json:"bbox"`
	CRS  string       `json:"crs"`
}

type temporalExtent struct {
	Interval [][2]any `json:"interval"`
	TRS      string   `json:"trs"`
}

// collections lists the layers that the caller's world may hold.
func (s *Server) collections(c *call) error {
	base := s.base(c.echo.Request())
	list := []collection{}
	for _, l := range geo.Collections() {
		if !c.who.MayRead(l) {
			continue
		}
		v, err := c.viewOf(l)
		if err != nil {
			return err
		}
		list = append(list, s.describeCollection(c, v, base))
	}
	return c.document(mediaJSON, map[string]any{
		"collections": list,
		"links":       []link{{Href: c.self(), Rel: "self", Type: mediaJSON}},
	})
}

func (s *Server) collection(c *call) error {
	v, err := c.view()
	if err != nil {
		return err
	}
	return c.document(mediaJSON, s.describeCollection(c, v, s.base(c.echo.Request())))
}

func (s *Server) describeCollection(c *call, v view, base string) collection {
	l := v.layer.Declared()
	address := base + "/collections/" + l.Name
	out := collection{
		ID: l.Name, Title: l.Title.French, Description: l.Summary.French, Titles: l.Title,
		ItemType: "feature", ItemCount: v.layer.Len(), CRS: []string{crs84}, StorageCRS: crs84,
		Extent: s.extents.of(c.audience(), v.layer),
		Links: []link{
			{Href: address, Rel: "self", Type: mediaJSON},
			{Href: address + "/items", Rel: "items", Type: mediaGeoJSON, Title: l.Title.French},
			{Href: address + "/schema", Rel: "describedby", Type: mediaSchema, Title: "Schema of a feature"},
			{Href: address + "/queryables", Rel: relQueryable, Type: mediaSchema, Title: "What can be asked"},
			{Href: address + "/tiles", Rel: relTilesets, Type: mediaJSON, Title: "Vector tiles"},
		},
	}
	return out
}

// extents keeps the extent of each layer as it stands, since it takes a pass
// over all features.
type extents struct {
	mu    sync.Mutex
	known map[extentKey]knownExtent
}

type extentKey struct {
	audience geo.Audience
	layer    *geo.Layer
}

type knownExtent struct {
	revision geo.Revision
	extent   extent
}

func (e *extents) of(a geo.Audience, l *world.Layer) extent {
	key := extentKey{a, l.Declared()}
	e.mu.Lock()
	defer e.mu.Unlock()
	if got, ok := e.known[key]; ok && got.revision == l.Revision() {
		return got.extent
	}
	out := measureExtent(l)
	if e.known == nil {
		e.known = map[extentKey]knownExtent{}
	}
	e.known[key] = knownExtent{l.Revision(), out}
	return out
}

func measureExtent(l *world.Layer) extent {
	out := extent{Temporal: temporalExtent{TRS: "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"}}
	if b, ok := l.Bound(); ok {
		out.Spatial = &spatialExtent{BBox: [][4]float64{{b.Min[0], b.Min[1], b.Max[0], b.Max[1]}}, CRS: crs84}
	}
	var first time.Time
	unbounded := l.Len() == 0
	l.Each(geo.Moment{}, func(v *geo.Version) bool {
		it, ok := l.Item(v.ID)
		if !ok {
			return true
		}
		from := it.Versions[0].Valid.From
		unbounded = unbounded || from.IsZero()
		if first.IsZero() || from.Before(first) {
			first = from
		}
		return !unbounded
	})
	out.Temporal.Interval = [][2]any{{nil, nil}}
	if !unbounded {
		out.Temporal.Interval[0][0] = geo.FormatInstant(first)
	}
	return out
}
