package peertest

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// ErrUnavailable says that a peer is not on this machine and npm does not
// bring it; the text says why.
var ErrUnavailable = errors.New("the peer is not available")

// Run is what one engine made of the pairs in one setting.
type Run struct {
	Name string // engine and setting
	Took []time.Duration
	// CostS is the duration of each pair's route in seconds by the engine's own
	// speeds; NaN where it found none.
	CostS []float64
}

// Found counts the pairs that got a route.
func (r Run) Found() int {
	n := 0
	for _, c := range r.CostS {
		if !math.IsNaN(c) {
			n++
		}
	}
	return n
}

// Percentile is the time that a part of the pairs took at most: the smallest
// that at least p of them, from 0 to 1, did not exceed. Zero without pairs.
func (r Run) Percentile(p float64) time.Duration {
	if len(r.Took) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(r.Took))
	i := int(math.Ceil(p*float64(len(sorted)))) - 1
	return sorted[max(0, min(i, len(sorted)-1))]
}

// String is a line for a report.
func (r Run) String() string {
	return fmt.Sprintf("%-44s p50 %8.1f ms  p95 %8.1f ms  %d of %d pairs with a route", r.Name,
		milliseconds(r.Percentile(0.5)), milliseconds(r.Percentile(0.95)), r.Found(), len(r.Took))
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
