package coverage

import (
	"container/list"
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/paulmach/orb"
	"golang.org/x/sync/singleflight"

	"pasaj/geo"
	"pasaj/geo/world"
)

// Engine measures coverage and keeps what the next question needs again. It is
// safe for concurrent use.
type Engine struct {
	options Options
	plots   *plotCache

	rings    rings        // straight-line reach
	spots    spots        // places of facilities
	cuts     cutCache     // of national roads by outlines
	prints   prints       // fingerprints of outlines
	memory   layerMemory  // readings of layers that did not change
	regions  regionMemory // findings of regions near which nothing did
	reached  reachShares  // people within reach
	figures  figureCache  // values by indicator and area
	answers  answerCache
	worlds   worlds
	observed tallyPrints

	mu      sync.Mutex
	grounds []*territory // the last used in front
	surveys uint64       // territories made so far
}

// Options are what an engine may need beside worlds.
type Options struct {
	Ways      Ways       // nil: what needs the road network is not measured
	Baselines []Baseline // figures to compare with
	KeepBytes int        // memory for ground cut by zones; 0: 256 MB
}

// NewEngine makes an engine.
func NewEngine(o Options) *Engine {
	if o.KeepBytes == 0 {
		o.KeepBytes = 256 << 20
	}
	return &Engine{options: o, plots: newPlotCache(o.KeepBytes)}
}

// Question asks for figures.
type Question struct {
	World      *world.World
	At         time.Time        // valid time
	Areas      []string         // p-codes and named areas; empty for every area of Level
	Level      string           // country, named, department, commune, section; empty for all but sections
	Drawn      orb.MultiPolygon // an area of the caller's own; nil without
	Indicators []string         // codes; empty for all
	Tallies    []geo.Tally      // observations that the audience may count; nil: none may be
	Past       Past             // nil: changes are not measured
}

// Measurement is the answer to a Question. It marshals to the JSON of
// /v1/coverage/values, the same bytes for the same world and question.
type Measurement struct {
	Revision       geo.Revision `json:"revision"`
	Audience       string       `json:"audience"`
	Datetime       string       `json:"datetime"`
	FormulaVersion string       `json:"formula_version"` // of the grades and their decay
	Notice         geo.Text     `json:"notice"`
	Values         []Value      `json:"values"`
}

// Measure answers a question. The values are shared with other answers and not
// to be changed. Errors are of code invalid or not_found for a
// question that cannot be answered, the context's own when it ended, and
// otherwise faults of an outline.
func (e *Engine) Measure(ctx context.Context, q Question) (*Measurement, error) {
	wanted, err := chosen(q.Indicators)
	if err != nil {
		return nil, err
	}
	key := e.answerKey(&q)
	if out, ok := e.answers.find(key); ok {
		return &out, nil
	}
	e.worlds.hold(q.World)
	s, err := e.scene(q)
	if err != nil {
		return nil, err
	}
	out := &Measurement{
		Revision: q.World.Revision(), Audience: q.World.Audience().String(), Datetime: geo.FormatInstant(s.at),
		FormulaVersion: q.World.Model().Version, Notice: Notice,
	}
	renewal := s.renewal()
	for _, i := range wanted {
		if err := renewal.measure(ctx, i); err != nil {
			return nil, fmt.Errorf("%s: %w", i.Code, err)
		}
	}
	out.Values = renewal.values()
	s.besideBaselines(out.Values)
	e.answers.keep(key, *out)
	return out, nil
}

// figures measures one indicator, or withholds it.
func (s *scene) figures(ctx context.Context, i *Indicator) ([]Value, error) {
	if s.holds(i.Layers...) {
		return i.measure(ctx, s, i)
	}
	var out []Value
	for _, t := range s.targets {
		v := s.value(i, t)
		v.Status = Withheld
		out = append(out, v)
	}
	return out, nil
}

func (e *Engine) scene(q Question) (*scene, error) {
	if q.At.IsZero() {
		return nil, geo.Errorf(geo.CodeInvalid, "", "an instant is needed")
	}
	s := &scene{engine: e, world: q.World, at: q.At, aged: q.At, tallies: q.Tallies, past: q.Past, only: wantAll, kept: map[string]any{}}
	s.ground = e.territory(s.choose())
	var err error
	s.targets, err = s.ground.resolve(q.Areas, q.Level, q.Drawn)
	return s, err
}

// elsewhere is the scene of the same areas in another world, at another
// instant, or with evidence aged to another one.
func (s *scene) elsewhere(w *world.World, at, aged time.Time) *scene {
	return &scene{
		engine: s.engine, world: w, at: at, aged: aged, ground: s.ground, targets: s.targets,
		tallies: s.tallies, past: s.past, only: s.only, kept: map[string]any{},
	}
}

// apart is the same scene with nothing kept.
func (s *scene) apart() *scene {
	out := s.elsewhere(s.world, s.at, s.aged)
	out.leaveOut = s.leaveOut
	return out
}

// maxGrounds is how many territories an engine keeps: one for each audience,
// and some of the past.
const maxGrounds = 12

func (e *Engine) territory(chosen []*geo.Version) *territory {
	e.mu.Lock()
	for i, t := range e.grounds {
		if slices.Equal(t.chosen, chosen) {
			e.grounds = slices.Insert(slices.Delete(e.grounds, i, i+1), 0, t)
			e.mu.Unlock()
			return t
		}
	}
	e.mu.Unlock()
	t := survey(chosen)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.surveys++
	t.serial = e.surveys
	e.grounds = slices.Insert(e.grounds, 0, t)
	e.grounds = e.grounds[:min(len(e.grounds), maxGrounds)]
	return t
}

// inParallel calls do for every element until one fails or the context ends.
func inParallel[T any](ctx context.Context, list []T, do func(ctx context.Context, i int, one T) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	next := make(chan int)
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		workers.Go(func() {
			for i := range next {
				if err := do(ctx, i, list[i]); err != nil {
					cancel(err)
					return
				}
			}
		})
	}
feeding:
	for i := range list {
		select {
		case next <- i:
		case <-ctx.Done():
			break feeding
		}
	}
	close(next)
	workers.Wait()
	return context.Cause(ctx)
}

// plotCache keeps the plots used last, within a bound of bytes.
type plotCache struct {
	most    int
	flights singleflight.Group
	mu      sync.Mutex
	bytes   int
	order   *list.List // of *keptPlot, the last used in front
	kept    map[string]*list.Element
}

type keptPlot struct {
	key   string
	plot  *plot
	bytes int
}

func newPlotCache(most int) *plotCache {
	return &plotCache{most: most, order: list.New(), kept: map[string]*list.Element{}}
}

func (c *plotCache) get(ctx context.Context, key string, cut func() (*plot, error)) (*plot, error) {
	for {
		if p := c.find(key); p != nil {
			return p, nil
		}
		made, err, shared := c.flights.Do(key, func() (any, error) {
			p, err := cut()
			if err == nil {
				c.keep(key, p)
			}
			return p, err
		})
		if err == nil {
			return made.(*plot), nil
		}
		// Another's context may have ended the making; ours has not.
		if !shared || ctx.Err() != nil {
			return nil, err
		}
		if geo.CodeOf(err) != "" {
			return nil, err
		}
	}
}

func (c *plotCache) find(key string) *plot {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.kept[key]
	if e == nil {
		return nil
	}
	c.order.MoveToFront(e)
	return e.Value.(*keptPlot).plot
}

func (c *plotCache) keep(key string, p *plot) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept[key] != nil {
		return
	}
	size := p.bytes()
	c.kept[key] = c.order.PushFront(&keptPlot{key, p, size})
	c.bytes += size
	for c.bytes > c.most && c.order.Len() > 1 {
		old := c.order.Remove(c.order.Back()).(*keptPlot)
		delete(c.kept, old.key)
		c.bytes -= old.bytes
	}
}
