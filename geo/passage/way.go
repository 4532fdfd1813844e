package passage

import (
	"math"
	"slices"
	"sort"

	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/measure"
	"pasaj/geo/road"
)

// way is a journey as a row of pieces, measured in metres from its start.
type way struct {
	pieces  []piece
	line    orb.LineString // rounded as the record does
	lengthM float64
	driveS  float64
	access  []access
	price   uint32 // of a way that was looked for, deciseconds
	patient bool   // the traveller waits for what is shut on arrival
}

// piece is a run over a track, from fromM to toM metres along it; backwards
// when fromM is the greater.
type piece struct {
	edge         *road.Edge // road under it; nil: none
	number       int        // of the edge in the network; noEdge
	survey       *survey    // of the whole track; nil: nothing lies on it
	fromM, toM   float64
	startM       float64 // of the piece on the way
	startS       float64 // driving time to it
	pace         float64 // seconds a metre
	isOffNetwork bool
	isForbidden  bool // of a given line: the class may not drive there
}

// access is the gap between a point asked for and the network.
type access struct{ atM, lengthM float64 }

func (p *piece) length() float64 { return math.Abs(p.toM - p.fromM) }

func (p *piece) class() string {
	if p.edge == nil {
		return ""
	}
	return p.edge.Class
}

// national gives the numbers of the national road that the piece runs on, none
// when it does not.
func (p *piece) national() []string {
	if p.edge == nil || p.edge.Class != road.ClassNational {
		return nil
	}
	return p.edge.Refs
}

// along carries a stretch of the track over to the way, false when the piece
// does not run over it.
func (p *piece) along(s span) (span, bool) {
	lo, hi := min(p.fromM, p.toM), max(p.fromM, p.toM)
	s.from, s.to = max(s.from, lo), min(s.to, hi)
	if s.from > s.to || s.from == s.to && lo != hi {
		return span{}, false
	}
	a, b := p.at(s.from), p.at(s.to)
	return span{min(a, b), max(a, b)}, true
}

// at carries a place of the track over to the way.
func (p *piece) at(m float64) float64 { return p.startM + math.Abs(m-p.fromM) }

// back carries a stretch of the way on the piece back to the track.
func (p *piece) back(s span) span {
	a, b := s.from-p.startM, s.to-p.startM
	if p.fromM > p.toM {
		return span{p.fromM - b, p.fromM - a}
	}
	return span{p.fromM + a, p.fromM + b}
}

// run appends a piece and counts it.
func (w *way) run(p piece) *piece {
	p.startM, p.startS = w.lengthM, w.driveS
	w.pieces = append(w.pieces, p)
	w.lengthM += p.length()
	w.driveS += p.length() * p.pace
	return &w.pieces[len(w.pieces)-1]
}

// draw appends a point to the line, once.
func (w *way) draw(p orb.Point) {
	p[0], p[1] = geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])
	if n := len(w.line); n == 0 || w.line[n-1] != p {
		w.line = append(w.line, p)
	}
}

// trace appends the part of a line between two places along it.
func (w *way) trace(line orb.LineString, along []float64, fromM, toM float64) {
	lo, hi := min(fromM, toM), max(fromM, toM)
	first, last := 0, len(line)
	if lo > 0 || hi < along[len(along)-1] {
		first = sort.SearchFloat64s(along, lo)
		for first < len(along) && along[first] == lo {
			first++
		}
		last = sort.SearchFloat64s(along, hi)
		if fromM <= toM {
			w.draw(pointAt(line, along, lo))
			defer w.draw(pointAt(line, along, hi))
		} else {
			w.draw(pointAt(line, along, hi))
			defer w.draw(pointAt(line, along, lo))
		}
	}
	if first >= last {
		return
	}
	if fromM <= toM {
		for _, p := range line[first:last] {
			w.draw(p)
		}
		return
	}
	for i := last - 1; i >= first; i-- {
		w.draw(line[i])
	}
}

// pieceAt is the piece that holds a place of the way.
func (w *way) pieceAt(m float64) *piece {
	i := sort.Search(len(w.pieces), func(i int) bool { return w.pieces[i].startM > m })
	return &w.pieces[max(i-1, 0)]
}

// seconds is the driving time from the start of the way to a place on it.
func (w *way) seconds(m float64) float64 {
	if len(w.pieces) == 0 {
		return 0
	}
	p := w.pieceAt(m)
	return p.startS + min(max(m-p.startM, 0), p.length())*p.pace
}

// newTrack measures a line on no edge.
func newTrack(line orb.LineString) *track {
	t := &track{line: line, along: make([]float64, len(line)), bound: line.Bound(), number: noEdge}
	for i := 1; i < len(line); i++ {
		t.along[i] = t.along[i-1] + measure.DistanceM(line[i-1], line[i])
	}
	return t
}

// reachNetworkM is how far a point may be from the network.
const reachNetworkM = 5000

// besideM is how far a point may be from the network and still count as on it.
const besideM = 50

// addAccess leads from a point to the network, or back from it.
func (q *question) addAccess(w *way, from, to orb.Point) {
	t := newTrack(orb.LineString{from, to})
	if t.lengthM() <= besideM {
		return
	}
	w.access = append(w.access, access{w.lengthM, t.lengthM()})
	w.run(piece{number: noEdge, survey: q.look(t), toM: t.lengthM(), pace: q.caller.accessPace(), isOffNetwork: true})
	w.trace(t.line, t.along, 0, t.lengthM())
}

// addStretch runs over a stretch of the network.
func (q *question) addStretch(w *way, s road.Stretch) {
	e := q.roads.graph.Edge(s.Edge)
	w.run(piece{edge: e, number: s.Edge, survey: q.on(s.Edge), fromM: s.FromM, toM: s.ToM, pace: q.caller.pace(q.roads, s.Edge)})
	w.trace(e.Geometry, e.AlongM, s.FromM, s.ToM)
}

// join puts the legs between the points of the request together.
func (q *question) join(snaps []road.Snap, legs []leg) *way {
	w := &way{}
	stretches, vertices := 2*len(legs), 2
	for _, l := range legs {
		stretches += len(l.stretches)
		for _, s := range l.stretches {
			vertices += len(q.roads.graph.Edge(s.Edge).Geometry)
		}
	}
	w.pieces, w.line = make([]piece, 0, stretches), make(orb.LineString, 0, vertices+4*len(legs))
	for i, l := range legs {
		q.addAccess(w, q.request.Points[i], snaps[i].Point)
		for _, s := range l.stretches {
			q.addStretch(w, s)
		}
		q.addAccess(w, snaps[i+1].Point, q.request.Points[i+1])
		w.price = plus(w.price, l.price)
	}
	return w
}

// geometry is the line of a way: two points at least.
func (w *way) geometry() Geometry {
	if len(w.line) == 1 { // from a place to itself
		return Geometry{w.line[0], w.line[0]}
	}
	return Geometry(slices.Clip(w.line))
}
