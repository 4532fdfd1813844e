package passage

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
)

// What an answer can carry beside, in PassageRequest.Include.
const (
	IncludeDepartures     = "departures"
	IncludeCounterfactual = "counterfactual"
	IncludeEscape         = "escape"
)

var includes = []geo.Word{{Value: IncludeDepartures}, {Value: IncludeCounterfactual}, {Value: IncludeEscape}}

// PassageRequest is a Request with what the answer shall carry beside.
type PassageRequest struct {
	Request
	Include []string // of the words above, each once
}

// Passage is an Answer with what was asked for beside.
type Passage struct {
	*Answer
	// Departures are the same question at this hour and the twenty-three after it.
	Departures []Departure `json:"departures,omitempty"`
	// Counterfactuals are the same question without each of the reports that weigh
	// most in the answer.
	Counterfactuals []Counterfactual `json:"counterfactuals,omitempty"`
	// Escape is where to turn back at the latest; missing where the way meets no
	// grave hazard.
	Escape *Escape `json:"escape,omitempty"`
}

// Departure is the answer in short for one hour of departure.
type Departure struct {
	DepartAt  time.Time `json:"depart_at"`
	Advice    string    `json:"advice"`
	DurationS float64   `json:"duration_s"` // with the waits
	WaitsS    float64   `json:"waits_s"`    // at what is shut on arrival and opens within a day
}

// Counterfactual is the answer in short as it would be had a report never been
// made.
type Counterfactual struct {
	Collection string    `json:"collection"`
	ID         uuid.UUID `json:"id"`
	Advice     string    `json:"advice"`
	DurationS  float64   `json:"duration_s"`
	LengthM    float64   `json:"length_m"`
	Text       geo.Text  `json:"text"`
}

// DecodePassage reads the JSON of a PassageRequest, strictly like DecodeRequest.
func DecodePassage(raw []byte) (PassageRequest, error) {
	var r PassageRequest
	err := decodeAnd(raw, &r.Request, nil, map[string]reader{
		"include": func(pointer string, raw json.RawMessage) *geo.Error {
			list, err := decodeList(pointer, raw, len(includes))
			if err != nil {
				return err
			}
			for i, entry := range list {
				word, err := decodeWord(pointer+"/"+strconv.Itoa(i), entry, includes)
				if err != nil {
					return err
				}
				if !slices.Contains(r.Include, word) {
					r.Include = append(r.Include, word)
				}
			}
			return nil
		},
	})
	switch {
	case err != nil:
	case r.Points == nil && r.Line == nil:
		err = needs("/points", "points or line is needed")
	case r.Points != nil && r.Line != nil:
		err = needs("/line", "points or line, not both")
	}
	if err != nil {
		return PassageRequest{}, err
	}
	return r, nil
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r PassageRequest) Resolve(now time.Time, m *geo.Model) PassageRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}
