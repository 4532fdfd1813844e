package passage

import (
	"time"

	"pasaj/geo"
	"pasaj/geo/isolation"
)

// IsolationRequest asks who is cut off from whom, for a vehicle class and a
// profile. Its facts are those of the instant At; private areas and suppositions
// count.
type IsolationRequest struct {
	Request
}

// Isolation is a report on how isolated the capital and the country's parts are.
type Isolation struct {
	Frame
	I1         IsolationIndex     `json:"I1"`
	I2         IsolationCorridors `json:"I2"`
	I3         IsolationSiege     `json:"I3"`
	Components []IsolationPart    `json:"components"` // by people, descending
	// Blockages are the roads on which a single blockage would cut people off who
	// are connected now.
	Blockages []IsolationRoad `json:"blockages_from_isolation"`
	// Critical are the same roads with the people weighed by how likely the road
	// is to be blocked, the greatest first.
	Critical  []IsolationRoad  `json:"critical"`
	CutOff    []IsolationPlace `json:"cut_off"`   // no way leads there from the capital
	Uncertain []IsolationPlace `json:"uncertain"` // only ways over ground that nobody knows about do
	Matrix    IsolationMatrix  `json:"matrix"`
	// PopulationNote says where the numbers of people come from.
	PopulationNote geo.Text `json:"population_note"`
}

// IsolationIndex is I1: one minus the openness of the capital's gates, weighed by
// what comes in by each; 0 is open, 1 cut off. Gates nobody knows about make it
// an interval.
type IsolationIndex struct {
	Low     float64         `json:"low"`
	High    float64         `json:"high"`
	Version string          `json:"version"` // of the gates and weights
	City    string          `json:"city"`
	Gates   []IsolationGate `json:"gates"`
}

// IsolationGate is one gate of the capital.
type IsolationGate struct {
	ID      string           `json:"id"`
	Name    geo.Text         `json:"name"`
	Weight  float64          `json:"weight"`
	Status  isolation.Status `json:"status"`
	Low     float64          `json:"low"` // how open it is, from 0 to 1, at least
	High    float64          `json:"high"`
	Found   bool             `json:"found"` // the network has its road; true for facilities
	Reasons []Blockage       `json:"reasons"`
}

// IsolationCorridors is I2: how many ways that share no road lead from the
// capital to the departments' capitals.
type IsolationCorridors struct {
	Passable    int                  `json:"passable"` // over everything that is not closed
	Open        int                  `json:"open"`     // over open roads only
	Bottlenecks []IsolationRoad      `json:"bottlenecks"`
	ByCapital   []IsolationDeparture `json:"by_capital"`
	OffNetwork  []string             `json:"off_network"` // capitals that the network does not reach
}

// IsolationDeparture is I2 for one of the departments' capitals.
type IsolationDeparture struct {
	Name        string          `json:"name"`
	Passable    int             `json:"passable"`
	Open        int             `json:"open"`
	Bottlenecks []IsolationRoad `json:"bottlenecks"`
}

// IsolationSiege is I3: whether no road gate is open for the vehicle class of
// the rule and none of its facilities.
type IsolationSiege struct {
	Siege      isolation.Flag              `json:"siege"`
	Vehicle    string                      `json:"vehicle"`
	Facilities map[string]isolation.Status `json:"facilities"`
}

// IsolationPart is a part of the network within which everything is connected.
type IsolationPart struct {
	Population float64  `json:"population"`
	Places     []string `json:"places"`
	LengthM    float64  `json:"length_m"`
}

// IsolationPlace is a place with the people who live there.
type IsolationPlace struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Population float64 `json:"population"`
}

// IsolationRoad is a road whose blockage at one place cuts people off.
type IsolationRoad struct {
	Road       string   `json:"road"` // number or name, "" for neither
	Ref        *string  `json:"ref"`
	Name       *string  `json:"name"`
	LengthM    float64  `json:"length_m"`
	Population float64  `json:"population"` // cut off by the worst blockage
	Score      float64  `json:"score"`      // that, times how likely a blockage is
	Places     []string `json:"places"`
	Geometry   Lines    `json:"geometry"`
}

// IsolationMatrix is how ports and airports are connected to the departments'
// capitals.
type IsolationMatrix struct {
	From   []string             `json:"from"`
	To     []string             `json:"to"`
	Status [][]isolation.Status `json:"status"`
}

// DecodeIsolation reads the JSON of an IsolationRequest, strictly like
// DecodeRequest.
func DecodeIsolation(raw []byte) (IsolationRequest, error) {
	var r IsolationRequest
	if err := decodeAnd(raw, &r.Request, []string{"points", "line", "seed"}, nil); err != nil {
		return IsolationRequest{}, err
	}
	return r, nil
}

// Resolve fills what the sender left open, see Request.Resolve.
func (r IsolationRequest) Resolve(now time.Time, m *geo.Model) IsolationRequest {
	r.Request = r.Request.Resolve(now, m)
	return r
}
