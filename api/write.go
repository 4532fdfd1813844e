package api

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/overlay"
)

// nearCommuneM is how far from the commune it names a point may lie: outlines
// are generalised, and so are reports.
const nearCommuneM = 2000

// writePatience is how long a change may take: longer than it may wait for
// other writers. A record that hangs in the middle of it must not keep the
// client, who can send the change again under the same Idempotency-Key.
const writePatience = 12 * time.Second

func (s *Server) create(c *call) error  { return s.change(c, geo.Create) }
func (s *Server) replace(c *call) error { return s.change(c, geo.Replace) }
func (s *Server) patch(c *call) error   { return s.change(c, geo.Patch) }
func (s *Server) remove(c *call) error  { return s.change(c, geo.Delete) }

// change carries out one edit and answers when the caller can read it.
func (s *Server) change(c *call, action geo.Action) error {
	raw, err := c.body()
	if err != nil {
		return err
	}
	change := geo.Change{Layer: c.operation.layer, Action: action, ID: c.args.id}
	if action != geo.Delete {
		if change.Draft, err = c.draft(action, raw); err != nil {
			return err
		}
	}
	if change.IfMatch, err = c.condition(); err != nil {
		return err
	}
	batch := geo.Batch{Author: c.who.Author(), Changes: []geo.Change{change}, Once: c.once(raw)}
	if change.Draft != nil {
		batch.Reason, _ = change.Draft.Get(change.Layer, "revision_reason").(string)
	}
	writing, stop := context.WithTimeout(c.context(), writePatience)
	defer stop()
	receipt, err := s.options.Journal.Write(writing, batch)
	if err != nil {
		return err
	}
	if len(receipt.IDs) != 1 {
		return fmt.Errorf("the journal answered one change with %d ids", len(receipt.IDs))
	}
	waiting, cancel := context.WithTimeout(c.context(), settle)
	defer cancel()
	// Where the worlds are late the change stands all the same.
	_ = s.options.Live.Wait(waiting, receipt.Revision)
	return c.changed(action, receipt)
}

// changed answers a change that stands: with the feature where the caller may
// see it and the worlds hold it already.
func (c *call) changed(action geo.Action, receipt geo.Receipt) error {
	h := c.header()
	h["Pasaj-Revision"] = []string{receipt.Revision.String()}
	h["Cache-Control"] = noStore
	status := http.StatusOK
	if action == geo.Create {
		status = http.StatusCreated
		h.Set("Location", c.server.base(c.echo.Request())+"/collections/"+c.operation.layer.Name+"/items/"+receipt.IDs[0].String())
	}
	w := c.server.options.Live.World(c.audience())
	it, visible := w.Layer(c.operation.layer).Item(receipt.IDs[0])
	if action == geo.Delete || !visible || w.Revision() < receipt.Revision {
		if action != geo.Create {
			status = http.StatusNoContent
		} else {
			h["Content-Length"] = []string{"0"}
		}
		c.echo.Response().WriteHeader(status)
		return nil
	}
	latest := it.At(geo.Moment{})
	h["Etag"] = []string{latest.Known.ETag()}
	h["Content-Crs"] = contentCRS
	return c.reply(status, mediaGeoJSON, latest.FeatureJSON())
}

// body reads the request's body within its limit.
func (c *call) body() ([]byte, error) {
	b := c.operation.body
	if b == nil {
		return nil, nil
	}
	r := c.echo.Request()
	if header := r.Header.Get("Content-Type"); header != "" || b.needed {
		media, _, err := mime.ParseMediaType(header)
		if err != nil || !slices.Contains(b.media, media) {
			return nil, geo.Errorf(geo.CodeUnsupportedMedia, "", "the body must be %s", b.media[0])
		}
	}
	if encoding := r.Header.Get("Content-Encoding"); encoding != "" && encoding != "identity" {
		return nil, geo.Errorf(geo.CodeUnsupportedMedia, "", "the body must not be compressed")
	}
	if r.ContentLength > b.limit {
		return nil, &http.MaxBytesError{Limit: b.limit}
	}
	raw, err := io.ReadAll(http.MaxBytesReader(c.echo.Response(), r.Body, b.limit))
	c.sent = raw
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err
		}
		return nil, geo.Errorf(geo.CodeInvalid, "", "the body could not be read to its end").WithCause(err)
	}
	return raw, nil
}

// draft reads the feature and holds it to the rules that need more than the
// declaration: valid geometry, a fitting commune, the review state.
func (c *call) draft(action geo.Action, raw []byte) (*geo.Draft, error) {
	layer := c.operation.layer
	read := geo.DecodeFeature
	if action == geo.Patch {
		read = geo.DecodePatch
	}
	d, err := read(layer, c.audience(), raw)
	if err != nil {
		return nil, err
	}
	if action == geo.Replace && d.ID != c.args.id && d.ID != [16]byte{} {
		return nil, geo.Errorf(geo.CodeInvalid, "/id", "the feature's id is not that of the address")
	}
	if action == geo.Create {
		d.ID = [16]byte{} // the service gives ids; GIS programs send their own row numbers
	}
	var errs geo.Errors
	if d.Geometry != nil {
		if fault := overlay.Validate(d.Geometry); fault != nil {
			if fault.Pointer == "" {
				fault = geo.Errorf(fault.Code, "/geometry", "%s", fault.Detail)
			}
			errs = append(errs, fault)
		}
	}
	if state, _ := d.Get(layer, "review_state").(string); state != "" && state != "approved" {
		errs = append(errs, geo.Errorf(geo.CodeUnprocessable, "/properties/review_state",
			"only approved features are taken here; %s ones have no place yet", state))
	}
	if fault := c.checkCommune(d); fault != nil {
		errs = append(errs, fault)
	}
	return d, errs.OrNil()
}

// checkCommune holds a point to the commune it names, where outlines are known.
func (c *call) checkCommune(d *geo.Draft) *geo.Error {
	layer := c.operation.layer
	at := layer.Index("commune")
	if at < 0 || !d.HasGeom && !d.Given[at] {
		return nil
	}
	commune, _ := d.Values[at].(string)
	p, isPoint := d.Geometry.(orb.Point)
	if it, ok := c.world.Layer(layer).Item(c.args.id); ok { // what a patch leaves as it is
		now := it.At(geo.Moment{})
		if !d.Given[at] {
			commune = now.Text("commune")
		}
		if !d.HasGeom {
			p, isPoint = now.Geometry.(orb.Point)
		}
	}
	if commune == "" || !isPoint {
		return nil
	}
	const pointer = "/properties/commune"
	known, inside, nearest := 0, "", ""
	nearestM := 0.0
	c.world.Named("admin-areas").Each(geo.Moment{}, func(v *geo.Version) bool {
		area, ok := v.Geometry.(orb.MultiPolygon)
		if level, _ := v.Number("level"); level != 2 || !ok {
			return true
		}
		known++
		if overlay.Contains(area, p) {
			inside = v.Text("pcode")
		}
		if v.Text("pcode") == commune {
			nearest, nearestM = commune, distanceM(area, p)
		}
		return true
	})
	switch {
	case known == 0 || inside == commune || nearest != "" && nearestM <= nearCommuneM:
		return nil
	case nearest == "":
		return geo.Errorf(geo.CodeUnprocessable, pointer, "there is no commune %s", shorten(commune))
	case inside != "":
		return geo.Errorf(geo.CodeUnprocessable, pointer, "the point lies in %s, %.1f km from %s", inside, nearestM/1000, commune)
	default:
		return geo.Errorf(geo.CodeUnprocessable, pointer, "the point lies %.1f km from %s", nearestM/1000, commune)
	}
}

// distanceM is the distance in metres from a point to an area's border, 0 inside.
func distanceM(area orb.MultiPolygon, p orb.Point) float64 {
	if overlay.Contains(area, p) {
		return 0
	}
	best := -1.0
	for _, polygon := range area {
		for _, ring := range polygon {
			if _, d, _ := measure.NearestOnLine(p, orb.LineString(ring)); best < 0 || d < best {
				best = d
			}
		}
	}
	return max(best, 0)
}

// condition reads If-Match. Of several tags the one that the feature's latest
// state, else an earlier one, bears is handed on: the record compares once more,
// and knows which state the change is about.
func (c *call) condition() (geo.Revision, error) {
	headers := c.echo.Request().Header.Values("If-Match")
	if len(headers) == 0 {
		return 0, nil
	}
	if len(headers) > 1 {
		return 0, badParameter("If-Match", invalid("it is given %d times", len(headers)))
	}
	list, err := parseTagList(headers[0])
	if err != nil {
		return 0, badParameter("If-Match", err)
	}
	it, exists := c.world.Layer(c.operation.layer).Item(c.args.id)
	if list.any {
		if !exists {
			return 0, geo.Errorf(geo.CodePreconditionFailed, "", "there is no such feature")
		}
		return 0, nil
	}
	revisions := list.revisions()
	if exists {
		for _, v := range slices.Backward(it.Versions) {
			if slices.Contains(revisions, v.Known) {
				return v.Known, nil
			}
		}
	}
	if len(revisions) == 1 {
		return revisions[0], nil // the record may know of a newer one than this world
	}
	return 0, geo.Errorf(geo.CodePreconditionFailed, "", "somebody else has changed the feature")
}

// once identifies the request where it carries an Idempotency-Key.
func (c *call) once(raw []byte) *geo.Once {
	if c.args.onceKey == "" {
		return nil
	}
	h := sha256.New()
	for _, part := range []string{c.operation.method, c.echo.Request().URL.Path, c.audience().String()} {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	h.Write(raw)
	return &geo.Once{Key: c.args.onceKey, Digest: [32]byte(h.Sum(nil))}
}
