package passage

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/isolation"
	"pasaj/geo/world"
)

const (
	maxReports    = 8  // kept for each network
	shownRoads    = 50 // and parts of the network
	shownReasons  = 5  // of each gate
	reportQuarter = 15 * time.Minute
)

// reportKey tells isolation reports apart. A report is made for the quarter of
// an hour of its question.
type reportKey struct {
	ground           *ground
	phase            *phase
	vehicle, profile string
	at, depart       int64
	maxAge           time.Duration
	layers           [4]*world.Layer
}

// Isolation reports on how isolated the capital and the country's parts are, by
// the state of the roads in the quarter of an hour asked about.
func (e *Engine) Isolation(ctx context.Context, w *world.World, r IsolationRequest) (*Isolation, error) {
	if err := r.checkCaller(); err != nil {
		return nil, err
	}
	request := r.Request
	request.Points, request.Line = nil, nil
	request.At, request.DepartAt = request.At.Truncate(reportQuarter), request.DepartAt.Truncate(reportQuarter)
	q, err := e.enquire(ctx, w, &request)
	if err != nil {
		return nil, err
	}
	frame := newFrame(w, &r.Request)
	key := reportKey{
		q.ground, q.phase, r.Vehicle, r.Profile, request.At.Unix(), request.DepartAt.Unix(), r.MaxAge,
		[4]*world.Layer{w.Named("admin-areas"), w.Named("places"), w.Named("ports"), w.Named("airports")},
	}
	isPlain := q.private.ignored == nil // the request wants nothing different
	if isPlain {
		if kept := q.kept.report(key); kept != nil {
			out := *kept
			out.Frame = frame
			return &out, nil
		}
	}
	report, err := q.isolation(ctx)
	if err != nil {
		return nil, err
	}
	if isPlain {
		q.kept.keepReport(key, report)
	}
	out := *report
	out.Frame = frame
	return &out, nil
}

var populationNote = geo.Text{
	French:  "Habitants : population des communes. Là où elle manque, le reste du département est réparti par superficie, une simple estimation.",
	Haitian: "Moun: popilasyon komin yo. Kote li manke, rès depatman an separe dapre sipèfisi, se yon estimasyon sèlman.",
	English: "People: population of the communes. Where that is missing, the rest of the department is spread by area, a mere estimate.",
}

func (k *keep) report(key reportKey) *Isolation {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.reports[key]
}

func (k *keep) keepReport(key reportKey, r *Isolation) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.reports[key] == nil {
		k.reported = append(k.reported, key)
	}
	k.reports[key] = r
	for len(k.reported) > maxReports {
		delete(k.reports, k.reported[0])
		k.reported = slices.Delete(k.reported, 0, 1)
	}
}

// isolation makes the report.
func (q *enquiry) isolation(ctx context.Context) (*Isolation, error) {
	people, err := q.residence()
	if err != nil {
		return nil, err
	}
	k := &q.kept.people
	states := q.states()
	facilities := q.facilityStates()
	siege := states
	if vehicle := k.gates.Siege.Vehicle; vehicle != q.request.Vehicle {
		other := *q.request
		other.Vehicle = vehicle
		one := &enquiry{newQuestion(q.world, &other, q.ground, q.engine.caller(q.net, vehicle, other.Profile)), q.fast, q.kept}
		siege = one.states()
	}
	report, err := isolation.Compute(ctx, &isolation.Question{
		Graph: k.graph, State: states, Vehicle: q.request.Vehicle, Places: people.communes, City: people.city,
		Capitals: people.capitals, Ports: people.ports, Airports: people.airports, Facilities: facilities,
		Gates: k.gates, Gateways: k.gateways, SiegeState: siege, Likelihood: q.likelihoods(), Most: shownRoads,
	})
	if err != nil {
		return nil, err
	}
	firm, err := k.graph.Connectivity(ctx, states, isolation.Unknown, people.communes)
	if err != nil {
		return nil, err
	}
	byPeople, err := firm.CriticalRoads(states, isolation.Unknown, nil, shownRoads)
	if err != nil {
		return nil, err
	}
	out := &Isolation{
		Blockages: q.criticalRoads(byPeople, people.communes), Critical: q.criticalRoads(report.Critical, people.communes),
		CutOff: isolationPlaces(report.CutOff), Uncertain: isolationPlaces(report.Uncertain), Components: []IsolationPart{},
		Matrix: IsolationMatrix{From: namesOf(report.Matrix.Rows), To: namesOf(report.Matrix.Columns), Status: report.Matrix.Status},
		I3:     IsolationSiege{Siege: report.Besieged, Vehicle: k.gates.Siege.Vehicle, Facilities: map[string]isolation.Status{}},
	}
	out.PopulationNote = populationNote
	for _, code := range k.gates.Siege.Facilities {
		out.I3.Facilities[code] = isolation.Unknown
		if s, ok := facilities[code]; ok {
			out.I3.Facilities[code] = s
		}
	}
	if out.Matrix.Status == nil {
		out.Matrix.Status = [][]isolation.Status{}
	}
	for _, c := range report.Components {
		out.Components = append(out.Components, IsolationPart{Population: c.People, Places: namesOf(c.Places), LengthM: metres(c.LengthM)})
	}
	q.index(out, report, k)
	q.corridors(out, report)
	return out, nil
}

// index writes I1 with the reasons of each gate.
func (q *enquiry) index(out *Isolation, report *isolation.Report, k *peopleKeep) {
	out.I1.Gates = []IsolationGate{}
	if report.Index == nil {
		return
	}
	out.I1.Low, out.I1.High, out.I1.Version, out.I1.City = report.Index.Low, report.Index.High, report.Index.Version, report.Index.City
	for i, g := range report.Index.Gates {
		one := IsolationGate{
			ID: g.ID, Name: g.Name, Weight: g.Weight, Status: g.Status, Low: g.OpenLow, High: g.OpenHigh, Found: g.Found, Reasons: []Blockage{},
		}
		if i < len(k.gateways) && g.Status != isolation.Open {
			one.Reasons = q.limits(k.gateways[i].Edges(), shownReasons)
		}
		out.I1.Gates = append(out.I1.Gates, one)
	}
}

// corridors writes I2.
func (q *enquiry) corridors(out *Isolation, report *isolation.Report) {
	out.I2 = IsolationCorridors{Bottlenecks: []IsolationRoad{}, ByCapital: []IsolationDeparture{}, OffNetwork: []string{}}
	c := report.Corridors
	if c == nil {
		return
	}
	out.I2.OffNetwork = namesOf(c.OffNetwork)
	if c.Passable != nil {
		out.I2.Passable, out.I2.Bottlenecks = c.Passable.Count, q.plainRoads(c.Passable.Bottleneck)
	}
	if c.OpenOnly != nil {
		out.I2.Open = c.OpenOnly.Count
	}
	for _, d := range c.ByCapital {
		out.I2.ByCapital = append(out.I2.ByCapital, IsolationDeparture{
			Name: d.Name, Passable: d.Passable, Open: d.OpenOnly, Bottlenecks: q.plainRoads(d.Bottleneck),
		})
	}
}

func (q *enquiry) plainRoads(list []isolation.Road) []IsolationRoad {
	out := make([]IsolationRoad, len(list))
	for i := range list {
		out[i] = q.isolationRoad(&list[i])
	}
	return out
}

func (q *enquiry) criticalRoads(list []isolation.CriticalRoad, communes []isolation.Place) []IsolationRoad {
	out := make([]IsolationRoad, len(list))
	for i := range list {
		out[i] = q.isolationRoad(&list[i].Road)
		out[i].Population, out[i].Score = list[i].People, roundRisk(list[i].Score)
		for _, at := range list[i].Places {
			out[i].Places = append(out[i].Places, communes[at].Name)
		}
	}
	return out
}

func (q *enquiry) isolationRoad(r *isolation.Road) IsolationRoad {
	ref := strings.Join(r.Refs, ";")
	out := IsolationRoad{Road: ref, Ref: point(ref), Name: point(r.Name), LengthM: metres(r.LengthM), Places: []string{}}
	if out.Road == "" {
		out.Road = r.Name
	}
	for _, edge := range r.Edges {
		out.Geometry = append(out.Geometry, orb.LineString(q.roads.graph.Edge(edge).Geometry))
	}
	return out
}

func namesOf(places []isolation.Place) []string {
	out := make([]string, len(places))
	for i, p := range places {
		out[i] = p.Name
	}
	return out
}

func isolationPlaces(list []isolation.Place) []IsolationPlace {
	out := make([]IsolationPlace, len(list))
	for i, p := range list {
		out[i] = IsolationPlace{p.ID, p.Name, p.People}
	}
	return out
}

// facilityStates is how far ports and airports function, by code.
func (q *question) facilityStates() map[string]isolation.Status {
	out := map[string]isolation.Status{}
	for _, layer := range []string{"ports", "airports"} {
		q.world.Named(layer).Each(geo.At(q.request.At), func(v *geo.Version) bool {
			if code := v.Text("code"); code != "" {
				out[code] = q.functioning(v)
			}
			return true
		})
	}
	return out
}

func (q *question) functioning(v *geo.Version) isolation.Status {
	status := isolation.Unknown
	switch v.Text("functional") {
	case "full":
		status = isolation.Open
	case "partial":
		status = isolation.Restricted
	case "none":
		return isolation.Closed
	}
	if q.assess(v).Stale {
		return isolation.Unknown
	}
	return status
}
