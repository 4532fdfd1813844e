package passage

import (
	"bytes"
	"cmp"
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"pasaj/geo"
	"pasaj/geo/cch"
	"pasaj/geo/hazard"
	"pasaj/geo/road"
)

const (
	// likelyPlaces is how many of the most likely next roadblocks ways are
	// compared by.
	likelyPlaces = 5
	// strandedS is what it costs to be stopped where nothing leads on any more: the
	// day after which what stays shut counts as impassable.
	strandedS = float64(longWait / time.Second)
)

// doubtfulStates are those in which a roadblock may stand or not. One of any
// state is doubtful once its report is stale.
var doubtfulStates = []string{"cleared", "intermittent", "disputed"}

// likely is a place where a roadblock may stand next that would stop the caller.
type likely struct {
	obstacle    *obstacle
	credibility float64 // that it stands, 0 to 1
}

// meeting is where a way first comes to a place.
type meeting struct {
	atM      float64       // on the way
	position road.Position // in the network
}

// markRobust gives the role of the robust way to the one that the most likely
// next roadblocks hurt least: the one with the least sum of its duration and of
// what each of those on it would cost, weighted by how credible it is. Of equals
// it is the faster. The fastest way keeps its own role and is only told of in
// words. There is no robust way without such places or with nothing to choose
// from.
func (c *choice) markRobust(ctx context.Context, at []road.Snap, answers []Alternative) error {
	if len(answers) < 2 || c.q.private.isVeryDear() { // a metric may not find what is very dear
		return nil
	}
	places, met := c.likelyNext()
	if len(places) == 0 {
		return nil
	}
	hurt := make([]float64, len(answers))
	for i := range answers {
		hurt[i] = answers[i].Answer.DurationS
	}
	_, m, done := c.q.fastestMetric(nil)
	defer done()
	edit := m.Edit()
	query := c.q.net.queries.Get().(*cch.Query)
	defer c.q.net.queries.Put(query)
	for _, place := range places {
		if err := ctx.Err(); err != nil {
			return err
		}
		d := c.q.closing(place.obstacle, edit, query, at)
		for i := range answers {
			if where, ok := met[i][place.obstacle]; ok {
				hurt[i] += place.credibility * d.loss(c.list[i].way, where, answers[i].Answer.DurationS)
			}
		}
		edit.Reset()
	}
	best := 0
	for i := range answers {
		if cmp.Or(cmp.Compare(hurt[i], hurt[best]), cmp.Compare(answers[i].Answer.DurationS, answers[best].Answer.DurationS)) < 0 {
			best = i
		}
	}
	count := func(i int) (n int) {
		for _, place := range places {
			if _, ok := met[i][place.obstacle]; ok {
				n++
			}
		}
		return n
	}
	if best > 0 {
		answers[best].Role = RoleRobust
	}
	text, say := &answers[best].Difference.Text, robustText(count(best), count(0), len(places), best == 0)
	text.French += " " + say.French
	text.Haitian += " " + say.Haitian
	text.English += " " + say.English
	return nil
}

// likelyNext lists the most likely next roadblocks on any of the ways, the most
// credible first, and where each way comes to what may stand on it.
func (c *choice) likelyNext() (places []likely, met []map[*obstacle]meeting) {
	seen := map[*obstacle]bool{}
	for _, x := range c.list {
		on := map[*obstacle]meeting{}
		for i := range x.way.pieces {
			p := &x.way.pieces[i]
			if p.number == noEdge || p.survey == nil {
				continue
			}
			for k := range p.survey.obstacles {
				r := &p.survey.obstacles[k]
				o := r.obstacle
				s, ok := p.along(r.span)
				if before, known := on[o]; !ok || known && before.atM <= s.from || !c.q.mayStandNext(o) {
					continue
				}
				border := max(r.from, p.fromM)
				if p.fromM > p.toM {
					border = min(r.to, p.fromM)
				}
				on[o] = meeting{s.from, road.Position{Edge: p.number, AlongM: border}}
				if !seen[o] {
					seen[o] = true
					places = append(places, likely{o, c.q.standing(o)})
				}
			}
		}
		met = append(met, on)
	}
	slices.SortFunc(places, func(a, b likely) int {
		return cmp.Or(-cmp.Compare(a.credibility, b.credibility), bytes.Compare(a.obstacle.version.ID[:], b.obstacle.version.ID[:]))
	})
	return places[:min(len(places), likelyPlaces)], met
}

// mayStandNext reports whether a roadblock is gone or doubtful, and stops the
// caller, or nobody knows that it does not, once it stands.
func (q *question) mayStandNext(o *obstacle) bool {
	if o.version == nil || !slices.Contains(doubtfulStates, o.version.Text("state")) && !q.assess(o.version).Stale {
		return false
	}
	passability := q.caller.termsFor(o).passability
	return passability == "no" || passability == "unknown" || o.unreadable
}

// standing is how credible it is that a roadblock stands, by the last report that
// it does. Of one known only as cleared it is what its own report would give had
// it said the contrary.
func (q *question) standing(o *obstacle) float64 {
	v, policy, at := o.version, q.caller.policy, q.request.At
	if v.Text("state") != "cleared" {
		return policy.Credibility(v, at)
	}
	if it, ok := q.world.Named(v.Layer.Name).Item(v.ID); ok {
		for _, before := range slices.Backward(it.Versions) {
			if before.Valid.From.Before(v.Valid.From) && slices.Contains(liveStates, before.Text("state")) {
				return policy.Credibility(before, at)
			}
		}
	}
	odds := func(c float64) float64 { return math.Log(c / (1 - c)) }
	mirrored := 2*odds(policy.Claims[hazard.Class(v)].Prior) - odds(policy.Credibility(v, at))
	return 1 / (1 + math.Exp(-mirrored))
}

// detours are the ways that are left with a place closed.
type detours struct {
	q         *enquiry
	obstacle  *obstacle
	at        []road.Snap
	metric    *cch.Metric
	query     *cch.Query
	prices    pricing
	accessS   float64  // from the network to the last point
	fromStart *float64 // of the way from the first point to the last; infinite without one
}

// closing closes the edges on which a roadblock may stand.
func (q *enquiry) closing(o *obstacle, edit *cch.Edit, query *cch.Query, at []road.Snap) *detours {
	d := &detours{q: q, obstacle: o, at: at, metric: edit.Metric(), query: query, prices: q.pricing(kindFastest, nil)}
	d.accessS = q.snapAll(q.request.Points[len(at)-1:])[0].accessS
	var arcs []int32
	var weights []uint32
	for _, edge := range o.edges {
		if d.isClosed(road.Stretch{Edge: int(edge), ToM: q.roads.graph.Edge(int(edge)).LengthM}) {
			arcs, weights = q.net.reprice(d.metric, edge, cch.Infinity, arcs, weights)
		}
	}
	edit.Set(arcs, weights)
	d.metric = edit.Metric()
	return d
}

// isClosed reports whether a stretch runs into the place. Standing at its border
// is not in it.
func (d *detours) isClosed(s road.Stretch) bool {
	on := d.q.on(s.Edge)
	if on == nil {
		return false
	}
	here := span{min(s.FromM, s.ToM), max(s.FromM, s.ToM)}
	return slices.ContainsFunc(on.obstacles, func(r obstacleReach) bool {
		return r.obstacle == d.obstacle && (common(r.span, here) > 0 || here.length() == 0 && r.from < here.from && here.from < r.to)
	})
}

func (d *detours) cost(s road.Stretch) uint32 {
	if d.isClosed(s) {
		return cch.Infinity
	}
	return d.q.price(&d.prices, s)
}

// seconds is the time of the fastest leg left, infinite where there is none.
func (d *detours) seconds(from, to road.Position) float64 {
	if price := d.q.leastOf(d.query, d.metric, from, to, d.cost); price < cch.Infinity {
		return float64(price) / 10
	}
	return math.Inf(1)
}

// loss is how much longer than planned a journey takes that comes to the place
// and finds it shut: on from there by the fastest way that is left. Where there is
// none, as on a one-way road, or where the way has points between, it is back the
// way that it came and once more from the start. A journey that has no way left
// loses strandedS; one that another way would bring there sooner loses nothing.
func (d *detours) loss(w *way, met meeting, durationS float64) float64 {
	outS := w.seconds(met.atM)
	for _, x := range d.q.encounters(w) {
		if x.nearestM < met.atM && x.obstacle != d.obstacle && x.verdict.passability != "no" {
			outS += d.q.passageS(x.obstacle) + x.waits.Seconds()
		}
	}
	restS := math.Inf(1)
	if len(d.at) == 2 {
		restS = d.seconds(met.position, d.at[1].Position)
	}
	if math.IsInf(restS, 1) {
		restS = outS + d.again()
	}
	if math.IsInf(restS, 1) {
		return strandedS
	}
	return min(max(0, outS+restS+d.accessS-durationS), strandedS)
}

// again is the time of the whole journey, the place being known for closed.
func (d *detours) again() float64 {
	if d.fromStart == nil {
		total := 0.0
		for i := 1; i < len(d.at); i++ {
			total += d.seconds(d.at[i-1].Position, d.at[i].Position)
		}
		d.fromStart = &total
	}
	return *d.fromStart
}

// robustText says how many of the places lie on the robust way and how many on
// the fastest.
func robustText(here, fastest, of int, isFastest bool) geo.Text {
	n, first, all := strconv.Itoa(here), strconv.Itoa(fastest), strconv.Itoa(of)
	out := geo.Text{
		French:  "Trajet le moins touché par les prochains barrages les plus probables ; de ces lieux, sur ce trajet : " + n + " sur " + all,
		Haitian: "Se wout sa a pwochen barikad ki gen plis chans yo ta deranje mwens; kote sa yo sou wout sa a: " + n + " sou " + all,
		English: "The way least hurt by the most likely next roadblocks; of these places on this way: " + n + " of " + all,
	}
	if !isFastest {
		out.French += " ; sur le plus rapide : " + first + " sur " + all
		out.Haitian += "; sou wout ki pi rapid la: " + first + " sou " + all
		out.English += "; on the fastest: " + first + " of " + all
	}
	return geo.Text{French: out.French + ".", Haitian: out.Haitian + ".", English: out.English + "."}
}
