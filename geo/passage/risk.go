package passage

import (
	"slices"
	"time"

	"pasaj/geo"
)

// risks are the risks of features for one caller at one instant. Until they are
// complete they are read as they are asked for, and are for one goroutine; after
// that they do not change.
type risks struct {
	complete  bool // every feature of a ground was read
	caller    *caller
	at        time.Time
	zones     map[*zone]float64     // a kilometre
	obstacles map[*obstacle]float64 // coming to it once
	news      map[*geo.Version]bool // that is news
	unknown   [16]float64           // a kilometre without news, by controlRank
}

// riskInstant is the instant for which risks are made: the hour of departure,
// so that answers within the hour are alike and share their metrics.
func riskInstant(depart time.Time) time.Time { return depart.UTC().Truncate(time.Hour) }

func newRisks(c *caller, at time.Time) *risks {
	r := &risks{caller: c, at: at, zones: map[*zone]float64{}, obstacles: map[*obstacle]float64{}, news: map[*geo.Version]bool{}}
	for rank := range unassessed {
		r.unknown[rank] = c.policy.UnknownPerKm(c.vehicle, c.profile, "", at, rank.String())
	}
	r.unknown[unassessed] = c.policy.UnknownPerKm(c.vehicle, c.profile, "", at)
	return r
}

// risksOf gives the complete risks of the ground for a caller at an instant,
// made once for all who ask.
func (g *ground) risksOf(c *caller, at time.Time) *risks {
	g.risks.Lock()
	defer g.risks.Unlock()
	for _, r := range g.risks.list {
		if r.caller == c && r.at.Equal(at) {
			return r
		}
	}
	r := newRisks(c, at)
	r.addAll(g)
	if len(g.risks.list) >= maxRisks {
		g.risks.list = slices.Delete(g.risks.list, 0, 1)
	}
	g.risks.list = append(g.risks.list, r)
	return r
}

// maxRisks bounds the risks kept for a ground: callers times hours.
const maxRisks = 8

// read reads what lies on a survey, unless everything was read.
func (r *risks) read(s *survey) {
	if r.complete {
		return
	}
	for i := range s.zones {
		r.addZone(s.zones[i].zone)
	}
	for i := range s.obstacles {
		r.addObstacle(s.obstacles[i].obstacle)
	}
	for i := range s.observed {
		r.addObstacle(s.observed[i].obstacle)
	}
	for i := range s.sections {
		r.addSection(s.sections[i].section)
	}
}

func (r *risks) addZone(z *zone) {
	if _, ok := r.zones[z]; !ok {
		r.zones[z] = r.caller.policy.ZonePerKm(z.version, r.caller.vehicle, r.caller.profile, "", r.at)
		r.news[z.version] = r.caller.policy.News(z.version, r.at)
	}
}

func (r *risks) addObstacle(o *obstacle) {
	if _, ok := r.obstacles[o]; !ok && o.version != nil {
		r.obstacles[o] = 0
		if o.live {
			r.obstacles[o] = r.caller.policy.RoadblockRisk(o.version, r.caller.vehicle, r.caller.profile, r.at)
		}
		r.news[o.version] = r.caller.policy.News(o.version, r.at)
	}
}

func (r *risks) addSection(s *section) {
	if _, ok := r.news[s.version]; !ok {
		r.news[s.version] = r.caller.policy.News(s.version, r.at)
	}
}

// addAll reads every feature of a ground.
func (r *risks) addAll(g *ground) {
	for _, z := range g.zones {
		r.addZone(z)
	}
	for _, o := range g.obstacles {
		r.addObstacle(o)
	}
	for _, s := range g.sections {
		r.addSection(s)
	}
	r.complete = true
}

func (r *risks) road(class string) float64 {
	if share, ok := r.caller.roadRisk[class]; ok {
		return share
	}
	return 1
}

// of is the risk that counts in a price, known and unknown together. Zones that
// the question lets be crossed count none.
func (r *risks) of(s *survey, class string, here span) float64 {
	known, unknown := r.parts(s, class, here, false)
	return known + unknown
}

// parts is the risk of a stretch. A roadblock's is spread over its reach like
// its time.
func (r *risks) parts(s *survey, class string, here span, all bool) (known, unknown float64) {
	share := r.road(class)
	if s == nil {
		return 0, here.length() / 1000 * r.unknown[unassessed] * share
	}
	r.read(s)
	for i := range s.zones {
		if z := &s.zones[i]; all || !z.excepted {
			known += r.zones[z.zone] * share * common(z.span, here) / 1000
		}
	}
	for i := range s.obstacles {
		if o := &s.obstacles[i]; o.obstacle.live {
			known += r.obstacles[o.obstacle] * common(o.span, here) / (2*o.radiusM + o.obstacle.target.lengthM)
		}
	}
	var few [32]float64
	cuts := append(few[:0], here.from, here.to)
	cut := func(s span) {
		if s.from > here.from && s.from < here.to {
			cuts = append(cuts, s.from)
		}
		if s.to > here.from && s.to < here.to {
			cuts = append(cuts, s.to)
		}
	}
	for i := range s.zones {
		cut(s.zones[i].span)
	}
	for i := range s.sections {
		cut(s.sections[i].span)
	}
	for i := range s.observed {
		cut(s.observed[i].span)
	}
	slices.Sort(cuts)
	for i := 1; i < len(cuts); i++ {
		if m := cuts[i] - cuts[i-1]; m > 0 {
			unknown += m / 1000 * r.unknownAt(s, (cuts[i-1]+cuts[i])/2) * share
		}
	}
	return known, unknown
}

// unknownAt is the unknown risk of a kilometre at a place: none where something
// is news, else the least of the ground's control types.
func (r *risks) unknownAt(s *survey, at float64) float64 {
	u := r.unknown[unassessed]
	for i := range s.zones {
		if z := &s.zones[i]; z.from <= at && at <= z.to {
			if r.news[z.zone.version] {
				return 0
			}
			u = min(u, r.unknown[z.zone.rank])
		}
	}
	for i := range s.sections {
		if x := &s.sections[i]; x.from <= at && at <= x.to && r.news[x.section.version] {
			return 0
		}
	}
	for i := range s.observed {
		if o := &s.observed[i]; o.from <= at && at <= o.to && r.news[o.obstacle.version] {
			return 0
		}
	}
	return u
}

// risk adds up the risk of a way and of its stages.
func (q *question) risk(w *way, c *course, s *sums) Risk {
	out := Risk{Model: q.caller.policy.Version}
	at := 0
	for i := range w.pieces {
		p := &w.pieces[i]
		from, to := p.startM, p.startM+p.length()
		for from < to {
			for at < len(s.legs)-1 && s.legs[at].to <= from {
				at++
			}
			end := to
			if at < len(s.legs)-1 {
				end = min(end, s.legs[at].to)
			}
			known, unknown := q.risks.parts(p.survey, p.class(), p.back(span{from, end}), true)
			if len(s.legs) > 0 {
				s.legs[at].known += known
				s.legs[at].unknown += unknown
			}
			from = end
		}
	}
	for i := range s.legs {
		l := &s.legs[i]
		out.Known += l.known
		out.Unknown += l.unknown
		out.WorstLeg = max(out.WorstLeg, l.known+l.unknown)
	}
	for _, z := range c.zones {
		if q.risks.zones[z.what] > 0 {
			out.Entries += len(z.spans)
		}
	}
	out.Band = q.caller.policy.Band(out.Known, out.Unknown, out.WorstLeg)
	out.Known, out.Unknown, out.WorstLeg = roundRisk(out.Known), roundRisk(out.Unknown), roundRisk(out.WorstLeg)
	return out
}
