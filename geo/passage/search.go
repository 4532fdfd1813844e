package passage

import (
	"context"
	"errors"

	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/road"
)

// leg is a way through the network from one position to another.
type leg struct {
	stretches []road.Stretch
	price     uint32 // deciseconds
}

// searcher finds the cheapest legs between positions, one after the other, by
// the prices of a kind with some obstacles shut beside what is hard. The error
// is road.ErrNotConnected when there is no way. All searchers find the same
// prices; of ways with the same price they may take different ones.
type searcher interface {
	legs(ctx context.Context, q *question, k kind, closed []*obstacle, at []road.Snap) ([]leg, error)
}

// plain searches by Dijkstra's algorithm. It is the judge of any faster one.
type plain struct {
	// most bounds the stretches that one answer may look at; 0: no bound.
	most int
}

var errBusy = geo.Errorf(geo.CodeUnavailable, "", "the road network is still being prepared: ask again in a moment")

func (s *plain) legs(ctx context.Context, q *question, k kind, closed []*obstacle, at []road.Snap) ([]leg, error) {
	p := q.pricing(k, closed)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	seen := 0
	cost := func(st road.Stretch) (float64, bool) {
		if seen++; s.most > 0 && seen > s.most {
			cancel(errBusy)
		}
		price := q.price(&p, st)
		return float64(price), price < cch.Infinity
	}
	out := make([]leg, 0, len(at)-1)
	for i := 1; i < len(at); i++ {
		path, err := q.roads.graph.Dijkstra(ctx, at[i-1].Position, at[i].Position, cost)
		if err != nil {
			if cause := context.Cause(ctx); errors.Is(cause, errBusy) {
				err = errBusy
			}
			return nil, err
		}
		out = append(out, leg{path.Stretches, saturate(uint64(path.Cost))})
	}
	return out, nil
}
