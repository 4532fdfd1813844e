package coverage

import (
	"context"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/world"
)

// Ways answers what coverage has to know of the road network. The answers of
// an audience's world are for that audience.
type Ways interface {
	// Reach is the ground within some minutes of any start, by limits. Hard
	// stops are closed. drawnM is how far around roads the ground is drawn. The
	// areas are never changed afterwards.
	Reach(ctx context.Context, w *world.World, at time.Time, vehicle, profile string, starts []orb.Point, minutes []float64) (areas []orb.MultiPolygon, drawnM float64, err error)
	// Connection is the best connection of each place to any hub.
	Connection(ctx context.Context, w *world.World, at time.Time, vehicle, profile string, hubs, places []orb.Point) ([]isolation.Status, error)
}

// Past gives the world of the same audience as it was known at an instant.
type Past func(ctx context.Context, known time.Time) (*world.World, error)

// PastOf gives the worlds before a world from a record: resolve finds the last
// revision committed by an instant, with code not_found where there was none,
// and load the audience's world at a revision. Before anything was recorded the
// world is empty.
func PastOf(w *world.World, resolve func(context.Context, geo.AsOf) (geo.Revision, time.Time, error),
	load func(context.Context, geo.Audience, geo.Revision) (*world.World, error)) Past {
	return func(ctx context.Context, known time.Time) (*world.World, error) {
		if !known.Before(w.At()) {
			return w, nil
		}
		revision, _, err := resolve(ctx, geo.AsOf{Time: known})
		switch {
		case geo.CodeOf(err) == geo.CodeNotFound:
			return world.Empty(w.Audience(), w.Model()), nil
		case err != nil:
			return nil, err
		case revision >= w.Revision():
			return w, nil
		}
		return load(ctx, w.Audience(), revision)
	}
}

// scene is what an indicator is measured on: a world at an instant, and the
// areas asked for.
type scene struct {
	engine  *Engine
	world   *world.World
	at      time.Time // valid time
	aged    time.Time // the instant to which evidence is aged, usually at
	ground  *territory
	targets []*target
	tallies []geo.Tally // observations; nil where the audience may not know of them
	past    Past
	kept    map[string]any // what several indicators of one question share

	leaveOut func(*geo.Version) bool // zones that do not count; nil: all do
	only     wanted                  // rows that areas of several regions are to have
	question []*target               // of a scene narrowed to some of its areas: all of them; else nil
}

// asked are all areas of the question. What is kept for several indicators is
// found for them all, so that it serves any of them.
func (s *scene) asked() []*target {
	if s.question != nil {
		return s.question
	}
	return s.targets
}

// narrowed is the scene with some of its areas to answer for. It shares what
// is kept.
func (s *scene) narrowed(targets []*target) *scene {
	out := *s
	out.targets, out.question = targets, s.asked()
	return &out
}

// assess is what a version is worth.
func (s *scene) assess(v *geo.Version) geo.Assessment { return s.world.Model().Assess(v, s.aged) }

// degree says how far a version counts.
func (s *scene) degree(v *geo.Version) degree { return degreeOf(s.assess(v)) }

// each calls do for every approved version of a layer that is valid at the
// instant, in the order of ids.
func (s *scene) each(layer string, do func(*geo.Version)) {
	s.world.Named(layer).Each(geo.At(s.at), func(v *geo.Version) bool {
		if approved(v) {
			do(v)
		}
		return true
	})
}

// holds reports whether the audience's world may hold all of some layers.
func (s *scene) holds(layers ...string) bool {
	for _, name := range layers {
		if l, ok := geo.LayerByName(name); !ok || !s.world.Holds(l) {
			return false
		}
	}
	return true
}

// value starts a figure of an indicator for an area.
func (s *scene) value(i *Indicator, t *target, of ...string) Value {
	v := Value{
		Indicator: i.Code, Formula: i.Formula(), Area: t.id, Level: t.level,
		Datetime: geo.FormatInstant(s.at), Revision: s.world.Revision(), Audience: s.world.Audience().String(),
		Status: Assessed, Unit: i.Unit, IDs: []uuid.UUID{},
	}
	for k := 0; k+1 < len(of); k += 2 {
		if v.Of == nil {
			v.Of = map[string]string{}
		}
		v.Of[of[k]] = of[k+1]
	}
	return v
}

// notMeasured is a figure that cannot be given, with the reason.
func (s *scene) notMeasured(i *Indicator, t *target, why geo.Text, of ...string) Value {
	v := s.value(i, t, of...)
	v.Status, v.Note = NotMeasured, &why
	return v
}

// counted are records that went into a figure.
type counted struct {
	ids    []uuid.UUID
	weight float64
	sum    float64 // of confidences by weight
}

func (c *counted) add(id uuid.UUID, confidence, weight float64) {
	c.ids = append(c.ids, id)
	c.weight += weight
	c.sum += confidence * weight
}

// trace writes down what a figure was made of.
func (s *scene) trace(v *Value, c *counted) {
	v.IDs = sortIDs(slices.Clone(c.ids))
	if v.IDs == nil {
		v.IDs = []uuid.UUID{}
	}
	v.N = len(v.IDs)
	if c.weight > 0 {
		mean := significant(c.sum / c.weight)
		v.Confidence, v.ConfidenceLabel = &mean, s.world.Model().Label(mean)
	}
}

// byDegree counts things into a range: one that counts to degree d counts in
// every degree from d up.
type byDegree [degrees]float64

func (b *byDegree) add(d degree, x float64) {
	for ; d < degrees; d++ {
		b[d] += x
	}
}

func (b byDegree) asRange() Range { return Range{b[low], b[central], b[high]} }
