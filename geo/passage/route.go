package passage

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"pasaj/geo"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// Find answers a request from what the world holds, by Dijkstra's algorithm and
// reading the whole evidence anew: it is pure and keeps nothing, and is what
// Engine.Find is judged by. The same world and request give the same answer. The
// request must be resolved. Errors are of code invalid, or unprocessable where a
// point is far from the network or the network does not connect the points.
func Find(ctx context.Context, w *world.World, r Request) (*Answer, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	q := newQuestion(w, &r, lazyGround(w, r.At), newCaller(defaultPolicy(), r.Vehicle, r.Profile))
	return q.answer(ctx, &plain{})
}

// answer finds a way, or follows the line of the request, and judges it.
func (q *question) answer(ctx context.Context, s searcher) (*Answer, error) {
	if q.request.Line != nil {
		w := q.follow(q.request.Line)
		return q.judge(w), nil
	}
	w, err := q.choose(ctx, s)
	if err != nil {
		return nil, err
	}
	return q.judge(w), nil
}

// snaps leads the points of the request to the network: to the nearest edge
// that the class may enter.
func (q *question) snaps() ([]road.Snap, error) {
	if q.roads == nil {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "no road network is loaded: ask about a line instead")
	}
	out := make([]road.Snap, len(q.request.Points))
	lawful := q.caller.lawful(q.roads)
	for i, p := range q.request.Points {
		s, ok := q.roads.graph.SnapWhere(p, reachNetworkM, lawful)
		if !ok {
			return nil, geo.Errorf(geo.CodeUnprocessable, "/points/"+strconv.Itoa(i),
				"no road of the network lies within %d km of this point", reachNetworkM/1000)
		}
		out[i] = s
	}
	return out, nil
}

// maxAttempts is how often a way is looked for again round roadblocks that
// turned out closed on arrival.
const maxAttempts = 8

// choose looks for a way round everything that cannot be passed. Which
// roadblocks are closed on arrival is only known once there is a way, so one
// that turns out closed is avoided in the next attempt, unless waiting for it to
// open costs less than going round. Where nothing connects, the way with the
// least of what cannot be passed is the answer.
func (q *question) choose(ctx context.Context, s searcher) (*way, error) {
	at, err := q.snaps()
	if err != nil {
		return nil, err
	}
	var closed []*obstacle
	var patient *way // the cheapest way on which one waits
	for range maxAttempts {
		legs, err := s.legs(ctx, q, kindAdvised, closed, at)
		if errors.Is(err, road.ErrNotConnected) {
			break
		}
		if err != nil {
			return nil, err
		}
		w := q.join(at, legs)
		if patient != nil && w.price >= patient.price {
			return patient, nil
		}
		shut := len(closed)
		for _, x := range q.encounters(w) {
			if x.verdict.passability == "no" && !slices.Contains(closed, x.obstacle) {
				closed = append(closed, x.obstacle)
			}
		}
		if len(closed) == shut {
			return w, nil
		}
		if price, ok := q.patience(w); ok && (patient == nil || price < patient.price) {
			patient = w
			patient.price, patient.patient = price, true
		}
	}
	if patient != nil {
		return patient, nil
	}
	legs, err := s.legs(ctx, q, kindForced, closed, at)
	switch {
	case errors.Is(err, road.ErrNotConnected):
		return nil, geo.Errorf(geo.CodeUnprocessable, "/points", "the network does not connect these points")
	case err != nil:
		return nil, err
	}
	return q.join(at, legs), nil
}

// patience is the price of a way with the time that one waits on it for what is
// shut on arrival to open; false where something does not open within a day.
func (q *question) patience(w *way) (price uint32, ok bool) {
	waiting := *w
	waiting.patient = true
	var total time.Duration
	for _, x := range q.encounters(&waiting) {
		if x.verdict.passability == "no" {
			return 0, false
		}
		total += x.waits
	}
	return plus(w.price, deciseconds(total.Seconds())), true
}
