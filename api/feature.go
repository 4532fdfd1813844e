package api

import (
	"bytes"
	"net/http"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

// find gives the feature that the path names.
func (c *call) find(l *world.Layer) (*world.Item, error) {
	it, ok := l.Item(c.args.id)
	if !ok {
		return nil, geo.Errorf(geo.CodeNotFound, "", "no feature %s in %s", c.args.id, c.operation.layer.Name)
	}
	return it, nil
}

// feature answers with one feature.
func (s *Server) feature(c *call) error {
	v, err := c.view()
	if err != nil {
		return err
	}
	it, err := c.find(v.layer)
	if err != nil {
		return err
	}
	version := it.At(c.args.moment)
	if version == nil {
		return geo.Errorf(geo.CodeNotFound, "", "the feature %s was not there at that time", it.ID)
	}
	h := c.header()
	h["Content-Crs"] = contentCRS
	address := s.base(c.echo.Request()) + "/collections/" + c.operation.layer.Name
	h["Link"] = []string{
		"<" + address + `>; rel="collection"; type="` + mediaJSON + `"`,
		"<" + address + "/items/" + it.ID.String() + `/history>; rel="version-history"; type="` + mediaJSON + `"`,
	}
	// The tag is the state's, which is what the record compares If-Match with.
	if c.unchanged(version.Known.ETag(), v.fixed) {
		return nil
	}
	return c.reply(http.StatusOK, c.media, version.FeatureJSON())
}

// history answers with every version of a feature, superseded ones included,
// as the record holds them for the caller's audience.
func (s *Server) history(c *call) error {
	ctx := c.context()
	versions, err := s.options.Past.History(ctx, c.audience(), c.operation.layer, c.args.id)
	if err != nil {
		return unavailable(err)
	}
	if len(versions) == 0 {
		return geo.Errorf(geo.CodeNotFound, "", "no feature %s in %s", c.args.id, c.operation.layer.Name)
	}
	instants := map[geo.Revision]time.Time{}
	for _, v := range versions {
		instants[v.Known] = v.KnownAt
	}
	var out bytes.Buffer
	out.WriteString(`{"id":"` + c.args.id.String() + `","versions":[`)
	for i, v := range versions {
		if i > 0 {
			out.WriteByte(',')
		}
		until, ok := instants[v.KnownTo]
		if v.KnownTo != 0 && !ok {
			if _, until, err = s.options.Past.Resolve(ctx, geo.AsOf{Revision: v.KnownTo}); err != nil {
				return unavailable(err)
			}
			instants[v.KnownTo] = until
		}
		writeKnown(&out, v, until)
	}
	out.WriteString(`]}`)
	return c.documentBytes(mediaJSON, out.Bytes(), false)
}

// writeKnown writes a version with its known time among the properties: the
// feature's JSON ends with the properties' closing brace and its own.
func writeKnown(out *bytes.Buffer, v *geo.Version, until time.Time) {
	out.Write(bytes.TrimSuffix(v.FeatureJSON(), []byte("}}")))
	known := geo.AppendValue(nil, v.KnownAt)
	out.WriteString(`,"known_from":`)
	out.Write(known)
	if v.KnownTo == 0 {
		out.WriteString(`,"known_to":null,"known_to_revision":null}}`)
		return
	}
	out.WriteString(`,"known_to":`)
	out.Write(geo.AppendValue(nil, until))
	out.WriteString(`,"known_to_revision":` + v.KnownTo.String() + `}}`)
}

// itemsOptions and itemOptions answer what the caller may do. GIS programs ask
// before they let anybody edit, also for features that do not exist.
func (s *Server) itemsOptions(c *call) error {
	return c.allow("GET, HEAD, OPTIONS", "POST")
}

func (s *Server) itemOptions(c *call) error {
	return c.allow("GET, HEAD, OPTIONS", "PUT, PATCH, DELETE")
}

func (c *call) allow(reading, writing string) error {
	allowed := reading
	if c.who.MayWrite(c.operation.layer) {
		allowed += ", " + writing
	}
	if !c.who.MayRead(c.operation.layer) {
		return geo.Errorf(geo.CodeNotFound, "", "there is no collection %s for you", c.operation.layer.Name)
	}
	h := c.header()
	h.Set("Allow", allowed)
	if c.who.MayWrite(c.operation.layer) {
		h.Set("Accept-Patch", mediaPatch)
	}
	h["Cache-Control"] = noStore
	h["Content-Length"] = []string{"0"}
	c.echo.Response().WriteHeader(http.StatusOK)
	return nil
}
