package passage

import (
	"context"
	"math"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/measure"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// enquiry is a question that takes more than one way to answer: with the
// searcher of its network and what the engine keeps for such questions.
type enquiry struct {
	*question
	*fast
	kept *keep
}

// enquire prepares an enquiry for a request whose places were checked already.
func (e *Engine) enquire(ctx context.Context, w *world.World, r *Request) (*enquiry, error) {
	net := e.network(ctx, w.Network())
	if net == nil {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "no road network is loaded")
	}
	if net.hierarchy.Load() == nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		return nil, errBusy
	}
	q := newQuestion(w, r, e.ground(w, net, r.At), e.caller(net, r.Vehicle, r.Profile))
	return &enquiry{q, &fast{engine: e, net: net}, net.kept}, nil
}

// keep is what is kept of one network for enquiries, beside the engine's own
// metrics. It goes with the network.
type keep struct {
	mu       sync.Mutex
	count    int64
	metrics  map[metricKey]*keptMetric
	clear    map[string]*cch.Metric // by vehicle class: driving times on roads with nothing on them
	people   peopleKeep
	links    linkKeep
	reports  map[reportKey]*Isolation
	reported []reportKey // oldest first
}

// kindRisk is the risk of an edge in millionths, with the closures of
// kindFastest. It is no kind of the engine's own metrics.
const kindRisk = kindLambda + lambdas

type keptMetric struct {
	once   sync.Once
	done   atomic.Bool
	metric *cch.Metric
	used   int64
}

// like finds a metric for the same caller and hour on the same network, used
// last, and what it was made for. The lock is held.
func (k *keep) like(key metricKey) (best *keptMetric, from metricKey) {
	for other, m := range k.metrics {
		if other.vehicle == key.vehicle && other.profile == key.profile && other.hour == key.hour && other.ground.roads == key.ground.roads &&
			other.ground.audience == key.ground.audience && m.done.Load() && (best == nil || m.used > best.used) {
			best, from = m, other
		}
	}
	return best, from
}

// maxKeptMetrics bounds the risk metrics kept for a network.
const maxKeptMetrics = 6

func newKeep() *keep {
	return &keep{metrics: map[metricKey]*keptMetric{}, clear: map[string]*cch.Metric{}, reports: map[reportKey]*Isolation{}}
}

// riskUnit is the risk that one unit of an integer cost stands for.
const riskUnit = 1e-6

// riskCost is a risk in whole units, rounded up.
func riskCost(risk float64) uint32 {
	n := math.Ceil(risk/riskUnit - 1e-9)
	if !(n < float64(cch.Infinity-1)) {
		return cch.Infinity - 1
	}
	return uint32(max(n, 0))
}

// weigher weighs stretches by time and by risk, in whole units. Both are closed
// where the fastest way may not go.
type weigher struct {
	*question
	time  pricing
	risks *risks              // of all that the ground holds
	known map[int32][2]uint32 // whole edges so far
}

func (q *question) weigher(closed []*obstacle) *weigher {
	return &weigher{q, q.pricing(kindFastest, closed), q.ground.risksOf(q.caller, q.risks.at), map[int32][2]uint32{}}
}

// cost weighs a stretch. It is for one goroutine.
func (w *weigher) cost(s road.Stretch) (time, risk uint32) {
	isWhole := s.LengthM() == w.roads.graph.Edge(s.Edge).LengthM
	if isWhole {
		if c, ok := w.known[int32(s.Edge)]; ok {
			return c[0], c[1]
		}
	}
	time, risk = w.price(&w.time, s), cch.Infinity
	if time < cch.Infinity {
		risk = w.riskOf(w.on(s.Edge), s)
	}
	if isWhole {
		w.known[int32(s.Edge)] = [2]uint32{time, risk}
	}
	return time, risk
}

func (w *weigher) riskOf(on *survey, s road.Stretch) uint32 {
	here := span{min(s.FromM, s.ToM), max(s.FromM, s.ToM)}
	return riskCost(w.risks.of(on, w.roads.graph.Edge(s.Edge).Class, here))
}

// edge weighs a whole edge by what the ground itself or the question says of
// it.
func (w *weigher) edge(on *survey, edge int32) (risk uint32) {
	if w.time.whole(w.roads, on, int(edge)) >= cch.Infinity {
		return cch.Infinity
	}
	return w.riskOf(on, road.Stretch{Edge: int(edge), ToM: w.roads.graph.Edge(int(edge)).LengthM})
}

// riskMetric is the metric of risk for a question, with the obstacles shut that
// are shut for the weigher.
func (q *enquiry) riskMetric(w *weigher) *cch.Metric {
	key := keyOf(q.question, kindRisk)
	k := q.kept
	k.mu.Lock()
	m := k.metrics[key]
	if m == nil {
		m = &keptMetric{}
		k.metrics[key] = m
		for len(k.metrics) > maxKeptMetrics {
			var oldest metricKey
			var least *keptMetric
			for other, one := range k.metrics {
				if one != m && (least == nil || one.used < least.used) {
					oldest, least = other, one
				}
			}
			delete(k.metrics, oldest)
		}
	}
	k.count++
	m.used = k.count
	like, from := k.like(key)
	k.mu.Unlock()
	m.once.Do(func() {
		defer m.done.Store(true)
		plain := newQuestion(q.world, bare(q.request), q.ground, q.caller).weigher(nil)
		if like != nil {
			if edges := differing(key, from); len(edges) < q.roads.graph.Len()/4 {
				var arcs []int32
				var weights []uint32
				for _, edge := range edges {
					arcs, weights = q.net.reprice(like.metric, edge, plain.edge(q.ground.on(int(edge)), edge), arcs, weights)
				}
				m.metric = like.metric.With(arcs, weights)
				return
			}
		}
		prices := make([]uint32, q.roads.graph.Len())
		parallel(len(prices), q.engine.options.Threads, func(i int) { prices[i] = plain.edge(q.ground.on(i), int32(i)) })
		weights := make([]uint32, len(q.net.topology.Arc))
		for i, arc := range q.net.topology.Arc {
			weights[i] = prices[arc>>1]
		}
		m.metric = q.net.hierarchy.Load().Customize(weights, q.engine.options.Threads)
	})
	var arcs []int32
	var weights []uint32
	for _, edge := range q.changed(w.time.closed) {
		arcs, weights = q.net.reprice(m.metric, edge, w.edge(q.on(int(edge)), edge), arcs, weights)
	}
	if len(arcs) == 0 {
		return m.metric
	}
	return m.metric.With(arcs, weights)
}

// bare is a request without what it wants different from the world.
func bare(r *Request) *Request {
	return &Request{Vehicle: r.Vehicle, Profile: r.Profile, DepartAt: r.DepartAt, At: r.At, MaxAge: r.MaxAge}
}

// changed lists the edges that differ from the ground for the question, with
// some obstacles shut.
func (q *question) changed(closed []*obstacle) []int32 {
	if len(closed) == 0 {
		return q.private.edges
	}
	edges := slices.Clone(q.private.edges)
	for _, o := range closed {
		edges = append(edges, o.edges...)
	}
	slices.Sort(edges)
	return slices.Compact(edges)
}

// placed is a place of a question, led to the network.
type placed struct {
	road.Snap
	ok      bool
	accessS float64 // to the network, where that is far enough to count
}

// snapAll leads places to the network.
func (q *enquiry) snapAll(places []orb.Point) []placed {
	out := make([]placed, len(places))
	lawful := q.caller.lawful(q.roads)
	parallel(len(places), q.engine.options.Threads, func(i int) {
		s, ok := q.roads.graph.SnapWhere(places[i], reachNetworkM, lawful)
		out[i] = placed{Snap: s, ok: ok}
		if ok {
			if m := measure.DistanceM(places[i], s.Point); m > besideM {
				out[i].accessS = m * q.caller.accessPace()
			}
		}
	})
	return out
}

// noRoad is the error of a place too far from the network.
func noRoad(pointer string, i int) error {
	return geo.Errorf(geo.CodeUnprocessable, pointer+"/"+strconv.Itoa(i),
		"no road of the network lies within %d km of this point", reachNetworkM/1000)
}

// leaving gives the seeds of a search that leaves a place.
func (q *question) leaving(p *pricing, at placed) []cch.Seed {
	return q.seeds(p, at, q.roads.graph.Leave(at.Position))
}

// arriving gives the seeds of a search that arrives at a place.
func (q *question) arriving(p *pricing, at placed) []cch.Seed {
	return q.seeds(p, at, q.roads.graph.Arrive(at.Position))
}

func (q *question) seeds(p *pricing, at placed, ends []road.End) []cch.Seed {
	if !at.ok {
		return nil
	}
	out := make([]cch.Seed, 0, len(ends))
	for _, end := range ends {
		if cost := plus(q.price(p, end.Stretch), deciseconds(at.accessS)); cost < cch.Infinity {
			out = append(out, cch.Seed{Node: end.Node, Cost: cost})
		}
	}
	return out
}

// fastestMetric is the metric of driving times for the question, with its
// prices; done gives it back.
func (q *enquiry) fastestMetric(closed []*obstacle) (p pricing, m *cch.Metric, done func()) {
	p = q.pricing(kindFastest, closed)
	m, done = q.fast.metric(q.question, &p)
	return p, m, done
}
