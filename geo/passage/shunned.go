package passage

import (
	"time"

	"pasaj/geo"
)

// HazardRequest asks for everything that a vehicle class cannot pass or that a
// profile shuns at an instant, to tell other route engines.
type HazardRequest struct {
	Request
}

// DecodeHazard reads the JSON of a HazardRequest, strictly like DecodeRequest.
func DecodeHazard(raw []byte) (HazardRequest, error) {
	var r HazardRequest
	if err := decodeAnd(raw, &r.Request, []string{"points", "line", "seed"}, nil); err != nil {
		return HazardRequest{}, err
	}
	return r, nil
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r HazardRequest) Resolve(now time.Time, m *geo.Model) HazardRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}
