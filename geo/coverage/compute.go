package coverage

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

// Query asks for areas at an instant of valid time.
type Query struct {
	At    time.Time
	Areas []string // p-codes and named areas; empty for every area of Level
	Level string   // commune, department, named; empty for all
}

// Compute answers a query from a world. Errors are of code invalid or
// not_found for a query that cannot be answered, the context's own when it
// ended, and otherwise faults of an outline.
func Compute(ctx context.Context, w *world.World, q Query) (*Report, error) {
	if q.At.IsZero() {
		return nil, geo.Errorf(geo.CodeInvalid, "", "an instant is needed")
	}
	ground := survey(w, q.At)
	wanted, err := ground.targets(q)
	if err != nil {
		return nil, err
	}
	report := &Report{
		Revision: w.Revision(), Audience: w.Audience().String(), Datetime: geo.FormatInstant(q.At),
		FormulaVersion: w.Model().Version, Notice: Notice, Areas: make([]Area, 0, len(wanted)),
	}
	zones, _ := geo.LayerByName("controlled-zones")
	if !w.Holds(zones) {
		for _, one := range wanted {
			report.Areas = append(report.Areas, one.answer(ground, nil, nil))
		}
		return report, nil
	}
	needed := map[string]*commune{}
	for _, one := range wanted {
		for _, pcode := range one.members {
			needed[pcode] = ground.communes[pcode]
		}
	}
	tallies, err := countAll(ctx, w, needed, q.At)
	if err != nil {
		return nil, err
	}
	names := groupNames(w, q.At)
	for _, one := range wanted {
		sum := newTally()
		for _, pcode := range one.members {
			sum.add(tallies[pcode])
		}
		report.Areas = append(report.Areas, one.answer(ground, sum, names))
	}
	return report, nil
}

// countAll measures communes in parallel, each once whatever number of areas
// it belongs to.
func countAll(ctx context.Context, w *world.World, needed map[string]*commune, at time.Time) (map[string]*tally, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	zones := w.Named("controlled-zones")
	assess := func(v *geo.Version) geo.Assessment { return w.Model().Assess(v, at) }
	jobs := make(chan *commune)
	var (
		workers sync.WaitGroup
		mutex   sync.Mutex
		tallies = make(map[string]*tally, len(needed))
	)
	for range min(runtime.GOMAXPROCS(0), len(needed)) {
		workers.Go(func() {
			for c := range jobs {
				var met []*geo.Version
				zones.Search(c.area.Bound(), geo.At(at), func(v *geo.Version) bool {
					if approved(v) {
						met = append(met, v)
					}
					return true
				})
				t, err := count(ctx, c, met, assess)
				if err != nil {
					cancel(err)
					return
				}
				mutex.Lock()
				tallies[c.pcode] = t
				mutex.Unlock()
			}
		})
	}
	for _, pcode := range sortedKeys(needed) {
		select {
		case jobs <- needed[pcode]:
			continue
		case <-ctx.Done():
		}
		break
	}
	close(jobs)
	workers.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, fmt.Errorf("coverage: %w", err)
	}
	return tallies, nil
}

// groupNames reads the names of the armed groups at an instant.
func groupNames(w *world.World, at time.Time) map[string]string {
	names := map[string]string{}
	w.Named("armed-groups").Each(geo.At(at), func(v *geo.Version) bool {
		if id := v.Text("group_id"); id != "" {
			names[id] = v.Name().French
		}
		return true
	})
	return names
}
