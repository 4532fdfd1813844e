package geo

import "time"

// Tally is what may be counted of one observation: nothing of its text, its
// place or who gave it.
type Tally struct {
	Commune     string // p-code; "" where unknown
	RoadRef     string
	ObservedAt  time.Time // zero where unknown
	ReceivedAt  time.Time // zero where unknown
	TriageState string
	Channel     string
	SourceKey   string // equal for observations of one source, and nothing more
}
