package passage

import (
	"encoding/json"
	"time"

	"pasaj/geo"
)

// MaxAlternatives is how many ways one question can ask for.
const MaxAlternatives = 5

const defaultAlternatives = 3

// AlternativesRequest asks for several ways between the same points.
type AlternativesRequest struct {
	Request
	Count  int  // of ways, at most MaxAlternatives; 0: three
	Varied bool // near-optimal ways drawn by Seed instead of distinct ones
}

// Roles of an alternative.
const (
	RoleFastest   = "fastest"
	RoleBalanced  = "balanced"   // the knee of the frontier: beyond it more time begins to buy less
	RoleLeastRisk = "least_risk" //
	RoleRobust    = "robust"     // least hurt by the most likely next roadblocks; takes the place of any role but fastest
	RoleDistinct  = "distinct"   // another course at little more generalised cost
	RoleVaried    = "varied"     // a near-optimal course drawn by the seed
)

// Alternatives are several ways between the same points, the fastest first, and
// the frontier of time and risk that they are taken from.
type Alternatives struct {
	Frame
	Answers  []Alternative `json:"answers"`
	Frontier Frontier      `json:"frontier"`
}

// Alternative is one way with how it differs from the first.
type Alternative struct {
	Role       string     `json:"role"` // fastest, balanced, least_risk, robust, distinct or varied
	Answer     *Answer    `json:"answer"`
	Difference Difference `json:"difference"`
}

// Difference is how a way differs from the first one of its answer.
type Difference struct {
	DurationS   float64  `json:"duration_s"`
	LengthM     float64  `json:"length_m"`
	Risk        float64  `json:"risk"`         // known and unknown together
	SharedShare float64  `json:"shared_share"` // of its own length that runs over the first one's edges, 0 to 1
	Text        geo.Text `json:"text"`
}

// Frontier is the ways of which no other is both as fast and as little exposed.
type Frontier struct {
	// Status is complete when no other way would belong to it. It is partial when
	// only the ways are certain that are best for some rate of exchange between
	// time and risk.
	Status   string          `json:"status"`
	Points   []FrontierPoint `json:"points"`   // from the fastest to the least risky
	Knee     *int            `json:"knee"`     // position of the point beyond which more time begins to buy less
	Exchange geo.Text        `json:"exchange"` // what more time buys, in words
}

// Statuses of a frontier.
const (
	FrontierComplete = "complete"
	FrontierPartial  = "partial"
)

// FrontierPoint is the time and the risk of one way as the search counts them.
type FrontierPoint struct {
	DurationS float64  `json:"duration_s"`
	Risk      float64  `json:"risk"`
	Lambda    *float64 `json:"lambda"` // seconds for one unit of risk at which this way is best; null where none was tried
}

// DecodeAlternatives reads the JSON of an AlternativesRequest, strictly like
// DecodeRequest. With a seed the further ways are varied ones.
func DecodeAlternatives(raw []byte) (AlternativesRequest, error) {
	var r AlternativesRequest
	err := decodeAnd(raw, &r.Request, []string{"line"}, map[string]reader{
		"count": readWhole(&r.Count, 1, MaxAlternatives),
		"seed": func(pointer string, raw json.RawMessage) *geo.Error {
			r.Varied = true
			return decodeSeed(&r.Request, pointer, raw)
		},
	})
	if err == nil && r.Points == nil {
		err = needs("/points", "points are needed")
	}
	if err != nil {
		return AlternativesRequest{}, err
	}
	return r, nil
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r AlternativesRequest) Resolve(now time.Time, m *geo.Model) AlternativesRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}

func (r *AlternativesRequest) check() error {
	switch {
	case len(r.Line) > 0:
		return geo.Errorf(geo.CodeInvalid, "/line", "alternatives are looked for between points")
	case r.Count < 0 || r.Count > MaxAlternatives:
		return geo.Errorf(geo.CodeInvalid, "/count", "a whole number from 1 to %d is asked for", MaxAlternatives)
	}
	return r.Request.check()
}
