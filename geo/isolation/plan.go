package isolation

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"pasaj/geo"
)

// MaxReconnect is the most obstacles a plan may clear.
const MaxReconnect = 12

// MaxBranches is how many branches the search for the best plan looks at when
// its options do not say.
const MaxBranches = 5_000

// PlanOptions bounds the search for the best plan.
type PlanOptions struct {
	Branches int // 0: MaxBranches
}

// Plan is a set of obstacles to clear for people to reach a hub.
type Plan struct {
	Obstacles  []int   `json:"-"` // positions, in the order that reconnects most soonest
	People     float64 `json:"people"`
	Places     []int   `json:"-"`           // positions of those reconnected
	Optimal    bool    `json:"optimal"`     // no other set of as many reconnects more
	UpperBound float64 `json:"upper_bound"` // no set of as many reconnects more than this
}

// Reconnect finds at most k obstacles that, cleared together, connect the most
// people to any of the hubs: a greedy choice first, then branch and bound over
// the obstacles met on the way out. It is exact unless the limit on branches or
// the deadline of the context is reached; a cancelled context is an error.
func (q *Quotient) Reconnect(ctx context.Context, g *Graph, hubs []int32, places []Place, k int, o PlanOptions) (*Plan, error) {
	if k < 0 || k > MaxReconnect {
		return nil, geo.Errorf(geo.CodeInvalid, "", "%d obstacles: from 0 to %d", k, MaxReconnect)
	}
	c, err := q.crowd(g, hubs, places)
	if err != nil {
		return nil, err
	}
	if o.Branches <= 0 {
		o.Branches = MaxBranches
	}
	planner := &planner{crowd: c, k: k, cleared: make([]bool, len(q.obstacles)), barred: make([]bool, len(q.obstacles)), limit: o.Branches}
	if err := planner.greedy(ctx); err != nil {
		return nil, err
	}
	if err := planner.run(ctx); err != nil {
		return nil, err
	}
	plan := &Plan{Obstacles: planner.sorted(), UpperBound: planner.upper}
	plan.People, plan.Places = c.count(c.flood(c.hubs, planner.with(plan.Obstacles)))
	plan.UpperBound = max(plan.UpperBound, plan.People)
	plan.Optimal = plan.UpperBound == plan.People
	if plan.Places == nil {
		plan.Places = []int{}
	}
	return plan, nil
}

// planner is one search for the best plan.
type planner struct {
	*crowd
	k               int
	cleared, barred []bool // decisions of the present branch
	best            []int
	people          float64 // reconnected by best
	upper           float64
	limit, branches int
}

func (p *planner) with(set []int) []bool {
	cleared := make([]bool, len(p.obstacles))
	for _, o := range set {
		cleared[o] = true
	}
	return cleared
}

func (p *planner) offer(set []int, people float64) {
	if people > p.people {
		p.best, p.people = slices.Clone(set), people
	}
}

// greedy clears, again and again, the obstacles on the way to the region that
// brings most people for each obstacle.
func (p *planner) greedy(ctx context.Context) error {
	var set []int
	cleared := make([]bool, len(p.obstacles))
	for len(set) < p.k {
		if err := ctx.Err(); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		reached := p.flood(p.hubs, cleared)
		_, via := p.ahead(reached, nil, cleared, p.k-len(set), true)
		bestRate, bestNeed := 0.0, []int32(nil)
		for r := range int32(p.regions) {
			if reached[r] || p.inhabit[r] == 0 || via[r] < 0 {
				continue
			}
			need := p.needed(via, r, cleared)
			if len(need) > p.k-len(set) {
				continue
			}
			for _, o := range need {
				cleared[o] = true
			}
			people, _ := p.count(p.flood(p.hubs, cleared))
			for _, o := range need {
				cleared[o] = false
			}
			if rate := (people - p.gained(reached)) / float64(len(need)); rate > bestRate {
				bestRate, bestNeed = rate, need
			}
		}
		if bestNeed == nil {
			break
		}
		for _, o := range bestNeed {
			cleared[o] = true
			set = append(set, int(o))
		}
		p.offer(set, p.gained(p.flood(p.hubs, cleared)))
	}
	return nil
}

func (p *planner) gained(reached []bool) float64 {
	people, _ := p.count(reached)
	return people
}

// ahead finds from what is reached a lower bound on the further obstacles to
// clear to each region, scaled, and the way there; in whole prices it finds a
// way that can be cleared instead. Pieces that need more than left are not
// entered, nor those under a barred obstacle, nor regions that are shut. via of a region is a piece, of a
// piece (after the regions) a region.
func (p *planner) ahead(reached, shut, cleared []bool, left int, whole bool) (price []int64, via []int32) {
	q := p.board
	price, via = make([]int64, q.regions+len(q.sets)), make([]int32, q.regions+len(q.sets))
	const far = int64(1) << 62
	queue := heap[int64]{less: byKey[int64]}
	for n := range price {
		price[n], via[n] = far, -1
	}
	for r, is := range reached {
		if is {
			price[r] = 0
			queue.push(0, int32(r))
		}
	}
	for len(queue.items) > 0 {
		top := queue.pop()
		n := top.value
		if top.key > price[n] {
			continue
		}
		if int(n) >= q.regions {
			for _, r := range q.regionsOf(n - int32(q.regions)) {
				if top.key < price[r] && (shut == nil || !shut[r]) {
					price[r], via[r] = top.key, n-int32(q.regions)
					queue.push(top.key, r)
				}
			}
			continue
		}
		for _, piece := range q.piecesOf(n) {
			cost, count := int64(0), 0
			for _, o := range q.sets[piece] {
				if p.barred[o] {
					count = left + 1
					break
				}
				if !cleared[o] {
					count++
					if whole {
						cost += 1 << shareBits
					} else {
						cost += 1 << shareBits / q.shares[o]
					}
				}
			}
			node := piece + int32(q.regions)
			if total := top.key + cost; count <= left && roundUp(total) <= int64(left) && total < price[node] {
				price[node], via[node] = total, n
				queue.push(total, node)
			}
		}
	}
	return price, via
}

// needed lists the obstacles that are not cleared on the way to a region.
func (p *planner) needed(via []int32, region int32, cleared []bool) []int32 {
	var out []int32
	for r := region; via[r] >= 0; {
		piece := via[r]
		for _, o := range p.sets[piece] {
			if !cleared[o] && !slices.Contains(out, o) {
				out = append(out, o)
			}
		}
		r = via[piece+int32(p.regions)]
	}
	slices.Sort(out)
	return out
}

// branch is a decision about one obstacle.
type branch struct {
	obstacle int
	isClear  bool
	depth    int
	bound    float64 // no plan of it reconnects more
}

// run looks through all plans that the bound does not exclude.
func (p *planner) run(ctx context.Context) error {
	var trail []branch
	var set []int
	stack := []branch{{obstacle: -1, bound: p.total()}}
	for len(stack) > 0 {
		err := ctx.Err()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if err != nil || p.branches >= p.limit {
			p.upper = p.people
			for _, open := range stack {
				p.upper = max(p.upper, open.bound)
			}
			return nil
		}
		next := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		for len(trail) > 0 && trail[len(trail)-1].depth >= next.depth { // take back what belongs to other branches
			last := trail[len(trail)-1]
			trail = trail[:len(trail)-1]
			if last.isClear {
				p.cleared[last.obstacle] = false
				set = set[:len(set)-1]
			} else {
				p.barred[last.obstacle] = false
			}
		}
		if next.obstacle >= 0 {
			trail = append(trail, next)
			if next.isClear {
				p.cleared[next.obstacle] = true
				set = append(set, next.obstacle)
			} else {
				p.barred[next.obstacle] = true
			}
		}
		if next.bound <= p.people {
			continue
		}
		p.branches++
		bound, choice := p.look(set)
		bound = min(bound, next.bound)
		if choice < 0 || bound <= p.people {
			continue
		}
		stack = append(stack,
			branch{choice, false, next.depth + 1, bound},
			branch{choice, true, next.depth + 1, bound})
	}
	p.upper = p.people
	return nil
}

// total is everybody who is not reached with nothing cleared.
func (p *planner) total() (sum float64) {
	for r, people := range p.inhabit {
		if !p.reached[r] {
			sum += people
		}
	}
	return sum
}

// look offers the present set and gives a bound of what more can be had with
// what is left, and an obstacle to decide about next, or -1.
func (p *planner) look(set []int) (bound float64, choice int) {
	reached := p.flood(p.hubs, p.cleared)
	now := p.gained(reached)
	p.offer(set, now)
	left := p.k - len(set)
	if left == 0 {
		return now, -1
	}
	price, via := p.ahead(reached, nil, p.cleared, left, false)
	least := p.leap(listed(reached), nil, p.ask(free, left), one)
	best := int32(-1)
	bound = now
	for r := range int32(p.regions) {
		if !reached[r] && via[r] >= 0 && price[r] <= int64(left)<<shareBits && least[r] <= int64(left) {
			bound += p.inhabit[r]
			if p.inhabit[r] > 0 && (best < 0 || p.inhabit[r] > p.inhabit[best]) {
				best = r
			}
		}
	}
	if best < 0 || bound <= p.people {
		return bound, -1
	}
	bound = min(bound, now+p.first(reached, left))
	// Decide about what stands first on the way to the most people.
	for r := best; !reached[r]; {
		piece := via[r]
		for _, o := range p.sets[piece] {
			if !p.cleared[o] {
				choice = int(o)
				break
			}
		}
		r = via[piece+int32(p.regions)]
	}
	return bound, choice
}

// first bounds what left obstacles bring by what each obstacle at the border of
// what is reached may bring at best: whoever is reconnected is behind one of
// those that are cleared.
func (p *planner) first(reached []bool, left int) float64 {
	behind := map[int32][]int32{} // pieces at the border by their lowest obstacle not cleared
	seen := make([]bool, len(p.sets))
	for r := range int32(p.regions) {
		if !reached[r] {
			continue
		}
		for _, piece := range p.piecesOf(r) {
			if seen[piece] {
				continue
			}
			seen[piece] = true
			for _, o := range p.sets[piece] {
				if !p.cleared[o] {
					behind[o] = append(behind[o], piece)
					break
				}
			}
		}
	}
	if len(behind) <= left {
		return p.total()
	}
	var gains []float64
	for o, pieces := range behind {
		gains = append(gains, p.behind(o, pieces, reached, left))
	}
	slices.SortFunc(gains, func(a, b float64) int { return cmp.Compare(b, a) })
	sum := 0.0
	for _, gain := range gains[:left] {
		sum += gain
	}
	return sum
}

// behind is everybody who may be reached through one of the pieces, at which
// the obstacle is cleared first.
func (p *planner) behind(obstacle int32, pieces []int32, reached []bool, left int) (sum float64) {
	start := make([]bool, p.regions)
	spent := int64(1)<<62 - 1
	for _, piece := range pieces {
		cost, isBarred, count := int64(0), false, 0
		for _, o := range p.sets[piece] {
			isBarred = isBarred || p.barred[o]
			if !p.cleared[o] {
				cost += 1 << shareBits / p.shares[o]
				count++
			}
		}
		if isBarred || count > left {
			continue
		}
		spent = min(spent, cost)
		for _, r := range p.regionsOf(piece) {
			start[r] = start[r] || !reached[r]
		}
	}
	price, _ := p.ahead(start, reached, p.cleared, left, false)
	least := p.leap(listed(start), reached, p.ask(obstacle, left), one)
	for r, people := range p.inhabit {
		if !reached[r] && price[r]+spent <= int64(left)<<shareBits && least[r] < int64(left) {
			sum += people
		}
	}
	return sum
}

// ask names for each piece its first obstacle that is neither cleared nor paid
// for.
func (p *planner) ask(paid int32, left int) func(piece int32) int32 {
	return func(piece int32) int32 {
		first, count := free, 0
		for _, o := range p.sets[piece] {
			if p.barred[o] {
				return blocked
			}
			if !p.cleared[o] {
				count++
				if first == free && o != paid {
					first = o
				}
			}
		}
		if count > left {
			return blocked
		}
		return first
	}
}

func one(int32) int64 { return 1 }

func listed(is []bool) (out []int32) {
	for i, one := range is {
		if one {
			out = append(out, int32(i))
		}
	}
	return out
}

// sorted puts the best set in the order that reconnects most soonest.
func (p *planner) sorted() []int {
	left, out := slices.Clone(p.best), []int{}
	slices.Sort(left)
	cleared := make([]bool, len(p.obstacles))
	for len(left) > 0 {
		best, most := 0, -1.0
		for i, o := range left {
			cleared[o] = true
			if people := p.gained(p.flood(p.hubs, cleared)); people > most {
				best, most = i, people
			}
			cleared[o] = false
		}
		cleared[left[best]] = true
		out = append(out, left[best])
		left = slices.Delete(left, best, best+1)
	}
	return out
}
