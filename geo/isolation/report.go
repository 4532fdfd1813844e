package isolation

import (
	"context"
	"slices"

	"pasaj/geo"
)

// shownMost is how many components and roads a report shows when its question
// does not say.
const shownMost = 50

// Question asks for a report on a network in the state of one vehicle class.
type Question struct {
	Graph      *Graph
	State      State
	Vehicle    string
	Places     []Place           // with the people who live there
	City       []int32           // junctions of the city that the report is about
	Capitals   []Place           // of the other departments
	Ports      []Place           // rows of the matrix, with the airports; the capitals are its columns
	Airports   []Place           //
	Facilities map[string]Status // by code, for gates
	Gates      *Gates
	Gateways   []Gateway // Gates located in the network
	SiegeState State     // of the vehicle class of the siege rule; nil: State, when that is its class
	Likelihood []float64 // of a blockage, by edge, to weigh critical roads with; may be nil
	Most       int       // components and roads shown; 0: 50
}

// Report is how isolated a city and its country are.
type Report struct {
	Vehicle     string         `json:"vehicle"`
	Index       *Index         `json:"index,omitempty"` // I1
	Besieged    Flag           `json:"besieged"`        // I3
	Corridors   *Departures    `json:"corridors,omitempty"`
	CutOff      []Place        `json:"cut_off"`      // no way leads there from the city
	Uncertain   []Place        `json:"uncertain"`    // only ways over roads nobody knows about do
	OneBlockage []Place        `json:"one_blockage"` // connected, but a single blockage would cut them off
	Critical    []CriticalRoad `json:"critical_roads"`
	Bridges     int            `json:"bridges"` // edges whose closure divides the network, dead ends included
	Parts       int            `json:"parts"`   // of the network, those without people included
	Components  []PartReport   `json:"components"`
	Matrix      MatrixReport   `json:"matrix"`
}

// PartReport is one component with its places.
type PartReport struct {
	Component
	Places []Place `json:"places"`
}

// MatrixReport is how places are connected, by rows.
type MatrixReport struct {
	Rows    []Place    `json:"rows"`
	Columns []Place    `json:"columns"`
	Status  [][]Status `json:"status"`
}

// Departures are the independent corridors from the city to the departmental
// capitals: I2, once over everything not closed and once over open roads only.
type Departures struct {
	Passable   *Corridors  `json:"passable"`
	OpenOnly   *Corridors  `json:"open_only"`
	ByCapital  []Departure `json:"by_capital"`
	OffNetwork []Place     `json:"off_network"` // capitals the network does not reach
}

// Departure is the number of independent corridors to one capital.
type Departure struct {
	Place
	Passable   int    `json:"passable"`
	OpenOnly   int    `json:"open_only"`
	Bottleneck []Road `json:"bottleneck"` // of the passable ones
}

// Compute makes the report.
func Compute(ctx context.Context, q *Question) (*Report, error) {
	if q.Graph == nil {
		return nil, geo.Errorf(geo.CodeUnprocessable, "", "there is no road network to report on")
	}
	if err := q.State.check(q.Graph); err != nil {
		return nil, err
	}
	most := q.Most
	if most <= 0 {
		most = shownMost
	}
	r := &Report{Vehicle: q.Vehicle, Besieged: Uncertain}
	for _, part := range []func(context.Context, *Question, int) error{r.gates, r.parts, r.firmness, r.reach, r.matrix, r.departures} {
		if err := part(ctx, q, most); err != nil {
			return nil, err
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
	}
	return r, nil
}

func (r *Report) gates(_ context.Context, q *Question, _ int) error {
	if q.Gates == nil {
		return nil
	}
	index := q.Gates.Index(q.Gateways, q.State, q.Vehicle, q.Facilities)
	r.Index = &index
	state := q.SiegeState
	if state == nil && q.Vehicle == q.Gates.Siege.Vehicle {
		state = q.State
	}
	if state == nil {
		return nil
	}
	if err := state.check(q.Graph); err != nil {
		return err
	}
	r.Besieged = q.Gates.Besieged(q.Gateways, state, q.Facilities)
	return nil
}

func (r *Report) parts(_ context.Context, q *Question, most int) error {
	c, err := q.Graph.Components(q.State, Unknown, q.Places)
	if err != nil {
		return err
	}
	r.Parts, r.Components = len(c.List), []PartReport{}
	for _, one := range c.List[:min(most, len(c.List))] {
		if len(one.Places) == 0 && len(r.Components) > 0 {
			continue
		}
		r.Components = append(r.Components, PartReport{one, pick(q.Places, one.Places)})
	}
	return nil
}

func pick(places []Place, at []int) []Place {
	out := make([]Place, len(at))
	for k, i := range at {
		out[k] = places[i]
	}
	return out
}

func (r *Report) firmness(ctx context.Context, q *Question, most int) error {
	c, err := q.Graph.Connectivity(ctx, q.State, Unknown, q.Places)
	if err != nil {
		return err
	}
	r.Bridges = len(c.Bridges)
	if r.Critical, err = c.CriticalRoads(q.State, Unknown, q.Likelihood, most); err != nil {
		return err
	}
	if r.Critical == nil {
		r.Critical = []CriticalRoad{}
	}
	r.OneBlockage = []Place{}
	if hub := c.heart(q.City); hub != Offside {
		r.OneBlockage = pick(q.Places, c.OneBlockage(hub, q.Places))
	}
	return nil
}

// heart is a junction of the part that holds most of some junctions and that no
// single blockage divides.
func (c *Connectivity) heart(of []int32) int32 {
	count := map[int32]int{}
	best := Offside
	for _, j := range of {
		if j >= 0 && int(j) < len(c.Twofold) {
			count[c.Twofold[j]]++
		}
	}
	for _, j := range of {
		if j >= 0 && int(j) < len(c.Twofold) && (best == Offside || count[c.Twofold[j]] > count[c.Twofold[best]]) {
			best = j
		}
	}
	return best
}

func (r *Report) reach(_ context.Context, q *Question, _ int) error {
	r.CutOff, r.Uncertain = []Place{}, []Place{}
	if len(q.City) == 0 {
		return nil
	}
	all, err := q.Graph.ReachPlaces(q.State, q.City, q.Places)
	if err != nil {
		return err
	}
	for _, p := range all {
		switch p.Status {
		case Closed:
			r.CutOff = append(r.CutOff, p.Place)
		case Unknown:
			r.Uncertain = append(r.Uncertain, p.Place)
		}
	}
	for _, list := range [][]Place{r.CutOff, r.Uncertain} {
		slices.SortStableFunc(list, mostPeople)
	}
	return nil
}

func (r *Report) matrix(ctx context.Context, q *Question, _ int) (err error) {
	r.Matrix = MatrixReport{Rows: append(append([]Place{}, q.Ports...), q.Airports...), Columns: append([]Place{}, q.Capitals...)}
	r.Matrix.Status, err = q.Graph.Matrix(ctx, q.State, r.Matrix.Rows, r.Matrix.Columns)
	return err
}

func (r *Report) departures(ctx context.Context, q *Question, _ int) error {
	if len(q.City) == 0 || len(q.Capitals) == 0 {
		return nil
	}
	d := &Departures{ByCapital: []Departure{}, OffNetwork: []Place{}}
	var ends []int32
	for _, p := range q.Capitals {
		if j := q.Graph.At(p); j == Offside {
			d.OffNetwork = append(d.OffNetwork, p)
		} else {
			d.ByCapital = append(d.ByCapital, Departure{Place: p})
			ends = append(ends, j)
		}
	}
	for _, worst := range []Status{Unknown, Open} {
		core, err := q.Graph.Core(ctx, q.State, worst, slices.Concat(q.City, ends))
		if err != nil {
			return err
		}
		all, err := core.Corridors(ctx, q.City, ends)
		if err != nil {
			return err
		}
		if worst == Open {
			d.OpenOnly = all
		} else {
			d.Passable = all
		}
		for i := range ends {
			one, err := core.Corridors(ctx, q.City, ends[i:i+1])
			if err != nil {
				return err
			}
			if worst == Open {
				d.ByCapital[i].OpenOnly = one.Count
			} else {
				d.ByCapital[i].Passable, d.ByCapital[i].Bottleneck = one.Count, one.Bottleneck
			}
		}
	}
	r.Corridors = d
	return nil
}
