package geo

import (
	"encoding/json"
	"time"
)

// Release is what the public is told in figures from one tick of a clock to the
// next. Between ticks nothing moves, so that no figure tells what was learned
// an hour ago.
type Release struct {
	At       time.Time       // the tick
	Revision Revision        // as of which it was computed; committed by the tick
	K        int             // fewest sources behind a figure that is told, 1 to 1000
	Formula  string          // version of the formulas
	Body     json.RawMessage // the figures, a JSON object
}
