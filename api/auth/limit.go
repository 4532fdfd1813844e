package auth

import (
	"container/list"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter allows every key a burst and then one try each interval. It keeps
// the keys seen last; a flood of new keys pushes out old ones, whose owners
// then start with a full burst again.
type limiter struct {
	every rate.Limit
	burst int
	most  int
	mu    sync.Mutex
	order *list.List // of *bucket
	byKey map[string]*list.Element
}

type bucket struct {
	key   string
	limit *rate.Limiter
}

func newLimiter(interval time.Duration, burst int) *limiter {
	return &limiter{every: rate.Every(interval), burst: burst, most: 20_000, order: list.New(), byKey: map[string]*list.Element{}}
}

func (l *limiter) allow(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	e := l.byKey[key]
	if e == nil {
		e = l.order.PushFront(&bucket{key, rate.NewLimiter(l.every, l.burst)})
		l.byKey[key] = e
		for l.order.Len() > l.most {
			delete(l.byKey, l.order.Remove(l.order.Back()).(*bucket).key)
		}
	}
	l.order.MoveToFront(e)
	return e.Value.(*bucket).limit.AllowN(now, 1)
}
