package passage

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"

	"pasaj/geo/cch"
	"pasaj/geo/hazard"
	"pasaj/geo/road"
	"pasaj/geo/world"
)

// What counts as another way.
const (
	distinctStretch = 1.4 // generalised cost, as a multiple of the best
	variedStretch   = 1.2
	mostShared      = .7  // of its length
	penalty         = 1.4 // on the edges of the ways found before
	maxPenalties    = 6
	maxDraws        = 200 // of places to go by
)

// Alternatives gives several ways between the points of the request: the
// fastest, the least risky and the knee between them of the frontier of time and
// risk, then ways of another course; one of them is marked as robust. Where
// nothing passable connects the points the only way is the one that Find gives.
func (e *Engine) Alternatives(ctx context.Context, w *world.World, r AlternativesRequest) (*Alternatives, error) {
	if err := r.check(); err != nil {
		return nil, err
	}
	count := r.Count
	if count == 0 {
		count = defaultAlternatives
	}
	q, err := e.enquire(ctx, w, &r.Request)
	if err != nil {
		return nil, err
	}
	at, err := q.snaps()
	if err != nil {
		return nil, err
	}
	list, complete, ok, err := q.passable(ctx, at)
	if err != nil {
		return nil, err
	}
	out := &Alternatives{Frame: newFrame(w, &r.Request)}
	if !ok {
		only, err := q.choose(ctx, q.fast)
		if err != nil {
			return nil, err
		}
		out.Frontier = q.answerFrontier(nil, true, at)
		out.Answers = []Alternative{{Role: RoleFastest, Answer: q.judge(only)}}
		out.Answers[0].Difference = differenceOf(out.Answers[0].Answer, out.Answers[0].Answer, 1)
		return out, nil
	}
	out.Frontier = q.answerFrontier(list, complete, at)
	c := choice{q: q, most: count}
	c.add(RoleFastest, q.join(at, list[0].legs()))
	if !r.Varied {
		knee := hazard.Knee(points(list))
		if knee > 0 {
			c.add(RoleBalanced, q.join(at, list[knee].legs()))
		} else if advised, err := q.choose(ctx, q.fast); err == nil {
			if c.isOther(advised) {
				c.add(RoleBalanced, advised)
			}
		} else if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		c.add(RoleLeastRisk, q.join(at, list[len(list)-1].legs()))
	}
	if err := c.more(ctx, at, r.Varied, uint64(r.Seed)); err != nil {
		return nil, err
	}
	out.Answers = c.answers()
	if !r.Varied { // ways that the seed draws stay by chance
		if err := c.markRobust(ctx, at, out.Answers); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// choice is a choice of ways, each of them different from all before.
type choice struct {
	q    *enquiry
	most int
	list []chosen
}

type chosen struct {
	role  string
	way   *way
	edges map[int]float64 // length on each edge, metres
}

// add takes a way in, unless it is one already there or there are enough.
func (c *choice) add(role string, w *way) bool {
	one := chosen{role, w, w.lengths()}
	if len(c.list) >= c.most || slices.ContainsFunc(c.list, func(other chosen) bool { return sameWay(w, other.way) }) {
		return false
	}
	c.list = append(c.list, one)
	return true
}

// noticeableS is a difference in time that a traveller notices.
const noticeableS = 60

// isOther reports whether a way is worth telling of beside the first one.
func (c *choice) isOther(w *way) bool {
	first, a := c.q.judge(c.list[0].way), c.q.judge(w)
	return a.Advice != first.Advice || math.Abs(a.DurationS-first.DurationS) >= noticeableS || c.apart(w)
}

func (c *choice) answers() []Alternative {
	out := make([]Alternative, len(c.list))
	for i, x := range c.list {
		out[i] = Alternative{Role: x.role, Answer: c.q.judge(x.way)}
		out[i].Difference = differenceOf(out[0].Answer, out[i].Answer, shareOf(x.edges, c.list[0].edges))
	}
	return out
}

// lengths is how much of a way runs on each edge.
func (w *way) lengths() map[int]float64 {
	out := make(map[int]float64, len(w.pieces))
	for i := range w.pieces {
		if p := &w.pieces[i]; p.number != noEdge {
			out[p.number] += p.length()
		}
	}
	return out
}

// shareOf is the share of the first one's length on the network that runs over
// edges of the second, 1 for a way without length.
func shareOf(a, b map[int]float64) float64 {
	edges := make([]int, 0, len(a)) // in order: sums of the same numbers are the same
	for edge := range a {
		edges = append(edges, edge)
	}
	slices.Sort(edges)
	shared, total := 0.0, 0.0
	for _, edge := range edges {
		m := a[edge]
		total += m
		shared += min(m, b[edge])
	}
	if total == 0 {
		return 1
	}
	return shared / total
}

func sameWay(a, b *way) bool {
	return slices.EqualFunc(a.pieces, b.pieces, func(p, q piece) bool {
		return p.number == q.number && (p.number == noEdge || p.fromM == q.fromM && p.toM == q.toM)
	})
}

// apart reports whether a way shares little enough with all there are.
func (c *choice) apart(w *way) bool {
	lengths := w.lengths()
	return !slices.ContainsFunc(c.list, func(x chosen) bool { return shareOf(lengths, x.edges) > mostShared })
}

// more adds ways of another course than those there are, at little more of the
// generalised cost by which a way is advised.
func (c *choice) more(ctx context.Context, at []road.Snap, varied bool, seed uint64) error {
	if len(c.list) >= c.most {
		return nil
	}
	var closed []*obstacle
	for range maxAttempts { // what is shut on arrival is found out one after the other
		legs, err := c.q.fast.legs(ctx, c.q.question, kindAdvised, closed, at)
		if errors.Is(err, road.ErrNotConnected) {
			return nil
		}
		if err != nil {
			return err
		}
		shut := len(closed)
		if closed = c.q.shutOn(c.q.join(at, legs), closed); len(closed) > shut {
			continue
		}
		p := c.q.pricing(kindAdvised, closed)
		m, done := c.q.fast.metric(c.q.question, &p)
		defer done()
		query := c.q.net.queries.Get().(*cch.Query)
		defer c.q.net.queries.Put(query)
		if varied {
			return c.draw(ctx, &p, m, query, at, legs, seed)
		}
		return c.penalise(ctx, &p, m, query, at, legs)
	}
	return nil
}

// penalise makes the edges of all ways so far dearer and looks again, and again.
func (c *choice) penalise(ctx context.Context, p *pricing, m *cch.Metric, query *cch.Query, at []road.Snap, best []leg) error {
	edit := m.Edit()
	bound := distinctStretch * float64(c.cost(p, best))
	c.offer(RoleDistinct, p, at, best, bound)
	burden := func(w *way) {
		edges := make([]int, 0, len(w.pieces))
		for edge := range w.lengths() {
			edges = append(edges, edge)
		}
		slices.Sort(edges)
		var arcs []int32
		var weights []uint32
		for _, edge := range edges {
			for _, arc := range c.q.net.of(int32(edge)) {
				if price := edit.Metric().Weight(arc); price < cch.Infinity {
					arcs, weights = append(arcs, arc), append(weights, saturate(uint64(float64(price)*penalty)+1))
				}
			}
		}
		edit.Set(arcs, weights)
	}
	for _, x := range c.list {
		burden(x.way)
	}
	for range maxPenalties {
		if len(c.list) >= c.most {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		var legs []leg
		for i := 1; i < len(at); i++ {
			l, ok := c.q.fast.leg(c.q.question, p, edit.Metric(), query, at[i-1].Position, at[i].Position)
			if !ok {
				return nil
			}
			legs = append(legs, l)
		}
		c.offer(RoleDistinct, p, at, legs, bound)
		burden(c.q.join(at, legs))
	}
	return nil
}

// cost is the generalised cost of legs, without any penalty.
func (c *choice) cost(p *pricing, legs []leg) uint32 {
	total := uint32(0)
	for _, l := range legs {
		for _, s := range l.stretches {
			total = plus(total, c.q.price(p, s))
		}
	}
	return total
}

// offer takes legs in that are cheap enough, apart from the others and not shut
// on arrival.
func (c *choice) offer(role string, p *pricing, at []road.Snap, legs []leg, bound float64) bool {
	if float64(c.cost(p, legs)) > bound {
		return false
	}
	w := c.q.join(at, legs)
	if !c.apart(w) || len(c.q.shutOn(w, p.closed)) > len(p.closed) {
		return false
	}
	return c.add(role, w)
}

// draw goes by places that the seed draws from all those that a near-optimal
// way can go by. Who takes the same way each time is expected on it.
func (c *choice) draw(ctx context.Context, p *pricing, m *cch.Metric, query *cch.Query, at []road.Snap, best []leg, seed uint64) error {
	const stream = 0x70617361 // any constant: the seed alone tells draws apart
	random := rand.New(rand.NewPCG(seed, stream))
	bound := variedStretch * float64(c.cost(p, best))
	i := 1 + random.IntN(len(at)-1) // the leg that varies
	from, to := at[i-1].Position, at[i].Position
	here := func(s road.Snap) placed { return placed{Snap: s, ok: true} }
	out, in := c.q.leaving(p, here(at[i-1])), c.q.arriving(p, here(at[i]))
	there := slices.Clone(query.Sweep(m, out, nil))
	back := query.SweepBack(m, in, nil)
	slack := bound - float64(c.cost(p, best)) + float64(c.cost(p, best[i-1:i]))
	var by []int32
	for node := range there {
		if there[node] < cch.Infinity && back[node] < cch.Infinity && float64(there[node])+float64(back[node]) <= slack {
			by = append(by, int32(node))
		}
	}
	for range maxDraws {
		if len(c.list) >= c.most || len(by) == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		node := by[random.IntN(len(by))]
		l, ok := c.through(p, m, query, from, to, node)
		if !ok {
			continue
		}
		legs := slices.Clone(best)
		legs[i-1] = l
		c.offer(RoleVaried, p, at, legs, bound)
	}
	return nil
}

// through is the cheapest leg by a node, unless it runs over an edge twice.
func (c *choice) through(p *pricing, m *cch.Metric, query *cch.Query, from, to road.Position, node int32) (leg, bool) {
	g, arcsOf := c.q.roads.graph, c.q.net.topology.Arc
	leave, arrive := g.Leave(from), g.Arrive(to)
	cost := func(s road.Stretch) uint32 { return c.q.price(p, s) }
	via := []cch.Seed{{Node: node}}
	there, ok := query.Run(m, seedsOf(leave, cost), via)
	if !ok {
		return leg{}, false
	}
	arcs, first, _ := query.Path(nil)
	back, ok := query.Run(m, via, seedsOf(arrive, cost))
	if !ok {
		return leg{}, false
	}
	arcs, _, last := query.Path(arcs)
	out := leg{price: plus(there, back)}
	seen := map[int]bool{}
	add := func(s road.Stretch) bool {
		if s.FromM == s.ToM {
			return true
		}
		out.stretches = append(out.stretches, s)
		twice := seen[s.Edge]
		seen[s.Edge] = true
		return !twice
	}
	if !add(leave[first].Stretch) {
		return leg{}, false
	}
	for _, arc := range arcs {
		if !add(g.Whole(arcsOf[arc])) {
			return leg{}, false
		}
	}
	return out, add(arrive[last].Stretch) && len(out.stretches) > 0
}
