package passage

import (
	"context"

	"github.com/google/uuid"
	"github.com/paulmach/orb"

	"pasaj/geo"
	"pasaj/geo/cch"
)

// Escape is the last place on a way from which one can still turn back before
// the first grave hazard, that is one that takes negotiation or cannot be passed.
type Escape struct {
	Km       float64    `json:"km"`         // of the way
	Place    orb.Point  `json:"place"`      // lon, lat: a junction, or the start
	HazardKm float64    `json:"hazard_km"`  // where the hazard begins
	HazardID *uuid.UUID `json:"hazard_id"`  // null for what the request supposes
	ReturnS  float64    `json:"return_s"`   // driving time from there back to the start
	IsStart  bool       `json:"from_start"` // there is no such place after the start
	Text     geo.Text   `json:"text"`
}

// escape looks for the last junction before the first grave hazard from which
// the start can be driven back to without meeting it; nil where the way meets
// none.
func (q *question) escape(ctx context.Context, s searcher, w *way) (*Escape, error) {
	atM, id := q.firstGrave(w)
	if atM < 0 || len(w.pieces) == 0 {
		return nil, nil
	}
	f, ok := s.(*fast)
	if !ok || q.roads == nil {
		return nil, nil
	}
	start, _ := q.roads.graph.SnapWhere(w.line[0], reachNetworkM, q.caller.lawful(q.roads))
	e := &enquiry{q, f, f.net.kept}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, m, done := e.fastestMetric(nil)
	defer done()
	query := f.net.queries.Get().(*cch.Query)
	defer f.net.queries.Put(query)
	// The hazard itself must not be met on the way back: it is closed for it.
	edit := m.Edit()
	var arcs []int32
	var weights []uint32
	for i := range w.pieces {
		piece := &w.pieces[i]
		if piece.number != noEdge && piece.startM <= atM && atM <= piece.startM+piece.length() {
			for _, arc := range f.net.of(int32(piece.number)) {
				arcs, weights = append(arcs, arc), append(weights, cch.Infinity)
			}
		}
	}
	edit.Set(arcs, weights)
	back := query.SweepBack(edit.Metric(), q.arriving(&p, placed{Snap: start, ok: true}), nil)
	out := &Escape{Place: w.line[0], HazardKm: km(atM), HazardID: id, IsStart: true}
	for i := range w.pieces {
		piece := &w.pieces[i]
		endM := piece.startM + piece.length()
		if piece.number == noEdge || endM > atM {
			continue
		}
		edge := q.roads.graph.Edge(piece.number)
		node, whole := edge.To, edge.LengthM
		if piece.toM < piece.fromM {
			node, whole = edge.From, 0
		}
		if piece.toM == whole && back[node] < cch.Infinity {
			out.Km, out.Place, out.ReturnS, out.IsStart = km(endM), q.roads.graph.Junction(node), float64(back[node])/10, false
		}
	}
	out.Text = escapeText(out)
	return out, nil
}

// firstGrave is where the first grave hazard of a way begins, -1 for none.
func (q *question) firstGrave(w *way) (atM float64, id *uuid.UUID) {
	atM = -1
	see := func(m float64, effect advice, v *geo.Version) {
		if effect >= negotiationNeeded && (atM < 0 || m < atM) {
			atM, id = m, nil
			if v != nil {
				id = &v.ID
			}
		}
	}
	encounters := q.encounters(w)
	for _, x := range encounters {
		see(x.reaches[0].from, x.verdict.effect, x.obstacle.version)
	}
	c := q.course(w)
	for _, z := range c.zones {
		see(z.first(), q.zoneEffect(w, z, encounters), z.what.version)
	}
	for _, s := range c.sections {
		see(s.first(), q.sectionEffect(s.what), s.what.version)
	}
	for _, a := range c.areas {
		see(a.first(), a.what.effect(), nil)
	}
	return atM, id
}

func escapeText(e *Escape) geo.Text {
	if e.IsStart {
		return geo.Text{
			French:  "Aucun carrefour où faire demi-tour avant le premier danger signalé : décider au départ.",
			Haitian: "Pa gen kafou pou vire tounen anvan premye danje yo rapòte a: deside anvan w pati.",
			English: "No junction to turn back at before the first hazard reported: decide at the start.",
		}
	}
	left := e.HazardKm - e.Km
	return geo.Text{
		French:  "Dernier carrefour où faire demi-tour : km " + decimal(e.Km, ",") + ", " + kilometres(left*1000, ",") + " avant le premier danger signalé.",
		Haitian: "Dènye kafou kote w ka vire tounen: km " + decimal(e.Km, ",") + ", " + kilometres(left*1000, ",") + " anvan premye danje yo rapòte a.",
		English: "Last junction to turn back at: km " + decimal(e.Km, ".") + ", " + kilometres(left*1000, ".") + " before the first hazard reported.",
	}
}
