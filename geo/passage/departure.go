package passage

import (
	"context"
	"errors"
	"slices"
	"time"

	"pasaj/geo/world"
)

// hoursOfDay is how many departures there are to compare.
const hoursOfDay = 24

// Passage answers like Find, with what the request asks for beside.
func (e *Engine) Passage(ctx context.Context, w *world.World, r PassageRequest) (*Passage, error) {
	for _, word := range r.Include {
		if !slices.ContainsFunc(includes, isWord(word)) {
			return nil, needs("/include", "include is one of departures, counterfactual and escape")
		}
	}
	q, s, err := e.question(ctx, w, &r.Request)
	if err != nil {
		return nil, err
	}
	way, err := q.find(ctx, s)
	if err != nil {
		return nil, err
	}
	out := &Passage{Answer: q.judge(way)}
	if slices.Contains(r.Include, IncludeDepartures) {
		if out.Departures, err = e.departures(ctx, w, &r.Request); err != nil {
			return nil, err
		}
	}
	if slices.Contains(r.Include, IncludeCounterfactual) {
		if out.Counterfactuals, err = q.counterfactuals(ctx, s, way, out.Answer); err != nil {
			return nil, err
		}
	}
	if slices.Contains(r.Include, IncludeEscape) {
		if out.Escape, err = q.escape(ctx, s, way); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// find is the way of a question: looked for between its points, or its line.
func (q *question) find(ctx context.Context, s searcher) (*way, error) {
	if q.request.Line != nil {
		return q.follow(q.request.Line), nil
	}
	return q.choose(ctx, s)
}

// again puts the question of another request to the same ground.
func (q *question) again(r Request) *question { return newQuestion(q.world, &r, q.ground, q.caller) }

// departures are the answers in short for the hour of departure and those after
// it: what a question for that hour would be answered. Who asks by the facts of
// one instant is answered by them for every hour.
func (e *Engine) departures(ctx context.Context, w *world.World, request *Request) ([]Departure, error) {
	moves := request.At.Equal(request.DepartAt)
	out := make([]Departure, 0, hoursOfDay)
	for hour := range hoursOfDay {
		r := *request
		r.DepartAt = r.DepartAt.Add(time.Duration(hour) * time.Hour)
		if moves {
			r.At = r.DepartAt
		}
		one, s, err := e.question(ctx, w, &r)
		if err != nil {
			return nil, err
		}
		w, err := one.find(ctx, s)
		if err != nil {
			return nil, err
		}
		a := one.judge(w)
		waitsS := 0.0
		for _, x := range one.encounters(w) {
			waitsS += x.waits.Seconds()
		}
		out = append(out, Departure{DepartAt: r.DepartAt.UTC(), Advice: a.Advice, DurationS: a.DurationS, WaitsS: waitsS})
	}
	return out, nil
}

// isMissing reports whether an error says that there is no answer, rather than
// that it could not be looked for.
func isMissing(err error) bool {
	return err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errBusy)
}
