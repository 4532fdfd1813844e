package api

import (
	"context"
	"strconv"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

// How far the server looks back among the recent worlds for one in which a
// layer stood as it did at a revision.
const lookBack = 64

// settle is how long a write or a read of the newest revision waits for the
// worlds to hold it.
const settle = 2 * time.Second

// view is a layer as a call asks for it.
type view struct {
	layer    *world.Layer
	model    *geo.Model
	revision geo.Revision // that the answer speaks of
	fixed    bool         // a revision was named: the answer never changes
}

// tag is the entity tag of an answer made from the layer: the revision since
// which it has not changed, for whom, and by which build. As of a revision it
// is that revision: a world that was rebuilt does not know how long before the
// layer had stood still, and the tag must stay as it is for ever, too.
func (c *call) tag(v view) string {
	revision := v.layer.Revision()
	if !c.args.asof.IsZero() {
		revision = v.revision
	}
	b := make([]byte, 0, 48)
	b = append(b, '"')
	b = strconv.AppendInt(b, int64(revision), 10)
	b = append(b, '-')
	b = append(b, c.audience().String()...)
	b = append(b, '-')
	b = append(b, c.server.metrics.build...)
	b = append(b, '"')
	return string(b)
}

// view gives the operation's layer as of the call's asof.
func (c *call) view() (view, error) { return c.viewOf(c.operation.layer) }

func (c *call) viewOf(l *geo.Layer) (view, error) {
	asof := c.args.asof
	if asof.IsZero() {
		return view{layer: c.world.Layer(l), model: c.world.Model(), revision: c.world.Revision()}, nil
	}
	r, err := c.revisionOf(asof)
	if err != nil {
		return view{}, err
	}
	c.header()["Pasaj-Revision"] = []string{r.String()}
	out := view{revision: r, fixed: asof.Revision > 0, model: c.world.Model()}
	// A layer that did not change between r and a world at hand is the same.
	if near := c.world.Layer(l); near.Revision() <= r && r <= c.world.Revision() {
		out.layer = near
		return out, nil
	}
	for back := c.world.Revision() - 1; back >= r && back > c.world.Revision()-lookBack; back-- {
		w, ok := c.server.options.Live.Recent(c.audience(), back)
		if ok && w.Layer(l).Revision() <= r {
			out.layer = w.Layer(l)
			return out, nil
		}
	}
	w, err := c.server.worldAt(c.context(), c.audience(), r)
	if err != nil {
		return view{}, err
	}
	out.layer = w.Layer(l)
	return out, nil
}

// whole gives the world as of an AsOf. fixed says that a revision was named.
func (c *call) whole(asof geo.AsOf) (w *world.World, fixed bool, err error) {
	if asof.IsZero() {
		return c.world, false, nil
	}
	r, err := c.revisionOf(asof)
	if err != nil {
		return nil, false, err
	}
	c.header()["Pasaj-Revision"] = []string{r.String()}
	if r == c.world.Revision() {
		return c.world, asof.Revision > 0, nil
	}
	w, err = c.server.worldAt(c.context(), c.audience(), r)
	return w, asof.Revision > 0, err
}

func (s *Server) worldAt(ctx context.Context, a geo.Audience, r geo.Revision) (*world.World, error) {
	if w, ok := s.options.Live.Recent(a, r); ok {
		return w, nil
	}
	w, err := s.options.Archive.World(ctx, a, r)
	if err != nil {
		if geo.CodeOf(err) == geo.CodeNotFound {
			return nil, unknownRevision(r)
		}
		return nil, unavailable(err)
	}
	return w, nil
}

func unknownRevision(r geo.Revision) error {
	return geo.Errorf(codeUnknownRevision, "", "there is no revision %d", r)
}

// revisionOf finds the revision that an AsOf names. It may move the call on to
// a newer world that has just been published.
func (c *call) revisionOf(asof geo.AsOf) (geo.Revision, error) {
	if asof.Revision > 0 {
		if asof.Revision > c.world.Revision() {
			return 0, unknownRevision(asof.Revision)
		}
		return asof.Revision, nil
	}
	// The margin is for clocks of two machines that differ.
	live := c.server.options.Live
	if asof.Time.After(c.world.At()) && asof.Time.Add(time.Second).Before(live.KnownAt()) {
		return c.world.Revision(), nil
	}
	r, _, err := c.server.options.Past.Resolve(c.context(), asof)
	switch {
	case geo.CodeOf(err) == geo.CodeNotFound:
		return 0, geo.Errorf(codeUnknownRevision, "", "nothing was recorded by %s", geo.FormatInstant(asof.Time))
	case err != nil:
		return 0, unavailable(err)
	}
	if r > c.world.Revision() {
		waiting, cancel := context.WithTimeout(c.context(), settle)
		defer cancel()
		if err := live.Wait(waiting, r); err != nil {
			return 0, geo.Errorf(geo.CodeUnavailable, "", "revision %d is being loaded", r).WithCause(err)
		}
		c.world = live.World(c.audience())
	}
	return r, nil
}
