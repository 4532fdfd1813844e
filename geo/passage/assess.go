package passage

import (
	"cmp"
	"math"
	"slices"
	"time"

	"pasaj/geo"
	"pasaj/geo/world"
)

// assess judges a way and writes the answer.
func (e *evidence) assess(world *world.World, w *way) *Answer {
	r := e.request
	encounters := e.encounters(w)
	zones := crossings(w, zonesOn)
	sections := crossings(w, sectionsOn)
	seen := crossings(w, observedOn)
	a := &Answer{
		Reasons: []Reason{}, Geometry: roundLine(w), LengthM: metres(w.lengthM),
		Revision: world.Revision(), Audience: world.Audience().String(),
		DateTime: r.At.UTC(), DepartAt: r.DepartAt.UTC(), Vehicle: r.Vehicle, Profile: r.Profile,
		MaxAgeH: hours(r.MaxAge), Notice: notice,
	}
	if e.network != nil {
		n := e.network.Network()
		a.Network = &Network{n.Name, n.PrecisionM}
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
	delay := 0.0
	for _, x := range encounters {
		say(e.roadblockReason(x), x.verdict.effect)
		if x.verdict.passability != "no" {
			delay += x.obstacle.crossing
		}
		if x.verdict.passability == "pay" {
			a.Tolls.Count++
			if htg, ok := x.obstacle.toll(r.Vehicle); ok {
				total := htg
				if a.Tolls.TotalHTG != nil {
					total += *a.Tolls.TotalHTG
				}
				a.Tolls.TotalHTG = &total
			}
		}
	}
	a.DurationS = math.Round(w.seconds(w.lengthM) + delay)
	for _, c := range zones {
		if effect := e.zoneEffect(w, c, encounters); effect > noReportedObstacle {
			say(e.zoneReason(c), effect)
		}
	}
	for _, c := range sections {
		if c.what.effect > noReportedObstacle {
			say(e.sectionReason(c), c.what.effect)
		}
	}
	for _, gap := range w.access {
		say(Reason{Kind: "access", Km: km(gap.atM), LengthM: length(gap.lengthM), Text: accessText(gap.lengthM)}, noReportedObstacle)
	}
	if at, m, precision := w.schematic(); m > 0 {
		say(Reason{Kind: "network", Km: km(at), LengthM: length(m), Text: schematicText(m, precision)}, noReportedObstacle)
	}
	s := e.sweep(w, zones, sections, seen)
	a.Control, a.Groups, a.UnassessedM = s.control, s.groups, metres(s.unassessedM)
	a.UnobservedM = metres(s.unobservedM)
	a.OldestConfirmationH, a.MedianConfirmationH = s.oldest()
	if s.unobservedM > 0 || w.lengthM == 0 {
		share := 1.0
		if w.lengthM > 0 {
			share = s.unobservedM / w.lengthM
		}
		effect := noReportedObstacle
		if share > e.model.UnobservedM || s.unobservedM >= w.lengthM {
			effect = insufficientInformation
		}
		say(Reason{Kind: "unobserved", Km: km(s.unobservedAtM), LengthM: length(s.unobservedM),
			Text: unobservedText(s.unobservedM, share, r.MaxAge)}, effect)
	}
	if !world.Holds(roadblocks) || !world.Holds(controlledZones) {
		say(Reason{Kind: "unobserved", LengthM: length(w.lengthM), Text: withheldText}, insufficientInformation)
	}
	slices.SortStableFunc(a.Reasons, compareReasons)
	a.Advice = worst.String()
	a.ValidUntil = e.validUntil(encounters, zones, sections, seen)
	return a
}

var (
	roadblocks, _      = geo.LayerByName("roadblocks")
	controlledZones, _ = geo.LayerByName("controlled-zones")
)

// compareReasons orders by kilometre, then kind, then feature.
func compareReasons(a, b Reason) int {
	id := func(r Reason) string {
		if r.ID == nil {
			return ""
		}
		return r.ID.String()
	}
	return cmp.Or(cmp.Compare(a.Km, b.Km), cmp.Compare(a.Kind, b.Kind), cmp.Compare(id(a), id(b)))
}

func km(m float64) float64      { return math.Round(m/10) / 100 }
func length(m float64) *float64 { m = metres(m); return &m }

func roundLine(w *way) Geometry {
	var line Geometry
	for _, p := range w.line {
		p[0], p[1] = geo.RoundCoordinate(p[0]), geo.RoundCoordinate(p[1])
		if n := len(line); n == 0 || line[n-1] != p {
			line = append(line, p)
		}
	}
	if len(line) == 1 { // from a place to itself
		line = append(line, line[0])
	}
	return line
}

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
	if a.Dated || !v.Valid.From.IsZero() {
		ageH := hours(a.Age)
		out.AgeH = &ageH
	}
	return out
}

func (e *evidence) roadblockReason(x *encounter) Reason {
	v := x.obstacle.version
	out := featureReason("roadblock", v, x.obstacle.assessment, x.nearestM, x.lengthM())
	out.Subtype, out.ActorType = point(v.Text("subtype")), point(v.Text("actor_type"))
	out.Passability, out.PassMode = point(x.verdict.passability), point(v.Text("pass_mode"))
	out.Schedule, out.Toll = point(v.Text("schedule")), x.obstacle.tolls
	if group := v.Text("group_id"); group != "" {
		out.Groups = []string{group}
	}
	out.AMRF = point(x.obstacle.amrf())
	out.Text = e.roadblockText(x)
	return out
}

func (e *evidence) zoneReason(c *crossing[*zone]) Reason {
	out := featureReason("zone", c.what.version, c.what.assessment, c.first(), c.lengthM())
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
	out.Text = e.zoneText(c)
	return out
}

func (e *evidence) sectionReason(c *crossing[*section]) Reason {
	v := c.what.version
	out := featureReason("road_status", v, c.what.assessment, c.first(), c.lengthM())
	out.Subtype = point(v.Text("status"))
	out.AMRF = point(3)
	if cause := v.Text("cause"); cause == "physical" || cause == "weather" {
		out.AMRF = point(8)
	}
	out.Text = e.sectionText(c)
	return out
}

// schematicM is the precision from which a course counts as schematic.
const schematicM = 500

// schematic is how much of the way runs on schematic edges, where that begins,
// and how bad the worst of them is.
func (w *way) schematic() (at, m, precision float64) {
	for i := range w.pieces {
		if p := &w.pieces[i]; p.track.edge != noEdge && p.track.precisionM >= schematicM {
			if m == 0 {
				at = p.startM
			}
			m += p.length()
			precision = max(precision, p.track.precisionM)
		}
	}
	return at, m, precision
}

// validUntil is the earliest instant at which the answer could become another
// without any news: evidence goes stale, too old or out of validity, or a
// roadblock opens or closes.
func (e *evidence) validUntil(encounters []*encounter, zones []*crossing[*zone], sections []*crossing[*section], seen []*crossing[*obstacle]) time.Time {
	at := e.request.At
	until := at.Add(e.request.MaxAge)
	consider := func(t time.Time) {
		if t.After(at) && t.Before(until) {
			until = t
		}
	}
	use := func(v *geo.Version, a geo.Assessment) {
		consider(a.StaleAt)
		consider(v.Valid.To)
		if dated(v, e.request) {
			consider(v.LastConfirmedAt.Add(e.request.MaxAge))
		}
	}
	for _, x := range encounters {
		use(x.obstacle.version, x.obstacle.assessment)
		if x.obstacle.schedule != nil {
			if next, ok := x.obstacle.schedule.Next(x.eta); ok {
				consider(next)
			}
		}
	}
	for _, c := range zones {
		use(c.what.version, c.what.assessment)
	}
	for _, c := range sections {
		use(c.what.version, c.what.assessment)
	}
	for _, c := range seen {
		use(c.what.version, c.what.assessment)
	}
	return until.UTC()
}
