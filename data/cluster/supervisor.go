package cluster

import (
	"context"
	"time"
)

const (
	firstDelay = 100 * time.Millisecond // before the second try; the first is at once
	lastDelay  = 5 * time.Second
	// settled is how long a server must live for its end to count as a new
	// misfortune and not as the last one going on.
	settled = 10 * time.Second
	// logInterval is how often the size of the server's log is looked at.
	logInterval = time.Minute
)

// supervise starts the server again whenever it ends, until told to stop.
func (c *Cluster) supervise(ctx context.Context) {
	ticker := time.NewTicker(logInterval)
	defer ticker.Stop()
	delay := time.Duration(0)
	for {
		c.mu.Lock()
		current := c.postmaster
		c.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if err := boundLog(c.logPath); err != nil {
				c.log.Warn("database log not shortened", "error", err)
			}
			continue
		case <-current.exited:
		}
		if time.Since(current.started) >= settled {
			delay = 0
		}
		c.log.Error("database ended unexpectedly, starting it again", "pid", current.pid, "cause", current.cause)
		var ok bool
		if delay, ok = c.restart(ctx, delay); !ok {
			return
		}
	}
}

// restart tries until the server accepts connections or the context ends,
// pausing longer after each failure. It returns the next pause.
func (c *Cluster) restart(ctx context.Context, delay time.Duration) (time.Duration, bool) {
	for attempt := 1; ; attempt++ {
		if err := pause(ctx, delay); err != nil {
			return delay, false
		}
		delay = min(max(2*delay, firstDelay), lastDelay)
		err := c.start(ctx)
		if err == nil {
			c.log.Info("database restarted", "pid", c.PID(), "attempt", attempt)
			return delay, true
		}
		if ctx.Err() != nil {
			return delay, false
		}
		c.log.Error("database not restarted", "attempt", attempt, "next_try_ms", delay.Milliseconds(), "error", err)
		// A server that came up but is of no use would be in the next one's way.
		if err := c.stop(ctx); err != nil {
			c.log.Error("useless database not stopped", "error", err)
		}
	}
}
