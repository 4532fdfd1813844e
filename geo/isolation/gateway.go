package isolation

import (
	"math"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/overlay"
	"pasaj/geo/road"
)

// gateEndM is how far from a gate's first and last place the network must have
// a junction of its roads.
const gateEndM = 10_000

// Gateway is a gate on a network: the edges that its road may take, and where
// it begins and ends. Make it once for each network.
type Gateway struct {
	Gate  *Gate
	Found bool // the network leads from the first place to the last along the gate

	edges        []int32
	from, to     []int32 // of each edge, in the gateway's own numbers
	junctions    int
	inner, outer int32
}

// Edges lists the positions of the edges that the gate's road may take.
func (w *Gateway) Edges() []int {
	out := make([]int, len(w.edges))
	for k, i := range w.edges {
		out[k] = int(i)
	}
	return out
}

// Locate finds the gates' roads in a network. Where the numbered edges do not
// lead from the first place to the last, because a number is missing on a
// stretch, all edges along the line are taken.
func (g *Gates) Locate(n *road.Graph) []Gateway {
	out := make([]Gateway, len(g.Gates))
	for i := range g.Gates {
		gate := &g.Gates[i]
		out[i] = Gateway{Gate: gate}
		if !gate.IsRoad() {
			continue
		}
		near := gate.near(n)
		if len(gate.Refs) > 0 {
			var numbered []int32
			for _, edge := range near {
				for _, ref := range gate.Refs {
					if n.Edge(int(edge)).HasRef(ref) {
						numbered = append(numbered, edge)
						break
					}
				}
			}
			out[i].lay(n, numbered)
		}
		if !out[i].Found {
			out[i].lay(n, near)
		}
	}
	return out
}

// near lists the edges along the gate's line, ascending.
func (g *Gate) near(n *road.Graph) []int32 {
	line := make([]orb.Point, len(g.Places))
	for i, p := range g.Places {
		line[i] = p.At
	}
	plane := planeAt(line[0])
	through := plane.project(line)
	hit := map[int32]bool{}
	for k := 1; k < len(line); k++ {
		bound := orb.MultiPoint(line[k-1 : k+1]).Bound()
		n.Search(road.Around(bound, g.WidthM), func(i int) bool {
			if !hit[int32(i)] {
				edge := plane.project(n.Edge(i).Geometry)
				if betweenLines(edge, through) <= g.WidthM {
					hit[int32(i)] = true
				}
			}
			return true
		})
	}
	out := make([]int32, 0, len(hit))
	for i := range int32(n.Len()) {
		if hit[i] {
			out = append(out, i)
		}
	}
	return out
}

// lay takes edges as the gate's and finds its two ends among their junctions.
func (w *Gateway) lay(n *road.Graph, edges []int32) {
	w.edges, w.from, w.to, w.Found = edges, nil, nil, false
	number := map[int]int32{}
	own := func(j int) int32 {
		k, ok := number[j]
		if !ok {
			k = int32(len(number))
			number[j] = k
		}
		return k
	}
	first, last := w.Gate.Places[0].At, w.Gate.Places[len(w.Gate.Places)-1].At
	plane := planeAt(first)
	inside, outside := plane.at(first), plane.at(last)
	nearest := [2]float64{gateEndM, gateEndM}
	ends := [2]int32{Offside, Offside}
	for _, i := range edges {
		e := n.Edge(int(i))
		w.from, w.to = append(w.from, own(e.From)), append(w.to, own(e.To))
		for _, j := range [2]int{e.From, e.To} {
			p := plane.at(n.Junction(j))
			for side, at := range [2]vector{inside, outside} {
				if d := distance(p, at); d < nearest[side] {
					nearest[side], ends[side] = d, own(j)
				}
			}
		}
	}
	w.junctions, w.inner, w.outer = len(number), ends[0], ends[1]
	w.Found = w.inner != Offside && w.outer != Offside && w.inner != w.outer && w.connects(nil, Open)
}

// connects reports whether the ends are connected over edges no worse than
// worst; without a state over all of them.
func (w *Gateway) connects(s State, worst Status) bool {
	f := newForest(w.junctions)
	for k, edge := range w.edges {
		if s == nil || s.passes(edge, worst) {
			f.union(w.from[k], w.to[k])
		}
	}
	return f.find(w.inner) == f.find(w.outer)
}

// Status is what the gate is for a vehicle class in the state of that class.
// Facilities gives the status of facilities by code; one that is not there is
// unknown. A gate whose road the network does not have is unknown.
func (w *Gateway) Status(s State, vehicle string, facilities map[string]Status) Status {
	if contains(w.Gate.ClosedTo, vehicle) {
		return Closed
	}
	if !w.Gate.IsRoad() {
		best := Closed
		for _, code := range w.Gate.Facilities {
			best = min(best, statusOf(facilities, code))
		}
		return best
	}
	if !w.Found {
		return Unknown
	}
	for level := Open; level < Closed; level++ {
		if w.connects(s, level) {
			return level
		}
	}
	return Closed
}

func statusOf(facilities map[string]Status, code string) Status {
	if s, ok := facilities[code]; ok {
		return s
	}
	return Unknown
}

// vector is a place in metres on a plane that touches the ellipsoid nearby;
// over the tens of kilometres of a gate it is right to less than one per cent.
type vector [2]float64

type plane struct {
	origin orb.Point
	east   float64 // metres for a degree of longitude
}

const northM = 110_650 // metres for a degree of latitude in Haiti

func planeAt(p orb.Point) plane {
	return plane{p, 111_320 * math.Cos(p[1]*math.Pi/180)}
}

func (p plane) at(q orb.Point) vector {
	return vector{(q[0] - p.origin[0]) * p.east, (q[1] - p.origin[1]) * northM}
}

func (p plane) project(line []orb.Point) []vector {
	out := make([]vector, len(line))
	for i, q := range line {
		out[i] = p.at(q)
	}
	return out
}

func distance(a, b vector) float64 { return math.Hypot(a[0]-b[0], a[1]-b[1]) }

// toSegment is the distance of a point from a segment.
func toSegment(p, a, b vector) float64 {
	x, y := b[0]-a[0], b[1]-a[1]
	length := x*x + y*y
	if length == 0 {
		return distance(p, a)
	}
	t := min(max(((p[0]-a[0])*x+(p[1]-a[1])*y)/length, 0), 1)
	return distance(p, vector{a[0] + t*x, a[1] + t*y})
}

// betweenLines is the distance between two lines that do not cross, and at most
// half a segment when they do.
func betweenLines(a, b []vector) float64 {
	best := math.Inf(1)
	for _, one := range [2][2][]vector{{a, b}, {b, a}} {
		for _, p := range one[0] {
			for k := 1; k < len(one[1]); k++ {
				best = min(best, toSegment(p, one[1][k-1], one[1][k]))
			}
		}
	}
	return best
}

// Within lists the junctions of a network that lie in an area.
func Within(n *road.Graph, area orb.MultiPolygon) []int32 {
	bound := area.Bound()
	var out []int32
	for j := range n.Junctions() {
		if p := n.Junction(j); bound.Contains(p) && overlay.Contains(area, p) {
			out = append(out, int32(j))
		}
	}
	return out
}

// GateStatus is one gate in an isolation index.
type GateStatus struct {
	ID       string   `json:"id"`
	Name     geo.Text `json:"name"`
	Weight   float64  `json:"weight"`
	Status   Status   `json:"status"`
	OpenLow  float64  `json:"open_low"` // how open it is, from 0 to 1, at least
	OpenHigh float64  `json:"open_high"`
	Found    bool     `json:"found"` // the network has its road; true for facilities
}

// Index is the isolation index of a city for one vehicle class: one minus the
// weighted openness of its gates, so 0 is open and 1 cut off. Unknown gates
// make it an interval.
type Index struct {
	City    string       `json:"city"`
	Version string       `json:"version"` // of the gates and weights
	Vehicle string       `json:"vehicle"`
	Low     float64      `json:"low"`
	High    float64      `json:"high"`
	Gates   []GateStatus `json:"gates"`
}

// Index computes the isolation index for a vehicle class in its state. The
// gateways are those of Locate.
func (g *Gates) Index(gateways []Gateway, s State, vehicle string, facilities map[string]Status) Index {
	out := Index{City: g.City, Version: g.Version, Vehicle: vehicle, Gates: []GateStatus{}}
	low, high := 0.0, 0.0 // of openness
	for i := range gateways {
		w := &gateways[i]
		one := GateStatus{ID: w.Gate.ID, Name: w.Gate.Name, Weight: w.Gate.Weight, Status: w.Status(s, vehicle, facilities), Found: w.Found || !w.Gate.IsRoad()}
		one.OpenLow, one.OpenHigh = g.Openness.of(one.Status)
		low += one.Weight * one.OpenLow
		high += one.Weight * one.OpenHigh
		out.Gates = append(out.Gates, one)
	}
	out.Low, out.High = share(1-high), share(1-low)
	return out
}

// share keeps sums of decimal weights free of binary dust.
func share(x float64) float64 { return min(max(math.Round(x*1e9)/1e9, 0), 1) }

// Flag is an answer that may be unknown.
type Flag string

// The answers.
const (
	Yes       Flag = "yes"
	No        Flag = "no"
	Uncertain Flag = "unknown"
)

// Besieged says whether no road gate is open for the rule's vehicle class, in
// the state of that class, and none of the rule's facilities is open. Anything
// known to be open makes it no; otherwise anything unknown makes it unknown.
func (g *Gates) Besieged(gateways []Gateway, s State, facilities map[string]Status) Flag {
	flag := Yes
	weigh := func(status Status) {
		switch {
		case status == Open:
			flag = No
		case status == Unknown && flag == Yes:
			flag = Uncertain
		}
	}
	for i := range gateways {
		if gateways[i].Gate.IsRoad() {
			weigh(gateways[i].Status(s, g.Siege.Vehicle, facilities))
		}
	}
	for _, code := range g.Siege.Facilities {
		weigh(statusOf(facilities, code))
	}
	return flag
}
