package passage

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/cch"
	reaching "pasaj/geo/reach"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// Limits of a cover.
const (
	MaxCoverStarts = 20_000
	MinRingM       = 100     // radius in the straight line
	MaxRingM       = 100_000 // likewise
)

// coverDrawnM is how far round the roads reached a cover is drawn, at all its
// limits and wherever its starts lie: covers are compared with one another.
const coverDrawnM = reachDrawnM

// CoverRequest asks what is within reach of many facilities at once. Points and
// Line of the embedded request are not used. No starts are a question, too:
// nothing is reached.
type CoverRequest struct {
	Request
	Starts  []orb.Point // at most MaxCoverStarts
	Minutes []float64   // one to MaxReachLimits, ascending, like those of ReachRequest
	Areas   bool        // areas are drawn, not only measured along the roads
}

// Cover is what is reached from any of many starts on the fastest ways, as Reach
// finds it: obstacles, zones and closures count as at departure, what cannot be
// passed is closed, and what nobody reported on is driven.
type Cover struct {
	Frame
	Reached    []CoverReach // one for each limit
	OffNetwork []int        // starts with no road near, ascending
}

// CoverReach is what is reached within one limit.
type CoverReach struct {
	Minutes  float64
	Area     orb.MultiPolygon // with holes; empty where nothing is reached or nothing was to be drawn
	RoadKm   float64          // length of the roads reached
	DrawnM   float64          // how far round those roads the area is drawn
	Complete bool             // true: a cover is never cut short
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r CoverRequest) Resolve(now time.Time, m *geo.Model) CoverRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}

func (r *CoverRequest) check() error {
	if err := r.checkCaller(); err != nil {
		return err
	}
	if err := checkPlaces("/starts", r.Starts, 0, MaxCoverStarts); err != nil {
		return err
	}
	if err := checkMinutes("/minutes", r.Minutes); err != nil {
		return err
	}
	return nil
}

// Cover finds what is within reach of any of the starts: one sweep over the
// network from all of them together, whatever their number.
func (e *Engine) Cover(ctx context.Context, w *world.World, r CoverRequest) (*Cover, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	request := r.Request
	request.Points, request.Line = nil, nil
	if len(request.Avoid) > 0 { // an area to avoid that holds a start is left, not closed
		request.Points = r.Starts
	}
	q, err := e.enquire(ctx, w, &request)
	if err != nil {
		return nil, err
	}
	starts := q.snapAll(r.Starts)
	out := &Cover{Frame: newFrame(w, &r.Request), OffNetwork: []int{}}
	for i, s := range starts {
		if !s.ok {
			out.OffNetwork = append(out.OffNetwork, i)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, m, done := q.fastestMetric(nil)
	defer done()
	var seeds []cch.Seed
	for _, s := range starts {
		seeds = append(seeds, q.leaving(&p, s)...)
	}
	query := q.net.queries.Get().(*cch.Query)
	times := query.Sweep(m, seeds, nil)
	q.net.queries.Put(query)
	c := coverer{q, &p, m, starts, times}
	parts := make([][]orb.LineString, len(r.Minutes)) // what each limit adds
	var before []road.Stretch
	for i, minutes := range r.Minutes {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		stretches := c.within(limitOf(minutes))
		lengthM := 0.0
		for _, s := range stretches {
			lengthM += s.LengthM()
		}
		out.Reached = append(out.Reached, CoverReach{
			Minutes: minutes, Area: orb.MultiPolygon{}, RoadKm: math.Round(lengthM/10) / 100, Complete: true,
		})
		parts[i], _ = reaching.Lines(q.roads.graph, beyond(stretches, before))
		before = stretches
	}
	if !r.Areas {
		return out, nil
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	areas, drawnM := e.drawings.areas(parts, coverDrawnM)
	for i := range out.Reached {
		out.Reached[i].Area, out.Reached[i].DrawnM = areas[i], metres(drawnM)
	}
	return out, nil
}

// coverer tells the roads within a limit by the times of a sweep.
type coverer struct {
	*enquiry
	prices *pricing
	metric *cch.Metric
	starts []placed
	times  []uint32 // by node
}

// within lists the stretches reached, like reaching.Roads from the starts with
// the time each needs to get to the road: in the order of the edges, along their
// geometry, and not overlapping.
func (c *coverer) within(limit uint32) []road.Stretch {
	g, t := c.roads.graph, c.net.topology
	most := reaching.Cost{Time: limit, Risk: reaching.Closed - 1}
	cost := func(s road.Stretch) reaching.Cost { return reaching.Cost{Time: c.price(c.prices, s)} }
	// Most edges are reached from one end to the other, which the metric tells;
	// only the others are looked at closely.
	whole := make([]bool, g.Len())
	type start struct{ node, arc int32 }
	var partly []start
	for node, at := range c.times {
		if at > limit {
			continue
		}
		for i := t.FirstOut[node]; i < t.FirstOut[node+1]; i++ {
			if plus(at, c.metric.Weight(i)) <= limit {
				whole[t.Arc[i]>>1] = true
			} else {
				partly = append(partly, start{int32(node), t.Arc[i]})
			}
		}
	}
	var out []road.Stretch
	for _, s := range partly {
		if whole[s.arc>>1] {
			continue
		}
		if part, ok := reaching.Farthest(g.Whole(s.arc), reaching.Cost{Time: c.times[s.node]}, most, cost); ok {
			out = append(out, part)
		}
	}
	for _, s := range c.starts {
		if !s.ok || whole[s.Edge] {
			continue
		}
		rest := most
		rest.Time -= min(rest.Time, deciseconds(s.accessS))
		out = append(out, reaching.Leaving(g, s.Position, rest, cost)...)
	}
	parts := united(out)
	out = make([]road.Stretch, 0, g.Len())
	for i, all := range whole {
		for ; len(parts) > 0 && parts[0].Edge == i; parts = parts[1:] {
			if !all {
				out = append(out, parts[0])
			}
		}
		if all {
			out = append(out, road.Stretch{Edge: i, ToM: g.Edge(i).LengthM})
		}
	}
	return out
}

// beyond lists what stretches add to those reached before, by whole edges: all
// of an edge's where they are not the same ones. Both are in the order of edges.
func beyond(stretches, before []road.Stretch) []road.Stretch {
	if len(before) == 0 {
		return stretches
	}
	var out []road.Stretch
	run := func(list []road.Stretch, edge int) (n int) {
		for n < len(list) && list[n].Edge == edge {
			n++
		}
		return n
	}
	for len(stretches) > 0 {
		edge := stretches[0].Edge
		for len(before) > 0 && before[0].Edge < edge {
			before = before[1:]
		}
		n, had := run(stretches, edge), run(before, edge)
		if !slices.Equal(stretches[:n], before[:had]) {
			out = append(out, stretches[:n]...)
		}
		stretches, before = stretches[n:], before[had:]
	}
	return out
}

// Ring is the ground within radiusM metres of any of some starts as the crow
// flies: it knows of no road and of nothing that stands on one. drawnM is the
// radius that was drawn, see reach.Disks. Errors are of code invalid, or the
// context's.
func Ring(ctx context.Context, starts []orb.Point, radiusM float64) (area orb.MultiPolygon, drawnM float64, err error) {
	if err := checkPlaces("/starts", starts, 0, MaxCoverStarts); err != nil {
		return nil, 0, err
	}
	if !(radiusM >= MinRingM && radiusM <= MaxRingM) {
		return nil, 0, geo.Errorf(geo.CodeInvalid, "/radius_m", "a radius is a number of metres from %d to %d", MinRingM, MaxRingM)
	}
	if err := ctx.Err(); err != nil {
		return nil, 0, err
	}
	area, drawnM = reaching.Disks(starts, radiusM)
	return area, drawnM, nil
}
