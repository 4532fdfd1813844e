package passage

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"

	"pasaj/geo/cch"
	"pasaj/geo/world"
)

// Table finds the driving times from each source to each target.
func (e *Engine) Table(ctx context.Context, w *world.World, r TableRequest) (*Table, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	request := r.Request
	request.Points = slices.Concat(r.Sources, r.Targets) // an area to avoid that holds one is left, not closed
	q, err := e.enquire(ctx, w, &request)
	if err != nil {
		return nil, err
	}
	sources, targets := q.snapAll(r.Sources), q.snapAll(r.Targets)
	p, m, done := q.fastestMetric(nil)
	defer done()
	out := &Table{
		Frame: newFrame(w, &r.Request), DurationsS: make([][]*float64, len(sources)), Reached: make([]int, len(sources)),
		Sources: tablePlaces(sources), Targets: tablePlaces(targets),
	}
	ends := make([][]cch.Seed, len(targets))
	for i, t := range targets {
		ends[i] = q.arriving(&p, t)
	}
	prepared := q.net.hierarchy.Load().NewTargets(ends)
	row := func(query *cch.Query, i int, times []uint32) []uint32 {
		times = query.Table(m, q.leaving(&p, sources[i]), prepared, times)
		line := make([]*float64, len(targets))
		for k, ds := range times {
			if sources[i].ok && targets[k].ok {
				if straight, ok := q.roads.graph.Between(sources[i].Position, targets[k].Position); ok {
					access := plus(deciseconds(sources[i].accessS), deciseconds(targets[k].accessS))
					ds = min(ds, plus(q.price(&p, straight), access))
				}
			}
			if ds < cch.Infinity {
				seconds := float64(ds) / 10
				line[k] = &seconds
				out.Reached[i]++
			}
		}
		out.DurationsS[i] = line
		return times
	}
	var next atomic.Int64
	var wait sync.WaitGroup
	for range min(e.options.Threads, len(sources)) {
		wait.Go(func() {
			query := q.net.queries.Get().(*cch.Query)
			defer q.net.queries.Put(query)
			var times []uint32
			for i := int(next.Add(1)) - 1; i < len(sources) && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				times = row(query, i, times)
			}
		})
	}
	wait.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

func tablePlaces(list []placed) []TablePlace {
	out := make([]TablePlace, len(list))
	for i, p := range list {
		if p.ok {
			m := metres(p.DistanceM)
			out[i].SnappedM = &m
		}
	}
	return out
}
