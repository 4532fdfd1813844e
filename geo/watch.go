package geo

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// Watch is a journey whose owner asked to be told when its verdict changes.
// Where somebody means to go, and when, may cost a life: a watch is stored only
// at its owner's request and until it expires, and prints as its ID alone.
type Watch struct {
	ID        uuid.UUID
	Owner     string          // an account; tokens own no watches
	Audience  Audience        // of the owner: whose world answers
	Request   json.RawMessage // the question, a JSON object, with the places and times
	CreatedAt time.Time
	ExpiresAt time.Time
	Verdict   *WatchVerdict // the last one; nil before the first
}

// WatchVerdict is what was last answered to a watch.
type WatchVerdict struct {
	Advice   string      `json:"advice"`
	Revision Revision    `json:"revision"`         // of the world that answered
	At       time.Time   `json:"at"`               // when it was answered
	Reasons  []uuid.UUID `json:"reasons,omitzero"` // features that decided it
}

// String gives the ID, so that nothing prints the journey by accident.
func (w Watch) String() string { return "watch " + w.ID.String() }

// GoString is String.
func (w Watch) GoString() string { return w.String() }

// MarshalText makes loggers and encoders that would spell the struct out print
// the ID instead.
func (w Watch) MarshalText() ([]byte, error) { return []byte(w.String()), nil }
