package passage

import (
	"math"
	"slices"
	"time"

	"github.com/paulmach/orb"

	"pasaj/geo/measure"
	"pasaj/geo/road"
)

// way is a journey as a row of pieces, measured in metres from its start.
type way struct {
	pieces  []piece
	line    orb.LineString
	lengthM float64
	access  []access
}

// piece is a run over a track, from fromM to toM metres along it; backwards
// when fromM is the greater.
type piece struct {
	track        *track
	survey       *survey
	fromM, toM   float64
	startM       float64 // of the piece on the way
	kmh          float64
	isOffNetwork bool
}

// access is the gap between a point asked for and the network.
type access struct{ atM, lengthM float64 }

func (p *piece) length() float64 { return math.Abs(p.toM - p.fromM) }

// national reports whether the piece runs on a numbered national road.
func (p *piece) national() bool {
	return p.track.class == road.ClassNational && len(p.track.refs) > 0
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

// add appends a run over a track.
func (w *way) add(t *track, s *survey, fromM, toM, kmh float64) *piece {
	w.pieces = append(w.pieces, piece{track: t, survey: s, fromM: fromM, toM: toM, startM: w.lengthM, kmh: kmh})
	p := &w.pieces[len(w.pieces)-1]
	w.lengthM += p.length()
	part := orb.LineString{pointAt(t.line, t.along, min(fromM, toM))}
	for i, m := range t.along {
		if m > min(fromM, toM) && m < max(fromM, toM) {
			part = append(part, t.line[i])
		}
	}
	part = append(part, pointAt(t.line, t.along, max(fromM, toM)))
	if fromM > toM {
		slices.Reverse(part)
	}
	for _, q := range part {
		if n := len(w.line); n == 0 || w.line[n-1] != q {
			w.line = append(w.line, q)
		}
	}
	return p
}

// seconds is the driving time from the start of the way to a place on it.
func (w *way) seconds(m float64) float64 {
	total := 0.0
	for i := range w.pieces {
		p := &w.pieces[i]
		run := min(max(m-p.startM, 0), p.length())
		total += run / (p.kmh / 3.6)
	}
	return total
}

// newTrack measures a line on no edge.
func newTrack(line orb.LineString) *track {
	t := &track{line: line, along: make([]float64, len(line)), edge: noEdge}
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
func (e *evidence) addAccess(w *way, from, to orb.Point) {
	t := newTrack(orb.LineString{from, to})
	length := t.along[1]
	if length <= besideM {
		return
	}
	kmh := accessKmh
	if e.request.Vehicle == "foot" {
		kmh = footKmh
	}
	w.access = append(w.access, access{w.lengthM, length})
	w.add(t, e.look(t), 0, length, kmh).isOffNetwork = true
}

// addStretch runs over a stretch of the network.
func (e *evidence) addStretch(w *way, s road.Stretch) {
	t := e.edgeTrack(s.Edge)
	w.add(t, e.onEdge(s.Edge), s.FromM, s.ToM, speedKmh(e.request.Vehicle, t.class))
}

// cellM is how finely a given line is matched with the network.
const cellM = 250

// trace follows a line as it is given. Each cell of it lies on the nearest edge
// that is no further away than the edge is wide or uncertain, if there is one.
func (e *evidence) trace(line orb.LineString) *way {
	w := &way{}
	whole := newTrack(line)
	type cell struct {
		span
		edge int
	}
	var cells []cell
	for i := 1; i < len(line); i++ {
		from, to := whole.along[i-1], whole.along[i]
		n := max(1, int(math.Ceil((to-from)/cellM)))
		for k := range n {
			c := cell{span{from + (to-from)*float64(k)/float64(n), from + (to-from)*float64(k+1)/float64(n)}, noEdge}
			c.edge = e.match(pointAt(line, whole.along, (c.from+c.to)/2))
			if last := len(cells) - 1; last >= 0 && cells[last].edge == c.edge {
				cells[last].to = c.to
			} else {
				cells = append(cells, c)
			}
		}
	}
	for _, c := range cells {
		part := orb.LineString{pointAt(line, whole.along, c.from)}
		for i, m := range whole.along {
			if m > c.from && m < c.to {
				part = append(part, line[i])
			}
		}
		part = append(part, pointAt(line, whole.along, c.to))
		t := newTrack(part)
		t.edge = c.edge
		if c.edge != noEdge {
			edge := e.network.Edge(c.edge)
			t.class, t.refs, t.precisionM = edge.Class, edge.Refs, edge.PrecisionM
		}
		w.add(t, e.look(t), 0, t.along[len(t.along)-1], speedKmh(e.request.Vehicle, t.class))
	}
	w.line = line
	return w
}

// match finds the edge that a place of a given line lies on.
func (e *evidence) match(p orb.Point) int {
	if e.network == nil {
		return noEdge
	}
	best, bestM := noEdge, math.Inf(1)
	widest := max(radiusOf(road.ClassAccess), e.network.Network().PrecisionM)
	e.network.Search(road.Around(p.Bound(), widest), func(i int) bool {
		edge := e.network.Edge(i)
		_, d, _ := measure.NearestOnLine(p, edge.Geometry)
		if d <= max(radiusOf(edge.Class), edge.PrecisionM) && (d < bestM || d == bestM && i < best) {
			best, bestM = i, d
		}
		return true
	})
	return best
}

// arrivals gives the time of arrival at places of the way, in order, where
// each holds the journey up.
func (w *way) arrivals(depart time.Time, encounters []*encounter) {
	delay := 0.0
	for _, x := range encounters {
		x.eta = depart.Add(time.Duration((w.seconds(x.nearestM) + delay) * float64(time.Second)))
		x.verdict = x.obstacle.at(x.eta)
		if x.verdict.passability != "no" {
			delay += x.obstacle.crossing
		}
	}
}
