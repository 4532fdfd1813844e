package coverage

import (
	"container/list"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
	"unsafe"
	"weak"

	"pasaj/geo"
	"pasaj/geo/world"
)

// answerKey is a whole question.
type answerKey struct {
	world             weak.Pointer[world.World]
	at                int64
	areas, indicators string
	level             string
	isDrawn           bool
	drawn             uint64
	observations      uint64
	past              bool
}

func (e *Engine) answerKey(q *Question) answerKey {
	k := answerKey{
		world: weak.Make(q.World), at: q.At.UnixNano(), areas: strings.Join(q.Areas, ","), indicators: strings.Join(q.Indicators, ","), level: q.Level,
		observations: e.observed.print(q.Tallies), past: q.Past != nil,
	}
	if q.Drawn != nil {
		k.isDrawn, k.drawn = true, fingerprint(q.Drawn)
	}
	return k
}

// answerCache keeps whole answers, within a bound. Worlds never change, so an
// answer holds for ever. The zero value is good.
type answerCache struct {
	mu     sync.Mutex
	values int
	order  *list.List // of *keptAnswer, the last used in front
	kept   map[answerKey]*list.Element
}

type keptAnswer struct {
	key    answerKey
	answer Measurement
}

// What an engine keeps of answers at most. Their values are mostly those that
// figureCache keeps.
const (
	maxAnswers      = 64
	maxAnswerValues = 200_000
)

func (c *answerCache) find(key answerKey) (Measurement, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e := c.kept[key]
	if e == nil {
		return Measurement{}, false
	}
	c.order.MoveToFront(e)
	return e.Value.(*keptAnswer).answer, true
}

func (c *answerCache) keep(key answerKey, answer Measurement) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.order, c.kept = list.New(), map[answerKey]*list.Element{}
	}
	if c.kept[key] != nil {
		return
	}
	c.kept[key] = c.order.PushFront(&keptAnswer{key, answer})
	c.values += len(answer.Values)
	for c.order.Len() > maxAnswers || c.values > maxAnswerValues && c.order.Len() > 1 {
		old := c.order.Remove(c.order.Back()).(*keptAnswer)
		delete(c.kept, old.key)
		c.values -= len(old.answer.Values)
	}
}

// tallyPrints tell lists of observations apart by what they hold. A list is never
// changed, so that one seen lately is not read again. The zero value is good.
type tallyPrints struct {
	mu   sync.Mutex
	seen []seenTallies // the last in front
}

type seenTallies struct {
	first *geo.Tally
	n     int
	print uint64
}

// maxSeenTallies is how many lists are known by their address.
const maxSeenTallies = 8

// print is equal for equal lists; that of none is another than that of a list
// without an observation.
func (o *tallyPrints) print(tallies []geo.Tally) uint64 {
	if tallies == nil {
		return 1
	}
	one := seenTallies{unsafe.SliceData(tallies), len(tallies), 2}
	o.mu.Lock()
	defer o.mu.Unlock()
	if i := slices.IndexFunc(o.seen, func(s seenTallies) bool { return s.first == one.first && s.n == one.n }); i >= 0 {
		return o.seen[i].print
	}
	var h maphash.Hash
	h.SetSeed(fingerprintSeed)
	for k := range tallies {
		maphash.WriteComparable(&h, tallies[k])
	}
	if len(tallies) > 0 {
		one.print = h.Sum64()
	}
	o.seen = slices.Insert(o.seen, 0, one)
	o.seen = o.seen[:min(len(o.seen), maxSeenTallies)]
	return one.print
}
