package passage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// Find answers a request from what the world holds. It is pure: the same world
// and request give the same answer. The request must be resolved. Errors are of
// code invalid, or unprocessable where a point is far from the network or the
// network does not connect the points.
func Find(ctx context.Context, w *world.World, r Request) (*Answer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	e := gather(w, &r)
	if r.Line != nil {
		return e.assess(w, e.trace(r.Line)), nil
	}
	way, err := e.choose(ctx)
	if err != nil {
		return nil, err
	}
	return e.assess(w, way), nil
}

// choose looks for a way round everything that cannot be passed. Which
// roadblocks are closed on arrival is only known once there is a way, so one
// that turns out closed is avoided in the next attempt. Where nothing connects,
// the way with the least of what cannot be passed is the answer.
func (e *evidence) choose(ctx context.Context) (*way, error) {
	if e.network == nil || e.network.Len() == 0 {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "no road network is loaded: ask about a line instead")
	}
	snaps := make([]road.Snap, len(e.request.Points))
	for i, p := range e.request.Points {
		s, ok := e.network.Snap(p, reachNetworkM)
		if !ok {
			return nil, geo.Errorf(geo.CodeUnprocessable, "/points/"+strconv.Itoa(i),
				"no road of the network lies within %d km of this point", reachNetworkM/1000)
		}
		snaps[i] = s
	}
	avoid := map[*obstacle]bool{}
	for _, o := range e.obstacles {
		if o.live && o.hard(e.request.DepartAt) {
			avoid[o] = true
		}
	}
	for range maxAttempts {
		w, err := e.join(ctx, snaps, e.price(avoid, false))
		if errors.Is(err, road.ErrNotConnected) {
			break
		}
		if err != nil {
			return nil, err
		}
		found := false
		for _, x := range e.encounters(w) {
			if x.verdict.passability == "no" && !avoid[x.obstacle] {
				avoid[x.obstacle], found = true, true
			}
		}
		if !found {
			return w, nil
		}
	}
	w, err := e.join(ctx, snaps, e.price(avoid, true))
	if errors.Is(err, road.ErrNotConnected) {
		return nil, geo.Errorf(geo.CodeUnprocessable, "/points", "the network does not connect these points")
	}
	return w, err
}

// maxAttempts is how often a way is looked for again round roadblocks that
// turned out closed on arrival.
const maxAttempts = 8

// join finds the legs from point to point and puts them together.
func (e *evidence) join(ctx context.Context, snaps []road.Snap, cost road.Cost) (*way, error) {
	w := &way{}
	for i := 1; i < len(snaps); i++ {
		from, to := snaps[i-1], snaps[i]
		leg, err := e.network.Dijkstra(ctx, from.Position, to.Position, cost)
		if err != nil {
			return nil, fmt.Errorf("leg %d: %w", i, err)
		}
		e.addAccess(w, e.request.Points[i-1], from.Point)
		for _, s := range leg.Stretches {
			e.addStretch(w, s)
		}
		e.addAccess(w, to.Point, e.request.Points[i])
	}
	return w, nil
}

// price makes the cost of a stretch, in seconds: the time it takes, longer on
// exposed ground, and the time that obstacles cost, spread evenly over their
// reach so that an obstacle costs the same however the network is cut into
// edges. What cannot be passed is forbidden, or very dear when allowed.
func (e *evidence) price(avoid map[*obstacle]bool, allowHard bool) road.Cost {
	factors := exposure[e.request.Profile]
	return func(s road.Stretch) (float64, bool) {
		edge, survey := e.network.Edge(s.Edge), e.onEdge(s.Edge)
		here := span{min(s.FromM, s.ToM), max(s.FromM, s.ToM)}
		perMetre := 3.6 / speedKmh(e.request.Vehicle, edge.Class)
		cost := exposed(survey.zones, here, factors) * perMetre
		for _, r := range survey.obstacles {
			if !r.obstacle.live || !meets(r.span, here) {
				continue
			}
			seconds := r.obstacle.crossing
			if avoid[r.obstacle] {
				if !allowHard {
					return 0, false
				}
				seconds = hardObstacleS
			}
			cost += seconds * common(r.span, here) / (2*r.radiusM + r.obstacle.target.lengthM)
		}
		for _, c := range survey.sections {
			if c.section.effect == notPassable && meets(c.span, here) {
				if !allowHard {
					return 0, false
				}
				cost += closedSectionSM * common(c.span, here)
			}
		}
		return cost, true
	}
}

// meets reports whether a stretch runs over some of s, or stands still on it.
func meets(s, here span) bool {
	return common(s, here) > 0 || here.from == here.to && s.from <= here.from && here.from <= s.to
}

func common(a, b span) float64 { return max(0, min(a.to, b.to)-max(a.from, b.from)) }

// exposed is the length of a stretch with each metre counted by the control
// type that takes precedence there.
func exposed(zones []zoneSpan, here span, factors map[string]float64) float64 {
	if len(zones) == 0 {
		return here.length() * factors[""]
	}
	cuts := []float64{here.from, here.to}
	for _, z := range zones {
		for _, m := range []float64{z.from, z.to} {
			if m > here.from && m < here.to {
				cuts = append(cuts, m)
			}
		}
	}
	slices.Sort(cuts)
	total := 0.0
	for i := 1; i < len(cuts); i++ {
		middle, control := (cuts[i-1]+cuts[i])/2, ""
		for _, z := range zones {
			if z.from <= middle && middle <= z.to && (control == "" ||
				slices.Index(geo.ControlPrecedence, z.zone.control) < slices.Index(geo.ControlPrecedence, control)) {
				control = z.zone.control
			}
		}
		total += (cuts[i] - cuts[i-1]) * factors[control]
	}
	return total
}
