package passage

import (
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
)

// ReopenRequest asks what has to be cleared for a vehicle to get from the first
// to the second of two points.
type ReopenRequest struct {
	Request
}

// Reopen is the smallest set of blockages whose clearing connects two places,
// the way there would then be, and which blockages part most people from the
// first place.
type Reopen struct {
	Frame
	Connected bool       `json:"connected"` // nothing has to be cleared
	Possible  bool       `json:"possible"`  // false: even with all of them cleared the network has no way
	Blockages []Blockage `json:"blockages"` // to clear, in the order of the record
	// Optimal says that no other set is smaller; LowerBound is the size that no
	// set can be below.
	Optimal    bool           `json:"optimal"`
	LowerBound int            `json:"lower_bound"`
	After      *Answer        `json:"after"` // the way once they are cleared; null where there is none
	Ranking    []Reconnection `json:"ranking"`
}

// Blockage is something that a vehicle cannot pass.
type Blockage struct {
	Collection string     `json:"collection"` // "" for what the request supposes
	ID         *uuid.UUID `json:"id"`
	Code       *string    `json:"code"`
	Name       *string    `json:"name"`
	Subtype    *string    `json:"subtype"`
	Text       geo.Text   `json:"text"`
}

// Reconnection is a blockage with the people whom clearing it alone would
// connect to the first place.
type Reconnection struct {
	Collection string     `json:"collection"`
	ID         *uuid.UUID `json:"id"`
	Name       *string    `json:"name"`
	Population float64    `json:"population_reconnected"`
	Places     []string   `json:"places"`
}

// DecodeReopen reads the JSON of a ReopenRequest, strictly like DecodeRequest.
func DecodeReopen(raw []byte) (ReopenRequest, error) {
	var r ReopenRequest
	err := decodeAnd(raw, &r.Request, []string{"line", "seed"}, map[string]reader{"points": readPlaces(&r.Points, 2)})
	if err == nil && len(r.Points) != 2 {
		err = needs("/points", "two points are needed: from and to")
	}
	if err != nil {
		return ReopenRequest{}, err
	}
	return r, nil
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r ReopenRequest) Resolve(now time.Time, m *geo.Model) ReopenRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}

func (r *ReopenRequest) check() error {
	if err := r.checkCaller(); err != nil {
		return err
	}
	return checkPlaces("/points", r.Points, 2, 2)
}
