package isolation

import (
	"context"
	"errors"
	"math"
	"math/bits"
	"slices"
)

// MaxLabels is how many partial answers the search for the smallest set keeps
// when its options do not say.
const MaxLabels = 1_000_000

// ClearOptions bounds the search for the smallest set.
type ClearOptions struct {
	Labels int // most partial answers kept; 0: MaxLabels
}

// Clearing is a set of obstacles whose clearing connects two sets of places.
type Clearing struct {
	Possible   bool  `json:"possible"`    // false: even with all obstacles cleared there is no way
	Obstacles  []int `json:"-"`           // positions, ascending; none when connected already
	Weight     int64 `json:"weight"`      // of them together
	Optimal    bool  `json:"optimal"`     // no other set weighs less
	LowerBound int64 `json:"lower_bound"` // no set weighs less than this
	Labels     int   `json:"labels"`      // partial answers kept
}

// shareBits is how finely the weight of an obstacle is divided among its pieces.
const shareBits = 16

// Clear finds the obstacles of least weight to clear so that one set of
// junctions is connected to another; an obstacle is paid once however often the
// way crosses it. The answer is exact unless a limit or the deadline of the
// context is reached: then it is the best set found, from which no obstacle can
// be left out, with a lower bound. A cancelled context is an error.
//
// An obstacle in several pieces may be met again on the way, so partial ways are
// kept with the set of such obstacles paid for. One with cost c and set S is
// dropped for another at the same node with cost c' and set S' when
// c' + weight(S - S') <= c, which no continuation can make good. The order of
// the search is a lower bound of the whole: each piece costs every obstacle's
// weight divided by the number of its pieces, as a way without rounds enters a
// piece once. When no obstacle has two pieces the bound is the answer, and the
// search is over before it begins; often the bound by leaps ends it as soon.
func (q *Quotient) Clear(ctx context.Context, from, to []int32, o ClearOptions) (*Clearing, error) {
	a, err := q.regionsAt("from", from)
	if err != nil {
		return nil, err
	}
	b, err := q.regionsAt("to", to)
	if err != nil {
		return nil, err
	}
	if o.Labels <= 0 {
		o.Labels = MaxLabels
	}
	board, _ := q.board(slices.Concat(a, b), nil)
	a, b = board.numbers(a), board.numbers(b)
	s := newSearch(board, b)
	if err := s.bound(ctx); err != nil {
		return nil, err
	}
	s.floor = math.MaxInt64
	for _, r := range a {
		s.floor = min(s.floor, s.rest[s.regionNode(r)])
	}
	if s.floor == math.MaxInt64 {
		return &Clearing{Obstacles: []int{}}, nil
	}
	least := board.leap(a, nil, s.heaviest, func(o int32) int64 { return q.obstacles[o].weight() })
	for _, r := range b {
		if least[r] != math.MaxInt64 {
			s.sure = min(s.sure, least[r])
		}
	}
	s.floor = max(s.floor, s.sure<<shareBits)
	if err := s.begin(ctx, a); err != nil {
		return nil, err
	}
	if roundUp(s.floor) < s.weight {
		if err := s.run(ctx, a, o.Labels); err != nil {
			return nil, err
		}
	}
	best := board.trim(a, b, s.best)
	out := &Clearing{Possible: true, Obstacles: best, Labels: len(s.labels)}
	for _, one := range best {
		out.Weight += q.obstacles[one].weight()
	}
	out.LowerBound = min(roundUp(s.floor), out.Weight)
	out.Optimal = out.LowerBound == out.Weight
	return out, nil
}

func roundUp(scaled int64) int64 { return (scaled + 1<<shareBits - 1) >> shareBits }

// trim leaves out what is not needed, the heaviest first.
func (q *board) trim(from, to []int32, set []int32) []int {
	cleared := make([]bool, len(q.obstacles))
	order := slices.Clone(set)
	for _, o := range set {
		cleared[o] = true
	}
	slices.SortStableFunc(order, func(a, b int32) int {
		return int(q.obstacles[b].weight() - q.obstacles[a].weight())
	})
	for _, o := range order {
		cleared[o] = false
		reached := q.flood(from, cleared)
		if !slices.ContainsFunc(to, func(r int32) bool { return reached[r] }) {
			cleared[o] = true
		}
	}
	out := []int{}
	for o, kept := range cleared {
		if kept {
			out = append(out, o)
		}
	}
	return out
}

// search is one search for the smallest set. Nodes are pieces, then regions.
type search struct {
	q      *board
	target []bool
	rest   []int64 // lower bound from each node to the target, scaled; the node itself is paid
	bit    []int32 // of each obstacle with several pieces; -1 for others
	heavy  []int64 // weight of each bit
	words  int

	labels []label
	paid   []uint64  // bits of label l: paid[l*words:(l+1)*words]
	at     [][]int32 // labels of each node
	best   []int32   // obstacles of the best whole way
	weight int64     // of them
	sure   int64     // nothing weighs less, by leaps
	floor  int64     // nothing weighs less, scaled
}

// label is a partial way.
type label struct {
	node, parent int32
	cost         int64 // of the obstacles paid for
	shared       int64 // lower bound of them, scaled
	dropped      bool
}

func newSearch(q *board, to []int32) *search {
	s := &search{q: q, target: make([]bool, q.regions), bit: make([]int32, len(q.obstacles)), weight: math.MaxInt64, sure: math.MaxInt64}
	for _, r := range to {
		s.target[r] = true
	}
	for o := range q.obstacles {
		s.bit[o] = -1
		if q.shares[o] > 1 {
			s.bit[o] = int32(len(s.heavy))
			s.heavy = append(s.heavy, q.obstacles[o].weight())
		}
	}
	s.words = (len(s.heavy) + 63) / 64
	return s
}

func (s *search) regionNode(region int32) int32 { return int32(len(s.q.sets)) + region }

// share is an obstacle's weight divided among its pieces, scaled, rounded down.
func (s *search) share(obstacle int32) int64 {
	return s.q.obstacles[obstacle].weight() << shareBits / s.q.shares[obstacle]
}

// enterShare and enterWhole are the prices of a piece by shares and in full.
func (s *search) enterShare(piece int32) (sum int64) {
	for _, o := range s.q.sets[piece] {
		sum += s.share(o)
	}
	return sum
}

func (s *search) enterWhole(piece int32) (sum int64) {
	for _, o := range s.q.sets[piece] {
		sum += s.q.obstacles[o].weight()
	}
	return sum
}

// spread runs Dijkstra's algorithm from regions, paying for pieces as they are
// entered. The price of a piece includes its own.
func (s *search) spread(ctx context.Context, from []int32, enter func(piece int32) int64) (price []int64, via []int32, err error) {
	q := s.q
	price, via = make([]int64, len(q.sets)+q.regions), make([]int32, len(q.sets)+q.regions)
	for n := range price {
		price[n], via[n] = math.MaxInt64, -1
	}
	queue := heap[int64]{less: byKey[int64]}
	for _, r := range from {
		price[s.regionNode(r)] = 0
		queue.push(0, s.regionNode(r))
	}
	pulse := pulse{ctx: ctx}
	for len(queue.items) > 0 {
		if err := pulse.beat(); err != nil {
			return nil, nil, err
		}
		top := queue.pop()
		n := top.value
		if top.key > price[n] {
			continue
		}
		relax := func(to int32, cost int64) {
			if cost < price[to] {
				price[to], via[to] = cost, n
				queue.push(cost, to)
			}
		}
		if int(n) < len(q.sets) {
			for _, r := range q.regionsOf(n) {
				relax(s.regionNode(r), top.key)
			}
		} else {
			for _, p := range q.piecesOf(n - int32(len(q.sets))) {
				relax(p, top.key+enter(p))
			}
		}
	}
	return price, via, nil
}

// bound finds the lower bound from every node to the target.
func (s *search) bound(ctx context.Context) error {
	var to []int32
	for r, isTarget := range s.target {
		if isTarget {
			to = append(to, int32(r))
		}
	}
	price, _, err := s.spread(ctx, to, s.enterShare)
	if err != nil {
		return err
	}
	for p := range s.q.sets { // seen from the other side the piece itself is paid already
		if price[p] != math.MaxInt64 {
			price[p] -= s.enterShare(int32(p))
		}
	}
	s.rest = price
	return nil
}

// heaviest is the obstacle of a piece that weighs most.
func (s *search) heaviest(piece int32) int32 {
	best := free
	for _, o := range s.q.sets[piece] {
		if best == free || s.q.obstacles[o].weight() > s.q.obstacles[best].weight() {
			best = o
		}
	}
	return best
}

// begin finds first whole ways: the cheapest by shares and the cheapest in full.
func (s *search) begin(ctx context.Context, from []int32) error {
	for _, enter := range []func(int32) int64{s.enterWhole, s.enterShare} {
		price, via, err := s.spread(ctx, from, enter)
		if err != nil {
			return err
		}
		end := int32(-1)
		for r, isTarget := range s.target {
			if n := s.regionNode(int32(r)); isTarget && price[n] != math.MaxInt64 && (end < 0 || price[n] < price[end]) {
				end = n
			}
		}
		var set []int32
		for n := end; n >= 0; n = via[n] {
			if int(n) < len(s.q.sets) {
				set = append(set, s.q.sets[n]...)
			}
		}
		s.offer(set)
	}
	return nil
}

// offer takes a set that connects, if it is lighter than the best.
func (s *search) offer(set []int32) {
	slices.Sort(set)
	set = slices.Compact(set)
	weight := int64(0)
	for _, o := range set {
		weight += s.q.obstacles[o].weight()
	}
	if weight < s.weight {
		s.best, s.weight = set, weight
	}
}

// run searches until the best set is proved or a limit is reached; floor is
// then a lower bound.
func (s *search) run(ctx context.Context, from []int32, limit int) error {
	s.at = make([][]int32, len(s.q.sets)+s.q.regions)
	queue := heap[int64]{less: byKey[int64]}
	for _, r := range from {
		s.add(&queue, label{node: s.regionNode(r), parent: -1}, make([]uint64, s.words))
	}
	scratch := make([]uint64, s.words)
	pulse := pulse{ctx: ctx, often: 6}
	for len(queue.items) > 0 {
		top := queue.pop()
		current := s.labels[top.value]
		if current.dropped {
			continue
		}
		if max(roundUp(top.key), s.sure) >= s.weight {
			break
		}
		s.floor = max(s.floor, top.key)
		err := pulse.beat()
		if err != nil && !errors.Is(err, context.DeadlineExceeded) {
			return err
		}
		if err != nil || len(s.labels) > limit {
			return nil
		}
		s.expand(&queue, top.value, current, scratch)
	}
	s.floor = s.weight << shareBits
	return nil
}

func (s *search) expand(queue *heap[int64], l int32, current label, scratch []uint64) {
	q, paid := s.q, s.bits(l)
	if int(current.node) < len(q.sets) {
		for _, r := range q.regionsOf(current.node) {
			if s.target[r] {
				s.finish(l)
				return
			}
		}
		for _, r := range q.regionsOf(current.node) {
			if len(q.piecesOf(r)) > 1 { // any other is a dead end
				copy(scratch, s.bits(l))
				s.add(queue, label{node: s.regionNode(r), parent: l, cost: current.cost, shared: current.shared}, scratch)
			}
		}
		return
	}
	for _, p := range q.piecesOf(current.node - int32(len(q.sets))) {
		next := label{node: p, parent: l, cost: current.cost, shared: current.shared}
		copy(scratch, paid)
		for _, o := range q.sets[p] {
			if bit := s.bit[o]; bit >= 0 {
				if scratch[bit/64]>>(bit%64)&1 == 1 {
					continue
				}
				scratch[bit/64] |= 1 << (bit % 64)
			}
			next.cost += q.obstacles[o].weight()
			next.shared += s.share(o)
		}
		s.add(queue, next, scratch)
		paid = s.bits(l) // the array may have moved
	}
}

func (s *search) bits(l int32) []uint64 { return s.paid[int(l)*s.words : (int(l)+1)*s.words] }

// add keeps a label unless another is as good for every continuation.
func (s *search) add(queue *heap[int64], l label, paid []uint64) {
	if s.rest[l.node] == math.MaxInt64 {
		return
	}
	key := max(l.cost<<shareBits, l.shared+s.rest[l.node])
	if roundUp(key) >= s.weight {
		return
	}
	for _, other := range s.at[l.node] {
		if s.labels[other].cost+s.missing(paid, s.bits(other)) <= l.cost {
			return
		}
	}
	kept := s.at[l.node][:0]
	for _, other := range s.at[l.node] {
		if o := &s.labels[other]; l.cost+s.missing(s.bits(other), paid) <= o.cost {
			o.dropped = true
		} else {
			kept = append(kept, other)
		}
	}
	number := int32(len(s.labels))
	s.labels, s.paid = append(s.labels, l), append(s.paid, paid...)
	s.at[l.node] = append(kept, number)
	queue.push(key, number)
}

// missing weighs what is in a and not in b.
func (s *search) missing(a, b []uint64) (sum int64) {
	for w := range a {
		for left := a[w] &^ b[w]; left != 0; left &= left - 1 {
			sum += s.heavy[w*64+bits.TrailingZeros64(left)]
		}
	}
	return sum
}

// finish offers the obstacles of a whole way.
func (s *search) finish(l int32) {
	var set []int32
	for ; l >= 0; l = s.labels[l].parent {
		if n := s.labels[l].node; int(n) < len(s.q.sets) {
			set = append(set, s.q.sets[n]...)
		}
	}
	s.offer(set)
}
