package passage

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"time"

	"github.com/google/uuid"

	"pasaj/geo"
	"pasaj/geo/hazard"
	"pasaj/geo/road"
)

// judge judges a way and writes the answer.
func (q *question) judge(w *way) *Answer {
	r := q.request
	encounters := q.encounters(w)
	c := q.course(w)
	a := &Answer{
		Reasons: []Reason{}, Geometry: w.geometry(), LengthM: metres(w.lengthM),
		Revision: q.world.Revision(), Audience: q.world.Audience().String(),
		DateTime: r.At.UTC(), DepartAt: r.DepartAt.UTC(), Vehicle: r.Vehicle, Profile: r.Profile,
		MaxAgeH: hours(r.MaxAge), Notice: notice,
	}
	if n := q.world.Network(); n != nil {
		a.Network = &Network{n.Network().Name, n.Network().Licence, n.Network().PrecisionM}
	}
	worst := noReportedObstacle
	say := func(reason Reason, effect advice) {
		reason.Effect = effect.String()
		if reason.Groups == nil {
			reason.Groups = []string{}
		}
		if reason.Toll == nil {
			reason.Toll = []geo.Toll{}
		}
		a.Reasons = append(a.Reasons, reason)
		worst = max(worst, effect)
	}
	delayS := 0.0
	for _, x := range encounters {
		say(q.roadblockReason(x), x.verdict.effect)
		delayS += x.waits.Seconds()
		if x.verdict.passability != "no" {
			delayS += q.passageS(x.obstacle)
		}
	}
	a.DurationS = math.Round(w.driveS + delayS)
	a.Tolls = q.tolls(encounters)
	a.NextOpening = q.nextOpening(encounters)
	for _, z := range c.zones {
		if effect := q.zoneEffect(w, z, encounters); effect > noReportedObstacle {
			say(q.zoneReason(z), effect)
		}
	}
	for _, s := range c.sections {
		if effect := q.sectionEffect(s.what); effect > noReportedObstacle {
			say(q.sectionReason(s), effect)
		}
	}
	for _, x := range c.areas {
		say(areaReason(x), x.what.effect())
	}
	for _, gap := range w.access {
		say(Reason{Kind: "access", Km: km(gap.atM), LengthM: length(gap.lengthM), Text: accessText(gap.lengthM)}, noReportedObstacle)
	}
	if at, m := w.forbidden(); m > 0 {
		say(Reason{Kind: "network", Km: km(at), LengthM: length(m), Passability: point("no"), Text: forbiddenText(m)}, notPassable)
	}
	if at, m, precision := w.schematic(); m > 0 {
		say(Reason{Kind: "network", Km: km(at), LengthM: length(m), Text: schematicText(m, precision)}, noReportedObstacle)
	}
	s := q.sweep(w, &c)
	for _, end := range s.ends() {
		say(Reason{Kind: "access", Km: km(end.from), LengthM: length(end.length()), ControlType: point(end.rank.String()), AMRF: point(3),
			Text: endText(end, w.lengthM)}, noReportedObstacle)
	}
	a.Control, a.Groups, a.UnassessedM = s.control, s.groups, metres(s.unassessedM)
	a.UnobservedM = metres(s.unobservedM)
	a.OldestConfirmationH, a.MedianConfirmationH = s.oldest()
	if s.unobservedM > 0 || w.lengthM == 0 {
		share := 1.0
		if w.lengthM > 0 {
			share = s.unobservedM / w.lengthM
		}
		effect := noReportedObstacle
		if share > q.model.UnobservedM || s.unobservedM >= w.lengthM {
			effect = insufficientInformation
		}
		say(Reason{Kind: "unobserved", Km: km(s.unobservedAtM), LengthM: length(s.unobservedM),
			Text: unobservedText(s.unobservedM, share, r.MaxAge)}, effect)
	}
	withheld := !q.world.Holds(roadblocks) || !q.world.Holds(controlledZones)
	if withheld {
		say(Reason{Kind: "unobserved", LengthM: length(w.lengthM), Text: withheldText}, insufficientInformation)
	}
	slices.SortStableFunc(a.Reasons, compareReasons)
	a.Advice = worst.String()
	a.Refuges = q.ground.refuges.near(q, w)
	a.Risk = q.risk(w, &c, &s)
	if withheld {
		a.Risk.Band = hazard.Unknown
	}
	a.Legs = s.answerLegs()
	a.ValidUntil = q.validUntil(w, encounters, &c)
	return a
}

var (
	roadblocks, _      = geo.LayerByName("roadblocks")
	controlledZones, _ = geo.LayerByName("controlled-zones")
)

// compareReasons orders by kilometre, then kind, then feature.
func compareReasons(a, b Reason) int {
	var none uuid.UUID
	x, y := &none, &none
	if a.ID != nil {
		x = a.ID
	}
	if b.ID != nil {
		y = b.ID
	}
	return cmp.Or(cmp.Compare(a.Km, b.Km), cmp.Compare(a.Kind, b.Kind), bytes.Compare(x[:], y[:]))
}

func km(m float64) float64      { return math.Round(m/10) / 100 }
func length(m float64) *float64 { m = metres(m); return &m }

// featureReason starts a reason that rests on a feature.
func featureReason(kind string, v *geo.Version, a geo.Assessment, at, lengthM float64) Reason {
	sources := len(v.Texts("source_ids"))
	if sources == 0 {
		sources = len(v.Texts("references"))
	}
	id, stale := v.ID, a.Stale
	out := Reason{
		Kind: kind, Km: km(at), LengthM: length(lengthM), Collection: point(v.Layer.Name), ID: &id,
		Code: point(v.Text("code")), Name: point(v.Name().French), Stale: &stale, Sources: &sources,
	}
	if v.Value("confidence") != nil {
		confidence := math.Round(a.Confidence*100) / 100
		out.Confidence, out.ConfidenceLabel = &confidence, point(a.Label)
	}
	if !a.Later && (a.Dated || !v.Valid.From.IsZero()) {
		ageH := hours(a.Age)
		out.AgeH = &ageH
	}
	return out
}

func (q *question) roadblockReason(x *encounter) Reason {
	o, v := x.obstacle, x.obstacle.version
	if v == nil {
		return Reason{Kind: "what_if", Km: km(x.nearestM), LengthM: length(x.lengthM()), Passability: point("no"), Text: supposedText}
	}
	out := featureReason("roadblock", v, q.assess(v), x.nearestM, x.lengthM())
	out.Subtype, out.ActorType = point(o.passing.subtype), point(o.passing.actor)
	out.Passability, out.PassMode = point(x.verdict.passability), point(o.passing.mode)
	out.Schedule, out.Toll = point(v.Text("schedule")), o.tolls
	if group := v.Text("group_id"); group != "" {
		out.Groups = []string{group}
	}
	out.AMRF = point(o.amrf())
	out.Text = q.roadblockText(x)
	return out
}

func (q *question) zoneReason(c *crossing[*zone]) Reason {
	out := featureReason("zone", c.what.version, q.assess(c.what.version), c.first(), c.lengthM())
	out.ControlType = point(c.what.control)
	for _, h := range c.what.version.Holders {
		if !slices.Contains(out.Groups, h.Group) {
			out.Groups = append(out.Groups, h.Group)
		}
	}
	out.AMRF = point(3)
	if c.what.control == "contested" {
		out.AMRF = point(4) // military operations and ongoing hostilities
	}
	out.Text = q.zoneText(c)
	return out
}

func (q *question) sectionReason(c *crossing[*section]) Reason {
	v := c.what.version
	out := featureReason("road_status", v, q.assess(v), c.first(), c.lengthM())
	out.Subtype = point(v.Text("status"))
	out.AMRF = point(3)
	if cause := v.Text("cause"); cause == "physical" || cause == "weather" {
		out.AMRF = point(8)
	}
	out.Text = q.sectionText(c)
	return out
}

func areaReason(c *crossing[*area]) Reason {
	m := c.lengthM()
	return Reason{Kind: "avoid", Km: km(c.first()), LengthM: length(m), Text: areaText(c.what, m)}
}

// effect is what crossing an area of the request means for the way.
func (a *area) effect() advice {
	switch {
	case a.factor > 0:
		return noReportedObstacle
	case a.holdsEnd:
		return passableWithConditions
	}
	return notPassable
}

// schematicM is the precision from which a course counts as schematic.
const schematicM = 500

// schematic is how much of the way runs on schematic edges, where that begins,
// and how bad the worst of them is.
func (w *way) schematic() (at, m, precision float64) {
	for i := range w.pieces {
		if p := &w.pieces[i]; p.edge != nil && p.edge.PrecisionM >= schematicM {
			if m == 0 {
				at = p.startM
			}
			m += p.length()
			precision = max(precision, p.edge.PrecisionM)
		}
	}
	return at, m, precision
}

// forbidden is how much of a given line runs on edges that the class may not
// enter, or is too heavy or too high for, and where that begins.
func (w *way) forbidden() (at, m float64) {
	for i := range w.pieces {
		if p := &w.pieces[i]; p.isForbidden {
			if m == 0 {
				at = p.startM
			}
			m += p.length()
		}
	}
	return at, m
}

// validUntil is the earliest instant at which the answer could become another
// without any news: evidence goes stale, too old or out of validity, a roadblock
// opens or closes, or what is known to begin later begins.
func (q *question) validUntil(w *way, encounters []*encounter, c *course) time.Time {
	at := q.request.At
	until := at.Add(q.request.MaxAge)
	consider := func(t time.Time) {
		if t.After(at) && t.Before(until) {
			until = t
		}
	}
	use := func(v *geo.Version) {
		consider(q.assess(v).StaleAt)
		consider(v.Valid.To)
		if dated(v, at) {
			consider(v.LastConfirmedAt.Add(q.request.MaxAge))
		}
	}
	for _, x := range encounters {
		if x.obstacle.version != nil {
			use(x.obstacle.version)
		}
		if x.obstacle.schedule != nil {
			if next, ok := x.obstacle.schedule.Next(x.eta); ok {
				consider(next)
			}
		}
	}
	for _, z := range c.zones {
		use(z.what.version)
	}
	for _, s := range c.sections {
		use(s.what.version)
	}
	for _, o := range c.seen {
		use(o.what.version)
	}
	for _, s := range []*stock{&q.ground.roadblocks, &q.ground.inventory.zones, &q.ground.inventory.sections} {
		for _, v := range s.coming {
			if v.Valid.From.Before(until) && !q.private.ignored[v.ID] && !q.private.opened[v.ID] && w.nears(v) {
				consider(v.Valid.From)
			}
		}
	}
	return until.UTC()
}

// nears reports whether the way may come near a feature: it does where their
// boxes are no further apart than anything on it counts.
func (w *way) nears(v *geo.Version) bool {
	box := road.Around(v.Bound, max(sectionM, v.PrecisionM()))
	if !box.Intersects(w.line.Bound()) {
		return false
	}
	for i := 1; i < len(w.line); i++ {
		if box.Intersects(w.line[i-1 : i+1].Bound()) {
			return true
		}
	}
	return len(w.line) == 1
}
