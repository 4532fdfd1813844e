package api

import (
	"context"
	"errors"
	"time"

	"pasaj/geo"
	"pasaj/geo/exclusion"
	"pasaj/geo/passage"
	"pasaj/geo/world"
)

// Engine answers questions about ways from a world; *passage.Engine is one. It
// keeps nothing of a question. Errors are of code invalid or unprocessable, or
// unavailable while the network is being prepared.
type Engine interface {
	Find(ctx context.Context, w *world.World, r passage.Request) (*passage.Answer, error)
	Passage(ctx context.Context, w *world.World, r passage.PassageRequest) (*passage.Passage, error)
	Alternatives(ctx context.Context, w *world.World, r passage.AlternativesRequest) (*passage.Alternatives, error)
	Reach(ctx context.Context, w *world.World, r passage.ReachRequest) (*passage.Reach, error)
	Cover(ctx context.Context, w *world.World, r passage.CoverRequest) (*passage.Cover, error)
	Table(ctx context.Context, w *world.World, r passage.TableRequest) (*passage.Table, error)
	Isolation(ctx context.Context, w *world.World, r passage.IsolationRequest) (*passage.Isolation, error)
	Reopen(ctx context.Context, w *world.World, r passage.ReopenRequest) (*passage.Reopen, error)
	Hazards(ctx context.Context, w *world.World, r passage.HazardRequest) (hazards []exclusion.Hazard, closed [][2]int64, err error)
}

// errTooLong ends a question that took its time.
var errTooLong = geo.Errorf(codeTimedOut, "", "the answer took too long: ask for less at a time")

// asking bounds the work on a question: its time, and of heavy ones how many
// are answered at once; for its turn one waits for half of that time. done is to be called at the end.
func (s *Server) asking(parent context.Context, heavy bool) (ctx context.Context, done func(), err error) {
	ctx, cancel := context.WithTimeoutCause(parent, s.options.AnswerTime, errTooLong)
	if !heavy {
		return ctx, cancel, nil
	}
	waiting := time.NewTimer(s.options.AnswerTime / 2)
	defer waiting.Stop()
	select {
	case s.heavy <- struct{}{}:
		return ctx, func() { cancel(); <-s.heavy }, nil
	case <-waiting.C:
		err = geo.Errorf(codeBusy, "", "too many large questions are being answered: ask again in a moment")
	case <-ctx.Done():
		err = ctx.Err()
	}
	cancel()
	return nil, nil, err
}

// late gives the error of a question whose time ran out its name.
func late(ctx context.Context, err error) error {
	if errors.Is(err, context.DeadlineExceeded) && errors.Is(context.Cause(ctx), errTooLong) {
		return errTooLong
	}
	return err
}

// resolvable is what the requests of the package passage have in common.
type resolvable[R any] interface {
	Resolve(now time.Time, m *geo.Model) R
}

// answered puts a question to the engine: against the world that it names, and
// with now being what that world makes of it.
func answered[R resolvable[R], A any](c *call, heavy bool, r R, asof geo.AsOf,
	ask func(context.Context, *world.World, R) (A, error)) (answer A, err error) {
	w, _, err := c.whole(asof)
	if err != nil {
		return answer, err
	}
	ctx, done, err := c.server.asking(c.context(), heavy)
	if err != nil {
		return answer, err
	}
	defer done()
	answer, err = ask(ctx, w, r.Resolve(c.server.instant(asof, w.At()), w.Model()))
	return answer, late(ctx, err)
}
